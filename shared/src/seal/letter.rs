//! Letters: bytes sealed to somebody who is not here, in the `age` format (<https://age-encryption.org/v1>).
//!
//! Used for the recovery slot (to the office), for own uploads kept for a restored relay, for backups, and for
//! evidence (to the office).

mod format;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::cipher::SealError;

const RECIPIENT_PREFIX: &str = "age";
const IDENTITY_PREFIX: &str = "age-secret-key-";

/// What one letter needs of randomness, from 64 random bytes.
///
/// Neither `Clone` nor `Copy`: a letter consumes it, so that no two share a key.
pub struct LetterRandomness {
    ephemeral: Zeroizing<[u8; 32]>,
    file_key: Zeroizing<[u8; 16]>,
    payload_nonce: [u8; 16],
}

impl LetterRandomness {
    /// Takes bytes that the caller just drew at random.
    #[must_use]
    pub fn from_random(bytes: [u8; 64]) -> Self {
        let bytes = Zeroizing::new(bytes);
        let mut drawn =
            Self { ephemeral: Zeroizing::new([0; 32]), file_key: Zeroizing::new([0; 16]), payload_nonce: [0; 16] };
        let places = drawn.ephemeral.iter_mut().chain(&mut *drawn.file_key).chain(&mut drawn.payload_nonce);
        places.zip(bytes.iter()).for_each(|(to, from)| *to = *from);
        drawn
    }
}

/// What a letter is for. Stands sealed inside it, so that one cannot be passed off as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A vault key for the office.
    Recovery,
    /// An upload kept 30 days for a restored relay.
    OwnUpload,
    /// A relay's backup.
    Backup,
    /// Bytes that were refused as damaged or hostile, for the office.
    Evidence,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Recovery => "simpul/letter/recovery/1",
            Self::OwnUpload => "simpul/letter/upload/1",
            Self::Backup => "simpul/letter/backup/1",
            Self::Evidence => "simpul/letter/evidence/1",
        }
    }
}

/// A text is not an `age` X25519 key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an age X25519 key")]
pub struct LetterKeyError;

/// To whom a letter is sealed; its text form starts with `age1`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Recipient(PublicKey);

impl Recipient {
    /// Reads the text form.
    ///
    /// # Errors
    /// [`LetterKeyError`].
    pub fn parse(text: &str) -> Result<Self, LetterKeyError> {
        read_key(text, RECIPIENT_PREFIX).map(|bytes| Self(PublicKey::from(*bytes)))
    }

    /// Seals bytes to this recipient.
    ///
    /// # Errors
    /// [`SealError::TooLong`] never happens: the format seals in pieces.
    pub fn seal(&self, purpose: Purpose, drawn: &LetterRandomness, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len().saturating_add(40)));
        // Writing to a vector cannot fail.
        let _ = minicbor::Encoder::new(&mut *plain)
            .array(2)
            .and_then(|encoder| encoder.str(purpose.label()))
            .and_then(|encoder| encoder.bytes(bytes));
        format::seal(&self.0, drawn, &plain)
    }
}

impl core::fmt::Display for Recipient {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let prefix = Hrp::parse(RECIPIENT_PREFIX).map_err(|_| core::fmt::Error)?;
        bech32::encode_lower_to_fmt::<Bech32, _>(formatter, prefix, self.0.as_bytes()).map_err(|_| core::fmt::Error)
    }
}

impl core::fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Recipient({self})")
    }
}

/// Who can open a letter. Never printed except on purpose; see [`Identity::reveal`].
#[derive(Clone)]
pub struct Identity(StaticSecret);

impl Identity {
    /// Makes the identity of 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(StaticSecret::from(*seed))
    }

    /// Reads the text form, `AGE-SECRET-KEY-1…`.
    ///
    /// # Errors
    /// [`LetterKeyError`].
    pub fn parse(text: &str) -> Result<Self, LetterKeyError> {
        read_key(text, IDENTITY_PREFIX).map(|seed| Self::from_seed(&seed))
    }

    /// The text form, to be printed once and kept on paper.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        let text = Hrp::parse(IDENTITY_PREFIX)
            .ok()
            .and_then(|prefix| bech32::encode_upper::<Bech32>(prefix, self.0.as_bytes()).ok());
        // Both succeed: the prefix is a constant, and 32 bytes are within the length Bech32 allows.
        Zeroizing::new(text.unwrap_or_default())
    }

    /// To whom letters are sealed that this identity opens.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient(PublicKey::from(&self.0))
    }

    /// Opens a letter of the given purpose.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`] when it was sealed to somebody else or altered; [`SealError::Malformed`] when it was
    /// written for another purpose.
    pub fn open(&self, purpose: Purpose, letter: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let plain = format::open(&self.0, letter)?;
        let mut decoder = minicbor::Decoder::new(&plain);
        let count = decoder.array().map_err(|_| SealError::Malformed)?;
        let label = decoder.str().map_err(|_| SealError::Malformed)?;
        if count != Some(2) || label != purpose.label() {
            return Err(SealError::Malformed);
        }
        decoder.bytes().map(|bytes| Zeroizing::new(bytes.to_vec())).map_err(|_| SealError::Malformed)
    }
}

impl core::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Identity(…)")
    }
}

fn read_key(text: &str, prefix: &str) -> Result<Zeroizing<[u8; 32]>, LetterKeyError> {
    let read = CheckedHrpstring::new::<Bech32>(text.trim()).map_err(|_| LetterKeyError)?;
    if Hrp::parse(prefix).map_err(|_| LetterKeyError)? != read.hrp() {
        return Err(LetterKeyError);
    }
    let bytes = Zeroizing::new(read.byte_iter().collect::<Vec<u8>>());
    bytes.as_slice().try_into().map(Zeroizing::new).map_err(|_| LetterKeyError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_opens_for_its_recipient_and_purpose_only() {
        let office = Identity::from_seed(&[1; 32]);
        let letter =
            office.recipient().seal(Purpose::Recovery, &LetterRandomness::from_random([7; 64]), b"isi").unwrap();
        assert_eq!(office.open(Purpose::Recovery, &letter).unwrap().as_slice(), b"isi");
        assert_eq!(office.open(Purpose::Backup, &letter), Err(SealError::Malformed));
        let other = Identity::from_seed(&[2; 32]);
        assert_eq!(other.open(Purpose::Recovery, &letter), Err(SealError::DoesNotOpen));
        for cut in [0, 10, letter.len() - 1] {
            assert_eq!(office.open(Purpose::Recovery, &letter[..cut]), Err(SealError::DoesNotOpen));
        }
    }

    #[test]
    fn keys_survive_their_text_form() {
        let office = Identity::from_seed(&[1; 32]);
        assert!(office.reveal().starts_with("AGE-SECRET-KEY-1"));
        assert_eq!(Identity::parse(&office.reveal()).unwrap().recipient(), office.recipient());
        let text = office.recipient().to_string();
        assert!(text.starts_with("age1"));
        assert_eq!(Recipient::parse(&text).unwrap(), office.recipient());
        assert!(Recipient::parse("age1tidak").is_err());
    }
}
