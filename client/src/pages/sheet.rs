//! The rows of a file, in words: what the register and the tables show, and what a table has to print beside its numbers.
//!
//! Names of people stand in no list, so none can come here; what the engine hands out for a file has no member's name either.

use shared::date::PartialDate;
use shared::pack::Pack;
use shared::tables::{Table, TableId, csv};

use super::tables::{column_words, row_head, row_words, unit_words};
use super::words;
use crate::api::{Essential, RegistryRow, TablesView, View};
use crate::format;
use crate::i18n::{T, t};
use crate::pages::register::essential_words;

/// The file of what was handed out for it; none of what is no list.
pub(crate) fn write(pack: &Pack, view: &View, synthetic: bool) -> Option<String> {
    let mut rows = match view {
        View::Registry(view) => {
            std::iter::once(register_head(pack)).chain(view.rows.iter().map(|row| register_row(pack, row))).collect()
        }
        View::Tables(view) => table_rows(pack, view, view.tables.first()?),
        View::Home(_)
        | View::Cases(_)
        | View::Case(_)
        | View::Document(_)
        | View::Conflicts(_)
        | View::History(_)
        | View::Held(_)
        | View::Sync(_)
        | View::Sheet(_)
        | View::Ended(_)
        | View::Members(_)
        | View::Alarm(_)
        | View::Names(_) => return None,
    };
    if synthetic {
        // In a column: a line of its own would be no row of the table.
        rows.iter_mut().for_each(|row: &mut Vec<String>| row.push(t(T::ShellSynthetic).to_owned()));
    }
    Some(csv::write(rows))
}

fn register_head(pack: &Pack) -> Vec<String> {
    let before = [T::RegisterNumber, T::RegisterFieldCode, T::RegisterReported, T::RegisterChannel, T::RegisterTriage];
    let after = [T::RegisterArea, T::RegisterStage, T::RegisterActivity, T::RegisterComplete, T::RegisterMissing];
    let groups = shared::tables::GROUPS.map(|group| words::group_name(pack, group));
    let said = |key: T| t(key).to_owned();
    before.into_iter().map(said).chain(groups).chain(after.into_iter().map(said)).collect()
}

fn register_row(pack: &Pack, row: &RegistryRow) -> Vec<String> {
    let card = &row.card;
    let number = if card.code == card.field_code { String::new() } else { card.code.clone() };
    let missing: Vec<&str> = row.missing.iter().map(|one| t(essential_words(*one))).collect();
    let has = Essential::ALL.len().saturating_sub(missing.len());
    let [women, girls, men, boys] = row.groups.map(|count| count.to_string());
    vec![
        number,
        card.field_code.clone(),
        row.reported_on.clone(),
        words::field_words(pack, "intake", "sumber_laporan", &row.channel),
        words::triage_name(pack, &card.triage),
        women,
        girls,
        men,
        boys,
        words::area_name(pack, &card.area),
        words::stage_name(pack, &card.stage),
        format::iso_day(card.changed_ms, pack.zone.offset_minutes),
        format!("{has}/{}", Essential::ALL.len()),
        missing.join(", "),
    ]
}

/// First and last day of a year's table: until the day on which it was drawn.
pub(crate) fn period(view: &TablesView) -> (String, String) {
    let end = format!("{:04}-12-31", view.year);
    let is_over = PartialDate::parse(&view.today).is_ok_and(|today| today.first_day().year() != view.year);
    (format!("{:04}-01-01", view.year), if is_over { end } else { view.today.clone() })
}

fn table_rows(pack: &Pack, view: &TablesView, table: &Table) -> Vec<Vec<String>> {
    let has_sum = table.id == TableId::T01;
    let (from, to) = period(view);
    let fixed = [table.id.code().to_owned(), format!("{from}/{to}"), view.today.clone(), unit_words(table.id)];
    let head = [T::TablesTable, T::TablesPeriod, T::TablesDrawn, T::TablesUnit, row_head(table.id)];
    let head = head.into_iter().map(|key| t(key).to_owned());
    let columns = table.columns.iter().map(|column| column_words(pack, table.id, column));
    let head = head.chain(columns).chain(has_sum.then(|| t(T::TablesTotal).to_owned())).collect();
    let rows = table.rows.iter().map(|row| {
        let counts = row.counts.iter().copied().chain(has_sum.then(|| row.sum())).map(|count| count.to_string());
        fixed.iter().cloned().chain([row_words(pack, table.id, &row.code)]).chain(counts).collect()
    });
    std::iter::once(head).chain(rows).collect()
}
