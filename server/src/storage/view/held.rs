//! Reads of what waits for a person.

use std::collections::BTreeMap;

use shared::id::{AccountId, CaseId, ChangeHash, DocumentId, HeldId};

use super::{SCAN_ROWS, View};
use crate::storage::record::{HeldRecord, SeatRecord};
use crate::storage::{Range, StorageError, Table, key};

impl View<'_> {
    /// A change that waits for a person, or did.
    pub async fn held(&mut self, document: DocumentId, hash: ChangeHash) -> Result<Option<HeldRecord>, StorageError> {
        self.one(&key::join(&[document.as_bytes(), hash.as_bytes()])).await
    }

    /// Everything that was ever held in a document.
    pub async fn held_of(&mut self, document: DocumentId) -> Result<Vec<(ChangeHash, HeldRecord)>, StorageError> {
        let rows = self.rows(Range::prefix(document.as_bytes())).await?;
        Ok(rows.into_iter().filter_map(|(row_key, record)| Some((hash_in(&row_key)?, record))).collect())
    }

    /// Everything that was ever held.
    pub async fn all_held(&mut self) -> Result<Vec<(DocumentId, ChangeHash, HeldRecord)>, StorageError> {
        let rows = self.rows(Range::prefix(&[])).await?;
        let place = |row_key: &[u8]| Some((DocumentId::from_bytes(key::bytes_at(row_key, 0)?), hash_in(row_key)?));
        Ok(rows
            .into_iter()
            .filter_map(|(row_key, record)| place(&row_key).map(|(document, hash)| (document, hash, record)))
            .collect())
    }

    /// What a name stands for.
    pub async fn held_named(&mut self, held: HeldId) -> Result<Option<(DocumentId, ChangeHash)>, StorageError> {
        let found = self.raw.get(Table::HeldName, held.as_bytes()).await?;
        Ok(found.and_then(|place| Some((DocumentId::from_bytes(key::bytes_at(&place, 0)?), hash_in(&place)?))))
    }

    /// What waits for a person in a case.
    pub async fn open_held_of(&mut self, case: CaseId) -> Result<Vec<HeldId>, StorageError> {
        let rows = self.keys(Table::HeldCase, case.as_bytes(), &[], usize::MAX).await?;
        Ok(rows.iter().filter_map(|row_key| key::bytes_at(row_key, CaseId::LEN)).map(HeldId::from_bytes).collect())
    }

    /// The cases in which something waits for a person.
    pub async fn cases_with_held(&mut self) -> Result<Vec<CaseId>, StorageError> {
        let mut cases = Vec::new();
        let mut after = Vec::new();
        loop {
            let rows = self.keys(Table::HeldCase, &[], &after, SCAN_ROWS).await?;
            let Some(last) = rows.last() else { return Ok(cases) };
            after.clone_from(last);
            cases.extend(rows.iter().filter_map(|row_key| key::bytes_at(row_key, 0)).map(CaseId::from_bytes));
            cases.dedup();
        }
    }

    /// What each account is told of a held change.
    pub async fn seats(&mut self, held: HeldId) -> Result<BTreeMap<AccountId, SeatRecord>, StorageError> {
        let rows = self.rows(Range::prefix(held.as_bytes())).await?;
        let account = |row_key: &[u8]| key::bytes_at(row_key, HeldId::LEN).map(AccountId::from_bytes);
        Ok(rows.into_iter().filter_map(|(row_key, record)| Some((account(&row_key)?, record))).collect())
    }

    /// What one account is told of a held change.
    pub async fn seat(&mut self, held: HeldId, account: AccountId) -> Result<Option<SeatRecord>, StorageError> {
        self.one(&key::join(&[held.as_bytes(), account.as_bytes()])).await
    }

    /// Changes of an account's seats after `position`, oldest first: position and held change.
    pub async fn seat_events(
        &mut self,
        account: AccountId,
        position: u64,
        limit: usize,
    ) -> Result<Vec<(u64, HeldId)>, StorageError> {
        let after = key::join(&[account.as_bytes(), &position.to_be_bytes()]);
        let rows = self.raw.scan(Table::HeldFeed, &Range::prefix_after(account.as_bytes(), &after), limit).await?;
        Ok(rows
            .iter()
            .filter_map(|(row_key, held)| {
                Some((key::number_at(row_key, AccountId::LEN)?, HeldId::try_from(held.as_slice()).ok()?))
            })
            .collect())
    }
}

/// The hash that stands behind a document.
fn hash_in(bytes: &[u8]) -> Option<ChangeHash> {
    key::bytes_at(bytes, DocumentId::LEN).map(ChangeHash::from_bytes)
}
