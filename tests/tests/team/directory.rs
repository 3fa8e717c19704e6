//! The member directory: who is told what of whom.

use client::api::{MemberRow, MembersView};
use client::engine::query;
use shared::id::AccountId;
use tests::native::tablet::Tablet;

use super::scene::{DAY_MS, Scene, scene, sync, with};

async fn members(tablet: &Tablet, words: &str) -> MembersView {
    with(tablet, async |session| query::members::view(session, words)).await
}

fn row(view: &MembersView, account: AccountId) -> MemberRow {
    view.rows.iter().find(|row| row.member.account == account).cloned().expect("everybody stands in the directory")
}

#[tokio::test]
async fn everybody_finds_the_members_and_only_who_keeps_the_register_sees_when_tablets_came() {
    let mut scene = scene().await;
    let later = scene.office.add_account("Contoh Belum", "PKT").await.unwrap();
    let Scene { registrar, manager, nurse, successor, wire, clock, .. } = &mut scene;
    let first_day = with(&registrar.tablet, async |session| session.today().to_string()).await;
    clock.pass_ms(15 * DAY_MS);
    for person in [&mut *nurse, &mut *manager, &mut *registrar] {
        sync(&mut person.tablet, wire).await;
    }
    let today = with(&registrar.tablet, async |session| session.today().to_string()).await;
    let seen = members(&registrar.tablet, "").await;
    assert_eq!(seen.rows.len(), 6);
    let tablet =
        |account| row(&seen, account).tablets.into_iter().map(|one| (one.seen_on, one.silent)).collect::<Vec<_>>();
    assert_eq!(tablet(nurse.account), [(today.clone(), false)]);
    assert_eq!(tablet(registrar.account), [(today, false)]);
    assert_eq!(tablet(successor.account), [(first_day, true)], "silent for more than 14 days");
    assert_eq!(tablet(later.account), [], "not enrolled");
    assert_eq!(row(&seen, manager.account).cases, Some(1));
    assert_eq!(row(&seen, nurse.account).cases, Some(0), "who is in a team does not manage the case");
    registrar.tablet.restart().await.unwrap();
    assert_eq!(members(&registrar.tablet, "").await, seen, "it is in the vault");

    for person in [&*manager, &*nurse] {
        let seen = members(&person.tablet, "").await;
        assert_eq!(seen.rows.len(), 6);
        let all = seen.rows.iter().flat_map(|row| &row.tablets);
        assert!(all.clone().count() > 3 && all.clone().all(|tablet| tablet.seen_on.is_empty()), "nobody else is told");
        assert!(seen.rows.iter().all(|row| row.cases.is_none()), "who has some cases counts nobody's");
    }
    for (words, count) in [("mks DUA", 1), ("manajer", 2), ("registrar", 1), ("tablet nks", 1), ("tidak ada", 0)] {
        assert_eq!(members(&nurse.tablet, words).await.rows.len(), count, "{words}");
    }
}
