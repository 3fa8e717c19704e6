//! The code a case has from its first minute: short enough to be read out over a bad line.
//!
//! Owns the spelling `L-4K7-29Q` and its check letter. The code is drawn on the tablet without asking anybody; the
//! relay resolves clashes, and the register number is the relay's. Must never draw randomness itself.

use core::fmt;

/// No 0 and O, no 1 and I: they are mistaken for each other in writing and in speech.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const PREFIX: char = 'L';
const DRAWN_LEN: usize = 5;
const GROUP_LEN: usize = 3;

/// A case's field code: five drawn letters and a check letter.
///
/// **Shape**: `L-` and two groups of three out of 32 letters and digits, as in `L-4K7-29Q`; 33 million codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldCode {
    drawn: [u8; DRAWN_LEN],
}

/// A text is not a field code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldCodeError {
    /// Not six letters or digits behind the `L`.
    #[error("a field code has six letters or digits behind the L")]
    Length,
    /// A character that no code contains, such as 0, O, 1 or I.
    #[error("a character that no field code contains")]
    Letter,
    /// The check letter does not fit: something was misheard or mistyped.
    #[error("the check letter does not fit")]
    Check,
}

impl FieldCode {
    /// Makes a code from random bytes; 25 of the 32 bits count.
    #[must_use]
    pub fn from_random(random: [u8; 4]) -> Self {
        let mut bits = u32::from_be_bytes(random);
        let drawn = [(); DRAWN_LEN].map(|()| {
            let value = bits & 31;
            bits >>= 5;
            u8::try_from(value).unwrap_or_default()
        });
        Self { drawn }
    }

    /// Parses a code as people write it: upper or lower case, with or without `L`, hyphens and spaces.
    ///
    /// # Errors
    /// [`FieldCodeError`].
    pub fn parse(text: &str) -> Result<Self, FieldCodeError> {
        let separates = |letter: &char| letter.is_whitespace() || *letter == '-';
        let mut letters: Vec<char> = text.chars().filter(|letter| !separates(letter)).collect();
        if letters.len() == DRAWN_LEN.saturating_add(2)
            && letters.first().is_some_and(|first| first.eq_ignore_ascii_case(&PREFIX))
        {
            letters.remove(0);
        }
        let values: Vec<u8> = letters.into_iter().map(value_of).collect::<Result<_, _>>()?;
        let Ok([a, b, c, d, e, check]) = <[u8; 6]>::try_from(values) else {
            return Err(FieldCodeError::Length);
        };
        let code = Self { drawn: [a, b, c, d, e] };
        if code.check() == check { Ok(code) } else { Err(FieldCodeError::Check) }
    }

    /// The check letter's value: a polynomial in GF(32), where each place has a weight of its own.
    ///
    /// Detects every single wrong letter and every two letters that changed places.
    fn check(&self) -> u8 {
        self.drawn.iter().fold(0, |sum, value| times_x(sum ^ value))
    }
}

impl fmt::Display for FieldCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}")?;
        let values = self.drawn.iter().copied().chain([self.check()]);
        for (index, value) in values.enumerate() {
            let separator = if index % GROUP_LEN == 0 { "-" } else { "" };
            let letter = ALPHABET.get(usize::from(value)).map_or('?', |letter| char::from(*letter));
            write!(formatter, "{separator}{letter}")?;
        }
        Ok(())
    }
}

fn value_of(letter: char) -> Result<u8, FieldCodeError> {
    let upper = letter.to_ascii_uppercase();
    let index = ALPHABET.iter().position(|known| char::from(*known) == upper);
    index.and_then(|index| u8::try_from(index).ok()).ok_or(FieldCodeError::Letter)
}

/// Multiplies by x in GF(2^5) modulo x^5 + x^2 + 1, whose powers of x run through all 31 non-zero values.
fn times_x(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 { shifted } else { shifted ^ 0b10_0101 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_has_one_spelling_and_is_read_in_many() {
        let code = FieldCode::from_random([0x12, 0x34, 0x56, 0x78]);
        let text = code.to_string();
        assert_eq!(text, "L-SMP-A5P");
        for written in ["L-SMP-A5P", "l smp a5p", "smpa5p", " L SMP-A5 p "] {
            assert_eq!(FieldCode::parse(written), Ok(code), "{written}");
        }
        assert_eq!(FieldCode::parse("SMP-A5"), Err(FieldCodeError::Length));
        assert_eq!(FieldCode::parse("L-SMO-A5P"), Err(FieldCodeError::Letter));
        assert_eq!(FieldCode::parse("L-SPM-A5P"), Err(FieldCodeError::Check));
    }

    proptest! {
        #[test]
        fn one_wrong_letter_or_two_swapped_ones_are_noticed(
            random: [u8; 4], at in 0_usize..6, other in 0_usize..6, letter in 0_usize..32,
        ) {
            let code = FieldCode::from_random(random);
            let letters: Vec<char> = code.to_string().chars().filter(|letter| *letter != '-').skip(1).collect();
            prop_assert_eq!(FieldCode::parse(&letters.iter().collect::<String>()), Ok(code));
            let mut wrong = letters.clone();
            wrong[at] = char::from(ALPHABET[letter]);
            if wrong != letters {
                prop_assert_eq!(FieldCode::parse(&wrong.iter().collect::<String>()), Err(FieldCodeError::Check));
            }
            let mut swapped = letters.clone();
            swapped.swap(at, other);
            if swapped != letters {
                prop_assert_eq!(FieldCode::parse(&swapped.iter().collect::<String>()), Err(FieldCodeError::Check));
            }
        }
    }
}
