//! Adding a field or a form is data only: it is written by the same command, and an older pack loses nothing of it.

use super::*;
use crate::command::{Edit, Writer, apply};
use crate::document::Document;
use crate::id::{AccountId, ActorId};
use crate::pack::FieldPath;
use crate::value::Scalar;

const KIND: &str = "identification";
const ADDED: &str = "tempat_singgah";
const FORM: &str = r#"
order = 7
key = "ringkas"
kind = "identification"
id = "Ringkasan"
en = "Summary"

[[page]]
key = "isi"
id = "Isi"
en = "Content"
item = [
  { use = "identification:status_korban" },
  { field = "catatan_ringkas", type = "long_text", name_free = true, sens = "S2", id = "Catatan", en = "Note" },
]
"#;

fn writer(byte: u8) -> Writer {
    Writer { author: AccountId::from_bytes([byte; 16]), actor: ActorId::from_bytes([byte; 16]) }
}

fn set(key: &str, value: impl Into<Scalar>) -> Edit {
    Edit::SetField { key: key.to_owned(), value: value.into(), seen: Vec::new() }
}

/// The next version: one more field on a page, one more form.
fn newer() -> PackFiles {
    let field = r#"{ field = "tempat_singgah", type = "area", sens = "S2", id = "Tempat singgah", en = "Stopover" },
  { field = "pmi_jabatan""#;
    let files = with(belu(), "forms/f4.toml", "{ field = \"pmi_jabatan\"", field);
    let mut files = with(files, "pack.toml", "version = 1", "version = 2");
    files.insert("forms/ringkas.toml".to_owned(), FORM.as_bytes().to_vec());
    files
}

#[test]
fn a_field_and_a_form_are_added_as_data() {
    assert_eq!(check_folder(&newer()), []);
    assert_eq!(check_folder_against(&newer(), &belu()), []);
    let pack = Pack::parse(&newer()).unwrap();
    let slot = pack.schema(KIND).unwrap().field(&FieldPath::Field(ADDED)).unwrap();
    assert_eq!(slot.grid_row(), KIND, "who may write it follows from its kind");
    assert!(slot.accepts(&Scalar::from("53.04.01")).is_ok());
    assert!(slot.accepts(&Scalar::from("53.04.99")).is_err());
    assert_eq!(pack.form("ringkas").unwrap().fields().count(), 2);
}

#[test]
fn what_a_newer_pack_asks_is_written_and_outlives_an_older_one() {
    let (newer, older) = (Pack::parse(&newer()).unwrap(), Pack::parse(&belu()).unwrap());
    let mut here = Document::new().unwrap();
    apply(&mut here, &writer(1), &set(ADDED, "53.04.01"), 1_000).unwrap();
    let note = Edit::EditText {
        key: "catatan_ringkas".to_owned(),
        base: here.heads(),
        old: String::new(),
        new: "singgah dua malam".to_owned(),
    };
    apply(&mut here, &writer(1), &note, 2_000).unwrap();

    // A tablet that knows only the older pack edits the same document and hands it on.
    let mut there = Document::load(&here.save()).unwrap();
    let unknown = FieldPath::Field(ADDED);
    assert!(older.schema(KIND).unwrap().field(&unknown).is_none(), "the older pack does not know the field");
    apply(&mut there, &writer(2), &set("pmi_jabatan", "Pekerja kebun"), 3_000).unwrap();
    assert!(there.keys().iter().any(|key| key == ADDED), "and reads it all the same");

    let back = Document::load(&there.save()).unwrap();
    let read = back.field(ADDED);
    let value = read.settled().unwrap();
    assert_eq!(*value, Scalar::from("53.04.01"));
    assert!(newer.schema(KIND).unwrap().field(&unknown).unwrap().accepts(value).is_ok());
    assert_eq!(back.text("catatan_ringkas"), "singgah dua malam");
    assert_eq!(back.field("pmi_jabatan").settled(), Some(&Scalar::from("Pekerja kebun")));
    assert!(back.conflicts().is_empty());
}

#[test]
fn a_pack_on_a_base_has_its_own_organisation_and_the_shared_forms() {
    let (belu, other) = (Pack::parse(&belu()).unwrap(), embedded("purbalingga").unwrap().unwrap());
    assert_eq!(other.forms, belu.forms);
    assert_eq!(other.kinds, belu.kinds);
    assert_eq!(other.derivations, belu.derivations);
    assert_ne!(other.units, belu.units);
    assert!(other.unit("SGT1").is_none() && other.role("KO1").is_none(), "there are no sub-task-forces");
    let district = |area: &&crate::pack::Area| area.level == crate::pack::AreaLevel::District;
    assert_eq!(other.areas.values().filter(district).count(), 18);
    assert_eq!(belu.areas.values().filter(district).count(), 12);
    // What is local replaces what is local: the other pack has crossings of its own in the same list.
    assert!(other.has_code("titik_lintas", "TANJUNG_EMAS") && !other.has_code("titik_lintas", "MOTAAIN"));
    assert!(belu.has_code("titik_lintas", "MOTAAIN") && belu.has_code("sumber_laporan", "JEMPOL"));
    assert!(!other.has_code("sumber_laporan", "JEMPOL"));
}
