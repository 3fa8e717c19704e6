//! Where a case stands: the pack's stages as a line, the current one named.

use leptos::prelude::*;

use crate::i18n::{T, tf};

/// Shows the line.
#[component]
pub(crate) fn StageLine(
    /// How many stages.
    total: usize,
    /// The current one, from 0.
    now: usize,
    /// Its name.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! {
        <div class="stage-line" data-testid="stage-line">
            <div class="stage-line__dots" aria-hidden="true">
                {(0..total)
                    .map(|stage| {
                        let class = match stage.cmp(&now) {
                            std::cmp::Ordering::Less => "stage-line__dot stage-line__dot--past",
                            std::cmp::Ordering::Equal => "stage-line__dot stage-line__dot--now",
                            std::cmp::Ordering::Greater => "stage-line__dot",
                        };
                        view! { <span class=class></span> }
                    })
                    .collect_view()}
            </div>
            <p class="stage-line__word">{tf(T::CaseStage, &[("stage", &name)])}</p>
        </div>
    }
}
