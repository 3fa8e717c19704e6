//! Somebody who must not know of a case is put into its team: by whoever may know that, and by whoever may not.

use client::api::Tag;
use client::engine::session::{DocumentEdit, document_key};
use client::engine::{flow, team};
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{AccountId, CaseId, RowId};
use shared::protocol::error::ErrorCode;
use shared::protocol::held::Verdict;
use shared::value::Scalar;
use tests::native::tablet::Tablet;

use super::scene::{page, scene, sync, with};

async fn exclude(tablet: &Tablet, case: CaseId, who: AccountId) {
    let text = |value: &str| Scalar::from(value);
    let fields = vec![(String::from("ada"), text("ADA")), (String::from("akun"), text(&who.to_string()))];
    let edit = Edit::AddRow { table: String::from("kecualikan"), row: RowId::from_bytes([8; 16]), fields };
    let edit = DocumentEdit { key: document_key(case, "guard", None), edit };
    with(tablet, async |session| session.edit(vec![edit], Writes::new()).await.unwrap()).await;
}

async fn assign(tablet: &Tablet, case: CaseId, who: AccountId) -> Result<usize, u16> {
    let assigned = async |session: &mut _| flow::assign(session, vec![case], who, "MKS").await;
    with(tablet, assigned).await.map(|added| added.len()).map_err(|failed| failed.code)
}

async fn hand_on(tablet: &Tablet, case: CaseId, who: AccountId) -> Result<usize, u16> {
    let handed = async |session: &mut _| team::hand_on(session, case, who).await;
    with(tablet, handed).await.map(|places| places.len()).map_err(|failed| failed.code)
}

/// Codes of what was not merged, and whether it waits at the centre.
async fn tray(tablet: &Tablet) -> Vec<(u16, bool)> {
    with(tablet, async |session| session.tray.iter().map(|one| (one.entry.reason, one.entry.held)).collect()).await
}

async fn tells(tablet: &Tablet, case: CaseId) -> (bool, Vec<AccountId>) {
    let view = page(tablet, case).await.expect("the case is here");
    let excluded = view.team.iter().filter(|member| member.excluded).map(|member| member.account);
    (view.card.tags.contains(&Tag::Exclusion), excluded.collect())
}

#[tokio::test]
async fn the_registrar_who_assigned_somebody_excluded_meanwhile_is_told_and_nobody_else() {
    let mut scene = scene().await;
    let (case, uncle) = (scene.case, scene.successor.account);
    // Both offline: the manager hears who must not know, the registrar assigns just that person.
    exclude(&scene.manager.tablet, case, uncle).await;
    assert_eq!(assign(&scene.registrar.tablet, case, uncle).await, Ok(1));
    sync(&mut scene.manager.tablet, &scene.wire).await;
    scene.sync_all().await;
    assert!(page(&scene.successor.tablet, case).await.is_none(), "not a byte of it");
    assert_eq!(tray(&scene.registrar.tablet).await, [(ErrorCode::AssignExcluded.number(), false)]);
    assert_eq!(tells(&scene.registrar.tablet, case).await, (true, Vec::new()));
    for tablet in [&scene.manager.tablet, &scene.nurse.tablet] {
        assert_eq!(tells(tablet, case).await, (false, Vec::new()));
        assert_eq!(tray(tablet).await, []);
    }
    // From now on the registrar's own tablet says so at once, and writes nothing.
    let refused = Err(ErrorCode::AssignExcluded.number());
    assert_eq!(assign(&scene.registrar.tablet, case, uncle).await, refused);
    assert_eq!(hand_on(&scene.registrar.tablet, case, uncle).await, refused);
    with(&scene.registrar.tablet, async |session| assert_eq!(session.unsent(), 0)).await;
    assert_eq!(scene.wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_managers_assignment_of_somebody_excluded_waits_for_the_registrar_and_says_not_why() {
    let mut scene = scene().await;
    let (case, uncle) = (scene.case, scene.successor.account);
    exclude(&scene.registrar.tablet, case, uncle).await;
    scene.sync_all().await;
    assert_eq!(tells(&scene.manager.tablet, case).await, (false, Vec::new()));
    assert_eq!(assign(&scene.manager.tablet, case, uncle).await, Ok(1), "this tablet does not know");
    scene.sync_all().await;
    let code = ErrorCode::HeldAssignment.number();
    assert_eq!(tray(&scene.manager.tablet).await, [(code, true)]);
    assert!(page(&scene.successor.tablet, case).await.is_none());
    assert_eq!(page(&scene.registrar.tablet, case).await.unwrap().team.len(), 2, "not merged");
    with(&scene.registrar.tablet, async |session| {
        let waiting: Vec<_> = session.held.keys().copied().collect();
        assert_eq!(waiting.len(), 1, "one item for whoever may know");
        session.decide(&waiting, &Verdict::Accept).await.unwrap();
    })
    .await;
    scene.sync_all().await;
    // Taken in, it stands in the team: who may know sees that it brings nothing.
    assert_eq!(tells(&scene.registrar.tablet, case).await, (true, vec![uncle]));
    assert_eq!(tells(&scene.manager.tablet, case).await, (false, Vec::new()));
    assert!(page(&scene.successor.tablet, case).await.is_none(), "an exclusion beats every team");
    assert_eq!(scene.wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_case_is_not_lost_when_it_is_handed_to_somebody_excluded() {
    let mut scene = scene().await;
    let (case, uncle) = (scene.case, scene.successor.account);
    exclude(&scene.registrar.tablet, case, uncle).await;
    scene.sync_all().await;
    assert!(hand_on(&scene.manager.tablet, case, uncle).await.is_ok(), "this tablet does not know");
    scene.sync_all().await;
    assert!(page(&scene.successor.tablet, case).await.is_none());
    assert!(page(&scene.manager.tablet, case).await.is_some(), "whoever took it over still has it");
    let waiting = with(&scene.registrar.tablet, async |session| session.held.len()).await;
    assert!(waiting > 0, "the registrar sees that it waits");
    assert_eq!(scene.wire.breaches(), Vec::<String>::new());
}
