//! `cargo xtask run`: build everything, then become the relay with its synthetic caseload.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::Outcome;
use crate::cli::RunOptions;
use crate::relay_build;
use crate::workspace;

/// Builds and serves. Does not come back unless it fails: the process becomes the relay, so that whoever started it can
/// stop it with one signal.
pub(crate) fn run(options: &RunOptions) -> anyhow::Result<Outcome> {
    let simpul = relay_build::build(options.speed)?;
    let data = match &options.data {
        Some(folder) => folder.clone(),
        None => data_folder(options)?,
    };
    let mut demo = Command::new(&simpul);
    demo.arg("demo").args(["--port", &options.port.to_string(), "--size", &options.size.to_string()]);
    demo.args(["--seed", &options.seed.to_string(), "--pack", &options.pack]).arg("--data").arg(data);
    if options.json {
        demo.arg("--json");
    }
    let error = demo.exec();
    Err(error).with_context(|| format!("cannot start {}", simpul.display()))
}

/// Written by the relay once the caseload is whole.
const FILLED: &str = "demo-filled";

/// The folder of this demonstration: the one from before, so that enrolled tablets go on, unless it was asked to be made
/// anew or was never filled; a program, which asks for JSON, always begins anew. What it holds is synthetic.
fn data_folder(options: &RunOptions) -> anyhow::Result<PathBuf> {
    let RunOptions { port, seed, size, pack, .. } = options;
    let folder = workspace::target().join("demo-data").join(format!("{port}-{pack}-{seed}-{size}"));
    if folder.exists() && (options.fresh || options.json || !folder.join(FILLED).exists()) {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
