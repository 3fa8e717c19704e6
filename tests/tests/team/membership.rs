//! Who is in a case's team, until when, and what becomes of whoever leaves it.

use client::api::{EndedView, FieldPlace, Path, TeamView, Write};
use client::engine::session::{DocumentEdit, core_key, document_key};
use client::engine::{flow, team, write};
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{AccountId, CaseId, RowId};
use shared::protocol::error::ErrorCode;
use shared::protocol::held::Verdict;
use shared::value::Scalar;
use tests::native::tablet::Tablet;

use super::scene::{DAY_MS, Scene, ended, home, page, scene, set, sync, with};

/// The membership of somebody, as a page shows it.
async fn membership(tablet: &Tablet, case: CaseId, account: AccountId) -> TeamView {
    let team = page(tablet, case).await.expect("the case is here").team;
    team.into_iter().find(|member| member.account == account).expect("they are in the team")
}

fn place(case: CaseId, path: Path) -> FieldPlace {
    FieldPlace { case, kind: String::from("core"), subject: None, path }
}

/// Ends a membership, as the page does.
async fn end(tablet: &Tablet, case: CaseId, account: AccountId) -> Result<(), u16> {
    let member = membership(tablet, case, account).await;
    let path = Path::Row { table: String::from("tim"), row: member.row };
    let order = Write::RemoveRow { place: place(case, path), seen: member.seen };
    with(tablet, async |session| write::write(session, order).await.map_err(|failed| failed.code)).await
}

/// Sets the last day of a membership, as the page does.
pub(super) async fn set_term(tablet: &Tablet, case: CaseId, account: AccountId, until: &str) -> Result<(), u16> {
    let member = membership(tablet, case, account).await;
    let path = Path::RowField { table: String::from("tim"), row: member.row, key: String::from("sampai") };
    let order = Write::Set { place: place(case, path), value: Scalar::from(until), seen: member.until_seen };
    with(tablet, async |session| write::write(session, order).await.map_err(|failed| failed.code)).await
}

#[tokio::test]
async fn everybody_who_reads_the_case_sees_the_team_and_only_who_assigns_changes_it() {
    let mut scene = scene().await;
    let (case, nurse) = (scene.case, scene.nurse.account);
    for (person, may) in [(&scene.registrar, true), (&scene.manager, true), (&scene.nurse, false)] {
        let view = page(&person.tablet, case).await.unwrap();
        let team: Vec<_> = view.team.iter().map(|one| (one.account, one.role.as_str(), one.manages)).collect();
        assert_eq!(team, [(scene.manager.account, "MKS", true), (nurse, "NKS", false)]);
        assert_eq!((view.may_assign, view.may_change_team, view.card.manager.as_str()), (may, may, "Contoh MKS"));
    }
    let forbidden = Err(ErrorCode::WriteForbidden.number());
    assert_eq!(end(&scene.nurse.tablet, case, scene.manager.account).await, forbidden);
    assert_eq!(set_term(&scene.nurse.tablet, case, nurse, "2027-01-31").await, forbidden);
    set_term(&scene.manager.tablet, case, nurse, "2026-10-31").await.unwrap();
    scene.sync_all().await;
    assert_eq!(membership(&scene.nurse.tablet, case, nurse).await.until, "2026-10-31");
}

#[tokio::test]
async fn an_assignment_is_taken_back_as_a_real_edit() {
    let mut scene = scene().await;
    let (case, other) = (scene.case, scene.successor.account);
    let added =
        with(&scene.registrar.tablet, async |session| flow::assign(session, vec![case], other, "MKS").await.unwrap())
            .await;
    assert_eq!(added.len(), 1);
    let again =
        with(&scene.registrar.tablet, async |session| flow::assign(session, vec![case], other, "MKS").await.unwrap())
            .await;
    assert_eq!(again, [], "who was in the team already is not taken out with it");
    scene.sync_all().await;
    assert!(page(&scene.successor.tablet, case).await.is_some(), "sent before it was taken back");
    with(&scene.registrar.tablet, async |session| write::undo_all(session, added).await.unwrap()).await;
    scene.sync_all().await;
    assert!(page(&scene.successor.tablet, case).await.is_none());
    assert!(page(&scene.manager.tablet, case).await.unwrap().team.iter().all(|member| member.account != other));
    assert!(page(&scene.nurse.tablet, case).await.is_some());
}

