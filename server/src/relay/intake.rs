//! One push through its gates: known or creatable, fitting, sound, allowed; then into the ledger.

use std::collections::BTreeSet;
use std::sync::Arc;

use shared::access::facts::CORE_KIND;
use shared::access::{Action, Decision, DenyReason, Resource, WriteShape};
use shared::document::ops::TouchedChange;
use shared::document::vet::{Trial, VetFault, VettedDocument};
use shared::document::{ChangeMeta, Document};
use shared::id::{AccountId, ChangeHash, DocumentKey};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::{ErrorClass, ErrorCode};
use shared::protocol::frame::{PushReceipt, Receipt, Receipts};

use super::cursor::Standing;
use super::facts::{carries_rights, core_of, guard_of, read};
use super::fit::Fate;
use super::held::Aside;
use super::judge::{Standpoint, adds_only, held_code, needs_after, schema_fault};
use super::ledger::{Appending, Origin};
use super::members::KnownAccount;
use super::prepare::{Prepared, PreparedPush, Way};
use super::vetting::Pace;
use super::work::Work;
use super::{Relay, RelayError};
use crate::access_gate::permit_append;
use crate::failure::Chain;
use crate::storage::record::DeviceRecord;

/// Changes of one account in a document to which it may only add; each is a row, or a correction of one.
const ADDED_CHANGES_MAX: usize = 64;
/// Ends of such a document that one account may leave apart: a change has to be able to join those of all.
const ADDED_HEADS_MAX: usize = 12;

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

/// The judgement's surroundings for one document.
struct Court<'a> {
    key: &'a DocumentKey,
    creator: AccountId,
    sender: AccountId,
    now: Option<Standpoint>,
    /// The moment the upload came in, where it has moved rights in this case itself since.
    before: Option<Standpoint>,
    then: Option<Standpoint>,
    revoked: bool,
    way: Way,
    /// Everybody, for the offices they work in.
    accounts: Arc<Vec<KnownAccount>>,
    /// What opening the document with the push costs.
    bytes: u64,
}

/// What becomes of one change of a push that was tried in turn.
enum Ruling {
    /// It goes in, or was decided before.
    Stands,
    /// It builds on one that does not go in.
    Orphan,
    /// It does not go in.
    Out(ErrorCode),
}

