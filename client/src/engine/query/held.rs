//! "Ditahan": what waits for this person, beside what stands there now.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use shared::command::Edit;
use shared::document::Document;
use shared::document::path::FieldPath;
use shared::id::DocumentId;
use shared::order::Arrange as _;
use shared::protocol::error::ErrorCode;
use shared::protocol::held::{Evidence, HeldContent, Verdict, is_damaged};
use shared::value::Scalar;

use super::value::{People, place_in, value_view};
use crate::api::{EvidenceView, Failure, HeldChoice, HeldDecidedView, HeldItemView, HeldSaysView, ValueView};
use crate::engine::held::{HeldRow, read, whole};
use crate::engine::permission::is_covered;
use crate::engine::replica::Replica;
use crate::engine::session::Session;

/// Draws the list: what waits first, oldest first; then what was decided, newest first.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn view(
    session: &mut Session,
    code_of: impl Fn(&Session, &HeldRow) -> (String, String),
) -> Result<Vec<HeldItemView>, Failure> {
    let rows: Vec<HeldRow> = session.held.values().cloned().collect();
    let mut items = Vec::with_capacity(rows.len());
    let mut wholes: BTreeMap<DocumentId, Document> = BTreeMap::new();
    for row in rows {
        let (says, note) = match &row.item.content {
            Some(content) => says(session, &mut wholes, content).await.map(|(says, note)| (Some(says), note))?,
            None => (None, Some(ErrorCode::NoteGrants)),
        };
        let (code, person) = code_of(session, &row);
        items.push(HeldItemView {
            held: row.item.held,
            case: row.item.case,
            code,
            person,
            kind: row.item.kind.clone(),
            forwarded: row.item.forwarded,
            says,
            queued: row.queued.as_ref().map(|queued| match &queued.verdict {
                Verdict::Accept | Verdict::Reentered(_) => HeldChoice::Accept,
                Verdict::Decline(reason) => HeldChoice::Decline(reason.clone()),
                Verdict::Forward => HeldChoice::Forward,
                Verdict::Noted(_) => HeldChoice::Note(String::new()),
                Verdict::Block(reason) => HeldChoice::Block(reason.clone()),
                Verdict::TakeOut => HeldChoice::TakeOut,
                Verdict::Reviewed => HeldChoice::Reviewed,
            }),
            fixed: row.is_fixed(),
            no_note: note.map(ErrorCode::number),
            evidence: row.item.evidence.as_ref().map(|evidence| evidence_view(session, &row, evidence)),
            refused: row.refused,
            decided: row.decided.as_ref().map(|decided| HeldDecidedView {
                taken_in: decided.outcome.is_taken_in(),
                by: session.name_of(decided.by),
                at_ms: decided.at_ms,
                reason: decided.reason.clone(),
            }),
        });
    }
    items.arrange_by_key(|item| {
        let says = item.says.as_ref().map(|says| (says.received_ms, says.order));
        (item.decided.as_ref().map(|decided| std::cmp::Reverse(decided.at_ms)), says)
    });
    Ok(items)
}

fn evidence_view(session: &Session, row: &HeldRow, evidence: &Evidence) -> EvidenceView {
    EvidenceView {
        member: session.directory.name(evidence.account).to_owned(),
        tablet: session.directory.tablet(evidence.device_number).to_owned(),
        device_number: evidence.device_number,
        code: evidence.code,
        last_ms: evidence.last_ms,
        count: evidence.count,
        size: evidence.size,
        own: evidence.account == session.owner.account,
        wanted: row.wanted,
        here: evidence.letter.is_some(),
        damaged: is_damaged(evidence.code),
    }
}

async fn says(
    session: &mut Session,
    wholes: &mut BTreeMap<DocumentId, Document>,
    content: &HeldContent,
) -> Result<(HeldSaysView, Option<ErrorCode>), Failure> {
    let (directory, pack) = (session.directory.clone(), session.pack.clone());
    let people = People::of(session, content.key.case);
    let document = content.key.id();
    if let Entry::Vacant(place) = wholes.entry(document) {
        let present = session.replica(&content.key).await?.document.clone();
        place.insert(whole(&session.held, &content.key, &present));
    }
    let serves = directory.serving(content.account, session.today()).is_some();
    let (writer, writer_ended) = (directory.name(content.account).to_owned(), !serves);
    let tablet = directory.tablet(content.device_number).to_owned();
    let replica = session.replica(&content.key).await?;
    let meant = wholes.get(&document).and_then(|whole| read(whole, content, &replica.document));
    let no_note = session.refused_note(&content.key, meant.as_ref()).await?;
    let replica = session.replica(&content.key).await?;
    let said_ms = meant.as_ref().map_or(0, |meant| u64::try_from(meant.note.time_s).unwrap_or(0).saturating_mul(1000));
    let present = meant.as_ref().map(|meant| present(replica, &directory, &meant.path)).unwrap_or_default();
    let fields = meant.as_ref().map(|meant| fields(&meant.edit)).unwrap_or_default();
    let told = |(path, value): (FieldPath, &Scalar)| {
        let place = place_in(&content.key, &path);
        let value = people.told(&pack, &place, value.clone());
        (place, value)
    };
    let mut paths = fields.iter().map(|(path, _)| path).chain(meant.as_ref().map(|meant| &meant.path));
    let covered = paths.any(|path| is_covered(&pack, &content.key, path));
    let says = HeldSaysView {
        writer,
        writer_ended,
        tablet,
        reason: content.code,
        said_ms,
        received_ms: content.received_ms,
        order: content.order,
        covered,
        clashes: meant.as_ref().is_none_or(|meant| !meant.unknown.is_empty()),
        present,
        fields: fields.into_iter().map(told).collect(),
        place: meant.as_ref().map(|meant| place_in(&content.key, &meant.path)),
        value: meant.map(|meant| meant.value).unwrap_or_default(),
    };
    Ok((says, no_note))
}

/// The fields of a new row, each where it stands.
pub(crate) fn fields(edit: &Edit) -> Vec<(FieldPath, &Scalar)> {
    let Edit::AddRow { table, row, fields } = edit else { return Vec::new() };
    let path = |key: &String| FieldPath::Row { table: table.clone(), row: *row, key: key.clone() };
    fields.iter().map(|(key, value)| (path(key), value)).collect()
}

fn present(replica: &Replica, directory: &crate::engine::directory::Directory, path: &FieldPath) -> Vec<ValueView> {
    let document = &replica.document;
    let state = match path {
        FieldPath::Field(key) => document.field(key),
        FieldPath::Row { table, row, key } => document.row(table, *row).map(|row| row.field(key)).unwrap_or_default(),
        FieldPath::RowMade { .. } | FieldPath::Text(_) => return Vec::new(),
    };
    state.values.iter().map(|seen| value_view(replica, directory, seen)).collect()
}
