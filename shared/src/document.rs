//! A case document: what stands in it, who wrote it, and which values disagree.
//!
//! Owns the document model (`f`, `r`, `t`; see `docs/protocol.md`): genesis, loading, applying, reading, history and
//! vetting. Must never write on its own account: `command` is the only writer. Knows no pack and no person.

pub(crate) mod crdt;
pub mod genesis;
pub mod history;
pub mod ops;
pub mod passages;
pub mod path;
pub mod read;
mod standing;
pub mod vet;

use std::collections::BTreeSet;

pub use crdt::{ChangeMeta, CrdtError};
use crdt::{Crdt, ParsedChange};
use genesis::{GENESIS, GENESIS_HASH};
pub use standing::Tables;

use crate::id::ChangeHash;
use crate::order::Gather as _;

/// A document could not be opened, or changes could not be applied to it.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The bytes are not a saved document, or not one of this library's version.
    #[error("the saved document cannot be opened")]
    Load(#[source] CrdtError),
    /// The document does not start with [`genesis::GENESIS`].
    #[error("the document does not start with the constant first change")]
    NotSimpul,
    /// Change `index` of the batch is not an uncompressed change with a correct checksum.
    #[error("change {index} of the batch cannot be read")]
    Parse {
        /// Position in the batch.
        index: usize,
    },
    /// Parents are neither in the document nor in the batch. Nothing was applied.
    #[error("{} parents are missing", missing.len())]
    MissingParents {
        /// The missing parents.
        missing: Vec<ChangeHash>,
    },
    /// The library refused the batch. Nothing was applied.
    #[error("the changes cannot be applied")]
    Apply(#[source] CrdtError),
    /// The library took the batch without an error and still does not hold it. The document is unchanged.
    #[error("a change is not in the document after it was applied")]
    Lost,
}

/// One change of a document with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRecord {
    /// Who, when, on top of what.
    pub meta: ChangeMeta,
    /// The uncompressed change, as signed and sent.
    pub bytes: Vec<u8>,
}

/// One document of a case.
///
/// Cloning is cheap (about 4 µs), so an uncertain step is made on a clone.
#[derive(Debug, Clone)]
pub struct Document {
    crdt: Crdt,
}

fn parse<B: AsRef<[u8]>>(changes: &[B]) -> Result<Vec<ParsedChange>, DocumentError> {
    let parsed = changes.iter().enumerate();
    parsed
        .map(|(index, bytes)| ParsedChange::parse(bytes.as_ref()).map_err(|_| DocumentError::Parse { index }))
        .collect()
}

impl Document {
    /// Makes a document that holds genesis alone.
    ///
    /// # Errors
    /// [`DocumentError::Apply`] never in practice: genesis is a constant.
    pub fn new() -> Result<Self, DocumentError> {
        Self { crdt: Crdt::empty() }.with(&[GENESIS])
    }

    /// Opens a saved document. For bytes of our own store only: hostile bytes can abort the process.
    ///
    /// # Errors
    /// [`DocumentError::Load`] and [`DocumentError::NotSimpul`].
    pub fn load(bytes: &[u8]) -> Result<Self, DocumentError> {
        let document = Self { crdt: Crdt::load(bytes).map_err(DocumentError::Load)? };
        if document.contains(&GENESIS_HASH) { Ok(document) } else { Err(DocumentError::NotSimpul) }
    }

