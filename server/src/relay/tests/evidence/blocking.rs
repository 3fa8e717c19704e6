//! What is decided about a tablet from which damaged or hostile bytes came.

use super::*;

/// Who keeps the register excludes somebody from a case.
async fn exclude(world: &mut World, registrar: &mut Tablet, case: CaseId, whom: AccountId) {
    let guard = registrar.make(case, "guard", None).unwrap();
    let entry = row(registrar, "kecualikan", &[("ada", text("ADA")), ("akun", text(&whom.to_string()))]);
    registrar.edit(guard, &entry, 6).unwrap();
    assert_eq!(world.sync(registrar).await.receipts, vec![PushReceipt::All]);
}

#[tokio::test]
async fn who_decides_blocks_the_tablet_and_nobody_else_does() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let mut second = world.tablet("ser2", "SER").await;
    let (_, key) = report(&mut world, &mut author).await;
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    send_garbage(&mut world, &mut author, &key, b"dua").await;
    for tablet in [&mut mks, &mut ser, &mut second] {
        world.sync(tablet).await;
    }
    let ids: Vec<HeldId> = ser.held.keys().copied().collect();
    let (id, other) = (ids[0], ids[1]);
    let refused = |code: ErrorCode| vec![DecisionReceipt::Refused(code.number())];
    mks.decide(id, Verdict::Block(REASON.to_owned()));
    assert_eq!(world.sync(&mut mks).await.decisions, refused(ErrorCode::DecisionUnknown));
    ser.decide(id, Verdict::Block("  ".to_owned()));
    assert_eq!(world.sync(&mut ser).await.decisions, refused(ErrorCode::ValueWrong));
    for verdict in [Verdict::Accept, Verdict::Decline(REASON.to_owned()), Verdict::Forward] {
        ser.decide(id, verdict);
        assert_eq!(world.sync(&mut ser).await.decisions, refused(ErrorCode::DecisionUnknown), "it is no entry");
    }
    assert!(acts(&world, Act::DeviceRevoked).await.is_empty());
    ser.decide(id, Verdict::Block(REASON.to_owned()));
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Done]);
    let revoked = acts(&world, Act::DeviceRevoked).await;
    assert_eq!(revoked.iter().map(|entry| entry.device).collect::<Vec<_>>(), vec![Some(author.device)]);
    let blocked = acts(&world, Act::TabletBlocked).await;
    assert_eq!((blocked.len(), blocked[0].account, blocked[0].count), (1, Some(ser.account), 2));
    // What came from it is settled with it, and everybody who was told hears by whom and why.
    second.decide(other, Verdict::Block(REASON.to_owned()));
    assert_eq!(world.sync(&mut second).await.decisions, vec![DecisionReceipt::Decided]);
    world.sync(&mut ser).await;
    for tablet in [&ser, &second] {
        assert_eq!(tablet.decided.len(), 2);
        for decided in tablet.decided.values() {
            assert_eq!((decided.outcome, decided.by), (HeldOutcome::Declined, Some(ser.account)));
            assert_eq!(decided.reason.as_deref(), Some(REASON));
        }
    }
    let heard = world.sync(&mut author).await;
    assert_eq!((heard.code, heard.pages), (Some(ErrorCode::DeviceRevoked.number()), 0));
    send_garbage(&mut world, &mut author, &key, b"tiga").await;
    assert_eq!(kept(&world).await.len(), 2, "what a blocked tablet still sends is refused, and no news");
    // Bytes can be had for what was blocked, too: they are wanted after the tablet is stopped.
    prepare_office(&world).await;
    ser.decide(id, Verdict::TakeOut);
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Done]);
    assert!(told(&ser).iter().any(|one| one.letter.is_some()));
    let mut other_device = world.tablet_of(author.account).await;
    assert_eq!(world.sync(&mut other_device).await.code, None, "the account and its other tablets go on");
}

#[tokio::test]
async fn nobody_blocks_a_tablet_of_their_own() {
    let mut world = World::new().await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, key) = report(&mut world, &mut ser).await;
    let mut other = world.tablet_of(ser.account).await;
    world.sync(&mut other).await;
    send_garbage(&mut world, &mut ser, &key, b"satu").await;
    for tablet in [&mut ser, &mut other] {
        world.sync(tablet).await;
        let [id] = tablet.held.keys().copied().collect::<Vec<_>>().try_into().unwrap();
        tablet.decide(id, Verdict::Block(REASON.to_owned()));
        let own = DecisionReceipt::Refused(ErrorCode::BlockOwn.number());
        assert_eq!(world.sync(tablet).await.decisions, vec![own], "whichever of them asks");
    }
    assert!(acts(&world, Act::DeviceRevoked).await.is_empty());
    let mut second = world.tablet("ser2", "SER").await;
    let [id] = second.held.keys().copied().collect::<Vec<_>>().try_into().expect("who comes later is told as well");
    second.decide(id, Verdict::Block(REASON.to_owned()));
    assert_eq!(world.sync(&mut second).await.decisions, vec![DecisionReceipt::Done]);
    assert_eq!(acts(&world, Act::DeviceRevoked).await.len(), 1);
}

