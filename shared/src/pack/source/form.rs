//! Reads `forms/*.toml`: pages, and the fields described where they are asked.

use std::collections::BTreeMap;

use super::condition::{Home, parse_condition, parse_place, parse_rows};
use super::field::{read_conditions, read_field};
use super::node::{Faults, Node};
use super::{FORMS_FOLDER, PackFiles, toml_file};
use crate::pack::field::{Condition, FieldSpec};
use crate::pack::form::{Alarm, Derivation, Duty, FieldRef, Form, Item, Note, Page, RegisterView, Spoken, Weight};
use crate::pack::kind::Kind;

/// Kinds by name, growing while forms describe their fields.
type Kinds = BTreeMap<String, Kind>;

/// Says where fields of a page go unless they say otherwise.
struct PageHome {
    /// The page, for faults of its items.
    key: String,
    home: Home,
    part: Option<String>,
}

/// Reads every form, in the order of its `order`.
pub(super) fn read_forms(files: &PackFiles, faults: &Faults, kinds: &mut Kinds) -> Vec<Form> {
    let mut forms: Vec<(i64, Form)> = Vec::new();
    for path in files.keys().filter(|path| path.starts_with(FORMS_FOLDER)) {
        let Some(mut node) = toml_file(files, path, faults) else {
            continue;
        };
        let order = node.need_number("order");
        let form = read_form(node, kinds);
        faults.remember(format!("form {}", form.key), path);
        if forms.iter().any(|(_, other)| other.key == form.key) {
            faults.push(path, "key", format!("the form {} stands twice", form.key));
        }
        forms.push((order, form));
    }
    forms.sort_by(|(left, left_form), (right, right_form)| (left, &left_form.key).cmp(&(right, &right_form.key)));
    forms.into_iter().map(|(_, form)| form).collect()
}

fn read_form(mut node: Node<'_>, kinds: &mut Kinds) -> Form {
    let rows_of = node.text("rows_of").and_then(|text| {
        let target = parse_rows(&text);
        if target.is_none() {
            node.fault("rows_of", "is not kind:table");
        }
        target
    });
    let home = rows_of.as_ref().map_or_else(
        || Home { kind: node.text("kind").unwrap_or_default(), table: None },
        |target| Home { kind: target.kind.clone(), table: Some(target.table.clone()) },
    );
    let form = Form {
        key: node.need_text("key"),
        label: node.label(),
        rows_of,
        pages: node.children("page").into_iter().map(|page| read_page(page, &home, kinds)).collect(),
    };
    node.finish();
    form
}

fn read_page(mut node: Node<'_>, form_home: &Home, kinds: &mut Kinds) -> Page {
    let key = node.need_text("key");
    node.rename(&key);
    let own_home = node.text("kind").map(|kind| Home { kind, table: None });
    let page_home =
        PageHome { key: key.clone(), home: own_home.unwrap_or_else(|| form_home.clone()), part: node.text("part") };
    let page = Page {
        key,
        label: node.label(),
        help: node.optional_label("help_"),
        required: node.flag("required"),
        // Pages ask about the form's own kind even where their fields go elsewhere.
        show_when: read_conditions(&mut node, "show_when", Some(form_home)),
        items: node.children("item").into_iter().filter_map(|item| read_item(item, &page_home, kinds)).collect(),
    };
    node.finish();
    page
}

fn read_item(mut node: Node<'_>, page: &PageHome, kinds: &mut Kinds) -> Option<Item> {
    if node.flag("note") {
        return Some(Item::Note(read_note(node, &page.home)));
    }
    if let Some(text) = node.text("rows") {
        let target = parse_rows(&text);
        if target.is_none() {
            node.fault("rows", "is not kind:table");
        }
        node.finish();
        return target.map(Item::Rows);
    }
    if let Some(text) = node.text("use") {
        let place = parse_place(&text, Some(&page.home));
        if place.is_none() {
            node.fault("use", "is not kind:key or kind:table.key");
        }
        node.finish();
        return place.map(Item::Field);
    }
    let key = node.need_text("field");
    node.rename(&format!("{}.{key}", page.key));
    let place = FieldRef {
        kind: node.text("kind").unwrap_or_else(|| page.home.kind.clone()),
        table: node.text("table").or_else(|| page.home.table.clone()),
        key,
    };
    describe(node, &place, page, kinds);
    Some(Item::Field(place))
}

