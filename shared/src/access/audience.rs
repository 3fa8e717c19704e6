//! Who receives which documents of a case, and when that may next change by itself.

use crate::date::CivilDate;
use crate::id::{AccountId, SubjectId};
use crate::order::Arrange as _;
use crate::pack::Pack;

use super::actor::Actor;
use super::decide::{Action, Resource, WriteShape, decide};
use super::facts::CaseFacts;

/// Names a document of a case that exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentPlace {
    /// Document kind.
    pub kind: String,
    /// Person or entry.
    pub subject: Option<SubjectId>,
    /// Who made it.
    pub creator: AccountId,
}

/// Says that an account receives a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// The account.
    pub account: AccountId,
    /// Document kind.
    pub kind: String,
    /// Person or entry.
    pub subject: Option<SubjectId>,
    /// May write some of it too.
    pub writes: bool,
}

/// Lists who receives which of a case's documents today, in order of account, kind, subject.
#[must_use]
pub fn audience(
    pack: &Pack,
    actors: &[Actor],
    facts: &CaseFacts,
    documents: &[DocumentPlace],
    today: CivilDate,
) -> Vec<Grant> {
    let mut grants = Vec::new();
    for actor in actors {
        for place in documents {
            let resource = Resource { kind: &place.kind, subject: place.subject, creator: Some(place.creator) };
            let asks = |action| decide(pack, actor, facts, &resource, action, today).is_allowed();
            if asks(Action::Read) {
                grants.push(Grant {
                    account: actor.account,
                    kind: place.kind.clone(),
                    subject: place.subject,
                    writes: asks(Action::Write(WriteShape::Any)),
                });
            }
        }
    }
    grants.arrange();
    grants
}

/// Returns the next day on which the audience may change without an edit: a term begins, or one has ended.
#[must_use]
pub fn next_turn(actors: &[Actor], facts: &CaseFacts, today: CivilDate) -> Option<CivilDate> {
    let of_roles = actors.iter().flat_map(|actor| &actor.roles).flat_map(|term| {
        let ends = term.to.map(|last| last.plus_days(1));
        std::iter::once(term.from).chain(ends)
    });
    let of_team = facts.team.iter().flat_map(super::facts::TeamEntry::turns);
    of_roles.chain(of_team).filter(|day| *day > today).min()
}
