//! Hostile changes: each class of `sync-facts.md` §3.2 is refused by name, and chance mutations never get through.

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::command::{Edit, Writer, apply};
use crate::document::crdt::{Action, DecodedOp, Object, Place, encode};
use crate::document::genesis::{
    FIELDS, GENESIS, GENESIS_ACTOR, GENESIS_HASH, ROWS, TEXTS, text_actor, text_change, text_object,
};
use crate::document::ops::{OperationFault, Touch};
use crate::document::path::{FieldPath, OpId, REMOVED, row_key};
use crate::id::{AccountId, ActorId, RowId};
use crate::protocol::chunk::CheckedChange;
use crate::value::Scalar;

const A: Writer = Writer { author: AccountId::from_bytes([0xa; 16]), actor: ActorId::from_bytes([0xa1; 16]) };
const EVE: Writer = Writer { author: AccountId::from_bytes([0xe; 16]), actor: ActorId::from_bytes([0xe1; 16]) };
const STRANGER: ActorId = ActorId::from_bytes([0x99; 16]);
const ROW: RowId = RowId::from_bytes([3; 16]);

fn base() -> VettedDocument {
    let mut document = Document::new().unwrap();
    for edit in [
        Edit::SetField { key: "triase".into(), value: "MERAH".into(), seen: vec![] },
        Edit::AddRow { table: "tim".into(), row: ROW, fields: vec![("peran".into(), "MKS".into())] },
        Edit::EditText { key: "kronologi".into(), base: vec![], old: String::new(), new: "awal".into() },
    ] {
        apply(&mut document, &A, &edit, 0).unwrap();
    }
    VettedDocument::open(document).unwrap()
}

/// A change by Eve on top of the base, correct in every respect but its operations.
fn change(base: &VettedDocument, ops: Vec<DecodedOp>) -> DecodedChange {
    DecodedChange {
        hash: GENESIS_HASH,
        deps: base.document().heads(),
        actor: EVE.actor,
        seq: 1,
        start_op: base.document().max_op() + 1,
        time_s: 0,
        message: None,
        author: Some(EVE.author),
        footer_is_canonical: true,
        ops,
    }
}

fn op(object: OpId, place: Place, action: Action) -> DecodedOp {
    let id = OpId { counter: 0, actor: EVE.actor };
    DecodedOp { id, object: Object::Made(object), place, action, insert: false, preds: vec![] }
}

fn key(key: &str) -> Place {
    Place::Key(key.to_owned())
}

fn put(value: impl Into<Scalar>) -> Action {
    Action::Put(value.into())
}

fn good(base: &VettedDocument) -> DecodedChange {
    change(base, vec![op(FIELDS, key("umur"), put(17))])
}

fn bytes(change: &DecodedChange) -> Vec<u8> {
    encode(change).unwrap().raw_bytes().to_vec()
}

fn fault(base: &VettedDocument, change: &DecodedChange) -> ChangeFault {
    match base.vet(&[bytes(change)]) {
        Err(VetFault::Change { index: 0, fault }) => fault,
        other => panic!("{other:?}"),
    }
}

fn op_fault(base: &VettedDocument, ops: Vec<DecodedOp>) -> OperationFault {
    only_op_fault(fault(base, &change(base, ops)))
}

fn only_op_fault(fault: ChangeFault) -> OperationFault {
    let ChangeFault::Operation { fault, .. } = fault else { panic!("{fault:?}") };
    fault
}

fn field_op(base: &VettedDocument) -> OpId {
    base.document().field("triase").values[0].op
}

fn row_object(base: &VettedDocument) -> OpId {
    base.document().row("tim", ROW).unwrap().made[0].op
}

#[test]
fn a_good_change_passes_and_says_what_it_touches() {
    let mut base = base();
    let mut replacing = op(FIELDS, key("triase"), put("HIJAU"));
    replacing.preds = vec![field_op(&base)];
    let vetted = base.vet(&[bytes(&change(&base, vec![replacing]))]).unwrap();
    let touched = base.accept(vetted);
    assert_eq!(touched[0].author, Some(EVE.author));
    assert_eq!(touched[0].ops[0].path, FieldPath::Field("triase".into()));
    assert!(matches!(&touched[0].ops[0].touch, Touch::Set { preds, .. } if preds.len() == 1));
    assert_eq!(base.document().field("triase").values.len(), 1);
}

