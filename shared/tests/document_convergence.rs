//! Three people write apart for a while: everything converges, nothing disappears, everything passes the relay's trial.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests are not recognised as tests"
)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use shared::command::{CommandError, Edit, Writer, WrittenChange, apply};
use shared::document::Document;
use shared::document::ops::Touch;
use shared::document::path::{FieldPath, OpId, REMOVED};
use shared::document::read::{Conflict, FieldState};
use shared::document::vet::VettedDocument;
use shared::id::{AccountId, ActorId, ChangeHash, RowId};
use shared::protocol::chunk::{CheckedChange, heads_of_saved};
use shared::value::Scalar;

const KEYS: [&str; 3] = ["triase", "umur", "indikasi_cepat/UPAH"];
const TABLE: &str = "tim";
const TEXT: &str = "kronologi";

/// One thing that one of three people does.
#[derive(Debug, Clone)]
enum Act {
    Set { key: usize, value: Option<u8>, stale: bool },
    Choose { key: usize, value: u8 },
    AddRow,
    SetInRow { row: prop::sample::Index, value: Option<u8> },
    Remove { row: prop::sample::Index },
    Restore { row: prop::sample::Index },
    Type { at: prop::sample::Index, delete: u8, stale: bool },
    OpenForm,
    Receive { from: usize },
}

fn act() -> impl Strategy<Value = Act> {
    let index = any::<prop::sample::Index>;
    let value = || prop::option::weighted(0.8, 0_u8..4);
    prop_oneof![
        4 => (0..KEYS.len(), value(), any::<bool>()).prop_map(|(key, value, stale)| Act::Set { key, value, stale }),
        1 => (0..KEYS.len(), 0_u8..4).prop_map(|(key, value)| Act::Choose { key, value }),
        1 => Just(Act::AddRow),
        2 => (index(), value()).prop_map(|(row, value)| Act::SetInRow { row, value }),
        1 => index().prop_map(|row| Act::Remove { row }),
        1 => index().prop_map(|row| Act::Restore { row }),
        3 => (index(), 0_u8..6, any::<bool>()).prop_map(|(at, delete, stale)| Act::Type { at, delete, stale }),
        1 => Just(Act::OpenForm),
        2 => (0_usize..3).prop_map(|from| Act::Receive { from }),
    ]
}

/// What a form showed when it was opened.
#[derive(Clone, Default)]
struct Form {
    fields: BTreeMap<String, Vec<OpId>>,
    heads: Vec<ChangeHash>,
    text: String,
}

struct Person {
    writer: Writer,
    document: Document,
    form: Form,
    written_count: usize,
}

impl Person {
    fn new(number: u8) -> Self {
        let writer =
            Writer { author: AccountId::from_bytes([number; 16]), actor: ActorId::from_bytes([0xa0 | number; 16]) };
        Self { writer, document: Document::new().unwrap(), form: Form::default(), written_count: 0 }
    }

    fn open_form(&mut self) {
        let fields = self.document.fields().into_iter().map(|(key, state)| (key, state.ops())).collect();
        let (heads, text) = (self.document.heads(), self.document.text(TEXT));
        self.form = Form { fields, heads, text };
    }

    fn row(&self, index: prop::sample::Index) -> Option<RowId> {
        let rows = self.document.rows(TABLE);
        (!rows.is_empty()).then(|| index.get(&rows).row)
    }

    /// A run that nobody else types, so that it can be looked for.
    fn next_run(&mut self) -> String {
        self.written_count += 1;
        format!("<{}.{}>", self.writer.author.as_bytes()[0], self.written_count)
    }

