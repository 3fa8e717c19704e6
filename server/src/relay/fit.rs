//! Whether a change fits where it claims to stand: parents, order, actor, author, size. Says nothing about rights.

use std::collections::{BTreeMap, BTreeSet};

use shared::document::Document;
use shared::document::genesis::GENESIS_HASH;
use shared::id::{ActorId, ChangeHash, DocumentId};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::Receipt;
use shared::protocol::limits::{CHANGE_DEPS_MAX, DOCUMENT_BYTES_MAX, DOCUMENT_CHANGES_MAX};

use super::held::{Claim, gives_way, receipt_of};
use super::intake::Sender;
use super::prepare::PreparedPush;
use super::vetting::is_derived;
use super::work::Work;
use super::{Relay, RelayError};
use crate::storage::record::{ActorRecord, DocumentRecord};

/// Operation counters that genesis uses.
const GENESIS_MAX_OP: u64 = 3;

/// What became of one change inside its push.
pub(super) enum Fate {
    /// Passed so far.
    Candidate { derived: bool },
    /// Decided.
    Done(Receipt),
}

impl Relay {
    /// Looks at what each change says of itself: known, on top of what, whose, in which order.
    pub(super) async fn fit(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
        base: &Document,
        record: Option<&DocumentRecord>,
    ) -> Result<Vec<Fate>, RelayError> {
        let is_restored = self.was_restored(sender.prepared.now_ms);
        let mut run = Run { is_restored, ..Run::new(push.document, record, base) };
        let mut fates = Vec::with_capacity(push.changes.len());
        for change in push.changes.iter().filter_map(|change| change.as_ref().ok()) {
            let fate = match self.claim(work, sender, push, change).await? {
                Claim::Holds => run.fit(work, sender, base, change).await?,
                Claim::Waits => Fate::Done(Receipt::Retry(Vec::new())),
                Claim::False => Fate::Done(Receipt::Refused(ErrorCode::ChangeAuthorForeign.number())),
            };
            match &fate {
                Fate::Candidate { .. } | Fate::Done(Receipt::Duplicate | Receipt::Accepted) => {}
                Fate::Done(Receipt::Retry(_)) => run.waiting.push(change.hash()),
                Fate::Done(Receipt::Held(_) | Receipt::Refused(_) | Receipt::Reissue) => {
                    run.left_out.push(change.hash());
                }
            }
            fates.push(fate);
        }
        Ok(fates)
    }
}

/// What the changes of one push built up so far.
struct Run {
    document: DocumentId,
    max_ops: BTreeMap<ChangeHash, u64>,
    actors: BTreeMap<ActorId, u64>,
    left_out: Vec<ChangeHash>,
    /// Those whose parents are not here yet.
    waiting: Vec<ChangeHash>,
    heads: BTreeSet<ChangeHash>,
    change_count: usize,
    change_bytes: usize,
    /// The relay came back from a backup not long ago.
    is_restored: bool,
}

impl Run {
    fn new(document: DocumentId, record: Option<&DocumentRecord>, base: &Document) -> Self {
        let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        Self {
            document,
            max_ops: BTreeMap::from([(GENESIS_HASH, GENESIS_MAX_OP)]),
            actors: BTreeMap::new(),
            left_out: Vec::new(),
            waiting: Vec::new(),
            heads: base.heads().into_iter().collect(),
            change_count: record.map_or(0, |record| number(record.change_count.into())),
            change_bytes: record.map_or(0, |record| number(record.change_bytes)),
            is_restored: false,
        }
    }

