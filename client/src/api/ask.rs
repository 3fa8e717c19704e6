//! What members of a case ask of each other.

use derive::Wire;
use shared::id::{AccountId, CaseId, RowId};

use super::{FieldPlace, SeenOp};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub enum About {
    /// "Ingatkan": choose between what differs.
    #[n(0)]
    Choose,
    /// "Tanyakan dulu": what did you mean?
    #[n(1)]
    Question,
    /// "Minta perpanjangan": let me stay in the team.
    #[n(2)]
    Extend,
}

/// Asks.
#[derive(Debug, Clone, Wire)]
pub enum Ask {
    /// Reminds whoever manages the case, or else the registrars, to choose.
    #[n(0)]
    Choose(#[n(0)] CaseId),
    /// Asks the others who wrote what differs here.
    #[n(1)]
    Question(#[n(0)] FieldPlace),
    /// Asks whoever manages the case, or else the registrars, for a longer term.
    #[n(2)]
    Extend(#[n(0)] CaseId),
}

/// What one member of a case does that concerns others.
#[derive(Debug, Clone, Wire)]
pub enum Act {
    /// Hands a case over to another manager, whose predecessor leaves the team.
    #[n(0)]
    HandOn {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// Who manages it from now on.
        #[n(1)]
        account: AccountId,
    },
    /// Asks another member for something.
    #[n(1)]
    Ask(#[n(0)] Ask),
    /// Says that something asked is done.
    #[n(2)]
    Answered {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// Which request.
        #[n(1)]
        row: RowId,
    },
    /// Takes back an act that wrote several places, as [`super::Reply::Wrote`] gave them.
    #[n(3)]
    Undo(#[n(0)] Vec<FieldPlace>),
    /// Says that all values that differ in a row are true: each gets a row of its own.
    #[n(4)]
    KeepBoth {
        /// Where they differ.
        #[n(0)]
        place: FieldPlace,
        /// Every value that was shown.
        #[n(1)]
        seen: Vec<SeenOp>,
    },
    /// Notes that this person has read a long text as it stood at these heads; the case is not told.
    #[n(5)]
    ReadText {
        /// Where, with [`super::Path::Text`].
        #[n(0)]
        place: FieldPlace,
        /// As [`super::TextBase`] says them.
        #[n(1)]
        heads: Vec<String>,
    },
}

/// Something that is asked of this person.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct RequestView {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Register number or, before that, field code.
    #[n(1)]
    pub code: String,
    /// What.
    #[n(2)]
    pub about: About,
    /// Name of who asks.
    #[n(3)]
    pub by: String,
    /// When, milliseconds since 1970 UTC by the asker's clock.
    #[n(4)]
    pub at_ms: u64,
    /// Names the request.
    #[n(5)]
    pub row: RowId,
}

/// Somebody who may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct AskView {
    /// Their names; empty for the registrars.
    #[n(0)]
    pub to: String,
    /// They were, and nobody has said that it is done.
    #[n(1)]
    pub asked: bool,
}
