//! Checks a newer pack against an older one: documents outlive packs, so keys and codes are retired, never taken away.

use std::mem::discriminant;

use super::{KINDS_FILE, Origins, all_fields, origin_of_code};
use crate::pack::Pack;
use crate::pack::fault::PackFault;
use crate::pack::field::FieldType;

/// Lists what a newer pack removed or gave another type; `origins` says which file of the older one described a field.
#[must_use]
pub(in crate::pack) fn against(new: &Pack, old: &Pack, origins: &Origins) -> Vec<PackFault> {
    let mut found = Vec::new();
    let mut fault = |file: &str, key: String, reason: &str| found.push(PackFault::new(file, key, reason));
    if new.id != old.id {
        fault("pack.toml", "key".to_owned(), "is another pack's");
    }
    if new.version <= old.version && new != old {
        fault("pack.toml", "version".to_owned(), "has not grown although the pack changed");
    }
    for (name, kind) in &old.kinds {
        let Some(newer) = new.kinds.get(name) else {
            fault("kinds.toml", name.clone(), "the kind was removed");
            continue;
        };
        if newer.subject != kind.subject || newer.create != kind.create {
            fault("kinds.toml", name.clone(), "the kind's subject or create rule changed");
        }
        for table in kind.tables.keys().filter(|table| !newer.tables.contains_key(*table)) {
            fault("kinds.toml", format!("{name}:{table}"), "the table was removed");
        }
    }
    for (place, field) in all_fields(old) {
        let key = place.to_string();
        let file = origins.get(&key).map_or(KINDS_FILE, String::as_str);
        match new.field(&place) {
            None => fault(file, key, "the field was removed; retire it instead"),
            Some(newer) if !same_type(&newer.value, &field.value) => {
                fault(file, key, "the field has another type; retire it and add a new one");
            }
            Some(_) => {}
        }
    }
    for (name, list) in &old.code_lists {
        if !new.code_lists.contains_key(name) {
            fault("code_lists.csv", name.clone(), "the list was removed");
            continue;
        }
        for code in list.codes.iter().filter(|code| !new.has_code(name, &code.code)) {
            let file = origins.get(&origin_of_code(name, &code.code)).map_or("codes.csv", String::as_str);
            fault(file, format!("{name} {}", code.code), "the code was removed; retire it instead");
        }
    }
    for role in old.roles.iter().filter(|role| new.role(&role.key).is_none()) {
        fault("roles.csv", role.key.clone(), "the role was removed");
    }
    for unit in old.units.iter().filter(|unit| new.unit(&unit.key).is_none()) {
        fault("units.csv", unit.key.clone(), "the unit was removed");
    }
    for office in old.offices.iter().filter(|office| new.office(&office.key).is_none()) {
        fault("offices.csv", office.key.clone(), "the office was removed");
    }
    for area in old.areas.keys().filter(|area| !new.areas.contains_key(*area)) {
        fault("areas.csv", area.clone(), "the area was removed");
    }
    found
}

/// Lists must stay the same; limits may grow, never shrink under values that are already written.
fn same_type(new: &FieldType, old: &FieldType) -> bool {
    let limits_hold = match (new, old) {
        (FieldType::Text { chars_max: new }, FieldType::Text { chars_max: old })
        | (FieldType::LongText { chars_max: new }, FieldType::LongText { chars_max: old }) => new >= old,
        (FieldType::Number { min, max }, FieldType::Number { min: old_min, max: old_max }) => {
            min <= old_min && max >= old_max
        }
        _ => true,
    };
    discriminant(new) == discriminant(old) && new.list() == old.list() && limits_hold
}
