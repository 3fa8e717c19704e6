//! What a person typed, before it becomes a value: pure, so that it is tested without a browser.

pub(crate) mod date;
pub(crate) mod line;
pub(crate) mod long_text;
pub(crate) mod name;

use shared::protocol::error::ErrorCode;

use crate::i18n::{T, tf};

/// What is wrong with a text that is too long, with its code.
pub(crate) fn too_long(count: usize, most: usize) -> String {
    let sentence = tf(T::FormTooLong, &[("n", &count.to_string()), ("max", &most.to_string())]);
    format!("{sentence} ({})", ErrorCode::TextTooLong)
}
