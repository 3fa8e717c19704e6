//! The relay is put back to last night's backup and somebody's tablet never comes again: what others had received of its
//! work is brought back by them, waits for a person, and everybody comes to the same state.

use client::api::HeldItemView;
use client::engine::session::{DocumentEdit, core_key, document_key};
use client::engine::{flow, query};
use client::store::sealed::Writes;
use futures::executor::block_on;
use shared::access::facts::EMERGENCY;
use shared::command::Edit;
use shared::id::{CaseId, DocumentKey, HeldId, RowId};
use shared::protocol::error::ErrorCode;
use shared::protocol::held::Verdict;
use shared::sync::apart::BROUGHT_AFTER_MS;
use shared::sync::inbox::REPAIR_PAUSE_MS;
use shared::value::Scalar;
use tests::schedule::template::{FIRST, KIND, REGISTRAR, SECOND, Start, Template};

use super::steps::{set, state, sync, typed_over_what_stands};

fn text(value: &str) -> Scalar {
    Scalar::Str(value.to_owned())
}

#[expect(clippy::indexing_slicing, reason = "helpers of tests are not recognised as tests")]
async fn write_over(start: &Start, index: usize, case: CaseId, value: &str) {
    let typed = typed_over_what_stands(&start.tablets[index], case, value).await;
    set(&start.tablets[index], case, value, &typed).await;
}

#[expect(clippy::indexing_slicing, reason = "helpers of tests are not recognised as tests")]
async fn waiting(start: &Start) -> Vec<HeldItemView> {
    let mut guard = start.tablets[REGISTRAR].lock.lock().await;
    let items = query::held::view(guard.as_mut().unwrap(), |_, _| (String::new(), String::new())).await.unwrap();
    items.into_iter().filter(|item| item.decided.is_none()).collect()
}

/// The registrar takes everything in that waits.
#[expect(clippy::indexing_slicing, reason = "helpers of tests are not recognised as tests")]
async fn take_all_in(start: &mut Start) {
    let ids: Vec<HeldId> = waiting(start).await.iter().map(|item| item.held).collect();
    {
        let mut guard = start.tablets[REGISTRAR].lock.lock().await;
        guard.as_mut().unwrap().decide(&ids, &Verdict::Accept).await.unwrap();
    }
    sync(start, REGISTRAR).await;
}

#[expect(clippy::indexing_slicing, reason = "helpers of tests are not recognised as tests")]
async fn unsent(start: &Start, index: usize) -> usize {
    let guard = start.tablets[index].lock.lock().await;
    usize::try_from(guard.as_ref().unwrap().unsent()).unwrap()
}

#[expect(clippy::indexing_slicing, reason = "helpers of tests are not recognised as tests")]
async fn has(start: &Start, index: usize, key: &DocumentKey) -> bool {
    start.tablets[index].lock.lock().await.as_ref().unwrap().has(key)
}

/// What the first tablet wrote, and handed in after the backup, is on the second one too; the first is never seen again.
async fn written_by_somebody_who_is_gone(start: &mut Start, case: CaseId) {
    let backup = start.office.copy().await.unwrap();
    write_over(start, FIRST, case, "Nama satu").await;
    sync(start, FIRST).await;
    sync(start, SECOND).await;
    start.office.restore(backup).await.unwrap();
}

