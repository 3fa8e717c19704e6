//! What a tablet keeps of documents and of its own unacknowledged work, as rows of its sealed store.
//!
//! Owns the rows' shapes and how acknowledged changes are added to them; must never write a store. Rows are CBOR arrays;
//! fields are only ever added at the end, so that every later version opens them.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use crate::command::Edit;
use crate::document::genesis::GENESIS_HASH;
use crate::document::{Document, DocumentError};
use crate::id::{ActorId, ChangeHash, DocumentId, DocumentKey, HeldId};
use crate::order::Gather as _;
use crate::protocol::frame::{ChangeBytes, ReceivedRun};
use crate::protocol::held::{Decided, HeldOutcome};
use crate::sync::apart::Apart;
use crate::sync::check::{RunningCheck, advance_heads};

/// More separate changes than this are folded into a new snapshot when a document is opened anyway.
const LOOSE_CHANGES_MAX: usize = 24;

/// A document as the relay has acknowledged it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct StoredDocument {
    /// Its key.
    #[n(0)]
    pub key: DocumentKey,
    /// A saved document, if one was received or folded; otherwise the document is genesis and `changes`.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub snapshot: Option<Vec<u8>>,
    /// Acknowledged changes that are not in the snapshot, parents first.
    #[n(2)]
    pub changes: Vec<ChangeBytes>,
    /// When and from which device each change was received: first those of the snapshot in its order, then `changes`.
    #[n(3)]
    pub received: Vec<ReceivedRun>,
    /// Acknowledged heads, ascending.
    #[n(4)]
    pub heads: Vec<ChangeHash>,
}

/// When and from which device a change was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// Seconds since 1970 UTC.
    pub at_s: i64,
    /// Directory number of the device.
    pub device_number: u32,
}

impl StoredDocument {
    /// A document of which only genesis is known.
    #[must_use]
    pub fn empty(key: DocumentKey) -> Self {
        Self { key, snapshot: None, changes: Vec::new(), received: Vec::new(), heads: vec![GENESIS_HASH] }
    }

    /// Opens the acknowledged document.
    ///
    /// # Errors
    /// Those of [`Document::load`] and [`Document::apply`].
    pub fn open(&self) -> Result<Document, DocumentError> {
        let document = match &self.snapshot {
            Some(bytes) => Document::load(bytes)?,
            None => Document::new()?,
        };
        document.with(&raw(&self.changes))
    }

    /// Adds one acknowledged change with its receipt. The caller knows that it is not there yet.
    pub fn append(&mut self, bytes: ChangeBytes, hash: ChangeHash, deps: &[ChangeHash], received: Received) {
        self.changes.push(bytes);
        push_received(&mut self.received, received);
        advance_heads(&mut self.heads, deps, hash);
    }

    /// Folds loose changes into the snapshot once there are many. `document` is this very document, opened.
    pub fn fold(&mut self, document: &Document) {
        if self.changes.len() <= LOOSE_CHANGES_MAX {
            return;
        }
        let received = self.received_by_hash(document);
        let bytes = document.save();
        let Ok(reloaded) = Document::load(&bytes) else { return };
        if reloaded.heads() != document.heads() {
            return;
        }
        self.received = Vec::new();
        for meta in reloaded.metas_since(&[]) {
            let known = received.get(&meta.hash).copied().unwrap_or(Received { at_s: 0, device_number: 0 });
            push_received(&mut self.received, known);
        }
        self.snapshot = Some(bytes);
        self.changes = Vec::new();
    }

    /// When and from which device each change was received. `document` is this very document, opened.
    #[must_use]
    pub fn received_by_hash(&self, document: &Document) -> BTreeMap<ChangeHash, Received> {
        let mut order: Vec<ChangeHash> = Vec::new();
        let loose: Vec<ChangeHash> =
            self.changes.iter().filter_map(|change| crate::sync::change_hash(&change.0)).collect();
        if self.snapshot.is_some() {
            let skip: std::collections::BTreeSet<&ChangeHash> = loose.iter().into_set();
            order.extend(document.metas_since(&[]).iter().map(|meta| meta.hash).filter(|hash| !skip.contains(hash)));
        }
        order.extend(loose.iter().copied());
        order
            .into_iter()
            .zip(expand_received(&self.received))
            .filter(|(_, received)| received.device_number != 0)
            .into_map()
    }
}

