//! Who receives what: derived from each case's merged core and guard, kept as rows, told through the feed.

use std::collections::{BTreeMap, BTreeSet};

use shared::access::facts::STAGE;
use shared::access::{Actor, CaseFacts, DocumentPlace, audience};
use shared::document::Document;
use shared::document::read::Seen;
use shared::id::{AccountId, CaseId, DocumentId};
use shared::protocol::frame::{GoneReason, ReportState, ReportStatus};
use shared::value::Scalar;

use super::drafts::status_place;
use super::facts::core_of;
use super::work::Work;
use super::{Relay, RelayError};
use crate::audit::{self, Entry};
use crate::storage::record::{Act, DocumentRecord, StatusRecord};
use crate::storage::{StorageError, Table, key};

/// Field of the core that people read out.
pub(super) const FIELD_CODE: &str = "kode_lapangan";
/// Field of the core with the case's number in the register.
const REGISTER_NUMBER: &str = "nomor_register";
/// Field of the core that is written with every question to the author: when it was asked.
const ASKED_AT: &str = "keterangan_diminta_pada";
/// Field of the core: what was asked, as a code.
const ASKED: &str = "keterangan_diminta";
/// Kind of what an author adds after the hand-over.
const SUPPLEMENT: &str = "supplement";

impl Relay {
    /// Computes who receives the documents of a case, and writes down what changed. Returns how many rows did.
    pub(super) async fn grant_case(&self, work: &mut Work, case: CaseId, now_ms: u64) -> Result<usize, RelayError> {
        let Some(pack) = self.packs.current().cloned() else { return Ok(0) };
        let facts = self.facts(work, case).await?;
        let documents = work.tx.view().case_documents(case).await?;
        let records = work.tx.view().documents(&documents).await?;
        let accounts = self.accounts(&mut work.tx.view()).await?;
        let actors: Vec<Actor> = accounts.iter().map(super::members::KnownAccount::now).collect();
        let wanted = wanted(&pack, &actors, &facts, &records, self.packs.date_at(now_ms));
        let mut changed = 0_usize;
        for (document, record) in &records {
            let holders: BTreeSet<AccountId> = work.tx.view().holders(*document).await?.into_iter().collect();
            let wanted = wanted.get(document).cloned().unwrap_or_default();
            for account in wanted.difference(&holders) {
                self.begin_grant(work, *account, *document, record).await?;
                changed = changed.saturating_add(1);
            }
            for account in holders.difference(&wanted) {
                let reason = if facts.is_author(*account) && facts.is_gone_for_author() {
                    GoneReason::TakenOver
                } else {
                    GoneReason::Ended
                };
                self.stop_grant(work, *account, *document, record, (reason, now_ms)).await?;
                changed = changed.saturating_add(1);
            }
        }
        let told = self.tell_author(work, case, &facts, &actors, &records, now_ms).await?;
        let told = told.saturating_add(self.tell_draft(work, case, &facts, &accounts, now_ms).await?);
        let told = told.saturating_add(self.tell_alarm(work, case, &facts, &actors, now_ms).await?);
        Ok(changed.saturating_add(told).saturating_add(self.seat_case(work, case, now_ms).await?))
    }

    async fn begin_grant(
        &self,
        work: &mut Work,
        account: AccountId,
        document: DocumentId,
        record: &DocumentRecord,
    ) -> Result<(), RelayError> {
        let position = work.tx.next_position().await?;
        work.tx.grant(account, document, position, u128::from_le_bytes(record.term)).await?;
        work.audit.push(Entry { account: Some(account), document: Some(document), ..Entry::of(Act::Granted) });
        Ok(())
    }

    async fn stop_grant(
        &self,
        work: &mut Work,
        account: AccountId,
        document: DocumentId,
        record: &DocumentRecord,
        (reason, now_ms): (GoneReason, u64),
    ) -> Result<(), RelayError> {
        let Some(before) = work.tx.view().grant(account, document).await? else { return Ok(()) };
        let position = work.tx.next_position().await?;
        let term = u128::from_le_bytes(record.term);
        work.tx.end_grant(account, document, &before, (position, reason, now_ms), term).await?;
        work.audit.push(Entry { account: Some(account), document: Some(document), ..Entry::of(Act::GrantEnded) });
        Ok(())
    }

