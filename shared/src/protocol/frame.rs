//! Frames of `simpul/1`: what a tablet sends and what the relay answers.
//!
//! Every struct is a CBOR array of all its fields, null where one is absent; every enum is `[number, fields…]`, or its
//! bare number where no variant has fields. A field is only ever added at the end, with a new protocol version.

mod answer;
mod enrol;
mod upload;

pub use answer::{
    Check, End, Fault, GoneReason, Item, Member, Page, Part, PushReceipt, Receipt, Receipts, ReceivedRun, ReportState,
    ReportStatus,
};
pub use enrol::{EnrolAnswer, EnrolRequest};
pub use upload::{
    Brought, BucketDocuments, ChangeBytes, HeldDocument, Offer, Push, Repair, SealedOffer, SignedUpload, Upload,
};

/// The version in every frame.
pub const PROTOCOL_VERSION: u16 = 1;

/// Writes an absent last field as null instead of leaving it out, so that every frame has one length.
pub(super) mod present {
    use minicbor::Encode;
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    pub(in crate::protocol) fn encode<C, T: Encode<C>, W: Write>(
        value: &Option<T>,
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.encode_with(value, context)?;
        Ok(())
    }

    pub(in crate::protocol) const fn never<T>(_: &Option<T>) -> bool {
        false
    }
}
