//! History of a document: what, old and new, who, which tablet, said and received time.

use shared::document::path::FieldPath;

use shared::id::{CaseId, DocumentKey};
use shared::order::Arrange as _;
use shared::protocol::held::{HeldNote, KeptNote};
use shared::value::Scalar;

use super::value::{People, place, receipt, writer};
use crate::api::{Failure, FieldPlace, HeldOriginView, HistoryView};
use crate::engine::directory::Directory;
use crate::engine::permission::{hides_at, is_covered};
use crate::engine::replica::Replica;
use crate::engine::session::Session;
use crate::engine::write::{key_of, path_of};

/// Draws the history of a place, or of a whole case, newest first, without what nobody is shown.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn of_case(
    session: &mut Session,
    case: CaseId,
    place: Option<&FieldPlace>,
) -> Result<Vec<HistoryView>, Failure> {
    let (directory, pack) = (session.directory.clone(), session.pack.clone());
    let facts = session.case_facts(case).await?;
    let documents: Vec<DocumentKey> = match place {
        Some(place) => vec![key_of(place)],
        None => session.index.documents(case).map(|summary| summary.key.clone()).collect(),
    };
    let path = place.map(path_of);
    let people = People::of(session, case);
    let mut lines = Vec::new();
    for key in documents {
        let replica = session.replica(&key).await?;
        let shown = |path: &FieldPath| !hides_at(&pack, &facts, &key, path);
        let covered = |path: &FieldPath| is_covered(&pack, &key, path);
        lines.extend(of_document(replica, &directory, path.as_ref(), shown, covered));
    }
    for line in &mut lines {
        line.old = line.old.drain(..).map(|old| people.told(&pack, &line.place, old)).collect();
        line.new = people.told(&pack, &line.place, core::mem::take(&mut line.new));
    }
    lines.arrange_by_key(|line| std::cmp::Reverse(line.said_ms));
    Ok(lines)
}

/// The history of one path, or of the whole document, oldest first.
fn of_document(
    replica: &Replica,
    directory: &Directory,
    path: Option<&FieldPath>,
    is_shown: impl Fn(&FieldPath) -> bool,
    is_covered: impl Fn(&FieldPath) -> bool,
) -> Vec<HistoryView> {
    let entries = match path {
        Some(path) => replica.document.history(path),
        None => replica.document.history_of_all(),
    };
    entries
        .into_iter()
        .filter(|entry| is_shown(&entry.path))
        .map(|entry| {
            let (tablet, received_ms) = receipt(replica, directory, &entry.hash);
            HistoryView {
                place: place(replica, &entry.path),
                covered: is_covered(&entry.path),
                old: distinct(entry.old),
                new: entry.new.unwrap_or_default(),
                author: writer(directory, entry.author).name,
                tablet,
                said_ms: u64::try_from(entry.time_claimed_ms).unwrap_or(0),
                received_ms,
                held: entry.message.as_deref().and_then(|remark| held_origin(directory, remark)),
            }
        })
        .collect()
}

/// Whose words a change repeats that entered a held one again, or keeps it as a note.
pub(crate) fn held_origin(directory: &Directory, remark: &str) -> Option<HeldOriginView> {
    let (author, time_s, as_note) = match (HeldNote::parse(remark), KeptNote::parse(remark)) {
        (Some(note), _) => (note.author, note.time_s, false),
        (None, Some(note)) => (note.author, note.time_s, true),
        (None, None) => return None,
    };
    let said_ms = u64::try_from(time_s).unwrap_or(0).saturating_mul(1000);
    Some(HeldOriginView { author: writer(directory, Some(author)).name, said_ms, as_note })
}

/// Values that were written over, each once: several stood only where people disagreed.
fn distinct(mut values: Vec<Scalar>) -> Vec<Scalar> {
    values.arrange();
    values.dedup();
    values
}
