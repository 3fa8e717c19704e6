//! One document, for a form: fields, rows and texts with their values, marks and tokens.

use std::collections::BTreeMap;

use shared::access::CaseFacts;
use shared::document::path::FieldPath;
use shared::document::read::RowState;
use shared::id::DocumentKey;
use shared::order::Gather as _;
use shared::pack::Pack;

use super::hints;
use super::value::field_view;
use crate::api::{DocumentView, Failure, Mark, Path, RowView, TextBase, TextView, Typed};
use crate::engine::directory::Directory;
use crate::engine::passages;
use crate::engine::permission::{Asker, creator, hides, hides_at, may_write};
use crate::engine::replica::Replica;
use crate::engine::session::{Session, store_failure};
use crate::engine::write::{key_of, path_of};

/// Draws a document of a case, without what nobody is shown.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn of(session: &mut Session, key: &DocumentKey) -> Result<DocumentView, Failure> {
    let facts = session.case_facts(key.case).await?;
    let (actor, pack, today, account) = (session.actor(), session.pack.clone(), session.today(), session.owner.account);
    if hides(&pack, &facts, key) {
        return Ok(DocumentView::default());
    }
    let asker = Asker { pack: &pack, actor: &actor, today };
    let drafts = session
        .drafts
        .iter()
        .filter(|(place, _)| key_of(place) == *key && !hides_at(&pack, &facts, key, &path_of(place)))
        .map(|(place, text)| (place.path.clone(), text.clone()))
        .collect();
    let directory = session.directory.clone();
    let doubts = hints::of_numbers(session, key).await?;
    let read = session.rows.texts_read(key.id()).await.map_err(|error| store_failure(&error))?;
    let replica = session.replica(key).await?;
    let maker = creator(&replica.document).or(Some(account));
    let writable = may_write(asker, &facts, key, maker);
    let mut view = DocumentView { doubts, ..view(replica, &directory, (&pack, &facts), writable, drafts) };
    for (key, text) in &mut view.texts {
        // An own edit that was written anew is called otherwise now: then nobody can say what was read.
        let known = read.get(key).filter(|heads| !heads.is_empty() && replica.document.missing(heads).is_empty());
        let found = known.map(|heads| replica.document.passages_since(key, heads));
        text.is_read = found.as_ref().is_some_and(Vec::is_empty);
        text.fresh = passages::of_others(found.unwrap_or_default(), account, &directory);
    }
    Ok(view)
}

/// Draws a document that is shown.
pub(super) fn view(
    replica: &Replica,
    directory: &Directory,
    (pack, facts): (&Pack, &CaseFacts),
    writable: bool,
    drafts: Vec<(Path, Typed)>,
) -> DocumentView {
    let document = &replica.document;
    let heads: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
    let fields = document
        .fields()
        .iter()
        .filter(|(key, _)| !hides_at(pack, facts, &replica.key, &FieldPath::Field((*key).clone())))
        .map(|(key, state)| (key.clone(), field_view(replica, directory, state)))
        .into_map();
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
            (key, TextView { stands: TextBase { heads: heads.clone(), text }, mark, fresh: Vec::new(), is_read: false })
        })
        .into_map();
    DocumentView { fields, rows, texts, drafts, writable, heads, doubts: Vec::new() }
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
    let path = FieldPath::Text(key.to_owned());
    replica.document.history(&path).iter().any(|entry| replica.unsent.contains(&entry.hash))
}
