//! When a tablet syncs: soon after work, at intervals while idle, later and later when the line fails.
//!
//! Owns the waiting times; must never read a clock. 500 tablets that find the relay back at 08:00 spread themselves by
//! the jitter, whose random bytes the caller supplies.

/// After the last edit, so that a burst of edits travels together. Milliseconds.
const AFTER_WORK_MS: u64 = 400;
/// While nothing happens and the page is visible. Milliseconds.
const IDLE_MS: u64 = 20_000;
/// While nothing happens and the relay says when something does: in case its word was lost. Milliseconds.
const LIVE_IDLE_MS: u64 = 300_000;
/// Longest wait after the relay's word: what it says in a burst travels together, and whoever hears the same at the same
/// moment does not ask at the same moment. Milliseconds.
const AFTER_NEWS_MS_MAX: u64 = 400;
/// While nothing happens and the page is hidden. Milliseconds.
const HIDDEN_MS: u64 = 300_000;
/// First wait after a failure. Milliseconds.
const BACKOFF_FIRST_MS: u64 = 2_000;
/// Longest wait after failures. Milliseconds.
const BACKOFF_MAX_MS: u64 = 300_000;

/// What bears on the next round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaceInput {
    /// The user wrote something.
    Work,
    /// The user wrote something that cannot wait (an emergency), pressed the button, or the line came back.
    AtOnce,
    /// A round begins: whatever is wanted from here on is not in it any more, and waits for the next.
    Begun,
    /// A round ended well; `more` asks for another at once.
    Done {
        /// Another round at once.
        more: bool,
    },
    /// A round failed.
    Failed {
        /// What the relay asked for, seconds.
        retry_after_s: Option<u32>,
        /// Random, spreads tablets apart.
        random: u16,
    },
    /// The relay says that a round would bring something.
    News {
        /// Random, spreads tablets apart.
        random: u16,
    },
    /// The relay says from here on when a round would bring something, or says it no more.
    Live {
        /// It says so.
        open: bool,
        /// Random, spreads tablets apart.
        random: u16,
    },
    /// The page was shown or hidden.
    Visible(bool),
}

/// Says when the next round is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    due_ms: u64,
    failures: u32,
    visible: bool,
    live: bool,
    /// A round is going on; until it has ended, `due_ms` is what was wanted since it began.
    running: bool,
}

impl Pace {
    /// Due at once.
    #[must_use]
    pub const fn new(now_ms: u64) -> Self {
        Self { due_ms: now_ms, failures: 0, visible: true, live: false, running: false }
    }

    /// When the next round is due, on the clock of the inputs.
    #[must_use]
    pub const fn due_ms(&self) -> u64 {
        self.due_ms
    }

    /// Takes one input.
    pub fn note(&mut self, now_ms: u64, input: PaceInput) {
        match input {
            // If the round that is going on ends well, the line is back and what came meanwhile follows at once.
            PaceInput::Work if self.failures == 0 || self.running => {
                self.due_ms = self.due_ms.min(now_ms.saturating_add(AFTER_WORK_MS))
            }
            PaceInput::News { random } if self.failures == 0 || self.running => {
                self.due_ms = self.due_ms.min(now_ms.saturating_add(jittered(AFTER_NEWS_MS_MAX, random)));
            }
            PaceInput::Work | PaceInput::News { .. } => {}
            PaceInput::Live { open, random } => {
                self.live = open;
                // What the socket has missed comes with the next round, which is not far any more.
                if !open && self.failures == 0 && !self.running {
                    self.due_ms = self.due_ms.min(now_ms.saturating_add(jittered(self.idle_ms(), random)));
                }
            }
            PaceInput::AtOnce => {
                self.failures = 0;
                self.due_ms = now_ms;
            }
            PaceInput::Begun => {
                self.running = true;
                self.due_ms = u64::MAX;
            }
            PaceInput::Done { more } => {
                self.failures = 0;
                self.running = false;
                let idle_ms = now_ms.saturating_add(self.idle_ms());
                self.due_ms = if more { now_ms } else { self.due_ms.min(idle_ms) };
            }
            PaceInput::Failed { retry_after_s, random } => {
                self.failures = self.failures.saturating_add(1);
                self.running = false;
                let asked = u64::from(retry_after_s.unwrap_or(0)).saturating_mul(1000);
                self.due_ms = now_ms.saturating_add(asked.max(backoff_ms(self.failures, random)));
            }
            PaceInput::Visible(visible) => {
                self.visible = visible;
                if visible && self.failures == 0 {
                    self.due_ms = self.due_ms.min(now_ms.saturating_add(AFTER_WORK_MS));
                }
            }
        }
    }

    const fn idle_ms(&self) -> u64 {
        match (self.live, self.visible) {
            (true, _) => LIVE_IDLE_MS,
            (false, true) => IDLE_MS,
            (false, false) => HIDDEN_MS,
        }
    }
}

