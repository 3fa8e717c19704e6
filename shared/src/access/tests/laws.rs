//! Laws over arbitrary cases: nothing widens that should narrow.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::access::facts::{Exclusion, TeamEntry};

/// Everything anybody may do, as one comparable list.
fn rights(actors: &[Actor], facts: &CaseFacts, today: CivilDate) -> BTreeSet<(AccountId, String, &'static str)> {
    let mut rights = BTreeSet::new();
    for actor in actors {
        for kind in BELU.kinds.keys() {
            for (name, action) in [
                ("read", Action::Read),
                ("write", Action::Write(WriteShape::Any)),
                ("add", Action::Write(WriteShape::OwnRows)),
                ("create", Action::Create),
            ] {
                if decide(&BELU, actor, facts, &resource(kind), action, today).is_allowed() {
                    rights.insert((actor.account, kind.clone(), name));
                }
            }
        }
    }
    rights
}

fn standing(values: impl Strategy<Value = Scalar> + 'static) -> impl Strategy<Value = Standing> {
    vec(values, 0..3).prop_map(Standing::new)
}

fn some_account() -> impl Strategy<Value = Scalar> {
    prop_oneof![Just(Scalar::Null), (1_u8..10).prop_map(|byte| account(byte).to_string().into())]
}

fn some_flag() -> impl Strategy<Value = Scalar> {
    prop_oneof![Just(Scalar::Null), any::<bool>().prop_map(Scalar::Bool), Just(Scalar::from("ya"))]
}

fn some_date() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        Just(Scalar::Null),
        (1_u8..28).prop_map(|date| day(date).to_string().into()),
        Just(Scalar::from("2026-11")),
        Just(Scalar::from("kapan-kapan")),
        Just(Scalar::Int(7)),
    ]
}

fn some_entry() -> impl Strategy<Value = TeamEntry> {
    let role = prop_oneof![Just("MKS"), Just("NKS"), Just("PSS"), Just("RAJA")].prop_map(Scalar::from);
    (standing(some_account()), standing(role), standing(some_date()), standing(some_date()), standing(some_flag()))
        .prop_map(|(account, role, from, to, removed)| TeamEntry { account, role, from, to, removed })
}

fn some_exclusion() -> impl Strategy<Value = Exclusion> {
    let office = prop_oneof![Just(Scalar::Null), Just(Scalar::from("POLRES"))];
    (standing(some_account()), standing(office), standing(some_flag()))
        .prop_map(|(account, office, removed)| Exclusion { account, office, removed })
}

