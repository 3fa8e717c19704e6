//! A case with its team, a registrar and another manager, at one relay; and what stories about them do again and again.

use std::rc::Rc;

use client::api::{CaseView, EndedView, HomeView};
use client::engine::session::{DocumentEdit, document_key};
use client::engine::{flow, off_team, query};
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{AccountId, CaseId};
use shared::value::Scalar;
use tests::native::cast::{Cast, START_MS};
pub(super) use tests::native::cast::{sync, with};
use tests::native::clock::ScriptedClock;
use tests::native::office::Office;
use tests::native::tablet::Tablet;
use tests::native::wire::Wire;

pub(super) const DAY_MS: u64 = 86_400_000;

pub(super) async fn set(tablet: &Tablet, case: CaseId, key: &str, value: &str) {
    with(tablet, async |session| {
        let document = document_key(case, "intake", None);
        let seen = session.replica(&document).await.unwrap().document.field(key).ops();
        let edit = Edit::SetField { key: key.to_owned(), value: Scalar::from(value), seen };
        session.edit(vec![DocumentEdit { key: document, edit }], Writes::new()).await.unwrap();
    })
    .await;
}

pub(super) async fn page(tablet: &Tablet, case: CaseId) -> Option<CaseView> {
    with(tablet, async |session| query::case::view(session, case).await.unwrap()).await
}

pub(super) async fn ended(tablet: &Tablet, case: CaseId) -> Option<EndedView> {
    with(tablet, async |session| off_team::view(session, case).await.unwrap()).await
}

pub(super) async fn home(tablet: &Tablet) -> HomeView {
    with(tablet, async |session| query::home::home(session)).await
}

pub(super) struct Person {
    pub(super) tablet: Tablet,
    pub(super) account: AccountId,
}

/// A case that its manager has taken over, with a nurse in the team; beside them a registrar and another manager.
pub(super) struct Scene {
    pub(super) wire: Wire,
    pub(super) clock: ScriptedClock,
    pub(super) office: Rc<Office>,
    pub(super) registrar: Person,
    pub(super) manager: Person,
    pub(super) successor: Person,
    pub(super) nurse: Person,
    pub(super) case: CaseId,
}

impl Scene {
    pub(super) async fn sync_all(&mut self) {
        for _ in 0..2 {
            for person in [&mut self.registrar, &mut self.manager, &mut self.successor, &mut self.nurse] {
                sync(&mut person.tablet, &self.wire).await;
            }
        }
    }
}

pub(super) async fn scene() -> Scene {
    let cast = Cast::of_belu(START_MS).await;
    let enrolled = async |name: &str, role: &str, seed: u64| {
        let (account, tablet) = cast.member(name, role, seed).await;
        Person { tablet, account }
    };
    let mut author = enrolled("PKT", "PKT", 7).await;
    let registrar = enrolled("SER", "SER", 8).await;
    let manager = enrolled("MKS", "MKS", 9).await;
    let successor = enrolled("MKS dua", "MKS", 10).await;
    let nurse = enrolled("NKS", "NKS", 11).await;
    let case = with(&author.tablet, async |session| {
        let case = flow::start_report(session).await.unwrap();
        flow::hand_over(session, case).await.unwrap();
        case
    })
    .await;
    cast.sync(&mut author.tablet).await;
    let Cast { office, wire, clock, .. } = cast;
    let mut scene = Scene { wire, clock, office, registrar, manager, successor, nurse, case };
    scene.sync_all().await;
    let nurse = scene.nurse.account;
    with(&scene.manager.tablet, async |session| {
        flow::take_over(session, case).await.unwrap();
        assert_eq!(flow::assign(session, vec![case], nurse, "NKS").await.unwrap().len(), 1);
    })
    .await;
    scene.sync_all().await;
    assert!(page(&scene.nurse.tablet, case).await.is_some());
    scene
}
