//! The rows of a table: each a card with its fields, "Tambah" at the end, a struck-out row stays to be seen.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use shared::id::RowId;
use shared::order::Gather as _;
use shared::pack::{FieldSpec, FieldType, Letter, Pack, RowTarget, Table};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::binding::{NEW_ROW, Spot};
use super::condition::{is_asked_in_row, withheld_now};
use super::documents::{DocumentSignal, Documents};
use super::field::FieldRow;
use super::input::{InputProps, Style, input};
use super::name_hint::NameFree;
use crate::api::{
    DocumentView, Failure, FieldPlace, MemberView, Path, Request, RowView, SeenOp, SessionView, Typed, Write,
};
use crate::components::button::{Button, Weight};
use crate::components::icon::Icon;
use crate::components::mark::{FieldMark, Shown};
use crate::components::note::{Note, Tone};
use crate::i18n::{T, label, t};
use crate::pages::words::scalar_words;
use crate::state::engine::{Engine, use_engine};
use crate::state::failure::sentence_of;
use crate::state::session::{use_member, use_members};
use crate::state::toast::use_toasts;

/// Fields a person fills, in the order the pack asks them.
fn asked(table: &Table) -> Vec<(String, FieldSpec)> {
    let specs = table.order.iter().filter_map(|key| Some((key.clone(), table.fields.get(key)?.clone())));
    specs.filter(|(_, spec)| !spec.retired && !matches!(spec.value, FieldType::Subject | FieldType::Instant)).collect()
}

/// Whether somebody tells who must not know without reading it back: such rows leave the tablet with their receipt.
pub(crate) fn is_only_told(pack: &Pack, kind: &str, member: &SessionView) -> bool {
    let reads = |role: &String| matches!(pack.grid.cell(kind, role).letter, Letter::Read | Letter::Write);
    kind == "guard" && !member.roles.iter().any(reads)
}

/// What a row holds, one value per field; of several the first, which is marked as different anyway.
fn values_of(row: &RowView) -> BTreeMap<String, Scalar> {
    row.fields.iter().filter_map(|(key, field)| Some((key.clone(), field.values.first()?.value.clone()))).into_map()
}

/// Every value of a row that shows now. The card stays the same while its values change.
fn seen_in(document: DocumentSignal, table: &str, row: RowId) -> Vec<SeenOp> {
    document.with_untracked(|load| {
        let rows = load.ready().and_then(|document| document.rows.get(table));
        let row = rows.and_then(|rows| rows.iter().find(|candidate| candidate.row == row));
        let fields = row.into_iter().flat_map(|row| row.fields.values());
        fields.flat_map(|field| field.values.iter().map(|value| value.op.clone())).collect()
    })
}

/// Shows the rows.
#[component]
pub(crate) fn Rows(
    /// Which table.
    target: RowTarget,
    /// Its document among others.
    documents: Documents,
    /// For labels and codes.
    pack: Arc<Pack>,
    /// How it is drawn.
    style: Style,
) -> impl IntoView {
    let Some(table) = pack.kinds.get(&target.kind).and_then(|kind| kind.tables.get(&target.table)).cloned() else {
        return ().into_any();
    };
    let Some((subject, document)) = documents.of(&target.kind) else { return ().into_any() };
    let title = label(&table.label);
    let (name, kind_name) = (target.table.clone(), target.kind.clone());
    let rows = Memo::new(move |_| {
        documents.with(&target.kind, |document| document.rows.get(&target.table).cloned()).flatten().unwrap_or_default()
    });
    let place = FieldPlace {
        case: documents.case,
        kind: kind_name,
        subject,
        path: Path::Row { table: name.clone(), row: NEW_ROW },
    };
    let only_told = is_only_told(&pack, &place.kind, &use_member());
    let kept = documents.resume_row(&place.kind, &name);
    // A report asks at once: that nobody is in a table is an answer there, too.
    let open = RwSignal::new(kept.is_some() || (style == Style::Report && rows.with_untracked(Vec::is_empty)));
    let table = Arc::new(table);
    let card_table = Arc::clone(&table);
    let card_pack = Arc::clone(&pack);
    let card_place = place.clone();
    view! {
        <section class="section" data-testid=format!("rows-{name}")>
            <h2 class="section__title">{title}</h2>
            {only_told.then(|| view! { <p class="quiet">{t(T::FormRowsOnlyTold)}</p> })}
            <Show when=move || rows.with(Vec::is_empty) && !open.get() && !only_told>
                <p class="quiet">{t(T::FormRowsEmpty)}</p>
            </Show>
            <For each=move || rows.get() key=|row| (row.row, row.removed, row.disputed) let:row>
                <RowCard row=row place=card_place.clone() table=Arc::clone(&card_table) pack=Arc::clone(&card_pack) documents=documents document=document style=style />
            </For>
            <AddRow place=place table=table pack=pack documents=documents style=style open=open kept=kept.unwrap_or_default() />
        </section>
    }
    .into_any()
}

