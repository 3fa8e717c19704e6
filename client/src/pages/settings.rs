//! Settings: when the screen locks, the language, this tablet.

use leptos::prelude::*;

use super::practice::Practice;
use super::words::role_names;
use crate::api::Request;
use crate::components::knot::Knot;
use crate::components::note::Note;
use crate::components::shell::Shell;
use crate::i18n::{self, T, language, t, tf, tn};
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::session::{use_member, use_pack, use_session};
use crate::state::toast::use_toasts;
use shared::pack::Language;

/// Minutes to choose from; the engine takes one to fifteen.
const LOCK_MINUTES: [u32; 5] = [1, 2, 5, 10, 15];

/// The page.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let (member, pack, session) = (use_member(), use_pack(), use_session());
    let tablet = session.tablet.with_untracked(|tablet| tablet.as_ref().and_then(|tablet| tablet.tablet_name.clone()));
    let about = tf(T::SettingsPack, &[("id", &pack.id), ("version", &pack.version.to_string())]);
    view! {
        <Shell title=t(T::SettingsTitle) back="/">
            <div class="stack stack--far">
                <section class="card" data-testid="settings-who">
                    <p class="quiet">{t(T::SettingsWho)}</p>
                    <p class="lead">{member.name.clone()}</p>
                    <p>{role_names(&pack, &member.roles)}</p>
                    {tablet.map(|name| view! { <p class="quiet">{format!("{}: {name}", t(T::SettingsTablet))}</p> })}
                </section>
                <LockTime seconds=member.auto_lock_s />
                <LanguageChoice />
                <Practice page=None />
                <section class="card card--flat" data-testid="settings-about">
                    <div class="row">
                        <Knot />
                        <h2 class="section__title">{t(T::SettingsAbout)}</h2>
                    </div>
                    <p>{t(T::SettingsAboutText)}</p>
                    <small>{about}</small>
                </section>
            </div>
        </Shell>
    }
}

#[component]
fn LockTime(seconds: u32) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let chosen = RwSignal::new(seconds / 60);
    let choose = move |minutes: u32| {
        let before = chosen.get_untracked();
        chosen.set(minutes);
        engine.ask_then(Request::SetAutoLock { seconds: minutes.saturating_mul(60) }, move |outcome| match outcome {
            Ok(_) => toasts.say(t(T::SettingsSaved)),
            Err(failure) => {
                let _ = chosen.try_set(before);
                toasts.say(sentence_of(failure.code));
            }
        });
    };
    let chips = LOCK_MINUTES
        .into_iter()
        .map(|minutes| {
            let pressed = move || if chosen.get() == minutes { "true" } else { "false" };
            view! {
                <button type="button" class="chip" aria-pressed=pressed data-testid=format!("settings-lock-{minutes}") on:click=move |_| choose(minutes)>
                    {tn(T::SettingsMinutes, minutes)}
                </button>
            }
        })
        .collect_view();
    view! {
        <section class="section">
            <h2 class="section__title">{t(T::SettingsLock)}</h2>
            <div class="chips">{chips}</div>
        </section>
    }
}

#[component]
fn LanguageChoice() -> impl IntoView {
    let (engine, session) = (use_engine(), use_session());
    let languages =
        [(Language::Indonesian, T::LanguageId), (Language::English, T::LanguageEn), (Language::Tetun, T::LanguageTet)];
    let chips = languages
        .into_iter()
        .map(|(choice, name)| {
            let tag = i18n::tag_of(choice);
            let pressed = if choice == language() { "true" } else { "false" };
            let speak = move |_| {
                engine.tell(Request::SetLanguage(tag.to_owned()));
                session.speak(choice);
            };
            view! {
                <button type="button" class="chip" aria-pressed=pressed data-testid=format!("settings-language-{tag}") on:click=speak>
                    {t(name)}
                </button>
            }
        })
        .collect_view();
    let unreviewed = language() == Language::Tetun;
    view! {
        <section class="section">
            <h2 class="section__title">{t(T::SettingsLanguage)}</h2>
            <div class="chips">{chips}</div>
            {unreviewed.then(|| view! { <Note text=t(T::CommonUnreviewed).to_owned() /> })}
        </section>
    }
}
