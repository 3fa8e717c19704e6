//! `cargo xtask test`: every test, or one suite. Rust tests, long-running Rust suites and browser suites end up in one count.

pub(crate) mod browser;
mod count;
mod rust;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use serde::Serialize;

use crate::Outcome;
use crate::cli::{TestOptions, UsageError};
use crate::clock::Stopwatch;

use self::count::Count;

/// How a suite is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A Node script in `tests/browser/suites`.
    Browser,
    /// A program of the `tests` package.
    Program,
}

/// A suite, how it is run, and the arguments it gets as a part of the whole (alone, it has its own defaults).
struct Suite {
    name: String,
    kind: Kind,
    arguments_in_all: &'static [&'static str],
}

/// Suites that run beside each other at most: each has a relay and browsers of its own, and more of them than this wait for the disk.
const LANES_MAX: usize = 2;

/// The suites whose order or size as a part of the whole matters. Other scripts run after them. What takes longest begins first,
/// so that nothing is left running alone at the end; and one that needs the relay, so that programs are built with its client.
const SUITES: [(&str, Kind, &[&str]); 18] = [
    ("a11y", Kind::Browser, &["--cases", "3"]),
    ("schedules", Kind::Program, &["--cases", "1000"]),
    ("kill-relay", Kind::Program, &["--kills", "10"]),
    ("demo", Kind::Program, &["--seed", "42"]),
    ("stories", Kind::Browser, &[]),
    ("store", Kind::Browser, &[]),
    ("boot", Kind::Browser, &[]),
    ("two-tablets", Kind::Browser, &[]),
    ("shared-tablet", Kind::Browser, &[]),
    ("kill-browser", Kind::Browser, &["--kills", "10"]),
    ("sealed", Kind::Browser, &[]),
    ("two-tabs", Kind::Browser, &[]),
    ("live", Kind::Browser, &[]),
    ("interop", Kind::Browser, &[]),
    ("update", Kind::Browser, &[]),
    ("keyboard", Kind::Browser, &[]),
    ("status", Kind::Browser, &[]),
    ("wander", Kind::Browser, &["--seed", "20261129"]),
];

/// Every suite that is there, in the order in which they run.
fn suites() -> std::io::Result<Vec<Suite>> {
    let mut suites: Vec<Suite> = SUITES
        .into_iter()
        .map(|(name, kind, arguments_in_all)| Suite { name: name.to_owned(), kind, arguments_in_all })
        .filter(exists)
        .collect();
    for name in browser::scripts()? {
        if !suites.iter().any(|suite| suite.name == name) {
            suites.push(Suite { name, kind: Kind::Browser, arguments_in_all: &[] });
        }
    }
    Ok(suites)
}

/// The result of one suite.
#[derive(Debug, Serialize)]
struct SuiteResult {
    suite: String,
    passed: u32,
    failed: u32,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct Report {
    test: u8,
    passed: u32,
    failed: u32,
    ok: bool,
    suites: Vec<SuiteResult>,
}

/// Runs what was asked for and prints the count.
pub(crate) fn test(options: &TestOptions) -> anyhow::Result<Outcome> {
    let suites = match &options.suite {
        None => run_all(options)?,
        Some(name) => vec![run_named(name, options)?],
    };
    let passed = suites.iter().map(|suite| suite.passed).sum();
    let failed = suites.iter().map(|suite| suite.failed).sum();
    let report = Report { test: 1, passed, failed, ok: failed == 0, suites };
    for suite in &report.suites {
        eprintln!("{:>5} passed {:>3} failed {:>5.0} s  {}", suite.passed, suite.failed, suite.seconds, suite.suite);
    }
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
        eprintln!("{passed} passed, {failed} failed");
    } else {
        println!("{passed} passed, {failed} failed");
    }
    Ok(Outcome::from(report.ok))
}

fn run_all(options: &TestOptions) -> anyhow::Result<Vec<SuiteResult>> {
    let watch = Stopwatch::start();
    let count = rust::run_tests()?;
    let mut results = vec![result("rust", count, watch, None)];
    results.extend(run_beside_each_other(&suites()?, options));
    Ok(results)
}