#[test]
fn what_only_others_have_received_is_brought_back_after_three_days_and_waits_for_a_person() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let (mut start, case) = (template.start(31).await.unwrap(), template.case);
        written_by_somebody_who_is_gone(&mut start, case).await;
        write_over(&start, SECOND, case, "Nama dua").await;
        for index in [SECOND, REGISTRAR] {
            sync(&mut start, index).await;
        }
        assert_eq!(waiting(&start).await, Vec::new(), "its writer may still come");
        assert_eq!(unsent(&start, SECOND).await, 1, "what stands on it waits with it");

        start.office.clock().pass_ms(BROUGHT_AFTER_MS);
        for index in [SECOND, REGISTRAR, SECOND] {
            sync(&mut start, index).await;
        }
        let items = waiting(&start).await;
        let says: Vec<_> = items.iter().map(|item| item.says.as_ref().unwrap()).collect();
        assert_eq!(
            says.iter().map(|says| (&says.value, says.writer.as_str())).collect::<Vec<_>>(),
            [(&text("Nama satu"), "Ana")]
        );
        assert_eq!(says[0].reason, ErrorCode::HeldBrought.number());
        assert_eq!(unsent(&start, SECOND).await, 0, "written anew on what the relay has");
        assert!(state(&start.tablets[SECOND], case).await.any_is(&text("Nama dua")));

        take_all_in(&mut start).await;
        sync(&mut start, SECOND).await;
        sync(&mut start, REGISTRAR).await;
        let states = [state(&start.tablets[SECOND], case).await, state(&start.tablets[REGISTRAR], case).await];
        assert_eq!(states[0], states[1]);
        for value in ["Nama satu", "Nama dua"] {
            assert!(states[0].any_is(&text(value)), "{value} is not lost: {states:?}");
        }
    });
}

#[test]
fn its_writer_who_comes_in_time_makes_it_stand_as_it_was() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let (mut start, case) = (template.start(32).await.unwrap(), template.case);
        written_by_somebody_who_is_gone(&mut start, case).await;
        write_over(&start, SECOND, case, "Nama dua").await;
        sync(&mut start, SECOND).await;
        sync(&mut start, FIRST).await;
        start.office.clock().pass_ms(BROUGHT_AFTER_MS);
        for index in [SECOND, FIRST, REGISTRAR, SECOND] {
            sync(&mut start, index).await;
        }
        assert_eq!(waiting(&start).await, Vec::new());
        assert_eq!(state(&start.tablets[FIRST], case).await.settled(), Some(&text("Nama dua")));
        assert_eq!(unsent(&start, SECOND).await, 0);
    });
}

#[test]
fn a_case_that_only_others_have_stays_with_them_until_the_relay_has_it() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(33).await.unwrap();
        let backup = start.office.copy().await.unwrap();
        let case = {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::start_report(guard.as_mut().unwrap()).await.unwrap()
        };
        write_over(&start, FIRST, case, "Nama satu").await;
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::hand_over(guard.as_mut().unwrap(), case).await.unwrap();
        }
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        start.office.restore(backup).await.unwrap();
        sync(&mut start, SECOND).await;
        let documents = [core_key(case), document_key(case, KIND, None)];
        for key in &documents {
            assert!(has(&start, SECOND, key).await, "{} was dropped, and is nowhere else", key.kind);
        }

        start.office.clock().pass_ms(BROUGHT_AFTER_MS);
        sync(&mut start, SECOND).await;
        sync(&mut start, REGISTRAR).await;
        let items = waiting(&start).await;
        assert!(
            items
                .iter()
                .filter_map(|item| item.says.as_ref())
                .all(|says| says.reason == ErrorCode::HeldBrought.number()),
            "{items:?}"
        );
        assert!(items.iter().any(|item| item.says.as_ref().is_some_and(|says| says.value == text("Nama satu"))));
        take_all_in(&mut start).await;
        assert_eq!(waiting(&start).await, Vec::new(), "all of it can be taken in");
        assert_eq!(state(&start.tablets[REGISTRAR], case).await.settled(), Some(&text("Nama satu")));
    });
}

#[expect(clippy::indexing_slicing, reason = "helpers of tests are not recognised as tests")]
async fn exclude(start: &mut Start, case: CaseId, index: usize) {
    let who = start.tablets[index].lock.lock().await.as_ref().unwrap().owner.account;
    {
        let mut guard = start.tablets[FIRST].lock.lock().await;
        let path =
            client::api::Path::Row { table: "kecualikan".to_owned(), row: shared::id::RowId::from_bytes([0; 16]) };
        let place = client::api::FieldPlace { case, kind: "guard".to_owned(), subject: None, path };
        let fields = std::collections::BTreeMap::from([("akun".to_owned(), text(&who.to_string()))]);
        client::engine::write::write(guard.as_mut().unwrap(), client::api::Write::AddRow { place, fields })
            .await
            .unwrap();
    }
    sync(start, FIRST).await;
}

