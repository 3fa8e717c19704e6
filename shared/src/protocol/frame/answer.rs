//! What the relay answers: a sequence of parts.

use minicbor::{Decode, Encode};

use super::super::alarm::Alarm;
use super::super::held::{Decided, DecisionReceipt, HeldChange};
use super::present;
use super::upload::ChangeBytes;
use crate::id::{AccountId, CaseId, ChangeHash, DocumentId, DocumentKey};

/// One part of an answer; an answer is a CBOR sequence of parts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Part {
    /// First: what became of the pushes.
    #[n(0)]
    Receipts(#[n(0)] Receipts),
    /// Then pages, each complete in itself.
    #[n(1)]
    Page(#[n(0)] Page),
    /// Last.
    #[n(2)]
    End(#[n(0)] End),
    /// Instead of all: the request as a whole was not taken.
    #[n(3)]
    Fault(#[n(0)] Fault),
    /// Bucket numbers that differ; the tablet answers with [`Repair::Documents`](super::Repair::Documents).
    #[n(4)]
    RepairBuckets(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        Vec<u8>,
    ),
}

/// What became of the pushes, by index.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Receipts {
    /// When the relay received the request, milliseconds since 1970 UTC.
    #[n(0)]
    pub received_ms: u64,
    /// This device's number in received times and in the directory.
    #[n(1)]
    pub device_number: u32,
    /// One entry per push, in order.
    #[n(2)]
    pub pushes: Vec<PushReceipt>,
    /// The recovery slot sent along is stored.
    #[n(3)]
    pub slot_stored: bool,
    /// Key of the check sum; sent when the request had no cursor, or one of another epoch. The latter is how a tablet
    /// learns that the relay was restored: no pages follow, and it goes on with offers and repair, without a cursor.
    #[n(4)]
    #[cbor(
        encode_with = "minicbor::bytes::encode",
        decode_with = "minicbor::bytes::decode",
        is_nil = "present::never"
    )]
    pub check_key: Option<[u8; 16]>,
    /// One entry per decision, in order. Left out of the array when there were none.
    #[n(5)]
    pub decisions: Option<Vec<DecisionReceipt>>,
    /// One entry per document brought back, in order: what of it is known waits for a person or stands already. Left out of
    /// the array when nothing was.
    #[n(6)]
    pub brought: Option<Vec<PushReceipt>>,
    /// The number of what was told as seen, once it stands in the audit log. Left out of the array when nothing was told, or
    /// when it was put off: it is told again then.
    #[n(7)]
    pub seen: Option<u64>,
}

/// What became of one push.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum PushReceipt {
    /// Every change was accepted (or had been before).
    #[n(0)]
    All,
    /// One receipt per change, in order.
    #[n(1)]
    Each(#[n(0)] Vec<Receipt>),
}

