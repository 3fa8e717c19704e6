//! Review: claims about a held change that come in an offer to a restored relay.

use shared::id::{ChangeHash, DocumentId};
use shared::protocol::codec::encode;
use shared::protocol::frame::{ChangeBytes, Offer, Push, SealedOffer};
use shared::protocol::held::{DecisionReceipt, HeldNote, Verdict};
use shared::seal::letter::{LetterRandomness, Purpose, Recipient};
use shared::value::Scalar;

use super::held::{accept, taken_report, waiting};
use super::{World, draft, restored, second_core, set, text};
use crate::demo::tablet::Tablet;

const DAY_MS: u64 = 86_400_000;

/// Offers what a tablet has written into a document and not handed in, as if the relay had taken it before it was restored.
async fn offer(world: &mut World, tablet: &mut Tablet, document: DocumentId) {
    offer_without(world, tablet, document, Vec::new()).await;
}

/// The same, but for these, which it offers otherwise.
async fn offer_without(world: &mut World, tablet: &mut Tablet, document: DocumentId, others: Vec<ChangeHash>) {
    tablet.counter += 1;
    let held = &tablet.documents[&document];
    let pending = held.pending_hashes();
    let changes: Vec<_> = held.document.changes().into_iter().filter(|one| pending.contains(&one.meta.hash)).collect();
    let hashes: Vec<ChangeHash> = changes.iter().map(|one| one.meta.hash).collect();
    let signature = tablet.sign_push(document, &hashes);
    let changes = changes.into_iter().map(|one| ChangeBytes(one.bytes)).collect();
    let push = Push { document, create: None, changes, signature };
    offer_push(world, tablet, push, (!others.is_empty()).then_some(others)).await;
}

/// Offers a push that was signed under the counter the tablet has.
async fn offer_push(world: &mut World, tablet: &mut Tablet, push: Push, left_out: Option<Vec<ChangeHash>>) {
    let offer = Offer { counter: tablet.counter, pushes: vec![push], left_out };
    let relay = Recipient::parse(world.relay.recipient()).unwrap();
    let drawn = LetterRandomness::from_random([7; 64]);
    let sealed = relay.seal(Purpose::OwnUpload, &drawn, &encode(&offer)).unwrap();
    tablet.offers.push(SealedOffer(sealed));
    tablet.counter += 1;
    world.now += 1000;
    let request = tablet.request(Vec::new());
    world.send(tablet, &request).await;
}

