//! The stage of a case: what the next ones ask for, moving to one, and closing by two.
//!
//! What a stage asks for is the pack's to say. A gate that no reason opens is shut here, where the documents it asks for are;
//! the relay shuts only what it can judge (`shared::access::stage`). Everything is written as edits of the core.

use shared::access::StandingValues;
use shared::command::Edit;
use shared::document::Document;
use shared::document::path::{FieldPath, REMOVED, choice_key, split_choice};
use shared::document::read::RowState;
use shared::id::{AccountId, CaseId, RowId};
use shared::instant;
use shared::order::Arrange as _;
use shared::pack::schema::FieldSlot;
use shared::pack::{FieldPath as PackPath, Pack};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::flow::{moment, overwrite, text};
use super::gates::look;
use super::keys;
use super::session::{DocumentEdit, Session, core_key, failure, fresh_row};
use crate::api::{ClosingView, Failure, GateState, GateView, SignedView, StageAct, StageView};
use crate::store::sealed::Writes;

/// How long a move can be taken back, milliseconds: the ten seconds of the notice, and a slow tablet.
const UNDO_MS: u64 = 60_000;

/// Draws the stage of a case. Moving is for cases that somebody has taken over.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn view(
    session: &mut Session,
    case: CaseId,
    core: &Document,
    may: impl Fn(FieldPath) -> bool,
) -> Result<StageView, Failure> {
    let is_taken = core.standing(keys::TAKEN_OVER_BY).any(|value| !value.is_null());
    let at = |key: &str| {
        let row = RowId::from_bytes([0; 16]);
        FieldPath::Row { table: keys::CLOSING.to_owned(), row, key: key.to_owned() }
    };
    let stage = core.field(keys::STAGE);
    let stands = stage.distinct().into_iter().filter_map(|seen| seen.value.as_str().map(str::to_owned)).collect();
    let pack = session.pack.clone();
    let mut gates = Vec::new();
    for (gate, place) in pack.stages.gates.iter().zip(0..) {
        gates.extend(look(session, case, core, gate).await?.map(|(state, people)| GateView {
            gate: place,
            state,
            people,
        }));
    }
    Ok(StageView {
        stands,
        may_move: is_taken && may(FieldPath::Field(keys::STAGE.to_owned())),
        may_close: is_taken && may(at(keys::APPROVED_BY)),
        gates,
        closing: closing_row(core).map(|row| closing_view(session, &row)),
    })
}

/// Does one act.
///
/// # Errors
/// [`ErrorCode::GateShut`], [`ErrorCode::ClosingAlone`], [`ErrorCode::ValuesUnseen`] while people disagree about the stage,
/// [`ErrorCode::ValueWrong`] for what cannot be here; those of the write.
pub async fn act(session: &mut Session, case: CaseId, act: StageAct) -> Result<(), Failure> {
    session.read_case(case).await?;
    if !session.has(&core_key(case)) {
        return Err(failure(ErrorCode::ItemGone));
    }
    let core = session.replica(&core_key(case)).await?.document.clone();
    let edits = match act {
        StageAct::Move { to, reason } => move_to(session, case, &core, &to, &reason).await?,
        StageAct::Propose { reason, done, note } => propose(session, case, &core, &reason, &done, &note).await?,
        StageAct::Approve(row) => approve(session, case, &core, row).await?,
        StageAct::Withdraw(row) => withdraw(session, case, &core, row).await?,
        StageAct::Reopen { reason } => reopen(session, case, &core, &reason).await?,
        StageAct::Undo => undo(session, case, &core).await?,
    };
    session.edit(edits, Writes::new()).await
}

/// The stage in force; none while people disagree about it.
fn settled(core: &Document) -> Result<String, Failure> {
    let stage = core.field(keys::STAGE);
    match stage.settled() {
        Some(value) => Ok(value.as_str().unwrap_or_default().to_owned()),
        None if stage.values.is_empty() => Ok(String::new()),
        None => Err(failure(ErrorCode::ValuesUnseen)),
    }
}

