//! What syncing costs: the real relay on its SQLite file, the real machine and session, a line that counts.
//!
//! Cases: `first` (an empty tablet), `idle` (nothing changed), `changed` (K records on each side, others on each).

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use client::api::{FieldPlace, Path, Write};
use client::engine::exchange::RoundEnd;
use client::engine::query::value::token;
use client::engine::rows::RowWrites as _;
use client::engine::session::{Session, core_key};
use client::engine::{flow, write};
use client::store::Durability;
use client::store::sealed::Writes;
use serde::Serialize;
use shared::id::{CaseId, ChangeHash, DocumentId};
use shared::sync::device::Round;
use shared::value::Scalar;

use super::caseload;
use crate::native::clock::{ScriptedClock, Stopwatch};
use crate::native::dice::Dice;
use crate::native::http::Http;
use crate::native::packs;
use crate::native::process::{Folder, Serving, enrol, own_cpu_ms};
use crate::native::proxy::Proxy;
use crate::native::tablet::Tablet;

/// Records put into the queue in one batch.
const SEED_BATCH: usize = 200;
/// Rounds after which something is wrong.
const ROUNDS_MAX: usize = 2_000;

/// What is measured.
#[derive(Debug, Clone)]
pub struct Options {
    /// Numbers of records.
    pub sizes: Vec<usize>,
    /// Records changed on each side.
    pub changed: usize,
    /// Lengths of the line.
    pub rtts_ms: Vec<u64>,
    /// Runs of each.
    pub runs: usize,
    /// Seed of the workload.
    pub seed: u64,
    /// The relay's binary.
    pub binary: PathBuf,
}

/// One measured case.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// `first`, `idle` or `changed`.
    pub case: &'static str,
    /// Records.
    pub n: usize,
    /// Records changed on each side.
    pub k: usize,
    /// Length of the line.
    pub rtt_ms: u64,
    /// Number of the run, from 0.
    pub run: usize,
    /// What syncs.
    pub client: &'static str,
    /// TCP payload sent.
    pub bytes_up: u64,
    /// TCP payload received.
    pub bytes_down: u64,
    /// Both.
    pub bytes_total: u64,
    /// Both, by record.
    pub bytes_per_doc: f64,
    /// Bodies sent.
    pub body_up: u64,
    /// Bodies received.
    pub body_down: u64,
    /// Heads sent.
    pub header_up: u64,
    /// Heads received.
    pub header_down: u64,
    /// Requests.
    pub requests: u64,
    /// Request and answer, one after the other.
    pub round_trips: u64,
    /// Connections.
    pub connections: u64,
    /// Wall time.
    pub wall_ms: f64,
    /// Processor time of the relay.
    pub relay_cpu_ms: f64,
    /// Processor time of the tablet.
    pub client_cpu_ms: f64,
    /// Documents on the tablet afterwards.
    pub documents: usize,
    /// Changes in the documents that moved.
    pub changes: usize,
    /// Both sides hold the same heads and values.
    pub converged: bool,
}

/// One relay with its records and the two tablets that write.
struct Bench<'a> {
    options: &'a Options,
    folder: Folder,
    codes: Vec<String>,
    n: usize,
    pack: Vec<u8>,
    first: Tablet,
    second: Tablet,
    case: CaseId,
    dice: Dice,
}

/// Measures all cases.
///
/// # Errors
/// When something does not work at all.
pub async fn measure(options: &Options) -> anyhow::Result<Vec<Measured>> {
    let mut measured = Vec::new();
    for n in &options.sizes {
        eprintln!("bench sync: {n} records");
        let mut bench = Bench::prepare(options, *n).await?;
        for rtt_ms in &options.rtts_ms {
            for run in 0..options.runs {
                bench.run(*rtt_ms, run, &mut measured).await?;
            }
        }
    }
    Ok(measured)
}

impl<'a> Bench<'a> {
    async fn prepare(options: &'a Options, n: usize) -> anyhow::Result<Self> {
        let folder = Folder::new(options.binary.clone(), &packs::CASELOAD)?;
        folder.run(&["recovery", "init"])?;
        let mut codes = Vec::new();
        for login in ["ana", "bela", "citra"] {
            codes.push(folder.run(&["account", "add", login, "--name", login, "--role", "PEKERJA", "--unit", "GT"])?);
        }
        for _ in 1..options.rtts_ms.len().saturating_mul(options.runs) {
            codes.push(folder.run(&["account", "code", "citra", "--minutes", "600"])?);
        }
        let pack = packs::parse(&packs::CASELOAD)?.to_cbor()?;
        let serving = folder.serve()?;
        let http = Http::new(serving.address());
        let mut codes = codes.into_iter();
        let mut first = tablet(&http, &codes.next().context("a code")?, "tablet-1", &pack).await?;
        let mut second = tablet(&http, &codes.next().context("a code")?, "tablet-2", &pack).await?;
        let dice = Dice::new(options.seed);
        let case = seed(&mut first, &http, n, &dice).await?;
        until_quiet(&mut second, &http).await?;
        drop(serving);
        let codes = codes.collect();
        Ok(Self { options, folder, codes, n, pack, first, second, case, dice })
    }

