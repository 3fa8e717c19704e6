//! A long text that was edited in a form while others edited it too.
//!
//! Owns the way from "the text when the form opened" and "the text when it was left" to splices of the text as it
//! stands now. Must never delete what the writer had not seen. Called by `command` only.

use core::ops::Range;

use super::diff::{Hunk, hunks, rewrites};
use super::{CommandError, WrittenChange, written};
use crate::document::Document;
use crate::document::crdt::{ParsedChange, Splice, Stamp};
use crate::document::genesis::{text_change, text_object};
use crate::document::path::is_text_key;
use crate::id::ChangeHash;
use crate::order::Arrange as _;

/// [`crate::protocol::limits::CHANGE_OPS_TARGET`] as a length.
const CHANGE_OPS_TARGET: usize = 4_000;

/// Characters that must stand elsewhere together to be taken for the same.
const MOVED_LEAST: usize = 4;

/// A step on the present text: an insertion before, or the deletion of, the character at a position.
enum Step {
    Insert(String),
    Delete,
}

pub(super) fn edit_text(
    document: &mut Document,
    stamp: &Stamp,
    key: &str,
    base: &[ChangeHash],
    old: &str,
    new: &str,
) -> Result<Vec<WrittenChange>, CommandError> {
    if !is_text_key(key) {
        return Err(CommandError::Key);
    }
    if old == new {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    let derived = text_change(key)?;
    let hash = ParsedChange::parse(&derived)?.hash();
    let mut with_container = document.clone();
    if !document.contains(&hash) {
        with_container.apply(&[&derived])?;
        changes.push(WrittenChange { bytes: derived, hash, derived: true });
    }
    for splices in splices(&with_container, key, base, old, new) {
        let object = text_object(key);
        changes.push(written(&with_container.crdt_mut().write_text(stamp, &object, &splices)?));
    }
    // A text that ended as it stands anyway needs no container either.
    if changes.iter().all(|change| change.derived) {
        return Ok(Vec::new());
    }
    *document = with_container;
    Ok(changes)
}

/// The splices that bring `old` → `new` into the text as it stands, in batches of one change each.
fn splices(document: &Document, key: &str, base: &[ChangeHash], old: &str, new: &str) -> Vec<Vec<Splice>> {
    let old: Vec<char> = old.chars().collect();
    let new: Vec<char> = new.chars().collect();
    let present: Vec<char> = document.text(key).chars().collect();
    let places =
        places_by_history(document, key, base, &old, &present).unwrap_or_else(|| places_by_difference(&old, &present));
    in_batches(&positioned(&steps(&rewrites(&old, &new), &new, &places)))
}

/// Where each old character stands now, from the document's own history; none if that is not known.
fn places_by_history(
    document: &Document,
    key: &str,
    base: &[ChangeHash],
    old: &[char],
    present: &[char],
) -> Option<Vec<Option<usize>>> {
    if base.is_empty() || !document.missing(base).is_empty() {
        return None;
    }
    let text = text_object(key);
    if !document.crdt().text_at(&text, base)?.chars().eq(old.iter().copied()) {
        return None;
    }
    let origins = document.text_origins(key, base, old.len())?;
    let mut places = vec![None; old.len()];
    for (now, origin) in origins.iter().enumerate() {
        let Some(origin) = origin else { continue };
        // The steps are the library's; a place is believed only if the character there is the same.
        if present.get(now) != old.get(*origin) {
            return None;
        }
        *places.get_mut(*origin)? = Some(now);
    }
    (origins.len() == present.len()).then_some(places)
}

/// Where each old character stands now, judging by the two texts alone: what matches is the same character.
fn places_by_difference(old: &[char], present: &[char]) -> Vec<Option<usize>> {
    let mut places = vec![None; old.len()];
    let (mut old_at, mut now_at) = (0_usize, 0_usize);
    let end = Hunk { old: old.len()..old.len(), new: present.len()..present.len() };
    for hunk in hunks(old, present).into_iter().chain([end]) {
        for (place, now) in places.iter_mut().take(hunk.old.start).skip(old_at).zip(now_at..) {
            *place = Some(now);
        }
        (old_at, now_at) = (hunk.old.end, hunk.new.end);
    }
    find_moved(old, present, &mut places);
    places
}

/// Finds what stands elsewhere now: words of several people at one place change their order when some are written anew. What
/// occurs once in both texts is the same; the rest counts as gone, and so do short runs, which somebody else may have typed.
fn find_moved(old: &[char], present: &[char], places: &mut [Option<usize>]) {
    let mut free = vec![true; present.len()];
    for place in places.iter().flatten() {
        if let Some(free) = free.get_mut(*place) {
            *free = false;
        }
    }
    for run in runs_of(places, Option::is_none) {
        let Some((run, words)) = trimmed(old, run).filter(|(run, _)| run.len() >= MOVED_LEAST) else { continue };
        let (Some(at), Some(_)) = (only(present, words), only(old, words)) else { continue };
        let Some(free) = free.get_mut(at..at.saturating_add(words.len())).filter(|free| !free.contains(&false)) else {
            continue;
        };
        free.fill(false);
        for (place, now) in places.iter_mut().skip(run.start).zip(at..).take(words.len()) {
            *place = Some(now);
        }
    }
}

/// A run of a text without the blanks around it; none where nothing else is in it.
fn trimmed(text: &[char], run: Range<usize>) -> Option<(Range<usize>, &[char])> {
    let words = text.get(run.clone())?;
    let first = words.iter().position(|letter| !letter.is_whitespace())?;
    let end = words.iter().rposition(|letter| !letter.is_whitespace())?.saturating_add(1);
    let run = run.start.saturating_add(first)..run.start.saturating_add(end);
    Some((run, words.get(first..end)?))
}

/// The ranges of items that a condition holds for.
fn runs_of<T>(items: &[T], holds: impl Fn(&T) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in items.iter().enumerate().filter(|(_, item)| holds(item)) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at.saturating_add(1),
            Some(_) | None => runs.push(at..at.saturating_add(1)),
        }
    }
    runs
}

