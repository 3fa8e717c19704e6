//! Reads documents that a sync brought into the summaries that lists show, and survives one that cannot be read.
//!
//! What is to be read stands in the store since the document came. Which documents are being read is noted before they are:
//! if the program dies of one, the next start reads the same ones alone, and sets the culprit aside when it has died of it
//! three times in a row. Fewer would not do: a tablet may also lose its power while it reads.

use std::collections::BTreeSet;

use shared::id::{CaseId, DocumentId, DocumentKey};
use shared::order::Gather as _;

use super::rows::{Reading, RowWrites as _, Stamps, UnreadNote};
use super::session::{Session, store_failure};
use crate::api::Failure;
use crate::store::Durability;
use crate::store::sealed::Writes;

/// New documents that are read as soon as they came: few enough that nobody who waits for the session notices.
pub(super) const AT_ONCE_MAX: usize = 8;
/// Documents read in one go in the background: what is asked of the store for each such heap costs more than reading some
/// documents, and who waits for the session waits for no more than one heap.
pub(super) const HEAP_MAX: usize = 48;
/// Documents that are noted as being read: the heap that is, and the one after it, which is looked at while the store writes.
const NOTED_MAX: usize = 2 * HEAP_MAX;
/// Deaths in a row, while one document was read alone, that make it the culprit.
const DEATHS_MAX: u32 = 3;

/// What came of reading some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Nothing was to be read.
    Nothing,
    /// Some was.
    Some,
    /// One was set aside, because the program died of it.
    SetAside,
}

