//! Cases and people as the documents on a tablet tell them.

use std::collections::BTreeMap;

use server::demo::tablet::Tablet;
use shared::date::PartialDate;
use shared::document::Document;
use shared::document::path::{FieldPath, split_choice};
use shared::document::read::RowState;
use shared::id::{CaseId, SubjectId};
use shared::instant;
use shared::value::Scalar;

/// Documents of one case.
#[derive(Default)]
pub(super) struct Case<'a> {
    pub(super) core: Option<&'a Document>,
    pub(super) intake: Option<&'a Document>,
    pub(super) people: Vec<Person<'a>>,
}

/// One person of a case.
#[derive(Default)]
pub(super) struct Person<'a> {
    pub(super) row: Option<RowState>,
    pub(super) consents: Vec<RowState>,
    pub(super) short: Option<&'a Document>,
    pub(super) full: Option<&'a Document>,
    pub(super) identification: Option<&'a Document>,
}

/// Gathers the documents of a tablet by case and person.
pub(super) fn cases(tablet: &Tablet) -> Vec<Case<'_>> {
    let mut cases: BTreeMap<CaseId, Case<'_>> = BTreeMap::new();
    let mut sheets: BTreeMap<(CaseId, SubjectId), Person<'_>> = BTreeMap::new();
    for held in tablet.documents.values() {
        let document = &held.document;
        let case = cases.entry(held.key.case).or_default();
        match (held.key.kind.as_str(), held.key.subject) {
            ("core", _) => case.core = Some(document),
            ("intake", _) => case.intake = Some(document),
            (kind, Some(subject)) => {
                let person = sheets.entry((held.key.case, subject)).or_default();
                match kind {
                    "identity.short" => person.short = Some(document),
                    "identity.full" => person.full = Some(document),
                    "identification" => person.identification = Some(document),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    for (id, case) in &mut cases {
        let Some(core) = case.core else { continue };
        let consents = core.rows("persetujuan");
        for row in core.rows("orang") {
            let Some(Scalar::Str(named)) = row.field("subjek").settled().cloned() else { continue };
            let sheet = SubjectId::parse(&named).ok().and_then(|subject| sheets.remove(&(*id, subject)));
            let of_person = |consent: &&RowState| consent.field("orang").any_is(&Scalar::Str(named.clone()));
            let consents = consents.iter().filter(of_person).cloned().collect();
            case.people.push(Person { row: Some(row), consents, ..sheet.unwrap_or_default() });
        }
    }
    cases.into_values().collect()
}

/// A value that stands alone.
pub(super) fn text(document: Option<&Document>, key: &str) -> Option<String> {
    document.and_then(|document| document.field(key).settled().and_then(|value| value.as_str().map(str::to_owned)))
}

pub(super) fn number(document: Option<&Document>, key: &str) -> Option<i64> {
    document.and_then(|document| document.field(key).settled().and_then(Scalar::as_int))
}

pub(super) fn flag(document: Option<&Document>, key: &str) -> bool {
    document.is_some_and(|document| document.field(key).settled().and_then(Scalar::as_bool) == Some(true))
}

/// The answers given to a field that takes many.
pub(super) fn answers(document: Option<&Document>, field: &str) -> Vec<String> {
    let Some(document) = document else { return Vec::new() };
    let given = |key: &String| flag(Some(document), key);
    let keys = document.keys().into_iter().filter(given);
    keys.filter_map(|key| match split_choice(&key) {
        (name, Some(code)) if name == field => Some(code.to_owned()),
        _ => None,
    })
    .collect()
}

/// A value of a row that stands alone.
pub(super) fn in_row(row: &RowState, key: &str) -> Option<String> {
    row.field(key).settled().and_then(|value| value.as_str().map(str::to_owned))
}

pub(super) fn date(document: Option<&Document>, key: &str) -> Option<PartialDate> {
    PartialDate::parse(&text(document, key)?).ok()
}

impl Case<'_> {
    /// The triage, if somebody decided and nobody disagrees.
    pub(super) fn triage(&self) -> String {
        text(self.intake, "triase").unwrap_or_else(|| "BELUM".to_owned())
    }

    pub(super) fn is_trafficking(&self) -> bool {
        self.triage() == "TPPO"
    }

    /// Minutes from opening the case until a field of the core got a value for the last time.
    pub(super) fn minutes_until(&self, key: &str, value: Option<&str>) -> Option<i64> {
        let core = self.core?;
        let opened = instant::parse(&text(self.core, "dibuat")?)?;
        let path = FieldPath::Field(key.to_owned());
        let fits = |written: &Option<Scalar>| {
            value.is_none_or(|value| written.as_ref().and_then(Scalar::as_str) == Some(value))
        };
        let last = core.history(&path).into_iter().rfind(|entry| fits(&entry.new))?;
        last.time_claimed_ms.checked_sub(opened).map(|ms| ms / 60_000)
    }
}

impl Person<'_> {
    pub(super) fn group(&self) -> String {
        self.row.as_ref().and_then(|row| in_row(row, "kelompok")).unwrap_or_default()
    }

    pub(super) fn is_child(&self) -> bool {
        self.group().ends_with('A')
    }

    pub(super) fn consent(&self, key: &str) -> Option<String> {
        self.consents.first().and_then(|row| in_row(row, key))
    }

    /// Whether somebody refused that the name is written.
    pub(super) fn refused(&self) -> bool {
        self.consents.iter().any(|row| row.field("boleh_bernama").any_is(&Scalar::Bool(false)))
    }

    pub(super) fn is_dead(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.field("meninggal").any_is(&Scalar::Bool(true)))
    }
}
