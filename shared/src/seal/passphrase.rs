//! Passphrases: five common Indonesian words, or a long one of the person's own.
//!
//! Called by the unlock and enrolment screens (suggestions, strength) and by the vault. Must never log or print one.

use std::sync::OnceLock;

use crate::order::Arrange as _;
use minicbor::{Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Words of a generated passphrase: 5 × 11 bits, beyond any guessing at Argon2id's price.
pub const WORD_COUNT: usize = 5;
/// Characters a passphrase of one's own needs at least.
pub const OWN_LEN_MIN: usize = 15;
/// Bytes a passphrase may have at most, so that a paste of a whole page is refused and not hashed.
pub const LEN_MAX: usize = 512;
/// Letters after which suggestions are shown.
pub const PREFIX_LEN_MIN: usize = 2;

const WORDS: &str = include_str!("../../packs/words.id.txt");
const COMMON: &str = include_str!("common.txt");

/// A passphrase as it is hashed: trimmed, spaces collapsed, lower case. Zeroed when dropped, never printed.
///
/// Case is dropped because tablets capitalise first letters by themselves, and a person must not be locked out by that.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Encode, Decode)]
#[cbor(transparent)]
pub struct Passphrase(#[n(0)] String);

/// A text cannot be a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Nothing but spaces.
    #[error("a passphrase is not empty")]
    Empty,
    /// Longer than [`LEN_MAX`].
    #[error("a passphrase has at most {LEN_MAX} bytes")]
    TooLong,
}

impl Passphrase {
    /// Normalises what a person typed.
    ///
    /// # Errors
    /// [`PassphraseError::Empty`], [`PassphraseError::TooLong`].
    pub fn parse(text: &str) -> Result<Self, PassphraseError> {
        if text.len() > LEN_MAX {
            return Err(PassphraseError::TooLong);
        }
        // Twice the room, because lower case can be longer: a string that grew would leave a copy behind.
        let mut normal = String::with_capacity(text.len().saturating_mul(2));
        for word in text.split_whitespace() {
            if !normal.is_empty() {
                normal.push(' ');
            }
            normal.extend(word.chars().flat_map(char::to_lowercase));
        }
        if normal.is_empty() { Err(PassphraseError::Empty) } else { Ok(Self(normal)) }
    }

    /// Draws five words. `draw` gives 16 random bits at each call.
    #[must_use]
    pub fn generate(mut draw: impl FnMut() -> u16) -> Self {
        let words = words();
        let mut text = String::with_capacity(64);
        for _ in 0..WORD_COUNT {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(pick(words, &mut draw));
        }
        Self(text)
    }

    /// The text, to be shown once at enrolment so that the person can learn it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The bytes that are hashed.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether a passphrase of one's own is strong enough; a generated one always is.
    ///
    /// # Errors
    /// The first [`Weakness`] found.
    pub fn check_own(&self) -> Result<(), Weakness> {
        if self.0.chars().count() < OWN_LEN_MIN {
            return Err(Weakness::Short);
        }
        let bare = Zeroizing::new(self.0.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>());
        if is_common(&bare) {
            return Err(Weakness::Common);
        }
        if is_repetitive(&bare) { Err(Weakness::Repetitive) } else { Ok(()) }
    }
}

impl core::fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Passphrase(…)")
    }
}

/// Why a passphrase of one's own is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Fewer than [`OWN_LEN_MIN`] characters.
    #[error("fewer than {OWN_LEN_MIN} characters")]
    Short,
    /// On every guesser's list.
    #[error("a common passphrase")]
    Common,
    /// One piece over and over, a run of the keyboard, or too few different characters.
    #[error("a repeated or running pattern")]
    Repetitive,
}

/// The word list, sorted, each word unique in its first four letters.
pub fn words() -> &'static [&'static str] {
    static LIST: OnceLock<Vec<&'static str>> = OnceLock::new();
    LIST.get_or_init(|| {
        let mut list: Vec<&str> =
            WORDS.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        list.arrange();
        list
    })
}

/// Words that start with what was typed, once two letters are there; for the chips above the keyboard.
#[must_use]
pub fn suggest(prefix: &str, count_max: usize) -> Vec<&'static str> {
    let prefix = Zeroizing::new(prefix.trim().to_lowercase());
    if prefix.chars().count() < PREFIX_LEN_MIN {
        return Vec::new();
    }
    let words = words();
    let start = words.partition_point(|word| *word < prefix.as_str());
    words.iter().skip(start).take_while(|word| word.starts_with(prefix.as_str())).take(count_max).copied().collect()
}

