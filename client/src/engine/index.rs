//! All summaries of a session by case, and which documents are still to be read.
//!
//! Owns what lists look through in memory, and the count of what each note of unread documents still stands for; must never
//! touch the store. Called by the session after every write and every page, and by every query.

use std::collections::{BTreeMap, BTreeSet};

use shared::id::{CaseId, DocumentId, DocumentKey};
use shared::order::{Arrange as _, Gather as _};
use shared::pack::Pack;

use super::keys;
use super::permission::is_named;
use super::rows::UnreadNote;
use super::summary::Summary;

/// The summaries of a case. Boxed, because a map has room for eleven entries, and most cases have half as many documents: of
/// thousands, what stands empty is megabytes.
pub type Documents = BTreeMap<DocumentId, Box<Summary>>;

/// The core among the summaries of a case. Looked for by its name: to make the id of thousands takes longer than all the rest of a
/// list.
#[must_use]
pub fn core_of(documents: &Documents) -> Option<&Summary> {
    let is_core = |key: &DocumentKey| key.kind == keys::CORE && key.subject.is_none() && key.generation == 0;
    documents.values().map(AsRef::as_ref).find(|summary| is_core(&summary.key))
}

/// Whether nobody is shown a document of a case: it names who refused that, as `permission::hides` judges by the core itself.
#[must_use]
pub fn is_hidden(core: &Summary, pack: &Pack, key: &DocumentKey) -> bool {
    is_named(pack, key) && core.people.iter().any(|one| one.refuses_name && Some(one.subject) == key.subject)
}

/// A note that stands in the store, as far as its documents are still to be read.
#[derive(Debug, Clone)]
struct Note {
    left: UnreadNote,
    /// It says more in the store.
    outdated: bool,
}

/// All summaries of a session, by case, and what is still to be read.
#[derive(Debug, Clone, Default)]
pub struct CaseIndex {
    cases: BTreeMap<CaseId, Documents>,
    /// Those of which edits are not acknowledged: asked for after every change, and few of thousands.
    unsent: BTreeSet<(CaseId, DocumentId)>,
    /// What is to be read: what notes in the store say, and what has a summary that an older build made.
    unread: BTreeMap<CaseId, BTreeMap<DocumentId, DocumentKey>>,
    /// In the order in which they were made, which is about that in which they are done with: looked through from the front.
    notes: Vec<Note>,
    /// Raised with every summary that comes or goes, and with every document that is to be read again.
    revision: u64,
}

impl CaseIndex {
    /// Puts a document's summary in: it is read, unless an older build did that.
    pub fn put(&mut self, summary: Summary) {
        self.put_as(summary.key.id(), summary);
    }

    /// As [`Self::put`], of a document whose id is known: it is a hash, and takes longer to make than all the rest.
    pub fn put_as(&mut self, id: DocumentId, summary: Summary) {
        self.revision = self.revision.saturating_add(1);
        self.drop_unread(summary.key.case, id);
        if !summary.is_whole() {
            self.put_unread(summary.key.clone());
        }
        self.put_summary(id, summary);
    }

    fn put_summary(&mut self, id: DocumentId, summary: Summary) {
        let case = summary.key.case;
        if summary.unsent > 0 {
            self.unsent.insert((case, id));
        } else {
            self.unsent.remove(&(case, id));
        }
        self.cases.entry(case).or_default().insert(id, Box::new(summary));
    }

    /// Takes over what another tab made of a document. Whether it is still to be read is for the notes in the store to say.
    pub fn hear(&mut self, document: DocumentId, summary: Option<Summary>) {
        match summary {
            Some(summary) => {
                self.revision = self.revision.saturating_add(1);
                self.put_summary(document, summary);
            }
            None => self.remove_summary(document),
        }
    }

    fn remove_summary(&mut self, document: DocumentId) {
        self.revision = self.revision.saturating_add(1);
        for documents in self.cases.values_mut() {
            documents.remove(&document);
        }
        self.cases.retain(|_, documents| !documents.is_empty());
        self.unsent.retain(|(_, unsent)| *unsent != document);
    }