#[test]
fn whoever_was_excluded_keeps_nothing_because_the_relay_was_restored() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(41).await.unwrap();
        let backup = start.office.copy().await.unwrap();
        let second = start.tablets[SECOND].lock.lock().await.as_ref().unwrap().owner.account;
        let case = {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::start_report(guard.as_mut().unwrap()).await.unwrap()
        };
        write_over(&start, FIRST, case, "Nama satu").await;
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::hand_over(guard.as_mut().unwrap(), case).await.unwrap();
        }
        sync(&mut start, FIRST).await;
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::take_over(guard.as_mut().unwrap(), case).await.unwrap();
            flow::assign(guard.as_mut().unwrap(), vec![case], second, "MKS").await.unwrap();
        }
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        assert!(has(&start, SECOND, &core_key(case)).await);
        exclude(&mut start, case, SECOND).await;
        start.office.restore(backup).await.unwrap();
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        let at_once = has(&start, SECOND, &core_key(case)).await;
        start.office.clock().pass_ms(BROUGHT_AFTER_MS);
        for _ in 0..3 {
            sync(&mut start, SECOND).await;
            start.office.clock().pass_ms(600_000);
        }
        let later = has(&start, SECOND, &core_key(case)).await;
        sync(&mut start, REGISTRAR).await;
        assert!(
            !at_once && !later,
            "kept at once: {at_once}, after three days: {later}; waiting {:?}",
            waiting(&start).await.len()
        );
    });
}

#[test]
fn more_edits_than_one_request_takes_keep_nothing_from_being_brought() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let (mut start, case) = (template.start(42).await.unwrap(), template.case);
        written_by_somebody_who_is_gone(&mut start, case).await;
        for number in 0..260 {
            write_over(&start, SECOND, case, &format!("Nama {number}")).await;
        }
        let Start { tablets, wire, .. } = &mut start;
        let first = tests::schedule::template::quiet(tablets.get_mut(SECOND).unwrap(), wire).await;
        start.office.clock().pass_ms(BROUGHT_AFTER_MS);
        let Start { tablets, wire, .. } = &mut start;
        let second = tests::schedule::template::quiet(tablets.get_mut(SECOND).unwrap(), wire).await;
        let left = unsent(&start, SECOND).await;
        assert!(first.is_ok() && second.is_ok() && left == 0, "{first:?} {second:?} {left} unsent");
    });
}

#[test]
fn what_is_typed_in_a_case_that_the_relay_lacks_waits_with_it() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(44).await.unwrap();
        let backup = start.office.copy().await.unwrap();
        let case = {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::start_report(guard.as_mut().unwrap()).await.unwrap()
        };
        write_over(&start, FIRST, case, "Nama satu").await;
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::hand_over(guard.as_mut().unwrap(), case).await.unwrap();
        }
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        {
            let mut guard = start.tablets[SECOND].lock.lock().await;
            flow::take_over(guard.as_mut().unwrap(), case).await.unwrap();
        }
        sync(&mut start, SECOND).await;
        start.office.restore(backup).await.unwrap();
        sync(&mut start, SECOND).await;
        write_over(&start, SECOND, case, "Nama dua").await;
        sync(&mut start, SECOND).await;
        let tray: Vec<u16> = {
            let guard = start.tablets[SECOND].lock.lock().await;
            guard.as_ref().unwrap().rows.tray().await.unwrap().iter().map(|one| one.entry.reason).collect()
        };
        for index in [SECOND, FIRST, SECOND, REGISTRAR] {
            sync(&mut start, index).await;
        }
        let relay = start.office.relay();
        let all = relay.storage().read().await.unwrap().view().all_held().await.unwrap();
        let held: Vec<_> = all
            .iter()
            .filter(|(_, _, held)| held.is_open())
            .map(|(_, _, held)| (held.key.kind.clone(), held.code))
            .collect();
        let known = has(&start, REGISTRAR, &document_key(case, KIND, None)).await;
        assert!(
            tray.is_empty() && held.is_empty() && known,
            "tray {tray:?}, after its writer offered it: {held:?}, known {known}"
        );
    });
}

