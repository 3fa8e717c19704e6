//! A WebSocket to the relay this page came from.
//!
//! Short messages in both directions; what breaks, ends. Whether a line that is silent still lives is the engine's to judge.

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::channel::{mpsc, oneshot};
use futures::future::{Either, select};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, Event, MessageEvent, WebSocket};

use super::clock::Timer;
use super::js;
use crate::platform::Socket;

/// How long opening may take, milliseconds.
const OPEN_MS_MAX: u32 = 20_000;

/// An open socket; dropping it closes it.
pub(super) struct Opened {
    socket: WebSocket,
    heard: mpsc::UnboundedReceiver<Vec<u8>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(Event)>,
}

/// Opens a path of the relay; none when it does not open.
pub(super) async fn connect(path: &str) -> Option<Opened> {
    // "http" becomes "ws", and "https" "wss". Old browsers take no path alone.
    let origin = js::scope().location().origin();
    let socket = WebSocket::new(&format!("ws{}{path}", origin.strip_prefix("http")?)).ok()?;
    socket.set_binary_type(BinaryType::Arraybuffer);
    let (sender, heard) = mpsc::unbounded();
    let closing = sender.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(message) = js::bytes(&event.data()) {
            // Fails when nobody listens any more.
            let _ = sender.unbounded_send(message);
        }
    });
    let (opened, opening) = oneshot::channel();
    let mut opened = Some(opened);
    // Opening and closing are told alike: what has closed has not opened.
    let on_close = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let is_open = event.type_() == "open";
        if let Some(opened) = opened.take() {
            // Fails when opening took too long.
            let _ = opened.send(is_open);
        }
        if !is_open {
            closing.close_channel();
        }
    });
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    socket.set_onopen(Some(on_close.as_ref().unchecked_ref()));
    socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    let socket = Opened { socket, heard, _on_message: on_message, _on_close: on_close };
    match select(opening, Timer::start(OPEN_MS_MAX)).await {
        Either::Left((Ok(true), _)) => Some(socket),
        Either::Left(_) | Either::Right(_) => None,
    }
}

#[async_trait(?Send)]
impl Socket for Opened {
    fn send(&self, message: &[u8]) {
        // Fails on a socket that is closing, and then `next` ends.
        let _ = self.socket.send_with_js_u8_array(&Uint8Array::from(message));
    }

    async fn next(&mut self) -> Option<Vec<u8>> {
        self.heard.next().await
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onopen(None);
        self.socket.set_onclose(None);
        // Closing what has closed does nothing.
        let _ = self.socket.close();
    }
}
