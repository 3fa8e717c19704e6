//! Changes that wait for this person's decision, as rows of the vault: what waits, what was decided here, what came of it.
//!
//! Owns the way from an item of the relay to a row, from a press of a button to a decision in the queue, and from
//! "enter it again" to an edit with a remark. Decides nothing about rights. Called by the session and its exchange.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use shared::command::reentry::{Intent, intent, with_held};
use shared::document::Document;
use shared::id::{CaseId, DocumentKey, HeldId};
use shared::order::Arrange as _;
use shared::protocol::error::ErrorCode;
use shared::protocol::held::{Decided, Decision, DecisionReceipt, HeldChange, HeldContent, HeldOutcome, Verdict};
use shared::protocol::limits::DECIDED_KEPT_DAYS;
use shared::sync::change_hash;
use shared::sync::inbox::RowWrite;

use super::rows::{RowWrites, Trayed};
use super::session::{DocumentEdit, Session, failure, store_failure};
use crate::api::Failure;
use crate::store::Durability;
use crate::store::sealed::Writes;

const DAY_MS: u64 = 86_400_000;

/// A held change as this tablet knows it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct HeldRow {
    /// As the relay told it.
    #[n(0)]
    pub item: HeldChange,
    /// What this person decided, not yet acknowledged.
    #[n(1)]
    pub queued: Option<Queued>,
    /// What was decided, by whomever.
    #[n(2)]
    pub decided: Option<Decided>,
    /// Why the last decision here came to nothing: an error code.
    #[n(3)]
    pub refused: Option<u16>,
    /// The bytes of evidence are asked for and have not come.
    #[n(4)]
    #[cbor(default)]
    pub wanted: bool,
}

/// A decision that waits to be sent, like every edit.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Queued {
    /// Its place in the queue.
    #[n(0)]
    pub order: u64,
    /// The decision.
    #[n(1)]
    pub verdict: Verdict,
    /// Something is written first: it is entered again, or its note.
    #[n(2)]
    pub reenter: bool,
    /// The words of its note, until that is written.
    #[n(3)]
    pub note: Option<String>,
}

impl HeldRow {
    /// Whether it waits for a decision of this person that was not made yet.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.decided.is_none() && self.queued.is_none() && !self.is_lost()
    }

    /// Evidence that the relay does not know, or that is not this person's to decide.
    fn is_lost(&self) -> bool {
        self.item.evidence.is_some() && self.refused == Some(ErrorCode::DecisionUnknown.number())
    }

    /// Whether it is lost for good. Of a case that this person must not know it can still be saved.
    pub(super) fn is_unknown(&self) -> bool {
        self.is_lost() && self.item.case != CaseId::from_bytes([0; 16])
    }

    /// When it was decided, or came last if it is evidence: from then on it is kept for its time.
    fn settled_ms(&self) -> Option<u64> {
        let last_ms = self.item.evidence.as_ref().map(|evidence| evidence.last_ms);
        self.decided.as_ref().map(|decided| decided.at_ms).or(last_ms)
    }

    /// Takes over what the relay tells of it anew.
    fn tell(&mut self, item: &HeldChange) {
        if item.evidence.as_ref().is_some_and(|evidence| evidence.letter.is_some()) {
            self.wanted = false;
            // What is handed out may come without the case that was told before.
            self.item.evidence.clone_from(&item.evidence);
            return;
        }
        // What came again is told again; its bytes are those that are here.
        let here = self.item.evidence.take().and_then(|evidence| evidence.letter);
        self.item = item.clone();
        // What is told as a thing to decide is open, whatever was said of it before: a relay that was put back has forgotten.
        self.decided = None;
        if let Some(evidence) = &mut self.item.evidence {
            evidence.letter = here;
            self.refused = None;
        }
    }

    /// Whether what was decided here has left its mark in the case, and cannot be taken back any more.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.queued.as_ref().is_some_and(|queued| matches!(queued.verdict, Verdict::Noted(_)) && !queued.reenter)
    }
}

/// Forgets what a relay said of evidence that was restored from a backup: it tells anew what it has. What this person decided
/// is still asked of it.
fn begin_epoch(held: &mut BTreeMap<HeldId, HeldRow>, rows: &mut Writes) {
    let stays = |row: &HeldRow| row.item.evidence.is_none() || row.queued.is_some();
    for id in held.values().filter(|row| !stays(row)).map(|row| row.item.held) {
        rows.no_held(id);
    }
    held.retain(|_, row| stays(row));
}