    /// Tells the author of a handed-over report where it stands, and that it is none any more once it was taken back; unless an
    /// exclusion names the author: then what was told before is told no tablet again. Returns how many rows changed.
    async fn tell_author(
        &self,
        work: &mut Work,
        case: CaseId,
        facts: &CaseFacts,
        actors: &[Actor],
        records: &BTreeMap<DocumentId, DocumentRecord>,
        now_ms: u64,
    ) -> Result<usize, RelayError> {
        let Some(author) = facts.creators.first().copied() else { return Ok(0) };
        let known = work.tx.view().status(author, case).await?;
        let office = actors.iter().find(|actor| actor.account == author).and_then(|actor| actor.office.as_deref());
        if facts.excludes(author, office) {
            let Some(known) = known.filter(|known| !known.withdrawn) else { return Ok(0) };
            let position = work.tx.next_position().await?;
            work.tx.put_status(author, case, &StatusRecord { position, withdrawn: true, ..known }).await?;
            return Ok(1);
        }
        if !facts.handed_over.any(|value| !value.is_null()) {
            let Some(known) = known.filter(|known| !known.withdrawn) else { return Ok(0) };
            let known = self.open_status(&status_place(author, case), &known)?;
            // An old draft is told of to whoever keeps the register, and not here.
            if known.is_over() || known.state == ReportState::Draft {
                return Ok(0);
            }
            self.put_status(work, author, &ReportStatus::over(case, now_ms)).await?;
            return Ok(1);
        }
        let Some(pack) = self.packs.current().cloned() else { return Ok(0) };
        let Some(core) = self.open_document(work, core_of(case)).await? else { return Ok(0) };
        let asked = self.asked(work, (core_of(case), core.document.document()), author, records).await?;
        let stages = core.document.document().field(STAGE).values;
        let closes = |seen: &Seen| seen.value.as_str().is_some_and(|stage| pack.stages.closes(stage));
        let state = if !stages.is_empty() && stages.iter().all(closes) {
            ReportState::Closed
        } else if asked.is_some() {
            ReportState::NeedsSupplement
        } else if facts.is_taken() {
            ReportState::InHand
        } else {
            ReportState::Received
        };
        let asked = asked.filter(|_| state == ReportState::NeedsSupplement);
        let field_code = text_of(core.document.document(), FIELD_CODE);
        let register_number = Some(text_of(core.document.document(), REGISTER_NUMBER)).filter(|text| !text.is_empty());
        let place = status_place(author, case);
        let mut since_ms = now_ms;
        if let Some(record) = known {
            let known = self.open_status(&place, &record)?;
            if known.state == state {
                since_ms = known.since_ms;
            }
            let same =
                known.field_code == field_code && known.register_number == register_number && known.asked == asked;
            if known.state == state && same && !record.withdrawn {
                return Ok(0);
            }
        }
        let status = ReportStatus { case, field_code, state, since_ms, register_number, asked };
        self.put_status(work, author, &status).await?;
        Ok(1)
    }

    /// What the author is asked for and has not answered: no supplement of the author came after the last question.
    async fn asked(
        &self,
        work: &mut Work,
        core: (DocumentId, &Document),
        author: AccountId,
        records: &BTreeMap<DocumentId, DocumentRecord>,
    ) -> Result<Option<String>, RelayError> {
        let (id, core) = core;
        let what = Some(text_of(core, ASKED)).filter(|what| !what.is_empty());
        let mut asked_at = None;
        for field in [ASKED, ASKED_AT] {
            for seen in core.field(field).values {
                asked_at = asked_at.max(work.tx.view().change_position(id, seen.hash).await?);
            }
        }
        let is_answer = |record: &DocumentRecord| record.key.kind == SUPPLEMENT && record.creator == author;
        let mut answers = records.values().filter(|record| is_answer(record)).map(|record| record.first_position);
        let is_answered = answers.any(|position| Some(position) > asked_at);
        Ok(what.filter(|_| !is_answered))
    }

