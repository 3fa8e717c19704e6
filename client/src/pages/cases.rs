//! "Kasus": every case on this tablet, to be found by code or place, what is due next first.

use std::sync::Arc;

use leptos::prelude::*;
use shared::pack::Pack;
use shared::value::Scalar;

use super::words;
use crate::api::{CaseFilter, CasesAsk, CasesView, Query};
use crate::components::button::{Button, Weight};
use crate::components::case_card::CaseCardLink;
use crate::components::icon::{Glyph, Icon};
use crate::components::shell::Shell;
use crate::components::state::{Blank, Skeleton, StillReading, draw};
use crate::forms::list::ListInput;
use crate::i18n::{T, label, t, tn};
use crate::state::engine::use_engine;
use crate::state::load::Load;
use crate::state::session::{use_pack, use_still_growing};

/// Cards drawn at first, two screens of a tablet: a list is drawn anew with every letter of a search and all through a first sync, and
/// more in one go stop an old tablet for a quarter of a second.
const CARDS_AT_FIRST: u32 = 20;
/// Cards that come with each "Lanjut".
const CARDS_MORE: u32 = 40;

const fn filter_words(filter: CaseFilter) -> T {
    match filter {
        CaseFilter::Emergency => T::TagEmergency,
        CaseFilter::Waiting => T::RegisterWaiting,
        CaseFilter::Child => T::TagChild,
        CaseFilter::Conflicts => T::ConflictsTitle,
        CaseFilter::Due => T::CasesDue,
    }
}

/// The page.
#[component]
pub(crate) fn CasesPage() -> impl IntoView {
    let pack = use_pack();
    let ask = RwSignal::new(CasesAsk { cards_max: CARDS_AT_FIRST, ..CasesAsk::default() });
    // Another question begins with the first cards.
    let change = move |change: &dyn Fn(&mut CasesAsk)| {
        ask.update(|ask| {
            change(ask);
            ask.cards_max = CARDS_AT_FIRST;
        });
    };
    let found = use_engine().watch_as::<CasesView>(Signal::derive(move || Query::Cases(ask.get())));
    let stages: Vec<(String, String)> =
        words::stages(&pack).map(|code| (code.code.clone(), label(&code.label))).collect();
    let stage = Signal::derive(move || match ask.with(|ask| ask.stage.clone()) {
        stage if stage.is_empty() => Scalar::Null,
        stage => Scalar::Str(stage),
    });
    let choose_stage = move |stage: Scalar| {
        change(&|ask| ask.stage = stage.as_str().unwrap_or_default().to_owned());
    };
    let chip = move |test: String, words: &'static str, is_on: Signal<bool>, press: Callback<()>| {
        let pressed = move || if is_on.get() { "true" } else { "false" };
        view! {
            <button type="button" class="chip" aria-pressed=pressed data-testid=test on:click=move |_| press.run(())>{words}</button>
        }
    };
    let only = CaseFilter::ALL.into_iter().enumerate().map(|(place, filter)| {
        let is_on = Signal::derive(move || ask.with(|ask| ask.only.contains(&filter)));
        let press = Callback::new(move |()| {
            change(&|ask| match ask.only.iter().position(|one| *one == filter) {
                Some(place) => drop(ask.only.remove(place)),
                None => ask.only.push(filter),
            });
        });
        chip(format!("cases-only-{place}"), t(filter_words(filter)), is_on, press)
    });
    let only = only.collect_view();
    let newest = chip(
        String::from("cases-newest"),
        t(T::CasesNewest),
        Signal::derive(move || ask.with(|ask| ask.newest_first)),
        Callback::new(move |()| change(&|ask| ask.newest_first = !ask.newest_first)),
    );
    view! {
        <Shell title=t(T::CasesTitle)>
            <div class="stack stack--wide">
                <div class="search">
                    <Glyph icon=Icon::Search />
                    <input
                        class="field__input" type="text" inputmode="search" enterkeyhint="search" autocomplete="off" spellcheck="false"
                        data-testid="cases-search" aria-label=t(T::CasesSearch) placeholder=t(T::CasesSearch)
                        prop:value=move || ask.with(|ask| ask.search.clone())
                        on:input=move |event| {
                            let words = event_target_value(&event);
                            change(&|ask| ask.search.clone_from(&words));
                        }
                    />
                </div>
                <div class="chips" role="group" aria-label=t(T::CasesFilters)>{only} {newest}</div>
                <div>
                    <label class="visually-hidden" for="cases-stage-input">{t(T::RegisterStage)}</label>
                    <ListInput test="cases-stage" answers=stages value=stage disabled=Signal::stored(false) none=T::RegisterStageAll on_leave=choose_stage />
                </div>
                <StillReading />
                <Found ask=ask found=found pack=pack />
            </div>
        </Shell>
    }
}

#[component]
fn Found(ask: RwSignal<CasesAsk>, found: RwSignal<Load<CasesView>>, pack: Arc<Pack>) -> impl IntoView {
    let still_growing = use_still_growing();
    let is_narrow = move || {
        ask.with_untracked(|ask| !ask.search.trim().is_empty() || !ask.stage.is_empty() || !ask.only.is_empty())
    };
    let widen = move |()| ask.set(CasesAsk { cards_max: CARDS_AT_FIRST, ..CasesAsk::default() });
    draw(found.read_only(), move |CasesView { cards, total }| {
        if total == 0 && !is_narrow() && still_growing() {
            return view! { <Skeleton /> }.into_any();
        }
        if total == 0 && !is_narrow() {
            return view! { <Blank test="cases-empty" icon=Icon::Folder title=t(T::StateEmptyCases) /> }.into_any();
        }
        if total == 0 {
            return view! {
                <Blank test="cases-empty" icon=Icon::Search title=t(T::StateEmptySearch)>
                    <Button test="cases-widen" text=t(T::RegisterWiden) on_press=widen />
                </Blank>
            }
            .into_any();
        }
        let is_more = u32::try_from(cards.len()).is_ok_and(|drawn| drawn < total);
        let cards =
            cards.into_iter().map(|card| view! { <CaseCardLink card=card pack=Arc::clone(&pack) /> }).collect_view();
        let more = move |()| ask.update(|ask| ask.cards_max = ask.cards_max.saturating_add(CARDS_MORE));
        view! {
            <p class="quiet" data-testid="cases-count" role="status">{tn(T::CasesCount, total)}</p>
            <div class="list" data-testid="cases-list">{cards}</div>
            {is_more.then(|| view! { <Button test="cases-more" text=t(T::CommonNext) weight=Weight::Wide on_press=more /> })}
        }
        .into_any()
    })
}