#[tokio::test]
async fn who_must_not_know_of_the_case_hears_of_the_tablet_alone() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut first = world.tablet("ser1", "SER").await;
    let mut second = world.tablet("ser2", "SER").await;
    let (case, key) = report(&mut world, &mut author).await;
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    for tablet in [&mut first, &mut second] {
        world.sync(tablet).await;
        assert!(tablet.held.values().all(|held| held.case == case));
    }
    exclude(&mut world, &mut first, case, second.account).await;
    world.sync(&mut second).await;
    let held: Vec<_> = second.held.values().collect();
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].case, held[0].kind.as_str()), (CaseId::from_bytes([0; 16]), ""));
    assert_eq!(held[0].evidence.as_ref().map(|one| one.account), Some(author.account));
    let id = held[0].held;
    prepare_office(&world).await;
    second.decide(id, Verdict::TakeOut);
    world.sync(&mut second).await;
    assert_eq!(second.held[&id].case, CaseId::from_bytes([0; 16]), "nor with the bytes");
    assert!(second.held[&id].evidence.as_ref().unwrap().letter.is_some());
}

#[tokio::test]
async fn what_was_looked_into_asks_nobody_any_more() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let mut second = world.tablet("ser2", "SER").await;
    let (_, key) = report(&mut world, &mut author).await;
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    send_garbage(&mut world, &mut author, &key, b"dua").await;
    for tablet in [&mut mks, &mut ser, &mut second] {
        world.sync(tablet).await;
    }
    let ids: Vec<HeldId> = ser.held.keys().copied().collect();
    let (id, other) = (ids[0], ids[1]);
    mks.decide(id, Verdict::Reviewed);
    let unknown = vec![DecisionReceipt::Refused(ErrorCode::DecisionUnknown.number())];
    assert_eq!(world.sync(&mut mks).await.decisions, unknown);
    ser.decide(id, Verdict::Reviewed);
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Done]);
    ser.decide(id, Verdict::Reviewed);
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Done], "it may be said twice");
    second.decide(id, Verdict::Reviewed);
    assert_eq!(world.sync(&mut second).await.decisions, vec![DecisionReceipt::Decided]);
    world.sync(&mut ser).await;
    for tablet in [&ser, &second] {
        let [decided] = tablet.decided.values().collect::<Vec<_>>().try_into().unwrap();
        assert_eq!((decided.held, decided.by, decided.reason.as_deref()), (id, Some(ser.account), None));
        assert!(tablet.held.contains_key(&other), "the other was not looked into");
    }
    assert_eq!(acts(&world, Act::EvidenceReviewed).await.len(), 1);
    assert!(acts(&world, Act::DeviceRevoked).await.is_empty());
    assert_eq!(world.sync(&mut author).await.code, None, "its tablet goes on");
    // The same bytes again are no news.
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    second.decided.clear();
    world.sync(&mut second).await;
    assert!(second.decided.is_empty());
    // Somebody else would have blocked it: by what came besides they still may.
    second.decide(id, Verdict::Block(REASON.to_owned()));
    assert_eq!(world.sync(&mut second).await.decisions, vec![DecisionReceipt::Decided]);
    second.decide(other, Verdict::Block(REASON.to_owned()));
    assert_eq!(world.sync(&mut second).await.decisions, vec![DecisionReceipt::Done]);
    world.sync(&mut ser).await;
    let reasons: Vec<_> = [id, other].iter().map(|id| ser.decided[id].reason.as_deref()).collect();
    assert_eq!(reasons, [None, Some(REASON)]);
    ser.decide(other, Verdict::Reviewed);
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Decided], "a block stays");
    assert_eq!(acts(&world, Act::DeviceRevoked).await.len(), 1);
}

