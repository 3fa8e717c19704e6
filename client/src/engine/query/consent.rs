//! What the people of a case agreed to, purpose by purpose.
//!
//! Consent is narrow: while several answers stand, in one row or in several about the same person, the narrower is in force.
//! A withdrawal stands until its row says otherwise, as a refusal does (`shared::access::facts`).

use std::collections::BTreeSet;

use shared::access::Withdrawal;
use shared::document::Document;
use shared::document::path::{REMOVED, choice_key};
use shared::document::read::{FieldState, RowState};
use shared::id::{AccountId, SubjectId};
use shared::order::{Arrange as _, Gather as _};
use shared::pack::Pack;
use shared::pack::schema::{ANSWER_SUFFIX, REFUSED_ANSWER};
use shared::value::Scalar;

use crate::api::{ConsentAnswer, ConsentView, GivenView, PurposeView};
use crate::engine::keys;
use crate::engine::session::Session;

/// The consents of everybody in the case, and of whoever stood there at the report.
pub(super) fn consents(session: &Session, core: &Document) -> Vec<ConsentView> {
    let rows = standing_rows(core);
    let of = |(subject, own): (Option<SubjectId>, Vec<&RowState>)| {
        let purposes = purposes(&session.pack).into_iter().map(|purpose| purpose_view(session, &own, purpose));
        ConsentView { subject, purposes: purposes.collect(), given: given(session, &own) }
    };
    by_person(core, &rows).into_iter().map(of).collect()
}

/// Whether somebody of the case agreed to a purpose and nobody refused it, or took it back. What was refused at the report, before
/// people were told apart, binds until all of them have agreed (as in `shared::access::facts`).
pub(in crate::engine) fn is_agreed_to(core: &Document, field: &str, code: &str) -> bool {
    let rows = standing_rows(core);
    let of = |(subject, own): (Option<SubjectId>, Vec<&RowState>)| (subject, answer(&own, field, code));
    let (people, at_report): (Vec<_>, Vec<_>) =
        by_person(core, &rows).into_iter().map(of).partition(|(subject, _)| subject.is_some());
    let agrees = |(_, answer): &(Option<SubjectId>, ConsentAnswer)| *answer == ConsentAnswer::Yes;
    let refuses = |(_, answer): &(Option<SubjectId>, ConsentAnswer)| {
        matches!(answer, ConsentAnswer::No | ConsentAnswer::Withdrawn)
    };
    let all_agree = !people.is_empty() && people.iter().all(agrees);
    let has_agreed = people.iter().chain(&at_report).any(agrees);
    has_agreed && !people.iter().any(refuses) && (all_agree || !at_report.iter().any(refuses))
}

fn standing_rows(core: &Document) -> Vec<RowState> {
    core.rows(keys::CONSENT).into_iter().filter(|row| !is_lifted(row)).collect()
}

/// Everybody who is told apart, and whoever stood there at the report, with the rows about them.
fn by_person<'r>(core: &Document, rows: &'r [RowState]) -> Vec<(Option<SubjectId>, Vec<&'r RowState>)> {
    let people = core.rows(keys::PEOPLE).into_iter().filter(|row| !row.removed());
    let people = people.filter_map(|row| SubjectId::parse(shown(&row, keys::SUBJECT)?.as_str()).ok());
    let mut listed: Vec<Option<SubjectId>> = people.map(Some).collect();
    listed.extend(rows.iter().any(|row| about(row).is_empty()).then_some(None));
    let of = |subject: Option<SubjectId>| {
        let fits = |row: &&RowState| subject.map_or_else(|| about(row).is_empty(), |one| about(row).contains(&one));
        (subject, rows.iter().filter(fits).collect())
    };
    listed.into_iter().map(of).collect()
}

/// Fields that are purposes by themselves, then the codes of the one that holds several.
fn purposes(pack: &Pack) -> Vec<(String, String)> {
    let table = pack.kinds.get(keys::CORE).and_then(|core| core.tables.get(keys::CONSENT));
    let Some(table) = table else { return Vec::new() };
    let single = [keys::CONSENT_RECORDED, keys::CONSENT_NAMED].into_iter();
    let single = single.filter(|key| table.fields.contains_key(*key)).map(|key| (key.to_owned(), String::new()));
    let list = table.fields.get(keys::CONSENT_PURPOSES).and_then(|field| pack.code_lists.get(field.value.list()?));
    let codes = list.into_iter().flat_map(|list| list.offered());
    single.chain(codes.map(|code| (keys::CONSENT_PURPOSES.to_owned(), code.code.clone()))).collect()
}

