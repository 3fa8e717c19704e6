//! One field of one document: what stands there, and how it is written.

use std::collections::BTreeMap;

use leptos::prelude::*;
use shared::id::{CaseId, RowId, SubjectId};
use shared::nik::Doubt;
use shared::pack::field::safest_of;
use shared::pack::schema::ANSWER_SUFFIX;
use shared::value::Scalar;

use super::documents::DocumentSignal;
use crate::api::{
    Act, DocumentView, FieldPlace, FieldView, FreshView, Mark, Path, Reply, Request, SeenOp, TextBase, Typed, Write,
};
use crate::components::mark::Shown;
use crate::entry::long_text::Standing;
use crate::i18n::{T, t, tf};
use crate::state::engine::{Engine, use_engine};
use crate::state::failure::sentence_of;
use crate::state::toast::{Toasts, use_toasts};

/// Where a field is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The case.
    pub(crate) case: CaseId,
    /// Kind of the document.
    pub(crate) kind: String,
    /// Its person.
    pub(crate) subject: Option<SubjectId>,
    /// Table and row, for a field of a row.
    pub(crate) row: Option<(String, RowId)>,
    /// The field.
    pub(crate) key: String,
}

impl Spot {
    /// The place of a key that belongs to this field: the field itself, one of its codes, or why it is empty.
    pub(crate) fn place(&self, key: &str) -> FieldPlace {
        let key = key.to_owned();
        let path = match &self.row {
            None => Path::Field(key),
            Some((table, row)) => Path::RowField { table: table.clone(), row: *row, key },
        };
        FieldPlace { case: self.case, kind: self.kind.clone(), subject: self.subject, path }
    }

    /// The place of the long text.
    pub(crate) fn text_place(&self) -> FieldPlace {
        FieldPlace {
            case: self.case,
            kind: self.kind.clone(),
            subject: self.subject,
            path: Path::Text(self.text_key()),
        }
    }

    /// Key of the long text among the document's texts.
    pub(crate) fn text_key(&self) -> String {
        match &self.row {
            None => self.key.clone(),
            Some((table, row)) => format!("{table}/{row}/{}", self.key),
        }
    }

    fn view<'a>(&self, document: &'a DocumentView, key: &str) -> Option<&'a FieldView> {
        match &self.row {
            None => document.fields.get(key),
            Some((table, row)) => {
                document.rows.get(table)?.iter().find(|candidate| candidate.row == *row)?.fields.get(key)
            }
        }
    }
}

/// Where the last write of this screen is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pending {
    /// Nothing on its way.
    Idle,
    /// On its way to stable storage.
    Saving,
    /// Typed, kept as a draft.
    Draft,
    /// It did not get there; the sentence says why.
    Failed(String),
}

/// Handle of a bound field; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Binding {
    spot: StoredValue<Spot>,
    document: DocumentSignal,
    /// Where the last write of this screen is.
    pub(crate) pending: RwSignal<Pending>,
    engine: Engine,
    toasts: Toasts,
    label: StoredValue<String>,
    maker: Option<RowMaker>,
    /// The field's order of safety; empty for most.
    safest: StoredValue<Vec<Scalar>>,
    /// What stood in a line when somebody began to type; what arrives while they do, they have not seen.
    began: StoredValue<Option<Began>>,
}

/// What stood in a line when somebody began to type.
#[derive(Debug, Clone, Default)]
struct Began {
    seen: Vec<SeenOp>,
    /// Not known any more when the tablet was switched off on the way.
    value: Option<Scalar>,
}

/// Makes the row a field is to stand in, when nothing was written to it yet.
#[derive(Clone, Copy)]
pub(crate) struct RowMaker {
    /// A row is being made.
    pub(crate) making: RwSignal<bool>,
    /// What the row holds from the start: whom it is about.
    pub(crate) about: StoredValue<BTreeMap<String, Scalar>>,
}

/// What the engine takes for a row that has no id yet.
pub(crate) const NEW_ROW: RowId = RowId::from_bytes([0; 16]);

