//! Home and case list: drafts, receipts, emergencies, new reports, own cases.

use std::collections::BTreeMap;

use shared::id::{CaseId, DocumentId};
use shared::protocol::frame::ReportState;
use shared::value::Scalar;

use crate::api::{CaseCard, DraftView, HomeView, ReceiptState, ReceiptView, Tag};
use crate::engine::flow::TAKE_BACK_MS;
use crate::engine::keys;
use crate::engine::session::Session;
use crate::engine::summary::Summary;

/// Draws home.
#[must_use]
pub fn home(session: &Session) -> HomeView {
    let cards: Vec<CaseCard> = cards(session);
    let account = session.owner.account.to_string();
    let mut view = HomeView {
        drafts: drafts(session),
        handed_over: receipts(session),
        conflicts: cards.iter().fold(0, |sum, card| sum.saturating_add(card.conflicts)),
        held: u32::try_from(session.tray.len()).unwrap_or(u32::MAX),
        to_decide: session.to_decide(),
        ..HomeView::default()
    };
    for card in cards {
        let core = session.index.core(card.case);
        let own_draft = core.is_some_and(|core| core.text(keys::AUTHOR) == account) && card.tags.contains(&Tag::Draft);
        if own_draft {
            continue;
        }
        let taken = core.is_some_and(|core| !core.text(keys::TAKEN_OVER_BY).is_empty());
        let in_team = core.is_some_and(|core| core.team.iter().any(|member| member.account == session.owner.account));
        if card.tags.contains(&Tag::Emergency) && !taken {
            view.emergencies.push(card);
        } else if card.waiting {
            view.new_reports.push(card);
        } else if in_team {
            view.cases.push(card);
        }
    }
    view
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
    drafts.sort_by_key(|draft| draft.begun_ms);
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
                may_take_back: !taken && session.latest_ms().saturating_sub(handed_over_ms) <= TAKE_BACK_MS,
            })
        })
        .collect();
    receipts.sort_by_key(|receipt| std::cmp::Reverse(receipt.handed_over_ms));
    receipts
}

/// All cases as cards, newest activity first.
#[must_use]
pub fn cards(session: &Session) -> Vec<CaseCard> {
    let mut cards: Vec<CaseCard> =
        session.index.cases().iter().filter_map(|(case, documents)| card(session, *case, documents)).collect();
    cards.sort_by_key(|card| std::cmp::Reverse(card.changed_ms));
    cards
}

/// Cards whose codes, stage, area or manager hold every word looked for.
#[must_use]
pub fn search(session: &Session, words: &str) -> Vec<CaseCard> {
    let words: Vec<String> = words.split_whitespace().map(fold).collect();
    let mut cards = cards(session);
    cards.retain(|card| {
        let area = session.pack.areas.get(&card.area).map_or("", |area| area.name.as_str());
        let text = fold(&[card.code.as_str(), &card.field_code, &card.stage, area, &card.manager].join(" "));
        words.iter().all(|word| text.contains(word.as_str()))
    });
    cards
}

/// Lower case without spaces' and apostrophes' differences.
fn fold(text: &str) -> String {
    text.chars().filter(|one| !matches!(one, '\'' | '’' | '-')).flat_map(char::to_lowercase).collect()
}

/// One case as a card; none while its core is not here.
#[must_use]
pub fn card(session: &Session, case: CaseId, documents: &BTreeMap<DocumentId, Summary>) -> Option<CaseCard> {
    let core = documents.values().find(|summary| summary.key.kind == keys::CORE)?;
    let intake = documents.values().find(|summary| summary.key.kind == keys::INTAKE);
    let fact = |key: &str| intake.map_or("", |intake| intake.text(key)).to_owned();
    let field_code = core.text(keys::FIELD_CODE).to_owned();
    let register = core.text(keys::REGISTER_NUMBER);
    let last = documents.values().max_by_key(|summary| summary.changed_ms);
    let handed_over = !core.text(keys::HANDED_OVER).is_empty();
    let taken = !core.text(keys::TAKEN_OVER_BY).is_empty();
    let origin = fact(keys::ORIGIN);
    let manager = core.team.first().map(|member| session.name_of(Some(member.account))).unwrap_or_default();
    Some(CaseCard {
        case,
        code: if register.is_empty() { field_code.clone() } else { register.to_owned() },
        field_code,
        stage: core.text(keys::STAGE).to_owned(),
        triage: fact(keys::TRIAGE),
        area: if origin.is_empty() { fact(keys::WHEREABOUTS) } else { origin },
        people: u32::try_from(core.people.len()).unwrap_or(u32::MAX),
        changed_ms: last.map_or(0, |summary| summary.changed_ms),
        changed_by: session.name_of(last.and_then(|summary| summary.changed_by)),
        tags: tags(core, intake, handed_over),
        conflicts: documents.values().fold(0, |sum, summary| sum.saturating_add(summary.conflicts)),
        unsent: documents.values().fold(0, |sum, summary| sum.saturating_add(summary.unsent)),
        waiting: handed_over && !taken,
        waiting_since_ms: core.changed_ms,
        manager,
    })
}

fn tags(core: &Summary, intake: Option<&Summary>, handed_over: bool) -> Vec<Tag> {
    let says = |key: &str| {
        intake.is_some_and(|intake| intake.is_true(key) || intake.facts.get(key) == Some(&Scalar::Str("YA".into())))
    };
    let mut tags = Vec::new();
    if core.is_true(keys::EMERGENCY) {
        tags.push(Tag::Emergency);
    }
    if says(keys::CHILD) {
        tags.push(Tag::Child);
    }
    if says(keys::DECEASED) {
        tags.push(Tag::Deceased);
    }
    if !handed_over {
        tags.push(Tag::Draft);
    }
    tags
}
