//! A tablet without a browser: the real session, the real machine and the real round over a store in memory.

use std::rc::Rc;

use anyhow::Context as _;
use client::engine::exchange::{Line, RoundEnd, SessionLock, round};
use client::engine::rows::{Owner, RowWrites as _, Rows};
use client::engine::session::Session;
use client::platform::{Local, Network};
use client::store::memory::{Fault, MemoryStore};
use client::store::sealed::{SealedStore, Writes};
use client::store::{Durability, Op, RawStore};
use shared::id::VaultId;
use shared::seal::VaultKey;
use shared::seal::sign::DeviceSecret;
use shared::sync::device::{DeviceMachine, Identity};

use super::clock::ScriptedClock;
use super::world::World;

/// The key of every test vault; what is sealed with it guards nothing.
fn vault_key() -> VaultKey {
    VaultKey::from_bytes([9; 32])
}

/// A tablet of one account.
pub struct Tablet {
    world: Rc<World>,
    store: MemoryStore,
    vault: VaultId,
    /// The open session; none while the tablet is off.
    pub lock: SessionLock,
    machine: DeviceMachine,
}

impl Tablet {
    /// Makes the vault of a registered device and opens it.
    ///
    /// # Errors
    /// When the store or the session refuses.
    pub async fn enrolled(owner: &Owner, pack: &[u8], clock: ScriptedClock, seed: u64) -> anyhow::Result<Self> {
        let world = Rc::new(World::new(clock, seed));
        let store = MemoryStore::new();
        let vault = VaultId::from_bytes(*owner.device.as_bytes());
        let sealed = SealedStore::create(Rc::new(store.clone()), vault, &vault_key(), world.clone()).await?;
        let mut writes = Writes::new();
        writes.owner(owner).pack(pack);
        sealed.apply(writes, Durability::Strict).await?;
        Self::open(world, store, vault).await
    }

    /// A tablet with the same rows as this one, in a world of its own.
    ///
    /// # Errors
    /// When the store or the session refuses.
    pub async fn copy(&self, clock: ScriptedClock, seed: u64) -> anyhow::Result<Self> {
        let store = MemoryStore::new();
        let rows = self.store.dump().into_iter().map(|(key, value)| Op::Put(key, value)).collect();
        store.apply(rows, Durability::Strict).await?;
        Self::open(Rc::new(World::new(clock, seed)), store, self.vault).await
    }

    async fn open(world: Rc<World>, store: MemoryStore, vault: VaultId) -> anyhow::Result<Self> {
        let session = open_session(&world, &store, vault).await?;
        let machine = machine_of(&session);
        Ok(Self { world, store, vault, lock: SessionLock::new(Some(session)), machine })
    }

    /// The raw store below, for faults and dumps.
    #[must_use]
    pub const fn store(&self) -> &MemoryStore {
        &self.store
    }

    /// Lets a write go wrong, `after` more writes from now.
    pub fn fail_write(&self, after: u64, fault: Fault) {
        self.store.fail_write(self.store.write_count().saturating_add(1).saturating_add(after), fault);
    }

    /// Switches the tablet off and on: everything that was not in rows is gone.
    ///
    /// # Errors
    /// When the session does not open any more.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        *self.lock.lock().await = None;
        let session = open_session(&self.world, &self.store, self.vault).await?;
        self.machine = machine_of(&session);
        *self.lock.lock().await = Some(session);
        Ok(())
    }

    /// Another tab of the same vault, with a session of its own.
    ///
    /// # Errors
    /// When the session does not open.
    pub async fn another_tab(&self) -> anyhow::Result<Session> {
        open_session(&self.world, &self.store, self.vault).await
    }

    /// One round with the relay.
    pub async fn round(&mut self, network: &dyn Network, budget_bytes: u32) -> RoundEnd {
        let line = Line { network, entropy: &*self.world, priorities: Vec::new(), budget_bytes, committed: &|_| {} };
        round(&self.lock, &mut self.machine, &line).await
    }

    /// One round with the relay, while the user does something in between.
    pub async fn round_beside<T>(
        &mut self,
        network: &dyn Network,
        budget_bytes: u32,
        act: impl AsyncFnOnce(&SessionLock) -> T,
    ) -> (RoundEnd, T) {
        let Self { world, lock, machine, .. } = self;
        let line = Line { network, entropy: &**world, priorities: Vec::new(), budget_bytes, committed: &|_| {} };
        futures::future::join(round(lock, machine, &line), act(lock)).await
    }
}

async fn open_session(world: &Rc<World>, store: &MemoryStore, vault: VaultId) -> anyhow::Result<Session> {
    // A handle of a crashed tablet stays dead; its clone is the tablet switched on again.
    let raw: Rc<dyn RawStore> = Rc::new(store.clone());
    let sealed = SealedStore::open(raw, vault, &vault_key(), world.clone()).await?;
    let local: Rc<dyn Local> = world.clone();
    Session::open(Rows::new(Rc::new(sealed)), local, Rc::new(|_| {}))
        .await
        .map_err(|failure| anyhow::anyhow!("the session does not open: {failure:?}"))
        .context("opening a tablet")
}

fn machine_of(session: &Session) -> DeviceMachine {
    DeviceMachine::new(Identity {
        tenant: session.owner.tenant,
        account: session.owner.account,
        device: session.owner.device,
        secret: DeviceSecret::from_seed(&session.owner.seed),
    })
}
