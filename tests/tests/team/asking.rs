//! What members of a case ask of each other: who receives it, how it ends, and what it must not say.

use std::collections::BTreeSet;

use client::api::{About, Ask, AskView, ConflictView, FieldPlace, RegistryAsk, RegistryTab};
use client::engine::query::{self, conflicts};
use client::engine::session::{DocumentEdit, core_key, document_key};
use client::engine::{flow, requests, write};
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{CaseId, DocumentKey, RowId, SubjectId};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;
use tests::native::tablet::Tablet;

use super::membership::set_term;
use super::scene::{DAY_MS, Scene, home, scene, sync, with};

/// What is asked of whoever has this tablet.
async fn asked(tablet: &Tablet) -> Vec<(About, String)> {
    home(tablet).await.requests.into_iter().map(|request| (request.about, request.by)).collect()
}

async fn write_field(tablet: &Tablet, key: &DocumentKey, field: &str, value: &str) {
    let (key, edit) =
        (key.clone(), Edit::SetField { key: field.to_owned(), value: Scalar::from(value), seen: Vec::new() });
    with(tablet, async |session| session.edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap()).await;
}

/// The one disagreement of a document, as its page shows it.
async fn conflict(tablet: &Tablet, key: &DocumentKey, may_choose: bool) -> ConflictView {
    with(tablet, async |session| {
        let (pack, directory) = (session.pack.clone(), session.directory.clone());
        let replica = session.replica(key).await.unwrap();
        let mut found = conflicts::of_document(replica, (&pack, &directory), "", "", |_| true, |_| may_choose);
        let mut conflict = found.pop().expect("they disagree");
        conflict.ask = requests::offer(session, &conflict).await.unwrap();
        conflict
    })
    .await
}

async fn send(tablet: &Tablet, what: Ask) -> Result<Vec<FieldPlace>, u16> {
    with(tablet, async |session| requests::ask(session, &what).await.map_err(|failed| failed.code)).await
}

/// The manager and the registrar disagree about a field of the report.
async fn disagree(scene: &mut Scene, key: &DocumentKey, field: &str) {
    write_field(&scene.manager.tablet, key, field, "08:00").await;
    write_field(&scene.registrar.tablet, key, field, "09:00").await;
    scene.sync_all().await;
}

