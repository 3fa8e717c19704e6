//! "Tabel": the standard tables of a year, for those who count cases.
//!
//! Each is a table for eye and screen reader alike; the bars below a row's name are decoration.

use std::sync::Arc;

use leptos::prelude::*;
use shared::pack::Pack;
use shared::tables::{CASES, Table, TableId, TableRow, UNKNOWN};
use shared::value::Scalar;

use super::export::Export;
use super::not_found::NotFoundPage;
use super::sheet::period;
use super::words;
use crate::api::{ExportAsk, ExportView, Failure, Query, SessionView, TablesView};
use crate::components::icon::Icon;
use crate::components::meter::Meter;
use crate::components::shell::Shell;
use crate::components::state::{Blank, Problem, Skeleton, StillReading};
use crate::engine::permission::may_count_as;
use crate::format;
use crate::forms::list::ListInput;
use crate::i18n::{T, t, tf, tn};
use crate::state::clock::now_ms;
use crate::state::engine::use_engine;
use crate::state::load::Load;
use crate::state::session::{use_member, use_pack, use_still_growing};

/// Whether this member has the tables.
pub(crate) fn may_count(pack: &Pack, member: &SessionView) -> bool {
    member.roles.iter().any(|role| may_count_as(pack, role))
}

/// What a table counts.
pub(crate) fn title_words(table: TableId) -> &'static str {
    t(match table {
        TableId::T01 => T::TablesByChannel,
        TableId::T02 => T::TablesByMonth,
        TableId::T03 => T::TablesByGroup,
    })
}

/// What its numbers are numbers of.
pub(crate) fn unit_words(table: TableId) -> String {
    match table {
        TableId::T01 => t(T::TablesReports).to_owned(),
        TableId::T02 => format!("{}, {}", t(T::TablesCases), t(T::TablesVictims)),
        TableId::T03 => t(T::TablesVictims).to_owned(),
    }
}

/// What stands over the names of its rows.
pub(crate) const fn row_head(table: TableId) -> T {
    match table {
        TableId::T01 => T::RegisterChannel,
        TableId::T02 => T::TablesMonth,
        TableId::T03 => T::TablesGroup,
    }
}

/// The name of a row.
pub(crate) fn row_words(pack: &Pack, table: TableId, code: &str) -> String {
    match table {
        _ if code == UNKNOWN => t(T::TablesUnknown).to_owned(),
        TableId::T01 => words::field_words(pack, "intake", "sumber_laporan", code),
        TableId::T02 => code.parse().map_or_else(|_| code.to_owned(), |month| format::month_name(month).to_owned()),
        TableId::T03 => words::group_name(pack, code),
    }
}

/// The name of a column.
pub(crate) fn column_words(pack: &Pack, table: TableId, code: &str) -> String {
    match table {
        TableId::T01 if code == UNKNOWN => t(T::RegisterTabNoTriage).to_owned(),
        TableId::T01 => words::triage_name(pack, code),
        TableId::T02 => t(if code == CASES { T::TablesCases } else { T::TablesVictims }).to_owned(),
        TableId::T03 => code.to_owned(),
    }
}

/// What the page shows.
#[derive(Clone, PartialEq)]
enum What {
    Waiting,
    Failed(Failure),
    Nothing,
    Tables,
}

