//! Civil dates: what a legal date is, in the pack's zone, never a timestamp.
//!
//! Owns partial dates (`YYYY`, `YYYY-MM`, `YYYY-MM-DD`) and the whole day they are compared with. Never reads a
//! clock: the caller hands in the time. Used by `pack` (value checks), `access` (terms, expiry) and screens.

use std::fmt;

/// Holds one whole civil day.
///
/// **Shape**: ordered by time; Gregorian, years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDate {
    year: u16,
    month: u8,
    day: u8,
}

/// Holds a date that may lack its day, or its month too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialDate {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

/// A text is not a civil date of the form `YYYY[-MM[-DD]]`, or names a day the calendar does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a civil date YYYY[-MM[-DD]]")]
pub struct DateParseError;

impl CivilDate {
    /// Makes a day, if the calendar has it.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        ((1..=9999).contains(&year) && (1..=days_in_month(year, month)).contains(&day)).then_some(Self {
            year,
            month,
            day,
        })
    }

    /// Tells which day it is at an instant, in a zone.
    ///
    /// **Units**: milliseconds since 1970-01-01T00:00Z; zone offset in minutes east of Greenwich.
    /// Instants outside the years 1 to 9999 stop at those ends.
    #[must_use]
    pub fn at(unix_ms: i64, zone_offset_minutes: i16) -> Self {
        let local_ms = unix_ms.saturating_add(i64::from(zone_offset_minutes).saturating_mul(60_000));
        Self::from_days(local_ms.div_euclid(86_400_000))
    }

    /// Moves by a number of days, forwards or backwards.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_days(self.days().saturating_add(days))
    }

    /// Counts the days since 1970-01-01.
    #[must_use]
    pub fn days(self) -> i64 {
        // Howard Hinnant's days-from-civil, with March as the first month so that leap days come last.
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year).saturating_sub(i64::from(month <= 2));
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let shifted_month = month.saturating_add(9).rem_euclid(12);
        let day_of_year =
            (shifted_month.saturating_mul(153).saturating_add(2) / 5).saturating_add(day).saturating_sub(1);
        let day_of_era = year_of_era
            .saturating_mul(365)
            .saturating_add(year_of_era / 4)
            .saturating_sub(year_of_era / 100)
            .saturating_add(day_of_year);
        era.saturating_mul(146_097).saturating_add(day_of_era).saturating_sub(719_468)
    }

    /// Turns a day count since 1970-01-01 into a day; the inverse of [`CivilDate::days`].
    #[must_use]
    pub fn from_days(days: i64) -> Self {
        let days = days.clamp(FIRST_DAY, LAST_DAY).saturating_add(719_468);
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = day_of_era
            .saturating_sub(day_of_era / 1_460)
            .saturating_add(day_of_era / 36_524)
            .saturating_sub(day_of_era / 146_096)
            / 365;
        let day_of_year = day_of_era.saturating_sub(
            year_of_era.saturating_mul(365).saturating_add(year_of_era / 4).saturating_sub(year_of_era / 100),
        );
        let shifted_month = day_of_year.saturating_mul(5).saturating_add(2) / 153;
        let day = day_of_year.saturating_sub(shifted_month.saturating_mul(153).saturating_add(2) / 5).saturating_add(1);
        let month = shifted_month.saturating_add(2).rem_euclid(12).saturating_add(1);
        let year = era.saturating_mul(400).saturating_add(year_of_era).saturating_add(i64::from(month <= 2));
        // In range because of the clamp above.
        Self {
            year: u16::try_from(year).unwrap_or(1),
            month: u8::try_from(month).unwrap_or(1),
            day: u8::try_from(day).unwrap_or(1),
        }
    }

    /// Returns the year.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Returns the month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// Returns the day of the month.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }
}

/// 0001-01-01 in days since 1970-01-01.
const FIRST_DAY: i64 = -719_162;
/// 9999-12-31 in days since 1970-01-01.
const LAST_DAY: i64 = 2_932_896;

impl fmt::Display for CivilDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl PartialDate {
    /// Parses `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`DateParseError`] when the form is another one or the calendar has no such month or day.
    pub fn parse(text: &str) -> Result<Self, DateParseError> {
        let mut parts = text.split('-');
        let year = number(parts.next().ok_or(DateParseError)?, 4)?;
        let month = parts.next().map(|part| number(part, 2)).transpose()?;
        let day = parts.next().map(|part| number(part, 2)).transpose()?;
        if parts.next().is_some() {
            return Err(DateParseError);
        }
        let narrow = |value: u16| u8::try_from(value).map_err(|_| DateParseError);
        let (month, day) = (month.map(narrow).transpose()?, day.map(narrow).transpose()?);
        CivilDate::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok_or(DateParseError)?;
        Ok(Self { year, month, day })
    }

    /// Returns the first day it may mean.
    #[must_use]
    pub fn first_day(self) -> CivilDate {
        CivilDate { year: self.year, month: self.month.unwrap_or(1), day: self.day.unwrap_or(1) }
    }

    /// Returns the last day it may mean.
    #[must_use]
    pub fn last_day(self) -> CivilDate {
        let month = self.month.unwrap_or(12);
        CivilDate { year: self.year, month, day: self.day.unwrap_or_else(|| days_in_month(self.year, month)) }
    }
}

impl From<CivilDate> for PartialDate {
    fn from(date: CivilDate) -> Self {
        Self { year: date.year, month: Some(date.month), day: Some(date.day) }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(formatter, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(formatter, "-{day:02}")?;
        }
        Ok(())
    }
}

/// Reads exactly `digits` ASCII digits; a sign or a blank is not a digit.
fn number(text: &str, digits: usize) -> Result<u16, DateParseError> {
    if text.len() != digits || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DateParseError);
    }
    text.parse().map_err(|_| DateParseError)
}

/// Returns 0 for a month the calendar does not have.
const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_may_lack_day_and_month_and_print_as_they_were_read() {
        for text in ["2026", "2026-02", "2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(PartialDate::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn days_that_do_not_exist_and_other_forms_are_refused() {
        for text in [
            "",
            "26",
            "2026-2",
            "2026-13",
            "2026-00",
            "2025-02-29",
            "2026-04-31",
            "2026-01-01T00",
            "2026-01-01-01",
            "+026",
            "2026-",
            "0000",
            "２０２６",
        ] {
            assert!(PartialDate::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_day_is_that_of_the_zone() {
        // 2026-11-21T16:30Z is already the 22nd in WITA.
        assert_eq!(CivilDate::at(1_795_278_600_000, 480).to_string(), "2026-11-22");
        assert_eq!(CivilDate::at(1_795_278_600_000, 0).to_string(), "2026-11-21");
    }

    #[test]
    fn a_partial_date_spans_its_days() {
        let february = PartialDate::parse("2024-02").unwrap();
        assert_eq!(february.first_day().to_string(), "2024-02-01");
        assert_eq!(february.last_day().to_string(), "2024-02-29");
        assert_eq!(PartialDate::parse("2024").unwrap().last_day().to_string(), "2024-12-31");
    }

    proptest! {
        #[test]
        fn day_counts_come_back(days in FIRST_DAY..=LAST_DAY) {
            let date = CivilDate::from_days(days);
            prop_assert_eq!(date.days(), days);
            prop_assert_eq!(PartialDate::parse(&date.to_string()), Ok(PartialDate::from(date)));
            prop_assert!(date <= date.plus_days(1));
        }
    }
}
