//! What `decide` needs to know of a case, with every concurrent value.
//!
//! Owns the names of the core's and guard's fields that carry rights; the pack checker asks every pack for them.

use std::collections::{BTreeMap, BTreeSet};

use super::standing::{Row, Standing, StandingValues};
use crate::date::{CivilDate, PartialDate};
use crate::document::path::{FieldPath, split_choice};
use crate::id::{AccountId, RowId, SubjectId};
use crate::order::Gather as _;
use crate::pack::schema::{ANSWER_SUFFIX, REFUSED_ANSWER, REMOVED_KEY};
use crate::value::Scalar;

/// Kind that holds stage, team, consent and people.
pub const CORE_KIND: &str = "core";
/// Kind that holds exclusions.
pub const GUARD_KIND: &str = "guard";
/// Field of the core: when the author handed over.
pub const HANDED_OVER: &str = "diserahkan";
/// Field of the core: who took it over.
pub const TAKEN_OVER_BY: &str = "diterima_oleh";
/// Field of the core: somebody is in danger.
pub const EMERGENCY: &str = "darurat";
/// Field of the core: the stage.
pub const STAGE: &str = "tahap";
/// Table of the core: the team.
pub const TEAM: &str = "tim";
/// Table of the core: consent per person.
pub const CONSENT: &str = "persetujuan";
/// Table of the core: the people of the case.
pub const PEOPLE: &str = "orang";
/// Table of the core: closings, each proposed by one and approved by another.
pub const CLOSING: &str = "penutupan";
/// Field of a closing row: who proposed it.
pub const PROPOSED_BY: &str = "usul_oleh";
/// Field of a closing row: who approved it.
pub const APPROVED_BY: &str = "setuju_oleh";
/// Field of a closing row: who opened the case again.
pub const REOPENED_BY: &str = "dibuka_oleh";
/// Table of the guard: who must not know.
pub const EXCLUSIONS: &str = "kecualikan";
/// Field of a team or exclusion row: the account.
pub const ACCOUNT: &str = "akun";
/// Field of a team row: the role in this case.
pub const ROLE: &str = "peran";
/// Field of a team row: first day.
pub const FROM: &str = "dari";
/// Field of a team row: last day.
pub const TO: &str = "sampai";
/// Field of an exclusion row: a whole office.
pub const OFFICE: &str = "instansi";
/// Field of a people row: the person.
pub const SUBJECT: &str = "subjek";
/// Field of a consent row: the person it is about.
pub const CONSENT_OF: &str = "orang";
/// Field of a consent row: may be recorded by name.
pub const CONSENT_NAMED: &str = "boleh_bernama";
/// Field of a consent row: when what was agreed to was taken back.
pub const CONSENT_WITHDRAWN_ON: &str = "ditarik_tanggal";
/// Field of a consent row: what was taken back, one field for each code; all of it where nobody said.
pub const CONSENT_WITHDRAWN: &str = "ditarik_cakupan";

/// Holds one team row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TeamEntry {
    /// The account.
    pub account: Standing,
    /// The role in this case.
    pub role: Standing,
    /// First day.
    pub from: Standing,
    /// Last day.
    pub to: Standing,
    /// Marked as removed.
    pub removed: Standing,
}

/// Holds one exclusion row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exclusion {
    /// An account.
    pub account: Standing,
    /// A whole office.
    pub office: Standing,
    /// Marked as lifted.
    pub removed: Standing,
}

/// Holds one closing row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Closing {
    /// Who proposed it.
    pub proposed_by: Standing,
    /// Who approved it.
    pub approved_by: Standing,
    /// Who opened the case again.
    pub reopened_by: Standing,
    /// Marked as withdrawn.
    pub removed: Standing,
}

