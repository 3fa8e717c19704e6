//! Whole rounds of the machine alone.

use super::*;
use crate::protocol::codec::{decode_signed_upload, decode_upload};
use crate::protocol::seen::{Seen, Sight};

const KEPT: u64 = 5;

fn machine() -> DeviceMachine {
    DeviceMachine::new(Identity {
        tenant: TenantId::from_bytes([1; 16]),
        account: AccountId::from_bytes([2; 16]),
        device: DeviceId::from_bytes([3; 16]),
        secret: DeviceSecret::from_seed(&[4; 32]),
    })
}

/// One round against a relay that answers an own upload it cannot read with a fault, and all others with an end.
/// Returns the first bytes of what was offered.
fn round(machine: &mut DeviceMachine, meta: &mut SyncMeta, garbled: u8) -> Vec<u8> {
    let wanted = match machine.step(0, Input::Begin(Box::new(meta.clone()))) {
        Some(Effect::Collect { offers, .. }) => offers,
        other => panic!("{other:?}"),
    };
    let (offers, offers_left) = wanted.map_or((Vec::new(), false), |wanted| {
        let kept = (wanted.from..KEPT).map(|counter| (counter, SealedOffer(vec![u8::try_from(counter).unwrap()])));
        crate::sync::outbox::choose_offers(kept.collect(), wanted.count_max)
    });
    let collected = Collected { counter: 9, offers, offers_left, ..Collected::default() };
    let Some(Effect::Send(body)) = machine.step(0, Input::Collected(Box::new(collected))) else { panic!() };
    let upload = decode_upload(&decode_signed_upload(&body).unwrap().body).unwrap();
    let offered: Vec<u8> = upload.offers.iter().map(|offer| offer.0[0]).collect();
    let code = ErrorCode::FrameMalformed.number();
    let part = if offered.contains(&garbled) {
        Part::Fault(Fault { code, retry_after_s: None })
    } else {
        Part::End(End { more: false, now_ms: 0, check: None, pack: 0, merged_before_ms: 0, notice: 0 })
    };
    let mut effect = machine.step(0, Input::Part(part));
    while let Some(Effect::Commit(batch)) = effect {
        for write in batch.writes {
            if let RowWrite::PutMeta(kept) = write {
                *meta = kept;
            }
        }
        effect = machine.step(0, Input::Committed);
    }
    assert!(matches!(effect, Some(Effect::Finished(_))), "{effect:?}");
    offered
}

fn seen(number: u64) -> SeenBatch {
    let sight = Sight::LetGo(1);
    SeenBatch { number, seen: vec![Seen { at_ms: 1, sight }] }
}

/// What one round told, in an upload that an answer of these parts follows, and what it wrote.
fn tell(machine: &mut DeviceMachine, collected: Collected, parts: Vec<Part>) -> (Option<u64>, Vec<RowWrite>, Round) {
    machine.step(0, Input::Begin(Box::default()));
    let Some(Effect::Send(body)) = machine.step(0, Input::Collected(Box::new(collected))) else { panic!() };
    let upload = decode_upload(&decode_signed_upload(&body).unwrap().body).unwrap();
    let mut writes = Vec::new();
    for part in parts {
        let mut effect = machine.step(0, Input::Part(part));
        while let Some(next) = effect.take() {
            effect = match next {
                Effect::Load(_) => machine.step(0, Input::Loaded(RowMap::new())),
                Effect::Commit(batch) => {
                    writes.extend(batch.writes);
                    machine.step(0, Input::Committed)
                }
                Effect::Finished(round) => return (upload.seen.map(|batch| batch.number), writes, round),
                Effect::Collect { .. } | Effect::Send(_) => panic!(),
            };
        }
    }
    panic!("no end of the round")
}

fn answer(seen: Option<u64>) -> Vec<Part> {
    let receipts = Receipts {
        received_ms: 0,
        device_number: 1,
        pushes: Vec::new(),
        slot_stored: false,
        check_key: None,
        decisions: None,
        brought: None,
        seen,
    };
    let end = End { more: false, now_ms: 0, check: None, pack: 0, merged_before_ms: 0, notice: 0 };
    vec![Part::Receipts(receipts), Part::End(end)]
}

