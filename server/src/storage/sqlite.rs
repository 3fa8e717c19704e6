//! Tables in one SQLite file: WAL, `synchronous=FULL`, one writing connection, a pool of readers apart, and one connection
//! that only says whether the file can be read.
//!
//! Every table is `(key, value)`; the typed layer above gives them meaning. What the file says stays inside this file:
//! errors leave it as [`StorageError`].

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Row as _, Sqlite, SqlitePool, Transaction};

use super::{Backend, Range, RawRead, RawWrite, Row, StorageError, Table};

/// Readers beside the writer: more than the cores of a small machine only queue.
const READERS: u32 = 4;
/// How long a connection waits for another process before it says "locked".
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Parameters in one `IN (…)`; below SQLite's historic bound of 999.
const KEYS_PER_QUERY: usize = 400;
/// Layout of the file; grows with every migration.
const SCHEMA_VERSION: i64 = 1;

/// When a commit is on stable storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// When it returns. Anything else may lose it with the power.
    Full,
    /// Some time after. Only for filling a folder with invented data that can be made again.
    Relaxed,
}

/// A SQLite file.
pub struct SqliteBackend {
    writer: SqlitePool,
    readers: SqlitePool,
    probe: SqlitePool,
}

impl SqliteBackend {
    /// Opens `path`, makes it if it is missing, and brings its layout up to date.
    ///
    /// # Errors
    /// [`StorageError`] when the file cannot be opened or was written by a newer program.
    pub async fn open(path: &Path, durability: Durability) -> Result<Self, StorageError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(match durability {
                Durability::Full => SqliteSynchronous::Full,
                Durability::Relaxed => SqliteSynchronous::Off,
            })
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(200);
        let writer = PoolOptions::<Sqlite>::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await
            .map_err(|source| translate("open", source))?;
        migrate(&writer).await?;
        let options = options.pragma("query_only", "ON");
        let readers = reading(READERS, options.clone()).await?;
        let probe = reading(1, options).await?;
        Ok(Self { writer, readers, probe })
    }

    /// Asks SQLite whether the file is sound.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] when it is not.
    pub async fn check_integrity(&self) -> Result<(), StorageError> {
        let answer: String = sqlx::query_scalar("PRAGMA integrity_check")
            .fetch_one(&self.readers)
            .await
            .map_err(|source| translate("integrity check", source))?;
        if answer == "ok" { Ok(()) } else { Err(StorageError::Corrupt { table: "any" }) }
    }
}

async fn reading(connections: u32, options: SqliteConnectOptions) -> Result<SqlitePool, StorageError> {
    PoolOptions::<Sqlite>::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
        .map_err(|source| translate("open", source))
}

async fn migrate(writer: &SqlitePool) -> Result<(), StorageError> {
    let act = "migrate";
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await.map_err(|source| translate(act, source))?;
    let version: i64 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *tx).await.map_err(|source| translate(act, source))?;
    if version > SCHEMA_VERSION {
        return Err(StorageError::Backend { act, source: "the file was written by a newer program".into() });
    }
    for table in Table::ALL {
        let statement = format!(
            "CREATE TABLE IF NOT EXISTS {} (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL){}",
            table.name(),
            layout(*table)
        );
        // Table names come from our own list only.
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx).await.map_err(|source| translate(act, source))?;
    }
    sqlx::query(AssertSqlSafe(format!("PRAGMA user_version = {SCHEMA_VERSION}")))
        .execute(&mut *tx)
        .await
        .map_err(|source| translate(act, source))?;
    tx.commit().await.map_err(|source| translate(act, source))
}

/// Tables with large values keep them out of the key tree.
const fn layout(table: Table) -> &'static str {
    match table {
        Table::Change
        | Table::Snapshot
        | Table::Held
        | Table::EvidenceBytes
        | Table::WaitingUpload
        | Table::Audit
        | Table::Slot => "",
        Table::Meta
        | Table::Account
        | Table::AccountName
        | Table::RoleTerm
        | Table::EnrolCode
        | Table::Device
        | Table::DeviceNumber
        | Table::DeviceKey
        | Table::Request
        | Table::Seen
        | Table::Hello
        | Table::Document
        | Table::CaseDocument
        | Table::DocumentFeed
        | Table::ChangeHash
        | Table::Signature
        | Table::Actor
        | Table::Grant
        | Table::GrantDocument
        | Table::GrantFeed
        | Table::AccountCheck
        | Table::Status
        | Table::Alarm
        | Table::AlarmCase
        | Table::HeldName
        | Table::HeldCase
        | Table::HeldSeat
        | Table::HeldFeed
        | Table::Evidence
        | Table::WaitingOffer
        | Table::DocumentKey => " WITHOUT ROWID",
    }
}

