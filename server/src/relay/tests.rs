//! The relay as a library over memory: everything a tablet may do to it, and everything it must not give away.

mod alarms;
mod bad_input;
mod brought;
mod drafts;
mod evidence;
mod flow;
mod held;
mod live;
mod offered;
mod packs;
mod seen;
mod trials;
mod waiting;

use std::sync::Arc;

use shared::command::{Edit, Writer};
use shared::date::CivilDate;
use shared::document::Document;
use shared::id::{AccountId, ActorId, CaseId, DocumentId, DocumentKey, RowId};
use shared::pack::{Pack, source};
use shared::protocol::frame::{ChangeBytes, Push};
use shared::seal::relay::MasterKey;
use shared::value::Scalar;

use super::{NewAccount, Relay, Setup};
use crate::demo::tablet::{Heard, Tablet};
use crate::identity::CodeTerms;
use crate::random::SeededEntropy;
use crate::storage::Storage;
use crate::storage::memory::MemoryBackend;

const NOW: u64 = 1_760_000_000_000;

struct World {
    relay: Arc<Relay>,
    now: u64,
    seed: u8,
}

impl World {
    async fn new() -> Self {
        Self::over(Storage::in_memory()).await
    }

    async fn over(storage: Storage) -> Self {
        Self::made(storage, source::embedded("belu").unwrap().unwrap()).await
    }

    async fn with_pack(pack: Pack) -> Self {
        Self::made(Storage::in_memory(), pack).await
    }

    async fn made(storage: Storage, pack: Pack) -> Self {
        let setup = Setup {
            master: MasterKey::from_bytes([7; 32]),
            older: Vec::new(),
            pack,
            entropy: Arc::new(SeededEntropy::new(1)),
            synthetic: true,
        };
        let relay = Arc::new(Relay::open(storage, setup, NOW).await.unwrap());
        Self { relay, now: NOW, seed: 0 }
    }

    async fn account(&self, login: &str, role: &str) -> AccountId {
        self.account_in(login, role, None).await
    }

    async fn account_in(&self, login: &str, roles: &str, office: Option<&str>) -> AccountId {
        let new = NewAccount {
            login: login.to_owned(),
            name: format!("Nama {login}"),
            unit: "GT".to_owned(),
            office: office.map(str::to_owned),
            roles: roles.split(' ').map(str::to_owned).collect(),
            from: CivilDate::new(2020, 1, 1).unwrap(),
            to: None,
        };
        self.relay.add_account(new, self.now).await.unwrap()
    }

    async fn code(&self, account: AccountId) -> String {
        let terms = CodeTerms { expires_ms: self.now + 600_000, uses: Some(1), local_only: false };
        self.relay.make_code(account, terms, self.now).await.unwrap()
    }

    async fn tablet_of(&mut self, account: AccountId) -> Tablet {
        let code = self.code(account).await;
        self.seed += 1;
        let (mut tablet, request) = Tablet::join([self.seed; 16], self.relay.tenant(), &code, "Tablet uji");
        let answer = self.relay.enrol(&request, crate::identity::Origin::Remote, self.now).await;
        tablet.take_joined(account, &answer).unwrap();
        tablet
    }

    async fn tablet(&mut self, login: &str, role: &str) -> Tablet {
        let account = self.account(login, role).await;
        let mut tablet = self.tablet_of(account).await;
        self.sync(&mut tablet).await;
        tablet
    }

    /// Syncs, and asserts that tablet and relay agree on what the account may see.
    async fn sync(&mut self, tablet: &mut Tablet) -> Heard {
        self.now += 1000;
        let request = tablet.upload();
        let heard = self.send(tablet, &request).await;
        if let Some(check) = heard.check
            && tablet.unsent() == 0
        {
            assert_eq!(check, tablet.own_check(), "tablet and relay disagree");
        }
        heard
    }

    async fn send(&mut self, tablet: &mut Tablet, request: &[u8]) -> Heard {
        let parts = self.relay.handle_sync(request, self.now).await;
        tablet.take(parts).unwrap()
    }
}

fn set(key: &str, value: impl Into<Scalar>) -> Edit {
    Edit::SetField { key: key.to_owned(), value: value.into(), seen: Vec::new() }
}

fn text(value: &str) -> Scalar {
    Scalar::Str(value.to_owned())
}

fn row(tablet: &mut Tablet, table: &str, fields: &[(&str, Scalar)]) -> Edit {
    Edit::AddRow {
        table: table.to_owned(),
        row: RowId::from_bytes(tablet.draw()),
        fields: fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
    }
}

/// A relay that came back from a backup before anything of the story happened.
async fn restored() -> World {
    let (main, keys) = (MemoryBackend::default(), MemoryBackend::default());
    let storage = || Storage::new(Box::new(main.clone()), Box::new(keys.clone()));
    let world = World::over(storage()).await;
    let mut tx = world.relay.storage().write().await.unwrap();
    tx.begin_epoch([9; 8], [8; 16], world.now).await.unwrap();
    tx.commit().await.unwrap();
    World::over(storage()).await
}

/// A draft report: core and intake.
fn draft(tablet: &mut Tablet) -> (CaseId, DocumentId, DocumentId) {
    let case = CaseId::from_bytes(tablet.draw());
    let core = tablet.make(case, "core", None).unwrap();
    tablet.edit(core, &set("kode_lapangan", text("L-4K7-29Q")), 1).unwrap();
    let intake = tablet.make(case, "intake", None).unwrap();
    tablet.edit(intake, &set("tgl_lapor", text("2026-11-01")), 1).unwrap();
    (case, core, intake)
}

/// A core beside the one a case begins with, signed and not sent.
fn second_core(tablet: &mut Tablet, core: DocumentId) -> (DocumentId, Push) {
    let key = DocumentKey { generation: 1, ..tablet.documents[&core].key.clone() };
    let writer = Writer { author: tablet.account, actor: ActorId::from_bytes(tablet.draw()) };
    let edit = set("kode_lapangan", text("L-4K7-29Q"));
    let made = shared::command::apply(&mut Document::new().unwrap(), &writer, &edit, 5).unwrap();
    let hashes: Vec<_> = made.iter().map(|change| change.hash).collect();
    tablet.counter += 1;
    let signature = tablet.sign_push(key.id(), &hashes);
    let changes = made.into_iter().map(|change| ChangeBytes(change.bytes)).collect();
    (key.id(), Push { document: key.id(), create: Some(key), changes, signature })
}

fn hand_over(tablet: &mut Tablet, core: DocumentId) {
    tablet.edit(core, &set("diserahkan", text("2026-11-02T08:00:00+08:00")), 2).unwrap();
}

fn take_over(tablet: &mut Tablet, core: DocumentId) {
    let account = tablet.account.to_string();
    tablet.edit(core, &set("diterima_oleh", text(&account)), 3).unwrap();
    let member = row(tablet, "tim", &[("akun", text(&account)), ("peran", text("MKS")), ("dari", text("2020-01-01"))]);
    tablet.edit(core, &member, 3).unwrap();
}
