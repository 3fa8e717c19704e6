//! One field: its type, limits, words, and who may write it.
//!
//! Owns what a pack says of a field. Checking a value against it is `schema`'s work; drawing it is the client's.

use derive::FromPack;
use serde::Serialize;

use super::form::FieldRef;
use super::label::{Label, is_false};
use crate::value::Scalar;

/// Code points a short text may have unless the pack says otherwise.
pub const TEXT_CHARS_DEFAULT: u32 = 200;
/// Largest sum a field of money takes: above it a digit too many is likelier than the sum.
pub const MONEY_MAX: i64 = 100_000_000_000;
/// Code points a long text may have unless the pack says otherwise; larger pastes are refused at the field.
pub const LONG_TEXT_CHARS_DEFAULT: u32 = 20_000;

/// Says what a field holds and how it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub enum FieldType {
    /// One code of a list; text in the document.
    Code {
        /// The list.
        list: String,
    },
    /// Several codes of a list: one boolean per code, at `<field>/<code>`.
    Many {
        /// The list.
        list: String,
    },
    /// Yes or no; "do not know" is an empty answer.
    YesNo,
    /// A mark that is on or off and has no empty answers.
    Flag,
    /// One line.
    Text {
        /// Most code points.
        chars_max: u32,
    },
    /// Many lines, merged as text.
    LongText {
        /// Most code points.
        chars_max: u32,
    },
    /// A whole number.
    Number {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// A sum of money in whole units of the pack's currency, 0 to [`MONEY_MAX`].
    Money,
    /// A civil date that may lack its day or month.
    Date,
    /// A time of the day, `HH:MM`, in the pack's zone.
    Time,
    /// An instant as text, `YYYY-MM-DDTHH:MM:SS±HH:MM`.
    Instant,
    /// A place by code.
    Area,
    /// An account, 32 hexadecimal digits.
    Account,
    /// A person of the case, 32 hexadecimal digits.
    Subject,
    /// An office of the pack.
    Office,
    /// A role of the pack.
    Role,
    /// A telephone number.
    Phone,
    /// A population number of 16 digits; shape only, a screen warns of the rest.
    Nik,
}

impl FieldType {
    /// Tells whether the value lives in the map of texts.
    #[must_use]
    pub const fn is_long_text(&self) -> bool {
        matches!(self, Self::LongText { .. })
    }

    /// Returns the code list it draws on.
    #[must_use]
    pub fn list(&self) -> Option<&str> {
        match self {
            Self::Code { list } | Self::Many { list } => Some(list),
            Self::YesNo
            | Self::Flag
            | Self::Text { .. }
            | Self::LongText { .. }
            | Self::Number { .. }
            | Self::Money
            | Self::Date
            | Self::Time
            | Self::Instant
            | Self::Area
            | Self::Account
            | Self::Subject
            | Self::Office
            | Self::Role
            | Self::Phone
            | Self::Nik => None,
        }
    }
}

/// Ranks how much harm a leaked value does; `S3` names or locates a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, FromPack)]
pub enum Sensitivity {
    /// Public once aggregated.
    S0,
    /// Internal.
    S1,
    /// Confidential.
    S2,
    /// Strictly confidential.
    S3,
}

/// Says who may write a field beside what the grid says of its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, FromPack)]
pub enum Writer {
    /// Whoever the grid lets write the part.
    #[default]
    Grid,
    /// Only the case's author, until the case is taken over.
    Author,
    /// Whoever the grid lets write the part, and anybody on duty while nobody has taken the case over.
    Taker,
}

impl Writer {
    /// Tells serde to leave out what nearly every field is.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    const fn is_grid(&self) -> bool {
        matches!(self, Self::Grid)
    }
}

/// Asks something of another field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Condition {
    /// Kind of the field asked.
    pub kind: String,
    /// Its table, if it is in a row; the row is the one being filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Key of the field asked; a many-choice code is `<field>/<code>`, the field alone asks whether any code is chosen.
    pub key: String,
    /// What is asked of its value.
    pub test: ConditionTest,
}

/// Says what a condition asks of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub enum ConditionTest {
    /// Is one of these.
    AnyOf(Vec<Scalar>),
    /// Is none of these; an empty field passes.
    NoneOf(Vec<Scalar>),
    /// Is at least this number.
    AtLeast(i64),
    /// Is at most this number; an empty field does not pass.
    AtMost(i64),
    /// Has any value.
    Answered,
}

impl ConditionTest {
    /// Tells whether a value passes; null stands for what was never written.
    #[must_use]
    pub fn holds(&self, value: &Scalar) -> bool {
        match self {
            Self::AnyOf(values) => values.contains(value),
            Self::NoneOf(values) => !values.contains(value),
            Self::AtLeast(least) => value.as_int().is_some_and(|number| number >= *least),
            Self::AtMost(most) => value.as_int().is_some_and(|number| number <= *most),
            Self::Answered => !value.is_null(),
        }
    }
}

