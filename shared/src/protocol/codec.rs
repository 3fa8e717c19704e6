//! Bytes to frames and back, with every limit enforced on the way in.
//!
//! A frame has exactly one encoding; whatever decodes but would be written otherwise is refused, so that two
//! readers never disagree about the same bytes. Limits are checked before memory is taken: first the walk over the
//! raw bytes, then the decoder, then the counts and lengths of each list. No input panics.

use minicbor::{Decode, Encode};

use super::error::ErrorCode;
use super::frame::{
    Brought, EnrolAnswer, EnrolRequest, Offer, PROTOCOL_VERSION, Part, Push, Repair, SignedUpload, Upload,
};
use super::held::{Decision, Verdict};
use super::limits;
use super::seen::{SeenBatch, Sight};
use super::walk::{Budget, Walk};

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum WireError {
    /// A frame, or a string in it, is larger than its limit.
    #[error("larger than its limit")]
    TooLarge,
    /// A list holds more than its limit.
    #[error("a list holds more than its limit")]
    TooMany,
    /// The bytes end in the middle.
    #[error("the bytes end in the middle")]
    Truncated,
    /// Bytes follow the frame.
    #[error("bytes follow the frame")]
    Trailing,
    /// Not CBOR of the kinds used here, or not this frame.
    #[error("not a frame")]
    Malformed,
    /// Decodes, but is not the one encoding of what it says.
    #[error("not in the one canonical encoding")]
    NotCanonical,
    /// Another protocol version.
    #[error("protocol version {0} is not spoken here")]
    Version(u16),
}

impl WireError {
    /// The code the sender is told.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::TooLarge => ErrorCode::FrameTooLarge,
            Self::TooMany => ErrorCode::FrameTooMany,
            Self::Truncated | Self::Trailing | Self::Malformed | Self::NotCanonical => ErrorCode::FrameMalformed,
            Self::Version(_) => ErrorCode::ProtocolUnknown,
        }
    }
}

/// Encodes a frame in its one form.
#[must_use]
pub fn encode<T: Encode<()>>(frame: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail.
    let _ = minicbor::encode(frame, &mut bytes);
    bytes
}

/// Decodes the outer frame of `POST /sync`: the bytes of an upload and the signature over them.
///
/// # Errors
/// [`WireError`] naming the first thing that is wrong.
pub fn decode_signed_upload(bytes: &[u8]) -> Result<SignedUpload, WireError> {
    decode(bytes, Budget { bytes_max: limits::BODY_INFLATED_BYTES_MAX, items_max: 3 })
}

/// Decodes the body of a signed upload. Verify the signature first, it is cheaper.
///
/// # Errors
/// [`WireError`] naming the first thing that is wrong.
pub fn decode_upload(body: &[u8]) -> Result<Upload, WireError> {
    check_version(body, 0)?;
    let upload: Upload =
        decode(body, Budget { bytes_max: limits::BODY_INFLATED_BYTES_MAX, items_max: limits::UPLOAD_ITEMS_MAX })?;
    check_upload(&upload)?;
    Ok(upload)
}

/// Decodes what a sealed offer holds.
///
/// # Errors
/// [`WireError`] naming the first thing that is wrong.
pub fn decode_offer(bytes: &[u8]) -> Result<Offer, WireError> {
    let offer: Offer =
        decode(bytes, Budget { bytes_max: limits::OFFER_BYTES_MAX, items_max: limits::UPLOAD_ITEMS_MAX })?;
    check_pushes(&offer.pushes)?;
    Ok(offer)
}

/// Decodes the body of `POST /enrol`.
///
/// # Errors
/// [`WireError`] naming the first thing that is wrong.
pub fn decode_enrol_request(bytes: &[u8]) -> Result<EnrolRequest, WireError> {
    check_version(bytes, 1)?;
    let request: EnrolRequest = decode(bytes, Budget { bytes_max: limits::ENROL_BYTES_MAX, items_max: 32 })?;
    match &request {
        EnrolRequest::Look { code, .. } => check_name(code)?,
        EnrolRequest::Join { code, tablet_name, slot, .. } => {
            check_name(code)?;
            check_name(tablet_name)?;
            check_length(slot, limits::SLOT_BYTES_MAX)?;
        }
    }
    Ok(request)
}