/// Values every one of which the user sees.
fn seen(field: Option<&FieldView>) -> Vec<SeenOp> {
    field.map(|field| field.values.iter().map(|value| value.op.clone()).collect()).unwrap_or_default()
}

impl Binding {
    /// Binds a field of a document.
    pub(crate) fn new(spot: Spot, document: DocumentSignal, label: String, maker: Option<RowMaker>) -> Self {
        Self {
            spot: StoredValue::new(spot),
            document,
            pending: RwSignal::new(Pending::Idle),
            engine: use_engine(),
            toasts: use_toasts(),
            label: StoredValue::new(label),
            maker,
            safest: StoredValue::new(Vec::new()),
            began: StoredValue::new(None),
        }
    }

    /// Of a field with an order of safety, the safest of several values is in force until somebody has chosen.
    pub(crate) fn weighty(self, safest: Vec<Scalar>) -> Self {
        self.safest.set_value(safest);
        self
    }

    /// The safest of what stands, where the field has an order of safety that knows it all.
    fn safest(&self, field: &FieldView) -> Option<Scalar> {
        self.safest.with_value(|safest| safest_of(safest, field.values.iter().map(|value| &value.value)).cloned())
    }

    /// Whether several values stand of which the safest is in force.
    pub(crate) fn is_held_safe(&self) -> bool {
        self.safest.with_value(|safest| !safest.is_empty()) && self.mark() == Some(Mark::Different)
    }

    /// Where the field is.
    pub(crate) fn spot(&self) -> Spot {
        self.spot.get_value()
    }

    fn look<V>(&self, look: impl FnOnce(&DocumentView) -> V) -> Option<V> {
        self.document.with(|load| load.ready().map(|document| look(document)))
    }

    /// What is doubtful about the number that stands in the field.
    pub(crate) fn doubts(&self) -> Vec<Doubt> {
        let key = self.spot.with_value(|spot| spot.key.clone());
        let of_field = |document: &DocumentView| {
            document.doubts.iter().filter(|(field, _)| *field == key).map(|(_, doubt)| *doubt).collect()
        };
        self.look(of_field).unwrap_or_default()
    }

    /// What stands at a key; tracks the document.
    pub(crate) fn field(&self, key: &str) -> Option<FieldView> {
        self.look(|document| self.spot.with_value(|spot| spot.view(document, key).cloned())).flatten()
    }

    /// What stands in the field; of several values the safest, where there is such an order, or else the first.
    pub(crate) fn value(&self) -> Scalar {
        let key = self.spot.with_value(|spot| spot.key.clone());
        let Some(field) = self.field(&key) else { return Scalar::Null };
        let first = || field.values.first().map(|value| value.value.clone());
        self.safest(&field).or_else(first).unwrap_or_default()
    }

    /// Why the field is empty, if somebody said so.
    pub(crate) fn answer(&self) -> Option<String> {
        let key = self.spot.with_value(|spot| format!("{}{ANSWER_SUFFIX}", spot.key));
        let value = self.field(&key)?.values.into_iter().next()?.value;
        value.as_str().map(str::to_owned)
    }

    /// Whether a code counts as chosen: in an order of safety if that is the safest, otherwise if anybody chose it.
    fn is_chosen(&self, field: &FieldView) -> bool {
        let anybody = || field.values.iter().any(|value| value.value == Scalar::Bool(true));
        self.safest(field).map_or_else(anybody, |value| value == Scalar::Bool(true))
    }

    /// The codes chosen of a many-choice field.
    pub(crate) fn chosen(&self) -> Vec<String> {
        let prefix = self.spot.with_value(|spot| format!("{}/", spot.key));
        let codes = |fields: &BTreeMap<String, FieldView>| {
            fields
                .iter()
                .filter(|(_, field)| self.is_chosen(field))
                .filter_map(|(key, _)| key.strip_prefix(&prefix).map(str::to_owned))
                .collect::<Vec<_>>()
        };
        self.look(|document| {
            self.spot.with_value(|spot| match &spot.row {
                None => codes(&document.fields),
                Some((table, row)) => document
                    .rows
                    .get(table)
                    .and_then(|rows| rows.iter().find(|candidate| candidate.row == *row))
                    .map(|row| codes(&row.fields))
                    .unwrap_or_default(),
            })
        })
        .unwrap_or_default()
    }

