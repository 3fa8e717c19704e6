//! A case: is anyone in danger, what must I do, what may I see. Cards, not fields.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use shared::id::{CaseId, SubjectId};
use shared::pack::{Form, Pack, SubjectRule};

use self::people::People;
use self::stage::Stage;
use super::ask::AskMore;
use super::print::Reading;
use super::register::number::{Register, go_to_number};
use super::share::{Share, of_case};
use super::tasks::{due_task, task_row};
use super::team::Team;
use super::words;
use crate::api::{CaseView, DueView, Duty, NextStep, PRACTICE, PartView, PersonView, Query, SupplementView, Tag};
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::case_card::{Fact, TagList};
use crate::components::icon::Icon;
use crate::components::shell::Shell;
use crate::components::stage_line::StageLine;
use crate::components::state::{Gone, NotAllowed, draw};
use crate::format;
use crate::i18n::{T, label, t, tf, tn};
use crate::state::alarm::take_over;
use crate::state::clock::now_ms;
use crate::state::engine::use_engine;
use crate::state::practice::note_practice;
use crate::state::session::use_pack;
use crate::state::toast::use_toasts;

mod closing;
mod consent;
mod people;
mod stage;

/// Kind of the report.
const REPORT: &str = "intake";

/// A page about the case named in the address. The router keeps it from one case to another, as browsers go back and forth
/// between them; it is drawn anew for each.
/// What is tried out has none but those of a report.
pub(crate) fn case_page(title: T, back: &'static str, page: fn(CaseId) -> AnyView) -> impl IntoView {
    page_of(title, back, page, |case| case != PRACTICE)
}

/// A page of a report, which may be one that is only tried out.
pub(crate) fn report_page(title: T, page: fn(CaseId) -> AnyView) -> impl IntoView {
    page_of(title, "/", page, |_| true)
}

fn page_of(title: T, back: &'static str, page: fn(CaseId) -> AnyView, is_here: fn(CaseId) -> bool) -> impl IntoView {
    let params = use_params_map();
    let case = Memo::new(move |_| {
        params.with(|params| CaseId::parse(&params.get("case")?).ok()).filter(|case| is_here(*case))
    });
    // Read, not only tracked: a memo that was never read hears of no other address.
    move || match case.get() {
        Some(case) => {
            note_practice(case);
            page(case)
        }
        None => view! { <Shell title=t(title) back=back><Gone /></Shell> }.into_any(),
    }
}

/// Keeps a case up to date.
pub(crate) fn watch_case(case: CaseId) -> ReadSignal<crate::state::load::Load<Option<Box<CaseView>>>> {
    use_engine().watch(Query::Case(case))
}

/// The page.
#[component]
pub(crate) fn CasePage() -> impl IntoView {
    case_page(T::CasesTitle, "/kasus", |case| view! { <OneCase case=case /> }.into_any())
}

