//! Content codings: what a tablet accepts, compressing a stream that is flushed at page ends, inflating under a cap.

use std::io::{Read, Write};

use axum::http::{HeaderMap, header};
use flate2::read::ZlibDecoder;
use flate2::write::GzEncoder;
use shared::protocol::error::ErrorCode;
use shared::protocol::limits::BODY_INFLATED_BYTES_MAX;

/// Costs little on an answer of a few pages and brings a first sync below its limit; 12 saves another 4 % at twice the time.
const ZSTD_LEVEL: i32 = 10;

/// How an answer is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// zstd (RFC 8878).
    Zstd,
    /// gzip, for browsers that know nothing better.
    Gzip,
    /// As it is.
    Identity,
}

impl Coding {
    /// The best coding that is accepted.
    pub(super) fn accepted(headers: &HeaderMap) -> Self {
        let accepts = |name: &str| {
            headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
                value.split(',').any(|entry| {
                    let mut parts = entry.split(';').map(str::trim);
                    parts.next() == Some(name) && parts.next() != Some("q=0")
                })
            })
        };
        if accepts("zstd") {
            Self::Zstd
        } else if accepts("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// Its name in a header.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Zstd => Some("zstd"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// Compresses a stream piece by piece.
pub(super) enum Compressor {
    /// zstd.
    Zstd(Box<zstd::stream::write::Encoder<'static, Vec<u8>>>),
    /// gzip.
    Gzip(Box<GzEncoder<Vec<u8>>>),
    /// Nothing to do.
    Identity(Vec<u8>),
}

impl Compressor {
    /// Starts a stream.
    pub(super) fn new(coding: Coding) -> Self {
        match coding {
            Coding::Zstd => zstd::stream::write::Encoder::new(Vec::new(), ZSTD_LEVEL)
                .map_or_else(|_| Self::Identity(Vec::new()), |encoder| Self::Zstd(Box::new(encoder))),
            Coding::Gzip => Self::Gzip(Box::new(GzEncoder::new(Vec::new(), flate2::Compression::new(6)))),
            Coding::Identity => Self::Identity(Vec::new()),
        }
    }

    /// Adds bytes. Writing to memory cannot fail.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        let _ = match self {
            Self::Zstd(encoder) => encoder.write_all(bytes),
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::Identity(buffer) => buffer.write_all(bytes),
        };
    }

    /// Makes everything written so far readable at the other end, and takes it.
    pub(super) fn flush(&mut self) -> Vec<u8> {
        match self {
            Self::Zstd(encoder) => {
                let _ = encoder.flush();
                core::mem::take(encoder.get_mut())
            }
            Self::Gzip(encoder) => {
                let _ = encoder.flush();
                core::mem::take(encoder.get_mut())
            }
            Self::Identity(buffer) => core::mem::take(buffer),
        }
    }

    /// Ends the stream.
    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Zstd(encoder) => encoder.finish().unwrap_or_default(),
            Self::Gzip(encoder) => encoder.finish().unwrap_or_default(),
            Self::Identity(buffer) => buffer,
        }
    }
}

/// Inflates a body, and stops at the limit.
pub(super) fn inflate(bytes: &[u8]) -> Result<Vec<u8>, ErrorCode> {
    let limit = u64::try_from(BODY_INFLATED_BYTES_MAX).unwrap_or(u64::MAX);
    let mut inflated = Vec::new();
    ZlibDecoder::new(bytes)
        .take(limit.saturating_add(1))
        .read_to_end(&mut inflated)
        .map_err(|_| ErrorCode::FrameMalformed)?;
    if inflated.len() > BODY_INFLATED_BYTES_MAX { Err(ErrorCode::InflatedTooLarge) } else { Ok(inflated) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(9));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit() {
        let bomb = deflated(&vec![0; BODY_INFLATED_BYTES_MAX + 1]);
        assert!(bomb.len() < 10_000);
        assert_eq!(inflate(&bomb), Err(ErrorCode::InflatedTooLarge));
        assert_eq!(inflate(&deflated(b"isi")), Ok(b"isi".to_vec()));
        assert_eq!(inflate(b"not zlib"), Err(ErrorCode::FrameMalformed));
    }

    #[test]
    fn the_best_accepted_coding_is_taken() {
        let coding = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            Coding::accepted(&headers)
        };
        assert_eq!(coding("gzip, deflate, br, zstd"), Coding::Zstd);
        assert_eq!(coding("gzip;q=1.0, zstd;q=0"), Coding::Gzip);
        assert_eq!(coding("br"), Coding::Identity);
    }

    #[test]
    fn what_was_flushed_can_be_read_before_the_end() {
        let mut compressor = Compressor::new(Coding::Zstd);
        compressor.write(b"halaman");
        let first = compressor.flush();
        let mut decoder = zstd::stream::read::Decoder::new(first.as_slice()).unwrap();
        let mut read = [0; 7];
        decoder.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"halaman");
    }
}
