//! What lists need of a document, computed once per change and kept as a row, so that a list of thousands opens no document.
//!
//! Owns the summary's shape and how it is read off a document; must never hold free text, a name or a whole number of somebody. Called by the
//! session after every write and every page.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use shared::access::facts::ended_before;
use shared::access::{CaseFacts, Row, StandingValues as _};
use shared::date::CivilDate;
use shared::document::history::HistoryEntry;
use shared::document::path::FieldPath;
use shared::document::read::{Conflict, FieldState, Overview, RowState};
use shared::document::{Document, Tables};
use shared::id::{AccountId, DocumentKey, RowId, SubjectId};
use shared::order::{Arrange as _, Gather as _};
use shared::pack::schema::ANSWER_SUFFIX;
use shared::pack::{Condition, ConditionTest, FieldType, Pack, RegisterView};
use shared::value::Scalar;

use super::keys;
use super::replica::Replica;

/// Fields of the intake that lists and tables show.
const INTAKE_FACTS: [&str; 11] = [
    keys::TRIAGE,
    keys::ORIGIN,
    keys::WHEREABOUTS,
    keys::HAPPENED_AT,
    keys::FROM_PAPER,
    keys::DECEASED,
    keys::CHILD,
    keys::CHANNEL,
    keys::REPORTED_ON,
    keys::WAY_IN,
    keys::VERIFICATION,
];

/// Raised whenever a summary gets another fact.
const SHAPE: u8 = 11;
/// Behind a key: that the field has an answer, whichever.
const ANSWERED: &str = "=any";
/// Behind the key of a population number: its last digits, by which those who have the document may look for its case.
const END: &str = "=end";
/// Digits of a population number that somebody looks for.
const END_DIGITS: usize = 4;

/// One document as lists see it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Summary {
    /// Its key.
    #[n(0)]
    pub key: DocumentKey,
    /// Fields lists show; where several values stand the safest of a weighty field, the first of any other.
    #[n(1)]
    pub facts: BTreeMap<String, Scalar>,
    /// Open disagreements.
    #[n(2)]
    pub conflicts: u32,
    /// Fields and texts that say something.
    #[n(3)]
    pub answered: u32,
    /// Last change, milliseconds since 1970 UTC by the writer's clock; 0 for none.
    #[n(4)]
    pub changed_ms: u64,
    /// Who wrote last.
    #[n(5)]
    pub changed_by: Option<AccountId>,
    /// Changes not yet acknowledged.
    #[n(6)]
    pub unsent: u32,
    /// Team, for cores.
    #[n(7)]
    pub team: Vec<TeamFact>,
    /// People, for cores.
    #[n(8)]
    pub people: Vec<PersonFact>,
    /// Who made the document.
    #[n(9)]
    pub made_by: Option<AccountId>,
    /// Which facts a summary had when it was made: those of an older build are read anew.
    #[n(10)]
    #[cbor(default)]
    shape: u8,
    /// Somebody of the case refused to be recorded by name, for cores.
    #[n(11)]
    #[cbor(default)]
    pub refuses_name: bool,
    /// Since when the oldest of its disagreements stands, by its last writer's clock; 0 without any.
    #[n(12)]
    #[cbor(default)]
    pub conflict_since_ms: u64,
    /// When the centre received what made it a report for others, its hand-over or its danger, for cores; 0 while it has not.
    #[n(13)]
    #[cbor(default)]
    pub arrived_ms: u64,
    /// What members ask of each other, for the kind of that.
    #[n(14)]
    #[cbor(default)]
    pub requests: Vec<RequestFact>,
    /// Accounts and offices that must not know, for guards; an empty one is somebody who is neither.
    #[n(15)]
    #[cbor(default)]
    pub excluded: Vec<String>,
    /// Drawn anew whenever it is written: who writes the next one says by it which one that follows.
    #[n(16)]
    #[cbor(default)]
    pub(super) stamp: u64,
    /// A closing was proposed that nobody has approved yet, for cores.
    #[n(17)]
    #[cbor(default)]
    pub closing_proposed: bool,
    /// Since when there is danger, milliseconds since 1970 UTC, for cores: as the centre received it, and before that by its writer's
    /// clock; 0 while there is none.
    #[n(18)]
    #[cbor(default)]
    pub danger_ms: u64,
    /// Since when there was the danger that stood when the case became somebody's, by its hand-over or because it was taken; 0 where
    /// none did. What follows moves it no more.
    #[n(19)]
    #[cbor(default)]
    pub first_danger_ms: u64,
}

