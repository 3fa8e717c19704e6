//! `cargo xtask doctor`: which tools are there, and the line that brings each missing one.

use serde::Serialize;

use crate::Outcome;
use crate::cli::DoctorOptions;
use crate::process;
use crate::tool::{self, MissingTool, Tool};

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

impl Report {
    /// Names everything that is missing and that tests cannot do without.
    fn missing(&self) -> Vec<MissingTool> {
        let target = (!self.wasm_target).then(tool::missing_wasm_target);
        let absent = self.tools.iter().filter(|finding| !finding.tool.optional && finding.found.is_none());
        target.into_iter().chain(absent.map(|finding| finding.tool.missing())).collect()
    }
}

/// Prints what was found, and names what is missing that tests cannot do without.
pub(crate) fn report(options: &DoctorOptions) -> anyhow::Result<Outcome> {
    let tools: Vec<Finding> = tool::ALL.into_iter().map(examine).collect();
    let wasm_target = tool::has_wasm_target()?;
    let rustc = process::capture(process::program("rustc").arg("--version"))?.trim().to_owned();
    let mut report = Report { doctor: 1, ok: false, rustc, wasm_target, tools };
    let missing = report.missing();
    report.ok = missing.is_empty();
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print_for_people(&report);
    }
    for tool in &missing {
        eprintln!("xtask: {tool}");
    }
    Ok(if report.ok { Outcome::Passed } else { Outcome::ToolMissing })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn report(wasm_target: bool, found: Option<&str>) -> Report {
        let finding = |tool, found: Option<&str>| Finding { tool, found: found.map(str::to_owned), version: None };
        let tools = vec![finding(tool::CC, Some("/usr/bin/cc")), finding(tool::NODE, found), finding(tool::DENY, None)];
        Report { doctor: 1, ok: false, rustc: String::new(), wasm_target, tools }
    }

    #[test]
    fn what_tests_cannot_do_without_is_named_with_the_line_that_installs_it() {
        assert!(report(true, Some("/usr/bin/node")).missing().is_empty(), "what is optional may be missing");
        let named: Vec<String> = report(false, None).missing().iter().map(ToString::to_string).collect();
        assert_eq!(named.len(), 2, "{named:?}");
        assert!(named.iter().any(|line| line.contains("rustup target add")), "{named:?}");
        assert!(named.iter().any(|line| line.contains("node") && line.contains("apt-get install nodejs")), "{named:?}");
    }
}
