//! A store on IndexedDB: one database, one object store, binary keys and values.
//!
//! A transaction ends when anything but its own requests is awaited, so writes are issued at once and only the
//! transaction is waited for. Written against the browser itself and not through a wrapper, because why a transaction
//! was aborted (no room!) and with which durability it ran must not get lost on the way.

mod request;

use std::cell::Cell;
use std::rc::Rc;

use async_trait::async_trait;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction};

use super::{js, storage};
use crate::store::{Batch, Check, Decide, Durability, Estimate, Op, RawPage, RawStore, StorageKey, StoreError};

/// Version of the layout below the seal. A new one upgrades in `upgrade`; tabs of the old one close by themselves.
const VERSION: u32 = 1;
const ROWS: &str = "rows";

/// An open database.
pub(super) struct Idb {
    database: IdbDatabase,
    closed: Rc<Cell<bool>>,
    _on_version_change: Closure<dyn FnMut()>,
}

impl Idb {
    /// Opens a database, making it when it is not there.
    pub(super) async fn open(name: &str) -> Result<Self, StoreError> {
        let opening = factory()?.open_with_u32(name, VERSION).map_err(|error| translate(&error))?;
        let upgrade = {
            let opening = opening.clone();
            Closure::<dyn FnMut()>::new(move || {
                let made = opening.result().ok().and_then(|result| result.dyn_into::<IdbDatabase>().ok());
                if let Some(database) = made {
                    // Fails when it is there already, which is as good.
                    let _ = database.create_object_store(ROWS);
                }
            })
        };
        opening.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let opened = request::settle(&opening).await;
        opening.set_onupgradeneeded(None);
        let database: IdbDatabase = opened?.unchecked_into();
        Ok(Self::watch(database))
    }

    /// Closes by itself when a newer version wants to upgrade or the vault is wiped, so that neither waits for us.
    fn watch(database: IdbDatabase) -> Self {
        let closed = Rc::new(Cell::new(false));
        let on_version_change = {
            let (database, closed) = (database.clone(), Rc::clone(&closed));
            Closure::<dyn FnMut()>::new(move || {
                closed.set(true);
                database.close();
            })
        };
        let function = on_version_change.as_ref().unchecked_ref();
        database.set_onversionchange(Some(function));
        database.set_onclose(Some(function));
        Self { database, closed, _on_version_change: on_version_change }
    }

    fn transaction(&self, mode: &str, durability: Durability) -> Result<IdbTransaction, StoreError> {
        if self.closed.get() {
            return Err(StoreError::Closed);
        }
        let options = js_sys::Object::new();
        let durability = match durability {
            Durability::Strict => "strict",
            Durability::Relaxed => "relaxed",
        };
        js::set(&options, "durability", &JsValue::from_str(durability));
        let arguments = [JsValue::from_str(ROWS), JsValue::from_str(mode), options.into()];
        js::call(&self.database, "transaction", &arguments)
            .map(JsCast::unchecked_into)
            .map_err(|error| translate(&error))
    }

    fn read(&self) -> Result<(IdbTransaction, IdbObjectStore), StoreError> {
        let transaction = self.transaction("readonly", Durability::Relaxed)?;
        let rows = transaction.object_store(ROWS).map_err(|error| translate(&error))?;
        Ok((transaction, rows))
    }

    fn write(&self, durability: Durability) -> Result<(IdbTransaction, IdbObjectStore), StoreError> {
        let transaction = self.transaction("readwrite", durability)?;
        let rows = transaction.object_store(ROWS).map_err(|error| translate(&error))?;
        Ok((transaction, rows))
    }
}

impl Drop for Idb {
    fn drop(&mut self) {
        self.database.set_onversionchange(None);
        self.database.set_onclose(None);
        self.database.close();
    }
}

#[async_trait(?Send)]
impl RawStore for Idb {
    async fn get(&self, keys: &[StorageKey]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let (_transaction, rows) = self.read()?;
        found(ask(&rows, keys)?).await
    }

    async fn scan(&self, prefix: &[u8], after: Option<StorageKey>, count_max: u32) -> Result<RawPage, StoreError> {
        if count_max == 0 || after.is_some_and(|after| !after.as_bytes().starts_with(prefix)) {
            return Ok(RawPage::new());
        }
        let (_transaction, rows) = self.read()?;
        let range = range(prefix, after)?;
        let keys = rows.get_all_keys_with_key_and_limit(&range, count_max).map_err(|error| translate(&error))?;
        let values = rows.get_all_with_key_and_limit(&range, count_max).map_err(|error| translate(&error))?;
        let (keys, values) = futures::future::join(request::settle(&keys), request::settle(&values)).await;
        let (keys, values): (Array, Array) = (keys?.unchecked_into(), values?.unchecked_into());
        keys.iter().zip(values.iter()).map(|(key, value)| Ok((read_key(&key)?, read_value(&value)?))).collect()
    }

    async fn count(&self, prefix: &[u8]) -> Result<u64, StoreError> {
        let (_transaction, rows) = self.read()?;
        let counting = rows.count_with_key(&range(prefix, None)?).map_err(|error| translate(&error))?;
        Ok(request::settle(&counting).await?.as_f64().map_or(0, js::whole))
    }

    async fn apply(&self, batch: Batch, durability: Durability) -> Result<(), StoreError> {
        if batch.is_empty() && !self.closed.get() {
            return Ok(());
        }
        let (transaction, rows) = self.write(durability)?;
        let ending = request::Ending::watch(&transaction);
        issue(&transaction, &rows, batch)?;
        commit(&transaction);
        ending.await
    }

