//! Every place of a document finds its field, and only values that fit are taken.

use std::sync::LazyLock;

use super::*;
use crate::pack::source::embedded;

static BELU: LazyLock<Pack> = LazyLock::new(|| embedded("belu").unwrap().unwrap());

const ROW: &str = "abcdefghijklmnopqrstuvwx27";

fn slot<'a>(kind: &str, path: &FieldPath<'a>) -> Option<FieldSlot<'a>> {
    BELU.schema(kind)?.field(path)
}

#[track_caller]
fn accepts(kind: &str, path: FieldPath<'_>, value: impl Into<Scalar>) -> Result<(), ValueFault> {
    slot(kind, &path).unwrap().accepts(&value.into())
}

#[test]
fn places_of_all_three_maps_are_found() {
    let field = FieldPath::Field;
    assert_eq!(slot("intake", &field("triase")).unwrap().grid_row(), "intake.triage");
    assert_eq!(slot("intake", &field("kapan")).unwrap().grid_row(), "intake");
    assert_eq!(slot("intake", &field("kapan#jawab")).unwrap().part, SlotPart::Answer);
    assert_eq!(slot("intake", &field("indikasi_cepat/UPAH")).unwrap().part, SlotPart::Choice("UPAH"));
    assert_eq!(slot("intake", &FieldPath::Text("uraian_singkat")).unwrap().chars_max(), Some(20_000));
    let row_key = format!("tim/{ROW}");
    let role = FieldPath::in_row(&row_key, "peran").unwrap();
    assert_eq!(slot("core", &role).unwrap().grid_row(), "core.team");
    assert_eq!(slot("core", &role).unwrap().writer(), Writer::Taker);
    let removed = FieldPath::in_row(&row_key, "dihapus").unwrap();
    assert_eq!(slot("core", &removed).unwrap().part, SlotPart::Removed);
    let choice = FieldPath::in_row(&row_key, "setuju/HUKUM").unwrap();
    assert!(slot("core", &choice).is_none(), "a field of another table");
}

#[test]
fn places_no_pack_knows_are_not_found() {
    let field = FieldPath::Field;
    for (kind, path) in [
        ("intake", field("nama_lengkap")),
        ("intake", field("indikasi_cepat")),
        ("intake", field("uraian_singkat")),
        ("intake", FieldPath::Text("kapan")),
        ("intake", FieldPath::Text("uraian_singkat#jawab")),
        ("intake", field("kapan/HARI_INI")),
        ("intake", field("dihapus")),
        ("intake", field("")),
        ("intake", field("#jawab")),
        ("intake", field("kapan#jawab#jawab")),
        ("core", FieldPath::Row { table: "bukan", key: "akun" }),
        ("tidak.ada", field("kapan")),
    ] {
        assert!(slot(kind, &path).is_none(), "{kind} {path:?}");
    }
    for key in ["tim", "tim/", "tim/abc", "tim/ABCDEFGHIJKLMNOPQRSTUVWX27", "tim/abcdefghijklmnopqrstuvwx27/x"] {
        assert!(FieldPath::in_row(key, "akun").is_none(), "{key}");
    }
    assert!(FieldPath::in_texts("layanan/abc/catatan").is_none());
    assert_eq!(
        FieldPath::in_texts(&format!("layanan/{ROW}/catatan")),
        Some(FieldPath::RowText { table: "layanan", key: "catatan" })
    );
}