    /// What the document shows of the long text.
    pub(crate) fn standing(&self) -> Standing {
        let key = self.spot.with_value(Spot::text_key);
        let standing = |document: &DocumentView| Standing {
            text: document.texts.get(&key).map(|text| text.stands.clone()),
            heads: document.heads.clone(),
        };
        self.look(standing).unwrap_or_default()
    }

    /// The long text with what others wrote there since it was last open here; none where nothing is new.
    pub(crate) fn fresh(&self) -> Option<(String, Vec<FreshView>)> {
        let key = self.spot.with_value(Spot::text_key);
        let fresh = |document: &DocumentView| {
            let text = document.texts.get(&key).filter(|text| !text.fresh.is_empty())?;
            Some((text.stands.text.clone(), text.fresh.clone()))
        };
        self.look(fresh).flatten()
    }

    /// As of when the long text is shown, unless nothing came in since it was last read.
    fn unread_heads(&self) -> Option<Vec<String>> {
        let key = self.spot.with_value(Spot::text_key);
        let heads = |document: &DocumentView| {
            let is_read = document.texts.get(&key).is_some_and(|text| text.is_read);
            (!is_read && !document.heads.is_empty()).then(|| document.heads.clone())
        };
        self.look(heads).flatten()
    }

    /// Notes that the long text was read as it is shown, unless nothing came in since it was last read.
    pub(crate) fn note_read(&self) {
        if let Some(heads) = untrack(|| self.unread_heads()) {
            let place = self.spot.with_value(Spot::text_place);
            self.engine.tell(Request::Act(Act::ReadText { place, heads }));
        }
    }

    /// What was being typed when the tablet stopped.
    pub(crate) fn draft(&self, path: &Path) -> Option<Typed> {
        self.look(|document| document.drafts.iter().find(|(at, _)| at == path).map(|(_, typed)| typed.clone()))
            .flatten()
    }

    fn has_draft(&self) -> bool {
        let (line, text) = self.spot.with_value(|spot| (spot.place(&spot.key).path, spot.text_place().path));
        self.look(|document| document.drafts.iter().any(|(at, _)| *at == line || *at == text)).unwrap_or(false)
    }

    /// Goes on with a line that was being typed when the tablet stopped.
    pub(crate) fn resume_line(&self) -> Option<String> {
        let path = self.spot.with_value(|spot| spot.place(&spot.key).path);
        let typed = untrack(|| self.draft(&path))?;
        self.began.set_value(Some(Began { seen: typed.seen, value: None }));
        Some(typed.text)
    }

    /// A key was pressed in a line: keeps it as a draft, with what stood there when the first one was.
    pub(crate) fn type_line(&self, text: String) {
        let key = self.spot.with_value(|spot| spot.key.clone());
        let now = || Began { seen: seen(untrack(|| self.field(&key)).as_ref()), value: Some(untrack(|| self.value())) };
        let began = self.began.try_update_value(|began| began.get_or_insert_with(now).clone()).unwrap_or_default();
        let place = self.spot.with_value(|spot| spot.place(&key));
        self.keep_draft(place, Typed { text, seen: began.seen, ..Typed::default() });
    }

    /// Whether this person may write here.
    pub(crate) fn is_writable(&self) -> bool {
        let making = self.maker.is_some_and(|maker| maker.making.get());
        !making && self.look(|document| document.writable).unwrap_or(false)
    }

    /// Whether the last write of this screen did not get to stable storage.
    pub(crate) fn has_failed(&self) -> bool {
        self.pending.with(|pending| matches!(pending, Pending::Failed(_)))
    }

    /// Whether values stand side by side at the field itself.
    pub(crate) fn is_different(&self) -> bool {
        let key = self.spot.with_value(|spot| spot.key.clone());
        self.field(&key).is_some_and(|field| field.values.len() > 1)
    }

