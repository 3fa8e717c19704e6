//! Builds the tablet's side: two wasm modules, their glue, the page, the style sheet and the service worker, as one build
//! with one id. The relay embeds the folder; nothing here knows what the modules do.

mod bundle;
mod compress;
mod modules;

use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;

use crate::Outcome;
use crate::cli::{BuildClientOptions, Speed};
use crate::clock::Stopwatch;
use crate::tool;
use crate::workspace;

/// The most bytes a tablet may have to fetch for the whole client, compressed. Raising it is a commit of its own.
///
/// It stands where the client is today, so that it cannot grow unseen; the limit of the client's bench is 900 KiB, and this
/// comes down with every step towards it. What was tried and what is left stands in `docs/measurements.md`.
const DOWNLOAD_BYTES_MAX: usize = 1_470 * 1024;

/// A finished build of the client.
#[derive(Debug, Serialize)]
pub(crate) struct Dist {
    /// Where the files lie.
    pub(crate) folder: PathBuf,
    /// The id both modules, the page and the service worker share.
    pub(crate) build: String,
    /// Every file, sorted by path.
    pub(crate) files: Vec<File>,
}

/// One file of a build.
#[derive(Debug, Serialize)]
pub(crate) struct File {
    /// The path it is served under.
    pub(crate) path: String,
    /// Its bytes as they are.
    pub(crate) raw: usize,
    /// Its bytes as a browser fetches them: compressed, where that was worth it.
    pub(crate) br: usize,
}

/// Builds the client and prints what came out.
pub(crate) fn build_and_print(options: &BuildClientOptions) -> anyhow::Result<Outcome> {
    let dist = build(options.speed)?;
    if options.json {
        println!("{}", serde_json::to_string(&dist)?);
    } else {
        println!("build {} in {}", dist.build, dist.folder.display());
        for file in &dist.files {
            println!("{:>9} {:>9}  {}", file.raw, file.br, file.path);
        }
    }
    if options.speed.dev_client {
        return Ok(Outcome::Passed);
    }
    let download: usize = dist.fetched().map(|file| file.br).sum();
    eprintln!("xtask: the whole client is {download} bytes compressed; the ceiling is {DOWNLOAD_BYTES_MAX}");
    Ok(Outcome::from(download <= DOWNLOAD_BYTES_MAX))
}

/// Builds the client into its folder below `target/`.
pub(crate) fn build(speed: Speed) -> anyhow::Result<Dist> {
    tool::ensure_wasm_target()?;
    let watch = Stopwatch::start();
    let name = if speed.dev_client { "dist-dev" } else { "dist" };
    let modules = modules::build(profile(speed))?;
    let mut bundle = bundle::assemble(&modules)?;
    bundle.files.sort_by(|left, right| left.path.cmp(&right.path));
    let folder = workspace::target().join(name);
    let files = write(&folder, &bundle, speed)?;
    eprintln!("xtask: client built in {:.0} s", watch.seconds());
    Ok(Dist { folder, build: bundle.build, files })
}

/// Builds a module that only tests use, with its glue, into its folder below `target/`.
pub(crate) fn build_for_tests(name: &str, speed: Speed) -> anyhow::Result<PathBuf> {
    tool::ensure_wasm_target()?;
    let module = modules::build_for_tests(name, profile(speed))?;
    let folder = workspace::target().join("test-modules");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(name).with_extension("js"), module.glue)?;
    std::fs::write(folder.join(name).with_extension("wasm"), module.wasm)?;
    Ok(folder)
}

fn profile(speed: Speed) -> &'static str {
    if speed.dev_client { "wasm-dev" } else { "wasm" }
}

impl Dist {
    /// What a tablet fetches: everything but the way back from a bad build.
    pub(crate) fn fetched(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path != "/sw-withdrawn.js")
    }
}

/// Writes the build beside the old one and swaps them, so that a failed build leaves the old one whole. A build that did not
/// change is left alone: the relay would otherwise embed it anew.
fn write(folder: &std::path::Path, bundle: &bundle::Bundle, speed: Speed) -> anyhow::Result<Vec<File>> {
    let fresh = folder.with_extension("fresh");
    remove_folder(&fresh)?;
    let mut files = Vec::new();
    for bundle::Asset { path, bytes } in &bundle.files {
        let target = fresh.join(path.trim_start_matches('/'));
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&target, bytes).with_context(|| format!("cannot write {}", target.display()))?;
        let mut file = File { path: path.clone(), raw: bytes.len(), br: bytes.len() };
        if !speed.dev_client && compress::is_worth_it(path) {
            let small = compress::compress(bytes)?;
            if small.len() < bytes.len() {
                file.br = small.len();
                let mut name = target.into_os_string();
                name.push(".br");
                std::fs::write(name, small)?;
            }
        }
        files.push(file);
    }
    let stamp = serde_json::to_string(&files)?;
    let stamp = format!("{}\n{stamp}\n", bundle.build);
    let stamp_path = folder.with_extension("stamp");
    if folder.is_dir() && std::fs::read_to_string(&stamp_path).is_ok_and(|kept| kept == stamp) {
        remove_folder(&fresh)?;
        return Ok(files);
    }
    remove_folder(folder)?;
    std::fs::rename(&fresh, folder)?;
    std::fs::write(stamp_path, stamp)?;
    Ok(files)
}

fn remove_folder(folder: &std::path::Path) -> anyhow::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}
