//! Looks a place of a document up in the pack, and checks the value written there.
//!
//! Owns the mapping from keys of the three root maps to fields. Called by the relay's vetting for every decoded
//! operation and by `command` before writing. Never reads a document.
//!
//! ```text
//! f["triase"]                     field        f["indikasi_cepat/UPAH"]   one code of a many-choice field
//! f["triase#jawab"]               why empty    r["tim/<row>"]["peran"]    field of a row
//! r["tim/<row>"]["dihapus"]       removed      t["uraian_singkat"]        long text
//! t["layanan/<row>/catatan"]      long text of a row
//! ```

use super::Pack;
use super::field::{FieldSpec, FieldType, MONEY_MAX, Writer};
use super::kind::Kind;
use crate::date::PartialDate;
use crate::instant;
use crate::value::Scalar;

/// Suffix of the companion that says why a field is empty.
pub const ANSWER_SUFFIX: &str = "#jawab";
/// Field of every row that marks it removed.
pub const REMOVED_KEY: &str = "dihapus";
/// The lawful empty answers.
pub const EMPTY_ANSWERS: [&str; 4] = ["BELUM", "TIDAK_TAHU", REFUSED_ANSWER, "TIDAK_BERLAKU"];
/// Of these the one of somebody who will not answer.
pub const REFUSED_ANSWER: &str = "MENOLAK";
/// Characters of a row id in a row key: 16 bytes in base32.
const ROW_ID_CHARS: usize = 26;

/// Points at a place in a document, borrowing its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldPath<'a> {
    /// A key of `f`.
    Field(&'a str),
    /// A key of a row of `r`.
    Row {
        /// The table.
        table: &'a str,
        /// The key inside the row.
        key: &'a str,
    },
    /// A key of `t` that belongs to the document.
    Text(&'a str),
    /// A key of `t` that belongs to a row.
    RowText {
        /// The table.
        table: &'a str,
        /// The field.
        key: &'a str,
    },
}

impl<'a> FieldPath<'a> {
    /// Reads a key of a row: `<table>/<row id>` and the key inside.
    #[must_use]
    pub fn in_row(row_key: &'a str, key: &'a str) -> Option<Self> {
        let (table, row) = row_key.split_once('/')?;
        is_row_id(row).then_some(Self::Row { table, key })
    }

    /// Reads a key of `t`: `<field>` or `<table>/<row id>/<field>`.
    #[must_use]
    pub fn in_texts(text_key: &'a str) -> Option<Self> {
        let Some((table, rest)) = text_key.split_once('/') else {
            return Some(Self::Text(text_key));
        };
        let (row, key) = rest.split_once('/')?;
        is_row_id(row).then_some(Self::RowText { table, key })
    }

    /// Returns the row table, if the place is in one.
    #[must_use]
    pub const fn table(&self) -> Option<&'a str> {
        match *self {
            Self::Field(_) | Self::Text(_) => None,
            Self::Row { table, .. } | Self::RowText { table, .. } => Some(table),
        }
    }
}

/// Tells whether a text has the shape of a row id: 26 characters of lower-case base32.
fn is_row_id(text: &str) -> bool {
    text.len() == ROW_ID_CHARS && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}

/// Says which part of a field a place holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotPart<'a> {
    /// The value.
    Value,
    /// One code of a many-choice field.
    Choice(&'a str),
    /// Why it is empty.
    Answer,
    /// The mark of a removed row.
    Removed,
}

/// A value does not fit the field it was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ValueFault {
    /// The scalar has another type than the field.
    #[error("the value has another type than the field")]
    WrongType,
    /// The text has another form than the field asks.
    #[error("the text has another form than the field asks")]
    WrongForm,
    /// The list, the areas, the offices or the roles of the pack do not hold it.
    #[error("the code is not in the pack")]
    UnknownCode,
    /// The text has more code points than the field takes.
    #[error("the text is longer than the field takes")]
    TooLong,
    /// The number is outside the field's range.
    #[error("the number is outside the field's range")]
    OutOfRange,
    /// A long text is no scalar, or a scalar stands where a long text belongs.
    #[error("a long text and a scalar were mixed up")]
    NotScalar,
}

