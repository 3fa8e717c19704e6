//! The registrar's desk: one column of queues with count and age of the oldest, and what came in since the last look.

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

use crate::api::{CameIn, DeskView, OldDraft, Queue, Request};
use crate::components::button::{Button, Weight};
use crate::components::icon::{Glyph, Icon};
use crate::components::queue_bar::queue_words;
use crate::components::state::Blank;
use crate::format;
use crate::i18n::{T, t, tf, tn};
use crate::state::clock::now_ms;
use crate::state::engine::use_engine;
use crate::state::queue::use_line;

/// What waits, by queue, with the age of the oldest, and what came in; nothing where there is neither.
pub(super) fn desk_sections(desk: DeskView, line_ended: bool, zone: i16) -> AnyView {
    let (line, navigate) = (use_line(), StoredValue::new_local(use_navigate()));
    let count = desk.count();
    let rows = desk.queues.iter().map(|queue| (queue.queue, queue.count, queue.oldest_ms)).collect::<Vec<_>>();
    let (came_in, total) = (desk.came_in.clone(), desk.came_in_total);
    let drafts = drafts_section(desk.drafts.clone(), desk.drafts_total, zone);
    let desk = StoredValue::new(desk);
    let begin = move |first: Option<Queue>| {
        if let Some(to) = desk.with_value(|desk| line.begin(desk, first)) {
            navigate.with_value(|navigate| navigate(&to, Default::default()));
        }
    };
    let row = move |(queue, count, oldest_ms): (Queue, u32, u64)| {
        let when = format::ago(oldest_ms, now_ms(), zone);
        let body = view! {
            <span class="rows__body">
                <span class="rows__title">{t(queue_words(queue))}</span>
                <small>{tf(T::QueueOldest, &[("when", &when)])}</small>
            </span>
            <span class=if queue == Queue::Danger { "tag tag--danger" } else { "tag" }>{count}</span>
            <Glyph icon=Icon::Right />
        };
        // What has a page of its own is opened there as a whole.
        let (test, to) = match queue {
            Queue::Conflicts => ("home-conflicts", Some("/isian-berbeda")),
            Queue::Held => ("home-to-decide", Some("/ditahan")),
            Queue::Danger => ("queue-danger", None),
            Queue::Late => ("queue-late", None),
            Queue::Reports => ("queue-reports", None),
            Queue::Unnumbered => ("queue-unnumbered", None),
            Queue::Incomplete => ("queue-incomplete", None),
        };
        match to {
            Some(to) => view! { <A href=to attr:class="rows__item rows__cell" attr:data-testid=test>{body}</A> }.into_any(),
            None => view! {
                <button type="button" class="rows__item rows__cell" data-testid=test on:click=move |_| begin(Some(queue))>{body}</button>
            }
            .into_any(),
        }
    };
    view! {
        <div class="stack stack--far">
            {(count > 0).then(|| view! {
                <Button test="home-next" text=t(T::HomeWorkInOrder) weight=Weight::Primary icon=Icon::Forward on_press=move |()| begin(None) />
            })}
            {(line_ended && count > 0).then(|| view! {
                <Blank test="home-line-end" icon=Icon::Ok title=t(T::QueueEnd) text=tn(T::QueueEndText, count) />
            })}
            {(count > 0).then(|| view! { <div class="rows" data-testid="queues">{rows.into_iter().map(row).collect_view()}</div> })}
            {drafts}
            {came_in_section(came_in, total, zone)}
        </div>
    }
    .into_any()
}

/// What came in since somebody last said that it was looked through, by code.
fn came_in_section(came_in: Vec<CameIn>, total: u32, zone: i16) -> Option<impl IntoView> {
    let engine = use_engine();
    let more = total.saturating_sub(u32::try_from(came_in.len()).unwrap_or(total));
    let row = move |one: CameIn| {
        view! {
            <A href=format!("/kasus/{}", one.case) attr:class="rows__item rows__cell" attr:data-testid="came-in">
                <span class="rows__body rows__title">{one.code}</span>
                <span class="rows__side">{format::moment(one.at_ms, now_ms(), zone)}</span>
                <Glyph icon=Icon::Right />
            </A>
        }
    };
    (total > 0).then(|| view! {
        <section class="section" data-testid="home-came-in">
            <h2 class="section__title">{tn(T::CameIn, total)}</h2>
            <div class="rows">{came_in.into_iter().map(row).collect_view()}</div>
            {(more > 0).then(|| view! { <p class="quiet">{tn(T::CameInMore, more)}</p> })}
            <Button test="came-in-seen" text=t(T::CameInSeen) icon=Icon::Check on_press=move |()| engine.tell(Request::DeskSeen) />
        </section>
    })
}

/// Drafts of others that were not handed over for days: their code and age, and no way in.
fn drafts_section(drafts: Vec<OldDraft>, total: u32, zone: i16) -> Option<impl IntoView> {
    let more = total.saturating_sub(u32::try_from(drafts.len()).unwrap_or(total));
    let row = move |one: OldDraft| {
        view! {
            <div class="rows__item rows__cell" data-testid="old-draft">
                <span class="rows__body rows__title">{one.field_code}</span>
                <span class="rows__side">{tf(T::OldDraftSince, &[("when", &format::ago(one.since_ms, now_ms(), zone))])}</span>
            </div>
        }
    };
    (total > 0).then(|| {
        view! {
            <section class="section" data-testid="home-old-drafts">
                <h2 class="section__title">{tn(T::OldDrafts, total)}</h2>
                <p class="quiet">{t(T::OldDraftsHelp)}</p>
                <div class="rows">{drafts.into_iter().map(row).collect_view()}</div>
                {(more > 0).then(|| view! { <p class="quiet">{tn(T::OldDraftsMore, more)}</p> })}
            </section>
        }
    })
}
