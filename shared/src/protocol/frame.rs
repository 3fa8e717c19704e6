//! Frames of `simpul/1`: what a tablet sends and what the relay answers.
//!
//! Every struct is a CBOR array of all its fields, null where one is absent; every enum is `[number, fields…]`, or its
//! bare number where no variant has fields. A field is only ever added at the end, with a new protocol version.

use minicbor::{Decode, Encode};

use super::alarm::Alarm;
use super::held::{Decided, Decision, DecisionReceipt, HeldChange};
use crate::id::{AccountId, CaseId, ChangeHash, DeviceId, DocumentId, DocumentKey, RequestId, TabletId, TenantId};

/// The version in every frame.
pub const PROTOCOL_VERSION: u16 = 1;

/// An upload as it stands on the wire: the encoded [`Upload`] and the device's signature over it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SignedUpload {
    /// The encoded [`Upload`]; signed as these very bytes.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// Ed25519 over the frame message of the signature page.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// One sync request: what the tablet wrote, and from where it wants to go on.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Upload {
    /// [`PROTOCOL_VERSION`].
    #[n(0)]
    pub version: u16,
    /// Who sends.
    #[n(1)]
    pub device: DeviceId,
    /// Repeated when the same request is sent again.
    #[n(2)]
    pub request: RequestId,
    /// Grows with every new request of this device.
    #[n(3)]
    pub counter: u64,
    /// The cursor of the last page kept; none at first and after a loss.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub cursor: Option<Vec<u8>>,
    /// Version of the pack the tablet works with; 0 when it has none.
    #[n(5)]
    pub pack: u32,
    /// How many bytes of items (before compression) the answer may hold; 0 leaves it to the relay.
    #[n(6)]
    pub budget_bytes: u32,
    /// Documents the user waits for; served first, in addition.
    #[n(7)]
    pub priorities: Vec<DocumentId>,
    /// New changes, per document.
    #[n(8)]
    pub pushes: Vec<Push>,
    /// Asks for repair.
    #[n(9)]
    pub repair: Option<Repair>,
    /// A copy of the recovery slot, until the relay has confirmed one.
    #[n(10)]
    #[cbor(with = "minicbor::bytes")]
    pub slot: Option<Vec<u8>>,
    /// The tablet's own accepted uploads, sealed to the relay, offered again to a restored relay.
    #[n(11)]
    pub offers: Vec<SealedOffer>,
    /// Decisions about held changes, taken in this order, after the pushes. Left out of the array when there are none.
    #[n(12)]
    pub decisions: Option<Vec<Decision>>,
    /// What the tablet has of documents and a restored relay has not, whoever wrote it. Left out of the array when there is
    /// none.
    #[n(13)]
    pub brought: Option<Vec<Brought>>,
}

/// Changes a relay had accepted before it was restored from a backup, brought back by a tablet that received them. They
/// carry no signature of their writer, so that they wait for a person.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Brought {
    /// The key of their document: the restored relay may not have it at all.
    #[n(0)]
    pub key: DocumentKey,
    /// Parents first.
    #[n(1)]
    pub changes: Vec<ChangeBytes>,
}

/// An accepted upload that the tablet kept for a restored relay: [`Offer`] sealed to the relay's recipient.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct SealedOffer(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub Vec<u8>,
);

/// What a [`SealedOffer`] holds.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Offer {
    /// Device counter under which the pushes were signed.
    #[n(0)]
    pub counter: u64,
    /// The pushes as they were sent: their signatures cover every change.
    #[n(1)]
    pub pushes: Vec<Push>,
    /// Changes of `pushes` that the relay did not take, nor holds: the tablet has written them anew or shows why not.
    /// Left out of the array when there are none.
    #[n(2)]
    pub left_out: Option<Vec<ChangeHash>>,
}

/// New changes of one document.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Push {
    /// The document.
    #[n(0)]
    pub document: DocumentId,
    /// Its key, until the relay has acknowledged the document once.
    #[n(1)]
    pub create: Option<DocumentKey>,
    /// Uncompressed Automerge changes, parents first. Derived text changes are among them; those name no author.
    #[n(2)]
    pub changes: Vec<ChangeBytes>,
    /// Ed25519 over the push message: tenant, document, hashes of `changes`, device, counter.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// One uncompressed Automerge change chunk.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct ChangeBytes(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub Vec<u8>,
);

