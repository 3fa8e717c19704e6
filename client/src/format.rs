//! Times, sizes and values as people read them.
//!
//! Owns wording only. Dates are those of the pack's zone, never the tablet's. Time is an argument.

use shared::date::{CivilDate, PartialDate};

use crate::i18n::{T, t, tf};

const MINUTE_MS: u64 = 60_000;
const DAY_MINUTES: u64 = 1_440;

/// The instant's day and minute of the day in a zone, in minutes east of Greenwich.
fn local(ms: u64, zone_minutes: i16) -> (CivilDate, u64) {
    let signed = i64::try_from(ms).unwrap_or(i64::MAX);
    let shifted = signed.saturating_add(i64::from(zone_minutes).saturating_mul(60_000));
    let minute = u64::try_from(shifted.max(0)).unwrap_or(0) / MINUTE_MS % DAY_MINUTES;
    (CivilDate::at(signed, zone_minutes), minute)
}

/// "Nov"
pub(crate) fn month_name(month: u8) -> &'static str {
    t(T::MonthsShort).split(' ').nth(usize::from(month.saturating_sub(1))).unwrap_or_default()
}

/// "12 Nov 2026".
pub(crate) fn day(date: CivilDate) -> String {
    format!("{} {} {}", date.day(), month_name(date.month()), date.year())
}

/// "12 Nov 2026": the day of a moment.
pub(crate) fn day_at(ms: u64, zone_minutes: i16) -> String {
    day(local(ms, zone_minutes).0)
}

