//! Group commit: whoever gets the writer's turn takes along everybody who waits.
//!
//! No timer is needed: while one transaction is on its way to stable storage, the next uploads gather. A receipt leaves
//! only after the commit that holds its changes has returned.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use shared::access::facts::{CORE_KIND, GUARD_KIND};
use shared::id::{CaseId, DocumentKey};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Fault, PushReceipt, Receipt, Receipts};
use tokio::sync::oneshot;

use super::cursor::Standing;
use super::intake::Sender;
use super::prepare::{Prepared, PreparedPush};
use super::work::Work;
use super::{Relay, RelayError, facts, fault};
use crate::audit::{self, Entry};
use crate::failure::Chain;
use crate::storage::record::{Act, DeviceRecord, DocumentRecord, RequestRecord};
use crate::storage::{StorageError, View};

/// Uploads in one transaction.
const UPLOADS_PER_COMMIT: usize = 64;

/// What the committed part of a request says.
pub(super) struct Outcome {
    pub(super) receipts: Receipts,
    pub(super) standing: Account,
}

/// Whether anything may be handed out after the receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// The device may pull.
    InForce,
    /// It handed in what it had, and hears only why it gets no more.
    Ended(ErrorCode),
}

type Answer = (Prepared, Result<Outcome, Fault>);

struct Job {
    prepared: Prepared,
    answer: oneshot::Sender<Answer>,
}

/// Uploads that wait for a transaction.
#[derive(Default)]
pub(super) struct Committer {
    waiting: Mutex<VecDeque<Job>>,
    turn: tokio::sync::Mutex<()>,
}

impl Committer {
    fn enqueue(&self, job: Job) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
    }

    fn take_waiting(&self) -> Vec<Job> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(UPLOADS_PER_COMMIT);
        waiting.drain(..count).collect()
    }
}

impl Relay {
    /// Commits a request, together with others that wait.
    pub(super) async fn commit(&self, prepared: Prepared) -> Result<(Prepared, Outcome), Fault> {
        if self.is_full() && !prepared.wants_the_writer() {
            // Nothing to write down but the counter, and no room for it: whoever only reads is served.
            let outcome = Outcome { receipts: self.receipts(&prepared, Vec::new(), false), standing: Account::InForce };
            let standing = self.standing(&prepared).await.map_err(|error| error.fault())?;
            return Ok((prepared, Outcome { standing, ..outcome }));
        }
        let (answer, mut answered) = oneshot::channel();
        self.committer.enqueue(Job { prepared, answer });
        loop {
            let turn = self.committer.turn.lock().await;
            if let Ok((prepared, outcome)) = answered.try_recv() {
                return outcome.map(|outcome| (prepared, outcome));
            }
            let jobs = self.committer.take_waiting();
            if jobs.is_empty() {
                // Ours was taken along and its leader was dropped before it answered.
                return Err(RelayError::Dropped.fault());
            }
            self.commit_jobs(jobs).await;
            drop(turn);
        }
    }

    async fn commit_jobs(&self, jobs: Vec<Job>) {
        let prepared: Vec<&Prepared> = jobs.iter().map(|job| &job.prepared).collect();
        let together = self.commit_together(&prepared).await;
        let outcomes = match together {
            Ok(outcomes) => outcomes,
            Err(error) if jobs.len() == 1 => vec![Err(error)],
            // One of them is to blame, and the others must not pay for it.
            Err(_) => {
                let mut outcomes = Vec::with_capacity(jobs.len());
                for prepared in prepared {
                    let alone = self.commit_together(&[prepared]).await;
                    outcomes.push(alone.and_then(|mut alone| alone.pop().unwrap_or(Err(RelayError::Dropped))));
                }
                outcomes
            }
        };
        for (job, outcome) in jobs.into_iter().zip(outcomes) {
            let outcome = match outcome {
                Ok(outcome) => outcome,
                Err(error) => {
                    tracing::error!(error = %Chain(&error), "upload failed");
                    self.note_failure(&error);
                    Err(error.fault())
                }
            };
            // Whoever no longer waits has lost nothing: the request repeats its answer.
            let _ = job.answer.send((job.prepared, outcome));
        }
    }

