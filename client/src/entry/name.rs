//! Finds what looks like a name or a number in text that must hold neither.
//!
//! A hint for the writer, never a refusal in case work. Pure.

/// Digits in a row that look like a telephone or population number; a written date has eight.
const LONG_NUMBER_DIGITS: usize = 9;
/// Words that are usually followed by a name.
const TITLES: [&str; 10] = ["bapak", "bpk", "pak", "ibu", "bu", "sdr", "sdri", "saudara", "nona", "nn"];

/// Whether the text seems to name or number somebody.
pub(crate) fn seems_to_name(text: &str) -> bool {
    has_long_number(text) || has_title_with_name(text)
}

fn has_long_number(text: &str) -> bool {
    let mut run = 0_usize;
    for character in text.chars() {
        // Numbers are written with blanks, dots and hyphens between the groups.
        if character.is_ascii_digit() {
            run = run.saturating_add(1);
            if run >= LONG_NUMBER_DIGITS {
                return true;
            }
        } else if !matches!(character, ' ' | '-' | '.' | '+') {
            run = 0;
        }
    }
    false
}

fn has_title_with_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| match pair {
        [title, name] => {
            let title = title.trim_matches(|character: char| !character.is_alphanumeric()).to_lowercase();
            let is_code = name.chars().any(|character| character.is_ascii_digit());
            TITLES.contains(&title.as_str()) && !is_code && name.chars().next().is_some_and(char::is_uppercase)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_titled_names_are_found() {
        for text in
            ["hubungi 0810-0000-1234", "NIK 5304990101900001", "bertemu Bapak Contoh di pasar", "kata Sdr. Contoh"]
        {
            assert!(seems_to_name(text), "{text}");
        }
    }

    #[test]
    fn codes_dates_and_plain_words_pass() {
        for text in
            ["K1 bertemu P1 pada 12-11-2026", "Ibu K1 menelepon", "bapak dari desa", "upah 3 500 000 belum dibayar", ""]
        {
            assert!(!seems_to_name(text), "{text}");
        }
    }
}
