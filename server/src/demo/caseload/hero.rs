//! The cases that are told in full, as far as report, consent and short identity reach.

use shared::date::CivilDate;

use super::builder::{DAY, HOUR, Teller};
use super::invented::{Draw, field_code};
use super::{DemoAccount, DemoAct, DemoCase, DemoPlace, DemoValue};

use DemoAccount::{Cadre, FieldWorker, ManagerA, ManagerB, Registrar};

/// Lists the hero cases; their codes and words never depend on the seed.
pub(super) fn hero_cases(today: CivilDate) -> Vec<DemoCase> {
    let mut codes = Draw::new(0x5349_4d50_554c);
    let mut code = || field_code(&mut codes);
    vec![
        palm_oil(code(), today),
        phone_tip(code(), today),
        refused_name(code(), today),
        disagreement(code(), today),
        dismissed_cadre(code(), today),
        same_woman_at_immigration(code(), today),
        same_woman_at_the_parish(code(), today),
    ]
}

/// H1: palm-oil work in Sabah, wages and passport withheld, home by ship, now with the practitioners.
fn palm_oil(code: String, today: CivilDate) -> DemoCase {
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
    told.person(0, "LD");
    told.consent(0, true, "TET");
    told.set("intake", "tindakan_awal/INFORMASI", true);
    told.set_of(0, "identity.short", "nama_lengkap", "Blasius Mau");
    told.set_of(0, "identity.short", "jenis_kelamin", "L");
    told.set_of(0, "identity.short", "tgl_lahir", "1994-06");
    told.hand_over();
    told.then(ManagerA, 240 * DAY - 5 * HOUR);
    told.take_over(&[ManagerB]);
    told.set("intake", "triase", "TPPO");
    told.set("intake", "status_verifikasi", "TERVERIFIKASI");
    told.set("intake", "tingkat_risiko", "SEDANG");
    told.set_of(0, "identity.short", "tempat_lahir", "53.04.13");
    told.set_of(0, "identity.full", "nik", "5304991206940017");
    told.set_of(0, "identity.full", "nik_status", "COCOK");
    told.set_of(0, "identity.full", "telepon", "0810-0000-0417");
    told.set_of(0, "identity.full", "aman_dihubungi", "Sesudah pukul 18, lewat kakak perempuan");
    told.set("core", "tahap", "LAYANAN");
    told.then(Registrar, 232 * DAY);
    told.set("core", "nomor_register", "BLU-CONTOH-0001");
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
fn refused_name(code: String, today: CivilDate) -> DemoCase {
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
    told.person(0, "PD");
    told.consent(0, false, "TET");
    let excluded = vec![("ada", "TIDAK_ADA".into())];
    told.row("guard", "kecualikan", excluded);
    told.set("intake", "tindakan_awal/INFORMASI", true);
    told.hand_over();
    told.then(ManagerA, 9 * DAY - 3 * HOUR);
    told.take_over(&[]);
    told.set("intake", "triase", "TPPO");
    told.set("intake", "status_verifikasi", "TERVERIFIKASI");
    told.set("core", "tahap", "LAYANAN");
    told.end()
}

/// H10: two practitioners, both offline, sort the same report differently.
fn disagreement(code: String, today: CivilDate) -> DemoCase {
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
    told.person(0, "PD");
    told.hand_over();
    told.then(ManagerA, 3 * DAY);
    told.take_over(&[ManagerB]);
    told.set("intake", "status_verifikasi", "TERVERIFIKASI");
    told.apart(ManagerA, 26 * HOUR, "intake", "triase", "TPPO");
    told.apart(ManagerB, 25 * HOUR, "intake", "triase", "PMI");
    told.end()
}

/// H11: a cadre writes ten edits offline, then is dismissed; seven are good, three outside the role.
fn dismissed_cadre(code: String, today: CivilDate) -> DemoCase {
    let mut told = Teller::begin("H11", code, today, Cadre, 12 * DAY);
    told.set("intake", "bahaya_segera", "TIDAK");
    told.set("intake", "cara_masuk", "WARGA");
    told.set("intake", "sumber_laporan", "DESA");
    told.set("intake", "jml_ld", 2);
    told.person(0, "LD");
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

/// H14, first half: registered by immigration as Josefina.
fn same_woman_at_immigration(code: String, today: CivilDate) -> DemoCase {
    let told = Teller::begin("H14", code, today, FieldWorker, 31 * DAY);
    same_woman(told, "IMIGRASI", "Josefina Bere", "1998-03-14", "5304995403980042")
}

/// H14, second half: registered by a parish as Yosefina, a day apart.
fn same_woman_at_the_parish(code: String, today: CivilDate) -> DemoCase {
    let told = Teller::begin("H14b", code, today, FieldWorker, 29 * DAY);
    same_woman(told, "GEREJA", "Yosefina Berek", "1998-03-15", "5304995503980042")
}

fn same_woman(mut told: Teller, channel: &str, name: &str, born: &str, nik: &str) -> DemoCase {
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
    told.person(0, "PD");
    told.consent(0, true, "IND");
    told.set_of(0, "identity.short", "nama_lengkap", name);
    told.set_of(0, "identity.short", "jenis_kelamin", "P");
    told.set_of(0, "identity.short", "tgl_lahir", born);
    told.set_of(0, "identity.full", "nik", nik);
    told.hand_over();
    told.then(ManagerB, 28 * DAY);
    told.take_over(&[ManagerA]);
    told.set("intake", "triase", "PMI");
    told.set("core", "tahap", "LAYANAN");
    told.end()
}
