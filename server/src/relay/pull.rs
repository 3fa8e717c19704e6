//! What is new for a device: pages, each with the cursor that holds once it is kept.
//!
//! ```text
//! priorities ─▶ what changed since the cursor, by position ─▶ backfill: held changes, then documents, newest grant first
//! ─▶ end with check
//! ```
//! One reading transaction per answer, so that the check at its end is of the very state that was sent.

use shared::id::{AccountId, DeviceId, DocumentId};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Check, End, Item, Page, Part};
use shared::protocol::limits::{PAGE_BYTES_TARGET, PAGE_ITEMS_MAX};

use super::commit::Account;
use super::cursor::{Backfill, Cursor, Rank, Standing};
use super::prepare::Prepared;
use super::{PartSink, Relay, RelayError};
use crate::access_gate::permit_read;
use crate::storage::{ReadTx, View};

/// Bytes of items in an answer when the tablet leaves it to the relay.
const DEFAULT_BUDGET_BYTES: usize = 64 << 20;
/// Documents read from storage at once during a backfill.
const BACKFILL_BATCH: usize = 64;
/// How far a cursor may lag behind before it is moved although nothing was new.
const CURSOR_LAG_MAX: u64 = 200;

/// One answer on its way.
pub(super) struct Pull<'a> {
    pub(super) relay: &'a Relay,
    pub(super) read: ReadTx,
    pub(super) account: AccountId,
    pub(super) device: DeviceId,
    pub(super) device_number: u32,
    pub(super) cursor: Cursor,
    /// The position of the state that is read.
    pub(super) now: u64,
    sink: &'a mut dyn PartSink,
    items: Vec<Item>,
    page_bytes: usize,
    budget_bytes: usize,
    listening: bool,
    sent_news: bool,
}

impl Relay {
    /// Hands out what is new.
    pub(super) async fn pull(
        &self,
        prepared: &Prepared,
        account: Account,
        sink: &mut dyn PartSink,
    ) -> Result<(), RelayError> {
        let notice = match (account, prepared.cursor) {
            (Account::Ended(code), _) => Some(code),
            (Account::InForce, Standing::OtherEpoch) => Some(ErrorCode::EpochChanged),
            (Account::InForce, Standing::None | Standing::At(_)) => None,
        };
        if let Some(code) = notice {
            let end = self.end(prepared, false, None, code.number());
            sink.take(Part::End(end)).await;
            return Ok(());
        }
        let mut pull = self.begin_pull(prepared, sink).await?;
        if matches!(prepared.cursor, Standing::None) {
            pull.directory_whole().await?;
        }
        let mut more = false;
        if let Some(repair) = &prepared.upload.repair {
            more = pull.repair(repair).await?;
        }
        if !more {
            pull.priorities(&prepared.upload.priorities).await?;
            pull.news().await?;
            pull.held_backfill().await?;
            pull.backfill().await?;
            more = !pull.may_go_on() || pull.cursor.backfill.is_some() || pull.cursor.held.is_some();
        }
        let check = if more { None } else { Some(pull.check().await?) };
        let Pull { sink, .. } = pull;
        sink.take(Part::End(self.end(prepared, more, check, 0))).await;
        Ok(())
    }

    async fn begin_pull<'a>(&'a self, prepared: &Prepared, sink: &'a mut dyn PartSink) -> Result<Pull<'a>, RelayError> {
        let mut read = self.storage.read().await?;
        let now = read.view().position().await?;
        let first = Cursor {
            epoch: self.founding.epoch,
            position: now,
            at_ms: prepared.now_ms,
            backfill: Some(Backfill { until: now, after: None }),
            told: None,
            held: Some(0),
        };
        let cursor = match prepared.cursor {
            Standing::At(cursor) => Cursor { at_ms: prepared.now_ms, ..cursor },
            Standing::None | Standing::OtherEpoch => first,
        };
        let budget_bytes = match usize::try_from(prepared.upload.budget_bytes) {
            Ok(0) | Err(_) => DEFAULT_BUDGET_BYTES,
            Ok(bytes) => bytes,
        };
        Ok(Pull {
            relay: self,
            read,
            account: prepared.device.account,
            device: prepared.device_id(),
            device_number: prepared.device.number,
            cursor,
            now,
            sink,
            items: Vec::new(),
            page_bytes: 0,
            budget_bytes,
            listening: true,
            sent_news: false,
        })
    }

    fn end(&self, prepared: &Prepared, more: bool, check: Option<Check>, notice: u16) -> End {
        End {
            more,
            now_ms: prepared.now_ms,
            check,
            pack: self.packs.version(),
            merged_before_ms: prepared.now_ms,
            notice,
        }
    }
}

