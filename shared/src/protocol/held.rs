//! Frames about held changes, and about evidence, which goes the same way: what waits for a person, what that person decides,
//! what came of it.
//!
//! Owns their shapes and the remarks of a change that enters a held one again, or keeps what it said as a note. Decides
//! nothing: who may see or decide what is `access::held`'s.

use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};

use super::error::ErrorCode;
use super::frame::{ChangeBytes, present};
use crate::id::{AccountId, CaseId, ChangeHash, DocumentId, DocumentKey, HeldId};

/// What the remark of a re-entered change begins with.
const NOTE_LABEL: &str = "held:";
/// What the remark of a note begins with that keeps what a held change said.
const KEPT_LABEL: &str = "noted:";

/// A change that waits for this account, or is waited for on its behalf.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct HeldChange {
    /// Names it.
    #[n(0)]
    pub held: HeldId,
    /// The case.
    #[n(1)]
    pub case: CaseId,
    /// The part of the case.
    #[n(2)]
    pub kind: String,
    /// Somebody passed it on to those who answer for the part.
    #[n(3)]
    pub forwarded: bool,
    /// What it says; none for an account that may not write the document: it learns case and part, and counts.
    #[n(4)]
    #[cbor(encode_with = "present::encode", is_nil = "present::never")]
    pub content: Option<HeldContent>,
    /// It is no change: bytes that were refused as damaged or hostile. Left out of the array otherwise. Then case and kind are
    /// zeros and empty where nobody knows them, or this account must not.
    #[n(5)]
    pub evidence: Option<Box<Evidence>>,
}

/// Bytes that the relay refused as damaged or hostile, and from where they came. Nobody opens them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Evidence {
    /// Whose tablet.
    #[n(0)]
    pub account: AccountId,
    /// Directory number of the tablet.
    #[n(1)]
    pub device_number: u32,
    /// Why they were refused: an error code.
    #[n(2)]
    pub code: u16,
    /// When they came first, milliseconds since 1970 UTC.
    #[n(3)]
    pub first_ms: u64,
    /// When they came last.
    #[n(4)]
    pub last_ms: u64,
    /// How often they came.
    #[n(5)]
    pub count: u32,
    /// How many they were; of more than [`EVIDENCE_BYTES_MAX`](super::limits::EVIDENCE_BYTES_MAX) the first are kept.
    #[n(6)]
    pub size: u64,
    /// SHA-256 of all of them.
    #[n(7)]
    #[cbor(with = "minicbor::bytes")]
    pub sha256: [u8; 32],
    /// What of them is kept, as a letter to the office's recovery identity: who keeps the register saves it, and need not be
    /// allowed to read the document it was sent for. Only in the answer to [`Verdict::TakeOut`].
    #[n(8)]
    #[cbor(with = "minicbor::bytes")]
    pub letter: Option<Vec<u8>>,
}

/// SHA-256 of bytes as they are, as anybody can compute it who has them.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// What a held change says, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct HeldContent {
    /// The document.
    #[n(0)]
    pub key: DocumentKey,
    /// The change.
    #[n(1)]
    pub change: ChangeBytes,
    /// Who wrote it.
    #[n(2)]
    pub account: AccountId,
    /// Directory number of the tablet it was written on.
    #[n(3)]
    pub device_number: u32,
    /// Why it is held: an error code.
    #[n(4)]
    pub code: u16,
    /// When the relay received it, milliseconds since 1970 UTC.
    #[n(5)]
    pub received_ms: u64,
    /// Its place among the changes its tablet sent with it.
    #[n(6)]
    pub order: u32,
    /// What it builds on and this account does not have: held changes that wait no longer or that nobody wrote, and for an
    /// account without the document all of its changes. Needed to read it, not to be decided.
    #[n(7)]
    pub past: Vec<ChangeBytes>,
}

