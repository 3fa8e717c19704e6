//! The Rust side of the tests: unit and integration tests, and the long-running programs of the `tests` package.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::count::{Count, last_json};
use crate::process;
use crate::relay_build;
use crate::tool;
use crate::workspace;

/// Runs the tests of every native member: of the product, and then of what builds it. In one call with the others, xtask's own
/// dependencies would get more features than it was built with to run this, and what reads and writes wasm takes minutes to build.
pub(super) fn run_tests() -> anyhow::Result<Count> {
    tool::CC.ensure()?;
    let (build, product): (Vec<&str>, Vec<&str>) =
        workspace::NATIVE_MEMBERS.into_iter().partition(|member| *member == env!("CARGO_PKG_NAME"));
    let mut count = Count::default();
    for members in [product, build] {
        let of_members = run_tests_of(&members)?;
        count.passed = count.passed.saturating_add(of_members.passed);
        count.failed = count.failed.saturating_add(of_members.failed);
    }
    Ok(count)
}

fn run_tests_of(members: &[&str]) -> anyhow::Result<Count> {
    let mut cargo = process::cargo();
    if tool::NEXTEST.find().is_some() {
        cargo.args(["nextest", "run", "--no-fail-fast", "--color", "never", "--no-tests", "pass"]);
    } else {
        // Neither examples of documentation nor benches; xtask has no library, and cargo does not go past that.
        cargo.args(["test", "--no-fail-fast", "--color", "never", "--bins", "--tests"]);
        cargo.args((members != [env!("CARGO_PKG_NAME")]).then_some("--lib"));
    }
    for member in members {
        cargo.args(["--package", member]);
    }
    let mut count = Count::default();
    let success = process::run_reading_lines(&mut cargo, |line| count.add_line(line))?;
    Ok(count.with_exit(success))
}

/// The source of a suite's program.
pub(super) fn source(suite: &str) -> PathBuf {
    let bins = workspace::root().join("tests/src/bin");
    let file = bins.join(suite.replace('-', "_")).with_extension("rs");
    if file.is_file() { file } else { bins.join(suite).with_extension("rs") }
}

/// Builds the program of a suite, optimised: thousands of schedules in an unoptimised build cost half an hour. With the client that
/// the relay was built with, where there is one: the relay's library would be built again without it, and for the next suite again.
pub(super) fn build_program(suite: &str, dist: Option<&Path>) -> anyhow::Result<()> {
    let mut build = process::cargo();
    if let Some(dist) = dist {
        build.env(relay_build::DIST, dist);
    }
    process::run(build.args(["build", "--release", "--package", "tests", "--bin", suite]))
}

/// Runs the built program of a suite, with the path of a built relay for those that start one.
pub(super) fn run_program(
    suite: &str,
    arguments: &[String],
    relay: Option<&Path>,
) -> anyhow::Result<(Count, Option<Value>)> {
    let mut program = process::program(workspace::target().join("release").join(suite));
    program.args(arguments).arg("--json");
    if let Some(relay) = relay {
        program.env("SIMPUL_BIN", relay).env("STRACE", tool::STRACE.ensure()?);
    }
    let finished = process::run_keeping_stdout(&mut program)?;
    let report = last_json(&finished.stdout);
    Ok((Count::from_report(report.as_ref(), finished.success), report))
}
