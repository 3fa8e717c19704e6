//! "Tabel": what is counted, and what was written to a file.

use derive::Wire;
use shared::id::CaseId;
use shared::tables::{Table, TableId};

use super::RegistryAsk;

/// The tables of a year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Wire)]
pub struct TablesView {
    /// The year; 0 for somebody who may not count.
    #[n(0)]
    pub year: u16,
    /// Years that may be asked for, newest first.
    #[n(1)]
    pub years: Vec<u16>,
    /// Today in the pack's zone, `YYYY-MM-DD`: the day on which this is drawn.
    #[n(2)]
    pub today: String,
    /// In the order of the catalogue.
    #[n(3)]
    pub tables: Vec<Table>,
    /// Reports of the year.
    #[n(4)]
    pub reports: u32,
    /// Reports of which nobody has told the day.
    #[n(5)]
    pub undated: u32,
    /// People of the year's reports that do not count as victims, or not yet.
    #[n(6)]
    pub uncounted: u32,
    /// What this person last wrote to a file on this tablet, newest first.
    #[n(7)]
    pub exports: Vec<ExportView>,
}

/// What is to leave the tablet as a file or on paper.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Wire)]
pub enum ExportAsk {
    /// The register as it is filtered, all of it.
    #[n(0)]
    Register(#[n(0)] RegistryAsk),
    /// A table.
    #[n(1)]
    Table {
        /// Of this year.
        #[n(0)]
        year: u16,
        /// Which.
        #[n(1)]
        table: TableId,
    },
    /// A case on paper.
    #[n(2)]
    Sheet {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// With names and whatever else the pack ranks highest.
        #[n(1)]
        names: bool,
    },
}

/// What was written to a file, as it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct ExportView {
    /// When, milliseconds since 1970 UTC.
    #[n(0)]
    pub at_ms: u64,
    /// The table; none for the register and for paper.
    #[n(1)]
    pub table: Option<TableId>,
    /// How many rows.
    #[n(2)]
    pub rows: u32,
    /// Why; empty for paper without names.
    #[n(3)]
    pub reason: String,
    /// The case that was printed, by its code.
    #[n(4)]
    pub printed: Option<String>,
    /// It was printed with names.
    #[n(5)]
    pub names: bool,
}
