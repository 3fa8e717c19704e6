//! "Siapa yang memakai tablet?": tiles, then five words, by chips.

use leptos::prelude::*;
use shared::id::VaultId;

use super::door::DoorFrame;
use super::enrol::NewKey;
use crate::api::{Failure, ProgressStep, Reply, Request, TileView};
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::note::{Note, Tone};
use crate::components::word_input::{WORD_COUNT, WordInput};
use crate::format;
use crate::i18n::{T, t, tf, tn};
use crate::state::engine::use_engine;
use crate::state::failure::{footnote, sentence_of};
use crate::state::session::use_session;

/// What stands on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// The tiles.
    Tiles,
    /// The key of one tile.
    Key(TileView),
    /// A recovery code for one tile.
    Recovery(TileView),
}

/// Chooses a person and opens their vault.
#[component]
pub(crate) fn UnlockPage() -> impl IntoView {
    let step = RwSignal::new(Step::Tiles);
    move || match step.get() {
        Step::Tiles => view! { <Tiles on_choose=move |tile| step.set(Step::Key(tile)) /> }.into_any(),
        Step::Key(tile) => {
            let forgotten = tile.clone();
            view! {
                <KeyStep
                    tile=tile on_back=move |()| step.set(Step::Tiles)
                    on_forgot=move |()| step.set(Step::Recovery(forgotten.clone()))
                />
            }
            .into_any()
        }
        Step::Recovery(tile) => view! { <RecoveryStep tile=tile on_back=move |()| step.set(Step::Tiles) /> }.into_any(),
    }
}

#[component]
fn Tiles(
    /// The tile touched.
    #[prop(into)]
    on_choose: Callback<TileView>,
) -> impl IntoView {
    let session = use_session();
    let tiles = Memo::new(move |_| {
        session.tablet.with(|tablet| tablet.as_ref().map(|tablet| tablet.vaults.clone())).unwrap_or_default()
    });
    let vaults = move || tiles.with(|tiles| tiles.iter().map(|tile| tile.vault).collect::<Vec<_>>());
    let tile_view = move |vault: VaultId| {
        // News of the tablet (how much is unsent, right after locking) changes what a tile says. Drawing the door anew for it would
        // take the keyboard from the tile that somebody is on.
        let tile = Memo::new(move |_| tiles.with(|tiles| tiles.iter().find(|tile| tile.vault == vault).cloned()));
        let nickname = tile.get_untracked().map(|tile| tile.nickname).unwrap_or_default();
        let unsent = move || tile.with(|tile| tile.as_ref().map_or(0, |tile| tile.unsent));
        view! {
            <button
                type="button" class="tile" data-testid=format!("tile-{nickname}")
                on:click=move |_| if let Some(chosen) = tile.get_untracked() { on_choose.run(chosen) }
            >
                <span class="tile__face" aria-hidden="true">{format::initials(&nickname)}</span>
                <span class="tile__name">{nickname.clone()}</span>
                {move || (unsent() > 0).then(|| view! {
                    <span class="tag">
                        <Glyph icon=Icon::Send size=IconSize::Small />
                        {tn(T::UnlockUnsent, unsent())}
                    </span>
                })}
            </button>
        }
    };
    let reason = move || match session.locked_code.get() {
        0 => None,
        code => Some(view! { <Note text=sentence_of(code) tone=Tone::Warn small=format!("S-{code}") /> }),
    };
    view! {
        <DoorFrame title=t(T::UnlockTitle)>
            {reason}
            <div class="tiles">
                <For each=vaults key=|vault| *vault children=tile_view />
                <leptos_router::components::A href="/enrol" attr:class="tile tile--add" attr:data-testid="tile-add">
                    <span class="tile__face" aria-hidden="true"><Glyph icon=Icon::Plus size=IconSize::Large /></span>
                    <span class="tile__name">{t(T::UnlockOther)}</span>
                </leptos_router::components::A>
            </div>
        </DoorFrame>
    }
}

/// Counts a wait down, second by second.
fn countdown(seconds: u32) -> RwSignal<u32> {
    let left = RwSignal::new(seconds);
    let tick = set_interval_with_handle(
        move || {
            let _ = left.try_update(|left| *left = left.saturating_sub(1));
        },
        core::time::Duration::from_secs(1),
    );
    on_cleanup(move || {
        if let Ok(tick) = tick {
            tick.clear();
        }
    });
    left
}

