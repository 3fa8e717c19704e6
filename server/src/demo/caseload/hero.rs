//! The cases that are told in full, as far as report, consent, identity and identification reach.

use shared::date::CivilDate;

use super::builder::{DAY, HOUR, Teller};
use super::invented::{Draw, field_code};
use super::plan::{Case, Journey, Person, Plan, Progress};
use super::tables::{NUMBERED, NUMBERLESS, REFUSED, UNKNOWN};
use super::{DemoAccount, DemoAct, DemoCase, DemoPlace, DemoValue, record};

use DemoAccount::{Cadre, FieldWorker, ManagerA, ManagerB, Registrar};

/// Lists the hero cases; their codes and words never depend on the seed.
pub(super) fn hero_cases(plan: &Plan, today: CivilDate) -> Vec<DemoCase> {
    let mut codes = Draw::new(0x5349_4d50_554c);
    let mut code = || field_code(&mut codes);
    let person = |key: &str| {
        let case = plan.cases.iter().find(|case| case.key == key);
        case.and_then(|case| plan.people_of(case).first()).cloned().unwrap_or_default()
    };
    vec![
        palm_oil(code(), &person("H1"), today),
        phone_tip(code(), today),
        refused_name(code(), &person("H6"), today),
        disagreement(code(), &person("H10"), today),
        dismissed_cadre(code(), &person("H11"), today),
        same_woman(Teller::begin("H14", code(), today, FieldWorker, 31 * DAY), "IMIGRASI", &person("H14")),
        same_woman(Teller::begin("H14b", code(), today, FieldWorker, 29 * DAY), "GEREJA", &person("H14b")),
    ]
}

/// What these cases are in the plan: they count in the tables like any other.
pub(super) fn plan() -> Vec<Case> {
    let told = |key: &str, place, size, day, channel, about_another| Case {
        place: Some(place),
        size: Some(size),
        day: Some(day),
        channel: Some(channel),
        about_another,
        ..Case::of(key, Progress::Told)
    };
    vec![
        told("H1", ("TPPO", "REINTEGRASI"), 1, 240, "KP3", false),
        told("H5", ("INFO", "LAPORAN"), 0, 0, "TELP", true),
        told("H6", ("TPPO", "LAYANAN"), 1, 9, "DATANG", false),
        told("H10", ("PMI", "LAPORAN"), 1, 4, "DESA", true),
        Case { counts_one: true, ..told("H11", ("TPPM", "LAPORAN"), 1, 12, "DESA", false) },
        told("H14", ("PMI", "LAYANAN"), 1, 31, "IMIGRASI", false),
        told("H14b", ("PMI", "LAYANAN"), 1, 29, "GEREJA", false),
    ]
}

/// Who the people of such a case are; nothing of them is dealt.
pub(super) fn people(key: &str) -> Vec<Person> {
    let person = |name: &str, group, age, district: &'static str, village: &str| Person {
        name: name.to_owned(),
        group: Some(group),
        age: Some(age),
        origin: Some(district),
        place: Some(format!("{district}.{village}")),
        consent: Some("TERTULIS"),
        number: Some(NUMBERLESS),
        procedure: Some("NONPROSEDURAL"),
        ..Person::default()
    };
    let life = |person: Person, language, schooling, occupation| Person {
        language: Some(language),
        schooling: Some(schooling),
        occupation: Some(occupation),
        ..person
    };
    match key {
        "H1" => vec![Person {
            born: Some("1994-06".to_owned()),
            number: Some(NUMBERED),
            nik: Some("5304991206940017".to_owned()),
            journey: Journey {
                destination: Some("MY-12"),
                purpose: Some(("KERJA", "SAWIT")),
                recruiter: Some("AGEN"),
                means: [true, false, true, true, true, false, false],
                paper: Some(("PASPOR", "DITAHAN")),
                transit: [true, false, false, true, false, false],
                debt: Some(6_500_000),
                wages: Some(14_000_000),
                unpaid: true,
                status: Some("TERIDENTIFIKASI"),
                ..Journey::default()
            },
            ..life(person("Blasius Mau", "LD", "25-44", "53.04.13", "2001"), "TET", "3", "9")
        }],
        "H6" => vec![Person {
            consent: Some(REFUSED),
            journey: Journey {
                destination: Some("TL"),
                purpose: Some(("BELUM", "")),
                recruiter: Some("AGEN"),
                means: [true, true, false, false, false, false, false],
                paper: Some(("TIDAK", "")),
                status: Some("TERINDIKASI"),
                ..Journey::default()
            },
            ..life(person("Tanpa nama", "PD", "TD", "53.04.03", "2001"), "TET", UNKNOWN, UNKNOWN)
        }],
        "H10" => vec![Person {
            years: Some(23),
            consent: Some("LISAN"),
            ..life(person("Regina Asa", "PD", "18-24", "53.04.18", "2001"), "TET", "4", "2")
        }],
        "H11" => vec![Person {
            years: Some(21),
            consent: Some("LISAN"),
            ..life(person("Kanisius Bria", "LD", "18-24", "53.04.18", "2003"), "BFN", "3", "9")
        }],
        "H14" => vec![same_woman_as("Josefina Bere", "1998-03-14", "5304995403980042")],
        "H14b" => vec![same_woman_as("Yosefina Berek", "1998-03-15", "5304995503980042")],
        _ => Vec::new(),
    }
}

