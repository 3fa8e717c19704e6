//! What receipts and pages come to when a document goes while edits of it wait.

use super::*;
use crate::command::{self, Edit, Writer};
use crate::document::Document;
use crate::id::CaseId;
use crate::protocol::frame::Push;
use crate::value::Scalar;

const AUTHOR: AccountId = AccountId::from_bytes([1; 16]);
const ACTOR: ActorId = ActorId::from_bytes([2; 16]);

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
    apply_page(&page(vec![gone(), gone()]), &mut map, &mut meta);
    assert_eq!(meta.check(), RunningCheck::default());
}

#[test]
fn a_receipt_does_not_bring_back_what_is_gone() {
    let rows = rows();
    let mut meta = meta_of(&rows);
    let mut map = RowMap::from([(key().id(), rows)]);
    let batch = apply_page(&page(vec![gone()]), &mut map, &mut meta);
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
    };
    let mut map = RowMap::from([(key().id(), DocumentRows { stored: None, pending: vec![edit.clone()] })]);
    let rewriter = Rewriter { author: AUTHOR, entropy: [0; 32] };
    let batch = apply_receipts(&receipts, &sent, &mut map, &mut meta, &rewriter);
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
    let batch = apply_page(&page(vec![snapshot(bytes.clone())]), &mut map, &mut SyncMeta::default());
    let taken = map[&key().id()].stored.clone().unwrap();
    assert_eq!(taken.heads, stored.heads);
    assert_eq!(taken.open().unwrap().digest_of_values(), stored.open().unwrap().digest_of_values());
    assert!(batch.writes.contains(&RowWrite::PutDocument(taken)));
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for bytes in [damaged, bytes[..bytes.len() - 1].to_vec()] {
        let mut meta = SyncMeta::default();
        let batch = apply_page(&page(vec![snapshot(bytes)]), &mut RowMap::new(), &mut meta);
        assert!(batch.writes.contains(&RowWrite::SetAside(key().id())));
        assert_eq!(meta.repair, RepairState::Buckets);
    }
}
