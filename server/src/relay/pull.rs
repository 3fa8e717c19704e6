//! What is new for a device: pages, each with the cursor that holds once it is kept.
//!
//! ```text
//! priorities ─▶ what changed since the cursor, by position ─▶ backfill: held changes, then documents, newest grant first
//! ─▶ end with check
//! ```
//! Nothing of the storage is held while a page waits for the line: the reading transaction ends before a page goes out,
//! and the next one sees whatever was committed meanwhile. That loses nothing, because each page's cursor says exactly
//! what the tablet has then, and going on in the same answer is going on from that cursor as the next request would. Rights
//! are asked for again in each transaction, for documents that were read before it too, and whether the device may be told
//! anything at all: one that was revoked meanwhile hears so instead of the rest. The check is of the state in
//! which nothing was left to tell, taken in the transaction that found so.

use std::collections::BTreeMap;

use shared::id::{AccountId, DeviceId, DocumentId, HeldId};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Check, End, Item, Page, Part};
use shared::protocol::limits::{PAGE_BYTES_TARGET, PAGE_ITEMS_MAX};

use super::answers::Turn;
use super::commit::{Account, standing_of};
use super::cursor::{Backfill, Cursor, Rank, Standing};
use super::prepare::Prepared;
use super::{PartSink, Relay, RelayError};
use crate::access_gate::permit_read;
use crate::storage::record::GrantRecord;
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
    /// The state that is read; none from the moment a page goes out until something is asked again.
    read: Option<ReadTx>,
    pub(super) account: AccountId,
    pub(super) device: DeviceId,
    pub(super) device_number: u32,
    pub(super) cursor: Cursor,
    /// The position of the state that was read last.
    pub(super) now: u64,
    /// Documents this answer brought whole, and as of which position: only later changes are news of them.
    whole_as_of: BTreeMap<DocumentId, u64>,
    turn: Turn,
    sink: &'a mut dyn PartSink,
    items: Vec<Item>,
    page_bytes: usize,
    budget_bytes: usize,
    listening: bool,
    pub(super) sent_news: bool,
}

impl Relay {
    /// Hands out what is new; nothing while some of what was sent has to come again first. Gives the position up to which
    /// the device was told everything, if it was.
    pub(super) async fn pull(
        &self,
        prepared: &Prepared,
        account: Account,
        put_off: bool,
        taken_out: &[HeldId],
        sink: &mut dyn PartSink,
    ) -> Result<Option<u64>, RelayError> {
        let notice = match (account, prepared.cursor) {
            // First of all, also to those who ended: they wipe what they hold, and their uploads may be lost here.
            (_, Standing::OtherEpoch) => Some(ErrorCode::EpochChanged),
            (Account::Ended(code), Standing::None | Standing::At(_)) => Some(code),
            (Account::InForce, Standing::None | Standing::At(_)) => None,
        };
        let told = match notice {
            Some(code) => Err(RelayError::Ended(code)),
            None if put_off => {
                sink.take(Part::End(self.end(prepared, true, None, 0))).await;
                return Ok(None);
            }
            None => self.tell_news(prepared, taken_out, sink).await,
        };
        match told {
            Err(RelayError::Ended(code)) => {
                let end = self.end(prepared, false, None, code.number());
                sink.take(Part::End(end)).await;
                Ok(None)
            }
            Ok(_) | Err(_) => told,
        }
    }

    async fn tell_news(
        &self,
        prepared: &Prepared,
        taken_out: &[HeldId],
        sink: &mut dyn PartSink,
    ) -> Result<Option<u64>, RelayError> {
        let mut pull = self.begin_pull(prepared, sink).await?;
        if matches!(prepared.cursor, Standing::None) {
            pull.directory_whole().await?;
        }
        pull.hand_out(taken_out).await?;
        let asks_again = match &prepared.upload.repair {
            Some(repair) => pull.repair(repair).await?,
            None => false,
        };
        let check = if asks_again {
            None
        } else {
            pull.priorities(&prepared.upload.priorities).await?;
            pull.catch_up().await?
        };
        let told = check.is_some().then_some(pull.now);
        pull.tell(Part::End(self.end(prepared, check.is_none(), check, 0))).await;
        Ok(told)
    }

