//! §4: what happened to the people of trafficking cases, how migrants left, and the dead.

use super::super::counts::{Check, counts};
use super::super::read::{Case, Person, answers, flag, in_row, number, text};
use super::everybody;

/// Purposes that a person has beside the main one.
const FURTHER: [&str; 2] = ["SEKSUAL", "PERAS"];

pub(super) fn checks(cases: &[Case<'_>]) -> Vec<Check> {
    let all = everybody(cases);
    let trafficked: Vec<&Person<'_>> =
        all.iter().filter(|(case, _)| case.is_trafficking()).map(|(_, person)| *person).collect();
    let mut checks = vec![
        Check::table(
            "destination",
            &[
                ("Sabah/Sarawak", 38),
                ("Semenanjung", 27),
                ("Kalimantan", 21),
                ("Sumatera", 14),
                ("Jawa", 12),
                ("Bali", 6),
                ("NTT", 12),
                ("Belu", 9),
                ("Timor-Leste", 6),
                ("Kamboja/Myanmar/Laos", 4),
                ("far", 3),
            ],
            &counts(trafficked.iter().map(|person| destination(person))),
        ),
        Check::table(
            "main purpose",
            &[
                ("KERJA SAWIT", 47),
                ("KERJA", 20),
                ("PRT", 33),
                ("ABK", 7),
                ("PELACURAN", 17),
                ("PORNO", 3),
                ("KRIMINAL", 4),
                ("KAWIN", 2),
                ("ANAK", 8),
                ("ADOPSI", 1),
                ("NGEMIS", 1),
                ("BELUM", 9),
            ],
            &counts(trafficked.iter().map(|person| purpose(person))),
        ),
        Check::table(
            "status",
            &[("TERINDIKASI", 46), ("TERIDENTIFIKASI", 82), ("BUKAN", 14), ("RUJUKLAIN", 10)],
            &counts(trafficked.iter().map(|person| text(person.identification, "status_korban").unwrap_or_default())),
        ),
        Check::number(
            "children when it began",
            9,
            trafficked.iter().filter(|person| !person.is_child() && began_as_child(person)).count(),
        ),
    ];
    checks.extend(shares(&trafficked));
    checks.extend(amounts(&trafficked));
    let migrants: Vec<&Person<'_>> =
        all.iter().map(|(_, person)| *person).filter(|person| person.identification.is_some()).collect();
    checks.push(Check::table(
        "how migrants left",
        &[("NONPROSEDURAL", 241), ("PROSEDURAL", 14), ("unknown", 15)],
        &counts(
            migrants
                .iter()
                .map(|person| text(person.identification, "pmi_status").unwrap_or_else(|| "unknown".to_owned())),
        ),
    ));
    checks.extend(dead(&all));
    checks
}

fn destination(person: &Person<'_>) -> &'static str {
    let area = text(person.identification, "pmi_negara_tujuan").unwrap_or_default();
    match area.get(..2).unwrap_or_default() {
        "MY" if area == "MY-SM" => "Semenanjung",
        "MY" => "Sabah/Sarawak",
        "TL" => "Timor-Leste",
        "KH" | "MM" | "LA" => "Kamboja/Myanmar/Laos",
        "SG" | "HK" | "TW" | "SA" => "far",
        "61" | "62" | "63" | "64" | "65" => "Kalimantan",
        "51" => "Bali",
        "53" if area.starts_with("53.04") => "Belu",
        "53" => "NTT",
        "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" | "21" => "Sumatera",
        "31" | "32" | "33" | "34" | "35" | "36" => "Jawa",
        _ => "unknown",
    }
}

fn purpose(person: &Person<'_>) -> String {
    let main: Vec<String> = answers(person.identification, "tujuan")
        .into_iter()
        .filter(|purpose| !FURTHER.contains(&purpose.as_str()))
        .collect();
    let main = main.join(" ");
    if main == "KERJA" && text(person.identification, "sektor_kerja").as_deref() == Some("SAWIT") {
        return "KERJA SAWIT".to_owned();
    }
    main
}

fn began_as_child(person: &Person<'_>) -> bool {
    number(person.full, "usia_saat_eksploitasi").is_some_and(|years| years < 18)
}

fn shares(people: &[&Person<'_>]) -> Vec<Check> {
    let share = |name: &str, percent: usize, has: &dyn Fn(&Person<'_>) -> bool| {
        Check::share(name, percent, people.iter().filter(|person| has(person)).count(), people.len())
    };
    let mut checks = Vec::new();
    let recruiters: [(&str, usize, &[&str]); 5] = [
        ("relative or neighbour", 31, &["KELUARGA", "TETANGGA"]),
        ("returned migrant", 22, &["TEMAN"]),
        ("broker", 27, &["AGEN"]),
        ("social media", 14, &["MEDSOS"]),
        ("other", 6, &["LAIN"]),
    ];
    for (name, percent, codes) in recruiters {
        let has = |person: &Person<'_>| {
            let said = answers(person.identification, "metode_rekrut");
            said.len() == 1 && said.iter().all(|code| codes.contains(&code.as_str()))
        };
        checks.push(share(&format!("recruiter: {name}"), percent, &has));
    }
    let means = [
        ("cara/TIPU", 71),
        ("cara/RENTAN", 58),
        ("cara/UTANG", 37),
        ("metode_kontrol/UPAH", 49),
        ("metode_kontrol/DOK", 33),
        ("cara/ANCAMAN", 28),
        ("metode_kontrol/GERAK", 24),
    ];
    for (key, percent) in means {
        checks.push(share(key, percent, &|person| flag(person.identification, key)));
    }
    let papers = [
        ("TIDAK", "", 29),
        ("KTP", "ASLI", 31),
        ("PASPOR", "DITAHAN", 17),
        ("PASPOR", "ASLI", 14),
        ("PLB", "ASLI", 4),
        ("PASPOR", "PALSU", 5),
    ];
    for (paper, state, percent) in papers {
        checks.push(share(&format!("paper {paper} {state}"), percent, &|person| {
            rows(person, "dokumen_dipakai") == [paper]
                && rows(person, "status_dokumen").first().map_or("", String::as_str) == state
        }));
    }
    let points: [(&[&str], usize); 6] = [
        (&["TENAU"], 34),
        (&["EL_TARI"], 29),
        (&["MAUMERE", "LARANTUKA"], 12),
        (&["NUNUKAN"], 24),
        (&["BATAM"], 17),
        (&["TIDAK_RESMI"], 5),
    ];
    for (point, percent) in points {
        checks.push(share(&format!("transit {}", point.join("/")), percent, &|person| {
            rows(person, "titik_lintas").iter().any(|code| point.contains(&code.as_str()))
        }));
    }
    let purposes: usize = people.iter().map(|person| answers(person.identification, "tujuan").len()).sum();
    checks.push(Check::share("purposes for each", 140, purposes, people.len()));
    checks
}

/// Values of a field over the legs of the journey.
fn rows(person: &Person<'_>, key: &str) -> Vec<String> {
    let Some(document) = person.identification else { return Vec::new() };
    document.rows("segmen").iter().filter_map(|row| in_row(row, key)).collect()
}

fn amounts(people: &[&Person<'_>]) -> Vec<Check> {
    let of =
        |key: &str| -> Vec<i64> { people.iter().filter_map(|person| number(person.identification, key)).collect() };
    let (debts, wages) = (of("utang_jumlah"), of("upah_ditahan"));
    let outside = |amounts: &[i64], millions: (i64, i64)| {
        let bounds = millions.0 * 1_000_000..=millions.1 * 1_000_000;
        amounts.iter().filter(|amount| !bounds.contains(amount)).count()
    };
    vec![
        Check::number("debts outside 1–28 million", 0, outside(&debts, (1, 28))),
        Check::median("debt", 6_500_000, debts),
        Check::number("wages withheld", 61, wages.len()),
        Check::number("wages outside 2–96 million", 0, outside(&wages, (2, 96))),
        Check::median("wages", 14_000_000, wages),
    ]
}

fn dead(all: &[(&Case<'_>, &Person<'_>)]) -> Vec<Check> {
    let dead: Vec<(&Case<'_>, &Person<'_>)> = all.iter().copied().filter(|(_, person)| person.is_dead()).collect();
    let of =
        |key: &str| -> Vec<String> { dead.iter().filter_map(|(_, person)| text(person.identification, key)).collect() };
    let count = |values: &[String], value: &str| values.iter().filter(|found| found.starts_with(value)).count();
    vec![
        Check::table("dead", &[("PMI", 22), ("TPPO", 5)], &counts(dead.iter().map(|(case, _)| case.triage()))),
        Check::table("dead by group", &[("LD", 20), ("PD", 7)], &counts(dead.iter().map(|(_, person)| person.group()))),
        Check::number("dead who left through procedure", 1, count(&of("meninggal_prosedur"), "PROSEDURAL")),
        Check::number("died in Malaysia", 25, count(&of("meninggal_negara"), "MY")),
        Check::number("died elsewhere", 2, of("meninggal_negara").len() - count(&of("meninggal_negara"), "MY")),
        Check::number("brought home", 26, count(&of("pmi_jenis_kepulangan"), "JENAZAH")),
        Check::number("buried there", 1, of("dimakamkan_area").len()),
    ]
}
