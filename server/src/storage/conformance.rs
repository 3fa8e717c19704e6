//! What every backend must do, spelled once and run on each.

use super::failing::{FailPoint, FailingBackend};
use super::memory::MemoryBackend;
use super::sqlite::{Durability, SqliteBackend};
use super::{Backend, Range, StorageError, Table};

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

async fn run_all(backend: &dyn Backend) {
    what_is_committed_is_there(backend).await;
    what_is_dropped_is_not(backend).await;
    ranges_are_half_open_and_sorted(backend).await;
    many_keys_are_found_at_once(backend).await;
    a_reader_keeps_its_state(backend).await;
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
