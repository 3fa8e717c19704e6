//! What stands covered: a value that names or locates somebody, until it is opened, and for a moment only.

use core::time::Duration;

use leptos::prelude::*;

use super::engine::{Engine, use_engine};
use super::failure::sentence_of;
use super::toast::{Toasts, use_toasts};
use crate::api::{FieldPlace, Request};

/// So long a press lasts that opens: longer than a tap, and than a finger rests that begins to scroll.
const PRESS: Duration = Duration::from_millis(500);
/// So long a value stands open.
const OPEN: Duration = Duration::from_secs(15);

/// Handle of a cover; copied freely. Values that are compared lie under one. It goes with what is drawn: whoever comes back
/// finds it closed.
#[derive(Clone, Copy)]
pub(crate) struct Cover {
    place: StoredValue<FieldPlace>,
    open: RwSignal<bool>,
    /// It was opened once.
    seen: RwSignal<bool>,
    /// What runs: the press, or the time until it closes.
    timer: StoredValue<Option<TimeoutHandle>>,
    engine: Engine,
    toasts: Toasts,
}

impl Cover {
    /// A closed cover over what stands at a place.
    pub(crate) fn over(place: FieldPlace) -> Self {
        let cover = Self {
            place: StoredValue::new(place),
            open: RwSignal::new(false),
            seen: RwSignal::new(false),
            timer: StoredValue::new(None),
            engine: use_engine(),
            toasts: use_toasts(),
        };
        on_cleanup(move || cover.stop());
        cover
    }

    /// Whether the values show.
    pub(crate) fn is_open(self) -> bool {
        self.open.get()
    }

    /// Whether the values were seen, so that somebody may choose between them.
    pub(crate) fn was_open(self) -> bool {
        self.seen.get()
    }

    /// A finger comes down: it opens what is closed by staying, and closes what is open at once.
    pub(crate) fn press(self) {
        if self.open.get_untracked() { self.close() } else { self.after(PRESS, Self::show) }
    }

    /// The finger has gone, or begins to scroll.
    pub(crate) fn let_go(self) {
        if !self.open.get_untracked() {
            self.stop();
        }
    }

    /// A key, or a screen reader.
    pub(crate) fn turn(self) {
        if self.open.get_untracked() { self.close() } else { self.show() }
    }

    /// Opens when it is kept that somebody looked.
    fn show(self) {
        self.engine.ask_then(Request::Look(self.place.get_value()), move |outcome| match outcome {
            Ok(_) => {
                let _ = self.seen.try_set(true);
                if self.open.try_set(true).is_none() {
                    self.after(OPEN, Self::close);
                }
            }
            Err(failure) => self.toasts.say(sentence_of(failure.code)),
        });
    }

    fn close(self) {
        self.stop();
        let _ = self.open.try_set(false);
    }

    fn after(self, wait: Duration, then: fn(Self)) {
        self.stop();
        let _ = self.timer.try_set_value(set_timeout_with_handle(move || then(self), wait).ok());
    }

    fn stop(self) {
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    }
}
