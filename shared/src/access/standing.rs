//! Values that stand side by side, and how `access` reads them from a document.

use std::collections::BTreeMap;

use crate::id::RowId;
use crate::pack::schema::REMOVED_KEY;
use crate::value::Scalar;

/// Holds every value of one field that no author has seen replaced; empty = never written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    values: Vec<Scalar>,
}

impl Standing {
    /// Takes all concurrent values, in any order.
    #[must_use]
    pub const fn new(values: Vec<Scalar>) -> Self {
        Self { values }
    }

    /// Lists the values.
    #[must_use]
    pub fn values(&self) -> &[Scalar] {
        &self.values
    }

    /// Tells whether something stands and all of it fits; for what widens.
    pub fn all(&self, fits: impl FnMut(&Scalar) -> bool) -> bool {
        !self.values.is_empty() && self.values.iter().all(fits)
    }

    /// Tells whether anything that stands fits; for what narrows.
    pub fn any(&self, fits: impl FnMut(&Scalar) -> bool) -> bool {
        self.values.iter().any(fits)
    }
}

impl From<Scalar> for Standing {
    fn from(value: Scalar) -> Self {
        Self { values: vec![value] }
    }
}

/// Holds one row of a table with everything that stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row.
    pub id: RowId,
    /// Values by field; `dihapus` among them.
    pub fields: BTreeMap<String, Standing>,
}

impl Row {
    /// Returns what stands in a field; nothing if it was never written.
    #[must_use]
    pub fn field(&self, key: &str) -> Standing {
        self.fields.get(key).cloned().unwrap_or_default()
    }

    /// The value of a field that a preview shows: the last one that stands, unless it was cleared.
    #[must_use]
    pub fn shown(&self, key: &str) -> Option<&Scalar> {
        self.fields.get(key)?.values.last().filter(|value| !value.is_null())
    }

    /// Tells whether anything that stands says that the row is removed.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.field(REMOVED_KEY).any(|value| value.as_bool() == Some(true))
    }
}

/// Reads a document with all its concurrent values; implemented by whoever holds documents.
pub trait StandingValues {
    /// Returns what stands at `f[key]`.
    fn standing(&self, key: &str) -> Standing;

    /// Lists the rows of a table, removed ones too.
    fn rows(&self, table: &str) -> Vec<Row>;
}
