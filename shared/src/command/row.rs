//! Rows: made whole, marked as removed, never deleted.
//!
//! Owns what a row's commands write. Must never hide a value that the person had not seen. Called by `command`.

use std::collections::BTreeMap;

use super::field::{check_seen, preds_of_choice};
use super::{CommandError, Unseen, WrittenChange, put, put_op};
use crate::document::Document;
use crate::document::crdt::{Action, NewOp, Stamp};
use crate::document::genesis::ROWS;
use crate::document::path::{OpId, REMOVED, is_field_key, row_key};
use crate::document::read::FieldState;
use crate::id::RowId;
use crate::order::Gather as _;
use crate::value::Scalar;

pub(super) fn add_row(
    document: &mut Document,
    stamp: &Stamp,
    table: &str,
    row: RowId,
    fields: &[(String, Scalar)],
) -> Result<Vec<WrittenChange>, CommandError> {
    if table.is_empty() || table.contains('/') || !fields.iter().all(|(key, _)| is_field_key(key)) {
        return Err(CommandError::Key);
    }
    if !document.row_objects(table, row).is_empty() {
        return Err(CommandError::RowExists);
    }
    // The row's map is the change's first operation, so its fields can name it before it is written.
    let object = OpId { counter: document.max_op().saturating_add(1), actor: stamp.actor };
    let made = NewOp { object: ROWS, key: row_key(table, row), action: Action::MakeMap, preds: Vec::new() };
    // A key given twice would make two values of one change; the last one counts.
    let fields: BTreeMap<&String, &Scalar> = fields.iter().map(|(key, value)| (key, value)).into_map();
    let values = fields.into_iter().filter(|(_, value)| !value.is_null());
    let ops = core::iter::once(made).chain(values.map(|(key, value)| put_op(object, key, value, Vec::new())));
    let ops = ops.collect();
    put(document, stamp, Some(ops))
}

pub(super) fn editable_row_field(
    document: &Document,
    table: &str,
    row: RowId,
    key: &str,
    unseen: Unseen,
) -> Result<FieldState, CommandError> {
    // Removal has its own commands, which look at the whole row.
    if !is_field_key(key) || key == REMOVED {
        return Err(CommandError::Key);
    }
    let state = document.row(table, row).ok_or(CommandError::NoSuchRow)?;
    if state.removed() && unseen == Unseen::RefuseConflict {
        return Err(CommandError::RowRemoved);
    }
    Ok(state.field(key))
}

/// Writes a row's field into each of the row's maps that holds a superseded value, normally the one map there is.
pub(super) fn put_in_row(
    document: &mut Document,
    stamp: &Stamp,
    table: &str,
    row: RowId,
    key: &str,
    value: &Scalar,
    preds: Option<Vec<OpId>>,
) -> Result<Vec<WrittenChange>, CommandError> {
    let ops = preds.map(|preds| ops_in_row(document, table, row, key, value, &preds)).transpose()?;
    put(document, stamp, ops)
}

fn ops_in_row(
    document: &Document,
    table: &str,
    row: RowId,
    key: &str,
    value: &Scalar,
    preds: &[OpId],
) -> Result<Vec<NewOp>, CommandError> {
    let objects = document.row_objects(table, row);
    let mut ops = Vec::new();
    for object in &objects {
        let held = document.crdt().held(object, key);
        let here: Vec<OpId> = held.into_iter().map(|(op, _)| op).filter(|op| preds.contains(op)).collect();
        if !here.is_empty() {
            ops.push(put_op(*object, key, value, here));
        }
    }
    if ops.is_empty() {
        let object = objects.last().ok_or(CommandError::NoSuchRow)?;
        ops.push(put_op(*object, key, value, Vec::new()));
    }
    Ok(ops)
}

/// Several values of a row's field beside each other: the first in the place of what stood there, the others over nothing.
pub(super) fn differing_in_row(
    document: &Document,
    (table, row): (&str, RowId),
    key: &str,
    values: &[Scalar],
    preds: &[OpId],
) -> Result<Vec<NewOp>, CommandError> {
    let Some((first, others)) = values.split_first() else { return Ok(Vec::new()) };
    let mut ops = ops_in_row(document, table, row, key, first, preds)?;
    let object = ops.last().map(|op| op.object).ok_or(CommandError::NoSuchRow)?;
    ops.extend(others.iter().map(|value| put_op(object, key, value, Vec::new())));
    Ok(ops)
}

pub(super) fn remove_row(
    document: &mut Document,
    stamp: &Stamp,
    table: &str,
    row: RowId,
    seen: &[OpId],
    unseen: Unseen,
) -> Result<Vec<WrittenChange>, CommandError> {
    check_seen(document, seen, unseen)?;
    let state = document.row(table, row).ok_or(CommandError::NoSuchRow)?;
    if state.ops().iter().any(|op| !seen.contains(op) && op.actor != stamp.actor) {
        return Err(CommandError::RowUnseen { current: state.ops() });
    }
    let removal = state.field(REMOVED);
    // Removing again is written only when it settles something: edits the first removal did not know, or a restore.
    let settled = removal.all_are(&Scalar::Bool(true)) && document.unseen_edits(table, &state).is_none();
    let preds = (!settled).then(|| removal.ops());
    put_in_row(document, stamp, table, row, REMOVED, &Scalar::Bool(true), preds)
}

pub(super) fn restore_row(
    document: &mut Document,
    stamp: &Stamp,
    table: &str,
    row: RowId,
    seen: &[OpId],
    unseen: Unseen,
) -> Result<Vec<WrittenChange>, CommandError> {
    let present = Scalar::Bool(false);
    let state = document.row(table, row).ok_or(CommandError::NoSuchRow)?.field(REMOVED);
    // A row that was never removed needs no mark that it is present.
    if state.values.is_empty() {
        return Ok(Vec::new());
    }
    let preds = preds_of_choice(document, stamp, &state, &present, seen, unseen)?;
    put_in_row(document, stamp, table, row, REMOVED, &present, preds)
}
