//! An unlocked vault in memory: open documents, summaries, directory, and the one way in which anything is written.
//!
//! Owns the order "try on a clone, keep the row, take over"; must never touch the network. One lock guards a session, so
//! that a page of the relay and an edit of the user never interleave.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use futures::future::try_join5;
use shared::access::{AccountStatus, Actor, CaseFacts, RoleTerm};
use shared::command::Edit;
use shared::date::CivilDate;
use shared::document::path::FieldPath;
use shared::id::{AccountId, ActorId, CaseId, DocumentId, DocumentKey, HeldId, RowId, SubjectId, hash16};
use shared::order::Gather as _;
use shared::pack::Pack;
use shared::protocol::alarm::{Alarm, AlarmState};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Member, ReportStatus};
use shared::sync::rebuild::{Renamed, error_code};
use shared::sync::row::{DocumentRows, PendingEdit, PendingOrder, SyncMeta};
use shared::value::Scalar;

use super::directory::Directory;
use super::fresh::Fresh;
use super::held::HeldRow;
use super::index::CaseIndex;
use super::keys;
use super::permission::{Asker, creator, facts, may_write_at, refused_value};
use super::query::found::FoundBy;
use super::replica::{EditContext, Replica, Tried};
use super::rows::{Applied, LocalReport, Owner, Reading, RowWrites, Rows, Settings, Stamps, Trayed};
use super::summarise::OVERTAKEN_MAX;
use super::summary::Summary;
use super::unsaved::UnsavedTexts;
use crate::api::{Failure, FieldPlace, Typed};
use crate::platform::{Local, draw};
use crate::store::sealed::Writes;
use crate::store::{Durability, StoreError};

/// How long it is kept who took a danger, milliseconds.
const TAKEN_KEPT_MS: u64 = 86_400_000;
/// Open documents kept in memory; the least recently opened goes first.
const REPLICAS_MAX: usize = 64;

/// One edit of one document.
#[derive(Debug, Clone)]
pub struct DocumentEdit {
    /// The document.
    pub key: DocumentKey,
    /// The edit.
    pub edit: Edit,
}

/// Edits that were tried, with the documents they make.
pub(super) struct Prepared {
    tried: BTreeMap<DocumentId, Replica>,
    made: Vec<PendingEdit>,
    summaries: Vec<Summary>,
    /// Those in whose place they come.
    stamps: Stamps,
}

impl Prepared {
    pub(super) const fn stamps(&self) -> &Stamps {
        &self.stamps
    }

    fn cases(&self) -> BTreeSet<CaseId> {
        self.tried.values().map(|replica| replica.key.case).into_set()
    }
}

/// What a list of cases is made of: which summaries, which names, and which day, for who manages a case is a question of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListsState {
    summaries: u64,
    names: u64,
    today: CivilDate,
}

/// Tells other tabs of this vault which documents changed.
pub type Notify = Rc<dyn Fn(&[DocumentId])>;