    /// Summaries of the documents of which edits are not acknowledged.
    pub fn unsent(&self) -> impl Iterator<Item = &Summary> {
        self.unsent.iter().filter_map(|(case, document)| self.cases.get(case)?.get(document)).map(AsRef::as_ref)
    }

    /// Takes a document out; the case goes with its last document.
    pub fn remove(&mut self, document: DocumentId) {
        self.remove_summary(document);
        let cases: Vec<CaseId> =
            self.unread.iter().filter(|(_, unread)| unread.contains_key(&document)).map(|(case, _)| *case).collect();
        cases.into_iter().for_each(|case| self.drop_unread(case, document));
    }

    fn drop_unread(&mut self, case: CaseId, document: DocumentId) {
        let Some(documents) = self.unread.get_mut(&case) else { return };
        let Some(key) = documents.remove(&document) else { return };
        if documents.is_empty() {
            self.unread.remove(&case);
        }
        for note in &mut self.notes {
            if let Some(place) = note.left.keys.iter().position(|left| *left == key) {
                note.left.keys.remove(place);
                note.outdated = true;
                return;
            }
        }
    }

    fn put_unread(&mut self, key: DocumentKey) {
        self.unread.entry(key.case).or_default().insert(key.id(), key);
    }

    /// Takes a note over that stands in the store: its documents are here and to be read.
    pub fn put_note(&mut self, note: UnreadNote) {
        self.revision = self.revision.saturating_add(1);
        for key in &note.keys {
            // The later note stands for it alone.
            self.drop_unread(key.case, key.id());
            self.put_unread(key.clone());
        }
        self.notes.push(Note { left: note, outdated: false });
    }

    /// As [`Self::put_note`], of a note that does not stand in the store yet: it is told with those that are outdated.
    pub fn put_new_note(&mut self, note: UnreadNote) {
        self.put_note(note);
        if let Some(last) = self.notes.last_mut() {
            last.outdated = true;
        }
    }

    /// The notes that stand for some documents, as they are to stand when those are gone: whoever takes the documents out of the
    /// store writes these with it, or a restart would find documents to be read that are not here.
    #[must_use]
    pub fn notes_without(&self, gone: &BTreeSet<DocumentId>) -> Vec<UnreadNote> {
        let unread = self.unread_among(gone);
        let concerns = |note: &&Note| note.left.keys.iter().any(|key| unread.contains(key));
        let without = |note: &Note| {
            let left = note.left.keys.iter().filter(|key| !unread.contains(key));
            UnreadNote { id: note.left.id, keys: left.cloned().collect() }
        };
        self.notes.iter().filter(concerns).map(without).collect()
    }

    /// Which of some documents are to be read.
    #[must_use]
    pub fn unread_among(&self, documents: &BTreeSet<DocumentId>) -> Vec<DocumentKey> {
        let unread = self.unread.values().flatten().filter(|(document, _)| documents.contains(document));
        unread.map(|(_, key)| key.clone()).collect()
    }

    /// Replaces what is to be read: by the notes that stand in the store, in their order, and by summaries that an older build
    /// made.
    pub fn set_notes(&mut self, mut notes: Vec<UnreadNote>) {
        let (known, revision) = (std::mem::take(&mut self.unread), self.revision);
        self.notes.clear();
        let old = self.all().filter(|summary| !summary.is_whole()).map(|summary| summary.key.clone());
        old.collect::<Vec<_>>().into_iter().for_each(|key| self.put_unread(key));
        notes.arrange_by_key(|note| note.id);
        notes.into_iter().for_each(|note| self.put_note(note));
        self.revision = if self.unread == known { revision } else { revision.saturating_add(1) };
    }

    /// Goes on counting where an index ended that this one takes the place of.
    pub const fn follow(&mut self, before: &Self) {
        self.revision = self.revision.saturating_add(before.revision).saturating_add(1);
    }

    /// Gives the notes that stand for less than they say in the store, as they are to stand there: without documents where all
    /// were read.
    #[must_use]
    pub fn take_outdated(&mut self) -> Vec<UnreadNote> {
        let told = |note: &mut Note| std::mem::take(&mut note.outdated).then(|| note.left.clone());
        let outdated = self.notes.iter_mut().filter_map(told).collect();
        self.notes.retain(|note| !note.left.keys.is_empty());
        outdated
    }

