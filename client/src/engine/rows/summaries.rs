//! Summaries as rows: every tab of a vault writes them, each of the documents as it read them.
//!
//! Owns that none stands over one that was made of a newer document. A document changes with its summary in one transaction,
//! or its summary follows; so whoever read a document and finds the summary it knew in its place may write the next one, and
//! whoever finds another has to read again.

use std::collections::{BTreeMap, BTreeSet};

use shared::id::DocumentId;
use shared::order::Gather as _;

use super::{FENCE_KEY, Rows};
use crate::engine::summary::Summary;
use crate::store::sealed::{Reads, Table, Writes};
use crate::store::{Durability, StoreError};

/// Summaries by their stamp as they were known when their documents were read; 0 where there was none.
pub type Stamps = BTreeMap<DocumentId, u64>;

/// What came of writing summaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Applied {
    /// They are written, with all that was to be written with them.
    Done,
    /// Nothing is: another tab wrote one of them since its document was read.
    Overtaken,
}

/// The rows to ask for.
pub(super) fn asked(stamps: &Stamps) -> impl Iterator<Item = (Table, &[u8])> {
    stamps.keys().map(|document| (Table::Summary, document.as_bytes().as_slice()))
}

/// Whether the summaries, read from this place on, are those that were known.
pub(super) fn are_known(stamps: &Stamps, reads: &Reads, from: usize) -> Result<bool, StoreError> {
    for (index, known) in stamps.values().enumerate() {
        let stands = reads.get::<Summary>(from.saturating_add(index))?.map_or(0, |summary| summary.stamp);
        if stands != *known {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Rows {
    /// The stamps of some summaries as they stand.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn stamps(&self, documents: &BTreeSet<DocumentId>) -> Result<Stamps, StoreError> {
        let summaries = self.summaries_of(documents).await?;
        let stamps = summaries.into_iter().map(|summary| summary.map_or(0, |summary| summary.stamp));
        Ok(documents.iter().copied().zip(stamps).into_map())
    }

    /// Applies writes with the summaries among them, unless one of those was written by another tab meanwhile. With a fence,
    /// only if this tab is still the one that may sync.
    ///
    /// # Errors
    /// [`StoreError::Declined`] when another tab leads; those of the store.
    pub async fn apply_summaries(
        &self,
        writes: Writes,
        stamps: &Stamps,
        fence: Option<u32>,
        durability: Durability,
    ) -> Result<Applied, StoreError> {
        if fence.is_none() && stamps.is_empty() {
            return self.apply(writes, durability).await.map(|()| Applied::Done);
        }
        let of_fence = fence.map(|_| (Table::Sync, FENCE_KEY));
        let wanted: Vec<(Table, &[u8])> = of_fence.into_iter().chain(asked(stamps)).collect();
        let applied = self.store.apply_if(&wanted, writes, durability, |reads| {
            if fence.is_some() && reads.get::<u32>(0)? != fence {
                return Err(Refused::Store(StoreError::Declined));
            }
            match are_known(stamps, reads, usize::from(fence.is_some()))? {
                true => Ok(()),
                false => Err(Refused::Overtaken),
            }
        });
        match applied.await {
            Ok(()) => Ok(Applied::Done),
            Err(Refused::Overtaken) => Ok(Applied::Overtaken),
            Err(Refused::Store(error)) => Err(error),
        }
    }
}

/// Why summaries were not written.
enum Refused {
    Store(StoreError),
    Overtaken,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