    async fn commit_together(
        &self,
        jobs: &[&Prepared],
    ) -> Result<Vec<Result<Result<Outcome, Fault>, RelayError>>, RelayError> {
        let mut work = Work::new(self.storage.write().await?);
        let mut outcomes = Vec::with_capacity(jobs.len());
        let mut now_ms = 0;
        for prepared in jobs {
            now_ms = now_ms.max(prepared.now_ms);
            outcomes.push(Ok(self.take_upload(&mut work, prepared).await?));
        }
        self.try_waiting(&mut work, now_ms).await?;
        self.finish(work, now_ms).await?;
        Ok(outcomes)
    }

    /// Commits what a transaction did, with what the audit log says of it.
    pub(super) async fn finish(&self, mut work: Work, now_ms: u64) -> Result<(), RelayError> {
        let (entries, seen) = (core::mem::take(&mut work.audit), core::mem::take(&mut work.seen));
        let (mut tx, changed) = work.into_changed();
        audit::append(&mut tx, now_ms, &entries).await?;
        audit::append_seen(&mut tx, now_ms, seen).await?;
        tx.commit().await?;
        self.note_room();
        self.hub.stir();
        for (id, open) in changed {
            self.cache.put(id, open.document, open.record.change_bytes);
        }
        Ok(())
    }

