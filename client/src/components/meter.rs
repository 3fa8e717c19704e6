//! A bar of progress, sized by SVG attributes because style attributes are not allowed.

use leptos::prelude::*;

/// Shows how much is done.
#[component]
pub(crate) fn Meter(
    /// Done so far.
    #[prop(into)]
    done: Signal<u32>,
    /// Of so many; 0 when unknown.
    #[prop(into)]
    total: Signal<u32>,
) -> impl IntoView {
    let percent = move || {
        let total = u64::from(total.get());
        let done = u64::from(done.get());
        done.saturating_mul(100).checked_div(total).unwrap_or(0).min(100)
    };
    view! {
        <svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect class="meter__fill" x="0" y="0" height="4" width=move || percent().to_string() />
        </svg>
    }
}
