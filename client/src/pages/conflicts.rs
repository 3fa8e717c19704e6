//! "Isian berbeda": the list, and the page where one person decides knowing who wrote what and when.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shared::id::CaseId;
use shared::pack::{FieldType, Pack};
use shared::value::Scalar;
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

use super::assign::{ask, say_done};
use super::words::{place_name, role_names, spec_of, value_words};
use crate::api::{
    Act, Ask, AskView, ConflictView, FieldPlace, MemberView, Query, Reply, Request, SeenOp, ValueView, Write,
};
use crate::components::button::{Button, Weight};
use crate::components::covered::{DOTS, covered};
use crate::components::icon::{Glyph, Icon};
use crate::components::note::{Note, Tone};
use crate::components::shell::Shell;
use crate::components::state::{Blank, draw};
use crate::format;
use crate::forms::input::{InputProps, Style, input};
use crate::forms::name_hint::NameFree;
use crate::i18n::{T, label, t, tf};
use crate::state::clock::now_ms;
use crate::state::cover::Cover;
use crate::state::engine::{Engine, use_engine};
use crate::state::failure::sentence_of;
use crate::state::focus::focus_content;
use crate::state::session::{use_members, use_pack};
use crate::state::toast::{Toasts, use_toasts};

/// So many open disagreements of one field, or of the same writers, are no accident.
const PATTERN_MIN: usize = 5;

/// The page; drawn anew where it is asked for another case. The chosen disagreement is no part of the address: it would name
/// a field.
#[component]
pub(crate) fn ConflictsPage() -> impl IntoView {
    let query = use_query_map();
    let only_case = Memo::new(move |_| query.with(|query| CaseId::parse(&query.get("kasus")?).ok()));
    move || view! { <Conflicts only_case=only_case.get() /> }
}

#[component]
fn Conflicts(only_case: Option<CaseId>) -> impl IntoView {
    let (pack, members) = (use_pack(), use_members());
    let conflicts = use_engine().watch(Query::Conflicts);
    let opened = RwSignal::new(None::<FieldPlace>);
    Effect::new(move |before: Option<Option<FieldPlace>>| {
        conflicts.track();
        let now = opened.get();
        begin_at_question(before.as_ref() != Some(&now));
        now
    });
    let content = draw(conflicts, move |conflicts: Vec<ConflictView>| {
        let conflicts: Vec<ConflictView> =
            conflicts.into_iter().filter(|conflict| only_case.is_none_or(|case| case == conflict.place.case)).collect();
        let pack = Arc::clone(&pack);
        (move || match opened.get() {
            None => conflict_list(&conflicts, &pack, opened),
            Some(place) => match conflicts.iter().find(|conflict| conflict.place == place) {
                Some(conflict) => {
                    let next = after(&conflicts, &place);
                    chooser(conflict.clone(), next, Arc::clone(&pack), members.get().to_vec(), opened)
                }
                None => view! {
                    <Blank test="conflict-gone" icon=Icon::Ok title=t(T::ConflictGone)>
                        <Button test="conflict-back" text=t(T::ConflictsTitle) on_press=move |()| opened.set(None) />
                    </Blank>
                }
                .into_any(),
            },
        })
        .into_any()
    });
    view! { <Shell title=t(T::ConflictsTitle) back="/">{content}</Shell> }
}

/// Another question stands where the one before it was: begins at its title, or else its buttons would lie under the thumb that
/// answered the other one. Drawn anew with what has arrived, the same question gets the keyboard back and stays where it is.
fn begin_at_question(is_another: bool) {
    // After the browser has it.
    request_animation_frame(move || {
        let is_lost = document().active_element().is_none_or(|active| active.local_name() == "body");
        let title = document().query_selector("main .page-head__question").ok().flatten();
        match title.and_then(|title| title.dyn_into::<HtmlElement>().ok()) {
            Some(title) if is_another || is_lost => {
                let options = FocusOptions::new();
                options.set_prevent_scroll(!is_another);
                let _ = title.focus_with_options(&options);
            }
            None if is_another => focus_content(),
            Some(_) | None => {}
        }
    });
}

