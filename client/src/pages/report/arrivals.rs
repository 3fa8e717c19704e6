//! The table of an arrival list: pasted or filled row by row, looked through and mended, and kept all at once.
//!
//! What a row says is the engine's to understand; here it is shown. Every letter is with the engine at once, so that a tablet that
//! dies loses none.

use std::sync::Arc;

use leptos::prelude::*;
use shared::id::CaseId;
use shared::pack::{Form, Item, Pack, Page};
use shared::protocol::error::ErrorCode;

use super::report_page;
use crate::api::{
    ArrivalAct, ArrivalCells, ArrivalDoubt, ArrivalRow, ArrivalsView, Reply, Request, Typed, pasted_place,
};
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::icon::{Glyph, Icon, IconSize};
use crate::components::note::{Note, Tone};
use crate::engine::keys;
use crate::format;
use crate::i18n::{T, label, t, tf, tn};
use crate::pages::words::code_words;
use crate::state::engine::{Engine, use_engine};
use crate::state::failure::sentence_of;
use crate::state::session::use_pack;

/// The field by which a page is that of a list.
const FROM: &str = "daftar_dari";
/// The headings of a row, by their codes in the pack.
const HEADINGS: [&str; 6] = ["NAMA", "JK", "UMUR", "DESA", "NIK", "KETERANGAN"];

/// Whether a page is that of an arrival list.
pub(super) fn is_list_page(page: &Page) -> bool {
    page.items.iter().any(|item| matches!(item, Item::Field(field) if field.kind == keys::INTAKE && field.key == FROM))
}

/// What a column is called: the first of its words.
fn heading(pack: &Pack, code: &str) -> String {
    let found = pack.code_lists.get(keys::LIST_COLUMNS).and_then(|list| list.find(code));
    let words = found.map(|code| label(&code.label)).unwrap_or_default();
    words.split(';').next().unwrap_or_default().to_owned()
}

const fn doubt_words(doubt: ArrivalDoubt) -> T {
    match doubt {
        ArrivalDoubt::NoName => T::ArrivalsNoName,
        ArrivalDoubt::NoSex => T::ArrivalsNoSex,
        ArrivalDoubt::SexUnclear => T::ArrivalsSexUnclear,
        ArrivalDoubt::NoAge => T::ArrivalsNoAge,
        ArrivalDoubt::AgeUnclear => T::ArrivalsAgeUnclear,
        ArrivalDoubt::NoPlace => T::ArrivalsNoPlace,
        ArrivalDoubt::PlaceUnclear => T::ArrivalsPlaceUnclear,
        ArrivalDoubt::NikUnclear => T::ArrivalsNikUnclear,
        ArrivalDoubt::NikPlace => T::ArrivalsNikPlace,
        ArrivalDoubt::NikNumber => T::ArrivalsNikNumber,
        ArrivalDoubt::NikBorn => T::ArrivalsNikBorn,
        ArrivalDoubt::NikSex => T::ArrivalsNikSex,
        ArrivalDoubt::Twice => T::ArrivalsTwice,
        ArrivalDoubt::TooLong => T::ArrivalsTooLong,
    }
}

/// The list of a report as this page knows it.
#[derive(Clone, Copy)]
struct List {
    case: CaseId,
    engine: Engine,
    view: RwSignal<ArrivalsView>,
    /// Why the last act came to nothing.
    failed: RwSignal<Option<u16>>,
}

impl List {
    fn open(case: CaseId) -> Self {
        let list = Self {
            case,
            engine: use_engine(),
            view: RwSignal::new(ArrivalsView::default()),
            failed: RwSignal::new(None),
        };
        list.act(ArrivalAct::Look, |_| ());
        list
    }

    /// Has the engine work on the list; `then` is told whether it did.
    fn act(self, act: ArrivalAct, then: impl FnOnce(bool) + 'static) {
        self.engine.ask_then(Request::Arrivals { case: self.case, act }, move |outcome| {
            let _ = self.failed.try_set(outcome.as_ref().err().map(|failure| failure.code));
            let is_done = outcome.is_ok();
            match outcome {
                Ok(Reply::Arrivals(view)) => drop(self.view.try_set(view)),
                Ok(_) => {}
                Err(failure) if failure.code == ErrorCode::ItemGone.number() => self.look_again(),
                Err(_) => {}
            }
            then(is_done);
        });
    }

