//! Stages of a case: what has to be there before a case enters one, and which one closes it.
//!
//! Owns the description only. Whether a gate is met in a case is for whoever holds its documents; what of it the relay
//! holds everybody to is `access::stage`'s.

use derive::FromPack;
use serde::Serialize;

use super::field::Condition;
use super::label::{Label, is_false};

/// Says how cases move from stage to stage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, FromPack)]
pub struct StageRules {
    /// The stage of a closed case: nobody closes alone. None = this pack's cases are not closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<String>,
    /// What has to be there, in the order it is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
}

/// Asks for something before a case enters a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Gate {
    /// Stable key.
    pub key: String,
    /// What is asked, in few words.
    pub label: Label,
    /// Stages that ask for it.
    pub stages: Vec<String>,
    /// Asked only if all of these hold; answers about the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Condition>,
    /// Met if all of these hold, each in every value that stands: in one row, if they ask for a table, and for every person,
    /// if they ask for a kind that is per person. All ask for the same kind and table.
    pub met: Vec<Condition>,
    /// No reason opens it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hard: bool,
    /// Asked for the living only.
    #[serde(default, skip_serializing_if = "is_false")]
    pub living: bool,
}

impl StageRules {
    /// Tells whether a stage closes the case.
    #[must_use]
    pub fn closes(&self, stage: &str) -> bool {
        self.closing.as_deref() == Some(stage)
    }

    /// Lists what a stage asks for.
    pub fn gates_of<'a>(&'a self, stage: &'a str) -> impl Iterator<Item = &'a Gate> {
        self.gates.iter().filter(move |gate| gate.stages.iter().any(|one| one == stage))
    }

    /// Tells serde to leave out what older packs did not have.
    pub(super) const fn is_empty(&self) -> bool {
        self.closing.is_none() && self.gates.is_empty()
    }
}