/// The page.
#[component]
pub(crate) fn TablesPage() -> impl IntoView {
    let pack = use_pack();
    if !may_count(&pack, &use_member()) {
        return NotFoundPage().into_any();
    }
    let year = RwSignal::new(0_u16);
    let found = use_engine().watch_as::<TablesView>(Signal::derive(move || Query::Tables(year.get())));
    let still_growing = use_still_growing();
    let what = Memo::new(move |_| match &*found.read() {
        Load::Waiting => What::Waiting,
        Load::Failed(failure) => What::Failed(failure.clone()),
        Load::Ready(view) if view.tables.iter().flat_map(Table::sums).any(|sum| sum > 0) => What::Tables,
        Load::Ready(_) if still_growing() => What::Waiting,
        Load::Ready(_) => What::Nothing,
    });
    let content = move || match what.get() {
        What::Waiting => view! { <Skeleton /> }.into_any(),
        What::Failed(failure) => view! { <Problem failure=failure /> }.into_any(),
        What::Nothing => view! { <Blank test="tables-empty" icon=Icon::Folder title=t(T::TablesEmpty) /> }.into_any(),
        What::Tables => TableId::ALL
            .map(|table| view! { <TableSection table=table year=year found=found pack=Arc::clone(&pack) /> })
            .into_iter()
            .collect_view()
            .into_any(),
    };
    view! {
        <Shell title=t(T::TablesTitle) back="/" wide=true>
            <div class="stack stack--far tables">
                <Years year=year found=found />
                <StillReading />
                {content}
                <LeftOut found=found />
                <Exports found=found />
            </div>
        </Shell>
    }
    .into_any()
}

/// Which year.
#[component]
fn Years(year: RwSignal<u16>, found: RwSignal<Load<TablesView>>) -> impl IntoView {
    let known = Memo::new(move |_| {
        let known = |view: &TablesView| {
            // This year has a choice of its own.
            let others = view.years.iter().map(u16::to_string).filter(|one| !view.today.starts_with(one));
            others.map(|one| (one.clone(), one)).collect::<Vec<_>>()
        };
        found.with(|found| found.ready().map(known).unwrap_or_default())
    });
    let value = Signal::derive(move || match year.get() {
        0 => Scalar::Null,
        year => Scalar::Str(year.to_string()),
    });
    let choose = move |chosen: Scalar| year.set(chosen.as_str().and_then(|year| year.parse().ok()).unwrap_or(0));
    view! {
        <div class="field">
            <label class="field__label" for="tables-year-input">{t(T::TablesYear)}</label>
            {move || view! {
                <ListInput test="tables-year" answers=known.get() value=value disabled=Signal::stored(false) none=T::TablesThisYear on_leave=choose />
            }}
        </div>
    }
}

/// A table with its title, and the way to its file, which stays while numbers change.
#[component]
fn TableSection(
    table: TableId,
    year: RwSignal<u16>,
    found: RwSignal<Load<TablesView>>,
    pack: Arc<Pack>,
) -> impl IntoView {
    let test = format!("table-{}", table.code().to_ascii_lowercase());
    let drawn = Memo::new(move |_| found.with(|found| found.ready().cloned()));
    let shown = move || {
        drawn.with(|view| {
            let view = view.as_ref()?;
            let one = view.tables.iter().find(|one| one.id == table)?;
            Some(numbers(&pack, view, one))
        })
    };
    let what = Signal::derive(move || ExportAsk::Table { year: year.get(), table });
    view! {
        <section class="section" data-testid=test>
            <h2 class="section__title">{format!("{} {}", table.code(), title_words(table))}</h2>
            {shown}
            <Export test=format!("export-{}", table.code().to_ascii_lowercase()) what=what />
        </section>
    }
}

/// What a row's bars show: parts of one number as one bar, numbers of their own each as one.
fn bars(table: TableId, row: &TableRow) -> Vec<u32> {
    if table == TableId::T01 { vec![row.sum()] } else { row.counts.clone() }
}

