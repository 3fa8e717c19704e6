//! The bar on top: title, status, "Kunci", and "Keluar cepat" always in the same corner.

use leptos::prelude::*;
use leptos_router::components::A;

use super::icon::{Glyph, Icon};
use super::knot::Knot;
use super::pill::StatusPill;
use crate::api::StatusView;
use crate::i18n::{T, t};

/// Shows the bar.
#[component]
pub(crate) fn TopBar(
    /// What the screen is; never a name.
    #[prop(into)]
    title: Signal<String>,
    /// Where the arrow leads; without it the knot stands there.
    #[prop(optional, into)]
    back: Option<String>,
    /// What the pill speaks of.
    #[prop(into)]
    status: Signal<StatusView>,
    /// "Kunci".
    #[prop(into)]
    on_lock: Callback<()>,
    /// "Keluar cepat".
    #[prop(into)]
    on_exit: Callback<()>,
) -> impl IntoView {
    let start = match back {
        Some(to) => view! {
            <A href=to attr:class="top-bar__start" attr:aria-label=t(T::ShellBack) attr:data-testid="top-back">
                <Glyph icon=Icon::Back />
            </A>
        }
        .into_any(),
        None => view! { <span class="top-bar__start"><Knot /></span> }.into_any(),
    };
    view! {
        <header class="top-bar">
            <div class="top-bar__row">
                {start}
                <h1 class="top-bar__title" tabindex="-1" data-testid="top-title">{title}</h1>
                <StatusPill status=status />
                <button
                    type="button"
                    class="top-bar__action top-bar__action--lock"
                    data-testid="top-lock"
                    aria-label=t(T::ShellLock)
                    on:click=move |_| on_lock.run(())
                >
                    <Glyph icon=Icon::Lock />
                    <span class="top-bar__word">{t(T::ShellLock)}</span>
                </button>
                <button
                    type="button"
                    class="top-bar__action top-bar__action--exit"
                    data-testid="top-exit"
                    on:click=move |_| on_exit.run(())
                >
                    <Glyph icon=Icon::Exit />
                    <span>{t(T::ShellExit)}</span>
                </button>
            </div>
            <div class="weave" aria-hidden="true"></div>
        </header>
    }
}
