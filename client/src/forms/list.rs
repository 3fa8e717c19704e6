//! Choosing from a long list: the browser's own picker, which works with one thumb.

use leptos::prelude::*;
use shared::value::Scalar;

use crate::i18n::{T, t};

/// Shows the list.
#[component]
pub(crate) fn ListInput(
    /// Name of the field for tests and for its label.
    #[prop(into)]
    test: String,
    /// Codes and their words, in order.
    answers: Vec<(String, String)>,
    /// What stands in the document.
    #[prop(into)]
    value: Signal<Scalar>,
    /// Nothing may be chosen.
    #[prop(into)]
    disabled: Signal<bool>,
    /// What no choice is called.
    #[prop(default = T::FormMore)]
    none: T,
    /// The code chosen.
    #[prop(into)]
    on_leave: Callback<Scalar>,
) -> impl IntoView {
    let options = answers
        .into_iter()
        .map(|(code, words)| {
            let compared = code.clone();
            view! {
                <option value=code selected=move || value.get().as_str() == Some(&compared)>{words}</option>
            }
        })
        .collect_view();
    let change = move |chosen: String| {
        on_leave.run(if chosen.is_empty() { Scalar::Null } else { Scalar::Str(chosen) });
    };
    view! {
        <select
            id=format!("{test}-input") class="field__input" autocomplete="off" data-testid=format!("{test}-input")
            disabled=disabled on:change=move |event| change(event_target_value(&event))
        >
            <option value="" selected=move || value.get().is_null()>{t(none)}</option>
            {options}
        </select>
    }
}
