//! Requests to the relay, with the answer's body as it arrives.
//!
//! No cookie, no cache, no redirect, no referrer. Given up when nothing comes for too long: a phone network keeps dead
//! lines open for minutes.

use async_trait::async_trait;
use futures::future::{Either, select};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestInit, RequestRedirect, Response,
};

use super::clock::Timer;
use super::js;
use crate::platform::{Body, HttpAnswer, HttpRequest, Method, NetworkError};

/// Gives the request up when dropped; harmless after its end.
struct Line(AbortController);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a request; returns at the head of the answer.
pub(super) async fn send(request: HttpRequest) -> Result<HttpAnswer, NetworkError> {
    let line = Line(AbortController::new().map_err(|_| NetworkError::Unreachable)?);
    let options = options(&request, &line).map_err(|_| NetworkError::Unreachable)?;
    let asked = js::scope().fetch_with_str_and_init(&request.path, &options);
    let response: Response =
        patiently(asked, request.silence_ms_max, NetworkError::Unreachable).await?.unchecked_into();
    let retry_after_s = response.headers().get("retry-after").ok().flatten().and_then(|text| text.parse().ok());
    let reader = response.body().map(|body| body.get_reader().unchecked_into());
    let body = Stream { line, reader, silence_ms_max: request.silence_ms_max };
    Ok(HttpAnswer { status: response.status(), retry_after_s, body: Box::new(body) })
}

fn options(request: &HttpRequest, line: &Line) -> Result<RequestInit, JsValue> {
    let options = RequestInit::new();
    let headers = Headers::new()?;
    match request.method {
        Method::Get => options.set_method("GET"),
        Method::Post => {
            options.set_method("POST");
            options.set_body(&Uint8Array::from(request.body.as_slice()));
            headers.set("content-type", "application/cbor")?;
            if request.is_deflated {
                headers.set("content-encoding", "deflate")?;
            }
        }
    }
    options.set_headers_headers(&headers);
    options.set_cache(RequestCache::NoStore);
    options.set_credentials(RequestCredentials::Omit);
    options.set_redirect(RequestRedirect::Error);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    options.set_signal(Some(&line.0.signal()));
    Ok(options)
}

async fn patiently(promise: Promise, silence_ms_max: u32, failed: NetworkError) -> Result<JsValue, NetworkError> {
    match select(JsFuture::from(promise), Timer::start(silence_ms_max)).await {
        Either::Left((settled, _)) => settled.map_err(|_| failed),
        Either::Right(((), _)) => Err(NetworkError::Silent),
    }
}

struct Stream {
    line: Line,
    reader: Option<ReadableStreamDefaultReader>,
    silence_ms_max: u32,
}

#[async_trait(?Send)]
impl Body for Stream {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, NetworkError> {
        let Some(reader) = &self.reader else { return Ok(None) };
        let piece = patiently(reader.read(), self.silence_ms_max, NetworkError::Cut).await;
        if piece.is_err() {
            self.line.0.abort();
        }
        let piece = piece?;
        if js::get(&piece, "done").is_truthy() {
            self.reader = None;
            return Ok(None);
        }
        js::bytes(&js::get(&piece, "value")).map(Some).ok_or(NetworkError::Cut)
    }
}
