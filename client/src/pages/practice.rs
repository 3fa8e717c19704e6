//! "Coba dengan laporan latihan": how a practice begins, where it goes on, and what its end says.

use leptos::prelude::*;
use shared::pack::{Letter, Pack};

use super::home::TakeReport;
use super::report::report_page;
use crate::api::{PRACTICE, Request, SessionView};
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::icon::Icon;
use crate::components::state::Blank;
use crate::i18n::{T, t};
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::session::{use_member, use_pack};
use crate::state::toast::use_toasts;

/// Whether this member may begin a report.
pub(crate) fn may_report(pack: &Pack, member: &SessionView) -> bool {
    member.roles.iter().any(|role| matches!(pack.grid.cell("intake", role).letter, Letter::Create | Letter::Write))
}

/// The way into a practice, for whoever takes reports; one that is not finished goes on, or is erased with one tap.
#[component]
pub(crate) fn Practice(
    /// The page at which one goes on, if there is one.
    page: Option<u32>,
) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let erase = move |()| {
        engine.ask_then(Request::Practise(false), move |outcome| {
            toasts.say(outcome.map_or_else(|failure| sentence_of(failure.code), |_| t(T::PracticeErased).to_owned()));
        });
    };
    may_report(&use_pack(), &use_member()).then(|| {
        let way = match page {
            Some(page) => view! {
                <p>{t(T::PracticeText)}</p>
                <LinkButton test="practice-go-on" to=report_page(PRACTICE, page) text=t(T::PracticeGoOn) icon=Icon::Pencil weight=Weight::Wide />
                <Button test="practice-erase" text=t(T::PracticeErase) icon=Icon::Cross weight=Weight::Wide on_press=erase />
            }
            .into_any(),
            None => view! {
                <p>{t(T::PracticeHelp)}</p>
                <TakeReport weight=Weight::Wide practice=true />
            }
            .into_any(),
        };
        view! {
            <section class="card card--flat" data-testid="practice">
                <h2 class="section__title">{t(T::PracticeTitle)}</h2>
                {way}
            </section>
        }
    })
}

/// In place of a receipt, and of what was erased: what a report would have become.
#[component]
pub(crate) fn PracticeOver() -> impl IntoView {
    view! {
        <Blank test="practice-over" icon=Icon::Ok title=t(T::PracticeOver) text=t(T::PracticeOverText)>
            <LinkButton test="receipt-home" to="/" text=t(T::HandedHome) weight=Weight::Primary icon=Icon::Home />
        </Blank>
    }
}
