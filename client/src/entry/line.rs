//! One line of text: what may stand in it, by the type of its field.

use shared::pack::FieldType;
use shared::pack::field::MONEY_MAX;
use shared::value::Scalar;

use crate::format;
use crate::i18n::{T, t, tf};

/// What a line may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// Words.
    Words {
        /// Most code points.
        chars_max: u32,
    },
    /// A whole number.
    Number {
        /// Least.
        min: i64,
        /// Greatest.
        max: i64,
    },
    /// A sum of money.
    Money,
    /// A telephone number.
    Phone,
    /// Sixteen digits.
    Nik,
    /// A time of the day.
    Time,
}

impl Line {
    /// The line for a type, if it is one.
    pub(crate) fn of(field: &FieldType) -> Option<Self> {
        Some(match field {
            FieldType::Text { chars_max } => Self::Words { chars_max: *chars_max },
            FieldType::Number { min, max } => Self::Number { min: *min, max: *max },
            FieldType::Money => Self::Money,
            FieldType::Phone => Self::Phone,
            FieldType::Nik => Self::Nik,
            FieldType::Time => Self::Time,
            FieldType::Code { .. }
            | FieldType::Many { .. }
            | FieldType::YesNo
            | FieldType::Flag
            | FieldType::LongText { .. }
            | FieldType::Date
            | FieldType::Instant
            | FieldType::Area
            | FieldType::Account
            | FieldType::Subject
            | FieldType::Office
            | FieldType::Role => return None,
        })
    }

    /// Which keyboard helps.
    #[cfg(feature = "ui")]
    pub(crate) const fn keyboard(&self) -> &'static str {
        match self {
            Self::Words { .. } => "text",
            Self::Number { .. } | Self::Money | Self::Nik => "numeric",
            Self::Phone => "tel",
            Self::Time => "text",
        }
    }

    /// Type of the input element.
    #[cfg(feature = "ui")]
    pub(crate) const fn input_type(&self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Words { .. } | Self::Number { .. } | Self::Money | Self::Phone | Self::Nik => "text",
        }
    }

    /// What stands in the line before anybody types.
    #[must_use]
    pub(crate) fn show(&self, value: &Scalar) -> String {
        match (self, value) {
            (_, Scalar::Null) => String::new(),
            (Self::Money, Scalar::Int(sum)) => format::money(*sum),
            (_, other) => other.to_string(),
        }
    }

    /// Reads what was typed; the sentence says what is wrong with it.
    pub(crate) fn read(&self, typed: &str) -> Result<Scalar, String> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(Scalar::Null);
        }
        match self {
            Self::Words { chars_max } => {
                let count = typed.chars().count();
                let most = usize::try_from(*chars_max).unwrap_or(usize::MAX);
                if count > most {
                    return Err(super::too_long(count, most));
                }
                // A pasted line break or tab would be refused; a blank says the same in one line.
                Ok(Scalar::Str(
                    typed.chars().map(|character| if character.is_control() { ' ' } else { character }).collect(),
                ))
            }
            Self::Number { min, max } => read_number(typed, *min, *max),
            Self::Money => read_number(&money_digits(typed)?, 0, MONEY_MAX),
            Self::Phone => {
                let digits = typed.chars().filter(char::is_ascii_digit).count();
                let lawful = typed.chars().all(|character| character.is_ascii_digit() || " +-()".contains(character));
                if lawful && (3..=20).contains(&digits) && typed.len() <= 32 {
                    Ok(Scalar::from(typed))
                } else {
                    Err(t(T::FormPhoneWrong).to_owned())
                }
            }
            Self::Nik => {
                let digits: String = typed.chars().filter(|character| !character.is_whitespace()).collect();
                if digits.len() == 16 && digits.chars().all(|character| character.is_ascii_digit()) {
                    Ok(Scalar::Str(digits))
                } else {
                    Err(t(T::FormNikWrong).to_owned())
                }
            }
            Self::Time => Ok(Scalar::from(typed)),
        }
    }
}

/// The digits of a sum as it is written here, "Rp 1.500.000": dots group thousands, and there is nothing smaller than one. Whoever
/// writes "1.5" means something else than fifteen.
fn money_digits(typed: &str) -> Result<String, String> {
    let sum = typed.strip_prefix("Rp").unwrap_or(typed).trim_start_matches(['.', ' ']);
    let groups: Vec<&str> = sum.split(['.', ' ']).collect();
    let is_whole = |group: &&str| !group.is_empty() && group.chars().all(|character| character.is_ascii_digit());
    let is_grouped = groups.len() == 1
        || (groups.iter().skip(1).all(|group| group.len() == 3)
            && groups.first().is_some_and(|first| first.len() <= 3));
    if is_grouped && groups.iter().all(is_whole) { Ok(groups.concat()) } else { Err(t(T::FormMoneyWrong).to_owned()) }
}

fn read_number(typed: &str, min: i64, max: i64) -> Result<Scalar, String> {
    let number = typed.parse::<i64>().ok().filter(|number| (min..=max).contains(number));
    let limit = |limit: i64| if max == MONEY_MAX { format::money(limit) } else { limit.to_string() };
    number.map(Scalar::Int).ok_or_else(|| tf(T::FormNumberWrong, &[("min", &limit(min)), ("max", &limit(max))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_an_empty_one_clears() {
        let words = Line::Words { chars_max: 5 };
        assert_eq!(words.read("  ab "), Ok(Scalar::from("ab")));
        assert_eq!(words.read(" "), Ok(Scalar::Null));
        assert_eq!(words.read("a\tb"), Ok(Scalar::from("a b")));
        assert!(words.read("abcdef").is_err());
    }

    #[test]
    fn only_fields_typed_in_one_line_are_lines() {
        assert_eq!(Line::of(&FieldType::Time), Some(Line::Time));
        assert_eq!(Line::of(&FieldType::Date), None);
        assert_eq!(Line::Time.read("08:10"), Ok(Scalar::from("08:10")));
    }

    #[test]
    fn money_is_grouped_and_read_as_it_is_written() {
        assert_eq!(Line::Money.read("Rp 1.500.000"), Ok(Scalar::Int(1_500_000)));
        assert_eq!(Line::Money.read("750000"), Ok(Scalar::Int(750_000)));
        assert_eq!(Line::Money.read("1.500"), Ok(Scalar::Int(1_500)));
        assert_eq!(Line::Money.read("Rp. 12 500"), Ok(Scalar::Int(12_500)));
        for no_sum in ["1.5", "1,5", "1.50", "1.5000", "1500.000", "1.500,00", ".", "Rp", "-5", "1,5 juta"] {
            assert_eq!(Line::Money.read(no_sum), Err(t(T::FormMoneyWrong).to_owned()), "{no_sum}");
        }
        assert_eq!(Line::Money.show(&Scalar::Int(1_500_000)), "1.500.000");
        assert_eq!(Line::Money.show(&Scalar::Null), "");
    }

    #[test]
    fn numbers_and_telephones_are_checked() {
        let number = Line::Number { min: 0, max: 20 };
        assert_eq!(number.read("7"), Ok(Scalar::Int(7)));
        assert!(number.read("21").is_err() && number.read("tujuh").is_err());
        assert!(Line::Phone.read("0810-0000-1234").is_ok() && Line::Phone.read("telepon").is_err());
        assert!(Line::Nik.read("5304 9901 0190 0001").is_ok() && Line::Nik.read("5304").is_err());
    }
}
