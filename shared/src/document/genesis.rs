//! The changes that every device computes alike.
//!
//! Owns genesis, one constant for every document, and the derived change that makes a text's container. Must never
//! depend on a pack, a device or a clock. The relay inserts genesis and recomputes derived changes; nobody signs
//! either.

use super::crdt::{Action, CrdtError, DecodedChange, DecodedOp, Object, ParsedChange, Place, decode, encode};
use super::path::{OpId, is_text_key};
use crate::id::{ActorId, ChangeHash, hash16};

/// The actor of genesis; reserved.
pub const GENESIS_ACTOR: ActorId = ActorId::from_bytes([0; 16]);

/// The constant first change of every document of `simpul/1`: the maps `f`, `r` and `t` at the root.
///
/// **Shape**: one uncompressed Automerge change; actor 16 zero bytes, seq 1, time 0, no message, no parents.
pub const GENESIS: &[u8] = &[
    0x85, 0x6f, 0x4a, 0x83, 0x37, 0x78, 0xec, 0x03, 0x01, 0x30, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x05, 0x15, 0x07, 0x34, 0x01,
    0x42, 0x02, 0x56, 0x02, 0x70, 0x02, 0x7d, 0x01, 0x66, 0x01, 0x72, 0x01, 0x74, 0x03, 0x03, 0x00, 0x03, 0x00, 0x03,
    0x00,
];

/// The hash of [`GENESIS`].
pub const GENESIS_HASH: ChangeHash = ChangeHash::from_bytes([
    0x37, 0x78, 0xec, 0x03, 0x8e, 0xab, 0x84, 0x2c, 0x8e, 0x2c, 0x2f, 0xe1, 0x16, 0xa3, 0xde, 0xe2, 0xb1, 0x6f, 0xfc,
    0xc6, 0x7f, 0x67, 0xcd, 0x6e, 0xfe, 0x86, 0x0c, 0x8c, 0x4b, 0x27, 0xd2, 0x14,
]);

const TEXT_ACTOR_LABEL: &str = "simpul/text";

/// The map of scalar fields.
pub(crate) const FIELDS: OpId = OpId { counter: 1, actor: GENESIS_ACTOR };
/// The map of rows.
pub(crate) const ROWS: OpId = OpId { counter: 2, actor: GENESIS_ACTOR };
/// The map of texts.
pub(crate) const TEXTS: OpId = OpId { counter: 3, actor: GENESIS_ACTOR };

const FIRST_FREE_OP: u64 = 4;

/// The actor of the derived change that makes the text at `key`; reserved, so a device may not write with it.
#[must_use]
pub fn text_actor(key: &str) -> ActorId {
    ActorId::from_bytes(hash16(TEXT_ACTOR_LABEL, &[key.as_bytes()]))
}

/// The object that the derived change makes.
pub(crate) fn text_object(key: &str) -> OpId {
    OpId { counter: FIRST_FREE_OP, actor: text_actor(key) }
}

/// Builds the derived change that makes the text container at `key`: the same bytes everywhere.
///
/// **Shape**: actor [`text_actor`], seq 1, time 0, no message, no author, parent [`GENESIS_HASH`], one operation.
///
/// # Errors
/// [`CrdtError`] never in practice; the type is the encoder's.
pub fn text_change(key: &str) -> Result<Vec<u8>, CrdtError> {
    let change = encode(&DecodedChange {
        hash: GENESIS_HASH,
        deps: vec![GENESIS_HASH],
        actor: text_actor(key),
        seq: 1,
        start_op: FIRST_FREE_OP,
        time_s: 0,
        message: None,
        author: None,
        footer_is_canonical: true,
        ops: vec![DecodedOp {
            id: text_object(key),
            object: Object::Made(TEXTS),
            place: Place::Key(key.to_owned()),
            action: Action::MakeText,
            insert: false,
            preds: Vec::new(),
        }],
    })?;
    Ok(change.raw_bytes().to_vec())
}

/// Tells whether the bytes are the derived change of some text, and of which.
#[must_use]
pub fn is_text_change(bytes: &[u8]) -> Option<String> {
    let change = decode(&ParsedChange::parse(bytes).ok()?)?;
    text_key_of(&change, bytes)
}

/// As [`is_text_change`] for a change that is already decoded.
pub(crate) fn text_key_of(change: &DecodedChange, bytes: &[u8]) -> Option<String> {
    let [DecodedOp { place: Place::Key(key), action: Action::MakeText, .. }] = change.ops.as_slice() else {
        return None;
    };
    let canonical = is_text_key(key) && text_change(key).is_ok_and(|derived| derived == bytes);
    canonical.then(|| key.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebuilt() -> ParsedChange {
        let made = |counter, key: &str| DecodedOp {
            id: OpId { counter, actor: GENESIS_ACTOR },
            object: Object::Root,
            place: Place::Key(key.to_owned()),
            action: Action::MakeMap,
            insert: false,
            preds: Vec::new(),
        };
        encode(&DecodedChange {
            hash: GENESIS_HASH,
            deps: Vec::new(),
            actor: GENESIS_ACTOR,
            seq: 1,
            start_op: 1,
            time_s: 0,
            message: None,
            author: None,
            footer_is_canonical: true,
            ops: vec![made(1, "f"), made(2, "r"), made(3, "t")],
        })
        .unwrap()
    }

    #[test]
    fn genesis_is_the_committed_constant() {
        let change = rebuilt();
        assert_eq!(change.raw_bytes(), GENESIS);
        assert_eq!(change.hash(), GENESIS_HASH);
    }

    #[test]
    fn a_text_change_is_recognised_by_its_bytes_alone() {
        let bytes = text_change("kronologi").unwrap();
        assert_eq!(bytes, text_change("kronologi").unwrap());
        assert_eq!(is_text_change(&bytes).as_deref(), Some("kronologi"));
        assert_eq!(is_text_change(GENESIS), None);
        let mut other = bytes;
        if let Some(last) = other.last_mut() {
            *last ^= 1;
        }
        assert_eq!(is_text_change(&other), None);
    }
}