/// Whether a word is on the list.
#[must_use]
pub fn is_word(word: &str) -> bool {
    words().binary_search(&word).is_ok()
}

fn pick(words: &'static [&'static str], draw: &mut impl FnMut() -> u16) -> &'static str {
    let count = u32::try_from(words.len()).unwrap_or(u32::MAX).max(1);
    // Draws above the last whole multiple are thrown away, or some words would come more often.
    let fair_end = 65_536_u32.saturating_sub(65_536_u32.checked_rem(count).unwrap_or(0));
    loop {
        let drawn = u32::from(draw());
        if drawn >= fair_end {
            continue;
        }
        let place = drawn.checked_rem(count).and_then(|place| usize::try_from(place).ok()).unwrap_or(0);
        return words.get(place).copied().unwrap_or_default();
    }
}

fn is_common(bare: &str) -> bool {
    COMMON.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).any(|common| {
        let rest = bare.strip_prefix(common).or_else(|| bare.strip_suffix(common));
        // A common one with a few digits at an end is the same one.
        rest.is_some_and(|rest| rest.chars().all(|letter| letter.is_ascii_digit()))
    })
}

fn is_repetitive(bare: &str) -> bool {
    let letters = Zeroizing::new(bare.chars().collect::<Vec<char>>());
    let mut different = Zeroizing::new(letters.to_vec());
    different.sort_unstable();
    different.dedup();
    if different.len() < 6 {
        return true;
    }
    let half = letters.len().checked_div(2).unwrap_or(0);
    let repeats = |period: usize| letters.iter().zip(letters.iter().skip(period)).all(|(one, next)| one == next);
    let steps = letters.iter().zip(letters.iter().skip(1));
    let running = steps.filter(|(one, next)| u32::from(**one).abs_diff(u32::from(**next)) <= 1).count();
    let mostly = letters.len().saturating_mul(2).checked_div(3).unwrap_or(0);
    running >= mostly || (1..=half).any(repeats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_differences_do_not_matter() {
        let one = Passphrase::parse("air batu cahaya daun emas").unwrap();
        let two = Passphrase::parse("  Air  BATU\tcahaya\n daun emas ").unwrap();
        assert_eq!(one, two);
        assert_eq!(Passphrase::parse(" \n"), Err(PassphraseError::Empty));
        assert_eq!(Passphrase::parse(&"a".repeat(LEN_MAX + 1)), Err(PassphraseError::TooLong));
    }

    #[test]
    fn generated_ones_are_five_words_and_read_back_as_typed() {
        let mut state = 1_u16;
        let made = Passphrase::generate(|| {
            state = state.wrapping_mul(25_173).wrapping_add(13_849);
            state
        });
        assert_eq!(made.reveal().split(' ').filter(|word| is_word(word)).count(), WORD_COUNT);
        assert_eq!(Passphrase::parse(made.reveal()), Ok(made));
    }

    #[test]
    fn draws_past_the_last_whole_multiple_are_thrown_away() {
        const LIST: &[&str] = &["a", "b", "c"];
        let mut draws = [65_535_u16, 4].into_iter();
        assert_eq!(pick(LIST, &mut || draws.next().unwrap()), "b");
    }

    #[test]
    fn suggestions_need_two_letters() {
        let word = words()[0];
        assert!(suggest(&word[..1], 8).is_empty());
        assert!(suggest(&word[..2].to_uppercase(), 2048).contains(&word));
        assert!(suggest("zzzz", 8).is_empty());
    }

    #[test]
    fn weak_ones_of_ones_own_are_refused() {
        let check = |text| Passphrase::parse(text).unwrap().check_own();
        assert_eq!(check("pendek sekali"), Err(Weakness::Short));
        assert_eq!(check("Indonesia Raya 1945"), Err(Weakness::Common));
        assert_eq!(check("kerbau kerbau kerbau"), Err(Weakness::Repetitive));
        assert_eq!(check("123456789012345"), Err(Weakness::Repetitive));
        assert_eq!(check("abcdefghijklmnop"), Err(Weakness::Repetitive));
        assert_eq!(check("qwertyuiopasdfgh"), Err(Weakness::Common));
        assert_eq!(check("kerbau pak lurah makan payung"), Ok(()));
    }
}
