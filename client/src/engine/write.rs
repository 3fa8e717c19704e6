//! Turns what the interface says of a write into edits of documents.
//!
//! Owns the translation and the flags a pack derives from answers; must never decide what a field accepts beyond what
//! the pack says. Called by the engine's front.

use std::collections::BTreeMap;

use shared::command::{self, Edit};
use shared::document::path::{FieldPath, OpId, REMOVED};
use shared::document::read::FieldState;
use shared::id::{CaseId, ChangeHash, DocumentKey, RowId, SubjectId};
use shared::order::Gather as _;
use shared::pack::{FieldPath as PackPath, FieldRef, Pack, SubjectRule, ValueFault};
use shared::protocol::codec::encode;
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::arrivals;
use super::derive;
use super::flow::ASSIGNED_AT_ONCE;
use super::permission::hides_at;
use super::query::value::operation;
use super::session::{DocumentEdit, Session, document_key, failure, fresh_row};
use crate::api::{Failure, FieldPlace, Path, SeenOp, Typed, Write};
use crate::store::sealed::Writes;

use super::rows::RowWrites;

/// The document of a place.
#[must_use]
pub fn key_of(place: &FieldPlace) -> DocumentKey {
    document_key(place.case, &place.kind, place.subject)
}

/// The path of a place.
#[must_use]
pub fn path_of(place: &FieldPlace) -> FieldPath {
    match &place.path {
        Path::Field(key) => FieldPath::Field(key.clone()),
        Path::RowField { table, row, key } => FieldPath::Row { table: table.clone(), row: *row, key: key.clone() },
        Path::Row { table, row } => FieldPath::RowMade { table: table.clone(), row: *row },
        Path::Text(key) => FieldPath::Text(key.clone()),
    }
}

/// The encoded place, as draft rows are keyed by it.
#[must_use]
pub fn place_key(place: &FieldPlace) -> Vec<u8> {
    encode(place)
}

pub(super) fn operations(seen: &[SeenOp]) -> Result<Vec<OpId>, Failure> {
    seen.iter().map(|token| operation(token).ok_or(failure(ErrorCode::ValuesUnseen))).collect()
}

pub(super) fn heads(texts: &[String]) -> Result<Vec<ChangeHash>, Failure> {
    texts.iter().map(|text| ChangeHash::parse(text).map_err(|_| failure(ErrorCode::ItemGone))).collect()
}

/// Whether the pack takes this value here.
fn check_value(pack: &Pack, place: &FieldPlace, value: &Scalar) -> Result<(), Failure> {
    let path = match &place.path {
        Path::Field(key) => PackPath::Field(key),
        Path::RowField { table, key, .. } => PackPath::Row { table, key },
        Path::Row { .. } | Path::Text(_) => return Ok(()),
    };
    let slot =
        pack.schema(&place.kind).and_then(|schema| schema.field(&path)).ok_or(failure(ErrorCode::ChangeSchema))?;
    slot.accepts(value).map_err(|fault| {
        failure(if fault == ValueFault::TooLong { ErrorCode::TextTooLong } else { ErrorCode::ValueWrong })
    })
}

/// Whether a long text fits its field.
pub(super) fn check_text(pack: &Pack, place: &FieldPlace, text: &str) -> Result<(), Failure> {
    let Path::Text(key) = &place.path else { return Ok(()) };
    let path = PackPath::in_texts(key).ok_or(failure(ErrorCode::ChangeSchema))?;
    let slot =
        pack.schema(&place.kind).and_then(|schema| schema.field(&path)).ok_or(failure(ErrorCode::ChangeSchema))?;
    let limit = slot.chars_max().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    if text.chars().count() <= limit { Ok(()) } else { Err(failure(ErrorCode::TextTooLong)) }
}

