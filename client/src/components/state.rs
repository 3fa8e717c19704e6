//! The states every screen has: loading, empty, failed, gone, not allowed.

use leptos::prelude::*;
use shared::id::CaseId;

use super::button::{Button, Weight};
use super::icon::{Glyph, Icon, IconSize};
use super::note::{Note, Tone};
use crate::api::{EndedView, Failure, Query};
use crate::format;
use crate::i18n::{T, t, tf, tn};
use crate::state::engine::use_engine;
use crate::state::failure::{footnote, sentence_of};
use crate::state::focus::keep_typing;
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

/// What is not, or no longer, on this tablet; of a case that was here, since when.
#[component]
pub(crate) fn Gone(
    /// The case, where there is one.
    #[prop(optional)]
    case: Option<CaseId>,
) -> impl IntoView {
    let ended = case.map(watch_ended);
    move || match ended.and_then(|ended| ended.get()) {
        Some((title, text)) => view! { <Blank test="state-ended" icon=Icon::Inbox title=title text=text /> },
        None => {
            view! { <Blank test="state-gone" icon=Icon::Inbox title=t(T::StateGoneTitle) text=t(T::StateGoneText) /> }
        }
    }
}

/// That one's assignment to the case of this form has ended while the form was open; what is typed here still goes on its way.
#[component]
pub(crate) fn EndedNote(case: CaseId) -> impl IntoView {
    let ended = watch_ended(case);
    move || ended.get().map(|(title, text)| view! { <Note text=title small=text tone=Tone::Warn /> })
}

/// When one's assignment to a case ended, and whether all one wrote has arrived; nothing while it has not.
fn watch_ended(case: CaseId) -> Memo<Option<(String, String)>> {
    let ended = use_engine().watch::<Option<EndedView>>(Query::Ended(case));
    Memo::new(move |_| {
        ended.with(|load| {
            let ended = load.ready()?.as_ref()?;
            let text = match ended.unsent {
                0 => t(T::StateEndedArrived).to_owned(),
                left => tn(T::StateEndedLeft, left),
            };
            Some((tf(T::StateEnded, &[("date", &format::partial_date(&ended.on))]), text))
        })
    })
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
        Load::Ready(value) => {
            keep_typing();
            content(value).into_any()
        }
    }
}
