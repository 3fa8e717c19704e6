//! Where a field is, and what a person writes there.

use std::collections::BTreeMap;

use derive::Wire;
use minicbor::{Decode, Encode};
use shared::id::{CaseId, RowId, SubjectId};
use shared::value::Scalar;

/// Names one field of one document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Wire)]
pub struct FieldPlace {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Document kind of the pack.
    #[n(1)]
    pub kind: String,
    /// The person, for kinds of a person.
    #[n(2)]
    pub subject: Option<SubjectId>,
    /// Which field.
    #[n(3)]
    pub path: Path,
}

/// Which field of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Wire)]
pub enum Path {
    /// A plain field. Many-choice fields are `<field>/<code>`, lawful empty answers `<field>#jawab`.
    #[n(0)]
    Field(#[n(0)] String),
    /// A field of a row.
    #[n(1)]
    RowField {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The field in the row.
        #[n(2)]
        key: String,
    },
    /// A whole row.
    #[n(2)]
    Row {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
    },
    /// A long text.
    #[n(3)]
    Text(#[n(0)] String),
}

/// Names one of the values that stand in a field: the operation that wrote it. Opaque to the interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Wire)]
pub struct SeenOp {
    /// Counter of the operation.
    #[n(0)]
    pub counter: u64,
    /// Its actor, 16 bytes in hexadecimal.
    #[n(1)]
    pub actor: String,
}

/// One write, as the user meant it.
#[derive(Debug, Clone, Wire)]
pub enum Write {
    /// The field was left with this value (null clears it).
    #[n(0)]
    Set {
        /// Where.
        #[n(0)]
        place: FieldPlace,
        /// The value.
        #[n(1)]
        value: Scalar,
        /// Every value the user saw there.
        #[n(2)]
        seen: Vec<SeenOp>,
    },
    /// The user chose between values that stood side by side.
    #[n(1)]
    Choose {
        /// Where.
        #[n(0)]
        place: FieldPlace,
        /// The chosen (or a new) value.
        #[n(1)]
        value: Scalar,
        /// Every value that was shown.
        #[n(2)]
        seen: Vec<SeenOp>,
    },
    /// A long text was left.
    #[n(2)]
    Text {
        /// Where.
        #[n(0)]
        place: FieldPlace,
        /// What [`super::TextView`] said at the time the field was opened.
        #[n(1)]
        base: TextBase,
        /// What stands there now.
        #[n(2)]
        text: String,
    },
    /// A new row.
    #[n(3)]
    AddRow {
        /// The document, with [`Path::Row`]; the interface chooses no id: use [`RowId`] of zero bytes.
        #[n(0)]
        place: FieldPlace,
        /// Its fields.
        #[n(1)]
        fields: BTreeMap<String, Scalar>,
    },
    /// Strikes a row out; it stays in the history.
    #[n(4)]
    RemoveRow {
        /// Which.
        #[n(0)]
        place: FieldPlace,
        /// Every value the user saw in it.
        #[n(1)]
        seen: Vec<SeenOp>,
    },
    /// Brings a struck-out row back.
    #[n(5)]
    RestoreRow {
        /// Which.
        #[n(0)]
        place: FieldPlace,
        /// Every value the user saw in it.
        #[n(1)]
        seen: Vec<SeenOp>,
    },
}

impl Write {
    /// Where it writes.
    #[must_use]
    pub const fn place(&self) -> &FieldPlace {
        match self {
            Self::Set { place, .. }
            | Self::Choose { place, .. }
            | Self::Text { place, .. }
            | Self::AddRow { place, .. }
            | Self::RemoveRow { place, .. }
            | Self::RestoreRow { place, .. } => place,
        }
    }
}

/// What is being typed in a field or a new row, and what stood there when it was begun: others may write there meanwhile,
/// also while the tablet is switched off, and what nobody has seen is not to be replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Wire)]
pub struct Typed {
    /// What stands in the field.
    #[n(0)]
    pub text: String,
    /// Values that stood there; empty for a long text.
    #[n(1)]
    pub seen: Vec<SeenOp>,
    /// The long text that stood there; none for a line.
    #[n(2)]
    pub base: Option<TextBase>,
    /// The fields of a row that was not added yet; empty for a field.
    #[n(3)]
    #[cbor(default)]
    pub row: BTreeMap<String, Scalar>,
}

/// A long text as it stood when its field was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Wire)]
pub struct TextBase {
    /// Heads of the document then, each 32 bytes in hexadecimal.
    #[n(0)]
    pub heads: Vec<String>,
    /// The text then.
    #[n(1)]
    pub text: String,
}
