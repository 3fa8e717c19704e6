//! Home: drafts, receipts, emergencies, new reports, own cases.

use std::collections::BTreeMap;

use shared::date::{CivilDate, PartialDate};
use shared::id::{AccountId, CaseId};
use shared::order::Arrange as _;
use shared::pack::Letter;
use shared::protocol::frame::ReportState;

use super::desk::desk;
use super::duty::own_duties;
use super::list::{Brief, area, briefs, card};
use crate::api::{
    About, CaseCard, DraftView, DueView, EndingView, HomeView, ReceiptState, ReceiptView, RequestView, StageCases,
};
use crate::engine::flow::{TAKE_BACK_MS, supplement_place};
use crate::engine::keys;
use crate::engine::requests;
use crate::engine::rows::LocalReport;
use crate::engine::session::Session;
use crate::engine::summary::{RequestFact, TeamFact};

/// Own cases that home shows; the others are in the list of cases.
const HOME_CASES_MAX: usize = 20;
/// More own open cases than this stand under their stages: nobody finds one among so many cards.
const HOME_OPEN_MAX: usize = 25;
/// Of so many cases the cards are handed out at most; no one person has more in hand, and the list of cases has them all.
const HOME_GROUPED_MAX: usize = 500;
/// A membership that ends within so many days is told of.
const ENDING_DAYS: i64 = 14;

/// Draws home.
#[must_use]
pub fn home(session: &Session) -> HomeView {
    let mut view = HomeView {
        drafts: drafts(session),
        handed_over: receipts(session),
        conflicts: session
            .index
            .cases()
            .keys()
            .fold(0, |sum, case| sum.saturating_add(session.index.conflicts(*case, &session.pack))),
        held: u32::try_from(session.tray.len()).unwrap_or(u32::MAX),
        to_decide: session.to_decide(),
        desk: desk(session),
        practice: session.practice_page(),
        ..HomeView::default()
    };
    let is_registrar = requests::is_registrar(session);
    // An author reads the report that was handed over, too, and can do nothing about it.
    let takes = is_registrar || session.actor().roles_on(&session.pack, session.today()).any(|role| role.duty);
    let mut own: Vec<Brief<'_>> = Vec::new();
    for brief in briefs(session) {
        if brief.core.is_draft_of(session.owner.account) {
            view.drafts.extend(draft_elsewhere(session, &brief));
            continue;
        }
        view.requests.extend(requests(session, &brief, is_registrar));
        let card = || card(session, brief.case, brief.documents);
        if brief.is_open_danger() && (is_registrar || !brief.is_taken()) {
            view.emergencies.extend(card());
        } else if takes && brief.is_handed_over() && !brief.is_taken() && !is_given(session, &brief) {
            view.new_reports.extend(card());
        } else if brief.core.team.iter().any(|member| member.account == session.owner.account) {
            view.cases_total = view.cases_total.saturating_add(1);
            view.due.extend(due(session, &brief));
            view.ending.extend(ending(session, &brief));
            own.push(brief);
        }
    }
    view.drafts.arrange_by_key(|draft| draft.begun_ms);
    // What has to be answered first stands first, and what no duty hastens by its age.
    let soonest = |card: &CaseCard| card.duties.iter().map(|duty| duty.due_ms).min().unwrap_or(u64::MAX);
    view.new_reports.arrange_by_key(|card| (soonest(card), card.waiting_since_ms));
    let is_open = |brief: &&Brief<'_>| !session.pack.stages.closes(brief.core.text(keys::STAGE));
    let cards = |brief: &Brief<'_>| card(session, brief.case, brief.documents);
    if own.iter().filter(is_open).nth(HOME_OPEN_MAX).is_some() {
        view.stages = by_stage(session, own.iter().filter(is_open).take(HOME_GROUPED_MAX).filter_map(cards));
    } else {
        let (open, closed): (Vec<&Brief<'_>>, Vec<&Brief<'_>>) = own.iter().partition(is_open);
        view.cases = open.into_iter().chain(closed).take(HOME_CASES_MAX).filter_map(cards).collect();
    }
    view.due.arrange_by_key(|due| due.duty.due_ms);
    view.requests.arrange_by_key(|request| request.at_ms);
    view.ending.arrange_by(|one, other| (&one.until, &one.code).cmp(&(&other.until, &other.code)));
    view
}

