//! `cargo xtask doctor`: which tools are there, and the line that brings each missing one.

use serde::Serialize;

use crate::Outcome;
use crate::cli::DoctorOptions;
use crate::process;
use crate::tool::{self, Tool};

#[derive(Serialize)]
struct Report {
    doctor: u8,
    ok: bool,
    rustc: String,
    wasm_target: bool,
    tools: Vec<Finding>,
}

#[derive(Serialize)]
struct Finding {
    #[serde(flatten)]
    tool: Tool,
    found: Option<String>,
    version: Option<String>,
}

/// Prints what was found; fails when something is missing that tests cannot do without.
pub(crate) fn report(options: &DoctorOptions) -> anyhow::Result<Outcome> {
    let tools: Vec<Finding> = tool::ALL.into_iter().map(examine).collect();
    let wasm_target = tool::has_wasm_target()?;
    let ok = wasm_target && tools.iter().all(|finding| finding.tool.optional || finding.found.is_some());
    let rustc = process::capture(process::program("rustc").arg("--version"))?.trim().to_owned();
    let report = Report { doctor: 1, ok, rustc, wasm_target, tools };
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print_for_people(&report);
    }
    Ok(Outcome::from(report.ok))
}

fn examine(tool: Tool) -> Finding {
    let found = tool.find();
    let version = found.as_ref().and_then(|path| {
        let text = process::capture(process::program(path).arg("--version")).ok()?;
        text.lines().next().map(|line| line.trim().to_owned())
    });
    Finding { tool, found: found.map(|path| path.display().to_string()), version }
}

fn print_for_people(report: &Report) {
    println!("ok       {}", report.rustc);
    println!("{}  wasm32-unknown-unknown", if report.wasm_target { "ok     " } else { "missing" });
    for Finding { tool, found, version } in &report.tools {
        match (found, tool.optional) {
            (Some(path), _) => println!("ok       {} ({})", tool.name, version.as_deref().unwrap_or(path)),
            (None, true) => println!("optional {}: {}; {}", tool.name, tool.needed_for, tool.install),
            (None, false) => println!("missing  {}: needed for {}; {}", tool.name, tool.needed_for, tool.install),
        }
    }
}
