//! One page of a form: the question on top, its items below.

use std::sync::Arc;

use leptos::prelude::*;
use shared::pack::form::INTERVIEW_LANGUAGES;
use shared::pack::{FieldRef, Form, Item, Note as PackNote, Pack, Page, RowTarget};
use shared::value::Scalar;

use super::binding::{NEW_ROW, RowMaker, Spot};
use super::condition::{all_hold, is_asked, withheld_now};
use super::documents::{Documents, person_key};
use super::field::FieldRow;
use super::input::Style;
use super::rows::Rows;
use crate::components::note::{Note, Tone};
use crate::i18n::{T, label, language, t};
use crate::pages::words::code_words;

/// Indexes of the pages shown now, in order.
pub(crate) fn shown_pages(form: &Form, documents: &Documents) -> Vec<usize> {
    form.pages
        .iter()
        .enumerate()
        .filter(|(_, page)| all_hold(&page.show_when, documents))
        .map(|(index, _)| index)
        .collect()
}

/// Shows a page's items.
#[component]
pub(crate) fn PageItems(
    /// The page.
    page: Page,
    /// What it is drawn from.
    documents: Documents,
    /// For labels and codes.
    pack: Arc<Pack>,
    /// How it is drawn.
    style: Style,
) -> impl IntoView {
    let items = page
        .items
        .into_iter()
        .map(|item| match item {
            Item::Field(field) => field_item(field, documents, &pack, style),
            Item::Rows(target) => {
                view! { <Rows target=target documents=documents pack=Arc::clone(&pack) style=style /> }.into_any()
            }
            Item::Note(note) => note_item(note, documents, &pack),
        })
        .collect_view();
    view! { <div class="fields">{items}</div> }
}

fn field_item(field: FieldRef, documents: Documents, pack: &Arc<Pack>, style: Style) -> AnyView {
    let (Some(spec), Some((subject, document))) = (pack.field(&field).cloned(), documents.of(&field.kind)) else {
        return ().into_any();
    };
    let condition = spec.clone();
    let is_shown = Memo::new(move |_| is_asked(&condition, &documents));
    let withholding = spec.withheld.clone();
    let withheld = Memo::new(move |_| withheld_now(withholding.as_ref(), &documents));
    let pack = Arc::clone(pack);
    let maker = field.table.as_ref().map(|table| {
        let target = RowTarget { kind: field.kind.clone(), table: table.clone() };
        let person = documents.subject.map(|subject| Scalar::Str(subject.to_string()));
        let about = person_key(&pack, &target).zip(person).into_iter().collect();
        RowMaker { making: documents.making_row, about: StoredValue::new(about) }
    });
    let row = move || {
        field.table.clone().map(|table| {
            let found = documents.row.get().filter(|spot| spot.table == table).map(|spot| spot.row);
            (table, found.unwrap_or(NEW_ROW))
        })
    };
    let spot_of = {
        let (kind, key) = (field.kind.clone(), field.key.clone());
        move |row| Spot { case: documents.case, kind: kind.clone(), subject, row, key: key.clone() }
    };
    let row = Memo::new(move |_| row());
    (move || {
        if !is_shown.get() {
            return None;
        }
        let row = row.get();
        // The first field that is answered makes the row; the others then stand in it.
        let maker = maker.filter(|_| row.as_ref().is_some_and(|(_, row)| *row == NEW_ROW));
        let (spot, spec, pack, withheld) = (spot_of(row), spec.clone(), Arc::clone(&pack), withheld.get());
        Some(match maker {
            Some(maker) => {
                view! { <FieldRow spot=spot spec=spec document=document pack=pack style=style withheld=withheld maker=maker /> }
                    .into_any()
            }
            None => {
                view! { <FieldRow spot=spot spec=spec document=document pack=pack style=style withheld=withheld /> }
                    .into_any()
            }
        })
    })
    .into_any()
}

fn note_item(note: PackNote, documents: Documents, pack: &Pack) -> AnyView {
    let tone = match (note.read_aloud, note.warning) {
        (true, _) => Tone::Read,
        (false, true) => Tone::Warn,
        (false, false) => Tone::Plain,
    };
    let small = if note.label.is_unreviewed(language()) {
        t(T::CommonUnreviewed)
    } else if note.read_aloud {
        t(T::FormInterpreter)
    } else {
        ""
    };
    let text = with_spoken(pack, &note);
    let conditions = note.show_when;
    let is_shown = Memo::new(move |_| all_hold(&conditions, &documents));
    (move || is_shown.get().then(|| view! { <Note text=text.clone() tone=tone small=small /> })).into_any()
}

/// The sentence, and below it how it is said in each interview language in which somebody has reviewed it.
fn with_spoken(pack: &Pack, note: &PackNote) -> String {
    let spoken = note.spoken_reviewed().map(|(language, text)| {
        let name = code_words(pack, INTERVIEW_LANGUAGES, language);
        format!("{name}: {text}")
    });
    std::iter::once(label(&note.label)).chain(spoken).collect::<Vec<_>>().join("\n")
}
