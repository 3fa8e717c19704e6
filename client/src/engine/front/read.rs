//! Reads documents that a sync brought, a few at a time, between whatever else this tab does.
//!
//! Taking a document costs a tenth of reading it, and a line may be gone in a minute: so all are taken first. What is to be
//! read stands in the store, and is read on after a crash or by the next tab that leads.

use std::rc::Rc;

use shared::protocol::error::ErrorCode;

use super::Front;
use crate::api::{Event, Failure, Reply};
use crate::engine::exchange::give_way;
use crate::engine::reading::Read;
use crate::engine::session::failure;

/// How often the interface is told meanwhile, milliseconds: drawing a list of thousands anew costs as much as reading some, and the
/// more has come the longer it draws in one go.
const TELL_EVERY_MS: u64 = 600;

impl Front {
    /// Reads what is to be read, unless that goes on already.
    pub(super) fn read_unread(self: &Rc<Self>) {
        if !self.reading.replace(true) {
            (self.spawn)(Box::pin(self.clone().read_all()));
        }
    }

    /// Reads what was set aside once more.
    pub(super) async fn read_aside(self: Rc<Self>) -> Result<Reply, Failure> {
        {
            let mut guard = self.session.lock().await;
            guard.as_mut().ok_or(failure(ErrorCode::Locked))?.read_aside().await?;
        }
        self.refresh().await;
        self.read_unread();
        Ok(Reply::Done)
    }

    /// Tells the interface what a part of an answer brought. Of parts that follow each other it hears now and then.
    pub(super) fn tell_what_came(self: &Rc<Self>) {
        self.untold.set(true);
        if self.tells_now() {
            let front = self.clone();
            (self.spawn)(Box::pin(async move { front.refresh().await }));
        }
    }

    /// Whether the interface is to be told now; then it counts as told.
    fn tells_now(&self) -> bool {
        let now_ms = self.platform.now_ms();
        let tells = now_ms.abs_diff(self.told_ms.get()) >= TELL_EVERY_MS;
        if tells {
            self.told_ms.set(now_ms);
            self.untold.set(false);
        }
        tells
    }

    async fn read_all(self: Rc<Self>) {
        while self.read_some().await {
            self.untold.set(true);
            if self.tells_now() {
                self.refresh().await;
            }
            give_way().await;
        }
        // Nothing waits between the last look and this, so nothing that comes is missed.
        self.reading.set(false);
        let since_ms = self.platform.now_ms().abs_diff(self.told_ms.get());
        if self.untold.get() && self.status.borrow().busy {
            // More may come at once; a round that is over tells by itself.
            self.platform.sleep(u32::try_from(TELL_EVERY_MS.saturating_sub(since_ms)).unwrap_or(0)).await;
        }
        if self.untold.take() {
            self.told_ms.set(self.platform.now_ms());
            self.refresh().await;
        }
    }

    /// Reads some documents; false when none is left, the vault was locked, or the store failed.
    async fn read_some(&self) -> bool {
        let mut guard = self.session.lock().await;
        let Some(session) = guard.as_mut() else { return false };
        match session.read_some().await {
            Ok(Read::Nothing) => false,
            Ok(Read::Some) => true,
            Ok(Read::SetAside) => {
                self.tell(Event::Failed(failure(ErrorCode::HeldAside)));
                true
            }
            Err(failed) => {
                self.tell(Event::Failed(failed));
                false
            }
        }
    }
}
