//! "Tugaskan": puts a member into the team of one case or of many.

use std::sync::Arc;

use leptos::prelude::*;
use shared::id::CaseId;
use shared::pack::Pack;

use super::words;
use crate::api::{Act, Ask, FieldPlace, MemberView, Reply, Request};
use crate::components::button::{Button, Weight};
use crate::forms::list::ListInput;
use crate::i18n::{T, t, tn};
use crate::state::engine::{Engine, use_engine};
use crate::state::failure::sentence_of;
use crate::state::session::use_members;
use crate::state::toast::{Toasts, use_toasts};

/// Says that an act is done, and offers to take it back where it may be.
pub(crate) fn say_done(engine: Engine, toasts: Toasts, said: T, places: Vec<FieldPlace>) {
    if places.is_empty() {
        return toasts.say(t(said));
    }
    toasts.say_undoable(t(said), move || {
        engine.ask_then(Request::Act(Act::Undo(places.clone())), move |outcome| {
            if let Err(failure) = outcome {
                toasts.say(sentence_of(failure.code));
            }
        });
    });
}

/// Asks another member for something, and says so; that can be taken back too.
pub(crate) fn ask(engine: Engine, toasts: Toasts, what: Ask, said: T) {
    engine.ask_then(Request::Act(Act::Ask(what)), move |outcome| match outcome {
        Ok(Reply::Wrote(places)) => say_done(engine, toasts, said, places),
        Ok(_) => {}
        Err(failure) => toasts.say(sentence_of(failure.code)),
    });
}

/// Roles of a member in a team: those that may do something in the cases they are assigned to.
fn team_roles(pack: &Pack, member: &MemberView) -> Vec<String> {
    let is_assigned = |role: &str| pack.grid.rows.keys().any(|row| pack.grid.cell(row, role).assigned);
    member.roles.iter().filter(|role| is_assigned(role)).cloned().collect()
}

/// Members who may be put into a team, for a list.
fn assignable(pack: &Pack, members: &[MemberView]) -> Vec<(String, String)> {
    words::choosable(members.iter().filter(|member| !team_roles(pack, member).is_empty()))
}

/// Who, as what; says how many cases before anything is done.
#[component]
pub(crate) fn Assign(
    /// The cases.
    #[prop(into)]
    cases: Signal<Vec<CaseId>>,
    /// For the names of roles.
    pack: Arc<Pack>,
    /// Done, or thought better of.
    #[prop(into)]
    on_end: Callback<()>,
    /// Done, and not thought better of.
    #[prop(optional, into)]
    on_assigned: Option<Callback<()>>,
) -> impl IntoView {
    let (engine, toasts, members, team) = (use_engine(), use_toasts(), use_members(), Arc::clone(&pack));
    let busy = RwSignal::new(false);
    let account = RwSignal::new(shared::value::Scalar::Null);
    let role = RwSignal::new(String::new());
    let roles_of = move || {
        let chosen = account.get();
        let id = chosen.as_str().unwrap_or_default();
        let is_chosen = |member: &&MemberView| member.account.to_string() == id;
        let roles = members.with(|members| members.iter().find(is_chosen).map(|member| team_roles(&pack, member)));
        roles.unwrap_or_default().into_iter().map(|role| (words::role_name(&pack, &role), role)).collect::<Vec<_>>()
    };
    let assign = move |()| {
        let chosen = account.get_untracked();
        let Some(account) = chosen.as_str().and_then(|id| shared::id::AccountId::parse(id).ok()) else { return };
        let cases = cases.get_untracked();
        busy.set(true);
        engine.ask_then(Request::Assign { cases, account, role: role.get_untracked() }, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(Reply::Wrote(places)) => {
                    say_done(engine, toasts, T::CaseAssigned, places);
                    let _ = on_end.try_run(());
                    on_assigned.map(|on_assigned| on_assigned.try_run(()));
                }
                Ok(_) => {}
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    let roles_of = StoredValue::new(roles_of);
    let incomplete = Signal::derive(move || {
        busy.get() || account.with(shared::value::Scalar::is_null) || role.with(String::is_empty)
    });
    let words = Signal::derive(move || match cases.with(Vec::len) {
        1 => t(T::CaseAssign).to_owned(),
        several => tn(T::RegisterAssign, several),
    });
    let choose = move |value| {
        account.set(value);
        let roles = untrack(|| roles_of.with_value(|roles| roles()));
        role.set(roles.first().map(|(_, role)| role.clone()).unwrap_or_default());
    };
    let role_chips = move || {
        roles_of.with_value(|roles| roles()).into_iter().map(|(name, code)| {
            let compared = code.clone();
            let pressed = move || if role.get() == compared { "true" } else { "false" };
            view! {
                <button type="button" class="chip" aria-pressed=pressed data-testid=format!("assign-role-{code}") on:click=move |_| role.set(code.clone())>
                    {name}
                </button>
            }
        }).collect_view()
    };
    view! {
        <article class="card" data-testid="assign">
            <label class="field__label" for="assign-member-input">{t(T::CaseAssignWho)}</label>
            // Somebody who is enrolled meanwhile may be chosen at once.
            {move || view! {
                <ListInput
                    test="assign-member" answers=members.with(|members| assignable(&team, members)) value=account
                    disabled=Signal::stored(false) on_leave=choose
                />
            }}
            <Show when=move || !account.with(shared::value::Scalar::is_null)>
                <p class="field__label">{t(T::CaseAssignRole)}</p>
            </Show>
            <div class="chips">{role_chips}</div>
            <Button test="assign-done" text=words weight=Weight::Primary disabled=incomplete on_press=assign />
            <Button test="assign-cancel" text=t(T::CommonCancel) weight=Weight::Quiet on_press=on_end />
        </article>
    }
}
