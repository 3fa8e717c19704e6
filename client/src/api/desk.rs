//! The registrar's desk: what waits, by queue, and the order in which it is worked off.

use std::collections::BTreeSet;

use derive::Wire;
use shared::id::CaseId;
use shared::pack::{Letter, Pack};

/// Whether somebody with these roles keeps the register: the grid gives them the exclusion list of every case.
#[must_use]
pub fn keeps_register(pack: &Pack, roles: &[String]) -> bool {
    roles.iter().any(|role| {
        let cell = pack.grid.cell("guard", role);
        cell.letter == Letter::Write && !cell.assigned
    })
}

/// What is on the desk of whoever keeps the register of all cases.
#[derive(Debug, Clone, PartialEq, Eq, Default, Wire)]
pub struct DeskView {
    /// Those in which something waits, in the order of work.
    #[n(0)]
    pub queues: Vec<QueueView>,
    /// Reports that came in since the desk was last looked through, newest first, as many as are shown.
    #[n(1)]
    pub came_in: Vec<CameIn>,
    /// How many came in.
    #[n(2)]
    pub came_in_total: u32,
    /// Drafts that nobody handed over for days, oldest first, as many as are shown.
    #[n(3)]
    pub drafts: Vec<OldDraft>,
    /// How many there are.
    #[n(4)]
    pub drafts_total: u32,
}

/// A draft of somebody else: more than this is not known of it.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct OldDraft {
    /// Field code.
    #[n(0)]
    pub field_code: String,
    /// The beginning of the day on which it reached the centre, milliseconds since 1970 UTC.
    #[n(1)]
    pub since_ms: u64,
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct QueueView {
    /// Which.
    #[n(0)]
    pub queue: Queue,
    /// How much waits in it.
    #[n(1)]
    pub count: u32,
    /// Since when the oldest waits, milliseconds since 1970 UTC.
    #[n(2)]
    pub oldest_ms: u64,
    /// The oldest of what waits, as steps of work.
    #[n(3)]
    pub steps: Vec<DeskStep>,
}

/// What waits on the desk, in the order of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Wire)]
pub enum Queue {
    /// "Darurat belum diterima"
    #[n(0)]
    Danger,
    /// "Tugas lewat"
    #[n(1)]
    Late,
    /// "Laporan baru"
    #[n(2)]
    Reports,
    /// "Belum bernomor": taken over, and not in the book yet.
    #[n(3)]
    Unnumbered,
    /// "Isian berbeda"
    #[n(4)]
    Conflicts,
    /// "Ditahan"
    #[n(5)]
    Held,
    /// "Data pokok kurang"
    #[n(6)]
    Incomplete,
}

impl Queue {
    /// All, in the order of work.
    pub const ALL: [Self; 7] =
        [Self::Danger, Self::Late, Self::Reports, Self::Unnumbered, Self::Conflicts, Self::Held, Self::Incomplete];
}

/// One step of work.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct DeskStep {
    /// The case; none for what has a page of its own.
    #[n(0)]
    pub case: Option<CaseId>,
    /// Register number or, before that, field code; empty without a case.
    #[n(1)]
    pub code: String,
}

/// A report that came in.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct CameIn {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Register number or, before that, field code.
    #[n(1)]
    pub code: String,
    /// When the centre received it, milliseconds since 1970 UTC.
    #[n(2)]
    pub at_ms: u64,
}

/// Names a step while somebody works through the line.
pub type StepKey = (Queue, Option<CaseId>);

impl DeskView {
    /// Every step with its queue, in the order of work.
    pub fn steps(&self) -> impl Iterator<Item = (StepKey, &DeskStep)> {
        self.queues.iter().flat_map(|queue| queue.steps.iter().map(|step| ((queue.queue, step.case), step)))
    }

    /// How much waits in all queues.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.queues.iter().fold(0, |sum, queue| sum.saturating_add(queue.count))
    }

    /// The step to take next: the first that was neither done nor put off, then what was put off, the longest ago first.
    /// What waits no longer is in no queue and is passed over.
    #[must_use]
    pub fn next(&self, done: &BTreeSet<StepKey>, later: &[StepKey]) -> Option<(StepKey, &DeskStep)> {
        let is_fresh = |key: &StepKey| !done.contains(key) && !later.contains(key);
        let put_off = || later.iter().find_map(|wanted| self.steps().find(|(key, _)| key == wanted));
        self.steps().find(|(key, _)| is_fresh(key)).or_else(put_off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(number: u8) -> CaseId {
        CaseId::from_bytes([number; 16])
    }

    fn queue(queue: Queue, cases: &[u8]) -> QueueView {
        let steps = cases.iter().map(|number| DeskStep { case: Some(case(*number)), code: number.to_string() });
        QueueView { queue, count: 0, oldest_ms: 0, steps: steps.collect() }
    }

    #[test]
    fn what_is_put_off_comes_again_when_everything_else_is_done() {
        let desk = DeskView {
            queues: vec![queue(Queue::Danger, &[1]), queue(Queue::Reports, &[2, 3]), queue(Queue::Incomplete, &[3])],
            ..DeskView::default()
        };
        let (mut done, mut later) = (BTreeSet::new(), Vec::new());
        let mut seen = Vec::new();
        while let Some((key, _)) = desk.next(&done, &later) {
            seen.push((key.0, key.1));
            if later.contains(&key) {
                later.retain(|one| *one != key);
                done.insert(key);
            } else if key.0 == Queue::Danger || key == (Queue::Reports, Some(case(3))) {
                later.push(key);
            } else {
                done.insert(key);
            }
        }
        let expected = [
            (Queue::Danger, 1),
            (Queue::Reports, 2),
            (Queue::Reports, 3),
            (Queue::Incomplete, 3),
            (Queue::Danger, 1),
            (Queue::Reports, 3),
        ];
        assert_eq!(seen, expected.map(|(queue, number)| (queue, Some(case(number)))));
    }

    #[test]
    fn what_waits_no_longer_is_passed_over() {
        let desk = DeskView { queues: vec![queue(Queue::Reports, &[2])], ..DeskView::default() };
        let gone = (Queue::Danger, Some(case(1)));
        let here = (Queue::Reports, Some(case(2)));
        assert_eq!(desk.next(&BTreeSet::new(), &[gone, here]).map(|(key, _)| key), Some(here));
        assert_eq!(desk.next(&BTreeSet::from([here]), &[gone]), None);
    }
}
