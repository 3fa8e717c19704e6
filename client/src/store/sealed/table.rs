//! The tables of a vault, and its two rooms.

use super::super::StoreError;

/// Tables of a vault. Numbers are part of the format: never reused, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// The layout's number, and the row that proves a key opens this vault.
    Layout,
    /// Who this vault belongs to: account, device secret, tenant.
    Owner,
    /// Single values of the sync machine: cursor, epoch, counters, check.
    Sync,
    /// Documents as the relay acknowledged them.
    Document,
    /// Own changes without a receipt, each with the command it came from.
    Pending,
    /// What is being typed and is no change yet.
    Draft,
    /// What lists and search show of a case.
    Summary,
    /// Members by account id.
    Member,
    /// Held, refused and set aside, to be seen and exported.
    Tray,
    /// Own uploads with a receipt, kept 30 days for a restored relay.
    Kept,
    /// By case: who opened what stands covered. One row of that, and of files and prints, which the centre's audit log is still to
    /// hear of. By document: up to where its long texts were read.
    Read,
    /// Preferences of the person.
    Setting,
    /// Cases: what the tablet derives from a case's documents together.
    Case,
    /// Keys of documents that came together, or changed, and were not read since: one row for all of them.
    UnreadNote,
}

impl Table {
    /// The number that stands in rows.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Layout => 1,
            Self::Owner => 2,
            Self::Sync => 3,
            Self::Document => 4,
            Self::Pending => 5,
            Self::Draft => 6,
            Self::Summary => 7,
            Self::Member => 8,
            Self::Tray => 9,
            Self::Kept => 10,
            Self::Read => 11,
            Self::Setting => 12,
            Self::Case => 13,
            // 14 had a row for each unread document, before there was a release.
            Self::UnreadNote => 15,
        }
    }

    pub(super) const fn corrupt(self) -> StoreError {
        StoreError::Corrupt { table: self.number(), source: None }
    }

    /// Every table.
    pub(super) const ALL: [Self; 14] = [
        Self::Layout,
        Self::Owner,
        Self::Sync,
        Self::Document,
        Self::Pending,
        Self::Draft,
        Self::Summary,
        Self::Member,
        Self::Tray,
        Self::Kept,
        Self::Read,
        Self::Setting,
        Self::Case,
        Self::UnreadNote,
    ];
}

/// Which rows of a vault a store names. The same table has another number in each room, so that no read, scan or write of one
/// room can reach a row of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Everything that is meant.
    Work,
    /// A report that is only tried out.
    Practice,
}

impl Room {
    /// The number that stands in rows: that of the table, and in the practice room so much more. Part of the format.
    pub(super) const fn number(self, table: Table) -> u16 {
        match self {
            Self::Work => table.number(),
            Self::Practice => table.number().saturating_add(1_000),
        }
    }
}