    /// Tells whether summaries, and what is to be read, are the same as before, in one session.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// How many documents are to be read.
    #[must_use]
    pub fn unread_count(&self) -> u32 {
        self.unread.values().fold(0, |sum, documents| sum.saturating_add(u32::try_from(documents.len()).unwrap_or(0)))
    }

    /// Some documents that are to be read: those that came first, so that each note is done with before the next.
    #[must_use]
    pub fn some_unread(&self, count: usize) -> BTreeSet<DocumentId> {
        let noted = self.notes.iter().flat_map(|note| &note.left.keys).map(DocumentKey::id);
        noted.chain(self.unread.values().flat_map(BTreeMap::keys).copied()).take(count).into_set()
    }

    /// What is to be read of one case.
    #[must_use]
    pub fn unread_of(&self, case: CaseId) -> BTreeSet<DocumentId> {
        self.unread.get(&case).into_iter().flat_map(BTreeMap::keys).copied().into_set()
    }

    /// Whether a document is here, read or not.
    #[must_use]
    pub fn has(&self, key: &DocumentKey) -> bool {
        self.summary(key).is_some() || self.unread.get(&key.case).is_some_and(|unread| unread.contains_key(&key.id()))
    }

    /// The key of a document that is here, read or not; looks through all cases.
    #[must_use]
    pub fn find(&self, document: DocumentId) -> Option<&DocumentKey> {
        let read = self.cases.values().find_map(|documents| Some(&documents.get(&document)?.key));
        read.or_else(|| self.unread.values().find_map(|documents| documents.get(&document)))
    }

    /// The stamp of a document's summary; 0 when there is none. Looks through all cases.
    #[must_use]
    pub(super) fn stamp(&self, document: DocumentId) -> u64 {
        self.cases.values().find_map(|documents| documents.get(&document)).map_or(0, |summary| summary.stamp)
    }

    /// The summary of a document; none when it is not here, or was never read.
    #[must_use]
    pub fn summary(&self, key: &DocumentKey) -> Option<&Summary> {
        self.cases.get(&key.case)?.get(&key.id()).map(AsRef::as_ref)
    }

    /// All cases.
    #[must_use]
    pub const fn cases(&self) -> &BTreeMap<CaseId, Documents> {
        &self.cases
    }

    /// One case's documents.
    pub fn documents(&self, case: CaseId) -> impl Iterator<Item = &Summary> {
        self.cases.get(&case).into_iter().flat_map(BTreeMap::values).map(AsRef::as_ref)
    }

    /// The core of a case.
    #[must_use]
    pub fn core(&self, case: CaseId) -> Option<&Summary> {
        core_of(self.cases.get(&case)?)
    }

    /// Documents of a case with open disagreements, without those that name who refused it: nobody is shown them.
    pub fn disputed<'a>(&'a self, case: CaseId, pack: &'a Pack) -> impl Iterator<Item = &'a Summary> {
        let core = self.core(case);
        let hides = move |key: &DocumentKey| core.is_some_and(|core| is_hidden(core, pack, key));
        self.documents(case).filter(move |one| one.conflicts > 0 && !hides(&one.key))
    }

    /// How many disagreements of a case are open and shown.
    #[must_use]
    pub fn conflicts(&self, case: CaseId, pack: &Pack) -> u32 {
        self.disputed(case, pack).fold(0, |sum, summary| sum.saturating_add(summary.conflicts))
    }

    /// Whether a case is a tip that nobody has found true yet: it has no victims that could be named.
    #[must_use]
    pub fn is_unverified(&self, case: CaseId) -> bool {
        self.intake(case).is_some_and(|intake| {
            keys::UNSEEN.contains(&intake.text(keys::CAME)) && intake.text(keys::VERIFICATION) != keys::VERIFIED
        })
    }

    /// Who must not know of a case, as far as this tablet may know that.
    #[must_use]
    pub fn excluded(&self, case: CaseId) -> &[String] {
        self.documents(case).find(|one| one.key.kind == keys::GUARD).map_or(&[], |guard| &guard.excluded)
    }

