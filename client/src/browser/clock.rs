//! Time in the browser: the only place that reads the tablet's clock.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::channel::oneshot;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::js;

/// Milliseconds since 1970 UTC.
pub(super) fn now_ms() -> u64 {
    js::whole(js_sys::Date::now())
}

/// A running timer; dropping it stops it.
pub(super) struct Timer {
    handle: Option<i32>,
    rings: oneshot::Receiver<()>,
    _ring: Closure<dyn FnMut()>,
}

impl Timer {
    /// Starts one.
    pub(super) fn start(duration_ms: u32) -> Self {
        let (sender, rings) = oneshot::channel();
        let ring = Closure::once(move || {
            // Nobody waits any more: then nobody needs to know.
            let _ = sender.send(());
        });
        let duration_ms = i32::try_from(duration_ms).unwrap_or(i32::MAX);
        let function = ring.as_ref().unchecked_ref();
        let handle = js::scope().set_timeout_with_callback_and_timeout_and_arguments_0(function, duration_ms).ok();
        Self { handle, rings, _ring: ring }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.rings).poll(context).map(|_| ())
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(handle) = self.handle {
            js::scope().clear_timeout_with_handle(handle);
        }
    }
}
