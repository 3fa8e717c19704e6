//! The judgement on operations.
//!
//! Owns the way from an operation's object id to a path, and the refusal of every operation that Simpul's own commands
//! never write. Must never trust a reference that is not in the change's own past: on a replica that received changes
//! in another order, such a reference has no target yet, and the library panics. Called by vetting.

use std::collections::BTreeSet;

use super::table::{ActorChange, KnownChange, ObjectTable};
use super::{ChangeFault, OperationFault, Touch, TouchedChange, TouchedOp};
use crate::document::crdt::{Action, DecodedChange, DecodedOp, Object, Place};
use crate::document::genesis::{FIELDS, GENESIS_ACTOR, ROWS, TEXTS, text_object};
use crate::document::path::{FieldPath, OpId, REMOVED, is_field_key, parse_row_key};
use crate::id::{AccountId, ActorId, ChangeHash};
use crate::order::Gather as _;
use crate::protocol::limits::{DOCUMENT_KEY_BYTES_MAX, OP_COUNTER_LIMIT};
use crate::value::Scalar;

/// A table and what a batch under judgement adds to it; dropped as a whole when the batch is refused.
pub(crate) struct Staging<'a> {
    base: &'a ObjectTable,
    added: ObjectTable,
}

impl<'a> Staging<'a> {
    pub(crate) fn on(base: &'a ObjectTable) -> Self {
        Self { base, added: ObjectTable::default() }
    }

    pub(crate) fn into_added(self) -> ObjectTable {
        self.added
    }

    /// Judges a change and notes it. `text_key` is set when the bytes are that text's derived change.
    pub(crate) fn admit(
        &mut self,
        change: &DecodedChange,
        text_key: Option<String>,
    ) -> Result<TouchedChange, ChangeFault> {
        self.check_parents(change)?;
        self.check_sequence(change, text_key.is_some())?;
        let past = self.past_of(change);
        let ops = match text_key {
            Some(key) => vec![TouchedOp { op: text_object(&key), path: FieldPath::Text(key), touch: Touch::TextMade }],
            None => self.touched(change, &past)?,
        };
        let touched = TouchedChange {
            hash: change.hash,
            deps: change.deps.clone(),
            actor: change.actor,
            seq: change.seq,
            author: change.author.or_else(|| self.author_of(&change.actor)),
            time_ms: change.time_s.saturating_mul(1000),
            message: change.message.clone(),
            derived: matches!(ops.as_slice(), [TouchedOp { touch: Touch::TextMade, .. }]),
            ops,
        };
        self.added.note(change);
        Ok(touched)
    }

    fn change(&self, hash: &ChangeHash) -> Option<&KnownChange> {
        self.added.changes.get(hash).or_else(|| self.base.changes.get(hash))
    }

    fn author_of(&self, actor: &ActorId) -> Option<AccountId> {
        self.added.authors.get(actor).or_else(|| self.base.authors.get(actor)).copied()
    }

    fn changes_of(&self, actor: &ActorId) -> impl DoubleEndedIterator<Item = &ActorChange> {
        let base = self.base.actors.get(actor).map_or(&[][..], Vec::as_slice);
        base.iter().chain(self.added.actors.get(actor).map_or(&[][..], Vec::as_slice))
    }

    fn check_parents(&self, change: &DecodedChange) -> Result<(), ChangeFault> {
        if self.change(&change.hash).is_some() {
            return Err(ChangeFault::Known);
        }
        if change.deps.is_empty() || !change.deps.is_sorted_by(|left, right| left < right) {
            return Err(ChangeFault::Parents);
        }
        let missing: Vec<ChangeHash> =
            change.deps.iter().filter(|parent| self.change(parent).is_none()).copied().collect();
        if missing.is_empty() { Ok(()) } else { Err(ChangeFault::MissingParents { missing }) }
    }

