//! Fields that the pack sets from answers: the emergency flag, the child's flag, presets.
//!
//! Owns which values follow from an answer; writes nothing. Called by `write`.

use shared::order::Arrange as _;
use shared::pack::{Derivation, FieldRef};
use shared::value::Scalar;

/// Tells whether a derivation hangs on this field.
fn hangs_on(derivation: &Derivation, kind: &str, key: &str) -> bool {
    derivation.when.kind == kind && derivation.when.key == key
}

/// Lists every field that bears on what an answer sets: the fields set, and the other answers that set them too.
#[must_use]
pub fn bearing(derivations: &[Derivation], kind: &str, key: &str) -> Vec<(String, String)> {
    let touched: Vec<&FieldRef> =
        derivations.iter().filter(|one| hangs_on(one, kind, key)).map(|one| &one.sets).collect();
    let rivals = derivations.iter().filter(|one| touched.contains(&&one.sets));
    let mut fields: Vec<(String, String)> = rivals
        .flat_map(|one| [(one.sets.kind.clone(), one.sets.key.clone()), (one.when.kind.clone(), one.when.key.clone())])
        .collect();
    fields.arrange();
    fields.dedup();
    fields
}

/// What an answer makes of the fields that hang on it; `stands` tells what other fields hold, null when nothing.
///
/// A flag holds while any answer asks for it, so that a later answer cannot take away what an earlier one set. A preset is
/// written only where nothing stands.
pub fn follow(
    derivations: &[Derivation],
    (kind, key): (&str, &str),
    answer: &Scalar,
    stands: impl Fn(&str, &str) -> Scalar,
) -> Vec<(FieldRef, Scalar)> {
    let mut follows: Vec<(FieldRef, Scalar)> = Vec::new();
    for derivation in derivations.iter().filter(|one| hangs_on(one, kind, key)) {
        if follows.iter().any(|(sets, _)| *sets == derivation.sets) {
            continue;
        }
        let holds = |one: &&Derivation| {
            if hangs_on(one, kind, key) {
                one.when.test.holds(answer)
            } else {
                !one.preset && one.when.test.holds(&stands(&one.when.kind, &one.when.key))
            }
        };
        let before = stands(&derivation.sets.kind, &derivation.sets.key);
        let after = match derivations.iter().filter(|one| one.sets == derivation.sets).find(holds) {
            Some(found) if found.preset && !before.is_null() => continue,
            Some(found) => found.to.clone(),
            None if derivation.preset || before.is_null() => continue,
            None if derivation.to == Scalar::Bool(true) => Scalar::Bool(false),
            None => Scalar::Null,
        };
        if after != before {
            follows.push((derivation.sets.clone(), after));
        }
    }
    follows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shared::pack::{Condition, ConditionTest};

    use super::*;

    fn derivation(key: &str, test: ConditionTest, sets: &str, to: Scalar, preset: bool) -> Derivation {
        let when = Condition { kind: String::from("intake"), table: None, key: key.to_owned(), test };
        let sets = FieldRef { kind: String::from("intake"), table: None, key: sets.to_owned() };
        Derivation { when, sets, to, preset }
    }

    fn derivations() -> Vec<Derivation> {
        let telephone = || ConditionTest::AnyOf(vec![Scalar::from("TELEPON")]);
        vec![
            derivation("jml_pa", ConditionTest::AtLeast(1), "anak", Scalar::Bool(true), false),
            derivation("jml_la", ConditionTest::AtLeast(1), "anak", Scalar::Bool(true), false),
            derivation("cara", telephone(), "sumber", Scalar::from("TELP"), true),
            derivation("cara", telephone(), "samarkan", Scalar::Bool(true), true),
        ]
    }

    fn given(answer: (&str, Scalar), standing: &[(&str, Scalar)]) -> BTreeMap<String, Scalar> {
        let standing: BTreeMap<&str, &Scalar> = standing.iter().map(|(key, value)| (*key, value)).collect();
        let stands = |_: &str, key: &str| standing.get(key).map_or(Scalar::Null, |value| (*value).clone());
        let follows = follow(&derivations(), ("intake", answer.0), &answer.1, stands);
        follows.into_iter().map(|(sets, value)| (sets.key, value)).collect()
    }

    #[test]
    fn a_flag_holds_while_any_answer_asks_for_it() {
        let child = |value: bool| BTreeMap::from([(String::from("anak"), Scalar::Bool(value))]);
        assert_eq!(given(("jml_pa", Scalar::Int(2)), &[]), child(true));
        let standing = [("jml_pa", Scalar::Int(2)), ("anak", Scalar::Bool(true))];
        assert_eq!(given(("jml_la", Scalar::Int(0)), &standing), BTreeMap::new());
        assert_eq!(given(("jml_pa", Scalar::Int(0)), &standing), child(false));
        assert_eq!(given(("jml_pa", Scalar::Int(0)), &[]), BTreeMap::new());
    }

    #[test]
    fn a_preset_has_its_own_value_and_yields_to_what_stands() {
        let telephone = || ("cara", Scalar::from("TELEPON"));
        let both = BTreeMap::from([
            (String::from("sumber"), Scalar::from("TELP")),
            (String::from("samarkan"), Scalar::Bool(true)),
        ]);
        assert_eq!(given(telephone(), &[]), both);
        let standing = [("sumber", Scalar::from("SURAT")), ("samarkan", Scalar::Bool(false))];
        assert_eq!(given(telephone(), &standing), BTreeMap::new());
        assert_eq!(given(("cara", Scalar::from("DEPAN")), &[("sumber", Scalar::from("TELP"))]), BTreeMap::new());
    }
}
