//! A case page: header, people, team, parts, next steps.

use shared::access::CaseFacts;
use shared::id::{AccountId, CaseId, DocumentKey};
use shared::pack::{Pack, SubjectRule};
use shared::protocol::error::ErrorCode;

use super::consent::consents;
use super::duty::own_duties;
use super::history::held_origin;
use super::list::{brief, card};
use super::progress::forms;
use super::team;
use crate::api::{CaseView, Failure, NextStep, PartView, PersonView, SupplementView, Tag};
use crate::engine::permission::{Asker, creator, facts, hides, may_write, may_write_at};
use crate::engine::refusal;
use crate::engine::register;
use crate::engine::session::{Session, core_key, document_key, failure};
use crate::engine::stage;
use crate::engine::summary::Summary;
use crate::engine::{asking, keys};
use shared::document::path::FieldPath;
use shared::order::Arrange as _;
use shared::value::Scalar;

/// Draws a case; none when its core is not on this tablet.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn view(session: &mut Session, case: CaseId) -> Result<Option<CaseView>, Failure> {
    let Some(documents) = session.index.cases().get(&case).cloned() else { return Ok(None) };
    let Some(card) = card(session, case, &documents) else { return Ok(None) };
    let core_summary = session.index.core(case).cloned().ok_or(failure(ErrorCode::ItemGone))?;
    let core = session.replica(&core_key(case)).await?.document.clone();
    let facts = facts(Some(&core));
    let (actor, pack, today) = (session.actor(), session.pack.clone(), session.today());
    let asker = Asker { pack: &pack, actor: &actor, today };
    let maker = creator(&core);
    let may = |key: &DocumentKey| may_write(asker, &facts, key, maker);
    let at = |path: FieldPath| may_write_at(asker, &facts, &core_key(case), maker, &path);
    let parts = parts(&pack, session, (case, &facts), &core_summary, &may);
    let taken = !core_summary.text(keys::TAKEN_OVER_BY).is_empty();
    let row = shared::id::RowId::from_bytes([0; 16]);
    let is_own_draft = core_summary.is_draft_of(session.owner.account);
    let may_take_over = !taken && !is_own_draft && at(FieldPath::Field(keys::TAKEN_OVER_BY.to_owned()));
    let may_assign = at(FieldPath::Row { table: keys::TEAM.to_owned(), row, key: keys::ACCOUNT.to_owned() });
    let ends = |key: &str| FieldPath::Row { table: keys::TEAM.to_owned(), row, key: key.to_owned() };
    let may_change_team = [keys::UNTIL, keys::REMOVED].into_iter().all(|key| at(ends(key)));
    let registering = at(FieldPath::Field(keys::REGISTER_NUMBER.to_owned()))
        .then(|| register::registering(session, &core_summary))
        .flatten();
    let due = brief(session, case).map(|brief| own_duties(session, &brief)).unwrap_or_default();
    let people = people(session, &core_summary, &facts).await?;
    let supplements = supplements(session, case).await?;
    let refusal = refusal::offered(session, case).await?;
    let counted = forms(session, case, &core_summary, &parts).await?;
    let stage = stage::view(session, case, &core, &at).await?;
    let team = team::members(session, &core, &core_summary);
    let intake = document_key(case, keys::INTAKE, None);
    let may_triage = may_write_at(asker, &facts, &intake, maker, &FieldPath::Field(keys::TRIAGE.to_owned()));
    let may = May { take_over: may_take_over, triage: may_triage, go_on: is_own_draft && may(&intake) };
    let next_steps = next_steps(&card, &people, &parts, may, registering.is_some());
    Ok(Some(CaseView {
        people,
        team,
        documents: parts,
        next_steps,
        due,
        may_take_over,
        may_assign,
        created_by: session.name_of(maker),
        registering,
        supplements,
        refusal,
        may_change_team,
        may_hand_on: may_change_team && taken,
        stage,
        forms: counted,
        consents: consents(session, &core),
        asking: asking::asking(session, &core_summary, at(FieldPath::Field(keys::ASKED.to_owned()))),
        unverified: session.index.is_unverified(case),
        card,
    }))
}

async fn people(session: &mut Session, core: &Summary, facts: &CaseFacts) -> Result<Vec<PersonView>, Failure> {
    let mut people = Vec::new();
    for person in &core.people {
        let key = document_key(core.key.case, keys::IDENTITY_SHORT, Some(person.subject));
        let refused = facts.refuses_name(person.subject);
        let identity = session.has(&key) && !refused;
        let (mut name, mut age_band) = (None, String::new());
        if identity {
            let (pack, today) = (session.pack.clone(), session.today());
            let identity = &session.replica(&key).await?.document;
            name = identity.field(keys::FULL_NAME).shown().and_then(|value| value.as_str().map(ToOwned::to_owned));
            age_band = super::sheet::age_band(&pack, identity, today).unwrap_or_default();
        }
        let found = document_key(core.key.case, keys::IDENTIFICATION, Some(person.subject));
        let status = if session.has(&found) { status_of(session, &found).await? } else { String::new() };
        let code = format!("K{}", person.number);
        let group = person.group.clone();
        people.push(PersonView { subject: person.subject, code, identity, name, refused, group, age_band, status });
    }
    Ok(people)
}

