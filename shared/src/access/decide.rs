//! The decision itself.
//!
//! Owns how grid letters meet the facts of a case. One function says how far one role reaches into one row of the
//! grid; everything else asks it. Called by the relay at every push and page, by `audience`, and by screens.

use crate::date::CivilDate;
use crate::id::{AccountId, SubjectId};
use crate::pack::{Cell, CreateRule, FieldPath, GridPlace, Kind, Letter, Pack, Role, SubjectRule, Writer};

use super::actor::{AccountStatus, Actor};
use super::facts::{CORE_KIND, CaseFacts};

/// Points at a document of the case in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource<'a> {
    /// Document kind.
    pub kind: &'a str,
    /// Person or entry; none for kinds with one document per case.
    pub subject: Option<SubjectId>,
    /// Who made the document; none while it does not exist.
    pub creator: Option<AccountId>,
}

/// Says what somebody wants to do with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Receive its bytes.
    Read,
    /// Add changes to it; each operation is asked for again with [`decide_write`].
    Write(WriteShape),
    /// Make it.
    Create,
}

/// Says what a change looks like, as far as create-only rights ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WriteShape {
    /// Any change.
    Any,
    /// One change that touches only rows its author made, on top of nothing but that author's own changes.
    OwnRows,
}

/// Answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Yes.
    Allow,
    /// No, and why; for the audit and for the actor's own screen, never for others.
    Deny(DenyReason),
}

impl Decision {
    /// Tells whether the answer is yes.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allow)
    }
}

/// Says why not; ordered from the furthest to the nearest miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DenyReason {
    /// The pack has no such kind.
    UnknownKind,
    /// The kind has no such place.
    UnknownField,
    /// A person is named where none belongs, or is missing.
    SubjectMismatch,
    /// The account is stopped.
    AccountStopped,
    /// An exclusion names the account or its office.
    Excluded,
    /// The person refused to be recorded by name.
    NameRefused,
    /// No role that the pack knows is in force today.
    NoRole,
    /// The grid gives no role of the actor this.
    NotInGrid,
    /// The case is a draft of somebody else.
    Draft,
    /// The case is not assigned to the actor.
    NotAssigned,
    /// The author handed it over and somebody took it over.
    TakenOver,
    /// The actor may read, or add, but not do this.
    Narrower,
    /// Only the author, before the case is taken over, writes this field.
    AuthorOnly,
    /// Nobody closes a case alone: another one proposes, or approves.
    ClosingAlone,
    /// The stage asks for something that is not there.
    GateShut,
    /// Nobody signs with another one's name, or takes it back.
    OtherName,
}

/// How far one role reaches into one row of the grid, here and today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Not at all.
    Nothing(DenyReason),
    /// Adds rows or entries without reading back.
    Add,
    /// Reads.
    Read,
    /// Reads and writes.
    Write,
}

/// Decides whether an actor may do something with a document.
#[must_use]
pub fn decide(
    pack: &Pack,
    actor: &Actor,
    facts: &CaseFacts,
    resource: &Resource<'_>,
    action: Action,
    today: CivilDate,
) -> Decision {
    let kind = match admit(pack, actor, facts, resource, action) {
        Ok(kind) => kind,
        Err(reason) => return Decision::Deny(reason),
    };
    let question = Question { pack, actor, facts, resource, kind, today };
    question.best(|role| match action {
        Action::Read => match question.reach(role, resource.kind) {
            Reach::Read | Reach::Write => Ok(()),
            Reach::Add => Err(DenyReason::Narrower),
            Reach::Nothing(reason) => Err(reason),
        },
        Action::Create => match question.reach(role, resource.kind) {
            Reach::Add | Reach::Write => Ok(()),
            Reach::Read => Err(DenyReason::Narrower),
            Reach::Nothing(reason) => Err(reason),
        },
        Action::Write(shape) => question.write_anywhere(role, shape),
    })
}

/// Decides whether an actor may write one place of a document; asked for every decoded operation.
#[must_use]
pub fn decide_write(
    pack: &Pack,
    actor: &Actor,
    facts: &CaseFacts,
    resource: &Resource<'_>,
    path: &FieldPath<'_>,
    shape: WriteShape,
    today: CivilDate,
) -> Decision {
    let slot = pack.schema(resource.kind).and_then(|schema| schema.field(path));
    let place = slot.map(|slot| GridPlace { row: slot.grid_row(), writer: slot.writer() });
    decide_write_in(pack, actor, facts, resource, place, shape, today)
}

