//! The `age` crate reads what this file writes, and this file reads what the crate writes.

use std::str::FromStr;

use age::secrecy::ExposeSecret;

use super::super::{Identity, LetterKeyError, LetterRandomness, Recipient};
use super::*;

const SEED: [u8; 32] = [0x21; 32];
/// Around every border of a chunk.
const LENGTHS: [usize; 7] = [0, 1, CHUNK_LEN - 1, CHUNK_LEN, CHUNK_LEN + 1, 2 * CHUNK_LEN, 2 * CHUNK_LEN + 17];

fn ours() -> Identity {
    Identity::from_seed(&SEED)
}

fn theirs() -> age::x25519::Identity {
    age::x25519::Identity::from_str(&ours().reveal()).unwrap()
}

fn plain(len: usize) -> Vec<u8> {
    (0..len).map(|index| u8::try_from(index % 251).unwrap()).collect()
}

fn letter(plain: &[u8]) -> Vec<u8> {
    seal(&ours().recipient().0, &LetterRandomness::from_random([0x42; 64]), plain).unwrap()
}

#[test]
fn the_age_crate_opens_what_is_sealed_here() {
    for len in LENGTHS {
        assert!(age::decrypt(&theirs(), &letter(&plain(len))).unwrap() == plain(len), "{len} bytes");
    }
}

#[test]
fn what_the_age_crate_seals_opens_here() {
    for len in LENGTHS {
        let letter = age::encrypt(&theirs().to_public(), &plain(len)).unwrap();
        assert!(*open(&ours().0, &letter).unwrap() == plain(len), "{len} bytes");
    }
}

#[test]
fn a_letter_to_several_opens_for_each() {
    let other = age::x25519::Identity::generate().to_public();
    let recipients: [&dyn age::Recipient; 2] = [&other, &theirs().to_public()];
    let encryptor = age::Encryptor::with_recipients(recipients.into_iter()).unwrap();
    let mut letter = Vec::new();
    let mut writer = encryptor.wrap_output(&mut letter).unwrap();
    std::io::Write::write_all(&mut writer, b"isi").unwrap();
    writer.finish().unwrap();
    assert_eq!(open(&ours().0, &letter).unwrap().as_slice(), b"isi");
}

#[test]
fn keys_have_the_text_form_of_the_age_crate() {
    assert_eq!(ours().recipient().to_string(), theirs().to_public().to_string());
    assert_eq!(ours().reveal().as_str(), theirs().to_string().expose_secret());
    assert_eq!(Recipient::parse(&ours().reveal()), Err(LetterKeyError));
    assert_eq!(Identity::parse(&ours().recipient().to_string()).err(), Some(LetterKeyError));
}

#[test]
fn every_altered_bit_and_every_cut_is_found() {
    let letter = letter(b"isi");
    for bit in 0..letter.len() * 8 {
        let mut altered = letter.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&ours().0, &altered).is_err(), "bit {bit}");
    }
    for cut in 0..letter.len() {
        assert!(open(&ours().0, &letter[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn chunks_that_were_left_out_added_or_swapped_are_found() {
    let letter = letter(&plain(2 * CHUNK_LEN + 17));
    let start = letter.len() - 2 * SEALED_CHUNK_LEN - 17 - TAG_LEN;
    let (head, chunks) = letter.split_at(start);
    let chunks: Vec<&[u8]> = chunks.chunks(SEALED_CHUNK_LEN).collect();
    let joined = |order: &[usize]| [head.to_vec(), order.iter().flat_map(|at| chunks[*at].to_vec()).collect()].concat();
    assert!(open(&ours().0, &joined(&[0, 1, 2])).is_ok());
    for order in [&[0, 1][..], &[0, 2], &[1, 0, 2], &[0, 1, 2, 2], &[]] {
        assert!(open(&ours().0, &joined(order)).is_err(), "{order:?}");
    }
}

#[test]
fn a_share_that_gives_everybody_the_same_key_is_refused() {
    let share = PublicKey::from([0; 32]);
    let agreed = ours().0.diffie_hellman(&share);
    let mut wrapped = vec![0x11; FILE_KEY_LEN];
    seal_in_place(&wrap_key(&agreed, &share, &ours().recipient().0), [0; 12], &mut wrapped).unwrap();
    let arguments = format!("X25519 {}", Base64Unpadded::encode_string(share.as_bytes()));
    let body = Base64Unpadded::encode_string(&wrapped);
    assert!(unwrap_file_key(&ours().0, arguments.as_bytes(), body.as_bytes()).is_err());
}
