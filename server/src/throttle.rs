//! Tells whoever guesses enrolment codes to wait, all guessers together, and keeps no address.
//!
//! A code has 80 bits: no rate of guessing finds one. What is counted is nothing but well-formed codes that do not exist,
//! and what waits is nobody but who sent one: whoever holds a code, or mistypes, or posts junk, is answered as ever,
//! however many others guess.

use std::sync::{Mutex, PoisonError};

/// Codes a minute that do not exist before guessers wait.
const GUESSES_PER_MINUTE: u32 = 6_000;
const MINUTE_MS: u64 = 60_000;

/// Counts guesses by the minute.
#[derive(Default)]
pub(crate) struct Throttle {
    minute: Mutex<(u64, u32)>,
}

impl Throttle {
    /// Counts a code that does not exist, and says whether its sender has to wait.
    pub(crate) fn note_guess(&self, now_ms: u64) -> bool {
        let mut counted = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = minute_of(now_ms);
        let guesses = if counted.0 == minute { counted.1.saturating_add(1) } else { 1 };
        *counted = (minute, guesses);
        guesses > GUESSES_PER_MINUTE
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
            assert!(!throttle.note_guess(5));
        }
        assert!(throttle.note_guess(5));
        assert!(!throttle.note_guess(MINUTE_MS));
    }
}
