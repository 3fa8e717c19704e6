//! Acts between the members of a case, and handing it over to another manager: one act, whole or not at all.
//!
//! Owns what it writes: who took the case over, the new manager's membership, and the end of the one before. Must never write but
//! through the session. Called by the engine's front.

use shared::command::Edit;
use shared::document::path::FieldPath;
use shared::id::{AccountId, CaseId};
use shared::protocol::error::ErrorCode;

use super::both;
use super::flow::{added_row, overwrite, team_edit, text};
use super::keys;
use super::passages;
use super::query::value::place_in;
use super::requests;
use super::session::{DocumentEdit, Session, core_key, failure};
use super::summary::TeamFact;
use super::write::undo_all;
use crate::api::{Act, Failure, FieldPlace};
use crate::store::sealed::Writes;

/// Does what one member does that concerns others. Returns the places that can be taken back.
///
/// # Errors
/// [`Failure`] of the act.
pub async fn act(session: &mut Session, act: Act) -> Result<Vec<FieldPlace>, Failure> {
    match act {
        Act::HandOn { case, account } => hand_on(session, case, account).await,
        Act::Ask(what) => requests::ask(session, &what).await,
        Act::Answered { case, row } => requests::done(session, case, row).await,
        Act::KeepBoth { place, seen } => both::keep(session, &place, &seen).await,
        Act::ReadText { place, heads } => passages::read(session, &place, &heads).await.map(|()| Vec::new()),
        Act::Undo(places) => undo_all(session, places).await.map(|()| Vec::new()),
    }
}

/// Hands a case over. Returns what can be taken back: nothing once whoever hands over has left the team by it.
///
/// # Errors
/// [`ErrorCode::ValueWrong`] when no role of the new manager's is one that manages cases, [`ErrorCode::AssignExcluded`] when they
/// must not know of it and this person may know that; otherwise [`Failure`] of the write.
pub async fn hand_on(session: &mut Session, case: CaseId, account: AccountId) -> Result<Vec<FieldPlace>, Failure> {
    let key = core_key(case);
    let is_duty = |role: &str| session.pack.role(role).is_some_and(|role| role.duty);
    let member = session.directory.serving(account, session.today());
    let role = member.and_then(|member| member.roles.iter().find(|role| is_duty(role)).cloned());
    let role = role.ok_or(failure(ErrorCode::ValueWrong))?;
    let today = session.today();
    let core = session.index.core(case).ok_or(failure(ErrorCode::ItemGone))?;
    let is_here = |account| !session.directory.is_away(account, today);
    let has_left = |member: &&TeamFact| {
        is_duty(&member.role) && member.runs_on(today) && session.directory.has_left(member.account, today)
    };
    // Whoever manages it leaves with this, and with them who should and has left the task force.
    let gone: Vec<TeamFact> = core.team.iter().filter(has_left).cloned().collect();
    let manager = core.manager(&session.pack, today, is_here).cloned();
    let mut edits = vec![overwrite(session, case, keys::TAKEN_OVER_BY, text(account.to_string())).await?];
    session.check_not_excluded(case, account)?;
    let rows = session.replica(&key).await?.document.rows(keys::TEAM);
    let runs = |member: &TeamFact, account: AccountId, role: &str| {
        member.account == account && member.role == role && member.runs_on(today)
    };
    let members: Vec<_> = rows.into_iter().filter_map(|row| Some((TeamFact::of(&row)?, row))).collect();
    if !members.iter().any(|(member, _)| runs(member, account, &role)) {
        edits.push(team_edit(session, case, account, &role));
    }
    let mut places: Vec<FieldPlace> = vec![place_in(&key, &FieldPath::Field(keys::TAKEN_OVER_BY.to_owned()))];
    places.extend(edits.iter().filter_map(added_row));
    let is_of =
        |left: &TeamFact, member: &TeamFact| member.account != account && runs(member, left.account, &left.role);
    // Last of all: with their own membership whoever hands over loses the right to write any of this.
    let managed = members.iter().filter(|(member, _)| manager.iter().any(|left| is_of(left, member)));
    let left = members.iter().filter(|(member, _)| gone.iter().any(|left| is_of(left, member)));
    for ((_, row), must_end) in left.map(|one| (one, false)).chain(managed.map(|one| (one, true))) {
        let (table, id) = (keys::TEAM.to_owned(), row.row);
        let removed = FieldPath::Row { table: table.clone(), row: id, key: keys::REMOVED.to_owned() };
        match session.check_may_write(&key, &removed).await {
            Ok(()) => {}
            Err(failed) if !must_end && failed.code == ErrorCode::WriteForbidden.number() => continue,
            Err(failed) => return Err(failed),
        }
        places.push(place_in(&key, &removed));
        let edit = Edit::RemoveRow { table, row: id, seen: row.ops() };
        edits.push(DocumentEdit { key: key.clone(), edit });
    }
    session.edit(edits, Writes::new()).await?;
    let taken = FieldPath::Field(keys::TAKEN_OVER_BY.to_owned());
    let may_take_back = session.check_may_write(&key, &taken).await.is_ok();
    Ok(if may_take_back { places } else { Vec::new() })
}