/// Puts the description of a field into its kind.
fn describe(node: Node<'_>, place: &FieldRef, page: &PageHome, kinds: &mut Kinds) {
    let Some(fields) = fields_of(kinds, place) else {
        node.fault("kind", format!("there is no kind or table {}", print_owner(place)));
        return;
    };
    if fields.contains_key(&place.key) {
        node.fault("field", format!("{} has this field already", print_owner(place)));
    }
    let home = Home { kind: place.kind.clone(), table: place.table.clone() };
    node.remember(place.to_string());
    let spec = read_field(node, &home, page.part.clone());
    fields.insert(place.key.clone(), spec);
    if let Some(table) = place.table.as_ref().and_then(|table| kinds.get_mut(&place.kind)?.tables.get_mut(table)) {
        table.order.push(place.key.clone());
    }
}

fn fields_of<'k>(kinds: &'k mut Kinds, place: &FieldRef) -> Option<&'k mut BTreeMap<String, FieldSpec>> {
    let kind = kinds.get_mut(&place.kind)?;
    match &place.table {
        None => Some(&mut kind.fields),
        Some(table) => kind.tables.get_mut(table).map(|table| &mut table.fields),
    }
}

fn print_owner(place: &FieldRef) -> String {
    match &place.table {
        None => place.kind.clone(),
        Some(table) => format!("{}:{table}", place.kind),
    }
}

fn read_note(mut node: Node<'_>, home: &Home) -> Note {
    let note = Note {
        label: node.label(),
        read_aloud: node.flag("read_aloud"),
        spoken: read_spoken(&mut node),
        warning: node.flag("warning"),
        show_when: read_conditions(&mut node, "show_when", Some(home)),
    };
    node.finish();
    note
}

/// Reads `spoken`: one table per interview language, with `language`, `text` and `reviewed`.
fn read_spoken(note: &mut Node<'_>) -> BTreeMap<String, Spoken> {
    let mut spoken = BTreeMap::new();
    for mut node in note.children("spoken") {
        let language = node.need_text("language");
        let text = node.need_text("text");
        if text.trim().is_empty() {
            node.fault("text", "the sentence is missing");
        }
        let said = Spoken { text, reviewed: node.flag("reviewed") };
        if spoken.contains_key(&language) {
            node.fault("language", format!("{language} stands twice"));
        }
        node.finish();
        spoken.insert(language, said);
    }
    spoken
}

/// Reads one derivation of `derive.toml`.
pub(super) fn read_derivation(mut node: Node<'_>) -> Option<Derivation> {
    let condition = need_condition(&mut node, "when");
    let sets = node.need_text("set");
    let place = parse_place(&sets, None);
    if place.is_none() {
        node.fault("set", "is not kind:key");
    }
    let to = node.scalar("to");
    if to.is_none() {
        node.fault("to", "is missing");
    }
    let preset = node.flag("preset");
    node.finish();
    Some(Derivation { when: condition?, sets: place?, to: to?, preset })
}

/// Reads one duty of `derive.toml`.
pub(super) fn read_duty(mut node: Node<'_>) -> Option<Duty> {
    let (when, done) = (need_condition(&mut node, "when"), need_condition(&mut node, "done"));
    let (label, hours) = (node.label(), node.need_number("hours"));
    node.finish();
    Some(Duty { label, when: when?, done: done?, hours })
}

/// Reads one view of `derive.toml`.
pub(super) fn read_view(mut node: Node<'_>) -> RegisterView {
    let (any, all) = (read_conditions(&mut node, "any", None), read_conditions(&mut node, "all", None));
    let view = RegisterView { label: node.label(), any, all };
    node.finish();
    view
}

/// Reads one weight of `derive.toml`.
pub(super) fn read_weight(mut node: Node<'_>) -> Weight {
    let weight = Weight { label: node.label(), of: node.texts("of") };
    node.finish();
    weight
}

/// Reads who hears of a danger that nobody takes over.
pub(super) fn read_alarm(mut node: Node<'_>) -> Alarm {
    let alarm = Alarm { minutes: node.need_number("minutes"), roles: node.texts("roles") };
    node.finish();
    alarm
}

fn need_condition(node: &mut Node<'_>, key: &str) -> Option<Condition> {
    let text = node.need_text(key);
    let condition = parse_condition(&text, None);
    if condition.is_none() {
        node.fault(key, format!("cannot be read: {text}"));
    }
    condition
}
