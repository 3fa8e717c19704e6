//! What can be checked without a transaction: decoding, the device's frame signature, the shape of every change.

use shared::id::{ChangeHash, DeviceId, DocumentId, DocumentKey};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::codec::{decode_signed_upload, decode_upload};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Brought, ChangeBytes, Fault, PROTOCOL_VERSION, Push, Upload};
use shared::seal::sign::DevicePublic;

use super::cursor::{Cursor, Standing};
use super::offers::PreparedOffer;
use super::{Relay, RelayError, fault};
use crate::failure::Chain;
use crate::storage::record::DeviceRecord;

/// A request whose sender is known and whose bytes are what they claim.
pub(super) struct Prepared {
    pub(super) upload: Upload,
    pub(super) device: DeviceRecord,
    pub(super) cursor: Standing,
    pub(super) pushes: Vec<PreparedPush>,
    /// Uploads that were accepted before the database was restored.
    pub(super) offers: Vec<PreparedOffer>,
    /// What the sender received from the database that was lost.
    pub(super) brought: Vec<PreparedPush>,
    pub(super) now_ms: u64,
}

impl Prepared {
    pub(super) const fn device_id(&self) -> DeviceId {
        self.upload.device
    }

    /// Whether anything in it makes the writing transaction open documents.
    pub(super) const fn wants_the_writer(&self) -> bool {
        !self.pushes.is_empty()
            || !self.offers.is_empty()
            || !self.brought.is_empty()
            || self.upload.decisions.is_some()
    }
}

/// Bytes that are no change, and why.
pub(super) struct Garbled {
    pub(super) code: ErrorCode,
    pub(super) bytes: Vec<u8>,
}

/// Looks at each change on its own.
fn looked_at(changes: Vec<ChangeBytes>) -> Vec<Result<CheckedChange, Garbled>> {
    let look = |ChangeBytes(bytes)| CheckedChange::check(&bytes).map_err(|fault| Garbled { code: fault.code(), bytes });
    changes.into_iter().map(look).collect()
}

/// One push, every change looked at on its own.
pub(super) struct PreparedPush {
    pub(super) document: DocumentId,
    pub(super) create: Option<DocumentKey>,
    pub(super) changes: Vec<Result<CheckedChange, Garbled>>,
    pub(super) hashes: Vec<ChangeHash>,
    pub(super) signature: [u8; 64],
    /// Under which counter the signature was made.
    pub(super) counter: u64,
    /// Why none of it can be taken, whatever its changes are.
    pub(super) flaw: Option<ErrorCode>,
    pub(super) way: Way,
}

/// How changes come to the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Written and signed by the sender.
    Written,
    /// The same, kept by the tablet for a restored relay and offered again; what is not taken now may be tried many times.
    Offered,
    /// Received by the sender from this relay before it was restored, whoever wrote it: nothing says so but the sender.
    Brought,
}

impl PreparedPush {
    /// How many changes it brings.
    pub(super) fn change_count(&self) -> u64 {
        u64::try_from(self.changes.len()).unwrap_or(u64::MAX)
    }

    /// Bytes of the changes it brings.
    pub(super) fn change_bytes(&self) -> u64 {
        let bytes = self.changes.iter().flatten().map(|change| change.as_bytes().len());
        u64::try_from(bytes.fold(0, usize::saturating_add)).unwrap_or(u64::MAX)
    }

    pub(super) fn check(relay: &Relay, device: DeviceId, key: &[u8; 32], counter: u64, mut push: Push) -> Self {
        let changes = looked_at(core::mem::take(&mut push.changes));
        let hashes: Vec<ChangeHash> =
            changes.iter().filter_map(|change| change.as_ref().ok().map(CheckedChange::hash)).collect();
        let sound = hashes.len() == changes.len();
        let signed = || push.verify(relay.tenant(), &DevicePublic::from_bytes(*key), &hashes, device, counter).is_ok();
        let flaw = if push.create.as_ref().is_some_and(|create| create.id() != push.document) {
            Some(ErrorCode::DocumentKeyWrong)
        } else if sound && !signed() {
            Some(ErrorCode::PushSignatureWrong)
        } else {
            None
        };
        let Push { document, create, signature, .. } = push;
        Self { document, create, changes, hashes, signature, counter, flaw, way: Way::Written }
    }

    /// What was brought has no signature of its own: that of the request says who brings it.
    fn check_brought(counter: u64, brought: Brought) -> Self {
        let changes = looked_at(brought.changes);
        let hashes = changes.iter().filter_map(|change| change.as_ref().ok().map(CheckedChange::hash)).collect();
        let (document, create) = (brought.key.id(), Some(brought.key));
        Self { document, create, changes, hashes, signature: [0; 64], counter, flaw: None, way: Way::Brought }
    }

    /// Whether it would make a document beside the one a case begins with. Nothing begins a document anew yet; a second one would
    /// stand beside the true one, and tablets show one of the two.
    pub(super) fn begins_anew(&self) -> bool {
        self.create.as_ref().is_some_and(|key| key.generation != 0)
    }

    /// Whether any change is not even a change; then the hashes that were signed are not known.
    pub(super) fn is_garbled(&self) -> bool {
        self.changes.iter().any(Result::is_err)
    }
}

impl Relay {
    /// Decodes and authenticates a request.
    pub(super) async fn prepare(&self, bytes: &[u8], now_ms: u64) -> Result<Prepared, Fault> {
        let signed = decode_signed_upload(bytes).map_err(|error| fault(error.code(), None))?;
        let mut upload = decode_upload(&signed.body).map_err(|error| fault(error.code(), None))?;
        if upload.version != PROTOCOL_VERSION {
            return Err(fault(ErrorCode::ProtocolUnknown, None));
        }
        let device = self.device(upload.device).await.map_err(|error| {
            tracing::error!(error = %Chain(&error), "device lookup failed");
            error.fault()
        })?;
        let device = device.ok_or_else(|| fault(ErrorCode::DeviceUnknown, None))?;
        signed
            .verify(self.tenant(), &DevicePublic::from_bytes(device.public_key))
            .map_err(|_| fault(ErrorCode::SignatureWrong, None))?;
        let cursor = match &upload.cursor {
            None => Standing::None,
            Some(sealed) => Cursor::open(&self.sealer, upload.device, self.founding.epoch, sealed)
                .ok_or_else(|| fault(ErrorCode::CursorUnknown, None))?,
        };
        let pushes = core::mem::take(&mut upload.pushes)
            .into_iter()
            .map(|push| PreparedPush::check(self, upload.device, &device.public_key, upload.counter, push))
            .collect();
        let offers = self.open_offers(upload.device, &device.public_key, core::mem::take(&mut upload.offers), now_ms);
        let brought = upload.brought.take().unwrap_or_default();
        let brought = brought.into_iter().map(|one| PreparedPush::check_brought(upload.counter, one)).collect();
        Ok(Prepared { upload, device, cursor, pushes, offers, brought, now_ms })
    }

    async fn device(&self, device: DeviceId) -> Result<Option<DeviceRecord>, RelayError> {
        Ok(self.storage.read().await?.view().device(device).await?)
    }
}