    fn check_sequence(&self, change: &DecodedChange, derived: bool) -> Result<(), ChangeFault> {
        let earlier = self.changes_of(&change.actor).count();
        let expected = u64::try_from(earlier).unwrap_or(u64::MAX).saturating_add(1);
        // A derived change is the only one that may stand without an author, and its actor writes nothing else.
        let is_actor_taken = earlier > 0 && self.author_of(&change.actor).is_none();
        if change.actor == GENESIS_ACTOR || change.seq != expected || is_actor_taken {
            return Err(ChangeFault::Sequence);
        }
        let wants_author = change.seq == 1 && !derived;
        if !change.footer_is_canonical || change.author.is_some() != wants_author {
            return Err(ChangeFault::Author);
        }
        if change.ops.is_empty() {
            return Err(ChangeFault::Empty);
        }
        let parents = change.deps.iter().filter_map(|parent| self.change(parent));
        let max_op = parents.map(|parent| parent.max_op).max().unwrap_or(0);
        let op_count = u64::try_from(change.ops.len()).unwrap_or(u64::MAX);
        let is_continued = change.start_op == max_op.saturating_add(1);
        if is_continued && change.start_op.saturating_add(op_count) < OP_COUNTER_LIMIT {
            Ok(())
        } else {
            Err(ChangeFault::Counters)
        }
    }

    /// The changes a change builds on; none means "everything known", which is the usual case and costs nothing.
    fn past_of(&self, change: &DecodedChange) -> Past {
        let mut heads: BTreeSet<ChangeHash> = self.base.heads.union(&self.added.heads).copied().into_set();
        for added in self.added.changes.values() {
            for parent in &added.deps {
                heads.remove(parent);
            }
        }
        if heads.iter().eq(change.deps.iter()) {
            return Past::Everything;
        }
        let mut past = BTreeSet::new();
        let mut open = change.deps.clone();
        while let Some(hash) = open.pop() {
            if past.insert(hash)
                && let Some(known) = self.change(&hash)
            {
                open.extend(&known.deps);
            }
        }
        Past::These(past)
    }

    /// Tells whether an operation lies in a change's past, or earlier in the change itself.
    fn precedes(&self, op: &OpId, of: &DecodedOp, change: &DecodedChange, past: &Past) -> bool {
        if op.actor == change.actor && op.counter >= change.start_op {
            return op.counter < of.id.counter;
        }
        match past {
            Past::Everything => true,
            Past::These(past) => {
                let candidates = self.changes_of(&op.actor).rev();
                candidates
                    .into_iter()
                    .find(|known| known.start_op <= op.counter)
                    .is_some_and(|known| past.contains(&known.hash))
            }
        }
    }

    fn touched(&mut self, change: &DecodedChange, past: &Past) -> Result<Vec<TouchedOp>, ChangeFault> {
        if self.last_is_missing(change, past) {
            return Err(ChangeFault::Sequence);
        }
        let mut touched: Vec<TouchedOp> = Vec::new();
        for (index, op) in change.ops.iter().enumerate() {
            let found = self.touch(op, change, past).map_err(|fault| ChangeFault::Operation { index, fault })?;
            self.added.note_op(op);
            merge_touch(&mut touched, found);
        }
        Ok(touched)
    }

    /// An actor is one thread of writing: its last change must lie in the new one's past.
    fn last_is_missing(&self, change: &DecodedChange, past: &Past) -> bool {
        match (past, self.changes_of(&change.actor).next_back()) {
            (Past::Everything, _) | (Past::These(_), None) => false,
            (Past::These(past), Some(last)) => !past.contains(&last.hash),
        }
    }

