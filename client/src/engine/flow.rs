//! The acts of a case that are more than one field: beginning a report, people, hand-over, taking over, team, supplements.
//!
//! Owns which fields each act writes; must never write but through the session. Called by the engine's front.

use shared::command::Edit;
use shared::document::path::FieldPath;
use shared::id::{AccountId, CaseId, DocumentKey, SubjectId};
use shared::instant;
use shared::order::Gather as _;
use shared::pack::FieldPath as PackPath;
use shared::protocol::codec::encode;
use shared::protocol::error::ErrorCode;
use shared::seal::letter::{LetterRandomness, Purpose, Recipient};
use shared::value::Scalar;

use super::arrivals;
use super::farewell::{left_here, mark_of};
use super::keys;
use super::query::value::place_in;
use super::refusal;
use super::rows::{LocalReport, RowWrites, begins_here};
use super::session::{DocumentEdit, Session, core_key, document_key, failure, fresh_row};
use super::summary::TeamFact;
use super::write::{keep_draft, key_of, path_of, place_key};
use crate::api::{Failure, FieldPlace, Path, Place, Reply, Typed, list_place, pasted_place};
use crate::store::Durability;
use crate::store::sealed::Writes;

/// How long a hand-over can be taken back, milliseconds.
pub const TAKE_BACK_MS: u64 = 600_000;

/// Cases whose team changes in one write: few enough that nobody who waits for the session notices.
pub(super) const ASSIGNED_AT_ONCE: usize = 16;

/// A moment of the tablet's clock as documents hold it.
pub(super) fn moment(session: &Session, at_ms: u64) -> Scalar {
    text(instant::print(i64::try_from(at_ms).unwrap_or(0), session.pack.zone.offset_minutes))
}

pub(super) fn text(value: impl Into<String>) -> Scalar {
    Scalar::Str(value.into())
}

pub(super) fn set(key: &DocumentKey, field: &str, value: Scalar) -> DocumentEdit {
    DocumentEdit { key: key.clone(), edit: Edit::SetField { key: field.to_owned(), value, seen: Vec::new() } }
}

/// Keeps an edit only if the pack has the field, so that an act works with every pack.
pub(super) fn if_known(session: &Session, edit: DocumentEdit) -> Option<DocumentEdit> {
    let Edit::SetField { key, .. } = &edit.edit else { return Some(edit) };
    let schema = session.pack.schema(&edit.key.kind)?;
    schema.field(&PackPath::Field(key)).is_some().then_some(edit)
}

/// Begins a report: a new case with its core and intake, as a draft of this author.
///
/// # Errors
/// [`Failure`] of the write.
pub async fn start_report(session: &mut Session) -> Result<CaseId, Failure> {
    // A tablet with a wrong clock asks for the day instead of writing a lie.
    let day = (!session.clock_wrong()).then(|| session.today().to_string());
    let (report, mut edits) = begin_report(session, day.as_deref(), None).await?;
    if day.is_some() {
        let intake = document_key(report.case, keys::INTAKE, None);
        let begun = moment(session, report.begun_ms);
        let time: String = begun.as_str().unwrap_or_default().chars().skip(11).take(5).collect();
        edits.extend(if_known(session, set(&intake, keys::REPORTED_AT, text(time))));
    }
    let mut rows = Writes::new();
    rows.local_report(&report);
    begins_here(&mut rows, report.case);
    session.edit(edits, rows).await?;
    let case = report.case;
    session.here.insert(case);
    session.reports.insert(case, report);
    Ok(case)
}

