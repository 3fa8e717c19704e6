//! Who acts: an account, its standing, and the roles it holds by decree.

use serde::{Deserialize, Serialize};

use crate::date::CivilDate;
use crate::id::AccountId;
use crate::pack::{Pack, Role};

/// Says whether an account works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AccountStatus {
    /// Works.
    Active,
    /// Stopped for a while, or for good.
    Stopped,
}

/// Holds one role somebody was given by decree, and for how long.
///
/// **Shape**: both ends are days on which the role still holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoleTerm {
    /// Role code of the pack.
    pub role: String,
    /// Unit code of the pack, if the role is one of a unit.
    pub unit: Option<String>,
    /// First day.
    pub from: CivilDate,
    /// Last day; none = until further notice.
    pub to: Option<CivilDate>,
}

impl RoleTerm {
    /// Tells whether the role holds on a day.
    #[must_use]
    pub fn holds_on(&self, today: CivilDate) -> bool {
        self.from <= today && self.to.is_none_or(|last| today <= last)
    }
}

/// Holds an account as access sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// Office code of the pack, if it belongs to one.
    pub office: Option<String>,
    /// Whether it works.
    pub status: AccountStatus,
    /// Roles by decree, past and future ones too.
    pub roles: Vec<RoleTerm>,
}

impl Actor {
    /// Lists the roles in force that the pack knows; an unknown role is no role.
    pub fn roles_on<'a>(&'a self, pack: &'a Pack, today: CivilDate) -> impl Iterator<Item = &'a Role> {
        let works = self.status == AccountStatus::Active;
        self.roles.iter().filter(move |term| works && term.holds_on(today)).filter_map(|term| pack.role(&term.role))
    }
}