fn same_woman_as(name: &str, born: &str, nik: &str) -> Person {
    Person {
        name: name.to_owned(),
        group: Some("PD"),
        age: Some("25-44"),
        origin: Some("53.04.05"),
        place: Some("53.04.05.2001".to_owned()),
        consent: Some("TERTULIS"),
        language: Some("IND"),
        schooling: Some("5"),
        occupation: Some("2"),
        procedure: Some("NONPROSEDURAL"),
        born: Some(born.to_owned()),
        number: Some(NUMBERED),
        nik: Some(nik.to_owned()),
        ..Person::default()
    }
}

/// H1: palm-oil work in Sabah, wages and passport withheld, home by ship, now with the practitioners.
fn palm_oil(code: String, person: &Person, today: CivilDate) -> DemoCase {
    let mut told = Teller::begin("H1", code, today, FieldWorker, 240 * DAY);
    told.set("intake", "bahaya_segera", "TIDAK");
    told.set("intake", "cara_masuk", "DEPAN");
    told.set("intake", "sumber_laporan", "KP3");
    told.set("intake", "status_pelapor", "KORBAN");
    told.set("intake", "jml_ld", 1);
    told.set("intake", "kecamatan_asal", "53.04.13");
    for flag in ["JANJI", "UPAH", "DOKUMEN", "UTANG"] {
        told.set("intake", &format!("indikasi_cepat/{flag}"), true);
    }
    told.text(
        "intake",
        "uraian_singkat",
        "Bekerja di kebun sawit 14 bulan. Upah ditahan, paspor dipegang mandor. Pulang dengan kapal bersama rombongan.",
    );
    told.set("intake", "tahap_terjadi", "SUDAH_KEMBALI");
    told.set("intake", "lokasi_kejadian", "MY-12");
    told.set("intake", "kategori_lokasi", "KERJA");
    told.set("intake", "tgl_kejadian", today.plus_days(-330).year().to_string());
    record::enter(&mut told, 0, person);
    told.set("intake", "tindakan_awal/INFORMASI", true);
    record::identify(&mut told, 0, person);
    told.hand_over();
    told.then(ManagerA, 240 * DAY - 5 * HOUR);
    told.take_over(&[ManagerB]);
    told.set("intake", "triase", "TPPO");
    told.set("intake", "status_verifikasi", "TERVERIFIKASI");
    told.set("intake", "tingkat_risiko", "SEDANG");
    told.set_of(0, "identity.short", "tempat_lahir", "53.04.13");
    record::describe(&mut told, 0, person);
    told.set_of(0, "identity.full", "telepon", "0810-0000-0417");
    told.set_of(0, "identity.full", "aman_dihubungi", "Sesudah pukul 18, lewat kakak perempuan");
    record::trace(&mut told, &mut Draw::new(1), 0, person);
    record::screen(&mut told, 0, person);
    told.then(Registrar, 232 * DAY);
    told.set("core", "nomor_register", "BLU-CONTOH-0001");
    told.then(ManagerA, 231 * DAY);
    let day = told.day();
    record::decide(&mut told, 0, person, ManagerA, &day);
    told.set("core", "tahap", "LAYANAN");
    told.then(ManagerB, 60 * DAY);
    told.set("core", "tahap", "REINTEGRASI");
    told.end()
}

