//! Reads the description of one field.

use super::condition::{Home, parse_condition, parse_place};
use super::node::Node;
use crate::pack::field::{
    Bearer, Condition, FieldSpec, FieldType, LONG_TEXT_CHARS_DEFAULT, Sensitivity, TEXT_CHARS_DEFAULT, Withheld, Writer,
};

/// Reads everything but the key, and finishes the node.
pub(super) fn read_field(mut node: Node<'_>, home: &Home, part: Option<String>) -> FieldSpec {
    let spec = FieldSpec {
        label: node.label(),
        help: node.optional_label("help_"),
        value: read_type(&mut node),
        sensitivity: read_sensitivity(&mut node),
        required: node.flag("required"),
        name_free: node.flag("name_free"),
        names: node.flag("names"),
        bearer: read_bearer(&mut node),
        part: node.text("part").or(part),
        writer: read_writer(&mut node),
        show_when: read_conditions(&mut node, "show_when", Some(home)),
        safest: node.scalars("safest"),
        withheld: read_withheld(&mut node, home),
        alone: node.texts("alone"),
        retired: node.flag("retired"),
    };
    node.finish();
    spec
}

/// Reads `born`, `woman` and `man`: where the case tells what a population number says too.
fn read_bearer(node: &mut Node<'_>) -> Option<Bearer> {
    if !node.has("born") {
        return None;
    }
    let born = parse_place(&node.need_text("born"), None);
    let [woman, man] = ["woman", "man"].map(|name| parse_condition(&node.need_text(name), None));
    let bearer = born.zip(woman).zip(man).map(|((born, woman), man)| Bearer { born, woman, man });
    if bearer.is_none() {
        node.fault("born", "needs a place, woman and man a condition each");
    }
    bearer
}

/// Reads `withhold`, codes that are not offered, and `withhold_when`, which says at what times.
fn read_withheld(node: &mut Node<'_>, home: &Home) -> Option<Withheld> {
    let codes = node.texts("withhold");
    let when = read_conditions(node, "withhold_when", Some(home));
    match (codes.is_empty(), when.is_empty()) {
        (true, true) => None,
        (false, false) => Some(Withheld { codes, when }),
        (false, true) => {
            node.fault("withhold", "does not say when: withhold_when is missing");
            None
        }
        (true, false) => {
            node.fault("withhold_when", "does not say what: withhold is missing");
            None
        }
    }
}

/// Reads the conditions written under a name, such as `show_when`; without a home each names its kind.
pub(super) fn read_conditions(node: &mut Node<'_>, name: &'static str, home: Option<&Home>) -> Vec<Condition> {
    let texts = node.texts(name);
    texts
        .iter()
        .filter_map(|text| {
            let condition = parse_condition(text, home);
            if condition.is_none() {
                node.fault(name, format!("cannot be read: {text}"));
            }
            condition
        })
        .collect()
}

fn read_type(node: &mut Node<'_>) -> FieldType {
    let name = node.need_text("type");
    match name.as_str() {
        "code" => FieldType::Code { list: node.need_text("list") },
        "many" => FieldType::Many { list: node.need_text("list") },
        "text" => FieldType::Text { chars_max: read_chars_max(node, TEXT_CHARS_DEFAULT) },
        "long_text" => FieldType::LongText { chars_max: read_chars_max(node, LONG_TEXT_CHARS_DEFAULT) },
        "number" => read_number(node),
        "money" => FieldType::Money,
        "yes_no" => FieldType::YesNo,
        "flag" => FieldType::Flag,
        "date" => FieldType::Date,
        "time" => FieldType::Time,
        "instant" => FieldType::Instant,
        "area" => FieldType::Area,
        "account" => FieldType::Account,
        "subject" => FieldType::Subject,
        "office" => FieldType::Office,
        "role" => FieldType::Role,
        "phone" => FieldType::Phone,
        "nik" => FieldType::Nik,
        other => {
            if !other.is_empty() {
                node.fault("type", format!("there is no type {other}"));
            }
            FieldType::Flag
        }
    }
}

fn read_number(node: &mut Node<'_>) -> FieldType {
    let (min, max) = (node.need_number("min"), node.need_number("max"));
    if min > max {
        node.fault("max", "is less than min");
    }
    FieldType::Number { min, max }
}

fn read_chars_max(node: &mut Node<'_>, default: u32) -> u32 {
    if !node.has("chars_max") {
        return default;
    }
    let chars_max = node.need_number("chars_max");
    if chars_max == 0 || chars_max > LONG_TEXT_CHARS_DEFAULT {
        node.fault("chars_max", format!("is not between 1 and {LONG_TEXT_CHARS_DEFAULT}"));
    }
    chars_max
}

fn read_sensitivity(node: &mut Node<'_>) -> Sensitivity {
    match node.need_text("sens").as_str() {
        "S0" => Sensitivity::S0,
        "S1" => Sensitivity::S1,
        "S2" => Sensitivity::S2,
        "S3" => Sensitivity::S3,
        other => {
            if !other.is_empty() {
                node.fault("sens", format!("{other} is none of S0, S1, S2, S3"));
            }
            Sensitivity::S3
        }
    }
}

fn read_writer(node: &mut Node<'_>) -> Writer {
    match node.text("writer").as_deref() {
        None | Some("grid") => Writer::Grid,
        Some("author") => Writer::Author,
        Some("taker") => Writer::Taker,
        Some(other) => {
            node.fault("writer", format!("{other} is none of grid, author, taker"));
            Writer::Grid
        }
    }
}
