//! What a round of sync brought is taken over: rows first, then what is in memory.
//!
//! Owns that a batch stands whole or not at all, and which of its documents are read with it; must never decide what a batch
//! says. Called by a round, under the session's lock.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join;
use shared::date::CivilDate;
use shared::id::{DocumentId, DocumentKey};
use shared::order::Gather as _;
use shared::protocol::alarm::AlarmState;
use shared::sync::inbox::{Batch, RowWrite};

use super::held;
use super::off_team;
use super::reading::{AT_ONCE_MAX, HEAP_MAX};
use super::rows::{NoteId, RowWrites as _, UnreadNote};
use super::session::{Session, store_failure};
use crate::api::Failure;
use crate::store::Durability;
use crate::store::sealed::Writes;

impl Session {
    /// Applies a batch of the sync machine: rows first, then what is in memory.
    ///
    /// # Errors
    /// [`Failure`] of the store; nothing was written then.
    pub async fn commit(&mut self, batch: &Batch, extra: Writes) -> Result<(), Failure> {
        let mut writes = Writes::new();
        let (mut waiting, mut tray) = (self.held.clone(), self.tray.clone());
        for write in &batch.writes {
            writes.machine(write);
            held::take_over(&mut waiting, &mut tray, self.meta.epochs, write, &mut writes);
        }
        let (gone, dropped) = taken_away(batch);
        for note in self.index.notes_without(&gone) {
            writes.unread(&note);
        }
        let changed = self.changed_by(batch, &gone);
        let notes = self.unread_notes(&changed);
        for note in &notes {
            writes.unread(note);
        }
        let now = self.read_at_once(&changed);
        let announced = self.announce(&notes, &now);
        if announced.is_some() {
            writes.reading(announced.as_ref());
        }
        off_team::note(self, batch, &gone, &mut writes).await;
        let is_news = brings_only(batch) && extra.is_empty();
        writes.append(extra);
        let durability = if is_news { Durability::Relaxed } else { Durability::Strict };
        let ahead = self.is_due_soon(&BTreeSet::new());
        let written = async {
            match self.fence {
                Some(fence) => self.rows.apply_fenced(writes, fence, durability).await,
                None => self.rows.apply(writes, durability).await,
            }
        };
        // While the store writes, what is read next is looked at.
        let (applied, ()) = join(written, async { self.fresh.look_ahead(&ahead, &self.pack) }).await;
        if applied.is_err() {
            // Perhaps another tab leads.
            self.fresh.clear();
        }
        applied.map_err(|error| store_failure(&error))?;
        (self.held, self.tray) = (waiting, tray);
        for document in batch.touched.iter().chain(&batch.rebuilt) {
            self.replicas.remove(document);
            self.fresh.forget(document);
        }
        for document in &batch.rebuilt {
            self.actors.remove(document);
        }
        self.renamed.take_over(&batch.renamed);
        for document in &dropped {
            self.index.remove(*document);
        }
        // Before anything that may fail: what was written is known from here on.
        for write in &batch.writes {
            if let RowWrite::PutDocument(stored) = write {
                let document = stored.key.id();
                if gone.contains(&document) {
                    continue;
                }
                self.fresh.note(document, stored, !now.contains(&document));
            } else if let RowWrite::PutPending(edit) = write {
                self.may_have_edits.insert(edit.key.id());
            }
        }
        notes.into_iter().for_each(|note| self.index.put_note(note));
        self.announced = announced.or(self.announced.take());
        self.take_over(batch).await?;
        self.summarise(now).await?;
        let touched: Vec<DocumentId> = batch.touched.iter().copied().collect();
        (self.notify)(&touched);
        Ok(())
    }

    /// Which documents of a batch are read with it: what is shown already, and a few new ones too. A first sync brings hundreds:
    /// they are read when the line is idle, for reading costs ten times what taking them costs, and the line may be gone in a
    /// minute.
    fn read_at_once(&self, changed: &[DocumentKey]) -> BTreeSet<DocumentId> {
        let (new, shown): (Vec<_>, Vec<_>) = changed.iter().partition(|key| self.index.summary(key).is_none());
        let few = if new.len() <= AT_ONCE_MAX { new } else { Vec::new() };
        shown.into_iter().chain(few).map(DocumentKey::id).into_set()
    }