/// "1.500.000": whole units, grouped by thousands.
pub(crate) fn money(sum: i64) -> String {
    let digits = sum.unsigned_abs().to_string();
    let mut text = String::from(if sum < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index) % 3 == 0 {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// "1.500"
pub(crate) fn count(number: u32) -> String {
    money(i64::from(number))
}

/// "2026-11-12", for files; empty where nothing ever happened.
pub(crate) fn iso_day(ms: u64, zone_minutes: i16) -> String {
    if ms == 0 { String::new() } else { local(ms, zone_minutes).0.to_string() }
}

/// A partial civil date as it was given: "2026", "Nov 2026", "12 Nov 2026"; other text stays as it is.
pub(crate) fn partial_date(text: &str) -> String {
    let Ok(date) = PartialDate::parse(text) else {
        return text.to_owned();
    };
    let first = date.first_day();
    match text.len() {
        4 => text.to_owned(),
        7 => format!("{} {}", month_name(first.month()), first.year()),
        _ => day(first),
    }
}

/// "hari ini 14.32", "kemarin 08.10", "12 Nov 2026 09.00".
pub(crate) fn moment(ms: u64, now_ms: u64, zone_minutes: i16) -> String {
    let (date, minute) = local(ms, zone_minutes);
    let (today, _) = local(now_ms, zone_minutes);
    let day = match today.days().saturating_sub(date.days()) {
        0 => t(T::CommonToday).to_owned(),
        1 => t(T::CommonYesterday).to_owned(),
        _ => day(date),
    };
    tf(T::CommonAt, &[("day", &day), ("time", &clock(minute))])
}

/// "12 Nov 2026 09.00": for paper, which has no today.
pub(crate) fn stamp(ms: u64, zone_minutes: i16) -> String {
    let (date, minute) = local(ms, zone_minutes);
    format!("{} {}", day(date), clock(minute))
}

/// "14.32" today, and before that the day with it.
pub(crate) fn hour(ms: u64, now_ms: u64, zone_minutes: i16) -> String {
    let (date, minute) = local(ms, zone_minutes);
    if date == local(now_ms, zone_minutes).0 { clock(minute) } else { moment(ms, now_ms, zone_minutes) }
}

/// "08.10"
fn clock(minute: u64) -> String {
    format!("{:02}.{:02}", minute / 60, minute % 60)
}

/// How long ago: "baru saja", "5 menit lalu", "3 jam lalu", "kemarin", "4 hari lalu", then the day.
pub(crate) fn ago(ms: u64, now_ms: u64, zone_minutes: i16) -> String {
    let minutes = now_ms.saturating_sub(ms) / MINUTE_MS;
    let (date, _) = local(ms, zone_minutes);
    let (today, _) = local(now_ms, zone_minutes);
    let days = today.days().saturating_sub(date.days());
    match (minutes, days) {
        (0, _) => t(T::CommonJustNow).to_owned(),
        (1..60, _) => tf(T::CommonMinutesAgo, &[("n", &minutes.to_string())]),
        (60..720, _) | (_, 0) => tf(T::CommonHoursAgo, &[("n", &(minutes / 60).to_string())]),
        (_, 1) => t(T::CommonYesterday).to_owned(),
        (_, 2..14) => tf(T::CommonDaysAgo, &[("n", &days.to_string())]),
        _ => day(date),
    }
}

/// Until when: "sisa 20 jam", or "lewat 3 jam" once it is over.
pub(crate) fn due(due_ms: u64, now_ms: u64) -> String {
    let (words, ms) = if now_ms <= due_ms { (T::DueIn, due_ms - now_ms) } else { (T::DueOver, now_ms - due_ms) };
    let minutes = ms / MINUTE_MS;
    let (unit, n) = match minutes {
        0..60 => (T::CommonMinutes, minutes),
        60..2_880 => (T::CommonHours, minutes / 60),
        _ => (T::CommonDays, minutes / 1_440),
    };
    tf(words, &[("time", &tf(unit, &[("n", &n.to_string())]))])
}

/// What a day's work is sorted by: "Lewat", "Hari ini", "7 hari"; none for what is due later still.
pub(crate) fn nearness(due_ms: u64, now_ms: u64, zone_minutes: i16) -> Option<T> {
    let ((due, _), (today, _)) = (local(due_ms, zone_minutes), local(now_ms, zone_minutes));
    match due.days().saturating_sub(today.days()) {
        _ if due_ms < now_ms => Some(T::HomeLate),
        0 => Some(T::HomeToday),
        ..=7 => Some(T::HomeWeek),
        _ => None,
    }
}

/// "820 B", "12 kB", "3,4 MB".
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{},{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{},{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

/// How long somebody still waits: "45 detik", and from a minute on "2 menit", never less than it takes.
pub(crate) fn wait(seconds: u32) -> String {
    let (unit, n) = if seconds < 60 { (T::CommonSeconds, seconds) } else { (T::CommonMinutes, seconds.div_ceil(60)) };
    tf(unit, &[("n", &n.to_string())])
}

/// First letters of a nickname, for the tile; the style sheet makes them large.
pub(crate) fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T16:30Z, already the 22nd in WITA.
    const NOW_MS: u64 = 1_795_278_600_000;
    const WITA: i16 = 480;

    #[test]
    fn moments_are_those_of_the_zone() {
        assert_eq!(moment(NOW_MS, NOW_MS, WITA), "hari ini 00.30");
        assert_eq!(moment(NOW_MS - 31 * MINUTE_MS, NOW_MS, WITA), "kemarin 23.59");
        assert_eq!(stamp(NOW_MS, WITA), "22 Nov 2026 00.30");
        assert_eq!(day_at(NOW_MS, WITA), "22 Nov 2026");
        assert_eq!(moment(NOW_MS - 3 * DAY_MINUTES * MINUTE_MS, NOW_MS, WITA), "19 Nov 2026 00.30");
    }

    #[test]
    fn the_hour_of_another_day_says_which() {
        assert_eq!(hour(NOW_MS, NOW_MS, WITA), "00.30");
        assert_eq!(hour(NOW_MS - 31 * MINUTE_MS, NOW_MS, WITA), "kemarin 23.59");
    }

    #[test]
    fn ages_use_the_largest_fitting_word() {
        let at = |minutes: u64| ago(NOW_MS - minutes * MINUTE_MS, NOW_MS, WITA);
        assert_eq!(at(0), "baru saja");
        assert_eq!(at(5), "5 menit lalu");
        assert_eq!(at(90), "1 jam lalu");
        assert_eq!(at(DAY_MINUTES), "kemarin");
        assert_eq!(at(4 * DAY_MINUTES), "4 hari lalu");
        assert_eq!(at(40 * DAY_MINUTES), "13 Okt 2026");
        assert_eq!(ago(NOW_MS + MINUTE_MS, NOW_MS, WITA), "baru saja");
    }

    #[test]
    fn what_is_due_is_told_by_what_is_left_and_then_by_what_is_over() {
        let at = |minutes: i64| due(NOW_MS.saturating_add_signed(minutes * 60_000), NOW_MS);
        assert_eq!(at(1_439), "sisa 23 jam");
        assert_eq!(at(0), "sisa 0 menit");
        assert_eq!(at(-61), "lewat 1 jam");
        assert_eq!(at(-3 * 1_440), "lewat 3 hari");
    }

    #[test]
    fn a_day_s_work_is_late_of_today_or_of_this_week() {
        let at = |minutes: i64| nearness(NOW_MS.saturating_add_signed(minutes * 60_000), NOW_MS, WITA);
        let day = 1_440;
        // Half past midnight: what was due yesterday evening is late, what is due at midnight is tomorrow's.
        assert_eq!([-31, -1].map(at), [Some(T::HomeLate); 2]);
        assert_eq!([0, day - 31].map(at), [Some(T::HomeToday); 2]);
        assert_eq!([day - 30, 8 * day - 31].map(at), [Some(T::HomeWeek); 2]);
        assert_eq!(at(8 * day - 30), None);
    }

    #[test]
    fn partial_dates_show_what_is_known() {
        assert_eq!(partial_date("2026"), "2026");
        assert_eq!(partial_date("2026-08"), "Agu 2026");
        assert_eq!(partial_date("2026-08-01"), "1 Agu 2026");
        assert_eq!(partial_date("kapan"), "kapan");
    }

    #[test]
    fn numbers_are_grouped_and_files_have_whole_days() {
        assert_eq!((count(368), count(3_000)), ("368".to_owned(), "3.000".to_owned()));
        assert_eq!((iso_day(NOW_MS, WITA), iso_day(0, WITA)), ("2026-11-22".to_owned(), String::new()));
    }

    #[test]
    fn sizes_and_names_are_short() {
        assert_eq!(size(820), "820 B");
        assert_eq!(size(3_456_789), "3,4 MB");
        assert_eq!(initials("Ibu Ana Bere"), "IA");
        let waits = [1, 59, 60, 65].map(wait);
        assert_eq!(waits, ["1 detik", "59 detik", "1 menit", "2 menit"]);
    }
}
