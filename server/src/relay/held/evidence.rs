//! Bytes that were refused as damaged or hostile: kept sealed and unopened, told to those who keep the register, handed out as a letter to
//! the office, to be saved in a file, and erased when their time is over. Whoever decides may have the tablet revoked they came from. What is kept,
//! and what not, is said in `keep`.

mod keep;

use std::collections::BTreeMap;

use shared::access::CaseFacts;
use shared::access::held::keeps_register;
use shared::id::{AccountId, CaseId, DeviceId, HeldId};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Item, Receipts};
use shared::protocol::held::{
    Decided, Decision, DecisionReceipt, Evidence, HeldChange, HeldOutcome, Verdict, is_damaged,
};
use shared::protocol::limits::EVIDENCE_KEPT_DAYS;
use shared::seal::letter::{LetterRandomness, Purpose, Recipient};

use crate::access_gate::permit_evidence;
use crate::audit::Entry;
use crate::failure::Chain;
use crate::identity::revoke;
use crate::relay::intake::Sender;
use crate::relay::members::KnownAccount;
use crate::relay::prepare::Prepared;
use crate::relay::pull::Pull;
use crate::relay::work::Work;
use crate::relay::{Relay, RelayError};
use crate::storage::record::{Act, EvidenceRecord, HeldDecision, SeatLevel, SeatRecord};
use crate::storage::{Table, View};

const DAY_MS: u64 = 86_400_000;

/// Whether a decision blocked the tablet; the other is that nothing was to be done.
pub(super) const fn is_block(made: &HeldDecision) -> bool {
    made.sealed_reason.is_some()
}

/// The evidence an upload asked for and may have, by its receipts.
pub(in crate::relay) fn taken_out(prepared: &Prepared, receipts: &Receipts) -> Vec<HeldId> {
    let decisions = prepared.upload.decisions.iter().flatten();
    let receipts = receipts.decisions.iter().flatten();
    let is_given = |(decision, receipt): &(&Decision, &DecisionReceipt)| {
        decision.verdict == Verdict::TakeOut && **receipt == DecisionReceipt::Done
    };
    decisions.zip(receipts).filter(is_given).map(|(decision, _)| decision.held).collect()
}

impl Relay {
    /// Tells those who keep the register of evidence, and of its case unless they must not know of that; `again` although
    /// they were told before, because it came again. Returns how many rows changed.
    async fn seat_evidence(
        &self,
        work: &mut Work,
        id: HeldId,
        record: &EvidenceRecord,
        now_ms: u64,
        again: bool,
    ) -> Result<usize, RelayError> {
        let Some(pack) = self.packs.current().cloned().filter(|_| record.decision.is_none()) else { return Ok(0) };
        let facts = match &record.key {
            Some(key) => Some(self.facts(work, key.case).await?),
            None => None,
        };
        let accounts = self.accounts(&mut work.tx.view()).await?;
        let today = self.packs.date_at(now_ms);
        let wanted: BTreeMap<AccountId, SeatLevel> = accounts
            .iter()
            .map(KnownAccount::now)
            .filter(|actor| actor.roles_on(&pack, today).any(|role| keeps_register(&pack, &role.key)))
            .map(|actor| {
                let is_excluded = |facts: &CaseFacts| facts.excludes(actor.account, actor.office.as_deref());
                // Of which case it is nobody knows where nobody knows the document.
                let may_know = !facts.as_deref().is_some_and(is_excluded);
                (actor.account, if may_know { SeatLevel::Decides } else { SeatLevel::Counts })
            })
            .collect();
        let seated = work.tx.view().seats(id).await?;
        let mut changed = 0_usize;
        for (account, level) in &wanted {
            let before = seated.get(account);
            let known = before.filter(|before| again && before.level == *level);
            changed = changed.saturating_add(match known {
                Some(before) => {
                    let position = work.tx.next_position().await?;
                    let seat = SeatRecord { position, level: *level };
                    work.tx.put_seat(id, *account, Some(before.position), &seat).await?;
                    1
                }
                None => self.seat(work, id, *account, before, *level).await?,
            });
        }
        for (account, seat) in seated.iter().filter(|(account, _)| !wanted.contains_key(account)) {
            changed = changed.saturating_add(self.seat(work, id, *account, Some(seat), SeatLevel::Ended).await?);
        }
        Ok(changed)
    }

