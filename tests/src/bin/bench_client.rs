//! `bench-client`: what a person waits for on a slow tablet, as JSON. `SIMPUL_BIN` names the relay's binary, `NODE` and
//! `CHROMIUM` the programs that drive it, `SIMPUL_BENCH` the script that measures, `SIMPUL_ASSETS` the client's files.

use std::collections::BTreeMap;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use tests::bench::envelope::{Envelope, Limit};

/// The client may not weigh more, compressed.
const DOWNLOAD_BYTES_MAX: f64 = 900.0 * 1024.0;
/// Nor what comes before the first picture.
const FIRST_BYTES_MAX: f64 = 200.0 * 1024.0;
/// Metric → limit of its 95th percentile, milliseconds.
const WAITS: [(&str, f64); 5] = [
    ("start_to_unlock", 1_500.0),
    ("unlock_to_list", 2_000.0),
    ("open_case", 300.0),
    ("field_saved", 100.0),
    ("search", 100.0),
];
/// Longest that the page may not answer, once somebody is signed in or at the door.
const LONG_TASK_MS_MAX: f64 = 200.0;
/// Everything has to be received in this time.
const INGEST_MS_MAX: f64 = 40_000.0;
/// What a tab may take of a tablet's memory.
const TAB_MIB_MAX: f64 = 250.0;

/// What the command line asked for.
struct Options {
    cases: usize,
    slow: String,
    runs: String,
    seed: u64,
}

/// How much slower the browser was made.
#[derive(Debug, Serialize, Deserialize)]
struct Slow {
    method: String,
    asked: f64,
    page: f64,
    worker: f64,
}

/// What the script measured.
#[derive(Debug, Deserialize)]
struct Measured {
    /// Cases the account reads.
    n: usize,
    account: String,
    slow: Slow,
    /// Paths fetched before the first picture.
    first: Vec<String>,
    samples: BTreeMap<String, Vec<f64>>,
    longtasks: Vec<LongTask>,
    tab_mib: f64,
    tab_uncollected_mib: f64,
    idb_mib: f64,
    wasm: Wasm,
    durability: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct LongTask {
    during: String,
    ms: f64,
}

#[derive(Debug, Deserialize)]
struct Wasm {
    app: f64,
    engine: f64,
}

/// One metric.
#[derive(Debug, Serialize)]
struct Case {
    metric: String,
    n: usize,
    runs: usize,
    p50_ms: f64,
    p95_ms: f64,
    max_ms: f64,
}

/// When a file is fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Phase {
    /// Before the first picture.
    First,
    /// After it.
    #[default]
    Later,
}

/// One file of the client.
#[derive(Debug, Serialize, Deserialize)]
struct Asset {
    path: String,
    raw: u32,
    br: u32,
    #[serde(default)]
    phase: Phase,
}

/// The envelope of every bench, and what only this one has.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    envelope: Envelope<Case>,
    account: String,
    slow: Slow,
    assets: Vec<Asset>,
    longtask_max_ms: f64,
    /// The longest by what was going on.
    longtasks: BTreeMap<String, f64>,
    wasm_mib: f64,
    /// What is held; and what the process had before the browser collected what nobody holds any more.
    tab_mib: f64,
    tab_uncollected_mib: f64,
    idb_mib: f64,
    durability: String,
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options { cases: 3_000, slow: String::from("4"), runs: String::from("10"), seed: 42 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--json" {
            continue;
        }
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--cases" => options.cases = value.parse()?,
            "--slow" => options.slow = value.parse::<f64>().map(|_| value)?,
            "--runs" => options.runs = value.parse::<u32>().map(|_| value)?,
            "--seed" => options.seed = value.parse()?,
            _ => anyhow::bail!("{word} is no option of this bench"),
        }
    }
    Ok(options)
}

