//! One held change: what it says beside what stands there now, and the ways to decide.

use std::sync::Arc;

use leptos::prelude::*;
use shared::id::HeldId;
use shared::pack::Pack;
use shared::value::Scalar;

use crate::api::{FieldPlace, HeldChoice, HeldDecidedView, HeldItemView, HeldSaysView, MemberView, Path, Request};
use crate::components::button::{Button, Weight};
use crate::components::covered::covered;
use crate::components::icon::Icon;
use crate::components::note::{Note, Tone};
use crate::format;
use crate::i18n::{T, t, tf};
use crate::pages::words::{place_name, value_words};
use crate::state::clock::now_ms;
use crate::state::cover::Cover;
use crate::state::engine::Engine;
use crate::state::failure::sentence_of;
use crate::state::toast::Toasts;

/// What a decision needs.
#[derive(Clone, Copy)]
pub(super) struct Decider {
    pub(super) engine: Engine,
    pub(super) toasts: Toasts,
}

impl Decider {
    /// Puts a decision into the queue.
    pub(super) fn decide(self, items: Vec<HeldId>, choice: HeldChoice) {
        let toasts = self.toasts;
        self.engine.ask_then(Request::DecideHeld { items, choice }, move |outcome| match outcome {
            Ok(_) => toasts.say(t(T::HeldSaved)),
            Err(failure) => toasts.say(sentence_of(failure.code)),
        });
    }
}

fn shown(pack: &Pack, members: &[MemberView], place: &FieldPlace, value: &Scalar) -> String {
    if value.is_null() { t(T::ConflictCleared).to_owned() } else { value_words(pack, members, place, value) }
}

/// What was written, in the words of the form.
fn written(says: &HeldSaysView, pack: &Pack, members: &[MemberView]) -> String {
    match &says.place {
        None => t(T::HeldUnreadable).to_owned(),
        Some(place) if matches!(place.path, Path::Row { .. }) => {
            let field = |(place, value): &(FieldPlace, Scalar)| {
                format!("{}: {}", place_name(pack, place), shown(pack, members, place, value))
            };
            says.fields.iter().map(field).collect::<Vec<_>>().join(" · ")
        }
        Some(place) => shown(pack, members, place, &says.value),
    }
}

/// What became of a held change.
pub(crate) fn outcome_words(outcome: &HeldDecidedView) -> String {
    match &outcome.reason {
        _ if outcome.taken_in => t(T::HeldTaken).to_owned(),
        Some(reason) => tf(T::HeldDeclined, &[("reason", reason)]),
        None => t(T::HeldNoted).to_owned(),
    }
}

/// One line: where, and what; of what is covered, that it was filled in.
pub(super) fn item_words(item: &HeldItemView, pack: &Pack, members: &[MemberView]) -> String {
    let Some(says) = &item.says else { return item.code.clone() };
    let name = says.place.as_ref().map(|place| place_name(pack, place)).unwrap_or_default();
    let says = if says.covered {
        tf(T::ReportFilled, &[("field", &name)])
    } else {
        format!("{name}: {}", written(says, pack, members))
    };
    format!("{} {} · {says}", item.code, item.person)
}

pub(super) fn item_card(
    item: &HeldItemView,
    pack: &Arc<Pack>,
    members: &[MemberView],
    decider: Decider,
) -> impl IntoView + use<> {
    let zone = pack.zone.offset_minutes;
    let says = item.says.as_ref();
    let note = StoredValue::new(note_words(item, pack, members));
    let (held, fixed, no_note) = (item.held, item.fixed, item.no_note);
    let title = says.and_then(|says| says.place.as_ref()).map(|place| place_name(pack, place)).unwrap_or_default();
    let place = format!("{} {}", item.code, item.person);
    let value = says.map(|says| written(says, pack, members)).unwrap_or_default();
    let said = says.filter(|says| says.said_ms > 0).map(|says| {
        let said = tf(T::ConflictSaid, &[("when", &format::moment(says.said_ms, now_ms(), zone))]);
        let received = tf(T::ConflictReceived, &[("when", &format::moment(says.received_ms, now_ms(), zone))]);
        format!("{said} · {received} · {}", says.tablet)
    });
    let present: Vec<String> = says
        .iter()
        .flat_map(|says| says.place.iter().flat_map(|place| says.present.iter().map(move |value| (place, value))))
        .map(|(place, value)| format!("{} · {}", shown(pack, members, place, &value.value), value.author))
        .collect();
    let is_empty = present.is_empty();
    let present = if is_empty { t(T::HeldNothingNow).to_owned() } else { present.join("\n") };
    let cover = says.filter(|says| says.covered).and_then(|says| says.place.clone()).map(Cover::over);
    let clashes = says.is_some_and(|says| says.clashes && says.place.is_some());
    let refused = item.refused.map(sentence_of);
    view! {
        <article class="card" data-testid="held-item">
            <div class="card__head">
                <span class="card__title">{title.clone()}</span>
                <span class="card__code">{place}</span>
            </div>
            <div class="versus">
                <div class="versus__card">
                    <p class="quiet">{t(T::HeldWritten)}</p>
                    <p class="versus__value" data-testid="held-written">{covered(cover, "held-cover", &title, move || value.clone().into_any())}</p>
                    <p class="versus__by">{said}</p>
                </div>
                <div class="versus__card">
                    <p class="quiet">{t(T::HeldNow)}</p>
                    <p class="versus__value" data-testid="held-now">
                        {covered(cover.filter(|_| !is_empty), "held-cover", &title, move || present.clone().into_any())}
                    </p>
                </div>
            </div>
            {clashes.then(|| view! { <Note text=t(T::HeldClash).to_owned() tone=Tone::Warn /> })}
            {refused.map(|words| view! { <Note text=words.to_owned() tone=Tone::Danger /> })}
            {match &item.queued {
                Some(choice) => queued(held, choice, fixed, decider).into_any(),
                None => choices(held, item.forwarded, no_note, note, decider).into_any(),
            }}
        </article>
    }
}

