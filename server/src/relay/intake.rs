//! One push through its gates: known or creatable, fitting, sound, allowed; then into the ledger.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared::access::{Action, Decision, DenyReason, Resource};
use shared::document::Document;
use shared::document::genesis::GENESIS_HASH;
use shared::document::ops::TouchedChange;
use shared::document::vet::VettedDocument;
use shared::id::{AccountId, ActorId, ChangeHash, DocumentId, DocumentKey};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::{ErrorClass, ErrorCode};
use shared::protocol::frame::{PushReceipt, Receipt};
use shared::protocol::limits::{DOCUMENT_BYTES_MAX, DOCUMENT_CHANGES_MAX};

use super::cursor::Standing;
use super::judge::{Standpoint, held_code, schema_fault};
use super::prepare::{Prepared, PreparedPush};
use super::vetting::is_derived;
use super::work::Work;
use super::{Relay, RelayError};
use crate::access_gate::permit_append;
use crate::failure::Chain;
use crate::storage::record::{ActorRecord, DeviceRecord, DocumentRecord};

/// Operation counters that genesis uses.
const GENESIS_MAX_OP: u64 = 3;

/// Who sends, as seen from inside the transaction.
pub(super) struct Sender<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) device: DeviceRecord,
    /// The account no longer works, or the device is revoked: nothing is allowed now.
    pub(super) ended: bool,
}

/// A change that passed every gate.
pub(super) struct Accepted {
    pub(super) change: CheckedChange,
    pub(super) derived: bool,
}

/// What became of one change inside its push.
enum Fate {
    /// Passed so far.
    Candidate { derived: bool },
    /// Decided.
    Done(Receipt),
}

/// The judgement's surroundings for one document.
struct Court<'a> {
    key: &'a DocumentKey,
    creator: AccountId,
    now: Option<Standpoint>,
    then: Option<Standpoint>,
    revoked: bool,
}

impl Court<'_> {
    fn resource(&self) -> Resource<'_> {
        Resource { kind: &self.key.kind, subject: self.key.subject, creator: Some(self.creator) }
    }
}

impl Relay {
    /// Takes one push in and says what became of each change.
    pub(super) async fn take_push(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
    ) -> Result<PushReceipt, RelayError> {
        let receipts = match push.flaw {
            Some(code) => vec![Receipt::Refused(code.number()); push.changes.len()],
            None if push.is_garbled() => garbled(push),
            None => self.take_sound_push(work, sender, push).await?,
        };
        self.note_fates(work, sender, push, &receipts);
        Ok(if receipts.iter().all(|receipt| matches!(receipt, Receipt::Accepted | Receipt::Duplicate)) {
            PushReceipt::All
        } else {
            PushReceipt::Each(receipts)
        })
    }

    async fn take_sound_push(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
    ) -> Result<Vec<Receipt>, RelayError> {
        let open = self.open_document(work, push.document).await?;
        let Some(key) = open.as_ref().map(|open| &open.record.key).or(push.create.as_ref()) else {
            return Ok(vec![Receipt::Refused(ErrorCode::DocumentUnknown.number()); push.changes.len()]);
        };
        let key = key.clone();
        let creator = open.as_ref().map_or(sender.device.account, |open| open.record.creator);
        let mut court = self.court(work, sender, &key, creator).await?;
        let entry = if open.is_some() { None } else { Some(Action::Create) };
        if let Some(code) = self.shut_out(work, sender, push, &mut court, entry).await? {
            return self.turn_away(work, sender, push, &court, code).await;
        }
        let base = match &open {
            Some(open) => Arc::clone(&open.document),
            None => Arc::new(VettedDocument::new()?),
        };
        let mut fates = self.fit(work, sender, push, base.document(), open.as_ref().map(|open| &open.record)).await?;
        let document = self.try_changes(work, sender, push, &mut court, &base, &mut fates).await?;
        let accepted: Vec<Accepted> = push
            .changes
            .iter()
            .zip(&fates)
            .filter_map(|(change, fate)| match (change, fate) {
                (Ok(change), Fate::Candidate { derived }) => {
                    Some(Accepted { change: change.clone(), derived: *derived })
                }
                (Ok(_) | Err(_), Fate::Done(_) | Fate::Candidate { .. }) => None,
            })
            .collect();
        if !accepted.is_empty() {
            let permit = permit_append(push.document);
            self.append(work, sender, push, (key, open), document, &accepted, &permit).await?;
        }
        Ok(fates
            .into_iter()
            .map(|fate| match fate {
                Fate::Candidate { .. } => Receipt::Accepted,
                Fate::Done(receipt) => receipt,
            })
            .collect())
    }

