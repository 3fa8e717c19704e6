//! Whole engines and a relay that serves: what one writes is on the other's screen without anybody asking for it.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not recognised as tests")]
#![expect(clippy::borrowed_box, reason = "documents are watched in a box")]

use std::time::Duration;

use client::api::{
    AlarmView, ExportAsk, FieldPlace, HomeView, PRACTICE, Path, Query, Reply, Request, SyncView, Typed, Write,
};
use client::store::memory::{Fault, MemoryStore};
use server::clock::now_ms;
use shared::id::{AccountId, CaseId};
use shared::protocol::error::ErrorCode;
use shared::sync::pace::backoff_ms;
use shared::sync::sending::{Sending, WaitsFor};
use shared::value::Scalar;
use tests::native::desk::Desk;
use tests::native::serving::Serving;

/// Half of the shortest interval of timed rounds while the page is visible.
const LONG_BEFORE_A_TIMED_ROUND_MS: u64 = 10_000;

async fn desk(serving: &Serving, login: &str, role: &str, seed: u64) -> Desk {
    let desk = Desk::open(serving.address, seed).await.unwrap();
    desk.enrol(serving.code_for(login, role).await.unwrap()).await.unwrap();
    desk
}

/// Waits until the relay has seated so many, and the round that follows is over.
async fn settled(serving: &Serving, desks: &[&Desk]) {
    for desk in desks {
        let watch = desk.watch(Query::Sync).await.unwrap();
        let is_at_rest = |view: &client::api::SyncView| !view.status.busy && view.status.last_contact_ms.is_some();
        while desk.sockets() == 0 || desk.rounds() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        desk.until(watch, is_at_rest).await.unwrap();
    }
    let _ = serving;
}

async fn answer(desk: &Desk, case: CaseId, key: &str, value: &str) {
    let place = FieldPlace { case, kind: "intake".to_owned(), subject: None, path: Path::Field(key.to_owned()) };
    desk.ask(Request::Write(Write::Set { place, value: Scalar::Str(value.to_owned()), seen: Vec::new() }))
        .await
        .unwrap();
}

async fn report(desk: &Desk) -> CaseId {
    let Reply::Case(case) = desk.ask(Request::StartReport).await.unwrap() else { unreachable!() };
    case
}

fn run(test: impl AsyncFnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, test());
}

#[test]
fn a_danger_is_on_the_screens_of_those_on_duty_before_anybody_asks() {
    run(async || {
        let serving = Serving::start().await.unwrap();
        let author = desk(&serving, "pkt1", "PKT", 1).await;
        let duty = desk(&serving, "mks1", "MKS", 2).await;
        let home = duty.watch(Query::Home).await.unwrap();
        settled(&serving, &[&author, &duty]).await;
        let (began, rounds) = (now_ms(), duty.rounds());
        let case = report(&author).await;
        answer(&author, case, "bahaya_segera", "YA").await;
        let seen = duty.until(home, |home: &Box<HomeView>| !home.emergencies.is_empty()).await.unwrap();
        assert_eq!(seen.emergencies[0].case, case);
        let took_ms = now_ms() - began;
        assert!(took_ms < LONG_BEFORE_A_TIMED_ROUND_MS, "{took_ms} ms");
        assert!(duty.rounds() - rounds <= 3, "{} rounds", duty.rounds() - rounds);
    });
}

