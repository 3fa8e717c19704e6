//! Damaged or hostile bytes on the tablet of who keeps the register: saved unseen, their tablet blocked or not.

use super::*;

/// A frame as a tablet would send it whose program was altered: bytes that are no change, signed by the tablet's own key.
async fn hostile_frame(tablet: &Tablet, case: CaseId, bytes: &[u8]) -> Vec<u8> {
    let document = document_key(case, "intake", None).id();
    with(tablet, async |session| {
        let (owner, counter) = (session.owner.clone(), session.rows.take_counter().await.unwrap());
        let secret = DeviceSecret::from_seed(&owner.seed);
        let signature = *secret.sign(&push_message(owner.tenant, document, &[], owner.device, counter)).as_bytes();
        let upload = Upload {
            version: PROTOCOL_VERSION,
            device: owner.device,
            request: RequestId::from_bytes([counter.to_be_bytes(), [0; 8]].concat().try_into().unwrap()),
            counter,
            cursor: session.meta.cursor.clone(),
            pack: session.meta.pack,
            budget_bytes: 0,
            priorities: Vec::new(),
            pushes: vec![Push { document, create: None, changes: vec![ChangeBytes(bytes.to_vec())], signature }],
            repair: None,
            slot: None,
            offers: Vec::new(),
            decisions: None,
            brought: None,
            seen: None,
        };
        encode(&SignedUpload::sign(owner.tenant, &secret, encode(&upload)))
    })
    .await
}