/// An unlocked vault.
pub struct Session {
    /// Its rows.
    pub rows: Rows,
    /// Whose it is.
    pub owner: Owner,
    /// The pack.
    pub pack: Rc<Pack>,
    /// Preferences.
    pub settings: Settings,
    /// Names.
    pub directory: Directory,
    /// Summaries.
    pub index: CaseIndex,
    /// What searches look through.
    pub(super) found_by: RefCell<FoundBy>,
    /// Raised whenever a name may be another than before.
    names: u64,
    /// Statuses of reports handed over.
    pub statuses: BTreeMap<CaseId, ReportStatus>,
    /// Dangers this account was told of.
    pub alarms: BTreeMap<CaseId, Alarm>,
    /// Reports this tablet took.
    pub reports: BTreeMap<CaseId, LocalReport>,
    /// Those of which nothing has left it, as far as this tab has heard.
    pub(super) here: BTreeSet<CaseId>,
    /// Reports that were ended because their person wanted no record: nobody writes there any more.
    pub(super) ended: BTreeSet<CaseId>,
    /// Edits that were not merged.
    pub tray: Vec<Trayed>,
    /// What waits for this person's decision, and what was decided.
    pub held: BTreeMap<HeldId, HeldRow>,
    /// What is being typed.
    pub drafts: BTreeMap<FieldPlace, Typed>,
    /// Places of which the draft stands in memory alone, because the tablet is full.
    pub(super) only_here: Vec<FieldPlace>,
    /// Long texts that could not be written.
    pub unsaved: UnsavedTexts,
    /// What the sync machine remembers.
    pub meta: SyncMeta,
    /// The day on which kept own uploads were last looked through for old ones.
    pub kept_looked: Option<CivilDate>,
    /// A report that is only tried out, in a room of its own.
    pub(super) practice: Option<Box<Session>>,
    pub(super) local: Rc<dyn Local>,
    pub(super) notify: Notify,
    pub(super) fence: Option<u32>,
    /// What operations are called now that somebody may still have on the screen by an earlier name.
    pub(super) renamed: Renamed,
    /// What was being read when the program died, last time.
    pub(super) died_reading: Option<Reading>,
    /// What stands in the store as being read: the next of what is read in the background.
    pub(super) announced: Option<Reading>,
    /// What came a moment ago.
    pub(super) fresh: Fresh,
    /// Documents that may have edits which are not acknowledged; more than have, never fewer, but for what another tab wrote and
    /// this one has not heard of.
    pub(super) may_have_edits: BTreeSet<DocumentId>,
    /// Documents that do not open.
    pub(super) aside: BTreeSet<DocumentId>,
    /// Documents of which the program died: nobody opens them but whoever asks for it.
    pub(super) deadly: BTreeSet<DocumentId>,
    pub(super) replicas: BTreeMap<DocumentId, (u64, Replica)>,
    opened: u64,
    pub(super) actors: BTreeMap<DocumentId, ActorId>,
    tab: u32,
    last_order: u64,
}

/// Makes a failure of a code.
#[must_use]
pub const fn failure(code: ErrorCode) -> Failure {
    Failure { code: code.number(), retry_after_s: None }
}

/// The failure people see for a store's error.
#[must_use]
pub fn store_failure(error: &StoreError) -> Failure {
    failure(match error {
        StoreError::Full => ErrorCode::TabletFull,
        StoreError::Newer => ErrorCode::TabletStoreNewer,
        StoreError::Closed => ErrorCode::Locked,
        StoreError::Missing
        | StoreError::Declined
        | StoreError::Corrupt { .. }
        | StoreError::Unavailable
        | StoreError::Backend { .. } => ErrorCode::TabletStore,
    })
}

impl Session {
    /// Reads everything a session needs from an open store.
    ///
    /// # Errors
    /// [`Failure`] when the vault is not enrolled, has no pack, or its store fails.
    pub async fn open(rows: Rows, local: Rc<dyn Local>, notify: Notify) -> Result<Self, Failure> {
        let store = |error: StoreError| store_failure(&error);
        let owner = rows.owner().await.map_err(store)?.ok_or(failure(ErrorCode::DeviceUnknown))?;
        let pack_bytes = rows.pack().await.map_err(store)?.ok_or(failure(ErrorCode::PackMissing))?;
        let pack = Rc::new(Pack::from_cbor(&pack_bytes).map_err(|_| failure(ErrorCode::PackFaulty))?);
        let mut session = Self::over(rows, owner, pack, local, notify);
        session.died_reading = session.rows.reading().await.map_err(store)?;
        session.reload().await?;
        session.open_practice().await?;
        Ok(session)
    }

