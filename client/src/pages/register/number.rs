//! Giving a case its number in the register: the next in the book stands there already.

use leptos::prelude::*;
use leptos_router::components::A;
use shared::id::CaseId;
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

use crate::api::{Registering, Request};
use crate::components::button::{Button, Weight};
use crate::components::icon::Icon;
use crate::components::note::{Note, Tone};
use crate::i18n::{T, t, tf};
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::toast::use_toasts;

/// Brings the keyboard to the number, and the screen to the top of its section: what is to be compared first stands there.
pub(crate) fn go_to_number() {
    let input = document().get_element_by_id("register-number").and_then(|input| input.dyn_into::<HtmlElement>().ok());
    if let Some(input) = input {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = input.focus_with_options(&options);
        if let Ok(Some(section)) = input.closest("section") {
            section.scroll_into_view();
        }
    }
}

/// The section of a case page.
#[component]
pub(crate) fn Register(
    /// The case.
    case: CaseId,
    /// Its place in the book.
    book: Registering,
) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let number = RwSignal::new(book.next_number);
    let busy = RwSignal::new(false);
    let shared = book.shared_with.map(|(other, code)| {
        view! {
            <Note text=tf(T::RegisterShared, &[("code", &code)]) tone=Tone::Warn />
            <A href=format!("/kasus/{other}") attr:class="button button--quiet" attr:data-testid="register-other">{code.clone()}</A>
        }
    });
    let similar = (!book.similar.is_empty()).then(|| {
        let link = |(other, code): (CaseId, String)| {
            view! { <A href=format!("/kasus/{other}") attr:class="button button--quiet" attr:data-testid="register-similar">{code}</A> }
        };
        view! {
            <Note text=t(T::RegisterSimilar).to_owned() tone=Tone::Warn />
            <div class="row">{book.similar.into_iter().map(link).collect_view()}</div>
        }
    });
    let register = move |()| {
        busy.set(true);
        engine.ask_then(Request::Register { case, number: number.get_untracked() }, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(_) => toasts.say(t(T::RegisterDone)),
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    let nothing = Signal::derive(move || busy.get() || number.with(|number| number.trim().is_empty()));
    view! {
        <section class="section" data-testid="case-register">
            <h2 class="section__title">{t(T::RegisterNumber)}</h2>
            {shared}
            {similar}
            <article class="card">
                <label class="field__label" for="register-number">{t(T::RegisterNumberHelp)}</label>
                <input
                    id="register-number" class="field__input" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false"
                    maxlength="32" data-testid="register-number" prop:value=number
                    on:input=move |event| number.set(event_target_value(&event))
                />
                <Button test="register-done" text=t(T::RegisterGive) icon=Icon::Check weight=Weight::Primary disabled=nothing on_press=register />
            </article>
        </section>
    }
}
