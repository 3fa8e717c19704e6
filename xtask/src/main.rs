//! `cargo xtask`: the only build logic. Builds the tablet's modules, starts the relay with a synthetic caseload, runs every
//! check, test and bench, and brings the tools they need. Command lines and exit statuses are a promise to outsiders;
//! they stand in `docs/testing.md`.

mod bench;
mod ci;
mod cli;
mod client_build;
mod clock;
mod doctor;
mod process;
mod relay_build;
mod run;
mod shots;
mod test;
mod tool;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Task};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match perform(cli.task) {
        Ok(Outcome::Passed) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::from(1),
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(exit_status(&error))
        }
    }
}

/// What a task found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Every limit met, every test passed.
    Passed,
    /// A limit missed or a test failed.
    Failed,
}

impl From<bool> for Outcome {
    fn from(passed: bool) -> Self {
        if passed { Self::Passed } else { Self::Failed }
    }
}

fn perform(task: Task) -> anyhow::Result<Outcome> {
    match task {
        Task::Doctor(options) => doctor::report(&options),
        Task::BuildClient(options) => client_build::build_and_print(&options),
        Task::Run(options) => run::run(&options),
        Task::Test(options) => test::test(&options),
        Task::Ci(options) => ci::check(&options),
        Task::Shots(options) => shots::take(&options),
        Task::Bench(options) => bench::run(&options),
    }
}

/// 3 when a tool is missing, 2 when the command line asks for what does not exist, 1 for everything else.
fn exit_status(error: &anyhow::Error) -> u8 {
    if error.downcast_ref::<tool::MissingTool>().is_some() {
        3
    } else if error.downcast_ref::<cli::UsageError>().is_some() {
        2
    } else {
        1
    }
}
