//! Who wrote what over what, from the first change on.
//!
//! Owns the account of a document's past. Times are the writers' own claims; the caller joins the times of receipt by
//! change hash. Must never hide an entry: values that lost a conflict are entries too. Called by the tablet's engine.

use std::collections::BTreeMap;

use super::Document;
use super::crdt::{Action, DecodedChange, DecodedOp, Object, Place, decode};
use super::genesis::{GENESIS_HASH, ROWS};
use super::ops::table::ObjectTable;
use super::path::{FieldPath, OpId, parse_row_key};
use crate::id::{AccountId, ActorId, ChangeHash};
use crate::value::Scalar;

/// One step in the history of a field, a row or a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// What changed.
    pub path: FieldPath,
    /// The values that were replaced; several when a conflict was settled, none when nothing stood there. For a text,
    /// the characters that went.
    pub old: Vec<Scalar>,
    /// The new value, null when cleared; none where a row was made. For a text, the characters that came in.
    pub new: Option<Scalar>,
    /// Who wrote it.
    pub author: Option<AccountId>,
    /// The session that wrote it.
    pub actor: ActorId,
    /// The writer's clock in milliseconds since 1970.
    pub time_claimed_ms: i64,
    /// The change, to look up when it was received.
    pub hash: ChangeHash,
    /// The writer's remark, such as `held:<hash>`.
    pub message: Option<String>,
}

impl Document {
    /// The history of one path, parents before children.
    #[must_use]
    pub fn history(&self, path: &FieldPath) -> Vec<HistoryEntry> {
        let mut entries = self.history_of_all();
        entries.retain(|entry| entry.path == *path);
        entries
    }

    /// The history of the whole document, parents before children.
    #[must_use]
    pub fn history_of_all(&self) -> Vec<HistoryEntry> {
        let mut past = Past::default();
        let mut entries = Vec::new();
        for change in self.crdt().changes_since(&[]) {
            let Some(change) = decode(&change) else { continue };
            past.table.note(&change);
            if change.hash != GENESIS_HASH {
                let author = self.crdt().author_of(&change.actor);
                past.entries_of(&change, author, &mut entries);
            }
        }
        entries
    }
}

/// Values and characters by the operation that wrote them.
#[derive(Default)]
struct Past {
    table: ObjectTable,
    values: BTreeMap<OpId, Scalar>,
}

impl Past {
    fn entries_of(&mut self, change: &DecodedChange, author: Option<AccountId>, entries: &mut Vec<HistoryEntry>) {
        let mut texts: BTreeMap<OpId, (String, String)> = BTreeMap::new();
        let mut push = |path, old, new| {
            entries.push(HistoryEntry {
                path,
                old,
                new,
                author,
                actor: change.actor,
                time_claimed_ms: change.time_s.saturating_mul(1000),
                hash: change.hash,
                message: change.message.clone(),
            });
        };
        for op in &change.ops {
            let Object::Made(object) = op.object else { continue };
            if let Action::Put(value) = &op.action {
                self.values.insert(op.id, value.clone());
            }
            match &op.place {
                Place::Key(key) if object == ROWS => {
                    if let Some((table, row)) = parse_row_key(key) {
                        push(FieldPath::RowMade { table: table.to_owned(), row }, Vec::new(), None);
                    }
                }
                Place::Key(key) => {
                    if let (Some(path), Action::Put(value)) = (self.table.path_of(&object, key), &op.action) {
                        push(path, self.replaced(op), Some(value.clone()));
                    }
                }
                Place::Head | Place::Element(_) => self.collect_text(op, texts.entry(object).or_default()),
            }
        }
        for (object, (removed, inserted)) in texts {
            if let Some(key) = self.table.text_of(&object) {
                let old = if removed.is_empty() { Vec::new() } else { vec![Scalar::Str(removed)] };
                push(FieldPath::Text(key.to_owned()), old, Some(Scalar::Str(inserted)));
            }
        }
    }

    fn replaced(&self, op: &DecodedOp) -> Vec<Scalar> {
        op.preds.iter().filter_map(|pred| self.values.get(pred).cloned()).collect()
    }

    fn collect_text(&self, op: &DecodedOp, (removed, inserted): &mut (String, String)) {
        match (&op.action, &op.place) {
            (Action::Put(Scalar::Str(character)), _) => inserted.push_str(character),
            (Action::Delete, Place::Element(element)) => {
                removed.push_str(self.values.get(element).and_then(Scalar::as_str).unwrap_or_default());
            }
            _ => {}
        }
    }
}