impl Court<'_> {
    fn resource(&self) -> Resource<'_> {
        Resource { kind: &self.key.kind, subject: self.key.subject, creator: Some(self.creator) }
    }

    /// Asks what is allowed now. Whoever hands a case on, or leaves its team, wrote what comes in the same upload before that;
    /// a refusal or an exclusion in it holds for all of it.
    fn now(&self, ask: impl Fn(&Standpoint) -> Decision) -> Option<Decision> {
        let now = self.now.as_ref().map(&ask);
        let has_left = matches!(now, Some(Decision::Deny(DenyReason::NotAssigned | DenyReason::TakenOver)));
        self.before.as_ref().filter(|_| has_left).map(ask).filter(|before| before.is_allowed()).or(now)
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
            None if push.is_garbled() => come_again(push),
            None if self.is_spent(sender.prepared) => come_again(push),
            // Boxed: what a trial holds is large, and the callers of this are many futures deep.
            None => Box::pin(self.take_sound_push(work, sender, push)).await?,
        };
        self.keep_evidence(work, sender, push, &receipts).await?;
        self.charge(sender, work.take_opened_bytes());
        self.seat_new(work, sender.prepared.now_ms).await?;
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
        if open.is_none() && push.begins_anew() {
            return Ok(vec![Receipt::Refused(ErrorCode::DocumentUnknown.number()); push.changes.len()]);
        }
        let key = key.clone();
        let creator = open.as_ref().map_or(sender.device.account, |open| open.record.creator);
        let mut court = self.court(work, sender, &key, creator).await?;
        court.way = push.way;
        court.bytes = open.as_ref().map_or(0, |open| open.record.change_bytes).saturating_add(push.change_bytes());
        let entry = if open.is_some() { None } else { Some(Action::Create) };
        if let Some(code) = self.shut_out(work, sender, push, &mut court, entry).await? {
            return Box::pin(self.turn_away(work, sender, push, &court, code)).await;
        }
        let base = match &open {
            Some(open) => Arc::clone(&open.document),
            None => Arc::new(VettedDocument::new()?),
        };
        if self.has_used_share(&court, sender, push, base.document()) {
            return Box::pin(self.turn_away(work, sender, push, &court, ErrorCode::DocumentFull)).await;
        }
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
            let appending = Appending { key, open, document, accepted: &accepted };
            self.append(work, &Origin::of(sender), appending, &permit).await?;
            self.keep_signature(work, sender, push).await?;
            for one in &accepted {
                self.note_merged(work, sender, push.document, one.change.hash()).await?;
            }
        }
        Ok(fates
            .into_iter()
            .map(|fate| match fate {
                Fate::Candidate { .. } => Receipt::Accepted,
                Fate::Done(receipt) => receipt,
            })
            .collect())
    }

    /// Whether who may only add has added so much that others, the registrar first of all, would find no room any more.
    fn has_used_share(&self, court: &Court<'_>, sender: &Sender<'_>, push: &PreparedPush, base: &Document) -> bool {
        let Some(now) = court.now.as_ref().filter(|_| adds_only(&self.packs, &court.key.kind)) else { return false };
        if now.may(&self.packs, &court.resource(), Action::Write(WriteShape::Any)).is_allowed() {
            return false;
        }
        let is_own = |meta: &ChangeMeta| meta.author == Some(sender.device.account);
        // What comes again because its receipt was lost counts once.
        let changes = push.changes.iter().filter_map(|change| change.as_ref().ok());
        let new: Vec<&CheckedChange> = changes.filter(|change| !base.contains(&change.hash())).collect();
        let is_apart = |head: &&ChangeHash| !new.iter().any(|change| change.deps().contains(head));
        let added = base.metas_since(&[]).iter().filter(|meta| is_own(meta)).count();
        let ends = base.heads();
        let ends = ends.iter().filter(is_apart).filter_map(|head| base.change_meta(head)).filter(is_own).count();
        added.saturating_add(new.len()) > ADDED_CHANGES_MAX || ends >= ADDED_HEADS_MAX
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
        let at = |facts| known.filter(|_| !sender.ended).map(|known| Standpoint { actor: known.now(), facts, today });
        let before = work.facts_before.get(&key.case).map(Arc::clone).and_then(at);
        let (now, revoked) = (at(facts), sender.ended);
        Ok(Court {
            key,
            creator,
            sender: sender.device.account,
            now,
            before,
            then: None,
            revoked,
            way: Way::Written,
            accounts: Arc::clone(&accounts),
            bytes: 0,
        })
    }

    /// Whether a document that the relay lacks could have been the sender's to have: a new one of theirs, or of a case they see.
    pub(super) async fn might_have(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        key: &DocumentKey,
    ) -> Result<bool, RelayError> {
        let court = self.court(work, sender, key, sender.device.account).await?;
        let may =
            |action| court.now.as_ref().is_some_and(|now| now.may(&self.packs, &court.resource(), action).is_allowed());
        Ok(may(Action::Create) || may(Action::Read))
    }

    /// Gathers where the device stood when it last heard from the relay; only asked for when "now" says no. What it offers again
    /// waits for the rights it was accepted by, and comes before a person only when nobody brings them back.
    async fn look_back(&self, work: &mut Work, sender: &Sender<'_>, court: &mut Court<'_>) -> Result<(), RelayError> {
        if court.then.is_some() || (court.way == Way::Offered && !court.revoked) {
            return Ok(());
        }
        let accounts = self.accounts(&mut work.tx.view()).await?;
        let Some(known) = accounts.iter().find(|known| known.account == sender.device.account) else { return Ok(()) };
        let (position, at_ms) = match sender.prepared.cursor {
            Standing::At(cursor) => (cursor.position, cursor.at_ms),
            Standing::None | Standing::OtherEpoch => self.last_known(&sender.device),
        };
        let facts = self.facts_at(work, court.key.case, position).await?;
        let made_since = facts.creators.is_empty();
        let now = self.facts(work, court.key.case).await?;
        if made_since && !now.creators.is_empty() && !now.is_author(known.account) {
            // Somebody else made the case after that, so it was never this account's. A case nobody made yet would have
            // been: a report taken offline, before the account or its tablet ended.
            return Ok(());
        }
        court.then = Some(Standpoint { actor: known.at(position), facts, today: self.packs.date_at(at_ms) });
        Ok(())
    }

    /// From where a device wrote that says nothing of how far it had come: it had what it enrolled with, and after a restore
    /// whatever the backup held.
    fn last_known(&self, device: &DeviceRecord) -> (u64, u64) {
        match self.founding.restored_ms {
            Some(at_ms) if self.founding.restored_position > device.enrolled_position => {
                (self.founding.restored_position, at_ms)
            }
            Some(_) | None => (device.enrolled_position, device.enrolled_ms),
        }
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
        let now = court.now(|at| asks(at, &court.resource()));
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
        if code.class() == ErrorClass::Held {
            return self.hold_push(work, sender, push, court.key, code).await;
        }
        let mut receipts = Vec::with_capacity(push.changes.len());
        for change in push.changes.iter().filter_map(|change| change.as_ref().ok()) {
            let known = work.tx.view().change_position(push.document, change.hash()).await?.is_some();
            receipts.push(if known { Receipt::Duplicate } else { Receipt::Refused(code.number()) });
        }
        Ok(receipts)
    }

    /// Refuses a change, or puts it aside for a person, as the code's class says.
    async fn settle(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        key: &DocumentKey,
        change: &CheckedChange,
        code: ErrorCode,
    ) -> Result<Receipt, RelayError> {
        if code.class() == ErrorClass::Held {
            self.hold(work, sender, push, key, change, Aside { code, writer: sender.device.account }).await?;
            Ok(Receipt::Held(code.number()))
        } else {
            Ok(Receipt::Refused(code.number()))
        }
    }

    /// Tries the candidates together; in turn when anything is wrong with any of them.
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
        self.charge(sender, court.bytes);
        // Rights may move with every change of a core or guard, so each is judged after the one before it.
        if !carries_rights(&court.key.kind)
            && let Ok(trial) = self.vetting.vet(base, &candidates)
            && trial.touched.iter().all(|change| self.verdict(court, change, Some(&trial.document)).is_none())
        {
            let mut document = VettedDocument::clone(base);
            document.accept(trial);
            return Ok(Arc::new(document));
        }
        Box::pin(self.try_in_turn(work, sender, push, court, base, fates)).await
    }

    /// Tries the candidates one after another, so that one that fails takes only what builds on it with it. The document
    /// is proven once for all that were taken; each change alone only when that fails.
    async fn try_in_turn(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        court: &mut Court<'_>,
        base: &Arc<VettedDocument>,
        fates: &mut [Fate],
    ) -> Result<Arc<VettedDocument>, RelayError> {
        self.charge(sender, court.bytes);
        let before = court.now.as_ref().map(|now| Arc::clone(&now.facts));
        let mut trial = self.vetting.begin(base, Pace::Together);
        let mut rulings = self.rule_in_turn(work, sender, push, court, &mut trial, fates).await?;
        let document = match self.vetting.prove(trial) {
            Ok(document) => document,
            Err(fault) => {
                tracing::warn!(fault = %Chain(&fault), "a push did not pass its trial as a whole");
                if let (Some(now), Some(before)) = (court.now.as_mut(), before) {
                    now.facts = before;
                }
                self.charge(sender, court.bytes.saturating_mul(push.change_count()));
                let mut trial = self.vetting.begin(base, Pace::Each);
                rulings = self.rule_in_turn(work, sender, push, court, &mut trial, fates).await?;
                self.vetting.prove(trial)?
            }
        };
        let changes = push.changes.iter().filter_map(|change| change.as_ref().ok());
        for ((change, fate), ruling) in changes.zip(fates.iter_mut()).zip(rulings) {
            *fate = Fate::Done(match ruling {
                Ruling::Stands => continue,
                Ruling::Orphan => Receipt::Reissue,
                Ruling::Out(code) => self.settle(work, sender, push, court.key, change, code).await?,
            });
        }
        Ok(Arc::new(document))
    }

    /// Rules on each change of a push after the one before it; writes nothing down.
    async fn rule_in_turn(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        court: &mut Court<'_>,
        trial: &mut Trial,
        fates: &[Fate],
    ) -> Result<Vec<Ruling>, RelayError> {
        let mut left_out: BTreeSet<ChangeHash> = BTreeSet::new();
        let mut rulings = Vec::with_capacity(fates.len());
        for (change, fate) in push.changes.iter().filter_map(|change| change.as_ref().ok()).zip(fates) {
            let ruling = match fate {
                Fate::Done(Receipt::Duplicate) => Ruling::Stands,
                Fate::Done(_) => {
                    left_out.insert(change.hash());
                    Ruling::Stands
                }
                Fate::Candidate { .. } if change.deps().iter().any(|dep| left_out.contains(dep)) => Ruling::Orphan,
                Fate::Candidate { .. } => match self.try_one(work, sender, court, trial, change).await? {
                    None => Ruling::Stands,
                    Some(code) => Ruling::Out(code),
                },
            };
            if !matches!(ruling, Ruling::Stands) {
                left_out.insert(change.hash());
            }
            rulings.push(ruling);
        }
        Ok(rulings)
    }

    /// Tries one change and takes it into the trial, or says why not.
    async fn try_one(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        court: &mut Court<'_>,
        trial: &mut Trial,
        change: &CheckedChange,
    ) -> Result<Option<ErrorCode>, RelayError> {
        let unsound = |fault: VetFault| {
            tracing::info!(fault = %Chain(&fault), "a change did not pass its trial");
            Ok(Some(ErrorCode::ChangeUnsound))
        };
        let mut admitted = match trial.admit(change.as_bytes()) {
            Ok(admitted) => admitted,
            Err(fault) => return unsound(fault),
        };
        let touched = admitted.touched.clone();
        let bytes = court.bytes;
        let after = if needs_after(&self.packs, &court.key.kind, &touched.ops) {
            trial.after(&mut admitted).map(Some)
        } else {
            Ok(None)
        };
        let after = match after {
            Ok(after) => after,
            Err(fault) => return unsound(fault),
        };
        if after.is_some() {
            // A copy of the open document costs about a quarter of opening it.
            self.charge(sender, bytes / 4);
        }
        let mut code = self.verdict(court, &touched, after);
        if code.is_some() && court.then.is_none() {
            self.look_back(work, sender, court).await?;
            code = self.verdict(court, &touched, after);
        }
        if code.is_none() {
            trial.take(admitted);
            if carries_rights(&court.key.kind)
                && let Ok(document) = trial.document()
            {
                self.move_facts(work, court, document).await?;
            }
        }
        Ok(code)
    }

    /// Reads anew what rights hang on, when it is the very document that moved.
    async fn move_facts(&self, work: &mut Work, court: &mut Court<'_>, document: &Document) -> Result<(), RelayError> {
        let Some(now) = court.now.as_mut().filter(|_| carries_rights(&court.key.kind)) else { return Ok(()) };
        let is_core = court.key.kind == CORE_KIND;
        let other_id = if is_core { guard_of(court.key.case) } else { core_of(court.key.case) };
        let other = self.open_document(work, other_id).await?;
        let other_document = other.as_ref().map(|open| open.document.document());
        now.facts = Arc::new(if is_core {
            read(Some(court.creator), Some(document), other_document)
        } else {
            read(other.as_ref().map(|open| open.record.creator), other_document, Some(document))
        });
        Ok(())
    }

    /// Why a sound change is not merged; none when it is.
    fn verdict(&self, court: &Court<'_>, change: &TouchedChange, after: Option<&Document>) -> Option<ErrorCode> {
        // An actor goes on in the name it began with; whoever sends writes in no name but their own.
        if change.author.is_some_and(|author| author != court.sender) {
            return Some(ErrorCode::ChangeAuthorForeign);
        }
        if let Some(code) = schema_fault(&self.packs, &court.key.kind, &change.ops, after) {
            return Some(code);
        }
        let resource = court.resource();
        let asks = |at: &Standpoint| at.may_write(&self.packs, &resource, change, after);
        let now = court.now(asks);
        if now.is_some_and(Decision::is_allowed) {
            let office_of = |account| {
                let known = court.accounts.iter().find(|known| known.account == account)?;
                known.profile.office.as_deref()
            };
            return court.now.as_ref()?.excluded_assignment(&self.packs, &court.key.kind, change, office_of);
        }
        let denied = now.unwrap_or(Decision::Deny(DenyReason::AccountStopped));
        if court.then.as_ref().map(asks).is_some_and(Decision::is_allowed) {
            Some(held_code(denied, court.revoked))
        } else {
            Some(ErrorCode::ChangeForbidden)
        }
    }
}

/// Whether something that was sent has to come again as it is. Nothing is handed out then: what was written before a right
/// ended is judged as of the cursor, which must not move before all of it was handed in.
pub(super) fn has_put_off(receipts: &Receipts) -> bool {
    let again = |receipt: &Receipt| matches!(receipt, Receipt::Retry(missing) if missing.is_empty());
    receipts.pushes.iter().any(|push| match push {
        PushReceipt::All => false,
        PushReceipt::Each(each) => each.iter().any(again),
    })
}

/// Refuses what is no change and lets the others come again: nobody knows which hashes were signed, or the sender has had
/// its share of the writer.
pub(super) fn come_again(push: &PreparedPush) -> Vec<Receipt> {
    push.changes
        .iter()
        .map(|change| match change {
            Ok(_) => Receipt::Retry(Vec::new()),
            Err(garbled) => Receipt::Refused(garbled.code.number()),
        })
        .collect()
}
