//! The register: saved views, order, one piece of thousands of rows, and what a case lacks.
//!
//! A case is looked at by its summaries alone; rows are made only of those that are shown.

use std::cmp::Reverse;

use shared::id::SubjectId;
use shared::order::Arrange as _;
use shared::pack::schema::ANSWER_SUFFIX;
use shared::pack::{Condition, Pack, RegisterView, SubjectRule};
use shared::value::Scalar;

use super::found::found;
use super::list::{Brief, briefs, card};
use crate::api::{Essential, RegistryAsk, RegistryOrder, RegistryRow, RegistryTab, RegistryView};
use crate::engine::keys;
use crate::engine::session::Session;
use crate::engine::summary::Summary;

/// A case without a change for so long does not move, milliseconds (30 days).
const IDLE_MS: u64 = 30 * 86_400_000;
/// Rows given at once, whatever is asked; and as many cases may be chosen at once.
const ROWS_MAX: u32 = 200;

/// Draws a piece of the register.
#[must_use]
pub fn view(session: &Session, ask: &RegistryAsk) -> RegistryView {
    piece(session, ask, ask.first, ask.rows_max.min(ROWS_MAX))
}

/// Draws every row that the filter leaves, for a file.
#[must_use]
pub fn whole(session: &Session, ask: &RegistryAsk) -> RegistryView {
    piece(session, ask, 0, u32::MAX)
}

/// Whether a case stands in the register. A draft that is on this tablet is nobody's case yet and does not, unless it is an
/// emergency, or was one that somebody took.
pub(super) fn is_registered(brief: &Brief<'_>) -> bool {
    brief.is_handed_over() || brief.is_taken() || brief.core.is_true(keys::EMERGENCY)
}

fn piece(session: &Session, ask: &RegistryAsk, first: u32, rows_max: u32) -> RegistryView {
    let now_ms = session.latest_ms();
    let mut all = briefs(session);
    all.retain(is_registered);
    let pack = &session.pack;
    let counts = RegistryTab::all(pack)
        .into_iter()
        .map(|tab| all.iter().filter(|brief| belongs(pack, brief, tab, now_ms)).count())
        .map(|count| u32::try_from(count).unwrap_or(u32::MAX))
        .collect();
    all.retain(|brief| {
        belongs(pack, brief, ask.tab, now_ms) && (ask.stage.is_empty() || brief.core.text(keys::STAGE) == ask.stage)
    });
    if let Some(found) = found(session, &ask.search) {
        all.retain(|brief| found.binary_search(&brief.case).is_ok());
    }
    order(&mut all, ask);
    let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let people = all.iter().map(|brief| groups(brief).into_iter().sum::<u32>()).sum();
    let first = first.min(total);
    let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let rows = all.iter().skip(place(first)).take(place(rows_max)).filter_map(|brief| row(session, brief)).collect();
    let cases = if total <= ROWS_MAX { all.iter().map(|brief| brief.case).collect() } else { Vec::new() };
    RegistryView { rows, first, total, counts, people, cases }
}