#[component]
fn OneCase(case: CaseId) -> impl IntoView {
    let pack = use_pack();
    let view = watch_case(case);
    let content = draw(view, move |view: Option<Box<CaseView>>| match view {
        None => view! { <Gone case=case /> }.into_any(),
        Some(view) => case_sections(*view, &pack),
    });
    // Beside what is drawn anew with every change: a choice of member half made must outlive an arriving page.
    let registering = Memo::new(move |_| {
        view.with(|load| load.ready().and_then(Option::as_ref).and_then(|view| view.registering.clone()))
    });
    // The report beside the short sheet of what registering takes.
    let register = move || {
        registering.get().map(|book| {
            view! {
                <div class="beside">
                    <Reading case=case />
                    <Register case=case book=book />
                </div>
            }
        })
    };
    let is_there = Memo::new(move |_| view.with(|load| load.ready().is_some_and(Option::is_some)));
    let standing = Memo::new(move |_| {
        view.with(|load| load.ready().and_then(Option::as_ref).map(|view| view.stage.clone())).unwrap_or_default()
    });
    let codes = Memo::new(move |_| {
        let code = |person: &PersonView| (person.subject, person.code.clone());
        let people = |view: &CaseView| view.people.iter().map(code).collect::<Vec<_>>();
        view.with(|load| load.ready().and_then(Option::as_deref).map(people)).unwrap_or_default()
    });
    let stage_pack = use_pack();
    let stage = view! { <Stage case=case stage=standing people=codes pack=stage_pack /> };
    let nameless = Memo::new(move |_| {
        let is_so = |view: &CaseView| view.card.tags.contains(&Tag::NoIdentity);
        view.with(|load| load.ready().and_then(Option::as_deref).is_some_and(is_so))
    });
    let zone = use_pack().zone.offset_minutes;
    let message = Memo::new(move |_| {
        let told = |view: &CaseView| {
            let due_ms = view.card.duties.iter().map(|duty| duty.due_ms).min();
            of_case(&view.card.code, due_ms, now_ms(), zone)
        };
        view.with(|load| load.ready().and_then(Option::as_deref).map(told)).unwrap_or_default()
    });
    let history = move || {
        is_there.get().then(|| {
            let to = |what: &str| format!("/kasus/{case}/{what}");
            view! {
                {nameless.get().then(|| view! { <LinkButton test="case-service-card" to=to("kartu") text=t(T::ServiceCardTitle) icon=Icon::Card weight=Weight::Wide /> })}
                <Share text=message />
                <LinkButton test="case-print" to=to("cetak") text=t(T::CasePrint) icon=Icon::Printer weight=Weight::Wide />
                <LinkButton test="case-history" to=to("riwayat") text=t(T::CaseHistory) icon=Icon::History weight=Weight::Wide />
            }
        })
    };
    view! { <Shell title=t(T::CasesTitle) back="/kasus"><div class="stack stack--far">{content} {stage} {register} <Team case=case view=view /> {history}</div></Shell> }
}

fn case_sections(view: CaseView, pack: &Arc<Pack>) -> AnyView {
    let case = view.card.case;
    let (now, total) = words::stage_place(pack, &view.card.stage);
    let stage = words::stage_name(pack, &view.card.stage);
    let manager = if view.card.manager.is_empty() {
        t(T::CaseManagerNone).to_owned()
    } else {
        tf(T::CaseManager, &[("name", &view.card.manager)])
    };
    let code =
        (view.card.code != view.card.field_code).then(|| tf(T::CaseFieldCode, &[("code", &view.card.field_code)]));
    view! {
        <div class="stack stack--far" data-testid="case">
            <header class="case-head">
                <div class="row">
                    <p class="case-head__code" data-testid="case-code">{view.card.code.clone()}</p>
                    <TagList tags=view.card.tags.clone() />
                </div>
                <StageLine total=total now=now name=stage />
                {closing::banner(&view.stage, pack)}
                {(view.stage.may_move || view.stage.may_close)
                    .then(|| view! { <Button test="stage-go" text=t(T::StageChange) icon=Icon::Tasks weight=Weight::Quiet on_press=|()| stage::go_to_stage() /> })}
                <div class="card__meta">
                    {code.map(|code| view! { <Fact icon=Icon::Clipboard text=code /> })}
                    <Fact icon=Icon::Person text=manager />
                    <Fact icon=Icon::Phone text=tf(T::CaseCreatedBy, &[("name", &view.created_by)]) />
                </div>
            </header>
            <Steps case=case steps=view.next_steps.clone() due=view.due.clone() pack=Arc::clone(pack) people=view.people.clone() />
            {consent::strip(&view.consents, &view.people, pack)}
            <People case=case people=view.people.clone() may_add=view.documents.iter().any(|part| part.writable) unverified=view.unverified />
            {view.asking.clone().map(|asking| view! { <AskMore case=case asking=asking pack=Arc::clone(pack) /> })}
            <Supplements added=view.supplements.clone() pack=Arc::clone(pack) />
            <Parts case=case view=view.clone() pack=Arc::clone(pack) />
        </div>
    }
    .into_any()
}