#[tokio::test]
async fn a_remark_about_what_nobody_knows_is_not_merged_with_what_waited_for_it() {
    let mut world = restored().await;
    let (author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    // Somebody who could never decide anything puts words into the mouth of the cadre.
    let note = HeldNote { hash: ChangeHash::from_bytes([3; 32]), author: author.account, time_s: 5 };
    mks.edit_with_note(intake, &set("jam_lapor", text("23:59")), &note.to_string()).unwrap();
    offer(&mut world, &mut mks, intake).await;
    world.now += 31 * DAY_MS;
    world.relay.try_old_offers(world.now).await.unwrap();
    world.sync(&mut ser).await;
    let held = waiting(&ser);
    assert_eq!(held.len(), 1, "it comes before a person");
    ser.decide(held[0], Verdict::Accept);
    let decisions = world.sync(&mut ser).await.decisions;
    let history = ser.documents[&intake].document.history_of_all();
    let claims: Vec<_> = history.iter().filter_map(|entry| HeldNote::parse(entry.message.as_deref()?)).collect();
    assert_eq!(
        (decisions, claims),
        (vec![DecisionReceipt::Reenter], Vec::new()),
        "the history says that the cadre wrote it, and nobody ever checked that"
    );
}

/// What a registrar had entered again in the lost relay, and went on from: the remark, then another field.
fn entered_again(tablet: &mut Tablet, intake: DocumentId, note: &HeldNote) {
    tablet.edit_with_note(intake, &set("jam_lapor", text("07:15")), &note.to_string()).unwrap();
    tablet.edit(intake, &set("jml_pd", Scalar::Int(2)), 6_000).unwrap();
}

/// What the author wrote at 5 s, as a remark names it.
fn note_of(author: &Tablet, intake: DocumentId) -> HeldNote {
    let hash = author.documents[&intake].pending_hashes().into_iter().next().unwrap();
    HeldNote { hash, author: author.account, time_s: 5 }
}

fn women(tablet: &Tablet, intake: DocumentId) -> Option<Scalar> {
    tablet.documents[&intake].document.field("jml_pd").settled().cloned()
}

#[tokio::test]
async fn what_stands_on_an_entry_that_somebody_else_has_decided_about_since_is_not_lost() {
    let mut world = restored().await;
    let (mut author, _mks, mut ser, _, intake) = taken_report(&mut world).await;
    let mut second = world.tablet("ser2", "SER").await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    entered_again(&mut ser, intake, &note_of(&author, intake));
    // It is held again, and another registrar is at her desk before the one who had entered it again.
    world.sync(&mut author).await;
    world.sync(&mut second).await;
    let id = waiting(&second)[0];
    accept(&mut world, &mut second, id).await;
    offer(&mut world, &mut ser, intake).await;
    for day in [1, 4, 31, 60] {
        world.relay.try_old_offers(world.now + day * DAY_MS).await.unwrap();
    }
    world.sync(&mut second).await;
    let held = world.relay.storage().read().await.unwrap().view().all_held().await.unwrap();
    let waits = held.iter().filter(|(_, _, record)| record.is_open()).count();
    assert!(
        women(&second, intake) == Some(Scalar::Int(2)) || waits > 0,
        "it is neither in the document nor before a person after 60 days, and its tablet was told that it was accepted"
    );
}

#[tokio::test]
async fn what_was_entered_again_by_somebody_it_had_been_passed_on_to_waits_until_it_is_passed_on_again() {
    let mut world = restored().await;
    let (mut author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    // Held again, and not passed on yet: the manager has no seat when her tablet comes back.
    mks.edit_with_note(intake, &set("jam_lapor", text("07:15")), &note_of(&author, intake).to_string()).unwrap();
    world.sync(&mut author).await;
    world.sync(&mut ser).await;
    offer(&mut world, &mut mks, intake).await;
    let entered = mks.documents[&intake].pending_hashes();
    mks.edit(intake, &set("jml_pd", Scalar::Int(2)), 6_000).unwrap();
    offer_without(&mut world, &mut mks, intake, entered).await;
    ser.decide(waiting(&ser)[0], Verdict::Forward);
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Done]);
    world.relay.try_old_offers(world.now + 2 * DAY_MS).await.unwrap();
    world.sync(&mut ser).await;
    assert_eq!(women(&ser, intake), Some(Scalar::Int(2)), "she may decide about it again, and it was refused for good");
}

#[tokio::test]
async fn no_second_core_is_made_by_an_offer_either() {
    let mut world = restored().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let mut second = world.tablet("ser2", "SER").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let (_, core, _) = draft(&mut author);
    author.edit(core, &set("darurat", true), 2).unwrap();
    for tablet in [&mut author, &mut ser, &mut second, &mut mks] {
        world.sync(tablet).await;
    }
    let (made, push) = second_core(&mut ser, core);
    offer_push(&mut world, &mut ser, push, None).await;
    for _ in 0..35 {
        world.now += DAY_MS;
        world.relay.try_old_offers(world.now).await.unwrap();
    }
    world.sync(&mut second).await;
    for held in waiting(&second) {
        second.decide(held, Verdict::Accept);
        world.sync(&mut second).await;
    }
    world.sync(&mut mks).await;
    assert!(!mks.documents.contains_key(&made), "what is refused today is before a registrar in a month, and taken in");
}
