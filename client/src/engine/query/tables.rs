//! The standard tables, counted from summaries alone.

use shared::pack::Pack;
use shared::tables::{Drawn, Report, draw};

use super::list::{Brief, briefs};
use super::registry::{groups, is_registered};
use crate::api::{Failure, TablesView};
use crate::engine::export::kept;
use crate::engine::keys;
use crate::engine::permission::may_count;
use crate::engine::session::Session;

/// Past exports that are shown.
const EXPORTS_SHOWN: usize = 5;

/// Draws the tables of a year, 0 for this one; empty ones for somebody who may not count.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn view(session: &Session, year: u16) -> Result<TablesView, Failure> {
    let exports = kept(session).await?.into_iter().take(EXPORTS_SHOWN).map(|one| one.view(session)).collect();
    Ok(TablesView { exports, ..tables(session, year) })
}

/// The tables without what was exported.
pub(in crate::engine) fn tables(session: &Session, year: u16) -> TablesView {
    if !may_count(&session.pack, &session.actor()) {
        return TablesView::default();
    }
    let today = session.today();
    let year = if year == 0 { today.year() } else { year };
    let mut all = briefs(session);
    all.retain(is_registered);
    let reports: Vec<Report<'_>> = all.iter().map(report).collect();
    let codes = |field: &str| intake_codes(&session.pack, field);
    let Drawn { tables, reports, undated, uncounted, mut years } =
        draw(&reports, year, &codes(keys::CHANNEL), &codes(keys::TRIAGE));
    years.extend([year, today.year()]);
    let years = years.into_iter().rev().collect();
    TablesView { year, years, today: today.to_string(), tables, reports, undated, uncounted, exports: Vec::new() }
}

/// The codes of a field of the report, in their order; none in a pack without the field.
fn intake_codes<'a>(pack: &'a Pack, field: &str) -> Vec<&'a str> {
    let field = pack.kinds.get(keys::INTAKE).and_then(|kind| kind.fields.get(field));
    let list = field.and_then(|field| pack.code_lists.get(field.value.list()?));
    list.into_iter().flat_map(|list| list.codes.iter().map(|code| code.code.as_str())).collect()
}

fn report<'a>(brief: &Brief<'a>) -> Report<'a> {
    let intake = brief.intake();
    let text = |key: &str| intake.map_or("", |intake| intake.text(key));
    Report {
        reported_on: text(keys::REPORTED_ON),
        way_in: text(keys::WAY_IN),
        channel: text(keys::CHANNEL),
        triage: text(keys::TRIAGE),
        verification: text(keys::VERIFICATION),
        counted: groups(brief),
        people: brief.core.people.iter().map(|person| (person.role.as_str(), person.group.as_str())).collect(),
    }
}
