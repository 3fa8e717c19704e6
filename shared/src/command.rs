//! The only writer of documents: what a person did, turned into changes.
//!
//! Owns the rules that keep every typed value: nothing is deleted, nothing unseen is replaced, nothing unchanged is
//! written. Must never read a clock or draw an actor: both come with the call, so that the same call gives the same
//! bytes. Called by the tablet's engine, which keeps each [`Edit`] in its journal until the relay has answered.

mod diff;
mod text;
mod undo;

use minicbor::{Decode, Encode};

use crate::document::crdt::{Action, CrdtError, NewOp, ParsedChange, Stamp};
use crate::document::genesis::{FIELDS, ROWS, text_change};
use crate::document::path::{OpId, REMOVED, is_field_key, is_text_key, row_key};
use crate::document::read::FieldState;
use crate::document::{Document, DocumentError};
use crate::id::{AccountId, ActorId, ChangeHash, RowId};
use crate::value::Scalar;

pub use undo::undo;

/// What a person did to a document.
///
/// **Shape**: CBOR with stable numbers: journals of older versions must open. Every `seen` lists the operations that
/// were on the screen ([`FieldState::ops`]).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Edit {
    /// Left a field with this value; null clears it.
    #[n(0)]
    SetField {
        /// The field, with `/code` for one answer of a many-choice field.
        #[n(0)]
        key: String,
        /// The new value.
        #[n(1)]
        value: Scalar,
        /// What was on the screen.
        #[n(2)]
        seen: Vec<OpId>,
    },
    /// Chose among the values of a field in conflict.
    #[n(1)]
    Choose {
        /// The field.
        #[n(0)]
        key: String,
        /// The chosen or a new value.
        #[n(1)]
        value: Scalar,
        /// All values that were shown.
        #[n(2)]
        seen: Vec<OpId>,
    },
    /// Added a row with all its first values.
    #[n(2)]
    AddRow {
        /// The table.
        #[n(0)]
        table: String,
        /// The row's random id.
        #[n(1)]
        row: RowId,
        /// Its fields.
        #[n(2)]
        fields: Vec<(String, Scalar)>,
    },
    /// Left a field of a row with this value.
    #[n(3)]
    SetRowField {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The field inside the row.
        #[n(2)]
        key: String,
        /// The new value.
        #[n(3)]
        value: Scalar,
        /// What was on the screen.
        #[n(4)]
        seen: Vec<OpId>,
    },
    /// Chose among the values of a row's field in conflict.
    #[n(4)]
    ChooseRowField {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The field inside the row.
        #[n(2)]
        key: String,
        /// The chosen or a new value.
        #[n(3)]
        value: Scalar,
        /// All values that were shown.
        #[n(4)]
        seen: Vec<OpId>,
    },
    /// Removed a row; also confirms a removal that is in conflict with edits.
    #[n(5)]
    RemoveRow {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The whole row as it was on the screen ([`crate::document::read::RowState::ops`]).
        #[n(2)]
        seen: Vec<OpId>,
    },
    /// Took a removed row back.
    #[n(6)]
    RestoreRow {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The row's removal as it was on the screen.
        #[n(2)]
        seen: Vec<OpId>,
    },
    /// Left a long text.
    #[n(7)]
    EditText {
        /// The text's key in `t`.
        #[n(0)]
        key: String,
        /// The document's heads when the form opened.
        #[n(1)]
        base: Vec<ChangeHash>,
        /// The text when the form opened.
        #[n(2)]
        old: String,
        /// The text when the form was left.
        #[n(3)]
        new: String,
    },
}

/// Who writes: an account, and a random actor of one session in one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer {
    /// The person.
    pub author: AccountId,
    /// The session's actor; never shared between two tabs or two documents.
    pub actor: ActorId,
}

/// A change that a command wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenChange {
    /// The uncompressed change.
    pub bytes: Vec<u8>,
    /// Its hash.
    pub hash: ChangeHash,
    /// A derived change is the same on every device: it needs no signature and no author.
    pub derived: bool,
}

/// What to do with a current value that the person has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unseen {
    /// Refuse where a conflict was not shown in full; keep both where a single value moved meanwhile.
    RefuseConflict,
    /// Keep both, always: the person is no longer in front of the form.
    KeepBoth,
}