    async fn begin_pull<'a>(&'a self, prepared: &Prepared, sink: &'a mut dyn PartSink) -> Result<Pull<'a>, RelayError> {
        let (read, now) = self.read_for(prepared.device_id()).await?;
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
            read: Some(read),
            account: prepared.device.account,
            device: prepared.device_id(),
            device_number: prepared.device.number,
            cursor,
            now,
            whole_as_of: BTreeMap::new(),
            turn: self.answers.begin(prepared.device_id()),
            sink,
            items: Vec::new(),
            page_bytes: 0,
            budget_bytes,
            listening: true,
            sent_news: false,
        })
    }

    /// The state of now and its position, for a device that may still be told something.
    async fn read_for(&self, device: DeviceId) -> Result<(ReadTx, u64), RelayError> {
        let mut read = self.storage.read().await?;
        let Some(record) = read.view().device(device).await? else {
            return Err(RelayError::Ended(ErrorCode::DeviceUnknown));
        };
        if let Account::Ended(code) = standing_of(&mut read.view(), &record).await? {
            return Err(RelayError::Ended(code));
        }
        let now = read.view().position().await?;
        Ok((read, now))
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
    /// What is committed, as one state until the next page goes out; none once the device or its account has ended.
    pub(super) async fn view(&mut self) -> Result<View<'_>, RelayError> {
        let read = match self.read.take() {
            Some(read) => read,
            None => {
                let (read, now) = self.relay.read_for(self.device).await?;
                self.now = now;
                read
            }
        };
        Ok(self.read.insert(read).view())
    }

    /// Whether a part went out since the storage was last asked, so that what was read may be old.
    pub(super) const fn has_let_go(&self) -> bool {
        self.read.is_none()
    }

    /// Lets go of the storage and waits until the line takes a part, or a newer request of the device asks for its own.
    async fn send(&mut self, part: Part) {
        self.read = None;
        if self.listening {
            let taken = self.sink.take(part);
            self.listening = tokio::select! {
                taken = taken => taken,
                () = self.turn.is_over() => false,
            };
        }
    }

    /// Tells what is new and what waits until one state has nothing left to tell, and gives that state's check; none when
    /// the answer ends before.
    async fn catch_up(&mut self) -> Result<Option<Check>, RelayError> {
        loop {
            let check = self.news().await?;
            if self.cursor.held.is_none() && self.cursor.backfill.is_none() {
                return Ok(check);
            }
            self.held_backfill().await?;
            self.backfill().await?;
            if !self.may_go_on() || self.cursor.held.is_some() || self.cursor.backfill.is_some() {
                return Ok(None);
            }
        }
    }

    /// Notes that a document was brought whole, as of `position`.
    pub(super) fn note_whole(&mut self, document: DocumentId, position: u64) {
        self.whole_as_of.insert(document, position);
    }

    /// Notes that the tablet forgets a document.
    pub(super) fn note_gone(&mut self, document: DocumentId) {
        self.whole_as_of.remove(&document);
    }

    /// As of which position this answer brought a document whole.
    pub(super) fn brought_as_of(&self, document: DocumentId) -> Option<u64> {
        self.whole_as_of.get(&document).copied()
    }

    /// Keeps of documents read before a page went out those that the account may still have.
    pub(super) async fn keep_granted(&mut self, read: &mut BTreeMap<DocumentId, Item>) -> Result<(), RelayError> {
        let account = self.account;
        let documents: Vec<DocumentId> = read.keys().copied().collect();
        let grants = self.view().await?.grants_on(account, &documents).await?;
        read.retain(|document, _| grants.get(document).is_some_and(GrantRecord::in_force));
        Ok(())
    }

    /// Whether anybody listens and the budget is not used up.
    pub(super) const fn may_go_on(&self) -> bool {
        self.listening && self.budget_bytes > 0
    }

    /// Whether anybody takes what is sent.
    pub(super) const fn is_heard(&self) -> bool {
        self.listening
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
        self.send(part).await;
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
        self.send(Part::Page(page)).await;
        Ok(())
    }

    /// Serves the documents somebody waits for, in addition to everything else.
    async fn priorities(&mut self, documents: &[DocumentId]) -> Result<(), RelayError> {
        let account = self.account;
        for document in documents {
            let grant = self.view().await?.grant(account, *document).await?;
            let Some(grant) = grant.filter(GrantRecord::in_force) else { continue };
            let rank = Rank { granted: grant.granted, document: *document };
            let waits = self.cursor.backfill.is_some_and(|backfill| backfill.awaits(&rank));
            if !waits && grant.granted <= self.cursor.reached() {
                continue;
            }
            let Some(permit) = permit_read(*document, &grant) else { continue };
            if let Some(item) = self.whole(&permit).await? {
                self.note_whole(*document, self.now);
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
            .await?
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
            let as_of = self.now;
            for rank in batch {
                if !self.may_go_on() {
                    return self.end_page().await;
                }
                if self.has_let_go() {
                    self.keep_granted(&mut found).await?;
                }
                let cursor = Cursor { backfill: Some(Backfill { after: Some(*rank), ..backfill }), ..self.cursor };
                match found.remove(&rank.document) {
                    Some(item) => {
                        self.note_whole(rank.document, as_of);
                        self.add(item, cursor).await?;
                    }
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
        Ok(self.view().await?.check(account).await?.check)
    }

    /// Ends the news: moves the cursor to the state that was read and gives its check, unless the answer must end. A tablet
    /// for which nothing was new is spared a cursor until it lags far behind.
    pub(super) async fn end_news(&mut self, start: &Cursor) -> Result<Option<Check>, RelayError> {
        let check = self.check().await?;
        self.cursor.position = self.now;
        self.cursor.told = None;
        let lags = self.now.saturating_sub(start.position) > CURSOR_LAG_MAX || start.told.is_some();
        if !self.items.is_empty() || self.sent_news || lags {
            self.send_page().await?;
        }
        Ok(self.may_go_on().then_some(check))
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
        Item::Gone { .. } => 32,
        Item::Contact { .. } => 10,
        Item::Member(_) | Item::Status(_) | Item::Alarm(_) => 160,
        Item::Held(held) => {
            let content = held.content.as_ref().map_or(64, |content| {
                let past = content.past.iter().map(|change| change.0.len()).fold(0, usize::saturating_add);
                content.change.0.len().saturating_add(past).saturating_add(160)
            });
            let letter = held.evidence.as_ref().and_then(|evidence| evidence.letter.as_ref());
            content.saturating_add(letter.map_or(0, Vec::len))
        }
        Item::Decided(decided) => decided.reason.as_ref().map_or(64, |reason| reason.len().saturating_add(64)),
    }
}
