//! Channels between the tabs of this browser.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use super::js;
use crate::platform::{Channel, Heard};

/// A channel we joined.
pub(super) struct Joined {
    channel: Option<BroadcastChannel>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Joined {
    /// Joins; in a browser without channels nothing is ever heard.
    pub(super) fn join(name: &str, mut heard: Heard) -> Self {
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(message) = js::bytes(&event.data()) {
                heard(message);
            }
        });
        let channel = BroadcastChannel::new(name).ok();
        if let Some(channel) = &channel {
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        }
        Self { channel, _on_message: on_message }
    }
}

impl Channel for Joined {
    fn post(&self, message: &[u8]) {
        if let Some(channel) = &self.channel {
            // Fails on a closed channel only, and ours closes when dropped.
            let _ = channel.post_message(&Uint8Array::from(message));
        }
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.set_onmessage(None);
            channel.close();
        }
    }
}
