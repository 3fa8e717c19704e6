//! What is wrong with a pack, by file, key and reason.

use std::fmt;

/// Names one fault of a pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackFault {
    /// File in the pack's folder.
    pub file: String,
    /// Key or line where it stands; empty when it is the file itself.
    pub key: String,
    /// What is wrong, for the person who edits packs.
    pub reason: String,
}

impl PackFault {
    /// Names a fault.
    pub fn new(file: impl Into<String>, key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { file: file.into(), key: key.into(), reason: reason.into() }
    }
}

impl fmt::Display for PackFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            write!(formatter, "{}: {}", self.file, self.reason)
        } else {
            write!(formatter, "{}: {}: {}", self.file, self.key, self.reason)
        }
    }
}
