//! Short notices at the bottom.

use leptos::prelude::*;

use crate::i18n::{T, t};
use crate::state::toast::{Act, Toasts, use_toasts};

/// Shows the notices that stand now.
#[component]
pub(crate) fn ToastList() -> impl IntoView {
    let toasts: Toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list.get() key=|toast| toast.id let:toast>
                <div class="toast" data-testid="toast">
                    <span class="toast__text">{toast.text.clone()}</span>
                    {toast.act.map(|act| act_view(toasts, toast.id, act))}
                </div>
            </For>
        </div>
    }
}

fn act_view(toasts: Toasts, id: u32, act: Act) -> AnyView {
    match act {
        Act::Undo(undo) => {
            let take_back = move |_| {
                toasts.dismiss(id);
                undo.run(());
            };
            view! {
                <button type="button" class="toast__action" data-testid="toast-undo" on:click=take_back>
                    {t(T::CommonUndo)}
                </button>
            }
            .into_any()
        }
        Act::OpenCase(case) => view! {
            <a
                href=format!("/kasus/{case}") class="toast__action" data-testid="toast-open-case"
                on:click=move |_| toasts.dismiss(id)
            >
                {t(T::CaseOpen)}
            </a>
        }
        .into_any(),
    }
}
