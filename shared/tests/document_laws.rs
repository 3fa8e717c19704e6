//! No silent winner: what two writers do apart from each other, law by law.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not recognised as tests")]

use shared::access::{Row, Standing, StandingValues};
use shared::command::{CommandError, Edit, Writer, WrittenChange, apply, replay, undo};
use shared::document::Document;
use shared::document::path::{FieldPath, REMOVED};
use shared::document::read::FieldState;
use shared::id::{AccountId, ActorId, RowId};
use shared::value::Scalar;

const A: Writer = Writer { author: AccountId::from_bytes([0xa; 16]), actor: ActorId::from_bytes([0xa1; 16]) };
const B: Writer = Writer { author: AccountId::from_bytes([0xb; 16]), actor: ActorId::from_bytes([0xb1; 16]) };
const ROW: RowId = RowId::from_bytes([3; 16]);
const NOON_MS: i64 = 1_790_000_000_123;

fn write(document: &mut Document, writer: &Writer, edit: &Edit) -> Vec<WrittenChange> {
    apply(document, writer, edit, NOON_MS).unwrap()
}

fn set(document: &mut Document, writer: &Writer, key: &str, value: impl Into<Scalar>) {
    let seen = document.field(key).ops();
    let value = value.into();
    write(document, writer, &Edit::SetField { key: key.into(), value, seen });
}

fn type_text(document: &mut Document, writer: &Writer, key: &str, new: &str) -> Vec<WrittenChange> {
    let (base, old) = (document.heads(), document.text(key));
    write(document, writer, &Edit::EditText { key: key.into(), base, old, new: new.into() })
}

/// Exchanges everything and asserts that both sides read the same.
fn merge(left: &mut Document, right: &mut Document) {
    let (from_left, from_right) = (left.changes(), right.changes());
    left.apply(&from_right.iter().map(|change| &change.bytes).collect::<Vec<_>>()).unwrap();
    right.apply(&from_left.iter().map(|change| &change.bytes).collect::<Vec<_>>()).unwrap();
    assert_eq!(left.heads(), right.heads());
    assert_eq!(left.digest_of_values(), right.digest_of_values());
    for table in left.tables() {
        // The access rules read the same rows as a screen, without who wrote what.
        let rows = left.rows(&table).into_iter().map(|row| {
            let standing = |state: FieldState| Standing::new(state.values.into_iter().map(|seen| seen.value).collect());
            Row { id: row.row, fields: row.fields.into_iter().map(|(key, state)| (key, standing(state))).collect() }
        });
        assert_eq!(StandingValues::rows(left, &table), rows.collect::<Vec<_>>());
    }
}

fn values(state: &FieldState) -> Vec<Scalar> {
    state.distinct().into_iter().map(|seen| seen.value.clone()).collect()
}

fn pair(prepare: impl FnOnce(&mut Document)) -> (Document, Document) {
    let mut document = Document::new().unwrap();
    prepare(&mut document);
    (document.clone(), document)
}

fn add_row(document: &mut Document) {
    let fields = vec![("peran".to_owned(), Scalar::from("MKS"))];
    write(document, &A, &Edit::AddRow { table: "tim".into(), row: ROW, fields });
}

fn set_in_row(
    document: &mut Document,
    writer: &Writer,
    key: &str,
    value: &str,
) -> Result<Vec<WrittenChange>, CommandError> {
    let seen = document.row("tim", ROW).unwrap().field(key).ops();
    let edit = Edit::SetRowField { table: "tim".into(), row: ROW, key: key.into(), value: value.into(), seen };
    apply(document, writer, &edit, NOON_MS)
}

fn remove_row(document: &mut Document, writer: &Writer) {
    let seen = document.row("tim", ROW).unwrap().ops();
    write(document, writer, &Edit::RemoveRow { table: "tim".into(), row: ROW, seen });
}

#[test]
fn law_1_a_clear_beside_a_set_stays_visible() {
    let (mut a, mut b) = pair(|document| set(document, &A, "triase", "MERAH"));
    set(&mut a, &A, "triase", Scalar::Null);
    set(&mut b, &B, "triase", "KUNING");
    merge(&mut a, &mut b);
    assert_eq!(values(&a.field("triase")), [Scalar::Null, Scalar::from("KUNING")]);
    assert_eq!(a.conflicts().len(), 1);
}

