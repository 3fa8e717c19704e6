//! The people of one task force with the shipped pack, their tablets, and a real relay between them.

use std::rc::Rc;

use anyhow::{Context as _, bail};
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

/// Rounds after which everything has been exchanged, many times over.
const ROUNDS_MAX: usize = 20;

/// An office with its relay.
pub struct Cast {
    /// The clock of everybody.
    pub clock: ScriptedClock,
    wire: Wire,
    office: Rc<Office>,
    pack: Vec<u8>,
}

impl Cast {
    /// The office of Belu, with nobody in it.
    ///
    /// # Errors
    /// When the pack or the relay does not open.
    pub async fn of_belu(now_ms: u64) -> anyhow::Result<Self> {
        let clock = ScriptedClock::at(now_ms);
        let pack = source::embedded("belu").context("no such pack")?.map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
        let cbor = pack.to_cbor()?;
        let office = Rc::new(Office::open(Shelves::default(), pack, clock.clone(), 1).await?);
        Ok(Self { clock, wire: Wire::new(office.clone()), office, pack: cbor })
    }

    /// Somebody with one role, and their tablet.
    ///
    /// # Errors
    /// When the relay or the tablet refuses.
    pub async fn member(&self, name: &str, role: &str, seed: u64) -> anyhow::Result<(AccountId, Tablet)> {
        let member = self.office.add_account(&format!("Contoh {name}"), role).await?;
        let owner = self.office.register(&member, &format!("Tablet {name}")).await?;
        Ok((owner.account, Tablet::enrolled(&owner, &self.pack, self.clock.clone(), seed).await?))
    }

    /// Another tablet of somebody who is there.
    ///
    /// # Errors
    /// When the relay or the tablet refuses.
    pub async fn another_tablet(&self, name: &str, role: &str, seed: u64) -> anyhow::Result<Tablet> {
        let member = self.office.add_account(&format!("Contoh {name}"), role).await?;
        let owner = self.office.register(&member, &format!("Tablet {name} {seed}")).await?;
        Tablet::enrolled(&owner, &self.pack, self.clock.clone(), seed).await
    }

    /// Exchanges everything there is, and reads what came.
    ///
    /// # Errors
    /// When a round ends otherwise than done.
    pub async fn sync(&self, tablet: &mut Tablet) -> anyhow::Result<()> {
        for _ in 0..ROUNDS_MAX {
            match tablet.round(&self.wire, 0).await {
                RoundEnd::Machine(Round::Done { more: true, .. }) => {}
                RoundEnd::Machine(Round::Done { more: false, .. }) => return read_all(tablet).await,
                end @ (RoundEnd::Machine(_) | RoundEnd::Line(_) | RoundEnd::Abandoned | RoundEnd::Store(_)) => {
                    bail!("a round ended with {end:?}")
                }
            }
        }
        bail!("no end of rounds")
    }
}

async fn read_all(tablet: &Tablet) -> anyhow::Result<()> {
    loop {
        let read = with(tablet, async |session| session.read_some().await).await?;
        if read.map_err(|failure| anyhow::anyhow!("{failure:?}"))? == Read::Nothing {
            return Ok(());
        }
    }
}

/// Does something with the open session of a tablet.
///
/// # Errors
/// When the tablet is off.
pub async fn with<T>(tablet: &Tablet, act: impl AsyncFnOnce(&mut Session) -> T) -> anyhow::Result<T> {
    let mut guard = tablet.lock.lock().await;
    Ok(act(guard.as_mut().context("the tablet is off")?).await)
}
