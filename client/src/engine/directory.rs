//! Names of members and tablets, as conflicts and histories show them.

use std::collections::BTreeMap;

use shared::date::CivilDate;
use shared::id::AccountId;
use shared::order::Arrange as _;
use shared::protocol::frame::Member;

use crate::api::MemberView;

/// The member directory of a session.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    members: BTreeMap<AccountId, Member>,
    tablets: BTreeMap<u32, String>,
    contacts: BTreeMap<u32, CivilDate>,
}

impl Directory {
    /// Puts a member in, with the tablets.
    pub fn put(&mut self, member: Member) {
        for (number, tablet) in &member.devices {
            self.tablets.insert(*number, tablet.clone());
        }
        self.members.insert(member.account, member);
    }

    /// A member.
    #[must_use]
    pub fn member(&self, account: AccountId) -> Option<&Member> {
        self.members.get(&account)
    }

    /// A member's name, empty if unknown.
    #[must_use]
    pub fn name(&self, account: AccountId) -> &str {
        self.member(account).map_or("", |member| member.name.as_str())
    }

    /// A tablet's name, empty if unknown.
    #[must_use]
    pub fn tablet(&self, number: u32) -> &str {
        self.tablets.get(&number).map_or("", String::as_str)
    }

    /// Notes on which day a tablet was last in contact with the relay.
    pub fn note_contact(&mut self, number: u32, day: CivilDate) {
        self.contacts.insert(number, day);
    }

    /// The day on which a tablet was last in contact; only those who keep the register are told.
    #[must_use]
    pub fn seen_on(&self, number: u32) -> Option<CivilDate> {
        self.contacts.get(&number).copied()
    }

    /// All members, those who have left too.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// A member who belongs to it on a day.
    #[must_use]
    pub fn serving(&self, account: AccountId, day: CivilDate) -> Option<&Member> {
        self.member(account).filter(|member| serves_on(member, day))
    }

    /// Whether somebody is known to have left, or not to have come yet. Who is not known at all may be here.
    #[must_use]
    pub fn is_away(&self, account: AccountId, day: CivilDate) -> bool {
        self.member(account).is_some_and(|member| !serves_on(member, day))
    }

    /// Whether a list of accounts and offices, as an exclusion has it, names somebody.
    #[must_use]
    pub fn is_named(&self, list: &[String], account: AccountId) -> bool {
        let office = self.member(account).and_then(|member| member.office.as_ref());
        let id = account.to_string();
        list.iter().any(|named| *named == id || Some(named) == office)
    }

    /// Whether somebody is known to have left for good.
    #[must_use]
    pub fn has_left(&self, account: AccountId, day: CivilDate) -> bool {
        let is_over = |member: &Member| !member.active || member.until_day.is_some_and(|until| until < day.days());
        self.member(account).is_some_and(is_over)
    }

    /// All members, by name.
    #[must_use]
    pub fn all(&self, today: CivilDate) -> Vec<MemberView> {
        let mut all: Vec<MemberView> = self.members.values().map(|member| member_view(member, today)).collect();
        all.arrange_by(|one, other| one.name.cmp(&other.name));
        all
    }
}

/// Whether a member belongs to it on a day: a term begins and ends by decree, and nobody need have told this tablet since.
fn serves_on(member: &Member, day: CivilDate) -> bool {
    let day = day.days();
    member.active && member.from_day.is_none_or(|from| from <= day) && member.until_day.is_none_or(|until| until >= day)
}

/// A member as the interface names them.
#[must_use]
pub fn member_view(member: &Member, today: CivilDate) -> MemberView {
    MemberView {
        account: member.account,
        name: member.name.clone(),
        unit: member.unit.clone(),
        roles: member.roles.clone(),
        active: serves_on(member, today),
    }
}