/// What a report begins with; `day` is when it was made, as exactly as it may be known. `code` is the field code of the one
/// whose place it takes.
pub(super) async fn begin_report(
    session: &mut Session,
    day: Option<&str>,
    code: Option<String>,
) -> Result<(LocalReport, Vec<DocumentEdit>), Failure> {
    let case = session.new_case();
    let (core, intake) = (core_key(case), document_key(case, keys::INTAKE, None));
    session.check_may_write(&core, &FieldPath::Field(keys::FIELD_CODE.to_owned())).await?;
    let now_ms = session.latest_ms();
    let code = code.unwrap_or_else(|| session.new_code());
    let account = text(session.owner.account.to_string());
    let mut edits = vec![
        set(&core, keys::FIELD_CODE, text(&code)),
        set(&core, keys::BEGUN, moment(session, now_ms)),
        set(&core, keys::STAGE, text("LAPORAN")),
        set(&intake, keys::RECEIVED_BY, account),
    ];
    edits.extend(day.map(|day| set(&intake, keys::REPORTED_ON, text(day))));
    let edits = edits.into_iter().filter_map(|edit| if_known(session, edit)).collect();
    let report = LocalReport { case, field_code: code, begun_ms: now_ms, handed_over_ms: None, page: 0 };
    Ok((report, edits))
}

/// Adds a person to a case.
///
/// # Errors
/// [`ErrorCode::WriteForbidden`] for a tip that nobody has verified; otherwise [`Failure`] of the write.
pub async fn add_person(session: &mut Session, case: CaseId) -> Result<SubjectId, Failure> {
    let core = core_key(case);
    let row = fresh_row(session);
    session
        .check_may_write(&core, &FieldPath::Row { table: keys::PEOPLE.to_owned(), row, key: keys::SUBJECT.to_owned() })
        .await?;
    if session.index.is_unverified(case) {
        return Err(failure(ErrorCode::WriteForbidden));
    }
    let subject = SubjectId::from_bytes(session.draw());
    let people = session.index.core(case).map_or(&[][..], |core| core.people.as_slice());
    let number = people.iter().map(|person| person.number).max().unwrap_or(0).saturating_add(1);
    let fields =
        vec![(keys::SUBJECT.to_owned(), text(subject.to_string())), (keys::NUMBER.to_owned(), Scalar::Int(number))];
    let edit = Edit::AddRow { table: keys::PEOPLE.to_owned(), row, fields };
    session.edit(vec![DocumentEdit { key: core, edit }], Writes::new()).await?;
    Ok(subject)
}

/// Writes one field of the core over everything that stands there.
pub(super) async fn overwrite(
    session: &mut Session,
    case: CaseId,
    field: &str,
    value: Scalar,
) -> Result<DocumentEdit, Failure> {
    let core = core_key(case);
    session.check_may_write(&core, &FieldPath::Field(field.to_owned())).await?;
    let state = session.replica(&core).await?.document.field(field);
    let edit = if state.is_conflict() {
        Edit::Choose { key: field.to_owned(), value, seen: state.ops() }
    } else {
        Edit::SetField { key: field.to_owned(), value, seen: state.ops() }
    };
    Ok(DocumentEdit { key: core, edit })
}

/// Hands a draft over.
///
/// # Errors
/// [`ErrorCode::VitalReasonMissing`] when its person is in danger, wants no record, and nobody has told why it goes on all the
/// same; [`ErrorCode::ListNotKept`] while an arrival list waits to be kept; otherwise [`Failure`] of the write.
pub async fn hand_over(session: &mut Session, case: CaseId) -> Result<(), Failure> {
    check_hand_over(session, case).await?;
    let now_ms = session.latest_ms();
    let moment = moment(session, now_ms);
    let edit = overwrite(session, case, keys::HANDED_OVER, moment).await?;
    set_handed_over(session, case, vec![edit], Some(now_ms)).await
}

/// Takes a hand-over back within ten minutes, unless somebody has taken the report over.
///
/// # Errors
/// [`ErrorCode::HeldTakenOver`] when it is too late; otherwise [`Failure`] of the write.
pub async fn take_back(session: &mut Session, case: CaseId) -> Result<(), Failure> {
    let handed_over_ms = session.reports.get(&case).and_then(|report| report.handed_over_ms).unwrap_or(0);
    let taken = session.index.core(case).is_none_or(|core| !core.text(keys::TAKEN_OVER_BY).is_empty());
    if taken || session.latest_ms().saturating_sub(handed_over_ms) > TAKE_BACK_MS {
        return Err(failure(ErrorCode::HeldTakenOver));
    }
    let edit = overwrite(session, case, keys::HANDED_OVER, Scalar::Null).await?;
    set_handed_over(session, case, vec![edit], None).await
}