/// Runs the suites, as many at a time as leave each a processor, and gives back their results in the order of the suites.
fn run_beside_each_other(suites: &[Suite], options: &TestOptions) -> Vec<SuiteResult> {
    let prepared = Mutex::default();
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    let run_those_left = || {
        while let Some((place, suite)) = suites.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed)) {
            let mut arguments: Vec<String> = suite.arguments_in_all.iter().map(|word| (*word).to_owned()).collect();
            arguments.extend(given_arguments(options));
            let result = run_suite(suite, &arguments, options, &prepared);
            held(&results).insert(place, result);
        }
    };
    let lanes = available_parallelism().map_or(1, |processors| processors.get().min(LANES_MAX));
    std::thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(run_those_left);
        }
    });
    std::mem::take(&mut *held(&results)).into_values().collect()
}

/// What a lock guards, also after a panic of another lane: results are whole or not there.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run_named(name: &str, options: &TestOptions) -> anyhow::Result<SuiteResult> {
    if name == "rust" {
        let watch = Stopwatch::start();
        return Ok(result("rust", rust::run_tests()?, watch, None));
    }
    let suites = suites()?;
    let Some(suite) = suites.iter().find(|suite| suite.name == name) else {
        let names = suites.into_iter().map(|suite| suite.name);
        let known = std::iter::once("rust".to_owned()).chain(names).collect::<Vec<_>>().join(", ");
        return Err(UsageError { what: "suite", name: name.to_owned(), known }.into());
    };
    let watch = Stopwatch::start();
    let (count, report) = attempt(suite, &given_arguments(options), options, &Mutex::default())?;
    Ok(result(&suite.name, count, watch, report))
}

/// Runs one suite among many: what keeps it from starting counts as one failure and does not stop the others.
fn run_suite(
    suite: &Suite,
    arguments: &[String],
    options: &TestOptions,
    prepared: &Mutex<browser::Prepared>,
) -> SuiteResult {
    let watch = Stopwatch::start();
    match attempt(suite, arguments, options, prepared) {
        Ok((count, report)) => result(&suite.name, count, watch, report),
        Err(error) => {
            eprintln!("xtask: suite {}: {error:#}", suite.name);
            result(&suite.name, Count { passed: 0, failed: 1 }, watch, None)
        }
    }
}

/// Builds what a suite needs, one suite at a time, and runs it.
fn attempt(
    suite: &Suite,
    arguments: &[String],
    options: &TestOptions,
    prepared: &Mutex<browser::Prepared>,
) -> anyhow::Result<(Count, Option<serde_json::Value>)> {
    eprintln!("xtask: suite {}", suite.name);
    match suite.kind {
        Kind::Browser => {
            let mut command = held(prepared).command(&suite.name, arguments, options.speed)?;
            browser::run(&mut command).map(|ended| (ended.count(), ended.report))
        }
        Kind::Program => {
            let mut building = held(prepared);
            // Only the suite that kills a real relay needs one.
            let relay = if suite.name == "kill-relay" { Some(building.relay(options.speed)?) } else { None };
            rust::build_program(&suite.name, building.dist())?;
            drop(building);
            rust::run_program(&suite.name, arguments, relay.as_deref())
        }
    }
}

fn given_arguments(options: &TestOptions) -> Vec<String> {
    let numbers = [
        ("--cases", options.cases.map(|number| number.to_string())),
        ("--kills", options.kills.map(|number| number.to_string())),
        ("--seed", options.seed.map(|number| number.to_string())),
    ];
    numbers.into_iter().filter_map(|(name, value)| value.map(|value| [name.to_owned(), value])).flatten().collect()
}

fn exists(suite: &Suite) -> bool {
    match suite.kind {
        Kind::Browser => browser::script(&suite.name).is_file(),
        Kind::Program => rust::source(&suite.name).is_file(),
    }
}

fn result(name: &str, count: Count, watch: Stopwatch, report: Option<serde_json::Value>) -> SuiteResult {
    let Count { passed, failed } = count;
    SuiteResult { suite: name.to_owned(), passed, failed, seconds: watch.seconds(), report }
}
