//! What `GET /live` carries: one signed hello up, then single numbers. Never an identifier, never data.
//!
//! The socket is no second way for data: it says that a round of `/sync` would bring something, and nothing about what.
//! Owns these few frames; when they are said is the relay's, what is done about them the tablet's.

use minicbor::{Decode, Encode};

use super::codec::{WireError, check_version, decode};
use super::frame::PROTOCOL_VERSION;
use super::limits::LIVE_MESSAGE_BYTES_MAX;
use super::sign::live_message;
use super::walk::Budget;
use crate::id::{DeviceId, TenantId};
use crate::seal::sign::{DevicePublic, DeviceSecret, SignError, Signature};

/// The first message of a socket as it stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SignedHello {
    /// The encoded [`Hello`]; signed as these very bytes.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// Ed25519 over the live message of the signature page.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`].
    #[n(0)]
    pub version: u16,
    /// The device.
    #[n(1)]
    pub device: DeviceId,
    /// From the counter that uploads take theirs from; a hello with one that is not above the last hello's opens nothing.
    #[n(2)]
    pub counter: u64,
}

/// Every other message, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Signal {
    /// The relay has taken the hello and tells of everything that is new from here on.
    #[n(0)]
    Ready,
    /// A round would bring something.
    #[n(1)]
    News,
    /// Still there? The tablet answers with the same.
    #[n(2)]
    Alive,
}

impl SignedHello {
    /// Makes the first message of a socket.
    #[must_use]
    pub fn make(tenant: TenantId, device: DeviceId, counter: u64, secret: &DeviceSecret) -> Self {
        let body = super::codec::encode(&Hello { version: PROTOCOL_VERSION, device, counter });
        let signature = *secret.sign(&live_message(tenant, &body)).as_bytes();
        Self { body, signature }
    }

    /// Verifies that the device's key signed these very bytes for this relay.
    ///
    /// # Errors
    /// [`SignError`] when it did not.
    pub fn verify(&self, tenant: TenantId, device: &DevicePublic) -> Result<(), SignError> {
        device.verify(&live_message(tenant, &self.body), &Signature::from_bytes(self.signature))
    }
}

/// Decodes the first message of a socket, signature not verified.
///
/// # Errors
/// [`WireError`] naming the first thing that is wrong.
pub fn decode_hello(bytes: &[u8]) -> Result<(SignedHello, Hello), WireError> {
    let budget = Budget { bytes_max: LIVE_MESSAGE_BYTES_MAX, items_max: 4 };
    let signed: SignedHello = decode(bytes, budget)?;
    check_version(&signed.body, 0)?;
    let hello = decode(&signed.body, budget)?;
    Ok((signed, hello))
}

/// Decodes any other message.
///
/// # Errors
/// [`WireError`] when it is none.
pub fn decode_signal(bytes: &[u8]) -> Result<Signal, WireError> {
    decode(bytes, Budget { bytes_max: 1, items_max: 1 })
}

#[cfg(test)]
mod tests {
    use super::super::codec::encode;
    use super::*;

    const TENANT: TenantId = TenantId::from_bytes([1; 16]);
    const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);

    #[test]
    fn a_hello_holds_for_its_relay_device_and_counter_and_is_no_upload() {
        let secret = DeviceSecret::from_seed(&[3; 32]);
        let bytes = encode(&SignedHello::make(TENANT, DEVICE, 7, &secret));
        assert!(bytes.len() < LIVE_MESSAGE_BYTES_MAX);
        let (signed, hello) = decode_hello(&bytes).unwrap();
        assert_eq!(hello, Hello { version: PROTOCOL_VERSION, device: DEVICE, counter: 7 });
        assert_eq!(signed.verify(TENANT, &secret.public()), Ok(()));
        assert!(signed.verify(TenantId::from_bytes([9; 16]), &secret.public()).is_err());
        let mut other = signed.clone();
        other.body = encode(&Hello { counter: 8, ..hello });
        assert!(other.verify(TENANT, &secret.public()).is_err());
        // Signed as an upload it opens no socket, and the other way round.
        let upload = super::super::frame::SignedUpload::sign(TENANT, &secret, signed.body.clone());
        let stolen = SignedHello { body: upload.body, signature: upload.signature };
        assert!(stolen.verify(TENANT, &secret.public()).is_err());
    }

    #[test]
    fn what_is_no_hello_is_named() {
        let secret = DeviceSecret::from_seed(&[3; 32]);
        let bytes = encode(&SignedHello::make(TENANT, DEVICE, 7, &secret));
        assert_eq!(decode_hello(&[bytes.as_slice(), &[0]].concat()), Err(WireError::Trailing));
        assert_eq!(decode_hello(&bytes[..bytes.len() - 1]), Err(WireError::Truncated));
        assert_eq!(decode_hello(&vec![0; LIVE_MESSAGE_BYTES_MAX + 1]), Err(WireError::TooLarge));
        let body = encode(&Hello { version: 2, device: DEVICE, counter: 1 });
        let other = encode(&SignedHello { body, signature: [0; 64] });
        assert_eq!(decode_hello(&other), Err(WireError::Version(2)));
        assert_eq!(decode_signal(&[1]), Ok(Signal::News));
        for bytes in [&[3][..], &[0, 0], &[], &[0x18, 1]] {
            assert!(decode_signal(bytes).is_err(), "{bytes:?}");
        }
    }
}
