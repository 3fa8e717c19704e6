//! Moments as documents hold them: local time of the pack's zone with its offset, `2026-11-22T10:00:00+08:00`.
//!
//! Owns their one form, printed and read. Never reads a clock. Used by `pack` (value checks), the tablet and the demonstration.

use super::date::{CivilDate, PartialDate};

/// Prints a moment; **units**: milliseconds since 1970-01-01T00:00Z, zone offset in minutes east of Greenwich.
#[must_use]
pub fn print(unix_ms: i64, zone_offset_minutes: i16) -> String {
    let date = CivilDate::at(unix_ms, zone_offset_minutes);
    let local_s = unix_ms.div_euclid(1_000).saturating_add(i64::from(zone_offset_minutes).saturating_mul(60));
    let second = local_s.rem_euclid(86_400);
    let (hours, minutes) = (i32::from(zone_offset_minutes).abs() / 60, i32::from(zone_offset_minutes).abs() % 60);
    let sign = if zone_offset_minutes < 0 { '-' } else { '+' };
    format!("{date}T{:02}:{:02}:{:02}{sign}{hours:02}:{minutes:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// Reads a moment, milliseconds since 1970-01-01T00:00Z; none if it is not `YYYY-MM-DDThh:mm:ss` with `Z` or `±hh:mm`.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once('T')?;
    let (clock, zone) = (rest.get(..8)?, rest.get(8..)?);
    let (minutes, seconds) = (clock.get(..5)?, clock.get(5..)?.strip_prefix(':')?);
    let date = PartialDate::parse(date).ok().filter(|_| date.len() == 10)?.first_day();
    let seconds = two_digits(seconds).filter(|seconds| *seconds < 60)?;
    let offset_minutes = match zone.split_at_checked(1)? {
        ("Z", "") => 0,
        ("+", offset) => minutes_of(offset)?,
        ("-", offset) => minutes_of(offset)?.saturating_neg(),
        _ => return None,
    };
    let minutes = date.days().saturating_mul(1_440).saturating_add(minutes_of(minutes)?).saturating_sub(offset_minutes);
    Some(minutes.saturating_mul(60).saturating_add(seconds).saturating_mul(1_000))
}

/// Minutes since midnight of `hh:mm`, 00:00 to 23:59.
#[must_use]
pub fn minutes_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    (hours < 24 && minutes < 60).then(|| hours.saturating_mul(60).saturating_add(minutes))
}

fn two_digits(text: &str) -> Option<i64> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_moment_is_printed_in_its_zone() {
        for (unix_ms, offset, printed) in [
            (0, 480, "1970-01-01T08:00:00+08:00"),
            (0, -90, "1969-12-31T22:30:00-01:30"),
            (1_763_769_600_000, -210, "2025-11-21T20:30:00-03:30"),
            (1_760_000_000_000, 480, "2025-10-09T16:53:20+08:00"),
        ] {
            assert_eq!(print(unix_ms, offset), printed);
            assert_eq!(parse(printed), Some(unix_ms));
        }
        assert_eq!(parse("1970-01-01T00:00:01Z"), Some(1_000));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "2026-11-22T10:00:00",
            "2026-11-22",
            "2026-11-22T10:00+08:00",
            "2026-11-22T25:00:00Z",
            "2026-11-22T10:00:60Z",
            "2026-11T10:00:00Z",
            "2026-11-22T10:00:00Z8",
            "2026-11-22T10:00:00+8:00",
            "2026-11-22T1é:00:00Z",
            "é2026",
            "2026-11-22Té",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back_to_the_second(unix_s in 0_i64..=250_000_000_000, offset in -840_i16..=840) {
            let unix_ms = unix_s.saturating_mul(1_000);
            prop_assert_eq!(parse(&print(unix_ms, offset)), Some(unix_ms));
        }
    }
}
