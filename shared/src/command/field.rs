//! What a write to a field replaces.
//!
//! Owns the rule that nothing unseen is replaced and nothing unchanged is written. Called by `command`.

use super::{CommandError, Unseen};
use crate::document::Document;
use crate::document::crdt::Stamp;
use crate::document::path::{OpId, is_field_key};
use crate::document::read::FieldState;
use crate::value::Scalar;

pub(super) fn check_key(key: &str) -> Result<(), CommandError> {
    if is_field_key(key) { Ok(()) } else { Err(CommandError::Key) }
}

pub(super) fn check_seen(document: &Document, seen: &[OpId], unseen: Unseen) -> Result<(), CommandError> {
    let unknown = seen.iter().find(|op| document.crdt().change_of(op).is_none());
    match (unseen, unknown) {
        (Unseen::RefuseConflict, Some(op)) => Err(CommandError::UnknownSeen { op: *op }),
        (Unseen::RefuseConflict, None) | (Unseen::KeepBoth, _) => Ok(()),
    }
}

/// The current operations the person knew: listed as seen, or written by this very session.
pub(super) fn known_ops(stamp: &Stamp, state: &FieldState, seen: &[OpId]) -> Vec<OpId> {
    state.ops().into_iter().filter(|op| seen.contains(op) || op.actor == stamp.actor).collect()
}

/// What a plain write supersedes; none when it would change nothing.
pub(super) fn preds_of_set(
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
pub(super) fn preds_of_choice(
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

/// What a choice that is taken back supersedes: the choice, and nothing that was written since and not shown.
pub(super) fn preds_of_differing(
    document: &Document,
    stamp: &Stamp,
    state: &FieldState,
    seen: &[OpId],
    unseen: Unseen,
) -> Result<Vec<OpId>, CommandError> {
    check_seen(document, seen, unseen)?;
    let known = known_ops(stamp, state, seen);
    if known.len() < state.values.len() && unseen == Unseen::RefuseConflict {
        return Err(CommandError::ConflictUnseen { current: state.ops() });
    }
    Ok(known)
}

/// Leaving a field as it is, clearing an empty one and repeating a settled value write nothing.
pub(super) fn is_unchanged(state: &FieldState, value: &Scalar) -> bool {
    match state.values.first() {
        None => value.is_null(),
        Some(first) => !state.is_conflict() && first.value == *value,
    }
}
