//! "Kirim & terima": calm certainty about what has left the tablet and what has not.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;
use shared::pack::Pack;
use shared::protocol::error::ErrorCode;
use shared::sync::sending::{Sending, WaitsFor};

use super::held::outcome_words;
use super::words::{area_name, place_name, value_words};
use crate::api::{Line, MemberView, Query, RefusalsView, Request, SyncView, TrayItem, WaitingView};
use crate::components::button::{Button, Weight};
use crate::components::covered::covered;
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::note::{Note, Tone};
use crate::components::shell::Shell;
use crate::components::state::draw;
use crate::format;
use crate::i18n::{T, t, tf, tn};
use crate::state::clock::now_ms;
use crate::state::cover::Cover;
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::session::{use_members, use_pack, use_session};
use crate::state::toast::use_toasts;

/// The page.
#[component]
pub(crate) fn SyncPage() -> impl IntoView {
    let (pack, members) = (use_pack(), use_members());
    let sync = use_engine().watch(Query::Sync);
    // What is below is drawn anew with every round; that the file was saved stays so.
    let saved = RwSignal::new(false);
    let content = draw(sync, move |sync: SyncView| {
        let zone = pack.zone.offset_minutes;
        view! {
            <div class="stack stack--far">
                {waiting(sync.waiting.clone())}
                {to_decide(sync.to_decide)}
                {(sync.aside > 0).then(|| view! { <Aside count=sync.aside /> })}
                {tray(&sync.tray, &pack, &members.get())}
                {others(&sync.others)}
                {refusals(&sync.refusals, &pack)}
                <Facts sync=sync zone=zone />
                <TakeAway saved=saved />
            </div>
        }
    });
    view! {
        <Shell title=t(T::SyncTitle)>
            <div class="stack stack--wide">
                <Calm />
                <Warnings />
                <SyncNow />
                <SendingChoice />
                {content}
            </div>
        </Shell>
    }
}

/// The one sentence.
#[component]
fn Calm() -> impl IntoView {
    let session = use_session();
    let zone = crate::state::session::use_zone();
    let sentence = move || {
        session.status.with(|status| {
            if status.busy {
                return t(T::SyncBusy).to_owned();
            }
            if status.unsent > 0 {
                let words = match (status.kept_back(), status.line) {
                    (Some(WaitsFor::Wifi | WaitsFor::KnownLine), _) => T::SyncWaitingWifi,
                    (Some(WaitsFor::Press), _) => T::SyncWaitingPress,
                    (None, Line::NoSignal) => T::SyncWaiting,
                    (None, Line::RelaySilent) => T::SyncWaitingSilent,
                    (None, Line::Unknown | Line::Ok | Line::Ended) => T::SyncWaitingSend,
                };
                return tn(words, status.unsent);
            }
            status.last_contact_ms.map_or_else(
                || t(T::SyncNever).to_owned(),
                |at| tf(T::SyncAllSent, &[("when", &format::moment(at, now_ms(), zone))]),
            )
        })
    };
    let is_waiting = move || session.status.with(|status| status.unsent > 0);
    let class = move || if is_waiting() { "calm calm--warn" } else { "calm" };
    view! {
        <section class=class data-testid="sync-calm">
            {move || view! { <Glyph icon=if is_waiting() { Icon::Tablet } else { Icon::Cloud } size=IconSize::Huge /> }}
            <p class="calm__sentence" data-testid="sync-sentence">{sentence}</p>
        </section>
    }
}

#[component]
fn SyncNow() -> impl IntoView {
    let (engine, session, toasts) = (use_engine(), use_session(), use_toasts());
    let busy = Signal::derive(move || session.status.with(|status| status.busy));
    let now = move |()| {
        engine.ask_then(Request::SyncNow, move |outcome| {
            if let Err(failure) = outcome {
                toasts.say(sentence_of(failure.code));
            }
        });
    };
    view! { <Button test="sync-now" text=t(T::SyncNow) weight=Weight::Primary icon=Icon::Sync disabled=busy on_press=now /> }
}

