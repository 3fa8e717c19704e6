//! What people did, and what each of them had seen when doing it.
//!
//! A write is known by its place in its tablet's queue, because its bytes change when it is written anew; hashes are
//! gathered as they appear. Must never be told anything by a merge.

use std::collections::{BTreeMap, BTreeSet};

use client::engine::session::Session;
use shared::document::path::FieldPath;
use shared::id::ChangeHash;
use shared::sync::row::{PendingEdit, PendingOrder};
use shared::sync::{change_hash, is_derived};
use shared::value::Scalar;

/// Names a write of a schedule.
pub type WriteId = usize;

/// What a person meant.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// Values of fields, written together.
    Values(Vec<(FieldPath, Scalar)>),
    /// An edit of the long text: runs of characters that exist only once, and characters that were on the screen.
    Text {
        /// What was typed, run by run.
        inserted: Vec<Vec<char>>,
        /// What was taken away.
        deleted: BTreeSet<char>,
    },
}

/// A write as its author meant it.
#[derive(Debug, Clone)]
pub struct Intent {
    /// What.
    pub meaning: Meaning,
    /// Writes whose values were on the screen in the places it replaces.
    pub shown: BTreeSet<WriteId>,
    /// The relay must refuse it.
    pub hopeless: bool,
}

/// A write that is on a tablet's stable storage.
#[derive(Debug, Clone)]
pub struct Written {
    /// The tablet.
    pub tablet: usize,
    /// How often the tablet had been switched on before.
    pub session: u32,
    /// Its place in the tablet's queue.
    pub order: PendingOrder,
    /// Every form its change ever had, text containers left out.
    pub hashes: BTreeSet<ChangeHash>,
    /// What was meant.
    pub intent: Intent,
}

/// Everything that was written.
#[derive(Debug, Default)]
pub struct Model {
    /// In the order in which it happened.
    pub writes: Vec<Written>,
    by_hash: BTreeMap<ChangeHash, WriteId>,
    by_order: BTreeMap<(usize, PendingOrder), WriteId>,
    doubts: BTreeMap<usize, Intent>,
    sessions: BTreeMap<usize, u32>,
    drawn: u32,
}

impl Model {
    /// A number nobody else got.
    pub fn fresh(&mut self) -> u32 {
        self.drawn = self.drawn.saturating_add(1);
        self.drawn
    }

    /// A run of characters that nobody else types. They are private ones, which are no letters: a replaced word is
    /// replaced as a whole, and here every character has its own fate.
    pub fn fresh_run(&mut self, len: u32) -> Vec<char> {
        let first = 0xe000_u32.saturating_add(self.drawn);
        self.drawn = self.drawn.saturating_add(len);
        (0..len).filter_map(|at| char::from_u32(first.saturating_add(at))).collect()
    }

    /// The writes behind some changes.
    pub fn ids(&self, hashes: impl IntoIterator<Item = ChangeHash>) -> BTreeSet<WriteId> {
        hashes.into_iter().filter_map(|hash| self.by_hash.get(&hash).copied()).collect()
    }

    /// A tablet was switched off and on.
    pub fn note_restart(&mut self, tablet: usize) {
        let session = self.sessions.entry(tablet).or_default();
        *session = session.saturating_add(1);
    }

    /// A write failed with the store, so that nobody knows whether it is there; the queue will tell.
    pub fn note_doubt(&mut self, tablet: usize, intent: Intent) {
        self.doubts.insert(tablet, intent);
    }

    /// Whether a write of the tablet is in doubt.
    #[must_use]
    pub fn is_in_doubt(&self, tablet: usize) -> bool {
        self.doubts.contains_key(&tablet)
    }

    /// Looks through a tablet's queue: new entries are the write just made (or in doubt), known ones may have new bytes.
    ///
    /// # Errors
    /// When the queue holds something nobody wrote.
    pub async fn scan(&mut self, tablet: usize, session: &Session, made: Option<Intent>) -> anyhow::Result<()> {
        let doubt = self.doubts.remove(&tablet);
        let mut intent = made.or(doubt);
        for edit in session.rows.pending().await?.iter().filter(|edit| edit.key.kind == super::template::KIND) {
            let id = match self.by_order.get(&(tablet, edit.order)) {
                Some(id) => *id,
                None => {
                    let intent = intent.take().ok_or_else(|| anyhow::anyhow!("an edit nobody made: {edit:?}"))?;
                    self.add(tablet, edit, intent)
                }
            };
            self.note_hashes(id, edit);
        }
        Ok(())
    }

    fn add(&mut self, tablet: usize, edit: &PendingEdit, intent: Intent) -> WriteId {
        let id = self.writes.len();
        let session = self.sessions.get(&tablet).copied().unwrap_or(0);
        self.writes.push(Written { tablet, session, order: edit.order, hashes: BTreeSet::new(), intent });
        self.by_order.insert((tablet, edit.order), id);
        id
    }

    fn note_hashes(&mut self, id: WriteId, edit: &PendingEdit) {
        for change in edit.changes.iter().filter(|change| !is_derived(&change.0)) {
            let Some(hash) = change_hash(&change.0) else { continue };
            self.by_hash.insert(hash, id);
            if let Some(written) = self.writes.get_mut(id) {
                written.hashes.insert(hash);
            }
        }
    }

    /// Whether `later` is a write of the same session as `earlier`, made after it.
    #[must_use]
    pub fn is_own(&self, earlier: WriteId, later: WriteId) -> bool {
        match (self.writes.get(earlier), self.writes.get(later)) {
            (Some(one), Some(other)) => one.tablet == other.tablet && earlier < later,
            (Some(_) | None, _) => false,
        }
    }
}
