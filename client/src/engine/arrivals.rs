//! "Daftar kedatangan": many people come with one paper, and each becomes a person of the report.
//!
//! ```text
//!  pasted text ─ table ─ list ─▶ draft row: the list as it was told ─ told ─▶ what is shown
//!                                     └─ Keep ─▶ people, their consent and their identities, in one transaction
//! ```
//! Owns the list until it is kept, and what a row becomes; must never write a name but into an identity, nor anything before
//! its person asks for it. The list is a draft like any other: sealed, of this tablet alone, and gone in the transaction that
//! makes people of it, so that neither a second press nor a crash makes anybody twice.
//!
//! Their names come from an office, not from them. What is typed about a person needs their consent first (domain.md §2.0), or
//! another lawful basis (§2.1 `dasar_proses`), and a list of an office is received by duty: each person's consent says so, and that
//! nothing was asked yet. Whoever refuses later is named no more, as anybody (`super::permission`).

mod list;
mod table;
mod told;
mod words;

use std::rc::Rc;

use shared::command::Edit;
use shared::document::path::FieldPath;
use shared::id::{CaseId, DocumentKey, SubjectId};
use shared::order::Gather as _;
use shared::pack::{FieldPath as PackPath, Pack};
use shared::protocol::error::ErrorCode;
use shared::tables::GROUPS as GROUP_CODES;
use shared::value::Scalar;

use self::list::Listed;
use self::told::{Told, tell};
use self::words::{Words, key as folded};
use super::flow::text;
use super::keys;
use super::permission::hides;
use super::rows::{Applied, RowWrites as _};
use super::session::{DocumentEdit, Session, core_key, document_key, failure, fresh_row, store_failure};
use super::summarise::OVERTAKEN_MAX;
use super::write::{derived_from, keep_draft, place_key};
use crate::api::{
    ArrivalAct, ArrivalCells, ArrivalDoubt, ArrivalRow, ArrivalsView, Failure, FieldPlace, Typed, list_place,
    pasted_place,
};
use crate::store::Durability;
use crate::store::sealed::Writes;

/// People that are kept at a time: lists hold 5 to 60, and the some hundred documents of 200 are what a slow tablet still makes in
/// one transaction.
pub const LIST_ROWS_MAX: usize = 200;
/// Rows of a list with those that are blank or left out: as many again may be taken back.
const LIST_LINES_MAX: usize = 2 * LIST_ROWS_MAX;
/// Bytes of a pasted table: the longest list, with thousands of rows of something else beside it. More is no list.
pub const LIST_BYTES_MAX: usize = 1_000_000;

/// Works on the list of a report, and shows what became of it.
///
/// # Errors
/// [`ErrorCode::ListTooLong`]; what keeping it refuses; [`Failure`] of the store. The list is as it was then.
pub async fn act(session: &mut Session, case: CaseId, act: ArrivalAct) -> Result<ArrivalsView, Failure> {
    let pack = Rc::clone(&session.pack);
    let mut rows = stored(session, case).await?;
    match act {
        ArrivalAct::Look => {}
        ArrivalAct::Read(text) => {
            if text.len() > LIST_BYTES_MAX {
                return Err(failure(ErrorCode::ListTooLong));
            }
            if !look_for(session, &pasted_place(case)).await? {
                // Read already: whoever pressed twice meant it once.
                session.drafts.remove(&pasted_place(case));
                return Ok(view(session, &pack, case, rows));
            }
            // What was left out before gives room to what is read now.
            rows.retain(|row| !row.out);
            for row in list::read(&text, &Words::of(&pack), session.today()) {
                let id = fresh_id(session, &rows);
                rows.push(Listed { id, ..row });
            }
            store(session, case, &rows, true).await?;
        }
        ArrivalAct::Add => {
            let id = fresh_id(session, &rows);
            rows.push(Listed { id, ..Listed::default() });
            store(session, case, &rows, false).await?;
        }
        ArrivalAct::Put { row, cells, changed } => {
            // Another tab may have kept or dropped it: what is typed into it now would make the same person again.
            let found = rows.iter_mut().find(|known| known.id == row).ok_or(failure(ErrorCode::ItemGone))?;
            list::mend(found, &cells, changed);
            store(session, case, &rows, false).await?;
        }
        ArrivalAct::Leave { row, out } => {
            let is_meant = |known: &&mut Listed| row.is_none_or(|row| known.id == row);
            rows.iter_mut().filter(is_meant).for_each(|known| known.out = out);
            store(session, case, &rows, false).await?;
        }
        ArrivalAct::Keep => {
            keep(session, case).await?;
            rows = list_of(session, case);
        }
    }
    Ok(view(session, &pack, case, rows))
}

