//! "Sepertinya ada nama atau nomor": a hint for the writer, with a code to put in its place.

use leptos::prelude::*;

use crate::components::button::{Button, Weight};
use crate::entry::name::{found, replace_found};
use crate::i18n::{T, t};

/// Code of the first person of a case, where nobody says who is meant.
pub(crate) const SOMEBODY: &str = "K1";

/// Shows the hint while the text seems to name somebody of whom its writer did not say that it is no name.
#[component]
pub(crate) fn NameHint(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// The code of whoever the text is about.
    #[prop(into)]
    code: Signal<String>,
    /// Takes the text with the code in the name's place.
    #[prop(into)]
    on_replace: Callback<String>,
) -> impl IntoView {
    let no_names = RwSignal::new(Vec::<String>::new());
    let shown = Memo::new(move |_| text.with(|text| no_names.with(|no_names| found(text, no_names).is_some())));
    let replace = move |()| {
        let replaced = text.with_untracked(|text| {
            code.with_untracked(|code| no_names.with_untracked(|no_names| replace_found(text, no_names, code)))
        });
        if let Some(replaced) = replaced {
            on_replace.run(replaced);
        }
    };
    let keep = move |()| {
        no_names.update(|no_names| {
            let piece = text.with_untracked(|text| found(text, no_names).map(str::to_owned));
            no_names.extend(piece);
        });
    };
    view! {
        <Show when=move || shown.get()>
            <div class="note note--warn" role="alert" data-testid="name-hint">
                <p>{t(T::FormNameFound)}</p>
                <Button test="name-hint-replace" text=t(T::FormNameReplace) weight=Weight::Plain on_press=replace />
                <Button test="name-hint-no" text=t(T::FormNameNo) weight=Weight::Quiet on_press=keep />
            </div>
        </Show>
    }
}
