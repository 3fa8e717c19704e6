//! Makes one upload out of a tablet's unacknowledged edits.
//!
//! Owns what goes first and how much fits; must never change an edit. Emergencies go before everything else, inside a
//! document parents always go before children.

use std::collections::BTreeMap;

use crate::id::{ChangeHash, DeviceId, DocumentId, DocumentKey, RequestId, TenantId};
use crate::order::Arrange as _;
use crate::protocol::codec::encode;
use crate::protocol::frame::{Brought, ChangeBytes, PROTOCOL_VERSION, Push, Repair, SealedOffer, SignedUpload, Upload};
use crate::protocol::held::Decision;
use crate::protocol::limits::{BODY_BYTES_MAX, CHANGES_MAX, DECISIONS_MAX, PRIORITIES_MAX, PUSHES_MAX};
use crate::protocol::seen::SeenBatch;
use crate::protocol::sign::{frame_message, push_message};
use crate::seal::sign::DeviceSecret;
use crate::sync::change_hash;
use crate::sync::row::{PendingEdit, PendingOrder};

/// Bytes of changes one upload may carry. Half of what the relay takes as it arrives, since changes are compressed
/// already: keys and signatures fit beside, and so does, sealed, the copy kept of it for a restored relay.
const CHANGE_BYTES_TARGET: usize = BODY_BYTES_MAX / 2;
/// Bytes of own uploads offered in one request, unless one alone is larger. What is sealed cannot be compressed.
const OFFERED_BYTES_TARGET: usize = BODY_BYTES_MAX / 2;

/// Bytes of what one request brings back to a restored relay, beside the edits.
pub(super) const BROUGHT_BYTES_TARGET: usize = BODY_BYTES_MAX / 4;

/// What a tablet asks for when it wants receipts and no pages; 0 would leave it to the relay.
const BUDGET_BYTES_LEAST: u32 = 1;

/// Who signs.
pub struct Signer<'a> {
    /// The relay's identity.
    pub tenant: TenantId,
    /// This device.
    pub device: DeviceId,
    /// Its key.
    pub secret: &'a DeviceSecret,
}

/// Everything of an upload that does not come from the pending edits.
#[derive(Debug, Clone, Default)]
pub struct UploadHead {
    /// Fresh random bytes.
    pub request: Option<RequestId>,
    /// Larger than every counter before.
    pub counter: u64,
    /// Where to go on.
    pub cursor: Option<Vec<u8>>,
    /// Version of the tablet's pack.
    pub pack: u32,
    /// Size of the answer asked for; 0 leaves it to the relay.
    pub budget_bytes: u32,
    /// Documents the user waits for.
    pub priorities: Vec<DocumentId>,
    /// Repair, if any.
    pub repair: Option<Repair>,
    /// Copy of the recovery slot, until stored.
    pub slot: Option<Vec<u8>>,
    /// Own uploads for a restored relay.
    pub offers: Vec<SealedOffer>,
    /// Decisions about held changes, in order.
    pub decisions: Vec<Decision>,
    /// What a restored relay lacks.
    pub brought: Vec<Brought>,
    /// What was opened, taken away or printed.
    pub seen: Option<SeenBatch>,
}

/// Where each change of a sent push came from, to read the receipts by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SentPushes {
    /// One entry per push, in order.
    pub pushes: Vec<SentPush>,
    /// The counter the pushes were signed with.
    pub counter: u64,
    /// Edits were left for the next upload, or may have been: offers go first.
    pub left_over: bool,
    /// The decisions sent along, in order.
    pub decisions: Vec<Decision>,
    /// Decisions were left for the next upload.
    pub undecided: bool,
    /// The upload carried the recovery slot.
    pub slot: bool,
    /// What it brought back to a restored relay.
    pub brought: Vec<Brought>,
    /// The number of what it told as seen.
    pub seen: Option<u64>,
}

/// One sent push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPush {
    /// The document.
    pub key: DocumentKey,
    /// As sent.
    pub push: Push,
    /// For each change: the edit it belongs to, and its hash.
    pub changes: Vec<(PendingOrder, ChangeHash)>,
}

