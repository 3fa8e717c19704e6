//! What the relay said of what was sent: acknowledged changes move to their document, the rest is written anew or shown.

use std::collections::{BTreeMap, BTreeSet};

use super::anew::{Base, await_copy, write_anew};
use super::{Batch, Rewriter, RowWrite, note_check_key};
use crate::id::ChangeHash;
use crate::order::Gather as _;
use crate::protocol::frame::{Offer, PushReceipt, Receipt, Receipts};
use crate::sync::apart;
use crate::sync::check::term;
use crate::sync::outbox::{SentPush, SentPushes};
use crate::sync::row::{
    DocumentRows, PendingEdit, PendingOrder, Received, RowMap, StoredDocument, SyncMeta, TrayEntry,
};
use crate::sync::{change_deps, change_hash};

/// Applies receipts: acknowledged changes move to the document, the rest is written anew or put into the tray.
pub fn apply_receipts(
    receipts: &Receipts,
    sent: &SentPushes,
    rows: &mut RowMap,
    meta: &mut SyncMeta,
    rewriter: &Rewriter,
) -> Batch {
    let mut batch = Batch::default();
    let received = Received {
        at_s: i64::try_from(receipts.received_ms / 1000).unwrap_or(0),
        device_number: receipts.device_number,
    };
    meta.device_number = receipts.device_number;
    meta.slot_stored |= receipts.slot_stored;
    note_check_key(receipts.check_key, meta, receipts.received_ms);
    let mut offer = Offer { counter: sent.counter, pushes: Vec::new(), left_out: None };
    for (push, receipt) in sent.pushes.iter().zip(&receipts.pushes) {
        let rows = rows.entry(push.push.document).or_default();
        let left_out = apply_push(push, receipt, received, rows, meta, rewriter, &mut batch);
        if left_out.len() < push.changes.len() {
            offer.pushes.push(push.push.clone());
            if !left_out.is_empty() {
                offer.left_out.get_or_insert_default().extend(left_out);
            }
        }
    }
    if !offer.pushes.is_empty() {
        batch.writes.push(RowWrite::KeepOffer(offer));
    }
    batch.writes.extend(receipts.seen.filter(|number| sent.seen == Some(*number)).map(RowWrite::SeenTold));
    let receipts = receipts.decisions.iter().flatten();
    let decided = sent.decisions.iter().zip(receipts);
    batch.writes.extend(decided.map(|(decision, receipt)| RowWrite::NoteReceipt(decision.clone(), receipt.clone())));
    batch.writes.push(RowWrite::PutMeta(meta.clone()));
    batch
}

/// What the receipts of one push come to.
#[derive(Default)]
struct Outcome {
    accepted: BTreeSet<ChangeHash>,
    /// Neither accepted nor held.
    left_out: Vec<ChangeHash>,
    tray: BTreeMap<PendingOrder, (u16, bool)>,
    rebuild: bool,
    /// Something is to be written anew on what the relay has, so the account may write there.
    reissued: bool,
}

fn outcome(push: &SentPush, receipt: &PushReceipt) -> Outcome {
    let mut outcome = Outcome::default();
    let each: Vec<Receipt> = match receipt {
        PushReceipt::All => vec![Receipt::Accepted; push.changes.len()],
        PushReceipt::Each(each) => each.clone(),
    };
    for ((order, hash), receipt) in push.changes.iter().zip(each) {
        if let Receipt::Retry(_) | Receipt::Refused(_) | Receipt::Reissue = &receipt {
            outcome.left_out.push(*hash);
        }
        match receipt {
            Receipt::Accepted | Receipt::Duplicate => {
                outcome.accepted.insert(*hash);
            }
            Receipt::Retry(_) => {}
            Receipt::Held(code) => {
                outcome.tray.insert(*order, (code, true));
                outcome.rebuild = true;
            }
            Receipt::Refused(code) => {
                outcome.tray.entry(*order).or_insert((code, false));
                outcome.rebuild = true;
            }
            Receipt::Reissue => {
                outcome.rebuild = true;
                outcome.reissued = true;
            }
        }
    }
    outcome
}

