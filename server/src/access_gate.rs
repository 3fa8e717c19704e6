//! The only place that mints permits, so that a read of case data without a decision does not compile.
//!
//! A permit is a proof, not a check: storage asks for it and looks no further. Four things may be proven: that an
//! account holds a grant in force or a seat at a held change, that a write was allowed, and that the relay itself needs
//! the document to judge.

use core::marker::PhantomData;

use shared::id::DocumentId;

use crate::storage::record::{GrantRecord, SeatLevel, SeatRecord};

/// Handing a document to an account.
#[derive(Debug, Clone, Copy)]
pub enum Read {}
/// Appending to a document.
#[derive(Debug, Clone, Copy)]
pub enum Append {}
/// The relay's own reading: merging, judging, rebuilding. Its results never leave the relay as bytes.
#[derive(Debug, Clone, Copy)]
pub enum Judge {}

mod sealed {
    pub trait Reads {}
    impl Reads for super::Read {}
    impl Reads for super::Judge {}
}

/// Acts that read a document's bytes.
pub trait Reads: sealed::Reads {}
impl<A: sealed::Reads> Reads for A {}

/// Proof that an act on one document was decided upon.
#[derive(Debug, Clone, Copy)]
pub struct Permit<A> {
    document: DocumentId,
    act: PhantomData<A>,
}

impl<A> Permit<A> {
    /// The document it holds for.
    #[must_use]
    pub const fn document(&self) -> DocumentId {
        self.document
    }

    const fn mint(document: DocumentId) -> Self {
        Self { document, act: PhantomData }
    }
}

/// Lets an account have a document, if its grant is in force.
#[must_use]
pub const fn permit_read(document: DocumentId, grant: &GrantRecord) -> Option<Permit<Read>> {
    if grant.in_force() { Some(Permit::mint(document)) } else { None }
}

/// Lets an account have what a held change of the document says, if it is to decide about it.
#[must_use]
pub const fn permit_held(document: DocumentId, seat: &SeatRecord) -> Option<Permit<Read>> {
    match seat.level {
        SeatLevel::Decides => Some(Permit::mint(document)),
        SeatLevel::Counts | SeatLevel::Told | SeatLevel::Ended => None,
    }
}

/// Lets an account have the bytes that were refused as damaged or hostile, which nobody may read as part of a document, if
/// it is told of them, before or after its decision.
#[must_use]
pub const fn permit_evidence(document: DocumentId, seat: &SeatRecord) -> Option<Permit<Read>> {
    match seat.level {
        SeatLevel::Decides | SeatLevel::Counts | SeatLevel::Told => Some(Permit::mint(document)),
        SeatLevel::Ended => None,
    }
}

/// Lets the relay look at a document to judge a change of it or the rights that hang on it.
#[must_use]
pub const fn permit_judge(document: DocumentId) -> Permit<Judge> {
    Permit::mint(document)
}

/// Lets a judged push be appended. Called by the relay's intake alone, after its judgement.
#[must_use]
pub(crate) const fn permit_append(document: DocumentId) -> Permit<Append> {
    Permit::mint(document)
}
