//! Every way a pack goes wrong that we know of, each made from the good pack by one small mutation.
//!
//! Each must be named by file, key and reason, word for word: whoever edits a pack has nothing else to go by.

use super::*;

/// One mutation and the fault it must raise; others may be raised beside it.
struct Break {
    path: &'static str,
    from: &'static str,
    to: &'static str,
    file: &'static str,
    key: &'static str,
    reason: &'static str,
}

/// `path: from => to; file: key: reason`.
const fn case(
    path: &'static str,
    (from, to): (&'static str, &'static str),
    (file, key, reason): (&'static str, &'static str, &'static str),
) -> Break {
    Break { path, from, to, file, key, reason }
}

const F1: &str = "forms/f1.toml";
const F3: &str = "forms/f3.toml";
const F4: &str = "forms/f4.toml";
const KINDS: &str = "kinds.toml";
const HEAD: &str = "pack.toml";
const DERIVE: &str = "derive.toml";
const STAGES: &str = "stages.toml";

const BREAKS: [Break; 76] = [
    // The head.
    case(HEAD, ("version = 1", "version = 0"), (HEAD, "version", "counts from 1")),
    case(
        HEAD,
        ("offset_minutes = 480", "offset_minutes = 4800"),
        (HEAD, "zone.offset_minutes", "no zone of the world has this offset"),
    ),
    case(HEAD, ("home_area = \"53.04\"", "home_area = \"53.4\""), (HEAD, "home_area", "areas.csv has no 53.4")),
    case(HEAD, ("\"BLU\"", "\"Blu \""), (HEAD, "register_prefix", "is not made of A-Z and 0-9")),
    case(HEAD, ("\"uu-27-2022\"", "\"uu-21-2007\""), (HEAD, "legal", "uu-21-2007 stands twice")),
    case(HEAD, ("key = \"belu\"", "key = \"Belu\""), (HEAD, "key", "is not made of a-z, 0-9 and _")),
    case(
        HEAD,
        ("offset_minutes = 480", "offset_minutes = \"8\""),
        (HEAD, "zone.offset_minutes", "is string, not a whole number"),
    ),
    // Fields.
    case(F1, ("list = \"umur_anak\"", "list = \"umur\""), (F1, "intake:umur_anak", "there is no code list umur")),
    case(F3, ("kind = \"identification\"\n", ""), (F3, "proses.proses.kind", "there is no kind or table ")),
    case(F3, ("id = \"Proses\", ", ""), (F3, "proses.proses.id", "the label is missing")),
    case(
        F3,
        ("type = \"money\", sens = \"S3\", id = \"Utang", "type = \"uang\", sens = \"S3\", id = \"Utang"),
        (F3, "kendali.utang_jumlah.type", "there is no type uang"),
    ),
    case(
        F4,
        ("field = \"pmi_jabatan\"", "field = \"pmi_status\""),
        (F4, "pmi.pmi_status.field", "identification has this field already"),
    ),
    case(
        F3,
        ("field = \"janji\"", "field = \"Janji\""),
        (F3, "identification:Janji", "a field's key is made of a-z, 0-9 and _, and is not dihapus"),
    ),
    case(
        F3,
        ("sens = \"S2\", id = \"Proses\"", "sens = \"S5\", id = \"Proses\""),
        (F3, "proses.proses.sens", "S5 is none of S0, S1, S2, S3"),
    ),
    case(F4, ("chars_max = 80", "chars_max = 0"), (F4, "pmi.pmi_jabatan.chars_max", "is not between 1 and 20000")),
    case(KINDS, ("min = 1, max = 999", "min = 999, max = 1"), (KINDS, "core:orang.urutan.max", "is less than min")),
    case(
        F3,
        ("part = \"identification.decision\"", "part = \"identification.putusan\""),
        (F3, "identification:status_korban", "the grid has no row identification.putusan"),
    ),
    case(
        F3,
        (
            "sens = \"S2\", required = true, id = \"Status korban\"",
            "retired = true, sens = \"S2\", required = true, id = \"Status korban\"",
        ),
        (F3, "identification:status_korban", "is retired and cannot be required any more"),
    ),
    // Pages and what they hold.
    case(
        F1,
        ("{ field = \"kecamatan_asal\"", "{ use = \"intake:triase\" },\n  { field = \"kecamatan_asal\""),
        (F1, "siapa", "has 8 inputs, at most 7 fit a page"),
    ),
    case(F4, ("{ rows = \"identification:segmen\" },", ""), (F4, "rute", "the page is empty")),
    case(F4, ("key = \"pmi\"", "key = \"rute\""), (F4, "rute", "the page stands twice")),
    case(
        F4,
        ("rows = \"identification:segmen\"", "rows = \"identification:segment\""),
        (F4, "rute", "there is no table identification:segment"),
    ),
    case(F4, ("rows = \"identification:segmen\"", "rows = \"segmen\""), (F4, "rute.item[1].rows", "is not kind:table")),
    case(
        F4,
        ("meninggal = true\"", "mati = true\""),
        (F4, "kematian", "asks for identification:mati, which is no field"),
    ),
    case(F4, ("meninggal = true\"", "meninggal = YA\""), (F4, "kematian", "identification:meninggal can never be YA")),
    case(F4, ("\"meninggal = true\"", "\"meninggal\""), (F4, "kematian.show_when", "cannot be read: meninggal")),
    case(
        F3,
        ("\"proses = any\"", "\"proses = REKRUT\""),
        (F3, "penetapan", "asks for identification:proses, which is no field"),
    ),
    case(
        KINDS,
        ("show_when = [\"moda = LAUT\"], ", ""),
        (F4, "rute", "a row of segmen has 8 inputs, at most 7 fit a page"),
    ),
    case(
        KINDS,
        ("{ key = \"tempat\", type = \"area\"", "{ key = \"tempat\", type = \"long_text\""),
        (F4, "rute", "segmen.tempat cannot be asked in a row of a page"),
    ),
    case(
        "forms/f0.toml",
        ("language = \"TET\"", "language = \"TETUN\""),
        ("forms/f0.toml", "penjelasan", "the list bahasa has no language TETUN"),
    ),
    case(
        "forms/f0.toml",
        ("read_aloud = true, spoken", "spoken"),
        ("forms/f0.toml", "penjelasan", "has spoken sentences, but is not read aloud"),
    ),
    case(
        "forms/f0.toml",
        ("withhold = [\"ORANG_TUA\"", "withhold = [\"ORANGTUA\""),
        ("forms/f0.toml", "core:persetujuan.pemberi", "withholds ORANGTUA, which its list does not have"),
    ),
    case(
        F1,
        ("list = \"tindakan_awal\", alone = [\"BELUM\"]", "list = \"tindakan_awal\", alone = [\"NANTI\"]"),
        (F1, "intake:tindakan_awal", "lets NANTI stand alone, which is none of the codes it takes several of"),
    ),
    case(
        "forms/f0.toml",
        ("withhold_when = [\"intake:anak_terlibat = true", "withhold_when = [\"intake:anak_ikut = true"),
        ("forms/f0.toml", "core:persetujuan.pemberi", "asks for intake:anak_ikut, which is no field"),
    ),
    case(
        "forms/f0.toml",
        ("withhold = [\"ORANG_TUA\", \"WALI\", \"PENGAMPU\"], ", ""),
        ("forms/f0.toml", "pemberi.pemberi.withhold_when", "does not say what: withhold is missing"),
    ),
    case(F4, ("tet = \"rota\"", "tet_reviewed = true"), (F4, "tet_reviewed", "there is no Tetun to review")),
    // Derivations.
    case(
        DERIVE,
        ("set = \"core:darurat\"", "set = \"core:gawat\""),
        (DERIVE, "derive core:gawat", "there is no such field"),
    ),
    case(
        DERIVE,
        ("when = \"intake:jml_pa >= 1\"", "when = \"intake:jml_pa >= satu\""),
        (DERIVE, "derive[2].when", "cannot be read: intake:jml_pa >= satu"),
    ),
    case(
        DERIVE,
        ("set = \"intake:anak_terlibat\"", "set = \"identification:aturan_anak\""),
        (DERIVE, "derive identification:aturan_anak", "an answer about the case cannot set a person's field"),
    ),
    // Duties.
    case(
        DERIVE,
        ("done = \"intake:triase = any\"", "done = \"intake:triase\""),
        (DERIVE, "duty[1].done", "cannot be read: intake:triase"),
    ),
    case(
        DERIVE,
        ("TERVERIFIKASI | TIDAK_BENAR", "TERVERIFIKASI | SALAH"),
        (DERIVE, "duty Verifikasi ≤ 24 jam", "intake:status_verifikasi can never be SALAH"),
    ),
    case(
        DERIVE,
        ("when = \"intake:anak_terlibat = true\"", "when = \"identity.short:jenis_kelamin = P\""),
        (
            DERIVE,
            "duty Anak: asesmen ≤ 24 jam",
            "a duty asks only for chosen answers and numbers, of kinds without names",
        ),
    ),
    case(
        DERIVE,
        ("done = \"intake:triase = any\"", "done = \"intake:tgl_triase = any\""),
        (
            DERIVE,
            "duty Anak: asesmen ≤ 24 jam",
            "a duty asks only for chosen answers and numbers, of kinds without names",
        ),
    ),
    case(
        DERIVE,
        ("done = \"intake:triase = any\"\nhours = 24", "done = \"intake:triase = any\"\nhours = 0"),
        (DERIVE, "duty Anak: asesmen ≤ 24 jam", "there is no time for it"),
    ),
    // Views.
    case(
        DERIVE,
        ("\"core:tahap = HUKUM\"", "\"tahap = HUKUM\""),
        (DERIVE, "view[2].all", "cannot be read: tahap = HUKUM"),
    ),
    case(
        DERIVE,
        ("core:tahap = HUKUM", "core:tahap = SIDANG"),
        (DERIVE, "view Perkara berjalan", "core:tahap can never be SIDANG"),
    ),
    case(
        DERIVE,
        ("core:tahap = HUKUM", "core:kode_lapangan = HUKUM"),
        (DERIVE, "view Perkara berjalan", "a view asks for the value of chosen answers and numbers alone"),
    ),
    case(
        DERIVE,
        ("core:tahap = HUKUM", "supplement:isi = any"),
        (DERIVE, "view Perkara berjalan", "a view asks neither for rows nor for what is added to a report"),
    ),
    case(DERIVE, ("all = [\"core:tahap = HUKUM\"]", ""), (DERIVE, "view Perkara berjalan", "asks nothing")),
    case(DERIVE, ("minutes = 60", "minutes = 0"), (DERIVE, "alarm", "needs minutes, and a role that hears")),
    case(DERIVE, ("roles = [\"KHR\"]", "roles = [\"KHX\"]"), (DERIVE, "alarm", "roles.csv has no KHX")),
    // Codes.
    case(
        "codes.csv",
        ("jenis_kelamin,P,", "jenis_kelamin,L,"),
        ("codes.csv", "line 3: code", "jenis_kelamin has L already"),
    ),
    case(
        "codes.csv",
        ("jenis_kelamin,P,", "jenis_kelamin,P!,"),
        ("codes.csv", "line 3: code", "a code has only letters, digits, + - _"),
    ),
    case(
        "codes.csv",
        ("jenis_kelamin,P,Perempuan", "jenis_kelamin,P,"),
        ("codes.csv", "line 3: id", "the label is missing"),
    ),
    case(
        "codes/local.csv",
        ("titik_lintas,WINI", "titik_lintasan,WINI"),
        ("codes/local.csv", "line 8: list", "code_lists.csv has no list titik_lintasan"),
    ),
    case(
        "codes.csv",
        ("jawaban_kosong,MENOLAK", "jawaban_kosong,TOLAK"),
        ("codes.csv", "jawaban_kosong", "lacks the empty answer MENOLAK"),
    ),
    // Grid, roles, offices.
    case(
        "grid.csv",
        ("identification,A", "identifikasi,A"),
        ("grid.csv", "identification", "the grid has no row for it"),
    ),
    case(
        "grid.csv",
        ("identification.decision,-", "identification.decision,X"),
        ("grid.csv", "line 14: BUP", "\"X\" is no cell: - A P B c R W, with \" t\" after P c R W"),
    ),
    case("roles.csv", ("UPTD PPA,yes", "UPTD PPA,ya"), ("roles.csv", "line 21: duty", "is neither empty nor yes")),
    case("offices.csv", ("SGT1 SGT6", "SGT1 SGT9"), ("offices.csv", "DPPPA", "units.csv has no SGT9")),
    case(
        "units.csv",
        ("Kesehatan,Sub-task force on health rehabilitation,,", "Kesehatan,"),
        ("units.csv", "line 4", "has 3 cells, the header has 5"),
    ),
    // Places.
    case(
        "areas.csv",
        ("53.04.01,Lamaknen,kecamatan,53.04", "53.04.01,Lamaknen,kecamatan,"),
        ("areas.csv", "53.04.01", "lies in no other place, and is no country"),
    ),
    case(
        "areas.csv",
        ("53.04.01.2001,Kewar,desa,53.04.01", "53.04.01.2001,Kewar,desa,53.04"),
        ("areas.csv", "53.04.01.2001", "cannot lie in 53.04: the levels do not fit"),
    ),
    case(
        "crossings.csv",
        ("MOTAAIN,PLBN,53.04.02.2001", "MOTAAIN,PLBN,53.04.99"),
        ("crossings.csv", "MOTAAIN", "areas.csv has no 53.04.99"),
    ),
    case(
        "emergency.csv",
        ("0810-0000-0001,,2026-11-01", "0810-0000-0001,,2026-11-31"),
        ("emergency.csv", "53.04.01 POLISI", "the day it was checked is no civil date"),
    ),
    case(
        "emergency.csv",
        ("0810-0000-0001,", "nol delapan 1,"),
        ("emergency.csv", "53.04.01 POLISI", "the telephone number is not made of digits, blanks, + and -"),
    ),
    // Stages and weighty fields.
    case(STAGES, ("\"TUTUP\"\n", "\"TAMAT\"\n"), (STAGES, "closing", "core:tahap can never be TAMAT")),
    case(
        STAGES,
        ("stages = [\"HUKUM\"]", "stages = [\"SIDANG\"]"),
        (STAGES, "gate setuju_hukum", "core:tahap can never be SIDANG"),
    ),
    case(STAGES, ("key = \"tiba\"", "key = \"triase\""), (STAGES, "gate triase", "stands twice")),
    case(
        STAGES,
        ("\"return:tgl_penilaian = any\"", "\"intake:triase = any\""),
        (STAGES, "gate risiko_pulang", "asks for more than one kind or table; make it two gates"),
    ),
    case(
        STAGES,
        ("when = [\"intake:triase = TPPO\"]", "when = [\"identification:aturan_anak = true\"]"),
        (STAGES, "gate status", "asks when by something that is no answer about the case"),
    ),
    case(
        STAGES,
        ("\"return:setuju_pulang = true\"", "\"return:setuju = true\""),
        (STAGES, "gate setuju_pulang", "asks for return:setuju, which is no field"),
    ),
    case(STAGES, ("[\"return:tiba = true\"]", "[]"), (STAGES, "gate tiba", "guards nothing, or asks for nothing")),
    case(
        KINDS,
        ("{ key = \"setuju_oleh\", type = \"account\"", "{ key = \"setuju_oleh\", type = \"office\""),
        (STAGES, "closing", "core:penutupan.setuju_oleh is missing or no account"),
    ),
    case(
        F3,
        (", \"RUJUKLAIN\", \"BUKAN\"]", ", \"BUKAN\"]"),
        (F3, "identification:status_korban", "its order of safety lacks RUJUKLAIN"),
    ),
    case(
        F3,
        (", \"RUJUKLAIN\", \"BUKAN\"]", ", \"RUJUKLAIN\", \"BUKAN\", \"ENTAH\"]"),
        (F3, "identification:status_korban", "can never be ENTAH, which its order of safety names"),
    ),
];

fn wanted(case: &Break) -> PackFault {
    PackFault::new(case.file, case.key, case.reason)
}

#[test]
fn each_broken_pack_names_file_key_and_reason() {
    let mut missing = Vec::new();
    for case in &BREAKS {
        let faults = check_folder(&with(belu(), case.path, case.from, case.to));
        if !faults.contains(&wanted(case)) {
            missing.push(format!("wanted {}\nfound {faults:#?}", wanted(case)));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn faults_are_collected_not_only_the_first() {
    // One of every file, in places that do not hide each other.
    let together = ["version", "intake:umur_anak", "kematian", "line 3: id", "DPPPA", "MOTAAIN", "53.04.01.2001"];
    let mut files = belu();
    let mut cases: Vec<&Break> = Vec::new();
    for key in together {
        let case = BREAKS.iter().find(|case| case.key == key).unwrap();
        files = with(files, case.path, case.from, case.to);
        cases.push(case);
    }
    let faults = check_folder(&files);
    for case in cases {
        assert!(faults.contains(&wanted(case)), "{} is not among {faults:#?}", wanted(case));
    }
}

#[test]
fn what_a_newer_pack_takes_away_is_named_with_its_file() {
    let removed = "the field was removed; retire it instead";
    let retyped = "the field has another type; retire it and add a new one";
    let cases = [
        case(F3, ("field = \"janji\"", "field = \"janji_lisan\""), (F3, "identification:janji", removed)),
        case(
            F3,
            ("field = \"upah_ditahan\", type = \"money\"", "field = \"upah_ditahan\", type = \"date\""),
            (F3, "identification:upah_ditahan", retyped),
        ),
        case(
            F3,
            ("list = \"metode_rekrut\"", "list = \"sumber_laporan\""),
            (F3, "identification:metode_rekrut", retyped),
        ),
        case(
            KINDS,
            ("{ key = \"tgl_mulai\"", "{ key = \"mulai\""),
            (KINDS, "identification:segmen.tgl_mulai", removed),
        ),
        case(
            KINDS,
            ("name = \"supplement\"\n", "name = \"tambahan\"\n"),
            (KINDS, "supplement", "the kind was removed"),
        ),
        case(
            "codes.csv",
            ("triase,PMI,", "triase,PMIX,"),
            ("codes.csv", "triase PMI", "the code was removed; retire it instead"),
        ),
        case(
            "codes/local.csv",
            ("titik_lintas,WINI", "titik_lintas,WINY"),
            ("codes/local.csv", "titik_lintas WINI", "the code was removed; retire it instead"),
        ),
        case("units.csv", ("\nSGT6,", "\nSGT7,"), ("units.csv", "SGT6", "the unit was removed")),
        case("offices.csv", ("\nKLATU,", "\nVPU,"), ("offices.csv", "KLATU", "the office was removed")),
        case("roles.csv", ("\nAUD,", "\nADT,"), ("roles.csv", "AUD", "the role was removed")),
        case("areas.csv", ("53.04.01.2001,", "53.04.01.2099,"), ("areas.csv", "53.04.01.2001", "the area was removed")),
    ];
    for case in &cases {
        let newer = with(with(belu(), HEAD, "version = 1", "version = 2"), case.path, case.from, case.to);
        let faults = check_folder_against(&newer, &belu());
        assert!(faults.contains(&wanted(case)), "wanted {}\nfound {faults:#?}", wanted(case));
    }
    let retired = with(
        with(belu(), HEAD, "version = 1", "version = 2"),
        "codes.csv",
        "triase,PMI,PMI terkendala",
        "triase,PMI,PMI",
    );
    assert_eq!(check_folder_against(&retired, &belu()), [], "words may change");
}

#[test]
fn an_empty_cell_of_the_newer_pack_does_not_hide_what_it_takes_away() {
    let newer = with(belu(), "codes.csv", "triase,PMI,", "triase,PMIX,");
    let newer = with(newer, F3, "id = \"Proses\", ", "");
    let faults = check_folder_against(&newer, &belu());
    assert!(faults.iter().any(|fault| fault.key == "triase PMI"), "{faults:#?}");
    assert!(faults.iter().any(|fault| fault.reason == "the label is missing"), "{faults:#?}");
}
