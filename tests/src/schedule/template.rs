//! Where every schedule begins: a case handed over and taken over, with two practitioners in its team and a registrar.
//!
//! Made once and copied for each case, because founding an office costs more than a schedule.

use std::rc::Rc;

use anyhow::{Context as _, ensure};
use client::api::{FieldPlace, Path, Write};
use client::engine::exchange::RoundEnd;
use client::engine::session::{Session, core_key};
use client::engine::{flow, write};
use shared::id::CaseId;
use shared::pack::Pack;
use shared::sync::device::Round;
use shared::value::Scalar;

use crate::native::clock::ScriptedClock;
use crate::native::office::{Office, Shelves};
use crate::native::packs;
use crate::native::tablet::Tablet;
use crate::native::wire::Wire;

/// The kind all schedules write in.
pub const KIND: &str = "intake";
/// What stands in the report before a schedule begins: field and value.
pub const INITIAL: (&str, &str) = ("nama", "awal");
/// First practitioner: began the report and took it over.
pub const FIRST: usize = 0;
/// Second practitioner of the team, whose rights come and go.
pub const SECOND: usize = 1;
/// Registrar.
pub const REGISTRAR: usize = 2;
/// A practitioner who has nothing to do with the case.
pub const OUTSIDER: usize = 3;
/// A second tablet of the registrar, switched on only at the end.
pub const LATECOMER: usize = 4;
/// Those who write.
pub const WRITERS: usize = 3;

/// Rounds after which a relay without faults must have nothing more for a tablet.
pub const QUIET_ROUNDS_MAX: usize = 20;

/// The state from which schedules start.
pub struct Template {
    shelves: Shelves,
    pack: Pack,
    tablets: Vec<Tablet>,
    /// The case everybody writes in.
    pub case: CaseId,
}

/// The surroundings of one schedule.
pub struct Start {
    /// The relay.
    pub office: Rc<Office>,
    /// The network.
    pub wire: Wire,
    /// All tablets.
    pub tablets: Vec<Tablet>,
}

impl Template {
    /// Founds the office and takes the report over.
    ///
    /// # Errors
    /// When anything of it does not work without a single fault.
    pub async fn make() -> anyhow::Result<Self> {
        let (clock, pack) = (ScriptedClock::default(), packs::schedules()?);
        let office = Rc::new(Office::open(Shelves::default(), pack.clone(), clock.clone(), 1).await?);
        let bytes = pack.to_cbor()?;
        let mut tablets = Vec::new();
        let mut members = Vec::new();
        for (name, role) in [("Ana", "MKS"), ("Bela", "MKS"), ("Citra", "SER"), ("Dedi", "MKS")] {
            members.push(office.add_account(name, role).await?);
        }
        let devices = [(0, "tablet-1"), (1, "tablet-2"), (2, "tablet-3"), (3, "tablet-4"), (2, "tablet-5")];
        for (index, name) in devices {
            let owner = office.register(members.get(index).context("a member")?, name).await?;
            let seed = u64::try_from(tablets.len())?;
            tablets.push(Tablet::enrolled(&owner, &bytes, clock.clone(), seed).await?);
        }
        let wire = Wire::new(Rc::clone(&office));
        let second = members.get(SECOND).context("the second member")?.account;
        let case = begin(tablets.get_mut(FIRST).context("the first tablet")?, &wire, second).await?;
        for tablet in tablets.iter_mut().take(LATECOMER) {
            quiet(tablet, &wire).await?;
        }
        let shelves = office.copy().await?;
        let template = Self { shelves, pack, tablets, case };
        template.check().await?;
        Ok(template)
    }

    async fn check(&self) -> anyhow::Result<()> {
        for (index, tablet) in self.tablets.iter().enumerate() {
            let guard = tablet.lock.lock().await;
            let session = guard.as_ref().context("the session is open")?;
            let expected = if index < WRITERS { 2 } else { 0 };
            let held = session.rows.all_heads().await?.len();
            ensure!(held == expected, "tablet {index} begins with {held} documents instead of {expected}");
        }
        Ok(())
    }

    /// Copies the state for one schedule.
    ///
    /// # Errors
    /// When a copy does not open.
    pub async fn start(&self, seed: u64) -> anyhow::Result<Start> {
        let clock = ScriptedClock::default();
        clock.pass_ms(60_000);
        let shelves = self.shelves.copy().await?;
        let office = Rc::new(Office::open(shelves, self.pack.clone(), clock.clone(), seed).await?);
        let mut tablets = Vec::new();
        for (index, tablet) in self.tablets.iter().enumerate() {
            let own = seed.wrapping_mul(31).wrapping_add(u64::try_from(index)?);
            tablets.push(tablet.copy(clock.clone(), own).await?);
        }
        Ok(Start { wire: Wire::new(Rc::clone(&office)), office, tablets })
    }
}

/// Begins a report, hands it over, takes it over, and puts the second practitioner into the team.
async fn begin(first: &mut Tablet, wire: &Wire, second: shared::id::AccountId) -> anyhow::Result<CaseId> {
    let case = with(first, async |session| flow::start_report(session).await).await?;
    let path = Path::Field(String::from(INITIAL.0));
    let place = FieldPlace { case, kind: KIND.to_owned(), subject: None, path };
    let set = Write::Set { place, value: Scalar::Str(String::from(INITIAL.1)), seen: Vec::new() };
    with(first, async |session| write::write(session, set).await).await?;
    with(first, async |session| flow::hand_over(session, case).await).await?;
    quiet(first, wire).await?;
    with(first, async |session| flow::take_over(session, case).await).await?;
    with(first, async |session| flow::assign(session, vec![case], second, "MKS").await).await?;
    quiet(first, wire).await?;
    let has_core = with(first, async |session| Ok(session.has(&core_key(case)))).await?;
    ensure!(has_core, "the first tablet keeps its case");
    Ok(case)
}

async fn with<T>(
    tablet: &Tablet,
    act: impl AsyncFnOnce(&mut Session) -> Result<T, client::api::Failure>,
) -> anyhow::Result<T> {
    let mut guard = tablet.lock.lock().await;
    let session = guard.as_mut().context("the session is open")?;
    act(session).await.map_err(|failure| anyhow::anyhow!("error code {}", failure.code))
}

/// Rounds without faults until the relay has nothing more.
///
/// # Errors
/// When a round fails, or there is no end to them.
pub async fn quiet(tablet: &mut Tablet, wire: &Wire) -> anyhow::Result<()> {
    for _ in 0..QUIET_ROUNDS_MAX {
        match tablet.round(wire, 0).await {
            RoundEnd::Machine(Round::Done { more: false, .. }) => return Ok(()),
            RoundEnd::Machine(Round::Done { .. }) => {}
            other @ (RoundEnd::Machine(_) | RoundEnd::Line(_) | RoundEnd::Abandoned | RoundEnd::Store(_)) => {
                anyhow::bail!("a round without faults ended as {other:?}")
            }
        }
    }
    anyhow::bail!("after {QUIET_ROUNDS_MAX} rounds the relay still says that there is more")
}
