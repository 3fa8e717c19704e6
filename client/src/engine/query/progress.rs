//! How much of each form is filled in: of what its pages ask now, what has an answer.
//!
//! A lawful empty answer is one, but for "not asked yet". What a page or a condition does not show is not asked.

use std::collections::{BTreeMap, BTreeSet};

use shared::document::Document;
use shared::document::path::{row_text_key, split_choice};
use shared::document::read::{FieldState, RowState};
use shared::id::{CaseId, SubjectId};
use shared::order::Gather as _;
use shared::pack::schema::{ANSWER_SUFFIX, EMPTY_ANSWERS};
use shared::pack::{
    Condition, ConditionTest, FieldRef, FieldSpec, FieldType, Form, Item, Pack, Page, RowTarget, SubjectRule,
};
use shared::value::Scalar;

use crate::api::{Failure, FormView, PartView};
use crate::engine::session::{Session, document_key};
use crate::engine::summary::Summary;

/// Counts every form of which this person has a part, once for the case or once for each person.
pub(super) async fn forms(
    session: &mut Session,
    case: CaseId,
    core: &Summary,
    parts: &[PartView],
) -> Result<Vec<FormView>, Failure> {
    let pack = session.pack.clone();
    let mut counted = Vec::new();
    for form in &pack.forms {
        let subjects: Vec<Option<SubjectId>> = if pack.is_personal(form) {
            core.people.iter().map(|person| Some(person.subject)).collect()
        } else {
            vec![None]
        };
        for subject in subjects {
            let is_open = |kind: &str| {
                parts.iter().any(|part| part.kind == kind && (part.subject.is_none() || part.subject == subject))
            };
            let fields: Vec<(&Page, &FieldRef, &FieldSpec)> = fields_of(&pack, form, is_open).collect();
            if fields.is_empty() {
                continue;
            }
            let sheets = Sheets::open(session, case, form, subject, &fields).await?;
            let shown = |(page, _, spec): &&(&Page, &FieldRef, &FieldSpec)| {
                page.show_when.iter().chain(&spec.show_when).all(|condition| sheets.holds(condition))
            };
            let asked: Vec<_> = fields.iter().filter(shown).collect();
            let answered = asked.iter().filter(|(_, field, spec)| sheets.is_answered(field, spec)).count();
            counted.push(FormView {
                form: form.key.clone(),
                subject,
                asked: u32::try_from(asked.len()).unwrap_or(u32::MAX),
                answered: u32::try_from(answered).unwrap_or(u32::MAX),
            });
        }
    }
    Ok(counted)
}

/// Fields a form may ask, with their pages; only of parts that are open here.
fn fields_of<'p>(
    pack: &'p Pack,
    form: &'p Form,
    is_open: impl Fn(&str) -> bool,
) -> impl Iterator<Item = (&'p Page, &'p FieldRef, &'p FieldSpec)> {
    let items = form.pages.iter().flat_map(|page| page.items.iter().map(move |item| (page, item)));
    items
        .filter_map(move |(page, item)| match item {
            Item::Field(field) if is_open(&field.kind) => Some((page, field, pack.field(field)?)),
            Item::Field(_) | Item::Rows(_) | Item::Note(_) => None,
        })
        .filter(|(_, _, spec)| !spec.retired)
}

/// The documents a form is drawn from, and the row it fills.
struct Sheets {
    documents: BTreeMap<String, Document>,
    row: Option<(String, RowState)>,
}

