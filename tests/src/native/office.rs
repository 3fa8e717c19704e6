//! A relay over memory with its accounts and devices, and copies of its storage to restore it from.
//!
//! Owns administration as a test needs it; must never touch what a push or a pull does.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Context as _;
use client::engine::rows::Owner;
use server::random::SeededEntropy;
use server::relay::{Relay, Setup};
use server::storage::memory::MemoryBackend;
use server::storage::record::{AccountRecord, DeviceRecord, Profile, RoleTermRecord};
use server::storage::{Backend, Range, Storage, Table};
use shared::date::CivilDate;
use shared::id::{AccountId, DeviceId, TabletId, hash16, hash32};
use shared::pack::Pack;
use shared::protocol::frame::Member;
use shared::seal::relay::MasterKey;
use shared::seal::sign::DeviceSecret;

use super::clock::ScriptedClock;

/// Both places of a relay's storage. Clones are the same places; see [`Shelves::copy`].
#[derive(Clone, Default)]
pub struct Shelves {
    main: MemoryBackend,
    keys: MemoryBackend,
}

impl Shelves {
    /// A copy as a backup would hold it.
    ///
    /// # Errors
    /// None in memory.
    pub async fn copy(&self) -> anyhow::Result<Self> {
        Ok(Self { main: copy_of(&self.main).await?, keys: copy_of(&self.keys).await? })
    }

    fn storage(&self) -> Storage {
        Storage::new(Box::new(self.main.clone()), Box::new(self.keys.clone()))
    }
}

async fn copy_of(backend: &MemoryBackend) -> anyhow::Result<MemoryBackend> {
    let copy = MemoryBackend::default();
    let mut read = backend.read().await?;
    let mut write = copy.write().await?;
    for table in Table::ALL {
        let everything = Range { from: Vec::new(), to: None };
        for (key, value) in read.scan(*table, &everything, usize::MAX).await? {
            write.put(*table, &key, &value).await?;
        }
    }
    write.commit().await?;
    Ok(copy)
}

/// A relay and what it stands on.
pub struct Office {
    relay: RefCell<Rc<Relay>>,
    shelves: RefCell<Shelves>,
    pack: Pack,
    clock: ScriptedClock,
    seed: u64,
}

impl Office {
    /// Opens a relay over shelves, founding it when they are empty.
    ///
    /// # Errors
    /// When the relay does not open.
    pub async fn open(shelves: Shelves, pack: Pack, clock: ScriptedClock, seed: u64) -> anyhow::Result<Self> {
        let relay = open_relay(&shelves, &pack, &clock, seed).await?;
        Ok(Self { relay: RefCell::new(Rc::new(relay)), shelves: RefCell::new(shelves), pack, clock, seed })
    }

    /// The relay as it runs now.
    #[must_use]
    pub fn relay(&self) -> Rc<Relay> {
        Rc::clone(&self.relay.borrow())
    }

    /// The relay's clock.
    #[must_use]
    pub const fn clock(&self) -> &ScriptedClock {
        &self.clock
    }

    /// The pack in force.
    #[must_use]
    pub const fn pack(&self) -> &Pack {
        &self.pack
    }

    /// A copy of everything the relay keeps.
    ///
    /// # Errors
    /// None in memory.
    pub async fn copy(&self) -> anyhow::Result<Shelves> {
        let shelves = self.shelves.borrow().clone();
        shelves.copy().await
    }

    /// Stops the relay and starts it again over what it keeps: whatever it had only in memory is gone.
    ///
    /// # Errors
    /// When the relay does not open.
    pub async fn restart(&self) -> anyhow::Result<()> {
        let shelves = self.shelves.borrow().clone();
        let relay = open_relay(&shelves, &self.pack, &self.clock, self.seed ^ self.clock.now_ms()).await?;
        *self.relay.borrow_mut() = Rc::new(relay);
        Ok(())
    }

    /// Adds an account with one role, in force since long ago.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn add_account(&self, name: &str, role: &str) -> anyhow::Result<Member> {
        let relay = self.relay();
        let account = AccountId::from_bytes(hash16("tests/account", &[name.as_bytes()]));
        let unit = self.pack.units.first().context("the pack has no unit")?.key.clone();
        let profile = Profile { login: name.to_owned(), name: name.to_owned(), unit: unit.clone(), office: None };
        let sealed_profile =
            relay.sealer().seal_record(Table::Account, account.as_bytes(), &minicbor::to_vec(&profile)?)?;
        let mut tx = relay.storage().write().await?;
        let position = tx.next_position().await?;
        let term = RoleTermRecord {
            role: role.to_owned(),
            unit: Some(unit.clone()),
            from_day: CivilDate::at(0, 0).days(),
            to_day: None,
            known_from: position,
            known_to: None,
        };
        let place = tx.next_position().await?;
        tx.put_role_term(account, place, &term).await?;
        tx.put_account(account, &AccountRecord { sealed_profile, active: true, position }).await?;
        tx.commit().await?;
        relay.refresh_grants(self.clock.now_ms()).await?;
        Ok(Member {
            account,
            name: name.to_owned(),
            unit,
            roles: vec![role.to_owned()],
            active: true,
            devices: Vec::new(),
            office: None,
            until_day: None,
            from_day: None,
        })
    }

    /// Registers a tablet of a member.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn register(&self, member: &Member, tablet: &str) -> anyhow::Result<Owner> {
        let relay = self.relay();
        let seed = hash32("tests/device", &[tablet.as_bytes()]);
        let device = DeviceId::from_bytes(hash16("tests/device", &[tablet.as_bytes()]));
        let mut tx = relay.storage().write().await?;
        let record = DeviceRecord {
            number: tx.next_device_number().await?,
            account: member.account,
            public_key: *DeviceSecret::from_seed(&seed).public().as_bytes(),
            tablet: TabletId::from_bytes(hash16("tests/tablet", &[tablet.as_bytes()])),
            sealed_name: relay.sealer().seal_record(Table::Device, device.as_bytes(), tablet.as_bytes())?,
            enrolled_position: tx.view().position().await?,
            enrolled_ms: self.clock.now_ms(),
            revoked: None,
            contact: None,
        };
        tx.put_device(device, &record).await?;
        if let Some(mut account) = tx.view().account(member.account).await? {
            account.position = tx.next_position().await?;
            tx.put_account(member.account, &account).await?;
        }
        tx.commit().await?;
        Ok(Owner {
            tenant: relay.tenant(),
            account: member.account,
            device,
            seed,
            relay_recipient: relay.recipient().to_owned(),
            member: member.clone(),
            synthetic: true,
        })
    }

    /// Puts an older copy in place of what the relay keeps, as a restore does: in a new epoch.
    ///
    /// # Errors
    /// When the relay does not open.
    pub async fn restore(&self, older: Shelves) -> anyhow::Result<()> {
        let now_ms = self.clock.now_ms();
        let fresh = now_ms.to_be_bytes();
        let mut tx = older.storage().write().await?;
        tx.begin_epoch(fresh, hash16("tests/check-key", &[&fresh]), now_ms).await?;
        tx.commit().await?;
        *self.shelves.borrow_mut() = older;
        self.restart().await
    }
}

async fn open_relay(shelves: &Shelves, pack: &Pack, clock: &ScriptedClock, seed: u64) -> anyhow::Result<Relay> {
    let setup = Setup {
        master: MasterKey::from_bytes([7; 32]),
        older: Vec::new(),
        pack: pack.clone(),
        entropy: Arc::new(SeededEntropy::new(seed)),
        synthetic: true,
    };
    Ok(Relay::open(shelves.storage(), setup, clock.now_ms()).await?)
}
