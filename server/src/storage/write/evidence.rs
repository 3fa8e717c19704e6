//! Writes of what was refused as damaged or hostile.

use shared::id::HeldId;

use super::WriteTx;
use crate::storage::record::EvidenceRecord;
use crate::storage::{StorageError, Table};

impl WriteTx {
    /// Keeps from where something came, and what was decided.
    pub async fn put_evidence(&mut self, id: HeldId, record: &EvidenceRecord) -> Result<(), StorageError> {
        self.put(id.as_bytes(), record).await
    }

    /// Keeps what it was, sealed.
    pub async fn put_evidence_bytes(&mut self, id: HeldId, sealed: &[u8]) -> Result<(), StorageError> {
        self.raw.put(Table::EvidenceBytes, id.as_bytes(), sealed).await
    }

    /// Erases it.
    pub async fn drop_evidence(&mut self, id: HeldId) -> Result<(), StorageError> {
        self.raw.delete(Table::Evidence, id.as_bytes()).await?;
        self.raw.delete(Table::EvidenceBytes, id.as_bytes()).await
    }
}
