//! What a tablet received before the relay was restored from a backup, and the relay has no more.
//!
//! Owns what of it is brought back, when, and when the tablet may let go of it; decides nothing about it, a person does.
//! Who wrote it offers it again within days, and then it stands as it was. Only what nobody offers is brought by those
//! who received it.
//!
//! ```text
//! Waits ──3 days──▶ brought ─▶ Safe ─▶ the relay's copy takes the place of the own one, edits are written anew on it
//!   │ its writer came       └─▶ Refused: stays as it is
//!   └─▶ nothing is apart
//! ```
//! Edits of such a document stand on what the relay lacks, so they wait with it. Danger does not wait: where the relay has some
//! of the document, edits of a case with danger are written anew on that at once. What others wrote stays where it is.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use crate::document::genesis::GENESIS_HASH;
use crate::id::{ChangeHash, DocumentId};
use crate::order::Gather as _;
use crate::protocol::error::ErrorCode;
use crate::protocol::frame::{Brought, ChangeBytes, PushReceipt, Receipt};
use crate::protocol::limits::{BROUGHT_MAX, CHANGES_MAX};
use crate::sync::row::{PendingEdit, PendingOrder, RowMap, StoredDocument, SyncMeta};

/// For so long after a restore those who wrote it are waited for, milliseconds.
pub const BROUGHT_AFTER_MS: u64 = 3 * 86_400_000;
/// Changes of one document, and over all, that are kept track of. What goes beyond stays on the tablet as it is.
const LACKING_MAX: usize = 1_024;

/// A document of which the tablet has more than the restored relay.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Apart {
    /// Which.
    #[n(0)]
    pub document: DocumentId,
    /// What the relay lacked and is not known to have now, parents first.
    #[n(1)]
    pub changes: Vec<ChangeHash>,
    /// How far it came.
    #[n(2)]
    pub state: ApartState,
}

/// How far it came with what the relay lacks of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ApartState {
    /// Those who wrote it may still offer it.
    #[n(0)]
    Waits,
    /// The relay has all of it, merged or waiting for a person, or a person did not take it in.
    #[n(1)]
    Safe,
    /// The relay does not take it: the own copy may be the only one.
    #[n(2)]
    Refused,
}

/// Notes what the relay's copy of a document lacks; nothing when it lacks nothing.
pub(super) fn note(meta: &mut SyncMeta, document: DocumentId, lacking: Vec<ChangeHash>) {
    let before = meta.apart.iter().position(|apart| apart.document == document).map(|at| meta.apart.remove(at));
    let waits = meta.apart.iter().filter(|apart| apart.state == ApartState::Waits);
    let tracked: usize = waits.map(|apart| apart.changes.len()).sum();
    if meta.restored_ms.is_none() || lacking.is_empty() || tracked.saturating_add(lacking.len()) > LACKING_MAX {
        return;
    }
    let state = match before {
        Some(before) if before.state != ApartState::Refused || before.changes == lacking => before.state,
        Some(_) | None => ApartState::Waits,
    };
    meta.apart.push(Apart { document, changes: lacking, state });
}

/// Forgets what was noted of a document.
pub(super) fn forget(meta: &mut SyncMeta, document: DocumentId) {
    meta.apart.retain(|apart| apart.document != document);
}

/// Whether the relay's copy of a document may take the place of the own one, or the own one may go with it.
pub(super) fn is_safe(meta: &SyncMeta, document: DocumentId) -> bool {
    meta.apart.iter().any(|apart| apart.document == document && apart.state == ApartState::Safe)
}

/// Whether what differs is known, and nothing but time brings it into line: no copy is wanted that a cut line kept away.
pub(super) fn waits_for_others(meta: &SyncMeta) -> bool {
    !meta.apart.is_empty() && meta.apart.iter().all(|apart| apart.state != ApartState::Safe)
}

/// Whether edits of a document wait until nothing of it is apart any more.
#[must_use]
pub fn keeps_back(meta: &SyncMeta, document: DocumentId) -> bool {
    let waits = |apart: &Apart| apart.document == document && apart.state != ApartState::Refused;
    meta.apart.iter().any(waits)
}

/// What the relay has of a document of which it lacks something; none when that is nothing, or its copy is on its way.
pub(super) fn relays_copy(meta: &SyncMeta, stored: &StoredDocument) -> Option<StoredDocument> {
    let document = stored.key.id();
    let apart = meta.apart.iter().find(|apart| apart.document == document && apart.state == ApartState::Waits)?;
    let mut copy = StoredDocument::empty(stored.key.clone());
    let opened = stored.open().ok()?;
    let there = opened.changes().into_iter().filter(|record| !apart.changes.contains(&record.meta.hash));
    // How every document begins is nobody's, and never counted as lacking: alone it is nothing.
    let (begin, there): (Vec<_>, Vec<_>) = there.partition(|record| record.meta.hash == GENESIS_HASH);
    let is_there = !there.is_empty();
    copy.changes.extend(begin.into_iter().chain(there).map(|record| ChangeBytes(record.bytes)));
    is_there.then_some(copy)
}

