//! "Register kasus": the one list of all cases, on a desk or a tablet.
//!
//! Of thousands of rows the engine gives the piece that is looked at; empty room above and below stands for the others, so
//! that the list scrolls as if all were there.

pub(crate) mod number;
mod row;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use leptos::ev::{self, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use shared::id::CaseId;
use shared::pack::Pack;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::assign::Assign;
use super::export::Export;
use super::tables::may_count;
use super::words;
use crate::api::{ExportAsk, Failure, Query, RegistryAsk, RegistryOrder, RegistryRow, RegistryTab, RegistryView, wire};
use crate::components::button::{Button, Weight};
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::shell::Shell;
use crate::components::state::{Blank, Problem, Skeleton, StillReading};
use crate::forms::list::ListInput;
use crate::i18n::{T, label, t, tn};
use crate::state::engine::use_engine;
use crate::state::load::Load;
use crate::state::session::{use_member, use_pack, use_still_growing};
pub(crate) use row::essential_words;
use row::{Marks, RegisterRow};

/// Rows asked for at once: what a tall desk shows, and as many again above and below.
const ROWS_AT_ONCE: u32 = 60;
/// The piece begins at a multiple of this, so that scrolling asks now and then and not all the time.
const STEP: u32 = 15;
/// Height of a row in tenths of a root em, as `register.css` has it. Whole numbers here: to read and write others weighs 25 KB.
const ROW_EM_TENTHS: u32 = 45;

fn tab_words(pack: &Pack, tab: RegistryTab) -> String {
    let words = match tab {
        RegistryTab::All => T::RegisterTabAll,
        RegistryTab::NoNumber => T::RegisterTabNoNumber,
        RegistryTab::NoTriage => T::RegisterTabNoTriage,
        RegistryTab::NoManager => T::RegisterTabNoManager,
        RegistryTab::Idle => T::RegisterTabIdle,
        RegistryTab::Child => T::RegisterTabChild,
        RegistryTab::Own(place) => {
            let view = usize::try_from(place).ok().and_then(|place| pack.views.get(place));
            return view.map(|view| label(&view.label)).unwrap_or_default();
        }
        RegistryTab::Closing => T::RegisterTabClosing,
        RegistryTab::Incomplete => T::RegisterTabIncomplete,
    };
    t(words).to_owned()
}

/// What is asked of the register: the pieces of a [`RegistryAsk`], each changed on its own.
#[derive(Clone, Copy)]
struct Filter {
    tab: RwSignal<RegistryTab>,
    search: RwSignal<String>,
    stage: RwSignal<String>,
    order: RwSignal<(RegistryOrder, bool)>,
    first: RwSignal<u32>,
}

impl Filter {
    fn new() -> Self {
        Self {
            tab: RwSignal::default(),
            search: RwSignal::default(),
            stage: RwSignal::default(),
            order: RwSignal::default(),
            first: RwSignal::default(),
        }
    }

    fn ask(self) -> RegistryAsk {
        let (order, ascending) = self.order.get();
        RegistryAsk {
            tab: self.tab.get(),
            search: self.search.get(),
            stage: self.stage.get(),
            order,
            ascending,
            first: self.first.get(),
            rows_max: ROWS_AT_ONCE,
        }
    }

    fn is_narrow(self) -> bool {
        self.search.with(|search| !search.trim().is_empty()) || self.stage.with(|stage| !stage.is_empty())
    }

