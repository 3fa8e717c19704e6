//! Who may listen, and whom what was committed concerns.
//!
//! A socket is opened by a signed hello and a counter of the device; after that it is told no more than that a request
//! would bring something. Whom something concerns is read from the feeds that answers are made of, up to a position, so
//! that it does not matter which process committed it: administration is another one.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared::id::{AccountId, DeviceId};
use shared::protocol::error::ErrorCode;
use shared::protocol::live::{Hello, decode_hello};
use shared::seal::sign::DevicePublic;

use super::commit::{Account, standing_of};
use super::{Relay, RelayError};
use crate::audit::{self, Entry};
use crate::failure::Chain;
use crate::live::{Hub, Seat};
use crate::storage::View;
use crate::storage::record::{Act, DeviceRecord};

/// Documents taken from the feed at once.
const EVENTS_PER_BATCH: usize = 500;

/// Why a socket was not opened. Whoever may not listen is told no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotHeard {
    /// No hello of a device that may listen.
    Forbidden,
    /// Not now.
    Later,
}

impl Relay {
    /// Who listens.
    pub(crate) const fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// Seats whoever a hello proves to be.
    pub(crate) async fn listen(&self, hello: &[u8], now_ms: u64) -> Result<Seat, NotHeard> {
        self.try_listen(hello, now_ms).await.map_err(|error| {
            tracing::warn!(error = %Chain(&error), "a hello could not be taken");
            self.note_failure(&error);
            NotHeard::Later
        })?
    }

    async fn try_listen(&self, bytes: &[u8], now_ms: u64) -> Result<Result<Seat, NotHeard>, RelayError> {
        let Ok((signed, hello)) = decode_hello(bytes) else { return Ok(Err(NotHeard::Forbidden)) };
        let known = self.storage().read().await?.view().device(hello.device).await?;
        let verified =
            known.filter(|device| signed.verify(self.tenant(), &DevicePublic::from_bytes(device.public_key)).is_ok());
        let Some(device) = verified else { return Ok(Err(NotHeard::Forbidden)) };
        if self.is_full() || !self.hub.has_room(hello.device, device.account) {
            return Ok(Err(NotHeard::Later));
        }
        let Some(position) = self.take_hello(&hello, &device, now_ms).await? else {
            return Ok(Err(NotHeard::Forbidden));
        };
        Ok(self.hub.seat(hello.device, device.account, position).map_err(|_| NotHeard::Later))
    }

    /// Uses a hello's counter up and gives the position of that moment; none for a hello that came before, or whose device
    /// may hear nothing any more.
    async fn take_hello(&self, hello: &Hello, device: &DeviceRecord, now_ms: u64) -> Result<Option<u64>, RelayError> {
        let mut tx = self.storage().write().await?;
        let is_in_force = match tx.view().device(hello.device).await? {
            Some(device) => standing_of(&mut tx.view(), &device).await? == Account::InForce,
            None => false,
        };
        if !is_in_force {
            return Ok(None);
        }
        if hello.counter <= tx.view().hello_counter(hello.device).await? {
            let refused = Entry {
                account: Some(device.account),
                device: Some(hello.device),
                code: Some(ErrorCode::CounterRepeated),
                ..Entry::of(Act::RequestRefused)
            };
            audit::append(&mut tx, now_ms, &[refused]).await?;
            tx.commit().await?;
            return Ok(None);
        }
        tx.put_hello_counter(hello.device, hello.counter).await?;
        let position = tx.view().position().await?;
        tx.commit().await?;
        Ok(Some(position))
    }

    /// Tells those who listen what was committed since they were told last.
    ///
    /// # Errors
    /// [`RelayError`] when the storage fails; the next look begins where this one did.
    pub(crate) async fn tell_listeners(&self) -> Result<(), RelayError> {
        let Some(reached) = self.hub.reached() else { return Ok(()) };
        let mut read = self.storage().read().await?;
        let now = read.view().position().await?;
        if now <= reached {
            return Ok(());
        }
        let listeners = self.hub.listeners();
        if read.view().ended_position().await? > reached {
            for device in listeners.values().flatten() {
                if !may_hear(&mut read.view(), *device).await? {
                    self.hub.end(*device);
                }
            }
        }
        let news = news_of(&mut read.view(), &listeners, reached).await?;
        self.hub.tell(&news, now);
        Ok(())
    }
}

async fn may_hear(view: &mut View<'_>, device: DeviceId) -> Result<bool, RelayError> {
    let Some(record) = view.device(device).await? else { return Ok(false) };
    Ok(standing_of(view, &record).await? == Account::InForce)
}

/// The position of the latest thing each account may have that came after `reached`: a change of a document, a right that
/// began or ended, what waits or was decided, the status of a report, a danger. The directory waits for the next round: it concerns
/// everybody, and nobody waits for it.
async fn news_of(
    view: &mut View<'_>,
    listeners: &BTreeMap<AccountId, Vec<DeviceId>>,
    reached: u64,
) -> Result<BTreeMap<AccountId, u64>, RelayError> {
    let mut news: BTreeMap<AccountId, u64> = BTreeMap::new();
    let mut note = |account: AccountId, position: u64| {
        if position > reached && listeners.contains_key(&account) {
            let latest = news.entry(account).or_default();
            *latest = position.max(*latest);
        }
    };
    let mut from = reached;
    loop {
        let changed = view.changed_after(from, EVENTS_PER_BATCH).await?;
        for (position, document) in &changed {
            from = *position;
            for account in view.holders(*document).await? {
                note(account, *position);
            }
        }
        if changed.len() < EVENTS_PER_BATCH {
            break;
        }
    }
    for account in listeners.keys() {
        note(*account, view.last_grant_event(*account).await?);
        note(*account, view.last_seat_event(*account).await?);
        let check = view.check(*account).await?;
        note(*account, check.status_position.max(check.alarm_position));
    }
    Ok(news)
}
