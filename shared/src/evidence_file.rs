//! The file in which evidence leaves a registrar's tablet.
//!
//! Owns its form: facts, one a line, an empty line, then a letter to the office in hexadecimal, which no program runs and no viewer
//! takes for anything else. Must never say whose it is, nor anything of what is in it.

use core::fmt::Write as _;

use zeroize::Zeroizing;

use crate::protocol::held::{Evidence, sha256};
use crate::seal::SealError;
use crate::seal::letter::{Identity, Purpose};

/// What the first line says.
const FORMAT: &str = "simpul-evidence 1";
/// Bytes in one line of the letter.
const LINE_BYTES: usize = 32;
/// Of the check sum so many digits are in the file's name; all of it stands in the file.
const NAME_DIGITS: usize = 12;

/// The file's name, and what is in it.
#[must_use]
pub fn write(evidence: &Evidence, letter: &[u8]) -> (String, String) {
    let Evidence { device_number, code, first_ms, last_ms, count, size, sha256, .. } = evidence;
    let sha256 = hex(sha256);
    let name = format!("bukti-{}.txt", sha256.get(..NAME_DIGITS).unwrap_or_default());
    let mut text = format!(
        "{FORMAT}\nsha256 {sha256}\nsize {size}\ncode S-{code}\ntablet {device_number}\ntimes {count}\n\
         first-ms {first_ms}\nlast-ms {last_ms}\n\n"
    );
    for line in letter.chunks(LINE_BYTES) {
        text.push_str(&hex(line));
        text.push('\n');
    }
    (name, text)
}

/// What the office opened of a file.
#[derive(Debug)]
pub struct Opened {
    /// The bytes that were kept.
    pub bytes: Zeroizing<Vec<u8>>,
    /// They are all there were, and what the check sum says; otherwise the first of more, or others.
    pub whole: bool,
}

/// Why a file does not open.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceFileError {
    /// It is no such file.
    #[error("not a file of evidence")]
    Malformed,
    /// It is for another office, or was altered.
    #[error("the letter in it does not open")]
    Sealed(#[from] SealError),
}

/// Opens a file for the office.
///
/// # Errors
/// [`EvidenceFileError`].
pub fn open(text: &str, office: &Identity) -> Result<Opened, EvidenceFileError> {
    let (facts, digits) = text.split_once("\n\n").ok_or(EvidenceFileError::Malformed)?;
    let mut facts = facts.lines();
    if facts.next() != Some(FORMAT) {
        return Err(EvidenceFileError::Malformed);
    }
    let sum = facts.find_map(|line| line.strip_prefix("sha256 ")).ok_or(EvidenceFileError::Malformed)?;
    let digits: String = digits.lines().collect();
    let letter = bytes_of(&digits).ok_or(EvidenceFileError::Malformed)?;
    let bytes = office.open(Purpose::Evidence, &letter)?;
    Ok(Opened { whole: hex(&sha256(&bytes)) == sum, bytes })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok();
    pairs.iter().map(byte).collect::<Option<_>>().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AccountId;
    use crate::seal::letter::LetterRandomness;

    fn file(bytes: &[u8], kept: usize) -> (String, String) {
        let office = Identity::from_seed(&[1; 32]).recipient();
        let drawn = LetterRandomness::from_random([7; 64]);
        let letter = office.seal(Purpose::Evidence, &drawn, &bytes[..kept]).unwrap();
        let evidence = Evidence {
            account: AccountId::from_bytes([0xab; 16]),
            device_number: 7,
            code: 1303,
            first_ms: 1_790_000_000_000,
            last_ms: 1_790_000_001_000,
            count: 2,
            size: u64::try_from(bytes.len()).unwrap(),
            sha256: sha256(bytes),
            letter: None,
        };
        write(&evidence, &letter)
    }

    #[test]
    fn the_file_is_inert_says_nothing_and_gives_the_bytes_to_the_office() {
        let bytes: Vec<u8> = b"<script>jahat()</script>".iter().copied().chain(0..=255).collect();
        let (name, text) = file(&bytes, bytes.len());
        assert!(text.bytes().all(|byte| byte == b'\n' || byte == b' ' || byte == b'-' || byte.is_ascii_alphanumeric()));
        assert!(!text.contains("script") && !text.contains("abababab"), "neither what it says nor whose it is");
        assert!(!text.contains(&hex(b"<script>")), "not even in hexadecimal");
        assert!(text.contains("\ncode S-1303\ntablet 7\ntimes 2\n"), "{text}");
        assert_eq!(name, format!("bukti-{}.txt", &hex(&sha256(&bytes))[..12]));
        let opened = open(&text, &Identity::from_seed(&[1; 32])).unwrap();
        assert!(opened.whole && opened.bytes.as_slice() == bytes);
        assert!(open(&text.replace('\n', "\r\n"), &Identity::from_seed(&[1; 32])).is_err(), "as it was written");
    }

    #[test]
    fn what_is_cut_altered_or_for_another_office_is_told_apart() {
        let (_, text) = file(b"abcdef", 3);
        let opened = open(&text, &Identity::from_seed(&[1; 32])).unwrap();
        assert!(!opened.whole && opened.bytes.as_slice() == b"abc");
        assert!(matches!(open(&text, &Identity::from_seed(&[2; 32])), Err(EvidenceFileError::Sealed(_))));
        let mut altered = text.clone();
        let last = if altered.ends_with("0\n") { "1\n" } else { "0\n" };
        altered.replace_range(altered.len() - 2.., last);
        assert!(matches!(open(&altered, &Identity::from_seed(&[1; 32])), Err(EvidenceFileError::Sealed(_))));
        for broken in
            ["", "simpul-evidence 2\nsha256 00\n\n00", "simpul-evidence 1\n\n00", "simpul-evidence 1\nsha256 0\n\n0g"]
        {
            assert!(
                matches!(open(broken, &Identity::from_seed(&[1; 32])), Err(EvidenceFileError::Malformed)),
                "{broken}"
            );
        }
    }
}