#[tokio::test]
async fn whoever_leaves_the_team_hears_when_and_loses_nothing() {
    let mut scene = scene().await;
    let (case, account) = (scene.case, scene.successor.account);
    with(&scene.registrar.tablet, async |session| flow::assign(session, vec![case], account, "MKS").await.unwrap())
        .await;
    scene.sync_all().await;
    // Two days offline: one edit before they are taken out of the team, one after.
    set(&scene.successor.tablet, case, "jam_lapor", "07:15").await;
    end(&scene.manager.tablet, case, account).await.unwrap();
    sync(&mut scene.manager.tablet, &scene.wire).await;
    let last_day = with(&scene.manager.tablet, async |session| session.today().to_string()).await;
    scene.clock.pass_ms(2 * DAY_MS);
    set(&scene.successor.tablet, case, "tgl_lapor", "2026-09-03").await;
    assert_eq!(ended(&scene.successor.tablet, case).await, None, "nobody has told the tablet yet");
    sync(&mut scene.successor.tablet, &scene.wire).await;

    assert!(page(&scene.successor.tablet, case).await.is_none());
    let told = Some(EndedView { on: last_day.clone(), unsent: 0 });
    assert_eq!(ended(&scene.successor.tablet, case).await, told, "the day it ended, not the day it was heard of");
    scene.successor.tablet.restart().await.unwrap();
    assert_eq!(ended(&scene.successor.tablet, case).await, told);
    with(&scene.successor.tablet, async |session| {
        assert_eq!((session.unsent(), session.untaken()), (0, 2));
        assert!(session.tray.iter().all(|trayed| trayed.entry.held), "both wait at the centre");
    })
    .await;

    sync(&mut scene.registrar.tablet, &scene.wire).await;
    with(&scene.registrar.tablet, async |session| {
        let waiting: Vec<_> = session.held.keys().copied().collect();
        assert_eq!(waiting.len(), 2);
        session.decide(&waiting, &Verdict::Accept).await.unwrap();
    })
    .await;
    scene.sync_all().await;
    with(&scene.registrar.tablet, async |session| {
        let document = &session.replica(&document_key(case, "intake", None)).await.unwrap().document;
        assert_eq!(document.field("jam_lapor").settled(), Some(&Scalar::from("07:15")));
        assert_eq!(document.field("tgl_lapor").settled(), Some(&Scalar::from("2026-09-03")));
    })
    .await;
    with(&scene.successor.tablet, async |session| assert_eq!(session.untaken(), 0)).await;

    // What was still being written when the tablet heard of it is kept, and said to be kept here.
    with(&scene.registrar.tablet, async |session| flow::assign(session, vec![case], account, "MKS").await.unwrap())
        .await;
    scene.sync_all().await;
    assert_eq!(ended(&scene.successor.tablet, case).await, None, "assigned anew");
    end(&scene.manager.tablet, case, account).await.unwrap();
    sync(&mut scene.manager.tablet, &scene.wire).await;
    sync(&mut scene.successor.tablet, &scene.wire).await;
    set(&scene.successor.tablet, case, "jam_lapor", "09:00").await;
    assert_eq!(ended(&scene.successor.tablet, case).await.unwrap().unsent, 1);
    sync(&mut scene.successor.tablet, &scene.wire).await;
    assert_eq!(ended(&scene.successor.tablet, case).await.unwrap().unsent, 1);
    with(&scene.successor.tablet, async |session| {
        let trayed = session.tray.iter().find(|trayed| !trayed.entry.held).expect("it stays, to be seen and exported");
        assert_eq!(trayed.entry.pending.key.case, case);
    })
    .await;
    assert_eq!(scene.wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_term_is_told_of_before_it_runs_out_and_then_it_runs_out() {
    let mut scene = scene().await;
    let (case, nurse) = (scene.case, scene.nurse.account);
    let in_days = async |scene: &Scene, days: i64| {
        with(&scene.manager.tablet, async |session| session.today().plus_days(days).to_string()).await
    };
    let far = in_days(&scene, 15).await;
    set_term(&scene.manager.tablet, case, nurse, &far).await.unwrap();
    scene.sync_all().await;
    assert!(home(&scene.nurse.tablet).await.ending.is_empty());
    scene.clock.pass_ms(DAY_MS);
    let ending: Vec<_> = home(&scene.nurse.tablet).await.ending.into_iter().map(|one| (one.case, one.until)).collect();
    assert_eq!(ending, [(case, far.clone())]);
    scene.clock.pass_ms(14 * DAY_MS);
    sync(&mut scene.nurse.tablet, &scene.wire).await;
    assert!(page(&scene.nurse.tablet, case).await.is_some(), "the last day is one of the term");
    assert!(membership(&scene.manager.tablet, case, nurse).await.in_force);
    // The relay was off for the night in which it ran out.
    scene.clock.pass_ms(3 * DAY_MS);
    scene.office.relay().refresh_grants(scene.clock.now_ms()).await.unwrap();
    sync(&mut scene.nurse.tablet, &scene.wire).await;
    assert_eq!(ended(&scene.nurse.tablet, case).await, Some(EndedView { on: far, unsent: 0 }));
    assert!(!membership(&scene.manager.tablet, case, nurse).await.in_force);
    let longer = in_days(&scene, 90).await;
    set_term(&scene.manager.tablet, case, nurse, &longer).await.unwrap();
    scene.sync_all().await;
    assert!(page(&scene.nurse.tablet, case).await.is_some(), "a term may be set anew");
}

#[tokio::test]
async fn a_case_goes_to_another_manager_in_one_act() {
    let mut scene = scene().await;
    let (case, first, second) = (scene.case, scene.manager.account, scene.successor.account);
    let hand_on = async |tablet: &Tablet, account: AccountId| {
        with(tablet, async |session| team::hand_on(session, case, account).await.map_err(|failed| failed.code)).await
    };
    assert_eq!(hand_on(&scene.nurse.tablet, second).await, Err(ErrorCode::WriteForbidden.number()));
    let nurse = hand_on(&scene.registrar.tablet, scene.nurse.account).await;
    assert_eq!(nurse, Err(ErrorCode::ValueWrong.number()), "a nurse manages no case");

    // By the registrar, and taken back.
    let places = hand_on(&scene.registrar.tablet, second).await.unwrap();
    scene.sync_all().await;
    assert!(page(&scene.manager.tablet, case).await.is_none());
    assert_eq!(page(&scene.successor.tablet, case).await.unwrap().card.manager, "Contoh MKS dua");
    with(&scene.registrar.tablet, async |session| write::undo_all(session, places).await.unwrap()).await;
    scene.sync_all().await;
    assert_eq!(page(&scene.manager.tablet, case).await.unwrap().card.manager, "Contoh MKS");
    assert!(page(&scene.successor.tablet, case).await.is_none());

    // By the manager, with an edit that was not sent yet: it arrives, for it was made before.
    set(&scene.manager.tablet, case, "jam_lapor", "07:15").await;
    assert_eq!(hand_on(&scene.manager.tablet, second).await, Ok(Vec::new()), "whoever has left takes nothing back");
    scene.sync_all().await;
    assert_eq!(ended(&scene.manager.tablet, case).await.map(|ended| ended.unsent), Some(0));
    with(&scene.manager.tablet, async |session| assert_eq!((session.unsent(), session.untaken()), (0, 0))).await;
    let team: Vec<_> = page(&scene.successor.tablet, case).await.unwrap().team;
    assert!(team.iter().any(|member| member.account == second && member.manages));
    assert!(team.iter().all(|member| member.account != first));
    with(&scene.successor.tablet, async |session| {
        let document = &session.replica(&document_key(case, "intake", None)).await.unwrap().document;
        assert_eq!(document.field("jam_lapor").settled(), Some(&Scalar::from("07:15")));
    })
    .await;
    assert_eq!(scene.wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_refusal_holds_for_what_was_written_before_it_also_when_the_case_is_handed_on() {
    let mut scene = scene().await;
    let (case, second) = (scene.case, scene.successor.account);
    let identity = with(&scene.manager.tablet, async |session| {
        let subject = flow::add_person(session, case).await.unwrap();
        let identity = document_key(case, "identity.short", Some(subject));
        let name =
            Edit::SetField { key: String::from("nama_lengkap"), value: Scalar::from("Contoh"), seen: Vec::new() };
        session.edit(vec![DocumentEdit { key: identity.clone(), edit: name }], Writes::new()).await.unwrap();
        let fields = vec![
            (String::from("orang"), Scalar::Str(subject.to_string())),
            (String::from("boleh_bernama"), Scalar::Bool(false)),
        ];
        let refusal = Edit::AddRow { table: String::from("persetujuan"), row: RowId::from_bytes([7; 16]), fields };
        session.edit(vec![DocumentEdit { key: core_key(case), edit: refusal }], Writes::new()).await.unwrap();
        team::hand_on(session, case, second).await.unwrap();
        identity
    })
    .await;
    scene.sync_all().await;
    for tablet in [&scene.successor.tablet, &scene.registrar.tablet] {
        assert!(page(tablet, case).await.is_some());
        assert!(!with(tablet, async |session| session.has(&identity)).await, "nobody is named against their word");
    }
}

#[tokio::test]
async fn who_manages_in_place_of_a_manager_who_left_leaves_with_handing_on() {
    let mut scene = scene().await;
    let (case, stands_in) = (scene.case, scene.successor.account);
    let third = scene.office.add_account("Contoh MKS tiga", "MKS").await.unwrap();
    let third = scene.office.register(&third, "Tablet tiga").await.unwrap().account;
    with(&scene.registrar.tablet, async |session| {
        flow::assign(session, vec![case], stands_in, "MKS").await.unwrap();
    })
    .await;
    scene.sync_all().await;
    scene.office.relay().stop_account(scene.manager.account, scene.clock.now_ms()).await.unwrap();
    for person in [&mut scene.registrar, &mut scene.successor] {
        sync(&mut person.tablet, &scene.wire).await;
    }
    assert!(membership(&scene.successor.tablet, case, stands_in).await.manages, "the page says that they manage it");
    with(&scene.successor.tablet, async |session| team::hand_on(session, case, third).await.unwrap()).await;
    sync(&mut scene.successor.tablet, &scene.wire).await;
    sync(&mut scene.registrar.tablet, &scene.wire).await;
    let team = page(&scene.registrar.tablet, case).await.unwrap().team;
    let stay = |account| team.iter().any(|one| one.account == account);
    assert!(!stay(stands_in), "whoever managed it handed it on, and reads and writes in it all the same: {team:?}");
    assert!(!stay(scene.manager.account), "who left the task force stands in the team still: {team:?}");
}

#[tokio::test]
async fn who_is_to_come_stays_in_the_team_when_somebody_else_hands_the_case_on() {
    let mut scene = scene().await;
    let (case, to) = (scene.case, scene.successor.account);
    let today = shared::date::CivilDate::at(i64::try_from(scene.clock.now_ms()).unwrap(), 480);
    let new = server::relay::NewAccount {
        login: String::from("nanti"),
        name: String::from("Contoh NANTI"),
        unit: scene.office.pack().units.first().unwrap().key.clone(),
        office: None,
        roles: vec![String::from("MKS")],
        from: today.plus_days(3),
        to: None,
    };
    let later = scene.office.relay().add_account(new, scene.clock.now_ms()).await.unwrap();
    scene.sync_all().await;
    with(&scene.registrar.tablet, async |session| {
        flow::assign(session, vec![case], later, "MKS").await.unwrap();
    })
    .await;
    scene.sync_all().await;
    with(&scene.manager.tablet, async |session| team::hand_on(session, case, to).await.unwrap()).await;
    scene.sync_all().await;
    let team = page(&scene.registrar.tablet, case).await.unwrap().team;
    assert!(team.iter().any(|one| one.account == later), "nobody who left, and put out without a word: {team:?}");
}
