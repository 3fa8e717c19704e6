//! Fills the demonstration's caseload and counts its tables again: `demo [--cases N] [--seed S] [--json]`.
//!
//! Three seeds unless one is given. With `--cases` a set of that size is filled too, and a registrar's tablet has to
//! receive all of it. Exit status 1 when any table is another one.

use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use tests::demo::{CASES, Check, Opened};
use tests::native::clock::Stopwatch;

/// Seeds that are counted when nobody says which.
const SEEDS: [u64; 3] = [42, 7, 2026];

#[derive(Default)]
struct Options {
    cases: Option<usize>,
    seed: Option<u64>,
    json: bool,
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--json" {
            options.json = true;
            continue;
        }
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--cases" => options.cases = Some(value.parse()?),
            "--seed" => options.seed = Some(value.parse()?),
            _ => anyhow::bail!("{word} is no option of the demonstration"),
        }
    }
    Ok(options)
}

/// Fills the set whose tables are known, and counts them.
async fn recount(seed: u64) -> anyhow::Result<Vec<Check>> {
    let watch = Stopwatch::start();
    let opened = Opened::fill(seed, CASES).await?;
    let mut checks = opened.recount();
    eprintln!(
        "demo: seed {seed}: {CASES} cases, {} documents, {:.0} s",
        opened.documents(),
        watch.elapsed_ms() / 1_000.0
    );
    for check in &mut checks {
        check.name = format!("seed {seed}: {}", check.name);
        if !check.ok {
            eprintln!("FAILED {}\n    expected {}\n    found    {}", check.name, check.expected, check.found);
        }
    }
    Ok(checks)
}

/// Fills a set of another size; a registrar's tablet has to have all of it.
async fn open(seed: u64, cases: usize) -> anyhow::Result<Check> {
    let watch = Stopwatch::start();
    let opened = Opened::fill(seed, cases).await?;
    eprintln!(
        "demo: seed {seed}: {cases} cases, {} documents, {:.0} s",
        opened.documents(),
        watch.elapsed_ms() / 1_000.0
    );
    let found = opened.cases();
    let name = format!("seed {seed}: a set of {cases} cases is filled and received");
    Ok(Check { name, expected: cases.to_string(), found: found.to_string(), ok: found == cases })
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("demo: {error:#}");
            return Ok(ExitCode::from(2));
        }
    };
    let seeds = options.seed.map_or_else(|| SEEDS.to_vec(), |seed| vec![seed]);
    let mut checks = Vec::new();
    for seed in &seeds {
        checks.extend(recount(*seed).await?);
    }
    if let (Some(cases), Some(seed)) = (options.cases, seeds.first()) {
        checks.push(open(*seed, cases).await?);
    }
    let failed: Vec<&Check> = checks.iter().filter(|check| !check.ok).collect();
    let passed = checks.len().saturating_sub(failed.len());
    if options.json {
        println!("{}", json!({"seeds": seeds, "passed": passed, "failed": failed.len(), "failures": failed}));
    } else {
        println!("{passed} passed, {} failed", failed.len());
    }
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
