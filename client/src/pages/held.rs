//! "Ditahan": bundles of what waits for a person, one writer and one reason each.

mod evidence;
mod item;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use leptos::prelude::*;
use shared::id::HeldId;
use shared::order::Gather as _;
use shared::pack::Pack;
use shared::protocol::error::ErrorCode;

use self::evidence::Blocking;
pub(crate) use self::item::outcome_words;
use self::item::{Decider, item_card, item_words};
use crate::api::{HeldChoice, HeldItemView, HeldSaysView, MemberView, Query};
use crate::components::button::{Button, Weight};
use crate::components::icon::{Glyph, Icon};
use crate::components::shell::Shell;
use crate::components::state::{Blank, draw};
use crate::format;
use crate::i18n::{T, label, t, tf, tn};
use crate::state::clock::now_ms;
use crate::state::engine::use_engine;
use crate::state::focus::keep_typing;
use crate::state::session::{use_members, use_pack};
use crate::state::toast::use_toasts;

/// One writer and one reason.
type BundleKey = (String, u16);

/// The page. The opened bundle is no part of the address: it would name a person.
#[component]
pub(crate) fn HeldPage() -> impl IntoView {
    let (pack, members) = (use_pack(), use_members());
    let held = use_engine().watch(Query::Held);
    let opened = RwSignal::new(None::<BundleKey>);
    let blocking = Blocking::new();
    let decider = Decider { engine: use_engine(), toasts: use_toasts() };
    let content = draw(held, move |items: Vec<HeldItemView>| {
        let pack = Arc::clone(&pack);
        (move || {
            keep_typing();
            let bundles = bundles_of(&items);
            match opened.get().and_then(|key| bundles.get(&key)) {
                Some(bundle) => bundle_page(bundle, &pack, &members.get(), decider, opened),
                None => overview(&items, &bundles, &pack, &members.get(), (decider, blocking), opened),
            }
        })
        .into_any()
    });
    view! { <Shell title=t(T::HeldTitle) back="/">{content}</Shell> }
}

/// What waits, by writer and reason. What this person cannot read is not among it.
fn bundles_of(items: &[HeldItemView]) -> BTreeMap<BundleKey, Vec<HeldItemView>> {
    let mut bundles: BTreeMap<BundleKey, Vec<HeldItemView>> = BTreeMap::new();
    for item in items.iter().filter(|item| item.decided.is_none()) {
        if let Some(says) = &item.says {
            bundles.entry((says.writer.clone(), says.reason)).or_default().push(item.clone());
        }
    }
    bundles
}

fn says(bundle: &[HeldItemView]) -> impl Iterator<Item = &HeldSaysView> {
    bundle.iter().filter_map(|item| item.says.as_ref())
}

/// Why a bundle is held, in plain words.
fn why(reason: u16) -> &'static str {
    t(match ErrorCode::from_number(reason) {
        Some(ErrorCode::HeldRevoked) => T::HeldWhyRevoked,
        Some(ErrorCode::HeldEnded) => T::HeldWhyEnded,
        Some(ErrorCode::HeldTakenOver) => T::HeldWhyTaken,
        Some(ErrorCode::HeldPackNewer) => T::HeldWhyPack,
        Some(ErrorCode::HeldBrought) => T::HeldWhyBrought,
        Some(_) | None => T::HeldWhyOther,
    })
}

fn writer_of(bundle: &[HeldItemView]) -> String {
    says(bundle).next().map_or_else(String::new, |says| {
        if says.writer_ended { tf(T::HeldWriterEnded, &[("name", &says.writer)]) } else { says.writer.clone() }
    })
}

