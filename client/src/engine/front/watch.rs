//! Keeps the interface's watches up to date: computes each again after every change, tells only what differs.

use std::rc::Rc;

use shared::document::path::FieldPath;
use shared::id::{CaseId, DocumentKey, VaultId};
use shared::order::Arrange as _;
use shared::protocol::error::ErrorCode;

use super::{Front, Watch};
use crate::api::RefusalsView;
use crate::api::{ConflictView, Event, Failure, Query, Reply, StatusView, SyncView, TrayItem, View, wire};
use crate::engine::permission::{Asker, creator, hides_at, is_covered, may_write_at};
use crate::engine::query;
use crate::engine::session::{ListsState, Session, document_key, failure};
use crate::engine::{keys, off_team, requests, rows};

impl Front {
    /// Begins a watch and gives its first answer.
    pub(super) async fn watch(self: Rc<Self>, id: u32, query: Query) -> Result<Reply, Failure> {
        let (view, made_of) = self.view(&query).await?;
        let told = wire::to_bytes(&view);
        self.watches.borrow_mut().insert(id, Watch { query, told, made_of });
        Ok(Reply::View(view))
    }

    /// Computes every watch again and tells what changed, with the status. Asked for while it runs, it runs once more,
    /// however often it was asked.
    pub(super) async fn refresh(&self) {
        self.stale.set(true);
        if self.refreshing.replace(true) {
            return;
        }
        while self.stale.replace(false) {
            self.refresh_once().await;
        }
        self.refreshing.set(false);
    }

    async fn refresh_once(&self) {
        let watched: Vec<(u32, Query)> =
            self.watches.borrow().iter().map(|(id, watch)| (*id, watch.query.clone())).collect();
        for (id, query) in watched {
            if self.is_as_told(id).await {
                continue;
            }
            // A view that cannot be drawn now keeps what it showed; the next change tries again.
            let Ok((view, made_of)) = self.view(&query).await else { continue };
            let encoded = wire::to_bytes(&view);
            let differs = match self.watches.borrow_mut().get_mut(&id) {
                Some(watch) => {
                    watch.made_of = made_of;
                    let differs = watch.told != encoded;
                    watch.told = encoded;
                    differs
                }
                None => false,
            };
            if differs {
                self.tell(Event::View { watch: id, view });
            }
        }
        self.tell_members().await;
        self.tell_status().await;
        self.prepare_search().await;
    }

    /// Makes ready what the next letter of a search asks for, where a list is shown and at rest.
    pub(super) async fn prepare_search(&self) {
        let is_list = |watch: &Watch| matches!(watch.query, Query::Cases(_) | Query::Registry(_));
        if self.reading.get() || !self.watches.borrow().values().any(is_list) {
            return;
        }
        if let Some(session) = self.session.lock().await.as_ref() {
            query::found::prepare(session);
        }
    }

    /// Tells the directory, if it differs.
    async fn tell_members(&self) {
        let guard = self.session.lock().await;
        let Some(members) = guard.as_ref().map(|session| session.directory.all(session.today())) else { return };
        drop(guard);
        if *self.members_told.borrow() != members {
            self.members_told.borrow_mut().clone_from(&members);
            self.tell(Event::Members(members));
        }
    }

    /// Tells the status pill, if it differs.
    pub(super) async fn tell_status(&self) {
        let status = {
            let guard = self.session.lock().await;
            guard.as_ref().map(|session| self.status_of(session))
        };
        let Some(status) = status else { return };
        let unsent = status.unsent;
        if *self.status.borrow() != status {
            *self.status.borrow_mut() = status.clone();
            self.tell(Event::Status(status));
        }
        // After the screen was told: nobody waits for a bare count.
        if let Some(vault) = self.open_vault() {
            self.note_unsent(vault, unsent).await;
        }
    }

    /// Says to the door and to others on this tablet how much is not sent. The count in the vault is the one that holds.
    pub(super) async fn note_unsent(&self, vault: VaultId, unsent: u32) {
        if self.unsent_noted.replace(Some((vault, unsent))) != Some((vault, unsent)) {
            let _ = self.tablet.note_unsent(vault, unsent).await;
        }
    }

