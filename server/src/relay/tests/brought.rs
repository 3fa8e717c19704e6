//! What tablets bring back to a restored relay: held under the name it carries, never merged on the word of who brings it.

use shared::command::Edit;
use shared::id::DocumentId;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Brought, ChangeBytes, PushReceipt, Receipt};
use shared::protocol::held::{DecisionReceipt, HeldNote, Verdict};

use super::held::{accept, taken_report, waiting};
use super::{World, restored, set, text};
use crate::demo::tablet::Tablet;

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

fn actor_of(change: &ChangeBytes) -> shared::id::ActorId {
    shared::protocol::chunk::CheckedChange::check(&change.0).unwrap().actor()
}

fn opened(tablet: &Tablet, document: DocumentId) -> shared::document::Document {
    let mut copy = shared::document::Document::new().unwrap();
    let all: Vec<_> = tablet.documents[&document].document.changes().into_iter().map(|change| change.bytes).collect();
    copy.apply(&all).unwrap();
    copy
}

/// A change of anybody's, made up.
fn forged(
    on: &mut shared::document::Document,
    author: shared::id::AccountId,
    actor: shared::id::ActorId,
    edit: &Edit,
) -> Vec<ChangeBytes> {
    let writer = shared::command::Writer { author, actor };
    let made = shared::command::apply(on, &writer, edit, 5_000).unwrap();
    made.into_iter().map(|change| ChangeBytes(change.bytes)).collect()
}

/// Pushes these changes of a document, signed by this tablet.
async fn push(
    world: &mut World,
    tablet: &mut Tablet,
    document: DocumentId,
    changes: Vec<ChangeBytes>,
) -> Vec<PushReceipt> {
    tablet.counter += 1;
    world.now += 1_000;
    let hashes: Vec<_> = changes.iter().map(|one| shared::sync::change_hash(&one.0).unwrap()).collect();
    let signature = tablet.sign_push(document, &hashes);
    let push = shared::protocol::frame::Push { document, create: None, changes, signature };
    let request = tablet.request(vec![push]);
    world.send(tablet, &request).await.receipts
}

/// Two changes of the author's in a new session, as the relay that was lost had them.
fn lost_with_the_relay(author: &Tablet, document: DocumentId) -> Vec<ChangeBytes> {
    let (mut copy, actor) = (opened(author, document), shared::id::ActorId::from_bytes([77; 16]));
    let mut changes = forged(&mut copy, author.account, actor, &hour());
    changes.extend(forged(&mut copy, author.account, actor, &set("tgl_lapor", text("2026-11-04"))));
    changes
}

