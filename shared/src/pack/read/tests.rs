use std::collections::BTreeMap;

use minicbor::{Decoder, Encoder};
use serde::Serialize;

use super::FromPack;
use crate::pack::{Condition, ConditionTest, FieldType, Grid, Item, Label, Language, Writer};
use crate::value::Scalar;

fn read<T: FromPack>(bytes: &[u8]) -> Option<T> {
    let mut from = Decoder::new(bytes);
    let value = T::take(&mut from)?;
    assert_eq!(from.position(), bytes.len(), "all of it is read");
    Some(value)
}

fn written(value: &impl Serialize) -> Vec<u8> {
    minicbor_serde::to_vec(value).unwrap()
}

/// A label whose entries stand as given.
fn label(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    encoder.map(entries.len().try_into().unwrap()).unwrap();
    for (key, text) in entries {
        encoder.str(key).unwrap().str(text).unwrap();
    }
    bytes
}

#[test]
fn every_form_of_an_alternative_is_read() {
    for value in [FieldType::YesNo, FieldType::Many { list: "a".to_owned() }, FieldType::Number { min: -1, max: 7 }] {
        assert_eq!(read(&written(&value)), Some(value));
    }
    for test in [
        ConditionTest::AnyOf(vec![Scalar::Null, true.into(), 3.into(), "x".into()]),
        ConditionTest::AtMost(i64::MIN),
        ConditionTest::Answered,
    ] {
        let condition = Condition { kind: "inti".to_owned(), table: None, key: "triase".to_owned(), test };
        assert_eq!(read(&written(&condition)), Some(condition));
    }
    assert_eq!(read(&written(&Language::Tetun)), Some(Language::Tetun), "by the name it is written with");
    assert_eq!(read::<Language>(&written(&"Tetun")), None);
    assert_eq!(read::<Writer>(&written(&"Anybody")), None);
    assert_eq!(read::<Item>(&written(&"Field")), None, "more must follow");
    assert_eq!(read::<FieldType>(&written(&BTreeMap::from([("YesNo", true)]))), None, "nothing may follow");
}

#[test]
fn a_transparent_structure_is_what_it_holds() {
    let grid = Grid { rows: BTreeMap::from([("inti".to_owned(), BTreeMap::new())]) };
    assert_eq!(read(&written(&grid)), Some(grid));
}

#[test]
fn entries_may_stand_anywhere_and_unknown_ones_are_passed_over() {
    let whole = Label { id: "a".to_owned(), en: "b".to_owned(), tet: Some("c".to_owned()), tet_reviewed: false };
    for entries in [
        [("id", "a"), ("en", "b"), ("tet", "c"), ("pt", "d")],
        [("tet", "c"), ("pt", "d"), ("id", "a"), ("en", "b")],
        [("pt", "d"), ("en", "b"), ("tet", "c"), ("id", "a")],
    ] {
        let bytes = [label(&entries), label(&[("id", "e"), ("en", "f")])].concat();
        let mut from = Decoder::new(&bytes);
        assert_eq!(Label::take(&mut from), Some(whole.clone()), "{entries:?}");
        assert_eq!(Label::take(&mut from).unwrap().id, "e", "what follows is read from its beginning");
    }
}

#[test]
fn what_is_left_out_says_nothing_where_it_may() {
    assert_eq!(read::<Label>(&label(&[("id", "a"), ("en", "b")])).unwrap().tet, None);
    assert_eq!(read::<Label>(&label(&[("id", "a"), ("tet", "b")])), None, "English must be there");
    assert_eq!(read::<Label>(&label(&[])), None);
}

#[test]
fn no_label_is_read_from_half_of_one() {
    let bytes = label(&[("id", "a"), ("en", "b"), ("pt", "d")]);
    for len in 0..bytes.len() {
        assert_eq!(read::<Label>(&bytes[..len]), None, "{len} bytes");
    }
    assert_eq!(
        read::<Vec<Label>>(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        None,
        "a long list of nothing"
    );
}
