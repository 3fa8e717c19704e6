//! The only module that names Automerge.
//!
//! Owns the translation between Automerge's types and ours, so that a new version of the library (or another
//! library) changes these files and no others. Must never interpret keys or values, and must never leave an actor
//! that the library drew at random in anything that is written. Used by the rest of `document` only.

mod codec;
mod write;

use automerge::{
    ActorId as AmActor, Automerge, Change, ChangeHash as AmHash, LoadOptions, ObjId, ObjType, PatchAction, ReadDoc,
    ScalarValue, TextEncoding, Value,
};

pub(crate) use codec::{Action, DecodedChange, DecodedOp, Object, Place, decode, encode, is_canonical};
pub(crate) use write::{NewOp, Splice, Stamp};

use crate::document::path::OpId;
use crate::id::{AccountId, ActorId, ChangeHash};
use crate::value::Scalar;

/// The library refused something; the text is its own and carries no field value.
#[derive(Debug, thiserror::Error)]
pub enum CrdtError {
    /// Bytes are not one uncompressed change with a correct checksum.
    #[error("not an uncompressed Automerge change")]
    NotAChange,
    /// The library's own answer.
    #[error("the document library refused the operation")]
    Library(#[source] Box<automerge::AutomergeError>),
    /// The actor already writes for somebody else, or its counter ran out.
    #[error("the actor cannot write here")]
    ActorUnusable,
    /// An edit that contains no operation would make an empty change.
    #[error("nothing to write")]
    Nothing,
}

impl From<automerge::AutomergeError> for CrdtError {
    fn from(error: automerge::AutomergeError) -> Self {
        Self::Library(Box::new(error))
    }
}

/// What stands at one key of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Held {
    /// A value of ours.
    Scalar(Scalar),
    /// A map.
    Map,
    /// A text.
    Text,
    /// Something that Simpul never writes.
    Foreign,
}

/// A key of a map and the value that Automerge puts first there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// The operation that wrote the value.
    pub(crate) op: OpId,
    /// The value.
    pub(crate) held: Held,
    /// Whether other values stand beside it.
    pub(crate) is_disputed: bool,
}

/// What is known about one change without decoding its operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeMeta {
    /// The change.
    pub hash: ChangeHash,
    /// The changes it was made on top of.
    pub deps: Vec<ChangeHash>,
    /// Who wrote it, as the machine sees it.
    pub actor: ActorId,
    /// 1 for an actor's first change.
    pub seq: u64,
    /// Who wrote it, as a person; none for genesis and for derived text changes.
    pub author: Option<AccountId>,
    /// The writer's clock when it was written, in milliseconds since 1970 (whole seconds); advisory.
    pub time_ms: i64,
    /// A remark of the writer's device, such as `held:<hash>`.
    pub message: Option<String>,
}

/// A step that turns an older text into the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TextStep {
    /// Characters came in.
    Insert { at: usize, count: usize },
    /// Characters went.
    Delete { at: usize, count: usize },
}

/// One Automerge document.
#[derive(Debug, Clone)]
pub(crate) struct Crdt(Automerge);