#[test]
fn a_batch_may_make_a_text_and_write_into_it() {
    let base = base();
    let mut document = base.document().clone();
    let edit = Edit::EditText { key: "catatan".into(), base: vec![], old: String::new(), new: "halo".into() };
    let written = apply(&mut document, &EVE, &edit, 0).unwrap();
    let raw: Vec<&[u8]> = written.iter().map(|change| change.bytes.as_slice()).collect();
    let vetted = base.vet(&raw).unwrap();
    assert!(vetted.touched[0].derived && vetted.touched[0].author.is_none());
    let Touch::Text { inserted_count, deleted_count } = vetted.touched[1].ops[0].touch else { panic!() };
    assert_eq!((inserted_count, deleted_count, vetted.touched[1].ops.len()), (4, 0, 1));
    assert_eq!(vetted.document.text("catatan"), "halo");
    assert!(vet_bytes(&base.document().save(), &raw).is_ok());
}

#[test]
fn unreadable_and_foreign_chunks_are_refused() {
    let base = base();
    let good = bytes(&good(&base));
    let mut checksum = good.clone();
    checksum[4] ^= 1;
    let mut compressed = good.clone();
    compressed[8] = 2;
    let mut trailing = good.clone();
    trailing.push(0);
    for bytes in [checksum, compressed, trailing, base.document().save(), vec![], vec![0; 9]] {
        let refused = base.vet(&[&bytes]);
        assert!(matches!(refused, Err(VetFault::Change { fault: ChangeFault::Unreadable, .. })), "{refused:?}");
    }
    let again = base.vet(&[GENESIS]);
    assert!(matches!(again, Err(VetFault::Change { fault: ChangeFault::Known, .. })));
}

#[test]
fn parents_sequence_author_and_counters_must_fit() {
    let base = base();
    let good = good(&base);
    assert!(base.vet(&[bytes(&good)]).is_ok());
    let missing = ChangeHash::from_bytes([9; 32]);
    let with = |alter: &dyn Fn(&mut DecodedChange)| {
        let mut change = good.clone();
        alter(&mut change);
        fault(&base, &change)
    };
    assert_eq!(with(&|change| change.deps = vec![missing]), ChangeFault::MissingParents { missing: vec![missing] });
    assert_eq!(with(&|change| change.deps = vec![]), ChangeFault::Parents);
    assert_eq!(with(&|change| change.deps.push(change.deps[0])), ChangeFault::Parents);
    for seq in [0, 2, 7, u64::MAX] {
        assert_eq!(with(&|change| change.seq = seq), ChangeFault::Sequence);
    }
    assert_eq!(with(&|change| change.actor = GENESIS_ACTOR), ChangeFault::Sequence);
    assert_eq!(with(&|change| (change.actor, change.seq) = (text_actor("kronologi"), 2)), ChangeFault::Sequence);
    assert_eq!(with(&|change| change.author = None), ChangeFault::Author);
    // A footer on an actor's second change makes the library panic.
    assert_eq!(with(&|change| (change.actor, change.seq) = (A.actor, 4)), ChangeFault::Author);
    for start_op in [1, good.start_op - 1, good.start_op + 1, u64::from(u32::MAX)] {
        assert_eq!(with(&|change| change.start_op = start_op), ChangeFault::Counters);
    }
    assert_eq!(with(&|change| change.ops.clear()), ChangeFault::Empty);
}

#[test]
fn an_actor_must_build_on_its_own_last_change() {
    let base = base();
    let mut forked = good(&base);
    (forked.actor, forked.seq, forked.author) = (A.actor, 4, None);
    forked.deps = vec![GENESIS_HASH];
    forked.start_op = 4;
    assert_eq!(fault(&base, &forked), ChangeFault::Sequence);
}

