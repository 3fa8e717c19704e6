//! The registrar's desk: queues with the age of the oldest, and what came in since it was last looked through.

use std::cmp::Reverse;

use shared::order::Arrange as _;
use shared::protocol::frame::ReportState;

use super::duty::{danger_since_ms, duties, handed_over_ms, waits_since_ms};
use super::list::{Brief, briefs, in_any_order};
use super::registry::{is_registered, lacks};
use crate::api::{CameIn, DeskStep, DeskView, Essential, OldDraft, Queue, QueueView, keeps_register};
use crate::engine::held::HeldRow;
use crate::engine::session::Session;
use crate::engine::summary::Summary;

/// Steps of one queue that are handed to the screen at once: a day's work, and little beside what home holds anyway.
const STEPS_MAX: usize = 200;
/// Codes of what came in that are shown, where the register has them all, and of old drafts.
const CAME_IN_MAX: usize = 20;

/// What waits, before it is counted.
struct Waiting {
    since_ms: u64,
    case: Option<shared::id::CaseId>,
    code: String,
    count: u32,
}

/// Draws the desk; none for whoever does not keep the register.
pub(super) fn desk(session: &Session) -> Option<DeskView> {
    let member = session.directory.member(session.owner.account).unwrap_or(&session.owner.member);
    if !keeps_register(&session.pack, &member.roles) {
        return None;
    }
    let all: Vec<Brief<'_>> = briefs(session).into_iter().filter(is_registered).collect();
    let now_ms = session.latest_ms();
    let of_cases = |queue| all.iter().filter_map(move |brief| waiting(session, brief, queue, now_ms));
    let of_held = |queue| held(session).filter(|_| queue == Queue::Held);
    let queues =
        Queue::ALL.into_iter().filter_map(|one| view(one, of_cases(one).chain(of_held(one)).collect())).collect();
    let (came_in, came_in_total) = came_in(session, &all);
    let (drafts, drafts_total) = old_drafts(session);
    Some(DeskView { queues, came_in, came_in_total, drafts, drafts_total })
}

/// What the centre tells of drafts of others.
fn old_drafts(session: &Session) -> (Vec<OldDraft>, u32) {
    let mut drafts: Vec<OldDraft> = session
        .statuses
        .values()
        .filter(|status| status.state == ReportState::Draft)
        .map(|status| OldDraft { field_code: status.field_code.clone(), since_ms: status.since_ms })
        .collect();
    let total = u32::try_from(drafts.len()).unwrap_or(u32::MAX);
    drafts.arrange_by_key(|draft| (draft.since_ms, draft.field_code.clone()));
    drafts.truncate(CAME_IN_MAX);
    (drafts, total)
}

fn view(queue: Queue, mut waiting: Vec<Waiting>) -> Option<QueueView> {
    waiting.arrange_by_key(|one| (one.since_ms, one.case));
    let oldest_ms = waiting.first()?.since_ms;
    let count = waiting.iter().fold(0, |sum: u32, one| sum.saturating_add(one.count));
    let steps = waiting.into_iter().take(STEPS_MAX).map(|one| DeskStep { case: one.case, code: one.code }).collect();
    Some(QueueView { queue, count, oldest_ms, steps })
}

/// Whether a case waits in a queue of cases, and since when. Danger and a report that nobody took are one thing to do each,
/// whatever else they lack.
fn waiting(session: &Session, brief: &Brief<'_>, queue: Queue, now_ms: u64) -> Option<Waiting> {
    let is_danger = brief.is_open_danger();
    let is_new = !is_danger && brief.is_handed_over() && !brief.is_taken();
    let is_unnumbered = !is_danger && brief.is_handed_over() && brief.is_taken() && lacks(brief, Essential::Number);
    let waits_since_ms = waits_since_ms(brief);
    let mut count = 1;
    let since_ms = match queue {
        // As the bar has it: since it was told, also of a report that was handed over before.
        Queue::Danger => is_danger.then(|| danger_since_ms(brief)),
        Queue::Late if is_danger => None,
        Queue::Late => {
            let due = duties(session, brief).into_iter().map(|duty| duty.due_ms);
            due.filter(|due_ms| *due_ms < now_ms).min()
        }
        Queue::Reports => is_new.then_some(waits_since_ms),
        Queue::Unnumbered => handed_over_ms(brief).filter(|_| is_unnumbered),
        Queue::Conflicts => {
            count = session.index.conflicts(brief.case, &session.pack);
            session.index.disputed(brief.case, &session.pack).map(|summary| summary.conflict_since_ms).min()
        }
        Queue::Held => None,
        Queue::Incomplete => {
            let is_alone = !is_danger && !is_new && !is_unnumbered;
            let lacks_some = is_alone && Essential::ALL.into_iter().any(|one| lacks(brief, one));
            lacks_some.then(|| handed_over_ms(brief).unwrap_or(waits_since_ms))
        }
    };
    since_ms.map(|since_ms| Waiting { since_ms, case: Some(brief.case), code: brief.code().to_owned(), count })
}

/// Held changes stand on a page of their own, by writer.
fn held(session: &Session) -> Option<Waiting> {
    let count = session.to_decide();
    let waiting = session.held.values().filter(|row| row.waits());
    let came = |row: &HeldRow| {
        let content = row.item.content.as_ref().map(|content| content.received_ms);
        content.or_else(|| row.item.evidence.as_ref().map(|evidence| evidence.first_ms))
    };
    let written = waiting.filter_map(came);
    let since_ms = written.min().unwrap_or_else(|| session.latest_ms());
    (count > 0).then(|| Waiting { since_ms, case: None, code: String::new(), count })
}

/// By the centre's clock: a tablet that wrote a week ago and sends today comes in today.
fn came_in(session: &Session, all: &[Brief<'_>]) -> (Vec<CameIn>, u32) {
    let is_new =
        |core: &Summary| core.arrived_ms > session.settings.desk_seen_ms && core.made_by != Some(session.owner.account);
    let mut new: Vec<&Brief<'_>> = all.iter().filter(|brief| is_new(brief.core)).collect();
    new.arrange_by_key(|brief| Reverse((brief.core.arrived_ms, brief.case)));
    let total = u32::try_from(new.len()).unwrap_or(u32::MAX);
    let shown = new.into_iter().take(CAME_IN_MAX);
    let came_in =
        shown.map(|brief| CameIn { case: brief.case, code: brief.code().to_owned(), at_ms: brief.core.arrived_ms });
    (came_in.collect(), total)
}

/// Up to when everything that came in is known here: the mark of whoever has looked through it.
#[must_use]
pub fn newest_ms(session: &Session) -> u64 {
    in_any_order(session).map(|brief| brief.core.arrived_ms).max().unwrap_or(0)
}
