//! One document as forms show it.

use std::collections::BTreeMap;

use derive::Wire;
use shared::id::RowId;
use shared::nik::Doubt;
use shared::pack::{Condition, ConditionTest};
use shared::value::Scalar;

use super::{Path, SeenOp, TextBase, Typed};

/// One document, for forms.
#[derive(Debug, Clone, Default, Wire)]
pub struct DocumentView {
    /// Plain fields that were ever written.
    #[n(0)]
    pub fields: BTreeMap<String, FieldView>,
    /// Rows by table, in order of creation.
    #[n(1)]
    pub rows: BTreeMap<String, Vec<RowView>>,
    /// Long texts.
    #[n(2)]
    pub texts: BTreeMap<String, TextView>,
    /// What was being typed when the tablet stopped, by field.
    #[n(3)]
    pub drafts: Vec<(Path, Typed)>,
    /// This person may write it.
    #[n(4)]
    pub writable: bool,
    /// Heads of the document now, for new texts.
    #[n(5)]
    pub heads: Vec<String>,
    /// What is doubtful about its population numbers, by field.
    #[n(6)]
    pub doubts: Vec<(String, Doubt)>,
}

/// A field's values and mark.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct FieldView {
    /// One value, or several that stand side by side.
    #[n(0)]
    pub values: Vec<ValueView>,
    /// Saved here, or received there.
    #[n(1)]
    pub mark: Mark,
}

/// A value with who and when.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct ValueView {
    /// The value.
    #[n(0)]
    pub value: Scalar,
    /// Names it in `seen`.
    #[n(1)]
    pub op: SeenOp,
    /// Writer's name.
    #[n(2)]
    pub author: String,
    /// Writer's roles.
    #[n(3)]
    pub roles: Vec<String>,
    /// Name of the tablet it was received from, empty before that.
    #[n(4)]
    pub tablet: String,
    /// What the tablet's clock said, milliseconds since 1970 UTC.
    #[n(5)]
    pub said_ms: u64,
    /// When the centre received it, milliseconds since 1970 UTC; none before that.
    #[n(6)]
    pub received_ms: Option<u64>,
}

/// Where a field's last write is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub enum Mark {
    /// ● "Tersimpan di tablet"
    #[n(0)]
    Saved,
    /// ✓ "Sampai di pusat"
    #[n(1)]
    Received,
    /// ⚑ "Isian berbeda"
    #[n(2)]
    Different,
    /// "Ditahan"
    #[n(3)]
    Held,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct RowView {
    /// Which.
    #[n(0)]
    pub row: RowId,
    /// Its fields.
    #[n(1)]
    pub fields: BTreeMap<String, FieldView>,
    /// Struck out.
    #[n(2)]
    pub removed: bool,
    /// Struck out by one and edited by another.
    #[n(3)]
    pub disputed: bool,
}

/// A long text.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct TextView {
    /// The merged text, to be given back when the field is left.
    #[n(0)]
    pub stands: TextBase,
    /// Where its last write is.
    #[n(1)]
    pub mark: Mark,
    /// What others wrote there since this person last had it open here.
    #[n(2)]
    pub fresh: Vec<FreshView>,
    /// Nothing came in since this person last had it open here, by whomever.
    #[n(3)]
    pub is_read: bool,
}

/// A passage of a long text that its reader has not seen.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct FreshView {
    /// Where it begins, in code points.
    #[n(0)]
    pub from: u32,
    /// Where it ends.
    #[n(1)]
    pub to: u32,
    /// Writer's name.
    #[n(2)]
    pub author: String,
}

/// Whether a field passes: one of its values does, and a field nobody wrote counts as null.
fn passes(field: Option<&FieldView>, test: &ConditionTest) -> bool {
    match field {
        Some(field) if !field.values.is_empty() => field.values.iter().any(|value| test.holds(&value.value)),
        Some(_) | None => test.holds(&Scalar::Null),
    }
}

/// Whether a condition on a field holds among the fields of a document or a row.
#[must_use]
pub fn holds_among(fields: &BTreeMap<String, FieldView>, condition: &Condition) -> bool {
    // A many-choice field has no value of its own: it is answered when any of its codes is chosen.
    let is_code = |key: &str| key.strip_prefix(&condition.key).is_some_and(|rest| rest.starts_with('/'));
    let is_chosen = |field: &FieldView| field.values.iter().any(|value| value.value == Scalar::Bool(true));
    passes(fields.get(&condition.key), &condition.test)
        || (condition.test == ConditionTest::Answered
            && fields.iter().any(|(key, field)| is_code(key) && is_chosen(field)))
}
