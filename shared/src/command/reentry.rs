//! A held change, read as what its writer meant, to be entered again by who decides.
//!
//! Owns the way from a change back to an [`Edit`]. The change may build on others that were never merged, so it is read
//! in a document that has them all, and written into the one that stands. Must never replace a value its writer had not
//! known: values of the writer's own past count as known, also where somebody entered that past again.

use std::collections::BTreeSet;

use super::{CommandError, Edit, Writer, WrittenChange, replay};
use crate::document::Document;
use crate::document::genesis::text_object;
use crate::document::history::HistoryEntry;
use crate::document::path::{FieldPath, OpId, REMOVED};
use crate::document::read::{FieldState, Seen};
use crate::id::{ChangeHash, RowId};
use crate::protocol::held::HeldNote;
use crate::value::Scalar;

/// Puts held changes on top of a document, as far as they fit: what is missing a parent stays out.
///
/// For changes that the relay vetted.
#[must_use]
pub fn with_held<B: AsRef<[u8]>>(document: &Document, held: &[B]) -> Document {
    let mut whole = document.clone();
    let mut waiting: Vec<&[u8]> = held.iter().map(AsRef::as_ref).collect();
    loop {
        let before = waiting.len();
        waiting.retain(|bytes| whole.apply(&[bytes]).is_err());
        if waiting.is_empty() || waiting.len() == before {
            return whole;
        }
    }
}

/// What a held change means for a document as it stands.
#[derive(Debug, Clone)]
pub struct Intent {
    /// The edit, with what its writer knew of the present values.
    pub edit: Edit,
    /// Where.
    pub path: FieldPath,
    /// What is put there; for a long text, the whole text as its writer left it.
    pub value: Scalar,
    /// Values that stand there now, were not known to the writer, and are others.
    pub unknown: Vec<Seen>,
    /// Who wrote it, and when.
    pub note: HeldNote,
}

/// Reads a held change. `whole` holds it and everything it builds on; `present` is the document as it stands.
///
/// None when it is not there, was written by nobody, or is none that a command writes.
#[must_use]
pub fn intent(whole: &Document, present: &Document, hash: &ChangeHash) -> Option<Intent> {
    let meta = whole.change_meta(hash)?;
    let author = meta.author?;
    let entries: Vec<HistoryEntry> = whole.history_of_all().into_iter().filter(|entry| entry.hash == *hash).collect();
    let known = Known { past: past_of(whole, hash), present };
    let (edit, path, value, unknown) = read(whole, &known, &meta.deps, hash, &entries)?;
    let note = HeldNote { hash: *hash, author, time_s: meta.time_ms.div_euclid(1000) };
    Some(Intent { edit, path, value, unknown, note })
}

/// Writes an intent into the document as it stands, with a remark that names the held change.
///
/// # Errors
/// [`CommandError`], when what the edit belongs to is not there; the document is then unchanged.
pub fn reenter(
    present: &mut Document,
    writer: &Writer,
    intent: &Intent,
    time_ms: i64,
) -> Result<Vec<WrittenChange>, CommandError> {
    replay(present, writer, &intent.edit, time_ms, Some(intent.note.to_string()))
}

/// Every change before one.
fn past_of(document: &Document, hash: &ChangeHash) -> BTreeSet<ChangeHash> {
    let mut past = BTreeSet::new();
    let mut open = vec![*hash];
    while let Some(hash) = open.pop() {
        for dep in document.change_meta(&hash).map(|meta| meta.deps).unwrap_or_default() {
            if past.insert(dep) {
                open.push(dep);
            }
        }
    }
    past
}

/// What the writer knew of the document as it stands.
struct Known<'a> {
    past: BTreeSet<ChangeHash>,
    present: &'a Document,
}

impl Known<'_> {
    fn knows(&self, seen: &Seen) -> bool {
        let entered_again = || {
            let message = self.present.change_meta(&seen.hash)?.message?;
            HeldNote::parse(&message).map(|note| self.past.contains(&note.hash))
        };
        self.past.contains(&seen.hash) || entered_again().unwrap_or(false)
    }

    fn ops(&self, state: &FieldState) -> Vec<OpId> {
        state.values.iter().filter(|seen| self.knows(seen)).map(|seen| seen.op).collect()
    }

    fn unknown(&self, state: &FieldState, value: &Scalar) -> Vec<Seen> {
        state.values.iter().filter(|seen| seen.value != *value && !self.knows(seen)).cloned().collect()
    }

    fn row(&self, table: &str, row: RowId) -> Vec<FieldState> {
        self.present.row(table, row).map(|row| row.fields.into_values().collect()).unwrap_or_default()
    }
}

