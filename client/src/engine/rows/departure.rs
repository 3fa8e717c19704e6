//! Which reports have never left this tablet, and how many people wanted no record.
//!
//! ```text
//!  begun ─▶ row "here" ─┬─ every write of the report raises its number
//!                       ├─ taken away before anything of the report is sent or exported
//!                       └─ still there, and still of the number read before: the report may be erased
//! ```
//! Several tabs write one vault, and one of them sends. So whoever sends, writes or erases asks for the row within its own
//! transaction; must never be decided by what a tab remembers.

use std::collections::BTreeSet;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use shared::id::CaseId;
use shared::order::Gather as _;

use super::look::no_looks;
use super::seen::{WAITING, tell_nothing_of};
use super::{Applied, LOCAL_PREFIX, Rows, Stamps, prefixed, summaries, wrap};
use crate::store::sealed::{Reads, Table, Writes};
use crate::store::{Durability, StoreError};

const HERE_PREFIX: &[u8] = b"here/";
const REFUSED_PREFIX: &[u8] = b"refused/";

/// A report of which nothing has left this tablet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Here {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// How often it was written to.
    #[n(1)]
    pub writes: u64,
}

/// How many people wanted nothing of them to be recorded; all that is kept of them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Refusals {
    /// Year and month, `YYYY-MM`.
    #[n(0)]
    pub month: String,
    /// Code of the kecamatan they come from; empty when it was not written.
    #[n(1)]
    pub area: String,
    /// How many.
    #[n(2)]
    pub count: u32,
}

fn here_key(case: CaseId) -> Vec<u8> {
    prefixed(HERE_PREFIX, case.as_bytes())
}

pub(super) fn report_key(case: CaseId) -> Vec<u8> {
    prefixed(LOCAL_PREFIX, case.as_bytes())
}

fn refusals_key(month: &str, area: &str) -> Vec<u8> {
    prefixed(REFUSED_PREFIX, format!("{month}/{area}").as_bytes())
}

/// A row of the case table inside its wrapping.
pub(super) fn unwrapped<T: for<'b> Decode<'b, ()>>(reads: &Reads, index: usize) -> Result<Option<T>, StoreError> {
    let corrupt = |_| StoreError::Corrupt { table: Table::Case.number(), source: None };
    reads.get::<ByteVec>(index)?.map(|bytes| minicbor::decode(&bytes).map_err(corrupt)).transpose()
}

fn asked(keys: &[Vec<u8>]) -> Vec<(Table, &[u8])> {
    keys.iter().map(|key| (Table::Case, key.as_slice())).collect()
}

/// Notes in the same writes that begin a report that it is nowhere else.
pub fn begins_here(writes: &mut Writes, case: CaseId) {
    writes.put(Table::Case, &here_key(case), &wrap(&Here { case, writes: 0 }));
}

/// Forgets that a report is nowhere else.
pub fn no_here(writes: &mut Writes, case: CaseId) {
    writes.delete(Table::Case, &here_key(case));
}

