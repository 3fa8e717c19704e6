//! `simpul pack check` from outside: silent about a good pack, and a line for every fault of another.

#![expect(clippy::unwrap_used, reason = "a test stops where something is missing")]

use std::path::Path;
use std::process::{Command, Output};

fn check(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_simpul")).args(["pack", "check"]).arg(folder).output().unwrap()
}

#[test]
fn a_good_pack_is_met_with_silence() {
    let said = check(&Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("shared").join("packs/belu"));
    assert!(said.status.success());
    assert_eq!((said.stdout, said.stderr), (Vec::new(), Vec::new()));
}

#[test]
fn faults_are_said_and_the_status_says_so_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pack.toml"), "key = \"contoh\"\n").unwrap();
    let said = check(folder.path());
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8(said.stdout).unwrap().contains("pack.toml"));
}
