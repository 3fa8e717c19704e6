//! The invented caseload of the demonstration, as pure descriptions.
//!
//! Owns who wrote what in which order, how long ago, and what two people wrote apart from each other. Same seed, same
//! size and same day give the same list. Never writes a document: whoever drives the tablets turns steps into edits.
//! Every person, number and story is invented; population numbers use 530499, a district that does not exist.

use std::fmt;

use shared::date::CivilDate;
use shared::value::Scalar;

mod builder;
mod deck;
mod generated;
mod hero;
mod invented;
mod journey;
mod people;
mod plan;
mod record;
mod report;
mod tables;

/// Cases that are told in full, each of them once in every size.
pub const HERO_CASE_COUNT: usize = 7;

/// Names an account of the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DemoAccount {
    /// Field worker at the border post; role `PKT`.
    FieldWorker,
    /// Village cadre, dismissed while offline; role `PKT`, ended.
    Cadre,
    /// First practitioner; role `MKS`.
    ManagerA,
    /// Second practitioner; role `MKS`.
    ManagerB,
    /// Registrar; role `SER`.
    Registrar,
}

impl DemoAccount {
    /// Every account, in the order they are shown.
    pub const ALL: [Self; 5] = [Self::ManagerA, Self::ManagerB, Self::FieldWorker, Self::Registrar, Self::Cadre];

    /// Returns the role code it holds in the Belu pack.
    #[must_use]
    pub const fn role(self) -> &'static str {
        match self {
            Self::FieldWorker | Self::Cadre => "PKT",
            Self::ManagerA | Self::ManagerB => "MKS",
            Self::Registrar => "SER",
        }
    }

    /// Returns the name shown to others: an office, never a person.
    #[must_use]
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::FieldWorker => "Petugas PLBN Motaain (contoh)",
            Self::Cadre => "Kader desa Lamaknen Selatan (contoh)",
            Self::ManagerA => "Manajer kasus A, UPTD PPA (contoh)",
            Self::ManagerB => "Manajer kasus B, UPTD PPA (contoh)",
            Self::Registrar => "Registrar (contoh)",
        }
    }
}

/// Points at a document of a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DemoPlace {
    /// Document kind.
    pub kind: &'static str,
    /// Person of the case, counted from 0, for kinds that are per person; the driver draws one subject for each.
    pub person: Option<usize>,
}

/// Holds a value that may only be known when the case is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DemoValue {
    /// A value as it stands.
    Scalar(Scalar),
    /// An account's id in hexadecimal.
    Account(DemoAccount),
    /// A person's subject in hexadecimal.
    Person(usize),
    /// The instant of the step, in the pack's zone.
    Instant,
}

impl<T: Into<Scalar>> From<T> for DemoValue {
    fn from(value: T) -> Self {
        Self::Scalar(value.into())
    }
}

/// Says what a step does to its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DemoAct {
    /// Leaves a field with a value.
    Set {
        /// Key of `f`.
        key: String,
        /// The value.
        value: DemoValue,
    },
    /// Types a long text.
    Text {
        /// Key of `t`.
        key: String,
        /// The whole text.
        text: String,
    },
    /// Adds a row with all its values.
    AddRow {
        /// The table.
        table: &'static str,
        /// Values by field.
        fields: Vec<(&'static str, DemoValue)>,
    },
    /// Leaves a field of a row with a value.
    SetInRow {
        /// The table.
        table: &'static str,
        /// Which row: a field, and what stands in it.
        of: (&'static str, DemoValue),
        /// The field.
        key: &'static str,
        /// The value.
        value: DemoValue,
    },
}

/// Holds one act of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoStep {
    /// Who.
    pub by: DemoAccount,
    /// How long before now.
    pub minutes_ago: u32,
    /// In which document; it is made when it does not exist yet.
    pub place: DemoPlace,
    /// What.
    pub act: DemoAct,
}

/// Holds one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoCase {
    /// `H5` for a case that is told in full, `C001` for one that was drawn.
    pub key: String,
    /// What everybody had received from each other, in order of time.
    pub steps: Vec<DemoStep>,
    /// Written apart: each account has all of `steps`, and nobody has seen another's entry here.
    pub apart: Vec<DemoStep>,
    /// Written offline by somebody whose role then ended; arrives after everything else and is held.
    pub late: Vec<DemoStep>,
}

impl fmt::Display for DemoCase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {} steps, {} apart, {} late",
            self.key,
            self.steps.len(),
            self.apart.len(),
            self.late.len()
        )
    }
}

/// Lists the caseload: the hero cases, then as many dealt ones as the size asks for, and with them a few drafts of the
/// field worker, which are no reports yet and do not count.
#[must_use]
pub fn demo_cases(seed: u64, size: usize, today: CivilDate) -> Vec<DemoCase> {
    let plan = plan::Plan::deal(seed, size, today);
    let mut cases = hero::hero_cases(&plan, today);
    cases.extend(generated::drawn_cases(&plan, seed, today));
    cases
}

#[cfg(test)]
mod tests;
