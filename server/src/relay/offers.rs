//! What tablets offer again to a restored relay.
//!
//! A tablet offers each of its own uploads once. What one of them stands on, be it a document, a change or a right, may be
//! among the offers of another tablet that comes later, so a push that cannot be taken yet waits here, sealed as it came,
//! and is tried again when what it waits for has moved, and once a day. Must never refuse an offer for good while that may
//! still happen: the tablet has been told that it was accepted. A relay that was never restored, or long ago, has nothing
//! to be offered and looks at none.

use shared::id::{DeviceId, RequestId};
use shared::protocol::codec::decode_offer;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{PROTOCOL_VERSION, PushReceipt, Receipt, SealedOffer, Upload};
use shared::seal::letter::Purpose;

use super::commit::{Account, standing_of};
use super::cursor::Standing;
use super::facts::{core_of, guard_of};
use super::intake::Sender;
use super::prepare::{Prepared, PreparedPush, Way};
use super::work::Work;
use super::{Relay, RelayError};
use crate::storage::record::{DeviceRecord, WaitingOfferRecord, WaitingPush};

const DAY_MS: u64 = 86_400_000;
/// For so long after a restore tablets come back and offer theirs, milliseconds.
const OFFERED_WITHIN_MS: u64 = 120 * DAY_MS;
/// After so long nobody is expected any more to bring the rights back that an offer hangs on, milliseconds.
const HELD_AFTER_MS: u64 = 3 * DAY_MS;
/// After so long nobody is expected any more to offer a change that another one takes in or keeps as a note, milliseconds.
const UNCLAIMED_AFTER_MS: u64 = 30 * DAY_MS;
/// Bytes of one device's offers that wait: what an honest tablet writes in a month is far less.
const WAITING_BYTES_MAX: u64 = 16 << 20;
/// How often what waits is gone through for one transaction; each time something has to have come of it.
const ROUNDS_MAX: usize = 8;

/// An own upload of the sender's, offered again.
pub(super) struct PreparedOffer {
    /// The counter it was signed with.
    pub(super) counter: u64,
    /// As it came.
    pub(super) sealed: SealedOffer,
    /// What it holds.
    pub(super) pushes: Vec<PreparedPush>,
}

/// Whether a push stands on what is not here (yet).
fn waits(push: &PreparedPush, receipt: &PushReceipt) -> bool {
    // No time mends a push that is not what was signed, or begins what nobody may begin.
    let is_sound = push.flaw.is_none() && !push.is_garbled() && !push.begins_anew();
    is_sound && matches!(receipt, PushReceipt::Each(each) if each.iter().any(may_come_right))
}

fn may_come_right(receipt: &Receipt) -> bool {
    match receipt {
        Receipt::Retry(_) | Receipt::Reissue => true,
        Receipt::Refused(code) => {
            [ErrorCode::DocumentUnknown, ErrorCode::ChangeForbidden].iter().any(|waits| waits.number() == *code)
        }
        Receipt::Accepted | Receipt::Duplicate | Receipt::Held(_) => false,
    }
}

/// Whether only a person can help: no right is there, or what it stands on was not merged.
fn needs_a_person(receipt: &PushReceipt) -> bool {
    let forbidden = Receipt::Refused(ErrorCode::ChangeForbidden.number());
    matches!(receipt, PushReceipt::Each(each) if each.contains(&forbidden) || each.contains(&Receipt::Reissue))
}

