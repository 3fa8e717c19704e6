//! A post at which reports are taken: what stories about reports begin with.

use std::collections::BTreeSet;
use std::rc::Rc;

use client::api::{FieldPlace, Path, Write};
use client::engine::session::Session;
use client::engine::write::write;
use shared::id::{CaseId, DocumentId, RowId};
use shared::pack::source::embedded;
use shared::value::Scalar;
use tests::native::clock::ScriptedClock;
use tests::native::office::{Office, Shelves};
use tests::native::tablet::Tablet;
use tests::native::wire::Wire;
use tests::schedule::template::quiet;

/// A relay, its network, and a tablet of somebody who takes reports.
pub(super) struct Post {
    pub(super) office: Rc<Office>,
    pub(super) wire: Wire,
    pub(super) tablet: Tablet,
}

impl Post {
    pub(super) async fn open() -> Self {
        let pack = embedded("belu").unwrap().unwrap();
        let clock = ScriptedClock::default();
        let office = Rc::new(Office::open(Shelves::default(), pack.clone(), clock.clone(), 1).await.unwrap());
        let member = office.add_account("Ana", "PKT").await.unwrap();
        let owner = office.register(&member, "tablet-1").await.unwrap();
        let mut tablet = Tablet::enrolled(&owner, &pack.to_cbor().unwrap(), clock, 1).await.unwrap();
        let wire = Wire::new(Rc::clone(&office));
        quiet(&mut tablet, &wire).await.unwrap();
        Self { office, wire, tablet }
    }

    pub(super) async fn with<T>(&self, act: impl AsyncFnOnce(&mut Session) -> T) -> T {
        let mut guard = self.tablet.lock.lock().await;
        act(guard.as_mut().unwrap()).await
    }

    /// Whether the relay has any document of these.
    pub(super) async fn is_at_relay(&self, documents: &BTreeSet<DocumentId>) -> bool {
        let relay = self.office.relay();
        let mut read = relay.storage().read().await.unwrap();
        let mut found = false;
        for document in documents {
            found |= read.view().document(*document).await.unwrap().is_some();
        }
        found
    }
}

pub(super) fn field(case: CaseId, kind: &str, key: &str) -> FieldPlace {
    FieldPlace { case, kind: kind.to_owned(), subject: None, path: Path::Field(key.to_owned()) }
}

pub(super) async fn set(session: &mut Session, case: CaseId, (kind, key): (&str, &str), value: impl Into<Scalar>) {
    let place = field(case, kind, key);
    write(session, Write::Set { place, value: value.into(), seen: Vec::new() }).await.unwrap();
}

pub(super) async fn add_row(
    session: &mut Session,
    case: CaseId,
    (kind, table): (&str, &str),
    fields: &[(&str, Scalar)],
) {
    let path = Path::Row { table: table.to_owned(), row: RowId::from_bytes([0; 16]) };
    let place = FieldPlace { path, ..field(case, kind, "") };
    let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    write(session, Write::AddRow { place, fields }).await.unwrap();
}
