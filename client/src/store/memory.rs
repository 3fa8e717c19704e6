//! A store in memory, with faults on demand: what tests and simulations use in place of a browser.
//!
//! Clones are handles of one store, like two tabs. Must never be used in the product: it forgets.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use async_trait::async_trait;

use super::{Batch, Check, Databases, Decide, Durability, Estimate, Op, RawPage, RawStore, StorageKey, StoreError};

/// What goes wrong at a chosen write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No room: nothing is written, the store goes on.
    Full,
    /// The browser fails: nothing is written, the store goes on.
    Backend,
    /// The tablet dies before the commit: nothing is written, this handle is dead.
    CrashBefore,
    /// The tablet dies after the commit, before anybody hears of it: written, this handle is dead.
    CrashAfter,
}

#[derive(Default)]
struct Shared {
    rows: BTreeMap<StorageKey, Vec<u8>>,
    write_count: u64,
    strict_count: u64,
    faults: BTreeMap<u64, Fault>,
    deleted: bool,
}

/// A store in memory.
pub struct MemoryStore {
    shared: Rc<RefCell<Shared>>,
    closed: std::cell::Cell<bool>,
}

impl Clone for MemoryStore {
    /// Another handle of the same store: open, even when this one crashed.
    fn clone(&self) -> Self {
        Self { shared: Rc::clone(&self.shared), closed: std::cell::Cell::new(false) }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { shared: Rc::default(), closed: std::cell::Cell::new(false) }
    }

    /// Lets the write with this number (from 1, counted over all handles) go wrong.
    pub fn fail_write(&self, number: u64, fault: Fault) {
        self.shared.borrow_mut().faults.insert(number, fault);
    }

    /// Takes back every fault that was ordered and has not happened.
    pub fn forgive(&self) {
        self.shared.borrow_mut().faults.clear();
    }

    /// Writes tried so far, over all handles.
    #[must_use]
    pub fn write_count(&self) -> u64 {
        self.shared.borrow().write_count
    }

    /// Strict writes committed so far, over all handles.
    #[must_use]
    pub fn strict_count(&self) -> u64 {
        self.shared.borrow().strict_count
    }

    /// All rows as they lie there, for tests that look for what must not be readable.
    #[must_use]
    pub fn dump(&self) -> Vec<(StorageKey, Vec<u8>)> {
        self.shared.borrow().rows.iter().map(|(key, value)| (*key, value.clone())).collect()
    }

    fn check_open(&self) -> Result<(), StoreError> {
        if self.closed.get() || self.shared.borrow().deleted { Err(StoreError::Closed) } else { Ok(()) }
    }

    fn read(&self, keys: &[StorageKey]) -> Vec<Option<Vec<u8>>> {
        let shared = self.shared.borrow();
        keys.iter().map(|key| shared.rows.get(key).cloned()).collect()
    }

    fn commit(&self, batch: Batch, durability: Durability) -> Result<(), StoreError> {
        let mut shared = self.shared.borrow_mut();
        shared.write_count = shared.write_count.saturating_add(1);
        let number = shared.write_count;
        let fault = shared.faults.remove(&number);
        match fault {
            Some(Fault::Full) => return Err(StoreError::Full),
            Some(Fault::Backend) => return Err(StoreError::Backend { name: String::from("InjectedError") }),
            Some(Fault::CrashBefore) => {
                self.closed.set(true);
                return Err(StoreError::Closed);
            }
            Some(Fault::CrashAfter) | None => {}
        }
        for op in batch {
            match op {
                Op::Put(key, value) => drop(shared.rows.insert(key, value)),
                Op::Delete(key) => drop(shared.rows.remove(&key)),
            }
        }
        if durability == Durability::Strict {
            shared.strict_count = shared.strict_count.saturating_add(1);
        }
        if fault == Some(Fault::CrashAfter) {
            self.closed.set(true);
            return Err(StoreError::Closed);
        }
        Ok(())
    }
}

#[async_trait(?Send)]
impl RawStore for MemoryStore {
    async fn get(&self, keys: &[StorageKey]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.check_open()?;
        Ok(self.read(keys))
    }

    async fn scan(&self, prefix: &[u8], after: Option<StorageKey>, count_max: u32) -> Result<RawPage, StoreError> {
        self.check_open()?;
        let count_max = usize::try_from(count_max).unwrap_or(usize::MAX);
        let shared = self.shared.borrow();
        let rows = shared.rows.iter().filter(|(key, _)| key.as_bytes().starts_with(prefix));
        let later = rows.filter(|(key, _)| after.is_none_or(|after| **key > after));
        Ok(later.take(count_max).map(|(key, value)| (*key, value.clone())).collect())
    }

    async fn count(&self, prefix: &[u8]) -> Result<u64, StoreError> {
        self.check_open()?;
        let shared = self.shared.borrow();
        let count = shared.rows.keys().filter(|key| key.as_bytes().starts_with(prefix)).count();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    async fn apply(&self, batch: Batch, durability: Durability) -> Result<(), StoreError> {
        self.check_open()?;
        self.commit(batch, durability)
    }

    async fn update(
        &self,
        keys: &[StorageKey],
        durability: Durability,
        decide: &mut Decide<'_>,
    ) -> Result<(), StoreError> {
        self.check_open()?;
        let batch = decide(self.read(keys))?;
        self.commit(batch, durability)
    }

    async fn apply_if(
        &self,
        keys: &[StorageKey],
        batch: Batch,
        durability: Durability,
        check: &mut Check<'_>,
    ) -> Result<(), StoreError> {
        self.check_open()?;
        check(self.read(keys))?;
        self.commit(batch, durability)
    }

    async fn estimate(&self) -> Result<Estimate, StoreError> {
        let shared = self.shared.borrow();
        let used: usize = shared.rows.values().map(Vec::len).sum();
        Ok(Estimate { used_bytes: u64::try_from(used).unwrap_or(u64::MAX), quota_bytes: 1 << 30 })
    }

    fn close(&self) {
        self.closed.set(true);
    }
}

/// Databases in memory; clones share them.
#[derive(Clone, Default)]
pub struct MemoryDatabases {
    stores: Rc<RefCell<BTreeMap<String, MemoryStore>>>,
}

impl MemoryDatabases {
    /// No databases yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The store of that name when there is one, for faults and dumps.
    #[must_use]
    pub fn store(&self, name: &str) -> Option<MemoryStore> {
        self.stores.borrow().get(name).cloned()
    }

    /// Names of all databases.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.stores.borrow().keys().cloned().collect()
    }
}

#[async_trait(?Send)]
impl Databases for MemoryDatabases {
    async fn open(&self, name: &str) -> Result<Rc<dyn RawStore>, StoreError> {
        let store = self.stores.borrow_mut().entry(name.to_owned()).or_default().clone();
        Ok(Rc::new(store))
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        if let Some(store) = self.stores.borrow_mut().remove(name) {
            let mut shared = store.shared.borrow_mut();
            shared.deleted = true;
            shared.rows.clear();
        }
        Ok(())
    }
}