/// What its note says: which field, of whom, and what was written there.
fn note_words(item: &HeldItemView, pack: &Pack, members: &[MemberView]) -> String {
    let Some((says, place)) = item.says.as_ref().and_then(|says| Some((says, says.place.as_ref()?))) else {
        return String::new();
    };
    let words = format!("{}: {}", place_name(pack, place), written(says, pack, members));
    if item.person.is_empty() { words } else { format!("{} · {words}", item.person) }
}

/// "Simpan sebagai catatan (bukan isian)"
fn keep_as_note(held: HeldId, note: StoredValue<String>, decider: Decider) -> impl IntoView {
    let keep = move |()| decider.decide(vec![held], HeldChoice::Note(note.get_value()));
    view! { <Button test="held-note" text=t(T::HeldNote) on_press=keep /> }
}

/// What was decided here and was not sent yet.
fn queued(held: HeldId, choice: &HeldChoice, fixed: bool, decider: Decider) -> impl IntoView + use<> {
    let words = match choice {
        HeldChoice::Accept => t(T::HeldTaken).to_owned(),
        HeldChoice::Decline(reason) => tf(T::HeldDeclined, &[("reason", reason)]),
        HeldChoice::Forward => t(T::HeldForwarded).to_owned(),
        HeldChoice::Note(_) => t(T::HeldNoted).to_owned(),
        // Of evidence alone, which has cards of its own.
        HeldChoice::Block(_) | HeldChoice::TakeOut | HeldChoice::Reviewed => String::new(),
    };
    let undo = move |()| decider.engine.tell(Request::UndecideHeld { item: held });
    view! {
        <p data-testid="held-queued"><span class="tag">{words}</span> {t(T::HeldQueued)}</p>
        {(!fixed).then(|| view! { <Button test="held-undo" text=t(T::CommonUndo) weight=Weight::Quiet on_press=undo /> })}
    }
}

fn choices(
    held: HeldId,
    forwarded: bool,
    no_note: Option<u16>,
    note: StoredValue<String>,
    decider: Decider,
) -> impl IntoView {
    let declining = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let empty = Signal::derive(move || reason.with(|reason| reason.trim().is_empty()));
    let field = format!("held-reason-{held}");
    let (field_label, field) = (field.clone(), StoredValue::new(field));
    let decline = move |()| decider.decide(vec![held], HeldChoice::Decline(reason.get_untracked()));
    view! {
        <div class="row">
            <Button test="held-accept" text=t(T::HeldAccept) icon=Icon::Ok on_press=move |()| decider.decide(vec![held], HeldChoice::Accept) />
            {no_note.is_none().then(|| keep_as_note(held, note, decider))}
            <Button test="held-decline" text=t(T::HeldDecline) on_press=move |()| declining.update(|open| *open = !*open) />
        </div>
        {no_note.map(|code| view! { <p class="quiet" data-testid="held-no-note">{sentence_of(code)}</p> })}
        <Show when=move || declining.get()>
            <div class="field">
                <label class="field__label" for=field_label.clone()>{t(T::HeldReason)}</label>
                <p class="field__help">{t(T::HeldReasonHelp)}</p>
                <textarea
                    id=field.get_value() class="field__input field__input--long" rows="2" maxlength="250" autocomplete="off" spellcheck="false"
                    data-testid="held-reason" prop:value=reason on:input=move |event| reason.set(event_target_value(&event))
                ></textarea>
                <Button test="held-decline-yes" text=t(T::HeldDecline) weight=Weight::Primary disabled=empty on_press=decline />
            </div>
        </Show>
        {if forwarded {
            view! { <span class="tag">{t(T::HeldForwarded)}</span> }.into_any()
        } else {
            view! {
                <Button
                    test="held-forward" text=t(T::HeldForward) weight=Weight::Quiet icon=Icon::Forward
                    on_press=move |()| decider.decide(vec![held], HeldChoice::Forward)
                />
            }
            .into_any()
        }}
    }
}