#[tokio::test]
async fn hostile_bytes_are_saved_unseen_and_their_tablet_is_blocked() {
    const BYTES: &[u8] = b"<script>jahat()</script>";
    let Scene { office, wire, mut author, mut registrar, case } = scene(Vec::new()).await;
    let frame = hostile_frame(&author, case, BYTES).await;
    let relay = office.relay();
    let recovery = Identity::from_seed(&[1; 32]);
    relay.set_recovery_recipient(&recovery.recipient().to_string(), office.clock().now_ms()).await.unwrap();
    let parts = relay.handle_sync(&frame, office.clock().now_ms()).await;
    let refused = Receipt::Refused(ErrorCode::ChangeKind.number());
    let Some(Part::Receipts(receipts)) = parts.first() else { panic!("{parts:?}") };
    assert_eq!(receipts.pushes, [PushReceipt::Each(vec![refused])]);
    sync(&mut registrar, &wire).await;
    let item = listed(&registrar).await.remove(0);
    let evidence = item.evidence.clone().unwrap();
    assert_eq!((evidence.member.as_str(), evidence.tablet.as_str()), ("Contoh PKT", "Tablet PKT"));
    assert_eq!((evidence.code, evidence.count, evidence.size), (ErrorCode::ChangeKind.number(), 1, 24));
    assert!(item.case == case && item.says.is_none() && !evidence.own && !evidence.here);
    assert_eq!(with(&registrar, async |session| session.to_decide()).await, 1, "it waits like anything that is held");

    assert!(evidence.damaged, "an honest tablet may be broken");

    // Asked for without a signal: the wish is kept, and what comes is handed out, and never shown.
    let id = item.held;
    let reply = with(&registrar, async |session| session.take_out(id).await.unwrap()).await;
    assert!(matches!(reply, Reply::Saved));
    registrar.restart().await.unwrap();
    // Its receipt comes, and the line breaks before the bytes do.
    wire.plan(Fate::Cut(500));
    let _ = registrar.round(&wire, 0).await;
    let evidence = listed(&registrar).await.remove(0).evidence.unwrap();
    assert!(evidence.wanted && !evidence.here, "so it is asked for again: {evidence:?}");
    sync(&mut registrar, &wire).await;
    let item = listed(&registrar).await.remove(0);
    assert!(item.evidence.as_ref().is_some_and(|one| one.here && !one.wanted) && item.case == case, "{item:?}");
    let reply = with(&registrar, async |session| session.take_out(id).await.unwrap()).await;
    let Reply::File(name, file) = reply else { panic!("{reply:?}") };
    let file = String::from_utf8(file).unwrap();
    let opened = shared::evidence_file::open(&file, &recovery).unwrap();
    assert!(opened.whole && opened.bytes.as_slice() == BYTES, "the office has every byte of it");
    assert!(name.starts_with("bukti-") && !file.contains("Contoh") && !file.contains("script"), "{name} {file}");
    // The browser did not save it: it is offered again, without a signal.
    registrar.restart().await.unwrap();
    let again = with(&registrar, async |session| session.take_out(id).await.unwrap()).await;
    assert!(matches!(again, Reply::File(_, again) if again == file.as_bytes()), "the same file");

    // Blocked, taken back, and blocked: it goes out like every decision.
    let block = Verdict::Block(String::from("Tablet hilang."));
    with(&registrar, async |session| session.decide(&[id], &block).await.unwrap()).await;
    with(&registrar, async |session| session.undecide(id).await.unwrap()).await;
    sync(&mut registrar, &wire).await;
    assert!(matches!(author.round(&wire, 0).await, RoundEnd::Machine(Round::Done { notice: 0, .. })));
    with(&registrar, async |session| session.decide(&[id], &block).await.unwrap()).await;
    registrar.restart().await.unwrap();
    assert!(matches!(listed(&registrar).await.remove(0).queued, Some(HeldChoice::Block(_))));
    sync(&mut registrar, &wire).await;
    let item = listed(&registrar).await.remove(0);
    let decided = item.decided.clone().unwrap();
    assert_eq!((decided.by.as_str(), decided.reason.as_deref()), ("Contoh SER", Some("Tablet hilang.")));
    assert!(item.queued.is_none() && item.refused.is_none() && item.evidence.is_some(), "{item:?}");
    let RoundEnd::Machine(Round::Done { notice, .. }) = author.round(&wire, 0).await else { panic!("no end") };
    assert_eq!(notice, ErrorCode::DeviceRevoked.number());
    // What was blocked can still be had, and stays for its time.
    with(&registrar, async |session| session.take_out(id).await.unwrap()).await;
    sync(&mut registrar, &wire).await;
    let item = listed(&registrar).await.remove(0);
    assert!(item.decided.is_some() && item.evidence.unwrap().here && item.case == case);
    office.clock().pass_ms(91 * 86_400_000);
    registrar.restart().await.unwrap();
    assert!(listed(&registrar).await.is_empty());
    assert_eq!(wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_restored_relay_leaves_no_card_that_says_what_is_not_so() {
    let Scene { office, wire, mut author, mut registrar, case } = scene(Vec::new()).await;
    sync(&mut registrar, &wire).await;
    let backup = office.copy().await.unwrap();
    let frame = hostile_frame(&author, case, b"satu").await;
    office.relay().handle_sync(&frame, office.clock().now_ms()).await;
    sync(&mut registrar, &wire).await;
    let id = listed(&registrar).await[0].held;
    let block = Verdict::Block(String::from("Tablet hilang."));
    with(&registrar, async |session| session.decide(&[id], &block).await.unwrap()).await;
    sync(&mut registrar, &wire).await;
    assert!(listed(&registrar).await[0].decided.is_some());
    office.restore(backup).await.unwrap();
    sync(&mut registrar, &wire).await;
    let _ = author.round(&wire, 0).await;
    let RoundEnd::Machine(Round::Done { notice, .. }) = author.round(&wire, 0).await else { panic!("no end") };
    // It does so again, and the registrar is told again.
    let frame = hostile_frame(&author, case, b"satu").await;
    office.relay().handle_sync(&frame, office.clock().now_ms()).await;
    sync(&mut registrar, &wire).await;
    let says_blocked = listed(&registrar).await.iter().any(|item| item.decided.is_some());
    let is_blocked = notice == ErrorCode::DeviceRevoked.number();
    let again = with(&registrar, async |session| session.decide(&[id], &block).await.is_ok()).await;
    assert_eq!(
        (says_blocked, again),
        (is_blocked, true),
        "the card says blocked, the tablet is served again ({notice}), and nobody can block it"
    );
}

#[tokio::test]
async fn what_a_restored_relay_no_longer_knows_does_not_wait_for_ever() {
    let Scene { office, wire, author, mut registrar, case } = scene(Vec::new()).await;
    sync(&mut registrar, &wire).await;
    let backup = office.copy().await.unwrap();
    let frame = hostile_frame(&author, case, b"satu").await;
    office.relay().handle_sync(&frame, office.clock().now_ms()).await;
    sync(&mut registrar, &wire).await;
    let id = listed(&registrar).await[0].held;
    office.restore(backup).await.unwrap();
    sync(&mut registrar, &wire).await;
    let block = Verdict::Block(String::from("Tablet hilang."));
    let _ = with(&registrar, async |session| session.decide(&[id], &block).await).await;
    sync(&mut registrar, &wire).await;
    office.clock().pass_ms(100 * 86_400_000);
    registrar.restart().await.unwrap();
    sync(&mut registrar, &wire).await;
    let left = listed(&registrar).await;
    let refused: Vec<_> = left.iter().map(|item| item.refused).collect();
    assert_eq!(
        with(&registrar, async |session| session.to_decide()).await,
        0,
        "nobody can ever decide it: {refused:?}"
    );
}

#[tokio::test]
async fn a_tablet_that_was_to_be_blocked_before_a_restore_is_said_not_to_be() {
    let Scene { office, wire, mut author, mut registrar, case } = scene(Vec::new()).await;
    sync(&mut registrar, &wire).await;
    let backup = office.copy().await.unwrap();
    for bytes in [b"satu", b"dua!"] {
        let frame = hostile_frame(&author, case, bytes).await;
        office.relay().handle_sync(&frame, office.clock().now_ms()).await;
    }
    sync(&mut registrar, &wire).await;
    let items = listed(&registrar).await;
    let (id, count) = (items[0].held, items.len());
    // Decided without a signal; meanwhile the relay loses what it was about.
    let block = Verdict::Block(String::from("Tablet hilang."));
    with(&registrar, async |session| session.decide(&[id], &block).await.unwrap()).await;
    office.restore(backup).await.unwrap();
    sync(&mut registrar, &wire).await;
    let left = listed(&registrar).await;
    let refused: Vec<_> = left.iter().map(|item| (item.held, item.refused, item.queued.is_some())).collect();
    assert_eq!((count, refused), (2, vec![(id, Some(ErrorCode::DecisionUnknown.number()), false)]), "she is told why");
    assert_eq!(with(&registrar, async |session| session.to_decide()).await, 0);
    // It comes once more, and waits like before.
    sync(&mut author, &wire).await;
    let frame = hostile_frame(&author, case, b"satu").await;
    office.relay().handle_sync(&frame, office.clock().now_ms()).await;
    let frame = hostile_frame(&author, case, b"dua!").await;
    office.relay().handle_sync(&frame, office.clock().now_ms()).await;
    sync(&mut registrar, &wire).await;
    assert_eq!(with(&registrar, async |session| session.to_decide()).await, 2);
    assert!(listed(&registrar).await.iter().all(|item| item.refused.is_none()));
}

/// One thing that a relay says, of which no relay is made to say it here.
async fn tell(tablet: &Tablet, write: RowWrite) {
    let batch = Batch { writes: vec![write], ..Batch::default() };
    with(tablet, async |session| session.commit(&batch, Writes::new()).await.unwrap()).await;
}

#[tokio::test]
async fn what_is_told_as_open_is_not_said_to_be_blocked_any_more() {
    let Scene { office, wire, author, mut registrar, case } = scene(Vec::new()).await;
    let frame = hostile_frame(&author, case, b"satu").await;
    office.relay().handle_sync(&frame, office.clock().now_ms()).await;
    sync(&mut registrar, &wire).await;
    let held = listed(&registrar).await[0].held;
    let item = with(&registrar, async |session| session.held[&held].item.clone()).await;
    let reason = Some(String::from("Tablet hilang."));
    let decided = Decided { held, outcome: HeldOutcome::Declined, by: None, at_ms: office.clock().now_ms(), reason };
    tell(&registrar, RowWrite::NoteDecided(decided)).await;
    assert!(listed(&registrar).await[0].decided.is_some());
    tell(&registrar, RowWrite::PutHeld(item)).await;
    registrar.restart().await.unwrap();
    assert!(listed(&registrar).await[0].decided.is_none());
    assert_eq!(with(&registrar, async |session| session.to_decide()).await, 1);
}

#[tokio::test]
async fn evidence_that_is_not_ones_own_to_decide_says_so_and_can_still_be_saved() {
    let Scene { office, wire, author, mut registrar, case } = scene(Vec::new()).await;
    let frame = hostile_frame(&author, case, b"satu").await;
    office.relay().handle_sync(&frame, office.clock().now_ms()).await;
    sync(&mut registrar, &wire).await;
    let known = listed(&registrar).await[0].held;
    let covered = HeldId::from_bytes([9; 16]);
    // Of another case, which she must not know of.
    let item = with(&registrar, async |session| session.held[&known].item.clone()).await;
    let item = HeldChange { held: covered, case: CaseId::from_bytes([0; 16]), ..item };
    tell(&registrar, RowWrite::PutHeld(item)).await;
    assert_eq!(with(&registrar, async |session| session.to_decide()).await, 2);
    for held in [known, covered] {
        let decision = Decision { held, verdict: Verdict::Block(String::from("Tablet hilang.")) };
        let receipt = DecisionReceipt::Refused(ErrorCode::DecisionUnknown.number());
        tell(&registrar, RowWrite::NoteReceipt(decision, receipt)).await;
    }
    let refused: Vec<_> = listed(&registrar).await.iter().map(|item| item.refused).collect();
    assert_eq!(refused, [Some(ErrorCode::DecisionUnknown.number()); 2], "the card has a sentence");
    assert_eq!(with(&registrar, async |session| session.to_decide()).await, 0);
    registrar.restart().await.unwrap();
    let left: Vec<_> = listed(&registrar).await.iter().map(|item| item.held).collect();
    assert_eq!(left, [covered], "what the relay does not know is gone");
    office.clock().pass_ms(91 * 86_400_000);
    registrar.restart().await.unwrap();
    assert!(listed(&registrar).await.is_empty(), "the relay has erased it by now");
}

#[tokio::test]
async fn a_registrar_who_entered_something_again_before_a_restore_is_not_shown_as_hostile() {
    let twice = ["07:15", "08:30"].map(|value| ("intake", "jam_lapor", text(value)));
    let (scene, backup) = scene_with_backup(twice.to_vec()).await;
    let Scene { office, wire, mut author, mut registrar, case } = scene;
    let ids: Vec<HeldId> = listed(&registrar).await.iter().map(|item| item.held).collect();
    assert_eq!(ids.len(), 2);
    let decline = Verdict::Decline(REASON.to_owned());
    with(&registrar, async |session| session.decide(&ids[..1], &decline).await.unwrap()).await;
    with(&registrar, async |session| session.decide(&ids[1..], &Verdict::Accept).await.unwrap()).await;
    sync(&mut registrar, &wire).await;
    sync(&mut registrar, &wire).await;
    assert!(listed(&registrar).await.iter().all(|item| item.decided.is_some()));
    assert_eq!(hour(&registrar, case).await, Some(text("08:30")), "as it was taken in");
    let before = changes_of(&office, case).await;
    office.restore(backup).await.unwrap();
    sync(&mut registrar, &wire).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    assert!(changes_of(&office, case).await < before, "nobody knows yet what she took in");
    // What she had entered again stands once more when the relay knows again what that was: nobody may have given the author's
    // rights back by then, so that it is held.
    let day_ms = 86_400_000;
    for day in 1..=4 {
        office.relay().try_old_offers(office.clock().now_ms() + day * day_ms).await.unwrap();
    }
    assert_eq!(changes_of(&office, case).await, before, "what she entered again is there");
    let evidence: Vec<_> = listed(&registrar).await.into_iter().filter_map(|item| item.evidence).collect();
    assert!(evidence.is_empty(), "her tablet offered again what the relay had taken: {evidence:?}");
}

#[tokio::test]
async fn what_was_looked_into_stands_among_the_decided() {
    let Scene { office, wire, mut author, mut registrar, case } = scene(Vec::new()).await;
    for bytes in [b"satu".as_slice(), b"dua"] {
        let frame = hostile_frame(&author, case, bytes).await;
        office.relay().handle_sync(&frame, office.clock().now_ms()).await;
    }
    sync(&mut registrar, &wire).await;
    let ids: Vec<HeldId> = listed(&registrar).await.iter().map(|item| item.held).collect();
    assert_eq!(with(&registrar, async |session| session.to_decide()).await, 2);
    with(&registrar, async |session| session.decide(&ids, &Verdict::Reviewed).await.unwrap()).await;
    assert!(listed(&registrar).await.iter().all(|item| item.queued == Some(HeldChoice::Reviewed)));
    assert_eq!(with(&registrar, async |session| session.to_decide()).await, 0);
    sync(&mut registrar, &wire).await;
    let is_reviewed = |item: &HeldItemView| {
        item.queued.is_none() && item.decided.as_ref().is_some_and(|decided| decided.reason.is_none())
    };
    assert!(listed(&registrar).await.iter().all(is_reviewed));
    assert!(matches!(author.round(&wire, 0).await, RoundEnd::Machine(Round::Done { notice: 0, .. })), "it goes on");
    let again = with(&registrar, async |session| session.decide(&ids, &Verdict::Reviewed).await).await;
    assert_eq!(again.unwrap_err().code, ErrorCode::DecisionUnknown.number(), "once is enough");
    let block = Verdict::Block(String::from("Tablet hilang."));
    let again = with(&registrar, async |session| session.decide(&ids, &block).await).await;
    assert_eq!(again.unwrap_err().code, ErrorCode::DecisionUnknown.number());
    assert_eq!(wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_receipt_of_what_somebody_has_taken_back_since_takes_no_other_decision_away() {
    let Scene { office, wire, mut author, mut registrar, case } = scene(Vec::new()).await;
    let frame = hostile_frame(&author, case, b"satu").await;
    office.relay().handle_sync(&frame, office.clock().now_ms()).await;
    sync(&mut registrar, &wire).await;
    let held = listed(&registrar).await[0].held;
    let block = Verdict::Block(String::from("Tablet hilang."));
    with(&registrar, async |session| session.decide(&[held], &block).await.unwrap()).await;
    // The relay refused what she had said before that.
    let decision = Decision { held, verdict: Verdict::Reviewed };
    let refused = DecisionReceipt::Refused(ErrorCode::DecisionUnknown.number());
    tell(&registrar, RowWrite::NoteReceipt(decision, refused)).await;
    sync(&mut registrar, &wire).await;
    let decided = listed(&registrar).await.remove(0).decided.unwrap();
    assert_eq!(decided.reason.as_deref(), Some("Tablet hilang."));
    let RoundEnd::Machine(Round::Done { notice, .. }) = author.round(&wire, 0).await else { panic!("no end") };
    assert_eq!(notice, ErrorCode::DeviceRevoked.number());
}
