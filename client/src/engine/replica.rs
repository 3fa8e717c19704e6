//! One document in the memory of the tablet: what the relay acknowledged with the tablet's own edits on top.
//!
//! Owns opening and editing; must never write the store: an edit is tried on a clone, kept by the caller's transaction,
//! and only then taken over. Called by the session.

use std::collections::{BTreeMap, BTreeSet};

use shared::command::{self, CommandError, Edit, Writer};
use shared::document::{Document, DocumentError};
use shared::id::{AccountId, ActorId, ChangeHash, DocumentKey};
use shared::protocol::frame::ChangeBytes;
use shared::sync::change_hash;
use shared::sync::row::{DocumentRows, PendingEdit, PendingOrder, Received, raw};

use super::summary::Summary;

/// A document opened for reading and writing.
#[derive(Debug, Clone)]
pub struct Replica {
    /// Its key.
    pub key: DocumentKey,
    /// Acknowledged and own edits together.
    pub document: Document,
    /// When each acknowledged change was received.
    pub received: BTreeMap<ChangeHash, Received>,
    /// Hashes of own changes the relay has not acknowledged.
    pub unsent: BTreeSet<ChangeHash>,
    /// The relay has acknowledged the document at least once.
    pub known: bool,
}

/// An edit that was tried and can be kept.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The document with the edit.
    document: Document,
    /// The row to keep; none when the edit says nothing new.
    pub pending: Option<PendingEdit>,
}

/// Who edits, when and in which place of the queue.
#[derive(Debug, Clone, Copy)]
pub struct EditContext {
    /// The account.
    pub author: AccountId,
    /// The session's actor for this document.
    pub actor: ActorId,
    /// The tablet's clock, milliseconds since 1970 UTC.
    pub time_ms: u64,
    /// The edit's place in the queue.
    pub order: PendingOrder,
    /// Goes before everything else.
    pub urgent: bool,
}

impl Replica {
    /// Opens a document from its rows.
    ///
    /// # Errors
    /// [`DocumentError`] when a row does not open.
    pub fn open(key: DocumentKey, rows: &DocumentRows) -> Result<Self, DocumentError> {
        Self::open_with(key, rows, true)
    }

    /// Opens a document to make its summary: of most kinds that asks nothing of when changes were received, and to read that takes
    /// a walk over all of them.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn open_for_summary(key: DocumentKey, rows: &DocumentRows) -> Result<Self, DocumentError> {
        let asks = Summary::asks_receipts(&key);
        Self::open_with(key, rows, asks)
    }

    fn open_with(key: DocumentKey, rows: &DocumentRows, asks_receipts: bool) -> Result<Self, DocumentError> {
        let (mut document, received) = match &rows.stored {
            Some(stored) => {
                let document = stored.open()?;
                let received = if asks_receipts { stored.received_by_hash(&document) } else { BTreeMap::new() };
                (document, received)
            }
            None => (Document::new()?, BTreeMap::new()),
        };
        let mut unsent = BTreeSet::new();
        for edit in &rows.pending {
            document.apply(&raw(&edit.changes))?;
            unsent.extend(edit.changes.iter().filter_map(|change| change_hash(&change.0)));
        }
        Ok(Self { key, document, received, unsent, known: rows.stored.is_some() })
    }

    /// Tries an edit on a clone; with a remark, as one that was made elsewhere and is entered again.
    ///
    /// # Errors
    /// [`CommandError`] when the edit is not possible here.
    pub fn try_edit(&self, edit: Edit, message: Option<String>, context: &EditContext) -> Result<Tried, CommandError> {
        let mut document = self.document.clone();
        let writer = Writer { author: context.author, actor: context.actor };
        let time_ms = i64::try_from(context.time_ms).unwrap_or(0);
        let changes = match &message {
            // Its writer is not in front of the form: what nobody saw stays beside it.
            Some(_) => command::replay(&mut document, &writer, &edit, time_ms, message.clone())?,
            None => command::apply(&mut document, &writer, &edit, time_ms)?,
        };
        let pending = (!changes.is_empty()).then(|| PendingEdit {
            order: context.order,
            key: self.key.clone(),
            edit,
            time_ms: context.time_ms,
            changes: changes.into_iter().map(|change| ChangeBytes(change.bytes)).collect(),
            urgent: context.urgent,
            actor: context.actor,
            document_gone: false,
            message,
            awaits_copy: None,
        });
        Ok(Tried { document, pending })
    }

    /// Takes a tried edit over after its row is on stable storage.
    pub fn keep(&mut self, tried: Tried) {
        if let Some(pending) = &tried.pending {
            self.unsent.extend(pending.changes.iter().filter_map(|change| change_hash(&change.0)));
            self.document = tried.document;
        }
    }
}
