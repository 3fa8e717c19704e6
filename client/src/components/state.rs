//! The states every screen has: loading, empty, failed, gone, not allowed.

use leptos::prelude::*;

use super::button::{Button, Weight};
use super::icon::{Glyph, Icon, IconSize};
use crate::api::Failure;
use crate::i18n::{T, t, tf, tn};
use crate::state::failure::{footnote, sentence_of};
use crate::state::load::Load;
use crate::state::session::use_session;

/// A picture, a title, a sentence, and what may be done.
#[component]
pub(crate) fn Blank(
    /// Stable name for tests.
    #[prop(into)]
    test: String,
    /// Picture.
    icon: Icon,
    /// Title.
    #[prop(into)]
    title: String,
    /// Sentence.
    #[prop(optional, into)]
    text: String,
    /// What may be done.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="state" data-testid=test>
            <span class="state__picture"><Glyph icon=icon size=IconSize::Huge /></span>
            <h2 class="state__title">{title}</h2>
            {(!text.is_empty()).then(|| view! { <p class="state__text">{text}</p> })}
            {children.map(|children| children())}
        </section>
    }
}

/// Grey bars, shown only when the answer takes longer than 400 ms.
#[component]
pub(crate) fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" role="status" aria-label=t(T::CommonLoading) data-testid="state-loading">
            <div class="skeleton__bar skeleton__bar--short"></div>
            <div class="skeleton__bar"></div>
            <div class="skeleton__bar"></div>
            <div class="skeleton__bar"></div>
        </div>
    }
}

/// Says that lists are not whole yet, while what a sync brought is being read.
#[component]
pub(crate) fn StillReading() -> impl IntoView {
    let session = use_session();
    move || {
        let unread = session.status.with(|status| status.unread);
        (unread > 0).then(|| view! { <p class="quiet" data-testid="still-reading">{tn(T::CasesUnread, unread)}</p> })
    }
}

/// What happened, what is safe, one button, the number small.
#[component]
pub(crate) fn Problem(
    /// What happened.
    failure: Failure,
    /// Tries again.
    #[prop(optional, into)]
    on_again: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <section class="state state--error" role="alert" data-testid="state-error">
            <span class="state__picture"><Glyph icon=Icon::Warning size=IconSize::Huge /></span>
            <h2 class="state__title">{sentence_of(failure.code)}</h2>
            <p class="state__text">{t(T::StateErrorSafe)}</p>
            {on_again
                .map(|again| {
                    view! { <Button test="state-again" text=t(T::CommonAgain) weight=Weight::Plain on_press=again /> }
                })}
            <p class="state__code" data-testid="state-code">{footnote(&failure)}</p>
        </section>
    }
}

/// What is not, or no longer, on this tablet.
#[component]
pub(crate) fn Gone() -> impl IntoView {
    view! { <Blank test="state-gone" icon=Icon::Inbox title=t(T::StateGoneTitle) text=t(T::StateGoneText) /> }
}

/// A part this person may know of and not open.
#[component]
pub(crate) fn NotAllowed(
    /// Names of the roles it is for.
    roles: String,
) -> impl IntoView {
    let title = tf(T::StateNotAllowedTitle, &[("roles", &roles)]);
    view! { <Blank test="state-not-allowed" icon=Icon::Lock title=title text=t(T::StateNotAllowedText) /> }
}

/// Draws an answer of the engine, or why it is not there.
pub(crate) fn draw<V, F, W>(load: ReadSignal<Load<V>>, content: F) -> impl IntoView
where
    V: Clone + Send + Sync + 'static,
    F: Fn(V) -> W + Send + Sync + 'static,
    W: IntoView + 'static,
{
    move || match load.get() {
        Load::Waiting => view! { <Skeleton /> }.into_any(),
        Load::Failed(failure) => view! { <Problem failure=failure /> }.into_any(),
        Load::Ready(value) => content(value).into_any(),
    }
}
