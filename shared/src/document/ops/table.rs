//! Everything in a document by operation id: what a reference in a later change may mean.
//!
//! Owns the index from operations to rows, texts, values and characters. Must never judge: it notes what was already
//! trusted. Called by the judge, by vetting and by history.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::crdt::{Action, DecodedChange, DecodedOp, Object, Place};
use crate::document::genesis::{FIELDS, ROWS, TEXTS};
use crate::document::path::{FieldPath, OpId, parse_row_key};
use crate::id::{AccountId, ActorId, ChangeHash, RowId};

/// A change that was noted.
#[derive(Debug, Clone)]
pub(super) struct KnownChange {
    pub(super) deps: Vec<ChangeHash>,
    pub(super) max_op: u64,
}

/// One change of an actor; an operation belongs to the last that starts at or before it.
#[derive(Debug, Clone)]
pub(super) struct ActorChange {
    pub(super) start_op: u64,
    pub(super) hash: ChangeHash,
}

/// Every object, value operation and character of a document, by its operation id.
#[derive(Debug, Clone, Default)]
pub(crate) struct ObjectTable {
    pub(super) rows: BTreeMap<OpId, (String, RowId)>,
    pub(super) texts: BTreeMap<OpId, String>,
    pub(super) puts: BTreeMap<(OpId, String), BTreeSet<OpId>>,
    pub(super) characters: BTreeMap<OpId, BTreeSet<OpId>>,
    pub(super) changes: BTreeMap<ChangeHash, KnownChange>,
    pub(super) actors: BTreeMap<ActorId, Vec<ActorChange>>,
    pub(super) authors: BTreeMap<ActorId, AccountId>,
    pub(super) heads: BTreeSet<ChangeHash>,
}

impl ObjectTable {
    /// Notes a change that is already trusted.
    pub(crate) fn note(&mut self, change: &DecodedChange) {
        for op in &change.ops {
            self.note_op(op);
        }
        let op_count = u64::try_from(change.ops.len()).unwrap_or(u64::MAX);
        let max_op = change.start_op.saturating_add(op_count).saturating_sub(1);
        self.changes.insert(change.hash, KnownChange { deps: change.deps.clone(), max_op });
        let of_actor = self.actors.entry(change.actor).or_default();
        of_actor.push(ActorChange { start_op: change.start_op, hash: change.hash });
        if let Some(author) = change.author {
            self.authors.insert(change.actor, author);
        }
        for parent in &change.deps {
            self.heads.remove(parent);
        }
        self.heads.insert(change.hash);
    }

    pub(super) fn note_op(&mut self, op: &DecodedOp) {
        let Object::Made(object) = op.object else { return };
        match (&op.place, &op.action) {
            (Place::Key(key), Action::MakeMap) if object == ROWS => {
                if let Some((table, row)) = parse_row_key(key) {
                    self.rows.insert(op.id, (table.to_owned(), row));
                }
            }
            (Place::Key(key), Action::MakeText) if object == TEXTS => {
                self.texts.insert(op.id, key.clone());
            }
            (Place::Key(key), Action::Put(_)) => {
                self.puts.entry((object, key.clone())).or_default().insert(op.id);
            }
            (Place::Head | Place::Element(_), Action::Put(_)) if op.insert => {
                self.characters.entry(object).or_default().insert(op.id);
            }
            (Place::Key(_) | Place::Head | Place::Element(_), _) => {}
        }
    }

    /// Takes over what another table noted on top of this one.
    pub(crate) fn absorb(&mut self, added: Self) {
        self.rows.extend(added.rows);
        self.texts.extend(added.texts);
        for (place, ops) in added.puts {
            self.puts.entry(place).or_default().extend(ops);
        }
        for (text, characters) in added.characters {
            self.characters.entry(text).or_default().extend(characters);
        }
        for change in added.changes.values() {
            for parent in &change.deps {
                self.heads.remove(parent);
            }
        }
        self.changes.extend(added.changes);
        for (actor, changes) in added.actors {
            self.actors.entry(actor).or_default().extend(changes);
        }
        self.authors.extend(added.authors);
        self.heads.extend(added.heads);
    }

    /// Tells whether a change was noted.
    pub(crate) fn knows(&self, hash: &ChangeHash) -> bool {
        self.changes.contains_key(hash)
    }

    /// The path of a map operation; none for an unknown object.
    pub(crate) fn path_of(&self, object: &OpId, key: &str) -> Option<FieldPath> {
        if *object == FIELDS {
            return Some(FieldPath::Field(key.to_owned()));
        }
        let (table, row) = self.rows.get(object)?;
        Some(FieldPath::Row { table: table.clone(), row: *row, key: key.to_owned() })
    }

    /// The key of a text object.
    pub(crate) fn text_of(&self, object: &OpId) -> Option<&str> {
        self.texts.get(object).map(String::as_str)
    }
}