    async fn fit(
        &mut self,
        work: &mut Work,
        sender: &Sender<'_>,
        base: &Document,
        change: &CheckedChange,
    ) -> Result<Fate, RelayError> {
        let refused = |code: ErrorCode| Ok(Fate::Done(Receipt::Refused(code.number())));
        let hash = change.hash();
        if base.contains(&hash) || self.max_ops.contains_key(&hash) {
            return Ok(Fate::Done(Receipt::Duplicate));
        }
        let derived = is_derived(change);
        // What makes a text is the same whoever writes into it first: that it waits with somebody's words keeps nobody from theirs.
        let held = if derived { None } else { work.tx.view().held(self.document, hash).await? };
        if let Some(held) = held.filter(|held| !gives_way(held)) {
            return Ok(Fate::Done(receipt_of(&held)));
        }
        if change.claims_genesis() {
            return refused(ErrorCode::ChangeReserved);
        }
        let mut most = 0;
        let mut missing = Vec::new();
        for dep in change.deps() {
            if self.waiting.contains(dep) {
                // It comes again as it is, and so does what stands on it: others may have it from a relay since restored.
                missing.push(*dep);
                continue;
            }
            let is_here = base.contains(dep) || self.max_ops.contains_key(dep);
            let waits = !is_here && work.tx.view().held(self.document, *dep).await?.is_some();
            if self.left_out.contains(dep) || waits {
                return Ok(Fate::Done(Receipt::Reissue));
            }
            let known = match self.max_ops.get(dep) {
                Some(known) => Some(*known),
                None => work.tx.view().change_max_op(self.document, *dep).await?,
            };
            match known {
                Some(known) => most = most.max(known),
                None => missing.push(*dep),
            }
        }
        if !missing.is_empty() {
            return Ok(Fate::Done(Receipt::Retry(missing)));
        }
        if change.deps().is_empty() {
            return refused(ErrorCode::ChangeUnsound);
        }
        if change.start_op() <= most {
            return refused(ErrorCode::ChangeCounter);
        }
        let mut heads: BTreeSet<ChangeHash> =
            self.heads.iter().filter(|head| !change.deps().contains(head)).copied().collect();
        heads.insert(hash);
        if heads.len() > CHANGE_DEPS_MAX {
            // One change has to be able to join all ends again. Written anew it does, once the tablet has them all.
            return Ok(Fate::Done(Receipt::Reissue));
        }
        if !derived && let Some(code) = self.fit_actor(work, sender, change).await? {
            // Somebody may have brought back what was written with this actor: its writer goes on under another.
            let is_anew = self.is_restored && code == ErrorCode::ChangeActorForeign;
            return if is_anew { Ok(Fate::Done(Receipt::Reissue)) } else { refused(code) };
        }
        self.change_count = self.change_count.saturating_add(1);
        self.change_bytes = self.change_bytes.saturating_add(change.as_bytes().len());
        if self.change_count > DOCUMENT_CHANGES_MAX || self.change_bytes > DOCUMENT_BYTES_MAX {
            return refused(ErrorCode::DocumentFull);
        }
        self.heads = heads;
        self.max_ops.insert(hash, change.max_op());
        Ok(Fate::Candidate { derived })
    }

    /// Binds an actor to the device that used it first, and holds it to its order and its author.
    async fn fit_actor(
        &mut self,
        work: &mut Work,
        sender: &Sender<'_>,
        change: &CheckedChange,
    ) -> Result<Option<ErrorCode>, RelayError> {
        let actor = change.actor();
        let last_seq = match self.actors.get(&actor) {
            Some(last) => *last,
            None => match work.tx.view().actor(self.document, actor).await? {
                Some(ActorRecord { device_number, .. }) if device_number != sender.device.number => {
                    return Ok(Some(ErrorCode::ChangeActorForeign));
                }
                Some(record) => record.last_seq,
                None => 0,
            },
        };
        if change.seq() != last_seq.saturating_add(1) {
            return Ok(Some(ErrorCode::ChangeSequence));
        }
        let author = if change.seq() == 1 { Some(sender.device.account) } else { None };
        if change.author() != author {
            return Ok(Some(ErrorCode::ChangeAuthorForeign));
        }
        self.actors.insert(actor, change.seq());
        Ok(None)
    }
}
