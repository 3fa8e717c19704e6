//! "No to both": what becomes of a report whose person wants nothing of them to be recorded.
//!
//! Nothing happens by an answer, nor by the first tap: what will be gone is said, and a second button further down does it.
//! In danger there is one way on: the reason why a life is at stake, with which the least is handed over.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use shared::access::facts::{CONSENT, CONSENT_NAMED, CORE_KIND};
use shared::id::CaseId;
use shared::pack::{Item, Page};
use shared::value::Scalar;

use super::watch_case;
use crate::api::{PRACTICE, RefusalView, Reply, Request};
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::icon::Icon;
use crate::components::note::{Note, Tone};
use crate::forms::input::{InputProps, Style, input};
use crate::forms::name_hint::NameFree;
use crate::i18n::{T, label, t};
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::session::use_pack;
use crate::state::toast::use_toasts;

/// Whether a page asks for consent.
pub(super) fn asks_consent(page: &Page) -> bool {
    page.items.iter().any(|item| matches!(item, Item::Field(field) if field.key == CONSENT_NAMED))
}

/// What may be done about the report; none as long as its person allows anything.
pub(super) fn watch_refusal(case: CaseId) -> Memo<Option<RefusalView>> {
    let view = watch_case(case);
    Memo::new(move |_| view.with(|load| load.ready().and_then(Option::as_ref).and_then(|view| view.refusal)))
}

/// What takes the place of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Chosen {
    Nothing,
    Found,
    Vital(String),
}

/// The choices, and the step that makes one of them true.
#[component]
pub(super) fn Refusal(
    case: CaseId,
    refusal: RefusalView,
    /// Number of the last page of a report, where what was seen is handed over.
    last_page: usize,
) -> impl IntoView {
    let chosen = RwSignal::new(None::<Chosen>);
    let danger = refusal.danger;
    let vital = move || {
        let (pack, reason) = (use_pack(), RwSignal::new(Scalar::Null));
        let typed = RwSignal::new(String::new());
        let spec = pack.kinds.get(CORE_KIND)?.tables.get(CONSENT)?.fields.get("alasan_dasar")?;
        let props = InputProps {
            test: "refusal-reason".to_owned(),
            label: label(&spec.label),
            field: spec.value.clone(),
            value: reason.into(),
            draft: None,
            disabled: Signal::stored(false),
            failed: Signal::stored(false),
            style: Style::Form,
            withheld: Vec::new(),
            name_free: spec.name_free.then_some(NameFree { case, subject: None }),
            on_type: Some(Callback::new(move |text| typed.set(text))),
            on_leave: Callback::new(move |value| reason.set(value)),
        };
        let open = move |()| chosen.set(Some(Chosen::Vital(typed.get_untracked().trim().to_owned())));
        let empty = Signal::derive(move || typed.with(|text| text.trim().is_empty()));
        Some(view! {
            <div class="stack">
                <label class="field__label" for="refusal-reason">{label(&spec.label)}</label>
                {input(&pack, props)}
                <Button test="refusal-vital" text=t(T::RefusalVital) icon=Icon::Shield weight=Weight::Primary disabled=empty on_press=open />
            </div>
        }.into_any())
    };
    let choices = move || {
        if danger {
            return vital();
        }
        Some(view! {
            <div class="stack">
                <Button
                    test="refusal-found" text=t(T::RefusalFound) icon=Icon::Eye weight=Weight::Wide
                    on_press=move |()| chosen.set(Some(Chosen::Found))
                />
                <Button
                    test="refusal-erase" text=t(if refusal.only_here { T::RefusalErase } else { T::RefusalEmpty }) icon=Icon::NoDocument
                    weight=Weight::Wide on_press=move |()| chosen.set(Some(Chosen::Nothing))
                />
            </div>
        }.into_any())
    };
    let lead = t(if danger { T::RefusalVitalLead } else { T::RefusalLead });
    let sent = t(if danger { T::RefusalVitalSent } else { T::RefusalSent });
    view! {
        <section class="section" data-testid="report-refusal">
            <h2 class="section__title">{t(T::RefusalTitle)}</h2>
            <Note text=lead.to_owned() />
            <LinkButton test="refusal-card" to=format!("/kasus/{case}/kartu") text=t(T::ServiceCardTitle) icon=Icon::Card weight=Weight::Wide />
            {(!refusal.only_here).then(|| view! { <Note text=sent.to_owned() tone=Tone::Warn /> })}
            {move || match chosen.get() {
                None => choices(),
                Some(what) => Some(view! { <Confirm case=case what=what chosen=chosen last_page=last_page /> }.into_any()),
            }}
        </section>
    }
}

/// Says what will be left, and does it at the second tap.
#[component]
fn Confirm(case: CaseId, what: Chosen, chosen: RwSignal<Option<Chosen>>, last_page: usize) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let navigate = StoredValue::new_local(use_navigate());
    let busy = RwSignal::new(false);
    let crime_seen = what == Chosen::Found;
    let (vital, left, does) = match what {
        Chosen::Nothing => (String::new(), T::RefusalLeftCount, T::RefusalConfirm),
        Chosen::Found => (String::new(), T::RefusalLeftFound, T::RefusalConfirm),
        Chosen::Vital(reason) => (reason, T::RefusalLeftVital, T::ReportHandOver),
    };
    let is_vital = !vital.is_empty();
    let end = move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        engine.ask_then(Request::Refuse { case, crime_seen, vital: vital.clone() }, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(Reply::Refused { erased, kept }) => {
                    if !is_vital && case != PRACTICE {
                        toasts.say(t(if erased { T::RefusalErased } else { T::RefusalEmptied }));
                    }
                    let to = match kept {
                        None => "/".to_owned(),
                        Some(kept) if is_vital || case == PRACTICE => format!("/kasus/{kept}/tanda-terima"),
                        Some(kept) => format!("/kasus/{kept}/lapor/{last_page}"),
                    };
                    let _ = navigate.try_with_value(|navigate| navigate(&to, Default::default()));
                }
                Ok(_) => {}
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    view! {
        <div class="stack stack--far">
            <Button test="refusal-cancel" text=t(T::CommonCancel) icon=Icon::Back weight=Weight::Wide on_press=move |()| chosen.set(None) />
            <Note text=t(left).to_owned() tone=Tone::Warn />
            <div class="row row--apart">
                <Button test="refusal-confirm" text=t(does) disabled=busy on_press=end />
            </div>
        </div>
    }
}
