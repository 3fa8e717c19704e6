//! Our own check of an Automerge change's bytes, before Automerge sees them.
//!
//! Automerge 0.12 trusts what it parses: 69 well-formed bytes can cost it seconds and gigabytes, and an actor
//! index out of range panics. [`CheckedChange`] proves that a chunk is an uncompressed change in the one form
//! our documents use, with every count inside its limit. It does not prove that the change fits its document;
//! that is the trial's part (`document`). Used by the relay on what arrives and by the tablet before applying.
//!
//! ```text
//! 85 6f 4a 83 | check sum 4 | type 1 | length | deps | actor | seq | start op | time | message | other actors
//!             | column specs and lengths | columns … | author footer (only with seq 1)
//! check sum = first four bytes of the hash; hash = SHA-256(type | length | everything after the length)
//! ```

mod column;
mod operations;
mod reader;

use sha2::{Digest, Sha256};

use crate::id::{AccountId, ActorId, ChangeHash};

use super::error::ErrorCode;
use super::limits;
use reader::Reader;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHUNK_TYPE_DOCUMENT: u8 = 0;
const CHUNK_TYPE_CHANGE: u8 = 1;
/// Footer number 1, then the length of an account id.
const AUTHOR_FOOTER_HEAD: [u8; 2] = [1, 16];
/// Belongs to the genesis, which no device writes.
const GENESIS_ACTOR: ActorId = ActorId::from_bytes([0; 16]);

/// Why bytes are no change that we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ChunkFault {
    /// Larger than one change may be.
    #[error("the change is larger than its limit")]
    TooLarge,
    /// The bytes end too soon.
    #[error("the change ends in the middle")]
    Truncated,
    /// Bytes follow the change.
    #[error("bytes follow the change")]
    Trailing,
    /// Does not start like a chunk.
    #[error("not an Automerge chunk")]
    Magic,
    /// A document, a compressed change or something unknown.
    #[error("not an uncompressed change chunk")]
    Type,
    /// The check sum does not match the content.
    #[error("the check sum does not match the content")]
    Checksum,
    /// A number is not in its shortest form, or too large.
    #[error("a number is overlong or too large")]
    Number,
    /// Text is no UTF-8, or longer than its limit.
    #[error("a text is no UTF-8 or too long")]
    Text,
    /// Too many parents, or not ascending, or none although this is not the genesis.
    #[error("the parents are too many, unordered or missing")]
    Parents,
    /// The actor has not 16 bytes, or is the genesis' own.
    #[error("the actor is no 16 bytes or reserved")]
    Actor,
    /// The other actors are too many, not ascending, or contain the change's own.
    #[error("the other actors are too many or unordered")]
    OtherActors,
    /// The sequence number is zero.
    #[error("the sequence number is zero")]
    Sequence,
    /// An operation counter is zero or too large.
    #[error("an operation counter is out of range")]
    Counter,
    /// The claimed time is out of range.
    #[error("the claimed time is out of range")]
    Time,
    /// A column is unknown, repeated, unordered, empty or compressed.
    #[error("a column is unknown, repeated, unordered, empty or compressed")]
    Column,
    /// More operations or predecessors than a change may have.
    #[error("more operations or predecessors than a change may have")]
    TooManyRows,
    /// A run of no rows.
    #[error("a run of no rows")]
    EmptyRun,
    /// The columns have different numbers of rows.
    #[error("the columns differ in their number of rows")]
    RowCount,
    /// There is no operation.
    #[error("the change holds no operation")]
    Empty,
    /// An actor index points nowhere.
    #[error("an actor index points nowhere")]
    ActorIndex,
    /// An operation that our documents never hold.
    #[error("an operation that documents never hold")]
    Action,
    /// A value that our documents never hold, or of the wrong length.
    #[error("a value that documents never hold")]
    Value,
    /// What follows the columns is not exactly an author.
    #[error("what follows the columns is not an author")]
    Footer,
}

impl ChunkFault {
    /// The code the sender is told.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::TooLarge | Self::TooManyRows => ErrorCode::ChangeTooLarge,
            Self::Checksum => ErrorCode::ChangeChecksum,
            Self::Magic | Self::Type => ErrorCode::ChangeKind,
            Self::Actor => ErrorCode::ChangeReserved,
            Self::Action | Self::Value => ErrorCode::ChangeSchema,
            Self::Truncated
            | Self::Trailing
            | Self::Number
            | Self::Text
            | Self::Parents
            | Self::OtherActors
            | Self::Sequence
            | Self::Counter
            | Self::Time
            | Self::Column
            | Self::EmptyRun
            | Self::RowCount
            | Self::Empty
            | Self::ActorIndex
            | Self::Footer => ErrorCode::ChangeMalformed,
        }
    }
}

