//! The common form of every bench's report.

use std::process::Command;

use serde::Serialize;

/// One limit and whether it was met.
#[derive(Debug, Clone, Serialize)]
pub struct Limit {
    /// Stable name.
    pub id: String,
    /// Unit of both figures.
    pub unit: &'static str,
    /// Most that is allowed.
    pub limit: f64,
    /// What was measured.
    pub value: f64,
    /// Size of the workload.
    pub n: usize,
    /// Met.
    pub ok: bool,
}

impl Limit {
    /// Holds a figure against its limit.
    #[must_use]
    pub fn most(id: &str, unit: &'static str, limit: f64, value: f64, n: usize) -> Self {
        Self { id: id.to_owned(), unit, limit, value, n, ok: value <= limit }
    }
}

/// What it ran on.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    cpu: String,
    cores: usize,
    mem_mib: u64,
}

/// A bench's report.
#[derive(Debug, Clone, Serialize)]
pub struct Envelope<C> {
    bench: &'static str,
    schema: u32,
    git: String,
    profile: &'static str,
    machine: Machine,
    seed: u64,
    /// One entry per measured case.
    pub cases: Vec<C>,
    /// All limits.
    pub limits: Vec<Limit>,
    /// All limits were met, and everything converged.
    pub ok: bool,
}

impl<C> Envelope<C> {
    /// Puts a report together.
    #[must_use]
    pub fn new(bench: &'static str, seed: u64, cases: Vec<C>, limits: Vec<Limit>, converged: bool) -> Self {
        let ok = converged && limits.iter().all(|limit| limit.ok);
        let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
        Self { bench, schema: 1, git: git(), profile, machine: machine(), seed, cases, limits, ok }
    }
}

fn git() -> String {
    let output = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

fn machine() -> Machine {
    let field = |file: &str, name: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).map(str::to_owned);
        line.and_then(|line| line.split(':').nth(1).map(|value| value.trim().to_owned())).unwrap_or_default()
    };
    let kib: u64 = field("/proc/meminfo", "MemTotal").trim_end_matches("kB").trim().parse().unwrap_or(0);
    Machine {
        cpu: field("/proc/cpuinfo", "model name"),
        cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        mem_mib: kib / 1024,
    }
}
