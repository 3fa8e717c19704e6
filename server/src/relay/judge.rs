//! Whether a change may be written: by the schema of any pack this relay has run, and by the rights of its author.
//!
//! An older pack says only that a value was once in order, because a tablet that was away writes by it. It never gives a
//! right: the sender chooses what fits where, and must not choose by it who judges. Rights are asked of the newest pack
//! that knows the kind, and of older ones no more than which row of the grid a place belonged to that is gone since.

use std::sync::Arc;

use shared::access::facts::GUARD_KIND;
use shared::access::{
    Action, Actor, CaseFacts, Decision, DenyReason, Resource, WriteShape, decide, decide_value, decide_write_in,
};
use shared::date::CivilDate;
use shared::document::Document;
use shared::document::genesis::GENESIS_HASH;
use shared::document::ops::{Touch, TouchedChange, TouchedOp};
use shared::document::path::FieldPath;
use shared::id::{AccountId, ChangeHash};
use shared::pack::schema::REMOVED_KEY;
use shared::pack::{self, CreateRule, GridPlace, Pack};
use shared::protocol::error::ErrorCode;

use super::members::Packs;

/// Who asks, on what facts, on which day: now, or then.
pub(super) struct Standpoint {
    pub(super) actor: Actor,
    pub(super) facts: Arc<CaseFacts>,
    pub(super) today: CivilDate,
}

/// How a place and a value relate to the packs.
#[derive(Clone, Copy)]
enum Place {
    /// A pack knows the place and accepts the value.
    Fits,
    /// No pack knows the place.
    Unknown,
    /// The place is known, the value does not fit it.
    Unfit,
}

fn pack_path(path: &FieldPath) -> Option<pack::FieldPath<'_>> {
    match path {
        FieldPath::Field(key) => Some(pack::FieldPath::Field(key)),
        FieldPath::Row { table, key, .. } => Some(pack::FieldPath::Row { table, key }),
        // A row made with no field at all is judged as its mark of removal would be.
        FieldPath::RowMade { table, .. } => Some(pack::FieldPath::Row { table, key: REMOVED_KEY }),
        FieldPath::Text(key) => pack::FieldPath::in_texts(key),
    }
}

fn place(packs: &Packs, kind: &str, touch: &TouchedOp, after: Option<&Document>) -> Place {
    let Some(path) = pack_path(&touch.path) else { return Place::Unknown };
    let mut known = false;
    for pack in packs.all() {
        let Some(slot) = pack.schema(kind).and_then(|schema| schema.field(&path)) else { continue };
        known = true;
        let fits = match (&touch.touch, &touch.path) {
            (Touch::Set { value, .. }, _) => slot.accepts(value).is_ok(),
            (Touch::Text { .. } | Touch::TextMade, FieldPath::Text(key)) => slot
                .chars_max()
                .and_then(|most| usize::try_from(most).ok())
                .is_none_or(|most| after.is_some_and(|after| after.text(key).chars().count() <= most)),
            (Touch::RowMade | Touch::Text { .. } | Touch::TextMade, _) => true,
        };
        if fits {
            return Place::Fits;
        }
    }
    if known { Place::Unfit } else { Place::Unknown }
}

/// The newest pack that knows a kind: the one whose grid is asked about it.
fn pack_of<'a>(packs: &'a Packs, kind: &str) -> Option<&'a Pack> {
    packs.all().find(|pack| pack.kinds.contains_key(kind)).map(Arc::as_ref)
}

/// What governs writing at a place, as the newest pack says that knows its field.
fn grid_place<'a>(packs: &'a Packs, kind: &str, path: &FieldPath) -> Option<GridPlace<'a>> {
    let path = pack_path(path)?;
    packs.all().find_map(|pack| pack.schema(kind)?.grid_place(&path))
}

/// Whether a change is judged by the document as it would be with it: a text may become too long, and where one may only
/// add, it matters who made a row.
pub(super) fn needs_after(packs: &Packs, kind: &str, touched: &[TouchedOp]) -> bool {
    touched.iter().any(|touch| matches!(touch.touch, Touch::Text { .. } | Touch::TextMade)) || adds_only(packs, kind)
}

/// Whether there are people who may only add rows to documents of this kind.
pub(super) fn adds_only(packs: &Packs, kind: &str) -> bool {
    let kind = pack_of(packs, kind).and_then(|pack| pack.kinds.get(kind));
    kind.is_some_and(|kind| kind.create == CreateRule::Rows)
}

/// What is wrong with a change, whoever wrote it. `after` is the document with it, as far as [`needs_after`].
pub(super) fn schema_fault(
    packs: &Packs,
    kind: &str,
    touched: &[TouchedOp],
    after: Option<&Document>,
) -> Option<ErrorCode> {
    let mut newer = false;
    for touch in touched {
        match place(packs, kind, touch, after) {
            Place::Fits => {}
            Place::Unfit => return Some(ErrorCode::ChangeSchema),
            Place::Unknown => newer = true,
        }
    }
    newer.then_some(ErrorCode::HeldPackNewer)
}

