//! Documents that came a moment ago, kept for whoever reads them next: of a first sync the store need not be asked for what it
//! was given a moment before, and what is read next is read while it is busy with what came before.
//!
//! Owns how much is kept; must never outlive the lead of its tab, for only who leads knows that nobody else has written them.

use std::collections::{BTreeMap, BTreeSet};

use shared::id::DocumentId;
use shared::pack::Pack;
use shared::sync::row::{DocumentRows, RowMap, StoredDocument};

use super::replica::Replica;
use super::summary::Summary;

/// Bytes kept at most. What came and finds no room is asked of the store again.
const BYTES_MAX: usize = 2 * 1024 * 1024;

/// Documents as they were written, and which documents the store has at all where that is known.
#[derive(Default)]
pub(super) struct Fresh {
    came: BTreeMap<DocumentId, Came>,
    bytes: usize,
    /// All documents that were written since the store had none; nothing where it had some.
    since_empty: Option<BTreeSet<DocumentId>>,
}

/// A document as it was written.
struct Came {
    /// Without edits: those are asked of the store each time.
    rows: DocumentRows,
    /// What lists need of it, once it was looked at.
    summary: Option<Summary>,
}

/// What is known of documents that somebody wants to read.
#[derive(Default)]
pub(super) struct Taken {
    /// Rows without edits.
    pub(super) known: RowMap,
    /// Summaries of some of them, made of those rows.
    pub(super) summaries: BTreeMap<DocumentId, Summary>,
    /// Of which the store has to be asked.
    pub(super) asked: BTreeSet<DocumentId>,
}

impl Fresh {
    /// Nothing is known.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The store has no document.
    pub(super) fn begin_empty(&mut self) {
        *self = Self { since_empty: Some(BTreeSet::new()), ..Self::default() };
    }

    /// The store will hold so much that asking it costs no more than remembering what is there.
    pub(super) fn end_empty(&mut self) {
        self.since_empty = None;
    }

    /// Whether it is certain that the store has nothing of a document.
    pub(super) fn is_absent(&self, document: &DocumentId) -> bool {
        self.since_empty.as_ref().is_some_and(|written| !written.contains(document))
    }

    /// Notes that a document was written; keeps it where that is wished and there is room.
    pub(super) fn note(&mut self, document: DocumentId, stored: &StoredDocument, keep: bool) {
        if let Some(written) = &mut self.since_empty {
            written.insert(document);
        }
        self.forget(&document);
        let bytes = weight(stored);
        if keep && self.bytes.saturating_add(bytes) <= BYTES_MAX {
            self.bytes = self.bytes.saturating_add(bytes);
            let rows = DocumentRows { stored: Some(stored.clone()), pending: Vec::new() };
            self.came.insert(document, Came { rows, summary: None });
        }
    }

    /// Forgets what was kept of a document.
    pub(super) fn forget(&mut self, document: &DocumentId) {
        self.take_one(document);
    }

    /// Makes the summaries of some documents before somebody wants them. One that does not open is left to who reads it.
    pub(super) fn look_ahead(&mut self, documents: &BTreeSet<DocumentId>, pack: &Pack) {
        for document in documents {
            let Some(came) = self.came.get_mut(document).filter(|came| came.summary.is_none()) else { continue };
            let Some(key) = came.rows.stored.as_ref().map(|stored| stored.key.clone()) else { continue };
            came.summary = Replica::open_for_summary(key, &came.rows).ok().map(|replica| Summary::of(&replica, pack));
        }
    }

    /// Gives away what is kept of some documents.
    pub(super) fn take(&mut self, wanted: &BTreeSet<DocumentId>) -> Taken {
        let mut taken = Taken::default();
        for document in wanted {
            let Some(Came { rows, summary }) = self.take_one(document) else {
                taken.asked.insert(*document);
                continue;
            };
            taken.known.insert(*document, rows);
            if let Some(summary) = summary {
                taken.summaries.insert(*document, summary);
            }
        }
        taken
    }

    fn take_one(&mut self, document: &DocumentId) -> Option<Came> {
        let came = self.came.remove(document)?;
        self.bytes = self.bytes.saturating_sub(came.rows.stored.as_ref().map_or(0, weight));
        Some(came)
    }
}

/// About how much memory a document takes.
fn weight(stored: &StoredDocument) -> usize {
    let changes = stored.changes.iter().fold(0_usize, |sum, change| sum.saturating_add(change.0.len()));
    stored.snapshot.as_ref().map_or(0, Vec::len).saturating_add(changes).saturating_add(256)
}

#[cfg(test)]
mod tests {
    use shared::id::{CaseId, DocumentKey};

    use super::*;

    fn stored(case: u8, bytes: usize) -> (DocumentId, StoredDocument) {
        let key = DocumentKey {
            case: CaseId::from_bytes([case; 16]),
            kind: String::from("core"),
            subject: None,
            generation: 0,
        };
        let stored = StoredDocument {
            key: key.clone(),
            snapshot: Some(vec![0; bytes]),
            changes: Vec::new(),
            received: Vec::new(),
            heads: Vec::new(),
        };
        (key.id(), stored)
    }

    #[test]
    fn what_finds_no_room_is_asked_of_the_store() {
        let mut fresh = Fresh::default();
        let (small, big) = (stored(1, 10), stored(2, BYTES_MAX));
        fresh.note(small.0, &small.1, true);
        fresh.note(big.0, &big.1, true);
        let wanted = BTreeSet::from([small.0, big.0]);
        let taken = fresh.take(&wanted);
        assert_eq!(taken.known.keys().copied().collect::<Vec<_>>(), [small.0]);
        assert_eq!(taken.asked, BTreeSet::from([big.0]));
        // Given away: there is room for the other now.
        assert_eq!(fresh.bytes, 0);
        assert_eq!(fresh.take(&wanted).asked, wanted);
    }

    #[test]
    fn only_since_the_store_was_empty_it_is_known_what_it_lacks() {
        let mut fresh = Fresh::default();
        let (one, other) = (stored(1, 10), stored(2, 10));
        assert!(!fresh.is_absent(&one.0));
        fresh.begin_empty();
        assert!(fresh.is_absent(&one.0));
        fresh.note(one.0, &one.1, false);
        assert!(!fresh.is_absent(&one.0));
        assert!(fresh.is_absent(&other.0));
        fresh.end_empty();
        assert!(!fresh.is_absent(&other.0));
    }
}
