//! The sealed store of one open vault: tables of typed rows above a store of opaque ones.
//!
//! Values are CBOR. Storage keys are keyed hashes, so a scan gives rows of a table in no meaningful order; the plain key
//! comes back with each row. Called by the engine; dropping it forgets the keys.

mod batch;
mod table;

use std::rc::Rc;

use futures::future::join;
use minicbor::Decode;
use shared::id::VaultId;
use shared::seal::row::RowSealer;
use shared::seal::{Nonce, VaultKey};

use super::{Batch, Durability, Estimate, Op, RawPage, RawStore, StorageKey, StoreError};
use crate::platform::Entropy;
use batch::Write;
pub use batch::{Reads, Writes};
use table::Room;
pub use table::Table;

/// Newest layout of tables that this program knows. Grows when an older program must not write any more.
pub const LAYOUT: u16 = 1;

/// A row with its plain key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed<T> {
    /// Key inside the table.
    pub key: Vec<u8>,
    /// Value.
    pub value: T,
}

/// A page of a table.
#[derive(Debug)]
pub struct Page<T> {
    /// Rows, in no meaningful order.
    pub rows: Vec<Keyed<T>>,
    /// Rows that do not open or decode: set aside by whoever scans, never a reason to stop.
    pub broken: Vec<StorageKey>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<StorageKey>,
}

/// The open store of a vault.
pub struct SealedStore {
    raw: Rc<dyn RawStore>,
    sealer: Rc<RowSealer>,
    entropy: Rc<dyn Entropy>,
    read_only: bool,
    room: Room,
}

const LAYOUT_KEY: &[u8] = b"layout";
/// Rows read at once by a scan: few enough that opening them stops the worker for a moment only.
const SCAN_PAGE_ROWS: u32 = 512;

impl SealedStore {
    /// Makes the store of a new vault in an empty database.
    ///
    /// # Errors
    /// [`StoreError::Declined`] when something is there already; otherwise what the backend says.
    pub async fn create(
        raw: Rc<dyn RawStore>,
        vault: VaultId,
        key: &VaultKey,
        entropy: Rc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        let sealer = Rc::new(RowSealer::new(key, vault));
        let store = Self { raw, sealer, entropy, read_only: false, room: Room::Work };
        if store.raw.count(&[]).await? > 0 {
            return Err(StoreError::Declined);
        }
        let mut writes = Writes::new();
        writes.put(Table::Layout, LAYOUT_KEY, &LAYOUT);
        store.apply(writes, Durability::Strict).await?;
        Ok(store)
    }

    /// Opens a vault's store with its key.
    ///
    /// A store of a newer layout opens read-only: [`SealedStore::is_read_only`].
    ///
    /// # Errors
    /// [`StoreError::Missing`] when the browser threw the data away; [`StoreError::Corrupt`] with its cause when the key
    /// is not this vault's; otherwise what the backend says.
    pub async fn open(
        raw: Rc<dyn RawStore>,
        vault: VaultId,
        key: &VaultKey,
        entropy: Rc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        let sealer = Rc::new(RowSealer::new(key, vault));
        let mut store = Self { raw, sealer, entropy, read_only: false, room: Room::Work };
        match store.get::<u16>(Table::Layout, LAYOUT_KEY).await? {
            Some(found) => {
                store.read_only = found > LAYOUT;
                Ok(store)
            }
            None if store.raw.count(&[]).await? == 0 => Err(StoreError::Missing),
            // Rows, but none under a name that this key gives: another vault's key.
            None => {
                let source = Some(shared::seal::SealError::DoesNotOpen);
                Err(StoreError::Corrupt { table: Table::Layout.number(), source })
            }
        }
    }

    /// The practice room of the same vault: its tables are others.
    #[must_use]
    pub fn practice(&self) -> Self {
        Self {
            raw: self.raw.clone(),
            sealer: self.sealer.clone(),
            entropy: self.entropy.clone(),
            read_only: self.read_only,
            room: Room::Practice,
        }
    }

