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

/// Reads `place = A | B`, `place != A`, `place >= 3`, `place <= 17` or `place = any`; a code of digits stands in quotes:
/// `place = '2'`.
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
            other => Some(match other.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
                Some(quoted) => Scalar::from(quoted),
                None => other.parse().map_or_else(|_| Scalar::from(other), Scalar::Int),
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test_of(text: &str) -> Option<ConditionTest> {
        let home = Home { kind: "identification".to_owned(), table: None };
        parse_condition(text, Some(&home)).map(|condition| condition.test)
    }

    #[test]
    fn conditions_are_read_as_packs_write_them() {
        assert_eq!(test_of("usia <= 17"), Some(ConditionTest::AtMost(17)));
        assert_eq!(test_of("jumlah >= 1"), Some(ConditionTest::AtLeast(1)));
        assert_eq!(test_of("proses = any"), Some(ConditionTest::Answered));
        assert_eq!(test_of("status = '2' | 3"), Some(ConditionTest::AnyOf(vec![Scalar::from("2"), Scalar::Int(3)])));
        assert_eq!(test_of("anak != true"), Some(ConditionTest::NoneOf(vec![Scalar::Bool(true)])));
        for broken in ["usia", "usia <= tujuh", "= 3", "usia = ", "usia = 1 |"] {
            assert_eq!(test_of(broken), None, "{broken}");
        }
    }

    #[test]
    fn an_empty_field_is_neither_old_nor_young() {
        let most = ConditionTest::AtMost(17);
        assert!(most.holds(&Scalar::Int(17)) && !most.holds(&Scalar::Int(18)) && !most.holds(&Scalar::Null));
    }
}
