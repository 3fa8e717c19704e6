//! Short notices at the bottom.

use leptos::prelude::*;

use crate::i18n::{T, t};
use crate::state::toast::{Toasts, use_toasts};

/// Shows the notices that stand now.
#[component]
pub(crate) fn ToastList() -> impl IntoView {
    let toasts: Toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list.get() key=|toast| toast.id let:toast>
                <div class="toast" data-testid="toast">
                    <span class="toast__text">{toast.text.clone()}</span>
                    {toast
                        .undo
                        .map(|undo| {
                            view! {
                                <button
                                    type="button"
                                    class="toast__action"
                                    data-testid="toast-undo"
                                    on:click=move |_| {
                                        toasts.dismiss(toast.id);
                                        undo.run(());
                                    }
                                >
                                    {t(T::CommonUndo)}
                                </button>
                            }
                        })}
                </div>
            </For>
        </div>
    }
}
