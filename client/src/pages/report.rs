//! "Terima laporan": short pages, danger first, handed over at the end by one act.
//!
//! The pages are the pack's; the page after danger and the last one, where the report is given away, are ours.

mod arrivals;
mod danger;
mod refusal;
mod summary;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use shared::id::CaseId;
use shared::pack::{Form, Item, Pack, Page};

use super::case::{self, watch_case};
use super::practice::PracticeOver;
use crate::api::{HomeView, PRACTICE, Place, Query, Request};
use crate::components::button::{Button, LinkButton, Weight};
use crate::components::icon::Icon;
use crate::components::note::{Note, Tone};
use crate::components::shell::Shell;
use crate::components::state::{Gone, Problem, Skeleton};
use crate::forms::binding::{Binding, Spot};
use crate::forms::condition::is_done;
use crate::forms::documents::Documents;
use crate::forms::input::Style;
use crate::forms::page::{PageItems, shown_pages};
use crate::i18n::{T, label, t, tf};
use crate::state::engine::use_engine;
use crate::state::failure::sentence_of;
use crate::state::focus::begin_at_content;
use crate::state::load::Load;
use crate::state::session::use_pack;
use crate::state::toast::use_toasts;
use crate::state::update::use_update;
use arrivals::{Arrivals, ListState, is_list_page};
use danger::{Danger, is_danger_page, place_first, place_of};
use refusal::{Refusal, asks_consent, watch_refusal};
use summary::summary_line;

/// Address of a report's first page.
pub(crate) fn first_page(case: CaseId) -> String {
    report_page(case, 0)
}

/// Address of a page of a report.
pub(crate) fn report_page(case: CaseId, page: u32) -> String {
    format!("/kasus/{case}/lapor/{page}")
}

/// The form a report is made with: the first that asks the intake.
pub(crate) fn report_form(pack: &Pack) -> Option<&Form> {
    pack.forms.iter().find(|form| form.fields().any(|field| field.kind == "intake"))
}

/// Whether a page is the last one, where nothing is asked any more.
fn is_check_page(form: &Form, index: usize) -> bool {
    form.pages.len() == index.saturating_add(1) && form.pages.get(index).is_some_and(|page| page.input_count() == 0)
}

/// One page of a report.
#[component]
pub(crate) fn ReportPage() -> impl IntoView {
    case::report_page(T::ReportTitle, |case| view! { <OneReport case=case /> }.into_any())
}

#[component]
fn OneReport(case: CaseId) -> impl IntoView {
    let (engine, pack) = (use_engine(), use_pack());
    let Some(form) = report_form(&pack).cloned() else {
        return view! { <Shell title=t(T::ReportTitle) back="/"><Gone /></Shell> }.into_any();
    };
    let documents = Documents::open(engine, &pack, &form, case, None);
    documents.follow_row(&pack, &form);
    let params = use_params_map();
    let page = Memo::new(move |_| {
        params.with(|params| params.get("page")).and_then(|text| text.parse::<usize>().ok()).unwrap_or(0)
    });
    let form = Arc::new(form);
    let form_key = form.key.clone();
    let is_own_draft = RwSignal::new(case == PRACTICE);
    // Where the work is, so that a tablet that dies in the middle leads back here.
    Effect::new(move |_| {
        if !is_own_draft.get() {
            return;
        }
        let page = u32::try_from(page.get()).unwrap_or(0);
        engine.tell(Request::SetPlace(Some(Place { case, form: form_key.clone(), page, subject: None })));
    });
    // As memos: a page that were drawn anew with every arriving change would lose what is being typed in it.
    let ready = Memo::new(move |_| documents.are_ready());
    let failure = Memo::new(move |_| documents.failure());
    // Erased in another tab, or handed over and come back to.
    let over = (case == PRACTICE).then(|| watch_case(case));
    let over = Memo::new(move |_| over.is_some_and(|view| view.with(|load| load.ready().is_some_and(Option::is_none))));
    let content = move || {
        if !is_own_draft.get() {
            look_for_draft(case, is_own_draft);
            return view! { <Skeleton /> }.into_any();
        }
        if over.get() {
            return view! { <PracticeOver /> }.into_any();
        }
        if let Some(failure) = failure.get() {
            return view! { <Problem failure=failure /> }.into_any();
        }
        if !ready.get() {
            return view! { <Skeleton /> }.into_any();
        }
        let (form, pack) = (Arc::clone(&form), Arc::clone(&pack));
        let shown = page.get();
        match form.pages.get(shown).filter(|_| !is_check_page(&form, shown)).cloned() {
            Some(shown) => {
                view! { <AskPage index=page.get_untracked() page=shown form=form pack=pack documents=documents /> }
                    .into_any()
            }
            None => view! { <CheckPage form=form pack=pack documents=documents /> }.into_any(),
        }
    };
    view! { <Shell title=t(T::ReportTitle) back="/" path=true>{content}</Shell> }.into_any()
}

