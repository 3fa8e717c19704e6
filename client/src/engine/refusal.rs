//! "No to both": a person in front of the officer wants nothing of them to be recorded.
//!
//! The one place where what was typed is thrown away, at that person's will. A report of which nothing has left the tablet
//! is erased; of any other every field is emptied, because what the relay has is not the tablet's to take back. Owns when
//! which of the two may happen, and that neither does by an answer alone; must never touch a report that was handed over.

use std::collections::BTreeSet;

use shared::command::Edit;
use shared::document::Document;
use shared::document::path::{FieldPath, REMOVED, split_choice};
use shared::document::read::{FieldState, RowState};
use shared::id::{CaseId, DocumentId, DocumentKey};
use shared::order::Gather as _;
use shared::protocol::error::ErrorCode;
use shared::sync::inbox::RowWrite;
use shared::sync::row::PendingEdit;
use shared::value::Scalar;

use super::flow::{begin_report, if_known, set, text};
use super::keys;
use super::rows::{Applied, Here, LocalReport, Reading, RowWrites, Stamps, begins_here, no_here};
use super::session::{DocumentEdit, Session, core_key, document_key, failure, store_failure};
use super::vital;
use super::write::derived;
use crate::api::{Failure, FieldPlace, Path, Place, RefusalView, Reply};
use crate::store::sealed::Writes;
use crate::store::{Durability, StoreError};

/// How often a report is read again because another tab wrote to it meanwhile.
const TRIES_MAX: u32 = 8;

/// What takes the place of a report that ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Instead<'a> {
    /// Nothing but the count.
    Nothing,
    /// A new report of what the officer saw.
    Found,
    /// A new report of the least that saves a life, and why it is needed.
    Vital(&'a str),
}

impl Session {
    /// Applies writes that belong to cases, unless one of them was ended because its person wanted no record, or belongs into
    /// the other room: what is tried out is never written among what is meant, nor the other way round.
    ///
    /// # Errors
    /// [`ErrorCode::ItemGone`] when one was or does; [`Failure`] of the store. Nothing was written then.
    pub(super) async fn apply_to_cases(
        &self,
        cases: &BTreeSet<CaseId>,
        writes: Writes,
        durability: Durability,
    ) -> Result<(), Failure> {
        self.apply_with_summaries(cases, writes, &Stamps::new(), durability).await.map(|_| ())
    }

    /// As [`Self::apply_to_cases`], with summaries among the writes: nothing is written where another tab wrote one of them.
    pub(super) async fn apply_with_summaries(
        &self,
        cases: &BTreeSet<CaseId>,
        writes: Writes,
        stamps: &Stamps,
        durability: Durability,
    ) -> Result<Applied, Failure> {
        if cases.iter().any(|case| self.ended.contains(case) || !self.is_room_of(*case)) {
            return Err(failure(ErrorCode::ItemGone));
        }
        let reports = cases.iter().copied().filter(|case| self.reports.contains_key(case)).into_set();
        self.rows.apply_to(&reports, writes, stamps, durability).await.map_err(|error| {
            if error == StoreError::Declined { failure(ErrorCode::ItemGone) } else { store_failure(&error) }
        })
    }

    /// Whether a report was ended because its person wanted no record, since this session began, or is a practice that is over.
    #[must_use]
    pub fn has_ended(&self, case: CaseId) -> bool {
        self.ended.contains(&case) || (!self.is_room_of(case) && self.practice.is_none())
    }

    /// The edits that are about to be sent. From here on none of their reports can be erased: what an answer that never
    /// came has taken along cannot be known.
    pub(super) async fn departing(&mut self) -> Result<Vec<PendingEdit>, Failure> {
        let store = |error| store_failure(&error);
        let cases: BTreeSet<CaseId> =
            self.rows.pending().await.map_err(store)?.into_iter().map(|edit| edit.key.case).into_set();
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        self.rows.departs(&cases).await.map_err(store)?;
        self.here.retain(|case| !cases.contains(case));
        // Read again: another tab may have erased a report before that, or begun one after.
        let mut pending = self.rows.pending().await.map_err(store)?;
        pending.retain(|edit| cases.contains(&edit.key.case));
        Ok(pending)
    }

    /// Notes that everything on this tablet is about to leave it.
    pub(super) async fn all_depart(&mut self) -> Result<(), Failure> {
        let here = self.rows.here().await.map_err(|error| store_failure(&error))?;
        self.rows.departs(&here).await.map_err(|error| store_failure(&error))?;
        self.here.clear();
        Ok(())
    }
}