    async fn update(
        &self,
        keys: &[StorageKey],
        durability: Durability,
        decide: &mut Decide<'_>,
    ) -> Result<(), StoreError> {
        let (transaction, rows) = self.write(durability)?;
        let ending = request::Ending::watch(&transaction);
        let found = found(ask(&rows, keys)?).await?;
        // The transaction is still ours here: `decide` awaits nothing.
        match decide(found) {
            Ok(batch) => issue(&transaction, &rows, batch)?,
            Err(refusal) => {
                abort(&transaction);
                return Err(refusal);
            }
        }
        commit(&transaction);
        ending.await
    }

    async fn apply_if(
        &self,
        keys: &[StorageKey],
        batch: Batch,
        durability: Durability,
        check: &mut Check<'_>,
    ) -> Result<(), StoreError> {
        let (transaction, rows) = self.write(durability)?;
        let ending = request::Ending::watch(&transaction);
        let mut unchecked = Unchecked(Some(&transaction));
        let asked = ask(&rows, keys)?;
        // Requests are carried out in their order, and none of them stands before the transaction commits.
        issue(&transaction, &rows, batch)?;
        check(found(asked).await?)?;
        unchecked.0 = None;
        commit(&transaction);
        ending.await
    }

    async fn estimate(&self) -> Result<Estimate, StoreError> {
        storage::estimate().await
    }

    fn close(&self) {
        self.closed.set(true);
        self.database.close();
    }
}

/// Deletes a database; other tabs that have it open close it by themselves.
pub(super) async fn delete(name: &str) -> Result<(), StoreError> {
    let deleting = factory()?.delete_database(name).map_err(|error| translate(&error))?;
    request::settle(&deleting).await.map(|_| ())
}

fn factory() -> Result<IdbFactory, StoreError> {
    js::scope().indexed_db().ok().flatten().ok_or(StoreError::Unavailable)
}

/// A transaction whose writes nobody has agreed to yet. Left alone it would commit by itself, also when who waited for it gave up.
struct Unchecked<'a>(Option<&'a IdbTransaction>);

impl Drop for Unchecked<'_> {
    fn drop(&mut self) {
        if let Some(transaction) = self.0 {
            abort(transaction);
        }
    }
}

/// Issues all writes at once; the transaction commits by itself afterwards, all or nothing.
fn issue(transaction: &IdbTransaction, rows: &IdbObjectStore, batch: Batch) -> Result<(), StoreError> {
    for op in batch {
        let issued = match op {
            Op::Put(key, value) => rows.put_with_key(&Uint8Array::from(value.as_slice()), &key_value(key)),
            Op::Delete(key) => rows.delete(&key_value(key)),
        };
        if let Err(error) = issued {
            abort(transaction);
            return Err(translate(&error));
        }
    }
    Ok(())
}

/// Saves a turn of the event loop where the browser can; where it cannot, the commit comes by itself.
fn commit(transaction: &IdbTransaction) {
    let _ = js::call(transaction, "commit", &[]);
}

/// Fails when it is over already, and then nothing was written either.
fn abort(transaction: &IdbTransaction) {
    let _ = transaction.abort();
}

fn ask(rows: &IdbObjectStore, keys: &[StorageKey]) -> Result<Vec<IdbRequest>, StoreError> {
    let asked: Result<Vec<_>, JsValue> = keys.iter().map(|key| rows.get(&key_value(*key))).collect();
    asked.map_err(|error| translate(&error))
}

async fn found(asked: Vec<IdbRequest>) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
    let mut found = Vec::with_capacity(asked.len());
    for value in futures::future::join_all(asked.iter().map(request::settle)).await {
        let value = value?;
        found.push(if value.is_undefined() { None } else { Some(read_value(&value)?) });
    }
    Ok(found)
}

fn key_value(key: StorageKey) -> JsValue {
    Uint8Array::from(key.as_bytes().as_slice()).into()
}

fn read_key(key: &JsValue) -> Result<StorageKey, StoreError> {
    let bytes = js::bytes(key).unwrap_or_default();
    StorageKey::try_from(bytes.as_slice()).map_err(|source| StoreError::Corrupt { table: 0, source: Some(source) })
}

fn read_value(value: &JsValue) -> Result<Vec<u8>, StoreError> {
    js::bytes(value).ok_or(StoreError::Corrupt { table: 0, source: None })
}

/// Keys that begin with `prefix`, later than `after`; undefined for all.
fn range(prefix: &[u8], after: Option<StorageKey>) -> Result<JsValue, StoreError> {
    let lower = after.map_or_else(|| Uint8Array::from(prefix), |after| Uint8Array::from(after.as_bytes().as_slice()));
    let is_open = after.is_some();
    let range = match following(prefix) {
        Some(end) => {
            let end = Uint8Array::from(end.as_slice());
            IdbKeyRange::bound_with_lower_open_and_upper_open(&lower, &end, is_open, true)
        }
        None if prefix.is_empty() && !is_open => return Ok(JsValue::UNDEFINED),
        None => IdbKeyRange::lower_bound_with_open(&lower, is_open),
    };
    range.map(JsValue::from).map_err(|error| translate(&error))
}

/// The first byte string after all that begin with `prefix`; none when the prefix is all 255.
fn following(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end: Vec<u8> = prefix.iter().take(last.saturating_add(1)).copied().collect();
    if let Some(byte) = end.last_mut() {
        *byte = byte.saturating_add(1);
    }
    Some(end)
}

fn translate(error: &JsValue) -> StoreError {
    request::translate(js::error_name(error))
}
