//! Writes of what waits for a person.

use shared::id::{AccountId, ChangeHash, DocumentId, HeldId};

use super::WriteTx;
use crate::storage::record::{HeldRecord, SeatRecord};
use crate::storage::{StorageError, Table, key};

impl WriteTx {
    /// Keeps a held change, and finds it by its name and, while it waits, by its case.
    pub async fn put_held(
        &mut self,
        document: DocumentId,
        hash: ChangeHash,
        record: &HeldRecord,
    ) -> Result<(), StorageError> {
        let place = key::join(&[document.as_bytes(), hash.as_bytes()]);
        let held = HeldId::derive(document, hash);
        let waits = key::join(&[record.key.case.as_bytes(), held.as_bytes()]);
        self.raw.put(Table::HeldName, held.as_bytes(), &place).await?;
        if record.is_open() {
            self.raw.put(Table::HeldCase, &waits, &[]).await?;
        } else {
            self.raw.delete(Table::HeldCase, &waits).await?;
        }
        self.put(&place, record).await
    }

    /// Tells an account of a held change from the record's position on; `before` is where it was told last.
    pub async fn put_seat(
        &mut self,
        held: HeldId,
        account: AccountId,
        before: Option<u64>,
        record: &SeatRecord,
    ) -> Result<(), StorageError> {
        let event = |position: u64| key::join(&[account.as_bytes(), &position.to_be_bytes()]);
        if let Some(before) = before {
            self.raw.delete(Table::HeldFeed, &event(before)).await?;
        }
        self.raw.put(Table::HeldFeed, &event(record.position), held.as_bytes()).await?;
        self.put(&key::join(&[held.as_bytes(), account.as_bytes()]), record).await
    }
}
