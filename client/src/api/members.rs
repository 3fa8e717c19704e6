//! "Anggota": the people of the task force.

use derive::Wire;

use super::MemberView;

/// What was found of the member directory.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct MembersView {
    /// Those who belong to it, then those who have left, by name.
    #[n(0)]
    pub rows: Vec<MemberRow>,
}

/// A member with everything the tablet knows of them.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct MemberRow {
    /// Name, unit and roles.
    #[n(0)]
    pub member: MemberView,
    /// Office code, empty if none is known.
    #[n(1)]
    pub office: String,
    /// Last day of the membership by decree, civil date; empty if open or not known.
    #[n(2)]
    pub until: String,
    /// Their tablets; none before they were enrolled.
    #[n(3)]
    pub tablets: Vec<TabletRow>,
    /// How many open cases they manage; only for whoever reads all cases.
    #[n(4)]
    pub cases: Option<u32>,
    /// First day of a membership that is still to begin, civil date; empty for any other.
    #[n(5)]
    pub begins: String,
}

/// A tablet of a member.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct TabletRow {
    /// What people call it.
    #[n(0)]
    pub name: String,
    /// The day it was last in contact with the centre, civil date; empty where this account is not told.
    #[n(1)]
    pub seen_on: String,
    /// It has been silent for long.
    #[n(2)]
    pub silent: bool,
}