    fn widen(self) {
        self.search.set(String::new());
        self.stage.set(String::new());
    }
}

/// The page.
#[component]
pub(crate) fn RegisterPage() -> impl IntoView {
    let pack = use_pack();
    let filter = Filter::new();
    let found = watch(filter);
    let selected = RwSignal::new(BTreeSet::new());
    let assigning = RwSignal::new(false);
    keep_listed(filter, found, selected, assigning);
    let search = NodeRef::<html::Input>::new();
    slash_leads_to(search);
    let assign_pack = Arc::clone(&pack);
    let assign = move || {
        (assigning.get() && selected.with(|selected: &BTreeSet<CaseId>| !selected.is_empty())).then(|| {
            let cases = Signal::derive(move || selected.with(|selected| selected.iter().copied().collect::<Vec<_>>()));
            let end = move |()| {
                assigning.set(false);
                selected.set(BTreeSet::new());
            };
            view! { <Assign cases=cases pack=Arc::clone(&assign_pack) on_end=end /> }
        })
    };
    let what = Signal::derive(move || ExportAsk::Register(filter.ask()));
    let to_file = may_count(&pack, &use_member()).then(|| view! { <Export test="export-register" what=what /> });
    view! {
        <Shell title=t(T::RegisterTitle) back="/" wide=true>
            <div class="stack register">
                <Tabs filter=filter found=found pack=Arc::clone(&pack) />
                <div class="register__filter">
                    <div class="search">
                        <Glyph icon=Icon::Search />
                        <input
                            node_ref=search class="field__input" type="text" inputmode="search" enterkeyhint="search" autocomplete="off"
                            spellcheck="false" data-testid="register-search" aria-label=t(T::RegisterSearch)
                            placeholder=t(T::RegisterSearch) prop:value=filter.search
                            on:input=move |event| filter.search.set(event_target_value(&event))
                        />
                    </div>
                    <Stages filter=filter pack=Arc::clone(&pack) />
                </div>
                <StillReading />
                <Chosen found=found selected=selected assigning=assigning />
                {assign}
                <Rows filter=filter found=found selected=selected pack=pack />
                {to_file}
            </div>
        </Shell>
    }
}

/// Keeps the piece up to date; another piece is another question, and what was found stands until it is answered.
fn watch(filter: Filter) -> RwSignal<Load<RegistryView>> {
    // Another view of the register begins at its top.
    Effect::new(move |before: Option<()>| {
        filter.tab.track();
        filter.search.track();
        filter.stage.track();
        filter.order.track();
        if before.is_some() {
            filter.first.set(0);
        }
    });
    use_engine().watch_as(Signal::derive(move || Query::Registry(filter.ask())))
}

/// Nothing is done to a case that is not in the list: another list begins with none chosen, and whatever leaves the list is no
/// longer chosen.
fn keep_listed(
    filter: Filter,
    found: RwSignal<Load<RegistryView>>,
    selected: RwSignal<BTreeSet<CaseId>>,
    assigning: RwSignal<bool>,
) {
    Effect::new(move |before: Option<RegistryAsk>| {
        let ask = filter.ask();
        if before.is_some_and(|before| !before.lists_the_same(&ask)) {
            selected.set(BTreeSet::new());
            assigning.set(false);
        }
        ask
    });
    Effect::new(move |_| {
        found.with(|found| {
            if let Some(view) = found.ready() {
                selected.update(|selected| *selected = view.listed(selected));
            }
        });
    });
}

/// The key of a desk: "/" goes to the search, wherever one is on the page that does not take text itself.
fn slash_leads_to(search: NodeRef<html::Input>) {
    let keys = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let on = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let types = on.is_some_and(|on| on.matches("select, textarea, input:not([type=checkbox])").unwrap_or(false));
        if event.key() == "/" && !types {
            event.prevent_default();
            let _ = search.get_untracked().map(|input| input.focus());
        }
    });
    on_cleanup(move || keys.remove());
}

/// The saved views, each with how many cases it holds.
#[component]
fn Tabs(filter: Filter, found: RwSignal<Load<RegistryView>>, pack: Arc<Pack>) -> impl IntoView {
    let counts =
        Memo::new(move |_| found.with(|found| found.ready().map(|view| view.counts.clone()).unwrap_or_default()));
    let tabs = RegistryTab::all(&pack).into_iter().enumerate().map(|(place, tab)| {
        let pressed = move || if filter.tab.get() == tab { "true" } else { "false" };
        let count = move || counts.with(|counts| counts.get(place).copied()).map(|count| view! { <span class="register__count">{count}</span> });
        view! {
            <button type="button" class="chip" aria-pressed=pressed data-testid=format!("register-tab-{place}") on:click=move |_| filter.tab.set(tab)>
                {tab_words(&pack, tab)}
                {count}
            </button>
        }
    });
    view! { <div class="chips" role="group" aria-label=t(T::RegisterTitle)>{tabs.collect_view()}</div> }
}

/// Only one stage.
#[component]
fn Stages(filter: Filter, pack: Arc<Pack>) -> impl IntoView {
    let stages: Vec<(String, String)> =
        words::stages(&pack).map(|code| (code.code.clone(), label(&code.label))).collect();
    let value = Signal::derive(move || match filter.stage.get() {
        stage if stage.is_empty() => shared::value::Scalar::Null,
        stage => shared::value::Scalar::Str(stage),
    });
    let choose = move |chosen: shared::value::Scalar| filter.stage.set(chosen.as_str().unwrap_or_default().to_owned());
    view! {
        <div class="register__stage">
            <label class="visually-hidden" for="register-stage-input">{t(T::RegisterStage)}</label>
            <ListInput test="register-stage" answers=stages value=value disabled=Signal::stored(false) none=T::RegisterStageAll on_leave=choose />
        </div>
    }
}

