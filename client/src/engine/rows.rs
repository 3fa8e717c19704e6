//! The rows of an open vault, by meaning: documents, edits, members, drafts and what the machine remembers.
//!
//! Owns which table and key each row has; must never decide anything. Called by the session and by the sync loop.

mod departure;
mod look;
mod off_team;
mod seen;
mod shape;
mod summaries;
mod writes;

use std::collections::BTreeSet;
use std::rc::Rc;

use futures::future::try_join;
use minicbor::{Decode, Encode};
use shared::id::{CaseId, DocumentId};
use shared::order::{Arrange as _, Gather as _};
use shared::protocol::alarm::Alarm;
use shared::protocol::frame::{HeldDocument, Member, ReportStatus, SealedOffer};
use shared::sync::row::{DocumentRows, PendingEdit, PendingOrder, RowMap, StoredDocument, SyncMeta, TrayEntry};

use crate::engine::export::ExportRecord;
use crate::engine::held::HeldRow;
use crate::engine::summary::Summary;
use crate::store::sealed::{Keyed, SealedStore, Table, Writes};
use crate::store::{Durability, StoreError};
pub use departure::{Here, Refusals, begins_here, no_here};
pub use off_team::{OffTeam, leaves_team};
pub use shape::{Draft, KeptOffer, LocalReport, NoteId, Owner, Reading, Settings, Trayed, UnreadNote, UsedBytes};
pub use summaries::{Applied, Stamps};
pub use writes::RowWrites;

const META_KEY: &[u8] = b"meta";
const COUNTER_KEY: &[u8] = b"counter";
const SLOT_KEY: &[u8] = b"slot";
const FENCE_KEY: &[u8] = b"fence";
const USED_KEY: &[u8] = b"used";
const READING_KEY: &[u8] = b"reading";
const OWNER_KEY: &[u8] = b"owner";
const SETTINGS_KEY: &[u8] = b"settings";
const PACK_KEY: &[u8] = b"pack";
const ASIDE_PREFIX: &[u8] = b"aside/";
const DEADLY_PREFIX: &[u8] = b"deadly/";
const LOCAL_PREFIX: &[u8] = b"local/";
const STATUS_PREFIX: &[u8] = b"status/";
const ALARM_PREFIX: &[u8] = b"alarm/";
const HELD_PREFIX: &[u8] = b"held/";
const EXPORT_PREFIX: &[u8] = b"export/";
const CONTACT_PREFIX: &[u8] = b"contact/";

/// The rows of an open vault.
pub struct Rows {
    store: Rc<SealedStore>,
}

/// The key of a pending edit, tray entry or note of unread documents: big-endian, so that it reads in order.
fn order_key(order: PendingOrder) -> [u8; 12] {
    let mut key = [0; 12];
    let bytes = order.number.to_be_bytes().into_iter().chain(order.tab.to_be_bytes());
    key.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    key
}

/// The order whose key this is.
fn order_of(key: &[u8]) -> Option<PendingOrder> {
    let (number, tab) = key.split_first_chunk()?;
    Some(PendingOrder { number: u64::from_be_bytes(*number), tab: u32::from_be_bytes(tab.try_into().ok()?) })
}

/// The number that names a kept own upload.
fn counter_of(key: Vec<u8>) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}

const fn tray_number(order: PendingOrder) -> u64 {
    order.number
}

fn prefixed(prefix: &[u8], key: &[u8]) -> Vec<u8> {
    [prefix, key].concat()
}

/// Rows of the case table are wrapped, because they have several shapes.
fn wrap<T: Encode<()>>(value: &T) -> minicbor::bytes::ByteVec {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes.into()
}

impl Rows {
    /// Rows of an open store.
    #[must_use]
    pub const fn new(store: Rc<SealedStore>) -> Self {
        Self { store }
    }

    /// The store below.
    #[must_use]
    pub fn store(&self) -> &SealedStore {
        &self.store
    }