/// A change whose bytes passed the check.
///
/// **Shape**: exactly one uncompressed change chunk; see the module's picture.
/// **Source**: Automerge binary format; protocol page, "Changes".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedChange {
    bytes: Vec<u8>,
    hash: ChangeHash,
    deps: Vec<ChangeHash>,
    actor: ActorId,
    seq: u64,
    start_op: u64,
    op_count: u64,
    time_s: i64,
    message: Option<String>,
    other_actors: Vec<ActorId>,
    author: Option<AccountId>,
}

impl CheckedChange {
    /// Checks `bytes`; works in time and memory proportional to their length.
    ///
    /// # Errors
    /// [`ChunkFault`] naming the first thing that is wrong.
    pub fn check(bytes: &[u8]) -> Result<Self, ChunkFault> {
        if bytes.len() > limits::CHANGE_BYTES_MAX {
            return Err(ChunkFault::TooLarge);
        }
        let (hash, mut body) = check_header(bytes, CHUNK_TYPE_CHANGE)?;
        let deps = read_hashes(&mut body, limits::CHANGE_DEPS_MAX)?;
        let actor = read_actor(&mut body)?;
        if (actor == GENESIS_ACTOR) != deps.is_empty() {
            return Err(if deps.is_empty() { ChunkFault::Parents } else { ChunkFault::Actor });
        }
        let seq = body.unsigned()?;
        if seq == 0 || seq >= limits::OP_COUNTER_LIMIT {
            return Err(ChunkFault::Sequence);
        }
        let start_op = body.unsigned()?;
        if start_op == 0 || start_op >= limits::OP_COUNTER_LIMIT {
            return Err(ChunkFault::Counter);
        }
        let time_s = body.signed()?;
        if !(0..=limits::CHANGE_TIME_S_MAX).contains(&time_s) {
            return Err(ChunkFault::Time);
        }
        let message = read_message(&mut body)?;
        let other_actors = read_other_actors(&mut body, actor)?;
        let op_count = operations::check(&mut body, start_op, &other_actors)?;
        let author = read_author(body, seq)?;
        Ok(Self {
            bytes: bytes.to_vec(),
            hash,
            deps,
            actor,
            seq,
            start_op,
            op_count,
            time_s,
            message,
            other_actors,
            author,
        })
    }

    /// The bytes, as they arrived.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the bytes away.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Its hash.
    #[must_use]
    pub const fn hash(&self) -> ChangeHash {
        self.hash
    }

    /// Its parents, ascending; none only for the genesis.
    #[must_use]
    pub fn deps(&self) -> &[ChangeHash] {
        &self.deps
    }

    /// Who wrote it, as the change claims.
    #[must_use]
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// Which of the actor's changes it is, from 1.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Counter of its first operation.
    #[must_use]
    pub const fn start_op(&self) -> u64 {
        self.start_op
    }

    /// How many operations it holds; at least one.
    #[must_use]
    pub const fn op_count(&self) -> u64 {
        self.op_count
    }

    /// Counter of its last operation.
    #[must_use]
    pub const fn max_op(&self) -> u64 {
        self.start_op.saturating_add(self.op_count).saturating_sub(1)
    }

    /// When it was written, as the change claims, in seconds since 1970 UTC.
    #[must_use]
    pub const fn time_s(&self) -> i64 {
        self.time_s
    }

    /// Its message.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The other actors it refers to, ascending.
    #[must_use]
    pub fn other_actors(&self) -> &[ActorId] {
        &self.other_actors
    }

    /// The account named in the footer; only with seq 1, and none for the genesis and derived text changes.
    #[must_use]
    pub const fn author(&self) -> Option<AccountId> {
        self.author
    }

    /// Whether it claims to be the genesis; compare its hash before believing it.
    #[must_use]
    pub fn claims_genesis(&self) -> bool {
        self.actor == GENESIS_ACTOR
    }
}

