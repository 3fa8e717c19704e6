//! One input for one scalar, chosen by the field's type.

use std::sync::Arc;

use leptos::prelude::*;
use shared::pack::{FieldType, Pack};
use shared::value::Scalar;

use super::area::AreaInput;
use super::date::DateInput;
use super::list::ListInput;
use super::name_hint::NameFree;
use super::picture::picture_of;
use super::text::LineInput;
use crate::components::choice::{Answer, Choice, Count, Look};
use crate::components::counter::Counter;
use crate::components::icon::Icon;
use crate::entry::line::Line;
use crate::i18n::{T, label, t};
use crate::pages::words::{choosable, scalar_words};
use crate::state::session::use_members;

/// How generously a form is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// The report: pictures and large targets.
    Report,
    /// Everything else.
    Form,
}

/// Above so many codes the browser's own picker is quicker than tiles.
const TILES_MAX: usize = 14;
/// Numbers up to here are counted with the thumb; in a report all are, because there they are people.
const COUNTED_MAX: i64 = 30;

/// The answers of a code list, but for those withheld now; one that was chosen before is shown all the same.
pub(crate) fn answers_of(pack: &Pack, list: &str, withheld: &[String], chosen: &[String]) -> Vec<Answer> {
    let codes = pack.code_lists.get(list).map(|list| list.offered().collect::<Vec<_>>()).unwrap_or_default();
    codes
        .into_iter()
        .filter(|code| !withheld.contains(&code.code) || chosen.contains(&code.code))
        .map(|code| {
            let (picture, class) = picture_of(&code.code);
            Answer { code: code.code.clone(), words: label(&code.label), picture, class }
        })
        .collect()
}

/// How answers are drawn: in a report as tiles, where all but one have a picture.
pub(crate) fn look_of(style: Style, answers: &[Answer]) -> Look {
    let plain = answers.iter().filter(|answer| answer.picture.is_none()).count();
    match style {
        Style::Report if plain <= 1 => Look::Pictures,
        Style::Report | Style::Form => Look::Chips,
    }
}

/// What every input is given.
#[derive(Clone)]
pub(crate) struct InputProps {
    /// Name of the field for tests and labels.
    pub(crate) test: String,
    /// Its label.
    pub(crate) label: String,
    /// What it holds.
    pub(crate) field: FieldType,
    /// What stands there.
    pub(crate) value: Signal<Scalar>,
    /// What was being typed when the tablet stopped.
    pub(crate) draft: Option<String>,
    /// Nothing may be changed.
    pub(crate) disabled: Signal<bool>,
    /// What was left last did not get to stable storage.
    pub(crate) failed: Signal<bool>,
    /// How it is drawn.
    pub(crate) style: Style,
    /// Codes that are not offered now.
    pub(crate) withheld: Vec<String>,
    /// A line that is to hold no names.
    pub(crate) name_free: Option<NameFree>,
    /// Every keystroke of a line.
    pub(crate) on_type: Option<Callback<String>>,
    /// The field was left with this.
    pub(crate) on_leave: Callback<Scalar>,
}

/// Whether a number is counted with the thumb; the counter carries its own label.
pub(crate) const fn is_counted(field: &FieldType, style: Style) -> bool {
    match field {
        FieldType::Number { max, .. } => *max <= COUNTED_MAX || matches!(style, Style::Report),
        FieldType::Code { .. }
        | FieldType::Many { .. }
        | FieldType::YesNo
        | FieldType::Flag
        | FieldType::Text { .. }
        | FieldType::LongText { .. }
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
        | FieldType::Nik => false,
    }
}

/// Draws the input of a scalar field; many-choice fields and long texts are drawn by `field`.
pub(crate) fn input(pack: &Arc<Pack>, props: InputProps) -> AnyView {
    if let FieldType::Number { min, max } = props.field
        && is_counted(&props.field, props.style)
    {
        let value = props.value;
        let count = Signal::derive(move || value.get().as_int());
        let on_leave = props.on_leave;
        return view! {
            <Counter
                test=props.test label=props.label value=count range=(min, max) disabled=props.disabled
                on_change=move |number| on_leave.run(Scalar::Int(number))
            />
        }
        .into_any();
    }
    if let Some(line) = Line::of(&props.field) {
        return view! {
            <LineInput
                test=props.test line=line value=props.value draft=props.draft disabled=props.disabled failed=props.failed
                name_free=props.name_free on_type=props.on_type on_leave=props.on_leave
            />
        }
        .into_any();
    }
    chosen_input(pack, props)
}

