//! Reading a document: every concurrent value, never a silent winner.
//!
//! Owns what a screen, the access rules and exports see of a document. Must never write and never pick one of several
//! values for the caller. Called by the tablet's engine, by access and by the relay.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::Encoder;
use sha2::{Digest, Sha256};

use super::Document;
use super::crdt::{Action, ChangeMeta, Entry, Held, Object, decode};
use super::genesis::{FIELDS, ROWS, TEXTS, text_object};
use super::path::{FieldPath, OpId, REMOVED, parse_row_key, parse_row_text_key, row_key};
use crate::id::{AccountId, ActorId, ChangeHash, RowId};
use crate::order::{Arrange as _, Gather as _};
use crate::value::Scalar;

/// One current value of a field, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The value; null when the field was cleared.
    pub value: Scalar,
    /// The operation that wrote it; a command lists it to say "this was on the screen".
    pub op: OpId,
    /// Who wrote it.
    pub author: Option<AccountId>,
    /// The session that wrote it.
    pub actor: ActorId,
    /// The writer's clock in milliseconds since 1970; advisory.
    pub time_ms: i64,
    /// The change, to look up when it was received.
    pub hash: ChangeHash,
}

/// A field with all its concurrent values, in Automerge's order; empty if it was never set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldState {
    /// Every current value; several may be equal.
    pub values: Vec<Seen>,
}

impl FieldState {
    /// The operations behind all current values: what a command that saw this field lists as seen.
    #[must_use]
    pub fn ops(&self) -> Vec<OpId> {
        self.values.iter().map(|seen| seen.op).collect()
    }

    /// One entry per different value, the latest writer of each; more than one is a conflict.
    #[must_use]
    pub fn distinct(&self) -> Vec<&Seen> {
        let mut distinct: BTreeMap<&Scalar, &Seen> = BTreeMap::new();
        for seen in &self.values {
            distinct.insert(&seen.value, seen);
        }
        distinct.into_values().collect()
    }

    /// Tells whether different values stand beside each other. Equal values are no conflict.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        let mut values = self.values.iter().map(|seen| &seen.value);
        values.next().is_some_and(|first| values.any(|value| value != first))
    }

    /// The value, when there is exactly one and it is not cleared.
    #[must_use]
    pub fn settled(&self) -> Option<&Scalar> {
        let value = &self.values.first()?.value;
        (!self.is_conflict() && !value.is_null()).then_some(value)
    }

    /// The value that Automerge puts first; for previews that mark the conflict beside it.
    #[must_use]
    pub fn shown(&self) -> Option<&Scalar> {
        self.values.last().map(|seen| &seen.value).filter(|value| !value.is_null())
    }

    /// Tells whether any current value is `value`: how rules read that must hold if anybody says so.
    #[must_use]
    pub fn any_is(&self, value: &Scalar) -> bool {
        self.values.iter().any(|seen| seen.value == *value)
    }

    /// Tells whether the field is set and all current values are `value`: how grants are read, so that deny wins.
    #[must_use]
    pub fn all_are(&self, value: &Scalar) -> bool {
        !self.values.is_empty() && self.values.iter().all(|seen| seen.value == *value)
    }
}

/// A row of a table, removed or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowState {
    /// The row.
    pub row: RowId,
    /// When it was made and by whom; normally one entry, more when a replayed edit made it again.
    pub made: Vec<Made>,
    /// Its fields, [`REMOVED`] among them once it was removed or restored.
    pub fields: BTreeMap<String, FieldState>,
}

/// A row's making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The operation that made the row; the row map's object.
    pub op: OpId,
    /// Who made it.
    pub author: Option<AccountId>,
    /// The writer's clock in milliseconds since 1970.
    pub time_ms: i64,
    /// The change that made it.
    pub hash: ChangeHash,
}

impl RowState {
    /// Tells whether anybody's current value says the row is removed; it is then shown struck through.
    #[must_use]
    pub fn removed(&self) -> bool {
        self.fields.get(REMOVED).is_some_and(|state| state.any_is(&Scalar::Bool(true)))
    }

    /// The state of one field; empty if never set.
    #[must_use]
    pub fn field(&self, key: &str) -> FieldState {
        self.fields.get(key).cloned().unwrap_or_default()
    }

    /// Every operation a person sees who looks at this row.
    #[must_use]
    pub fn ops(&self) -> Vec<OpId> {
        self.fields.values().flat_map(FieldState::ops).collect()
    }
}

/// Values that disagree, waiting for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The field; for a removed row that was edited elsewhere, the row's [`REMOVED`] field.
    pub path: FieldPath,
    /// Every current value of the field.
    pub values: Vec<Seen>,
    /// The edits that the removal did not know; empty for other conflicts.
    pub edits: Vec<UnseenEdit>,
}

