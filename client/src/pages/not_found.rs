//! An address that leads nowhere.

use leptos::prelude::*;

use crate::components::button::LinkButton;
use crate::components::icon::Icon;
use crate::components::shell::Shell;
use crate::components::state::Blank;
use crate::i18n::{T, t};

/// Says so, and leads home.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    view! {
        <Shell title=t(T::AppName)>
            <Blank test="state-not-found" icon=Icon::Search title=t(T::StateNotFoundTitle) text=t(T::StateNotFoundText)>
                <LinkButton test="not-found-home" to="/" text=t(T::TabHome) icon=Icon::Home />
            </Blank>
        </Shell>
    }
}