/// H5: a phone tip on a house in Atambua; the caller is masked and no victim is counted.
fn phone_tip(code: String, today: CivilDate) -> DemoCase {
    let mut told = Teller::begin("H5", code, today, FieldWorker, 20 * HOUR);
    told.set("intake", "bahaya_segera", "TIDAK_TAHU");
    told.set("intake", "cara_masuk", "TELEPON");
    told.set("intake", "sumber_laporan", "TELP");
    told.set("intake", "status_pelapor", "TETANGGA");
    told.set("intake", "indikasi_cepat/GERAK", true);
    told.text("intake", "uraian_singkat", "Penelepon melihat beberapa perempuan muda di satu rumah, pintu selalu dikunci dari luar. Mobil datang tengah malam.");
    told.set("intake", "tahap_terjadi", "DI_PERJALANAN");
    told.set("intake", "lokasi_kejadian", "53.04.12");
    told.set("intake", "kapan", "MINGGU_INI");
    told.set("intake.reporter", "anonimkan_pelapor", true);
    told.set("intake.reporter", "pelapor_telp", "0810-0000-0905");
    told.set("intake.reporter", "pelapor_aman_hubungi", "Hanya pesan, pagi hari");
    told.set("intake", "tindakan_awal/BELUM", true);
    told.hand_over();
    told.end()
}

/// H6: a woman at Motaain refuses to be named; services are given all the same.
fn refused_name(code: String, person: &Person, today: CivilDate) -> DemoCase {
    let mut told = Teller::begin("H6", code, today, FieldWorker, 9 * DAY);
    told.set("intake", "bahaya_segera", "TIDAK");
    told.set("intake", "cara_masuk", "DEPAN");
    told.set("intake", "sumber_laporan", "DATANG");
    told.set("intake", "status_pelapor", "KORBAN");
    told.set("intake", "jml_pd", 1);
    told.set("intake", "kecamatan_asal", "53.04.03");
    told.set("intake", "indikasi_cepat/JANJI", true);
    told.set("intake", "indikasi_cepat/TANPA_DOKUMEN", true);
    told.text(
        "intake",
        "uraian_singkat",
        "Hendak menyeberang atas ajakan seorang perekrut. Ragu setelah diminta menyerahkan HP.",
    );
    told.set("intake", "tahap_terjadi", "BELUM_BERANGKAT");
    told.set("intake", "keberadaan_sekarang", "SINI");
    told.set("intake", "lokasi_kejadian", "53.04.02.2001");
    told.set("intake", "kategori_lokasi", "PERBATASAN");
    record::enter(&mut told, 0, person);
    let excluded = vec![("ada", "TIDAK_ADA".into())];
    told.row("guard", "kecualikan", excluded);
    told.set("intake", "tindakan_awal/INFORMASI", true);
    told.hand_over();
    told.then(ManagerA, 9 * DAY - 3 * HOUR);
    told.take_over(&[]);
    told.set("intake", "triase", "TPPO");
    told.set("intake", "status_verifikasi", "TERVERIFIKASI");
    record::trace(&mut told, &mut Draw::new(6), 0, person);
    record::screen(&mut told, 0, person);
    told.then(ManagerA, 5 * DAY);
    let day = told.day();
    record::decide(&mut told, 0, person, ManagerA, &day);
    told.set("core", "tahap", "LAYANAN");
    told.end()
}