    /// Shows what another tab made of the list; why this one could not stays said.
    fn look_again(self) {
        self.engine.ask_then(Request::Arrivals { case: self.case, act: ArrivalAct::Look }, move |outcome| {
            if let Ok(Reply::Arrivals(view)) = outcome {
                let _ = self.view.try_set(view);
            }
        });
    }

    fn row(self, id: u32) -> Memo<Option<ArrivalRow>> {
        Memo::new(move |_| self.view.with(|view| view.rows.iter().find(|row| row.id == id).cloned()))
    }

    /// Which person of the list it is, from 1 on.
    fn number(self, id: u32) -> usize {
        self.view.with(|view| view.rows.iter().take_while(|row| row.id != id).count().saturating_add(1))
    }
}

/// The table below the questions of its page.
#[component]
pub(super) fn Arrivals(case: CaseId) -> impl IntoView {
    let list = List::open(case);
    let view = list.view;
    let busy = RwSignal::new(false);
    let waiting = Memo::new(move |_| view.with(ArrivalsView::waiting));
    let rows = Memo::new(move |_| view.with(|view| view.rows.len()));
    let add = move |()| list.act(ArrivalAct::Add, |_| ());
    let leave_all = move |()| list.act(ArrivalAct::Leave { row: None, out: waiting.get_untracked() > 0 }, |_| ());
    let keep = move |()| {
        busy.set(true);
        list.act(ArrivalAct::Keep, move |_| {
            let _ = busy.try_set(false);
        });
    };
    let keep_words = Signal::derive(move || tn(T::ArrivalsKeep, waiting.get()));
    let all_words =
        Signal::derive(move || t(if waiting.get() > 0 { T::ArrivalsLeaveAll } else { T::ArrivalsTakeAll }).to_owned());
    let kept = Memo::new(move |_| view.with(|view| view.kept));
    view! {
        <section class="section" data-testid="arrivals">
            <h3 class="section__title">{t(T::ArrivalsTitle)}</h3>
            <Note text=t(T::ArrivalsConsent).to_owned() />
            {move || (kept.get() > 0).then(|| view! {
                <div data-testid="arrivals-kept"><Note text=tn(T::ArrivalsKept, kept.get()) /></div>
            })}
            <Paste list=list />
            {move || list.failed.get().map(|code| view! {
                <div data-testid="arrivals-failed"><Note text=sentence_of(code) tone=Tone::Warn /></div>
            })}
            <Show when=move || { rows.get() > 0 }>
                <p class="quiet" role="status" data-testid="arrivals-counts">{move || view.with(count_words)}</p>
            </Show>
            <For each=move || view.with(|view| view.rows.iter().map(|row| row.id).collect::<Vec<_>>()) key=|id| *id let:id>
                <Row list=list id=id />
            </For>
            <Button test="arrivals-add" text=t(T::ArrivalsAdd) weight=Weight::Wide icon=Icon::Plus on_press=add />
            <Show when=move || { rows.get() > 0 }>
                <Button test="arrivals-leave-all" text=all_words weight=Weight::Quiet on_press=leave_all />
            </Show>
            <Show when=move || { waiting.get() > 0 }>
                <Button test="arrivals-keep" text=keep_words weight=Weight::Wide icon=Icon::Check disabled=busy on_press=keep />
            </Show>
        </section>
    }
}

/// How many women, men and children there are, and of how many it is not known.
fn count_words(view: &ArrivalsView) -> String {
    let count = |is_meant: &dyn Fn(&ArrivalRow) -> bool| {
        view.rows.iter().filter(|row| !row.out && !row.cells.is_blank() && is_meant(row)).count().to_string()
    };
    let [man, woman] = keys::SEXES.map(|sex| count(&|row| row.sex == sex));
    let child = count(&|row| row.child == Some(true));
    let unsure = count(&|row| row.sex.is_empty() || row.child.is_none());
    tf(T::ArrivalsCounts, &[("p", &woman), ("l", &man), ("child", &child), ("unsure", &unsure)])
}

