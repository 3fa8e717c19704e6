//! Cases that are drawn: triage, people, channels and stages in the shares of the demonstration's tables.

use shared::date::CivilDate;

use super::builder::{DAY, HOUR, Teller};
use super::invented::{DESTINATIONS, DISTRICTS, Draw, field_code, name, nik, phone, story};
use super::{DemoAccount, DemoCase};

use DemoAccount::{FieldWorker, ManagerA, ManagerB, Registrar};

/// Triage and its share of 300 cases.
const TRIAGE: [(&str, u32); 6] =
    [("TPPO", 96), ("PMI", 84), ("TPPM", 24), ("KTPA", 33), ("SENGKETA", 18), ("INFO", 45)];
/// Share of 300 cases the triage shares add up to.
const TRIAGE_TOTAL: u32 = 300;
/// Channels, the frequent ones more than once.
const CHANNELS: [&str; 12] =
    ["DESA", "DESA", "DESA", "BP3MI", "BP3MI", "POLISI", "POLISI", "TELP", "DATANG", "GEREJA", "IMIGRASI", "LSM"];
const LANGUAGES: [&str; 9] = ["IND", "IND", "IND", "IND", "TET", "TET", "TET", "BFN", "KEM"];
const STAGES: [&str; 9] =
    ["LAYANAN", "LAYANAN", "IDENTIFIKASI", "PEMULANGAN", "REINTEGRASI", "TUTUP", "TUTUP", "TUTUP", "TUTUP"];

/// How far a case has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Draft,
    Danger,
    HandedOver,
    TakenOver,
}

/// Draws as many cases as asked.
pub(super) fn drawn_cases(seed: u64, count: usize, today: CivilDate) -> Vec<DemoCase> {
    let mut draw = Draw::new(seed);
    (1..=count)
        .map(|number| {
            // In proportion, not by chance: small sets keep the shares too.
            let share = number.saturating_mul(137) % usize::try_from(TRIAGE_TOTAL).unwrap_or(300);
            let triage = triage_at(u32::try_from(share).unwrap_or(0));
            drawn_case(&mut draw, number, triage, progress_of(number), today)
        })
        .collect()
}

fn triage_at(mut share: u32) -> &'static str {
    for (triage, cases) in TRIAGE {
        if share < cases {
            return triage;
        }
        share = share.saturating_sub(cases);
    }
    "INFO"
}

/// One danger nobody took, a few drafts and new reports; the rest is with the practitioners.
const fn progress_of(number: usize) -> Progress {
    match number {
        1 => Progress::Danger,
        2..=4 => Progress::Draft,
        5..=9 => Progress::HandedOver,
        _ => Progress::TakenOver,
    }
}

fn drawn_case(draw: &mut Draw, number: usize, triage: &str, progress: Progress, today: CivilDate) -> DemoCase {
    let began = match progress {
        Progress::Danger => 40,
        Progress::Draft => draw.below(2 * DAY).saturating_add(3 * HOUR),
        Progress::HandedOver => draw.below(20 * HOUR).saturating_add(2 * HOUR),
        Progress::TakenOver => draw.below(700 * DAY).saturating_add(3 * DAY),
    };
    let mut told = Teller::begin(&format!("C{number:03}"), field_code(draw), today, FieldWorker, began);
    let woman = draw.chance(45);
    let child = draw.chance(if triage == "KTPA" { 65 } else { 18 });
    report(&mut told, draw, triage, progress, group(woman, child));
    let has_person = triage != "INFO" && progress != Progress::Danger;
    if has_person {
        identity(&mut told, draw, today, woman, child);
    }
    if progress != Progress::Draft && progress != Progress::Danger {
        told.hand_over();
    }
    if progress == Progress::TakenOver {
        take_over(&mut told, draw, number, triage, began, has_person);
    }
    told.end()
}

const fn group(woman: bool, child: bool) -> &'static str {
    match (woman, child) {
        (true, false) => "PD",
        (true, true) => "PA",
        (false, false) => "LD",
        (false, true) => "LA",
    }
}

