//! "Kasus": every case on this tablet, to be found by code or place.

use std::sync::Arc;

use leptos::prelude::*;

use crate::api::{CaseCard, Query, View};
use crate::components::case_card::CaseCardLink;
use crate::components::icon::{Glyph, Icon};
use crate::components::shell::Shell;
use crate::components::state::{Blank, draw};
use crate::i18n::{T, t, tn};
use crate::state::engine::use_engine;
use crate::state::session::use_pack;

/// Cards drawn at once; more come with "Lanjut", so that three thousand cases do not stop an old tablet.
const CARDS_AT_ONCE: usize = 40;

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
    let cases = use_engine().watch(Query::Cases { search }, |view| match view {
        View::Cases(cases) => Some(cases),
        View::Home(_)
        | View::Case(_)
        | View::Document(_)
        | View::Conflicts(_)
        | View::History(_)
        | View::Held(_)
        | View::Sync(_) => None,
    });
    let shown = RwSignal::new(CARDS_AT_ONCE);
    draw(cases, move |cases: Vec<CaseCard>| {
        if cases.is_empty() {
            let title = if is_search { T::StateEmptySearch } else { T::StateEmptyCases };
            return view! { <Blank test="cases-empty" icon=Icon::Folder title=t(title) /> }.into_any();
        }
        let total = cases.len();
        let pack = Arc::clone(&pack);
        let cases = StoredValue::new(cases);
        let list = move || {
            cases.with_value(|cases| {
                cases
                    .iter()
                    .take(shown.get())
                    .map(|card| view! { <CaseCardLink card=card.clone() pack=Arc::clone(&pack) /> })
                    .collect_view()
            })
        };
        view! {
            <p class="quiet" data-testid="cases-count">{tn(T::CasesCount, total)}</p>
            <div class="list" data-testid="cases-list">{list}</div>
            <Show when=move || { shown.get() < total }>
                <crate::components::button::Button
                    test="cases-more" text=t(T::CommonNext) weight=crate::components::button::Weight::Wide
                    on_press=move |()| shown.update(|shown| *shown = shown.saturating_add(CARDS_AT_ONCE))
                />
            </Show>
        }
        .into_any()
    })
}