impl Crdt {
    pub(crate) fn empty() -> Self {
        let mut document = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint);
        // The library drew an actor; replace it, so that nothing random can ever be written.
        document.set_actor(AmActor::from([0xff; 16].as_slice()));
        Self(document)
    }

    pub(crate) fn load(bytes: &[u8]) -> Result<Self, CrdtError> {
        let options = LoadOptions::new().text_encoding(TextEncoding::UnicodeCodePoint);
        let mut document = Automerge::load_with_options(bytes, options)?;
        document.set_actor(AmActor::from([0xff; 16].as_slice()));
        Ok(Self(document))
    }

    pub(crate) fn save(&self) -> Vec<u8> {
        self.0.save()
    }

    pub(crate) fn save_uncompressed(&self) -> Vec<u8> {
        self.0.save_nocompress()
    }

    pub(crate) fn apply(&mut self, changes: &[ParsedChange]) -> Result<(), CrdtError> {
        Ok(self.0.apply_changes(changes.iter().map(|change| change.0.clone()))?)
    }

    pub(crate) fn heads(&self) -> Vec<ChangeHash> {
        self.0.get_heads().iter().map(hash_from).collect()
    }

    /// Those of `hashes` that the document does not hold.
    pub(crate) fn missing(&self, hashes: &[ChangeHash]) -> Vec<ChangeHash> {
        let hashes: Vec<AmHash> = hashes.iter().map(hash_into).collect();
        self.0.get_missing_deps(&hashes).iter().map(hash_from).collect()
    }

    pub(crate) fn change_bytes(&self, hash: &ChangeHash) -> Option<Vec<u8>> {
        let change = self.0.get_change_by_hash(&hash_into(hash))?;
        Some(change.raw_bytes().to_vec())
    }

    /// Changes that are not ancestors of `since` (nor in it), parents before children.
    pub(crate) fn changes_since(&self, since: &[ChangeHash]) -> Vec<ParsedChange> {
        let since: Vec<AmHash> = since.iter().map(hash_into).collect();
        self.0.get_changes(&since).into_iter().map(ParsedChange).collect()
    }

    /// As [`Self::changes_since`] without the bytes.
    pub(crate) fn metas_since(&self, since: &[ChangeHash]) -> Vec<ChangeMeta> {
        let since: Vec<AmHash> = since.iter().map(hash_into).collect();
        self.0.get_changes_meta(&since).iter().filter_map(meta_from).collect()
    }

    pub(crate) fn meta(&self, hash: &ChangeHash) -> Option<ChangeMeta> {
        meta_from(&self.0.get_change_meta_by_hash(&hash_into(hash))?)
    }

    /// The greatest operation counter in the document.
    pub(crate) fn max_op(&self) -> u64 {
        let heads = self.0.get_heads();
        let metas = heads.iter().filter_map(|hash| self.0.get_change_meta_by_hash(hash));
        metas.map(|meta| meta.max_op).max().unwrap_or(0)
    }

    pub(crate) fn max_op_of(&self, hash: &ChangeHash) -> u64 {
        self.0.get_change_meta_by_hash(&hash_into(hash)).map_or(0, |meta| meta.max_op)
    }

    pub(crate) fn change_of(&self, op: &OpId) -> Option<ChangeMeta> {
        let hash = self.0.hash_for_opid(&object_id(op))?;
        self.meta(&hash_from(&hash))
    }

    pub(crate) fn keys(&self, object: &OpId) -> Vec<String> {
        self.0.keys(object_id(object)).collect()
    }

    /// What stands at each key of a map, in the order of the keys: one walk, where asking key by key would seek each.
    ///
    /// A walk over the whole document at once takes as long, and makes the tablet download 3.5 KB more.
    pub(crate) fn entries(&self, object: &OpId) -> Vec<Entry> {
        let entries = self.0.map_range(object_id(object), ..);
        entries
            .filter_map(|item| {
                let op = op_id(&item.id())?;
                let held = held_from(&item.value.into_value());
                Some(Entry { key: item.key.into_owned(), op, held, is_disputed: item.conflict })
            })
            .collect()
    }

    /// Every concurrent value at a key, in Automerge's order.
    pub(crate) fn held(&self, object: &OpId, key: &str) -> Vec<(OpId, Held)> {
        let Ok(all) = self.0.get_all(object_id(object), key) else {
            return Vec::new();
        };
        all.iter().filter_map(|(value, id)| Some((op_id(id)?, held_from(value)))).collect()
    }

    /// The value that an operation put at a key, whether or not it still stands.
    pub(crate) fn value_written_by(&self, op: &OpId, object: &OpId, key: &str) -> Option<Scalar> {
        let change = self.0.get_change_by_hash(&self.0.hash_for_opid(&object_id(op))?)?;
        let ops = decode(&ParsedChange(change))?.ops;
        let written = ops.into_iter().find(|written| written.id == *op)?;
        let at_key = written.object == Object::Made(*object) && matches!(&written.place, Place::Key(at) if at == key);
        match written.action {
            Action::Put(value) if at_key => Some(value),
            Action::Put(_) | Action::MakeMap | Action::MakeText | Action::Delete | Action::Foreign => None,
        }
    }

    pub(crate) fn text(&self, object: &OpId) -> Option<String> {
        self.0.text(object_id(object)).ok()
    }

    /// Whether a text has no characters; so it is when there is none.
    pub(crate) fn is_empty_text(&self, object: &OpId) -> bool {
        self.0.length(object_id(object)) == 0
    }

    pub(crate) fn text_at(&self, object: &OpId, heads: &[ChangeHash]) -> Option<String> {
        let heads: Vec<AmHash> = heads.iter().map(hash_into).collect();
        self.0.text_at(object_id(object), &heads).ok()
    }

    /// The steps from the text at `heads` to the present one, each in terms of the text after the steps before it.
    pub(crate) fn text_steps_since(&self, object: &OpId, heads: &[ChangeHash]) -> Option<Vec<TextStep>> {
        let heads: Vec<AmHash> = heads.iter().map(hash_into).collect();
        let patches = self.0.diff_obj(&object_id(object), &heads, &self.0.get_heads(), false).ok()?;
        patches.into_iter().map(|patch| text_step(patch.action)).collect()
    }

    /// The operation that put a character into a text.
    pub(crate) fn op_of_character(&self, object: &OpId, at: usize) -> Option<OpId> {
        let all = self.0.get_all(object_id(object), at).ok()?;
        op_id(&all.last()?.1)
    }

    /// An actor's last change: its number and its hash.
    pub(crate) fn tip(&mut self, actor: &ActorId) -> Option<(u64, ChangeHash)> {
        self.0.set_actor(actor_into(actor));
        let change = self.0.get_last_local_change()?;
        Some((change.seq(), hash_from(&change.hash())))
    }

    pub(crate) fn author_of(&self, actor: &ActorId) -> Option<AccountId> {
        let author = self.0.get_author_for_actor(&actor_into(actor))?;
        AccountId::try_from(author.as_bytes()).ok()
    }
}

