//! Where the keyboard is after the content was drawn anew.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

/// Called by every component that replaces the content as a whole, when it is made.
pub(crate) fn begin_at_content() {
    Effect::new(|_| focus_content());
}

/// Has the next press of Tab begin at the top of the content: the button that led here may be gone, or stand below with the focus
/// still on it. Somebody who types already is left alone.
pub(crate) fn focus_content() {
    // After the browser has the new content.
    request_animation_frame(|| {
        if document().active_element().is_some_and(|active| takes_text(&active)) {
            return;
        }
        if let Ok(Some(main)) = document().query_selector("main")
            && let Ok(main) = main.dyn_into::<HtmlElement>()
        {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = main.focus_with_options(&options);
        }
    });
}

/// Brings the keyboard to the first of these in a part of the page that is drawn anew, once the pressed button is gone: into what
/// it opened, or back to what opened that.
pub(crate) fn focus_first(within: NodeRef<html::Div>, what: &'static str) {
    // After the browser has the new part.
    request_animation_frame(move || {
        let within = within.try_get_untracked().flatten();
        let first = within.and_then(|within| within.query_selector(what).ok().flatten());
        if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
            let _ = first.focus();
        }
    });
}

/// Has whoever types go on in the same field when the part of the page it stands in is drawn anew. Called before that.
pub(crate) fn keep_typing() {
    let typing = document().active_element().filter(takes_text).map(|field| field.id());
    let Some(id) = typing.filter(|id| !id.is_empty()) else { return };
    // After the browser has the new part.
    request_animation_frame(move || {
        let is_lost = document().active_element().is_none_or(|active| active.local_name() == "body");
        let field = document().get_element_by_id(&id).filter(|_| is_lost);
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            let _ = field.focus();
        }
    });
}

fn takes_text(element: &Element) -> bool {
    ["input", "textarea", "select"].contains(&element.local_name().as_str())
}
