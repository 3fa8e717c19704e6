//! Letters: bytes sealed to somebody who is not here, in the `age` format (<https://age-encryption.org/v1>).
//!
//! Used for the recovery slot (to the office), for own uploads kept for a restored relay, and for backups. `age` draws
//! its ephemeral keys from the operating system or the browser by itself; nothing else in this crate does.

use std::str::FromStr;

use bech32::{Bech32, Hrp};
use zeroize::Zeroizing;

use super::cipher::SealError;

/// What a letter is for. Stands sealed inside it, so that one cannot be passed off as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A vault key for the office.
    Recovery,
    /// An upload kept 30 days for a restored relay.
    OwnUpload,
    /// A relay's backup.
    Backup,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Recovery => "simpul/letter/recovery/1",
            Self::OwnUpload => "simpul/letter/upload/1",
            Self::Backup => "simpul/letter/backup/1",
        }
    }
}

/// A text is not an `age` X25519 key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an age X25519 key")]
pub struct LetterKeyError;

/// To whom a letter is sealed; its text form starts with `age1`.
#[derive(Clone)]
pub struct Recipient(age::x25519::Recipient);

impl Recipient {
    /// Reads the text form.
    ///
    /// # Errors
    /// [`LetterKeyError`].
    pub fn parse(text: &str) -> Result<Self, LetterKeyError> {
        age::x25519::Recipient::from_str(text.trim()).map(Self).map_err(|_| LetterKeyError)
    }

    /// Seals bytes to this recipient.
    ///
    /// # Errors
    /// [`SealError::TooLong`] when `age` cannot write, which memory never causes.
    pub fn seal(&self, purpose: Purpose, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len().saturating_add(40)));
        // Writing to a vector cannot fail.
        let _ = minicbor::Encoder::new(&mut *plain)
            .array(2)
            .and_then(|encoder| encoder.str(purpose.label()))
            .and_then(|encoder| encoder.bytes(bytes));
        age::encrypt(&self.0, &plain).map_err(|_| SealError::TooLong)
    }
}

impl core::fmt::Display for Recipient {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(&self.0, formatter)
    }
}

impl core::fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Recipient({self})")
    }
}

impl PartialEq for Recipient {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Recipient {}

/// Who can open a letter. Never printed except on purpose; see [`Identity::reveal`].
#[derive(Clone)]
pub struct Identity(age::x25519::Identity);

impl Identity {
    /// Makes the identity of 32 random bytes.
    ///
    /// # Errors
    /// [`LetterKeyError`] never happens for 32 bytes; it saves a panic.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, LetterKeyError> {
        let prefix = Hrp::parse("AGE-SECRET-KEY-").map_err(|_| LetterKeyError)?;
        let text = bech32::encode_upper::<Bech32>(prefix, seed).map_err(|_| LetterKeyError)?;
        Self::parse(&Zeroizing::new(text))
    }

    /// Reads the text form, `AGE-SECRET-KEY-1…`.
    ///
    /// # Errors
    /// [`LetterKeyError`].
    pub fn parse(text: &str) -> Result<Self, LetterKeyError> {
        age::x25519::Identity::from_str(text.trim()).map(Self).map_err(|_| LetterKeyError)
    }

    /// The text form, to be printed once and kept on paper.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        use age::secrecy::ExposeSecret;
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    /// To whom letters are sealed that this identity opens.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }

    /// Opens a letter of the given purpose.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`] when it was sealed to somebody else or altered; [`SealError::Malformed`] when it was
    /// written for another purpose.
    pub fn open(&self, purpose: Purpose, letter: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let plain = Zeroizing::new(age::decrypt(&self.0, letter).map_err(|_| SealError::DoesNotOpen)?);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_opens_for_its_recipient_and_purpose_only() {
        let office = Identity::from_seed(&[1; 32]).unwrap();
        let letter = office.recipient().seal(Purpose::Recovery, b"isi").unwrap();
        assert_eq!(office.open(Purpose::Recovery, &letter).unwrap().as_slice(), b"isi");
        assert_eq!(office.open(Purpose::Backup, &letter), Err(SealError::Malformed));
        let other = Identity::from_seed(&[2; 32]).unwrap();
        assert_eq!(other.open(Purpose::Recovery, &letter), Err(SealError::DoesNotOpen));
        for cut in [0, 10, letter.len() - 1] {
            assert_eq!(office.open(Purpose::Recovery, &letter[..cut]), Err(SealError::DoesNotOpen));
        }
    }

    #[test]
    fn keys_survive_their_text_form() {
        let office = Identity::from_seed(&[1; 32]).unwrap();
        assert!(office.reveal().starts_with("AGE-SECRET-KEY-1"));
        assert_eq!(Identity::parse(&office.reveal()).unwrap().recipient(), office.recipient());
        let text = office.recipient().to_string();
        assert!(text.starts_with("age1"));
        assert_eq!(Recipient::parse(&text).unwrap(), office.recipient());
        assert!(Recipient::parse("age1tidak").is_err());
    }
}