fn conflict_list(conflicts: &[ConflictView], pack: &Arc<Pack>, opened: RwSignal<Option<FieldPlace>>) -> AnyView {
    if conflicts.is_empty() {
        return view! { <Blank test="conflicts-empty" icon=Icon::Ok title=t(T::StateEmptyConflicts) /> }.into_any();
    }
    let zone = pack.zone.offset_minutes;
    // They come in the order of their weights.
    let mut weight = None;
    let rows = conflicts
        .iter()
        .map(|conflict| {
            let begins = weight.replace(conflict.weight) != Some(conflict.weight);
            let named = usize::try_from(conflict.weight).ok().and_then(|weight| pack.weights.get(weight));
            let name = named.map_or_else(|| t(T::ConflictsOther).to_owned(), |weight| label(&weight.label));
            let place = conflict.place.clone();
            let since = tf(T::ConflictsSince, &[("when", &format::ago(conflict.since_ms, now_ms(), zone))]);
            let writers: Vec<String> = conflict.values.iter().map(|value| value.author.clone()).collect();
            view! {
                {begins.then(|| view! { <h2 class="rows__item section__title" data-testid="conflict-weight">{name}</h2> })}
                <button type="button" class="rows__item rows__cell" data-testid="conflict-item" on:click=move |_| opened.set(Some(place.clone()))>
                    <Glyph icon=Icon::Different />
                    <span class="rows__body">
                        <span class="rows__title">{place_name(pack, &conflict.place)}</span>
                        <small>{format!("{} {} · {}", conflict.code, conflict.person, writers.join(", "))}</small>
                    </span>
                    <span class="rows__side">{since}</span>
                    <Glyph icon=Icon::Right />
                </button>
            }
        })
        .collect_view();
    let pattern = is_pattern(conflicts).then(|| view! { <Note text=t(T::ConflictPattern).to_owned() /> });
    view! {
        <div class="stack stack--wide">
            <p class="lead">{t(T::ConflictsLead)}</p>
            {pattern}
            <div class="rows" data-testid="conflicts-list">{rows}</div>
        </div>
    }
    .into_any()
}

/// What is chosen next: the first that this person may choose behind one, or else before it.
fn after(conflicts: &[ConflictView], place: &FieldPlace) -> Option<FieldPlace> {
    let at = conflicts.iter().position(|one| one.place == *place)?;
    let (before, rest) = conflicts.split_at(at);
    let mut others = rest.iter().skip(1).chain(before);
    others.find(|one| one.may_choose).map(|one| one.place.clone())
}

/// Whether one field, or the same writers, disagree again and again: then the term may be at fault and not the people.
fn is_pattern(conflicts: &[ConflictView]) -> bool {
    // Rows have names of their own and are never the same.
    let same_field = |one: &ConflictView, other: &ConflictView| {
        one.place.kind == other.place.kind && one.place.path == other.place.path
    };
    let has = |conflict: &ConflictView, author: &str| conflict.values.iter().any(|value| value.author == author);
    let within = |one: &ConflictView, other: &ConflictView| one.values.iter().all(|value| has(other, &value.author));
    let same_writers = |one: &ConflictView, other: &ConflictView| within(one, other) && within(other, one);
    conflicts.iter().any(|one| {
        let count = |same: &dyn Fn(&ConflictView, &ConflictView) -> bool| {
            conflicts.iter().filter(|other| same(one, other)).count()
        };
        count(&same_field) >= PATTERN_MIN || count(&same_writers) >= PATTERN_MIN
    })
}

/// What a choice needs.
#[derive(Clone)]
struct Chooser {
    engine: Engine,
    toasts: Toasts,
    place: FieldPlace,
    seen: Vec<SeenOp>,
    removed_row: bool,
    opened: RwSignal<Option<FieldPlace>>,
    next: Option<FieldPlace>,
}

impl Chooser {
    /// Writes the choice, knowing every value that was shown.
    fn choose(&self, value: Scalar) {
        let (place, seen) = (self.place.clone(), self.seen.clone());
        let write = match (self.removed_row, &value) {
            (true, Scalar::Bool(true)) => Write::RemoveRow { place, seen },
            (true, _) => Write::RestoreRow { place, seen },
            (false, _) => Write::Choose { place, value, seen },
        };
        let (engine, toasts, opened) = (self.engine, self.toasts, self.opened);
        let (undone, next) = (self.place.clone(), self.next.clone());
        engine.ask_then(Request::Write(write), move |outcome| match outcome {
            Ok(_) => {
                let _ = opened.try_set(next);
                toasts.say_undoable(t(T::ConflictChosen), move || {
                    engine.ask_then(Request::Undo { place: undone.clone() }, move |outcome| {
                        if let Err(failure) = outcome {
                            toasts.say(sentence_of(failure.code));
                        }
                    });
                });
            }
            Err(failure) => toasts.say(sentence_of(failure.code)),
        });
    }

