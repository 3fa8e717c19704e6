//! Rows of a tablet's vault: sealed values under hidden keys.
//!
//! A row's storage key is a keyed hash, so names and ids leak nothing; its first four bytes depend on the table alone,
//! so that one table can be scanned. The plain key stands inside the sealed value. Called by the tablet's sealed store,
//! and natively by the tests that open a dumped browser profile.
//!
//! ```text
//! storage key   hash(table)[4] ‖ hash(table, key)[20]
//! sealed row    version 1 ‖ nonce[24] ‖ XChaCha20-Poly1305( CBOR [table, key, value] ) ‖ tag[16]
//! bound to      CBOR ["simpul/row/1", vault id, storage key]
//! ```

use hkdf::Hkdf;
use minicbor::{Decode, Encode};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::cipher::{self, Nonce, SealError, VaultKey};
use crate::id::VaultId;

/// Newest row format this program reads and the one it writes.
pub const ROW_FORMAT: u8 = 1;
/// Bytes of a storage key that depend on the table alone.
pub const TABLE_PREFIX_LEN: usize = 4;
/// Bytes of a storage key.
pub const STORAGE_KEY_LEN: usize = 24;

/// Where a row lies in the store below: a keyed hash of table and key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StorageKey([u8; STORAGE_KEY_LEN]);

impl StorageKey {
    /// Takes the bytes a store gave back.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; STORAGE_KEY_LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; STORAGE_KEY_LEN] {
        &self.0
    }
}

impl TryFrom<&[u8]> for StorageKey {
    type Error = SealError;
    fn try_from(bytes: &[u8]) -> Result<Self, SealError> {
        bytes.try_into().map(Self).map_err(|_| SealError::Malformed)
    }
}

/// A row as it was before sealing.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Row {
    /// Number of the table.
    #[n(0)]
    pub table: u16,
    /// Key inside the table.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub key: Vec<u8>,
    /// Value, as the table's owner encoded it.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub value: Vec<u8>,
}

#[derive(Encode)]
#[cbor(array)]
struct RowRef<'a> {
    #[n(0)]
    table: u16,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    key: &'a [u8],
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    value: &'a [u8],
}

/// Seals and opens the rows of one vault; holds the derived keys, which are zeroed when it is dropped.
pub struct RowSealer {
    vault: VaultId,
    row_key: Zeroizing<[u8; 32]>,
    // Its inner state cannot be zeroed, so the key that feeds it is derived for hiding names and opens nothing.
    name_key: Hkdf<Sha256>,
}

impl RowSealer {
    /// Derives the row and name keys of a vault.
    #[must_use]
    pub fn new(key: &VaultKey, vault: VaultId) -> Self {
        let place: &[&[u8]] = &[vault.as_bytes()];
        let name_key = cipher::derive(key.as_bytes(), "simpul/vault/names/1", place);
        Self {
            vault,
            row_key: cipher::derive(key.as_bytes(), "simpul/vault/rows/1", place),
            name_key: Hkdf::new(None, &*name_key),
        }
    }

    /// The vault whose rows it seals.
    #[must_use]
    pub const fn vault(&self) -> VaultId {
        self.vault
    }

    /// A keyed hash that tells whether a key is this vault's, and nothing else; may lie unsealed.
    #[must_use]
    pub fn key_check(&self) -> StorageKey {
        // No table has the number 0.
        self.storage_key(0, b"simpul/vault/check/1")
    }

    /// First bytes of every storage key of a table.
    #[must_use]
    pub fn table_prefix(&self, table: u16) -> [u8; TABLE_PREFIX_LEN] {
        let mut prefix = [0; TABLE_PREFIX_LEN];
        cipher::expand(&self.name_key, "simpul/table/1", &[&table.to_be_bytes()], &mut prefix);
        prefix
    }

