//! The words of the interface in Indonesian, English and Tetun.
//!
//! Owns the sentences and the choice of language. Works anywhere in the program, inside a component or not: changing the
//! language draws the interface anew, so no sentence has to watch a signal. Never holds a word of the domain.

use std::cell::Cell;

#[cfg(feature = "ui")]
use shared::pack::Label;
use shared::pack::Language;

mod en;
mod id;
mod key;
mod tet;

pub(crate) use key::T;

thread_local! {
    static LANGUAGE: Cell<Language> = const { Cell::new(Language::Indonesian) };
}

/// The language in force.
pub(crate) fn language() -> Language {
    LANGUAGE.get()
}

/// Changes the language; the caller draws the interface anew.
pub(crate) fn set_language(language: Language) {
    LANGUAGE.set(language);
}

/// Reads a language tag; anything unknown is Indonesian.
pub(crate) fn language_of(tag: &str) -> Language {
    match tag {
        "en" => Language::English,
        "tet" => Language::Tetun,
        _ => Language::Indonesian,
    }
}

/// The tag of a language, for the engine and the `lang` attribute.
pub(crate) const fn tag_of(language: Language) -> &'static str {
    match language {
        Language::Indonesian => "id",
        Language::English => "en",
        Language::Tetun => "tet",
    }
}

/// All sentences in the order of their names, which is that of their numbers.
#[expect(clippy::indexing_slicing, clippy::as_conversions, reason = "what is out of bounds here does not compile")]
const ALL: [T; key::ALL.len()] = {
    let (mut all, mut at) = ([T::AppName; key::ALL.len()], 0);
    while at < all.len() {
        all[key::ALL[at] as usize] = key::ALL[at];
        at += 1;
    }
    at = 0;
    while at < all.len() {
        assert!(all[at] as usize == at, "a sentence stands in the list twice, and another does not");
        at += 1;
    }
    all
};

/// The sentences of a language in one piece, and where each ends: an address and a length for each weighed four times as
/// much. The compiler puts them together.
macro_rules! joined {
    ($language:ident) => {{
        const BYTES: usize = {
            let (mut bytes, mut at) = (0, 0);
            while at < ALL.len() {
                bytes += $language::sentence(ALL[at]).len();
                at += 1;
            }
            bytes
        };
        static TEXT: [u8; BYTES] = {
            let (mut text, mut next, mut at) = ([0; BYTES], 0, 0);
            while at < ALL.len() {
                let sentence = $language::sentence(ALL[at]).as_bytes();
                let mut byte = 0;
                while byte < sentence.len() {
                    text[next] = sentence[byte];
                    (next, byte) = (next + 1, byte + 1);
                }
                at += 1;
            }
            text
        };
        static ENDS: [u16; ALL.len()] = {
            assert!(BYTES <= u16::MAX as usize, "the sentences of a language have outgrown their index");
            let (mut ends, mut end, mut at) = ([0; ALL.len()], 0, 0);
            while at < ALL.len() {
                end += $language::sentence(ALL[at]).len();
                ends[at] = end as u16;
                at += 1;
            }
            ends
        };
        (TEXT.as_slice(), ENDS.as_slice())
    }};
}

#[expect(clippy::indexing_slicing, clippy::as_conversions, reason = "what is out of bounds here does not compile")]
fn sentences(language: Language) -> (&'static [u8], &'static [u16]) {
    match language {
        Language::Indonesian => joined!(id),
        Language::English => joined!(en),
        Language::Tetun => joined!(tet),
    }
}

#[expect(clippy::as_conversions, reason = "the place of a name among names")]
fn sentence(language: Language, key: T) -> &'static str {
    let (text, ends) = sentences(language);
    let place = key as usize;
    let end_of = |place: usize| ends.get(place).copied().map(usize::from);
    let start = place.checked_sub(1).and_then(end_of).unwrap_or(0);
    let bytes = end_of(place).and_then(|end| text.get(start..end)).unwrap_or_default();
    str::from_utf8(bytes).unwrap_or_default()
}

/// The sentence in the language in force.
pub(crate) fn t(key: T) -> &'static str {
    sentence(language(), key)
}

/// The sentence with its values put in.
pub(crate) fn tf(key: T, values: &[(&str, &str)]) -> String {
    values.iter().fold(t(key).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// The sentence with a count put in as `{n}`.
pub(crate) fn tn(key: T, count: impl ToString) -> String {
    tf(key, &[("n", &count.to_string())])
}

/// A label of the pack in the language in force.
#[cfg(feature = "ui")]
pub(crate) fn label(label: &Label) -> String {
    label.text(language()).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shared::protocol::error::{ErrorCode, SentenceLanguage};

    use super::*;

    const LANGUAGES: [Language; 3] = [Language::Indonesian, Language::English, Language::Tetun];

    fn arguments(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).map(|rest| rest.split_once('}').expect("an open brace is closed").0).collect()
    }

    #[test]
    fn every_name_is_in_the_list_and_finds_its_sentence() {
        let names = include_str!("i18n/key.rs").split_once("enum T {").and_then(|(_, rest)| rest.split_once('}'));
        let names = names.expect("the names stand there").0.lines().filter(|line| line.ends_with(',')).count();
        assert_eq!(key::ALL.len(), names);
        for key in key::ALL {
            assert_eq!(sentence(Language::Indonesian, *key), id::sentence(*key));
            assert_eq!(sentence(Language::English, *key), en::sentence(*key));
            assert_eq!(sentence(Language::Tetun, *key), tet::sentence(*key));
        }
    }

    #[test]
    fn every_sentence_has_the_same_arguments_in_every_language() {
        for key in key::ALL {
            let expected = arguments(sentence(Language::Indonesian, *key));
            for language in LANGUAGES {
                assert_eq!(arguments(sentence(language, *key)), expected, "{key:?} {language:?}");
            }
        }
    }

    #[test]
    fn no_sentence_is_empty_or_padded() {
        for key in key::ALL {
            for language in LANGUAGES {
                let text = sentence(language, *key);
                assert!(!text.is_empty() && text == text.trim(), "{key:?} {language:?}");
            }
        }
    }

    #[test]
    fn no_sentence_uses_a_technical_word() {
        for key in key::ALL {
            let text = sentence(Language::Indonesian, *key).to_lowercase();
            for word in
                ["sinkron", "server", "relay", "konflik", "karantina", "antrian", "submit", "password", "kompartemen"]
            {
                assert!(!text.contains(word), "{key:?} says {word}");
            }
        }
    }

    /// Where nothing can start there is no program that could choose a language: the page itself holds the sentences.
    #[test]
    fn the_page_says_why_nothing_starts_in_every_language() {
        let page = include_str!("../static/index.html");
        for code in [ErrorCode::InsecurePlace, ErrorCode::BrowserTooOld] {
            for language in SentenceLanguage::ALL {
                let said = format!(">{} ({code})</p>", code.sentence(language));
                assert!(page.contains(&said), "{said}");
            }
        }
    }

    #[test]
    fn values_are_put_in() {
        set_language(Language::Indonesian);
        assert_eq!(tn(T::PillUnsent, 12), "12 belum terkirim");
        assert_eq!(tf(T::ReportPage, &[("n", "2"), ("total", "9")]), "Halaman 2 dari 9");
    }

    #[test]
    fn a_language_tag_comes_back() {
        for language in LANGUAGES {
            assert_eq!(language_of(tag_of(language)), language);
        }
        assert_eq!(language_of("xx"), Language::Indonesian);
    }
}
