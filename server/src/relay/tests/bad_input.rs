//! Frames, changes and codes that must not pass: a stable code, nothing lost, the rest keeps working.

use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{ChangeBytes, EnrolAnswer, Part, Push, PushReceipt, Receipt};

use super::{World, draft, hand_over, set, text};
use crate::demo::tablet::Tablet;
use crate::identity::{CodeTerms, Origin};
use crate::storage::Storage;
use crate::storage::failing::{FailPoint, FailingBackend};
use crate::storage::memory::MemoryBackend;

fn fault_of(parts: &[Part]) -> Option<u16> {
    parts.iter().find_map(|part| match part {
        Part::Fault(fault) => Some(fault.code),
        Part::Receipts(_) | Part::Page(_) | Part::End(_) | Part::RepairBuckets(_) => None,
    })
}

#[tokio::test]
async fn garbled_and_missigned_frames_get_a_code_and_nothing_else() {
    let mut world = World::new().await;
    let mut tablet = world.tablet("pkt1", "PKT").await;
    draft(&mut tablet);
    let good = tablet.upload();
    let now = world.now;
    for (bytes, code) in [
        (Vec::new(), ErrorCode::FrameMalformed),
        (good[..good.len() / 2].to_vec(), ErrorCode::FrameMalformed),
        ([good.clone(), vec![0]].concat(), ErrorCode::FrameMalformed),
        (vec![0xff; 64], ErrorCode::FrameMalformed),
    ] {
        let parts = world.relay.handle_sync(&bytes, now).await;
        assert_eq!(fault_of(&parts), Some(code.number()));
        assert_eq!(parts.len(), 1);
    }
    let mut flipped = good.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    assert_eq!(fault_of(&world.relay.handle_sync(&flipped, now).await), Some(ErrorCode::SignatureWrong.number()));
    let heard = world.send(&mut tablet, &good).await;
    assert_eq!(heard.receipts, vec![PushReceipt::All, PushReceipt::All], "the rest keeps working");
}

#[tokio::test]
async fn a_change_of_one_document_is_not_taken_into_another() {
    let mut world = World::new().await;
    let mut tablet = world.tablet("ser1", "SER").await;
    let (case, _, intake) = draft(&mut tablet);
    world.sync(&mut tablet).await;
    let other = tablet.make(case, "intake.reporter", None).unwrap();
    let key = tablet.documents[&other].key.clone();
    let change = tablet.documents[&intake].document.changes().pop().unwrap();
    // The honest signature is for the other document; one that holds puts a field where no pack knows it.
    for (signed_for, code) in [(intake, ErrorCode::PushSignatureWrong), (other, ErrorCode::HeldPackNewer)] {
        tablet.counter += 1;
        let signature = tablet.sign_push(signed_for, &[change.meta.hash]);
        let push = Push {
            document: other,
            create: Some(key.clone()),
            changes: vec![ChangeBytes(change.bytes.clone())],
            signature,
        };
        let request = tablet.request(vec![push]);
        let heard = world.send(&mut tablet, &request).await;
        let [PushReceipt::Each(receipts)] = heard.receipts.as_slice() else { panic!("{:?}", heard.receipts) };
        let expected = if code == ErrorCode::HeldPackNewer {
            Receipt::Held(code.number())
        } else {
            Receipt::Refused(code.number())
        };
        assert_eq!(receipts, &vec![expected]);
    }
}

#[tokio::test]
async fn an_actor_belongs_to_the_device_that_used_it_first() {
    let mut world = World::new().await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, core, intake) = draft(&mut ser);
    hand_over(&mut ser, core);
    world.sync(&mut ser).await;
    ser.edit(intake, &set("jam_lapor", text("08:00")), 4).unwrap();
    let change = ser.documents[&intake].document.changes().pop().unwrap();
    let mut thief = world.tablet_of(ser.account).await;
    thief.counter += 1;
    let signature = thief.sign_push(intake, &[change.meta.hash]);
    let push = Push { document: intake, create: None, changes: vec![ChangeBytes(change.bytes)], signature };
    let request = thief.request(vec![push]);
    let heard = world.send(&mut thief, &request).await;
    let refused = Receipt::Refused(ErrorCode::ChangeActorForeign.number());
    assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![refused])]);
}

#[tokio::test]
async fn another_persons_author_is_refused() {
    let mut world = World::new().await;
    let mut ser = world.tablet("ser1", "SER").await;
    let other = world.account("ser2", "SER").await;
    let (_, core, _) = draft(&mut ser);
    let own = ser.account;
    ser.account = other;
    let case = shared::id::CaseId::from_bytes(ser.draw());
    let forged = ser.make(case, "core", None).unwrap();
    ser.edit(forged, &set("kode_lapangan", text("L-222-222")), 1).unwrap();
    ser.account = own;
    let heard = world.sync(&mut ser).await;
    let refused = PushReceipt::Each(vec![Receipt::Refused(ErrorCode::ChangeAuthorForeign.number())]);
    assert_eq!(heard.receipts.iter().filter(|receipt| **receipt == refused).count(), 1);
    assert!(ser.documents[&core].acknowledged.len() == 1, "the rest was taken");
}

