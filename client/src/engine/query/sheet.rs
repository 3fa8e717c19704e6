//! A case for paper: what its reader may read of it, form by form, in the order in which forms ask.
//!
//! Paper goes further than a screen. So nothing is taken for readable because it lies on the tablet; what nobody is asked now
//! stays out, as on the screen; and without names whatever the pack ranks highest is only said to exist. Who must not know of
//! a case stands on no paper.

use std::collections::BTreeMap;

use shared::date::{CivilDate, PartialDate};
use shared::document::Document;
use shared::id::{CaseId, SubjectId};
use shared::order::Arrange as _;
use shared::pack::schema::ANSWER_SUFFIX;
use shared::pack::{Condition, FieldRef, FieldSpec, FieldType, Form, Item, Pack, Page, RowTarget, SubjectRule};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::document::view as document_view;
use super::list::card;
use super::value::writer;
use crate::api::{
    DocumentView, Failure, FieldPlace, FieldView, Mark, Path, RowView, SheetBlock, SheetLine, SheetPart, SheetPerson,
    SheetSays, SheetVersion, SheetView, Tag, holds_among,
};
use crate::engine::keys;
use crate::engine::permission::{Asker, creator, facts, hides, may_read};
use crate::engine::session::{Session, core_key, failure};

/// Digits of a population number that stand on paper, at its beginning and at its end.
const NIK_SHOWN: usize = 4;

/// Draws a case for paper.
///
/// # Errors
/// [`ErrorCode::ItemGone`] when the case is not on this tablet or not this person's to read; those of the store.
pub async fn view(session: &mut Session, case: CaseId, names: bool) -> Result<SheetView, Failure> {
    let gone = || failure(ErrorCode::ItemGone);
    let documents = session.index.cases().get(&case).cloned().ok_or(gone())?;
    let card = card(session, case, &documents).ok_or(gone())?;
    let core = session.replica(&core_key(case)).await?.document.clone();
    let facts = facts(Some(&core));
    let (actor, pack, today) = (session.actor(), session.pack.clone(), session.today());
    let (directory, asker) = (session.directory.clone(), Asker { pack: &pack, actor: &actor, today });
    let mut paper = Paper { pack: &pack, names, case, documents: BTreeMap::new() };
    let mut ages = BTreeMap::new();
    let mut added = BTreeMap::new();
    for (id, summary) in &documents {
        let (key, kind) = (&summary.key, pack.kinds.get(&summary.key.kind));
        if key.kind == keys::GUARD || hides(&pack, &facts, key) {
            continue;
        }
        if session.is_aside(id) {
            continue;
        }
        let replica = session.replica(key).await?;
        if !may_read(asker, &facts, key, creator(&replica.document)) {
            continue;
        }
        if let (keys::IDENTITY_SHORT, Some(subject)) = (key.kind.as_str(), key.subject) {
            ages.insert(subject, age_band(&pack, &replica.document, today));
        }
        if kind.is_some_and(|kind| kind.subject == SubjectRule::Entry) {
            added.insert(key.subject, (writer(&directory, summary.made_by).roles, summary.changed_ms));
        }
        let drawn = document_view(replica, &directory, (&pack, &facts), false, Vec::new());
        paper.documents.insert((key.kind.clone(), key.subject), drawn);
    }
    // A case whose core may not be read is not there.
    if !paper.documents.contains_key(&(keys::CORE.to_owned(), None)) {
        return Err(gone());
    }
    let people = session.index.core(case).map(|core| core.people.clone()).unwrap_or_default();
    let people: Vec<(SubjectId, SheetPerson)> = people
        .into_iter()
        .map(|person| {
            let age = ages.remove(&person.subject).flatten().unwrap_or_default();
            (person.subject, SheetPerson { code: format!("K{}", person.number), group: person.group, age })
        })
        .collect();
    let mut parts = Vec::new();
    for form in &pack.forms {
        let entry = form.written_kinds().into_iter().find(|kind| paper.rule(kind) == Some(SubjectRule::Entry));
        if let Some(kind) = entry {
            let mut entries: Vec<_> =
                paper.documents.keys().filter(|(of, _)| *of == kind).map(|(_, subject)| *subject).collect();
            entries.arrange_by_key(|subject| added.get(subject).map(|(_, at_ms)| *at_ms));
            for subject in entries {
                let (roles, at_ms) = added.remove(&subject).unwrap_or_default();
                parts.extend(paper.part(form, subject, "").map(|part| SheetPart { roles, at_ms, ..part }));
            }
        } else if pack.is_personal(form) {
            let of_person =
                |(subject, person): &(SubjectId, SheetPerson)| paper.part(form, Some(*subject), &person.code);
            parts.extend(people.iter().filter_map(of_person));
        } else {
            parts.extend(paper.part(form, None, ""));
        }
    }
    // Of what does not open nobody knows of which case it is.
    let incomplete = session.aside_count() > 0;
    let ready = !incomplete && card.conflicts == 0 && !card.tags.contains(&Tag::Draft);
    let people = people.into_iter().map(|(_, person)| person).collect();
    Ok(SheetView { card, printed_ms: 0, names, people, parts, incomplete, ready })
}

