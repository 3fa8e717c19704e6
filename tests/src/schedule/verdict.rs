//! The verdict on a schedule that has come to rest: nothing lost, nothing decided for anybody, everybody alike.

use std::collections::{BTreeMap, BTreeSet};

use shared::document::Document;
use shared::document::path::{FieldPath, REMOVED};
use shared::document::read::{Conflict, FieldState, Seen};
use shared::id::ChangeHash;
use shared::sync::row::PendingOrder;
use shared::value::Scalar;

use super::model::{Meaning, Model, WriteId, Written};
use super::template::INITIAL;

/// Edits, each by its tablet and its place in that tablet's queue.
pub type Orders = BTreeSet<(usize, PendingOrder)>;

/// What every tablet holds at the end.
pub struct Outcome<'a> {
    /// What was meant.
    pub model: &'a Model,
    /// The document all agree on.
    pub document: &'a Document,
    /// Edits that were not merged.
    pub trays: &'a Orders,
    /// Changes that wait at the relay for a person: of somebody's whose tray knows of it, or brought back by others.
    pub waiting: &'a BTreeSet<ChangeHash>,
    /// Edits that were not merged at first, and were when a restored relay met them again.
    pub taken_late: &'a Orders,
    /// There is danger, and the relay was put back: what had replaced something that the relay lacked went without it, and both
    /// stand.
    pub went_before: bool,
}