#[tokio::test]
async fn unknown_and_forbidden_look_the_same() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut stranger = world.tablet("pkt2", "PKT").await;
    let (_, _, intake) = draft(&mut author);
    world.sync(&mut author).await;
    let (_, _, own) = draft(&mut stranger);
    let change = stranger.documents[&own].document.changes().pop().unwrap();
    let mut answers = Vec::new();
    for document in [intake, shared::id::DocumentId::from_bytes([9; 16])] {
        stranger.counter += 1;
        let signature = stranger.sign_push(document, &[change.meta.hash]);
        let push = Push { document, create: None, changes: vec![ChangeBytes(change.bytes.clone())], signature };
        let request = stranger.request(vec![push]);
        answers.push(world.send(&mut stranger, &request).await.receipts);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn values_outside_the_pack_are_refused_and_keys_of_no_pack_are_held() {
    let mut world = World::new().await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, _, intake) = draft(&mut ser);
    world.sync(&mut ser).await;
    ser.edit(intake, &set("jam_lapor", text("setengah delapan")), 2).unwrap();
    ser.edit(intake, &set("bukan_isian", text("x")), 2).unwrap();
    let heard = world.sync(&mut ser).await;
    assert_eq!(
        heard.receipts,
        vec![PushReceipt::Each(vec![Receipt::Refused(ErrorCode::ChangeSchema.number()), Receipt::Reissue])]
    );
    let mut other = world.tablet_of(ser.account).await;
    world.sync(&mut other).await;
    other.edit(intake, &set("bukan_isian", text("x")), 2).unwrap();
    let heard = world.sync(&mut other).await;
    assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![Receipt::Held(ErrorCode::HeldPackNewer.number())])]);
}

#[tokio::test]
async fn codes_are_worth_one_tablet_for_a_while() {
    let mut world = World::new().await;
    world.relay.set_recovery_recipient(world.relay.recipient(), world.now).await.unwrap();
    let account = world.account("pkt1", "PKT").await;
    let code = world.code(account).await;
    let tenant = world.relay.tenant();
    let (_, request) = Tablet::join([1; 16], tenant, &code, "A");
    let (_, other) = Tablet::join([2; 16], tenant, &code, "B");
    let code_of = |answer: &EnrolAnswer| match answer {
        EnrolAnswer::Fault(fault) => fault.code,
        EnrolAnswer::Welcome { .. } | EnrolAnswer::Joined { .. } => 0,
    };
    let first = world.relay.enrol(&request, Origin::Remote, world.now).await;
    assert_eq!(world.relay.enrol(&request, Origin::Remote, world.now).await, first, "the same key joins once");
    let answer = world.relay.enrol(&other, Origin::Remote, world.now).await;
    assert_eq!(code_of(&answer), ErrorCode::EnrolCodeUsed.number());
    let late = world.code(account).await;
    let (_, request) = Tablet::join([3; 16], tenant, &late, "C");
    let answer = world.relay.enrol(&request, Origin::Remote, world.now + 600_000).await;
    assert_eq!(code_of(&answer), ErrorCode::EnrolCodeExpired.number());
    let (_, request) = Tablet::join([4; 16], tenant, "0000-0000-0000-0000", "D");
    let answer = world.relay.enrol(&request, Origin::Remote, world.now).await;
    assert_eq!(code_of(&answer), ErrorCode::EnrolCodeUnknown.number());
    let terms = CodeTerms { expires_ms: u64::MAX, uses: None, local_only: true };
    let local = world.relay.make_code(account, terms, world.now).await.unwrap();
    let (_, request) = Tablet::join([5; 16], tenant, &local, "E");
    let answer = world.relay.enrol(&request, Origin::Remote, world.now).await;
    assert_eq!(code_of(&answer), ErrorCode::EnrolCodeLocalOnly.number());
    for seed in [6, 7] {
        let (_, request) = Tablet::join([seed; 16], tenant, &local, "F");
        assert_eq!(code_of(&world.relay.enrol(&request, Origin::Local, world.now).await), 0);
    }
    world.seed = 10;
}

#[tokio::test]
async fn a_full_disk_gives_no_partial_receipt_and_loses_nothing() {
    let point = FailPoint::default();
    let main = FailingBackend::new(MemoryBackend::default(), point.clone());
    let mut world = World::over(Storage::new(Box::new(main), Box::new(MemoryBackend::default()))).await;
    let mut tablet = world.tablet("pkt1", "PKT").await;
    draft(&mut tablet);
    for writes in 0..40 {
        point.fill_after(writes);
        let heard = world.sync(&mut tablet).await;
        if heard.code.is_none() {
            break;
        }
        assert_eq!(heard.code, Some(ErrorCode::RelayFull.number()), "after {writes} writes");
        assert!(heard.receipts.is_empty());
        assert_eq!(tablet.unsent(), 2);
    }
    assert_eq!(tablet.unsent(), 0, "with room, everything goes through");
    point.heal();
    world.sync(&mut tablet).await;
}
