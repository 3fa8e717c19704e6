//! The team of a case: everybody who is or was in it by a membership that nobody struck out, those whose term runs first.

use shared::document::Document;
use shared::document::read::FieldState;
use shared::order::Arrange as _;

use super::value::token;
use crate::api::{SeenOp, TeamView};
use crate::engine::keys;
use crate::engine::requests::is_registrar;
use crate::engine::session::Session;
use crate::engine::summary::{Summary, TeamFact};

/// Draws the team; `summary` is that of the same core.
pub(super) fn members(session: &Session, core: &Document, summary: &Summary) -> Vec<TeamView> {
    let today = session.today();
    let may_know = is_registrar(session);
    let manager = summary.manager(&session.pack, today, |account| !session.directory.is_away(account, today));
    let mut team: Vec<TeamView> = core
        .rows(keys::TEAM)
        .iter()
        .filter_map(|row| {
            let fact = TeamFact::of(row)?;
            let in_force = fact.runs_on(today);
            let manages = manager.is_some_and(|manager| manager.account == fact.account && manager.role == fact.role);
            let seen = |state: &FieldState| state.ops().into_iter().map(token).collect::<Vec<SeenOp>>();
            Some(TeamView {
                account: fact.account,
                name: session.name_of(Some(fact.account)),
                role: fact.role,
                until: fact.until,
                in_force,
                manages: manages && in_force,
                row: row.row,
                seen: row.ops().into_iter().map(token).collect(),
                until_seen: seen(&row.field(keys::UNTIL)),
                excluded: may_know && session.is_excluded(summary.key.case, fact.account),
            })
        })
        .collect();
    team.arrange_by_key(|member| (!member.in_force, !member.manages));
    team
}
