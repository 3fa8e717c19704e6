//! The mark of a field: where its last write is. Always mark and word together.

use leptos::prelude::*;

use super::icon::{Glyph, Icon, IconSize};
use crate::api::Mark;
use crate::i18n::{T, t};

/// What a field shows about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing was ever written and nothing is asked for.
    Nothing,
    /// "Wajib, masih kosong"
    Required,
    /// On its way to stable storage.
    Saving,
    /// What is being typed is kept as a draft.
    Draft,
    /// Not on stable storage.
    NotSaved,
    /// On stable storage, or further.
    Written(Mark),
}

impl Shown {
    /// Class, icon (none is the dot of "saved on tablet") and words.
    const fn parts(self) -> (&'static str, Option<Icon>, Option<T>) {
        match self {
            Self::Nothing => ("mark", None, None),
            Self::Required => ("mark mark--required", Some(Icon::Alert), Some(T::MarkRequired)),
            Self::Saving => ("mark", Some(Icon::Clock), Some(T::MarkSaving)),
            Self::Draft => ("mark", Some(Icon::Pencil), Some(T::MarkDraft)),
            Self::NotSaved => ("mark mark--required", Some(Icon::Warning), Some(T::MarkNotSaved)),
            Self::Written(Mark::Saved) => ("mark", None, Some(T::MarkSaved)),
            Self::Written(Mark::Received) => ("mark mark--received", Some(Icon::Check), Some(T::MarkReceived)),
            Self::Written(Mark::Different) => ("mark mark--different", Some(Icon::Flag), Some(T::MarkDifferent)),
            Self::Written(Mark::Held) => ("mark mark--held", Some(Icon::Held), Some(T::MarkHeld)),
        }
    }

    /// Stable name for tests.
    const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Required => "required",
            Self::Saving => "saving",
            Self::Draft => "draft",
            Self::NotSaved => "not-saved",
            Self::Written(Mark::Saved) => "saved",
            Self::Written(Mark::Received) => "received",
            Self::Written(Mark::Different) => "different",
            Self::Written(Mark::Held) => "held",
        }
    }
}

/// Shows a field's mark.
#[component]
pub(crate) fn FieldMark(
    /// Name of the field for tests.
    #[prop(into)]
    test: String,
    /// What it shows.
    #[prop(into)]
    shown: Signal<Shown>,
) -> impl IntoView {
    view! {
        <span
            class=move || shown.get().parts().0
            data-testid=test
            data-mark=move || shown.get().name()
            aria-live="polite"
        >
            {move || {
                let (_, icon, words) = shown.get().parts();
                let picture = match icon {
                    Some(icon) => view! { <Glyph icon=icon size=IconSize::Small /> }.into_any(),
                    None => view! { <span class="mark__dot" aria-hidden="true"></span> }.into_any(),
                };
                words.map(|words| view! { {picture} <span>{t(words)}</span> })
            }}
        </span>
    }
}
