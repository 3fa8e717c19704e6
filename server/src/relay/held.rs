//! Changes that wait for a person.
//!
//! ```text
//! hold ─▶ seats: who decides, who counts ─▶ items in the pages of each ─▶ decide ─▶ merged as it was
//!                                                                             ├─▶ entered again by the decider
//!                                                                             └─▶ declined: bytes and reason stay
//! ```
//! Nothing held is ever deleted or edited. Rights are asked for again at each decision, and told apart by account.

mod decide;
mod evidence;
mod hold;
mod items;
mod seats;

use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) use evidence::taken_out;
pub(super) use hold::Aside;
use shared::access::held::is_narrower;
use shared::document::genesis::GENESIS_HASH;
use shared::document::ops::ChangeFault;
use shared::document::vet::{Trial, VetFault, VettedDocument};
use shared::id::{ChangeHash, DocumentId, DocumentKey};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::Receipt;
use shared::protocol::held::{HeldNote, HeldOutcome, KeptNote, is_claimed};

use super::intake::Sender;
use super::prepare::{PreparedPush, Way};
use super::vetting::Pace;
use super::work::Work;
use super::{Relay, RelayError, facts};
use crate::access_gate::{Permit, Reads, permit_judge};
use crate::storage::record::{HeldRecord, SeatLevel};
use crate::storage::{Table, View};

/// What the sender of a held change is told when it comes again.
pub(super) fn receipt_of(record: &HeldRecord) -> Receipt {
    let is_declined = record.decision.as_ref().is_some_and(|decision| decision.outcome == HeldOutcome::Declined);
    if is_declined { Receipt::Refused(ErrorCode::ChangeDeclined.number()) } else { Receipt::Held(record.code) }
}

/// Whether a change that its writer sends, signed, takes the place of what was brought of it: that waits, or was declined for
/// want of a signature.
pub(super) fn gives_way(record: &HeldRecord) -> bool {
    let decision = record.decision.as_ref();
    record.is_brought() && decision.is_none_or(|decision| decision.outcome == HeldOutcome::Declined)
}

/// What a change says of a held one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nothing, or what is true, by somebody who may decide.
    Holds,
    /// It is about a change that this relay lacks, and may have had before it was restored.
    Waits,
    /// What is not so.
    False,
}

impl Relay {
    /// Opens the bytes of a held change.
    fn open_held<A: Reads>(
        &self,
        permit: &Permit<A>,
        hash: ChangeHash,
        record: &HeldRecord,
    ) -> Result<Vec<u8>, RelayError> {
        Ok(self.sealer.open_row(permit.document(), Table::Held, hash.as_bytes(), &record.sealed)?)
    }

    /// The document as it stands, with nothing on top.
    async fn without_held(&self, work: &mut Work, document: DocumentId) -> Result<WithHeld, RelayError> {
        let open = self.open_document(work, document).await?;
        let bytes = open.as_ref().map_or(0, |open| open.record.change_bytes);
        let document = match open {
            Some(open) => open.document,
            None => Arc::new(VettedDocument::new()?),
        };
        Ok(WithHeld { heads: document.document().heads(), held: BTreeSet::new(), document, bytes, is_whole: false })
    }

