//! What tablets offer again to a restored relay.
//!
//! A tablet offers each of its own uploads once. What one of them stands on, be it a document, a change or a right, may be
//! among the offers of another tablet that comes later, so one that cannot be taken yet waits here, sealed as it came, and
//! is tried again whenever an offer has brought something back. Must never refuse an offer for good while that may still
//! happen: the tablet has been told that it was accepted.

use shared::id::DeviceId;
use shared::id::RequestId;
use shared::protocol::codec::decode_offer;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{PROTOCOL_VERSION, PushReceipt, Receipt, SealedOffer, Upload};
use shared::seal::letter::Purpose;

use super::commit::{Account, standing_of};
use super::cursor::Standing;
use super::facts::{core_of, guard_of};
use super::intake::Sender;
use super::prepare::{Prepared, PreparedPush};
use super::work::Work;
use super::{Relay, RelayError};
use crate::storage::record::{DeviceRecord, WaitingOfferRecord};

/// Bytes of one device's offers that wait: what an honest tablet writes in a month is far less.
const WAITING_BYTES_MAX: usize = 64 << 20;
/// How often everything that waits is gone through for one request; each time something has to have come of it.
const ROUNDS_MAX: usize = 8;
/// After so long nobody is expected any more to bring the rights back that an offer hangs on, milliseconds.
const HELD_AFTER_MS: u64 = 3 * 86_400_000;

/// An own upload of the sender's, offered again.
pub(super) struct PreparedOffer {
    /// The counter it was signed with.
    pub(super) counter: u64,
    /// As it came.
    pub(super) sealed: SealedOffer,
    /// What it holds.
    pub(super) pushes: Vec<PreparedPush>,
}

/// Whether anything of an offer stands on what is not here (yet).
fn any_waits(offer: &PreparedOffer, receipts: &[PushReceipt]) -> bool {
    // No time mends a push that is not what was signed.
    let sound = |push: &PreparedPush| push.flaw.is_none() && !push.is_garbled();
    offer.pushes.iter().zip(receipts).filter(|(push, _)| sound(push)).any(|(_, receipt)| match receipt {
        PushReceipt::All => false,
        PushReceipt::Each(each) => each.iter().any(waits),
    })
}

fn is_forbidden(receipt: &PushReceipt) -> bool {
    let forbidden = Receipt::Refused(ErrorCode::ChangeForbidden.number());
    matches!(receipt, PushReceipt::Each(each) if each.contains(&forbidden))
}

fn waits(receipt: &Receipt) -> bool {
    match receipt {
        Receipt::Retry(_) | Receipt::Reissue => true,
        Receipt::Refused(code) => {
            [ErrorCode::DocumentUnknown, ErrorCode::ChangeForbidden].iter().any(|waits| waits.number() == *code)
        }
        Receipt::Accepted | Receipt::Duplicate | Receipt::Held(_) => false,
    }
}

impl Relay {
    /// Opens what a tablet kept for a restored relay. What does not open is not ours, and tells nobody anything.
    pub(super) fn open_offers(&self, device: DeviceId, key: &[u8; 32], sealed: Vec<SealedOffer>) -> Vec<PreparedOffer> {
        sealed.into_iter().filter_map(|sealed| self.open_offer(device, key, sealed)).collect()
    }