/// An edit was not written. The document is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The field holds values that disagree, and not all were on the screen. Show them and let a person choose.
    #[error("the field holds concurrent values that were not all shown")]
    ConflictUnseen {
        /// What is current now.
        current: Vec<OpId>,
    },
    /// The edit lists an operation as seen that is not in the document.
    #[error("an operation listed as seen is not in the document")]
    UnknownSeen {
        /// The operation.
        op: OpId,
    },
    /// A key is empty, too long or has a slash too many.
    #[error("the key does not follow the grammar")]
    Key,
    /// No such row.
    #[error("there is no such row")]
    NoSuchRow,
    /// The row was already made.
    #[error("the row exists already")]
    RowExists,
    /// The row is removed; it must be restored before it is edited.
    #[error("the row is removed")]
    RowRemoved,
    /// The row changed after it was shown; removing it now would hide what nobody saw.
    #[error("the row holds values that were not shown")]
    RowUnseen {
        /// What is current now.
        current: Vec<OpId>,
    },
    /// The change that should be undone is not there, not one edit, or somebody wrote over it since.
    #[error("the change cannot be undone")]
    NotUndoable,
    /// The writer's actor already writes for another account, or the document is full.
    #[error("the change could not be written")]
    Write(#[from] CrdtError),
    /// A derived change could not be applied.
    #[error("the text's container could not be made")]
    Derive(#[from] DocumentError),
}

/// Writes an edit and returns its changes in order; none if nothing would change.
///
/// `time_ms` is the tablet's clock; the change keeps whole seconds. A current value of a field that is *not* in
/// conflict and was not on the screen is kept beside the new one, which makes a conflict a person will see.
///
/// # Errors
/// [`CommandError`]; the document is then unchanged.
pub fn apply(
    document: &mut Document,
    writer: &Writer,
    edit: &Edit,
    time_ms: i64,
) -> Result<Vec<WrittenChange>, CommandError> {
    let stamp = Stamp { author: writer.author, actor: writer.actor, time_ms, message: None };
    atomically(document, |document| run(document, &stamp, edit, Unseen::RefuseConflict))
}

/// Writes an edit of the journal again, on top of what became of the document meanwhile.
///
/// As [`apply`], but for a person who is no longer there: `seen` operations that do not exist any more are passed over,
/// values never seen are kept beside the new one, and edits of a removed row are written (and show as a conflict).
/// `message` goes into every change, such as `held:<hash>` when a registrar enters a held change again.
///
/// # Errors
/// [`CommandError::RowUnseen`] when a removal would hide values that were never shown, and the other variants of
/// [`apply`]; the document is then unchanged.
pub fn replay(
    document: &mut Document,
    writer: &Writer,
    edit: &Edit,
    time_ms: i64,
    message: Option<String>,
) -> Result<Vec<WrittenChange>, CommandError> {
    let stamp = Stamp { author: writer.author, actor: writer.actor, time_ms, message };
    atomically(document, |document| run(document, &stamp, edit, Unseen::KeepBoth))
}

fn atomically<T>(
    document: &mut Document,
    act: impl FnOnce(&mut Document) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let mut changed = document.clone();
    let outcome = act(&mut changed)?;
    *document = changed;
    Ok(outcome)
}

fn run(
    document: &mut Document,
    stamp: &Stamp,
    edit: &Edit,
    unseen: Unseen,
) -> Result<Vec<WrittenChange>, CommandError> {
    match edit {
        Edit::SetField { key, value, seen } => {
            check_key(key)?;
            let state = document.field(key);
            let preds = preds_of_set(document, stamp, &state, value, seen, unseen)?;
            put(document, stamp, preds.map(|preds| vec![put_op(FIELDS, key, value, preds)]))
        }
        Edit::Choose { key, value, seen } => {
            check_key(key)?;
            let state = document.field(key);
            let preds = preds_of_choice(document, stamp, &state, value, seen, unseen)?;
            put(document, stamp, preds.map(|preds| vec![put_op(FIELDS, key, value, preds)]))
        }
        Edit::AddRow { table, row, fields } => add_row(document, stamp, table, *row, fields),
        Edit::SetRowField { table, row, key, value, seen } => {
            let state = editable_row_field(document, table, *row, key, unseen)?;
            let preds = preds_of_set(document, stamp, &state, value, seen, unseen)?;
            put_in_row(document, stamp, table, *row, key, value, preds)
        }
        Edit::ChooseRowField { table, row, key, value, seen } => {
            let state = editable_row_field(document, table, *row, key, unseen)?;
            let preds = preds_of_choice(document, stamp, &state, value, seen, unseen)?;
            put_in_row(document, stamp, table, *row, key, value, preds)
        }
        Edit::RemoveRow { table, row, seen } => remove_row(document, stamp, table, *row, seen, unseen),
        Edit::RestoreRow { table, row, seen } => restore_row(document, stamp, table, *row, seen, unseen),
        Edit::EditText { key, base, old, new } => edit_text(document, stamp, key, base, old, new),
    }
}

fn check_key(key: &str) -> Result<(), CommandError> {
    if is_field_key(key) { Ok(()) } else { Err(CommandError::Key) }
}

fn check_seen(document: &Document, seen: &[OpId], unseen: Unseen) -> Result<(), CommandError> {
    let unknown = seen.iter().find(|op| document.crdt().change_of(op).is_none());
    match (unseen, unknown) {
        (Unseen::RefuseConflict, Some(op)) => Err(CommandError::UnknownSeen { op: *op }),
        (Unseen::RefuseConflict, None) | (Unseen::KeepBoth, _) => Ok(()),
    }
}

/// The current operations the person knew: listed as seen, or written by this very session.
fn known_ops(stamp: &Stamp, state: &FieldState, seen: &[OpId]) -> Vec<OpId> {
    state.ops().into_iter().filter(|op| seen.contains(op) || op.actor == stamp.actor).collect()
}

/// What a plain write supersedes; none when it would change nothing.
fn preds_of_set(
    document: &Document,
    stamp: &Stamp,
    state: &FieldState,
    value: &Scalar,
    seen: &[OpId],
    unseen: Unseen,
) -> Result<Option<Vec<OpId>>, CommandError> {
    check_seen(document, seen, unseen)?;
    let known = known_ops(stamp, state, seen);
    if state.is_conflict() && known.len() < state.values.len() && unseen == Unseen::RefuseConflict {
        return Err(CommandError::ConflictUnseen { current: state.ops() });
    }
    // A value that stands there already and replaces nothing the person saw would only add an equal entry.
    let is_idle = is_unchanged(state, value) || (known.is_empty() && state.any_is(value));
    Ok((!is_idle).then_some(known))
}

/// What a choice supersedes: everything, so everything must have been shown.
fn preds_of_choice(
    document: &Document,
    stamp: &Stamp,
    state: &FieldState,
    value: &Scalar,
    seen: &[OpId],
    unseen: Unseen,
) -> Result<Option<Vec<OpId>>, CommandError> {
    check_seen(document, seen, unseen)?;
    let known = known_ops(stamp, state, seen);
    if known.len() < state.values.len() && unseen == Unseen::RefuseConflict {
        return Err(CommandError::ConflictUnseen { current: state.ops() });
    }
    Ok((!is_unchanged(state, value)).then_some(known))
}

/// Leaving a field as it is, clearing an empty one and repeating a settled value write nothing.
fn is_unchanged(state: &FieldState, value: &Scalar) -> bool {
    match state.values.first() {
        None => value.is_null(),
        Some(first) => !state.is_conflict() && first.value == *value,
    }
}

fn put_op(object: OpId, key: &str, value: &Scalar, preds: Vec<OpId>) -> NewOp {
    NewOp { object, key: key.to_owned(), action: Action::Put(value.clone()), preds }
}

fn put(document: &mut Document, stamp: &Stamp, ops: Option<Vec<NewOp>>) -> Result<Vec<WrittenChange>, CommandError> {
    let Some(ops) = ops else {
        return Ok(Vec::new());
    };
    Ok(vec![written(&document.crdt_mut().write(stamp, ops)?)])
}

fn written(change: &ParsedChange) -> WrittenChange {
    WrittenChange { bytes: change.raw_bytes().to_vec(), hash: change.hash(), derived: false }
}

fn add_row(
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
    let fields: std::collections::BTreeMap<&String, &Scalar> = fields.iter().map(|(key, value)| (key, value)).collect();
    let values = fields.into_iter().filter(|(_, value)| !value.is_null());
    let ops = core::iter::once(made).chain(values.map(|(key, value)| put_op(object, key, value, Vec::new())));
    let ops = ops.collect();
    put(document, stamp, Some(ops))
}

fn editable_row_field(
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
fn put_in_row(
    document: &mut Document,
    stamp: &Stamp,
    table: &str,
    row: RowId,
    key: &str,
    value: &Scalar,
    preds: Option<Vec<OpId>>,
) -> Result<Vec<WrittenChange>, CommandError> {
    let Some(preds) = preds else {
        return Ok(Vec::new());
    };
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
    put(document, stamp, Some(ops))
}

fn remove_row(
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

fn restore_row(
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

fn edit_text(
    document: &mut Document,
    stamp: &Stamp,
    key: &str,
    base: &[ChangeHash],
    old: &str,
    new: &str,
) -> Result<Vec<WrittenChange>, CommandError> {
    if !is_text_key(key) {
        return Err(CommandError::Key);
    }
    if old == new {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    let derived = text_change(key)?;
    let hash = ParsedChange::parse(&derived)?.hash();
    let mut with_container = document.clone();
    if !document.contains(&hash) {
        with_container.apply(&[&derived])?;
        changes.push(WrittenChange { bytes: derived, hash, derived: true });
    }
    for splices in text::splices(&with_container, key, base, old, new) {
        let object = crate::document::genesis::text_object(key);
        changes.push(written(&with_container.crdt_mut().write_text(stamp, &object, &splices)?));
    }
    // A text that ended as it stands anyway needs no container either.
    if changes.iter().all(|change| change.derived) {
        return Ok(Vec::new());
    }
    *document = with_container;
    Ok(changes)
}