fn translate(act: &'static str, source: sqlx::Error) -> StorageError {
    if matches!(source, sqlx::Error::PoolTimedOut) {
        return StorageError::Unavailable;
    }
    let code = source
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .and_then(|code| code.parse::<i64>().ok())
        .unwrap_or(0);
    // SQLite's primary result code is the low byte: 5 busy, 6 locked, 10 I/O, 13 full.
    match code & 0xff {
        13 => StorageError::Full,
        5 | 6 => StorageError::Locked,
        _ => StorageError::Backend { act, source: Box::new(source) },
    }
}

#[async_trait]
impl Backend for SqliteBackend {
    async fn read(&self) -> Result<Box<dyn RawRead>, StorageError> {
        let mut tx = self.readers.begin().await.map_err(|source| translate("begin", source))?;
        // A deferred transaction takes its snapshot at the first read; take it now, so that "now" means now.
        sqlx::query("SELECT 1 FROM meta LIMIT 1")
            .fetch_optional(&mut *tx)
            .await
            .map_err(|source| translate("begin", source))?;
        Ok(Box::new(SqliteTx { tx }))
    }

    async fn write(&self) -> Result<Box<dyn RawWrite>, StorageError> {
        let tx = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(|source| translate("begin", source))?;
        Ok(Box::new(SqliteTx { tx }))
    }

    async fn probe(&self) -> Result<(), StorageError> {
        sqlx::query("SELECT 1 FROM meta LIMIT 1")
            .fetch_optional(&self.probe)
            .await
            .map_err(|source| translate("probe", source))?;
        Ok(())
    }

    async fn copy_to(&self, path: &Path) -> Result<(), StorageError> {
        let target = path.to_str().ok_or(StorageError::Unavailable)?;
        sqlx::query("VACUUM INTO ?")
            .bind(target)
            .execute(&self.writer)
            .await
            .map_err(|source| translate("copy", source))?;
        Ok(())
    }

    async fn close(&self) {
        // Closing the last connection folds the WAL into the file.
        self.probe.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}

struct SqliteTx {
    tx: Transaction<'static, Sqlite>,
}

fn row(found: &sqlx::sqlite::SqliteRow) -> Row {
    (found.get(0), found.get(1))
}

#[async_trait]
impl RawRead for SqliteTx {
    async fn get(&mut self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        let statement = format!("SELECT value FROM {} WHERE key = ?", table.name());
        sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(key)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(|source| translate("get", source))
    }

    async fn get_many(&mut self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Row>, StorageError> {
        let mut rows = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(KEYS_PER_QUERY) {
            let marks = vec!["?"; chunk.len()].join(",");
            let statement = format!("SELECT key, value FROM {} WHERE key IN ({marks})", table.name());
            let mut query = sqlx::query(AssertSqlSafe(statement));
            for key in chunk {
                query = query.bind(key.as_slice());
            }
            let found = query.fetch_all(&mut *self.tx).await.map_err(|source| translate("get many", source))?;
            rows.extend(found.iter().map(row));
        }
        Ok(rows)
    }

    async fn scan(&mut self, table: Table, range: &Range, limit: usize) -> Result<Vec<Row>, StorageError> {
        scan(&mut self.tx, table, range, limit, "ASC").await
    }

    async fn last(&mut self, table: Table, range: &Range) -> Result<Option<Row>, StorageError> {
        Ok(scan(&mut self.tx, table, range, 1, "DESC").await?.pop())
    }
}

async fn scan(
    tx: &mut Transaction<'static, Sqlite>,
    table: Table,
    range: &Range,
    limit: usize,
    order: &str,
) -> Result<Vec<Row>, StorageError> {
    let end = if range.to.is_some() { " AND key < ?2" } else { "" };
    let statement =
        format!("SELECT key, value FROM {} WHERE key >= ?1{end} ORDER BY key {order} LIMIT ?3", table.name());
    let found = sqlx::query(AssertSqlSafe(statement))
        .bind(range.from.as_slice())
        .bind(range.to.as_deref().unwrap_or_default())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut **tx)
        .await
        .map_err(|source| translate("scan", source))?;
    Ok(found.iter().map(row).collect())
}

#[async_trait]
impl RawWrite for SqliteTx {
    async fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        let statement = format!(
            "INSERT INTO {} (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            table.name()
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(key)
            .bind(value)
            .execute(&mut *self.tx)
            .await
            .map_err(|source| translate("put", source))?;
        Ok(())
    }

    async fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StorageError> {
        let statement = format!("DELETE FROM {} WHERE key = ?", table.name());
        sqlx::query(AssertSqlSafe(statement))
            .bind(key)
            .execute(&mut *self.tx)
            .await
            .map_err(|source| translate("delete", source))?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        self.tx.commit().await.map_err(|source| translate("commit", source))
    }
}
