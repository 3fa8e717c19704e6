//! The link to the engine worker: requests out, replies and events in, as bytes through `postMessage`.
//!
//! Pages and forms reach the engine only through here. The link lives as long as the page.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures::channel::oneshot;
use leptos::prelude::*;
use shared::protocol::error::ErrorCode;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use super::load::Load;
use crate::api::{Answer, Event, Failure, FromEngine, Query, Reply, Request, ToEngine, View, wire};

/// Number shown when the engine does not answer at all.
const ENGINE_SILENT_CODE: u16 = 1999;

type ReplySender = oneshot::Sender<Result<Reply, Failure>>;
/// Hears each answer, or why there is none.
type ViewListener = Rc<dyn Fn(Result<View, Failure>)>;
type EventListener = Rc<dyn Fn(Event)>;

struct Link {
    worker: Worker,
    next_id: Cell<u32>,
    waiting: RefCell<HashMap<u32, ReplySender>>,
    watches: RefCell<HashMap<u32, ViewListener>>,
    listener: RefCell<Option<EventListener>>,
    /// The last write found no room on the tablet.
    full: RwSignal<bool>,
}

impl Link {
    fn post(&self, request: Request) -> u32 {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1));
        let bytes = wire::to_bytes(&ToEngine { id, request });
        // Fails for values that cannot be sent, and bytes can.
        let _ = self.worker.post_message(&js_sys::Uint8Array::from(bytes.as_slice()));
        id
    }

    fn note_full(&self, is_full: bool) {
        if self.full.get_untracked() != is_full {
            self.full.set(is_full);
        }
    }

    fn receive(&self, message: FromEngine) {
        match message {
            FromEngine::Reply { id, reply } => {
                match &reply {
                    Ok(Reply::Saved) => self.note_full(false),
                    Err(failed) if failed.code == ErrorCode::TabletFull.number() => self.note_full(true),
                    Ok(_) | Err(_) => {}
                }
                if let Some(sender) = self.waiting.borrow_mut().remove(&id) {
                    let _ = sender.send(reply);
                }
            }
            FromEngine::Event(Event::View { watch, view }) => {
                // Cloned out, because a listener may start or stop a watch.
                let listener = self.watches.borrow().get(&watch).cloned();
                if let Some(listener) = listener {
                    listener(Ok(view));
                }
            }
            FromEngine::Event(event) => {
                let listener = self.listener.borrow().clone();
                if let Some(listener) = listener {
                    listener(event);
                }
            }
        }
    }
}

/// Handle of the link; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Engine(StoredValue<Rc<Link>, LocalStorage>);

/// Starts the engine worker and makes its handle available.
///
/// # Errors
/// The browser's refusal to start a worker.
pub(crate) fn provide_engine() -> Result<Engine, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    // Told by the page's own script: the worker of this very build, also when a newer one is served by now.
    let root = document().document_element();
    let script = root.and_then(|root| root.get_attribute("data-worker")).ok_or(JsValue::UNDEFINED)?;
    let worker = Worker::new_with_options(&script, &options)?;
    let link = Rc::new(Link {
        worker: worker.clone(),
        next_id: Cell::new(1),
        waiting: RefCell::default(),
        watches: RefCell::default(),
        listener: RefCell::default(),
        full: RwSignal::new(false),
    });
    let inbox = Rc::clone(&link);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let Ok(bytes) = event.data().dyn_into::<js_sys::Uint8Array>() else {
            return;
        };
        if let Some(message) = wire::from_bytes::<FromEngine>(&bytes.to_vec()) {
            inbox.receive(message);
        }
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The link lives as long as the page.
    on_message.forget();
    let engine = Engine(StoredValue::new_local(link));
    provide_context(engine);
    Ok(engine)
}

/// The handle; there is one from the start of the interface on.
pub(crate) fn use_engine() -> Engine {
    expect_context::<Engine>()
}

impl Engine {
    /// Hears every event that is no view.
    pub(crate) fn listen(self, listener: impl Fn(Event) + 'static) {
        self.0.with_value(|link| {
            *link.listener.borrow_mut() = Some(Rc::new(listener));
        });
    }

    /// Whether the last write found no room on the tablet.
    pub(crate) fn is_full(self) -> Signal<bool> {
        self.0.with_value(|link| link.full.into())
    }

    /// Asks, and waits for the one reply.
    pub(crate) async fn ask(self, request: Request) -> Result<Reply, Failure> {
        let receiver = self.0.with_value(|link| {
            let (sender, receiver) = oneshot::channel();
            let id = link.post(request);
            link.waiting.borrow_mut().insert(id, sender);
            receiver
        });
        receiver.await.unwrap_or(Err(silent()))
    }

    /// Tells, without waiting.
    pub(crate) fn tell(self, request: Request) {
        leptos::task::spawn_local(async move {
            let _ = self.ask(request).await;
        });
    }

    /// Asks and hands the outcome on; for event handlers.
    pub(crate) fn ask_then(self, request: Request, then: impl FnOnce(Result<Reply, Failure>) + 'static) {
        self.ask_and_call(request, Box::new(then));
    }

    /// One future for all callers: each would weigh half a kilobyte.
    fn ask_and_call(self, request: Request, then: Box<dyn FnOnce(Result<Reply, Failure>)>) {
        leptos::task::spawn_local(async move { then(self.ask(request).await) });
    }

    /// Keeps an answer up to date for as long as the component stands.
    pub(crate) fn watch<A>(self, query: Query) -> ReadSignal<Load<A>>
    where
        A: Answer + Send + Sync + 'static,
    {
        let (read, write) = signal(Load::Waiting);
        self.watch_and_call(
            query,
            Rc::new(move |outcome: Result<View, Failure>| {
                let load = match outcome {
                    Ok(view) => A::of(view).map(Load::Ready),
                    Err(failure) => Some(Load::Failed(failure)),
                };
                if let Some(load) = load {
                    let _ = write.try_set(load);
                }
            }),
        );
        read
    }

    /// See [`Engine::ask_and_call`].
    fn watch_and_call(self, query: Query, take: ViewListener) {
        let (id, receiver) = self.0.with_value(|link| {
            let (sender, receiver) = oneshot::channel();
            let id = link.post(Request::Watch(query));
            link.waiting.borrow_mut().insert(id, sender);
            link.watches.borrow_mut().insert(id, Rc::clone(&take));
            (id, receiver)
        });
        leptos::task::spawn_local(async move {
            match receiver.await.unwrap_or(Err(silent())) {
                Ok(Reply::View(view)) => take(Ok(view)),
                Ok(_) => {}
                Err(failure) => take(Err(failure)),
            }
        });
        on_cleanup(move || {
            let _ = self.0.try_with_value(|link| {
                link.watches.borrow_mut().remove(&id);
                link.post(Request::Unwatch(id));
            });
        });
    }
}

impl Engine {
    /// Keeps the answer to a changing question up to date; what was found stands until the next question is answered.
    pub(crate) fn watch_as<A>(self, question: Signal<Query>) -> RwSignal<Load<A>>
    where
        A: Answer + Clone + Send + Sync + 'static,
    {
        let found = RwSignal::new(Load::Waiting);
        let question = Memo::new(move |_| question.get());
        Effect::new(move |_| {
            let answer = self.watch::<A>(question.get());
            Effect::new(move |_| {
                let answer = answer.get();
                if !matches!(answer, Load::Waiting) {
                    found.set(answer);
                }
            });
        });
        found
    }
}

/// The failure of an engine that answers nothing.
pub(crate) const fn silent() -> Failure {
    Failure { code: ENGINE_SILENT_CODE, retry_after_s: None }
}
