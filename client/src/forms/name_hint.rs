//! "Sepertinya ada nama atau nomor": a hint for the writer, with a code to put in its place.

use leptos::prelude::*;
use shared::id::{CaseId, SubjectId};

use crate::api::Query;
use crate::components::button::{Button, Weight};
use crate::entry::name::Known;
use crate::i18n::{T, t, tf};
use crate::pages::case::watch_case;
use crate::state::engine::use_engine;

/// Code of the first person of a case, where nobody says who is meant.
pub(crate) const SOMEBODY: &str = "K1";
/// In the place of a number, which is nobody's code.
const BLANK: &str = "(…)";

/// A field that is to hold no names: of which case, and about whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameFree {
    /// The case.
    pub(crate) case: CaseId,
    /// The person; none where it is about the case.
    pub(crate) subject: Option<SubjectId>,
}

impl NameFree {
    /// The code of the person, K1 where it is about the case.
    pub(crate) fn code(self) -> Signal<String> {
        let Some(subject) = self.subject else { return Signal::stored(SOMEBODY.to_owned()) };
        let view = watch_case(self.case);
        Signal::derive(move || {
            let code = view.with(|load| {
                let people = &load.ready()?.as_ref()?.people;
                people.iter().find(|person| person.subject == subject).map(|person| person.code.clone())
            });
            code.unwrap_or_else(|| SOMEBODY.to_owned())
        })
    }
}

/// Shows the hint while the text seems to name somebody of whom its writer did not say that it is no name.
#[component]
pub(crate) fn NameHint(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// The code of whoever the text is about.
    #[prop(into)]
    code: Signal<String>,
    /// The case with whose names it is compared.
    #[prop(optional, into)]
    case: Option<CaseId>,
    /// Takes the text with the code in the name's place.
    #[prop(into)]
    on_replace: Callback<String>,
) -> impl IntoView {
    let known = RwSignal::new(Known::default());
    if let Some(case) = case {
        let names = use_engine().watch::<Vec<String>>(Query::Names(case));
        Effect::new(move |_| {
            names.with(|names| known.update(|known| known.learn(names.ready().map_or(&[], Vec::as_slice))));
        });
    }
    let found = Memo::new(move |_| {
        text.with(|text| known.with(|known| known.found(text).map(ToOwned::to_owned))).unwrap_or_default()
    });
    let is_number = Memo::new(move |_| found.with(|found| found.bytes().all(|byte| !byte.is_ascii_alphabetic())));
    let code = Signal::derive(move || if is_number.get() { BLANK.to_owned() } else { code.get() });
    let put = move |word: &str| {
        let replaced = text.with_untracked(|text| known.with_untracked(|known| known.replace_found(text, word)));
        if let Some(replaced) = replaced {
            on_replace.run(replaced);
        }
    };
    let replace = move |()| code.with_untracked(|code| put(code));
    // A neighbour is not the person of the case: told as that person, the story would be another.
    let other = move |()| put(&format!("({})", t(T::FormNameOther)));
    let keep = move |()| text.with_untracked(|text| known.update(|known| known.pass(text)));
    let with = |word: &str| tf(T::FormNameReplace, &[("code", word)]);
    view! {
        <Show when=move || found.with(|found| !found.is_empty())>
            <div class="note note--warn" role="alert" data-testid="name-hint">
                <p>{move || found.with(|found| tf(T::FormNameFound, &[("found", found)]))}</p>
                <Button
                    test="name-hint-replace" text=Signal::derive(move || code.with(|code| with(code))) weight=Weight::Plain
                    on_press=replace
                />
                <Show when=move || !is_number.get()>
                    <Button test="name-hint-other" text=with(t(T::FormNameOther)) weight=Weight::Plain on_press=other />
                </Show>
                <Button test="name-hint-no" text=t(T::FormNameNo) weight=Weight::Quiet on_press=keep />
            </div>
        </Show>
    }
}
