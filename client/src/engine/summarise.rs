//! What follows from documents that changed here: their summaries, what does not open, what the tray need not list as waiting.
//!
//! Must never write a document. Called by the session after every batch and edit, and by whoever reads in the background.

use std::collections::BTreeSet;

use futures::future::join;
use shared::id::{DocumentId, DocumentKey};
use shared::order::Gather as _;
use shared::protocol::held::{Decided, HeldOutcome};
use shared::sync::change_hash;
use shared::sync::row::{DocumentRows, RowMap, TrayEntry};

use super::fresh::Taken;
use super::replica::Replica;
use super::rows::{Applied, RowWrites, Stamps};
use super::session::{Session, store_failure};
use super::summary::Summary;
use crate::api::Failure;
use crate::store::sealed::Writes;
use crate::store::{Durability, StoreError};

/// How often in a row another tab may write what this one was about to write; each time takes an act of somebody.
pub(super) const OVERTAKEN_MAX: u32 = 8;

/// What came of looking at a document.
enum Looked {
    Opens(Box<Summary>),
    /// It is here and does not open.
    IsBroken,
    IsGone,
}

impl Session {
    /// Computes summaries that are due, sets documents aside that do not open, and writes it down.
    pub(super) async fn summarise(&mut self, due: BTreeSet<DocumentId>) -> Result<(), Failure> {
        if due.is_empty() { Ok(()) } else { self.look_and_write(&due, &BTreeSet::new(), |_, _| {}).await }
    }

    /// As [`Self::summarise`], with other rows of the same act. What another tab wrote meanwhile is read again: what this one
    /// has read before is older. While the store writes, others are looked at that are due next.
    pub(super) async fn look_and_write(
        &mut self,
        due: &BTreeSet<DocumentId>,
        ahead: &BTreeSet<DocumentId>,
        mut also: impl FnMut(&Self, &mut Writes),
    ) -> Result<(), Failure> {
        let unread = self.index.unread_among(due);
        let mut outdated = Vec::new();
        for _ in 0..OVERTAKEN_MAX {
            let mut writes = Writes::new();
            let known = (self.aside.clone(), self.tray.clone());
            let stamps = self.look_into(due, &mut writes).await?;
            outdated.append(&mut self.index.take_outdated());
            for note in &outdated {
                writes.unread(note);
            }
            also(self, &mut writes);
            match self.write_summaries(writes, &stamps, ahead).await {
                Ok(Applied::Done) => return Ok(()),
                Ok(Applied::Overtaken) => {
                    // Of what was seen here nothing is written, so the next look has to see it again.
                    (self.aside, self.tray) = known;
                    self.hear(due).await?;
                    // Of another tab's edits this one need not have heard.
                    self.may_have_edits.extend(due);
                }
                Err(failed) => {
                    (self.aside, self.tray) = known;
                    self.read_again(&unread);
                    return Err(failed);
                }
            }
        }
        self.read_again(&unread);
        Ok(())
    }

    /// Has documents read again of which nothing could be written down: their note in the store is to stand for them still.
    pub(super) fn read_again(&mut self, unread: &[DocumentKey]) {
        self.unread_notes(unread).into_iter().for_each(|note| self.index.put_new_note(note));
    }

    /// A stamp for summaries that are written together.
    pub(super) fn draw_stamp(&self) -> u64 {
        u64::from_be_bytes(self.draw())
    }

