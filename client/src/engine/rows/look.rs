//! The rows of views: one for each case, so that they go with it.

use std::collections::BTreeMap;

use shared::id::{CaseId, ChangeHash, DocumentId};
use shared::protocol::seen::Seen;

use super::Rows;
use super::departure::report_key;
use super::seen::{WAITING, tell};
use crate::engine::look::Look;
use crate::store::sealed::{Table, Writes};
use crate::store::{Durability, StoreError};

/// Views kept of one case, the newest: about 90 bytes each, so that one more is written in a moment.
const LOOKS_MAX: usize = 1_000;

/// What the rows begin with that say up to where texts were read.
const TEXTS_PREFIX: &[u8] = b"text/";

/// Heads of a document up to which each of its long texts was read, by the text's key.
pub(super) type TextsRead = BTreeMap<String, Vec<ChangeHash>>;

/// Takes every view of a case away, with the case itself.
pub(super) fn no_looks(writes: &mut Writes, case: CaseId) {
    writes.delete(Table::Read, case.as_bytes());
}

/// Takes away up to where the texts of a document were read, with the document itself.
pub(super) fn no_texts_read(writes: &mut Writes, document: DocumentId) {
    writes.delete(Table::Read, &texts_key(document));
}

/// Beside the rows of cases, which are keyed by the case alone.
fn texts_key(document: DocumentId) -> Vec<u8> {
    [TEXTS_PREFIX, document.as_bytes()].concat()
}

impl Rows {
    /// Up to which heads each long text of a document was read here, by the text's key.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn texts_read(&self, document: DocumentId) -> Result<TextsRead, StoreError> {
        Ok(self.store.get(Table::Read, &texts_key(document)).await?.unwrap_or_default())
    }

    /// Keeps up to which heads a long text was read. After a crash it is unread again, so it need not wait for the disk. With
    /// `report`, of a report of this tablet, unless that was erased meanwhile, by whichever tab.
    ///
    /// # Errors
    /// [`StoreError::Declined`] when it was; those of the store.
    pub async fn read_text(
        &self,
        (document, report): (DocumentId, Option<CaseId>),
        text: &str,
        heads: Vec<ChangeHash>,
    ) -> Result<(), StoreError> {
        let key = texts_key(document);
        let report = report.map(report_key);
        let of_report = report.iter().map(|key| (Table::Case, key.as_slice()));
        let asked: Vec<(Table, &[u8])> = std::iter::once((Table::Read, key.as_slice())).chain(of_report).collect();
        self.store
            .update(&asked, Durability::Relaxed, |reads| {
                if report.is_some() && reads.bytes(1).is_none() {
                    return Err(StoreError::Declined);
                }
                let mut read = reads.get::<TextsRead>(0)?.unwrap_or_default();
                read.insert(text.to_owned(), heads);
                let mut writes = Writes::new();
                writes.put(Table::Read, &key, &read);
                Ok((writes, ()))
            })
            .await
    }

    /// Keeps a view, on stable storage, whatever other tabs keep meanwhile, and has the centre told of it; of a report of this
    /// tablet, unless that was erased meanwhile, by whichever tab.
    ///
    /// # Errors
    /// [`StoreError::Declined`] when it was; those of the store.
    pub async fn look(&self, look: Look, seen: Seen, is_report: bool) -> Result<(), StoreError> {
        let case = look.place.case;
        let report = is_report.then(|| report_key(case));
        let of_report = report.iter().map(|key| (Table::Case, key.as_slice()));
        let read = (Table::Read, case.as_bytes().as_slice());
        let asked: Vec<(Table, &[u8])> = [read, WAITING].into_iter().chain(of_report).collect();
        self.store
            .update(&asked, Durability::Strict, |reads| {
                if is_report && reads.bytes(2).is_none() {
                    return Err(StoreError::Declined);
                }
                let mut looks = reads.get::<Vec<Look>>(0)?.unwrap_or_default();
                let surplus = looks.len().saturating_add(1).saturating_sub(LOOKS_MAX);
                looks.drain(..surplus);
                looks.push(look);
                let mut writes = Writes::new();
                writes.put(Table::Read, case.as_bytes(), &looks);
                tell(reads, 1, (seen, Some(case)), &mut writes)?;
                Ok((writes, ()))
            })
            .await
    }

    /// The views of a case, oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn looks(&self, case: CaseId) -> Result<Vec<Look>, StoreError> {
        Ok(self.store.get(Table::Read, case.as_bytes()).await?.unwrap_or_default())
    }
}
