use std::cell::Cell;

use super::*;
use crate::store::memory::{Fault, MemoryStore};

struct Counting(Cell<u8>);

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        self.0.set(self.0.get().wrapping_add(1));
        out.fill(self.0.get());
    }
}

const VAULT: VaultId = VaultId::from_bytes([1; 16]);

async fn open_with(raw: &MemoryStore, key: u8) -> Result<SealedStore, StoreError> {
    let entropy = Rc::new(Counting(Cell::new(0)));
    SealedStore::open(Rc::new(raw.clone()), VAULT, &VaultKey::from_bytes([key; 32]), entropy).await
}

async fn create(raw: &MemoryStore) -> SealedStore {
    let entropy = Rc::new(Counting(Cell::new(100)));
    SealedStore::create(Rc::new(raw.clone()), VAULT, &VaultKey::from_bytes([2; 32]), entropy).await.unwrap()
}

fn one(table: Table, key: &[u8], value: &str) -> Writes {
    let mut writes = Writes::new();
    writes.put(table, key, &value.to_owned());
    writes
}

#[test]
fn rows_come_back_typed_and_nothing_readable_lies_below() {
    pollster::block_on(async {
        let raw = MemoryStore::new();
        let store = create(&raw).await;
        store.apply(one(Table::Draft, b"nama-kolom", "Maria Contoh"), Durability::Strict).await.unwrap();
        let back: Option<String> = store.get(Table::Draft, b"nama-kolom").await.unwrap();
        assert_eq!(back.as_deref(), Some("Maria Contoh"));
        for (place, sealed) in raw.dump() {
            for marker in [&b"Maria"[..], b"nama-kolom"] {
                let found = |bytes: &[u8]| bytes.windows(marker.len()).any(|window| window == marker);
                assert!(!found(&sealed) && !found(place.as_bytes()));
            }
        }
        assert_eq!(store.get::<String>(Table::Pending, b"nama-kolom").await.unwrap(), None);
    });
}

#[test]
fn another_key_does_not_open_and_the_store_survives_it() {
    pollster::block_on(async {
        let raw = MemoryStore::new();
        assert_eq!(open_with(&raw, 2).await.err(), Some(StoreError::Missing));
        create(&raw).await;
        assert!(matches!(open_with(&raw, 3).await.err(), Some(StoreError::Corrupt { source: Some(_), .. })));
        assert!(open_with(&raw, 2).await.is_ok());
    });
}

#[test]
fn a_newer_layout_opens_read_only() {
    pollster::block_on(async {
        let raw = MemoryStore::new();
        let store = create(&raw).await;
        let mut newer = Writes::new();
        newer.put(Table::Layout, LAYOUT_KEY, &(LAYOUT + 1));
        store.apply(newer, Durability::Strict).await.unwrap();
        store.apply(one(Table::Draft, b"a", "b"), Durability::Strict).await.unwrap();
        let old = open_with(&raw, 2).await.unwrap();
        assert!(old.is_read_only());
        assert_eq!(old.apply(one(Table::Draft, b"a", "c"), Durability::Strict).await, Err(StoreError::Newer));
        assert_eq!(old.get::<String>(Table::Draft, b"a").await.unwrap().as_deref(), Some("b"));
    });
}

#[test]
fn scans_page_and_list_broken_rows() {
    pollster::block_on(async {
        let raw = MemoryStore::new();
        let store = create(&raw).await;
        let mut writes = Writes::new();
        for number in 0..600_u32 {
            writes.put(Table::Summary, &number.to_be_bytes(), &number);
        }
        store.apply(writes, Durability::Relaxed).await.unwrap();
        let mut all: Vec<u32> = store.scan(Table::Summary).await.unwrap().into_iter().map(|row| row.value).collect();
        all.sort_unstable();
        assert_eq!(all, (0..600).collect::<Vec<u32>>());
        assert_eq!(store.count(Table::Summary).await.unwrap(), 600);

        let place = store.sealer.storage_key(Table::Summary.number(), &7_u32.to_be_bytes());
        raw.apply(vec![Op::Put(place, vec![1; 80])], Durability::Relaxed).await.unwrap();
        let page = store.scan_page::<u32>(Table::Summary, None, 1000).await.unwrap();
        assert_eq!((page.rows.len(), page.broken), (599, vec![place]));
    });
}

#[test]
fn an_update_is_atomic_and_a_refusal_comes_back() {
    #[derive(Debug, PartialEq, Eq)]
    enum Refusal {
        Enough,
        Store(StoreError),
    }
    impl From<StoreError> for Refusal {
        fn from(error: StoreError) -> Self {
            Self::Store(error)
        }
    }
    pollster::block_on(async {
        let raw = MemoryStore::new();
        let store = create(&raw).await;
        let next = async |limit: u64| {
            store
                .update(&[(Table::Sync, b"counter")], Durability::Strict, |reads| {
                    let counter = reads.get::<u64>(0)?.unwrap_or(0) + 1;
                    if counter > limit {
                        return Err(Refusal::Enough);
                    }
                    let mut writes = Writes::new();
                    writes.put(Table::Sync, b"counter", &counter);
                    Ok((writes, counter))
                })
                .await
        };
        assert_eq!(next(2).await, Ok(1));
        assert_eq!(next(2).await, Ok(2));
        assert_eq!(next(2).await, Err(Refusal::Enough));
        raw.fail_write(raw.write_count() + 1, Fault::Full);
        assert_eq!(next(9).await, Err(Refusal::Store(StoreError::Full)));
        assert_eq!(next(9).await, Ok(3));
    });
}
