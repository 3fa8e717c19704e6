//! Bytes that were refused as damaged or hostile: from where they came, and what was decided. The bytes lie apart, sealed.

use minicbor::{Decode, Encode};

use super::HeldDecision;
use shared::id::{AccountId, DeviceId, DocumentId, DocumentKey};

/// One thing that came from a tablet, however often, and was refused as damaged or hostile.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EvidenceRecord {
    /// Who sent it.
    #[n(0)]
    pub account: AccountId,
    /// From which device.
    #[n(1)]
    pub device: DeviceId,
    /// The document it was sent for; its key seals the bytes.
    #[n(2)]
    pub document: DocumentId,
    /// That document's key, as far as the relay knows it or the document's id follows from what was said.
    #[n(3)]
    pub key: Option<DocumentKey>,
    /// Why it was refused: an error code.
    #[n(4)]
    pub code: u16,
    /// When it came first, milliseconds since 1970 UTC.
    #[n(5)]
    pub first_ms: u64,
    /// When it came last.
    #[n(6)]
    pub last_ms: u64,
    /// How often it came.
    #[n(7)]
    pub count: u32,
    /// How many bytes it has; of the largest not all are kept.
    #[n(8)]
    pub size: u64,
    /// SHA-256 of all of them.
    #[n(9)]
    #[cbor(with = "minicbor::bytes")]
    pub sha256: [u8; 32],
    /// That its tablet was blocked, by whom and why.
    #[n(10)]
    #[cbor(default)]
    pub decision: Option<HeldDecision>,
}