/// A member of the team.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct TeamFact {
    /// Who.
    #[n(0)]
    pub account: AccountId,
    /// As what.
    #[n(1)]
    pub role: String,
    /// Last day, empty if open.
    #[n(2)]
    pub until: String,
}

/// A request of one member to another.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RequestFact {
    /// Names it.
    #[n(0)]
    pub row: RowId,
    /// Who asks: the author of the row.
    #[n(1)]
    pub by: Option<AccountId>,
    /// Who is asked; none are the registrars.
    #[n(2)]
    pub to: Option<AccountId>,
    /// Code of what is asked.
    #[n(3)]
    pub about: String,
    /// When, milliseconds since 1970 UTC by the asker's clock.
    #[n(4)]
    pub at_ms: u64,
    /// Somebody said that it is done.
    #[n(5)]
    pub done: bool,
}

impl TeamFact {
    /// Reads a row of the team; none of one that was struck out.
    #[must_use]
    pub fn of(row: &RowState) -> Option<Self> {
        Self::read(row.removed(), |key| row_text(row, key))
    }

    fn read(is_struck: bool, text: impl Fn(&str) -> String) -> Option<Self> {
        let account = AccountId::parse(&text(keys::ACCOUNT)).ok()?;
        let member = Self { account, role: text(keys::ROLE), until: text(keys::UNTIL) };
        (!is_struck).then_some(member)
    }

    /// Whether the term is not over on a day.
    #[must_use]
    pub fn runs_on(&self, today: CivilDate) -> bool {
        self.until.is_empty() || !ended_before(&Scalar::Str(self.until.clone()), today)
    }
}

/// A person of the case.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PersonFact {
    /// The person.
    #[n(0)]
    pub subject: SubjectId,
    /// 1 for K1.
    #[n(1)]
    pub number: i64,
    /// Victim or witness, empty if not told.
    #[n(2)]
    #[cbor(default)]
    pub role: String,
    /// Woman, girl, man or boy, empty if not told.
    #[n(3)]
    #[cbor(default)]
    pub group: String,
    /// They refused to be recorded by name.
    #[n(4)]
    #[cbor(default)]
    pub refuses_name: bool,
}