/// Translates a write. Empty when it cannot be one.
fn translate(session: &Session, write: Write) -> Result<(FieldPlace, Edit), Failure> {
    match write {
        Write::Set { place, value, seen } => {
            check_value(&session.pack, &place, &value)?;
            let edit = set(&place, value, operations(&seen)?)?;
            Ok((place, edit))
        }
        Write::Choose { place, value, seen } => {
            let edit = choose(&place, value, operations(&seen)?)?;
            Ok((place, edit))
        }
        Write::Text { place, base, text } => {
            check_text(&session.pack, &place, &text)?;
            let Path::Text(key) = &place.path else { return Err(failure(ErrorCode::ValueWrong)) };
            let edit = Edit::EditText { key: key.clone(), base: heads(&base.heads)?, old: base.text, new: text };
            Ok((place, edit))
        }
        Write::AddRow { place, fields } => {
            let Path::Row { table, row } = &place.path else { return Err(failure(ErrorCode::ValueWrong)) };
            let row = if *row == RowId::from_bytes([0; 16]) { fresh_row(session) } else { *row };
            let edit = Edit::AddRow { table: table.clone(), row, fields: fields.into_iter().collect() };
            Ok((place, edit))
        }
        Write::RemoveRow { place, seen } => {
            let Path::Row { table, row } = &place.path else { return Err(failure(ErrorCode::ValueWrong)) };
            let edit = Edit::RemoveRow { table: table.clone(), row: *row, seen: operations(&seen)? };
            Ok((place, edit))
        }
        Write::RestoreRow { place, seen } => {
            let Path::Row { table, row } = &place.path else { return Err(failure(ErrorCode::ValueWrong)) };
            let edit = Edit::RestoreRow { table: table.clone(), row: *row, seen: operations(&seen)? };
            Ok((place, edit))
        }
    }
}

fn set(place: &FieldPlace, value: Scalar, seen: Vec<OpId>) -> Result<Edit, Failure> {
    match &place.path {
        Path::Field(key) => Ok(Edit::SetField { key: key.clone(), value, seen }),
        Path::RowField { table, row, key } => {
            Ok(Edit::SetRowField { table: table.clone(), row: *row, key: key.clone(), value, seen })
        }
        Path::Row { .. } | Path::Text(_) => Err(failure(ErrorCode::ValueWrong)),
    }
}

/// A choice. The removal of a row is chosen like any other field of it: removed or not.
fn choose(place: &FieldPlace, value: Scalar, seen: Vec<OpId>) -> Result<Edit, Failure> {
    match &place.path {
        Path::Field(key) => Ok(Edit::Choose { key: key.clone(), value, seen }),
        Path::RowField { table, row, key } if key == REMOVED => match value {
            Scalar::Bool(true) => Ok(Edit::RemoveRow { table: table.clone(), row: *row, seen }),
            Scalar::Bool(false) | Scalar::Null => Ok(Edit::RestoreRow { table: table.clone(), row: *row, seen }),
            Scalar::Int(_) | Scalar::Str(_) => Err(failure(ErrorCode::ValueWrong)),
        },
        Path::RowField { table, row, key } => {
            Ok(Edit::ChooseRowField { table: table.clone(), row: *row, key: key.clone(), value, seen })
        }
        Path::Row { .. } | Path::Text(_) => Err(failure(ErrorCode::ValueWrong)),
    }
}

/// What the pack makes of this answer, as edits of their own documents.
pub(super) async fn derived(
    session: &mut Session,
    place: &FieldPlace,
    edit: &Edit,
) -> Result<Vec<DocumentEdit>, Failure> {
    let (Edit::SetField { key, value, .. } | Edit::Choose { key, value, .. }) = edit else { return Ok(Vec::new()) };
    derived_from(session, (place.case, place.subject), &place.kind, &[(key, value)]).await
}

