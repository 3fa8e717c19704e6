//! What follows from documents that changed here: their summaries, what does not open, what the tray need not list as waiting.
//!
//! Must never write a document. Called by the session after every batch and edit, and by whoever reads in the background.

use std::collections::BTreeSet;

use shared::id::DocumentId;
use shared::protocol::held::{Decided, HeldOutcome};
use shared::sync::change_hash;
use shared::sync::row::TrayEntry;

use super::replica::Replica;
use super::rows::RowWrites;
use super::session::{Session, store_failure};
use super::summary::Summary;
use crate::api::Failure;
use crate::store::Durability;
use crate::store::sealed::Writes;

impl Session {
    /// Computes summaries that are due, sets documents aside that do not open, and writes it down with what else is given.
    pub(super) async fn summarise(&mut self, due: BTreeSet<DocumentId>, mut writes: Writes) -> Result<(), Failure> {
        if due.is_empty() {
            return Ok(());
        }
        let mut found = self.rows.documents(&due).await.map_err(|error| store_failure(&error))?;
        for document in due {
            if self.deadly.contains(&document) {
                writes.no_summary(document);
                continue;
            }
            let rows = found.remove(&document).unwrap_or_default();
            let stored = rows.stored.as_ref().map(|stored| &stored.key);
            let key = stored.or_else(|| rows.pending.first().map(|edit| &edit.key)).cloned();
            let replica = key.map(|key| Replica::open(key, &rows));
            if let Some(Ok(replica)) = &replica {
                for entry in self.taken_in(&document, replica) {
                    writes.tray(&entry);
                    if let Some(trayed) =
                        self.tray.iter_mut().find(|one| one.entry.pending.order == entry.pending.order)
                    {
                        trayed.entry = entry;
                    }
                }
                let summary = Summary::of(replica, &self.pack);
                writes.summary(&summary);
                self.index.put(summary);
                if self.aside.remove(&document) {
                    // What came mended it.
                    writes.not_aside(document);
                }
                continue;
            }
            if replica.is_some() {
                // It is here and does not open.
                writes.aside(document);
                self.aside.insert(document);
            }
            writes.no_summary(document);
            self.index.remove(document);
        }
        self.rows.apply(writes, Durability::Relaxed).await.map_err(|error| store_failure(&error))
    }

    /// Edits of the tray that stand in the document as they were written, although nobody said what was decided: they waited
    /// for a person, and a relay put back to a time before that took them at once.
    fn taken_in(&self, document: &DocumentId, replica: &Replica) -> Vec<TrayEntry> {
        if self.meta.epochs == 0 {
            return Vec::new();
        }
        let waits = |entry: &TrayEntry| entry.held && entry.decided.is_none() && entry.pending.key.id() == *document;
        let stands = |entry: &TrayEntry| {
            let hashes = entry.pending.changes.iter().map(|change| change_hash(&change.0));
            hashes.into_iter().all(|hash| hash.is_some_and(|hash| replica.document.contains(&hash)))
        };
        let entries = self.tray.iter().map(|trayed| &trayed.entry);
        let decided = entries.filter(|entry| waits(entry) && stands(entry)).filter_map(|entry| {
            let held = *entry.held_ids().first()?;
            let decided =
                Decided { held, outcome: HeldOutcome::Accepted, by: None, at_ms: self.latest_ms(), reason: None };
            Some(TrayEntry { decided: Some(decided), ..entry.clone() })
        });
        decided.collect()
    }
}
