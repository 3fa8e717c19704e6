//! After handing over: the code in large letters, and what the author may still do.

use leptos::prelude::*;

use super::ask::asked_words;
use super::case::{report_page, watch_case};
use super::emergency::numbers;
use super::home::state_face;
use super::practice::PracticeOver;
use super::share::{Share, of_report};
use crate::api::{CaseView, HomeView, Query, ReceiptView, Request};
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::knot::Knot;
use crate::components::note::{Note, Tone};
use crate::components::shell::Shell;
use crate::components::state::{Gone, draw};
use crate::format;
use crate::forms::name_hint::{NameHint, SOMEBODY};
use crate::i18n::{T, t, tf};
use crate::state::clock::now_ms;
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::practice::is_practising;
use crate::state::session::{use_pack, use_zone};
use crate::state::toast::use_toasts;
use leptos_router::hooks::use_navigate;
use shared::id::CaseId;

/// The page.
#[component]
pub(crate) fn ReceiptPage() -> impl IntoView {
    report_page(T::HandedTitle, |case| view! { <Handed case=case /> }.into_any())
}

#[component]
fn Handed(case: CaseId) -> impl IntoView {
    let engine = use_engine();
    engine.tell(Request::SetPlace(None));
    if is_practising() {
        return view! { <Shell title=t(T::PracticeTitle) back="/"><PracticeOver /></Shell> }.into_any();
    }
    let home = engine.watch(Query::Home);
    let content = draw(home, move |home: Box<HomeView>| {
        match home.handed_over.into_iter().find(|receipt| receipt.case == case) {
            Some(receipt) => view! { <Receipt receipt=receipt /> }.into_any(),
            None => view! { <Gone /> }.into_any(),
        }
    });
    // Beside what is drawn anew with every change: what is being added must outlive an arriving page.
    let receipt = move |home: &HomeView| home.handed_over.iter().find(|receipt| receipt.case == case).cloned();
    let typed = move || home.with(|load| load.ready().and_then(|home| receipt(home))).map(|receipt| receipt.typed);
    let is_handed = Memo::new(move |_| typed().is_some());
    let supplement =
        move || is_handed.get().then(|| view! { <Supplement case=case typed=untrack(typed).unwrap_or_default() /> });
    let zone = use_zone();
    let message = Memo::new(move |_| {
        let told = |receipt: ReceiptView| of_report(&receipt.field_code, receipt.handed_over_ms, zone);
        home.with(|load| load.ready().and_then(|home| receipt(home))).map(told).unwrap_or_default()
    });
    let share = move || is_handed.get().then(|| view! { <Share text=message /> });
    view! { <Shell title=t(T::HandedTitle) back="/"><div class="stack stack--wide">{content} {share} {supplement}</div></Shell> }
    .into_any()
}

#[component]
fn Receipt(receipt: ReceiptView) -> impl IntoView {
    let zone = use_zone();
    let when = format::moment(receipt.handed_over_ms, now_ms(), zone);
    let (class, words) = state_face(&receipt);
    let sentence = if receipt.state.is_some() { T::HandedSent } else { T::HandedOffline };
    let danger = if receipt.state.is_some() { T::ReceiptUntaken } else { T::DangerOffline };
    let register = receipt.register_number.clone().map(|number| tf(T::HandedRegister, &[("number", &number)]));
    let asked =
        (!receipt.asked.is_empty()).then(|| tf(T::HandedAsked, &[("what", &asked_words(&use_pack(), &receipt.asked))]));
    let case = receipt.case;
    let print = move |()| {
        let _ = window().print();
    };
    view! {
        <div class="stack stack--wide">
            <section class="receipt" data-testid="receipt">
                <Knot large=true />
                <p class="lead">{t(sentence)}</p>
                <p class="field-code" data-testid="receipt-code">{receipt.field_code.clone()}</p>
                {if receipt.from_paper {
                    view! { <p class="lead" data-testid="receipt-paper">{t(T::HandedWritePaper)}</p> }.into_any()
                } else {
                    view! { <p class="quiet">{t(T::HandedWrite)}</p> }.into_any()
                }}
                <div class="row">
                    <span class=class data-testid="receipt-state">
                        <Glyph icon=Icon::Handed size=IconSize::Small />
                        {t(words)}
                    </span>
                    <small>{tf(T::HomeHandedOverOn, &[("when", &when)])}</small>
                </div>
                {register.map(|register| view! { <p class="lead">{register}</p> })}
            </section>
            {receipt.danger.then(|| view! {
                <div data-testid="receipt-danger"><Note text=t(danger).to_owned() tone=Tone::Danger /></div>
                <LinkButton test="receipt-numbers" to="/darurat" text=t(T::DangerNumbers) weight=Weight::Wide icon=Icon::Phone />
            })}
            {asked.map(|asked| view! { <div data-testid="receipt-asked"><Note text=asked tone=Tone::Warn /></div> })}
            {receipt.nameless.then(|| view! { <ServiceCard code=receipt.field_code.clone() area=receipt.area.clone() /> })}
            <LinkButton test="receipt-home" to="/" text=t(T::HandedHome) weight=Weight::Primary icon=Icon::Home />
            <Button test="receipt-print" text=t(T::HandedPrint) weight=Weight::Wide icon=Icon::Printer on_press=print />
            {receipt.may_take_back.then(|| view! { <TakeBack case=case /> })}
        </div>
    }
}

