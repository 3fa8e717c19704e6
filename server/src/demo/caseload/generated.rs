//! Tells the cases that were dealt, step by step and each by whoever may: report, taking over, decision, closing.

use shared::date::CivilDate;

use super::builder::{DAY, HOUR, Teller};
use super::invented::{DESTINATIONS, DISTRICTS, Draw, field_code, phone, story};
use super::plan::{Case, Person, Plan, Progress};
use super::tables::{ELSEWHERE, TIMORESE, UNKNOWN};
use super::{DemoAccount, DemoCase, DemoValue, record};

use DemoAccount::{FieldWorker, ManagerA, ManagerB, Registrar};

/// Drafts of the field worker: how long ago, and what they are about.
const DRAFTS: [(&str, &str, u32); 3] = [("C002", "INFO", 5), ("C003", "PMI", 20), ("C004", "SENGKETA", 44)];

/// Tells every dealt case, and the drafts among them.
pub(super) fn drawn_cases(plan: &Plan, seed: u64, today: CivilDate) -> Vec<DemoCase> {
    // Not the numbers that dealt the plan: what words are picked must not hang on how much was dealt.
    let mut draw = Draw::new(seed ^ 0x7465_6c6c);
    let mut cases = Vec::with_capacity(plan.cases.len());
    for case in plan.cases.iter().filter(|case| case.progress != Progress::Told) {
        cases.push(drawn_case(&mut draw, case, plan.people_of(case), today));
        if case.progress == Progress::Danger {
            cases.extend(DRAFTS.map(|(key, triage, hours)| draft(&mut draw, key, triage, hours, today)));
        }
    }
    cases
}

fn drawn_case(draw: &mut Draw, case: &Case, people: &[Person], today: CivilDate) -> DemoCase {
    let day = |days: usize| u32::try_from(days).unwrap_or(0).saturating_mul(DAY);
    let began = match case.progress {
        Progress::Danger => 40,
        Progress::New => draw.below(20 * HOUR).saturating_add(2 * HOUR),
        Progress::Told | Progress::Draft | Progress::Taken => day(case.entered()).saturating_add(draw.below(10 * HOUR)),
    };
    let mut told = Teller::open(&case.key, field_code(draw), today, FieldWorker, began);
    report(&mut told, draw, case, people, today);
    for (at, person) in people.iter().enumerate() {
        record::enter(&mut told, at, person);
        if !person.refused() {
            record::identify(&mut told, at, person);
            record::describe(&mut told, at, person);
        }
        if person.migrated() && !case.is_taken() {
            record::trace(&mut told, draw, at, person);
        }
    }
    if case.progress != Progress::Danger {
        told.hand_over();
    }
    if case.is_taken() {
        work(&mut told, draw, case, people, today);
    }
    told.end()
}

/// A draft is in no table, so that anything will do.
fn draft(draw: &mut Draw, key: &str, triage: &'static str, hours: u32, today: CivilDate) -> DemoCase {
    let case = Case { place: Some((triage, "LAPORAN")), ..Case::of(key, Progress::Draft) };
    let mut told = Teller::open(key, field_code(draw), today, FieldWorker, hours.saturating_mul(HOUR));
    let person = Person { triage, group: Some("LD"), ..Person::default() };
    let people = if triage == "INFO" { Vec::new() } else { vec![person] };
    report(&mut told, draw, &case, &people, today);
    for (at, person) in people.iter().enumerate() {
        record::enter(&mut told, at, person);
    }
    told.end()
}

/// How reports of a channel come in.
fn way_in(channel: &str) -> &'static str {
    match channel {
        "TELP" | "JEMPOL" | "SAPA129" | "ANONIM" => "TELEPON",
        "BP3MI" => "DAFTAR",
        "POLISI" | "IMIGRASI" | "LSM" | "DISNAKER" | "PERWAKILAN" | "RUJUKAN" | "FASKES" => "SURAT",
        "KP3" | "PAMTAS" | "PATROLI" | "MEDIA" => "TEMUAN",
        "DATANG" => "DEPAN",
        _ => "WARGA",
    }
}

