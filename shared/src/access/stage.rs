//! What may be put into a core by its value: no closing by one person alone, no stage behind a gate that cannot be opened, no
//! danger taken away from somebody's draft, and no alarm ended in the name of somebody who has not taken it.
//!
//! Owns the rules that ask for a value beside a place; `decide_write` is asked first. Of gates, the relay can hold people to
//! those that ask for what rights hang on anyway. It judges a core by core and guard alone: what a gate asks of another
//! document may arrive after the stage, may be under edit at the same time, and may be nothing that whoever judges can
//! read in order; so such gates are shut by the tablet, which has those documents in front of it.

use super::actor::Actor;
use super::decide::{Decision, DenyReason};
use super::facts::{
    APPROVED_BY, CLOSING, CORE_KIND, CaseFacts, Closing, EMERGENCY, PROPOSED_BY, REOPENED_BY, STAGE, TAKEN_OVER_BY,
};
use super::standing::Standing;
use crate::document::path::FieldPath;
use crate::id::RowId;
use crate::pack::{Condition, Gate, Pack};
use crate::value::Scalar;

/// Decides whether a value may be put where [`super::decide_write`] lets its author write.
#[must_use]
pub fn decide_value(
    pack: &Pack,
    actor: &Actor,
    facts: &CaseFacts,
    kind: &str,
    path: &FieldPath,
    value: &Scalar,
) -> Decision {
    let refused = match path {
        _ if kind != CORE_KIND => None,
        FieldPath::Field(key) if key == STAGE => stage_refusal(pack, facts, value),
        // Taken away it would hide the draft from everybody who is to help; a claim that is taken back must not have done that.
        FieldPath::Field(key) if key == EMERGENCY && facts.is_open() && !facts.is_handed_over() => {
            let is_calmed = value.as_bool() != Some(true);
            (is_calmed && !facts.is_author(actor.account)).then_some(DenyReason::AuthorOnly)
        }
        // Whoever has taken a case may hand it on; taking it in somebody else's name would leave nobody who knows.
        FieldPath::Field(key) if key == TAKEN_OVER_BY && !facts.is_taken() && !value.is_null() => {
            (value.as_str() != Some(&actor.account.to_string())).then_some(DenyReason::OtherName)
        }
        FieldPath::Row { table, row, key } if table == CLOSING => closing_refusal(actor, facts, *row, key, value),
        FieldPath::Field(_) | FieldPath::Row { .. } | FieldPath::RowMade { .. } | FieldPath::Text(_) => None,
    };
    refused.map_or(Decision::Allow, Decision::Deny)
}

/// An agreement of two that was never taken back stays one: whoever leaves a closed case takes it back first.
fn stage_refusal(pack: &Pack, facts: &CaseFacts, value: &Scalar) -> Option<DenyReason> {
    let stage = value.as_str()?;
    if pack.stages.closes(stage) {
        return (!facts.is_closing_agreed()).then_some(DenyReason::ClosingAlone);
    }
    let is_shut = |gate: &Gate| gate.hard && gate.when.is_empty() && gate.met.iter().any(|one| fails(facts, one));
    pack.stages.gates_of(stage).any(is_shut).then_some(DenyReason::GateShut)
}

/// Whether a condition is known not to hold; one that asks for anything else than what rights hang on is not known.
fn fails(facts: &CaseFacts, condition: &Condition) -> bool {
    let is_of_core = condition.kind == CORE_KIND && condition.table.is_none();
    let standing = facts.core_field(&condition.key).filter(|_| is_of_core);
    standing.is_some_and(|standing| !passes(condition, standing))
}

/// Tells whether every value that stands passes a condition; what was never written counts as null.
#[must_use]
pub fn passes(condition: &Condition, standing: &Standing) -> bool {
    let is_empty = standing.values().is_empty();
    if is_empty { condition.test.holds(&Scalar::Null) } else { standing.all(|value| condition.test.holds(value)) }
}

/// Everybody signs for themselves, and nobody twice. A name is taken back by whoever signed.
fn closing_refusal(actor: &Actor, facts: &CaseFacts, row: RowId, key: &str, value: &Scalar) -> Option<DenyReason> {
    let none = Closing::default();
    let closing = facts.closings.get(&row).unwrap_or(&none);
    let (signed, other) = match key {
        PROPOSED_BY => (&closing.proposed_by, Some(&closing.approved_by)),
        APPROVED_BY => (&closing.approved_by, Some(&closing.proposed_by)),
        REOPENED_BY => (&closing.reopened_by, None),
        _ => return None,
    };
    let own = actor.account.to_string();
    let is_own = |value: &Scalar| value.as_str() == Some(&own);
    if value.is_null() {
        return signed.any(|value| !value.is_null() && !is_own(value)).then_some(DenyReason::OtherName);
    }
    if !is_own(value) {
        return Some(DenyReason::OtherName);
    }
    let is_unproposed = key == APPROVED_BY && !closing.proposed_by.all(|value| !value.is_null());
    (is_unproposed || other.is_some_and(|other| other.any(is_own))).then_some(DenyReason::ClosingAlone)
}
