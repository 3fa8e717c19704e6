//! Reads a pack from its folder of TOML and CSV; only the relay carries this.
//!
//! Owns the file names and their order. Collects every fault instead of stopping at the first, so that whoever edits
//! a pack mends it in one go. A pack may name a `base`: files it lacks come from that embedded pack, file by file. So
//! what is national stands in files of its own, and what differs from place to place in others.
//!
//! ```text
//! pack.toml      key, version, names, zone, laws                    units.csv offices.csv roles.csv
//! kinds.toml     kinds, row tables, fields no form asks              grid.csv   kind or part × role
//! forms/*.toml   pages; each field is described where it is asked    code_lists.csv codes.csv codes/*.csv
//! derive.toml    fields that follow from answers, duties, views      areas.csv crossings.csv emergency.csv
//! stages.toml    gates of stages, the stage that closes              *.geojson facilities.csv: not read yet
//! ```

use std::collections::BTreeMap;

use super::check::{self, Origins};
use super::fault::PackFault;
use super::form::{Alarm, Derivation, Duty, RegisterView, Weight};
use super::{Label, Pack, StageRules, Zone};

mod condition;
mod csv;
mod embedded;
mod field;
mod form;
mod kind;
mod node;
mod stage;
mod table;

pub use embedded::{EMBEDDED_PACKS, embedded, embedded_files};

use node::{Faults, Node};

/// Files of a pack by path inside its folder, with `/`.
pub type PackFiles = BTreeMap<String, Vec<u8>>;

const PACK_FILE: &str = "pack.toml";
const KINDS_FILE: &str = "kinds.toml";
const DERIVE_FILE: &str = "derive.toml";
const STAGES_FILE: &str = "stages.toml";
const FORMS_FOLDER: &str = "forms/";
const CODES_FILE: &str = "codes.csv";
/// More codes: of lists that differ from place to place, so that the others can be shared.
const CODES_FOLDER: &str = "codes/";
const CROSSINGS_FILE: &str = "crossings.csv";
/// Tables every pack has, of its own or from its base.
const TABLE_FILES: [&str; 8] =
    ["areas.csv", "code_lists.csv", CODES_FILE, "emergency.csv", "grid.csv", "offices.csv", "roles.csv", "units.csv"];
/// Files a folder may hold that are read by later work or by people.
const OTHER_FILES: [&str; 4] = ["facilities.csv", "NOTICE", "LICENSE", "README.md"];

impl Pack {
    /// Reads and checks a pack.
    ///
    /// # Errors
    /// Every fault found, in order of file and key.
    pub fn parse(files: &PackFiles) -> Result<Self, Vec<PackFault>> {
        let checked = Checked::of(files);
        match checked.pack {
            Some(pack) if checked.faults.is_empty() => Ok(pack),
            Some(_) | None => Err(checked.faults),
        }
    }
}

/// Holds what could be read of a folder, and everything that is wrong with it.
struct Checked {
    pack: Option<Pack>,
    origins: Origins,
    faults: Vec<PackFault>,
}

impl Checked {
    fn of(files: &PackFiles) -> Self {
        let collected = Faults::default();
        let pack = read(files, &collected);
        let (mut faults, origins) = collected.take();
        if let Some(pack) = &pack {
            faults.extend(check::pack_faults(pack, &origins));
        }
        Self { pack, origins, faults: in_order(faults) }
    }
}

fn in_order(mut faults: Vec<PackFault>) -> Vec<PackFault> {
    faults.sort();
    faults.dedup();
    faults
}

/// Checks a folder; empty = the pack is good.
#[must_use]
pub fn check_folder(files: &PackFiles) -> Vec<PackFault> {
    Checked::of(files).faults
}

/// Checks a folder, and that it takes nothing away from an older one.
#[must_use]
pub fn check_folder_against(files: &PackFiles, old: &PackFiles) -> Vec<PackFault> {
    let (new, old) = (Checked::of(files), Checked::of(old));
    let mut faults = new.faults;
    if let (Some(new), Some(old_pack)) = (&new.pack, &old.pack) {
        faults.extend(check::against(new, old_pack, &old.origins));
    }
    let of_old = old.faults.into_iter();
    faults.extend(of_old.map(|fault| PackFault::new(format!("(old) {}", fault.file), fault.key, fault.reason)));
    in_order(faults)
}

