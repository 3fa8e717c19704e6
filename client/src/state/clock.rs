//! The one place where the interface reads the clock, for wording only; nothing is decided by it.

/// Milliseconds since 1970 UTC, as the tablet believes.
pub(crate) fn now_ms() -> u64 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the browser gives whole milliseconds as a float; the cast saturates"
    )]
    let now = js_sys::Date::now() as u64;
    now
}