async fn move_to(
    session: &mut Session,
    case: CaseId,
    core: &Document,
    to: &str,
    reason: &str,
) -> Result<Vec<DocumentEdit>, Failure> {
    let pack = session.pack.clone();
    let from = settled(core)?;
    if pack.stages.closes(to) || pack.stages.closes(&from) || from == to {
        return Err(failure(ErrorCode::ValueWrong));
    }
    let mut is_whole = true;
    for gate in pack.stages.gates_of(to) {
        let found = look(session, case, core, gate).await?;
        let is_met = found.is_none_or(|(state, _)| state == GateState::Met);
        if !is_met && gate.hard {
            return Err(failure(ErrorCode::GateShut));
        }
        is_whole &= is_met;
    }
    if !is_whole && reason.trim().is_empty() {
        return Err(failure(ErrorCode::ValueWrong));
    }
    moved(session, case, &from, to, reason).await
}

/// The stage, and the row that says who moved it and why.
async fn moved(
    session: &mut Session,
    case: CaseId,
    from: &str,
    to: &str,
    reason: &str,
) -> Result<Vec<DocumentEdit>, Failure> {
    check_core(&session.pack, &PackPath::Field(keys::STAGE), &text(to))?;
    let stage = overwrite(session, case, keys::STAGE, text(to)).await?;
    let own = text(session.owner.account.to_string());
    let now = moment(session, session.latest_ms());
    let mut fields = vec![(keys::MOVED_TO, text(to)), (keys::MOVED_BY, own), (keys::MOVED_AT, now)];
    fields.extend((!from.is_empty()).then(|| (keys::MOVED_FROM, text(from))));
    fields.extend((!reason.trim().is_empty()).then(|| (keys::REASON, text(reason.trim()))));
    Ok(vec![stage, add_row(session, case, keys::MOVES, fields)?])
}

async fn propose(
    session: &mut Session,
    case: CaseId,
    core: &Document,
    reason: &str,
    done: &[String],
    note: &str,
) -> Result<Vec<DocumentEdit>, Failure> {
    settled(core)?;
    let own = text(session.owner.account.to_string());
    let row = fresh_row(session);
    session.check_may_put(&core_key(case), &in_closing(row, keys::PROPOSED_BY), &own).await?;
    let now = moment(session, session.latest_ms());
    let mut fields = vec![(keys::REASON, text(reason)), (keys::PROPOSED_BY, own), (keys::PROPOSED_AT, now)];
    let codes: Vec<String> = done.iter().map(|code| choice_key(keys::DONE, code)).collect();
    fields.extend(codes.iter().map(|key| (key.as_str(), Scalar::Bool(true))));
    fields.extend((!note.trim().is_empty()).then(|| (keys::NOTE, text(note.trim()))));
    Ok(vec![add_row(session, case, keys::CLOSING, fields)?])
}

/// Who approves closes.
async fn approve(
    session: &mut Session,
    case: CaseId,
    core: &Document,
    row: RowId,
) -> Result<Vec<DocumentEdit>, Failure> {
    let closing = session.pack.stages.closing.clone().ok_or(failure(ErrorCode::ValueWrong))?;
    let from = settled(core)?;
    let proposal = standing_row(core, row)?;
    let own = text(session.owner.account.to_string());
    session.check_may_put(&core_key(case), &in_closing(row, keys::APPROVED_BY), &own).await?;
    let now = moment(session, session.latest_ms());
    let mut edits =
        vec![put_in(case, &proposal, keys::APPROVED_BY, own), put_in(case, &proposal, keys::APPROVED_AT, now)];
    edits.extend(moved(session, case, &from, &closing, "").await?);
    Ok(edits)
}

async fn withdraw(
    session: &mut Session,
    case: CaseId,
    core: &Document,
    row: RowId,
) -> Result<Vec<DocumentEdit>, Failure> {
    let proposal = standing_row(core, row)?;
    if is_agreed(&proposal) {
        return Err(failure(ErrorCode::ValueWrong));
    }
    session.check_may_write(&core_key(case), &in_closing(row, REMOVED)).await?;
    let edit = Edit::RemoveRow { table: keys::CLOSING.to_owned(), row, seen: proposal.ops() };
    Ok(vec![DocumentEdit { key: core_key(case), edit }])
}

