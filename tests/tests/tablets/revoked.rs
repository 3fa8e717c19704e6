//! A tablet is revoked while its person is typing: nothing of it may be wiped before it is at the relay.

use std::collections::{BTreeMap, BTreeSet};

use client::api::Reply;
use client::api::{FieldPlace, Path, Typed};
use client::engine::farewell::{hand_in_drafts, left_here, mark_of, only_here};
use client::engine::flow;
use client::engine::rows::RowWrites as _;
use client::engine::write::keep_draft;
use client::store::Durability;
use client::store::memory::Fault;
use client::store::sealed::Writes;
use futures::executor::block_on;
use shared::protocol::error::ErrorCode;
use tests::schedule::template::{FIRST, Start, Template};

use super::steps::{TEXT, new_row, place, set, text_of, typed_over_what_stands};

#[test]
fn what_was_being_typed_is_handed_in_and_what_is_no_value_keeps_the_vault() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(7).await.unwrap();
        let line = typed_over_what_stands(&start.tablets[FIRST], template.case, "Josefina").await;
        let stood = text_of(&start.tablets[FIRST], template.case).await;
        let text = Typed { text: format!("{} Tiba malam.", stood.text), base: Some(stood), ..Typed::default() };
        let text_place = FieldPlace { path: Path::Text(TEXT.to_owned()), ..place(template.case) };
        let no_value = FieldPlace { path: Path::Field("umur".to_owned()), ..place(template.case) };
        let half = Typed { text: "tiga pul".to_owned(), ..Typed::default() };
        let row = Typed { row: BTreeMap::from([("nama".to_owned(), "Maria".into())]), ..Typed::default() };
        let row_place = new_row(template.case);
        let relay = start.office.relay();
        let device = start.tablets[FIRST].lock.lock().await.as_ref().unwrap().meta.device_number;
        relay.revoke_device(device, start.office.clock().now_ms()).await.unwrap();
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            let session = guard.as_mut().unwrap();
            let typed = [(place(template.case), line), (text_place, text), (row_place, row), (no_value.clone(), half)];
            for (place, typed) in typed {
                keep_draft(session, place, Some(typed)).await.unwrap();
            }
            hand_in_drafts(session).await;
            assert_eq!((session.unsent() > 0, session.drafts.len()), (true, 1));
        }
        let wire = &start.wire;
        start.tablets[FIRST].round(wire, 0).await;
        let mut guard = start.tablets[FIRST].lock.lock().await;
        let session = guard.as_mut().unwrap();
        assert_eq!(session.unsent(), 0);
        assert!(session.tray.iter().all(|trayed| trayed.entry.reason == ErrorCode::HeldRevoked.number()));
        let held = relay.storage().read().await.unwrap().view().all_held().await.unwrap();
        assert_eq!(session.tray.len(), 3, "the line, the text and the row");
        assert!(held.len() >= 3, "all wait at the relay");
        assert_eq!(only_here(session).await.unwrap(), 1, "half a number is nowhere else");
        keep_draft(session, no_value, None).await.unwrap();
        assert_eq!(only_here(session).await.unwrap(), 0);
    });
}

#[test]
fn what_waited_for_a_person_waits_again_after_the_relay_was_restored() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(8).await.unwrap();
        let device = start.tablets[FIRST].lock.lock().await.as_ref().unwrap().meta.device_number;
        start.office.relay().revoke_device(device, start.office.clock().now_ms()).await.unwrap();
        let backup = start.office.copy().await.unwrap();
        let line = typed_over_what_stands(&start.tablets[FIRST], template.case, "Josefina").await;
        set(&start.tablets[FIRST], template.case, "Josefina", &line).await;
        let held_count = async |start: &Start| {
            start.office.relay().storage().read().await.unwrap().view().all_held().await.unwrap().len()
        };
        let wire = &start.wire;
        start.tablets[FIRST].round(wire, 0).await;
        assert_eq!(held_count(&start).await, 1);
        start.office.restore(backup).await.unwrap();
        assert_eq!(held_count(&start).await, 0, "the backup is older");
        for _ in 0..3 {
            start.tablets[FIRST].round(wire, 0).await;
        }
        assert_eq!(held_count(&start).await, 1, "the tablet has told of it again");
    });
}

/// The tablet may be wiped as long as its mark is the one of the file: what was typed in another window has to be in that file.
#[test]
fn what_is_typed_in_another_tab_is_in_the_file_whose_mark_lets_the_vault_be_wiped() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(9).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let mut other = tablet.another_tab().await.unwrap();
        let text = Typed { text: "Ia bercerita. ".repeat(2_000), ..Typed::default() };
        let long = text.text.len();
        let text_place = FieldPlace { path: Path::Text(TEXT.to_owned()), ..place(template.case) };
        keep_draft(&mut other, text_place, Some(text)).await.unwrap();
        let mut guard = tablet.lock.lock().await;
        let session = guard.as_mut().unwrap();
        let only = only_here(session).await.unwrap();
        let Reply::File(_, file) = flow::export(session).await.unwrap() else { unreachable!() };
        let file = file.len();
        assert_eq!(only, 1, "it is known that it is only here");
        assert!(
            file > long,
            "the file of {file} bytes does not hold the text of {long}, and the vault is wiped for it"
        );
    });
}

