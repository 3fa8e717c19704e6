//! Answers of the relay: status, three headers, CBOR.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use shared::protocol::codec::encode;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Fault, Part};

use super::coding::{Coding, Compressor};

/// Number of a request, told with an error so that it can be found in the log.
const REQUEST_NUMBER: HeaderName = HeaderName::from_static("x-request");

/// Headers of every answer.
pub(super) fn head(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/cbor"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// A whole CBOR answer.
pub(super) fn cbor(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    head(response.headers_mut());
    response
}

/// A request that was not taken.
pub(super) fn fault_answer(number: u64, fault: Fault) -> Response {
    tracing::info!(request.id = number, code = fault.code, "request refused");
    let mut response = cbor(status_of(&fault), encode(&Part::Fault(fault)));
    response.headers_mut().insert(REQUEST_NUMBER, HeaderValue::from(number));
    response
}

/// The HTTP status of a fault: a hint for proxies; the code in the body decides.
pub(super) fn status_of(fault: &Fault) -> StatusCode {
    match ErrorCode::from_number(fault.code) {
        Some(ErrorCode::FrameTooLarge | ErrorCode::InflatedTooLarge | ErrorCode::FrameTooMany) => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        Some(ErrorCode::CodingUnknown) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Some(ErrorCode::DeviceUnknown | ErrorCode::SignatureWrong) => StatusCode::UNAUTHORIZED,
        Some(ErrorCode::CounterRepeated | ErrorCode::EnrolKeyTaken) => StatusCode::CONFLICT,
        Some(ErrorCode::EnrolCodeUnknown | ErrorCode::EnrolCodeLocalOnly) => StatusCode::NOT_FOUND,
        Some(ErrorCode::EnrolCodeUsed | ErrorCode::EnrolCodeExpired) => StatusCode::GONE,
        Some(ErrorCode::EnrolThrottled | ErrorCode::TooOften) => StatusCode::TOO_MANY_REQUESTS,
        Some(ErrorCode::RelayFull) => StatusCode::INSUFFICIENT_STORAGE,
        Some(ErrorCode::RelayFault) => StatusCode::INTERNAL_SERVER_ERROR,
        Some(ErrorCode::RelayBusy | ErrorCode::RelayStopping) => StatusCode::SERVICE_UNAVAILABLE,
        // Every other code says that this request will not be taken as it is.
        Some(_) | None => StatusCode::BAD_REQUEST,
    }
}

/// A body that is the same for everybody, coded once.
pub(super) struct Encoded {
    plain: Vec<u8>,
    zstd: Vec<u8>,
    gzip: Vec<u8>,
}

impl Encoded {
    /// Codes a body in every way.
    pub(super) fn new(plain: Vec<u8>) -> Self {
        let coded = |coding| {
            let mut compressor = Compressor::new(coding);
            compressor.write(&plain);
            compressor.finish()
        };
        Self { zstd: coded(Coding::Zstd), gzip: coded(Coding::Gzip), plain }
    }

    /// Answers in the best accepted coding.
    pub(super) fn answer(&self, coding: Coding) -> Response {
        let body = match coding {
            Coding::Zstd => &self.zstd,
            Coding::Gzip => &self.gzip,
            Coding::Identity => &self.plain,
        };
        let mut response = cbor(StatusCode::OK, body.clone());
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(name) = coding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }
}
