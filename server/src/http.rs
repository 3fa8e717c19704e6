//! HTTP: decodes, calls the relay, streams the answer. No policy and no storage in here.
//!
//! Answers of the relay carry three headers and no more, because headers are most of an idle sync; the client's pages
//! have the full set ([`crate::assets`]).

mod coding;
mod respond;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use shared::protocol::codec::encode;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{EnrolAnswer, Fault, Part};
use shared::protocol::limits::{BODY_BYTES_MAX, ENROL_BYTES_MAX};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use crate::assets;
use crate::clock::now_ms;
use crate::identity::Origin;
use crate::relay::{Relay, fault};
use crate::throttle::Throttle;

use coding::Coding;
use respond::{cbor, fault_answer, status_of};

/// Requests worked on at once; the rest is told to come back.
const REQUESTS_AT_ONCE: usize = 256;
/// How long a body may take: a megabyte over a 2G line.
const BODY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(660);

/// What every handler sees.
#[derive(Clone)]
pub(crate) struct App {
    inner: Arc<Inner>,
}

struct Inner {
    relay: Arc<Relay>,
    pack: respond::Encoded,
    room: Arc<Semaphore>,
    throttle: Throttle,
    requests: AtomicU64,
    faults: AtomicU64,
    started: Instant,
}

impl App {
    /// Prepares what is the same for every request.
    pub(crate) fn new(relay: Arc<Relay>) -> Self {
        let pack = relay.packs().current().and_then(|pack| pack.to_cbor().ok()).unwrap_or_default();
        Self {
            inner: Arc::new(Inner {
                relay,
                pack: respond::Encoded::new(pack),
                room: Arc::new(Semaphore::new(REQUESTS_AT_ONCE)),
                throttle: Throttle::default(),
                requests: AtomicU64::new(0),
                faults: AtomicU64::new(0),
                started: Instant::now(),
            }),
        }
    }

    /// The number of a request: what a log line and an error answer have in common.
    fn next_request(&self) -> u64 {
        self.inner.requests.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    fn note_fault(&self) {
        self.inner.faults.fetch_add(1, Ordering::Relaxed);
    }
}

/// Every route of the relay, and the client behind them.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/sync", post(sync))
        .route("/enrol", post(enrol))
        .route("/pack", get(pack))
        .route("/health/live", get(async || "ok\n"))
        .route("/health/ready", get(ready))
        .merge(assets::router())
        .with_state(app)
}

/// Routes of the listener that only this machine reaches.
pub(crate) fn metrics_router(app: App) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(app)
}

async fn sync(State(app): State<App>, request: Request) -> Response {
    let number = app.next_request();
    let Ok(permit) = Arc::clone(&app.inner.room).try_acquire_owned() else {
        return fault_answer(number, fault(ErrorCode::RelayBusy, Some(5)));
    };
    let coding = Coding::accepted(request.headers());
    let body = match read_body(request, BODY_BYTES_MAX).await {
        Ok(body) => body,
        Err(code) => {
            app.note_fault();
            return fault_answer(number, fault(code, None));
        }
    };
    let relay = Arc::clone(&app.inner.relay);
    let (sink, mut parts) = stream::channel();
    // In a task of its own: whoever hangs up must not take a transaction of others down.
    tokio::spawn(async move {
        let mut sink = sink;
        relay.sync(&body, now_ms(), &mut sink).await;
        drop(permit);
    });
    let Some(first) = parts.recv().await else {
        return fault_answer(number, fault(ErrorCode::RelayFault, Some(60)));
    };
    let status = match &first {
        Part::Fault(fault) => {
            app.note_fault();
            tracing::info!(request.id = number, code = fault.code, "sync refused");
            status_of(fault)
        }
        Part::Receipts(_) | Part::Page(_) | Part::End(_) | Part::RepairBuckets(_) => StatusCode::OK,
    };
    stream::answer(status, first, parts, coding).await
}

async fn enrol(State(app): State<App>, request: Request) -> Response {
    let number = app.next_request();
    let refuse = |fault: Fault| cbor(status_of(&fault), encode(&EnrolAnswer::Fault(fault)));
    if !app.inner.throttle.may_try(now_ms()) {
        return refuse(fault(ErrorCode::EnrolThrottled, Some(60)));
    }
    let origin = match request.extensions().get::<ConnectInfo<SocketAddr>>() {
        Some(ConnectInfo(peer)) if peer.ip().is_loopback() => Origin::Local,
        Some(_) | None => Origin::Remote,
    };
    let body = match read_body(request, ENROL_BYTES_MAX).await {
        Ok(body) => body,
        Err(code) => return refuse(fault(code, None)),
    };
    let answer = app.inner.relay.enrol(&body, origin, now_ms()).await;
    if let EnrolAnswer::Fault(fault) = &answer {
        app.note_fault();
        app.inner.throttle.note_failure(now_ms());
        tracing::info!(request.id = number, code = fault.code, "enrolment refused");
        return refuse(fault.clone());
    }
    cbor(StatusCode::OK, encode(&answer))
}

async fn pack(State(app): State<App>, headers: HeaderMap) -> Response {
    app.inner.pack.answer(Coding::accepted(&headers))
}

async fn ready(State(app): State<App>) -> Response {
    match app.inner.relay.storage().probe().await {
        Ok(()) if !app.inner.relay.is_full() => (StatusCode::OK, "ready\n").into_response(),
        Ok(()) => (StatusCode::INSUFFICIENT_STORAGE, "read-only: the disk is full\n").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be read\n").into_response(),
    }
}

async fn metrics(State(app): State<App>) -> Response {
    let inner = &app.inner;
    let position = async { inner.relay.storage().read().await?.view().position().await }.await.unwrap_or(0);
    let text = format!(
        "# TYPE simpul_requests_total counter\nsimpul_requests_total {}\n\
         # TYPE simpul_faults_total counter\nsimpul_faults_total {}\n\
         # TYPE simpul_position gauge\nsimpul_position {position}\n\
         # TYPE simpul_read_only gauge\nsimpul_read_only {}\n\
         # TYPE simpul_uptime_seconds gauge\nsimpul_uptime_seconds {}\n",
        inner.requests.load(Ordering::Relaxed),
        inner.faults.load(Ordering::Relaxed),
        u8::from(inner.relay.is_full()),
        inner.started.elapsed().as_secs(),
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// Reads a body within its limits, inflated if it came deflated.
async fn read_body(request: Request, bytes_max: usize) -> Result<Vec<u8>, ErrorCode> {
    let (head, body): (_, Body) = request.into_parts();
    let deflated = match head.headers.get(header::CONTENT_ENCODING).map(header::HeaderValue::as_bytes) {
        None | Some(b"identity") => false,
        Some(b"deflate") => true,
        Some(_) => return Err(ErrorCode::CodingUnknown),
    };
    let reading = timeout(BODY_TIMEOUT, to_bytes(body, bytes_max)).await;
    let bytes = reading.map_err(|_| ErrorCode::FrameMalformed)?.map_err(|_| ErrorCode::FrameTooLarge)?;
    if deflated { coding::inflate(&bytes) } else { Ok(bytes.to_vec()) }
}
