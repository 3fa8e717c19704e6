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
use shared::protocol::limits::OWN_UPLOADS_KEPT_DAYS;
use shared::seal::letter::Purpose;

use super::commit::{Account, standing_of};
use super::cursor::Standing;
use super::intake::Sender;
use super::prepare::{Prepared, PreparedPush};
use super::work::Work;
use super::{Relay, RelayError};
use crate::storage::record::{DeviceRecord, WaitingOfferRecord};

/// Bytes of one device's offers that wait: what an honest tablet writes in a month is far less.
const WAITING_BYTES_MAX: usize = 64 << 20;
/// How often everything that waits is gone through for one request; each time something has to have come of it.
const ROUNDS_MAX: usize = 8;
const DAY_MS: u64 = 86_400_000;

/// An own upload of the sender's, offered again.
pub(super) struct PreparedOffer {
    /// The counter it was signed with.
    pub(super) counter: u64,
    /// As it came.
    pub(super) sealed: SealedOffer,
    /// What it holds.
    pub(super) pushes: Vec<PreparedPush>,
}

/// What taking an offer came to.
#[derive(Clone, Copy, Default)]
struct Outcome {
    /// Something in it stands on what is not here (yet).
    waits: bool,
    /// Something of it may be new here.
    brought: bool,
}

fn outcome(offer: &PreparedOffer, receipts: &[PushReceipt]) -> Outcome {
    let mut outcome = Outcome::default();
    for (push, receipt) in offer.pushes.iter().zip(receipts) {
        // No time mends a push that is not what was signed.
        let may_wait = push.flaw.is_none() && !push.is_garbled();
        match receipt {
            PushReceipt::All => outcome.brought = true,
            PushReceipt::Each(each) => {
                outcome.brought |= each.contains(&Receipt::Accepted);
                outcome.waits |= may_wait && each.iter().any(waits);
            }
        }
    }
    outcome
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
        let check = |push| PreparedPush::check(self, device, key, counter, push);
        Some(PreparedOffer { counter, sealed, pushes: offer.pushes.into_iter().map(check).collect() })
    }

    /// Keeps those offers that stand on what is not here yet, and tries those again that waited for these.
    pub(super) async fn settle_offers(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        receipts: &[PushReceipt],
    ) -> Result<(), RelayError> {
        let (mut rest, mut brought) = (receipts, false);
        let device = sender.prepared.device_id();
        for offer in &sender.prepared.offers {
            let (own, others) = rest.split_at_checked(offer.pushes.len()).unwrap_or((rest, &[]));
            rest = others;
            let outcome = outcome(offer, own);
            brought |= outcome.brought;
            if outcome.waits {
                self.keep_waiting(work, device, offer, sender.prepared.now_ms).await?;
            }
        }
        if brought { self.try_waiting(work, sender.prepared.now_ms).await } else { Ok(()) }
    }

    async fn keep_waiting(
        &self,
        work: &mut Work,
        device: DeviceId,
        offer: &PreparedOffer,
        now_ms: u64,
    ) -> Result<(), RelayError> {
        let kept = work.tx.view().waiting_bytes(device).await?;
        if kept.saturating_add(offer.sealed.0.len()) > WAITING_BYTES_MAX {
            tracing::error!(%device, "offers of this device that wait are too many; one was dropped");
            return Ok(());
        }
        let record = WaitingOfferRecord { at_ms: now_ms, sealed: offer.sealed.0.clone() };
        Ok(work.tx.put_waiting_offer(device, offer.counter, &record).await?)
    }

    async fn try_waiting(&self, work: &mut Work, now_ms: u64) -> Result<(), RelayError> {
        for _ in 0..ROUNDS_MAX {
            let mut brought = false;
            for (device, counter, record) in work.tx.view().waiting_offers().await? {
                let outcome = self.try_again(work, device, &record, now_ms).await?;
                brought |= outcome.brought;
                let kept_until = record.at_ms.saturating_add(DAY_MS.saturating_mul(OWN_UPLOADS_KEPT_DAYS.into()));
                if !outcome.waits || now_ms > kept_until {
                    work.tx.drop_waiting_offer(device, counter).await?;
                }
            }
            if !brought {
                break;
            }
        }
        Ok(())
    }

    async fn try_again(
        &self,
        work: &mut Work,
        device: DeviceId,
        record: &WaitingOfferRecord,
        now_ms: u64,
    ) -> Result<Outcome, RelayError> {
        let Some(known) = work.tx.view().device(device).await? else { return Ok(Outcome::default()) };
        let Some(offer) = self.open_offer(device, &known.public_key, SealedOffer(record.sealed.clone())) else {
            return Ok(Outcome::default());
        };
        let ended = standing_of(&mut work.tx.view(), &known).await? != Account::InForce;
        let prepared = only_offering(device, &known, now_ms);
        let sender = Sender { prepared: &prepared, device: known, ended };
        let pushes: Vec<&PreparedPush> = offer.pushes.iter().collect();
        let receipts = self.take_in_order(work, &sender, &pushes).await?;
        Ok(outcome(&offer, &receipts))
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
