//! Decoded changes: Automerge's operations in our own words, and back to bytes.
//!
//! Owns the only place where a change's operations are read or composed. Reading never judges: what Simpul does not
//! write comes out as `Foreign`, so that vetting can name it. Called by writing, vetting and history.

use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId as AmOpId, OpType};
use automerge::{Author, Change, ExpandedChange, ObjType, ScalarValue};

use super::{CrdtError, ParsedChange, actor_from, actor_into, hash_from, hash_into, scalar_from};
use crate::document::path::OpId;
use crate::id::{AccountId, ActorId, ChangeHash};
use crate::order::Arrange as _;
use crate::value::Scalar;

const AUTHOR_FOOTER: u8 = 1;

/// The container an operation works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Object {
    /// The root map.
    Root,
    /// The object made by this operation.
    Made(OpId),
}

/// The place inside the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A map's key.
    Key(String),
    /// A sequence's beginning.
    Head,
    /// A sequence's element.
    Element(OpId),
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// Makes a map.
    MakeMap,
    /// Makes a text.
    MakeText,
    /// Puts a value.
    Put(Scalar),
    /// Deletes what its predecessors put.
    Delete,
    /// Anything that Simpul never writes: lists, counters, marks, bytes, floats.
    Foreign,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DecodedOp {
    /// Its own id: the change's start plus its index.
    pub(crate) id: OpId,
    pub(crate) object: Object,
    pub(crate) place: Place,
    pub(crate) action: Action,
    pub(crate) insert: bool,
    pub(crate) preds: Vec<OpId>,
}

/// One change with its operations.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DecodedChange {
    pub(crate) hash: ChangeHash,
    pub(crate) deps: Vec<ChangeHash>,
    pub(crate) actor: ActorId,
    pub(crate) seq: u64,
    pub(crate) start_op: u64,
    /// Seconds since 1970.
    pub(crate) time_s: i64,
    pub(crate) message: Option<String>,
    /// The author footer, where it is exactly one account; see [`Self::footer_is_canonical`].
    pub(crate) author: Option<AccountId>,
    pub(crate) footer_is_canonical: bool,
    pub(crate) ops: Vec<DecodedOp>,
}

/// Decodes a parsed change; none where an actor id has another length than ours.
pub(crate) fn decode(change: &ParsedChange) -> Option<DecodedChange> {
    let expanded = change.0.decode();
    let actor = actor_from(&expanded.actor_id)?;
    let start_op = expanded.start_op.get();
    let author = expanded.author.as_ref().and_then(|author| AccountId::try_from(author.as_bytes()).ok());
    let ops = expanded.operations.iter().zip(start_op..).map(|(op, counter)| decode_op(op, OpId { counter, actor }));
    Some(DecodedChange {
        hash: change.hash(),
        deps: expanded.deps.iter().map(hash_from).collect(),
        actor,
        seq: expanded.seq,
        start_op,
        time_s: expanded.time,
        message: expanded.message,
        author,
        footer_is_canonical: expanded.extra_bytes == footer(author),
        ops: ops.collect::<Option<_>>()?,
    })
}

/// Composes the bytes of a change; its `hash` is not read.
pub(crate) fn encode(change: &DecodedChange) -> Result<ParsedChange, CrdtError> {
    let start_op = NonZeroU64::new(change.start_op).ok_or(CrdtError::ActorUnusable)?;
    let mut deps: Vec<_> = change.deps.iter().map(hash_into).collect();
    deps.arrange();
    let expanded = ExpandedChange {
        operations: change.ops.iter().map(encode_op).collect(),
        actor_id: actor_into(&change.actor),
        hash: None,
        seq: change.seq,
        start_op,
        time: change.time_s,
        message: change.message.clone(),
        deps,
        extra_bytes: footer(change.author),
        author: change.author.map(|author| Author::from(author.as_bytes().to_vec())),
    };
    Ok(ParsedChange(Change::from(expanded)))
}

/// Tells whether the change is written exactly as the library would write its content.
///
/// **Source**: 48 of 48 changes that silently poisoned a document failed this and 360 of 360 valid ones passed it.
pub(crate) fn is_canonical(change: &ParsedChange) -> bool {
    Change::from(change.0.decode()).raw_bytes() == change.0.raw_bytes()
}

fn footer(author: Option<AccountId>) -> Vec<u8> {
    author.map_or_else(Vec::new, |author| {
        let mut bytes = vec![AUTHOR_FOOTER, u8::try_from(AccountId::LEN).unwrap_or_default()];
        bytes.extend_from_slice(author.as_bytes());
        bytes
    })
}

fn decode_op(op: &Op, id: OpId) -> Option<DecodedOp> {
    Some(DecodedOp {
        id,
        object: match &op.obj {
            ObjectId::Root => Object::Root,
            ObjectId::Id(made) => Object::Made(op_id(made)?),
        },
        place: match &op.key {
            Key::Map(key) => Place::Key(key.to_string()),
            Key::Seq(ElementId::Head) => Place::Head,
            Key::Seq(ElementId::Id(element)) => Place::Element(op_id(element)?),
        },
        action: match &op.action {
            OpType::Make(ObjType::Map) => Action::MakeMap,
            OpType::Make(ObjType::Text) => Action::MakeText,
            OpType::Put(value) => scalar_from(value).map_or(Action::Foreign, Action::Put),
            OpType::Delete => Action::Delete,
            OpType::Make(ObjType::List | ObjType::Table)
            | OpType::Increment(_)
            | OpType::MarkBegin(_)
            | OpType::MarkEnd(_) => Action::Foreign,
        },
        insert: op.insert,
        preds: op.pred.iter().map(op_id).collect::<Option<_>>()?,
    })
}

fn encode_op(op: &DecodedOp) -> Op {
    Op {
        action: match &op.action {
            Action::MakeMap => OpType::Make(ObjType::Map),
            Action::MakeText => OpType::Make(ObjType::Text),
            Action::Put(value) => OpType::Put(scalar_into(value)),
            Action::Delete => OpType::Delete,
            // Composed by tests only, as an example of what vetting refuses.
            Action::Foreign => OpType::Increment(1),
        },
        obj: match &op.object {
            Object::Root => ObjectId::Root,
            Object::Made(made) => ObjectId::Id(am_op_id(made)),
        },
        key: match &op.place {
            Place::Key(key) => Key::Map(key.as_str().into()),
            Place::Head => Key::head(),
            Place::Element(element) => Key::Seq(ElementId::Id(am_op_id(element))),
        },
        pred: op.preds.iter().map(am_op_id).collect(),
        insert: op.insert,
    }
}

/// Texts become `Str` scalars, which other clients read as immutable strings, never as collaborative texts.
fn scalar_into(value: &Scalar) -> ScalarValue {
    match value {
        Scalar::Null => ScalarValue::Null,
        Scalar::Bool(value) => ScalarValue::Boolean(*value),
        Scalar::Int(value) => ScalarValue::Int(*value),
        Scalar::Str(value) => ScalarValue::Str(value.as_str().into()),
    }
}

fn op_id(id: &AmOpId) -> Option<OpId> {
    Some(OpId { counter: id.counter(), actor: actor_from(id.actor())? })
}

fn am_op_id(id: &OpId) -> AmOpId {
    AmOpId::new(id.counter, &actor_into(&id.actor))
}