/// How many there are, how many are chosen, and what to do with these.
#[component]
fn Chosen(
    found: RwSignal<Load<RegistryView>>,
    selected: RwSignal<BTreeSet<CaseId>>,
    assigning: RwSignal<bool>,
) -> impl IntoView {
    let totals = Memo::new(move |_| {
        found
            .with(|found| found.ready().map_or((0, 0, false), |view| (view.total, view.people, !view.cases.is_empty())))
    });
    let all = move |()| {
        let cases = found.with_untracked(|found| found.ready().map(|view| view.cases.clone()).unwrap_or_default());
        selected.update(|selected| selected.extend(cases));
    };
    let count = Memo::new(move |_| selected.with(BTreeSet::len));
    view! {
        <div class="register__chosen">
            <p class="quiet" data-testid="register-count" role="status">
                {move || totals.with(|(total, people, _)| format!("{} · {}", tn(T::CasesCount, total), tn(T::RegisterPeople, people)))}
            </p>
            <div class="row">
                <Show when=move || totals.with(|(_, _, few)| *few)>
                    <Button test="register-select-all" text=tn(T::RegisterSelectAll, totals.with(|(total, ..)| *total)) weight=Weight::Quiet on_press=all />
                </Show>
                <Show when=move || !selected.with(BTreeSet::is_empty)>
                    <Button test="register-select-none" text=t(T::RegisterSelectNone) weight=Weight::Quiet on_press=move |()| selected.set(BTreeSet::new()) />
                    <Button
                        test="register-assign" text=Signal::derive(move || tn(T::RegisterAssign, count.get())) icon=Icon::People
                        on_press=move |()| assigning.set(true)
                    />
                </Show>
            </div>
        </div>
    }
}

/// Hundredths of a pixel of a row.
fn row_px_hundredths() -> u32 {
    let root = document().document_element();
    let size = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    let size = size.and_then(|style| style.get_property_value("font-size").ok());
    let em = size.and_then(|size| hundredths(size.trim_end_matches("px"))).filter(|em| *em > 0).unwrap_or(1_600);
    (em.saturating_mul(ROW_EM_TENTHS) / 10).max(1)
}

/// Reads `16` or `17.6` in hundredths; what is finer is left out.
fn hundredths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: String = part.chars().chain("00".chars()).take(2).collect();
    whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)
}

/// The first row of the piece to ask for, when so many pixels are above what is seen.
fn first_for(above_px: i32) -> u32 {
    let rows = u32::try_from(above_px).unwrap_or(0).saturating_mul(100) / row_px_hundredths();
    (rows / STEP * STEP).saturating_sub(STEP)
}

/// The table.
#[component]
fn Rows(
    filter: Filter,
    found: RwSignal<Load<RegistryView>>,
    selected: RwSignal<BTreeSet<CaseId>>,
    pack: Arc<Pack>,
) -> impl IntoView {
    let still_growing = use_still_growing();
    let region = NodeRef::<html::Div>::new();
    // Another view of the register begins at its top.
    Effect::new(move |_| {
        if filter.first.get() == 0
            && let Some(region) = region.get_untracked()
            && region.scroll_top() > 0
            && found.with_untracked(|found| found.ready().is_some_and(|view| view.first > 0))
        {
            region.set_scroll_top(0);
        }
    });
    let scrolled = move |_| {
        if let Some(region) = region.get_untracked() {
            let first = first_for(region.scroll_top());
            if filter.first.get_untracked() != first {
                filter.first.set(first);
            }
        }
    };
    // When each case was last changed as this page first saw it: what changes meanwhile is tinted.
    let seen = StoredValue::new(BTreeMap::<CaseId, u64>::new());
    let size = Memo::new(move |_| {
        let size = |view: &RegistryView| (view.first, u32::try_from(view.rows.len()).unwrap_or(0), view.total);
        found.with(|found| found.ready().map_or((0, 0, 0), size))
    });
    let rows = move || {
        let rows = found.with(|found| found.ready().map(|view| view.rows.clone()).unwrap_or_default());
        rows.into_iter().zip(size.get().0..).collect::<Vec<_>>()
    };
    let room = |rows: u32| {
        (rows > 0).then(|| {
            let tenths = rows.saturating_mul(ROW_EM_TENTHS);
            let height = format!("{}.{}rem", tenths / 10, tenths % 10);
            view! { <tr aria-hidden="true"><td class="register__room" colspan="7" style:block-size=height></td></tr> }
        })
    };
    let above = move || room(size.get().0);
    let below = move || size.with(|(first, shown, total)| room(total.saturating_sub(*first).saturating_sub(*shown)));
    let row = move |(row, place): (RegistryRow, u32)| {
        let case = row.card.case;
        let before = seen.try_update_value(|seen| *seen.entry(case).or_insert(row.card.changed_ms));
        let marks =
            Marks { place: place.saturating_add(2), is_new: before.is_some_and(|before| before < row.card.changed_ms) };
        view! { <RegisterRow row=row marks=marks selected=selected pack=Arc::clone(&pack) /> }
    };
    // The region stands while rows come and go, so that it stays scrolled where it is; a row stands while it says the same,
    // so that the keyboard stays on it.
    let table = move || {
        view! {
            <div class="register__region" node_ref=region role="region" tabindex="0" aria-label=t(T::RegisterTitle) on:scroll=scrolled>
                <table class="register__table" data-testid="register-rows" aria-rowcount=move || size.get().2.saturating_add(1)>
                    <Head filter=filter />
                    <tbody on:keydown=walk_rows>
                        {above}
                        <For each=rows key=|row| wire::to_bytes(row) children=row.clone() />
                        {below}
                    </tbody>
                </table>
            </div>
        }
        .into_any()
    };
    let what = Memo::new(move |_| match &*found.read() {
        Load::Waiting => What::Waiting,
        Load::Failed(failure) => What::Failed(failure.clone()),
        Load::Ready(view) if view.total > 0 => What::Rows,
        Load::Ready(_) if filter.is_narrow() => What::NotFound,
        Load::Ready(_) if still_growing() => What::Waiting,
        Load::Ready(_) => What::Nothing,
    });
    move || match what.get() {
        What::Waiting => view! { <Skeleton /> }.into_any(),
        What::Failed(failure) => view! { <Problem failure=failure /> }.into_any(),
        What::Rows => table(),
        What::Nothing => view! { <Blank test="register-empty" icon=Icon::Ok title=t(T::StateEmptyCases) /> }.into_any(),
        What::NotFound => view! {
            <Blank test="register-empty" icon=Icon::Search title=t(T::StateEmptySearch)>
                <Button test="register-widen" text=t(T::RegisterWiden) on_press=move |()| filter.widen() />
            </Blank>
        }
        .into_any(),
    }
}