fn report(told: &mut Teller, draw: &mut Draw, case: &Case, people: &[Person], today: CivilDate) {
    // What lay on paper was reported on the day of the paper.
    let days = case.day.map_or(told.minutes_ago() / DAY, |day| u32::try_from(day).unwrap_or(0));
    let reported = today.plus_days(i64::from(days).saturating_neg()).to_string();
    told.set("intake", "tgl_lapor", reported.clone());
    told.set("intake", "penerima", DemoValue::Account(FieldWorker));
    told.set("intake", "bahaya_segera", if case.urgent { "YA" } else { "TIDAK" });
    if case.urgent {
        told.set("core", "darurat", true);
        told.set("intake", "sudah_dihubungi/POLISI", true);
    }
    let channel = case.channel.unwrap_or("DESA");
    let way = if case.about_another && channel == "DATANG" { "WARGA" } else { way_in(channel) };
    told.set("intake", "cara_masuk", way);
    told.set("intake", "sumber_laporan", channel);
    let from_whom = match (case.about_another, way) {
        (true, _) => draw.pick(&["KELUARGA", "KELUARGA", "TETANGGA", "TEMAN", "SAKSI"]),
        (false, "DEPAN" | "WARGA" | "TELEPON") => "KORBAN",
        (false, _) => "PETUGAS",
    };
    told.set("intake", "status_pelapor", from_whom);
    if case.on_paper {
        told.set("intake", "dari_kertas", true);
        told.set("intake", "no_formulir_kertas", format!("KRT-{}", case.key));
        told.set("intake", "tgl_terima_kertas", reported);
    }
    if way == "TELEPON" {
        told.set("intake.reporter", "anonimkan_pelapor", true);
        told.set("intake.reporter", "pelapor_telp", phone(draw));
    }
    count(told, draw, case, people);
    let first = people.first().and_then(|person| person.origin);
    // Somebody alone of unknown origin stays so.
    if let Some(origin) = first.or_else(|| Some(draw.pick(&DISTRICTS))).filter(|origin| *origin != UNKNOWN) {
        told.set(
            "intake",
            "kecamatan_asal",
            match origin {
                ELSEWHERE => "53.21",
                TIMORESE => "TL-BO",
                district => district,
            },
        );
    }
    what_happened(told, draw, case, people);
    if case.triage() == "KTPA" {
        told.set("intake", "lokasi_kejadian", draw.pick(&DISTRICTS));
    } else {
        told.set("intake", "lokasi_kejadian", draw.pick(&DESTINATIONS));
    }
}

/// Counts whom the report is about: the people recorded, one who refused, or those nobody has seen.
fn count(told: &mut Teller, draw: &mut Draw, case: &Case, people: &[Person]) {
    for (group, key) in [("PD", "jml_pd"), ("PA", "jml_pa"), ("LD", "jml_ld"), ("LA", "jml_la")] {
        let counted = people.iter().filter(|person| person.group == Some(group)).count();
        let unseen = if people.is_empty() && group == "LD" { case.estimate } else { 0 };
        let refused = usize::from(case.counts_one && people.first().is_some_and(|person| person.group == Some(group)));
        let all = counted.saturating_add(unseen).saturating_add(refused);
        if all > 0 {
            told.set("intake", key, i64::try_from(all).unwrap_or(0));
        }
    }
    let Some(child) = people.iter().find(|person| person.is_child()) else { return };
    told.set("intake", "anak_terlibat", true);
    if let ([_], Some(age)) = (people, child.age) {
        told.set("intake", "umur_anak", if age == "13-17" { draw.pick(&["13-15", "16-17"]) } else { age });
    }
    told.set("intake", "anak_bersama", draw.pick(&["ORANG_TUA", "KELUARGA", "GURU"]));
    if case.guardian {
        told.set("intake", "anak_wali_terlibat", "MUNGKIN");
    }
}

