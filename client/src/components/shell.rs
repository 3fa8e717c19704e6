//! The frame of every screen behind the door.

use leptos::prelude::*;

use super::alarm_bar::AlarmBar;
use super::bottom_bar::BottomBar;
use super::button::Button;
use super::icon::{Glyph, Icon, IconSize};
use super::note::{Note, Tone};
use super::queue_bar::QueueBar;
use super::top_bar::TopBar;
use super::update_notice::UpdateNotice;
use crate::i18n::{T, t};
use crate::state::engine::use_engine;
use crate::state::focus::begin_at_content;
use crate::state::practice::is_practising;
use crate::state::session::use_session;
use crate::state::toast::use_toasts;

/// The red line of sample data.
#[component]
pub(crate) fn SyntheticLine() -> impl IntoView {
    let session = use_session();
    view! {
        <Show when=move || session.synthetic.get()>
            <aside class="shell__synthetic" aria-label=t(T::ShellSynthetic) data-testid="synthetic-line">
                <Glyph icon=Icon::Alert size=IconSize::Small />
                {t(T::ShellSynthetic)}
            </aside>
        </Show>
    }
}

/// The tablet has no room: what is typed now is nowhere but on this screen, and can be carried away.
#[component]
fn FullBar() -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let full = engine.is_full();
    let export = move |()| crate::state::download::export(engine, toasts, || ());
    move || {
        full.get().then(|| {
            view! {
                <div class="row full-bar" data-testid="full-bar">
                    <Note text=t(T::FullText).to_owned() tone=Tone::Danger />
                    <Button test="full-export" text=t(T::FullExport) icon=Icon::Download on_press=export />
                </div>
            }
        })
    }
}

/// Bar, content, and the bottom bar where one may wander off.
#[component]
pub(crate) fn Shell(
    /// What the screen is; never a name.
    #[prop(into)]
    title: Signal<String>,
    /// Where the arrow leads.
    #[prop(optional, into)]
    back: Option<String>,
    /// A path of pages: no bottom bar, so that nothing leads away by accident.
    #[prop(optional)]
    path: bool,
    /// A table, not a column of text.
    #[prop(optional)]
    wide: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    begin_at_content();
    let session = use_session();
    let engine = use_engine();
    let toasts = use_toasts();
    let lock = move |()| {
        toasts.clear();
        crate::state::leave::lock(engine, session);
    };
    let exit = move |()| {
        toasts.clear();
        crate::state::leave::exit_quickly(engine, session);
    };
    let class = if path { "shell" } else { "shell shell--tabs" };
    let unsent = Signal::derive(move || session.status.with(|status| status.unsent));
    view! {
        <div class=class>
            <div class="shell__top">
                <SyntheticLine />
                {is_practising().then(|| view! {
                    <aside class="shell__synthetic shell__synthetic--practice" aria-label=t(T::PracticeTitle) data-testid="practice-line">
                        <Glyph icon=Icon::Pencil size=IconSize::Small />
                        {t(T::PracticeLine)}
                    </aside>
                })}
                {match back {
                    Some(back) => {
                        view! { <TopBar title=title back=back status=session.status on_lock=lock on_exit=exit /> }
                            .into_any()
                    }
                    None => view! { <TopBar title=title status=session.status on_lock=lock on_exit=exit /> }.into_any(),
                }}
                <AlarmBar />
            </div>
            <main class=if wide { "shell__main shell__main--wide" } else { "shell__main" } tabindex="-1">
                <FullBar />
                {(!path).then(|| view! { <UpdateNotice /> <QueueBar /> })}
                {children()}
                // Below what is being filled in: nothing moves under a finger that types.
                {path.then(|| view! { <UpdateNotice /> })}
            </main>
            {(!path).then(|| view! { <BottomBar unsent=unsent /> })}
        </div>
    }
}
