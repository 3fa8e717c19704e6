//! Writing one change.
//!
//! Owns the framing of a local change: actor, author, sequence number, parents, time. Map operations are composed
//! with the predecessors the caller names, because the library's own `put` supersedes values that nobody has seen and
//! resolves an equal value by a delete. Texts go through the library, which knows the elements. Called by `command`
//! through `Document`.

use core::cmp::Reverse;
use std::collections::BTreeSet;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Author, AutomergeError};

use super::codec::{Action, DecodedChange, DecodedOp, Object, Place, encode};
use super::{Crdt, CrdtError, ParsedChange, actor_into, object_id};
use crate::document::path::OpId;
use crate::id::{AccountId, ActorId, ChangeHash};
use crate::order::{Arrange as _, Gather as _};
use crate::protocol::limits::{CHANGE_DEPS_MAX, CHANGE_TIME_S_MAX, OP_COUNTER_LIMIT};

/// Who writes, and when.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    pub(crate) author: AccountId,
    pub(crate) actor: ActorId,
    pub(crate) time_ms: i64,
    pub(crate) message: Option<String>,
}

/// A map operation to write.
#[derive(Debug, Clone)]
pub(crate) struct NewOp {
    pub(crate) object: OpId,
    pub(crate) key: String,
    pub(crate) action: Action,
    pub(crate) preds: Vec<OpId>,
}

/// A text operation to write: delete, then insert, at a position counted in code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) at: usize,
    pub(crate) delete: usize,
    pub(crate) insert: String,
}

impl Crdt {
    /// Writes one change of map operations and applies it.
    pub(crate) fn write(&mut self, stamp: &Stamp, ops: Vec<NewOp>) -> Result<ParsedChange, CrdtError> {
        if ops.is_empty() {
            return Err(CrdtError::Nothing);
        }
        let start_op = self.check_writable(stamp)?;
        let tip = self.tip(&stamp.actor);
        let mut deps = self.parents_for(&ops);
        if let Some((_, last)) = tip
            && !deps.contains(&last)
        {
            deps.push(last);
        }
        let change = encode(&DecodedChange {
            hash: ChangeHash::from_bytes([0; 32]),
            deps,
            actor: stamp.actor,
            seq: tip.map_or(1, |(seq, _)| seq.saturating_add(1)),
            start_op,
            time_s: seconds(stamp.time_ms),
            message: stamp.message.clone(),
            author: tip.is_none().then_some(stamp.author),
            footer_is_canonical: true,
            ops: ops.into_iter().zip(start_op..).map(|(op, counter)| new_op(op, counter, stamp.actor)).collect(),
        })?;
        self.apply(core::slice::from_ref(&change))?;
        Ok(change)
    }

    /// The heads to build on: all of them, or as many as a change may name and one's own last change leaves room for.
    ///
    /// A document with more heads than that is rare (many people, all offline). Then the head with the greatest counter
    /// is kept, so that the counters go on, and of the rest those that know what is replaced; later changes take the
    /// others in.
    fn parents_for(&self, ops: &[NewOp]) -> Vec<ChangeHash> {
        let room = CHANGE_DEPS_MAX.saturating_sub(1);
        let mut heads = self.heads();
        if heads.len() <= room {
            return heads;
        }
        let replaced = ops.iter().flat_map(|op| &op.preds).filter_map(|pred| self.change_of(pred));
        let replaced: BTreeSet<ChangeHash> = replaced.map(|meta| meta.hash).into_set();
        let max_op = self.max_op();
        heads.arrange_by_cached_key(|head| {
            let unknown: BTreeSet<ChangeHash> = self.metas_since(&[*head]).into_iter().map(|meta| meta.hash).into_set();
            let known_count = replaced.difference(&unknown).count();
            Reverse((self.max_op_of(head) == max_op, known_count, self.max_op_of(head)))
        });
        heads.truncate(room);
        heads
    }

    /// Writes one change of text operations and applies it.
    pub(crate) fn write_text(
        &mut self,
        stamp: &Stamp,
        text: &OpId,
        splices: &[Splice],
    ) -> Result<ParsedChange, CrdtError> {
        self.check_writable(stamp)?;
        // Author first: setting it draws a random actor, which the next line replaces.
        self.0.set_author(Some(Author::from(stamp.author.as_bytes().to_vec())));
        self.0.set_actor(actor_into(&stamp.actor));
        let mut options = CommitOptions::default().with_time(seconds(stamp.time_ms));
        if let Some(message) = &stamp.message {
            options.set_message(message.clone());
        }
        let text = object_id(text);
        let outcome = self.0.transact_with::<_, _, AutomergeError, _>(
            |()| options,
            |transaction| {
                splices.iter().try_for_each(|splice| {
                    let delete = isize::try_from(splice.delete).map_err(|_| AutomergeError::InvalidIndex(splice.at))?;
                    transaction.splice_text(&text, splice.at, delete, &splice.insert)
                })
            },
        );
        let hash = outcome.map_err(|failure| failure.error)?.hash.ok_or(CrdtError::Nothing)?;
        let change = automerge::ReadDoc::get_change_by_hash(&self.0, &hash).ok_or(CrdtError::Nothing)?;
        Ok(ParsedChange(change))
    }

    /// The first operation counter of the next change, once the actor may write.
    fn check_writable(&self, stamp: &Stamp) -> Result<u64, CrdtError> {
        let known = self.author_of(&stamp.actor);
        if known.is_some_and(|author| author != stamp.author) {
            return Err(CrdtError::ActorUnusable);
        }
        let start_op = self.max_op().saturating_add(1);
        if start_op >= OP_COUNTER_LIMIT {
            return Err(CrdtError::ActorUnusable);
        }
        Ok(start_op)
    }
}

/// Automerge keeps whole seconds. A clock outside what the wire allows is cut, not refused: the edit counts more.
fn seconds(time_ms: i64) -> i64 {
    time_ms.div_euclid(1000).clamp(0, CHANGE_TIME_S_MAX)
}

fn new_op(op: NewOp, counter: u64, actor: ActorId) -> DecodedOp {
    DecodedOp {
        id: OpId { counter, actor },
        object: Object::Made(op.object),
        place: Place::Key(op.key),
        action: op.action,
        insert: false,
        preds: op.preds,
    }
}
