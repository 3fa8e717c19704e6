//! "Keduanya benar (beda waktu)": values of a row that disagree and are all true become rows of their own.
//!
//! Owns where that may be: in tables that forms ask row by row. A copy of a row that grants something (a membership, a consent, a
//! signature) would grant it twice, and a field that stands alone cannot repeat; there one value is chosen. Must never write but
//! through the session. Called by the engine's front, and by what draws disagreements.

use shared::command::Edit;
use shared::document::Document;
use shared::document::path::{FieldPath, REMOVED};
use shared::document::read::Seen;
use shared::id::{RowId, hash16};
use shared::order::Arrange as _;
use shared::pack::{Item, Pack};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::flow::added_row;
use super::permission::hides_at;
use super::query::value::place_in;
use super::session::{DocumentEdit, Session, failure};
use super::write::{key_of, operations, path_of};
use crate::api::{Failure, FieldPlace, SeenOp};
use crate::store::sealed::Writes;

/// What keeping every value takes.
struct Apart {
    table: String,
    row: RowId,
    field: String,
    /// The value that stays in the row, which is the one written first.
    stays: Scalar,
    /// The new rows with their fields.
    copies: Vec<(RowId, Vec<(String, Scalar)>)>,
}

/// Whether forms ask for the rows of a table, and its rows are only facts.
fn repeats(pack: &Pack, kind: &str, table: &str) -> bool {
    let grants = pack.kinds.get(kind).and_then(|kind| kind.tables.get(table)).is_none_or(|table| table.part.is_some());
    let asks = |item: &Item| matches!(item, Item::Rows(rows) if rows.kind == kind && rows.table == table);
    !grants && pack.forms.iter().any(|form| form.pages.iter().any(|page| page.items.iter().any(asks)))
}

/// How differing values of a place come apart; none where they cannot all be true.
fn apart(pack: &Pack, document: &Document, kind: &str, path: &FieldPath) -> Option<Apart> {
    let FieldPath::Row { table, row, key } = path else { return None };
    let state = document.row(table, *row)?;
    let has_others = state.fields.iter().any(|(other, field)| other != key && field.is_conflict());
    if key == REMOVED || !repeats(pack, kind, table) || state.removed() || has_others {
        return None;
    }
    let differing = state.field(key);
    let mut values: Vec<&Seen> = differing.distinct();
    // Something and nothing cannot both be so.
    if values.len() < 2 || values.iter().any(|seen| seen.value.is_null()) {
        return None;
    }
    values.arrange_by_key(|seen| (seen.time_ms, seen.op));
    let (first, others) = values.split_first()?;
    let same = state.fields.iter().filter(|(other, _)| *other != key && *other != REMOVED);
    let same: Vec<(String, Scalar)> =
        same.filter_map(|(other, field)| Some((other.clone(), field.settled()?.clone()))).collect();
    let copy = |seen: &&Seen| {
        // Named by what it keeps: two who keep both, apart from each other, make one row of it.
        let name: [&[u8]; 3] = [row.as_bytes(), seen.op.actor.as_bytes(), &seen.op.counter.to_be_bytes()];
        let fields = same.iter().cloned().chain([(key.clone(), seen.value.clone())]).collect();
        (RowId::from_bytes(hash16("simpul/kept-row", &name)), fields)
    };
    let copies = others.iter().map(copy).collect();
    Some(Apart { table: table.clone(), row: *row, field: key.clone(), stays: first.value.clone(), copies })
}

/// Whether all differing values of a place can be kept, each in a row of its own.
#[must_use]
pub fn can_keep(pack: &Pack, document: &Document, kind: &str, path: &FieldPath) -> bool {
    apart(pack, document, kind, path).is_some()
}

/// Keeps all differing values of a place. Returns what can be taken back.
///
/// # Errors
/// [`ErrorCode::ItemGone`] when they cannot all be kept any more, [`ErrorCode::WriteForbidden`]; otherwise [`Failure`] of the write.
pub async fn keep(session: &mut Session, place: &FieldPlace, seen: &[SeenOp]) -> Result<Vec<FieldPlace>, Failure> {
    let (key, path, pack) = (key_of(place), path_of(place), session.pack.clone());
    let facts = session.case_facts(key.case).await?;
    if hides_at(&pack, &facts, &key, &path) {
        return Err(failure(ErrorCode::WriteForbidden));
    }
    let apart = apart(&pack, &session.replica(&key).await?.document, &key.kind, &path);
    let Apart { table, row, field, stays, copies } = apart.ok_or(failure(ErrorCode::ItemGone))?;
    let mut seen = operations(seen)?;
    session.renamed.put_right(&mut seen);
    session.check_may_put(&key, &path, &stays).await?;
    let mut edits = Vec::with_capacity(copies.len().saturating_add(1));
    for (row, fields) in copies {
        for (field, value) in &fields {
            let path = FieldPath::Row { table: table.clone(), row, key: field.clone() };
            session.check_may_put(&key, &path, value).await?;
        }
        let edit = Edit::AddRow { table: table.clone(), row, fields };
        edits.push(DocumentEdit { key: key.clone(), edit });
    }
    let mut places: Vec<FieldPlace> = edits.iter().filter_map(added_row).collect();
    places.push(place_in(&key, &path));
    let edit = Edit::ChooseRowField { table, row, key: field, value: stays, seen };
    edits.push(DocumentEdit { key, edit });
    session.edit(edits, Writes::new()).await?;
    Ok(places)
}
