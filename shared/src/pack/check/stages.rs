//! Checks stages: that gates guard stages of the list, and ask for what can be looked at in a case.

use std::collections::BTreeSet;

use super::Check;
use crate::access::facts;
use crate::pack::field::{Condition, FieldType};
use crate::pack::form::FieldRef;
use crate::pack::kind::SubjectRule;
use crate::pack::stage::Gate;

const STAGES_FILE: &str = "stages.toml";

impl Check<'_> {
    pub(super) fn stages(&mut self) {
        let pack = self.pack;
        let rules = &pack.stages;
        if let Some(closing) = &rules.closing {
            self.stage("closing", closing);
            self.closing();
        }
        let mut keys = BTreeSet::new();
        for gate in &rules.gates {
            let key = format!("gate {}", gate.key);
            if !keys.insert(&gate.key) {
                self.fault(STAGES_FILE, &key, "stands twice");
            }
            self.gate(&key, gate);
        }
    }

    fn stage(&mut self, key: &str, stage: &str) {
        let place = core_field(None, facts::STAGE);
        let list = self.pack.field(&place).and_then(|field| field.value.list()).unwrap_or_default();
        if !self.pack.has_code(list, stage) {
            self.fault(STAGES_FILE, key, format!("{place} can never be {stage}"));
        }
    }

    /// Two people are told apart by their accounts.
    fn closing(&mut self) {
        for name in [facts::PROPOSED_BY, facts::APPROVED_BY, facts::REOPENED_BY] {
            let place = core_field(Some(facts::CLOSING), name);
            if self.pack.field(&place).is_none_or(|field| field.value != FieldType::Account) {
                self.fault(STAGES_FILE, "closing", format!("{place} is missing or no account"));
            }
        }
    }

    fn gate(&mut self, key: &str, gate: &Gate) {
        if gate.stages.is_empty() || gate.met.is_empty() {
            self.fault(STAGES_FILE, key, "guards nothing, or asks for nothing");
        }
        for stage in &gate.stages {
            self.stage(key, stage);
        }
        for condition in gate.when.iter().chain(&gate.met) {
            self.condition(STAGES_FILE, key, condition);
        }
        let subject = |condition: &Condition| self.pack.kinds.get(&condition.kind).map(|kind| kind.subject);
        let about_case = |one: &Condition| one.table.is_none() && subject(one) == Some(SubjectRule::Case);
        if !gate.when.iter().all(about_case) {
            self.fault(STAGES_FILE, key, "asks when by something that is no answer about the case");
        } else if gate.met.iter().any(|one| subject(one) == Some(SubjectRule::Entry)) {
            self.fault(STAGES_FILE, key, "asks for a kind of which there may be any number");
        }
        let places: BTreeSet<_> = gate.met.iter().map(|one| (&one.kind, &one.table)).collect();
        if places.len() > 1 {
            self.fault(STAGES_FILE, key, "asks for more than one kind or table; make it two gates");
        }
    }
}

fn core_field(table: Option<&str>, key: &str) -> FieldRef {
    FieldRef { kind: facts::CORE_KIND.to_owned(), table: table.map(str::to_owned), key: key.to_owned() }
}
