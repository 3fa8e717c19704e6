//! "Nomor darurat": the right telephone in ten seconds, before unlocking too.

use std::sync::Arc;

use leptos::prelude::*;
use shared::date::{CivilDate, PartialDate};
use shared::order::Arrange as _;
use shared::pack::{EmergencyNumber, Pack};

use crate::browser::storage;
use crate::components::button::{Button, Weight};
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::shell::Shell;
use crate::components::state::Blank;
use crate::format;
use crate::i18n::{T, label, t, tf};
use crate::state::clock::now_ms;
use crate::state::practice::is_practising;
use crate::state::session::use_session;

/// After so many days without a check a number is marked.
const CHECK_DAYS: i64 = 183;

/// The page behind the door.
#[component]
pub(crate) fn EmergencyPage() -> impl IntoView {
    view! {
        <Shell title=t(T::EmergencyTitle) back="/">
            <EmergencyNumbers />
        </Shell>
    }
}

/// The numbers, by district: whoever is on duty first.
#[component]
pub(crate) fn EmergencyNumbers(
    /// Where somebody of a case is, once that is told: the numbers follow it. Unlike on the page of the numbers alone, no
    /// district is remembered then, because it would tell of the case.
    #[prop(optional, into)]
    place: Option<Signal<Option<String>>>,
    /// The place is asked for right above: nothing is chosen here, and it is said for where the numbers are.
    #[prop(optional)]
    asked: bool,
) -> impl IntoView {
    let Some(pack) = use_session().pack() else {
        return view! { <Blank test="emergency-empty" icon=Icon::Phone title=t(T::EmergencyTitle) text=t(T::EmergencyNone) /> }
            .into_any();
    };
    let chosen = RwSignal::new(storage::noted_district().filter(|code| pack.areas.contains_key(code)));
    if let Some(place) = place {
        Effect::new(move |_| {
            if let Some(place) = place.get() {
                chosen.set(Some(place));
            }
        });
    }
    let shown = {
        let pack = Arc::clone(&pack);
        Memo::new(move |_| chosen.get().and_then(|area| pack.district_of(&area).map(|(code, _)| code.to_owned())))
    };
    let card = {
        let pack = Arc::clone(&pack);
        move || wallet_card(&pack, chosen.get().as_deref())
    };
    let listed = {
        let pack = Arc::clone(&pack);
        move || numbers(&pack, chosen.get().as_deref())
    };
    // On the page of the numbers alone the printer draws the card in their place.
    let alone = place.is_none();
    let print = |()| {
        let _ = window().print();
    };
    let area = if asked {
        let pack = Arc::clone(&pack);
        let district = move || {
            let area = pack.areas.get(&shown.get()?)?;
            Some(tf(T::DangerSmsDistrict, &[("area", &area.name)]))
        };
        view! { <p class="quiet" data-testid="emergency-for">{district}</p> }.into_any()
    } else {
        let choose = Callback::new(move |code: String| {
            if alone {
                storage::note_district(&code);
            }
            chosen.set(Some(code));
        });
        let chips = district_chips(&pack, shown, choose);
        view! {
            <section class="section" class=("print-ask", alone)>
                <h2 class="section__title">{t(T::EmergencyArea)}</h2>
                <div class="area-grid">{chips}</div>
            </section>
        }
        .into_any()
    };
    view! {
        {area}
        <div class="rows" class=("print-ask", alone) data-testid="emergency-list">{listed}</div>
        {alone.then(|| view! {
            <Button test="emergency-print" text=t(T::EmergencyPrint) weight=Weight::Wide icon=Icon::Printer on_press=print />
            {card}
        })}
    }
    .into_any()
}

/// One button for each district of the jurisdiction, by name.
fn district_chips(pack: &Pack, shown: Memo<Option<String>>, choose: Callback<String>) -> impl IntoView + use<> {
    let mut districts: Vec<(String, String)> =
        pack.areas_in(Some(&pack.home_area)).map(|(code, area)| (code.to_owned(), area.name.clone())).collect();
    districts.arrange_by(|left, right| left.1.cmp(&right.1));
    districts
        .into_iter()
        .map(|(code, name)| {
            let compared = code.clone();
            let pressed = move || if shown.get().as_deref() == Some(&compared) { "true" } else { "false" };
            let test = format!("emergency-area-{code}");
            let press = move |_| choose.run(code.clone());
            view! {
                <button type="button" class="chip" aria-pressed=pressed data-testid=test on:click=press>
                    {name}
                </button>
            }
        })
        .collect_view()
}

