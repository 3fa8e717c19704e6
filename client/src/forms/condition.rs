//! Which pages and fields are shown, from what was answered.

use std::collections::BTreeMap;

use leptos::prelude::*;
use shared::pack::{Condition, FieldRef, FieldSpec, Item, Pack, Page, Withheld};
use shared::value::Scalar;

use super::documents::Documents;
use crate::api::{DocumentView, FieldView, holds_among};

fn holds_in(document: &DocumentView, condition: &Condition, documents: &Documents) -> bool {
    let Some(table) = &condition.table else {
        return holds_among(&document.fields, condition);
    };
    let filled = documents.row.get().filter(|spot| spot.table == *table && spot.kind == condition.kind);
    let row = filled.and_then(|spot| document.rows.get(table)?.iter().find(|row| row.row == spot.row));
    row.map_or_else(|| condition.test.holds(&Scalar::Null), |row| holds_among(&row.fields, condition))
}

/// Whether a condition holds; a document that is not there holds nothing.
pub(crate) fn holds(condition: &Condition, documents: &Documents) -> bool {
    documents
        .with(&condition.kind, |document| holds_in(document, condition, documents))
        .unwrap_or_else(|| condition.test.holds(&Scalar::Null))
}

/// Whether all of them hold.
pub(crate) fn all_hold(conditions: &[Condition], documents: &Documents) -> bool {
    conditions.iter().all(|condition| holds(condition, documents))
}

/// Whether a field of a row is asked; `row` tells what the row itself holds.
pub(crate) fn is_asked_in_row(
    spec: &FieldSpec,
    (kind, table): (&str, &str),
    row: &BTreeMap<String, Scalar>,
    documents: &Documents,
) -> bool {
    let holds = |condition: &Condition| {
        if condition.kind == kind && condition.table.as_deref() == Some(table) {
            condition.test.holds(row.get(&condition.key).unwrap_or(&Scalar::Null))
        } else {
            holds(condition, documents)
        }
    };
    !spec.retired && spec.show_when.iter().all(holds)
}

/// Whether a field is asked.
pub(crate) fn is_asked(spec: &FieldSpec, documents: &Documents) -> bool {
    !spec.retired && all_hold(&spec.show_when, documents)
}

/// The codes that are not offered now.
pub(crate) fn withheld_now(withheld: Option<&Withheld>, documents: &Documents) -> Vec<String> {
    withheld
        .filter(|withheld| all_hold(&withheld.when, documents))
        .map(|withheld| withheld.codes.clone())
        .unwrap_or_default()
}

/// Whether a field holds anything: a value, a chosen code, a text, or a lawful empty answer.
pub(crate) fn is_answered(pack: &Pack, field: &FieldRef, documents: &Documents) -> bool {
    let list = pack.field(field).and_then(|spec| spec.value.list());
    let has_value = |fields: &std::collections::BTreeMap<String, FieldView>| {
        let answered =
            |key: &str| fields.get(key).is_some_and(|field| field.values.iter().any(|value| !value.value.is_null()));
        let chosen = list.is_some()
            && fields.iter().any(|(key, view)| {
                key.strip_prefix(&field.key).is_some_and(|rest| rest.starts_with('/'))
                    && view.values.iter().any(|value| value.value == Scalar::Bool(true))
            });
        answered(&field.key) || answered(&format!("{}#jawab", field.key)) || chosen
    };
    let row = documents.row.get();
    documents
        .with(&field.kind, |document| match &field.table {
            None => {
                has_value(&document.fields)
                    || document.texts.get(&field.key).is_some_and(|text| !text.stands.text.is_empty())
            }
            Some(table) => document.rows.get(table).is_some_and(|rows| {
                rows.iter()
                    .filter(|candidate| row.as_ref().is_none_or(|spot| spot.row == candidate.row))
                    .any(|candidate| !candidate.removed && has_value(&candidate.fields))
            }),
        })
        .unwrap_or(false)
}

/// Whether a page that cannot be skipped is answered: what it requires or, where it requires nothing by name, anything of it.
/// A page that can be skipped is always done.
pub(crate) fn is_done(pack: &Pack, page: &Page, documents: &Documents) -> bool {
    if !page.required {
        return true;
    }
    let fields = || page.items.iter().filter_map(|item| if let Item::Field(field) = item { Some(field) } else { None });
    let is_required =
        |field: &&FieldRef| pack.field(field).is_some_and(|spec| spec.required && is_asked(spec, documents));
    let mut required = fields().filter(is_required).peekable();
    if required.peek().is_some() {
        return required.all(|field| is_answered(pack, field, documents));
    }
    page.items.iter().any(|item| match item {
        Item::Field(field) => is_answered(pack, field, documents),
        Item::Rows(target) => documents
            .with(&target.kind, |document| document.rows.get(&target.table).is_some_and(|rows| !rows.is_empty()))
            .unwrap_or(false),
        Item::Note(_) => false,
    })
}
