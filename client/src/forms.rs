//! Fields: every form is drawn from the pack, and leaving a field saves it.
//!
//! A field knows its place, never the document. There is no "Simpan" button anywhere.

pub(crate) mod area;
pub(crate) mod binding;
pub(crate) mod condition;
pub(crate) mod date;
pub(crate) mod documents;
pub(crate) mod field;
mod fresh;
pub(crate) mod input;
pub(crate) mod list;
pub(crate) mod long_text;
pub(crate) mod name_hint;
pub(crate) mod page;
pub(crate) mod picture;
pub(crate) mod rows;
pub(crate) mod text;
