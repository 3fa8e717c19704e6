//! Where the relay keeps everything: ordered tables behind one trait, typed reads and writes above it.
//!
//! ```text
//! relay, identity, audit ──▶ View / WriteTx (typed records, permits) ──▶ Backend (ordered bytes) ──▶ memory | SQLite
//! ```
//! A backend knows tables, keys and bytes only, so that every backend is small and all pass one conformance list.
//! What a record means stands in [`record`]; how keys sort in [`key`]. Nothing here decides about access: methods that
//! touch case data ask for a [`Permit`](crate::access_gate::Permit).

use async_trait::async_trait;

pub mod failing;
pub mod key;
pub mod memory;
pub mod record;
pub mod sqlite;
pub mod view;
pub mod write;

#[cfg(test)]
mod conformance;

pub use view::View;
pub use write::{ReadTx, WriteTx};

/// Why the storage could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The disk is full, or the headroom below which the relay stops writing is reached.
    #[error("no room left for writing")]
    Full,
    /// Another process holds the database.
    #[error("the database is held by another process")]
    Locked,
    /// A stored record does not decode; a key names it without showing its contents.
    #[error("a record of table {table} does not decode")]
    Corrupt {
        /// The table.
        table: &'static str,
    },
    /// The database cannot be reached at the moment.
    #[error("the database cannot be reached")]
    Unavailable,
    /// Anything else the backend says.
    #[error("the database failed at {act}")]
    Backend {
        /// What was tried.
        act: &'static str,
        /// What the backend answered.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StorageError {
    /// Whether the same act may succeed later without anybody's help.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Full | Self::Locked | Self::Unavailable => true,
            Self::Corrupt { .. } | Self::Backend { .. } => false,
        }
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident => $sql:literal,)*) => {
        /// Every table of the relay.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table { $($(#[$doc])* $name,)* }

        impl Table {
            /// All tables, in the order in which they are made.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The table's name in SQL and in error texts.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $sql,)* }
            }
        }
    };
}

tables! {
    /// Single values: tenant, epoch, position, key of the check sum, pack versions.
    Meta => "meta",
    /// account → member.
    Account => "account",
    /// sign-in name → account; used by administration only.
    AccountName => "account_name",
    /// (account, position) → a role term.
    RoleTerm => "role_term",
    /// hash of the code → whose it is, until when, how often.
    EnrolCode => "enrol_code",
    /// device → who and what it is.
    Device => "device",
    /// directory number → device.
    DeviceNumber => "device_number",
    /// public key → device; makes joining repeatable.
    DeviceKey => "device_key",
    /// device → its last request, for replays.
    Request => "request",
    /// device → up to what it told of what was seen there, and how much of that today.
    Seen => "seen",
    /// device → the counter of its last hello.
    Hello => "hello",
    /// device → its copy of the recovery slot.
    Slot => "slot",
    /// document → header, heads, size.
    Document => "document",
    /// (case, document).
    CaseDocument => "case_document",
    /// position → document whose latest change has it.
    DocumentFeed => "document_feed",
    /// (document, position) → one accepted change, sealed: the system of record.
    Change => "change",
    /// (document, hash) → position.
    ChangeHash => "change_hash",
    /// document → snapshot, sealed: a cache.
    Snapshot => "snapshot",
    /// (document, device, counter) → upload signature with the hashes it covers.
    Signature => "signature",
    /// (document, actor) → the device it is bound to.
    Actor => "actor",
    /// (account, document) → grant: a rebuildable cache.
    Grant => "grant_row",
    /// (document, account): grants in force.
    GrantDocument => "grant_document",
    /// (account, position, document): every change of a grant, versioned.
    GrantFeed => "grant_feed",
    /// account → count and sum over what it may see.
    AccountCheck => "account_check",
    /// (account, case) → status of a handed-over report.
    Status => "status",
    /// (account, case) → what the account is told of a danger, sealed.
    Alarm => "alarm",
    /// case → since when a danger waits there for somebody, and whether others were told.
    AlarmCase => "alarm_case",
    /// (document, hash) → a change that waits for a person, sealed.
    Held => "held",
    /// name of a held change → (document, hash).
    HeldName => "held_name",
    /// (case, name): held changes that wait for a person.
    HeldCase => "held_case",
    /// (name, account) → what the account is told of it.
    HeldSeat => "held_seat",
    /// (account, position) → name: every latest change of a seat.
    HeldFeed => "held_feed",
    /// name → where damaged or hostile bytes came from, and what was decided.
    Evidence => "evidence",
    /// name → what is kept of those bytes, sealed.
    EvidenceBytes => "evidence_bytes",
    /// (device, counter) → what of an upload offered to a restored relay waits, and for what.
    WaitingOffer => "waiting_offer",
    /// (device, counter) → that upload, sealed as it came.
    WaitingUpload => "waiting_upload",
    /// number → entry of the hash-chained audit log.
    Audit => "audit",
    /// document → wrapped document key; lives in `keys.db`.
    DocumentKey => "document_key",
}

