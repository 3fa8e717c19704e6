//! What a tablet sends in one round.

use minicbor::{Decode, Encode};

use super::super::held::Decision;
use super::super::seen::SeenBatch;
use crate::id::{ChangeHash, DeviceId, DocumentId, DocumentKey, RequestId};

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
    /// [`PROTOCOL_VERSION`](super::PROTOCOL_VERSION).
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
    /// What was opened, taken away or printed on this tablet. Left out of the array when there is nothing to tell.
    #[n(14)]
    pub seen: Option<SeenBatch>,
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
