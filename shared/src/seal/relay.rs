//! The relay at rest: document keys wrapped by a master key, log rows sealed by document keys.
//!
//! Wrapped keys live in their own file; destroying one erases the document everywhere (crypto-erasure). Called by the
//! relay's storage. Must never hold a master key longer than its caller does, and never meet a file itself.
//!
//! ```text
//! wrapped key   version 1 ‖ master key id[8] ‖ nonce[24] ‖ seal(data key) ‖ tag[16]   bound to (tenant, document)
//! sealed row    version 1 ‖ nonce[24] ‖ seal(bytes) ‖ tag[16]                         bound to (document, table, key)
//! record        version 1 ‖ master key id[8] ‖ nonce[24] ‖ seal(bytes) ‖ tag[16]      bound to (tenant, table, key)
//! ```

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::cipher::{self, Nonce, SealError};
use super::letter::Identity;
use crate::id::{DocumentId, TenantId, hash16};

/// Newest format of wrapped keys, rows and records.
pub const RELAY_FORMAT: u8 = 1;
/// Bytes of a master key's id.
pub const MASTER_KEY_ID_LEN: usize = 8;
const MASTER_KEY_HEAD: &str = "simpul-master-1";

/// Which master key sealed something; a hash, so it needs no bookkeeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MasterKeyId([u8; MASTER_KEY_ID_LEN]);

impl MasterKeyId {
    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; MASTER_KEY_ID_LEN] {
        &self.0
    }
}

/// The relay's master key. Zeroed when dropped, never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

/// A file is not a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a master key: expected `simpul-master-1` and 64 hexadecimal digits")]
pub struct MasterKeyError;

impl MasterKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the master key file.
    ///
    /// # Errors
    /// [`MasterKeyError`].
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let digits = text.trim().strip_prefix(MASTER_KEY_HEAD).ok_or(MasterKeyError)?.trim();
        let mut bytes = [0; 32];
        if digits.len() != bytes.len().saturating_mul(2) {
            return Err(MasterKeyError);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = core::str::from_utf8(pair).map_err(|_| MasterKeyError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| MasterKeyError)?;
        }
        Ok(Self(bytes))
    }

    /// The master key file's content: one line.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        use core::fmt::Write;
        let mut text = Zeroizing::new(String::with_capacity(96));
        text.push_str(MASTER_KEY_HEAD);
        text.push(' ');
        // Writing to a string cannot fail.
        let _ = self.0.iter().try_for_each(|byte| write!(text, "{byte:02x}"));
        text.push('\n');
        text
    }

    /// Which key this is.
    #[must_use]
    pub fn id(&self) -> MasterKeyId {
        let derived = cipher::derive(&self.0, "simpul/master/id/1", &[]);
        let mut id = [0; MASTER_KEY_ID_LEN];
        for (to, from) in id.iter_mut().zip(hash16("simpul/master/id/1", &[&*derived])) {
            *to = from;
        }
        MasterKeyId(id)
    }

    /// Who opens the uploads that tablets keep for a restored relay: derived, so a restore needs the master key alone.
    #[must_use]
    pub fn upload_identity(&self, tenant: TenantId) -> Identity {
        Identity::from_seed(&cipher::derive(&self.0, "simpul/master/uploads/1", &[tenant.as_bytes()]))
    }

    fn purpose_key(&self, label: &str) -> Zeroizing<[u8; 32]> {
        cipher::derive(&self.0, label, &[])
    }
}

impl core::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("MasterKey(…)")
    }
}

/// The data key of one document on the relay. Zeroed when dropped, never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DataKey([u8; 32]);

impl DataKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Seals one row of a document: a change of the log, a snapshot, a held upload.
    ///
    /// `table` and `key` say where it lies, for example `"change"` and the change's hash.
    ///
    /// # Errors
    /// [`SealError::TooLong`] beyond the cipher's limit of 256 GiB.
    pub fn seal_row(
        &self,
        document: DocumentId,
        table: &str,
        key: &[u8],
        nonce: Nonce,
        plain: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut sealed = vec![RELAY_FORMAT];
        cipher::seal_into(&self.0, nonce, &bound_row(document, table, key), plain, &mut sealed)?;
        Ok(sealed)
    }

    /// Opens one row of a document.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`] for another document's key, a row from another place, or altered bytes;
    /// [`SealError::NewerFormat`] or [`SealError::Malformed`] for bytes that are not a row of this format.
    pub fn open_row(
        &self,
        document: DocumentId,
        table: &str,
        key: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let body = cipher::split_version(sealed, RELAY_FORMAT)?;
        cipher::open(&self.0, &bound_row(document, table, key), body)
    }
}

impl core::fmt::Debug for DataKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("DataKey(…)")
    }
}

