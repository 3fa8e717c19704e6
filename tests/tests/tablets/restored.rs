//! The relay is put back to last night's backup: what tablets had handed in since comes in again by itself.

use std::collections::BTreeMap;

use client::api::{FieldPlace, Path, Write};
use client::engine::flow;
use client::engine::session::document_key;
use client::engine::write::write;
use futures::executor::block_on;
use shared::id::{CaseId, RowId};
use shared::value::Scalar;
use tests::native::tablet::Tablet;
use tests::schedule::template::{FIRST, OUTSIDER, SECOND, Start, Template};

use super::steps::{set, state, sync, typed_over_what_stands};

/// More uploads than one request may offer again.
const UPLOADS: usize = 70;

async fn write_over(tablet: &Tablet, case: CaseId, value: &str) {
    let typed = typed_over_what_stands(tablet, case, value).await;
    set(tablet, case, value, &typed).await;
}

async fn tray_of(tablet: &Tablet) -> Vec<u16> {
    let guard = tablet.lock.lock().await;
    let entries = guard.as_ref().unwrap().rows.tray().await.unwrap();
    entries.iter().map(|trayed| trayed.entry.reason).collect()
}

/// A new report of the first tablet, handed over and on the second tablet too.
#[expect(clippy::indexing_slicing, reason = "helpers of tests are not recognised as tests")]
async fn handed_over(start: &mut Start) -> CaseId {
    let case = {
        let mut guard = start.tablets[FIRST].lock.lock().await;
        flow::start_report(guard.as_mut().unwrap()).await.unwrap()
    };
    write_over(&start.tablets[FIRST], case, "Nama satu").await;
    {
        let mut guard = start.tablets[FIRST].lock.lock().await;
        flow::hand_over(guard.as_mut().unwrap(), case).await.unwrap();
    }
    sync(start, FIRST).await;
    sync(start, SECOND).await;
    case
}

#[test]
fn more_uploads_than_fit_one_request_are_offered_one_request_after_the_other() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(4).await.unwrap();
        let backup = start.office.copy().await.unwrap();
        for number in 0..UPLOADS {
            write_over(&start.tablets[FIRST], template.case, &format!("Nama {number}")).await;
            sync(&mut start, FIRST).await;
        }
        start.office.restore(backup).await.unwrap();
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        for index in [FIRST, SECOND] {
            let state = state(&start.tablets[index], template.case).await;
            assert!(state.any_is(&Scalar::Str(format!("Nama {}", UPLOADS - 1))), "{state:?}");
            assert!(!state.is_conflict(), "one after the other, as they were written: {state:?}");
        }
    });
}

#[test]
fn what_waited_over_a_restore_follows_the_document_it_belongs_to() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(5).await.unwrap();
        let backup = start.office.copy().await.unwrap();
        let case = {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::start_report(guard.as_mut().unwrap()).await.unwrap()
        };
        write_over(&start.tablets[FIRST], case, "Nama satu").await;
        sync(&mut start, FIRST).await;
        // Written in a document that the backup does not know, before the tablet knows that there was a backup.
        write_over(&start.tablets[FIRST], case, "Nama dua").await;
        start.office.restore(backup).await.unwrap();
        sync(&mut start, FIRST).await;
        assert_eq!(tray_of(&start.tablets[FIRST]).await, Vec::<u16>::new());
        assert_eq!(start.tablets[FIRST].lock.lock().await.as_ref().unwrap().unsent(), 0);
        let state = state(&start.tablets[FIRST], case).await;
        assert!(state.any_is(&Scalar::Str("Nama dua".into())) && !state.is_conflict(), "{state:?}");
    });
}

#[test]
fn what_waited_in_a_case_taken_over_after_the_backup_is_not_judged_before_the_taking_over_is_back() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(6).await.unwrap();
        let case = handed_over(&mut start).await;
        let backup = start.office.copy().await.unwrap();
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::take_over(guard.as_mut().unwrap(), case).await.unwrap();
        }
        sync(&mut start, FIRST).await;
        write_over(&start.tablets[FIRST], case, "Nama dua").await;
        start.office.restore(backup).await.unwrap();
        sync(&mut start, FIRST).await;
        assert_eq!(tray_of(&start.tablets[FIRST]).await, Vec::<u16>::new());
        assert_eq!(start.tablets[FIRST].lock.lock().await.as_ref().unwrap().unsent(), 0);
    });
}

