//! What has to be done with a report within a day of its hand-over, and until when; counted offline, on every tablet alike.
//!
//! A child is assessed, and a report that came by telephone or letter is verified (corrections.md §2). Triage by the people on
//! duty says that the one is done, the verdict on the report that the other is.

use shared::instant;

use super::list::Brief;
use super::registry::says_yes;
use crate::api::{Duty, DutyKind};
use crate::engine::keys;

/// How long either may take, milliseconds (24 hours).
const DUE_MS: u64 = 86_400_000;
/// Ways in which a report comes that nobody has seen the truth of.
const UNVERIFIED: [&str; 2] = ["TELEPON", "SURAT"];
/// The verdict that is none.
const NOT_YET: &str = "BELUM";

/// What is open of a case; nothing of a draft.
pub(super) fn duties(brief: &Brief<'_>) -> Vec<Duty> {
    let (Some(since_ms), Some(intake)) = (handed_over_ms(brief), brief.intake()) else { return Vec::new() };
    let due_ms = since_ms.saturating_add(DUE_MS);
    let mut open = Vec::new();
    if says_yes(intake, keys::CHILD) && intake.text(keys::TRIAGE).is_empty() {
        open.push(Duty { kind: DutyKind::ChildAssessment, due_ms });
    }
    if UNVERIFIED.contains(&intake.text(keys::CAME_BY)) && matches!(intake.text(keys::VERIFIED), "" | NOT_YET) {
        open.push(Duty { kind: DutyKind::Verification, due_ms });
    }
    open
}

/// When a report was handed over, milliseconds since 1970 UTC; none for a draft. Where nobody can read the moment, the last
/// change counts.
pub(super) fn handed_over_ms(brief: &Brief<'_>) -> Option<u64> {
    let moment = brief.core.text(keys::HANDED_OVER);
    (!moment.is_empty())
        .then(|| instant::parse(moment).and_then(|at| u64::try_from(at).ok()).unwrap_or(brief.core.changed_ms))
}