impl Pull<'_> {
    pub(super) fn view(&mut self) -> View<'_> {
        self.read.view()
    }

    /// Whether anybody listens and the budget is not used up.
    pub(super) const fn may_go_on(&self) -> bool {
        self.listening && self.budget_bytes > 0
    }

    /// Adds an item, once `cursor` is where the tablet stands with it; ends the page when it is full.
    pub(super) async fn add(&mut self, item: Item, cursor: Cursor) -> Result<(), RelayError> {
        self.page_bytes = self.page_bytes.saturating_add(size_of(&item));
        self.sent_news = true;
        self.items.push(item);
        self.cursor = cursor;
        if self.page_bytes >= PAGE_BYTES_TARGET || self.items.len() >= PAGE_ITEMS_MAX {
            self.end_page().await?;
        }
        Ok(())
    }

    /// Sends items as one page of their own.
    pub(super) async fn add_together(&mut self, items: Vec<Item>) -> Result<(), RelayError> {
        self.end_page().await?;
        self.page_bytes = items.iter().map(size_of).fold(0, usize::saturating_add);
        self.items = items;
        self.end_page().await
    }

    /// Sends a part that is no page.
    pub(super) async fn tell(&mut self, part: Part) {
        self.listening = self.listening && self.sink.take(part).await;
    }

    /// Moves on without an item.
    pub(super) const fn skip_to(&mut self, cursor: Cursor) {
        self.cursor = cursor;
    }

    /// Sends what was gathered, if anything was.
    pub(super) async fn end_page(&mut self) -> Result<(), RelayError> {
        if self.items.is_empty() {
            return Ok(());
        }
        self.send_page().await
    }

    /// Sends a page, even an empty one that only moves the cursor.
    pub(super) async fn send_page(&mut self) -> Result<(), RelayError> {
        let page = Page {
            items: core::mem::take(&mut self.items),
            cursor: self.cursor.seal(&self.relay.sealer, self.device)?,
        };
        self.budget_bytes = self.budget_bytes.saturating_sub(self.page_bytes);
        self.page_bytes = 0;
        self.listening = self.listening && self.sink.take(Part::Page(page)).await;
        Ok(())
    }

    /// Serves the documents somebody waits for, in addition to everything else.
    async fn priorities(&mut self, documents: &[DocumentId]) -> Result<(), RelayError> {
        let account = self.account;
        let grants = self.view().grants_on(account, documents).await?;
        for document in documents {
            let Some(grant) = grants.get(document).filter(|grant| grant.in_force()) else { continue };
            let rank = Rank { granted: grant.granted, document: *document };
            let waits = self.cursor.backfill.is_some_and(|backfill| backfill.awaits(&rank));
            if !waits && grant.granted <= self.cursor.reached() {
                continue;
            }
            let Some(permit) = permit_read(*document, grant) else { continue };
            if let Some(item) = self.whole(&permit).await? {
                self.add(item, self.cursor).await?;
            }
        }
        Ok(())
    }

    /// Serves whole documents, newest grant first, from where the last answer stopped.
    async fn backfill(&mut self) -> Result<(), RelayError> {
        let Some(backfill) = self.cursor.backfill else { return Ok(()) };
        if !self.may_go_on() {
            return Ok(());
        }
        let account = self.account;
        let mut waiting: Vec<Rank> = self
            .view()
            .grants(account)
            .await?
            .into_iter()
            .filter(|(_, grant)| grant.in_force())
            .map(|(document, grant)| Rank { granted: grant.granted, document })
            .filter(|rank| backfill.awaits(rank))
            .collect();
        waiting.sort_by(|a, b| (b.granted, a.document).cmp(&(a.granted, b.document)));
        for batch in waiting.chunks(BACKFILL_BATCH) {
            let documents: Vec<DocumentId> = batch.iter().map(|rank| rank.document).collect();
            let mut found = self.whole_batch(&documents).await?;
            for rank in batch {
                if !self.may_go_on() {
                    return self.end_page().await;
                }
                let cursor = Cursor { backfill: Some(Backfill { after: Some(*rank), ..backfill }), ..self.cursor };
                match found.remove(&rank.document) {
                    Some(item) => self.add(item, cursor).await?,
                    None => self.skip_to(cursor),
                }
            }
        }
        // The last page must say that nothing waits any more.
        self.cursor.backfill = None;
        self.send_page().await
    }

    async fn check(&mut self) -> Result<Check, RelayError> {
        let account = self.account;
        Ok(self.view().check(account).await?.check)
    }

    /// Ends the news: moves the cursor to the state that was read. A tablet for which nothing was new is spared a
    /// cursor until it lags far behind.
    pub(super) async fn end_news(&mut self, start: &Cursor) -> Result<(), RelayError> {
        self.cursor.position = self.now;
        self.cursor.told = None;
        let lags = self.now.saturating_sub(start.position) > CURSOR_LAG_MAX || start.told.is_some();
        if !self.items.is_empty() || self.sent_news || lags { self.send_page().await } else { Ok(()) }
    }
}

/// About how many bytes an item takes on the wire.
fn size_of(item: &Item) -> usize {
    match item {
        Item::Changes { changes, received, .. } => changes
            .iter()
            .map(|change| change.0.len().saturating_add(4))
            .fold(received.len().saturating_mul(6).saturating_add(32), usize::saturating_add),
        Item::Snapshot { bytes, received, .. } => {
            bytes.len().saturating_add(received.len().saturating_mul(6)).saturating_add(64)
        }
        Item::Gone { .. } => 24,
        Item::Member(_) | Item::Status(_) => 160,
        Item::Held(held) => held.content.as_ref().map_or(64, |content| {
            let past = content.past.iter().map(|change| change.0.len()).fold(0, usize::saturating_add);
            content.change.0.len().saturating_add(past).saturating_add(160)
        }),
        Item::Decided(decided) => decided.reason.as_ref().map_or(64, |reason| reason.len().saturating_add(64)),
    }
}
