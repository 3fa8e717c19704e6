//! Applies what the relay answered to a tablet's rows: receipts first, then pages, each as one batch.
//!
//! Owns the step from parts to rows; must never write a store or wait. A batch is applied whole or not at all, with the
//! cursor inside, so a cut line or a crash costs at most one page.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::Edit;
use crate::document::DocumentError;
use crate::document::genesis::GENESIS_HASH;
use crate::id::{AccountId, ActorId, ChangeHash, DocumentId, DocumentKey, HeldId, hash16};
use crate::order::Gather as _;
use crate::protocol::alarm::Alarm;
use crate::protocol::chunk::heads_of_saved;
use crate::protocol::error::ErrorCode;
use crate::protocol::frame::{
    ChangeBytes, End, GoneReason, Item, Member, Offer, Page, PushReceipt, Receipt, Receipts, ReceivedRun, ReportStatus,
};
use crate::protocol::held::{Decided, DecisionReceipt, HeldChange};
use crate::sync::apart;
use crate::sync::check::{RunningCheck, term};
use crate::sync::outbox::{SentPush, SentPushes};
use crate::sync::rebuild::{Renamed, rebuild};
use crate::sync::row::{
    DocumentRows, PendingEdit, PendingOrder, Received, RepairState, RowMap, StoredDocument, SyncMeta, TrayEntry,
    expand_received, push_received, raw,
};
use crate::sync::{change_deps, change_hash};

/// How long a tablet that still differs after a repair waits with the next one, milliseconds.
pub const REPAIR_PAUSE_MS: u64 = 10 * 60_000;

/// The same while it is known what differs and waited for: what differs is fetched whole each time, milliseconds.
pub const APART_PAUSE_MS: u64 = 6 * 3_600_000;

/// One write of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowWrite {
    /// Keeps an acknowledged document.
    PutDocument(StoredDocument),
    /// Forgets a document that is gone: why, and when the right to it ended, milliseconds since 1970 UTC.
    DropDocument(DocumentId, GoneReason, Option<u64>),
    /// Keeps an edit (new or written anew).
    PutPending(PendingEdit),
    /// Forgets an acknowledged edit.
    DropPending(PendingOrder),
    /// Keeps an edit that was not merged.
    PutTray(TrayEntry),
    /// Keeps a member of the directory.
    PutMember(Member),
    /// Keeps on which day a device, by its directory number, was last in contact with the relay.
    PutContact(u32, i64),
    /// Keeps the status of a report.
    PutStatus(ReportStatus),
    /// Keeps what is told of a danger.
    PutAlarm(Alarm),
    /// Keeps a change that waits for a person.
    PutHeld(HeldChange),
    /// Notes what was decided about a held change: in the list of those who decide, or in its writer's tray.
    NoteDecided(Decided),
    /// Notes what the relay said of a decision.
    NoteReceipt(HeldId, DecisionReceipt),
    /// Seals a copy of what the relay accepted, for a relay restored from a backup.
    KeepOffer(Offer),
    /// Sets a document aside whose changes could not be applied.
    SetAside(DocumentId),
    /// Keeps the machine's memory.
    PutMeta(SyncMeta),
}

/// Writes that belong together, and whose documents other tabs have to read again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// In order.
    pub writes: Vec<RowWrite>,
    /// Documents whose rows changed.
    pub touched: BTreeSet<DocumentId>,
    /// Documents whose unacknowledged edits were written anew: views built on the old ones are void.
    pub rebuilt: BTreeSet<DocumentId>,
    /// What the operations of those edits are called now.
    pub renamed: Renamed,
}

/// Who writes edits anew.
#[derive(Debug, Clone, Copy)]
pub struct Rewriter {
    /// The account.
    pub author: AccountId,
    /// Random bytes of this round; a fresh actor per document is derived from them.
    pub entropy: [u8; 32],
}

impl Rewriter {
    fn actor(&self, document: DocumentId, nonce: u64, base: Base) -> ActorId {
        let base = match base {
            Base::Acknowledged => [0],
            Base::Copy => [1],
            Base::Relay => [2],
            Base::Lacking => [3],
        };
        ActorId::from_bytes(hash16("simpul/actor", &[&self.entropy, document.as_bytes(), &nonce.to_be_bytes(), &base]))
    }
}

/// On what edits are written anew: both may happen to a document in one round, and an actor writes once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// What the tablet has of it.
    Acknowledged,
    /// The copy that just came from the relay.
    Copy,
    /// That of it which a restored relay has.
    Relay,
    /// That and what such a relay lacks.
    Lacking,
}