/// What stands in each row about a purpose, and whether somebody struck the row.
fn states(rows: &[&RowState], field: &str, code: &str) -> Vec<(FieldState, bool)> {
    let key = if code.is_empty() { field.to_owned() } else { choice_key(field, code) };
    rows.iter().map(|row| (row.field(&key), row.removed())).collect()
}

fn says(states: &[(FieldState, bool)], answer: bool) -> bool {
    states.iter().any(|(state, _)| state.any_is(&Scalar::Bool(answer)))
}

/// Who will not answer has agreed to nothing; beside a yes it is the narrower.
fn will_not_answer(rows: &[&RowState], field: &str) -> bool {
    let key = format!("{field}{ANSWER_SUFFIX}");
    rows.iter().any(|row| row.field(&key).any_is(&Scalar::from(REFUSED_ANSWER)))
}

fn answer(rows: &[&RowState], field: &str, code: &str) -> ConsentAnswer {
    let states = states(rows, field, code);
    if rows.iter().any(|row| is_withdrawn(row, code)) {
        ConsentAnswer::Withdrawn
    } else if says(&states, false) || will_not_answer(rows, field) {
        ConsentAnswer::No
    } else if states.iter().any(|(state, struck)| !struck && state.all_are(&Scalar::Bool(true))) {
        // A yes counts where nothing stands beside it, and nobody has struck its row.
        ConsentAnswer::Yes
    } else {
        ConsentAnswer::NotAsked
    }
}

fn purpose_view(session: &Session, rows: &[&RowState], (field, code): (String, String)) -> PurposeView {
    let states = states(rows, &field, &code);
    let withdrawal = rows.iter().find(|row| is_withdrawn(row, &code)).map(|row| row.field(keys::WITHDRAWN_ON));
    let is_beside = states.iter().any(|(state, struck)| state.is_conflict() || (*struck && !state.values.is_empty()));
    let is_narrowed = says(&states, true) && (says(&states, false) || will_not_answer(rows, &field));
    let noted = withdrawal.as_ref().and_then(|state| state.values.iter().find(|seen| !seen.value.is_null()));
    // Before its day is written, whoever ticked the purpose.
    let ticks: Vec<FieldState> = rows.iter().map(|row| row.field(&choice_key(keys::WITHDRAWN, &code))).collect();
    let ticked = ticks.iter().flat_map(|state| &state.values).find(|seen| seen.value == Scalar::Bool(true));
    let by = noted.or(ticked).and_then(|seen| seen.author);
    let answer = answer(rows, &field, &code);
    PurposeView {
        field,
        code,
        answer,
        disputed: is_beside || is_narrowed,
        withdrawn_by: by.map(|by| session.name_of(Some(by))).unwrap_or_default(),
        withdrawn_on: noted.and_then(|seen| seen.value.as_str()).unwrap_or_default().to_owned(),
    }
}

/// Whether a row says that this purpose was taken back.
fn is_withdrawn(row: &RowState, code: &str) -> bool {
    match Withdrawal::read(&row.into()) {
        Withdrawal::Everything => true,
        Withdrawal::Of(codes) => codes.contains(code),
    }
}

/// From whom and when, newest first by what was written of the day.
fn given(session: &Session, rows: &[&RowState]) -> Vec<GivenView> {
    let text = |row: &RowState, key: &str| shown(row, key).unwrap_or_default();
    let officer = |row: &RowState| {
        let named = AccountId::parse(&text(row, keys::CONSENT_OFFICER)).ok();
        session.name_of(named.or_else(|| row.made.first().and_then(|made| made.author)))
    };
    let mut given: Vec<GivenView> = rows
        .iter()
        .map(|row| GivenView {
            giver: text(row, keys::CONSENT_GIVER),
            officer: officer(row),
            on: text(row, keys::CONSENT_ON),
        })
        .collect();
    given.arrange_by(|left, right| right.on.cmp(&left.on));
    given
}

/// Whether everything that stands says that the row is removed: while somebody kept it, it still narrows.
fn is_lifted(row: &RowState) -> bool {
    row.field(REMOVED).all_are(&Scalar::Bool(true))
}

/// Whom a row is about, in every value that stands.
fn about(row: &RowState) -> BTreeSet<SubjectId> {
    let values = row.field(keys::CONSENT_OF).values;
    values.iter().filter_map(|seen| SubjectId::parse(seen.value.as_str()?).ok()).into_set()
}

fn shown(row: &RowState, key: &str) -> Option<String> {
    row.field(key).shown().and_then(Scalar::as_str).map(str::to_owned)
}
