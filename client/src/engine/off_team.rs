//! The end of this person's assignment to a case: when it was, and whether everything they wrote there has left the tablet.
//!
//! Owns the note that stays when the relay takes a case's documents back; must never keep anything the case says. Called by the
//! session with every batch, and by the page of a case that is gone.

use std::collections::BTreeSet;

use shared::date::{CivilDate, PartialDate};
use shared::document::Document;
use shared::document::read::RowState;
use shared::id::{AccountId, CaseId, DocumentId};
use shared::protocol::frame::GoneReason;
use shared::sync::inbox::{Batch, RowWrite};
use shared::value::Scalar;

use super::keys;
use super::rows::{OffTeam, leaves_team};
use super::session::{Session, core_key, store_failure};
use super::summary::TeamFact;
use crate::api::{EndedView, Failure};
use crate::store::sealed::Writes;

/// Notes, before a batch is applied, whose team this person leaves by it. Whoever only read a report on duty was never assigned.
pub(super) async fn note(session: &mut Session, batch: &Batch, gone: &BTreeSet<DocumentId>, writes: &mut Writes) {
    for write in &batch.writes {
        let RowWrite::DropDocument(document, GoneReason::Ended, ended_ms) = write else { continue };
        if !gone.contains(document) {
            continue;
        }
        let Some(key) = session.index.find(*document).filter(|key| key.kind == keys::CORE).cloned() else { continue };
        // A core that does not open has nothing to say, and is taken away all the same.
        let account = session.owner.account;
        let Ok(replica) = session.replica(&key).await else { continue };
        let terms = own_terms(&replica.document, account);
        let heard_ms = ended_ms.unwrap_or_else(|| session.latest_ms());
        let heard = CivilDate::at(i64::try_from(heard_ms).unwrap_or(i64::MAX), session.pack.zone.offset_minutes);
        if !terms.is_empty() {
            let day = last_day(&terms, heard).days();
            leaves_team(writes, OffTeam { case: key.case, day });
        }
    }
}

/// The last days of a person's memberships, empty where open. Those struck out count, as open ones, where no other is left: whoever
/// strikes out their own leaves by that.
fn own_terms(core: &Document, account: AccountId) -> Vec<String> {
    let is_own = |row: &RowState| row.field(keys::ACCOUNT).any_is(&Scalar::Str(account.to_string()));
    let own: Vec<RowState> = core.rows(keys::TEAM).into_iter().filter(is_own).collect();
    let standing: Vec<String> = own.iter().filter_map(TeamFact::of).map(|member| member.until).collect();
    if standing.is_empty() { vec![String::new(); own.len()] } else { standing }
}

/// The last day of all. A term that ran out says better when than the relay, which may have been off that night.
fn last_day(terms: &[String], heard: CivilDate) -> CivilDate {
    let ends: Option<Vec<CivilDate>> =
        terms.iter().map(|term| Some(PartialDate::parse(term).ok()?.first_day())).collect();
    ends.and_then(|ends| ends.into_iter().max()).filter(|last| *last < heard).unwrap_or(heard)
}

/// How this person's assignment to a case ended; none while the case is here, or when they never had one.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn view(session: &Session, case: CaseId) -> Result<Option<EndedView>, Failure> {
    if session.has(&core_key(case)) {
        return Ok(None);
    }
    let store = |error| store_failure(&error);
    let Some(ended) = session.rows.off_team(case).await.map_err(store)? else { return Ok(None) };
    let pending = session.rows.pending().await.map_err(store)?;
    let tray = session.tray.iter().map(|trayed| &trayed.entry);
    // What waits at the centre for somebody's decision has arrived.
    let refused = tray.filter(|entry| entry.pending.key.case == case && !entry.held);
    let left = pending.iter().filter(|edit| edit.key.case == case).count()
        + refused.count()
        + session.drafts.keys().filter(|place| place.case == case).count();
    Ok(Some(EndedView {
        on: CivilDate::from_days(ended.day).to_string(),
        unsent: u32::try_from(left).unwrap_or(u32::MAX),
    }))
}