    /// The document with everything on top that was ever held in it, as far as it fits: what a held change is tried on.
    async fn with_held(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        document: DocumentId,
    ) -> Result<WithHeld, RelayError> {
        let open = self.open_document(work, document).await?;
        let mut bytes = open.as_ref().map_or(0, |open| open.record.change_bytes);
        let base = match open {
            Some(open) => open.document,
            None => Arc::new(VettedDocument::new()?),
        };
        let mut held = work.tx.view().held_of(document).await?;
        for (_, record) in &held {
            bytes = bytes.saturating_add(u64::try_from(record.sealed.len()).unwrap_or(u64::MAX));
        }
        let hashes: BTreeSet<ChangeHash> = held.iter().map(|(hash, _)| *hash).collect();
        let mut found =
            WithHeld { heads: base.document().heads(), held: hashes, document: base, bytes, is_whole: true };
        if held.is_empty() {
            return Ok(found);
        }
        if let Some(known) = self.cache.get_with_held(document, &found.state()) {
            found.is_whole = known.document().missing(&Vec::from_iter(found.held.iter().copied())).is_empty();
            found.document = known;
            return Ok(found);
        }
        self.sealer.load(&self.storage, &[document]).await?;
        held.sort_by_key(|(_, record)| (record.received_ms, record.order));
        let mut waiting = Vec::with_capacity(held.len());
        for (hash, record) in &held {
            waiting.push(self.open_held(&permit_judge(document), *hash, record)?);
        }
        self.charge(sender, bytes);
        let mut trial = self.vetting.begin(&found.document, Pace::Together);
        found.is_whole = takes_all(&mut trial, &waiting);
        let whole = match self.vetting.prove(trial) {
            Ok(whole) => whole,
            Err(_) => {
                self.charge(sender, bytes.saturating_mul(u64::try_from(waiting.len()).unwrap_or(u64::MAX)));
                let mut trial = self.vetting.begin(&found.document, Pace::Each);
                found.is_whole = takes_all(&mut trial, &waiting);
                self.vetting.prove(trial)?
            }
        };
        found.document = Arc::new(whole);
        self.keep_with_held(document, &found);
        Ok(found)
    }

    fn keep_with_held(&self, document: DocumentId, whole: &WithHeld) {
        self.cache.put_with_held(document, whole.state(), Arc::clone(&whole.document), whole.bytes);
    }

    /// What is to be thought of what a change claims of a held one: that it enters it again, or keeps what it said as a note.
    /// Histories show its claim as the author's.
    pub(super) async fn claim(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        change: &CheckedChange,
    ) -> Result<Claim, RelayError> {
        let Some(message) = change.message().filter(|message| is_claimed(message)) else { return Ok(Claim::Holds) };
        // A restored relay took it once: what was held then comes again from whoever wrote it.
        let unknown = if push.way == Way::Offered { Claim::Waits } else { Claim::False };
        let (document, hash, author, time_s, is_note) = if let Some(note) = HeldNote::parse(message) {
            (push.document, note.hash, note.author, note.time_s, false)
        } else if let Some(note) = KeptNote::parse(message) {
            let Some((document, hash)) = work.tx.view().held_named(note.held).await? else { return Ok(unknown) };
            (document, hash, note.author, note.time_s, true)
        } else {
            return Ok(Claim::False);
        };
        let Some(record) = work.tx.view().held(document, hash).await? else { return Ok(unknown) };
        if is_note && !self.is_note_of(work, push, &record.key).await? {
            return Ok(Claim::False);
        }
        let held = shared::id::HeldId::derive(document, hash);
        let me = sender.device.account;
        let seat = work.tx.view().seat(held, me).await?;
        let decides = match seat.map(|seat| seat.level) {
            Some(SeatLevel::Decides) => true,
            // Told are all who might have decided, and the writer. Who took it in, or kept it, may send again what they entered.
            Some(SeatLevel::Told) => {
                record.decision.as_ref().is_some_and(|made| made.account == me && made.outcome.is_taken_in() != is_note)
            }
            Some(SeatLevel::Counts | SeatLevel::Ended) | None => false,
        };
        let is_own = record.account == me && !record.is_brought();
        if is_own || record.account != author {
            return Ok(Claim::False);
        }
        if !decides {
            // In the lost relay it was passed on to them, or nobody else had decided before they came.
            return Ok(unknown);
        }
        self.sealer.load(&self.storage, &[document]).await?;
        let bytes = self.open_held(&permit_judge(document), hash, &record)?;
        let is_its_time = CheckedChange::check(&bytes).is_ok_and(|held| held.time_s() == time_s);
        Ok(if is_its_time { Claim::Holds } else { Claim::False })
    }

    /// Whether a push may keep what a held change of another document said: in the same case, and read by nobody who may not read
    /// that document.
    async fn is_note_of(&self, work: &mut Work, push: &PreparedPush, of: &DocumentKey) -> Result<bool, RelayError> {
        let known = work.tx.view().document(push.document).await?.map(|record| record.key);
        let (Some(note), Some(pack)) = (known.as_ref().or(push.create.as_ref()), self.packs.current()) else {
            return Ok(false);
        };
        Ok(note.case == of.case && !facts::carries_rights(&of.kind) && is_narrower(pack, &note.kind, &of.kind))
    }

