//! What tablets bring back to a restored relay: changes they had received from the database that was lost.
//!
//! Whoever wrote a change offers it again, signed, and it stands as it was. What nobody offers, because a receipt or a
//! tablet was lost too, is known only to those who had received it. Nothing says that it is true but who brings it, so it
//! never goes in by itself: it waits for a person, under the name it carries. Must never tell more than whether it is here.

use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{PushReceipt, Receipt};

use super::intake::{Sender, come_again};
use super::prepare::PreparedPush;
use super::work::Work;
use super::{Relay, RelayError};

/// Bytes of what may be held because one device brought it: honest tablets bring a few changes, and what is held is never
/// dropped.
const BROUGHT_BYTES_MAX: u64 = 2 << 20;
/// What a held change costs beside its bytes.
const ROW_BYTES: u64 = 512;

impl Relay {
    /// Takes what an upload brings back; receipts are in its order, none when it brings nothing.
    pub(super) async fn take_brought(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
    ) -> Result<Option<Vec<PushReceipt>>, RelayError> {
        let brought = &sender.prepared.brought;
        if brought.is_empty() {
            return Ok(None);
        }
        let mut receipts = Vec::with_capacity(brought.len());
        for push in brought {
            let each = if push.is_garbled() || self.is_spent(sender.prepared) {
                come_again(push)
            } else {
                Box::pin(self.take_one_brought(work, sender, push)).await?
            };
            self.keep_evidence(work, sender, push, &each).await?;
            self.charge(sender, work.take_opened_bytes());
            self.seat_new(work, sender.prepared.now_ms).await?;
            self.note_fates(work, sender, push, &each);
            receipts.push(PushReceipt::Each(each));
        }
        Ok(Some(receipts))
    }

    async fn take_one_brought(
        &self,
        work: &mut Work,
        sender: &Sender<'_>,
        push: &PreparedPush,
    ) -> Result<Vec<Receipt>, RelayError> {
        let refused = |code: ErrorCode| Ok(vec![Receipt::Refused(code.number()); push.changes.len()]);
        if sender.ended || !self.was_restored(sender.prepared.now_ms) {
            return refused(ErrorCode::ChangeForbidden);
        }
        // A right that ended since the restore has ended; one that the restored relay does not know was lost with the rest.
        let Some(key) = push.create.clone() else { return refused(ErrorCode::DocumentUnknown) };
        let (me, device) = (sender.device.account, sender.prepared.device_id());
        let grant = work.tx.view().grant(me, push.document).await?;
        let is_here = work.tx.view().document(push.document).await?.is_some();
        let is_allowed = match grant {
            Some(grant) => grant.in_force(),
            None => !is_here && key.generation == 0 && self.might_have(work, sender, &key).await?,
        };
        if !is_allowed {
            return refused(ErrorCode::DocumentUnknown);
        }
        let before = work.tx.view().brought_bytes(device).await?;
        let mut costs = Vec::with_capacity(push.changes.len());
        for change in push.changes.iter().flatten() {
            let is_new = work.tx.view().held(push.document, change.hash()).await?.is_none();
            let own = u64::try_from(change.as_bytes().len()).unwrap_or(u64::MAX);
            costs.push(if is_new { own.saturating_add(ROW_BYTES) } else { 0 });
        }
        if costs.iter().fold(before, |sum, cost| sum.saturating_add(*cost)) > BROUGHT_BYTES_MAX {
            tracing::error!(%device, "too much was brought by this device; the rest stays on it");
            return refused(ErrorCode::ChangeForbidden);
        }
        let receipts = self.hold_push(work, sender, push, &key, ErrorCode::HeldBrought).await?;
        // What comes again, or was here, costs nothing: an honest tablet must not use its share up by asking.
        let held = receipts.iter().zip(costs).filter(|(receipt, _)| matches!(receipt, Receipt::Held(_)));
        let bytes = held.fold(before, |sum, (_, cost)| sum.saturating_add(cost));
        work.tx.put_brought_bytes(device, bytes).await?;
        Ok(receipts)
    }
}
