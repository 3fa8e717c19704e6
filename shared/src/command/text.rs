//! A long text that was edited in a form while others edited it too.
//!
//! Owns the way from "the text when the form opened" and "the text when it was left" to splices of the text as it
//! stands now. Must never delete what the writer had not seen. Called by `command` only.

use super::diff::{Hunk, hunks};
use super::{CommandError, WrittenChange, written};
use crate::document::Document;
use crate::document::crdt::{ParsedChange, Splice, Stamp, TextStep};
use crate::document::genesis::{text_change, text_object};
use crate::document::path::is_text_key;
use crate::id::ChangeHash;
use crate::order::Arrange as _;

/// [`crate::protocol::limits::CHANGE_OPS_TARGET`] as a length.
const CHANGE_OPS_TARGET: usize = 4_000;

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
    in_batches(&positioned(&steps(&hunks(&old, &new), &new, &places)))
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
    let mut origins: Vec<Option<usize>> = (0..old.len()).map(Some).collect();
    for step in document.crdt().text_steps_since(&text, base)? {
        match step {
            TextStep::Insert { at, count } if at <= origins.len() => {
                origins.splice(at..at, core::iter::repeat_n(None, count));
            }
            TextStep::Delete { at, count } if at.saturating_add(count) <= origins.len() => {
                origins.drain(at..at.saturating_add(count));
            }
            TextStep::Insert { .. } | TextStep::Delete { .. } => return None,
        }
    }
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
    places
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
