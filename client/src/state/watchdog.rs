//! Tells the engine what only the page can see: touches, whether it is visible, whether the browser is online.

use leptos::ev;
use leptos::prelude::*;

use super::clock::tablet_ms;
use super::engine::Engine;
use crate::api::Request;

/// Touches are told at most this often; the shortest automatic lock is a minute.
const TOUCH_EVERY_MS: u64 = 10_000;

/// Starts watching; lasts as long as the page.
pub(crate) fn watch_page(engine: Engine) {
    let last_touch = StoredValue::new(0_u64);
    let touch = move || {
        let now = tablet_ms();
        if now.saturating_sub(last_touch.get_value()) >= TOUCH_EVERY_MS {
            last_touch.set_value(now);
            engine.tell(Request::Touch);
        }
    };
    // The browser tells of changes alone: a page that is loaded without a signal hears of none.
    if !window().navigator().on_line() {
        engine.tell(Request::Online(false));
    }
    // The handles are dropped on purpose: dropping one does not stop listening.
    let _ = window_event_listener(ev::pointerdown, move |_| touch());
    let _ = window_event_listener(ev::keydown, move |_| touch());
    let _ = window_event_listener(ev::online, move |_| engine.tell(Request::Online(true)));
    let _ = window_event_listener(ev::offline, move |_| engine.tell(Request::Online(false)));
    let _ = window_event_listener(ev::visibilitychange, move |_| {
        engine.tell(Request::Visible(!document().hidden()));
    });
}
