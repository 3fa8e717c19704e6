//! The mark of Simpul: two threads through each other.

use leptos::prelude::*;

/// Draws the knot.
#[component]
pub(crate) fn Knot(
    /// As large as on the door.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let class = if large { "knot knot--large" } else { "knot" };
    view! {
        <svg class=class viewBox="72 136 368 240" aria-hidden="true">
            <path class="knot__under" d="M104 176h152c72 0 112 36 112 80s-40 80-112 80h-24" />
            <path class="knot__across" d="M408 336H256c-72 0-112-36-112-80s40-80 112-80h24" />
            <path class="knot__gap" d="M330 188c24 14 38 38 38 68" />
            <path class="knot__over" d="M318 190c32 12 50 36 50 66" />
        </svg>
    }
}