/// "10 isian pada 4 kasus, ditulis 28 Okt–2 Nov".
fn extent(bundle: &[HeldItemView], zone: i16) -> String {
    let cases: BTreeSet<_> = bundle.iter().map(|item| item.case).into_set();
    let said = || says(bundle).map(|says| says.said_ms).filter(|ms| *ms > 0);
    let moment = |ms: Option<u64>| ms.map_or_else(String::new, |ms| format::moment(ms, now_ms(), zone));
    tf(
        T::HeldBundle,
        &[
            ("n", &bundle.len().to_string()),
            ("cases", &cases.len().to_string()),
            ("from", &moment(said().min())),
            ("to", &moment(said().max())),
        ],
    )
}

fn overview(
    items: &[HeldItemView],
    bundles: &BTreeMap<BundleKey, Vec<HeldItemView>>,
    pack: &Arc<Pack>,
    members: &[MemberView],
    (decider, blocking): (Decider, Blocking),
    opened: RwSignal<Option<BundleKey>>,
) -> AnyView {
    if items.is_empty() {
        return view! { <Blank test="held-empty" icon=Icon::Ok title=t(T::HeldEmpty) /> }.into_any();
    }
    let zone = pack.zone.offset_minutes;
    let rows = bundles
        .iter()
        .map(|(key, bundle)| {
            let key = key.clone();
            view! {
                <button type="button" class="rows__item rows__cell" data-testid="held-bundle" on:click=move |_| opened.set(Some(key.clone()))>
                    <Glyph icon=Icon::Held />
                    <span class="rows__body">
                        <span class="rows__title">{writer_of(bundle)}</span>
                        <small>{extent(bundle, zone)}</small>
                        <small>{why(key.1)}</small>
                    </span>
                    <Glyph icon=Icon::Right />
                </button>
            }
        })
        .collect_view();
    let is_clear = bundles.is_empty();
    let has_entries = items.iter().any(|item| item.evidence.is_none());
    view! {
        <div class="stack stack--far">
            {evidence::cards(items, pack, decider, blocking, false)}
            {has_entries.then(|| view! { <p class="lead">{t(T::HeldLead)}</p> })}
            {(!is_clear).then(|| view! { <div class="rows" data-testid="held-list">{rows}</div> })}
            {counted(items, pack, decider)}
            {decided(items, pack, members)}
            {evidence::cards(items, pack, decider, blocking, true)}
        </div>
    }
    .into_any()
}

/// Parts this person may not read: case, part and count, and the way to pass them on.
fn counted(items: &[HeldItemView], pack: &Arc<Pack>, decider: Decider) -> Option<impl IntoView + use<>> {
    let mut parts: BTreeMap<(String, String), Vec<HeldItemView>> = BTreeMap::new();
    for item in items.iter().filter(|item| item.decided.is_none() && item.says.is_none() && item.evidence.is_none()) {
        parts.entry((item.code.clone(), item.kind.clone())).or_default().push(item.clone());
    }
    let is_empty = parts.is_empty();
    let cards = parts
        .into_iter()
        .map(|((code, kind), items)| {
            let part = pack.kinds.get(&kind).map_or_else(|| kind.clone(), |kind| label(&kind.label));
            let title = tf(T::HeldPart, &[("n", &items.len().to_string()), ("part", &part)]);
            let ids: Vec<HeldId> =
                items.iter().filter(|item| !item.forwarded && item.queued.is_none()).map(|item| item.held).collect();
            let passed_on = ids.is_empty();
            let forward = move |()| decider.decide(ids.clone(), HeldChoice::Forward);
            view! {
                <article class="card" data-testid="held-part">
                    <div class="card__head">
                        <span class="card__title">{title}</span>
                        <span class="card__code">{code}</span>
                    </div>
                    <p class="quiet">{t(T::HeldPartHelp)}</p>
                    {if passed_on {
                        view! { <span class="tag">{t(T::HeldForwarded)}</span> }.into_any()
                    } else {
                        view! { <Button test="held-part-forward" text=t(T::HeldForward) icon=Icon::Forward on_press=forward /> }.into_any()
                    }}
                </article>
            }
        })
        .collect_view();
    (!is_empty).then(|| view! { <section class="section"><div class="list">{cards}</div></section> })
}

