//! What was opened, taken away or printed here and the centre is still to be told.
//!
//! ```text
//!  kept with its act ─▶ waits ─▶ has the number of a round, before that leaves ─▶ the relay names the number ─▶ forgotten
//! ```
//! The relay takes a number once, so a round that is cut, a crash or another tab tells the same again and nothing twice.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};
use shared::id::CaseId;
use shared::order::Gather as _;
use shared::protocol::limits::SEEN_MAX;
use shared::protocol::seen::{Seen, SeenBatch, Sight};

use super::departure::report_key;
use super::{FENCE_KEY, Rows};
use crate::store::sealed::{Reads, Table, Writes};
use crate::store::{Durability, StoreError};

/// The one row they stand in.
pub(super) const WAITING: (Table, &[u8]) = (Table::Read, b"seen");
/// How many wait, about 70 bytes each, so that one more is written in a moment. Beyond it the oldest are only counted.
const WAITING_MAX: usize = 1_000;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Waiting {
    /// What is told.
    #[n(0)]
    seen: Seen,
    /// Of which case; none of a list.
    #[n(1)]
    case: Option<CaseId>,
    /// Under which number it went out.
    #[n(2)]
    number: Option<u64>,
}

/// Has one more told, in the writes of the act itself.
pub(super) fn tell(
    reads: &Reads,
    index: usize,
    (seen, case): (Seen, Option<CaseId>),
    writes: &mut Writes,
) -> Result<(), StoreError> {
    let mut waiting: Vec<Waiting> = reads.get(index)?.unwrap_or_default();
    make_room(&mut waiting);
    waiting.push(Waiting { seen, case, number: None });
    put(writes, &waiting);
    Ok(())
}

/// Has nothing told of a case that never was.
pub(super) fn tell_nothing_of(
    reads: &Reads,
    index: usize,
    case: CaseId,
    writes: &mut Writes,
) -> Result<(), StoreError> {
    let mut waiting: Vec<Waiting> = reads.get(index)?.unwrap_or_default();
    waiting.retain(|one| one.case != Some(case));
    put(writes, &waiting);
    Ok(())
}

fn put(writes: &mut Writes, waiting: &Vec<Waiting>) {
    let (table, key) = WAITING;
    if waiting.is_empty() {
        writes.delete(table, key)
    } else {
        writes.put(table, key, waiting)
    };
}

/// Makes one number of the two oldest that have not gone out.
fn make_room(waiting: &mut Vec<Waiting>) {
    let mut free = waiting.iter().enumerate().filter(|(_, one)| one.number.is_none()).map(|(index, _)| index);
    let oldest = (free.next(), free.next());
    let (true, (Some(first), Some(second))) = (waiting.len() >= WAITING_MAX, oldest) else { return };
    let count = |waiting: &Waiting| match waiting.seen.sight {
        Sight::LetGo(count) => count,
        Sight::Opened { .. } | Sight::Exported { .. } | Sight::Printed { .. } => 1,
    };
    let next = waiting.remove(second);
    if let Some(one) = waiting.get_mut(first) {
        one.seen.sight = Sight::LetGo(count(one).saturating_add(count(&next)));
        one.case = None;
    }
}

impl Rows {
    /// Applies writes on stable storage, and has told what they are about; of a report of this tablet, unless that was erased
    /// meanwhile, by whichever tab.
    ///
    /// # Errors
    /// [`StoreError::Declined`] when it was; those of the store; nothing was written then.
    pub async fn apply_and_tell(
        &self,
        mut writes: Writes,
        seen: Seen,
        case: Option<CaseId>,
        is_report: bool,
    ) -> Result<(), StoreError> {
        let report = case.filter(|_| is_report).map(report_key);
        let of_report = report.iter().map(|key| (Table::Case, key.as_slice()));
        let asked: Vec<(Table, &[u8])> = std::iter::once(WAITING).chain(of_report).collect();
        self.store
            .update(&asked, Durability::Strict, |reads| {
                if report.is_some() && reads.bytes(1).is_none() {
                    return Err(StoreError::Declined);
                }
                tell(reads, 0, (seen, case), &mut writes)?;
                Ok((writes, ()))
            })
            .await
    }

    /// What the next round tells, none when nothing waits: what the last one told, as long as the relay has not named its
    /// number, otherwise the oldest under this number. Nothing of a report of which nothing has left this tablet. With a fence, only
    /// if this tab is still the one that may sync: whoever leads after it has told more under a larger number.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn to_tell(&self, number: u64, fence: Option<u32>) -> Result<Option<SeenBatch>, StoreError> {
        let (table, key) = WAITING;
        let waiting: Vec<Waiting> = self.store.get(table, key).await?.unwrap_or_default();
        if waiting.is_empty() {
            return Ok(None);
        }
        if let Some(number) = waiting.iter().find_map(|one| one.number) {
            return Ok(batch(number, &waiting));
        }
        let here: BTreeSet<Option<CaseId>> = self.here().await?.into_iter().map(Some).into_set();
        // A report that another tab begins meanwhile is not among them.
        let known = waiting.into_iter().map(|one| one.case).filter(|case| !here.contains(case)).into_set();
        self.store
            .update(&[WAITING, (Table::Sync, FENCE_KEY)], Durability::Strict, |reads| {
                if fence.is_some() && reads.get::<u32>(1)? != fence {
                    return Ok((Writes::new(), None));
                }
                let mut waiting: Vec<Waiting> = reads.get(0)?.unwrap_or_default();
                let chosen = waiting.iter_mut().filter(|one| one.number.is_none() && known.contains(&one.case));
                chosen.take(SEEN_MAX).for_each(|one| one.number = Some(number));
                let mut writes = Writes::new();
                put(&mut writes, &waiting);
                Ok((writes, batch(number, &waiting)))
            })
            .await
    }

    /// Forgets what was told under a number.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn told(&self, number: u64) -> Result<(), StoreError> {
        self.store
            .update(&[WAITING], Durability::Relaxed, |reads| {
                let mut waiting: Vec<Waiting> = reads.get(0)?.unwrap_or_default();
                waiting.retain(|one| one.number != Some(number));
                let mut writes = Writes::new();
                put(&mut writes, &waiting);
                Ok((writes, ()))
            })
            .await
    }
}

fn batch(number: u64, waiting: &[Waiting]) -> Option<SeenBatch> {
    let of_it = waiting.iter().filter(|one| one.number == Some(number));
    let seen: Vec<Seen> = of_it.map(|one| one.seen.clone()).collect();
    (!seen.is_empty()).then_some(SeenBatch { number, seen })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(number: Option<u64>) -> Waiting {
        let sight = Sight::Exported { table: None, rows: 1 };
        Waiting { seen: Seen { at_ms: 7, sight }, case: Some(CaseId::from_bytes([1; 16])), number }
    }

    #[test]
    fn what_has_no_room_is_counted_and_what_went_out_stays_as_it_is() {
        let mut all = vec![waiting(None), waiting(Some(4))];
        all.resize(WAITING_MAX, waiting(None));
        for count in 2..5 {
            make_room(&mut all);
            assert_eq!(all[0].seen, Seen { at_ms: 7, sight: Sight::LetGo(count) });
            assert_eq!((all[0].case, &all[1], all.len()), (None, &waiting(Some(4)), WAITING_MAX - 1));
            all.push(waiting(None));
        }
        all.truncate(9);
        make_room(&mut all);
        assert_eq!(all.len(), 9, "there is room");
    }
}