    /// Takes one upload in, inside a transaction.
    async fn take_upload(&self, work: &mut Work, prepared: &Prepared) -> Result<Result<Outcome, Fault>, RelayError> {
        let id = prepared.device_id();
        let Some(device) = work.tx.view().device(id).await? else {
            return Ok(Err(fault(ErrorCode::DeviceUnknown, None)));
        };
        let standing = standing_of(&mut work.tx.view(), &device).await?;
        if let Some(last) = work.tx.view().request(id).await? {
            if last.counter == prepared.upload.counter && last.request == prepared.upload.request {
                let receipts: Option<Receipts> = minicbor::decode(&last.receipts).ok();
                return Ok(receipts
                    .map(|receipts| Outcome { receipts, standing })
                    .ok_or_else(|| RelayError::Dropped.fault()));
            }
            if prepared.upload.counter <= last.counter {
                work.audit.push(Entry {
                    account: Some(device.account),
                    device: Some(id),
                    code: Some(ErrorCode::CounterRepeated),
                    ..Entry::of(Act::RequestRefused)
                });
                return Ok(Err(fault(ErrorCode::CounterRepeated, None)));
            }
        }
        let device = self.note_contact(work, id, device, prepared.now_ms).await?;
        let sender = Sender { prepared, device, ended: standing != Account::InForce };
        let (pushes, brought, decisions) = if matches!(prepared.cursor, Standing::OtherEpoch) {
            // What the edits stand on, rights among it, may be among what the tablet offers next.
            (put_off(&prepared.pushes), None, None)
        } else {
            let pushes = self.take_pushes(work, &sender).await?;
            let brought = self.take_brought(work, &sender).await?;
            // After the pushes: a decision may say that one of them has entered something again.
            (pushes, brought, self.take_decisions(work, &sender).await?)
        };
        let seen = self.take_seen(work, &sender).await?;
        self.regrant_decided(work, prepared.now_ms).await?;
        if let Some(slot) = &prepared.upload.slot {
            work.tx.put_slot(id, slot).await?;
        }
        let receipts =
            Receipts { decisions, brought, seen, ..self.receipts(prepared, pushes, prepared.upload.slot.is_some()) };
        let mut encoded = Vec::new();
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&receipts, &mut encoded);
        let record =
            RequestRecord { counter: prepared.upload.counter, request: prepared.upload.request, receipts: encoded };
        work.tx.put_request(id, &record).await?;
        Ok(Ok(Outcome { receipts, standing }))
    }

    async fn standing(&self, prepared: &Prepared) -> Result<Account, RelayError> {
        let mut read = self.storage.read().await?;
        Ok(standing_of(&mut read.view(), &prepared.device).await?)
    }

    fn receipts(&self, prepared: &Prepared, pushes: Vec<PushReceipt>, slot_stored: bool) -> Receipts {
        Receipts {
            received_ms: prepared.now_ms,
            device_number: prepared.device.number,
            pushes,
            slot_stored,
            check_key: match prepared.cursor {
                Standing::At(_) => None,
                Standing::None | Standing::OtherEpoch => Some(self.founding.check_key),
            },
            decisions: None,
            brought: None,
            seen: None,
        }
    }

    /// Takes what an upload offers again, and its pushes; receipts are of the pushes.
    async fn take_pushes(&self, work: &mut Work, sender: &Sender<'_>) -> Result<Vec<PushReceipt>, RelayError> {
        let offered = sender.prepared.offers.iter().flat_map(|offer| &offer.pushes);
        let all: Vec<&PreparedPush> = offered.chain(&sender.prepared.pushes).collect();
        let mut receipts = self.take_in_order(work, sender, &all).await?;
        let new = receipts.split_off(all.len().saturating_sub(sender.prepared.pushes.len()));
        self.keep_waiting(work, sender, &receipts).await?;
        Ok(new)
    }

    /// Takes pushes, those that carry rights first; receipts are in the order of `all`.
    pub(super) async fn take_in_order(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        all: &[&PreparedPush],
    ) -> Result<Vec<PushReceipt>, RelayError> {
        let mut order: Vec<usize> = (0..all.len()).collect();
        let mut kinds = Vec::with_capacity(all.len());
        for push in all {
            kinds.push(self.key_of(work, push).await?);
        }
        self.note_facts_before(work, &kinds).await?;
        order.sort_by_key(|index| match kinds.get(*index).and_then(Option::as_ref).map(|key| key.kind.as_str()) {
            Some(CORE_KIND) => 0,
            Some(GUARD_KIND) => 1,
            Some(_) | None => 2,
        });
        let mut receipts: Vec<Option<PushReceipt>> = vec![None; all.len()];
        let mut cases = BTreeSet::new();
        for index in order {
            let (Some(push), Some(slot)) = (all.get(index), receipts.get_mut(index)) else { continue };
            let before = work.tx.view().document(push.document).await?;
            *slot = Some(self.take_push(work, sender, push).await?);
            let after = work.tx.view().document(push.document).await?;
            cases.extend(after.and_then(|after| regrants(before.as_ref(), &after)));
        }
        work.facts_before.clear();
        for case in cases {
            self.grant_case(work, case, sender.prepared.now_ms).await?;
        }
        Ok(receipts.into_iter().map(|receipt| receipt.unwrap_or(PushReceipt::Each(Vec::new()))).collect())
    }

    /// Keeps what rights hang on now in cases of which an upload changes the rights and something else: what carries rights is
    /// taken first, and whoever hands a case on wrote the rest while it was theirs.
    async fn note_facts_before(&self, work: &mut Work, keys: &[Option<DocumentKey>]) -> Result<(), RelayError> {
        let known = || keys.iter().flatten();
        let cases = |carries: bool| -> BTreeSet<CaseId> {
            known().filter(|key| facts::carries_rights(&key.kind) == carries).map(|key| key.case).collect()
        };
        for case in cases(true).intersection(&cases(false)) {
            let before = self.facts(work, *case).await?;
            // A case that nobody made yet is nobody's to hand on.
            if !before.creators.is_empty() {
                work.facts_before.insert(*case, before);
            }
        }
        Ok(())
    }

    async fn key_of(&self, work: &mut Work, push: &PreparedPush) -> Result<Option<DocumentKey>, RelayError> {
        if push.create.is_some() {
            return Ok(push.create.clone());
        }
        Ok(work.tx.view().document(push.document).await?.map(|record| record.key))
    }
}

/// Says of every change that it shall come again.
fn put_off(pushes: &[PreparedPush]) -> Vec<PushReceipt> {
    pushes.iter().map(|push| PushReceipt::Each(vec![Receipt::Retry(Vec::new()); push.changes.len()])).collect()
}

/// Whether a device may be told anything, as of a state.
pub(super) async fn standing_of(view: &mut View<'_>, device: &DeviceRecord) -> Result<Account, StorageError> {
    let active = view.account(device.account).await?.is_some_and(|account| account.active);
    Ok(match (device.revoked, active) {
        (Some(_), _) => Account::Ended(ErrorCode::DeviceRevoked),
        (None, false) => Account::Ended(ErrorCode::AccountEnded),
        (None, true) => Account::InForce,
    })
}

/// The case whose grants must be computed anew because of what became of a document.
fn regrants(before: Option<&DocumentRecord>, after: &DocumentRecord) -> Option<CaseId> {
    let Some(before) = before else { return Some(after.key.case) };
    let moved = before.last_position != after.last_position;
    (moved && facts::carries_rights(&after.key.kind)).then_some(after.key.case)
}
