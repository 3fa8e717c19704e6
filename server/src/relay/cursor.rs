//! Where a device has come to: sealed for it alone, so that it neither reads positions nor makes them up.
//!
//! Meaning: the device has everything its account may have as of `position`, except documents granted up to
//! `backfill.until` that the backfill (newest grant first) has not reached yet. While news is interrupted it was also told
//! of every document whose latest change is not after `told`; such a document's earlier changes were told with it, but a
//! document that comes later in the feed may have changed before `told` too, so its changes count from `position`.

use minicbor::{Decode, Encode};
use shared::id::{DeviceId, DocumentId};

use crate::sealing::{Sealer, SealingError};

/// A place in the order of backfill: newest grant first, then by document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Rank {
    #[n(0)]
    pub(super) granted: u64,
    #[n(1)]
    pub(super) document: DocumentId,
}

impl Rank {
    /// Whether `self` is served before `other`.
    pub(super) fn precedes(&self, other: &Self) -> bool {
        (other.granted, self.document) < (self.granted, other.document)
    }
}

/// A backfill under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Backfill {
    /// Covers grants up to this position.
    #[n(0)]
    pub(super) until: u64,
    /// The last document served.
    #[n(1)]
    pub(super) after: Option<Rank>,
}

impl Backfill {
    /// Whether a document with this grant still waits for its turn.
    pub(super) fn awaits(&self, rank: &Rank) -> bool {
        rank.granted <= self.until && self.after.is_none_or(|after| after.precedes(rank))
    }
}

/// What a cursor holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Cursor {
    /// Incarnation of the database it belongs to.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub(super) epoch: [u8; 8],
    /// Everything up to here is on the tablet.
    #[n(1)]
    pub(super) position: u64,
    /// Relay time at which it was given: what "then" means for held changes.
    #[n(2)]
    pub(super) at_ms: u64,
    /// Unfinished backfill.
    #[n(3)]
    pub(super) backfill: Option<Backfill>,
    /// How far the feed was read, while an answer broke off in the middle of news; after `position`.
    #[n(4)]
    pub(super) told: Option<u64>,
    /// How far a device that began without a cursor was told of what waits for its account.
    #[n(5)]
    pub(super) held: Option<u64>,
}

/// What a request's cursor turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// None was sent: first sync, or one after a loss.
    None,
    /// It goes on from here.
    At(Cursor),
    /// It belongs to another incarnation of the database.
    OtherEpoch,
}

impl Cursor {
    /// Up to where the device has read the feed.
    pub(super) fn reached(&self) -> u64 {
        self.told.unwrap_or(self.position)
    }

    /// Seals it for one device.
    pub(super) fn seal(&self, sealer: &Sealer, device: DeviceId) -> Result<Vec<u8>, SealingError> {
        let mut plain = Vec::with_capacity(64);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(self, &mut plain);
        sealer.seal_cursor(device, &plain)
    }

    /// Opens what a device sent; none when it was not given to this device by this relay.
    pub(super) fn open(sealer: &Sealer, device: DeviceId, epoch: [u8; 8], sealed: &[u8]) -> Option<Standing> {
        let plain = sealer.open_cursor(device, sealed)?;
        let cursor: Self = minicbor::decode(&plain).ok()?;
        Some(if cursor.epoch == epoch { Standing::At(cursor) } else { Standing::OtherEpoch })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(granted: u64, document: u8) -> Rank {
        Rank { granted, document: DocumentId::from_bytes([document; 16]) }
    }

    #[test]
    fn newest_grants_come_first_and_every_document_once() {
        assert!(rank(9, 1).precedes(&rank(8, 0)));
        assert!(rank(9, 1).precedes(&rank(9, 2)));
        assert!(!rank(9, 2).precedes(&rank(9, 2)));
        let backfill = Backfill { until: 9, after: Some(rank(8, 5)) };
        assert!(!backfill.awaits(&rank(10, 0)), "granted later, so not part of it");
        assert!(!backfill.awaits(&rank(9, 1)), "served");
        assert!(!backfill.awaits(&rank(8, 5)), "served last");
        assert!(backfill.awaits(&rank(8, 6)));
        assert!(backfill.awaits(&rank(1, 0)));
    }
}