/// Reads which changes a saved document ends in, without opening it.
///
/// Proves that the bytes are one whole saved document as its writer made it (length and check sum), not that they open.
///
/// ```text
/// 85 6f 4a 83 | check sum 4 | type 0 | length | actors | heads | columns …
/// ```
///
/// # Errors
/// [`ChunkFault`], as for a change; [`ChunkFault::Parents`] when the heads are none, too many, or not ascending.
pub fn heads_of_saved(bytes: &[u8]) -> Result<Vec<ChangeHash>, ChunkFault> {
    let (_, mut body) = check_header(bytes, CHUNK_TYPE_DOCUMENT)?;
    for _ in 0..body.unsigned()? {
        body.prefixed()?;
    }
    let heads = read_hashes(&mut body, limits::HEADS_MAX)?;
    if heads.is_empty() { Err(ChunkFault::Parents) } else { Ok(heads) }
}

/// Checks magic, type, length and check sum; gives the hash and what follows the header.
fn check_header(bytes: &[u8], chunk_type: u8) -> Result<(ChangeHash, Reader<'_>), ChunkFault> {
    let mut reader = Reader::new(bytes);
    if reader.array::<4>()? != MAGIC {
        return Err(ChunkFault::Magic);
    }
    let checksum = reader.array::<4>()?;
    let hashed = reader.rest();
    if reader.byte()? != chunk_type {
        return Err(ChunkFault::Type);
    }
    let length = usize::try_from(reader.unsigned()?).map_err(|_| ChunkFault::Truncated)?;
    match reader.remaining() {
        left if left < length => return Err(ChunkFault::Truncated),
        left if left > length => return Err(ChunkFault::Trailing),
        _ => {}
    }
    let hash: [u8; 32] = Sha256::digest(hashed).into();
    if !hash.starts_with(&checksum) {
        return Err(ChunkFault::Checksum);
    }
    Ok((ChangeHash::from_bytes(hash), reader))
}

/// A count that stays inside `max`, else `fault`.
fn read_count(body: &mut Reader<'_>, max: usize, fault: ChunkFault) -> Result<usize, ChunkFault> {
    usize::try_from(body.unsigned()?).ok().filter(|count| *count <= max).ok_or(fault)
}

fn read_hashes(body: &mut Reader<'_>, max: usize) -> Result<Vec<ChangeHash>, ChunkFault> {
    let count = read_count(body, max, ChunkFault::Parents)?;
    let mut deps = Vec::with_capacity(count);
    for _ in 0..count {
        deps.push(ChangeHash::from_bytes(body.array()?));
    }
    if deps.is_sorted_by(|one, next| one < next) { Ok(deps) } else { Err(ChunkFault::Parents) }
}

fn read_actor(body: &mut Reader<'_>) -> Result<ActorId, ChunkFault> {
    ActorId::try_from(body.prefixed()?).map_err(|_| ChunkFault::Actor)
}

fn read_message(body: &mut Reader<'_>) -> Result<Option<String>, ChunkFault> {
    let bytes = body.prefixed()?;
    if bytes.len() > limits::CHANGE_MESSAGE_BYTES_MAX {
        return Err(ChunkFault::Text);
    }
    let message = core::str::from_utf8(bytes).map_err(|_| ChunkFault::Text)?;
    Ok((!message.is_empty()).then(|| message.to_owned()))
}

fn read_other_actors(body: &mut Reader<'_>, own: ActorId) -> Result<Vec<ActorId>, ChunkFault> {
    let count = read_count(body, limits::CHANGE_ACTORS_MAX, ChunkFault::OtherActors)?;
    let mut actors = Vec::with_capacity(count);
    for _ in 0..count {
        actors.push(ActorId::try_from(body.prefixed()?).map_err(|_| ChunkFault::OtherActors)?);
    }
    if actors.is_sorted_by(|one, next| one < next) && !actors.contains(&own) {
        Ok(actors)
    } else {
        Err(ChunkFault::OtherActors)
    }
}

fn read_author(body: Reader<'_>, seq: u64) -> Result<Option<AccountId>, ChunkFault> {
    match body.rest() {
        [] => Ok(None),
        footer if seq == 1 => footer
            .strip_prefix(&AUTHOR_FOOTER_HEAD)
            .and_then(|author| AccountId::try_from(author).ok())
            .map(Some)
            .ok_or(ChunkFault::Footer),
        _ => Err(ChunkFault::Footer),
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
