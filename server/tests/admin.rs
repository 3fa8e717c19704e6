//! `simpul` from outside, on the relay's own machine: what is asked of a folder where no relay is makes none there.

#![expect(clippy::unwrap_used, reason = "a test stops where something is missing")]

use std::path::Path;
use std::process::{Command, Output};

fn simpul(data: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_simpul")).arg("--data").arg(data).args(words).output().unwrap()
}

#[test]
fn a_wrong_folder_is_said_and_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong");
    let asks: [&[&str]; 6] = [
        &["account", "list"],
        &["account", "code", "ana"],
        &["account", "stop", "ana"],
        &["device", "revoke", "1"],
        &["grants", "verify"],
        &["audit", "seen"],
    ];
    for words in asks {
        let said = simpul(&wrong, words);
        assert_eq!(said.status.code(), Some(1), "{words:?}");
    }
    let said = simpul(&wrong, &["audit", "verify"]);
    let told = String::from_utf8(said.stderr).unwrap();
    assert!(told.contains(&format!("{}: no relay was set up here", wrong.display())), "{told}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "neither a folder nor a key");
}

#[test]
fn the_first_account_and_the_offices_identity_set_one_up() {
    let folder = tempfile::tempdir().unwrap();
    for (place, words) in [
        ("first", &["recovery", "init"][..]),
        ("second", &["account", "add", "ana", "--name", "Ana Contoh", "--role", "MKS"][..]),
    ] {
        let data = folder.path().join(place);
        assert!(simpul(&data, words).status.success(), "{words:?}");
        let said = simpul(&data, &["audit", "verify"]);
        assert!(said.status.success(), "{said:?}");
    }
}

#[test]
fn replacing_the_offices_identity_asks_for_a_relay_that_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong");
    let said = simpul(&wrong, &["recovery", "init", "--replace"]);
    assert!(!said.status.success() && !wrong.exists(), "a new relay has nothing to replace: {said:?}");
}

#[test]
fn a_wrong_folder_is_said_whatever_the_identity_is() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong");
    let said = simpul(&wrong, &["recovery", "open", "--device", "1", "--identity", "/dev/null"]);
    let told = String::from_utf8(said.stderr).unwrap();
    assert!(told.contains("no relay was set up here"), "{told}");
}