/// Decides whether an actor may write what a row of the grid governs: for places that this pack does not know, but
/// another one does. No place is an unknown one.
#[must_use]
pub fn decide_write_in(
    pack: &Pack,
    actor: &Actor,
    facts: &CaseFacts,
    resource: &Resource<'_>,
    place: Option<GridPlace<'_>>,
    shape: WriteShape,
    today: CivilDate,
) -> Decision {
    let kind = match admit(pack, actor, facts, resource, Action::Write(shape)) {
        Ok(kind) => kind,
        Err(reason) => return Decision::Deny(reason),
    };
    let Some(GridPlace { row, writer }) = place else { return Decision::Deny(DenyReason::UnknownField) };
    let question = Question { pack, actor, facts, resource, kind, today };
    question.best(|role| question.write_at(role, row, writer, shape))
}

/// Answers what no role can change, and finds the kind.
fn admit<'p>(
    pack: &'p Pack,
    actor: &Actor,
    facts: &CaseFacts,
    resource: &Resource<'_>,
    action: Action,
) -> Result<&'p Kind, DenyReason> {
    let kind = pack.kinds.get(resource.kind).ok_or(DenyReason::UnknownKind)?;
    let wants_subject = match kind.subject {
        SubjectRule::Case => false,
        SubjectRule::Person | SubjectRule::Entry => true,
    };
    if wants_subject != resource.subject.is_some() {
        return Err(DenyReason::SubjectMismatch);
    }
    if actor.status != AccountStatus::Active {
        return Err(DenyReason::AccountStopped);
    }
    if facts.excludes(actor.account, actor.office.as_deref()) {
        return Err(DenyReason::Excluded);
    }
    let adds = match action {
        Action::Read => false,
        Action::Write(_) | Action::Create => true,
    };
    let refused = resource.subject.is_some_and(|subject| facts.refuses_name(subject));
    if adds && kind.named && refused {
        return Err(DenyReason::NameRefused);
    }
    Ok(kind)
}

/// Holds one question while roles are tried on it.
struct Question<'a> {
    pack: &'a Pack,
    actor: &'a Actor,
    facts: &'a CaseFacts,
    resource: &'a Resource<'a>,
    kind: &'a Kind,
    today: CivilDate,
}

