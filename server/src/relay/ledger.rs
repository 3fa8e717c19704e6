//! Writing judged changes down: the log, the header, the snapshot, the signature, the check sums of who may see it.

use std::sync::Arc;

use shared::document::Document;
use shared::document::vet::VettedDocument;
use shared::id::{AccountId, ChangeHash, DocumentId, DocumentKey};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::Receipt;
use shared::sync::check::term;

use super::intake::{Accepted, Sender};
use super::prepare::{PreparedPush, Way};
use super::work::{Open, Work};
use super::{Relay, RelayError, snapshot};
use crate::access_gate::{Append, Permit, permit_judge};
use crate::audit::Entry;
use crate::storage::Table;
use crate::storage::record::{Act, ActorRecord, ChangeRecord, DocumentRecord, SignatureRecord, SnapshotRecord};

/// Where appended changes come from.
pub(super) struct Origin {
    /// Who wrote them.
    pub(super) account: AccountId,
    /// Directory number of the device they were written on.
    pub(super) device_number: u32,
    /// When they were received, milliseconds since 1970 UTC.
    pub(super) received_ms: u64,
    /// Pack version of the tablet.
    pub(super) pack: u32,
    /// Directory number of the device from which a held change was accepted.
    pub(super) accepted_by: Option<u32>,
}

impl Origin {
    /// From the sender of an upload, now.
    pub(super) const fn of(sender: &Sender<'_>) -> Self {
        Self {
            account: sender.device.account,
            device_number: sender.device.number,
            received_ms: sender.prepared.now_ms,
            pack: sender.prepared.upload.pack,
            accepted_by: None,
        }
    }
}

/// What is appended to which document.
pub(super) struct Appending<'a> {
    /// The document's key.
    pub(super) key: DocumentKey,
    /// As it was; none when this makes it.
    pub(super) open: Option<Open>,
    /// With the changes.
    pub(super) document: Arc<VettedDocument>,
    /// The changes.
    pub(super) accepted: &'a [Accepted],
}

impl Relay {
    /// Appends judged changes of one document.
    pub(super) async fn append(
        &self,
        work: &mut Work,
        origin: &Origin,
        appending: Appending<'_>,
        permit: &Permit<Append>,
    ) -> Result<(), RelayError> {
        let Appending { key, open, document, accepted } = appending;
        let id = permit.document();
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
            let record = self.change_record(origin, id, change, *derived)?;
            work.tx.append_change(permit, position, &record).await?;
            if !derived {
                let bound = ActorRecord { device_number: origin.device_number, last_seq: change.seq() };
                work.tx.put_actor(id, change.actor(), &bound).await?;
            }
        }
        let heads = document.document().heads();
        let counted = u32::try_from(accepted.len()).unwrap_or(u32::MAX);
        let record = DocumentRecord {
            creator: before.map_or(origin.account, |before| before.creator),
            pack: before.map_or(origin.pack, |before| before.pack),
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
        self.write_snapshot(work, origin, &record, document.document(), accepted, permit).await?;
        self.move_terms(work, id, before, &record).await?;
        work.set(id, Open { record, document });
        Ok(())
    }

    /// Keeps what binds the changes of a push to their document and their sender.
    pub(super) async fn keep_signature(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
    ) -> Result<(), RelayError> {
        let signature = SignatureRecord { hashes: push.hashes.clone(), signature: push.signature };
        work.tx.put_signature(push.document, sender.prepared.device_id(), push.counter, &signature).await?;
        Ok(())
    }

    fn change_record(
        &self,
        origin: &Origin,
        id: DocumentId,
        change: &CheckedChange,
        derived: bool,
    ) -> Result<ChangeRecord, RelayError> {
        Ok(ChangeRecord {
            hash: change.hash(),
            deps: change.deps().to_vec(),
            actor: change.actor(),
            max_op: change.max_op(),
            device_number: origin.device_number,
            derived,
            received_ms: origin.received_ms,
            accepted_by: origin.accepted_by,
            sealed: self.sealer.seal_row(id, Table::Change, change.hash().as_bytes(), change.as_bytes())?,
        })
    }

    async fn write_snapshot(
        &self,
        work: &mut Work,
        origin: &Origin,
        record: &DocumentRecord,
        document: &Document,
        accepted: &[Accepted],
        permit: &Permit<Append>,
    ) -> Result<(), RelayError> {
        let id = permit.document();
        let hashes: Vec<ChangeHash> = accepted.iter().map(|accepted| accepted.change.hash()).collect();
        let device_of = |hash: &ChangeHash| {
            let derived = accepted.iter().any(|accepted| accepted.derived && accepted.change.hash() == *hash);
            if derived { snapshot::NOBODY } else { origin.device_number }
        };
        let known = work
            .tx
            .view()
            .snapshot(&permit_judge(id))
            .await?
            .and_then(|before| snapshot::received_after(before, document, &hashes, origin.received_ms, device_of));
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

    /// Notes for the audit log what became of a push: one entry per outcome.
    pub(super) fn note_fates(&self, work: &mut Work, sender: &Sender<'_>, push: &PreparedPush, receipts: &[Receipt]) {
        let mut counts: Vec<(Act, Option<ErrorCode>, usize)> = Vec::new();
        for receipt in receipts {
            let (act, code) = match receipt {
                Receipt::Accepted => (Act::Accepted, None),
                Receipt::Held(code) => (Act::Held, ErrorCode::from_number(*code)),
                Receipt::Refused(_) if push.way == Way::Offered => continue,
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
