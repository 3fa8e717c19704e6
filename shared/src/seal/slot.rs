//! Key slots of a vault, in the manner of LUKS: each opens the same vault key by another way.
//!
//! Today there is one kind, the passphrase slot; the header names its kind so that more can follow. The header is
//! bound into the seal, so parameters cannot be weakened and a slot cannot move to another vault. It names neither
//! device nor account, because it lies unsealed on the tablet.

use minicbor::{Decode, Encode};

use super::cipher::{self, Nonce, SealError, VaultKey};
use super::kdf::{KdfParams, KdfRequest, SALT_LEN, SlotKey};
use super::passphrase::Passphrase;
use crate::id::VaultId;

/// Newest slot format known here.
pub const SLOT_FORMAT: u8 = 1;

/// By what a slot is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum SlotKind {
    /// A passphrase alone.
    #[n(1)]
    Passphrase,
}

/// One slot, as it lies unsealed on the tablet.
///
/// **Shape**: CBOR array `[format, kind, vault, [memory KiB, passes], salt[16], nonce[24] ‖ ciphertext[32] ‖ tag[16]]`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Slot {
    #[n(0)]
    format: u8,
    #[n(1)]
    kind: SlotKind,
    #[n(2)]
    vault: VaultId,
    #[n(3)]
    params: KdfParams,
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    salt: [u8; SALT_LEN],
    #[n(5)]
    #[cbor(with = "minicbor::bytes")]
    sealed: Vec<u8>,
}

impl Slot {
    /// Puts a vault key into a passphrase slot.
    ///
    /// `key` must be what [`super::kdf::derive`] gave for these `params` and this `salt`.
    ///
    /// # Errors
    /// [`SealError::Malformed`] when the parameters are not acceptable.
    pub fn create(
        vault: VaultId,
        vault_key: &VaultKey,
        key: &SlotKey,
        params: KdfParams,
        salt: [u8; SALT_LEN],
        nonce: Nonce,
    ) -> Result<Self, SealError> {
        if !params.is_acceptable() {
            return Err(SealError::Malformed);
        }
        let mut slot =
            Self { format: SLOT_FORMAT, kind: SlotKind::Passphrase, vault, params, salt, sealed: Vec::new() };
        let mut sealed = Vec::new();
        cipher::seal_into(&wrapping_key(key), nonce, &slot.bound(), vault_key.as_bytes(), &mut sealed)?;
        slot.sealed = sealed;
        Ok(slot)
    }

    /// Reads a slot back.
    ///
    /// # Errors
    /// [`SealError::NewerFormat`] when a newer program wrote it; [`SealError::Malformed`] for anything else that is
    /// not a slot, including parameters outside the accepted range.
    pub fn decode(bytes: &[u8]) -> Result<Self, SealError> {
        let mut decoder = minicbor::Decoder::new(bytes);
        decoder.array().map_err(|_| SealError::Malformed)?;
        let found = decoder.u8().map_err(|_| SealError::Malformed)?;
        if found > SLOT_FORMAT {
            return Err(SealError::NewerFormat { found, known: SLOT_FORMAT });
        }
        let slot: Self = minicbor::decode(bytes).map_err(|_| SealError::Malformed)?;
        if slot.format == SLOT_FORMAT && slot.params.is_acceptable() { Ok(slot) } else { Err(SealError::Malformed) }
    }

    /// Writes the slot.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(self, &mut bytes);
        bytes
    }

    /// The vault it opens.
    #[must_use]
    pub const fn vault(&self) -> VaultId {
        self.vault
    }

    /// What the worker must compute to open this slot.
    #[must_use]
    pub const fn request(&self, passphrase: Passphrase) -> KdfRequest {
        KdfRequest { passphrase, params: self.params, salt: self.salt }
    }

    /// Opens the slot.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`] when the passphrase was another one, or the slot was altered.
    pub fn open(&self, key: &SlotKey) -> Result<VaultKey, SealError> {
        cipher::open_key(&wrapping_key(key), &self.bound(), &self.sealed).map(|bytes| VaultKey::from_bytes(*bytes))
    }

    fn bound(&self) -> Vec<u8> {
        let kind: u8 = match self.kind {
            SlotKind::Passphrase => 1,
        };
        cipher::bind(
            "simpul/slot/1",
            &[
                &[self.format, kind],
                self.vault.as_bytes(),
                &self.params.memory_kib.to_be_bytes(),
                &self.params.passes.to_be_bytes(),
                &self.salt,
            ],
        )
    }
}

fn wrapping_key(key: &SlotKey) -> zeroize::Zeroizing<[u8; 32]> {
    cipher::derive(key.as_bytes(), "simpul/slot/wrap/1", &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::kdf::{FLOOR, LADDER, derive};

    fn slot(params: KdfParams) -> Slot {
        Slot::create(
            VaultId::from_bytes([1; 16]),
            &VaultKey::from_bytes([2; 32]),
            &SlotKey::for_test([3; 32]),
            params,
            [4; SALT_LEN],
            Nonce::from_random([5; 24]),
        )
        .unwrap()
    }

    #[test]
    fn only_the_right_passphrase_opens() {
        let words = |text| Passphrase::parse(text).unwrap();
        let salt = [4; SALT_LEN];
        let ask = |text| derive(&KdfRequest { passphrase: words(text), params: FLOOR, salt }).unwrap();
        let made = Slot::create(
            VaultId::from_bytes([1; 16]),
            &VaultKey::from_bytes([2; 32]),
            &ask("air batu cahaya daun emas"),
            FLOOR,
            salt,
            Nonce::from_random([5; 24]),
        )
        .unwrap();
        let read = Slot::decode(&made.encode()).unwrap();
        let right = derive(&read.request(words("  Air batu  CAHAYA daun emas "))).unwrap();
        assert_eq!(read.open(&right).unwrap().as_bytes(), &[2; 32]);
        assert_eq!(read.open(&ask("air batu cahaya daun api")).err(), Some(SealError::DoesNotOpen));
    }

    #[test]
    fn nothing_in_the_header_can_be_altered() {
        let good = slot(LADDER[0]);
        let key = SlotKey::for_test([3; 32]);
        assert!(good.open(&key).is_ok());
        let altered = [
            Slot { params: FLOOR, ..good.clone() },
            Slot { vault: VaultId::from_bytes([9; 16]), ..good.clone() },
            Slot { salt: [9; SALT_LEN], ..good },
        ];
        for slot in altered {
            assert_eq!(slot.open(&key).err(), Some(SealError::DoesNotOpen));
        }
    }

    #[test]
    fn newer_slots_and_hostile_parameters_are_refused() {
        let good = slot(FLOOR);
        let newer = Slot { format: 2, ..good.clone() };
        assert_eq!(Slot::decode(&newer.encode()), Err(SealError::NewerFormat { found: 2, known: 1 }));
        let greedy = Slot { params: KdfParams { memory_kib: u32::MAX, passes: 3 }, ..good };
        assert_eq!(Slot::decode(&greedy.encode()), Err(SealError::Malformed));
        assert_eq!(Slot::decode(&[]), Err(SealError::Malformed));
    }
}
