//! What has to be done with a report within some hours of its hand-over, and until when; counted offline, on every tablet alike.
//!
//! Which duties there are, what asks for one and what says that it is done stands in the pack.

use shared::instant;
use shared::pack::{Condition, Pack};
use shared::value::Scalar;

use super::list::Brief;
use crate::api::Duty;
use crate::engine::keys;
use crate::engine::summary::Summary;

/// Milliseconds of an hour.
const HOUR_MS: u64 = 3_600_000;

/// What is open of a case; nothing of a draft.
pub(super) fn duties(pack: &Pack, brief: &Brief<'_>) -> Vec<Duty> {
    let (Some(since_ms), Some(intake)) = (handed_over_ms(brief), brief.intake()) else { return Vec::new() };
    let open = pack.duties.iter().zip(0..).filter(|(duty, _)| holds(intake, &duty.when) && !holds(intake, &duty.done));
    open.map(|(duty, index)| {
        let due_ms = since_ms.saturating_add(HOUR_MS.saturating_mul(u64::from(duty.hours)));
        Duty { index, due_ms }
    })
    .collect()
}

fn holds(intake: &Summary, condition: &Condition) -> bool {
    condition.test.holds(intake.facts.get(&condition.key).unwrap_or(&Scalar::Null))
}

/// When a report was handed over, milliseconds since 1970 UTC; none for a draft. Where nobody can read the moment, the last
/// change counts.
pub(super) fn handed_over_ms(brief: &Brief<'_>) -> Option<u64> {
    let moment = brief.core.text(keys::HANDED_OVER);
    (!moment.is_empty())
        .then(|| instant::parse(moment).and_then(|at| u64::try_from(at).ok()).unwrap_or(brief.core.changed_ms))
}
