//! Builds the `simpul` binary with the client inside it.

use std::path::PathBuf;

use crate::cli::Speed;
use crate::client_build::{self, Dist};
use crate::process;
use crate::tool;
use crate::workspace;

/// The variable that says which client the relay is built with.
pub(crate) const DIST: &str = "SIMPUL_DIST";

/// Builds client and relay and says where the binary lies.
pub(crate) fn build(speed: Speed) -> anyhow::Result<PathBuf> {
    build_with_dist(speed).map(|(binary, _)| binary)
}

/// As [`build`], and gives back what the client within consists of.
pub(crate) fn build_with_dist(speed: Speed) -> anyhow::Result<(PathBuf, Dist)> {
    tool::CC.ensure()?;
    let dist = client_build::build(speed)?;
    let mut cargo = process::cargo();
    cargo.args(["build", "--package", "server", "--bin", "simpul"]).env(DIST, &dist.folder);
    if !speed.dev_client {
        cargo.arg("--release");
    }
    process::run(&mut cargo)?;
    Ok((binary(speed), dist))
}

/// Where the binary of that speed lies once it is built.
fn binary(speed: Speed) -> PathBuf {
    workspace::target().join(if speed.dev_client { "debug" } else { "release" }).join("simpul")
}
