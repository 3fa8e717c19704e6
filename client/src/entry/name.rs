//! Finds what looks like a name or a number in text that must hold neither.
//!
//! A hint for the writer, never a refusal in case work. Pure.

use core::ops::Range;

use crate::engine::query::found::fold_into;

/// Digits in a row that look like a telephone or population number; a written date has eight.
const LONG_NUMBER_DIGITS: usize = 9;
/// Letters of a word of a name that is looked for.
const KNOWN_CHARS_MIN: usize = 3;
/// Words that are usually followed by a name.
const TITLES: [&str; 10] = ["bapak", "bpk", "pak", "ibu", "bu", "sdr", "sdri", "saudara", "nona", "nn"];

/// What tells a name from other words, beside how it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Words of the names that stand in the case, folded.
    names: Vec<String>,
    /// What its writer said is no name.
    no_names: Vec<String>,
}

impl Known {
    /// Takes the names that stand in the case.
    pub(crate) fn learn(&mut self, names: &[String]) {
        let all = names.iter().flat_map(|name| words(name, is_gap));
        self.names = all.filter(|(_, word)| is_long(word)).map(|(_, word)| fold_into(String::new(), word)).collect();
    }

    /// The first thing in the text that seems to name or number somebody, apart from what its writer said is no name.
    pub(crate) fn found<'a>(&self, text: &'a str) -> Option<&'a str> {
        text.get(self.first_found(text)?)
    }

    /// The text with a code in the place of what [`Known::found`] finds.
    pub(crate) fn replace_found(&self, text: &str, code: &str) -> Option<String> {
        let Range { start, end } = self.first_found(text)?;
        Some(format!("{}{code}{}", text.get(..start)?, text.get(end..)?))
    }

    /// What is found now is no name.
    pub(crate) fn pass(&mut self, text: &str) {
        let piece = self.found(text).map(str::to_owned);
        self.no_names.extend(piece);
    }

    /// Where the first name or number stands.
    fn first_found(&self, text: &str) -> Option<Range<usize>> {
        let text = &without(text, &self.no_names);
        let found = [long_number(text), titled_name(text), self.known_name(text)];
        found.into_iter().flatten().min_by_key(|range| range.start)
    }

    /// The first name of the case: every word of it that follows without a word between.
    fn known_name(&self, text: &str) -> Option<Range<usize>> {
        let mut name: Option<Range<usize>> = None;
        for (at, word) in words(text, is_gap) {
            let is_known = is_long(word) && self.names.contains(&fold_into(String::new(), word));
            match &mut name {
                Some(name) if is_known => name.end = at.saturating_add(word.len()),
                Some(_) => break,
                None if is_known => name = Some(at..at.saturating_add(word.len())),
                None => {}
            }
        }
        name
    }
}

/// Shorter words are what names and everything else is made of.
fn is_long(word: &str) -> bool {
    word.chars().count() >= KNOWN_CHARS_MIN
}

/// What stands between the words of a name.
fn is_gap(one: char) -> bool {
    !one.is_alphanumeric() && !matches!(one, '\'' | '’')
}

/// The text with something harmless, just as long, in the place of what is no name.
fn without(text: &str, no_names: &[String]) -> String {
    no_names.iter().fold(text.to_owned(), |text, piece| text.replace(piece.as_str(), &"x".repeat(piece.len())))
}

/// The first run of digits that is too long for a date, whole.
fn long_number(text: &str) -> Option<Range<usize>> {
    let mut digits = 0_usize;
    let mut run = 0..0;
    for (at, character) in text.char_indices() {
        // Numbers are written with blanks, dots and hyphens between the groups.
        if character.is_ascii_digit() {
            if digits == 0 {
                run.start = at;
            }
            digits = digits.saturating_add(1);
            run.end = at.saturating_add(1);
        } else if !matches!(character, ' ' | '-' | '.' | '+') {
            if digits >= LONG_NUMBER_DIGITS {
                break;
            }
            digits = 0;
        }
    }
    (digits >= LONG_NUMBER_DIGITS).then_some(run)
}

/// The first name behind a title: every word of it, to the end of the sentence at most.
fn titled_name(text: &str) -> Option<Range<usize>> {
    let words: Vec<(usize, &str)> = words(text, char::is_whitespace).collect();
    let is_title = |word: &str| {
        let word = word.trim_matches(|character: char| !character.is_alphanumeric()).to_ascii_lowercase();
        TITLES.contains(&word.as_str())
    };
    let begins = words
        .windows(2)
        .position(|pair| matches!(pair, [(_, title), (_, name)] if is_title(title) && is_name(name)))?;
    let mut name: Option<Range<usize>> = None;
    for (at, word) in words.into_iter().skip(begins.saturating_add(1)).take_while(|(_, word)| is_name(word)) {
        let bare = word.trim_end_matches(|character: char| !character.is_alphanumeric());
        let end = at.saturating_add(bare.len());
        name = Some(name.map_or(at, |name| name.start)..end);
        if bare.len() < word.len() {
            break;
        }
    }
    name
}

