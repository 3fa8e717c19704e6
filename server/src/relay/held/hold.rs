//! Putting changes aside for a person: only what is sound, whose parents are known, and whose author is its sender.

use shared::document::vet::VettedDocument;
use shared::id::{DocumentId, DocumentKey};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::Receipt;

use super::receipt_of;
use crate::relay::intake::Sender;
use crate::relay::judge::schema_fault;
use crate::relay::prepare::PreparedPush;
use crate::relay::vetting::is_derived;
use crate::relay::work::Work;
use crate::relay::{Relay, RelayError};
use crate::storage::Table;
use crate::storage::record::{HeldRecord, SignatureRecord};

impl Relay {
    /// Puts a whole push aside, each change for itself.
    pub(in crate::relay) async fn hold_push(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        key: &DocumentKey,
        code: ErrorCode,
    ) -> Result<Vec<Receipt>, RelayError> {
        let mut whole = self.with_held(work, push.document).await?;
        let mut receipts = Vec::with_capacity(push.changes.len());
        for change in push.changes.iter().filter_map(|change| change.as_ref().ok()) {
            let receipt = if work.tx.view().change_position(push.document, change.hash()).await?.is_some() {
                Receipt::Duplicate
            } else if let Some(record) = work.tx.view().held(push.document, change.hash()).await? {
                receipt_of(&record)
            } else {
                match self.try_on_held(work, sender, push.document, key, &mut whole, change).await? {
                    Some(receipt) => receipt,
                    None => {
                        self.hold(work, sender, push, key, change, code).await?;
                        Receipt::Held(code.number())
                    }
                }
            };
            receipts.push(receipt);
        }
        Ok(receipts)
    }

    /// Tries a change on everything held before it; none when it is sound.
    ///
    /// Whoever decides opens it on a tablet, so that it must be as harmless as anything that is merged.
    async fn try_on_held(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        document: DocumentId,
        key: &DocumentKey,
        whole: &mut VettedDocument,
        change: &CheckedChange,
    ) -> Result<Option<Receipt>, RelayError> {
        let refused = |code: ErrorCode| Ok(Some(Receipt::Refused(code.number())));
        let missing = whole.document().missing(change.deps());
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
        let Ok(trial) = self.vetting.vet(whole, &[change.as_bytes()]) else {
            return refused(ErrorCode::ChangeUnsound);
        };
        let author = trial.touched.first().and_then(|touched| touched.author);
        if !is_derived(change) && author != Some(sender.device.account) {
            return refused(ErrorCode::ChangeAuthorForeign);
        }
        let fault =
            trial.touched.first().and_then(|change| schema_fault(&self.packs, &key.kind, &change.ops, &trial.document));
        if fault == Some(ErrorCode::ChangeSchema) {
            return refused(ErrorCode::ChangeSchema);
        }
        whole.accept(trial);
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
