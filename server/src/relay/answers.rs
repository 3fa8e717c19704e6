//! One answer at a time per device. A tablet that asks anew has given the answer before up, whatever the line believes:
//! the newer request ends the older answer, so that a device never occupies the relay more than once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use shared::id::DeviceId;
use tokio::sync::oneshot;

/// Who is being answered. One entry per device that ever asked; a device's last one stays until it asks again.
#[derive(Default)]
pub(super) struct Answers {
    latest: Mutex<HashMap<DeviceId, oneshot::Sender<()>>>,
}

/// The right to go on answering.
pub(super) struct Turn(oneshot::Receiver<()>);

impl Answers {
    /// Begins an answer and ends the device's one before.
    pub(super) fn begin(&self, device: DeviceId) -> Turn {
        let (latest, superseded) = oneshot::channel();
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).insert(device, latest);
        Turn(superseded)
    }
}

impl Turn {
    /// Returns when a newer answer of the device began; not to be asked again afterwards.
    pub(super) async fn is_over(&mut self) {
        // The sender never speaks: it is dropped for its successor.
        let _ = (&mut self.0).await;
    }
}