    /// Opens a report status found at `place`.
    pub(super) fn open_status(&self, place: &[u8], record: &StatusRecord) -> Result<ReportStatus, RelayError> {
        let plain = self.sealer.open_record(Table::Status, place, &record.sealed)?;
        minicbor::decode(&plain).map_err(|_| StorageError::Corrupt { table: Table::Status.name() }.into())
    }

    /// Computes every grant anew when the day, the pack or the accounts are others than last time.
    ///
    /// This is what makes a role that ends at midnight end without an edit; a timer calls it.
    ///
    /// # Errors
    /// [`RelayError`] when the storage fails.
    pub async fn refresh_grants(&self, now_ms: u64) -> Result<usize, RelayError> {
        let mut view = self.storage.read().await?;
        let stamp = self.grants_stamp(view.view().roles_position().await?, now_ms);
        if view.view().grants_stamp().await?.as_deref() == Some(stamp.as_slice()) {
            return Ok(0);
        }
        drop(view);
        self.verify_grants(now_ms).await
    }

    /// Computes every grant anew and writes down what differs; returns how many rows did.
    ///
    /// # Errors
    /// [`RelayError`] when the storage fails.
    pub async fn verify_grants(&self, now_ms: u64) -> Result<usize, RelayError> {
        let mut cases: BTreeSet<CaseId> = self.storage.read().await?.view().cases().await?.into_iter().collect();
        // A case may be held before it exists.
        cases.extend(self.storage.read().await?.view().cases_with_held().await?);
        let mut changed = 0_usize;
        for case in cases {
            let mut work = Work::new(self.storage.write().await?);
            let moved = self.grant_case(&mut work, case, now_ms).await?;
            changed = changed.saturating_add(moved);
            let entries = core::mem::take(&mut work.audit);
            let (mut tx, _) = work.into_changed();
            if moved > 0 {
                audit::append(&mut tx, now_ms, &entries).await?;
                tx.commit().await?;
            }
        }
        let mut work = Work::new(self.storage.write().await?);
        changed = changed.saturating_add(self.reseat_evidence(&mut work, None, now_ms).await?);
        let (mut tx, _) = work.into_changed();
        let position = tx.view().roles_position().await?;
        tx.put_grants_stamp(&self.grants_stamp(position, now_ms)).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Day, pack version and state of roles.
    fn grants_stamp(&self, roles_position: u64, now_ms: u64) -> Vec<u8> {
        let day = self.packs.date_at(now_ms).days();
        key::join(&[&day.to_be_bytes(), &self.packs.version().to_be_bytes(), &roles_position.to_be_bytes()])
    }
}

fn wanted(
    pack: &shared::pack::Pack,
    actors: &[Actor],
    facts: &CaseFacts,
    records: &BTreeMap<DocumentId, DocumentRecord>,
    today: shared::date::CivilDate,
) -> BTreeMap<DocumentId, BTreeSet<AccountId>> {
    let mut wanted: BTreeMap<DocumentId, BTreeSet<AccountId>> = BTreeMap::new();
    for (document, record) in records {
        let place =
            DocumentPlace { kind: record.key.kind.clone(), subject: record.key.subject, creator: record.creator };
        let granted = audience(pack, actors, facts, core::slice::from_ref(&place), today);
        wanted.insert(*document, granted.into_iter().map(|grant| grant.account).collect());
    }
    wanted
}

pub(super) fn text_of(document: &Document, field: &str) -> String {
    match document.field(field).shown() {
        Some(Scalar::Str(text)) => text.clone(),
        Some(Scalar::Null | Scalar::Bool(_) | Scalar::Int(_)) | None => String::new(),
    }
}
