//! Data of a tablet that was refused as damaged or hostile: saved unseen to a file, and the tablet blocked, or not.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use shared::id::HeldId;
use shared::pack::Pack;
use shared::protocol::error::ErrorCode;

use super::item::Decider;
use crate::api::{EvidenceView, HeldChoice, HeldItemView, Reply, Request};
use crate::components::button::{Button, Weight};
use crate::components::icon::Icon;
use crate::components::note::{Note, Tone};
use crate::format;
use crate::i18n::{T, t, tf};
use crate::pages::export::{ReasonField, is_reason};
use crate::state::clock::now_ms;
use crate::state::download::offer_file;
use crate::state::failure::sentence_of;
use crate::state::focus::{focus_content, focus_first};

/// The open sheet. It outlives the list, which is drawn anew whenever something comes.
#[derive(Clone, Copy)]
pub(super) struct Blocking {
    /// Directory number of the tablet.
    tablet: RwSignal<Option<u32>>,
    reason: RwSignal<String>,
    /// The reason stands; it is asked once more.
    asked: RwSignal<bool>,
}

impl Blocking {
    pub(super) fn new() -> Self {
        Self { tablet: RwSignal::new(None), reason: RwSignal::new(String::new()), asked: RwSignal::new(false) }
    }

    fn open(self, tablet: Option<u32>) {
        self.reason.set(String::new());
        self.asked.set(false);
        self.tablet.set(tablet);
    }
}

/// Cards by tablet: of what nobody decided about yet, or of what was decided.
pub(super) fn cards(
    items: &[HeldItemView],
    pack: &Arc<Pack>,
    decider: Decider,
    blocking: Blocking,
    decided: bool,
) -> Option<impl IntoView + use<>> {
    let mut tablets: BTreeMap<u32, Vec<(HeldItemView, EvidenceView)>> = BTreeMap::new();
    for item in items.iter().filter(|item| item.decided.is_some() == decided) {
        if let Some(evidence) = &item.evidence {
            tablets.entry(evidence.device_number).or_default().push((item.clone(), evidence.clone()));
        }
    }
    let zone = pack.zone.offset_minutes;
    let cards: Vec<_> =
        tablets.into_values().filter_map(|of_tablet| card(of_tablet, zone, decider, blocking)).collect();
    (!cards.is_empty()).then(|| view! { <section class="section"><div class="list">{cards}</div></section> })
}

fn card(
    of_tablet: Vec<(HeldItemView, EvidenceView)>,
    zone: i16,
    decider: Decider,
    blocking: Blocking,
) -> Option<impl IntoView + use<>> {
    // One that was not refused, and of a case this person may know, is decided for all of them.
    let place = |(item, _): &&(HeldItemView, EvidenceView)| (item.refused.is_some(), item.code.is_empty());
    let (first, evidence) = of_tablet.iter().min_by_key(place).cloned()?;
    // An honest tablet may be broken.
    let damaged = of_tablet.iter().all(|(_, evidence)| evidence.damaged);
    let title = if damaged { T::EvidenceDamaged } else { T::EvidenceTitle };
    let title = tf(title, &[("tablet", &evidence.tablet)]);
    let class = if damaged || first.decided.is_some() { "card" } else { "card card--danger" };
    let rows = of_tablet.iter().map(|(item, evidence)| row(item, evidence, zone, decider)).collect_view();
    let refused = of_tablet.iter().find_map(|(item, _)| item.refused).map(sentence_of);
    let queued: Vec<HeldId> =
        of_tablet.iter().filter(|(item, _)| item.queued.is_some()).map(|(item, _)| item.held).collect();
    let one_queued = of_tablet.iter().find(|(item, _)| item.queued.is_some()).map(|(item, _)| item);
    let words_of = |reason: Option<&str>| match reason {
        Some(reason) => tf(T::EvidenceBlocked, &[("reason", reason)]),
        None => t(T::EvidenceReviewed).to_owned(),
    };
    let all: Vec<HeldId> = of_tablet.iter().map(|(item, _)| item.held).collect();
    let foot = match (&first.decided, one_queued) {
        (_, Some(item)) => {
            let reason = match &item.queued {
                Some(HeldChoice::Block(reason)) => Some(reason.as_str()),
                Some(_) | None => None,
            };
            let words = words_of(reason);
            let undo = move |()| {
                for item in &queued {
                    decider.engine.tell(Request::UndecideHeld { item: *item });
                }
            };
            view! {
                <p data-testid="evidence-queued"><span class="tag">{words}</span> {t(T::HeldQueued)}</p>
                <Button test="evidence-undo" text=t(T::CommonUndo) weight=Weight::Quiet on_press=undo />
            }
            .into_any()
        }
        (Some(decided), None) => {
            let when = format::moment(decided.at_ms, now_ms(), zone);
            let by = tf(T::HeldBy, &[("name", &decided.by), ("when", &when)]);
            let words = words_of(decided.reason.as_deref());
            view! { <p data-testid="evidence-decided">{words}<br/><small>{by}</small></p> }.into_any()
        }
        (None, None) if evidence.own => view! { <p class="quiet">{t(T::EvidenceOwn)}</p> }.into_any(),
        (None, None) => {
            let review = move |()| {
                decider.decide(all.clone(), HeldChoice::Reviewed);
                focus_content();
            };
            view! {
                {block(first.held, &evidence, decider, blocking)}
                {damaged.then(|| view! { <Button test="evidence-review" text=t(T::EvidenceReview) icon=Icon::Ok on_press=review /> })}
            }
            .into_any()
        }
    };
    Some(view! {
        <article class=class data-testid="evidence-card">
            <h2 class="card__title">{title}</h2>
            <p>{tf(T::EvidenceOf, &[("name", &evidence.member)])}</p>
            {rows}
            {refused.map(|words| view! { <Note text=words.to_owned() tone=Tone::Danger /> })}
            {foot}
        </article>
    })
}

