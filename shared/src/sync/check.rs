//! The check of every sync: a count and a keyed sum over (document, heads), and the digests of repair.
//!
//! Both sides keep the sum by adding and taking away one term per document, so that a check costs what changed.
//! The key belongs to the relay's epoch; without it nobody can aim at a collision.

use crate::id::{ChangeHash, DocumentId, hash16};
use crate::order::Arrange as _;
use crate::protocol::frame::Check;

/// Number of buckets in the first level of repair.
pub const BUCKET_COUNT: usize = 64;

/// Bytes per bucket digest on the wire.
pub const BUCKET_DIGEST_LEN: usize = 8;

/// Returns what one document adds to the sum.
///
/// **Shape**: `hash16("simpul/check", [key, document, head…])`, heads ascending, read as a little-endian integer.
#[must_use]
pub fn term(key: &[u8; 16], document: DocumentId, heads: &[ChangeHash]) -> u128 {
    let mut sorted: Vec<&ChangeHash> = heads.iter().collect();
    sorted.arrange();
    let mut parts: Vec<&[u8]> = vec![key, document.as_bytes()];
    parts.extend(sorted.iter().map(|head| head.as_bytes().as_slice()));
    u128::from_le_bytes(hash16("simpul/check", &parts))
}

/// A running check: how many documents, and their sum modulo 2^128.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunningCheck {
    /// How many documents.
    pub count: u32,
    /// Sum of their terms.
    pub sum: u128,
}

impl RunningCheck {
    /// Reads the check of a frame or a row.
    #[must_use]
    pub const fn from_frame(check: Check) -> Self {
        Self { count: check.count, sum: u128::from_le_bytes(check.sum) }
    }

    /// The form frames and rows hold.
    #[must_use]
    pub const fn to_frame(self) -> Check {
        Check { count: self.count, sum: self.sum.to_le_bytes() }
    }

    /// Counts a document in.
    pub const fn add(&mut self, term: u128) {
        self.count = self.count.wrapping_add(1);
        self.sum = self.sum.wrapping_add(term);
    }

    /// Counts a document out.
    pub const fn remove(&mut self, term: u128) {
        self.count = self.count.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(term);
    }
}

/// Returns the bucket a document falls into: the low six bits of its first byte.
#[must_use]
pub fn bucket_of(document: DocumentId) -> u8 {
    document.as_bytes().first().map_or(0, |byte| byte & 0x3f)
}

/// Digests of all 64 buckets, built document by document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketDigests([u64; BUCKET_COUNT]);

impl Default for BucketDigests {
    fn default() -> Self {
        Self([0; BUCKET_COUNT])
    }
}

impl BucketDigests {
    /// Counts a document into its bucket.
    pub fn add(&mut self, key: &[u8; 16], document: DocumentId, heads: &[ChangeHash]) {
        let [a, b, c, d, e, f, g, h, ..] = term(key, document, heads).to_le_bytes();
        if let Some(digest) = self.0.get_mut(usize::from(bucket_of(document))) {
            *digest = digest.wrapping_add(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
        }
    }

    /// The wire form: 64 × 8 bytes, little-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|digest| digest.to_le_bytes()).collect()
    }

    /// Returns the buckets in which a peer's digests differ; all of them when the peer's have the wrong length.
    #[must_use]
    pub fn differing(&self, peer: &[u8]) -> Vec<u8> {
        let ours = self.to_bytes();
        (0_u8..64)
            .zip(ours.chunks_exact(BUCKET_DIGEST_LEN).enumerate())
            .filter(|(_, (index, digest))| {
                peer.len() != ours.len() || peer.chunks_exact(BUCKET_DIGEST_LEN).nth(*index) != Some(*digest)
            })
            .map(|(bucket, _)| bucket)
            .collect()
    }
}

/// Moves a document's heads over one more change: its parents are no heads any more, it is one.
pub fn advance_heads(heads: &mut Vec<ChangeHash>, deps: &[ChangeHash], hash: ChangeHash) {
    heads.retain(|head| !deps.contains(head));
    if !heads.contains(&hash) {
        heads.push(hash);
        heads.arrange();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 16] = [7; 16];

    fn document(byte: u8) -> DocumentId {
        DocumentId::from_bytes([byte; 16])
    }

    fn head(byte: u8) -> ChangeHash {
        ChangeHash::from_bytes([byte; 32])
    }

    #[test]
    fn adding_and_removing_in_any_order_gives_the_same_sum() {
        let (a, b) = (term(&KEY, document(1), &[head(1)]), term(&KEY, document(2), &[head(2), head(3)]));
        let mut one = RunningCheck::default();
        one.add(a);
        one.add(b);
        let mut other = RunningCheck::default();
        other.add(b);
        other.add(a);
        assert_eq!(one, other);
        one.remove(b);
        one.remove(a);
        assert_eq!(one, RunningCheck::default());
    }

    #[test]
    fn order_of_heads_does_not_matter_but_their_values_do() {
        assert_eq!(term(&KEY, document(1), &[head(1), head(2)]), term(&KEY, document(1), &[head(2), head(1)]));
        assert_ne!(term(&KEY, document(1), &[head(1)]), term(&KEY, document(1), &[head(2)]));
        assert_ne!(term(&KEY, document(1), &[head(1)]), term(&[8; 16], document(1), &[head(1)]));
    }

    #[test]
    fn only_the_bucket_that_differs_is_named() {
        let (mut ours, mut theirs) = (BucketDigests::default(), BucketDigests::default());
        for byte in 0..40 {
            ours.add(&KEY, document(byte), &[head(byte)]);
            theirs.add(&KEY, document(byte), &[head(if byte == 9 { 99 } else { byte })]);
        }
        assert_eq!(ours.differing(&theirs.to_bytes()), vec![9]);
        assert_eq!(ours.differing(&[]).len(), BUCKET_COUNT);
    }

    #[test]
    fn heads_advance_over_a_merge() {
        let mut heads = vec![head(1), head(2)];
        advance_heads(&mut heads, &[head(1), head(2)], head(3));
        assert_eq!(heads, vec![head(3)]);
    }
}
