//! The bar at the bottom: four places, under the thumb.

use leptos::prelude::*;
use leptos_router::components::A;

use super::icon::{Glyph, Icon};
use crate::i18n::{T, t};

/// Shows the bar; the router marks the entry one is at.
#[component]
pub(crate) fn BottomBar(
    /// Changes not sent yet, as a number on the last entry.
    #[prop(into)]
    unsent: Signal<u32>,
) -> impl IntoView {
    let entries = [
        ("/", "tab-home", Icon::Home, T::TabHome),
        ("/kasus", "tab-cases", Icon::Folder, T::TabCases),
        ("/tugas", "tab-tasks", Icon::Tasks, T::TabTasks),
        ("/kirim-terima", "tab-sync", Icon::Sync, T::TabSync),
    ];
    view! {
        <nav class="bottom-bar">
            <ul class="bottom-bar__list">
                {entries
                    .into_iter()
                    .map(|(to, test, icon, word)| {
                        let count = move || {
                            (to == "/kirim-terima" && unsent.get() > 0)
                                .then(|| view! { <span class="bottom-bar__count">{unsent}</span> })
                        };
                        view! {
                            <li>
                                <A href=to exact={to == "/"} attr:class="bottom-bar__link" attr:data-testid=test>
                                    <Glyph icon=icon />
                                    <span>{t(word)}</span>
                                    {count}
                                </A>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}
