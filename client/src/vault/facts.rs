//! The unsealed facts of a tablet: what must be known before anybody unlocks, and nothing else.
//!
//! They name no account and no person but by a nickname the person chose. Must never grow a field that could not hang
//! on the office door.

use minicbor::{Decode, Encode};
use shared::id::{TabletId, VaultId};
use shared::seal::backoff::Attempts;
use shared::seal::slot::Slot;

use crate::store::{StorageKey, StoreError};

/// Newest format of the facts.
pub const FACTS_FORMAT: u8 = 1;

/// Where the tablet's own facts lie.
pub(super) const TABLET_KEY: StorageKey = StorageKey::from_bytes(*b"tablet..................");
/// Where the public pack lies.
pub(super) const PACK_KEY: StorageKey = StorageKey::from_bytes(*b"pack....................");
/// Where the language of the door lies: its tag.
pub(super) const LANGUAGE_KEY: StorageKey = StorageKey::from_bytes(*b"language................");
/// Begins the key of every vault's facts.
pub(super) const VAULT_PREFIX: &[u8] = b"vault...";

/// Begins the key of every vault's count of what is not sent.
const UNSENT_PREFIX: &[u8] = b"unsent..";

/// Where a vault's facts lie.
pub(super) fn vault_key(vault: VaultId) -> StorageKey {
    key_of(VAULT_PREFIX, vault)
}

/// Where the bare count of what a vault has not sent lies.
pub(super) fn unsent_key(vault: VaultId) -> StorageKey {
    key_of(UNSENT_PREFIX, vault)
}

fn key_of(prefix: &[u8], vault: VaultId) -> StorageKey {
    let mut bytes = [0; 24];
    for (to, from) in bytes.iter_mut().zip(prefix.iter().chain(vault.as_bytes())) {
        *to = *from;
    }
    StorageKey::from_bytes(bytes)
}

/// The tablet itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TabletFacts {
    pub(super) tablet: TabletId,
    pub(super) made_ms: u64,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct TabletRow {
    #[n(0)]
    format: u8,
    #[n(1)]
    tablet: TabletId,
    #[n(2)]
    made_ms: u64,
}

impl TabletFacts {
    pub(super) fn encode(self) -> Vec<u8> {
        encode(&TabletRow { format: FACTS_FORMAT, tablet: self.tablet, made_ms: self.made_ms })
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        check_format(bytes)?;
        let row: TabletRow = minicbor::decode(bytes).map_err(|_| CORRUPT)?;
        Ok(Self { tablet: row.tablet, made_ms: row.made_ms })
    }
}

/// How far a vault has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum VaultState {
    /// Made on the tablet; the relay has not answered yet.
    #[n(0)]
    Enrolling,
    /// Enrolled.
    #[n(1)]
    Ready,
    /// Its slots are gone; its database goes next.
    #[n(2)]
    Wiping,
}

/// One vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultFacts {
    /// Which.
    pub vault: VaultId,
    /// What its person wants to be called on the tile.
    pub nickname: String,
    /// How far it has come.
    pub state: VaultState,
    /// When it was made, by the tablet's clock.
    pub created_ms: u64,
    /// Wrong attempts since it was last opened.
    pub attempts: Attempts,
    /// What opens it.
    pub slots: Vec<Slot>,
    /// Tells whether a key is this vault's; a keyed hash.
    pub key_check: StorageKey,
    /// The vault key sealed to the office, as long as it lies here.
    pub recovery: Option<Vec<u8>>,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct VaultRow {
    #[n(0)]
    format: u8,
    #[n(1)]
    vault: VaultId,
    #[n(2)]
    nickname: String,
    #[n(3)]
    state: VaultState,
    #[n(4)]
    created_ms: u64,
    #[n(5)]
    attempts: Attempts,
    #[n(6)]
    slots: Vec<minicbor::bytes::ByteVec>,
    #[n(7)]
    #[cbor(with = "minicbor::bytes")]
    key_check: [u8; 24],
    #[n(8)]
    #[cbor(with = "minicbor::bytes")]
    recovery: Option<Vec<u8>>,
}

impl VaultFacts {
    /// Writes the facts.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(&VaultRow {
            format: FACTS_FORMAT,
            vault: self.vault,
            nickname: self.nickname.clone(),
            state: self.state,
            created_ms: self.created_ms,
            attempts: self.attempts,
            slots: self.slots.iter().map(|slot| slot.encode().into()).collect(),
            key_check: *self.key_check.as_bytes(),
            recovery: self.recovery.clone(),
        })
    }

    /// Reads facts; slots of kinds this program does not know are left out.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when a newer program wrote them, [`StoreError::Corrupt`] when they are none.
    pub fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        check_format(bytes)?;
        let row: VaultRow = minicbor::decode(bytes).map_err(|_| CORRUPT)?;
        Ok(Self {
            vault: row.vault,
            nickname: row.nickname,
            state: row.state,
            created_ms: row.created_ms,
            attempts: row.attempts,
            slots: row.slots.iter().filter_map(|slot| Slot::decode(slot).ok()).collect(),
            key_check: StorageKey::from_bytes(row.key_check),
            recovery: row.recovery,
        })
    }
}

const CORRUPT: StoreError = StoreError::Corrupt { table: 0, source: None };

fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    // Writing to a vector cannot fail, and our own encoders have no other error.
    let _ = minicbor::encode(value, &mut bytes);
    bytes
}

fn check_format(bytes: &[u8]) -> Result<(), StoreError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let format = decoder.array().and_then(|_| decoder.u8()).map_err(|_| CORRUPT)?;
    if format > FACTS_FORMAT { Err(StoreError::Newer) } else { Ok(()) }
}