fn read(files: &PackFiles, faults: &Faults) -> Option<Pack> {
    report_unknown_files(files, faults);
    let mut head = toml_file(files, PACK_FILE, faults)?;
    let key = head.need_text("key");
    let based;
    let files = match head.text("base") {
        None => files,
        Some(base) => {
            based = with_base(files, &base, faults)?;
            &based
        }
    };
    for file in TABLE_FILES.iter().chain([&KINDS_FILE]) {
        if !files.contains_key(*file) {
            faults.push(file, "", "the file is missing");
        }
    }
    let code_lists = table::code_lists(files, faults);
    let mut kinds = toml_file(files, KINDS_FILE, faults).map_or_else(BTreeMap::new, kind::read_kinds);
    let forms = form::read_forms(files, faults, &mut kinds);
    let (derivations, duties, views, weights, alarm) = read_derive_file(files, faults);
    let pack = Pack {
        id: key,
        version: head.need_number("version"),
        label: head.label(),
        jurisdiction: head.child("jurisdiction").map_or_else(Label::default, |mut node| {
            let label = node.label();
            node.finish();
            label
        }),
        register_prefix: head.need_text("register_prefix"),
        home_area: head.need_text("home_area"),
        legal_basis: head.children("legal").into_iter().map(table::legal_basis).collect(),
        zone: read_zone(&mut head),
        units: table::units(files, faults),
        offices: table::offices(files, faults),
        roles: table::roles(files, faults),
        kinds,
        grid: table::grid(files, faults),
        code_lists,
        areas: table::areas(files, faults),
        crossings: table::crossings(files, faults),
        emergency: table::emergency(files, faults),
        forms,
        derivations,
        duties,
        views,
        weights,
        stages: read_stages_file(files, faults),
        alarm,
    };
    head.finish();
    Some(pack)
}

/// What `derive.toml` says.
type Derived = (Vec<Derivation>, Vec<Duty>, Vec<RegisterView>, Vec<Weight>, Option<Alarm>);

/// A pack may do without.
fn read_derive_file(files: &PackFiles, faults: &Faults) -> Derived {
    if !files.contains_key(DERIVE_FILE) {
        return Default::default();
    }
    let Some(mut root) = toml_file(files, DERIVE_FILE, faults) else {
        return Default::default();
    };
    let derivations = root.children("derive").into_iter().filter_map(form::read_derivation).collect();
    let duties = root.children("duty").into_iter().filter_map(form::read_duty).collect();
    let views = root.children("view").into_iter().map(form::read_view).collect();
    let alarm = root.child("alarm").map(form::read_alarm);
    let weights = root.children("weight").into_iter().map(form::read_weight).collect();
    root.finish();
    (derivations, duties, views, weights, alarm)
}

/// A pack may do without.
fn read_stages_file(files: &PackFiles, faults: &Faults) -> StageRules {
    if !files.contains_key(STAGES_FILE) {
        return StageRules::default();
    }
    toml_file(files, STAGES_FILE, faults).map_or_else(StageRules::default, stage::read_stages)
}

fn read_zone(head: &mut Node<'_>) -> Zone {
    let mut node = head.child("zone");
    let zone = Zone {
        name: node.as_mut().map(|node| node.need_text("name")).unwrap_or_default(),
        offset_minutes: node.as_mut().map(|node| node.need_number("offset_minutes")).unwrap_or_default(),
    };
    if let Some(node) = node {
        node.finish();
    }
    zone
}

fn with_base(files: &PackFiles, base: &str, faults: &Faults) -> Option<PackFiles> {
    let Some(mut merged) = embedded_files(base) else {
        faults.push(PACK_FILE, "base", format!("no embedded pack is called {base}"));
        return None;
    };
    merged.remove(PACK_FILE);
    merged.extend(files.iter().map(|(path, bytes)| (path.clone(), bytes.clone())));
    Some(merged)
}

fn report_unknown_files(files: &PackFiles, faults: &Faults) {
    for path in files.keys() {
        let known = TABLE_FILES.contains(&path.as_str())
            || OTHER_FILES.contains(&path.as_str())
            || [PACK_FILE, KINDS_FILE, DERIVE_FILE, STAGES_FILE, CROSSINGS_FILE].contains(&path.as_str())
            || path.strip_suffix(".geojson").is_some()
            || stands_in(path, FORMS_FOLDER, ".toml")
            || stands_in(path, CODES_FOLDER, ".csv");
        if !known {
            faults.push(path, "", "no pack has a file of this name");
        }
    }
}

fn stands_in(path: &str, folder: &str, suffix: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|name| name.strip_suffix(suffix).is_some() && !name.contains('/'))
}

/// Returns the text of a file; a missing one is reported elsewhere.
fn text_file<'f>(files: &'f PackFiles, path: &str, faults: &Faults) -> Option<&'f str> {
    let bytes = files.get(path)?;
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(_) => {
            faults.push(path, "", "the file is not UTF-8");
            None
        }
    }
}

fn toml_file<'f>(files: &PackFiles, path: &str, faults: &'f Faults) -> Option<Node<'f>> {
    if !files.contains_key(path) {
        faults.push(path, "", "the file is missing");
        return None;
    }
    let text = text_file(files, path, faults)?;
    match text.parse::<toml::Table>() {
        Ok(table) => Some(Node::root(faults, path, table)),
        Err(error) => {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count().saturating_add(1));
            faults.push(path, format!("line {line}"), error.message().to_owned());
            None
        }
    }
}

#[cfg(test)]
mod tests;
