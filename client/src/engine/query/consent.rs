//! What the people of a case agreed to, purpose by purpose.
//!
//! Consent is narrow: while several answers stand, in one row or in several about the same person, the narrower is in force.
//! A withdrawal stands until its row says otherwise, as a refusal does (`shared::access::facts`).

use std::collections::BTreeSet;

use shared::document::Document;
use shared::document::path::{REMOVED, choice_key, split_choice};
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
    let rows: Vec<RowState> = core.rows(keys::CONSENT).into_iter().filter(|row| !is_lifted(row)).collect();
    let people = core.rows(keys::PEOPLE).into_iter().filter(|row| !row.removed());
    let people = people.filter_map(|row| SubjectId::parse(shown(&row, keys::SUBJECT)?.as_str()).ok());
    let mut listed: Vec<Option<SubjectId>> = people.map(Some).collect();
    listed.extend(rows.iter().any(|row| about(row).is_empty()).then_some(None));
    let of = |subject: Option<SubjectId>| {
        let fits = |row: &&RowState| subject.map_or_else(|| about(row).is_empty(), |one| about(row).contains(&one));
        let own: Vec<&RowState> = rows.iter().filter(fits).collect();
        let purposes = purposes(&session.pack).into_iter().map(|purpose| purpose_view(session, &own, purpose));
        ConsentView { subject, purposes: purposes.collect(), given: given(session, &own) }
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

fn purpose_view(session: &Session, rows: &[&RowState], (field, code): (String, String)) -> PurposeView {
    let key = if code.is_empty() { field.clone() } else { choice_key(&field, &code) };
    let states: Vec<(FieldState, bool)> = rows.iter().map(|row| (row.field(&key), row.removed())).collect();
    let withdrawal = rows.iter().find(|row| is_withdrawn(row, &code)).map(|row| row.field(keys::WITHDRAWN_ON));
    // Who will not answer has agreed to nothing; beside a yes it is the narrower.
    let refuses = |row: &&RowState| row.field(&format!("{field}{ANSWER_SUFFIX}")).any_is(&Scalar::from(REFUSED_ANSWER));
    let is_refused = rows.iter().any(refuses);
    let says = |answer: bool| states.iter().any(|(state, _)| state.any_is(&Scalar::Bool(answer)));
    // A yes counts where nothing stands beside it, and nobody has struck its row.
    let agrees = states.iter().any(|(state, struck)| !struck && state.all_are(&Scalar::Bool(true)));
    let answer = match &withdrawal {
        Some(_) => ConsentAnswer::Withdrawn,
        None if says(false) || is_refused => ConsentAnswer::No,
        None if agrees => ConsentAnswer::Yes,
        None => ConsentAnswer::NotAsked,
    };
    let is_beside = states.iter().any(|(state, struck)| state.is_conflict() || (*struck && !state.values.is_empty()));
    let noted = withdrawal.as_ref().and_then(|state| state.values.iter().find(|seen| !seen.value.is_null()));
    PurposeView {
        field,
        code,
        answer,
        disputed: is_beside || (says(true) && (says(false) || is_refused)),
        withdrawn_by: noted.map(|seen| session.name_of(seen.author)).unwrap_or_default(),
        withdrawn_on: noted.and_then(|seen| seen.value.as_str()).unwrap_or_default().to_owned(),
    }
}

/// Whether a row says that this purpose was taken back; a withdrawal that does not say of what is one of everything.
fn is_withdrawn(row: &RowState, code: &str) -> bool {
    let is_dated = row.field(keys::WITHDRAWN_ON).values.iter().any(|seen| !seen.value.is_null());
    let chosen: BTreeSet<&str> = row
        .fields
        .iter()
        .filter(|(_, state)| state.any_is(&Scalar::Bool(true)))
        .filter_map(|(key, _)| split_choice(key).1.filter(|_| split_choice(key).0 == keys::WITHDRAWN))
        .into_set();
    is_dated && (chosen.is_empty() || chosen.contains(code))
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