impl Summary {
    /// Reads a summary off an open document: the facts that lists show, and those that the pack's duties and views ask for.
    #[must_use]
    pub fn of(replica: &Replica, pack: &Pack) -> Self {
        let (key, document) = (&replica.key, &replica.document);
        let overview = document.overview();
        let is_asked = |field: &str| {
            let duties = pack.duties.iter().flat_map(|duty| [&duty.when, &duty.done]);
            let views = pack.views.iter().flat_map(RegisterView::conditions);
            let mut asked = duties.chain(views.filter(|condition| condition.test != ConditionTest::Answered));
            asked.any(|condition| condition.kind == key.kind && condition.key == field)
        };
        let wanted = |field: &str| match key.kind.as_str() {
            keys::CORE => true,
            _ if is_asked(field) => true,
            keys::INTAKE => {
                // Why a field is empty is a fact as well: who was asked and would not say is complete.
                let field = field.strip_suffix(ANSWER_SUFFIX).unwrap_or(field);
                INTAKE_FACTS.contains(&field) || keys::GROUPS.contains(&field)
            }
            _ => false,
        };
        let mut authored = document.metas_since(&[]);
        authored.retain(|meta| meta.author.is_some());
        let made_by = authored.first().and_then(|meta| meta.author);
        let last = authored.into_iter().max_by_key(|meta| meta.time_ms);
        let answered = overview.shown.len() + overview.texts.len();
        let written = |conflict: &Conflict| {
            let seen = conflict.values.iter().chain(conflict.edits.iter().map(|edit| &edit.seen));
            seen.map(|seen| seen.time_ms).max()
        };
        let conflict_since = overview.conflicts.iter().filter_map(written).min().unwrap_or(0);
        let tables = (key.kind == keys::CORE).then(|| document.standing_tables());
        let core =
            tables.as_ref().map(|tables| (tables, CaseFacts::read(made_by.into_iter().into_set(), Some(tables), None)));
        let (danger_ms, first_danger_ms) = if Self::asks_receipts(key) { danger(replica) } else { (0, 0) };
        let mut marks = marks(&overview, &key.kind, pack);
        let mut facts: BTreeMap<String, Scalar> = overview.shown.into_iter().filter(|(key, _)| wanted(key)).into_map();
        for conflict in &overview.conflicts {
            let (FieldPath::Field(field), Some(name)) = (&conflict.path, conflict.path.field()) else { continue };
            let spec = pack.kinds.get(&key.kind).and_then(|kind| kind.fields.get(name));
            let standing = conflict.values.iter().map(|seen| &seen.value);
            if let Some(fact) = facts.get_mut(field)
                && let Some(safest) = spec.and_then(|spec| spec.in_force(standing))
            {
                *fact = safest.clone();
            }
        }
        facts.append(&mut marks);
        Self {
            key: key.clone(),
            facts,
            conflicts: u32::try_from(overview.conflicts.len()).unwrap_or(u32::MAX),
            answered: u32::try_from(answered).unwrap_or(u32::MAX),
            changed_ms: last.as_ref().and_then(|meta| u64::try_from(meta.time_ms).ok()).unwrap_or(0),
            changed_by: last.and_then(|meta| meta.author),
            unsent: u32::try_from(replica.unsent.len()).unwrap_or(u32::MAX),
            team: core.as_ref().map(|(tables, _)| team(tables)).unwrap_or_default(),
            people: core.as_ref().map(|(tables, facts)| people(tables, facts)).unwrap_or_default(),
            made_by,
            shape: SHAPE,
            refuses_name: core.as_ref().is_some_and(|(_, facts)| refuses_name(facts)),
            conflict_since_ms: u64::try_from(conflict_since).unwrap_or(0),
            arrived_ms: if Self::asks_receipts(key) { arrived_ms(replica) } else { 0 },
            requests: if key.kind == keys::REQUEST { requests(document) } else { Vec::new() },
            excluded: if key.kind == keys::GUARD { excluded(document) } else { Vec::new() },
            stamp: 0,
            danger_ms,
            first_danger_ms,
            closing_proposed: core.as_ref().is_some_and(|(_, facts)| facts.is_closing_proposed()),
        }
    }

    /// Whether it says of a document when the centre received something of it.
    #[must_use]
    pub(super) fn asks_receipts(key: &DocumentKey) -> bool {
        key.kind == keys::CORE
    }

    /// With the stamp of this writing.
    pub(super) fn stamped(self, stamp: u64) -> Self {
        Self { stamp, ..self }
    }

