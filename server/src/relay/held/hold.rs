//! Putting changes aside for a person: only what is sound, whose parents are known, and whose author is its sender. Of what
//! is brought back to a restored relay the author is the one it names.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared::document::vet::Trial;
use shared::id::{AccountId, ChangeHash, DocumentId, DocumentKey, HeldId};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::Receipt;
use shared::protocol::limits::DOCUMENT_BYTES_MAX;

use super::{Claim, gives_way, held_past, receipt_of};
use crate::access_gate::permit_judge;
use crate::relay::intake::Sender;
use crate::relay::judge::{needs_after, schema_fault};
use crate::relay::prepare::{PreparedPush, Way};
use crate::relay::snapshot::NOBODY;
use crate::relay::vetting::{Pace, is_derived};
use crate::relay::work::Work;
use crate::relay::{Relay, RelayError};
use crate::storage::Table;
use crate::storage::record::{HeldRecord, SignatureRecord};

/// Why a change is put aside, and who wrote it.
pub(in crate::relay) struct Aside {
    pub(in crate::relay) code: ErrorCode,
    pub(in crate::relay) writer: AccountId,
}

/// What a trial on everything held says of a change.
enum Ruling {
    /// It is put aside; its author, where somebody wrote it.
    Sound(Option<AccountId>),
    /// It was brought by somebody, and now comes from its writer, signed.
    Signed,
    /// It is not.
    Turned(Receipt),
}

impl Relay {
    /// Puts a whole push aside, each change for itself. The document is proven once for all of them; each change alone
    /// only when that fails.
    pub(in crate::relay) async fn hold_push(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        key: &DocumentKey,
        code: ErrorCode,
    ) -> Result<Vec<Receipt>, RelayError> {
        // What is brought is tried on the document and its own past alone: what somebody made up must not shut out what is true.
        let is_brought = push.way == Way::Brought;
        let mut whole = match is_brought {
            true => self.without_held(work, push.document).await?,
            false => self.with_held(work, sender, push.document).await?,
        };
        whole.bytes = whole.bytes.saturating_add(push.change_bytes());
        self.charge(sender, whole.bytes);
        let mut trial = self.vetting.begin(&whole.document, Pace::Together);
        let mut rulings = self.try_push_on_held(work, sender, push, key, &mut trial).await?;
        let proven = match self.vetting.prove(trial) {
            Ok(proven) => proven,
            Err(_) => {
                self.charge(sender, whole.bytes.saturating_mul(push.change_count()));
                let mut trial = self.vetting.begin(&whole.document, Pace::Each);
                rulings = self.try_push_on_held(work, sender, push, key, &mut trial).await?;
                self.vetting.prove(trial)?
            }
        };
        whole.document = Arc::new(proven);
        let mut receipts = Vec::with_capacity(push.changes.len());
        for (change, ruling) in push.changes.iter().filter_map(|change| change.as_ref().ok()).zip(rulings) {
            receipts.push(match ruling {
                Ruling::Turned(receipt) => receipt,
                Ruling::Signed => {
                    self.hold(work, sender, push, key, change, Aside { code, writer: sender.device.account }).await?;
                    self.seat_again(work, HeldId::derive(push.document, change.hash())).await?;
                    Receipt::Held(code.number())
                }
                // The same change may stand in a push twice.
                Ruling::Sound(author) => match work.tx.view().held(push.document, change.hash()).await? {
                    Some(record) => receipt_of(&record),
                    None => {
                        let writer = author.unwrap_or(sender.device.account);
                        self.hold(work, sender, push, key, change, Aside { code, writer }).await?;
                        whole.held.insert(change.hash());
                        Receipt::Held(code.number())
                    }
                },
            });
        }
        if whole.is_whole && !is_brought {
            self.keep_with_held(push.document, &whole);
        }
        Ok(receipts)
    }

    /// Tries each change of a push on everything held before it and writes nothing down.
    async fn try_push_on_held(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        key: &DocumentKey,
        trial: &mut Trial,
    ) -> Result<Vec<Ruling>, RelayError> {
        let mut sound: BTreeMap<ChangeHash, Option<AccountId>> = BTreeMap::new();
        let mut rulings = Vec::with_capacity(push.changes.len());
        for change in push.changes.iter().filter_map(|change| change.as_ref().ok()) {
            let hash = change.hash();
            let ruling = if work.tx.view().change_position(push.document, hash).await?.is_some() {
                Ruling::Turned(Receipt::Duplicate)
            } else if let Some(record) = work.tx.view().held(push.document, hash).await? {
                let is_signed = push.way != Way::Brought && record.account == sender.device.account;
                if is_signed && gives_way(&record) { Ruling::Signed } else { Ruling::Turned(receipt_of(&record)) }
            } else if let Some(author) = sound.get(&hash) {
                Ruling::Sound(*author)
            } else {
                self.try_on_held(work, sender, push, key, trial, change).await?
            };
            if let Ruling::Sound(author) = ruling {
                sound.insert(hash, author);
            }
            rulings.push(ruling);
        }
        Ok(rulings)
    }

