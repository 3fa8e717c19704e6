//! The stage of a case: what stands, what the next ones ask for, and its closing.

use derive::Wire;
use shared::id::{RowId, SubjectId};

/// Where a case stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Wire)]
pub struct StageView {
    /// The stage; several while people disagree.
    #[n(0)]
    pub stands: Vec<String>,
    /// This person may move it.
    #[n(1)]
    pub may_move: bool,
    /// This person may propose, approve and take back a closing.
    #[n(2)]
    pub may_close: bool,
    /// What stages ask for in this case; what does not apply to it is left out.
    #[n(3)]
    pub gates: Vec<GateView>,
    /// Its closing: in force, or else proposed.
    #[n(4)]
    pub closing: Option<ClosingView>,
}

/// What came of looking for what a stage asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub enum GateState {
    /// It is there.
    #[n(0)]
    Met,
    /// It is missing.
    #[n(1)]
    Missing,
    /// This person does not read the part it stands in.
    #[n(2)]
    Unseen,
}

/// One thing that stages ask for.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct GateView {
    /// Its place among the pack's gates, from 0.
    #[n(0)]
    pub gate: u32,
    /// Whether it is there.
    #[n(1)]
    pub state: GateState,
    /// Of whom it is missing, where it is asked about each person.
    #[n(2)]
    pub people: Vec<SubjectId>,
}

/// A closing.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct ClosingView {
    /// Its row.
    #[n(0)]
    pub row: RowId,
    /// Code of why.
    #[n(1)]
    pub reason: String,
    /// Codes of what is done.
    #[n(2)]
    pub done: Vec<String>,
    /// What was noted.
    #[n(3)]
    pub note: String,
    /// Who proposed it, and when, milliseconds since 1970 UTC.
    #[n(4)]
    pub proposed: SignedView,
    /// Who approved it; none while it is proposed.
    #[n(5)]
    pub approved: Option<SignedView>,
    /// This person proposed it, so that another one has to approve.
    #[n(6)]
    pub own: bool,
}

/// A name and when it was written.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct SignedView {
    /// Whose.
    #[n(0)]
    pub by: String,
    /// When, milliseconds since 1970 UTC by the writer's clock.
    #[n(1)]
    pub at_ms: u64,
}

/// What is done about the stage of a case.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub enum StageAct {
    /// Moves the case to another stage; with a reason where something is missing.
    #[n(0)]
    Move {
        /// The stage.
        #[n(0)]
        to: String,
        /// Why although something is missing; may be empty otherwise.
        #[n(1)]
        reason: String,
    },
    /// Proposes to close the case.
    #[n(1)]
    Propose {
        /// Code of why.
        #[n(0)]
        reason: String,
        /// Codes of what is done.
        #[n(1)]
        done: Vec<String>,
        /// What to note; may be empty.
        #[n(2)]
        note: String,
    },
    /// Approves a proposal, which closes the case.
    #[n(2)]
    Approve(#[n(0)] RowId),
    /// Takes a proposal away.
    #[n(3)]
    Withdraw(#[n(0)] RowId),
    /// Opens a closed case again.
    #[n(4)]
    Reopen {
        /// Why.
        #[n(0)]
        reason: String,
    },
    /// Takes the last own move back.
    #[n(5)]
    Undo,
}