/// What a person decides about one held change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Decision {
    /// Which.
    #[n(0)]
    pub held: HeldId,
    /// What.
    #[n(1)]
    pub verdict: Verdict,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Verdict {
    /// Merge it as it is.
    #[n(0)]
    Accept,
    /// Do not take it in; the reason is kept beside its bytes and told to its writer.
    #[n(1)]
    Decline(#[n(0)] String),
    /// Let those who answer for the part decide.
    #[n(2)]
    Forward,
    /// Entered again by this device, with these changes; none when what it says stands already.
    #[n(3)]
    Reentered(#[n(0)] Vec<ChangeHash>),
    /// Do not take it in: what it says is kept as a note, which is this document of the case. Declined without a reason.
    #[n(4)]
    Noted(#[n(0)] DocumentId),
    /// Of evidence: revoke the tablet it came from, for this reason. Settles everything kept from that tablet.
    #[n(5)]
    Block(#[n(0)] String),
    /// Of evidence: hand out what is kept of its bytes, in the pages of this answer. Settles nothing.
    #[n(6)]
    TakeOut,
    /// Of evidence that is no worse than damaged ([`is_damaged`]): it was looked into, and nothing is to be done. Settles this one;
    /// declined without a reason.
    #[n(7)]
    Reviewed,
}

/// Whether evidence with this error code is damaged, as an honest tablet that is broken sends it: no change at all, or not as it was
/// written. Whatever else becomes evidence is forged, or would do damage.
#[must_use]
pub fn is_damaged(code: u16) -> bool {
    use ErrorCode::{ChangeChecksum, ChangeKind, ChangeMalformed, ChangeTooLarge};
    [ChangeMalformed, ChangeTooLarge, ChangeChecksum, ChangeKind].iter().any(|damaged| damaged.number() == code)
}

/// What became of one decision.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum DecisionReceipt {
    /// Done, or done before by this very account.
    #[n(0)]
    Done,
    /// It builds on changes that were not merged: enter it again, then say [`Verdict::Reentered`].
    #[n(1)]
    Reenter,
    /// Not possible. The number is an error code; the change goes on waiting.
    #[n(2)]
    Refused(#[n(0)] u16),
    /// Somebody else was first; the pages say who.
    #[n(3)]
    Decided,
}

/// What became of a held change: for those who could have decided, and for its writer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Decided {
    /// Which.
    #[n(0)]
    pub held: HeldId,
    /// What.
    #[n(1)]
    pub outcome: HeldOutcome,
    /// Who decided; none when nobody did.
    #[n(2)]
    pub by: Option<AccountId>,
    /// When, milliseconds since 1970 UTC.
    #[n(3)]
    pub at_ms: u64,
    /// Why it was declined, or its tablet blocked; none when what it said was kept as a note, or nothing was to be done.
    #[n(4)]
    #[cbor(encode_with = "present::encode", is_nil = "present::never")]
    pub reason: Option<String>,
}

/// What became of a held change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum HeldOutcome {
    /// Merged as it was.
    #[n(0)]
    Accepted,
    /// Entered again by who decided.
    #[n(1)]
    Reentered,
    /// Not taken in.
    #[n(2)]
    Declined,
    /// Not decided, but no longer this account's to decide: forget what was told of it.
    #[n(3)]
    Withdrawn,
}

impl HeldOutcome {
    /// Whether what the writer wrote stands in the document now.
    #[must_use]
    pub const fn is_taken_in(self) -> bool {
        matches!(self, Self::Accepted | Self::Reentered)
    }
}

/// The remark of a change that enters a held one again: which, whose, and from when by its writer's clock.
///
/// **Shape**: `held:<hash> <account> <seconds since 1970>`. The relay refuses a remark that is not true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldNote {
    /// The held change.
    pub hash: ChangeHash,
    /// Who wrote it.
    pub author: AccountId,
    /// When, by the writer's clock, seconds since 1970 UTC.
    pub time_s: i64,
}

impl HeldNote {
    /// Reads a remark; none when it is another, or not in the one form.
    #[must_use]
    pub fn parse(message: &str) -> Option<Self> {
        let mut parts = message.strip_prefix(NOTE_LABEL)?.split(' ');
        let note = Self {
            hash: ChangeHash::parse(parts.next()?).ok()?,
            author: AccountId::parse(parts.next()?).ok()?,
            time_s: parts.next()?.parse().ok()?,
        };
        (note.to_string() == message).then_some(note)
    }
}

impl core::fmt::Display for HeldNote {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{NOTE_LABEL}{} {} {}", self.hash, self.author, self.time_s)
    }
}

/// The remark of a note that keeps what a held change said: which, whose, and from when by its writer's clock.
///
/// **Shape**: `noted:<held id> <account> <seconds since 1970>`. The relay refuses a remark that is not true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptNote {
    /// The held change, which lies in another document of the case.
    pub held: HeldId,
    /// Who wrote it.
    pub author: AccountId,
    /// When, by the writer's clock, seconds since 1970 UTC.
    pub time_s: i64,
}

impl KeptNote {
    /// Reads a remark; none when it is another, or not in the one form.
    #[must_use]
    pub fn parse(message: &str) -> Option<Self> {
        let mut parts = message.strip_prefix(KEPT_LABEL)?.split(' ');
        let note = Self {
            held: HeldId::parse(parts.next()?).ok()?,
            author: AccountId::parse(parts.next()?).ok()?,
            time_s: parts.next()?.parse().ok()?,
        };
        (note.to_string() == message).then_some(note)
    }
}

impl core::fmt::Display for KeptNote {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{KEPT_LABEL}{} {} {}", self.held, self.author, self.time_s)
    }
}

/// Whether a remark claims something about a held change.
#[must_use]
pub fn is_claimed(message: &str) -> bool {
    message.starts_with(NOTE_LABEL) || message.starts_with(KEPT_LABEL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::limits::CHANGE_MESSAGE_BYTES_MAX;

    #[test]
    fn a_note_has_one_form_and_fits() {
        let note =
            HeldNote { hash: ChangeHash::from_bytes([1; 32]), author: AccountId::from_bytes([2; 16]), time_s: -5 };
        let text = note.to_string();
        assert!(text.len() <= CHANGE_MESSAGE_BYTES_MAX && is_claimed(&text));
        assert_eq!((HeldNote::parse(&text), KeptNote::parse(&text)), (Some(note), None));
        for other in [format!("{text} "), text.replace("-5", "-05"), String::from("held:"), String::from("catatan")] {
            assert_eq!(HeldNote::parse(&other), None, "{other}");
        }
    }

    #[test]
    fn a_kept_note_has_one_form_and_is_another() {
        let note = KeptNote { held: HeldId::from_bytes([1; 16]), author: AccountId::from_bytes([2; 16]), time_s: -5 };
        let text = note.to_string();
        assert!(text.len() <= CHANGE_MESSAGE_BYTES_MAX && is_claimed(&text));
        assert_eq!((KeptNote::parse(&text), HeldNote::parse(&text)), (Some(note), None));
        for other in [format!("{text} "), text.replace("-5", "-05"), String::from("noted:"), String::from("catatan")] {
            assert_eq!(KeptNote::parse(&other), None, "{other}");
        }
    }
}
