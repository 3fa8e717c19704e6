//! "Darurat belum diterima": the bar that stands on every page until somebody takes it, and then says who did.

use leptos::prelude::*;
use leptos_router::components::A;

use super::button::{Button, Weight};
use super::icon::{Glyph, Icon};
use crate::api::{AlarmCase, AlarmTaken, AlarmView};
use crate::format;
use crate::i18n::{T, t, tf, tn};
use crate::state::alarm::{Alarm, use_alarm};
use crate::state::clock::now_ms;
use crate::state::session::use_zone;

/// Dangers that are named one by one; home lists the others.
const SHOWN_MAX: usize = 3;

/// Shows the bar, if there is anything to show. The region is there before, so that a screen reader says at once what
/// appears in it.
#[component]
pub(crate) fn AlarmBar() -> impl IntoView {
    let alarm = use_alarm();
    let content = move || alarm.map(|alarm| bar(alarm, &alarm.view.get()));
    view! { <div role="alert">{content}</div> }
}

fn bar(alarm: Alarm, view: &AlarmView) -> impl IntoView + use<> {
    let waits = !view.waiting.is_empty();
    let more = view.waiting.len().saturating_sub(SHOWN_MAX);
    let waiting = view.waiting.iter().take(SHOWN_MAX).cloned().map(|case| line(alarm, case, true)).collect_view();
    let late = view.late.iter().cloned().map(|case| line(alarm, case, false)).collect_view();
    let taken = view.taken.iter().cloned().map(|taken| who(alarm, taken)).collect_view();
    let is_red = waits || !view.late.is_empty();
    view! {
        {is_red
            .then(|| {
                view! {
                    <section class="alarm" data-testid="alarm">
                        <p class="alarm__title"><Glyph icon=Icon::Siren />{t(T::HomeEmergenciesWaiting)}</p>
                        {waiting}
                        {late}
                        {(more > 0)
                            .then(|| view! { <A href="/" attr:class="alarm__more" attr:data-testid="alarm-more">{tn(T::AlarmMore, more)}</A> })}
                        {waits.then(|| sound(alarm))}
                    </section>
                }
            })}
        {taken}
    }
}

fn line(alarm: Alarm, case: AlarmCase, may_take: bool) -> impl IntoView {
    let (zone, id) = (use_zone(), case.case);
    let since = move || {
        let when = format::ago(case.since_ms, alarm.now_ms(), zone);
        tf(T::HomeEmergencyWaiting, &[("when", &when)])
    };
    let code = case.code.clone();
    view! {
        <div class="alarm__case" data-testid=format!("alarm-case-{}", case.code)>
            <p class="alarm__words">
                {if may_take {
                    view! { <A href=format!("/kasus/{id}") attr:class="alarm__code">{code}</A> }.into_any()
                } else {
                    view! { <strong class="alarm__code">{code}</strong> }.into_any()
                }}
                <span>{since}</span>
            </p>
            {may_take
                .then(|| {
                    view! { <Button test="alarm-take" text=t(T::StepTakeOver) icon=Icon::Hand disabled=alarm.is_unarmed() on_press=move |()| alarm.take(id) /> }
                })}
        </div>
    }
}

/// The way to silence, and to see that it is silent.
fn sound(alarm: Alarm) -> impl IntoView {
    let zone = use_zone();
    move || {
        match alarm.silent_until_ms() {
        Some(until_ms) => {
            let words = tf(T::AlarmSilenced, &[("when", &format::hour(until_ms, now_ms(), zone))]);
            view! {
                <div class="alarm__case alarm__sound" data-testid="alarm-silenced">
                    <p class="alarm__words">{words}</p>
                    <Button test="alarm-sound" text=t(T::AlarmSound) weight=Weight::Quiet on_press=move |()| alarm.sound() />
                </div>
            }
            .into_any()
        }
        None => view! {
            <Button test="alarm-silence" text=t(T::AlarmSilence) weight=Weight::Quiet on_press=move |()| alarm.silence() />
        }
        .into_any(),
    }
    }
}

fn who(alarm: Alarm, taken: AlarmTaken) -> impl IntoView {
    let words = if taken.by.is_empty() {
        tf(T::AlarmTakenByOther, &[("code", &taken.code)])
    } else {
        tf(T::AlarmTaken, &[("code", &taken.code), ("name", &taken.by)])
    };
    view! {
        <section class="note note--good alarm-taken" data-testid="alarm-taken">
            <Glyph icon=Icon::Hand />
            <p>{words}</p>
            <Button test="alarm-close" text=t(T::AlarmClose) weight=Weight::Quiet on_press=move |()| alarm.put_away(taken.case, taken.at_ms) />
        </section>
    }
}
