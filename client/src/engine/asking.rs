//! "Minta keterangan": whoever has a case asks whoever took the report for more.
//!
//! Owns which fields that is. The author has nothing of the case any more; the relay tells what is asked with the status of
//! the report, and that it is answered once a supplement of the author has come.

use shared::id::CaseId;
use shared::instant;
use shared::pack::FieldPath as PackPath;
use shared::protocol::error::ErrorCode;

use super::flow::{moment, overwrite, text};
use super::keys;
use super::session::{Session, failure};
use super::summary::Summary;
use crate::api::{AskedView, Failure};
use crate::store::sealed::Writes;

/// What was asked, and whether this person may; none where the pack does not know of it or nobody is left to ask.
#[must_use]
pub fn asking(session: &Session, core: &Summary, may_write: bool) -> Option<AskedView> {
    session.pack.schema(keys::CORE)?.field(&PackPath::Field(keys::ASKED))?;
    let is_closed = session.pack.stages.closes(core.text(keys::STAGE));
    let is_in_hand = !core.text(keys::HANDED_OVER).is_empty() && !core.text(keys::TAKEN_OVER_BY).is_empty();
    let may_ask = may_write && is_in_hand && !is_closed && core.made_by != Some(session.owner.account);
    let what = core.text(keys::ASKED).to_owned();
    let at_ms = instant::parse(core.text(keys::ASKED_AT)).and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
    (may_ask || !what.is_empty()).then_some(AskedView { what, at_ms, may_ask })
}

/// Asks for more. Asking again, for the same or something else, asks anew.
///
/// # Errors
/// [`ErrorCode::WriteForbidden`] where there is nobody to ask; those of the write.
pub async fn ask(session: &mut Session, case: CaseId, what: &str) -> Result<(), Failure> {
    let core = session.index.core(case).ok_or(failure(ErrorCode::ItemGone))?;
    if !asking(session, core, true).is_some_and(|asking| asking.may_ask) {
        return Err(failure(ErrorCode::WriteForbidden));
    }
    let at = moment(session, session.latest_ms());
    let edits = vec![
        overwrite(session, case, keys::ASKED, text(what)).await?,
        overwrite(session, case, keys::ASKED_AT, at).await?,
    ];
    session.edit(edits, Writes::new()).await
}
