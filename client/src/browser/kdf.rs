//! The throw-away key worker: the memory of Argon2id goes away with it.
//!
//! The engine's worker starts a worker of its own script; the first message, `["kdf", request]`, tells it what it is.
//! One answer comes back, then it is ended. A worker that dies (no memory for its module) counts as out of memory.

use futures::channel::oneshot;
use js_sys::{Array, Uint8Array};
use shared::seal::kdf::{self, KdfError, KdfRequest, SlotKey};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};
use zeroize::Zeroizing;

use super::js;

/// First word of the first message to a worker that shall derive a key.
pub(super) const MODE: &str = "kdf";

type Answer = Result<SlotKey, KdfError>;

struct Ended(Worker);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.set_onmessage(None);
        self.0.set_onerror(None);
        self.0.terminate();
    }
}

/// Derives a key in a worker of its own.
pub(super) async fn derive(request: KdfRequest) -> Answer {
    let worker = Ended(start().map_err(|_| KdfError::OutOfMemory)?);
    let (sender, answered) = oneshot::channel::<Answer>();
    let sender = std::rc::Rc::new(std::cell::Cell::new(Some(sender)));
    let on_message = {
        let sender = sender.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let answer = js::bytes(&event.data()).map(Zeroizing::new);
            let answer = answer.and_then(|bytes| minicbor::decode::<Answer>(&bytes).ok());
            if let Some(sender) = sender.take() {
                // Nobody waits any more: then nobody needs to know.
                let _ = sender.send(answer.unwrap_or(Err(KdfError::OutOfMemory)));
            }
        })
    };
    let on_error = Closure::<dyn FnMut(JsValue)>::new(move |_event| {
        if let Some(sender) = sender.take() {
            // As above.
            let _ = sender.send(Err(KdfError::OutOfMemory));
        }
    });
    worker.0.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.0.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    let mut encoded = Zeroizing::new(Vec::with_capacity(1024));
    // Writing to a vector cannot fail.
    let _ = minicbor::encode(&request, &mut *encoded);
    let message = Array::of2(&JsValue::from_str(MODE), &Uint8Array::from(encoded.as_slice()));
    worker.0.post_message(&message).map_err(|_| KdfError::OutOfMemory)?;
    answered.await.unwrap_or(Err(KdfError::OutOfMemory))
}

/// What a worker in this mode does with its first message.
pub(super) fn answer(request: &JsValue) -> Uint8Array {
    let request = js::bytes(request).map(Zeroizing::new);
    let request = request.and_then(|bytes| minicbor::decode::<KdfRequest>(&bytes).ok());
    let answer: Answer = request.ok_or(KdfError::Parameters).and_then(|request| kdf::derive(&request));
    let mut encoded = Zeroizing::new(Vec::with_capacity(64));
    // Writing to a vector cannot fail.
    let _ = minicbor::encode(&answer, &mut *encoded);
    Uint8Array::from(encoded.as_slice())
}

fn start() -> Result<Worker, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let script = js::scope().location().href();
    trust_own_script(&script);
    Worker::new_with_options(&script, &options)
}

/// Under Trusted Types a script's address must pass a policy. This worker's realm has none yet; ours lets through the
/// one script that runs here already.
fn trust_own_script(script: &str) {
    let types = js::get(&js_sys::global(), "trustedTypes");
    if types.is_falsy() || js::get(&types, "defaultPolicy").is_truthy() {
        return;
    }
    let script = script.to_owned();
    let pass =
        Closure::<dyn FnMut(String) -> Option<String>>::new(move |asked: String| (asked == script).then_some(asked));
    let rules = js_sys::Object::new();
    js::set(&rules, "createScriptURL", pass.as_ref());
    // A browser whose policy forbids it refuses; starting the worker then tells.
    let _ = js::call(&types, "createPolicy", &[JsValue::from_str("default"), rules.into()]);
    // Lives as long as the worker, like the policy.
    pass.forget();
}
