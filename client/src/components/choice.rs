//! Choosing among given answers: tiles with a picture, or chips.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::icon::{Glyph, Icon, IconSize};

/// One answer to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its code.
    pub(crate) code: String,
    /// Its words.
    pub(crate) words: String,
    /// Its picture.
    pub(crate) picture: Option<Icon>,
    /// Extra class of the tile.
    pub(crate) class: &'static str,
}

/// How the answers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Tiles.
    Pictures,
    /// Chips.
    Chips,
}

/// Whether one answer or several may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// One.
    One,
    /// Several.
    Many,
}

impl Count {
    const fn roles(self) -> (&'static str, &'static str) {
        match self {
            Self::One => ("radiogroup", "radio"),
            Self::Many => ("group", "checkbox"),
        }
    }
}

/// Shows the answers.
#[component]
pub(crate) fn Choice(
    /// Name of the field for tests; each answer is `<test>-<code>`.
    #[prop(into)]
    test: String,
    /// What is asked, for screen readers.
    #[prop(into)]
    label: String,
    /// The answers.
    answers: Vec<Answer>,
    /// Codes chosen now.
    #[prop(into)]
    chosen: Signal<Vec<String>>,
    /// How they are drawn.
    look: Look,
    /// One or several.
    count: Count,
    /// Nothing may be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The code that was touched, and whether it is chosen now.
    #[prop(into)]
    on_touch: Callback<(String, bool)>,
) -> impl IntoView {
    let (group, item) = count.roles();
    let class = match look {
        Look::Pictures => "pictures",
        Look::Chips => "chips",
    };
    let tile = move |answer: Answer| {
        let code = answer.code.clone();
        let touched = answer.code.clone();
        let is_chosen = Memo::new(move |_| chosen.with(|codes| codes.contains(&code)));
        let touch = move |_| on_touch.run((touched.clone(), !is_chosen.get_untracked()));
        let checked = move || if is_chosen.get() { "true" } else { "false" };
        let test = format!("{test}-{}", answer.code);
        let content = match look {
            Look::Pictures => view! {
                {answer.picture.map(|icon| view! {
                    <span class="picture-button__picture"><Glyph icon=icon size=IconSize::Large /></span>
                })}
                <span>{answer.words}</span>
                <span class="picture-button__tick"><Glyph icon=Icon::Check /></span>
            }
            .into_any(),
            Look::Chips => view! {
                <span class="chip__tick"><Glyph icon=Icon::Check size=IconSize::Small /></span>
                <span>{answer.words}</span>
            }
            .into_any(),
        };
        let class = match look {
            Look::Pictures => format!("picture-button {}", answer.class),
            Look::Chips => "chip".to_owned(),
        };
        view! {
            <button type="button" role=item class=class aria-checked=checked data-testid=test disabled=disabled on:click=touch>
                {content}
            </button>
        }
    };
    let arrows = move |event: KeyboardEvent| {
        if count == Count::One {
            walk(&event);
        }
    };
    view! {
        <div class=class role=group aria-label=label on:keydown=arrows>
            {answers.into_iter().map(tile).collect_view()}
        </div>
    }
}

/// Arrows go from answer to answer, as among radio buttons everywhere; they do not choose, because choosing saves.
fn walk(event: &KeyboardEvent) {
    let Some(answer) = document().active_element() else { return };
    let neighbour = match event.key().as_str() {
        "ArrowDown" | "ArrowRight" => answer.next_element_sibling(),
        "ArrowUp" | "ArrowLeft" => answer.previous_element_sibling(),
        _ => return,
    };
    event.prevent_default();
    if let Some(Ok(neighbour)) = neighbour.map(JsCast::dyn_into::<HtmlElement>) {
        let _ = neighbour.focus();
    }
}