/// Decodes the answer of `POST /enrol`.
///
/// # Errors
/// [`WireError`] naming the first thing that is wrong.
pub fn decode_enrol_answer(bytes: &[u8]) -> Result<EnrolAnswer, WireError> {
    decode(bytes, Budget { bytes_max: limits::ENROL_BYTES_MAX, items_max: limits::UPLOAD_ITEMS_MAX })
}

/// Reads the parts of an answer from a stream that arrives in any pieces.
///
/// ```text
/// push(bytes) ─▶ [buffer] ─▶ walk finds an item's end ─▶ decode ─▶ Part
/// ```
#[derive(Debug)]
pub struct PartReader {
    buffer: Vec<u8>,
    walk: Walk,
}

impl Default for PartReader {
    fn default() -> Self {
        Self { buffer: Vec::new(), walk: Walk::new(PART_BUDGET) }
    }
}

const PART_BUDGET: Budget = Budget { bytes_max: limits::PART_BYTES_MAX, items_max: limits::PART_ITEMS_MAX };

impl PartReader {
    /// Starts before the first part.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes more bytes and returns the parts that are complete by now.
    ///
    /// # Errors
    /// [`WireError`] for bytes that are no part; the reader is of no more use then, parts returned before stand.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Part>, WireError> {
        self.buffer.extend_from_slice(bytes);
        let mut parts = Vec::new();
        let mut start = 0_usize;
        loop {
            let rest = self.buffer.get(start..).unwrap_or(&[]);
            let Some(length) = self.walk.advance(rest)? else {
                break;
            };
            let item = rest.get(..length).ok_or(WireError::Truncated)?;
            parts.push(decode_part(item)?);
            start = start.saturating_add(length);
            self.walk = Walk::new(PART_BUDGET);
        }
        self.buffer.drain(..start);
        Ok(parts)
    }

    /// Whether the stream may end here: no part is half read.
    #[must_use]
    pub fn is_between_parts(&self) -> bool {
        self.buffer.is_empty()
    }
}

fn decode_part(item: &[u8]) -> Result<Part, WireError> {
    let part: Part = minicbor::decode(item).map_err(|_| WireError::Malformed)?;
    if let Part::Page(page) = &part {
        check_count(&page.items, limits::PAGE_ITEMS_MAX)?;
        check_length(&page.cursor, limits::CURSOR_BYTES_MAX)?;
    }
    Ok(part)
}

/// Decodes one whole item in its canonical form.
pub(super) fn decode<'b, T>(bytes: &'b [u8], budget: Budget) -> Result<T, WireError>
where
    T: Decode<'b, ()> + Encode<()>,
{
    if bytes.len() > budget.bytes_max {
        return Err(WireError::TooLarge);
    }
    match Walk::new(budget).advance(bytes)? {
        None => return Err(WireError::Truncated),
        Some(length) if length < bytes.len() => return Err(WireError::Trailing),
        Some(_) => {}
    }
    let frame: T = minicbor::decode(bytes).map_err(|_| WireError::Malformed)?;
    if encode(&frame) == bytes { Ok(frame) } else { Err(WireError::NotCanonical) }
}

/// Reads the version, `before` items into the array, so that a frame of another version is told apart from a broken one.
pub(super) fn check_version(bytes: &[u8], before: u8) -> Result<(), WireError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let read = |decoder: &mut minicbor::Decoder<'_>| {
        decoder.array()?;
        for _ in 0..before {
            decoder.u8()?;
        }
        decoder.u16()
    };
    match read(&mut decoder) {
        Ok(PROTOCOL_VERSION) => Ok(()),
        Ok(other) => Err(WireError::Version(other)),
        Err(error) if error.is_end_of_input() => Err(WireError::Truncated),
        Err(_) => Err(WireError::Malformed),
    }
}

