//! Decisions about held changes: the first one counts, each is checked with the rights of now, each is audited.

use std::collections::BTreeSet;
use std::sync::Arc;

use shared::access::held::facts_of_decider;
use shared::access::{Action, Decision, DenyReason, Resource, WriteShape};
use shared::document::ops::{TouchedChange, TouchedOp};
use shared::document::vet::VettedDocument;
use shared::document::{ChangeMeta, Document};
use shared::id::{AccountId, CaseId, ChangeHash, DocumentId, HeldId};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::held::{self as wire, DecisionReceipt, HeldOutcome, KeptNote, Verdict, is_claimed};
use shared::protocol::limits::{DOCUMENT_BYTES_MAX, DOCUMENT_CHANGES_MAX, HELD_PAST_BYTES_MAX};

use super::settled_past;
use crate::access_gate::{permit_append, permit_judge};
use crate::audit::Entry;
use crate::relay::intake::{Accepted, Sender};
use crate::relay::judge::{Standpoint, schema_fault};
use crate::relay::ledger::{Appending, Origin};
use crate::relay::snapshot::NOBODY;
use crate::relay::vetting::is_derived;
use crate::relay::work::Work;
use crate::relay::{Relay, RelayError, facts};
use crate::storage::Table;
use crate::storage::record::{Act, HeldDecision, HeldRecord, SeatLevel};

/// A held change as a decision finds it.
struct Case<'a> {
    held: HeldId,
    document: DocumentId,
    hash: ChangeHash,
    record: HeldRecord,
    sender: &'a Sender<'a>,
}

/// How far an attempt to merge a held change came.
enum Merge {
    /// It stands in the document.
    Done,
    /// Its parents were not merged.
    Reenter,
    /// It cannot stand in the document.
    Refused(ErrorCode),
}

impl Relay {
    /// Takes the decisions of an upload, in their order.
    pub(in crate::relay) async fn take_decisions(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
    ) -> Result<Option<Vec<DecisionReceipt>>, RelayError> {
        let Some(decisions) = &sender.prepared.upload.decisions else { return Ok(None) };
        let mut receipts = Vec::with_capacity(decisions.len());
        for decision in decisions {
            if self.is_spent(sender.prepared) {
                // Whoever gets no receipt for a decision sends it again.
                break;
            }
            receipts.push(self.take_decision(work, sender, decision).await?);
            self.charge(sender, work.take_opened_bytes());
        }
        Ok(Some(receipts))
    }

    async fn take_decision(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        decision: &wire::Decision,
    ) -> Result<DecisionReceipt, RelayError> {
        // Unknown and forbidden look the same.
        let unknown = Ok(refused(ErrorCode::DecisionUnknown));
        let held = decision.held;
        let Some((document, hash)) = work.tx.view().held_named(held).await? else {
            return self.decide_evidence(work, sender, held, &decision.verdict).await;
        };
        let Some(record) = work.tx.view().held(document, hash).await?.filter(|_| !sender.ended) else {
            return unknown;
        };
        let me = sender.device.account;
        if let Some(made) = &record.decision {
            let had_seat = work.tx.view().seat(held, me).await?;
            return match had_seat.map(|seat| seat.level) {
                Some(SeatLevel::Told) if made.account == me && says(made.outcome, &decision.verdict) => {
                    Ok(DecisionReceipt::Done)
                }
                Some(SeatLevel::Told) if record.account != me => Ok(DecisionReceipt::Decided),
                Some(_) | None => unknown,
            };
        }
        if record.derived {
            return unknown;
        }
        let seats = self.wanted_seats(work, document, &record, sender.prepared.now_ms).await?;
        let case = Case { held, document, hash, record, sender };
        match (&decision.verdict, seats.get(&me)) {
            (_, None) => unknown,
            (Verdict::Forward, Some(_)) => self.forward(work, case).await,
            (_, Some(SeatLevel::Decides)) => self.decide(work, case, &decision.verdict).await,
            (_, Some(_)) => Ok(refused(ErrorCode::ChangeForbidden)),
        }
    }

    async fn forward(&self, work: &mut Work, mut case: Case<'_>) -> Result<DecisionReceipt, RelayError> {
        if !case.record.forwarded {
            case.record.forwarded = true;
            work.tx.put_held(case.document, case.hash, &case.record).await?;
            // Those who knew of it see that it was passed on, then others are told of it for the first time.
            self.seat_again(work, case.held).await?;
            work.held.push((case.document, case.hash));
            self.seat_new(work, case.sender.prepared.now_ms).await?;
            self.note_decision(work, &case, Act::HeldForwarded);
        }
        Ok(DecisionReceipt::Done)
    }

