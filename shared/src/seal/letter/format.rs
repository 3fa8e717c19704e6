//! The `age` format, version 1 (<https://age-encryption.org/v1>), as far as letters need it: written to one X25519
//! recipient, read with one X25519 identity.
//!
//! The `age` crate does the same and more, but carries translations of its messages with it, and older versions of every
//! cipher; the tests hold this file against it in both directions. Must never draw randomness.
//!
//! ```text
//! age-encryption.org/v1
//! -> X25519 <ephemeral share>          any number of stanzas; those of other kinds are passed over
//! <file key, wrapped>
//! --- <HMAC of everything before>
//! nonce[16] ‖ chunks of 64 KiB, each with its tag; counter and "last" stand in the chunk's nonce
//! ```

use base64ct::{Base64Unpadded, Encoding};
use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use hkdf::Hkdf;
use hkdf::hmac::{Hmac, Mac};
use sha2::Sha256;
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::Zeroizing;

use super::super::cipher::{SealError, TAG_LEN};
use super::LetterRandomness;

const VERSION_LINE: &[u8] = b"age-encryption.org/v1";
const STANZA_START: &[u8] = b"-> ";
const HEADER_END: &[u8] = b"---";
/// A stanza's body ends with the first line that is shorter.
const BODY_LINE_LEN: usize = 64;
const FILE_KEY_LEN: usize = 16;
const PAYLOAD_NONCE_LEN: usize = 16;
const CHUNK_LEN: usize = 64 * 1024;
const SEALED_CHUNK_LEN: usize = CHUNK_LEN + TAG_LEN;

/// Seals bytes to a recipient.
pub(super) fn seal(recipient: &PublicKey, drawn: &LetterRandomness, plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let ephemeral = StaticSecret::from(*drawn.ephemeral);
    let share = PublicKey::from(&ephemeral);
    let wrap = wrap_key(&ephemeral.diffie_hellman(recipient), &share, recipient);
    let mut wrapped = drawn.file_key.to_vec();
    seal_in_place(&wrap, [0; 12], &mut wrapped)?;

    let mut letter = Vec::with_capacity(plain.len().saturating_add(256));
    letter.extend_from_slice(VERSION_LINE);
    letter.extend_from_slice(b"\n-> X25519 ");
    letter.extend_from_slice(Base64Unpadded::encode_string(share.as_bytes()).as_bytes());
    letter.push(b'\n');
    letter.extend_from_slice(Base64Unpadded::encode_string(&wrapped).as_bytes());
    letter.push(b'\n');
    letter.extend_from_slice(HEADER_END);
    let mac = header_mac(&drawn.file_key, &letter).finalize().into_bytes();
    letter.push(b' ');
    letter.extend_from_slice(Base64Unpadded::encode_string(&mac).as_bytes());
    letter.push(b'\n');

    letter.extend_from_slice(&drawn.payload_nonce);
    let key = derive(&*drawn.file_key, Some(&drawn.payload_nonce), b"payload");
    let mut chunks = plain.chunks(CHUNK_LEN).peekable();
    let mut counter = 0_u64;
    loop {
        // Nothing to seal is one empty chunk, the only empty one there may be.
        let mut chunk = chunks.next().unwrap_or_default().to_vec();
        let is_last = chunks.peek().is_none();
        seal_in_place(&key, chunk_nonce(counter, is_last), &mut chunk)?;
        letter.append(&mut chunk);
        if is_last {
            return Ok(letter);
        }
        counter = counter.saturating_add(1);
    }
}

/// Opens a letter. What is wrong with one that does not open is nobody's business.
pub(super) fn open(identity: &StaticSecret, letter: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut lines = Lines { letter, position: 0 };
    if lines.next() != Some(VERSION_LINE) {
        return Err(SealError::DoesNotOpen);
    }
    let mut file_key = None;
    loop {
        let before = lines.position;
        let line = lines.next().ok_or(SealError::DoesNotOpen)?;
        if let Some(arguments) = line.strip_prefix(STANZA_START) {
            let body = lines.body()?;
            if file_key.is_none() {
                file_key = unwrap_file_key(identity, arguments, &body)?;
            }
            continue;
        }
        let mac = line.strip_prefix(b"--- ").ok_or(SealError::DoesNotOpen)?;
        let mac = decode_array::<32>(mac)?;
        let file_key = file_key.ok_or(SealError::DoesNotOpen)?;
        let covered = letter.get(..before.saturating_add(HEADER_END.len())).ok_or(SealError::DoesNotOpen)?;
        header_mac(&file_key, covered).verify_slice(&mac).map_err(|_| SealError::DoesNotOpen)?;
        return open_payload(&file_key, letter.get(lines.position..).unwrap_or_default());
    }
}