/// Whether a draft may be handed over.
pub(super) async fn check_hand_over(session: &mut Session, case: CaseId) -> Result<(), Failure> {
    if refusal::offered(session, case).await?.is_some_and(|view| view.danger) {
        return Err(failure(ErrorCode::VitalReasonMissing));
    }
    // From then on nobody comes back to it.
    if arrivals::waits(session, case).await? {
        return Err(failure(ErrorCode::ListNotKept));
    }
    Ok(())
}

async fn set_handed_over(
    session: &mut Session,
    case: CaseId,
    edits: Vec<DocumentEdit>,
    at_ms: Option<u64>,
) -> Result<(), Failure> {
    let mut rows = Writes::new();
    // Begun on another tablet of this person, it has its receipt where it was handed over.
    let known = session.reports.get(&case).cloned().or_else(|| {
        let core = session.index.core(case)?;
        let (field_code, begun_ms) = (core.text(keys::FIELD_CODE).to_owned(), core.changed_ms);
        Some(LocalReport { case, field_code, begun_ms, handed_over_ms: None, page: 0 })
    });
    let report = known.map(|report| LocalReport { handed_over_ms: at_ms, ..report });
    if let Some(report) = &report {
        rows.local_report(report);
    }
    // What was left out of a list goes when nobody comes back to it.
    let list = [list_place(case), pasted_place(case)];
    for place in list.iter().filter(|_| at_ms.is_some()) {
        rows.draft(&place_key(place), None);
    }
    session.edit(edits, rows).await?;
    session.drafts.retain(|place, _| at_ms.is_none() || !list.contains(place));
    if let Some(report) = report {
        session.reports.insert(case, report);
    }
    Ok(())
}

/// Takes a report or an emergency over and joins the case's team, once: whoever pressed twice meant it once.
///
/// # Errors
/// [`Failure`] of the write.
pub async fn take_over(session: &mut Session, case: CaseId) -> Result<(), Failure> {
    let account = session.owner.account;
    if session.index.core(case).is_some_and(|core| core.text(keys::TAKEN_OVER_BY) == account.to_string()) {
        return Ok(());
    }
    let taken = overwrite(session, case, keys::TAKEN_OVER_BY, text(account.to_string())).await?;
    let role = team_role(session);
    let mut edits = vec![taken];
    edits.extend(role.map(|role| team_edit(session, case, account, &role)));
    session.edit(edits, Writes::new()).await
}

/// The role with which this member joins a case: the one that is on duty.
fn team_role(session: &Session) -> Option<String> {
    let actor = session.actor();
    let today = session.today();
    actor.roles_on(&session.pack, today).find(|role| role.duty).map(|role| role.key.clone())
}

pub(super) fn team_edit(session: &Session, case: CaseId, account: AccountId, role: &str) -> DocumentEdit {
    let fields = vec![
        (keys::ACCOUNT.to_owned(), text(account.to_string())),
        (keys::ROLE.to_owned(), text(role)),
        (keys::FROM.to_owned(), text(session.today().to_string())),
    ];
    let edit = Edit::AddRow { table: keys::TEAM.to_owned(), row: fresh_row(session), fields };
    DocumentEdit { key: core_key(case), edit }
}