/// Where words stand in a text that has them once.
fn only(text: &[char], words: &[char]) -> Option<usize> {
    let mut found = text.windows(words.len()).enumerate().filter(|(_, window)| *window == words).map(|(at, _)| at);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The steps in the positions of the present text, ordered; insertions stand after the last kept old character.
fn steps(hunks: &[Hunk], new: &[char], places: &[Option<usize>]) -> Vec<(usize, Step)> {
    let mut steps = Vec::new();
    for hunk in hunks {
        let inserted: String = new.get(hunk.new.clone()).unwrap_or(&[]).iter().collect();
        if !inserted.is_empty() {
            let before = places.get(..hunk.old.start).unwrap_or(&[]);
            let gap = before.iter().rev().find_map(|place| *place).map_or(0, |place| place.saturating_add(1));
            steps.push((gap, Step::Insert(inserted)));
        }
        let gone = places.get(hunk.old.clone()).unwrap_or(&[]).iter().flatten();
        steps.extend(gone.map(|place| (*place, Step::Delete)));
    }
    // Stable: insertions at one gap keep their order, and come before the deletion of the character behind the gap.
    steps.arrange_by_key(|(at, step)| (*at, matches!(step, Step::Delete)));
    steps
}

/// Shifts each step by what the steps before it inserted and deleted, and joins runs of deletions.
fn positioned(steps: &[(usize, Step)]) -> Vec<Splice> {
    let mut splices: Vec<Splice> = Vec::new();
    let (mut inserted, mut deleted) = (0_usize, 0_usize);
    for (place, step) in steps {
        let at = place.saturating_add(inserted).saturating_sub(deleted);
        match step {
            Step::Insert(text) => {
                inserted = inserted.saturating_add(text.chars().count());
                splices.push(Splice { at, delete: 0, insert: text.clone() });
            }
            Step::Delete => {
                deleted = deleted.saturating_add(1);
                match splices.last_mut() {
                    Some(last) if last.at == at && last.delete > 0 => last.delete = last.delete.saturating_add(1),
                    Some(_) | None => splices.push(Splice { at, delete: 1, insert: String::new() }),
                }
            }
        }
    }
    splices
}

/// Cuts splices so that no change has more than [`CHANGE_OPS_TARGET`] operations: one per character.
fn in_batches(splices: &[Splice]) -> Vec<Vec<Splice>> {
    let mut batches = Batches::default();
    for splice in splices {
        let mut delete = splice.delete;
        while delete > 0 {
            let count = delete.min(batches.room());
            batches.push(Splice { at: splice.at, delete: count, insert: String::new() }, count);
            delete = delete.saturating_sub(count);
        }
        let (mut at, mut rest) = (splice.at, splice.insert.as_str());
        while !rest.is_empty() {
            let cut = rest.char_indices().nth(batches.room());
            let (now, later) = cut.and_then(|(cut, _)| rest.split_at_checked(cut)).unwrap_or((rest, ""));
            let count = now.chars().count();
            batches.push(Splice { at, delete: 0, insert: now.to_owned() }, count);
            at = at.saturating_add(count);
            rest = later;
        }
    }
    batches.finished
}

/// Batches under way; the last one still has `CHANGE_OPS_TARGET - used` operations of room.
#[derive(Default)]
struct Batches {
    finished: Vec<Vec<Splice>>,
    used: usize,
}

impl Batches {
    /// How many operations fit before a new change begins; never zero.
    fn room(&self) -> usize {
        match CHANGE_OPS_TARGET.saturating_sub(self.used) {
            0 => CHANGE_OPS_TARGET,
            room => room,
        }
    }

    fn push(&mut self, splice: Splice, count: usize) {
        if self.used == 0 || self.used >= CHANGE_OPS_TARGET {
            self.finished.push(Vec::new());
            self.used = 0;
        }
        self.used = self.used.saturating_add(count);
        if let Some(batch) = self.finished.last_mut() {
            batch.push(splice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_elsewhere_now_is_found_where_there_is_no_doubt() {
        let places = |old: &str, present: &str| {
            let [old, present] = [old, present].map(|text| text.chars().collect::<Vec<char>>());
            places_by_difference(&old, &present)
        };
        // The two have changed their places; a blank is nobody's.
        let moved = places("ABCDE vwxyz", "vwxyz ABCDE");
        assert_eq!((&moved[..5], &moved[6..]), (&[6, 7, 8, 9, 10].map(Some)[..], &[0, 1, 2, 3, 4].map(Some)[..]));
        // Twice, so that nobody knows which was meant; short, so that somebody else may have typed it.
        for (old, present, gone) in [("lima enam", "enam, enam; lima, lima", 4), ("ya enam tujuh", "enam tujuh ya", 2)]
        {
            let letters = old.chars().zip(places(old, present)).filter(|(letter, _)| letter.is_alphabetic());
            assert_eq!(letters.filter(|(_, place)| place.is_none()).count(), gone, "{old}");
        }
        assert_eq!(places("ab", ""), [None, None]);
    }

    #[test]
    fn the_limit_is_the_protocols() {
        let limit = crate::protocol::limits::CHANGE_OPS_TARGET;
        assert_eq!(usize::try_from(limit), Ok(CHANGE_OPS_TARGET));
    }

    #[test]
    fn batches_hold_at_most_the_limit_and_lose_nothing() {
        let insert = "é".repeat(9_001);
        let splices = [
            Splice { at: 3, delete: 4_500, insert: String::new() },
            Splice { at: 3, delete: 0, insert: insert.clone() },
        ];
        let batches = in_batches(&splices);
        let sizes: Vec<usize> = batches
            .iter()
            .map(|batch| batch.iter().map(|splice| splice.delete + splice.insert.chars().count()).sum())
            .collect();
        assert_eq!(sizes, [4_000, 4_000, 4_000, 1_501]);
        let inserted: String = batches.iter().flatten().map(|splice| splice.insert.as_str()).collect();
        assert_eq!(inserted, insert);
    }
}
