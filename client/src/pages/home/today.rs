//! "Hari ini", "Tugas saya": the first of what is to be done, by how near it is.

use leptos::prelude::*;
use leptos_router::components::A;
use shared::pack::Pack;

use crate::api::{DueView, HomeView, StageCount};
use crate::components::button::{LinkButton, Weight};
use crate::components::icon::{Glyph, Icon};
use crate::format;
use crate::i18n::{T, t, tn};
use crate::pages::tasks::{Task, due_task, supplements, task_row};
use crate::pages::words;
use crate::state::clock::now_ms;

/// So many tasks stand on the home; the others are in "Tugas".
const TASKS_AT_HOME: usize = 7;

/// Under which heading a task stands.
type Near = (T, Task);

/// What is late, of today and of the next seven days, in this order. Whoever is asked for more is asked now.
fn near_tasks(home: &HomeView, pack: &Pack) -> Vec<Near> {
    let zone = pack.zone.offset_minutes;
    let near = |due: &DueView| {
        let heading = format::nearness(due.duty.due_ms, now_ms(), zone)?;
        Some((heading, due_task(due.clone(), pack)))
    };
    // The engine has put them in the order of their days.
    let mut tasks: Vec<Near> = home.due.iter().filter_map(near).collect();
    let this_week = tasks.iter().position(|(heading, _)| *heading == T::HomeWeek).unwrap_or(tasks.len());
    let asked = supplements(&home.handed_over, pack).into_iter().map(|task| (T::HomeToday, task));
    tasks.splice(this_week..this_week, asked);
    tasks
}

/// The section. `urgent` is what stands above all tasks; without it and without tasks there is no section.
pub(super) fn today(title: T, urgent: Option<AnyView>, home: &HomeView, pack: &Pack) -> Option<AnyView> {
    let tasks = near_tasks(home, pack);
    if urgent.is_none() && tasks.is_empty() {
        return None;
    }
    let is_more = tasks.len() > TASKS_AT_HOME;
    let mut heading = None;
    let rows = tasks.into_iter().take(TASKS_AT_HOME).map(|(near, task)| {
        let begins = heading.replace(near) != Some(near);
        view! {
            {begins.then(|| view! { <h3 class="rows__item section__title" data-testid="home-near">{t(near)}</h3> })}
            {task_row(task)}
        }
    });
    let rows = rows.collect_view();
    let rows = (!rows.is_empty()).then(|| view! { <div class="rows">{rows}</div> });
    let section = view! {
        <section class="section" data-testid="home-today">
            <h2 class="section__title">{t(title)}</h2>
            {urgent}
            {rows}
            {is_more.then(|| view! { <LinkButton test="home-all-tasks" to="/tugas" text=t(T::HomeAllTasks) weight=Weight::Wide icon=Icon::Tasks /> })}
        </section>
    };
    Some(section.into_any())
}

/// "Kasus saya" when they are too many: how many are at each stage, and the way to those.
pub(super) fn by_stage(stages: Vec<StageCount>, pack: &Pack) -> Option<impl IntoView + use<>> {
    let row = |one: StageCount| {
        let (test, name) = (format!("home-stage-{}", one.stage), words::stage_name(pack, &one.stage));
        view! {
            <A
                href=format!("/kasus?tahap={}", one.stage) attr:class="rows__item rows__cell" attr:data-testid=test
            >
                <span class="rows__body"><span class="rows__title">{name}</span></span>
                <span class="rows__side">{tn(T::CasesCount, one.count)}</span>
                <Glyph icon=Icon::Right />
            </A>
        }
    };
    (!stages.is_empty()).then(|| {
        view! {
            <section class="section" data-testid="home-stages">
                <h2 class="section__title">{t(T::HomeMyCases)}</h2>
                <p class="quiet">{t(T::HomeManyCases)}</p>
                <div class="rows">{stages.into_iter().map(row).collect_view()}</div>
            </section>
        }
    })
}