fn place_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Relay {
    /// Opens what a tablet kept for a restored relay. What does not open is not ours, and tells nobody anything.
    pub(super) fn open_offers(
        &self,
        device: DeviceId,
        key: &[u8; 32],
        sealed: Vec<SealedOffer>,
        now_ms: u64,
    ) -> Vec<PreparedOffer> {
        if !self.was_restored(now_ms) {
            return Vec::new();
        }
        sealed.into_iter().filter_map(|sealed| self.open_offer(device, key, sealed)).collect()
    }

    /// Whether tablets may still have what was lost with the database before this one.
    pub(super) fn was_restored(&self, now_ms: u64) -> bool {
        self.founding.restored_ms.is_some_and(|at_ms| now_ms <= at_ms.saturating_add(OFFERED_WITHIN_MS))
    }

    fn open_offer(&self, device: DeviceId, key: &[u8; 32], sealed: SealedOffer) -> Option<PreparedOffer> {
        let plain = self.identity.open(Purpose::OwnUpload, &sealed.0).ok()?;
        let offer = decode_offer(&plain).ok()?;
        let counter = offer.counter;
        let left_out = offer.left_out.unwrap_or_default();
        let check = |push| {
            let mut push = PreparedPush { way: Way::Offered, ..PreparedPush::check(self, device, key, counter, push) };
            push.changes.retain(|change| !change.as_ref().is_ok_and(|change| left_out.contains(&change.hash())));
            push
        };
        Some(PreparedOffer { counter, sealed, pushes: offer.pushes.into_iter().map(check).collect() })
    }

    /// Keeps those of the sender's offers that stand on what is not here yet.
    pub(super) async fn keep_waiting(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        receipts: &[PushReceipt],
    ) -> Result<(), RelayError> {
        if sender.prepared.offers.is_empty() {
            return Ok(());
        }
        let (mut rest, device, now_ms) = (receipts, sender.prepared.device_id(), sender.prepared.now_ms);
        let mut kept = work.tx.view().waiting_bytes(device).await?;
        for offer in &sender.prepared.offers {
            let (own, others) = rest.split_at_checked(offer.pushes.len()).unwrap_or((rest, &[]));
            rest = others;
            let mut pushes = Vec::new();
            for (index, (push, receipt)) in offer.pushes.iter().zip(own).enumerate() {
                if waits(push, receipt) {
                    let known = work.tx.view().document(push.document).await?.map(|record| record.key);
                    let case = known.as_ref().or(push.create.as_ref()).map(|key| key.case);
                    pushes.push(WaitingPush { place: place_of(index), document: push.document, case });
                }
            }
            if pushes.is_empty() {
                continue;
            }
            let bytes = u64::try_from(offer.sealed.0.len()).unwrap_or(u64::MAX);
            kept = kept.saturating_add(bytes);
            if kept > WAITING_BYTES_MAX {
                tracing::error!(%device, "too much of what this device offers waits; the rest was dropped");
                return Ok(());
            }
            let record = WaitingOfferRecord { at_ms: now_ms, tried_ms: now_ms, bytes, pushes };
            work.tx.put_waiting_upload(device, offer.counter, &record, &offer.sealed.0).await?;
        }
        Ok(())
    }

    /// Tries those offers again that waited for what this transaction has changed.
    pub(super) async fn try_waiting(&self, work: &mut Work, now_ms: u64) -> Result<(), RelayError> {
        for _ in 0..ROUNDS_MAX {
            if work.changed().is_empty() && work.held_cases.is_empty() {
                return Ok(());
            }
            let before = work.tx.view().position().await?;
            for (device, counter, record) in work.tx.view().waiting_offers().await? {
                if waited_for(work, &record) {
                    self.try_again(work, device, counter, record, now_ms).await?;
                }
            }
            if work.tx.view().position().await? == before {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Tries what waits once more, each of it once a day, and puts before a person what has waited long for rights that
    /// nobody gave back; the rest waits on.
    ///
    /// # Errors
    /// [`RelayError`] when the storage fails.
    pub async fn try_old_offers(&self, now_ms: u64) -> Result<(), RelayError> {
        let waiting = self.storage.read().await?.view().waiting_offers().await?;
        let is_due = |record: &WaitingOfferRecord| record.tried_ms.saturating_add(DAY_MS) <= now_ms;
        for (device, counter, record) in waiting.into_iter().filter(|(_, _, record)| is_due(record)) {
            let mut work = Work::new(self.storage.write().await?);
            self.try_again(&mut work, device, counter, record, now_ms).await?;
            self.try_waiting(&mut work, now_ms).await?;
            self.finish(work, now_ms).await?;
        }
        Ok(())
    }

    /// Takes again what waits of an offer.
    async fn try_again(
        &self,
        work: &mut Work,
        device: DeviceId,
        counter: u64,
        mut record: WaitingOfferRecord,
        now_ms: u64,
    ) -> Result<(), RelayError> {
        let known = work.tx.view().device(device).await?;
        let sealed = work.tx.view().waiting_upload(device, counter).await?.map(SealedOffer);
        let opened = known.zip(sealed).and_then(|(known, sealed)| {
            let offer = self.open_offer(device, &known.public_key, sealed)?;
            Some((known, offer))
        });
        let Some((known, offer)) = opened else { return Ok(work.tx.drop_waiting_offer(device, counter).await?) };
        let ended = standing_of(&mut work.tx.view(), &known).await? != Account::InForce;
        let prepared = only_offering(device, &known, now_ms);
        let sender = Sender { prepared: &prepared, device: known, ended };
        let of_record = |index: usize| record.pushes.iter().any(|waiting| waiting.place == place_of(index));
        let places: Vec<usize> = (0..offer.pushes.len()).filter(|index| of_record(*index)).collect();
        let pushes: Vec<&PreparedPush> = places.iter().filter_map(|place| offer.pushes.get(*place)).collect();
        let receipts = self.take_in_order(work, &sender, &pushes).await?;
        let is_older = |than_ms: u64| record.at_ms.saturating_add(than_ms) <= now_ms;
        let (is_old, is_oldest) = (is_older(HELD_AFTER_MS), is_older(UNCLAIMED_AFTER_MS));
        for ((place, push), mut receipt) in places.iter().zip(&pushes).zip(receipts) {
            if is_oldest || (is_old && needs_a_person(&receipt)) {
                receipt = self.hold_offered(work, &sender, push).await?.unwrap_or(receipt);
            }
            if !waits(push, &receipt) {
                record.pushes.retain(|waiting| waiting.place != place_of(*place));
            }
        }
        if record.pushes.is_empty() {
            return Ok(work.tx.drop_waiting_offer(device, counter).await?);
        }
        record.tried_ms = now_ms;
        Ok(work.tx.put_waiting_offer(device, counter, &record).await?)
    }

    /// Puts a push before a person; none where not even its document is known, and of one that no person may take in.
    async fn hold_offered(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
    ) -> Result<Option<PushReceipt>, RelayError> {
        let known = work.tx.view().document(push.document).await?.map(|record| record.key);
        let Some(key) = known.or_else(|| push.create.clone()).filter(|_| !push.begins_anew()) else { return Ok(None) };
        let held = self.hold_push(work, sender, push, &key, ErrorCode::HeldEnded).await?;
        self.seat_new(work, sender.prepared.now_ms).await?;
        Ok(Some(PushReceipt::Each(held)))
    }
}

/// Whether a transaction has changed a document that waits, or what rights in its case hang on, or has put something of
/// that case aside.
fn waited_for(work: &Work, record: &WaitingOfferRecord) -> bool {
    record.pushes.iter().any(|waiting| {
        let rights = waiting.case.map(|case| [core_of(case), guard_of(case)]);
        let mut all = core::iter::once(waiting.document).chain(rights.into_iter().flatten());
        let is_changed = all.any(|document| work.changed().contains(&document));
        is_changed || waiting.case.is_some_and(|case| work.held_cases.contains(&case))
    })
}

/// A request that says nothing beyond who sends it.
fn only_offering(id: DeviceId, device: &DeviceRecord, now_ms: u64) -> Prepared {
    Prepared {
        upload: Upload {
            version: PROTOCOL_VERSION,
            device: id,
            request: RequestId::from_bytes([0; 16]),
            counter: 0,
            cursor: None,
            pack: 0,
            budget_bytes: 0,
            priorities: Vec::new(),
            pushes: Vec::new(),
            repair: None,
            slot: None,
            offers: Vec::new(),
            decisions: None,
            brought: None,
            seen: None,
        },
        device: device.clone(),
        cursor: Standing::OtherEpoch,
        pushes: Vec::new(),
        offers: Vec::new(),
        brought: Vec::new(),
        now_ms,
    }
}