/// Whether a consent says no to being recorded, with and without a name.
fn refuses_record(row: &RowState) -> bool {
    let no = |key: &str| {
        let state = row.field(key);
        !state.values.is_empty() && state.all_are(&Scalar::Bool(false))
    };
    no(keys::CONSENT_RECORDED) && no(keys::CONSENT_NAMED)
}

/// What may be done about this report because its person wants no record; none when they do not say so, when it was handed
/// over, when a child is concerned, for others have duties then, and when there is danger to life and the reason is told.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn offered(session: &mut Session, case: CaseId) -> Result<Option<RefusalView>, Failure> {
    // Begun on another tablet of this person, it is known here by its documents alone.
    let is_open = session.reports.get(&case).is_none_or(|report| report.handed_over_ms.is_none());
    let (Some(core), true) = (session.index.core(case), is_open) else { return Ok(None) };
    let (is_draft, danger) = (core.is_draft_of(session.owner.account), core.is_true(keys::EMERGENCY));
    let has_child = session.index.intake(case).is_some_and(|intake| intake.is_true(keys::CHILD));
    if !is_draft || has_child {
        return Ok(None);
    }
    let mut consents = session.replica(&core_key(case)).await?.document.rows(keys::CONSENT);
    consents.retain(|row| !row.removed());
    let refused = !consents.is_empty() && consents.iter().all(refuses_record);
    let is_open = danger && consents.iter().any(vital::is_told);
    Ok((refused && !is_open).then(|| RefusalView { only_here: session.here.contains(&case), danger }))
}

/// Ends a report whose person wants no record, and counts that person. With `crime_seen` a new report is begun of what the
/// officer saw: how it came, the kecamatan, the month and the signs.
///
/// # Errors
/// [`ErrorCode::ItemGone`] where [`offered`] offers nothing, and in danger; otherwise [`Failure`] of the store. Nothing was
/// written then.
pub async fn refuse(session: &mut Session, case: CaseId, crime_seen: bool) -> Result<Reply, Failure> {
    end_as(session, case, if crime_seen { Instead::Found } else { Instead::Nothing }).await
}

/// Ends a report, whatever other tabs do to it meanwhile.
pub(super) async fn end_as(session: &mut Session, case: CaseId, instead: Instead<'_>) -> Result<Reply, Failure> {
    let in_danger = matches!(instead, Instead::Vital(_));
    session.read_case(case).await?;
    for _ in 0..TRIES_MAX {
        let view = offered(session, case).await?.filter(|view| view.danger == in_danger);
        view.ok_or(failure(ErrorCode::ItemGone))?;
        let here = session.rows.here_of(case).await.map_err(|error| store_failure(&error))?;
        if let (Instead::Vital(reason), None) = (instead, &here) {
            return vital::narrow(session, case, reason).await;
        }
        if let Some(kept) = end(session, case, here, instead).await? {
            return Ok(Reply::Refused { erased: here.is_some(), kept });
        }
        // Another tab wrote to the report, sent it, or ended it.
        session.poked(&ids(session, case)).await?;
        session.reload_lists().await?;
    }
    Err(failure(ErrorCode::TabletStore))
}

fn ids(session: &Session, case: CaseId) -> BTreeSet<DocumentId> {
    session.index.documents(case).map(|summary| summary.key.id()).into_set()
}

