//! Runs seeded schedules of tablets, faults and a relay: `schedules --cases N --seed S [--json]`.
//!
//! `--replay SEED [--steps 1,2,3]` shows one schedule again. Exit status 1 when anything was wrong.

use std::process::ExitCode;

use anyhow::Context as _;
use tests::schedule::report::{FailedCase, run_all, run_one};

/// Schedules that run when nobody says how many.
const CASES_DEFAULT: u64 = 2_000;
/// Failures that are made small and shown.
const FAILURES_MAX: usize = 5;

#[derive(Default)]
struct Options {
    cases: Option<u64>,
    seed: u64,
    json: bool,
    replay: Option<u64>,
    steps: Vec<usize>,
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options { seed: 42, ..Options::default() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--json" {
            options.json = true;
            continue;
        }
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--cases" => options.cases = Some(value.parse()?),
            "--seed" => options.seed = value.parse()?,
            // Other suites' option, when all of them are run with the same ones.
            "--kills" => {}
            "--replay" => options.replay = Some(value.parse()?),
            "--steps" => options.steps = value.split(',').map(str::parse).collect::<Result<_, _>>()?,
            _ => anyhow::bail!("{word} is no option of the schedules"),
        }
    }
    Ok(options)
}

fn tell(failed: &FailedCase) {
    eprintln!(
        "FAILED seed {} after {} steps\n    {}\n    {}",
        failed.seed,
        failed.steps.len(),
        failed.fault,
        failed.replay
    );
}

fn main() -> anyhow::Result<ExitCode> {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("schedules: {error:#}");
            return Ok(ExitCode::from(2));
        }
    };
    if let Some(seed) = options.replay {
        return Ok(match run_one(seed, &options.steps)? {
            Ok(tally) => {
                println!("{tally:?}\n1 passed, 0 failed");
                ExitCode::SUCCESS
            }
            Err(fault) => {
                println!("{fault}\n0 passed, 1 failed");
                ExitCode::FAILURE
            }
        });
    }
    let summary = run_all(options.seed, options.cases.unwrap_or(CASES_DEFAULT), FAILURES_MAX, tell)?;
    if options.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else {
        println!(
            "{} writes, {} rounds, {} restores, {} changes merged, {} conflicts, {} edits in trays",
            summary.writes, summary.rounds, summary.restores, summary.changes, summary.conflicts, summary.trayed
        );
        println!("{} passed, {} failed", summary.passed, summary.failed);
    }
    Ok(if summary.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
