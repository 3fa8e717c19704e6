//! Runs many schedules, and makes a failing one small before it shows it.

use futures::executor::block_on;
use serde::Serialize;

use super::case::{Plan, Tally, run};
use super::template::Template;

/// Runs tried at most while a failing schedule is made smaller.
const SHRINK_RUNS_MAX: usize = 400;

/// A schedule that failed.
#[derive(Debug, Clone, Serialize)]
pub struct FailedCase {
    /// Its seed.
    pub seed: u64,
    /// What is wrong.
    pub fault: String,
    /// The steps that are needed for it.
    pub steps: Vec<usize>,
    /// The command that shows it again.
    pub replay: String,
}

/// What all schedules amounted to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// Schedules in which nothing was wrong.
    pub passed: u32,
    /// Schedules in which something was.
    pub failed: u32,
    /// Writes on stable storage.
    pub writes: usize,
    /// Rounds under faults.
    pub rounds: usize,
    /// Times the relay was put back to a backup.
    pub restores: usize,
    /// Edits that ended in a tray.
    pub trayed: usize,
    /// Conflicts left for people.
    pub conflicts: usize,
    /// Changes merged.
    pub changes: usize,
    /// The first failures.
    pub failures: Vec<FailedCase>,
}

impl Summary {
    fn add(&mut self, tally: Tally) {
        self.passed = self.passed.saturating_add(1);
        self.writes = self.writes.saturating_add(tally.writes);
        self.rounds = self.rounds.saturating_add(tally.rounds);
        self.restores = self.restores.saturating_add(tally.restores);
        self.trayed = self.trayed.saturating_add(tally.trayed);
        self.conflicts = self.conflicts.saturating_add(tally.conflicts);
        self.changes = self.changes.saturating_add(tally.changes);
    }
}

/// The seed of a case: cases of neighbouring seeds have nothing in common.
#[must_use]
pub fn seed_of(seed: u64, case: u64) -> u64 {
    crate::native::dice::Dice::new(seed.wrapping_mul(1_000_003).wrapping_add(case)).next() >> 16
}

/// Runs `cases` schedules from a seed; `told` hears of each failure at once.
///
/// # Errors
/// When not even the beginning can be made.
pub fn run_all(seed: u64, cases: u64, failures_max: usize, told: impl Fn(&FailedCase)) -> anyhow::Result<Summary> {
    let template = block_on(Template::make())?;
    let mut summary = Summary::default();
    for case in 0..cases {
        let plan = Plan::of(seed_of(seed, case));
        match attempt(&template, &plan) {
            Ok(tally) => summary.add(tally),
            Err(fault) => {
                summary.failed = summary.failed.saturating_add(1);
                if summary.failures.len() < failures_max {
                    let failed = shrink(&template, plan, fault);
                    told(&failed);
                    summary.failures.push(failed);
                }
            }
        }
    }
    Ok(summary)
}

/// Runs one schedule again, with all its steps or only some.
///
/// # Errors
/// When not even the beginning can be made.
pub fn run_one(seed: u64, only: &[usize]) -> anyhow::Result<Result<Tally, String>> {
    let template = block_on(Template::make())?;
    let mut plan = Plan::of(seed);
    if !only.is_empty() {
        plan.steps.retain(|(number, _)| only.contains(number));
    }
    Ok(attempt(&template, &plan))
}

fn attempt(template: &Template, plan: &Plan) -> Result<Tally, String> {
    block_on(run(template, plan)).map_err(|error| format!("{error:#}"))
}

/// Leaves out steps, large pieces first, as long as something is still wrong.
fn shrink(template: &Template, mut plan: Plan, mut fault: String) -> FailedCase {
    let mut piece = plan.steps.len() / 2;
    let mut runs = 0_usize;
    while piece > 0 && runs < SHRINK_RUNS_MAX {
        let mut from = 0_usize;
        let before = plan.steps.len();
        while from < plan.steps.len() && runs < SHRINK_RUNS_MAX {
            let mut shorter = plan.clone();
            let to = from.saturating_add(piece).min(shorter.steps.len());
            shorter.steps.drain(from..to);
            runs = runs.saturating_add(1);
            match attempt(template, &shorter) {
                Ok(_) => from = to,
                Err(still) => (plan, fault) = (shorter, still),
            }
        }
        if plan.steps.len() == before {
            piece /= 2;
        }
    }
    let steps: Vec<usize> = plan.steps.iter().map(|(number, _)| *number).collect();
    let list: Vec<String> = steps.iter().map(ToString::to_string).collect();
    let replay =
        format!("cargo run --package tests --bin schedules -- --replay {} --steps {}", plan.seed, list.join(","));
    FailedCase { seed: plan.seed, fault, steps, replay }
}
