//! What was written, and where it disagrees.

use derive::Wire;
use shared::value::Scalar;

use super::{AskView, FieldPlace, ValueView};

/// An open disagreement.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct ConflictView {
    /// Where.
    #[n(0)]
    pub place: FieldPlace,
    /// Code of the case.
    #[n(1)]
    pub code: String,
    /// "K1" … for documents of a person.
    #[n(2)]
    pub person: String,
    /// The values side by side.
    #[n(3)]
    pub values: Vec<ValueView>,
    /// This person may choose.
    #[n(4)]
    pub may_choose: bool,
    /// Since when, milliseconds since 1970 UTC.
    #[n(5)]
    pub since_ms: u64,
    /// A row removed by one and edited by another.
    #[n(6)]
    pub removed_row: bool,
    /// Whom this person may turn to before anything is chosen; none where nobody would hear of it.
    #[n(7)]
    pub ask: Option<AskView>,
    /// Which of the pack's weights it has.
    #[n(8)]
    pub weight: u32,
    /// The values name or locate somebody: they stand covered until they are opened, all at once.
    #[n(9)]
    pub covered: bool,
    /// All of them can be kept, each in a row of its own.
    #[n(10)]
    pub keepable: bool,
}

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct HistoryView {
    /// Where.
    #[n(0)]
    pub place: FieldPlace,
    /// What stood there, each value once: several where it was chosen between them. For a long text, what was taken out.
    #[n(1)]
    pub old: Vec<Scalar>,
    /// Value after; for a long text, what was put in.
    #[n(2)]
    pub new: Scalar,
    /// Writer's name.
    #[n(3)]
    pub author: String,
    /// Tablet's name, empty before it was received.
    #[n(4)]
    pub tablet: String,
    /// What the tablet's clock said, milliseconds since 1970 UTC.
    #[n(5)]
    pub said_ms: u64,
    /// When the centre received it, milliseconds since 1970 UTC.
    #[n(6)]
    pub received_ms: Option<u64>,
    /// It was held and entered again: who wrote it first.
    #[n(7)]
    pub held: Option<HeldOriginView>,
    /// The values name or locate somebody: they stand covered until they are opened.
    #[n(8)]
    pub covered: bool,
}

impl HistoryView {
    /// Whether it was chosen between differing values.
    #[must_use]
    pub fn is_choice(&self) -> bool {
        self.old.len() > 1
    }
}

/// Who wrote a held change that somebody else entered again, or kept as a note.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct HeldOriginView {
    /// Writer's name.
    #[n(0)]
    pub author: String,
    /// What the writer's tablet's clock said, milliseconds since 1970 UTC.
    #[n(1)]
    pub said_ms: u64,
    /// It is kept as a note, and is no entry.
    #[n(2)]
    pub as_note: bool,
}