/// What stands where the table is.
#[derive(Clone, PartialEq)]
enum What {
    Waiting,
    Failed(Failure),
    Rows,
    Nothing,
    NotFound,
}

/// Arrows go from row to row; Enter opens the link one is on, space chooses the row.
fn walk_rows(event: KeyboardEvent) {
    let Some(on) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
    let Ok(Some(row)) = on.closest("tr") else { return };
    let other = match event.key().as_str() {
        "ArrowDown" => row.next_element_sibling(),
        "ArrowUp" => row.previous_element_sibling(),
        " " if on.local_name() == "a" => {
            event.prevent_default();
            let tick = row.query_selector("input").ok().flatten().and_then(|tick| tick.dyn_into::<HtmlElement>().ok());
            if let Some(tick) = tick {
                tick.click();
            }
            return;
        }
        _ => return,
    };
    let wanted = if on.local_name() == "input" { "input" } else { "a" };
    let other = other.and_then(|row| row.query_selector(wanted).ok().flatten());
    if let Some(other) = other.and_then(|other| other.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        let _ = other.focus();
    }
}

/// The heads; three of them order the rows.
#[component]
fn Head(filter: Filter) -> impl IntoView {
    let ordering = move |order: RegistryOrder, words: T, also: T| {
        let sort = move || match filter.order.get() {
            (one, true) if one == order => "ascending",
            (one, false) if one == order => "descending",
            _ => "none",
        };
        let press = move |_| {
            filter.order.update(|now| *now = (order, now.0 == order && !now.1));
        };
        let arrow = move || {
            (filter.order.get().0 == order).then(|| {
                let icon = if filter.order.get().1 { Icon::Up } else { Icon::Down };
                view! { <Glyph icon=icon size=IconSize::Small /> }
            })
        };
        view! {
            <th scope="col" aria-sort=sort>
                <button type="button" class="register__order" on:click=press data-testid=format!("register-order-{order:?}")>
                    <span>{t(words)}</span>
                    {arrow}
                </button>
                <small>{t(also)}</small>
            </th>
        }
    };
    let plain = |words: T, also: T| {
        view! {
            <th scope="col">
                <span class="register__head">{t(words)}</span>
                <small>{t(also)}</small>
            </th>
        }
    };
    view! {
        <thead>
            <tr aria-rowindex="1">
                <td class="register__tick"></td>
                {ordering(RegistryOrder::Code, T::RegisterCode, T::RegisterFieldCode)}
                {ordering(RegistryOrder::Reported, T::RegisterReported, T::RegisterChannel)}
                {plain(T::RegisterTriage, T::RegisterVictims)}
                {plain(T::RegisterArea, T::RegisterStage)}
                {ordering(RegistryOrder::Activity, T::RegisterActivity, T::RegisterManager)}
                {plain(T::RegisterComplete, T::RegisterSigns)}
            </tr>
        </thead>
    }
}