/// The numbers on a card for the wallet, which only a printer shows: whom to call and nothing that tells why it is carried.
fn wallet_card(pack: &Pack, area: Option<&str>) -> impl IntoView + use<> {
    let district = area.and_then(|area| pack.district_of(area)).map(|(_, district)| format!(" · {}", district.name));
    let lines = pack.emergency_for(area).into_iter().map(|number| {
        let chat = number.whatsapp.as_ref().map(|digits| format!("WA {digits}"));
        let phones = [Some(number.phone.clone()), chat].into_iter().flatten().collect::<Vec<_>>().join("\n");
        view! {
            <div class="wallet__line">
                <dt>{label(&number.label)}</dt>
                <dd>{phones}</dd>
            </div>
        }
    });
    let lines = lines.collect_view();
    view! {
        <article class="wallet" data-testid="wallet-card">
            <h2>{t(T::EmergencyTitle)} {district}</h2>
            <dl>{lines}</dl>
        </article>
    }
}

/// The numbers for a place, one under the other.
pub(crate) fn numbers(pack: &Arc<Pack>, area: Option<&str>) -> impl IntoView + use<> {
    let today = CivilDate::at(i64::try_from(now_ms()).unwrap_or(0), pack.zone.offset_minutes);
    pack.emergency_for(area).into_iter().map(|number| (number_row(number, today), chat_row(number))).collect_view()
}

/// Address at which a number's WhatsApp opens with a text in it; the pack has the number in digits, with the country's.
pub(crate) fn whatsapp_link(digits: &str, text: &str) -> String {
    let text = if text.is_empty() { String::new() } else { format!("?text={}", js_sys::encode_uri_component(text)) };
    format!("https://wa.me/{digits}{text}")
}

/// Who is written to instead of called.
fn chat_row(number: &EmergencyNumber) -> Option<AnyView> {
    let digits = number.whatsapp.clone()?;
    let to = whatsapp_link(&digits, "");
    let words = view! {
        <span class="picture-button__picture"><Glyph icon=Icon::Chat size=IconSize::Large /></span>
        <span class="rows__body">
            <span class="rows__title">{label(&number.label)}</span>
            <span class="number__phone">{tf(T::EmergencyWhatsapp, &[("number", &digits)])}</span>
        </span>
    };
    // Another tab: this one must not be loaded anew in the middle of a report.
    Some(reaching("emergency-whatsapp", to, Some("_blank"), words.into_any()))
}

/// A line that calls or writes to somebody; of a practice it can only be read.
fn reaching(test: &'static str, to: String, target: Option<&'static str>, words: AnyView) -> AnyView {
    if is_practising() {
        return view! { <div class="number rows__item" data-testid=test>{words}</div> }.into_any();
    }
    view! { <a class="number rows__item" href=to target=target rel="noopener noreferrer" data-testid=test>{words}</a> }
        .into_any()
}

/// A telephone number as a link takes it.
pub(crate) fn dialled(phone: &str) -> String {
    phone.chars().filter(|character| character.is_ascii_digit() || *character == '+').collect()
}

fn number_row(number: &EmergencyNumber, today: CivilDate) -> AnyView {
    let last = number.checked.as_deref().and_then(|text| PartialDate::parse(text).ok());
    let is_old = last.is_none_or(|last| today.days().saturating_sub(last.first_day().days()) > CHECK_DAYS);
    let checked =
        number.checked.as_deref().map(|date| tf(T::EmergencyChecked, &[("date", &format::partial_date(date))]));
    let words = view! {
        <span class="picture-button__picture"><Glyph icon=Icon::Phone size=IconSize::Large /></span>
        <span class="rows__body">
            <span class="rows__title">{label(&number.label)}</span>
            <span class="number__phone">{number.phone.clone()}</span>
            <small>
                {checked}
                {number.example.then(|| format!(" · {}", t(T::EmergencyExample)))}
            </small>
        </span>
        {is_old.then(|| view! { <span class="tag tag--warn">{t(T::EmergencyOld)}</span> })}
    };
    reaching("emergency-number", format!("tel:{}", dialled(&number.phone)), None, words.into_any())
}
