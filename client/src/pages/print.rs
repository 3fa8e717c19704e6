//! "Cetak": a case on A4. What is on paper is no screen: it is drawn for the printer alone, once it was kept that it leaves the
//! tablet.

use std::sync::Arc;

use leptos::prelude::*;
use shared::id::CaseId;
use shared::pack::{FieldType, Pack};
use shared::value::Scalar;

use super::case::{case_page, watch_case};
use super::export::{ReasonField, is_reason};
use super::report::report_form;
use super::words;
use crate::api::{
    CaseView, ExportAsk, FieldPlace, MemberView, Query, Reply, Request, SheetBlock, SheetLine, SheetPart, SheetPerson,
    SheetSays, SheetView, View,
};
use crate::components::button::{Button, Weight};
use crate::components::icon::Icon;
use crate::components::shell::Shell;
use crate::components::state::{Gone, StillReading, draw};
use crate::format;
use crate::forms::input::flag;
use crate::i18n::{T, label, t, tn};
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::session::{use_member, use_members, use_pack, use_session, use_still_growing};
use crate::state::toast::use_toasts;

/// The page.
#[component]
pub(crate) fn PrintPage() -> impl IntoView {
    case_page(T::SheetTitle, "/kasus", |case| view! { <Print case=case /> }.into_any())
}

#[component]
fn Print(case: CaseId) -> impl IntoView {
    let sheet = RwSignal::new(None::<Arc<SheetView>>);
    let code = draw(watch_case(case), |view: Option<Box<CaseView>>| match view {
        None => view! { <Gone /> }.into_any(),
        Some(view) => view! { <p class="case-head__code" data-testid="print-code">{view.card.code}</p> }.into_any(),
    });
    let paper = move || sheet.get().map(|sheet| view! { <Paper sheet=sheet /> });
    view! {
        <Shell title=t(T::SheetTitle) back=format!("/kasus/{case}")>
            <div class="stack stack--wide print-ask">
                {code}
                <StillReading />
                <Ask case=case sheet=sheet />
            </div>
            {paper}
        </Shell>
    }
}

/// The report as it was handed over, to be read beside what is done with it.
#[component]
pub(crate) fn Reading(case: CaseId) -> impl IntoView {
    let (engine, pack, members) = (use_engine(), use_pack(), use_members());
    let form = report_form(&pack).map(|form| form.key.clone()).unwrap_or_default();
    let found = engine.watch::<Box<SheetView>>(Query::Reading(case));
    draw(found, move |sheet: Box<SheetView>| {
        let words = Words { pack: Arc::clone(&pack), members: members.get_untracked() };
        let parts = sheet.parts.iter().filter(|part| part.form == form).map(|part| words.part(part)).collect_view();
        view! { <article class="card reading" data-testid="reading">{parts}</article> }
    })
}

