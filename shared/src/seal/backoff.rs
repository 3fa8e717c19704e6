//! How long a vault waits after wrong passphrases. It waits; it never destroys, for that would lose unsent work.

use minicbor::{Decode, Encode};

/// Wrong attempts that cost nothing: a slip of the finger is not an attack.
pub const FREE_ATTEMPTS: u32 = 3;
/// The wait stops growing here: a guesser of five random words gains nothing, a tired person gets in again.
pub const WAIT_MS_MAX: u64 = 15 * 60 * 1_000;

/// Wrong attempts since the vault was last opened; kept unsealed beside the slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Attempts {
    /// How many.
    #[n(0)]
    pub failed_count: u32,
    /// When the last one was, by the tablet's clock.
    #[n(1)]
    pub last_failed_ms: u64,
}

impl Attempts {
    /// Counts one more wrong attempt. Written before the answer is shown, so that closing the page saves nothing.
    #[must_use]
    pub const fn fail(self, now_ms: u64) -> Self {
        Self { failed_count: self.failed_count.saturating_add(1), last_failed_ms: now_ms }
    }

    /// How long until the next attempt may be made.
    ///
    /// A clock set back must not lock a person out for years, so a last failure in the future counts as just now.
    #[must_use]
    pub const fn remaining_ms(self, now_ms: u64) -> u64 {
        let wait = wait_ms(self.failed_count);
        match now_ms.checked_sub(self.last_failed_ms) {
            Some(passed) => wait.saturating_sub(passed),
            None => wait,
        }
    }

    /// The same attempts seen from a clock that was set back: the wait starts again from now, once.
    #[must_use]
    pub const fn observed_at(self, now_ms: u64) -> Self {
        if self.last_failed_ms > now_ms {
            Self { failed_count: self.failed_count, last_failed_ms: now_ms }
        } else {
            self
        }
    }
}

/// The wait after so many wrong attempts: 1, 2, 4… seconds from the third on.
#[must_use]
pub const fn wait_ms(failed_count: u32) -> u64 {
    match failed_count.checked_sub(FREE_ATTEMPTS) {
        None => 0,
        Some(doublings) if doublings < 10 => {
            let wait = 1_000_u64 << doublings;
            if wait < WAIT_MS_MAX { wait } else { WAIT_MS_MAX }
        }
        Some(_) => WAIT_MS_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_the_third_attempt_and_stop_growing() {
        let waits: Vec<u64> = (0..8).map(wait_ms).collect();
        assert_eq!(waits, [0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000]);
        assert_eq!(wait_ms(u32::MAX), WAIT_MS_MAX);
        assert!((0..64).all(|count| wait_ms(count) <= wait_ms(count + 1)));
    }

    #[test]
    fn a_clock_set_back_delays_once_and_not_for_years() {
        let in_2031 = 1_930_000_000_000;
        let in_2026 = 1_780_000_000_000;
        let attempts = (0..4).fold(Attempts::default(), |attempts, _| attempts.fail(in_2031));
        assert_eq!(attempts.remaining_ms(in_2026), 2_000);
        let seen = attempts.observed_at(in_2026);
        assert_eq!(seen.remaining_ms(in_2026 + 2_000), 0);
    }
}