#[test]
fn law_2_a_removed_row_shows_the_edit_it_did_not_know() {
    let (mut a, mut b) = pair(add_row);
    remove_row(&mut a, &A);
    set_in_row(&mut b, &B, "peran", "SER").unwrap();
    merge(&mut a, &mut b);
    let row = a.row("tim", ROW).unwrap();
    assert!(row.removed());
    assert_eq!(values(&row.field("peran")), [Scalar::from("SER")]);
    let conflicts = a.conflicts();
    let [conflict] = conflicts.as_slice() else { panic!("{conflicts:?}") };
    assert_eq!(conflict.path, FieldPath::Row { table: "tim".into(), row: ROW, key: REMOVED.into() });
    assert_eq!(conflict.edits.len(), 1);
    assert_eq!(conflict.edits[0].seen.author, Some(B.author));

    // Whoever sees both may confirm the removal, or take the row back.
    let mut restored = a.clone();
    let seen = restored.row("tim", ROW).unwrap().field(REMOVED).ops();
    write(&mut restored, &B, &Edit::RestoreRow { table: "tim".into(), row: ROW, seen });
    assert!(restored.conflicts().is_empty() && !restored.row("tim", ROW).unwrap().removed());
    remove_row(&mut a, &A);
    assert!(a.conflicts().is_empty() && a.row("tim", ROW).unwrap().removed());
}

#[test]
fn law_2_holds_for_a_text_inside_the_row() {
    let key = shared::document::path::row_text_key("tim", ROW, "catatan");
    let (mut a, mut b) = pair(|document| {
        add_row(document);
        type_text(document, &A, &shared::document::path::row_text_key("tim", ROW, "catatan"), "awal");
    });
    assert!(a.conflicts().is_empty());
    remove_row(&mut a, &A);
    type_text(&mut b, &B, &key, "awal dan lagi");
    merge(&mut a, &mut b);
    assert_eq!(a.conflicts()[0].edits[0].path, FieldPath::Text(key));
}

#[test]
fn law_2_a_removal_that_knew_the_edit_is_no_conflict() {
    let (mut a, _) = pair(add_row);
    set_in_row(&mut a, &B, "peran", "SER").unwrap();
    remove_row(&mut a, &A);
    assert!(a.conflicts().is_empty());
    assert!(matches!(set_in_row(&mut a, &B, "peran", "MKS"), Err(CommandError::RowRemoved)));
}

#[test]
fn law_2_a_removal_is_refused_while_the_row_holds_unseen_values() {
    let (mut a, _) = pair(add_row);
    let seen = a.row("tim", ROW).unwrap().ops();
    set_in_row(&mut a, &B, "peran", "SER").unwrap();
    let edit = Edit::RemoveRow { table: "tim".into(), row: ROW, seen };
    let c = Writer { actor: ActorId::from_bytes([9; 16]), ..A };
    assert!(matches!(apply(&mut a, &c, &edit, NOON_MS), Err(CommandError::RowUnseen { .. })));
}

#[test]
fn law_3_a_plain_write_never_settles_a_conflict_it_did_not_show() {
    let (mut a, mut b) = pair(|_| ());
    set(&mut a, &A, "triase", "MERAH");
    set(&mut b, &B, "triase", "KUNING");
    let only_mine = a.field("triase").ops();
    merge(&mut a, &mut b);
    let c = Writer { actor: ActorId::from_bytes([0xc; 16]), ..A };
    for edit in [
        Edit::SetField { key: "triase".into(), value: "HIJAU".into(), seen: only_mine.clone() },
        Edit::Choose { key: "triase".into(), value: "HIJAU".into(), seen: only_mine.clone() },
    ] {
        let before = a.heads();
        assert!(matches!(apply(&mut a, &c, &edit, NOON_MS), Err(CommandError::ConflictUnseen { .. })));
        assert_eq!(a.heads(), before);
    }
    let seen = a.field("triase").ops();
    write(&mut a, &c, &Edit::Choose { key: "triase".into(), value: "MERAH".into(), seen });
    assert_eq!(values(&a.field("triase")), [Scalar::from("MERAH")]);
    assert_eq!(a.field("triase").values[0].author, Some(c.author), "the chooser answers for the choice");
    merge(&mut a, &mut b);
    assert!(b.conflicts().is_empty());
}

