//! Web Locks: which tab of this browser leads.
//!
//! The bindings mark them unstable, so they are called by name. A lock lives as long as a promise we keep open.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use async_trait::async_trait;
use futures::channel::oneshot;
use futures::future::{Either, select};
use js_sys::{Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::js;
use crate::platform::{Claim, Lock};

/// A lock we hold.
pub(super) struct Held {
    release: Function,
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    lost: Cell<bool>,
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

impl State {
    fn lose(&self) {
        self.lost.set(true);
        for sender in self.waiting.borrow_mut().drain(..) {
            // Nobody waits any more: then nobody needs to know.
            let _ = sender.send(());
        }
    }
}

/// Asks for a lock; see [`crate::platform::Locks`].
pub(super) async fn claim(name: &str, claim: Claim) -> Option<Held> {
    let manager = js::get(&js::navigator(), "locks");
    let options = js_sys::Object::new();
    match claim {
        Claim::Wait => {}
        Claim::IfFree => js::set(&options, "ifAvailable", &JsValue::TRUE),
        Claim::Steal => js::set(&options, "steal", &JsValue::TRUE),
    }
    let (sender, granted) = oneshot::channel::<Function>();
    let on_granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        // Not free, or the asker is gone: answering at once gives it back.
        let is_taken = !lock.is_null() && release.is_some_and(|release| sender.send(release).is_ok());
        if is_taken { held.into() } else { JsValue::UNDEFINED }
    });
    let arguments = [JsValue::from_str(name), options.into(), on_granted];
    let ended: Promise = js::call(&manager, "request", &arguments).ok()?.dyn_into().ok()?;
    // Ends when released, fails when stolen: either way it is ours no more. Fails before it was granted, too, and then
    // nobody would ever answer.
    let (release, ended) = match select(granted, JsFuture::from(ended)).await {
        Either::Left((release, ended)) => (release.ok()?, ended),
        Either::Right(_) => return None,
    };
    let state = Rc::new(State::default());
    let watched = Rc::clone(&state);
    spawn_local(async move {
        let _ = ended.await;
        watched.lose();
    });
    Some(Held { release, state })
}

#[async_trait(?Send)]
impl Lock for Held {
    fn is_held(&self) -> bool {
        !self.state.lost.get()
    }

    async fn lost(&self) {
        if self.state.lost.get() {
            return;
        }
        let (sender, heard) = oneshot::channel();
        {
            let mut waiting = self.state.waiting.borrow_mut();
            // Whoever waited before and does not any more need not be told.
            waiting.retain(|sender| !sender.is_canceled());
            waiting.push(sender);
        }
        // The sender lives in the state, which lives as long as we do.
        let _ = heard.await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Resolving a promise does not throw.
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}