#[component]
fn RowCard(
    row: RowView,
    place: FieldPlace,
    table: Arc<Table>,
    pack: Arc<Pack>,
    documents: Documents,
    document: DocumentSignal,
    style: Style,
) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let FieldPlace { case, kind, subject, path } = place.clone();
    let Path::Row { table: name, .. } = path else { return ().into_any() };
    let here = FieldPlace { path: Path::Row { table: name.clone(), row: row.row }, ..place };
    let (number, of) = (row.row, name.clone());
    let seen = move || seen_in(document, &of, number);
    let strike = {
        let (here, seen) = (here.clone(), seen.clone());
        move |()| {
            let write = Write::RemoveRow { place: here.clone(), seen: seen() };
            let undone = here.clone();
            engine.ask_then(Request::Write(write), move |outcome| match outcome {
                Ok(_) => {
                    toasts.say_undoable(t(T::FormRowRemoved), move || {
                        engine.tell(Request::Undo { place: undone.clone() })
                    });
                }
                Err(failure) => toasts.say(sentence_of(failure.code)),
            });
        }
    };
    let restore = move |()| {
        engine.tell(Request::Write(Write::RestoreRow { place: here.clone(), seen: seen() }));
    };
    if row.removed {
        let words = row_words(&row, &table, &pack, &use_members().get_untracked());
        return view! {
            <article class="card card--flat" data-testid="row-removed">
                <p class="change__old">{words}</p>
                {row.disputed.then(|| view! { <Note text=t(T::FormRowDisputed).to_owned() tone=Tone::Warn /> })}
                <Button test="row-restore" text=t(T::CommonRestore) icon=Icon::Undo on_press=restore />
            </article>
        }
        .into_any();
    }
    // The card outlives a change of the row's values, so what they open is looked up anew.
    let values = {
        let (kind, table, id) = (kind.clone(), name.clone(), row.row);
        Memo::new(move |_| {
            let row =
                |document: &DocumentView| document.rows.get(&table)?.iter().find(|row| row.row == id).map(values_of);
            documents.with(&kind, row).flatten().unwrap_or_default()
        })
    };
    let fields = asked(&table)
        .into_iter()
        .map(|(key, spec)| {
            let spot = Spot { case, kind: kind.clone(), subject, row: Some((name.clone(), row.row)), key };
            let (home, condition, pack) = ((kind.clone(), name.clone()), spec.clone(), Arc::clone(&pack));
            let is_shown =
                Memo::new(move |_| values.with(|row| is_asked_in_row(&condition, (&home.0, &home.1), row, &documents)));
            move || {
                is_shown.get().then(|| {
                    let (spot, spec, pack) = (spot.clone(), spec.clone(), Arc::clone(&pack));
                    view! { <FieldRow spot=spot spec=spec document=document pack=pack style=style /> }
                })
            }
        })
        .collect_view();
    view! {
        <article class="card" data-testid="row">
            {fields}
            <div class="row row--apart">
                <Button test="row-remove" text=t(T::CommonRemove) weight=Weight::Quiet icon=Icon::Minus on_press=strike />
            </div>
        </article>
    }
    .into_any()
}

