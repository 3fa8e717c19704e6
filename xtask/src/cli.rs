//! The command line. Adding an option is free; renaming or removing one breaks outsiders.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Build, run and check Simpul.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) task: Task,
}

/// One task.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Say which tools are there and how to get the others.
    Doctor(DoctorOptions),
    /// Build the tablet's modules into target/dist.
    BuildClient(BuildClientOptions),
    /// Build everything and serve a synthetic caseload.
    Run(RunOptions),
    /// Run all tests, or one suite.
    Test(TestOptions),
    /// Run the static checks, or the named ones.
    Ci(CiOptions),
    /// Take pictures of every screen.
    Shots(ShotsOptions),
    /// Measure.
    Bench(BenchOptions),
}

/// Options of `doctor`.
#[derive(Args, Debug)]
pub(crate) struct DoctorOptions {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which of the two builds of client and relay to take.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Speed {
    /// Build the modules quickly and large, and the relay without optimisation.
    #[arg(long)]
    pub(crate) dev_client: bool,
}

/// Options of `build-client`.
#[derive(Args, Debug)]
pub(crate) struct BuildClientOptions {
    #[command(flatten)]
    pub(crate) speed: Speed,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `run`.
#[derive(Args, Debug)]
pub(crate) struct RunOptions {
    /// The port on localhost.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// How many synthetic cases.
    #[arg(long, default_value_t = 66)]
    pub(crate) size: u32,
    /// What the synthetic caseload grows from.
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
    /// The jurisdiction pack.
    #[arg(long, default_value = "belu")]
    pub(crate) pack: String,
    /// Begin with a new caseload instead of the one from before; with --json always.
    #[arg(long, conflicts_with = "data")]
    pub(crate) fresh: bool,
    /// The data folder; one below target/ when missing.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// Print one JSON line when ready.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) speed: Speed,
}

/// Options of `test`.
#[derive(Args, Debug)]
pub(crate) struct TestOptions {
    /// The suite; everything when missing.
    pub(crate) suite: Option<String>,
    /// How many schedules or rounds.
    #[arg(long)]
    pub(crate) cases: Option<u32>,
    /// How many kills.
    #[arg(long)]
    pub(crate) kills: Option<u32>,
    /// What the randomness of the suite grows from.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) speed: Speed,
}

/// Options of `ci`.
#[derive(Args, Debug)]
pub(crate) struct CiOptions {
    /// Only these checks.
    pub(crate) checks: Vec<String>,
}

/// Options of `shots`.
#[derive(Args, Debug)]
pub(crate) struct ShotsOptions {
    /// Where the pictures go.
    #[arg(long, default_value = "target/shots")]
    pub(crate) out: PathBuf,
    /// The languages, separated by commas.
    #[arg(long, default_value = "id")]
    pub(crate) lang: String,
    #[command(flatten)]
    pub(crate) speed: Speed,
}

/// Options of `bench`.
#[derive(Args, Debug)]
pub(crate) struct BenchOptions {
    /// Which bench.
    pub(crate) bench: String,
    /// Handed on to the bench.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) rest: Vec<String>,
}

/// The command line asked for something that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("there is no {what} `{name}`; there are: {known}")]
pub(crate) struct UsageError {
    /// What kind of thing was asked for.
    pub(crate) what: &'static str,
    /// What was asked for.
    pub(crate) name: String,
    /// What could have been asked for.
    pub(crate) known: String,
}