/// Applies the receipts of one push and returns what of it did not come to rest at the relay.
///
/// What waits there for a person is in no document yet; a restored relay has to hear of it again like of what is.
fn apply_push(
    push: &SentPush,
    receipt: &PushReceipt,
    received: Received,
    rows: &mut DocumentRows,
    meta: &mut SyncMeta,
    rewriter: &Rewriter,
    batch: &mut Batch,
) -> Vec<ChangeHash> {
    let document = push.push.document;
    let outcome = outcome(push, receipt);
    batch.touched.insert(document);
    let gone = rows.stored.is_none() && rows.pending.iter().any(|edit| edit.document_gone);
    if !outcome.accepted.is_empty() {
        if !gone {
            acknowledge(push, &outcome.accepted, received, rows, meta, batch);
        }
        drop_acknowledged(&outcome.accepted, rows, batch);
    }
    for edit in &rows.pending {
        if let Some((reason, held)) = outcome.tray.get(&edit.order) {
            batch.writes.push(RowWrite::PutTray(TrayEntry::new(edit.clone(), *reason, *held)));
            batch.writes.push(RowWrite::DropPending(edit.order));
        }
    }
    rows.pending.retain(|edit| !outcome.tray.contains_key(&edit.order));
    if outcome.rebuild {
        // Some of it was taken, or would be: the account has the document again, and its copy is on the way. What is left was written
        // with that on the screen, so it is written anew on the copy and not on nothing, where a clearing finds nothing to clear.
        let awaits = |edit: &PendingEdit| edit.awaits_copy.is_some_and(|agreed| agreed == meta.agreed);
        let is_back = !outcome.accepted.is_empty()
            || (outcome.reissued && rows.pending.iter().all(|edit| edit.awaits_copy.is_none()));
        if gone && (is_back || rows.pending.iter().any(awaits)) {
            await_copy(meta.agreed, rows, batch);
        } else {
            write_anew(document, rows, rewriter, Base::Acknowledged, batch);
        }
    }
    outcome.left_out
}

fn acknowledge(
    push: &SentPush,
    accepted: &BTreeSet<ChangeHash>,
    received: Received,
    rows: &mut DocumentRows,
    meta: &mut SyncMeta,
    batch: &mut Batch,
) {
    let document = push.push.document;
    let check_key = meta.check_key.unwrap_or_default();
    let mut check = meta.check();
    let mut stored = match rows.stored.take() {
        Some(stored) => {
            check.remove(term(&check_key, document, &stored.heads));
            stored
        }
        None => StoredDocument::empty(push.key.clone()),
    };
    // A derived text change may have come down with somebody else's text already.
    let present = match stored.open() {
        Ok(opened) => accepted.iter().filter(|hash| opened.contains(hash)).copied().into_set(),
        Err(_) => BTreeSet::new(),
    };
    for (change, (_, hash)) in push.push.changes.iter().zip(&push.changes) {
        if accepted.contains(hash) && !present.contains(hash) {
            let received = if crate::sync::is_derived(&change.0) {
                Received { at_s: received.at_s, device_number: 0 }
            } else {
                received
            };
            stored.append(change.clone(), *hash, &change_deps(&change.0), received);
        }
    }
    check.add(term(&check_key, document, &stored.heads));
    meta.set_check(check);
    batch.writes.push(RowWrite::PutDocument(stored.clone()));
    rows.stored = Some(stored);
}

/// Forgets what the relay has of the unacknowledged edits.
fn drop_acknowledged(accepted: &BTreeSet<ChangeHash>, rows: &mut DocumentRows, batch: &mut Batch) {
    for edit in &mut rows.pending {
        let before = edit.changes.len();
        edit.changes.retain(|change| change_hash(&change.0).is_none_or(|hash| !accepted.contains(&hash)));
        if edit.changes.is_empty() {
            batch.writes.push(RowWrite::DropPending(edit.order));
        } else if edit.changes.len() != before {
            batch.writes.push(RowWrite::PutPending(edit.clone()));
        }
    }
    rows.pending.retain(|edit| !edit.changes.is_empty());
}

/// Takes over what the relay said of what was brought back; true when its copies are to be asked for.
pub fn apply_brought(receipts: &Receipts, sent: &SentPushes, meta: &mut SyncMeta) -> bool {
    receipts.brought.as_ref().is_some_and(|receipts| apart::take_receipts(meta, &sent.brought, receipts))
}
