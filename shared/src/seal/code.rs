//! The recovery code: a vault key as thirteen short groups that can be read out over a bad line.
//!
//! Four symbols and a check symbol each, from an alphabet without I, L, O and U. The check symbol finds every single
//! wrong symbol, every swap of neighbours and every swap of groups, and the tablet can say *which* group to repeat.
//! Called by the office's command (encode) and by the tablet (decode).
//!
//! ```text
//! key 256 bits ‖ 4 bits of its hash = 52 symbols of 5 bits = 13 groups of 4
//! check of group i = Σ xⁿ·symbolₙ + x⁵·i   over GF(32), polynomial x⁵ + x² + 1, n = 1…4
//! ```

use zeroize::Zeroizing;

use super::cipher::VaultKey;
use crate::id::hash16;

/// Groups of a code.
pub const GROUP_COUNT: usize = 13;
/// Symbols of a group, its check symbol included.
pub const GROUP_LEN: usize = 5;
const DATA_LEN: usize = GROUP_LEN - 1;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What is wrong with a code that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Too few or too many symbols.
    #[error("a code has {expected} symbols, this has {found}")]
    Length {
        /// Symbols found, separators not counted.
        found: usize,
        /// Symbols expected.
        expected: usize,
    },
    /// A group was misheard or mistyped; the person on the other end repeats it.
    #[error("group {number} is not right")]
    Group {
        /// Which, counted from 1.
        number: usize,
    },
    /// Each group is right by itself but they do not belong together.
    #[error("the groups do not belong to one code")]
    Whole,
}

/// Writes a vault key as thirteen groups, separated by hyphens.
#[must_use]
pub fn encode(key: &VaultKey) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(GROUP_COUNT * (GROUP_LEN + 1)));
    let symbols = symbols_of(key);
    for (index, data) in symbols.chunks(DATA_LEN).enumerate() {
        if index > 0 {
            text.push('-');
        }
        for symbol in data.iter().copied().chain([check_symbol(index, data)]) {
            text.push(ALPHABET.get(usize::from(symbol)).copied().map_or('?', char::from));
        }
    }
    text
}

/// Reads a code that a person typed: any case, any separators, O for 0, I and L for 1.
///
/// # Errors
/// [`CodeError::Group`] names the first group with a mistake, [`CodeError::Length`] a missing or doubled one,
/// [`CodeError::Whole`] the rare rest.
pub fn decode(text: &str) -> Result<VaultKey, CodeError> {
    let typed = Zeroizing::new(read_symbols(text));
    let expected = GROUP_COUNT * GROUP_LEN;
    for (index, group) in typed.chunks_exact(GROUP_LEN).enumerate().take(GROUP_COUNT) {
        if !holds(index, group) {
            return Err(CodeError::Group { number: index.saturating_add(1) });
        }
    }
    if typed.len() != expected {
        return Err(CodeError::Length { found: typed.len(), expected });
    }
    let mut key = Zeroizing::new([0_u8; VaultKey::LEN]);
    let data = typed.chunks_exact(GROUP_LEN).flat_map(|group| group.iter().take(DATA_LEN)).flatten().copied();
    let mut bits = data.flat_map(|symbol| (0..5).rev().map(move |place| symbol >> place & 1));
    for byte in key.iter_mut() {
        *byte = bits.by_ref().take(8).fold(0, |byte, bit| byte << 1 | bit);
    }
    let tail = bits.fold(0, |tail, bit| tail << 1 | bit);
    if tail == checksum(&key) { Ok(VaultKey::from_bytes(*key)) } else { Err(CodeError::Whole) }
}

/// Whether one group, counted from 0, is right so far as its check symbol can tell; for a mark while typing.
#[must_use]
pub fn group_is_right(index: usize, text: &str) -> bool {
    let typed = Zeroizing::new(read_symbols(text));
    typed.len() == GROUP_LEN && holds(index, &typed)
}

fn holds(index: usize, group: &[Option<u8>]) -> bool {
    let known: Option<Vec<u8>> = group.iter().copied().collect();
    known
        .map(Zeroizing::new)
        .is_some_and(|symbols| symbols.split_last().is_some_and(|(check, data)| *check == check_symbol(index, data)))
}