/// A name for a row that no row has, nor had in the memory of another tab.
fn fresh_id(session: &mut Session, rows: &[Listed]) -> u32 {
    loop {
        let id = u32::from_be_bytes(session.draw());
        if rows.iter().all(|row| row.id != id) {
            return id;
        }
    }
}

/// The list as it lies in the store: another tab may have worked on it, or have kept it.
async fn stored(session: &mut Session, case: CaseId) -> Result<Vec<Listed>, Failure> {
    let place = list_place(case);
    if !look_for(session, &place).await? {
        session.drafts.remove(&place);
    }
    Ok(list_of(session, case))
}

/// Whether a list, or a pasted table, waits to be kept: in this tab or in another.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn waits(session: &mut Session, case: CaseId) -> Result<bool, Failure> {
    for place in [list_place(case), pasted_place(case)] {
        let _ = look_for(session, &place).await?;
    }
    let is_pasted = session.drafts.get(&pasted_place(case)).is_some_and(|typed| !typed.text.trim().is_empty());
    Ok(is_pasted || list_of(session, case).iter().any(Listed::is_meant))
}

/// Takes over what lies in the store for a place, which another tab may have written a moment ago; false when nothing does.
/// What this tab alone knows, because the tablet is full, is newer and stays.
async fn look_for(session: &mut Session, place: &FieldPlace) -> Result<bool, Failure> {
    if session.only_here.contains(place) {
        return Ok(true);
    }
    let wanted = place_key(place);
    let drafts = session.rows.drafts().await.map_err(|error| store_failure(&error))?;
    let found = drafts.into_iter().find(|draft| draft.place == wanted);
    let is_there = found.is_some();
    if let Some(draft) = found {
        session.drafts.insert(place.clone(), draft.typed());
    }
    Ok(is_there)
}

/// Whether a draft may be kept as it is: of a pasted table no more than a list can be.
#[must_use]
pub fn is_short(place: &FieldPlace, typed: &Typed) -> bool {
    *place != pasted_place(place.case) || typed.text.len() <= LIST_BYTES_MAX
}

fn list_of(session: &Session, case: CaseId) -> Vec<Listed> {
    session.drafts.get(&list_place(case)).map(|typed| list::parse(&typed.text)).unwrap_or_default()
}

/// Keeps the list as it is now; with the table it was read from gone, if it was.
async fn store(session: &mut Session, case: CaseId, rows: &[Listed], read: bool) -> Result<(), Failure> {
    let is_long = rows.iter().filter(|row| row.is_meant()).count() > LIST_ROWS_MAX;
    if is_long || rows.len() > LIST_LINES_MAX {
        return Err(failure(ErrorCode::ListTooLong));
    }
    let (place, pasted) = (list_place(case), pasted_place(case));
    let draft = (!rows.is_empty()).then(|| Typed { text: list::print(rows), ..Typed::default() });
    if !read {
        return keep_draft(session, place, draft).await;
    }
    let mut writes = Writes::new();
    writes.draft(&place_key(&place), draft.as_ref()).draft(&place_key(&pasted), None);
    session.apply_to_cases(&std::iter::once(case).into_set(), writes, Durability::Strict).await?;
    session.only_here.retain(|here| *here != place && *here != pasted);
    session.drafts.remove(&pasted);
    match draft {
        Some(draft) => session.drafts.insert(place, draft),
        None => session.drafts.remove(&place),
    };
    Ok(())
}