    fn edit(&mut self, act: &Act) -> Option<Edit> {
        Some(match act {
            Act::Set { key, value, stale } => {
                let key = KEYS[*key].to_owned();
                let shown = if *stale { self.form.fields.get(&key).cloned() } else { None };
                let seen = shown.unwrap_or_else(|| self.document.field(&key).ops());
                Edit::SetField { key, value: scalar(*value), seen }
            }
            Act::Choose { key, value } => {
                let key = KEYS[*key].to_owned();
                let seen = self.document.field(&key).ops();
                Edit::Choose { key, value: scalar(Some(*value)), seen }
            }
            Act::AddRow => {
                self.written_count += 1;
                let mut id = [self.writer.author.as_bytes()[0]; 16];
                id[1] = u8::try_from(self.written_count).unwrap();
                let fields = vec![("peran".to_owned(), Scalar::from("MKS"))];
                Edit::AddRow { table: TABLE.into(), row: RowId::from_bytes(id), fields }
            }
            Act::SetInRow { row, value } => {
                let row = self.row(*row)?;
                let seen = self.document.row(TABLE, row)?.field("peran").ops();
                Edit::SetRowField { table: TABLE.into(), row, key: "peran".into(), value: scalar(*value), seen }
            }
            Act::Remove { row } => {
                let row = self.row(*row)?;
                let seen = self.document.row(TABLE, row)?.ops();
                Edit::RemoveRow { table: TABLE.into(), row, seen }
            }
            Act::Restore { row } => {
                let row = self.row(*row)?;
                let seen = self.document.row(TABLE, row)?.field(REMOVED).ops();
                Edit::RestoreRow { table: TABLE.into(), row, seen }
            }
            Act::Type { at, delete, stale } => {
                if !*stale {
                    self.open_form();
                }
                let old: Vec<char> = self.form.text.chars().collect();
                let at = at.index(old.len() + 1);
                let kept = (at + usize::from(*delete)).min(old.len());
                let run = self.next_run();
                let new = old[..at].iter().copied().chain(run.chars()).chain(old[kept..].iter().copied()).collect();
                Edit::EditText { key: TEXT.into(), base: self.form.heads.clone(), old: self.form.text.clone(), new }
            }
            Act::OpenForm | Act::Receive { .. } => return None,
        })
    }
}

fn scalar(value: Option<u8>) -> Scalar {
    value.map_or(Scalar::Null, |value| Scalar::from(format!("v{value}")))
}

fn bytes_of(document: &Document) -> Vec<Vec<u8>> {
    document.changes().into_iter().map(|change| change.bytes).collect()
}

/// Runs the acts and returns the people and every change in the order in which it was written.
fn play(acts: &[(usize, Act)]) -> (Vec<Person>, Vec<WrittenChange>) {
    let mut people: Vec<Person> = (1..=3).map(Person::new).collect();
    let mut written: Vec<WrittenChange> = Vec::new();
    for (time_ms, (who, act)) in (0_i64..).step_by(1000).zip(acts) {
        match act {
            Act::OpenForm => people[*who].open_form(),
            Act::Receive { from } => {
                let changes = bytes_of(&people[*from].document);
                people[*who].document.apply(&changes).unwrap();
            }
            _ => {}
        }
        let person = &mut people[*who];
        let Some(edit) = person.edit(act) else { continue };
        match apply(&mut person.document, &person.writer, &edit, time_ms) {
            Ok(changes) => {
                written.extend(changes.clone());
                if let Edit::EditText { old, .. } = &edit {
                    assert_only_shown_is_removed(&person.document, old, &changes);
                    // The form was left; the next one opens on what stands then.
                    person.open_form();
                }
            }
            Err(CommandError::ConflictUnseen { .. } | CommandError::RowRemoved) => {}
            Err(other) => panic!("{other:?} for {edit:?}"),
        }
    }
    (people, written)
}

type Puts = BTreeMap<OpId, (FieldPath, Scalar)>;
type Replaced = BTreeMap<OpId, BTreeSet<ChangeHash>>;

/// Every value ever put at a path, and the changes that replaced each; every change passes the relay's trial.
fn every_put(document: &Document) -> (Puts, Replaced) {
    let mut vetted = VettedDocument::new().unwrap();
    let mut puts = BTreeMap::new();
    let mut replaced: BTreeMap<OpId, BTreeSet<ChangeHash>> = BTreeMap::new();
    for change in document.changes().into_iter().skip(1) {
        CheckedChange::check(&change.bytes).unwrap();
        let trial = vetted.vet(&[&change.bytes]).unwrap();
        let [touched] = vetted.accept(trial).try_into().unwrap();
        for op in touched.ops {
            let Touch::Set { value, preds } = op.touch else {
                continue;
            };
            for pred in preds {
                replaced.entry(pred).or_default().insert(touched.hash);
            }
            puts.insert(op.op, (op.path, value));
        }
    }
    (puts, replaced)
}