/// Back to the stage before: the agreement is taken back first, so that nobody closes by it again.
async fn reopen(
    session: &mut Session,
    case: CaseId,
    core: &Document,
    reason: &str,
) -> Result<Vec<DocumentEdit>, Failure> {
    let reason = reason.trim();
    let from = settled(core)?;
    if reason.is_empty() || !session.pack.stages.closes(&from) {
        return Err(failure(ErrorCode::ValueWrong));
    }
    let before = stage_before(&session.pack, core).ok_or(failure(ErrorCode::ValueWrong))?;
    let own = text(session.owner.account.to_string());
    let now = moment(session, session.latest_ms());
    let why = text(reason);
    check_core(&session.pack, &PackPath::Row { table: keys::CLOSING, key: keys::REOPENED_WHY }, &why)?;
    let mut edits = Vec::new();
    for row in core.rows(keys::CLOSING).iter().filter(|row| is_agreed(row)) {
        session.check_may_put(&core_key(case), &in_closing(row.row, keys::REOPENED_BY), &own).await?;
        for (key, value) in [(keys::REOPENED_BY, &own), (keys::REOPENED_AT, &now), (keys::REOPENED_WHY, &why)] {
            edits.push(put_in(case, row, key, value.clone()));
        }
    }
    edits.extend(moved(session, case, &from, &before, reason).await?);
    Ok(edits)
}

/// Takes the last move back if it is one's own, and what was signed with it.
async fn undo(session: &mut Session, case: CaseId, core: &Document) -> Result<Vec<DocumentEdit>, Failure> {
    let gone = failure(ErrorCode::ValueWrong);
    let rows = core.rows(keys::MOVES);
    let last = rows.iter().filter(|row| !row.removed()).max_by_key(|row| at_ms(row, keys::MOVED_AT));
    let last = last.ok_or(gone.clone())?;
    let own = session.owner.account.to_string();
    let is_late = session.latest_ms().saturating_sub(at_ms(last, keys::MOVED_AT)) > UNDO_MS;
    let (from, to) = (shown(last, keys::MOVED_FROM), shown(last, keys::MOVED_TO));
    if is_late || shown(last, keys::MOVED_BY) != own || settled(core)? != to || from.is_empty() {
        return Err(gone);
    }
    let mut edits = Vec::new();
    let signed: &[(&str, &[&str])] = &[
        (keys::REOPENED_BY, &[keys::REOPENED_BY, keys::REOPENED_AT, keys::REOPENED_WHY]),
        (keys::APPROVED_BY, &[keys::APPROVED_BY, keys::APPROVED_AT]),
    ];
    // Which of the two: a case that is closed was approved, one that was closed before was opened again.
    let (name, together) = if session.pack.stages.closes(&to) { signed.last() } else { signed.first() }.ok_or(gone)?;
    if session.pack.stages.closes(&to) || session.pack.stages.closes(&from) {
        let closings = core.rows(keys::CLOSING);
        let newest = closings
            .iter()
            .filter(|row| shown(row, name) == own)
            .max_by_key(|row| at_ms(row, together.get(1).unwrap_or(name)));
        let newest = newest.ok_or(failure(ErrorCode::ValueWrong))?;
        edits.extend(together.iter().map(|key| put_in(case, newest, key, Scalar::Null)));
    }
    edits.push(overwrite(session, case, keys::STAGE, text(from)).await?);
    let edit = Edit::RemoveRow { table: keys::MOVES.to_owned(), row: last.row, seen: last.ops() };
    edits.push(DocumentEdit { key: core_key(case), edit });
    Ok(edits)
}

/// The stage that was left for the closing one, or the pack's first.
fn stage_before(pack: &Pack, core: &Document) -> Option<String> {
    let is_open = |value: &Scalar| value.as_str().is_some_and(|stage| !pack.stages.closes(stage));
    let history = core.history(&FieldPath::Field(keys::STAGE.to_owned()));
    let written = history.into_iter().rev().filter_map(|entry| entry.new).find(is_open);
    let list = pack.kinds.get(keys::CORE)?.fields.get(keys::STAGE)?.value.list()?;
    let first = || pack.code_lists.get(list)?.offered().next().map(|code| code.code.clone());
    written.and_then(|value| value.as_str().map(str::to_owned)).or_else(first)
}

