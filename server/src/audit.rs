//! The hash-chained audit log: who did what to which thing. Never contents, never names.
//!
//! Entry n names the hash of entry n − 1, so that a removed, altered or exchanged entry shows. An entry is written in
//! the transaction of the act it tells of.

use minicbor::Encode;
use shared::id::{AccountId, DeviceId, DocumentId, hash32};
use shared::protocol::error::ErrorCode;
use shared::protocol::seen::Seen;

use crate::storage::record::{Act, AuditRecord};
use crate::storage::{StorageError, View, WriteTx};

/// What happened, before it is chained.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What.
    pub act: Act,
    /// Who.
    pub account: Option<AccountId>,
    /// From which device.
    pub device: Option<DeviceId>,
    /// On which document.
    pub document: Option<DocumentId>,
    /// With which code.
    pub code: Option<ErrorCode>,
    /// How many changes.
    pub count: usize,
}

impl Entry {
    /// An act of the relay itself or of administration on its machine.
    #[must_use]
    pub const fn of(act: Act) -> Self {
        Self { act, account: None, device: None, document: None, code: None, count: 0 }
    }

    /// The entry as it is kept, before it is chained.
    fn record(self, at_ms: u64) -> AuditRecord {
        AuditRecord {
            previous: [0; 32],
            at_ms,
            act: self.act,
            account: self.account,
            device: self.device,
            document: self.document,
            code: self.code.map_or(0, ErrorCode::number),
            count: u32::try_from(self.count).unwrap_or(u32::MAX),
            seen: None,
        }
    }
}

fn entry_hash(encoded: &[u8]) -> [u8; 32] {
    hash32("simpul/audit", &[encoded])
}

fn encoded(record: &impl Encode<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail.
    let _ = minicbor::encode(record, &mut bytes);
    bytes
}

/// Appends entries to the log.
///
/// # Errors
/// [`StorageError`] of the backend.
pub async fn append(tx: &mut WriteTx, at_ms: u64, entries: &[Entry]) -> Result<(), StorageError> {
    chain(tx, entries.iter().map(|entry| entry.record(at_ms))).await
}

/// Appends what tablets told of what was opened, taken away and printed on them.
///
/// # Errors
/// [`StorageError`] of the backend.
pub async fn append_seen(
    tx: &mut WriteTx,
    at_ms: u64,
    told: Vec<(AccountId, DeviceId, Seen)>,
) -> Result<(), StorageError> {
    let records = told.into_iter().map(|(account, device, seen)| {
        let entry = Entry { account: Some(account), device: Some(device), ..Entry::of(Act::Seen) };
        AuditRecord { seen: Some(seen), ..entry.record(at_ms) }
    });
    chain(tx, records).await
}

async fn chain(tx: &mut WriteTx, records: impl ExactSizeIterator<Item = AuditRecord>) -> Result<(), StorageError> {
    if records.len() == 0 {
        return Ok(());
    }
    let last = tx.view().last_audit().await?;
    let (mut number, mut previous) = last.map_or((0, [0; 32]), |(number, bytes)| (number, entry_hash(&bytes)));
    for record in records {
        number = number.saturating_add(1);
        let record = AuditRecord { previous, ..record };
        tx.put_audit(number, &record).await?;
        previous = entry_hash(&encoded(&record));
    }
    Ok(())
}

/// Walks the whole chain; returns the number of the first entry that does not follow from the one before.
///
/// # Errors
/// [`StorageError`] of the backend.
pub async fn first_break(view: &mut View<'_>) -> Result<Option<usize>, StorageError> {
    let mut previous = [0; 32];
    for (index, record) in view.audit().await?.into_iter().enumerate() {
        if record.previous != previous {
            return Ok(Some(index));
        }
        previous = entry_hash(&encoded(&record));
    }
    Ok(None)
}
