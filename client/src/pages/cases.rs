//! "Kasus": every case on this tablet, to be found by code or place.

use std::sync::Arc;

use leptos::prelude::*;

use crate::api::{CasesView, Query};
use crate::components::button::{Button, Weight};
use crate::components::case_card::CaseCardLink;
use crate::components::icon::{Glyph, Icon};
use crate::components::shell::Shell;
use crate::components::state::{Blank, Skeleton, StillReading, draw};
use crate::i18n::{T, t, tn};
use crate::state::engine::use_engine;
use crate::state::load::Load;
use crate::state::session::{use_pack, use_still_growing};

/// Cards drawn at once; more come with "Lanjut", so that three thousand cases do not stop an old tablet.
const CARDS_AT_ONCE: u32 = 40;

/// The page.
#[component]
pub(crate) fn CasesPage() -> impl IntoView {
    let search = RwSignal::new(String::new());
    view! {
        <Shell title=t(T::CasesTitle)>
            <div class="stack stack--wide">
                <div class="search">
                    <Glyph icon=Icon::Search />
                    <input
                        class="field__input" type="text" inputmode="search" enterkeyhint="search" autocomplete="off" spellcheck="false"
                        data-testid="cases-search" aria-label=t(T::CasesSearch) placeholder=t(T::CasesSearch) prop:value=search
                        on:input=move |event| search.set(event_target_value(&event))
                    />
                </div>
                <StillReading />
                // A new search is a new question to the engine; the old one ends with its component.
                {move || view! { <Found search=search.get() /> }}
            </div>
        </Shell>
    }
}

#[component]
fn Found(search: String) -> impl IntoView {
    let pack = use_pack();
    let is_search = !search.trim().is_empty();
    let shown = RwSignal::new(CARDS_AT_ONCE);
    let found = RwSignal::new(Load::Waiting);
    let (engine, still_growing) = (use_engine(), use_still_growing());
    // More cards are another question; what was found stands until they are here.
    Effect::new(move |_| {
        let answer = engine.watch(Query::Cases { search: search.clone(), cards_max: shown.get() });
        Effect::new(move |_| {
            let answer = answer.get();
            if !matches!(answer, Load::Waiting) {
                found.set(answer);
            }
        });
    });
    draw(found.read_only(), move |CasesView { cards, total }| {
        if total == 0 && !is_search && still_growing() {
            return view! { <Skeleton /> }.into_any();
        }
        if total == 0 {
            let title = if is_search { T::StateEmptySearch } else { T::StateEmptyCases };
            return view! { <Blank test="cases-empty" icon=Icon::Folder title=t(title) /> }.into_any();
        }
        let is_more = u32::try_from(cards.len()).is_ok_and(|drawn| drawn < total);
        let cards =
            cards.into_iter().map(|card| view! { <CaseCardLink card=card pack=Arc::clone(&pack) /> }).collect_view();
        view! {
            <p class="quiet" data-testid="cases-count">{tn(T::CasesCount, total)}</p>
            <div class="list" data-testid="cases-list">{cards}</div>
            {is_more.then(|| {
                view! {
                    <Button
                        test="cases-more" text=t(T::CommonNext) weight=Weight::Wide
                        on_press=move |()| shown.update(|shown| *shown = shown.saturating_add(CARDS_AT_ONCE))
                    />
                }
            })}
        }
        .into_any()
    })
}