/// What the pack makes of answers that one kind is given together, each in sight of the others.
pub(super) async fn derived_from(
    session: &mut Session,
    (case, subject): (CaseId, Option<SubjectId>),
    answered: &str,
    answers: &[(&str, &Scalar)],
) -> Result<Vec<DocumentEdit>, Failure> {
    let pack = session.pack.clone();
    // What follows about a person is written about the same person.
    let subject_of = |kind: &str| {
        let rule = pack.kinds.get(kind).map(|kind| kind.subject);
        subject.filter(|_| matches!(rule, Some(SubjectRule::Person | SubjectRule::Entry)))
    };
    let mut states: BTreeMap<(String, String), FieldState> = BTreeMap::new();
    for (key, _) in answers {
        for (kind, field) in derive::bearing(&pack.derivations, answered, key) {
            let document = document_key(case, &kind, subject_of(&kind));
            let state = session.replica(&document).await?.document.field(&field);
            states.insert((kind, field), state);
        }
    }
    let stands = |kind: &str, field: &str| {
        let given =
            answers.iter().find(|(key, _)| kind == answered && *key == field).map(|(_, value)| (*value).clone());
        let state = states.get(&(kind.to_owned(), field.to_owned()));
        given.unwrap_or_else(|| state.and_then(FieldState::shown).cloned().unwrap_or_default())
    };
    let mut follows: Vec<(FieldRef, Scalar)> = Vec::new();
    for (key, value) in answers {
        for (sets, value) in derive::follow(&pack.derivations, (answered, key), value, stands) {
            if !follows.iter().any(|(known, _)| *known == sets) {
                follows.push((sets, value));
            }
        }
    }
    let mut edits = Vec::with_capacity(follows.len());
    for (sets, value) in follows {
        let key = document_key(case, &sets.kind, subject_of(&sets.kind));
        // What is not this person's to say, as that somebody's draft is in no danger, does not follow from their answer either.
        if session.check_may_put(&key, &FieldPath::Field(sets.key.clone()), &value).await.is_err() {
            continue;
        }
        let seen = states.get(&(sets.kind.clone(), sets.key.clone())).map(FieldState::ops).unwrap_or_default();
        edits.push(DocumentEdit { key, edit: Edit::Choose { key: sets.key, value, seen } });
    }
    Ok(edits)
}

/// Writes what a field was left with. Returns whether an emergency arose.
///
/// # Errors
/// [`Failure`]; what was typed stays in its draft.
pub async fn write(session: &mut Session, mut write: Write) -> Result<(), Failure> {
    let mut text = None;
    if let Write::Text { place, base, text: now } = &mut write {
        *base = session.unsaved.under(place, core::mem::take(base));
        text = Some((place.clone(), base.clone(), now.clone()));
    }
    let outcome = put(session, write).await;
    if let Some((place, base, now)) = text {
        match outcome {
            Ok(()) => session.unsaved.forget(&place),
            Err(_) => session.unsaved.keep(place, base, now),
        }
    }
    outcome
}

async fn put(session: &mut Session, write: Write) -> Result<(), Failure> {
    let (place, mut edit) = translate(session, write)?;
    // What was on the screen when the form was opened may have been written anew since, because an edit before it was refused.
    if let Some(seen) = edit.seen_mut() {
        session.renamed.put_right(seen);
    }
    let key = key_of(&place);
    let path = path_of(&place);
    session.check_may_write(&key, &path).await?;
    let facts = session.case_facts(key.case).await?;
    // Who refused a name is named by nobody; what stood there may still be cleared.
    let is_refused = !clears(&edit) && hides_at(&session.pack, &facts, &key, &path);
    // Of a tip nobody has seen the person: there is no page about one.
    let is_person = session.pack.kinds.get(&key.kind).is_some_and(|kind| kind.subject == SubjectRule::Person);
    if is_refused || (is_person && !session.has(&key) && session.index.is_unverified(key.case)) {
        return Err(failure(ErrorCode::WriteForbidden));
    }
    for (path, value) in edit.puts() {
        session.check_may_put(&key, &path, &value).await?;
    }
    let edit = with_known(session, &key, edit).await?;
    let mut edits = derived(session, &place, &edit).await?;
    edits.insert(0, DocumentEdit { key, edit });
    let mut rows = Writes::new();
    rows.draft(&place_key(&place), None);
    session.edit(edits, rows).await?;
    session.drafts.remove(&place);
    Ok(())
}

/// Whether an edit only empties a field.
const fn clears(edit: &Edit) -> bool {
    matches!(edit, Edit::SetField { value: Scalar::Null, .. } | Edit::Choose { value: Scalar::Null, .. })
}