#[tokio::test]
async fn a_reminder_reaches_the_manager_and_goes_when_somebody_has_chosen() {
    let mut scene = scene().await;
    let case = scene.case;
    let intake = document_key(case, "intake", None);
    disagree(&mut scene, &intake, "jam_lapor").await;
    let shown = conflict(&scene.nurse.tablet, &intake, false).await;
    assert_eq!(shown.ask, Some(AskView { to: String::from("Contoh MKS"), asked: false }));
    let sent = send(&scene.nurse.tablet, Ask::Choose(case)).await.unwrap();
    assert_eq!(sent.len(), 1);
    assert_eq!(send(&scene.nurse.tablet, Ask::Choose(case)).await, Ok(Vec::new()), "once is enough");
    assert!(conflict(&scene.nurse.tablet, &intake, false).await.ask.is_some_and(|ask| ask.asked));
    scene.sync_all().await;
    assert_eq!(asked(&scene.manager.tablet).await, [(About::Choose, String::from("Contoh NKS"))]);
    for tablet in [&scene.registrar.tablet, &scene.nurse.tablet, &scene.successor.tablet] {
        assert_eq!(asked(tablet).await, [], "it is for one person");
    }
    with(&scene.nurse.tablet, async |session| write::undo_all(session, sent).await.unwrap()).await;
    scene.sync_all().await;
    assert_eq!(asked(&scene.manager.tablet).await, [], "taken back");

    send(&scene.nurse.tablet, Ask::Choose(case)).await.unwrap();
    scene.sync_all().await;
    assert_eq!(asked(&scene.manager.tablet).await.len(), 1);
    with(&scene.registrar.tablet, async |session| {
        let seen = session.replica(&intake).await.unwrap().document.field("jam_lapor").ops();
        let edit = Edit::Choose { key: String::from("jam_lapor"), value: Scalar::from("08:00"), seen };
        session.edit(vec![DocumentEdit { key: intake.clone(), edit }], Writes::new()).await.unwrap();
    })
    .await;
    scene.sync_all().await;
    assert_eq!(asked(&scene.manager.tablet).await, [], "nothing is left to choose");
    assert_eq!(scene.wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_question_goes_to_the_other_writer_and_says_nothing_of_what_it_is_about() {
    let mut scene = scene().await;
    let case = scene.case;
    // Of a part that the nurse of the team may not read.
    let person: SubjectId =
        with(&scene.manager.tablet, async |session| flow::add_person(session, case).await.unwrap()).await;
    scene.sync_all().await;
    let identity = document_key(case, "identity.full", Some(person));
    write_field(&scene.manager.tablet, &identity, "alamat_asal", "RAHASIA SATU").await;
    write_field(&scene.registrar.tablet, &identity, "alamat_asal", "RAHASIA DUA").await;
    scene.sync_all().await;
    let shown = conflict(&scene.registrar.tablet, &identity, true).await;
    assert_eq!(shown.ask, Some(AskView { to: String::from("Contoh MKS"), asked: false }));
    assert_eq!(send(&scene.registrar.tablet, Ask::Question(shown.place.clone())).await.unwrap().len(), 1);
    scene.sync_all().await;
    assert_eq!(asked(&scene.manager.tablet).await, [(About::Question, String::from("Contoh SER"))]);
    let still = conflict(&scene.manager.tablet, &identity, true).await;
    assert_eq!(still.values.len(), 2, "the disagreement stays open");

    with(&scene.nurse.tablet, async |session| {
        let key = document_key(case, "request", None);
        assert!(session.has(&key) && !session.has(&identity));
        let document = &session.replica(&key).await.unwrap().document;
        let rows = document.rows("permintaan");
        let keys: BTreeSet<&str> = rows.iter().flat_map(|row| row.fields.keys().map(String::as_str)).collect();
        assert_eq!(keys, BTreeSet::from(["perihal", "untuk"]));
        let said = format!("{:?}", document.history_of_all());
        for secret in ["RAHASIA", "alamat", "identity", &person.to_string()] {
            assert!(!said.contains(secret), "{secret} is in {said}");
        }
    })
    .await;
    assert_eq!(asked(&scene.nurse.tablet).await, []);

    let [request] = home(&scene.manager.tablet).await.requests.try_into().unwrap();
    let done =
        with(&scene.manager.tablet, async |session| requests::done(session, request.case, request.row).await.unwrap())
            .await;
    assert_eq!(asked(&scene.manager.tablet).await, []);
    with(&scene.manager.tablet, async |session| write::undo_all(session, done).await.unwrap()).await;
    assert_eq!(asked(&scene.manager.tablet).await.len(), 1, "a slip can be taken back");
    assert_eq!(scene.wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn who_is_excluded_receives_no_request_and_can_send_none() {
    let mut scene = scene().await;
    let (case, nurse) = (scene.case, scene.nurse.account);
    let key = document_key(case, "request", None);
    send(&scene.manager.tablet, Ask::Choose(case)).await.unwrap();
    scene.sync_all().await;
    assert!(with(&scene.nurse.tablet, async |session| session.has(&key)).await);
    with(&scene.registrar.tablet, async |session| {
        let fields =
            vec![(String::from("ada"), Scalar::from("ADA")), (String::from("akun"), Scalar::Str(nurse.to_string()))];
        let edit = Edit::AddRow { table: String::from("kecualikan"), row: RowId::from_bytes([8; 16]), fields };
        session.edit(vec![DocumentEdit { key: document_key(case, "guard", None), edit }], Writes::new()).await.unwrap();
    })
    .await;
    scene.sync_all().await;
    send(&scene.registrar.tablet, Ask::Choose(case)).await.unwrap();
    scene.sync_all().await;
    with(&scene.nurse.tablet, async |session| {
        assert!(!session.has(&key) && !session.has(&core_key(case)));
        let refused = requests::ask(session, &Ask::Choose(case)).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::ItemGone.number());
    })
    .await;
    assert_eq!(scene.wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_longer_term_is_asked_for_and_goes_with_it() {
    let mut scene = scene().await;
    let (case, nurse): (CaseId, _) = (scene.case, scene.nurse.account);
    let in_days = async |scene: &Scene, days: i64| {
        with(&scene.manager.tablet, async |session| session.today().plus_days(days).to_string()).await
    };
    let soon = in_days(&scene, 10).await;
    set_term(&scene.manager.tablet, case, nurse, &soon).await.unwrap();
    scene.sync_all().await;
    assert!(home(&scene.nurse.tablet).await.ending[0].may_ask);
    send(&scene.nurse.tablet, Ask::Extend(case)).await.unwrap();
    assert!(!home(&scene.nurse.tablet).await.ending[0].may_ask, "asked already");
    scene.sync_all().await;
    assert_eq!(asked(&scene.manager.tablet).await, [(About::Extend, String::from("Contoh NKS"))]);
    scene.clock.pass_ms(DAY_MS);
    let longer = in_days(&scene, 60).await;
    set_term(&scene.manager.tablet, case, nurse, &longer).await.unwrap();
    assert_eq!(asked(&scene.manager.tablet).await, [], "it was prolonged");

    // A manager has nobody above but the secretariat.
    set_term(&scene.registrar.tablet, case, scene.manager.account, &soon).await.unwrap();
    scene.sync_all().await;
    send(&scene.manager.tablet, Ask::Extend(case)).await.unwrap();
    scene.sync_all().await;
    assert_eq!(asked(&scene.registrar.tablet).await, [(About::Extend, String::from("Contoh MKS"))]);
    assert_eq!(asked(&scene.nurse.tablet).await, []);
}

#[tokio::test]
async fn what_is_asked_of_a_manager_who_left_reaches_the_registrars() {
    let mut scene = scene().await;
    let case = scene.case;
    let intake = document_key(case, "intake", None);
    disagree(&mut scene, &intake, "jam_lapor").await;
    let left = scene.manager.account;
    scene.office.relay().stop_account(left, scene.clock.now_ms()).await.unwrap();
    for person in [&mut scene.nurse, &mut scene.registrar] {
        sync(&mut person.tablet, &scene.wire).await;
    }
    send(&scene.nurse.tablet, Ask::Choose(case)).await.unwrap();
    for person in [&mut scene.nurse, &mut scene.registrar] {
        sync(&mut person.tablet, &scene.wire).await;
    }
    assert_eq!(
        asked(&scene.registrar.tablet).await,
        [(About::Choose, String::from("Contoh NKS"))],
        "it was sent to somebody who is not there, and nobody is asked"
    );
}

#[tokio::test]
async fn a_case_whose_manager_left_is_among_those_without_one() {
    let mut scene = scene().await;
    let case = scene.case;
    scene.office.relay().stop_account(scene.manager.account, scene.clock.now_ms()).await.unwrap();
    sync(&mut scene.registrar.tablet, &scene.wire).await;
    let ask = RegistryAsk { tab: RegistryTab::NoManager, rows_max: 60, ..RegistryAsk::default() };
    let cases = with(&scene.registrar.tablet, async |session| query::registry::view(session, &ask).cases).await;
    assert_eq!(cases, [case], "the register says that somebody manages it");
}

#[tokio::test]
async fn what_was_asked_of_a_manager_before_they_left_reaches_the_registrars() {
    let mut scene = scene().await;
    let case = scene.case;
    let intake = document_key(case, "intake", None);
    disagree(&mut scene, &intake, "jam_lapor").await;
    send(&scene.nurse.tablet, Ask::Choose(case)).await.unwrap();
    scene.sync_all().await;
    assert_eq!(asked(&scene.manager.tablet).await.len(), 1);
    let left = scene.manager.account;
    scene.office.relay().stop_account(left, scene.clock.now_ms()).await.unwrap();
    for person in [&mut scene.nurse, &mut scene.registrar] {
        sync(&mut person.tablet, &scene.wire).await;
    }
    assert_eq!(
        asked(&scene.registrar.tablet).await,
        [(About::Choose, String::from("Contoh NKS"))],
        "who was asked is not there any more, and nobody is asked"
    );
}
