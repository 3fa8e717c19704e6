//! Tables in memory, for tests and simulation. Rolls back by an undo log, so that it fails as SQLite does.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use super::{Backend, Range, RawRead, RawWrite, Row, StorageError, Table};

type Rows = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

/// Tables in memory.
#[derive(Default, Clone)]
pub struct MemoryBackend {
    rows: Arc<RwLock<Rows>>,
}

#[async_trait]
impl Backend for MemoryBackend {
    async fn read(&self) -> Result<Box<dyn RawRead>, StorageError> {
        Ok(Box::new(Reading { rows: Arc::clone(&self.rows).read_owned().await }))
    }

    async fn write(&self) -> Result<Box<dyn RawWrite>, StorageError> {
        Ok(Box::new(Writing { rows: Arc::clone(&self.rows).write_owned().await, undo: Vec::new() }))
    }

    async fn probe(&self) -> Result<(), StorageError> {
        Ok(())
    }

    async fn copy_to(&self, _path: &std::path::Path) -> Result<(), StorageError> {
        Err(StorageError::Unavailable)
    }

    async fn close(&self) {}
}

struct Reading {
    rows: OwnedRwLockReadGuard<Rows>,
}

struct Writing {
    rows: OwnedRwLockWriteGuard<Rows>,
    undo: Vec<(Table, Vec<u8>, Option<Vec<u8>>)>,
}

impl Drop for Writing {
    fn drop(&mut self) {
        while let Some((table, key, before)) = self.undo.pop() {
            match before {
                Some(value) => self.rows.insert((table, key), value),
                None => self.rows.remove(&(table, key)),
            };
        }
    }
}

fn get(rows: &Rows, table: Table, key: &[u8]) -> Option<Vec<u8>> {
    rows.get(&(table, key.to_vec())).cloned()
}

fn in_range<'a>(rows: &'a Rows, table: Table, range: &'a Range) -> impl DoubleEndedIterator<Item = Row> + 'a {
    // A range whose end lies before its start is empty, as in SQL; a map would panic.
    let empty = range.to.as_ref().is_some_and(|to| *to <= range.from);
    let from = (table, range.from.clone());
    rows.range(from..)
        .take_while(move |((found, key), _)| *found == table && !empty && range.to.as_ref().is_none_or(|to| key < to))
        .map(|((_, key), value)| (key.clone(), value.clone()))
        .collect::<Vec<_>>()
        .into_iter()
}

fn get_many(rows: &Rows, table: Table, keys: &[Vec<u8>]) -> Vec<Row> {
    keys.iter().filter_map(|key| get(rows, table, key).map(|value| (key.clone(), value))).collect()
}

macro_rules! reads {
    ($name:ty) => {
        #[async_trait]
        impl RawRead for $name {
            async fn get(&mut self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
                Ok(get(&self.rows, table, key))
            }

            async fn get_many(&mut self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Row>, StorageError> {
                Ok(get_many(&self.rows, table, keys))
            }

            async fn scan(&mut self, table: Table, range: &Range, limit: usize) -> Result<Vec<Row>, StorageError> {
                Ok(in_range(&self.rows, table, range).take(limit).collect())
            }

            async fn last(&mut self, table: Table, range: &Range) -> Result<Option<Row>, StorageError> {
                Ok(in_range(&self.rows, table, range).next_back())
            }
        }
    };
}

reads!(Reading);
reads!(Writing);

#[async_trait]
impl RawWrite for Writing {
    async fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        let before = self.rows.insert((table, key.to_vec()), value.to_vec());
        self.undo.push((table, key.to_vec(), before));
        Ok(())
    }

    async fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StorageError> {
        let before = self.rows.remove(&(table, key.to_vec()));
        self.undo.push((table, key.to_vec(), before));
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StorageError> {
        self.undo.clear();
        Ok(())
    }
}
