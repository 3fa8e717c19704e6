//! The two wasm modules: cargo builds them, wasm-bindgen (as a library, so that its version is the lock file's) writes the
//! glue. Both come from one cargo call; two calls with other features would build the tree twice. That costs the engine a
//! few exports of crates that only the interface uses: 20 KB, 5 KB compressed.

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::process;
use crate::workspace::{self, WASM_TARGET};

/// Leptos then gives every component one type instead of a type as deep as its view: 15 % less to fetch, faster to build.
const RUSTFLAGS: &str = "--cfg erase_components";

/// One module and its glue.
#[derive(Debug)]
pub(crate) struct Module {
    /// The JavaScript glue.
    pub(crate) glue: String,
    /// The WebAssembly module.
    pub(crate) wasm: Vec<u8>,
}

/// Both modules of one build.
#[derive(Debug)]
pub(crate) struct Modules {
    /// The interface, on the main thread.
    pub(crate) app: Module,
    /// The engine, in a dedicated worker.
    pub(crate) engine: Module,
}

/// Builds both modules with the given cargo profile.
pub(crate) fn build(profile: &str) -> anyhow::Result<Modules> {
    compile(profile, &["app", "engine"])?;
    Ok(Modules { app: bind("app", profile)?, engine: bind("engine", profile)? })
}

/// Builds a module that only tests use.
pub(crate) fn build_for_tests(name: &str, profile: &str) -> anyhow::Result<Module> {
    compile(profile, &[name])?;
    bind(name, profile)
}

/// Always with the same features: other features would compile the tree again.
fn compile(profile: &str, bins: &[&str]) -> anyhow::Result<()> {
    let mut cargo = process::cargo();
    cargo.args(["build", "--package", "client", "--features", "ui", "--target", WASM_TARGET, "--profile", profile]);
    for bin in bins {
        cargo.args(["--bin", bin]);
    }
    process::run(cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", RUSTFLAGS))
}

fn bind(name: &str, profile: &str) -> anyhow::Result<Module> {
    let input = workspace::target().join(WASM_TARGET).join(profile).join(name).with_extension("wasm");
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&input).out_name(name).typescript(false).remove_name_section(true);
    bindgen.remove_producers_section(true).web(true)?;
    let mut output = bindgen.generate_output().with_context(|| format!("cannot bind {}", input.display()))?;
    let snippets: Vec<&String> =
        output.snippets().iter().filter(|(_, list)| !list.is_empty()).map(|(name, _)| name).collect();
    if !snippets.is_empty() || !output.local_modules().is_empty() || !output.npm_dependencies().is_empty() {
        // Code from a dependency would be JavaScript nobody here has read, and needs a path of its own in the bundle.
        bail!("module {name} brings JavaScript of its own: {snippets:?}, {:?}", output.local_modules().keys());
    }
    let wasm = output.wasm_mut().emit_wasm();
    Ok(Module { glue: output.js().to_owned(), wasm })
}
