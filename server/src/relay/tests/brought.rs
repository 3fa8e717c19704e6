//! What tablets bring back to a restored relay: held under the name it carries, never merged on the word of who brings it.

use shared::command::Edit;
use shared::id::DocumentId;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Brought, ChangeBytes, PushReceipt, Receipt};
use shared::protocol::held::{DecisionReceipt, HeldNote, Verdict};

use super::held::{accept, taken_report, waiting};
use super::{World, set, text};
use crate::demo::tablet::Tablet;
use crate::storage::Storage;
use crate::storage::memory::MemoryBackend;

/// A relay that came back from a backup before anything of the story happened.
async fn restored() -> World {
    let (main, keys) = (MemoryBackend::default(), MemoryBackend::default());
    let storage = || Storage::new(Box::new(main.clone()), Box::new(keys.clone()));
    let world = World::over(storage()).await;
    let mut tx = world.relay.storage().write().await.unwrap();
    tx.begin_epoch([9; 8], [8; 16], world.now).await.unwrap();
    tx.commit().await.unwrap();
    World::over(storage()).await
}

/// What a tablet wrote in a document and has not handed in, as others would have it who had received it.
fn unsent(tablet: &Tablet, document: DocumentId) -> Brought {
    let held = &tablet.documents[&document];
    let pending = held.pending_hashes();
    let changes = held.document.changes().into_iter().filter(|change| pending.contains(&change.meta.hash));
    Brought { key: held.key.clone(), changes: changes.map(|change| ChangeBytes(change.bytes)).collect() }
}

async fn bring(world: &mut World, tablet: &mut Tablet, brought: Brought) -> Receipt {
    tablet.brought.push(brought);
    let heard = world.sync(tablet).await;
    let [PushReceipt::Each(each)] = heard.brought.as_slice() else { panic!("{heard:?}") };
    let [receipt] = each.as_slice() else { panic!("{each:?}") };
    receipt.clone()
}

fn held() -> Receipt {
    Receipt::Held(ErrorCode::HeldBrought.number())
}

fn refused(code: ErrorCode) -> Receipt {
    Receipt::Refused(code.number())
}

fn hour() -> Edit {
    set("jam_lapor", text("07:15"))
}

#[tokio::test]
async fn it_waits_under_its_writers_name_until_a_person_takes_it_in() {
    let mut world = restored().await;
    let (mut author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    author.edit(intake, &hour(), 5_000).unwrap();
    let brought = unsent(&author, intake);
    assert_eq!(bring(&mut world, &mut mks, brought.clone()).await, held());
    assert_eq!(bring(&mut world, &mut ser, brought).await, held(), "others have it too; it waits once");
    let id = waiting(&ser)[0];
    assert_eq!(ser.held[&id].content.as_ref().map(|content| content.account), Some(author.account));
    assert_eq!(waiting(&ser).len(), 1);
    let before = mks.documents[&intake].document.heads();
    world.sync(&mut mks).await;
    assert_eq!(mks.documents[&intake].document.heads(), before, "nothing goes in by itself");

    accept(&mut world, &mut ser, id).await;
    world.sync(&mut mks).await;
    assert_eq!(mks.documents[&intake].document.field("jam_lapor").settled(), Some(&text("07:15")));
    let late = world.sync(&mut author).await;
    assert_eq!(late.receipts, vec![PushReceipt::Each(vec![held()])], "its writer comes late: what waited was decided");
    assert!(author.decided[&id].outcome.is_taken_in());
}

#[tokio::test]
async fn a_remark_that_nobody_checked_is_not_merged_with_it() {
    let mut world = restored().await;
    let (mut author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    let hash = shared::id::ChangeHash::from_bytes([3; 32]);
    let note = HeldNote { hash, author: ser.account, time_s: 5 };
    author.edit_with_note(intake, &hour(), &note.to_string()).unwrap();
    assert_eq!(bring(&mut world, &mut mks, unsent(&author, intake)).await, held());
    world.sync(&mut ser).await;
    ser.decide(waiting(&ser)[0], Verdict::Accept);
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Reenter]);
}

#[tokio::test]
async fn only_a_restored_relay_takes_it_and_only_from_who_may_have_it() {
    let mut world = World::new().await;
    let (mut author, mut mks, _, _, intake) = taken_report(&mut world).await;
    author.edit(intake, &hour(), 5_000).unwrap();
    let forbidden = refused(ErrorCode::ChangeForbidden);
    assert_eq!(bring(&mut world, &mut mks, unsent(&author, intake)).await, forbidden, "never restored");

    let mut world = restored().await;
    let (mut author, mut mks, _, _, intake) = taken_report(&mut world).await;
    mks.edit(intake, &hour(), 5_000).unwrap();
    let brought = unsent(&mks, intake);
    mks.documents.remove(&intake);
    let ended = refused(ErrorCode::DocumentUnknown);
    assert_eq!(bring(&mut world, &mut author, brought).await, ended, "the report was taken over since");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_what_lacks_its_parents_comes_again() {
    let mut world = restored().await;
    let (mut author, mut mks, _, _, intake) = taken_report(&mut world).await;
    author.edit(intake, &hour(), 5_000).unwrap();
    author.edit(intake, &set("tgl_lapor", text("2026-11-04")), 5_000).unwrap();
    let mut brought = unsent(&author, intake);
    let first = brought.changes.remove(0);
    let hash = shared::sync::change_hash(&first.0).unwrap();
    assert_eq!(bring(&mut world, &mut mks, brought.clone()).await, Receipt::Retry(vec![hash]));
    author.edit(intake, &set("jam_lapor", 12_i64), 5_000).unwrap();
    let wrong = unsent(&author, intake).changes.pop().unwrap();
    brought.changes = vec![first, brought.changes.remove(0), wrong];
    mks.brought.push(brought);
    let expected = vec![held(), held(), refused(ErrorCode::ChangeSchema)];
    assert_eq!(world.sync(&mut mks).await.brought, vec![PushReceipt::Each(expected)]);
}
