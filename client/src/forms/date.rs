//! A civil date that may lack its day, or its month too.

use leptos::ev::FocusEvent;
use leptos::html;
use leptos::prelude::*;
use shared::date::CivilDate;
use shared::value::Scalar;
use wasm_bindgen::JsCast;
use web_sys::Node;

use crate::entry::date::{DateFault, doubt, join, split};
use crate::i18n::{T, t};
use crate::state::clock::now_ms;
use crate::state::session::{Stage, use_session, use_zone};
use crate::state::toast::use_toasts;

/// Shows day, month and year apart, so that each may stay empty.
#[component]
pub(crate) fn DateInput(
    /// Name of the field for tests.
    #[prop(into)]
    test: String,
    /// What stands in the document.
    #[prop(into)]
    value: Signal<Scalar>,
    /// Nothing may be typed.
    #[prop(into)]
    disabled: Signal<bool>,
    /// The field was left with this.
    #[prop(into)]
    on_leave: Callback<Scalar>,
) -> impl IntoView {
    let (year, month, day) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let wrong = RwSignal::new(None::<DateFault>);
    let row = NodeRef::<html::Div>::new();
    let session = use_session();
    let zone = use_zone();
    // The three inputs are a draft of the one value: a new value from outside replaces them.
    Effect::new(move |_| {
        let (years, months, days) = split(&value.get());
        year.set(years);
        month.set(months);
        day.set(days);
        wrong.set(None);
    });
    let read = move |may_go_on: bool| match join(&year.get_untracked(), &month.get_untracked(), &day.get_untracked()) {
        Ok(scalar) => {
            wrong.set(None);
            on_leave.run(scalar);
        }
        // Whoever goes on to the next part is not told that it is missing.
        Err(fault) => wrong.set(Some(fault).filter(|fault| !may_go_on || *fault != DateFault::Incomplete)),
    };
    let leave = move |event: FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into::<Node>().ok());
        read(row.get_untracked().is_some_and(|row| row.contains(to.as_ref())));
    };
    say_when_gone(wrong);
    let today = move || CivilDate::at(i64::try_from(now_ms()).unwrap_or(0), zone);
    let knows_today = move || !session.status.with(|status| status.clock_wrong);
    // Of what was told it is a slip; of a day that is planned it is so.
    let asked = Memo::new(move |_| value.with(|value| doubt(value, today())).filter(|_| knows_today()));
    let months = t(T::MonthsShort).split(' ').enumerate().map(|(index, name)| {
        let number = index.saturating_add(1).to_string();
        view! { <option value=number.clone() selected=move || month.get() == number>{name}</option> }
    });
    view! {
        <div class="field__row" node_ref=row on:focusout=leave>
            <input
                class="field__input" type="text" inputmode="numeric" maxlength="2" autocomplete="off" spellcheck="false"
                aria-label=t(T::FormDateDay) placeholder=t(T::FormDateDay) data-testid=format!("{test}-day")
                disabled=disabled prop:value=day
                on:input=move |event| day.set(event_target_value(&event))
            />
            <select
                class="field__input" autocomplete="off" aria-label=t(T::FormDateMonth) data-testid=format!("{test}-month")
                disabled=disabled
                on:change=move |event| {
                    month.set(event_target_value(&event));
                    read(true);
                }
            >
                <option value="" selected=move || month.get().is_empty()>{t(T::FormDateMonth)}</option>
                {months.collect_view()}
            </select>
            <input
                class="field__input" type="text" inputmode="numeric" maxlength="4" autocomplete="off" spellcheck="false"
                aria-label=t(T::FormDateYear) placeholder=t(T::FormDateYear) data-testid=format!("{test}-year")
                disabled=disabled prop:value=year
                on:input=move |event| year.set(event_target_value(&event))
            />
            // A wrong clock must not fill in a wrong day.
            <Show when=knows_today>
                <button type="button" class="chip" data-testid=format!("{test}-today") disabled=disabled on:click=move |_| on_leave.run(Scalar::Str(today().to_string()))>
                    {t(T::FormDateToday)}
                </button>
            </Show>
        </div>
        <p class="field__help">{t(T::FormDateHelp)}</p>
        {move || match (wrong.get(), asked.get()) {
            (Some(fault), _) => Some(view! { <p class="field__error" role="alert" data-testid="date-wrong">{t(fault.words())}</p> }.into_any()),
            (None, Some(words)) => Some(view! { <p class="field__warn" role="status" data-testid="date-doubt">{t(words)}</p> }.into_any()),
            (None, None) => None,
        }}
    }
}

/// Whoever turns the page does not see any more what was said beside the date, and what was typed there is gone.
fn say_when_gone(wrong: RwSignal<Option<DateFault>>) {
    let (session, toasts) = (use_session(), use_toasts());
    on_cleanup(move || {
        let is_open = matches!(*session.stage.read_untracked(), Stage::Open(_));
        if let Some(fault) = wrong.try_get_untracked().flatten().filter(|_| is_open) {
            toasts.say(t(fault.words()));
        }
    });
}
