//! Where a value stands inside a document, and how rows and texts are keyed.
//!
//! Owns the key grammar of the three maps `f`, `r` and `t`; must never know a pack: whether a key exists is asked
//! elsewhere. Used by reading, writing, vetting and history.
//!
//! ```text
//! f["<field>"]  f["<field>/<code>"]                scalar
//! r["<table>/<row>"]["<field>"]  […/<code>]        scalar inside a row
//! t["<field>"]  t["<table>/<row>/<field>"]         text
//! ```

use minicbor::{Decode, Encode};

use crate::id::{ActorId, RowId};
use crate::protocol::limits::DOCUMENT_KEY_BYTES_MAX;

/// The row field that says whether its row is removed; rows are never deleted.
pub const REMOVED: &str = "dihapus";

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const ROW_TEXT_LEN: usize = 26;

/// Names one Automerge operation: its Lamport counter and its actor.
///
/// **Shape**: CBOR array `[counter, actor]`. Ordered as Automerge orders concurrent values: the last one is shown
/// first where only one fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(array)]
pub struct OpId {
    /// Starts at 1 and grows with every operation of a document's history.
    #[n(0)]
    pub counter: u64,
    /// Whose operation it is.
    #[n(1)]
    pub actor: ActorId,
}

/// Says which part of a document an operation touches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum FieldPath {
    /// A scalar field, with `/code` behind it for one answer of a many-choice field.
    #[n(0)]
    Field(#[n(0)] String),
    /// A scalar field of a row; [`REMOVED`] is one of them.
    #[n(1)]
    Row {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The field inside the row, with `/code` for many-choice.
        #[n(2)]
        key: String,
    },
    /// A row came into being.
    #[n(2)]
    RowMade {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
    },
    /// A long text, by its key in `t`.
    #[n(3)]
    Text(#[n(0)] String),
}

impl FieldPath {
    /// Returns the table, for rows and for texts inside rows.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::Field(_) => None,
            Self::Row { table, .. } | Self::RowMade { table, .. } => Some(table),
            Self::Text(key) => parse_row_text_key(key).map(|(table, _, _)| table),
        }
    }

    /// Returns the row, for rows and for texts inside rows.
    #[must_use]
    pub fn row(&self) -> Option<RowId> {
        match self {
            Self::Field(_) => None,
            Self::Row { row, .. } | Self::RowMade { row, .. } => Some(*row),
            Self::Text(key) => parse_row_text_key(key).map(|(_, row, _)| row),
        }
    }

    /// Returns the pack's field name: without table, row and choice code. None where a row was made.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Field(key) | Self::Row { key, .. } => Some(split_choice(key).0),
            Self::RowMade { .. } => None,
            Self::Text(key) => Some(parse_row_text_key(key).map_or(key, |(_, _, field)| field)),
        }
    }

    /// Returns the code of one answer of a many-choice field.
    #[must_use]
    pub fn choice(&self) -> Option<&str> {
        match self {
            Self::Field(key) | Self::Row { key, .. } => split_choice(key).1,
            Self::RowMade { .. } | Self::Text(_) => None,
        }
    }
}

/// Builds the key of one answer of a many-choice field.
#[must_use]
pub fn choice_key(field: &str, code: &str) -> String {
    format!("{field}/{code}")
}

/// Splits a field key into the pack's field name and the choice code, if there is one.
#[must_use]
pub fn split_choice(key: &str) -> (&str, Option<&str>) {
    match key.split_once('/') {
        Some((field, code)) => (field, Some(code)),
        None => (key, None),
    }
}

/// Builds a row's key in `r`.
#[must_use]
pub fn row_key(table: &str, row: RowId) -> String {
    format!("{table}/{}", row_text(row))
}

/// Parses a row's key; only the one canonical spelling of a row passes.
#[must_use]
pub fn parse_row_key(key: &str) -> Option<(&str, RowId)> {
    let (table, row) = key.split_once('/')?;
    if table.is_empty() {
        return None;
    }
    Some((table, parse_row_text(row)?))
}

/// Builds the key in `t` of a long text inside a row.
#[must_use]
pub fn row_text_key(table: &str, row: RowId, field: &str) -> String {
    format!("{table}/{}/{field}", row_text(row))
}

