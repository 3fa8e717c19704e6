//! The tablet's sync machine: one round of `simpul/1` as a sequence of inputs and effects.
//!
//! Owns the order of a round (collect, send, receipts, pages, end) and what crosses a crash: nothing but rows. Must
//! never do I/O: the engine carries effects out and answers with inputs. The browser, the load generator and the
//! simulation drive this very machine.
//!
//! ```text
//! Begin ─▶ Collect ─▶ Collected ─▶ Send ─▶ Part* ─▶ Load ─▶ Loaded ─▶ Commit ─▶ Committed ─▶ … ─▶ Finished
//! ```

mod ask;

use std::collections::{BTreeSet, VecDeque};

use crate::id::{AccountId, DeviceId, DocumentId, TenantId};
use crate::order::Gather as _;
use crate::protocol::error::ErrorCode;
use crate::protocol::frame::{End, Fault, HeldDocument, Page, Part, PushReceipt, Receipt, Receipts, SealedOffer};
use crate::protocol::held::{Decision, DecisionReceipt};
use crate::protocol::limits::OFFERS_MAX;
use crate::protocol::seen::SeenBatch;
use crate::seal::sign::DeviceSecret;
use crate::sync::apart::keeps_back;
use crate::sync::inbox::{
    Batch, EndOutcome, Rewriter, RowWrite, apply_brought, apply_end, apply_page, apply_receipts, documents_of_page,
    documents_of_receipts, let_danger_go,
};
use crate::sync::outbox::SentPushes;
use crate::sync::row::{PendingEdit, RepairState, RowMap, SyncMeta};

/// Who this tablet is to the relay; sealed in the vault.
pub struct Identity {
    /// The relay's identity.
    pub tenant: TenantId,
    /// The account.
    pub account: AccountId,
    /// This device.
    pub device: DeviceId,
    /// Its signing key.
    pub secret: DeviceSecret,
}

/// What the engine tells the machine.
#[derive(Debug)]
pub enum Input {
    /// Begin a round with what the machine remembers.
    Begin(Box<SyncMeta>),
    /// Answers [`Effect::Collect`].
    Collected(Box<Collected>),
    /// A part of the answer arrived.
    Part(Part),
    /// Answers [`Effect::Load`].
    Loaded(RowMap),
    /// Answers [`Effect::Commit`]: the batch is on stable storage.
    Committed,
    /// The answer ended, completely or not.
    LineClosed,
}

/// What the machine wants done.
#[derive(Debug)]
pub enum Effect {
    /// Gather what a request needs.
    Collect {
        /// Heads of all documents are needed too, for repair.
        all_heads: bool,
        /// Kept own uploads are needed too, for a restored relay.
        offers: Option<OffersWanted>,
        /// Rows of these documents are needed too, of which a restored relay lacks something.
        apart: BTreeSet<DocumentId>,
    },
    /// Send this body; feed the parts of the answer back, then [`Input::LineClosed`].
    Send(Vec<u8>),
    /// Read the rows of these documents.
    Load(BTreeSet<DocumentId>),
    /// Write this batch, whole or not at all, strictly durable.
    Commit(Batch),
    /// The round is over.
    Finished(Round),
}

/// Which kept own uploads a request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffersWanted {
    /// The lowest counter; what lies below was offered.
    pub from: u64,
    /// At most so many.
    pub count_max: usize,
}

/// What a request needs from the store and from the platform.
#[derive(Debug, Default)]
pub struct Collected {
    /// All unacknowledged edits.
    pub pending: Vec<PendingEdit>,
    /// Documents the relay has acknowledged once, among those of `pending`.
    pub known: BTreeSet<DocumentId>,
    /// Taken from the store strictly before it is used.
    pub counter: u64,
    /// Random bytes for this round.
    pub entropy: [u8; 32],
    /// Documents the user waits for.
    pub priorities: Vec<DocumentId>,
    /// The recovery slot, while the relay has none.
    pub slot: Option<Vec<u8>>,
    /// Acknowledged heads of all documents, if asked for.
    pub all_heads: Vec<HeldDocument>,
    /// Kept own uploads with their counters, if asked for; see [`crate::sync::outbox::choose_offers`].
    pub offers: Vec<(u64, SealedOffer)>,
    /// More are kept than these.
    pub offers_left: bool,
    /// Rows of the documents of which a restored relay lacks something, if asked for.
    pub apart: RowMap,
    /// Decisions about held changes, in the order in which they were made.
    pub decisions: Vec<Decision>,
    /// What was opened, taken away or printed and is still to be told: the same until the relay has named its number.
    pub seen: Option<SeenBatch>,
    /// Size of the answer asked for; 0 leaves it to the relay.
    pub budget_bytes: u32,
}

/// How a round ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Round {
    /// The answer was complete.
    Done {
        /// Begin another round at once.
        more: bool,
        /// An error code to show, 0 for none.
        notice: u16,
        /// The tablet's documents differ from what the relay believes; the next round repairs.
        differs: bool,
    },
    /// The relay answered with a fault.
    Fault(Fault),
    /// The line broke before the end; everything committed stays.
    Cut,
}