type Reading = (Edit, FieldPath, Scalar, Vec<Seen>);

fn read(
    whole: &Document,
    known: &Known<'_>,
    deps: &[ChangeHash],
    hash: &ChangeHash,
    entries: &[HistoryEntry],
) -> Option<Reading> {
    let made = entries.iter().find_map(|entry| match &entry.path {
        FieldPath::RowMade { table, row } => Some((table.clone(), *row)),
        FieldPath::Field(_) | FieldPath::Row { .. } | FieldPath::Text(_) => None,
    });
    if let Some((table, row)) = made {
        let fields = entries.iter().filter_map(|entry| match &entry.path {
            FieldPath::Row { table: of, row: same, key } if *of == table && *same == row => {
                Some((key.clone(), entry.new.clone()?))
            }
            FieldPath::Field(_) | FieldPath::Row { .. } | FieldPath::RowMade { .. } | FieldPath::Text(_) => None,
        });
        let edit = Edit::AddRow { table: table.clone(), row, fields: fields.collect() };
        return Some((edit, FieldPath::RowMade { table, row }, Scalar::Null, Vec::new()));
    }
    // Choosing the value that wins already is written as two: cleared, then put. The last one is meant.
    let last = entries.last()?;
    if let Some(reading) = differing(known, entries) {
        return Some(reading);
    }
    let chosen = entries.len() > 1 || last.old.len() > 1;
    let value = last.new.clone().unwrap_or_default();
    let (edit, unknown) = match &last.path {
        FieldPath::Field(key) => {
            let state = known.present.field(key);
            let (key, seen) = (key.clone(), known.ops(&state));
            let edit = if chosen {
                Edit::Choose { key, value: value.clone(), seen }
            } else {
                Edit::SetField { key, value: value.clone(), seen }
            };
            (edit, known.unknown(&state, &value))
        }
        FieldPath::Row { table, row, key } if key == REMOVED => {
            let states = known.row(table, *row);
            let seen = states.iter().flat_map(|state| known.ops(state)).collect();
            let unknown = states.iter().flat_map(|state| known.unknown(state, &value)).collect();
            let (table, row) = (table.clone(), *row);
            let is_removal = value.as_bool() == Some(true);
            let edit =
                if is_removal { Edit::RemoveRow { table, row, seen } } else { Edit::RestoreRow { table, row, seen } };
            (edit, if is_removal { unknown } else { Vec::new() })
        }
        FieldPath::Row { table, row, key } => {
            let state = known.present.row(table, *row).map(|row| row.field(key)).unwrap_or_default();
            let (table, row, key, seen) = (table.clone(), *row, key.clone(), known.ops(&state));
            let edit = if chosen {
                Edit::ChooseRowField { table, row, key, value: value.clone(), seen }
            } else {
                Edit::SetRowField { table, row, key, value: value.clone(), seen }
            };
            (edit, known.unknown(&state, &value))
        }
        FieldPath::Text(key) => {
            let object = text_object(key);
            let old = whole.crdt().text_at(&object, deps).unwrap_or_default();
            let new = whole.crdt().text_at(&object, core::slice::from_ref(hash))?;
            // What others wrote into the text stays where it is, so nothing of it can be lost.
            let edit = Edit::EditText { key: key.clone(), base: deps.to_vec(), old, new: new.clone() };
            return Some((edit, last.path.clone(), Scalar::Str(new), Vec::new()));
        }
        FieldPath::RowMade { .. } => return None,
    };
    Some((edit, last.path.clone(), value, unknown))
}

/// A choice that was taken back: several values at one place, of which none replaces another.
fn differing(known: &Known<'_>, entries: &[HistoryEntry]) -> Option<Reading> {
    let (first, others) = entries.split_first()?;
    if others.is_empty() || !others.iter().all(|entry| entry.path == first.path && entry.old.is_empty()) {
        return None;
    }
    let (row, key, state) = match &first.path {
        FieldPath::Field(key) => (None, key, known.present.field(key)),
        FieldPath::Row { table, row, key } if key != REMOVED => {
            let state = known.present.row(table, *row).map(|row| row.field(key)).unwrap_or_default();
            (Some((table.clone(), *row)), key, state)
        }
        FieldPath::Row { .. } | FieldPath::RowMade { .. } | FieldPath::Text(_) => return None,
    };
    let values: Vec<Scalar> = entries.iter().filter_map(|entry| entry.new.clone()).collect();
    let value = values.last().cloned().unwrap_or_default();
    let unknown = known.unknown(&state, &value);
    let edit = Edit::Differ { row, key: key.clone(), values, seen: known.ops(&state) };
    Some((edit, first.path.clone(), value, unknown))
}

#[cfg(test)]
mod tests;
