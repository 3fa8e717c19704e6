//! Drafts that nobody handed over for days: told by their field code and age to those who keep the register.
//!
//! What is told is a report status of the registrar's own, and goes the way of those of authors. Nothing of a draft's documents
//! is, nor whose it is; its age is that of its day at the centre, so that nobody is watched at work.

use shared::access::held::keeps_register;
use shared::access::{Actor, CaseFacts};
use shared::document::Document;
use shared::id::{AccountId, CaseId, DocumentId};
use shared::pack::Pack;
use shared::protocol::frame::{ReportState, ReportStatus};
use shared::protocol::limits::DRAFT_TOLD_HOURS;

use super::facts::core_of;
use super::grants::{FIELD_CODE, text_of};
use super::members::KnownAccount;
use super::work::Work;
use super::{Relay, RelayError};
use crate::access_gate::permit_judge;
use crate::storage::record::StatusRecord;
use crate::storage::{Table, key};

const HOUR_MS: u64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

impl Relay {
    /// Tells registrars of a draft that is old, and that it is none any more, or not theirs to know: nor is it when they keep the
    /// register no longer. Returns how many rows changed.
    pub(super) async fn tell_draft(
        &self,
        work: &mut Work,
        case: CaseId,
        facts: &CaseFacts,
        accounts: &[KnownAccount],
        now_ms: u64,
    ) -> Result<usize, RelayError> {
        let Some(pack) = self.packs.current().cloned() else { return Ok(0) };
        let today = self.packs.date_at(now_ms);
        let has_kept = |account: &&KnownAccount| {
            !facts.is_author(account.account) && account.terms.iter().any(|term| keeps_register(&pack, &term.role))
        };
        let keeps = |actor: &Actor| actor.roles_on(&pack, today).any(|role| keeps_register(&pack, &role.key));
        let draft = if facts.is_open() { None } else { self.old_draft(work, case, &pack, now_ms).await? };
        let mut changed = 0_usize;
        for actor in accounts.iter().filter(has_kept).map(KnownAccount::now) {
            let known = match work.tx.view().status(actor.account, case).await? {
                Some(record) => Some(self.open_status(&status_place(actor.account, case), &record)?),
                None => None,
            };
            let was_told = known.as_ref().is_some_and(|known| known.state == ReportState::Draft);
            let may_know = keeps(&actor) && !facts.excludes(actor.account, actor.office.as_deref());
            let wanted = match draft.clone().filter(|_| may_know) {
                Some(draft) => draft,
                None if was_told => ReportStatus::over(case, now_ms),
                None => continue,
            };
            if known.as_ref() != Some(&wanted) {
                self.put_status(work, actor.account, &wanted).await?;
                changed = changed.saturating_add(1);
            }
        }
        Ok(changed)
    }

    /// What is told of a draft, once it has been at the centre for so long; nothing of one that was emptied.
    async fn old_draft(
        &self,
        work: &mut Work,
        case: CaseId,
        pack: &Pack,
        now_ms: u64,
    ) -> Result<Option<ReportStatus>, RelayError> {
        let id = core_of(case);
        let Some(core) = self.open_document(work, id).await? else { return Ok(None) };
        let core = core.document.document();
        let field_code = text_of(core, FIELD_CODE);
        let Some(received_ms) = received_ms(work, id, core).await?.filter(|_| !field_code.is_empty()) else {
            return Ok(None);
        };
        let told_ms = HOUR_MS.saturating_mul(DRAFT_TOLD_HOURS.into());
        if now_ms.saturating_sub(received_ms) < told_ms {
            return Ok(None);
        }
        let day = self.packs.date_at(received_ms).days().saturating_mul(DAY_MS);
        let since = day.saturating_sub(MINUTE_MS.saturating_mul(pack.zone.offset_minutes.into()));
        let since_ms = u64::try_from(since).unwrap_or(0);
        let state = ReportState::Draft;
        Ok(Some(ReportStatus { case, field_code, state, since_ms, register_number: None, asked: None }))
    }

    /// Writes down what an account is told of a report.
    pub(super) async fn put_status(
        &self,
        work: &mut Work,
        account: AccountId,
        status: &ReportStatus,
    ) -> Result<(), RelayError> {
        let mut plain = Vec::new();
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(status, &mut plain);
        let sealed = self.sealer.seal_record(Table::Status, &status_place(account, status.case), &plain)?;
        let position = work.tx.next_position().await?;
        work.tx.put_status(account, status.case, &StatusRecord { position, sealed, withdrawn: false }).await?;
        Ok(())
    }
}

/// Where what an account is told of a report stands.
pub(super) fn status_place(account: AccountId, case: CaseId) -> Vec<u8> {
    key::join(&[account.as_bytes(), case.as_bytes()])
}

/// When the relay received the first change of a document that somebody wrote.
async fn received_ms(work: &mut Work, id: DocumentId, document: &Document) -> Result<Option<u64>, RelayError> {
    let first = document.metas_since(&[]).into_iter().find(|meta| meta.author.is_some());
    let Some(first) = first else { return Ok(None) };
    let record = work.tx.view().change(&permit_judge(id), first.hash).await?;
    Ok(record.map(|record| record.received_ms))
}