    fn open_offer(&self, device: DeviceId, key: &[u8; 32], sealed: SealedOffer) -> Option<PreparedOffer> {
        let plain = self.identity.open(Purpose::OwnUpload, &sealed.0).ok()?;
        let offer = decode_offer(&plain).ok()?;
        let counter = offer.counter;
        let left_out = offer.left_out.unwrap_or_default();
        let check = |push| {
            let mut push = PreparedPush { offered: true, ..PreparedPush::check(self, device, key, counter, push) };
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
        let (mut rest, device) = (receipts, sender.prepared.device_id());
        for offer in &sender.prepared.offers {
            let (own, others) = rest.split_at_checked(offer.pushes.len()).unwrap_or((rest, &[]));
            rest = others;
            if !any_waits(offer, own) {
                continue;
            }
            let kept = work.tx.view().waiting_bytes(device).await?;
            if kept.saturating_add(offer.sealed.0.len()) > WAITING_BYTES_MAX {
                tracing::error!(%device, "offers of this device that wait are too many; one was dropped");
                continue;
            }
            let record = WaitingOfferRecord {
                at_ms: sender.prepared.now_ms,
                sealed: offer.sealed.0.clone(),
                documents: offer.pushes.iter().map(|push| push.document).collect(),
            };
            work.tx.put_waiting_offer(device, offer.counter, &record).await?;
        }
        Ok(())
    }

    /// Tries those offers again that waited for what this transaction has changed.
    pub(super) async fn try_waiting(&self, work: &mut Work, now_ms: u64) -> Result<(), RelayError> {
        for _ in 0..ROUNDS_MAX {
            if work.changed().is_empty() {
                return Ok(());
            }
            let waiting = work.tx.view().waiting_offers().await?;
            if waiting.is_empty() {
                return Ok(());
            }
            let before = work.tx.view().position().await?;
            for (device, counter, record) in waiting {
                if self.waited_for(work, &record).await? {
                    self.try_again(work, device, counter, &record, now_ms).await?;
                }
            }
            if work.tx.view().position().await? == before {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether this transaction has changed a document of the offer, or what rights in its case hang on.
    async fn waited_for(&self, work: &mut Work, record: &WaitingOfferRecord) -> Result<bool, RelayError> {
        for document in &record.documents {
            if work.changed().contains(document) {
                return Ok(true);
            }
            let Some(known) = work.tx.view().document(*document).await? else { continue };
            let case = known.key.case;
            if [core_of(case), guard_of(case)].iter().any(|rights| work.changed().contains(rights)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Puts before a person what has waited long for rights that nobody gave back; the rest waits on.
    ///
    /// # Errors
    /// [`RelayError`] when the storage fails.
    pub async fn hold_old_offers(&self, now_ms: u64) -> Result<(), RelayError> {
        let is_old = |record: &WaitingOfferRecord| record.at_ms.saturating_add(HELD_AFTER_MS) <= now_ms;
        let waiting = self.storage.read().await?.view().waiting_offers().await?;
        for (device, counter, record) in waiting.into_iter().filter(|(_, _, record)| is_old(record)) {
            let mut work = Work::new(self.storage.write().await?);
            self.try_again(&mut work, device, counter, &record, now_ms).await?;
            self.finish(work, now_ms).await?;
        }
        Ok(())
    }

    async fn try_again(
        &self,
        work: &mut Work,
        device: DeviceId,
        counter: u64,
        record: &WaitingOfferRecord,
        now_ms: u64,
    ) -> Result<(), RelayError> {
        let known = work.tx.view().device(device).await?;
        let opened = known.and_then(|known| {
            let offer = self.open_offer(device, &known.public_key, SealedOffer(record.sealed.clone()))?;
            Some((known, offer))
        });
        let Some((known, offer)) = opened else { return Ok(work.tx.drop_waiting_offer(device, counter).await?) };
        let ended = standing_of(&mut work.tx.view(), &known).await? != Account::InForce;
        let prepared = only_offering(device, &known, now_ms);
        let sender = Sender { prepared: &prepared, device: known, ended };
        let pushes: Vec<&PreparedPush> = offer.pushes.iter().collect();
        let mut receipts = self.take_in_order(work, &sender, &pushes).await?;
        if record.at_ms.saturating_add(HELD_AFTER_MS) <= now_ms {
            for (push, receipt) in pushes.iter().zip(&mut receipts) {
                let Some(document) = self.open_document(work, push.document).await?.filter(|_| is_forbidden(receipt))
                else {
                    continue;
                };
                let held = self.hold_push(work, &sender, push, &document.record.key, ErrorCode::HeldEnded).await?;
                *receipt = PushReceipt::Each(held);
                self.seat_new(work, now_ms).await?;
            }
        }
        if any_waits(&offer, &receipts) { Ok(()) } else { Ok(work.tx.drop_waiting_offer(device, counter).await?) }
    }
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
        },
        device: device.clone(),
        cursor: Standing::OtherEpoch,
        pushes: Vec::new(),
        offers: Vec::new(),
        now_ms,
    }
}
