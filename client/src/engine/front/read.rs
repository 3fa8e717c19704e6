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

/// How often the interface is told meanwhile, milliseconds: drawing a list of thousands anew costs as much as reading some.
const TELL_EVERY_MS: u64 = 1_000;

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

    async fn read_all(self: Rc<Self>) {
        let mut told_ms = self.platform.now_ms();
        let mut has_read = false;
        while self.read_some().await {
            has_read = true;
            let now_ms = self.platform.now_ms();
            if now_ms.abs_diff(told_ms) >= TELL_EVERY_MS {
                told_ms = now_ms;
                self.refresh().await;
            }
            give_way().await;
        }
        // Nothing waits between the last look and this, so nothing that comes is missed.
        self.reading.set(false);
        if has_read {
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
