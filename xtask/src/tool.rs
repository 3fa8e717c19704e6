//! The tools that tests and checks need beside rustup and a C compiler: found, or installed where we may, or named with the
//! line that installs them.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::process;
use crate::workspace::{self, WASM_TARGET};

/// A tool is missing and may not be installed from here.
#[derive(Debug, thiserror::Error)]
#[error("{name} is missing ({needed_for}); install it with: {install}")]
pub(crate) struct MissingTool {
    name: &'static str,
    needed_for: &'static str,
    install: &'static str,
}

/// One outside program.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Tool {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The names its program may have, most wanted first.
    #[serde(skip)]
    programs: &'static [&'static str],
    /// A variable that names the program instead.
    #[serde(skip)]
    variable: Option<&'static str>,
    /// The Debian packages that bring it.
    #[serde(skip)]
    packages: &'static [&'static str],
    /// What cannot be done without it.
    pub(crate) needed_for: &'static str,
    /// The line that installs it.
    pub(crate) install: &'static str,
    /// Whether everything works without it, only slower or less thoroughly.
    pub(crate) optional: bool,
}

/// The C compiler that SQLite and zstd are built with.
pub(crate) const CC: Tool = Tool {
    name: "cc",
    programs: &["cc", "gcc", "clang"],
    variable: Some("CC"),
    packages: &["gcc", "libc6-dev"],
    needed_for: "building the relay",
    install: "apt-get install gcc libc6-dev",
    optional: false,
};
/// Runs the browser suites.
pub(crate) const NODE: Tool = Tool {
    name: "node",
    programs: &["node", "nodejs"],
    variable: None,
    packages: &["nodejs"],
    needed_for: "browser tests",
    install: "apt-get install nodejs",
    optional: false,
};
/// Brings the browser suites' packages.
pub(crate) const NPM: Tool = Tool {
    name: "npm",
    programs: &["npm"],
    variable: None,
    packages: &["npm"],
    needed_for: "browser tests",
    install: "apt-get install npm",
    optional: false,
};
/// The browser.
pub(crate) const CHROMIUM: Tool = Tool {
    name: "chromium",
    programs: &["chromium", "chromium-browser", "google-chrome"],
    variable: Some("CHROMIUM"),
    packages: &["chromium"],
    needed_for: "browser tests",
    install: "apt-get install chromium",
    optional: false,
};
/// Shows the system calls between append and receipt.
pub(crate) const STRACE: Tool = Tool {
    name: "strace",
    programs: &["strace"],
    variable: None,
    packages: &["strace"],
    needed_for: "test kill-relay",
    install: "apt-get install strace",
    optional: false,
};
/// A faster test runner.
pub(crate) const NEXTEST: Tool = Tool {
    name: "cargo-nextest",
    programs: &["cargo-nextest"],
    variable: None,
    packages: &[],
    needed_for: "faster tests; cargo test is used without it",
    install: "cargo install cargo-nextest --locked",
    optional: true,
};
/// Checks licences, sources and bans once more.
pub(crate) const DENY: Tool = Tool {
    name: "cargo-deny",
    programs: &["cargo-deny"],
    variable: None,
    packages: &[],
    needed_for: "a second opinion on licences and sources; xtask checks them itself without it",
    install: "cargo install cargo-deny --locked",
    optional: true,
};

/// Every tool, in the order in which `doctor` names them.
pub(crate) const ALL: [Tool; 7] = [CC, NODE, NPM, CHROMIUM, STRACE, NEXTEST, DENY];

impl Tool {
    /// Finds the program.
    pub(crate) fn find(&self) -> Option<PathBuf> {
        if let Some(path) = self.variable.and_then(std::env::var_os).map(PathBuf::from) {
            return find_on_path(&path);
        }
        self.programs.iter().find_map(|name| find_on_path(Path::new(name)))
    }

    /// Finds the program, installing it from Debian's archive where we are root.
    pub(crate) fn ensure(&self) -> anyhow::Result<PathBuf> {
        if let Some(path) = self.find() {
            return Ok(path);
        }
        if !self.packages.is_empty() && may_install() {
            eprintln!("xtask: installing {} from the system's archive", self.name);
            install_packages(self.packages)?;
        }
        self.find().ok_or_else(|| self.missing().into())
    }

    /// Says that it is not there.
    pub(crate) const fn missing(&self) -> MissingTool {
        MissingTool { name: self.name, needed_for: self.needed_for, install: self.install }
    }
}

/// Says that the toolchain lacks the wasm target.
pub(crate) const fn missing_wasm_target() -> MissingTool {
    let install = "rustup target add wasm32-unknown-unknown";
    MissingTool { name: WASM_TARGET, needed_for: "building the tablet's modules", install }
}

/// The oldest Node that the browser tests' packages run on.
const NODE_MAJOR_MIN: u32 = 20;

/// Finds Node, or installs it, and checks its age.
pub(crate) fn ensure_node() -> anyhow::Result<PathBuf> {
    let node = NODE.ensure()?;
    let version = process::capture(process::program(&node).arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major >= NODE_MAJOR_MIN) {
        return Ok(node);
    }
    let install = "the package of https://nodejs.org, or Debian 13's";
    Err(MissingTool { name: "node 20 or newer", needed_for: NODE.needed_for, install }.into())
}

/// Whether the toolchain in use has the wasm target.
pub(crate) fn has_wasm_target() -> anyhow::Result<bool> {
    let root = process::capture(process::program("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(root.trim()).join("lib/rustlib").join(WASM_TARGET).join("lib").is_dir())
}

/// Brings the wasm target to the toolchain in use.
pub(crate) fn ensure_wasm_target() -> anyhow::Result<()> {
    if has_wasm_target()? {
        return Ok(());
    }
    if find_on_path(Path::new("rustup")).is_some() {
        process::run(process::program("rustup").args(["target", "add", WASM_TARGET]))?;
        return Ok(());
    }
    Err(missing_wasm_target().into())
}

/// Brings the packages of the browser tests and of the JavaScript client at the versions of their lock files.
pub(crate) fn ensure_browser_packages() -> anyhow::Result<()> {
    for folder in [workspace::browser_tests(), workspace::root().join("tests").join("interop")] {
        ensure_packages(&folder)?;
    }
    Ok(())
}

fn ensure_packages(folder: &Path) -> anyhow::Result<()> {
    let lock = std::fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules").join(".simpul-lock");
    if std::fs::read(&stamp).is_ok_and(|kept| kept == lock) {
        return Ok(());
    }
    let npm = NPM.ensure()?;
    process::run(
        process::program(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder),
    )?;
    std::fs::write(stamp, lock)?;
    Ok(())
}

fn find_on_path(name: &Path) -> Option<PathBuf> {
    if name.components().count() > 1 {
        return name.is_file().then(|| name.to_path_buf());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn may_install() -> bool {
    let root = process::capture(process::program("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    root && find_on_path(Path::new("apt-get")).is_some()
}

fn install_packages(packages: &[&str]) -> anyhow::Result<()> {
    let mut update = process::program("apt-get");
    process::run(update.args(["update", "-qq"]))?;
    let mut install = process::program("apt-get");
    install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages);
    process::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}
