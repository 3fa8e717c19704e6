//! Applies what the relay answered to a tablet's rows: receipts first, then pages, each as one batch.
//!
//! Owns the step from parts to rows; must never write a store or wait. A batch is applied whole or not at all, with the
//! cursor inside, so a cut line or a crash costs at most one page.

mod anew;
mod page;
mod receipts;

use std::collections::BTreeSet;

pub use anew::{Rewriter, let_danger_go};
pub use page::{apply_page, together};
pub use receipts::{apply_brought, apply_receipts};

use crate::id::DocumentId;
use crate::order::Gather as _;
use crate::protocol::alarm::Alarm;
use crate::protocol::error::ErrorCode;
use crate::protocol::frame::{End, GoneReason, Item, Member, Offer, Page, ReceivedRun, ReportStatus};
use crate::protocol::held::{Decided, Decision, DecisionReceipt, HeldChange};
use crate::sync::apart;
use crate::sync::check::RunningCheck;
use crate::sync::outbox::SentPushes;
use crate::sync::rebuild::Renamed;
use crate::sync::row::{
    PendingEdit, PendingOrder, Received, RepairState, StoredDocument, SyncMeta, TrayEntry, push_received,
};

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
    NoteReceipt(Decision, DecisionReceipt),
    /// Seals a copy of what the relay accepted, for a relay restored from a backup.
    KeepOffer(Offer),
    /// Forgets what was told as seen under this number: it stands in the relay's audit log.
    SeenTold(u64),
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
