//! Dangers nobody has taken, and those that somebody else took just now.

use shared::order::Arrange as _;
use shared::protocol::alarm::AlarmState;

use super::duty::danger_since_ms;
use super::list::in_any_order;
use crate::api::{AlarmCase, AlarmTaken, AlarmView};
use crate::engine::keys;
use crate::engine::requests::is_registrar;
use crate::engine::session::Session;

/// How long it is shown who took a danger, milliseconds.
const TAKEN_SHOWN_MS: u64 = 900_000;

/// Draws the bar. What this tablet has of a report is newer than what the relay told of it: an own "I take it" counts at once.
#[must_use]
pub fn alarm(session: &Session) -> AlarmView {
    let mut view = AlarmView::default();
    let keeps_register = is_registrar(session);
    for brief in in_any_order(session) {
        // What whoever took it can do nothing about any more is the registrars' to take or to give on.
        let is_danger = brief.is_open_danger() && (keeps_register || !brief.is_taken());
        // Whoever reported it knows, and it is for others to take; unless it is nobody's again.
        if is_danger && (brief.is_taken() || brief.core.made_by != Some(session.owner.account)) {
            let told = session.alarms.get(&brief.case).filter(|alarm| alarm.state == AlarmState::Waits);
            // Who is in the team reads the danger itself and is told of none.
            let since_ms = danger_since_ms(&brief);
            view.waiting.push(AlarmCase {
                case: brief.case,
                code: brief.core.text(keys::FIELD_CODE).to_owned(),
                since_ms: told.map_or(since_ms, |alarm| alarm.since_ms),
            });
        }
    }
    let since_ms = session.latest_ms().saturating_sub(TAKEN_SHOWN_MS);
    for alarm in session.alarms.values() {
        match alarm.state {
            AlarmState::Waits if session.index.core(alarm.case).is_none() => {
                let (case, code) = (alarm.case, alarm.field_code.clone());
                view.late.push(AlarmCase { case, code, since_ms: alarm.since_ms });
            }
            AlarmState::Taken if alarm.at_ms >= since_ms && alarm.by != Some(session.owner.account) => {
                let by = alarm.by.map(|by| session.name_of(Some(by))).unwrap_or_default();
                view.taken.push(AlarmTaken {
                    case: alarm.case,
                    code: alarm.field_code.clone(),
                    by,
                    at_ms: alarm.at_ms,
                });
            }
            AlarmState::Waits | AlarmState::Taken | AlarmState::Over => {}
        }
    }
    view.taken.retain(|taken| view.waiting.iter().all(|waiting| waiting.case != taken.case));
    view.waiting.arrange_by_key(|case| (case.since_ms, case.case));
    view.late.arrange_by_key(|case| case.since_ms);
    view.taken.arrange_by_key(|taken| std::cmp::Reverse(taken.at_ms));
    view
}
