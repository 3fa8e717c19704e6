//! Reads bodies: within their limits, bounded together, and only for as long as they move.
//!
//! Nothing of it needs a credential, so nothing of it may keep others waiting: what is bounded is memory in use, never the
//! number of lines; the large part of a large body never takes the room of small ones, which is nearly every body there
//! is; and a line that brings next to nothing for a minute is given up, whatever it brought before.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use futures::StreamExt as _;
use shared::protocol::error::ErrorCode;
use tokio::time::{Instant, timeout_at};

/// Up to here a body is small: an idle sync, an enrolment, a day's edits. Beyond it a body takes from another bound.
const SMALL_BYTES: usize = 64 << 10;
/// Bytes of the small parts of all bodies being read: a thousand lines at once.
const SMALL_BYTES_AT_ONCE: usize = 64 << 20;
/// Bytes of all bodies beyond their small parts; far more than a task force sends at once.
const LARGE_BYTES_AT_ONCE: usize = 64 << 20;
/// What a line must bring within [`STRIDE_TIME`], or end: half a kibibyte a second, an eighth of what 2G carries.
const STRIDE_BYTES: usize = 32 << 10;
/// How long a line may take for a stride; 2G is slow and lost for half a minute at a time, not silent.
const STRIDE_TIME: Duration = Duration::from_secs(60);
/// How long a body may take in all: a megabyte over a 2G line.
const BODY_TIME: Duration = Duration::from_secs(660);

/// Counts what is being read.
#[derive(Default)]
pub(super) struct Bodies {
    small: AtomicUsize,
    large: AtomicUsize,
}

/// What one body has taken of the bounds; dropping it gives it back.
struct Share<'a> {
    of: &'a Bodies,
    small: usize,
    large: usize,
}

impl<'a> Share<'a> {
    const fn new(of: &'a Bodies) -> Self {
        Self { of, small: 0, large: 0 }
    }

    fn grow(&mut self, bytes: usize) -> Result<(), ErrorCode> {
        let small = bytes.min(SMALL_BYTES.saturating_sub(self.small));
        let large = bytes.saturating_sub(small);
        self.small = self.small.saturating_add(small);
        self.large = self.large.saturating_add(large);
        take(&self.of.small, small, SMALL_BYTES_AT_ONCE)?;
        take(&self.of.large, large, LARGE_BYTES_AT_ONCE)
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.of.small.fetch_sub(self.small, Ordering::Relaxed);
        self.of.large.fetch_sub(self.large, Ordering::Relaxed);
    }
}

fn take(taken: &AtomicUsize, bytes: usize, most: usize) -> Result<(), ErrorCode> {
    let before = taken.fetch_add(bytes, Ordering::Relaxed);
    if bytes > 0 && before.saturating_add(bytes) > most { Err(ErrorCode::RelayBusy) } else { Ok(()) }
}

