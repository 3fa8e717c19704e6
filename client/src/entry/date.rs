//! A civil date typed in three pieces, of which the last may be missing.

use shared::date::{CivilDate, PartialDate};
use shared::value::Scalar;

use crate::i18n::T;

/// So many years back hardly anything lies that is told of; a birth neither.
const YEARS_TOLD: u16 = 110;

/// Why what was typed is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateFault {
    /// A part is missing without which the others say nothing; it may be still to come.
    Incomplete,
    /// The calendar has no such date.
    Nowhere,
}

#[cfg(feature = "ui")]
impl DateFault {
    /// What is said about it.
    pub(crate) const fn words(self) -> T {
        match self {
            Self::Incomplete => T::FormDateIncomplete,
            Self::Nowhere => T::FormDateWrong,
        }
    }
}

/// Joins what was typed into a date; nothing at all means no date.
pub(crate) fn join(year: &str, month: &str, day: &str) -> Result<Scalar, DateFault> {
    let (year, month, day) = (year.trim(), month.trim(), day.trim());
    if year.is_empty() && month.is_empty() && day.is_empty() {
        return Ok(Scalar::Null);
    }
    let text = match (year.is_empty(), month.is_empty(), day.is_empty()) {
        (true, ..) | (_, true, false) => return Err(DateFault::Incomplete),
        (_, true, true) => year.to_owned(),
        (_, false, true) => format!("{year}-{month:0>2}"),
        (_, false, false) => format!("{year}-{month:0>2}-{day:0>2}"),
    };
    PartialDate::parse(&text).map(|date| Scalar::Str(date.to_string())).map_err(|_| DateFault::Nowhere)
}

/// What to ask again about a date: it begins after today, or lies longer back than anybody tells of.
pub(crate) fn doubt(value: &Scalar, today: CivilDate) -> Option<T> {
    let first = PartialDate::parse(value.as_str()?).ok()?.first_day();
    let is_long_ago = first.year().saturating_add(YEARS_TOLD) < today.year();
    (first > today).then_some(T::FormDateAhead).or_else(|| is_long_ago.then_some(T::FormDateLongAgo))
}

/// The three pieces of a date: year, month, day, without leading zeros.
pub(crate) fn split(value: &Scalar) -> (String, String, String) {
    let text = value.as_str().unwrap_or_default();
    let mut parts = text.split('-').map(|part| part.trim_start_matches('0').to_owned());
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_may_lack_its_day_and_its_month() {
        assert_eq!(join("2026", "8", "1"), Ok(Scalar::from("2026-08-01")));
        assert_eq!(join("2026", "8", ""), Ok(Scalar::from("2026-08")));
        assert_eq!(join("2026", "", ""), Ok(Scalar::from("2026")));
        assert_eq!(join("", "", ""), Ok(Scalar::Null));
    }

    #[test]
    fn what_is_missing_is_told_from_what_the_calendar_has_not() {
        for (year, month, day) in [("", "", "25"), ("", "8", ""), ("", "8", "25"), ("2026", "", "1")] {
            assert_eq!(join(year, month, day), Err(DateFault::Incomplete), "{year}-{month}-{day}");
        }
        for (year, month, day) in [("2006", "2", "31"), ("206", "", ""), ("26", "8", "1"), ("2026", "8", "x")] {
            assert_eq!(join(year, month, day), Err(DateFault::Nowhere), "{year}-{month}-{day}");
        }
    }

    #[test]
    fn a_date_is_asked_about_when_no_day_of_it_has_come_or_nobody_tells_of_it() {
        let today = CivilDate::new(2026, 11, 30).unwrap();
        let asked = |text: &str| doubt(&Scalar::from(text), today);
        for ahead in ["2026-12-01", "2026-12", "2027", "2031-01-01"] {
            assert_eq!(asked(ahead), Some(T::FormDateAhead), "{ahead}");
        }
        for long_ago in ["1850", "1850-03-01", "1915-12"] {
            assert_eq!(asked(long_ago), Some(T::FormDateLongAgo), "{long_ago}");
        }
        for come in ["2026-11-30", "2026-11", "2026", "1916", "1931-05", "kemarin", ""] {
            assert_eq!(asked(come), None, "{come}");
        }
        assert_eq!(doubt(&Scalar::Null, today), None);
    }

    #[test]
    fn a_date_comes_apart_as_it_was_joined() {
        assert_eq!(split(&Scalar::from("2026-08-01")), ("2026".into(), "8".into(), "1".into()));
        assert_eq!(split(&Scalar::Null), (String::new(), String::new(), String::new()));
    }
}
