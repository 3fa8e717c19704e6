//! Home: the next right thing, by what the member does.

mod desk;
mod reports;
mod today;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use shared::pack::Pack;

use self::desk::desk_sections;
pub(crate) use self::reports::state_face;
use self::reports::{FirstDay, drafts, receipts};
use self::today::{by_stage, today};
use super::assign::ask;
use super::practice::{Practice, may_report};
use super::report::first_page;
use super::tables::may_count;
use crate::api::{AlarmView, Ask, CaseCard, EndingView, HomeView, Query, Reply, Request, SessionView, keeps_register};
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::case_card::CaseCardLink;
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::note::{Note, Tone};
use crate::components::shell::Shell;
use crate::components::state::{Blank, StillReading, draw};
use crate::format;
use crate::i18n::{T, t, tf, tn};
use crate::state::alarm::{take_over, use_alarm};
use crate::state::clock::now_ms;
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::queue::use_line;
use crate::state::session::{Stage, use_knows_all, use_member, use_pack, use_session};
use crate::state::toast::use_toasts;

/// What somebody's home is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Desk {
    /// Takes reports.
    Field,
    /// Has cases.
    Practice,
    /// Keeps the register of all cases.
    Registry,
}

/// Reads the desk from the pack: who keeps the register, who is on duty.
pub(crate) fn desk_of(pack: &Pack, member: &SessionView) -> Desk {
    if keeps_register(pack, &member.roles) {
        return Desk::Registry;
    }
    if is_on_duty(pack, member) { Desk::Practice } else { Desk::Field }
}

fn is_on_duty(pack: &Pack, member: &SessionView) -> bool {
    member.roles.iter().any(|role| pack.role(role).is_some_and(|role| role.duty))
}

/// The page.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let engine = use_engine();
    let (member, pack) = (use_member(), use_pack());
    let home = engine.watch(Query::Home);
    // Coming home is leaving the form; the next unlock must not lead back into it.
    // Locking leads here too, for a moment, and must leave the place as it is.
    if matches!(use_session().stage.get_untracked(), Stage::Open(_)) {
        engine.tell(Request::SetPlace(None));
    }
    let desk = desk_of(&pack, &member);
    // Whoever is here works at no item, and has come to the end of the line at most once.
    let line_ended = use_line().leave();
    let takes_reports = may_report(&pack, &member);
    let counts = may_count(&pack, &member);
    let may_take = is_on_duty(&pack, &member);
    let greeting = tf(T::HomeGreeting, &[("name", &member.nickname)]);
    // Whoever has cases finds the report beside them; whoever takes reports finds nothing before it.
    let hero = (takes_reports && desk == Desk::Field).then(|| view! { <TakeReport weight=Weight::Hero /> });
    let beside = (takes_reports && desk != Desk::Field).then(|| view! { <TakeReport weight=Weight::Plain /> });
    // Which stage of many cases is open; what arrives draws the rest anew.
    let opened = RwSignal::new(String::new());
    let sections = draw(home, move |mut home: Box<HomeView>| match desk {
        Desk::Field => field_sections(*home, opened, &pack),
        Desk::Practice | Desk::Registry => {
            let queues =
                home.desk.take().map(|desk| (desk.count(), desk_sections(desk, line_ended, pack.zone.offset_minutes)));
            duty_sections(home, (&pack, opened), desk, may_take, queues)
        }
    });
    view! {
        <Shell title=greeting>
            <div class="stack stack--far">
                <StorageNote />
                <StillReading />
                {hero}
                <div class="row">
                    {beside}
                    {(desk == Desk::Registry)
                        .then(|| view! { <LinkButton test="home-register" to="/register" text=t(T::RegisterTitle) icon=Icon::Folder weight=Weight::Plain /> })}
                    {counts.then(|| view! { <LinkButton test="home-tables" to="/tabel" text=t(T::TablesTitle) icon=Icon::Clipboard weight=Weight::Plain /> })}
                    {(desk != Desk::Field).then(|| view! { <LinkButton test="home-members" to="/anggota" text=t(T::MembersTitle) icon=Icon::People weight=Weight::Plain /> })}
                    <LinkButton test="home-emergency" to="/darurat" text=t(T::HomeEmergency) icon=Icon::Phone weight=Weight::Plain />
                    <LinkButton test="home-settings" to="/pengaturan" text=t(T::SettingsTitle) icon=Icon::Settings weight=Weight::Quiet />
                </div>
                {sections}
            </div>
        </Shell>
    }
}

