//! `cargo xtask bench NAME`: starts the measuring program; the limits and the JSON are its own.

use crate::Outcome;
use crate::cli::{BenchOptions, UsageError};
use crate::process;

/// Bench → program of the `tests` package.
const BENCHES: [(&str, &str); 1] = [("sync", "bench-sync")];

/// Runs one bench in the release profile.
pub(crate) fn run(options: &BenchOptions) -> anyhow::Result<Outcome> {
    let Some((_, program)) = BENCHES.iter().find(|(name, _)| *name == options.bench) else {
        let known = BENCHES.map(|(name, _)| name).join(", ");
        return Err(UsageError { what: "bench", name: options.bench.clone(), known }.into());
    };
    let mut build = process::cargo();
    process::run(build.args(["build", "--release", "--package", "tests", "--bin", program]))?;
    let mut command = process::program(crate::workspace::target().join("release").join(program));
    let finished = process::run_keeping_stdout(command.args(&options.rest))?;
    print!("{}", finished.stdout);
    Ok(Outcome::from(finished.success))
}
