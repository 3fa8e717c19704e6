//! The team of a case: who, as what, until when; for those who may assign also the end of it all.
//!
//! Nothing happens by opening a membership; what an end means for the other person's tablet is said before the tap that makes it
//! true, and for ten seconds it can be taken back.

use std::sync::Arc;

use leptos::prelude::*;
use shared::date::{CivilDate, PartialDate};
use shared::id::{AccountId, CaseId, RowId};
use shared::pack::Pack;
use shared::value::Scalar;

use super::assign::{Assign, say_done};
use super::words;
use crate::api::{Act, CaseView, FieldPlace, MemberView, Path, Reply, Request, TeamView, Write};
use crate::components::button::{Button, Weight};
use crate::components::icon::{Glyph, Icon};
use crate::components::note::{Note, Tone};
use crate::format;
use crate::forms::date::DateInput;
use crate::forms::list::ListInput;
use crate::i18n::{T, t, tf};
use crate::state::clock::now_ms;
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::load::Load;
use crate::state::session::{use_member, use_members, use_pack};
use crate::state::toast::use_toasts;

/// What is opened below the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    Membership(RowId),
    HandOn,
    Assign,
}

/// The team and what may be done with it. Drawn beside what changes with every arriving page: half a choice outlives that.
#[component]
pub(crate) fn Team(case: CaseId, view: ReadSignal<Load<Option<Box<CaseView>>>>) -> impl IntoView {
    let pack = use_pack();
    let of_case = move |read: fn(&CaseView) -> bool| {
        Memo::new(move |_| view.with(|load| load.ready().and_then(Option::as_ref).is_some_and(|case| read(case))))
    };
    let team = Memo::new(move |_| {
        view.with(|load| load.ready().and_then(Option::as_ref).map(|case| case.team.clone()).unwrap_or_default())
    });
    let (is_there, may_assign) = (of_case(|_| true), of_case(|case| case.may_assign));
    let (may_change, may_hand_on) = (of_case(|case| case.may_change_team), of_case(|case| case.may_hand_on));
    let opened = RwSignal::new(None);
    let close = move |()| opened.set(None);
    let row_pack = Arc::clone(&pack);
    let rows = move || {
        let members: Vec<_> =
            team.get().into_iter().map(|member| member_row(member, may_change.get(), opened, &row_pack)).collect();
        (!members.is_empty()).then(|| view! { <div class="rows">{members}</div> })
    };
    let below_pack = Arc::clone(&pack);
    let below = move || {
        match opened.get() {
        Some(Opened::Membership(row)) if may_change.get() => {
            let member = Memo::new(move |_| team.with(|team| team.iter().find(|one| one.row == row).cloned()));
            view! { <Membership case=case member=member on_end=close /> }.into_any()
        }
        Some(Opened::HandOn) if may_hand_on.get() => {
            let before = Memo::new(move |_| team.with(|team| team.iter().find(|one| one.manages).cloned()));
            view! { <HandOn case=case before=before pack=Arc::clone(&below_pack) on_end=close /> }.into_any()
        }
        Some(Opened::Assign) if may_assign.get() => {
            let cases = Signal::stored(vec![case]);
            view! { <Assign cases=cases pack=Arc::clone(&below_pack) on_end=close /> }.into_any()
        }
        _ => view! {
            {may_assign.get().then(|| view! { <Button test="case-assign" text=t(T::CaseAssign) icon=Icon::People on_press=move |()| opened.set(Some(Opened::Assign)) /> })}
            {may_hand_on.get().then(|| view! { <Button test="case-hand-on" text=t(T::TeamHandOn) icon=Icon::Forward weight=Weight::Quiet on_press=move |()| opened.set(Some(Opened::HandOn)) /> })}
        }
        .into_any(),
    }
    };
    let section = move || {
        let (rows, below) = (rows.clone(), below.clone());
        is_there.get().then(|| {
            view! {
                <section class="section" data-testid="case-team">
                    <h2 class="section__title">{t(T::CaseTeam)}</h2>
                    {rows}
                    {below}
                </section>
            }
        })
    };
    view! { {section} }
}