/// "Langkah berikut": one to three buttons, and what has a time to be done.
#[component]
fn Steps(
    case: CaseId,
    steps: Vec<NextStep>,
    due: Vec<Duty>,
    pack: Arc<Pack>,
    people: Vec<PersonView>,
) -> impl IntoView {
    let is_empty = steps.is_empty() && due.is_empty();
    let of_duty = |duty: Duty| task_row(due_task(DueView { case, code: String::new(), duty }, &pack));
    let due = (!due.is_empty()).then(
        || view! { <div class="rows" data-testid="case-due">{due.into_iter().map(of_duty).collect_view()}</div> },
    );
    let (engine, toasts) = (use_engine(), use_toasts());
    let take = move |()| take_over(engine, toasts, case);
    let first_person = people.iter().find(|person| person.lacks_identity()).map(|person| person.subject);
    let step_view = move |(index, step): (usize, NextStep)| {
        let weight = if index == 0 { Weight::Primary } else { Weight::Wide };
        let link = |test: &'static str, to: String, words: T, icon: Icon| {
            view! { <LinkButton test=test to=to text=t(words) icon=icon weight=weight /> }.into_any()
        };
        match step {
            NextStep::TakeOver => {
                view! { <Button test="step-take-over" text=t(T::StepTakeOver) icon=Icon::Hand weight=weight on_press=take /> }
                    .into_any()
            }
            NextStep::ContinueReport => {
                link("step-continue", super::report::first_page(case), T::StepContinue, Icon::Pencil)
            }
            NextStep::Triage => {
                link("step-triage", page_with(&pack, case, "triase"), T::StepTriage, Icon::Clipboard)
            }
            NextStep::Identity => {
                link("step-identity", identity_page(&pack, case, first_person), T::StepIdentity, Icon::Card)
            }
            NextStep::Register => {
                let text = t(T::RegisterGive);
                view! {
                    <Button test="step-register" text=text icon=Icon::Folder weight=weight on_press=|()| go_to_number() />
                }
                .into_any()
            }
            NextStep::Conflicts => link("step-conflicts", format!("/isian-berbeda?kasus={case}"), T::StepConflicts, Icon::Different),
        }
    };
    view! {
        <section class="section" data-testid="case-steps">
            <h2 class="section__title">{t(T::CaseNext)}</h2>
            {is_empty.then(|| view! { <p class="quiet">{t(T::CaseNextNone)}</p> })}
            {steps.into_iter().enumerate().map(step_view).collect_view()}
            {due}
        </section>
    }
}

/// Address of the page of a case form that asks a field.
pub(super) fn page_with(pack: &Pack, case: CaseId, key: &str) -> String {
    let found = pack.forms.iter().find_map(|form| {
        let asks = |item: &shared::pack::Item| match item {
            shared::pack::Item::Field(field) => field.key == key,
            shared::pack::Item::Rows(_) | shared::pack::Item::Note(_) => false,
        };
        let page = form.pages.iter().position(|page| page.items.iter().any(asks))?;
        Some(format!("/kasus/{case}/isi/{}/{page}", form.key))
    });
    found.unwrap_or_else(|| format!("/kasus/{case}"))
}

fn identity_page(pack: &Pack, case: CaseId, person: Option<SubjectId>) -> String {
    let form = pack.forms.iter().find(|form| is_named(pack, form));
    match (form, person) {
        (Some(form), Some(subject)) => format!("/kasus/{case}/orang/{subject}/isi/{}/0", form.key),
        _ => format!("/kasus/{case}"),
    }
}

/// Whether a form asks for names.
fn is_named(pack: &Pack, form: &Form) -> bool {
    form.fields()
        .any(|field| pack.kinds.get(&field.kind).is_some_and(|kind| kind.named && kind.subject == SubjectRule::Person))
}

/// What was added after the hand-over; nothing where nothing was.
#[component]
fn Supplements(added: Vec<SupplementView>, pack: Arc<Pack>) -> impl IntoView {
    let zone = pack.zone.offset_minutes;
    let card = move |one: SupplementView| {
        let when = format::moment(one.at_ms, now_ms(), zone);
        let held = one.held.map(|held| {
            let said = format::moment(held.said_ms, now_ms(), zone);
            let words = if held.as_note { T::CaseNoteHeld } else { T::HistoryHeld };
            tf(words, &[("name", &held.author), ("when", &said), ("by", &one.by)])
        });
        view! {
            <article class="card" data-testid="supplement">
                <p class="lead pre-line">{one.text}</p>
                {held.map(|words| view! { <p data-testid="supplement-held">{words}</p> })}
                <div class="card__meta">
                    <Fact icon=Icon::Person text=one.by />
                    <Fact icon=Icon::Clock text=when />
                </div>
            </article>
        }
    };
    (!added.is_empty()).then(|| {
        view! {
            <section class="section" data-testid="case-supplements">
                <h2 class="section__title">{t(T::CaseSupplements)}</h2>
                <div class="stack">{added.into_iter().map(card).collect_view()}</div>
            </section>
        }
    })
}

