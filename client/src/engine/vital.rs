//! "Kepentingan vital": somebody in danger of their life wants no record, and the least that may save it is handed over all the
//! same, with the reason why.
//!
//! Owns what that least is: that there is danger, where the person is, how it came, the kecamatan, the month, the signs, who was
//! called, and who must not know. What has not left the tablet takes nothing else along: the report ends as in [`super::refusal`],
//! and a new one with its field code takes its place. Of any other the rest is emptied. Must never hand over without a reason.

use shared::command::Edit;
use shared::document::Document;
use shared::document::path::{FieldPath, split_choice};
use shared::document::read::RowState;
use shared::id::{CaseId, DocumentKey};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::flow::{begin_report, hand_over, if_known, moment, set, text};
use super::keys;
use super::refusal::{Instead, emptying, end_as, kept_of, month_of, retold};
use super::rows::{LocalReport, RowWrites as _};
use super::session::{DocumentEdit, Session, core_key, document_key, failure, fresh_row, store_failure};
use crate::api::{Failure, FieldPlace, Reply};
use crate::store::sealed::Writes;

/// Fields of the report that are taken over.
const FIELDS: [&str; 4] = [keys::DANGER, keys::WHEREABOUTS, keys::CAME, keys::ORIGIN];
/// Lists of the report of which what was chosen is.
const CHOICES: [&str; 2] = [keys::SIGNS, keys::CALLED];
/// Fields that also stay where a report is narrowed in its place: whom to ask, and since when.
const STAYING: [&str; 3] = [keys::RECEIVED_BY, keys::REPORTED_ON, keys::CHANNEL];

/// Whether a consent tells why a life is at stake.
pub(super) fn is_told(row: &RowState) -> bool {
    let says = |key: &str, is: &dyn Fn(&str) -> bool| {
        let state = row.field(key);
        !state.values.is_empty() && state.values.iter().all(|seen| seen.value.as_str().is_some_and(is))
    };
    says(keys::BASIS, &|basis| basis == keys::VITAL) && says(keys::BASIS_WHY, &|why| !why.trim().is_empty())
}

/// "Buka dasar kepentingan vital": hands the least over.
///
/// # Errors
/// [`ErrorCode::ValueWrong`] without a reason, [`ErrorCode::ItemGone`] where nobody in danger has refused; otherwise [`Failure`] of
/// the store. Nothing was written then.
pub async fn open(session: &mut Session, case: CaseId, reason: &str) -> Result<Reply, Failure> {
    match reason.trim() {
        "" => Err(failure(ErrorCode::ValueWrong)),
        reason => end_as(session, case, Instead::Vital(reason)).await,
    }
}

/// A new report that takes the place of one of which nothing has left the tablet.
pub(super) async fn least(
    session: &mut Session,
    case: CaseId,
    intake: &Document,
    reason: &str,
) -> Result<(LocalReport, Vec<DocumentEdit>), Failure> {
    let today = session.today().to_string();
    let month = (!session.clock_wrong()).then(|| month_of(&today));
    // Whoever is on duty may have been told the code already, by telephone or SMS.
    let code = session.reports.get(&case).map(|report| report.field_code.clone());
    let (mut report, mut edits) = begin_report(session, month.as_deref(), code).await?;
    edits.extend(retold(session, report.case, kept_of(intake, &FIELDS, &CHOICES)).await?);
    let answers = [
        (keys::CONSENT_RECORDED, Scalar::Bool(false)),
        (keys::CONSENT_NAMED, Scalar::Bool(false)),
        (keys::BASIS, text(keys::VITAL)),
        (keys::BASIS_WHY, text(reason)),
        (keys::CONSENT_OFFICER, text(session.owner.account.to_string())),
    ];
    let fields = answers.map(|(key, value)| (key.to_owned(), value)).to_vec();
    edits.push(added(session, core_key(report.case), keys::CONSENT, fields));
    let guard = document_key(case, keys::GUARD, None);
    if session.has(&guard) {
        for row in session.replica(&guard).await?.document.rows(keys::EXCLUSIONS) {
            let shown = |(key, state): (&String, &shared::document::read::FieldState)| {
                Some((key.clone(), state.shown().filter(|value| !value.is_null())?.clone()))
            };
            if !row.removed() {
                let fields = row.fields.iter().filter_map(shown).collect();
                let of_new = document_key(report.case, keys::GUARD, None);
                edits.push(added(session, of_new, keys::EXCLUSIONS, fields));
            }
        }
    }
    let now_ms = session.latest_ms();
    let handed_over = set(&core_key(report.case), keys::HANDED_OVER, moment(session, now_ms));
    edits.extend(if_known(session, handed_over));
    report.handed_over_ms = Some(now_ms);
    Ok((report, edits))
}

fn added(session: &Session, key: DocumentKey, table: &str, fields: Vec<(String, Scalar)>) -> DocumentEdit {
    DocumentEdit { key, edit: Edit::AddRow { table: table.to_owned(), row: fresh_row(session), fields } }
}

/// Empties all but the least of a report of which something has left the tablet, and hands it over.
pub(super) async fn narrow(session: &mut Session, case: CaseId, reason: &str) -> Result<Reply, Failure> {
    let mut edits = emptying(session, case).await?;
    edits.retain(|one| match one.key.kind.as_str() {
        keys::CORE | keys::GUARD => false,
        keys::INTAKE => !stays(&one.edit),
        _ => true,
    });
    let core = core_key(case);
    for row in session.replica(&core).await?.document.rows(keys::CONSENT) {
        for (key, value) in [(keys::BASIS, keys::VITAL), (keys::BASIS_WHY, reason)] {
            let (table, key, seen) = (keys::CONSENT.to_owned(), key.to_owned(), row.field(key).ops());
            let path = FieldPath::Row { table: table.clone(), row: row.row, key: key.clone() };
            session.check_may_write(&core, &path).await?;
            let edit = Edit::ChooseRowField { table, row: row.row, key, value: text(value), seen };
            edits.push(DocumentEdit { key: core.clone(), edit });
        }
    }
    let mut writes = Writes::new();
    for draft in session.rows.drafts().await.map_err(|error| store_failure(&error))? {
        let place: Option<FieldPlace> = minicbor::decode(&draft.place).ok();
        if place.is_some_and(|place| place.case == case) {
            writes.draft(&draft.place, None);
        }
    }
    session.edit(edits, writes).await?;
    session.drafts.retain(|place, _| place.case != case);
    hand_over(session, case).await?;
    Ok(Reply::Refused { erased: false, kept: Some(case) })
}

fn stays(edit: &Edit) -> bool {
    let Edit::Choose { key, .. } = edit else { return false };
    match split_choice(key) {
        (list, Some(_)) => CHOICES.contains(&list),
        (field, None) => FIELDS.contains(&field) || STAYING.contains(&field),
    }
}
