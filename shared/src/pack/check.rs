//! Checks a pack as a whole: that everything it points at is there, and that a newer one takes nothing away.
//!
//! Owns every rule that needs more than one file. Reading one file is `source`'s work.

use std::collections::{BTreeMap, BTreeSet};

use super::Pack;
use super::fault::PackFault;
use super::field::{Condition, ConditionTest, FieldSpec, FieldType};
use super::form::FieldRef;
use super::schema::{EMPTY_ANSWERS, FieldPath, REMOVED_KEY, SlotPart};
use crate::value::Scalar;

mod against;
mod core_kinds;
mod forms;
mod places;
mod stages;

pub(in crate::pack) use against::against;

/// Which file describes a field (`kind:key`), a form (`form f1`) or a code outside `codes.csv` (`code LIST CODE`).
pub(in crate::pack) type Origins = BTreeMap<String, String>;

/// Names a code among the origins.
pub(in crate::pack) fn origin_of_code(list: &str, code: &str) -> String {
    format!("code {list} {code}")
}

const KINDS_FILE: &str = "kinds.toml";
const PACK_FILE: &str = "pack.toml";

/// Lists what is wrong with a pack that could be read.
pub(in crate::pack) fn pack_faults(pack: &Pack, origins: &Origins) -> Vec<PackFault> {
    let mut check = Check { pack, origins, found: Vec::new() };
    check.head();
    check.organisation();
    check.areas();
    check.crossings();
    check.emergency();
    check.code_lists();
    check.fields();
    check.grid();
    check.forms();
    check.derivations();
    check.duties();
    check.views();
    check.weights();
    check.stages();
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
        for (index, basis) in self.pack.legal_basis.iter().enumerate() {
            if self.pack.legal_basis.iter().take(index).any(|earlier| earlier.key == basis.key) {
                self.fault(PACK_FILE, "legal", format!("{} stands twice", basis.key));
            }
        }
        let prefix = &self.pack.register_prefix;
        if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
            self.fault(PACK_FILE, "register_prefix", "is not made of A-Z and 0-9");
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
        if let Some(alarm) = &pack.alarm {
            if alarm.minutes == 0 || alarm.roles.is_empty() {
                self.fault("derive.toml", "alarm", "needs minutes, and a role that hears");
            }
            for role in alarm.roles.iter().filter(|role| pack.role(role).is_none()) {
                self.fault("derive.toml", "alarm", format!("roles.csv has no {role}"));
            }
        }
    }

    fn code_lists(&mut self) {
        let pack = self.pack;
        for (name, list) in &pack.code_lists {
            if list.codes.is_empty() {
                self.fault("codes.csv", name, "the list has no codes");
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
            if field.retired && field.required {
                self.fault(&file, &key, "is retired and cannot be required any more");
            }
            self.safest(&file, &key, &place, field);
            let is_many = matches!(field.value, FieldType::Many { .. });
            for code in &field.alone {
                if !is_many || !pack.has_code(field.value.list().unwrap_or_default(), code) {
                    self.fault(
                        &file,
                        &key,
                        format!("lets {code} stand alone, which is none of the codes it takes several of"),
                    );
                }
            }
            let withheld = field.withheld.as_ref();
            for condition in field.show_when.iter().chain(withheld.iter().flat_map(|withheld| &withheld.when)) {
                self.condition(&file, &key, condition);
            }
            if let Some(bearer) = &field.bearer {
                self.condition(&file, &key, &bearer.woman);
                self.condition(&file, &key, &bearer.man);
                if pack.field(&bearer.born).is_none_or(|born| born.value != FieldType::Date) {
                    self.fault(&file, &key, format!("its bearer is born on {}, which is no date", bearer.born));
                }
            }
            for code in withheld.iter().flat_map(|withheld| &withheld.codes) {
                let list = field.value.list().unwrap_or_default();
                if !pack.has_code(list, code) {
                    self.fault(&file, &key, format!("withholds {code}, which its list does not have"));
                }
            }
        }
    }

    /// An order that lacks a code would say nothing just when that code stands beside another.
    fn safest(&mut self, file: &str, key: &str, place: &FieldRef, field: &FieldSpec) {
        if field.safest.is_empty() {
            return;
        }
        let path = place
            .table
            .as_deref()
            .map_or(FieldPath::Field(&place.key), |table| FieldPath::Row { table, key: &place.key });
        let is_many = matches!(field.value, FieldType::Many { .. });
        let slot = self.pack.schema(&place.kind).and_then(|schema| schema.field(&path));
        let fits = |value: &Scalar| {
            let is_answer = is_many && value.as_bool().is_some();
            is_answer || slot.is_some_and(|slot| slot.accepts(value).is_ok())
        };
        for value in field.safest.iter().filter(|value| !fits(value)) {
            self.fault(file, key, format!("can never be {value}, which its order of safety names"));
        }
        let FieldType::Code { list } = &field.value else { return };
        let codes = self.pack.code_lists.get(list).into_iter().flat_map(|list| &list.codes);
        for code in codes.filter(|code| !field.safest.contains(&Scalar::from(code.code.as_str()))) {
            self.fault(file, key, format!("its order of safety lacks {}", code.code));
        }
    }

    fn condition(&mut self, file: &str, key: &str, condition: &Condition) {
        let pack = self.pack;
        let path = condition
            .table
            .as_deref()
            .map_or(FieldPath::Field(&condition.key), |table| FieldPath::Row { table, key: &condition.key });
        let Some(slot) = pack.schema(&condition.kind).and_then(|schema| schema.field(&path)) else {
            // A many-choice field has no value of its own, but may be asked whether any code is chosen.
            if condition.test != ConditionTest::Answered || !self.is_many(condition) {
                self.fault(file, key, format!("asks for {}, which is no field", asked(condition)));
            }
            return;
        };
        let values = match &condition.test {
            ConditionTest::AnyOf(values) | ConditionTest::NoneOf(values) => values.clone(),
            ConditionTest::AtLeast(number) | ConditionTest::AtMost(number) => vec![Scalar::Int(*number)],
            ConditionTest::Answered => Vec::new(),
        };
        for value in values.iter().filter(|value| slot.accepts(value).is_err()) {
            self.fault(file, key, format!("{} can never be {value}", asked(condition)));
        }
        if let SlotPart::Choice(code) = slot.part {
            let list = slot.spec().and_then(|spec| spec.value.list()).unwrap_or_default();
            if !pack.has_code(list, code) {
                self.fault(file, key, format!("{} can never be: the list {list} has no {code}", asked(condition)));
            }
        }
    }

    fn is_many(&self, condition: &Condition) -> bool {
        let place =
            FieldRef { kind: condition.kind.clone(), table: condition.table.clone(), key: condition.key.clone() };
        self.pack.field(&place).is_some_and(|field| matches!(field.value, FieldType::Many { .. }))
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
}

/// Writes the place a condition asks for, as packs write it.
fn asked(condition: &Condition) -> String {
    FieldRef { kind: condition.kind.clone(), table: condition.table.clone(), key: condition.key.clone() }.to_string()
}

/// Keys stand in document keys between `/` and `#`, and in test ids.
fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
