//! "Tugas": what waits for this member, the most urgent first.

use leptos::prelude::*;
use leptos_router::components::A;
use shared::pack::{Pack, SubjectRule};

use super::assign::say_done;
use super::case::page_with;
use crate::api::{
    About, Act, CaseCard, DueView, HomeView, Query, ReceiptState, ReceiptView, Reply, Request, RequestView,
};
use crate::components::button::Button;
use crate::components::case_card::duty_words;
use crate::components::icon::{Glyph, Icon};
use crate::components::shell::Shell;
use crate::components::state::{Blank, draw};
use crate::format;
use crate::i18n::{T, label, t, tf, tn};
use crate::state::clock::now_ms;
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::session::use_pack;
use crate::state::toast::use_toasts;

/// One thing to do.
pub(super) struct Task {
    to: String,
    icon: Icon,
    title: String,
    code: String,
    age: String,
    urgent: bool,
    /// It is over, or somebody may be in danger.
    late: bool,
}

/// The page.
#[component]
pub(crate) fn TasksPage() -> impl IntoView {
    let pack = use_pack();
    let home = use_engine().watch(Query::Home);
    let content = draw(home, move |home: Box<HomeView>| {
        let mut home = home;
        let requests = core::mem::take(&mut home.requests);
        let tasks = tasks_of(*home, &pack);
        if tasks.is_empty() && requests.is_empty() {
            return view! { <Blank test="tasks-empty" icon=Icon::Ok title=t(T::StateEmptyTasks) /> }.into_any();
        }
        let zone = pack.zone.offset_minutes;
        let requests = requests.into_iter().map(|request| request_card(request, zone)).collect_view();
        let list = (!tasks.is_empty())
            .then(|| view! { <div class="rows" data-testid="tasks-list">{tasks.into_iter().map(task_row).collect_view()}</div> });
        view! { <div class="stack">{list} {requests}</div> }.into_any()
    });
    view! { <Shell title=t(T::TasksTitle)>{content}</Shell> }
}

fn tasks_of(home: HomeView, pack: &Pack) -> Vec<Task> {
    let age = |ms: u64| format::ago(ms, now_ms(), pack.zone.offset_minutes);
    // What has a day to be done is told by what is left of it, everything else by how long it waits.
    let due = |one: DueView| due_task(one, pack);
    let case = |card: CaseCard, words: T, icon: Icon, urgent: bool| {
        let due_ms = card.duties.iter().map(|duty| duty.due_ms).min();
        Task {
            to: format!("/kasus/{}", card.case),
            icon,
            title: t(words).to_owned(),
            age: due_ms.map_or_else(|| age(card.waiting_since_ms), |due_ms| format::due(due_ms, now_ms())),
            code: with_duties(&card, pack),
            urgent,
            late: due_ms.is_some_and(|due_ms| due_ms < now_ms()),
        }
    };
    let single = |to: &str, icon: Icon, title: String| Task {
        to: to.to_owned(),
        icon,
        title,
        code: String::new(),
        age: String::new(),
        urgent: false,
        late: false,
    };
    let mut tasks: Vec<Task> = home
        .emergencies
        .into_iter()
        .map(super::home::since_alarm)
        .map(|card| case(card, T::TasksEmergency, Icon::Siren, true))
        .collect();
    let (late, in_time): (Vec<_>, Vec<_>) = home.due.into_iter().partition(|due| due.duty.due_ms < now_ms());
    tasks.extend(late.into_iter().map(due));
    if home.conflicts > 0 {
        tasks.push(single("/isian-berbeda", Icon::Different, tn(T::HomeConflicts, home.conflicts)));
    }
    if home.to_decide > 0 {
        tasks.push(single("/ditahan", Icon::Held, tn(T::HeldToDecide, home.to_decide)));
    }
    tasks.extend(home.new_reports.into_iter().map(|card| case(card, T::TasksReport, Icon::Inbox, false)));
    tasks.extend(in_time.into_iter().map(due));
    if home.held > 0 {
        tasks.push(single("/kirim-terima", Icon::Held, t(T::TasksHeld).to_owned()));
    }
    tasks.extend(home.drafts.into_iter().map(|draft| Task {
        to: format!("/kasus/{}/lapor/{}", draft.case, draft.page),
        icon: Icon::Pencil,
        title: t(T::TasksDraft).to_owned(),
        age: age(draft.begun_ms),
        code: draft.field_code,
        urgent: draft.emergency,
        late: false,
    }));
    tasks.extend(supplements(&home.handed_over, pack));
    tasks
}