/// The forms of the case as cards with a state.
#[component]
fn Parts(case: CaseId, view: CaseView, pack: Arc<Pack>) -> impl IntoView {
    let mut cards: Vec<AnyView> = Vec::new();
    for form in &pack.forms {
        let kinds = form.written_kinds();
        let subjects: Vec<Option<SubjectId>> = if pack.is_personal(form) {
            view.people.iter().map(|person| Some(person.subject)).collect()
        } else {
            vec![None]
        };
        for subject in subjects {
            let parts: Vec<&PartView> = view
                .documents
                .iter()
                .filter(|part| kinds.contains(&part.kind) && (part.subject.is_none() || part.subject == subject))
                .filter(|part| subject.is_none() || part.subject.is_some() || form.rows_of.is_some())
                .collect();
            let person = subject.and_then(|subject| view.people.iter().find(|person| person.subject == subject));
            if !parts.is_empty() {
                let counted = view.forms.iter().find(|counted| counted.form == form.key && counted.subject == subject);
                let progress = counted.map_or((0, 0), |counted| (counted.answered, counted.asked));
                cards.push(part_card(case, form, person, &parts, progress, &pack));
            }
        }
    }
    let is_empty = cards.is_empty();
    let roles = words::only_for(&pack, REPORT, &[]).unwrap_or_default();
    view! {
        <section class="section" data-testid="case-parts">
            <h2 class="section__title">{t(T::CaseParts)}</h2>
            {is_empty.then(|| view! { <NotAllowed roles=roles /> })}
            <div class="grid-2">{cards}</div>
        </section>
    }
}

fn part_card(
    case: CaseId,
    form: &Form,
    person: Option<&PersonView>,
    parts: &[&PartView],
    progress: (u32, u32),
    pack: &Pack,
) -> AnyView {
    let (answered, total) = progress;
    let conflicts: u32 = parts.iter().map(|part| part.conflicts).sum();
    let writable = parts.iter().any(|part| part.writable);
    let newest = parts.iter().max_by_key(|part| part.changed_ms);
    let state = match (answered, total) {
        (_, 0) => t(T::CasePartNotNeeded).to_owned(),
        (0, _) => t(T::CasePartEmpty).to_owned(),
        (answered, total) if answered >= total => t(T::CasePartFull).to_owned(),
        (answered, total) => tf(T::CasePartSome, &[("n", &answered.to_string()), ("total", &total.to_string())]),
    };
    // A form of a document that others fill too: while nothing stands in it, nobody wrote it.
    let changed = newest.filter(|part| part.changed_ms > 0 && answered > 0).map(|part| {
        let when = format::ago(part.changed_ms, now_ms(), pack.zone.offset_minutes);
        tf(T::CaseChanged, &[("name", &part.changed_by), ("when", &when)])
    });
    let title = match person {
        Some(person) => format!("{} · {}", label(&form.label), person.code),
        None => label(&form.label),
    };
    let to = match person {
        Some(person) => format!("/kasus/{case}/orang/{}/isi/{}/0", person.subject, form.key),
        None => format!("/kasus/{case}/isi/{}/0", form.key),
    };
    let test = match person {
        Some(person) => format!("part-{}-{}", form.key, person.code),
        None => format!("part-{}", form.key),
    };
    view! {
        <A href=to attr:class="card card--link" attr:data-testid=test>
            <div class="card__head">
                <span class="card__title">{title}</span>
                <span class="tag tag--brand">{state}</span>
            </div>
            <crate::components::meter::Meter done=Signal::stored(answered) total=Signal::stored(total) />
            <div class="card__meta">
                {changed.map(|changed| view! { <Fact icon=Icon::Pencil text=changed /> })}
                {(!writable).then(|| view! { <Fact icon=Icon::Eye text=t(T::CasePartRead) /> })}
                {(conflicts > 0).then(|| view! { <Fact icon=Icon::Flag text=tn(T::HomeConflicts, conflicts) /> })}
            </div>
        </A>
    }
    .into_any()
}
