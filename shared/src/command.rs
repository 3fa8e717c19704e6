//! The only writer of documents: what a person did, turned into changes.
//!
//! Owns the rules that keep every typed value: nothing is deleted, nothing unseen is replaced, nothing unchanged is
//! written. Must never read a clock or draw an actor: both come with the call, so that the same call gives the same
//! bytes. Called by the tablet's engine, which keeps each [`Edit`] in its journal until the relay has answered.

mod diff;
mod edit;
mod field;
pub mod reentry;
mod row;
mod text;
mod undo;

use crate::document::crdt::{Action, CrdtError, NewOp, ParsedChange, Stamp};
use crate::document::genesis::FIELDS;
use crate::document::path::OpId;
use crate::document::{Document, DocumentError};
use crate::id::{AccountId, ActorId, ChangeHash};
use crate::value::Scalar;

use field::{check_key, preds_of_choice, preds_of_differing, preds_of_set};
use row::{add_row, differing_in_row, editable_row_field, put_in_row, remove_row, restore_row};
use text::edit_text;

pub use edit::Edit;
pub use undo::undo;

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
/// `message` goes into every change, such as a [`crate::protocol::held::HeldNote`] when a registrar enters a held change again.
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
        Edit::Differ { row: None, key, values, seen } => {
            check_key(key)?;
            let preds = preds_of_differing(document, stamp, &document.field(key), seen, unseen)?;
            let ops = values.iter().zip(core::iter::once(preds).chain(core::iter::repeat(Vec::new())));
            let ops = ops.map(|(value, preds)| put_op(FIELDS, key, value, preds)).collect();
            put(document, stamp, Some(ops))
        }
        Edit::Differ { row: Some((table, row)), key, values, seen } => {
            let state = editable_row_field(document, table, *row, key, unseen)?;
            let preds = preds_of_differing(document, stamp, &state, seen, unseen)?;
            let ops = differing_in_row(document, (table, *row), key, values, &preds)?;
            put(document, stamp, Some(ops))
        }
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