fn what_happened(told: &mut Teller, draw: &mut Draw, case: &Case, people: &[Person]) {
    if let Some(dead) = people.iter().find(|person| person.deceased) {
        told.set("intake", "meninggal", true);
        told.set("intake", "pemberi_kabar", draw.pick(&["KELUARGA", "BP3MI", "PERWAKILAN"]));
        told.set("intake", "negara_meninggal", dead.died_in.unwrap_or("MY-12"));
        told.set("intake", "kebutuhan_keluarga/PEMULANGAN", true);
        return;
    }
    let flags = flags_of(case.triage());
    if !flags.is_empty() {
        told.set("intake", &format!("indikasi_cepat/{}", draw.pick(flags)), true);
    }
    told.text("intake", "uraian_singkat", story(draw, case.triage()));
    told.set("intake", "tahap_terjadi", draw.pick(&["BELUM_BERANGKAT", "DI_PERJALANAN", "DI_TUJUAN", "SUDAH_KEMBALI"]));
}

fn flags_of(triage: &str) -> &'static [&'static str] {
    match triage {
        "TPPO" => &["JANJI", "UPAH", "DOKUMEN", "GERAK", "UTANG"],
        "PMI" => &["UPAH", "HILANG"],
        "TPPM" => &["TANPA_DOKUMEN"],
        "KTPA" => &["ANCAM"],
        "SENGKETA" => &["UPAH"],
        _ => &[],
    }
}

/// Tells what the centre did: took it over, gave it a number, decided, brought it to its stage.
fn work(told: &mut Teller, draw: &mut Draw, case: &Case, people: &[Person], today: CivilDate) {
    let number: usize = case.key.trim_start_matches('C').parse().unwrap_or(0);
    let (first, second) = if number.is_multiple_of(2) { (ManagerA, ManagerB) } else { (ManagerB, ManagerA) };
    let began = told.minutes_ago();
    told.then_by(first, began.saturating_sub(u32::try_from(case.response).unwrap_or(0)));
    if draw.chance(50) {
        told.take_over(&[second]);
    } else {
        told.take_over(&[]);
    }
    told.set("intake", "triase", case.triage());
    told.set("intake", "status_verifikasi", "TERVERIFIKASI");
    told.set("intake", "tgl_triase", told.day());
    told.set("intake", "tingkat_risiko", draw.pick(&["RENDAH", "SEDANG", "SEDANG", "TINGGI"]));
    for (at, person) in people.iter().enumerate().filter(|(_, person)| person.migrated()) {
        record::trace(told, draw, at, person);
        if person.triage == "TPPO" {
            record::screen(told, at, person);
        }
    }
    told.then_by(Registrar, began.saturating_sub(3 * DAY));
    told.set("core", "nomor_register", format!("BLU-CONTOH-{:04}", number.saturating_add(1)));
    let ago = |days: usize| u32::try_from(days).unwrap_or(0).saturating_mul(DAY);
    if case.triage() == "TPPO" {
        let decided = case.entered().saturating_sub(case.decision);
        told.then_by(first, ago(decided));
        let day = today.plus_days(i64::try_from(decided).unwrap_or(0).saturating_neg()).to_string();
        for (at, person) in people.iter().enumerate() {
            record::decide(told, at, person, first, &day);
        }
    }
    let at_last = match case.stage() {
        "TUTUP" => began.saturating_sub(ago(case.closing)),
        _ => began / 2,
    };
    told.then_by(first, at_last);
    for (at, _) in people.iter().enumerate().filter(|(_, person)| person.withdrawn) {
        told.withdraw(at);
    }
    match case.stage() {
        "LAPORAN" => {}
        "TUTUP" => told.close(reason(case, people), Registrar),
        stage => told.set("core", "tahap", stage),
    }
}

/// Why a case was closed, as far as the tables make one likely; how many of each there are is not dealt.
fn reason(case: &Case, people: &[Person]) -> &'static str {
    match case.triage() {
        _ if people.first().is_some_and(|person| person.deceased) => "MENINGGAL",
        "TPPO" | "PMI" => "SELESAI",
        "INFO" => "BUKAN",
        _ => "RUJUK",
    }
}
