//! What a report says, page by page, before it is given away: who hands it over must see what was asked, and what was refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use shared::id::CaseId;
use shared::pack::schema::ANSWER_SUFFIX;
use shared::pack::{FieldRef, FieldSpec, FieldType, Item, Pack, Page, Sensitivity};
use shared::value::Scalar;

use crate::api::{DocumentView, FieldView, MemberView};
use crate::components::button::{LinkButton, Weight};
use crate::forms::condition::is_asked;
use crate::forms::documents::Documents;
use crate::forms::rows::{is_only_told, row_words};
use crate::i18n::{T, label, t, tf};
use crate::pages::words::{answer_words, code_words, scalar_words};
use crate::state::session::{use_member, use_members};

/// Longest piece of a text in the summary.
const EXCERPT_CHARS: usize = 60;

/// One line: the page, what was answered there, and a way back to it.
pub(super) fn summary_line(
    case: CaseId,
    index: usize,
    page: &Page,
    pack: Arc<Pack>,
    documents: Documents,
) -> impl IntoView + use<> {
    let title = label(&page.label);
    let members = use_members();
    // Beside others an answer does not say what was asked: "Tidak tahu".
    let asks_more = page.items.iter().filter(|item| !matches!(item, Item::Note(_))).count() > 1;
    let words = {
        let (page, pack) = (page.clone(), Arc::clone(&pack));
        move || {
            let members = members.get();
            let answers: Vec<String> =
                page.items.iter().filter_map(|item| item_words(item, asks_more, &pack, &members, &documents)).collect();
            answers.join(" · ")
        }
    };
    let words = Memo::new(move |_| words());
    let class = move || {
        if words.with(String::is_empty) { "summary__value summary__value--gap" } else { "summary__value" }
    };
    // What was told and has left the tablet must not look as if nobody had told it.
    let told = |item: &Item| matches!(item, Item::Rows(target) if is_only_told(&pack, &target.kind, &use_member()));
    let gap = if page.items.iter().any(told) { T::ReportOnlyTold } else { T::AnswerOptional };
    let shown = move || words.with(|words| if words.is_empty() { t(gap).to_owned() } else { words.clone() });
    view! {
        <div class="summary__line">
            <span class="summary__key">{title}</span>
            <span class=class>{shown}</span>
            <LinkButton
                test=format!("summary-change-{index}") to=format!("/kasus/{case}/lapor/{index}") text=t(T::CommonChange) weight=Weight::Quiet
            />
        </div>
    }
}

/// What was answered at one item, in few words, with its question where the page asks more; none if nothing was.
fn item_words(
    item: &Item,
    asks_more: bool,
    pack: &Pack,
    members: &[MemberView],
    documents: &Documents,
) -> Option<String> {
    match item {
        Item::Note(_) => None,
        Item::Rows(target) => {
            let table = pack.kinds.get(&target.kind)?.tables.get(&target.table)?;
            let rows = documents.with(&target.kind, |document| {
                let standing = document.rows.get(&target.table)?.iter().filter(|row| !row.removed);
                Some(standing.map(|row| row_words(row, table, pack, members)).collect::<Vec<_>>().join("; "))
            })?;
            rows.filter(|words| !words.is_empty())
        }
        Item::Field(field) => {
            let spec = pack.field(field).filter(|spec| is_asked(spec, documents))?;
            let row = documents.row.get().map(|spot| spot.row);
            documents.with(&field.kind, |document| {
                let text = document.texts.get(&field.key).filter(|_| field.table.is_none());
                if let Some(text) = text.filter(|text| !text.stands.text.is_empty()) {
                    let is_telling = spec.sensitivity == Sensitivity::S3;
                    let excerpt = || excerpt(&text.stands.text);
                    return Some(if is_telling { filled(spec) } else { told_beside(spec, asks_more, excerpt()) });
                }
                field_words(fields_at(document, field, row)?, (&field.key, spec), asks_more, pack, members)
            })?
        }
    }
}

/// The beginning of a text; that it goes on is seen.
fn excerpt(text: &str) -> String {
    let mut text = text.chars();
    let begins: String = text.by_ref().take(EXCERPT_CHARS).collect();
    if text.next().is_some() { begins + "…" } else { begins }
}

/// Where the answers of a field stand: in the document, or in the row that the report fills.
fn fields_at<'d>(
    document: &'d DocumentView,
    field: &FieldRef,
    row: Option<shared::id::RowId>,
) -> Option<&'d BTreeMap<String, FieldView>> {
    let Some(table) = &field.table else { return Some(&document.fields) };
    let rows = document.rows.get(table)?;
    rows.iter().find(|candidate| !candidate.removed && Some(candidate.row) == row).map(|row| &row.fields)
}

/// The question with its answer.
fn told(spec: &FieldSpec, answer: &str) -> String {
    let question = label(&spec.label);
    let joint = if question.ends_with('?') { " " } else { ": " };
    format!("{question}{joint}{answer}")
}

/// The answer, with its question where others stand beside it.
fn told_beside(spec: &FieldSpec, asks_more: bool, answer: String) -> String {
    if asks_more { told(spec, &answer) } else { answer }
}

/// What names or locates somebody is said to be there, and not shown.
fn filled(spec: &FieldSpec) -> String {
    tf(T::ReportFilled, &[("field", &label(&spec.label))])
}

/// What stands in a field: the answer, "no" included, or why there is none.
fn field_words(
    fields: &BTreeMap<String, FieldView>,
    (key, spec): (&str, &FieldSpec),
    asks_more: bool,
    pack: &Pack,
    members: &[MemberView],
) -> Option<String> {
    let stands = |key: &str| {
        let mut values = fields.get(key)?.values.iter().map(|value| &value.value);
        values.find(|value| !value.is_null())
    };
    if let Some(list) = spec.value.list() {
        let prefix = format!("{key}/");
        let is_chosen = |view: &FieldView| view.values.iter().any(|value| value.value == Scalar::Bool(true));
        let chosen = fields.iter().filter(|(_, view)| is_chosen(view)).filter_map(|(key, _)| key.strip_prefix(&prefix));
        let codes: Vec<String> = chosen.map(|code| code_words(pack, list, code)).collect();
        if !codes.is_empty() {
            return Some(told_beside(spec, asks_more, codes.join(", ")));
        }
    }
    let Some(value) = stands(key) else {
        let reason = stands(&format!("{key}{ANSWER_SUFFIX}"))?;
        return Some(told(spec, answer_words(reason.as_str()?)));
    };
    match (value, &spec.value) {
        (Scalar::Null | Scalar::Int(0), _) | (Scalar::Bool(false), FieldType::Flag) => None,
        _ if spec.sensitivity == Sensitivity::S3 => Some(filled(spec)),
        (Scalar::Bool(true), FieldType::Flag) => Some(label(&spec.label)),
        (Scalar::Bool(answer), _) => Some(told(spec, t(if *answer { T::AnswerYes } else { T::AnswerNo }))),
        (Scalar::Int(number), _) => Some(format!("{} {number}", label(&spec.label))),
        (Scalar::Str(_), _) => Some(told_beside(spec, asks_more, scalar_words(pack, members, &spec.value, value))),
    }
}
