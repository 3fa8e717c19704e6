//! What a row means: one record type per table, CBOR arrays whose fields are only ever added at the end.
//!
//! Names, tablet names and field codes are sealed before they get here; contents of documents always are.

use minicbor::{Decode, Encode};

mod evidence;
mod held;

pub use evidence::EvidenceRecord;
pub use held::{HeldDecision, HeldRecord, SeatLevel, SeatRecord};

use super::Table;
use shared::id::{AccountId, ActorId, CaseId, ChangeHash, DeviceId, DocumentId, DocumentKey, RequestId, TabletId};
use shared::protocol::frame::{Check, GoneReason, ReceivedRun};
use shared::protocol::seen::Seen;

/// A record knows its table.
pub trait Record: Encode<()> + for<'b> Decode<'b, ()> + Send {
    /// Where it is kept.
    const TABLE: Table;
}

macro_rules! record {
    ($($name:ident => $table:ident),* $(,)?) => { $(impl Record for $name { const TABLE: Table = Table::$table; })* };
}

record! {
    AccountRecord => Account,
    RoleTermRecord => RoleTerm,
    EnrolCodeRecord => EnrolCode,
    DeviceRecord => Device,
    RequestRecord => Request,
    SeenRecord => Seen,
    WaitingOfferRecord => WaitingOffer,
    DocumentRecord => Document,
    ChangeRecord => Change,
    SnapshotRecord => Snapshot,
    SignatureRecord => Signature,
    ActorRecord => Actor,
    GrantRecord => Grant,
    CheckRecord => AccountCheck,
    StatusRecord => Status,
    AlarmRecord => Alarm,
    AlarmCaseRecord => AlarmCase,
    HeldRecord => Held,
    SeatRecord => HeldSeat,
    EvidenceRecord => Evidence,
    AuditRecord => Audit,
}

/// A member's account.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AccountRecord {
    /// CBOR of [`Profile`], sealed.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub sealed_profile: Vec<u8>,
    /// Whether the membership is in force.
    #[n(1)]
    pub active: bool,
    /// Position of the last change that the directory should tell.
    #[n(2)]
    pub position: u64,
}

/// The part of an account that names a person.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Profile {
    /// Sign-in name, used by administration only.
    #[n(0)]
    pub login: String,
    /// Name as the secretariat wrote it.
    #[n(1)]
    pub name: String,
    /// Unit key of the pack.
    #[n(2)]
    pub unit: String,
    /// Office key of the pack, if any.
    #[n(3)]
    pub office: Option<String>,
}

/// A role somebody was given by decree. Ended by an end date, never removed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RoleTermRecord {
    /// Role code of the pack.
    #[n(0)]
    pub role: String,
    /// Unit key of the pack, if the role is one of a unit.
    #[n(1)]
    pub unit: Option<String>,
    /// First day, in days since 1970-01-01.
    #[n(2)]
    pub from_day: i64,
    /// Last day; none = until further notice.
    #[n(3)]
    pub to_day: Option<i64>,
    /// Position from which the relay knew of it.
    #[n(4)]
    pub known_from: u64,
    /// Position from which another record stands for it.
    #[n(5)]
    pub known_to: Option<u64>,
}

/// A one-time code, kept under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EnrolCodeRecord {
    /// Whose tablet it enrols.
    #[n(0)]
    pub account: AccountId,
    /// Worthless from then on, milliseconds since 1970 UTC.
    #[n(1)]
    pub expires_ms: u64,
    /// How many tablets it may still enrol; none = any number (demonstrations only).
    #[n(2)]
    pub uses_left: Option<u32>,
    /// Taken from this very machine only.
    #[n(3)]
    pub local_only: bool,
}

/// One account on one tablet.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceRecord {
    /// Number in the directory and in received times; starts at 1.
    #[n(0)]
    pub number: u32,
    /// Whose it is.
    #[n(1)]
    pub account: AccountId,
    /// Ed25519 public key.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub public_key: [u8; 32],
    /// The tablet it lives on.
    #[n(3)]
    pub tablet: TabletId,
    /// What people call the tablet, sealed.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub sealed_name: Vec<u8>,
    /// Position at enrolment: what a device without a cursor is judged by.
    #[n(5)]
    pub enrolled_position: u64,
    /// Relay time at enrolment, milliseconds since 1970 UTC.
    #[n(6)]
    pub enrolled_ms: u64,
    /// Position from which it is revoked.
    #[n(7)]
    pub revoked: Option<u64>,
    /// The last day on which it was in contact, in days since 1970-01-01, and the position at which that was noted.
    #[n(8)]
    pub contact: Option<(i64, u64)>,
}

