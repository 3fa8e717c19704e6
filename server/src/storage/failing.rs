//! A backend that fails on purpose, so that tests can fill the disk at any moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;

use super::{Backend, Range, RawRead, RawWrite, Row, StorageError, Table};

/// When to fail. Cloned handles steer the same backend.
#[derive(Clone)]
pub struct FailPoint {
    writes_left: Arc<AtomicI64>,
}

impl Default for FailPoint {
    fn default() -> Self {
        Self { writes_left: Arc::new(AtomicI64::new(i64::MAX)) }
    }
}

impl FailPoint {
    /// Lets `count` more writes (a commit counts as one) pass, then says "full" until [`Self::heal`].
    pub fn fill_after(&self, count: i64) {
        self.writes_left.store(count, Ordering::SeqCst);
    }

    /// Makes room again.
    pub fn heal(&self) {
        self.writes_left.store(i64::MAX, Ordering::SeqCst);
    }

    fn pass(&self) -> Result<(), StorageError> {
        if self.writes_left.load(Ordering::SeqCst) == i64::MAX {
            return Ok(());
        }
        if self.writes_left.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        self.writes_left.store(0, Ordering::SeqCst);
        Err(StorageError::Full)
    }
}

/// Wraps a backend and fails its writes when told to.
pub struct FailingBackend<B> {
    inner: B,
    point: FailPoint,
}

impl<B> FailingBackend<B> {
    /// Wraps `inner`.
    pub const fn new(inner: B, point: FailPoint) -> Self {
        Self { inner, point }
    }
}

#[async_trait]
impl<B: Backend> Backend for FailingBackend<B> {
    async fn read(&self) -> Result<Box<dyn RawRead>, StorageError> {
        self.inner.read().await
    }

    async fn write(&self) -> Result<Box<dyn RawWrite>, StorageError> {
        Ok(Box::new(Writing { inner: self.inner.write().await?, point: self.point.clone() }))
    }

    async fn probe(&self) -> Result<(), StorageError> {
        self.inner.probe().await
    }

    async fn copy_to(&self, path: &std::path::Path) -> Result<(), StorageError> {
        self.point.pass()?;
        self.inner.copy_to(path).await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

struct Writing {
    inner: Box<dyn RawWrite>,
    point: FailPoint,
}

#[async_trait]
impl RawRead for Writing {
    async fn get(&mut self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        self.inner.get(table, key).await
    }

    async fn get_many(&mut self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Row>, StorageError> {
        self.inner.get_many(table, keys).await
    }

    async fn scan(&mut self, table: Table, range: &Range, limit: usize) -> Result<Vec<Row>, StorageError> {
        self.inner.scan(table, range, limit).await
    }

    async fn last(&mut self, table: Table, range: &Range) -> Result<Option<Row>, StorageError> {
        self.inner.last(table, range).await
    }
}

#[async_trait]
impl RawWrite for Writing {
    async fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        self.point.pass()?;
        self.inner.put(table, key, value).await
    }

    async fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StorageError> {
        self.point.pass()?;
        self.inner.delete(table, key).await
    }

    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        self.point.pass()?;
        self.inner.commit().await
    }
}
