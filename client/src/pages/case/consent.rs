//! "Persetujuan": for each person and purpose what is in force, from whom and when; what was withdrawn stands on top in red.

use leptos::prelude::*;
use shared::id::SubjectId;
use shared::pack::{FieldSpec, Pack};

use crate::api::{ConsentAnswer, ConsentView, GivenView, PersonView, PurposeView};
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::note::{Note, Tone};
use crate::engine::keys;
use crate::format;
use crate::i18n::{T, label, t, tf};
use crate::pages::words;

/// The strip; nothing of a case without people and without a consent.
pub(super) fn strip(consents: &[ConsentView], people: &[PersonView], pack: &Pack) -> Option<impl IntoView + use<>> {
    if consents.is_empty() {
        return None;
    }
    let cards = consents.iter().map(|consent| card(consent, people, pack)).collect_view();
    Some(view! {
        <section class="section" data-testid="case-consent">
            <h2 class="section__title">{t(T::ConsentTitle)}</h2>
            {withdrawn(consents, people, pack)}
            {cards}
        </section>
    })
}

fn code_of(subject: Option<SubjectId>, people: &[PersonView]) -> String {
    let person = people.iter().find(|person| Some(person.subject) == subject);
    person.map_or_else(|| t(T::ConsentAtReport).to_owned(), |person| person.code.clone())
}

fn field<'a>(pack: &'a Pack, key: &str) -> Option<&'a FieldSpec> {
    pack.kinds.get(keys::CORE)?.tables.get(keys::CONSENT)?.fields.get(key)
}

fn purpose_words(pack: &Pack, purpose: &PurposeView) -> String {
    let Some(spec) = field(pack, &purpose.field) else { return purpose.field.clone() };
    match spec.value.list() {
        Some(list) => words::code_words(pack, list, &purpose.code),
        None => label(&spec.label).trim_end_matches('?').to_owned(),
    }
}

/// What nobody may share any more, on top and in red.
fn withdrawn(consents: &[ConsentView], people: &[PersonView], pack: &Pack) -> Option<impl IntoView + use<>> {
    let mut lines = Vec::new();
    for consent in consents {
        let mut taken_back = consent.purposes.iter().filter(|one| one.answer == ConsentAnswer::Withdrawn).peekable();
        let Some(first) = taken_back.peek() else { continue };
        let date = match &*first.withdrawn_on {
            "" => t(T::ConsentUndated).to_owned(),
            date => format::partial_date(date),
        };
        let values = [("person", &*code_of(consent.subject, people)), ("date", &*date), ("name", &*first.withdrawn_by)];
        let noted = tf(T::ConsentWithdrawnBy, &values);
        let what: Vec<String> = taken_back.map(|purpose| purpose_words(pack, purpose)).collect();
        lines.push(format!("{noted}: {}", what.join(", ")));
    }
    (!lines.is_empty()).then(|| {
        let small = t(T::ConsentWithdrawnShare).to_owned();
        view! { <div data-testid="consent-withdrawn"><Note text=lines.join("; ") tone=Tone::Danger small=small /></div> }
    })
}

fn card(consent: &ConsentView, people: &[PersonView], pack: &Pack) -> impl IntoView + use<> {
    let code = code_of(consent.subject, people);
    let is_disputed = consent.purposes.iter().any(|purpose| purpose.disputed);
    let test = if consent.subject.is_some() { code.as_str() } else { "report" };
    let tags = consent.purposes.iter().filter_map(|purpose| tag(purpose, test, pack)).collect_view();
    let given = consent.given.iter().map(|given| view! { <small>{given_words(given, pack)}</small> }).collect_view();
    view! {
        <article class="card" data-testid=format!("consent-{test}")>
            <p class="card__title">{code.clone()}</p>
            <div class="row">{tags}</div>
            {not_asked(consent, test, pack)}
            {given}
            {is_disputed.then(|| view! { <Note text=t(T::ConsentInForce).to_owned() tone=Tone::Warn /> })}
        </article>
    }
}

/// What nobody was asked yet, in one line: of many people it is most of what there is to say.
fn not_asked(consent: &ConsentView, test: &str, pack: &Pack) -> Option<impl IntoView + use<>> {
    let open = consent.purposes.iter().filter(|purpose| is_open(purpose));
    let what: Vec<String> = open.map(|purpose| purpose_words(pack, purpose)).collect();
    (!what.is_empty()).then(|| {
        let words = tf(T::ConsentNotAsked, &[("what", &what.join(", "))]);
        view! { <small data-testid=format!("consent-{test}-not-asked")>{words}</small> }
    })
}

/// Nobody was asked, and nothing is in dispute about it.
fn is_open(purpose: &PurposeView) -> bool {
    purpose.answer == ConsentAnswer::NotAsked && !purpose.disputed
}

/// What was answered about one purpose; none while nobody was asked.
fn tag(purpose: &PurposeView, test: &str, pack: &Pack) -> Option<impl IntoView + use<>> {
    let (class, icon, answer) = match purpose.answer {
        ConsentAnswer::Yes => ("tag tag--brand", Icon::Check, T::ConsentYes),
        ConsentAnswer::No => ("tag tag--warn", Icon::Cross, T::ConsentNo),
        ConsentAnswer::Withdrawn => ("tag tag--danger", Icon::Undo, T::ConsentWithdrawn),
        ConsentAnswer::NotAsked if is_open(purpose) => return None,
        ConsentAnswer::NotAsked => ("tag tag--warn", Icon::Question, T::AnswerNotAsked),
    };
    let until = purpose.disputed.then(|| view! { <Glyph icon=Icon::Flag size=IconSize::Small /> });
    let name = if purpose.code.is_empty() { &purpose.field } else { &purpose.code };
    Some(view! {
        <span class=class data-testid=format!("consent-{test}-{name}")>
            <Glyph icon=icon size=IconSize::Small />
            {format!("{}: {}", purpose_words(pack, purpose), t(answer))}
            {until}
        </span>
    })
}

/// From whom, when, and who noted it, as far as somebody wrote it.
fn given_words(given: &GivenView, pack: &Pack) -> String {
    let list = field(pack, keys::CONSENT_GIVER).and_then(|spec| spec.value.list());
    let giver = list.map_or_else(|| given.giver.clone(), |list| words::code_words(pack, list, &given.giver));
    let mut said = Vec::new();
    if !given.giver.is_empty() {
        said.push(tf(T::ConsentFrom, &[("who", &giver)]));
    }
    if !given.on.is_empty() {
        said.push(format::partial_date(&given.on));
    }
    said.push(tf(T::ConsentNoted, &[("name", &given.officer)]));
    said.join(" · ")
}