/// An upload ready to be sent.
#[derive(Debug, Clone)]
pub struct PlannedUpload {
    /// The encoded [`SignedUpload`].
    pub bytes: Vec<u8>,
    /// To read the receipts by.
    pub sent: SentPushes,
}

/// Which of the kept own uploads go into one request, oldest first, and whether any are left for the next.
///
/// `kept` with their counters, in any order. Whatever is kept gets its turn: one that is large alone goes alone.
#[must_use]
pub fn choose_offers(mut kept: Vec<(u64, SealedOffer)>, count_max: usize) -> (Vec<(u64, SealedOffer)>, bool) {
    kept.arrange_by_key(|(counter, _)| *counter);
    let mut bytes = 0_usize;
    let taken = kept.iter().take(count_max).take_while(|(_, offer)| {
        let is_first = bytes == 0;
        bytes = bytes.saturating_add(offer.0.len());
        is_first || bytes <= OFFERED_BYTES_TARGET
    });
    let count = taken.count();
    let left = count < kept.len();
    kept.truncate(count);
    (kept, left)
}

/// Plans one upload. `pending` in any order; `known` says which documents the relay has acknowledged once.
///
/// Offers go alone: a restored relay must have back what edits stand on, rights among it, before it judges them.
#[must_use]
pub fn plan_upload(
    signer: &Signer<'_>,
    mut head: UploadHead,
    pending: &[PendingEdit],
    known: impl Fn(DocumentId) -> bool,
) -> PlannedUpload {
    let (groups, left_over) = if head.offers.is_empty() { choose(pending) } else { (Groups::new(), true) };
    if left_over {
        // News waits until everything written is handed in: a revocation among it would turn the rest from "allowed when
        // it was written" into "never allowed".
        head.budget_bytes = BUDGET_BYTES_LEAST;
        head.repair = None;
        // A decision may say that an edit among the rest has entered something again.
        head.decisions.clear();
        // What the edits say of rights comes first.
        head.brought.clear();
    }
    // Whoever does not understand it takes nothing of the request: that must not cost a danger a round.
    if left_over || pending.iter().any(|edit| edit.urgent) {
        head.seen = None;
    }
    let undecided = head.decisions.len() > DECISIONS_MAX;
    head.decisions.truncate(DECISIONS_MAX);
    let mut sent = SentPushes {
        counter: head.counter,
        left_over,
        slot: head.slot.is_some(),
        decisions: head.decisions.clone(),
        undecided,
        brought: head.brought.clone(),
        seen: head.seen.as_ref().map(|batch| batch.number),
        ..SentPushes::default()
    };
    for (document, edits) in groups {
        if let Some(push) = plan_push(signer, head.counter, document, &edits, known(document)) {
            sent.pushes.push(push);
        }
    }
    head.priorities.truncate(PRIORITIES_MAX);
    let upload = Upload {
        version: PROTOCOL_VERSION,
        device: signer.device,
        request: head.request.unwrap_or(RequestId::from_bytes([0; 16])),
        counter: head.counter,
        cursor: head.cursor,
        pack: head.pack,
        budget_bytes: head.budget_bytes,
        priorities: head.priorities,
        pushes: sent.pushes.iter().map(|one| one.push.clone()).collect(),
        repair: head.repair,
        slot: head.slot,
        offers: head.offers,
        decisions: (!head.decisions.is_empty()).then_some(head.decisions),
        brought: (!head.brought.is_empty()).then_some(head.brought),
        seen: head.seen,
    };
    let body = encode(&upload);
    let signature = *signer.secret.sign(&frame_message(signer.tenant, &body)).as_bytes();
    PlannedUpload { bytes: encode(&SignedUpload { body, signature }), sent }
}

type Groups<'a> = Vec<(DocumentId, Vec<&'a PendingEdit>)>;