fn view(session: &Session, pack: &Pack, case: CaseId, rows: Vec<Listed>) -> ArrivalsView {
    let (words, today) = (Words::of(pack), session.today());
    let told: Vec<Told> = rows.iter().map(|row| tell(&row.cells, &words, pack, today)).collect();
    let twice = twice(&rows, &told);
    let shown = |((row, told), twice): ((Listed, Told), bool)| ArrivalRow {
        id: row.id,
        cells: row.cells,
        out: row.out,
        sex: told.sex.unwrap_or_default().to_owned(),
        age: told.age,
        born: told.born.map(|born| born.to_string()).unwrap_or_default(),
        area: told.area.unwrap_or_default(),
        child: told.child,
        doubts: told.doubts.into_iter().chain(twice.then_some(ArrivalDoubt::Twice)).collect(),
    };
    let people = session.index.core(case).map_or(0, |core| core.people.len());
    ArrivalsView {
        pasted: session.drafts.get(&pasted_place(case)).map(|typed| typed.text.clone()).unwrap_or_default(),
        rows: rows.into_iter().zip(told).zip(twice).map(shown).collect(),
        kept: u32::try_from(people).unwrap_or(u32::MAX),
    }
}

/// Which rows say of somebody what another row says too: the same number, or the same name and age.
fn twice(rows: &[Listed], told: &[Told]) -> Vec<bool> {
    let marks = |(row, told): (&Listed, &Told)| {
        let name = folded(&row.cells.name);
        let named = (!name.is_empty()).then(|| format!("{name}/{}", folded(&row.cells.age)));
        [told.nik.clone(), named].into_iter().flatten().filter(|_| row.is_meant()).collect::<Vec<String>>()
    };
    let marks: Vec<Vec<String>> = rows.iter().zip(told).map(marks).collect();
    let times = |mark: &String| marks.iter().flatten().filter(|other| *other == mark).count();
    marks.iter().map(|marks| marks.iter().any(|mark| times(mark) > 1)).collect()
}

/// Makes people of the rows, all of them or none, and forgets the list with them. When another tab has kept it, there is nothing
/// to keep.
async fn keep(session: &mut Session, case: CaseId) -> Result<(), Failure> {
    let place = list_place(case);
    for _ in 0..OVERTAKEN_MAX {
        let rows = stored(session, case).await?;
        if !rows.iter().any(Listed::is_meant) {
            return Ok(());
        }
        let edits = people_of(session, case, &rows).await?;
        let mut writes = Writes::new();
        writes.draft(&place_key(&place), None);
        let applied = session.edit_once(edits, None, writes, &mut |_, _| {}).await;
        session.close_oldest();
        if applied? == Applied::Done {
            session.only_here.retain(|here| *here != place);
            session.drafts.remove(&place);
            return Ok(());
        }
    }
    Err(failure(ErrorCode::TabletStore))
}

/// What makes people of the rows.
async fn people_of(session: &mut Session, case: CaseId, rows: &[Listed]) -> Result<Vec<DocumentEdit>, Failure> {
    let pack = Rc::clone(&session.pack);
    let (words, today) = (Words::of(&pack), session.today());
    let listed = rows.iter().filter(|row| row.is_meant());
    let people: Vec<(&ArrivalCells, Told)> =
        listed.map(|row| (&row.cells, tell(&row.cells, &words, &pack, today))).collect();
    if people.iter().any(|(_, told)| told.doubts.contains(&ArrivalDoubt::TooLong)) {
        return Err(failure(ErrorCode::TextTooLong));
    }
    let known = session.index.core(case).map_or(&[][..], |core| core.people.as_slice());
    let last = known.iter().map(|person| person.number).max().unwrap_or(0);
    let is_first = known.is_empty();
    let mut edits = Vec::new();
    for (number, (cells, told)) in (last.saturating_add(1)..).zip(&people) {
        person(session, case, (number, cells, told), &mut edits).await?;
    }
    counts(session, case, &people, is_first, &mut edits).await?;
    Ok(edits)
}

