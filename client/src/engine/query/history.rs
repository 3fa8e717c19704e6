//! History of a document: what, old and new, who, which tablet, said and received time.

use shared::document::path::FieldPath;

use super::value::{place, receipt, writer};
use shared::protocol::held::HeldNote;

use crate::api::{HeldOriginView, HistoryView};
use crate::engine::directory::Directory;
use crate::engine::replica::Replica;

/// Draws the history of one path, or of the whole document, oldest first.
#[must_use]
pub fn of_document(replica: &Replica, directory: &Directory, path: Option<&FieldPath>) -> Vec<HistoryView> {
    let entries = match path {
        Some(path) => replica.document.history(path),
        None => replica.document.history_of_all(),
    };
    entries
        .into_iter()
        .map(|entry| {
            let (tablet, received_ms) = receipt(replica, directory, &entry.hash);
            HistoryView {
                place: place(replica, &entry.path),
                chosen: entry.old.len() > 1,
                old: entry.old.into_iter().next_back().unwrap_or_default(),
                new: entry.new.unwrap_or_default(),
                author: writer(directory, entry.author).name,
                tablet,
                said_ms: u64::try_from(entry.time_claimed_ms).unwrap_or(0),
                received_ms,
                held: entry.message.as_deref().and_then(HeldNote::parse).map(|note| HeldOriginView {
                    author: writer(directory, Some(note.author)).name,
                    said_ms: u64::try_from(note.time_s).unwrap_or(0).saturating_mul(1000),
                }),
            }
        })
        .collect()
}