/// A row in one line, in the order in which its fields are asked.
pub(crate) fn row_words(row: &RowView, table: &Table, pack: &Pack, members: &[MemberView]) -> String {
    let words: Vec<String> = asked(table)
        .into_iter()
        .filter_map(|(key, spec)| {
            let value = &row.fields.get(&key)?.values.first()?.value;
            (!value.is_null()).then(|| scalar_words(pack, members, &spec.value, value))
        })
        .collect();
    words.join(" · ")
}

/// Where a new row is filled, until it is added whole.
#[derive(Clone, Copy)]
struct NewRow {
    place: StoredValue<FieldPlace>,
    values: RwSignal<BTreeMap<String, Scalar>>,
    /// On its way to stable storage.
    adding: StoredValue<bool>,
    /// Where what was filled so far is.
    shown: RwSignal<Shown>,
    /// Counts what was kept, so that only the last answer is believed.
    kept: StoredValue<u32>,
    engine: Engine,
}

impl NewRow {
    /// Keeps what was filled so far, should the tablet be switched off on the way.
    fn keep(&self, row: BTreeMap<String, Scalar>) {
        let draft = (!row.is_empty()).then(|| Typed { row, ..Typed::default() });
        let there = if draft.is_some() { Shown::Draft } else { Shown::Nothing };
        let (shown, kept) = (self.shown, self.kept);
        shown.set(Shown::Saving);
        kept.update_value(|kept| *kept = kept.wrapping_add(1));
        let number = kept.get_value();
        self.engine.ask_then(Request::KeepDraft { place: self.place.get_value(), draft }, move |outcome| {
            if kept.try_get_value() == Some(number) {
                let _ = shown.try_set(if outcome.is_ok() { there } else { Shown::NotSaved });
            }
        });
    }

    fn set(&self, key: String, value: Scalar) {
        self.values.update(|values| {
            if value.is_null() {
                values.remove(&key)
            } else {
                values.insert(key, value)
            };
        });
        self.keep(self.values.get_untracked());
    }

    fn keep_typed(&self, key: &str, text: String) {
        let mut row = self.values.get_untracked();
        row.insert(key.to_owned(), Scalar::Str(text));
        self.keep(row);
    }

    fn drop(&self) {
        self.values.set(BTreeMap::new());
        self.keep(BTreeMap::new());
    }

    /// Adds the row, unless nothing was filled or it is on its way already. A row that is refused stays kept.
    fn add(&self, asked: BTreeMap<String, Scalar>, then: impl FnOnce(Result<(), Failure>) + 'static) {
        let adding = self.adding;
        if adding.get_value() {
            return;
        }
        if asked.is_empty() {
            // What an answer has hidden must not stay behind as a draft that nobody sees.
            if !self.values.with_untracked(BTreeMap::is_empty) {
                self.drop();
            }
            return;
        }
        adding.set_value(true);
        let write = Write::AddRow { place: self.place.get_value(), fields: asked };
        self.engine.ask_then(Request::Write(write), move |outcome| {
            let _ = adding.try_set_value(false);
            then(outcome.map(|_| ()));
        });
    }
}

