//! One writing transaction at work: the documents it has open, what it changed, and what the audit log will say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shared::access::CaseFacts;
use shared::document::Document;
use shared::document::vet::VettedDocument;
use shared::id::{AccountId, CaseId, ChangeHash, DeviceId, DocumentId};
use shared::protocol::seen::Seen;

use super::{Relay, RelayError, facts};
use crate::access_gate::permit_judge;
use crate::audit::Entry;
use crate::storage::record::DocumentRecord;
use crate::storage::{Table, View, WriteTx};

/// A document as the transaction sees it.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) record: DocumentRecord,
    pub(super) document: Arc<VettedDocument>,
}

/// A writing transaction with its open documents. Everything in it is thrown away unless it commits.
pub(super) struct Work {
    pub(super) tx: WriteTx,
    open: BTreeMap<DocumentId, Open>,
    changed: BTreeSet<DocumentId>,
    facts: BTreeMap<CaseId, Arc<CaseFacts>>,
    /// What rights hung on at a position: the past does not move, and reading it takes the log.
    facts_then: BTreeMap<(CaseId, u64), Arc<CaseFacts>>,
    /// What rights hung on when the upload came that is being taken, where it changes that itself.
    pub(super) facts_before: BTreeMap<CaseId, Arc<CaseFacts>>,
    pub(super) audit: Vec<Entry>,
    /// What the audit log will say of what was opened, taken away and printed, and by whom on which device.
    pub(super) seen: Vec<(AccountId, DeviceId, Seen)>,
    /// Changes that were put aside and have no seats yet.
    pub(super) held: Vec<(DocumentId, ChangeHash)>,
    /// Cases in which something was put aside.
    pub(super) held_cases: BTreeSet<CaseId>,
    held_count: u32,
    /// Cases whose rights a decision moved.
    pub(super) regrant: BTreeSet<CaseId>,
    /// Bytes of the documents that had to be opened since somebody was charged for it.
    opened_bytes: u64,
}

impl Work {
    pub(super) fn new(tx: WriteTx) -> Self {
        Self {
            tx,
            open: BTreeMap::new(),
            changed: BTreeSet::new(),
            facts: BTreeMap::new(),
            facts_then: BTreeMap::new(),
            facts_before: BTreeMap::new(),
            audit: Vec::new(),
            seen: Vec::new(),
            held: Vec::new(),
            held_cases: BTreeSet::new(),
            held_count: 0,
            regrant: BTreeSet::new(),
            opened_bytes: 0,
        }
    }

    /// The place of the next change that is put aside.
    pub(super) const fn next_held(&mut self) -> u32 {
        self.held_count = self.held_count.saturating_add(1);
        self.held_count
    }

    /// Takes a document's new state; rights that hang on it are read anew.
    pub(super) fn set(&mut self, id: DocumentId, open: Open) {
        if facts::carries_rights(&open.record.key.kind) {
            self.facts.remove(&open.record.key.case);
        }
        self.changed.insert(id);
        self.open.insert(id, open);
    }

    /// Bytes of the documents that were opened since this was asked last.
    pub(super) const fn take_opened_bytes(&mut self) -> u64 {
        core::mem::replace(&mut self.opened_bytes, 0)
    }

    /// The documents it has changed so far.
    pub(super) const fn changed(&self) -> &BTreeSet<DocumentId> {
        &self.changed
    }

    /// Gives the documents it changed, for the cache, after the commit.
    pub(super) fn into_changed(self) -> (WriteTx, Vec<(DocumentId, Open)>) {
        let Self { tx, open, changed, .. } = self;
        (tx, open.into_iter().filter(|(id, _)| changed.contains(id)).collect())
    }
}

