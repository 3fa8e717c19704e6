//! Who listens: one seat per device with an open socket, and the one thing each seat is told.
//!
//! A seat holds two positions, what there is and what was handed out, and no queue: whoever tells never waits for whoever
//! listens, and a tablet that is slow hears once of everything that happened meanwhile. While a device is being answered
//! nothing is said to it, because the answer may bring just that.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::id::{AccountId, DeviceId};
use shared::protocol::limits::{LIVE_ACCOUNT_SOCKETS_MAX, LIVE_NEWS_GAP_MS_MIN, LIVE_SOCKETS_MAX};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};

/// What a seat knows.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    /// The position of the latest thing the account may have.
    news: u64,
    /// Up to where everything was handed out to this device.
    told: u64,
    /// Requests of the device that are being answered.
    asking: u32,
    /// Nothing more is said: revoked, or the device has a newer seat.
    over: bool,
}

struct Taken {
    number: u64,
    account: AccountId,
    standing: watch::Sender<Standing>,
}

#[derive(Default)]
struct Seats {
    by_device: HashMap<DeviceId, Taken>,
    last_number: u64,
    /// Up to where seats were told; none while nobody listens.
    reached: Option<u64>,
}

/// All seats.
#[derive(Default)]
pub(crate) struct Hub {
    seats: Mutex<Seats>,
    stirred: Notify,
    left: Notify,
    said: AtomicU64,
}

/// There is no seat left, of all or of the account's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoSeat;

impl Hub {
    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a device would find a seat.
    pub(crate) fn has_room(&self, device: DeviceId, account: AccountId) -> bool {
        let seats = self.seats();
        if seats.by_device.contains_key(&device) {
            return true;
        }
        let of_account = seats.by_device.values().filter(|taken| taken.account == account).count();
        seats.by_device.len() < LIVE_SOCKETS_MAX && of_account < LIVE_ACCOUNT_SOCKETS_MAX
    }

    /// Seats a device from a position on; its seat before is over.
    pub(crate) fn seat(self: &Arc<Self>, device: DeviceId, account: AccountId, position: u64) -> Result<Seat, NoSeat> {
        if !self.has_room(device, account) {
            return Err(NoSeat);
        }
        let (standing, told) = watch::channel(Standing::default());
        let mut seats = self.seats();
        seats.last_number = seats.last_number.saturating_add(1);
        let number = seats.last_number;
        // Dropping the seat before is what its socket hears.
        seats.by_device.insert(device, Taken { number, account, standing });
        seats.reached.get_or_insert(position);
        drop(seats);
        self.stirred.notify_one();
        Ok(Seat { hub: Arc::clone(self), device, number, standing: told, said: 0, next_at: Instant::now() })
    }

    /// How many listen.
    pub(crate) fn count(&self) -> usize {
        self.seats().by_device.len()
    }

    /// How often somebody was told that there is news.
    pub(crate) fn said(&self) -> u64 {
        self.said.load(Ordering::Relaxed)
    }

    /// Up to where seats were told; none while nobody listens.
    pub(crate) fn reached(&self) -> Option<u64> {
        let mut seats = self.seats();
        if seats.by_device.is_empty() {
            seats.reached = None;
        }
        seats.reached
    }

    /// Who listens, by account.
    pub(crate) fn listeners(&self) -> BTreeMap<AccountId, Vec<DeviceId>> {
        let mut listeners: BTreeMap<AccountId, Vec<DeviceId>> = BTreeMap::new();
        for (device, taken) in &self.seats().by_device {
            listeners.entry(taken.account).or_default().push(*device);
        }
        listeners
    }

    /// Notes what is new for accounts, up to a position.
    pub(crate) fn tell(&self, news: &BTreeMap<AccountId, u64>, reached: u64) {
        let mut seats = self.seats();
        for taken in seats.by_device.values() {
            if let Some(position) = news.get(&taken.account) {
                taken.standing.send_modify(|standing| standing.news = standing.news.max(*position));
            }
        }
        if let Some(before) = &mut seats.reached {
            *before = reached.max(*before);
        }
    }

    /// Ends the seat of a device that may hear nothing any more.
    pub(crate) fn end(&self, device: DeviceId) {
        if let Some(taken) = self.seats().by_device.get(&device) {
            taken.standing.send_modify(|standing| standing.over = true);
        }
    }

    /// Notes that something was committed.
    pub(crate) fn stir(&self) {
        self.stirred.notify_one();
    }

    /// Returns when something was committed since this was asked last, or somebody sat down.
    pub(crate) async fn stirred(&self) {
        self.stirred.notified().await;
    }

    /// Returns when nobody listens any more.
    pub(crate) async fn emptied(&self) {
        loop {
            let left = self.left.notified();
            if self.count() == 0 {
                return;
            }
            left.await;
        }
    }

    /// Notes that a device is being answered, until the result is dropped.
    pub(crate) fn asks(self: &Arc<Self>, device: DeviceId) -> Asking {
        self.change(device, |standing| standing.asking = standing.asking.saturating_add(1));
        Asking { hub: Arc::clone(self), device, number: self.number_of(device) }
    }

    fn number_of(&self, device: DeviceId) -> Option<u64> {
        self.seats().by_device.get(&device).map(|taken| taken.number)
    }

    fn change(&self, device: DeviceId, change: impl FnOnce(&mut Standing)) {
        if let Some(taken) = self.seats().by_device.get(&device) {
            taken.standing.send_modify(change);
        }
    }
}

/// A device that is being answered.
pub(crate) struct Asking {
    hub: Arc<Hub>,
    device: DeviceId,
    /// The seat it had when it asked; one that it took since knows nothing of this.
    number: Option<u64>,
}

