//! The engine's end of `postMessage`, and what a worker becomes by its first message.

use futures::channel::mpsc;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::{js, kdf};

/// Where the interface is heard and answered.
pub struct Port {
    /// Messages of the interface, in the order they came.
    pub inbox: mpsc::UnboundedReceiver<Vec<u8>>,
    /// The way back.
    pub outbox: Outbox,
}

/// Sends to the interface. Copies are the same way.
#[derive(Debug, Clone)]
pub struct Outbox(DedicatedWorkerGlobalScope);

impl Outbox {
    /// Sends one message; its memory is handed over, not copied.
    pub fn send(&self, message: &[u8]) {
        post(&self.0, &Uint8Array::from(message));
    }
}

/// Waits for the first message: derives a key if that is asked, otherwise hands everything to the engine.
pub fn start(engine: impl FnOnce(Port) + 'static) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let (sender, inbox) = mpsc::unbounded();
    let mut engine = Some(engine);
    let mut inbox = Some(inbox);
    let outbox = Outbox(scope.clone());
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let data = event.data();
        if let Some(request) = kdf_request(&data) {
            post(&outbox.0, &kdf::answer(&request));
            return;
        }
        if let (Some(engine), Some(inbox)) = (engine.take(), inbox.take()) {
            engine(Port { inbox, outbox: outbox.clone() });
        }
        if let Some(message) = js::bytes(&data) {
            // Fails when the engine has ended, and then nobody answers.
            let _ = sender.unbounded_send(message);
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // Lives as long as the worker.
    on_message.forget();
}

fn kdf_request(data: &JsValue) -> Option<JsValue> {
    let parts: &Array = data.dyn_ref()?;
    (parts.get(0).as_string().as_deref() == Some(kdf::MODE)).then(|| parts.get(1))
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &Uint8Array) {
    let transfer = Array::of1(&message.buffer());
    // Fails for values that cannot be sent, and bytes can.
    let _ = scope.post_message_with_transfer(message, &transfer);
}