/// Names the documents whose rows [`apply_receipts`] needs: those with a receipt.
#[must_use]
pub fn documents_of_receipts(sent: &SentPushes) -> BTreeSet<DocumentId> {
    sent.pushes.iter().map(|one| one.push.document).into_set()
}

/// Names the documents whose rows [`apply_page`] needs.
#[must_use]
pub fn documents_of_page(page: &Page) -> BTreeSet<DocumentId> {
    page.items
        .iter()
        .filter_map(|item| match item {
            Item::Changes { document, .. } | Item::Gone { document, .. } => Some(*document),
            Item::Snapshot { key, .. } => Some(key.id()),
            Item::Member(_)
            | Item::Status(_)
            | Item::Held(_)
            | Item::Decided(_)
            | Item::Alarm(_)
            | Item::Contact { .. } => None,
        })
        .into_set()
}

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
    let receipts = receipts.decisions.iter().flatten();
    let decided = sent.decisions.iter().zip(receipts);
    batch.writes.extend(decided.map(|(decision, receipt)| RowWrite::NoteReceipt(decision.held, receipt.clone())));
    batch.writes.push(RowWrite::PutMeta(meta.clone()));
    batch
}

/// Takes the key of the check over. A new key where there was one means another epoch.
fn note_check_key(key: Option<[u8; 16]>, meta: &mut SyncMeta, now_ms: u64) {
    let Some(key) = key else { return };
    if meta.check_key.is_some_and(|known| known != key) {
        begin_epoch(meta, now_ms);
    }
    meta.check_key = Some(key);
}