fn open_payload(file_key: &[u8; FILE_KEY_LEN], payload: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, sealed) = payload.split_first_chunk::<PAYLOAD_NONCE_LEN>().ok_or(SealError::DoesNotOpen)?;
    let key = derive(file_key, Some(nonce), b"payload");
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    let mut chunks = sealed.chunks(SEALED_CHUNK_LEN).peekable();
    let mut counter = 0_u64;
    loop {
        let chunk = chunks.next().ok_or(SealError::DoesNotOpen)?;
        let is_last = chunks.peek().is_none();
        let opened = open_bytes(&key, chunk_nonce(counter, is_last), chunk)?;
        if opened.is_empty() && counter > 0 {
            return Err(SealError::DoesNotOpen);
        }
        plain.extend_from_slice(&opened);
        if is_last {
            return Ok(plain);
        }
        counter = counter.saturating_add(1);
    }
}

/// The lines of a header.
struct Lines<'letter> {
    letter: &'letter [u8],
    position: usize,
}

impl<'letter> Lines<'letter> {
    fn next(&mut self) -> Option<&'letter [u8]> {
        let rest = self.letter.get(self.position..)?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        self.position = self.position.saturating_add(end).saturating_add(1);
        rest.get(..end)
    }

    /// The body of a stanza, its lines joined.
    fn body(&mut self) -> Result<Vec<u8>, SealError> {
        let mut body = Vec::new();
        loop {
            let line = self.next().ok_or(SealError::DoesNotOpen)?;
            body.extend_from_slice(line);
            if line.len() < BODY_LINE_LEN {
                return Ok(body);
            }
            if line.len() > BODY_LINE_LEN {
                return Err(SealError::DoesNotOpen);
            }
        }
    }
}

/// `None` for a stanza of another kind or to somebody else.
fn unwrap_file_key(
    identity: &StaticSecret,
    arguments: &[u8],
    body: &[u8],
) -> Result<Option<Zeroizing<[u8; FILE_KEY_LEN]>>, SealError> {
    let Some(share) = arguments.strip_prefix(b"X25519 ") else { return Ok(None) };
    let share = PublicKey::from(decode_array::<32>(share)?);
    let wrapped = decode_array::<{ FILE_KEY_LEN + TAG_LEN }>(body)?;
    let agreed = identity.diffie_hellman(&share);
    if !agreed.was_contributory() {
        return Err(SealError::DoesNotOpen);
    }
    let wrap = wrap_key(&agreed, &share, &PublicKey::from(identity));
    let Ok(opened) = open_bytes(&wrap, [0; 12], &wrapped) else { return Ok(None) };
    let file_key = opened.as_slice().try_into().map_err(|_| SealError::DoesNotOpen)?;
    Ok(Some(Zeroizing::new(file_key)))
}

fn decode_array<const N: usize>(text: &[u8]) -> Result<[u8; N], SealError> {
    let mut bytes = [0; N];
    match Base64Unpadded::decode(text, &mut bytes) {
        Ok(decoded) if decoded.len() == N => Ok(bytes),
        Ok(_) | Err(_) => Err(SealError::DoesNotOpen),
    }
}

fn wrap_key(agreed: &SharedSecret, share: &PublicKey, recipient: &PublicKey) -> Zeroizing<[u8; 32]> {
    let mut salt = [0; 64];
    salt.iter_mut().zip(share.as_bytes().iter().chain(recipient.as_bytes())).for_each(|(to, from)| *to = *from);
    derive(agreed.as_bytes(), Some(&salt), b"age-encryption.org/v1/X25519")
}

fn header_mac(file_key: &[u8; FILE_KEY_LEN], covered: &[u8]) -> Hmac<Sha256> {
    let key = derive(file_key, None, b"header");
    // A key of 32 bytes is filled up with zeros to the hash's block, as HMAC says.
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key.iter()).for_each(|(to, from)| *to = *from);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&(*block).into());
    mac.update(covered);
    mac
}

fn derive(key: &[u8], salt: Option<&[u8]>, label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    // Fails only for outputs beyond 255 × 32 bytes.
    let _ = Hkdf::<Sha256>::new(salt, key).expand(label, &mut *derived);
    derived
}

/// Eleven bytes count the chunks, the twelfth marks the last.
fn chunk_nonce(counter: u64, is_last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    let counted = nonce.iter_mut().skip(3).zip(counter.to_be_bytes());
    counted.for_each(|(to, from)| *to = from);
    if let Some(last) = nonce.last_mut() {
        *last = u8::from(is_last);
    }
    nonce
}

fn seal_in_place(key: &[u8; 32], nonce: [u8; 12], bytes: &mut Vec<u8>) -> Result<(), SealError> {
    let tag = ChaCha20Poly1305::new(&Key::from(*key))
        .encrypt_inout_detached(&Nonce::from(nonce), b"", InOutBuf::from(bytes.as_mut_slice()))
        .map_err(|_| SealError::TooLong)?;
    bytes.extend_from_slice(&tag);
    Ok(())
}

fn open_bytes(key: &[u8; 32], nonce: [u8; 12], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (body, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(SealError::DoesNotOpen)?;
    let mut plain = Zeroizing::new(body.to_vec());
    ChaCha20Poly1305::new(&Key::from(*key))
        .decrypt_inout_detached(&Nonce::from(nonce), b"", InOutBuf::from(plain.as_mut_slice()), &Tag::from(*tag))
        .map_err(|_| SealError::DoesNotOpen)?;
    Ok(plain)
}

#[cfg(test)]
mod tests;
