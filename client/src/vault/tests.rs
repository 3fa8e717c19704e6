use std::cell::{Cell, RefCell};

use async_trait::async_trait;
use shared::id::hash32;
use shared::seal::kdf::{KdfRequest, LADDER, SlotKey};
use shared::seal::letter::Identity;
use shared::seal::passphrase::Passphrase;
use shared::seal::{code, recovery};

use super::*;
use crate::platform::{Clock, Entropy, KeyWorker};
use crate::store::Databases;
use crate::store::memory::{Fault, MemoryDatabases};
use crate::store::sealed::{Table, Writes};

/// A tablet in memory whose key derivation is a plain hash, takes as long as told and may lack memory.
struct FakeTablet {
    now_ms: Cell<u64>,
    drawn: Cell<u8>,
    databases: MemoryDatabases,
    kdf_ms_per_mib: Cell<u64>,
    memory_kib_max: Cell<u32>,
    derived: RefCell<Vec<u32>>,
}

impl FakeTablet {
    fn new() -> Rc<Self> {
        Rc::new(Self {
            now_ms: Cell::new(1_780_000_000_000),
            drawn: Cell::new(0),
            databases: MemoryDatabases::new(),
            kdf_ms_per_mib: Cell::new(1),
            memory_kib_max: Cell::new(u32::MAX),
            derived: RefCell::default(),
        })
    }

    fn pass(&self, duration_ms: u64) {
        self.now_ms.set(self.now_ms.get() + duration_ms);
    }
}

#[async_trait(?Send)]
impl Clock for FakeTablet {
    fn now_ms(&self) -> u64 {
        self.now_ms.get()
    }
    async fn sleep(&self, duration_ms: u32) {
        self.pass(u64::from(duration_ms));
    }
}

impl Entropy for FakeTablet {
    fn fill(&self, out: &mut [u8]) {
        self.drawn.set(self.drawn.get().wrapping_add(1));
        out.fill(self.drawn.get());
    }
}

#[async_trait(?Send)]
impl KeyWorker for FakeTablet {
    async fn derive(&self, request: KdfRequest) -> Result<SlotKey, KdfError> {
        self.derived.borrow_mut().push(request.params.memory_kib);
        if request.params.memory_kib > self.memory_kib_max.get() {
            return Err(KdfError::OutOfMemory);
        }
        self.pass(u64::from(request.params.memory_kib / 1024) * self.kdf_ms_per_mib.get());
        let key = hash32("test", &[request.passphrase.as_bytes(), &request.salt]);
        let mut encoded = Vec::new();
        minicbor::encode(minicbor::bytes::ByteArray::from(key), &mut encoded).unwrap();
        Ok(minicbor::decode(&encoded).unwrap())
    }
    fn device_memory_gib(&self) -> Option<f64> {
        None
    }
}

#[async_trait(?Send)]
impl Databases for FakeTablet {
    async fn open(&self, name: &str) -> Result<Rc<dyn RawStore>, StoreError> {
        self.databases.open(name).await
    }
    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.databases.delete(name).await
    }
}

fn words(text: &str) -> Passphrase {
    Passphrase::parse(text).unwrap()
}

async fn write(open: &OpenVault, text: &str) {
    let mut writes = Writes::new();
    writes.put(Table::Draft, b"a", &text.to_owned());
    open.store().apply(writes, Durability::Strict).await.unwrap();
}

async fn read(open: &OpenVault) -> Option<String> {
    open.store().get(Table::Draft, b"a").await.unwrap()
}