    async fn decide(&self, work: &mut Work, case: Case<'_>, verdict: &Verdict) -> Result<DecisionReceipt, RelayError> {
        match verdict {
            Verdict::Accept => {
                let before = work.tx.view().document(case.document).await?;
                match self.merge(work, &case).await? {
                    Merge::Reenter => return Ok(DecisionReceipt::Reenter),
                    Merge::Refused(code) => return Ok(refused(code)),
                    Merge::Done => {}
                }
                let key = case.record.key.clone();
                self.settle_held(work, case, HeldOutcome::Accepted, None).await?;
                if before.is_none() || facts::carries_rights(&key.kind) {
                    work.regrant.insert(key.case);
                }
            }
            Verdict::Reentered(hashes) => {
                if !self.are_own(work, &case, hashes).await? {
                    return Ok(refused(ErrorCode::DecisionReentry));
                }
                self.settle_held(work, case, HeldOutcome::Reentered, None).await?;
            }
            Verdict::Decline(reason) if reason.trim().is_empty() => return Ok(refused(ErrorCode::ValueWrong)),
            Verdict::Decline(reason) => {
                self.settle_held(work, case, HeldOutcome::Declined, Some(reason.trim())).await?;
            }
            Verdict::Noted(note) => {
                // Its remark was checked when it came.
                if !self.is_kept(work, &case, *note).await? {
                    return Ok(refused(ErrorCode::DecisionReentry));
                }
                self.settle_held(work, case, HeldOutcome::Declined, None).await?;
            }
            Verdict::Forward => {}
            // These are about evidence, and it is none.
            Verdict::Block(_) | Verdict::TakeOut | Verdict::Reviewed => return Ok(refused(ErrorCode::DecisionUnknown)),
        }
        Ok(DecisionReceipt::Done)
    }

    /// Notes that a change was merged that waited because somebody had brought it: its writer has sent it, signed.
    pub(in crate::relay) async fn note_merged(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        document: DocumentId,
        hash: ChangeHash,
    ) -> Result<(), RelayError> {
        let Some(record) = work.tx.view().held(document, hash).await?.filter(HeldRecord::is_open) else {
            return Ok(());
        };
        let case = Case { held: HeldId::derive(document, hash), document, hash, record, sender };
        self.settle_held(work, case, HeldOutcome::Accepted, None).await
    }

    /// Writes a decision down and tells everybody whom it concerns.
    async fn settle_held(
        &self,
        work: &mut Work,
        mut case: Case<'_>,
        outcome: HeldOutcome,
        reason: Option<&str>,
    ) -> Result<(), RelayError> {
        let place = [case.document.as_bytes().as_slice(), case.held.as_bytes()].concat();
        let sealed_reason = match reason {
            Some(reason) => Some(self.sealer.seal_record(Table::Held, &place, reason.as_bytes())?),
            None => None,
        };
        case.record.decision = Some(HeldDecision {
            outcome,
            account: case.sender.device.account,
            device: case.sender.prepared.device_id(),
            at_ms: case.sender.prepared.now_ms,
            sealed_reason,
        });
        work.tx.put_held(case.document, case.hash, &case.record).await?;
        self.seat_decided(work, case.held, &case.record).await?;
        let act = match outcome {
            HeldOutcome::Accepted => Act::HeldAccepted,
            HeldOutcome::Reentered => Act::HeldReentered,
            HeldOutcome::Declined | HeldOutcome::Withdrawn => Act::HeldDeclined,
        };
        self.note_decision(work, &case, act);
        Ok(())
    }

    fn note_decision(&self, work: &mut Work, case: &Case<'_>, act: Act) {
        work.audit.push(Entry {
            account: Some(case.sender.device.account),
            device: Some(case.sender.prepared.device_id()),
            document: Some(case.document),
            code: ErrorCode::from_number(case.record.code),
            count: 1,
            ..Entry::of(act)
        });
    }