    /// Worst mark of the field, its codes and its reason.
    pub(crate) fn mark(&self) -> Option<Mark> {
        let base = self.spot.with_value(|spot| spot.key.clone());
        let belongs = |key: &str| {
            key.strip_prefix(&base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with('#'))
        };
        let worst = |fields: &BTreeMap<String, FieldView>| {
            fields.iter().filter(|(key, _)| belongs(key)).map(|(_, field)| field.mark).min_by_key(|mark| weight(*mark))
        };
        let key = self.spot.with_value(Spot::text_key);
        let text = self.look(|document| document.texts.get(&key).map(|text| text.mark)).flatten();
        let field = self
            .look(|document| {
                self.spot.with_value(|spot| match &spot.row {
                    None => worst(&document.fields),
                    Some((table, row)) => document
                        .rows
                        .get(table)
                        .and_then(|rows| rows.iter().find(|candidate| candidate.row == *row))
                        .and_then(|row| worst(&row.fields)),
                })
            })
            .flatten();
        text.or(field)
    }

    /// What the field shows about itself.
    pub(crate) fn shown(&self, required: bool) -> Shown {
        match (self.pending.get(), self.mark()) {
            (Pending::Failed(_), _) => Shown::NotSaved,
            (Pending::Saving, _) => Shown::Saving,
            (Pending::Draft, _) => Shown::Draft,
            // What was typed before the tablet was locked or stopped waits here, whatever stands beside it.
            (Pending::Idle, _) if self.has_draft() => Shown::Draft,
            (Pending::Idle, Some(mark)) => Shown::Written(mark),
            (Pending::Idle, None) if required => Shown::Required,
            (Pending::Idle, None) => Shown::Nothing,
        }
    }

    /// The field was left with this value: writes it, and forgets why it was empty.
    pub(crate) fn set(&self, value: Scalar) {
        let before = untrack(|| self.value());
        let key = self.spot.with_value(|spot| spot.key.clone());
        let began = self.began.try_update_value(Option::take).flatten();
        let is_different = untrack(|| self.is_different());
        let as_it_stood = (before == value && !is_different)
            || began.as_ref().is_some_and(|began| began.value.as_ref() == Some(&value));
        if as_it_stood || (began.is_none() && is_different) {
            // Nothing to write; what was typed on the way must not stay behind as a draft.
            let place = self.spot.with_value(|spot| spot.place(&key));
            self.drop_draft(place);
            return;
        }
        let replaced = !before.is_null();
        if !value.is_null() && untrack(|| self.answer()).is_some() {
            let reason = format!("{key}{ANSWER_SUFFIX}");
            self.write(&reason, Scalar::Null, false);
        }
        match began {
            Some(began) => self.write_over(&key, value, replaced, began),
            None => self.write(&key, value, replaced),
        }
    }

    /// One code of a many-choice field was touched.
    pub(crate) fn set_code(&self, code: &str, chosen: bool) {
        let (key, reason) =
            self.spot.with_value(|spot| (format!("{}/{code}", spot.key), format!("{}{ANSWER_SUFFIX}", spot.key)));
        if chosen && untrack(|| self.answer()).is_some() {
            self.write(&reason, Scalar::Null, false);
        }
        self.write(&key, Scalar::Bool(chosen), false);
    }

    /// Says why the field is empty, or takes that back; what stood there is cleared.
    pub(crate) fn set_answer(&self, code: Option<&str>) {
        let key = self.spot.with_value(|spot| spot.key.clone());
        if code.is_some() && !untrack(|| self.value()).is_null() {
            self.write(&key, Scalar::Null, true);
        }
        for chosen in untrack(|| self.chosen()).into_iter().filter(|_| code.is_some()) {
            self.set_code(&chosen, false);
        }
        let reason = format!("{key}{ANSWER_SUFFIX}");
        self.write(&reason, code.map_or(Scalar::Null, Scalar::from), false);
    }

    /// Writes over what shows now.
    fn write(&self, key: &str, value: Scalar, replaced: bool) {
        let seen = seen(untrack(|| self.field(key)).as_ref());
        self.write_over(key, value, replaced, Began { seen, value: None });
    }

