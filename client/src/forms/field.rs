//! One field on a page: label, input, why it may be empty, and its mark.

use std::sync::Arc;

use leptos::prelude::*;
use shared::nik::Doubt;
use shared::pack::{FieldSpec, FieldType, Pack, Sensitivity};

use super::binding::{Binding, Pending, RowMaker, Spot};
use super::documents::DocumentSignal;
use super::input::{InputProps, Style, answers_of, input, is_counted, look_of};
use super::long_text::LongTextInput;
use super::name_hint::NameFree;
use crate::components::button::{LinkButton, Weight};
use crate::components::choice::{Choice, Count};
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::mark::FieldMark;
use crate::components::note::{Note, Tone};
use crate::i18n::{T, label, t};
use crate::pages::words::answer_words;

/// Reasons a person may give for an empty field.
const REASONS: [&str; 3] = ["TIDAK_TAHU", "MENOLAK", "TIDAK_BERLAKU"];

/// Name of a field in tests.
pub(crate) fn test_name(spot: &Spot) -> String {
    format!("field-{}", spot.key)
}

/// Shows a field bound to a document.
#[component]
pub(crate) fn FieldRow(
    /// Where it is.
    spot: Spot,
    /// What the pack says of it.
    spec: FieldSpec,
    /// Its document.
    document: DocumentSignal,
    /// For codes and places.
    pack: Arc<Pack>,
    /// How it is drawn.
    style: Style,
    /// Codes that are not offered now.
    #[prop(optional)]
    withheld: Vec<String>,
    /// Makes the row it is to stand in.
    #[prop(optional)]
    maker: Option<RowMaker>,
) -> impl IntoView {
    let name = label(&spec.label);
    let test = test_name(&spot);
    let binding = Binding::new(spot, document, name.clone(), maker).weighty(spec.safest.clone());
    let is_held_safe = Memo::new(move |_| binding.is_held_safe());
    let is_different = Memo::new(move |_| binding.is_different());
    let disabled = Signal::derive(move || !binding.is_writable() || is_different.get());
    let required = spec.required;
    let shown = Signal::derive(move || binding.shown(required));
    let class = move || if is_different.get() { "field field--different" } else { "field" };
    let control = control(&pack, &spec, Drawn { test: &test, name: &name, style, withheld }, binding, disabled);
    let help = spec.help.as_ref().map(|help| view! { <p class="field__help">{label(help)}</p> });
    let free = spec.name_free.then(|| view! { <p class="field__help">{t(T::FormNameFree)}</p> });
    // Switches and counters carry their own words.
    let has_own_label = matches!(spec.value, FieldType::Flag) || is_counted(&spec.value, style);
    let may_be_empty = matches!(spec.value, FieldType::YesNo)
        || (spec.sensitivity >= Sensitivity::S2 && style == Style::Form && !matches!(spec.value, FieldType::Flag));
    let caption = (!has_own_label)
        .then(|| view! { <label class="field__label" for=format!("{test}-input")>{name.clone()}</label> });
    let failed = move || match binding.pending.get() {
        Pending::Failed(sentence) => Some(view! { <p class="field__error" role="alert">{sentence}</p> }),
        Pending::Idle | Pending::Saving | Pending::Draft => None,
    };
    let doubts = matches!(spec.value, FieldType::Nik).then(|| {
        let note = |doubt| view! { <Note text=t(doubt_words(doubt)).to_owned() tone=Tone::Warn /> };
        move || binding.doubts().into_iter().map(note).collect_view()
    });
    let reason_test = test.clone();
    view! {
        <div class=class data-testid=test.clone()>
            {caption}
            {help}
            {free}
            {control}
            {failed}
            {doubts}
            <Show when=move || is_held_safe.get()>
                <p class="field__help" data-testid="field-in-force">{t(T::FormInForce)}</p>
            </Show>
            <Show when=move || is_different.get()>
                <LinkButton test="field-choose" to="/isian-berbeda" text=t(T::FormChooseHere) icon=Icon::Flag weight=Weight::Plain />
            </Show>
            <div class="field__foot">
                {may_be_empty.then(|| view! { <Reasons test=reason_test binding=binding disabled=disabled /> })}
                <FieldMark test=format!("{test}-mark") shown=shown />
            </div>
        </div>
    }
}

