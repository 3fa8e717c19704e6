//! The caseload fits the pack it is shown with, and is the same every time.

use std::collections::{BTreeMap, BTreeSet};

use shared::access::{
    AccountStatus, Actor, CaseFacts, Resource, RoleTerm, Row, Standing, StandingValues, WriteShape, decide_value,
    decide_write,
};
use shared::document::path::FieldPath as DocumentPath;
use shared::id::{AccountId, RowId, SubjectId};
use shared::pack::source::embedded;
use shared::pack::{FieldPath, Pack};

use super::*;

fn today() -> CivilDate {
    CivilDate::new(2026, 11, 22).unwrap()
}

fn account(account: DemoAccount) -> AccountId {
    let byte = DemoAccount::ALL.iter().position(|other| *other == account).unwrap() + 1;
    AccountId::from_bytes([u8::try_from(byte).unwrap(); 16])
}

fn subject(person: usize) -> SubjectId {
    SubjectId::from_bytes([u8::try_from(person + 100).unwrap(); 16])
}

fn scalar(value: &DemoValue) -> Scalar {
    match value {
        DemoValue::Scalar(value) => value.clone(),
        DemoValue::Account(who) => account(*who).to_string().into(),
        DemoValue::Person(person) => subject(*person).to_string().into(),
        DemoValue::Instant => "2026-11-22T10:00:00+08:00".into(),
    }
}

/// A core or guard as far as access reads it.
#[derive(Default)]
struct Sheet {
    fields: BTreeMap<String, Scalar>,
    rows: Vec<(&'static str, Row)>,
}

impl Sheet {
    fn apply(&mut self, act: &DemoAct) {
        match act {
            DemoAct::Set { key, value } => {
                self.fields.insert(key.clone(), scalar(value));
            }
            DemoAct::Text { .. } => {}
            DemoAct::SetInRow { table, of, key, value } => {
                let row = self.row_with(table, of);
                let row = self.rows.iter_mut().find(|(_, one)| one.id == row).unwrap();
                row.1.fields.insert((*key).to_owned(), scalar(value).into());
            }
            DemoAct::AddRow { table, fields } => {
                let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), scalar(value).into())).collect();
                self.rows.push((table, Row { id: self.next_row(), fields }));
            }
        }
    }

    fn next_row(&self) -> RowId {
        RowId::from_bytes([u8::try_from(self.rows.len()).unwrap(); 16])
    }

    fn row_with(&self, table: &str, (key, value): &(&'static str, DemoValue)) -> RowId {
        let named = Standing::from(scalar(value));
        self.rows.iter().find(|(name, row)| *name == table && row.field(key) == named).unwrap().1.id
    }

    /// Lists what an act puts where in this document.
    fn puts(&self, act: &DemoAct) -> Vec<(DocumentPath, Scalar)> {
        let in_row = |table: &str, row, key: &str, value: &DemoValue| {
            (DocumentPath::Row { table: table.to_owned(), row, key: key.to_owned() }, scalar(value))
        };
        match act {
            DemoAct::Set { key, value } => vec![(DocumentPath::Field(key.clone()), scalar(value))],
            DemoAct::Text { .. } => Vec::new(),
            DemoAct::SetInRow { table, of, key, value } => vec![in_row(table, self.row_with(table, of), key, value)],
            DemoAct::AddRow { table, fields } => {
                fields.iter().map(|(key, value)| in_row(table, self.next_row(), key, value)).collect()
            }
        }
    }
}

impl StandingValues for Sheet {
    fn standing(&self, key: &str) -> Standing {
        self.fields.get(key).cloned().map(Standing::from).unwrap_or_default()
    }

    fn rows(&self, table: &str) -> Vec<Row> {
        self.rows.iter().filter(|(name, _)| *name == table).map(|(_, row)| row.clone()).collect()
    }
}

/// Lists the places an act writes, with the value where there is one.
fn places(act: &DemoAct) -> Vec<(FieldPath<'_>, Option<Scalar>)> {
    match act {
        DemoAct::Set { key, value } => vec![(FieldPath::Field(key), Some(scalar(value)))],
        DemoAct::Text { key, .. } => vec![(FieldPath::Text(key), None)],
        DemoAct::SetInRow { table, key, value, .. } => vec![(FieldPath::Row { table, key }, Some(scalar(value)))],
        DemoAct::AddRow { table, fields } => {
            fields.iter().map(|(key, value)| (FieldPath::Row { table, key }, Some(scalar(value)))).collect()
        }
    }
}