/// Leaves out what was seen and is not there any more: a draft outlives its tablet's sleep, and own work behind a refused
/// edit is written anew under other names. What stands there instead was not seen, and stays beside the new value.
async fn with_known(session: &mut Session, document: &DocumentKey, edit: Edit) -> Result<Edit, Failure> {
    let replica = session.replica(document).await?;
    let known = |seen: Vec<OpId>| seen.into_iter().filter(|op| replica.document.knows(op)).collect();
    Ok(match edit {
        Edit::SetField { key, value, seen } => Edit::SetField { key, value, seen: known(seen) },
        Edit::SetRowField { table, row, key, value, seen } => {
            Edit::SetRowField { table, row, key, value, seen: known(seen) }
        }
        other @ (Edit::Choose { .. }
        | Edit::AddRow { .. }
        | Edit::ChooseRowField { .. }
        | Edit::RemoveRow { .. }
        | Edit::RestoreRow { .. }
        | Edit::Differ { .. }
        | Edit::EditText { .. }) => other,
    })
}

/// Keeps what is being typed, or forgets it.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn keep_draft(session: &mut Session, place: FieldPlace, mut draft: Option<Typed>) -> Result<(), Failure> {
    if draft.as_ref().is_some_and(|typed| !arrivals::is_short(&place, typed)) {
        return Err(failure(ErrorCode::ListTooLong));
    }
    match &mut draft {
        Some(draft) => draft.base = draft.base.take().map(|base| session.unsaved.under(&place, base)),
        None => session.unsaved.forget(&place),
    }
    let mut rows = Writes::new();
    rows.draft(&place_key(&place), draft.as_ref());
    let cases = std::iter::once(place.case).into_set();
    let kept = session.apply_to_cases(&cases, rows, crate::store::Durability::Strict).await;
    let is_full = kept.as_ref().is_err_and(|failed| failed.code == ErrorCode::TabletFull.number());
    if kept.is_ok() {
        session.only_here.retain(|here| *here != place);
    } else if is_full && draft.is_some() && !session.only_here.contains(&place) {
        session.only_here.push(place.clone());
    }
    match draft {
        // A tablet without room still knows what is typed while it is open, and a file takes it along.
        Some(draft) if kept.is_ok() || is_full => session.drafts.insert(place, draft),
        None if kept.is_ok() => session.drafts.remove(&place),
        Some(_) | None => None,
    };
    kept
}

/// Takes back the last own write of a field.
///
/// # Errors
/// [`ErrorCode::ValueWrong`] when there is nothing to take back; otherwise [`Failure`] of the write.
pub async fn undo(session: &mut Session, place: &FieldPlace) -> Result<(), Failure> {
    let edit = reversal(session, place).await?;
    session.edit(vec![edit], Writes::new()).await
}

/// Takes back an act that wrote several places, a few cases' at a time, the last written first. What somebody has written over
/// meanwhile stays, and the rest is taken back all the same.
///
/// # Errors
/// [`Failure`] of the first place that stays, or of the write.
pub async fn undo_all(session: &mut Session, places: Vec<FieldPlace>) -> Result<(), Failure> {
    let mut stays = None;
    for some in places.chunks(ASSIGNED_AT_ONCE) {
        let mut edits = Vec::with_capacity(some.len());
        for place in some.iter().rev() {
            match reversal(session, place).await {
                Ok(edit) => edits.push(edit),
                Err(failure) => stays = stays.or(Some(failure)),
            }
        }
        session.edit(edits, Writes::new()).await?;
    }
    stays.map_or(Ok(()), Err)
}

/// What takes the last own write of a place back.
async fn reversal(session: &mut Session, place: &FieldPlace) -> Result<DocumentEdit, Failure> {
    let (key, path) = (key_of(place), path_of(place));
    session.check_may_write(&key, &path).await?;
    let author = session.owner.account;
    let replica = session.replica(&key).await?;
    let last = replica.document.history(&path).into_iter().rev().find(|entry| entry.author == Some(author));
    let hash = last.ok_or(failure(ErrorCode::ValueWrong))?.hash;
    let edit =
        command::undo(&replica.document, &hash).map_err(|error| failure(shared::sync::rebuild::error_code(&error)))?;
    Ok(DocumentEdit { key, edit })
}
