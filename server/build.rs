//! Embeds the built client: the folder `$SIMPUL_DIST`, or a page that says it is missing, so that checks and tests of the
//! relay need no client. `cargo xtask` sets the variable.

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::{env, io};

/// The page of a relay that was built without its client.
const PLACEHOLDER: &str = "<!doctype html><html lang=\"id\"><head><meta charset=\"utf-8\"><title>Simpul</title></head>\
<body><p>Relai ini dibangun tanpa aplikasi tablet. (Built without its client: <code>cargo xtask run</code> builds both.)</p></body></html>";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=SIMPUL_DIST");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let files = match env::var_os("SIMPUL_DIST").map(PathBuf::from) {
        Some(folder) => {
            println!("cargo::rerun-if-changed={}", folder.display());
            let mut files = files_below(&folder)?;
            files.sort();
            files
                .into_iter()
                .map(|path| Ok((served_path(&folder, &path)?, path)))
                .collect::<Result<_, Box<dyn Error>>>()?
        }
        None => {
            let page = out.join("index.html");
            fs::write(&page, PLACEHOLDER)?;
            vec![("/index.html".to_owned(), page)]
        }
    };
    fs::write(out.join("embedded.rs"), table(&files)?)?;
    Ok(())
}

fn table(files: &[(String, PathBuf)]) -> Result<String, Box<dyn Error>> {
    let mut code = String::from("pub(super) static FILES: &[Embedded] = &[\n");
    for (path, source) in files.iter().filter(|(path, _)| !path.ends_with(".br")) {
        let small = format!("{path}.br");
        let small = match files.iter().find(|(other, _)| *other == small) {
            Some((_, source)) => format!("Some(include_bytes!({source:?}))"),
            None => "None".to_owned(),
        };
        let mut hasher = DefaultHasher::new();
        hasher.write(&fs::read(source)?);
        let tag = format!("\"{:016x}\"", hasher.finish());
        let kind = content_type(path);
        writeln!(
            code,
            "    Embedded {{ path: {path:?}, content_type: {kind:?}, tag: {tag:?}, bytes: include_bytes!({source:?}), br: {small} }},"
        )?;
    }
    code.push_str("];\n");
    Ok(code)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

fn served_path(folder: &Path, path: &Path) -> Result<String, Box<dyn Error>> {
    let path = path.strip_prefix(folder)?.to_str().ok_or("a file name is not UTF-8")?;
    Ok(format!("/{path}"))
}

fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
