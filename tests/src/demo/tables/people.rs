//! §3: ages, origins, papers, life before, consent.

use std::collections::BTreeMap;

use shared::date::{CivilDate, PartialDate};

use super::super::counts::{Check, counts};
use super::super::read::{Case, Person, date, flag, number, text};
use super::everybody;

pub(super) fn checks(cases: &[Case<'_>]) -> Vec<Check> {
    let all = everybody(cases);
    let trafficked: Vec<_> = all.iter().copied().filter(|(case, _)| case.is_trafficking()).collect();
    let mut checks = vec![
        // Ten of unknown age, and four adults who refused a name.
        Check::table(
            "age",
            &[
                ("0-5", 5),
                ("6-12", 13),
                ("13-17", 54),
                ("18-24", 84),
                ("25-44", 152 - 4),
                ("45-59", 44),
                ("60+", 6),
                ("TD", 10 + 4),
            ],
            &counts(all.iter().map(|(case, person)| age(case, person))),
        ),
        Check::table(
            "age, TPPO",
            &[
                ("0-5", 1),
                ("6-12", 3),
                ("13-17", 26),
                ("18-24", 44),
                ("25-44", 62),
                ("45-59", 11),
                ("60+", 2),
                ("TD", 3),
            ],
            &counts(trafficked.iter().map(|(case, person)| age(case, person))),
        ),
        Check::table("origin", &ORIGINS, &counts(all.iter().map(|(case, person)| origin(case, person)))),
        Check::table(
            "origin, TPPO",
            &TRAFFICKED_ORIGINS,
            &counts(trafficked.iter().map(|(case, person)| origin(case, person))),
        ),
    ];
    let people: Vec<&Person<'_>> = all.iter().map(|(_, person)| *person).collect();
    checks.extend(villages(&people));
    checks.extend(papers(&people));
    checks.extend(lives(&people));
    checks.extend(consents(cases, &people));
    checks
}

const ORIGINS: [(&str, usize); 15] = [
    ("53.04.02", 44),
    ("53.04.04", 38),
    ("53.04.05", 36),
    ("53.04.13", 38),
    ("53.04.01", 31),
    ("53.04.18", 25),
    ("53.04.03", 25),
    ("53.04.17", 18),
    ("53.04.23", 16),
    ("53.04.12", 22),
    ("53.04.21", 21),
    ("53.04.22", 20),
    ("LUAR", 21),
    ("TL", 11),
    ("TD", 2),
];
const TRAFFICKED_ORIGINS: [(&str, usize); 14] = [
    ("53.04.02", 19),
    ("53.04.04", 16),
    ("53.04.05", 15),
    ("53.04.13", 17),
    ("53.04.01", 13),
    ("53.04.18", 11),
    ("53.04.03", 10),
    ("53.04.17", 8),
    ("53.04.23", 7),
    ("53.04.12", 8),
    ("53.04.21", 7),
    ("53.04.22", 7),
    ("LUAR", 9),
    ("TL", 5),
];

fn years_between(born: CivilDate, on: CivilDate) -> i64 {
    let before_birthday = (on.month(), on.day()) < (born.month(), born.day());
    i64::from(on.year()) - i64::from(born.year()) - i64::from(before_birthday)
}

/// Age on the day of the report; of a child without a name what the report estimates.
fn age(case: &Case<'_>, person: &Person<'_>) -> &'static str {
    let on = date(case.intake, "tgl_lapor").map(PartialDate::first_day);
    let born = date(person.short, "tgl_lahir").map(PartialDate::first_day);
    let years = born.zip(on).map(|(born, on)| years_between(born, on)).or(number(person.short, "usia_perkiraan"));
    match years {
        Some(0..=5) => "0-5",
        Some(6..=12) => "6-12",
        Some(13..=17) => "13-17",
        Some(18..=24) => "18-24",
        Some(25..=44) => "25-44",
        Some(45..=59) => "45-59",
        Some(60..) => "60+",
        Some(..0) => "unborn",
        None if person.is_child() && person.refused() => match text(case.intake, "umur_anak").as_deref() {
            Some("0-5") => "0-5",
            Some("6-12") => "6-12",
            Some("13-15" | "16-17") => "13-17",
            _ => "TD",
        },
        None => "TD",
    }
}

/// District of origin; of somebody without a name that of the report.
fn origin(case: &Case<'_>, person: &Person<'_>) -> String {
    if text(person.full, "kewarganegaraan").as_deref() == Some("WNA-TLS") {
        return "TL".to_owned();
    }
    let of_report = if person.refused() { text(case.intake, "kecamatan_asal") } else { None };
    match text(person.full, "daerah_asal").or(of_report) {
        Some(area) if area.starts_with("53.04.") => area.get(..8).unwrap_or_default().to_owned(),
        Some(_) => "LUAR".to_owned(),
        None => "TD".to_owned(),
    }
}

