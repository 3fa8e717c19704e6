//! Many lines: merged as text by the engine, so the field gives back what it began with.

use core::time::Duration;

use leptos::prelude::*;

use super::binding::{Binding, Pending};
use crate::api::{Path, TextBase, Typed};
use crate::components::button::{Button, Weight};
use crate::entry::name::seems_to_name;
use crate::i18n::{T, t, tf, tn};

/// A draft is kept this long after the last keystroke.
const DRAFT_AFTER: Duration = Duration::from_millis(800);
/// The letters left are shown from here on.
const LEFT_SHOWN: usize = 500;

/// Shows the text.
#[expect(clippy::too_many_lines, reason = "one component: typing, drafts and leaving belong together")]
#[component]
pub(crate) fn LongTextInput(
    /// Name of the field for tests and for its label.
    #[prop(into)]
    test: String,
    /// The field.
    binding: Binding,
    /// Most code points.
    chars_max: u32,
    /// Names do not belong here.
    name_free: bool,
    /// Nothing may be typed.
    #[prop(into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let most = usize::try_from(chars_max).unwrap_or(usize::MAX);
    let place = binding.spot().text_place();
    let path = Path::Text(binding.spot().text_key());
    let resumed = untrack(|| binding.draft(&path));
    let base = StoredValue::new(resumed.as_ref().and_then(|draft| draft.base.clone()));
    let typed = RwSignal::new(resumed.map(|draft| draft.text));
    let not_a_name = RwSignal::new(false);
    let sent = RwSignal::new(None::<Sent>);
    // What was left stands in the field from then on, not only when the document shows it.
    let ahead = move || {
        let sent = sent.get()?;
        (sent.is_on_its_way || binding.heads() == sent.heads).then_some(sent.text)
    };
    let stands = move || ahead().or_else(|| binding.text().map(|text| text.text)).unwrap_or_default();
    let begin = move || {
        if base.with_value(Option::is_none) {
            let fresh = untrack(|| match (ahead(), binding.text()) {
                // No heads name it yet; the engine, which writes in order, finds its letters by comparing.
                (Some(text), _) => TextBase { heads: Vec::new(), text },
                (None, Some(text)) => text.base,
                (None, None) => TextBase { heads: binding.heads(), text: String::new() },
            });
            base.set_value(Some(fresh));
        }
    };
    if untrack(|| typed.with(Option::is_some)) {
        begin();
    }
    let too_long = move || {
        let count = typed.with(|typed| typed.as_ref().map_or(0, |text| text.chars().count()));
        (count > most).then(|| tf(T::FormTooLong, &[("n", &count.to_string()), ("max", &most.to_string())]))
    };
    let arrived = move || {
        let _ = sent.try_update(|sent| {
            if let Some(sent) = sent {
                sent.is_on_its_way = false;
            }
        });
    };
    // What could not be saved goes back into the field, and whatever was typed since is measured against what that was begun
    // over: leaving it once more tries again.
    let came_back = move || {
        let Some(back) = sent.try_update(Option::take).flatten() else { return };
        let _ = base.try_set_value(Some(back.began));
        let _ = typed.try_update(|typed| {
            typed.get_or_insert(back.text);
        });
    };
    let left_place = place.clone();
    let send = move || {
        let Some(text) = typed.get_untracked() else { return };
        if text.chars().count() > most {
            // Kept on screen and as a draft; nothing is cut off silently.
            binding.pending.set(Pending::Failed(tf(
                T::FormTooLong,
                &[("n", &text.chars().count().to_string()), ("max", &most.to_string())],
            )));
            return;
        }
        let Some(began) = base.try_update_value(Option::take).flatten() else { return };
        typed.set(None);
        if began.text == text {
            binding.drop_draft(left_place.clone());
            return;
        }
        let heads = untrack(|| binding.heads());
        sent.set(Some(Sent { began: began.clone(), text: text.clone(), heads, is_on_its_way: true }));
        binding.set_text(began, text, arrived, came_back);
    };
    // One at a time: of the second nobody knows what it is measured against before the first is there, or came back.
    let waits = RwSignal::new(false);
    let on_its_way = move || sent.with(|sent| sent.as_ref().is_some_and(|sent| sent.is_on_its_way));
    let send_later = send.clone();
    Effect::new(move |_| {
        if waits.get() && !on_its_way() {
            waits.set(false);
            if sent.with_untracked(Option::is_some) {
                send_later();
            }
        }
    });
    on_cleanup(send.clone());
    let leave = move || {
        if untrack(on_its_way) { waits.set(true) } else { send() }
    };
    let mut keep = debounce(DRAFT_AFTER, move |text: String| {
        if typed.try_with_untracked(Option::is_some).unwrap_or(false) {
            binding.keep_draft(place.clone(), Typed { text, seen: Vec::new(), base: base.get_value() });
        }
    });
    let mut type_in = move |text: String| {
        begin();
        typed.set(Some(text.clone()));
        not_a_name.set(false);
        keep(text);
    };
    let shows = move || typed.get().unwrap_or_else(stands);
    let suspicious = Memo::new(move |_| name_free && !not_a_name.get() && seems_to_name(&shows()));
    let left = move || {
        let count = shows().chars().count();
        let left = most.saturating_sub(count);
        (left < LEFT_SHOWN).then(|| view! { <small>{tn(T::FormLeft, left)}</small> })
    };
    view! {
        <textarea
            id=format!("{test}-input")
            class="field__input field__input--long"
            rows="5"
            autocomplete="off"
            spellcheck="false"
            data-testid=format!("{test}-input")
            disabled=disabled
            prop:value=shows
            on:focus=move |_| begin()
            on:input=move |event| type_in(event_target_value(&event))
            on:blur=move |_| leave()
        ></textarea>
        {left}
        {move || too_long().map(|sentence| view! { <p class="field__error" role="alert">{sentence}</p> })}
        <Show when=move || suspicious.get()>
            <div class="note note--warn" role="alert" data-testid="name-hint">
                <p>{t(T::FormNameFound)}</p>
                <Button test="name-hint-no" text=t(T::FormNameNo) weight=Weight::Quiet on_press=move |()| not_a_name.set(true) />
            </div>
        </Show>
    }
}

/// A text on its way to stable storage, or there already while the document does not show it yet.
#[derive(Debug, Clone)]
struct Sent {
    /// What it was begun over.
    began: TextBase,
    text: String,
    /// The document's when it was left.
    heads: Vec<String>,
    is_on_its_way: bool,
}

/// Runs only the last of several calls that follow each other closely.
fn debounce<V: 'static>(delay: Duration, run: impl Fn(V) + 'static) -> impl FnMut(V) {
    let run = std::rc::Rc::new(run);
    let timer = std::rc::Rc::new(std::cell::Cell::new(None::<TimeoutHandle>));
    move |value| {
        if let Some(handle) = timer.take() {
            handle.clear();
        }
        let run = std::rc::Rc::clone(&run);
        timer.set(set_timeout_with_handle(move || run(value), delay).ok());
    }
}
