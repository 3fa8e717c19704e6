//! What receipts and pages come to when a document goes while edits of it wait.

use super::*;
use crate::command::{self, Edit, Writer};
use crate::document::Document;
use crate::id::{AccountId, ActorId, CaseId, DocumentKey};
use crate::protocol::frame::{ChangeBytes, Part, Push, PushReceipt, Receipt, Receipts};
use crate::sync::check::term;
use crate::sync::outbox::SentPush;
use crate::sync::row::{DocumentRows, RowMap, raw};
use crate::sync::{change_deps, change_hash};
use crate::value::Scalar;

const AUTHOR: AccountId = AccountId::from_bytes([1; 16]);
const ACTOR: ActorId = ActorId::from_bytes([2; 16]);
const REWRITER: Rewriter = Rewriter { author: AUTHOR, entropy: [0; 32] };

fn key() -> DocumentKey {
    DocumentKey { case: CaseId::from_bytes([3; 16]), kind: String::from("intake"), subject: None, generation: 0 }
}

/// A document the relay acknowledged, with one edit that waits.
fn rows() -> DocumentRows {
    let mut document = Document::new().unwrap();
    let mut stored = StoredDocument::empty(key());
    let mut pending = Vec::new();
    for (number, value) in ["satu", "dua"].into_iter().enumerate() {
        let seen = document.field("nama").ops();
        let edit = Edit::SetField { key: String::from("nama"), value: Scalar::Str(value.to_owned()), seen };
        let changes = command::apply(&mut document, &Writer { author: AUTHOR, actor: ACTOR }, &edit, 0).unwrap();
        let changes: Vec<ChangeBytes> = changes.into_iter().map(|change| ChangeBytes(change.bytes)).collect();
        if number == 0 {
            let (hash, deps) = (change_hash(&changes[0].0).unwrap(), change_deps(&changes[0].0));
            stored.append(changes[0].clone(), hash, &deps, Received { at_s: 0, device_number: 1 });
            continue;
        }
        let order = PendingOrder { number: 1, tab: 0 };
        pending.push(PendingEdit {
            order,
            key: key(),
            edit,
            time_ms: 0,
            changes,
            urgent: false,
            actor: ACTOR,
            document_gone: false,
            message: None,
            awaits_copy: None,
        });
    }
    DocumentRows { stored: Some(stored), pending }
}

fn meta_of(rows: &DocumentRows) -> SyncMeta {
    let mut meta = SyncMeta { check_key: Some([7; 16]), ..SyncMeta::default() };
    let mut check = RunningCheck::default();
    check.add(term(&[7; 16], key().id(), &rows.stored.as_ref().unwrap().heads));
    meta.set_check(check);
    meta
}

fn gone() -> Item {
    Item::Gone { document: key().id(), reason: GoneReason::Ended, ended_ms: None }
}

fn page(items: Vec<Item>) -> Page {
    Page { items, cursor: vec![1] }
}

#[test]
fn a_document_that_goes_twice_in_one_page_is_counted_out_once() {
    let rows = rows();
    let mut meta = meta_of(&rows);
    let mut map = RowMap::from([(key().id(), rows)]);
    apply_page(&page(vec![gone(), gone()]), &mut map, &mut meta, &REWRITER);
    assert_eq!(meta.check(), RunningCheck::default());
}

#[test]
fn pages_that_came_together_are_as_if_each_had_come_alone() {
    let stored = rows().stored.unwrap();
    let whole = || Item::Snapshot {
        key: key(),
        bytes: stored.open().unwrap().save(),
        received: vec![ReceivedRun { count: 2, seconds_delta: 0, device_number: 1 }],
    };
    let contact = |day| Item::Contact { device_number: 4, day };
    let items =
        [vec![whole(), contact(1)], vec![gone()], vec![contact(2), whole()], vec![], vec![gone()], vec![whole()]];
    let pages: Vec<Page> =
        items.into_iter().zip(1..).map(|(items, cursor)| Page { items, cursor: vec![cursor] }).collect();
    let one_by_one = |pages: &[Page]| {
        let (mut map, mut meta) = (RowMap::new(), SyncMeta { check_key: Some([7; 16]), ..SyncMeta::default() });
        let writes = pages.iter().flat_map(|page| apply_page(page, &mut map, &mut meta, &REWRITER).writes);
        let writes: Vec<RowWrite> = writes.filter(|write| !matches!(write, RowWrite::PutMeta(_))).collect();
        (map, meta, writes)
    };
    let fault = Part::Fault(crate::protocol::frame::Fault { code: 1, retry_after_s: None });
    let mut parts: Vec<Part> = pages.iter().cloned().map(Part::Page).collect();
    parts.extend([fault.clone(), Part::Page(pages[0].clone())]);
    let joined = together(parts);
    let [Part::Page(a), Part::Page(b), Part::Page(c), Part::Page(d), other, Part::Page(last)] = joined.as_slice()
    else {
        panic!("two at most, nothing after what goes, nothing across what is no page: {joined:?}")
    };
    assert_eq!((other, last), (&fault, &pages[0]));
    assert_eq!(one_by_one(&[a.clone(), b.clone(), c.clone(), d.clone()]), one_by_one(&pages));
}

