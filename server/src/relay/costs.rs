//! What the writing transaction spends on each device: there is one writer, and nobody may have it for minutes.
//!
//! Saving and opening a document again is what a push costs, and it costs what the document weighs. So that is counted, in
//! bytes of change, and runs off with time. A device over its budget loses nothing: what it sent comes again later.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use shared::id::DeviceId;

use super::Relay;
use super::intake::Sender;
use super::prepare::Prepared;

/// What one device may cost at once: thirty-two of the largest documents there are, some four seconds of the writer.
const AT_ONCE_BYTES: u64 = 128 << 20;
/// How fast it runs off: a thirtieth of what the writer can do.
const BYTES_PER_S: u64 = 1 << 20;
const MS_PER_S: u64 = 1000;

#[derive(Clone, Copy)]
struct Spent {
    bytes: u64,
    at_ms: u64,
}

impl Spent {
    fn left_at(self, now_ms: u64) -> u64 {
        let run_off = now_ms.saturating_sub(self.at_ms).saturating_mul(BYTES_PER_S).checked_div(MS_PER_S);
        self.bytes.saturating_sub(run_off.unwrap_or(0))
    }
}

/// What each device has cost. One entry per device that ever sent something.
pub(super) struct Costs {
    at_once_bytes: u64,
    spent: Mutex<HashMap<DeviceId, Spent>>,
}

impl Default for Costs {
    fn default() -> Self {
        Self::bounded(AT_ONCE_BYTES)
    }
}

impl Costs {
    /// Costs of which a device may cause so many bytes at once.
    pub(super) fn bounded(at_once_bytes: u64) -> Self {
        Self { at_once_bytes, spent: Mutex::default() }
    }

    fn charge(&self, device: DeviceId, bytes: u64, now_ms: u64) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let left = spent.get(&device).map_or(0, |before| before.left_at(now_ms));
        spent.insert(device, Spent { bytes: left.saturating_add(bytes), at_ms: now_ms });
    }

    /// Seconds until a device may send again; none when it may now.
    pub(super) fn wait_s(&self, device: DeviceId, now_ms: u64) -> Option<u32> {
        let spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let over = spent.get(&device)?.left_at(now_ms).checked_sub(self.at_once_bytes)?;
        let seconds = over.checked_div(BYTES_PER_S).unwrap_or(0).saturating_add(1);
        Some(u32::try_from(seconds).unwrap_or(u32::MAX))
    }
}

impl Relay {
    /// Notes that a document was opened again on behalf of a sender.
    pub(super) fn charge(&self, sender: &Sender<'_>, bytes: u64) {
        self.costs.charge(sender.prepared.device_id(), bytes, sender.prepared.now_ms);
    }

    /// Whether a sender has used up what it may cost, so that the rest of its pushes comes again later.
    pub(super) fn is_spent(&self, prepared: &Prepared) -> bool {
        self.costs.wait_s(prepared.device_id(), prepared.now_ms).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_spent_runs_off_and_belongs_to_one_device() {
        let costs = Costs::bounded(10);
        let (heavy, other) = (DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        assert_eq!(costs.wait_s(heavy, 0), None);
        costs.charge(heavy, 9, 0);
        assert_eq!(costs.wait_s(heavy, 0), None);
        costs.charge(heavy, 1 + 2 * BYTES_PER_S, 0);
        assert_eq!(costs.wait_s(heavy, 0), Some(3));
        assert_eq!(costs.wait_s(heavy, 1000), Some(2));
        assert_eq!(costs.wait_s(heavy, 3000), None);
        assert_eq!(costs.wait_s(other, 0), None);
        costs.charge(heavy, BYTES_PER_S + 10, 60_000);
        assert_eq!(costs.wait_s(heavy, 60_000), Some(2), "nothing is saved up either");
    }
}
