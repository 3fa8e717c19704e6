//! A number counted up and down with the thumb.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::i18n::{T, tf};

/// Shows the counter.
#[component]
pub(crate) fn Counter(
    /// Stable name for tests.
    #[prop(into)]
    test: String,
    /// What is counted.
    #[prop(into)]
    label: String,
    /// The number; none when nothing was said.
    #[prop(into)]
    value: Signal<Option<i64>>,
    /// Least and greatest.
    range: (i64, i64),
    /// Nothing may be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The new number.
    #[prop(into)]
    on_change: Callback<i64>,
) -> impl IntoView {
    let (least, greatest) = range;
    let now = move || value.get().unwrap_or(least.max(0));
    let less = move |_| on_change.run(now().saturating_sub(1).max(least));
    let more = move |_| on_change.run(now().saturating_add(1).min(greatest));
    let less_label = tf(T::FormLess, &[("label", &label)]);
    let more_label = tf(T::FormPlus, &[("label", &label)]);
    let class = move || if now() > least { "counter counter--some" } else { "counter" };
    let at_least = move || disabled.get() || now() <= least;
    let at_greatest = move || disabled.get() || now() >= greatest;
    view! {
        <div
            class=class
            role="group"
            aria-label=label.clone()
            data-testid=test.clone()
        >
            <span class="counter__label">{label.clone()}</span>
            <span class="counter__step">
                <button
                    type="button"
                    class="counter__button"
                    data-testid=format!("{test}-less")
                    aria-label=less_label
                    disabled=at_least
                    on:click=less
                >
                    <Glyph icon=Icon::Minus />
                </button>
                <output class="counter__value" data-testid=format!("{test}-value")>
                    {move || value.get().map_or_else(|| "–".to_owned(), |number| number.to_string())}
                </output>
                <button
                    type="button"
                    class="counter__button"
                    data-testid=format!("{test}-more")
                    aria-label=more_label
                    disabled=at_greatest
                    on:click=more
                >
                    <Glyph icon=Icon::Plus />
                </button>
            </span>
        </div>
    }
}
