//! One-time codes: 80 bits in 16 characters that survive being read out over a bad line.

use shared::id::hash32;

/// Bits of a code; guessing one in a year at a thousand tries a second succeeds once in forty million million years.
pub const CODE_BITS: usize = 80;
/// Crockford's alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP: usize = 4;

/// Writes a code in four groups of four.
#[must_use]
pub fn format_code(bytes: [u8; 10]) -> String {
    let mut text = String::with_capacity(19);
    let (mut buffer, mut bits, mut written) = (0_u32, 0_u32, 0_usize);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(byte);
        bits = bits.saturating_add(8);
        while bits >= 5 {
            bits = bits.saturating_sub(5);
            if written > 0 && written.is_multiple_of(GROUP) {
                text.push('-');
            }
            let index = usize::try_from((buffer >> bits) & 31).unwrap_or(0);
            text.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'0')));
            written = written.saturating_add(1);
        }
    }
    text
}

/// Takes what somebody typed: case, dashes and spaces do not matter, and look-alikes are put right.
#[must_use]
pub fn normalise_code(typed: &str) -> String {
    typed
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            'U' => 'V',
            other => other,
        })
        .collect()
}

/// The form a code is kept in.
pub(super) fn hash_code(normalised: &str) -> [u8; 32] {
    hash32("simpul/enrol-code", &[normalised.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_typing() {
        let code = format_code([0xff, 0x00, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0]);
        assert_eq!(code.len(), 19);
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), vec![4; 4]);
        let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(normalise_code(&typed), code.replace('-', ""));
    }

    #[test]
    fn codes_use_all_their_bits() {
        let zero = normalise_code(&format_code([0; 10]));
        assert_eq!(zero, "0".repeat(16));
        assert_eq!(zero.len() * 5, CODE_BITS);
        for byte in 0..10 {
            let mut bytes = [0; 10];
            bytes[byte] = 1;
            assert_ne!(normalise_code(&format_code(bytes)), zero);
        }
    }
}