/// Whether the registrar gave a report to somebody on duty, who has it before taking it over.
fn is_given(session: &Session, brief: &Brief<'_>) -> bool {
    let today = session.today();
    let is_on_duty = |role: &str| session.pack.role(role).is_some_and(|role| role.duty);
    let is_here = |account| session.directory.serving(account, today).is_some();
    let has = |member: &TeamFact| member.runs_on(today) && is_here(member.account) && is_on_duty(&member.role);
    brief.core.team.iter().any(has)
}

/// Cards under their stages in the pack's order; stages that it does not know come last.
fn by_stage(session: &Session, cards: impl Iterator<Item = CaseCard>) -> Vec<StageCases> {
    let spec = session.pack.kinds.get(keys::CORE).and_then(|core| core.fields.get(keys::STAGE));
    let list = spec.and_then(|spec| spec.value.list()).and_then(|list| session.pack.code_lists.get(list));
    let codes: Vec<&str> = list.into_iter().flat_map(|list| &list.codes).map(|code| code.code.as_str()).collect();
    let mut stages: BTreeMap<(usize, String), Vec<CaseCard>> = BTreeMap::new();
    for card in cards {
        let place = codes.iter().position(|code| *code == card.stage).unwrap_or(usize::MAX);
        stages.entry((place, card.stage.clone())).or_default().push(card);
    }
    stages.into_iter().map(|((_, stage), cases)| StageCases { stage, cases }).collect()
}

/// The end of this person's membership, if it is near.
fn ending(session: &Session, brief: &Brief<'_>) -> Option<EndingView> {
    let (account, today) = (session.owner.account, session.today());
    let last = last_day(brief, account).filter(|last| *last >= today && *last <= today.plus_days(ENDING_DAYS))?;
    let to = requests::manager_or_registrar(session, brief.case);
    let is_writer = |role: &str| session.pack.grid.cell(keys::REQUEST, role).letter == Letter::Write;
    let may_ask = brief.core.team.iter().any(|member| member.account == account && is_writer(&member.role));
    Some(EndingView {
        case: brief.case,
        code: brief.code().to_owned(),
        until: last.to_string(),
        may_ask: may_ask && !requests::is_open(session, brief.case, About::Extend, to),
    })
}

/// The last day of somebody's memberships; none where one is open.
fn last_day(brief: &Brief<'_>, account: AccountId) -> Option<CivilDate> {
    let own = brief.core.team.iter().filter(|member| member.account == account);
    let terms = own.map(|member| Some(PartialDate::parse(&member.until).ok()?.first_day()));
    terms.collect::<Option<Vec<CivilDate>>>()?.into_iter().max()
}

/// What others ask of this person in a case, as long as it is to be done: a choice that was made and a term that was prolonged need
/// nobody's word any more.
fn requests(session: &Session, brief: &Brief<'_>, is_registrar: bool) -> Vec<RequestView> {
    let own = session.owner.account;
    let asked = brief.documents.values().filter(|summary| summary.key.kind == keys::REQUEST);
    let conflicts = brief.documents.values().any(|summary| summary.conflicts > 0);
    let soon = session.today().plus_days(ENDING_DAYS);
    let is_due = |request: &RequestFact, about: About| match about {
        About::Choose | About::Question => conflicts,
        About::Extend => request.by.and_then(|by| last_day(brief, by)).is_some_and(|last| last <= soon),
    };
    let view = |request: &RequestFact| {
        let about = About::of_code(&request.about)?;
        // What was asked of somebody who has left meanwhile is the registrars'.
        let to = request.to.filter(|to| !session.directory.is_away(*to, session.today()));
        let to_me = to.map_or(is_registrar, |to| to == own) && request.by != Some(own);
        (to_me && !request.done && is_due(request, about)).then(|| RequestView {
            case: brief.case,
            code: brief.code().to_owned(),
            about,
            by: session.name_of(request.by),
            at_ms: request.at_ms,
            row: request.row,
        })
    };
    asked.flat_map(|summary| summary.requests.iter().filter_map(view)).collect()
}

