//! Checks licences and sources of every dependency against `deny.toml`, from cargo's own metadata.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde::Deserialize;

use crate::process;
use crate::workspace;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Rules {
    licenses: LicenceRules,
}

#[derive(Deserialize)]
struct LicenceRules {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// A licence that one crate alone may have.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

/// Says whether every package has a licence on the list and comes from the registry.
pub(super) fn check() -> anyhow::Result<bool> {
    let rules = std::fs::read_to_string(workspace::root().join("deny.toml")).context("cannot read deny.toml")?;
    let rules: Rules = toml::from_str(&rules)?;
    let exceptions: BTreeMap<&str, &[String]> = rules
        .licenses
        .exceptions
        .iter()
        .map(|exception| (exception.name.as_str(), exception.allow.as_slice()))
        .collect();
    let metadata = process::capture(process::cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Metadata = serde_json::from_str(&metadata)?;
    let mut passed = true;
    for package in &metadata.packages {
        let Some(source) = &package.source else { continue };
        if !source.starts_with("registry+") && !source.starts_with("sparse+") {
            eprintln!("xtask: {} {} does not come from the registry", package.name, package.version);
            passed = false;
        }
        let extra = exceptions.get(package.name.as_str()).copied().unwrap_or_default();
        let allowed = |licence: &str| rules.licenses.allow.contains(licence) || extra.iter().any(|it| it == licence);
        if !package.license.as_deref().is_some_and(|expression| is_satisfied(expression, &allowed)) {
            eprintln!("xtask: {} {} has licence {:?}", package.name, package.version, package.license);
            passed = false;
        }
    }
    Ok(passed)
}

/// Reads an SPDX expression: `OR` (and the old `/`) binds less than `AND`; `WITH` belongs to its licence.
fn is_satisfied(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (satisfied, rest) = any_of(&words, allowed);
    satisfied && rest.is_empty()
}

fn any_of<'words>(words: &'words [&'words str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'words [&'words str]) {
    let (mut satisfied, mut rest) = all_of(words, allowed);
    while let Some(("OR", after)) = rest.split_first().map(|(word, after)| (*word, after)) {
        let (next, after) = all_of(after, allowed);
        satisfied |= next;
        rest = after;
    }
    (satisfied, rest)
}

fn all_of<'words>(words: &'words [&'words str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'words [&'words str]) {
    let (mut satisfied, mut rest) = one_of(words, allowed);
    while let Some(("AND", after)) = rest.split_first().map(|(word, after)| (*word, after)) {
        let (next, after) = one_of(after, allowed);
        satisfied &= next;
        rest = after;
    }
    (satisfied, rest)
}

fn one_of<'words>(words: &'words [&'words str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'words [&'words str]) {
    match words {
        ["(", inside @ ..] => match any_of(inside, allowed) {
            (satisfied, [")", rest @ ..]) => (satisfied, rest),
            (_, rest) => (false, rest),
        },
        [licence, "WITH", exception, rest @ ..] => (allowed(&format!("{licence} WITH {exception}")), rest),
        [licence, rest @ ..] => (allowed(licence), rest),
        [] => (false, words),
    }
}

#[cfg(test)]
mod tests {
    use super::is_satisfied;

    #[test]
    fn expressions_are_read_as_spdx_does() {
        let allowed = |licence: &str| ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].contains(&licence);
        for good in [
            "MIT",
            "MIT/GPL-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-3.0) AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_satisfied(good, &allowed), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT", "MIT)", "MIT AND (GPL-3.0 OR ISC)"] {
            assert!(!is_satisfied(bad, &allowed), "{bad}");
        }
    }
}
