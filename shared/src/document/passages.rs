//! What came into a long text since somebody read it, by who wrote it.
//!
//! Owns the way from older heads to where each old character stands now. Reads only. Called by `command` (an edit made on an older
//! text) and by the tablet (what is new to its person).

use core::ops::Range;
use std::collections::BTreeMap;

use super::Document;
use super::crdt::TextStep;
use super::genesis::text_object;
use crate::id::{AccountId, ActorId, ChangeHash};

/// A run of a text that one person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Where it stands, in code points of the present text.
    pub at: Range<usize>,
    /// Who wrote it.
    pub author: Option<AccountId>,
}

impl Document {
    /// For each character of a text as it stands, which one it was at `heads`; none for what came in since. None where the
    /// document does not have those heads.
    #[must_use]
    pub(crate) fn text_origins(&self, key: &str, heads: &[ChangeHash], old_len: usize) -> Option<Vec<Option<usize>>> {
        let mut origins: Vec<Option<usize>> = (0..old_len).map(Some).collect();
        for step in self.crdt().text_steps_since(&text_object(key), heads)? {
            match step {
                TextStep::Insert { at, count } if at <= origins.len() => {
                    origins.splice(at..at, core::iter::repeat_n(None, count));
                }
                TextStep::Delete { at, count } if at.saturating_add(count) <= origins.len() => {
                    origins.drain(at..at.saturating_add(count));
                }
                TextStep::Insert { .. } | TextStep::Delete { .. } => return None,
            }
        }
        Some(origins)
    }

    /// Lists what came into a text since `heads` and stands there still, in the order of the text. Nothing where the document
    /// does not have those heads: then nobody can say what was read.
    #[must_use]
    pub fn passages_since(&self, key: &str, heads: &[ChangeHash]) -> Vec<Passage> {
        let object = text_object(key);
        if heads.is_empty() || !self.missing(heads).is_empty() {
            return Vec::new();
        }
        let old = self.crdt().text_at(&object, heads).unwrap_or_default();
        let Some(origins) = self.text_origins(key, heads, old.chars().count()) else { return Vec::new() };
        // Every actor writes for one person.
        let mut authors: BTreeMap<ActorId, Option<AccountId>> = BTreeMap::new();
        let mut passages: Vec<Passage> = Vec::new();
        for (at, _) in origins.iter().enumerate().filter(|(_, origin)| origin.is_none()) {
            let Some(op) = self.crdt().op_of_character(&object, at) else { continue };
            let author = *authors.entry(op.actor).or_insert_with(|| self.crdt().author_of(&op.actor));
            match passages.last_mut() {
                Some(last) if last.at.end == at && last.author == author => last.at.end = at.saturating_add(1),
                Some(_) | None => passages.push(Passage { at: at..at.saturating_add(1), author }),
            }
        }
        passages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Edit, Writer, apply};

    fn writer(byte: u8) -> Writer {
        Writer { author: AccountId::from_bytes([byte; 16]), actor: ActorId::from_bytes([byte; 16]) }
    }

    /// Leaves the text as `new`, which was opened as it stands in `document`.
    fn write(document: &mut Document, byte: u8, new: &str) -> Vec<Vec<u8>> {
        let edit =
            Edit::EditText { key: "t".into(), base: document.heads(), old: document.text("t"), new: new.to_owned() };
        let written = apply(document, &writer(byte), &edit, 1_000).unwrap();
        written.into_iter().map(|change| change.bytes).collect()
    }

    fn read(document: &Document, heads: &[ChangeHash]) -> Vec<(String, u8)> {
        let text: Vec<char> = document.text("t").chars().collect();
        let passages = document.passages_since("t", heads).into_iter();
        passages.map(|one| (text[one.at].iter().collect(), one.author.unwrap().as_bytes()[0])).collect()
    }

    #[test]
    fn what_came_in_since_is_found_by_who_wrote_it_also_after_own_words_on_top() {
        let mut mine = Document::new().unwrap();
        write(&mut mine, 1, "Ia pergi. Ia pulang.");
        let heads = mine.heads();
        let mut theirs = mine.clone();
        assert_eq!(read(&mine, &heads), []);
        let changes = write(&mut theirs, 2, "Ia pergi ke Atambua. Ia pulang. Ibunya tahu 😀.");
        // Written apart, merged, and written on: what the other wrote is new all the same.
        write(&mut mine, 1, "Kata ibu: Ia pergi. Ia pulang.");
        mine.apply(&changes).unwrap();
        let new = mine.text("t").replace("Kata ibu", "Menurut ibu");
        write(&mut mine, 1, &new);
        assert_eq!(mine.text("t"), "Menurut ibu: Ia pergi ke Atambua. Ia pulang. Ibunya tahu 😀.");
        let found = read(&mine, &heads);
        let of_other: Vec<&str> = found.iter().filter(|(_, by)| *by == 2).map(|(text, _)| text.as_str()).collect();
        // Which of two full stops is the new one is the difference's to say.
        assert_eq!(of_other, [" ke Atambua", ". Ibunya tahu 😀"]);
        assert!(found.iter().any(|(text, by)| *by == 1 && text.contains("Menurut")), "{found:?}");
        // Once read it is new no more; what is struck out again was never there.
        assert_eq!(read(&mine, &mine.heads()), []);
        let shorter = mine.text("t").replace(" ke Atambua", "");
        write(&mut mine, 1, &shorter);
        assert!(!read(&mine, &heads).iter().any(|(text, _)| text.contains("Atambua")));
    }

    #[test]
    fn a_text_that_was_empty_is_new_as_a_whole_and_of_unknown_heads_nothing_is_said() {
        let mut document = Document::new().unwrap();
        let empty = document.heads();
        write(&mut document, 2, "Baru.");
        assert_eq!(read(&document, &empty), [("Baru.".to_owned(), 2)]);
        assert_eq!(read(&document, &[]), []);
        assert_eq!(read(&document, &[ChangeHash::from_bytes([7; 32])]), []);
        assert_eq!(document.passages_since("lain", &empty), []);
    }
}