/// Which edits of a document wait, of all that are not acknowledged, in their order. Of a case in danger only those do that stand
/// on what the relay lacks, or on one that does.
pub(super) fn waiting<'a>(
    meta: &SyncMeta,
    document: DocumentId,
    edits: impl Iterator<Item = &'a PendingEdit>,
    is_danger: bool,
) -> BTreeSet<PendingOrder> {
    if !keeps_back(meta, document) {
        return BTreeSet::new();
    }
    let apart = meta.apart.iter().find(|apart| apart.document == document && apart.state == ApartState::Waits);
    let Some(apart) = apart.filter(|_| is_danger) else { return edits.map(|edit| edit.order).into_set() };
    let mut absent: BTreeSet<ChangeHash> = apart.changes.iter().copied().into_set();
    let mut waiting = BTreeSet::new();
    for edit in edits {
        let mut parents = edit.changes.iter().flat_map(|change| super::change_deps(&change.0));
        if parents.any(|parent| absent.contains(&parent)) {
            absent.extend(edit.changes.iter().filter_map(|change| super::change_hash(&change.0)));
            waiting.insert(edit.order);
        }
    }
    waiting
}

/// The relay sent changes of a document: of those it lacks none any more.
pub(super) fn note_news(meta: &mut SyncMeta, document: DocumentId, changes: &[ChangeBytes]) {
    let Some(apart) = meta.apart.iter_mut().find(|apart| apart.document == document) else { return };
    let came: BTreeSet<ChangeHash> = changes.iter().filter_map(|change| super::change_hash(&change.0)).collect();
    apart.changes.retain(|hash| !came.contains(hash));
    if apart.changes.is_empty() {
        forget(meta, document);
    }
}

/// The documents of which something is brought back now.
#[must_use]
pub fn due(meta: &SyncMeta) -> BTreeSet<DocumentId> {
    let waited_ms = meta.last_contact_ms.zip(meta.restored_ms).map_or(0, |(now, then)| now.saturating_sub(then));
    let is_due = |apart: &&Apart| apart.state == ApartState::Waits && waited_ms >= BROUGHT_AFTER_MS;
    meta.apart.iter().filter(is_due).take(BROUGHT_MAX).map(|apart| apart.document).collect()
}

/// What is brought of the documents that are due, as far as it fits into `bytes_max`. `rows` are theirs.
#[must_use]
pub fn bring(meta: &SyncMeta, rows: &RowMap, bytes_max: usize) -> Vec<Brought> {
    let due = due(meta);
    let mut brought = Vec::new();
    let (mut room, mut count) = (bytes_max, CHANGES_MAX);
    for apart in meta.apart.iter().filter(|apart| due.contains(&apart.document)) {
        let Some(stored) = rows.get(&apart.document).and_then(|rows| rows.stored.as_ref()) else { continue };
        let mut changes = Vec::new();
        for bytes in changes_of(stored, &apart.changes) {
            let (Some(left), Some(fewer)) = (room.checked_sub(bytes.0.len()), count.checked_sub(1)) else { break };
            (room, count) = (left, fewer);
            changes.push(bytes);
        }
        if !changes.is_empty() {
            brought.push(Brought { key: stored.key.clone(), changes });
        }
    }
    brought
}

/// The bytes of those changes of a document, parents first.
fn changes_of(stored: &StoredDocument, wanted: &[ChangeHash]) -> Vec<ChangeBytes> {
    let Ok(document) = stored.open() else { return Vec::new() };
    let of_those = document.changes().into_iter().filter(|record| wanted.contains(&record.meta.hash));
    of_those.map(|record| ChangeBytes(record.bytes)).collect()
}

/// Takes over what the relay said of what was brought; true when the relay's copy of a document is to be asked for.
pub(super) fn take_receipts(meta: &mut SyncMeta, brought: &[Brought], receipts: &[PushReceipt]) -> bool {
    let mut is_any_safe = false;
    for (brought, receipt) in brought.iter().zip(receipts) {
        let document = brought.key.id();
        let Some(apart) = meta.apart.iter_mut().find(|apart| apart.document == document) else { continue };
        for (at, change) in brought.changes.iter().enumerate() {
            let Some(hash) = super::change_hash(&change.0) else { continue };
            match fate(receipt, at) {
                Fate::There => apart.changes.retain(|lacking| *lacking != hash),
                Fate::Again => {}
                Fate::NotTaken => apart.state = ApartState::Refused,
            }
        }
        if apart.changes.is_empty() {
            apart.state = ApartState::Safe;
            is_any_safe = true;
        }
    }
    is_any_safe
}

enum Fate {
    There,
    Again,
    NotTaken,
}

fn fate(receipt: &PushReceipt, at: usize) -> Fate {
    let PushReceipt::Each(each) = receipt else { return Fate::There };
    match each.get(at) {
        Some(Receipt::Accepted | Receipt::Duplicate | Receipt::Held(_)) => Fate::There,
        // Somebody has looked at it and did not take it in.
        Some(Receipt::Refused(code)) if *code == ErrorCode::ChangeDeclined.number() => Fate::There,
        Some(Receipt::Refused(_)) => Fate::NotTaken,
        Some(Receipt::Retry(_) | Receipt::Reissue) | None => Fate::Again,
    }
}
