//! The people of a case: K1, K2 …, and what they are called, under a cover.

use leptos::prelude::*;
use shared::id::CaseId;
use shared::pack::Pack;

use crate::api::{FieldPlace, Path, PersonView, Reply, Request};
use crate::components::button::{Button, Weight};
use crate::components::covered::covered;
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::engine::keys;
use crate::i18n::{T, t, tf};
use crate::pages::words;
use crate::state::cover::Cover;
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::session::{use_member, use_pack};
use crate::state::toast::use_toasts;

/// People K1, K2 ….
#[component]
pub(super) fn People(case: CaseId, people: Vec<PersonView>, may_add: bool, unverified: bool) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let add = move |()| {
        engine.ask_then(Request::AddPerson { case }, move |outcome| match outcome {
            Ok(Reply::Subject(_)) => toasts.say(t(T::SettingsSaved)),
            Ok(_) => {}
            Err(failure) => toasts.say(sentence_of(failure.code)),
        });
    };
    let nobody = people.is_empty();
    view! {
        <section class="section" data-testid="case-people">
            <h2 class="section__title">{t(T::CasePeople)}</h2>
            <div class="stack">
                {people.into_iter().map(|person| view! { <PersonChip case=case person=person /> }).collect_view()}
            </div>
            {(unverified && nobody).then(|| view! { <p class="quiet" data-testid="case-unverified">{t(T::CaseUnverified)}</p> })}
            {(may_add && !unverified)
                .then(|| view! { <Button test="case-add-person" text=t(T::CaseAddPerson) icon=Icon::Plus weight=Weight::Quiet on_press=add /> })}
        </section>
    }
}

/// Group, age and what was decided, as far as it is known here.
fn facts_words(person: &PersonView, pack: &Pack) -> String {
    let mut facts = Vec::new();
    if !person.group.is_empty() {
        facts.push(words::group_name(pack, &person.group));
    }
    if !person.age_band.is_empty() {
        facts.push(words::code_words(pack, keys::AGE_BANDS, &person.age_band));
    }
    if !person.status.is_empty() {
        facts.push(words::field_words(pack, keys::IDENTIFICATION, keys::STATUS, &person.status));
    }
    facts.join(" · ")
}

/// Why no name shows.
fn nameless_words(person: &PersonView, pack: &Pack, own_roles: &[String]) -> String {
    if person.refused {
        return t(T::CaseNameRefused).to_owned();
    }
    if person.identity {
        return t(T::CaseNameMissing).to_owned();
    }
    match words::only_for(pack, keys::IDENTITY_SHORT, own_roles) {
        Some(roles) => tf(T::StateNotAllowedTitle, &[("roles", &roles)]),
        None => t(T::CaseNoIdentity).to_owned(),
    }
}

#[component]
fn PersonChip(case: CaseId, person: PersonView) -> impl IntoView {
    // A refusal stands above a name that was written before it: nobody shows who does not want to be named.
    let name = person.name.clone().filter(|_| !person.refused);
    let nameless = nameless_words(&person, &use_pack(), &use_member().roles);
    let place = |subject| FieldPlace {
        case,
        kind: keys::IDENTITY_SHORT.to_owned(),
        subject: Some(subject),
        path: Path::Field(keys::FULL_NAME.to_owned()),
    };
    let cover = name.is_some().then(|| Cover::over(place(person.subject)));
    let words = name.unwrap_or(nameless);
    let facts = facts_words(&person, &use_pack());
    view! {
        <div class="switch" data-testid=format!("person-{}", person.code)>
            <span class="tag tag--brand">
                <Glyph icon=Icon::Person size=IconSize::Small />
                {person.code.clone()}
            </span>
            {(!facts.is_empty()).then(|| view! { <small data-testid=format!("person-{}-facts", person.code)>{facts}</small> })}
            <span class="switch__word" data-testid=format!("person-{}-name", person.code)>
                {covered(cover, "person-cover", &person.code, move || words.clone().into_any())}
            </span>
            <Glyph icon=if cover.is_some() { Icon::Eye } else { Icon::NoEye } />
        </div>
    }
}
