//! What is signed: the exact bytes under every signature of the wire.
//!
//! Each message is one deterministic CBOR array that starts with its own label, so that a signature made for one
//! purpose never holds for another. The tenant is in each, so none holds at another relay. Signing and
//! verifying are `seal::sign`'s; the protocol page has the same messages with vectors.

use minicbor::Encoder;

use crate::id::{ChangeHash, DeviceId, DocumentId, TabletId, TenantId};
use crate::seal::sign::{DevicePublic, DeviceSecret, SignError, Signature};

use super::frame::{Push, SignedUpload};

/// First item of the message under an upload.
pub const FRAME_LABEL: &str = "simpul/frame/1";
/// First item of the message under a push.
pub const PUSH_LABEL: &str = "simpul/push/1";
/// First item of the message under the hello of a socket.
pub const LIVE_LABEL: &str = "simpul/live/1";
/// First item of the message under an enrolment.
pub const JOIN_LABEL: &str = "simpul/join/1";

/// What is signed over an upload.
///
/// **Shape**: CBOR `["simpul/frame/1", tenant, body]`.
#[must_use]
pub fn frame_message(tenant: TenantId, body: &[u8]) -> Vec<u8> {
    labelled(FRAME_LABEL, tenant, body)
}

/// What is signed over the hello of a socket.
///
/// **Shape**: CBOR `["simpul/live/1", tenant, body]`.
#[must_use]
pub fn live_message(tenant: TenantId, body: &[u8]) -> Vec<u8> {
    labelled(LIVE_LABEL, tenant, body)
}

fn labelled(label: &str, tenant: TenantId, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(body.len().saturating_add(48));
    let mut encoder = Encoder::new(&mut message);
    // Writing to a vector cannot fail.
    let _ = encoder
        .array(3)
        .and_then(|encoder| encoder.str(label))
        .and_then(|encoder| encoder.bytes(tenant.as_bytes()))
        .and_then(|encoder| encoder.bytes(body));
    message
}

/// What is signed over the changes of one document; this alone binds a change to its document.
///
/// **Shape**: CBOR `["simpul/push/1", tenant, document, [hash…], device, counter]`; the hashes of every change
/// of the push, derived ones too, in the order of the push.
#[must_use]
pub fn push_message(
    tenant: TenantId,
    document: DocumentId,
    hashes: &[ChangeHash],
    device: DeviceId,
    counter: u64,
) -> Vec<u8> {
    let mut message = Vec::with_capacity(hashes.len().saturating_mul(34).saturating_add(96));
    let mut encoder = Encoder::new(&mut message);
    // Writing to a vector cannot fail.
    let _ = encoder
        .array(6)
        .and_then(|encoder| encoder.str(PUSH_LABEL))
        .and_then(|encoder| encoder.bytes(tenant.as_bytes()))
        .and_then(|encoder| encoder.bytes(document.as_bytes()))
        .and_then(|encoder| encoder.array(u64::try_from(hashes.len()).unwrap_or(u64::MAX)))
        .and_then(|encoder| hashes.iter().try_fold(encoder, |encoder, hash| encoder.bytes(hash.as_bytes())))
        .and_then(|encoder| encoder.bytes(device.as_bytes()))
        .and_then(|encoder| encoder.u64(counter));
    message
}

/// What a new device signs to prove that it holds its key.
///
/// **Shape**: CBOR `["simpul/join/1", tenant, code, public key, tablet, tablet name, slot]`.
#[must_use]
pub fn join_message(
    tenant: TenantId,
    code: &str,
    public_key: &[u8; 32],
    tablet: TabletId,
    tablet_name: &str,
    slot: &[u8],
) -> Vec<u8> {
    let mut message = Vec::with_capacity(slot.len().saturating_add(256));
    let mut encoder = Encoder::new(&mut message);
    // Writing to a vector cannot fail.
    let _ = encoder
        .array(7)
        .and_then(|encoder| encoder.str(JOIN_LABEL))
        .and_then(|encoder| encoder.bytes(tenant.as_bytes()))
        .and_then(|encoder| encoder.str(code))
        .and_then(|encoder| encoder.bytes(public_key))
        .and_then(|encoder| encoder.bytes(tablet.as_bytes()))
        .and_then(|encoder| encoder.str(tablet_name))
        .and_then(|encoder| encoder.bytes(slot));
    message
}

impl SignedUpload {
    /// Signs an encoded upload.
    #[must_use]
    pub fn sign(tenant: TenantId, secret: &DeviceSecret, body: Vec<u8>) -> Self {
        let signature = *secret.sign(&frame_message(tenant, &body)).as_bytes();
        Self { body, signature }
    }

    /// Verifies that the device's key signed these very bytes for this relay.
    ///
    /// # Errors
    /// [`SignError`] when it did not.
    pub fn verify(&self, tenant: TenantId, device: &DevicePublic) -> Result<(), SignError> {
        device.verify(&frame_message(tenant, &self.body), &Signature::from_bytes(self.signature))
    }
}

impl Push {
    /// Verifies that the device's key signed exactly these hashes for this document.
    ///
    /// `hashes` are those of the checked changes, in order.
    ///
    /// # Errors
    /// [`SignError`] when it did not.
    pub fn verify(
        &self,
        tenant: TenantId,
        key: &DevicePublic,
        hashes: &[ChangeHash],
        device: DeviceId,
        counter: u64,
    ) -> Result<(), SignError> {
        key.verify(
            &push_message(tenant, self.document, hashes, device, counter),
            &Signature::from_bytes(self.signature),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: TenantId = TenantId::from_bytes([1; 16]);
    const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);

    #[test]
    fn a_frame_holds_for_its_relay_and_bytes_only() {
        let secret = DeviceSecret::from_seed(&[3; 32]);
        let mut signed = SignedUpload::sign(TENANT, &secret, vec![0x80]);
        assert_eq!(signed.verify(TENANT, &secret.public()), Ok(()));
        let elsewhere = TenantId::from_bytes([9; 16]);
        assert!(signed.verify(elsewhere, &secret.public()).is_err());
        signed.body.push(0);
        assert!(signed.verify(TENANT, &secret.public()).is_err());
    }

    #[test]
    fn a_push_holds_for_its_document_hashes_order_device_and_counter_only() {
        let secret = DeviceSecret::from_seed(&[3; 32]);
        let document = DocumentId::from_bytes([4; 16]);
        let hashes = [ChangeHash::from_bytes([5; 32]), ChangeHash::from_bytes([6; 32])];
        let signature = secret.sign(&push_message(TENANT, document, &hashes, DEVICE, 7));
        let mut push = Push { document, create: None, changes: Vec::new(), signature: *signature.as_bytes() };
        let key = secret.public();
        assert_eq!(push.verify(TENANT, &key, &hashes, DEVICE, 7), Ok(()));
        assert!(push.verify(TENANT, &key, &hashes, DEVICE, 8).is_err());
        assert!(push.verify(TENANT, &key, &hashes[..1], DEVICE, 7).is_err());
        assert!(push.verify(TENANT, &key, &[hashes[1], hashes[0]], DEVICE, 7).is_err());
        assert!(push.verify(TENANT, &key, &hashes, DeviceId::from_bytes([8; 16]), 7).is_err());
        push.document = DocumentId::from_bytes([8; 16]);
        assert!(push.verify(TENANT, &key, &hashes, DEVICE, 7).is_err());
    }
}
