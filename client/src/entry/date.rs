//! A civil date typed in three pieces, of which the last may be missing.

use shared::date::{CivilDate, PartialDate};
use shared::value::Scalar;

/// Joins what was typed into a date; an empty year means no date.
pub(crate) fn join(year: &str, month: &str, day: &str) -> Result<Scalar, ()> {
    let (year, month, day) = (year.trim(), month.trim(), day.trim());
    if year.is_empty() && month.is_empty() && day.is_empty() {
        return Ok(Scalar::Null);
    }
    let text = match (month.is_empty(), day.is_empty()) {
        (true, true) => year.to_owned(),
        (false, true) => format!("{year}-{month:0>2}"),
        (false, false) => format!("{year}-{month:0>2}-{day:0>2}"),
        (true, false) => return Err(()),
    };
    PartialDate::parse(&text).map(|date| Scalar::Str(date.to_string())).map_err(|_| ())
}

/// Whether a date begins after today.
pub(crate) fn is_ahead(value: &Scalar, today: CivilDate) -> bool {
    let date = value.as_str().and_then(|text| PartialDate::parse(text).ok());
    date.is_some_and(|date| date.first_day() > today)
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
        assert!(join("2026", "", "1").is_err() && join("2026", "2", "30").is_err() && join("26", "", "").is_err());
    }

    #[test]
    fn a_date_is_ahead_when_no_day_of_it_has_come() {
        let today = CivilDate::new(2026, 11, 30).unwrap();
        let ahead = ["2026-12-01", "2026-12", "2027", "2031-01-01"];
        assert!(ahead.iter().all(|text| is_ahead(&Scalar::from(*text), today)));
        let come = ["2026-11-30", "2026-11", "2026", "1880", "kemarin", ""];
        assert!(!come.iter().any(|text| is_ahead(&Scalar::from(*text), today)));
        assert!(!is_ahead(&Scalar::Null, today));
    }

    #[test]
    fn a_date_comes_apart_as_it_was_joined() {
        assert_eq!(split(&Scalar::from("2026-08-01")), ("2026".into(), "8".into(), "1".into()));
        assert_eq!(split(&Scalar::Null), (String::new(), String::new(), String::new()));
    }
}
