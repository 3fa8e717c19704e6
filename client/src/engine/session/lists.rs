//! What stands in the store beside documents, read again when somebody else wrote it.

use std::collections::BTreeMap;

use futures::future::try_join5;
use shared::date::CivilDate;
use shared::id::CaseId;
use shared::order::Gather as _;
use shared::protocol::alarm::{Alarm, AlarmState};
use shared::sync::row::PendingEdit;

use super::{Session, store_failure};
use crate::api::{Failure, FieldPlace, Typed};
use crate::engine::index::CaseIndex;
use crate::engine::rows::{Draft, LocalReport, RowWrites};
use crate::store::Durability;
use crate::store::sealed::Writes;

/// How long it is kept who took a danger, milliseconds.
const TAKEN_KEPT_MS: u64 = 86_400_000;

/// What a list of cases is made of: which summaries, which names, and which day, for who manages a case is a question of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListsState {
    summaries: u64,
    names: u64,
    today: CivilDate,
}

impl Session {
    /// Reads lists again from the store: at the start, and when another tab or the sync loop wrote.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn reload(&mut self) -> Result<(), Failure> {
        let mut index = CaseIndex::default();
        let put = |document, summary| index.put_as(document, summary);
        self.rows.summaries(put).await.map_err(|error| store_failure(&error))?;
        // A count of changes goes on over a new index: what was drawn of the old one is not what is there now.
        index.follow(&self.index);
        self.index = index;
        // Summaries may be of newer documents than those in memory.
        self.replicas.clear();
        self.reload_lists().await
    }

    /// Reads everything again but the summaries, which are as many as there are documents.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn reload_lists(&mut self) -> Result<(), Failure> {
        let rows = &self.rows;
        // Asked for together: each is a transaction of its own, and a busy browser makes each wait its turn.
        let (meta, members, statuses, reports, settings) =
            try_join5(rows.meta(), rows.members(), rows.statuses(), rows.local_reports(), rows.settings())
                .await
                .map_err(|error| store_failure(&error))?;
        let (tray, drafts, pending, unread, held) =
            try_join5(rows.tray(), rows.drafts(), rows.pending(), rows.unread(), rows.held())
                .await
                .map_err(|error| store_failure(&error))?;
        let (contacts, alarms, here, aside, deadly) =
            try_join5(rows.contacts(), rows.alarms(), rows.here(), rows.aside(), rows.deadly())
                .await
                .map_err(|error| store_failure(&error))?;
        (self.meta, self.settings, self.here, self.aside, self.deadly) = (meta, settings, here, aside, deadly);
        let today = self.today();
        let known = std::mem::take(&mut self.directory).all(today);
        self.directory.put(self.owner.member.clone());
        for member in members {
            self.directory.put(member);
        }
        for (number, day) in contacts {
            self.directory.note_contact(number, CivilDate::from_days(day));
        }
        if self.directory.all(today) != known {
            self.note_renamed();
        }
        self.statuses = statuses.into_iter().map(|one| (one.case, one)).into_map();
        let reports: BTreeMap<CaseId, LocalReport> = reports.into_iter().map(|one| (one.case, one)).into_map();
        // Nothing but that takes a report away, so another tab did it.
        self.ended.extend(self.reports.keys().filter(|case| !reports.contains_key(case)));
        self.reports = reports;
        self.alarms = alarms.into_iter().map(|one| (one.case, one)).into_map();
        self.tray = tray;
        self.held = held.into_iter().map(|row| (row.item.held, row)).into_map();
        // What has found its way into a document is typed no more, and another tab may type there.
        self.only_here.retain(|place| self.drafts.contains_key(place));
        self.drafts = self.typed(drafts).0;
        self.last_order = pending.iter().fold(self.last_order, |last, edit| last.max(edit.order.number));
        self.may_have_edits = pending.iter().map(|edit| edit.key.id()).into_set();
        self.index.set_notes(unread);
        self.deadly.iter().for_each(|document| self.index.remove(*document));
        // What another tab wrote while this one wrote down what it had read before.
        let is_missed = |edit: &&PendingEdit| self.index.summary(&edit.key).is_some_and(|summary| summary.unsent == 0);
        let missed = pending.iter().filter(is_missed).map(|edit| edit.key.id()).into_set();
        self.summarise(missed).await?;
        self.forget_taken().await?;
        self.forget_decided().await
    }

    /// What is being typed: what rows hold, and what found no room in one and is in memory alone. Beside it rows of which this build
    /// does not know the place: a newer one wrote them.
    pub(in crate::engine) fn typed(&self, rows: Vec<Draft>) -> (BTreeMap<FieldPlace, Typed>, Vec<Draft>) {
        let (mut typed, mut unknown) = (BTreeMap::new(), Vec::new());
        for draft in rows {
            match minicbor::decode(&draft.place) {
                Ok(place) => drop(typed.insert(place, draft.typed())),
                Err(_) => unknown.push(draft),
            }
        }
        let in_memory =
            self.only_here.iter().filter_map(|place| Some((place.clone(), self.drafts.get(place)?.clone())));
        typed.extend(in_memory);
        (typed, unknown)
    }

    /// Has whatever shows names be made anew.
    pub(in crate::engine) const fn note_renamed(&mut self) {
        self.names = self.names.saturating_add(1);
    }

    /// What a list of cases is made of; while it is the same, so is the list.
    #[must_use]
    pub fn lists_state(&self) -> ListsState {
        ListsState { summaries: self.index.revision(), names: self.names, today: self.today() }
    }

    /// Forgets dangers that somebody took a day ago or longer.
    async fn forget_taken(&mut self) -> Result<(), Failure> {
        let before_ms = self.latest_ms().saturating_sub(TAKEN_KEPT_MS);
        let is_old = |alarm: &Alarm| alarm.state == AlarmState::Taken && alarm.at_ms < before_ms;
        let old: Vec<CaseId> = self.alarms.values().filter(|alarm| is_old(alarm)).map(|alarm| alarm.case).collect();
        if old.is_empty() {
            return Ok(());
        }
        let mut writes = Writes::new();
        for case in old {
            self.alarms.remove(&case);
            writes.no_alarm(case);
        }
        self.rows.apply(writes, Durability::Relaxed).await.map_err(|error| store_failure(&error))
    }
}