/// The last request of a device, so that its answer can be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RequestRecord {
    /// Its counter.
    #[n(0)]
    pub counter: u64,
    /// Its id.
    #[n(1)]
    pub request: RequestId,
    /// The encoded receipts that were given.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub receipts: Vec<u8>,
}

/// What a device told of what was opened, taken away and printed on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct SeenRecord {
    /// The largest number that was taken.
    #[n(0)]
    pub number: u64,
    /// The day of the relay's clock on which something was told last, in days since 1970-01-01 UTC.
    #[n(1)]
    pub day: u64,
    /// How much was taken on that day.
    #[n(2)]
    pub taken: u32,
    /// More was told on that day than the log takes, which it says.
    #[n(3)]
    pub is_full: bool,
}

/// What of an own upload offered to a restored relay waits.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct WaitingOfferRecord {
    /// When it came, milliseconds since 1970 UTC.
    #[n(0)]
    pub at_ms: u64,
    /// When it was tried last.
    #[n(1)]
    pub tried_ms: u64,
    /// Bytes of the sealed upload.
    #[n(2)]
    pub bytes: u64,
    /// Its pushes that wait.
    #[n(3)]
    pub pushes: Vec<WaitingPush>,
}

/// A push of an offer that waits, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct WaitingPush {
    /// Its place in the upload.
    #[n(0)]
    pub place: u32,
    /// The document it writes in.
    #[n(1)]
    pub document: DocumentId,
    /// That document's case, as far as anybody knows it: the rights may come back.
    #[n(2)]
    pub case: Option<CaseId>,
}

/// A document's header and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DocumentRecord {
    /// Case, kind, subject, generation.
    #[n(0)]
    pub key: DocumentKey,
    /// The account whose create item came first.
    #[n(1)]
    pub creator: AccountId,
    /// Pack version of the tablet that made it.
    #[n(2)]
    pub pack: u32,
    /// Position of its first change.
    #[n(3)]
    pub first_position: u64,
    /// Position of its latest change.
    #[n(4)]
    pub last_position: u64,
    /// Heads, ascending.
    #[n(5)]
    pub heads: Vec<ChangeHash>,
    /// Accepted changes, genesis not counted.
    #[n(6)]
    pub change_count: u32,
    /// Bytes of the accepted changes.
    #[n(7)]
    pub change_bytes: u64,
    /// What it adds to the check sum of those who see it, little-endian.
    #[n(8)]
    #[cbor(with = "minicbor::bytes")]
    pub term: [u8; 16],
}

/// One accepted change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ChangeRecord {
    /// Its hash.
    #[n(0)]
    pub hash: ChangeHash,
    /// Its parents.
    #[n(1)]
    pub deps: Vec<ChangeHash>,
    /// Its actor.
    #[n(2)]
    pub actor: ActorId,
    /// Greatest operation counter it uses.
    #[n(3)]
    pub max_op: u64,
    /// Directory number of the device that sent it.
    #[n(4)]
    pub device_number: u32,
    /// A derived text change: nobody wrote it.
    #[n(5)]
    pub derived: bool,
    /// When it was received, milliseconds since 1970 UTC.
    #[n(6)]
    pub received_ms: u64,
    /// The change, sealed.
    #[n(7)]
    #[cbor(with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
    /// It was held, and accepted from this device: its writer's own tablet has to be told of it like any other.
    #[n(8)]
    #[cbor(default)]
    pub accepted_by: Option<u32>,
}

/// A whole document, as a first sync sends it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SnapshotRecord {
    /// Its heads when it was taken.
    #[n(0)]
    pub heads: Vec<ChangeHash>,
    /// Received times in document order.
    #[n(1)]
    pub received: Vec<ReceivedRun>,
    /// The uncompressed document, sealed.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

/// A device's signature over the new hashes of one document.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SignatureRecord {
    /// The hashes, as signed.
    #[n(0)]
    pub hashes: Vec<ChangeHash>,
    /// Ed25519.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// Whom an actor is bound to, since it was first seen.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ActorRecord {
    /// The device, by directory number.
    #[n(0)]
    pub device_number: u32,
    /// Sequence number of its latest accepted change.
    #[n(1)]
    pub last_seq: u64,
}

/// Whether an account may have a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct GrantRecord {
    /// Position of the latest granting.
    #[n(0)]
    pub granted: u64,
    /// Position of the latest ending, if it is ended.
    #[n(1)]
    pub revoked: Option<u64>,
    /// Why it ended.
    #[n(2)]
    pub reason: Option<GoneReason>,
    /// It was ended once and began anew: a device that wrote the document has dropped it meanwhile.
    #[n(3)]
    pub again: Option<bool>,
    /// When it ended, milliseconds since 1970 UTC.
    #[n(4)]
    pub ended_ms: Option<u64>,
}