/// The wait after so many failures in a row.
#[must_use]
pub fn backoff_ms(failures: u32, random: u16) -> u64 {
    jittered(longest_backoff_ms(failures), random)
}

/// The wait after so many failures in a row, before jitter.
fn longest_backoff_ms(failures: u32) -> u64 {
    let doublings = failures.saturating_sub(1).min(16);
    BACKOFF_FIRST_MS.saturating_mul(1_u64.checked_shl(doublings).unwrap_or(u64::MAX)).min(BACKOFF_MAX_MS)
}

/// Between half and the whole of a wait.
fn jittered(wait_ms: u64, random: u16) -> u64 {
    let half = wait_ms / 2;
    half.saturating_add(half.saturating_mul(u64::from(random)) / u64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_work_makes_one_round_and_failures_wait_longer_and_longer() {
        let mut pace = Pace::new(0);
        pace.note(0, PaceInput::Begun);
        pace.note(0, PaceInput::Done { more: false });
        pace.note(1_000, PaceInput::Work);
        assert_eq!(pace.due_ms(), 1_400);
        pace.note(1_200, PaceInput::Work);
        assert_eq!(pace.due_ms(), 1_400);
        let mut waits = Vec::new();
        for _ in 0..12 {
            pace.note(10_000, PaceInput::Failed { retry_after_s: None, random: u16::MAX });
            waits.push(pace.due_ms() - 10_000);
        }
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
        assert_eq!(waits.last(), Some(&BACKOFF_MAX_MS));
        pace.note(10_000, PaceInput::Work);
        assert_eq!(pace.due_ms(), 10_000 + BACKOFF_MAX_MS, "work does not break through a wait");
        pace.note(11_000, PaceInput::AtOnce);
        assert_eq!(pace.due_ms(), 11_000);
    }

    #[test]
    fn work_during_a_round_does_not_wait_for_the_idle_one() {
        let mut pace = Pace::new(0);
        pace.note(0, PaceInput::Begun);
        pace.note(100, PaceInput::Work);
        pace.note(2_000, PaceInput::Done { more: false });
        assert_eq!(pace.due_ms(), 500);
        pace.note(2_000, PaceInput::Begun);
        pace.note(3_000, PaceInput::Done { more: false });
        assert_eq!(pace.due_ms(), 3_000 + IDLE_MS);
        // The first round that succeeds after failures carries nothing that was written while it was under way.
        pace.note(4_000, PaceInput::Failed { retry_after_s: None, random: 0 });
        pace.note(5_000, PaceInput::Begun);
        pace.note(5_100, PaceInput::Work);
        pace.note(6_000, PaceInput::Done { more: false });
        assert_eq!(pace.due_ms(), 5_500);
        // But where it fails too, its wait holds.
        pace.note(6_000, PaceInput::Begun);
        pace.note(6_100, PaceInput::Work);
        pace.note(7_000, PaceInput::Failed { retry_after_s: None, random: u16::MAX });
        assert_eq!(pace.due_ms(), 7_000 + BACKOFF_FIRST_MS);
    }

    #[test]
    fn the_relay_s_word_brings_a_round_and_a_storm_of_words_one() {
        let mut pace = Pace::new(0);
        pace.note(0, PaceInput::Begun);
        pace.note(0, PaceInput::Live { open: true, random: 0 });
        pace.note(0, PaceInput::Done { more: false });
        assert_eq!(pace.due_ms(), LIVE_IDLE_MS, "whoever is told need not ask");
        pace.note(1_000, PaceInput::News { random: u16::MAX });
        for at in 0..100 {
            pace.note(1_000 + at, PaceInput::News { random: u16::MAX });
        }
        assert_eq!(pace.due_ms(), 1_000 + AFTER_NEWS_MS_MAX);
        // A word during a round may be of something the round does not bring.
        pace.note(1_400, PaceInput::Begun);
        pace.note(1_500, PaceInput::News { random: 0 });
        pace.note(1_600, PaceInput::Done { more: false });
        assert_eq!(pace.due_ms(), 1_500 + AFTER_NEWS_MS_MAX / 2);
        pace.note(1_700, PaceInput::Begun);
        pace.note(1_800, PaceInput::Done { more: false });
        pace.note(2_000, PaceInput::Live { open: false, random: u16::MAX });
        assert_eq!(pace.due_ms(), 2_000 + IDLE_MS, "without it rounds come as before");
        // It does not break through a wait that the relay asked for.
        pace.note(3_000, PaceInput::Failed { retry_after_s: Some(600), random: 0 });
        pace.note(4_000, PaceInput::News { random: 0 });
        pace.note(4_000, PaceInput::Live { open: false, random: 0 });
        assert_eq!(pace.due_ms(), 603_000);
    }

    #[test]
    fn the_relay_may_ask_for_more_patience() {
        let mut pace = Pace::new(0);
        pace.note(0, PaceInput::Failed { retry_after_s: Some(600), random: 0 });
        assert_eq!(pace.due_ms(), 600_000);
    }
}