#[test]
fn a_receipt_does_not_bring_back_what_is_gone() {
    let rows = rows();
    let mut meta = meta_of(&rows);
    let mut map = RowMap::from([(key().id(), rows)]);
    let batch = apply_page(&page(vec![gone()]), &mut map, &mut meta, &REWRITER);
    let kept = batch.writes.iter().find_map(|write| {
        let RowWrite::PutPending(edit) = write else { return None };
        Some(edit.clone())
    });
    let edit = kept.expect("the edit waits on, and knows");
    assert!(edit.document_gone);

    let hash = change_hash(&edit.changes[0].0).unwrap();
    let push = Push { document: key().id(), create: None, changes: edit.changes.clone(), signature: [0; 64] };
    let sent = SentPushes {
        pushes: vec![SentPush { key: key(), push, changes: vec![(edit.order, hash)] }],
        ..SentPushes::default()
    };
    let receipts = Receipts {
        received_ms: 0,
        device_number: 1,
        pushes: vec![PushReceipt::Each(vec![Receipt::Duplicate])],
        slot_stored: false,
        check_key: None,
        decisions: None,
        brought: None,
        seen: None,
    };
    let mut map = RowMap::from([(key().id(), DocumentRows { stored: None, pending: vec![edit.clone()] })]);

    let batch = apply_receipts(&receipts, &sent, &mut map, &mut meta, &REWRITER);
    assert!(!batch.writes.iter().any(|write| matches!(write, RowWrite::PutDocument(_))), "{batch:?}");
    assert!(
        batch.writes.contains(&RowWrite::DropPending(edit.order)),
        "the relay has it, so it does not wait any more"
    );
    assert_eq!(meta.check(), RunningCheck::default());
}

#[test]
fn a_snapshot_that_did_not_come_whole_is_set_aside_and_fetched_again() {
    let stored = rows().stored.unwrap();
    let bytes = stored.open().unwrap().save();
    let snapshot = |bytes: Vec<u8>| Item::Snapshot {
        key: key(),
        bytes,
        received: vec![ReceivedRun { count: 2, seconds_delta: 0, device_number: 1 }],
    };
    let mut map = RowMap::new();
    let batch = apply_page(&page(vec![snapshot(bytes.clone())]), &mut map, &mut SyncMeta::default(), &REWRITER);
    let taken = map[&key().id()].stored.clone().unwrap();
    assert_eq!(taken.heads, stored.heads);
    assert_eq!(taken.open().unwrap().digest_of_values(), stored.open().unwrap().digest_of_values());
    assert!(batch.writes.contains(&RowWrite::PutDocument(taken)));
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for bytes in [damaged, bytes[..bytes.len() - 1].to_vec()] {
        let mut meta = SyncMeta::default();
        let batch = apply_page(&page(vec![snapshot(bytes)]), &mut RowMap::new(), &mut meta, &REWRITER);
        assert!(batch.writes.contains(&RowWrite::SetAside(key().id())));
        assert_eq!(meta.repair, RepairState::Buckets);
    }
}

/// Three edits, one on top of the other, of a document that went meanwhile; and the acknowledged document they began on.
fn three_of_a_document_that_is_gone() -> (StoredDocument, Vec<PendingEdit>) {
    let DocumentRows { stored, mut pending } = rows();
    let stored = stored.unwrap();
    let mut document = stored.open().unwrap();
    document.apply(&raw(&pending[0].changes)).unwrap();
    for (number, field, value) in [(2, "suku", "tiga"), (3, "nama", "empat")] {
        let (key, seen) = (String::from(field), document.field(field).ops());
        let edit = Edit::SetField { key, value: Scalar::Str(value.to_owned()), seen };
        let changes = command::apply(&mut document, &Writer { author: AUTHOR, actor: ACTOR }, &edit, 0).unwrap();
        let changes = changes.into_iter().map(|change| ChangeBytes(change.bytes)).collect();
        let order = PendingOrder { number, tab: 0 };
        pending.push(PendingEdit { order, edit, changes, ..pending[0].clone() });
    }
    for edit in &mut pending {
        edit.document_gone = true;
    }
    (stored, pending)
}

fn answer(pending: &[PendingEdit], each: Vec<Receipt>, map: &mut RowMap, meta: &mut SyncMeta) -> Batch {
    let changes: Vec<ChangeBytes> = pending.iter().flat_map(|edit| edit.changes.clone()).collect();
    let hashes = pending.iter().map(|edit| (edit.order, change_hash(&edit.changes[0].0).unwrap())).collect();
    let push = Push { document: key().id(), create: None, changes, signature: [0; 64] };
    let sent = SentPushes { pushes: vec![SentPush { key: key(), push, changes: hashes }], ..SentPushes::default() };
    let receipts = Receipts {
        received_ms: 0,
        device_number: 1,
        pushes: vec![PushReceipt::Each(each)],
        slot_stored: false,
        check_key: None,
        decisions: None,
        brought: None,
        seen: None,
    };
    apply_receipts(&receipts, &sent, map, meta, &REWRITER)
}

