//! A form of a case: pages of at most seven inputs, "Lanjut" at the bottom, leaving a field saves.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::id::{CaseId, SubjectId};
use shared::pack::{Form, Pack, Page};

use crate::api::{PRACTICE, Place, Request};
use crate::components::button::{LinkButton, Weight};
use crate::components::icon::Icon;
use crate::components::meter::Meter;
use crate::components::shell::Shell;
use crate::components::state::{EndedNote, Gone, Problem, Skeleton};
use crate::forms::documents::Documents;
use crate::forms::input::Style;
use crate::forms::page::{PageItems, shown_pages};
use crate::i18n::{T, label, t, tf};
use crate::state::engine::use_engine;
use crate::state::focus::begin_at_content;
use crate::state::session::use_pack;

/// One page of a form.
#[component]
pub(crate) fn FormPage() -> impl IntoView {
    let params = use_params_map();
    // The router keeps the page from one form, person or case to another; it is drawn anew for each.
    let form = Memo::new(move |_| {
        params.with(|params| {
            let case = CaseId::parse(&params.get("case")?).ok().filter(|case| *case != PRACTICE)?;
            let subject = params.get("subject").map(|text| SubjectId::parse(&text));
            Some((case, subject.transpose().ok()?, params.get("form")?))
        })
    });
    // Read, not only tracked: a memo that was never read hears of no other address.
    move || view! { <OneForm of=form.get() /> }
}

#[component]
fn OneForm(
    /// Case, person and form.
    of: Option<(CaseId, Option<SubjectId>, String)>,
) -> impl IntoView {
    let (engine, pack) = (use_engine(), use_pack());
    let params = use_params_map();
    let found = of.and_then(|(case, subject, key)| Some((case, subject, pack.form(&key)?.clone())));
    let Some((case, subject, form)) = found else {
        return view! { <Shell title=t(T::CasesTitle) back="/kasus"><Gone /></Shell> }.into_any();
    };
    let key = form.key.clone();
    let documents = Documents::open(engine, &pack, &form, case, subject);
    let page = Memo::new(move |_| {
        params.with(|params| params.get("page")).and_then(|text| text.parse::<usize>().ok()).unwrap_or(0)
    });
    let form = Arc::new(form);
    let title = label(&form.label);
    Effect::new(move |_| {
        let page = u32::try_from(page.get()).unwrap_or(0);
        engine.tell(Request::SetPlace(Some(Place { case, form: key.clone(), page, subject })));
    });
    documents.follow_row(&pack, &form);
    // As memos: a page that were drawn anew with every arriving change would lose what is being typed in it.
    let ready = Memo::new(move |_| documents.are_ready());
    let failure = Memo::new(move |_| documents.failure());
    let content = move || {
        if let Some(failure) = failure.get() {
            return view! { <Problem failure=failure /> }.into_any();
        }
        if !ready.get() {
            return view! { <Skeleton /> }.into_any();
        }
        let (form, pack) = (Arc::clone(&form), Arc::clone(&pack));
        match form.pages.get(page.get()).cloned() {
            Some(shown) => {
                view! { <FormPart index=page.get_untracked() page=shown form=form pack=pack documents=documents /> }
                    .into_any()
            }
            None => view! { <Gone /> }.into_any(),
        }
    };
    view! { <Shell title=title back=format!("/kasus/{case}") path=true><EndedNote case=case /> {content}</Shell> }
        .into_any()
}

#[component]
fn FormPart(index: usize, page: Page, form: Arc<Form>, pack: Arc<Pack>, documents: Documents) -> impl IntoView {
    begin_at_content();
    let order = {
        let form = Arc::clone(&form);
        Memo::new(move |_| shown_pages(&form, &documents))
    };
    let (case, subject, key) = (documents.case, documents.subject, form.key.clone());
    let address = move |page: usize| form_address(case, subject, &key, page);
    let address = StoredValue::new(address);
    let place = Memo::new(move |_| {
        order.with(|order| order.iter().position(|shown| *shown == index)).unwrap_or(0).saturating_add(1)
    });
    let total = Memo::new(move |_| order.with(Vec::len));
    let count = move || tf(T::ReportPage, &[("n", &place.get().to_string()), ("total", &total.get().to_string())]);
    let small = |memo: Memo<usize>| Signal::derive(move || u32::try_from(memo.get()).unwrap_or(0));
    let foot = move || {
        let back = order.with(|order| order.iter().copied().rfind(|shown| *shown < index));
        let next = order.with(|order| order.iter().copied().find(|shown| *shown > index));
        let back = back.map_or_else(|| format!("/kasus/{case}"), |page| address.with_value(|address| address(page)));
        let next = match next {
            Some(page) => {
                let to = address.with_value(|address| address(page));
                view! { <LinkButton test="form-next" to=to text=t(T::CommonNext) weight=Weight::Primary /> }.into_any()
            }
            None => {
                let to = format!("/kasus/{case}");
                view! { <LinkButton test="form-finish" to=to text=t(T::FormFinished) weight=Weight::Primary /> }
                    .into_any()
            }
        };
        view! {
            <div class="page-foot">
                <LinkButton test="form-back" to=back text=t(T::CommonPrevious) icon=Icon::Back />
                {next}
            </div>
        }
    };
    view! {
        <header class="page-head">
            <p class="page-head__count" data-testid="form-count">{count}</p>
            <Meter done=small(place) total=small(total) />
            <h2 class="page-head__question">{label(&page.label)}</h2>
            {page.help.as_ref().map(|help| view! { <p class="quiet">{label(help)}</p> })}
        </header>
        <PageItems page=page documents=documents pack=pack style=Style::Form />
        {foot}
    }
}

fn form_address(case: CaseId, subject: Option<SubjectId>, form: &str, page: usize) -> String {
    match subject {
        Some(subject) => format!("/kasus/{case}/orang/{subject}/isi/{form}/{page}"),
        None => format!("/kasus/{case}/isi/{form}/{page}"),
    }
}