/// Takes what one write of the sync machine says about held changes over, in memory and as rows; `epochs` is how many there
/// were before it.
pub fn take_over(
    held: &mut BTreeMap<HeldId, HeldRow>,
    tray: &mut [Trayed],
    epochs: u32,
    write: &RowWrite,
    rows: &mut Writes,
) {
    match write {
        RowWrite::PutMeta(meta) if meta.epochs != epochs => begin_epoch(held, rows),
        RowWrite::PutHeld(item) => {
            let row = held.entry(item.held).or_insert_with(|| HeldRow {
                item: item.clone(),
                queued: None,
                decided: None,
                refused: None,
                wanted: false,
            });
            row.tell(item);
            rows.held(row);
        }
        RowWrite::NoteDecided(decided) => {
            for trayed in tray.iter_mut() {
                if trayed.entry.note(decided) {
                    rows.tray(&trayed.entry);
                }
            }
            if decided.outcome == HeldOutcome::Withdrawn {
                held.remove(&decided.held);
                rows.no_held(decided.held);
            } else if let Some(row) = held.get_mut(&decided.held) {
                row.decided = Some(decided.clone());
                row.queued = None;
                row.refused = None;
                rows.held(row);
            }
        }
        RowWrite::NoteReceipt(decision, receipt) => {
            let Some(row) = held.get_mut(&decision.held) else { return };
            if decision.verdict == Verdict::TakeOut {
                // The wish stands until its bytes are here.
                let DecisionReceipt::Refused(code) = receipt else { return };
                (row.wanted, row.refused) = (false, Some(*code));
                rows.held(row);
                return;
            }
            if row.queued.as_ref().is_some_and(|queued| queued.verdict != decision.verdict) {
                // This person has changed their mind since it was sent.
                return;
            }
            match receipt {
                DecisionReceipt::Reenter => {
                    if let Some(queued) = &mut row.queued {
                        queued.reenter = true;
                    }
                }
                DecisionReceipt::Done | DecisionReceipt::Decided => row.queued = None,
                DecisionReceipt::Refused(code) => {
                    row.queued = None;
                    row.refused = Some(*code);
                }
            }
            rows.held(row);
        }
        RowWrite::PutDocument(_)
        | RowWrite::DropDocument(..)
        | RowWrite::PutPending(_)
        | RowWrite::DropPending(_)
        | RowWrite::PutTray(_)
        | RowWrite::PutMember(_)
        | RowWrite::PutContact(..)
        | RowWrite::PutStatus(_)
        | RowWrite::PutAlarm(_)
        | RowWrite::KeepOffer(_)
        | RowWrite::SetAside(_)
        | RowWrite::SeenTold(_)
        | RowWrite::PutMeta(_) => {}
    }
}

/// A document with everything on top that this tablet knows to be held in it, decided or not: a held change may build
/// on others, and is read in the midst of them.
#[must_use]
pub fn whole(held: &BTreeMap<HeldId, HeldRow>, key: &DocumentKey, present: &Document) -> Document {
    let of_document = held.values().filter_map(|row| row.item.content.as_ref()).filter(|other| other.key == *key);
    let bytes: Vec<&[u8]> = of_document
        .flat_map(|other| other.past.iter().chain(std::iter::once(&other.change)))
        .map(|change| change.0.as_slice())
        .collect();
    with_held(present, &bytes)
}

/// What a held change means for the document as it stands here; none when it cannot be read.
#[must_use]
pub fn read(whole: &Document, content: &HeldContent, present: &Document) -> Option<Intent> {
    intent(whole, present, &change_hash(&content.change.0)?)
}