    /// Gathers from where the push is judged now.
    async fn court<'a>(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        key: &'a DocumentKey,
        creator: AccountId,
    ) -> Result<Court<'a>, RelayError> {
        let accounts = self.accounts(&mut work.tx.view()).await?;
        let facts = self.facts(work, key.case).await?;
        let today = self.packs.date_at(sender.prepared.now_ms);
        let known = accounts.iter().find(|known| known.account == sender.device.account);
        let now = known.filter(|_| !sender.ended).map(|known| Standpoint { actor: known.now(), facts, today });
        Ok(Court { key, creator, now, then: None, revoked: sender.ended })
    }

    /// Gathers where the device stood when it last heard from the relay; only asked for when "now" says no.
    async fn look_back(&self, work: &mut Work, sender: &Sender<'_>, court: &mut Court<'_>) -> Result<(), RelayError> {
        if court.then.is_some() {
            return Ok(());
        }
        let accounts = self.accounts(&mut work.tx.view()).await?;
        let Some(known) = accounts.iter().find(|known| known.account == sender.device.account) else { return Ok(()) };
        let (position, at_ms) = match sender.prepared.cursor {
            Standing::At(cursor) => (cursor.position, cursor.at_ms),
            Standing::None | Standing::OtherEpoch => (sender.device.enrolled_position, sender.device.enrolled_ms),
        };
        let facts = Arc::new(self.facts_at(work, court.key.case, position).await?);
        let made_since = facts.creators.is_empty();
        if made_since && !self.facts(work, court.key.case).await?.is_author(known.account) {
            // Somebody else made the case after that; a case nobody made yet would have been anybody's.
            return Ok(());
        }
        court.then = Some(Standpoint { actor: known.at(position), facts, today: self.packs.date_at(at_ms) });
        Ok(())
    }

    /// Whether the account has no business with the document at all, and what it is told.
    ///
    /// A document that is not there and one that is not theirs look the same.
    async fn shut_out(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        court: &mut Court<'_>,
        entry: Option<Action>,
    ) -> Result<Option<ErrorCode>, RelayError> {
        let asks = |at: &Standpoint, resource: &Resource<'_>| match entry {
            Some(action) => at.may(&self.packs, resource, action),
            None => at.may_touch(&self.packs, resource),
        };
        let now = court.now.as_ref().map(|at| asks(at, &court.resource()));
        if now.is_some_and(Decision::is_allowed) {
            return Ok(None);
        }
        self.look_back(work, sender, court).await?;
        let denied = now.unwrap_or(Decision::Deny(DenyReason::AccountStopped));
        if court.then.as_ref().map(|at| asks(at, &court.resource())).is_some_and(Decision::is_allowed) {
            return Ok(Some(held_code(denied, court.revoked)));
        }
        let had = work.tx.view().grant(sender.device.account, push.document).await?.is_some();
        Ok(Some(if had || push.create.is_some() { ErrorCode::ChangeForbidden } else { ErrorCode::DocumentUnknown }))
    }

    /// Holds or refuses a whole push.
    async fn turn_away(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        court: &Court<'_>,
        code: ErrorCode,
    ) -> Result<Vec<Receipt>, RelayError> {
        let mut receipts = Vec::with_capacity(push.changes.len());
        for change in push.changes.iter().filter_map(|change| change.as_ref().ok()) {
            let known = work.tx.view().change_position(push.document, change.hash()).await?.is_some();
            receipts.push(if known {
                Receipt::Duplicate
            } else {
                self.settle(work, sender, push.document, court.key, change, code).await?
            });
        }
        Ok(receipts)
    }

    /// Refuses a change, or puts it aside for a person, as the code's class says.
    async fn settle(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        document: DocumentId,
        key: &DocumentKey,
        change: &CheckedChange,
        code: ErrorCode,
    ) -> Result<Receipt, RelayError> {
        if code.class() == ErrorClass::Held {
            self.hold(work, sender, document, key, change, code).await?;
            Ok(Receipt::Held(code.number()))
        } else {
            Ok(Receipt::Refused(code.number()))
        }
    }

    /// Looks at what each change says of itself: known, on top of what, whose, in which order.
    async fn fit(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        base: &Document,
        record: Option<&DocumentRecord>,
    ) -> Result<Vec<Fate>, RelayError> {
        let mut run = Run::new(push.document, record);
        let mut fates = Vec::with_capacity(push.changes.len());
        for change in push.changes.iter().filter_map(|change| change.as_ref().ok()) {
            let fate = run.fit(work, sender, base, change).await?;
            if let Fate::Done(receipt) = &fate
                && !matches!(receipt, Receipt::Duplicate)
            {
                run.left_out.push(change.hash());
            }
            fates.push(fate);
        }
        Ok(fates)
    }

    /// Tries the candidates together; one by one when anything is wrong with any of them.
    async fn try_changes(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        court: &mut Court<'_>,
        base: &Arc<VettedDocument>,
        fates: &mut [Fate],
    ) -> Result<Arc<VettedDocument>, RelayError> {
        let changes: Vec<&CheckedChange> = push.changes.iter().filter_map(|change| change.as_ref().ok()).collect();
        let candidates: Vec<&[u8]> = changes
            .iter()
            .zip(fates.iter())
            .filter(|(_, fate)| matches!(fate, Fate::Candidate { .. }))
            .map(|(change, _)| change.as_bytes())
            .collect();
        if candidates.is_empty() {
            return Ok(Arc::clone(base));
        }
        if let Ok(trial) = self.vetting.vet(base, &candidates)
            && trial.touched.iter().all(|change| self.verdict(court, change, &trial.document).is_none())
        {
            let mut document = VettedDocument::clone(base);
            document.accept(trial);
            return Ok(Arc::new(document));
        }
        self.look_back(work, sender, court).await?;
        self.try_one_by_one(work, sender, push, court, base, fates).await
    }

    /// Tries each candidate alone, so that one that fails takes only what builds on it with it.
    async fn try_one_by_one(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        court: &Court<'_>,
        base: &Arc<VettedDocument>,
        fates: &mut [Fate],
    ) -> Result<Arc<VettedDocument>, RelayError> {
        let mut document = VettedDocument::clone(base);
        let mut left_out: Vec<ChangeHash> = Vec::new();
        let changes = push.changes.iter().filter_map(|change| change.as_ref().ok());
        for (change, fate) in changes.zip(fates.iter_mut()) {
            let Fate::Candidate { .. } = fate else {
                left_out.push(change.hash());
                continue;
            };
            let orphan = change.deps().iter().any(|dep| left_out.contains(dep) && !document.document().contains(dep));
            let code = if orphan { Err(None) } else { self.try_one(court, &mut document, change).map_err(Some) };
            let Err(code) = code else { continue };
            left_out.push(change.hash());
            *fate = Fate::Done(match code {
                None => Receipt::Reissue,
                Some(code) => self.settle(work, sender, push.document, court.key, change, code).await?,
            });
        }
        Ok(Arc::new(document))
    }

    /// Tries one change and goes on from it, or says why not.
    fn try_one(
        &self,
        court: &Court<'_>,
        document: &mut VettedDocument,
        change: &CheckedChange,
    ) -> Result<(), ErrorCode> {
        let trial = self.vetting.vet(document, &[change.as_bytes()]).map_err(|fault| {
            tracing::info!(fault = %Chain(&fault), "a change did not pass its trial");
            ErrorCode::ChangeUnsound
        })?;
        if let Some(code) = trial.touched.first().and_then(|touched| self.verdict(court, touched, &trial.document)) {
            return Err(code);
        }
        document.accept(trial);
        Ok(())
    }

    /// Why a sound change is not merged; none when it is.
    fn verdict(&self, court: &Court<'_>, change: &TouchedChange, after: &Document) -> Option<ErrorCode> {
        if let Some(code) = schema_fault(&self.packs, &court.key.kind, &change.ops, after) {
            return Some(code);
        }
        let resource = court.resource();
        let asks = |at: &Standpoint| at.may_write(&self.packs, &resource, change, after);
        let now = court.now.as_ref().map(asks);
        if now.is_some_and(Decision::is_allowed) {
            return None;
        }
        let denied = now.unwrap_or(Decision::Deny(DenyReason::AccountStopped));
        if court.then.as_ref().map(asks).is_some_and(Decision::is_allowed) {
            Some(held_code(denied, court.revoked))
        } else {
            Some(ErrorCode::ChangeForbidden)
        }
    }
}

