//! "Kerjakan berurutan": where somebody is in the line of work, what is done with and what was put off. For this session only.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::id::CaseId;

use crate::api::{DeskView, Queue, StepKey};

/// Handle of the line; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    /// The step that is being worked on.
    at: RwSignal<Option<StepKey>>,
    done: RwSignal<BTreeSet<StepKey>>,
    later: RwSignal<Vec<StepKey>>,
    /// Everything was gone through.
    ended: RwSignal<bool>,
}

/// Makes the line available, with nobody at it.
pub(crate) fn provide_line() {
    provide_context(Line {
        at: RwSignal::new(None),
        done: RwSignal::default(),
        later: RwSignal::default(),
        ended: RwSignal::new(false),
    });
}

/// The line.
pub(crate) fn use_line() -> Line {
    expect_context::<Line>()
}

/// Where a step is worked on.
fn address((queue, case): StepKey) -> String {
    match (queue, case) {
        (_, None) => "/ditahan".to_owned(),
        (Queue::Conflicts, Some(case)) => format!("/isian-berbeda?kasus={case}"),
        (_, Some(case)) => format!("/kasus/{case}"),
    }
}

impl Line {
    /// The step that is being worked on, if this page is its own.
    pub(crate) fn step_on(self, pathname: &str) -> Option<StepKey> {
        let is_own = |step: &StepKey| address(*step).split('?').next() == Some(pathname);
        self.at.get().filter(is_own)
    }

    /// Begins anew, with one queue before the others if that is wanted; what was put off stays put off. Gives back where to.
    pub(crate) fn begin(self, desk: &DeskView, first: Option<Queue>) -> Option<String> {
        self.done.set(BTreeSet::new());
        let wanted = first.and_then(|queue| desk.steps().map(|(key, _)| key).find(|key| key.0 == queue));
        match wanted {
            Some(step) => Some(self.go_to(step)),
            None => self.go_on(desk),
        }
    }

    /// This step is done with; gives back where to go on, none at the end of the line.
    pub(crate) fn finish(self, desk: &DeskView) -> Option<String> {
        if let Some(step) = self.at.get_untracked() {
            self.later.update(|later| later.retain(|one| *one != step));
            self.done.update(|done| {
                done.insert(step);
            });
        }
        self.go_on(desk)
    }

    /// This step comes again at the end of the line.
    pub(crate) fn put_off(self, desk: &DeskView) -> Option<String> {
        if let Some(step) = self.at.get_untracked() {
            self.later.update(|later| {
                later.retain(|one| *one != step);
                later.push(step);
            });
        }
        self.go_on(desk)
    }

    fn go_on(self, desk: &DeskView) -> Option<String> {
        let next = self
            .done
            .with_untracked(|done| self.later.with_untracked(|later| desk.next(done, later).map(|(step, _)| step)));
        match next {
            Some(step) => Some(self.go_to(step)),
            None => {
                self.at.set(None);
                self.ended.set(true);
                None
            }
        }
    }

    fn go_to(self, step: StepKey) -> String {
        self.ended.set(false);
        self.at.set(Some(step));
        address(step)
    }

    /// How many steps are left, this one among them.
    pub(crate) fn left(self, desk: &DeskView) -> usize {
        self.done.with(|done| desk.steps().filter(|(key, _)| !done.contains(key)).count())
    }

    /// The case of the step, where it can be passed on to somebody.
    pub(crate) fn passable((queue, case): StepKey) -> Option<CaseId> {
        case.filter(|_| queue != Queue::Conflicts)
    }

    /// Nobody is at the line any more. Gives back whether it was gone through to its end.
    pub(crate) fn leave(self) -> bool {
        self.at.set(None);
        self.ended.try_update(core::mem::take).unwrap_or(false)
    }
}