/// One row: key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// A half-open run of keys, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// First key.
    pub from: Vec<u8>,
    /// First key no longer part of it; none = to the end of the table.
    pub to: Option<Vec<u8>>,
}

impl Range {
    /// All keys that start with `prefix`.
    #[must_use]
    pub fn prefix(prefix: &[u8]) -> Self {
        Self { from: prefix.to_vec(), to: key::after_prefix(prefix) }
    }

    /// Keys that start with `prefix` and are greater than `after`.
    #[must_use]
    pub fn prefix_after(prefix: &[u8], after: &[u8]) -> Self {
        let mut from = after.to_vec();
        from.push(0);
        Self { from, to: key::after_prefix(prefix) }
    }
}

/// Reads of one consistent state.
#[async_trait]
pub trait RawRead: Send {
    /// The value at `key`.
    async fn get(&mut self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError>;

    /// The rows that exist among `keys`, in any order.
    async fn get_many(&mut self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Row>, StorageError>;

    /// At most `limit` rows of `range`, ascending by key.
    async fn scan(&mut self, table: Table, range: &Range, limit: usize) -> Result<Vec<Row>, StorageError>;

    /// The last row of `range`.
    async fn last(&mut self, table: Table, range: &Range) -> Result<Option<Row>, StorageError>;
}

/// The one transaction that writes. Sees its own writes; dropping it without [`commit`](Self::commit) undoes them all.
#[async_trait]
pub trait RawWrite: RawRead {
    /// Sets the value at `key`.
    async fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError>;

    /// Removes `key`, if it is there.
    async fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StorageError>;

    /// Makes everything durable. When it returns, the writes are on stable storage.
    async fn commit(self: Box<Self>) -> Result<(), StorageError>;
}

/// A place that keeps tables.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Opens a consistent view of what is committed now.
    async fn read(&self) -> Result<Box<dyn RawRead>, StorageError>;

    /// Waits for the writer's turn and opens the only writing transaction.
    async fn write(&self) -> Result<Box<dyn RawWrite>, StorageError>;

    /// Whether it can be read, asked apart from all reading and writing: no transaction anybody holds keeps it waiting.
    async fn probe(&self) -> Result<(), StorageError>;

    /// Writes a consistent copy to `path`. Memory has none to give.
    async fn copy_to(&self, path: &std::path::Path) -> Result<(), StorageError>;

    /// Lets go of everything; nothing may be asked of it afterwards.
    async fn close(&self);
}

/// Everything the relay keeps: the database and, apart from it, the wrapped document keys.
pub struct Storage {
    main: Box<dyn Backend>,
    keys: Box<dyn Backend>,
}

impl Storage {
    /// Joins the two places.
    #[must_use]
    pub fn new(main: Box<dyn Backend>, keys: Box<dyn Backend>) -> Self {
        Self { main, keys }
    }

    /// Two empty places in memory.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(Box::new(memory::MemoryBackend::default()), Box::new(memory::MemoryBackend::default()))
    }

    /// Opens a reading transaction on the database.
    ///
    /// # Errors
    /// [`StorageError`] of the backend.
    pub async fn read(&self) -> Result<ReadTx, StorageError> {
        Ok(ReadTx::new(self.main.read().await?))
    }

    /// Opens the writing transaction on the database.
    ///
    /// # Errors
    /// [`StorageError`] of the backend.
    pub async fn write(&self) -> Result<WriteTx, StorageError> {
        Ok(WriteTx::new(self.main.write().await?))
    }

    /// The place of the wrapped document keys.
    #[must_use]
    pub fn keys(&self) -> &dyn Backend {
        self.keys.as_ref()
    }

    /// Whether both places can be read.
    ///
    /// # Errors
    /// [`StorageError`] of the backend that cannot.
    pub async fn probe(&self) -> Result<(), StorageError> {
        self.main.probe().await?;
        self.keys.probe().await
    }

    /// Lets go of both places.
    pub async fn close(&self) {
        self.main.close().await;
        self.keys.close().await;
    }

    /// The place of everything else; used by backup.
    #[must_use]
    pub fn main(&self) -> &dyn Backend {
        self.main.as_ref()
    }
}
