//! "Hari ini", "Tugas saya": the first of what is to be done, by how near it is.

use std::sync::Arc;

use leptos::prelude::*;
use shared::pack::Pack;

use crate::api::{DueView, HomeView, StageCases};
use crate::components::button::{LinkButton, Weight};
use crate::components::case_card::CaseCardLink;
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

/// "Kasus saya" when they are too many: under their stages, of which one is open.
pub(super) fn by_stage(
    stages: Vec<StageCases>,
    opened: RwSignal<String>,
    pack: &Arc<Pack>,
) -> Option<impl IntoView + use<>> {
    let group = |one: StageCases| {
        let (pack, stage, compared) = (Arc::clone(pack), one.stage.clone(), one.stage.clone());
        let (test, name) = (format!("home-stage-{stage}"), words::stage_name(&pack, &stage));
        let count = tn(T::CasesCount, one.cases.len());
        let is_open = Memo::new(move |_| opened.with(|opened| *opened == compared));
        let turn = move |_| opened.set(if is_open.get_untracked() { String::new() } else { stage.clone() });
        let cards = move || {
            let card = |card| view! { <CaseCardLink card=card pack=Arc::clone(&pack) /> };
            is_open
                .get()
                .then(|| view! { <div class="list">{one.cases.iter().cloned().map(card).collect_view()}</div> })
        };
        view! {
            <div class="rows">
                <button
                    type="button" class="rows__item rows__cell" data-testid=test on:click=turn
                    aria-expanded=move || if is_open.get() { "true" } else { "false" }
                >
                    <span class="rows__body"><span class="rows__title">{name}</span></span>
                    <span class="rows__side">{count}</span>
                    {move || view! { <Glyph icon=if is_open.get() { Icon::Minus } else { Icon::Plus } /> }}
                </button>
            </div>
            {cards}
        }
    };
    (!stages.is_empty()).then(|| {
        view! {
            <section class="section" data-testid="home-stages">
                <h2 class="section__title">{t(T::HomeMyCases)}</h2>
                <p class="quiet">{t(T::HomeManyCases)}</p>
                <div class="list">{stages.into_iter().map(group).collect_view()}</div>
            </section>
        }
    })
}
