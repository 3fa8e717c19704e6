//! A clock that says what it was told, and one that measures for benches.

use std::cell::Cell;
use std::rc::Rc;

/// Where every simulated day begins: 22 November 2025, 08:00 in Atambua; far from midnight, so that no day passes.
pub const START_MS: u64 = 1_763_769_600_000;

/// A clock that moves only when it is moved. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct ScriptedClock(Rc<Cell<u64>>);

impl Default for ScriptedClock {
    fn default() -> Self {
        Self(Rc::new(Cell::new(START_MS)))
    }
}

impl ScriptedClock {
    /// A clock that stands at a moment.
    #[must_use]
    pub fn at(now_ms: u64) -> Self {
        Self(Rc::new(Cell::new(now_ms)))
    }

    /// Milliseconds since 1970 UTC.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.0.get()
    }

    /// Lets time pass.
    pub fn pass_ms(&self, duration_ms: u64) {
        self.0.set(self.0.get().saturating_add(duration_ms));
    }
}

/// Measures how long something takes, by this machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts measuring.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock of the benches")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Milliseconds since it was started.
    #[must_use]
    pub fn elapsed_ms(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1000.0
    }
}