#[component]
fn KeyStep(
    /// Whose.
    tile: TileView,
    /// Another person.
    #[prop(into)]
    on_back: Callback<()>,
    /// "Lupa kata kunci?"
    #[prop(into)]
    on_forgot: Callback<()>,
) -> impl IntoView {
    let (engine, session) = (use_engine(), use_session());
    let wait = countdown(tile.wait_s);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let vault: VaultId = tile.vault;
    let words = RwSignal::new(Vec::<String>::new());
    let open = move |passphrase: String| {
        if busy.get_untracked() || wait.get_untracked() > 0 {
            return;
        }
        busy.set(true);
        failure.set(None);
        engine.ask_then(Request::Unlock { vault, passphrase }, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(Reply::Session(member)) => session.open(*member),
                Ok(_) => {}
                Err(wrong) => {
                    let _ = wait.try_set(wrong.retry_after_s.unwrap_or(0));
                    let _ = words.try_set(Vec::new());
                    let _ = failure.try_set(Some(wrong));
                }
            }
        });
    };
    let open = Callback::new(open);
    // The fifth word opens by itself: one tap less in the dark.
    Effect::new(move |_| {
        if words.with(|words| words.len() == WORD_COUNT) {
            open.run(words.get_untracked().join(" "));
        }
    });
    let blocked = Signal::derive(move || busy.get() || wait.get() > 0);
    view! {
        <DoorFrame title=tile.nickname.clone()>
            <KeyInput words=words disabled=blocked on_own=open />
            <Show when=move || busy.get()>
                <WorkingNote words=T::UnlockWorking />
            </Show>
            <Show when=move || { wait.get() > 0 }>
                <Note text=Signal::derive(move || tf(T::UnlockWait, &[("time", &format::wait(wait.get()))])) tone=Tone::Warn />
            </Show>
            {move || {
                failure
                    .get()
                    .filter(|_| wait.get() == 0 && !busy.get())
                    .map(|failure| {
                        view! { <Note text=sentence_of(failure.code) tone=Tone::Danger small=footnote(&failure) /> }
                    })
            }}
            <div class="row row--apart">
                <Button test="unlock-person" text=t(T::UnlockPerson) icon=Icon::Back on_press=on_back />
                <Button test="unlock-forgot" text=t(T::UnlockForgot) weight=Weight::Quiet icon=Icon::Question on_press=on_forgot />
            </div>
        </DoorFrame>
    }
}

/// Words, or one's own passphrase.
#[component]
fn KeyInput(
    /// The words chosen.
    words: RwSignal<Vec<String>>,
    /// Nothing may be typed.
    #[prop(into)]
    disabled: Signal<bool>,
    /// One's own passphrase was typed.
    #[prop(into)]
    on_own: Callback<String>,
) -> impl IntoView {
    let own = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let submit = move |()| on_own.run(typed.get_untracked());
    view! {
        <Show
            when=move || own.get()
            fallback=move || {
                view! {
                    <p class="quiet">{t(T::UnlockWordsHelp)}</p>
                    <OfferedWords words=words disabled=disabled />
                    <Button test="unlock-own" text=t(T::UnlockOwn) weight=Weight::Quiet icon=Icon::Key on_press=move |()| own.set(true) />
                }
            }
        >
            <div class="field">
                <label class="field__label" for="unlock-passphrase">{t(T::EnrolOwnFirst)}</label>
                <input
                    id="unlock-passphrase" class="field__input" type="password" autocomplete="off" spellcheck="false"
                    data-testid="unlock-passphrase" disabled=disabled prop:value=typed
                    on:input=move |event| typed.set(event_target_value(&event))
                    on:keydown=move |event| if event.key() == "Enter" { submit(()) }
                />
            </div>
            <Button test="unlock-open" text=t(T::UnlockOpen) weight=Weight::Primary disabled=disabled on_press=submit />
            <Button test="unlock-words" text=t(T::UnlockWords) weight=Weight::Quiet on_press=move |()| own.set(false) />
        </Show>
    }
}