/// What has to be done with an own case, and in which part of it.
pub(super) fn due_task(due: DueView, pack: &Pack) -> Task {
    let duty = usize::try_from(due.duty.index).ok().and_then(|index| pack.duties.get(index));
    let kind = duty.and_then(|duty| pack.kinds.get(&duty.done.kind));
    let part = kind.map(|kind| label(&kind.label));
    // Where it is done; of a part that each person has, the case says whose.
    let page = duty.zip(kind).filter(|(_, kind)| kind.subject == SubjectRule::Case);
    Task {
        to: page.map_or_else(|| format!("/kasus/{}", due.case), |(duty, _)| page_with(pack, due.case, &duty.done.key)),
        icon: Icon::Clock,
        title: duty_words(pack, due.duty),
        age: format::due(due.duty.due_ms, now_ms()),
        code: [Some(due.code).filter(|code| !code.is_empty()), part]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
        urgent: false,
        late: due.duty.due_ms < now_ms(),
    }
}

/// Reports whose author is asked for more.
pub(super) fn supplements(handed_over: &[ReceiptView], pack: &Pack) -> Vec<Task> {
    let wanting = handed_over.iter().filter(|receipt| receipt.state == Some(ReceiptState::NeedsSupplement));
    let task = |receipt: &ReceiptView| Task {
        to: format!("/kasus/{}/tanda-terima", receipt.case),
        icon: Icon::Plus,
        title: t(T::TasksSupplement).to_owned(),
        age: format::ago(receipt.handed_over_ms, now_ms(), pack.zone.offset_minutes),
        code: receipt.field_code.clone(),
        urgent: false,
        late: false,
    };
    wanting.map(task).collect()
}

/// A case's code and what has to be done with it.
fn with_duties(card: &CaseCard, pack: &Pack) -> String {
    let duties = card.duties.iter().map(|duty| duty_words(pack, *duty));
    std::iter::once(card.code.clone()).chain(duties).collect::<Vec<_>>().join(" · ")
}

/// Something another member asks: where it is done, and a word that it is.
fn request_card(request: RequestView, zone: i16) -> impl IntoView {
    let (engine, toasts, case, row) = (use_engine(), use_toasts(), request.case, request.row);
    let words = match request.about {
        About::Choose => T::TasksChoose,
        About::Question => T::TasksQuestion,
        About::Extend => T::TasksExtend,
    };
    let to = match request.about {
        About::Choose | About::Question => format!("/isian-berbeda?kasus={case}"),
        About::Extend => format!("/kasus/{case}"),
    };
    let done = move |()| {
        engine.ask_then(Request::Act(Act::Answered { case, row }), move |outcome| match outcome {
            Ok(Reply::Wrote(places)) => say_done(engine, toasts, T::TasksDoneSaid, places),
            Ok(_) => {}
            Err(failure) => toasts.say(sentence_of(failure.code)),
        });
    };
    view! {
        <article class="card" data-testid="task-request">
            <A href=to attr:class="rows__item">
                <span class="card__title">{tf(words, &[("name", &request.by)])}</span>
                <span class="card__code">{request.code}</span>
            </A>
            <p class="quiet">{format::ago(request.at_ms, now_ms(), zone)}</p>
            <Button test="task-done" text=t(T::TasksDone) icon=Icon::Ok on_press=done />
        </article>
    }
}

pub(super) fn task_row(task: Task) -> impl IntoView {
    let badge = task.urgent.then(|| view! { <span class="tag tag--danger">{t(T::TagEmergency)}</span> });
    let side = if task.late { "rows__side tag tag--danger" } else { "rows__side" };
    view! {
        <A href=task.to attr:class="rows__item rows__cell" attr:data-testid="task">
            <Glyph icon=task.icon />
            <span class="rows__body">
                <span class="rows__title">{task.title}</span>
                <small>{task.code}</small>
            </span>
            {badge}
            <span class=side>{task.age}</span>
            <Glyph icon=Icon::Right />
        </A>
    }
}
