//! One page of the relay: documents, and what else is new.

use super::anew::{Base, awaits_copy, write_anew};
use super::{Batch, Rewriter, RowWrite};
use crate::document::DocumentError;
use crate::document::genesis::GENESIS_HASH;
use crate::id::{ChangeHash, DocumentId, DocumentKey};
use crate::protocol::chunk::heads_of_saved;
use crate::protocol::frame::{ChangeBytes, GoneReason, Item, Page, Part, ReceivedRun};
use crate::sync::apart;
use crate::sync::check::{RunningCheck, term};
use crate::sync::row::{Received, RepairState, RowMap, StoredDocument, SyncMeta, expand_received, raw};
use crate::sync::{change_deps, change_hash};

/// Pages applied as one at most, where they came together: no more documents than are read in the background meanwhile, so that
/// those need not be asked of the store again.
const TOGETHER_MAX: usize = 2;

/// Makes one page of pages that came together: from a fast line a tablet takes them faster than its store commits, and waits
/// for the store once for them all. From a slow line they come one by one, and each is kept as soon as it is here.
#[must_use]
pub fn together(parts: Vec<Part>) -> Vec<Part> {
    let (mut joined, mut count): (Vec<Part>, usize) = (Vec::new(), 0);
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(Part::Page(last)), Part::Page(next)) if count < TOGETHER_MAX && !takes_away(last) => {
                count = count.saturating_add(1);
                last.items.extend(next.items);
                last.cursor = next.cursor;
            }
            (_, part) => {
                count = 1;
                joined.push(part);
            }
        }
    }
    joined
}

/// Whether something goes with a page: it may come again with the next, and is read anew then.
fn takes_away(page: &Page) -> bool {
    page.items.iter().any(|item| matches!(item, Item::Gone { .. }))
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
