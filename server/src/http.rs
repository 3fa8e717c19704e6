//! HTTP: decodes, calls the relay, streams the answer. No policy and no storage in here.
//!
//! Answers of the relay carry three headers and no more, because headers are most of an idle sync; the client's pages
//! have the full set ([`crate::assets`]).

mod body;
mod coding;
mod live;
mod respond;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use shared::protocol::codec::encode;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{EnrolAnswer, Part};
use shared::protocol::limits::{BODY_BYTES_MAX, ENROL_BYTES_MAX, LIVE_HELLOS_MAX};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use crate::assets::{self, Builds};
use crate::clock::now_ms;
use crate::identity::Origin;
use crate::relay::{Relay, fault};
use crate::throttle::Throttle;

use body::Bodies;
use coding::Coding;
use respond::{cbor, fault_answer, status_of};

/// Requests worked on at once; the rest is told to come back.
const REQUESTS_AT_ONCE: usize = 256;
/// Seconds until a request that was told to come back may.
const BUSY_S: u32 = 5;

/// What every handler sees.
#[derive(Clone)]
pub(crate) struct App {
    inner: Arc<Inner>,
}

struct Inner {
    relay: Arc<Relay>,
    pack: respond::Encoded,
    bodies: Bodies,
    room: Arc<Semaphore>,
    /// Sockets that have not said yet who listens.
    hellos: Arc<Semaphore>,
    /// Changes when the relay stops.
    stopped: watch::Receiver<()>,
    throttle: Throttle,
    requests: AtomicU64,
    faults: AtomicU64,
    started: Instant,
}

impl App {
    /// Prepares what is the same for every request; sockets are closed once `stopped` changes.
    pub(crate) fn new(relay: Arc<Relay>, stopped: watch::Receiver<()>) -> Self {
        let pack = relay.packs().current().and_then(|pack| pack.to_cbor().ok()).unwrap_or_default();
        Self {
            inner: Arc::new(Inner {
                relay,
                pack: respond::Encoded::new(pack),
                bodies: Bodies::default(),
                room: Arc::new(Semaphore::new(REQUESTS_AT_ONCE)),
                hellos: Arc::new(Semaphore::new(LIVE_HELLOS_MAX)),
                stopped,
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

    /// Reads a body within its limits, inflated if it came deflated.
    async fn read_body(&self, request: Request, bytes_max: usize) -> Result<Vec<u8>, ErrorCode> {
        let (head, body) = request.into_parts();
        let deflated = match head.headers.get(header::CONTENT_ENCODING).map(header::HeaderValue::as_bytes) {
            None | Some(b"identity") => false,
            Some(b"deflate") => true,
            Some(_) => return Err(ErrorCode::CodingUnknown),
        };
        let bytes = self.inner.bodies.read(body, bytes_max).await?;
        if deflated { coding::inflate(&bytes) } else { Ok(bytes) }
    }

    /// Answers one step of enrolment. Whether guessers have to wait is asked only once a code turned out to be none:
    /// others who guess must not keep anybody who holds a code from enrolling.
    async fn enrol_at(&self, body: &[u8], origin: Origin, now_ms: u64) -> EnrolAnswer {
        let answer = self.inner.relay.enrol(body, origin, now_ms).await;
        let is_guess =
            matches!(&answer, EnrolAnswer::Fault(fault) if fault.code == ErrorCode::EnrolCodeUnknown.number());
        if is_guess && self.inner.throttle.note_guess(now_ms) {
            return EnrolAnswer::Fault(fault(ErrorCode::EnrolThrottled, Some(60)));
        }
        answer
    }

    fn note_fault(&self) {
        self.inner.faults.fetch_add(1, Ordering::Relaxed);
    }
}

/// Every route of the relay, and the client behind them.
pub(crate) fn router(app: App, builds: Builds) -> Router {
    Router::new()
        .route("/sync", post(sync))
        .route("/live", get(live::live))
        .route("/enrol", post(enrol))
        .route("/pack", get(pack))
        .route("/health/live", get(async || "ok\n"))
        .route("/health/ready", get(ready))
        .merge(assets::router(builds))
        .with_state(app)
}

/// Routes of the listener that only this machine reaches.
pub(crate) fn metrics_router(app: App) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(app)
}

async fn sync(State(app): State<App>, request: Request) -> Response {
    let number = app.next_request();
    let coding = Coding::accepted(request.headers());
    let body = match app.read_body(request, BODY_BYTES_MAX).await {
        Ok(body) => body,
        Err(code) => {
            app.note_fault();
            return fault_answer(number, fault(code, wait_of(code)));
        }
    };
    // Taken once the body is in: a line that only begins to speak must not keep a tablet that has spoken waiting.
    let Ok(permit) = Arc::clone(&app.inner.room).try_acquire_owned() else {
        return fault_answer(number, fault(ErrorCode::RelayBusy, wait_of(ErrorCode::RelayBusy)));
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
    let origin = match request.extensions().get::<ConnectInfo<SocketAddr>>() {
        Some(ConnectInfo(peer)) if peer.ip().is_loopback() => Origin::Local,
        Some(_) | None => Origin::Remote,
    };
    let answer = match app.read_body(request, ENROL_BYTES_MAX).await {
        Ok(body) => app.enrol_at(&body, origin, now_ms()).await,
        Err(code) => EnrolAnswer::Fault(fault(code, wait_of(code))),
    };
    let status = match &answer {
        EnrolAnswer::Fault(fault) => {
            app.note_fault();
            tracing::info!(request.id = number, code = fault.code, "enrolment refused");
            status_of(fault)
        }
        EnrolAnswer::Welcome { .. } | EnrolAnswer::Joined { .. } => StatusCode::OK,
    };
    cbor(status, encode(&answer))
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
         # TYPE simpul_live_sockets gauge\nsimpul_live_sockets {}\n\
         # TYPE simpul_live_news_total counter\nsimpul_live_news_total {}\n\
         # TYPE simpul_read_only gauge\nsimpul_read_only {}\n\
         # TYPE simpul_uptime_seconds gauge\nsimpul_uptime_seconds {}\n",
        inner.requests.load(Ordering::Relaxed),
        inner.faults.load(Ordering::Relaxed),
        inner.relay.hub().count(),
        inner.relay.hub().said(),
        u8::from(inner.relay.is_full()),
        inner.started.elapsed().as_secs(),
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// Seconds after which a request that was turned away may come again.
fn wait_of(code: ErrorCode) -> Option<u32> {
    (code == ErrorCode::RelayBusy).then_some(BUSY_S)
}

#[cfg(test)]
mod tests;