#[test]
fn what_was_seen_is_told_until_the_relay_names_it_and_not_again_to_one_that_does_not() {
    let collected = |number| Collected { counter: 9, seen: Some(seen(number)), ..Collected::default() };
    let is_told = |writes: &[RowWrite], number| writes.contains(&RowWrite::SeenTold(number));
    let mut machine = machine();
    let (told, writes, _) = tell(&mut machine, collected(3), answer(Some(3)));
    assert!(told == Some(3) && is_told(&writes, 3), "{writes:?}");
    // Of another number it says nothing about this one.
    let (told, writes, _) = tell(&mut machine, collected(4), answer(Some(3)));
    assert!(told == Some(4) && !is_told(&writes, 3) && !is_told(&writes, 4), "{writes:?}");
    assert_eq!(tell(&mut machine, collected(4), answer(None)).0, None, "not asked again in this session");
    let mut machine = self::machine();
    let (told, writes, _) = tell(&mut machine, collected(4), answer(None));
    assert!(told == Some(4) && !is_told(&writes, 4), "a relay that leaves the part out: {writes:?}");
    assert_eq!(tell(&mut machine, collected(4), answer(None)).0, None);
    let mut machine = self::machine();
    let fault = Fault { code: ErrorCode::FrameMalformed.number(), retry_after_s: None };
    let refused = tell(&mut machine, collected(4), vec![Part::Fault(fault.clone())]);
    assert_eq!(refused, (Some(4), Vec::new(), Round::Done { more: true, notice: 0, differs: false }));
    let (told, _, round) = tell(&mut machine, collected(4), vec![Part::Fault(fault.clone())]);
    assert_eq!((told, round), (None, Round::Fault(fault)), "it was not that part: everybody hears of it");
}

#[test]
fn an_own_upload_that_the_relay_cannot_read_keeps_back_none_of_the_others() {
    let (mut machine, mut meta) = (machine(), SyncMeta { offer_from: Some(0), ..SyncMeta::default() });
    let mut read = BTreeSet::new();
    for _ in 0..20 {
        let offered = round(&mut machine, &mut meta, 2);
        if !offered.contains(&2) {
            read.extend(offered);
        }
        if meta.offer_from.is_none() {
            break;
        }
    }
    assert_eq!((read, meta.offer_from), (BTreeSet::from([0, 1, 3, 4]), None));
}

/// A danger that stands on what a restored relay lacks is written anew once its receipts are here. An older relay, which is
/// what a restore may bring, gives none for a request with a part it does not know.
#[test]
fn what_was_seen_goes_with_no_request_whose_receipts_a_danger_waits_for() {
    use crate::command::{self, Edit, Writer};
    use crate::document::Document;
    use crate::id::{ActorId, CaseId, DocumentKey};
    use crate::protocol::frame::ChangeBytes;
    use crate::sync::row::PendingOrder;
    use crate::sync::{apart, change_hash};
    use crate::value::Scalar;

    let key =
        DocumentKey { case: CaseId::from_bytes([3; 16]), kind: String::from("intake"), subject: None, generation: 0 };
    let writer = Writer { author: AccountId::from_bytes([2; 16]), actor: ActorId::from_bytes([5; 16]) };
    let mut document = Document::new().unwrap();
    let mut wrote = |value: &str| {
        let seen = document.field("bahaya_segera").ops();
        let edit = Edit::SetField { key: String::from("bahaya_segera"), value: Scalar::Str(value.to_owned()), seen };
        let changes = command::apply(&mut document, &writer, &edit, 0).unwrap();
        let changes: Vec<ChangeBytes> = changes.into_iter().map(|change| ChangeBytes(change.bytes)).collect();
        (edit, changes)
    };
    let (_, lacking) = wrote("TIDAK");
    let (edit, changes) = wrote("YA");
    let lacking: Vec<_> = lacking.iter().filter_map(|change| change_hash(&change.0)).collect();
    let danger = PendingEdit {
        order: PendingOrder { number: 1, tab: 0 },
        key: key.clone(),
        edit,
        time_ms: 0,
        changes,
        urgent: true,
        actor: writer.actor,
        document_gone: false,
        message: None,
        awaits_copy: None,
    };
    let apart = vec![apart::Apart { document: key.id(), changes: lacking, state: apart::ApartState::Waits }];
    let meta = SyncMeta { restored_ms: Some(1), apart, ..SyncMeta::default() };
    let mut machine = machine();
    machine.step(0, Input::Begin(Box::new(meta)));
    let collected = Collected { counter: 9, pending: vec![danger], seen: Some(seen(4)), ..Collected::default() };
    let Some(Effect::Send(body)) = machine.step(0, Input::Collected(Box::new(collected))) else { panic!() };
    assert_eq!(machine.danger_kept.len(), 1, "it waits for this round's receipts");
    let upload = decode_upload(&decode_signed_upload(&body).unwrap().body).unwrap();
    assert_eq!(upload.seen, None, "the danger would wait for another round");
}
