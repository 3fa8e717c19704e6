//! The relay at rest: opens and seals rows with each document's key, which lies wrapped in its own file.
//!
//! A key is durable in `keys.db` before the first row it seals is durable in `simpul.db`; an unused key does no harm, a
//! row without its key would be lost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::id::{DeviceId, DocumentId, TenantId};
use shared::seal::relay::{DataKey, KeyRing};
use shared::seal::{Nonce, SealError};

use crate::random::{Entropy, NoEntropy, draw};
use crate::storage::{Storage, StorageError, Table};

/// Unwrapped keys kept in memory: 32 bytes each and some.
const KEYS_KEPT: usize = 50_000;

/// Sealing or opening failed.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// The storage failed.
    #[error("the keys cannot be reached")]
    Storage(#[from] StorageError),
    /// The bytes do not open, or cannot be sealed.
    #[error("a row does not open")]
    Seal(#[from] SealError),
    /// No randomness.
    #[error("no nonce can be drawn")]
    Entropy(#[from] NoEntropy),
    /// The document's key is gone: it was erased.
    #[error("the document's key is gone")]
    KeyGone,
}

/// Seals and opens everything the relay keeps.
pub struct Sealer {
    ring: KeyRing,
    tenant: TenantId,
    entropy: Arc<dyn Entropy>,
    keys: Mutex<HashMap<DocumentId, Arc<DataKey>>>,
}

impl Sealer {
    /// Joins a key ring with the tenant it works for.
    #[must_use]
    pub fn new(ring: KeyRing, tenant: TenantId, entropy: Arc<dyn Entropy>) -> Self {
        Self { ring, tenant, entropy, keys: Mutex::default() }
    }

    fn nonce(&self) -> Result<Nonce, SealingError> {
        Ok(Nonce::from_random(draw(self.entropy.as_ref())?))
    }

    fn kept(&self, document: DocumentId) -> Option<Arc<DataKey>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(&document).cloned()
    }

    fn keep(&self, document: DocumentId, key: DataKey) -> Arc<DataKey> {
        let key = Arc::new(key);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEYS_KEPT {
            keys.clear();
        }
        keys.insert(document, Arc::clone(&key));
        key
    }

    /// The key of a document.
    ///
    /// # Errors
    /// [`SealingError::KeyGone`] when it was erased; others when it cannot be reached.
    pub async fn key(&self, storage: &Storage, document: DocumentId) -> Result<Arc<DataKey>, SealingError> {
        self.load(storage, &[document]).await?;
        self.kept(document).ok_or(SealingError::KeyGone)
    }

    /// Brings the keys of several documents into memory at once.
    ///
    /// # Errors
    /// [`SealingError`] when they cannot be reached.
    pub async fn load(&self, storage: &Storage, documents: &[DocumentId]) -> Result<(), SealingError> {
        let missing: Vec<Vec<u8>> = documents
            .iter()
            .filter(|document| self.kept(**document).is_none())
            .map(|document| document.as_bytes().to_vec())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let rows = storage.keys().read().await?.get_many(Table::DocumentKey, &missing).await?;
        for (row_key, wrapped) in rows {
            let document = DocumentId::try_from(row_key.as_slice())
                .map_err(|_| StorageError::Corrupt { table: Table::DocumentKey.name() })?;
            self.keep(document, self.ring.unwrap(self.tenant, document, &wrapped)?);
        }
        Ok(())
    }

    /// Makes keys for documents that have none, and returns when they are durable.
    ///
    /// # Errors
    /// [`SealingError`] when they cannot be kept.
    pub async fn make_keys(&self, storage: &Storage, documents: &[DocumentId]) -> Result<(), SealingError> {
        self.load(storage, documents).await?;
        let missing: Vec<DocumentId> =
            documents.iter().copied().filter(|document| self.kept(*document).is_none()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let mut made = Vec::with_capacity(missing.len());
        let mut tx = storage.keys().write().await?;
        for document in missing {
            let key = DataKey::from_bytes(draw(self.entropy.as_ref())?);
            let wrapped = self.ring.wrap(self.tenant, document, &key, self.nonce()?)?;
            tx.put(Table::DocumentKey, document.as_bytes(), &wrapped).await?;
            made.push((document, key));
        }
        tx.commit().await?;
        for (document, key) in made {
            self.keep(document, key);
        }
        Ok(())
    }

    /// Seals a row of a document for its place. The document's key must be in memory.
    ///
    /// # Errors
    /// [`SealingError::KeyGone`] when it is not.
    pub fn seal_row(
        &self,
        document: DocumentId,
        table: Table,
        place: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, SealingError> {
        let key = self.kept(document).ok_or(SealingError::KeyGone)?;
        Ok(key.seal_row(document, table.name(), place, self.nonce()?, plain)?)
    }

    /// Opens a row of a document. The document's key must be in memory.
    ///
    /// # Errors
    /// [`SealingError::KeyGone`] when it is not; [`SealingError::Seal`] when the bytes were altered or moved.
    pub fn open_row(
        &self,
        document: DocumentId,
        table: Table,
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, SealingError> {
        let key = self.kept(document).ok_or(SealingError::KeyGone)?;
        Ok(key.open_row(document, table.name(), place, sealed)?.to_vec())
    }

    /// Seals a row that belongs to no document.
    ///
    /// # Errors
    /// [`SealingError`].
    pub fn seal_record(&self, table: Table, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealingError> {
        Ok(self.ring.seal_record(self.tenant, table.name(), place, self.nonce()?, plain)?)
    }

    /// Opens a row that belongs to no document.
    ///
    /// # Errors
    /// [`SealingError`].
    pub fn open_record(&self, table: Table, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealingError> {
        Ok(self.ring.open_record(self.tenant, table.name(), place, sealed)?.to_vec())
    }

    /// Seals a cursor for the device it is given to.
    ///
    /// # Errors
    /// [`SealingError`].
    pub fn seal_cursor(&self, device: DeviceId, plain: &[u8]) -> Result<Vec<u8>, SealingError> {
        Ok(self.ring.seal_record(self.tenant, "cursor", device.as_bytes(), self.nonce()?, plain)?)
    }

    /// Opens a cursor, if it was given to this device by this relay.
    #[must_use]
    pub fn open_cursor(&self, device: DeviceId, sealed: &[u8]) -> Option<Vec<u8>> {
        let opened = self.ring.open_record(self.tenant, "cursor", device.as_bytes(), sealed);
        opened.ok().map(|plain| plain.to_vec())
    }

    /// Draws bytes from the relay's source.
    ///
    /// # Errors
    /// [`SealingError::Entropy`].
    pub fn draw<const N: usize>(&self) -> Result<[u8; N], SealingError> {
        Ok(draw(self.entropy.as_ref())?)
    }
}
