//! What every backend of [`RawStore`] must do: one list, run on memory natively and on IndexedDB in the browser.
//!
//! Must never be linked into the product's engine; `bin/store_conformance.rs` and the tests run it.

use std::rc::Rc;

use super::{Databases, Durability, Op, RawStore, StorageKey, StoreError};

/// What a check found: nothing, or the sentence that does not hold.
pub type Verdict = Result<(), String>;

/// Names of all checks, in the order they run.
pub const CHECKS: [&str; 11] = [
    "an_empty_store_has_nothing",
    "what_was_put_is_there_and_what_was_deleted_is_not",
    "a_batch_is_done_in_order",
    "a_scan_keeps_to_its_prefix_and_pages_without_gap",
    "an_update_sees_what_is_there_and_writes_once",
    "a_declined_update_writes_nothing",
    "updates_of_two_handles_do_not_lose_each_other",
    "a_batch_that_stands_upon_rows_sees_them_as_they_were",
    "a_batch_nobody_agreed_to_writes_nothing",
    "a_closed_handle_says_so_and_the_data_stay",
    "a_deleted_database_is_empty_when_opened_again",
];

const NAME: &str = "simpul-conformance";

/// Runs one check by name on a fresh database.
///
/// # Errors
/// The sentence that does not hold.
pub async fn run(databases: &dyn Databases, name: &str) -> Verdict {
    told(databases.delete(NAME).await)?;
    let store = told(databases.open(NAME).await)?;
    let verdict = match name {
        "an_empty_store_has_nothing" => empty(&*store).await,
        "what_was_put_is_there_and_what_was_deleted_is_not" => put_and_delete(&*store).await,
        "a_batch_is_done_in_order" => batch_order(&*store).await,
        "a_scan_keeps_to_its_prefix_and_pages_without_gap" => scan(&*store).await,
        "an_update_sees_what_is_there_and_writes_once" => update(&*store).await,
        "a_declined_update_writes_nothing" => declined(&*store).await,
        "updates_of_two_handles_do_not_lose_each_other" => two_handles(databases, store.clone()).await,
        "a_batch_that_stands_upon_rows_sees_them_as_they_were" => agreed(&*store).await,
        "a_batch_nobody_agreed_to_writes_nothing" => not_agreed(&*store).await,
        "a_closed_handle_says_so_and_the_data_stay" => closed(databases, &*store).await,
        "a_deleted_database_is_empty_when_opened_again" => deleted(databases, &*store).await,
        _ => Err(format!("no check is called {name}")),
    };
    store.close();
    told(databases.delete(NAME).await)?;
    verdict
}

