//! Choosing a place: districts of this jurisdiction first, then the villages in the one chosen, then everywhere else.

use std::sync::Arc;

use leptos::prelude::*;
use shared::order::Arrange as _;
use shared::pack::Pack;
use shared::value::Scalar;

use crate::components::icon::{Glyph, Icon, IconSize};
use crate::i18n::{T, t, tf};
use crate::pages::words::area_name;

/// Where the picker stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Level {
    /// Showing the choice, nothing to pick.
    Closed,
    /// Inside a place.
    In(String),
    /// Countries and what has no place around it.
    Top,
}

/// The level to begin at: inside the jurisdiction.
fn first_level(pack: &Pack) -> Level {
    if pack.areas_in(Some(&pack.home_area)).next().is_some() { Level::In(pack.home_area.clone()) } else { Level::Top }
}

/// Shows the picker.
#[expect(clippy::too_many_lines, reason = "one component: the choice and the grid that changes it")]
#[component]
pub(crate) fn AreaInput(
    /// Name of the field for tests; each place is `<test>-<code>`.
    #[prop(into)]
    test: String,
    /// Whether the grid stands open while nothing is chosen.
    open: bool,
    /// The places.
    pack: Arc<Pack>,
    /// What stands in the document.
    #[prop(into)]
    value: Signal<Scalar>,
    /// Nothing may be chosen.
    #[prop(into)]
    disabled: Signal<bool>,
    /// The place chosen.
    #[prop(into)]
    on_leave: Callback<Scalar>,
) -> impl IntoView {
    let pack = StoredValue::new(pack);
    let first = pack.with_value(|pack| first_level(pack));
    let level = RwSignal::new(if open && untrack(|| value.get().is_null()) { first.clone() } else { Level::Closed });
    let choose = move |code: String| {
        let has_more = pack.with_value(|pack| pack.areas_in(Some(&code)).next().is_some());
        on_leave.run(Scalar::Str(code.clone()));
        level.set(if has_more { Level::In(code) } else { Level::Closed });
    };
    let grid_test = test.clone();
    let grid = move |parent: Option<String>| {
        let places: Vec<(String, String)> = pack.with_value(|pack| {
            let mut places: Vec<_> =
                pack.areas_in(parent.as_deref()).map(|(code, area)| (code.to_owned(), area.name.clone())).collect();
            places.arrange_by(|left, right| left.1.cmp(&right.1));
            places
        });
        places
            .into_iter()
            .map(|(code, name)| {
                let chosen = code.clone();
                let compared = code.clone();
                let pressed = move || if value.get().as_str() == Some(&compared) { "true" } else { "false" };
                view! {
                    <button
                        type="button" class="chip" aria-pressed=pressed disabled=disabled
                        data-testid=format!("{grid_test}-{code}") on:click=move |_| choose(chosen.clone())
                    >
                        {name}
                    </button>
                }
            })
            .collect_view()
    };
    let crumb = move || match value.get() {
        Scalar::Str(code) => pack.with_value(|pack| area_name(pack, &code)),
        Scalar::Null | Scalar::Bool(_) | Scalar::Int(_) => t(T::FormAreaNone).to_owned(),
    };
    let reopened = first.clone();
    let at_home = move || level.get() == first;
    view! {
        <div class="area-crumbs">
            <span class="tag tag--brand" data-testid=format!("{test}-chosen")>
                <Glyph icon=Icon::Pin size=IconSize::Small />
                {crumb}
            </span>
            <Show when=move || level.get() == Level::Closed || !at_home()>
                {
                    let reopened = reopened.clone();
                    view! {
                        <button
                            type="button" class="button button--quiet" disabled=disabled data-testid="area-up"
                            on:click=move |_| level.set(reopened.clone())
                        >
                            {move || t(if value.get().is_null() { T::FormMore } else { T::FormAreaUp })}
                        </button>
                    }
                }
            </Show>
        </div>
        {move || match level.get() {
            Level::Closed => ().into_any(),
            Level::Top => view! { <div class="area-grid">{grid(None)}</div> }.into_any(),
            Level::In(parent) => {
                let is_home = pack.with_value(|pack| pack.home_area == parent);
                let whole = pack.with_value(|pack| pack.areas.get(&parent).map(|area| area.name.clone()));
                view! {
                    <div class="area-grid">
                        {grid(Some(parent))}
                        {if is_home {
                            view! {
                                <button
                                    type="button" class="chip" disabled=disabled data-testid="area-elsewhere"
                                    on:click=move |_| level.set(Level::Top)
                                >
                                    <Glyph icon=Icon::Globe size=IconSize::Small />
                                    {t(T::FormAreaElsewhere)}
                                </button>
                            }
                                .into_any()
                        } else {
                            view! {
                                <button
                                    type="button" class="chip" disabled=disabled data-testid="area-whole"
                                    on:click=move |_| level.set(Level::Closed)
                                >
                                    {tf(T::FormAreaWhole, &[("area", &whole.unwrap_or_default())])}
                                </button>
                            }
                                .into_any()
                        }}
                    </div>
                }
                    .into_any()
            }
        }}
    }
}
