//! Who is told of a held change: kept as rows beside it, told through the feed, moved when rights move.

use std::collections::BTreeMap;

use shared::access::Actor;
use shared::access::held::{HeldPlace, Seat, seats};
use shared::id::{AccountId, CaseId, ChangeHash, DocumentId, HeldId};

use crate::relay::work::Work;
use crate::relay::{Relay, RelayError};
use crate::storage::record::{HeldRecord, SeatLevel, SeatRecord};

/// Seats that were computed before, by what they hang on.
type Memo = BTreeMap<(DocumentId, AccountId, bool), BTreeMap<AccountId, SeatLevel>>;

impl Relay {
    /// Seats what one push put aside.
    pub(in crate::relay) async fn seat_new(&self, work: &mut Work, now_ms: u64) -> Result<(), RelayError> {
        let mut memo = Memo::new();
        for (document, hash) in core::mem::take(&mut work.held) {
            self.seat_held(work, &mut memo, document, hash, now_ms).await?;
        }
        Ok(())
    }

    /// Seats everything that waits in a case anew; returns how many rows changed.
    pub(in crate::relay) async fn seat_case(
        &self,
        work: &mut Work,
        case: CaseId,
        now_ms: u64,
    ) -> Result<usize, RelayError> {
        let mut memo = Memo::new();
        let mut changed = self.reseat_evidence(work, Some(case), now_ms).await?;
        for held in work.tx.view().open_held_of(case).await? {
            if let Some((document, hash)) = work.tx.view().held_named(held).await? {
                changed = changed.saturating_add(self.seat_held(work, &mut memo, document, hash, now_ms).await?);
            }
        }
        Ok(changed)
    }

    /// Seats one held change; returns how many rows changed.
    async fn seat_held(
        &self,
        work: &mut Work,
        memo: &mut Memo,
        document: DocumentId,
        hash: ChangeHash,
        now_ms: u64,
    ) -> Result<usize, RelayError> {
        let Some(record) = work.tx.view().held(document, hash).await?.filter(HeldRecord::is_open) else {
            return Ok(0);
        };
        let hangs_on = (document, record.account, record.forwarded);
        let wanted = match memo.get(&hangs_on) {
            Some(wanted) => wanted.clone(),
            None => {
                let wanted = self.wanted_seats(work, document, &record, now_ms).await?;
                memo.insert(hangs_on, wanted.clone());
                wanted
            }
        };
        let held = HeldId::derive(document, hash);
        let seated = work.tx.view().seats(held).await?;
        let mut changed = 0_usize;
        for (account, level) in &wanted {
            changed = changed.saturating_add(self.seat(work, held, *account, seated.get(account), *level).await?);
        }
        for (account, seat) in &seated {
            if !wanted.contains_key(account) && seat.level != SeatLevel::Ended {
                changed = changed.saturating_add(self.seat(work, held, *account, Some(seat), SeatLevel::Ended).await?);
            }
        }
        Ok(changed)
    }

    /// Who has a seat at a held change now.
    pub(super) async fn wanted_seats(
        &self,
        work: &mut Work,
        document: DocumentId,
        record: &HeldRecord,
        now_ms: u64,
    ) -> Result<BTreeMap<AccountId, SeatLevel>, RelayError> {
        let Some(pack) = self.packs.current().cloned() else { return Ok(BTreeMap::new()) };
        let facts = self.facts(work, record.key.case).await?;
        let header = work.tx.view().document(document).await?;
        let accounts = self.accounts(&mut work.tx.view()).await?;
        let actors: Vec<Actor> = accounts.iter().map(crate::relay::members::KnownAccount::now).collect();
        let place = HeldPlace {
            kind: &record.key.kind,
            subject: record.key.subject,
            creator: header.map_or(record.account, |header| header.creator),
            // Nobody decides about their own; whose words were brought is not who brought them, and knows best.
            writer: if record.is_brought() { AccountId::from_bytes([0; 16]) } else { record.account },
            forwarded: record.forwarded,
        };
        let wanted = seats(&pack, &actors, &facts, &place, self.packs.date_at(now_ms));
        Ok(wanted
            .into_iter()
            .map(|(account, seat)| match seat {
                Seat::Decides => (account, SeatLevel::Decides),
                Seat::Counts => (account, SeatLevel::Counts),
            })
            .collect())
    }

    /// Tells everybody who had a seat, and the writer, that a decision was made. Whoever only counted learns that there
    /// is one less.
    pub(super) async fn seat_decided(
        &self,
        work: &mut Work,
        held: HeldId,
        record: &HeldRecord,
    ) -> Result<(), RelayError> {
        let seated = work.tx.view().seats(held).await?;
        for (account, seat) in &seated {
            match seat.level {
                SeatLevel::Decides => self.seat(work, held, *account, Some(seat), SeatLevel::Told).await?,
                SeatLevel::Counts => self.seat(work, held, *account, Some(seat), SeatLevel::Ended).await?,
                SeatLevel::Told | SeatLevel::Ended => 0,
            };
        }
        self.seat(work, held, record.account, seated.get(&record.account), SeatLevel::Told).await?;
        Ok(())
    }

    /// Tells one account again that a held change waits for it, although its seat is the same: it looks different now.
    pub(super) async fn seat_again(&self, work: &mut Work, held: HeldId) -> Result<(), RelayError> {
        for (account, seat) in work.tx.view().seats(held).await? {
            if matches!(seat.level, SeatLevel::Decides | SeatLevel::Counts) {
                let position = work.tx.next_position().await?;
                work.tx.put_seat(held, account, Some(seat.position), &SeatRecord { position, ..seat }).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn seat(
        &self,
        work: &mut Work,
        held: HeldId,
        account: AccountId,
        before: Option<&SeatRecord>,
        level: SeatLevel,
    ) -> Result<usize, RelayError> {
        if before.is_some_and(|before| before.level == level) {
            return Ok(0);
        }
        let position = work.tx.next_position().await?;
        let record = SeatRecord { position, level };
        work.tx.put_seat(held, account, before.map(|before| before.position), &record).await?;
        Ok(1)
    }
}
