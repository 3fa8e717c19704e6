//! §2 and §5: cases by triage, stage and size, channels, months, who told it how, how long the centre took.

use shared::date::{CivilDate, PartialDate};

use super::super::counts::{Check, Counts, counts};
use super::super::read::{Case, date, flag, number, text};
use super::everybody;

const MONTHS: [usize; 12] = [75, 70, 85, 100, 115, 135, 120, 105, 110, 105, 100, 80];
/// Minutes of an hour and of a day.
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

pub(super) fn checks(cases: &[Case<'_>], today: CivilDate) -> Vec<Check> {
    let mut checks = vec![
        // Of the 300, eight wait for a triage and about one two people disagree.
        Check::table(
            "triage",
            &[
                ("TPPO", 96),
                ("PMI", 84 - 3),
                ("TPPM", 24 - 1),
                ("KTPA", 33 - 1),
                ("SENGKETA", 18 - 1),
                ("INFO", 45 - 3),
                ("BELUM", 9),
            ],
            &counts(cases.iter().map(Case::triage)),
        ),
        Check::table(
            "people by triage",
            &[("TPPO", 152), ("PMI", 118 - 3), ("TPPM", 41 - 1), ("KTPA", 35 - 1), ("SENGKETA", 22 - 1), ("BELUM", 6)],
            &counts(everybody(cases).iter().map(|(case, _)| case.triage())),
        ),
        Check::table(
            "people per case",
            &[("0", 45), ("1", 222), ("2-3", 22), ("4-8", 9), ("11", 1), ("18", 1)],
            &counts(cases.iter().map(|case| size_of(case.people.len()))),
        ),
        stages(cases),
        Check::table(
            "channel",
            &[
                ("DESA", 42),
                ("BP3MI", 45),
                ("POLISI", 36),
                ("TELP", 24),
                ("JEMPOL", 6),
                ("DATANG", 27),
                ("GEREJA", 18),
                ("IMIGRASI", 18),
                ("DISNAKER", 12),
                ("FASKES", 12),
                ("LSM", 12),
                ("KP3", 9),
                ("PAMTAS", 6),
                ("SEKOLAH", 6),
                ("SAPA129", 6),
                ("RUJUKAN", 6),
                ("PATROLI", 6),
                ("PERWAKILAN", 3),
                ("MEDIA", 3),
                ("ANONIM", 3),
            ],
            &counts(cases.iter().map(|case| text(case.intake, "sumber_laporan").unwrap_or_default())),
        ),
        Check::number("urgent", 11, cases.iter().filter(|case| flag(case.core, "darurat")).count()),
        Check::number("told about another", 74, cases.iter().filter(|case| is_about_another(case)).count()),
        Check::number("only counted", 6, counted(cases, true).saturating_sub(everybody(cases).len())),
        Check::number("estimated", 61, counted(cases, false)),
    ];
    checks.extend(groups(cases));
    checks.extend(paper(cases, today));
    checks.extend(months(cases, today));
    checks.extend(times(cases));
    checks
}

fn size_of(people: usize) -> &'static str {
    match people {
        0 => "0",
        1 => "1",
        2 | 3 => "2-3",
        4..=8 => "4-8",
        11 => "11",
        18 => "18",
        _ => "other",
    }
}

