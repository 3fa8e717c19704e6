//! Putting changes aside for a person: only what is sound, whose parents are known, and whose author is its sender.

use std::collections::BTreeSet;
use std::sync::Arc;

use shared::document::vet::Trial;
use shared::id::{ChangeHash, DocumentId, DocumentKey};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::Receipt;

use super::receipt_of;
use crate::relay::intake::Sender;
use crate::relay::judge::{needs_after, schema_fault};
use crate::relay::prepare::PreparedPush;
use crate::relay::vetting::{Pace, is_derived};
use crate::relay::work::Work;
use crate::relay::{Relay, RelayError};
use crate::storage::Table;
use crate::storage::record::{HeldRecord, SignatureRecord};

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
        let mut whole = self.with_held(work, sender, push.document).await?;
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
                Some(receipt) => receipt,
                // The same change may stand in a push twice.
                None => match work.tx.view().held(push.document, change.hash()).await? {
                    Some(record) => receipt_of(&record),
                    None => {
                        self.hold(work, sender, push, key, change, code).await?;
                        whole.held.insert(change.hash());
                        Receipt::Held(code.number())
                    }
                },
            });
        }
        if whole.is_whole {
            self.keep_with_held(push.document, &whole);
        }
        Ok(receipts)
    }

    /// Tries each change of a push on everything held before it and writes nothing down; none for one that is sound.
    async fn try_push_on_held(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        key: &DocumentKey,
        trial: &mut Trial,
    ) -> Result<Vec<Option<Receipt>>, RelayError> {
        let mut sound: BTreeSet<ChangeHash> = BTreeSet::new();
        let mut rulings = Vec::with_capacity(push.changes.len());
        for change in push.changes.iter().filter_map(|change| change.as_ref().ok()) {
            let hash = change.hash();
            let ruling = if work.tx.view().change_position(push.document, hash).await?.is_some() {
                Some(Receipt::Duplicate)
            } else if let Some(record) = work.tx.view().held(push.document, hash).await? {
                Some(receipt_of(&record))
            } else if sound.contains(&hash) {
                None
            } else {
                self.try_on_held(work, sender, push.document, key, trial, change).await?
            };
            if ruling.is_none() {
                sound.insert(hash);
            }
            rulings.push(ruling);
        }
        Ok(rulings)
    }

    /// Tries a change on everything held before it and takes it into the trial; none when it is sound.
    ///
    /// Whoever decides opens it on a tablet, so that it must be as harmless as anything that is merged.
    async fn try_on_held(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        document: DocumentId,
        key: &DocumentKey,
        trial: &mut Trial,
        change: &CheckedChange,
    ) -> Result<Option<Receipt>, RelayError> {
        let refused = |code: ErrorCode| Ok(Some(Receipt::Refused(code.number())));
        let missing = trial.missing(change.deps());
        if !missing.is_empty() {
            return Ok(Some(Receipt::Retry(missing)));
        }
        if change.claims_genesis() {
            return refused(ErrorCode::ChangeReserved);
        }
        let bound = work.tx.view().actor(document, change.actor()).await?;
        if bound.is_some_and(|bound| bound.device_number != sender.device.number) {
            return refused(ErrorCode::ChangeActorForeign);
        }
        if !self.note_holds(work, sender, document, change).await? {
            return refused(ErrorCode::ChangeAuthorForeign);
        }
        let Ok(mut admitted) = trial.admit(change.as_bytes()) else {
            return refused(ErrorCode::ChangeUnsound);
        };
        if !is_derived(change) && admitted.touched.author != Some(sender.device.account) {
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
        Ok(None)
    }

    /// Keeps a change for a person.
    pub(in crate::relay) async fn hold(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        key: &DocumentKey,
        change: &CheckedChange,
        code: ErrorCode,
    ) -> Result<(), RelayError> {
        let document = push.document;
        // A document nobody has yet may be held too; its key is made like any other's.
        self.sealer.make_keys(&self.storage, &[document]).await?;
        let record = HeldRecord {
            key: key.clone(),
            account: sender.device.account,
            device: sender.prepared.device_id(),
            code: code.number(),
            received_ms: sender.prepared.now_ms,
            sealed: self.sealer.seal_row(document, Table::Held, change.hash().as_bytes(), change.as_bytes())?,
            order: work.next_held(),
            derived: is_derived(change),
            forwarded: false,
            decision: None,
        };
        work.tx.put_held(document, change.hash(), &record).await?;
        // Whoever accepts it later does not sign for its writer: the writer's own signature stays with it.
        let signature = SignatureRecord { hashes: push.hashes.clone(), signature: push.signature };
        work.tx.put_signature(document, sender.prepared.device_id(), push.counter, &signature).await?;
        if record.is_open() {
            work.held.push((document, change.hash()));
        }
        Ok(())
    }
}
