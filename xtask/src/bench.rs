//! `cargo xtask bench NAME`: starts the measuring program; the limits and the JSON are its own.

use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::cli::{BenchOptions, Speed, UsageError};
use crate::process;
use crate::relay_build;
use crate::tool;
use crate::workspace;

/// A bench: its name, the program of the `tests` package that measures, and what that program needs.
struct Bench {
    name: &'static str,
    program: &'static str,
    prepare: fn(&mut Command) -> anyhow::Result<()>,
}

const BENCHES: [Bench; 2] = [
    Bench { name: "client", program: "bench-client", prepare: prepare_browser },
    Bench { name: "sync", program: "bench-sync", prepare: prepare_relay },
];

/// Runs one bench in the release profile.
pub(crate) fn run(options: &BenchOptions) -> anyhow::Result<Outcome> {
    let Some(bench) = BENCHES.iter().find(|bench| bench.name == options.bench) else {
        let known = BENCHES.map(|bench| bench.name).join(", ");
        return Err(UsageError { what: "bench", name: options.bench.clone(), known }.into());
    };
    process::run(process::cargo().args(["build", "--release", "--package", "tests", "--bin", bench.program]))?;
    let mut command = process::program(built(bench.program));
    (bench.prepare)(&mut command)?;
    let finished = process::run_keeping_stdout(command.args(&options.rest))?;
    print!("{}", finished.stdout);
    Ok(Outcome::of_program(finished.status))
}

/// A relay of the same build; nobody looks at its pages, so it has none.
fn prepare_relay(command: &mut Command) -> anyhow::Result<()> {
    process::run(process::cargo().args(["build", "--release", "--package", "server", "--bin", "simpul"]))?;
    command.env("SIMPUL_BIN", built("simpul"));
    Ok(())
}

/// The relay with its pages, and a browser that looks at them.
fn prepare_browser(command: &mut Command) -> anyhow::Result<()> {
    let (node, chromium) = (tool::ensure_node()?, tool::CHROMIUM.ensure()?);
    tool::ensure_browser_packages()?;
    let (simpul, dist) = relay_build::build_with_dist(Speed { dev_client: false })?;
    let fetched: Vec<_> = dist.fetched().collect();
    command.env("SIMPUL_BIN", simpul).env("NODE", node).env("CHROMIUM", chromium);
    command.env("SIMPUL_BENCH", workspace::browser_tests().join("bench/client.mjs"));
    command.env("SIMPUL_ASSETS", serde_json::to_string(&fetched)?);
    command.env("SIMPUL_TEST_OUT", workspace::target().join("browser-tests"));
    Ok(())
}

fn built(program: &str) -> PathBuf {
    workspace::target().join("release").join(program)
}
