//! What the tablet keeps: rows in a browser database, sealed before they get there.
//!
//! ```text
//!  engine ──▶ SealedStore (tables, values) ──▶ RawStore (24-byte keys, sealed bytes) ──▶ IndexedDB, or memory in tests
//! ```
//!
//! [`RawStore`] is what a backend must do; all pass [`conformance`]. Must never see a plain value: sealing happens
//! above, before a transaction opens, because a browser's transaction ends when anything else is awaited.

pub mod conformance;
pub mod memory;
pub mod sealed;

use async_trait::async_trait;
use shared::seal::SealError;
pub use shared::seal::row::StorageKey;

/// How sure a write must be before it counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On stable storage: whatever shows as saved to a person.
    Strict,
    /// Handed to the system: what can be fetched or computed again.
    Relaxed,
}

/// One write of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Puts a value under a key, in place of what was there.
    Put(StorageKey, Vec<u8>),
    /// Takes a key away.
    Delete(StorageKey),
}

/// Writes that happen together or not at all.
pub type Batch = Vec<Op>;

/// A page of a scan: keys and values in the order of their keys.
pub type RawPage = Vec<(StorageKey, Vec<u8>)>;

/// Why the store did not do as asked. What the caller had stays with the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The tablet has no room left; nothing of the batch was written.
    #[error("no room left on the tablet")]
    Full,
    /// The database was closed under us: another tab brings a newer version, or the vault was wiped.
    #[error("the store was closed")]
    Closed,
    /// A newer version of the program wrote this store; it can be read at most.
    #[error("the store was written by a newer version")]
    Newer,
    /// The browser threw the data away: nothing is where a vault should be.
    #[error("the store is gone")]
    Missing,
    /// The caller's own function refused inside [`RawStore::update`]; nothing was written.
    #[error("the update was declined")]
    Declined,
    /// A row does not open or decode.
    #[error("a row of table {table} cannot be read")]
    Corrupt {
        /// Number of the table; 0 when it could not be told.
        table: u16,
        /// Why.
        #[source]
        source: Option<SealError>,
    },
    /// The browser gives no database at all, for example in a private window.
    #[error("the browser gives no storage")]
    Unavailable,
    /// The browser failed in a way we do not know; the name of its error, which holds no data.
    #[error("the browser's storage failed ({name})")]
    Backend {
        /// Name of the browser's error.
        name: String,
    },
}

impl StoreError {
    /// Whether the same call may succeed later without anything else changing.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Backend { .. } => true,
            Self::Full
            | Self::Closed
            | Self::Newer
            | Self::Missing
            | Self::Declined
            | Self::Corrupt { .. }
            | Self::Unavailable => false,
        }
    }
}

/// What the browser says about room; both in bytes.
///
/// A hint at most: Chromium 156 names 10 GiB more than what is used, however small the disk, so that no page can measure
/// it. What is sure is [`StoreError::Full`] at a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// In use by all of Simpul on this tablet.
    pub used_bytes: u64,
    /// How much it may use.
    pub quota_bytes: u64,
}

/// Room that is low however much the browser grants: a first exchange of a large register may need it. Bytes.
const LOW_BYTES: u64 = 200 << 20;

impl Estimate {
    /// What is left.
    #[must_use]
    pub const fn left_bytes(self) -> u64 {
        self.quota_bytes.saturating_sub(self.used_bytes)
    }

    /// Room is low when little is left, or less than a fifth: a warning comes before data is at risk.
    #[must_use]
    pub const fn is_low(self) -> bool {
        self.left_bytes() < LOW_BYTES || self.left_bytes() < self.quota_bytes / 5
    }
}

/// Decides what to write from what is there; see [`RawStore::update`].
pub type Decide<'a> = dyn FnMut(Vec<Option<Vec<u8>>>) -> Result<Batch, StoreError> + 'a;

/// Looks whether a batch may stand on what is there; see [`RawStore::apply_if`].
pub type Check<'a> = dyn FnMut(Vec<Option<Vec<u8>>>) -> Result<(), StoreError> + 'a;

/// A store of opaque rows. Single-threaded; two handles of one store (two tabs) see each other's finished writes.
#[async_trait(?Send)]
pub trait RawStore {
    /// Values of some keys, in the order asked, all of one moment.
    ///
    /// # Errors
    /// [`StoreError::Closed`], [`StoreError::Backend`].
    async fn get(&self, keys: &[StorageKey]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// Rows whose key begins with `prefix` and comes after `after`, at most `count_max`, in the order of their keys.
    ///
    /// # Errors
    /// [`StoreError::Closed`], [`StoreError::Backend`].
    async fn scan(&self, prefix: &[u8], after: Option<StorageKey>, count_max: u32) -> Result<RawPage, StoreError>;

    /// How many keys begin with `prefix`.
    ///
    /// # Errors
    /// [`StoreError::Closed`], [`StoreError::Backend`].
    async fn count(&self, prefix: &[u8]) -> Result<u64, StoreError>;

    /// Does all writes of a batch, or none; returns when they are as durable as asked.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Closed`], [`StoreError::Backend`]: nothing was written. After
    /// [`StoreError::Closed`] alone the outcome may be unknown.
    async fn apply(&self, batch: Batch, durability: Durability) -> Result<(), StoreError>;

    /// Reads some keys, lets `decide` answer with a batch, and writes it: one transaction, no other write between.
    ///
    /// # Errors
    /// As [`RawStore::apply`], or whatever `decide` returned.
    async fn update(
        &self,
        keys: &[StorageKey],
        durability: Durability,
        decide: &mut Decide<'_>,
    ) -> Result<(), StoreError>;

    /// Does all writes of a batch if `check` agrees to what stood under some keys before it, or none: one transaction, no other
    /// write between. Unlike with [`RawStore::update`] the batch is known beforehand, so a backend need not wait for what stood
    /// there to begin. Nothing is written either when who waits for it gives up before it was checked.
    ///
    /// # Errors
    /// As [`RawStore::apply`], or whatever `check` returned.
    async fn apply_if(
        &self,
        keys: &[StorageKey],
        batch: Batch,
        durability: Durability,
        check: &mut Check<'_>,
    ) -> Result<(), StoreError>;

    /// Room used and left, when the browser says so.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not.
    async fn estimate(&self) -> Result<Estimate, StoreError>;

    /// Lets go of the database, so that it can be deleted or upgraded. Later calls give [`StoreError::Closed`].
    fn close(&self);
}

/// Databases of this browser by name.
#[async_trait(?Send)]
pub trait Databases {
    /// Opens a database, making it when it is not there.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when a newer program upgraded it; [`StoreError::Unavailable`]; [`StoreError::Backend`].
    async fn open(&self, name: &str) -> Result<std::rc::Rc<dyn RawStore>, StoreError>;

    /// Deletes a database with everything in it; deleting what is not there is done already.
    ///
    /// # Errors
    /// [`StoreError::Backend`].
    async fn delete(&self, name: &str) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_low_by_share_and_by_size() {
        let of = |used_mb: u64, quota_mb: u64| Estimate { used_bytes: used_mb << 20, quota_bytes: quota_mb << 20 };
        assert!(!of(0, 1_000).is_low());
        assert!(of(850, 1_000).is_low(), "less than a fifth");
        assert!(of(0, 199).is_low(), "all of it is little");
        assert!(of(300, 499).is_low(), "two fifths of little");
        assert!(!of(300, 501).is_low());
    }
}
