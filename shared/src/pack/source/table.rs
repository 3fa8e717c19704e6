//! Reads the CSV files.

use std::collections::BTreeMap;

use super::csv::{self, Record, records};
use super::node::{Faults, Node};
use super::{CODES_FILE, CODES_FOLDER, CROSSINGS_FILE, PackFiles, text_file};
use crate::pack::area::{Area, AreaLevel, Crossing};
use crate::pack::check;
use crate::pack::code::{Code, CodeList};
use crate::pack::grid::{Cell, Grid};
use crate::pack::label::Label;
use crate::pack::organisation::{EmergencyNumber, LegalBasis, Office, Role, Unit};

/// Reads a file's records; none if the file is missing, which is reported elsewhere.
fn read<'f>(files: &PackFiles, file: &'f str, columns: Option<&[&str]>, faults: &'f Faults) -> Vec<Record<'f>> {
    text_file(files, file, faults).map_or_else(Vec::new, |text| records(text, file, columns, faults))
}

fn label(record: &Record<'_>) -> Label {
    let need = |column: &str| {
        let text = record.text(column);
        if text.trim().is_empty() {
            record.fault(column, "the label is missing");
        }
        text
    };
    let label = Label {
        id: need("id"),
        en: need("en"),
        tet: record.optional("tet"),
        tet_reviewed: record.flag(csv::REVIEWED_COLUMN),
    };
    if label.tet_reviewed && label.tet.is_none() {
        record.fault(csv::REVIEWED_COLUMN, "there is no Tetun to review");
    }
    label
}

/// Reports a key that stands twice.
fn report_twice<'r, 'f: 'r>(records: impl IntoIterator<Item = &'r Record<'f>>, column: &str) {
    let mut seen = std::collections::BTreeSet::new();
    for record in records {
        if !seen.insert(record.text(column)) {
            record.fault(column, format!("{} stands twice", record.text(column)));
        }
    }
}

pub(super) fn legal_basis(mut node: Node<'_>) -> LegalBasis {
    let basis = LegalBasis { key: node.need_text("key"), label: node.label() };
    node.finish();
    basis
}

pub(super) fn units(files: &PackFiles, faults: &Faults) -> Vec<Unit> {
    let records = read(files, "units.csv", Some(&["key", "id", "en", "tet", "basis"]), faults);
    report_twice(&records, "key");
    records
        .iter()
        .map(|record| Unit { key: record.need("key"), label: label(record), basis: record.text("basis") })
        .collect()
}

pub(super) fn offices(files: &PackFiles, faults: &Faults) -> Vec<Office> {
    let columns = ["key", "id", "en", "tet", "sort", "units"];
    let records = read(files, "offices.csv", Some(&columns), faults);
    report_twice(&records, "key");
    records
        .iter()
        .map(|record| Office {
            key: record.need("key"),
            label: label(record),
            sort: record.text("sort"),
            units: record.text("units").split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
}

pub(super) fn roles(files: &PackFiles, faults: &Faults) -> Vec<Role> {
    let columns = ["key", "id", "en", "tet", "basis", "duty"];
    let records = read(files, "roles.csv", Some(&columns), faults);
    report_twice(&records, "key");
    records
        .iter()
        .map(|record| Role {
            key: record.need("key"),
            label: label(record),
            basis: record.text("basis"),
            duty: record.flag("duty"),
        })
        .collect()
}

pub(super) fn grid(files: &PackFiles, faults: &Faults) -> Grid {
    let records = read(files, "grid.csv", None, faults);
    report_twice(&records, "row");
    let mut rows = BTreeMap::new();
    for record in &records {
        let mut cells = BTreeMap::new();
        for (role, text) in record.cells().filter(|(column, _)| *column != "row") {
            match Cell::parse(text) {
                Some(cell) => {
                    cells.insert(role.to_owned(), cell);
                }
                None => record.fault(role, format!("{text:?} is no cell: - A P B c R W, with \" t\" after P c R W")),
            }
        }
        rows.insert(record.need("row"), cells);
    }
    Grid { rows }
}

pub(super) fn code_lists(files: &PackFiles, faults: &Faults) -> BTreeMap<String, CodeList> {
    let mut lists = BTreeMap::new();
    let list_records = read(files, "code_lists.csv", Some(&["list", "source"]), faults);
    report_twice(&list_records, "list");
    for record in &list_records {
        let list = CodeList { source: record.need("source"), codes: Vec::new() };
        lists.insert(record.need("list"), list);
    }
    let more = files.keys().filter(|path| path.starts_with(CODES_FOLDER));
    for file in std::iter::once(CODES_FILE).chain(more.map(String::as_str)) {
        read_codes(files, file, faults, &mut lists);
    }
    lists
}

fn read_codes(files: &PackFiles, file: &str, faults: &Faults, lists: &mut BTreeMap<String, CodeList>) {
    let columns = ["list", "code", "id", "en", "tet", "retired"];
    for record in read(files, file, Some(&columns), faults) {
        let name = record.need("list");
        let Some(list) = lists.get_mut(&name) else {
            record.fault("list", format!("code_lists.csv has no list {name}"));
            continue;
        };
        let code = record.need("code");
        if list.find(&code).is_some() {
            record.fault("code", format!("{name} has {code} already"));
        }
        if !is_code(&code) {
            record.fault("code", "a code has only letters, digits, + - _");
        }
        if file != CODES_FILE {
            faults.remember(check::origin_of_code(&name, &code), file);
        }
        list.codes.push(Code { code, label: label(&record), retired: record.flag("retired") });
    }
}

/// Codes stand in document keys behind `/`.
fn is_code(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
}

pub(super) fn areas(files: &PackFiles, faults: &Faults) -> BTreeMap<String, Area> {
    let records = read(files, "areas.csv", Some(&["code", "name", "level", "parent"]), faults);
    report_twice(&records, "code");
    let mut areas = BTreeMap::new();
    for record in &records {
        let Some(level) = AreaLevel::parse(&record.text("level")) else {
            record.fault("level", format!("there is no level {:?}", record.text("level")));
            continue;
        };
        let area = Area { name: record.need("name"), level, parent: record.optional("parent") };
        areas.insert(record.need("code"), area);
    }
    areas
}

/// Reads the crossing and transit points; a pack may do without.
pub(super) fn crossings(files: &PackFiles, faults: &Faults) -> Vec<Crossing> {
    let columns = ["code", "sort", "area", "opposite", "verified", "source"];
    let records = read(files, CROSSINGS_FILE, Some(&columns), faults);
    report_twice(&records, "code");
    records
        .iter()
        .map(|record| Crossing {
            code: record.need("code"),
            sort: record.need("sort"),
            area: record.optional("area"),
            opposite: record.optional("opposite"),
            verified: record.flag("verified"),
        })
        .collect()
}

pub(super) fn emergency(files: &PackFiles, faults: &Faults) -> Vec<EmergencyNumber> {
    let columns = ["area", "service", "id", "en", "tet", "phone", "whatsapp", "checked", "example", "duty"];
    read(files, "emergency.csv", Some(&columns), faults)
        .iter()
        .map(|record| EmergencyNumber {
            area: record.optional("area"),
            service: record.need("service"),
            label: label(record),
            phone: record.need("phone"),
            whatsapp: record.optional("whatsapp"),
            checked: record.optional("checked"),
            example: record.flag("example"),
            duty: record.flag("duty"),
        })
        .collect()
}