/// Whether a change touches only rows of its own author, on top of nothing but that author's changes.
///
/// Who may only add has seen nobody else's rows, so it could build on them only by guessing their hashes.
fn shape(change: &TouchedChange, after: Option<&Document>) -> WriteShape {
    let (Some(author), Some(after)) = (change.author, after) else { return WriteShape::Any };
    let is_own_change = |hash: &ChangeHash| {
        *hash == GENESIS_HASH || after.change_meta(hash).and_then(|meta| meta.author) == Some(author)
    };
    let is_own_row = |touch: &TouchedOp| match &touch.path {
        FieldPath::RowMade { table, row } | FieldPath::Row { table, row, .. } => {
            let makers = after.row_makers(table, *row);
            !makers.is_empty() && makers.iter().all(|maker| *maker == Some(author))
        }
        FieldPath::Field(_) | FieldPath::Text(_) => false,
    };
    if change.deps.iter().all(is_own_change) && change.ops.iter().all(is_own_row) {
        WriteShape::OwnRows
    } else {
        WriteShape::Any
    }
}

/// Whether a row that was made is judged by the fields it was made with.
fn is_told_by_its_fields(touch: &TouchedOp, all: &[TouchedOp]) -> bool {
    let FieldPath::RowMade { table, row } = &touch.path else { return false };
    all.iter().any(|other| match &other.path {
        FieldPath::Row { table: of, row: same, .. } => of == table && same == row,
        FieldPath::Field(_) | FieldPath::RowMade { .. } | FieldPath::Text(_) => false,
    })
}

impl Standpoint {
    /// Whether the actor may do something with the document as a whole.
    pub(super) fn may(&self, packs: &Packs, resource: &Resource<'_>, action: Action) -> Decision {
        let Some(pack) = pack_of(packs, resource.kind) else { return Decision::Deny(DenyReason::UnknownKind) };
        decide(pack, &self.actor, &self.facts, resource, action, self.today)
    }

    /// Whether the actor may touch the document in any way that could ever be accepted.
    pub(super) fn may_touch(&self, packs: &Packs, resource: &Resource<'_>) -> Decision {
        let any = self.may(packs, resource, Action::Write(WriteShape::Any));
        if any.is_allowed() { any } else { self.may(packs, resource, Action::Write(WriteShape::OwnRows)) }
    }

    /// Whether the actor may write everything a change touches; what it writes is for [`schema_fault`] to look at.
    /// `after` is the document with it, as far as [`needs_after`].
    pub(super) fn may_write(
        &self,
        packs: &Packs,
        resource: &Resource<'_>,
        change: &TouchedChange,
        after: Option<&Document>,
    ) -> Decision {
        let shape = shape(change, after);
        let Some(pack) = pack_of(packs, resource.kind) else { return Decision::Deny(DenyReason::UnknownKind) };
        for touch in change.ops.iter().filter(|touch| !is_told_by_its_fields(touch, &change.ops)) {
            let place = grid_place(packs, resource.kind, &touch.path);
            let answer = decide_write_in(pack, &self.actor, &self.facts, resource, place, shape, self.today);
            let answer = match &touch.touch {
                Touch::Set { value, .. } if answer.is_allowed() => {
                    decide_value(pack, &self.actor, &self.facts, resource.kind, &touch.path, value)
                }
                Touch::Set { .. } | Touch::RowMade | Touch::Text { .. } | Touch::TextMade => answer,
            };
            if !answer.is_allowed() {
                return answer;
            }
        }
        if change.ops.is_empty() { self.may(packs, resource, Action::Write(shape)) } else { Decision::Allow }
    }

    /// What becomes of a change that gives the case to somebody who must not know of it, and would receive nothing. Whoever may
    /// read that is told so; for anybody else it waits for the registrar, under a code that does not say why.
    pub(super) fn excluded_assignment<'o>(
        &self,
        packs: &Packs,
        kind: &str,
        change: &TouchedChange,
        office_of: impl Fn(AccountId) -> Option<&'o str>,
    ) -> Option<ErrorCode> {
        let gives = |op: &TouchedOp| match &op.touch {
            Touch::Set { value, .. } => self.facts.gives_to_excluded(kind, &op.path, value, &office_of),
            Touch::RowMade | Touch::Text { .. } | Touch::TextMade => false,
        };
        if !change.ops.iter().any(gives) {
            return None;
        }
        let guard = Resource { kind: GUARD_KIND, subject: None, creator: None };
        let may_know = self.may(packs, &guard, Action::Read).is_allowed();
        Some(if may_know { ErrorCode::AssignExcluded } else { ErrorCode::HeldAssignment })
    }
}

/// Under which code a change waits that was allowed then and is not any more.
pub(super) const fn held_code(now: Decision, revoked: bool) -> ErrorCode {
    if revoked {
        return ErrorCode::HeldRevoked;
    }
    match now {
        Decision::Deny(DenyReason::TakenOver | DenyReason::AuthorOnly) => ErrorCode::HeldTakenOver,
        Decision::Allow | Decision::Deny(_) => ErrorCode::HeldEnded,
    }
}
