//! The end of a membership: what is only here is handed in or saved to a file, then the vault is wiped.
//!
//! Owns when a vault may be wiped: never while it holds work of its person that is nowhere else. Called by the loop when
//! the relay says so, and by the person who has saved the rest to a file.

use std::rc::Rc;

use shared::id::VaultId;
use shared::protocol::error::ErrorCode;
use shared::sync::pace::PaceInput;

use super::Front;
use super::lead::{ANSWER_MS_MAX, Call};
use crate::api::{Event, Failure, Reply};
use crate::engine::farewell::{hand_in_drafts, left_here, mark_of, only_here};
use crate::engine::session::failure;

impl Front {
    /// The tablet was revoked, or its account has ended. Only a revoked tablet is wiped, once nothing is only here.
    pub(super) async fn end_membership(self: Rc<Self>, code: u16) {
        if code != ErrorCode::DeviceRevoked.number() {
            return;
        }
        let left = {
            let mut guard = self.session.lock().await;
            let Some(session) = guard.as_mut() else { return };
            let before = session.unsent();
            hand_in_drafts(session).await;
            if session.unsent() > before || session.meta.offer_from.is_some() {
                self.note(PaceInput::AtOnce);
            }
            only_here(session).await
        };
        if !self.leaves_nothing(left) {
            return;
        }
        // Another tab of this vault may be writing this very moment.
        self.call(&Call::Close);
        self.platform.sleep(ANSWER_MS_MAX).await;
        let left = match self.session.lock().await.as_ref() {
            Some(session) => only_here(session).await,
            None => return,
        };
        if self.leaves_nothing(left) {
            self.wipe(code).await;
        }
    }

    /// Wipes the vault of a revoked tablet, of which its person has saved to a file what is nowhere else: nothing that was typed
    /// since, in whichever tab.
    pub(super) async fn give_up(self: Rc<Self>) -> Result<Reply, Failure> {
        let code = ErrorCode::DeviceRevoked.number();
        if self.status.borrow().fault != code {
            return Err(failure(ErrorCode::WriteForbidden));
        }
        self.is_all_saved().await?;
        // Another tab of this vault may be writing this very moment.
        self.call(&Call::Close);
        self.platform.sleep(ANSWER_MS_MAX).await;
        self.is_all_saved().await?;
        self.wipe(code).await;
        Ok(Reply::Done)
    }

    async fn is_all_saved(&self) -> Result<(), Failure> {
        let guard = self.session.lock().await;
        let session = guard.as_ref().ok_or(failure(ErrorCode::Locked))?;
        let is_saved = only_here(session).await? == 0 || session.saved == Some(mark_of(&left_here(session).await?));
        if is_saved { Ok(()) } else { Err(failure(ErrorCode::NotInFile)) }
    }

    /// Says how much is only here; true when nothing is.
    fn leaves_nothing(&self, left: Result<u32, Failure>) -> bool {
        let left = match left {
            Ok(left) => left,
            Err(failed) => {
                self.tell(Event::Failed(failed));
                return false;
            }
        };
        self.status.borrow_mut().only_here = left;
        self.tell(Event::Status(self.status.borrow().clone()));
        left == 0
    }

    async fn wipe(self: Rc<Self>, code: u16) {
        let Some(vault): Option<VaultId> = self.open_vault() else { return };
        self.clone().lock_quietly().await;
        if self.tablet.wipe(vault).await.is_err() {
            self.tell(Event::Failed(failure(ErrorCode::TabletStore)));
        }
        // Said last: who hears it asks at once which vaults there are.
        self.tell(Event::Locked { code });
    }
}
