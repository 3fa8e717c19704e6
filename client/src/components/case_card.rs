//! A case in a list: code, tags, stage, where from, last activity. Never a name.

use leptos::prelude::*;
use leptos_router::components::A;
use shared::pack::Pack;

use super::icon::{Glyph, Icon, IconSize};
use crate::api::{CaseCard, Duty, Tag};
use crate::format;
use crate::i18n::{T, label, t, tf, tn};
use crate::pages::words;
use crate::state::clock::now_ms;

/// Class, picture and words of a tag.
pub(crate) const fn tag_face(tag: Tag) -> (&'static str, Icon, T) {
    match tag {
        Tag::Emergency => ("tag tag--danger", Icon::Siren, T::TagEmergency),
        Tag::Child => ("tag tag--warn", Icon::Child, T::TagChild),
        Tag::NoIdentity => ("tag", Icon::NoEye, T::TagNoIdentity),
        Tag::Deceased => ("tag", Icon::Flag, T::TagDeceased),
        Tag::Exclusion => ("tag", Icon::Excluded, T::TagExclusion),
        Tag::Draft => ("tag", Icon::Pencil, T::TagDraft),
    }
}

/// Shows the tags of a case.
#[component]
pub(crate) fn TagList(
    /// The tags.
    tags: Vec<Tag>,
) -> impl IntoView {
    tags.into_iter()
        .map(|tag| {
            let (class, icon, word) = tag_face(tag);
            view! {
                <span class=class>
                    <Glyph icon=icon size=IconSize::Small />
                    {t(word)}
                </span>
            }
        })
        .collect_view()
}

/// What a duty is called.
pub(crate) fn duty_words(pack: &Pack, duty: Duty) -> String {
    let found = usize::try_from(duty.index).ok().and_then(|index| pack.duties.get(index));
    found.map(|duty| label(&duty.label)).unwrap_or_default()
}

/// A duty and how long there is for it; red once that is over.
#[component]
fn DutyTag(
    /// The duty.
    duty: Duty,
    /// What it is called.
    words: String,
) -> impl IntoView {
    let class = if now_ms() > duty.due_ms { "tag tag--danger" } else { "tag tag--warn" };
    view! {
        <span class=class data-testid="duty">
            <Glyph icon=Icon::Clock size=IconSize::Small />
            {words} " · " {format::due(duty.due_ms, now_ms())}
        </span>
    }
}

/// One small fact with its picture.
#[component]
pub(crate) fn Fact(
    /// Picture.
    icon: Icon,
    /// Words.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <span class="card__fact">
            <Glyph icon=icon size=IconSize::Small />
            {text}
        </span>
    }
}

/// Shows a case as a card that opens it.
#[component]
pub(crate) fn CaseCardLink(
    /// The case.
    card: CaseCard,
    /// For names of stages and places.
    pack: std::sync::Arc<Pack>,
) -> impl IntoView {
    let zone = pack.zone.offset_minutes;
    let urgent = card.waiting && card.tags.contains(&Tag::Emergency);
    let class = if urgent { "card card--link card--danger" } else { "card card--link" };
    let stage = words::stage_name(&pack, &card.stage);
    let triage = words::triage_name(&pack, &card.triage);
    let area = words::area_name(&pack, &card.area);
    let changed =
        tf(T::CaseChanged, &[("name", &card.changed_by), ("when", &format::ago(card.changed_ms, now_ms(), zone))]);
    let waiting = card.waiting.then(|| {
        let when = format::ago(card.waiting_since_ms, now_ms(), zone);
        tf(T::HomeEmergencyWaiting, &[("when", &when)])
    });
    let code = card.code.clone();
    let field_code = (card.code != card.field_code).then(|| tf(T::CaseFieldCode, &[("code", &card.field_code)]));
    view! {
        <A href=format!("/kasus/{}", card.case) attr:class=class attr:data-testid=format!("case-card-{}", card.field_code)>
            <div class="card__head">
                <span class="card__code">{code}</span>
                <span class="row"><TagList tags=card.tags.clone() /></span>
            </div>
            <div class="card__meta">
                {field_code.map(|code| view! { <Fact icon=Icon::Clipboard text=code /> })}
                <Fact icon=Icon::Tasks text=stage />
                {(!triage.is_empty()).then(|| view! { <Fact icon=Icon::Clipboard text=triage /> })}
                {(!area.is_empty()).then(|| view! { <Fact icon=Icon::Pin text=area /> })}
                {(card.people > 0).then(|| view! { <Fact icon=Icon::Person text=tn(T::CommonPeople, card.people) /> })}
                {match waiting {
                    Some(waiting) => view! { <Fact icon=Icon::Clock text=waiting /> }.into_any(),
                    None => view! { <Fact icon=Icon::Pencil text=changed /> }.into_any(),
                }}
            </div>
            {(card.conflicts > 0 || card.unsent > 0 || !card.duties.is_empty())
                .then(|| {
                    view! {
                        <div class="row">
                            {card
                                .duties
                                .into_iter()
                                .map(|duty| view! { <DutyTag duty=duty words=duty_words(&pack, duty) /> })
                                .collect_view()}
                            {(card.conflicts > 0)
                                .then(|| {
                                    view! {
                                        <span class="tag tag--warn">
                                            <Glyph icon=Icon::Flag size=IconSize::Small />
                                            {tn(T::HomeConflicts, card.conflicts)}
                                        </span>
                                    }
                                })}
                            {(card.unsent > 0)
                                .then(|| view! { <span class="tag">{tn(T::CaseUnsent, card.unsent)}</span> })}
                        </div>
                    }
                })}
        </A>
    }
}
