//! Reads places (`kind:table.key`) and conditions (`kind:key = A | B`).

use crate::pack::field::{Condition, ConditionTest};
use crate::pack::form::{FieldRef, RowTarget};
use crate::value::Scalar;

/// Says what a place without a kind means.
#[derive(Clone)]
pub(super) struct Home {
    pub(super) kind: String,
    pub(super) table: Option<String>,
}

/// Reads `key`, `kind:key` or `kind:table.key`.
pub(super) fn parse_place(text: &str, home: Option<&Home>) -> Option<FieldRef> {
    let text = text.trim();
    let place = match text.split_once(':') {
        Some((kind, rest)) => {
            let (table, key) = match rest.split_once('.') {
                Some((table, key)) => (Some(table.to_owned()), key),
                None => (None, rest),
            };
            FieldRef { kind: kind.to_owned(), table, key: key.to_owned() }
        }
        None => {
            let home = home?;
            FieldRef { kind: home.kind.clone(), table: home.table.clone(), key: text.to_owned() }
        }
    };
    let filled = !place.kind.is_empty() && !place.key.is_empty() && place.table.as_deref() != Some("");
    filled.then_some(place)
}

/// Reads `kind:table`.
pub(super) fn parse_rows(text: &str) -> Option<RowTarget> {
    let (kind, table) = text.split_once(':')?;
    (!kind.is_empty() && !table.is_empty()).then(|| RowTarget { kind: kind.to_owned(), table: table.to_owned() })
}

/// Reads `place = A | B` (a code of digits in quotes: `'2'`), `place != A`, `place >= 3`, `place <= 17` or `place = any`.
pub(super) fn parse_condition(text: &str, home: Option<&Home>) -> Option<Condition> {
    let (place, test) = if let Some((place, number)) = text.split_once(">=") {
        (place, ConditionTest::AtLeast(number.trim().parse().ok()?))
    } else if let Some((place, number)) = text.split_once("<=") {
        (place, ConditionTest::AtMost(number.trim().parse().ok()?))
    } else if let Some((place, values)) = text.split_once("!=") {
        (place, ConditionTest::NoneOf(parse_values(values)?))
    } else {
        let (place, values) = text.split_once('=')?;
        let test =
            if values.trim() == "any" { ConditionTest::Answered } else { ConditionTest::AnyOf(parse_values(values)?) };
        (place, test)
    };
    let FieldRef { kind, table, key } = parse_place(place, home)?;
    Some(Condition { kind, table, key, test })
}

fn parse_values(text: &str) -> Option<Vec<Scalar>> {
    text.split('|')
        .map(|value| match value.trim() {
            "" => None,
            "true" => Some(Scalar::Bool(true)),
            "false" => Some(Scalar::Bool(false)),
            quoted if quoted.len() > 2 && quoted.starts_with('\'') && quoted.ends_with('\'') => {
                Some(Scalar::from(quoted.trim_matches('\'')))
            }
            other => Some(other.parse().map_or_else(|_| Scalar::from(other), Scalar::Int)),
        })
        .collect()
}
