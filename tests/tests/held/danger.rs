//! what is held of a draft in danger, and who calms it by taking it in.

use client::engine::session::core_key;
use client::engine::team;
use server::relay::NewAccount;
use shared::date::CivilDate;
use shared::id::{AccountId, DocumentKey};

use super::*;

/// An office, its wire, and tablets: an author's and two registrars'.
async fn people() -> (Rc<Office>, Wire, Tablet, Tablet, Tablet) {
    people_of("SER").await
}

/// The same, of whom the last has this role.
async fn people_of(last: &str) -> (Rc<Office>, Wire, Tablet, Tablet, Tablet) {
    let cast = Cast::of_belu(START_MS).await;
    let (_, author) = cast.member("PKT", "PKT", 7).await;
    let (_, first) = cast.member("SER", "SER", 8).await;
    let (_, second) = cast.member("DUA", last, 9).await;
    (cast.office, cast.wire, author, first, second)
}

async fn begin_in_danger(author: &Tablet) -> CaseId {
    let case = with(author, async |session| flow::start_report(session).await.unwrap()).await;
    set(author, case, ("core", "darurat"), Scalar::Bool(true)).await;
    case
}

async fn rings(tablet: &Tablet) -> usize {
    with(tablet, async |session| query::home::home(session).emergencies.len()).await
}

#[tokio::test]
async fn what_another_one_wrote_of_a_danger_is_not_taken_in_over_its_author_who_writes_on() {
    let (_, wire, mut author, mut first, mut second) = people().await;
    let case = begin_in_danger(&author).await;
    with(&author, async |session| flow::hand_over(session, case).await.unwrap()).await;
    sync(&mut author, &wire).await;
    for tablet in [&mut first, &mut second] {
        sync(tablet, &wire).await;
    }
    // The author takes it back, and one registrar has not heard of it.
    with(&author, async |session| flow::take_back(session, case).await.unwrap()).await;
    sync(&mut author, &wire).await;
    set(&second, case, ("core", "darurat"), Scalar::Bool(false)).await;
    sync(&mut second, &wire).await;
    sync(&mut first, &wire).await;
    assert_eq!(rings(&first).await, 1, "it is held, and still rings");
    let items = listed(&first).await;
    assert_eq!(items.len(), 1);
    with(&first, async |session| session.decide(&[items[0].held], &Verdict::Accept).await.unwrap()).await;
    sync(&mut first, &wire).await;
    sync(&mut first, &wire).await;
    sync(&mut author, &wire).await;
    let core = core_key(case);
    let danger =
        with(&author, async |session| session.replica(&core).await.unwrap().document.field("darurat").shown().cloned())
            .await;
    assert_eq!(
        (danger, rings(&first).await),
        (Some(Scalar::Bool(true)), 1),
        "two registrars took the alarm off a draft"
    );
}

#[tokio::test]
async fn what_was_given_to_somebody_who_left_is_new_again() {
    let (office, wire, mut author, mut registrar, mut stays) = people_of("MKS").await;
    let member = office.add_account("Contoh TIGA", "MKS").await.unwrap();
    let leaves = office.register(&member, "Tablet TIGA").await.unwrap().account;
    let case = report(&author).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    sync(&mut stays, &wire).await;
    let new = async |tablet: &Tablet| with(tablet, async |session| query::home::home(session).new_reports.len()).await;
    assert_eq!(new(&stays).await, 1);
    with(&registrar, async |session| flow::assign(session, vec![case], leaves, "MKS").await.unwrap()).await;
    sync(&mut registrar, &wire).await;
    office.relay().stop_account(leaves, office.clock().now_ms()).await.unwrap();
    sync(&mut stays, &wire).await;
    assert_eq!(new(&stays).await, 1, "nobody has taken it, and it stands on nobody's home");
}

/// A case manager whose term ends with the next day.
async fn serves_until_tomorrow(office: &Office) -> AccountId {
    let today = CivilDate::at(i64::try_from(office.clock().now_ms()).unwrap(), 480);
    let new = NewAccount {
        login: String::from("tiga"),
        name: String::from("Contoh TIGA"),
        unit: office.pack().units.first().unwrap().key.clone(),
        office: None,
        roles: vec![String::from("MKS")],
        from: today,
        to: Some(today.plus_days(1)),
    };
    office.relay().add_account(new, office.clock().now_ms()).await.unwrap()
}

