//! Enrolling a tablet: whose code, what name on the tile, which key.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::door::DoorFrame;
use super::unlock::WorkingNote;
use super::words::role_names;
use crate::api::{Failure, Reply, Request, WelcomeView};
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::icon::Icon;
use crate::components::note::{Note, Tone};
use crate::i18n::{T, t, tf, tn};
use crate::state::engine::{Engine, use_engine};
use crate::state::failure::{footnote, sentence_of};
use crate::state::session::{Session, use_session};

/// Steps of the page, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// Type the code.
    Code,
    /// Is this me?
    Welcome,
    /// Names for tile and tablet.
    Names,
    /// The key.
    Key,
    /// Registering.
    Work,
}

const STEPS: [Step; 5] = [Step::Code, Step::Welcome, Step::Names, Step::Key, Step::Work];

/// Takes the code out of an address `/enrol#code` and out of the browser's history.
pub(crate) fn code_in_address() -> Option<String> {
    let location = window().location();
    let code = location.hash().ok()?.trim_start_matches('#').to_owned();
    if code.is_empty() {
        return None;
    }
    let path = location.pathname().unwrap_or_else(|_| "/".to_owned());
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
    (path == "/enrol").then_some(code)
}

/// What was given so far.
#[derive(Clone, Copy)]
struct Draft {
    engine: Engine,
    session: Session,
    code: RwSignal<String>,
    welcome: RwSignal<Option<WelcomeView>>,
    nickname: RwSignal<String>,
    tablet_name: RwSignal<String>,
    step: RwSignal<Step>,
    failure: RwSignal<Option<Failure>>,
    busy: RwSignal<bool>,
}