/// Whether a word is written as a name is; a code has a digit.
fn is_name(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase) && !word.chars().any(|character| character.is_ascii_digit())
}

/// The words of a text, and where each begins.
fn words(text: &str, is_gap: fn(char) -> bool) -> impl Iterator<Item = (usize, &str)> {
    let pieces = text.split_inclusive(is_gap).scan(0_usize, move |next, piece| {
        let at = *next;
        *next = at.saturating_add(piece.len());
        Some((at, piece.trim_end_matches(is_gap)))
    });
    pieces.filter(|(_, word)| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_titled_names_are_found() {
        for text in
            ["hubungi 0810-0000-1234", "NIK 5304990101900001", "bertemu Bapak Contoh di pasar", "kata Sdr. Contoh"]
        {
            assert!(Known::default().found(text).is_some(), "{text}");
        }
    }

    #[test]
    fn codes_dates_and_plain_words_pass() {
        for text in
            ["K1 bertemu P1 pada 12-11-2026", "Ibu K1 menelepon", "bapak dari desa", "upah 3 500 000 belum dibayar", ""]
        {
            assert_eq!(Known::default().found(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_found_gives_way_to_a_code_and_the_rest_stays() {
        let replaced = |text: &str| Known::default().replace_found(text, "K1").unwrap_or_else(|| text.to_owned());
        assert_eq!(replaced("bertemu Bapak Contoh Bin Contoh di pasar"), "bertemu Bapak K1 di pasar");
        assert_eq!(replaced("kata Sdr. Contoh. Kemudian pergi"), "kata Sdr. K1. Kemudian pergi");
        assert_eq!(replaced("é hubungi 0810-0000-1234, malam"), "é hubungi K1, malam");
        assert_eq!(replaced("12-11-2026: Ibu Contoh, 5304 9901 0190 0001"), "12-11-2026: Ibu K1, 5304 9901 0190 0001");
        assert_eq!(replaced("12-11-2026: Ibu K1, 5304 9901 0190 0001"), "12-11-2026: Ibu K1, K1");
        assert_eq!(Known::default().replace_found("Ibu K1 menelepon", "K1"), None);
    }

    #[test]
    fn what_is_no_name_is_not_asked_for_again_and_another_name_is() {
        let text = "di toko Ibu Sejahtera, kata Pak Contoh";
        let mut known = Known::default();
        assert_eq!(known.found(text), Some("Sejahtera"));
        known.pass(text);
        assert_eq!(known.found(text), Some("Contoh"));
        assert_eq!(known.replace_found(text, "K2").as_deref(), Some("di toko Ibu Sejahtera, kata Pak K2"));
        assert_eq!(known.found("di toko Ibu Sejahtera, malam"), None);
    }

    fn knowing(names: &[&str]) -> Known {
        let mut known = Known::default();
        known.learn(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        known
    }

    #[test]
    fn names_of_the_case_are_found_however_they_are_written() {
        let known = knowing(&["Yosefína de Araújo-Contoh", "Li"]);
        for (text, piece) in [
            ("kemarin yosefina pulang", "yosefina"),
            ("JOSEFINA ARAUJO pulang", "JOSEFINA ARAUJO"),
            ("pulang (Araújo).", "Araújo"),
            ("kata Contoh, lalu pergi", "Contoh"),
            ("é: Ibu Yosefina Araujo Contoh pergi", "Yosefina Araujo Contoh"),
        ] {
            assert_eq!(known.found(text), Some(piece), "{text}");
        }
        assert_eq!(known.replace_found("dan yosefina araujo pergi", "K2").as_deref(), Some("dan K2 pergi"));
    }

    #[test]
    fn parts_of_words_and_short_words_are_no_names() {
        let known = knowing(&["Yosefina de Araujo", "Li", "Ana"]);
        for text in ["yosefinas pergi", "de li pergi", "anak pergi ke sana", "K1 dan P1", ""] {
            assert_eq!(known.found(text), None, "{text}");
        }
        let mut known = knowing(&["Ana"]);
        known.pass("ke kota Ana");
        assert_eq!(known.found("ke kota Ana"), None);
    }
}