#[tokio::test]
async fn what_was_given_to_somebody_whose_term_is_over_is_new_again() {
    let (office, wire, mut author, mut registrar, mut stays) = people_of("MKS").await;
    let leaves = serves_until_tomorrow(&office).await;
    let case = report(&author).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    with(&registrar, async |session| flow::assign(session, vec![case], leaves, "MKS").await.unwrap()).await;
    sync(&mut registrar, &wire).await;
    office.clock().pass_ms(3 * 86_400_000);
    office.relay().refresh_grants(office.clock().now_ms()).await.unwrap();
    sync(&mut stays, &wire).await;
    let new = with(&stays, async |session| query::home::home(session).new_reports.len()).await;
    assert_eq!(new, 1, "by decree they manage no case any more, nobody has taken it, and it stands on nobody's home");
}

#[tokio::test]
async fn no_danger_is_handed_on_to_somebody_whose_term_is_over() {
    let (office, wire, mut author, mut registrar, mut manager) = people_of("MKS").await;
    let left = serves_until_tomorrow(&office).await;
    let case = begin_in_danger(&author).await;
    for tablet in [&mut author, &mut registrar, &mut manager] {
        sync(tablet, &wire).await;
    }
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    office.clock().pass_ms(3 * 86_400_000);
    office.relay().refresh_grants(office.clock().now_ms()).await.unwrap();
    for tablet in [&mut manager, &mut registrar] {
        sync(tablet, &wire).await;
    }
    let handed_on = with(&registrar, async |session| team::hand_on(session, case, left).await.is_ok()).await;
    for tablet in [&mut registrar, &mut manager] {
        sync(tablet, &wire).await;
    }
    let has_it = with(&manager, async |session| query::home::home(session).cases.len()).await;
    assert_eq!((handed_on, has_it), (false, 1), "it rings no more, and nobody has it");
}

#[tokio::test]
async fn no_danger_is_handed_on_to_somebody_whose_term_has_not_begun() {
    let (office, wire, mut author, mut registrar, mut manager) = people_of("MKS").await;
    let today = CivilDate::at(i64::try_from(office.clock().now_ms()).unwrap(), 480);
    let new = NewAccount {
        login: String::from("nanti"),
        name: String::from("Contoh NANTI"),
        unit: office.pack().units.first().unwrap().key.clone(),
        office: None,
        roles: vec![String::from("MKS")],
        from: today.plus_days(30),
        to: None,
    };
    let later = office.relay().add_account(new, office.clock().now_ms()).await.unwrap();
    let case = begin_in_danger(&author).await;
    for tablet in [&mut author, &mut registrar, &mut manager] {
        sync(tablet, &wire).await;
    }
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    for tablet in [&mut manager, &mut registrar] {
        sync(tablet, &wire).await;
    }
    let handed_on = with(&registrar, async |session| team::hand_on(session, case, later).await.is_ok()).await;
    for tablet in [&mut registrar, &mut manager] {
        sync(tablet, &wire).await;
    }
    let has_it = with(&manager, async |session| query::home::home(session).cases.len()).await;
    assert_eq!((handed_on, has_it), (false, 1), "it rings no more, and for a month nobody has it");
}

#[tokio::test]
async fn a_danger_whose_taker_left_is_somebodys_again() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 8).await;
    let (leaves, mut manager) = cast.member("MKS", "MKS", 9).await;
    let (_, mut stays) = cast.member("MKS dua", "MKS", 10).await;
    let case = begin_in_danger(&author).await;
    for tablet in [&mut author, &mut registrar, &mut manager, &mut stays] {
        cast.sync(tablet).await;
    }
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    cast.sync(&mut manager).await;
    cast.office.relay().stop_account(leaves, cast.clock.now_ms()).await.unwrap();
    for tablet in [&mut registrar, &mut stays] {
        cast.sync(tablet).await;
    }
    let home = with(&registrar, async |session| query::home::home(session)).await;
    let told = home.emergencies.len() + home.new_reports.len() + home.requests.len();
    assert!(told + rings(&stays).await > 0, "whoever took it was dismissed, and nobody is told");
}

