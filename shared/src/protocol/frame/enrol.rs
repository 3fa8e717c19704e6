//! How a device joins.

use minicbor::{Decode, Encode};

use super::answer::{Fault, Member};
use crate::id::{DeviceId, TabletId, TenantId};

/// First step of enrolment: whose code is this?
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum EnrolRequest {
    /// Shows whom the code belongs to; uses nothing up.
    #[n(0)]
    Look {
        /// [`PROTOCOL_VERSION`](super::PROTOCOL_VERSION).
        #[n(0)]
        version: u16,
        /// The one-time code, normalised.
        #[n(1)]
        code: String,
    },
    /// Uses the code up and registers the device. Repeating it with the same key gives the same answer.
    #[n(1)]
    Join {
        /// [`PROTOCOL_VERSION`](super::PROTOCOL_VERSION).
        #[n(0)]
        version: u16,
        /// The one-time code, normalised.
        #[n(1)]
        code: String,
        /// Ed25519 public key of the new device.
        #[n(2)]
        #[cbor(with = "minicbor::bytes")]
        public_key: [u8; 32],
        /// The tablet it lives on.
        #[n(3)]
        tablet: TabletId,
        /// What people call the tablet.
        #[n(4)]
        tablet_name: String,
        /// The vault key sealed to the office's recovery recipient.
        #[n(5)]
        #[cbor(with = "minicbor::bytes")]
        slot: Vec<u8>,
        /// Ed25519 by the new key over the join message, which proves that the device holds it.
        #[n(6)]
        #[cbor(with = "minicbor::bytes")]
        signature: [u8; 64],
    },
}

/// Answers to [`EnrolRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum EnrolAnswer {
    /// To a look.
    #[n(0)]
    Welcome {
        /// The relay's identity.
        #[n(0)]
        tenant: TenantId,
        /// Whose account.
        #[n(1)]
        member: Member,
        /// Name of the task force in the pack's first language.
        #[n(2)]
        office: String,
        /// `age` recipient of the office's recovery identity.
        #[n(3)]
        recovery_recipient: String,
        /// Version of the pack; fetch it at `/pack`.
        #[n(4)]
        pack: u32,
        /// Everything here is synthetic: show the red line.
        #[n(5)]
        synthetic: bool,
    },
    /// To a join.
    #[n(1)]
    Joined {
        /// The new device.
        #[n(0)]
        device: DeviceId,
        /// Its number in the directory.
        #[n(1)]
        device_number: u32,
        /// `age` recipient of the relay, for the tablet's own copies.
        #[n(2)]
        relay_recipient: String,
        /// Relay time, milliseconds since 1970 UTC.
        #[n(3)]
        now_ms: u64,
    },
    /// Not taken.
    #[n(2)]
    Fault(#[n(0)] Fault),
}