/// The raw bytes of changes, for [`Document::apply`].
#[must_use]
pub fn raw(changes: &[ChangeBytes]) -> Vec<&[u8]> {
    changes.iter().map(|change| change.0.as_slice()).collect()
}

/// Adds one receipt to runs of receipts.
pub fn push_received(runs: &mut Vec<ReceivedRun>, received: Received) {
    let before: i64 = runs.iter().fold(0, |sum, run| sum.wrapping_add(run.seconds_delta));
    let delta = received.at_s.wrapping_sub(before);
    match runs.last_mut() {
        Some(last) if delta == 0 && last.device_number == received.device_number => {
            last.count = last.count.saturating_add(1)
        }
        Some(_) | None => {
            runs.push(ReceivedRun { count: 1, seconds_delta: delta, device_number: received.device_number })
        }
    }
}

/// Spells runs of receipts out, one per change.
pub fn expand_received(runs: &[ReceivedRun]) -> impl Iterator<Item = Received> + '_ {
    let mut at_s: i64 = 0;
    runs.iter().flat_map(move |run| {
        at_s = at_s.wrapping_add(run.seconds_delta);
        let one = Received { at_s, device_number: run.device_number };
        std::iter::repeat_n(one, usize::try_from(run.count).unwrap_or(usize::MAX))
    })
}

/// Where a pending edit stands in the queue of its tablet: later edits have larger orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(array)]
pub struct PendingOrder {
    /// Grows with every edit; larger than every order the writer knew of.
    #[n(0)]
    pub number: u64,
    /// Drawn at random per tab, so that two tabs never take the same order.
    #[n(1)]
    pub tab: u32,
}

/// One thing the user did, not yet acknowledged: the command and the changes it made.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PendingEdit {
    /// Its place in the queue.
    #[n(0)]
    pub order: PendingOrder,
    /// The document.
    #[n(1)]
    pub key: DocumentKey,
    /// What was meant, to be written anew when a parent is not accepted.
    #[n(2)]
    pub edit: Edit,
    /// What the tablet's clock said, milliseconds since 1970 UTC.
    #[n(3)]
    pub time_ms: u64,
    /// The changes it made, parents first; those already acknowledged are gone.
    #[n(4)]
    pub changes: Vec<ChangeBytes>,
    /// Sent before everything that is not.
    #[n(5)]
    pub urgent: bool,
    /// The actor that wrote `changes`.
    #[n(6)]
    pub actor: ActorId,
    /// The relay said meanwhile that the document is gone for this account: a receipt must not bring it back.
    #[n(7)]
    #[cbor(default)]
    pub document_gone: bool,
    /// The remark of its changes: whose held change this enters again.
    #[n(8)]
    #[cbor(default)]
    pub message: Option<String>,
    /// To be written anew on the copy of its document that is on its way, and not before: the check had agreed so often when
    /// that was noted, and once it agrees again no copy comes.
    #[n(9)]
    #[cbor(default)]
    pub awaits_copy: Option<u32>,
}

/// An edit the relay did not merge: kept for the user to see, to try again, to export.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct TrayEntry {
    /// The edit with its bytes as they were refused.
    #[n(0)]
    pub pending: PendingEdit,
    /// Error code.
    #[n(1)]
    pub reason: u16,
    /// Held for a person at the centre (otherwise refused).
    #[n(2)]
    pub held: bool,
    /// What that person decided; kept until the writer has read it.
    #[n(3)]
    #[cbor(default)]
    pub decided: Option<Decided>,
    /// Which of its changes were taken in so far: a long text has several.
    #[n(4)]
    #[cbor(default)]
    pub taken_in: Vec<HeldId>,
}

impl TrayEntry {
    /// An edit that was just not merged.
    #[must_use]
    pub const fn new(pending: PendingEdit, reason: u16, held: bool) -> Self {
        Self { pending, reason, held, decided: None, taken_in: Vec::new() }
    }

    /// The names of its changes at the relay; derived ones are nobody's to decide about.
    #[must_use]
    pub fn held_ids(&self) -> Vec<HeldId> {
        let document = self.pending.key.id();
        let own = self.pending.changes.iter().filter(|change| !crate::sync::is_derived(&change.0));
        own.filter_map(|change| Some(HeldId::derive(document, crate::sync::change_hash(&change.0)?))).collect()
    }