#[test]
fn only_what_simpul_writes_may_stand_in_a_map() {
    let base = base();
    let row = row_object(&base);
    let refused = |op: DecodedOp| op_fault(&base, vec![op]);
    let rooted = DecodedOp { object: Object::Root, ..op(FIELDS, key("x"), put(1)) };
    assert_eq!(refused(rooted), OperationFault::Root);
    for action in [Action::MakeMap, Action::MakeText, Action::Delete, Action::Foreign] {
        assert_eq!(refused(op(FIELDS, key("triase"), action.clone())), OperationFault::Action);
        assert_eq!(refused(op(row, key("peran"), action)), OperationFault::Action);
    }
    assert_eq!(refused(op(row, key(REMOVED), put("ya"))), OperationFault::Action);
    assert_eq!(refused(DecodedOp { insert: true, ..op(FIELDS, key("x"), put(1)) }), OperationFault::Action);
    for bad in ["", "a/b/c", "a/", &"k".repeat(300)] {
        assert_eq!(refused(op(FIELDS, key(bad), put(1))), OperationFault::Key);
    }
    assert_eq!(refused(op(FIELDS, Place::Head, put(1))), OperationFault::Key);
    for unknown in [STRANGER, A.actor, EVE.actor] {
        let object = OpId { counter: 999, actor: unknown };
        assert_eq!(refused(op(object, key("x"), put(1))), OperationFault::UnknownObject);
    }
    let on_a_value = op(field_op(&base), key("x"), put(1));
    assert_eq!(refused(on_a_value), OperationFault::UnknownObject);
}

#[test]
fn rows_and_texts_are_made_in_one_way_only() {
    let base = base();
    let refused = |op: DecodedOp| op_fault(&base, vec![op]);
    let known = row_key("tim", ROW);
    for action in [put(1), Action::Delete, Action::MakeText] {
        assert_eq!(refused(op(ROWS, key(&known), action)), OperationFault::Action);
    }
    assert_eq!(refused(op(ROWS, key("tim/1"), Action::MakeMap)), OperationFault::Key);
    let hiding = DecodedOp { preds: vec![row_object(&base)], ..op(ROWS, key(&known), Action::MakeMap) };
    assert_eq!(refused(hiding), OperationFault::Predecessor);
    assert_eq!(refused(op(TEXTS, key("baru"), Action::MakeText)), OperationFault::Action);
    assert_eq!(refused(op(TEXTS, key("kronologi"), put(Scalar::Null))), OperationFault::Action);
    // The derived change of a key outside the grammar is an ordinary change without an author.
    let outside = text_change("a/b").unwrap();
    assert!(base.vet(&[outside]).is_err());
}

#[test]
fn predecessors_must_stand_at_the_same_place_in_the_past() {
    let base = base();
    let seen = field_op(&base);
    let refused =
        |preds: Vec<OpId>, at: &str| op_fault(&base, vec![DecodedOp { preds, ..op(FIELDS, key(at), put(1)) }]);
    let of = |counter, actor| OpId { counter, actor };
    assert_eq!(refused(vec![seen], "umur"), OperationFault::Predecessor);
    assert_eq!(refused(vec![seen, seen], "triase"), OperationFault::Predecessor);
    assert_eq!(refused(vec![of(seen.counter + 50, seen.actor)], "triase"), OperationFault::Predecessor);
    assert_eq!(refused(vec![of(1, STRANGER)], "triase"), OperationFault::Predecessor);
    let own = of(base.document().max_op() + 1, EVE.actor);
    assert_eq!(refused(vec![own], "triase"), OperationFault::Predecessor);
}

#[test]
fn what_is_known_here_but_not_to_the_change_is_refused() {
    let base = base();
    let early = |op: DecodedOp| {
        let mut early = change(&base, vec![op]);
        (early.deps, early.start_op) = (vec![GENESIS_HASH], 4);
        only_op_fault(fault(&base, &early))
    };
    let superseding = DecodedOp { preds: vec![field_op(&base)], ..op(FIELDS, key("triase"), put(1)) };
    assert_eq!(early(superseding), OperationFault::Predecessor);
    assert_eq!(early(op(row_object(&base), key("peran"), put(1))), OperationFault::UnknownObject);
    let typed = DecodedOp { insert: true, ..op(text_object("kronologi"), Place::Head, put("x")) };
    assert_eq!(early(typed), OperationFault::UnknownObject);
}

