//! Values with names and times: joins what documents hold with the directory and the receipts.

use std::collections::BTreeMap;

use shared::document::path::{FieldPath, OpId};
use shared::document::read::{FieldState, Seen};
use shared::id::{AccountId, ActorId, CaseId, ChangeHash, DocumentKey, SubjectId};
use shared::order::Gather as _;
use shared::pack::{FieldSpec, FieldType, Pack};
use shared::value::Scalar;

use crate::api::{FieldPlace, FieldView, Mark, Path, SeenOp, ValueView};
use crate::engine::directory::Directory;
use crate::engine::replica::Replica;
use crate::engine::session::Session;

/// The opaque token of an operation.
#[must_use]
pub fn token(op: OpId) -> SeenOp {
    SeenOp { counter: op.counter, actor: op.actor.to_string() }
}

/// The operation of a token; none when the interface made it up.
#[must_use]
pub fn operation(token: &SeenOp) -> Option<OpId> {
    Some(OpId { counter: token.counter, actor: ActorId::parse(&token.actor).ok()? })
}

/// Where a path of an open document lies, for the interface.
#[must_use]
pub fn place(replica: &Replica, path: &FieldPath) -> FieldPlace {
    place_in(&replica.key, path)
}

/// Where a path of a document lies, for the interface.
#[must_use]
pub fn place_in(key: &DocumentKey, path: &FieldPath) -> FieldPlace {
    let path = match path {
        FieldPath::Field(key) => Path::Field(key.clone()),
        FieldPath::Row { table, row, key } => Path::RowField { table: table.clone(), row: *row, key: key.clone() },
        FieldPath::RowMade { table, row } => Path::Row { table: table.clone(), row: *row },
        FieldPath::Text(key) => Path::Text(key.clone()),
    };
    FieldPlace { case: key.case, kind: key.kind.clone(), subject: key.subject, path }
}

/// The people of a case by their codes, K1 and so on: a document names them by what nobody can read.
#[derive(Debug, Clone, Default)]
pub struct People(BTreeMap<SubjectId, String>);

impl People {
    /// Those of a case, as its summary counts them.
    #[must_use]
    pub fn of(session: &Session, case: CaseId) -> Self {
        let people = session.index.core(case).map_or(&[][..], |core| core.people.as_slice());
        Self(people.iter().map(|person| (person.subject, format!("K{}", person.number))).into_map())
    }

    /// A value as it is told: of a person, their code. Anything else stays as it is.
    #[must_use]
    pub fn told(&self, pack: &Pack, place: &FieldPlace, value: Scalar) -> Scalar {
        let person =
            value.as_str().and_then(|text| SubjectId::parse(text).ok()).and_then(|subject| self.0.get(&subject));
        match person {
            Some(code) if spec_of(pack, place).is_some_and(|spec| spec.value == FieldType::Subject) => {
                Scalar::Str(code.clone())
            }
            Some(_) | None => value,
        }
    }
}

/// What the pack says of a field or of a field of a row.
fn spec_of<'p>(pack: &'p Pack, place: &FieldPlace) -> Option<&'p FieldSpec> {
    let kind = pack.kinds.get(&place.kind)?;
    match &place.path {
        Path::Field(key) => kind.fields.get(key),
        Path::RowField { table, key, .. } => kind.tables.get(table)?.fields.get(key),
        Path::Row { .. } | Path::Text(_) => None,
    }
}

/// Who wrote a change, for people.
#[derive(Debug, Clone, Default)]
pub struct Writer {
    /// Name; empty if the directory does not know the account.
    pub name: String,
    /// Roles.
    pub roles: Vec<String>,
}

/// Looks a writer up.
#[must_use]
pub fn writer(directory: &Directory, author: Option<AccountId>) -> Writer {
    author
        .and_then(|account| directory.member(account))
        .map_or_else(Writer::default, |member| Writer { name: member.name.clone(), roles: member.roles.clone() })
}

/// Tablet and time of receipt of a change; empty and none before it was received.
#[must_use]
pub fn receipt(replica: &Replica, directory: &Directory, hash: &ChangeHash) -> (String, Option<u64>) {
    replica.received.get(hash).map_or((String::new(), None), |received| {
        let at_ms = u64::try_from(received.at_s).unwrap_or(0).saturating_mul(1000);
        (directory.tablet(received.device_number).to_owned(), Some(at_ms))
    })
}

/// One value with who and when.
#[must_use]
pub fn value_view(replica: &Replica, directory: &Directory, seen: &Seen) -> ValueView {
    let writer = writer(directory, seen.author);
    let (tablet, received_ms) = receipt(replica, directory, &seen.hash);
    ValueView {
        value: seen.value.clone(),
        op: token(seen.op),
        author: writer.name,
        roles: writer.roles,
        tablet,
        said_ms: u64::try_from(seen.time_ms).unwrap_or(0),
        received_ms,
    }
}

/// A field's distinct values, or its one value, with the mark.
///
/// Equal values are shown once; every operation behind them still has to be named when one is chosen, so the tokens of
/// the others travel as further equal values.
#[must_use]
pub fn field_view(replica: &Replica, directory: &Directory, state: &FieldState) -> FieldView {
    let values = state.values.iter().map(|seen| value_view(replica, directory, seen)).collect();
    FieldView { values, mark: mark(replica, state) }
}

/// Where a field's last write is.
#[must_use]
pub fn mark(replica: &Replica, state: &FieldState) -> Mark {
    if state.is_conflict() {
        Mark::Different
    } else if state.values.iter().any(|seen| replica.unsent.contains(&seen.hash)) {
        Mark::Saved
    } else {
        Mark::Received
    }
}