#[test]
fn two_who_wrote_by_turns_get_everything_back_whoever_comes_first() {
    block_on(async {
        let template = Template::make().await.unwrap();
        for (first, second) in [(FIRST, SECOND), (SECOND, FIRST)] {
            let mut start = template.start(7).await.unwrap();
            let backup = start.office.copy().await.unwrap();
            for (number, index) in [FIRST, SECOND, FIRST, SECOND, FIRST].into_iter().enumerate() {
                sync(&mut start, index).await;
                write_over(&start.tablets[index], template.case, &format!("Nama {number}")).await;
                sync(&mut start, index).await;
            }
            start.office.restore(backup).await.unwrap();
            // Half of what its changes stand on is with the other one: nothing is lost, and the rounds come to an end.
            sync(&mut start, first).await;
            write_over(&start.tablets[first], template.case, "Nama baru").await;
            sync(&mut start, first).await;
            sync(&mut start, second).await;
            sync(&mut start, first).await;
            sync(&mut start, second).await;
            for index in [FIRST, SECOND] {
                let state = state(&start.tablets[index], template.case).await;
                let all: Vec<&Scalar> = state.values.iter().map(|seen| &seen.value).collect();
                assert!(state.any_is(&Scalar::Str("Nama baru".into())), "{first} first: {all:?}");
                assert_eq!(start.tablets[index].lock.lock().await.as_ref().unwrap().unsent(), 0);
                assert_eq!(tray_of(&start.tablets[index]).await, Vec::<u16>::new());
            }
        }
    });
}

#[test]
fn what_was_done_in_a_case_that_the_backup_does_not_know_waits_for_the_case() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(8).await.unwrap();
        let backup = start.office.copy().await.unwrap();
        let case = handed_over(&mut start).await;
        {
            let mut guard = start.tablets[SECOND].lock.lock().await;
            flow::take_over(guard.as_mut().unwrap(), case).await.unwrap();
        }
        write_over(&start.tablets[SECOND], case, "Nama dua").await;
        sync(&mut start, SECOND).await;
        start.office.restore(backup).await.unwrap();
        // The relay knows nothing of the case, and who took it over comes before who made it.
        sync(&mut start, SECOND).await;
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        let state = state(&start.tablets[SECOND], case).await;
        assert!(state.any_is(&Scalar::Str("Nama dua".into())) && !state.is_conflict(), "{state:?}");
        assert_eq!(tray_of(&start.tablets[SECOND]).await, Vec::<u16>::new());
    });
}

/// Somebody was put into the team and said who must not know; then the relay went back to before either.
#[expect(clippy::indexing_slicing, reason = "helpers of tests are not recognised as tests")]
async fn excluded_by_somebody_new(template: &Template) -> Start {
    let mut start = template.start(9).await.unwrap();
    let backup = start.office.copy().await.unwrap();
    let account =
        async |start: &Start, index: usize| start.tablets[index].lock.lock().await.as_ref().unwrap().owner.account;
    let (second, outsider) = (account(&start, SECOND).await, account(&start, OUTSIDER).await);
    {
        let mut guard = start.tablets[FIRST].lock.lock().await;
        flow::assign(guard.as_mut().unwrap(), vec![template.case], outsider, "MKS").await.unwrap();
    }
    sync(&mut start, FIRST).await;
    sync(&mut start, OUTSIDER).await;
    {
        let mut guard = start.tablets[OUTSIDER].lock.lock().await;
        let path = Path::Row { table: "kecualikan".to_owned(), row: RowId::from_bytes([0; 16]) };
        let place = FieldPlace { case: template.case, kind: "guard".to_owned(), subject: None, path };
        let fields = BTreeMap::from([("akun".to_owned(), Scalar::Str(second.to_string()))]);
        write(guard.as_mut().unwrap(), Write::AddRow { place, fields }).await.unwrap();
    }
    sync(&mut start, OUTSIDER).await;
    start.office.restore(backup).await.unwrap();
    sync(&mut start, OUTSIDER).await;
    start
}

#[test]
fn a_document_made_by_a_right_that_is_not_back_yet_waits_for_that_right() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = excluded_by_somebody_new(&template).await;
        let is_known = async |start: &Start| {
            let id = document_key(template.case, "guard", None).id();
            let relay = start.office.relay();
            relay.storage().read().await.unwrap().view().document(id).await.unwrap().is_some()
        };
        assert!(!is_known(&start).await, "its author is not in the team again");
        sync(&mut start, FIRST).await;
        assert!(is_known(&start).await, "the assignment is back, and with it who must not know");
    });
}

#[test]
fn what_waits_for_rights_that_nobody_brings_back_comes_before_a_person() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = excluded_by_somebody_new(&template).await;
        let relay = start.office.relay();
        let held = async || relay.storage().read().await.unwrap().view().all_held().await.unwrap().len();
        let day_ms = 86_400_000;
        for (days, expected) in [(2, 0), (4, 1), (8, 1)] {
            relay.try_old_offers(start.office.clock().now_ms() + days * day_ms).await.unwrap();
            assert_eq!(held().await, expected, "after {days} days");
        }
        assert!(relay.storage().read().await.unwrap().view().waiting_offers().await.unwrap().is_empty());
    });
}