fn state_at(document: &Document, path: &FieldPath) -> FieldState {
    match path {
        FieldPath::Field(key) => document.field(key),
        FieldPath::Row { table, row, key } => document.row(table, *row).unwrap_or_else(|| panic!()).field(key),
        FieldPath::RowMade { .. } | FieldPath::Text(_) => FieldState::default(),
    }
}

/// What [`Document::conflicts`] finds in one walk, found by reading every field of every row.
fn conflicts_one_by_one(document: &Document) -> Vec<Conflict> {
    let waiting = |path: FieldPath, state: FieldState| {
        state.is_conflict().then_some(Conflict { path, values: state.values, edits: Vec::new() })
    };
    let fields = document.fields().into_iter().filter_map(|(key, state)| waiting(FieldPath::Field(key), state));
    let mut found: Vec<Conflict> = fields.collect();
    for table in document.tables() {
        for row in document.rows(&table) {
            found.extend(document.unseen_edits(&table, &row));
            let of_row = |(key, state)| waiting(FieldPath::Row { table: table.clone(), row: row.row, key }, state);
            found.extend(row.fields.into_iter().filter_map(of_row));
        }
    }
    found
}

/// What [`Document::overview`] reads in one pass, read field by field.
fn shown_one_by_one(document: &Document) -> BTreeMap<String, Scalar> {
    let fields = document.fields().into_iter();
    fields.filter_map(|(key, state)| Some((key, state.shown()?.clone()))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]
    #[test]
    fn three_writers_converge_and_lose_nothing(
        acts in proptest::collection::vec((0_usize..3, act()), 1..40),
        seed in any::<[u8; 8]>(),
    ) {
        let (mut people, written) = play(&acts);
        // In any order and more than once, the changes give one document.
        let mut all: Vec<Vec<u8>> = written.iter().map(|change| change.bytes.clone()).collect();
        let (first, rest) = people.split_at_mut(1);
        for person in rest.iter() {
            first[0].document.apply(&bytes_of(&person.document)).unwrap();
        }
        let merged = &first[0].document;
        let mut shuffled = Document::new().unwrap();
        all.sort_by_key(|bytes| bytes.iter().zip(seed.iter().cycle()).fold(0_u64, |sum, (byte, seed)| {
            sum.wrapping_mul(31).wrapping_add(u64::from(byte ^ seed))
        }));
        all.extend(all.clone());
        shuffled.apply(&all).unwrap();
        prop_assert_eq!(shuffled.heads(), merged.heads());
        prop_assert_eq!(shuffled.digest_of_values(), merged.digest_of_values());
        let reopened = Document::load(&merged.save()).unwrap();
        prop_assert_eq!(reopened.digest_of_values(), merged.digest_of_values());
        for saved in [merged.save(), merged.save_uncompressed()] {
            prop_assert_eq!(heads_of_saved(&saved), Ok(merged.heads()));
        }

        // Scalars and rows: every written value is current, or was replaced by somebody who had seen it.
        let (puts, replaced) = every_put(merged);
        let conflicts = merged.conflicts();
        prop_assert_eq!(&conflicts, &conflicts_one_by_one(merged));
        let overview = merged.overview();
        prop_assert_eq!(&overview.conflicts, &conflicts);
        prop_assert_eq!(overview.shown, shown_one_by_one(merged));
        prop_assert_eq!(overview.texts.contains(TEXT), !merged.text(TEXT).is_empty());
        for (op, (path, value)) in &puts {
            let state = state_at(merged, path);
            let current = state.values.iter().any(|seen| seen.op == *op);
            prop_assert_eq!(current, !replaced.contains_key(op), "{:?} at {:?}", value, path);
            if current && state.is_conflict() {
                prop_assert!(conflicts.iter().any(|conflict| conflict.path == *path));
            }
        }
        for conflict in &conflicts {
            let distinct: BTreeSet<&Scalar> = conflict.values.iter().map(|seen| &seen.value).collect();
            prop_assert!(distinct.len() > 1 || !conflict.edits.is_empty());
        }

        // Texts: every character that came in is there, unless one like it was deleted; no other is.
        let (mut inserted, mut kept) = (BTreeMap::new(), BTreeMap::new());
        for entry in merged.history(&FieldPath::Text(TEXT.into())) {
            count(&mut inserted, entry.new.iter(), 1);
            count(&mut kept, entry.new.iter(), 1);
            count(&mut kept, entry.old.iter(), -1);
        }
        let mut present = BTreeMap::new();
        count(&mut present, [Scalar::Str(merged.text(TEXT))].iter(), 1);
        for (letter, most) in &inserted {
            let there = present.get(letter).copied().unwrap_or(0);
            let least = kept.get(letter).copied().unwrap_or(0);
            prop_assert!(least <= there && there <= *most, "{:?}: {} of {}..={}", letter, there, least, most);
        }
        prop_assert!(present.keys().all(|letter| inserted.contains_key(letter)));
    }
}