#[test]
fn law_3_a_value_that_arrived_under_an_open_form_is_kept_beside() {
    let (mut a, mut b) = pair(|document| set(document, &A, "triase", "MERAH"));
    let seen = a.field("triase").ops();
    set(&mut b, &B, "triase", "KUNING");
    merge(&mut a, &mut b);
    let c = Writer { actor: ActorId::from_bytes([0xc; 16]), ..A };
    write(&mut a, &c, &Edit::SetField { key: "triase".into(), value: "HIJAU".into(), seen });
    assert_eq!(values(&a.field("triase")), [Scalar::from("HIJAU"), Scalar::from("KUNING")]);
    merge(&mut a, &mut b);
    let reopened = Document::load(&a.save()).unwrap();
    assert_eq!(reopened.digest_of_values(), b.digest_of_values());
}

#[test]
fn law_4_equal_values_are_no_conflict_and_an_unchanged_field_writes_nothing() {
    let (mut a, mut b) = pair(|_| ());
    set(&mut a, &A, "triase", "MERAH");
    set(&mut b, &B, "triase", "MERAH");
    merge(&mut a, &mut b);
    assert_eq!(a.field("triase").values.len(), 2);
    assert!(a.conflicts().is_empty());
    let seen = a.field("triase").ops();
    assert!(write(&mut a, &A, &Edit::SetField { key: "triase".into(), value: "MERAH".into(), seen }).is_empty());
    assert!(write(&mut a, &A, &Edit::SetField { key: "baru".into(), value: Scalar::Null, seen: vec![] }).is_empty());
    assert!(type_text(&mut a, &A, "kronologi", "").is_empty());
    assert!(a.text_keys().is_empty());
}

#[test]
fn law_4_different_fields_and_answers_never_disagree() {
    let (mut a, mut b) = pair(|_| ());
    set(&mut a, &A, "indikasi_cepat/UPAH", true);
    set(&mut b, &B, "indikasi_cepat/DOKUMEN", true);
    set(&mut b, &B, "umur", 17);
    merge(&mut a, &mut b);
    assert!(a.conflicts().is_empty());
    assert_eq!(a.keys(), ["indikasi_cepat/DOKUMEN", "indikasi_cepat/UPAH", "umur"]);
}

#[test]
fn law_5_a_stale_text_buffer_deletes_nothing_that_arrived_meanwhile() {
    let (mut a, mut b) = pair(|document| {
        type_text(document, &A, "kronologi", "abc");
    });
    let (base, old) = (a.heads(), a.text("kronologi"));
    type_text(&mut b, &B, "kronologi", "abc REMOTE");
    merge(&mut a, &mut b);
    let new = "abc mine".to_owned();
    write(&mut a, &A, &Edit::EditText { key: "kronologi".into(), base, old: old.clone(), new: new.clone() });
    let text = a.text("kronologi");
    assert!(text.contains(" REMOTE") && text.contains(" mine"), "{text}");

    // The same without the base in the document, as after a repair.
    write(
        &mut b,
        &B,
        &Edit::EditText { key: "kronologi".into(), base: vec![shared::id::ChangeHash::from_bytes([1; 32])], old, new },
    );
    assert!(b.text("kronologi").contains(" REMOTE") && b.text("kronologi").contains(" mine"));
}

#[test]
fn two_tablets_that_begin_a_text_apart_share_one_container() {
    let (mut a, mut b) = pair(|_| ());
    let first = type_text(&mut a, &A, "kronologi", "dari A.");
    let second = type_text(&mut b, &B, "kronologi", "dari B.");
    assert!(first[0].derived && second[0].derived);
    assert_eq!(first[0].bytes, second[0].bytes);
    merge(&mut a, &mut b);
    let text = a.text("kronologi");
    assert!(text.contains("dari A.") && text.contains("dari B."), "{text}");
}