    /// Tells evidence anew whose audience may have moved: of one case, or all of it. Returns how many rows changed.
    pub(in crate::relay) async fn reseat_evidence(
        &self,
        work: &mut Work,
        case: Option<CaseId>,
        now_ms: u64,
    ) -> Result<usize, RelayError> {
        let mut changed = 0_usize;
        for (id, record) in work.tx.view().all_evidence().await? {
            if case.is_none() || record.key.as_ref().map(|key| key.case) == case {
                changed = changed.saturating_add(self.seat_evidence(work, id, &record, now_ms, false).await?);
            }
        }
        Ok(changed)
    }

    /// Takes a decision about evidence. Unknown and forbidden look the same.
    pub(super) async fn decide_evidence(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        id: HeldId,
        verdict: &Verdict,
    ) -> Result<DecisionReceipt, RelayError> {
        let refused = |code: ErrorCode| Ok(DecisionReceipt::Refused(code.number()));
        let Some(record) = work.tx.view().evidence(id).await?.filter(|_| !sender.ended) else {
            return refused(ErrorCode::DecisionUnknown);
        };
        let me = sender.device.account;
        let seat = work.tx.view().seat(id, me).await?.filter(|seat| seat.level != SeatLevel::Ended);
        let today = self.packs.date_at(sender.prepared.now_ms);
        let keeps_register = self.keeps_register(&mut work.tx.view(), me, today).await?;
        let Some(seat) = seat.filter(|_| keeps_register) else { return refused(ErrorCode::DecisionUnknown) };
        match verdict {
            Verdict::TakeOut if work.tx.view().recovery_recipient().await?.is_none() => {
                refused(ErrorCode::RecoveryMissing)
            }
            Verdict::TakeOut if self.kept_bytes(&mut work.tx.view(), id, &record, &seat).await?.is_none() => {
                refused(ErrorCode::EvidenceGone)
            }
            Verdict::TakeOut => {
                self.note_evidence(work, sender, &record, Act::EvidenceTaken, 1);
                Ok(DecisionReceipt::Done)
            }
            // Who is excluded from a case neither stops whoever writes of it nor says that all is well.
            Verdict::Block(_) | Verdict::Reviewed if seat.level == SeatLevel::Counts => {
                refused(ErrorCode::DecisionUnknown)
            }
            Verdict::Block(_) | Verdict::Reviewed if record.account == me => refused(ErrorCode::BlockOwn),
            Verdict::Block(reason) if reason.trim().is_empty() => refused(ErrorCode::ValueWrong),
            // What is forged, or would do damage, is done with when its tablet is.
            Verdict::Reviewed if !is_damaged(record.code) => refused(ErrorCode::DecisionUnknown),
            Verdict::Block(_) | Verdict::Reviewed if record.decision.is_some() => {
                let made = record.decision.as_ref().filter(|made| made.account == me);
                let is_repeated = made.map(is_block) == Some(matches!(verdict, Verdict::Block(_)));
                Ok(if is_repeated { DecisionReceipt::Done } else { DecisionReceipt::Decided })
            }
            Verdict::Block(reason) => self.block(work, sender, &record, reason.trim()).await,
            Verdict::Reviewed => {
                self.settle_evidence(work, sender, (id, record.clone()), None).await?;
                self.note_evidence(work, sender, &record, Act::EvidenceReviewed, 1);
                Ok(DecisionReceipt::Done)
            }
            Verdict::Accept | Verdict::Decline(_) | Verdict::Forward | Verdict::Reentered(_) | Verdict::Noted(_) => {
                refused(ErrorCode::DecisionUnknown)
            }
        }
    }