    /// Who the vault belongs to; none while enrolment is unfinished.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn owner(&self) -> Result<Option<Owner>, StoreError> {
        self.store.get(Table::Owner, OWNER_KEY).await
    }

    /// Preferences.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
        Ok(self.store.get(Table::Setting, SETTINGS_KEY).await?.unwrap_or_default())
    }

    /// The pack as CBOR; none before it was fetched.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn pack(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let found: Option<minicbor::bytes::ByteVec> = self.store.get(Table::Setting, PACK_KEY).await?;
        Ok(found.map(Into::into))
    }

    /// What the sync machine remembers.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn meta(&self) -> Result<SyncMeta, StoreError> {
        Ok(self.store.get(Table::Sync, META_KEY).await?.unwrap_or_default())
    }

    /// The recovery slot, while the relay has no copy.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn slot(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let found: Option<minicbor::bytes::ByteVec> = self.store.get(Table::Sync, SLOT_KEY).await?;
        Ok(found.map(Into::into))
    }

    /// Bytes used this month.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn used(&self) -> Result<UsedBytes, StoreError> {
        Ok(self.store.get(Table::Sync, USED_KEY).await?.unwrap_or_default())
    }

    /// Takes the next counter, strictly, before it is used.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn take_counter(&self) -> Result<u64, StoreError> {
        self.store
            .update(&[(Table::Sync, COUNTER_KEY)], Durability::Strict, |reads| {
                let next = reads.get::<u64>(0)?.unwrap_or(0).saturating_add(1);
                let mut writes = Writes::new();
                writes.put(Table::Sync, COUNTER_KEY, &next);
                Ok::<_, StoreError>((writes, next))
            })
            .await
    }

    /// All unacknowledged edits, oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn pending(&self) -> Result<Vec<PendingEdit>, StoreError> {
        let mut edits: Vec<PendingEdit> = self.scan(Table::Pending).await?;
        edits.arrange_by_key(|edit| edit.order);
        Ok(edits)
    }

    /// Rows of some documents.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn documents(&self, wanted: &BTreeSet<DocumentId>) -> Result<RowMap, StoreError> {
        self.documents_beside(wanted, RowMap::new()).await
    }

    /// Rows of some documents, beside those of which is known what the relay has acknowledged.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn documents_beside(&self, wanted: &BTreeSet<DocumentId>, known: RowMap) -> Result<RowMap, StoreError> {
        let asked: Vec<(Table, &[u8])> =
            wanted.iter().map(|document| (Table::Document, document.as_bytes().as_slice())).collect();
        // Together: each is a transaction of its own, and a busy browser makes each wait its turn.
        let (reads, pending) = try_join(self.store.get_many(&asked), self.pending()).await?;
        let mut rows = known;
        for (index, document) in wanted.iter().enumerate() {
            let stored: Option<StoredDocument> = reads.get(index)?;
            rows.insert(*document, DocumentRows { stored, pending: Vec::new() });
        }
        for edit in pending {
            if let Some(rows) = rows.get_mut(&edit.key.id()) {
                rows.pending.push(edit);
            }
        }
        Ok(rows)
    }

    /// Which of some documents the relay has acknowledged.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn known(&self, wanted: &BTreeSet<DocumentId>) -> Result<BTreeSet<DocumentId>, StoreError> {
        let asked: Vec<(Table, &[u8])> =
            wanted.iter().map(|document| (Table::Document, document.as_bytes().as_slice())).collect();
        let reads = self.store.get_many(&asked).await?;
        Ok(wanted.iter().enumerate().filter(|(index, _)| reads.bytes(*index).is_some()).map(|(_, id)| *id).into_set())
    }

    /// Whether the relay has acknowledged any document at all.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn has_documents(&self) -> Result<bool, StoreError> {
        let page = self.store.scan_page::<StoredDocument>(Table::Document, None, 1).await?;
        Ok(!(page.rows.is_empty() && page.broken.is_empty()))
    }

    /// Acknowledged heads of all documents.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn all_heads(&self) -> Result<Vec<HeldDocument>, StoreError> {
        let stored: Vec<StoredDocument> = self.scan(Table::Document).await?;
        Ok(stored.into_iter().map(|stored| HeldDocument { document: stored.key.id(), heads: stored.heads }).collect())
    }

    /// Kept own uploads with this counter or a later one, for a restored relay.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn kept_from(&self, from: u64) -> Result<Vec<(u64, SealedOffer)>, StoreError> {
        let rows = self.store.scan::<KeptOffer>(Table::Kept).await?;
        let kept = rows.into_iter().filter_map(|row| Some((counter_of(row.key)?, row.value.offer)));
        Ok(kept.filter(|(counter, _)| *counter >= from).collect())
    }

    /// Counters of kept own uploads that were accepted before a moment.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn kept_before(&self, before_ms: u64) -> Result<Vec<u64>, StoreError> {
        let rows = self.store.scan::<KeptOffer>(Table::Kept).await?;
        let old = rows.into_iter().filter(|row| row.value.accepted_ms < before_ms);
        Ok(old.filter_map(|row| counter_of(row.key)).collect())
    }

    /// Gives the summary of every document.
    ///
    /// # Errors
    /// Those of the store; some were given then.
    pub async fn summaries(&self, mut each: impl FnMut(DocumentId, Summary)) -> Result<(), StoreError> {
        let give = |page: Vec<Keyed<Summary>>| {
            for row in page {
                if let Ok(document) = DocumentId::try_from(&*row.key) {
                    each(document, row.value);
                }
            }
        };
        self.store.scan_each(Table::Summary, give).await
    }

    /// Summaries of some documents, in their order; none where there is none.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn summaries_of(&self, wanted: &BTreeSet<DocumentId>) -> Result<Vec<Option<Summary>>, StoreError> {
        let asked: Vec<(Table, &[u8])> =
            wanted.iter().map(|document| (Table::Summary, document.as_bytes().as_slice())).collect();
        let reads = self.store.get_many(&asked).await?;
        (0..asked.len()).map(|index| reads.get(index)).collect()
    }

    /// The directory.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn members(&self) -> Result<Vec<Member>, StoreError> {
        self.scan(Table::Member).await
    }

    /// When devices were last in contact with the relay: directory number, and day in days since 1970-01-01.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn contacts(&self) -> Result<Vec<(u32, i64)>, StoreError> {
        self.with_prefix(CONTACT_PREFIX).await
    }

    /// The tray, oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn tray(&self) -> Result<Vec<Trayed>, StoreError> {
        let mut entries: Vec<TrayEntry> = self.scan(Table::Tray).await?;
        entries.arrange_by_key(|entry| entry.pending.order);
        Ok(entries.into_iter().map(|entry| Trayed { number: tray_number(entry.pending.order), entry }).collect())
    }

    /// Drafts of fields.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        self.scan(Table::Draft).await
    }

    /// Reports this tablet took.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn local_reports(&self) -> Result<Vec<LocalReport>, StoreError> {
        self.with_prefix(LOCAL_PREFIX).await
    }

    /// Dangers this account was told of.
    ///
    /// # Errors
    /// [`StoreError`] of the store.
    pub async fn alarms(&self) -> Result<Vec<Alarm>, StoreError> {
        self.with_prefix(ALARM_PREFIX).await
    }

    /// Statuses of reports handed over.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn statuses(&self) -> Result<Vec<ReportStatus>, StoreError> {
        self.with_prefix(STATUS_PREFIX).await
    }

    /// What waits for this person's decision, and what was decided.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn held(&self) -> Result<Vec<HeldRow>, StoreError> {
        self.with_prefix(HELD_PREFIX).await
    }

    /// What was written to files.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn exports(&self) -> Result<Vec<ExportRecord>, StoreError> {
        self.with_prefix(EXPORT_PREFIX).await
    }

    /// Forgets what was written to paper of a case, with the case itself.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn no_exports_of(&self, case: CaseId, writes: &mut Writes) -> Result<(), StoreError> {
        for row in self.store.scan::<minicbor::bytes::ByteVec>(Table::Case).await? {
            let is_of_it = |record: ExportRecord| record.case == Some(case);
            if row.key.starts_with(EXPORT_PREFIX) && minicbor::decode(&row.value).is_ok_and(is_of_it) {
                writes.delete(Table::Case, &row.key);
            }
        }
        Ok(())
    }

    /// Which documents are to be read.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn unread(&self) -> Result<Vec<UnreadNote>, StoreError> {
        let rows = self.store.scan(Table::UnreadNote).await?;
        let notes =
            rows.into_iter().filter_map(|row| Some(UnreadNote { id: NoteId(order_of(&row.key)?), keys: row.value }));
        Ok(notes.collect())
    }

    /// Documents whose reading was begun and not ended.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn reading(&self) -> Result<Option<Reading>, StoreError> {
        self.store.get(Table::Sync, READING_KEY).await
    }

    /// Documents that were set aside because they do not open.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn aside(&self) -> Result<BTreeSet<DocumentId>, StoreError> {
        Ok(self.with_prefix(ASIDE_PREFIX).await?.into_iter().into_set())
    }

    /// Documents that were set aside because the program died of opening them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn deadly(&self) -> Result<BTreeSet<DocumentId>, StoreError> {
        Ok(self.with_prefix(DEADLY_PREFIX).await?.into_iter().into_set())
    }

    /// Applies writes.
    ///
    /// # Errors
    /// Those of the store; nothing was written then.
    pub async fn apply(&self, writes: Writes, durability: Durability) -> Result<(), StoreError> {
        self.store.apply(writes, durability).await
    }

    /// Names the tab whose sync loop may write.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn set_fence(&self, tab: u32) -> Result<(), StoreError> {
        let mut writes = Writes::new();
        writes.put(Table::Sync, FENCE_KEY, &tab);
        self.store.apply(writes, Durability::Strict).await
    }

    /// Applies writes of the sync loop, if this tab is still the one that may: a leader that was frozen and replaced
    /// must not write older pages over newer ones.
    ///
    /// # Errors
    /// [`StoreError::Declined`] when another tab leads; those of the store.
    pub async fn apply_fenced(&self, writes: Writes, tab: u32, durability: Durability) -> Result<(), StoreError> {
        self.store
            .apply_if(&[(Table::Sync, FENCE_KEY)], writes, durability, |reads| match reads.get::<u32>(0)? {
                Some(leader) if leader == tab => Ok(()),
                Some(_) | None => Err(StoreError::Declined),
            })
            .await
    }

    async fn scan<T: for<'b> Decode<'b, ()>>(&self, table: Table) -> Result<Vec<T>, StoreError> {
        Ok(self.store.scan(table).await?.into_iter().map(|keyed| keyed.value).collect())
    }

    /// Rows of the case table that share a prefix; rows of other kinds there have other shapes.
    async fn with_prefix<T: for<'b> Decode<'b, ()>>(&self, prefix: &[u8]) -> Result<Vec<T>, StoreError> {
        let rows = self.store.scan::<minicbor::bytes::ByteVec>(Table::Case).await?;
        rows.iter()
            .filter(|row| row.key.starts_with(prefix))
            .map(|row| {
                minicbor::decode(&row.value)
                    .map_err(|_| StoreError::Corrupt { table: Table::Case.number(), source: None })
            })
            .collect()
    }
}
