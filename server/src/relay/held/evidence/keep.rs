//! What of a push becomes evidence.
//!
//! Kept is what no tablet of ours sends while all is well: whatever is no change at all, and changes that are forged. Not kept
//! is what somebody wrote who may not, or not any more, or in words no form knows: that is somebody's work, and stays with its
//! writer. Nor, while tablets may still have what was lost before a backup was restored, what only stands against what the relay
//! knows of actors and of held changes: it has forgotten some of it. Nor a frame that does not say, signed, whose it is: it would be evidence against nobody, and anybody's to fill this with.

use std::collections::BTreeMap;

use shared::id::{DocumentKey, HeldId};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::Receipt;
use shared::protocol::held::{HeldNote, KeptNote, sha256};
use shared::protocol::limits::{EVIDENCE_BYTES_MAX, EVIDENCE_DEVICE_MAX, EVIDENCE_MAX};

use super::is_block;
use crate::audit::Entry;
use crate::relay::intake::Sender;
use crate::relay::prepare::{Garbled, PreparedPush, Way};
use crate::relay::work::Work;
use crate::relay::{Relay, RelayError};
use crate::storage::Table;
use crate::storage::record::{Act, EvidenceRecord};

/// Codes of changes that no tablet of ours writes.
const FORGED: [ErrorCode; 6] = [
    ErrorCode::ChangeActorForeign,
    ErrorCode::ChangeAuthorForeign,
    ErrorCode::ChangeUnsound,
    ErrorCode::PushSignatureWrong,
    ErrorCode::DocumentKeyWrong,
    ErrorCode::ChangeReserved,
];

/// Those that the relay tells by what it remembers.
const REMEMBERED: [ErrorCode; 2] = [ErrorCode::ChangeActorForeign, ErrorCode::ChangeAuthorForeign];

/// What of one change of a push is kept, and under which code; none of what was taken, or was refused as somebody's work.
fn harmful<'p>(
    push: &PreparedPush,
    change: &'p Result<CheckedChange, Garbled>,
    receipt: &Receipt,
    was_restored: bool,
) -> Option<(&'p [u8], ErrorCode)> {
    let Receipt::Refused(number) = receipt else { return None };
    match change {
        Err(garbled) => Some((&garbled.bytes, garbled.code)),
        // Who brings back what others wrote answers for its being a change, and for no more.
        Ok(_) if push.way == Way::Brought => None,
        Ok(change) => {
            let is_forged = |code: &ErrorCode| FORGED.contains(code) && !(was_restored && REMEMBERED.contains(code));
            let code = ErrorCode::from_number(*number).filter(is_forged)?;
            Some((change.as_bytes(), code))
        }
    }
}