/// Joins a place with what the pack says of it.
#[derive(Debug, Clone, Copy)]
pub struct FieldSlot<'a> {
    pack: &'a Pack,
    /// The field; none for the mark of a removed row.
    spec: Option<&'a FieldSpec>,
    /// Row of the grid that governs writing.
    grid_row: &'a str,
    /// Which part of the field.
    pub part: SlotPart<'a>,
}

/// Says what governs writing at a place: a row of the grid, and who may write beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridPlace<'a> {
    /// Row of the grid.
    pub row: &'a str,
    /// Who may write beside the grid.
    pub writer: Writer,
}

/// Looks places of one kind up.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'a> {
    pack: &'a Pack,
    name: &'a str,
    kind: &'a Kind,
}

impl Pack {
    /// Opens the schema of a kind.
    #[must_use]
    pub fn schema(&self, kind: &str) -> Option<Schema<'_>> {
        let (name, kind) = self.kinds.get_key_value(kind)?;
        Some(Schema { pack: self, name, kind })
    }
}

impl<'a> Schema<'a> {
    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> &'a Kind {
        self.kind
    }

    /// Looks a place up; none = the pack knows no such place.
    #[must_use]
    pub fn field<'p>(&self, path: &FieldPath<'p>) -> Option<FieldSlot<'p>>
    where
        'a: 'p,
    {
        let found = self.find(path)?;
        let in_texts = found.in_texts;
        let fits = match (found.part, found.spec) {
            (SlotPart::Removed, _) | (_, None) => true,
            (SlotPart::Value, Some(spec)) => {
                spec.value.is_long_text() == in_texts && !matches!(spec.value, FieldType::Many { .. })
            }
            (SlotPart::Choice(_), Some(spec)) => matches!(spec.value, FieldType::Many { .. }) && !in_texts,
            (SlotPart::Answer, Some(_)) => !in_texts,
        };
        fits.then_some(FieldSlot { pack: self.pack, spec: found.spec, grid_row: found.grid_row, part: found.part })
    }

    /// Says what governs writing at a place; none = the pack knows no such field, whatever its form.
    #[must_use]
    pub fn grid_place(&self, path: &FieldPath<'_>) -> Option<GridPlace<'a>> {
        let found = self.find(path)?;
        let writer = found.spec.map_or(Writer::Grid, |spec| spec.writer);
        Some(GridPlace { row: found.grid_row, writer })
    }

    fn find<'p>(&self, path: &FieldPath<'p>) -> Option<Found<'a, 'p>> {
        let (fields, table_part) = match path.table() {
            None => (&self.kind.fields, None),
            Some(table) => {
                let table = self.kind.tables.get(table)?;
                (&table.fields, table.part.as_deref())
            }
        };
        let (key, in_texts) = match *path {
            FieldPath::Field(key) | FieldPath::Row { key, .. } => (key, false),
            FieldPath::Text(key) | FieldPath::RowText { key, .. } => (key, true),
        };
        let kind_row = table_part.unwrap_or(self.name);
        if path.table().is_some() && !in_texts && key == REMOVED_KEY {
            return Some(Found { spec: None, grid_row: kind_row, part: SlotPart::Removed, in_texts });
        }
        let (key, part) = split_part(key);
        let spec = fields.get(key)?;
        Some(Found { spec: Some(spec), grid_row: spec.part.as_deref().unwrap_or(kind_row), part, in_texts })
    }
}

/// A field found at a place, before its form is looked at.
struct Found<'a, 'p> {
    spec: Option<&'a FieldSpec>,
    grid_row: &'a str,
    part: SlotPart<'p>,
    in_texts: bool,
}

/// Splits `field#jawab` and `field/CODE`.
fn split_part(key: &str) -> (&str, SlotPart<'_>) {
    if let Some(field) = key.strip_suffix(ANSWER_SUFFIX) {
        return (field, SlotPart::Answer);
    }
    match key.split_once('/') {
        Some((field, code)) => (field, SlotPart::Choice(code)),
        None => (key, SlotPart::Value),
    }
}

