//! The shapes of an open vault's own rows: who it belongs to, preferences, what is typed, what was not merged.
//!
//! CBOR arrays; fields are only ever added at the end, so that every later version opens them.

use minicbor::{Decode, Encode};
use shared::id::{AccountId, CaseId, DeviceId, DocumentId, DocumentKey, TenantId};
use shared::protocol::codec::encode;
use shared::protocol::frame::{Member, SealedOffer};
use shared::sync::row::{PendingOrder, TrayEntry};
use shared::sync::sending::Sending;

use crate::api::Typed;

/// Who a vault belongs to, sealed in it.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(array)]
pub struct Owner {
    /// The relay's identity.
    #[n(0)]
    pub tenant: TenantId,
    /// The account.
    #[n(1)]
    pub account: AccountId,
    /// This device.
    #[n(2)]
    pub device: DeviceId,
    /// Seed of the device's signing key.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub seed: [u8; 32],
    /// `age` recipient of the relay, for kept own uploads.
    #[n(4)]
    pub relay_recipient: String,
    /// The member as enrolled.
    #[n(5)]
    pub member: Member,
    /// Everything at this relay is synthetic.
    #[n(6)]
    pub synthetic: bool,
}

/// Preferences of the person.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Settings {
    /// Seconds without a touch until the vault locks itself.
    #[n(0)]
    pub auto_lock_s: u32,
    /// Interface language; the tablet's until the person chooses one.
    #[n(1)]
    pub language: Option<String>,
    /// Where work was interrupted: an encoded `api::Place`.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub place: Option<Vec<u8>>,
    /// When the tablet may use its line by itself.
    #[n(3)]
    #[cbor(default)]
    pub sending: Sending,
    /// Up to when the registrar looked through what came in, by the centre's clock.
    #[n(4)]
    #[cbor(default)]
    pub desk_seen_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { auto_lock_s: 300, language: None, place: None, sending: Sending::Automatic, desk_seen_ms: 0 }
    }
}

/// What the tablet itself remembers of a report it took, also when the documents are gone.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LocalReport {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Field code.
    #[n(1)]
    pub field_code: String,
    /// When it was begun, milliseconds since 1970 UTC.
    #[n(2)]
    pub begun_ms: u64,
    /// When it was handed over.
    #[n(3)]
    pub handed_over_ms: Option<u64>,
    /// Page to go on at.
    #[n(4)]
    pub page: u32,
}

/// What is being typed in a field or a new row.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Draft {
    /// An encoded `api::FieldPlace`.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub place: Vec<u8>,
    /// What stands in the field.
    #[n(1)]
    pub text: String,
    /// An encoded `api::Typed` without its text: what stood there when it was begun. Empty in rows of the first version.
    #[n(2)]
    #[cbor(default, with = "minicbor::bytes")]
    pub began: Vec<u8>,
}

impl Draft {
    /// The row of what is being typed at an encoded place.
    #[must_use]
    pub fn new(place: &[u8], typed: &Typed) -> Self {
        let began = Typed { text: String::new(), ..typed.clone() };
        Self { place: place.to_vec(), text: typed.text.clone(), began: encode(&began) }
    }

    /// What is being typed.
    #[must_use]
    pub fn typed(self) -> Typed {
        let began: Typed = minicbor::decode(&self.began).unwrap_or_default();
        Typed { text: self.text, ..began }
    }
}

/// An edit that was not merged, with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trayed {
    /// Names it on this tablet.
    pub number: u64,
    /// The edit and why.
    pub entry: TrayEntry,
}

/// Bytes sent and received in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct UsedBytes {
    /// Year × 12 + month.
    #[n(0)]
    pub month: u32,
    /// Sent.
    #[n(1)]
    pub up: u64,
    /// Received.
    #[n(2)]
    pub down: u64,
}

/// Names a note of unread documents; in the order in which they were made, and no other tab's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoteId(pub PendingOrder);

/// Documents that came together and are to be read: one row for all of them, because of thousands it is the rows that cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadNote {
    /// Which note.
    pub id: NoteId,
    /// Which documents; some may have been read since.
    pub keys: Vec<DocumentKey>,
}

/// Documents that are being read. Found when a vault is opened, it names those during which the program died.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Reading {
    /// Which.
    #[n(0)]
    pub documents: Vec<DocumentId>,
    /// How often in a row, for one that is read alone; 0 for several.
    #[n(1)]
    pub tries: u32,
}

/// Accepted own uploads, sealed to the relay, with the time they may be forgotten from.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(array)]
pub struct KeptOffer {
    /// When the relay accepted it, milliseconds since 1970 UTC.
    #[n(0)]
    pub accepted_ms: u64,
    /// The sealed offer.
    #[n(1)]
    pub offer: SealedOffer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_of_an_older_version_still_open() {
        /// As the first version wrote them.
        #[derive(Encode)]
        #[cbor(array)]
        struct First {
            #[n(0)]
            auto_lock_s: u32,
            #[n(1)]
            language: Option<String>,
            #[n(2)]
            #[cbor(with = "minicbor::bytes")]
            place: Option<Vec<u8>>,
        }
        let first = First { auto_lock_s: 60, language: Some("tet".to_owned()), place: Some(vec![1, 2]) };
        let opened: Settings = minicbor::decode(&encode(&first)).expect("an older row opens");
        let language = Some("tet".to_owned());
        let place = Some(vec![1, 2]);
        assert_eq!(opened, Settings { auto_lock_s: 60, language, place, ..Settings::default() });
    }
}