    /// "Keduanya benar": all that were shown stay, each in a row of its own.
    fn keep_both(&self) {
        let act = Act::KeepBoth { place: self.place.clone(), seen: self.seen.clone() };
        let (engine, toasts, opened, next) = (self.engine, self.toasts, self.opened, self.next.clone());
        engine.ask_then(Request::Act(act), move |outcome| match outcome {
            Ok(Reply::Wrote(places)) => {
                let _ = opened.try_set(next);
                say_done(engine, toasts, T::ConflictBothKept, places);
            }
            Ok(_) => {}
            Err(failure) => toasts.say(sentence_of(failure.code)),
        });
    }
}

fn chooser(
    conflict: ConflictView,
    next: Option<FieldPlace>,
    pack: Arc<Pack>,
    members: Vec<MemberView>,
    opened: RwSignal<Option<FieldPlace>>,
) -> AnyView {
    let chooser = Chooser {
        engine: use_engine(),
        toasts: use_toasts(),
        place: conflict.place.clone(),
        seen: conflict.values.iter().map(|value| value.op.clone()).collect(),
        removed_row: conflict.removed_row,
        opened,
        next,
    };
    let title = place_name(&pack, &conflict.place);
    let small = format!("{} {}", conflict.code, conflict.person);
    // One for all: they are to be compared.
    let cover = conflict.covered.then(|| Cover::over(conflict.place.clone()));
    // Nobody chooses between values they have not seen.
    let unseen = Signal::derive(move || cover.is_some_and(|cover| !cover.was_open()));
    let cards = conflict
        .values
        .iter()
        .map(|value| value_card(value, &conflict, &pack, &members, chooser.clone(), (cover, unseen)))
        .collect_view();
    let may_choose = conflict.may_choose;
    let other = (may_choose && !conflict.removed_row)
        .then(|| other_value(&conflict.place, &pack, chooser.clone(), unseen))
        .flatten();
    let both = (may_choose && conflict.keepable).then(|| {
        let (press, words) = (move |()| chooser.keep_both(), t(T::ConflictBoth));
        view! { <Button test="conflict-both" text=words weight=Weight::Wide icon=Icon::Plus disabled=unseen on_press=press /> }
    });
    view! {
        <div class="stack stack--wide" data-testid="conflict">
            <header class="page-head">
                <p class="page-head__count">{small}</p>
                <h2 class="page-head__question" tabindex="-1">{title.clone()}</h2>
            </header>
            {conflict.removed_row.then(|| view! { <Note text=t(T::ConflictRemoved).to_owned() tone=Tone::Warn /> })}
            {(!may_choose).then(|| view! { <Note text=t(T::ConflictNotYou).to_owned() /> })}
            {cover.map(|cover| covered(Some(cover), "conflict-cover", &title, || t(T::AlarmClose).into_any()))}
            <div class="versus">{cards}</div>
            {other}
            {both}
            {conflict.ask.map(|ask| turn_to(conflict.place, may_choose, ask))}
            <Button test="conflict-back" text=t(T::ShellBack) weight=Weight::Quiet icon=Icon::Back on_press=move |()| opened.set(None) />
        </div>
    }
    .into_any()
}

/// "Tanyakan dulu" for who may choose, "Ingatkan" for who may not; the disagreement stays.
fn turn_to(place: FieldPlace, may_choose: bool, to: AskView) -> AnyView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let name = if to.to.is_empty() { t(T::ConflictRegistrar).to_owned() } else { to.to };
    let asked = if may_choose { tf(T::ConflictAsked, &[("name", &name)]) } else { t(T::ConflictReminded).to_owned() };
    let responsible = (!may_choose)
        .then(|| view! { <p class="quiet" data-testid="conflict-responsible">{tf(T::ConflictResponsible, &[("name", &name)])}</p> });
    if to.asked {
        return view! { {responsible} <p class="quiet" data-testid="conflict-asked">{asked}</p> }.into_any();
    }
    let (what, word) =
        if may_choose { (Ask::Question(place), T::ConflictAsk) } else { (Ask::Choose(place.case), T::ConflictRemind) };
    let said = if may_choose { T::ConflictAskDone } else { T::ConflictReminded };
    let press = move |()| ask(engine, toasts, what.clone(), said);
    view! {
        {responsible}
        <Button test="conflict-ask" text=t(word) weight=Weight::Wide icon=Icon::Message on_press=press />
    }
    .into_any()
}