impl Session {
    /// Queues a decision about several held changes, in the order in which they were written.
    ///
    /// # Errors
    /// [`Failure`] of the store, or when one of them waits no longer; nothing was decided then.
    pub async fn decide(&mut self, ids: &[HeldId], verdict: &Verdict) -> Result<(), Failure> {
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            let row = self.held.get(id).filter(|row| row.decided.is_none() && !row.is_fixed());
            rows.push(row.cloned().ok_or(failure(ErrorCode::DecisionUnknown))?);
        }
        rows.arrange_by_key(|row| row.item.content.as_ref().map(|content| (content.received_ms, content.order)));
        let mut writes = Writes::new();
        for row in &mut rows {
            let order = self.next_order().number;
            row.queued = Some(Queued { order, verdict: verdict.clone(), reenter: false, note: None });
            row.refused = None;
            writes.held(row);
        }
        self.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
        self.held.extend(rows.into_iter().map(|row| (row.item.held, row)));
        // The tab that sends may be another one.
        self.tell_others();
        Ok(())
    }

    /// Takes back a decision that was not sent yet.
    ///
    /// # Errors
    /// [`Failure`] of the store, or when there is nothing to take back.
    pub async fn undecide(&mut self, id: HeldId) -> Result<(), Failure> {
        let row = self.held.get(&id).filter(|row| !row.is_fixed()).cloned();
        let mut row = row.ok_or(failure(ErrorCode::DecisionUnknown))?;
        row.queued = None;
        let mut writes = Writes::new();
        writes.held(&row);
        self.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
        self.held.insert(id, row);
        self.tell_others();
        Ok(())
    }

    /// Decisions that go out with the next upload.
    #[must_use]
    pub fn decisions(&self) -> Vec<Decision> {
        let mut queued: Vec<(&HeldId, &Queued)> = self
            .held
            .iter()
            .filter_map(|(id, row)| Some((id, row.queued.as_ref()?)))
            .filter(|(_, queued)| !queued.reenter)
            .collect();
        queued.arrange_by_key(|(_, queued)| queued.order);
        let wanted = self.held.iter().filter(|(_, row)| row.wanted);
        let wanted = wanted.map(|(id, _)| Decision { held: *id, verdict: Verdict::TakeOut });
        let decided = queued.into_iter().map(|(id, one)| Decision { held: *id, verdict: one.verdict.clone() });
        decided.chain(wanted).collect()
    }

    /// Enters again what was accepted but builds on changes that were not: each as an edit of this account that names
    /// whose it was, in one act with the decision that says so. Writes notes likewise.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn enter_again(&mut self) -> Result<(), Failure> {
        let mut due: Vec<(u64, HeldRow)> = self
            .held
            .values()
            .filter_map(|row| row.queued.as_ref().filter(|queued| queued.reenter).map(|one| (one.order, row.clone())))
            .collect();
        due.arrange_by_key(|(order, _)| *order);
        for (order, row) in due {
            let note = row.queued.as_ref().and_then(|queued| queued.note.clone());
            let entered = match (note, row.item.content.as_ref().map(|content| content.key.clone())) {
                (Some(text), _) => self.enter_note(order, row.clone(), text).await,
                (None, Some(key)) if self.has(&key) => {
                    let entered = self.enter_one(key, order, row.clone()).await;
                    let lost = |failed| if is_of_store(&failed) { failed } else { failure(ErrorCode::DecisionReentry) };
                    entered.map_err(lost)
                }
                (None, Some(_) | None) => Err(failure(ErrorCode::DecisionReentry)),
            };
            match entered {
                Ok(()) => {}
                Err(failed) if is_of_store(&failed) => return Err(failed),
                Err(failed) => {
                    let refused = Some(failed.code);
                    let row = HeldRow { queued: None, refused, ..row };
                    let mut writes = Writes::new();
                    writes.held(&row);
                    self.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
                    self.held.insert(row.item.held, row);
                }
            }
        }
        Ok(())
    }

    async fn enter_one(&mut self, key: DocumentKey, order: u64, mut row: HeldRow) -> Result<(), Failure> {
        let lost = failure(ErrorCode::DecisionReentry);
        let present = self.replica(&key).await?.document.clone();
        let content = row.item.content.as_ref().ok_or(lost.clone())?;
        let meant = read(&whole(&self.held, &key, &present), content, &present).ok_or(lost)?;
        let edit = DocumentEdit { key, edit: meant.edit };
        let id = row.item.held;
        self.edit_then(vec![edit], Some(meant.note.to_string()), Writes::new(), &mut |pending, writes| {
            let hashes = pending.iter().flat_map(|edit| &edit.changes).filter_map(|change| change_hash(&change.0));
            row.queued =
                Some(Queued { order, verdict: Verdict::Reentered(hashes.collect()), reenter: false, note: None });
            writes.held(&row);
        })
        .await?;
        self.held.insert(id, row);
        Ok(())
    }

    /// Forgets what was decided long ago, and evidence that the relay has erased by now.
    pub(super) async fn forget_decided(&mut self) -> Result<(), Failure> {
        let before = self.latest_ms().saturating_sub(DAY_MS.saturating_mul(DECIDED_KEPT_DAYS.into()));
        self.forget_held(|row| row.queued.is_none() && row.settled_ms().is_some_and(|ms| ms < before)).await
    }

    /// Forgets these.
    pub(super) async fn forget_held(&mut self, is_over: impl Fn(&HeldRow) -> bool) -> Result<(), Failure> {
        let old: Vec<HeldId> = self.held.values().filter(|row| is_over(row)).map(|row| row.item.held).collect();
        if old.is_empty() {
            return Ok(());
        }
        let mut writes = Writes::new();
        for id in old {
            self.held.remove(&id);
            writes.no_held(id);
        }
        self.rows.apply(writes, Durability::Relaxed).await.map_err(|error| store_failure(&error))
    }

    /// Puts the outcome of an own held edit away once it was read.
    ///
    /// # Errors
    /// [`Failure`] of the store, or when it is not decided.
    pub async fn clear_tray(&mut self, item: u64) -> Result<(), Failure> {
        let decided = |trayed: &&Trayed| trayed.number == item && trayed.entry.decided.is_some();
        let order = self.tray.iter().find(decided).map(|trayed| trayed.entry.pending.order);
        let mut writes = Writes::new();
        writes.no_tray(order.ok_or(failure(ErrorCode::ItemGone))?);
        self.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
        self.tray.retain(|trayed| trayed.number != item);
        self.tell_others();
        Ok(())
    }
}

fn is_of_store(failed: &Failure) -> bool {
    [ErrorCode::TabletFull, ErrorCode::TabletStore, ErrorCode::TabletStoreNewer, ErrorCode::Locked]
        .iter()
        .any(|code| code.number() == failed.code)
}
