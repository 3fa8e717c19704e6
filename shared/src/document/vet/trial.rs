//! Changes tried one after another, each with somebody's verdict before the next, and proven together.
//!
//! Owns what makes a long push affordable: saving and opening a document again costs as much as the whole document,
//! applying a change next to nothing. So each change passes the first gates alone, what was taken is applied where
//! somebody has to see it, and the last gate is passed once. A trial whose proof fails says nothing about which change
//! is to blame; a careful one proves each change before it is taken, as a trial of one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::crdt::ParsedChange;
use super::super::genesis::text_key_of;
use super::super::ops::TouchedChange;
use super::super::ops::judge::Staging;
use super::super::ops::table::ObjectTable;
use crate::id::ChangeHash;

use super::{Document, VetFault, VettedDocument, check_reopens, read};

/// Changes on their way into a document.
#[derive(Debug)]
pub struct Trial {
    // Boxed, as an open document is kilobytes long and a trial lives in futures that are polled from deep down.
    document: Box<Document>,
    table: ObjectTable,
    /// What was taken, in order.
    taken: Vec<ParsedChange>,
    /// How much of it stands in the document already.
    applied: usize,
    careful: bool,
}

/// A change that passed the gates which need no document, and may be taken.
#[derive(Debug)]
pub struct Admitted {
    /// What it touches.
    pub touched: TouchedChange,
    change: ParsedChange,
    added: ObjectTable,
    after: Option<Box<Document>>,
}

impl Trial {
    /// Begins; what is taken is proven together, by [`Trial::prove`].
    #[must_use]
    pub fn on(base: &VettedDocument) -> Self {
        let VettedDocument { document, table } = base.clone();
        Self { document: Box::new(document), table, taken: Vec::new(), applied: 0, careful: false }
    }

    /// Begins; each change is proven before it can be taken, and [`Trial::prove`] has nothing left to find.
    #[must_use]
    pub fn careful(base: &VettedDocument) -> Self {
        Self { careful: true, ..Self::on(base) }
    }

    /// Tells whether each change is proven before it is taken.
    #[must_use]
    pub const fn is_careful(&self) -> bool {
        self.careful
    }

    /// Tries the next change; nothing of one that is refused, or not taken, is kept.
    ///
    /// # Errors
    /// [`VetFault`].
    pub fn admit(&mut self, bytes: &[u8]) -> Result<Admitted, VetFault> {
        let refuse = |fault| VetFault::Change { index: 0, fault };
        let table = &self.table;
        let mut admitted = caught(|| {
            let (change, decoded) = read(bytes).map_err(refuse)?;
            let mut staging = Staging::on(table);
            let touched = staging.admit(&decoded, text_key_of(&decoded, bytes)).map_err(refuse)?;
            Ok(Admitted { touched, change, added: staging.into_added(), after: None })
        })?;
        if self.careful {
            let change = admitted.change.clone();
            let after = self.after(&mut admitted)?;
            caught(|| check_reopens(after, core::slice::from_ref(&change)))?;
        }
        Ok(admitted)
    }

    /// The document as it would be with this change too.
    ///
    /// # Errors
    /// [`VetFault`] when it cannot be applied, or something that was taken cannot: then the trial is spoiled.
    pub fn after<'a>(&mut self, admitted: &'a mut Admitted) -> Result<&'a Document, VetFault> {
        let after = match admitted.after.take() {
            Some(after) => after,
            None => {
                let mut after = Box::new(self.document()?.clone());
                apply(&mut after, core::slice::from_ref(&admitted.change))?;
                after
            }
        };
        Ok(admitted.after.insert(after))
    }

    /// Which of these changes are neither in the document nor taken.
    #[must_use]
    pub fn missing(&self, hashes: &[ChangeHash]) -> Vec<ChangeHash> {
        hashes.iter().filter(|hash| !self.table.knows(hash)).copied().collect()
    }

    /// Takes a change that was admitted last, before any other was taken.
    pub fn take(&mut self, admitted: Admitted) {
        self.taken.push(admitted.change);
        self.table.absorb(admitted.added);
        if let Some(after) = admitted.after {
            self.document = after;
            self.applied = self.taken.len();
        }
    }

    /// The document with everything that was taken.
    ///
    /// # Errors
    /// [`VetFault`] when it cannot be applied: then the trial is spoiled.
    pub fn document(&mut self) -> Result<&Document, VetFault> {
        let waiting = self.taken.get(self.applied..).unwrap_or_default();
        if !waiting.is_empty() {
            apply(&mut self.document, waiting)?;
            self.applied = self.taken.len();
        }
        Ok(&self.document)
    }

    /// Ends the trial: what was taken passes the last gate together.
    ///
    /// # Errors
    /// [`VetFault`]; nothing of the trial is kept, and a careful one may find out which change is to blame.
    pub fn prove(mut self) -> Result<VettedDocument, VetFault> {
        self.document()?;
        let Self { document, table, taken, careful, .. } = self;
        if !careful && !taken.is_empty() {
            caught(|| check_reopens(&document, &taken))?;
        }
        Ok(VettedDocument { document: *document, table })
    }
}

/// All or nothing: a document whose changes failed, or panicked, is as it was.
fn apply(document: &mut Document, changes: &[ParsedChange]) -> Result<(), VetFault> {
    caught(|| document.apply_parsed(changes).map_err(VetFault::Apply))
}

/// The library asserts what it should check. What saw a panic is never used again.
fn caught<T>(step: impl FnOnce() -> Result<T, VetFault>) -> Result<T, VetFault> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or(Err(VetFault::Panicked))
}
