//! "Coba dengan laporan latihan": a report that is tried out and never leaves the tablet.
//!
//! ```text
//!  session ── rows ───▶ work room      the only one that sync, lists, counts, tables, exports and alarms ever read
//!     └─ practice: session ── rows ───▶ practice room      the same tables under other numbers
//! ```
//! It is a session of its own inside that of the vault, with the same pages and the same acts, over rows that nothing else can
//! name. So nobody has to leave it out anywhere: what forgets that there is practice does not see it. Its case is always
//! [`PRACTICE`]; [`Session::room`] is the one way in, and `apply_to_cases` keeps either room from taking what belongs into the
//! other. It ends with its hand-over, with one tap, when the next begins, or after a day: its room is emptied as a whole.

use std::collections::BTreeSet;
use std::rc::Rc;

use shared::field_code::FieldCode;
use shared::id::{CaseId, DocumentId};
use shared::protocol::error::ErrorCode;

use super::flow;
use super::refusal;
use super::rows::{RowWrites as _, Rows};
use super::session::{Session, core_key, failure, store_failure};
use crate::api::{Failure, PRACTICE, PRACTICE_CODE, Place, Reply};
use crate::store::Durability;
use crate::store::sealed::{Table, Writes};

/// How long a practice stays, milliseconds.
const KEPT_MS: u64 = 86_400_000;

/// What tabs tell each other of the practice: this one document stands for all of it.
fn told() -> DocumentId {
    core_key(PRACTICE).id()
}

impl Session {
    fn is_practice(&self) -> bool {
        self.rows.store().is_practice()
    }

    /// Whether what is written about a case belongs into the rows of this session.
    pub(super) fn is_room_of(&self, case: CaseId) -> bool {
        self.is_practice() == (case == PRACTICE)
    }

    /// The name of a case that begins.
    pub(super) fn new_case(&self) -> CaseId {
        if self.is_practice() { PRACTICE } else { CaseId::from_bytes(self.draw()) }
    }

    /// The field code of a case that begins.
    pub(super) fn new_code(&self) -> String {
        if self.is_practice() { PRACTICE_CODE.to_owned() } else { FieldCode::from_random(self.draw()).to_string() }
    }

    /// The session in which a case is: this one, or its practice. This one too where there is no practice, and knows nothing of
    /// it then.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn room(&mut self, case: Option<CaseId>) -> Result<&mut Self, Failure> {
        if case != Some(PRACTICE) {
            return Ok(self);
        }
        self.forget_old_practice().await?;
        if self.practice.is_some() {
            self.practice.as_deref_mut().ok_or(failure(ErrorCode::ItemGone))
        } else {
            Ok(self)
        }
    }

    /// The page at which the practice goes on, if there is one.
    #[must_use]
    pub fn practice_page(&self) -> Option<u32> {
        self.practice.as_ref()?.reports.get(&PRACTICE).map(|report| report.page)
    }

    /// Reads what stands in the practice room.
    pub(super) async fn open_practice(&mut self) -> Result<(), Failure> {
        self.practice = None;
        let room = self.rows.store().practice();
        if room.count(Table::Case).await.map_err(|error| store_failure(&error))? > 0 {
            let mut practice = self.fresh_practice();
            practice.reload().await?;
            practice.know_as(self);
            self.practice = Some(Box::new(practice));
            // A tablet that may only read keeps it, and opens all the same.
            let _ = self.forget_old_practice().await;
        }
        if self.practice.is_none() {
            self.leave_practice();
        }
        Ok(())
    }

    /// Leads nobody back into a practice that is over; tells whether that was due.
    fn leave_practice(&mut self) -> bool {
        let place = self.settings.place.as_deref().and_then(|bytes| minicbor::decode::<Place>(bytes).ok());
        let was_there = place.is_some_and(|place| place.case == PRACTICE);
        if was_there {
            self.settings.place = None;
        }
        was_there
    }

    /// A session over the practice room, which tells other tabs of every write.
    fn fresh_practice(&self) -> Self {
        let notify = self.notify.clone();
        Self::over(
            Rows::new(Rc::new(self.rows.store().practice())),
            self.owner.clone(),
            self.pack.clone(),
            self.local.clone(),
            Rc::new(move |_| notify(&[told()])),
        )
    }

    /// Takes over what the practice room does not hold: people, preferences, and whether the clock is right.
    fn know_as(&mut self, other: &Self) {
        self.directory = other.directory.clone();
        self.settings = other.settings.clone();
        self.meta = other.meta.clone();
    }

    /// Another tab began, wrote or ended the practice.
    pub(super) async fn poked_practice(&mut self, documents: &BTreeSet<DocumentId>) -> Result<(), Failure> {
        if documents.contains(&told()) { self.open_practice().await } else { Ok(()) }
    }

    /// Erases a practice that was begun a day ago, or of which only a part is left because the tablet died while erasing.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub(super) async fn forget_old_practice(&mut self) -> Result<(), Failure> {
        let Some(practice) = &self.practice else { return Ok(()) };
        let begun = practice.reports.get(&PRACTICE).map(|report| report.begun_ms);
        // Either way: a clock that was set back must not keep it for years.
        let is_young = begun.is_some_and(|begun| self.latest_ms().abs_diff(begun) < KEPT_MS);
        if !is_young {
            erase(self).await?;
        }
        Ok(())
    }
}

