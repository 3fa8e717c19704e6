//! Words on screen, in the languages of the interface.
//!
//! Owns the label of everything a pack names. Never translates: a missing Tetun text falls back to Indonesian.

use derive::FromPack;
use serde::Serialize;

/// Names a language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, FromPack)]
pub enum Language {
    /// Indonesian, always there.
    #[default]
    #[serde(rename = "id")]
    Indonesian,
    /// English, always there.
    #[serde(rename = "en")]
    English,
    /// Tetun, where the glossary has it.
    #[serde(rename = "tet")]
    Tetun,
}

/// Holds one text in up to three languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, FromPack)]
pub struct Label {
    /// Indonesian.
    pub id: String,
    /// English.
    pub en: String,
    /// Tetun, if somebody wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tet: Option<String>,
    /// Tells whether a native speaker has read the Tetun; the screen marks what nobody has.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tet_reviewed: bool,
}

impl Label {
    /// Returns the text, Indonesian where the language has none.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Indonesian => &self.id,
            Language::English => &self.en,
            Language::Tetun => self.tet.as_deref().unwrap_or(&self.id),
        }
    }

    /// Tells whether the text shown is a translation nobody has reviewed yet.
    #[must_use]
    pub const fn is_unreviewed(&self, language: Language) -> bool {
        matches!(language, Language::Tetun) && self.tet.is_some() && !self.tet_reviewed
    }
}

/// Tells serde to leave out what is false.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
pub(super) const fn is_false(value: &bool) -> bool {
    !*value
}