fn due(session: &Session, brief: &Brief<'_>) -> Vec<DueView> {
    let code = brief.code();
    own_duties(session, brief)
        .into_iter()
        .map(|duty| DueView { case: brief.case, code: code.to_owned(), duty })
        .collect()
}

fn drafts(session: &Session) -> Vec<DraftView> {
    session
        .reports
        .values()
        .filter(|report| report.handed_over_ms.is_none())
        // Handed over on another tablet, it is no draft here either.
        .filter(|report| session.index.core(report.case).is_some_and(|core| core.text(keys::HANDED_OVER).is_empty()))
        .map(|report| DraftView {
            case: report.case,
            field_code: report.field_code.clone(),
            begun_ms: report.begun_ms,
            page: report.page,
            emergency: session.index.core(report.case).is_some_and(|core| core.is_true(keys::EMERGENCY)),
        })
        .collect()
}

/// A draft that was begun on another tablet of this person: how far they were there is not known here.
fn draft_elsewhere(session: &Session, brief: &Brief<'_>) -> Option<DraftView> {
    let is_shown = !brief.core.is_emptied() && !session.reports.contains_key(&brief.case);
    is_shown.then(|| DraftView {
        case: brief.case,
        field_code: brief.core.text(keys::FIELD_CODE).to_owned(),
        begun_ms: brief.core.changed_ms,
        page: 0,
        emergency: brief.core.is_true(keys::EMERGENCY),
    })
}

fn receipts(session: &Session) -> Vec<ReceiptView> {
    let own =
        |report: &LocalReport| Some(receipt(session, report.case, &report.field_code, report.handed_over_ms?, true));
    let is_handed_over = |report: &LocalReport| report.handed_over_ms.is_some();
    // Handed over on another tablet of this person: what the relay tells of it is all that is known.
    let is_draft_again =
        |case: CaseId| session.index.core(case).is_some_and(|core| core.text(keys::HANDED_OVER).is_empty());
    let elsewhere = session.statuses.values().filter(|status| {
        let is_report = status.state != ReportState::Draft && !status.is_over();
        is_report && !is_draft_again(status.case) && !session.reports.get(&status.case).is_some_and(is_handed_over)
    });
    let elsewhere = elsewhere.map(|status| receipt(session, status.case, &status.field_code, status.since_ms, false));
    let mut receipts: Vec<ReceiptView> = session.reports.values().filter_map(own).chain(elsewhere).collect();
    receipts.arrange_by_key(|receipt| std::cmp::Reverse(receipt.handed_over_ms));
    receipts
}

fn receipt(session: &Session, case: CaseId, field_code: &str, handed_over_ms: u64, is_from_here: bool) -> ReceiptView {
    let status = session.statuses.get(&case).filter(|status| !status.is_over());
    let (core, intake) = (session.index.core(case), session.index.intake(case));
    let taken = core.is_none_or(|core| !core.text(keys::TAKEN_OVER_BY).is_empty());
    ReceiptView {
        case,
        field_code: field_code.to_owned(),
        handed_over_ms,
        state: status.and_then(|status| match status.state {
            ReportState::Received => Some(ReceiptState::Received),
            ReportState::InHand => Some(ReceiptState::InHand),
            ReportState::NeedsSupplement => Some(ReceiptState::NeedsSupplement),
            ReportState::Closed => Some(ReceiptState::Closed),
            ReportState::Draft => None,
        }),
        register_number: status.and_then(|status| status.register_number.clone()),
        asked: status.and_then(|status| status.asked.clone()).unwrap_or_default(),
        typed: session.drafts.get(&supplement_place(case)).map(|typed| typed.text.clone()).unwrap_or_default(),
        from_paper: intake.is_some_and(|intake| intake.is_true(keys::FROM_PAPER)),
        nameless: core.is_some_and(|core| core.refuses_name),
        area: area(&session.pack, intake).to_owned(),
        danger: !taken && core.is_some_and(|core| core.is_true(keys::EMERGENCY)),
        may_take_back: is_from_here && !taken && session.latest_ms().saturating_sub(handed_over_ms) <= TAKE_BACK_MS,
    }
}
