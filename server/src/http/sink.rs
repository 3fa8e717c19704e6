//! Sends the parts of an answer as they come, compressed as one stream that is flushed at the end of each part.
//!
//! A short answer is compressed in one go at a cheap level; only a long one pays for a strong encoder.

use std::convert::Infallible;
use std::io::Write as _;

use async_trait::async_trait;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use shared::protocol::codec::encode;
use shared::protocol::frame::Part;
use tokio::sync::mpsc::Sender;

use crate::relay::PartSink;

/// An answer below this is short.
const SHORT_BYTES_MAX: usize = 24_576;
/// Level of short answers.
const SHORT_LEVEL: i32 = 3;
/// Level of long ones: a first sync fits the byte target from level 9 on.
const LONG_LEVEL: i32 = 12;

/// How an answer is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// As it is.
    Identity,
    /// gzip, for browsers without zstd.
    Gzip,
    /// zstd.
    Zstd,
}

impl Coding {
    /// The best coding the peer takes.
    pub(super) fn accepted(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
        let takes = |name: &str| {
            accepted.split(',').any(|one| {
                let mut parts = one.split(';').map(str::trim);
                parts.next() == Some(name) && parts.all(|quality| quality != "q=0")
            })
        };
        if takes("zstd") {
            Self::Zstd
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// The name in the header; none for no coding.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}

enum Encoder {
    Gzip(Box<flate2::write::GzEncoder<Vec<u8>>>),
    Zstd(Box<zstd::stream::write::Encoder<'static, Vec<u8>>>),
}

impl Encoder {
    /// Compresses and flushes, and takes what came out.
    fn push(&mut self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Gzip(encoder) => {
                encoder.write_all(bytes)?;
                encoder.flush()?;
                Ok(std::mem::take(encoder.get_mut()))
            }
            Self::Zstd(encoder) => {
                encoder.write_all(bytes)?;
                encoder.flush()?;
                Ok(std::mem::take(encoder.get_mut()))
            }
        }
    }

    fn finish(self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

/// Sends parts into the body of an answer.
pub(super) struct StreamSink {
    sender: Sender<Result<Bytes, Infallible>>,
    coding: Coding,
    held: Vec<u8>,
    encoder: Option<Encoder>,
    sent_bytes: usize,
}

impl StreamSink {
    pub(super) const fn new(sender: Sender<Result<Bytes, Infallible>>, coding: Coding) -> Self {
        Self { sender, coding, held: Vec::new(), encoder: None, sent_bytes: 0 }
    }

    async fn send(&mut self, bytes: Vec<u8>) -> bool {
        if bytes.is_empty() {
            return true;
        }
        self.sent_bytes = self.sent_bytes.saturating_add(bytes.len());
        self.sender.send(Ok(Bytes::from(bytes))).await.is_ok()
    }

    fn start(&self) -> std::io::Result<Option<Encoder>> {
        Ok(match self.coding {
            Coding::Identity => None,
            Coding::Gzip => {
                Some(Encoder::Gzip(Box::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best()))))
            }
            Coding::Zstd => Some(Encoder::Zstd(Box::new(zstd::stream::write::Encoder::new(Vec::new(), LONG_LEVEL)?))),
        })
    }

    /// Sends the rest and says how many bytes went out.
    pub(super) async fn finish(mut self) -> usize {
        let held = std::mem::take(&mut self.held);
        let last = match self.encoder.take() {
            Some(encoder) => encoder.finish(),
            None => self.compress_short(held),
        };
        match last {
            Ok(bytes) => {
                self.send(bytes).await;
            }
            // Memory is all an encoder of ours writes to.
            Err(error) => tracing::error!(error = %error, "an answer could not be compressed"),
        }
        self.sent_bytes
    }

    fn compress_short(&self, held: Vec<u8>) -> std::io::Result<Vec<u8>> {
        match self.coding {
            Coding::Identity => Ok(held),
            Coding::Zstd => zstd::bulk::compress(&held, SHORT_LEVEL),
            Coding::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(&held)?;
                encoder.finish()
            }
        }
    }

    async fn take_encoded(&mut self, encoded: Vec<u8>) -> std::io::Result<bool> {
        if self.coding == Coding::Identity {
            return Ok(self.send(encoded).await);
        }
        if let Some(encoder) = self.encoder.as_mut() {
            let out = encoder.push(&encoded)?;
            return Ok(self.send(out).await);
        }
        self.held.extend_from_slice(&encoded);
        if self.held.len() <= SHORT_BYTES_MAX {
            return Ok(!self.sender.is_closed());
        }
        let held = std::mem::take(&mut self.held);
        self.encoder = self.start()?;
        let out = match self.encoder.as_mut() {
            Some(encoder) => encoder.push(&held)?,
            None => held,
        };
        Ok(self.send(out).await)
    }
}

#[async_trait]
impl PartSink for StreamSink {
    async fn take(&mut self, part: Part) -> bool {
        match self.take_encoded(encode(&part)).await {
            Ok(listening) => listening,
            Err(error) => {
                tracing::error!(error = %error, "an answer could not be compressed");
                false
            }
        }
    }
}
