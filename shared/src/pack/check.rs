//! Checks a pack as a whole: that everything it points at is there, and that a newer one takes nothing away.
//!
//! Owns every rule that needs more than one file. Reading one file is `source`'s work.

use std::collections::{BTreeMap, BTreeSet};

use super::Pack;
use super::area::Area;
use super::fault::PackFault;
use super::field::{Condition, ConditionTest, FieldSpec};
use super::form::{FieldRef, Form, Item, PAGE_INPUTS_MAX};
use super::schema::{EMPTY_ANSWERS, FieldPath, REMOVED_KEY};
use crate::date::PartialDate;
use crate::value::Scalar;

mod against;
mod core_kinds;

pub use against::against;

/// Which file describes a field (`kind:key`) or a form (`form f1`).
pub(in crate::pack) type Origins = BTreeMap<String, String>;

const KINDS_FILE: &str = "kinds.toml";
const PACK_FILE: &str = "pack.toml";

/// Lists what is wrong with a pack that could be read.
pub(in crate::pack) fn pack_faults(pack: &Pack, origins: &Origins) -> Vec<PackFault> {
    let mut check = Check { pack, origins, found: Vec::new() };
    check.head();
    check.organisation();
    check.areas();
    check.code_lists();
    check.fields();
    check.grid();
    check.forms();
    check.derivations();
    let mut found = check.found;
    found.extend(core_kinds::faults(pack));
    found
}

/// Lists every field of a pack with its place.
pub(super) fn all_fields(pack: &Pack) -> impl Iterator<Item = (FieldRef, &FieldSpec)> {
    pack.kinds.iter().flat_map(|(kind, spec)| {
        let place = move |table: Option<&String>, key: &String| FieldRef {
            kind: kind.clone(),
            table: table.cloned(),
            key: key.clone(),
        };
        let own = spec.fields.iter().map(move |(key, field)| (place(None, key), field));
        let of_tables = spec.tables.iter().flat_map(move |(name, table)| {
            table.fields.iter().map(move |(key, field)| (place(Some(name), key), field))
        });
        own.chain(of_tables)
    })
}

struct Check<'a> {
    pack: &'a Pack,
    origins: &'a Origins,
    found: Vec<PackFault>,
}