/// The pack's band of somebody's age: by the day of birth, or as it was guessed; none while two days are told.
pub(super) fn age_band(pack: &Pack, identity: &Document, today: CivilDate) -> Option<String> {
    let (born, guessed) = (identity.field(keys::BORN_ON), identity.field(keys::AGE));
    let age = match born.shown().and_then(Scalar::as_str) {
        Some(_) if born.is_conflict() => return None,
        Some(born) => years_between(PartialDate::parse(born).ok()?.first_day(), today),
        None if guessed.is_conflict() => return None,
        None => guessed.shown()?.as_int()?,
    };
    let holds = |code: &str| match (code.strip_suffix('+'), code.split_once('-')) {
        (Some(from), _) => from.parse().is_ok_and(|from: i64| age >= from),
        (None, Some((from, to))) => {
            from.parse().is_ok_and(|from: i64| age >= from) && to.parse().is_ok_and(|to: i64| age <= to)
        }
        (None, None) => false,
    };
    let bands = pack.code_lists.get(keys::AGE_BANDS)?;
    bands.offered().find(|band| holds(&band.code)).map(|band| band.code.clone())
}

/// Full years from one day to another.
fn years_between(from: CivilDate, to: CivilDate) -> i64 {
    let years = i64::from(to.year()).saturating_sub(i64::from(from.year()));
    let is_before = (to.month(), to.day()) < (from.month(), from.day());
    years.saturating_sub(i64::from(is_before))
}

/// A number of which only the ends are shown: whoever has the case knows whose it is, and the paper tells nobody else.
fn masked(value: &Scalar) -> Scalar {
    let Some(text) = value.as_str() else { return value.clone() };
    let count = text.chars().count();
    // One that is too short to hide anything is hidden whole.
    let shown = if count > NIK_SHOWN.saturating_mul(2) { NIK_SHOWN } else { 0 };
    let hidden = shown..count.saturating_sub(shown);
    let digits = text.chars().enumerate();
    Scalar::Str(digits.map(|(place, digit)| if hidden.contains(&place) { '•' } else { digit }).collect())
}

/// What may be printed of a case.
struct Paper<'a> {
    pack: &'a Pack,
    names: bool,
    case: CaseId,
    documents: BTreeMap<(String, Option<SubjectId>), DocumentView>,
}

/// Where answers are taken from: a document about somebody, or one of its rows.
#[derive(Clone, Copy)]
struct Spot<'a> {
    kind: &'a str,
    subject: Option<SubjectId>,
    row: Option<(&'a str, &'a RowView)>,
}