fn told<T>(result: Result<T, StoreError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn hold(holds: bool, sentence: &str) -> Verdict {
    if holds { Ok(()) } else { Err(sentence.to_owned()) }
}

fn key(first: u8, last: u8) -> StorageKey {
    let mut bytes = [0; 24];
    bytes[0] = first;
    bytes[23] = last;
    StorageKey::from_bytes(bytes)
}

async fn value(store: &dyn RawStore, at: StorageKey) -> Result<Option<Vec<u8>>, String> {
    Ok(told(store.get(&[at]).await)?.into_iter().next().flatten())
}

async fn put(store: &dyn RawStore, at: StorageKey, bytes: &[u8]) -> Verdict {
    told(store.apply(vec![Op::Put(at, bytes.to_vec())], Durability::Strict).await)
}

async fn empty(store: &dyn RawStore) -> Verdict {
    hold(value(store, key(1, 1)).await?.is_none(), "a key is there")?;
    hold(told(store.scan(&[], None, 10).await)?.is_empty(), "a row is there")?;
    hold(told(store.count(&[]).await)? == 0, "the count is not 0")?;
    told(store.apply(Vec::new(), Durability::Strict).await)
}

async fn put_and_delete(store: &dyn RawStore) -> Verdict {
    for durability in [Durability::Strict, Durability::Relaxed] {
        told(store.apply(vec![Op::Put(key(1, 1), vec![7; 3]), Op::Put(key(1, 2), Vec::new())], durability).await)?;
        let both = told(store.get(&[key(1, 2), key(9, 9), key(1, 1)]).await)?;
        hold(both == [Some(Vec::new()), None, Some(vec![7; 3])], "values came back otherwise")?;
        told(store.apply(vec![Op::Delete(key(1, 1)), Op::Delete(key(9, 9))], durability).await)?;
        hold(value(store, key(1, 1)).await?.is_none(), "a deleted row is there")?;
        hold(value(store, key(1, 2)).await?.is_some(), "another row is gone")?;
    }
    Ok(())
}

async fn batch_order(store: &dyn RawStore) -> Verdict {
    let at = key(1, 1);
    let batch = vec![Op::Put(at, vec![1]), Op::Delete(at), Op::Put(at, vec![2])];
    told(store.apply(batch, Durability::Relaxed).await)?;
    hold(value(store, at).await? == Some(vec![2]), "the last write does not stand")
}

async fn scan(store: &dyn RawStore) -> Verdict {
    let mut batch = Vec::new();
    for last in 0..=20 {
        for first in [1, 2, 255] {
            batch.push(Op::Put(key(first, last), vec![first, last]));
        }
    }
    told(store.apply(batch, Durability::Relaxed).await)?;
    for first in [1, 2, 255] {
        let mut after = None;
        let mut seen = Vec::new();
        loop {
            let page = told(store.scan(&[first], after, 8).await)?;
            hold(page.len() <= 8, "a page is too long")?;
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            seen.extend(page);
        }
        let expected: Vec<(StorageKey, Vec<u8>)> = (0..=20).map(|last| (key(first, last), vec![first, last])).collect();
        hold(seen == expected, "a scan skips, repeats or disorders rows")?;
        hold(told(store.count(&[first]).await)? == 21, "a count is wrong")?;
    }
    hold(told(store.scan(&[3], None, 8).await)?.is_empty(), "a scan leaves its prefix")?;
    hold(told(store.count(&[]).await)? == 63, "the whole count is wrong")
}

async fn update(store: &dyn RawStore) -> Verdict {
    put(store, key(1, 1), &[1]).await?;
    let mut seen = Vec::new();
    let mut decide = |found: Vec<Option<Vec<u8>>>| {
        seen.push(found);
        Ok(vec![Op::Put(key(1, 1), vec![2]), Op::Put(key(1, 2), vec![3])])
    };
    told(store.update(&[key(1, 1), key(1, 2)], Durability::Strict, &mut decide).await)?;
    hold(seen == [vec![Some(vec![1]), None]], "the update did not see what was there, once")?;
    let now = told(store.get(&[key(1, 1), key(1, 2)]).await)?;
    hold(now == [Some(vec![2]), Some(vec![3])], "the update did not write what it decided")
}

async fn declined(store: &dyn RawStore) -> Verdict {
    put(store, key(1, 1), &[1]).await?;
    let outcome = store.update(&[key(1, 1)], Durability::Strict, &mut |_| Err(StoreError::Declined)).await;
    hold(outcome == Err(StoreError::Declined), "the refusal did not come back")?;
    hold(value(store, key(1, 1)).await? == Some(vec![1]), "a declined update wrote")?;
    put(store, key(1, 1), &[2]).await?;
    hold(value(store, key(1, 1)).await? == Some(vec![2]), "the store is stuck after a declined update")
}

async fn agreed(store: &dyn RawStore) -> Verdict {
    put(store, key(1, 1), &[1]).await?;
    let mut seen = Vec::new();
    let mut check = |found: Vec<Option<Vec<u8>>>| {
        seen.push(found);
        Ok(())
    };
    let batch = vec![Op::Put(key(1, 1), vec![2]), Op::Put(key(1, 2), vec![3])];
    told(store.apply_if(&[key(1, 1), key(1, 2)], batch, Durability::Strict, &mut check).await)?;
    hold(seen == [vec![Some(vec![1]), None]], "the check did not see what was there before, once")?;
    let now = told(store.get(&[key(1, 1), key(1, 2)]).await)?;
    hold(now == [Some(vec![2]), Some(vec![3])], "what was agreed to is not there")
}

async fn not_agreed(store: &dyn RawStore) -> Verdict {
    put(store, key(1, 1), &[1]).await?;
    let batch = || vec![Op::Put(key(1, 1), vec![2]), Op::Put(key(1, 2), vec![3])];
    let mut refuse = |_: Vec<Option<Vec<u8>>>| Err(StoreError::Declined);
    let outcome = store.apply_if(&[key(1, 1)], batch(), Durability::Strict, &mut refuse).await;
    hold(outcome == Err(StoreError::Declined), "the refusal did not come back")?;
    let mut agree = |_: Vec<Option<Vec<u8>>>| Ok(());
    let keys = [key(1, 1)];
    let mut given_up = store.apply_if(&keys, batch(), Durability::Strict, &mut agree);
    // A backend that is done at once was not given up.
    let is_done = futures::FutureExt::now_or_never(given_up.as_mut()).is_some();
    drop(given_up);
    let now = told(store.get(&[key(1, 1), key(1, 2)]).await)?;
    let stands = if is_done { [Some(vec![2]), Some(vec![3])] } else { [Some(vec![1]), None] };
    hold(now == stands, "what nobody agreed to is there")?;
    put(store, key(1, 1), &[4]).await?;
    hold(value(store, key(1, 1)).await? == Some(vec![4]), "the store is stuck after a refusal")
}

async fn two_handles(databases: &dyn Databases, one: Rc<dyn RawStore>) -> Verdict {
    let two = told(databases.open(NAME).await)?;
    let count_up = async |store: &dyn RawStore| {
        for _ in 0..20 {
            let mut decide = |found: Vec<Option<Vec<u8>>>| {
                let count = found.into_iter().flatten().flatten().next().unwrap_or(0);
                Ok(vec![Op::Put(key(1, 1), vec![count.saturating_add(1)])])
            };
            told(store.update(&[key(1, 1)], Durability::Relaxed, &mut decide).await)?;
        }
        Ok::<(), String>(())
    };
    let (first, second) = futures::future::join(count_up(&*one), count_up(&*two)).await;
    first.and(second)?;
    let total = value(&*one, key(1, 1)).await?;
    two.close();
    hold(total == Some(vec![40]), "an update was lost between two handles")
}

async fn closed(databases: &dyn Databases, store: &dyn RawStore) -> Verdict {
    put(store, key(1, 1), &[1]).await?;
    store.close();
    hold(store.get(&[key(1, 1)]).await == Err(StoreError::Closed), "a closed handle reads")?;
    let write = store.apply(vec![Op::Delete(key(1, 1))], Durability::Strict).await;
    hold(write == Err(StoreError::Closed), "a closed handle writes")?;
    let again = told(databases.open(NAME).await)?;
    let found = value(&*again, key(1, 1)).await?;
    again.close();
    hold(found == Some(vec![1]), "the row is gone after closing")
}

async fn deleted(databases: &dyn Databases, store: &dyn RawStore) -> Verdict {
    put(store, key(1, 1), &[1]).await?;
    told(databases.delete(NAME).await)?;
    hold(store.get(&[key(1, 1)]).await == Err(StoreError::Closed), "a handle outlives its database")?;
    let again = told(databases.open(NAME).await)?;
    let count = told(again.count(&[]).await)?;
    again.close();
    hold(count == 0, "a deleted database is not empty")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::memory::MemoryDatabases;

    #[test]
    fn memory_does_what_a_store_must() {
        for name in CHECKS {
            let verdict = pollster::block_on(run(&MemoryDatabases::new(), name));
            assert_eq!(verdict, Ok(()), "{name}");
        }
    }
}