fn member_row(member: TeamView, may_change: bool, opened: RwSignal<Option<Opened>>, pack: &Pack) -> AnyView {
    let date = format::partial_date(&member.until);
    let until = (!member.until.is_empty())
        .then(|| tf(if member.in_force { T::CaseTeamUntil } else { T::CaseTeamEnded }, &[("date", &date)]));
    let content = view! {
        <Glyph icon=Icon::Person />
        <span class="rows__body">
            <span class="rows__title">{member.name.clone()}</span>
            <small>{words::role_name(pack, &member.role)}</small>
            {member.excluded.then(|| view! { <small data-testid="team-excluded">{t(T::TeamExcluded)}</small> })}
        </span>
        {until.map(|until| view! { <span class="rows__side">{until}</span> })}
    };
    if !may_change {
        return view! { <div class="rows__item rows__cell" data-testid="team-member">{content}</div> }.into_any();
    }
    let this = Some(Opened::Membership(member.row));
    let expanded = move || if opened.get() == this { "true" } else { "false" };
    let toggle = move |_| opened.update(|opened| *opened = if *opened == this { None } else { this });
    view! {
        <button type="button" class="rows__item rows__cell" data-testid="team-member" aria-expanded=expanded on:click=toggle>
            {content}
            <Glyph icon=Icon::Pencil />
        </button>
    }
    .into_any()
}