/// Where a table is pasted. It stays until it was read.
#[component]
fn Paste(list: List) -> impl IntoView {
    let pack = use_pack();
    let text = RwSignal::new(String::new());
    // What was pasted before the tablet was switched off or locked; not over what is being pasted now.
    Effect::new(move |_| {
        let pasted = list.view.with(|view| view.pasted.clone());
        if text.with_untracked(String::is_empty) && !pasted.is_empty() {
            text.set(pasted);
        }
    });
    let paste = move |now: String| {
        let draft = (!now.is_empty()).then(|| Typed { text: now.clone(), ..Typed::default() });
        list.engine.tell(Request::KeepDraft { place: pasted_place(list.case), draft });
        text.set(now);
    };
    let read = move |()| {
        let now = text.get_untracked();
        list.act(ArrivalAct::Read(now), move |is_done| {
            if is_done {
                let _ = text.try_set(String::new());
            }
        });
    };
    let empty = Signal::derive(move || text.with(|text| text.trim().is_empty()));
    let columns = HEADINGS.map(|code| heading(&pack, code)).join(", ");
    view! {
        <div class="field">
            <label class="field__label" for="arrivals-paste">{t(T::ArrivalsPaste)}</label>
            <p class="field__help">{tf(T::ArrivalsPasteHelp, &[("columns", &columns)])}</p>
            <textarea
                id="arrivals-paste" class="field__input field__input--long arrivals__paste" rows="4" autocomplete="off" spellcheck="false"
                data-testid="arrivals-paste" prop:value=text on:input=move |event| paste(event_target_value(&event))
            ></textarea>
        </div>
        <Button test="arrivals-read" text=t(T::ArrivalsRead) weight=Weight::Wide icon=Icon::Tasks disabled=empty on_press=read />
    }
}

/// One person of the list: what was understood, what is missing or doubtful, and the way to mend or leave it.
#[component]
fn Row(list: List, id: u32) -> impl IntoView {
    let pack = use_pack();
    let row = list.row(id);
    // Whoever adds a row is to fill it.
    let is_blank = |row: &Option<ArrivalRow>| row.as_ref().is_some_and(|row| row.cells.is_blank());
    let open = RwSignal::new(row.with_untracked(is_blank));
    let is_out = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.out)));
    let leave = move |()| {
        let out = !is_out.get_untracked();
        open.set(false);
        list.act(ArrivalAct::Leave { row: Some(id), out }, |_| ());
    };
    let title = move || {
        let name = row.with(|row| row.as_ref().map(|row| row.cells.name.clone()).unwrap_or_default());
        let place = tn(T::ArrivalsRow, list.number(id));
        if name.is_empty() { place } else { format!("{place}: {name}") }
    };
    let facts = {
        let pack = Arc::clone(&pack);
        move || row.with(|row| row.as_ref().map(|row| fact_words(row, &pack)).unwrap_or_default())
    };
    let note = move || row.with(|row| row.as_ref().map(|row| row.cells.note.clone()).unwrap_or_default());
    let doubts = move || {
        let doubts = row.with(|row| row.as_ref().map(|row| row.doubts.clone()).unwrap_or_default());
        let tag = |doubt| {
            view! {
                <span class="tag tag--warn"><Glyph icon=Icon::Question size=IconSize::Small />{t(doubt_words(doubt))}</span>
            }
        };
        (!doubts.is_empty()).then(|| view! { <div class="row" data-testid="arrival-doubts">{doubts.into_iter().map(tag).collect_view()}</div> })
    };
    let class = move || if is_out.get() { "card card--flat" } else { "card" };
    let title_class = move || if is_out.get() { "card__title change__old" } else { "card__title" };
    let leave_words =
        Signal::derive(move || t(if is_out.get() { T::CommonRestore } else { T::ArrivalsLeave }).to_owned());
    let mend_words = Signal::derive(move || t(if open.get() { T::ArrivalsMended } else { T::ArrivalsMend }).to_owned());
    view! {
        <article class=class data-testid="arrival">
            <p class=title_class>{title}</p>
            <Show when=move || !is_out.get()>
                <p data-testid="arrival-facts">{facts.clone()}</p>
                <p class="quiet">{note}</p>
                {doubts}
            </Show>
            <Show when=move || open.get() && !is_out.get()>
                <Editor list=list id=id cells=row.with_untracked(|row| row.as_ref().map(|row| row.cells.clone()).unwrap_or_default()) />
            </Show>
            <div class="row">
                <Show when=move || !is_out.get()>
                    <Button test="arrival-mend" text=mend_words icon=Icon::Pencil on_press=move |()| open.update(|open| *open = !*open) />
                </Show>
                <Button test="arrival-leave" text=leave_words weight=Weight::Quiet on_press=leave />
            </div>
        </article>
    }
}

