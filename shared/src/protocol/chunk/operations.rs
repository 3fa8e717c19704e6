//! The columns of a change: which there may be, how many rows each has, and what its values may be.
//!
//! Only the columns and values that our documents use pass: no marks, counters, floats, byte strings or
//! lists. Whether an operation fits its document is decided later, on the decoded operations.

use crate::id::ActorId;

use super::super::limits;
use super::ChunkFault;
use super::column::{walk_booleans, walk_deltas, walk_runs};
use super::reader::Reader;

const OBJECT_ACTOR: u64 = 0x01;
const OBJECT_COUNTER: u64 = 0x02;
const KEY_ACTOR: u64 = 0x11;
const KEY_COUNTER: u64 = 0x13;
const KEY_TEXT: u64 = 0x15;
const INSERT: u64 = 0x34;
const ACTION: u64 = 0x42;
const VALUE_META: u64 = 0x56;
const VALUE: u64 = 0x57;
const PRED_COUNT: u64 = 0x70;
const PRED_ACTOR: u64 = 0x71;
const PRED_COUNTER: u64 = 0x73;

const ACTION_MAKE_MAP: u64 = 0;
const ACTION_SET: u64 = 1;
const ACTION_DELETE: u64 = 3;
const ACTION_MAKE_TEXT: u64 = 4;

const VALUE_NULL: u64 = 0;
const VALUE_FALSE: u64 = 1;
const VALUE_TRUE: u64 = 2;
const VALUE_INTEGER: u64 = 4;
const VALUE_TEXT: u64 = 6;

/// The columns by name; an absent one is empty.
#[derive(Debug, Default)]
struct Columns<'a> {
    object_actor: &'a [u8],
    object_counter: &'a [u8],
    key_actor: &'a [u8],
    key_counter: &'a [u8],
    key_text: &'a [u8],
    insert: &'a [u8],
    action: &'a [u8],
    value_meta: &'a [u8],
    value: &'a [u8],
    pred_count: &'a [u8],
    pred_actor: &'a [u8],
    pred_counter: &'a [u8],
}

impl<'a> Columns<'a> {
    /// Reads specs, lengths and data; leaves `body` behind the last column.
    fn read(body: &mut Reader<'a>) -> Result<Self, ChunkFault> {
        let mut columns = Self::default();
        let known = 12_u64;
        let count = body.unsigned()?;
        if count > known {
            return Err(ChunkFault::Column);
        }
        let mut layout = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        for _ in 0..count {
            let spec = body.unsigned()?;
            let length = usize::try_from(body.unsigned()?).map_err(|_| ChunkFault::Truncated)?;
            if length == 0 {
                return Err(ChunkFault::Column);
            }
            layout.push((spec, length));
        }
        if !layout.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Err(ChunkFault::Column);
        }
        for (spec, length) in layout {
            *columns.slot(spec)? = body.take(length)?;
        }
        Ok(columns)
    }

    fn slot(&mut self, spec: u64) -> Result<&mut &'a [u8], ChunkFault> {
        match spec {
            OBJECT_ACTOR => Ok(&mut self.object_actor),
            OBJECT_COUNTER => Ok(&mut self.object_counter),
            KEY_ACTOR => Ok(&mut self.key_actor),
            KEY_COUNTER => Ok(&mut self.key_counter),
            KEY_TEXT => Ok(&mut self.key_text),
            INSERT => Ok(&mut self.insert),
            ACTION => Ok(&mut self.action),
            VALUE_META => Ok(&mut self.value_meta),
            VALUE => Ok(&mut self.value),
            PRED_COUNT => Ok(&mut self.pred_count),
            PRED_ACTOR => Ok(&mut self.pred_actor),
            PRED_COUNTER => Ok(&mut self.pred_counter),
            _ => Err(ChunkFault::Column),
        }
    }
}