/// The word input with words from the engine's list.
#[component]
pub(crate) fn OfferedWords(
    /// The words chosen.
    words: RwSignal<Vec<String>>,
    /// Nothing may be typed.
    #[prop(into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let engine = use_engine();
    let offered = RwSignal::new(Vec::<String>::new());
    let newest = StoredValue::new(0_u32);
    let look = move |prefix: String| {
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        if prefix.is_empty() {
            offered.set(Vec::new());
            return;
        }
        engine.ask_then(Request::WordsBeginning { prefix }, move |outcome| {
            // A slow answer to an older prefix must not replace a newer one.
            if newest.try_get_value() == Some(number)
                && let Ok(Reply::Words(found)) = outcome
            {
                let _ = offered.try_set(found);
            }
        });
    };
    view! { <WordInput words=words on_prefix=look offered=offered disabled=disabled /> }
}

/// What long work is doing now.
#[component]
pub(crate) fn WorkingNote(
    /// What to say before the engine says more.
    words: T,
) -> impl IntoView {
    let session = use_session();
    let text = Signal::derive(move || {
        let words = match session.progress.get().map(|progress| progress.step) {
            None => words,
            Some(ProgressStep::Key) => T::EnrolWorkKey,
            Some(ProgressStep::Enrol) => T::EnrolWorkEnrol,
            Some(ProgressStep::Receive) => T::EnrolWorkReceive,
        };
        t(words).to_owned()
    });
    let done = Signal::derive(move || session.progress.get().map_or(0, |progress| progress.done));
    let total = Signal::derive(move || session.progress.get().map_or(0, |progress| progress.total));
    view! {
        <div class="stack" role="status" data-testid="working">
            <p class="lead">{text}</p>
            <crate::components::meter::Meter done=done total=total />
        </div>
    }
}

#[component]
fn RecoveryStep(
    /// Whose.
    tile: TileView,
    /// Back to the tiles.
    #[prop(into)]
    on_back: Callback<()>,
) -> impl IntoView {
    let (engine, session) = (use_engine(), use_session());
    let code = RwSignal::new(String::new());
    let choosing = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let vault = tile.vault;
    let open = move |new_passphrase: String| {
        busy.set(true);
        failure.set(None);
        let request = Request::UnlockWithCode { vault, recovery_code: code.get_untracked(), new_passphrase };
        engine.ask_then(request, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(Reply::Session(member)) => session.open(*member),
                Ok(_) => {}
                Err(wrong) => {
                    let _ = choosing.try_set(false);
                    let _ = failure.try_set(Some(wrong));
                }
            }
        });
    };
    let open = Callback::new(open);
    let no_code = Signal::derive(move || code.with(String::is_empty));
    view! {
        <DoorFrame title=t(T::UnlockForgot)>
            <Show
                when=move || choosing.get()
                fallback=move || {
                    view! {
                        <p class="lead">{t(T::UnlockForgotLead)}</p>
                        <div class="field">
                            <label class="field__label" for="recovery-code">{t(T::UnlockRecoveryCode)}</label>
                            <textarea
                                id="recovery-code" class="field__input field__input--code" rows="3" autocomplete="off" spellcheck="false"
                                data-testid="recovery-code" prop:value=code
                                on:input=move |event| code.set(event_target_value(&event))
                            ></textarea>
                        </div>
                        {move || {
                            failure
                                .get()
                                .map(|failure| {
                                    view! { <Note text=sentence_of(failure.code) tone=Tone::Danger small=footnote(&failure) /> }
                                })
                        }}
                        <Button
                            test="recovery-next" text=t(T::UnlockRecoveryNext) weight=Weight::Primary disabled=no_code
                            on_press=move |()| choosing.set(true)
                        />
                    }
                }
            >
                <Show when=move || !busy.get() fallback=|| view! { <WorkingNote words=T::UnlockWorking /> }>
                    <NewKey on_chosen=open />
                </Show>
            </Show>
            <Button test="unlock-person" text=t(T::UnlockPerson) icon=Icon::Back on_press=on_back />
            <LinkButton test="recovery-numbers" to="/darurat" text=t(T::EmergencyTitle) weight=Weight::Quiet icon=Icon::Phone />
        </DoorFrame>
    }
}
