//! What a person can do to a document.
//!
//! Owns the commands' shape in the journal; numbers are stable, because journals of older versions must open. Pure data.

use minicbor::{Decode, Encode};

use crate::document::path::{FieldPath, OpId};
use crate::id::{ChangeHash, RowId};
use crate::value::Scalar;

/// What a person did to a document.
///
/// **Shape**: CBOR with stable numbers: journals of older versions must open. Every `seen` lists the operations that
/// were on the screen ([`crate::document::read::FieldState::ops`]).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Edit {
    /// Left a field with this value; null clears it.
    #[n(0)]
    SetField {
        /// The field, with `/code` for one answer of a many-choice field.
        #[n(0)]
        key: String,
        /// The new value.
        #[n(1)]
        value: Scalar,
        /// What was on the screen.
        #[n(2)]
        seen: Vec<OpId>,
    },
    /// Chose among the values of a field in conflict.
    #[n(1)]
    Choose {
        /// The field.
        #[n(0)]
        key: String,
        /// The chosen or a new value.
        #[n(1)]
        value: Scalar,
        /// All values that were shown.
        #[n(2)]
        seen: Vec<OpId>,
    },
    /// Added a row with all its first values.
    #[n(2)]
    AddRow {
        /// The table.
        #[n(0)]
        table: String,
        /// The row's random id.
        #[n(1)]
        row: RowId,
        /// Its fields.
        #[n(2)]
        fields: Vec<(String, Scalar)>,
    },
    /// Left a field of a row with this value.
    #[n(3)]
    SetRowField {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The field inside the row.
        #[n(2)]
        key: String,
        /// The new value.
        #[n(3)]
        value: Scalar,
        /// What was on the screen.
        #[n(4)]
        seen: Vec<OpId>,
    },
    /// Chose among the values of a row's field in conflict.
    #[n(4)]
    ChooseRowField {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The field inside the row.
        #[n(2)]
        key: String,
        /// The chosen or a new value.
        #[n(3)]
        value: Scalar,
        /// All values that were shown.
        #[n(4)]
        seen: Vec<OpId>,
    },
    /// Removed a row; also confirms a removal that is in conflict with edits.
    #[n(5)]
    RemoveRow {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The whole row as it was on the screen ([`crate::document::read::RowState::ops`]).
        #[n(2)]
        seen: Vec<OpId>,
    },
    /// Took a removed row back.
    #[n(6)]
    RestoreRow {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The row's removal as it was on the screen.
        #[n(2)]
        seen: Vec<OpId>,
    },
    /// Left a long text.
    #[n(7)]
    EditText {
        /// The text's key in `t`.
        #[n(0)]
        key: String,
        /// The document's heads when the form opened.
        #[n(1)]
        base: Vec<ChangeHash>,
        /// The text when the form opened.
        #[n(2)]
        old: String,
        /// The text when the form was left.
        #[n(3)]
        new: String,
    },
    /// Took a choice back: the values between which it was made stand beside each other again.
    #[n(8)]
    Differ {
        /// Table and row; none for a field of the document.
        #[n(0)]
        row: Option<(String, RowId)>,
        /// The field.
        #[n(1)]
        key: String,
        /// The values, each once.
        #[n(2)]
        values: Vec<Scalar>,
        /// What stood there instead.
        #[n(3)]
        seen: Vec<OpId>,
    },
}

impl Edit {
    /// What is put where, as far as it is a value.
    #[must_use]
    pub fn puts(&self) -> Vec<(FieldPath, Scalar)> {
        let in_row =
            |table: &str, row: RowId, key: &str| FieldPath::Row { table: table.to_owned(), row, key: key.to_owned() };
        match self {
            Self::SetField { key, value, .. } | Self::Choose { key, value, .. } => {
                vec![(FieldPath::Field(key.clone()), value.clone())]
            }
            Self::AddRow { table, row, fields } => {
                fields.iter().map(|(key, value)| (in_row(table, *row, key), value.clone())).collect()
            }
            Self::SetRowField { table, row, key, value, .. } | Self::ChooseRowField { table, row, key, value, .. } => {
                vec![(in_row(table, *row, key), value.clone())]
            }
            Self::Differ { row, key, values, .. } => {
                let path = match row {
                    Some((table, row)) => in_row(table, *row, key),
                    None => FieldPath::Field(key.clone()),
                };
                values.iter().map(|value| (path.clone(), value.clone())).collect()
            }
            Self::RemoveRow { .. } | Self::RestoreRow { .. } | Self::EditText { .. } => Vec::new(),
        }
    }

    /// The operations that were on the screen, to be put right when they were written anew under other names.
    pub const fn seen_mut(&mut self) -> Option<&mut Vec<OpId>> {
        match self {
            Self::SetField { seen, .. }
            | Self::Choose { seen, .. }
            | Self::SetRowField { seen, .. }
            | Self::ChooseRowField { seen, .. }
            | Self::RemoveRow { seen, .. }
            | Self::RestoreRow { seen, .. }
            | Self::Differ { seen, .. } => Some(seen),
            Self::AddRow { .. } | Self::EditText { .. } => None,
        }
    }
}
