//! What changed since a cursor: documents, grants, held changes, members, report statuses, in the one order of positions.

use std::collections::{BTreeMap, BTreeSet};

use shared::id::{DocumentId, HeldId};
use shared::protocol::alarm::AlarmState;
use shared::protocol::frame::{ChangeBytes, Check, GoneReason, Item, Member};

use super::RelayError;
use super::cursor::{Cursor, Rank};
use super::pull::Pull;
use super::snapshot::Runs;
use crate::access_gate::{Permit, Read, permit_read};
use crate::storage::Table;
use crate::storage::record::{ChangeRecord, DocumentRecord, GrantRecord, SnapshotRecord};

/// Events taken from a feed at once.
const EVENTS_PER_BATCH: usize = 500;
/// What sealing adds to a snapshot's bytes.
const SEAL_BYTES: usize = 41;

enum Event {
    Changed(DocumentId),
    Grant(DocumentId),
    Seat(HeldId),
    Other(Box<Item>),
}

/// Whether a device has a change because it wrote it; what was held it has not merged itself.
fn is_echo(change: &ChangeRecord, own: u32) -> bool {
    change.device_number == own && change.accepted_by.is_none()
}

impl Pull<'_> {
    /// Serves everything between the cursor and the newest state. Gives that state's check when all of it was told.
    pub(super) async fn news(&mut self) -> Result<Option<Check>, RelayError> {
        let start = self.cursor;
        self.sent_news = false;
        let mut reached = start.reached();
        loop {
            let (events, horizon) = self.events(reached).await?;
            self.tell_events(&start, events).await?;
            if !self.may_go_on() {
                return Ok(None);
            }
            if self.has_let_go() {
                // A page is out and time has passed: events and grants are those of another state now.
                reached = self.cursor.reached();
            } else if horizon < self.now {
                reached = horizon;
            } else {
                return self.end_news(&start).await;
            }
        }
    }

    /// Tells events until all are told or a page went out.
    async fn tell_events(&mut self, start: &Cursor, events: Vec<(u64, Event)>) -> Result<(), RelayError> {
        let documents: BTreeSet<DocumentId> = events
            .iter()
            .filter_map(|(_, event)| match event {
                Event::Changed(document) | Event::Grant(document) => Some(*document),
                Event::Seat(_) | Event::Other(_) => None,
            })
            .collect();
        let documents: Vec<DocumentId> = documents.into_iter().collect();
        let account = self.account;
        let grants = self.view().await?.grants_on(account, &documents).await?;
        for (position, event) in events {
            let item = match event {
                Event::Other(item) => Some(*item),
                Event::Seat(held) => self.seat_item(position, held).await?,
                Event::Grant(document) => self.granted(position, document, &grants).await?,
                Event::Changed(document) => self.changed(start, document, &grants).await?,
            };
            let cursor = Cursor { told: Some(position), ..self.cursor };
            match item {
                Some(item) => self.add(item, cursor).await?,
                None => self.skip_to(cursor),
            }
            if self.has_let_go() {
                break;
            }
        }
        Ok(())
    }

    /// The next events after `reached`, and up to which position they are complete.
    async fn events(&mut self, reached: u64) -> Result<(Vec<(u64, Event)>, u64), RelayError> {
        let account = self.account;
        let changed = self.view().await?.changed_after(reached, EVENTS_PER_BATCH).await?;
        let granted = self.view().await?.grant_events(account, reached, EVENTS_PER_BATCH).await?;
        let seated = self.view().await?.seat_events(account, reached, EVENTS_PER_BATCH).await?;
        let mut horizon = self.now;
        let lasts = [
            (changed.len(), changed.last().map(|(position, _)| *position)),
            (granted.len(), granted.last().map(|(position, _)| *position)),
            (seated.len(), seated.last().map(|(position, _)| *position)),
        ];
        for (count, last) in lasts {
            if let (EVENTS_PER_BATCH, Some(position)) = (count, last) {
                horizon = horizon.min(position);
            }
        }
        let mut events: Vec<(u64, Event)> = changed
            .into_iter()
            .map(|(position, document)| (position, Event::Changed(document)))
            .chain(granted.into_iter().map(|(position, document)| (position, Event::Grant(document))))
            .chain(seated.into_iter().map(|(position, held)| (position, Event::Seat(held))))
            .collect();
        events.extend(self.directory(reached).await?);
        events.extend(self.statuses(reached).await?);
        events.extend(self.contacts(reached).await?);
        events.extend(self.alarms(reached).await?);
        events.retain(|(position, _)| *position <= horizon);
        events.sort_by_key(|(position, _)| *position);
        Ok((events, horizon))
    }

    /// Sends the directory and this account's statuses whole: what a device without a cursor needs, since news only
    /// tells what changed. One page, so that a cut line cannot leave half of it behind an advanced cursor.
    pub(super) async fn directory_whole(&mut self) -> Result<(), RelayError> {
        let mut events = self.directory(0).await?;
        events.extend(self.statuses(0).await?);
        events.extend(self.contacts(0).await?);
        events.extend(self.alarms(0).await?);
        let items: Vec<Item> = events
            .into_iter()
            .filter_map(|(_, event)| match event {
                Event::Other(item) => Some(*item),
                Event::Changed(_) | Event::Grant(_) | Event::Seat(_) => None,
            })
            .collect();
        self.add_together(items).await
    }

    /// Members that changed after `reached`.
    async fn directory(&mut self, reached: u64) -> Result<Vec<(u64, Event)>, RelayError> {
        if self.view().await?.members_position().await? <= reached {
            return Ok(Vec::new());
        }
        let relay = self.relay;
        let positions: BTreeMap<_, _> = self
            .view()
            .await?
            .accounts()
            .await?
            .into_iter()
            .map(|(account, record)| (account, record.position))
            .collect();
        let members = relay.members(&mut self.view().await?).await?;
        Ok(members
            .into_iter()
            .filter_map(|member: Member| {
                let position = positions.get(&member.account).copied()?;
                (position > reached).then_some((position, Event::Other(Box::new(Item::Member(member)))))
            })
            .collect())
    }

    /// Report statuses of this account that changed after `reached` and are still the account's to know.
    async fn statuses(&mut self, reached: u64) -> Result<Vec<(u64, Event)>, RelayError> {
        let account = self.account;
        if self.view().await?.check(account).await?.status_position <= reached {
            return Ok(Vec::new());
        }
        let relay = self.relay;
        let mut events = Vec::new();
        for (place, record) in self.view().await?.statuses(account).await? {
            if record.position > reached && !record.withdrawn {
                let status = relay.open_status(&place, &record)?;
                events.push((record.position, Event::Other(Box::new(Item::Status(status)))));
            }
        }
        Ok(events)
    }

    /// Devices that were in contact after `reached`, for an account that keeps the register.
    async fn contacts(&mut self, reached: u64) -> Result<Vec<(u64, Event)>, RelayError> {
        if self.view().await?.contacts_position().await? <= reached {
            return Ok(Vec::new());
        }
        let (relay, account, at_ms) = (self.relay, self.account, self.cursor.at_ms);
        let today = relay.packs.date_at(at_ms);
        if !relay.keeps_register(&mut self.view().await?, account, today).await? {
            return Ok(Vec::new());
        }
        let devices = self.view().await?.devices().await?;
        let contacts = devices.into_iter().filter_map(|(_, device)| {
            let (day, position) = device.contact.filter(|(_, position)| *position > reached)?;
            Some((position, Event::Other(Box::new(Item::Contact { device_number: device.number, day }))))
        });
        Ok(contacts.collect())
    }

    /// Dangers that this account hears of, as far as what it is told changed after `reached`. Whoever begins is told of those
    /// that wait, and not of everything that ever did.
    async fn alarms(&mut self, reached: u64) -> Result<Vec<(u64, Event)>, RelayError> {
        let account = self.account;
        if self.view().await?.check(account).await?.alarm_position <= reached {
            return Ok(Vec::new());
        }
        let relay = self.relay;
        let mut events = Vec::new();
        for (place, record) in self.view().await?.alarms(account).await? {
            if record.position > reached {
                let alarm = relay.open_alarm(&place, &record)?;
                if reached > 0 || alarm.state == AlarmState::Waits {
                    events.push((record.position, Event::Other(Box::new(Item::Alarm(alarm)))));
                }
            }
        }
        Ok(events)
    }

    /// A grant that began or ended.
    async fn granted(
        &mut self,
        position: u64,
        document: DocumentId,
        grants: &BTreeMap<DocumentId, GrantRecord>,
    ) -> Result<Option<Item>, RelayError> {
        let Some(grant) = grants.get(&document) else { return Ok(None) };
        if grant.revoked == Some(position) {
            let reason = grant.reason.unwrap_or(GoneReason::Ended);
            self.note_gone(document);
            return Ok(Some(Item::Gone { document, reason, ended_ms: grant.ended_ms }));
        }
        match permit_read(document, grant) {
            Some(permit) if grant.granted == position => {
                if grant.again.is_none() && self.wrote_all(&permit).await? {
                    return Ok(None);
                }
                self.note_whole(document, self.now);
                self.whole(&permit).await
            }
            Some(_) | None => Ok(None),
        }
    }

    /// New changes of a document the device has, or the whole where that is shorter.
    async fn changed(
        &mut self,
        start: &Cursor,
        document: DocumentId,
        grants: &BTreeMap<DocumentId, GrantRecord>,
    ) -> Result<Option<Item>, RelayError> {
        let Some(grant) = grants.get(&document) else { return Ok(None) };
        let rank = Rank { granted: grant.granted, document };
        let waits = self.cursor.backfill.is_some_and(|backfill| backfill.awaits(&rank));
        // The event of a grant that is still ahead brings the document whole.
        let is_ahead = grant.granted > self.cursor.reached()
            && self.cursor.backfill.is_none_or(|backfill| grant.granted > backfill.until);
        let brought = self.brought_as_of(document);
        if brought.is_none() && (waits || is_ahead) {
            return Ok(None);
        }
        let since = brought.unwrap_or(start.position);
        let Some(permit) = permit_read(document, grant) else { return Ok(None) };
        let own = self.device_number;
        let mut log = self.view().await?.changes_after(&permit, since).await?;
        log.retain(|(_, change)| !is_echo(change, own));
        if log.is_empty() {
            return Ok(None);
        }
        let bytes: usize = log.iter().map(|(_, change)| change.sealed.len()).fold(0, usize::saturating_add);
        let snapshot = self.view().await?.snapshot(&permit).await?;
        if snapshot.is_some_and(|snapshot| snapshot.sealed.len().saturating_add(SEAL_BYTES) < bytes) {
            self.note_whole(document, self.now);
            return self.whole(&permit).await;
        }
        let relay = self.relay;
        relay.sealer.load(&relay.storage, &[document]).await?;
        let mut runs = Runs::default();
        let mut changes = Vec::with_capacity(log.len());
        for (_, change) in &log {
            runs.add_change(change);
            changes.push(ChangeBytes(relay.sealer.open_row(
                document,
                Table::Change,
                change.hash.as_bytes(),
                &change.sealed,
            )?));
        }
        Ok(Some(Item::Changes { document, changes, received: runs.into_vec() }))
    }

    /// Whether the device itself wrote every change, and so has the document.
    async fn wrote_all(&mut self, permit: &Permit<Read>) -> Result<bool, RelayError> {
        let (own, account) = (self.device_number, self.account);
        let record = self.view().await?.document(permit.document()).await?;
        if record.is_none_or(|record| record.creator != account) {
            return Ok(false);
        }
        let log = self.view().await?.changes_after(permit, 0).await?;
        Ok(log.iter().all(|(_, change)| is_echo(change, own)))
    }

    /// A whole document.
    pub(super) async fn whole(&mut self, permit: &Permit<Read>) -> Result<Option<Item>, RelayError> {
        let document = permit.document();
        let Some(record) = self.view().await?.document(document).await? else { return Ok(None) };
        let snapshot = self.view().await?.snapshot(permit).await?;
        self.relay.sealer.load(&self.relay.storage, &[document]).await?;
        self.as_item(document, record, snapshot).await.map(Some)
    }

    /// Several whole documents at once.
    pub(super) async fn whole_batch(
        &mut self,
        documents: &[DocumentId],
    ) -> Result<BTreeMap<DocumentId, Item>, RelayError> {
        let account = self.account;
        let grants = self.view().await?.grants_on(account, documents).await?;
        let permits: Vec<Permit<Read>> =
            grants.iter().filter_map(|(document, grant)| permit_read(*document, grant)).collect();
        let permitted: Vec<DocumentId> = permits.iter().map(Permit::document).collect();
        let records = self.view().await?.documents(&permitted).await?;
        let mut snapshots = self.view().await?.snapshots(&permits).await?;
        self.relay.sealer.load(&self.relay.storage, &permitted).await?;
        let mut items = BTreeMap::new();
        for (document, record) in records {
            let snapshot = snapshots.remove(&document);
            items.insert(document, self.as_item(document, record, snapshot).await?);
        }
        Ok(items)
    }

    async fn as_item(
        &mut self,
        document: DocumentId,
        record: DocumentRecord,
        snapshot: Option<SnapshotRecord>,
    ) -> Result<Item, RelayError> {
        if let Some(snapshot) = snapshot
            && snapshot.heads == record.heads
        {
            let sealer = &self.relay.sealer;
            if let Ok(bytes) = sealer.open_row(document, Table::Snapshot, document.as_bytes(), &snapshot.sealed) {
                return Ok(Item::Snapshot { key: record.key, bytes, received: snapshot.received });
            }
        }
        let relay = self.relay;
        let rebuilt = relay.rebuild(&mut self.view().await?, document, u64::MAX).await?;
        let received = super::snapshot::received_in_order(&mut self.view().await?, document, &rebuilt).await?;
        Ok(Item::Snapshot { key: record.key, bytes: rebuilt.save_uncompressed(), received })
    }
}