#[test]
fn texts_take_single_characters_and_deletions_only() {
    let base = base();
    let text = text_object("kronologi");
    let refused = |op: DecodedOp| op_fault(&base, vec![op]);
    let first = OpId { counter: base.document().max_op(), actor: A.actor };
    let element = || Place::Element(first);
    assert!(
        base.vet(&[bytes(&change(&base, vec![DecodedOp { insert: true, ..op(text, element(), put("é")) }]))]).is_ok()
    );
    let inserted = |place, action| DecodedOp { insert: true, ..op(text, place, action) };
    assert_eq!(refused(inserted(Place::Head, put("ab"))), OperationFault::Action);
    assert_eq!(refused(inserted(Place::Head, put(""))), OperationFault::Action);
    assert_eq!(refused(inserted(Place::Head, put(1))), OperationFault::Action);
    assert_eq!(refused(inserted(Place::Head, Action::MakeMap)), OperationFault::Action);
    for unknown in [OpId { counter: 900, actor: A.actor }, OpId { counter: 1, actor: STRANGER }, field_op(&base)] {
        assert_eq!(refused(inserted(Place::Element(unknown), put("x"))), OperationFault::Element);
        let gone = DecodedOp { preds: vec![unknown], ..op(text, Place::Element(unknown), Action::Delete) };
        assert_eq!(refused(gone), OperationFault::Element);
    }
    assert_eq!(refused(op(text, element(), Action::Delete)), OperationFault::Predecessor);
    assert_eq!(refused(op(text, element(), put("x"))), OperationFault::Action);
    assert_eq!(refused(op(text, element(), Action::Foreign)), OperationFault::Action);
    assert_eq!(refused(op(text, key("x"), put("x"))), OperationFault::Key);
}

#[test]
fn a_change_of_another_document_does_not_slip_in() {
    let base = base();
    let mut other = Document::new().unwrap();
    let first = Edit::SetField { key: "triase".into(), value: "HIJAU".into(), seen: vec![] };
    apply(&mut other, &EVE, &first, 0).unwrap();
    let second = Edit::SetField { key: "umur".into(), value: 3.into(), seen: vec![] };
    let written = apply(&mut other, &EVE, &second, 0).unwrap();
    let refused = base.vet(&[&written[0].bytes]);
    assert!(matches!(refused, Err(VetFault::Change { fault: ChangeFault::MissingParents { .. }, .. })));
}

#[test]
fn nothing_of_a_refused_batch_is_kept() {
    let base = base();
    let before = base.document().save();
    let good = good(&base);
    let mut bad = good.clone();
    (bad.actor, bad.seq) = (STRANGER, 3);
    let refused = base.vet(&[bytes(&good), bytes(&bad)]);
    assert!(matches!(refused, Err(VetFault::Change { index: 1, fault: ChangeFault::Sequence })));
    assert_eq!(base.document().save(), before);
    assert!(base.vet(&[bytes(&good)]).is_ok());
}

/// What a document holds after each of these was tried in turn, and those it refused, one proof for all or one for each.
fn tried_in_turn(base: &VettedDocument, changes: &[Vec<u8>], careful: bool) -> (VettedDocument, Vec<usize>) {
    let mut trial = if careful { Trial::careful(base) } else { Trial::on(base) };
    let mut refused = Vec::new();
    for (index, bytes) in changes.iter().enumerate() {
        match trial.admit(bytes) {
            Ok(admitted) => trial.take(admitted),
            Err(_) => refused.push(index),
        }
    }
    (trial.prove().unwrap(), refused)
}