    fn touch(&self, op: &DecodedOp, change: &DecodedChange, past: &Past) -> Result<TouchedOp, OperationFault> {
        let Object::Made(object) = op.object else { return Err(OperationFault::Root) };
        if object == TEXTS {
            // Containers are made by derived changes alone.
            return Err(OperationFault::Action);
        }
        if object == ROWS {
            return touch_rows(op);
        }
        let is_fields = object == FIELDS;
        if !is_fields && !self.precedes(&object, op, change, past) {
            return Err(OperationFault::UnknownObject);
        }
        let text = self.added.text_of(&object).or_else(|| self.base.text_of(&object));
        if let Some(key) = text {
            return self.touch_text(key, &object, op, change, past);
        }
        let Place::Key(key) = &op.place else { return Err(OperationFault::Key) };
        let path = self.added.path_of(&object, key).or_else(|| self.base.path_of(&object, key));
        let path = path.ok_or(OperationFault::UnknownObject)?;
        if !is_field_key(key) {
            return Err(OperationFault::Key);
        }
        let Action::Put(value) = &op.action else { return Err(OperationFault::Action) };
        let is_mark = !is_fields && key == REMOVED;
        if op.insert || (is_mark && value.as_bool().is_none()) {
            return Err(OperationFault::Action);
        }
        let place = (object, key.clone());
        let stands_there = |pred: &OpId| {
            let known = |table: &ObjectTable| table.puts.get(&place).is_some_and(|puts| puts.contains(pred));
            (known(&self.added) || known(self.base)) && self.precedes(pred, op, change, past)
        };
        if !op.preds.is_sorted_by(|left, right| left < right) || !op.preds.iter().all(stands_there) {
            return Err(OperationFault::Predecessor);
        }
        Ok(TouchedOp { op: op.id, path, touch: Touch::Set { value: value.clone(), preds: op.preds.clone() } })
    }

    fn touch_text(
        &self,
        key: &str,
        text: &OpId,
        op: &DecodedOp,
        change: &DecodedChange,
        past: &Past,
    ) -> Result<TouchedOp, OperationFault> {
        let is_known = |element: &OpId| {
            let in_table =
                |table: &ObjectTable| table.characters.get(text).is_some_and(|known| known.contains(element));
            (in_table(&self.added) || in_table(self.base)) && self.precedes(element, op, change, past)
        };
        let (inserted_count, deleted_count) = match (&op.action, &op.place) {
            (Action::Put(Scalar::Str(character)), Place::Head | Place::Element(_)) if op.insert => {
                if character.chars().nth(1).is_some() || character.is_empty() {
                    return Err(OperationFault::Action);
                }
                if matches!(&op.place, Place::Element(element) if !is_known(element)) {
                    return Err(OperationFault::Element);
                }
                if !op.preds.is_empty() {
                    return Err(OperationFault::Predecessor);
                }
                (1, 0)
            }
            (Action::Delete, Place::Element(element)) if !op.insert => {
                if !is_known(element) {
                    return Err(OperationFault::Element);
                }
                if op.preds != [*element] {
                    return Err(OperationFault::Predecessor);
                }
                (0, 1)
            }
            (_, Place::Key(_)) => return Err(OperationFault::Key),
            (_, Place::Head | Place::Element(_)) => return Err(OperationFault::Action),
        };
        let path = FieldPath::Text(key.to_owned());
        Ok(TouchedOp { op: op.id, path, touch: Touch::Text { inserted_count, deleted_count } })
    }
}

/// What a change builds on.
enum Past {
    Everything,
    These(BTreeSet<ChangeHash>),
}

/// A row is made once and never replaced: an operation with predecessors there would hide a row.
fn touch_rows(op: &DecodedOp) -> Result<TouchedOp, OperationFault> {
    let Place::Key(key) = &op.place else { return Err(OperationFault::Key) };
    let (table, row) = parse_row_key(key).filter(|_| key.len() <= DOCUMENT_KEY_BYTES_MAX).ok_or(OperationFault::Key)?;
    if op.action != Action::MakeMap || op.insert {
        return Err(OperationFault::Action);
    }
    if !op.preds.is_empty() {
        return Err(OperationFault::Predecessor);
    }
    Ok(TouchedOp { op: op.id, path: FieldPath::RowMade { table: table.to_owned(), row }, touch: Touch::RowMade })
}

fn merge_touch(touched: &mut Vec<TouchedOp>, next: TouchedOp) {
    if let Touch::Text { inserted_count: more_in, deleted_count: more_out } = next.touch
        && let Some(last) = touched.iter_mut().rev().find(|last| last.path == next.path)
        && let Touch::Text { inserted_count, deleted_count } = &mut last.touch
    {
        *inserted_count = inserted_count.saturating_add(more_in);
        *deleted_count = deleted_count.saturating_add(more_out);
        return;
    }
    touched.push(next);
}
