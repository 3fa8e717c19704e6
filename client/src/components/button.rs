//! Buttons, and links that look like them.

use leptos::prelude::*;
use leptos_router::components::A;

use super::icon::{Glyph, Icon, IconSize};

/// How much a button weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Weight {
    /// One of several.
    #[default]
    Plain,
    /// The thing to do here: full width.
    Primary,
    /// What a home page is about.
    Hero,
    /// Full width without being the thing to do.
    Wide,
    /// Barely there.
    Quiet,
}

impl Weight {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "button",
            Self::Primary => "button button--primary",
            Self::Hero => "button button--primary button--hero",
            Self::Wide => "button button--wide",
            Self::Quiet => "button button--quiet",
        }
    }

    const fn icon_size(self) -> IconSize {
        match self {
            Self::Hero => IconSize::Huge,
            Self::Plain | Self::Primary | Self::Wide | Self::Quiet => IconSize::Text,
        }
    }
}

/// A button with a word, and an icon if that helps.
#[component]
pub(crate) fn Button(
    /// Stable name for tests.
    #[prop(into)]
    test: String,
    /// The word.
    #[prop(into)]
    text: Signal<String>,
    /// What it does.
    #[prop(into)]
    on_press: Callback<()>,
    /// How much it weighs.
    #[prop(optional)]
    weight: Weight,
    /// Picture before the word.
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// Nothing to press now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=weight.class()
            data-testid=test
            disabled=disabled
            on:click=move |_| on_press.run(())
        >
            {icon.map(|icon| view! { <Glyph icon=icon size=weight.icon_size() /> })}
            <span>{text}</span>
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub(crate) fn LinkButton(
    /// Stable name for tests.
    #[prop(into)]
    test: String,
    /// Where to; holds random ids only.
    #[prop(into)]
    to: String,
    /// The word.
    #[prop(into)]
    text: String,
    /// How much it weighs.
    #[prop(optional)]
    weight: Weight,
    /// Picture before the word.
    #[prop(optional, into)]
    icon: Option<Icon>,
) -> impl IntoView {
    view! {
        <A href=to attr:class=weight.class() attr:data-testid=test>
            {icon.map(|icon| view! { <Glyph icon=icon size=weight.icon_size() /> })}
            <span>{text}</span>
        </A>
    }
}