/// A repair request: digests of what the tablet holds, two levels.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Repair {
    /// 64 bucket digests of 8 bytes each.
    #[n(0)]
    Buckets(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        Vec<u8>,
    ),
    /// For buckets that differ: bucket number and the fingerprints of its documents.
    #[n(1)]
    Documents(#[n(0)] Vec<BucketDocuments>),
}

/// What one bucket holds on the tablet.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BucketDocuments {
    /// 0 to 63: the low six bits of the document id's first byte.
    #[n(0)]
    pub bucket: u8,
    /// Documents with their acknowledged heads.
    #[n(1)]
    pub documents: Vec<HeldDocument>,
}

/// A document the tablet holds, with its acknowledged heads.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct HeldDocument {
    /// The document.
    #[n(0)]
    pub document: DocumentId,
    /// Acknowledged heads, ascending.
    #[n(1)]
    pub heads: Vec<ChangeHash>,
}

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
    /// Bucket numbers that differ; the tablet answers with [`Repair::Documents`].
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

/// First step of enrolment: whose code is this?
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum EnrolRequest {
    /// Shows whom the code belongs to; uses nothing up.
    #[n(0)]
    Look {
        /// [`PROTOCOL_VERSION`].
        #[n(0)]
        version: u16,
        /// The one-time code, normalised.
        #[n(1)]
        code: String,
    },
    /// Uses the code up and registers the device. Repeating it with the same key gives the same answer.
    #[n(1)]
    Join {
        /// [`PROTOCOL_VERSION`].
        #[n(0)]
        version: u16,
        /// The one-time code, normalised.
        #[n(1)]
        code: String,
        /// Ed25519 public key of the new device.
        #[n(2)]
        #[cbor(with = "minicbor::bytes")]
        public_key: [u8; 32],
        /// The tablet it lives on.
        #[n(3)]
        tablet: TabletId,
        /// What people call the tablet.
        #[n(4)]
        tablet_name: String,
        /// The vault key sealed to the office's recovery recipient.
        #[n(5)]
        #[cbor(with = "minicbor::bytes")]
        slot: Vec<u8>,
        /// Ed25519 by the new key over the join message, which proves that the device holds it.
        #[n(6)]
        #[cbor(with = "minicbor::bytes")]
        signature: [u8; 64],
    },
}

/// Answers to [`EnrolRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum EnrolAnswer {
    /// To a look.
    #[n(0)]
    Welcome {
        /// The relay's identity.
        #[n(0)]
        tenant: TenantId,
        /// Whose account.
        #[n(1)]
        member: Member,
        /// Name of the task force in the pack's first language.
        #[n(2)]
        office: String,
        /// `age` recipient of the office's recovery identity.
        #[n(3)]
        recovery_recipient: String,
        /// Version of the pack; fetch it at `/pack`.
        #[n(4)]
        pack: u32,
        /// Everything here is synthetic: show the red line.
        #[n(5)]
        synthetic: bool,
    },
    /// To a join.
    #[n(1)]
    Joined {
        /// The new device.
        #[n(0)]
        device: DeviceId,
        /// Its number in the directory.
        #[n(1)]
        device_number: u32,
        /// `age` recipient of the relay, for the tablet's own copies.
        #[n(2)]
        relay_recipient: String,
        /// Relay time, milliseconds since 1970 UTC.
        #[n(3)]
        now_ms: u64,
    },
    /// Not taken.
    #[n(2)]
    Fault(#[n(0)] Fault),
}

/// Writes an absent last field as null instead of leaving it out, so that every frame has one length.
pub(super) mod present {
    use minicbor::Encode;
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    pub(in crate::protocol) fn encode<C, T: Encode<C>, W: Write>(
        value: &Option<T>,
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.encode_with(value, context)?;
        Ok(())
    }

    pub(in crate::protocol) const fn never<T>(_: &Option<T>) -> bool {
        false
    }
}