    /// Whether it has every fact that this build's lists show.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.shape >= SHAPE
    }

    /// Whether this core is a report that somebody began and has not handed over.
    #[must_use]
    pub fn is_draft_of(&self, account: AccountId) -> bool {
        self.made_by == Some(account) && self.text(keys::HANDED_OVER).is_empty()
    }

    /// Whether this core is of a report that was emptied because its person wanted no record: it says nothing any more.
    #[must_use]
    pub fn is_emptied(&self) -> bool {
        self.key.kind == keys::CORE && self.facts.is_empty()
    }

    /// Whether it passes a condition on its document, as far as lists know it.
    #[must_use]
    pub fn answers(&self, condition: &Condition) -> bool {
        match condition.test {
            ConditionTest::Answered => self.is_true(&format!("{}{ANSWERED}", condition.key)),
            ConditionTest::AnyOf(_)
            | ConditionTest::NoneOf(_)
            | ConditionTest::AtLeast(_)
            | ConditionTest::AtMost(_) => condition.test.holds(self.facts.get(&condition.key).unwrap_or(&Scalar::Null)),
        }
    }

    /// The ends of the population numbers in it, by the keys that [`end_keys`] gives.
    pub fn number_ends<'s>(&'s self, keys: &'s EndKeys) -> impl Iterator<Item = &'s str> {
        let of_kind = keys.iter().filter(|(kind, _)| *kind == self.key.kind);
        of_kind.filter_map(|(_, key)| self.facts.get(key)?.as_str())
    }

    /// Who manages this core's case: of those on duty by their role whose term runs and who are still here, whoever took it over, or
    /// else the first.
    #[must_use]
    pub fn manager(&self, pack: &Pack, today: CivilDate, is_here: impl Fn(AccountId) -> bool) -> Option<&TeamFact> {
        let is_duty = |role: &str| pack.role(role).is_some_and(|role| role.duty);
        let on_duty = |member: &&TeamFact| member.runs_on(today) && is_duty(&member.role) && is_here(member.account);
        let taker = AccountId::parse(self.text(keys::TAKEN_OVER_BY)).ok();
        let mut managers = self.team.iter().filter(on_duty);
        let took = managers.clone().find(|member| Some(member.account) == taker);
        took.or_else(|| managers.next())
    }

    /// A fact as text, empty if absent.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        match self.facts.get(key) {
            Some(Scalar::Str(text)) => text,
            Some(Scalar::Null | Scalar::Bool(_) | Scalar::Int(_)) | None => "",
        }
    }

    /// Whether a fact says yes.
    #[must_use]
    pub fn is_true(&self, key: &str) -> bool {
        self.facts.get(key) == Some(&Scalar::Bool(true))
    }
}

/// Kinds that may hold a population number, with the key of its end. Few are; whoever goes through thousands of documents
/// looks into those alone.
pub type EndKeys = Vec<(String, String)>;

/// Where the ends of population numbers stand.
#[must_use]
pub fn end_keys(pack: &Pack) -> EndKeys {
    let numbers = pack.kinds.iter().flat_map(|(kind, spec)| {
        let numbers = spec.fields.iter().filter(|(_, field)| field.value == FieldType::Nik);
        numbers.map(|(key, _)| (kind.clone(), format!("{key}{END}")))
    });
    numbers.collect()
}

/// What lists know of fields whose value they do not hold.
fn marks(overview: &Overview, kind: &str, pack: &Pack) -> BTreeMap<String, Scalar> {
    let says = |key: &str| overview.shown.contains_key(key);
    let is_chosen = |key: &str| {
        let of_field = |one: &str| one.strip_prefix(key).is_some_and(|rest| rest.starts_with('/'));
        overview.shown.iter().any(|(one, value)| of_field(one) && *value == Scalar::Bool(true))
    };
    let is_answered = |key: &str| {
        says(key) || overview.texts.contains(key) || says(&format!("{key}{ANSWER_SUFFIX}")) || is_chosen(key)
    };
    let asked = pack.views.iter().flat_map(RegisterView::conditions);
    let asked = asked.filter(|one| one.kind == kind && one.test == ConditionTest::Answered && is_answered(&one.key));
    let answered = asked.map(|one| (format!("{}{ANSWERED}", one.key), Scalar::Bool(true)));
    let fields = pack.kinds.get(kind).into_iter().flat_map(|kind| &kind.fields);
    let ends = fields.filter(|(_, field)| field.value == FieldType::Nik).filter_map(|(key, _)| {
        let number = overview.shown.get(key)?.as_str()?;
        let end = number.get(number.len().checked_sub(END_DIGITS)?..)?;
        Some((format!("{key}{END}"), Scalar::from(end)))
    });
    answered.chain(ends).into_map()
}

