//! Whether what a stage asks for is there: looked up in the documents of the case, with every value that stands.

use shared::access::Standing;
use shared::access::stage::passes;
use shared::document::Document;
use shared::document::path::split_choice;
use shared::document::read::RowState;
use shared::id::{CaseId, SubjectId};
use shared::pack::schema::{ANSWER_SUFFIX, REFUSED_ANSWER};
use shared::pack::{Condition, ConditionTest, Gate, SubjectRule};
use shared::value::Scalar;

use super::keys;
use super::permission::{Asker, facts, may_read};
use super::query::consent::is_agreed_to;
use super::session::{Session, document_key};
use crate::api::{Failure, GateState};

/// Whether what a gate asks is there, and of whom not; none where it is not asked in this case.
pub(super) async fn look(
    session: &mut Session,
    case: CaseId,
    core: &Document,
    gate: &Gate,
) -> Result<Option<(GateState, Vec<SubjectId>)>, Failure> {
    let (actor, pack, today) = (session.actor(), session.pack.clone(), session.today());
    let (facts, asker) = (facts(Some(core)), Asker { pack: &pack, actor: &actor, today });
    for condition in &gate.when {
        let key = document_key(case, &condition.kind, None);
        let holds = if session.has(&key) {
            holds_in(&session.replica(&key).await?.document, condition)
        } else {
            condition.test.holds(&Scalar::Null)
        };
        if !holds {
            return Ok(None);
        }
    }
    let Some(kind) = gate.met.first().map(|condition| condition.kind.clone()) else { return Ok(None) };
    let per_person = pack.kinds.get(&kind).is_some_and(|kind| kind.subject == SubjectRule::Person);
    let people = people_of(core, gate.living);
    let subjects: Vec<Option<SubjectId>> =
        if per_person { people.iter().copied().map(Some).collect() } else { vec![None] };
    if subjects.is_empty() {
        // Nobody is told apart yet; or all have died, and nothing is asked about them.
        let state = if people_of(core, false).is_empty() { GateState::Missing } else { GateState::Met };
        return Ok(Some((state, Vec::new())));
    }
    let (mut state, mut lacking) = (GateState::Met, Vec::new());
    for subject in subjects {
        let key = document_key(case, &kind, subject);
        if !may_read(asker, &facts, &key, None) {
            return Ok(Some((GateState::Unseen, Vec::new())));
        }
        let is_met = if session.has(&key) {
            is_met(&session.replica(&key).await?.document, gate)
        } else {
            is_met_by_nothing(gate)
        };
        if !is_met {
            state = GateState::Missing;
            lacking.extend(subject);
        }
    }
    Ok(Some((state, lacking)))
}

/// People of the case, told apart.
fn people_of(core: &Document, living: bool) -> Vec<SubjectId> {
    let has_died = |row: &RowState| row.field(keys::DIED).any_is(&Scalar::Bool(true));
    let rows = core.rows(keys::PEOPLE).into_iter().filter(|row| !row.removed());
    let rows = rows.filter(|row| !living || !has_died(row));
    rows.filter_map(|row| {
        SubjectId::parse(row.field(keys::SUBJECT).shown().and_then(Scalar::as_str).unwrap_or_default()).ok()
    })
    .collect()
}

fn is_met_by_nothing(gate: &Gate) -> bool {
    gate.met.iter().all(|condition| condition.table.is_none() && condition.test.holds(&Scalar::Null))
}

fn is_met(document: &Document, gate: &Gate) -> bool {
    match gate.met.first().and_then(|condition| condition.table.as_deref()) {
        None => gate.met.iter().all(|condition| holds_in(document, condition)),
        // The page of the case says what was agreed to; a gate must not say otherwise.
        Some(keys::CONSENT) if gate.met.iter().all(|condition| asks_for(condition, &Scalar::Bool(true))) => {
            gate.met.iter().all(|condition| {
                let (field, code) = split_choice(&condition.key);
                is_agreed_to(document, field, code.unwrap_or_default())
            })
        }
        Some(table) => document.rows(table).iter().any(|row| {
            let stands = |key: &str| row.field(key).values.iter().map(|seen| seen.value.clone()).collect();
            let keys: Vec<&str> = row.fields.keys().map(String::as_str).collect();
            !row.removed() && gate.met.iter().all(|condition| holds(condition, &keys, &stands))
        }),
    }
}

/// Whether this value passes and an empty field does not.
fn asks_for(condition: &Condition, value: &Scalar) -> bool {
    condition.test != ConditionTest::Answered && condition.test.holds(value) && !condition.test.holds(&Scalar::Null)
}

fn holds_in(document: &Document, condition: &Condition) -> bool {
    let keys = document.keys();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    holds(condition, &keys, &|key: &str| document.field(key).values.iter().map(|seen| seen.value.clone()).collect())
}

/// Every value that stands has to pass. A many-choice field is answered when one of its codes is chosen.
fn holds(condition: &Condition, keys: &[&str], stands: &impl Fn(&str) -> Vec<Scalar>) -> bool {
    let is_chosen = |key: &&&str| {
        let (field, code) = split_choice(key);
        field == condition.key && code.is_some() && Standing::new(stands(key)).all(|value| *value == Scalar::Bool(true))
    };
    // Who would not answer has not said what is asked for, whatever stands beside it.
    let will_not_say = || stands(&format!("{}{ANSWER_SUFFIX}", condition.key)).contains(&Scalar::from(REFUSED_ANSWER));
    let asks = condition.test != ConditionTest::Answered && !condition.test.holds(&Scalar::Null);
    (passes(condition, &Standing::new(stands(&condition.key))) && !(asks && will_not_say()))
        || (condition.test == ConditionTest::Answered && keys.iter().any(|key| is_chosen(&key)))
}