    /// Notes of documents that are to be read, each of as many as are read in one go.
    pub(super) fn unread_notes(&mut self, keys: &[DocumentKey]) -> Vec<UnreadNote> {
        let heaps = keys.chunks(HEAP_MAX);
        heaps.map(|keys| UnreadNote { id: NoteId(self.next_order()), keys: keys.to_vec() }).collect()
    }

    /// Keys of the documents that a batch changes and leaves here, to be read; never one of which the program died.
    fn changed_by(&self, batch: &Batch, gone: &BTreeSet<DocumentId>) -> Vec<DocumentKey> {
        let mut stored: BTreeMap<DocumentId, &DocumentKey> = BTreeMap::new();
        for write in &batch.writes {
            if let RowWrite::PutDocument(document) = write {
                stored.insert(document.key.id(), &document.key);
            }
        }
        let changed = batch.touched.difference(gone).filter(|document| !self.deadly.contains(*document));
        // One whose acknowledged copy stays as it is has edits of this tablet, so it is in the index.
        changed
            .filter_map(|document| stored.get(document).copied().or_else(|| self.index.find(*document)).cloned())
            .collect()
    }

    async fn take_over(&mut self, batch: &Batch) -> Result<(), Failure> {
        for write in &batch.writes {
            match write {
                RowWrite::PutMember(member) => {
                    self.note_renamed();
                    self.directory.put(member.clone());
                }
                RowWrite::PutContact(number, day) => {
                    self.directory.note_contact(*number, CivilDate::from_days(*day));
                }
                RowWrite::PutStatus(status) => {
                    self.statuses.insert(status.case, status.clone());
                }
                RowWrite::PutAlarm(alarm) if alarm.state == AlarmState::Over => {
                    self.alarms.remove(&alarm.case);
                }
                RowWrite::PutAlarm(alarm) => {
                    self.alarms.insert(alarm.case, alarm.clone());
                }
                RowWrite::PutMeta(meta) => self.meta = meta.clone(),
                RowWrite::SetAside(document) => {
                    self.aside.insert(*document);
                }
                RowWrite::DropDocument(document, ..) => {
                    self.aside.remove(document);
                    self.deadly.remove(document);
                }
                RowWrite::PutTray(_) => self.tray = self.rows.tray().await.map_err(|error| store_failure(&error))?,
                // After the batch: told again it is taken as before.
                RowWrite::SeenTold(number) => {
                    let _ = self.rows.told(*number).await;
                }
                RowWrite::PutDocument(_)
                | RowWrite::PutPending(_)
                | RowWrite::DropPending(_)
                | RowWrite::PutHeld(_)
                | RowWrite::NoteDecided(_)
                | RowWrite::NoteReceipt(..)
                | RowWrite::KeepOffer(_) => {}
            }
        }
        Ok(())
    }
}

/// Which documents a batch takes away, and of which it says so at all: an answer may say of one that it goes and comes again, and
/// what it says last stands in the store.
fn taken_away(batch: &Batch) -> (BTreeSet<DocumentId>, BTreeSet<DocumentId>) {
    let (mut gone, mut dropped): (BTreeSet<DocumentId>, BTreeSet<DocumentId>) = (BTreeSet::new(), BTreeSet::new());
    for write in &batch.writes {
        if let RowWrite::DropDocument(document, ..) = write {
            gone.insert(*document);
            dropped.insert(*document);
        } else if let RowWrite::PutDocument(stored) = write {
            gone.remove(&stored.key.id());
        }
    }
    (gone, dropped)
}

/// Whether a batch brings only what the relay has, and the machine's memory of having it. That need not wait for the disk: it
/// stands together or not at all, so that after a power cut the next round asks for it again. Everybody who reads would wait along.
fn brings_only(batch: &Batch) -> bool {
    let is_news =
        |write: &RowWrite| matches!(write, RowWrite::PutDocument(_) | RowWrite::PutMeta(_) | RowWrite::PutMember(_));
    batch.rebuilt.is_empty() && batch.writes.iter().all(is_news)
}
