//! "Tahap": a sheet with what the next stage asks for, a closing that takes two, and the way back.
//!
//! What is missing is named with a jump to where it is written. Of what no reason opens, the sheet says so and does nothing.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;
use shared::document::path::split_choice;
use shared::id::{CaseId, SubjectId};
use shared::pack::{Gate, Item, Pack};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::closing::{Proposal, Proposing, Reopening, is_closed};
use crate::api::{GateState, GateView, Request, StageAct, StageView};
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::choice::{Answer, Choice, Count, Look};
use crate::components::icon::{Glyph, Icon};
use crate::components::note::{Note, Tone};
use crate::forms::name_hint::{NameHint, SOMEBODY};
use crate::i18n::{T, label, t, tf};
use crate::pages::words;
use crate::state::engine::{Engine, use_engine};
use crate::state::failure::sentence_of;
use crate::state::toast::{Toasts, use_toasts};

/// Letters of a reason, as the packs say of the field.
const REASON_CHARS_MAX: usize = 300;

/// Brings the keyboard, and with it the screen, to the section: the stage is told on top of the page, and moved below it.
pub(super) fn go_to_stage() {
    let first = document().query_selector("[data-testid='case-stage'] button").ok().flatten();
    if let Some(Ok(first)) = first.map(JsCast::dyn_into::<HtmlElement>) {
        let _ = first.focus();
    }
}

/// What the section may be opened into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Nothing,
    Sheet,
    Reopening,
}

/// Handle of the section; copied freely.
#[derive(Clone, Copy)]
pub(super) struct Acts {
    pub(super) case: CaseId,
    pub(super) open: RwSignal<Open>,
    pub(super) busy: RwSignal<bool>,
    engine: Engine,
    toasts: Toasts,
}

impl Acts {
    /// Does one act; says so, with a way back where there is one.
    pub(super) fn act(self, act: StageAct, said: String, undoable: bool) {
        let (engine, toasts) = (self.engine, self.toasts);
        self.busy.set(true);
        engine.ask_then(Request::Stage { case: self.case, act }, move |outcome| {
            let _ = self.busy.try_set(false);
            if let Err(failure) = outcome {
                toasts.say(sentence_of(failure.code));
                return;
            }
            let _ = self.open.try_set(Open::Nothing);
            if !undoable {
                toasts.say(said);
                return;
            }
            toasts.say_undoable(said, move || {
                let undo = Request::Stage { case: self.case, act: StageAct::Undo };
                engine.ask_then(undo, move |outcome| match outcome {
                    Ok(_) => toasts.say(t(T::FormUndone)),
                    Err(failure) => toasts.say(sentence_of(failure.code)),
                });
            });
        });
    }
}

/// The section of a case page; nothing for whoever may neither move nor close.
#[component]
pub(super) fn Stage(
    case: CaseId,
    /// What stands.
    #[prop(into)]
    stage: Signal<StageView>,
    /// People of the case with their codes.
    #[prop(into)]
    people: Signal<Vec<(SubjectId, String)>>,
    pack: Arc<Pack>,
) -> impl IntoView {
    let (open, busy) = (RwSignal::new(Open::Nothing), RwSignal::new(false));
    let acts = Acts { case, open, busy, engine: use_engine(), toasts: use_toasts() };
    let pack = StoredValue::new(pack);
    let closed = Memo::new(move |_| stage.with(|stage| pack.with_value(|pack| is_closed(stage, pack))));
    let disagrees = move || {
        stage.with(|stage| (stage.stands.len() > 1).then(|| stage.stands.clone())).map(|stands| {
            let names: Vec<String> = pack.with_value(|pack| stands.iter().map(|one| words::stage_name(pack, one)).collect());
            let to = format!("/isian-berbeda?kasus={case}");
            view! {
                <div data-testid="stage-differs"><Note text=tf(T::StageDiffers, &[("stages", &names.join(" / "))]) tone=Tone::Warn /></div>
                <LinkButton test="stage-choose" to=to text=t(T::StepConflicts) icon=Icon::Flag />
            }
        })
    };
    let proposal = move || {
        let view = stage.get();
        let proposed = view.closing.clone().filter(|closing| closing.approved.is_none());
        proposed.map(
            |closing| view! { <Proposal acts=acts closing=closing may_close=view.may_close pack=pack.get_value() /> },
        )
    };
    let may = Memo::new(move |_| stage.with(|stage| stage.stands.len() == 1 && (stage.may_move || stage.may_close)));
    let inside = move || {
        match (acts.open.get(), closed.get()) {
        (Open::Sheet, false) => view! { <Sheet acts=acts stage=stage people=people pack=pack.get_value() /> }.into_any(),
        (Open::Reopening, true) => view! { <Reopening acts=acts /> }.into_any(),
        (_, true) => view! { <Button test="case-reopen" text=t(T::StageReopen) icon=Icon::Undo on_press=move |()| acts.open.set(Open::Reopening) /> }
            .into_any(),
        (_, false) => view! { <Button test="stage-change" text=t(T::StageChange) icon=Icon::Tasks on_press=move |()| acts.open.set(Open::Sheet) /> }
            .into_any(),
    }
    };
    let shown = move || {
        stage.with(|stage| stage.may_move || stage.may_close || stage.stands.len() > 1 || stage.closing.is_some())
    };
    view! {
        <Show when=shown>
            <section class="section" data-testid="case-stage">
                <h2 class="section__title">{t(T::StageTitle)}</h2>
                {disagrees}
                {proposal}
                {move || may.get().then(inside)}
            </section>
        </Show>
    }
}