impl<'a> Paper<'a> {
    fn rule(&self, kind: &str) -> Option<SubjectRule> {
        self.pack.kinds.get(kind).map(|kind| kind.subject)
    }

    /// Whose the document of a kind is, in a form about somebody.
    fn subject_of(&self, kind: &str, subject: Option<SubjectId>) -> Option<SubjectId> {
        subject.filter(|_| self.rule(kind) != Some(SubjectRule::Case))
    }

    fn place(&self, kind: &str, subject: Option<SubjectId>, path: Path) -> FieldPlace {
        FieldPlace { case: self.case, kind: kind.to_owned(), subject: self.subject_of(kind, subject), path }
    }

    fn document(&self, kind: &str, subject: Option<SubjectId>) -> Option<&DocumentView> {
        self.documents.get(&(kind.to_owned(), self.subject_of(kind, subject)))
    }

    fn holds(&self, condition: &Condition, at: Spot<'_>) -> bool {
        let nothing = || condition.test.holds(&Scalar::Null);
        match &condition.table {
            None => self
                .document(&condition.kind, at.subject)
                .map_or_else(nothing, |document| holds_among(&document.fields, condition)),
            Some(table) => {
                let own = at.row.filter(|(of, _)| of == table && at.kind == condition.kind).map(|(_, row)| row);
                let row = own.or_else(|| self.row_about(&condition.kind, table, at.subject));
                row.map_or_else(nothing, |row| holds_among(&row.fields, condition))
            }
        }
    }

    /// The newest row about somebody, or about nobody told apart.
    fn row_about(&self, kind: &str, table: &str, subject: Option<SubjectId>) -> Option<&RowView> {
        let target = RowTarget { kind: kind.to_owned(), table: table.to_owned() };
        let key = self.pack.table(&target)?.person_key();
        let rows = self.document(kind, subject)?.rows.get(table)?;
        rows.iter().rfind(|row| !row.removed && key.is_none_or(|key| is_about(row, key, subject)))
    }

    fn is_asked(&self, conditions: &[Condition], at: Spot<'_>) -> bool {
        conditions.iter().all(|condition| self.holds(condition, at))
    }

    /// One filling of a form; none where nothing of it is here to be read.
    fn part(&self, form: &'a Form, subject: Option<SubjectId>, person: &str) -> Option<SheetPart> {
        form.written_kinds().iter().find(|kind| self.document(kind, subject).is_some())?;
        let mut drawing = Drawing { paper: self, subject, blocks: Vec::new(), unasked: Vec::new() };
        // Fields of one table that stand together are asked of one row after the other.
        let mut run: Vec<(&Page, &FieldRef)> = Vec::new();
        for (page, item) in form.pages.iter().flat_map(|page| page.items.iter().map(move |item| (page, item))) {
            let continues = match (item, run.last()) {
                (Item::Field(field), Some((_, last))) => (&field.kind, &field.table) == (&last.kind, &last.table),
                (Item::Note(_), _) => true,
                (Item::Field(_) | Item::Rows(_), _) => false,
            };
            if !continues {
                drawing.run(&core::mem::take(&mut run));
            }
            match item {
                Item::Field(field) if field.table.is_some() => run.push((page, field)),
                Item::Field(field) => drawing.field(page, field),
                Item::Rows(target) => drawing.rows(page, target),
                Item::Note(_) => {}
            }
        }
        drawing.run(&run);
        let (blocks, unasked) = (drawing.blocks, drawing.unasked);
        Some(SheetPart {
            form: form.key.clone(),
            person: person.to_owned(),
            roles: Vec::new(),
            at_ms: 0,
            blocks,
            unasked,
        })
    }