fn report(told: &mut Teller, draw: &mut Draw, triage: &str, progress: Progress, group: &str) {
    let in_danger = progress == Progress::Danger;
    told.set("intake", "bahaya_segera", if in_danger { "YA" } else { "TIDAK" });
    if in_danger {
        told.set("core", "darurat", true);
        told.set("intake", "sudah_dihubungi/POLISI", true);
    }
    let channel = draw.pick(&CHANNELS);
    let way = match channel {
        "TELP" => "TELEPON",
        "BP3MI" => "DAFTAR",
        "POLISI" | "IMIGRASI" | "LSM" => "SURAT",
        _ => "WARGA",
    };
    told.set("intake", "cara_masuk", way);
    told.set("intake", "sumber_laporan", channel);
    if channel == "TELP" {
        told.set("intake.reporter", "anonimkan_pelapor", true);
        told.set("intake.reporter", "pelapor_telp", phone(draw));
    }
    if triage != "INFO" {
        told.set("intake", &format!("jml_{}", group.to_lowercase()), 1);
        if group.ends_with('A') {
            told.set("intake", "anak_terlibat", true);
            told.set("intake", "anak_bersama", draw.pick(&["ORANG_TUA", "KELUARGA", "GURU"]));
        }
    }
    told.set("intake", "kecamatan_asal", draw.pick(&DISTRICTS));
    for flag in flags_of(triage) {
        if draw.chance(60) {
            told.set("intake", &format!("indikasi_cepat/{flag}"), true);
        }
    }
    told.text("intake", "uraian_singkat", story(draw, triage));
    told.set("intake", "tahap_terjadi", draw.pick(&["BELUM_BERANGKAT", "DI_PERJALANAN", "DI_TUJUAN", "SUDAH_KEMBALI"]));
    told.set("intake", "lokasi_kejadian", draw.pick(if triage == "KTPA" { &DISTRICTS } else { &DESTINATIONS }));
    told.set("intake", "tindakan_awal/INFORMASI", true);
}

const fn flags_of(triage: &str) -> &'static [&'static str] {
    match triage.as_bytes() {
        b"TPPO" => &["JANJI", "UPAH", "DOKUMEN", "GERAK", "UTANG"],
        b"PMI" => &["UPAH", "HILANG"],
        b"TPPM" => &["TANPA_DOKUMEN"],
        b"KTPA" => &["ANCAM"],
        b"SENGKETA" => &["UPAH"],
        _ => &[],
    }
}

fn identity(told: &mut Teller, draw: &mut Draw, today: CivilDate, woman: bool, child: bool) {
    told.person(0, group(woman, child));
    let named = !draw.chance(6);
    told.consent(0, named, draw.pick(&LANGUAGES));
    if !named {
        return;
    }
    let years = if child { draw.below(10).saturating_add(7) } else { draw.below(35).saturating_add(19) };
    let days = years.saturating_mul(365).saturating_add(draw.below(365));
    let born = today.plus_days(i64::from(days).saturating_neg());
    told.set_of(0, "identity.short", "nama_lengkap", name(draw, woman));
    told.set_of(0, "identity.short", "jenis_kelamin", if woman { "P" } else { "L" });
    told.set_of(0, "identity.short", "tgl_lahir", born.to_string());
    if draw.chance(56) {
        // A few disagree with the form, as they do in life.
        let in_number = if draw.chance(6) { born.plus_days(40) } else { born };
        told.set_of(0, "identity.full", "nik", nik(draw, in_number, woman));
    } else {
        told.set_of(0, "identity.full", "nik_status", "TIDAK_ADA");
        told.set_of(0, "identity.full", "alasan_tanpa_nik", draw.pick(&["HILANG", "BELUM_REKAM", "LUPA"]));
    }
}

fn take_over(told: &mut Teller, draw: &mut Draw, number: usize, triage: &str, began: u32, has_person: bool) {
    let (first, second) = if number.is_multiple_of(2) { (ManagerA, ManagerB) } else { (ManagerB, ManagerA) };
    told.then(first, began.saturating_sub(draw.below(50 * HOUR).saturating_add(HOUR)));
    if draw.chance(50) {
        told.take_over(&[second]);
    } else {
        told.take_over(&[]);
    }
    told.set("intake", "triase", triage);
    told.set("intake", "status_verifikasi", "TERVERIFIKASI");
    told.set("intake", "tgl_triase", told.day());
    told.set("intake", "tingkat_risiko", draw.pick(&["RENDAH", "SEDANG", "SEDANG", "TINGGI"]));
    told.set("core", "tahap", if has_person { draw.pick(&STAGES) } else { "TUTUP" });
    told.then(Registrar, began.saturating_sub(3 * DAY));
    told.set("core", "nomor_register", format!("BLU-CONTOH-{:04}", number.saturating_add(1)));
}