/// Which stage, what it asks for, and what is said about what is missing.
#[component]
fn Sheet(
    acts: Acts,
    stage: Signal<StageView>,
    people: Signal<Vec<(SubjectId, String)>>,
    pack: Arc<Pack>,
) -> impl IntoView {
    let chosen = RwSignal::new(String::new());
    let pack = StoredValue::new(pack);
    let answers = pack.with_value(|pack| {
        let now = stage.with_untracked(|stage| stage.stands.clone());
        let others = words::stages(pack).filter(|code| !now.contains(&code.code));
        let answer = |code: &shared::pack::Code| Answer {
            code: code.code.clone(),
            words: label(&code.label),
            picture: None,
            class: "",
        };
        others.map(answer).collect::<Vec<_>>()
    });
    let inside = move || {
        let to = chosen.get();
        if to.is_empty() {
            return ().into_any();
        }
        let pack = pack.get_value();
        let closes = pack.stages.closes(&to);
        let gates = view! { <Gates acts=acts to=to.clone() stage=stage people=people pack=Arc::clone(&pack) /> };
        let act = if closes {
            view! { <Proposing acts=acts pack=pack /> }.into_any()
        } else {
            view! { <Moving acts=acts to=to stage=stage pack=pack /> }.into_any()
        };
        view! { {gates} {act} }.into_any()
    };
    view! {
        <article class="card" data-testid="stage-sheet">
            <p class="field__label">{t(T::StageChoose)}</p>
            <Choice
                test="stage-to" label=t(T::StageChoose) answers=answers look=Look::Chips count=Count::One
                chosen=Signal::derive(move || vec![chosen.get()]) on_touch=move |(code, _): (String, bool)| chosen.set(code)
            />
            {inside}
            <Button test="stage-cancel" text=t(T::CommonCancel) weight=Weight::Quiet on_press=move |()| acts.open.set(Open::Nothing) />
        </article>
    }
}

/// The gates of a stage that are asked in this case, with what came of looking.
fn gates_of(stage: &StageView, pack: &Pack, to: &str) -> Vec<(Gate, GateView)> {
    let found =
        |view: &GateView| Some((pack.stages.gates.get(usize::try_from(view.gate).ok()?)?.clone(), view.clone()));
    let all = stage.gates.iter().filter_map(found);
    all.filter(|(gate, _)| gate.stages.iter().any(|one| one == to)).collect()
}