    /// What is kept of the bytes, for who may have it; none when it does not open any more, because its document was erased.
    async fn kept_bytes(
        &self,
        view: &mut View<'_>,
        id: HeldId,
        record: &EvidenceRecord,
        seat: &SeatRecord,
    ) -> Result<Option<Vec<u8>>, RelayError> {
        let Some(permit) = permit_evidence(record.document, seat) else { return Ok(None) };
        let Some(sealed) = view.evidence_bytes(&permit, id).await? else { return Ok(None) };
        self.sealer.load(&self.storage, &[record.document]).await?;
        match self.sealer.open_row(record.document, Table::EvidenceBytes, id.as_bytes(), &sealed) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) => {
                // The rest of the answer is worth more than this.
                tracing::error!(error = %Chain(&error), "evidence does not open");
                Ok(None)
            }
        }
    }

    /// Revokes the tablet evidence came from, and settles everything that is kept from it.
    async fn block(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        record: &EvidenceRecord,
        reason: &str,
    ) -> Result<DecisionReceipt, RelayError> {
        work.audit.extend(revoke(&mut work.tx, record.device).await?);
        let mut settled = 0_usize;
        for (id, one) in work.tx.view().all_evidence().await? {
            if one.device != record.device || one.decision.is_some() {
                continue;
            }
            self.settle_evidence(work, sender, (id, one), Some(reason)).await?;
            settled = settled.saturating_add(1);
        }
        self.note_evidence(work, sender, record, Act::TabletBlocked, settled);
        Ok(DecisionReceipt::Done)
    }

    /// Writes down what was decided, and tells it to everybody who was asked: for which reason the tablet was blocked, or none when
    /// nothing was to be done.
    async fn settle_evidence(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        (id, record): (HeldId, EvidenceRecord),
        reason: Option<&str>,
    ) -> Result<(), RelayError> {
        let seal = |reason: &str| self.sealer.seal_record(Table::Evidence, id.as_bytes(), reason.as_bytes());
        let decision = HeldDecision {
            outcome: HeldOutcome::Declined,
            account: sender.device.account,
            device: sender.prepared.device_id(),
            at_ms: sender.prepared.now_ms,
            sealed_reason: reason.map(seal).transpose()?,
        };
        work.tx.put_evidence(id, &EvidenceRecord { decision: Some(decision), ..record }).await?;
        self.end_seats(work, id, SeatLevel::Told).await
    }

    async fn end_seats(&self, work: &mut Work, id: HeldId, level: SeatLevel) -> Result<(), RelayError> {
        for (account, seat) in work.tx.view().seats(id).await? {
            if seat.level != SeatLevel::Ended {
                self.seat(work, id, account, Some(&seat), level).await?;
            }
        }
        Ok(())
    }

    fn note_evidence(&self, work: &mut Work, sender: &Sender<'_>, record: &EvidenceRecord, act: Act, count: usize) {
        work.audit.push(Entry {
            account: Some(sender.device.account),
            device: Some(sender.prepared.device_id()),
            document: Some(record.document),
            code: ErrorCode::from_number(record.code),
            count,
            ..Entry::of(act)
        });
    }

    /// Erases evidence whose time is over; a timer calls it. Returns how much was.
    ///
    /// # Errors
    /// [`RelayError`] when the storage fails.
    pub async fn erase_old_evidence(&self, now_ms: u64) -> Result<usize, RelayError> {
        let before_ms = now_ms.saturating_sub(DAY_MS.saturating_mul(EVIDENCE_KEPT_DAYS.into()));
        let is_old = |record: &EvidenceRecord| {
            record.last_ms.max(record.decision.as_ref().map_or(0, |decision| decision.at_ms)) < before_ms
        };
        let mut old = self.storage.read().await?.view().all_evidence().await?;
        old.retain(|(_, record)| is_old(record));
        if old.is_empty() {
            return Ok(0);
        }
        let mut work = Work::new(self.storage.write().await?);
        for (id, record) in &old {
            self.end_seats(&mut work, *id, SeatLevel::Ended).await?;
            work.tx.drop_evidence(*id).await?;
            work.audit.push(Entry {
                document: Some(record.document),
                code: ErrorCode::from_number(record.code),
                count: 1,
                ..Entry::of(Act::EvidenceErased)
            });
        }
        self.finish(work, now_ms).await?;
        Ok(old.len())
    }
}

