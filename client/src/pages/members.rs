//! "Anggota": who belongs to the task force, and whether their tablets still come. Nothing is changed here.

use std::sync::Arc;

use leptos::prelude::*;
use shared::pack::Pack;

use super::words;
use crate::api::{MemberRow, MembersView, Query, TabletRow};
use crate::components::case_card::Fact;
use crate::components::icon::{Glyph, Icon};
use crate::components::shell::Shell;
use crate::components::state::{Blank, StillReading, draw};
use crate::format;
use crate::i18n::{T, label, t, tf, tn};
use crate::state::engine::use_engine;
use crate::state::session::use_pack;

/// The page.
#[component]
pub(crate) fn MembersPage() -> impl IntoView {
    let pack = use_pack();
    let search = RwSignal::new(String::new());
    let found = use_engine().watch_as(Signal::derive(move || Query::Members(search.get())));
    let content = draw(found.read_only(), move |MembersView { rows }| {
        if rows.is_empty() {
            return view! { <Blank test="members-empty" icon=Icon::People title=t(T::MembersEmpty) /> }.into_any();
        }
        let cards: Vec<AnyView> = rows.into_iter().map(|row| member_card(row, &pack)).collect();
        view! { <div class="list" data-testid="members-list">{cards}</div> }.into_any()
    });
    view! {
        <Shell title=t(T::MembersTitle) back="/">
            <div class="stack stack--wide">
                <div class="search">
                    <Glyph icon=Icon::Search />
                    <input
                        class="field__input" type="text" inputmode="search" enterkeyhint="search" autocomplete="off" spellcheck="false"
                        data-testid="members-search" aria-label=t(T::MembersSearch) placeholder=t(T::MembersSearch) prop:value=search
                        on:input=move |event| search.set(event_target_value(&event))
                    />
                </div>
                <StillReading />
                {content}
            </div>
        </Shell>
    }
}

fn member_card(row: MemberRow, pack: &Arc<Pack>) -> AnyView {
    let member = row.member;
    let unit = pack.unit(&member.unit).map_or_else(|| member.unit.clone(), |unit| label(&unit.label));
    let office = pack.office(&row.office).map_or_else(|| row.office.clone(), |office| label(&office.label));
    let until = (!row.until.is_empty()).then(|| tf(T::MembersUntil, &[("date", &format::partial_date(&row.until))]));
    let cases = row.cases.filter(|cases| *cases > 0).map(|cases| tn(T::MembersCases, cases));
    let has_tablets = !row.tablets.is_empty();
    let tablets = row.tablets.into_iter().map(tablet).collect_view();
    let away = if row.begins.is_empty() {
        t(T::MembersLeft).to_owned()
    } else {
        tf(T::MembersFrom, &[("date", &format::partial_date(&row.begins))])
    };
    let away = (!member.active).then(|| view! { <span class="tag">{away}</span> });
    view! {
        <article class="card" data-testid="member">
            <div class="card__head">
                <h2 class="card__title">{member.name}</h2>
                {away}
            </div>
            <p>{words::role_names(pack, &member.roles)}</p>
            <div class="card__meta">
                <Fact icon=Icon::People text=unit />
                {(!office.is_empty()).then(|| view! { <Fact icon=Icon::Folder text=office /> })}
                {until.map(|until| view! { <Fact icon=Icon::Clock text=until /> })}
                {cases.map(|cases| view! { <Fact icon=Icon::Clipboard text=cases /> })}
                {tablets}
                {(!has_tablets).then(|| view! { <Fact icon=Icon::Lock text=t(T::MembersNoTablet).to_owned() /> })}
            </div>
        </article>
    }
    .into_any()
}

/// A tablet and when it was last heard of.
fn tablet(tablet: TabletRow) -> AnyView {
    if tablet.seen_on.is_empty() {
        return view! { <Fact icon=Icon::Tablet text=tablet.name /> }.into_any();
    }
    let date = format::partial_date(&tablet.seen_on);
    let text =
        tf(if tablet.silent { T::MembersSilent } else { T::MembersSeen }, &[("name", &tablet.name), ("date", &date)]);
    if tablet.silent {
        return view! { <span class="tag tag--warn">{text}</span> }.into_any();
    }
    view! { <Fact icon=Icon::Tablet text=text /> }.into_any()
}