/// "Kirim: otomatis · hanya Wi-Fi · hanya saat ditekan", and what that means now.
#[component]
fn SendingChoice() -> impl IntoView {
    let (engine, session, toasts) = (use_engine(), use_session(), use_toasts());
    let status = Memo::new(move |_| session.status.with(|status| (status.sending, status.waits_for)));
    let choose = move |sending: Sending| {
        engine.ask_then(Request::SetSending(sending), move |outcome| {
            toasts.say(outcome.map_or_else(|failure| sentence_of(failure.code), |_| t(T::SettingsSaved).to_owned()));
        });
    };
    let choices = [
        (Sending::Automatic, "auto", T::SyncWhenAlways),
        (Sending::WifiOnly, "wifi", T::SyncWhenWifi),
        (Sending::WhenPressed, "press", T::SyncWhenPress),
    ];
    let chips = choices
        .into_iter()
        .map(|(sending, name, words)| {
            let pressed = move || if status.get().0 == sending { "true" } else { "false" };
            view! {
                <button type="button" class="chip" aria-pressed=pressed data-testid=format!("sync-when-{name}") on:click=move |_| choose(sending)>
                    {t(words)}
                </button>
            }
        })
        .collect_view();
    let meaning = move || match status.get().1 {
        None => T::SyncWhenHelp,
        Some(WaitsFor::Wifi) => T::SyncWhenWifiHelp,
        Some(WaitsFor::KnownLine) => T::SyncLineUnknown,
        Some(WaitsFor::Press) => T::SyncWhenPressHelp,
    };
    view! {
        <section class="section">
            <h2 class="section__title">{t(T::SyncWhen)}</h2>
            <div class="chips">{chips}</div>
            <p class="quiet" data-testid="sync-when-means">{move || t(meaning())}</p>
            {move || status.get().1.is_some().then(|| view! { <p class="quiet">{t(T::SyncWhenHelp)}</p> })}
        </section>
    }
}

/// What stands in the way of sending.
#[component]
fn Warnings() -> impl IntoView {
    let session = use_session();
    let status = Memo::new(move |_| session.status.with(|status| (status.clock_wrong, status.line, status.fault)));
    let drafts = Memo::new(move |_| session.status.with(|status| status.drafts));
    move || {
        let (clock_wrong, line, fault) = status.get();
        let fault_note = (fault != 0).then(|| {
            let text = if line == Line::Ended { t(T::SyncEnded).to_owned() } else { sentence_of(fault) };
            view! {
                <div data-testid="sync-fault">
                    <Note text=text tone=Tone::Warn small=format!("S-{fault}") />
                </div>
            }
        });
        view! {
            {clock_wrong.then(|| view! { <Note text=t(T::SyncClock).to_owned() tone=Tone::Danger /> })}
            {fault_note}
            {(drafts.get() > 0).then(|| view! {
                <div data-testid="sync-drafts"><Note text=tn(T::SyncDrafts, drafts.get()) /></div>
            })}
        }
    }
}

fn waiting(waiting: Vec<WaitingView>) -> Option<impl IntoView> {
    let is_empty = waiting.is_empty();
    let rows = waiting
        .into_iter()
        .map(|case| {
            let icon = if case.emergency { Icon::Siren } else { Icon::Folder };
            view! {
                <A href=format!("/kasus/{}", case.case) attr:class="rows__item rows__cell" attr:data-testid="sync-waiting">
                    <Glyph icon=icon />
                    <span class="rows__body"><span class="rows__title">{case.code.clone()}</span></span>
                    <span class="rows__side">{tn(T::SyncChanges, case.changes)}</span>
                </A>
            }
        })
        .collect_view();
    (!is_empty).then(|| {
        view! {
            <section class="section">
                <h2 class="section__title">{t(T::SyncByCase)}</h2>
                <div class="rows">{rows}</div>
            </section>
        }
    })
}

/// What others wrote and waits for this person is a page of its own.
fn to_decide(count: u32) -> Option<impl IntoView> {
    (count > 0).then(|| {
        view! {
            <A href="/ditahan" attr:class="card card--link card--warn" attr:data-testid="sync-to-decide">
                <span class="card__title">{tn(T::HeldToDecide, count)}</span>
            </A>
        }
    })
}