    /// Takes over what was decided about one of its changes; false when it has none of that name, or was told before.
    ///
    /// A declined change decides the edit; taken in it is when all of its changes are.
    pub fn note(&mut self, decided: &Decided) -> bool {
        let ids = self.held_ids();
        let is_declined = self.decided.as_ref().is_some_and(|before| before.outcome == HeldOutcome::Declined);
        if !self.held || !ids.contains(&decided.held) || is_declined || self.taken_in.contains(&decided.held) {
            return false;
        }
        match decided.outcome {
            HeldOutcome::Withdrawn => return false,
            HeldOutcome::Declined => self.decided = Some(decided.clone()),
            HeldOutcome::Accepted | HeldOutcome::Reentered => {
                self.taken_in.push(decided.held);
                if ids.iter().all(|id| self.taken_in.contains(id)) {
                    self.decided = Some(decided.clone());
                }
            }
        }
        true
    }
}

/// What the sync machine remembers between rounds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct SyncMeta {
    /// Where to go on.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub cursor: Option<Vec<u8>>,
    /// Key of the check sum; none before the first answer.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub check_key: Option<[u8; 16]>,
    /// Documents counted so far.
    #[n(2)]
    pub check_count: u32,
    /// Their sum, little-endian.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub check_sum: [u8; 16],
    /// What repair has to do next.
    #[n(4)]
    pub repair: RepairState,
    /// Relay time of the last contact, milliseconds since 1970 UTC.
    #[n(5)]
    pub last_contact_ms: Option<u64>,
    /// Tablet clock minus relay clock at the last contact, milliseconds.
    #[n(6)]
    pub clock_skew_ms: i64,
    /// The relay has stored the recovery slot.
    #[n(7)]
    pub slot_stored: bool,
    /// Version of the relay's pack.
    #[n(8)]
    pub pack: u32,
    /// Directory number of this device.
    #[n(9)]
    pub device_number: u32,
    /// Everything received before this is in the secretariat's view, milliseconds since 1970 UTC.
    #[n(10)]
    pub merged_before_ms: u64,
    /// Own uploads with this counter or a later one have to be offered again: the relay was restored.
    #[n(11)]
    pub offer_from: Option<u64>,
    /// Relay time of the last repair, milliseconds since 1970 UTC, as long as it did not bring everything into line.
    #[n(12)]
    pub repaired_ms: Option<u64>,
    /// How often this tablet saw the relay come back from a backup.
    #[n(13)]
    #[cbor(default)]
    pub epochs: u32,
    /// Relay time at which this tablet learnt that the relay came back from a backup, milliseconds since 1970 UTC.
    #[n(14)]
    #[cbor(default)]
    pub restored_ms: Option<u64>,
    /// What this tablet has of documents and the restored relay has not.
    #[n(15)]
    #[cbor(default)]
    pub apart: Vec<Apart>,
    /// How often the check agreed.
    #[n(16)]
    #[cbor(default)]
    pub agreed: u32,
}

/// What repair has to do next.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(flat)]
pub enum RepairState {
    /// Nothing.
    #[default]
    #[n(0)]
    None,
    /// Send bucket digests.
    #[n(1)]
    Buckets,
    /// Send the documents of these buckets.
    #[n(2)]
    Documents(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        Vec<u8>,
    ),
}

impl SyncMeta {
    /// The running check.
    #[must_use]
    pub const fn check(&self) -> RunningCheck {
        RunningCheck { count: self.check_count, sum: u128::from_le_bytes(self.check_sum) }
    }

    /// Puts the running check back.
    pub const fn set_check(&mut self, check: RunningCheck) {
        self.check_count = check.count;
        self.check_sum = check.sum.to_le_bytes();
    }
}

/// What a tablet holds of one document, as far as the machine needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentRows {
    /// As acknowledged; none when nothing was.
    pub stored: Option<StoredDocument>,
    /// Unacknowledged edits, in order.
    pub pending: Vec<PendingEdit>,
}

/// Rows of several documents.
pub type RowMap = BTreeMap<DocumentId, DocumentRows>;