impl Relay {
    /// Opens a document as the transaction sees it.
    pub(super) async fn open_document(&self, work: &mut Work, id: DocumentId) -> Result<Option<Open>, RelayError> {
        if let Some(open) = work.open.get(&id) {
            return Ok(Some(open.clone()));
        }
        let Some(record) = work.tx.view().document(id).await? else { return Ok(None) };
        let document = match self.cache.get(id, &record.heads) {
            Some(document) => document,
            None => {
                work.opened_bytes = work.opened_bytes.saturating_add(record.change_bytes);
                let document = self.open_state(&mut work.tx.view(), id, &record.heads).await?;
                // Nothing of it was changed by this transaction, or it would be open already.
                self.cache.put(id, Arc::clone(&document), record.change_bytes);
                document
            }
        };
        let open = Open { record, document };
        work.open.insert(id, open.clone());
        Ok(Some(open))
    }

    /// Opens a document at its recorded heads: from the cache, the snapshot, or the log.
    pub(super) async fn open_state(
        &self,
        view: &mut View<'_>,
        id: DocumentId,
        heads: &[ChangeHash],
    ) -> Result<Arc<VettedDocument>, RelayError> {
        if let Some(document) = self.cache.get(id, heads) {
            return Ok(document);
        }
        self.sealer.load(&self.storage, &[id]).await?;
        if let Some(snapshot) = view.snapshot(&permit_judge(id)).await?
            && snapshot.heads == heads
        {
            let bytes = self.sealer.open_row(id, Table::Snapshot, id.as_bytes(), &snapshot.sealed)?;
            let document = Document::load(&bytes)?;
            if document.heads() == heads {
                return Ok(Arc::new(VettedDocument::open(document)?));
            }
        }
        // The log is the record; a snapshot that is missing, old or unsound is only a cache that failed.
        Ok(Arc::new(VettedDocument::open(self.rebuild(view, id, u64::MAX).await?)?))
    }

    /// Rebuilds a document from the log, up to a position.
    pub(super) async fn rebuild(
        &self,
        view: &mut View<'_>,
        id: DocumentId,
        up_to: u64,
    ) -> Result<Document, RelayError> {
        self.sealer.load(&self.storage, &[id]).await?;
        let mut document = Document::new()?;
        let mut changes = Vec::new();
        for (position, change) in view.changes_after(&permit_judge(id), 0).await? {
            if position <= up_to {
                changes.push(self.sealer.open_row(id, Table::Change, change.hash.as_bytes(), &change.sealed)?);
            }
        }
        document.apply(&changes)?;
        Ok(document)
    }

    /// What rights in a case hang on, as the transaction sees it.
    pub(super) async fn facts(&self, work: &mut Work, case: CaseId) -> Result<Arc<CaseFacts>, RelayError> {
        if let Some(known) = work.facts.get(&case) {
            return Ok(Arc::clone(known));
        }
        let core = self.open_document(work, facts::core_of(case)).await?;
        let guard = self.open_document(work, facts::guard_of(case)).await?;
        let read = Arc::new(facts::read(
            core.as_ref().map(|open| open.record.creator),
            core.as_ref().map(|open| open.document.document()),
            guard.as_ref().map(|open| open.document.document()),
        ));
        work.facts.insert(case, Arc::clone(&read));
        Ok(read)
    }

    /// What rights in a case hung on at a position.
    pub(super) async fn facts_at(
        &self,
        work: &mut Work,
        case: CaseId,
        position: u64,
    ) -> Result<Arc<CaseFacts>, RelayError> {
        if let Some(known) = work.facts_then.get(&(case, position)) {
            return Ok(Arc::clone(known));
        }
        let mut found = Vec::with_capacity(2);
        for id in [facts::core_of(case), facts::guard_of(case)] {
            let record = work.tx.view().document(id).await?.filter(|record| record.first_position <= position);
            found.push(match record {
                Some(record) => Some((record.creator, self.rebuild(&mut work.tx.view(), id, position).await?)),
                None => None,
            });
        }
        let guard = found.pop().flatten();
        let core = found.pop().flatten();
        let read = Arc::new(facts::read(
            core.as_ref().map(|(creator, _)| *creator),
            core.as_ref().map(|(_, document)| document),
            guard.as_ref().map(|(_, document)| document),
        ));
        work.facts_then.insert((case, position), Arc::clone(&read));
        Ok(read)
    }
}
