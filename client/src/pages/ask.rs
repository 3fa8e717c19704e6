//! "Minta keterangan": asks whoever took a report for more, from a fixed list, because they see no more of the case than a
//! receipt and nothing that names anybody may stand there.

use std::sync::Arc;

use leptos::prelude::*;
use shared::id::CaseId;
use shared::pack::Pack;

use super::words::{field_codes, field_words};
use crate::api::{AskedView, Request};
use crate::components::button::{Button, Weight};
use crate::components::icon::Icon;
use crate::components::note::Note;
use crate::format;
use crate::i18n::{T, label, t, tf};
use crate::state::clock::now_ms;
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::toast::use_toasts;

/// Field of the core that says what is asked.
const ASKED: &str = "keterangan_diminta";

/// What is asked, in words.
pub(crate) fn asked_words(pack: &Pack, code: &str) -> String {
    field_words(pack, "core", ASKED, code)
}

/// What was asked last, and where this person may ask, a button that opens into the list.
#[component]
pub(crate) fn AskMore(
    /// The case.
    case: CaseId,
    /// What was asked, and whether this person may.
    asking: AskedView,
    /// For the words of the list.
    pack: Arc<Pack>,
) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let zone = pack.zone.offset_minutes;
    let asked = (!asking.what.is_empty()).then(|| {
        let when = format::moment(asking.at_ms, now_ms(), zone);
        tf(T::AskedSince, &[("when", &when), ("what", &asked_words(&pack, &asking.what))])
    });
    let open = RwSignal::new(false);
    let ask = move |what: String| {
        engine.ask_then(Request::AskMore { case, what }, move |outcome| {
            let _ = open.try_set(false);
            toasts.say(outcome.map_or_else(|failure| sentence_of(failure.code), |_| t(T::AskMoreDone).to_owned()));
        });
    };
    let chips = move || {
        let codes = field_codes(&pack, "core", ASKED).map(|code| (code.code.clone(), label(&code.label)));
        let chip = |(code, words): (String, String)| {
            let test = format!("ask-{code}");
            view! { <button type="button" class="chip" data-testid=test on:click=move |_| ask(code.clone())>{words}</button> }
        };
        codes.map(chip).collect_view()
    };
    view! {
        <section class="section" data-testid="case-ask">
            {asked.map(|asked| view! { <div data-testid="case-asked"><Note text=asked /></div> })}
            {asking.may_ask.then(|| view! {
                <Button test="ask-more" text=t(T::AskMore) icon=Icon::Message weight=Weight::Wide on_press=move |()| open.update(|open| *open = !*open) />
            })}
            {move || open.get().then(|| view! {
                <article class="card">
                    <p class="field__label">{t(T::AskMoreWhat)}</p>
                    <div class="chips">{chips()}</div>
                </article>
            })}
        </section>
    }
}
