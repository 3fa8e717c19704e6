//! One icon set, drawn inline.

use leptos::prelude::*;

mod path;

pub(crate) use path::Icon;

/// How large an icon is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum IconSize {
    /// Beside small print.
    Small,
    /// Beside text.
    #[default]
    Text,
    /// In a tile.
    Large,
    /// On its own.
    Huge,
}

impl IconSize {
    const fn class(self) -> &'static str {
        match self {
            Self::Small => "icon icon--s",
            Self::Text => "icon",
            Self::Large => "icon icon--l",
            Self::Huge => "icon icon--xl",
        }
    }
}

/// Draws an icon. It says nothing to a screen reader: the word stands beside it.
#[component]
pub(crate) fn Glyph(
    /// Which.
    icon: Icon,
    /// How large.
    #[prop(optional)]
    size: IconSize,
) -> impl IntoView {
    view! {
        <svg class=size.class() viewBox="0 0 24 24" aria-hidden="true">
            <path d=icon.path() />
        </svg>
    }
}
