//! Changes that wait for a person: what they are, who has a seat at them, what was decided.

use minicbor::{Decode, Encode};

use shared::id::{AccountId, DeviceId, DocumentKey};
use shared::protocol::error::ErrorCode;
use shared::protocol::held::HeldOutcome;

/// A change that waits for a person, or did. Its bytes stay whatever was decided.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct HeldRecord {
    /// Its document.
    #[n(0)]
    pub key: DocumentKey,
    /// Who sent it.
    #[n(1)]
    pub account: AccountId,
    /// From which device.
    #[n(2)]
    pub device: DeviceId,
    /// Why: an error code.
    #[n(3)]
    pub code: u16,
    /// When it was received, milliseconds since 1970 UTC.
    #[n(4)]
    pub received_ms: u64,
    /// The change, sealed.
    #[n(5)]
    #[cbor(with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
    /// Its place among what was held in the same commit.
    #[n(6)]
    #[cbor(default)]
    pub order: u32,
    /// A derived text change: nobody wrote it, so nobody decides about it; it goes in with what builds on it.
    #[n(7)]
    #[cbor(default)]
    pub derived: bool,
    /// It was passed on to those who answer for the part.
    #[n(8)]
    #[cbor(default)]
    pub forwarded: bool,
    /// What was decided.
    #[n(9)]
    #[cbor(default)]
    pub decision: Option<HeldDecision>,
}

impl HeldRecord {
    /// Whether it waits for a person.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.decision.is_none() && !self.derived
    }

    /// Whether a tablet brought it back that had only received it: who wrote it, nobody signed.
    #[must_use]
    pub fn is_brought(&self) -> bool {
        self.code == ErrorCode::HeldBrought.number()
    }
}

/// What was decided about a held change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct HeldDecision {
    /// What.
    #[n(0)]
    pub outcome: HeldOutcome,
    /// Who.
    #[n(1)]
    pub account: AccountId,
    /// From which device.
    #[n(2)]
    pub device: DeviceId,
    /// When, milliseconds since 1970 UTC.
    #[n(3)]
    pub at_ms: u64,
    /// Why it was declined, sealed.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub sealed_reason: Option<Vec<u8>>,
}

/// What an account is told of a held change, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SeatRecord {
    /// Position of its latest change.
    #[n(0)]
    pub position: u64,
    /// What.
    #[n(1)]
    pub level: SeatLevel,
}

/// What an account is told of a held change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum SeatLevel {
    /// What it says; the account decides.
    #[n(0)]
    Decides,
    /// That it waits.
    #[n(1)]
    Counts,
    /// What was decided.
    #[n(2)]
    Told,
    /// That it is no longer the account's.
    #[n(3)]
    Ended,
}
