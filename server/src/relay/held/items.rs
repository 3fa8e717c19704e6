//! Held changes in the pages of those who have a seat at them.

use shared::id::{ChangeHash, DocumentId, HeldId};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::frame::{ChangeBytes, Item};
use shared::protocol::held::{Decided, HeldChange, HeldContent, HeldOutcome};
use shared::protocol::limits::HELD_PAST_BYTES_MAX;

use super::settled_past;
use crate::access_gate::{Permit, Read, permit_held};
use crate::relay::RelayError;
use crate::relay::cursor::Cursor;
use crate::relay::pull::Pull;
use crate::storage::Table;
use crate::storage::record::{HeldRecord, SeatLevel};

/// Events taken from the feed of seats at once.
const SEATS_PER_BATCH: usize = 64;

impl Pull<'_> {
    /// What an account is told of a held change because of what happened at a position.
    pub(in crate::relay) async fn seat_item(
        &mut self,
        position: u64,
        held: HeldId,
    ) -> Result<Option<Item>, RelayError> {
        let account = self.account;
        let Some(seat) = self.view().await?.seat(held, account).await?.filter(|seat| seat.position == position) else {
            return Ok(None);
        };
        let Some((document, hash)) = self.view().await?.held_named(held).await? else {
            return self.evidence_item(held, &seat).await;
        };
        let Some(record) = self.view().await?.held(document, hash).await? else { return Ok(None) };
        let waits = |content| HeldChange {
            held,
            case: record.key.case,
            kind: record.key.kind.clone(),
            forwarded: record.forwarded,
            content,
            evidence: None,
        };
        Ok(Some(match seat.level {
            SeatLevel::Counts => Item::Held(waits(None)),
            SeatLevel::Decides => match permit_held(document, &seat) {
                Some(permit) => {
                    let content = self.content(&permit, hash, &record).await?;
                    Item::Held(waits(Some(content)))
                }
                None => return Ok(None),
            },
            SeatLevel::Told => match self.decided(document, held, &record)? {
                Some(decided) => Item::Decided(decided),
                None => return Ok(None),
            },
            SeatLevel::Ended => Item::Decided(Decided {
                held,
                outcome: HeldOutcome::Withdrawn,
                by: None,
                at_ms: self.cursor.at_ms,
                reason: None,
            }),
        }))
    }

    async fn content(
        &mut self,
        permit: &Permit<Read>,
        hash: ChangeHash,
        record: &HeldRecord,
    ) -> Result<HeldContent, RelayError> {
        let relay = self.relay;
        let document = permit.document();
        relay.sealer.load(&relay.storage, &[document]).await?;
        let change = relay.open_held(permit, hash, record)?;
        let mut past = self.unseen_log(permit).await?;
        if let Ok(checked) = CheckedChange::check(&change) {
            let open = |hash: ChangeHash, record: &HeldRecord| relay.open_held(permit, hash, record);
            let settled = settled_past(&mut self.view().await?, document, &checked, open, HELD_PAST_BYTES_MAX).await?;
            past.extend(settled.into_iter().map(|change| ChangeBytes(change.into_bytes())));
        }
        let device = self.view().await?.device(record.device).await?;
        Ok(HeldContent {
            key: record.key.clone(),
            change: ChangeBytes(change),
            account: record.account,
            device_number: device.map_or(0, |device| device.number),
            code: record.code,
            received_ms: record.received_ms,
            order: record.order,
            past,
        })
    }

    /// The document as it stands, for whoever decides about it without having it: the draft of somebody who may hand
    /// nothing over any more.
    async fn unseen_log(&mut self, permit: &Permit<Read>) -> Result<Vec<ChangeBytes>, RelayError> {
        let (relay, account, document) = (self.relay, self.account, permit.document());
        if self.view().await?.grant(account, document).await?.is_some_and(|grant| grant.in_force()) {
            return Ok(Vec::new());
        }
        let mut log = Vec::new();
        let mut bytes = 0_usize;
        for (_, change) in self.view().await?.changes_after(permit, 0).await? {
            let opened = relay.sealer.open_row(document, Table::Change, change.hash.as_bytes(), &change.sealed)?;
            bytes = bytes.saturating_add(opened.len());
            if bytes > HELD_PAST_BYTES_MAX {
                return Ok(Vec::new());
            }
            log.push(ChangeBytes(opened));
        }
        Ok(log)
    }

    fn decided(&self, document: DocumentId, held: HeldId, record: &HeldRecord) -> Result<Option<Decided>, RelayError> {
        let Some(decision) = &record.decision else { return Ok(None) };
        let reason = match &decision.sealed_reason {
            Some(sealed) => {
                let place = [document.as_bytes().as_slice(), held.as_bytes()].concat();
                let plain = self.relay.sealer.open_record(Table::Held, &place, sealed)?;
                Some(String::from_utf8_lossy(&plain).into_owned())
            }
            None => None,
        };
        let (outcome, at_ms) = (decision.outcome, decision.at_ms);
        Ok(Some(Decided { held, outcome, by: Some(decision.account), at_ms, reason }))
    }

    /// Tells a device without a cursor of everything that waits for its account; goes on where an answer broke off.
    pub(in crate::relay) async fn held_backfill(&mut self) -> Result<(), RelayError> {
        let account = self.account;
        let mut reached = self.cursor.held;
        while let Some(after) = reached {
            let events = self.view().await?.seat_events(account, after, SEATS_PER_BATCH).await?;
            reached = events.last().map(|(position, _)| *position);
            for (position, held) in events {
                if !self.may_go_on() {
                    return self.end_page().await;
                }
                let cursor = Cursor { held: Some(position), ..self.cursor };
                match self.seat_item(position, held).await? {
                    Some(item @ Item::Held(_)) => self.add(item, cursor).await?,
                    // What was decided is news to those who knew that it waited.
                    Some(_) | None => self.skip_to(cursor),
                }
            }
        }
        if self.cursor.held.take().is_some() && self.cursor.backfill.is_none() {
            self.send_page().await?;
        }
        Ok(())
    }
}