#[tokio::test]
async fn who_brought_a_change_does_not_go_on_under_its_writers_name() {
    let mut world = restored().await;
    let (author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    let mut changes = lost_with_the_relay(&author, intake);
    let next = changes.pop().unwrap();
    let key = mks.documents[&intake].key.clone();
    assert_eq!(bring(&mut world, &mut mks, Brought { key, changes }).await, held());
    world.sync(&mut ser).await;
    let id = waiting(&ser)[0];
    accept(&mut world, &mut ser, id).await;
    world.sync(&mut mks).await;
    let receipts = push(&mut world, &mut mks, intake, vec![next]).await;
    world.sync(&mut ser).await;
    let history = ser.documents[&intake].document.history_of_all();
    let by: Vec<_> = history.iter().filter(|one| one.new == Some(text("2026-11-04"))).map(|one| one.author).collect();
    assert_ne!(receipts, vec![PushReceipt::All], "signed by the tablet of {:?}, stands as by {by:?}", mks.account);
}

#[tokio::test]
async fn nobody_takes_in_alone_what_they_brought_in_somebody_elses_name() {
    let mut world = restored().await;
    let (author, _mks, mut ser, _, intake) = taken_report(&mut world).await;
    let mut copy = opened(&ser, intake);
    let actor = shared::id::ActorId::from_bytes([77; 16]);
    let changes = forged(&mut copy, author.account, actor, &hour());
    let key = ser.documents[&intake].key.clone();
    assert_eq!(bring(&mut world, &mut ser, Brought { key, changes }).await, held());
    world.sync(&mut ser).await;
    let ids = waiting(&ser);
    ser.decide(ids[0], Verdict::Accept);
    let heard = world.sync(&mut ser).await;
    assert_ne!(
        heard.decisions,
        vec![DecisionReceipt::Done],
        "the registrar alone, in the name of {:?}",
        author.account
    );
}

#[tokio::test]
async fn made_up_words_keep_nobody_from_bringing_the_true_ones() {
    let mut world = restored().await;
    let (mut author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    author.edit(intake, &hour(), 5_000).unwrap();
    let brought = unsent(&author, intake);
    let actor = actor_of(&brought.changes[0]);
    let mut copy = opened(&mks, intake);
    let edit = set("jam_lapor", text("23:59"));
    let changes = forged(&mut copy, author.account, actor, &edit);
    assert_eq!(bring(&mut world, &mut mks, Brought { key: brought.key.clone(), changes }).await, held());
    assert_eq!(bring(&mut world, &mut ser, brought).await, held());
}

#[tokio::test]
async fn a_stranger_brings_no_end_of_changes() {
    let mut world = restored().await;
    let (author, _mks, mut ser, _, _) = taken_report(&mut world).await;
    let mut stranger = world.tablet("pkt9", "PKT").await;
    let mut all = 0;
    for number in 0..8_u8 {
        for other in 0..8_u8 {
            let key = shared::id::DocumentKey {
                case: shared::id::CaseId::from_bytes([100 + number; 16]),
                kind: "intake".into(),
                subject: None,
                generation: u32::from(other),
            };
            let mut copy = shared::document::Document::new().unwrap();
            let actor = shared::id::ActorId::from_bytes([number + 1; 16]);
            let mut changes = Vec::new();
            for minute in 0..32 {
                let edit = Edit::SetField {
                    key: "jam_lapor".into(),
                    value: text(&format!("07:{minute:02}")),
                    seen: copy.field("jam_lapor").ops(),
                };
                changes.extend(forged(&mut copy, author.account, actor, &edit));
            }
            stranger.brought.push(Brought { key, changes });
        }
        let heard = world.sync(&mut stranger).await;
        for one in &heard.brought {
            let PushReceipt::Each(each) = one else { continue };
            all += each.iter().filter(|one| **one == held()).count();
        }
    }
    world.sync(&mut ser).await;
    assert!(all < 1_000, "{all} changes held in the name of another, {} in the registrar's list", ser.held.len());
}

fn words(new: &str) -> Edit {
    Edit::EditText { key: "uraian_singkat".into(), base: Vec::new(), old: String::new(), new: new.to_owned() }
}

#[tokio::test]
async fn a_stranger_learns_of_no_text_in_a_document_of_others() {
    let mut told = Vec::new();
    for is_written in [false, true] {
        let mut world = restored().await;
        let (_author, mut mks, _ser, _, intake) = taken_report(&mut world).await;
        if is_written {
            mks.edit(intake, &words("Rahasia."), 5_000).unwrap();
            assert_eq!(world.sync(&mut mks).await.receipts, vec![PushReceipt::All]);
        }
        let mut stranger = world.tablet("pkt9", "PKT").await;
        let mut copy = shared::document::Document::new().unwrap();
        let mut changes = forged(&mut copy, stranger.account, shared::id::ActorId::from_bytes([88; 16]), &words("x"));
        changes.truncate(1);
        let key = mks.documents[&intake].key.clone();
        told.push(bring(&mut world, &mut stranger, Brought { key, changes }).await);
    }
    assert_eq!(told[0], told[1], "whether somebody has written a text in a document that is not theirs");
}

#[tokio::test]
async fn its_writer_whose_right_ended_still_brings_the_rest_before_a_person() {
    let mut world = restored().await;
    let (mut author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    let all = lost_with_the_relay(&author, intake);
    let key = mks.documents[&intake].key.clone();
    assert_eq!(bring(&mut world, &mut mks, Brought { key, changes: all[..1].to_vec() }).await, held());
    world.sync(&mut ser).await;
    let id = waiting(&ser)[0];
    accept(&mut world, &mut ser, id).await;
    let receipts = push(&mut world, &mut author, intake, all).await;
    let [PushReceipt::Each(each)] = receipts.as_slice() else { panic!("{receipts:?}") };
    assert!(matches!(each.last(), Some(Receipt::Held(_))), "{each:?}");
}

#[tokio::test]
async fn what_is_signed_goes_in_although_somebody_brought_it_first() {
    let mut world = restored().await;
    let (_author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    mks.edit(intake, &hour(), 5_000).unwrap();
    mks.edit(intake, &set("tgl_lapor", text("2026-11-04")), 6_000).unwrap();
    let mut brought = unsent(&mks, intake);
    brought.changes.truncate(1);
    assert_eq!(bring(&mut world, &mut ser, brought).await, held());
    let heard = world.sync(&mut mks).await;
    assert_eq!(
        heard.receipts,
        vec![PushReceipt::All],
        "who may write it, and signed it, waits for a person because of somebody else"
    );
}

#[tokio::test]
async fn no_document_is_brought_that_nobody_could_have_made() {
    let mut world = restored().await;
    let (author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    let key = mks.documents[&intake].key.clone();
    let mut copy = shared::document::Document::new().unwrap();
    let changes = forged(&mut copy, author.account, shared::id::ActorId::from_bytes([66; 16]), &hour());
    let odd = shared::id::DocumentKey { generation: 9, ..key.clone() };
    let first = bring(&mut world, &mut mks, Brought { key: odd.clone(), changes: changes.clone() }).await;
    let none = shared::id::DocumentKey { kind: "zzz".into(), ..key.clone() };
    let second = bring(&mut world, &mut mks, Brought { key: none, changes }).await;
    world.sync(&mut ser).await;
    let mut says = vec![format!("{first:?} {second:?}")];
    for id in waiting(&ser) {
        ser.decide(id, Verdict::Accept);
        says.push(format!("{:?}", world.sync(&mut ser).await.decisions));
    }
    world.sync(&mut mks).await;
    assert!(!mks.documents.contains_key(&odd.id()), "{says:?}");
}

#[tokio::test]
async fn what_the_only_registrar_wrote_comes_before_somebody() {
    let mut world = restored().await;
    let (mut author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    ser.edit(intake, &hour(), 5_000).unwrap();
    let brought = unsent(&ser, intake);
    assert_eq!(bring(&mut world, &mut mks, brought).await, held());
    let mut seats = 0;
    let mut other = world.tablet_of(ser.account).await;
    for tablet in [&mut mks, &mut author, &mut other] {
        world.sync(tablet).await;
        seats += waiting(tablet).len();
    }
    assert!(seats > 0, "held, and nobody is told; whoever brought it lets go of it");
}

#[tokio::test]
async fn who_decides_is_told_when_its_writer_has_signed_it() {
    let mut world = restored().await;
    let (mut author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    author.edit(intake, &hour(), 5_000).unwrap();
    assert_eq!(bring(&mut world, &mut mks, unsent(&author, intake)).await, held());
    world.sync(&mut ser).await;
    let id = waiting(&ser)[0];
    let code = |ser: &Tablet| ser.held[&id].content.as_ref().map(|content| content.code);
    assert_eq!(code(&ser), Some(ErrorCode::HeldBrought.number()));
    let receipts = world.sync(&mut author).await.receipts;
    let signed = ErrorCode::HeldTakenOver.number();
    assert_eq!(receipts, vec![PushReceipt::Each(vec![Receipt::Held(signed)])]);
    world.sync(&mut ser).await;
    assert_eq!((waiting(&ser), code(&ser)), (vec![id], Some(signed)));
    accept(&mut world, &mut ser, id).await;
    world.sync(&mut mks).await;
    assert_eq!(mks.documents[&intake].document.field("jam_lapor").settled(), Some(&text("07:15")));
}
