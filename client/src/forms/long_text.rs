//! Many lines: merged as text by the engine, so the field gives back what it began with.

use core::time::Duration;

use leptos::prelude::*;

use super::binding::{Binding, Pending};
use crate::api::{Path, TextBase, Typed};
use crate::components::button::{Button, Weight};
use crate::entry::name::seems_to_name;
use crate::i18n::{T, t, tf, tn};

/// A draft is kept this long after the last keystroke.
const DRAFT_AFTER: Duration = Duration::from_millis(800);
/// The letters left are shown from here on.
const LEFT_SHOWN: usize = 500;

/// Shows the text.
#[expect(clippy::too_many_lines, reason = "one component: typing, drafts and leaving belong together")]
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
    name_free: bool,
    /// Nothing may be typed.
    #[prop(into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let most = usize::try_from(chars_max).unwrap_or(usize::MAX);
    let place = binding.spot().text_place();
    let path = Path::Text(binding.spot().text_key());
    let resumed = untrack(|| binding.draft(&path));
    let base = StoredValue::new(resumed.as_ref().and_then(|draft| draft.base.clone()));
    let typed = RwSignal::new(resumed.map(|draft| draft.text));
    let not_a_name = RwSignal::new(false);
    let stands = move || binding.text().map(|text| text.text).unwrap_or_default();
    let begin = move || {
        if base.with_value(Option::is_none) {
            let fresh = untrack(|| {
                binding
                    .text()
                    .map_or_else(|| TextBase { heads: binding.heads(), text: String::new() }, |text| text.base)
            });
            base.set_value(Some(fresh));
        }
    };
    if untrack(|| typed.with(Option::is_some)) {
        begin();
    }
    let sent = StoredValue::new(None::<(TextBase, String)>);
    // What could not be saved goes back into the field: leaving it once more tries again.
    Effect::new(move |_| {
        if binding.has_failed()
            && typed.with_untracked(Option::is_none)
            && let Some((began, text)) = sent.try_update_value(Option::take).flatten()
        {
            base.set_value(Some(began));
            typed.set(Some(text));
        }
    });
    let too_long = move || {
        let count = typed.with(|typed| typed.as_ref().map_or(0, |text| text.chars().count()));
        (count > most).then(|| tf(T::FormTooLong, &[("n", &count.to_string()), ("max", &most.to_string())]))
    };
    let left_place = place.clone();
    let leave = move || {
        let Some(text) = typed.get_untracked() else { return };
        if text.chars().count() > most {
            // Kept on screen and as a draft; nothing is cut off silently.
            binding.pending.set(Pending::Failed(tf(
                T::FormTooLong,
                &[("n", &text.chars().count().to_string()), ("max", &most.to_string())],
            )));
            return;
        }
        let Some(began) = base.try_update_value(Option::take).flatten() else { return };
        typed.set(None);
        if began.text == text {
            binding.drop_draft(left_place.clone());
            return;
        }
        sent.set_value(Some((began.clone(), text.clone())));
        binding.set_text(began, text);
    };
    on_cleanup(leave.clone());
    let mut keep = debounce(DRAFT_AFTER, move |text: String| {
        if typed.try_with_untracked(Option::is_some).unwrap_or(false) {
            binding.keep_draft(place.clone(), Typed { text, seen: Vec::new(), base: base.get_value() });
        }
    });
    let mut type_in = move |text: String| {
        begin();
        typed.set(Some(text.clone()));
        not_a_name.set(false);
        keep(text);
    };
    let shows = move || typed.get().unwrap_or_else(stands);
    let suspicious = Memo::new(move |_| name_free && !not_a_name.get() && seems_to_name(&shows()));
    let left = move || {
        let count = shows().chars().count();
        let left = most.saturating_sub(count);
        (left < LEFT_SHOWN).then(|| view! { <small>{tn(T::FormLeft, left)}</small> })
    };
    view! {
        <textarea
            id=format!("{test}-input")
            class="field__input field__input--long"
            rows="5"
            autocomplete="off"
            spellcheck="false"
            data-testid=format!("{test}-input")
            disabled=disabled
            prop:value=shows
            on:focus=move |_| begin()
            on:input=move |event| type_in(event_target_value(&event))
            on:blur=move |_| leave()
        ></textarea>
        {left}
        {move || too_long().map(|sentence| view! { <p class="field__error" role="alert">{sentence}</p> })}
        <Show when=move || suspicious.get()>
            <div class="note note--warn" role="alert" data-testid="name-hint">
                <p>{t(T::FormNameFound)}</p>
                <Button test="name-hint-no" text=t(T::FormNameNo) weight=Weight::Quiet on_press=move |()| not_a_name.set(true) />
            </div>
        </Show>
    }
}

/// Runs only the last of several calls that follow each other closely.
fn debounce<V: 'static>(delay: Duration, run: impl Fn(V) + 'static) -> impl FnMut(V) {
    let run = std::rc::Rc::new(run);
    let timer = std::rc::Rc::new(std::cell::Cell::new(None::<TimeoutHandle>));
    move |value| {
        if let Some(handle) = timer.take() {
            handle.clear();
        }
        let run = std::rc::Rc::clone(&run);
        timer.set(set_timeout_with_handle(move || run(value), delay).ok());
    }
}