enum State {
    Idle,
    Collecting,
    /// Waiting for parts; one is applied at a time.
    Receiving,
    Loading(Step),
    Committing,
}

/// A part whose rows are being read.
enum Step {
    Receipts(Receipts),
    Page(Page),
}

/// Where a request stands among the own uploads offered again.
#[derive(Clone, Copy)]
struct Offered {
    count: usize,
    /// The counter after the last one offered; none when it was the last of all.
    next: Option<u64>,
}

/// The machine. Lives for one unlocked session; everything it must not forget is in rows.
pub struct DeviceMachine {
    identity: Identity,
    state: State,
    parts: VecDeque<Part>,
    closed: bool,
    meta: SyncMeta,
    sent: SentPushes,
    entropy: [u8; 32],
    /// This round's request listed documents for repair.
    listed_documents: bool,
    /// What this round's request offers again.
    offered: Option<Offered>,
    /// Own uploads offered at once: less after the relay could not read a request that carried some.
    offers_max: usize,
    /// Documents of which edits were left out of this round's request.
    kept_back: BTreeSet<DocumentId>,
    /// Those of them of whose edits a life may hang on one.
    danger_kept: BTreeSet<DocumentId>,
    /// Some of those were written anew, and go with the next round.
    danger_goes: bool,
    /// Documents of whose edits the relay lacked parents in the last round.
    lacking_parents: BTreeSet<DocumentId>,
    /// What only this tablet had is safe at the relay: its copies are asked for.
    copies_wanted: bool,
    /// A decision has to be followed by another: what was accepted must be entered again.
    reenter: bool,
    /// The relay did not take what was told as seen: an older one, or one that puts it off. Not told again in this session.
    seen_unheard: bool,
    ended: Option<Round>,
}