#[test]
fn two_vaults_live_apart_through_locking_and_unlocking() {
    pollster::block_on(async {
        let fake = FakeTablet::new();
        let tablet = Tablet::open(fake.clone()).await.unwrap();
        let (one, one_facts) = tablet.create(" Mama Yuli ", &words("satu dua"), None).await.unwrap();
        fake.pass(10);
        let (two, two_facts) = tablet.create("Bapa Domi", &words("tiga empat"), None).await.unwrap();
        write(&one, "milik satu").await;
        write(&two, "milik dua").await;
        let kept = one.store();
        one.lock();
        two.lock();
        assert_eq!(kept.get::<String>(Table::Draft, b"a").await, Err(StoreError::Closed));

        let again = Tablet::open(fake.clone()).await.unwrap();
        assert_eq!(again.id(), tablet.id());
        let names: Vec<String> = again.vaults().await.unwrap().into_iter().map(|facts| facts.nickname).collect();
        assert_eq!(names, ["Mama Yuli", "Bapa Domi"]);
        let one = again.unlock(one_facts.vault, &words("SATU  dua")).await.unwrap();
        assert_eq!(read(&one).await.as_deref(), Some("milik satu"));
        let wrong = again.unlock(two_facts.vault, &words("satu dua")).await.err();
        assert_eq!(wrong, Some(VaultError::WrongPassphrase { remaining_ms: 0 }));
    });
}

#[test]
fn wrong_passphrases_wait_longer_and_a_right_one_forgives() {
    pollster::block_on(async {
        let fake = FakeTablet::new();
        let tablet = Tablet::open(fake.clone()).await.unwrap();
        let (open, facts) = tablet.create("A", &words("benar sekali"), None).await.unwrap();
        open.lock();
        for expected in [0, 0, 1_000, 2_000] {
            let wrong = tablet.unlock(facts.vault, &words("salah")).await.err();
            assert_eq!(wrong, Some(VaultError::WrongPassphrase { remaining_ms: expected }));
            assert_eq!(tablet.remaining_ms(facts.vault).await.unwrap(), expected);
            fake.pass(expected);
        }
        tablet.unlock(facts.vault, &words("salah")).await.err();
        fake.pass(1_000);
        let early = tablet.unlock(facts.vault, &words("benar sekali")).await.err();
        assert_eq!(early, Some(VaultError::Wait { remaining_ms: 3_000 }));
        fake.pass(3_000);
        assert!(tablet.unlock(facts.vault, &words("benar sekali")).await.is_ok());
        let wrong = tablet.unlock(facts.vault, &words("salah")).await.err();
        assert_eq!(wrong, Some(VaultError::WrongPassphrase { remaining_ms: 0 }));
    });
}

#[test]
fn the_office_opens_a_forgotten_vault_and_unsent_work_is_there() {
    pollster::block_on(async {
        let office = Identity::from_seed(&[9; 32]);
        let tablet = Tablet::open(FakeTablet::new()).await.unwrap();
        let (open, facts) = tablet.create("A", &words("terlupa"), Some(&office.recipient())).await.unwrap();
        write(&open, "belum terkirim").await;
        open.lock();
        let (vault, key) = recovery::open_with(&office, &facts.recovery.unwrap()).unwrap();
        assert_eq!(vault, facts.vault);
        let spoken = code::encode(&key);

        let other = code::encode(&shared::seal::VaultKey::from_bytes([1; 32]));
        let new = words("kata sandi yang baru");
        assert_eq!(tablet.unlock_with_code(vault, &other, &new).await.err(), Some(VaultError::WrongCode));
        let garbled = tablet.unlock_with_code(vault, &spoken[..20], &new).await.err();
        assert!(matches!(garbled, Some(VaultError::Code(_))));
        let open = tablet.unlock_with_code(vault, &spoken, &new).await.unwrap();
        assert_eq!(read(&open).await.as_deref(), Some("belum terkirim"));
        open.lock();
        assert!(tablet.unlock(vault, &new).await.is_ok());
        assert!(tablet.unlock(vault, &words("terlupa")).await.is_err());
    });
}

