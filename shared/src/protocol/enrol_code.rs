//! The one-time enrolment code: 80 random bits that can be read out, typed on glass and scanned.
//!
//! Sixteen symbols of an alphabet without I, L, O and U, shown as `ABCD-EFGH-JKMN-PQRS`. Letters that look like digits are
//! taken as those digits, so that a hurried reader is not refused. The relay keeps a hash of the normal form only.

/// Random bytes behind a code.
pub const ENROL_CODE_BYTES: usize = 10;
/// Symbols of a code in its normal form.
pub const ENROL_CODE_SYMBOLS: usize = 16;

const SYMBOL_BITS: u32 = 5;
const GROUP_SYMBOLS: usize = 4;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Writes random bytes as a code in its normal form: what is hashed, signed and sent.
#[must_use]
pub fn enrol_code(random: &[u8; ENROL_CODE_BYTES]) -> String {
    let bits = random.iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    (0..ENROL_CODE_SYMBOLS)
        .rev()
        .filter_map(|place| {
            let shift = u32::try_from(place).ok()?.checked_mul(SYMBOL_BITS)?;
            let symbol = usize::try_from((bits >> shift) & 0x1f).ok()?;
            ALPHABET.get(symbol).copied().map(char::from)
        })
        .collect()
}

/// Brings what a person typed into the normal form; none if it cannot be a code.
#[must_use]
pub fn normal_enrol_code(typed: &str) -> Option<String> {
    let mut normal = String::with_capacity(ENROL_CODE_SYMBOLS);
    for character in typed.chars().filter(|character| !character.is_whitespace() && *character != '-') {
        let symbol = match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let known = u8::try_from(symbol).is_ok_and(|symbol| ALPHABET.contains(&symbol));
        if !known || normal.len() == ENROL_CODE_SYMBOLS {
            return None;
        }
        normal.push(symbol);
    }
    (normal.len() == ENROL_CODE_SYMBOLS).then_some(normal)
}

/// Shows a code in groups of four.
#[must_use]
pub fn grouped_enrol_code(normal: &str) -> String {
    let mut shown = String::with_capacity(normal.len().saturating_add(ENROL_CODE_SYMBOLS / GROUP_SYMBOLS));
    for (place, symbol) in normal.chars().enumerate() {
        if place > 0 && place.is_multiple_of(GROUP_SYMBOLS) {
            shown.push('-');
        }
        shown.push(symbol);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_taken_however_it_is_typed() {
        let normal = enrol_code(&[0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf]);
        assert_eq!(normal, "0123456789ABCDEF");
        assert_eq!(grouped_enrol_code(&normal), "0123-4567-89AB-CDEF");
        for typed in ["0123-4567-89AB-CDEF", " oi23 4567 89ab cdef ", "OL234567-89abCDEF"] {
            assert_eq!(normal_enrol_code(typed).as_deref(), Some(&*normal), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_refused_on_the_tablet() {
        for typed in ["", "0123", "0123-4567-89AB-CDEU", "0123-4567-89AB-CDEF0", "0123-4567-89AB-CDE\u{e9}"] {
            assert_eq!(normal_enrol_code(typed), None, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn every_code_is_its_own_normal_form(random: [u8; ENROL_CODE_BYTES]) {
            let code = enrol_code(&random);
            prop_assert_eq!(normal_enrol_code(&grouped_enrol_code(&code)), Some(code));
        }
    }
}
