//! The trial of foreign changes.
//!
//! Owns the order of the gates: read, canonical form, operations, applying on a clone, saving and opening again. A
//! change that passes leaves a document which every device can open. Must keep nothing of a batch that failed, and
//! must stay a pure function of bytes, because it moves into a process of its own. Called by the relay, after the
//! chunk's sizes were checked against their budgets (`protocol`): a change of 70 bytes can otherwise expand to hours.
//!
//! ```text
//! bytes ─ parse ─ canonical? ─ admit (ops.rs) ─┬─ apply on a clone ─ save ─ load ─ same heads, same bytes? ─ Vetted
//!                                              └─ any fault, any panic: the whole batch is dropped
//! ```
//! Where each change gets a verdict before the next is tried, a [`Trial`] takes them through the same gates one by one
//! and passes the last one once.

mod trial;

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::crdt::{DecodedChange, ParsedChange, decode, is_canonical};
use super::genesis::text_key_of;
use super::ops::judge::Staging;
use super::ops::table::ObjectTable;
use super::ops::{ChangeFault, TouchedChange};
use super::{Document, DocumentError};
use crate::id::ChangeHash;

pub use trial::{Admitted, Trial};

/// A batch was refused; nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum VetFault {
    /// Change `index` of the batch is refused.
    #[error("change {index} of the batch is refused")]
    Change {
        /// Position in the batch; the changes before it are good and may be vetted again without it.
        index: usize,
        /// Why.
        #[source]
        fault: ChangeFault,
    },
    /// The library panicked. The base is untouched; the batch is hostile or hits a fault of the library.
    #[error("the document library panicked")]
    Panicked,
    /// The library refused the batch.
    #[error("the changes cannot be applied")]
    Apply(#[source] DocumentError),
    /// The document would not open again as it was saved.
    #[error("the document would not open again")]
    Poison,
    /// The base itself is damaged: it must be rebuilt from the log.
    #[error("the base document cannot be opened")]
    Base(#[source] DocumentError),
}

/// A batch that passed.
#[derive(Debug)]
pub struct Vetted {
    /// The document with the batch applied.
    pub document: Document,
    /// What each change touches, in the order of the batch.
    pub touched: Vec<TouchedChange>,
    added: ObjectTable,
}

/// A document with the table of everything in it: the base of trials, kept in memory by the relay.
#[derive(Debug, Clone)]
pub struct VettedDocument {
    document: Document,
    table: ObjectTable,
}

impl VettedDocument {
    /// Starts a document with genesis alone.
    ///
    /// # Errors
    /// [`VetFault::Base`] never in practice.
    pub fn new() -> Result<Self, VetFault> {
        Self::open(Document::new().map_err(VetFault::Base)?)
    }

    /// Takes a document whose changes were vetted before.
    ///
    /// # Errors
    /// [`VetFault::Base`] when one of its changes cannot be read.
    pub fn open(document: Document) -> Result<Self, VetFault> {
        let mut table = ObjectTable::default();
        for change in document.crdt().changes_since(&[]) {
            let change = decode(&change).ok_or(VetFault::Base(DocumentError::NotSimpul))?;
            table.note(&change);
        }
        Ok(Self { document, table })
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Tries a batch of changes, parents before children; the base stays as it is.
    ///
    /// # Errors
    /// [`VetFault`]; nothing of the batch is kept.
    pub fn vet<B: AsRef<[u8]>>(&self, changes: &[B]) -> Result<Vetted, VetFault> {
        // The library asserts what it should check. A clone that saw a panic is never used again.
        let trial = AssertUnwindSafe(|| self.try_batch(changes));
        catch_unwind(trial).unwrap_or(Err(VetFault::Panicked))
    }

    /// Goes on from a batch that passed on this very base, and returns what it touched.
    pub fn accept(&mut self, vetted: Vetted) -> Vec<TouchedChange> {
        self.document = vetted.document;
        self.table.absorb(vetted.added);
        vetted.touched
    }

    fn try_batch<B: AsRef<[u8]>>(&self, changes: &[B]) -> Result<Vetted, VetFault> {
        let mut staging = Staging::on(&self.table);
        let mut parsed = Vec::with_capacity(changes.len());
        let mut touched = Vec::with_capacity(changes.len());
        for (index, bytes) in changes.iter().enumerate() {
            let refuse = |fault| VetFault::Change { index, fault };
            let (change, decoded) = read(bytes.as_ref()).map_err(refuse)?;
            let text_key = text_key_of(&decoded, bytes.as_ref());
            touched.push(staging.admit(&decoded, text_key).map_err(refuse)?);
            parsed.push(change);
        }
        let mut document = self.document.clone();
        document.apply_parsed(&parsed).map_err(VetFault::Apply)?;
        check_reopens(&document, &parsed)?;
        Ok(Vetted { document, touched, added: staging.into_added() })
    }
}

/// Tries a batch on a document; see [`VettedDocument::vet`].
///
/// # Errors
/// [`VetFault`]; nothing of the batch is kept.
pub fn vet<B: AsRef<[u8]>>(base: &Document, changes: &[B]) -> Result<Vetted, VetFault> {
    VettedDocument::open(base.clone())?.vet(changes)
}

/// Tries a batch on a saved document: the shape of a trial in another process.
///
/// # Errors
/// [`VetFault`]; nothing of the batch is kept.
pub fn vet_bytes<B: AsRef<[u8]>>(base: &[u8], changes: &[B]) -> Result<Vetted, VetFault> {
    vet(&Document::load(base).map_err(VetFault::Base)?, changes)
}

/// The first three gates: readable, canonical, actors of our length.
fn read(bytes: &[u8]) -> Result<(ParsedChange, DecodedChange), ChangeFault> {
    let change = ParsedChange::parse(bytes).map_err(|_| ChangeFault::Unreadable)?;
    if change.raw_bytes() != bytes || !is_canonical(&change) {
        return Err(ChangeFault::NotCanonical);
    }
    let decoded = decode(&change).ok_or(ChangeFault::Unreadable)?;
    Ok((change, decoded))
}

/// The last gate: silent poison shows only when the document is saved and opened again.
fn check_reopens(document: &Document, changes: &[ParsedChange]) -> Result<(), VetFault> {
    let reopened = Document::load(&document.save_uncompressed()).map_err(|_| VetFault::Poison)?;
    let hashes: Vec<ChangeHash> = changes.iter().map(ParsedChange::hash).collect();
    let same_bytes =
        || changes.iter().all(|change| reopened.change_bytes(&change.hash()).as_deref() == Some(change.raw_bytes()));
    if reopened.heads() == document.heads() && reopened.missing(&hashes).is_empty() && same_bytes() {
        Ok(())
    } else {
        Err(VetFault::Poison)
    }
}

#[cfg(test)]
mod tests;