    /// Tries a change on everything held before it and takes it into the trial when it is sound.
    ///
    /// Whoever decides opens it on a tablet, so that it must be as harmless as anything that is merged.
    async fn try_on_held(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        key: &DocumentKey,
        trial: &mut Trial,
        change: &CheckedChange,
    ) -> Result<Ruling, RelayError> {
        let refused = |code: ErrorCode| Ok(Ruling::Turned(Receipt::Refused(code.number())));
        if push.way == Way::Brought {
            self.admit_past(work, push.document, trial, change).await?;
        }
        let missing = trial.missing(change.deps());
        if !missing.is_empty() {
            return Ok(Ruling::Turned(Receipt::Retry(missing)));
        }
        if change.claims_genesis() {
            return refused(ErrorCode::ChangeReserved);
        }
        // What is brought is somebody else's; whoever takes it in answers for it.
        let is_own = push.way != Way::Brought;
        let bound = work.tx.view().actor(push.document, change.actor()).await?;
        let others = |number: u32| number != NOBODY && number != sender.device.number;
        if is_own && bound.is_some_and(|bound| others(bound.device_number)) {
            return refused(ErrorCode::ChangeActorForeign);
        }
        // What is offered and waited long comes before a person with what it says.
        if is_own && self.claim(work, sender, push, change).await? == Claim::False {
            return refused(ErrorCode::ChangeAuthorForeign);
        }
        let Ok(mut admitted) = trial.admit(change.as_bytes()) else {
            return refused(ErrorCode::ChangeUnsound);
        };
        let author = admitted.touched.author;
        if !is_derived(change) && (author.is_none() || (is_own && author != Some(sender.device.account))) {
            return refused(ErrorCode::ChangeAuthorForeign);
        }
        let ops = admitted.touched.ops.clone();
        let after =
            if needs_after(&self.packs, &key.kind, &ops) { trial.after(&mut admitted).map(Some) } else { Ok(None) };
        let Ok(after) = after else { return refused(ErrorCode::ChangeUnsound) };
        if schema_fault(&self.packs, &key.kind, &ops, after) == Some(ErrorCode::ChangeSchema) {
            return refused(ErrorCode::ChangeSchema);
        }
        trial.take(admitted);
        Ok(Ruling::Sound(author))
    }

    /// Takes into a trial what of a change's past is held itself.
    async fn admit_past(
        &self,
        work: &mut Work,
        document: DocumentId,
        trial: &mut Trial,
        change: &CheckedChange,
    ) -> Result<(), RelayError> {
        if trial.missing(change.deps()).is_empty() {
            return Ok(());
        }
        self.sealer.load(&self.storage, &[document]).await?;
        let judge = permit_judge(document);
        let open = |hash: ChangeHash, record: &HeldRecord| self.open_held(&judge, hash, record);
        let past = held_past(&mut work.tx.view(), document, change, |_| true, open, DOCUMENT_BYTES_MAX).await?;
        for past in past {
            if let Ok(admitted) = trial.admit(past.as_bytes()) {
                trial.take(admitted);
            }
        }
        Ok(())
    }

    /// Keeps a change for a person.
    pub(in crate::relay) async fn hold(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        key: &DocumentKey,
        change: &CheckedChange,
        aside: Aside,
    ) -> Result<(), RelayError> {
        let document = push.document;
        // A document nobody has yet may be held too; its key is made like any other's.
        self.sealer.make_keys(&self.storage, &[document]).await?;
        let record = HeldRecord {
            key: key.clone(),
            account: aside.writer,
            device: sender.prepared.device_id(),
            code: aside.code.number(),
            received_ms: sender.prepared.now_ms,
            sealed: self.sealer.seal_row(document, Table::Held, change.hash().as_bytes(), change.as_bytes())?,
            order: work.next_held(),
            derived: is_derived(change),
            forwarded: false,
            decision: None,
        };
        work.tx.put_held(document, change.hash(), &record).await?;
        if push.way != Way::Brought {
            // Whoever accepts it later does not sign for its writer: the writer's own signature stays with it.
            let signature = SignatureRecord { hashes: push.hashes.clone(), signature: push.signature };
            work.tx.put_signature(document, sender.prepared.device_id(), push.counter, &signature).await?;
        }
        if record.is_open() {
            work.held.push((document, change.hash()));
            work.held_cases.insert(key.case);
        }
        Ok(())
    }
}
