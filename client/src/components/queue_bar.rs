//! The bar over an item that was opened by "Kerjakan berurutan": done, later, or to somebody else; and on to the next.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate};
use shared::pack::Pack;

use super::button::{Button, Weight};
use super::icon::Icon;
use crate::api::{DeskView, HomeView, Query, Queue, StepKey};
use crate::i18n::{T, t, tf, tn};
use crate::pages::assign::Assign;
use crate::state::engine::use_engine;
use crate::state::queue::{Line, use_line};
use crate::state::session::use_pack;

/// What a queue is called.
pub(crate) const fn queue_words(queue: Queue) -> T {
    match queue {
        Queue::Danger => T::HomeEmergenciesWaiting,
        Queue::Late => T::QueueLate,
        Queue::Reports => T::HomeNewReports,
        Queue::Unnumbered => T::RegisterTabNoNumber,
        Queue::Conflicts => T::ConflictsTitle,
        Queue::Held => T::HeldTitle,
        Queue::Incomplete => T::RegisterTabIncomplete,
    }
}

/// Shows the bar on the page of the step that is being worked on, and nothing anywhere else.
#[component]
pub(crate) fn QueueBar() -> impl IntoView {
    let (line, pack) = (use_line(), use_pack());
    let pathname = use_location().pathname;
    let step = Memo::new(move |_| pathname.with(|pathname| line.step_on(pathname)));
    move || step.get().map(|step| view! { <Bar step=step line=line pack=Arc::clone(&pack) /> })
}

#[component]
fn Bar(step: StepKey, line: Line, pack: Arc<Pack>) -> impl IntoView {
    let home = use_engine().watch::<Box<HomeView>>(Query::Home);
    let navigate = StoredValue::new_local(use_navigate());
    let desk = Memo::new(move |_| home.with(|load| load.ready().and_then(|home| home.desk.clone())));
    // What was said of it when it was opened stays, also once it waits no longer.
    let code = Memo::new(move |known: Option<&String>| {
        let now = desk.with(|desk| {
            let found = desk.as_ref()?.steps().find(|(key, _)| *key == step)?;
            Some(found.1.code.clone())
        });
        now.or_else(|| known.cloned()).unwrap_or_default()
    });
    let go = move |on: fn(Line, &DeskView) -> Option<String>| {
        let to = desk.with_untracked(|desk| desk.as_ref().map(|desk| on(line, desk)));
        // Until the desk is there nobody can say what is next.
        if let Some(to) = to {
            navigate.with_value(|navigate| navigate(to.as_deref().unwrap_or("/"), Default::default()));
        }
    };
    let waits = Signal::derive(move || desk.with(Option::is_none));
    let stop = move |()| navigate.with_value(|navigate| navigate("/", Default::default()));
    let assigning = RwSignal::new(false);
    let case = Line::passable(step);
    // Nothing until the desk is there: a screen reader would read the same line twice, with a wrong count at first.
    let title = move || {
        let left = desk.with(|desk| desk.as_ref().map(|desk| line.left(desk)))?;
        let code = code.get();
        let words = t(queue_words(step.0));
        let name = if code.is_empty() { words.to_owned() } else { format!("{words} · {code}") };
        Some(tf(T::QueueAt, &[("name", &name), ("left", &tn(T::QueueLeft, left))]))
    };
    view! {
        <section class="card card--flat queue-bar" aria-label=t(T::HomeWorkInOrder) data-testid="queue-bar">
            <p class="card__title" role="status" data-testid="queue-at">{title}</p>
            <div class="row">
                <Button test="queue-done" text=t(T::QueueDone) icon=Icon::Check disabled=waits on_press=move |()| go(Line::finish) />
                <Button test="queue-later" text=t(T::QueueLater) icon=Icon::Clock disabled=waits on_press=move |()| go(Line::put_off) />
                {case.map(|_| view! {
                    <Button
                        test="queue-forward" text=t(T::QueueForward) icon=Icon::People
                        on_press=move |()| assigning.update(|assigning| *assigning = !*assigning)
                    />
                })}
                <Button test="queue-stop" text=t(T::QueueStop) weight=Weight::Quiet on_press=stop />
            </div>
            {move || case.filter(|_| assigning.get()).map(|case| view! {
                <Assign
                    cases=Signal::stored(vec![case]) pack=Arc::clone(&pack) on_end=move |()| assigning.set(false)
                    on_assigned=move |()| go(Line::finish)
                />
            })}
        </section>
    }
}
