//! Document kinds: the unit of access, and the schema of each.
//!
//! Owns which fields, row tables and long texts a kind has. Every field of every form belongs to exactly one kind.

use std::collections::BTreeMap;

use derive::FromPack;
use serde::Serialize;

use super::field::{FieldSpec, FieldType};
use super::label::{Label, is_false};

/// Says what stands for the subject in a document's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, FromPack)]
pub enum SubjectRule {
    /// One document per case.
    Case,
    /// One per person.
    Person,
    /// Any number per case, each under a random subject.
    Entry,
}

/// Says what the letter `c` (create only) means for a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, FromPack)]
pub enum CreateRule {
    /// A draft: the author reads and writes until the case was handed over and taken over.
    Draft,
    /// Rows only: each made in one change whose only parent is genesis; never read back.
    Rows,
    /// A document of one's own beside the case: its creator writes it, never reads it back.
    Entry,
}

/// Describes one document kind; its name is the key in [`super::Pack::kinds`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Kind {
    /// Name on screen ("Bagian …").
    pub label: Label,
    /// What its subject is.
    pub subject: SubjectRule,
    /// What `c` means.
    pub create: CreateRule,
    /// Holds a name: does not exist for a person who refused to be recorded by name.
    #[serde(default, skip_serializing_if = "is_false")]
    pub named: bool,
    /// Scalar fields and long texts.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldSpec>,
    /// Row tables.
    #[serde(default)]
    pub tables: BTreeMap<String, Table>,
}

/// Describes one row table; its name is the key in [`Kind::tables`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Table {
    /// Name on screen.
    pub label: Label,
    /// Row of the grid that says who may write it; none = the kind's own row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Fields of each row.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldSpec>,
    /// Keys in the order a row is shown and asked.
    #[serde(default)]
    pub order: Vec<String>,
}

impl Table {
    /// Names the field that says which person a row is about.
    #[must_use]
    pub fn person_key(&self) -> Option<&str> {
        self.fields.iter().find(|(_, spec)| spec.value == FieldType::Subject).map(|(key, _)| key.as_str())
    }
}