impl Pull<'_> {
    /// What an account is told of evidence; none of what is not there any more.
    pub(super) async fn evidence_item(&mut self, id: HeldId, seat: &SeatRecord) -> Result<Option<Item>, RelayError> {
        let withdrawn =
            Decided { held: id, outcome: HeldOutcome::Withdrawn, by: None, at_ms: self.cursor.at_ms, reason: None };
        if seat.level == SeatLevel::Ended {
            return Ok(Some(Item::Decided(withdrawn)));
        }
        let Some(record) = self.view().await?.evidence(id).await? else { return Ok(None) };
        match (seat.level, &record.decision) {
            (SeatLevel::Decides | SeatLevel::Counts, _) => {
                let told = self.told_evidence(id, record, seat.level == SeatLevel::Decides, None).await?;
                Ok(Some(Item::Held(told)))
            }
            (SeatLevel::Told, Some(decision)) => {
                let reason = match &decision.sealed_reason {
                    Some(sealed) => {
                        let plain = self.relay.sealer.open_record(Table::Evidence, id.as_bytes(), sealed)?;
                        Some(String::from_utf8_lossy(&plain).into_owned())
                    }
                    None => None,
                };
                let by = Some(decision.account);
                Ok(Some(Item::Decided(Decided {
                    held: id,
                    outcome: decision.outcome,
                    by,
                    at_ms: decision.at_ms,
                    reason,
                })))
            }
            (SeatLevel::Told | SeatLevel::Ended, _) => Ok(None),
        }
    }

    async fn told_evidence(
        &mut self,
        id: HeldId,
        record: EvidenceRecord,
        with_case: bool,
        letter: Option<Vec<u8>>,
    ) -> Result<HeldChange, RelayError> {
        let key = record.key.filter(|_| with_case);
        let device_number = self.number_of(record.device).await?;
        Ok(HeldChange {
            held: id,
            case: key.as_ref().map_or(CaseId::from_bytes([0; 16]), |key| key.case),
            kind: key.map(|key| key.kind).unwrap_or_default(),
            forwarded: false,
            content: None,
            evidence: Some(Box::new(Evidence {
                account: record.account,
                device_number,
                code: record.code,
                first_ms: record.first_ms,
                last_ms: record.last_ms,
                count: record.count,
                size: record.size,
                sha256: record.sha256,
                letter,
            })),
        })
    }

    async fn number_of(&mut self, device: DeviceId) -> Result<u32, RelayError> {
        Ok(self.view().await?.device(device).await?.map_or(0, |device| device.number))
    }

    /// Hands out evidence that was asked for, and of which that is in the audit log by now, as letters to the office: who keeps
    /// the register may be nobody who may read what somebody sent, or wrote, into that document.
    pub(in crate::relay) async fn hand_out(&mut self, wanted: &[HeldId]) -> Result<(), RelayError> {
        let account = self.account;
        let office = match self.view().await?.recovery_recipient().await? {
            Some(office) if !wanted.is_empty() => Recipient::parse(&office).ok(),
            Some(_) | None => None,
        };
        let Some(office) = office else { return Ok(()) };
        // A request that is repeated is answered as things stand now.
        let today = self.relay.packs.date_at(self.cursor.at_ms);
        let relay = self.relay;
        if !relay.keeps_register(&mut self.view().await?, account, today).await? {
            return Ok(());
        }
        for id in wanted {
            let Some(record) = self.view().await?.evidence(*id).await? else { continue };
            let Some(seat) = self.view().await?.seat(*id, account).await? else { continue };
            let relay = self.relay;
            let Some(bytes) = relay.kept_bytes(&mut self.view().await?, *id, &record, &seat).await? else { continue };
            let drawn = LetterRandomness::from_random(relay.sealer.draw()?);
            let Ok(letter) = office.seal(Purpose::Evidence, &drawn, &bytes) else { continue };
            let told = self.told_evidence(*id, record, seat.level == SeatLevel::Decides, Some(letter)).await?;
            self.add(Item::Held(told), self.cursor).await?;
        }
        Ok(())
    }
}
