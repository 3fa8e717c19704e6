//! Running the relay: the one entry for the program and for tests.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::assets::Builds;
use crate::clock::now_ms;
use crate::data::DataFolder;
use crate::failure::Chain;
use crate::http::{App, metrics_router, router};
use crate::relay::Relay;

/// How long requests under way may still take when the relay is stopped.
const GRACE: Duration = Duration::from_secs(4);
/// How often is looked for what another process committed, a revocation above all.
const LOOK: Duration = Duration::from_secs(1);
/// Between two looks: what a burst of edits commits is told together.
const REST_MIN: Duration = Duration::from_millis(50);
/// How often grants are looked at for a day that turned, and the disk for room.
const TICK: Duration = Duration::from_secs(15);

/// What a running relay is made of.
pub struct Running {
    /// The relay.
    pub relay: Arc<Relay>,
    /// Its folder, for the headroom; none in tests over memory.
    pub data: Option<DataFolder>,
    /// Where `/metrics` is served: on this machine only.
    pub metrics: Option<TcpListener>,
    /// What tablets are told about the client.
    pub builds: Builds,
}

/// Serves until `shutdown`, then lets requests under way finish.
///
/// # Errors
/// The listener's error.
pub async fn run(
    running: Running,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (stop, stopped) = watch::channel(());
    let hub = Arc::clone(running.relay.hub());
    let app = App::new(Arc::clone(&running.relay), stopped.clone());
    tokio::spawn(herald(Arc::clone(&running.relay), stopped.clone()));
    tokio::spawn(tend(running.relay, running.data, stopped.clone()));
    if let Some(metrics) = running.metrics {
        let mut stopped = stopped.clone();
        let serving = axum::serve(metrics, metrics_router(app.clone()));
        tokio::spawn(async move {
            tokio::select! { _ = serving => {}, _ = stopped.changed() => {} }
        });
    }
    let service = router(app, running.builds).into_make_service_with_connect_info::<SocketAddr>();
    let mut draining = stopped.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        shutdown.await;
        drop(stop);
    });
    tokio::select! {
        ended = async { let ended = serving.await; hub.emptied().await; ended } => ended,
        () = async { let _ = draining.changed().await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}

/// Tells those who listen what is committed, here or by administration in another process.
async fn herald(relay: Arc<Relay>, mut stopped: watch::Receiver<()>) {
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = relay.hub().stirred() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
        let began = tokio::time::Instant::now();
        if let Err(error) = relay.tell_listeners().await {
            tracing::error!(error = %Chain(&error), "those who listen could not be told");
        }
        // Whoever writes comes first: telling takes a fifth of the time at most.
        tokio::time::sleep(REST_MIN.max(began.elapsed().saturating_mul(4))).await;
    }
}

/// What time brings: a day that turns ends roles, and a full disk may have room again.
async fn tend(relay: Arc<Relay>, data: Option<DataFolder>, mut stopped: watch::Receiver<()>) {
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(TICK) => {}
        }
        if let Err(error) = relay.refresh_grants(now_ms()).await {
            tracing::error!(error = %Chain(&error), "grants could not be refreshed");
        }
        if let Err(error) = relay.tell_late_alarms(now_ms()).await {
            tracing::error!(error = %Chain(&error), "dangers that wait could not be told on");
        }
        if let Err(error) = relay.try_old_offers(now_ms()).await {
            tracing::error!(error = %Chain(&error), "old offers could not be tried again");
        }
        if let Err(error) = relay.erase_old_evidence(now_ms()).await {
            tracing::error!(error = %Chain(&error), "old evidence could not be erased");
        }
        let Some(data) = &data else { continue };
        if relay.is_full() && data.release_headroom() {
            // What was just given to the database is not asked back before it had a use for it.
            continue;
        }
        match data.keep_headroom() {
            Ok(()) => relay.note_room(),
            Err(error) => tracing::warn!(error = %Chain(&error), "no headroom on the disk"),
        }
    }
}
