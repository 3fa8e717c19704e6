//! `simpul pack`: finding and checking packs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use shared::pack::source::{PackFiles, check_folder, check_folder_against, embedded};
use shared::pack::{Pack, PackFault};

use super::tell;

/// Bytes of one file of a pack.
const FILE_BYTES_MAX: u64 = 32 << 20;

#[derive(Subcommand)]
pub(super) enum PackCommand {
    /// Checks a pack, and is silent when it is good; with --against also that it takes nothing away.
    Check {
        /// The pack's folder.
        folder: PathBuf,
        /// The folder of the pack in force.
        #[arg(long)]
        against: Option<PathBuf>,
    },
}

/// Loads a pack by its folder or the name of an embedded one.
pub(super) fn load(name: &str) -> anyhow::Result<Pack> {
    let folder = Path::new(name);
    let parsed = if folder.is_dir() {
        Pack::parse(&read_folder(folder)?)
    } else {
        embedded(name).with_context(|| format!("{name} is neither a folder nor an embedded pack"))?
    };
    parsed.map_err(|faults| anyhow::anyhow!("the pack has faults:\n{}", lines(&faults)))
}

fn lines(faults: &[PackFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

pub(super) fn check(folder: &Path, against: Option<&Path>) -> anyhow::Result<ExitCode> {
    let files = read_folder(folder)?;
    let faults = match against {
        None => check_folder(&files),
        Some(old) => check_folder_against(&files, &read_folder(old)?),
    };
    // A good pack is silent: what is printed is what is wrong.
    if faults.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    tell(&lines(&faults));
    Ok(ExitCode::FAILURE)
}

/// Reads every file of a folder, by its path inside it.
fn read_folder(folder: &Path) -> anyhow::Result<PackFiles> {
    let mut files = PackFiles::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(current) = waiting.pop() {
        for entry in std::fs::read_dir(&current).with_context(|| format!("cannot read {}", current.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            anyhow::ensure!(path.metadata()?.len() <= FILE_BYTES_MAX, "{} is too large", path.display());
            let inside = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
            files.insert(inside, std::fs::read(&path)?);
        }
    }
    Ok(files)
}