/// What became of one change. All but `Accepted` and `Duplicate` leave it with the tablet.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Receipt {
    /// On stable storage and merged.
    #[n(0)]
    Accepted,
    /// Had been accepted before.
    #[n(1)]
    Duplicate,
    /// Parents are missing: send them, or again later.
    #[n(2)]
    Retry(#[n(0)] Vec<ChangeHash>),
    /// Kept by the relay, not merged, waiting for a person. The number is an error code.
    #[n(3)]
    Held(#[n(0)] u16),
    /// Not taken. The number is an error code. Stays on the tablet, exportable.
    #[n(4)]
    Refused(#[n(0)] u16),
    /// A parent was held or refused: write it anew on the acknowledged heads.
    #[n(5)]
    Reissue,
}

/// A run of items that is applied whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Page {
    /// What is new.
    #[n(0)]
    pub items: Vec<Item>,
    /// Where to go on when these items are kept.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub cursor: Vec<u8>,
}

/// One thing that is new for this user.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Item {
    /// New changes of a document the tablet has.
    #[n(0)]
    Changes {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Parents first.
        #[n(1)]
        changes: Vec<ChangeBytes>,
        /// When and from which device each was received, in the same order.
        #[n(2)]
        received: Vec<ReceivedRun>,
    },
    /// A whole document.
    #[n(1)]
    Snapshot {
        /// Its key; the id follows from it.
        #[n(0)]
        key: DocumentKey,
        /// Uncompressed Automerge document.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        bytes: Vec<u8>,
        /// When and from which device each change was received, in the order in which the loaded document lists them.
        #[n(2)]
        received: Vec<ReceivedRun>,
    },
    /// The user may no longer have this document.
    #[n(2)]
    Gone {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Why.
        #[n(1)]
        reason: GoneReason,
        /// When the right to it ended, milliseconds since 1970 UTC. Left out of the array where the relay does not know.
        #[n(2)]
        ended_ms: Option<u64>,
    },
    /// An entry of the member directory.
    #[n(3)]
    Member(#[n(0)] Member),
    /// What became of a report that its author handed over.
    #[n(4)]
    Status(#[n(0)] ReportStatus),
    /// A change that waits for a person; replaces what was told of it before.
    #[n(5)]
    Held(#[n(0)] HeldChange),
    /// A held change waits no longer.
    #[n(6)]
    Decided(#[n(0)] Decided),
    /// When a device was last in contact with the relay; told to those who keep the register.
    #[n(7)]
    Contact {
        /// Directory number of the device.
        #[n(0)]
        device_number: u32,
        /// The day in the pack's zone, in days since 1970-01-01: no finer, so that nobody is watched at work.
        #[n(1)]
        day: i64,
    },
    /// A danger that waits for somebody, or that somebody took.
    #[n(8)]
    Alarm(#[n(0)] Alarm),
}

/// Consecutive changes that were received together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ReceivedRun {
    /// How many changes.
    #[n(0)]
    pub count: u32,
    /// Seconds since the run before (since 1970 UTC for the first); may be negative.
    #[n(1)]
    pub seconds_delta: i64,
    /// Directory number of the device; 0 for the genesis and derived text changes.
    #[n(2)]
    pub device_number: u32,
}

/// Why a document is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum GoneReason {
    /// The assignment or role ended.
    #[n(0)]
    Ended,
    /// The report was taken over; the author keeps a status.
    #[n(1)]
    TakenOver,
    /// Superseded by a narrower or redacted document.
    #[n(2)]
    Superseded,
    /// Since it was restored the relay has never given it to this account, or does not have it: where the account had it
    /// before, its copy may be the only one.
    #[n(3)]
    Unknown,
}

/// A member, as conflicts and histories name them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Member {
    /// The account.
    #[n(0)]
    pub account: AccountId,
    /// Name as the secretariat wrote it.
    #[n(1)]
    pub name: String,
    /// Unit key of the pack.
    #[n(2)]
    pub unit: String,
    /// Role codes in force, ascending.
    #[n(3)]
    pub roles: Vec<String>,
    /// Whether the membership is in force.
    #[n(4)]
    pub active: bool,
    /// Devices: directory number and tablet name.
    #[n(5)]
    pub devices: Vec<(u32, String)>,
    /// Office key of the pack. Left out of the array, like what follows, where there is none.
    #[n(6)]
    pub office: Option<String>,
    /// Last day of the membership by decree, in days since 1970-01-01; none = until further notice.
    #[n(7)]
    pub until_day: Option<i64>,
    /// First day of the membership, in days since 1970-01-01; none from a relay that does not tell.
    #[n(8)]
    pub from_day: Option<i64>,
}

/// What the author of a handed-over report may know of it, or the registrar of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ReportStatus {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Field code, as written on the card.
    #[n(1)]
    pub field_code: String,
    /// Where it stands.
    #[n(2)]
    pub state: ReportState,
    /// Since when, milliseconds since 1970 UTC.
    #[n(3)]
    pub since_ms: u64,
    /// Register number, once given.
    #[n(4)]
    #[cbor(encode_with = "present::encode", is_nil = "present::never")]
    pub register_number: Option<String>,
    /// Code of what the author is asked to add; none while nothing is.
    #[n(5)]
    #[cbor(encode_with = "present::encode", is_nil = "present::never")]
    pub asked: Option<String>,
}

impl ReportStatus {
    /// What is told where nothing is to be known of a report any more: it was taken back, or a draft is no registrar's matter.
    #[must_use]
    pub const fn over(case: CaseId, since_ms: u64) -> Self {
        let state = ReportState::Closed;
        Self { case, field_code: String::new(), state, since_ms, register_number: None, asked: None }
    }

    /// Whether nothing is to be known of it any more: every other report has its field code.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.field_code.is_empty()
    }
}

/// Where a handed-over report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ReportState {
    /// "Diterima": arrived at the centre.
    #[n(0)]
    Received,
    /// "Ditangani": somebody took it over.
    #[n(1)]
    InHand,
    /// "Butuh keterangan tambahan".
    #[n(2)]
    NeedsSupplement,
    /// "Selesai".
    #[n(3)]
    Closed,
    /// A draft that nobody handed over for days: told to those who keep the register, by its field code alone.
    #[n(4)]
    Draft,
}

/// The end of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct End {
    /// More is waiting: ask again at once.
    #[n(0)]
    pub more: bool,
    /// Relay time, milliseconds since 1970 UTC.
    #[n(1)]
    pub now_ms: u64,
    /// What the user may see at the last cursor; only when nothing more waits.
    #[n(2)]
    pub check: Option<Check>,
    /// Version of the relay's pack.
    #[n(3)]
    pub pack: u32,
    /// Everything received before this reached the secretariat's view, milliseconds since 1970 UTC.
    #[n(4)]
    pub merged_before_ms: u64,
    /// An error code the user should know of although the rest went through (0 none), e.g. update needed.
    #[n(5)]
    pub notice: u16,
}

/// Count and keyed sum over the documents a user may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Check {
    /// How many documents.
    #[n(0)]
    pub count: u32,
    /// Sum modulo 2^128 of `hash16("simpul/check", [key, document, heads ascending…])`, little-endian.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub sum: [u8; 16],
}

/// Why a request as a whole was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Fault {
    /// Stable error code.
    #[n(0)]
    pub code: u16,
    /// Try again after this many seconds; none: trying again does not help.
    #[n(1)]
    #[cbor(encode_with = "present::encode", is_nil = "present::never")]
    pub retry_after_s: Option<u32>,
}