fn villages(people: &[&Person<'_>]) -> Vec<Check> {
    let areas = people.iter().filter_map(|person| text(person.full, "daerah_asal"));
    let villages = counts(areas.filter(|area| area.len() == "53.04.01.2001".len()));
    vec![
        Check::number("villages of origin", 55, villages.len()),
        Check::at_most("people of one village", 9, villages.values().copied().max().unwrap_or(0)),
    ]
}

fn papers(people: &[&Person<'_>]) -> Vec<Check> {
    let numbers: Vec<String> = people.iter().filter_map(|person| text(person.full, "nik")).collect();
    let with_reason = |person: &&&Person<'_>| {
        text(person.full, "nik_status").as_deref() == Some("TIDAK_ADA")
            && text(person.full, "alasan_tanpa_nik").is_some()
    };
    let of_number = counts(numbers.iter().cloned());
    let foreign = |nik: &&String| !nik.starts_with("530499");
    vec![
        Check::number("NIK present", 206, numbers.len()),
        // 22 refused a name, and with it their number.
        Check::number("NIK absent with reason", 162 - 22, people.iter().filter(with_reason).count()),
        Check::number("NIK of a place that exists", 0, numbers.iter().filter(foreign).count()),
        Check::share("NIK that disagrees", 6, people.iter().filter(|person| disagrees(person)).count(), numbers.len()),
        Check::number("pairs of equal NIK", 4, of_number.values().filter(|count| **count == 2).count()),
        Check::number("NIK of more than two", 0, of_number.values().filter(|count| **count > 2).count()),
    ]
}

/// Whether the number names another sex or another birth than the form.
fn disagrees(person: &Person<'_>) -> bool {
    let Some(nik) = text(person.full, "nik") else { return false };
    let digits = |from: usize| nik.get(from..from + 2).and_then(|digits| digits.parse::<u8>().ok()).unwrap_or(0);
    let (day, month, year) = (digits(6), digits(8), digits(10));
    let woman = day > 40;
    if text(person.short, "jenis_kelamin").is_some_and(|sex| (sex == "P") != woman) {
        return true;
    }
    let born = text(person.short, "tgl_lahir").unwrap_or_default();
    let mut stated = born.split('-').map(|part| part.get(part.len().saturating_sub(2)..).unwrap_or(part));
    let named = [year, month, if woman { day - 40 } else { day }];
    named.into_iter().any(|part| stated.next().is_some_and(|stated| stated.parse() != Ok(part)))
}

fn lives(people: &[&Person<'_>]) -> Vec<Check> {
    let schooling = |person: &&Person<'_>| match text(person.full, "pendidikan").as_deref() {
        Some("1" | "2") => "none",
        Some("3") => "SD",
        Some("4") => "SLTP",
        Some("5") => "SLTA",
        Some("6" | "7" | "8" | "9" | "10") => "higher",
        _ => "unknown",
    };
    let occupation = |person: &&Person<'_>| match text(person.full, "pekerjaan").as_deref() {
        Some("9") => "farmer",
        Some("3") => "pupil",
        Some("1") => "none",
        Some("2") => "homemaker",
        Some("19" | "20" | "21" | "22") => "labourer",
        _ => "other",
    };
    vec![
        // 22 refused a name: 12 are the table's unknown, and ten fewer have primary school.
        Check::table(
            "education",
            &[("none", 71), ("SD", 118 - 10), ("SLTP", 84), ("SLTA", 76), ("higher", 7), ("unknown", 12 + 10)],
            &counts(people.iter().map(schooling)),
        ),
        // 22 of the 26 others refused a name.
        Check::table(
            "occupation",
            &[("farmer", 121), ("pupil", 58), ("none", 74), ("homemaker", 37), ("labourer", 52), ("other", 26)],
            &counts(people.iter().map(occupation)),
        ),
        Check::number("disability", 11, people.iter().filter(|person| flag(person.full, "disabilitas")).count()),
        Check::number(
            "family threatened",
            13,
            people.iter().filter(|person| flag(person.full, "keluarga_terancam")).count(),
        ),
    ]
}

fn consents(cases: &[Case<'_>], people: &[&Person<'_>]) -> Vec<Check> {
    let given = |person: &&Person<'_>| -> String {
        let giver = person.consent("pemberi").unwrap_or_default();
        match (person.refused(), giver.as_str()) {
            (true, "PEKSOS") => "refused by a guardian".to_owned(),
            (true, _) => "refused".to_owned(),
            (false, "AHLI_WARIS") => "by heirs".to_owned(),
            (false, _) => person.consent("metode").unwrap_or_default(),
        }
    };
    let unsuitable = |person: &&&Person<'_>| {
        let giver = person.consent("pemberi").unwrap_or_default();
        person.is_dead() && giver == "KORBAN" || person.refused() && (person.short.is_some() || person.full.is_some())
    };
    let doubted = |case: &&Case<'_>| {
        text(case.intake, "anak_wali_terlibat").is_some_and(|said| said == "MUNGKIN" || said == "YA")
    };
    let by_guardian = cases.iter().filter(doubted).flat_map(|case| &case.people);
    let by_guardian = by_guardian.filter(|person| person.consent("pemberi").as_deref() != Some("PEKSOS"));
    let languages: BTreeMap<_, _> =
        counts(people.iter().map(|person| person.consent("bahasa_penjelasan").unwrap_or_default()));
    vec![
        Check::table(
            "consent",
            &[
                ("TERTULIS", 214),
                ("CAP", 52),
                ("LISAN", 71),
                ("refused", 14),
                ("refused by a guardian", 8),
                ("by heirs", 9),
            ],
            &counts(people.iter().map(given)),
        ),
        Check::number("consents by the dead, names after a refusal", 0, people.iter().filter(unsuitable).count()),
        Check::number(
            "consent withdrawn",
            5,
            people.iter().filter(|person| person.consent("ditarik_tanggal").is_some()).count(),
        ),
        Check::number(
            "guardian possibly involved",
            8,
            cases.iter().filter(doubted).flat_map(|case| &case.people).count(),
        ),
        Check::number("consents by such a guardian", 0, by_guardian.count()),
        Check::table(
            "language",
            &[("IND", 171), ("TET", 124), ("BFN", 31), ("KEM", 26), ("AOZ", 12), ("POR", 2), ("ISYARAT", 2)],
            &languages,
        ),
    ]
}
