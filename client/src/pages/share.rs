//! "Bagikan": a message by WhatsApp or SMS from a fixed text. It is readable on its way and holds a code and a date, nothing else.

use leptos::prelude::*;

use super::emergency::whatsapp_link;
use crate::components::button::{Button, Weight};
use crate::components::icon::{Glyph, Icon};
use crate::format;
use crate::i18n::{T, t, tf};

/// What whoever was told of a report reads.
pub(crate) fn of_report(code: &str, handed_over_ms: u64, zone: i16) -> String {
    tf(T::ShareReport, &[("code", code), ("date", &format::day_at(handed_over_ms, zone))])
}

/// What a colleague reads: which case, and until when something has to be done with it.
pub(crate) fn of_case(code: &str, due_ms: Option<u64>, now_ms: u64, zone: i16) -> String {
    match due_ms.filter(|due_ms| *due_ms > now_ms) {
        Some(due_ms) => tf(T::ShareCaseDue, &[("code", code), ("date", &format::day_at(due_ms, zone))]),
        None => tf(T::ShareCase, &[("code", code), ("date", &format::day_at(now_ms, zone))]),
    }
}

/// The button; what it would send stands there before anything is sent.
#[component]
pub(crate) fn Share(
    /// The message.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    // WhatsApp opens beside this tab, which must not be loaded anew; a message by SMS opens in no tab at all.
    let link = move |test: &'static str, words: T, target: Option<&'static str>, to: fn(&str) -> String| {
        view! {
            <a
                class="button button--wide" href=move || text.with(|text| to(text)) target=target rel="noopener noreferrer"
                data-testid=test
            >
                <Glyph icon=Icon::Chat />
                <span>{t(words)}</span>
            </a>
        }
    };
    let ways = move || {
        open.get().then(|| {
            view! {
                <section class="card" data-testid="share">
                    <p class="lead" data-testid="share-text">{text}</p>
                    <p class="quiet">{t(T::ShareHelp)}</p>
                    {link("share-whatsapp", T::ShareWhatsapp, Some("_blank"), |text| whatsapp_link("", text))}
                    {link("share-sms", T::ShareSms, None, |text| format!("sms:?body={}", js_sys::encode_uri_component(text)))}
                </section>
            }
        })
    };
    view! {
        <Button test="share-open" text=t(T::Share) weight=Weight::Wide icon=Icon::Message on_press=move |()| open.update(|open| *open = !*open) />
        {ways}
    }
}