/// What is no draft of this person's is not handed over once more: it stands on its case's page, or as a receipt. Asked once, when
/// the page opens: handing over leads to the receipt by itself.
fn look_for_draft(case: CaseId, is_own_draft: RwSignal<bool>) {
    let (engine, navigate) = (use_engine(), use_navigate());
    let (home, view) = (engine.watch::<Box<HomeView>>(Query::Home), watch_case(case));
    Effect::new(move |_| {
        if home.with(Load::is_waiting) || view.with(Load::is_waiting) {
            return;
        }
        let stands = view.with(|view| view.ready().is_some_and(Option::is_some));
        let elsewhere = home.with(|home| {
            let home = home.ready()?;
            let is_draft = home.drafts.iter().any(|draft| draft.case == case);
            let is_handed_over = home.handed_over.iter().any(|receipt| receipt.case == case);
            let receipt = || is_handed_over.then(|| format!("/kasus/{case}/tanda-terima"));
            (!is_draft).then(|| stands.then(|| format!("/kasus/{case}")).or_else(receipt)).flatten()
        });
        match elsewhere {
            Some(elsewhere) => {
                engine.tell(Request::SetPlace(None));
                navigate(&elsewhere, NavigateOptions { replace: true, ..NavigateOptions::default() });
            }
            None => is_own_draft.set(true),
        }
    });
}

/// A page that asks.
#[component]
fn AskPage(index: usize, page: Page, form: Arc<Form>, pack: Arc<Pack>, documents: Documents) -> impl IntoView {
    begin_at_content();
    let navigate = use_navigate();
    let case = documents.case;
    let refused = RwSignal::new(false);
    let order = {
        let form = Arc::clone(&form);
        Memo::new(move |_| shown_pages(&form, &documents))
    };
    let is_danger = is_danger_page(&pack, &page);
    let is_list = is_list_page(&page);
    let place = place_of(&page, &pack, documents);
    let items = {
        let pack = Arc::clone(&pack);
        move |page: Page| {
            let pack = Arc::clone(&pack);
            view! { <PageItems page=page documents=documents pack=pack style=Style::Report /> }.into_any()
        }
    };
    let asked = if is_danger {
        let (first, rest) = place_first(&page, &pack);
        let question = (!first.items.is_empty()).then(|| items(first));
        view! { <Danger case=case place=place question=question after=items(rest) /> }.into_any()
    } else {
        items(page.clone())
    };
    let unknown = unknown_answer(&page, &pack, documents);
    let refusal = asks_consent(&page).then(|| watch_refusal(case));
    let refusal = Memo::new(move |_| refusal.and_then(|refusal| refusal.get()));
    let last_page = form.pages.len().saturating_sub(1);
    let count = move || {
        let order = order.get();
        let place = order.iter().position(|shown| *shown == index).unwrap_or(0).saturating_add(1);
        let total = order.len();
        tf(T::ReportPage, &[("n", &place.to_string()), ("total", &total.to_string())])
    };
    let go = {
        let (page, pack, form) = (page.clone(), Arc::clone(&pack), Arc::clone(&form));
        let navigate = navigate.clone();
        StoredValue::new_local(move || {
            if !untrack(|| is_done(&pack, &page, &documents)) {
                refused.set(true);
                return;
            }
            let next = order.with_untracked(|order| order.iter().copied().find(|shown| *shown > index));
            navigate(&format!("/kasus/{case}/lapor/{}", next.unwrap_or(form.pages.len())), Default::default());
        })
    };
    // An answer given meanwhile is answer enough.
    let lacks = {
        let (page, pack) = (page.clone(), Arc::clone(&pack));
        move || refused.get() && !is_done(&pack, &page, &documents)
    };
    let back = order.with_untracked(|order| order.iter().copied().rfind(|shown| *shown < index));
    let back_to = back.map_or_else(|| "/".to_owned(), |page| format!("/kasus/{case}/lapor/{page}"));
    let title = label(&page.label);
    let go_on = t(if is_danger { T::DangerContinue } else { T::CommonNext });
    let question_class = if is_danger { "visually-hidden" } else { "page-head__question" };
    let help = page.help.as_ref().map(|help| view! { <p class="quiet">{label(help)}</p> });
    let required = page.required.then(|| view! { <span>" · " {t(T::ReportRequired)}</span> });
    view! {
        <header class="page-head">
            <p class="page-head__count" data-testid="report-count">{count} {required}</p>
            <h2 class=question_class data-testid="report-question">
                {title}
            </h2>
            {(!is_danger).then_some(help)}
        </header>
        {asked}
        {is_list.then(|| view! { <Arrivals case=case /> })}
        <Show when=lacks>
            <div class="stack">
                <Note text=t(T::ReportChooseFirst).to_owned() tone=Tone::Warn />
                {unknown.map(|unknown| {
                    view! { <Button test="report-unknown" text=t(T::AnswerUnknown) icon=Icon::Question weight=Weight::Wide on_press=unknown /> }
                })}
            </div>
        </Show>
        {move || refusal.get().map(|refusal| view! { <Refusal case=case refusal=refusal last_page=last_page /> })}
        <div class="page-foot">
            <LinkButton test="report-back" to=back_to text=t(T::CommonPrevious) icon=Icon::Back />
            <Show when=move || refusal.with(Option::is_none)>
                <Button test="report-next" text=go_on weight=Weight::Primary on_press=move |()| go.with_value(|go| go()) />
            </Show>
        </div>
    }
}