fn read_symbols(text: &str) -> Vec<Option<u8>> {
    text.chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '–' | '—' | '.' | ','))
        .map(|letter| {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            ALPHABET.iter().position(|known| char::from(*known) == letter).and_then(|place| u8::try_from(place).ok())
        })
        .collect()
}

fn symbols_of(key: &VaultKey) -> Zeroizing<Vec<u8>> {
    let bits = key.as_bytes().iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1));
    let tail = checksum(key.as_bytes());
    let mut all = bits.chain((0..4).rev().map(|place| tail >> place & 1));
    let count = GROUP_COUNT * DATA_LEN;
    Zeroizing::new((0..count).map(|_| all.by_ref().take(5).fold(0, |symbol, bit| symbol << 1 | bit)).collect())
}

fn checksum(key: &[u8; 32]) -> u8 {
    let [first, ..] = hash16("simpul/recovery-code", &[key]);
    first >> 4
}

fn check_symbol(index: usize, data: &[u8]) -> u8 {
    let place = u8::try_from(index).unwrap_or(u8::MAX) & 31;
    // Horner's rule from the group's place down to the first symbol gives symbol n the weight xⁿ.
    times_x(data.iter().rev().fold(place, |sum, symbol| times_x(sum) ^ symbol))
}

/// Multiplies by x in GF(32).
const fn times_x(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 32 == 0 { doubled } else { doubled ^ 0b10_0101 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (VaultKey, String) {
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(index * 37 % 251).unwrap();
        }
        let key = VaultKey::from_bytes(bytes);
        let text = encode(&key).to_string();
        (key, text)
    }

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let (key, text) = sample();
        assert_eq!(text.len(), GROUP_COUNT * GROUP_LEN + GROUP_COUNT - 1);
        let sloppy = text.to_lowercase().replace('-', "  ").replace('0', "o").replace('1', "l");
        for typed in [text.as_str(), sloppy.as_str()] {
            assert_eq!(decode(typed).unwrap().as_bytes(), key.as_bytes());
        }
    }

    #[test]
    fn every_single_mistake_names_its_group() {
        let (_, text) = sample();
        let plain: Vec<char> = text.chars().filter(|letter| *letter != '-').collect();
        for place in 0..plain.len() {
            for symbol in ALPHABET.iter().map(|symbol| char::from(*symbol)) {
                if symbol == plain[place] {
                    continue;
                }
                let mut wrong = plain.clone();
                wrong[place] = symbol;
                let typed: String = wrong.into_iter().collect();
                let number = place / GROUP_LEN + 1;
                assert_eq!(decode(&typed).err(), Some(CodeError::Group { number }), "{typed}");
            }
        }
    }

    #[test]
    fn swapped_neighbours_and_swapped_groups_are_found() {
        let (_, text) = sample();
        let plain: Vec<char> = text.chars().filter(|letter| *letter != '-').collect();
        for place in 0..plain.len() - 1 {
            if plain[place] == plain[place + 1] || place / GROUP_LEN != (place + 1) / GROUP_LEN {
                continue;
            }
            let mut wrong = plain.clone();
            wrong.swap(place, place + 1);
            assert!(decode(&wrong.into_iter().collect::<String>()).is_err());
        }
        let groups: Vec<&str> = text.split('-').collect();
        for first in 0..GROUP_COUNT {
            for second in first + 1..GROUP_COUNT {
                let mut wrong = groups.clone();
                wrong.swap(first, second);
                assert!(decode(&wrong.join("-")).is_err());
            }
        }
    }

    #[test]
    fn a_missing_group_and_a_single_right_group_are_told() {
        let (_, text) = sample();
        let groups: Vec<&str> = text.split('-').collect();
        assert_eq!(decode(&groups[..12].join(" ")).err(), Some(CodeError::Length { found: 60, expected: 65 }));
        assert!(group_is_right(4, groups[4]));
        assert!(!group_is_right(5, groups[4]));
        assert!(!group_is_right(4, "abc"));
    }
}