/// One attempt; none when the report is no longer as it was read.
async fn end(
    session: &mut Session,
    case: CaseId,
    here: Option<Here>,
    instead: Instead<'_>,
) -> Result<Option<Option<CaseId>>, Failure> {
    let intake = session.replica(&document_key(case, keys::INTAKE, None)).await?.document.clone();
    let mut writes = Writes::new();
    let (fresh, mut edits) = match instead {
        Instead::Nothing => (None, Vec::new()),
        Instead::Found => {
            let (report, edits) = found_by_officer(session, &intake).await?;
            (Some(report), edits)
        }
        Instead::Vital(reason) => {
            let (report, edits) = vital::least(session, case, &intake, reason).await?;
            (Some(report), edits)
        }
    };
    if here.is_none() {
        edits.extend(emptying(session, case).await?);
    }
    let prepared = session.prepare(edits, None, &mut writes).await?;
    if let Some(report) = &fresh {
        writes.local_report(report);
        begins_here(&mut writes, report.case);
    }
    let erased = forget(session, case, here.is_some(), &mut writes).await?;
    let month: String = session.today().to_string().chars().take(7).collect();
    let area = intake.field(keys::ORIGIN).shown().and_then(Scalar::as_str).unwrap_or_default().to_owned();
    match session.rows.apply_refusal(case, here, (&month, &area), writes, prepared.stamps()).await {
        Ok(()) => {}
        Err(StoreError::Declined) => return Ok(None),
        Err(error) => return Err(store_failure(&error)),
    }
    session.forget_documents(&erased);
    session.drafts.retain(|place, _| place.case != case);
    session.tray.retain(|trayed| trayed.entry.held || trayed.entry.pending.key.case != case);
    session.unsaved.forget_case(case);
    session.reports.remove(&case);
    session.here.remove(&case);
    session.ended.insert(case);
    if is_place_in(session, case) {
        session.settings.place = None;
    }
    session.keep(prepared);
    session.tell(&erased.into_iter().collect::<Vec<_>>());
    let kept = fresh.as_ref().map(|report| report.case);
    if let Some(report) = fresh {
        session.here.insert(report.case);
        session.reports.insert(report.case, report);
    }
    Ok(Some(kept))
}

fn is_place_in(session: &Session, case: CaseId) -> bool {
    let place = session.settings.place.as_deref().and_then(|bytes| minicbor::decode::<Place>(bytes).ok());
    place.is_some_and(|place| place.case == case)
}

/// Takes away what the tablet holds of a report beside its documents, and those too when it may be erased. Gives the
/// documents that are gone.
async fn forget(
    session: &Session,
    case: CaseId,
    erases: bool,
    writes: &mut Writes,
) -> Result<BTreeSet<DocumentId>, Failure> {
    let store = |error| store_failure(&error);
    writes.no_local_report(case);
    no_here(writes, case);
    for draft in session.rows.drafts().await.map_err(store)? {
        let place: Option<FieldPlace> = minicbor::decode(&draft.place).ok();
        if place.is_some_and(|place| place.case == case) {
            writes.draft(&draft.place, None);
        }
    }
    for trayed in session.rows.tray().await.map_err(store)? {
        // What is held stands at the relay, and its outcome is told here.
        if trayed.entry.pending.key.case == case && !trayed.entry.held {
            writes.no_tray(trayed.entry.pending.order);
        }
    }
    if is_place_in(session, case) {
        let mut settings = session.settings.clone();
        settings.place = None;
        writes.settings(&settings);
    }
    let mut erased = BTreeSet::new();
    if !erases {
        return Ok(erased);
    }
    session.rows.no_exports_of(case, writes).await.map_err(store)?;
    erased.extend(ids(session, case));
    for edit in session.rows.pending().await.map_err(store)? {
        if edit.key.case == case {
            erased.insert(edit.key.id());
            writes.machine(&RowWrite::DropPending(edit.order));
        }
    }
    for document in &erased {
        writes.no_document(*document);
    }
    for note in session.index.notes_without(&erased) {
        writes.unread(&note);
    }
    if let Some(mut reading) = session.rows.reading().await.map_err(store)? {
        let before = reading.documents.len();
        reading.documents.retain(|document| !erased.contains(document));
        if reading.documents.len() < before {
            let left: Option<&Reading> = (!reading.documents.is_empty()).then_some(&reading);
            writes.reading(left);
        }
    }
    Ok(erased)
}

/// A new report of what an officer saw, that says nothing about the person: not even the day.
async fn found_by_officer(
    session: &mut Session,
    intake: &Document,
) -> Result<(LocalReport, Vec<DocumentEdit>), Failure> {
    let today = session.today().to_string();
    let month = (!session.clock_wrong()).then(|| month_of(&today));
    let (report, mut edits) = begin_report(session, month.as_deref(), None).await?;
    let mut told = vec![(keys::CAME.to_owned(), text(keys::FOUND))];
    told.extend(kept_of(intake, &[keys::ORIGIN], &[keys::SIGNS]));
    edits.extend(retold(session, report.case, told).await?);
    Ok((report, edits))
}