fn tray(tray: &[TrayItem], pack: &Arc<Pack>, members: &[MemberView]) -> Option<impl IntoView + use<>> {
    let cards = tray.iter().map(|item| tray_card(item, pack, members)).collect_view();
    (!tray.is_empty()).then(|| {
        view! {
            <section class="section" data-testid="sync-tray">
                <h2 class="section__title">{t(T::SyncHeld)}</h2>
                <div class="list">{cards}</div>
            </section>
        }
    })
}

fn tray_card(item: &TrayItem, pack: &Arc<Pack>, members: &[MemberView]) -> impl IntoView + use<> {
    let (engine, toasts) = (use_engine(), use_toasts());
    let number = item.item;
    let retry = move |()| {
        engine.ask_then(Request::RetryTray { item: number }, move |outcome| {
            if let Err(failure) = outcome {
                toasts.say(sentence_of(failure.code));
            }
        });
    };
    let said = tf(T::ConflictSaid, &[("when", &format::moment(item.said_ms, now_ms(), pack.zone.offset_minutes))]);
    let clear = move |()| engine.tell(Request::ClearTray { item: number });
    let zone = pack.zone.offset_minutes;
    let outcome = item.decided.as_ref().map(|decided| {
        let words = outcome_words(decided);
        let by = tf(T::HeldBy, &[("name", &decided.by), ("when", &format::moment(decided.at_ms, now_ms(), zone))]);
        (words, by)
    });
    let (name, words) = (place_name(pack, &item.place), value_words(pack, members, &item.place, &item.value));
    let cover = item.covered.then(|| Cover::over(item.place.clone()));
    let state = match (&item.decided, item.held) {
        (Some(decided), _) if decided.taken_in => T::HeldTaken,
        (None, true) => T::MarkHeld,
        (Some(_), _) | (None, false) => T::SyncRefused,
    };
    view! {
        <article class="card card--warn" data-testid="tray-item">
            <div class="card__head">
                <span class="card__title">{format!("{} · {name}", item.code)}</span>
                <span class="tag tag--warn">{t(state)}</span>
            </div>
            <p class="change__new">{covered(cover, "tray-cover", &name, move || words.clone().into_any())}</p>
            {match outcome {
                Some((words, by)) => {
                    view! {
                        <p data-testid="tray-outcome">{words}</p>
                        <small>{format!("{said} · {by}")}</small>
                        <Button test="tray-clear" text=t(T::HeldClear) icon=Icon::Ok on_press=clear />
                    }
                    .into_any()
                }
                None => {
                    view! {
                        <p>{sentence_of(item.reason)}</p>
                        <small>{format!("{said} · S-{}", item.reason)}</small>
                        <Button test="tray-retry" text=t(T::SyncRetry) icon=Icon::Sync on_press=retry />
                    }
                    .into_any()
                }
            }}
        </article>
    }
}

/// Documents that were set aside: what that means, and reading them once more.
#[component]
fn Aside(count: u32) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let again = move |()| {
        engine.ask_then(Request::ReadAside, move |outcome| {
            if let Err(failure) = outcome {
                toasts.say(sentence_of(failure.code));
            }
        });
    };
    view! {
        <section class="section" data-testid="sync-aside">
            <h2 class="section__title">{tn(T::SyncAside, count)}</h2>
            <article class="card card--warn">
                <p>{sentence_of(ErrorCode::HeldAside.number())}</p>
                <Button test="sync-aside-again" text=t(T::SyncRetry) icon=Icon::Sync on_press=again />
            </article>
        </section>
    }
}

fn others(others: &[(String, u32)]) -> Option<impl IntoView + use<>> {
    let lines = others
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| tf(T::SyncOthersLine, &[("name", name), ("n", &count.to_string())]))
        .collect::<Vec<_>>();
    (!lines.is_empty()).then(|| {
        let rows = lines
            .into_iter()
            .map(|line| view! { <p class="rows__item rows__cell"><Glyph icon=Icon::Person />{line}</p> })
            .collect_view();
        view! {
            <section class="section" data-testid="sync-others">
                <h2 class="section__title">{t(T::SyncOthers)}</h2>
                <div class="rows">{rows}</div>
            </section>
        }
    })
}