/// What lists need of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The value that a preview shows of each scalar field, as [`FieldState::shown`]; cleared fields are left out.
    pub shown: BTreeMap<String, Scalar>,
    /// Keys of the long texts that have characters: somebody wrote them, and not all was deleted.
    pub texts: BTreeSet<String>,
    /// Everything that waits for a choice, as [`Document::conflicts`].
    pub conflicts: Vec<Conflict>,
}

/// An edit of a row by somebody who did not know of its removal, nor the remover of the edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnseenEdit {
    /// What was edited.
    pub path: FieldPath,
    /// The value (for a text, the text as it stands) and who edited it.
    pub seen: Seen,
}

impl Document {
    /// Reads a scalar field.
    #[must_use]
    pub fn field(&self, key: &str) -> FieldState {
        self.state(&[FIELDS], key)
    }

    /// Lists the keys of `f` that were ever set, sorted.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.crdt().keys(&FIELDS)
    }

    /// Reads every scalar field.
    #[must_use]
    pub fn fields(&self) -> BTreeMap<String, FieldState> {
        self.keys().into_iter().map(|key| (key.clone(), self.field(&key))).into_map()
    }

    /// What lists need of a document, in one walk that looks up a writer only where something waits: they ask it of thousands.
    #[must_use]
    pub fn overview(&self) -> Overview {
        let fields = self.crdt().entries(&FIELDS);
        let conflicts = self.conflicts_among(&fields);
        let shown = fields.into_iter().filter_map(|entry| {
            let value = match entry.held {
                Held::Scalar(value) => (!value.is_null()).then_some(value),
                // What Simpul never writes may hide a value of ours.
                Held::Map | Held::Text | Held::Foreign => self.field(&entry.key).shown().cloned(),
            };
            Some((entry.key, value?))
        });
        let mut texts = self.text_keys();
        texts.retain(|key| !self.crdt().is_empty_text(&text_object(key)));
        Overview { shown: shown.into_map(), texts: texts.into_iter().into_set(), conflicts }
    }

    /// Lists the tables that have rows.
    #[must_use]
    pub fn tables(&self) -> BTreeSet<String> {
        let keys = self.crdt().keys(&ROWS);
        keys.iter().filter_map(|key| Some(parse_row_key(key)?.0.to_owned())).into_set()
    }

    /// Reads a table's rows, removed ones too, in the order in which they were made.
    #[must_use]
    pub fn rows(&self, table: &str) -> Vec<RowState> {
        let keys = self.crdt().keys(&ROWS);
        let ids = keys.iter().filter_map(|key| parse_row_key(key)).filter(|(of, _)| *of == table);
        self.rows_as_made(table, ids.map(|(_, row)| row))
    }

    /// Every row of every table with the maps that make it, in one walk over the keys: only of a row that was made more than once
    /// the maps are looked up.
    pub(super) fn all_rows(&self) -> impl Iterator<Item = (String, RowId, Vec<OpId>)> {
        self.crdt().entries(&ROWS).into_iter().filter_map(|entry| {
            let (table, row) = parse_row_key(&entry.key)?;
            let is_one = !entry.is_disputed && entry.held == Held::Map;
            let objects = if is_one { vec![entry.op] } else { self.row_objects(table, row) };
            Some((table.to_owned(), row, objects))
        })
    }

    fn rows_as_made(&self, table: &str, ids: impl Iterator<Item = RowId>) -> Vec<RowState> {
        let mut rows: Vec<RowState> = ids.filter_map(|row| self.row(table, row)).collect();
        rows.arrange_by_key(|state| (state.made.first().map(|made| made.op.counter), state.row));
        rows
    }

    /// Reads one row; none if nobody ever made it.
    #[must_use]
    pub fn row(&self, table: &str, row: RowId) -> Option<RowState> {
        let objects = self.row_objects(table, row);
        if objects.is_empty() {
            return None;
        }
        let fields = self.row_fields(
            &objects,
            |key| self.state(&objects, key),
            |value, op| {
                let values = self.crdt().change_of(&op).map(|meta| seen_from(value, op, meta));
                FieldState { values: values.into_iter().collect() }
            },
        );
        let made = objects.iter().filter_map(|object| {
            let meta = self.crdt().change_of(object)?;
            Some(Made { op: *object, author: meta.author, time_ms: meta.time_ms, hash: meta.hash })
        });
        Some(RowState { row, made: made.collect(), fields })
    }

    /// What stands in each field of a row: as `several` reads it where several values may, or else as `single` makes it of the
    /// one value that the walk over the keys gives already. Most rows were made once and nothing in them is disputed.
    pub(super) fn row_fields<T>(
        &self,
        objects: &[OpId],
        several: impl Fn(&str) -> T,
        single: impl Fn(Scalar, OpId) -> T,
    ) -> BTreeMap<String, T> {
        let [object] = objects else {
            let keys: BTreeSet<String> = objects.iter().flat_map(|object| self.crdt().keys(object)).into_set();
            return keys.into_iter().map(|key| (key.clone(), several(&key))).into_map();
        };
        let read = |entry: Entry| match entry.held {
            Held::Scalar(value) if !entry.is_disputed => (entry.key, single(value, entry.op)),
            Held::Scalar(_) | Held::Map | Held::Text | Held::Foreign => {
                let field = several(&entry.key);
                (entry.key, field)
            }
        };
        self.crdt().entries(object).into_iter().map(read).into_map()
    }

    /// Reads a long text; empty if nobody wrote any.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.crdt().text(&text_object(key)).unwrap_or_default()
    }

    /// Lists the keys of the texts whose containers exist.
    #[must_use]
    pub fn text_keys(&self) -> Vec<String> {
        self.crdt().keys(&TEXTS)
    }

    /// Lists everything that waits for a choice, in the order of the paths.
    ///
    /// Costs one walk over the keys; only where several values stand, or a row was removed, their writers are looked up.
    #[must_use]
    pub fn conflicts(&self) -> Vec<Conflict> {
        self.conflicts_among(&self.crdt().entries(&FIELDS))
    }

    fn conflicts_among(&self, fields: &[Entry]) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        for entry in fields.iter().filter(|entry| entry.may_wait()) {
            push_values(&mut conflicts, FieldPath::Field(entry.key.clone()), self.field(&entry.key));
        }
        for (table, ids) in self.rows_that_may_wait() {
            for row in self.rows_as_made(&table, ids.into_iter()) {
                conflicts.extend(self.unseen_edits(&table, &row));
                for (key, state) in row.fields {
                    push_values(&mut conflicts, FieldPath::Row { table: table.clone(), row: row.row, key }, state);
                }
            }
        }
        conflicts
    }

    /// Rows in which something can wait for a choice, by table: made twice, removed, or with several values in a field.
    fn rows_that_may_wait(&self) -> BTreeMap<String, Vec<RowId>> {
        let mut found: BTreeMap<String, Vec<RowId>> = BTreeMap::new();
        for entry in self.crdt().entries(&ROWS) {
            let Some((table, row)) = parse_row_key(&entry.key) else { continue };
            let fields = || self.crdt().entries(&entry.op).into_iter();
            if entry.is_disputed || entry.held != Held::Map || fields().any(|field| field.may_wait() || field.removes())
            {
                found.entry(table.to_owned()).or_default().push(row);
            }
        }
        found
    }

    /// The conflict of a removed row with edits that its remover had not seen, if there is one.
    #[must_use]
    pub fn unseen_edits(&self, table: &str, row: &RowState) -> Option<Conflict> {
        let removed = row.fields.get(REMOVED)?;
        let removals: Vec<&Seen> = removed.values.iter().filter(|seen| seen.value == Scalar::Bool(true)).collect();
        // Unseen by every removal: if one of several removers knew the edit, the removal was informed.
        let mut unseen: Option<BTreeSet<ChangeHash>> = None;
        for removal in &removals {
            let after = self.crdt().metas_since(&[removal.hash]).into_iter().map(|meta| meta.hash).into_set();
            unseen = Some(unseen.map_or_else(|| BTreeSet::clone(&after), |before| &before & &after));
        }
        let unseen = unseen.filter(|unseen| !unseen.is_empty())?;
        let others = row.fields.iter().filter(|(key, _)| *key != REMOVED);
        let mut edits: Vec<UnseenEdit> = others
            .flat_map(|(key, state)| state.values.iter().map(move |seen| (key, seen)))
            .filter(|(_, seen)| unseen.contains(&seen.hash))
            .map(|(key, seen)| UnseenEdit {
                path: FieldPath::Row { table: table.to_owned(), row: row.row, key: key.clone() },
                seen: seen.clone(),
            })
            .collect();
        edits.extend(self.unseen_text_edits(table, row.row, &removals, &unseen));
        let path = FieldPath::Row { table: table.to_owned(), row: row.row, key: REMOVED.to_owned() };
        (!edits.is_empty()).then(|| Conflict { path, values: removed.values.clone(), edits })
    }

    fn unseen_text_edits(
        &self,
        table: &str,
        row: RowId,
        removals: &[&Seen],
        unseen: &BTreeSet<ChangeHash>,
    ) -> Vec<UnseenEdit> {
        let keys = self.text_keys();
        let inside = |key: &&String| parse_row_text_key(key).is_some_and(|(of, id, _)| of == table && id == row);
        let texts: BTreeMap<OpId, &String> = keys.iter().filter(inside).map(|key| (text_object(key), key)).into_map();
        let Some(first) = removals.first().filter(|_| !texts.is_empty()) else {
            return Vec::new();
        };
        let mut edits = BTreeMap::new();
        for change in self.crdt().changes_since(&[first.hash]) {
            let Some(change) = decode(&change).filter(|change| unseen.contains(&change.hash)) else {
                continue;
            };
            let edited = change.ops.iter().rev().find_map(|op| match op.object {
                Object::Made(object) if op.action != Action::MakeText => Some((*texts.get(&object)?, op.id)),
                Object::Made(_) | Object::Root => None,
            });
            if let Some((key, op)) = edited
                && let Some(meta) = self.crdt().meta(&change.hash)
            {
                edits.insert(key, seen_from(Scalar::Str(self.text(key)), op, meta));
            }
        }
        edits.into_iter().map(|(key, seen)| UnseenEdit { path: FieldPath::Text(key.clone()), seen }).collect()
    }

    /// The maps of a row: one, or several when it was made more than once.
    pub(crate) fn row_objects(&self, table: &str, row: RowId) -> Vec<OpId> {
        let held = self.crdt().held(&ROWS, &row_key(table, row));
        held.into_iter().filter(|(_, held)| *held == Held::Map).map(|(object, _)| object).collect()
    }

    /// Who made a row: one author, or several when it was made more than once; none for one the machine cannot name.
    #[must_use]
    pub fn row_makers(&self, table: &str, row: RowId) -> Vec<Option<AccountId>> {
        let objects = self.row_objects(table, row);
        objects.iter().map(|object| self.crdt().change_of(object).and_then(|meta| meta.author)).collect()
    }

    pub(super) fn state(&self, objects: &[OpId], key: &str) -> FieldState {
        let held = objects.iter().flat_map(|object| self.crdt().held(object, key));
        let mut values: Vec<Seen> = held
            .filter_map(|(op, held)| match held {
                Held::Scalar(value) => Some(seen_from(value, op, self.crdt().change_of(&op)?)),
                Held::Map | Held::Text | Held::Foreign => None,
            })
            .collect();
        values.arrange_by_key(|seen| seen.op);
        FieldState { values }
    }

    /// Digests every current value, conflicts and texts included: equal digests mean equal documents to a reader.
    ///
    /// **Shape**: SHA-256 over CBOR `[path, distinct values…]` of every field, row field and text, sorted.
    #[must_use]
    pub fn digest_of_values(&self) -> [u8; 32] {
        let mut entries: BTreeMap<FieldPath, BTreeSet<Scalar>> = BTreeMap::new();
        for (key, state) in self.fields() {
            entries.insert(FieldPath::Field(key), distinct_values(&state));
        }
        for table in self.tables() {
            for row in self.rows(&table) {
                let table = table.clone();
                entries.insert(FieldPath::RowMade { table: table.clone(), row: row.row }, BTreeSet::new());
                for (key, state) in row.fields {
                    let path = FieldPath::Row { table: table.clone(), row: row.row, key };
                    entries.insert(path, distinct_values(&state));
                }
            }
        }
        for key in self.text_keys() {
            let text = Scalar::Str(self.text(&key));
            entries.insert(FieldPath::Text(key), std::iter::once(text).into_set());
        }
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes);
        // Writing to a vector cannot fail.
        let _ = encoder
            .encode(entries.iter().map(|(path, values)| (path, values.iter().collect::<Vec<_>>())).collect::<Vec<_>>());
        Sha256::digest(&bytes).into()
    }
}

impl Entry {
    /// Whether several values may stand here; what Simpul never writes may hide some.
    fn may_wait(&self) -> bool {
        self.is_disputed || !matches!(self.held, Held::Scalar(_))
    }

    /// Whether this field of a row says that the row is removed.
    fn removes(&self) -> bool {
        self.key == REMOVED && self.held == Held::Scalar(Scalar::Bool(true))
    }
}

fn distinct_values(state: &FieldState) -> BTreeSet<Scalar> {
    state.values.iter().map(|seen| seen.value.clone()).into_set()
}

fn push_values(conflicts: &mut Vec<Conflict>, path: FieldPath, state: FieldState) {
    if state.is_conflict() {
        conflicts.push(Conflict { path, values: state.values, edits: Vec::new() });
    }
}

fn seen_from(value: Scalar, op: OpId, meta: ChangeMeta) -> Seen {
    Seen { value, op, author: meta.author, actor: op.actor, time_ms: meta.time_ms, hash: meta.hash }
}