#[tokio::test]
async fn what_an_excluded_registrar_must_not_judge_stays_with_the_others() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let mut excluded = world.tablet("ser2", "SER").await;
    let (case, key) = report(&mut world, &mut author).await;
    world.sync(&mut ser).await;
    exclude(&mut world, &mut ser, case, excluded.account).await;
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    for tablet in [&mut ser, &mut excluded] {
        world.sync(tablet).await;
    }
    let id = *ser.held.keys().next().unwrap();
    let unknown = vec![DecisionReceipt::Refused(ErrorCode::DecisionUnknown.number())];
    excluded.decide(id, Verdict::Reviewed);
    assert_eq!(world.sync(&mut excluded).await.decisions, unknown);
    ser.decide(id, Verdict::Reviewed);
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Done]);
    world.sync(&mut excluded).await;
    assert_eq!(excluded.decided[&id].by, Some(ser.account), "but they are told that it was");
}

#[tokio::test]
async fn bytes_can_still_be_had_of_a_tablet_that_administration_revoked() {
    let mut world = World::new().await;
    prepare_office(&world).await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, key) = report(&mut world, &mut author).await;
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    world.sync(&mut ser).await;
    let id = *ser.held.keys().next().unwrap();
    world.now += 1000;
    let devices = world.relay.list_devices().await.unwrap();
    let number = devices.iter().find(|(id, ..)| *id == author.device).unwrap().1.number;
    world.relay.revoke_device(number, world.now).await.unwrap();
    world.sync(&mut ser).await;
    assert_eq!(kept(&world).await.len(), 1, "its bytes are kept for their time");
    ser.decide(id, Verdict::TakeOut);
    let heard = world.sync(&mut ser).await;
    assert_eq!(heard.decisions, vec![DecisionReceipt::Done], "and no way leads to them any more");
}

#[tokio::test]
async fn a_registrar_does_not_hide_evidence_by_excluding_the_other_first() {
    let mut world = World::new().await;
    prepare_office(&world).await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut hostile = world.tablet("ser1", "SER").await;
    let mut honest = world.tablet("ser2", "SER").await;
    let (case, key) = report(&mut world, &mut author).await;
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    for tablet in [&mut hostile, &mut honest] {
        world.sync(tablet).await;
    }
    let id = *hostile.held.keys().next().unwrap();
    exclude(&mut world, &mut hostile, case, honest.account).await;
    hostile.decide(id, Verdict::Reviewed);
    assert_eq!(world.sync(&mut hostile).await.decisions, vec![DecisionReceipt::Done]);
    world.sync(&mut honest).await;
    let says = honest.decided.get(&id).map(|decided| (decided.outcome, decided.by));
    honest.decide(id, Verdict::TakeOut);
    let heard = world.sync(&mut honest).await;
    assert!(
        says == Some((HeldOutcome::Declined, Some(hostile.account))) || heard.decisions == [DecisionReceipt::Done],
        "the card went without a word, and its bytes with it: {says:?} {heard:?}"
    );
}

#[tokio::test]
async fn what_was_looked_into_leaves_room_for_what_comes_after_it() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, key) = report(&mut world, &mut author).await;
    for number in 0..EVIDENCE_DEVICE_MAX {
        send_garbage(&mut world, &mut author, &key, format!("rusak {number}").as_bytes()).await;
    }
    world.sync(&mut ser).await;
    let ids: Vec<HeldId> = ser.held.keys().copied().collect();
    assert_eq!(ids.len(), EVIDENCE_DEVICE_MAX);
    for id in ids {
        ser.decide(id, Verdict::Reviewed);
    }
    let heard = world.sync(&mut ser).await;
    assert!(heard.decisions.iter().all(|receipt| *receipt == DecisionReceipt::Done));
    world.sync(&mut ser).await;
    assert!(ser.held.is_empty());
    // The tablet was not broken, and goes on.
    send_garbage(&mut world, &mut author, &key, MARK).await;
    world.sync(&mut ser).await;
    assert_eq!(ser.held.len(), 1, "for 90 days nobody hears of this tablet any more");
}

#[tokio::test]
async fn what_is_forged_is_not_put_aside_by_saying_that_it_was_looked_into() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, key) = report(&mut world, &mut author).await;
    // Signed for another document.
    let change = next_change(&mut author, key.id());
    let mut push = push_of(&mut author, &key, true, &[change]);
    push.signature = [7; 64];
    assert_eq!(send(&mut world, &mut author, push).await, [Receipt::Refused(ErrorCode::PushSignatureWrong.number())]);
    world.sync(&mut ser).await;
    let id = *ser.held.keys().next().unwrap();
    ser.decide(id, Verdict::Reviewed);
    let unknown = vec![DecisionReceipt::Refused(ErrorCode::DecisionUnknown.number())];
    assert_eq!(world.sync(&mut ser).await.decisions, unknown);
    assert!(ser.held.contains_key(&id) && acts(&world, Act::EvidenceReviewed).await.is_empty());
}
