//! "Keselamatan dulu": what to do and whom to call, before anything is asked, and what may leave the tablet in clear.

use std::sync::Arc;

use leptos::prelude::*;
use shared::id::CaseId;
use shared::pack::{Condition, ConditionTest, FieldRef, FieldType, Item, Pack, Page};

use super::watch_case;
use crate::api::PRACTICE;
use crate::components::button::{LinkButton, Weight};
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::note::{Note, Tone};
use crate::forms::documents::Documents;
use crate::i18n::{T, t, tf};
use crate::pages::emergency::{EmergencyNumbers, dialled, whatsapp_link};
use crate::state::session::{use_pack, use_session};

/// Whether a page is shown only in danger: its condition is one that sets the emergency flag.
pub(super) fn is_danger_page(pack: &Pack, page: &Page) -> bool {
    let sets_emergency = |condition: &Condition| {
        pack.derivations.iter().any(|derivation| {
            derivation.sets.key == "darurat"
                && derivation.when.key == condition.key
                && match &condition.test {
                    ConditionTest::AnyOf(values) => values.iter().all(|value| derivation.when.test.holds(value)),
                    ConditionTest::NoneOf(_)
                    | ConditionTest::AtLeast(_)
                    | ConditionTest::AtMost(_)
                    | ConditionTest::Answered => false,
                }
        })
    };
    page.show_when.iter().any(sets_emergency)
}

/// The page in two: where the person is now, which decides whom to call, and what is asked after that.
pub(super) fn place_first(page: &Page, pack: &Pack) -> (Page, Page) {
    let (mut place, mut rest) = (page.clone(), page.clone());
    // The red head says what notes say, larger, and only warns of a missing line when there is none.
    rest.items.retain(|item| !matches!(item, Item::Note(_)));
    let at = rest.items.iter().position(|item| asked_place(item, pack).is_some());
    place.items = at.map(|at| rest.items.remove(at)).into_iter().collect();
    (place, rest)
}

/// The field of an item that asks for a place.
fn asked_place<'i>(item: &'i Item, pack: &Pack) -> Option<&'i FieldRef> {
    match item {
        Item::Field(field) => pack.field(field).is_some_and(|spec| spec.value == FieldType::Area).then_some(field),
        Item::Rows(_) | Item::Note(_) => None,
    }
}

/// Where the person is now, as the page itself asks: the first place on it. Neither where somebody comes from, nor a place that
/// the pack does not know.
pub(super) fn place_of(page: &Page, pack: &Pack, documents: Documents) -> Signal<Option<String>> {
    let asked = page.items.iter().find_map(|item| asked_place(item, pack)).cloned();
    let pack = use_pack();
    Memo::new(move |_| {
        let field = asked.as_ref()?;
        let told = documents.with(&field.kind, |document| {
            let value = &document.fields.get(&field.key)?.values.first()?.value;
            value.as_str().map(ToOwned::to_owned)
        })?;
        told.filter(|area| pack.areas.contains_key(area))
    })
    .into()
}

/// What whoever is on duty reads. Only the code and where to go leave the tablet: a message is readable on the way.
fn danger_message(pack: &Pack, code: &str, area: Option<&str>) -> String {
    let place = area.and_then(|area| match pack.district_of(area) {
        Some((_, district)) => Some(tf(T::DangerSmsDistrict, &[("area", &district.name)])),
        None => pack.areas.get(area).map(|area| area.name.clone()),
    });
    match place {
        Some(place) => tf(T::DangerSmsText, &[("code", code), ("place", &place)]),
        None => tf(T::DangerSmsNoPlace, &[("code", code)]),
    }
}

/// The page's red head: steps, where the person is, the numbers for there, and a message to who is on duty.
#[component]
pub(super) fn Danger(
    case: CaseId,
    /// Where the person is now.
    place: Signal<Option<String>>,
    /// The question for it; none where the page does not ask, and a district is chosen among the numbers then.
    question: Option<AnyView>,
    /// What else is asked.
    after: AnyView,
) -> impl IntoView {
    let (session, pack) = (use_session(), use_pack());
    let view = watch_case(case);
    let asked = question.is_some();
    let code = Memo::new(move |_| {
        let code = |load: &crate::state::load::Load<Option<Box<crate::api::CaseView>>>| {
            load.ready().and_then(Option::as_ref).map(|view| view.card.field_code.clone())
        };
        view.with(code).unwrap_or_default()
    });
    let message = {
        let pack = pack.clone();
        Memo::new(move |_| danger_message(&pack, &code.get(), place.get().as_deref()))
    };
    // Of a practice nothing calls or writes to anybody; it is said what would.
    let told = (case == PRACTICE).then(|| {
        let text = Signal::derive(move || tf(T::PracticeDanger, &[("text", &message.get())]));
        view! { <div data-testid="practice-message"><Note text=text tone=Tone::Warn /></div> }
    });
    let reach = (case != PRACTICE).then(|| reach_duty(pack, place, message));
    let no_line = move || session.status.with(|status| status.line != crate::api::Line::Ok);
    view! {
        <div class="stack stack--wide" data-testid="danger">
            <section class="danger-head">
                <p class="danger-head__title">
                    <Glyph icon=Icon::Shield size=IconSize::Huge />
                    {t(T::DangerTitle)}
                </p>
                <ol class="danger-steps">
                    <li class="danger-steps__step">{t(T::DangerStepAway)}</li>
                    <li class="danger-steps__step">{t(T::DangerStepAlone)}</li>
                    <li class="danger-steps__step">{t(T::DangerStepCall)}</li>
                </ol>
            </section>
            <Show when=no_line>
                <Note text=t(T::DangerOffline).to_owned() tone=Tone::Danger />
            </Show>
            {told}
            {question}
            <section class="section">
                <h2 class="section__title">{t(T::DangerNumbers)}</h2>
                <EmergencyNumbers place=place asked=asked />
            </section>
            {reach}
            {after}
            <LinkButton test="danger-later" to="/" text=t(T::DangerLater) weight=Weight::Wide />
        </div>
    }
}

/// The messages to whom is on duty: by SMS, and by WhatsApp where that is read.
fn reach_duty(pack: Arc<Pack>, place: Signal<Option<String>>, message: Memo<String>) -> AnyView {
    let links = Memo::new(move |_| {
        let place = place.get();
        let message = message.get();
        let duty = pack.duty_number(place.as_deref());
        let to = duty.map(|number| dialled(&number.phone)).unwrap_or_default();
        let sms = format!("sms:{to}?body={}", js_sys::encode_uri_component(&message));
        let whatsapp = duty.and_then(|number| number.whatsapp.as_deref()).map(|digits| whatsapp_link(digits, &message));
        (sms, whatsapp)
    });
    let whatsapp = move || {
        links.with(|(_, whatsapp)| whatsapp.clone()).map(|link| {
            view! {
                <a
                    class="button button--danger button--wide" href=link target="_blank" rel="noopener noreferrer"
                    data-testid="danger-whatsapp"
                >
                    <Glyph icon=Icon::Chat />
                    <span>{t(T::DangerWhatsapp)}</span>
                </a>
            }
        })
    };
    view! {
        <a class="button button--danger button--wide" href=move || links.with(|(sms, _)| sms.clone()) data-testid="danger-sms">
            <Glyph icon=Icon::Chat />
            <span>{t(T::DangerSms)}</span>
        </a>
        {whatsapp}
    }
    .into_any()
}
