//! `cargo xtask bench NAME`: starts the measuring program; the limits and the JSON are its own.

use crate::Outcome;
use crate::cli::{BenchOptions, UsageError};
use crate::process;

/// Bench → program of the `tests` package.
const BENCHES: [(&str, &str); 1] = [("sync", "bench-sync")];

/// Runs one bench in the release profile, with a relay of the same build; nobody looks at its pages, so it has none.
pub(crate) fn run(options: &BenchOptions) -> anyhow::Result<Outcome> {
    let Some((_, program)) = BENCHES.iter().find(|(name, _)| *name == options.bench) else {
        let known = BENCHES.map(|(name, _)| name).join(", ");
        return Err(UsageError { what: "bench", name: options.bench.clone(), known }.into());
    };
    let mut build = process::cargo();
    build.args([
        "build",
        "--release",
        "--package",
        "tests",
        "--package",
        "server",
        "--bin",
        program,
        "--bin",
        "simpul",
    ]);
    process::run(&mut build)?;
    let built = crate::workspace::target().join("release");
    let mut command = process::program(built.join(program));
    command.env("SIMPUL_BIN", built.join("simpul"));
    let finished = process::run_keeping_stdout(command.args(&options.rest))?;
    print!("{}", finished.stdout);
    Ok(Outcome::from(finished.success))
}
