//! `cargo xtask ci`: the static checks. Each has a name and can be run alone; all of them run even when one fails.

mod codes;
mod dependencies;
mod licences;
mod page;
mod randomness;

use anyhow::Context;

use crate::Outcome;
use crate::cli::{CiOptions, UsageError};
use crate::clock::Stopwatch;
use crate::process;
use crate::tool;
use crate::workspace::{NATIVE_MEMBERS, WASM_TARGET};

type Check = (&'static str, fn() -> anyhow::Result<bool>);

/// Every check, the quick ones first.
const CHECKS: [Check; 10] = [
    ("fmt", check_format),
    ("page", page::check),
    ("codes", codes::check),
    ("dependencies", dependencies::check),
    ("licences", licences::check),
    ("randomness", randomness::check),
    ("deny", check_deny),
    ("clippy", check_native),
    ("clippy-wasm", check_wasm),
    ("doc", check_documentation),
];

/// Runs the checks.
pub(crate) fn check(options: &CiOptions) -> anyhow::Result<Outcome> {
    for name in &options.checks {
        if !CHECKS.iter().any(|(known, _)| known == name) {
            let known = CHECKS.map(|(name, _)| name).join(", ");
            return Err(UsageError { what: "check", name: name.clone(), known }.into());
        }
    }
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        if !options.checks.is_empty() && !options.checks.iter().any(|wanted| wanted == name) {
            continue;
        }
        let watch = Stopwatch::start();
        let passed = check().with_context(|| format!("check {name}"))?;
        eprintln!("xtask: {} {name} ({:.0} s)", if passed { "ok    " } else { "FAILED" }, watch.seconds());
        if !passed {
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        eprintln!("xtask: failed: {}", failed.join(", "));
    }
    Ok(Outcome::from(failed.is_empty()))
}

fn check_format() -> anyhow::Result<bool> {
    process::succeeds(process::cargo().args(["fmt", "--all", "--check"]))
}

fn check_native() -> anyhow::Result<bool> {
    tool::CC.ensure()?;
    let mut cargo = process::cargo();
    cargo.args(["clippy", "--all-targets"]);
    for member in NATIVE_MEMBERS {
        cargo.args(["--package", member]);
    }
    process::succeeds(cargo.args(["--", "-D", "warnings"]))
}

fn check_wasm() -> anyhow::Result<bool> {
    tool::ensure_wasm_target()?;
    let mut cargo = process::cargo();
    cargo.args(["clippy", "--target", WASM_TARGET, "--package", "client", "--package", "shared"]);
    process::succeeds(cargo.args(["--features", "client/ui", "--", "-D", "warnings"]))
}

fn check_documentation() -> anyhow::Result<bool> {
    let mut cargo = process::cargo();
    cargo.args(["doc", "--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", "-D warnings");
    for member in NATIVE_MEMBERS {
        cargo.args(["--package", member]);
    }
    process::succeeds(&mut cargo)
}

/// A second opinion where the tool is there: installing it takes minutes, and `licences` has checked the same rules.
fn check_deny() -> anyhow::Result<bool> {
    if tool::DENY.find().is_none() {
        eprintln!("xtask: cargo-deny is not installed; the rules of deny.toml were checked by `licences`");
        return Ok(true);
    }
    process::succeeds(process::cargo().args(["deny", "check", "bans", "licenses", "sources"]))
}
