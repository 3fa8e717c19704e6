//! Home: drafts, receipts, emergencies, new reports, own cases.

use shared::date::{CivilDate, PartialDate};
use shared::order::Arrange as _;
use shared::protocol::frame::ReportState;

use super::desk::desk;
use super::duty::duties;
use super::list::{Brief, area, briefs, card};
use crate::api::{DraftView, DueView, EndingView, HomeView, ReceiptState, ReceiptView};
use crate::engine::flow::{TAKE_BACK_MS, supplement_place};
use crate::engine::keys;
use crate::engine::session::Session;
use crate::engine::summary::TeamFact;

/// Own cases that home shows; the others are in the list of cases.
const HOME_CASES_MAX: usize = 20;
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
        ..HomeView::default()
    };
    for brief in briefs(session) {
        if brief.core.is_draft_of(session.owner.account) {
            continue;
        }
        let card = || card(session, brief.case, brief.documents);
        if brief.core.is_true(keys::EMERGENCY) && !brief.is_taken() {
            view.emergencies.extend(card());
        } else if brief.is_handed_over() && !brief.is_taken() {
            view.new_reports.extend(card());
        } else if brief.core.team.iter().any(|member| member.account == session.owner.account) {
            view.cases_total = view.cases_total.saturating_add(1);
            view.due.extend(due(session, &brief));
            view.ending.extend(ending(session, &brief));
            if view.cases.len() < HOME_CASES_MAX {
                view.cases.extend(card());
            }
        }
    }
    view.due.arrange_by_key(|due| due.duty.due_ms);
    view.ending.arrange_by(|one, other| (&one.until, &one.code).cmp(&(&other.until, &other.code)));
    view
}

/// The end of this person's membership, if it is near: of several that run, the last counts.
fn ending(session: &Session, brief: &Brief<'_>) -> Option<EndingView> {
    let today = session.today();
    let own = |member: &&TeamFact| member.account == session.owner.account && member.runs_on(today);
    let terms =
        brief.core.team.iter().filter(own).map(|member| Some(PartialDate::parse(&member.until).ok()?.first_day()));
    let last = terms.collect::<Option<Vec<CivilDate>>>()?.into_iter().max()?;
    (last <= today.plus_days(ENDING_DAYS)).then(|| EndingView {
        case: brief.case,
        code: brief.code().to_owned(),
        until: last.to_string(),
    })
}

fn due(session: &Session, brief: &Brief<'_>) -> Vec<DueView> {
    let code = brief.code();
    duties(session, brief).into_iter().map(|duty| DueView { case: brief.case, code: code.to_owned(), duty }).collect()
}

fn drafts(session: &Session) -> Vec<DraftView> {
    let mut drafts: Vec<DraftView> = session
        .reports
        .values()
        .filter(|report| report.handed_over_ms.is_none() && session.index.core(report.case).is_some())
        .map(|report| DraftView {
            case: report.case,
            field_code: report.field_code.clone(),
            begun_ms: report.begun_ms,
            page: report.page,
            emergency: session.index.core(report.case).is_some_and(|core| core.is_true(keys::EMERGENCY)),
        })
        .collect();
    drafts.arrange_by_key(|draft| draft.begun_ms);
    drafts
}

fn receipts(session: &Session) -> Vec<ReceiptView> {
    let mut receipts: Vec<ReceiptView> = session
        .reports
        .values()
        .filter_map(|report| {
            let handed_over_ms = report.handed_over_ms?;
            let status = session.statuses.get(&report.case);
            let core = session.index.core(report.case);
            let taken = core.is_none_or(|core| !core.text(keys::TAKEN_OVER_BY).is_empty());
            Some(ReceiptView {
                case: report.case,
                field_code: report.field_code.clone(),
                handed_over_ms,
                state: status.map(|status| match status.state {
                    ReportState::Received => ReceiptState::Received,
                    ReportState::InHand => ReceiptState::InHand,
                    ReportState::NeedsSupplement => ReceiptState::NeedsSupplement,
                    ReportState::Closed => ReceiptState::Closed,
                }),
                register_number: status.and_then(|status| status.register_number.clone()),
                asked: status.and_then(|status| status.asked.clone()).unwrap_or_default(),
                typed: session
                    .drafts
                    .get(&supplement_place(report.case))
                    .map(|typed| typed.text.clone())
                    .unwrap_or_default(),
                from_paper: session.index.intake(report.case).is_some_and(|intake| intake.is_true(keys::FROM_PAPER)),
                nameless: core.is_some_and(|core| core.refuses_name),
                area: area(&session.pack, session.index.intake(report.case)).to_owned(),
                may_take_back: !taken && session.latest_ms().saturating_sub(handed_over_ms) <= TAKE_BACK_MS,
            })
        })
        .collect();
    receipts.arrange_by_key(|receipt| std::cmp::Reverse(receipt.handed_over_ms));
    receipts
}
