//! Starting other programs: cargo without the variables of the cargo that started us, output passed on or captured.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::workspace;

/// A cargo call in the root folder.
///
/// `cargo run` leaves variables about the package `xtask` behind; build scripts that watch them would run again whenever
/// the same crate is next built by hand.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace::root());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "OUT_DIR" {
            command.env_remove(&name);
        }
    }
    command
}

/// Any other program in the root folder.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(workspace::root());
    command
}

/// Runs a program with its output on standard error, and fails when it fails.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = describe(command);
    if !succeeds(command)? {
        bail!("`{shown}` failed");
    }
    Ok(())
}

/// Runs a program with its output on standard error and says whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> anyhow::Result<bool> {
    let shown = describe(command);
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    Ok(status.with_context(|| format!("cannot start `{shown}`"))?.success())
}

/// Runs a program and gives back what it wrote to standard output.
pub(crate) fn capture(command: &mut Command) -> anyhow::Result<String> {
    let shown = describe(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Standard output of a finished program, and whether it succeeded. Its standard error went to ours.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Everything it wrote to standard output.
    pub(crate) stdout: String,
    /// Whether its exit status was 0.
    pub(crate) success: bool,
    /// Its exit status; none when a signal ended it.
    pub(crate) status: Option<i32>,
}

/// Runs a program, keeps its standard output and lets its standard error through.
pub(crate) fn run_keeping_stdout(command: &mut Command) -> anyhow::Result<Finished> {
    let shown = describe(command);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start `{shown}`"))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Finished { stdout, success: output.status.success(), status: output.status.code() })
}

/// Runs a program, echoes both its outputs to standard error line by line, and hands every line to `each_line`.
pub(crate) fn run_reading_lines(command: &mut Command, mut each_line: impl FnMut(&str)) -> anyhow::Result<bool> {
    let shown = describe(command);
    let (reader, writer) = std::io::pipe().context("cannot open a pipe")?;
    command.stdin(Stdio::null()).stdout(writer.try_clone().context("cannot open a pipe")?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start `{shown}`"))?;
    // The command still holds the writing ends; without this the reader would never see the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.context("cannot read the output")?;
        let line = String::from_utf8_lossy(&line);
        eprintln!("{line}");
        each_line(&line);
    }
    Ok(child.wait().with_context(|| format!("cannot wait for `{shown}`"))?.success())
}

fn describe(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}