    /// Writes over what its author had seen; whatever else stands there stays beside it.
    fn write_over(&self, key: &str, value: Scalar, replaced: bool, began: Began) {
        if let Some(maker) = self.maker {
            self.make_row(maker, key, value);
            return;
        }
        let place = self.spot.with_value(|spot| spot.place(key));
        let binding = *self;
        let undone = place.clone();
        let write = Write::Set { place, value, seen: began.seen.clone() };
        let then = move || {
            if replaced {
                binding.offer_undo(undone);
            }
        };
        // The text goes back into the field, and with it what it was written over.
        let otherwise = move || {
            let _ = binding.began.try_update_value(|now| {
                now.get_or_insert(began);
            });
        };
        self.send(write, then, otherwise);
    }

    /// Makes the row with this field in it.
    fn make_row(&self, maker: RowMaker, key: &str, value: Scalar) {
        if value.is_null() || maker.making.get_untracked() {
            return;
        }
        maker.making.set(true);
        let mut fields = maker.about.get_value();
        fields.insert(key.to_owned(), value);
        let mut place = self.spot.with_value(|spot| spot.place(key));
        if let Path::RowField { table, .. } = place.path {
            place.path = Path::Row { table, row: NEW_ROW };
        }
        self.send(Write::AddRow { place, fields }, || {}, || {});
    }

    /// A long text was left. One of the two is called when its way has ended: on stable storage, or not.
    pub(crate) fn set_text(
        &self,
        base: TextBase,
        text: String,
        then: impl FnOnce() + 'static,
        otherwise: impl FnOnce() + 'static,
    ) {
        let place = self.spot.with_value(Spot::text_place);
        self.send(Write::Text { place, base, text }, then, otherwise);
    }

    /// Keeps what is being typed.
    pub(crate) fn keep_draft(&self, place: FieldPlace, typed: Typed) {
        let pending = self.pending;
        self.engine.ask_then(Request::KeepDraft { place, draft: Some(typed) }, move |outcome| {
            if outcome.is_ok() {
                let _ = pending.try_set(Pending::Draft);
            }
        });
    }

    /// The field was left as it stood: forgets what was typed on the way.
    pub(crate) fn drop_draft(&self, place: FieldPlace) {
        let pending = self.pending;
        // The engine answers in order, so a draft on its way is kept before this one is dropped.
        self.engine.ask_then(Request::KeepDraft { place, draft: None }, move |_| {
            let _ = pending.try_update(|pending| {
                if *pending == Pending::Draft {
                    *pending = Pending::Idle;
                }
            });
        });
    }

    fn send(&self, write: Write, then: impl FnOnce() + 'static, otherwise: impl FnOnce() + 'static) {
        let (pending, maker) = (self.pending, self.maker);
        let _ = pending.try_set(Pending::Saving);
        self.engine.ask_then(Request::Write(write), move |outcome| match outcome {
            Ok(Reply::Saved) => {
                let _ = pending.try_set(Pending::Idle);
                then();
            }
            Ok(_) => {
                let _ = pending.try_set(Pending::Idle);
            }
            // What was typed stays in the field; the sentence says what to do.
            Err(failure) => {
                if let Some(maker) = maker {
                    let _ = maker.making.try_set(false);
                }
                otherwise();
                let _ = pending.try_set(Pending::Failed(sentence_of(failure.code)));
            }
        });
    }

    fn offer_undo(self, place: FieldPlace) {
        let Some(label) = self.label.try_get_value() else { return };
        let (engine, toasts) = (self.engine, self.toasts);
        toasts.say_undoable(tf(T::FormChanged, &[("field", &label)]), move || {
            engine.ask_then(Request::Undo { place: place.clone() }, move |outcome| {
                if outcome.is_ok() {
                    toasts.say(t(T::FormUndone));
                }
            });
        });
    }
}

/// The smaller, the more it matters to see it.
const fn weight(mark: Mark) -> u8 {
    match mark {
        Mark::Different => 0,
        Mark::Held => 1,
        Mark::Saved => 2,
        Mark::Received => 3,
    }
}
