//! "Sepertinya ada nama atau nomor": a hint for the writer, with a code to put in its place.

use leptos::prelude::*;

use crate::components::button::{Button, Weight};
use crate::entry::name::{replace_found, seems_to_name};
use crate::i18n::{T, t};

/// Code of the first person of a case, where nobody says who is meant.
pub(crate) const SOMEBODY: &str = "K1";

/// Shows the hint while the text seems to name somebody, unless its writer said that it does not.
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
    // Said of these words only: what is typed next is looked at anew.
    let kept = RwSignal::new(None::<String>);
    let found = Memo::new(move |_| {
        let is_kept = text.with(|text| kept.with(|kept| kept.as_ref() == Some(text)));
        !is_kept && text.with(|text| seems_to_name(text))
    });
    let replace = move |()| {
        let replaced = text.with_untracked(|text| code.with_untracked(|code| replace_found(text, code)));
        if let Some(replaced) = replaced {
            on_replace.run(replaced);
        }
    };
    let keep = move |()| kept.set(Some(text.get_untracked()));
    view! {
        <Show when=move || found.get()>
            <div class="note note--warn" role="alert" data-testid="name-hint">
                <p>{t(T::FormNameFound)}</p>
                <Button test="name-hint-replace" text=t(T::FormNameReplace) weight=Weight::Plain on_press=replace />
                <Button test="name-hint-no" text=t(T::FormNameNo) weight=Weight::Quiet on_press=keep />
            </div>
        </Show>
    }
}
