//! Taking the last edit of a field back.
//!
//! Owns the way from a change to the edit that reverses it. Refuses where somebody wrote over it since: then there is
//! nothing to take back without replacing what another person wrote. Called by the tablet's engine.

use std::collections::BTreeSet;

use super::{CommandError, Edit};
use crate::document::Document;
use crate::document::crdt::{Action, DecodedOp, Object, ParsedChange, Place, decode};
use crate::document::genesis::{FIELDS, ROWS, TEXTS, text_object};
use crate::document::path::{OpId, REMOVED, parse_row_key};
use crate::document::read::FieldState;
use crate::id::{ChangeHash, RowId};
use crate::order::Gather as _;
use crate::value::Scalar;

/// Computes the edit that takes a change back; apply it like any other.
///
/// # Errors
/// [`CommandError::NotUndoable`] when the change is unknown, was written over since, or is not the work of one command. A choice between differing values lets them differ again.
pub fn undo(document: &Document, hash: &ChangeHash) -> Result<Edit, CommandError> {
    let bytes = document.change_bytes(hash).ok_or(CommandError::NotUndoable)?;
    let change = decode(&ParsedChange::parse(&bytes)?).ok_or(CommandError::NotUndoable)?;
    let first = change.ops.first().ok_or(CommandError::NotUndoable)?;
    let Object::Made(object) = first.object else {
        return Err(CommandError::NotUndoable);
    };
    if object == FIELDS && change.ops.len() == 1 {
        return undo_field(document, first);
    }
    if object == ROWS {
        return undo_added_row(document, first);
    }
    if object == TEXTS {
        return Err(CommandError::NotUndoable);
    }
    match row_of(document, &object) {
        Some((table, row)) if change.ops.len() == 1 => undo_row_field(document, &table, row, first, object),
        Some(_) => Err(CommandError::NotUndoable),
        None => undo_text(document, hash, &change.deps, object),
    }
}

fn key_of(op: &DecodedOp) -> Result<&str, CommandError> {
    match &op.place {
        Place::Key(key) => Ok(key),
        Place::Head | Place::Element(_) => Err(CommandError::NotUndoable),
    }
}

fn undo_field(document: &Document, op: &DecodedOp) -> Result<Edit, CommandError> {
    let key = key_of(op)?.to_owned();
    let state = document.field(&key);
    check_current(&state, op)?;
    let seen = state.ops();
    Ok(match before(document, FIELDS, &key, op)? {
        Before::One(value) => Edit::SetField { key, value, seen },
        Before::Several(values) => Edit::Differ { row: None, key, values, seen },
    })
}

fn undo_row_field(
    document: &Document,
    table: &str,
    row: RowId,
    op: &DecodedOp,
    object: OpId,
) -> Result<Edit, CommandError> {
    let key = key_of(op)?.to_owned();
    let table = table.to_owned();
    let state = document.row(&table, row).ok_or(CommandError::NotUndoable)?;
    let field = state.field(&key);
    check_current(&field, op)?;
    if key != REMOVED {
        let seen = field.ops();
        return Ok(match before(document, object, &key, op)? {
            Before::One(value) => Edit::SetRowField { table, row, key, value, seen },
            Before::Several(values) => Edit::Differ { row: Some((table, row)), key, values, seen },
        });
    }
    if op.action == Action::Put(Scalar::Bool(true)) {
        Ok(Edit::RestoreRow { table, row, seen: field.ops() })
    } else {
        Ok(Edit::RemoveRow { table, row, seen: state.ops() })
    }
}

fn undo_added_row(document: &Document, op: &DecodedOp) -> Result<Edit, CommandError> {
    let (table, row) = parse_row_key(key_of(op)?).ok_or(CommandError::NotUndoable)?;
    let state = document.row(table, row).ok_or(CommandError::NotUndoable)?;
    if state.ops().iter().any(|field| field.actor != op.id.actor) {
        return Err(CommandError::NotUndoable);
    }
    Ok(Edit::RemoveRow { table: table.to_owned(), row, seen: state.ops() })
}

fn undo_text(
    document: &Document,
    hash: &ChangeHash,
    before: &[ChangeHash],
    object: OpId,
) -> Result<Edit, CommandError> {
    let keys = document.text_keys();
    let key = keys.into_iter().find(|key| text_object(key) == object).ok_or(CommandError::NotUndoable)?;
    let now = document.text(&key);
    let at = |heads: &[ChangeHash]| document.crdt().text_at(&object, heads).ok_or(CommandError::NotUndoable);
    if at(core::slice::from_ref(hash))? != now {
        return Err(CommandError::NotUndoable);
    }
    Ok(Edit::EditText { key, base: document.heads(), old: now, new: at(before)? })
}

/// The change's value is the one that stands.
fn check_current(state: &FieldState, op: &DecodedOp) -> Result<(), CommandError> {
    if state.ops() == [op.id] { Ok(()) } else { Err(CommandError::NotUndoable) }
}

/// What stood before an operation.
enum Before {
    One(Scalar),
    Several(Vec<Scalar>),
}

/// What stood before the operation: null, the value it replaced, or each of those it was chosen among once.
fn before(document: &Document, object: OpId, key: &str, op: &DecodedOp) -> Result<Before, CommandError> {
    let replaced = op.preds.iter().map(|pred| document.crdt().value_written_by(pred, &object, key));
    let replaced: BTreeSet<Scalar> =
        replaced.collect::<Option<Vec<Scalar>>>().ok_or(CommandError::NotUndoable)?.into_iter().into_set();
    let mut values: Vec<Scalar> = replaced.into_iter().collect();
    Ok(match values.len() {
        0 | 1 => Before::One(values.pop().unwrap_or_default()),
        _ => Before::Several(values),
    })
}

fn row_of(document: &Document, object: &OpId) -> Option<(String, RowId)> {
    let meta = document.crdt().change_of(object)?;
    let change = decode(&ParsedChange::parse(&document.change_bytes(&meta.hash)?).ok()?)?;
    let made = change.ops.into_iter().find(|op| op.id == *object)?;
    let Place::Key(key) = &made.place else {
        return None;
    };
    let (table, row) = parse_row_key(key).filter(|_| made.object == Object::Made(ROWS))?;
    Some((table.to_owned(), row))
}