/// Holds what rights in one case hang on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseFacts {
    /// Who made the case; several only if the same case was made twice, then none of them counts as author.
    pub creators: BTreeSet<AccountId>,
    /// When the author handed over.
    pub handed_over: Standing,
    /// Who took it over.
    pub taken_over_by: Standing,
    /// Somebody is in danger.
    pub emergency: Standing,
    /// The team, removed and ended entries too.
    pub team: Vec<TeamEntry>,
    /// Closings, withdrawn and reopened ones too.
    pub closings: BTreeMap<RowId, Closing>,
    /// Who must not know, lifted entries too.
    pub exclusions: Vec<Exclusion>,
    /// People of the case.
    pub people: BTreeSet<SubjectId>,
    /// People who refused to be recorded by name; one refusal that stands is enough.
    pub name_refused: BTreeSet<SubjectId>,
    /// Somebody refused before people were told apart: the victim in front of whoever took the report.
    pub name_refused_at_report: bool,
    /// People who agreed to be recorded by name, with nothing against it standing.
    pub name_given: BTreeSet<SubjectId>,
}

/// What a row of consents says was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawal {
    /// All that was agreed to: on a day, and nobody said of what.
    Everything,
    /// These purposes, by their codes; none where nothing was taken back.
    Of(BTreeSet<String>),
}

impl Withdrawal {
    /// Reads a row. The narrower is in force: a purpose counts as soon as one value names it and until it is unticked, with a day or
    /// without; but only a purpose that everything standing names keeps a day from meaning all. Of two who wrote a day apart, one may
    /// have meant all, unless both named it.
    #[must_use]
    pub fn read(row: &Row) -> Self {
        let is_true = |value: &Scalar| value.as_bool() == Some(true);
        let day = row.field(CONSENT_WITHDRAWN_ON);
        let mut named = BTreeSet::new();
        let mut is_of_some = false;
        for (key, state) in &row.fields {
            let (CONSENT_WITHDRAWN, Some(code)) = split_choice(key) else { continue };
            if state.any(is_true) {
                named.insert(code.to_owned());
                is_of_some |= state.all(is_true) && state.values().len() >= day.values().len();
            }
        }
        let is_dated = day.any(|value| !value.is_null());
        if is_dated && !is_of_some { Self::Everything } else { Self::Of(named) }
    }
}

impl CaseFacts {
    /// Reads the facts from the core and, where there is one, the guard.
    ///
    /// `creators` comes from the relay's rows: documents do not say who made them.
    #[must_use]
    pub fn read(
        creators: BTreeSet<AccountId>,
        core: Option<&dyn StandingValues>,
        guard: Option<&dyn StandingValues>,
    ) -> Self {
        let mut facts = Self { creators, ..Self::default() };
        if let Some(core) = core {
            facts.read_core(core);
        }
        if let Some(guard) = guard {
            facts.exclusions = guard.rows(EXCLUSIONS).iter().map(read_exclusion).collect();
        }
        facts
    }

    fn read_core(&mut self, core: &dyn StandingValues) {
        self.handed_over = core.standing(HANDED_OVER);
        self.taken_over_by = core.standing(TAKEN_OVER_BY);
        self.emergency = core.standing(EMERGENCY);
        self.team = core.rows(TEAM).iter().map(read_team_entry).collect();
        self.closings = core.rows(CLOSING).iter().map(|row| (row.id, read_closing(row))).into_map();
        let is_gone = |row: &Row| row.field(REMOVED_KEY).all(|value| value.as_bool() == Some(true));
        for row in core.rows(PEOPLE).into_iter().filter(|row| !is_gone(row)) {
            self.people.extend(subjects(&row.field(SUBJECT)));
        }
        for row in core.rows(CONSENT) {
            // Taking a refusal back is an edit of the row or its removal, so that nobody is named while both stand.
            let (named, about) = (row.field(CONSENT_NAMED), subjects(&row.field(CONSENT_OF)).into_set());
            // Who will not say whether they may be named has not agreed to it, and a yes beside that is the wider.
            let says_nothing = row.field(&format!("{CONSENT_NAMED}{ANSWER_SUFFIX}"));
            let says_nothing = says_nothing.any(|value| value.as_str() == Some(REFUSED_ANSWER));
            // So has who took everything back.
            let all_taken_back = Withdrawal::read(&row) == Withdrawal::Everything;
            let says_no = says_nothing || all_taken_back || named.any(|value| value.as_bool() == Some(false));
            if says_no && !is_gone(&row) {
                self.name_refused_at_report |= about.is_empty();
                self.name_refused.extend(&about);
            }
            if !row.is_removed() && !says_no && named.all(|value| value.as_bool() == Some(true)) {
                self.name_given.extend(&about);
            }
        }
    }

