//! The sync machines of `simpul/1`, without I/O: what a tablet does with time and input, and what both sides compute alike.
//!
//! The browser, the load generator and the simulation drive the same code. Nothing here reads a clock or draws
//! randomness; bytes of both are inputs.

pub mod apart;
pub mod check;
pub mod device;
pub mod inbox;
pub mod outbox;
pub mod pace;
pub mod rebuild;
pub mod row;
pub mod sending;

use crate::document::genesis::is_text_change;
use crate::id::ChangeHash;
use crate::protocol::chunk::CheckedChange;

/// The hash of a change, computed from its bytes; none when they are no change.
#[must_use]
pub fn change_hash(bytes: &[u8]) -> Option<ChangeHash> {
    CheckedChange::check(bytes).ok().map(|change| change.hash())
}

/// The parents of a change; empty when the bytes are no change.
#[must_use]
pub fn change_deps(bytes: &[u8]) -> Vec<ChangeHash> {
    CheckedChange::check(bytes).map(|change| change.deps().to_vec()).unwrap_or_default()
}

/// Whether the bytes are the derived change that makes a text: nobody's own, the same everywhere.
#[must_use]
pub fn is_derived(bytes: &[u8]) -> bool {
    is_text_change(bytes).is_some()
}
