//! The page of a case on real engines with a real relay: stages and closing, consent, people, how much is filled in.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not recognised as tests")]

use client::api::CaseView;
use client::engine::session::{DocumentEdit, document_key};
use client::engine::{flow, query};
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{AccountId, CaseId, SubjectId};
use shared::value::Scalar;
use tests::native::cast::{Cast, START_MS, sync, with};
use tests::native::clock::ScriptedClock;
use tests::native::tablet::Tablet;
use tests::native::wire::Wire;

mod choosing;
mod consents;
mod covers;
mod hints;
mod past;
mod progress;
mod stages;

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
    let cast = Cast::of_belu(START_MS).await;
    let (one_account, mut one) = cast.member("MKS satu", "MKS", 21).await;
    let (other_account, mut other) = cast.member("MKS dua", "MKS", 22).await;
    let (_, mut registrar) = cast.member("SER", "SER", 23).await;
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
        sync(tablet, &cast.wire).await;
    }
    let Cast { wire, clock, .. } = cast;
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