/// Inputs in which an answer is picked.
fn chosen_input(pack: &Arc<Pack>, props: InputProps) -> AnyView {
    let InputProps { test, label: name, field, value, disabled, style, withheld, on_leave, .. } = props;
    match field {
        FieldType::Code { list } => {
            let stands: Vec<String> = value.get_untracked().as_str().map(str::to_owned).into_iter().collect();
            let answers = answers_of(pack, &list, &withheld, &stands);
            if answers.len() > TILES_MAX {
                let answers = answers.into_iter().map(|answer| (answer.code, answer.words)).collect();
                return list_view(test, answers, value, disabled, on_leave);
            }
            let chosen =
                Signal::derive(move || value.get().as_str().map(str::to_owned).into_iter().collect::<Vec<_>>());
            let touch =
                move |(code, on): (String, bool)| on_leave.run(if on { Scalar::Str(code) } else { Scalar::Null });
            let look = look_of(style, &answers);
            view! {
                <Choice test=test label=name answers=answers chosen=chosen look=look count=Count::One disabled=disabled on_touch=touch />
            }
            .into_any()
        }
        FieldType::YesNo => yes_no(test, name, value, disabled, style, on_leave),
        FieldType::Flag => flag(test, name, value, disabled, on_leave),
        FieldType::Date => view! { <DateInput test=test value=value disabled=disabled on_leave=on_leave /> }.into_any(),
        FieldType::Area => {
            view! { <AreaInput test=test open={style == Style::Report} pack=Arc::clone(pack) value=value disabled=disabled on_leave=on_leave /> }
                .into_any()
        }
        FieldType::Office => {
            let offices = pack.offices.iter().map(|office| (office.key.clone(), label(&office.label))).collect();
            list_view(test, offices, value, disabled, on_leave)
        }
        FieldType::Role => {
            let roles = pack.roles.iter().map(|role| (role.key.clone(), label(&role.label))).collect();
            list_view(test, roles, value, disabled, on_leave)
        }
        FieldType::Account => {
            let members = use_members().with_untracked(|members| choosable(members.iter()));
            list_view(test, members, value, disabled, on_leave)
        }
        // Written by the engine, or drawn elsewhere: shown, not asked.
        FieldType::Instant
        | FieldType::Subject
        | FieldType::Many { .. }
        | FieldType::LongText { .. }
        | FieldType::Text { .. }
        | FieldType::Number { .. }
        | FieldType::Money
        | FieldType::Time
        | FieldType::Phone
        | FieldType::Nik => {
            let pack = Arc::clone(pack);
            let members = use_members();
            view! { <p class="lead">{move || scalar_words(&pack, &members.get(), &field, &value.get())}</p> }
                .into_any()
        }
    }
}

fn list_view(
    test: String,
    answers: Vec<(String, String)>,
    value: Signal<Scalar>,
    disabled: Signal<bool>,
    on_leave: Callback<Scalar>,
) -> AnyView {
    view! { <ListInput test=test answers=answers value=value disabled=disabled on_leave=on_leave /> }.into_any()
}

fn yes_no(
    test: String,
    name: String,
    value: Signal<Scalar>,
    disabled: Signal<bool>,
    style: Style,
    on_leave: Callback<Scalar>,
) -> AnyView {
    let answer = |code: &str, words: T, picture: Icon, class: &'static str| Answer {
        code: code.to_owned(),
        words: t(words).to_owned(),
        picture: Some(picture),
        class,
    };
    let answers = vec![
        answer("YA", T::AnswerYes, Icon::Check, "picture-button--no"),
        answer("TIDAK", T::AnswerNo, Icon::Cross, "picture-button--maybe"),
    ];
    let chosen = Signal::derive(move || match value.get().as_bool() {
        Some(true) => vec!["YA".to_owned()],
        Some(false) => vec!["TIDAK".to_owned()],
        None => Vec::new(),
    });
    let touch = move |(code, on): (String, bool)| {
        on_leave.run(if on { Scalar::Bool(code == "YA") } else { Scalar::Null });
    };
    let look = look_of(style, &answers);
    view! {
        <Choice test=test label=name answers=answers chosen=chosen look=look count=Count::One disabled=disabled on_touch=touch />
    }
    .into_any()
}

/// A mark that is on or off.
pub(crate) fn flag(
    test: String,
    name: String,
    value: Signal<Scalar>,
    disabled: Signal<bool>,
    on_leave: Callback<Scalar>,
) -> AnyView {
    let is_on = move || value.get().as_bool() == Some(true);
    view! {
        <button
            type="button" class="switch" role="switch" data-testid=format!("{test}-input") disabled=disabled
            aria-checked=move || if is_on() { "true" } else { "false" }
            on:click=move |_| on_leave.run(Scalar::Bool(!untrack(is_on)))
        >
            <span class="switch__word">{name}</span>
            <span class="switch__track" aria-hidden="true"><span class="switch__knob"></span></span>
        </button>
    }
    .into_any()
}
