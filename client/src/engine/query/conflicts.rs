//! Open disagreements, in one document and over all cases.

use shared::document::path::{FieldPath, parse_row_text_key, split_choice};
use shared::pack::Pack;

use super::value::{place, value_view};
use crate::api::ConflictView;
use crate::engine::both::can_keep;
use crate::engine::directory::Directory;
use crate::engine::permission::is_covered;
use crate::engine::replica::Replica;

/// Lists a document's open disagreements, those that are shown. `may_choose` answers for the path of each.
pub fn of_document(
    replica: &Replica,
    (pack, directory): (&Pack, &Directory),
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
                covered: !removed_row && is_covered(pack, &replica.key, &conflict.path),
                removed_row,
                keepable: !removed_row && can_keep(pack, &replica.document, &replica.key.kind, &conflict.path),
                ask: None,
                weight: weight(pack, &replica.key.kind, &conflict.path),
            }
        })
        .collect()
}

fn weight(pack: &Pack, kind: &str, path: &FieldPath) -> u32 {
    let (table, key) = match path {
        FieldPath::Field(key) => (None, split_choice(key).0),
        FieldPath::Row { table, key, .. } => (Some(table.as_str()), split_choice(key).0),
        FieldPath::RowMade { table, .. } => (Some(table.as_str()), ""),
        FieldPath::Text(key) => match parse_row_text_key(key) {
            Some((table, _, key)) => (Some(table), key),
            None => (None, key.as_str()),
        },
    };
    u32::try_from(pack.weight_of(kind, table, key)).unwrap_or(u32::MAX)
}