/// The master key in use, and older ones that may still have sealed something.
pub struct KeyRing {
    current: Held,
    older: Vec<Held>,
}

struct Held {
    id: MasterKeyId,
    wrap: Zeroizing<[u8; 32]>,
    record: Zeroizing<[u8; 32]>,
}

impl Held {
    fn new(key: &MasterKey) -> Self {
        Self {
            id: key.id(),
            wrap: key.purpose_key("simpul/master/wrap/1"),
            record: key.purpose_key("simpul/master/record/1"),
        }
    }
}

impl KeyRing {
    /// Derives what sealing needs; the master keys themselves are not kept.
    #[must_use]
    pub fn new(current: &MasterKey, older: &[MasterKey]) -> Self {
        Self { current: Held::new(current), older: older.iter().map(Held::new).collect() }
    }

    /// The key that seals from now on.
    #[must_use]
    pub const fn current_id(&self) -> MasterKeyId {
        self.current.id
    }

    /// Wraps a document's data key.
    ///
    /// # Errors
    /// [`SealError::TooLong`] never happens for 32 bytes.
    pub fn wrap(
        &self,
        tenant: TenantId,
        document: DocumentId,
        key: &DataKey,
        nonce: Nonce,
    ) -> Result<Vec<u8>, SealError> {
        let mut wrapped = self.current.head();
        let bound = self.current.bound_wrap(tenant, document);
        cipher::seal_into(&self.current.wrap, nonce, &bound, &key.0, &mut wrapped)?;
        Ok(wrapped)
    }

    /// Unwraps a document's data key.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`] when its master key is not in the ring; [`SealError::DoesNotOpen`] when it belongs to
    /// another document or was altered.
    pub fn unwrap(&self, tenant: TenantId, document: DocumentId, wrapped: &[u8]) -> Result<DataKey, SealError> {
        let (held, body) = self.find(wrapped)?;
        cipher::open_key(&held.wrap, &held.bound_wrap(tenant, document), body).map(|bytes| DataKey::from_bytes(*bytes))
    }

    /// Wraps again under the current master key; `None` when it already is, so that a stopped rotation just goes on.
    ///
    /// # Errors
    /// As [`KeyRing::unwrap`].
    pub fn rewrap(
        &self,
        tenant: TenantId,
        document: DocumentId,
        wrapped: &[u8],
        nonce: Nonce,
    ) -> Result<Option<Vec<u8>>, SealError> {
        let (held, _) = self.find(wrapped)?;
        if held.id == self.current.id {
            return Ok(None);
        }
        let key = self.unwrap(tenant, document, wrapped)?;
        self.wrap(tenant, document, &key, nonce).map(Some)
    }

    /// Seals a row that belongs to no document: a member's name, an audit detail, a recovery slot's note.
    ///
    /// # Errors
    /// [`SealError::TooLong`] beyond the cipher's limit of 256 GiB.
    pub fn seal_record(
        &self,
        tenant: TenantId,
        table: &str,
        key: &[u8],
        nonce: Nonce,
        plain: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut sealed = self.current.head();
        let bound = self.current.bound_record(tenant, table, key);
        cipher::seal_into(&self.current.record, nonce, &bound, plain, &mut sealed)?;
        Ok(sealed)
    }

    /// Opens a record.
    ///
    /// # Errors
    /// As [`KeyRing::unwrap`].
    pub fn open_record(
        &self,
        tenant: TenantId,
        table: &str,
        key: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (held, body) = self.find(sealed)?;
        cipher::open(&held.record, &held.bound_record(tenant, table, key), body)
    }

    /// Whether something is sealed under the current master key already; for the progress of a rotation.
    ///
    /// # Errors
    /// As [`KeyRing::unwrap`].
    pub fn is_current(&self, sealed: &[u8]) -> Result<bool, SealError> {
        self.find(sealed).map(|(held, _)| held.id == self.current.id)
    }

    fn find<'ring, 'bytes>(&'ring self, sealed: &'bytes [u8]) -> Result<(&'ring Held, &'bytes [u8]), SealError> {
        let rest = cipher::split_version(sealed, RELAY_FORMAT)?;
        let (id, body) = rest.split_first_chunk::<MASTER_KEY_ID_LEN>().ok_or(SealError::Malformed)?;
        core::iter::once(&self.current)
            .chain(&self.older)
            .find(|held| held.id.as_bytes() == id)
            .map(|held| (held, body))
            .ok_or(SealError::UnknownKey)
    }
}

impl core::fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("KeyRing").field("current", &self.current.id).finish_non_exhaustive()
    }
}

impl Held {
    fn head(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(96);
        head.push(RELAY_FORMAT);
        head.extend_from_slice(self.id.as_bytes());
        head
    }

