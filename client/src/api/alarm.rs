//! What rings: dangers nobody has taken.

use derive::Wire;
use shared::id::CaseId;

/// Dangers as the bar on every page shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Wire)]
pub struct AlarmView {
    /// Those this member may take, the oldest first. They ring.
    #[n(0)]
    pub waiting: Vec<AlarmCase>,
    /// Those this member hears of by code alone, the oldest first.
    #[n(1)]
    pub late: Vec<AlarmCase>,
    /// Those that somebody else took just now, the newest first.
    #[n(2)]
    pub taken: Vec<AlarmTaken>,
}

/// A danger that waits.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct AlarmCase {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Field code.
    #[n(1)]
    pub code: String,
    /// Since when it is known at the centre, milliseconds since 1970 UTC.
    #[n(2)]
    pub since_ms: u64,
}

/// A danger that somebody took.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct AlarmTaken {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Field code.
    #[n(1)]
    pub code: String,
    /// Name of who took it; empty where that is not told.
    #[n(2)]
    pub by: String,
    /// When, milliseconds since 1970 UTC.
    #[n(3)]
    pub at_ms: u64,
}