#[test]
fn a_long_paste_becomes_several_changes() {
    let (mut a, _) = pair(|_| ());
    let pasted: String = "Ä kata. ".chars().cycle().take(8_500).collect();
    let changes = type_text(&mut a, &A, "kronologi", &pasted);
    assert_eq!(changes.len(), 4, "the container and three pieces");
    assert_eq!(a.text("kronologi"), pasted);
}

#[test]
fn the_same_call_gives_the_same_bytes() {
    let run = || {
        let mut document = Document::new().unwrap();
        add_row(&mut document);
        set(&mut document, &A, "umur", 17);
        set(&mut document, &B, "umur", 18);
        type_text(&mut document, &B, "kronologi", "satu dua");
        type_text(&mut document, &A, "kronologi", "satu tiga");
        let bytes: Vec<Vec<u8>> = document.changes().into_iter().map(|change| change.bytes).collect();
        (bytes, document.save())
    };
    assert_eq!(run(), run());
}

#[test]
fn the_author_stands_on_the_first_change_and_holds_for_all() {
    let mut document = Document::new().unwrap();
    type_text(&mut document, &A, "kronologi", "satu");
    set(&mut document, &A, "umur", 17);
    set(&mut document, &B, "umur", 18);
    let changes = document.changes();
    let metas = document.metas_since(&[]);
    assert_eq!(changes.len(), 5);
    for (change, meta) in changes.iter().zip(metas) {
        assert_eq!(change.meta, meta);
        assert_eq!(document.change_bytes(&meta.hash).unwrap(), change.bytes);
    }
    let authors: Vec<_> = changes.iter().map(|change| (change.meta.author, change.meta.seq)).collect();
    assert!(authors.contains(&(Some(A.author), 2)) && authors.contains(&(Some(B.author), 1)));
    assert_eq!(changes[4].meta.time_ms, NOON_MS / 1000 * 1000);
    let stranger = Writer { author: B.author, actor: A.actor };
    let edit = Edit::SetField { key: "umur".into(), value: 1.into(), seen: document.field("umur").ops() };
    assert!(matches!(apply(&mut document, &stranger, &edit, 0), Err(CommandError::Write(_))));
}

#[test]
fn a_replayed_journal_keeps_its_own_order_and_everything_that_arrived() {
    let (mut a, mut b) = pair(|document| set(document, &A, "triase", "MERAH"));
    let acknowledged = a.clone();
    let mut journal = Vec::new();
    for value in ["KUNING", "HIJAU"] {
        let seen = a.field("triase").ops();
        let edit = Edit::SetField { key: "triase".into(), value: value.into(), seen };
        write(&mut a, &B, &edit);
        journal.push(edit);
    }
    set(&mut b, &A, "triase", "HITAM");
    let mut rebuilt = acknowledged;
    rebuilt.apply(&b.changes().iter().map(|change| &change.bytes).collect::<Vec<_>>()).unwrap();
    let fresh = Writer { actor: ActorId::from_bytes([0xdd; 16]), ..B };
    for edit in &journal {
        replay(&mut rebuilt, &fresh, edit, NOON_MS, None).unwrap();
    }
    assert_eq!(values(&rebuilt.field("triase")), [Scalar::from("HIJAU"), Scalar::from("HITAM")]);
}