/// Chooses what fits, documents of emergencies first, then by age of their oldest edit.
fn choose(pending: &[PendingEdit]) -> (Groups<'_>, bool) {
    let mut by_document: BTreeMap<DocumentId, Vec<&PendingEdit>> = BTreeMap::new();
    for edit in pending {
        by_document.entry(edit.key.id()).or_default().push(edit);
    }
    let mut groups: Groups<'_> = by_document.into_iter().collect();
    for (_, edits) in &mut groups {
        edits.arrange_by_key(|edit| edit.order);
    }
    groups.arrange_by_key(|(_, edits)| (!edits.iter().any(|edit| edit.urgent), edits.first().map(|edit| edit.order)));
    let (mut changes, mut bytes, mut left_over) = (0_usize, 0_usize, groups.len() > PUSHES_MAX);
    groups.truncate(PUSHES_MAX);
    for (_, edits) in &mut groups {
        let mut taken = 0_usize;
        for edit in edits.iter() {
            let size: usize = edit.changes.iter().map(|change| change.0.len()).sum();
            let fits = changes.saturating_add(edit.changes.len()) <= CHANGES_MAX
                && bytes.saturating_add(size) <= CHANGE_BYTES_TARGET;
            if !fits {
                break;
            }
            changes = changes.saturating_add(edit.changes.len());
            bytes = bytes.saturating_add(size);
            taken = taken.saturating_add(1);
        }
        left_over |= taken < edits.len();
        edits.truncate(taken);
    }
    groups.retain(|(_, edits)| !edits.is_empty());
    (groups, left_over)
}