#[test]
fn a_danger_waits_on_every_duty_tablet_until_one_takes_it_and_the_others_hear_who() {
    run(async || {
        let serving = Serving::start().await.unwrap();
        let author = desk(&serving, "pkt1", "PKT", 7).await;
        let taker = desk(&serving, "mks1", "MKS", 8).await;
        let other = desk(&serving, "mks2", "MKS", 9).await;
        let chair = desk(&serving, "khr1", "KHR", 10).await;
        let mut alarms = Vec::new();
        for desk in [&author, &taker, &other, &chair] {
            alarms.push((desk, desk.watch(Query::Alarm).await.unwrap()));
        }
        let case = report(&author).await;
        answer(&author, case, "bahaya_segera", "YA").await;
        let waits = |view: &AlarmView| view.waiting.iter().any(|waiting| waiting.case == case);
        author.ask(Request::HandOver { case }).await.unwrap();
        for (desk, alarm) in &alarms[1..3] {
            desk.until(*alarm, waits).await.unwrap();
        }
        author.until(alarms[0].1, |view: &AlarmView| *view == AlarmView::default()).await.unwrap();
        taker.ask(Request::TakeOver { case }).await.unwrap();
        // At once on the own tablet, whatever the line does.
        let own: AlarmView = taker.until(alarms[1].1, |view: &AlarmView| view.waiting.is_empty()).await.unwrap();
        assert!(own.taken.is_empty());
        let is_told = |view: &AlarmView| view.waiting.is_empty() && !view.taken.is_empty();
        let told: AlarmView = other.until(alarms[2].1, is_told).await.unwrap();
        assert_eq!((told.taken[0].case, told.taken[0].by.as_str()), (case, "Contoh mks1"));
        for (desk, alarm) in [alarms[0], alarms[3]] {
            desk.until(alarm, |view: &AlarmView| *view == AlarmView::default()).await.unwrap();
        }
    });
}

#[test]
fn a_danger_that_is_only_tried_out_is_on_nobodys_screen_and_not_at_the_relay() {
    run(async || {
        let serving = Serving::start().await.unwrap();
        let author = desk(&serving, "pkt1", "PKT", 17).await;
        let duty = desk(&serving, "mks1", "MKS", 18).await;
        settled(&serving, &[&author, &duty]).await;
        let alarm = duty.watch(Query::Alarm).await.unwrap();
        let begun = author.ask(Request::Practise(true)).await.unwrap();
        assert!(matches!(begun, Reply::Case(case) if case == PRACTICE), "{begun:?}");
        answer(&author, PRACTICE, "bahaya_segera", "YA").await;
        author.relock(|_| {}).await.unwrap();
        answer(&author, PRACTICE, "cara_masuk", "DEPAN").await;
        let intake = Query::Document { case: PRACTICE, kind: "intake".to_owned(), subject: None };
        let intake = author.watch(intake).await.unwrap();
        let has_both = |view: &Box<client::api::DocumentView>| {
            ["bahaya_segera", "cara_masuk"].iter().all(|key| view.fields.contains_key(*key))
        };
        author.until(intake, has_both).await.unwrap();
        // Whatever else a page could ask for: it acts in the practice, or finds nothing.
        for request in [Request::TakeOver { case: PRACTICE }, Request::TakeBack { case: PRACTICE }] {
            let _ = author.ask(request).await;
        }
        for request in [
            Request::Assign { cases: vec![PRACTICE], account: AccountId::from_bytes([1; 16]), role: "MKS".to_owned() },
            Request::Export { what: ExportAsk::Sheet { case: PRACTICE, names: false }, reason: String::new() },
        ] {
            author.ask(request).await.unwrap_err();
        }
        author.ask(Request::ExportTray).await.unwrap();
        author.ask(Request::SyncNow).await.unwrap();
        let sync = author.watch(Query::Sync).await.unwrap();
        let is_calm = |view: &SyncView| !view.status.busy && view.status.unsent == 0 && view.waiting.is_empty();
        author.until(sync, is_calm).await.unwrap();
        author.ask(Request::HandOver { case: PRACTICE }).await.unwrap();
        author.ask(Request::HandOver { case: PRACTICE }).await.unwrap_err();

        // The same in earnest comes, and it comes alone.
        let case = report(&author).await;
        answer(&author, case, "bahaya_segera", "YA").await;
        author.ask(Request::HandOver { case }).await.unwrap();
        let seen: AlarmView = duty.until(alarm, |view: &AlarmView| !view.waiting.is_empty()).await.unwrap();
        assert_eq!(seen.waiting.iter().map(|waiting| waiting.case).collect::<Vec<_>>(), [case]);
        author.until(sync, is_calm).await.unwrap();
        let mut read = serving.relay.storage().read().await.unwrap();
        assert_eq!(read.view().cases().await.unwrap(), [case]);
    });
}