impl DeviceMachine {
    /// A machine at rest.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            state: State::Idle,
            parts: VecDeque::new(),
            closed: false,
            meta: SyncMeta::default(),
            sent: SentPushes::default(),
            entropy: [0; 32],
            listed_documents: false,
            offered: None,
            offers_max: OFFERS_MAX,
            kept_back: BTreeSet::new(),
            danger_kept: BTreeSet::new(),
            danger_goes: false,
            lacking_parents: BTreeSet::new(),
            copies_wanted: false,
            reenter: false,
            seen_unheard: false,
            ended: None,
        }
    }

    /// Who this tablet is to the relay.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether no round is going on.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// Takes one input and says what to do next; at most one effect, none while it waits for the line.
    pub fn step(&mut self, now_ms: u64, input: Input) -> Option<Effect> {
        match (std::mem::replace(&mut self.state, State::Idle), input) {
            (State::Idle, Input::Begin(meta)) => Some(self.begin(*meta)),
            (State::Collecting, Input::Collected(collected)) => Some(self.send(*collected)),
            (state @ (State::Receiving | State::Loading(_) | State::Committing), Input::Part(part)) => {
                self.parts.push_back(part);
                self.resume(state, now_ms)
            }
            (state @ (State::Receiving | State::Loading(_) | State::Committing), Input::LineClosed) => {
                self.closed = true;
                self.resume(state, now_ms)
            }
            (State::Loading(step), Input::Loaded(rows)) => Some(self.apply(step, rows)),
            (State::Committing, Input::Committed) => self.next(now_ms),
            // An input that does not belong here (a late part of a line given up) changes nothing.
            (state, _) => {
                self.state = state;
                None
            }
        }
    }

    /// Gives a round up: the tab is frozen, the vault locked, or an effect failed.
    pub fn abandon(&mut self) {
        self.state = State::Idle;
        self.parts.clear();
        self.closed = false;
        self.ended = None;
    }

    fn resume(&mut self, state: State, now_ms: u64) -> Option<Effect> {
        if matches!(state, State::Receiving) {
            return self.next(now_ms);
        }
        self.state = state;
        None
    }

    /// Takes the next part up, or ends the round.
    fn next(&mut self, now_ms: u64) -> Option<Effect> {
        if let Some(round) = self.ended.take() {
            self.state = State::Idle;
            return Some(Effect::Finished(round));
        }
        match self.parts.pop_front() {
            Some(Part::Receipts(receipts)) => {
                let mut documents = documents_of_receipts(&self.sent);
                documents.extend(&self.danger_kept);
                self.state = State::Loading(Step::Receipts(receipts));
                Some(Effect::Load(documents))
            }
            // The request said that edits follow; what is new is asked for again after the last of them.
            Some(Part::Page(_) | Part::RepairBuckets(_)) if self.sent.left_over => self.next(now_ms),
            Some(Part::Page(page)) => {
                let documents = documents_of_page(&page);
                self.state = State::Loading(Step::Page(page));
                Some(Effect::Load(documents))
            }
            Some(Part::RepairBuckets(buckets)) => {
                self.meta.repair = if buckets.is_empty() { RepairState::None } else { RepairState::Documents(buckets) };
                self.next(now_ms)
            }
            Some(Part::End(end)) => Some(self.end(&end, now_ms)),
            Some(Part::Fault(fault)) => Some(self.fault(fault)),
            None if self.closed => {
                self.state = State::Idle;
                Some(Effect::Finished(Round::Cut))
            }
            None => {
                self.state = State::Receiving;
                None
            }
        }
    }

    /// One own upload that the relay cannot read must keep neither the others nor anything new from it.
    fn fault(&mut self, fault: Fault) -> Effect {
        let unreadable =
            [ErrorCode::FrameMalformed, ErrorCode::FrameTooLarge, ErrorCode::FrameTooMany, ErrorCode::InflatedTooLarge];
        let is_unreadable = unreadable.iter().any(|code| code.number() == fault.code);
        if fault.code == ErrorCode::FrameMalformed.number() && self.sent.seen.is_some() {
            // An older relay takes no frame with a part it does not know: once more at once, without it.
            self.seen_unheard = true;
            self.state = State::Idle;
            return Effect::Finished(Round::Done { more: true, notice: 0, differs: false });
        }
        match self.offered.filter(|offered| is_unreadable && offered.count > 0) {
            Some(Offered { count: 1, next }) => {
                self.meta.offer_from = next;
                self.ended = Some(Round::Fault(fault));
                self.state = State::Committing;
                Effect::Commit(Batch { writes: vec![RowWrite::PutMeta(self.meta.clone())], ..Batch::default() })
            }
            Some(Offered { count, .. }) => {
                self.offers_max = count.div_ceil(2);
                self.state = State::Idle;
                Effect::Finished(Round::Fault(fault))
            }
            None => {
                self.state = State::Idle;
                Effect::Finished(Round::Fault(fault))
            }
        }
    }

    fn apply(&mut self, step: Step, mut rows: RowMap) -> Effect {
        let rewriter = Rewriter { author: self.identity.account, entropy: self.entropy };
        let batch = match step {
            Step::Receipts(receipts) => {
                self.reenter = receipts.decisions.iter().flatten().any(|one| *one == DecisionReceipt::Reenter);
                let epoch = self.meta.check_key;
                self.lacking_parents = documents_lacking_parents(&receipts, &self.sent);
                self.seen_unheard |= self.sent.seen != receipts.seen;
                self.copies_wanted |= apply_brought(&receipts, &self.sent, &mut self.meta);
                let mut batch = apply_receipts(&receipts, &self.sent, &mut rows, &mut self.meta, &rewriter);
                for document in &self.danger_kept {
                    if let Some(rows) = rows.get_mut(document) {
                        self.danger_goes |= let_danger_go(*document, rows, &self.meta, &rewriter, &mut batch);
                    }
                }
                if epoch.is_some() && self.meta.check_key != epoch {
                    // What this request offered went to another incarnation than what was offered before.
                    self.offered = None;
                }
                batch
            }
            Step::Page(page) => apply_page(&page, &mut rows, &mut self.meta, &rewriter),
        };
        self.state = State::Committing;
        Effect::Commit(batch)
    }

    fn end(&mut self, end: &End, now_ms: u64) -> Effect {
        // Documents were sent and their differences came as pages: repair is done when nothing more waits.
        let complete = !self.sent.left_over;
        if complete && self.listed_documents && !end.more {
            self.meta.repair = RepairState::None;
            self.meta.repaired_ms = Some(end.now_ms);
        }
        if self.copies_wanted && self.meta.repair == RepairState::None {
            self.meta.repair = RepairState::Buckets;
        }
        if let Some(offered) = self.offered {
            self.meta.offer_from = offered.next;
        }
        let (batch, EndOutcome { more, differs, notice }) = apply_end(end, &mut self.meta, now_ms, complete);
        let is_free = self.danger_goes || self.kept_back.iter().any(|document| !keeps_back(&self.meta, *document));
        let more = more || self.sent.left_over || self.sent.undecided || self.reenter || is_free;
        self.ended = Some(Round::Done { more, notice, differs });
        self.state = State::Committing;
        Effect::Commit(batch)
    }
}

/// Documents of whose edits the relay lacks parents.
fn documents_lacking_parents(receipts: &Receipts, sent: &SentPushes) -> BTreeSet<DocumentId> {
    let lacks = |receipt: &Receipt| matches!(receipt, Receipt::Retry(missing) if !missing.is_empty());
    let pushes = sent.pushes.iter().zip(&receipts.pushes);
    let lacking = pushes.filter(|(_, receipt)| match receipt {
        PushReceipt::All => false,
        PushReceipt::Each(each) => each.iter().any(lacks),
    });
    lacking.map(|(push, _)| push.push.document).into_set()
}

/// Whether a batch says anything beyond the machine's own memory.
#[must_use]
pub fn changes_views(batch: &Batch) -> bool {
    let is_inward =
        |write: &RowWrite| matches!(write, RowWrite::PutMeta(_) | RowWrite::KeepOffer(_) | RowWrite::SeenTold(_));
    !batch.writes.iter().all(is_inward)
}

#[cfg(test)]
mod tests;