prop_compose! {
    fn some_facts()(
        creators in vec(1_u8..4, 0..2),
        handed_over in standing(prop_oneof![Just(Scalar::Null), Just(Scalar::from("2026-11-02T10:00:00+08:00"))]),
        taken_over_by in standing(some_account()),
        emergency in standing(some_flag()),
        team in vec(some_entry(), 0..4),
        exclusions in vec(some_exclusion(), 0..2),
        refused in any::<bool>(),
        refused_at_report in any::<bool>(),
        agreed in any::<bool>(),
    ) -> CaseFacts {
        CaseFacts {
            creators: creators.into_iter().map(account).collect(),
            handed_over,
            taken_over_by,
            emergency,
            team,
            closings: std::collections::BTreeMap::new(),
            exclusions,
            people: BTreeSet::from([person(1)]),
            name_refused: if refused { BTreeSet::from([person(1)]) } else { BTreeSet::new() },
            name_refused_at_report: refused_at_report,
            name_given: if agreed { BTreeSet::from([person(1)]) } else { BTreeSet::new() },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_unknown_role_a_stopped_account_and_a_term_that_is_over_give_nothing(facts in some_facts(), byte in 1_u8..10) {
        let unknown = actor(byte, "RAJA");
        let mut stopped = actor(byte, "SER");
        stopped.status = AccountStatus::Stopped;
        let mut over = actor(byte, "SER");
        over.roles[0].to = Some(day(9));
        let mut not_yet = actor(byte, "SER");
        not_yet.roles[0].from = day(11);
        prop_assert_eq!(rights(&[unknown, stopped, over, not_yet], &facts, day(10)), BTreeSet::new());
    }

    #[test]
    fn another_exclusion_never_widens(facts in some_facts(), more in some_exclusion()) {
        let before = rights(&everybody(), &facts, day(10));
        let mut narrower = facts;
        narrower.exclusions.push(more);
        prop_assert!(rights(&everybody(), &narrower, day(10)).is_subset(&before));
    }

    #[test]
    fn a_value_beside_another_in_a_team_row_never_widens(
        facts in some_facts(),
        which in any::<prop::sample::Index>(),
        field in 0_u8..4,
        account in some_account(),
        date in some_date(),
        flag in some_flag(),
    ) {
        prop_assume!(!facts.team.is_empty());
        let before = rights(&everybody(), &facts, day(10));
        let mut narrower = facts;
        let index = which.index(narrower.team.len());
        let entry = &mut narrower.team[index];
        let target = match field { 0 => &mut entry.account, 1 => &mut entry.from, 2 => &mut entry.to, _ => &mut entry.removed };
        // A first value is no disagreement: what was never written has nothing standing against it.
        prop_assume!(field > 0 || !target.values().is_empty());
        let value = match field { 0 => account, 1 | 2 => date, _ => flag };
        let mut values = target.values().to_vec();
        values.push(value);
        *target = Standing::new(values);
        prop_assert!(rights(&everybody(), &narrower, day(10)).is_subset(&before));
    }

    #[test]
    fn a_doubt_about_hand_over_or_danger_never_widens_for_others(facts in some_facts(), danger in any::<bool>()) {
        let author_only = |rights: BTreeSet<(AccountId, String, &'static str)>, facts: &CaseFacts| {
            rights.into_iter().filter(|(who, _, _)| !facts.creators.contains(who)).collect::<BTreeSet<_>>()
        };
        let target = if danger { &facts.emergency } else { &facts.handed_over };
        prop_assume!(!target.values().is_empty());
        let before = author_only(rights(&everybody(), &facts, day(10)), &facts);
        let mut doubted = facts.clone();
        let target = if danger { &mut doubted.emergency } else { &mut doubted.handed_over };
        let mut values = target.values().to_vec();
        values.push(Scalar::Null);
        *target = Standing::new(values);
        // A case nobody made is judged as the asker's own draft.
        prop_assume!(!facts.creators.is_empty());
        prop_assert!(author_only(rights(&everybody(), &doubted, day(10)), &doubted).is_subset(&before));
    }

    #[test]
    fn a_second_claim_of_a_case_never_widens(facts in some_facts(), claim in some_account()) {
        prop_assume!(!facts.taken_over_by.values().is_empty() && !claim.is_null());
        let before = rights(&everybody(), &facts, day(10));
        let mut claimed = facts;
        let mut values = claimed.taken_over_by.values().to_vec();
        values.push(claim);
        claimed.taken_over_by = Standing::new(values);
        prop_assert!(rights(&everybody(), &claimed, day(10)).is_subset(&before));
    }

    #[test]
    fn nobody_changes_rights_on_a_day_that_next_turn_does_not_name(facts in some_facts(), from in 1_u8..27) {
        let today = day(from);
        let tomorrow = today.plus_days(1);
        if next_turn(&everybody(), &facts, today) != Some(tomorrow) {
            prop_assert_eq!(rights(&everybody(), &facts, today), rights(&everybody(), &facts, tomorrow));
        }
    }

    #[test]
    fn who_may_not_write_a_document_may_write_no_place_of_it(facts in some_facts()) {
        for who in everybody() {
            for kind in BELU.kinds.keys() {
                let place = resource(kind);
                if decide(&BELU, &who, &facts, &place, Action::Write(WriteShape::Any), day(10)).is_allowed() {
                    continue;
                }
                for key in BELU.kinds[kind].fields.keys() {
                    for path in [FieldPath::Field(key), FieldPath::Text(key)] {
                        let answer = decide_write(&BELU, &who, &facts, &place, &path, WriteShape::Any, day(10));
                        prop_assert!(!answer.is_allowed(), "{} {}", kind, key);
                    }
                }
            }
        }
    }
}