fn plan_push(
    signer: &Signer<'_>,
    counter: u64,
    document: DocumentId,
    edits: &[&PendingEdit],
    known: bool,
) -> Option<SentPush> {
    let key = &edits.first()?.key;
    let mut bytes: Vec<ChangeBytes> = Vec::new();
    let mut changes: Vec<(PendingOrder, ChangeHash)> = Vec::new();
    for edit in edits {
        for change in &edit.changes {
            let hash = change_hash(&change.0)?;
            // The derived change of a text may be made by two edits of different tabs.
            if changes.iter().all(|(_, seen)| *seen != hash) {
                bytes.push(change.clone());
                changes.push((edit.order, hash));
            }
        }
    }
    let hashes: Vec<ChangeHash> = changes.iter().map(|(_, hash)| *hash).collect();
    let message = push_message(signer.tenant, document, &hashes, signer.device, counter);
    let signature = *signer.secret.sign(&message).as_bytes();
    // A document that is gone for this account is none to be made.
    let create = !known && edits.iter().all(|edit| !edit.document_gone);
    let push = Push { document, create: create.then(|| key.clone()), changes: bytes, signature };
    Some(SentPush { key: key.clone(), push, changes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Edit;
    use crate::document::Document;
    use crate::id::{AccountId, ActorId, CaseId};
    use crate::protocol::codec::{decode_signed_upload, decode_upload};
    use crate::protocol::seen::{Seen, Sight};
    use crate::sync::check::BucketDigests;
    use crate::value::Scalar;

    /// As many edits as one upload takes, and `more`.
    fn edits(more: usize) -> Vec<PendingEdit> {
        let writer =
            crate::command::Writer { author: AccountId::from_bytes([1; 16]), actor: ActorId::from_bytes([2; 16]) };
        let mut document = Document::new().unwrap();
        let key = DocumentKey {
            case: CaseId::from_bytes([3; 16]),
            kind: String::from("intake"),
            subject: None,
            generation: 0,
        };
        (0..CHANGES_MAX + more)
            .map(|number| {
                let seen = document.field("nama").ops();
                let value = Scalar::Int(i64::try_from(number).unwrap());
                let edit = Edit::SetField { key: String::from("nama"), value, seen };
                let changes = crate::command::apply(&mut document, &writer, &edit, 0).unwrap();
                PendingEdit {
                    order: PendingOrder { number: u64::try_from(number).unwrap(), tab: 0 },
                    key: key.clone(),
                    edit,
                    time_ms: 0,
                    changes: changes.into_iter().map(|change| ChangeBytes(change.bytes)).collect(),
                    urgent: false,
                    actor: writer.actor,
                    document_gone: false,
                    message: None,
                    awaits_copy: None,
                }
            })
            .collect()
    }

    fn plan(pending: &[PendingEdit]) -> (PlannedUpload, Upload) {
        let secret = DeviceSecret::from_seed(&[4; 32]);
        let signer =
            Signer { tenant: TenantId::from_bytes([5; 16]), device: DeviceId::from_bytes([6; 16]), secret: &secret };
        let head =
            UploadHead { repair: Some(Repair::Buckets(BucketDigests::default().to_bytes())), ..UploadHead::default() };
        let planned = plan_upload(&signer, head, pending, |_| false);
        let upload = decode_upload(&decode_signed_upload(&planned.bytes).unwrap().body).unwrap();
        (planned, upload)
    }

    #[test]
    fn nothing_new_is_asked_for_before_the_last_edit_is_handed_in() {
        let (planned, upload) = plan(&edits(1));
        assert!(planned.sent.left_over);
        assert_eq!((upload.budget_bytes, upload.repair.is_none()), (BUDGET_BYTES_LEAST, true));
        let (planned, upload) = plan(&edits(0));
        assert!(!planned.sent.left_over);
        assert_eq!((upload.budget_bytes, upload.repair.is_some()), (0, true));
    }

    #[test]
    fn what_was_seen_waits_for_edits_that_are_left_and_for_danger_and_costs_nothing_where_there_is_none() {
        let secret = DeviceSecret::from_seed(&[4; 32]);
        let signer =
            Signer { tenant: TenantId::from_bytes([5; 16]), device: DeviceId::from_bytes([6; 16]), secret: &secret };
        let told = |pending: &[PendingEdit], seen: Option<SeenBatch>| {
            let planned = plan_upload(&signer, UploadHead { seen, ..UploadHead::default() }, pending, |_| false);
            let body = decode_signed_upload(&planned.bytes).unwrap().body;
            let upload = decode_upload(&body).unwrap();
            assert_eq!(planned.sent.seen, upload.seen.as_ref().map(|batch| batch.number));
            (upload.seen.is_some(), body[0] & 0x1f)
        };
        let sight = Sight::Exported { table: None, rows: 1 };
        let seen = Some(SeenBatch { number: 7, seen: vec![Seen { at_ms: 1, sight }] });
        assert_eq!(told(&[], seen.clone()), (true, 15));
        assert_eq!(told(&[], None), (false, 12), "not one field more than before");
        assert!(!told(&edits(1), seen.clone()).0);
        let mut pending = edits(0);
        assert!(told(&pending, seen.clone()).0);
        pending[3].urgent = true;
        assert!(!told(&pending, seen).0);
    }

    #[test]
    fn offers_go_oldest_first_as_far_as_they_fit_and_a_large_one_alone() {
        let kept = |counter: u64, bytes: usize| (counter, SealedOffer(vec![0; bytes]));
        let counters = |(offers, left): (Vec<(u64, SealedOffer)>, bool)| {
            (offers.into_iter().map(|(counter, _)| counter).collect::<Vec<_>>(), left)
        };
        assert_eq!(counters(choose_offers(vec![kept(3, 1), kept(1, 1), kept(2, 1)], 2)), (vec![1, 2], true));
        assert_eq!(counters(choose_offers(vec![kept(1, 1), kept(2, OFFERED_BYTES_TARGET)], 9)), (vec![1], true));
        assert_eq!(counters(choose_offers(vec![kept(2, OFFERED_BYTES_TARGET + 1)], 9)), (vec![2], false));
        assert_eq!(counters(choose_offers(Vec::new(), 9)), (vec![], false));
    }

    #[test]
    fn a_document_that_is_gone_is_not_made_anew() {
        let mut pending = edits(0);
        assert!(plan(&pending).1.pushes[0].create.is_some());
        pending[0].document_gone = true;
        assert!(plan(&pending).1.pushes[0].create.is_none());
    }
}
