//! Writing judged changes down: the log, the header, the snapshot, the signature, the check sums of who may see it.

use std::sync::Arc;

use shared::document::Document;
use shared::document::vet::VettedDocument;
use shared::id::{ChangeHash, DocumentId, DocumentKey};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::Receipt;
use shared::sync::check::term;

use super::intake::{Accepted, Sender};
use super::prepare::PreparedPush;
use super::work::{Open, Work};
use super::{Relay, RelayError, snapshot};
use crate::access_gate::{Append, Permit, permit_judge};
use crate::audit::Entry;
use crate::storage::Table;
use crate::storage::record::{
    Act, ActorRecord, ChangeRecord, DocumentRecord, HeldRecord, SignatureRecord, SnapshotRecord,
};

impl Relay {
    /// Appends judged changes of one push.
    #[expect(clippy::too_many_arguments, reason = "a push is written with everything that was found out about it")]
    pub(super) async fn append(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        (key, open): (DocumentKey, Option<Open>),
        document: Arc<VettedDocument>,
        accepted: &[Accepted],
        permit: &Permit<Append>,
    ) -> Result<(), RelayError> {
        let id = push.document;
        if open.is_none() {
            self.sealer.make_keys(&self.storage, &[id]).await?;
        } else {
            self.sealer.load(&self.storage, &[id]).await?;
        }
        let before = open.as_ref().map(|open| &open.record);
        let (mut first, mut last, mut bytes) = (None, 0, 0_usize);
        for Accepted { change, derived } in accepted {
            let position = work.tx.next_position().await?;
            first.get_or_insert(position);
            last = position;
            bytes = bytes.saturating_add(change.as_bytes().len());
            let record = self.change_record(sender, id, change, *derived)?;
            work.tx.append_change(permit, position, &record).await?;
            if !derived {
                let bound = ActorRecord { device_number: sender.device.number, last_seq: change.seq() };
                work.tx.put_actor(id, change.actor(), &bound).await?;
            }
        }
        let heads = document.document().heads();
        let counted = u32::try_from(accepted.len()).unwrap_or(u32::MAX);
        let record = DocumentRecord {
            creator: before.map_or(sender.device.account, |before| before.creator),
            pack: before.map_or(sender.prepared.upload.pack, |before| before.pack),
            first_position: before.map_or_else(|| first.unwrap_or(last), |before| before.first_position),
            last_position: last,
            change_count: before.map_or(0, |before| before.change_count).saturating_add(counted),
            change_bytes: before
                .map_or(0, |before| before.change_bytes)
                .saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX)),
            term: term(&self.founding.check_key, id, &heads).to_le_bytes(),
            key,
            heads,
        };
        work.tx.put_document(permit, before, &record).await?;
        self.write_snapshot(work, sender, &record, document.document(), accepted, permit).await?;
        let signature = SignatureRecord { hashes: push.hashes.clone(), signature: push.signature };
        work.tx.put_signature(id, sender.prepared.device_id(), push.counter, &signature).await?;
        self.move_terms(work, id, before, &record).await?;
        work.set(id, Open { record, document });
        Ok(())
    }

    fn change_record(
        &self,
        sender: &Sender<'_>,
        id: DocumentId,
        change: &CheckedChange,
        derived: bool,
    ) -> Result<ChangeRecord, RelayError> {
        Ok(ChangeRecord {
            hash: change.hash(),
            deps: change.deps().to_vec(),
            actor: change.actor(),
            max_op: change.max_op(),
            device_number: sender.device.number,
            derived,
            received_ms: sender.prepared.now_ms,
            sealed: self.sealer.seal_row(id, Table::Change, change.hash().as_bytes(), change.as_bytes())?,
        })
    }

    async fn write_snapshot(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        record: &DocumentRecord,
        document: &Document,
        accepted: &[Accepted],
        permit: &Permit<Append>,
    ) -> Result<(), RelayError> {
        let id = permit.document();
        let hashes: Vec<ChangeHash> = accepted.iter().map(|accepted| accepted.change.hash()).collect();
        let device_of = |hash: &ChangeHash| {
            let derived = accepted.iter().any(|accepted| accepted.derived && accepted.change.hash() == *hash);
            if derived { snapshot::NOBODY } else { sender.device.number }
        };
        let known =
            work.tx.view().snapshot(&permit_judge(id)).await?.and_then(|before| {
                snapshot::received_after(before, document, &hashes, sender.prepared.now_ms, device_of)
            });
        let received = match known {
            Some(received) => received,
            None => snapshot::received_in_order(&mut work.tx.view(), id, document).await?,
        };
        let sealed = self.sealer.seal_row(id, Table::Snapshot, id.as_bytes(), &document.save_uncompressed())?;
        work.tx.put_snapshot(permit, &SnapshotRecord { heads: record.heads.clone(), received, sealed }).await?;
        Ok(())
    }

    /// Moves the check sum of everybody who has the document.
    async fn move_terms(
        &self,
        work: &mut Work,
        id: DocumentId,
        before: Option<&DocumentRecord>,
        after: &DocumentRecord,
    ) -> Result<(), RelayError> {
        let Some(before) = before else { return Ok(()) };
        let (old, new) = (u128::from_le_bytes(before.term), u128::from_le_bytes(after.term));
        for account in work.tx.view().holders(id).await? {
            work.tx.move_term(account, old, new).await?;
        }
        Ok(())
    }

    /// Keeps a change for a person.
    pub(super) async fn hold(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        document: DocumentId,
        key: &DocumentKey,
        change: &CheckedChange,
        code: ErrorCode,
    ) -> Result<(), RelayError> {
        // A document nobody has yet may be held too; its key is made like any other's.
        self.sealer.make_keys(&self.storage, &[document]).await?;
        let record = HeldRecord {
            key: key.clone(),
            account: sender.device.account,
            device: sender.prepared.device_id(),
            code: code.number(),
            received_ms: sender.prepared.now_ms,
            sealed: self.sealer.seal_row(document, Table::Held, change.hash().as_bytes(), change.as_bytes())?,
        };
        work.tx.put_held(document, change.hash(), &record).await?;
        Ok(())
    }

    /// Notes for the audit log what became of a push: one entry per outcome.
    pub(super) fn note_fates(&self, work: &mut Work, sender: &Sender<'_>, push: &PreparedPush, receipts: &[Receipt]) {
        let mut counts: Vec<(Act, Option<ErrorCode>, usize)> = Vec::new();
        for receipt in receipts {
            let (act, code) = match receipt {
                Receipt::Accepted => (Act::Accepted, None),
                Receipt::Held(code) => (Act::Held, ErrorCode::from_number(*code)),
                Receipt::Refused(code) => (Act::Refused, ErrorCode::from_number(*code)),
                Receipt::Duplicate | Receipt::Retry(_) | Receipt::Reissue => continue,
            };
            match counts.iter_mut().find(|(a, c, _)| *a == act && *c == code) {
                Some((_, _, count)) => *count = count.saturating_add(1),
                None => counts.push((act, code, 1)),
            }
        }
        work.audit.extend(counts.into_iter().map(|(act, code, count)| Entry {
            act,
            account: Some(sender.device.account),
            device: Some(sender.prepared.device_id()),
            document: Some(push.document),
            code,
            count,
        }));
    }
}
