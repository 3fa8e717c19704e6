//! The demonstration's caseload, counted again: what the tables of the synthetic set say is looked for in the documents
//! that a registrar's tablet receives, never in what the generator meant.

mod counts;
mod read;
mod tables;

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use server::data::DataFolder;
use server::demo::fill::fill;
use server::demo::tablet::Tablet;
use server::identity::{CodeTerms, Origin};
use server::random::SeededEntropy;
use server::relay::{Relay, Setup};
use server::storage::sqlite::Durability;
use shared::id::hash16;
use shared::pack::source::embedded;
use shared::seal::relay::MasterKey;

pub use counts::Check;

/// Cases of the set whose tables are known.
pub const CASES: usize = 300;
/// Sunday, 22 November 2026, in the morning; a seed moves it, because no day is special.
const MORNING_MS: u64 = 1_795_312_800_000;
const DAY_MS: u64 = 86_400_000;

/// A relay filled with a caseload, and the registrar's tablet with all of it.
pub struct Opened {
    tablet: Tablet,
    now_ms: u64,
    offset_minutes: i16,
}

impl Opened {
    /// Fills a relay in a folder of its own, as `simpul demo` does, and lets the registrar's tablet receive everything.
    ///
    /// # Errors
    /// When the caseload is not taken, or the tablet does not have what the relay says it has.
    pub async fn fill(seed: u64, cases: usize) -> anyhow::Result<Self> {
        let now_ms = MORNING_MS.saturating_add((seed % 365).saturating_mul(DAY_MS));
        let pack = embedded("belu").context("there is no pack belu")?;
        let pack = pack.map_err(|faults| anyhow::anyhow!("the pack does not parse: {faults:?}"))?;
        let offset_minutes = pack.zone.offset_minutes;
        let setup = Setup {
            master: MasterKey::from_bytes([7; 32]),
            older: Vec::new(),
            pack,
            entropy: Arc::new(SeededEntropy::new(seed)),
            synthetic: true,
        };
        let folder = tempfile::tempdir()?;
        let data = DataFolder::new(folder.path().join("data"), None);
        let relay = Relay::open(data.open(Durability::Relaxed).await?, setup, now_ms).await?;
        fill(&relay, seed, cases, now_ms).await?;
        let tablet = receive(&relay, seed, now_ms).await?;
        relay.storage().close().await;
        Ok(Self { tablet, now_ms, offset_minutes })
    }

    /// How many documents the tablet has.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.tablet.documents.len()
    }

    /// How many cases the tablet has.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.tablet.documents.values().filter(|held| held.key.kind == "core").count()
    }

    /// Counts every table of the set.
    #[must_use]
    pub fn recount(&self) -> Vec<Check> {
        let today = shared::date::CivilDate::at(i64::try_from(self.now_ms).unwrap_or(0), self.offset_minutes);
        tables::recount(&read::cases(&self.tablet), today)
    }
}

/// Enrols a further tablet of the registrar and syncs until nothing is left.
async fn receive(relay: &Relay, seed: u64, now_ms: u64) -> anyhow::Result<Tablet> {
    let account = relay.account_of_login("ser1").await?;
    let terms = CodeTerms { expires_ms: u64::MAX, uses: Some(1), local_only: true };
    let code = relay.make_code(account, terms, now_ms).await?;
    let drawn = hash16("simpul/tests/demo", &[&seed.to_be_bytes()]);
    let (mut tablet, join) = Tablet::join(drawn, relay.tenant(), &code, "Tablet uji");
    tablet.take_joined(account, &relay.enrol(&join, Origin::Local, now_ms).await)?;
    loop {
        let request = tablet.upload();
        let heard = tablet.take(relay.handle_sync(&request, now_ms).await)?;
        ensure!(heard.code.is_none(), "the relay answered with code {:?}", heard.code);
        if !heard.more {
            ensure!(heard.check == Some(tablet.own_check()), "tablet and relay disagree about what the registrar has");
            return Ok(tablet);
        }
    }
}
