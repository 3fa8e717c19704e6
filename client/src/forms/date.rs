//! A civil date that may lack its day, or its month too.

use leptos::prelude::*;
use shared::date::CivilDate;
use shared::value::Scalar;

use crate::entry::date::{is_ahead, join, split};
use crate::i18n::{T, t};
use crate::state::clock::now_ms;
use crate::state::session::{use_session, use_zone};

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
    let wrong = RwSignal::new(false);
    let session = use_session();
    let zone = use_zone();
    // The three inputs are a draft of the one value: a new value from outside replaces them.
    Effect::new(move |_| {
        let (years, months, days) = split(&value.get());
        year.set(years);
        month.set(months);
        day.set(days);
        wrong.set(false);
    });
    let leave = move || match join(&year.get_untracked(), &month.get_untracked(), &day.get_untracked()) {
        Ok(scalar) => {
            wrong.set(false);
            on_leave.run(scalar);
        }
        Err(()) => wrong.set(!year.with_untracked(String::is_empty)),
    };
    let today = move || CivilDate::at(i64::try_from(now_ms()).unwrap_or(0), zone);
    let knows_today = move || !session.status.with(|status| status.clock_wrong);
    // Of what was told it is a slip; of a day that is planned it is so.
    let ahead = Memo::new(move |_| knows_today() && value.with(|value| is_ahead(value, today())));
    let months = t(T::MonthsShort).split(' ').enumerate().map(|(index, name)| {
        let number = index.saturating_add(1).to_string();
        view! { <option value=number.clone() selected=move || month.get() == number>{name}</option> }
    });
    view! {
        <div class="field__row">
            <input
                class="field__input" type="text" inputmode="numeric" maxlength="2" autocomplete="off" spellcheck="false"
                aria-label=t(T::FormDateDay) placeholder=t(T::FormDateDay) data-testid=format!("{test}-day")
                disabled=disabled prop:value=day
                on:input=move |event| day.set(event_target_value(&event)) on:blur=move |_| leave()
            />
            <select
                class="field__input" autocomplete="off" aria-label=t(T::FormDateMonth) data-testid=format!("{test}-month")
                disabled=disabled
                on:change=move |event| {
                    month.set(event_target_value(&event));
                    leave();
                }
            >
                <option value="" selected=move || month.get().is_empty()>{t(T::FormDateMonth)}</option>
                {months.collect_view()}
            </select>
            <input
                class="field__input" type="text" inputmode="numeric" maxlength="4" autocomplete="off" spellcheck="false"
                aria-label=t(T::FormDateYear) placeholder=t(T::FormDateYear) data-testid=format!("{test}-year")
                disabled=disabled prop:value=year
                on:input=move |event| year.set(event_target_value(&event)) on:blur=move |_| leave()
            />
            // A wrong clock must not fill in a wrong day.
            <Show when=knows_today>
                <button type="button" class="chip" data-testid=format!("{test}-today") disabled=disabled on:click=move |_| on_leave.run(Scalar::Str(today().to_string()))>
                    {t(T::FormDateToday)}
                </button>
            </Show>
        </div>
        <p class="field__help">{t(T::FormDateHelp)}</p>
        <Show when=move || ahead.get() && !wrong.get()>
            <p class="field__warn" role="status" data-testid="date-ahead">{t(T::FormDateAhead)}</p>
        </Show>
        <Show when=move || wrong.get()>
            <p class="field__error" role="alert">{t(T::FormDateWrong)}</p>
        </Show>
    }
}