    /// Tells whether a person may not be recorded by name: they refused, or whoever stood there at the report did and this
    /// person has not agreed since.
    #[must_use]
    pub fn refuses_name(&self, subject: SubjectId) -> bool {
        self.name_refused.contains(&subject) || (self.name_refused_at_report && !self.name_given.contains(&subject))
    }

    /// Tells whether whoever stood there at the report may not be named: they refused, and not everybody of the case has agreed
    /// since. A victim who reports is the reporter, too.
    #[must_use]
    pub fn reporter_refuses_name(&self) -> bool {
        let all_agreed = !self.people.is_empty() && self.people.is_subset(&self.name_given);
        self.name_refused_at_report && !all_agreed
    }

    /// Tells whether this account alone made the case.
    #[must_use]
    pub fn is_author(&self, account: AccountId) -> bool {
        self.creators.len() == 1 && self.creators.contains(&account)
    }

    /// Tells whether the centre may see the case: handed over, in danger, or taken, with nothing against it standing.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_handed_over()
            || self.emergency.all(|value| value.as_bool() == Some(true))
            || self.taken_over_by.all(|value| !value.is_null())
    }

    /// Tells whether the centre sees it because of its danger alone: its author writes on, and has handed nothing over yet.
    #[must_use]
    pub fn is_draft_in_danger(&self) -> bool {
        self.is_open() && !self.taken_over_by.all(|value| !value.is_null()) && !self.is_handed_over()
    }

    /// Tells whether its author has handed it over, as far as all that stands says.
    #[must_use]
    pub fn is_handed_over(&self) -> bool {
        self.handed_over.all(|value| !value.is_null())
    }

    /// Tells whether anybody took it over; one claim that stands is enough to end what others had before.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.taken_over_by.any(|value| !value.is_null())
    }

    /// Tells whether the author's draft is over: a danger report that was taken stays the author's until handed over.
    #[must_use]
    pub fn is_gone_for_author(&self) -> bool {
        self.is_taken() && self.handed_over.any(|value| !value.is_null())
    }

    /// Tells whether everything that stands says that this account took the case over.
    #[must_use]
    pub fn was_taken_by(&self, account: AccountId) -> bool {
        let account = account.to_string();
        self.taken_over_by.all(|value| value.as_str() == Some(&account))
    }

    /// Tells whether two people agree that the case is closed, and nobody has opened it again since.
    #[must_use]
    pub fn is_closing_agreed(&self) -> bool {
        self.closings.values().any(Closing::is_agreed)
    }

    /// Tells whether a closing was proposed that waits for somebody else to approve it.
    #[must_use]
    pub fn is_closing_proposed(&self) -> bool {
        !self.is_closing_agreed() && self.closings.values().any(Closing::is_waiting)
    }

    /// Returns what stands in a field of the core that rights hang on; none of any other field.
    #[must_use]
    pub fn core_field(&self, key: &str) -> Option<&Standing> {
        match key {
            HANDED_OVER => Some(&self.handed_over),
            TAKEN_OVER_BY => Some(&self.taken_over_by),
            EMERGENCY => Some(&self.emergency),
            _ => None,
        }
    }

    /// Tells whether an exclusion that stands names the account or its office.
    #[must_use]
    pub fn excludes(&self, account: AccountId, office: Option<&str>) -> bool {
        let account = account.to_string();
        self.exclusions.iter().any(|entry| {
            let named = entry.account.any(|value| value.as_str() == Some(&account))
                || office.is_some_and(|office| entry.office.any(|value| value.as_str() == Some(office)));
            named && !entry.removed.all(|value| value.as_bool() == Some(true))
        })
    }

    /// Tells whether a value gives the case, or a place in its team, to somebody who must not know of it. `office_of` says where
    /// an account works.
    #[must_use]
    pub fn gives_to_excluded<'o>(
        &self,
        kind: &str,
        path: &FieldPath,
        value: &Scalar,
        office_of: impl Fn(AccountId) -> Option<&'o str>,
    ) -> bool {
        let gives = match path {
            _ if kind != CORE_KIND => false,
            FieldPath::Field(key) => key == TAKEN_OVER_BY,
            FieldPath::Row { table, key, .. } => table == TEAM && key == ACCOUNT,
            FieldPath::RowMade { .. } | FieldPath::Text(_) => false,
        };
        let to = value.as_str().filter(|_| gives).and_then(|id| AccountId::parse(id).ok());
        to.is_some_and(|to| self.excludes(to, office_of(to)))
    }
}