impl GrantRecord {
    /// Whether it is in force.
    #[must_use]
    pub const fn in_force(&self) -> bool {
        self.revoked.is_none()
    }
}

/// Count and sum over what an account may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct CheckRecord {
    /// As the wire says it.
    #[n(0)]
    pub check: Check,
    /// Position of the latest status for this account.
    #[n(1)]
    pub status_position: u64,
    /// Position of the latest word about a danger for this account.
    #[n(2)]
    #[cbor(default)]
    pub alarm_position: u64,
}

/// Status of a handed-over report for its author.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct StatusRecord {
    /// Position of its latest change.
    #[n(0)]
    pub position: u64,
    /// CBOR of the wire's report status, sealed.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
    /// The author must not know any more: the row is told to nobody.
    #[n(2)]
    #[cbor(default)]
    pub withdrawn: bool,
}

/// What an account is told of a danger.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AlarmRecord {
    /// Position of its latest change.
    #[n(0)]
    pub position: u64,
    /// CBOR of the wire's alarm, sealed.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

/// A danger that waits for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AlarmCaseRecord {
    /// Since when, milliseconds since 1970 UTC.
    #[n(0)]
    pub since_ms: u64,
    /// Those whom the pack names for when nobody takes it were told.
    #[n(1)]
    pub late: bool,
}

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Act {
    /// The relay's database was made or restored.
    #[n(0)]
    Founded = 0,
    /// An account was made or changed.
    #[n(1)]
    AccountChanged = 1,
    /// An enrolment code was made.
    #[n(2)]
    CodeMade = 2,
    /// A device was enrolled.
    #[n(3)]
    DeviceEnrolled = 3,
    /// A device was revoked.
    #[n(4)]
    DeviceRevoked = 4,
    /// Changes were accepted.
    #[n(5)]
    Accepted = 5,
    /// A change was held.
    #[n(6)]
    Held = 6,
    /// A change was refused.
    #[n(7)]
    Refused = 7,
    /// A document was granted.
    #[n(8)]
    Granted = 8,
    /// A grant ended.
    #[n(9)]
    GrantEnded = 9,
    /// A document was handed out.
    #[n(10)]
    Read = 10,
    /// A whole request was refused.
    #[n(11)]
    RequestRefused = 11,
    /// A held change was merged as it was.
    #[n(12)]
    HeldAccepted = 12,
    /// A held change was entered again by who decided.
    #[n(13)]
    HeldReentered = 13,
    /// A held change was declined.
    #[n(14)]
    HeldDeclined = 14,
    /// A held change was passed on to those who answer for the part.
    #[n(15)]
    HeldForwarded = 15,
    /// The office's recovery recipient was set or replaced.
    #[n(16)]
    RecoverySet = 16,
    /// A device's recovery slot was opened, or somebody tried to: its vault can be read with what was printed.
    #[n(17)]
    SlotOpened = 17,
    /// Something was opened, taken away as a file or printed, as its tablet says.
    #[n(18)]
    Seen = 18,
    /// A device told of more in a day than the log takes from one: the rest is to come on another day. Once for a device and day.
    #[n(19)]
    SeenPutOff = 19,
    /// Bytes of a tablet were refused as damaged or hostile, and kept as evidence.
    #[n(20)]
    EvidenceKept = 20,
    /// Evidence was handed out to be saved in a file.
    #[n(21)]
    EvidenceTaken = 21,
    /// A tablet was blocked because of what came from it; the revocation itself is an entry of its own.
    #[n(22)]
    TabletBlocked = 22,
    /// Evidence was erased because its time was over.
    #[n(23)]
    EvidenceErased = 23,
    /// Evidence was looked into, and nothing was to be done.
    #[n(24)]
    EvidenceReviewed = 24,
}

/// One entry of the audit log: who did what to which thing, never its contents.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AuditRecord {
    /// Hash of the entry before; zeros for the first.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub previous: [u8; 32],
    /// Relay time, milliseconds since 1970 UTC.
    #[n(1)]
    pub at_ms: u64,
    /// What.
    #[n(2)]
    pub act: Act,
    /// Who; none for the relay itself and for administration on its machine.
    #[n(3)]
    pub account: Option<AccountId>,
    /// From which device.
    #[n(4)]
    pub device: Option<DeviceId>,
    /// On which document.
    #[n(5)]
    pub document: Option<DocumentId>,
    /// Error code, or 0.
    #[n(6)]
    pub code: u16,
    /// How many changes, or 0.
    #[n(7)]
    pub count: u32,
    /// What a tablet told, with the time it claims; left out of the array for every other act.
    #[n(8)]
    pub seen: Option<Seen>,
}