/// Puts a member into the team of cases, a few cases at a time: each few are written whole or not at all, and whoever asks
/// again after a failure gets what is left. Who is in a team already stays there once. Returns the memberships that were added
/// and may be ended again by who added them.
///
/// # Errors
/// [`ErrorCode::AssignExcluded`] when the member must not know of one of the cases, and this person may know that; otherwise
/// [`Failure`] of the writes.
pub async fn assign(
    session: &mut Session,
    cases: Vec<CaseId>,
    account: AccountId,
    role: &str,
) -> Result<Vec<FieldPlace>, Failure> {
    let mut added = Vec::new();
    for some in cases.chunks(ASSIGNED_AT_ONCE) {
        let mut edits = Vec::with_capacity(some.len());
        for case in some {
            let row = fresh_row(session);
            let path = FieldPath::Row { table: keys::TEAM.to_owned(), row, key: keys::ACCOUNT.to_owned() };
            session.check_may_write(&core_key(*case), &path).await?;
            session.check_not_excluded(*case, account)?;
            let is_in = |member: &TeamFact| member.account == account && member.role == role && member.until.is_empty();
            if !session.index.core(*case).is_some_and(|core| core.team.iter().any(is_in)) {
                edits.push(team_edit(session, *case, account, role));
            }
        }
        let rows: Vec<FieldPlace> = edits.iter().filter_map(added_row).collect();
        session.edit(edits, Writes::new()).await?;
        for place in rows {
            if session.check_may_write(&key_of(&place), &path_of(&place)).await.is_ok() {
                added.push(place);
            }
        }
    }
    Ok(added)
}

/// The place of a row that an edit adds.
pub(super) fn added_row(edit: &DocumentEdit) -> Option<FieldPlace> {
    let Edit::AddRow { table, row, .. } = &edit.edit else { return None };
    Some(place_in(&edit.key, &FieldPath::RowMade { table: table.clone(), row: *row }))
}

/// Adds to a report that was handed over; never edits it.
///
/// # Errors
/// [`Failure`] of the write.
pub async fn supplement(session: &mut Session, case: CaseId, added: String) -> Result<(), Failure> {
    let subject = SubjectId::from_bytes(session.draw());
    let key = document_key(case, keys::SUPPLEMENT, Some(subject));
    let edit =
        Edit::EditText { key: keys::SUPPLEMENT_TEXT.to_owned(), base: Vec::new(), old: String::new(), new: added };
    let typed = supplement_place(case);
    let mut rows = Writes::new();
    rows.draft(&place_key(&typed), None);
    session.edit(vec![DocumentEdit { key, edit }], rows).await?;
    session.drafts.remove(&typed);
    Ok(())
}

/// Keeps what is being added to a report, or forgets it.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn keep_supplement(session: &mut Session, case: CaseId, text: String) -> Result<(), Failure> {
    let draft = (!text.is_empty()).then(|| Typed { text, ..Typed::default() });
    keep_draft(session, supplement_place(case), draft).await
}

/// Where what is being added to a report is kept: its document is made when it is added.
pub(crate) fn supplement_place(case: CaseId) -> FieldPlace {
    let path = Path::Text(keys::SUPPLEMENT_TEXT.to_owned());
    FieldPlace { case, kind: keys::SUPPLEMENT.to_owned(), subject: None, path }
}

/// Remembers on which page of its report somebody is, so that a draft goes on there.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn note_page(session: &mut Session, place: &Place) -> Result<(), Failure> {
    let Some(report) = session.reports.get_mut(&place.case) else { return Ok(()) };
    report.page = place.page;
    let mut rows = Writes::new();
    rows.local_report(report);
    session.apply_to_cases(&std::iter::once(place.case).into_set(), rows, Durability::Relaxed).await
}

/// Everything unsent, being typed, held or refused as one file, sealed to the relay: to be carried by hand.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn export(session: &mut Session) -> Result<Reply, Failure> {
    session.all_depart().await?;
    let left = left_here(session).await?;
    let (pending, tray, typed, unknown) = &left;
    let sealed = Recipient::parse(&session.owner.relay_recipient)
        .ok()
        .and_then(|relay| {
            let drawn = LetterRandomness::from_random(session.draw());
            relay.seal(Purpose::OwnUpload, &drawn, &encode(&(session.owner.device, pending, tray, typed, unknown))).ok()
        })
        .ok_or(failure(ErrorCode::TabletStore))?;
    session.saved = Some(mark_of(&left));
    Ok(Reply::File(format!("simpul-{}.age", session.today()), sealed))
}
