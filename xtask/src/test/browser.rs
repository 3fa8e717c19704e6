//! The browser suites: Node scripts that drive the built relay and a real Chromium.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::count::{Count, last_json};
use crate::cli::Speed;
use crate::client_build;
use crate::process;
use crate::relay_build;
use crate::tool;
use crate::workspace;

/// What the browser suites share: built once, when the first of them needs it.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    relay: Option<(PathBuf, PathBuf)>,
    browser: Option<(PathBuf, PathBuf)>,
}

/// How a browser suite ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Tests that passed.
    pub(crate) passed: u32,
    /// Tests that failed.
    pub(crate) failed: u32,
    /// What the suite says about itself.
    pub(crate) report: Option<Value>,
}

/// Runs a suite whose parts are built.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Ended> {
    let finished = process::run_keeping_stdout(command)?;
    let report = last_json(&finished.stdout);
    let Count { passed, failed } = Count::from_report(report.as_ref(), finished.success);
    Ok(Ended { passed, failed, report })
}

impl Ended {
    pub(super) fn count(&self) -> Count {
        Count { passed: self.passed, failed: self.failed }
    }
}

/// The script of a suite.
pub(super) fn script(suite: &str) -> PathBuf {
    workspace::browser_tests().join("suites").join(suite).with_extension("mjs")
}

/// Every suite that has a script, sorted by name. Taking pictures is not a test.
pub(super) fn scripts() -> std::io::Result<Vec<String>> {
    let paths = workspace::files_below(&workspace::browser_tests().join("suites"))?;
    let scripts = paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "mjs"));
    let names = scripts.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    Ok(names.filter(|name| name != "shots").collect())
}

impl Prepared {
    /// The relay's binary, with the client inside.
    pub(super) fn relay(&mut self, speed: Speed) -> anyhow::Result<PathBuf> {
        if let Some((path, _)) = &self.relay {
            return Ok(path.clone());
        }
        let (path, dist) = relay_build::build_with_dist(speed)?;
        self.relay = Some((path.clone(), dist.folder));
        Ok(path)
    }

    /// The folder of the client within the relay, once that is built.
    pub(super) fn dist(&self) -> Option<&Path> {
        self.relay.as_ref().map(|(_, dist)| dist.as_path())
    }

    /// Builds what a suite needs, and gives back what runs it.
    pub(crate) fn command(&mut self, suite: &str, arguments: &[String], speed: Speed) -> anyhow::Result<Command> {
        let (node, chromium) = self.browser()?;
        let mut command = process::program(node);
        command.arg(script(suite)).args(arguments).arg("--json").env("CHROMIUM", chromium);
        // The store's suite runs a module of its own and needs no relay.
        match suite {
            "store" => command.env("SIMPUL_TEST_MODULES", client_build::build_for_tests("store_conformance", speed)?),
            _ => command.env("SIMPUL_BIN", self.relay(speed)?),
        };
        command.env("SIMPUL_TEST_OUT", workspace::target().join("browser-tests"));
        Ok(command)
    }

    fn browser(&mut self) -> anyhow::Result<(PathBuf, PathBuf)> {
        if let Some(found) = &self.browser {
            return Ok(found.clone());
        }
        let found = (tool::ensure_node()?, tool::CHROMIUM.ensure()?);
        tool::ensure_browser_packages()?;
        self.browser = Some(found.clone());
        Ok(found)
    }
}