impl Bodies {
    /// Reads a whole body.
    ///
    /// # Errors
    /// [`ErrorCode::FrameTooLarge`] above `bytes_max`, [`ErrorCode::RelayBusy`] when too much is being read already,
    /// [`ErrorCode::FrameMalformed`] when the line breaks, hardly moves or takes too long.
    pub(super) async fn read(&self, body: Body, bytes_max: usize) -> Result<Vec<u8>, ErrorCode> {
        let mut share = Share::new(self);
        let mut gathered = Vec::new();
        let mut pieces = body.into_data_stream();
        let over = Instant::now() + BODY_TIME;
        let mut stride_over = Instant::now() + STRIDE_TIME;
        let mut stride_bytes = 0_usize;
        loop {
            let piece = match timeout_at(stride_over.min(over), pieces.next()).await {
                Ok(Some(Ok(piece))) => piece,
                Ok(None) => return Ok(gathered),
                Ok(Some(Err(_))) | Err(_) => return Err(ErrorCode::FrameMalformed),
            };
            if gathered.len().saturating_add(piece.len()) > bytes_max {
                return Err(ErrorCode::FrameTooLarge);
            }
            share.grow(piece.len())?;
            gathered.extend_from_slice(&piece);
            stride_bytes = stride_bytes.saturating_add(piece.len());
            if stride_bytes >= STRIDE_BYTES {
                stride_bytes = 0;
                stride_over = Instant::now() + STRIDE_TIME;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use bytes::Bytes;
    use futures::{StreamExt as _, stream};
    use shared::protocol::limits::BODY_BYTES_MAX;
    use tokio::time::sleep;

    use super::*;

    fn body(pieces: &[usize]) -> Body {
        let pieces: Vec<_> = pieces.iter().map(|len| Ok::<_, Infallible>(Bytes::from(vec![7; *len]))).collect();
        Body::from_stream(stream::iter(pieces))
    }

    /// A body that brings `first` at once, then `piece` each time `pause` has passed, `count` times.
    fn slow(first: usize, piece: usize, pause: Duration, count: usize) -> Body {
        let rest = stream::iter(0..count).then(move |_| async move {
            sleep(pause).await;
            piece
        });
        let pieces = stream::iter([first]).chain(rest).map(|len| Ok::<_, Infallible>(Bytes::from(vec![7; len])));
        Body::from_stream(pieces)
    }

    #[tokio::test]
    async fn a_body_is_read_whole_and_gives_its_share_back() {
        let bodies = Bodies::default();
        assert_eq!(bodies.read(body(&[3, 0, 5]), 8).await.map(|read| read.len()), Ok(8));
        assert_eq!(bodies.read(body(&[3, 6]), 8).await, Err(ErrorCode::FrameTooLarge));
        let large = bodies.read(body(&[SMALL_BYTES - 1, 9]), BODY_BYTES_MAX).await;
        assert_eq!(large.map(|read| read.len()), Ok(SMALL_BYTES + 8));
        assert_eq!(bodies.small.load(Ordering::Relaxed), 0);
        assert_eq!(bodies.large.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn memory_is_bounded_over_all_bodies() {
        let bodies = Bodies::default();
        let mut others: Vec<Share<'_>> = Vec::new();
        for _ in 0..SMALL_BYTES_AT_ONCE / SMALL_BYTES {
            let mut share = Share::new(&bodies);
            share.grow(SMALL_BYTES).unwrap();
            others.push(share);
        }
        assert_eq!(bodies.read(body(&[1]), 8).await, Err(ErrorCode::RelayBusy));
        drop(others);
        assert!(bodies.read(body(&[1]), 8).await.is_ok());
    }

    #[tokio::test]
    async fn large_bodies_do_not_take_the_room_of_small_ones() {
        let bodies = Bodies::default();
        let mut others: Vec<Share<'_>> = Vec::new();
        let refused = loop {
            let mut share = Share::new(&bodies);
            let grown = share.grow(BODY_BYTES_MAX - 1);
            others.push(share);
            if grown.is_err() {
                break grown;
            }
        };
        assert_eq!(refused, Err(ErrorCode::RelayBusy));
        assert_eq!(bodies.read(body(&[SMALL_BYTES + 1]), BODY_BYTES_MAX).await, Err(ErrorCode::RelayBusy));
        assert_eq!(bodies.read(body(&[500]), BODY_BYTES_MAX).await.map(|read| read.len()), Ok(500));
        assert_eq!(bodies.read(body(&[SMALL_BYTES]), BODY_BYTES_MAX).await.map(|read| read.len()), Ok(SMALL_BYTES));
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_drips_is_given_up_within_a_minute_and_one_that_is_slow_is_not() {
        let bodies = Bodies::default();
        let begun = Instant::now();
        let dripping = slow(BODY_BYTES_MAX - 100, 1, Duration::from_secs(55), 99);
        assert_eq!(bodies.read(dripping, BODY_BYTES_MAX).await, Err(ErrorCode::FrameMalformed));
        assert!(begun.elapsed() <= STRIDE_TIME);
        // Four kilobytes a second, and no line at all for forty seconds.
        let begun = Instant::now();
        let mobile = slow(4 << 10, 160 << 10, Duration::from_secs(40), 6);
        assert_eq!(bodies.read(mobile, BODY_BYTES_MAX).await.map(|read| read.len()), Ok(964 << 10));
        assert_eq!(begun.elapsed(), Duration::from_secs(240));
        // One kilobyte a second is slow, not dead.
        let slowest = slow(1, 1 << 10, Duration::from_secs(1), 600);
        assert_eq!(bodies.read(slowest, BODY_BYTES_MAX).await.map(|read| read.len()), Ok((600 << 10) + 1));
    }

    #[tokio::test(start_paused = true)]
    async fn no_body_takes_longer_than_a_megabyte_over_2g() {
        let begun = Instant::now();
        let endless = slow(1, 600, Duration::from_secs(1), usize::MAX);
        assert_eq!(Bodies::default().read(endless, BODY_BYTES_MAX).await, Err(ErrorCode::FrameMalformed));
        assert_eq!(begun.elapsed(), BODY_TIME);
    }
}