/// The closing to show: the one that is in force, or else the newest proposal.
fn closing_row(core: &Document) -> Option<RowState> {
    let mut rows: Vec<RowState> = core.rows(keys::CLOSING).into_iter().filter(is_standing).collect();
    rows.arrange_by_key(|row| (is_agreed(row), at_ms(row, keys::PROPOSED_AT)));
    rows.pop()
}

/// Neither withdrawn nor taken back by whoever opened the case again.
fn is_standing(row: &RowState) -> bool {
    !row.removed() && row.field(keys::REOPENED_BY).values.iter().all(|seen| seen.value.is_null())
}

fn is_agreed(row: &RowState) -> bool {
    is_standing(row) && row.field(keys::APPROVED_BY).values.iter().any(|seen| !seen.value.is_null())
}

fn standing_row(core: &Document, row: RowId) -> Result<RowState, Failure> {
    core.row(keys::CLOSING, row).filter(is_standing).ok_or(failure(ErrorCode::ItemGone))
}

fn closing_view(session: &Session, row: &RowState) -> ClosingView {
    let name = |key: &str| AccountId::parse(&shown(row, key)).ok();
    let signed = |by: &str, at: &str| SignedView { by: session.name_of(name(by)), at_ms: at_ms(row, at) };
    let codes = row.fields.iter().filter(|(_, state)| state.all_are(&Scalar::Bool(true)));
    let codes = codes.filter_map(|(key, _)| split_choice(key).1.filter(|_| split_choice(key).0 == keys::DONE));
    ClosingView {
        row: row.row,
        reason: shown(row, keys::REASON),
        done: codes.map(str::to_owned).collect(),
        note: shown(row, keys::NOTE),
        proposed: signed(keys::PROPOSED_BY, keys::PROPOSED_AT),
        approved: is_agreed(row).then(|| signed(keys::APPROVED_BY, keys::APPROVED_AT)),
        own: name(keys::PROPOSED_BY) == Some(session.owner.account),
    }
}

fn shown(row: &RowState, key: &str) -> String {
    row.field(key).shown().and_then(Scalar::as_str).unwrap_or_default().to_owned()
}

/// When something was written into a row, by the writer's clock; 0 where nobody can read it.
fn at_ms(row: &RowState, key: &str) -> u64 {
    instant::parse(&shown(row, key)).and_then(|at| u64::try_from(at).ok()).unwrap_or(0)
}

fn in_closing(row: RowId, key: &str) -> FieldPath {
    FieldPath::Row { table: keys::CLOSING.to_owned(), row, key: key.to_owned() }
}

/// Writes a field of a row over everything that stands there.
fn put_in(case: CaseId, row: &RowState, key: &str, value: Scalar) -> DocumentEdit {
    let (state, table, key, row) = (row.field(key), keys::CLOSING.to_owned(), key.to_owned(), row.row);
    let seen = state.ops();
    let edit = if state.is_conflict() {
        Edit::ChooseRowField { table, row, key, value, seen }
    } else {
        Edit::SetRowField { table, row, key, value, seen }
    };
    DocumentEdit { key: core_key(case), edit }
}

/// Adds a row to the core, if every field takes its value.
fn add_row(session: &Session, case: CaseId, table: &str, fields: Vec<(&str, Scalar)>) -> Result<DocumentEdit, Failure> {
    for (key, value) in &fields {
        check_core(&session.pack, &PackPath::Row { table, key }, value)?;
    }
    let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let edit = Edit::AddRow { table: table.to_owned(), row: fresh_row(session), fields };
    Ok(DocumentEdit { key: core_key(case), edit })
}

fn check_core(pack: &Pack, path: &PackPath<'_>, value: &Scalar) -> Result<(), Failure> {
    let slot: Option<FieldSlot<'_>> = pack.schema(keys::CORE).and_then(|schema| schema.field(path));
    let fits = slot.is_some_and(|slot| slot.accepts(value).is_ok());
    if fits { Ok(()) } else { Err(failure(ErrorCode::ValueWrong)) }
}
