//! One document, for a form: fields, rows and texts with their values, marks and tokens.

use std::collections::BTreeMap;

use shared::document::read::RowState;
use shared::order::Gather as _;

use super::value::field_view;
use crate::api::{DocumentView, Mark, Path, RowView, TextBase, TextView, Typed};
use crate::engine::directory::Directory;
use crate::engine::replica::Replica;

/// Draws a document.
#[must_use]
pub fn view(replica: &Replica, directory: &Directory, writable: bool, drafts: Vec<(Path, Typed)>) -> DocumentView {
    let document = &replica.document;
    let heads: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
    let fields =
        document.fields().iter().map(|(key, state)| (key.clone(), field_view(replica, directory, state))).into_map();
    let rows = document
        .tables()
        .into_iter()
        .map(|table| {
            let rows = document.rows(&table).iter().map(|row| row_view(replica, directory, &table, row)).collect();
            (table, rows)
        })
        .into_map();
    let unsent_text = |key: &str| unsent_text(replica, key);
    let texts: BTreeMap<String, TextView> = document
        .text_keys()
        .into_iter()
        .map(|key| {
            let text = document.text(&key);
            let mark = if unsent_text(&key) { Mark::Saved } else { Mark::Received };
            (key, TextView { stands: TextBase { heads: heads.clone(), text }, mark })
        })
        .into_map();
    DocumentView { fields, rows, texts, drafts, writable, heads }
}

fn row_view(replica: &Replica, directory: &Directory, table: &str, row: &RowState) -> RowView {
    RowView {
        row: row.row,
        fields: row.fields.iter().map(|(key, state)| (key.clone(), field_view(replica, directory, state))).into_map(),
        removed: row.removed(),
        disputed: replica.document.unseen_edits(table, row).is_some(),
    }
}

/// Whether an own unacknowledged change touched a text.
fn unsent_text(replica: &Replica, key: &str) -> bool {
    let path = shared::document::path::FieldPath::Text(key.to_owned());
    replica.document.history(&path).iter().any(|entry| replica.unsent.contains(&entry.hash))
}