/// The relay was restored from a backup: the tablet offers its own uploads again and compares everything.
fn begin_epoch(meta: &mut SyncMeta, now_ms: u64) {
    meta.cursor = None;
    meta.offer_from = Some(0);
    meta.repair = RepairState::Buckets;
    meta.repaired_ms = None;
    meta.epochs = meta.epochs.saturating_add(1);
    meta.restored_ms = Some(now_ms);
    meta.apart.clear();
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

/// Leaves edits as they are until the relay's copy of their document comes.
fn await_copy(agreed: u32, rows: &mut DocumentRows, batch: &mut Batch) {
    for edit in rows.pending.iter_mut().filter(|edit| edit.awaits_copy != Some(agreed)) {
        edit.awaits_copy = Some(agreed);
        batch.writes.push(RowWrite::PutPending(edit.clone()));
    }
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

fn write_anew(document: DocumentId, rows: &mut DocumentRows, rewriter: &Rewriter, base: Base, batch: &mut Batch) {
    batch.rebuilt.insert(document);
    let edits = std::mem::take(&mut rows.pending);
    let nonce = edits.first().map_or(0, |edit| edit.order.number);
    let actor = rewriter.actor(document, nonce, base);
    match rebuild(rows.stored.as_ref(), edits.clone(), rewriter.author, actor) {
        Ok(rebuilt) => {
            batch.renamed.take_over(&rebuilt.renamed);
            for edit in &rebuilt.pending {
                batch.writes.push(RowWrite::PutPending(edit.clone()));
            }
            for edit in &rebuilt.settled {
                batch.writes.push(RowWrite::DropPending(edit.order));
            }
            for entry in rebuilt.tray {
                batch.writes.push(RowWrite::DropPending(entry.pending.order));
                batch.writes.push(RowWrite::PutTray(entry));
            }
            rows.pending = rebuilt.pending;
        }
        Err(_) => {
            // The acknowledged copy does not open: set it aside and keep the edits as they are.
            batch.writes.push(RowWrite::SetAside(document));
            rows.pending = edits;
        }
    }
}

/// Writes edits of danger anew on what a restored relay has of their document; true when some go now. Those that only what it
/// lacks makes possible, or that would say nothing there, wait on; so do those of a text of which it lacks something, for what
/// is not there cannot be taken away.
pub fn let_danger_go(
    document: DocumentId,
    rows: &mut DocumentRows,
    meta: &SyncMeta,
    rewriter: &Rewriter,
    batch: &mut Batch,
) -> bool {
    let waiting = apart::waiting(meta, document, rows.pending.iter(), true);
    let copy = rows.stored.as_ref().and_then(|stored| apart::relays_copy(meta, stored));
    let (Some(mut copy), Some(mut own), Some(first)) = (copy, rows.stored.clone(), waiting.first()) else {
        return false;
    };
    let (kept, free): (Vec<_>, Vec<_>) = rows.pending.iter().cloned().partition(|edit| waiting.contains(&edit.order));
    for change in free.iter().filter(|edit| edit.order < *first).flat_map(|edit| &edit.changes) {
        copy.changes.push(change.clone());
        own.changes.push(change.clone());
    }
    let Ok(there) = copy.open() else { return false };
    let is_of_more = |edit: &PendingEdit| matches!(&edit.edit, Edit::EditText { base, .. } if base.iter().any(|hash| !there.contains(hash)));
    let candidates = kept.iter().filter(|edit| !is_of_more(edit)).cloned().collect();
    let actor = |base| rewriter.actor(document, first.number, base);
    let Ok(going) = rebuild(Some(&copy), candidates, rewriter.author, actor(Base::Relay)) else { return false };
    let goes = |edit: &PendingEdit| going.pending.iter().any(|one| one.order == edit.order);
    let rest: Vec<PendingEdit> = kept.into_iter().filter(|edit| !goes(edit)).collect();
    let Ok(rest) = rebuild(Some(&own), rest, rewriter.author, actor(Base::Lacking)) else { return false };
    if going.pending.is_empty() || !rest.tray.is_empty() || !rest.settled.is_empty() {
        return false;
    }
    batch.touched.insert(document);
    batch.rebuilt.insert(document);
    batch.renamed.take_over(&going.renamed);
    batch.renamed.take_over(&rest.renamed);
    // They go although the danger itself may be told by then.
    let going = going.pending.into_iter().map(|edit| PendingEdit { urgent: true, ..edit });
    batch.writes.extend(going.chain(rest.pending).map(RowWrite::PutPending));
    true
}

/// Takes over what the relay said of what was brought back; true when its copies are to be asked for.
pub fn apply_brought(receipts: &Receipts, sent: &SentPushes, meta: &mut SyncMeta) -> bool {
    receipts.brought.as_ref().is_some_and(|receipts| apart::take_receipts(meta, &sent.brought, receipts))
}

/// Applies one page. Rows of its documents must be in `rows`.
pub fn apply_page(page: &Page, rows: &mut RowMap, meta: &mut SyncMeta, rewriter: &Rewriter) -> Batch {
    let mut batch = Batch::default();
    let check_key = meta.check_key.unwrap_or_default();
    let mut check = meta.check();
    for item in &page.items {
        apply_item(item, rows, &check_key, &mut check, meta, rewriter, &mut batch);
    }
    meta.set_check(check);
    meta.cursor = Some(page.cursor.clone());
    batch.writes.push(RowWrite::PutMeta(meta.clone()));
    batch
}

fn apply_item(
    item: &Item,
    rows: &mut RowMap,
    check_key: &[u8; 16],
    check: &mut RunningCheck,
    meta: &mut SyncMeta,
    rewriter: &Rewriter,
    batch: &mut Batch,
) {
    let document = match item {
        Item::Member(member) => return batch.writes.push(RowWrite::PutMember(member.clone())),
        Item::Status(status) => return batch.writes.push(RowWrite::PutStatus(status.clone())),
        Item::Alarm(alarm) => return batch.writes.push(RowWrite::PutAlarm(alarm.clone())),
        Item::Held(held) => return batch.writes.push(RowWrite::PutHeld(held.clone())),
        Item::Decided(decided) => return batch.writes.push(RowWrite::NoteDecided(decided.clone())),
        Item::Contact { device_number, day } => return batch.writes.push(RowWrite::PutContact(*device_number, *day)),
        Item::Changes { document, .. } | Item::Gone { document, .. } => *document,
        Item::Snapshot { key, .. } => key.id(),
    };
    let rows = rows.entry(document).or_default();
    let before = rows.stored.as_ref().map(|stored| term(check_key, document, &stored.heads));
    let replaces = rows.stored.is_some() && apart::is_safe(meta, document);
    let next = match item {
        Item::Changes { changes, received, .. } => {
            apart::note_news(meta, document, changes);
            add_changes(rows.stored.take(), changes, received)
        }
        Item::Snapshot { key, bytes, received } => {
            // What only this tablet had of it is safe at the relay: as far as the document goes, the relay is right.
            let own = rows.stored.take().filter(|_| !apart::is_safe(meta, document));
            take_snapshot(own, key, bytes, received).map(|(stored, lacking)| {
                apart::note(meta, document, lacking);
                Some(stored)
            })
        }
        Item::Gone { reason: GoneReason::Unknown, .. } if is_kept(meta, document, rows.stored.as_ref()) => return,
        Item::Gone { .. }
        | Item::Member(_)
        | Item::Status(_)
        | Item::Held(_)
        | Item::Decided(_)
        | Item::Alarm(_)
        | Item::Contact { .. } => Ok(None),
    };
    batch.touched.insert(document);
    match (next, item) {
        (Ok(Some(stored)), _) => {
            if let Some(before) = before {
                check.remove(before);
            }
            check.add(term(check_key, document, &stored.heads));
            batch.writes.push(RowWrite::PutDocument(stored.clone()));
            rows.stored = Some(stored);
            let is_copy = matches!(item, Item::Snapshot { .. });
            if is_copy && (replaces || awaits_copy(rows, before.is_none())) {
                write_anew(document, rows, rewriter, Base::Copy, batch);
            }
        }
        (Ok(None), Item::Gone { reason, ended_ms, .. }) => {
            apart::forget(meta, document);
            if let Some(before) = before {
                check.remove(before);
            }
            // Repair and the feed may both say so in one page.
            rows.stored = None;
            batch.writes.push(RowWrite::DropDocument(document, *reason, *ended_ms));
            for edit in rows.pending.iter_mut().filter(|edit| !edit.document_gone) {
                edit.document_gone = true;
                batch.writes.push(RowWrite::PutPending(edit.clone()));
            }
        }
        (Ok(None), _) => {}
        (Err(kept), _) => {
            rows.stored = *kept.0;
            batch.writes.push(RowWrite::SetAside(document));
            if meta.repair == RepairState::None {
                meta.repair = RepairState::Buckets;
            }
        }
    }
}

/// Gives the row back when changes do not fit it; repair fetches the document anew.
struct DoesNotFit(Box<Option<StoredDocument>>);

fn add_changes(
    stored: Option<StoredDocument>,
    changes: &[ChangeBytes],
    received: &[ReceivedRun],
) -> Result<Option<StoredDocument>, DoesNotFit> {
    let Some(mut stored) = stored else { return Err(DoesNotFit(Box::new(None))) };
    let Ok(mut document) = stored.open() else { return Err(DoesNotFit(Box::new(Some(stored)))) };
    let fresh: Vec<(&ChangeBytes, ChangeHash, Received)> = changes
        .iter()
        .zip(expand_received(received))
        .filter_map(|(change, received)| Some((change, change_hash(&change.0)?, received)))
        .filter(|(_, hash, _)| !document.contains(hash))
        .collect();
    let bytes: Vec<&[u8]> = fresh.iter().map(|(change, _, _)| change.0.as_slice()).collect();
    if document.apply(&bytes).is_err() {
        return Err(DoesNotFit(Box::new(Some(stored))));
    }
    for (change, hash, received) in fresh {
        stored.append(change.clone(), hash, &change_deps(&change.0), received);
    }
    stored.fold(&document);
    Ok(Some(stored))
}

/// The row a snapshot makes. A document that comes for the first time is not opened here: opening is nine tenths of what a
/// first sync costs a tablet, and the line may be gone in a minute. Its check sum says that it came whole; who reads it
/// first opens it. Returns with it what the tablet had and the snapshot lacks.
fn take_snapshot(
    stored: Option<StoredDocument>,
    key: &DocumentKey,
    bytes: &[u8],
    received: &[ReceivedRun],
) -> Result<(StoredDocument, Vec<ChangeHash>), DoesNotFit> {
    let Ok(heads) = heads_of_saved(bytes) else { return Err(DoesNotFit(Box::new(stored))) };
    let fresh = StoredDocument {
        key: key.clone(),
        snapshot: Some(bytes.to_vec()),
        changes: Vec::new(),
        received: received.to_vec(),
        heads,
    };
    match stored {
        None => Ok((fresh, Vec::new())),
        Some(old) => merge_snapshot(&old, fresh).map_err(|_| DoesNotFit(Box::new(Some(old)))),
    }
}

/// Keeps acknowledged changes that a snapshot lacks: a relay restored from a backup is behind the tablet.
fn merge_snapshot(
    old: &StoredDocument,
    mut merged: StoredDocument,
) -> Result<(StoredDocument, Vec<ChangeHash>), DocumentError> {
    let snapshot = merged.open()?;
    let Ok(before) = old.open() else { return Ok((merged, Vec::new())) };
    let mut lacking = Vec::new();
    let received = old.received_by_hash(&before);
    for record in before.changes() {
        if !snapshot.contains(&record.meta.hash) {
            let when = received.get(&record.meta.hash).copied().unwrap_or(Received { at_s: 0, device_number: 0 });
            merged.append(ChangeBytes(record.bytes), record.meta.hash, &record.meta.deps, when);
            lacking.push(record.meta.hash);
        }
    }
    let mut check = snapshot;
    check.apply(&raw(&merged.changes))?;
    merged.heads = check.heads();
    Ok((merged, lacking))
}

/// Whether edits of a document have to be written anew on its copy; `is_new` when the tablet had nothing of it.
fn awaits_copy(rows: &DocumentRows, is_new: bool) -> bool {
    rows.pending.iter().any(|edit| edit.awaits_copy.is_some()) || (is_new && !stand(rows))
}

/// Whether a document's edits stand on what the tablet has of it. A document that comes again may have lost what they stood on,
/// where the relay was restored meanwhile.
fn stand(rows: &DocumentRows) -> bool {
    let Some(stored) = rows.stored.as_ref().filter(|_| !rows.pending.is_empty()) else { return true };
    let Ok(document) = stored.open() else { return true };
    let changes = || rows.pending.iter().flat_map(|edit| &edit.changes);
    let own = changes().filter_map(|change| change_hash(&change.0)).into_set();
    let mut parents = changes().flat_map(|change| change_deps(&change.0));
    parents.all(|parent| own.contains(&parent) || document.contains(&parent))
}

/// Whether a document that a restored relay does not know stays on the tablet: what is in it may be nowhere else, until the
/// relay has it.
fn is_kept(meta: &mut SyncMeta, document: DocumentId, stored: Option<&StoredDocument>) -> bool {
    let Some(stored) = stored.filter(|_| meta.restored_ms.is_some() && !apart::is_safe(meta, document)) else {
        return false;
    };
    let hashes = stored.open().map(|opened| opened.metas_since(&[])).unwrap_or_default();
    let lacking = hashes.into_iter().map(|change| change.hash).filter(|hash| *hash != GENESIS_HASH).collect();
    apart::note(meta, document, lacking);
    true
}

/// What the end of an answer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndOutcome {
    /// Ask again at once.
    pub more: bool,
    /// The tablet holds something else than the relay believes; repair is set, unless one just came to its end.
    pub differs: bool,
    /// An error code to show, 0 for none.
    pub notice: u16,
}

/// Applies the end of an answer. `complete` says that its pages were applied; without them no check can hold.
pub fn apply_end(end: &End, meta: &mut SyncMeta, now_ms: u64, complete: bool) -> (Batch, EndOutcome) {
    meta.last_contact_ms = Some(end.now_ms);
    let skew = i128::from(now_ms).wrapping_sub(i128::from(end.now_ms));
    meta.clock_skew_ms = i64::try_from(skew).unwrap_or(i64::MAX);
    meta.pack = end.pack;
    meta.merged_before_ms = end.merged_before_ms;
    if end.notice == ErrorCode::EpochChanged.number() {
        begin_epoch(meta, end.now_ms);
    }
    let checked = end.check.filter(|_| meta.repair == RepairState::None && complete && !end.more);
    let differs = checked.is_some_and(|check| meta.check() != RunningCheck::from_frame(check));
    if differs {
        // What a repair did not bring into line another one at once would not either: a restored relay waits for the offers
        // of another tablet. News goes on meanwhile.
        let last = meta.repaired_ms.filter(|last| *last <= end.now_ms);
        let pause_ms = if apart::waits_for_others(meta) { APART_PAUSE_MS } else { REPAIR_PAUSE_MS };
        let next_repair_ms = last.map_or(0, |last| last.saturating_add(pause_ms));
        if end.now_ms >= next_repair_ms {
            meta.repair = RepairState::Buckets;
        }
    } else if checked.is_some() {
        meta.repaired_ms = None;
        meta.apart.clear();
        meta.agreed = meta.agreed.saturating_add(1);
    }
    let more = end.more || meta.repair != RepairState::None || meta.offer_from.is_some();
    let batch = Batch { writes: vec![RowWrite::PutMeta(meta.clone())], ..Batch::default() };
    (batch, EndOutcome { more, differs, notice: end.notice })
}

/// Spells a receipt run out for one change; used by tests and by the relay.
#[must_use]
pub fn runs_of(received: &[Received]) -> Vec<ReceivedRun> {
    let mut runs = Vec::new();
    for one in received {
        push_received(&mut runs, *one);
    }
    runs
}

#[cfg(test)]
mod tests;
