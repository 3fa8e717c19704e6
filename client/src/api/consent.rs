//! What the people of a case agreed to.

use derive::Wire;
use shared::id::SubjectId;

/// The consent of one person.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct ConsentView {
    /// Who; none for whoever stood there when the report was taken, before people were told apart.
    #[n(0)]
    pub subject: Option<SubjectId>,
    /// For each purpose in the pack's order, what is in force.
    #[n(1)]
    pub purposes: Vec<PurposeView>,
    /// From whom and when, newest first.
    #[n(2)]
    pub given: Vec<GivenView>,
}

/// What is in force for one purpose.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct PurposeView {
    /// Field of the consent.
    #[n(0)]
    pub field: String,
    /// Code, for a field of several; empty for a field that is one purpose itself.
    #[n(1)]
    pub code: String,
    /// What holds.
    #[n(2)]
    pub answer: ConsentAnswer,
    /// Answers stand side by side: the narrower holds until somebody has chosen.
    #[n(3)]
    pub disputed: bool,
    /// Who noted the withdrawal; empty otherwise.
    #[n(4)]
    pub withdrawn_by: String,
    /// Civil date of the withdrawal, which may lack its day or month; empty otherwise.
    #[n(5)]
    pub withdrawn_on: String,
}

/// An answer about one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub enum ConsentAnswer {
    /// "Belum ditanya"
    #[n(0)]
    NotAsked,
    /// "Boleh"
    #[n(1)]
    Yes,
    /// "Tidak"
    #[n(2)]
    No,
    /// "Ditarik": it was given, and taken back.
    #[n(3)]
    Withdrawn,
}

/// One giving of consent.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct GivenView {
    /// Code of who gave it; empty if nobody said.
    #[n(0)]
    pub giver: String,
    /// Name of who noted it.
    #[n(1)]
    pub officer: String,
    /// Civil date, which may lack its day or month; empty if nobody said.
    #[n(2)]
    pub on: String,
}