/// When the centre received a report's hand-over or, before that, its danger.
fn arrived_ms(core: &Replica) -> u64 {
    let received = |field: &str| {
        let values = core.document.field(field).values;
        values.iter().filter_map(|seen| core.received.get(&seen.hash).map(|received| received.at_s)).max()
    };
    let at_s = received(keys::HANDED_OVER).or_else(|| received(keys::EMERGENCY)).unwrap_or(0);
    u64::try_from(at_s).unwrap_or(0).saturating_mul(1000)
}

/// Since when there is danger, and since when there was what stood when the case became somebody's. A history takes long to read: it
/// is asked of those alone of which danger was ever told.
fn danger(core: &Replica) -> (u64, u64) {
    let state = core.document.field(keys::EMERGENCY);
    if state.values.is_empty() {
        return (0, 0);
    }
    // What is not sent stands upon what is, whatever its writer's clock says.
    let newest_s = core.received.values().map(|received| received.at_s).max().unwrap_or(0);
    let at_ms = |entry: &HistoryEntry| {
        let received = core.received.get(&entry.hash).map(|received| received.at_s.saturating_mul(1000));
        let claimed = || entry.time_claimed_ms.max(newest_s.saturating_mul(1000));
        u64::try_from(received.unwrap_or_else(claimed)).unwrap_or(0)
    };
    let history = core.document.history_of_all();
    let of = |field: &str, is_said: fn(&Scalar) -> bool| -> Vec<Told> {
        let is_it = |entry: &HistoryEntry| matches!(&entry.path, FieldPath::Field(key) if key == field);
        let entries = history.iter().enumerate().filter(|(_, entry)| is_it(entry));
        let told = entries.map(|(place, entry)| Told {
            place,
            at_ms: at_ms(entry),
            is_said: entry.new.as_ref().is_some_and(is_said),
        });
        told.collect()
    };
    let told = of(keys::EMERGENCY, |value| *value == Scalar::Bool(true));
    let last_told = told.iter().rfind(|one| one.is_said);
    // Where who told it and who took it back did not know of each other, there is danger still.
    let stands = state.any_is(&Scalar::Bool(true)).then(|| said_since(&told, usize::MAX).or(last_told)).flatten();
    // What was sent together came at one moment, and a hand-over that was taken back gave it to nobody: it counts what stood
    // before what, not when it came.
    let somebodys = [keys::HANDED_OVER, keys::TAKEN_OVER_BY].map(|field| of(field, |value| !value.is_null()));
    let place = somebodys.iter().filter_map(|told| said_since(told, usize::MAX)).map(|one| one.place).min();
    let first = place.and_then(|place| said_since(&told, place));
    let ms = |told: Option<&Told>| told.map_or(0, |told| told.at_ms);
    (ms(stands), ms(first))
}

/// What a history says of one field.
struct Told {
    /// Where in the history.
    place: usize,
    /// When the centre had it.
    at_ms: u64,
    /// That it is so, or that it is not any more.
    is_said: bool,
}

/// Since when something was so at a place of the history, of what was told of it in its order.
fn said_since(told: &[Told], place: usize) -> Option<&Told> {
    let until = told.iter().filter(|one| one.place <= place);
    until.fold(None, |since: Option<&Told>, one| one.is_said.then(|| since.unwrap_or(one)))
}

/// Whether somebody of the case refused to be recorded by name, told apart from the others or not yet.
fn refuses_name(facts: &CaseFacts) -> bool {
    let is_told_apart = !facts.people.is_empty();
    facts.people.iter().any(|person| facts.refuses_name(*person)) || (facts.name_refused_at_report && !is_told_apart)
}