#[test]
fn a_tablet_that_waits_for_others_does_not_compare_everything_all_the_time() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let (mut start, case) = (template.start(45).await.unwrap(), template.case);
        written_by_somebody_who_is_gone(&mut start, case).await;
        sync(&mut start, SECOND).await;
        let mut repairs = std::collections::BTreeSet::new();
        for _ in 0..36 {
            start.office.clock().pass_ms(600_000);
            sync(&mut start, SECOND).await;
            repairs.insert(start.tablets[SECOND].lock.lock().await.as_ref().unwrap().meta.repaired_ms);
        }
        assert!(repairs.len() < 12, "{} repairs in six hours, each with a whole copy of what differs", repairs.len());
    });
}

#[expect(clippy::indexing_slicing, reason = "helpers of tests are not recognised as tests")]
async fn edit(start: &Start, index: usize, key: DocumentKey, edit: Edit) {
    let mut guard = start.tablets[index].lock.lock().await;
    guard.as_mut().unwrap().edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap();
}

/// Somebody's life is at stake in a case.
#[expect(clippy::indexing_slicing, reason = "helpers of tests are not recognised as tests")]
async fn tell_danger(start: &Start, index: usize, case: CaseId) {
    let set = Edit::SetField { key: EMERGENCY.to_owned(), value: Scalar::Bool(true), seen: Vec::new() };
    edit(start, index, core_key(case), set).await;
    let pending = start.tablets[index].lock.lock().await.as_ref().unwrap().rows.pending().await.unwrap();
    assert!(pending.iter().all(|edit| edit.urgent), "the very edit that tells of it does not wait: {pending:?}");
}

#[test]
fn danger_does_not_wait_for_what_stands_in_a_row_that_the_relay_lacks() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let (mut start, case) = (template.start(48).await.unwrap(), template.case);
        let (intake, row, table) = (document_key(case, KIND, None), RowId::from_bytes([7; 16]), "anggota".to_owned());
        let backup = start.office.copy().await.unwrap();
        let added = Edit::AddRow { table: table.clone(), row, fields: vec![("nama".to_owned(), text("Contoh"))] };
        edit(&start, FIRST, intake.clone(), added).await;
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        start.office.restore(backup).await.unwrap();
        sync(&mut start, SECOND).await;
        tell_danger(&start, SECOND, case).await;
        let of_row = Edit::SetRowField { table, row, key: "umur".to_owned(), value: Scalar::Int(9), seen: Vec::new() };
        edit(&start, SECOND, intake.clone(), of_row).await;
        write_over(&start, SECOND, case, "Nama dua").await;
        sync(&mut start, SECOND).await;
        sync(&mut start, REGISTRAR).await;
        assert!(state(&start.tablets[REGISTRAR], case).await.any_is(&text("Nama dua")));
        assert_eq!(unsent(&start, SECOND).await, 1, "what only the lacking row makes possible waits");
        for index in [FIRST, SECOND, REGISTRAR] {
            start.office.clock().pass_ms(REPAIR_PAUSE_MS);
            sync(&mut start, index).await;
        }
        assert_eq!(unsent(&start, SECOND).await, 0);
        let mut guard = start.tablets[REGISTRAR].lock.lock().await;
        let document = &guard.as_mut().unwrap().replica(&intake).await.unwrap().document;
        assert_eq!(document.row("anggota", row).unwrap().field("umur").settled(), Some(&Scalar::Int(9)));
    });
}