/// Two people who both have a row of [`TABLE`], which the first made.
fn two_with_a_row() -> (Person, Person, RowId) {
    let (mut first, mut second) = (Person::new(1), Person::new(2));
    let edit = first.edit(&Act::AddRow).unwrap();
    apply(&mut first.document, &first.writer, &edit, 0).unwrap();
    second.document.apply(&bytes_of(&first.document)).unwrap();
    let row = first.document.rows(TABLE)[0].row;
    (first, second, row)
}

/// What waits in the row after each did one thing apart from the other.
fn conflicts_of_row(edits: impl FnOnce(&Person, &Person, RowId) -> (Edit, Edit)) -> Vec<Conflict> {
    let (mut first, mut second, row) = two_with_a_row();
    let (of_first, of_second) = edits(&first, &second, row);
    apply(&mut first.document, &first.writer, &of_first, 1000).unwrap();
    apply(&mut second.document, &second.writer, &of_second, 1000).unwrap();
    first.document.apply(&bytes_of(&second.document)).unwrap();
    let conflicts = first.document.conflicts();
    assert_eq!(conflicts, conflicts_one_by_one(&first.document));
    conflicts
}

fn role_in_row(person: &Person, row: RowId, value: &str) -> Edit {
    let seen = person.document.row(TABLE, row).unwrap().field("peran").ops();
    Edit::SetRowField { table: TABLE.into(), row, key: "peran".into(), value: Scalar::from(value), seen }
}

#[test]
fn a_row_removed_by_one_and_edited_by_the_other_waits_for_a_choice() {
    let conflicts = conflicts_of_row(|first, second, row| {
        let seen = first.document.row(TABLE, row).unwrap().ops();
        (Edit::RemoveRow { table: TABLE.into(), row, seen }, role_in_row(second, row, "PSS"))
    });
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].edits.len(), 1);
}

#[test]
fn a_field_of_a_row_with_two_values_waits_for_a_choice() {
    let conflicts =
        conflicts_of_row(|first, second, row| (role_in_row(first, row, "PNY"), role_in_row(second, row, "PSS")));
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].values.len(), 2);
}

#[test]
fn a_text_that_was_deleted_whole_counts_as_none() {
    let mut person = Person::new(1);
    assert!(person.document.overview().texts.is_empty());
    for (old, new) in [("", "kata"), ("kata", "")] {
        person.open_form();
        let (key, base) = (TEXT.to_owned(), person.form.heads.clone());
        let edit = Edit::EditText { key, base, old: old.to_owned(), new: new.to_owned() };
        apply(&mut person.document, &person.writer, &edit, 0).unwrap();
        assert_eq!(person.document.overview().texts.contains(TEXT), !new.is_empty());
    }
    assert_eq!(person.document.text_keys(), [TEXT]);
}

fn count<'a>(counts: &mut BTreeMap<char, i32>, texts: impl Iterator<Item = &'a Scalar>, by: i32) {
    for letter in texts.filter_map(Scalar::as_str).flat_map(str::chars) {
        *counts.entry(letter).or_insert(0) += by;
    }
}

/// A text edit takes away nothing but what its form showed, in the form's order.
fn assert_only_shown_is_removed(document: &Document, shown: &str, changes: &[WrittenChange]) {
    let of_edit = |hash: &ChangeHash| changes.iter().any(|change| change.hash == *hash);
    let entries = document.history(&FieldPath::Text(TEXT.into())).into_iter();
    let removed = entries.filter(|entry| of_edit(&entry.hash)).flat_map(|entry| entry.old);
    let removed: String = removed.filter_map(|old| old.as_str().map(str::to_owned)).collect();
    let mut shown_left = shown.chars();
    assert!(removed.chars().all(|letter| shown_left.any(|left| left == letter)), "{removed:?} of {shown:?}");
}