#[test]
fn values_are_taken_or_refused_by_type() {
    let field = FieldPath::Field;
    let (taken, wrong_type) = (Ok(()), Err(ValueFault::WrongType));
    let (wrong_form, unknown) = (Err(ValueFault::WrongForm), Err(ValueFault::UnknownCode));
    assert_eq!(accepts("intake", field("kapan"), "HARI_INI"), taken);
    assert_eq!(accepts("intake", field("kapan"), "KEMARIN"), unknown);
    assert_eq!(accepts("intake", field("kapan"), 3), wrong_type);
    assert_eq!(slot("intake", &field("kapan")).unwrap().accepts(&Scalar::Null), taken);
    assert_eq!(accepts("intake", field("kapan#jawab"), "MENOLAK"), taken);
    assert_eq!(accepts("intake", field("kapan#jawab"), "ENTAH"), unknown);
    assert_eq!(accepts("intake", field("indikasi_cepat/UPAH"), true), taken);
    assert_eq!(accepts("intake", field("indikasi_cepat/UPAHX"), true), unknown);
    assert_eq!(accepts("intake", field("indikasi_cepat/UPAH"), "YA"), wrong_type);
    assert_eq!(accepts("intake", field("jml_pd"), 999), taken);
    assert_eq!(accepts("intake", field("jml_pd"), -1), Err(ValueFault::OutOfRange));
    assert_eq!(accepts("identification", field("utang_jumlah"), 12_500_000), taken);
    assert_eq!(accepts("identification", field("utang_jumlah"), -1), Err(ValueFault::OutOfRange));
    assert_eq!(accepts("identification", field("utang_jumlah"), "12.500.000"), wrong_type);
    assert_eq!(accepts("intake", field("tgl_kejadian"), "2026-02"), taken);
    assert_eq!(accepts("intake", field("tgl_kejadian"), "2026-02-30"), wrong_form);
    assert_eq!(accepts("intake", field("jam_lapor"), "23:59"), taken);
    assert_eq!(accepts("intake", field("jam_lapor"), "24:00"), wrong_form);
    assert_eq!(accepts("intake", field("kecamatan_asal"), "53.04.03"), taken);
    assert_eq!(accepts("intake", field("kecamatan_asal"), "53.04.99"), unknown);
    assert_eq!(accepts("core", field("diterima_oleh"), "00112233445566778899aabbccddeeff"), taken);
    assert_eq!(accepts("core", field("diterima_oleh"), "00112233445566778899AABBCCDDEEFF"), wrong_form);
    assert_eq!(accepts("identity.full", field("nik"), "5304990101900001"), taken);
    assert_eq!(accepts("identity.full", field("nik"), "53049901019000"), wrong_form);
    assert_eq!(accepts("identity.full", field("telepon"), "0810-0000-0001"), taken);
    assert_eq!(accepts("identity.full", field("telepon"), "tetangga"), wrong_form);
    let instansi = FieldPath::Row { table: "kecualikan", key: "instansi" };
    assert_eq!(accepts("guard", instansi, "POLRES"), taken);
    assert_eq!(accepts("guard", instansi, "NASA"), unknown);
    let removed = FieldPath::Row { table: "kecualikan", key: "dihapus" };
    assert_eq!(accepts("guard", removed, true), taken);
    assert_eq!(accepts("guard", removed, "ya"), wrong_type);
    let text = FieldPath::Text("uraian_singkat");
    assert_eq!(accepts("intake", text, "cerita"), Err(ValueFault::NotScalar));
}

#[test]
fn texts_are_counted_in_code_points_and_stay_on_one_line() {
    let name = FieldPath::Field("nama_lengkap");
    assert_eq!(accepts("identity.short", name, "é".repeat(120)), Ok(()));
    assert_eq!(accepts("identity.short", name, "é".repeat(121)), Err(ValueFault::TooLong));
    assert_eq!(accepts("identity.short", name, "dua\nbaris"), Err(ValueFault::WrongForm));
}

#[test]
fn instants_carry_their_zone() {
    let handed = FieldPath::Field("diserahkan");
    for text in ["2026-11-22T10:00:00+08:00", "2026-11-22T02:00:00Z"] {
        assert_eq!(accepts("core", handed, text), Ok(()), "{text}");
    }
    for text in
        ["2026-11-22T10:00:00", "2026-11-22", "2026-11-22T10:00+08:00", "2026-11-22T25:00:00Z", "é2026", "2026-11-22Té"]
    {
        assert_eq!(accepts("core", handed, text), Err(ValueFault::WrongForm), "{text}");
    }
}

/// Places of the numbers for an area, in their order.
fn numbers_for(area: Option<&str>) -> Vec<(&'static str, bool, Option<&'static str>)> {
    let numbers = BELU.emergency_for(area);
    numbers.iter().map(|number| (number.service.as_str(), number.duty, number.area.as_deref())).collect()
}

#[test]
fn numbers_of_a_village_begin_with_who_is_on_duty_then_the_nearest() {
    let numbers = numbers_for(Some("53.04.02.2001"));
    assert_eq!(numbers[0], ("UPTD", true, Some("53.04")));
    assert_eq!(numbers[1], ("POLISI", false, Some("53.04.02")));
    assert_eq!(numbers.last().unwrap().2, None);
    let home = numbers_for(None);
    assert_eq!(home[0], ("UPTD", true, Some("53.04")));
    assert!(home.iter().all(|(_, _, area)| area.is_none_or(|area| area == "53.04")));
}

#[test]
fn abroad_and_in_a_place_nobody_knows_the_home_duty_line_helps() {
    for area in ["MY", "PELAKU", ""] {
        assert_eq!(numbers_for(Some(area)), numbers_for(None), "{area}");
        assert_eq!(BELU.duty_number(Some(area)).map(|number| number.service.as_str()), Some("UPTD"), "{area}");
    }
}

#[test]
fn a_village_and_a_district_lie_in_a_district_and_a_country_does_not() {
    let district = |area| BELU.district_of(area).map(|(code, area)| (code, area.name.as_str()));
    assert_eq!([district("53.04.02.2001"), district("53.04.02")], [Some(("53.04.02", "Tasifeto Timur")); 2]);
    assert_eq!([district("53.04"), district("TL"), district("nowhere")], [None; 3]);
}