/// Names the codes nobody may be led to choose while something holds: consent is not asked of a guardian who may be involved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Withheld {
    /// Codes of the field's list.
    pub codes: Vec<String>,
    /// Not offered while all of these hold. A code that was chosen before stands, and is still shown.
    pub when: Vec<Condition>,
}

/// Says where a case tells what a population number says too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Bearer {
    /// The day of birth.
    pub born: FieldRef,
    /// Holds of a woman.
    pub woman: Condition,
    /// Holds of a man.
    pub man: Condition,
}

/// Describes one field of a kind or of a row table; its key is the key of the map it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct FieldSpec {
    /// Name on screen.
    pub label: Label,
    /// Sentence under the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Label>,
    /// What it holds.
    pub value: FieldType,
    /// How much harm a leak does.
    pub sensitivity: Sensitivity,
    /// A form counts as incomplete without it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Free text that must not hold names.
    #[serde(default, skip_serializing_if = "is_false")]
    pub name_free: bool,
    /// Holds a name of somebody: free text of the same case is compared with it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub names: bool,
    /// Whose number it is, for a population number that is compared with what else is told of its bearer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<Bearer>,
    /// Row of the grid that says who may write it; none = the kind's own row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Who may write it beside the grid.
    #[serde(default, skip_serializing_if = "Writer::is_grid")]
    pub writer: Writer,
    /// Shown only if all of these hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub show_when: Vec<Condition>,
    /// Values from the safest on: of several that stand, the first of these is in force until somebody has chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub safest: Vec<Scalar>,
    /// Codes of its list that are not offered at times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Withheld>,
    /// Codes of its list that say nothing else is chosen: no such answer stands beside another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alone: Vec<String>,
    /// Not asked any more, still read.
    #[serde(default, skip_serializing_if = "is_false")]
    pub retired: bool,
}

impl FieldSpec {
    /// Finds the chosen codes that cannot stand beside a newly chosen one.
    pub fn contradicted_by<'a>(&'a self, code: &'a str, chosen: &'a [String]) -> impl Iterator<Item = &'a String> {
        let is_alone = |code: &str| self.alone.iter().any(|alone| alone == code);
        let takes_all = is_alone(code);
        chosen.iter().filter(move |other| *other != code && (takes_all || is_alone(other)))
    }

    /// Tells whether its value names or locates somebody: outside its form it stands hidden, on paper without names it is left out.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        self.sensitivity >= Sensitivity::S3
    }

    /// Finds the value that is in force while several stand: the safest of a weighty field; none of any other, and none
    /// while one of them has no place in the order.
    #[must_use]
    pub fn in_force<'a>(&self, standing: impl IntoIterator<Item = &'a Scalar>) -> Option<&'a Scalar> {
        safest_of(&self.safest, standing)
    }
}

/// Finds the first of an order of safety among values that stand; none while one of them has no place in it.
#[must_use]
pub fn safest_of<'a>(safest: &[Scalar], standing: impl IntoIterator<Item = &'a Scalar>) -> Option<&'a Scalar> {
    let placed = |value: &'a Scalar| safest.iter().position(|safe| safe == value).map(|place| (place, value));
    let all: Option<Vec<(usize, &Scalar)>> = standing.into_iter().map(placed).collect();
    all?.into_iter().min_by_key(|(place, _)| *place).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_safest_of_several_is_in_force_and_of_what_has_no_place_none() {
        let order = ["TINGGI", "SEDANG", "RENDAH"].map(Scalar::from);
        let [high, middle, low] = &order;
        assert_eq!(safest_of(&order, [low, high]), Some(high));
        assert_eq!(safest_of(&order, [low, middle, low]), Some(middle));
        assert_eq!(safest_of(&order, [low]), Some(low));
        assert_eq!(safest_of(&order, [low, &Scalar::Null]), None);
        assert_eq!(safest_of(&[], [low, high]), None);
    }

    #[test]
    fn an_answer_that_stands_alone_contradicts_every_other_one() {
        let pack = crate::pack::source::embedded("belu").unwrap().unwrap();
        let field = &pack.kinds["intake"].fields["tindakan_awal"];
        let contradicted = |code: &str, chosen: &[&str]| {
            let chosen = chosen.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
            field.contradicted_by(code, &chosen).cloned().collect::<Vec<_>>()
        };
        assert_eq!(contradicted("BELUM", &["AMAN", "BELUM", "POLISI"]), ["AMAN", "POLISI"]);
        assert_eq!(contradicted("AMAN", &["BELUM", "POLISI"]), ["BELUM"]);
        assert!(contradicted("AMAN", &["POLISI"]).is_empty());
    }
}