/// Every change is what it is, but nobody knows which hashes were signed: the good ones come again.
fn garbled(push: &PreparedPush) -> Vec<Receipt> {
    push.changes
        .iter()
        .map(|change| match change {
            Ok(_) => Receipt::Retry(Vec::new()),
            Err(code) => Receipt::Refused(code.number()),
        })
        .collect()
}

/// What the changes of one push built up so far.
struct Run {
    document: DocumentId,
    max_ops: BTreeMap<ChangeHash, u64>,
    actors: BTreeMap<ActorId, u64>,
    left_out: Vec<ChangeHash>,
    change_count: usize,
    change_bytes: usize,
}

impl Run {
    fn new(document: DocumentId, record: Option<&DocumentRecord>) -> Self {
        let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        Self {
            document,
            max_ops: BTreeMap::from([(GENESIS_HASH, GENESIS_MAX_OP)]),
            actors: BTreeMap::new(),
            left_out: Vec::new(),
            change_count: record.map_or(0, |record| number(record.change_count.into())),
            change_bytes: record.map_or(0, |record| number(record.change_bytes)),
        }
    }

    async fn fit(
        &mut self,
        work: &mut Work,
        sender: &Sender<'_>,
        base: &Document,
        change: &CheckedChange,
    ) -> Result<Fate, RelayError> {
        let refused = |code: ErrorCode| Ok(Fate::Done(Receipt::Refused(code.number())));
        let hash = change.hash();
        if base.contains(&hash) || self.max_ops.contains_key(&hash) {
            return Ok(Fate::Done(Receipt::Duplicate));
        }
        if let Some(held) = work.tx.view().held(self.document, hash).await? {
            return Ok(Fate::Done(Receipt::Held(held.code)));
        }
        let derived = is_derived(change);
        if change.claims_genesis() {
            return refused(ErrorCode::ChangeReserved);
        }
        let mut most = 0;
        let mut missing = Vec::new();
        for dep in change.deps() {
            if self.left_out.contains(dep) || work.tx.view().held(self.document, *dep).await?.is_some() {
                return Ok(Fate::Done(Receipt::Reissue));
            }
            let known = match self.max_ops.get(dep) {
                Some(known) => Some(*known),
                None => work.tx.view().change_max_op(self.document, *dep).await?,
            };
            match known {
                Some(known) => most = most.max(known),
                None => missing.push(*dep),
            }
        }
        if !missing.is_empty() {
            return Ok(Fate::Done(Receipt::Retry(missing)));
        }
        if change.deps().is_empty() {
            return refused(ErrorCode::ChangeUnsound);
        }
        if change.start_op() <= most {
            return refused(ErrorCode::ChangeCounter);
        }
        if !derived && let Some(code) = self.fit_actor(work, sender, change).await? {
            return refused(code);
        }
        self.change_count = self.change_count.saturating_add(1);
        self.change_bytes = self.change_bytes.saturating_add(change.as_bytes().len());
        if self.change_count > DOCUMENT_CHANGES_MAX || self.change_bytes > DOCUMENT_BYTES_MAX {
            return refused(ErrorCode::DocumentFull);
        }
        self.max_ops.insert(hash, change.max_op());
        Ok(Fate::Candidate { derived })
    }

    /// Binds an actor to the device that used it first, and holds it to its order and its author.
    async fn fit_actor(
        &mut self,
        work: &mut Work,
        sender: &Sender<'_>,
        change: &CheckedChange,
    ) -> Result<Option<ErrorCode>, RelayError> {
        let actor = change.actor();
        let last_seq = match self.actors.get(&actor) {
            Some(last) => *last,
            None => match work.tx.view().actor(self.document, actor).await? {
                Some(ActorRecord { device_number, .. }) if device_number != sender.device.number => {
                    return Ok(Some(ErrorCode::ChangeActorForeign));
                }
                Some(record) => record.last_seq,
                None => 0,
            },
        };
        if change.seq() != last_seq.saturating_add(1) {
            return Ok(Some(ErrorCode::ChangeSequence));
        }
        let author = if change.seq() == 1 { Some(sender.device.account) } else { None };
        if change.author() != author {
            return Ok(Some(ErrorCode::ChangeAuthorForeign));
        }
        self.actors.insert(actor, change.seq());
        Ok(None)
    }
}