/// One thing that came: why it was refused, how often, and the way to have it in a file.
fn row(item: &HeldItemView, evidence: &EvidenceView, zone: i16, decider: Decider) -> impl IntoView + use<> {
    let held = item.held;
    let number = ErrorCode::from_number(evidence.code).map(|code| code.to_string()).unwrap_or_default();
    let came = tf(
        T::EvidenceCame,
        &[
            ("n", &evidence.count.to_string()),
            ("when", &format::moment(evidence.last_ms, now_ms(), zone)),
            ("size", &format::size(evidence.size)),
        ],
    );
    let facts = [number, item.code.clone(), came].into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>();
    let state = if evidence.here { Some(T::EvidenceHere) } else { evidence.wanted.then_some(T::EvidenceWanted) };
    let waits = evidence.wanted && !evidence.here;
    let take = move |()| {
        let toasts = decider.toasts;
        let request = Request::DecideHeld { items: vec![held], choice: HeldChoice::TakeOut };
        decider.engine.ask_then(request, move |outcome| match outcome {
            Ok(Reply::File(name, bytes)) => {
                let is_offered = offer_file(&name, &bytes).is_ok();
                toasts.say(t(if is_offered { T::EvidenceSaved } else { T::StateErrorTitle }));
            }
            Ok(_) => {}
            Err(failure) => toasts.say(sentence_of(failure.code)),
        });
    };
    view! {
        <div class="stack" data-testid="evidence-item">
            <p>{sentence_of(evidence.code)}<br/><small>{facts.join(" · ")}</small></p>
            {state.map(|state| view! { <p class="quiet" role="status" data-testid="evidence-state">{t(state)}</p> })}
            <Button test="evidence-take" text=t(T::EvidenceTake) icon=Icon::Download disabled=waits on_press=take />
        </div>
    }
}

/// "Blokir tablet": what it means, why, and once more whether.
fn block(held: HeldId, evidence: &EvidenceView, decider: Decider, blocking: Blocking) -> impl IntoView + use<> {
    let (number, tablet) = (evidence.device_number, evidence.tablet.clone());
    let Blocking { tablet: open, reason, asked } = blocking;
    let no_reason = Signal::derive(move || !reason.with(|reason| is_reason(reason)));
    let sure = tf(T::EvidenceBlockSure, &[("tablet", &tablet)]);
    let yes = move |()| {
        decider.decide(vec![held], HeldChoice::Block(reason.get_untracked()));
        blocking.open(None);
        focus_content();
    };
    let is_open = move || open.get() == Some(number);
    let within = NodeRef::<html::Div>::new();
    let show = move |tablet: Option<u32>| {
        blocking.open(tablet);
        focus_first(within, "input, button");
    };
    let ask = move |()| {
        asked.set(true);
        focus_first(within, "button");
    };
    view! {
        <div node_ref=within>
            <Show
                when=is_open
                fallback=move || view! {
                    <Button test="evidence-block" text=t(T::EvidenceBlock) icon=Icon::Lock on_press=move |()| show(Some(number)) />
                }
            >
                <div class="field card" role="group" aria-label=t(T::EvidenceBlock) data-testid="evidence-sheet">
                    <p>{t(T::EvidenceBlockMeans)}</p>
                    <ReasonField id="evidence-reason" words=T::EvidenceBlockAsk reason=reason />
                    {
                        let sure = sure.clone();
                        move || if asked.get() {
                            view! {
                                <Note text=sure.clone() tone=Tone::Danger />
                                <Button
                                    test="evidence-block-yes" text=t(T::EvidenceBlockYes) weight=Weight::Primary icon=Icon::Lock disabled=no_reason
                                    on_press=yes
                                />
                            }
                            .into_any()
                        } else {
                            view! {
                                <Button
                                    test="evidence-block-ask" text=t(T::CommonNext) weight=Weight::Primary disabled=no_reason
                                    on_press=ask
                                />
                            }
                            .into_any()
                        }
                    }
                    <Button test="evidence-block-no" text=t(T::CommonCancel) weight=Weight::Quiet on_press=move |()| show(None) />
                </div>
            </Show>
        </div>
    }
}
