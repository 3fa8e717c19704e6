//! Slows guessing of enrolment codes down, for everybody together: 80 bits need no more, and no address is kept.

use std::sync::{Mutex, PoisonError};

/// Wrong codes a minute before everybody waits.
const FAILURES_PER_MINUTE: u32 = 60;
const MINUTE_MS: u64 = 60_000;

/// Counts wrong codes by the minute.
#[derive(Default)]
pub(crate) struct Throttle {
    minute: Mutex<(u64, u32)>,
}

impl Throttle {
    /// Whether a code may be tried now.
    pub(crate) fn may_try(&self, now_ms: u64) -> bool {
        let (minute, failures) = *self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        minute != minute_of(now_ms) || failures < FAILURES_PER_MINUTE
    }

    /// Counts a wrong code.
    pub(crate) fn note_failure(&self, now_ms: u64) {
        let mut counted = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = minute_of(now_ms);
        let failures = if counted.0 == minute { counted.1.saturating_add(1) } else { 1 };
        *counted = (minute, failures);
    }
}

fn minute_of(now_ms: u64) -> u64 {
    now_ms.checked_div(MINUTE_MS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_waits_for_the_next_minute() {
        let throttle = Throttle::default();
        for _ in 0..FAILURES_PER_MINUTE {
            assert!(throttle.may_try(5));
            throttle.note_failure(5);
        }
        assert!(!throttle.may_try(5));
        assert!(throttle.may_try(MINUTE_MS));
    }
}
