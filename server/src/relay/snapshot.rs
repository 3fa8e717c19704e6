//! When each change of a document was received and from which device, in the order in which the document lists them.

use std::collections::BTreeMap;

use shared::document::Document;
use shared::document::genesis::GENESIS_HASH;
use shared::id::{ChangeHash, DocumentId};
use shared::protocol::frame::ReceivedRun;

use super::RelayError;
use crate::access_gate::permit_judge;
use crate::storage::View;
use crate::storage::record::{ChangeRecord, SnapshotRecord};

/// Directory number of what nobody wrote.
pub(super) const NOBODY: u32 = 0;

/// Puts consecutive changes that were received together into one run.
#[derive(Default)]
pub(super) struct Runs {
    runs: Vec<ReceivedRun>,
    seconds: i64,
}

impl Runs {
    /// Goes on from runs that were written before; also says how many changes they tell of.
    pub(super) fn resume(runs: Vec<ReceivedRun>) -> (Self, usize) {
        let seconds = runs.iter().map(|run| run.seconds_delta).fold(0, i64::saturating_add);
        let count = runs.iter().map(|run| u64::from(run.count)).fold(0, u64::saturating_add);
        (Self { runs, seconds }, usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Adds one change.
    pub(super) fn add(&mut self, received_ms: u64, device_number: u32) {
        let seconds = i64::try_from(received_ms.checked_div(1000).unwrap_or(0)).unwrap_or(i64::MAX);
        if let Some(last) = self.runs.last_mut()
            && last.device_number == device_number
            && self.seconds == seconds
        {
            last.count = last.count.saturating_add(1);
            return;
        }
        let seconds_delta = seconds.saturating_sub(self.seconds);
        self.runs.push(ReceivedRun { count: 1, seconds_delta, device_number });
        self.seconds = seconds;
    }

    /// Adds one change of the log.
    pub(super) fn add_change(&mut self, change: &ChangeRecord) {
        self.add(change.received_ms, if change.derived { NOBODY } else { change.device_number });
    }

    /// The runs.
    pub(super) fn into_vec(self) -> Vec<ReceivedRun> {
        self.runs
    }
}

/// Received times of a document after a push, from those before it, if the new changes stand last, as they mostly do.
pub(super) fn received_after(
    before: SnapshotRecord,
    document: &Document,
    accepted: &[ChangeHash],
    received_ms: u64,
    device_of: impl Fn(&ChangeHash) -> u32,
) -> Option<Vec<ReceivedRun>> {
    let (mut runs, told) = Runs::resume(before.received);
    let metas = document.metas_since(&[]);
    let (old, new) = metas.split_at_checked(told)?;
    let in_order = new.len() == accepted.len() && new.iter().zip(accepted).all(|(meta, hash)| meta.hash == *hash);
    // The ones told of are the ones that stood there before only if every head of then is among them.
    let same_old = before.heads.iter().all(|head| old.iter().any(|meta| meta.hash == *head));
    if !in_order || !same_old {
        return None;
    }
    for meta in new {
        runs.add(received_ms, device_of(&meta.hash));
    }
    Some(runs.into_vec())
}

/// Received times of a whole document.
pub(super) async fn received_in_order(
    view: &mut View<'_>,
    id: DocumentId,
    document: &Document,
) -> Result<Vec<ReceivedRun>, RelayError> {
    let log: BTreeMap<ChangeHash, ChangeRecord> =
        view.changes_after(&permit_judge(id), 0).await?.into_iter().map(|(_, change)| (change.hash, change)).collect();
    let mut runs = Runs::default();
    for meta in document.metas_since(&[]) {
        match log.get(&meta.hash) {
            Some(change) => runs.add_change(change),
            // Nobody sent genesis; it takes the time of what follows, so that it costs nothing.
            None => runs.add(if meta.hash == GENESIS_HASH { first_received(&log) } else { 0 }, NOBODY),
        }
    }
    Ok(runs.into_vec())
}

fn first_received(log: &BTreeMap<ChangeHash, ChangeRecord>) -> u64 {
    log.values().map(|change| change.received_ms).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_received_together_is_one_run() {
        let mut runs = Runs::default();
        for (ms, device) in [(5_000, 0), (5_400, 3), (5_900, 3), (9_000, 3), (4_000, 2)] {
            runs.add(ms, device);
        }
        let short: Vec<_> =
            runs.into_vec().iter().map(|run| (run.count, run.seconds_delta, run.device_number)).collect();
        assert_eq!(short, vec![(1, 5, 0), (2, 0, 3), (1, 4, 3), (1, -5, 2)]);
    }
}