    /// What a field says: its answer, and beside it what is disputed; empty while nothing was answered.
    fn lines(&self, at: Spot<'_>, key: &str, spec: &FieldSpec) -> Vec<SheetLine> {
        let Some(document) = self.document(at.kind, at.subject) else { return Vec::new() };
        let fields = at.row.map_or(&document.fields, |(_, row)| &row.fields);
        let line = |key: String, says: SheetSays| {
            let path = match at.row {
                None => Path::Field(key),
                Some((table, row)) => Path::RowField { table: table.to_owned(), row: row.row, key },
            };
            SheetLine { place: self.place(at.kind, at.subject, path), says }
        };
        let mut lines = Vec::new();
        if let FieldType::Many { list } = &spec.value {
            let codes = self.pack.code_lists.get(list).into_iter().flat_map(|list| &list.codes);
            let (mut chosen, mut disputed) = (Vec::new(), Vec::new());
            for code in codes {
                let key = format!("{key}/{}", code.code);
                match fields.get(&key).and_then(|field| says(field, &spec.value)) {
                    Some(SheetSays::Value(Scalar::Bool(true))) => chosen.push(code.code.clone()),
                    Some(differ @ SheetSays::Differ(_)) => disputed.push(line(key, differ)),
                    Some(_) | None => {}
                }
            }
            lines.extend((!chosen.is_empty()).then(|| line(key.to_owned(), SheetSays::Chosen(chosen))));
            lines.extend(disputed);
        } else if spec.value.is_long_text() {
            let text = match at.row {
                None => key.to_owned(),
                Some((table, row)) => format!("{table}/{}/{key}", row.row),
            };
            let text = document.texts.get(&text).map(|text| text.stands.text.trim().to_owned());
            let text = text.filter(|text| !text.is_empty());
            lines.extend(text.map(|text| line(key.to_owned(), SheetSays::Value(Scalar::Str(text)))));
        } else {
            let says = fields.get(key).and_then(|field| says(field, &spec.value));
            lines.extend(says.map(|says| line(key.to_owned(), says)));
        }
        // Why a field is empty, where it is.
        let why = format!("{key}{ANSWER_SUFFIX}");
        match fields.get(&why).and_then(|field| says(field, &FieldType::Flag)) {
            Some(differ @ SheetSays::Differ(_)) => lines.push(line(why, differ)),
            Some(reason) if lines.is_empty() => lines.push(line(why, reason)),
            Some(_) | None => {}
        }
        if !self.names && spec.is_telling() && !lines.is_empty() {
            return vec![line(key.to_owned(), SheetSays::Hidden)];
        }
        lines
    }
}

/// What a field of one value says; nothing where it is empty.
fn says(field: &FieldView, of: &FieldType) -> Option<SheetSays> {
    let shown = |value: &Scalar| if *of == FieldType::Nik { masked(value) } else { value.clone() };
    if field.mark != Mark::Different {
        let value = field.values.first().map(|one| shown(&one.value))?;
        return (!value.is_null()).then_some(SheetSays::Value(value));
    }
    let mut versions: Vec<SheetVersion> = Vec::new();
    for one in &field.values {
        // The same value written twice is one.
        if !field.values.iter().take_while(|other| *other != one).any(|other| other.value == one.value) {
            let (value, roles, said_ms) = (shown(&one.value), one.roles.clone(), one.said_ms);
            versions.push(SheetVersion { value, roles, said_ms });
        }
    }
    Some(SheetSays::Differ(versions))
}

/// A part that is being drawn.
struct Drawing<'a> {
    paper: &'a Paper<'a>,
    subject: Option<SubjectId>,
    blocks: Vec<SheetBlock>,
    unasked: Vec<FieldPlace>,
}

