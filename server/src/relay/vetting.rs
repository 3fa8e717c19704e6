//! The trial of pushed changes, behind a seam, so that it can move to a process of its own.
//!
//! Automerge trusts its input; this trial is what stands between a hostile change and every tablet. It is a pure
//! function of bytes and a base document; whatever goes wrong inside, the base stays as it was.

use std::panic::catch_unwind;

use shared::document::genesis::{GENESIS_HASH, is_text_change};
use shared::document::vet::{Trial, VetFault, Vetted, VettedDocument};
use shared::protocol::chunk::CheckedChange;

/// Tries changes on a document.
pub trait Vetting: Send + Sync {
    /// Tries `changes`, parents first, on `base`.
    ///
    /// # Errors
    /// [`VetFault`] when any of them is not what our own commands write, or breaks the document.
    fn vet(&self, base: &VettedDocument, changes: &[&[u8]]) -> Result<Vetted, VetFault>;

    /// Begins to try changes one after another; [`Self::prove`] ends it.
    fn begin(&self, base: &VettedDocument, pace: Pace) -> Trial;

    /// Proves what a trial took.
    ///
    /// # Errors
    /// [`VetFault`] when the document breaks; then each change has to be proven alone.
    fn prove(&self, trial: Trial) -> Result<VettedDocument, VetFault>;
}

/// When the changes of a trial are proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All together at the end, which costs one reopening of the document.
    Together,
    /// Each before it is taken, which costs a reopening each and tells which one breaks the document.
    Each,
}

/// The trial inside this process, panics caught.
pub struct InProcess;

impl Vetting for InProcess {
    fn vet(&self, base: &VettedDocument, changes: &[&[u8]]) -> Result<Vetted, VetFault> {
        base.vet(changes)
    }

    fn begin(&self, base: &VettedDocument, pace: Pace) -> Trial {
        match pace {
            Pace::Together => Trial::on(base),
            Pace::Each => Trial::careful(base),
        }
    }

    fn prove(&self, trial: Trial) -> Result<VettedDocument, VetFault> {
        trial.prove()
    }
}

/// Whether a change is the derived change of a text: recomputable by anybody, so it needs no author and no actor.
#[must_use]
pub(super) fn is_derived(change: &CheckedChange) -> bool {
    let looks_derived = change.seq() == 1
        && change.op_count() == 1
        && change.author().is_none()
        && change.time_s() == 0
        && change.deps() == [GENESIS_HASH];
    looks_derived && catch_unwind(|| is_text_change(change.as_bytes()).is_some()).unwrap_or(false)
}