    /// Computes summaries that are due and sets documents aside that do not open. What is to be written down of it, by
    /// [`Self::write_summaries`], is put into the writes. Gives the summaries in whose place they come.
    async fn look_into(&mut self, due: &BTreeSet<DocumentId>, writes: &mut Writes) -> Result<Stamps, Failure> {
        let (mut stamps, stamp) = (Stamps::new(), self.draw_stamp());
        let Taken { known, mut summaries, asked } = self.fresh.take(due);
        let mut found = self.rows_of(due, &asked, known).await?;
        for document in due.iter().copied() {
            if self.deadly.contains(&document) {
                writes.no_summary(document);
                self.index.remove(document);
                continue;
            }
            let rows = found.remove(&document).unwrap_or_default();
            // Made of the same rows, if nothing stands upon them and nobody has the document open, who would have to have it as well.
            let is_all = rows.pending.is_empty() && !self.replicas.contains_key(&document) && self.meta.epochs == 0;
            let looked = match summaries.remove(&document).filter(|_| is_all) {
                Some(summary) => Looked::Opens(Box::new(summary)),
                None => self.look_at(document, &rows, writes),
            };
            if let Looked::Opens(summary) = looked {
                let summary = summary.stamped(stamp);
                writes.summary(&summary);
                let before = self.index.summary(&summary.key).map_or(0, |before| before.stamp);
                // A first sync is one look after another at what nobody saw before: asked for each of thousands, the store would
                // answer as often. What another tab wrote there meanwhile is an edit, and its poke has it read again.
                if self.fence.is_none() || before != 0 {
                    stamps.insert(document, before);
                }
                self.index.put(summary);
                if self.aside.remove(&document) {
                    // What came mended it.
                    writes.not_aside(document);
                }
                continue;
            }
            if matches!(looked, Looked::IsBroken) {
                writes.aside(document);
                self.aside.insert(document);
            }
            writes.no_summary(document);
            stamps.insert(document, self.index.stamp(document));
            self.index.remove(document);
        }
        Ok(stamps)
    }

    /// Opens a document from its rows.
    fn look_at(&mut self, document: DocumentId, rows: &DocumentRows, writes: &mut Writes) -> Looked {
        let stored = rows.stored.as_ref().map(|stored| &stored.key);
        let Some(key) = stored.or_else(|| rows.pending.first().map(|edit| &edit.key)).cloned() else {
            return Looked::IsGone;
        };
        // What is open is put in place of what was open of it.
        let is_open = self.replicas.contains_key(&document);
        let open = if is_open { Replica::open } else { Replica::open_for_summary };
        let Ok(replica) = open(key, rows) else { return Looked::IsBroken };
        for entry in self.taken_in(&document, &replica) {
            writes.tray(&entry);
            if let Some(trayed) = self.tray.iter_mut().find(|one| one.entry.pending.order == entry.pending.order) {
                trayed.entry = entry;
            }
        }
        let summary = Summary::of(&replica, &self.pack);
        if let Some((_, kept)) = self.replicas.get_mut(&document) {
            // No older document is edited than the one the summary is of.
            *kept = replica;
        }
        Looked::Opens(Box::new(summary))
    }

    /// Writes down what came of looking into documents. A tab that led and leads no more writes nothing: what it knew of them may
    /// be old by now, and whoever leads reads them as well. The store has its work before those are looked at that are due next.
    pub(super) async fn write_summaries(
        &mut self,
        writes: Writes,
        stamps: &Stamps,
        ahead: &BTreeSet<DocumentId>,
    ) -> Result<Applied, Failure> {
        let written = self.rows.apply_summaries(writes, stamps, self.fence, Durability::Relaxed);
        let looked = async { self.fresh.look_ahead(ahead, &self.pack) };
        match join(written, looked).await.0 {
            Err(StoreError::Declined) => {
                // The fence stays: a round that this tab has begun must write nothing more either.
                self.fresh.clear();
                Ok(Applied::Done)
            }
            applied => applied.map_err(|error| store_failure(&error)),
        }
    }

    /// Rows of documents that a part of an answer brings or asks about.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub(super) async fn rows_to_write(&self, wanted: &BTreeSet<DocumentId>) -> Result<RowMap, Failure> {
        let (absent, asked): (BTreeSet<_>, BTreeSet<_>) =
            wanted.iter().copied().partition(|document| self.fresh.is_absent(document));
        let known: RowMap = absent.into_iter().map(|document| (document, DocumentRows::default())).into_map();
        self.rows_of(wanted, &asked, known).await
    }

    /// Rows of documents of which some are to be asked for. The store is not looked through for edits where nothing else is asked
    /// and none is known of. An edit that another tab wrote a moment ago stays in its row then, stands on what came as on what
    /// was there, and is read with the document when its poke is here.
    async fn rows_of(
        &self,
        wanted: &BTreeSet<DocumentId>,
        asked: &BTreeSet<DocumentId>,
        known: RowMap,
    ) -> Result<RowMap, Failure> {
        if asked.is_empty() && self.may_have_edits.is_disjoint(wanted) {
            return Ok(known);
        }
        self.rows.documents_beside(asked, known).await.map_err(|error| store_failure(&error))
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
