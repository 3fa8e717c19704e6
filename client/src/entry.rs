//! What a person typed, before it becomes a value: pure, so that it is tested without a browser.

pub(crate) mod date;
pub(crate) mod line;
pub(crate) mod long_text;
pub(crate) mod name;
