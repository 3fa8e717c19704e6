//! What is entered again says what its writer meant, and replaces only what the writer knew.

use super::*;
use crate::command::apply;
use crate::id::{AccountId, ActorId};

const WRITER: Writer = Writer { author: AccountId::from_bytes([1; 16]), actor: ActorId::from_bytes([1; 16]) };
const DECIDER: Writer = Writer { author: AccountId::from_bytes([2; 16]), actor: ActorId::from_bytes([2; 16]) };

fn text(value: &str) -> Scalar {
    Scalar::Str(value.to_owned())
}

fn set(document: &mut Document, writer: &Writer, key: &str, value: &str) -> Vec<WrittenChange> {
    let seen = document.field(key).ops();
    apply(document, writer, &Edit::SetField { key: key.to_owned(), value: text(value), seen }, 5_000).unwrap()
}

fn bytes(changes: &[WrittenChange]) -> Vec<Vec<u8>> {
    changes.iter().map(|change| change.bytes.clone()).collect()
}

#[test]
fn a_value_written_over_a_declined_one_still_replaces_what_stood_before_both() {
    let mut present = Document::new().unwrap();
    let base = set(&mut present, &DECIDER, "nama", "lama");
    let mut tablet = Document::new().unwrap();
    tablet.apply(&bytes(&base)).unwrap();
    let first = set(&mut tablet, &WRITER, "nama", "satu");
    let second = set(&mut tablet, &WRITER, "nama", "dua");
    let whole = with_held(&present, &[bytes(&second), bytes(&first)].concat());
    let intent = intent(&whole, &present, &second[0].hash).unwrap();
    assert!(intent.unknown.is_empty());
    assert_eq!((intent.note.author, intent.note.time_s), (WRITER.author, 5));
    let written = reenter(&mut present, &DECIDER, &intent, 9_000).unwrap();
    assert_eq!(present.field("nama").settled(), Some(&text("dua")), "one value, not two");
    let meta = present.change_meta(&written[0].hash).unwrap();
    assert_eq!(HeldNote::parse(&meta.message.unwrap()).unwrap().hash, second[0].hash);
}

#[test]
fn a_value_the_writer_did_not_know_stays_beside_it() {
    let mut present = Document::new().unwrap();
    let mut tablet = present.clone();
    let held = set(&mut tablet, &WRITER, "nama", "punya penulis");
    set(&mut present, &DECIDER, "nama", "punya lain");
    let intent = intent(&with_held(&present, &bytes(&held)), &present, &held[0].hash).unwrap();
    assert_eq!(intent.unknown.iter().map(|seen| seen.value.clone()).collect::<Vec<_>>(), vec![text("punya lain")]);
    let other = Writer { actor: ActorId::from_bytes([9; 16]), ..DECIDER };
    reenter(&mut present, &other, &intent, 0).unwrap();
    assert_eq!(present.field("nama").values.len(), 2);
}

#[test]
fn a_choice_that_was_taken_back_is_entered_again_as_two_values() {
    let mut present = Document::new().unwrap();
    let mut other = present.clone();
    set(&mut present, &DECIDER, "nama", "satu");
    let apart = set(&mut other, &WRITER, "nama", "dua");
    present.apply(&bytes(&apart)).unwrap();
    let mut tablet = present.clone();
    let seen = tablet.field("nama").ops();
    let edit = Edit::Choose { key: "nama".to_owned(), value: text("dua"), seen };
    let chosen = apply(&mut tablet, &WRITER, &edit, 0).unwrap();
    let back = crate::command::undo(&tablet, &chosen[0].hash).unwrap();
    let back = apply(&mut tablet, &WRITER, &back, 0).unwrap();
    let whole = with_held(&present, &[bytes(&chosen), bytes(&back)].concat());
    // The choice itself was declined; what it was made between stands.
    let intent = intent(&whole, &present, &back[0].hash).unwrap();
    assert!(intent.unknown.is_empty());
    reenter(&mut present, &Writer { actor: ActorId::from_bytes([9; 16]), ..DECIDER }, &intent, 0).unwrap();
    let state = present.field("nama");
    assert_eq!(state.distinct().into_iter().map(|seen| &seen.value).collect::<Vec<_>>(), [&text("dua"), &text("satu")]);
}

#[test]
fn a_row_and_what_was_put_into_it_are_entered_one_after_the_other() {
    let mut present = Document::new().unwrap();
    let mut tablet = present.clone();
    let row = RowId::from_bytes([7; 16]);
    let fields = vec![(String::from("akun"), text("a")), (String::from("peran"), text("MKS"))];
    let made =
        apply(&mut tablet, &WRITER, &Edit::AddRow { table: "tim".into(), row, fields: fields.clone() }, 0).unwrap();
    let seen = tablet.row("tim", row).unwrap().field("peran").ops();
    let edit = Edit::SetRowField { table: "tim".into(), row, key: "peran".into(), value: text("PSS"), seen };
    let put = apply(&mut tablet, &WRITER, &edit, 0).unwrap();
    let seen = tablet.row("tim", row).unwrap().ops();
    let gone = apply(&mut tablet, &WRITER, &Edit::RemoveRow { table: "tim".into(), row, seen }, 0).unwrap();
    let held = [bytes(&made), bytes(&put), bytes(&gone)].concat();
    let whole = with_held(&present, &held);
    let lone = intent(&whole, &present, &put[0].hash).unwrap();
    assert!(matches!(reenter(&mut present.clone(), &DECIDER, &lone, 0), Err(CommandError::NoSuchRow)));
    for (hash, expected) in [(made[0].hash, "MKS"), (put[0].hash, "PSS"), (gone[0].hash, "PSS")] {
        let intent = intent(&with_held(&present, &held), &present, &hash).unwrap();
        assert!(intent.unknown.is_empty());
        reenter(&mut present, &DECIDER, &intent, 0).unwrap();
        assert_eq!(present.row("tim", row).unwrap().field("peran").settled(), Some(&text(expected)));
    }
    assert!(present.row("tim", row).unwrap().removed());
}

#[test]
fn a_text_edit_lands_in_the_text_as_it_stands() {
    let mut present = Document::new().unwrap();
    let edit = |document: &Document, new: &str| Edit::EditText {
        key: "kronologi".into(),
        base: document.heads(),
        old: document.text("kronologi"),
        new: new.to_owned(),
    };
    let first = edit(&present, "satu dua");
    let base = apply(&mut present, &DECIDER, &first, 0).unwrap();
    let mut tablet = Document::new().unwrap();
    tablet.apply(&bytes(&base)).unwrap();
    let (declined, wanted) = (edit(&tablet, "satu X dua"), "satu X dua tiga");
    let declined = apply(&mut tablet, &WRITER, &declined, 0).unwrap();
    let wanted = edit(&tablet, wanted);
    let wanted = apply(&mut tablet, &WRITER, &wanted, 0).unwrap();
    let theirs = edit(&present, "nol satu dua");
    apply(&mut present, &DECIDER, &theirs, 0).unwrap();
    let whole = with_held(&present, &[bytes(&declined), bytes(&wanted)].concat());
    let intent = intent(&whole, &present, &wanted[0].hash).unwrap();
    reenter(&mut present, &DECIDER, &intent, 0).unwrap();
    assert_eq!(present.text("kronologi"), "nol satu dua tiga");
}