fn check_upload(upload: &Upload) -> Result<(), WireError> {
    check_optional_length(upload.cursor.as_deref(), limits::CURSOR_BYTES_MAX)?;
    check_count(&upload.priorities, limits::PRIORITIES_MAX)?;
    check_pushes(&upload.pushes)?;
    check_optional_length(upload.slot.as_deref(), limits::SLOT_BYTES_MAX)?;
    check_count(&upload.offers, limits::OFFERS_MAX)?;
    for offer in &upload.offers {
        check_length(&offer.0, limits::OFFER_BYTES_MAX)?;
    }
    check_decisions(upload.decisions.as_deref())?;
    check_brought(upload.brought.as_deref())?;
    check_seen(upload.seen.as_ref())?;
    match &upload.repair {
        None => Ok(()),
        Some(Repair::Buckets(digests)) => {
            let expected = limits::REPAIR_BUCKETS.saturating_mul(limits::REPAIR_DIGEST_BYTES);
            if digests.len() == expected { Ok(()) } else { Err(WireError::Malformed) }
        }
        Some(Repair::Documents(buckets)) => {
            check_count(buckets, limits::REPAIR_BUCKETS)?;
            let mut documents = 0_usize;
            for bucket in buckets {
                if usize::from(bucket.bucket) >= limits::REPAIR_BUCKETS {
                    return Err(WireError::Malformed);
                }
                documents = documents.saturating_add(bucket.documents.len());
                for document in &bucket.documents {
                    check_count(&document.heads, limits::HEADS_MAX)?;
                }
            }
            if documents > limits::REPAIR_DOCUMENTS_MAX { Err(WireError::TooMany) } else { Ok(()) }
        }
    }
}

fn check_pushes(pushes: &[Push]) -> Result<(), WireError> {
    check_count(pushes, limits::PUSHES_MAX)?;
    let mut changes = 0_usize;
    for push in pushes {
        changes = changes.saturating_add(push.changes.len());
        if let Some(key) = &push.create
            && key.kind.len() > limits::KIND_BYTES_MAX
        {
            return Err(WireError::TooLarge);
        }
        // A change over its own limit is refused by itself, with its own code; the rest goes on.
    }
    if changes > limits::CHANGES_MAX { Err(WireError::TooMany) } else { Ok(()) }
}

fn check_decisions(decisions: Option<&[Decision]>) -> Result<(), WireError> {
    let Some(decisions) = decisions else { return Ok(()) };
    if decisions.is_empty() {
        // Nothing is said by leaving the list out.
        return Err(WireError::NotCanonical);
    }
    check_count(decisions, limits::DECISIONS_MAX)?;
    for decision in decisions {
        match &decision.verdict {
            Verdict::Accept | Verdict::Forward | Verdict::Noted(_) | Verdict::TakeOut | Verdict::Reviewed => {}
            Verdict::Decline(reason) | Verdict::Block(reason) => {
                check_length(reason.as_bytes(), limits::DECLINE_REASON_BYTES_MAX)?
            }
            Verdict::Reentered(hashes) => check_count(hashes, limits::REENTRY_CHANGES_MAX)?,
        }
    }
    Ok(())
}

fn check_brought(brought: Option<&[Brought]>) -> Result<(), WireError> {
    let Some(brought) = brought else { return Ok(()) };
    if brought.is_empty() {
        return Err(WireError::NotCanonical);
    }
    check_count(brought, limits::BROUGHT_MAX)?;
    if brought.iter().any(|one| one.key.kind.len() > limits::KIND_BYTES_MAX) {
        return Err(WireError::TooLarge);
    }
    let changes = brought.iter().map(|one| one.changes.len()).fold(0, usize::saturating_add);
    if changes > limits::CHANGES_MAX { Err(WireError::TooMany) } else { Ok(()) }
}

fn check_seen(batch: Option<&SeenBatch>) -> Result<(), WireError> {
    let Some(SeenBatch { seen, .. }) = batch else { return Ok(()) };
    if seen.is_empty() {
        return Err(WireError::NotCanonical);
    }
    check_count(seen, limits::SEEN_MAX)?;
    seen.iter().try_for_each(|one| match &one.sight {
        Sight::Opened { field, .. } => check_length(field.as_bytes(), limits::DOCUMENT_KEY_BYTES_MAX),
        Sight::Exported { .. } | Sight::Printed { .. } | Sight::LetGo(_) => Ok(()),
    })
}

const fn check_count<T>(list: &[T], max: usize) -> Result<(), WireError> {
    if list.len() > max { Err(WireError::TooMany) } else { Ok(()) }
}

const fn check_length(bytes: &[u8], max: usize) -> Result<(), WireError> {
    if bytes.len() > max { Err(WireError::TooLarge) } else { Ok(()) }
}

fn check_optional_length(bytes: Option<&[u8]>, max: usize) -> Result<(), WireError> {
    bytes.map_or(Ok(()), |bytes| check_length(bytes, max))
}

const fn check_name(text: &str) -> Result<(), WireError> {
    check_length(text.as_bytes(), limits::NAME_BYTES_MAX)
}

#[cfg(test)]
mod tests;
