//! The page of a case on real engines with a real relay: stages and closing, consent, people, how much is filled in.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are not recognised as tests"
)]

use std::rc::Rc;

use client::api::CaseView;
use client::engine::exchange::RoundEnd;
use client::engine::session::{DocumentEdit, Session, document_key};
use client::engine::{flow, query};
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{AccountId, CaseId, SubjectId};
use shared::pack::source;
use shared::sync::device::Round;
use shared::value::Scalar;
use tests::native::clock::ScriptedClock;
use tests::native::office::{Office, Shelves};
use tests::native::tablet::Tablet;
use tests::native::wire::Wire;

mod choosing;
mod consents;
mod covers;
mod hints;
mod past;
mod progress;
mod stages;

async fn sync(tablet: &mut Tablet, wire: &Wire) {
    for _ in 0..20 {
        let end = tablet.round(wire, 0).await;
        let RoundEnd::Machine(Round::Done { more, .. }) = end else { panic!("a round ended with {end:?}") };
        if !more {
            return;
        }
    }
    panic!("no end of rounds");
}

async fn with<T>(tablet: &Tablet, act: impl AsyncFnOnce(&mut Session) -> T) -> T {
    let mut guard = tablet.lock.lock().await;
    act(guard.as_mut().expect("the tablet is on")).await
}

async fn write(tablet: &Tablet, case: CaseId, kind: &str, subject: Option<SubjectId>, edit: Edit) {
    let key = document_key(case, kind, subject);
    with(tablet, async |session| session.edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap()).await;
}

fn set(key: &str, value: impl Into<Scalar>) -> Edit {
    Edit::SetField { key: key.to_owned(), value: value.into(), seen: Vec::new() }
}

async fn view(tablet: &Tablet, case: CaseId) -> CaseView {
    with(tablet, async |session| *query::case::view(session, case).await.unwrap().map(Box::new).unwrap()).await
}

/// A case of two managers, which a registrar sees.
struct Scene {
    wire: Wire,
    clock: ScriptedClock,
    one: Tablet,
    other: Tablet,
    registrar: Tablet,
    one_account: AccountId,
    case: CaseId,
    person: SubjectId,
}

async fn scene() -> Scene {
    let clock = ScriptedClock::at(1_790_000_000_000);
    let pack = source::embedded("belu").unwrap().unwrap();
    let cbor = pack.to_cbor().unwrap();
    let office = Rc::new(Office::open(Shelves::default(), pack, clock.clone(), 1).await.unwrap());
    let wire = Wire::new(office.clone());
    let enrolled = async |name: &str, role: &str, seed: u64| {
        let member = office.add_account(&format!("Contoh {name}"), role).await.unwrap();
        let owner = office.register(&member, &format!("Tablet {name}")).await.unwrap();
        (owner.account, Tablet::enrolled(&owner, &cbor, clock.clone(), seed).await.unwrap())
    };
    let (one_account, mut one) = enrolled("MKS satu", "MKS", 21).await;
    let (other_account, mut other) = enrolled("MKS dua", "MKS", 22).await;
    let (_, mut registrar) = enrolled("SER", "SER", 23).await;
    let (case, person) = with(&one, async |session| {
        let case = flow::start_report(session).await.unwrap();
        let person = flow::add_person(session, case).await.unwrap();
        flow::hand_over(session, case).await.unwrap();
        flow::take_over(session, case).await.unwrap();
        flow::assign(session, vec![case], other_account, "MKS").await.unwrap();
        (case, person)
    })
    .await;
    for tablet in [&mut one, &mut other, &mut registrar] {
        sync(tablet, &wire).await;
    }
    Scene { wire, clock, one, other, registrar, one_account, case, person }
}

impl Scene {
    /// Everybody meets the relay, until all know what all have written.
    async fn meet(&mut self) {
        for _ in 0..2 {
            for tablet in [&mut self.one, &mut self.other, &mut self.registrar] {
                sync(tablet, &self.wire).await;
            }
        }
    }
}

fn hex(byte: u8) -> String {
    format!("{byte:02x}").repeat(16)
}