impl<'a> FieldSlot<'a> {
    /// Returns the field; none for the mark of a removed row, which belongs to no field.
    #[must_use]
    pub const fn spec(&self) -> Option<&'a FieldSpec> {
        self.spec
    }

    /// Returns the row of the grid that governs writing here.
    #[must_use]
    pub const fn grid_row(&self) -> &'a str {
        self.grid_row
    }

    /// Returns who may write here beside the grid.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.spec.map_or(Writer::Grid, |spec| spec.writer)
    }

    /// Checks a value that is about to be written here; null always clears.
    ///
    /// # Errors
    /// [`ValueFault`] says what does not fit.
    pub fn accepts(&self, value: &Scalar) -> Result<(), ValueFault> {
        if value.is_null() {
            return Ok(());
        }
        let Some(spec) = self.spec else {
            return value.as_bool().map(|_| ()).ok_or(ValueFault::WrongType);
        };
        match self.part {
            SlotPart::Answer => {
                let code = value.as_str().ok_or(ValueFault::WrongType)?;
                known(EMPTY_ANSWERS.contains(&code))
            }
            SlotPart::Choice(code) => {
                value.as_bool().ok_or(ValueFault::WrongType)?;
                known(spec.value.list().is_some_and(|list| self.pack.has_code(list, code)))
            }
            SlotPart::Removed => value.as_bool().map(|_| ()).ok_or(ValueFault::WrongType),
            SlotPart::Value => self.accepts_value(&spec.value, value),
        }
    }

    /// Returns the most code points a text here may have, long texts included.
    #[must_use]
    pub fn chars_max(&self) -> Option<u32> {
        match self.spec?.value {
            FieldType::Text { chars_max } | FieldType::LongText { chars_max } => Some(chars_max),
            FieldType::Code { .. }
            | FieldType::Many { .. }
            | FieldType::YesNo
            | FieldType::Flag
            | FieldType::Number { .. }
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
            | FieldType::Nik => None,
        }
    }

    fn accepts_value(&self, field: &FieldType, value: &Scalar) -> Result<(), ValueFault> {
        let text = || value.as_str().ok_or(ValueFault::WrongType);
        match field {
            FieldType::Code { list } => known(self.pack.has_code(list, text()?)),
            FieldType::YesNo | FieldType::Flag => value.as_bool().map(|_| ()).ok_or(ValueFault::WrongType),
            FieldType::Text { chars_max } => fits_chars(text()?, *chars_max),
            FieldType::Number { min, max } => in_range(value, *min, *max),
            FieldType::Money => in_range(value, 0, MONEY_MAX),
            FieldType::Date => well_formed(PartialDate::parse(text()?).is_ok()),
            FieldType::Time => well_formed(instant::minutes_of(text()?).is_some()),
            FieldType::Instant => well_formed(instant::parse(text()?).is_some()),
            FieldType::Area => known(self.pack.areas.contains_key(text()?)),
            FieldType::Account | FieldType::Subject => well_formed(is_hex_16(text()?)),
            FieldType::Office => known(self.pack.office(text()?).is_some()),
            FieldType::Role => known(self.pack.role(text()?).is_some()),
            FieldType::Phone => well_formed(is_phone(text()?)),
            // Doubtful numbers are warned of on screen and never refused: people without papers give what they have.
            FieldType::Nik => well_formed(is_digits(text()?, 16)),
            FieldType::Many { .. } | FieldType::LongText { .. } => Err(ValueFault::NotScalar),
        }
    }
}

const fn known(found: bool) -> Result<(), ValueFault> {
    if found { Ok(()) } else { Err(ValueFault::UnknownCode) }
}

fn in_range(value: &Scalar, min: i64, max: i64) -> Result<(), ValueFault> {
    let number = value.as_int().ok_or(ValueFault::WrongType)?;
    if (min..=max).contains(&number) { Ok(()) } else { Err(ValueFault::OutOfRange) }
}

const fn well_formed(fits: bool) -> Result<(), ValueFault> {
    if fits { Ok(()) } else { Err(ValueFault::WrongForm) }
}

/// Counts code points, stopping one past the limit.
fn fits_chars(text: &str, chars_max: u32) -> Result<(), ValueFault> {
    let most = usize::try_from(chars_max).unwrap_or(usize::MAX);
    if text.chars().take(most.saturating_add(1)).count() > most {
        return Err(ValueFault::TooLong);
    }
    // A line break in a one-line field would break lists, cards and exports.
    well_formed(!text.chars().any(char::is_control))
}

fn is_digits(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_hex_16(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Digits, blanks, `+`, `-`, brackets; 3 to 20 digits in all.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= 32
        && (3..=20).contains(&digits)
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'+' | b'-' | b'(' | b')'))
}

#[cfg(test)]
mod tests;