/// What is to be printed, and why where names are.
#[component]
fn Ask(case: CaseId, sheet: RwSignal<Option<Arc<SheetView>>>) -> impl IntoView {
    let (engine, toasts, still_growing) = (use_engine(), use_toasts(), use_still_growing());
    let (names, reason, busy) = (RwSignal::new(false), RwSignal::new(String::new()), RwSignal::new(false));
    let print = move |()| {
        busy.set(true);
        let what = ExportAsk::Sheet { case, names: names.get_untracked() };
        engine.ask_then(Request::Export { what, reason: reason.get_untracked() }, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(Reply::Export(_, View::Sheet(drawn))) => {
                    if sheet.try_set(Some(Arc::from(drawn))).is_none() {
                        // Once the browser has drawn it.
                        request_animation_frame(|| {
                            let _ = window().print();
                        });
                    }
                }
                Ok(_) => {}
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    let nothing = Signal::derive(move || {
        busy.get() || still_growing() || (names.get() && !reason.with(|reason| is_reason(reason)))
    });
    let chosen = Signal::derive(move || Scalar::Bool(names.get()));
    let choose = Callback::new(move |value: Scalar| names.set(value.as_bool().unwrap_or_default()));
    view! {
        <p class="lead">{t(T::SheetHelp)}</p>
        {flag("print-names".to_owned(), t(T::SheetNames).to_owned(), chosen, Signal::stored(false), choose)}
        <p class="quiet">{t(T::SheetNamesHelp)}</p>
        <Show when=move || names.get()>
            <div class="card"><ReasonField id="print-reason" reason=reason /></div>
        </Show>
        <Button test="print-do" text=t(T::CasePrint) icon=Icon::Printer weight=Weight::Primary disabled=nothing on_press=print />
    }
}

/// What words need.
struct Words {
    pack: Arc<Pack>,
    members: Arc<Vec<MemberView>>,
}

/// The sheet. Its head is that of a table, so that it stands on every page.
#[component]
fn Paper(sheet: Arc<SheetView>) -> impl IntoView {
    let session = use_session();
    let words = Words { pack: use_pack(), members: use_members().get_untracked() };
    let (pack, card) = (&words.pack, &sheet.card);
    let zone = pack.zone.offset_minutes;
    let at = |ms: u64| format!("{} {}", format::stamp(ms, zone), pack.zone.name);
    let state = t(if sheet.ready { T::SheetReady } else { T::TagDraft });
    let synthetic = session.synthetic.get_untracked().then(|| view! { <strong>{t(T::ShellSynthetic)}</strong> });
    let who = words::role_names(pack, &use_member().roles);
    let number = if card.code == card.field_code { String::from("–") } else { card.code.clone() };
    let contact = session.status.with_untracked(|status| status.last_contact_ms);
    let contact = contact.map_or_else(|| String::from("–"), at);
    let facts = [
        (t(T::RegisterFieldCode), card.field_code.clone()),
        (t(T::RegisterNumber), number),
        (t(T::RegisterStage), words::stage_name(pack, &card.stage)),
        (t(T::SheetPrinted), at(sheet.printed_ms)),
        (t(T::SheetPrintedBy), who),
        (t(T::SheetContact), contact),
    ];
    let facts = facts.into_iter().map(|(name, value)| line(name.to_owned(), value)).collect_view();
    let conflicts = (card.conflicts > 0).then(|| {
        view! { <p class="sheet__warn">{format!("⚑ {}", tn(T::HomeConflicts, card.conflicts))}</p> }
    });
    let incomplete = sheet.incomplete.then(|| view! { <p class="sheet__warn">{t(T::SheetIncomplete)}</p> });
    let people = sheet.people.iter().map(|person| words.person(person)).collect_view();
    let parts = sheet.parts.iter().map(|part| words.part(part)).collect_view();
    view! {
        <table class="sheet" data-testid="sheet">
            <thead>
                <tr>
                    <td class="sheet__head">
                        <span>{card.code.clone()}</span>
                        {synthetic}
                        <span>{format!("{} · {state}", t(T::SheetSecret))}</span>
                    </td>
                </tr>
            </thead>
            <tbody>
                <tr>
                    <td>
                        <header class="sheet__title">
                            <p>{label(&pack.label)}</p>
                            <h1>{format!("{} {}", t(T::SheetTitle), card.code)}</h1>
                        </header>
                        <dl class="sheet__facts">{facts}</dl>
                        {conflicts}
                        {incomplete}
                        <h2>{t(T::CasePeople)}</h2>
                        <dl class="sheet__lines">{people}</dl>
                        {parts}
                    </td>
                </tr>
            </tbody>
        </table>
    }
}

fn line(name: String, value: String) -> impl IntoView {
    view! {
        <div class="summary__line sheet__line">
            <dt class="summary__key">{name}</dt>
            <dd class="summary__value">{value}</dd>
        </div>
    }
}

impl Words {
    /// "K1": group and age band.
    fn person(&self, person: &SheetPerson) -> impl IntoView + use<> {
        let age = match person.age.as_str() {
            "" => String::new(),
            age => words::code_words(&self.pack, crate::engine::keys::AGE_BANDS, age),
        };
        let group = match person.group.as_str() {
            "" => String::new(),
            group => words::group_name(&self.pack, group),
        };
        let told: Vec<String> = [group, age].into_iter().filter(|one| !one.is_empty()).collect();
        line(person.code.clone(), if told.is_empty() { String::from("–") } else { told.join(", ") })
    }

    fn part(&self, part: &SheetPart) -> impl IntoView + use<> {
        let name = self.pack.form(&part.form).map_or_else(|| part.form.clone(), |form| label(&form.label));
        let title = [name.as_str(), part.person.as_str()].into_iter().filter(|one| !one.is_empty());
        let title = title.collect::<Vec<_>>().join(" · ");
        let zone = self.pack.zone.offset_minutes;
        let by = (part.at_ms > 0).then(|| {
            let by = format!("{}, {}", words::role_names(&self.pack, &part.roles), format::stamp(part.at_ms, zone));
            view! { <p>{by}</p> }
        });
        let empty = part.blocks.is_empty().then(|| view! { <p>{t(T::CasePartEmpty)}</p> });
        let blocks = part.blocks.iter().map(|block| self.block(block)).collect_view();
        let unasked: Vec<String> = part.unasked.iter().map(|place| words::place_name(&self.pack, place)).collect();
        let unasked = (!unasked.is_empty()).then(|| {
            view! { <p class="sheet__unasked">{format!("{}: {}", t(T::AnswerNotAsked), unasked.join(", "))}</p> }
        });
        view! {
            <section data-testid=format!("sheet-{}", [part.form.as_str(), part.person.as_str()].join("-").trim_end_matches('-'))>
                <h2>{title}</h2>
                {by}
                {empty}
                {blocks}
                {unasked}
            </section>
        }
    }

    fn block(&self, block: &SheetBlock) -> impl IntoView + use<> {
        let title = block.row.as_ref().map(|place| {
            let disputed = if block.disputed { format!(" ⚑ {}", t(T::ConflictRemoved)) } else { String::new() };
            view! { <h3>{format!("{}{disputed}", words::place_name(&self.pack, place))}</h3> }
        });
        let lines = block.lines.iter().map(|one| self.answer(one)).collect_view();
        view! { {title} <dl class="sheet__lines">{lines}</dl> }
    }

    fn answer(&self, one: &SheetLine) -> impl IntoView + use<> {
        let value = match &one.says {
            SheetSays::Value(value) => words::value_words(&self.pack, &self.members, &one.place, value),
            SheetSays::Chosen(codes) => self.chosen(&one.place, codes),
            SheetSays::Hidden => t(T::SheetHidden).to_owned(),
            SheetSays::Differ(versions) => {
                let versions = versions.iter().map(|version| {
                    let value = if version.value.is_null() {
                        t(T::ConflictCleared).to_owned()
                    } else {
                        words::value_words(&self.pack, &self.members, &one.place, &version.value)
                    };
                    let when = format::stamp(version.said_ms, self.pack.zone.offset_minutes);
                    format!("{value} ({}, {when})", words::role_names(&self.pack, &version.roles))
                });
                format!("⚑ {}\n{}", t(T::ConflictsTitle), versions.collect::<Vec<_>>().join("\n"))
            }
        };
        line(words::place_name(&self.pack, &one.place), value)
    }

    fn chosen(&self, place: &FieldPlace, codes: &[String]) -> String {
        let list = match words::spec_of(&self.pack, place).map(|spec| &spec.value) {
            Some(FieldType::Many { list }) => list.as_str(),
            Some(_) | None => "",
        };
        codes.iter().map(|code| words::code_words(&self.pack, list, code)).collect::<Vec<_>>().join(", ")
    }
}