impl Closing {
    /// Tells whether somebody proposed it, and nobody approved it or took it back.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let is_somebody = |value: &Scalar| !value.is_null();
        self.proposed_by.any(is_somebody)
            && !self.is_agreed()
            && !self.reopened_by.any(is_somebody)
            && !self.removed.any(|value| value.as_bool() != Some(false) && !value.is_null())
    }

    /// Tells whether everything that stands says that one proposed, another approved, and nobody took it back.
    #[must_use]
    pub fn is_agreed(&self) -> bool {
        let is_somebody = |value: &Scalar| !value.is_null();
        self.proposed_by.all(is_somebody)
            && self.approved_by.all(is_somebody)
            && !self.approved_by.any(|approver| self.proposed_by.any(|proposer| proposer == approver))
            && !self.reopened_by.any(is_somebody)
            && !self.removed.any(|value| value.as_bool() != Some(false) && !value.is_null())
    }
}

impl TeamEntry {
    /// Tells whether everything that stands gives this account this role on that day.
    #[must_use]
    pub fn grants(&self, account: AccountId, role: &str, today: CivilDate) -> bool {
        let account = account.to_string();
        self.account.all(|value| value.as_str() == Some(&account))
            && self.role.all(|value| value.as_str() == Some(role))
            && !self.removed.any(|value| value.as_bool() != Some(false) && !value.is_null())
            && !self.from.any(|value| starts_after(value, today))
            && !self.to.any(|value| ended_before(value, today))
    }

    /// Lists the days on which the entry may begin or cease to grant.
    pub(super) fn turns(&self) -> impl Iterator<Item = CivilDate> {
        let begins = dates(&self.from).map(PartialDate::last_day);
        let ends = dates(&self.to).map(|date| date.first_day().plus_days(1));
        begins.chain(ends)
    }
}

/// A start of "November" grants from its last day on; what cannot be read never grants.
fn starts_after(value: &Scalar, today: CivilDate) -> bool {
    bound(value).is_some_and(|date| date.is_none_or(|date| today < date.last_day()))
}

/// Tells whether a last day is over on that day: an end of "November" grants until its first day.
#[must_use]
pub fn ended_before(value: &Scalar, today: CivilDate) -> bool {
    bound(value).is_some_and(|date| date.is_none_or(|date| date.first_day() < today))
}

/// Returns none for an open end, `Some(None)` for what is no date.
fn bound(value: &Scalar) -> Option<Option<PartialDate>> {
    match value {
        Scalar::Null => None,
        Scalar::Str(text) => Some(PartialDate::parse(text).ok()),
        Scalar::Bool(_) | Scalar::Int(_) => Some(None),
    }
}

fn dates(standing: &Standing) -> impl Iterator<Item = PartialDate> {
    standing.values().iter().filter_map(|value| PartialDate::parse(value.as_str()?).ok())
}

fn subjects(standing: &Standing) -> impl Iterator<Item = SubjectId> {
    standing.values().iter().filter_map(|value| SubjectId::parse(value.as_str()?).ok())
}

fn read_team_entry(row: &Row) -> TeamEntry {
    TeamEntry {
        account: row.field(ACCOUNT),
        role: row.field(ROLE),
        from: row.field(FROM),
        to: row.field(TO),
        removed: row.field(REMOVED_KEY),
    }
}

fn read_closing(row: &Row) -> Closing {
    Closing {
        proposed_by: row.field(PROPOSED_BY),
        approved_by: row.field(APPROVED_BY),
        reopened_by: row.field(REOPENED_BY),
        removed: row.field(REMOVED_KEY),
    }
}

fn read_exclusion(row: &Row) -> Exclusion {
    Exclusion { account: row.field(ACCOUNT), office: row.field(OFFICE), removed: row.field(REMOVED_KEY) }
}