impl Check<'_> {
    fn fault(&mut self, file: &str, key: impl Into<String>, reason: impl Into<String>) {
        self.found.push(PackFault::new(file, key, reason));
    }

    fn origin(&self, what: &str) -> String {
        self.origins.get(what).cloned().unwrap_or_else(|| KINDS_FILE.to_owned())
    }

    fn head(&mut self) {
        if !is_key(&self.pack.id) {
            self.fault(PACK_FILE, "key", "is not made of a-z, 0-9 and _");
        }
        if self.pack.version == 0 {
            self.fault(PACK_FILE, "version", "counts from 1");
        }
        if !(-12 * 60..=14 * 60).contains(&self.pack.zone.offset_minutes) {
            self.fault(PACK_FILE, "zone.offset_minutes", "no zone of the world has this offset");
        }
        if !self.pack.areas.contains_key(&self.pack.home_area) {
            self.fault(PACK_FILE, "home_area", format!("areas.csv has no {}", self.pack.home_area));
        }
        if self.pack.legal_basis.is_empty() {
            self.fault(PACK_FILE, "legal", "a task force stands on some law");
        }
    }

    fn organisation(&mut self) {
        let pack = self.pack;
        for office in &pack.offices {
            for unit in office.units.iter().filter(|unit| pack.unit(unit).is_none()) {
                self.fault("offices.csv", &office.key, format!("units.csv has no {unit}"));
            }
        }
        if !pack.roles.iter().any(|role| role.duty) {
            self.fault("roles.csv", "duty", "nobody is on duty to take a report over");
        }
        for number in &pack.emergency {
            let key = format!("{} {}", number.area.as_deref().unwrap_or("(everywhere)"), number.service);
            if number.area.as_ref().is_some_and(|area| !pack.areas.contains_key(area)) {
                self.fault("emergency.csv", &key, "areas.csv has no such area");
            }
            if !pack.has_code("layanan_darurat", &number.service) {
                self.fault("emergency.csv", &key, "the list layanan_darurat has no such service");
            }
            if !number.phone.bytes().any(|byte| byte.is_ascii_digit()) {
                self.fault("emergency.csv", &key, "the telephone number has no digit");
            }
            if number.checked.as_ref().is_some_and(|date| PartialDate::parse(date).is_err()) {
                self.fault("emergency.csv", &key, "the day it was checked is no civil date");
            }
        }
    }

    fn areas(&mut self) {
        let areas = &self.pack.areas;
        for (code, area) in areas {
            let Some(parent) = &area.parent else { continue };
            match areas.get(parent) {
                None => self.fault("areas.csv", code, format!("lies in {parent}, which is not there")),
                Some(Area { level, .. }) if !area.level.fits_in(*level) => {
                    self.fault("areas.csv", code, format!("cannot lie in {parent}: the levels do not fit"));
                }
                Some(_) => {}
            }
        }
    }

    fn code_lists(&mut self) {
        let pack = self.pack;
        for (name, list) in &pack.code_lists {
            if list.codes.is_empty() {
                self.fault("codes.csv", name, "the list has no codes");
            }
            for code in list.codes.iter().filter(|code| !is_code(&code.code)) {
                self.fault("codes.csv", format!("{name} {}", code.code), "a code has only letters, digits, + - _");
            }
        }
        for answer in EMPTY_ANSWERS.iter().filter(|answer| !pack.has_code("jawaban_kosong", answer)) {
            self.fault("codes.csv", "jawaban_kosong", format!("lacks the empty answer {answer}"));
        }
    }

    fn fields(&mut self) {
        let pack = self.pack;
        for (place, field) in all_fields(pack) {
            let (file, key) = (self.origin(&place.to_string()), place.to_string());
            if !is_key(&place.key) || place.key == REMOVED_KEY {
                self.fault(&file, &key, "a field's key is made of a-z, 0-9 and _, and is not dihapus");
            }
            if let Some(list) = field.value.list().filter(|list| !pack.code_lists.contains_key(*list)) {
                self.fault(&file, &key, format!("there is no code list {list}"));
            }
            if let Some(part) = field.part.as_ref().filter(|part| !pack.grid.rows.contains_key(*part)) {
                self.fault(&file, &key, format!("the grid has no row {part}"));
            }
            for condition in &field.show_when {
                self.condition(&file, &key, condition);
            }
        }
    }

    fn condition(&mut self, file: &str, key: &str, condition: &Condition) {
        let pack = self.pack;
        let path = condition
            .table
            .as_deref()
            .map_or(FieldPath::Field(&condition.key), |table| FieldPath::Row { table, key: &condition.key });
        let Some(slot) = pack.schema(&condition.kind).and_then(|schema| schema.field(&path)) else {
            self.fault(file, key, format!("asks for {}:{}, which is no field", condition.kind, condition.key));
            return;
        };
        let values = match &condition.test {
            ConditionTest::AnyOf(values) | ConditionTest::NoneOf(values) => values.clone(),
            ConditionTest::AtLeast(number) => vec![Scalar::Int(*number)],
            ConditionTest::Answered => Vec::new(),
        };
        for value in values.iter().filter(|value| slot.accepts(value).is_err()) {
            self.fault(file, key, format!("{}:{} can never be {value}", condition.kind, condition.key));
        }
    }

    fn grid(&mut self) {
        let pack = self.pack;
        let of_tables =
            pack.kinds.values().flat_map(|kind| kind.tables.values()).filter_map(|table| table.part.as_ref());
        let fields: Vec<_> = all_fields(pack).collect();
        let of_fields = fields.iter().filter_map(|(_, field)| field.part.as_ref());
        let wanted: BTreeSet<&String> = pack.kinds.keys().chain(of_tables).chain(of_fields).collect();
        for row in &wanted {
            let Some(cells) = pack.grid.rows.get(*row) else {
                self.fault("grid.csv", *row, "the grid has no row for it");
                continue;
            };
            for role in pack.roles.iter().filter(|role| !cells.contains_key(&role.key)) {
                self.fault("grid.csv", *row, format!("no cell for the role {}", role.key));
            }
            for role in cells.keys().filter(|role| pack.role(role).is_none()) {
                self.fault("grid.csv", role, "roles.csv has no such role");
            }
        }
        for row in pack.grid.rows.keys().filter(|row| !wanted.contains(row)) {
            self.fault("grid.csv", row, "no kind or part has this name");
        }
    }

    fn forms(&mut self) {
        for form in &self.pack.forms {
            let file = self.origin(&format!("form {}", form.key));
            self.form(&file, form);
        }
    }

    fn form(&mut self, file: &str, form: &Form) {
        let pack = self.pack;
        let has_table =
            |kind: &str, table: &str| pack.kinds.get(kind).is_some_and(|kind| kind.tables.contains_key(table));
        if let Some(target) = form.rows_of.as_ref().filter(|target| !has_table(&target.kind, &target.table)) {
            self.fault(file, "rows_of", format!("there is no table {}:{}", target.kind, target.table));
        }
        let mut keys = BTreeSet::new();
        for page in &form.pages {
            if !keys.insert(&page.key) {
                self.fault(file, &page.key, "the page stands twice");
            }
            let inputs = page.input_count();
            if inputs > PAGE_INPUTS_MAX {
                self.fault(file, &page.key, format!("has {inputs} inputs, at most {PAGE_INPUTS_MAX} fit a page"));
            }
            for condition in &page.show_when {
                self.condition(file, &page.key, condition);
            }
            for item in &page.items {
                match item {
                    Item::Field(place) if pack.field(place).is_none() => {
                        self.fault(file, &page.key, format!("there is no field {place}"));
                    }
                    Item::Rows(target) if !has_table(&target.kind, &target.table) => {
                        self.fault(file, &page.key, format!("there is no table {}:{}", target.kind, target.table));
                    }
                    Item::Note(note) => {
                        for condition in &note.show_when {
                            self.condition(file, &page.key, condition);
                        }
                    }
                    Item::Field(_) | Item::Rows(_) => {}
                }
            }
        }
    }

    fn derivations(&mut self) {
        let pack = self.pack;
        for derivation in &pack.derivations {
            let key = format!("derive {}", derivation.sets);
            self.condition(PACK_FILE, &key, &derivation.when);
            let slot = pack
                .schema(&derivation.sets.kind)
                .and_then(|schema| schema.field(&FieldPath::Field(&derivation.sets.key)));
            match slot {
                None => self.fault(PACK_FILE, &key, "there is no such field"),
                Some(slot) if slot.accepts(&derivation.to).is_err() => {
                    self.fault(PACK_FILE, &key, format!("can never be {}", derivation.to));
                }
                Some(_) => {}
            }
        }
    }
}

/// Keys stand in document keys between `/` and `#`, and in test ids.
fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
}
