//! Open disagreements, in one document and over all cases.

use shared::document::path::FieldPath;

use super::value::{place, value_view};
use crate::api::ConflictView;
use crate::engine::directory::Directory;
use crate::engine::replica::Replica;

/// Lists a document's open disagreements, those that are shown. `may_choose` answers for the path of each.
pub fn of_document(
    replica: &Replica,
    directory: &Directory,
    code: &str,
    person: &str,
    is_shown: impl Fn(&FieldPath) -> bool,
    may_choose: impl Fn(&FieldPath) -> bool,
) -> Vec<ConflictView> {
    replica
        .document
        .conflicts()
        .into_iter()
        .filter(|conflict| is_shown(&conflict.path))
        .map(|conflict| {
            let removed_row = !conflict.edits.is_empty();
            let seen = conflict.values.iter().chain(conflict.edits.iter().map(|edit| &edit.seen));
            let values: Vec<_> = seen.map(|seen| value_view(replica, directory, seen)).collect();
            ConflictView {
                place: place(replica, &conflict.path),
                code: code.to_owned(),
                person: person.to_owned(),
                may_choose: may_choose(&conflict.path),
                since_ms: values.iter().map(|value| value.said_ms).max().unwrap_or(0),
                values,
                removed_row,
                ask: None,
            }
        })
        .collect()
}