impl Relay {
    /// Keeps what of a push was refused as damaged or hostile. What comes again is counted, and what a blocked tablet still
    /// sends is not kept: who decides has decided.
    pub(in crate::relay) async fn keep_evidence(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        receipts: &[Receipt],
    ) -> Result<(), RelayError> {
        let me = sender.device.account;
        let was_restored = self.was_restored(sender.prepared.now_ms);
        let mut found: BTreeMap<[u8; 32], (&[u8], ErrorCode, u32)> = BTreeMap::new();
        for (change, receipt) in push.changes.iter().zip(receipts) {
            let Some((bytes, code)) = harmful(push, change, receipt, was_restored) else { continue };
            let is_named_wrongly = code == ErrorCode::ChangeAuthorForeign;
            if !is_named_wrongly || !self.is_overtaken(work, sender, push, change).await? {
                let (.., count) = found.entry(sha256(bytes)).or_insert((bytes, code, 0));
                *count = count.saturating_add(1);
            }
        }
        if found.is_empty() || sender.device.revoked.is_some() {
            return Ok(());
        }
        let known = work.tx.view().document(push.document).await?.map(|record| record.key);
        let key = known.or_else(|| push.create.clone().filter(|key| key.id() == push.document));
        let (device, now_ms) = (sender.prepared.device_id(), sender.prepared.now_ms);
        let kept = work.tx.view().all_evidence().await?;
        // A person has looked into the others: they leave room for what comes after them.
        let fills = |record: &EvidenceRecord| record.decision.as_ref().is_none_or(is_block);
        let mut of_all = kept.iter().filter(|(_, record)| fills(record)).count();
        let mut of_device = kept.iter().filter(|(_, record)| record.device == device && fills(record)).count();
        for (sha256, (bytes, code, came)) in found {
            let id = HeldId::of_evidence(device, &sha256);
            let before = work.tx.view().evidence(id).await?;
            // Who keeps the register hears of it again when it has come twice as often, not each time: their line is slow.
            let times = before.as_ref().map_or(0, |record| record.count);
            let count = times.saturating_add(came);
            let again = count.checked_ilog2() > times.checked_ilog2();
            let record = match before {
                Some(record) => EvidenceRecord { last_ms: now_ms, count, ..record },
                None if of_device >= EVIDENCE_DEVICE_MAX || of_all >= EVIDENCE_MAX => {
                    tracing::warn!(%device, "more damaged or hostile bytes came than are kept");
                    continue;
                }
                None => {
                    of_device = of_device.saturating_add(1);
                    of_all = of_all.saturating_add(1);
                    self.keep_bytes(work, push, id, bytes).await?;
                    work.audit.push(Entry {
                        account: Some(me),
                        device: Some(device),
                        document: Some(push.document),
                        code: Some(code),
                        count: 1,
                        ..Entry::of(Act::EvidenceKept)
                    });
                    EvidenceRecord { count, ..new_record(sender, push, key.clone(), code, bytes.len(), sha256) }
                }
            };
            work.tx.put_evidence(id, &record).await?;
            self.seat_evidence(work, id, &record, now_ms, again).await?;
        }
        Ok(())
    }

    /// Whether an own change says of a held one whose words it has, and comes from somebody who was asked to decide about that, after
    /// somebody else's decision or after their role: it is refused like a forged one, and is none.
    async fn is_overtaken(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        change: &Result<CheckedChange, Garbled>,
    ) -> Result<bool, RelayError> {
        let Ok(change) = change else { return Ok(false) };
        let is_own = change.author().is_none_or(|author| author == sender.device.account);
        let Some(message) = change.message().filter(|_| is_own) else { return Ok(false) };
        let (place, author) = if let Some(note) = HeldNote::parse(message) {
            (Some((push.document, note.hash)), note.author)
        } else if let Some(note) = KeptNote::parse(message) {
            (work.tx.view().held_named(note.held).await?, note.author)
        } else {
            return Ok(false);
        };
        let Some((document, hash)) = place else { return Ok(false) };
        let was_asked = work.tx.view().seat(HeldId::derive(document, hash), sender.device.account).await?.is_some();
        Ok(was_asked && work.tx.view().held(document, hash).await?.is_some_and(|record| record.account == author))
    }

    async fn keep_bytes(
        &self,
        work: &mut Work,
        push: &PreparedPush,
        id: HeldId,
        bytes: &[u8],
    ) -> Result<(), RelayError> {
        let kept = bytes.get(..EVIDENCE_BYTES_MAX).unwrap_or(bytes);
        // What erases the document erases what was sent for it.
        self.sealer.make_keys(&self.storage, &[push.document]).await?;
        let sealed = self.sealer.seal_row(push.document, Table::EvidenceBytes, id.as_bytes(), kept)?;
        Ok(work.tx.put_evidence_bytes(id, &sealed).await?)
    }
}

fn new_record(
    sender: &Sender<'_>,
    push: &PreparedPush,
    key: Option<DocumentKey>,
    code: ErrorCode,
    size: usize,
    sha256: [u8; 32],
) -> EvidenceRecord {
    let now_ms = sender.prepared.now_ms;
    EvidenceRecord {
        account: sender.device.account,
        device: sender.prepared.device_id(),
        document: push.document,
        key,
        code: code.number(),
        first_ms: now_ms,
        last_ms: now_ms,
        count: 1,
        size: u64::try_from(size).unwrap_or(u64::MAX),
        sha256,
        decision: None,
    }
}