    /// The status of a session; what only the loop knows is kept from before.
    pub(super) fn status_of(&self, session: &Session) -> StatusView {
        let last = self.status.borrow().clone();
        StatusView {
            unsent: session.unsent(),
            held: session.untaken(),
            drafts: u32::try_from(session.drafts.len()).unwrap_or(u32::MAX),
            last_contact_ms: session.meta.last_contact_ms,
            clock_wrong: session.clock_wrong(),
            unread: session.index.unread_count(),
            sending: session.settings.sending,
            waits_for: self.waits_for(session),
            ..last
        }
    }

    /// Whether what a watch was told is of nothing that changed since: a list of thousands takes longer to make than to compare.
    async fn is_as_told(&self, id: u32) -> bool {
        let Some(made_of) = self.watches.borrow().get(&id).and_then(|watch| watch.made_of) else { return false };
        self.session.lock().await.as_ref().is_some_and(|session| session.lists_state() == made_of)
    }

    /// A view, and what it is made of where that tells when it has to be made again.
    async fn view(&self, query: &Query) -> Result<(View, Option<ListsState>), Failure> {
        let mut guard = self.session.lock().await;
        let mut session = guard.as_mut().ok_or(failure(ErrorCode::Locked))?;
        // What a report's own pages show; whatever else asks for a practice finds nothing.
        if let Query::Case(case) | Query::Document { case, .. } | Query::Names(case) = query {
            session = session.room(Some(*case)).await?;
        }
        if let Query::Case(case)
        | Query::Document { case, .. }
        | Query::History { case, .. }
        | Query::Names(case)
        | Query::Reading(case) = query
        {
            session.read_case(*case).await?;
        }
        let made_of = matches!(query, Query::Cases(_) | Query::Registry(_)).then(|| session.lists_state());
        let view = match query {
            Query::Home => View::Home(Box::new(query::home::home(session))),
            Query::Cases(ask) => View::Cases(query::list::search(session, ask)),
            Query::Case(case) => View::Case(query::case::view(session, *case).await?.map(Box::new)),
            Query::Document { case, kind, subject } => {
                View::Document(Box::new(query::document::of(session, &document_key(*case, kind, *subject)).await?))
            }
            Query::Conflicts => View::Conflicts(conflicts(session).await?),
            Query::History { case, place } => {
                View::History(query::history::of_case(session, *case, place.as_ref()).await?)
            }
            Query::Held => View::Held(query::held::view(session, held_names).await?),
            Query::Registry(ask) => View::Registry(query::registry::view(session, ask)),
            Query::Tables(year) => View::Tables(query::tables::view(session, *year).await?),
            Query::Members(words) => View::Members(query::members::view(session, words)),
            Query::Ended(case) => View::Ended(off_team::view(session, *case).await?),
            Query::Reading(case) => View::Sheet(Box::new(query::sheet::view(session, *case, false).await?)),
            Query::Names(case) => View::Names(query::hints::names(session, *case).await?),
            Query::Alarm => View::Alarm(query::alarm::alarm(session)),
            Query::Sync => View::Sync(self.sync_view(session).await?),
        };
        Ok((view, made_of))
    }

    async fn sync_view(&self, session: &Session) -> Result<SyncView, Failure> {
        let used = session.rows.used().await.map_err(|error| crate::engine::session::store_failure(&error))?;
        let estimate = session.rows.store().estimate().await.ok();
        let waiting = query::list::waiting(session);
        let refusals = session.rows.refusals().await.map_err(|error| crate::engine::session::store_failure(&error))?;
        let mut refusals: Vec<RefusalsView> = refusals
            .into_iter()
            .map(|one| RefusalsView { month: one.month, area: one.area, count: one.count })
            .collect();
        refusals.arrange_by(|one, other| (&other.month, &one.area).cmp(&(&one.month, &other.area)));
        Ok(SyncView {
            status: self.status_of(session),
            waiting,
            tray: session.tray.iter().map(|trayed| tray_item(session, trayed)).collect(),
            to_decide: session.to_decide(),
            others: self.others().await?,
            used_bytes: (used.up, used.down),
            free_bytes: estimate.map(crate::store::Estimate::left_bytes),
            tablet_name: session.directory.tablet(session.meta.device_number).to_owned(),
            pack_version: session.pack.version,
            aside: session.aside_count(),
            refusals,
        })
    }
}