fn actor(who: DemoAccount) -> Actor {
    Actor {
        account: account(who),
        office: None,
        status: AccountStatus::Active,
        roles: vec![RoleTerm {
            role: who.role().to_owned(),
            unit: None,
            from: CivilDate::new(2020, 1, 1).unwrap(),
            to: None,
        }],
    }
}

/// Asks the schema and the rules for every place of a step; returns why not.
fn refusal(pack: &Pack, facts: &CaseFacts, step: &DemoStep) -> Option<String> {
    let who = actor(step.by);
    let resource = Resource { kind: step.place.kind, subject: step.place.person.map(subject), creator: None };
    let shape = if step.place.kind == "guard" { WriteShape::OwnRows } else { WriteShape::Any };
    places(&step.act).into_iter().find_map(|(path, value)| {
        let slot = pack.schema(step.place.kind)?.field(&path);
        let Some(slot) = slot else { return Some(format!("{path:?} is no field")) };
        if let Some(Err(fault)) = value.map(|value| slot.accepts(&value)) {
            return Some(format!("{path:?}: {fault}"));
        }
        let answer = decide_write(pack, &who, facts, &resource, &path, shape, today());
        (!answer.is_allowed()).then(|| format!("{path:?}: {answer:?}"))
    })
}

/// Walks a case as the relay would and returns the facts at its end.
fn walk(pack: &Pack, case: &DemoCase) -> CaseFacts {
    let mut creators = BTreeSet::new();
    let (mut core, mut guard) = (Sheet::default(), Sheet::default());
    for step in &case.steps {
        let facts = CaseFacts::read(creators.clone(), Some(&core), Some(&guard));
        assert_eq!(refusal(pack, &facts, step), None, "{}: {step:?}", case.key);
        if step.place.kind == "core" {
            for (path, value) in core.puts(&step.act) {
                let answer = decide_value(pack, &actor(step.by), &facts, "core", &path, &value);
                assert!(answer.is_allowed(), "{}: {step:?}: {answer:?}", case.key);
            }
        }
        if creators.is_empty() {
            creators.insert(account(step.by));
        }
        match step.place.kind {
            "core" => core.apply(&step.act),
            "guard" => guard.apply(&step.act),
            _ => {}
        }
    }
    CaseFacts::read(creators, Some(&core), Some(&guard))
}

#[test]
fn every_step_is_one_its_author_may_take() {
    let pack = embedded("belu").unwrap().unwrap();
    for case in demo_cases(42, 300, today()) {
        let facts = walk(&pack, &case);
        for step in &case.apart {
            assert_eq!(refusal(&pack, &facts, step), None, "{}: {step:?}", case.key);
        }
    }
}

#[test]
fn of_the_dismissed_cadres_ten_edits_seven_are_good() {
    let pack = embedded("belu").unwrap().unwrap();
    let case = demo_cases(42, 66, today()).into_iter().find(|case| case.key == "H11").unwrap();
    let facts = walk(&pack, &case);
    let good = case.late.iter().filter(|step| refusal(&pack, &facts, step).is_none()).count();
    assert_eq!((case.late.len(), good), (10, 7));
}

#[test]
fn the_same_seed_gives_the_same_cases_and_heroes_do_not_depend_on_it() {
    let first = demo_cases(42, 66, today());
    assert_eq!(first.len(), 66 + 3, "three drafts come on top");
    assert!(first == demo_cases(42, 66, today()));
    let other = demo_cases(7, 66, today());
    assert!(first[..HERO_CASE_COUNT] == other[..HERO_CASE_COUNT], "heroes are the same with every seed");
    assert_ne!(first[HERO_CASE_COUNT..], other[HERO_CASE_COUNT..]);
    let keys: BTreeSet<_> = first.iter().map(|case| &case.key).collect();
    assert_eq!(keys.len(), 69);
}

#[test]
fn time_only_goes_forward_inside_a_case_and_never_past_now() {
    for case in demo_cases(1, 120, today()) {
        let minutes: Vec<u32> = case.steps.iter().map(|step| step.minutes_ago).collect();
        assert!(minutes.windows(2).all(|pair| pair[0] >= pair[1]), "{}: {minutes:?}", case.key);
    }
}

#[test]
fn a_small_set_has_what_every_set_has() {
    for size in [8, 13, 66, 300] {
        let cases = demo_cases(42, size, today());
        assert_eq!(cases.len(), size + 3);
        let keys: Vec<&str> = cases[HERO_CASE_COUNT..].iter().map(|case| case.key.as_str()).collect();
        let expected: Vec<String> = (1..=keys.len()).map(|number| format!("C{number:03}")).collect();
        assert_eq!(keys, expected);
    }
}
