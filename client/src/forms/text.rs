//! One line of text: what is typed is checked when the field is left, never before.

use leptos::prelude::*;
use shared::value::Scalar;

use super::name_hint::{NameFree, NameHint};
use crate::entry::line::Line;

/// Shows the line.
#[component]
pub(crate) fn LineInput(
    /// Name of the field for tests and for its label.
    #[prop(into)]
    test: String,
    /// What it may hold.
    line: Line,
    /// What stands in the document.
    #[prop(into)]
    value: Signal<Scalar>,
    /// What was being typed when the tablet stopped.
    draft: Option<String>,
    /// Nothing may be typed.
    #[prop(into)]
    disabled: Signal<bool>,
    /// What was left last did not get to stable storage.
    #[prop(into)]
    failed: Signal<bool>,
    /// Every keystroke, for drafts.
    on_type: Option<Callback<String>>,
    /// It is to hold no names.
    name_free: Option<NameFree>,
    /// The field was left with this.
    #[prop(into)]
    on_leave: Callback<Scalar>,
) -> impl IntoView {
    let shown = line.clone();
    let stands = Signal::derive(move || value.with(|value| shown.show(value)));
    // While somebody types, arriving values must not overwrite the buffer; the mark shows that they differ.
    let unfinished = draft.as_deref().and_then(|draft| line.read(draft).err());
    let typed = RwSignal::new(draft);
    let sent = StoredValue::new(None::<String>);
    // What could not be saved goes back into the field: leaving it once more tries again.
    Effect::new(move |_| {
        if failed.get() && typed.with_untracked(Option::is_none) {
            typed.set(sent.try_update_value(Option::take).flatten());
        }
    });
    let wrong = RwSignal::new(unfinished);
    let read = line.clone();
    let leave = move || {
        let Some(text) = typed.get_untracked() else { return };
        match read.read(&text) {
            Ok(scalar) => {
                wrong.set(None);
                typed.set(None);
                sent.set_value(Some(text));
                on_leave.run(scalar);
            }
            Err(sentence) => wrong.set(Some(sentence)),
        }
    };
    let leave_on_cleanup = leave.clone();
    on_cleanup(leave_on_cleanup);
    let type_in = move |text: String| {
        typed.set(Some(text.clone()));
        if let Some(on_type) = on_type {
            on_type.run(text);
        }
    };
    let replaced = (type_in, leave.clone());
    let hint = name_free.map(|free| {
        let (type_in, leave) = replaced;
        // Checked like everything else when the line is left; whoever may not write has nothing to replace.
        let is_checked = move || !disabled.get() && typed.with(Option::is_none);
        let left = Signal::derive(move || if is_checked() { stands.get() } else { String::new() });
        let replace = move |text: String| {
            type_in(text);
            leave();
        };
        view! { <NameHint text=left code=free.code() case=free.case on_replace=replace /> }
    });
    view! {
        <input
            id=format!("{test}-input")
            class="field__input"
            type=line.input_type()
            inputmode=line.keyboard()
            autocomplete="off"
            spellcheck="false"
            data-testid=format!("{test}-input")
            aria-invalid=move || wrong.with(Option::is_some).then_some("true")
            // Values that turn out to differ close the field, but not under the hand of somebody who types.
            disabled=move || disabled.get() && typed.with(Option::is_none)
            prop:value=move || typed.get().unwrap_or_else(|| stands.get())
            on:input=move |event| type_in(event_target_value(&event))
            on:blur=move |_| leave()
        />
        {hint}
        {move || {
            wrong.get().map(|sentence| view! { <p class="field__error" role="alert">{sentence}</p> })
        }}
    }
}