/// A tablet without room keeps what is typed in memory alone.
#[test]
fn what_is_typed_on_a_full_tablet_after_the_file_was_saved_changes_its_mark() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(10).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let half = Typed { text: "tiga pul".to_owned(), ..Typed::default() };
        let no_value = FieldPlace { path: Path::Field("umur".to_owned()), ..place(template.case) };
        let mut guard = tablet.lock.lock().await;
        let session = guard.as_mut().unwrap();
        keep_draft(session, no_value, Some(half)).await.unwrap();
        let Reply::File(..) = flow::export(session).await.unwrap() else { unreachable!() };
        let saved = mark_of(&left_here(session).await.unwrap());
        tablet.fail_write(0, Fault::Full);
        let name = Typed { text: "Contoh Yang Diketik".to_owned(), ..Typed::default() };
        keep_draft(session, place(template.case), Some(name)).await.unwrap_err();
        assert_eq!(only_here(session).await.unwrap(), 2, "what found no room is only here as well");
        assert_eq!(session.drafts.len(), 2, "the screen has it, and a new file would take it along");
        assert_ne!(mark_of(&left_here(session).await.unwrap()), saved, "it is in no file, and giving up wipes it");
    });
}

/// What another tab writes has the lists of this one read again, in the midst of typing.
#[test]
fn what_found_no_room_is_still_only_here_when_another_tab_has_written() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(11).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let mut guard = tablet.lock.lock().await;
        let session = guard.as_mut().unwrap();
        tablet.fail_write(0, Fault::Full);
        let name = Typed { text: "Contoh Yang Diketik".to_owned(), ..Typed::default() };
        keep_draft(session, place(template.case), Some(name)).await.unwrap_err();
        assert_eq!(only_here(session).await.unwrap(), 1);
        session.poked(&BTreeSet::new()).await.unwrap();
        session.reload_lists().await.unwrap();
        assert_eq!(only_here(session).await.unwrap(), 1, "it is in no row and in no file, and the vault is wiped");
    });
}

/// A place that this build does not know was written by a newer one, in another tab or before it was taken back.
#[test]
fn what_a_newer_build_keeps_of_what_is_typed_is_only_here_as_well() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(12).await.unwrap();
        let mut guard = start.tablets[FIRST].lock.lock().await;
        let session = guard.as_mut().unwrap();
        let mut rows = Writes::new();
        rows.draft(&[0x18, 0x63], Some(&Typed { text: "Ia bercerita.".to_owned(), ..Typed::default() }));
        session.rows.apply(rows, Durability::Strict).await.unwrap();
        assert_eq!(only_here(session).await.unwrap(), 1, "it is in no file, and the vault is wiped by itself");
    });
}

/// What found no room and was then written is not in memory alone any more: what another tab types there is newer.
#[test]
fn what_another_tab_types_where_something_found_no_room_before_is_what_is_only_here() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(13).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let line = typed_over_what_stands(tablet, template.case, "Josefina").await;
        let mut other = tablet.another_tab().await.unwrap();
        let mut guard = tablet.lock.lock().await;
        let session = guard.as_mut().unwrap();
        tablet.fail_write(0, Fault::Full);
        keep_draft(session, place(template.case), Some(line)).await.unwrap_err();
        hand_in_drafts(session).await;
        assert_eq!(session.drafts.len(), 0, "there was room again, and it was written");
        for text in ["Contoh", "Contoh Yang Lain"] {
            let typed = Typed { text: text.to_owned(), ..Typed::default() };
            keep_draft(&mut other, place(template.case), Some(typed)).await.unwrap();
            session.poked(&BTreeSet::new()).await.unwrap();
            session.reload_lists().await.unwrap();
        }
        let (_, _, typed, _) = left_here(session).await.unwrap();
        let texts: Vec<_> = typed.into_iter().map(|(_, typed)| typed.text).collect();
        assert_eq!(texts, ["Contoh Yang Lain"], "it is in no file, and what is handed in is half of it");
    });
}

/// A tablet without room may fail in another way with the next letter.
#[test]
fn what_found_no_room_is_still_only_here_when_the_store_fails_with_what_is_typed_next() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(14).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let mut guard = tablet.lock.lock().await;
        let session = guard.as_mut().unwrap();
        for (text, fault) in [("Contoh Yang Diketik", Fault::Full), ("Contoh Yang Diketik Lagi", Fault::Backend)] {
            tablet.fail_write(0, fault);
            let name = Typed { text: text.to_owned(), ..Typed::default() };
            keep_draft(session, place(template.case), Some(name)).await.unwrap_err();
        }
        assert_eq!(session.drafts.len(), 1, "the screen has what found no room");
        assert_eq!(only_here(session).await.unwrap(), 1, "it is in no row and in no file, and the vault is wiped");
    });
}