impl Drawing<'_> {
    /// A field of a document.
    fn field(&mut self, page: &Page, field: &FieldRef) {
        let paper = self.paper;
        let at = Spot { kind: &field.kind, subject: self.subject, row: None };
        let (Some(spec), Some(_)) = (paper.pack.field(field), paper.document(&field.kind, self.subject)) else {
            return;
        };
        if spec.retired || !paper.is_asked(&page.show_when, at) || !paper.is_asked(&spec.show_when, at) {
            return;
        }
        let lines = paper.lines(at, &field.key, spec);
        // A mark that nobody made is no question that nobody asked.
        if lines.is_empty() && spec.value != FieldType::Flag {
            self.unasked.push(paper.place(&field.kind, self.subject, Path::Field(field.key.clone())));
        }
        match self.blocks.last_mut().filter(|block| block.row.is_none()) {
            Some(block) => block.lines.extend(lines),
            None if lines.is_empty() => {}
            None => self.blocks.push(SheetBlock { row: None, disputed: false, lines }),
        }
    }

    /// Fields of a table, of every row of this person.
    fn run(&mut self, run: &[(&Page, &FieldRef)]) {
        let Some((_, first)) = run.first() else { return };
        let Some(table) = first.table.clone() else { return };
        let fields: Vec<(&[Condition], &str)> =
            run.iter().map(|(page, field)| (page.show_when.as_slice(), field.key.as_str())).collect();
        self.table(&RowTarget { kind: first.kind.clone(), table }, &fields);
    }

    /// All rows of a table.
    fn rows(&mut self, page: &Page, target: &RowTarget) {
        let Some(table) = self.paper.pack.table(target) else { return };
        let fields: Vec<(&[Condition], &str)> =
            table.order.iter().map(|key| (page.show_when.as_slice(), key.as_str())).collect();
        self.table(target, &fields);
    }

    fn table(&mut self, target: &RowTarget, fields: &[(&[Condition], &str)]) {
        let paper = self.paper;
        let (Some(table), Some(document)) = (paper.pack.table(target), paper.document(&target.kind, self.subject))
        else {
            return;
        };
        for row in document.rows.get(&target.table).into_iter().flatten() {
            let about = table.person_key().is_none_or(|key| is_about(row, key, self.subject));
            if !about || (row.removed && !row.disputed) {
                continue;
            }
            let at = Spot { kind: &target.kind, subject: self.subject, row: Some((&target.table, row)) };
            let lines: Vec<SheetLine> = fields
                .iter()
                .filter_map(|(page, key)| Some((page, *key, table.fields.get(*key)?)))
                .filter(|(page, _, spec)| {
                    let written_by_itself = matches!(spec.value, FieldType::Subject | FieldType::Instant);
                    let asked = !spec.retired && paper.is_asked(page, at) && paper.is_asked(&spec.show_when, at);
                    asked && !written_by_itself
                })
                .flat_map(|(_, key, spec)| paper.lines(at, key, spec))
                .collect();
            if !lines.is_empty() || row.disputed {
                let path = Path::Row { table: target.table.clone(), row: row.row };
                let place = paper.place(&target.kind, self.subject, path);
                self.blocks.push(SheetBlock { row: Some(place), disputed: row.disputed, lines });
            }
        }
    }
}

/// Whether a row is about this person, or about nobody told apart where none is asked for.
fn is_about(row: &RowView, key: &str, subject: Option<SubjectId>) -> bool {
    let told = row.fields.get(key).map_or(&[][..], |field| field.values.as_slice());
    let wanted = subject.map(|subject| subject.to_string());
    match wanted {
        Some(wanted) => told.iter().any(|one| one.value.as_str() == Some(&wanted)),
        None => told.iter().all(|one| one.value.is_null()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_population_number_shows_its_ends_alone() {
        assert_eq!(masked(&Scalar::from("5304010203040001")), Scalar::from("5304••••••••0001"));
        assert_eq!(masked(&Scalar::from("53040102")), Scalar::from("••••••••"));
        assert_eq!(masked(&Scalar::Null), Scalar::Null);
    }

    #[test]
    fn years_are_full_ones() {
        let day = |year, month, day| CivilDate::new(year, month, day).expect("a day");
        assert_eq!(years_between(day(2008, 3, 2), day(2026, 3, 1)), 17);
        assert_eq!(years_between(day(2008, 3, 2), day(2026, 3, 2)), 18);
    }
}
