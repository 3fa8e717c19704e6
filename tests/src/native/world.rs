//! One tablet's surroundings: its clock, its randomness and its databases.

use std::rc::Rc;

use async_trait::async_trait;
use client::platform::{Clock, Entropy, KeyWorker};
use client::store::memory::MemoryDatabases;
use client::store::{Databases, RawStore, StoreError};
use shared::seal::kdf::{KdfError, KdfRequest, SlotKey};

use super::clock::ScriptedClock;
use super::dice::Dice;

/// What a tablet gives by itself.
pub struct World {
    /// Its clock, shared with the relay.
    pub clock: ScriptedClock,
    /// Its randomness.
    pub dice: Dice,
    /// Its databases.
    pub databases: MemoryDatabases,
}

impl World {
    /// A world with empty databases.
    #[must_use]
    pub fn new(clock: ScriptedClock, seed: u64) -> Self {
        Self { clock, dice: Dice::new(seed), databases: MemoryDatabases::new() }
    }
}

#[async_trait(?Send)]
impl Clock for World {
    fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    async fn sleep(&self, duration_ms: u32) {
        self.clock.pass_ms(duration_ms.into());
    }
}

impl Entropy for World {
    fn fill(&self, out: &mut [u8]) {
        self.dice.fill(out);
    }
}

#[async_trait(?Send)]
impl KeyWorker for World {
    async fn derive(&self, request: KdfRequest) -> Result<SlotKey, KdfError> {
        shared::seal::kdf::derive(&request)
    }

    fn device_memory_gib(&self) -> Option<f64> {
        Some(2.0)
    }
}

#[async_trait(?Send)]
impl Databases for World {
    async fn open(&self, name: &str) -> Result<Rc<dyn RawStore>, StoreError> {
        self.databases.open(name).await
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.databases.delete(name).await
    }
}
