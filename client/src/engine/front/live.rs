//! The leading tab's ear at the relay: hears that a round would bring something, and asks for one.
//!
//! Owns when a socket is held (this tab leads, the page is visible or was a moment ago, there is a network) and when it
//! counts as dead. Must never carry anything else: what is new comes with the round, and without a socket rounds come at
//! intervals as before.

use futures::future::{Either, select};
use shared::protocol::codec::encode;
use shared::protocol::limits::{LIVE_ALIVE_S, LIVE_ANSWER_S_MAX};
use shared::protocol::live::{Signal, SignedHello, decode_signal};
use shared::seal::sign::DeviceSecret;
use shared::sync::pace::{PaceInput, backoff_ms};

use super::Front;
use crate::api::Line as LineState;
use crate::platform::{Socket, draw};

/// How often it is looked at whether a socket is still wanted and alive, milliseconds.
const LOOK_MS: u32 = 2_000;
/// How long a hidden page goes on listening: somebody looks something up in another app. Milliseconds.
const HIDDEN_MS_MAX: u64 = 300_000;
/// The relay says something at least so often; its own waiting and a slow line. Milliseconds.
const SILENCE_MS_MAX: u64 = LIVE_ALIVE_S.saturating_add(LIVE_ANSWER_S_MAX).saturating_mul(1_000);
/// How long a socket must have lived for the next one to be tried without a longer wait. Milliseconds.
const LIVED_MS: u64 = 60_000;

impl Front {
    /// Holds a socket whenever one is wanted. Never returns; dropped when this tab leads no more.
    pub(super) async fn listen(&self) {
        let mut failures = 0_u32;
        loop {
            while !self.may_listen() {
                self.platform.sleep(LOOK_MS).await;
            }
            let began_ms = self.platform.now_ms();
            let was_open = self.listen_once().await;
            if was_open {
                self.note(PaceInput::Live { open: false, random: self.random() });
            }
            let lived_ms = self.platform.now_ms().saturating_sub(began_ms);
            failures = if was_open && lived_ms >= LIVED_MS { 1 } else { failures.saturating_add(1) };
            if self.wait_before_again(backoff_ms(failures, self.random())).await {
                failures = 0;
            }
        }
    }

    /// Waits; true when the wait was cut short, because the line came back.
    async fn wait_before_again(&self, wait_ms: u64) -> bool {
        self.line_back.set(false);
        let mut left_ms = wait_ms;
        while left_ms > 0 {
            let step_ms = u32::try_from(left_ms).unwrap_or(LOOK_MS).min(LOOK_MS);
            self.platform.sleep(step_ms).await;
            if self.line_back.get() {
                return true;
            }
            left_ms = left_ms.saturating_sub(step_ms.into());
        }
        false
    }

    fn may_listen(&self) -> bool {
        let hidden_ms = self.platform.now_ms().saturating_sub(self.shown_ms.get());
        self.online.get()
            && (self.visible.get() || hidden_ms < HIDDEN_MS_MAX)
            && self.status.borrow().line != LineState::Ended
            // An open socket costs like a round, and what it hears could not be asked for.
            && self.status.borrow().waits_for.is_none()
    }

    fn random(&self) -> u16 {
        u16::from_be_bytes(draw(&*self.platform))
    }

    /// One socket, from its opening to its end; tells whether the relay took it.
    async fn listen_once(&self) -> bool {
        let Some(mut socket) = self.platform.connect("/live").await else { return false };
        let Some(hello) = self.hello().await else { return false };
        socket.send(&hello);
        self.line_broke.set(false);
        let mut is_open = false;
        let mut heard_ms = self.platform.now_ms();
        loop {
            let heard = match select(socket.next(), self.platform.sleep(LOOK_MS)).await {
                Either::Left((Some(message), _)) => Some(message),
                Either::Left((None, _)) => {
                    if is_open {
                        // Why the relay hung up, a round says: this tablet may have been revoked.
                        self.note(PaceInput::News { random: self.random() });
                    }
                    return is_open;
                }
                Either::Right(_) => None,
            };
            let now_ms = self.platform.now_ms();
            match heard {
                Some(message) => {
                    heard_ms = now_ms;
                    let Ok(signal) = decode_signal(&message) else { return is_open };
                    is_open |= signal == Signal::Ready;
                    self.take_signal(signal, &*socket);
                }
                // A clock that was set back would make the line look young for ever; one that jumped, dead: it is tried again.
                None if now_ms < heard_ms => heard_ms = now_ms,
                None => {
                    let is_dead = now_ms.saturating_sub(heard_ms) > SILENCE_MS_MAX || self.line_broke.get();
                    if is_dead || !self.may_listen() {
                        return is_open;
                    }
                }
            }
        }
    }

    fn take_signal(&self, signal: Signal, socket: &dyn Socket) {
        match signal {
            Signal::Ready => {
                self.note(PaceInput::Live { open: true, random: self.random() });
                self.note(PaceInput::News { random: self.random() });
            }
            Signal::News => self.note(PaceInput::News { random: self.random() }),
            Signal::Alive => socket.send(&encode(&Signal::Alive)),
        }
    }

    /// The first message of a socket; none when the vault was locked or its store failed.
    async fn hello(&self) -> Option<Vec<u8>> {
        let guard = self.session.lock().await;
        let session = guard.as_ref()?;
        let counter = session.rows.take_counter().await.ok()?;
        let owner = &session.owner;
        let secret = DeviceSecret::from_seed(&owner.seed);
        Some(encode(&SignedHello::make(owner.tenant, owner.device, counter, &secret)))
    }
}
