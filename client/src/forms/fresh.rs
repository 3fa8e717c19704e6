//! What others wrote into a long text since its reader last had it open: the merged text above its field, with those passages marked.

use leptos::prelude::*;
use shared::order::Arrange as _;

use super::binding::Binding;
use crate::api::FreshView;
use crate::components::button::{Button, Weight};
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::i18n::{T, t, tf};

/// A piece of the text, and who wrote it if it is new.
type Piece = (String, Option<String>);

/// Cuts a text where new passages begin and end.
fn pieces(text: &str, fresh: &[FreshView]) -> Vec<Piece> {
    let letters: Vec<char> = text.chars().collect();
    let run = |from: usize, to: usize| letters.get(from..to).unwrap_or_default().iter().collect::<String>();
    let index = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    let mut pieces = Vec::new();
    let mut done = 0_usize;
    for one in fresh {
        let (from, to) = (index(one.from), index(one.to));
        pieces.push((run(done, from), None));
        pieces.push((run(from, to), Some(one.author.clone())));
        done = to;
    }
    pieces.push((run(done, letters.len()), None));
    pieces.retain(|(text, _)| !text.is_empty());
    pieces
}

/// The text with what is new in it; nothing where nothing is.
#[component]
pub(super) fn Fresh(
    /// Name of the field for tests.
    test: String,
    /// The field.
    binding: Binding,
) -> impl IntoView {
    let shown = Memo::new(move |_| binding.fresh().map(|(text, fresh)| pieces(&text, &fresh)));
    let piece = |(text, author): Piece| match author {
        None => text.into_any(),
        Some(author) => view! {
            <mark class="fresh__new" data-testid="fresh-passage">
                <span class="visually-hidden">{format!(" {} ", tf(T::FreshBy, &[("name", &author)]))}</span>
                {text}
                <span class="visually-hidden">{format!(" {} ", t(T::FreshEnd))}</span>
            </mark>
        }
        .into_any(),
    };
    move || {
        let pieces = shown.get()?;
        let mut authors: Vec<String> = pieces.iter().filter_map(|(_, author)| author.clone()).collect();
        authors.arrange();
        authors.dedup();
        let title = tf(T::FreshTitle, &[("name", &authors.join(", "))]);
        let read = move |()| binding.note_read();
        Some(view! {
            <section class="fresh" data-testid=format!("{test}-fresh") aria-label=title.clone()>
                <p class="fresh__title">
                    <Glyph icon=Icon::Pencil size=IconSize::Small />
                    {title.clone()}
                </p>
                <p class="fresh__text pre-line">{pieces.into_iter().map(piece).collect_view()}</p>
                <Button test=format!("{test}-fresh-read") text=t(T::FreshRead) weight=Weight::Plain icon=Icon::Check on_press=read />
            </section>
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(from: u32, to: u32) -> FreshView {
        FreshView { from, to, author: String::from("Ana") }
    }

    #[test]
    fn a_text_is_cut_by_code_points_and_nothing_of_it_is_lost() {
        let text = "Ia 😀 pergi ke Atambua.";
        for cuts in
            [vec![], vec![fresh(0, 2)], vec![fresh(3, 4), fresh(10, 21)], vec![fresh(0, 99)], vec![fresh(50, 60)]]
        {
            let pieces = pieces(text, &cuts);
            let whole: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
            if cuts.iter().all(|one| one.to <= 22) {
                assert_eq!(whole, text, "{cuts:?}");
            }
        }
        let found = pieces(text, &[fresh(3, 4)]);
        assert_eq!(found[1], (String::from("😀"), Some(String::from("Ana"))));
    }
}
