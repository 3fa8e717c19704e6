//! Before anybody is signed in: enrol, unlock, or the emergency numbers. Which one stands in the address.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::emergency::EmergencyNumbers;
use super::enrol::{EnrolPage, code_in_address};
use super::unlock::UnlockPage;
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::icon::Icon;
use crate::components::knot::Knot;
use crate::components::note::{Note, Tone};
use crate::components::shell::SyntheticLine;
use crate::components::update_notice::UpdateNotice;
use crate::i18n::{self, T, t};
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::focus::begin_at_content;
use crate::state::session::use_session;
use shared::pack::Language;
use shared::protocol::error::ErrorCode;

/// What is said when the vaults that were here are gone.
const LOST: u16 = ErrorCode::VaultsLost.number();

/// Chooses what stands at the door.
#[component]
pub(crate) fn DoorPage() -> impl IntoView {
    let session = use_session();
    let location = use_location();
    // Read once: the code must not stay in the address, where a screenshot or the history would keep it.
    let code = StoredValue::new(code_in_address());
    // As memos: news of the tablet must not draw the door anew under somebody who has chosen their tile already.
    let has_vault = Memo::new(move |_| {
        session.tablet.with(|tablet| tablet.as_ref().is_some_and(|tablet| !tablet.vaults.is_empty()))
    });
    let path = Memo::new(move |_| location.pathname.get());
    let content = move || {
        let path = path.get();
        if path == "/darurat" {
            return view! { <DoorEmergency /> }.into_any();
        }
        if path == "/enrol" || !has_vault.get() {
            return view! { <EnrolPage code=code.get_value() /> }.into_any();
        }
        view! { <UnlockPage /> }.into_any()
    };
    view! { {content} }
}

/// The frame at the door: the knot, the name, and what may be done without unlocking.
#[component]
pub(crate) fn DoorFrame(
    /// The question on top.
    #[prop(into)]
    title: Signal<String>,
    /// The content.
    children: Children,
) -> impl IntoView {
    begin_at_content();
    let session = use_session();
    view! {
        <div class="door">
            <header class="door__head">
                <SyntheticLine />
                <div class="door__brand">
                    <Knot large=true />
                    <p class="door__name">{t(T::AppName)}</p>
                </div>
                <div class="weave weave--tall" aria-hidden="true"></div>
            </header>
            <main class="door__main" tabindex="-1">
                <h1 class="door__title" data-testid="door-title">{title}</h1>
                {move || session.lost.get().then(|| view! {
                    <div data-testid="door-lost">
                        <Note text=sentence_of(LOST) tone=Tone::Danger small=format!("S-{LOST}") />
                    </div>
                })}
                {children()}
                <UpdateNotice />
                <div class="door__foot">
                    <LinkButton test="door-emergency" to="/darurat" text=t(T::EmergencyTitle) icon=Icon::Phone weight=Weight::Plain />
                    <LanguageButtons />
                </div>
            </main>
        </div>
    }
}

/// One button for each language that is not in force.
#[component]
pub(crate) fn LanguageButtons() -> impl IntoView {
    let (session, engine) = (use_session(), use_engine());
    let names =
        [(Language::Indonesian, T::LanguageId), (Language::English, T::LanguageEn), (Language::Tetun, T::LanguageTet)];
    names
        .into_iter()
        .filter(|(language, _)| *language != i18n::language())
        .map(|(language, name)| {
            let tag = i18n::tag_of(language);
            let speak = move |()| session.choose_language(engine, language);
            view! { <Button test=format!("language-{tag}") text=t(name) weight=Weight::Quiet icon=Icon::Language on_press=speak /> }
        })
        .collect_view()
}

#[component]
fn DoorEmergency() -> impl IntoView {
    view! {
        <DoorFrame title=t(T::EmergencyTitle)>
            <EmergencyNumbers />
            <LinkButton test="door-back" to="/" text=t(T::ShellBack) icon=Icon::Back weight=Weight::Wide />
        </DoorFrame>
    }
}
