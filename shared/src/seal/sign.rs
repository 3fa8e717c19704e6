//! Device keys: what a tablet signs its frames with.
//!
//! Called by the protocol and the tablet engine. Must never draw a key: the seed comes from the caller, and lies sealed
//! inside the vault. What is signed starts with a domain label; the protocol page names them.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};

/// A device's signing key. Zeroed when dropped, never printed.
pub struct DeviceSecret(SigningKey);

impl DeviceSecret {
    /// Bytes of a seed.
    pub const SEED_LEN: usize = 32;

    /// Makes the key of a seed: 32 bytes drawn at random at enrolment.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The key others check this device's signatures with.
    #[must_use]
    pub fn public(&self) -> DevicePublic {
        DevicePublic(self.0.verifying_key().to_bytes())
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl core::fmt::Debug for DeviceSecret {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("DeviceSecret(…)")
    }
}

/// A signature that does not hold, or a key that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Not a point of the curve, or one of its weak points.
    #[error("not a usable device key")]
    Key,
    /// The signature is not this device's over this message.
    #[error("signature does not hold")]
    Signature,
}

/// The public half of a device's key.
///
/// **Shape**: a CBOR byte string of 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct DevicePublic(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    [u8; 32],
);

impl DevicePublic {
    /// Takes bytes from a frame or a row; [`DevicePublic::check`] tells whether they are a usable key.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Refuses bytes that are no key, or a weak one that signs anything. Called once, at enrolment.
    ///
    /// # Errors
    /// [`SignError::Key`].
    pub fn check(&self) -> Result<(), SignError> {
        self.key().map(|_| ())
    }

    /// Verifies a signature strictly: one message and key have one signature, nothing malleable.
    ///
    /// # Errors
    /// [`SignError::Key`] when these bytes are no key; [`SignError::Signature`] when the signature does not hold.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignError> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.key()?.verify_strict(message, &signature).map_err(|_| SignError::Signature)
    }

    fn key(&self) -> Result<VerifyingKey, SignError> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| SignError::Key)?;
        if key.is_weak() { Err(SignError::Key) } else { Ok(key) }
    }
}

/// An Ed25519 signature (RFC 8032).
///
/// **Shape**: a CBOR byte string of 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Signature(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    [u8; 64],
);

impl Signature {
    /// Takes bytes from a frame.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_message_and_device_only() {
        let secret = DeviceSecret::from_seed(&[7; 32]);
        let signature = secret.sign(b"pesan");
        assert_eq!(secret.public().verify(b"pesan", &signature), Ok(()));
        assert_eq!(secret.public().verify(b"pesam", &signature), Err(SignError::Signature));
        let other = DeviceSecret::from_seed(&[8; 32]).public();
        assert_eq!(other.verify(b"pesan", &signature), Err(SignError::Signature));
    }

    #[test]
    fn the_first_vector_of_the_rfc_holds() {
        let secret = DeviceSecret::from_seed(&[
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49,
            0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
        ]);
        assert_eq!(secret.public().as_bytes()[..4], [0xd7, 0x5a, 0x98, 0x01]);
        assert_eq!(secret.sign(b"").as_bytes()[..4], [0xe5, 0x56, 0x43, 0x00]);
    }

    #[test]
    fn weak_keys_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(DevicePublic::from_bytes(identity).check(), Err(SignError::Key));
        assert_eq!(DevicePublic::from_bytes([0; 32]).check(), Err(SignError::Key));
    }
}