/// What was decided about a person; while several values stand the safest.
async fn status_of(session: &mut Session, key: &DocumentKey) -> Result<String, Failure> {
    let pack = session.pack.clone();
    let state = session.replica(key).await?.document.field(keys::STATUS);
    let spec = pack.kinds.get(&key.kind).and_then(|kind| kind.fields.get(keys::STATUS));
    let in_force = spec.and_then(|spec| spec.in_force(state.values.iter().map(|seen| &seen.value)));
    let status = in_force.or_else(|| state.shown()).and_then(Scalar::as_str);
    Ok(status.unwrap_or_default().to_owned())
}

/// What was added after the hand-over. One that does not open must not keep the case from being opened.
async fn supplements(session: &mut Session, case: CaseId) -> Result<Vec<SupplementView>, Failure> {
    let written: Vec<(DocumentKey, Option<AccountId>, u64)> = session
        .index
        .documents(case)
        .filter(|summary| summary.key.kind == keys::SUPPLEMENT && !session.is_aside(&summary.key.id()))
        .map(|summary| (summary.key.clone(), summary.made_by, summary.changed_ms))
        .collect();
    let mut supplements = Vec::new();
    for (key, by, at_ms) in written {
        let directory = session.directory.clone();
        let document = &session.replica(&key).await?.document;
        let text = document.text(keys::SUPPLEMENT_TEXT);
        if text.is_empty() {
            // Its words were refused.
            continue;
        }
        let remarks = document.metas_since(&[]).into_iter().filter_map(|meta| meta.message);
        let held = remarks.filter_map(|remark| held_origin(&directory, &remark)).next();
        supplements.push(SupplementView { text, by: session.name_of(by), at_ms, held });
    }
    supplements.arrange_by_key(|supplement| supplement.at_ms);
    Ok(supplements)
}

/// Parts on this tablet, and those this person may begin, in the pack's order of kinds.
fn parts(
    pack: &Pack,
    session: &Session,
    (case, facts): (CaseId, &CaseFacts),
    core: &Summary,
    may: &impl Fn(&DocumentKey) -> bool,
) -> Vec<PartView> {
    let mut parts = Vec::new();
    // What members ask of each other is no part of what the case says.
    for (kind, spec) in pack.kinds.iter().filter(|(kind, _)| *kind != keys::REQUEST) {
        let subjects: Vec<Option<shared::id::SubjectId>> = match spec.subject {
            SubjectRule::Case => vec![None],
            SubjectRule::Person => core.people.iter().map(|person| Some(person.subject)).collect(),
            SubjectRule::Entry => session
                .index
                .documents(case)
                .filter(|summary| summary.key.kind == *kind)
                .map(|summary| summary.key.subject)
                .collect(),
        };
        for subject in subjects {
            let key = document_key(case, kind, subject);
            let summary = session.index.documents(case).find(|summary| summary.key == key);
            let writable = may(&key);
            // For who refused a name there is no page for it, whatever was written before.
            let is_closed = !writable || (spec.subject == SubjectRule::Person && session.index.is_unverified(case));
            if hides(pack, facts, &key) || (summary.is_none() && is_closed) {
                continue;
            }
            let total = spec.fields.values().filter(|field| !field.retired).count();
            parts.push(PartView {
                kind: kind.clone(),
                subject,
                answered: summary.map_or(0, |summary| summary.answered),
                total: u32::try_from(total).unwrap_or(u32::MAX),
                writable,
                conflicts: summary.map_or(0, |summary| summary.conflicts),
                changed_ms: summary.map_or(0, |summary| summary.changed_ms),
                changed_by: session.name_of(summary.and_then(|summary| summary.changed_by)),
            });
        }
    }
    parts
}

/// What this person may do next with a report.
#[derive(Clone, Copy)]
struct May {
    take_over: bool,
    /// Say what came of it.
    triage: bool,
    /// Write on: a draft is its author's.
    go_on: bool,
}

fn next_steps(
    card: &crate::api::CaseCard,
    people: &[PersonView],
    parts: &[PartView],
    may: May,
    is_unregistered: bool,
) -> Vec<NextStep> {
    let writable = |kind: &str| parts.iter().any(|part| part.kind == kind && part.writable);
    let mut steps = Vec::new();
    // A danger is somebody's before its report is whole.
    if may.take_over {
        steps.push(NextStep::TakeOver);
    }
    if card.tags.contains(&Tag::Draft) && may.go_on {
        steps.push(NextStep::ContinueReport);
    }
    if card.conflicts > 0 {
        steps.push(NextStep::Conflicts);
    }
    if is_unregistered {
        steps.push(NextStep::Register);
    }
    if card.triage.is_empty() && !card.tags.contains(&Tag::Draft) && may.triage {
        steps.push(NextStep::Triage);
    }
    if people.iter().any(PersonView::lacks_identity) && writable(keys::IDENTITY_SHORT) {
        steps.push(NextStep::Identity);
    }
    steps.truncate(3);
    steps
}