impl Front {
    /// Others on this tablet who have not sent everything: nickname and count.
    async fn others(&self) -> Result<Vec<(String, u32)>, Failure> {
        let mut others = Vec::new();
        for facts in self.tablet.vaults().await.map_err(|error| super::vault_failure(&error))? {
            let unsent = self.tablet.unsent(facts.vault).await.map_err(|error| super::vault_failure(&error))?;
            if unsent > 0 && Some(facts.vault) != self.open_vault() {
                others.push((facts.nickname, unsent));
            }
        }
        Ok(others)
    }
}

fn tray_item(session: &Session, trayed: &rows::Trayed) -> TrayItem {
    use shared::command::Edit;
    let pending = &trayed.entry.pending;
    let (path, value) = match &pending.edit {
        Edit::SetField { key, value, .. } | Edit::Choose { key, value, .. } => {
            (FieldPath::Field(key.clone()), value.clone())
        }
        Edit::SetRowField { table, row, key, value, .. } | Edit::ChooseRowField { table, row, key, value, .. } => {
            (FieldPath::Row { table: table.clone(), row: *row, key: key.clone() }, value.clone())
        }
        Edit::AddRow { table, row, .. } | Edit::RemoveRow { table, row, .. } | Edit::RestoreRow { table, row, .. } => {
            (FieldPath::RowMade { table: table.clone(), row: *row }, shared::value::Scalar::Null)
        }
        Edit::EditText { key, new, .. } => (FieldPath::Text(key.clone()), shared::value::Scalar::Str(new.clone())),
        Edit::Differ { .. } => {
            pending.edit.puts().pop().unwrap_or((FieldPath::Field(String::new()), Default::default()))
        }
    };
    let place = query::value::place_in(&pending.key, &path);
    TrayItem {
        item: trayed.number,
        code: code_of(session, pending.key.case),
        covered: is_covered(&session.pack, &pending.key, &path),
        place,
        value,
        reason: trayed.entry.reason,
        held: trayed.entry.held,
        said_ms: pending.time_ms,
        decided: trayed.entry.decided.as_ref().map(|decided| crate::api::HeldDecidedView {
            taken_in: decided.outcome.is_taken_in(),
            by: session.name_of(decided.by),
            at_ms: decided.at_ms,
            reason: decided.reason.clone(),
        }),
    }
}

/// The code of a held change's case, and its person.
fn held_names(session: &Session, row: &crate::engine::held::HeldRow) -> (String, String) {
    let person = row.item.content.as_ref().map(|content| person_code(session, &content.key)).unwrap_or_default();
    (code_of(session, row.item.case), person)
}

fn code_of(session: &Session, case: CaseId) -> String {
    session
        .index
        .core(case)
        .map(|core| core.text(keys::FIELD_CODE).to_owned())
        .or_else(|| session.reports.get(&case).map(|report| report.field_code.clone()))
        .unwrap_or_default()
}

async fn conflicts(session: &mut Session) -> Result<Vec<ConflictView>, Failure> {
    let with: Vec<DocumentKey> =
        session.index.all().filter(|summary| summary.conflicts > 0).map(|summary| summary.key.clone()).collect();
    let (actor, pack, today) = (session.actor(), session.pack.clone(), session.today());
    let directory = session.directory.clone();
    let mut all = Vec::new();
    for key in with {
        let facts = session.case_facts(key.case).await?;
        let code = code_of(session, key.case);
        let person = person_code(session, &key);
        let asker = Asker { pack: &pack, actor: &actor, today };
        let replica = session.replica(&key).await?;
        let maker = creator(&replica.document);
        let may = |path: &FieldPath| may_write_at(asker, &facts, &key, maker, path);
        let shown = |path: &FieldPath| !hides_at(&pack, &facts, &key, path);
        all.extend(query::conflicts::of_document(replica, (&pack, &directory), &code, &person, shown, may));
    }
    for conflict in &mut all {
        conflict.ask = requests::offer(session, conflict).await?;
    }
    all.arrange_by_key(|conflict| (conflict.weight, std::cmp::Reverse(conflict.since_ms)));
    Ok(all)
}

fn person_code(session: &Session, key: &DocumentKey) -> String {
    let people = session.index.core(key.case).map_or(&[][..], |core| core.people.as_slice());
    people
        .iter()
        .find(|person| Some(person.subject) == key.subject)
        .map_or_else(String::new, |person| format!("K{}", person.number))
}
