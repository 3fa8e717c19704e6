//! Good packs are silent; broken ones name file, key and reason.

use super::*;

mod added;
mod broken;

/// The pack, as its first version: these tests are none of which version it has.
fn belu() -> PackFiles {
    let mut files = embedded_files("belu").unwrap();
    let head = String::from_utf8(files["pack.toml"].clone()).unwrap();
    let line = head.lines().find(|line| line.starts_with("version = ")).unwrap();
    files.insert(String::from("pack.toml"), head.replacen(line, "version = 1", 1).into_bytes());
    files
}

/// Replaces text in one file of a pack; the text must be there.
fn with(mut files: PackFiles, path: &str, from: &str, to: &str) -> PackFiles {
    let text = String::from_utf8(files.remove(path).unwrap()).unwrap();
    assert!(text.contains(from), "{path} has no {from:?}");
    files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
    files
}

#[track_caller]
fn faults(path: &str, from: &str, to: &str) -> String {
    let faults = check_folder(&with(belu(), path, from, to));
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

#[track_caller]
fn assert_fault(path: &str, from: &str, to: &str, file: &str, key: &str, reason: &str) {
    let files = with(belu(), path, from, to);
    let faults = check_folder(&files);
    assert!(
        faults.iter().any(|fault| fault.file == file && fault.key.contains(key) && fault.reason.contains(reason)),
        "wanted {file}: {key}: {reason}; found {faults:#?}"
    );
}

#[test]
fn the_packs_in_the_binary_have_no_faults() {
    for name in EMBEDDED_PACKS {
        let faults = check_folder(&embedded_files(name).unwrap());
        assert_eq!(faults, [], "{name}");
    }
}

#[test]
fn a_pack_comes_back_from_cbor() {
    for name in EMBEDDED_PACKS {
        let pack = embedded(name).unwrap().unwrap();
        let bytes = pack.to_cbor().unwrap();
        println!("{name}: {} bytes of CBOR", bytes.len());
        assert_eq!(Pack::from_cbor(&bytes).unwrap(), pack);
        assert!(Pack::from_cbor(&bytes[..bytes.len() - 1]).is_err());
    }
}

#[test]
fn a_pack_without_a_file_says_which() {
    let mut files = belu();
    files.remove("grid.csv");
    assert!(check_folder(&files).iter().any(|fault| fault.file == "grid.csv" && fault.reason.contains("missing")));
    let mut files = belu();
    files.remove("pack.toml");
    assert!(check_folder(&files).iter().any(|fault| fault.file == "pack.toml"));
    assert!(!check_folder(&PackFiles::new()).is_empty());
}

#[test]
fn broken_files_are_named_with_their_line() {
    assert_fault("pack.toml", "version = 1", "version = = 1", "pack.toml", "line 3", "");
    assert_fault("pack.toml", "version = 1", "version = 1\nversion = 1", "pack.toml", "line 4", "duplicate");
    assert_fault("codes.csv", "Female,feto", "\"Female,feto", "codes.csv", "line 3", "quote");
    let mut files = belu();
    files.insert("grid.csv".to_owned(), vec![0xff, 0xfe]);
    assert!(check_folder(&files).iter().any(|fault| fault.reason.contains("UTF-8")));
    let mut files = belu();
    files.insert("forms/extra/a.toml".to_owned(), Vec::new());
    assert!(check_folder(&files).iter().any(|fault| fault.reason.contains("no pack has a file")));
}

#[test]
fn unknown_and_missing_keys_are_named() {
    assert_fault("pack.toml", "register_prefix", "prefix", "pack.toml", "prefix", "no such key");
    assert_fault("pack.toml", "register_prefix", "prefix", "pack.toml", "register_prefix", "missing");
    assert_fault(
        "forms/f1.toml",
        "sens = \"S2\", required",
        "sense = \"S2\", required",
        "forms/f1.toml",
        "bahaya_segera.sense",
        "no such key",
    );
    assert_fault("forms/f1.toml", ", en = \"Immediate danger\"", "", "forms/f1.toml", "bahaya_segera.en", "label");
    assert_fault("units.csv", "key,id,en", "key,ident,en", "units.csv", "ident", "no such column");
    assert_fault("roles.csv", "Manajer kasus,Case manager", ",Case manager", "roles.csv", "id", "label");
}

#[test]
fn wrong_types_and_limits_are_named() {
    assert_fault(
        "forms/f1.toml",
        "type = \"code\"",
        "type = \"kode\"",
        "forms/f1.toml",
        "bahaya_segera.type",
        "no type kode",
    );
    assert_fault("forms/f1.toml", "sens = \"S2\"", "sens = \"S9\"", "forms/f1.toml", "bahaya_segera.sens", "S9");
    assert_fault("forms/f1.toml", "min = 0, max = 999", "min = 9, max = 3", "forms/f1.toml", "jml_pd.max", "less");
    assert_fault("pack.toml", "version = 1", "version = \"1\"", "pack.toml", "version", "not a whole number");
    assert_fault(
        "forms/tambahan.toml",
        "chars_max = 8000",
        "chars_max = 800000",
        "forms/tambahan.toml",
        "isi.chars_max",
        "between",
    );
}

#[test]
fn pointers_to_nothing_are_named() {
    assert_fault(
        "forms/f1.toml",
        "list = \"bahaya_segera\"",
        "list = \"bahaya\"",
        "forms/f1.toml",
        "intake:bahaya_segera",
        "no code list bahaya",
    );
    assert_fault(
        "forms/f1.toml",
        "kind = \"intake\"",
        "kind = \"intaek\"",
        "forms/f1.toml",
        "bahaya_segera",
        "no kind or table intaek",
    );
    assert_fault(
        "forms/f1.toml",
        "use = \"core:persetujuan.metode\"",
        "use = \"core:persetujuan.methode\"",
        "forms/f1.toml",
        "persetujuan",
        "no field",
    );
    assert_fault(
        "forms/f1.toml",
        "rows = \"guard:kecualikan\"",
        "rows = \"guard:kecuali\"",
        "forms/f1.toml",
        "pengecualian",
        "no table",
    );
    assert_fault(
        "forms/f1.toml",
        "bahaya_segera = YA | MUNGKIN",
        "bahaya_segera = IYA",
        "forms/f1.toml",
        "keselamatan",
        "can never be IYA",
    );
    assert_fault(
        "forms/f1.toml",
        "bahaya_segera = YA | MUNGKIN",
        "bahaya = YA",
        "forms/f1.toml",
        "keselamatan",
        "no field",
    );
    assert_fault(
        "derive.toml",
        "set = \"core:darurat\"",
        "set = \"core:gawat\"",
        "derive.toml",
        "core:gawat",
        "no such field",
    );
    for (good, bad) in [
        ("\"core:persetujuan\"", "\"core:persetujan\""),
        ("\"identity.short\"", "\"identity.shorter\""),
        ("\"intake:jml_pd\"", "\"intake:tim.jml_pd\""),
    ] {
        assert_fault("derive.toml", good, bad, "derive.toml", bad.trim_matches('"'), "to weigh");
    }
    assert_fault("emergency.csv", "53.04.01,POLISI", "53.04.99,POLISI", "emergency.csv", "53.04.99", "no such area");
    assert_fault("offices.csv", "SGT1 SGT6", "SGT1 SGT9", "offices.csv", "DPPPA", "SGT9");
}

#[test]
fn areas_must_form_a_tree() {
    assert_fault(
        "areas.csv",
        "53.04.01.2001,Kewar,desa,53.04.01",
        "53.04.01.2001,Kewar,desa,53.04.77",
        "areas.csv",
        "53.04.01.2001",
        "not there",
    );
    assert_fault(
        "areas.csv",
        "53.04.01.2001,Kewar,desa,53.04.01",
        "53.04.01.2001,Kewar,desa,53.04",
        "areas.csv",
        "53.04.01.2001",
        "levels",
    );
    assert_fault("areas.csv", "Kewar,desa", "Kewar,dusun", "areas.csv", "level", "dusun");
}

#[test]
fn the_grid_must_have_no_gap_and_no_stranger() {
    assert_fault("grid.csv", "PUB", "PBU", "grid.csv", "PBU", "no such role");
    assert_fault("grid.csv", "PUB", "PBU", "grid.csv", "core", "no cell for the role PUB");
    assert_fault("grid.csv", "supplement,", "suplement,", "grid.csv", "supplement", "no row");
    assert_fault("grid.csv", "supplement,", "suplement,", "grid.csv", "suplement", "no kind or part");
    assert_fault("grid.csv", "W t", "Wt", "grid.csv", "MKS", "no cell");
}

#[test]
fn what_stands_twice_is_named() {
    assert_fault("codes.csv", "jenis_kelamin,P,", "jenis_kelamin,L,", "codes.csv", "code", "already");
    assert_fault(
        "forms/f1.toml",
        "field = \"umur_anak\"",
        "field = \"anak_bersama\"",
        "forms/f1.toml",
        "anak_bersama.field",
        "already",
    );
    assert_fault("kinds.toml", "key = \"tahap\"", "key = \"darurat\"", "kinds.toml", "darurat.key", "twice");
    assert_fault("forms/f2.toml", "key = \"alamat\"", "key = \"nama\"", "forms/f2.toml", "nama", "twice");
    assert_fault("roles.csv", "\nPGR,", "\nBUP,", "roles.csv", "key", "twice");
}

#[test]
fn a_page_has_at_most_seven_inputs() {
    let eighth = "{ use = \"intake:triase\" },\n  { field = \"kecamatan_asal\"";
    assert_fault("forms/f1.toml", "{ field = \"kecamatan_asal\"", eighth, "forms/f1.toml", "siapa", "8 inputs");
}

#[test]
fn what_access_hangs_on_must_be_there() {
    assert_fault("kinds.toml", "key = \"diserahkan\"", "key = \"serah\"", "kinds.toml", "core:diserahkan", "access");
    assert!(
        faults("kinds.toml", "key = \"darurat\", type = \"flag\"", "key = \"darurat\", type = \"yes_no\"")
            .contains("core:darurat")
    );
    assert_fault("roles.csv", "UPTD PPA,yes", "UPTD PPA,", "roles.csv", "duty", "nobody");
}

#[test]
fn a_newer_pack_takes_nothing_away() {
    let newer = |path: &str, from: &str, to: &str| {
        let files = with(with(belu(), "pack.toml", "version = 1", "version = 2"), path, from, to);
        check_folder_against(&files, &belu())
    };
    assert_eq!(check_folder_against(&belu(), &belu()), []);
    let added = "{ field = \"umur_anak\"";
    let with_new =
        "{ field = \"anak_baru\", type = \"flag\", sens = \"S1\", id = \"x\", en = \"x\" },\n  { field = \"umur_anak\"";
    assert_eq!(newer("forms/f1.toml", added, with_new), []);
    let removed = newer("forms/f1.toml", "field = \"umur_anak\"", "field = \"umur_si_anak\"");
    assert!(removed[0].key == "intake:umur_anak" && removed[0].reason.contains("removed"), "{removed:?}");
    let retyped = newer(
        "forms/f1.toml",
        "field = \"umur_tidak_pasti\", type = \"flag\"",
        "field = \"umur_tidak_pasti\", type = \"date\"",
    );
    assert!(!retyped.is_empty(), "a derivation or the type must object");
    let code = newer("codes.csv", "triase,PMI,", "triase,PMIX,");
    assert!(code[0].key == "triase PMI" && code[0].reason.contains("retire"), "{code:?}");
    let narrower = newer("forms/tambahan.toml", "chars_max = 8000", "chars_max = 7000");
    assert!(narrower[0].key == "supplement:isi", "{narrower:?}");
    let same_version = check_folder_against(&with(belu(), "forms/f1.toml", added, with_new), &belu());
    assert!(same_version[0].key == "version", "{same_version:?}");
}

#[test]
fn the_word_list_has_2048_words_unique_in_four_letters() {
    let words: Vec<&str> = include_str!("../../../packs/words.id.txt").lines().collect();
    assert_eq!(words.len(), 2_048);
    assert!(words.is_sorted());
    for word in &words {
        assert!((3..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
        let start = &word[..word.len().min(4)];
        let same: Vec<_> = words.iter().filter(|other| other.starts_with(start)).collect();
        assert_eq!(same, [word], "{start} must mean one word");
    }
}

/// Reads a pack's folder from disk, as the command line does.
fn read_folder(folder: &std::path::Path, prefix: &str, files: &mut PackFiles) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read_folder(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn the_pack_of_the_benches_has_27_scalars_one_text_and_services() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/packs/caseload");
    let mut files = PackFiles::new();
    read_folder(&folder, "", &mut files);
    assert_eq!(check_folder(&files), []);
    let pack = Pack::parse(&files).unwrap();
    let kind = &pack.kinds["caseload"];
    let texts = kind.fields.values().filter(|field| field.value.is_long_text()).count();
    assert_eq!((kind.fields.len() - texts, texts), (27, 1));
    assert!(kind.tables.contains_key("layanan"));
}

#[test]
fn what_decides_most_weighs_most_and_what_nothing_names_weighs_least() {
    let pack = embedded("belu").unwrap().unwrap();
    let weight = |kind, table, key| pack.weight_of(kind, table, key);
    let (safety, status, basic, other) = (0, 1, 2, pack.weights.len());
    assert_eq!(other, 3);
    assert_eq!(weight("guard", Some("kecualikan"), "akun"), safety, "a whole kind");
    assert_eq!(weight("core", Some("persetujuan"), "boleh_bernama"), safety, "a whole table");
    assert_eq!(weight("return", None, "tingkat_risiko"), safety, "a field");
    assert_eq!(weight("identification", None, "status_korban"), status);
    assert_eq!(weight("core", None, "tahap"), status, "the first weight that names it counts");
    assert_eq!(weight("core", Some("tim"), "peran"), basic);
    assert_eq!(weight("identification", None, "janji"), other);
}