/// What a new report takes over from a report that ends: some fields, some chosen codes, and the month.
pub(super) fn kept_of(intake: &Document, fields: &[&str], choices: &[&str]) -> Vec<(String, Scalar)> {
    let shown = |field: &str| intake.field(field).shown().cloned().filter(|value| !value.is_null());
    let mut told: Vec<(String, Scalar)> =
        fields.iter().filter_map(|field| Some(((*field).to_owned(), shown(field)?))).collect();
    let happened = shown(keys::HAPPENED_ON).and_then(|day| day.as_str().map(month_of));
    told.extend(happened.map(|month| (keys::HAPPENED_ON.to_owned(), text(month))));
    let is_kept = |field: &str| matches!(split_choice(field), (list, Some(_)) if choices.contains(&list));
    let chosen =
        intake.fields().into_iter().filter(|(field, state)| is_kept(field) && state.any_is(&Scalar::Bool(true)));
    told.extend(chosen.map(|(field, _)| (field, Scalar::Bool(true))));
    told
}

/// Writes what was taken over into a new report, with what follows from it.
pub(super) async fn retold(
    session: &mut Session,
    case: CaseId,
    told: Vec<(String, Scalar)>,
) -> Result<Vec<DocumentEdit>, Failure> {
    let mut edits = Vec::new();
    for (field, value) in told {
        let Some(edit) = if_known(session, set(&document_key(case, keys::INTAKE, None), &field, value)) else {
            continue;
        };
        let path = Path::Field(field);
        let place = FieldPlace { case, kind: keys::INTAKE.to_owned(), subject: None, path };
        let follows = derived(session, &place, &edit.edit).await?;
        edits.push(edit);
        edits.extend(follows);
    }
    Ok(edits)
}

/// The month of a day, or the year where no more is known.
pub(super) fn month_of(day: &str) -> String {
    day.chars().take(7).collect()
}

/// Everything in a report's documents that says something, written empty: all but the two answers that say why.
pub(super) async fn emptying(session: &mut Session, case: CaseId) -> Result<Vec<DocumentEdit>, Failure> {
    let documents: Vec<DocumentKey> = session.index.documents(case).map(|summary| summary.key.clone()).collect();
    let mut edits = Vec::new();
    for key in documents {
        let document = session.replica(&key).await?.document.clone();
        for (path, edit) in emptied(&document) {
            // A table into which one may only add stays as it is: what was told there has left the tablet.
            if session.check_may_write(&key, &path).await.is_ok() {
                edits.push(DocumentEdit { key: key.clone(), edit });
            }
        }
    }
    Ok(edits)
}

fn says_something(state: &FieldState) -> bool {
    state.values.iter().any(|seen| !seen.value.is_null())
}

fn emptied(document: &Document) -> Vec<(FieldPath, Edit)> {
    let mut edits = Vec::new();
    for (key, state) in document.fields().into_iter().filter(|(_, state)| says_something(state)) {
        let edit = Edit::Choose { key: key.clone(), value: Scalar::Null, seen: state.ops() };
        edits.push((FieldPath::Field(key), edit));
    }
    for key in document.text_keys() {
        let old = document.text(&key);
        if !old.is_empty() {
            let edit = Edit::EditText { key: key.clone(), base: document.heads(), old, new: String::new() };
            edits.push((FieldPath::Text(key), edit));
        }
    }
    for table in document.tables() {
        for row in document.rows(&table) {
            edits.extend(emptied_row(&table, &row));
        }
    }
    edits
}

fn emptied_row(table: &str, row: &RowState) -> Vec<(FieldPath, Edit)> {
    let is_why = |key: &str| table == keys::CONSENT && [keys::CONSENT_RECORDED, keys::CONSENT_NAMED].contains(&key);
    let is_emptied = |key: &str| key != REMOVED && !is_why(key);
    let said = row.fields.iter().filter(|(key, state)| is_emptied(key) && says_something(state));
    let id = row.row;
    let mut edits: Vec<(FieldPath, Edit)> = said
        .map(|(key, state)| {
            let path = FieldPath::Row { table: table.to_owned(), row: id, key: key.clone() };
            let (table, key) = (table.to_owned(), key.clone());
            (path, Edit::ChooseRowField { table, row: id, key, value: Scalar::Null, seen: state.ops() })
        })
        .collect();
    // A row that was struck out still shows what it says, and takes nothing more before it stands again.
    if row.removed() && !edits.is_empty() {
        let made = || FieldPath::RowMade { table: table.to_owned(), row: id };
        let restored = Edit::RestoreRow { table: table.to_owned(), row: id, seen: row.ops() };
        edits.insert(0, (made(), restored));
        edits.push((made(), Edit::RemoveRow { table: table.to_owned(), row: id, seen: row.ops() }));
    }
    edits
}