    /// A session over rows that are still to be read.
    pub(super) fn over(rows: Rows, owner: Owner, pack: Rc<Pack>, local: Rc<dyn Local>, notify: Notify) -> Self {
        Self {
            settings: Settings::default(),
            directory: Directory::default(),
            index: CaseIndex::default(),
            found_by: RefCell::default(),
            names: 0,
            statuses: BTreeMap::new(),
            alarms: BTreeMap::new(),
            reports: BTreeMap::new(),
            here: BTreeSet::new(),
            ended: BTreeSet::new(),
            tray: Vec::new(),
            held: BTreeMap::new(),
            kept_looked: None,
            drafts: BTreeMap::new(),
            only_here: Vec::new(),
            unsaved: UnsavedTexts::default(),
            meta: SyncMeta::default(),
            practice: None,
            tab: u32::from_be_bytes(draw(&*local)),
            local,
            notify,
            fence: None,
            renamed: Renamed::default(),
            died_reading: None,
            announced: None,
            fresh: Fresh::default(),
            may_have_edits: BTreeSet::new(),
            aside: BTreeSet::new(),
            deadly: BTreeSet::new(),
            replicas: BTreeMap::new(),
            opened: 0,
            actors: BTreeMap::new(),
            last_order: 0,
            owner,
            pack,
            rows,
        }
    }

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
        let known = std::mem::take(&mut self.directory).all();
        self.directory.put(self.owner.member.clone());
        for member in members {
            self.directory.put(member);
        }
        for (number, day) in contacts {
            self.directory.note_contact(number, CivilDate::from_days(day));
        }
        if self.directory.all() != known {
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
        self.drafts = drafts
            .into_iter()
            .filter_map(|draft| Some((minicbor::decode(&draft.place).ok()?, draft.typed())))
            .into_map();
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

    /// Has whatever shows names be made anew.
    pub(super) const fn note_renamed(&mut self) {
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

    /// The tablet's clock.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.local.now_ms()
    }

    /// The later of the tablet's clock and the last contact: a tablet whose clock fell back does not write the past.
    #[must_use]
    pub fn latest_ms(&self) -> u64 {
        self.now_ms().max(self.meta.last_contact_ms.unwrap_or(0))
    }

    /// Whether the tablet's clock cannot be trusted for dates.
    #[must_use]
    pub fn clock_wrong(&self) -> bool {
        let limit = i64::try_from(shared::protocol::limits::CLOCK_SKEW_S_MAX.saturating_mul(1000)).unwrap_or(i64::MAX);
        let behind = self.meta.last_contact_ms.is_some_and(|last| self.now_ms().saturating_add(60_000) < last);
        behind || self.meta.clock_skew_ms.saturating_abs() > limit
    }

    /// Whether the relay was not met for so long that the vault stays locked until it is. The relay's clock counts, as far as
    /// it is known: a tablet whose own clock is wrong by months still opens after a contact.
    #[must_use]
    pub fn lease_over(&self) -> bool {
        let lease_ms = i128::from(shared::protocol::limits::LEASE_DAYS).saturating_mul(86_400_000);
        let relay_now_ms = i128::from(self.now_ms()).saturating_sub(i128::from(self.meta.clock_skew_ms));
        self.meta.last_contact_ms.is_some_and(|last| relay_now_ms.saturating_sub(i128::from(last)) > lease_ms)
    }

    /// Today in the pack's zone.
    #[must_use]
    pub fn today(&self) -> CivilDate {
        CivilDate::at(i64::try_from(self.latest_ms()).unwrap_or(0), self.pack.zone.offset_minutes)
    }

    /// Random bytes.
    #[must_use]
    pub fn draw<const N: usize>(&self) -> [u8; N] {
        draw(&*self.local)
    }

    /// The account as access sees it. Terms of office are the relay's to know; the directory lists roles in force.
    #[must_use]
    pub fn actor(&self) -> Actor {
        actor_of(self.directory.member(self.owner.account).unwrap_or(&self.owner.member))
    }

    /// Opens a document, or takes it from memory.
    ///
    /// # Errors
    /// [`Failure`] of the store, or [`ErrorCode::HeldAside`] when its rows do not open.
    pub async fn replica(&mut self, key: &DocumentKey) -> Result<&mut Replica, Failure> {
        let id = key.id();
        if self.deadly.contains(&id) {
            return Err(failure(ErrorCode::HeldAside));
        }
        self.opened = self.opened.saturating_add(1);
        if !self.replicas.contains_key(&id) {
            let wanted = std::iter::once(id).into_set();
            let mut rows = self.rows.documents(&wanted).await.map_err(|error| store_failure(&error))?;
            let rows: DocumentRows = rows.remove(&id).unwrap_or_default();
            let replica = Replica::open(key.clone(), &rows).map_err(|_| failure(ErrorCode::HeldAside))?;
            if self.replicas.len() >= REPLICAS_MAX {
                let oldest = self.replicas.iter().min_by_key(|(_, (opened, _))| *opened).map(|(id, _)| *id);
                oldest.and_then(|oldest| self.replicas.remove(&oldest));
            }
            self.replicas.insert(id, (self.opened, replica));
        }
        let entry = self.replicas.get_mut(&id).ok_or(failure(ErrorCode::ItemGone))?;
        entry.0 = self.opened;
        Ok(&mut entry.1)
    }

    /// Opens a document that is about to be made, about somebody nobody could have written of yet: no row is looked for.
    pub(super) fn begin_document(&mut self, key: &DocumentKey) -> Result<(), Failure> {
        let replica =
            Replica::open(key.clone(), &DocumentRows::default()).map_err(|_| failure(ErrorCode::HeldAside))?;
        self.replicas.insert(key.id(), (self.opened, replica));
        Ok(())
    }

    /// Closes the documents that were opened longest ago, down to the most that stay open.
    pub(super) fn close_oldest(&mut self) {
        while self.replicas.len() > REPLICAS_MAX {
            let oldest = self.replicas.iter().min_by_key(|(_, (opened, _))| *opened).map(|(id, _)| *id);
            let Some(oldest) = oldest else { return };
            self.replicas.remove(&oldest);
        }
    }

    /// Whether a document is on this tablet.
    #[must_use]
    pub fn has(&self, key: &DocumentKey) -> bool {
        self.index.has(key)
    }

    /// Has other tabs of this vault read their rows again, although no document changed.
    pub(super) fn tell_others(&self) {
        self.tell(&[]);
    }

    /// Has other tabs of this vault read these documents again.
    pub(super) fn tell(&self, documents: &[DocumentId]) {
        (self.notify)(documents);
    }

    fn actor_for(&mut self, document: DocumentId) -> ActorId {
        let fresh = ActorId::from_bytes(hash16("simpul/actor", &[&self.draw::<16>(), document.as_bytes()]));
        *self.actors.entry(document).or_insert(fresh)
    }

    pub(super) fn next_order(&mut self) -> PendingOrder {
        self.last_order = self.last_order.saturating_add(1).max(self.now_ms());
        PendingOrder { number: self.last_order, tab: self.tab }
    }

    /// What access asks of a case, as its core says it; nothing while that is not here.
    ///
    /// # Errors
    /// As [`Session::replica`].
    pub(super) async fn case_facts(&mut self, case: CaseId) -> Result<CaseFacts, Failure> {
        let core = core_key(case);
        if !self.has(&core) {
            return Ok(facts(None));
        }
        Ok(facts(Some(&self.replica(&core).await?.document)))
    }

    /// Refuses early what the relay would refuse.
    ///
    /// # Errors
    /// [`ErrorCode::WriteForbidden`].
    pub async fn check_may_write(&mut self, key: &DocumentKey, path: &FieldPath) -> Result<(), Failure> {
        self.check(key, path, None).await
    }

    /// As [`Self::check_may_write`], for a place whose value matters: a stage, a signature under a closing.
    ///
    /// # Errors
    /// [`ErrorCode::WriteForbidden`], [`ErrorCode::ClosingAlone`], [`ErrorCode::GateShut`].
    pub async fn check_may_put(&mut self, key: &DocumentKey, path: &FieldPath, value: &Scalar) -> Result<(), Failure> {
        self.check(key, path, Some(value)).await
    }

    /// Whether an account must not know of a case, as far as this tablet may know that.
    #[must_use]
    pub fn is_excluded(&self, case: CaseId, account: AccountId) -> bool {
        let office = self.directory.member(account).and_then(|member| member.office.as_ref());
        let id = account.to_string();
        self.index.excluded(case).iter().any(|named| *named == id || Some(named) == office)
    }

    /// Refuses early to give a case to somebody who must not know of it: they would receive nothing.
    pub(super) fn check_not_excluded(&self, case: CaseId, account: AccountId) -> Result<(), Failure> {
        if self.is_excluded(case, account) { Err(failure(ErrorCode::AssignExcluded)) } else { Ok(()) }
    }

    async fn check(&mut self, key: &DocumentKey, path: &FieldPath, value: Option<&Scalar>) -> Result<(), Failure> {
        self.read_case(key.case).await?;
        let mut facts = self.case_facts(key.case).await?;
        let maker = match self.has(key) {
            true => creator(&self.replica(key).await?.document),
            false => None,
        }
        .or(Some(self.owner.account));
        // A case that is only beginning has no core yet: its author may write it.
        if facts.creators.is_empty() {
            facts.creators.insert(self.owner.account);
        }
        let actor = self.actor();
        let asker = Asker { pack: &self.pack, actor: &actor, today: self.today() };
        let refused = if may_write_at(asker, &facts, key, maker, path) {
            value.and_then(|value| refused_value(asker, &facts, key, path, value))
        } else {
            Some(ErrorCode::WriteForbidden)
        };
        refused.map_or(Ok(()), |code| Err(failure(code)))
    }

    /// Makes edits, whole or not at all, with other rows of the same act. Returns once they are on stable storage.
    ///
    /// # Errors
    /// [`Failure`]; nothing was written then.
    pub async fn edit(&mut self, edits: Vec<DocumentEdit>, writes: Writes) -> Result<(), Failure> {
        self.edit_then(edits, None, writes, &mut |_, _| {}).await
    }

    /// As [`Self::edit`], with a remark in every change, and with rows that depend on the changes made.
    pub(super) async fn edit_then(
        &mut self,
        edits: Vec<DocumentEdit>,
        message: Option<String>,
        writes: Writes,
        also: &mut dyn FnMut(&[PendingEdit], &mut Writes),
    ) -> Result<(), Failure> {
        for _ in 0..OVERTAKEN_MAX {
            // Tried again on what stands there now.
            if self.edit_once(edits.clone(), message.clone(), writes.clone(), &mut *also).await? == Applied::Done {
                return Ok(());
            }
        }
        Err(failure(ErrorCode::TabletStore))
    }

    /// As [`Self::edit_then`], but where another tab was faster nothing is written, and that is heard of: for whom what to
    /// write depends on what stands there.
    pub(super) async fn edit_once(
        &mut self,
        edits: Vec<DocumentEdit>,
        message: Option<String>,
        mut writes: Writes,
        also: &mut dyn FnMut(&[PendingEdit], &mut Writes),
    ) -> Result<Applied, Failure> {
        let prepared = self.prepare(edits, message, &mut writes).await?;
        also(&prepared.made, &mut writes);
        let (cases, stamps) = (prepared.cases(), prepared.stamps());
        let applied = self.apply_with_summaries(&cases, writes, stamps, Durability::Strict).await?;
        match applied {
            Applied::Done => self.keep(prepared),
            Applied::Overtaken => self.hear(&prepared.tried.keys().copied().into_set()).await?,
        }
        Ok(applied)
    }

    /// Tries edits and puts what keeps them into the writes. Nothing is done before those were applied and
    /// [`Session::keep`] was told.
    pub(super) async fn prepare(
        &mut self,
        edits: Vec<DocumentEdit>,
        message: Option<String>,
        writes: &mut Writes,
    ) -> Result<Prepared, Failure> {
        let mut tried: BTreeMap<DocumentId, Replica> = BTreeMap::new();
        let mut made = Vec::new();
        for DocumentEdit { key, edit } in edits {
            let id = key.id();
            let order = self.next_order();
            let context = EditContext {
                author: self.owner.account,
                actor: self.actor_for(id),
                time_ms: self.now_ms(),
                order,
                urgent: self.is_urgent(&key),
            };
            let mut replica = match tried.remove(&id) {
                Some(replica) => replica,
                None => self.replica(&key).await?.clone(),
            };
            let outcome: Tried =
                replica.try_edit(edit, message.clone(), &context).map_err(|error| failure(error_code(&error)))?;
            made.extend(outcome.pending.clone());
            replica.keep(outcome);
            tried.insert(id, replica);
        }
        let (mut summaries, mut stamps, stamp) = (Vec::new(), Stamps::new(), self.draw_stamp());
        for (document, replica) in &tried {
            let summary = Summary::of(replica, &self.pack).stamped(stamp);
            writes.summary(&summary);
            stamps.insert(*document, self.index.summary(&summary.key).map_or(0, |before| before.stamp));
            summaries.push(summary);
        }
        let tells_danger = |summary: &Summary| summary.key.kind == keys::CORE && summary.is_true(keys::EMERGENCY);
        let in_danger = summaries.iter().filter(|summary| tells_danger(summary)).map(|one| one.key.case).into_set();
        for edit in &mut made {
            // The very edit that tells of a danger is one of danger, with what its act wrote beside it.
            edit.urgent |= in_danger.contains(&edit.key.case);
            writes.pending(edit);
        }
        Ok(Prepared { tried, made, summaries, stamps })
    }

    /// Takes edits over whose rows are on stable storage, and tells the other tabs.
    pub(super) fn keep(&mut self, prepared: Prepared) {
        for summary in prepared.summaries {
            self.index.put(summary);
        }
        self.may_have_edits.extend(prepared.made.iter().map(|edit| edit.key.id()));
        let touched: Vec<DocumentId> = prepared.tried.keys().copied().collect();
        for (id, replica) in prepared.tried {
            self.replicas.insert(id, (self.opened, replica));
        }
        (self.notify)(&touched);
    }

    /// Forgets documents that stand in no row any more.
    pub(super) fn forget_documents(&mut self, documents: &BTreeSet<DocumentId>) {
        for document in documents {
            self.replicas.remove(document);
            self.actors.remove(document);
            self.aside.remove(document);
            self.deadly.remove(document);
            self.index.remove(*document);
        }
    }

    fn is_urgent(&self, key: &DocumentKey) -> bool {
        self.index.core(key.case).is_some_and(|core| core.is_true(keys::EMERGENCY))
    }

    /// Whether something of a report with danger has not been sent.
    #[must_use]
    pub fn danger_waits(&self) -> bool {
        self.index.unsent().any(|summary| self.is_urgent(&summary.key))
    }

    /// Becomes the one tab whose sync loop may write: later batches of any other tab's loop are declined. Summaries, as many
    /// as there are documents, are read again unless this session read them just now and heard all other tabs since.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn lead(&mut self, summaries_read: bool) -> Result<(), Failure> {
        let fence = self.tab;
        self.rows.set_fence(fence).await.map_err(|error| store_failure(&error))?;
        self.fence = Some(fence);
        self.fresh.clear();
        if !self.rows.has_documents().await.map_err(|error| store_failure(&error))? {
            self.fresh.begin_empty();
        }
        if summaries_read { self.reload_lists().await } else { self.reload().await }
    }

