//! Puts one build together: names by content, references between files, one build id, and the list the service worker keeps.
//!
//! ```text
//! fonts, icons ─▶ style sheet ────────────┐
//! wasm ─▶ glue ─▶ worker.js ─▶ boot.js ──┼─▶ build id ─▶ index.html ─▶ sw.js (path and hash of everything)
//! door.js ────────────────────────────────┘
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use super::modules::{Module, Modules};
use crate::workspace;

/// How many hexadecimal digits of a hash stand in a file name: 64 bits, enough among the few builds of one project.
const NAME_DIGITS: usize = 16;

/// A file under the path it is served.
#[derive(Debug)]
pub(crate) struct Asset {
    /// The path, with a leading slash.
    pub(crate) path: String,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

/// Everything of one build.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// The id of the build.
    pub(crate) build: String,
    /// Its files.
    pub(crate) files: Vec<Asset>,
}

/// The lower-case hexadecimal SHA-256 of some bytes.
pub(crate) fn hash_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Assembles the bundle from the modules and the files below `client/`.
pub(crate) fn assemble(modules: &Modules) -> anyhow::Result<Bundle> {
    let client = workspace::root().join("client");
    let mut draft = Draft::default();
    draft.add_hashed_folder(&client.join("static").join("icons"))?;
    draft.add_hashed_folder(&client.join("fonts"))?;
    let styles = draft.style_sheet(&client.join("styles"))?;
    draft.add_hashed("styles", "simpul.css", styles.into_bytes());
    draft.add_module("app", &modules.app);
    draft.add_module("engine", &modules.engine);
    let worker = draft.fill(&client.join("static/worker.js"))?;
    draft.add_hashed("worker", "worker.js", worker.into_bytes());
    let door = draft.fill(&client.join("static/door.js"))?;
    draft.add_hashed("door", "door.js", door.into_bytes());
    let boot = draft.fill(&client.join("static/boot.js"))?;
    draft.add_hashed("boot", "boot.js", boot.into_bytes());
    draft.add_filled("/manifest.webmanifest", &client.join("static/manifest.webmanifest"))?;
    let build = draft.digest(&[client.join("static/index.html"), client.join("sw/sw.js")])?;
    draft.names.insert("build".to_owned(), build.clone());
    draft.add_filled("/index.html", &client.join("static/index.html"))?;
    let kept: Vec<(&str, String)> =
        draft.files.iter().map(|file| (file.path.as_str(), hash_hex(&file.bytes))).collect();
    let kept = serde_json::to_string(&kept)?;
    draft.names.insert("files".to_owned(), kept);
    draft.add_filled("/sw.js", &client.join("sw/sw.js"))?;
    draft.add_filled("/sw-withdrawn.js", &client.join("sw/sw-withdrawn.js"))?;
    Ok(Bundle { build, files: draft.files })
}

/// A bundle that is being put together.
#[derive(Default)]
struct Draft {
    files: Vec<Asset>,
    /// Placeholder → what replaces it, for the files that come later.
    names: BTreeMap<String, String>,
}

impl Draft {
    /// Adds a file whose name changes with its content, so that it may be cached for ever.
    fn add_hashed(&mut self, placeholder: &str, name: &str, bytes: Vec<u8>) {
        let digest: String = hash_hex(&bytes).chars().take(NAME_DIGITS).collect();
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let path = format!("/a/{stem}-{digest}.{ending}");
        self.names.insert(placeholder.to_owned(), path.clone());
        self.files.push(Asset { path, bytes });
    }

    fn add_module(&mut self, name: &str, module: &Module) {
        self.add_hashed(&format!("{name}_bg.wasm"), &format!("{name}_bg.wasm"), module.wasm.clone());
        self.add_hashed(name, &format!("{name}.js"), module.glue.clone().into_bytes());
    }

    fn add_hashed_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        for path in workspace::files_below(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if ["woff2", "svg", "png"].iter().any(|ending| name.ends_with(&format!(".{ending}"))) {
                self.add_hashed(&name, &name, std::fs::read(&path)?);
            }
        }
        Ok(())
    }

    /// Joins the style sheets: `layers.css` first, because it fixes the order of the layers; after it order is immaterial.
    /// `url(/fonts/NAME)` becomes the served name of that font.
    fn style_sheet(&self, folder: &Path) -> anyhow::Result<String> {
        let mut paths = workspace::files_below(folder)?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "css"));
        paths.sort_by_key(|path| (path.file_name().is_none_or(|name| name != "layers.css"), path.clone()));
        let mut sheet = String::new();
        for path in paths {
            sheet.push_str(&std::fs::read_to_string(&path)?);
            sheet.push('\n');
        }
        for (name, served) in &self.names {
            sheet = sheet.replace(&format!("/fonts/{name}"), served);
        }
        if let Some((_, rest)) = sheet.split_once("/fonts/") {
            bail!(
                "a style sheet names a font that is not in client/fonts: {}",
                rest.chars().take(60).collect::<String>()
            );
        }
        Ok(sheet)
    }

    fn add_filled(&mut self, path: &str, template: &Path) -> anyhow::Result<()> {
        let bytes = self.fill(template)?.into_bytes();
        self.files.push(Asset { path: path.to_owned(), bytes });
        Ok(())
    }

    /// Reads a template and replaces every `{{placeholder}}`.
    fn fill(&self, template: &Path) -> anyhow::Result<String> {
        let text = std::fs::read_to_string(template).with_context(|| format!("cannot read {}", template.display()))?;
        let mut filled = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").context("a placeholder is not closed")?;
            let value = self.names.get(name).with_context(|| format!("{} names {name}", template.display()))?;
            filled.push_str(before);
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// The build id: of every file so far, and of the templates that will hold it. Two service workers of one id would share a
    /// cache.
    fn digest(&self, templates: &[PathBuf]) -> anyhow::Result<String> {
        let mut list: String =
            self.files.iter().map(|file| format!("{} {}\n", file.path, hash_hex(&file.bytes))).collect();
        for path in templates {
            let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            list.push_str(&hash_hex(&text));
        }
        Ok(hash_hex(list.as_bytes()).chars().take(NAME_DIGITS).collect())
    }
}