impl Outcome<'_> {
    /// Everything that is wrong, in words; empty when nothing is.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let text = self.document.text("cerita");
        let conflicts = self.document.conflicts();
        for (id, written) in self.model.writes.iter().enumerate() {
            faults.extend(
                self.fault_of(id, written, &text, &conflicts).map(|fault| {
                    format!("write {id} of tablet {} {:?}: {fault}", written.tablet, written.intent.meaning)
                }),
            );
        }
        faults.extend(conflicts.iter().flat_map(|conflict| self.faults_of_conflict(conflict)));
        faults.extend(self.faults_of_text(&text));
        faults
    }

    fn in_tray(&self, written: &Written) -> bool {
        self.trays.contains(&(written.tablet, written.order)) || !written.hashes.is_disjoint(self.waiting)
    }

    /// What was taken late may stand although its author had taken it away or put something else in its place: that later
    /// edit was written anew while this one lay in the tray, and found nothing to replace. Shown again is better than lost.
    fn is_taken_late(&self, written: &Written) -> bool {
        self.taken_late.contains(&(written.tablet, written.order))
    }

    fn is_merged(&self, written: &Written) -> bool {
        written.hashes.iter().any(|hash| self.document.contains(hash))
    }

    fn fault_of(&self, id: WriteId, written: &Written, text: &str, conflicts: &[Conflict]) -> Option<String> {
        let (merged, in_tray) = (self.is_merged(written), self.in_tray(written));
        if written.intent.hopeless {
            return (merged || !in_tray).then(|| String::from("was refused, and is not where its author can see it"));
        }
        if in_tray {
            return None;
        }
        match &written.intent.meaning {
            Meaning::Values(values) => values.iter().find_map(|(path, value)| {
                if !self.is_kept(id, written, path, value) {
                    return Some(format!("{value:?} at {path:?} is lost (merged: {merged})"));
                }
                (merged && self.is_hidden(id, written, path, conflicts))
                    .then(|| format!("{value:?} at {path:?} lies in a removed row and is not listed"))
            }),
            Meaning::Text { inserted, .. } => {
                inserted.iter().find_map(|run| self.fault_of_run(run, text, self.is_taken_late(written)))
            }
        }
    }

    fn state(&self, path: &FieldPath) -> FieldState {
        match path {
            FieldPath::Field(key) => self.document.field(key),
            FieldPath::Row { table, row, key } => {
                self.document.row(table, *row).map(|state| state.field(key)).unwrap_or_default()
            }
            FieldPath::RowMade { .. } | FieldPath::Text(_) => FieldState::default(),
        }
    }

    /// Whether a value is current (alone or in a conflict), or was replaced by somebody who had seen it.
    fn is_kept(&self, id: WriteId, written: &Written, path: &FieldPath, value: &Scalar) -> bool {
        if self.state(path).any_is(value) {
            return true;
        }
        let on_path = || self.model.writes.iter().enumerate().filter(|(_, other)| writes_at(other, path).is_some());
        let replaced = on_path().any(|(other, later)| {
            other != id && self.is_merged(later) && (later.intent.shown.contains(&id) || self.model.is_own(id, other))
        });
        if replaced {
            return true;
        }
        // Written anew it turned out to say what stood there already: that value's own fate is looked at for itself.
        let settled = !self.is_merged(written);
        let stood = is_initial(path, value)
            || on_path().any(|(_, other)| self.is_merged(other) && writes_at(other, path) == Some(value));
        // Or it took back what went into the tray, for good or for a while: then there was nothing left to clear.
        let undone = matches!(value, Scalar::Null | Scalar::Bool(_))
            && on_path()
                .any(|(_, other)| other.tablet == written.tablet && (self.in_tray(other) || self.is_taken_late(other)));
        settled && (stood || undone)
    }

    /// Whether a value lies in a removed row although nobody who removed it knew, and no conflict says so.
    fn is_hidden(&self, id: WriteId, written: &Written, path: &FieldPath, conflicts: &[Conflict]) -> bool {
        let FieldPath::Row { table, row, key } = path else { return false };
        if key == REMOVED {
            return false;
        }
        let Some(state) = self.document.row(table, *row) else { return false };
        let current = state.field(key).values.into_iter().any(|seen| written.hashes.contains(&seen.hash));
        if !state.removed() || !current {
            return false;
        }
        let removals = state.field(REMOVED).values.into_iter().filter(|seen| seen.value == Scalar::Bool(true));
        let removers = self.model.ids(removals.map(|seen| seen.hash));
        let known = removers.iter().any(|remover| {
            self.model.writes.get(*remover).is_some_and(|removal| removal.intent.shown.contains(&id))
                || self.model.is_own(id, *remover)
        });
        let listed = conflicts
            .iter()
            .filter(|conflict| matches!(&conflict.path, FieldPath::Row { row: of, .. } if of == row))
            .flat_map(|conflict| &conflict.edits)
            .any(|edit| written.hashes.contains(&edit.seen.hash));
        !known && !listed
    }

    fn fault_of_run(&self, run: &[char], text: &str, taken_late: bool) -> Option<String> {
        let mut last = None;
        for letter in run {
            let at = text.find(*letter);
            match (at, self.is_deleted(*letter)) {
                (None, false) => return Some(format!("{letter} is lost, and nobody took it away")),
                (Some(_), true) if !taken_late => return Some(format!("{letter} was taken away and stands there")),
                (_, true) => {}
                (Some(at), false) if last.is_some_and(|last| at < last) => {
                    return Some(format!("{letter} stands before what was typed before it"));
                }
                (Some(at), false) => last = Some(at),
            }
        }
        None
    }

    fn is_deleted(&self, letter: char) -> bool {
        self.model.writes.iter().any(|written| match &written.intent.meaning {
            Meaning::Text { deleted, .. } => deleted.contains(&letter) && !self.in_tray(written),
            Meaning::Values(_) => false,
        })
    }

    fn faults_of_text(&self, text: &str) -> Vec<String> {
        let mut typed: BTreeMap<char, usize> = BTreeMap::new();
        for letter in text.chars() {
            let count = typed.entry(letter).or_default();
            *count = count.saturating_add(1);
        }
        let twice = typed.iter().filter(|(_, count)| **count > 1).map(|(letter, _)| format!("{letter} stands twice"));
        let known: BTreeSet<char> = self
            .model
            .writes
            .iter()
            .filter_map(|written| match &written.intent.meaning {
                Meaning::Text { inserted, .. } => Some(inserted.iter().flatten().copied()),
                Meaning::Values(_) => None,
            })
            .flatten()
            .collect();
        let made_up =
            typed.keys().filter(|letter| !known.contains(letter)).map(|letter| format!("nobody typed {letter}"));
        twice.chain(made_up).collect()
    }

    /// A conflict must hold different values, none of which had been seen by the writer of another.
    fn faults_of_conflict(&self, conflict: &Conflict) -> Vec<String> {
        let values: BTreeSet<&Scalar> = conflict.values.iter().map(|seen| &seen.value).collect();
        let mut faults = Vec::new();
        if values.len() < 2 && conflict.edits.is_empty() {
            faults.push(format!("a conflict of equal values at {:?}", conflict.path));
        }
        if !conflict.edits.is_empty() {
            return faults;
        }
        let id = |seen: &Seen| self.model.ids([seen.hash]).first().copied();
        for one in &conflict.values {
            for other in &conflict.values {
                let (Some(earlier), Some(later)) = (id(one), id(other)) else { continue };
                let shown = self.model.writes.get(later).is_some_and(|later| later.intent.shown.contains(&earlier));
                let taken_late = self.model.writes.get(earlier).is_some_and(|earlier| self.is_taken_late(earlier));
                if earlier != later && shown && !taken_late && !self.went_before {
                    faults
                        .push(format!("write {later} had seen write {earlier}, and both stand at {:?}", conflict.path));
                }
            }
        }
        faults
    }
}

/// Whether a value stood there before anybody wrote.
fn is_initial(path: &FieldPath, value: &Scalar) -> bool {
    let (field, text) = INITIAL;
    matches!((path, value), (FieldPath::Field(key), Scalar::Str(stood)) if key == field && stood == text)
}

/// What a write put at a path.
fn writes_at<'w>(written: &'w Written, path: &FieldPath) -> Option<&'w Scalar> {
    match &written.intent.meaning {
        Meaning::Values(values) => values.iter().find(|(at, _)| at == path).map(|(_, value)| value),
        Meaning::Text { .. } => None,
    }
}