    /// Another tab of this account wrote these documents: read them again. [`Session::reload_lists`] has to follow; it
    /// takes longer, and what the documents say need not wait for it.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn poked(&mut self, documents: &BTreeSet<DocumentId>) -> Result<(), Failure> {
        self.hear(documents).await?;
        self.poked_practice(documents).await
    }

    /// Takes over what another tab made of documents, and reads them from the store when they are next needed.
    pub(super) async fn hear(&mut self, documents: &BTreeSet<DocumentId>) -> Result<(), Failure> {
        for document in documents {
            self.replicas.remove(document);
            self.actors.remove(document);
            self.fresh.forget(document);
        }
        let found = self.rows.summaries_of(documents).await.map_err(|error| store_failure(&error))?;
        for (document, summary) in documents.iter().zip(found) {
            self.index.hear(*document, summary);
        }
        Ok(())
    }

    /// Tells this session from every other, also from an earlier one of the same vault.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.tab
    }

    /// Own edits that were held or refused, and are not decided.
    #[must_use]
    pub fn untaken(&self) -> u32 {
        let waiting = self.tray.iter().filter(|trayed| trayed.entry.decided.is_none());
        u32::try_from(waiting.count()).unwrap_or(u32::MAX)
    }

    /// Held changes that wait for this person.
    #[must_use]
    pub fn to_decide(&self) -> u32 {
        u32::try_from(self.held.values().filter(|row| row.waits()).count()).unwrap_or(u32::MAX)
    }

    /// Edits not yet acknowledged, counted by change.
    #[must_use]
    pub fn unsent(&self) -> u32 {
        self.index.unsent().fold(0, |sum, summary| sum.saturating_add(summary.unsent))
    }

    /// A name of a member, empty if unknown.
    #[must_use]
    pub fn name_of(&self, account: Option<AccountId>) -> String {
        account.map_or_else(String::new, |account| self.directory.name(account).to_owned())
    }
}

/// A member as access sees them, as far as the directory tells: without terms and office.
pub(super) fn actor_of(member: &Member) -> Actor {
    let roles = member.roles.iter().map(|role| RoleTerm {
        role: role.clone(),
        unit: Some(member.unit.clone()),
        from: CivilDate::from_days(0),
        to: None,
    });
    Actor {
        account: member.account,
        office: None,
        status: if member.active { AccountStatus::Active } else { AccountStatus::Stopped },
        roles: roles.collect(),
    }
}

/// The key of a case's core.
#[must_use]
pub fn core_key(case: CaseId) -> DocumentKey {
    document_key(case, keys::CORE, None)
}

/// The key of a document of the first generation.
#[must_use]
pub fn document_key(case: CaseId, kind: &str, subject: Option<SubjectId>) -> DocumentKey {
    DocumentKey { case, kind: kind.to_owned(), subject, generation: 0 }
}

/// A fresh row id.
#[must_use]
pub fn fresh_row(session: &Session) -> RowId {
    RowId::from_bytes(session.draw())
}