#[component]
fn Gates(
    acts: Acts,
    #[prop(into)] to: String,
    stage: Signal<StageView>,
    people: Signal<Vec<(SubjectId, String)>>,
    pack: Arc<Pack>,
) -> impl IntoView {
    let case = acts.case;
    let line = move |pack: &Pack, gate: &Gate, view: &GateView| {
        let codes = people.get();
        let lacking: Vec<&str> =
            codes.iter().filter(|(subject, _)| view.people.contains(subject)).map(|(_, code)| code.as_str()).collect();
        let (icon, words) = match view.state {
            GateState::Met => (Icon::Check, t(T::StageMet).to_owned()),
            GateState::Missing if lacking.is_empty() => (Icon::Cross, t(T::StageMissing).to_owned()),
            GateState::Missing => (Icon::Cross, tf(T::StageMissingOf, &[("people", &lacking.join(", "))])),
            GateState::Unseen => (Icon::NoEye, t(T::StageUnseen).to_owned()),
        };
        let is_missing = view.state != GateState::Met;
        let required =
            (gate.hard && is_missing).then(|| view! { <span class="tag tag--danger">{t(T::StageRequired)}</span> });
        let subject = view.people.first().copied().or_else(|| codes.first().map(|(subject, _)| *subject));
        let to = (view.state == GateState::Missing).then(|| jump(pack, case, gate, subject)).flatten();
        let fill = to.map(|to| {
            view! { <A href=to attr:class="button button--quiet" attr:data-testid=format!("gate-{}-fill", gate.key)>{t(T::StageFill)}</A> }
        });
        view! {
            <div class="rows__item rows__cell" data-testid=format!("gate-{}", gate.key)>
                <Glyph icon=icon />
                <span class="rows__body">
                    <span class="rows__title">{label(&gate.label)}</span>
                    <small>{words}</small>
                </span>
                {required}
                {fill}
            </div>
        }
    };
    let lines = move || {
        let found = stage.with(|stage| gates_of(stage, &pack, &to));
        (!found.is_empty()).then(|| {
            let lines = found.iter().map(|(gate, view)| line(&pack, gate, view)).collect_view();
            view! {
                <p class="field__label">{t(T::StageAsks)}</p>
                <div class="rows">{lines}</div>
            }
        })
    };
    view! { {lines} }
}

/// Address of the page of a form that asks what a gate asks for; none while nobody is there to be asked about.
fn jump(pack: &Pack, case: CaseId, gate: &Gate, subject: Option<SubjectId>) -> Option<String> {
    let condition = gate.met.first()?;
    let key = split_choice(&condition.key).0;
    let asks = |item: &Item| match item {
        Item::Field(field) => field.kind == condition.kind && field.table == condition.table && field.key == key,
        Item::Rows(_) | Item::Note(_) => false,
    };
    pack.forms.iter().find_map(|form| {
        let page = form.pages.iter().position(|page| page.items.iter().any(asks))?;
        if pack.is_personal(form) {
            return subject.map(|subject| format!("/kasus/{case}/orang/{subject}/isi/{}/{page}", form.key));
        }
        Some(format!("/kasus/{case}/isi/{}/{page}", form.key))
    })
}

#[component]
fn Moving(acts: Acts, #[prop(into)] to: String, stage: Signal<StageView>, pack: Arc<Pack>) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let name = words::stage_name(&pack, &to);
    let (looked, there) = (to.clone(), StoredValue::new((to, name.clone())));
    // Whether anything is missing, and whether of that anything is opened by no reason.
    let missing = Memo::new(move |_| {
        let gates = stage.with(|stage| gates_of(stage, &pack, &looked));
        let mut missing = gates.into_iter().filter(|(_, view)| view.state != GateState::Met).map(|(gate, _)| gate.hard);
        let is_shut = missing.clone().any(|hard| hard);
        (missing.next().is_some(), is_shut)
    });
    let nothing = Signal::derive(move || {
        let (lacks, is_shut) = missing.get();
        acts.busy.get() || is_shut || (lacks && reason.with(|reason| reason.trim().is_empty()))
    });
    let go = move |()| {
        let (to, name) = there.get_value();
        let act = StageAct::Move { to, reason: reason.get_untracked() };
        acts.act(act, tf(T::CaseStage, &[("stage", &name)]), true);
    };
    let said = move || match missing.get() {
        (_, true) => Some(view! { <Note text=t(T::StageShut).to_owned() tone=Tone::Danger /> }.into_any()),
        (true, false) => {
            Some(view! { <Line case=acts.case test="stage-reason" words=t(T::StageReason) text=reason /> }.into_any())
        }
        (false, false) => None,
    };
    view! {
        {said}
        <Button
            test="stage-move" text=tf(T::StageMove, &[("stage", &name)]) icon=Icon::Forward weight=Weight::Primary disabled=nothing on_press=go
        />
    }
}

/// A line of text that must not name anybody.
#[component]
pub(super) fn Line(
    case: CaseId,
    #[prop(into)] test: String,
    #[prop(into)] words: String,
    text: RwSignal<String>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field__label" for=test.clone()>{words}</label>
            <p class="field__help">{t(T::FormNameFree)}</p>
            <input
                id=test.clone() class="field__input" type="text" autocomplete="off" spellcheck="false" maxlength=REASON_CHARS_MAX.to_string()
                data-testid=test prop:value=text on:input=move |event| text.set(event_target_value(&event))
            />
            <NameHint text=text code=Signal::stored(SOMEBODY.to_owned()) case=case on_replace=move |replaced| text.set(replaced) />
        </div>
    }
}
