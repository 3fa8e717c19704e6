//! Counting: every report of the year stands in tables 1 and 2 once, every victim in tables 2 and 3 once.

use std::collections::BTreeMap;

use crate::date::PartialDate;
use crate::order::Arrange as _;

use super::{CASES, Drawn, GROUPS, Report, Table, TableId, TableRow, UNKNOWN, VICTIMS};

/// How a report came by telephone: nobody was seen, so nobody is a victim until somebody has looked.
const BY_TELEPHONE: &str = "TELEPON";
/// The channel of such a report, where only that is told.
const TELEPHONE: &str = "TELP";
/// Somebody looked, and it is true.
const VERIFIED: &str = "TERVERIFIKASI";
/// A triage that says there is nobody to help.
const INFORMATION_ONLY: &str = "INFO";
/// Roles of people who are no victims.
const WITNESS: &str = "SAKSI";
/// Victims of one report: by group, and of unknown group.
type Victims = [u32; GROUPS.len() + 1];

/// Draws the tables of a year. Channels and results of triage come in the order of the pack; what the pack does not know is
/// counted under its own code.
#[must_use]
pub fn draw(reports: &[Report<'_>], year: u16, channels: &[&str], triages: &[&str]) -> Drawn {
    let mut drawn = Drawn::default();
    let mut columns: Vec<String> = triages.iter().map(|code| (*code).to_owned()).collect();
    let mut by_channel = Rows::of(channels);
    let months: Vec<String> = (1..=12_u8).map(|month| month.to_string()).collect();
    let mut by_month = Rows::of(&months.iter().map(String::as_str).collect::<Vec<_>>());
    let mut by_group = Rows::of(&GROUPS);
    for report in reports {
        let Ok(date) = PartialDate::parse(report.reported_on) else {
            add(&mut drawn.undated, 1);
            continue;
        };
        let (first, last) = (date.first_day(), date.last_day());
        drawn.years.insert(first.year());
        let is_before = first.year().checked_add(1) == Some(year);
        if first.year() != year && !is_before {
            continue;
        }
        let people = people_of(report);
        let victims = if counts(report) { people } else { Victims::default() };
        for (group, count) in GROUPS.iter().chain([&UNKNOWN]).zip(victims) {
            by_group.add(group, usize::from(is_before), count);
        }
        if is_before {
            continue;
        }
        add(&mut drawn.reports, 1);
        if !counts(report) {
            add(&mut drawn.uncounted, sum(people));
        }
        let column = column_of(&mut columns, report.triage);
        by_channel.add(report.channel, column, 1);
        let month = if first.month() == last.month() { first.month().to_string() } else { UNKNOWN.to_owned() };
        by_month.add(&month, 0, 1);
        by_month.add(&month, 1, sum(victims));
    }
    // Without a triage comes last, also behind what the pack does not know.
    let untriaged = columns.len();
    columns.push(UNKNOWN.to_owned());
    by_channel.place(NO_TRIAGE, untriaged);
    let years = [Some(year), year.checked_sub(1)].into_iter().flatten().map(|year| year.to_string()).collect();
    drawn.tables = vec![
        by_channel.table(TableId::T01, columns),
        by_month.table(TableId::T02, vec![CASES.to_owned(), VICTIMS.to_owned()]),
        by_group.table(TableId::T03, years),
    ];
    // Twenty channels without a report say nothing.
    if let Some(table) = drawn.tables.first_mut() {
        table.rows.retain(|row| row.sum() > 0 || row.code == UNKNOWN);
    }
    drawn
}

/// Where reports without a triage are counted until it is known how many columns there are.
const NO_TRIAGE: usize = usize::MAX;

fn column_of(columns: &mut Vec<String>, triage: &str) -> usize {
    if triage == UNKNOWN {
        return NO_TRIAGE;
    }
    columns.iter().position(|code| code == triage).unwrap_or_else(|| {
        columns.push(triage.to_owned());
        columns.len().saturating_sub(1)
    })
}

/// Whether the people of a report count as victims.
fn counts(report: &Report<'_>) -> bool {
    let is_by_telephone = report.way_in == BY_TELEPHONE || report.channel == TELEPHONE;
    let is_believed = match report.verification {
        VERIFIED => true,
        "" => !is_by_telephone,
        // Not yet, or not true.
        _ => false,
    };
    is_believed && report.triage != INFORMATION_ONLY
}

/// People of a report by group. Those told apart count as what they are; whom the report counts beyond them, or whose group
/// was not told, counts as the report says, as far as it does.
fn people_of(report: &Report<'_>) -> Victims {
    let mut people = Victims::default();
    let (mut told, mut grouped, mut others) = (0_u32, 0_u32, 0_u32);
    for (role, group) in &report.people {
        if *role == WITNESS {
            add(&mut others, 1);
            continue;
        }
        add(&mut told, 1);
        if let Some((_, count)) = GROUPS.iter().zip(&mut people).find(|(code, _)| *code == group) {
            add(count, 1);
            add(&mut grouped, 1);
        }
    }
    let reported = report.counted.iter().fold(0_u32, |sum, count| sum.saturating_add(*count));
    let mut left = told.max(reported.saturating_sub(others)).saturating_sub(grouped);
    for (count, reported) in people.iter_mut().zip(report.counted) {
        let more = reported.saturating_sub(*count).min(left);
        add(count, more);
        left = left.saturating_sub(more);
    }
    if let Some(unknown) = people.last_mut() {
        *unknown = left;
    }
    people
}

fn add(sum: &mut u32, count: u32) {
    *sum = sum.saturating_add(count);
}

fn sum(victims: Victims) -> u32 {
    victims.into_iter().fold(0, u32::saturating_add)
}

/// Rows in their order, each with what was counted so far.
struct Rows(Vec<(String, BTreeMap<usize, u32>)>);

impl Rows {
    fn of(codes: &[&str]) -> Self {
        Self(codes.iter().map(|code| ((*code).to_owned(), Default::default())).collect())
    }

    fn add(&mut self, code: &str, column: usize, count: u32) {
        let place = self.0.iter().position(|(one, _)| one == code).unwrap_or_else(|| {
            self.0.push((code.to_owned(), Default::default()));
            self.0.len().saturating_sub(1)
        });
        if let Some((_, counts)) = self.0.get_mut(place) {
            add(counts.entry(column).or_default(), count);
        }
    }

    /// Gives what was counted under one column to another.
    fn place(&mut self, from: usize, to: usize) {
        for (_, counts) in &mut self.0 {
            if let Some(count) = counts.remove(&from) {
                counts.insert(to, count);
            }
        }
    }

    fn table(mut self, id: TableId, columns: Vec<String>) -> Table {
        self.add(UNKNOWN, 0, 0);
        // A stable sort: what nobody told goes to the end, the others stay as they are.
        self.0.arrange_by_key(|(code, _)| code == UNKNOWN);
        let row = |(code, counts): (String, BTreeMap<usize, u32>)| TableRow {
            code,
            counts: (0..columns.len()).map(|column| counts.get(&column).copied().unwrap_or(0)).collect(),
        };
        let rows = self.0.into_iter().map(row).collect();
        Table { id, columns, rows }
    }
}