    async fn run(&mut self, rtt_ms: u64, run: usize, into: &mut Vec<Measured>) -> anyhow::Result<()> {
        let serving = self.folder.serve()?;
        let direct = Http::new(serving.address());
        let proxy = Proxy::start(serving.address())?;
        let code = self.codes.pop().context("a code")?;
        let name = format!("tablet-{rtt_ms}-{run}");
        let mut reader = tablet(&direct, &code, &name, &self.pack).await?;
        proxy.set_rtt_ms(rtt_ms);
        let mut line = Line { serving: &serving, proxy: &proxy, n: self.n, k: 0, rtt_ms, run };
        let mut first = line.measure("first", &mut reader).await?;
        (first.documents, first.changes, first.converged) = compare(&mut reader, &mut self.first, run == 0).await?;
        into.push(first);
        let mut idle = line.measure("idle", &mut reader).await?;
        idle.documents = self.n.saturating_add(1);
        idle.converged = true;
        into.push(idle);
        line.k = self.options.changed;
        self.change(true).await?;
        until_quiet(&mut self.first, &direct).await?;
        self.change(false).await?;
        let mut changed = line.measure("changed", &mut self.second).await?;
        until_quiet(&mut self.first, &direct).await?;
        (changed.documents, changed.changes, changed.converged) =
            compare(&mut self.second, &mut self.first, run == 0).await?;
        into.push(changed);
        Ok(())
    }

    /// One side changes one scalar in each of its records.
    async fn change(&mut self, by_first: bool) -> anyhow::Result<()> {
        let (k, n) = (self.options.changed, self.n);
        for j in 0..k {
            // floor((j + 0.1)·N/K) and floor((j + 0.6)·N/K), in whole numbers.
            let tenths = j.saturating_mul(10).saturating_add(if by_first { 1 } else { 6 });
            let number = tenths.saturating_mul(n).checked_div(k.saturating_mul(10)).unwrap_or(0);
            let value = Scalar::Str(format!("Petugas {}", self.dice.below(1_000_000)));
            let tablet = if by_first { &self.first } else { &self.second };
            set(tablet, self.case, number, value).await?;
        }
        Ok(())
    }
}

async fn tablet(http: &Http, code: &str, name: &str, pack: &[u8]) -> anyhow::Result<Tablet> {
    let owner = enrol(http, code, name)?;
    let clock = ScriptedClock::at(server::clock::now_ms());
    let seed = u64::from_be_bytes(shared::id::hash32("tests/seed", &[code.as_bytes()])[..8].try_into()?);
    Tablet::enrolled(&owner, pack, clock, seed).await
}

/// Begins the case, hands it over, and sends all records through the tablet's queue.
async fn seed(tablet: &mut Tablet, http: &Http, n: usize, dice: &Dice) -> anyhow::Result<CaseId> {
    let case = {
        let mut guard = tablet.lock.lock().await;
        let session = guard.as_mut().context("the session is open")?;
        let refused = |failure: client::api::Failure| anyhow::anyhow!("error code {}", failure.code);
        let case = flow::start_report(session).await.map_err(refused)?;
        flow::hand_over(session, case).await.map_err(refused)?;
        ensure!(session.has(&core_key(case)), "the case has a core");
        case
    };
    until_quiet(tablet, http).await?;
    for from in (0..n).step_by(SEED_BATCH) {
        {
            let guard = tablet.lock.lock().await;
            let session = guard.as_ref().context("the session is open")?;
            let mut writes = Writes::new();
            for number in from..from.saturating_add(SEED_BATCH).min(n) {
                writes.pending(&caseload::record(session.owner.account, case, number, dice)?);
            }
            session.rows.apply(writes, Durability::Relaxed).await?;
        }
        until_quiet(tablet, http).await?;
    }
    let mut guard = tablet.lock.lock().await;
    let session = guard.as_mut().context("the session is open")?;
    let held = session.rows.all_heads().await?.len();
    ensure!(held == n.saturating_add(1), "{held} documents were taken instead of {}", n.saturating_add(1));
    ensure!(session.rows.tray().await?.is_empty(), "the relay refused a record");
    Ok(case)
}

