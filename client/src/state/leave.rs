//! Leaving: "Kunci" closes the vault, "Keluar cepat" also drops everything the page ever held.

use core::time::Duration;

use leptos::prelude::*;

use super::engine::Engine;
use super::session::Session;
use crate::api::Request;

/// How long a quick exit waits for the engine to keep what was being typed.
const EXIT_WAIT: Duration = Duration::from_millis(300);

/// Takes the focus off the field being typed in, so that it is saved.
fn leave_field() {
    if let Some(element) = document().active_element()
        && let Ok(element) = wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(element)
    {
        let _ = element.blur();
    }
}

/// Takes the case out of the address, so that the next person does not begin at it.
pub(crate) fn forget_address() {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some("/"));
        // The router reads the address only when it is told that it changed.
        if let Ok(changed) = web_sys::Event::new("popstate") {
            let _ = window().dispatch_event(&changed);
        }
    }
}

/// Closes the vault; the page goes back to the door.
pub(crate) fn lock(engine: Engine, session: Session) {
    lock_then(engine, session, move || arrive_anew(engine, session));
}

/// Closes the vault and goes on when that is done: what was being typed is sealed by then.
pub(crate) fn lock_then(engine: Engine, session: Session, then: impl FnOnce() + 'static) {
    leave_field();
    engine.ask_then(Request::Lock, move |_| then());
    session.close(0);
    forget_address();
}

/// Asks anew what is on this tablet, so that waiting times and counts are those of now.
pub(crate) fn arrive_anew(engine: Engine, session: Session) {
    engine.ask_then(Request::Hello, move |outcome| {
        if let Ok(crate::api::Reply::Tablet(tablet)) = outcome {
            session.tablet.set(Some(tablet));
        }
    });
}

/// Closes the vault, empties the screen at once and loads the page anew, which ends the worker and its memory.
pub(crate) fn exit_quickly(engine: Engine, session: Session) {
    leave_field();
    let reload = || {
        let _ = window().location().replace("/");
    };
    engine.ask_then(Request::Lock, move |_| reload());
    session.close(0);
    forget_address();
    // The engine may be busy; the screen must not wait for it.
    set_timeout(reload, EXIT_WAIT);
}