#[test]
fn what_was_written_over_an_edit_that_was_taken_is_written_anew_on_the_copy_that_has_it() {
    let (mut stored, pending) = three_of_a_document_that_is_gone();
    let mut meta = SyncMeta { check_key: Some([7; 16]), ..SyncMeta::default() };
    let mut map = RowMap::from([(key().id(), DocumentRows { stored: None, pending: pending.clone() })]);
    let each = vec![Receipt::Accepted, Receipt::Refused(1311), Receipt::Reissue];
    let batch = answer(&pending, each, &mut map, &mut meta);
    assert!(batch.rebuilt.is_empty(), "on nothing it would stand beside what it replaces");
    let left = map[&key().id()].pending.clone();
    assert_eq!(left.iter().map(|edit| edit.order.number).collect::<Vec<_>>(), [3], "the others came to their end");
    assert_eq!(left[0].changes, pending[2].changes);

    let taken = &pending[0].changes[0];
    let hash = change_hash(&taken.0).unwrap();
    stored.append(taken.clone(), hash, &change_deps(&taken.0), Received { at_s: 0, device_number: 1 });
    let mut document = stored.open().unwrap();
    let received = vec![ReceivedRun { count: 2, seconds_delta: 0, device_number: 1 }];
    let copy = Item::Snapshot { key: key(), bytes: document.save(), received };
    let batch = apply_page(&page(vec![copy]), &mut map, &mut meta, &REWRITER);
    assert!(batch.rebuilt.contains(&key().id()));
    let left = &map[&key().id()].pending;
    assert_eq!(left[0].awaits_copy, None);
    document.apply(&raw(&left[0].changes)).unwrap();
    assert_eq!(document.field("nama").settled(), Some(&Scalar::Str(String::from("empat"))), "and nothing beside it");
}

#[test]
fn a_clearing_of_what_is_not_here_waits_for_the_copy_that_has_it() {
    let (stored, pending) = three_of_a_document_that_is_gone();
    let mut meta = SyncMeta { check_key: Some([7; 16]), ..SyncMeta::default() };
    let mut map = RowMap::from([(key().id(), DocumentRows { stored: None, pending: pending[1..].to_vec() })]);
    let batch = answer(&pending[1..], vec![Receipt::Refused(1311), Receipt::Reissue], &mut map, &mut meta);
    assert!(batch.rebuilt.is_empty(), "the account may write there, so its copy comes");
    let received = vec![ReceivedRun { count: 1, seconds_delta: 0, device_number: 1 }];
    let copy = Item::Snapshot { key: key(), bytes: stored.open().unwrap().save(), received };
    assert!(apply_page(&page(vec![copy]), &mut map, &mut meta, &REWRITER).rebuilt.contains(&key().id()));
}

#[test]
fn without_a_copy_to_come_it_is_written_anew_on_what_there_is() {
    let (_, pending) = three_of_a_document_that_is_gone();
    let mut meta = SyncMeta { check_key: Some([7; 16]), ..SyncMeta::default() };
    let mut map = RowMap::from([(key().id(), DocumentRows { stored: None, pending: pending.clone() })]);
    let each = vec![Receipt::Accepted, Receipt::Refused(1311), Receipt::Reissue];
    answer(&pending, each, &mut map, &mut meta);
    let left = map[&key().id()].pending.clone();
    assert!(answer(&left, vec![Receipt::Reissue], &mut map, &mut meta).rebuilt.is_empty(), "the copy may still come");
    let check = meta.check().to_frame();
    let end = End { more: false, now_ms: 1, check: Some(check), pack: 1, merged_before_ms: 0, notice: 0 };
    apply_end(&end, &mut meta, 1, true);
    let batch = answer(&left, vec![Receipt::Reissue], &mut map, &mut meta);
    assert!(batch.rebuilt.contains(&key().id()), "the account has everything, and this is not among it");
}

#[test]
fn an_edit_whose_document_comes_again_without_what_it_stands_on_is_written_anew() {
    let DocumentRows { stored, pending } = rows();
    let lost = StoredDocument::empty(key()).open().unwrap();
    for (copy, anew) in [(stored.unwrap().open().unwrap(), false), (lost, true)] {
        let (mut map, mut meta) = (RowMap::new(), SyncMeta::default());
        map.insert(key().id(), DocumentRows { stored: None, pending: pending.clone() });
        let item = Item::Snapshot { key: key(), bytes: copy.save(), received: Vec::new() };
        let batch = apply_page(&page(vec![item]), &mut map, &mut meta, &REWRITER);
        assert_eq!(batch.rebuilt.contains(&key().id()), anew);
        let mut document = copy;
        document.apply(&raw(&map[&key().id()].pending[0].changes)).unwrap();
        assert_eq!(document.field("nama").settled(), Some(&Scalar::Str(String::from("dua"))));
    }
}