async fn set(tablet: &Tablet, case: CaseId, number: usize, value: Scalar) -> anyhow::Result<()> {
    let key = caseload::key(case, number);
    let mut guard = tablet.lock.lock().await;
    let session: &mut Session = guard.as_mut().context("the session is open")?;
    let refused = |failure: client::api::Failure| anyhow::anyhow!("record {number}: error code {}", failure.code);
    let state = session.replica(&key).await.map_err(refused)?.document.field("petugas");
    let place =
        FieldPlace { case, kind: key.kind.clone(), subject: key.subject, path: Path::Field(String::from("petugas")) };
    let seen = state.values.iter().map(|seen| token(seen.op)).collect();
    write::write(session, Write::Set { place, value, seen }).await.map_err(refused)
}

async fn until_quiet(tablet: &mut Tablet, http: &Http) -> anyhow::Result<u64> {
    for rounds in 1..=ROUNDS_MAX {
        match tablet.round(http, 0).await {
            RoundEnd::Machine(Round::Done { more: false, differs: false, .. }) => return Ok(u64::try_from(rounds)?),
            RoundEnd::Machine(Round::Done { differs: false, .. }) => {}
            end @ (RoundEnd::Machine(_) | RoundEnd::Line(_) | RoundEnd::Abandoned | RoundEnd::Store(_)) => {
                anyhow::bail!("a round ended as {end:?}")
            }
        }
    }
    anyhow::bail!("there is no end to the rounds")
}

/// A line on which cases are measured.
struct Line<'a> {
    serving: &'a Serving,
    proxy: &'a Proxy,
    n: usize,
    k: usize,
    rtt_ms: u64,
    run: usize,
}

impl Line<'_> {
    async fn measure(&self, case: &'static str, tablet: &mut Tablet) -> anyhow::Result<Measured> {
        let http = Http::new(self.proxy.address());
        let _ = self.proxy.take();
        let (relay_before, own_before) = (self.serving.cpu_ms()?, own_cpu_ms()?);
        let watch = Stopwatch::start();
        let requests = until_quiet(tablet, &http).await?;
        let wall_ms = watch.elapsed_ms();
        let (relay_after, own_after) = (self.serving.cpu_ms()?, own_cpu_ms()?);
        let counted = self.proxy.take();
        let bytes_up = counted.up.head.saturating_add(counted.up.body);
        let bytes_down = counted.down.head.saturating_add(counted.down.body);
        let bytes_total = bytes_up.saturating_add(bytes_down);
        let divided = u32::try_from(bytes_total).map(f64::from)? / u32::try_from(self.n).map(f64::from)?;
        Ok(Measured {
            case,
            n: self.n,
            k: self.k,
            rtt_ms: self.rtt_ms,
            run: self.run,
            client: "native",
            bytes_up,
            bytes_down,
            bytes_total,
            bytes_per_doc: rounded(divided),
            body_up: counted.up.body,
            body_down: counted.down.body,
            header_up: counted.up.head,
            header_down: counted.down.head,
            requests,
            round_trips: requests,
            connections: counted.connections,
            wall_ms: rounded(wall_ms),
            relay_cpu_ms: rounded(relay_after - relay_before),
            client_cpu_ms: rounded(own_after - own_before),
            documents: 0,
            changes: 0,
            converged: false,
        })
    }
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Counts documents and changes of a tablet, and says whether another holds the same heads, and the same values.
async fn compare(one: &mut Tablet, other: &mut Tablet, values: bool) -> anyhow::Result<(usize, usize, bool)> {
    let (ours, theirs) = (heads(one).await?, heads(other).await?);
    let mut converged = ours == theirs;
    let mut changes = 0_usize;
    if values {
        let (ours, count) = digests(one, ours.keys().copied().collect()).await?;
        let (theirs, _) = digests(other, theirs.keys().copied().collect()).await?;
        converged &= ours == theirs;
        changes = count;
    }
    Ok((ours.len(), changes, converged))
}

async fn heads(tablet: &mut Tablet) -> anyhow::Result<BTreeMap<DocumentId, Vec<ChangeHash>>> {
    let guard = tablet.lock.lock().await;
    let session = guard.as_ref().context("the session is open")?;
    Ok(session.rows.all_heads().await?.into_iter().map(|held| (held.document, held.heads)).collect())
}

type Digests = BTreeMap<DocumentId, [u8; 32]>;

async fn digests(tablet: &mut Tablet, documents: Vec<DocumentId>) -> anyhow::Result<(Digests, usize)> {
    let guard = tablet.lock.lock().await;
    let session = guard.as_ref().context("the session is open")?;
    let mut digests = Digests::new();
    let mut changes = 0_usize;
    for batch in documents.chunks(SEED_BATCH) {
        for (document, rows) in session.rows.documents(&batch.iter().copied().collect()).await? {
            let opened = rows.stored.context("a document without rows")?.open()?;
            changes = changes.saturating_add(opened.metas_since(&[]).len());
            digests.insert(document, opened.digest_of_values());
        }
    }
    Ok((digests, changes))
}