/// A change whose bytes the library has read; nothing is yet said about what it does.
#[derive(Debug, Clone)]
pub(crate) struct ParsedChange(Change);

impl ParsedChange {
    /// Parses an uncompressed change.
    ///
    /// The library neither looks at the checksum nor refuses compressed chunks, so both are checked here.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, CrdtError> {
        const CHECKSUM: core::ops::Range<usize> = 4..8;
        const CHUNK_TYPE: usize = 8;
        const UNCOMPRESSED_CHANGE: u8 = 1;
        if bytes.get(CHUNK_TYPE) != Some(&UNCOMPRESSED_CHANGE) {
            return Err(CrdtError::NotAChange);
        }
        let change = Change::try_from(bytes).map_err(|_| CrdtError::NotAChange)?;
        let hash = change.hash();
        if bytes.get(CHECKSUM) != hash.as_ref().get(..CHECKSUM.len()) {
            return Err(CrdtError::NotAChange);
        }
        Ok(Self(change))
    }

    pub(crate) fn hash(&self) -> ChangeHash {
        hash_from(&self.0.hash())
    }

    pub(crate) fn deps(&self) -> Vec<ChangeHash> {
        self.0.deps().iter().map(hash_from).collect()
    }

    pub(crate) fn raw_bytes(&self) -> &[u8] {
        self.0.raw_bytes()
    }
}

fn meta_from(meta: &automerge::ChangeMetadata<'_>) -> Option<ChangeMeta> {
    Some(ChangeMeta {
        hash: hash_from(&meta.hash),
        deps: meta.deps.iter().map(hash_from).collect(),
        actor: actor_from(&meta.actor)?,
        seq: meta.seq,
        author: meta.author.as_ref().and_then(|author| AccountId::try_from(author.as_bytes()).ok()),
        time_ms: meta.timestamp.saturating_mul(1000),
        message: meta.message.as_ref().map(ToString::to_string),
    })
}

fn held_from(value: &Value<'_>) -> Held {
    match value {
        Value::Object(ObjType::Map) => Held::Map,
        Value::Object(ObjType::Text) => Held::Text,
        Value::Object(ObjType::List | ObjType::Table) => Held::Foreign,
        Value::Scalar(scalar) => scalar_from(scalar).map_or(Held::Foreign, Held::Scalar),
    }
}

pub(crate) fn scalar_from(value: &ScalarValue) -> Option<Scalar> {
    match value {
        ScalarValue::Null => Some(Scalar::Null),
        ScalarValue::Boolean(value) => Some(Scalar::Bool(*value)),
        ScalarValue::Int(value) => Some(Scalar::Int(*value)),
        ScalarValue::Str(value) => Some(Scalar::Str(value.to_string())),
        ScalarValue::Bytes(_)
        | ScalarValue::Uint(_)
        | ScalarValue::F64(_)
        | ScalarValue::Counter(_)
        | ScalarValue::Timestamp(_)
        | ScalarValue::Unknown { .. } => None,
    }
}

fn text_step(action: PatchAction) -> Option<TextStep> {
    match action {
        PatchAction::SpliceText { index, value, .. } => {
            Some(TextStep::Insert { at: index, count: value.make_string().chars().count() })
        }
        PatchAction::DeleteSeq { index, length } => Some(TextStep::Delete { at: index, count: length }),
        PatchAction::PutMap { .. }
        | PatchAction::PutSeq { .. }
        | PatchAction::Insert { .. }
        | PatchAction::Increment { .. }
        | PatchAction::Conflict { .. }
        | PatchAction::DeleteMap { .. }
        | PatchAction::Mark { .. } => None,
    }
}

fn object_id(op: &OpId) -> ObjId {
    ObjId::Id(op.counter, actor_into(&op.actor), 0)
}

fn op_id(id: &ObjId) -> Option<OpId> {
    match id {
        ObjId::Root => None,
        ObjId::Id(counter, actor, _) => Some(OpId { counter: *counter, actor: actor_from(actor)? }),
    }
}

fn actor_into(actor: &ActorId) -> AmActor {
    AmActor::from(actor.as_bytes().as_slice())
}

fn actor_from(actor: &AmActor) -> Option<ActorId> {
    ActorId::try_from(actor.to_bytes()).ok()
}

fn hash_into(hash: &ChangeHash) -> AmHash {
    AmHash(*hash.as_bytes())
}

fn hash_from(hash: &AmHash) -> ChangeHash {
    ChangeHash::from_bytes(hash.0)
}

#[cfg(test)]
mod tests;
