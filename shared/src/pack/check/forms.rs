//! Checks forms: that pages fit a screen, and that what they ask, say and derive is there.

use std::collections::BTreeSet;

use super::Check;
use crate::pack::Pack;
use crate::pack::field::{Condition, ConditionTest, FieldSpec, FieldType};
use crate::pack::form::{FieldRef, Form, INTERVIEW_LANGUAGES, Item, Note, PAGE_INPUTS_MAX, Page, RowTarget};
use crate::pack::kind::{SubjectRule, Table};
use crate::pack::schema::FieldPath;

const DERIVE_FILE: &str = "derive.toml";

impl Check<'_> {
    pub(super) fn forms(&mut self) {
        for form in &self.pack.forms {
            let file = self.origin(&format!("form {}", form.key));
            self.form(&file, form);
        }
    }

    fn form(&mut self, file: &str, form: &Form) {
        if form.pages.is_empty() {
            self.fault(file, "page", "the form has no page");
        }
        if let Some(target) = form.rows_of.as_ref().filter(|target| table_of(self.pack, target).is_none()) {
            self.fault(file, "rows_of", format!("there is no table {}:{}", target.kind, target.table));
        }
        let mut keys = BTreeSet::new();
        for page in &form.pages {
            if !keys.insert(&page.key) {
                self.fault(file, &page.key, "the page stands twice");
            }
            self.page(file, page);
        }
    }

    fn page(&mut self, file: &str, page: &Page) {
        let inputs = page.input_count();
        if page.items.is_empty() {
            self.fault(file, &page.key, "the page is empty");
        }
        if inputs > PAGE_INPUTS_MAX {
            self.fault(file, &page.key, format!("has {inputs} inputs, at most {PAGE_INPUTS_MAX} fit a page"));
        }
        if page.required && inputs == 0 {
            self.fault(file, &page.key, "is required, but asks nothing");
        }
        for condition in &page.show_when {
            self.condition(file, &page.key, condition);
        }
        for item in &page.items {
            match item {
                Item::Field(place) => {
                    if self.pack.field(place).is_none() {
                        self.fault(file, &page.key, format!("there is no field {place}"));
                    }
                }
                Item::Rows(target) => match table_of(self.pack, target) {
                    None => {
                        self.fault(file, &page.key, format!("there is no table {}:{}", target.kind, target.table));
                    }
                    Some(table) => self.rows(file, &page.key, target, table),
                },
                Item::Note(note) => self.note(file, &page.key, note),
            }
        }
    }

    /// A row is asked on one card, in one go.
    fn rows(&mut self, file: &str, key: &str, target: &RowTarget, table: &Table) {
        let asked = |field: &&FieldSpec| !field.retired && !is_written_by_itself(&field.value);
        let inputs = table.fields.values().filter(asked).filter(|field| field.show_when.is_empty()).count();
        if inputs > PAGE_INPUTS_MAX {
            let reason = format!("a row of {} has {inputs} inputs, at most {PAGE_INPUTS_MAX} fit a page", target.table);
            self.fault(file, key, reason);
        }
        for (name, _) in table.fields.iter().filter(|(_, field)| asked(field) && is_too_large_for_a_row(&field.value)) {
            self.fault(file, key, format!("{}.{name} cannot be asked in a row of a page", target.table));
        }
    }

    fn note(&mut self, file: &str, key: &str, note: &Note) {
        for condition in &note.show_when {
            self.condition(file, key, condition);
        }
        if !note.spoken.is_empty() && !note.read_aloud {
            self.fault(file, key, "has spoken sentences, but is not read aloud");
        }
        for language in note.spoken.keys().filter(|language| !self.pack.has_code(INTERVIEW_LANGUAGES, language)) {
            self.fault(file, key, format!("the list {INTERVIEW_LANGUAGES} has no language {language}"));
        }
    }

    pub(super) fn derivations(&mut self) {
        let pack = self.pack;
        let is_of_case =
            |kind: &str| pack.kinds.get(kind).is_some_and(|kind| matches!(kind.subject, SubjectRule::Case));
        for derivation in &pack.derivations {
            let key = format!("derive {}", derivation.sets);
            self.condition(DERIVE_FILE, &key, &derivation.when);
            // An answer about the case does not say of whom.
            if is_of_case(&derivation.when.kind) && !is_of_case(&derivation.sets.kind) {
                self.fault(DERIVE_FILE, &key, "an answer about the case cannot set a person's field");
            }
            let slot = pack
                .schema(&derivation.sets.kind)
                .and_then(|schema| schema.field(&FieldPath::Field(&derivation.sets.key)));
            match slot {
                None => self.fault(DERIVE_FILE, &key, "there is no such field"),
                Some(slot) if slot.accepts(&derivation.to).is_err() => {
                    self.fault(DERIVE_FILE, &key, format!("can never be {}", derivation.to));
                }
                Some(_) => {}
            }
        }
    }

    /// A duty is counted from lists, which open no document: only chosen answers that name nobody are known there.
    pub(super) fn duties(&mut self) {
        let pack = self.pack;
        for duty in &pack.duties {
            let key = format!("duty {}", duty.label.id);
            for condition in [&duty.when, &duty.done] {
                self.condition(DERIVE_FILE, &key, condition);
                if !is_known_to_lists(pack, condition) {
                    self.fault(
                        DERIVE_FILE,
                        &key,
                        "a duty asks only for chosen answers and numbers, of kinds without names",
                    );
                }
            }
            if duty.hours == 0 {
                self.fault(DERIVE_FILE, &key, "there is no time for it");
            }
        }
    }
}

