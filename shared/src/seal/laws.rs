//! Properties that hold for any bytes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::letter::{Identity, Purpose};
use super::passphrase::Passphrase;
use super::relay::{DataKey, KeyRing, MasterKey};
use super::row::{RowSealer, StorageKey};
use super::slot::Slot;
use super::{Nonce, VaultKey, code};
use crate::id::{DocumentId, TenantId, VaultId};

fn rows(key: [u8; 32]) -> RowSealer {
    RowSealer::new(&VaultKey::from_bytes(key), VaultId::from_bytes([1; 16]))
}

proptest! {
    #[test]
    fn any_row_comes_back(key: [u8; 32], nonce: [u8; 24], table: u16, place in vec(any::<u8>(), 0..64), value in vec(any::<u8>(), 0..2048)) {
        let (at, sealed) = rows(key).seal(table, &place, &value, Nonce::from_random(nonce)).unwrap();
        let row = rows(key).open(&at, &sealed).unwrap();
        prop_assert_eq!((row.table, row.key, row.value), (table, place, value));
    }

    #[test]
    fn any_altered_bit_is_found(nonce: [u8; 24], value in vec(any::<u8>(), 0..64), bit in any::<prop::sample::Index>()) {
        let (at, mut sealed) = rows([2; 32]).seal(1, b"k", &value, Nonce::from_random(nonce)).unwrap();
        let bit = bit.index(sealed.len() * 8);
        sealed[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(rows([2; 32]).open(&at, &sealed).is_err());
    }

    #[test]
    fn hostile_bytes_are_refused_without_a_panic(bytes in vec(any::<u8>(), 0..300), text in ".{0,120}") {
        let at = StorageKey::from_bytes([0; 24]);
        prop_assert!(rows([2; 32]).open(&at, &bytes).is_err());
        prop_assert!(Slot::decode(&bytes).is_err());
        let ring = KeyRing::new(&MasterKey::from_bytes([1; 32]), &[]);
        let document = DocumentId::from_bytes([1; 16]);
        prop_assert!(ring.unwrap(TenantId::from_bytes([1; 16]), document, &bytes).is_err());
        prop_assert!(DataKey::from_bytes([1; 32]).open_row(document, "change", b"", &bytes).is_err());
        prop_assert!(Identity::from_seed(&[1; 32]).open(Purpose::Recovery, &bytes).is_err());
        prop_assert!(code::decode(&text).is_err());
        prop_assert!(MasterKey::parse(&text).is_err());
    }

    #[test]
    fn any_key_is_read_out_and_heard(key: [u8; 32]) {
        let key = VaultKey::from_bytes(key);
        let heard = code::decode(&code::encode(&key)).unwrap();
        prop_assert_eq!(heard.as_bytes(), key.as_bytes());
    }

    #[test]
    fn a_normalised_passphrase_stays_as_it_is(text in "\\PC{0,60}") {
        if let Ok(once) = Passphrase::parse(&text) {
            prop_assert_eq!(Passphrase::parse(once.reveal()), Ok(once));
        }
    }
}
