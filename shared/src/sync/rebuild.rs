//! Writes a document's unacknowledged edits anew when one of them was not accepted.
//!
//! Changes are hash-linked, so whatever follows a refused one cannot be merged as signed bytes. The command beside
//! each edit is replayed on the acknowledged document under a fresh actor: one refused edit never blocks or loses the
//! rest. Called by the sync machine with rows of the store; never writes a store.

use std::collections::BTreeMap;

use crate::command::{self, CommandError, Writer};
use crate::document::path::OpId;
use crate::document::{Document, DocumentError};
use crate::id::{AccountId, ActorId};
use crate::protocol::chunk::CheckedChange;
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
    /// What the operations of the edits are called now.
    pub renamed: Renamed,
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
        if let Some(seen) = edit.edit.seen_mut() {
            rebuilt.renamed.put_right(seen);
        }
        edit.awaits_copy = None;
        let time_ms = i64::try_from(edit.time_ms).unwrap_or(0);
        match command::replay(&mut document, &writer, &edit.edit, time_ms, edit.message.clone()) {
            Ok(changes) if changes.is_empty() => rebuilt.settled.push(edit),
            Ok(changes) => {
                let changes: Vec<ChangeBytes> = changes.into_iter().map(|change| ChangeBytes(change.bytes)).collect();
                rebuilt.renamed.note(&edit.changes, &changes);
                edit.changes = changes;
                edit.actor = actor;
                rebuilt.pending.push(edit);
            }
            Err(error) => {
                rebuilt.tray.push(TrayEntry::new(edit, error_code(&error).number(), false));
            }
        }
    }
    Ok(rebuilt)
}

/// Operations of changes that were written anew: an edit further back, or a form that is still open, may have been made with
/// them on the screen, and their first names are nowhere to be found any more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Renamed(BTreeMap<OpId, OpId>);

impl Renamed {
    fn note(&mut self, old: &[ChangeBytes], new: &[ChangeBytes]) {
        // Only texts have several changes, and nobody lists operations of texts as seen.
        let ([old], [new]) = (old, new) else { return };
        let (Some(old), Some(new)) = (operations(old), operations(new)) else { return };
        if old.len() == new.len() {
            self.0.extend(old.into_iter().zip(new));
        }
    }

    /// Takes over what was renamed later; what was renamed twice goes by its last name.
    pub fn take_over(&mut self, later: &Self) {
        later.put_right(self.0.values_mut());
        self.0.extend(later.0.iter().map(|(old, new)| (*old, *new)));
    }

    /// Calls operations by the names they have now.
    pub fn put_right<'a>(&self, seen: impl IntoIterator<Item = &'a mut OpId>) {
        for op in seen {
            if let Some(now) = self.0.get(op) {
                *op = *now;
            }
        }
    }
}

fn operations(change: &ChangeBytes) -> Option<Vec<OpId>> {
    let change = CheckedChange::check(&change.0).ok()?;
    Some((change.start_op()..=change.max_op()).map(|counter| OpId { counter, actor: change.actor() }).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Edit;
    use crate::id::{CaseId, DocumentKey};
    use crate::sync::row::{PendingOrder, Received};
    use crate::sync::{change_deps, change_hash};
    use crate::value::Scalar;

    const AUTHOR: AccountId = AccountId::from_bytes([1; 16]);

    fn key() -> DocumentKey {
        DocumentKey { case: CaseId::from_bytes([2; 16]), kind: String::from("intake"), subject: None, generation: 0 }
    }

    fn written(document: &mut Document, number: u64, value: &str) -> PendingEdit {
        let actor = ActorId::from_bytes([3; 16]);
        let seen = document.field("nama").ops();
        let edit = Edit::SetField { key: String::from("nama"), value: Scalar::Str(value.to_owned()), seen };
        let changes = command::apply(document, &Writer { author: AUTHOR, actor }, &edit, 0).unwrap();
        PendingEdit {
            order: PendingOrder { number, tab: 0 },
            key: key(),
            edit,
            time_ms: 0,
            changes: changes.into_iter().map(|change| ChangeBytes(change.bytes)).collect(),
            urgent: false,
            actor,
            document_gone: false,
            message: None,
            awaits_copy: None,
        }
    }

    #[test]
    fn an_edit_written_anew_twice_still_replaces_what_its_author_saw() {
        let mut document = Document::new().unwrap();
        let edits = vec![written(&mut document, 1, "satu"), written(&mut document, 2, "dua")];
        let mut once = rebuild(None, edits, AUTHOR, ActorId::from_bytes([4; 16])).unwrap().pending;
        let last = once.pop().unwrap();
        let mut stored = StoredDocument::empty(key());
        for change in once.remove(0).changes {
            let (hash, deps) = (change_hash(&change.0).unwrap(), change_deps(&change.0));
            stored.append(change, hash, &deps, Received { at_s: 0, device_number: 1 });
        }
        let twice = rebuild(Some(&stored), vec![last], AUTHOR, ActorId::from_bytes([5; 16])).unwrap().pending;
        let mut merged = stored.open().unwrap();
        merged.apply(&[&twice[0].changes[0].0]).unwrap();
        assert_eq!(merged.field("nama").values.len(), 1, "{:?}", merged.field("nama"));
        assert_eq!(merged.field("nama").settled(), Some(&Scalar::Str(String::from("dua"))));
    }
}
