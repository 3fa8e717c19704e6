//! Connects the engine's front to the worker's port.
//!
//! Owns the order of requests: those that write or read data are answered one after the other, those that wait for a key
//! or for the relay run beside them.

use std::rc::Rc;

use futures::StreamExt as _;
use wasm_bindgen_futures::spawn_local;

use super::Browser;
use super::worker::{self, Outbox, Port};
use crate::api::{Failure, FromEngine, Request, ToEngine, wire};
use crate::engine::front::Front;

/// Makes this worker the engine, or what its first message says it shall be.
///
/// Stands here and not in the binary: a future is compiled once more in each crate that polls it, and the whole engine
/// is within this one.
pub fn start() {
    console_error_panic_hook::set_once();
    worker::start(|port| spawn_local(serve(port)));
}

/// Serves the interface for as long as the worker lives.
async fn serve(port: Port) {
    let Port { mut inbox, outbox } = port;
    spawn_local(super::fresh_log::begin());
    let replies = outbox.clone();
    let opened =
        Front::open(Rc::new(Browser), Box::new(move |message| send(&replies, &message)), Box::new(spawn_local)).await;
    while let Some(bytes) = inbox.next().await {
        // Both ends are of one build; what cannot be read was not sent by our interface.
        let Some(message) = wire::from_bytes::<ToEngine>(&bytes) else { continue };
        match &opened {
            Ok(front) if takes_long(&message.request) => spawn_local(front.clone().take(message)),
            Ok(front) => front.clone().take(message).await,
            Err(failed) => refuse(&outbox, message.id, failed),
        }
    }
}

/// Whether a request waits for a key or for the relay.
const fn takes_long(request: &Request) -> bool {
    matches!(
        request,
        Request::Hello
            | Request::EnrolLook { .. }
            | Request::EnrolJoin { .. }
            | Request::Unlock { .. }
            | Request::UnlockWithCode { .. }
    )
}

fn refuse(outbox: &Outbox, id: u32, failed: &Failure) {
    send(outbox, &FromEngine::Reply { id, reply: Err(failed.clone()) });
}

fn send(outbox: &Outbox, message: &FromEngine) {
    outbox.send(&wire::to_bytes(message));
}