impl Asking {
    /// Notes up to where the device was told everything.
    pub(crate) fn told(&self, position: u64) {
        self.hub.change(self.device, |standing| standing.told = standing.told.max(position));
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if self.number.is_some() && self.hub.number_of(self.device) == self.number {
            self.hub.change(self.device, |standing| standing.asking = standing.asking.saturating_sub(1));
        }
    }
}

/// What a seat is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// There is something to fetch.
    News,
    /// Nothing more.
    Over,
}

/// The seat of a socket; dropping it leaves.
pub(crate) struct Seat {
    hub: Arc<Hub>,
    device: DeviceId,
    number: u64,
    standing: watch::Receiver<Standing>,
    /// The news it was told of last.
    said: u64,
    next_at: Instant,
}

impl Seat {
    /// Returns when there is something to say. What happens between two words is said by one.
    pub(crate) async fn next(&mut self) -> Word {
        loop {
            let Standing { news, told, asking, over } = *self.standing.borrow_and_update();
            if over {
                return Word::Over;
            }
            let wait = if asking == 0 && news > told.max(self.said) {
                let wait = self.next_at.saturating_duration_since(Instant::now());
                if wait.is_zero() {
                    self.said = news;
                    self.next_at = Instant::now() + Duration::from_millis(LIVE_NEWS_GAP_MS_MIN);
                    self.hub.said.fetch_add(1, Ordering::Relaxed);
                    return Word::News;
                }
                Some(wait)
            } else {
                None
            };
            tokio::select! {
                changed = self.standing.changed() => if changed.is_err() { return Word::Over },
                () = async { match wait { Some(wait) => sleep(wait).await, None => std::future::pending().await } } => {}
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.hub.seats();
        if seats.by_device.get(&self.device).is_some_and(|taken| taken.number == self.number) {
            seats.by_device.remove(&self.device);
        }
        drop(seats);
        self.hub.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const ACCOUNT: AccountId = AccountId::from_bytes([1; 16]);

    fn device(number: u8) -> DeviceId {
        DeviceId::from_bytes([number; 16])
    }

    fn news(position: u64) -> BTreeMap<AccountId, u64> {
        BTreeMap::from([(ACCOUNT, position)])
    }

    async fn is_silent(seat: &mut Seat) -> bool {
        timeout(Duration::from_millis(10), seat.next()).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn many_events_are_one_word_and_the_next_waits_its_time() {
        let hub = Arc::new(Hub::default());
        let mut seat = hub.seat(device(1), ACCOUNT, 10).unwrap();
        assert_eq!(hub.reached(), Some(10));
        for position in 11..=1000 {
            hub.tell(&news(position), position);
        }
        assert_eq!(seat.next().await, Word::News);
        assert!(is_silent(&mut seat).await);
        hub.tell(&news(1001), 1001);
        assert!(is_silent(&mut seat).await, "not within the gap");
        let began = Instant::now();
        assert_eq!(seat.next().await, Word::News);
        assert!(began.elapsed() < Duration::from_millis(LIVE_NEWS_GAP_MS_MIN));
        assert_eq!(hub.said(), 2);
        assert_eq!(hub.reached(), Some(1001));
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_answer_brings_is_not_told() {
        let hub = Arc::new(Hub::default());
        let mut seat = hub.seat(device(1), ACCOUNT, 0).unwrap();
        let asking = hub.asks(device(1));
        hub.tell(&news(5), 5);
        assert!(is_silent(&mut seat).await);
        asking.told(5);
        drop(asking);
        assert!(is_silent(&mut seat).await);
        // An answer that broke off brought nothing.
        let asking = hub.asks(device(1));
        hub.tell(&news(6), 6);
        drop(asking);
        assert_eq!(seat.next().await, Word::News);
    }

    #[tokio::test(start_paused = true)]
    async fn the_newest_seat_of_a_device_wins_and_an_old_answer_does_not_count_for_it() {
        let hub = Arc::new(Hub::default());
        let mut first = hub.seat(device(1), ACCOUNT, 0).unwrap();
        let asking = hub.asks(device(1));
        let mut second = hub.seat(device(1), ACCOUNT, 0).unwrap();
        assert_eq!(first.next().await, Word::Over);
        drop(first);
        assert_eq!(hub.count(), 1);
        let of_second = hub.asks(device(1));
        drop(asking);
        hub.tell(&news(1), 1);
        assert!(is_silent(&mut second).await, "its own answer is still on its way");
        drop(of_second);
        assert_eq!(second.next().await, Word::News);
        hub.end(device(1));
        assert_eq!(second.next().await, Word::Over);
        drop(second);
        hub.emptied().await;
        assert_eq!(hub.reached(), None);
    }

    #[test]
    fn an_account_has_so_many_seats_and_the_relay_too() {
        let hub = Arc::new(Hub::default());
        let of_one: Vec<Seat> = (0..LIVE_ACCOUNT_SOCKETS_MAX)
            .map(|number| hub.seat(device(u8::try_from(number).unwrap()), ACCOUNT, 0).unwrap())
            .collect();
        assert!(hub.seat(device(200), ACCOUNT, 0).is_err());
        assert!(hub.seat(device(0), ACCOUNT, 0).is_ok(), "a device that has one may change it");
        drop(of_one);
        let of_all: Vec<Seat> = (0..LIVE_SOCKETS_MAX)
            .map(|number| {
                let id = u128::try_from(number).unwrap().to_be_bytes();
                hub.seat(DeviceId::from_bytes(id), AccountId::from_bytes(id), 0).unwrap()
            })
            .collect();
        assert!(hub.seat(device(201), ACCOUNT, 0).is_err());
        drop(of_all);
        assert!(hub.seat(device(201), ACCOUNT, 0).is_ok());
    }
}