/// Orders the cases; equal ones stand as the newest activity says, so that a row never jumps without a reason.
fn order(briefs: &mut [Brief<'_>], ask: &RegistryAsk) {
    let reported =
        |brief: &Brief<'_>| brief.intake().map_or(String::new(), |intake| intake.text(keys::REPORTED_ON).to_owned());
    match (ask.order, ask.ascending) {
        // As they come.
        (RegistryOrder::Activity, false) => {}
        (RegistryOrder::Activity, true) => briefs.reverse(),
        (RegistryOrder::Code, true) => briefs.arrange_by_cached_key(code_key),
        (RegistryOrder::Code, false) => briefs.arrange_by_cached_key(|brief| Reverse(code_key(brief))),
        (RegistryOrder::Reported, true) => briefs.arrange_by_cached_key(reported),
        (RegistryOrder::Reported, false) => briefs.arrange_by_cached_key(|brief| Reverse(reported(brief))),
    }
}

/// Those with a number before those without, whatever their letters.
fn code_key(brief: &Brief<'_>) -> (bool, String) {
    let number = brief.core.text(keys::REGISTER_NUMBER);
    if number.is_empty() { (true, brief.core.text(keys::FIELD_CODE).to_owned()) } else { (false, number.to_owned()) }
}

fn belongs(pack: &Pack, brief: &Brief<'_>, tab: RegistryTab, now_ms: u64) -> bool {
    let says = |key: &str| brief.intake().is_some_and(|intake| says_yes(intake, key));
    match tab {
        RegistryTab::All => true,
        RegistryTab::NoNumber => brief.is_handed_over() && lacks(brief, Essential::Number),
        RegistryTab::NoTriage => lacks(brief, Essential::Triage),
        RegistryTab::NoManager => lacks(brief, Essential::Manager),
        RegistryTab::Idle => now_ms.saturating_sub(brief.changed_ms()) > IDLE_MS,
        RegistryTab::Child => says(keys::CHILD),
        RegistryTab::Own(place) => usize::try_from(place)
            .ok()
            .and_then(|place| pack.views.get(place))
            .is_some_and(|view| stands_in(pack, view, brief)),
        RegistryTab::Closing => brief.core.closing_proposed,
        RegistryTab::Incomplete => Essential::ALL.iter().any(|one| lacks(brief, *one)),
    }
}

/// Whether a case stands in a view of the pack: by its own answers, and by those about the people in it.
fn stands_in(pack: &Pack, view: &RegisterView, brief: &Brief<'_>) -> bool {
    let holds = |condition: &Condition, of: Option<SubjectId>| {
        brief.documents.values().any(|summary| {
            let is_asked = summary.key.kind == condition.kind && (of.is_none() || summary.key.subject == of);
            is_asked && summary.answers(condition)
        })
    };
    // Of somebody who refused to be named nothing more is asked; a case in which nobody is told apart lacks everything.
    let of_everybody = |condition: &Condition| {
        let mut named = brief.core.people.iter().filter(|person| !person.refuses_name);
        !brief.core.people.is_empty() && named.all(|person| holds(condition, Some(person.subject)))
    };
    let all = |condition: &Condition| match pack.kinds.get(&condition.kind).map(|kind| kind.subject) {
        Some(SubjectRule::Person) => of_everybody(condition),
        Some(SubjectRule::Case | SubjectRule::Entry) | None => holds(condition, None),
    };
    let any = view.any.is_empty() || view.any.iter().any(|condition| holds(condition, None));
    any && view.all.iter().all(all)
}

/// Whether a fact says yes, as a flag or as an answer of a list.
pub(super) fn says_yes(summary: &Summary, key: &str) -> bool {
    summary.is_true(key) || summary.text(key) == "YA"
}

/// A fact, or a lawful reason why there is none.
fn is_answered(summary: &Summary, key: &str) -> bool {
    let stands = |key: &str| summary.facts.get(key).is_some_and(|value| !value.is_null());
    stands(key) || stands(&format!("{key}{ANSWER_SUFFIX}"))
}

pub(super) fn lacks(brief: &Brief<'_>, essential: Essential) -> bool {
    let none_of = |keys: &[&str]| !brief.intake().is_some_and(|intake| keys.iter().any(|key| is_answered(intake, key)));
    match essential {
        Essential::Number => brief.core.text(keys::REGISTER_NUMBER).is_empty(),
        Essential::Manager => brief.manager().is_none(),
        Essential::Reported => none_of(&[keys::REPORTED_ON]),
        Essential::Channel => none_of(&[keys::CHANNEL]),
        Essential::People => brief.core.people.is_empty() && none_of(&keys::GROUPS),
        Essential::Area => none_of(&[keys::ORIGIN, keys::WHEREABOUTS]),
        Essential::Triage => none_of(&[keys::TRIAGE]),
    }
}

/// Presumed victims as the report counts them: women, girls, men, boys.
pub(in crate::engine) fn groups(brief: &Brief<'_>) -> [u32; 4] {
    keys::GROUPS.map(|key| match brief.intake().and_then(|intake| intake.facts.get(key)) {
        Some(Scalar::Int(count)) => u32::try_from(*count).unwrap_or(0),
        Some(Scalar::Null | Scalar::Bool(_) | Scalar::Str(_)) | None => 0,
    })
}

fn row(session: &Session, brief: &Brief<'_>) -> Option<RegistryRow> {
    let intake = brief.intake();
    let text = |key: &str| intake.map_or("", |intake| intake.text(key)).to_owned();
    Some(RegistryRow {
        card: card(session, brief.case, brief.documents)?,
        channel: text(keys::CHANNEL),
        reported_on: text(keys::REPORTED_ON),
        groups: groups(brief),
        missing: Essential::ALL.into_iter().filter(|one| lacks(brief, *one)).collect(),
    })
}
