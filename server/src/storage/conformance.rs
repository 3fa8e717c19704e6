//! What every backend must do, spelled once and run on each.

use super::failing::{FailPoint, FailingBackend};
use super::memory::MemoryBackend;
use super::record::{HeldDecision, HeldRecord, SeatLevel, SeatRecord, WaitingOfferRecord};
use super::sqlite::{Durability, SqliteBackend};
use super::{Backend, Range, ReadTx, StorageError, Table, WriteTx};
use shared::id::{AccountId, CaseId, ChangeHash, DeviceId, DocumentKey, HeldId};
use shared::protocol::held::HeldOutcome;

async fn put(backend: &dyn Backend, rows: &[(&[u8], &[u8])]) {
    let mut tx = backend.write().await.unwrap();
    for (key, value) in rows {
        tx.put(Table::Meta, key, value).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn all(backend: &dyn Backend) -> Vec<(Vec<u8>, Vec<u8>)> {
    let range = Range::prefix(&[]);
    let mut tx = backend.read().await.unwrap();
    tx.scan(Table::Meta, &range, 100).await.unwrap()
}

async fn what_is_committed_is_there(backend: &dyn Backend) {
    put(backend, &[(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]).await;
    let mut tx = backend.read().await.unwrap();
    assert_eq!(tx.get(Table::Meta, b"a").await.unwrap(), Some(b"3".to_vec()));
    assert_eq!(tx.get(Table::Meta, b"z").await.unwrap(), None);
    assert_eq!(tx.get(Table::Account, b"a").await.unwrap(), None, "tables are apart");
}

async fn what_is_dropped_is_not(backend: &dyn Backend) {
    let before = all(backend).await;
    let mut tx = backend.write().await.unwrap();
    tx.put(Table::Meta, b"a", b"9").await.unwrap();
    tx.put(Table::Meta, b"new", b"9").await.unwrap();
    tx.delete(Table::Meta, b"b").await.unwrap();
    assert_eq!(tx.get(Table::Meta, b"a").await.unwrap(), Some(b"9".to_vec()), "a writer sees its own writes");
    assert_eq!(tx.get(Table::Meta, b"b").await.unwrap(), None);
    drop(tx);
    assert_eq!(all(backend).await, before);
}

async fn ranges_are_half_open_and_sorted(backend: &dyn Backend) {
    put(backend, &[(&[1, 0], b"x"), (&[1, 255], b"y"), (&[2], b"z"), (&[255], b"end")]).await;
    let mut tx = backend.read().await.unwrap();
    let keys = |rows: Vec<(Vec<u8>, Vec<u8>)>| rows.into_iter().map(|row| row.0).collect::<Vec<_>>();
    let one = Range::prefix(&[1]);
    assert_eq!(keys(tx.scan(Table::Meta, &one, 9).await.unwrap()), vec![vec![1, 0], vec![1, 255]]);
    assert_eq!(keys(tx.scan(Table::Meta, &one, 1).await.unwrap()), vec![vec![1, 0]]);
    assert_eq!(keys(tx.scan(Table::Meta, &Range::prefix_after(&[1], &[1, 0]), 9).await.unwrap()), vec![vec![1, 255]]);
    assert_eq!(tx.last(Table::Meta, &one).await.unwrap().map(|row| row.0), Some(vec![1, 255]));
    assert_eq!(keys(tx.scan(Table::Meta, &Range::prefix(&[255]), 9).await.unwrap()), vec![vec![255]]);
    let backwards = Range { from: vec![2], to: Some(vec![1]) };
    assert!(tx.scan(Table::Meta, &backwards, 9).await.unwrap().is_empty());
}

async fn many_keys_are_found_at_once(backend: &dyn Backend) {
    let keys: Vec<Vec<u8>> = (0..1000_u16).map(|number| number.to_be_bytes().to_vec()).collect();
    let mut tx = backend.write().await.unwrap();
    for key in keys.iter().step_by(2) {
        tx.put(Table::Document, key, key).await.unwrap();
    }
    let mut rows = tx.get_many(Table::Document, &keys).await.unwrap();
    tx.commit().await.unwrap();
    rows.sort();
    assert_eq!(rows.len(), 500);
    assert!(rows.iter().all(|(key, value)| key == value));
}

async fn a_reader_keeps_its_state(backend: &dyn Backend) {
    // Memory answers by letting the writer wait, SQLite by a snapshot: either way a reader never sees half a commit.
    let mut reader = backend.read().await.unwrap();
    let before = reader.get(Table::Meta, b"a").await.unwrap();
    let writing = async {
        let mut tx = backend.write().await.unwrap();
        tx.put(Table::Meta, b"a", b"later").await.unwrap();
        tx.commit().await.unwrap();
    };
    let reading = async {
        tokio::task::yield_now().await;
        assert_eq!(reader.get(Table::Meta, b"a").await.unwrap(), before);
        drop(reader);
    };
    tokio::join!(writing, reading);
    assert_eq!(backend.read().await.unwrap().get(Table::Meta, b"a").await.unwrap(), Some(b"later".to_vec()));
}

/// Offers that wait: told in the order of their device's counters, replaced by the same counter, gone when dropped.
async fn waiting_offers_are_kept_by_device_and_counter(backend: &dyn Backend) {
    let (one, other) = (DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
    let record = |bytes: u64| WaitingOfferRecord { at_ms: 7, tried_ms: 8, bytes, pushes: Vec::new() };
    let mut tx = WriteTx::new(backend.write().await.unwrap());
    for (device, counter, bytes) in [(one, 256, 1), (one, 2, 2), (other, 1, 3), (one, 256, 4)] {
        tx.put_waiting_upload(device, counter, &record(bytes), &counter.to_be_bytes()).await.unwrap();
    }
    assert_eq!(tx.view().waiting_bytes(one).await.unwrap(), 6);
    let all = tx.view().waiting_offers().await.unwrap();
    assert_eq!(all, vec![(one, 2, record(2)), (one, 256, record(4)), (other, 1, record(3))]);
    tx.drop_waiting_offer(one, 256).await.unwrap();
    tx.put_waiting_offer(other, 1, &record(5)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = ReadTx::new(backend.read().await.unwrap());
    let mut view = tx.view();
    assert_eq!(view.waiting_offers().await.unwrap(), vec![(one, 2, record(2)), (other, 1, record(5))]);
    assert_eq!(view.waiting_upload(other, 1).await.unwrap(), Some(1_u64.to_be_bytes().to_vec()));
    assert_eq!(view.waiting_upload(one, 256).await.unwrap(), None);
}

/// Rows of held changes: found by document, by name and, while they wait, by case; told to each account once, at the
/// latest position.
async fn held_changes_are_found_and_told(backend: &dyn Backend) {
    let key = |case: u8| DocumentKey {
        case: CaseId::from_bytes([case; 16]),
        kind: String::from("intake"),
        subject: None,
        generation: 0,
    };
    let record = |case: u8, decision: Option<HeldDecision>| HeldRecord {
        key: key(case),
        account: AccountId::from_bytes([9; 16]),
        device: DeviceId::from_bytes([8; 16]),
        code: 1402,
        received_ms: 7,
        sealed: vec![case; 3],
        order: 1,
        derived: false,
        forwarded: false,
        decision,
    };
    let hash = |byte: u8| ChangeHash::from_bytes([byte; 32]);
    let (one, other) = (key(1).id(), key(2).id());
    let held = |document, byte| HeldId::derive(document, hash(byte));
    let (a, b) = (AccountId::from_bytes([1; 16]), AccountId::from_bytes([2; 16]));
    let mut tx = WriteTx::new(backend.write().await.unwrap());
    for (document, byte, case) in [(one, 1, 1), (one, 2, 1), (other, 1, 2)] {
        tx.put_held(document, hash(byte), &record(case, None)).await.unwrap();
    }
    for (position, account, byte) in [(5, a, 1), (6, b, 1), (7, a, 2)] {
        let seat = SeatRecord { position, level: SeatLevel::Decides };
        tx.put_seat(held(one, byte), account, None, &seat).await.unwrap();
    }
    tx.commit().await.unwrap();

    let decision = HeldDecision {
        outcome: HeldOutcome::Declined,
        account: a,
        device: DeviceId::from_bytes([8; 16]),
        at_ms: 9,
        sealed_reason: Some(vec![1, 2]),
    };
    let mut tx = WriteTx::new(backend.write().await.unwrap());
    tx.put_held(one, hash(1), &record(1, Some(decision.clone()))).await.unwrap();
    let told = SeatRecord { position: 8, level: SeatLevel::Told };
    tx.put_seat(held(one, 1), a, Some(5), &told).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = ReadTx::new(backend.read().await.unwrap());
    let mut view = tx.view();
    assert_eq!(view.held(one, hash(1)).await.unwrap(), Some(record(1, Some(decision))));
    let of: Vec<ChangeHash> = view.held_of(one).await.unwrap().into_iter().map(|(hash, _)| hash).collect();
    assert_eq!(of, vec![hash(1), hash(2)]);
    assert_eq!(view.all_held().await.unwrap().len(), 3);
    assert_eq!(view.held_named(held(other, 1)).await.unwrap(), Some((other, hash(1))));
    assert_eq!(view.held_named(held(other, 2)).await.unwrap(), None);
    assert_eq!(view.open_held_of(key(1).case).await.unwrap(), vec![held(one, 2)], "what was decided waits no longer");
    assert_eq!(view.cases_with_held().await.unwrap(), vec![key(1).case, key(2).case]);
    assert_eq!(view.seat(held(one, 1), a).await.unwrap(), Some(told));
    assert_eq!(view.seats(held(one, 1)).await.unwrap().len(), 2);
    assert_eq!(view.seat_events(a, 0, 9).await.unwrap(), vec![(7, held(one, 2)), (8, held(one, 1))]);
    assert_eq!(view.seat_events(a, 7, 9).await.unwrap(), vec![(8, held(one, 1))]);
    assert_eq!(view.seat_events(a, 0, 1).await.unwrap(), vec![(7, held(one, 2))]);
    assert_eq!(view.seat_events(b, 0, 9).await.unwrap(), vec![(6, held(one, 1))]);
}

async fn run_all(backend: &dyn Backend) {
    what_is_committed_is_there(backend).await;
    what_is_dropped_is_not(backend).await;
    ranges_are_half_open_and_sorted(backend).await;
    many_keys_are_found_at_once(backend).await;
    a_reader_keeps_its_state(backend).await;
    held_changes_are_found_and_told(backend).await;
    waiting_offers_are_kept_by_device_and_counter(backend).await;
}

#[tokio::test]
async fn memory_conforms() {
    run_all(&MemoryBackend::default()).await;
}

#[tokio::test]
async fn sqlite_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let backend = SqliteBackend::open(&folder.path().join("simpul.db"), Durability::Full).await.unwrap();
    run_all(&backend).await;
    backend.check_integrity().await.unwrap();
}

#[tokio::test]
async fn sqlite_keeps_what_it_committed_when_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simpul.db");
    let backend = SqliteBackend::open(&path, Durability::Full).await.unwrap();
    put(&backend, &[(b"a", b"1")]).await;
    let copy = folder.path().join("copy.db");
    backend.copy_to(&copy).await.unwrap();
    backend.close().await;
    for path in [path, copy] {
        let backend = SqliteBackend::open(&path, Durability::Full).await.unwrap();
        assert_eq!(all(&backend).await, vec![(b"a".to_vec(), b"1".to_vec())]);
    }
}

#[tokio::test]
async fn a_full_disk_undoes_the_whole_transaction() {
    let point = FailPoint::default();
    let backend = FailingBackend::new(MemoryBackend::default(), point.clone());
    put(&backend, &[(b"a", b"1")]).await;
    for writes in 0..3 {
        point.fill_after(writes);
        let attempt = async {
            let mut tx = backend.write().await?;
            tx.put(Table::Meta, b"a", b"2").await?;
            tx.put(Table::Meta, b"b", b"2").await?;
            tx.commit().await
        };
        assert!(matches!(attempt.await, Err(StorageError::Full)), "after {writes} writes");
        assert_eq!(all(&backend).await, vec![(b"a".to_vec(), b"1".to_vec())]);
    }
    point.heal();
    put(&backend, &[(b"b", b"2")]).await;
}
