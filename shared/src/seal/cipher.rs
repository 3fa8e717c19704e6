//! The one cipher and the one key derivation that all formats of [`crate::seal`] share.
//!
//! Must never be reached from outside `seal`: a caller gets formats, not primitives.

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, Key, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of an XChaCha20 nonce.
pub(super) const NONCE_LEN: usize = 24;
/// Bytes of a Poly1305 tag.
pub(super) const TAG_LEN: usize = 16;

/// Why sealed bytes did not open, or could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Wrong key, wrong place, or altered bytes: the cipher cannot tell which.
    #[error("sealed bytes do not open with this key at this place")]
    DoesNotOpen,
    /// The bytes are shorter or longer than the format allows, or not in its shape.
    #[error("sealed bytes are malformed")]
    Malformed,
    /// Written by a newer program; open read-only or update, never overwrite.
    #[error("sealed in format {found}, this program knows up to {known}")]
    NewerFormat {
        /// Version the bytes name.
        found: u8,
        /// Newest version known here.
        known: u8,
    },
    /// Sealed under a master key that is not among the given ones.
    #[error("sealed under an unknown master key")]
    UnknownKey,
    /// The plain bytes are too long for the cipher.
    #[error("too long to seal")]
    TooLong,
}

/// A nonce for one sealing, from 24 random bytes.
///
/// Neither `Clone` nor `Copy`: using one twice under the same key would break the seal, so a sealing consumes it.
pub struct Nonce([u8; NONCE_LEN]);

impl Nonce {
    /// Length in bytes.
    pub const LEN: usize = NONCE_LEN;

    /// Takes 24 bytes that the caller just drew at random.
    #[must_use]
    pub const fn from_random(bytes: [u8; NONCE_LEN]) -> Self {
        Self(bytes)
    }
}

/// Key of a tablet's vault: opens every row of it. Zeroed when dropped, never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct VaultKey([u8; 32]);

impl VaultKey {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Takes 32 random bytes, or those that a slot, a letter or a code gave back.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes; for putting into a slot, a letter or a code only.
    pub(super) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl core::fmt::Debug for VaultKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("VaultKey(…)")
    }
}

/// Encodes `[label, parts…]` as deterministic CBOR: what a seal is bound to, or a keyed hash is taken of.
pub(super) fn bind(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(96);
    let mut encoder = minicbor::Encoder::new(&mut encoded);
    let count = u64::try_from(parts.len()).unwrap_or(u64::MAX).saturating_add(1);
    // Writing to a vector cannot fail.
    let _ = encoder
        .array(count)
        .and_then(|encoder| encoder.str(label))
        .and_then(|encoder| parts.iter().try_fold(encoder, |encoder, part| encoder.bytes(part)));
    encoded
}

/// Derives 32 bytes for one purpose (HKDF-SHA-256, RFC 5869, no salt: the input is uniform already).
pub(super) fn derive(key: &[u8; 32], label: &str, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    expand(&Hkdf::new(None, key), label, parts, &mut *derived);
    derived
}

/// Keyed hash of `[label, parts…]`: HKDF-Expand used as the pseudorandom function it is.
pub(super) fn expand(key: &Hkdf<Sha256>, label: &str, parts: &[&[u8]], out: &mut [u8]) {
    // Fails only for outputs beyond 255 × 32 bytes; every caller asks for at most 32.
    let _ = key.expand(&bind(label, parts), out);
}

/// Appends `nonce ‖ ciphertext ‖ tag` to `out`.
pub(super) fn seal_into(
    key: &[u8; 32],
    nonce: Nonce,
    bound: &[u8],
    plain: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), SealError> {
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    out.reserve(NONCE_LEN.saturating_add(plain.len()).saturating_add(TAG_LEN));
    out.extend_from_slice(&nonce.0);
    let start = out.len();
    out.extend_from_slice(plain);
    let body = out.get_mut(start..).unwrap_or_default();
    let tag = cipher
        .encrypt_inout_detached(&XNonce::from(nonce.0), bound, InOutBuf::from(body))
        .map_err(|_| SealError::TooLong)?;
    out.extend_from_slice(&tag);
    Ok(())
}

/// Opens `nonce ‖ ciphertext ‖ tag`; the plain bytes are zeroed when dropped.
pub(super) fn open(key: &[u8; 32], bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Malformed)?;
    let (body, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(SealError::Malformed)?;
    let mut plain = Zeroizing::new(body.to_vec());
    XChaCha20Poly1305::new(&Key::from(*key))
        .decrypt_inout_detached(&XNonce::from(*nonce), bound, InOutBuf::from(plain.as_mut_slice()), &Tag::from(*tag))
        .map_err(|_| SealError::DoesNotOpen)?;
    Ok(plain)
}

/// Opens exactly 32 bytes: a wrapped key.
pub(super) fn open_key(key: &[u8; 32], bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let plain = open(key, bound, sealed)?;
    let bytes = plain.as_slice().try_into().map_err(|_| SealError::Malformed)?;
    Ok(Zeroizing::new(bytes))
}

/// Takes the leading version byte off, refusing newer versions before anything else is read.
pub(super) fn split_version(sealed: &[u8], known: u8) -> Result<&[u8], SealError> {
    match sealed.split_first() {
        Some((found, rest)) if *found == known => Ok(rest),
        Some((found, _)) if *found > known => Err(SealError::NewerFormat { found: *found, known }),
        Some(_) | None => Err(SealError::Malformed),
    }
}
