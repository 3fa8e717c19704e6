//! Checks that every `getrandom` in the tablet's tree can reach the browser's randomness. A version without its browser
//! backend builds and then fails on the first key it should make.

use std::collections::BTreeSet;

use crate::process;
use crate::workspace::{self, WASM_TARGET};

/// Says whether each version in the tree has its backend.
pub(super) fn check() -> anyhow::Result<bool> {
    let mut cargo = process::cargo();
    cargo.args(["tree", "--locked", "--package", "client", "--features", "ui", "--target", WASM_TARGET]);
    cargo.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p} [{f}]"]);
    let tree = process::capture(&mut cargo)?;
    let lines: BTreeSet<&str> = tree.lines().filter(|line| line.starts_with("getrandom ")).collect();
    let flags = std::fs::read_to_string(workspace::root().join(".cargo/config.toml"))?;
    let mut passed = true;
    for line in lines {
        if !has_backend(line, &flags) {
            eprintln!("xtask: no browser backend: {line}");
            passed = false;
        }
    }
    Ok(passed)
}

fn has_backend(line: &str, flags: &str) -> bool {
    let Some((name, features)) = line.split_once(" [") else { return false };
    let features: Vec<&str> = features.split([']', ',']).collect();
    if name.starts_with("getrandom v0.2.") {
        features.contains(&"js")
    } else if name.starts_with("getrandom v0.3.") {
        features.contains(&"wasm_js") && flags.contains("getrandom_backend=\\\"wasm_js\\\"")
    } else {
        features.contains(&"wasm_js")
    }
}

#[cfg(test)]
mod tests {
    use super::has_backend;

    #[test]
    fn each_version_has_its_own_way() {
        assert!(has_backend("getrandom v0.4.3 [std,sys_rng,wasm_js]", ""));
        assert!(!has_backend("getrandom v0.4.3 [std]", ""));
        assert!(!has_backend("getrandom v0.2.15 [std]", ""));
        assert!(has_backend("getrandom v0.2.15 [js,std] (*)", ""));
        assert!(!has_backend("getrandom v0.3.1 [wasm_js]", ""));
    }
}
