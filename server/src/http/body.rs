//! Reads a request's body under hard limits, before and after inflating.

use std::io::Read as _;

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt as _, Limited};
use shared::protocol::error::ErrorCode;
use shared::protocol::limits::BODY_INFLATED_BYTES_MAX;

/// How long a whole body may take; a 2G line brings the largest in about ten minutes.
const BODY_TIME_MAX: std::time::Duration = std::time::Duration::from_secs(900);

/// Reads a body of at most `bytes_max`, inflated if it says that it is compressed.
///
/// # Errors
/// The code of what is wrong.
pub(super) async fn read(headers: &HeaderMap, request: Request, bytes_max: usize) -> Result<Vec<u8>, ErrorCode> {
    let is_cbor = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "application/cbor");
    if !is_cbor {
        return Err(ErrorCode::CodingUnknown);
    }
    let coding = headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes().to_vec());
    let body = Limited::new(request.into_body(), bytes_max);
    let collected = tokio::time::timeout(BODY_TIME_MAX, body.collect())
        .await
        .map_err(|_| ErrorCode::FrameMalformed)?
        .map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            ErrorCode::FrameTooLarge
        } else {
            ErrorCode::FrameMalformed
        }
    })?;
    let bytes = collected.to_bytes();
    match coding.as_deref() {
        None | Some(b"identity") => Ok(bytes.to_vec()),
        Some(b"deflate") => inflate(&bytes),
        Some(_) => Err(ErrorCode::CodingUnknown),
    }
}

/// Inflates zlib data, stopping at the limit however much it claims to hold.
fn inflate(bytes: &[u8]) -> Result<Vec<u8>, ErrorCode> {
    let limit = u64::try_from(BODY_INFLATED_BYTES_MAX).unwrap_or(u64::MAX);
    let mut inflated = Vec::new();
    let mut reader = flate2::read::ZlibDecoder::new(bytes).take(limit.saturating_add(1));
    reader.read_to_end(&mut inflated).map_err(|_| ErrorCode::FrameMalformed)?;
    if inflated.len() > BODY_INFLATED_BYTES_MAX { Err(ErrorCode::InflatedTooLarge) } else { Ok(inflated) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_bomb_is_refused_at_the_limit() {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![0; BODY_INFLATED_BYTES_MAX + 1]).expect("written");
        let bomb = encoder.finish().expect("finished");
        assert!(bomb.len() < 10_000);
        assert_eq!(inflate(&bomb), Err(ErrorCode::InflatedTooLarge));
        assert_eq!(inflate(&bomb[..20]), Err(ErrorCode::FrameMalformed));
    }
}