impl Question<'_> {
    /// Tries every role in force; the nearest miss is the reason.
    fn best(&self, ask: impl Fn(&Role) -> Result<(), DenyReason>) -> Decision {
        let mut nearest = DenyReason::NoRole;
        for role in self.actor.roles_on(self.pack, self.today) {
            match ask(role) {
                Ok(()) => return Decision::Allow,
                Err(reason) => nearest = nearest.max(reason),
            }
        }
        Decision::Deny(nearest)
    }

    /// Tells whether a role may write the kind itself or any part of it.
    fn write_anywhere(&self, role: &Role, shape: WriteShape) -> Result<(), DenyReason> {
        let mut nearest = DenyReason::NotInGrid;
        for (row, writer) in writable_rows(self.resource.kind, self.kind) {
            match self.write_at(role, row, writer, shape) {
                Ok(()) => return Ok(()),
                Err(reason) => nearest = nearest.max(reason),
            }
        }
        Err(nearest)
    }

    fn write_at(&self, role: &Role, row: &str, writer: Writer, shape: WriteShape) -> Result<(), DenyReason> {
        let reach = self.reach(role, row);
        let by_grid = match reach {
            // Whoever may write entries and read them all still edits none but the own.
            Reach::Write if self.kind.create != CreateRule::Entry => Ok(()),
            Reach::Write | Reach::Add => self.add_only(shape),
            Reach::Read => Err(DenyReason::Narrower),
            Reach::Nothing(reason) => Err(reason),
        };
        match writer {
            Writer::Grid => by_grid,
            Writer::Author if self.is_author() => by_grid,
            Writer::Author => Err(DenyReason::AuthorOnly),
            Writer::Taker if self.may_take(role, row) => Ok(()),
            Writer::Taker => by_grid,
        }
    }

    /// Create-only rights write the actor's own rows, or the entry the actor made.
    fn add_only(&self, shape: WriteShape) -> Result<(), DenyReason> {
        let fits = match self.kind.create {
            CreateRule::Rows => shape == WriteShape::OwnRows,
            CreateRule::Entry => self.resource.creator == Some(self.actor.account),
            CreateRule::Draft => false,
        };
        if fits { Ok(()) } else { Err(DenyReason::Narrower) }
    }

    /// Tells whether the actor's draft is still the actor's; a case nobody made yet is the draft of who asks.
    fn is_author(&self) -> bool {
        let made_here = self.facts.creators.is_empty() || self.facts.is_author(self.actor.account);
        made_here && !self.facts.is_gone_for_author()
    }

    /// Anybody on duty may take what is open and not taken.
    fn may_take(&self, role: &Role, row: &str) -> bool {
        role.duty
            && self.facts.is_open()
            && !self.facts.is_taken()
            && self.pack.grid.cell(row, &role.key).letter == Letter::Write
    }

    fn reach(&self, role: &Role, row: &str) -> Reach {
        let cell = self.pack.grid.cell(row, &role.key);
        match (cell.letter, self.kind.create) {
            (Letter::None | Letter::Aggregate | Letter::Pseudonym | Letter::BreakGlass, _) => {
                Reach::Nothing(DenyReason::NotInGrid)
            }
            (Letter::Create | Letter::Write, CreateRule::Draft) if self.is_author() => Reach::Write,
            (Letter::Create, CreateRule::Draft) => Reach::Nothing(self.why_not_author()),
            (Letter::Create, CreateRule::Rows) if self.is_author() => Reach::Add,
            (Letter::Create, CreateRule::Entry) if self.facts.is_author(self.actor.account) => Reach::Add,
            (Letter::Create, CreateRule::Rows | CreateRule::Entry) => self.reach_by_grid(role, cell, Reach::Add),
            (Letter::Read, _) => self.reach_by_grid(role, cell, Reach::Read),
            // A draft in danger can be read at the centre, assigned and taken; what is told in it is its author's.
            (Letter::Write, CreateRule::Draft) if self.is_told_by_another(row) => {
                self.reach_by_grid(role, cell, Reach::Read)
            }
            (Letter::Write, _) => self.reach_by_grid(role, cell, Reach::Write),
        }
    }

    /// Tells whether a row is what somebody tells who only begins cases, in a draft that is still theirs.
    fn is_told_by_another(&self, row: &str) -> bool {
        let begins = |role: &Role| self.pack.grid.cell(row, &role.key).letter == Letter::Create;
        self.facts.is_draft_in_danger() && self.resource.kind != CORE_KIND && self.pack.roles.iter().any(begins)
    }

    fn why_not_author(&self) -> DenyReason {
        if self.facts.is_author(self.actor.account) { DenyReason::TakenOver } else { DenyReason::NotAssigned }
    }

    /// Grid letters hold once the case is open: everywhere without `t`, by assignment with it.
    fn reach_by_grid(&self, role: &Role, cell: Cell, full: Reach) -> Reach {
        if !self.facts.is_open() {
            return Reach::Nothing(DenyReason::Draft);
        }
        if cell.assigned {
            return self.reach_by_assignment(role, full);
        }
        // `c` without `t` is the author's letter, not everybody's.
        if full == Reach::Add {
            return Reach::Nothing(self.why_not_author());
        }
        full
    }

    fn reach_by_assignment(&self, role: &Role, full: Reach) -> Reach {
        let account = self.actor.account;
        let in_team = self.facts.team.iter().any(|entry| entry.grants(account, &role.key, self.today));
        if in_team || (role.duty && self.facts.was_taken_by(account)) {
            return full;
        }
        if self.facts.is_taken() {
            return Reach::Nothing(self.why_not_author());
        }
        match full {
            Reach::Read | Reach::Write if role.duty => Reach::Read,
            Reach::Read | Reach::Write | Reach::Add | Reach::Nothing(_) => Reach::Nothing(DenyReason::NotAssigned),
        }
    }
}

/// Lists the rows of the grid that govern some place of a kind, its own first.
fn writable_rows<'k>(name: &'k str, kind: &'k Kind) -> impl Iterator<Item = (&'k str, Writer)> {
    let of_fields = kind.fields.values().map(move |field| (field.part.as_deref().unwrap_or(name), field.writer));
    let of_tables = kind.tables.values().flat_map(move |table| {
        let row = table.part.as_deref().unwrap_or(name);
        table.fields.values().map(move |field| (field.part.as_deref().unwrap_or(row), field.writer))
    });
    std::iter::once((name, Writer::Grid)).chain(of_fields).chain(of_tables)
}