/// A choice taken back is a disagreement again, on every tablet; whoever chooses then ends it as the first choice did.
#[test]
fn a_choice_that_is_taken_back_lets_the_values_differ_again() {
    for chosen in ["HIJAU", "KUNING", "HITAM"] {
        let (mut a, mut b) = pair(|document| set(document, &A, "triase", "MERAH"));
        set(&mut a, &A, "triase", "HIJAU");
        set(&mut b, &B, "triase", "KUNING");
        merge(&mut a, &mut b);
        let choose = |document: &mut Document, value: &str| {
            let seen = document.field("triase").ops();
            write(document, &A, &Edit::Choose { key: "triase".into(), value: value.into(), seen })
        };
        let choice = choose(&mut a, chosen);
        let back = undo(&a, &choice[0].hash).unwrap();
        assert_eq!(write(&mut a, &A, &back).len(), 1);
        merge(&mut a, &mut b);
        for document in [&a, &b] {
            assert_eq!(values(&document.field("triase")), [Scalar::from("HIJAU"), Scalar::from("KUNING")]);
            assert_eq!(document.conflicts().len(), 1);
        }
        choose(&mut a, "MERAH");
        merge(&mut a, &mut b);
        assert_eq!(b.field("triase").settled(), Some(&Scalar::from("MERAH")));
        // Written over meanwhile, the choice stays.
        assert!(matches!(undo(&a, &choice[0].hash), Err(CommandError::NotUndoable)));
    }
}

#[test]
fn a_choice_in_a_row_is_taken_back_too() {
    let (mut a, mut b) = pair(add_row);
    set_in_row(&mut a, &A, "peran", "SER").unwrap();
    set_in_row(&mut b, &B, "peran", "KO").unwrap();
    merge(&mut a, &mut b);
    let state = |document: &Document| document.row("tim", ROW).unwrap().field("peran");
    let (table, row, key, seen) = ("tim".to_owned(), ROW, "peran".to_owned(), state(&a).ops());
    let choice = write(&mut a, &A, &Edit::ChooseRowField { table, row, key, value: "KO".into(), seen });
    assert!(!state(&a).is_conflict());
    let back = undo(&a, &choice[0].hash).unwrap();
    // What came in before the journal was written again stays beside both.
    set_in_row(&mut b, &B, "peran", "NKS").unwrap();
    let mut again = b.clone();
    again.apply(&a.changes().iter().map(|change| &change.bytes).collect::<Vec<_>>()).unwrap();
    write(&mut a, &A, &back);
    assert_eq!(values(&state(&a)), [Scalar::from("KO"), Scalar::from("SER")]);
    replay(&mut again, &Writer { actor: ActorId::from_bytes([0xdd; 16]), ..A }, &back, NOON_MS, None).unwrap();
    assert_eq!(values(&state(&again)), ["KO", "NKS", "SER"].map(Scalar::from));
}

#[test]
fn the_last_edit_can_be_taken_back_until_somebody_writes_over_it() {
    let mut document = Document::new().unwrap();
    set(&mut document, &A, "triase", "MERAH");
    let seen = document.field("triase").ops();
    let changed = write(&mut document, &A, &Edit::SetField { key: "triase".into(), value: "HIJAU".into(), seen });
    let back = undo(&document, &changed[0].hash).unwrap();
    write(&mut document, &A, &back);
    assert_eq!(document.field("triase").settled(), Some(&Scalar::from("MERAH")));
    assert!(matches!(undo(&document, &changed[0].hash), Err(CommandError::NotUndoable)));

    add_row(&mut document);
    let hash = document.row("tim", ROW).unwrap().made[0].hash;
    let back = undo(&document, &hash).unwrap();
    let removed = write(&mut document, &A, &back);
    assert!(document.row("tim", ROW).unwrap().removed());
    let back = undo(&document, &removed[0].hash).unwrap();
    write(&mut document, &A, &back);
    assert!(!document.row("tim", ROW).unwrap().removed());

    type_text(&mut document, &A, "kronologi", "satu dua");
    let typed = type_text(&mut document, &A, "kronologi", "satu tiga dua");
    let back = undo(&document, &typed[0].hash).unwrap();
    write(&mut document, &A, &back);
    assert_eq!(document.text("kronologi"), "satu dua");
}

#[test]
fn a_journal_entry_keeps_its_bytes() {
    let edit = Edit::SetField { key: "umur".into(), value: 17.into(), seen: vec![] };
    let bytes = minicbor::to_vec(&edit).unwrap();
    assert_eq!(bytes, [0x82, 0x00, 0x83, 0x64, b'u', b'm', b'u', b'r', 0x11, 0x80]);
    assert_eq!(minicbor::decode::<Edit>(&bytes).unwrap(), edit);
    let row = Some(("tim".to_owned(), ROW));
    let edit = Edit::Differ { row, key: "peran".into(), values: vec!["SER".into(), Scalar::Null], seen: vec![] };
    let bytes = minicbor::to_vec(&edit).unwrap();
    assert_eq!(bytes[..8], [0x82, 0x08, 0x84, 0x82, 0x63, b't', b'i', b'm']);
    assert_eq!(minicbor::decode::<Edit>(&bytes).unwrap(), edit);
}