    /// The intake of a case.
    #[must_use]
    pub fn intake(&self, case: CaseId) -> Option<&Summary> {
        self.documents(case).find(|summary| summary.key.kind == keys::INTAKE)
    }

    /// Every document's summary.
    pub fn all(&self) -> impl Iterator<Item = &Summary> {
        self.cases.values().flat_map(BTreeMap::values).map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use shared::sync::row::PendingOrder;

    use super::super::rows::NoteId;
    use super::*;

    fn key(case: u8, kind: &str) -> DocumentKey {
        DocumentKey { case: CaseId::from_bytes([case; 16]), kind: kind.to_owned(), subject: None, generation: 0 }
    }

    fn note(id: u64, keys: &[DocumentKey]) -> UnreadNote {
        UnreadNote { id: NoteId(PendingOrder { number: id, tab: 1 }), keys: keys.to_vec() }
    }

    #[test]
    fn a_note_says_what_is_left_of_it() {
        let (first, second) = (key(1, "core"), key(2, "core"));
        let mut index = CaseIndex::default();
        index.put_note(note(7, &[first.clone(), second.clone()]));
        assert_eq!((index.unread_count(), index.take_outdated()), (2, Vec::new()));
        index.remove(first.id());
        assert_eq!(index.take_outdated(), [note(7, std::slice::from_ref(&second))]);
        index.remove(second.id());
        assert_eq!(index.take_outdated(), [note(7, &[])]);
        assert_eq!((index.unread_count(), index.take_outdated()), (0, Vec::new()));
        index.set_notes(vec![note(7, &[first, second])]);
        assert_eq!(index.unread_count(), 2);
        index.set_notes(Vec::new());
        assert_eq!(index.unread_count(), 0);
    }

    #[test]
    fn notes_go_with_the_documents_they_stand_for() {
        let (gone, kept, other) = (key(1, "core"), key(2, "core"), key(3, "core"));
        let mut index = CaseIndex::default();
        index.put_note(note(7, &[gone.clone(), kept.clone()]));
        index.put_note(note(8, std::slice::from_ref(&other)));
        let both = BTreeSet::from([gone.id(), other.id()]);
        assert_eq!(index.notes_without(&both), [note(7, &[kept]), note(8, &[])]);
        assert_eq!(index.unread_count(), 3, "nothing is gone before it was written");
    }

    #[test]
    fn of_two_notes_the_later_stands_for_a_document() {
        let (both, alone) = (key(1, "core"), key(2, "core"));
        let mut index = CaseIndex::default();
        index.put_note(note(1, std::slice::from_ref(&both)));
        index.put_note(note(2, &[both.clone(), alone]));
        assert_eq!(index.take_outdated(), [note(1, &[])]);
        assert_eq!(index.unread_count(), 2);
        assert_eq!(index.unread_of(both.case), std::iter::once(both.id()).into_set());
    }

    #[test]
    fn what_came_first_is_read_first() {
        let (late, early) = (key(1, "core"), key(2, "core"));
        let mut index = CaseIndex::default();
        index.set_notes(vec![note(5, std::slice::from_ref(&late)), note(3, std::slice::from_ref(&early))]);
        assert_eq!(index.some_unread(1), std::iter::once(early.id()).into_set());
    }

    #[test]
    fn lists_are_made_again_when_something_else_is_to_be_read_and_only_then() {
        let (one, other) = (key(1, "core"), key(2, "core"));
        let mut index = CaseIndex::default();
        let empty = index.revision();
        index.put_note(note(1, std::slice::from_ref(&one)));
        let noted = index.revision();
        assert!(noted > empty);
        index.set_notes(vec![note(1, std::slice::from_ref(&one))]);
        assert_eq!(index.revision(), noted, "the store says what was known");
        index.set_notes(vec![note(1, &[one, other])]);
        assert!(index.revision() > noted);
        let mut after = CaseIndex::default();
        after.follow(&index);
        assert!(after.revision() > index.revision(), "a new index is not the old one");
    }
}
