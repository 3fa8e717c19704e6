//! Has Chromium begin a new log under IndexedDB, so that one torn by a crash is never written on.
//!
//! Chromium keeps IndexedDB in LevelDB and goes on with the log of the run before. A run that was killed in the middle of
//! a write left half a record at its end. The next start passes it over and has everything; but what it appends stands
//! behind the half, and the start after that finds a checksum that does not match and deletes every database of the
//! origin, unsent work and all (google/leveldb#1287; one in 283 kills here). A log is left for good once more than the
//! write buffer of 4 MiB went through it: so every first tab writes that much and takes it away again. It is done before
//! anybody can have typed five words. Suite `torn-log` tears a log and looks.

use super::Browser;
use crate::platform::{Claim, Locks as _};
use crate::store::{Databases as _, Durability, Op, StorageKey, StoreError};

/// Name of the database that is filled and deleted.
const DATABASE: &str = "simpul-log";
/// Held by the tab that has seen to it, for as long as it lives.
const LOCK: &str = "simpul-log";
/// One row. From 64 KiB on Chromium would put it into a file of its own instead of the log.
const ROW_BYTES: usize = 32 * 1024;
/// Rows of one transaction.
const ROWS: u8 = 40;
/// Transactions; together with the rows 5 MiB.
const TRANSACTIONS: u8 = 4;

/// Sees to it, unless another tab has.
pub(super) async fn begin() {
    let Some(lock) = Browser.claim(LOCK, Claim::IfFree).await else { return };
    // Without room, or in another browser's private window, there is nothing to do and nothing to say: whoever writes
    // next hears of it.
    let _ = fill_and_delete().await;
    lock.lost().await;
}

async fn fill_and_delete() -> Result<(), StoreError> {
    let filled = fill().await;
    Browser.delete(DATABASE).await?;
    filled
}

async fn fill() -> Result<(), StoreError> {
    let store = Browser.open(DATABASE).await?;
    for transaction in 0..TRANSACTIONS {
        let row = |number| Op::Put(key(transaction, number), vec![0; ROW_BYTES]);
        store.apply((0..ROWS).map(row).collect(), Durability::Relaxed).await?;
    }
    Ok(())
}

const fn key(transaction: u8, number: u8) -> StorageKey {
    let mut bytes = *b"log.....................";
    [bytes[22], bytes[23]] = [transaction, number];
    StorageKey::from_bytes(bytes)
}
