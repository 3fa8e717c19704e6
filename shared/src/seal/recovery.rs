//! The recovery slot: a vault key sealed to the office, so that a forgotten passphrase never costs unsent work.
//!
//! Written on the tablet at enrolment and sent with it; opened by the office with the identity it keeps on paper, and
//! read out as a code ([`super::code`]). Must never lie anywhere unsealed.

use minicbor::{Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::cipher::{SealError, VaultKey};
use super::letter::{Identity, LetterRandomness, Purpose, Recipient};
use crate::id::VaultId;

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(array)]
struct Content {
    #[n(0)]
    #[zeroize(skip)]
    vault: VaultId,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    key: [u8; 32],
}

/// Seals a vault's key to the office.
///
/// # Errors
/// As [`Recipient::seal`].
pub fn seal_to(
    office: &Recipient,
    vault: VaultId,
    key: &VaultKey,
    drawn: &LetterRandomness,
) -> Result<Vec<u8>, SealError> {
    let content = Content { vault, key: *key.as_bytes() };
    let mut plain = zeroize::Zeroizing::new(Vec::with_capacity(64));
    // Writing to a vector cannot fail.
    let _ = minicbor::encode(&content, &mut *plain);
    office.seal(Purpose::Recovery, drawn, &plain)
}

/// Opens a recovery slot with the office's identity; tells which vault the key opens.
///
/// # Errors
/// [`SealError::DoesNotOpen`] for another office or altered bytes; [`SealError::Malformed`] for another kind of letter.
pub fn open_with(office: &Identity, slot: &[u8]) -> Result<(VaultId, VaultKey), SealError> {
    let plain = office.open(Purpose::Recovery, slot)?;
    let content: Content = minicbor::decode(&plain).map_err(|_| SealError::Malformed)?;
    Ok((content.vault, VaultKey::from_bytes(content.key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::code;

    #[test]
    fn the_office_recovers_a_vault_by_reading_a_code_out() {
        let office = Identity::from_seed(&[1; 32]);
        let vault = VaultId::from_bytes([2; 16]);
        let drawn = LetterRandomness::from_random([4; 64]);
        let slot = seal_to(&office.recipient(), vault, &VaultKey::from_bytes([3; 32]), &drawn).unwrap();
        let (found, key) = open_with(&office, &slot).unwrap();
        assert_eq!(found, vault);
        let heard = code::decode(&code::encode(&key)).unwrap();
        assert_eq!(heard.as_bytes(), &[3; 32]);
    }
}