fn main() -> anyhow::Result<ExitCode> {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("bench-client: {error:#}");
            return Ok(ExitCode::from(2));
        }
    };
    let measured = measure(&options)?;
    let report = report(&options, measured)?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(if report.envelope.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure(options: &Options) -> anyhow::Result<Measured> {
    let named = |name: &'static str| std::env::var_os(name).with_context(|| format!("{name} is not set"));
    let mut node = Command::new(named("NODE")?);
    node.arg(named("SIMPUL_BENCH")?);
    node.args(["--cases", &options.cases.to_string(), "--seed", &options.seed.to_string()]);
    node.args(["--slow", &options.slow, "--runs", &options.runs]);
    let output = node.stderr(Stdio::inherit()).output().context("cannot start node")?;
    ensure!(output.status.success(), "the measuring script failed");
    serde_json::from_slice(&output.stdout).context("the measuring script said something else")
}

fn report(options: &Options, measured: Measured) -> anyhow::Result<Report> {
    let assets = assets(&measured.first)?;
    let bytes = |wanted: &dyn Fn(&Asset) -> bool| -> f64 {
        assets.iter().filter(|asset| wanted(asset)).map(|asset| f64::from(asset.br)).sum()
    };
    let n = measured.n;
    let mut longtasks = BTreeMap::new();
    for LongTask { during, ms } in measured.longtasks {
        let longest = longtasks.entry(during).or_insert(0.0_f64);
        *longest = longest.max(rounded(ms));
    }
    let longtask_max_ms = longtasks.values().copied().fold(0.0, f64::max);
    let cases: Vec<Case> = measured.samples.into_iter().map(|(metric, samples)| case(metric, n, samples)).collect();
    let find = |metric: &str| cases.iter().find(|case| case.metric == metric);
    let mut limits = vec![
        Limit::most("client.download.br", "B", DOWNLOAD_BYTES_MAX, bytes(&|_| true), assets.len()),
        Limit::most("client.first.br", "B", FIRST_BYTES_MAX, bytes(&|asset| asset.phase == Phase::First), assets.len()),
    ];
    for (metric, limit) in WAITS {
        let value = find(metric).map_or(f64::MAX, |case| case.p95_ms);
        limits.push(Limit::most(&format!("client.{metric}.p95"), "ms", limit, value, n));
    }
    limits.push(Limit::most("client.longtask.max", "ms", LONG_TASK_MS_MAX, longtask_max_ms, n));
    let ingest = find("ingest_3000").map_or(f64::MAX, |case| case.max_ms);
    limits.push(Limit::most("client.ingest.max", "ms", INGEST_MS_MAX, ingest, n));
    limits.push(Limit::most("client.tab_mib", "MiB", TAB_MIB_MAX, rounded(measured.tab_mib), n));
    let durability = measured.durability.join(", ");
    let strict = durability == "strict";
    Ok(Report {
        envelope: Envelope::new("client", options.seed, cases, limits, strict),
        account: measured.account,
        slow: measured.slow,
        assets,
        longtask_max_ms,
        longtasks,
        wasm_mib: rounded(measured.wasm.app + measured.wasm.engine),
        tab_mib: rounded(measured.tab_mib),
        tab_uncollected_mib: rounded(measured.tab_uncollected_mib),
        idb_mib: rounded(measured.idb_mib),
        durability,
    })
}

fn assets(first: &[String]) -> anyhow::Result<Vec<Asset>> {
    let text = std::env::var("SIMPUL_ASSETS").context("SIMPUL_ASSETS does not list the client's files")?;
    let mut assets: Vec<Asset> = serde_json::from_str(&text)?;
    for asset in &mut assets {
        asset.phase = if first.contains(&asset.path) { Phase::First } else { Phase::Later };
    }
    Ok(assets)
}

fn case(metric: String, n: usize, mut samples: Vec<f64>) -> Case {
    samples.sort_by(f64::total_cmp);
    // The smallest sample that so many of a hundred do not exceed.
    let percentile = |hundredths: usize| {
        let rank = samples.len().saturating_mul(hundredths).div_ceil(100).saturating_sub(1);
        samples.get(rank).copied().map_or(0.0, rounded)
    };
    Case { metric, n, runs: samples.len(), p50_ms: percentile(50), p95_ms: percentile(95), max_ms: percentile(100) }
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
