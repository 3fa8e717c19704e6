//! The documents a form is drawn from, kept up to date while it stands.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use shared::id::{CaseId, RowId, SubjectId};
use shared::order::Gather as _;
use shared::pack::{Condition, Form, Item, Pack, RowTarget, SubjectRule};
use shared::value::Scalar;

use super::binding::NEW_ROW;
use crate::api::{DocumentView, Path, Query, RowView};
use crate::state::engine::Engine;
use crate::state::load::Load;

/// A document on its way, there, or not to be had.
pub(crate) type DocumentSignal = ReadSignal<Load<Box<DocumentView>>>;

/// A row that a form fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowSpot {
    /// Kind that holds the table.
    pub(crate) kind: String,
    /// The table.
    pub(crate) table: String,
    /// The row.
    pub(crate) row: RowId,
}

/// The documents of one form, of one case, of one person if the form is about one.
#[derive(Clone, Copy)]
pub(crate) struct Documents {
    /// The case.
    pub(crate) case: CaseId,
    /// The person.
    pub(crate) subject: Option<SubjectId>,
    /// The row the form fills, once it is known.
    pub(crate) row: RwSignal<Option<RowSpot>>,
    /// A row is being made; until it is there, its other fields wait.
    pub(crate) making_row: RwSignal<bool>,
    kinds: StoredValue<BTreeMap<String, (Option<SubjectId>, DocumentSignal)>>,
    /// Tables, by kind, whose kept new row was given out.
    resumed: StoredValue<BTreeSet<(String, String)>>,
}

/// The kinds a form is drawn from: those it writes, and those its conditions look at.
fn kinds_of(pack: &Pack, form: &Form) -> BTreeSet<String> {
    let mut kinds = form.written_kinds();
    let mut look = |conditions: &[Condition]| kinds.extend(conditions.iter().map(|condition| condition.kind.clone()));
    for page in &form.pages {
        look(&page.show_when);
        for item in &page.items {
            match item {
                Item::Field(field) => look(pack.field(field).map_or(&[], |spec| &spec.show_when)),
                Item::Note(note) => look(&note.show_when),
                Item::Rows(target) => {
                    let table = pack.kinds.get(&target.kind).and_then(|kind| kind.tables.get(&target.table));
                    for spec in table.into_iter().flat_map(|table| table.fields.values()) {
                        look(&spec.show_when);
                    }
                }
            }
        }
    }
    kinds
}

impl Documents {
    /// Opens the documents of a form.
    pub(crate) fn open(engine: Engine, pack: &Pack, form: &Form, case: CaseId, subject: Option<SubjectId>) -> Self {
        let open = |kind: String| {
            let rule = pack.kinds.get(&kind).map(|kind| kind.subject);
            let subject = subject.filter(|_| matches!(rule, Some(SubjectRule::Person | SubjectRule::Entry)));
            let query = Query::Document { case, kind: kind.clone(), subject };
            let view = engine.watch(query);
            (kind, (subject, view))
        };
        let kinds = kinds_of(pack, form).into_iter().map(open).into_map();
        Self {
            case,
            subject,
            row: RwSignal::new(None),
            making_row: RwSignal::new(false),
            kinds: StoredValue::new(kinds),
            resumed: StoredValue::new(BTreeSet::new()),
        }
    }

    /// The new row that somebody was filling when the tablet was switched off or locked; once, because what the view says of it
    /// grows old as soon as somebody goes on with it.
    pub(crate) fn resume_row(&self, kind: &str, table: &str) -> Option<BTreeMap<String, Scalar>> {
        let is_first = self
            .resumed
            .try_update_value(|resumed| resumed.insert((kind.to_owned(), table.to_owned())))
            .unwrap_or(false);
        let path = Path::Row { table: table.to_owned(), row: NEW_ROW };
        let kept = |document: &DocumentView| {
            document.drafts.iter().find(|(at, _)| *at == path).map(|(_, typed)| typed.row.clone())
        };
        is_first.then(|| untrack(|| self.with(kind, kept))).flatten().flatten()
    }

    /// The document of a kind, and whom it is about.
    pub(crate) fn of(&self, kind: &str) -> Option<(Option<SubjectId>, DocumentSignal)> {
        self.kinds.with_value(|kinds| kinds.get(kind).copied())
    }

    /// Looks into the document of a kind; tracks it.
    pub(crate) fn with<V>(&self, kind: &str, look: impl FnOnce(&DocumentView) -> V) -> Option<V> {
        let (_, view) = self.of(kind)?;
        view.with(|load| load.ready().map(|document| look(document)))
    }

    /// Why nothing of the form can be drawn; a part one may not open only leaves its items out.
    pub(crate) fn failure(&self) -> Option<crate::api::Failure> {
        let views: Vec<DocumentSignal> = self.kinds.with_value(|kinds| kinds.values().map(|(_, view)| *view).collect());
        let mut failures = views.into_iter().map(|view| {
            view.with(|load| match load {
                Load::Failed(failure) => Some(failure.clone()),
                Load::Waiting | Load::Ready(_) => None,
            })
        });
        let first = failures.next()??;
        failures.all(|failure| failure.is_some()).then_some(first)
    }

    /// Whether nothing is on its way any more.
    pub(crate) fn are_ready(&self) -> bool {
        let views: Vec<DocumentSignal> = self.kinds.with_value(|kinds| kinds.values().map(|(_, view)| *view).collect());
        views.into_iter().all(|view| !view.with(Load::is_waiting))
    }

    /// Follows the row that the form's row fields fill: the newest one about this person, or about nobody told apart yet.
    pub(crate) fn follow_row(self, pack: &Pack, form: &Form) {
        let Some(target) = row_target(form) else { return };
        let person = person_key(pack, &target);
        let wanted = self.subject.map(|subject| Scalar::Str(subject.to_string()));
        Effect::new(move |_| {
            let found = self.with(&target.kind, |document| {
                let rows = document.rows.get(&target.table)?;
                let about = |row: &&RowView| {
                    let values = person.as_ref().and_then(|key| row.fields.get(key)).map(|field| &field.values);
                    let mut values = values.into_iter().flatten().map(|value| &value.value);
                    match &wanted {
                        Some(wanted) => person.is_none() || values.any(|value| value == wanted),
                        None => values.all(Scalar::is_null),
                    }
                };
                rows.iter().filter(|row| !row.removed).rfind(about).map(|row| row.row)
            });
            let spot =
                found.flatten().map(|row| RowSpot { kind: target.kind.clone(), table: target.table.clone(), row });
            if spot.is_some() {
                self.making_row.set(false);
            }
            if self.row.get_untracked() != spot {
                self.row.set(spot);
            }
        });
    }
}

/// The table whose row the form's row fields fill.
fn row_target(form: &Form) -> Option<RowTarget> {
    form.rows_of.clone().or_else(|| {
        form.fields().find_map(|field| field.table.clone().map(|table| RowTarget { kind: field.kind.clone(), table }))
    })
}

/// Field of a table that names the person a row is about.
pub(crate) fn person_key(pack: &Pack, target: &RowTarget) -> Option<String> {
    pack.table(target)?.person_key().map(ToOwned::to_owned)
}
