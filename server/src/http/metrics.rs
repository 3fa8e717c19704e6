//! Counters for whoever watches the relay; served on a loopback address of their own, without any name or id.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::routing::get;

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    syncs: AtomicU64,
    refused: AtomicU64,
    enrolments: AtomicU64,
    up_bytes: AtomicU64,
    down_bytes: AtomicU64,
}

fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
}

impl Metrics {
    /// Counts one answered sync.
    pub fn synced(&self, up_bytes: usize, down_bytes: usize) {
        add(&self.syncs, 1);
        add(&self.up_bytes, up_bytes);
        add(&self.down_bytes, down_bytes);
    }

    /// Counts a request that was refused before the relay saw it.
    pub fn refused(&self) {
        add(&self.refused, 1);
    }

    /// Counts one step of an enrolment.
    pub fn enrolled(&self) {
        add(&self.enrolments, 1);
    }

    /// The counters in the text format of Prometheus.
    #[must_use]
    pub fn print(&self) -> String {
        let mut text = String::new();
        for (name, counter) in [
            ("simpul_syncs_total", &self.syncs),
            ("simpul_refused_total", &self.refused),
            ("simpul_enrolment_steps_total", &self.enrolments),
            ("simpul_sync_up_bytes_total", &self.up_bytes),
            ("simpul_sync_down_bytes_total", &self.down_bytes),
        ] {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "# TYPE {name} counter\n{name} {}", counter.load(Ordering::Relaxed));
        }
        text
    }
}

/// The metrics page, for a listener on a loopback address only.
pub fn router(metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/metrics", get(|State(metrics): State<Arc<Metrics>>| async move { metrics.print() }))
        .with_state(metrics)
}