#[test]
fn what_two_wrote_at_one_place_stands_there_run_by_run_and_what_one_struck_out_is_gone() {
    let key = "kronologi";
    let mut one = Document::new().unwrap();
    type_text(&mut one, &A, key, "Kini K1 tinggal di rumah paman Yosef. Aman.");
    let mut other = one.clone();
    type_text(&mut one, &A, key, "Kini K1 sudah ada bersama ibunya. Aman.");
    type_text(&mut other, &B, key, "Kini K1 boleh pulang hari Rabu, ke paman Yosef. Aman.");
    merge(&mut one, &mut other);
    let text = one.text(key);
    assert!(text.contains("sudah ada bersama ibunya") && text.contains("boleh pulang hari Rabu"), "{text}");
    assert!(!text.contains("Yosef"), "a name that one of them took away: {text}");
    assert!(
        text.split([' ', '.', ',']).all(|word| word.chars().filter(|letter| letter.is_uppercase()).count() < 2),
        "{text}"
    );
}

/// What stands where two wrote apart from each other over the same text, whichever of them the order of writers puts first.
fn both_ways(old: &str, one_says: &str, other_says: &str) -> [String; 2] {
    [(A, B), (B, A)].map(|(first, second)| {
        let key = "kronologi";
        let mut one = Document::new().unwrap();
        type_text(&mut one, &A, key, old);
        let mut other = one.clone();
        type_text(&mut one, &first, key, one_says);
        type_text(&mut other, &second, key, other_says);
        merge(&mut one, &mut other);
        one.text(key)
    })
}

#[test]
fn a_sentence_at_the_end_of_a_passage_stays_in_it() {
    let (old, one, other) = ("Satu.\nDua tiga.", "Satu.\nLima tiga.", "Satu. Empat.\nDua tiga.");
    for text in both_ways(old, one, other) {
        assert_eq!(text, "Satu. Empat.\nLima tiga.");
    }
}

/// Words that stand there and that nobody wrote.
fn nobodys_words(text: &str, written: [&str; 3]) -> Vec<String> {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let known: Vec<String> = written.into_iter().flat_map(words).collect();
    words(text).into_iter().filter(|word| !known.contains(word)).collect()
}

#[test]
fn a_word_that_one_put_in_is_not_glued_to_what_another_wrote_beside_it() {
    let (old, one, other) = ("K1 ada di rumah paman.", "K1 ada di kantor paman.", "K1 ada di sana rumah paman.");
    for text in both_ways(old, one, other) {
        assert_eq!(nobodys_words(&text, [old, one, other]), [""; 0], "{text}");
    }
}

#[test]
fn a_word_that_one_struck_out_leaves_the_blank_to_what_another_wrote_instead() {
    let (old, one, other) = ("K1 ada di rumah paman.", "K1 ada di kantor paman.", "K1 ada di paman.");
    for text in both_ways(old, one, other) {
        assert_eq!(nobodys_words(&text, [old, one, other]), [""; 0], "{text}");
    }
}

#[test]
fn the_first_words_of_two_are_not_glued_to_each_other() {
    let (old, one, other) = ("Yosef pergi.", "Anton pergi.", "Maria pergi.");
    for text in both_ways(old, one, other) {
        assert_eq!(nobodys_words(&text, [old, one, other]), [""; 0], "{text}");
    }
}

