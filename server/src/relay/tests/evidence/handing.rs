//! Damaged and hostile bytes are handed to who keeps the register, sealed to the office, and to nobody else.

use super::*;

#[tokio::test]
async fn the_bytes_lie_sealed_and_leave_only_for_who_asks_and_may() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, key) = report(&mut world, &mut author).await;
    let large = [MARK, &vec![0x42; EVIDENCE_BYTES_MAX]].concat();
    send_garbage(&mut world, &mut author, &key, &large).await;
    let mut read = world.relay.storage().main().read().await.unwrap();
    for table in Table::ALL {
        for (_, value) in read.scan(*table, &Range::prefix(&[]), usize::MAX).await.unwrap() {
            assert!(!value.windows(MARK.len()).any(|window| window == MARK), "{}", table.name());
        }
    }
    drop(read);
    for tablet in [&mut author, &mut mks, &mut ser] {
        world.sync(tablet).await;
    }
    assert!(told(&author).is_empty() && told(&mks).is_empty(), "only who keeps the register hears of it");
    let id = *ser.held.keys().next().unwrap();
    for tablet in [&mut author, &mut mks] {
        tablet.decide(id, Verdict::TakeOut);
        let heard = world.sync(tablet).await;
        assert_eq!(heard.decisions, vec![DecisionReceipt::Refused(ErrorCode::DecisionUnknown.number())]);
        assert!(told(tablet).is_empty());
    }
    assert!(acts(&world, Act::EvidenceTaken).await.is_empty());
    ser.decide(id, Verdict::TakeOut);
    let heard = world.sync(&mut ser).await;
    assert_eq!(
        heard.decisions,
        vec![DecisionReceipt::Refused(ErrorCode::RecoveryMissing.number())],
        "nobody could open it"
    );
    prepare_office(&world).await;
    ser.decide(id, Verdict::TakeOut);
    let heard = world.sync(&mut ser).await;
    assert_eq!(heard.decisions, vec![DecisionReceipt::Done]);
    let [evidence] = told(&ser).try_into().unwrap();
    let letter = evidence.letter.clone().unwrap();
    assert!(!letter.windows(MARK.len()).any(|window| window == MARK), "for the office, and for nobody here");
    let opened = office().open(Purpose::Evidence, &letter).unwrap();
    assert_eq!(Some(opened.as_slice()), large.get(..EVIDENCE_BYTES_MAX), "of the largest the first");
    assert_eq!(
        (evidence.size, evidence.sha256),
        (u64::try_from(large.len()).unwrap(), sha256(&large)),
        "and what all of them were"
    );
    let taken = acts(&world, Act::EvidenceTaken).await;
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].account, taken[0].device), (Some(ser.account), Some(ser.device)));
    let requests = world.relay.storage().main().read().await.unwrap();
    let mut requests = requests;
    for (_, value) in requests.scan(Table::Request, &Range::prefix(&[]), usize::MAX).await.unwrap() {
        assert!(value.len() < 1000, "receipts are kept to be repeated, and the bytes are none");
    }
}

#[tokio::test]
async fn who_must_not_know_of_the_case_is_not_handed_what_stands_in_it() {
    const PHONE: &str = "0812 0000 0000";
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut first = world.tablet("ser1", "SER").await;
    let mut excluded = world.tablet("ser2", "SER").await;
    let (case, core, _) = draft(&mut author);
    let reporter = author.make(case, "intake.reporter", None).unwrap();
    author.edit(reporter, &set("pelapor_nama", text("Contoh Pelapor")), 2).unwrap();
    hand_over(&mut author, core);
    world.sync(&mut author).await;
    world.sync(&mut first).await;
    let guard = first.make(case, "guard", None).unwrap();
    let account = text(&excluded.account.to_string());
    let entry = row(&mut first, "kecualikan", &[("ada", text("ADA")), ("akun", account)]);
    first.edit(guard, &entry, 6).unwrap();
    assert_eq!(world.sync(&mut first).await.receipts, vec![PushReceipt::All]);
    world.sync(&mut excluded).await;
    assert!(excluded.documents.is_empty(), "nothing of the case is theirs to know");
    // One byte too many, by whatever fault of the tablet: no change, and every word of it is there.
    author.edit(reporter, &set("pelapor_telp", text(PHONE)), 7).unwrap();
    let mut change = author.documents[&reporter].document.changes().pop().unwrap().bytes;
    change.push(0);
    let key = author.documents[&reporter].key.clone();
    let code = send_garbage(&mut world, &mut author, &key, &change).await;
    assert_eq!(code, ErrorCode::ChangeMalformed.number());
    world.sync(&mut excluded).await;
    let id = *excluded.held.keys().next().unwrap();
    excluded.decide(id, Verdict::TakeOut);
    world.sync(&mut excluded).await;
    let bytes = told(&excluded).into_iter().find_map(|one| one.letter).unwrap_or_default();
    let is_told = bytes.windows(PHONE.len()).any(|window| window == PHONE.as_bytes());
    assert!(!is_told, "the file of who is excluded from the case says who reported it");
}