fn groups(cases: &[Case<'_>]) -> Vec<Check> {
    let everybody = everybody(cases);
    let of =
        |triage: &str| counts(everybody.iter().filter(|(case, _)| case.triage() == triage).map(|(_, p)| p.group()));
    vec![
        Check::table(
            "people by group",
            &[("PD", 117), ("PA", 49), ("LD", 179), ("LA", 23)],
            &counts(everybody.iter().map(|(_, person)| person.group())),
        ),
        Check::table("people by group, TPPO", &[("PD", 52), ("PA", 21), ("LD", 70), ("LA", 9)], &of("TPPO")),
    ]
}

fn stages(cases: &[Case<'_>]) -> Check {
    let found = counts(cases.iter().map(|case| {
        let stage = text(case.core, "tahap").unwrap_or_default();
        // A report without triage counts where the table expects it; there are nine, and all of them are at its start.
        if case.triage() == "BELUM" { stage } else { format!("{} {stage}", case.triage()) }
    }));
    Check::table(
        "stage",
        &[
            ("LAPORAN", 9),
            ("TPPO LAPORAN", 4),
            ("TPPO IDENTIFIKASI", 11),
            ("TPPO LAYANAN", 27),
            ("TPPO PEMULANGAN", 6),
            ("TPPO REINTEGRASI", 18),
            ("TPPO TUTUP", 30),
            ("PMI LAPORAN", 5 - 3),
            ("PMI LAYANAN", 9),
            ("PMI PEMULANGAN", 8),
            ("PMI REINTEGRASI", 10),
            ("PMI TUTUP", 52),
            ("TPPM LAYANAN", 3),
            ("TPPM PEMULANGAN", 1),
            ("TPPM TUTUP", 19),
            ("KTPA LAYANAN", 5),
            ("KTPA TUTUP", 27),
            ("SENGKETA LAYANAN", 4),
            ("SENGKETA TUTUP", 13),
            ("INFO LAPORAN", 4 - 3),
            ("INFO TUTUP", 41),
        ],
        &found,
    )
}

fn is_about_another(case: &Case<'_>) -> bool {
    let relation = text(case.intake, "status_pelapor").unwrap_or_default();
    matches!(relation.as_str(), "KELUARGA" | "TETANGGA" | "TEMAN" | "SAKSI" | "LAIN")
}

/// Of how many people reports speak, those with people or the others.
fn counted(cases: &[Case<'_>], with_people: bool) -> usize {
    let of_case = |case: &Case<'_>| -> i64 {
        ["jml_pd", "jml_pa", "jml_ld", "jml_la"].iter().filter_map(|key| number(case.intake, key)).sum()
    };
    let chosen = cases.iter().filter(|case| case.people.is_empty() != with_people);
    usize::try_from(chosen.map(of_case).sum::<i64>()).unwrap_or(0)
}

fn reported(case: &Case<'_>) -> Option<CivilDate> {
    date(case.intake, "tgl_lapor").map(PartialDate::first_day)
}

fn paper(cases: &[Case<'_>], today: CivilDate) -> Vec<Check> {
    let from_paper: Vec<&Case<'_>> = cases.iter().filter(|case| flag(case.intake, "dari_kertas")).collect();
    let whole = |case: &&&Case<'_>| {
        let number = text(case.intake, "no_formulir_kertas").is_some();
        let received = date(case.intake, "tgl_terima_kertas").map(PartialDate::first_day);
        let written = text(case.core, "dibuat").and_then(|text| PartialDate::parse(text.get(..10)?).ok());
        let delay = written.zip(received).map(|(written, received)| written.first_day().days() - received.days());
        // The day of an instant may be the one before, when the report is written down early in the morning.
        number && delay.is_some_and(|days| (1..=19).contains(&days))
    };
    let future = |case: &&Case<'_>| reported(case).is_none_or(|day| day > today);
    vec![
        Check::number("on paper first", 22, from_paper.len()),
        Check::number("papers with number and delay", 22, from_paper.iter().filter(whole).count()),
        Check::number("reports of the future", 0, cases.iter().filter(future).count()),
    ]
}

fn months(cases: &[Case<'_>], today: CivilDate) -> Vec<Check> {
    let days: Vec<CivilDate> = cases.iter().filter_map(reported).collect();
    let last_year = |day: &&CivilDate| today.days() - day.days() < 365;
    let years: Counts = counts(days.iter().map(|day| if last_year(&day) { "last" } else { "before last" }));
    let mut checks = vec![Check::table("years", &[("before last", 138), ("last", 162)], &years)];
    for (month, weight) in (1_u8..).zip(MONTHS) {
        let found = days.iter().filter(|day| day.month() == month).count();
        checks.push(Check::share_of_10_000(&format!("month {month}"), weight * 10_000 / 1_200, found, days.len()));
    }
    checks
}

fn times(cases: &[Case<'_>]) -> Vec<Check> {
    let answered: Vec<i64> = cases.iter().filter_map(|case| case.minutes_until("diterima_oleh", None)).collect();
    let within = |most: i64| answered.iter().filter(|minutes| **minutes <= most).count();
    let closed = |case: &Case<'_>| {
        (text(case.core, "tahap").as_deref() == Some("TUTUP")).then(|| case.minutes_until("tahap", Some("TUTUP")))?
    };
    let closings: Vec<i64> = cases.iter().filter_map(closed).map(|minutes| minutes / DAY).collect();
    let decisions: Vec<i64> = cases.iter().filter(|case| case.is_trafficking()).filter_map(decided_after).collect();
    let late = decisions.iter().filter(|days| **days > 14).count();
    vec![
        Check::share("answered within 52 hours", 90, within(52 * HOUR), answered.len()),
        Check::share("answered after 24 hours", 14, answered.len() - within(24 * HOUR), answered.len()),
        Check::median("minutes to the first response", 9 * HOUR, answered),
        Check::number("closed cases", 182, closings.len()),
        Check::median("days to closing", 118, closings),
        Check::share("decided after 14 days", 22, late, decisions.len()),
        Check::median("days to the decision", 9, decisions),
    ]
}

/// Days from the report to the first decision on a status.
fn decided_after(case: &Case<'_>) -> Option<i64> {
    let decided = case.people.iter().filter_map(|person| date(person.identification, "tgl_penetapan"));
    let first = decided.map(|day| day.first_day().days()).min()?;
    Some(first - reported(case)?.days())
}
