//! Slows guessing of enrolment codes down, for everybody together, and keeps no address.
//!
//! A code has 80 bits: a hundred guesses a second find none in the age of the universe. The bound only keeps the load of
//! guessing small, so it is wide, and counts nothing but well-formed codes that do not exist: whoever mistypes, or posts
//! junk, must not keep a colleague from enrolling.

use std::sync::{Mutex, PoisonError};

/// Codes a minute that do not exist before everybody waits.
const GUESSES_PER_MINUTE: u32 = 6_000;
const MINUTE_MS: u64 = 60_000;

/// Counts guesses by the minute.
#[derive(Default)]
pub(crate) struct Throttle {
    minute: Mutex<(u64, u32)>,
}

impl Throttle {
    /// Whether a code may be tried now.
    pub(crate) fn may_try(&self, now_ms: u64) -> bool {
        let (minute, guesses) = *self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        minute != minute_of(now_ms) || guesses < GUESSES_PER_MINUTE
    }

    /// Counts a code that does not exist.
    pub(crate) fn note_guess(&self, now_ms: u64) {
        let mut counted = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = minute_of(now_ms);
        let guesses = if counted.0 == minute { counted.1.saturating_add(1) } else { 1 };
        *counted = (minute, guesses);
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
        for _ in 0..GUESSES_PER_MINUTE {
            assert!(throttle.may_try(5));
            throttle.note_guess(5);
        }
        assert!(!throttle.may_try(5));
        assert!(throttle.may_try(MINUTE_MS));
    }
}