async fn account_to(world: &World, login: &str, to: CivilDate) -> AccountId {
    let new = NewAccount {
        login: login.to_owned(),
        name: format!("Nama {login}"),
        unit: "GT".to_owned(),
        office: None,
        roles: vec!["SER".to_owned()],
        from: CivilDate::new(2020, 1, 1).unwrap(),
        to: Some(to),
    };
    world.relay.add_account(new, world.now).await.unwrap()
}

#[tokio::test]
async fn who_keeps_the_register_no_longer_is_handed_nothing_of_what_was_blocked() {
    let mut world = World::new().await;
    prepare_office(&world).await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let account = account_to(&world, "ser1", CivilDate::new(2025, 10, 9).unwrap()).await;
    let mut ser = world.tablet_of(account).await;
    let (_, key) = report(&mut world, &mut author).await;
    send_garbage(&mut world, &mut author, &key, MARK).await;
    world.sync(&mut ser).await;
    let id = *ser.held.keys().next().unwrap();
    ser.decide(id, Verdict::Block(REASON.to_owned()));
    world.sync(&mut ser).await;
    world.sync(&mut ser).await;
    ser.decide(id, Verdict::TakeOut);
    let heard = world.sync(&mut ser).await;
    assert_eq!(heard.decisions, vec![DecisionReceipt::Done]);
    let handed = acts(&world, Act::EvidenceTaken).await.len();
    ser.held.clear();
    // The role is over, and its tablet says its last request once more.
    world.now += 20 * 3_600_000;
    world.relay.refresh_grants(world.now).await.unwrap();
    let again = ser.repeat();
    world.send(&mut ser, &again).await;
    let bytes: Vec<_> = told(&ser).into_iter().filter_map(|one| one.letter).collect();
    assert_eq!((bytes, acts(&world, Act::EvidenceTaken).await.len()), (Vec::new(), handed));
}

#[tokio::test]
async fn bytes_that_do_not_open_any_more_are_not_promised() {
    let (main, keys) = (MemoryBackend::default(), MemoryBackend::default());
    let storage = || Storage::new(Box::new(main.clone()), Box::new(keys.clone()));
    let mut world = World::over(storage()).await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let case = CaseId::from_bytes(author.draw());
    let intake = author.make(case, "intake", None).unwrap();
    let key = author.documents[&intake].key.clone();
    let push = push_of(&mut author, &key, false, &[MARK.to_vec()]);
    send(&mut world, &mut author, push).await;
    world.sync(&mut ser).await;
    let id = *ser.held.keys().next().unwrap();
    // The document's key is erased, and with it what was sent for the document.
    let mut tx = world.relay.storage().keys().write().await.unwrap();
    tx.delete(Table::DocumentKey, intake.as_bytes()).await.unwrap();
    tx.commit().await.unwrap();
    let mut world = World { now: world.now, ..World::over(storage()).await };
    for _ in 0..3 {
        ser.decide(id, Verdict::TakeOut);
        let heard = world.sync(&mut ser).await;
        let is_given = told(&ser).iter().any(|one| one.letter.is_some());
        let is_promised = heard.decisions == [DecisionReceipt::Done];
        assert_eq!(
            is_promised, is_given,
            "the tablet asks with every round, for ever, and each stands in the audit log"
        );
    }
}