/// What to ask again about a population number.
const fn doubt_words(doubt: Doubt) -> T {
    match doubt {
        Doubt::Place => T::NikPlace,
        Doubt::Number => T::NikNumber,
        Doubt::Born => T::NikBorn,
        Doubt::Sex => T::NikSex,
    }
}

/// How the input of a field is called and drawn.
struct Drawn<'a> {
    test: &'a str,
    name: &'a str,
    style: Style,
    withheld: Vec<String>,
}

fn control(
    pack: &Arc<Pack>,
    spec: &FieldSpec,
    Drawn { test, name, style, withheld }: Drawn<'_>,
    binding: Binding,
    disabled: Signal<bool>,
) -> AnyView {
    let name_free = spec.name_free.then(|| binding.spot()).map(|Spot { case, subject, .. }| NameFree { case, subject });
    match &spec.value {
        FieldType::LongText { chars_max } => view! {
            <LongTextInput test=test binding=binding chars_max=*chars_max name_free=name_free disabled=disabled />
        }
        .into_any(),
        FieldType::Many { list } => {
            let chosen = Signal::derive(move || binding.chosen());
            let alone = Arc::new(spec.clone());
            let touch = move |(code, on): (String, bool)| {
                let chosen = chosen.get_untracked();
                binding.set_code(&code, on);
                for other in alone.contradicted_by(&code, &chosen).filter(|_| on) {
                    binding.set_code(other, false);
                }
            };
            let answers = answers_of(pack, list, &withheld, &chosen.get_untracked());
            let look = look_of(style, &answers);
            view! {
                <Choice
                    test=test label=name answers=answers chosen=chosen look=look count=Count::Many
                    disabled=disabled on_touch=touch
                />
            }
            .into_any()
        }
        field @ (FieldType::Code { .. }
        | FieldType::YesNo
        | FieldType::Flag
        | FieldType::Text { .. }
        | FieldType::Number { .. }
        | FieldType::Money
        | FieldType::Date
        | FieldType::Time
        | FieldType::Instant
        | FieldType::Area
        | FieldType::Account
        | FieldType::Subject
        | FieldType::Office
        | FieldType::Role
        | FieldType::Phone
        | FieldType::Nik) => {
            let draft = binding.resume_line();
            let props = InputProps {
                test: test.to_owned(),
                label: name.to_owned(),
                field: field.clone(),
                value: Signal::derive(move || binding.value()),
                draft,
                disabled,
                failed: Signal::derive(move || binding.has_failed()),
                style,
                withheld,
                name_free,
                on_type: Some(Callback::new(move |text: String| binding.type_line(text))),
                on_leave: Callback::new(move |value| binding.set(value)),
            };
            input(pack, props)
        }
    }
}

/// Why a field is empty: "Tanpa jawaban" opens the three lawful reasons; none of them lowers completeness.
#[component]
fn Reasons(
    /// Name of the field for tests.
    #[prop(into)]
    test: String,
    /// The field.
    binding: Binding,
    /// Nothing may be changed.
    #[prop(into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let given = Memo::new(move |_| binding.answer().filter(|code| REASONS.contains(&code.as_str())));
    let reason = move |code: &'static str| {
        let is_given = move || given.get().as_deref() == Some(code);
        let touch = move |_| binding.set_answer(if untrack(is_given) { None } else { Some(code) });
        view! {
            <button
                type="button" class="field__answer" role="radio" disabled=disabled data-testid=format!("{test}-answer-{code}")
                aria-checked=move || if is_given() { "true" } else { "false" } on:click=touch
            >
                {answer_words(code)}
            </button>
        }
    };
    let reason = StoredValue::new(reason);
    view! {
        <div class="field__answers" role="radiogroup" aria-label=t(T::AnswerNone)>
            <Show
                when=move || open.get() || given.get().is_some()
                fallback=move || {
                    view! {
                        <button
                            type="button" class="field__answer" role="radio" aria-checked="false" disabled=disabled data-testid="answer-none"
                            on:click=move |_| open.set(true)
                        >
                            <Glyph icon=Icon::None size=IconSize::Small />
                            {t(T::AnswerNone)}
                        </button>
                    }
                }
            >
                {REASONS.into_iter().map(|code| reason.with_value(|reason| reason(code))).collect_view()}
            </Show>
        </div>
    }
}
