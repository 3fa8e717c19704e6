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
        Ok(outcome) => ExitCode::from(outcome.exit_status()),
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
    /// A program that was started did not know what it was asked for, and has said so.
    Usage,
    /// A tool is missing, and was named.
    ToolMissing,
}

impl Outcome {
    /// What outsiders see of it.
    const fn exit_status(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::ToolMissing => 3,
        }
    }

    /// What became of a program of ours, whose statuses are the same.
    const fn of_program(status: Option<i32>) -> Self {
        match status {
            Some(0) => Self::Passed,
            Some(2) => Self::Usage,
            _ => Self::Failed,
        }
    }
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

/// Tells a missing tool and a command line that asks for what does not exist from everything else.
fn exit_status(error: &anyhow::Error) -> u8 {
    let outcome = if error.downcast_ref::<tool::MissingTool>().is_some() {
        Outcome::ToolMissing
    } else if error.downcast_ref::<cli::UsageError>().is_some() {
        Outcome::Usage
    } else {
        Outcome::Failed
    };
    outcome.exit_status()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_passes_on_that_it_was_asked_wrongly() {
        let statuses = [Some(0), Some(1), Some(2), Some(101), None];
        assert_eq!(statuses.map(|status| Outcome::of_program(status).exit_status()), [0, 1, 2, 1, 1]);
    }
}