#[test]
fn a_number_that_two_put_right_is_not_woven_of_both() {
    for (old, one, other) in [
        ("Utang 1.500 ribu.", "Utang 1.600 ribu.", "Utang 1.700 ribu."),
        ("Utang 1.500 rupiah.", "Utang 1.500.000 rupiah.", "Utang 1.600 rupiah."),
        ("Pada 2026-11-3 ia pergi.", "Pada 2026-11-30 ia pergi.", "Pada 2026-12-3 ia pergi."),
        ("Ia 15 tahun.", "Ia 150 tahun.", "Ia 115 tahun."),
        ("K1 pergi.", "K12 pergi.", "K2 pergi."),
        ("Yosf pergi ke rumah.", "Yosef pergi ke rumah.", "Anton pergi ke rumah."),
    ] {
        for text in both_ways(old, one, other) {
            assert_eq!(nobodys_words(&text, [old, one, other]), [""; 0], "{text}");
        }
    }
}

#[test]
fn letters_of_a_word_that_another_one_replaced_are_not_left_in_theirs() {
    for (old, one, other) in [
        ("Lalu Yosf pergi.", "Lalu Yosef pergi.", "Lalu Anton pergi."),
        ("Ia di Jumat malam.", "Ia di Jum'at malam.", "Ia di Kamis malam."),
        ("Anak itu dijua paman.", "Anak itu dijual paman.", "Anak itu dibawa paman."),
        ("Lalu Yosf pergi.", "Lalu Yosef pergi.", "Lalu Yosuf pergi."),
        ("Lalu Yosf pergi.", "Lalu Yosef pergi.", "Lalu Yosef pergi."),
    ] {
        for text in both_ways(old, one, other) {
            assert_eq!(nobodys_words(&text, [old, one, other]), [""; 0], "{text}");
        }
    }
}

#[test]
fn what_two_add_to_a_text_that_ends_with_a_blank_is_not_glued() {
    for (old, one, other) in [
        ("Ia pergi. ", "Ia pergi. Anton ikut.", "Ia pergi. Maria tinggal."),
        ("Ia pergi. \nLalu hujan.", "Ia pergi. Anton\nLalu hujan.", "Ia pergi. Maria\nLalu hujan."),
    ] {
        for text in both_ways(old, one, other) {
            assert_eq!(nobodys_words(&text, [old, one, other]), [""; 0], "{text}");
        }
    }
}

#[test]
fn a_line_that_one_breaks_before_a_sentence_glues_nothing_of_another_to_it() {
    for (old, one, other) in
        [("Ia sakit. Yosef pergi.", "Ia sakit. Anton pergi.", "Ia sakit. Maria tinggal.\nYosef pergi.")]
    {
        for text in both_ways(old, one, other) {
            assert_eq!(nobodys_words(&text, [old, one, other]), [""; 0], "{text}");
        }
    }
}

#[test]
fn a_history_names_who_replaced_what_by_what() {
    let mut document = Document::new().unwrap();
    set(&mut document, &A, "triase", "MERAH");
    set(&mut document, &B, "triase", "HIJAU");
    set(&mut document, &A, "triase", Scalar::Null);
    add_row(&mut document);
    type_text(&mut document, &A, "kronologi", "satu dua");
    type_text(&mut document, &B, "kronologi", "satu tiga");
    let path = FieldPath::Field("triase".into());
    let entries = document.history(&path);
    let steps: Vec<_> = entries.iter().map(|entry| (entry.old.clone(), entry.new.clone(), entry.author)).collect();
    let (red, green) = (Scalar::from("MERAH"), Scalar::from("HIJAU"));
    assert_eq!(
        steps,
        [
            (vec![], Some(red.clone()), Some(A.author)),
            (vec![red], Some(green.clone()), Some(B.author)),
            (vec![green], Some(Scalar::Null), Some(A.author)),
        ]
    );
    assert_eq!(entries[0].time_claimed_ms, NOON_MS / 1000 * 1000);
    let made = FieldPath::RowMade { table: "tim".into(), row: ROW };
    assert_eq!(document.history(&made).len(), 1);
    let text = document.history(&FieldPath::Text("kronologi".into()));
    assert_eq!(text[1].old, [Scalar::from(" dua")]);
    assert_eq!(text[1].new, Some(Scalar::from(" tiga")));
    assert_eq!(document.history_of_all().len(), 7);
}