/// Begins a practice, in place of one that is still there.
///
/// # Errors
/// [`Failure`] of the write.
pub async fn begin(session: &mut Session) -> Result<Reply, Failure> {
    erase(session).await?;
    let mut practice = session.fresh_practice();
    practice.know_as(session);
    let case = flow::start_report(&mut practice).await?;
    session.practice = Some(Box::new(practice));
    Ok(Reply::Case(case))
}

/// Erases the practice: nothing of it is left, whatever it was.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn erase(session: &mut Session) -> Result<Reply, Failure> {
    let store = |error| store_failure(&error);
    session.practice = None;
    // First alone: every write of another tab asks for this row, so none comes in between and stays.
    let mut first = Writes::new();
    first.no_local_report(PRACTICE);
    Rows::new(Rc::new(session.rows.store().practice())).apply(first, Durability::Strict).await.map_err(store)?;
    session.rows.store().erase_practice().await.map_err(store)?;
    if session.leave_practice() {
        let mut writes = Writes::new();
        writes.settings(&session.settings);
        session.rows.apply(writes, Durability::Strict).await.map_err(store)?;
    }
    session.tell(&[told()]);
    Ok(Reply::Done)
}

/// Ends a practice where a report would be handed over, if it may be.
///
/// # Errors
/// As [`flow::hand_over`]; [`ErrorCode::ItemGone`] when there is no practice.
pub async fn hand_over(session: &mut Session) -> Result<Reply, Failure> {
    let practice = session.practice.as_deref_mut().ok_or(failure(ErrorCode::ItemGone))?;
    flow::check_hand_over(practice, PRACTICE).await?;
    erase(session).await?;
    Ok(Reply::Saved)
}

/// Ends a practice whose person wants no record, as a report would end; no count is left of it.
///
/// # Errors
/// [`ErrorCode::ItemGone`] where [`refusal::offered`] offers nothing; [`Failure`] of the store.
pub async fn refuse(session: &mut Session, vital: &str) -> Result<Reply, Failure> {
    let practice = session.practice.as_deref_mut().ok_or(failure(ErrorCode::ItemGone))?;
    let offered = refusal::offered(practice, PRACTICE).await?;
    offered.filter(|view| view.danger != vital.is_empty()).ok_or(failure(ErrorCode::ItemGone))?;
    erase(session).await?;
    Ok(Reply::Refused { erased: true, kept: Some(PRACTICE) })
}
