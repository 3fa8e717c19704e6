//! The one place where the interface reads the clock.
//!
//! What is late, and for how long, is told by the later of the tablet's clock and the last time the relay was heard: a tablet
//! that woke up in 2015 must not say that a child has eleven years.

use std::sync::atomic::{AtomicU64, Ordering};

/// When the relay was last heard, by its own clock, milliseconds since 1970 UTC. It outlives the member who heard it: time is
/// the same for the next one.
static HEARD_MS: AtomicU64 = AtomicU64::new(0);

/// Notes when the relay was last heard.
pub(crate) fn heard(last_contact_ms: Option<u64>) {
    HEARD_MS.fetch_max(last_contact_ms.unwrap_or(0), Ordering::Relaxed);
}

/// Milliseconds since 1970 UTC, as far as the tablet knows: never before the relay was last heard.
pub(crate) fn now_ms() -> u64 {
    tablet_ms().max(HEARD_MS.load(Ordering::Relaxed))
}

/// Milliseconds since 1970 UTC as the tablet believes: to tell how much time has passed, which a clock that is behind does as
/// well as any.
pub(crate) fn tablet_ms() -> u64 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the browser gives whole milliseconds as a float; the cast saturates"
    )]
    let now = js_sys::Date::now() as u64;
    now
}