#[test]
fn changes_tried_in_turn_pass_the_gates_of_changes_tried_alone() {
    let base = base();
    let valid = valid_changes(&base);
    let mut bad = good(&base);
    (bad.actor, bad.seq) = (STRANGER, 3);
    let (bad, good) = (bytes(&bad), bytes(&good(&base)));
    // Of one actor's first changes only one can stand; the rest is what a fork of it would be.
    let changes = [bad.clone(), valid[0].clone(), valid[1].clone(), bad, good];
    for careful in [false, true] {
        let (document, refused) = tried_in_turn(&base, &changes, careful);
        assert_eq!(refused, [0, 2, 3, 4], "{careful}");
        let alone = base.vet(&changes[1..2]).unwrap();
        assert_eq!(document.document().save(), alone.document.save());
        // And what is tried next on it is tried on everything it holds.
        let mut alone_too = base.clone();
        alone_too.accept(alone);
        let next = Edit::SetField { key: "umur".into(), value: 18.into(), seen: vec![] };
        let next = apply(&mut document.document().clone(), &EVE, &next, 1).unwrap().remove(0).bytes;
        assert_eq!(document.vet(&[&next]).unwrap().touched, alone_too.vet(&[&next]).unwrap().touched);
    }
}

#[test]
fn what_was_admitted_and_not_taken_leaves_nothing_behind() {
    let base = base();
    let valid = valid_changes(&base);
    for careful in [false, true] {
        let mut trial = if careful { Trial::careful(&base) } else { Trial::on(&base) };
        let mut admitted = trial.admit(&valid[0]).unwrap();
        assert_eq!(trial.after(&mut admitted).unwrap().field("triase").settled(), Some(&"HIJAU".into()));
        drop(admitted);
        assert_eq!(trial.document().unwrap().save(), base.document().save());
        // The same actor's other first change is as good as if the first had never been seen.
        let mut other = trial.admit(&valid[1]).unwrap();
        assert_eq!(trial.after(&mut other).unwrap().rows("tim").len(), 2);
        trial.take(other);
        assert_eq!(trial.document().unwrap().rows("tim").len(), 2);
        assert_eq!(trial.prove().unwrap().document().field("triase").settled(), Some(&"MERAH".into()));
    }
}

fn valid_changes(base: &VettedDocument) -> Vec<Vec<u8>> {
    let seen = base.document().field("triase").ops();
    let row = base.document().row("tim", ROW).unwrap();
    let heads = base.document().heads();
    let edits = [
        Edit::SetField { key: "triase".into(), value: "HIJAU".into(), seen },
        Edit::AddRow {
            table: "tim".into(),
            row: RowId::from_bytes([4; 16]),
            fields: vec![("peran".into(), "SER".into()), ("urutan".into(), 3.into())],
        },
        Edit::RemoveRow { table: "tim".into(), row: ROW, seen: row.ops() },
        Edit::EditText { key: "kronologi".into(), base: heads, old: "awal".into(), new: "di awal cerita".into() },
    ];
    edits.iter().map(|edit| apply(&mut base.document().clone(), &EVE, edit, 1).unwrap().remove(0).bytes).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn a_mutated_change_is_refused_or_harmless(
        which in 0_usize..4,
        mutations in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        thread_local! {
            static BASE: (VettedDocument, Vec<Vec<u8>>) = { let base = base(); let valid = valid_changes(&base); (base, valid) };
        }
        BASE.with(|(base, valid)| {
            let mut bytes = valid[which].clone();
            for (index, value) in &mutations {
                let at = 8 + index.index(bytes.len() - 8);
                bytes[at] = *value;
            }
            let hash = Sha256::digest(&bytes[8..]);
            bytes[4..8].copy_from_slice(&hash[..4]);
            // The relay checks sizes first; without that, a mutation can expand to gigabytes.
            if CheckedChange::check(&bytes).is_ok() {
                match base.vet(&[&bytes]) {
                    Ok(vetted) => {
                        let reopened = Document::load(&vetted.document.save()).unwrap();
                        prop_assert_eq!(reopened.digest_of_values(), vetted.document.digest_of_values());
                    }
                    Err(VetFault::Change { .. }) => {}
                    Err(other) => prop_assert!(false, "a later gate had to catch it: {:?} {:02x?}", other, bytes),
                }
            }
            Ok(())
        })?;
    }
}