    /// Whether this is the practice room.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        self.room == Room::Practice
    }

    /// Takes every row of the practice room away at once, and none besides.
    ///
    /// # Errors
    /// As [`SealedStore::apply`].
    pub async fn erase_practice(&self) -> Result<(), StoreError> {
        if self.read_only {
            return Err(StoreError::Newer);
        }
        let mut batch = Batch::new();
        for table in Table::ALL {
            let prefix = self.sealer.table_prefix(Room::Practice.number(table));
            let mut after = None;
            loop {
                let found = self.raw.scan(&prefix, after, SCAN_PAGE_ROWS).await?;
                after = following(&found, SCAN_PAGE_ROWS);
                // Two tables could begin alike; what is no row of this one stays.
                let is_own = |place: &StorageKey, sealed: &[u8]| {
                    self.sealer.open(place, sealed).is_ok_and(|row| row.table == Room::Practice.number(table))
                };
                batch.extend(
                    found.iter().filter(|(place, sealed)| is_own(place, sealed)).map(|(place, _)| Op::Delete(*place)),
                );
                if after.is_none() {
                    break;
                }
            }
        }
        if batch.is_empty() { Ok(()) } else { self.raw.apply(batch, Durability::Strict).await }
    }

    /// Whether a newer program wrote here, so that this one may only read.
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// A keyed hash that tells whether a key is this vault's, and nothing else; may lie unsealed.
    #[must_use]
    pub fn key_check(&self) -> StorageKey {
        self.sealer.key_check()
    }

    /// The vault it belongs to.
    #[must_use]
    pub fn vault(&self) -> VaultId {
        self.sealer.vault()
    }

    /// One value.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the row does not open or decode; otherwise what the backend says.
    pub async fn get<T: for<'b> Decode<'b, ()>>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
        match self.get_bytes(table, key).await? {
            Some(bytes) => minicbor::decode(&bytes).map(Some).map_err(|_| table.corrupt()),
            None => Ok(None),
        }
    }

    /// One value as the CBOR it was written as.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the row does not open; otherwise what the backend says.
    pub async fn get_bytes(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let place = self.sealer.storage_key(self.room.number(table), key);
        let found = self.raw.get(&[place]).await?.into_iter().next().flatten();
        found.map(|sealed| self.open_row(table, place, &sealed).map(|row| row.value)).transpose()
    }

    /// Several values of one moment, in the order asked.
    ///
    /// # Errors
    /// As [`SealedStore::get`].
    pub async fn get_many(&self, asked: &[(Table, &[u8])]) -> Result<Reads, StoreError> {
        if asked.is_empty() {
            return Ok(Reads { rows: Vec::new() });
        }
        let places = self.places(asked);
        let found = self.raw.get(&places).await?;
        self.open_reads(asked, &places, found)
    }

    /// One page of a table.
    ///
    /// # Errors
    /// What the backend says; a broken row is listed, not an error.
    pub async fn scan_page<T: for<'b> Decode<'b, ()>>(
        &self,
        table: Table,
        after: Option<StorageKey>,
        count_max: u32,
    ) -> Result<Page<T>, StoreError> {
        let found = self.raw.scan(&self.sealer.table_prefix(self.room.number(table)), after, count_max).await?;
        Ok(self.open_page(table, found, count_max))
    }

    fn open_page<T: for<'b> Decode<'b, ()>>(&self, table: Table, found: RawPage, count_max: u32) -> Page<T> {
        let mut page =
            Page { rows: Vec::with_capacity(found.len()), broken: Vec::new(), next: following(&found, count_max) };
        for (place, sealed) in found {
            let row = self.open_row(table, place, &sealed);
            let keyed = row.and_then(|row| {
                let value = minicbor::decode(&row.value).map_err(|_| table.corrupt())?;
                Ok(Keyed { key: row.key, value })
            });
            match keyed {
                Ok(keyed) => page.rows.push(keyed),
                Err(_) => page.broken.push(place),
            }
        }
        page
    }

    /// All rows of a table, for tables that are small by nature.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when any row is broken; otherwise what the backend says.
    pub async fn scan<T: for<'b> Decode<'b, ()>>(&self, table: Table) -> Result<Vec<Keyed<T>>, StoreError> {
        let mut rows = Vec::new();
        self.scan_each(table, |mut page| rows.append(&mut page)).await?;
        Ok(rows)
    }

    /// As [`SealedStore::scan`], some hundred rows at a time: of thousands, nobody then holds all of them twice.
    ///
    /// # Errors
    /// As [`SealedStore::scan`]; some pages may have been given then.
    pub async fn scan_each<T: for<'b> Decode<'b, ()>>(
        &self,
        table: Table,
        mut each: impl FnMut(Vec<Keyed<T>>),
    ) -> Result<(), StoreError> {
        let prefix = self.sealer.table_prefix(self.room.number(table));
        let mut read = Some(self.raw.scan(&prefix, None, SCAN_PAGE_ROWS).await?);
        while let Some(found) = read {
            let after = following(&found, SCAN_PAGE_ROWS);
            let next = async {
                match after {
                    Some(after) => self.raw.scan(&prefix, Some(after), SCAN_PAGE_ROWS).await.map(Some),
                    None => Ok(None),
                }
            };
            // Asked for first, so that the browser reads the next page while this one is opened.
            let (next, page) = join(next, async { self.open_page(table, found, SCAN_PAGE_ROWS) }).await;
            if !page.broken.is_empty() {
                return Err(table.corrupt());
            }
            each(page.rows);
            read = next?;
        }
        Ok(())
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn count(&self, table: Table) -> Result<u64, StoreError> {
        self.raw.count(&self.sealer.table_prefix(self.room.number(table))).await
    }

    /// Does all writes together.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when read-only; otherwise as [`RawStore::apply`].
    pub async fn apply(&self, writes: Writes, durability: Durability) -> Result<(), StoreError> {
        let batch = self.seal_all(writes)?;
        if batch.is_empty() { Ok(()) } else { self.raw.apply(batch, durability).await }
    }

    /// Reads some rows and writes what `decide` makes of them, with no other write between: counters, cursors, queues.
    ///
    /// # Errors
    /// What `decide` returns (nothing is written then), or as [`SealedStore::apply`].
    pub async fn update<T, E: From<StoreError>>(
        &self,
        asked: &[(Table, &[u8])],
        durability: Durability,
        decide: impl FnOnce(&Reads) -> Result<(Writes, T), E>,
    ) -> Result<T, E> {
        let places = self.places(asked);
        let mut decide = Some(decide);
        let mut outcome: Option<Result<T, E>> = None;
        let mut run = |found: Vec<Option<Vec<u8>>>| {
            let reads = self.open_reads(asked, &places, found)?;
            match decide.take().map(|decide| decide(&reads)) {
                Some(Ok((writes, value))) => {
                    outcome = Some(Ok(value));
                    self.seal_all(writes)
                }
                Some(Err(refusal)) => {
                    outcome = Some(Err(refusal));
                    Err(StoreError::Declined)
                }
                None => Err(StoreError::Declined),
            }
        };
        let written = self.raw.update(&places, durability, &mut run).await;
        match (written, outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Err(StoreError::Declined), Some(Err(refusal))) => Err(refusal),
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => Err(StoreError::Declined.into()),
        }
    }

    /// Does all writes together if `check` agrees to some rows as they stood before, with no other write between. Where what is
    /// written depends on what stands there, [`SealedStore::update`] is the one to ask.
    ///
    /// # Errors
    /// What `check` returns (nothing is written then), or as [`SealedStore::apply`].
    pub async fn apply_if<E: From<StoreError>>(
        &self,
        asked: &[(Table, &[u8])],
        writes: Writes,
        durability: Durability,
        check: impl FnOnce(&Reads) -> Result<(), E>,
    ) -> Result<(), E> {
        let places = self.places(asked);
        let batch = self.seal_all(writes)?;
        let mut check = Some(check);
        let mut refused = None;
        let mut run = |found: Vec<Option<Vec<u8>>>| {
            let reads = self.open_reads(asked, &places, found)?;
            let checked = check.take().map_or(Ok(()), |check| check(&reads));
            checked.map_err(|refusal| {
                refused = Some(refusal);
                StoreError::Declined
            })
        };
        let written = self.raw.apply_if(&places, batch, durability, &mut run).await;
        written.map_err(|error| refused.unwrap_or_else(|| error.into()))
    }

    /// Room used and left.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the browser does not say.
    pub async fn estimate(&self) -> Result<Estimate, StoreError> {
        self.raw.estimate().await
    }

    /// Lets go of the database.
    pub fn close(&self) {
        self.raw.close();
    }

    fn places(&self, asked: &[(Table, &[u8])]) -> Vec<StorageKey> {
        asked.iter().map(|(table, key)| self.sealer.storage_key(self.room.number(*table), key)).collect()
    }

    fn open_reads(
        &self,
        asked: &[(Table, &[u8])],
        places: &[StorageKey],
        found: Vec<Option<Vec<u8>>>,
    ) -> Result<Reads, StoreError> {
        let mut rows = Vec::with_capacity(found.len());
        for (((table, _), place), sealed) in asked.iter().zip(places).zip(found) {
            let value = sealed.map(|sealed| self.open_row(*table, *place, &sealed)).transpose()?;
            rows.push((*table, value.map(|row| row.value)));
        }
        Ok(Reads { rows })
    }

    fn open_row(&self, table: Table, place: StorageKey, sealed: &[u8]) -> Result<shared::seal::row::Row, StoreError> {
        let corrupt = |source| StoreError::Corrupt { table: table.number(), source };
        let row = self.sealer.open(&place, sealed).map_err(|source| corrupt(Some(source)))?;
        if row.table == self.room.number(table) { Ok(row) } else { Err(corrupt(None)) }
    }

    fn seal_all(&self, writes: Writes) -> Result<Batch, StoreError> {
        if self.read_only && !writes.is_empty() {
            return Err(StoreError::Newer);
        }
        let mut batch = Batch::with_capacity(writes.ops.len());
        // Asked for once: each time the browser is called for a few bytes costs more than the bytes.
        let mut random = vec![0; writes.ops.len().saturating_mul(Nonce::LEN)];
        self.entropy.fill(&mut random);
        let (nonces, _) = random.as_chunks::<{ Nonce::LEN }>();
        for (Write { table, key, value }, nonce) in writes.ops.into_iter().zip(nonces) {
            batch.push(match value {
                Some(value) => {
                    let (place, sealed) = self
                        .sealer
                        .seal(self.room.number(table), &key, &value, Nonce::from_random(*nonce))
                        .map_err(|source| StoreError::Corrupt { table: table.number(), source: Some(source) })?;
                    Op::Put(place, sealed)
                }
                None => Op::Delete(self.sealer.storage_key(self.room.number(table), &key)),
            });
        }
        Ok(batch)
    }
}

/// Where the page after this one begins; none after the last.
fn following(page: &RawPage, count_max: u32) -> Option<StorageKey> {
    let is_last = u32::try_from(page.len()).unwrap_or(u32::MAX) < count_max;
    page.last().filter(|_| !is_last).map(|(place, _)| *place)
}

#[cfg(test)]
mod tests;
