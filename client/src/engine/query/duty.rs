//! What has to be done with a report within some hours of its hand-over, and until when; counted offline, on every tablet alike.
//!
//! Which duties there are, what asks for one and what says that it is done stands in the pack.

use shared::id::SubjectId;
use shared::instant;
use shared::pack::{Condition, FieldPath, Letter, Pack, Role, SubjectRule, Writer};
use shared::value::Scalar;

use super::list::Brief;
use crate::api::Duty;
use crate::engine::keys;
use crate::engine::session::Session;
use crate::engine::summary::Summary;

/// Milliseconds of an hour.
const HOUR_MS: u64 = 3_600_000;

/// What is open of a case; nothing of a draft that nobody has taken, nor of a case that is closed.
pub(super) fn duties(session: &Session, brief: &Brief<'_>) -> Vec<Duty> {
    let pack = &session.pack;
    if pack.stages.closes(brief.core.text(keys::STAGE)) {
        return Vec::new();
    }
    let (Some(since_ms), Some(_)) = (asked_since_ms(brief), brief.intake()) else { return Vec::new() };
    // Of documents that are still to be read, and of kinds that this person does not read, nobody can tell what is done.
    let is_read = session.index.unread_of(brief.case).is_empty();
    let reads = |kind: &str| {
        let roles = session.actor().roles;
        let cell = |role: &str| pack.grid.cell(kind, role).letter;
        roles.iter().any(|term| matches!(cell(&term.role), Letter::Read | Letter::Write))
    };
    let is_known = |condition: &Condition| condition.kind == keys::INTAKE || (is_read && reads(&condition.kind));
    let open = pack.duties.iter().zip(0..).filter(|(duty, _)| {
        // Asked of thousands of cases: what rights there are is looked up last, and for those alone that are asked for it.
        asks(pack, brief, &duty.when)
            && !is_done(pack, brief, &duty.done)
            && is_known(&duty.when)
            && is_known(&duty.done)
    });
    open.map(|(duty, index)| {
        let due_ms = since_ms.saturating_add(HOUR_MS.saturating_mul(u64::from(duty.hours)));
        Duty { index, due_ms }
    })
    .collect()
}

/// Of what is open, that which this person's roles may write: nobody is asked for what others do.
pub(super) fn own_duties(session: &Session, brief: &Brief<'_>) -> Vec<Duty> {
    let (pack, actor, today) = (&session.pack, session.actor(), session.today());
    let is_own = |duty: &Duty| {
        let Some(spec) = usize::try_from(duty.index).ok().and_then(|index| pack.duties.get(index)) else {
            return false;
        };
        let schema = pack.schema(&spec.done.kind);
        let Some(slot) = schema.and_then(|schema| schema.field(&FieldPath::Field(&spec.done.key))) else {
            return false;
        };
        let is_meant = |role: &Role| slot.writer() != Writer::Taker || role.duty;
        let writes = |role: &Role| pack.grid.cell(slot.grid_row(), &role.key).letter == Letter::Write;
        actor.roles_on(pack, today).any(|role| is_meant(role) && writes(role))
    };
    duties(session, brief).into_iter().filter(is_own).collect()
}

fn asks(pack: &Pack, brief: &Brief<'_>, condition: &Condition) -> bool {
    answers(pack, brief, condition).into_iter().any(|answer| condition.test.holds(answer))
}

/// Of a kind that is per person, everybody's answer counts; while nobody is told apart, nothing is done.
fn is_done(pack: &Pack, brief: &Brief<'_>, condition: &Condition) -> bool {
    let answers = answers(pack, brief, condition);
    !answers.is_empty() && answers.into_iter().all(|answer| condition.test.holds(answer))
}

/// What stands at the place a condition asks for: once for the case, or for each person; null where nothing does.
fn answers<'b>(pack: &Pack, brief: &'b Brief<'_>, condition: &Condition) -> Vec<&'b Scalar> {
    let of = |subject: Option<SubjectId>| {
        let is_it = |summary: &&Summary| summary.key.kind == condition.kind && summary.key.subject == subject;
        let summary = brief.documents.values().map(AsRef::as_ref).find(is_it);
        summary.and_then(|summary| summary.facts.get(&condition.key)).unwrap_or(&Scalar::Null)
    };
    match pack.kinds.get(&condition.kind).map(|kind| kind.subject) {
        Some(SubjectRule::Person) => brief.core.people.iter().map(|person| of(Some(person.subject))).collect(),
        Some(SubjectRule::Case | SubjectRule::Entry) | None => vec![of(None)],
    }
}

/// Since when something is asked of somebody: the hand-over, or the danger that stood when the case became somebody's, if that was
/// before.
fn asked_since_ms(brief: &Brief<'_>) -> Option<u64> {
    handed_over_ms(brief).into_iter().chain(told_ms(brief.core.first_danger_ms)).min()
}

/// Since when a case waits for somebody, milliseconds since 1970 UTC: its hand-over, or its danger if that was told before; where
/// nobody can read either, its last change counts.
pub(super) fn waits_since_ms(brief: &Brief<'_>) -> u64 {
    handed_over_ms(brief).into_iter().chain(told_ms(brief.core.danger_ms)).min().unwrap_or(brief.core.changed_ms)
}

/// Since when a case is in danger, milliseconds since 1970 UTC; where nobody can read it, its last change counts.
pub(super) fn danger_since_ms(brief: &Brief<'_>) -> u64 {
    told_ms(brief.core.danger_ms).unwrap_or_else(|| brief.changed_ms())
}

fn told_ms(at_ms: u64) -> Option<u64> {
    (at_ms > 0).then_some(at_ms)
}

/// When a report was handed over, milliseconds since 1970 UTC; none for a draft. Where nobody can read the moment, the last
/// change counts.
pub(super) fn handed_over_ms(brief: &Brief<'_>) -> Option<u64> {
    let moment = brief.core.text(keys::HANDED_OVER);
    (!moment.is_empty())
        .then(|| instant::parse(moment).and_then(|at| u64::try_from(at).ok()).unwrap_or(brief.core.changed_ms))
}