    /// Saves the document, compressing what is large.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        self.crdt.save()
    }

    /// Saves the document uncompressed, for transports that compress themselves.
    #[must_use]
    pub fn save_uncompressed(&self) -> Vec<u8> {
        self.crdt.save_uncompressed()
    }

    /// Applies changes in any order; those already present are skipped. All or nothing.
    ///
    /// For vetted changes only; see [`vet`].
    ///
    /// # Errors
    /// [`DocumentError::Parse`], [`DocumentError::MissingParents`], [`DocumentError::Apply`], [`DocumentError::Lost`];
    /// after each of them the document is as it was.
    pub fn apply<B: AsRef<[u8]>>(&mut self, changes: &[B]) -> Result<(), DocumentError> {
        self.apply_parsed(&parse(changes)?)
    }

    /// The document with changes in any order, as [`Self::apply`] takes them in. For who has no use for it without them: nothing is
    /// put aside to go back to.
    ///
    /// # Errors
    /// Those of [`Self::apply`].
    pub fn with<B: AsRef<[u8]>>(mut self, changes: &[B]) -> Result<Self, DocumentError> {
        if !changes.is_empty() {
            self.take_in(&parse(changes)?)?;
        }
        Ok(self)
    }

    pub(crate) fn apply_parsed(&mut self, changes: &[ParsedChange]) -> Result<(), DocumentError> {
        let mut applied = self.clone();
        applied.take_in(changes)?;
        *self = applied;
        Ok(())
    }

    /// Takes changes in; after an error the document is not to be used any more.
    fn take_in(&mut self, changes: &[ParsedChange]) -> Result<(), DocumentError> {
        let hashes: Vec<ChangeHash> = changes.iter().map(ParsedChange::hash).collect();
        let within: BTreeSet<&ChangeHash> = hashes.iter().into_set();
        let parents: Vec<ChangeHash> =
            changes.iter().flat_map(ParsedChange::deps).filter(|parent| !within.contains(parent)).collect();
        let missing = self.crdt.missing(&parents);
        if !missing.is_empty() {
            return Err(DocumentError::MissingParents { missing });
        }
        self.crdt.apply(changes).map_err(DocumentError::Apply)?;
        if self.crdt.missing(&hashes).is_empty() { Ok(()) } else { Err(DocumentError::Lost) }
    }

    /// The changes that nothing else in the document builds upon, sorted.
    #[must_use]
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.crdt.heads()
    }

    /// Tells whether the document holds a change.
    #[must_use]
    pub fn contains(&self, hash: &ChangeHash) -> bool {
        self.missing(core::slice::from_ref(hash)).is_empty()
    }

    /// Tells whether an operation of the document has this name.
    #[must_use]
    pub fn knows(&self, op: &path::OpId) -> bool {
        self.crdt.change_of(op).is_some()
    }

    /// Those of `hashes` that the document does not hold.
    #[must_use]
    pub fn missing(&self, hashes: &[ChangeHash]) -> Vec<ChangeHash> {
        self.crdt.missing(hashes)
    }

    /// One change's uncompressed bytes.
    #[must_use]
    pub fn change_bytes(&self, hash: &ChangeHash) -> Option<Vec<u8>> {
        self.crdt.change_bytes(hash)
    }

    /// What is known about one change.
    #[must_use]
    pub fn change_meta(&self, hash: &ChangeHash) -> Option<ChangeMeta> {
        self.crdt.meta(hash)
    }

    /// Every change, parents before children; genesis first.
    #[must_use]
    pub fn changes(&self) -> Vec<ChangeRecord> {
        self.changes_since(&[])
    }

    /// The changes that are neither in `since` nor ancestors of it, parents before children.
    #[must_use]
    pub fn changes_since(&self, since: &[ChangeHash]) -> Vec<ChangeRecord> {
        let metas = self.crdt.metas_since(since);
        let changes = self.crdt.changes_since(since);
        let records = metas.into_iter().zip(changes);
        records.map(|(meta, change)| ChangeRecord { meta, bytes: change.raw_bytes().to_vec() }).collect()
    }

    /// As [`Self::changes_since`] without the bytes.
    #[must_use]
    pub fn metas_since(&self, since: &[ChangeHash]) -> Vec<ChangeMeta> {
        self.crdt.metas_since(since)
    }

    /// The greatest operation counter.
    #[must_use]
    pub fn max_op(&self) -> u64 {
        self.crdt.max_op()
    }

    pub(crate) fn crdt(&self) -> &Crdt {
        &self.crdt
    }

    pub(crate) fn crdt_mut(&mut self) -> &mut Crdt {
        &mut self.crdt
    }
}
