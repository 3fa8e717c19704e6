//! Randomness in the browser: the only place that draws it.

/// Fills a buffer from the browser's cryptographic source.
///
/// Stops the worker when the browser has none: a key that is not random would be worse than no key.
#[expect(clippy::expect_used, reason = "no secure context without it, and nothing sensible can go on")]
pub(super) fn fill(out: &mut [u8]) {
    getrandom::fill(out).expect("the browser gives random bytes in every secure context");
}