fn row_text(row: &RowState, key: &str) -> String {
    text_of(row.fields.get(key).and_then(FieldState::shown))
}

fn text_of(shown: Option<&Scalar>) -> String {
    match shown {
        Some(Scalar::Str(text)) => text.clone(),
        Some(Scalar::Null | Scalar::Bool(_) | Scalar::Int(_)) | None => String::new(),
    }
}

fn team(core: &Tables<'_>) -> Vec<TeamFact> {
    let member = |row: &Row| TeamFact::read(row.is_removed(), |key| text_of(row.shown(key)));
    core.rows(keys::TEAM).iter().filter_map(member).collect()
}

fn requests(document: &Document) -> Vec<RequestFact> {
    let standing = document.rows(keys::REQUESTS).into_iter().filter(|row| !row.removed());
    let fact = |row: RowState| RequestFact {
        row: row.row,
        by: row.made.first().and_then(|made| made.author),
        to: AccountId::parse(&row_text(&row, keys::FOR)).ok(),
        about: row_text(&row, keys::ABOUT),
        at_ms: row.made.first().and_then(|made| u64::try_from(made.time_ms).ok()).unwrap_or(0),
        done: row.field(keys::ANSWERED).any_is(&Scalar::Bool(true)),
    };
    standing.map(fact).collect()
}

/// Every value of an exclusion that stands excludes, as `access` reads it.
fn excluded(guard: &Document) -> Vec<String> {
    let mut excluded = Vec::new();
    for row in guard.rows(keys::EXCLUSIONS).iter().filter(|row| !row.field(keys::REMOVED).all_are(&Scalar::Bool(true)))
    {
        let values = |key| row.field(key).values.into_iter().map(|seen| seen.value).filter(|value| !value.is_null());
        let named = [keys::ACCOUNT, keys::OFFICE].into_iter().flat_map(values);
        let before = excluded.len();
        excluded.extend(named.filter_map(|value| value.as_str().map(ToOwned::to_owned)));
        if excluded.len() == before && values(keys::EXCLUDED_NAME).next().is_some() {
            excluded.push(String::new());
        }
    }
    excluded
}

fn people(core: &Tables<'_>, facts: &CaseFacts) -> Vec<PersonFact> {
    let mut people: Vec<PersonFact> = core
        .rows(keys::PEOPLE)
        .iter()
        .filter(|row| !row.is_removed())
        .filter_map(|row| {
            let text = |key| text_of(row.shown(key));
            let subject = SubjectId::parse(&text(keys::SUBJECT)).ok()?;
            let number = match row.shown(keys::NUMBER) {
                Some(Scalar::Int(number)) => *number,
                Some(Scalar::Null | Scalar::Bool(_) | Scalar::Str(_)) | None => 0,
            };
            let refuses_name = facts.refuses_name(subject);
            Some(PersonFact { subject, number, role: text(keys::ROLE), group: text(keys::GROUP), refuses_name })
        })
        .collect();
    people.arrange_by_key(|person| (person.number, person.subject));
    people
}

#[cfg(test)]
mod tests {
    use shared::protocol::codec::encode;

    use super::*;

    /// A person as summaries of the third shape had one.
    #[derive(Encode)]
    #[cbor(array)]
    struct PersonBefore {
        #[n(0)]
        subject: SubjectId,
        #[n(1)]
        number: i64,
    }

    #[test]
    fn people_of_older_summaries_open() {
        let subject = SubjectId::from_bytes([3; 16]);
        let person: PersonFact = minicbor::decode(&encode(&PersonBefore { subject, number: 2 })).expect("it opens");
        assert_eq!(
            person,
            PersonFact { subject, number: 2, role: String::new(), group: String::new(), refuses_name: false }
        );
    }
}
