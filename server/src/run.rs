//! Runs a relay over HTTP until it is told to stop; the command and the tests start it the same way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::clock;
use crate::http::metrics::{self, Metrics};
use crate::http::{self, HttpState};
use crate::relay::Relay;

/// How long answers that are under way may take once the relay is told to stop.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(4);
/// How often expiries are looked at.
const EXPIRY_EVERY: Duration = Duration::from_secs(60);

/// Serves `relay` on `listener`, and the metrics on `metrics_listener` if there is one, until `shutdown` is done.
///
/// # Errors
/// What the listeners say.
pub async fn run(
    relay: Arc<Relay>,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let state = HttpState {
        relay: relay.clone(),
        metrics: Arc::new(Metrics::default()),
        ready: Arc::new(AtomicBool::new(true)),
    };
    let expiry = tokio::spawn(expire(relay));
    let watching = metrics_listener.map(|listener| {
        let router = metrics::router(state.metrics.clone());
        tokio::spawn(async move { axum::serve(listener, router).await })
    });
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let ready = state.ready.clone();
    let service = http::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        shutdown.await;
        ready.store(false, Ordering::Release);
        // The receiver is gone only when serving has ended already.
        let _ = stopping.send(());
    });
    let outcome = tokio::select! {
        outcome = serving => outcome,
        () = async { let _ = stopped.await; tokio::time::sleep(DRAIN_TIME_MAX).await; } => Ok(()),
    };
    expiry.abort();
    if let Some(watching) = watching {
        watching.abort();
    }
    outcome
}

/// Ends grants whose day is over, without waiting for somebody to write.
async fn expire(relay: Arc<Relay>) {
    let mut ticks = tokio::time::interval(EXPIRY_EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = relay.refresh_grants(clock::now_ms()).await {
            tracing::error!(error = %crate::failure::Chain(&error), "expiries could not be looked at");
        }
    }
}
