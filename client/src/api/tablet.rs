//! Before and at signing in.

use derive::Wire;
use minicbor::{Decode, Encode};
use shared::id::{AccountId, CaseId, SubjectId, VaultId};

use super::{PackBytes, StatusView};

/// What is on this tablet, before anybody unlocks.
#[derive(Debug, Clone, Wire)]
pub struct TabletView {
    /// One tile each.
    #[n(0)]
    pub vaults: Vec<TileView>,
    /// Public pack (emergency numbers, labels), if one was ever fetched.
    #[n(1)]
    pub pack: Option<PackBytes>,
    /// Show the red line "DATA CONTOH".
    #[n(2)]
    pub synthetic: bool,
    /// Interface language.
    #[n(3)]
    pub language: String,
    /// What people call this tablet, if it has a name.
    #[n(4)]
    pub tablet_name: Option<String>,
}

/// One person's tile on the unlock page.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct TileView {
    /// The vault.
    #[n(0)]
    pub vault: VaultId,
    /// Chosen by the member.
    #[n(1)]
    pub nickname: String,
    /// Unsent changes in it, as a bare count.
    #[n(2)]
    pub unsent: u32,
    /// Seconds until another attempt is allowed.
    #[n(3)]
    pub wait_s: u32,
}

/// Whose code it is.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct WelcomeView {
    /// Member's name.
    #[n(0)]
    pub name: String,
    /// Role codes.
    #[n(1)]
    pub roles: Vec<String>,
    /// The task force.
    #[n(2)]
    pub office: String,
}

/// Who is signed in.
#[derive(Debug, Clone, Wire)]
pub struct SessionView {
    /// The vault.
    #[n(0)]
    pub vault: VaultId,
    /// The account.
    #[n(1)]
    pub account: AccountId,
    /// Member's name.
    #[n(2)]
    pub name: String,
    /// Role codes in force.
    #[n(3)]
    pub roles: Vec<String>,
    /// The tile's name.
    #[n(4)]
    pub nickname: String,
    /// The pack.
    #[n(5)]
    pub pack: PackBytes,
    /// Show the red line "DATA CONTOH".
    #[n(6)]
    pub synthetic: bool,
    /// Where work was interrupted.
    #[n(7)]
    pub place: Option<Place>,
    /// Seconds without a touch until the tablet locks itself.
    #[n(8)]
    pub auto_lock_s: u32,
    /// Interface language.
    #[n(9)]
    pub language: String,
    /// The directory, by name.
    #[n(10)]
    pub members: Vec<MemberView>,
    /// Current sync status.
    #[n(11)]
    pub status: StatusView,
}

/// A member of the task force.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct MemberView {
    /// The account.
    #[n(0)]
    pub account: AccountId,
    /// Name.
    #[n(1)]
    pub name: String,
    /// Unit key of the pack.
    #[n(2)]
    pub unit: String,
    /// Role codes.
    #[n(3)]
    pub roles: Vec<String>,
    /// Whether they still belong to it; of others only the name is needed.
    #[n(4)]
    pub active: bool,
}

/// A place in the interface, to come back to.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Wire)]
pub struct Place {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Form key of the pack, or the report path.
    #[n(1)]
    pub form: String,
    /// Page, from 0.
    #[n(2)]
    pub page: u32,
    /// The person, for forms of a person.
    #[n(3)]
    pub subject: Option<SubjectId>,
}