    /// Where a row of this table with this key lies.
    #[must_use]
    pub fn storage_key(&self, table: u16, key: &[u8]) -> StorageKey {
        let mut bytes = [0; STORAGE_KEY_LEN];
        let (prefix, rest) = bytes.split_at_mut(TABLE_PREFIX_LEN);
        prefix.copy_from_slice(&self.table_prefix(table));
        cipher::expand(&self.name_key, "simpul/key/1", &[&table.to_be_bytes(), key], rest);
        StorageKey(bytes)
    }

    /// Seals a value for its place.
    ///
    /// # Errors
    /// [`SealError::TooLong`] beyond the cipher's limit of 256 GiB.
    pub fn seal(&self, table: u16, key: &[u8], value: &[u8], nonce: Nonce) -> Result<(StorageKey, Vec<u8>), SealError> {
        let place = self.storage_key(table, key);
        let mut plain = Zeroizing::new(Vec::with_capacity(value.len().saturating_add(key.len()).saturating_add(16)));
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(RowRef { table, key, value }, &mut *plain);
        let mut sealed = vec![ROW_FORMAT];
        cipher::seal_into(&self.row_key, nonce, &self.bound(&place), &plain, &mut sealed)?;
        Ok((place, sealed))
    }

    /// Opens the row found at a place.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`] for another vault's key, a row moved from another place, or altered bytes;
    /// [`SealError::NewerFormat`] when a newer program wrote it; [`SealError::Malformed`] otherwise.
    pub fn open(&self, place: &StorageKey, sealed: &[u8]) -> Result<Row, SealError> {
        let body = cipher::split_version(sealed, ROW_FORMAT)?;
        let plain = cipher::open(&self.row_key, &self.bound(place), body)?;
        minicbor::decode(&plain).map_err(|_| SealError::Malformed)
    }

    fn bound(&self, place: &StorageKey) -> Vec<u8> {
        cipher::bind("simpul/row/1", &[self.vault.as_bytes(), place.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(key: u8, vault: u8) -> RowSealer {
        RowSealer::new(&VaultKey::from_bytes([key; 32]), VaultId::from_bytes([vault; 16]))
    }

    fn nonce(byte: u8) -> Nonce {
        Nonce::from_random([byte; 24])
    }

    #[test]
    fn a_row_opens_at_its_own_place_only() {
        let rows = sealer(1, 2);
        let (place, sealed) = rows.seal(7, b"kunci", b"nilai", nonce(3)).unwrap();
        let row = rows.open(&place, &sealed).unwrap();
        assert_eq!((row.table, row.key.as_slice(), row.value.as_slice()), (7, &b"kunci"[..], &b"nilai"[..]));
        for elsewhere in [rows.storage_key(7, b"lain"), rows.storage_key(8, b"kunci")] {
            assert_eq!(rows.open(&elsewhere, &sealed), Err(SealError::DoesNotOpen));
        }
        for other in [sealer(9, 2), sealer(1, 9)] {
            assert_eq!(other.open(&place, &sealed), Err(SealError::DoesNotOpen));
        }
    }

    #[test]
    fn a_table_shares_a_prefix_and_tables_do_not() {
        let rows = sealer(1, 2);
        for key in [&b"a"[..], b"b", b""] {
            assert!(rows.storage_key(7, key).as_bytes().starts_with(&rows.table_prefix(7)));
        }
        assert_ne!(rows.table_prefix(7), rows.table_prefix(8));
        assert_ne!(rows.table_prefix(7), sealer(1, 3).table_prefix(7));
    }

    #[test]
    fn newer_and_broken_rows_say_so() {
        let rows = sealer(1, 2);
        let (place, mut sealed) = rows.seal(7, b"k", b"v", nonce(3)).unwrap();
        assert_eq!(rows.open(&place, &[]), Err(SealError::Malformed));
        assert_eq!(rows.open(&place, &sealed[..30]), Err(SealError::Malformed));
        sealed[0] = 2;
        assert_eq!(rows.open(&place, &sealed), Err(SealError::NewerFormat { found: 2, known: 1 }));
    }
}
