//! Five words: two letters, then a chip; about fifteen taps in all.

use leptos::html;
use leptos::prelude::*;

use super::button::{Button, Weight};
use crate::i18n::{T, t, tn};

/// How many words a passphrase has.
pub(crate) const WORD_COUNT: usize = 5;
/// Letters typed before words are offered.
const PREFIX_CHARS: usize = 2;
/// Words offered at once.
const OFFERED: usize = 12;

/// Shows five places and the words that begin as typed.
#[expect(clippy::too_many_lines, reason = "one component: an input and its chips")]
#[component]
pub(crate) fn WordInput(
    /// Words chosen so far.
    words: RwSignal<Vec<String>>,
    /// Asks for the words that begin so.
    #[prop(into)]
    on_prefix: Callback<String>,
    /// Words offered.
    #[prop(into)]
    offered: Signal<Vec<String>>,
    /// Nothing may be typed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let input = NodeRef::<html::Input>::new();
    let full = move || words.with(|words| words.len() >= WORD_COUNT);
    let choose = move |word: String| {
        words.update(|words| {
            if words.len() < WORD_COUNT {
                words.push(word);
            }
        });
        typed.set(String::new());
        on_prefix.run(String::new());
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    };
    let type_in = move |text: String| {
        // The words are plain letters, all of them.
        let text = text.to_ascii_lowercase();
        // Pasting or typing all words with blanks between them must work too.
        let mut parts: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let rest = parts.pop().unwrap_or_default();
        for word in parts.into_iter().filter(|word| !word.is_empty()) {
            choose(word);
        }
        if rest.chars().count() >= PREFIX_CHARS {
            on_prefix.run(rest.clone());
        } else {
            on_prefix.run(String::new());
        }
        typed.set(rest);
    };
    let enter = move |event: leptos::ev::KeyboardEvent| {
        let is_blank = event.key() == " ";
        let beginning = typed.get_untracked();
        if !is_blank && event.key() != "Enter" {
            return;
        }
        // Whoever types faster than words are offered sees those for fewer letters still; then a blank ends the word as typed.
        let meant = offered.with_untracked(|offered| word_meant(&beginning, offered));
        if meant.is_some() || beginning.is_empty() || !is_blank {
            event.prevent_default();
        }
        if let Some(word) = meant {
            choose(word);
        }
    };
    let remove_last = move |()| {
        words.update(|words| {
            words.pop();
        });
    };
    view! {
        <div class="word-input" data-testid="word-input">
            <WordSlots words=words />
            <input
                node_ref=input
                class="field__input"
                type="text"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                enterkeyhint="next"
                data-testid="word-input-text"
                aria-label=t(T::UnlockWords)
                placeholder=move || tn(T::UnlockWordPlace, words.with(Vec::len).saturating_add(1).min(WORD_COUNT))
                disabled=move || disabled.get() || full()
                prop:value=typed
                on:input=move |event| type_in(event_target_value(&event))
                on:keydown=enter
            />
            <div class="word-input__chips" aria-live="polite">
                <For each=move || offered.get().into_iter().take(OFFERED) key=Clone::clone let:word>
                    {
                        let chosen = word.clone();
                        view! {
                            <button
                                type="button"
                                class="chip chip--word"
                                data-testid=format!("word-chip-{word}")
                                on:click=move |_| choose(chosen.clone())
                            >
                                {word.clone()}
                            </button>
                        }
                    }
                </For>
                <Show when=move || typed.with(String::is_empty) && words.with(|words| !words.is_empty())>
                    <Button test="word-back" text=t(T::UnlockBackWord) weight=Weight::Quiet on_press=remove_last />
                </Show>
            </div>
        </div>
    }
}

/// The word somebody means who ends it at these letters: this very word, or else the first offered that begins so.
fn word_meant(beginning: &str, offered: &[String]) -> Option<String> {
    if beginning.is_empty() {
        return None;
    }
    let same = offered.iter().find(|word| *word == beginning);
    same.or_else(|| offered.iter().find(|word| word.starts_with(beginning))).cloned()
}

/// The five places; filled ones show a dot for each letter, so that nobody reads over the shoulder.
#[component]
fn WordSlots(words: RwSignal<Vec<String>>) -> impl IntoView {
    let slots = (0..WORD_COUNT)
        .map(|place| {
            let class = move || {
                let filled = words.with(Vec::len);
                match place.cmp(&filled) {
                    std::cmp::Ordering::Less => "word-input__slot word-input__slot--filled",
                    std::cmp::Ordering::Equal => "word-input__slot word-input__slot--now",
                    std::cmp::Ordering::Greater => "word-input__slot",
                }
            };
            let content = move || {
                words.with(|words| {
                    words
                        .get(place)
                        .map_or_else(|| place.saturating_add(1).to_string(), |word| "•".repeat(word.chars().count()))
                })
            };
            view! { <span class=class data-testid=format!("word-slot-{place}")>{content}</span> }
        })
        .collect_view();
    view! { <div class="word-input__slots" aria-hidden="true">{slots}</div> }
}
