//! Closing a case: the proposal, its approval by somebody else, the banner of a closed case, and opening it again.

use std::sync::Arc;

use leptos::prelude::*;
use shared::pack::{FieldSpec, Pack};

use super::stage::{Acts, Line, Open};
use crate::api::{ClosingView, StageAct, StageView};
use crate::components::button::{Button, Weight};
use crate::components::choice::{Answer, Choice, Count, Look};
use crate::components::icon::Icon;
use crate::components::note::{Note, Tone};
use crate::engine::keys;
use crate::format;
use crate::forms::input::answers_of;
use crate::i18n::{T, label, t, tf};
use crate::pages::words;
use crate::state::clock::now_ms;

/// Says on top of a closed case that it is closed, why, and by whom; nothing of an open one.
pub(super) fn banner(stage: &StageView, pack: &Pack) -> Option<impl IntoView + use<>> {
    let closing = stage.closing.as_ref().filter(|_| is_closed(stage, pack))?;
    let approved = closing.approved.as_ref()?;
    let zone = pack.zone.offset_minutes;
    let when = format::moment(approved.at_ms, now_ms(), zone);
    let by = tf(T::StageClosedBy, &[("name", &closing.proposed.by), ("other", &approved.by), ("when", &when)]);
    let reason = tf(T::StageClosed, &[("reason", &reason_words(pack, &closing.reason))]);
    Some(view! { <div data-testid="case-closed"><Note text=reason tone=Tone::Warn small=by /></div> })
}

pub(super) fn is_closed(stage: &StageView, pack: &Pack) -> bool {
    !stage.stands.is_empty() && stage.stands.iter().all(|stage| pack.stages.closes(stage))
}

fn closing_field<'a>(pack: &'a Pack, key: &str) -> Option<&'a FieldSpec> {
    pack.kinds.get(keys::CORE)?.tables.get(keys::CLOSING)?.fields.get(key)
}

fn closing_label(pack: &Pack, key: &str) -> String {
    closing_field(pack, key).map(|field| label(&field.label)).unwrap_or_default()
}

fn closing_answers(pack: &Pack, key: &str) -> Vec<Answer> {
    let list = closing_field(pack, key).and_then(|field| field.value.list());
    list.map(|list| answers_of(pack, list, &[], &[])).unwrap_or_default()
}

fn reason_words(pack: &Pack, code: &str) -> String {
    let list = closing_field(pack, keys::REASON).and_then(|field| field.value.list());
    list.map_or_else(|| code.to_owned(), |list| words::code_words(pack, list, code))
}

/// A closing that somebody proposed and nobody has approved yet.
#[component]
pub(super) fn Proposal(acts: Acts, closing: ClosingView, may_close: bool, pack: Arc<Pack>) -> impl IntoView {
    let when = format::moment(closing.proposed.at_ms, now_ms(), pack.zone.offset_minutes);
    let values = [("reason", &*reason_words(&pack, &closing.reason)), ("name", &closing.proposed.by), ("when", &when)];
    let missing: Vec<String> = closing_answers(&pack, keys::DONE)
        .into_iter()
        .filter(|answer| !closing.done.contains(&answer.code))
        .map(|answer| answer.words)
        .collect();
    let not_done = (!missing.is_empty()).then(|| {
        view! { <p data-testid="closing-missing">{tf(T::StageNotDone, &[("what", &missing.join("; "))])}</p> }
    });
    let row = closing.row;
    let approve = move |()| acts.act(StageAct::Approve(row), t(T::StageClosedNow).to_owned(), true);
    let withdraw = move |()| acts.act(StageAct::Withdraw(row), t(T::StageWithdrawn).to_owned(), false);
    let buttons = move || {
        may_close.then(|| {
            let waits = closing.own.then(|| view! { <Note text=t(T::StageWaitsForOther).to_owned() /> });
            let approve = (!closing.own).then(|| {
                view! { <Button test="closing-approve" text=t(T::StageApprove) icon=Icon::Check weight=Weight::Primary disabled=acts.busy on_press=approve /> }
            });
            let word = t(if closing.own { T::StageWithdraw } else { T::StageDecline });
            view! {
                {waits}
                {approve}
                <Button test="closing-withdraw" text=word weight=Weight::Quiet disabled=acts.busy on_press=withdraw />
            }
        })
    };
    view! {
        <article class="card" data-testid="closing-proposal">
            <p class="lead">{tf(T::StageProposed, &values)}</p>
            {(!closing.note.is_empty()).then(|| view! { <p>{closing.note.clone()}</p> })}
            {not_done}
            {buttons}
        </article>
    }
}

/// Asks why a closed case is opened again.
#[component]
pub(super) fn Reopening(acts: Acts) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let nothing = Signal::derive(move || acts.busy.get() || reason.with(|reason| reason.trim().is_empty()));
    let reopen = move |()| {
        let act = StageAct::Reopen { reason: reason.get_untracked() };
        acts.act(act, t(T::StageReopened).to_owned(), true);
    };
    view! {
        <article class="card" data-testid="reopening">
            <Line case=acts.case test="reopen-reason" words=t(T::StageReopenWhy) text=reason />
            <Button test="reopen-do" text=t(T::StageReopen) icon=Icon::Undo weight=Weight::Primary disabled=nothing on_press=reopen />
            <Button test="reopen-cancel" text=t(T::CommonCancel) weight=Weight::Quiet on_press=move |()| acts.open.set(Open::Nothing) />
        </article>
    }
}

/// Asks why the case may be closed, and what is done.
#[component]
pub(super) fn Proposing(acts: Acts, pack: Arc<Pack>) -> impl IntoView {
    let (reason, note) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let done = RwSignal::new(Vec::<String>::new());
    let touch = move |(code, on): (String, bool)| {
        done.update(|done| {
            done.retain(|one| *one != code);
            done.extend(on.then_some(code));
        });
    };
    let propose = move |()| {
        let act = StageAct::Propose {
            reason: reason.get_untracked(),
            done: done.get_untracked(),
            note: note.get_untracked(),
        };
        acts.act(act, t(T::StageProposedNow).to_owned(), false);
    };
    let [why, what, remark] = [keys::REASON, keys::DONE, keys::NOTE].map(|key| closing_label(&pack, key));
    let nothing = Signal::derive(move || acts.busy.get() || reason.with(String::is_empty));
    view! {
        <Note text=t(T::StageTwoPeople).to_owned() />
        <p class="field__label">{what.clone()}</p>
        <Choice
            test="closing-done" label=what answers=closing_answers(&pack, keys::DONE) chosen=done look=Look::Chips count=Count::Many on_touch=touch
        />
        <p class="field__label">{why.clone()}</p>
        <Choice
            test="closing-reason" label=why answers=closing_answers(&pack, keys::REASON) look=Look::Chips count=Count::One
            chosen=Signal::derive(move || vec![reason.get()]) on_touch=move |(code, _): (String, bool)| reason.set(code)
        />
        <Line case=acts.case test="closing-note" words=remark text=note />
        <Button test="closing-propose" text=t(T::StagePropose) icon=Icon::Hand weight=Weight::Primary disabled=nothing on_press=propose />
    }
}