#[tokio::test]
async fn a_danger_that_is_handed_on_apart_from_the_end_of_a_term_is_not_nobodys() {
    let (office, wire, mut author, mut registrar, mut manager) = people_of("MKS").await;
    let member = office.add_account("Contoh TIGA", "MKS").await.unwrap();
    let left = office.register(&member, "Tablet TIGA").await.unwrap().account;
    let case = begin_in_danger(&author).await;
    for tablet in [&mut author, &mut registrar, &mut manager] {
        sync(tablet, &wire).await;
    }
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    for tablet in [&mut manager, &mut registrar] {
        sync(tablet, &wire).await;
    }
    // Nobody has told the registrar's tablet yet.
    office.relay().stop_account(left, office.clock().now_ms()).await.unwrap();
    with(&registrar, async |session| team::hand_on(session, case, left).await.unwrap()).await;
    for _ in 0..2 {
        for tablet in [&mut registrar, &mut manager] {
            sync(tablet, &wire).await;
        }
    }
    let has_it = with(&manager, async |session| query::home::home(session).cases.len()).await;
    let without = query::registry::view;
    let ask = client::api::RegistryAsk {
        tab: client::api::RegistryTab::NoManager,
        rows_max: 60,
        ..client::api::RegistryAsk::default()
    };
    let listed = with(&registrar, async |session| without(session, &ask).cases.len()).await;
    assert!(
        has_it + rings(&manager).await + rings(&registrar).await + listed > 0,
        "it rings nowhere, and nobody is told"
    );
}

#[tokio::test]
async fn a_claim_of_somebody_who_left_ends_no_danger_when_it_is_taken_in() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 8).await;
    let (leaves, mut manager) = cast.member("MKS", "MKS", 9).await;
    let case = begin_in_danger(&author).await;
    for tablet in [&mut author, &mut registrar, &mut manager] {
        cast.sync(tablet).await;
    }
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    cast.office.relay().stop_account(leaves, cast.clock.now_ms()).await.unwrap();
    let _ = manager.round(&cast.wire, 0).await;
    let _ = manager.round(&cast.wire, 0).await;
    cast.sync(&mut registrar).await;
    assert_eq!(rings(&registrar).await, 1);
    let held: Vec<_> = listed(&registrar).await.into_iter().map(|item| item.held).collect();
    assert!(!held.is_empty());
    with(&registrar, async |session| session.decide(&held, &Verdict::Accept).await.unwrap()).await;
    for _ in 0..3 {
        cast.sync(&mut registrar).await;
    }
    assert_eq!(rings(&registrar).await, 1, "it rings nowhere any more, and who has it was dismissed");
}

#[tokio::test]
async fn a_second_core_of_a_case_takes_no_danger_off_anybodys_home() {
    let (_, wire, mut author, mut registrar, mut manager) = people_of("MKS").await;
    let case = begin_in_danger(&author).await;
    for tablet in [&mut author, &mut registrar, &mut manager] {
        sync(tablet, &wire).await;
    }
    assert_eq!(rings(&manager).await, 1);
    // A registrar's tablet whose program was altered: a core of another generation, which says nothing of a danger, and whose
    // name comes before that of the true one.
    let core = core_key(case);
    let other = (1..).map(|generation| DocumentKey { generation, ..core.clone() });
    let other = other.take(1_000).find(|key| key.id() < core.id()).unwrap();
    let edit = Edit::SetField { key: "kode_lapangan".to_owned(), value: text("L-4K7-29Q"), seen: Vec::new() };
    let edit = vec![DocumentEdit { key: other, edit }];
    with(&registrar, async |session| session.edit(edit, Writes::new()).await.unwrap()).await;
    for tablet in [&mut registrar, &mut manager, &mut author] {
        sync(tablet, &wire).await;
    }
    let drafts = with(&author, async |session| query::home::home(session).drafts.len()).await;
    assert_eq!((rings(&manager).await, drafts), (1, 1), "nobody has taken it, and nothing says so any more");
}

#[tokio::test]
async fn a_case_that_was_closed_is_no_danger_again_because_its_manager_leaves() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 8).await;
    let (leaves, mut manager) = cast.member("MKS", "MKS", 9).await;
    let case = begin_in_danger(&author).await;
    with(&author, async |session| flow::hand_over(session, case).await.unwrap()).await;
    for tablet in [&mut author, &mut manager] {
        cast.sync(tablet).await;
    }
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    cast.sync(&mut manager).await;
    cast.office.relay().stop_account(leaves, cast.clock.now_ms()).await.unwrap();
    cast.sync(&mut registrar).await;
    set(&registrar, case, ("core", "tahap"), Scalar::from("TUTUP")).await;
    let home = with(&registrar, async |session| query::home::home(session)).await;
    let queues: Vec<_> = home.desk.map(|desk| desk.queues).unwrap_or_default();
    let dangers = queues.iter().filter(|queue| queue.queue == client::api::Queue::Danger).count();
    assert_eq!((home.emergencies.len(), dangers), (0, 0), "a danger of years ago, of a case that is closed");
}