fn numbers(pack: &Pack, view: &TablesView, table: &Table) -> AnyView {
    let id = table.id;
    let has_sum = id == TableId::T01;
    let longest = table.rows.iter().flat_map(|row| bars(id, row)).max().unwrap_or(0);
    let cells = |counts: &[u32]| {
        let sum = has_sum.then(|| counts.iter().fold(0_u32, |sum, count| sum.saturating_add(*count)));
        let all = counts.iter().copied().chain(sum);
        all.map(|count| view! { <td>{format::count(count)}</td> }).collect_view()
    };
    let heads = table.columns.iter().map(|column| column_words(pack, id, column));
    let heads = heads.chain(has_sum.then(|| t(T::TablesTotal).to_owned()));
    let heads = heads.map(|words| view! { <th scope="col">{words}</th> }).collect_view();
    let rows = table.rows.iter().map(|row| {
        let bars = bars(id, row).into_iter().map(|count| {
            view! { <Meter done=Signal::stored(count) total=Signal::stored(longest) /> }
        });
        view! {
            <tr>
                <th scope="row">{row_words(pack, id, &row.code)}{bars.collect_view()}</th>
                {cells(&row.counts)}
            </tr>
        }
    });
    let rows = rows.collect_view();
    let (from, to) = period(view);
    let days = format!("{} – {}", format::partial_date(&from), format::partial_date(&to));
    let today = format::partial_date(&view.today);
    let facts = tf(T::TablesFacts, &[("period", &days), ("day", &today), ("unit", &unit_words(id))]);
    let about = format!("table-{}-facts", id.code().to_ascii_lowercase());
    // Beside the box that scrolls: a caption would be as wide as the table, and be cut with it.
    view! {
        <p class="quiet" id=about.clone()>{facts}</p>
        <div class="tables__region" role="region" tabindex="0" aria-label=title_words(id)>
            <table class=if has_sum { "tables__table tables__table--wide" } else { "tables__table" } aria-describedby=about>
                <thead><tr><th scope="col">{t(row_head(id))}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
                <tfoot><tr><th scope="row">{t(T::TablesTotal)}</th>{cells(&table.sums())}</tr></tfoot>
            </table>
        </div>
    }
    .into_any()
}

/// What the tables leave out, so that nobody has to guess.
#[component]
fn LeftOut(found: RwSignal<Load<TablesView>>) -> impl IntoView {
    let counts =
        Memo::new(move |_| found.with(|found| found.ready().map_or((0, 0), |view| (view.undated, view.uncounted))));
    let line = |test: &'static str, words: T, count: u32| {
        (count > 0).then(|| view! { <p class="quiet" data-testid=test>{tn(words, format::count(count))}</p> })
    };
    move || {
        let (undated, uncounted) = counts.get();
        (line("tables-undated", T::TablesUndated, undated), line("tables-uncounted", T::TablesUncounted, uncounted))
    }
}

/// What was written to files.
#[component]
fn Exports(found: RwSignal<Load<TablesView>>) -> impl IntoView {
    let zone = use_pack().zone.offset_minutes;
    let exports =
        Memo::new(move |_| found.with(|found| found.ready().map(|view| view.exports.clone()).unwrap_or_default()));
    let line = move |export: ExportView| {
        let words = match (export.printed, export.table) {
            (Some(code), _) => {
                let with = if export.names { format!(" · {}", t(T::SheetWithNames)) } else { String::new() };
                format!("{} {code}{with}", t(T::SheetTitle))
            }
            (None, table) => {
                let what = table.map_or(t(T::RegisterTitle), |table| table.code());
                tf(T::ExportRows, &[("what", what), ("n", &format::count(export.rows))])
            }
        };
        view! {
            <li class="rows__item" data-testid="export-line">
                <span class="rows__body">
                    <span class="rows__title">{words}</span>
                    <span>{export.reason}</span>
                    <small>{format::moment(export.at_ms, now_ms(), zone)}</small>
                </span>
            </li>
        }
    };
    view! {
        <section class="section" data-testid="exports">
            <h2 class="section__title">{t(T::ExportLast)}</h2>
            {move || {
                let exports = exports.get();
                if exports.is_empty() {
                    return view! { <p class="quiet">{t(T::ExportNone)}</p> }.into_any();
                }
                view! { <ul class="rows">{exports.into_iter().map(line).collect_view()}</ul> }.into_any()
            }}
        </section>
    }
}
