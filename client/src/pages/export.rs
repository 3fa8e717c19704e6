//! Writing a list to a file: the button, why, and the file.

use leptos::html;
use leptos::prelude::*;

use super::sheet;
use crate::api::{ExportAsk, Reply, Request};
use crate::components::button::{Button, Weight};
use crate::components::icon::Icon;
use crate::i18n::{T, t};
use crate::state::download::offer_file;
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::focus::focus_first;
use crate::state::session::{use_pack, use_session, use_still_growing};
use crate::state::toast::use_toasts;

/// Letters of a reason, as the engine asks for.
const REASON_CHARS_MIN: usize = *crate::engine::export::REASON_CHARS.start();
const REASON_CHARS_MAX: usize = *crate::engine::export::REASON_CHARS.end();

/// Whether somebody has said enough.
pub(crate) fn is_reason(reason: &str) -> bool {
    reason.trim().chars().count() >= REASON_CHARS_MIN
}

/// Why something leaves the tablet.
#[component]
pub(crate) fn ReasonField(
    /// Its id, and its name for tests.
    #[prop(into)]
    id: String,
    /// What is asked.
    #[prop(default = T::ExportReason)]
    words: T,
    /// What was typed.
    reason: RwSignal<String>,
) -> impl IntoView {
    let (of, test) = (id.clone(), id.clone());
    view! {
        <label class="field__label" for=of>{t(words)}</label>
        <input
            id=id class="field__input" type="text" autocomplete="off" spellcheck="false" maxlength=REASON_CHARS_MAX.to_string()
            data-testid=test prop:value=reason on:input=move |event| reason.set(event_target_value(&event))
        />
    }
}

/// The button, and below it the reason once it was pressed. While the list still grows there is nothing to press: a file would
/// say less than there is, and go on saying it.
#[component]
pub(crate) fn Export(
    /// Stable name for tests.
    #[prop(into)]
    test: String,
    /// What is written.
    #[prop(into)]
    what: Signal<ExportAsk>,
) -> impl IntoView {
    let (engine, session, toasts) = (use_engine(), use_session(), use_toasts());
    let still_growing = use_still_growing();
    let (open, busy, reason) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(String::new()));
    let pack = use_pack();
    let within = NodeRef::<html::Div>::new();
    let close = move || {
        let _ = open.try_set(false);
        focus_first(within, "button");
    };
    let save = move |()| {
        busy.set(true);
        let pack = pack.clone();
        let request = Request::Export { what: what.get_untracked(), reason: reason.get_untracked() };
        engine.ask_then(request, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(Reply::Export(name, view)) => {
                    let written = sheet::write(&pack, &view, session.synthetic.get_untracked());
                    let offered = written.is_some_and(|file| offer_file(&name, file.as_bytes()).is_ok());
                    toasts.say(t(if offered { T::ExportDone } else { T::StateErrorTitle }));
                    if offered {
                        close();
                        let _ = reason.try_set(String::new());
                    }
                }
                Ok(_) => {}
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    let growing = Signal::derive(still_growing);
    let too_short = move || !reason.with(|reason| is_reason(reason));
    let nothing = Signal::derive(move || busy.get() || growing.get() || too_short());
    let name = StoredValue::new(test.clone());
    let part = move |part: &str| name.with_value(|name| format!("{name}-{part}"));
    let save = Callback::new(save);
    view! {
        <div class="stack export" node_ref=within>
            <div class="row">
                <Button test=test text=t(T::ExportCsv) icon=Icon::Download disabled=growing on_press=move |()| open.update(|open| *open = !*open) />
            </div>
            <Show when=move || open.get()>
                <div class="field card">
                    <p class="field__help">{t(T::ExportHelp)}</p>
                    <ReasonField id=part("reason") reason=reason />
                    <div class="row">
                        <Button test=part("do") text=t(T::ExportDo) icon=Icon::Check disabled=nothing on_press=save />
                        <Button test=part("cancel") text=t(T::CommonCancel) weight=Weight::Quiet on_press=move |()| close() />
                    </div>
                </div>
            </Show>
        </div>
    }
}
