//! What a writer is warned of beside a field: names of the case in free text, and a population number that says something else
//! than the case. A warning, never a refusal.

use shared::date::PartialDate;
use shared::document::Document;
use shared::document::read::FieldState;
use shared::id::{CaseId, DocumentKey};
use shared::nik::{Doubt, doubts};
use shared::order::Arrange as _;
use shared::pack::{Bearer, FieldSpec, FieldType, Kind, Pack, SubjectRule};
use shared::value::Scalar;

use crate::api::Failure;
use crate::engine::permission::{Asker, creator, hides, may_read};
use crate::engine::session::{Session, document_key};

/// Keys of the fields that hold names, of a document or of a row of it.
fn names_in<'k>(fields: impl IntoIterator<Item = (&'k String, &'k FieldSpec)>) -> impl Iterator<Item = &'k str> {
    fields.into_iter().filter(|(_, spec)| spec.names).map(|(key, _)| key.as_str())
}

fn has_names(kind: &Kind) -> bool {
    names_in(&kind.fields).chain(kind.tables.values().flat_map(|table| names_in(&table.fields))).next().is_some()
}

/// Names that stand in the documents of a case: those on this tablet that the account reads, without those nobody is shown.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn names(session: &mut Session, case: CaseId) -> Result<Vec<String>, Failure> {
    let facts = session.case_facts(case).await?;
    let (actor, pack, today) = (session.actor(), session.pack.clone(), session.today());
    let asker = Asker { pack: &pack, actor: &actor, today };
    let is_wanted = |key: &DocumentKey| pack.kinds.get(&key.kind).is_some_and(has_names) && !hides(&pack, &facts, key);
    let documents: Vec<DocumentKey> = session
        .index
        .documents(case)
        .filter(|summary| is_wanted(&summary.key) && !session.is_aside(&summary.key.id()))
        .map(|summary| summary.key.clone())
        .collect();
    let mut names = Vec::new();
    for key in documents {
        let document = &session.replica(&key).await?.document;
        let Some(kind) = pack.kinds.get(&key.kind) else { continue };
        if may_read(asker, &facts, &key, creator(document)) {
            names_of(document, kind, &mut names);
        }
    }
    names.arrange();
    names.dedup();
    Ok(names)
}

fn names_of(document: &Document, kind: &Kind, names: &mut Vec<String>) {
    let mut add = |state: &FieldState| {
        names.extend(state.values.iter().filter_map(|seen| seen.value.as_str().map(ToOwned::to_owned)));
    };
    names_in(&kind.fields).for_each(|key| add(&document.field(key)));
    for (table, spec) in &kind.tables {
        for key in names_in(&spec.fields) {
            document.rows(table).iter().filter(|row| !row.removed()).for_each(|row| add(&row.field(key)));
        }
    }
}

/// What is doubtful about the population numbers of a document, each by its field. While two numbers or two days stand, nobody
/// knows which to ask about.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn of_numbers(session: &mut Session, key: &DocumentKey) -> Result<Vec<(String, Doubt)>, Failure> {
    let pack = session.pack.clone();
    let fields = pack.kinds.get(&key.kind).map(|kind| &kind.fields);
    let mut found = Vec::new();
    for (field, spec) in fields.into_iter().flatten().filter(|(_, spec)| spec.value == FieldType::Nik) {
        let Some(number) = told(session, &pack, key, &key.kind, field).await? else { continue };
        let (mut born, mut woman) = (None, None);
        if let Some(Bearer { born: day, woman: is_woman, man: is_man }) = &spec.bearer {
            born = told(session, &pack, key, &day.kind, &day.key).await?;
            let sex = told(session, &pack, key, &is_woman.kind, &is_woman.key).await?;
            woman = sex.and_then(|sex| match (is_woman.test.holds(&sex), is_man.test.holds(&sex)) {
                (true, false) => Some(true),
                (false, true) => Some(false),
                (true, true) | (false, false) => None,
            });
        }
        let born = born.and_then(|born| PartialDate::parse(born.as_str()?).ok());
        let is_province = |code: &str| pack.areas.contains_key(code);
        let doubts = number.as_str().map(|number| doubts(number, is_province, born, woman)).unwrap_or_default();
        found.extend(doubts.into_iter().map(|doubt| (field.clone(), doubt)));
    }
    Ok(found)
}

/// The one value of a field of the same case and person; none where several stand, or where it is not here to be read.
async fn told(
    session: &mut Session,
    pack: &Pack,
    beside: &DocumentKey,
    kind: &str,
    field: &str,
) -> Result<Option<Scalar>, Failure> {
    let is_of_case = pack.kinds.get(kind).is_some_and(|kind| kind.subject == SubjectRule::Case);
    let key = document_key(beside.case, kind, beside.subject.filter(|_| !is_of_case));
    if !session.has(&key) || session.is_aside(&key.id()) {
        return Ok(None);
    }
    let state = session.replica(&key).await?.document.field(field);
    Ok(state.shown().filter(|_| !state.is_conflict()).cloned())
}
