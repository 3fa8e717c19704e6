//! Review: claims about a held change that come in an offer to a restored relay.

use shared::id::{ChangeHash, DocumentId};
use shared::protocol::codec::encode;
use shared::protocol::frame::{ChangeBytes, Offer, Push, SealedOffer};
use shared::protocol::held::{DecisionReceipt, HeldNote, Verdict};
use shared::seal::letter::{LetterRandomness, Purpose, Recipient};

use super::held::{taken_report, waiting};
use super::{World, restored, set, text};
use crate::demo::tablet::Tablet;

const DAY_MS: u64 = 86_400_000;

/// Offers what a tablet has written into a document and not handed in, as if the relay had taken it before it was restored.
async fn offer(world: &mut World, tablet: &mut Tablet, document: DocumentId) {
    tablet.counter += 1;
    let held = &tablet.documents[&document];
    let pending = held.pending_hashes();
    let changes: Vec<_> = held.document.changes().into_iter().filter(|one| pending.contains(&one.meta.hash)).collect();
    let hashes: Vec<ChangeHash> = changes.iter().map(|one| one.meta.hash).collect();
    let signature = tablet.sign_push(document, &hashes);
    let changes = changes.into_iter().map(|one| ChangeBytes(one.bytes)).collect();
    let pushes = vec![Push { document, create: None, changes, signature }];
    let offer = Offer { counter: tablet.counter, pushes, left_out: None };
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
