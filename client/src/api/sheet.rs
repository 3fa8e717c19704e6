//! A case for paper, and to be read through on a screen.

use derive::Wire;
use shared::value::Scalar;

use super::{CaseCard, FieldPlace};

/// A case as it is printed: what its reader may read of it.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct SheetView {
    /// Its card.
    #[n(0)]
    pub card: CaseCard,
    /// When it was printed, milliseconds since 1970 UTC; 0 on a screen.
    #[n(1)]
    pub printed_ms: u64,
    /// Names are on it.
    #[n(2)]
    pub names: bool,
    /// People K1, K2 ….
    #[n(3)]
    pub people: Vec<SheetPerson>,
    /// Its forms, in the pack's order.
    #[n(4)]
    pub parts: Vec<SheetPart>,
    /// Something on the tablet cannot be opened, and may be of this case.
    #[n(5)]
    pub incomplete: bool,
    /// Handed over, nothing disputed and nothing missing: "Siap cetak", and "Draf" before that.
    #[n(6)]
    pub ready: bool,
}

/// A person, without a name.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct SheetPerson {
    /// "K1", "K2" ….
    #[n(0)]
    pub code: String,
    /// Code of woman, girl, man or boy; empty if not told.
    #[n(1)]
    pub group: String,
    /// Code of the age band; empty if not known here.
    #[n(2)]
    pub age: String,
}

/// One filling of a form.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct SheetPart {
    /// Key of the form.
    #[n(0)]
    pub form: String,
    /// "K1" for a form about a person.
    #[n(1)]
    pub person: String,
    /// Roles of who wrote it, for what is added to a report.
    #[n(2)]
    pub roles: Vec<String>,
    /// When, milliseconds since 1970 UTC; 0 where that stands in the answers.
    #[n(3)]
    pub at_ms: u64,
    /// Its answers, in the order of the form.
    #[n(4)]
    pub blocks: Vec<SheetBlock>,
    /// What is asked and has no answer, not even why.
    #[n(5)]
    pub unasked: Vec<FieldPlace>,
}

/// Answers that stand together: those of a document, or of a row.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct SheetBlock {
    /// The row.
    #[n(0)]
    pub row: Option<FieldPlace>,
    /// The row was removed by one and edited by another.
    #[n(1)]
    pub disputed: bool,
    /// The answers.
    #[n(2)]
    pub lines: Vec<SheetLine>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct SheetLine {
    /// Of which field.
    #[n(0)]
    pub place: FieldPlace,
    /// What it says.
    #[n(1)]
    pub says: SheetSays,
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub enum SheetSays {
    /// One value.
    #[n(0)]
    Value(#[n(0)] Scalar),
    /// Codes, in the order of their list.
    #[n(1)]
    Chosen(#[n(0)] Vec<String>),
    /// Several values side by side: nobody has chosen yet.
    #[n(2)]
    Differ(#[n(0)] Vec<SheetVersion>),
    /// Something that paper without names does not show.
    #[n(3)]
    Hidden,
}

/// One of several values.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct SheetVersion {
    /// The value; null where somebody emptied the field.
    #[n(0)]
    pub value: Scalar,
    /// Roles of who wrote it.
    #[n(1)]
    pub roles: Vec<String>,
    /// When, milliseconds since 1970 UTC by the writer's clock.
    #[n(2)]
    pub said_ms: u64,
}
