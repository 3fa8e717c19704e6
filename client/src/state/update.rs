//! A newer build: whether one waits to be let in, whether another tab let it in already, and how this tab changes over.
//!
//! The browser fetches a newer service worker by itself when a page is loaded; a tab that stays open for weeks asks from here.
//! Nothing changes over unless the person says so: a reload nobody asked for could come in the middle of a sentence.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration};

use super::clock::tablet_ms;
use super::engine::Engine;
use super::leave;
use super::session::{Session, Stage};

/// How often a tab asks whether there is a newer build, at most: the service worker is a few kilobytes on a slow line.
const ASK_EVERY_MS: u64 = 3_600_000;

/// What a waiting service worker takes as the word to begin.
const ACTIVATE: &str = "activate";

/// What is newer than this tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Newer {
    /// Nothing, as far as is known.
    Nothing,
    /// A build is complete on the tablet and waits to be let in.
    Waits,
    /// A build was let in by another tab; this one goes on with its own files.
    Elsewhere,
}

/// Handle of the update; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Update {
    newer: RwSignal<Newer>,
    /// The person wants to finish the report first.
    later: RwSignal<bool>,
    /// The person has said "install" and is at the door.
    changes_over: StoredValue<bool>,
    asked_ms: StoredValue<u64>,
    registration: StoredValue<Option<ServiceWorkerRegistration>, LocalStorage>,
    engine: Engine,
    session: Session,
}

/// Begins to watch for a newer build and makes the handle available.
pub(crate) fn provide_update(engine: Engine, session: Session) {
    let update = Update {
        newer: RwSignal::new(Newer::Nothing),
        later: RwSignal::new(false),
        changes_over: StoredValue::new(false),
        // The browser has asked when it loaded this page.
        asked_ms: StoredValue::new(tablet_ms()),
        registration: StoredValue::new_local(None),
        engine,
        session,
    };
    provide_context(update);
    // Missing where the origin is not a secure one; then no build is kept, and every load is the newest.
    if let Ok(container) = js_sys::Reflect::get(&window().navigator(), &JsValue::from_str("serviceWorker"))
        && let Ok(container) = container.dyn_into::<ServiceWorkerContainer>()
    {
        update.watch(container);
    }
}

/// The update.
pub(crate) fn use_update() -> Update {
    expect_context::<Update>()
}

impl Update {
    /// What to tell the person now.
    pub(crate) fn shown(self) -> Newer {
        let newer = self.newer.get();
        if newer == Newer::Waits && self.later.get() { Newer::Nothing } else { newer }
    }

    /// "Pasang setelah laporan selesai": quiet until a report is handed over. A cold start lets the build in without asking.
    pub(crate) fn put_off(self) {
        self.later.set(true);
    }

    /// A report was handed over; whoever put the update off for it may be asked again.
    pub(crate) fn report_finished(self) {
        self.later.set(false);
    }

    /// "Pasang sekarang": locks, so that everything typed is sealed, then lets the waiting build in. The page is loaded anew once
    /// that build is in force, so that no page of one build meets files of another.
    pub(crate) fn install(self) {
        self.changes_over.set_value(true);
        leave::lock_then(self.engine, self.session, move || match self.waiting() {
            Some(worker) => {
                let _ = worker.post_message(&JsValue::from_str(ACTIVATE));
            }
            // Another tab was quicker.
            None => reload(),
        });
    }

    /// "Muat ulang": locks, so that everything typed is sealed, and opens the build that is in force.
    pub(crate) fn reload(self) {
        leave::lock_then(self.engine, self.session, reload);
    }

    fn waiting(self) -> Option<ServiceWorker> {
        self.registration.with_value(|registration| registration.as_ref()?.waiting())
    }

    fn watch(self, container: ServiceWorkerContainer) {
        let changed = Closure::<dyn Fn()>::new(move || self.control_changed());
        container.set_oncontrollerchange(Some(changed.as_ref().unchecked_ref()));
        // Lives as long as the page.
        changed.forget();
        let _ = window_event_listener(ev::visibilitychange, move |_| self.ask());
        // A round that went through shows that there is a line.
        let session = self.session;
        Effect::new(move |_| {
            if session.status.with(|status| status.last_contact_ms).is_some() {
                self.ask();
            }
        });
        leptos::task::spawn_local(async move {
            let Ok(ready) = container.ready() else { return };
            let Ok(registration) = JsFuture::from(ready).await else { return };
            self.watch_registration(registration.unchecked_into());
        });
    }

    fn watch_registration(self, registration: ServiceWorkerRegistration) {
        let found = Closure::<dyn Fn()>::new(move || self.follow_arriving());
        registration.set_onupdatefound(Some(found.as_ref().unchecked_ref()));
        // Lives as long as the page.
        found.forget();
        self.registration.set_value(Some(registration));
        self.follow_arriving();
        self.look();
    }

    /// Looks again whenever the arriving build gets further.
    fn follow_arriving(self) {
        let arriving =
            self.registration.with_value(|registration| registration.as_ref().and_then(|held| held.installing()));
        if let Some(worker) = arriving {
            let changed = Closure::<dyn Fn()>::new(move || self.look());
            worker.set_onstatechange(Some(changed.as_ref().unchecked_ref()));
            // One for each build that arrives while the page is open.
            changed.forget();
        }
    }

    fn look(self) {
        if self.newer.get_untracked() == Newer::Elsewhere {
            return;
        }
        let newer = if self.waiting().is_some() { Newer::Waits } else { Newer::Nothing };
        if self.newer.get_untracked() != newer {
            self.newer.set(newer);
        }
    }

    /// Another service worker answers for this tab.
    fn control_changed(self) {
        // Somebody who has unlocked again meanwhile is not interrupted.
        if self.changes_over.get_value() && !matches!(*self.session.stage.read_untracked(), Stage::Open(_)) {
            reload();
            return;
        }
        leptos::task::spawn_local(async move {
            // The first service worker of all takes control too, and is of this very build.
            let own = own_build();
            if let Some(page) = served_page().await
                && !own.is_empty()
                && !page.contains(&own)
            {
                self.newer.set(Newer::Elsewhere);
            } else {
                self.look();
            }
        });
    }

    /// Has the browser look for a newer build, now and then.
    fn ask(self) {
        let now = tablet_ms();
        if document().hidden() || now.saturating_sub(self.asked_ms.get_value()) < ASK_EVERY_MS {
            return;
        }
        self.asked_ms.set_value(now);
        let asked =
            self.registration.with_value(|registration| registration.as_ref().map(ServiceWorkerRegistration::update));
        if let Some(Ok(asked)) = asked {
            leptos::task::spawn_local(async move {
                // Without a line there is nothing newer; the next round asks again.
                let _ = JsFuture::from(asked).await;
            });
        }
    }
}

fn reload() {
    let _ = window().location().reload();
}

/// Names the build this page is of.
fn own_build() -> String {
    document().document_element().and_then(|root| root.get_attribute("data-build")).unwrap_or_default()
}

/// The page as it would be served now; none without a line.
async fn served_page() -> Option<String> {
    let answer = JsFuture::from(window().fetch_with_str("/index.html")).await.ok()?;
    let text = answer.unchecked_into::<Response>().text().ok()?;
    JsFuture::from(text).await.ok()?.as_string()
}
