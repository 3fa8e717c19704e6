//! Reads of what was refused as damaged or hostile.

use shared::id::HeldId;

use super::View;
use crate::access_gate::{Permit, Read};
use crate::storage::record::EvidenceRecord;
use crate::storage::{Range, StorageError, Table};

impl View<'_> {
    /// From where something came that was kept as evidence.
    pub async fn evidence(&mut self, id: HeldId) -> Result<Option<EvidenceRecord>, StorageError> {
        self.one(id.as_bytes()).await
    }

    /// Everything that is kept as evidence; bounded by `EVIDENCE_MAX`.
    pub async fn all_evidence(&mut self) -> Result<Vec<(HeldId, EvidenceRecord)>, StorageError> {
        let rows = self.rows(Range::prefix(&[])).await?;
        let named =
            |(row_key, record): (Vec<u8>, EvidenceRecord)| Some((HeldId::try_from(row_key.as_slice()).ok()?, record));
        Ok(rows.into_iter().filter_map(named).collect())
    }

    /// What is kept of its bytes, sealed.
    pub async fn evidence_bytes(&mut self, _: &Permit<Read>, id: HeldId) -> Result<Option<Vec<u8>>, StorageError> {
        self.raw.get(Table::EvidenceBytes, id.as_bytes()).await
    }
}
