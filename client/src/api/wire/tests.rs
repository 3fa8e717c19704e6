use std::collections::BTreeMap;

use derive::Wire;
use shared::id::CaseId;
use shared::tables::{Table, TableId, TableRow};
use shared::value::Scalar;

use super::{from_bytes, to_bytes};
use crate::api::{FieldPlace, Mark, Path, Reply, Request, SeenOp, Typed, View, Write};

/// Numbers out of order, as they come to be when something is added where it belongs.
#[derive(Debug, PartialEq, Wire)]
enum Sample {
    #[n(7)]
    Nothing,
    #[n(2)]
    Pair(#[n(1)] Vec<String>, #[n(0)] u64),
    #[n(40)]
    Named {
        #[n(1)]
        bytes: Vec<u8>,
        #[n(0)]
        maybe: Option<Box<Sample>>,
        #[n(2)]
        outcome: Result<[u32; 2], bool>,
    },
}

fn samples() -> Vec<Sample> {
    let named =
        |maybe: Option<Sample>, outcome| Sample::Named { bytes: vec![0, 255, 7], maybe: maybe.map(Box::new), outcome };
    vec![
        Sample::Nothing,
        Sample::Pair(vec![String::new(), "Lökö".to_owned()], u64::MAX),
        Sample::Pair(Vec::new(), 0),
        named(None, Err(true)),
        named(Some(named(Some(Sample::Nothing), Ok([128, u32::MAX]))), Ok([0, 127])),
    ]
}

#[test]
fn what_was_written_is_read() {
    for sample in samples() {
        assert_eq!(from_bytes(&to_bytes(&sample)), Some(sample));
    }
}

#[test]
fn fields_follow_their_numbers_not_their_order() {
    let bytes = to_bytes(&Sample::Pair(vec!["a".to_owned()], 300));
    assert_eq!(bytes, [2, 0xac, 2, 1, 1, b'a']);
    let named = Sample::Named { bytes: vec![9, 8], maybe: Some(Box::new(Sample::Nothing)), outcome: Err(false) };
    assert_eq!(to_bytes(&named), [40, 1, 7, 2, 9, 8, 0, 0]);
}

#[test]
fn what_is_cut_short_or_goes_on_is_no_message() {
    for sample in samples() {
        let whole = to_bytes(&sample);
        for len in 0..whole.len() {
            assert_eq!(from_bytes::<Sample>(&whole[..len]), None, "{sample:?} cut to {len}");
        }
        assert_eq!(from_bytes::<Sample>(&[whole, vec![0]].concat()), None);
    }
}

#[test]
fn what_nobody_writes_is_not_read() {
    assert_eq!(from_bytes::<Sample>(&[3]), None, "no such variant");
    assert_eq!(from_bytes::<bool>(&[2]), None);
    assert_eq!(from_bytes::<u16>(&to_bytes(&65_536_u32)), None, "too large");
    assert_eq!(from_bytes::<u64>(&[0xff; 12]), None, "a number without an end");
    assert_eq!(from_bytes::<String>(&[1, 0xff]), None, "no text");
    assert_eq!(from_bytes::<TableId>(&[3]), None);
    assert_eq!(from_bytes::<Scalar>(&[5]), None);
    assert_eq!(from_bytes::<Vec<String>>(&[0xff, 0xff, 0xff, 0xff, 0xf]), None, "a long list of nothing");
}

#[test]
fn values_of_fields_and_tables_come_through() {
    for value in [Scalar::Null, false.into(), true.into(), i64::MIN.into(), i64::MAX.into(), "TPPO".into()] {
        assert_eq!(from_bytes(&to_bytes(&value)), Some(value));
    }
    let row = |code: &str| TableRow { code: code.to_owned(), counts: vec![0, 1, 70_000] };
    for id in TableId::ALL {
        let table = Table { id, columns: vec!["a".to_owned(), String::new()], rows: vec![row("1"), row("")] };
        assert_eq!(from_bytes(&to_bytes(&table)), Some(table));
    }
}

#[test]
fn a_request_and_its_reply_come_through() {
    let place = FieldPlace {
        case: CaseId::from_bytes([7; 16]),
        kind: "inti".to_owned(),
        subject: None,
        path: Path::Field("triase".to_owned()),
    };
    let seen = SeenOp { counter: 9, actor: "ab".to_owned() };
    let row = BTreeMap::from([("hasil".to_owned(), Scalar::Null), ("tanggal".to_owned(), "2026-11".into())]);
    let typed = Typed { text: "x".to_owned(), seen: vec![seen.clone()], base: None, row };
    let draft = Request::KeepDraft { place: place.clone(), draft: Some(typed.clone()) };
    let Some(Request::KeepDraft { place: told, draft: Some(draft) }) = from_bytes(&to_bytes(&draft)) else {
        panic!("another request came through");
    };
    assert_eq!((told, draft), (place.clone(), typed));
    let write = Request::Write(Write::Set { place, value: 3.into(), seen: vec![seen] });
    assert!(matches!(from_bytes(&to_bytes(&write)), Some(Request::Write(Write::Set { value: Scalar::Int(3), .. }))));
    assert!(matches!(from_bytes(&to_bytes(&Reply::View(View::Case(None)))), Some(Reply::View(View::Case(None)))));
    assert_eq!(to_bytes(&Mark::Received), [1]);
}
