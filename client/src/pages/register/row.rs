//! A row of the register: a case in two lines. Never a name of a victim.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;
use shared::id::CaseId;
use shared::pack::Pack;

use crate::api::{Essential, RegistryRow};
use crate::components::case_card::tag_face;
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::format;
use crate::i18n::{T, t, tf, tn};
use crate::pages::words;
use crate::state::clock::now_ms;

/// Where a row stands, and whether it changed while the page was open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    /// Its number among the table's rows, the head being 1.
    pub(super) place: u32,
    /// It changed since this page first showed it.
    pub(super) is_new: bool,
}

pub(crate) const fn essential_words(essential: Essential) -> T {
    match essential {
        Essential::Number => T::RegisterLacksNumber,
        Essential::Reported => T::RegisterReported,
        Essential::Channel => T::RegisterChannel,
        Essential::People => T::RegisterVictims,
        Essential::Area => T::RegisterArea,
        Essential::Triage => T::RegisterTriage,
        Essential::Manager => T::RegisterManager,
    }
}

/// "2 PD · 1 PA": women, girls, men, boys, those that there are.
fn group_words(groups: [u32; 4]) -> String {
    let short = [T::RegisterWomen, T::RegisterGirls, T::RegisterMen, T::RegisterBoys];
    let told = groups.iter().zip(short).filter(|(count, _)| **count > 0).map(|(count, words)| tn(words, count));
    told.collect::<Vec<_>>().join(" · ")
}

/// A sign with its words for who cannot see it.
fn sign(class: &'static str, icon: Icon, words: String) -> impl IntoView {
    let hint = words.clone();
    view! {
        <span class=class title=hint>
            <Glyph icon=icon size=IconSize::Small />
            <span class="visually-hidden">{words}</span>
        </span>
    }
}

/// The row.
#[component]
pub(super) fn RegisterRow(
    /// The case.
    row: RegistryRow,
    /// Where it stands.
    marks: Marks,
    /// Which cases are chosen.
    selected: RwSignal<BTreeSet<CaseId>>,
    /// For the words of codes.
    pack: Arc<Pack>,
) -> impl IntoView {
    let card = row.card;
    let case = card.case;
    let is_chosen = Memo::new(move |_| selected.with(|selected| selected.contains(&case)));
    let choose = move |_| {
        selected.update(|selected| {
            if !selected.remove(&case) {
                selected.insert(case);
            }
        });
    };
    let class = move || match (is_chosen.get(), marks.is_new) {
        (true, _) => "register__row register__row--chosen",
        (false, true) => "register__row register__row--new",
        (false, false) => "register__row",
    };
    let reported =
        if row.reported_on.is_empty() { String::from("–") } else { format::partial_date(&row.reported_on) };
    let or_dash = |text: String| if text.is_empty() { String::from("–") } else { text };
    let channel = or_dash(words::field_words(&pack, "intake", "sumber_laporan", &row.channel));
    let manager = if card.manager.is_empty() { t(T::CaseManagerNone).to_owned() } else { card.manager.clone() };
    let missing: Vec<&str> = row.missing.iter().map(|one| t(essential_words(*one))).collect();
    let has = Essential::ALL.len().saturating_sub(missing.len());
    let complete = format!("{has}/{}", Essential::ALL.len());
    let lacks = (!missing.is_empty()).then(|| tf(T::RegisterLacks, &[("list", &missing.join(", "))]));
    let signs = card
        .tags
        .iter()
        .map(|tag| {
            let (class, icon, words) = tag_face(*tag);
            sign(class, icon, t(words).to_owned())
        })
        .collect_view();
    let conflicts =
        (card.conflicts > 0).then(|| sign("tag tag--warn", Icon::Flag, tn(T::HomeConflicts, card.conflicts)));
    let waiting = card.waiting.then(|| sign("tag", Icon::Clock, t(T::RegisterWaiting).to_owned()));
    let unsent = (card.unsent > 0).then(|| sign("tag", Icon::Sync, tn(T::CaseUnsent, card.unsent)));
    let lacks_hint = lacks.clone();
    let field_code = (card.code != card.field_code).then(|| card.field_code.clone());
    let test = |what: &str| format!("register-{what}-{}", card.field_code);
    let (row_test, choose_test, open_test) = (test("row"), test("choose"), test("open"));
    let choose_words = tf(T::RegisterChoose, &[("code", &card.code)]);
    let zone = pack.zone.offset_minutes;
    view! {
        <tr class=class aria-rowindex=marks.place data-testid=row_test>
            <td class="register__tick">
                <label class="register__label">
                    <input type="checkbox" autocomplete="off" prop:checked=is_chosen on:change=choose data-testid=choose_test />
                    <span class="visually-hidden">{choose_words}</span>
                </label>
            </td>
            <th scope="row">
                <A href=format!("/kasus/{case}") attr:class="register__code" attr:data-testid=open_test>
                    {card.code.clone()}
                </A>
                <small>{field_code}</small>
            </th>
            <td><span>{reported}</span><small>{channel}</small></td>
            <td><span>{or_dash(words::triage_name(&pack, &card.triage))}</span><small>{or_dash(group_words(row.groups))}</small></td>
            <td><span>{or_dash(words::area_name(&pack, &card.area))}</span><small>{words::stage_name(&pack, &card.stage)}</small></td>
            <td><span>{format::ago(card.changed_ms, now_ms(), zone)}</span><small>{manager}</small></td>
            <td>
                <span title=lacks_hint>
                    {complete}
                    {lacks.map(|lacks| view! { <span class="visually-hidden">{lacks}</span> })}
                </span>
                <span class="register__signs">{signs}{conflicts}{waiting}{unsent}</span>
            </td>
        </tr>
    }
}