/// Parses the key of a long text inside a row into table, row and field.
#[must_use]
pub fn parse_row_text_key(key: &str) -> Option<(&str, RowId, &str)> {
    let (row_key, field) = key.rsplit_once('/')?;
    let (table, row) = parse_row_key(row_key)?;
    (!field.is_empty()).then_some((table, row, field))
}

/// Tells whether a text key follows the grammar: a bare field, or a field inside a row.
#[must_use]
pub fn is_text_key(key: &str) -> bool {
    key.len() <= DOCUMENT_KEY_BYTES_MAX
        && (parse_row_text_key(key).is_some() || (!key.is_empty() && !key.contains('/')))
}

/// Tells whether a field key follows the grammar: a name, or a name and one choice code.
#[must_use]
pub fn is_field_key(key: &str) -> bool {
    let (field, code) = split_choice(key);
    key.len() <= DOCUMENT_KEY_BYTES_MAX
        && !field.is_empty()
        && code.is_none_or(|code| !code.is_empty() && !code.contains('/'))
}

fn row_text(row: RowId) -> String {
    let mut text = String::with_capacity(ROW_TEXT_LEN);
    let (mut pending, mut pending_bits) = (0_u32, 0_u32);
    let mut push = |value: u32| {
        let index = usize::try_from(value & 31).unwrap_or_default();
        text.push(BASE32.get(index).map_or('a', |byte| char::from(*byte)));
    };
    for byte in row.as_bytes() {
        pending = (pending << 8) | u32::from(*byte);
        pending_bits += 8;
        while pending_bits >= 5 {
            pending_bits -= 5;
            push(pending >> pending_bits);
        }
        pending &= (1 << pending_bits) - 1;
    }
    push(pending << (5 - pending_bits));
    text
}

fn parse_row_text(text: &str) -> Option<RowId> {
    if text.len() != ROW_TEXT_LEN {
        return None;
    }
    let mut bytes = Vec::with_capacity(RowId::LEN);
    let (mut pending, mut pending_bits) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let digit = BASE32.iter().position(|known| *known == letter)?;
        pending = (pending << 5) | u32::try_from(digit).ok()?;
        pending_bits += 5;
        if pending_bits >= 8 {
            pending_bits -= 8;
            bytes.push(u8::try_from(pending >> pending_bits).ok()?);
            pending &= (1 << pending_bits) - 1;
        }
    }
    // 26 letters hold two bits too many; anything but zeros there would be a second spelling of the same row.
    if pending != 0 {
        return None;
    }
    RowId::try_from(bytes.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_key_has_one_spelling() {
        for byte in [0_u8, 1, 0x7f, 0xfe] {
            let row = RowId::from_bytes([byte; 16]);
            let key = row_key("tim", row);
            assert_eq!(key.len(), 4 + ROW_TEXT_LEN);
            assert_eq!(parse_row_key(&key), Some(("tim", row)));
            assert_eq!(parse_row_key(&key.to_uppercase()), None);
        }
        let zero = row_key("tim", RowId::from_bytes([0; 16]));
        let respelt = format!("{}b", &zero[..zero.len() - 1]);
        assert_eq!(parse_row_key(&respelt), None);
        assert_eq!(parse_row_key("tim"), None);
        assert_eq!(parse_row_key(&zero[3..]), None);
    }

    #[test]
    fn a_path_names_its_table_row_field_and_choice() {
        let row = RowId::from_bytes([7; 16]);
        let text = FieldPath::Text(row_text_key("rujukan", row, "catatan"));
        assert_eq!(text.table(), Some("rujukan"));
        assert_eq!(text.row(), Some(row));
        assert_eq!(text.field(), Some("catatan"));
        let choice = FieldPath::Field(choice_key("indikasi_cepat", "UPAH"));
        assert_eq!(choice.field(), Some("indikasi_cepat"));
        assert_eq!(choice.choice(), Some("UPAH"));
    }

    #[test]
    fn keys_outside_the_grammar_are_refused() {
        assert!(is_field_key("triase") && is_field_key("indikasi_cepat/UPAH"));
        assert!(!is_field_key("") && !is_field_key("a/") && !is_field_key("/a"));
        assert!(!is_field_key("a/b/c") && !is_field_key(&"a".repeat(257)));
        assert!(is_text_key("kronologi") && !is_text_key("a/b") && !is_text_key(""));
    }
}