    fn bound_wrap(&self, tenant: TenantId, document: DocumentId) -> Vec<u8> {
        cipher::bind("simpul/relay/key/1", &[self.id.as_bytes(), tenant.as_bytes(), document.as_bytes()])
    }

    fn bound_record(&self, tenant: TenantId, table: &str, key: &[u8]) -> Vec<u8> {
        cipher::bind("simpul/relay/record/1", &[self.id.as_bytes(), tenant.as_bytes(), table.as_bytes(), key])
    }
}

fn bound_row(document: DocumentId, table: &str, key: &[u8]) -> Vec<u8> {
    cipher::bind("simpul/relay/row/1", &[document.as_bytes(), table.as_bytes(), key])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: TenantId = TenantId::from_bytes([1; 16]);
    const DOCUMENT: DocumentId = DocumentId::from_bytes([2; 16]);
    const OTHER: DocumentId = DocumentId::from_bytes([3; 16]);

    fn nonce() -> Nonce {
        Nonce::from_random([9; 24])
    }

    #[test]
    fn a_wrapped_key_opens_for_its_document_and_tenant_only() {
        let ring = KeyRing::new(&MasterKey::from_bytes([4; 32]), &[]);
        let wrapped = ring.wrap(TENANT, DOCUMENT, &DataKey::from_bytes([5; 32]), nonce()).unwrap();
        assert_eq!(ring.unwrap(TENANT, DOCUMENT, &wrapped).unwrap().0, [5; 32]);
        assert_eq!(ring.unwrap(TENANT, OTHER, &wrapped).err(), Some(SealError::DoesNotOpen));
        let elsewhere = TenantId::from_bytes([9; 16]);
        assert_eq!(ring.unwrap(elsewhere, DOCUMENT, &wrapped).err(), Some(SealError::DoesNotOpen));
        let stranger = KeyRing::new(&MasterKey::from_bytes([6; 32]), &[]);
        assert_eq!(stranger.unwrap(TENANT, DOCUMENT, &wrapped).err(), Some(SealError::UnknownKey));
    }

    #[test]
    fn rotation_rewraps_once_and_then_the_old_key_can_go() {
        let old = MasterKey::from_bytes([4; 32]);
        let new = MasterKey::from_bytes([6; 32]);
        let wrapped = KeyRing::new(&old, &[]).wrap(TENANT, DOCUMENT, &DataKey::from_bytes([5; 32]), nonce()).unwrap();
        let both = KeyRing::new(&new, &[old]);
        assert_eq!(both.is_current(&wrapped), Ok(false));
        let again = both.rewrap(TENANT, DOCUMENT, &wrapped, nonce()).unwrap().unwrap();
        assert_eq!(both.rewrap(TENANT, DOCUMENT, &again, nonce()), Ok(None));
        let only_new = KeyRing::new(&new, &[]);
        assert_eq!(only_new.unwrap(TENANT, DOCUMENT, &again).unwrap().0, [5; 32]);
        assert_eq!(only_new.unwrap(TENANT, DOCUMENT, &wrapped).err(), Some(SealError::UnknownKey));
    }

    #[test]
    fn rows_and_records_do_not_move() {
        let key = DataKey::from_bytes([5; 32]);
        let row = key.seal_row(DOCUMENT, "change", b"hash", nonce(), b"isi").unwrap();
        assert_eq!(key.open_row(DOCUMENT, "change", b"hash", &row).unwrap().as_slice(), b"isi");
        for (document, table, place) in
            [(OTHER, "change", b"hash"), (DOCUMENT, "snapshot", b"hash"), (DOCUMENT, "change", b"hasj")]
        {
            assert_eq!(key.open_row(document, table, place, &row), Err(SealError::DoesNotOpen));
        }
        let ring = KeyRing::new(&MasterKey::from_bytes([4; 32]), &[]);
        let record = ring.seal_record(TENANT, "account", b"7", nonce(), b"Maria").unwrap();
        assert_eq!(ring.open_record(TENANT, "account", b"7", &record).unwrap().as_slice(), b"Maria");
        assert_eq!(ring.open_record(TENANT, "account", b"8", &record), Err(SealError::DoesNotOpen));
    }

    #[test]
    fn a_master_key_survives_its_file_and_opens_kept_uploads() {
        let key = MasterKey::from_bytes([0xA7; 32]);
        let read = MasterKey::parse(&key.to_text()).unwrap();
        assert_eq!(read.id(), key.id());
        for broken in ["", "simpul-master-1", "simpul-master-1 00ff", "master 00"] {
            assert_eq!(MasterKey::parse(broken).err(), Some(MasterKeyError));
        }
        let recipient = key.upload_identity(TENANT).recipient();
        assert_eq!(read.upload_identity(TENANT).recipient(), recipient);
    }
}
