//! "Pembaruan siap": a newer build waits, or was let in by another tab. It stands in the page and takes no focus.

use leptos::prelude::*;

use super::button::{Button, Weight};
use super::icon::{Glyph, Icon};
use crate::i18n::{T, t};
use crate::state::update::{Newer, Update, use_update};

/// Shows what there is to know, if anything. The region is there before, so that a screen reader hears what appears in it.
#[component]
pub(crate) fn UpdateNotice() -> impl IntoView {
    let update = use_update();
    let shown = Memo::new(move |_| update.shown());
    let content = move || match shown.get() {
        Newer::Nothing => ().into_any(),
        Newer::Waits => waits(update).into_any(),
        Newer::Elsewhere => elsewhere(update).into_any(),
    };
    view! { <div class="update" role="status">{content}</div> }
}

fn waits(update: Update) -> impl IntoView {
    view! {
        <section class="card card--flat" data-testid="update-notice">
            <p class="card__title card__fact"><Glyph icon=Icon::Download />{t(T::UpdateReady)}</p>
            <p class="quiet">{t(T::UpdateHelp)}</p>
            <div class="row">
                <Button test="update-install" text=t(T::UpdateInstall) on_press=move |()| update.install() />
                <Button test="update-later" text=t(T::UpdateLater) weight=Weight::Quiet on_press=move |()| update.put_off() />
            </div>
        </section>
    }
}

fn elsewhere(update: Update) -> impl IntoView {
    view! {
        <section class="card card--flat" data-testid="update-elsewhere">
            <p>{t(T::UpdateElsewhere)}</p>
            <div class="row">
                <Button test="update-reload" text=t(T::UpdateReload) on_press=move |()| update.reload() />
            </div>
        </section>
    }
}