    /// Gives names and seats to what was held before changes had either.
    pub(super) async fn adopt_held(&self, now_ms: u64) -> Result<(), RelayError> {
        let all = self.storage.read().await?.view().all_held().await?;
        let mut nameless = Vec::new();
        for (document, hash, record) in all {
            let held = shared::id::HeldId::derive(document, hash);
            if self.storage.read().await?.view().held_named(held).await?.is_none() {
                nameless.push((document, hash, record));
            }
        }
        if nameless.is_empty() {
            return Ok(());
        }
        let mut work = Work::new(self.storage.write().await?);
        for (document, hash, record) in nameless {
            work.tx.put_held(document, hash, &record).await?;
            self.seat_case(&mut work, record.key.case, now_ms).await?;
        }
        work.tx.commit().await?;
        Ok(())
    }
}

/// A document with what was ever held in it.
struct WithHeld {
    heads: Vec<ChangeHash>,
    held: BTreeSet<ChangeHash>,
    document: Arc<VettedDocument>,
    bytes: u64,
    /// All of it fits, so that what is held next can only be added.
    is_whole: bool,
}

impl WithHeld {
    /// What the document is made of: its heads, and everything held.
    fn state(&self) -> Vec<ChangeHash> {
        self.heads.iter().chain([&GENESIS_HASH]).chain(&self.held).copied().collect()
    }
}

/// Takes changes into a trial as often as one of them lets another in, since a child may have been held before its
/// parent. Says whether the trial has them all.
fn takes_all(trial: &mut Trial, changes: &[Vec<u8>]) -> bool {
    let mut waiting: Vec<&Vec<u8>> = changes.iter().collect();
    loop {
        let before = waiting.len();
        waiting.retain(|bytes| match trial.admit(bytes) {
            Ok(admitted) => {
                trial.take(admitted);
                false
            }
            // What was merged since stands in it already.
            Err(VetFault::Change { fault: ChangeFault::Known, .. }) => false,
            Err(_) => true,
        });
        if waiting.is_empty() || waiting.len() == before {
            return waiting.is_empty();
        }
    }
}

/// The held parents of a change that wait no longer or that nobody decides about, parents first, and their parents.
async fn settled_past(
    view: &mut View<'_>,
    document: DocumentId,
    change: &CheckedChange,
    open: impl Fn(ChangeHash, &HeldRecord) -> Result<Vec<u8>, RelayError>,
    bytes_max: usize,
) -> Result<Vec<CheckedChange>, RelayError> {
    held_past(view, document, change, |record| !record.is_open(), open, bytes_max).await
}

/// The held parents of a change that are wanted, parents first, and their parents; nothing when they are too large together.
async fn held_past(
    view: &mut View<'_>,
    document: DocumentId,
    change: &CheckedChange,
    wanted: impl Fn(&HeldRecord) -> bool,
    open: impl Fn(ChangeHash, &HeldRecord) -> Result<Vec<u8>, RelayError>,
    bytes_max: usize,
) -> Result<Vec<CheckedChange>, RelayError> {
    let mut found: Vec<CheckedChange> = Vec::new();
    let mut waiting: Vec<ChangeHash> = change.deps().to_vec();
    let mut bytes = 0_usize;
    while let Some(hash) = waiting.pop() {
        if found.iter().any(|known| known.hash() == hash) {
            continue;
        }
        let Some(record) = view.held(document, hash).await?.filter(&wanted) else { continue };
        let Ok(past) = CheckedChange::check(&open(hash, &record)?) else { continue };
        bytes = bytes.saturating_add(past.as_bytes().len());
        if bytes > bytes_max {
            return Ok(Vec::new());
        }
        waiting.extend(past.deps());
        found.push(past);
    }
    // Operations of a child are always counted from after those of its parents.
    found.sort_by_key(CheckedChange::start_op);
    Ok(found)
}
