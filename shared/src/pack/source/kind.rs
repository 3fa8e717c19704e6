//! Reads `kinds.toml`.

use std::collections::BTreeMap;

use super::condition::Home;
use super::field::read_field;
use super::node::Node;
use crate::pack::field::FieldSpec;
use crate::pack::kind::{CreateRule, Kind, SubjectRule, Table};

/// Reads every kind with its tables and the fields that no form asks.
pub(super) fn read_kinds(mut root: Node<'_>) -> BTreeMap<String, Kind> {
    let mut kinds = BTreeMap::new();
    for mut node in root.children("kind") {
        let name = node.need_text("name");
        node.rename(&name);
        if kinds.contains_key(&name) {
            node.fault("name", "the kind stands twice");
        }
        let home = Home { kind: name.clone(), table: None };
        let kind = Kind {
            label: node.label(),
            subject: read_subject(&mut node),
            create: read_create(&mut node),
            named: node.flag("named"),
            fields: read_fields(&mut node, &home).0,
            tables: read_tables(&mut node, &name),
        };
        node.finish();
        kinds.insert(name, kind);
    }
    root.finish();
    kinds
}

fn read_tables(kind: &mut Node<'_>, kind_name: &str) -> BTreeMap<String, Table> {
    let mut tables = BTreeMap::new();
    for mut node in kind.children("table") {
        let name = node.need_text("name");
        node.rename(&format!("{kind_name}:{name}"));
        if tables.contains_key(&name) {
            node.fault("name", "the table stands twice");
        }
        let home = Home { kind: kind_name.to_owned(), table: Some(name.clone()) };
        let (fields, order) = read_fields(&mut node, &home);
        let table = Table { label: node.label(), part: node.text("part"), fields, order };
        node.finish();
        tables.insert(name, table);
    }
    tables
}

fn read_fields(owner: &mut Node<'_>, home: &Home) -> (BTreeMap<String, FieldSpec>, Vec<String>) {
    let mut fields = BTreeMap::new();
    let mut order = Vec::new();
    for mut node in owner.children("field") {
        let key = node.need_text("key");
        node.rename(&format!("{}{key}", owner.prefix()));
        if fields.contains_key(&key) {
            node.fault("key", "the field stands twice");
        }
        fields.insert(key.clone(), read_field(node, home, None));
        order.push(key);
    }
    (fields, order)
}

fn read_subject(node: &mut Node<'_>) -> SubjectRule {
    match node.need_text("subject").as_str() {
        "case" => SubjectRule::Case,
        "person" => SubjectRule::Person,
        "entry" => SubjectRule::Entry,
        other => {
            node.fault("subject", format!("{other:?} is none of case, person, entry"));
            SubjectRule::Case
        }
    }
}

fn read_create(node: &mut Node<'_>) -> CreateRule {
    match node.need_text("create").as_str() {
        "draft" => CreateRule::Draft,
        "rows" => CreateRule::Rows,
        "entry" => CreateRule::Entry,
        other => {
            node.fault("create", format!("{other:?} is none of draft, rows, entry"));
            CreateRule::Draft
        }
    }
}