/// "Tidak tahu" for a page that cannot be skipped: says so at its first field.
fn unknown_answer(page: &Page, pack: &Pack, documents: Documents) -> Option<Callback<()>> {
    let field = page.items.iter().find_map(|item| match item {
        Item::Field(field) if field.table.is_none() => Some(field.clone()),
        Item::Field(_) | Item::Rows(_) | Item::Note(_) => None,
    })?;
    let (subject, document) = documents.of(&field.kind)?;
    let name = pack.field(&field).map(|spec| label(&spec.label)).unwrap_or_default();
    let spot = Spot { case: documents.case, kind: field.kind, subject, row: None, key: field.key };
    let binding = Binding::new(spot, document, name, None);
    Some(Callback::new(move |()| binding.set_answer(Some("TIDAK_TAHU"))))
}

/// The last page: what was written, what is empty, and the one act that gives the report away.
#[component]
fn CheckPage(form: Arc<Form>, pack: Arc<Pack>, documents: Documents) -> impl IntoView {
    begin_at_content();
    let (engine, toasts, update) = (use_engine(), use_toasts(), use_update());
    let navigate = StoredValue::new_local(use_navigate());
    let case = documents.case;
    let busy = RwSignal::new(false);
    let hand_over = move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        engine.ask_then(Request::HandOver { case }, move |outcome| {
            let _ = busy.try_set(false);
            match outcome {
                Ok(_) => {
                    update.report_finished();
                    let _ = navigate.try_with_value(|navigate| {
                        navigate(&format!("/kasus/{case}/tanda-terima"), Default::default());
                    });
                }
                Err(failure) => toasts.say(sentence_of(failure.code)),
            }
        });
    };
    let mut order = untrack(|| shown_pages(&form, &documents));
    order.retain(|page| !is_check_page(&form, *page));
    let last = order.last().copied().unwrap_or(0);
    // Whoever came past the question all the same must not hand over what was not to be recorded.
    let asked = order.iter().filter_map(|index| form.pages.get(*index)).any(asks_consent);
    let refusal = asked.then(|| watch_refusal(case));
    let refusal = Memo::new(move |_| refusal.and_then(|refusal| refusal.get()));
    let last_page = form.pages.len().saturating_sub(1);
    let lines = order
        .into_iter()
        .filter_map(|index| form.pages.get(index).map(|page| (index, page.clone())))
        .map(|(index, page)| summary_line(case, index, &page, Arc::clone(&pack), documents))
        .collect_view();
    view! {
        <header class="page-head">
            <h2 class="page-head__question">{t(T::ReportCheckTitle)}</h2>
            <p class="quiet">{t(T::ReportCheckLead)}</p>
        </header>
        <div class="stack stack--wide">
        {day_missing(&form, documents).map(|index| view! {
            <section class="card card--flat" data-testid="report-day-missing">
                <Note text=t(T::ReportDayMissing).to_owned() tone=Tone::Warn />
                <LinkButton test="report-day" to=format!("/kasus/{case}/lapor/{index}") text=t(T::ReportDayWrite) icon=Icon::Calendar />
            </section>
        })}
        <section class="card summary" data-testid="report-summary">{lines}</section>
        <ListState case=case form=form />
        {move || match refusal.get() {
            Some(refusal) => view! { <Refusal case=case refusal=refusal last_page=last_page /> }.into_any(),
            None => {
                let text = if case == PRACTICE { T::PracticeHandOver } else { T::ReportHandOverText };
                view! { <Note text=t(text).to_owned() /> }.into_any()
            }
        }}
        </div>
        <div class="page-foot page-foot--single">
            <Show when=move || refusal.with(Option::is_none)>
                <Button
                    test="report-hand-over" text=t(T::ReportHandOver) weight=Weight::Primary icon=Icon::Handed disabled=busy on_press=hand_over
                />
            </Show>
            <LinkButton test="report-keep-draft" to="/" text=t(T::ReportKeepDraft) weight=Weight::Wide />
            <LinkButton
                test="report-back" to=format!("/kasus/{case}/lapor/{last}") text=t(T::CommonPrevious) weight=Weight::Quiet icon=Icon::Back
            />
        </div>
    }
}

/// The page that asks for the day of the report, where none stands: a tablet whose clock is wrong fills in nothing.
fn day_missing(form: &Form, documents: Documents) -> Option<usize> {
    const DAY: &str = "tgl_lapor";
    let has_day = |document: &crate::api::DocumentView| {
        document.fields.get(DAY).is_some_and(|field| field.values.iter().any(|value| !value.value.is_null()))
    };
    let asks = |item: &Item| matches!(item, Item::Field(field) if field.kind == "intake" && field.key == DAY);
    let index = form.pages.iter().position(|page| page.items.iter().any(asks))?;
    let stands = untrack(|| documents.with("intake", has_day)).unwrap_or(true);
    (!stands).then_some(index)
}