#[test]
fn a_storm_of_edits_is_a_few_rounds_on_the_other_tablet() {
    run(async || {
        let serving = Serving::start().await.unwrap();
        let author = desk(&serving, "pkt1", "PKT", 3).await;
        let duty = desk(&serving, "mks1", "MKS", 4).await;
        let home = duty.watch(Query::Home).await.unwrap();
        let case = report(&author).await;
        answer(&author, case, "bahaya_segera", "YA").await;
        duty.until(home, |home: &Box<HomeView>| !home.emergencies.is_empty()).await.unwrap();
        let document = Query::Document { case, kind: "intake".to_owned(), subject: None };
        let document = duty.watch(document).await.unwrap();
        let (began, rounds, sent) = (now_ms(), duty.rounds(), author.rounds());
        for number in 1..=60 {
            answer(&author, case, "no_formulir_kertas", &format!("F-{number}")).await;
            author.ask(Request::SyncNow).await.unwrap();
            let due = author.rounds() + 1;
            while author.rounds() < due {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        let is_last = |view: &Box<client::api::DocumentView>| format!("{view:?}").contains("F-60");
        duty.until(document, is_last).await.unwrap();
        let (took_ms, rounds, sent) = (now_ms() - began, duty.rounds() - rounds, author.rounds() - sent);
        assert!(sent >= 60);
        assert!(u64::from(rounds) <= took_ms / 1000 + 2, "{rounds} rounds in {took_ms} ms for {sent}");
    });
}

#[test]
fn a_relay_that_comes_back_is_listened_to_again() {
    run(async || {
        let serving = Serving::start().await.unwrap();
        let author = desk(&serving, "pkt1", "PKT", 5).await;
        let duty = desk(&serving, "mks1", "MKS", 6).await;
        let home = duty.watch(Query::Home).await.unwrap();
        settled(&serving, &[&author, &duty]).await;
        let before = duty.sockets();
        let serving = serving.restart().unwrap();
        while duty.sockets() == before || author.sockets() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let rounds = duty.rounds();
        let case = report(&author).await;
        answer(&author, case, "bahaya_segera", "YA").await;
        duty.until(home, |home: &Box<HomeView>| !home.emergencies.is_empty()).await.unwrap();
        assert!(duty.rounds() - rounds <= 4, "{} rounds", duty.rounds() - rounds);
        drop(serving);
    });
}

#[test]
fn a_tablet_whose_store_fails_tries_less_and_less_often_to_lead_and_goes_on_when_it_works_again() {
    run(async || {
        let serving = Serving::start().await.unwrap();
        let author = desk(&serving, "pkt1", "PKT", 12).await;
        settled(&serving, &[&author]).await;
        let (rounds, full) = (author.rounds(), ErrorCode::TabletFull.number());
        // Unlocking writes nothing into the vault, so these are what taking the lead writes.
        let fail_two = |store: &MemoryStore| {
            let next = store.write_count() + 1;
            (next..next + 2).for_each(|number| store.fail_write(number, Fault::Full));
        };
        author.relock(fail_two).await.unwrap();
        let watch = author.watch(Query::Sync).await.unwrap();
        author.until(watch, |view: &SyncView| view.status.fault == full).await.unwrap();
        let is_well = |view: &SyncView| view.status.fault == 0 && !view.status.busy && author.rounds() > rounds;
        author.until(watch, is_well).await.unwrap();
        let (told, well_ms) = (author.failures(), now_ms());
        assert_eq!(told.iter().map(|(_, code)| *code).collect::<Vec<_>>(), [full, full]);
        let (first, second) = (told[1].0 - told[0].0, well_ms - told[1].0);
        assert!(first >= backoff_ms(1, 0) && second >= backoff_ms(2, 0), "{first} and {second} ms");
    });
}

#[test]
fn who_wants_to_be_asked_sends_nothing_unasked_but_danger() {
    run(async || {
        let serving = Serving::start().await.unwrap();
        let author = desk(&serving, "pkt1", "PKT", 7).await;
        settled(&serving, &[&author]).await;
        let watch = author.watch(Query::Sync).await.unwrap();
        for (sending, waits_for) in [(Sending::WhenPressed, WaitsFor::Press), (Sending::WifiOnly, WaitsFor::KnownLine)]
        {
            author.ask(Request::SetSending(sending)).await.unwrap();
            let (rounds, sockets) = (author.rounds(), author.sockets());
            report(&author).await;
            // A line that comes back asks for a round at once.
            author.ask(Request::Online(false)).await.unwrap();
            author.ask(Request::Online(true)).await.unwrap();
            let kept_back = |view: &SyncView| view.status.waits_for == Some(waits_for) && view.status.unsent > 0;
            author.until(watch, kept_back).await.unwrap();
            for _ in 0..1_000 {
                tokio::task::yield_now().await;
            }
            assert_eq!((author.rounds(), author.sockets()), (rounds, sockets), "{sending:?}");
            author.ask(Request::SyncNow).await.unwrap();
            author.until(watch, |view: &SyncView| view.status.unsent == 0 && !view.status.busy).await.unwrap();
            assert!(author.rounds() > rounds, "a press goes");
        }
        let rounds = author.rounds();
        let case = report(&author).await;
        assert_eq!(author.rounds(), rounds);
        answer(&author, case, "bahaya_segera", "YA").await;
        author.until(watch, |view: &SyncView| view.status.unsent == 0 && !view.status.busy).await.unwrap();
        assert!(author.rounds() > rounds, "danger goes all the same");
    });
}

/// A vault whose lease is over opens once the relay was met. A relay of before refuses what tells of looks, and is met all the same.
#[test]
fn a_vault_whose_lease_is_over_opens_at_an_older_relay_though_looks_wait() {
    run(async || {
        let serving = Serving::start().await.unwrap();
        for has_looked in [false, true] {
            let author =
                desk(&serving, if has_looked { "pkt2" } else { "pkt1" }, "PKT", 40 + u64::from(has_looked)).await;
            settled(&serving, &[&author]).await;
            author.meet_older();
            let case = report(&author).await;
            answer(&author, case, "tgl_lapor", "2026-11-01").await;
            if has_looked {
                let path = Path::Field("tgl_lapor".to_owned());
                let place = FieldPlace { case, kind: "intake".to_owned(), subject: None, path };
                author.ask(Request::Look(place)).await.unwrap();
            }
            author.ask(Request::HandOver { case }).await.unwrap();
            let month_ms = u64::from(shared::protocol::limits::LEASE_DAYS + 1) * 86_400_000;
            let opened = author.relock(|_| author.pass_ms(month_ms)).await;
            assert!(opened.is_ok(), "looked: {has_looked}, {opened:?}");
        }
    });
}

#[test]
fn what_was_typed_after_the_file_was_saved_keeps_the_vault() {
    run(async || {
        let serving = Serving::start().await.unwrap();
        let author = desk(&serving, "pkt1", "PKT", 61).await;
        settled(&serving, &[&author]).await;
        let case = report(&author).await;
        let typed = async |key: &str| {
            let place =
                FieldPlace { case, kind: "intake".to_owned(), subject: None, path: Path::Field(key.to_owned()) };
            let draft = Some(Typed { text: "tiga pul".to_owned(), ..Typed::default() });
            author.ask(Request::KeepDraft { place, draft }).await.unwrap();
        };
        typed("jml_pd").await;
        serving.relay.revoke_device(1, now_ms()).await.unwrap();
        let watch = author.watch(Query::Sync).await.unwrap();
        author.ask(Request::SyncNow).await.unwrap();
        author.until(watch, |view: &SyncView| view.status.only_here == 1).await.unwrap();
        let Reply::File(..) = author.ask(Request::ExportTray).await.unwrap() else { unreachable!() };
        // In another tab, where nobody saw the button that is there from now on.
        typed("jml_ld").await;
        assert!(author.ask(Request::GiveUp).await.is_err(), "it is in no file, and it was wiped");
    });
}