#[test]
fn danger_goes_at_once_though_it_stands_on_what_the_relay_lacks() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let (mut start, case) = (template.start(47).await.unwrap(), template.case);
        written_by_somebody_who_is_gone(&mut start, case).await;
        sync(&mut start, SECOND).await;
        tell_danger(&start, SECOND, case).await;
        for value in ["Nama dua", "Nama tiga"] {
            write_over(&start, SECOND, case, value).await;
            sync(&mut start, SECOND).await;
            sync(&mut start, REGISTRAR).await;
            assert_eq!(unsent(&start, SECOND).await, 0, "danger does not wait for anybody");
            assert!(state(&start.tablets[REGISTRAR], case).await.any_is(&text(value)));
        }
        assert_eq!(waiting(&start).await, Vec::new(), "nothing unsigned was brought");
        let own = state(&start.tablets[SECOND], case).await;
        assert!(own.any_is(&text("Nama satu")), "what its writer told is still on the tablet: {own:?}");

        // Its writer comes after all, and it stands as it was written: beside what was told without it.
        for index in [FIRST, SECOND, REGISTRAR, FIRST] {
            start.office.clock().pass_ms(REPAIR_PAUSE_MS);
            sync(&mut start, index).await;
        }
        let mut states = Vec::new();
        for index in [FIRST, SECOND, REGISTRAR] {
            states.push(state(&start.tablets[index], case).await);
        }
        assert!(states.iter().all(|state| *state == states[0]), "{states:?}");
        assert!(["Nama satu", "Nama tiga"].iter().all(|value| states[0].any_is(&text(value))), "{states:?}");
    });
}

#[test]
fn danger_in_a_case_that_the_relay_does_not_know_waits_with_it_and_keeps_its_author() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(53).await.unwrap();
        let backup = start.office.copy().await.unwrap();
        let case = {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::start_report(guard.as_mut().unwrap()).await.unwrap()
        };
        write_over(&start, FIRST, case, "Nama satu").await;
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            flow::hand_over(guard.as_mut().unwrap(), case).await.unwrap();
        }
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        {
            let mut guard = start.tablets[SECOND].lock.lock().await;
            flow::take_over(guard.as_mut().unwrap(), case).await.unwrap();
        }
        sync(&mut start, SECOND).await;
        start.office.restore(backup).await.unwrap();
        sync(&mut start, SECOND).await;
        tell_danger(&start, SECOND, case).await;
        write_over(&start, SECOND, case, "Nama dua").await;
        sync(&mut start, SECOND).await;
        let refused: Vec<u16> = {
            let guard = start.tablets[SECOND].lock.lock().await;
            guard.as_ref().unwrap().rows.tray().await.unwrap().iter().map(|one| one.entry.reason).collect()
        };
        assert_eq!(refused, Vec::<u16>::new(), "the danger was sent as a document of its own, and refused");
        assert_eq!(unsent(&start, SECOND).await, 2);
        for index in [SECOND, FIRST, SECOND, REGISTRAR] {
            start.office.clock().pass_ms(REPAIR_PAUSE_MS);
            sync(&mut start, index).await;
        }
        assert_eq!(unsent(&start, SECOND).await, 0);
        assert!(state(&start.tablets[REGISTRAR], case).await.any_is(&text("Nama dua")));
    });
}

#[test]
fn what_was_typed_just_before_the_danger_was_told_does_not_wait_either() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let (mut start, case) = (template.start(49).await.unwrap(), template.case);
        written_by_somebody_who_is_gone(&mut start, case).await;
        sync(&mut start, SECOND).await;
        // Where she is, and a minute later that her life is at stake.
        write_over(&start, SECOND, case, "Nama dua").await;
        let set = Edit::SetField { key: EMERGENCY.to_owned(), value: Scalar::Bool(true), seen: Vec::new() };
        edit(&start, SECOND, core_key(case), set).await;
        sync(&mut start, SECOND).await;
        sync(&mut start, REGISTRAR).await;
        let core = {
            let mut guard = start.tablets[REGISTRAR].lock.lock().await;
            let document = &guard.as_mut().unwrap().replica(&core_key(case)).await.unwrap().document;
            document.field(EMERGENCY).settled().cloned()
        };
        assert_eq!(core, Some(Scalar::Bool(true)), "the danger is known");
        assert_eq!(unsent(&start, SECOND).await, 0, "an edit of a case with danger waits three days");
        assert!(state(&start.tablets[REGISTRAR], case).await.any_is(&text("Nama dua")));
    });
}
