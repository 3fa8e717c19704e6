//! "•••• (tekan lama untuk melihat)": a value that names or locates somebody, drawn only while it is open.

use leptos::prelude::*;

use crate::i18n::{T, t, tf};
use crate::state::cover::Cover;

/// Stands where a value is covered and nothing can be pressed.
pub(crate) const DOTS: &str = "••••";

/// Draws a value, under its cover if it has one.
pub(crate) fn covered(
    cover: Option<Cover>,
    test: &'static str,
    name: &str,
    value: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    match cover {
        Some(cover) => view! { <Covered cover=cover test=test name=name value=Box::new(value) /> }.into_any(),
        None => value(),
    }
}

/// A button that opens by a long press, or by a key.
#[component]
fn Covered(
    cover: Cover,
    /// Stable name for tests.
    test: &'static str,
    /// What the value is called.
    #[prop(into)]
    name: String,
    /// The value.
    value: Box<dyn Fn() -> AnyView + Send + Sync>,
) -> impl IntoView {
    let label = move || (!cover.is_open()).then(|| tf(T::CoverOpen, &[("name", &name)]));
    view! {
        <button
            type="button" class="cover" data-testid=test aria-label=label
            on:pointerdown=move |_| cover.press() on:pointerup=move |_| cover.let_go() on:pointerleave=move |_| cover.let_go()
            on:pointercancel=move |_| cover.let_go() on:contextmenu=move |event| event.prevent_default()
            // Of keys and screen readers there is the click alone; a finger's counts its taps.
            on:click=move |event| if event.detail() == 0 { cover.turn() }
        >
            {move || if cover.is_open() { value() } else { t(T::CaseNameHidden).into_any() }}
        </button>
    }
}