/// "Tambah": the fields of a new row stand open until it is added whole, because some tables never take a row in parts. Whoever
/// turns the page adds it; what is in it when the tablet dies stands there again.
#[component]
fn AddRow(
    place: FieldPlace,
    table: Arc<Table>,
    pack: Arc<Pack>,
    documents: Documents,
    style: Style,
    open: RwSignal<bool>,
    kept: BTreeMap<String, Scalar>,
) -> impl IntoView {
    let (engine, toasts) = (use_engine(), use_toasts());
    let values = RwSignal::new(kept);
    let wrong = RwSignal::new(None::<String>);
    let home = match &place.path {
        Path::Row { table, .. } => (place.kind.clone(), table.clone()),
        Path::Field(_) | Path::RowField { .. } | Path::Text(_) => (place.kind.clone(), String::new()),
    };
    let shown = RwSignal::new(if values.with_untracked(BTreeMap::is_empty) { Shown::Nothing } else { Shown::Draft });
    let row = NewRow {
        place: StoredValue::new(place),
        values,
        adding: StoredValue::new(false),
        shown,
        kept: StoredValue::new(0),
        engine,
    };
    let fields = StoredValue::new(asked(&table));
    let home = StoredValue::new(home);
    // What an answer has hidden since is not part of the row.
    let asked_now = move || {
        let values = values.get_untracked();
        let is_asked = |spec: &FieldSpec| {
            home.with_value(|(kind, table)| untrack(|| is_asked_in_row(spec, (kind, table), &values, &documents)))
        };
        let asked = |fields: &Vec<(String, FieldSpec)>| {
            let shown = fields.iter().filter(|(_, spec)| is_asked(spec));
            shown.filter_map(|(key, _)| Some((key.clone(), values.get(key)?.clone()))).into_map()
        };
        fields.with_value(asked)
    };
    let add = Callback::new(move |()| {
        let asked = asked_now();
        if asked.is_empty() {
            open.set(false);
        }
        row.add(asked, move |outcome| match outcome {
            Ok(()) => {
                let _ = values.try_set(BTreeMap::new());
                let _ = shown.try_set(Shown::Nothing);
                let _ = wrong.try_set(None);
                let _ = open.try_set(false);
                toasts.say(t(T::FormRowAdded));
            }
            Err(failure) => {
                let _ = wrong.try_set(Some(sentence_of(failure.code)));
            }
        });
    });
    on_cleanup(move || {
        row.add(asked_now(), move |outcome| match outcome {
            Ok(()) => toasts.say(t(T::FormRowAdded)),
            // Locked meanwhile: it stays kept for the next time.
            Err(failure) if failure.code == ErrorCode::Locked.number() => {}
            Err(failure) => toasts.say(sentence_of(failure.code)),
        });
    });
    let cancel = move |()| {
        row.drop();
        open.set(false);
    };
    let pack = StoredValue::new(pack);
    let inputs = move || {
        fields.with_value(|fields| {
            fields
                .iter()
                .map(|(key, spec)| {
                    let (key, name) = (key.clone(), label(&spec.label));
                    let (read, typed, test) = (key.clone(), key.clone(), format!("field-{key}"));
                    let is_text = matches!(spec.value, FieldType::Text { .. });
                    let value =
                        Signal::derive(move || values.with(|values| values.get(&read).cloned().unwrap_or_default()));
                    let props = InputProps {
                        test: test.clone(),
                        label: name.clone(),
                        field: spec.value.clone(),
                        value,
                        draft: None,
                        disabled: Signal::derive(|| false),
                        failed: Signal::stored(false),
                        style,
                        withheld: untrack(|| withheld_now(spec.withheld.as_ref(), &documents)),
                        name_free: spec
                            .name_free
                            .then_some(NameFree { case: documents.case, subject: documents.subject }),
                        on_type: is_text.then(|| Callback::new(move |text| row.keep_typed(&typed, text))),
                        on_leave: Callback::new(move |value| row.set(key.clone(), value)),
                    };
                    let condition = spec.clone();
                    let is_shown = Memo::new(move |_| {
                        home.with_value(|(kind, table)| {
                            values.with(|row| is_asked_in_row(&condition, (kind, table), row, &documents))
                        })
                    });
                    move || {
                        is_shown.get().then(|| {
                            let control = pack.with_value(|pack| input(pack, props.clone()));
                            view! {
                                <div class="field">
                                    <label class="field__label" for=format!("{test}-input")>{name.clone()}</label>
                                    {control}
                                </div>
                            }
                        })
                    }
                })
                .collect_view()
        })
    };
    view! {
        <Show
            when=move || open.get()
            fallback=move || {
                view! {
                    <Button test="row-add" text=t(T::CommonAdd) icon=Icon::Plus weight=Weight::Wide on_press=move |()| open.set(true) />
                }
            }
        >
            <article class="card" data-testid="row-new">
                {inputs()}
                {move || wrong.get().map(|sentence| view! { <p class="field__error" role="alert">{sentence}</p> })}
                <FieldMark test="row-new-mark" shown=shown />
                <div class="row">
                    <Button test="row-add-done" text=t(T::CommonAdd) icon=Icon::Check on_press=add />
                    <Button test="row-add-cancel" text=t(T::CommonCancel) weight=Weight::Quiet on_press=cancel />
                </div>
            </article>
        </Show>
    }
}