impl Session {
    /// Reads the next documents that came and were not read yet.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn read_some(&mut self) -> Result<Read, Failure> {
        if let Some(died) = self.died_reading.take() {
            return self.read_suspect(died).await;
        }
        let next = self.index.some_unread(HEAP_MAX);
        self.read(next, None, true).await
    }

    /// Reads what is to be read of a case, before somebody looks into it or writes there.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn read_case(&mut self, case: CaseId) -> Result<(), Failure> {
        let unread = self.index.unread_of(case);
        let is_here = |died: &mut Reading| died.documents.iter().any(|document| unread.contains(document));
        // The page on which the program died is the page that opens next: its deaths have to be counted here as well.
        while let Some(died) = self.died_reading.take_if(is_here) {
            self.read_suspect(died).await?;
        }
        let unread = self.index.unread_of(case);
        self.read(unread, None, false).await.map(|_| ())
    }

    /// Reads the first of those during which the program died, alone.
    async fn read_suspect(&mut self, died: Reading) -> Result<Read, Failure> {
        let mut left = died.documents.into_iter();
        let Some(suspect) = left.next() else { return Ok(Read::Some) };
        if left.len() == 0 && died.tries >= DEATHS_MAX {
            let mut writes = Writes::new();
            writes.deadly(suspect).no_summary(suspect).reading(None);
            let unread = self.index.unread_among(&std::iter::once(suspect).into_set());
            self.index.remove(suspect);
            for note in self.index.take_outdated() {
                writes.unread(&note);
            }
            let written = self.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error));
            if written.is_err() {
                self.read_again(&unread);
            }
            written?;
            self.deadly.insert(suspect);
            return Ok(Read::SetAside);
        }
        let tries = if left.len() == 0 { died.tries.saturating_add(1) } else { 1 };
        // Of the others, those that are still to be read follow one by one as well.
        let others: Vec<DocumentId> = left.collect();
        self.died_reading = (!others.is_empty()).then_some(Reading { documents: others, tries: 0 });
        self.read(std::iter::once(suspect).into_set(), Some(tries), false).await
    }

    /// Whether a document was set aside, because it does not open or the program dies of it.
    #[must_use]
    pub fn is_aside(&self, document: &DocumentId) -> bool {
        self.aside.contains(document) || self.deadly.contains(document)
    }

    /// How many documents are set aside.
    #[must_use]
    pub fn aside_count(&self) -> u32 {
        u32::try_from(self.aside.union(&self.deadly).count()).unwrap_or(u32::MAX)
    }

    /// Has every document that was set aside read once more, because a person asks for it: after an update of the program,
    /// or when the centre has mended them. What fails again is set aside again.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn read_aside(&mut self) -> Result<(), Failure> {
        let documents: BTreeSet<DocumentId> = self.aside.union(&self.deadly).copied().into_set();
        let found = self.rows.documents(&documents).await.map_err(|error| store_failure(&error))?;
        let mut writes = Writes::new();
        let mut keys = Vec::new();
        for (document, rows) in found {
            writes.not_aside(document);
            let stored = rows.stored.map(|stored| stored.key);
            keys.extend(stored.or_else(|| rows.pending.into_iter().next().map(|edit| edit.key)));
        }
        let notes = self.unread_notes(&keys);
        notes.iter().for_each(|note| {
            writes.unread(note);
        });
        self.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
        self.aside.clear();
        self.deadly.clear();
        notes.into_iter().for_each(|note| self.index.put_note(note));
        self.tell_others();
        Ok(())
    }

    /// What was noted as being read and may be looked at before its turn: by itself none of it has edits to be read along.
    pub(super) fn is_due_soon(&self, now: &BTreeSet<DocumentId>) -> BTreeSet<DocumentId> {
        if self.meta.epochs != 0 {
            return BTreeSet::new();
        }
        let noted = self.announced.iter().flat_map(|noted| noted.documents.iter().copied());
        let is_due = |document: &DocumentId| !now.contains(document) && !self.may_have_edits.contains(document);
        // No more than one heap holds anybody up.
        noted.filter(is_due).take(HEAP_MAX).into_set()
    }

    /// What is read next in the background when a batch was the first to bring something to read: its begin can be noted along
    /// with it. Nothing where the next is known already, or has to be read with care.
    pub(super) fn announce(&self, notes: &[UnreadNote], now: &BTreeSet<DocumentId>) -> Option<Reading> {
        if self.died_reading.is_some() || self.index.unread_count() > 0 {
            return None;
        }
        let later =
            notes.iter().flat_map(|note| &note.keys).map(DocumentKey::id).filter(|document| !now.contains(document));
        reading_of(&later.take(NOTED_MAX).into_set(), None)
    }

    /// Reads documents, of which is noted before that they are being read; how often in a row where the program died of one
    /// of them. With `go_on`, who reads in the background: what comes next is noted along with what came of these.
    async fn read(
        &mut self,
        documents: BTreeSet<DocumentId>,
        tries: Option<u32>,
        go_on: bool,
    ) -> Result<Read, Failure> {
        let Some(reading) = reading_of(&documents, tries) else { return Ok(Read::Nothing) };
        let is_noted = |noted: &Reading| documents.iter().all(|document| noted.documents.contains(document));
        if tries.is_some() || !self.announced.as_ref().is_some_and(is_noted) {
            self.announced = None;
            let mut begun = Writes::new();
            begun.reading(Some(&reading));
            // A process that dies loses nothing that was handed to the browser; after a power cut nobody is to blame.
            let _ = self.write_summaries(begun, &Stamps::new(), &BTreeSet::new()).await?;
        }
        let ahead = if go_on { self.is_due_soon(&documents) } else { BTreeSet::new() };
        self.announced = None;
        let mut next = None;
        self.look_and_write(&documents, &ahead, |session, ended| {
            next = if go_on { reading_of(&session.index.some_unread(NOTED_MAX), None) } else { None };
            ended.reading(next.as_ref());
        })
        .await?;
        self.announced = next;
        self.tell(&reading.documents);
        Ok(Read::Some)
    }
}

/// What is noted of documents that are about to be read; nothing where there are none.
fn reading_of(documents: &BTreeSet<DocumentId>, tries: Option<u32>) -> Option<Reading> {
    let documents: Vec<DocumentId> = documents.iter().copied().collect();
    let alone = u32::from(documents.len() == 1);
    (!documents.is_empty()).then(|| Reading { documents, tries: tries.unwrap_or(alone) })
}
