//! Where things lie. Every path of the build logic comes from here.

use std::env;
use std::path::{Path, PathBuf};

/// The native members, in the one order every cargo call names them: another selection would rebuild the tree.
pub(crate) const NATIVE_MEMBERS: [&str; 5] = ["server", "shared", "tests", "xtask", "client"];

/// The target of the tablet's modules.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The root folder of the repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The folder cargo builds into.
pub(crate) fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The folder of the browser tests.
pub(crate) fn browser_tests() -> PathBuf {
    root().join("tests").join("browser")
}

/// All files below a folder, sorted by path; empty when the folder does not exist.
pub(crate) fn files_below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
