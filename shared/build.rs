//! Writes the list of embedded pack files, so that a pack is a folder and nothing else.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Kinds of files that are read at run time; maps stay out until a screen draws them.
const EMBEDDED_EXTENSIONS: [&str; 2] = ["toml", "csv"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_PACK_SOURCE").is_none() {
        return Ok(());
    }
    println!("cargo::rerun-if-changed=packs");
    let missing = |name| io::Error::other(format!("cargo did not set {name}"));
    let manifest = env::var("CARGO_MANIFEST_DIR").map_err(|_| missing("CARGO_MANIFEST_DIR"))?;
    let out = env::var("OUT_DIR").map_err(|_| missing("OUT_DIR"))?;
    let mut list = String::from("const EMBEDDED_FILES: &[(&str, &str, &str)] = &[\n");
    for folder in sorted(&Path::new(&manifest).join("packs"))? {
        if folder.is_dir() {
            let pack = name_of(&folder);
            embed(&folder, &pack, "", &mut list)?;
        }
    }
    list.push_str("];\n");
    fs::write(Path::new(&out).join("packs.rs"), list)
}

fn embed(folder: &Path, pack: &str, prefix: &str, list: &mut String) -> io::Result<()> {
    for path in sorted(folder)? {
        let name = format!("{prefix}{}", name_of(&path));
        if path.is_dir() {
            embed(&path, pack, &format!("{name}/"), list)?;
        } else if path.extension().is_some_and(|extension| EMBEDDED_EXTENSIONS.iter().any(|known| extension == *known))
        {
            writeln!(list, "    ({pack:?}, {name:?}, include_str!({:?})),", path.display().to_string())
                .map_err(io::Error::other)?;
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