#[test]
fn a_weak_tablet_takes_a_lower_rung_and_keeps_it() {
    pollster::block_on(async {
        let fake = FakeTablet::new();
        fake.memory_kib_max.set(32 * 1024);
        fake.kdf_ms_per_mib.set(50);
        let tablet = Tablet::open(fake.clone()).await.unwrap();
        let (open, facts) = tablet.create("A", &words("benar"), None).await.unwrap();
        open.lock();
        let rungs: Vec<u32> = LADDER.iter().map(|rung| rung.memory_kib).collect();
        assert_eq!(*fake.derived.borrow(), rungs);
        fake.kdf_ms_per_mib.set(500);
        assert!(tablet.unlock(facts.vault, &words("benar")).await.is_ok());
        fake.memory_kib_max.set(1024);
        assert_eq!(
            tablet.unlock(facts.vault, &words("benar")).await.err(),
            Some(VaultError::Kdf(KdfError::OutOfMemory))
        );
        assert_eq!(tablet.remaining_ms(facts.vault).await.unwrap(), 0);
    });
}

#[test]
fn a_wipe_that_is_cut_short_leaves_nothing_to_open_and_ends_later() {
    pollster::block_on(async {
        let fake = FakeTablet::new();
        let tablet = Tablet::open(fake.clone()).await.unwrap();
        let (open, facts) = tablet.create("A", &words("benar"), None).await.unwrap();
        write(&open, "rahasia").await;
        open.lock();
        let rows = fake.databases.store(TABLET_DATABASE).unwrap();
        rows.fail_write(rows.write_count() + 2, Fault::Backend);
        assert!(tablet.wipe(facts.vault).await.is_err());
        assert_eq!(tablet.unlock(facts.vault, &words("benar")).await.err(), Some(VaultError::Unknown));
        assert!(tablet.vaults().await.unwrap().is_empty());
        let again = Tablet::open(fake.clone()).await.unwrap();
        assert!(again.all_vaults().await.unwrap().is_empty());
        assert_eq!(fake.databases.names(), [TABLET_DATABASE]);
    });
}

#[test]
fn data_thrown_away_by_the_browser_is_told_and_not_papered_over() {
    pollster::block_on(async {
        let fake = FakeTablet::new();
        let tablet = Tablet::open(fake.clone()).await.unwrap();
        let (open, facts) = tablet.create("A", &words("benar"), None).await.unwrap();
        open.lock();
        fake.databases.delete(&database_name(facts.vault)).await.unwrap();
        let error = tablet.unlock(facts.vault, &words("benar")).await.err().unwrap();
        assert_eq!(error, VaultError::Store(StoreError::Missing));
    });
}

#[test]
fn what_a_vault_has_not_sent_is_counted_at_the_door() {
    pollster::block_on(async {
        let local = FakeTablet::new();
        let tablet = Tablet::open(local.clone()).await.unwrap();
        let (one, other) = (VaultId::from_bytes([1; 16]), VaultId::from_bytes([2; 16]));
        assert_eq!(tablet.unsent(one).await.unwrap(), 0);
        tablet.note_unsent(one, 3).await.unwrap();
        tablet.note_unsent(other, 20).await.unwrap();
        let again = Tablet::open(local).await.unwrap();
        assert_eq!((again.unsent(one).await.unwrap(), again.unsent(other).await.unwrap()), (3, 20));
        again.note_unsent(one, 0).await.unwrap();
        assert_eq!((again.unsent(one).await.unwrap(), again.unsent(other).await.unwrap()), (0, 20));
    });
}

#[test]
fn the_language_of_the_door_outlives_the_program() {
    pollster::block_on(async {
        let local = FakeTablet::new();
        let tablet = Tablet::open(local.clone()).await.unwrap();
        assert_eq!(tablet.language().await.unwrap(), None);
        tablet.keep_language("tet").await.unwrap();
        let again = Tablet::open(local).await.unwrap();
        assert_eq!(again.language().await.unwrap().as_deref(), Some("tet"));
    });
}