    /// Whether changes that claim to enter a held one again are in the document, from this very device.
    async fn are_own(&self, work: &mut Work, case: &Case<'_>, hashes: &[ChangeHash]) -> Result<bool, RelayError> {
        for hash in hashes {
            let change = work.tx.view().change(&permit_judge(case.document), *hash).await?;
            let own = change.is_some_and(|change| change.derived || change.device_number == case.sender.device.number);
            if !own {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether what a held change says stands in a note, by the account that decides.
    async fn is_kept(&self, work: &mut Work, case: &Case<'_>, note: DocumentId) -> Result<bool, RelayError> {
        self.sealer.load(&self.storage, &[note]).await?;
        let Some(open) = self.open_document(work, note).await? else { return Ok(false) };
        let me = case.sender.device.account;
        let keeps = |meta: ChangeMeta| {
            let kept = meta.message.as_deref().and_then(KeptNote::parse);
            meta.author == Some(me) && kept.is_some_and(|kept| kept.held == case.held)
        };
        let is_of_case = open.record.key.case == case.record.key.case;
        Ok(is_of_case && open.document.document().metas_since(&[]).into_iter().any(keeps))
    }

    /// Merges a held change as it is, in its writer's name and with its own time of receipt.
    async fn merge(&self, work: &mut Work, case: &Case<'_>) -> Result<Merge, RelayError> {
        let Case { document, hash, record, sender, .. } = case;
        self.sealer.load(&self.storage, &[*document]).await?;
        let open = self.open_document(work, *document).await?;
        if open.is_none() && record.key.generation != 0 {
            // As in an upload; a relay of an older version held such a change.
            return Ok(Merge::Refused(ErrorCode::DocumentUnknown));
        }
        let base = match &open {
            Some(open) => Arc::clone(&open.document),
            None => Arc::new(VettedDocument::new()?),
        };
        let judge = permit_judge(*document);
        let Ok(change) = CheckedChange::check(&self.open_held(&judge, *hash, record)?) else {
            return Ok(Merge::Refused(ErrorCode::ChangeMalformed));
        };
        // What nobody wrote goes in with what was written into it.
        let opener = |hash: ChangeHash, record: &HeldRecord| self.open_held(&judge, hash, record);
        let past = settled_past(&mut work.tx.view(), *document, &change, opener, HELD_PAST_BYTES_MAX).await?;
        let mut batch: Vec<CheckedChange> = past
            .into_iter()
            .filter(|past| is_derived(past) && !base.document().contains(&past.hash()))
            .filter(|past| change.deps().contains(&past.hash()))
            .collect();
        let brought: Vec<ChangeHash> = batch.iter().map(CheckedChange::hash).collect();
        let is_orphan = change.deps().iter().any(|dep| !base.document().contains(dep) && !brought.contains(dep));
        let bound = work.tx.view().actor(*document, change.actor()).await?;
        let device = work.tx.view().device(record.device).await?;
        let Some(device) = device else { return Ok(Merge::Refused(ErrorCode::DeviceUnknown)) };
        let is_brought = record.is_brought();
        // The tablet that brought it goes on under nobody's name but its own.
        let writes_on = if is_brought { NOBODY } else { device.number };
        let is_foreign = bound.as_ref().is_some_and(|bound| bound.device_number != writes_on);
        let is_alone = device.account == sender.device.account;
        // A remark in what was brought was checked by nobody, nor one in what waited for what it is about, and nobody takes alone in
        // what they brought in another's name: it goes in under the name of who decides.
        if (is_brought && (is_foreign || is_alone)) || change.message().is_some_and(is_claimed) {
            return Ok(Merge::Reenter);
        }
        if is_foreign {
            return Ok(Merge::Refused(ErrorCode::ChangeActorForeign));
        }
        let follows = change.seq() == bound.map_or(0, |bound| bound.last_seq).saturating_add(1);
        if is_orphan || !follows {
            return Ok(Merge::Reenter);
        }
        batch.push(change);
        if is_full(open.as_ref().map(|open| &open.record), &batch) {
            return Ok(Merge::Refused(ErrorCode::DocumentFull));
        }
        let bytes: Vec<&[u8]> = batch.iter().map(CheckedChange::as_bytes).collect();
        self.charge(sender, open.as_ref().map_or(0, |open| open.record.change_bytes));
        let Ok(trial) = self.vetting.vet(&base, &bytes) else { return Ok(Merge::Refused(ErrorCode::ChangeUnsound)) };
        let creator = open.as_ref().map_or(record.account, |open| open.record.creator);
        if let Some(touched) = trial.touched.last()
            && let Some(code) = self.objection(work, case, creator, touched, &trial.document).await?
        {
            return Ok(Merge::Refused(code));
        }
        let mut merged = VettedDocument::clone(&base);
        merged.accept(trial);
        let accepted: Vec<Accepted> =
            batch.into_iter().map(|change| Accepted { derived: is_derived(&change), change }).collect();
        let origin = Origin {
            account: record.account,
            device_number: writes_on,
            received_ms: record.received_ms,
            pack: sender.prepared.upload.pack,
            accepted_by: Some(sender.device.number),
        };
        let appending = Appending { key: record.key.clone(), open, document: Arc::new(merged), accepted: &accepted };
        self.append(work, &origin, appending, &permit_append(*document)).await?;
        Ok(Merge::Done)
    }

    /// Why a sound held change may not be merged on this account's word; none when it may.
    async fn objection(
        &self,
        work: &mut Work,
        case: &Case<'_>,
        creator: AccountId,
        touched: &TouchedChange,
        after: &Document,
    ) -> Result<Option<ErrorCode>, RelayError> {
        let record = &case.record;
        if let Some(code) = schema_fault(&self.packs, &record.key.kind, &touched.ops, Some(after)) {
            return Ok(Some(code));
        }
        let at = self.standpoint(work, case).await?;
        let resource = Resource { kind: &record.key.kind, subject: record.key.subject, creator: Some(creator) };
        // A seat at an entry that is its author's alone to write comes from reading it, not from writing.
        let writes = at.may(&self.packs, &resource, Action::Write(WriteShape::Any)).is_allowed();
        if !writes || at.may_write(&self.packs, &resource, touched, Some(after)).is_allowed() {
            return Ok(None);
        }
        let is_authors = at.facts.creators.is_empty() || at.facts.is_author(record.account);
        let allowed = |op: &TouchedOp| {
            let alone = TouchedChange { ops: vec![op.clone()], ..touched.clone() };
            match at.may_write(&self.packs, &resource, &alone, Some(after)) {
                Decision::Allow => true,
                // Such as handing the report over: it is not the decider who does.
                Decision::Deny(DenyReason::AuthorOnly) => is_authors,
                Decision::Deny(_) => false,
            }
        };
        Ok(if touched.ops.iter().all(allowed) { None } else { Some(ErrorCode::ChangeForbidden) })
    }

    /// From where a decision is judged: the rights of now.
    async fn standpoint(&self, work: &mut Work, case: &Case<'_>) -> Result<Standpoint, RelayError> {
        let accounts = self.accounts(&mut work.tx.view()).await?;
        let me = case.sender.device.account;
        let known = accounts.iter().find(|known| known.account == me).ok_or(RelayError::Dropped)?;
        let facts = self.facts(work, case.record.key.case).await?;
        let today = self.packs.date_at(case.sender.prepared.now_ms);
        let actor = known.now();
        let facts = match self.packs.current() {
            Some(pack) => Arc::new(facts_of_decider(pack, &actor, &facts, case.record.account, today)),
            None => facts,
        };
        Ok(Standpoint { actor, facts, today })
    }

    /// Computes who receives the documents of cases whose rights a decision moved.
    pub(in crate::relay) async fn regrant_decided(&self, work: &mut Work, now_ms: u64) -> Result<(), RelayError> {
        let cases: BTreeSet<CaseId> = core::mem::take(&mut work.regrant);
        for case in cases {
            self.grant_case(work, case, now_ms).await?;
        }
        Ok(())
    }
}

const fn refused(code: ErrorCode) -> DecisionReceipt {
    DecisionReceipt::Refused(code.number())
}

/// Whether a decision that comes again says what was done the first time.
const fn says(outcome: HeldOutcome, verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Accept | Verdict::Reentered(_) => outcome.is_taken_in(),
        Verdict::Decline(_) | Verdict::Noted(_) => matches!(outcome, HeldOutcome::Declined),
        Verdict::Forward | Verdict::Block(_) | Verdict::TakeOut | Verdict::Reviewed => false,
    }
}

fn is_full(record: Option<&crate::storage::record::DocumentRecord>, batch: &[CheckedChange]) -> bool {
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let (count, bytes) =
        record.map_or((0, 0), |record| (number(record.change_count.into()), number(record.change_bytes)));
    let more = batch.iter().map(|change| change.as_bytes().len()).fold(0, usize::saturating_add);
    count.saturating_add(batch.len()) > DOCUMENT_CHANGES_MAX || bytes.saturating_add(more) > DOCUMENT_BYTES_MAX
}
