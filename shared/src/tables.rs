//! The standard statistical tables: reports by channel and triage, cases by month, victims by group.
//!
//! Owns who counts where; knows codes and numbers, never a name and never a document. Called by the tablet's engine with
//! what its lists know of each case.

mod count;
pub mod csv;

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

pub use count::draw;

/// The groups of the task force in their order, as the pack's list and the report's counts have them.
pub const GROUPS: [&str; 4] = ["PD", "PA", "LD", "LA"];
/// The row, or the column, of what nobody has told.
pub const UNKNOWN: &str = "";
/// The columns of table 2.
pub const CASES: &str = "kasus";
/// See [`CASES`].
pub const VICTIMS: &str = "korban";

/// Which table of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum TableId {
    /// Reports by channel and result of triage.
    #[n(0)]
    T01,
    /// Cases and victims by month.
    #[n(1)]
    T02,
    /// Victims by group, the year and the one before.
    #[n(2)]
    T03,
}

impl TableId {
    /// All, in the order of the catalogue.
    pub const ALL: [Self; 3] = [Self::T01, Self::T02, Self::T03];

    /// As the catalogue calls it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::T01 => "T01",
            Self::T02 => "T02",
            Self::T03 => "T03",
        }
    }
}

/// What counting needs to know of one report.
#[derive(Debug, Clone, Default)]
pub struct Report<'a> {
    /// Day of the report, maybe without its day or month; empty if not told.
    pub reported_on: &'a str,
    /// How it came in.
    pub way_in: &'a str,
    /// Channel.
    pub channel: &'a str,
    /// Result of triage.
    pub triage: &'a str,
    /// Whether somebody looked if it is true.
    pub verification: &'a str,
    /// Presumed victims as the report counts them, in the order of [`GROUPS`].
    pub counted: [u32; 4],
    /// People told apart: role and group, each empty if not told.
    pub people: Vec<(&'a str, &'a str)>,
}

/// A table: codes and numbers, for the screen to put into words.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Table {
    /// Which.
    #[n(0)]
    pub id: TableId,
    /// Codes of the columns; [`UNKNOWN`] comes last where there is such a column.
    #[n(1)]
    pub columns: Vec<String>,
    /// The rows; [`UNKNOWN`] comes last.
    #[n(2)]
    pub rows: Vec<TableRow>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TableRow {
    /// Code of what is counted: a channel, a month from 1 to 12, a group.
    #[n(0)]
    pub code: String,
    /// One number for each column.
    #[n(1)]
    pub counts: Vec<u32>,
}

impl TableRow {
    /// All columns together; says something only where columns are parts of one number.
    #[must_use]
    pub fn sum(&self) -> u32 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

impl Table {
    /// The sum of each column.
    #[must_use]
    pub fn sums(&self) -> Vec<u32> {
        let of = |column: usize| self.rows.iter().filter_map(move |row| row.counts.get(column));
        (0..self.columns.len()).map(|column| of(column).fold(0_u32, |sum, count| sum.saturating_add(*count))).collect()
    }
}

/// The tables of a year, and what they leave out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawn {
    /// In the order of the catalogue.
    pub tables: Vec<Table>,
    /// Reports of the year.
    pub reports: u32,
    /// Reports of no year: nobody has told the day.
    pub undated: u32,
    /// People of the year's reports that do not count as victims, or not yet.
    pub uncounted: u32,
    /// Years with reports.
    pub years: BTreeSet<u16>,
}

#[cfg(test)]
mod tests;
