//! Values that stand side by side, and how `access` reads them from a document.

use std::collections::BTreeMap;

use crate::id::RowId;
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
}

/// Reads a document with all its concurrent values; implemented by whoever holds documents.
pub trait StandingValues {
    /// Returns what stands at `f[key]`.
    fn standing(&self, key: &str) -> Standing;

    /// Lists the rows of a table, removed ones too.
    fn rows(&self, table: &str) -> Vec<Row>;
}
