//! What this account may do with a document, as far as the tablet can tell.
//!
//! For display and to refuse early only: the tablet's view is stale and its clock may be wrong; the relay decides.

use std::collections::BTreeSet;

use shared::access::{
    AccountStatus, Action, Actor, CaseFacts, Decision, DenyReason, Resource, StandingValues, WriteShape, decide,
    decide_value, decide_write,
};
use shared::date::CivilDate;
use shared::document::Document;
use shared::document::path::{FieldPath, parse_row_text_key};
use shared::id::{AccountId, DocumentKey};
use shared::order::Gather as _;
use shared::pack::{FieldPath as PackPath, FieldSpec, Letter, Pack, SlotPart};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::keys;

/// Who asks, by which pack, on which day.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The pack.
    pub pack: &'a Pack,
    /// The account with its roles.
    pub actor: &'a Actor,
    /// Today in the pack's zone.
    pub today: CivilDate,
}

/// Whether the account counts cases: what it reads of reports it reads of all of them. Of a part, or of what some office
/// shares in numbers alone, a tablet would draw tables that are too small.
#[must_use]
pub fn may_count(pack: &Pack, actor: &Actor) -> bool {
    let counts = actor.roles.iter().any(|term| may_count_as(pack, &term.role));
    actor.status == AccountStatus::Active && counts
}

/// Whether a role counts cases.
#[must_use]
pub fn may_count_as(pack: &Pack, role: &str) -> bool {
    [keys::CORE, keys::INTAKE].into_iter().all(|kind| {
        let cell = pack.grid.cell(kind, role);
        matches!(cell.letter, Letter::Read | Letter::Write) && !cell.assigned
    })
}

/// The facts of a case as this tablet holds them. The guard is not on tablets.
#[must_use]
pub fn facts(core: Option<&Document>) -> CaseFacts {
    let creators: BTreeSet<AccountId> = core.and_then(creator).into_iter().into_set();
    let tables = core.map(Document::standing_tables);
    CaseFacts::read(creators, tables.as_ref().map(|tables| -> &dyn StandingValues { tables }), None)
}

/// Who made a document: the author of its first authored change.
#[must_use]
pub fn creator(document: &Document) -> Option<AccountId> {
    document.metas_since(&[]).into_iter().find_map(|meta| meta.author)
}

/// Whether the account may read the document.
#[must_use]
pub fn may_read(asker: Asker<'_>, facts: &CaseFacts, key: &DocumentKey, creator: Option<AccountId>) -> bool {
    let resource = Resource { kind: &key.kind, subject: key.subject, creator };
    decide(asker.pack, asker.actor, facts, &resource, Action::Read, asker.today).is_allowed()
}

/// Whether the account may write anywhere in the document.
#[must_use]
pub fn may_write(asker: Asker<'_>, facts: &CaseFacts, key: &DocumentKey, creator: Option<AccountId>) -> bool {
    let resource = Resource { kind: &key.kind, subject: key.subject, creator };
    [Action::Write(WriteShape::Any), Action::Create]
        .into_iter()
        .any(|action| decide(asker.pack, asker.actor, facts, &resource, action, asker.today).is_allowed())
}

/// Why this account may not put a value where it may write; none if it may.
#[must_use]
pub fn refused_value(
    asker: Asker<'_>,
    facts: &CaseFacts,
    key: &DocumentKey,
    path: &FieldPath,
    value: &Scalar,
) -> Option<ErrorCode> {
    match decide_value(asker.pack, asker.actor, facts, &key.kind, path, value) {
        Decision::Allow => None,
        Decision::Deny(DenyReason::ClosingAlone) => Some(ErrorCode::ClosingAlone),
        Decision::Deny(DenyReason::GateShut) => Some(ErrorCode::GateShut),
        Decision::Deny(_) => Some(ErrorCode::WriteForbidden),
    }
}

/// Whether the account may write at this path.
#[must_use]
pub fn may_write_at(
    asker: Asker<'_>,
    facts: &CaseFacts,
    key: &DocumentKey,
    creator: Option<AccountId>,
    path: &FieldPath,
) -> bool {
    let resource = Resource { kind: &key.kind, subject: key.subject, creator };
    let path = pack_path(path);
    // Of a document to which one may only add, a tablet never has any rows but its account's own.
    [WriteShape::Any, WriteShape::OwnRows]
        .into_iter()
        .any(|shape| decide_write(asker.pack, asker.actor, facts, &resource, &path, shape, asker.today).is_allowed())
}

/// A place as packs call it.
fn pack_path(path: &FieldPath) -> PackPath<'_> {
    match path {
        FieldPath::Field(key) => PackPath::Field(key),
        FieldPath::Row { table, key, .. } => PackPath::Row { table, key },
        FieldPath::RowMade { table, .. } => PackPath::Row { table, key: shared::document::path::REMOVED },
        FieldPath::Text(key) => match parse_row_text_key(key) {
            Some((table, _, key)) => PackPath::RowText { table, key },
            None => PackPath::Text(key),
        },
    }
}

/// Whether nobody is shown a document, although it is here: it names somebody who refused that, or took their consent back.
#[must_use]
pub fn hides(pack: &Pack, facts: &CaseFacts, key: &DocumentKey) -> bool {
    is_named(pack, key) && key.subject.is_some_and(|subject| facts.refuses_name(subject))
}

/// Whether documents of a kind name the person they are about.
pub(super) fn is_named(pack: &Pack, key: &DocumentKey) -> bool {
    pack.kinds.get(&key.kind).is_some_and(|kind| kind.named)
}

/// Whether nobody is shown what stands at a place, nor asked for it: also how to reach a reporter who refused to be named.
#[must_use]
pub fn hides_at(pack: &Pack, facts: &CaseFacts, key: &DocumentKey, path: &FieldPath) -> bool {
    let is_telling = || at(pack, key, path).is_some_and(|(_, telling)| telling);
    hides(pack, facts, key) || (key.kind == keys::REPORTER && facts.reporter_refuses_name() && is_telling())
}

/// Whether what stands at a place is covered wherever it is shown outside its form, until somebody opens it: it names or
/// locates a person. Why a field is empty does neither. Of a field that this pack does not know, all of a kind that names
/// somebody is covered.
#[must_use]
pub fn is_covered(pack: &Pack, key: &DocumentKey, path: &FieldPath) -> bool {
    match at(pack, key, path) {
        Some((part, telling)) => telling && part != SlotPart::Answer,
        None => is_named(pack, key),
    }
}

/// Which part of a field lies at a place, and whether the field names or locates somebody.
fn at<'p>(pack: &'p Pack, key: &DocumentKey, path: &'p FieldPath) -> Option<(SlotPart<'p>, bool)> {
    let slot = pack.schema(&key.kind)?.field(&pack_path(path))?;
    Some((slot.part, slot.spec().is_some_and(FieldSpec::is_telling)))
}
