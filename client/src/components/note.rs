//! A sentence that is not an input: a hint, a warning, something to read aloud.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How a note is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    /// By the way.
    #[default]
    Plain,
    /// Mind this.
    Warn,
    /// Danger, or not saved.
    Danger,
    /// Read this aloud.
    Read,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "note",
            Self::Warn => "note note--warn",
            Self::Danger => "note note--danger",
            Self::Read => "note note--read",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Plain => Icon::Info,
            Self::Warn => Icon::Alert,
            Self::Danger => Icon::Warning,
            Self::Read => Icon::Message,
        }
    }
}

/// Shows a note.
#[component]
pub(crate) fn Note(
    /// The sentence.
    #[prop(into)]
    text: Signal<String>,
    /// How it is meant.
    #[prop(optional)]
    tone: Tone,
    /// Small print under it.
    #[prop(optional, into)]
    small: String,
) -> impl IntoView {
    let role = matches!(tone, Tone::Danger | Tone::Warn).then_some("alert");
    view! {
        <div class=tone.class() role=role>
            <Glyph icon=tone.icon() />
            <p>
                {text}
                {(!small.is_empty()).then(|| view! { <small class="note__small">{small}</small> })}
            </p>
        </div>
    }
}
