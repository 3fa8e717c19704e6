//! The people of one task force with the shipped pack, their tablets, and a real relay between them.
//!
//! For tests alone: what cannot go wrong here panics, and says where.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are not recognised as tests")]

use std::rc::Rc;

use client::engine::exchange::RoundEnd;
use client::engine::reading::Read;
use client::engine::session::Session;
use shared::id::AccountId;
use shared::pack::source;
use shared::sync::device::Round;

use super::clock::ScriptedClock;
use super::office::{Office, Shelves};
use super::tablet::Tablet;
use super::wire::Wire;

/// When stories begin that do not care when: September 2026.
pub const START_MS: u64 = 1_790_000_000_000;

/// Rounds after which everything has been exchanged, many times over.
const ROUNDS_MAX: usize = 20;

/// An office with its relay.
pub struct Cast {
    /// The clock of everybody.
    pub clock: ScriptedClock,
    /// The way to the relay.
    pub wire: Wire,
    /// The relay and who has an account.
    pub office: Rc<Office>,
    pack: Vec<u8>,
}

impl Cast {
    /// The office of Belu, with nobody in it.
    pub async fn of_belu(now_ms: u64) -> Self {
        let clock = ScriptedClock::at(now_ms);
        let pack = source::embedded("belu").unwrap().unwrap();
        let cbor = pack.to_cbor().unwrap();
        let office = Rc::new(Office::open(Shelves::default(), pack, clock.clone(), 1).await.unwrap());
        Self { clock, wire: Wire::new(office.clone()), office, pack: cbor }
    }

    /// Somebody with one role, and their tablet.
    pub async fn member(&self, name: &str, role: &str, seed: u64) -> (AccountId, Tablet) {
        self.tablet_named(name, role, &format!("Tablet {name}"), seed).await
    }

    /// Another tablet of somebody who is there.
    pub async fn another_tablet(&self, name: &str, role: &str, seed: u64) -> Tablet {
        self.tablet_named(name, role, &format!("Tablet {name} {seed}"), seed).await.1
    }

    async fn tablet_named(&self, name: &str, role: &str, tablet: &str, seed: u64) -> (AccountId, Tablet) {
        let member = self.office.add_account(&format!("Contoh {name}"), role).await.unwrap();
        let owner = self.office.register(&member, tablet).await.unwrap();
        (owner.account, Tablet::enrolled(&owner, &self.pack, self.clock.clone(), seed).await.unwrap())
    }

    /// Exchanges everything there is, and reads what came.
    pub async fn sync(&self, tablet: &mut Tablet) {
        sync(tablet, &self.wire).await;
    }
}

/// Exchanges everything there is over a wire, and reads what came, as a tablet does when its line is idle.
pub async fn sync(tablet: &mut Tablet, wire: &Wire) {
    for _ in 0..ROUNDS_MAX {
        let end = tablet.round(wire, 0).await;
        let RoundEnd::Machine(Round::Done { more, .. }) = end else { panic!("a round ended with {end:?}") };
        if !more {
            while with(tablet, async |session| session.read_some().await.unwrap()).await != Read::Nothing {}
            return;
        }
    }
    panic!("no end of rounds");
}

/// Does something with the open session of a tablet.
pub async fn with<T>(tablet: &Tablet, act: impl AsyncFnOnce(&mut Session) -> T) -> T {
    act(tablet.lock.lock().await.as_mut().unwrap()).await
}
