//! Walks the columns of a change without expanding them.
//!
//! Run-length columns are sequences of `(signed count, …)`: a positive count repeats one value, a negative one
//! is followed by that many values, zero is followed by the number of nulls. Rows are counted against a
//! budget before anything is done per row, so that a few bytes which claim millions of rows cost nothing.

use super::ChunkFault;
use super::reader::Reader;

/// A run of equal rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run<T> {
    /// How many rows.
    pub(super) count: u64,
    /// Their value; none for nulls.
    pub(super) value: Option<T>,
}

/// How one value of a column is read.
pub(super) trait Value<'a>: Copy {
    fn read(reader: &mut Reader<'a>) -> Result<Self, ChunkFault>;
}

impl Value<'_> for u64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, ChunkFault> {
        reader.unsigned()
    }
}

impl Value<'_> for i64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, ChunkFault> {
        reader.signed()
    }
}

impl<'a> Value<'a> for &'a str {
    fn read(reader: &mut Reader<'a>) -> Result<Self, ChunkFault> {
        core::str::from_utf8(reader.prefixed()?).map_err(|_| ChunkFault::Text)
    }
}

/// Calls `each` for every run of a run-length column and returns its number of rows, at most `rows_max`.
pub(super) fn walk_runs<'a, T: Value<'a>>(
    bytes: &'a [u8],
    rows_max: u64,
    mut each: impl FnMut(Run<T>) -> Result<(), ChunkFault>,
) -> Result<u64, ChunkFault> {
    let mut reader = Reader::new(bytes);
    let mut rows = 0_u64;
    let mut add = |count: u64| {
        if count == 0 {
            return Err(ChunkFault::EmptyRun);
        }
        rows = rows.saturating_add(count);
        if rows > rows_max {
            return Err(ChunkFault::TooManyRows);
        }
        Ok(())
    };
    while !reader.is_empty() {
        let count = reader.signed()?;
        if count == 0 {
            let count = reader.unsigned()?;
            add(count)?;
            each(Run { count, value: None })?;
        } else if count > 0 {
            let count = count.unsigned_abs();
            add(count)?;
            let value = Some(T::read(&mut reader)?);
            each(Run { count, value })?;
        } else {
            let count = count.unsigned_abs();
            add(count)?;
            for _ in 0..count {
                let value = Some(T::read(&mut reader)?);
                each(Run { count: 1, value })?;
            }
        }
    }
    Ok(rows)
}

/// Counts the rows of a boolean column: counts of false and true by turns, false first.
pub(super) fn walk_booleans(bytes: &[u8], rows_max: u64) -> Result<u64, ChunkFault> {
    let mut reader = Reader::new(bytes);
    let mut rows = 0_u64;
    let mut is_first = true;
    while !reader.is_empty() {
        let count = reader.unsigned()?;
        if count == 0 && !is_first {
            return Err(ChunkFault::EmptyRun);
        }
        is_first = false;
        rows = rows.saturating_add(count);
        if rows > rows_max {
            return Err(ChunkFault::TooManyRows);
        }
    }
    Ok(rows)
}

/// Calls `each` for the counters a delta column stands for: only the ends of a run, which are its extremes.
pub(super) fn walk_deltas(
    bytes: &[u8],
    rows_max: u64,
    mut each: impl FnMut(u64) -> Result<(), ChunkFault>,
) -> Result<u64, ChunkFault> {
    let mut at = 0_i64;
    walk_runs::<i64>(bytes, rows_max, |run| {
        let Some(delta) = run.value else {
            return Ok(());
        };
        let mut step = |count: u64| {
            at = i64::try_from(count)
                .ok()
                .and_then(|count| delta.checked_mul(count))
                .and_then(|distance| at.checked_add(distance))
                .ok_or(ChunkFault::Counter)?;
            each(u64::try_from(at).map_err(|_| ChunkFault::Counter)?)
        };
        step(1)?;
        match run.count.checked_sub(1) {
            None | Some(0) => Ok(()),
            Some(more) => step(more),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows<T: for<'a> Value<'a>>(bytes: &[u8]) -> Result<u64, ChunkFault> {
        walk_runs::<T>(bytes, 100, |_| Ok(()))
    }

    #[test]
    fn runs_nulls_and_literals_are_counted() {
        // 3 times 7; 2 nulls; the literals 1 and 2.
        assert_eq!(rows::<u64>(&[3, 7, 0, 2, 0x7e, 1, 2]), Ok(7));
        assert_eq!(walk_booleans(&[0, 4, 3], 100), Ok(7));
        let mut seen = Vec::new();
        let counted = walk_deltas(&[3, 2, 0x7f, 0x7f], 100, |at| {
            seen.push(at);
            Ok(())
        });
        assert_eq!((counted, seen), (Ok(4), vec![2, 6, 5]));
    }

    #[test]
    fn a_claim_of_many_rows_costs_nothing() {
        // A count of 2^62 rows in ten bytes.
        let claim = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0xc0, 0x00, 1];
        assert_eq!(rows::<u64>(&claim), Err(ChunkFault::TooManyRows));
        assert_eq!(walk_booleans(&[0, 0xff, 0xff, 0xff, 0x7f], 100), Err(ChunkFault::TooManyRows));
        let nulls = [0, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(rows::<u64>(&nulls), Err(ChunkFault::TooManyRows));
        // i64::MIN literals.
        let least = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        assert_eq!(rows::<u64>(&least), Err(ChunkFault::TooManyRows));
    }

    #[test]
    fn empty_runs_are_refused() {
        assert_eq!(rows::<u64>(&[0, 0]), Err(ChunkFault::EmptyRun));
        assert_eq!(walk_booleans(&[2, 0, 2], 100), Err(ChunkFault::EmptyRun));
    }

    #[test]
    fn counters_below_zero_or_beyond_the_integers_are_refused() {
        assert_eq!(walk_deltas(&[1, 0x7f], 100, |_| Ok(())), Err(ChunkFault::Counter));
        let far = [2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00];
        assert_eq!(walk_deltas(&far, 100, |_| Ok(())), Err(ChunkFault::Counter));
    }
}