/// What one row becomes: a person of the case, on which basis they are kept, and what is known of them.
async fn person(
    session: &mut Session,
    case: CaseId,
    (number, cells, told): (i64, &ArrivalCells, &Told),
    edits: &mut Vec<DocumentEdit>,
) -> Result<(), Failure> {
    let subject = SubjectId::from_bytes(session.draw());
    let about = || text(subject.to_string());
    let group = group_of(told).map_or(keys::GROUP_UNKNOWN, |(code, _)| code);
    let person = [(keys::SUBJECT, about()), (keys::NUMBER, Scalar::Int(number)), (keys::GROUP, text(group))];
    add_row(session, case, keys::PEOPLE, &person, edits).await?;
    let officer = text(session.owner.account.to_string());
    let basis = [(keys::CONSENT_OF, about()), (keys::BASIS, text(keys::LEGAL_DUTY)), (keys::CONSENT_OFFICER, officer)];
    add_row(session, case, keys::CONSENT, &basis, edits).await?;

    let age = told.age.filter(|_| told.born.is_none()).map(|age| Scalar::Int(i64::from(age)));
    let short = [
        (keys::FULL_NAME, Some(&cells.name).filter(|name| !name.is_empty()).map(text)),
        (keys::SEX, told.sex.map(text)),
        (keys::BORN_ON, told.born.map(|born| text(born.to_string()))),
        (keys::AGE, age.clone()),
    ];
    let full = [
        (keys::POPULATION_NUMBER, told.nik.as_ref().map(text)),
        (keys::COMES_FROM, told.area.as_ref().map(text)),
        (keys::LIST_NOTE, Some(&told.note).filter(|note| !note.is_empty()).map(text)),
    ];
    identity(session, document_key(case, keys::IDENTITY_SHORT, Some(subject)), short, edits).await?;
    identity(session, document_key(case, keys::IDENTITY_FULL, Some(subject)), full, edits).await?;
    if let Some(age) = &age {
        let pack = Rc::clone(&session.pack);
        for (kind, _) in super::derive::bearing(&pack.derivations, keys::IDENTITY_SHORT, keys::AGE) {
            let key = document_key(case, &kind, Some(subject));
            session.begin_document(&key)?;
        }
        let answers = [(keys::AGE, age)];
        edits.extend(derived_from(session, (case, Some(subject)), keys::IDENTITY_SHORT, &answers).await?);
    }
    Ok(())
}

/// Adds a row of the core, with the fields the pack has.
async fn add_row(
    session: &mut Session,
    case: CaseId,
    table: &str,
    fields: &[(&str, Scalar)],
    edits: &mut Vec<DocumentEdit>,
) -> Result<(), Failure> {
    let (core, row) = (core_key(case), fresh_row(session));
    let pack = Rc::clone(&session.pack);
    let takes = |key: &str, value: &Scalar| {
        let slot = pack.schema(keys::CORE).and_then(|core| core.field(&PackPath::Row { table, key }));
        slot.is_some_and(|slot| slot.accepts(value).is_ok())
    };
    let fields: Vec<(String, Scalar)> = fields
        .iter()
        .filter(|(key, value)| takes(key, value))
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    for (key, _) in &fields {
        session.check_may_write(&core, &FieldPath::Row { table: table.to_owned(), row, key: key.clone() }).await?;
    }
    edits.push(DocumentEdit { key: core, edit: Edit::AddRow { table: table.to_owned(), row, fields } });
    Ok(())
}

