//! Who decides about a held change, and who merely learns that one waits.
//!
//! Owns the seats: the registrar, and for a part the registrar may not read (or passed on) those who may write the
//! document now. Nobody decides about a change of their own.

use std::collections::BTreeMap;

use super::actor::Actor;
use super::decide::{Action, Decision, DenyReason, Resource, WriteShape, decide};
use super::facts::{CaseFacts, GUARD_KIND};
use super::standing::Standing;
use crate::date::CivilDate;
use crate::id::{AccountId, SubjectId};
use crate::pack::{CreateRule, Letter, Pack};
use crate::value::Scalar;

/// How much of a held change an account gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seat {
    /// Sees what it says, and decides.
    Decides,
    /// Learns that something waits in this part of the case, and may pass it on.
    Counts,
}

/// Points at a held change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldPlace<'a> {
    /// Document kind.
    pub kind: &'a str,
    /// Person or entry.
    pub subject: Option<SubjectId>,
    /// Who made the document, or would have.
    pub creator: AccountId,
    /// Who wrote the change.
    pub writer: AccountId,
    /// It was passed on to those who answer for the part.
    pub forwarded: bool,
}

/// Tells whether a role keeps the register of all cases: the grid gives it the exclusion list of each.
#[must_use]
pub fn keeps_register(pack: &Pack, role: &str) -> bool {
    let cell = pack.grid.cell(GUARD_KIND, role);
    cell.letter == Letter::Write && !cell.assigned
}

/// The facts as the registrar judges held work by: whoever wrote it can hand nothing over any more, so that a draft of
/// somebody who was dismissed counts as handed over; one in danger for what its author wrote, and for nobody else's words.
#[must_use]
pub fn in_custody(facts: &CaseFacts, writer: AccountId) -> CaseFacts {
    let mut facts = facts.clone();
    if !facts.is_open() || (facts.is_draft_in_danger() && facts.is_author(writer)) {
        facts.handed_over = Standing::from(Scalar::Bool(true));
    }
    facts
}

fn registrar(pack: &Pack, actor: &Actor, today: CivilDate) -> bool {
    actor.roles_on(pack, today).any(|role| keeps_register(pack, &role.key))
}

/// The seat of a registrar, and whether the part is the registrar's to read.
fn registrar_seat(
    pack: &Pack,
    actor: &Actor,
    facts: &CaseFacts,
    place: &HeldPlace<'_>,
    today: CivilDate,
) -> (Option<Seat>, bool) {
    let resource = Resource { kind: place.kind, subject: place.subject, creator: Some(place.creator) };
    let custody = in_custody(facts, place.writer);
    let asks = |action| decide(pack, actor, &custody, &resource, action, today);
    let read = asks(Action::Read);
    if matches!(read, Decision::Deny(DenyReason::Excluded | DenyReason::AccountStopped)) {
        // Not even that something waits.
        return (None, false);
    }
    // An entry is written by its author alone; whoever reads it answers for what became of it.
    let entry = pack.kinds.get(place.kind).is_some_and(|kind| kind.create == CreateRule::Entry);
    let decides = read.is_allowed() && (entry || asks(Action::Write(WriteShape::Any)).is_allowed());
    (Some(if decides { Seat::Decides } else { Seat::Counts }), read.is_allowed())
}

/// Lists who has a seat, today.
#[must_use]
pub fn seats(
    pack: &Pack,
    actors: &[Actor],
    facts: &CaseFacts,
    place: &HeldPlace<'_>,
    today: CivilDate,
) -> BTreeMap<AccountId, Seat> {
    let (registrars, others): (Vec<&Actor>, Vec<&Actor>) =
        actors.iter().partition(|actor| registrar(pack, actor, today));
    let mut seats = BTreeMap::new();
    let mut is_read_by_registrar = false;
    for actor in registrars {
        let (seat, reads) = registrar_seat(pack, actor, facts, place, today);
        is_read_by_registrar |= reads;
        if let Some(seat) = seat.filter(|_| actor.account != place.writer) {
            seats.insert(actor.account, seat);
        }
    }
    // A case that nobody made yet would be anybody's to write.
    let exists = !facts.creators.is_empty();
    if exists && (place.forwarded || !is_read_by_registrar) {
        let resource = Resource { kind: place.kind, subject: place.subject, creator: Some(place.creator) };
        for actor in others.into_iter().filter(|actor| actor.account != place.writer) {
            let asks = |action| decide(pack, actor, facts, &resource, action, today).is_allowed();
            if asks(Action::Read) && asks(Action::Write(WriteShape::Any)) {
                seats.insert(actor.account, Seat::Decides);
            }
        }
    }
    seats
}

/// Tells whether everybody who may read entries of one kind reads another kind as well, whatever the case: then what stands
/// in the other may be told in an entry. An entry is not read by who wrote it, unless the grid says so.
#[must_use]
pub fn is_narrower(pack: &Pack, entries: &str, other: &str) -> bool {
    let is_entry = pack.kinds.get(entries).is_some_and(|kind| kind.create == CreateRule::Entry);
    let reads = |letter| matches!(letter, Letter::Read | Letter::Write);
    is_entry
        && pack.kinds.contains_key(other)
        && pack.roles.iter().all(|role| {
            let (inner, outer) = (pack.grid.cell(entries, &role.key), pack.grid.cell(other, &role.key));
            !reads(inner.letter) || (reads(outer.letter) && (inner.assigned || !outer.assigned))
        })
}

/// The facts an account's decision about what somebody wrote is judged by, place by place.
#[must_use]
pub fn facts_of_decider(
    pack: &Pack,
    actor: &Actor,
    facts: &CaseFacts,
    writer: AccountId,
    today: CivilDate,
) -> CaseFacts {
    if registrar(pack, actor, today) { in_custody(facts, writer) } else { facts.clone() }
}
