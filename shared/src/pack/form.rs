//! Forms: pages of fields in the order they are asked.
//!
//! Owns order and grouping only; what a field is stands in its kind, so that two forms may ask the same field.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use derive::FromPack;
use serde::Serialize;

use super::field::Condition;
use super::label::{Label, is_false};
use crate::order::Gather as _;
use crate::value::Scalar;

/// Inputs a page may have at most.
pub const PAGE_INPUTS_MAX: usize = 7;

/// List of the languages people are spoken to in; others than the interface's.
pub const INTERVIEW_LANGUAGES: &str = "bahasa";

/// Describes one form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Form {
    /// Stable key, such as `f1`.
    pub key: String,
    /// Name on screen.
    pub label: Label,
    /// Table whose rows the form fills, one per filling; none = it fills documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_of: Option<RowTarget>,
    /// Pages in order.
    pub pages: Vec<Page>,
}

/// Names the table a form adds rows to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct RowTarget {
    /// Kind that holds the table.
    pub kind: String,
    /// The table.
    pub table: String,
}

/// Describes one page: one subject, at most seven inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Page {
    /// Stable key within the form.
    pub key: String,
    /// The question on top.
    pub label: Label,
    /// Sentence under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Label>,
    /// Cannot be skipped.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Shown only if all of these hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub show_when: Vec<Condition>,
    /// What stands on it, in order.
    pub items: Vec<Item>,
}

/// Holds one thing on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub enum Item {
    /// An input.
    Field(FieldRef),
    /// The rows of a table, with "Tambah".
    Rows(RowTarget),
    /// A sentence to read, or to read aloud.
    Note(Note),
}

/// Points at a field of a kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, FromPack)]
pub struct FieldRef {
    /// The kind.
    pub kind: String,
    /// The row table, if it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The field.
    pub key: String,
}

impl fmt::Display for FieldRef {
    /// Writes the place as packs write it: `kind:key` or `kind:table.key`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.table {
            None => write!(formatter, "{}:{}", self.kind, self.key),
            Some(table) => write!(formatter, "{}:{table}.{}", self.kind, self.key),
        }
    }
}

/// Holds a sentence that is no input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Note {
    /// The sentence.
    pub label: Label,
    /// Read aloud in the interview language.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read_aloud: bool,
    /// The sentence as it is spoken, by code of the list [`INTERVIEW_LANGUAGES`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spoken: BTreeMap<String, Spoken>,
    /// A warning, drawn as one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub warning: bool,
    /// Shown only if all of these hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub show_when: Vec<Condition>,
}

/// Holds what is said to a person in one interview language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Spoken {
    /// The sentence.
    pub text: String,
    /// Tells whether a native speaker has read it. Until then no screen offers it: consent to a wrong sentence is none.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reviewed: bool,
}

/// Writes a field when another one is answered, so that danger does not hang on anybody remembering it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Derivation {
    /// The answer that sets it.
    pub when: Condition,
    /// The field written.
    pub sets: FieldRef,
    /// The value written.
    pub to: Scalar,
    /// Only while the field is empty: a preset the person may change.
    #[serde(default, skip_serializing_if = "is_false")]
    pub preset: bool,
}

/// Asks that something be done with a report within some hours of its hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Duty {
    /// What, and until when, in few words.
    pub label: Label,
    /// The answer that asks for it; of a kind that is per person, anybody's.
    pub when: Condition,
    /// The answer that says it is done; of a kind that is per person, everybody's.
    pub done: Condition,
    /// How long there is for it.
    pub hours: u32,
}

/// Names disagreements that weigh alike, so that those that decide most are chosen first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Weight {
    /// What they decide.
    pub label: Label,
    /// Kinds, tables (`kind:table`) and fields (`kind:key`, `kind:table.key`).
    pub of: Vec<String>,
}

/// A saved view of the register, as the place defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct RegisterView {
    /// Name on its tab.
    pub label: Label,
    /// A case stands in it when one of these holds, of the case or of somebody in it; none asks nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<Condition>,
    /// And all of these, of the case and of everybody in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<Condition>,
}

impl RegisterView {
    /// Lists everything it asks.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.any.iter().chain(&self.all)
    }
}

/// Says who hears of a danger that nobody takes over, by its code alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Alarm {
    /// After so long at the centre.
    pub minutes: u32,
    /// The roles that hear.
    pub roles: Vec<String>,
}

impl Form {
    /// Lists every field the form asks, in order.
    pub fn fields(&self) -> impl Iterator<Item = &FieldRef> {
        self.pages.iter().flat_map(|page| &page.items).filter_map(|item| match item {
            Item::Field(field) => Some(field),
            Item::Rows(_) | Item::Note(_) => None,
        })
    }

    /// Lists the kinds the form writes.
    #[must_use]
    pub fn written_kinds(&self) -> BTreeSet<String> {
        let rows_of = self.rows_of.iter().map(|target| &target.kind);
        let asked = self.pages.iter().flat_map(|page| &page.items).filter_map(|item| match item {
            Item::Field(field) => Some(&field.kind),
            Item::Rows(target) => Some(&target.kind),
            Item::Note(_) => None,
        });
        rows_of.chain(asked).cloned().into_set()
    }
}

impl Note {
    /// Lists what may be read to a person, by language: only what somebody has reviewed.
    pub fn spoken_reviewed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.spoken
            .iter()
            .filter(|(_, spoken)| spoken.reviewed)
            .map(|(code, spoken)| (code.as_str(), spoken.text.as_str()))
    }
}

impl Page {
    /// Counts what a person has to answer; a note is none.
    #[must_use]
    pub fn input_count(&self) -> usize {
        self.items.iter().filter(|item| matches!(item, Item::Field(_) | Item::Rows(_))).count()
    }
}