/// One of the values: all cards are alike and none is preselected.
fn value_card(
    value: &ValueView,
    conflict: &ConflictView,
    pack: &Arc<Pack>,
    members: &[MemberView],
    chooser: Chooser,
    (cover, unseen): (Option<Cover>, Signal<bool>),
) -> impl IntoView + use<> {
    let zone = pack.zone.offset_minutes;
    let words = if conflict.removed_row {
        t(if value.value.as_bool() == Some(true) { T::ConflictStrike } else { T::ConflictKeepRow }).to_owned()
    } else if value.value.is_null() {
        t(T::ConflictCleared).to_owned()
    } else {
        value_words(pack, members, &conflict.place, &value.value)
    };
    let said = tf(T::ConflictSaid, &[("when", &format::moment(value.said_ms, now_ms(), zone))]);
    let received = value.received_ms.map_or_else(
        || t(T::ConflictNotReceived).to_owned(),
        |at| tf(T::ConflictReceived, &[("when", &format::moment(at, now_ms(), zone))]),
    );
    let tablet = if value.tablet.is_empty() {
        t(T::ConflictThisTablet).to_owned()
    } else {
        tf(T::ConflictTablet, &[("name", &value.tablet)])
    };
    let chosen = value.value.clone();
    let take = move |()| chooser.choose(chosen.clone());
    view! {
        <article class="versus__card" data-testid="conflict-value">
            <div class="stack">
                <p class="versus__value" data-testid="conflict-words">{move || if cover.is_none_or(Cover::is_open) { words.clone() } else { DOTS.to_owned() }}</p>
                <div class="versus__by">
                    <span class="versus__who" data-testid="conflict-author">{value.author.clone()}</span>
                    <span>{role_names(pack, &value.roles)}</span>
                    <span>{tablet}</span>
                    <span>{said}</span>
                    <span>{received}</span>
                </div>
            </div>
            {conflict
                .may_choose
                .then(|| view! { <Button test="conflict-take" text=t(T::ConflictTake) weight=Weight::Wide disabled=unseen on_press=take /> })}
        </article>
    }
}

/// "Tulis nilai lain": an input of the field's own kind.
fn other_value(place: &FieldPlace, pack: &Arc<Pack>, chooser: Chooser, unseen: Signal<bool>) -> Option<AnyView> {
    let spec = spec_of(pack, place)?;
    // One code of a many-choice field is yes or no; both stand on the cards already.
    if matches!(spec.value, FieldType::Many { .. } | FieldType::YesNo | FieldType::Flag | FieldType::LongText { .. }) {
        return None;
    }
    let open = RwSignal::new(false);
    let value = RwSignal::new(Scalar::Null);
    let typing = RwSignal::new(false);
    let name = place_name(pack, place);
    let props = InputProps {
        test: "conflict-other".to_owned(),
        label: name,
        field: spec.value.clone(),
        value: value.into(),
        draft: None,
        disabled: Signal::stored(false),
        failed: Signal::stored(false),
        style: Style::Form,
        withheld: Vec::new(),
        name_free: spec.name_free.then_some(NameFree { case: place.case, subject: place.subject }),
        on_type: Some(Callback::new(move |text: String| typing.set(!text.is_empty()))),
        on_leave: Callback::new(move |typed| {
            let _ = value.try_set(typed);
        }),
    };
    let pack = Arc::clone(pack);
    // Ready while somebody still types: a button that is ready only once the line was left would be passed over by Tab.
    let empty = Signal::derive(move || unseen.get() || (value.with(Scalar::is_null) && !typing.get()));
    let take = Callback::new(move |()| {
        let chosen = value.get_untracked();
        if !chosen.is_null() {
            chooser.choose(chosen);
        }
    });
    let content = move || {
        open.get().then(|| {
            view! {
                <div class="card">
                    {input(&pack, props.clone())}
                    <Button test="conflict-other-use" text=t(T::ConflictOtherUse) weight=Weight::Primary disabled=empty on_press=take />
                </div>
            }
        })
    };
    let words = view! {
        <Button test="conflict-other-open" text=t(T::ConflictOther) weight=Weight::Wide icon=Icon::Pencil on_press=move |()| open.update(|open| *open = !*open) />
        {content}
    };
    Some(words.into_any())
}