/// A danger that its manager took and that then was nobody's, by what `ends` does; how many see it at home or hear it.
async fn told_of_a_danger_that_lost_its_taker(
    ends: impl AsyncFnOnce(&Cast, &Tablet, CaseId, AccountId),
) -> (usize, usize) {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 8).await;
    let (taker, mut manager) = cast.member("MKS", "MKS", 9).await;
    let case = begin_in_danger(&author).await;
    with(&author, async |session| flow::hand_over(session, case).await.unwrap()).await;
    for tablet in [&mut author, &mut registrar, &mut manager] {
        cast.sync(tablet).await;
    }
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    cast.sync(&mut manager).await;
    cast.sync(&mut registrar).await;
    ends(&cast, &registrar, case, taker).await;
    cast.sync(&mut registrar).await;
    let heard = with(&registrar, async |session| query::alarm::alarm(session).waiting.len()).await;
    (rings(&registrar).await, heard)
}

#[tokio::test]
async fn a_danger_whose_taker_left_rings_again_at_the_centre() {
    let ends = async |cast: &Cast, _: &Tablet, _: CaseId, taker: AccountId| {
        cast.office.relay().stop_account(taker, cast.clock.now_ms()).await.unwrap();
    };
    assert_eq!(told_of_a_danger_that_lost_its_taker(ends).await, (1, 1), "it is nobody's, and makes no sound");
}

/// A danger whose manager was put out of its team: how many registrars hear, and whether whoever took it reads and writes on.
#[tokio::test]
async fn a_danger_rings_for_no_registrar_while_whoever_took_it_still_has_it() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 8).await;
    let (_, mut manager) = cast.member("MKS", "MKS", 9).await;
    let case = begin_in_danger(&author).await;
    with(&author, async |session| flow::hand_over(session, case).await.unwrap()).await;
    for tablet in [&mut author, &mut registrar, &mut manager] {
        cast.sync(tablet).await;
    }
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    cast.sync(&mut manager).await;
    cast.sync(&mut registrar).await;
    with(&registrar, async |session| {
        let core = session.replica(&core_key(case)).await.unwrap().document.clone();
        let edits = core.rows("tim").into_iter().map(|row| {
            let edit = Edit::RemoveRow { table: "tim".to_owned(), row: row.row, seen: row.ops() };
            DocumentEdit { key: core_key(case), edit }
        });
        session.edit(edits.collect(), Writes::new()).await.unwrap();
    })
    .await;
    for _ in 0..2 {
        for tablet in [&mut registrar, &mut manager] {
            cast.sync(tablet).await;
        }
    }
    let heard = with(&registrar, async |session| query::alarm::alarm(session).waiting.len()).await;
    let is_read = with(&manager, async |session| query::case::view(session, case).await.unwrap().is_some()).await;
    let has_written = is_read && {
        set(&manager, case, ("intake", "jam_lapor"), Scalar::from("07:15")).await;
        cast.sync(&mut manager).await;
        cast.sync(&mut registrar).await;
        let intake = document_key(case, "intake", None);
        with(&registrar, async |session| {
            session.replica(&intake).await.unwrap().document.field("jam_lapor").settled()
                == Some(&Scalar::from("07:15"))
        })
        .await
    };
    assert!(
        heard == 0 || !(is_read || has_written),
        "heard by {heard}; whoever was put out reads it: {is_read}, and writes in it: {has_written}"
    );
}

#[tokio::test]
async fn a_danger_whose_taker_must_not_know_of_it_any_more_is_somebodys_again() {
    let ends = async |_: &Cast, registrar: &Tablet, case: CaseId, taker: AccountId| {
        with(registrar, async |session| {
            let fields = vec![("ada".to_owned(), text("ADA")), ("akun".to_owned(), text(&taker.to_string()))];
            let row = shared::id::RowId::from_bytes([7; 16]);
            let edit = Edit::AddRow { table: "kecualikan".to_owned(), row, fields };
            let edit = vec![DocumentEdit { key: document_key(case, "guard", None), edit }];
            session.edit(edit, Writes::new()).await.unwrap();
        })
        .await;
    };
    assert_eq!(
        told_of_a_danger_that_lost_its_taker(ends).await,
        (1, 1),
        "whoever took it may not even read it any more"
    );
}