/// People who wanted no record: that they were met is all that is known of them.
fn refusals(refusals: &[RefusalsView], pack: &Pack) -> Option<impl IntoView + use<>> {
    let total: u32 = refusals.iter().map(|one| one.count).sum();
    let rows: Vec<_> = refusals
        .iter()
        .map(|one| {
            let area = if one.area.is_empty() { "–".to_owned() } else { area_name(pack, &one.area) };
            let line = format!("{} · {area}: {}", one.month, one.count);
            view! { <p class="rows__item rows__cell">{line}</p> }
        })
        .collect();
    (total > 0).then(|| {
        view! {
            <section class="section" data-testid="sync-refusals">
                <h2 class="section__title">{tn(T::SyncRefusals, total)}</h2>
                <p class="quiet">{t(T::SyncRefusalsNotSent)}</p>
                <div class="rows">{rows}</div>
            </section>
        }
    })
}

#[component]
fn Facts(sync: SyncView, zone: i16) -> impl IntoView {
    let (sent, received) = sync.used_bytes;
    let used = tf(T::SyncUsedValue, &[("up", &format::size(sent)), ("down", &format::size(received))]);
    let contact =
        sync.status.last_contact_ms.map_or_else(|| t(T::SyncNever).to_owned(), |at| format::moment(at, now_ms(), zone));
    let free = sync.free_bytes.map(format::size).unwrap_or_else(|| "–".to_owned());
    let is_kept = crate::state::storage::is_kept();
    let facts = [
        (T::SyncTablet, sync.tablet_name),
        (T::SyncLastContact, contact),
        (T::SyncUsed, used),
        (T::SyncFree, free),
        (T::SyncPack, sync.pack_version.to_string()),
    ];
    let rows = facts
        .into_iter()
        .map(|(name, value)| {
            view! {
                <div class="rows__item rows__cell">
                    <dt class="rows__body quiet">{t(name)}</dt>
                    <dd class="rows__title">{value}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="section">
            <h2 class="section__title">{t(T::SyncFacts)}</h2>
            <dl class="rows" data-testid="sync-facts">
                {rows}
                <div class="rows__item rows__cell">
                    <dt class="rows__body quiet">{t(T::SyncPersisted)}</dt>
                    <dd class="rows__title" data-testid="sync-persisted">
                        {move || t(if is_kept.get() { T::SyncPersistedYes } else { T::SyncPersistedNo })}
                    </dd>
                </div>
            </dl>
        </section>
    }
}

/// "Simpan ke berkas": everything unsent as one sealed file with a neutral name. On a tablet whose access has ended it also
/// is the way out: what is only here is saved first, then it may go.
#[component]
fn TakeAway(
    /// The file was saved on this page.
    saved: RwSignal<bool>,
) -> impl IntoView {
    let (engine, session, toasts) = (use_engine(), use_session(), use_toasts());
    let export = move |()| {
        crate::state::download::export(engine, toasts, move || {
            let _ = saved.try_set(true);
        });
    };
    let give_up = move |()| {
        engine.ask_then(Request::GiveUp, move |outcome| {
            if let Err(failure) = outcome {
                // Something came after the file: it has to be saved once more.
                saved.set(false);
                toasts.say(sentence_of(failure.code));
            }
        });
    };
    let only_here = Memo::new(move |_| session.status.with(|status| status.only_here));
    view! {
        <section class="card card--flat">
            {move || {
                let count = only_here.get();
                (count > 0).then(|| view! {
                    <div data-testid="sync-only-here">
                        <Note text=tn(T::SyncOnlyHere, count) tone=Tone::Danger />
                    </div>
                })
            }}
            <Button test="sync-export" text=t(T::SyncFile) icon=Icon::Download on_press=export />
            <p class="quiet">{t(T::SyncFileHelp)}</p>
            {move || (only_here.get() > 0 && saved.get()).then(|| view! {
                <Button test="sync-give-up" text=t(T::SyncGiveUp) on_press=give_up />
            })}
        </section>
    }
}