/// Fills an identity, unless nothing is known, or the pack has no such field.
async fn identity<const N: usize>(
    session: &mut Session,
    key: DocumentKey,
    values: [(&str, Option<Scalar>); N],
    edits: &mut Vec<DocumentEdit>,
) -> Result<(), Failure> {
    let pack = Rc::clone(&session.pack);
    let facts = session.case_facts(key.case).await?;
    session.begin_document(&key)?;
    for (field, value) in values.into_iter().filter_map(|(field, value)| Some((field, value?))) {
        let slot = pack.schema(&key.kind).and_then(|schema| schema.field(&PackPath::Field(field)));
        let Some(slot) = slot else { continue };
        slot.accepts(&value).map_err(|_| failure(ErrorCode::ValueWrong))?;
        session.check_may_write(&key, &FieldPath::Field(field.to_owned())).await?;
        // Whoever stood there at the report refused, and nobody has told people apart: none of them is named.
        if hides(&pack, &facts, &key) {
            return Err(failure(ErrorCode::WriteForbidden));
        }
        let edit = Edit::SetField { key: field.to_owned(), value, seen: Vec::new() };
        edits.push(DocumentEdit { key: key.clone(), edit });
    }
    Ok(())
}

/// The group a row counts in, by its code and its count in the report.
fn group_of(told: &Told) -> Option<(&'static str, &'static str)> {
    let sex = told.sex?;
    let half = if Some(&sex) == keys::SEXES.last() { 0 } else { 2 };
    let at = if told.child? { half + 1 } else { half };
    Some((GROUP_CODES.get(at).copied()?, keys::GROUPS.get(at).copied()?))
}

/// Counts people into the report, as its page about one person would: they are counted anew with the first list, and added to by
/// the next. Who may be a child is looked after as one.
async fn counts(
    session: &mut Session,
    case: CaseId,
    people: &[(&ArrivalCells, Told)],
    is_first: bool,
    edits: &mut Vec<DocumentEdit>,
) -> Result<(), Failure> {
    let intake = document_key(case, keys::INTAKE, None);
    let mut answers: Vec<(&str, Scalar)> = Vec::new();
    for (at, field) in keys::GROUPS.into_iter().enumerate() {
        // Of a woman or a man whose age is not told it is only known that they came; the flag says the rest.
        let is_adult = at % 2 == 0;
        let counts = |told: &Told| match group_of(told) {
            Some((_, group)) => group == field,
            None => is_adult && told.sex.is_some_and(|sex| (Some(&sex) == keys::SEXES.last()) == (at == 0)),
        };
        let found = i64::try_from(people.iter().filter(|(_, told)| counts(told)).count()).unwrap_or(i64::MAX);
        let state = session.replica(&intake).await?.document.field(field);
        let stands = match state.shown() {
            Some(Scalar::Int(number)) => Some(*number),
            Some(Scalar::Null | Scalar::Bool(_) | Scalar::Str(_)) | None => None,
        };
        let sum = if is_first { found } else { found.saturating_add(stands.unwrap_or(0)) };
        if sum != stands.unwrap_or(0) {
            answers.push((field, Scalar::Int(sum)));
        }
    }
    if people.iter().any(|(_, told)| group_of(told).is_none() && told.child != Some(false)) {
        answers.push((keys::AGE_UNSURE, Scalar::Bool(true)));
    }
    let pack = Rc::clone(&session.pack);
    answers.retain(|(field, value)| {
        let slot = pack.schema(keys::INTAKE).and_then(|schema| schema.field(&PackPath::Field(field)));
        slot.is_some_and(|slot| slot.accepts(value).is_ok())
    });
    for (field, value) in &answers {
        session.check_may_write(&intake, &FieldPath::Field((*field).to_owned())).await?;
        let seen = session.replica(&intake).await?.document.field(field).ops();
        edits.push(DocumentEdit {
            key: intake.clone(),
            edit: Edit::Choose { key: (*field).to_owned(), value: value.clone(), seen },
        });
    }
    let answers: Vec<(&str, &Scalar)> = answers.iter().map(|(field, value)| (*field, value)).collect();
    edits.extend(derived_from(session, (case, None), keys::INTAKE, &answers).await?);
    Ok(())
}