#[test]
fn a_write_on_top_of_many_heads_names_no_more_parents_than_allowed() {
    let mut merged = Document::new().unwrap();
    for number in 1..=40 {
        let mut apart = Document::new().unwrap();
        let writer = Writer { author: AccountId::from_bytes([number; 16]), actor: ActorId::from_bytes([number; 16]) };
        for round in 0..i64::from(number % 3) + 1 {
            set(&mut apart, &writer, "triase", round * 100 + i64::from(number));
        }
        let changes: Vec<_> = apart.changes().into_iter().map(|change| change.bytes).collect();
        merged.apply(&changes).unwrap();
    }
    assert_eq!(merged.heads().len(), 40);
    let mut base = shared::document::vet::VettedDocument::open(merged.clone()).unwrap();
    let reader = Writer { author: A.author, actor: ActorId::from_bytes([0xee; 16]) };
    let edits = [
        Edit::SetField { key: "umur".into(), value: 17.into(), seen: vec![] },
        Edit::AddRow { table: "tim".into(), row: ROW, fields: vec![("peran".into(), "MKS".into())] },
        Edit::Choose { key: "triase".into(), value: 1.into(), seen: merged.field("triase").ops() },
    ];
    for edit in edits {
        for change in write(&mut merged, &reader, &edit) {
            shared::protocol::chunk::CheckedChange::check(&change.bytes).unwrap();
            let vetted = base.vet(&[change.bytes]).unwrap();
            base.accept(vetted);
        }
    }
    assert_eq!(merged.heads().len(), 1);
    assert_eq!(values(&merged.field("triase")), [Scalar::Int(1)]);
    assert!(merged.row("tim", ROW).is_some());
}

#[test]
fn what_one_puts_in_behind_a_comma_is_not_glued_when_another_puts_in_a_word_there() {
    for (old, one, other) in [
        ("Paman pergi malam itu.", "Paman, Maria pergi malam itu.", "Paman Anton pergi malam itu."),
        ("Di rumah paman.", "Di rumah\nAnton paman.", "Di rumah Yosef paman."),
    ] {
        for text in both_ways(old, one, other) {
            let words = |text: &str| text.replace([',', '.'], " ");
            let known = [words(old), words(one), words(other)];
            assert_eq!(nobodys_words(&words(&text), [&known[0], &known[1], &known[2]]), [""; 0], "{text}");
        }
    }
}

#[test]
fn a_word_with_a_hyphen_or_an_apostrophe_is_not_torn_when_another_writes_before_it() {
    for (old, one, other, word) in [
        ("Ibu dan ank-anak pergi.", "Ibu dan anak-anak pergi.", "Ibu dan dua ank-anak pergi.", "anak-anak"),
        ("Uma n'e boot.", "Uma ne'e boot.", "Uma foun n'e boot.", "ne'e"),
        ("Ibu ank-anak pergi.", "Ibu anak-anak pergi.", "Ibu\nank-anak pergi.", "anak-anak"),
    ] {
        for text in both_ways(old, one, other) {
            assert!(text.contains(word), "{text}");
        }
    }
}

#[test]
fn a_line_that_one_breaks_is_not_glued_to_what_another_puts_in_before_it() {
    let (old, other) = ("Ia pergi. Lalu hujan.", "Ia pergi. Maria ikut. Lalu hujan.");
    for one in ["Ia pergi. \nLalu hujan.", "Ia pergi.\nLalu hujan."] {
        for text in both_ways(old, one, other) {
            assert_eq!(nobodys_words(&text, [old, one, other]), [""; 0], "{text}");
        }
    }
}

#[test]
fn a_word_put_in_behind_the_first_one_of_a_line_is_not_glued_when_another_replaces_that() {
    for (old, one, other) in [
        ("Yosf pergi.", "Yosef pergi.", "Yosf lalu pergi."),
        ("Satu.\nYosef pergi.", "Satu.\nAnton pergi.", "Satu.\nYosef lalu pergi."),
    ] {
        for text in both_ways(old, one, other) {
            assert_eq!(nobodys_words(&text, [old, one, other]), [""; 0], "{text}");
        }
    }
}
