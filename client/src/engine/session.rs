//! An unlocked vault in memory: open documents, summaries, directory, and the one way in which anything is written.
//!
//! Owns the order "try on a clone, keep the row, take over"; must never touch the network. One lock guards a session, so
//! that a page of the relay and an edit of the user never interleave.

mod edit;
mod lists;
mod replicas;
mod right;
mod tabs;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use shared::access::{AccountStatus, Actor, RoleTerm};
use shared::date::CivilDate;
use shared::id::{AccountId, ActorId, CaseId, DocumentId, DocumentKey, HeldId, RowId, SubjectId};
use shared::pack::Pack;
use shared::protocol::alarm::Alarm;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Member, ReportStatus};
use shared::sync::rebuild::Renamed;
use shared::sync::row::SyncMeta;

pub use self::edit::DocumentEdit;
pub use self::lists::ListsState;
use super::directory::Directory;
use super::fresh::Fresh;
use super::held::HeldRow;
use super::index::CaseIndex;
use super::keys;
use super::query::found::FoundBy;
use super::replica::Replica;
use super::rows::{LocalReport, Owner, Reading, Rows, Settings, Trayed};
use super::unsaved::UnsavedTexts;
use crate::api::{Failure, FieldPlace, Typed};
use crate::platform::{Local, draw};
use crate::store::StoreError;

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
    /// The mark of what was only here when it was saved to a file.
    pub(super) saved: Option<[u8; 32]>,
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
        // Its person was told before.
        session.forget_held(HeldRow::is_unknown).await?;
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
            saved: None,
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

    /// Whether a document is on this tablet.
    #[must_use]
    pub fn has(&self, key: &DocumentKey) -> bool {
        self.index.has(key)
    }

    fn is_urgent(&self, key: &DocumentKey) -> bool {
        self.index.core(key.case).is_some_and(|core| core.is_true(keys::EMERGENCY))
    }

    /// Whether something of a report with danger has not been sent.
    #[must_use]
    pub fn danger_waits(&self) -> bool {
        self.index.unsent().any(|summary| self.is_urgent(&summary.key))
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
