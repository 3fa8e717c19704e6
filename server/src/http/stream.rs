//! The answer of a sync: one compressed stream, flushed at page ends; short answers go out whole.

use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use shared::protocol::codec::encode;
use shared::protocol::frame::Part;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::coding::{Coding, Compressor};
use super::respond::head;
use crate::relay::PartSink;

/// How long the line may take nothing before the answer ends; a tablet that only slept asks again and goes on where it was.
const UNREAD_MAX: Duration = Duration::from_secs(120);
/// Parts the relay may be ahead of the line: bounds what a slow tablet costs in memory.
const PARTS_AHEAD: usize = 8;
/// Answers up to this size are gathered and sent whole, with a length instead of chunks.
const WHOLE_BYTES_MAX: usize = 48 << 10;
/// Below this compression costs more than it saves.
const PLAIN_BYTES_MAX: usize = 160;

/// Where the relay puts parts.
pub(super) struct ChannelSink {
    parts: mpsc::Sender<Part>,
    unread_max: Duration,
}

#[async_trait]
impl PartSink for ChannelSink {
    async fn take(&mut self, part: Part) -> bool {
        timeout(self.unread_max, self.parts.send(part)).await.is_ok_and(|sent| sent.is_ok())
    }
}

/// A way for parts from the relay's task to the line.
pub(super) fn channel() -> (ChannelSink, mpsc::Receiver<Part>) {
    channel_that_waits(UNREAD_MAX)
}

fn channel_that_waits(unread_max: Duration) -> (ChannelSink, mpsc::Receiver<Part>) {
    let (parts, receiver) = mpsc::channel(PARTS_AHEAD);
    (ChannelSink { parts, unread_max }, receiver)
}

/// Answers with `first` and all parts that follow.
pub(super) async fn answer(
    status: StatusCode,
    first: Part,
    mut parts: mpsc::Receiver<Part>,
    coding: Coding,
) -> Response {
    let mut gathered = encode(&first);
    let mut ended = false;
    while gathered.len() <= WHOLE_BYTES_MAX {
        let Some(part) = parts.recv().await else {
            ended = true;
            break;
        };
        gathered.extend_from_slice(&encode(&part));
    }
    if ended { whole(status, &gathered, coding) } else { flowing(status, gathered, parts, coding) }
}

fn whole(status: StatusCode, bytes: &[u8], coding: Coding) -> Response {
    let coding = if bytes.len() <= PLAIN_BYTES_MAX { Coding::Identity } else { coding };
    let mut compressor = Compressor::new(coding);
    compressor.write(bytes);
    response(status, Body::from(compressor.finish()), coding)
}

fn flowing(status: StatusCode, gathered: Vec<u8>, parts: mpsc::Receiver<Part>, coding: Coding) -> Response {
    let mut compressor = Compressor::new(coding);
    compressor.write(&gathered);
    let start = (Some(compressor), parts, true);
    let stream = futures::stream::unfold(start, |(compressor, mut parts, first)| async move {
        let mut compressor = compressor?;
        if first {
            let bytes = compressor.flush();
            return Some((Ok::<_, core::convert::Infallible>(Bytes::from(bytes)), (Some(compressor), parts, false)));
        }
        match parts.recv().await {
            Some(part) => {
                compressor.write(&encode(&part));
                let bytes = compressor.flush();
                Some((Ok(Bytes::from(bytes)), (Some(compressor), parts, false)))
            }
            None => Some((Ok(Bytes::from(compressor.finish())), (None, parts, false))),
        }
    });
    response(status, Body::from_stream(stream), coding)
}

fn response(status: StatusCode, body: Body, coding: Coding) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    head(response.headers_mut());
    if let Some(name) = coding.name() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

#[cfg(test)]
mod tests {
    use shared::protocol::frame::Page;

    use super::*;

    fn part() -> Part {
        Part::Page(Page { items: Vec::new(), cursor: Vec::new() })
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_ends_and_one_that_is_read_slowly_does_not() {
        let (mut sink, mut parts) = channel_that_waits(Duration::ZERO);
        for _ in 0..PARTS_AHEAD {
            assert!(sink.take(part()).await);
        }
        assert!(!sink.take(part()).await);
        assert!(parts.recv().await.is_some());
        assert!(sink.take(part()).await);
        assert!(!sink.take(part()).await);
    }
}
