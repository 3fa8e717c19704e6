//! Frames about what somebody opened, took away as a file or printed: told to the relay's audit log after the fact.
//!
//! Owns their shapes. Never a value, never a reason, never a name: a place is a document and a field of the pack. What waits and
//! under which number is the tablet's (`engine/rows/seen.rs`), what becomes of it the relay's (`relay/seen.rs`).

use minicbor::{Decode, Encode};

use crate::id::DocumentId;
use crate::tables::TableId;

/// What a device tells at once. The relay takes each number of a device once, and only a larger one after it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SeenBatch {
    /// The counter of the first request it went out with; repeated until the receipts name it.
    #[n(0)]
    pub number: u64,
    /// Oldest first.
    #[n(1)]
    pub seen: Vec<Seen>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Seen {
    /// When, milliseconds since 1970 UTC by the tablet's clock: a claim.
    #[n(0)]
    pub at_ms: u64,
    /// What.
    #[n(1)]
    pub sight: Sight,
}

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Sight {
    /// Opened what stands covered.
    #[n(0)]
    Opened {
        /// The document: case, kind and person follow from it for whoever has its key.
        #[n(0)]
        document: DocumentId,
        /// The pack's name of the field, `<table>/<field>` in a row.
        #[n(1)]
        field: String,
    },
    /// Took a list away as a file.
    #[n(1)]
    Exported {
        /// The table and its year; none for the register.
        #[n(0)]
        table: Option<(TableId, u16)>,
        /// How many rows.
        #[n(1)]
        rows: u32,
    },
    /// Printed a case.
    #[n(2)]
    Printed {
        /// Its core.
        #[n(0)]
        document: DocumentId,
        /// With names.
        #[n(1)]
        names: bool,
    },
    /// So many were let go before they could be told, because too many waited.
    #[n(3)]
    LetGo(#[n(0)] u32),
}