/// Term and end of one membership.
#[component]
fn Membership(case: CaseId, member: Memo<Option<TeamView>>, #[prop(into)] on_end: Callback<()>) -> impl IntoView {
    let (engine, toasts, pack) = (use_engine(), use_toasts(), use_pack());
    let own = use_member().account;
    let (busy, ending, wrong) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let until = RwSignal::new(Scalar::Null);
    Effect::new(move |_| {
        let stands = member.with(|member| member.as_ref().map(|member| member.until.clone()).unwrap_or_default());
        until.set(if stands.is_empty() { Scalar::Null } else { Scalar::Str(stands) });
    });
    let place = move |path: Path| FieldPlace { case, kind: "core".to_owned(), subject: None, path };
    let write = move |write: Write, undo: FieldPlace, said: T| {
        busy.set(true);
        engine.ask_then(Request::Write(write), move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(_) => {
                    say_done(engine, toasts, said, vec![undo]);
                    let _ = on_end.try_run(());
                }
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    let field =
        move |row: RowId, key: &str| place(Path::RowField { table: "tim".to_owned(), row, key: key.to_owned() });
    let zone = pack.zone.offset_minutes;
    let set_term = move |()| {
        let Some(member) = member.get_untracked() else { return };
        let value = until.get_untracked();
        let today = CivilDate::at(i64::try_from(now_ms()).unwrap_or(0), zone);
        let is_day = |date: PartialDate| date.first_day() == date.last_day() && date.first_day() >= today;
        let is_good =
            value.is_null() || value.as_str().and_then(|text| PartialDate::parse(text).ok()).is_some_and(is_day);
        wrong.set(!is_good);
        if is_good {
            let at = field(member.row, "sampai");
            write(Write::Set { place: at.clone(), value, seen: member.until_seen }, at, T::TeamTermDone);
        }
    };
    let end = move |()| {
        let Some(member) = member.get_untracked() else { return };
        let row = place(Path::Row { table: "tim".to_owned(), row: member.row });
        let undo = field(member.row, "dihapus");
        write(Write::RemoveRow { place: row, seen: member.seen }, undo, T::TeamEnded);
    };
    let name = move || member.with(|member| member.as_ref().map(|member| member.name.clone()).unwrap_or_default());
    let is_own = move || member.with(|member| member.as_ref().is_some_and(|member| member.account == own));
    let effect = Signal::derive(move || {
        if is_own() { t(T::TeamEndSelf).to_owned() } else { tf(T::TeamEndEffect, &[("name", &name())]) }
    });
    view! {
        <article class="card" data-testid="membership">
            <p class="card__title">{name}</p>
            <p class="field__label">{t(T::TeamTerm)}</p>
            <DateInput test="membership-until" value=until disabled=busy on_leave=move |value| until.set(value) />
            <Show when=move || wrong.get()>
                <p class="field__error" role="alert">{t(T::TeamTermPast)}</p>
            </Show>
            <Button test="membership-term" text=t(T::TeamTermSet) icon=Icon::Clock weight=Weight::Wide disabled=busy on_press=set_term />
            <Show
                when=move || ending.get()
                fallback=move || view! { <Button test="membership-end" text=t(T::TeamEnd) icon=Icon::Exit weight=Weight::Wide on_press=move |()| ending.set(true) /> }
            >
                <Note text=effect tone=Tone::Warn />
                <Button test="membership-end-yes" text=t(T::TeamEnd) weight=Weight::Primary disabled=busy on_press=end />
            </Show>
            <Button test="membership-cancel" text=t(T::CommonCancel) weight=Weight::Quiet on_press=on_end />
        </article>
    }
}

/// Another manager takes the place of the one there is.
#[component]
fn HandOn(
    case: CaseId,
    before: Memo<Option<TeamView>>,
    pack: Arc<Pack>,
    #[prop(into)] on_end: Callback<()>,
) -> impl IntoView {
    let (engine, toasts, members, own) = (use_engine(), use_toasts(), use_members(), use_member().account);
    let busy = RwSignal::new(false);
    let account = RwSignal::new(Scalar::Null);
    let chosen = move || account.with(|account| account.as_str().and_then(|id| AccountId::parse(id).ok()));
    let hand_on = move |()| {
        let Some(account) = untrack(chosen) else { return };
        busy.set(true);
        engine.ask_then(Request::Act(Act::HandOn { case, account }), move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(Reply::Wrote(places)) => {
                    say_done(engine, toasts, T::TeamHandedOn, places);
                    let _ = on_end.try_run(());
                }
                Ok(_) => {}
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    let answers = move || {
        let manager = before.with(|before| before.as_ref().map(|before| before.account));
        let manages =
            |member: &MemberView| member.roles.iter().any(|role| pack.role(role).is_some_and(|role| role.duty));
        let others = |member: &&MemberView| manages(member) && Some(member.account) != manager;
        members.with(|members| words::choosable(members.iter().filter(others)))
    };
    let effect = Signal::derive(move || {
        let Some(account) = chosen() else { return String::new() };
        let name = members.with(|members| words::member_name(members, &account.to_string()));
        let becomes = tf(T::TeamHandOnNew, &[("name", &name)]);
        before.with(|before| match before {
            None => becomes,
            Some(before) if before.account == own => format!("{becomes} {}", t(T::TeamEndSelf)),
            Some(before) => format!("{becomes} {}", tf(T::TeamEndEffect, &[("name", &before.name)])),
        })
    });
    let nobody = Signal::derive(move || busy.get() || chosen().is_none());
    view! {
        <article class="card" data-testid="hand-on">
            <label class="field__label" for="hand-on-member-input">{t(T::TeamHandOnWho)}</label>
            {move || view! {
                <ListInput
                    test="hand-on-member" answers=answers() value=account disabled=Signal::stored(false)
                    on_leave=move |value| account.set(value)
                />
            }}
            <Show when=move || chosen().is_some()>
                <Note text=effect tone=Tone::Warn />
            </Show>
            <Button test="hand-on-done" text=t(T::TeamHandOn) weight=Weight::Primary disabled=nobody on_press=hand_on />
            <Button test="hand-on-cancel" text=t(T::CommonCancel) weight=Weight::Quiet on_press=on_end />
        </article>
    }
}