impl Rows {
    /// Reports of which nothing has left this tablet.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn here(&self) -> Result<BTreeSet<CaseId>, StoreError> {
        let here: Vec<Here> = self.with_prefix(HERE_PREFIX).await?;
        Ok(here.into_iter().map(|here| here.case).into_set())
    }

    /// The report, if nothing of it has left this tablet.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn here_of(&self, case: CaseId) -> Result<Option<Here>, StoreError> {
        let key = here_key(case);
        unwrapped(&self.store.get_many(&[(Table::Case, &key)]).await?, 0)
    }

    /// Counts of people who wanted no record.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn refusals(&self) -> Result<Vec<Refusals>, StoreError> {
        self.with_prefix(REFUSED_PREFIX).await
    }

    /// Notes, on stable storage, that something of these cases is about to leave the tablet. Who asks reads again what is to
    /// leave after this: a report that was erased before is not among it any more, and none can be erased from now on.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn departs(&self, cases: &BTreeSet<CaseId>) -> Result<(), StoreError> {
        let keys: Vec<Vec<u8>> = cases.iter().map(|case| here_key(*case)).collect();
        let asked = asked(&keys);
        let noted = self.store.update(&asked, Durability::Strict, |reads| {
            let mut writes = Writes::new();
            for (index, (table, key)) in asked.iter().enumerate() {
                if reads.bytes(index).is_some() {
                    writes.delete(*table, key);
                }
            }
            // Most of what is sent was noted before, or is no report of this tablet.
            if writes.is_empty() { Err(StoreError::Declined) } else { Ok((writes, ())) }
        });
        match noted.await {
            Ok(()) | Err(StoreError::Declined) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Applies writes to reports of this tablet, unless one of them was erased meanwhile, by whichever tab, or one of the
    /// summaries among them was written by another.
    ///
    /// # Errors
    /// [`StoreError::Declined`] when a report was erased; those of the store.
    pub async fn apply_to(
        &self,
        reports: &BTreeSet<CaseId>,
        mut writes: Writes,
        stamps: &Stamps,
        durability: Durability,
    ) -> Result<Applied, StoreError> {
        if reports.is_empty() {
            return self.apply_summaries(writes, stamps, None, durability).await;
        }
        let keys: Vec<Vec<u8>> = reports.iter().flat_map(|case| [report_key(*case), here_key(*case)]).collect();
        let mut wanted = asked(&keys);
        wanted.extend(summaries::asked(stamps));
        self.store
            .update(&wanted, durability, |reads| {
                if !summaries::are_known(stamps, reads, keys.len())? {
                    return Ok((Writes::new(), Applied::Overtaken));
                }
                for (index, case) in reports.iter().enumerate() {
                    let report = index.saturating_mul(2);
                    if reads.bytes(report).is_none() {
                        return Err(StoreError::Declined);
                    }
                    if let Some(here) = unwrapped::<Here>(reads, report.saturating_add(1))? {
                        let raised = Here { writes: here.writes.saturating_add(1), ..here };
                        writes.put(Table::Case, &here_key(*case), &wrap(&raised));
                    }
                }
                Ok((writes, Applied::Done))
            })
            .await
    }

    /// Applies the writes that end a report whose person wanted no record, and counts that person: the report as it was
    /// read (`here`), or one of which something has left already (none).
    ///
    /// # Errors
    /// [`StoreError::Declined`] when the report, or a document that is written in place of it, is no longer as it was read, or
    /// was ended before; those of the store.
    pub async fn apply_refusal(
        &self,
        case: CaseId,
        here: Option<Here>,
        (month, area): (&str, &str),
        mut writes: Writes,
        stamps: &Stamps,
    ) -> Result<(), StoreError> {
        let keys = [report_key(case), here_key(case), refusals_key(month, area)];
        let mut wanted = asked(&keys);
        wanted.push(WAITING);
        wanted.extend(summaries::asked(stamps));
        self.store
            .update(&wanted, Durability::Strict, |reads| {
                let is_known = summaries::are_known(stamps, reads, keys.len().saturating_add(1))?;
                if !is_known || reads.bytes(0).is_none() || unwrapped::<Here>(reads, 1)? != here {
                    return Err(StoreError::Declined);
                }
                // Of a report that is nowhere else, not even who looked at it stays.
                if here.is_some() {
                    no_looks(&mut writes, case);
                    tell_nothing_of(reads, keys.len(), case, &mut writes)?;
                }
                let before = unwrapped::<Refusals>(reads, 2)?.map_or(0, |refusals| refusals.count);
                let refusals =
                    Refusals { month: month.to_owned(), area: area.to_owned(), count: before.saturating_add(1) };
                writes.put(Table::Case, &refusals_key(month, area), &wrap(&refusals));
                Ok((writes, ()))
            })
            .await
    }
}
