//! Many lines: merged as text by the engine, so the field gives back what it began with.

use core::time::Duration;
use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;

use super::binding::{Binding, Pending};
use super::fresh::Fresh;
use super::name_hint::{NameFree, NameHint};
use crate::api::Path;
use crate::entry::long_text::{Left, LongText, Standing};
use crate::entry::too_long;
use crate::i18n::{T, tn};

/// A draft is kept this long after the last keystroke.
const DRAFT_AFTER: Duration = Duration::from_millis(800);
/// The letters left are shown from here on.
const LEFT_SHOWN: usize = 500;

/// A long text bound to its field; copied freely.
#[derive(Clone, Copy)]
struct Field {
    text: RwSignal<LongText>,
    binding: Binding,
    most: usize,
}

impl Field {
    fn leave(self) {
        self.settle(|text, most, _| text.leave(most));
    }

    /// The page is going.
    fn go(self) {
        self.settle(|text, most, _| text.go(most));
    }

    fn settle(self, step: fn(&mut LongText, usize, &Standing) -> Left) {
        // What settles after the page has gone finds nobody; the text itself is with the engine.
        if self.text.is_disposed() {
            return;
        }
        let standing = untrack(|| self.binding.standing());
        let Some(left) = self.text.try_update(|text| step(text, self.most, &standing)) else { return };
        match left {
            Left::Nothing => {}
            Left::TooLong(count) => {
                let _ = self.binding.pending.try_set(Pending::Failed(too_long(count, self.most)));
            }
            Left::AsItStood => self.binding.drop_draft(self.binding.spot().text_place()),
            Left::Written(began, text) => {
                self.binding.set_text(began, text, move || self.settle(LongText::arrive), move || self.come_back());
            }
        }
    }

    fn come_back(self) {
        let _ = self.text.try_update(LongText::come_back);
        self.keep();
    }

    /// Keeps what is being typed as a draft.
    fn keep(self) {
        if let Some(draft) = self.text.try_with_untracked(LongText::draft).flatten() {
            self.binding.keep_draft(self.binding.spot().text_place(), draft);
        }
    }

    fn shows(self) -> String {
        let standing = self.binding.standing();
        self.text.with(|text| text.shows(&standing))
    }
}

/// Shows the text.
#[component]
pub(crate) fn LongTextInput(
    /// Name of the field for tests and for its label.
    #[prop(into)]
    test: String,
    /// The field.
    binding: Binding,
    /// Most code points.
    chars_max: u32,
    /// Names do not belong here.
    name_free: Option<NameFree>,
    /// Nothing may be typed.
    #[prop(into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let most = usize::try_from(chars_max).unwrap_or(usize::MAX);
    let path = Path::Text(binding.spot().text_key());
    let resumed = untrack(|| LongText::resume(binding.draft(&path), &binding.standing()));
    let field = Field { text: RwSignal::new(resumed), binding, most };
    on_cleanup(move || {
        // What stood there was seen; own words on top come after it.
        binding.note_read();
        field.go();
    });
    let keep = debounce(DRAFT_AFTER, move || field.keep());
    let begin = move || {
        let standing = untrack(|| binding.standing());
        field.text.update(|text| text.begin(&standing));
    };
    let type_in = move |typed: String| {
        let standing = untrack(|| binding.standing());
        field.text.update(|text| text.type_in(typed, &standing));
        keep();
    };
    let length = Memo::new(move |_| field.shows().chars().count());
    let replace = move |replaced: String| {
        let standing = untrack(|| binding.standing());
        field.text.update(|text| text.type_in(replaced, &standing));
        // Nobody is in the field any more who could leave it.
        field.leave();
    };
    let hint = name_free.map(|free| {
        // Whoever may not write has nothing to replace.
        let shown = Signal::derive(move || if disabled.get() { String::new() } else { field.shows() });
        view! { <NameHint text=shown code=free.code() case=free.case on_replace=replace /> }
    });
    let left = move || {
        let left = most.saturating_sub(length.get());
        (left < LEFT_SHOWN).then(|| view! { <small>{tn(T::FormLeft, left)}</small> })
    };
    let excess = move || {
        let count = length.get();
        (count > most).then(|| view! { <p class="field__error" role="alert">{too_long(count, most)}</p> })
    };
    view! {
        <Fresh test=test.clone() binding=binding />
        <textarea
            id=format!("{test}-input")
            class="field__input field__input--long"
            rows="5"
            autocomplete="off"
            spellcheck="false"
            data-testid=format!("{test}-input")
            disabled=disabled
            prop:value=move || field.shows()
            on:focus=move |_| begin()
            on:input=move |event| type_in(event_target_value(&event))
            on:blur=move |_| field.leave()
        ></textarea>
        {left}
        {excess}
        {hint}
    }
}

/// Runs only the last of several calls that follow each other closely.
fn debounce(delay: Duration, run: impl Fn() + 'static) -> impl Fn() {
    let run = Rc::new(run);
    let timer = Rc::new(Cell::new(None::<TimeoutHandle>));
    move || {
        if let Some(handle) = timer.take() {
            handle.clear();
        }
        let run = Rc::clone(&run);
        timer.set(set_timeout_with_handle(move || run(), delay).ok());
    }
}
