//! "No to both": what becomes of a report whose person wants nothing of them to be recorded.
//!
//! Nothing happens by an answer, nor by the first tap: what will be gone is said, and a second button further down does it.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use shared::access::facts::CONSENT_NAMED;
use shared::id::CaseId;
use shared::pack::{Item, Page};

use super::watch_case;
use crate::api::{RefusalView, Reply, Request};
use crate::components::button::{Button, Weight};
use crate::components::icon::Icon;
use crate::components::note::{Note, Tone};
use crate::i18n::{T, t};
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::toast::use_toasts;

/// Whether a page asks for consent.
pub(super) fn asks_consent(page: &Page) -> bool {
    page.items.iter().any(|item| matches!(item, Item::Field(field) if field.key == CONSENT_NAMED))
}

/// What may be done about the report; none as long as its person allows anything.
pub(super) fn watch_refusal(case: CaseId) -> Memo<Option<RefusalView>> {
    let view = watch_case(case);
    Memo::new(move |_| view.with(|load| load.ready().and_then(Option::as_ref).and_then(|view| view.refusal)))
}

/// The two choices, and the step that makes one of them true.
#[component]
pub(super) fn Refusal(
    case: CaseId,
    refusal: RefusalView,
    /// Number of the last page of a report, where what was seen is handed over.
    last_page: usize,
) -> impl IntoView {
    // Whether the officer saw a crime, once something was chosen.
    let chosen = RwSignal::new(None::<bool>);
    let choices = move || {
        view! {
            <div class="stack">
                <Button
                    test="refusal-found" text=t(T::RefusalFound) icon=Icon::Eye weight=Weight::Wide
                    on_press=move |()| chosen.set(Some(true))
                />
                <Button
                    test="refusal-erase" text=t(if refusal.only_here { T::RefusalErase } else { T::RefusalEmpty }) icon=Icon::NoDocument
                    weight=Weight::Wide on_press=move |()| chosen.set(Some(false))
                />
            </div>
        }
    };
    view! {
        <section class="section" data-testid="report-refusal">
            <h2 class="section__title">{t(T::RefusalTitle)}</h2>
            <Note text=t(T::RefusalLead).to_owned() />
            {(!refusal.only_here).then(|| view! { <Note text=t(T::RefusalSent).to_owned() tone=Tone::Warn /> })}
            {move || match chosen.get() {
                None => choices().into_any(),
                Some(crime_seen) => {
                    view! { <Confirm case=case crime_seen=crime_seen chosen=chosen last_page=last_page /> }.into_any()
                }
            }}
        </section>
    }
}

/// Says what will be left, and does it at the second tap.
#[component]
fn Confirm(case: CaseId, crime_seen: bool, chosen: RwSignal<Option<bool>>, last_page: usize) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let navigate = StoredValue::new_local(use_navigate());
    let busy = RwSignal::new(false);
    let end = move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        engine.ask_then(Request::Refuse { case, crime_seen }, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(Reply::Refused { erased, kept }) => {
                    toasts.say(t(if erased { T::RefusalErased } else { T::RefusalEmptied }));
                    let to = kept.map_or_else(|| "/".to_owned(), |kept| format!("/kasus/{kept}/lapor/{last_page}"));
                    let _ = navigate.try_with_value(|navigate| navigate(&to, Default::default()));
                }
                Ok(_) => {}
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    let left = t(if crime_seen { T::RefusalLeftFound } else { T::RefusalLeftCount });
    view! {
        <div class="stack stack--far">
            <Button test="refusal-cancel" text=t(T::CommonCancel) icon=Icon::Back weight=Weight::Wide on_press=move |()| chosen.set(None) />
            <Note text=left.to_owned() tone=Tone::Warn />
            <div class="row row--apart">
                <Button test="refusal-confirm" text=t(T::RefusalConfirm) disabled=busy on_press=end />
            </div>
        </div>
    }
}