/// The card by itself, to be shown or printed from a case whose person refused a name, and before a report of theirs is erased.
#[component]
pub(crate) fn ServiceCardPage() -> impl IntoView {
    report_page(T::ServiceCardTitle, |case| view! { <CardAlone case=case /> }.into_any())
}

#[component]
fn CardAlone(case: CaseId) -> impl IntoView {
    let content = draw(watch_case(case), |view: Option<Box<CaseView>>| match view {
        None => view! { <Gone /> }.into_any(),
        Some(view) => {
            // The code of what is about to be erased finds nothing.
            let ends = view.refusal.is_some_and(|refusal| !refusal.danger);
            let code = if ends { String::new() } else { view.card.field_code };
            view! { <ServiceCard code=code area=view.card.area /> }.into_any()
        }
    });
    let print = |()| {
        let _ = window().print();
    };
    let back = if is_practising() { "/".to_owned() } else { format!("/kasus/{case}") };
    view! {
        <Shell title=t(T::ServiceCardTitle) back=back>
            <div class="stack stack--wide">
                {content}
                {(!is_practising()).then(|| view! {
                    <Button test="service-card-print" text=t(T::CasePrint) weight=Weight::Primary icon=Icon::Printer on_press=print />
                })}
            </div>
        </Shell>
    }
}

/// "Kartu layanan": help for somebody who refused a name, printed with the receipt. It carries the code and numbers, nothing else.
#[component]
fn ServiceCard(
    /// Empty where nothing is kept that it could find.
    code: String,
    area: String,
) -> impl IntoView {
    let numbers = numbers(&use_pack(), Some(&area));
    let text = if code.is_empty() { T::ServiceCardNoCode } else { T::ServiceCardText };
    view! {
        <section class="receipt" data-testid="service-card">
            <h2 class="section__title">{t(T::ServiceCardTitle)}</h2>
            <p class="lead">{t(text)}</p>
            {(!code.is_empty()).then(|| view! { <p class="field-code">{code}</p> })}
            <div class="rows">{numbers}</div>
        </section>
    }
}

#[component]
fn TakeBack(case: CaseId) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let navigate = StoredValue::new_local(use_navigate());
    let take_back = move |()| {
        engine.ask_then(Request::TakeBack { case }, move |outcome| match outcome {
            Ok(_) => {
                toasts.say(t(T::HandedTakenBack));
                let _ =
                    navigate.try_with_value(|navigate| navigate(&super::report::first_page(case), Default::default()));
            }
            Err(failure) => toasts.say(sentence_of(failure.code)),
        });
    };
    view! {
        <section class="card card--flat">
            <Button test="receipt-take-back" text=t(T::HandedTakeBack) icon=Icon::Undo on_press=take_back />
            <p class="quiet">{t(T::HandedTakeBackHelp)}</p>
        </section>
    }
}

/// "Tambah keterangan": adds and never edits.
#[component]
fn Supplement(case: CaseId, typed: String) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let open = RwSignal::new(!typed.is_empty());
    let text = RwSignal::new(typed);
    let busy = RwSignal::new(false);
    let empty = Signal::derive(move || busy.get() || text.with(|text| text.trim().is_empty()));
    // Kept with every letter: a tablet that dies while somebody adds to a report loses none of it.
    let type_in = move |now: String| {
        engine.tell(Request::KeepSupplement { case, text: now.clone() });
        text.set(now);
    };
    let cancel = move |()| {
        type_in(String::new());
        open.set(false);
    };
    let add = move |()| {
        busy.set(true);
        engine.ask_then(Request::Supplement { case, text: text.get_untracked() }, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(_) => {
                    let _ = text.try_set(String::new());
                    let _ = open.try_set(false);
                    toasts.say(t(T::HandedSupplementSent));
                }
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    view! {
        <Show
            when=move || open.get()
            fallback=move || {
                view! {
                    <Button
                        test="receipt-supplement" text=t(T::HandedSupplement) weight=Weight::Wide icon=Icon::Plus
                        on_press=move |()| open.set(true)
                    />
                }
            }
        >
            <section class="card">
                <div class="field">
                    <label class="field__label" for="supplement-text">{t(T::HandedSupplement)}</label>
                    <p class="field__help">{t(T::HandedSupplementHelp)}</p>
                    <textarea
                        id="supplement-text" class="field__input field__input--long" rows="4" autocomplete="off" spellcheck="false"
                        data-testid="supplement-text" prop:value=text on:input=move |event| type_in(event_target_value(&event))
                    ></textarea>
                </div>
                <NameHint text=text code=Signal::stored(SOMEBODY.to_owned()) case=case on_replace=type_in />
                <Button test="supplement-add" text=t(T::HandedSupplement) weight=Weight::Primary disabled=empty on_press=add />
                <Button test="supplement-cancel" text=t(T::CommonCancel) weight=Weight::Quiet on_press=cancel />
            </section>
        </Show>
    }
}
