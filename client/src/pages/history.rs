//! "Riwayat": what, old → new, who, which tablet, said and received time.

use std::sync::Arc;

use leptos::prelude::*;
use shared::id::CaseId;
use shared::order::Arrange as _;
use shared::pack::Pack;
use shared::value::Scalar;

use super::case::case_page;
use super::words::{place_name, value_words};
use crate::api::{HistoryView, MemberView, Query};
use crate::components::button::{Button, Weight};
use crate::components::covered::covered;
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::shell::Shell;
use crate::components::state::{Blank, draw};
use crate::format;
use crate::forms::list::ListInput;
use crate::i18n::{T, t, tf};
use crate::state::clock::now_ms;
use crate::state::cover::Cover;
use crate::state::engine::use_engine;
use crate::state::session::{use_members, use_pack};

/// Lines drawn at once.
const LINES_AT_ONCE: usize = 60;

/// The page.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    case_page(T::HistoryTitle, "/kasus", |case| view! { <History case=case /> }.into_any())
}

#[component]
fn History(case: CaseId) -> impl IntoView {
    let (pack, members) = (use_pack(), use_members());
    let lines = use_engine().watch(Query::History { case, place: None });
    let filter = RwSignal::new(Scalar::Null);
    let shown = RwSignal::new(LINES_AT_ONCE);
    let content = draw(lines, move |lines: Vec<HistoryView>| {
        if lines.is_empty() {
            return view! { <Blank test="history-empty" icon=Icon::History title=t(T::StateEmptyHistory) /> }
                .into_any();
        }
        let named: Vec<(String, HistoryView)> =
            lines.into_iter().map(|line| (place_name(&pack, &line.place), line)).collect();
        let mut names: Vec<String> = named.iter().map(|(name, _)| name.clone()).collect();
        names.arrange();
        names.dedup();
        let names = names.into_iter().map(|name| (name.clone(), name)).collect();
        let named = StoredValue::new(named);
        let pack = Arc::clone(&pack);
        let list = move || {
            let members = members.get();
            let wanted = filter.get();
            named.with_value(|named| {
                named
                    .iter()
                    .filter(|(name, _)| wanted.as_str().is_none_or(|wanted| wanted == name))
                    .take(shown.get())
                    .map(|(name, line)| history_line(name, line, &pack, &members))
                    .collect_view()
            })
        };
        let total = named.with_value(Vec::len);
        view! {
            <div class="stack stack--wide">
                <div class="field">
                    <label class="field__label" for="history-filter-input">{t(T::HistoryFilter)}</label>
                    <ListInput test="history-filter" answers=names value=filter disabled=Signal::stored(false) on_leave=move |value| filter.set(value) />
                </div>
                <div class="rows" data-testid="history-list">{list}</div>
                <Show when=move || { shown.get() < total }>
                    <Button
                        test="history-more" text=t(T::CommonNext) weight=Weight::Wide
                        on_press=move |()| shown.update(|shown| *shown = shown.saturating_add(LINES_AT_ONCE))
                    />
                </Show>
            </div>
        }
        .into_any()
    });
    view! { <Shell title=t(T::HistoryTitle) back=format!("/kasus/{case}")>{content}</Shell> }
}

fn history_line(name: &str, line: &HistoryView, pack: &Pack, members: &[MemberView]) -> impl IntoView + use<> {
    let zone = pack.zone.offset_minutes;
    let is_choice = line.is_choice();
    // Nothing is said of what was empty, unless it was one of several to choose from.
    let said = |old: &&Scalar| is_choice || (!old.is_null() && old.as_str() != Some(""));
    let old = line.old.iter().filter(said);
    // Whether it was left aside, which of two equal values was not.
    let old: Vec<(String, bool)> =
        old.map(|old| (value_words(pack, members, &line.place, old), is_choice && *old != line.new)).collect();
    let new = value_words(pack, members, &line.place, &line.new);
    let cover = line.covered.then(|| Cover::over(line.place.clone()));
    let values = move || {
        let was = old.iter().cloned().map(|(words, unused)| {
            view! {
                <span class="change__old">{words}</span>
                {unused.then(|| view! { <small data-testid="history-unused">{t(T::HistoryUnused)}</small> })}
            }
        });
        view! {
            {was.collect_view()}
            {(!old.is_empty()).then(|| view! { <Glyph icon=Icon::Forward size=IconSize::Small /> })}
            <span class="change__new">{new.clone()}</span>
        }
        .into_any()
    };
    let tablet = if line.tablet.is_empty() {
        t(T::ConflictThisTablet).to_owned()
    } else {
        tf(T::ConflictTablet, &[("name", &line.tablet)])
    };
    let by = tf(T::HistoryBy, &[("name", &line.author), ("tablet", &tablet)]);
    let said = tf(T::ConflictSaid, &[("when", &format::moment(line.said_ms, now_ms(), zone))]);
    let received = line.received_ms.map_or_else(
        || t(T::ConflictNotReceived).to_owned(),
        |at| tf(T::ConflictReceived, &[("when", &format::moment(at, now_ms(), zone))]),
    );
    let held = line.held.as_ref().map(|held| {
        let when = format::moment(held.said_ms, now_ms(), zone);
        tf(if held.as_note { T::HistoryNoted } else { T::HistoryHeld }, &[("name", &held.author), ("when", &when)])
    });
    let chosen = is_choice.then(|| {
        view! {
            <span class="tag tag--warn">
                <Glyph icon=Icon::Different size=IconSize::Small />
                {t(T::HistoryChosen)}
            </span>
        }
    });
    view! {
        <article class="change" data-testid="history-line">
            <p class="change__what">{name.to_owned()}</p>
            <p class="change__values">
                {covered(cover, "history-cover", name, values)}
                {chosen}
            </p>
            <p class="change__by">{by}</p>
            {held.map(|words| view! { <p class="change__by" data-testid="history-held">{words}</p> })}
            <p class="change__by">{format!("{said} · {received}")}</p>
        </article>
    }
}