/// "Terima laporan": begins a report and opens its first page.
#[component]
pub(crate) fn TakeReport(
    weight: Weight,
    /// One that is only tried out.
    #[prop(optional)]
    practice: bool,
) -> impl IntoView {
    let (engine, toasts, navigate) = (use_engine(), use_toasts(), use_navigate());
    let busy = RwSignal::new(false);
    let begin = move |()| {
        // Two quick taps must not begin two reports.
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let navigate = navigate.clone();
        let request = if practice { Request::Practise(true) } else { Request::StartReport };
        engine.ask_then(request, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(Reply::Case(case)) => navigate(&first_page(case), Default::default()),
                Ok(_) => {}
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    // Navigation is not sendable between threads; there is only one here.
    let begin = StoredValue::new_local(begin);
    let (test, text) =
        if practice { ("practice-begin", T::PracticeBegin) } else { ("home-take-report", T::HomeTakeReport) };
    view! {
        <Button
            test=test text=t(text) weight=weight icon=Icon::Clipboard disabled=busy
            on_press=move |()| begin.with_value(|begin| begin(()))
        />
    }
}

/// Space runs out, or the clock is wrong.
#[component]
fn StorageNote() -> impl IntoView {
    let session = use_session();
    move || {
        session.status.with(|status| status.storage_low).map(|bytes| {
            view! { <Note text=tf(T::HomeStorageLow, &[("size", &format::size(bytes))]) tone=Tone::Warn /> }
        })
    }
}

fn field_sections(home: HomeView, opened: RwSignal<String>, pack: &Arc<Pack>) -> AnyView {
    let shown = shown(&home);
    let knows_all = use_knows_all();
    let first_day = home.drafts.is_empty() && home.handed_over.is_empty() && home.cases.is_empty();
    let zone = pack.zone.offset_minutes;
    let tasks = today(T::HomeMyTasks, None, &home, pack);
    view! {
        <div class="stack stack--far">
            <Attention conflicts=home.conflicts held=home.held to_decide=home.to_decide requests=home.requests.len() />
            {move || {
                (first_day && knows_all())
                    .then(|| view! { <FirstDay /> })
            }}
            {(first_day || home.practice.is_some()).then(|| view! { <Practice page=home.practice /> })}
            {drafts(home.drafts, zone)}
            {tasks}
            {receipts(home.handed_over, zone)}
            {ending(home.ending)}
            {by_stage(home.stages, opened, pack)}
            {cards(T::HomeMyCases, home.cases, pack)}
            {all_cases(home.cases_total, shown)}
        </div>
    }
    .into_any()
}

/// `queues`: how much waits on the registrar's desk, and the desk, which stands in place of the one next thing.
fn duty_sections(
    mut home: Box<HomeView>,
    (pack, opened): (&Arc<Pack>, RwSignal<String>),
    desk: Desk,
    may_take: bool,
    queues: Option<(u32, AnyView)>,
) -> AnyView {
    let zone = pack.zone.offset_minutes;
    let waits = queues.as_ref().is_some_and(|(count, _)| *count > 0);
    let next = next_task(&home, now_ms()).filter(|_| !waits);
    let (shown, asked) = (shown(&home), home.requests.len());
    let all_clear = next.is_none() && !waits;
    let knows_all = use_knows_all();
    let is_registry = desk == Desk::Registry;
    let own = if is_registry { T::HomeAllCases } else { T::HomeMyCases };
    let new_reports = if is_registry { T::HomeNewReports } else { T::HomeNewReportsTriage };
    let dangers = dangers(core::mem::take(&mut home.emergencies), pack, may_take);
    // The registrar's desk says what is late and due itself.
    let (above, dangers) = match dangers {
        dangers if !is_registry => {
            (today(T::HomeToday, dangers.map(|list| group(T::HomeEmergencies, list)), &home, pack), None)
        }
        dangers => (None, dangers.map(|list| section(T::HomeEmergenciesWaiting, list))),
    };
    let session = use_session();
    // A clean desk is only as true as the last word from the centre is young.
    let checked = move || {
        let at = session.status.with(|status| status.last_contact_ms).filter(|_| is_registry);
        at.map_or_else(
            || t(T::HomeAllClearText).to_owned(),
            |at| tf(T::HomeAllClearChecked, &[("when", &format::hour(at, now_ms(), zone))]),
        )
    };
    view! {
        <div class="stack stack--far">
            {next.map(|to| view! { <LinkButton test="home-next" to=to text=t(T::HomeWorkNext) weight=Weight::Primary icon=Icon::Forward /> })}
            {move || {
                (all_clear && knows_all())
                    .then(|| view! { <Blank test="home-clear" icon=Icon::Ok title=t(T::HomeAllClear) text=checked() /> })
            }}
            {above}
            {match queues {
                Some((_, queues)) => view! { {queues} <Attention conflicts=0 held=home.held to_decide=0 requests=asked /> }.into_any(),
                None => view! { <Attention conflicts=home.conflicts held=home.held to_decide=home.to_decide requests=asked /> }.into_any(),
            }}
            {dangers}
            {cards(new_reports, home.new_reports, pack)}
            {home.practice.map(|page| view! { <Practice page=Some(page) /> })}
            {drafts(home.drafts, zone)}
            {ending(home.ending)}
            {by_stage(home.stages, opened, pack)}
            {cards(own, home.cases, pack)}
            {all_cases(home.cases_total, shown)}
            {receipts(home.handed_over, zone)}
        </div>
    }
    .into_any()
}

/// Where the most urgent thing is.
pub(crate) fn next_task(home: &HomeView, now_ms: u64) -> Option<String> {
    let first = |cards: &[CaseCard]| cards.first().map(|card| format!("/kasus/{}", card.case));
    let due = |late: bool| {
        home.due.iter().find(|due| (due.duty.due_ms < now_ms) == late).map(|due| format!("/kasus/{}", due.case))
    };
    first(&home.emergencies)
        .or_else(|| due(true))
        .or_else(|| (home.conflicts > 0).then(|| "/isian-berbeda".to_owned()))
        .or_else(|| (home.to_decide > 0).then(|| "/ditahan".to_owned()))
        .or_else(|| first(&home.new_reports))
        .or_else(|| (!home.requests.is_empty()).then(|| "/tugas".to_owned()))
        .or_else(|| due(false))
        .or_else(|| (home.held > 0).then(|| "/kirim-terima".to_owned()))
}

/// Disagreements, what waits for a decision, what others ask, and own held items, as cards that lead to them.
#[component]
fn Attention(conflicts: u32, held: u32, to_decide: u32, requests: usize) -> impl IntoView {
    view! {
        {(conflicts > 0)
            .then(|| attention_card("home-conflicts", "/isian-berbeda", Icon::Different, tn(T::HomeConflicts, conflicts), T::HomeConflictsText))}
        {(to_decide > 0)
            .then(|| attention_card("home-to-decide", "/ditahan", Icon::Held, tn(T::HeldToDecide, to_decide), T::HeldToDecideText))}
        {(requests > 0)
            .then(|| attention_card("home-requests", "/tugas", Icon::Message, tn(T::HomeRequests, requests), T::HomeRequestsText))}
        {(held > 0).then(|| attention_card("home-held", "/kirim-terima", Icon::Held, tn(T::HomeHeld, held), T::HomeHeldText))}
    }
}

fn attention_card(test: &'static str, to: &'static str, icon: Icon, title: String, text: T) -> impl IntoView {
    view! {
        <A href=to attr:class="card card--link card--warn" attr:data-testid=test>
            <div class="row">
                <Glyph icon=icon size=IconSize::Large />
                <div class="rows__body">
                    <span class="card__title">{title}</span>
                    <span>{t(text)}</span>
                </div>
                <Glyph icon=Icon::Right />
            </div>
        </A>
    }
}

/// A danger waits since the moment from which the alarm above it counts.
pub(super) fn since_alarm(card: CaseCard) -> CaseCard {
    let told = |view: &AlarmView| view.waiting.iter().find(|one| one.case == card.case).map(|one| one.since_ms);
    let since_ms = use_alarm().and_then(|alarm| alarm.view.with(told));
    CaseCard { waiting_since_ms: since_ms.unwrap_or(card.waiting_since_ms), ..card }
}

/// Danger that nobody took: whoever is on duty takes it with one press, here.
fn dangers(cards: Vec<CaseCard>, pack: &Arc<Pack>, may_take: bool) -> Option<AnyView> {
    let (engine, toasts) = (use_engine(), use_toasts());
    let take = move |case| take_over(engine, toasts, case);
    let pack = Arc::clone(pack);
    let row = move |card: CaseCard| {
        let (case, test) = (card.case, format!("take-over-{}", card.field_code));
        view! {
            <CaseCardLink card=card pack=Arc::clone(&pack) />
            {may_take.then(|| view! { <Button test=test text=t(T::StepTakeOver) icon=Icon::Hand on_press=move |()| take(case) /> })}
        }
    };
    (!cards.is_empty()).then(|| {
        view! { <div class="list">{cards.into_iter().map(since_alarm).map(row).collect_view()}</div> }.into_any()
    })
}

fn section(title: T, list: AnyView) -> impl IntoView {
    view! {
        <section class="section">
            <h2 class="section__title">{t(title)}</h2>
            {list}
        </section>
    }
}

/// A part of a section.
fn group(title: T, list: AnyView) -> AnyView {
    view! {
        <h3 class="section__title">{t(title)}</h3>
        {list}
    }
    .into_any()
}

fn cards(title: T, cards: Vec<CaseCard>, pack: &Arc<Pack>) -> Option<impl IntoView + use<>> {
    (!cards.is_empty()).then(|| {
        let list =
            cards.into_iter().map(|card| view! { <CaseCardLink card=card pack=Arc::clone(pack) /> }).collect_view();
        section(title, view! { <div class="list">{list}</div> }.into_any())
    })
}

/// How many own cases home shows.
fn shown(home: &HomeView) -> usize {
    home.stages.iter().fold(home.cases.len(), |sum, stage| sum.saturating_add(stage.cases.len()))
}

/// The way to the own cases that home does not show.
fn all_cases(total: u32, shown: usize) -> Option<impl IntoView> {
    let is_more = u32::try_from(shown).is_ok_and(|shown| shown < total);
    is_more
        .then(|| view! { <LinkButton test="home-all-cases" to="/kasus" text=t(T::HomeAllCases) weight=Weight::Wide /> })
}

/// Own memberships that end soon.
fn ending(ending: Vec<EndingView>) -> Option<impl IntoView> {
    let (engine, toasts) = (use_engine(), use_toasts());
    let row = move |one: EndingView| {
        let until = tf(T::CaseTeamUntil, &[("date", &format::partial_date(&one.until))]);
        let case = one.case;
        let extend = move |()| ask(engine, toasts, Ask::Extend(case), T::HomeExtendAsked);
        view! {
            <article class="card" data-testid="ending">
                <A href=format!("/kasus/{case}") attr:class="rows__item">
                    <span class="card__code">{one.code}</span>
                    <span class="rows__side">{until}</span>
                </A>
                {one.may_ask.then(|| view! { <Button test="ending-extend" text=t(T::HomeExtend) icon=Icon::Clock on_press=extend /> })}
            </article>
        }
    };
    (!ending.is_empty()).then(|| {
        view! {
            <section class="section" data-testid="home-ending">
                <h2 class="section__title">{t(T::HomeEnding)}</h2>
                <div class="list">{ending.into_iter().map(row).collect_view()}</div>
            </section>
        }
    })
}
