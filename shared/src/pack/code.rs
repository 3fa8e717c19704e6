//! Code lists: the closed answers of a question.
//!
//! Owns codes and their words. A code is never removed or given another meaning, only retired: old documents hold it.

use derive::FromPack;
use serde::Serialize;

use super::label::{Label, is_false};

/// Holds one list of codes, in the order of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, FromPack)]
pub struct CodeList {
    /// Where the list comes from.
    pub source: String,
    /// Codes in the order they are offered.
    pub codes: Vec<Code>,
}

/// Holds one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Code {
    /// Stable code, as documents hold it.
    pub code: String,
    /// Words on screen.
    pub label: Label,
    /// Not offered any more, still read.
    #[serde(default, skip_serializing_if = "is_false")]
    pub retired: bool,
}

impl CodeList {
    /// Finds a code, retired ones too.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<&Code> {
        self.codes.iter().find(|entry| entry.code == code)
    }

    /// Lists what the screen offers.
    pub fn offered(&self) -> impl Iterator<Item = &Code> {
        self.codes.iter().filter(|entry| !entry.retired)
    }
}
