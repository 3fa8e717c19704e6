//! Writes a document's unacknowledged edits anew when one of them was not accepted.
//!
//! Changes are hash-linked, so whatever follows a refused one cannot be merged as signed bytes. The command beside
//! each edit is replayed on the acknowledged document under a fresh actor: one refused edit never blocks or loses the
//! rest. Called by the sync machine with rows of the store; never writes a store.

use crate::command::{self, CommandError, Writer};
use crate::document::{Document, DocumentError};
use crate::id::{AccountId, ActorId};
use crate::protocol::error::ErrorCode;
use crate::protocol::frame::ChangeBytes;
use crate::sync::row::{PendingEdit, StoredDocument, TrayEntry};

/// What replaying came to.
#[derive(Debug, Clone, Default)]
pub struct Rebuilt {
    /// Edits with new changes, in the old order.
    pub pending: Vec<PendingEdit>,
    /// Edits that turned out to say nothing new: what they wanted stands already.
    pub settled: Vec<PendingEdit>,
    /// Edits that cannot be made on the acknowledged document.
    pub tray: Vec<TrayEntry>,
}

/// Replays `edits` on the acknowledged document.
///
/// # Errors
/// [`DocumentError`] when the acknowledged document itself does not open.
pub fn rebuild(
    stored: Option<&StoredDocument>,
    edits: Vec<PendingEdit>,
    author: AccountId,
    actor: ActorId,
) -> Result<Rebuilt, DocumentError> {
    let mut document = match stored {
        Some(stored) => stored.open()?,
        None => Document::new()?,
    };
    let writer = Writer { author, actor };
    let mut rebuilt = Rebuilt::default();
    for mut edit in edits {
        match command::replay(&mut document, &writer, &edit.edit, i64::try_from(edit.time_ms).unwrap_or(0), None) {
            Ok(changes) if changes.is_empty() => rebuilt.settled.push(edit),
            Ok(changes) => {
                edit.changes = changes.into_iter().map(|change| ChangeBytes(change.bytes)).collect();
                edit.actor = actor;
                rebuilt.pending.push(edit);
            }
            Err(error) => {
                rebuilt.tray.push(TrayEntry { pending: edit, reason: error_code(&error).number(), held: false });
            }
        }
    }
    Ok(rebuilt)
}

/// The code people see when a command is not possible.
#[must_use]
pub const fn error_code(error: &CommandError) -> ErrorCode {
    match error {
        CommandError::ConflictUnseen { .. } | CommandError::RowUnseen { .. } | CommandError::UnknownSeen { .. } => {
            ErrorCode::ValuesUnseen
        }
        CommandError::NoSuchRow | CommandError::RowRemoved => ErrorCode::ItemGone,
        CommandError::Key | CommandError::RowExists | CommandError::NotUndoable => ErrorCode::ValueWrong,
        CommandError::Write(_) | CommandError::Derive(_) => ErrorCode::EngineStopped,
    }
}