/// Leads from a code to an open vault.
#[component]
pub(crate) fn EnrolPage(
    /// The code of a QR link.
    code: Option<String>,
) -> impl IntoView {
    let session = use_session();
    let tablet_name =
        session.tablet.with_untracked(|tablet| tablet.as_ref().and_then(|tablet| tablet.tablet_name.clone()));
    let came_with_code = code.is_some();
    let draft = Draft {
        engine: use_engine(),
        session,
        code: RwSignal::new(code.unwrap_or_default()),
        welcome: RwSignal::new(None),
        nickname: RwSignal::new(String::new()),
        tablet_name: RwSignal::new(tablet_name.unwrap_or_default()),
        step: RwSignal::new(Step::Code),
        failure: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    if came_with_code {
        look(draft);
    }
    let title = Signal::derive(move || {
        let words = match draft.step.get() {
            Step::Code | Step::Welcome | Step::Work => T::EnrolTitle,
            Step::Names => T::EnrolNameTitle,
            Step::Key => T::EnrolWordsTitle,
        };
        t(words).to_owned()
    });
    let steps = move || {
        STEPS
            .into_iter()
            .map(|step| {
                let class = if step <= draft.step.get() { "steps__step steps__step--done" } else { "steps__step" };
                view! { <span class=class></span> }
            })
            .collect_view()
    };
    let failed = move || {
        draft.failure.get().map(|failure| {
            view! { <Note text=sentence_of(failure.code) tone=Tone::Danger small=footnote(&failure) /> }
        })
    };
    let has_vault =
        session.tablet.with_untracked(|tablet| tablet.as_ref().is_some_and(|tablet| !tablet.vaults.is_empty()));
    view! {
        <DoorFrame title=title>
            <div class="steps" aria-hidden="true">{steps}</div>
            {failed}
            {move || match draft.step.get() {
                Step::Code => view! { <CodeStep draft=draft /> }.into_any(),
                Step::Welcome => view! { <WelcomeStep draft=draft /> }.into_any(),
                Step::Names => view! { <NamesStep draft=draft /> }.into_any(),
                Step::Key => view! { <NewKey on_chosen=move |passphrase| join(draft, passphrase) /> }.into_any(),
                Step::Work => view! { <WorkingNote words=T::EnrolWorkEnrol /> }.into_any(),
            }}
            {has_vault
                .then(|| view! { <LinkButton test="enrol-back" to="/" text=t(T::ShellBack) icon=Icon::Back weight=Weight::Quiet /> })}
        </DoorFrame>
    }
}

/// Asks whose code it is.
fn look(draft: Draft) {
    draft.busy.set(true);
    draft.failure.set(None);
    draft.engine.ask_then(Request::EnrolLook { code: draft.code.get_untracked() }, move |outcome| {
        let _ = draft.busy.try_set(false);
        match outcome {
            Ok(Reply::Welcome(welcome)) => {
                let _ = draft.welcome.try_set(Some(welcome));
                let _ = draft.step.try_set(Step::Welcome);
            }
            Ok(_) => {}
            Err(failure) => {
                let _ = draft.failure.try_set(Some(failure));
            }
        }
    });
}

/// Registers the tablet.
fn join(draft: Draft, passphrase: String) {
    let session = draft.session;
    draft.failure.set(None);
    draft.step.set(Step::Work);
    let request = Request::EnrolJoin {
        code: draft.code.get_untracked(),
        nickname: draft.nickname.get_untracked().trim().to_owned(),
        tablet_name: draft.tablet_name.get_untracked().trim().to_owned(),
        passphrase,
    };
    draft.engine.ask_then(request, move |outcome| match outcome {
        Ok(Reply::Session(member)) => session.open(*member),
        Ok(_) => {}
        Err(failure) => {
            let _ = draft.failure.try_set(Some(failure));
            let _ = draft.step.try_set(Step::Code);
        }
    });
}

#[component]
fn CodeStep(draft: Draft) -> impl IntoView {
    let empty = Signal::derive(move || draft.code.with(|code| code.trim().is_empty()) || draft.busy.get());
    let check = Callback::new(move |()| look(draft));
    view! {
        <p class="lead">{t(T::EnrolLead)}</p>
        <div class="field">
            <label class="field__label" for="enrol-code">{t(T::EnrolCode)}</label>
            <input
                id="enrol-code" class="field__input field__input--code" type="text" autocomplete="off" autocapitalize="characters"
                spellcheck="false" data-testid="enrol-code" prop:value=draft.code
                on:input=move |event| draft.code.set(event_target_value(&event))
                on:keydown=move |event| if event.key() == "Enter" { check.run(()) }
            />
            <p class="field__help">{t(T::EnrolCodeHelp)}</p>
        </div>
        <Button test="enrol-look" text=t(T::EnrolLook) weight=Weight::Primary disabled=empty on_press=check />
        <Note text=t(T::EnrolNeedsLine).to_owned() />
    }
}

#[component]
fn WelcomeStep(draft: Draft) -> impl IntoView {
    let pack = use_session().pack();
    let Some(welcome) = draft.welcome.get_untracked() else { return ().into_any() };
    let roles = pack.map_or_else(|| welcome.roles.join(", "), |pack| role_names(&pack, &welcome.roles));
    let first_name = welcome.name.split_whitespace().next().unwrap_or_default().to_owned();
    view! {
        <section class="card" data-testid="enrol-welcome">
            <p class="lead">{tf(T::EnrolHello, &[("name", &welcome.name)])}</p>
            <p>{tf(T::EnrolRoles, &[("roles", &roles)])}</p>
            <p class="quiet">{tf(T::EnrolOffice, &[("office", &welcome.office)])}</p>
        </section>
        <Button
            test="enrol-is-me" text=t(T::EnrolIsMe) weight=Weight::Primary
            on_press=move |()| {
                draft.nickname.set(first_name.clone());
                draft.step.set(Step::Names);
            }
        />
        <Button test="enrol-not-me" text=t(T::EnrolNotMe) weight=Weight::Wide on_press=move |()| draft.step.set(Step::Code) />
    }
    .into_any()
}

#[component]
fn NamesStep(draft: Draft) -> impl IntoView {
    let incomplete = Signal::derive(move || {
        draft.nickname.with(|name| name.trim().is_empty()) || draft.tablet_name.with(|name| name.trim().is_empty())
    });
    view! {
        <p class="lead">{t(T::EnrolNameLead)}</p>
        <div class="field">
            <label class="field__label" for="enrol-nickname">{t(T::EnrolNickname)}</label>
            <input
                id="enrol-nickname" class="field__input" type="text" maxlength="24" autocomplete="off" spellcheck="false"
                data-testid="enrol-nickname" prop:value=draft.nickname
                on:input=move |event| draft.nickname.set(event_target_value(&event))
            />
        </div>
        <div class="field">
            <label class="field__label" for="enrol-tablet">{t(T::EnrolTablet)}</label>
            <input
                id="enrol-tablet" class="field__input" type="text" maxlength="40" autocomplete="off" spellcheck="false"
                data-testid="enrol-tablet" prop:value=draft.tablet_name
                on:input=move |event| draft.tablet_name.set(event_target_value(&event))
            />
            <p class="field__help">{t(T::EnrolTabletHelp)}</p>
        </div>
        <Button
            test="enrol-names-next" text=t(T::CommonNext) weight=Weight::Primary disabled=incomplete
            on_press=move |()| draft.step.set(Step::Key)
        />
    }
}

/// Chooses a new key: five generated words copied to paper, or one's own passphrase.
#[component]
pub(crate) fn NewKey(
    /// The key.
    #[prop(into)]
    on_chosen: Callback<String>,
) -> impl IntoView {
    let own = RwSignal::new(false);
    view! {
        <Show
            when=move || own.get()
            fallback=move || view! { <GivenWords on_chosen=on_chosen on_own=move |()| own.set(true) /> }
        >
            <OwnKey on_chosen=on_chosen on_words=move |()| own.set(false) />
        </Show>
    }
}

#[component]
fn GivenWords(#[prop(into)] on_chosen: Callback<String>, #[prop(into)] on_own: Callback<()>) -> impl IntoView {
    let engine = use_engine();
    let words = RwSignal::new(Vec::<String>::new());
    let confirming = RwSignal::new(false);
    let fetch = move |()| {
        engine.ask_then(Request::NewPassphrase, move |outcome| {
            if let Ok(Reply::Words(fresh)) = outcome {
                let _ = words.try_set(fresh);
            }
        });
    };
    fetch(());
    view! {
        <Show
            when=move || confirming.get()
            fallback=move || {
                view! {
                    <p class="lead">{t(T::EnrolWordsLead)}</p>
                    <ol class="words-sheet" data-testid="enrol-words">
                        {move || {
                            words
                                .get()
                                .into_iter()
                                .map(|word| view! { <li class="words-sheet__word" data-testid="enrol-word">{word}</li> })
                                .collect_view()
                        }}
                    </ol>
                    <Button test="enrol-words-copied" text=t(T::EnrolWordsCopied) weight=Weight::Primary on_press=move |()| confirming.set(true) />
                    <div class="row">
                        <Button test="enrol-words-other" text=t(T::EnrolWordsOther) weight=Weight::Quiet icon=Icon::Sync on_press=fetch />
                        <Button test="enrol-words-own" text=t(T::EnrolWordsOwn) weight=Weight::Quiet icon=Icon::Key on_press=on_own />
                    </div>
                }
            }
        >
            <ConfirmWords words=words on_back=move |()| confirming.set(false) on_chosen=on_chosen />
        </Show>
    }
}

/// Which two of the words are asked for; by their letters, so that it is not always the same pair.
fn asked_places(words: &[String]) -> (usize, usize) {
    let letters: usize = words.iter().map(String::len).sum();
    let first = letters % 3;
    (first, first.saturating_add(2))
}

#[component]
fn ConfirmWords(
    words: RwSignal<Vec<String>>,
    #[prop(into)] on_back: Callback<()>,
    #[prop(into)] on_chosen: Callback<String>,
) -> impl IntoView {
    let (first, second) = words.with_untracked(|words| asked_places(words));
    let typed = RwSignal::new((String::new(), String::new()));
    let wrong = RwSignal::new(false);
    let check = move |()| {
        let matches = words.with_untracked(|words| {
            typed.with_untracked(|(one, two)| {
                let same = |place: usize, typed: &str| {
                    words.get(place).is_some_and(|word| *word == typed.trim().to_ascii_lowercase())
                };
                same(first, one) && same(second, two)
            })
        });
        wrong.set(!matches);
        if matches {
            on_chosen.run(words.get_untracked().join(" "));
        }
    };
    let place_words = |place: usize| place.saturating_add(1).to_string();
    view! {
        <p class="lead">{tf(T::EnrolConfirmLead, &[("first", &place_words(first)), ("second", &place_words(second))])}</p>
        <div class="field">
            <label class="field__label" for="confirm-first">{tn(T::EnrolConfirmWord, place_words(first))}</label>
            <input
                id="confirm-first" class="field__input" type="text" autocomplete="off" autocapitalize="none" spellcheck="false"
                data-testid="confirm-first" data-place=first.to_string()
                on:input=move |event| typed.update(|typed| typed.0 = event_target_value(&event))
            />
        </div>
        <div class="field">
            <label class="field__label" for="confirm-second">{tn(T::EnrolConfirmWord, place_words(second))}</label>
            <input
                id="confirm-second" class="field__input" type="text" autocomplete="off" autocapitalize="none" spellcheck="false"
                data-testid="confirm-second" data-place=second.to_string()
                on:input=move |event| typed.update(|typed| typed.1 = event_target_value(&event))
            />
        </div>
        <Show when=move || wrong.get()>
            <Note text=t(T::EnrolConfirmWrong).to_owned() tone=Tone::Warn />
        </Show>
        <Button test="enrol-join" text=t(T::EnrolJoin) weight=Weight::Primary on_press=check />
        <Button test="confirm-back" text=t(T::EnrolConfirmBack) weight=Weight::Wide on_press=on_back />
    }
}

#[component]
fn OwnKey(#[prop(into)] on_chosen: Callback<String>, #[prop(into)] on_words: Callback<()>) -> impl IntoView {
    let engine = use_engine();
    let typed = RwSignal::new((String::new(), String::new()));
    let wrong = RwSignal::new(None::<String>);
    let check = move |()| {
        let (first, second) = typed.get_untracked();
        if first != second {
            wrong.set(Some(t(T::EnrolOwnDiffers).to_owned()));
            return;
        }
        engine.ask_then(Request::CheckPassphrase { passphrase: first.clone() }, move |outcome| match outcome {
            Ok(_) => on_chosen.run(first),
            Err(failure) => {
                let _ = wrong.try_set(Some(sentence_of(failure.code)));
            }
        });
    };
    view! {
        <p class="lead">{t(T::EnrolOwnLead)}</p>
        <div class="field">
            <label class="field__label" for="own-first">{t(T::EnrolOwnFirst)}</label>
            <input
                id="own-first" class="field__input" type="password" autocomplete="off" spellcheck="false" data-testid="own-first"
                on:input=move |event| typed.update(|typed| typed.0 = event_target_value(&event))
            />
        </div>
        <div class="field">
            <label class="field__label" for="own-second">{t(T::EnrolOwnSecond)}</label>
            <input
                id="own-second" class="field__input" type="password" autocomplete="off" spellcheck="false" data-testid="own-second"
                on:input=move |event| typed.update(|typed| typed.1 = event_target_value(&event))
            />
        </div>
        {move || wrong.get().map(|sentence| view! { <Note text=sentence tone=Tone::Warn /> })}
        <Button test="enrol-join" text=t(T::EnrolJoin) weight=Weight::Primary on_press=check />
        <Button test="own-words" text=t(T::EnrolWordsGiven) weight=Weight::Quiet on_press=on_words />
        <OwnKeyHint />
    }
}

#[component]
fn OwnKeyHint() -> impl IntoView {
    view! { <Note text=t(T::CommonClipboardNo).to_owned() /> }
}