impl Sheets {
    async fn open(
        session: &mut Session,
        case: CaseId,
        form: &Form,
        subject: Option<SubjectId>,
        fields: &[(&Page, &FieldRef, &FieldSpec)],
    ) -> Result<Self, Failure> {
        let conditions = fields.iter().flat_map(|(page, _, spec)| page.show_when.iter().chain(&spec.show_when));
        let kinds: BTreeSet<&String> =
            conditions.map(|one| &one.kind).chain(fields.iter().map(|(_, field, _)| &field.kind)).into_set();
        let pack = session.pack.clone();
        let mut documents = BTreeMap::new();
        for kind in kinds {
            let is_personal = pack.kinds.get(kind).is_some_and(|kind| kind.subject == SubjectRule::Person);
            let key = document_key(case, kind, subject.filter(|_| is_personal));
            if session.has(&key) && !session.is_aside(&key.id()) {
                documents.insert(kind.clone(), session.replica(&key).await?.document.clone());
            }
        }
        // The row a form fills is about its person, or about nobody told apart.
        let of_field = |field: &FieldRef| Some(RowTarget { kind: field.kind.clone(), table: field.table.clone()? });
        let target = form.rows_of.clone().or_else(|| form.fields().find_map(of_field));
        let row = target.and_then(|target| {
            let rows = documents.get(&target.kind)?.rows(&target.table);
            let person = pack.table(&target)?.person_key()?;
            let wanted = subject.map(|subject| Scalar::from(subject.to_string().as_str()));
            let about = |row: &RowState| match &wanted {
                Some(subject) => row.field(person).any_is(subject),
                None => row.field(person).values.iter().all(|seen| seen.value.is_null()),
            };
            Some((target.table.clone(), rows.into_iter().rev().find(|row| !row.removed() && about(row))?))
        });
        Ok(Self { documents, row })
    }

    fn row_of(&self, table: &str) -> Option<&RowState> {
        self.row.as_ref().filter(|(of, _)| of == table).map(|(_, row)| row)
    }

    /// What stands at a key, and at the codes of a field of several.
    fn states(&self, kind: &str, table: Option<&str>, key: &str) -> (FieldState, Vec<FieldState>) {
        let Some(document) = self.documents.get(kind) else { return Default::default() };
        let is_code = |other: &&String| {
            let (field, code) = split_choice(other);
            field == key && code.is_some()
        };
        let Some(table) = table else {
            let keys = document.keys();
            return (document.field(key), keys.iter().filter(is_code).map(|key| document.field(key)).collect());
        };
        let Some(row) = self.row_of(table) else { return Default::default() };
        (row.field(key), row.fields.keys().filter(is_code).map(|key| row.field(key)).collect())
    }

    /// As a form draws it: one value that passes is enough, and what nobody wrote is null.
    fn holds(&self, condition: &Condition) -> bool {
        let (state, codes) = self.states(&condition.kind, condition.table.as_deref(), &condition.key);
        let passes = match state.values.as_slice() {
            [] => condition.test.holds(&Scalar::Null),
            values => values.iter().any(|seen| condition.test.holds(&seen.value)),
        };
        let is_chosen = |code: &FieldState| code.any_is(&Scalar::Bool(true));
        passes || (condition.test == ConditionTest::Answered && codes.iter().any(is_chosen))
    }

    fn is_answered(&self, field: &FieldRef, spec: &FieldSpec) -> bool {
        let table = field.table.as_deref();
        let (state, codes) = self.states(&field.kind, table, &field.key);
        let (why, _) = self.states(&field.kind, table, &format!("{}{ANSWER_SUFFIX}", field.key));
        let says = |state: &FieldState| state.values.iter().any(|seen| !seen.value.is_null());
        let not_asked = EMPTY_ANSWERS.first().map(|code| Scalar::from(*code)).unwrap_or_default();
        let has_text = || {
            let document = self.documents.get(&field.kind);
            let key = match table {
                None => Some(field.key.clone()),
                Some(table) => self.row_of(table).map(|row| row_text_key(table, row.row, &field.key)),
            };
            document.zip(key).is_some_and(|(document, key)| !document.text(&key).is_empty())
        };
        says(&state)
            || codes.iter().any(|code| code.any_is(&Scalar::Bool(true)))
            || (says(&why) && !why.any_is(&not_asked))
            || (matches!(spec.value, FieldType::LongText { .. }) && has_text())
    }
}
