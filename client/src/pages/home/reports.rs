//! Own reports on the home: drafts to go on with, and what became of those that were handed over.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::api::{DraftView, ReceiptState, ReceiptView};
use crate::components::case_card::Fact;
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::format;
use crate::i18n::{T, t, tf, tn};
use crate::state::clock::now_ms;

/// What becomes of a report, in three pictures, for whoever has none yet.
#[component]
pub(super) fn FirstDay() -> impl IntoView {
    let steps = [
        (Icon::Clipboard, T::HomeFirstDay),
        (Icon::Tablet, T::HomeFirstDaySaved),
        (Icon::Handed, T::HomeFirstDayHanded),
    ];
    let step = |(icon, words): (Icon, T)| {
        view! {
            <li class="rows__item">
                <span class="picture-button__picture"><Glyph icon=icon size=IconSize::Large /></span>
                <span class="rows__body">{t(words)}</span>
            </li>
        }
    };
    view! {
        <section class="section" data-testid="home-first-day">
            <h2 class="section__title">{t(T::StateEmptyTasks)}</h2>
            <ol class="rows">{steps.map(step).into_iter().collect_view()}</ol>
        </section>
    }
}

/// A draft is old after a day.
const DRAFT_OLD_MS: u64 = 86_400_000;

pub(super) fn drafts(drafts: Vec<DraftView>, zone: i16) -> Option<impl IntoView> {
    let title = tn(T::HomeDraftsCount, drafts.len());
    let row = move |draft: DraftView| {
        let when = format::ago(draft.begun_ms, now_ms(), zone);
        let is_old = now_ms().saturating_sub(draft.begun_ms) > DRAFT_OLD_MS;
        let words = if is_old { T::HomeDraftOld } else { T::HomeDraftBegun };
        let class = if is_old { "card card--link card--warn" } else { "card card--link" };
        let test = format!("draft-{}", draft.field_code);
        view! {
            <A
                href=format!("/kasus/{}/lapor/{}", draft.case, draft.page) attr:class=class
                attr:data-testid=test
            >
                <div class="card__head">
                    <span class="card__code">{draft.field_code.clone()}</span>
                    {draft
                        .emergency
                        .then(|| view! { <crate::components::case_card::TagList tags=vec![crate::api::Tag::Emergency] /> })}
                </div>
                <div class="card__meta"><Fact icon=Icon::Pencil text=tf(words, &[("when", &when)]) /></div>
            </A>
        }
    };
    (!drafts.is_empty()).then(|| {
        view! {
            <section class="section" data-testid="home-drafts">
                <h2 class="section__title">{title}</h2>
                <div class="list">{drafts.into_iter().map(row).collect_view()}</div>
            </section>
        }
    })
}

/// Class and words of what became of a report.
pub(crate) const fn state_face(receipt: &ReceiptView) -> (&'static str, T) {
    match receipt.state {
        None if receipt.danger => ("tag tag--danger", T::ReceiptWaiting),
        None => ("tag", T::ReceiptWaiting),
        // That it arrived is not that anybody is on the way.
        Some(ReceiptState::Received) if receipt.danger => ("tag tag--danger", T::ReceiptUntaken),
        Some(ReceiptState::Received) => ("tag tag--brand", T::ReceiptReceived),
        Some(ReceiptState::InHand) => ("tag tag--brand", T::ReceiptInHand),
        Some(ReceiptState::NeedsSupplement) => ("tag tag--warn", T::ReceiptNeeds),
        Some(ReceiptState::Closed) => ("tag", T::ReceiptClosed),
    }
}

pub(super) fn receipts(receipts: Vec<ReceiptView>, zone: i16) -> Option<impl IntoView> {
    let row = move |receipt: ReceiptView| {
        let when = format::moment(receipt.handed_over_ms, now_ms(), zone);
        let (class, words) = state_face(&receipt);
        let test = format!("receipt-{}", receipt.field_code);
        view! {
            <A
                href=format!("/kasus/{}/tanda-terima", receipt.case) attr:class="rows__item rows__cell"
                attr:data-testid=test
            >
                <span class="rows__body">
                    <span class="rows__title">{receipt.field_code.clone()}</span>
                    <small>{tf(T::HomeHandedOverOn, &[("when", &when)])}</small>
                </span>
                <span class=class>{t(words)}</span>
                <Glyph icon=Icon::Right />
            </A>
        }
    };
    (!receipts.is_empty()).then(|| {
        view! {
            <section class="section" data-testid="home-handed-over">
                <h2 class="section__title">{t(T::HomeHandedOver)}</h2>
                <div class="rows">{receipts.into_iter().map(row).collect_view()}</div>
            </section>
        }
    })
}