impl Check<'_> {
    /// A weight of what is not there would weigh nothing.
    pub(super) fn weights(&mut self) {
        let pack = self.pack;
        for place in pack.weights.iter().flat_map(|weight| &weight.of) {
            let is_there = match place.split_once(':') {
                None => pack.kinds.contains_key(place),
                Some((kind, rest)) => pack.kinds.get(kind).is_some_and(|kind| match rest.split_once('.') {
                    None => kind.fields.contains_key(rest) || kind.tables.contains_key(rest),
                    Some((table, key)) => kind.tables.get(table).is_some_and(|table| table.fields.contains_key(key)),
                }),
            };
            if !is_there {
                self.fault(DERIVE_FILE, place, "there is no such kind, table or field to weigh");
            }
        }
    }

    /// The register opens no document: of free text, and of whatever names somebody, it knows only that it is there.
    pub(super) fn views(&mut self) {
        let pack = self.pack;
        for view in &pack.views {
            let key = format!("view {}", view.label.id);
            if view.conditions().next().is_none() {
                self.fault(DERIVE_FILE, &key, "asks nothing");
            }
            for condition in view.conditions() {
                let is_of_entry =
                    pack.kinds.get(&condition.kind).is_some_and(|kind| kind.subject == SubjectRule::Entry);
                if condition.table.is_some() || is_of_entry {
                    self.fault(DERIVE_FILE, &key, "a view asks neither for rows nor for what is added to a report");
                } else if condition.test == ConditionTest::Answered && pack.field(&place_of(condition)).is_some() {
                    // Any field may be asked whether it has an answer.
                } else {
                    self.condition(DERIVE_FILE, &key, condition);
                    if !is_kept_by_lists(pack, condition) {
                        self.fault(DERIVE_FILE, &key, "a view asks for the value of chosen answers and numbers alone");
                    }
                }
            }
        }
    }
}

/// The field that a condition asks, or whose code it asks.
fn place_of(condition: &Condition) -> FieldRef {
    let key = condition.key.split_once('/').map_or(condition.key.as_str(), |(key, _)| key);
    FieldRef { kind: condition.kind.clone(), table: condition.table.clone(), key: key.to_owned() }
}

fn is_known_to_lists(pack: &Pack, condition: &Condition) -> bool {
    let kind = pack.kinds.get(&condition.kind);
    let is_listed = kind.is_none_or(|kind| !kind.named && kind.subject != SubjectRule::Entry);
    is_listed && condition.table.is_none() && is_kept_by_lists(pack, condition)
}

/// Lists keep neither free text nor what names somebody, and one value for each field.
fn is_kept_by_lists(pack: &Pack, condition: &Condition) -> bool {
    pack.field(&place_of(condition)).is_none_or(|field| match field.value {
        FieldType::Many { .. } => condition.key.contains('/'),
        FieldType::Code { .. } | FieldType::YesNo | FieldType::Flag | FieldType::Number { .. } => true,
        FieldType::Text { .. }
        | FieldType::LongText { .. }
        | FieldType::Money
        | FieldType::Date
        | FieldType::Time
        | FieldType::Instant
        | FieldType::Area
        | FieldType::Account
        | FieldType::Subject
        | FieldType::Office
        | FieldType::Role
        | FieldType::Phone
        | FieldType::Nik => false,
    })
}

fn table_of<'p>(pack: &'p Pack, target: &RowTarget) -> Option<&'p Table> {
    pack.kinds.get(&target.kind)?.tables.get(&target.table)
}

/// Types the engine fills; no card asks them.
const fn is_written_by_itself(field: &FieldType) -> bool {
    matches!(field, FieldType::Subject | FieldType::Instant)
}

const fn is_too_large_for_a_row(field: &FieldType) -> bool {
    matches!(field, FieldType::Many { .. } | FieldType::LongText { .. })
}