fn decided(items: &[HeldItemView], pack: &Arc<Pack>, members: &[MemberView]) -> Option<impl IntoView + use<>> {
    let zone = pack.zone.offset_minutes;
    let rows: Vec<_> = items
        .iter()
        .filter(|item| item.evidence.is_none())
        .filter_map(|item| {
            let outcome = item.decided.as_ref()?;
            let words = outcome_words(outcome);
            let by = tf(T::HeldBy, &[("name", &outcome.by), ("when", &format::moment(outcome.at_ms, now_ms(), zone))]);
            Some(view! {
                <div class="rows__item rows__cell" data-testid="held-decided">
                    <Glyph icon=if outcome.taken_in { Icon::Ok } else { Icon::Held } />
                    <span class="rows__body">
                        <span class="rows__title">{item_words(item, pack, members)}</span>
                        <small>{words}</small>
                        <small>{by}</small>
                    </span>
                </div>
            })
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="section">
                <h2 class="section__title">{t(T::HeldDecidedTitle)}</h2>
                <div class="rows">{rows}</div>
            </section>
        }
    })
}

fn bundle_page(
    bundle: &[HeldItemView],
    pack: &Arc<Pack>,
    members: &[MemberView],
    decider: Decider,
    opened: RwSignal<Option<BundleKey>>,
) -> AnyView {
    let zone = pack.zone.offset_minutes;
    let reason = says(bundle).next().map_or(0, |says| says.reason);
    let cards = bundle.iter().map(|item| item_card(item, pack, members, decider)).collect_view();
    view! {
        <div class="stack stack--wide" data-testid="held-opened">
            <header class="page-head">
                <p class="page-head__count">{extent(bundle, zone)}</p>
                <h2 class="page-head__question">{writer_of(bundle)}</h2>
                <p class="quiet">{why(reason)}</p>
            </header>
            {accept_all(bundle, pack, members, decider)}
            <div class="list">{cards}</div>
            <Button test="held-back" text=t(T::ShellBack) weight=Weight::Quiet icon=Icon::Back on_press=move |()| opened.set(None) />
        </div>
    }
    .into_any()
}

/// "Terima semua yang tidak bertentangan": shows what that is, then asks once.
fn accept_all(
    bundle: &[HeldItemView],
    pack: &Arc<Pack>,
    members: &[MemberView],
    decider: Decider,
) -> Option<impl IntoView + use<>> {
    let agreeing: Vec<&HeldItemView> = bundle.iter().filter(|item| item.is_taken_with_others()).collect();
    let ids: Vec<HeldId> = agreeing.iter().map(|item| item.held).collect();
    let lines: Vec<String> = agreeing.iter().map(|item| item_words(item, pack, members)).collect();
    let previewed = RwSignal::new(false);
    (!ids.is_empty()).then(move || {
        let count = ids.len();
        let accept = StoredValue::new(ids);
        let lines = StoredValue::new(lines);
        view! {
            <Button
                test="held-accept-all" text=t(T::HeldAcceptAll) weight=Weight::Primary icon=Icon::Ok
                on_press=move |()| previewed.update(|previewed| *previewed = !*previewed)
            />
            <Show when=move || previewed.get()>
                <section class="card" data-testid="held-preview">
                    <p class="card__title">{tn(T::HeldPreview, count)}</p>
                    <ul>
                        {lines.with_value(|lines| lines.iter().map(|line| view! { <li>{line.clone()}</li> }).collect_view())}
                    </ul>
                    <Button
                        test="held-accept-all-yes" text=tn(T::HeldConfirm, count) weight=Weight::Primary
                        on_press=move |()| decider.decide(accept.get_value(), HeldChoice::Accept)
                    />
                    <Button test="held-accept-all-no" text=t(T::CommonCancel) weight=Weight::Quiet on_press=move |()| previewed.set(false) />
                </section>
            </Show>
        }
    })
}