/// H10: two practitioners, both offline, sort the same report differently.
fn disagreement(code: String, person: &Person, today: CivilDate) -> DemoCase {
    let mut told = Teller::begin("H10", code, today, FieldWorker, 4 * DAY);
    told.set("intake", "bahaya_segera", "TIDAK");
    told.set("intake", "cara_masuk", "WARGA");
    told.set("intake", "sumber_laporan", "DESA");
    told.set("intake", "status_pelapor", "KELUARGA");
    told.set("intake", "jml_pd", 1);
    told.set("intake", "kecamatan_asal", "53.04.18");
    told.set("intake", "indikasi_cepat/HILANG", true);
    told.set("intake", "indikasi_cepat/UPAH", true);
    told.text(
        "intake",
        "uraian_singkat",
        "Keluarga kehilangan kabar empat bulan. Kabar terakhir: upah belum dibayar dan ingin pulang.",
    );
    told.set("intake", "tahap_terjadi", "DI_TUJUAN");
    told.set("intake", "lokasi_kejadian", "MY-SM");
    record::enter(&mut told, 0, person);
    record::identify(&mut told, 0, person);
    record::describe(&mut told, 0, person);
    record::trace(&mut told, &mut Draw::new(10), 0, person);
    told.hand_over();
    told.then(ManagerA, 3 * DAY);
    told.take_over(&[ManagerB]);
    told.set("intake", "status_verifikasi", "TERVERIFIKASI");
    told.apart(ManagerA, 26 * HOUR, "intake", "triase", "TPPO");
    told.apart(ManagerB, 25 * HOUR, "intake", "triase", "PMI");
    told.end()
}

/// H11: a cadre writes ten edits offline, then is dismissed; seven are good, three outside the role.
fn dismissed_cadre(code: String, person: &Person, today: CivilDate) -> DemoCase {
    let mut told = Teller::begin("H11", code, today, Cadre, 12 * DAY);
    told.set("intake", "bahaya_segera", "TIDAK");
    told.set("intake", "cara_masuk", "WARGA");
    told.set("intake", "sumber_laporan", "DESA");
    told.set("intake", "jml_ld", 2);
    record::enter(&mut told, 0, person);
    record::identify(&mut told, 0, person);
    record::describe(&mut told, 0, person);
    told.hand_over();
    told.then(Cadre, 9 * DAY);
    let intake = || DemoPlace { kind: "intake", person: None };
    let core = || DemoPlace { kind: "core", person: None };
    let set = |key: &str, value: &str| DemoAct::Set { key: key.to_owned(), value: value.into() };
    let flag = |key: &str| DemoAct::Set { key: key.to_owned(), value: true.into() };
    told.late(intake(), set("kecamatan_asal", "53.04.18"));
    told.late(intake(), flag("indikasi_cepat/JANJI"));
    told.late(intake(), flag("indikasi_cepat/UTANG"));
    told.late(intake(), set("tahap_terjadi", "BELUM_BERANGKAT"));
    told.late(intake(), set("kapan", "MINGGU_INI"));
    let text = "Dua orang akan dijemput hari Jumat. Uang panjar sudah diterima keluarga.".to_owned();
    told.late(intake(), DemoAct::Text { key: "uraian_singkat".to_owned(), text });
    told.late(intake(), flag("tindakan_awal/BELUM"));
    told.late(intake(), set("triase", "TPPO"));
    told.late(core(), set("nomor_register", "BLU-CONTOH-9999"));
    let himself = vec![("akun", DemoValue::Account(Cadre)), ("peran", "PKT".into()), ("dari", told.day().into())];
    told.late(core(), DemoAct::AddRow { table: "tim", fields: himself });
    told.end()
}

/// H14: the same woman, registered by immigration as Josefina and by a parish as Yosefina, born a day apart.
fn same_woman(mut told: Teller, channel: &str, person: &Person) -> DemoCase {
    told.set("intake", "bahaya_segera", "TIDAK");
    told.set("intake", "cara_masuk", "SURAT");
    told.set("intake", "sumber_laporan", channel);
    told.set("intake", "jml_pd", 1);
    told.set("intake", "kecamatan_asal", "53.04.05");
    told.set("intake", "indikasi_cepat/DOKUMEN", true);
    told.text(
        "intake",
        "uraian_singkat",
        "Kembali dari luar negeri lewat pelabuhan. Dokumen tidak lengkap, belum ada keluarga yang menjemput.",
    );
    told.set("intake", "tahap_terjadi", "SUDAH_KEMBALI");
    record::enter(&mut told, 0, person);
    record::identify(&mut told, 0, person);
    record::describe(&mut told, 0, person);
    told.hand_over();
    told.then(ManagerB, 28 * DAY);
    told.take_over(&[ManagerA]);
    told.set("intake", "triase", "PMI");
    record::trace(&mut told, &mut Draw::new(14), 0, person);
    told.set("core", "tahap", "LAYANAN");
    told.end()
}
