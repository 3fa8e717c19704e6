//! What is told of a danger beside the report itself: that it waits, by its code alone, and who took it.

use minicbor::{Decode, Encode};

use crate::id::{AccountId, CaseId};

/// A danger as an account is told of it; replaces what was told before.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Alarm {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Field code; empty when it is over.
    #[n(1)]
    pub field_code: String,
    /// Since when the relay knows of it, milliseconds since 1970 UTC.
    #[n(2)]
    pub since_ms: u64,
    /// Where it stands.
    #[n(3)]
    pub state: AlarmState,
    /// Who took it, where the account may know.
    #[n(4)]
    pub by: Option<AccountId>,
    /// When it came to stand so, milliseconds since 1970 UTC.
    #[n(5)]
    pub at_ms: u64,
}

/// Where a danger stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum AlarmState {
    /// Nobody has taken it.
    #[n(0)]
    Waits,
    /// Somebody has.
    #[n(1)]
    Taken,
    /// It is none any more, or not this account's to know.
    #[n(2)]
    Over,
}