/// What was understood, in one line; what was not, as it was told.
fn fact_words(row: &ArrivalRow, pack: &Pack) -> String {
    let told = |cell: &String| (!cell.is_empty()).then(|| cell.clone());
    let sex = (!row.sex.is_empty()).then(|| code_words(pack, keys::SEX, &row.sex)).or_else(|| told(&row.cells.sex));
    let born = (!row.born.is_empty()).then(|| format::partial_date(&row.born));
    let age = row.age.map(|age| tn(T::ArrivalsYears, age));
    let unclear = born.is_none() && age.is_none();
    let age = age.or_else(|| told(&row.cells.age).filter(|_| unclear));
    let child = (row.child == Some(true)).then(|| t(T::ArrivalsChild).to_owned());
    let place = pack.areas.get(&row.area).map(|area| area.name.clone()).or_else(|| told(&row.cells.place));
    let nik = told(&row.cells.nik).map(|nik| format!("NIK {nik}"));
    [sex, born, age, child, place, nik].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The cells of a row, each as it was told.
#[component]
fn Editor(list: List, id: u32, cells: ArrivalCells) -> impl IntoView {
    let pack = use_pack();
    let ArrivalCells { name, sex, age, place, nik, note } = cells;
    let typed = RwSignal::new([name, sex, age, place, nik, note]);
    // Cells whose letters could not be kept: they come along with the next.
    let unkept = StoredValue::new(0_u32);
    let inputs = HEADINGS
        .into_iter()
        .enumerate()
        .map(|(column, code)| {
            let field = format!("arrival-{id}-{code}");
            let type_in = move |text: String| {
                let changed = unkept.get_value() | (1 << column);
                typed.update(|typed| {
                    if let Some(cell) = typed.get_mut(column) {
                        *cell = text;
                    }
                });
                let [name, sex, age, place, nik, note] = typed.get_untracked();
                let cells = ArrivalCells { name, sex, age, place, nik, note };
                list.act(ArrivalAct::Put { row: id, cells, changed }, move |is_kept| {
                    let _ = unkept.try_update_value(|unkept| *unkept = if is_kept { *unkept & !changed } else { *unkept | changed });
                });
            };
            let value = move || typed.with(|typed| typed.get(column).cloned().unwrap_or_default());
            view! {
                <div class="field">
                    <label class="field__label" for=field.clone()>{heading(&pack, code)}</label>
                    <input
                        id=field class="field__input" type="text" autocomplete="off" spellcheck="false" data-testid=format!("arrival-{code}")
                        prop:value=value on:input=move |event| type_in(event_target_value(&event))
                    />
                </div>
            }
        })
        .collect_view();
    view! { <div class="fields" data-testid="arrival-editor">{inputs}</div> }
}

/// On the last page: how many people the list has brought, or that it waits to be kept, and where.
#[component]
pub(super) fn ListState(case: CaseId, form: Arc<Form>) -> impl IntoView {
    let page = form.pages.iter().position(is_list_page);
    page.map(|page| {
        let list = List::open(case);
        let page = u32::try_from(page).unwrap_or(0);
        move || {
            let (waits, kept) = list.view.with(|view| (view.waiting() > 0 || !view.pasted.trim().is_empty(), view.kept));
            if waits {
                return Some(view! {
                    <section class="card card--flat" data-testid="report-list-waits">
                        <Note text=t(T::ArrivalsWait).to_owned() tone=Tone::Warn />
                        <LinkButton test="report-list" to=report_page(case, page) text=t(T::ArrivalsOpen) icon=Icon::Tasks />
                    </section>
                }
                .into_any());
            }
            (kept > 0).then(|| view! { <div data-testid="report-list-kept"><Note text=tn(T::ArrivalsKept, kept) /></div> }.into_any())
        }
    })
}