/// Checks every column and returns the number of operations.
pub(super) fn check(body: &mut Reader<'_>, start_op: u64, other_actors: &[ActorId]) -> Result<u64, ChunkFault> {
    let columns = Columns::read(body)?;
    let rows = check_actions(columns.action)?;
    let counters_end =
        start_op.checked_add(rows).filter(|end| *end <= limits::OP_COUNTER_LIMIT).ok_or(ChunkFault::Counter)?;
    let actors =
        u64::try_from(other_actors.len()).ok().and_then(|count| count.checked_add(1)).ok_or(ChunkFault::OtherActors)?;
    let check_actor = |actor: u64| {
        if actor < actors { Ok(()) } else { Err(ChunkFault::ActorIndex) }
    };
    let check_counter = |at: u64| {
        if at < counters_end { Ok(()) } else { Err(ChunkFault::Counter) }
    };

    let optional = |found: u64| {
        if found == 0 || found == rows { Ok(()) } else { Err(ChunkFault::RowCount) }
    };
    optional(walk_runs::<u64>(columns.object_actor, rows, |run| run.value.map_or(Ok(()), check_actor))?)?;
    optional(walk_runs::<u64>(columns.object_counter, rows, |run| run.value.map_or(Ok(()), check_counter))?)?;
    optional(walk_runs::<u64>(columns.key_actor, rows, |run| run.value.map_or(Ok(()), check_actor))?)?;
    optional(walk_deltas(columns.key_counter, rows, check_counter)?)?;
    optional(walk_runs::<&str>(columns.key_text, rows, |run| {
        let length = run.value.map_or(0, str::len);
        if length <= limits::DOCUMENT_KEY_BYTES_MAX { Ok(()) } else { Err(ChunkFault::Text) }
    })?)?;
    optional(walk_booleans(columns.insert, rows)?)?;
    check_values(columns.value_meta, columns.value, rows)?;
    let preds = check_pred_counts(columns.pred_count, rows)?;
    let all = |found: u64| {
        if found == preds { Ok(()) } else { Err(ChunkFault::RowCount) }
    };
    all(walk_runs::<u64>(columns.pred_actor, preds, |run| {
        run.value.map_or(Err(ChunkFault::ActorIndex), check_actor)
    })?)?;
    all(walk_deltas(columns.pred_counter, preds, check_counter)?)?;
    Ok(rows)
}

/// The action column has a row for every operation; it alone says how many there are.
fn check_actions(bytes: &[u8]) -> Result<u64, ChunkFault> {
    let rows = walk_runs::<u64>(bytes, limits::CHANGE_OPS_MAX, |run| match run.value {
        Some(ACTION_MAKE_MAP | ACTION_SET | ACTION_DELETE | ACTION_MAKE_TEXT) => Ok(()),
        Some(_) | None => Err(ChunkFault::Action),
    })?;
    if rows == 0 { Err(ChunkFault::Empty) } else { Ok(rows) }
}

/// Every operation has a value, null for most; the raw bytes must be used up exactly.
fn check_values(meta: &[u8], raw: &[u8], rows: u64) -> Result<(), ChunkFault> {
    let mut raw = Reader::new(raw);
    let found = walk_runs::<u64>(meta, rows, |run| {
        let meta = run.value.ok_or(ChunkFault::Value)?;
        let (kind, length) = (meta & 0x0f, meta >> 4);
        let length = usize::try_from(length).map_err(|_| ChunkFault::Value)?;
        match kind {
            VALUE_NULL | VALUE_FALSE | VALUE_TRUE if length == 0 => Ok(()),
            // Counts are inside the budget by now; every value but an empty text uses bytes up.
            VALUE_INTEGER if length > 0 => (0..run.count).try_for_each(|_| check_integer(raw.take(length)?)),
            VALUE_TEXT => (0..run.count)
                .try_for_each(|_| core::str::from_utf8(raw.take(length)?).map(|_| ()).map_err(|_| ChunkFault::Text)),
            _ => Err(ChunkFault::Value),
        }
    })?;
    if found != rows {
        return Err(ChunkFault::RowCount);
    }
    if raw.is_empty() { Ok(()) } else { Err(ChunkFault::Value) }
}

fn check_integer(bytes: &[u8]) -> Result<(), ChunkFault> {
    let mut reader = Reader::new(bytes);
    reader.signed()?;
    if reader.is_empty() { Ok(()) } else { Err(ChunkFault::Value) }
}

/// Adds up how many predecessors the operations have, and refuses more than a change may have.
fn check_pred_counts(bytes: &[u8], rows: u64) -> Result<u64, ChunkFault> {
    let mut preds = 0_u64;
    let found = walk_runs::<u64>(bytes, rows, |run| {
        let each = run.value.ok_or(ChunkFault::RowCount)?;
        preds = each
            .checked_mul(run.count)
            .and_then(|more| preds.checked_add(more))
            .filter(|preds| *preds <= limits::CHANGE_PREDS_MAX)
            .ok_or(ChunkFault::TooManyRows)?;
        Ok(())
    })?;
    if found == 0 || found == rows { Ok(preds) } else { Err(ChunkFault::RowCount) }
}
