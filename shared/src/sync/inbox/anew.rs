//! Unacknowledged edits, written anew on what stands there now.

use super::{Batch, RowWrite};
use crate::command::Edit;
use crate::id::{AccountId, ActorId, DocumentId, hash16};
use crate::order::Gather as _;
use crate::sync::apart;
use crate::sync::rebuild::rebuild;
use crate::sync::row::{DocumentRows, PendingEdit, SyncMeta};
use crate::sync::{change_deps, change_hash};

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
pub(super) enum Base {
    /// What the tablet has of it.
    Acknowledged,
    /// The copy that just came from the relay.
    Copy,
    /// That of it which a restored relay has.
    Relay,
    /// That and what such a relay lacks.
    Lacking,
}

/// Leaves edits as they are until the relay's copy of their document comes.
pub(super) fn await_copy(agreed: u32, rows: &mut DocumentRows, batch: &mut Batch) {
    for edit in rows.pending.iter_mut().filter(|edit| edit.awaits_copy != Some(agreed)) {
        edit.awaits_copy = Some(agreed);
        batch.writes.push(RowWrite::PutPending(edit.clone()));
    }
}

pub(super) fn write_anew(
    document: DocumentId,
    rows: &mut DocumentRows,
    rewriter: &Rewriter,
    base: Base,
    batch: &mut Batch,
) {
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

/// Whether edits of a document have to be written anew on its copy; `is_new` when the tablet had nothing of it.
pub(super) fn awaits_copy(rows: &DocumentRows, is_new: bool) -> bool {
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
