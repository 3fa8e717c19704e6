//! Reads bodies: within their limits, bounded together, and only for as long as they move.
//!
//! Nothing of it needs a credential, so nothing of it may keep others waiting: what is bounded is memory in use, never the
//! number of lines, and a line that says nothing for a minute is given up.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use futures::StreamExt as _;
use shared::protocol::error::ErrorCode;
use tokio::time::timeout;

/// Bytes of all bodies being read; far more than a task force sends at once.
const BYTES_AT_ONCE: usize = 128 << 20;
/// A line that says nothing for so long is dead; 2G is slow, not silent.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How long a body may take in all: a megabyte over a 2G line.
const BODY_TIMEOUT: Duration = Duration::from_secs(660);

/// Counts what is being read.
#[derive(Default)]
pub(super) struct Bodies {
    bytes: AtomicUsize,
}

/// What one body has taken of the bound; dropping it gives it back.
struct Share<'a> {
    of: &'a Bodies,
    bytes: usize,
}

impl Share<'_> {
    fn grow(&mut self, bytes: usize) -> Result<(), ErrorCode> {
        let before = self.of.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.bytes = self.bytes.saturating_add(bytes);
        if before.saturating_add(bytes) > BYTES_AT_ONCE { Err(ErrorCode::RelayBusy) } else { Ok(()) }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.of.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Bodies {
    /// Reads a whole body.
    ///
    /// # Errors
    /// [`ErrorCode::FrameTooLarge`] above `bytes_max`, [`ErrorCode::RelayBusy`] when too much is being read already,
    /// [`ErrorCode::FrameMalformed`] when the line breaks, falls silent or takes too long.
    pub(super) async fn read(&self, body: Body, bytes_max: usize) -> Result<Vec<u8>, ErrorCode> {
        timeout(BODY_TIMEOUT, self.gather(body, bytes_max)).await.unwrap_or(Err(ErrorCode::FrameMalformed))
    }

    async fn gather(&self, body: Body, bytes_max: usize) -> Result<Vec<u8>, ErrorCode> {
        let mut share = Share { of: self, bytes: 0 };
        let mut gathered = Vec::new();
        let mut pieces = body.into_data_stream();
        loop {
            let piece = match timeout(SILENCE_MAX, pieces.next()).await {
                Ok(Some(Ok(piece))) => piece,
                Ok(None) => return Ok(gathered),
                Ok(Some(Err(_))) | Err(_) => return Err(ErrorCode::FrameMalformed),
            };
            if gathered.len().saturating_add(piece.len()) > bytes_max {
                return Err(ErrorCode::FrameTooLarge);
            }
            share.grow(piece.len())?;
            gathered.extend_from_slice(&piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use bytes::Bytes;
    use futures::stream;

    use super::*;

    fn body(pieces: &[usize]) -> Body {
        let pieces: Vec<_> = pieces.iter().map(|len| Ok::<_, Infallible>(Bytes::from(vec![7; *len]))).collect();
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn a_body_is_read_whole_and_gives_its_share_back() {
        let bodies = Bodies::default();
        assert_eq!(bodies.read(body(&[3, 0, 5]), 8).await.map(|read| read.len()), Ok(8));
        assert_eq!(bodies.read(body(&[3, 6]), 8).await, Err(ErrorCode::FrameTooLarge));
        assert_eq!(bodies.bytes.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn memory_is_bounded_over_all_bodies() {
        let bodies = Bodies::default();
        let mut others = Share { of: &bodies, bytes: 0 };
        others.grow(BYTES_AT_ONCE).unwrap();
        assert_eq!(bodies.read(body(&[1]), 8).await, Err(ErrorCode::RelayBusy));
        drop(others);
        assert!(bodies.read(body(&[1]), 8).await.is_ok());
    }
}
