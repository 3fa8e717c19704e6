//! The one vocabulary of what can go wrong, on the wire and on screen.
//!
//! A code has a stable number, a class that tells machines what to do, and one plain sentence in three
//! languages. Sentences never carry personal data: they are constants. The server maps codes to HTTP
//! statuses, the tablet shows sentence and number; nothing else invents error texts.

use core::fmt;

mod table;

pub use table::ErrorCode;

/// What a machine does about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The same thing works later by itself: wait and repeat.
    Retry,
    /// Kept, not merged, waiting for a person elsewhere.
    Held,
    /// This one thing was not taken as it is; it stays where it is, exportable. Everything else goes on.
    Refused,
    /// Nothing moves before a person acts: enrol anew, update, call the secretariat.
    Fatal,
    /// The request went through; the user should know this as well.
    Notice,
}

/// A language of the sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SentenceLanguage {
    /// Bahasa Indonesia, the first language of every screen.
    Indonesian,
    /// English.
    English,
    /// Tetun.
    Tetun,
}

impl SentenceLanguage {
    /// Every language, in the order of the tables.
    pub const ALL: [Self; 3] = [Self::Indonesian, Self::English, Self::Tetun];

    /// Takes a language tag; whatever is not English or Tetun is Indonesian.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        match tag {
            "en" => Self::English,
            "tet" => Self::Tetun,
            _ => Self::Indonesian,
        }
    }
}

impl ErrorCode {
    /// Whether repeating the same thing later can help.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        self.class() == ErrorClass::Retry
    }
}

/// Writes the form people read out: `S-1204`.
impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "S-{}", self.number())
    }
}

impl core::error::Error for ErrorCode {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_one_number_and_comes_back_from_it() {
        let numbers: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.number()).collect();
        assert_eq!(numbers.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_number(code.number()), Some(*code));
            assert_eq!(code.to_string(), format!("S-{}", code.number()));
            assert!((1000..2000).contains(&code.number()));
        }
        assert_eq!(ErrorCode::from_number(0), None);
        assert_eq!(ErrorCode::from_number(999), None);
    }

    #[test]
    fn every_code_says_one_plain_sentence_in_three_languages() {
        // Words of ours that people at a border post need not know (screens page, "Words on screen").
        let technical = [
            "sinkron",
            "server",
            "relay",
            "konflik",
            "karantina",
            "kompartemen",
            "password",
            "sync",
            "CRDT",
            "hash",
            "frame",
            "cursor",
            "kursor",
            "{",
            "}",
        ];
        for language in SentenceLanguage::ALL {
            let mut said = BTreeSet::new();
            for code in ErrorCode::ALL {
                let sentence = code.sentence(language);
                assert!(sentence.ends_with('.'), "{code} {language:?}: {sentence}");
                assert!((20..=200).contains(&sentence.chars().count()), "{code}: {sentence}");
                assert!(said.insert(sentence), "{code} {language:?} repeats: {sentence}");
                for word in technical {
                    assert!(!sentence.to_lowercase().contains(word), "{code} {language:?} says \"{word}\": {sentence}");
                }
            }
        }
    }

    #[test]
    fn a_sentence_differs_between_languages() {
        for code in ErrorCode::ALL {
            let said: BTreeSet<_> = SentenceLanguage::ALL.iter().map(|language| code.sentence(*language)).collect();
            assert_eq!(said.len(), 3, "{code} is not translated");
        }
    }
}
