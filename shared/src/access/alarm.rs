//! Who is told of a danger that nobody has taken, and how much.
//!
//! Owns the two circles: those who are to take it, at once, and those the pack names for when nobody does, by the code
//! alone. An exclusion beats both; the author knows already.

use super::actor::{AccountStatus, Actor};
use super::facts::CaseFacts;
use super::held::keeps_register;
use crate::date::CivilDate;
use crate::pack::Pack;

/// How much of a danger an account is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Circle {
    /// Is to take it, and hears who did.
    Takes,
    /// Hears its code once it has waited too long, and that somebody took it.
    Hears,
}

/// Tells whether somebody is in danger and nobody has taken it, with nothing against it standing.
#[must_use]
pub fn waits(facts: &CaseFacts) -> bool {
    facts.emergency.all(|value| value.as_bool() == Some(true)) && !facts.is_taken()
}

/// The circle an account belongs to; none for whoever must not know, or has nothing to do with it.
#[must_use]
pub fn circle(pack: &Pack, actor: &Actor, facts: &CaseFacts, today: CivilDate) -> Option<Circle> {
    let may_know = actor.status == AccountStatus::Active
        && !facts.creators.contains(&actor.account)
        && !facts.excludes(actor.account, actor.office.as_deref());
    if !may_know {
        return None;
    }
    let has = |fits: &dyn Fn(&str, bool) -> bool| actor.roles_on(pack, today).any(|role| fits(&role.key, role.duty));
    if has(&|role, duty| duty || keeps_register(pack, role)) {
        return Some(Circle::Takes);
    }
    let late = pack.alarm.as_ref().is_some_and(|alarm| has(&|role, _| alarm.roles.iter().any(|named| named == role)));
    late.then_some(Circle::Hears)
}
