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
        let grant = work.tx.view().grant(sender.device.account, push.document).await?;
        let Some(key) = push.create.clone().filter(|_| grant.is_none_or(|grant| grant.in_force())) else {
            return refused(ErrorCode::DocumentUnknown);
        };
        self.hold_push(work, sender, push, &key, ErrorCode::HeldBrought).await
    }
}
