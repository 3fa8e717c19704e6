//! Checks that `docs/dependencies.md` gives a reason for every direct dependency.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::workspace;

#[derive(Deserialize)]
struct Manifest {
    workspace: Workspace,
}

#[derive(Deserialize)]
struct Workspace {
    dependencies: BTreeMap<String, toml::Value>,
}

/// Says whether every dependency of the root `Cargo.toml` stands in the page.
pub(super) fn check() -> anyhow::Result<bool> {
    let root = workspace::root();
    let manifest: Manifest = toml::from_str(&std::fs::read_to_string(root.join("Cargo.toml"))?)?;
    let page = std::fs::read_to_string(root.join("docs/dependencies.md"))?;
    let explained = explained(&page);
    let others = manifest.workspace.dependencies.iter().filter(|(_, named)| !is_own(named));
    let mut passed = true;
    for (name, _) in others.filter(|(name, _)| !explained.contains(name.as_str())) {
        eprintln!("xtask: docs/dependencies.md does not say why {name} is here");
        passed = false;
    }
    Ok(passed)
}

/// Whether a dependency lies in this repository.
fn is_own(named: &toml::Value) -> bool {
    named.get("path").is_some()
}

/// The names in the first column of the page's tables.
fn explained(page: &str) -> BTreeSet<&str> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter_map(|row| row.split('|').next()).flat_map(|names| names.split(',')).map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::explained;

    #[test]
    fn names_stand_in_the_first_column() {
        let page = "text\n| crate | why |\n|---|---|\n| alpha, beta | gamma |\n";
        let found = explained(page);
        assert!(found.contains("alpha") && found.contains("beta") && !found.contains("gamma"));
    }
}
