//! A held change from the tablet it was written on to the one where it is decided, and back: real engines, real relay.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are not recognised as tests"
)]

use std::rc::Rc;

use client::api::{HeldChoice, HeldItemView, Reply};
use client::engine::exchange::RoundEnd;
use client::engine::flow;
use client::engine::query;
use client::engine::session::{DocumentEdit, Session, document_key};
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{CaseId, HeldId, RequestId};
use shared::pack::source;
use shared::protocol::codec::encode;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{ChangeBytes, PROTOCOL_VERSION, Part, Push, PushReceipt, Receipt, SignedUpload, Upload};
use shared::protocol::held::{Decided, Decision, DecisionReceipt, HeldChange, HeldNote, HeldOutcome, Verdict};
use shared::protocol::sign::push_message;
use shared::seal::letter::Identity;
use shared::seal::sign::DeviceSecret;
use shared::sync::device::Round;
use shared::sync::inbox::{Batch, RowWrite};
use shared::value::Scalar;
use tests::native::clock::ScriptedClock;
use tests::native::office::{Office, Shelves};
use tests::native::tablet::Tablet;
use tests::native::wire::{Fate, Wire};

const REASON: &str = "Tanggal sudah dibetulkan.";

/// Rounds until nothing more waits.
async fn sync(tablet: &mut Tablet, wire: &Wire) {
    for _ in 0..20 {
        let end = tablet.round(wire, 0).await;
        let RoundEnd::Machine(Round::Done { more, .. }) = end else { panic!("a round ended with {end:?}") };
        if !more {
            return;
        }
    }
    panic!("no end of rounds");
}

async fn with<T>(tablet: &Tablet, act: impl AsyncFnOnce(&mut Session) -> T) -> T {
    let mut guard = tablet.lock.lock().await;
    act(guard.as_mut().expect("the tablet is on")).await
}

async fn set(tablet: &Tablet, case: CaseId, (kind, key): (&str, &str), value: Scalar) {
    with(tablet, async |session| {
        let document = document_key(case, kind, None);
        let seen = session.replica(&document).await.unwrap().document.field(key).ops();
        let edit = Edit::SetField { key: key.to_owned(), value, seen };
        session.edit(vec![DocumentEdit { key: document, edit }], Writes::new()).await.unwrap();
    })
    .await;
}

async fn listed(tablet: &Tablet) -> Vec<HeldItemView> {
    with(tablet, async |session| query::held::view(session, |_, _| (String::new(), String::new())).await.unwrap()).await
}

fn text(value: &str) -> Scalar {
    Scalar::Str(value.to_owned())
}

/// Four things an author wrote into the report.
fn four() -> Vec<(&'static str, &'static str, Scalar)> {
    vec![
        ("intake", "jam_lapor", text("07:15")),
        ("intake", "tgl_lapor", text("2026-09-03")),
        ("intake", "jam_lapor", text("08:30")),
        ("intake", "anak_terlibat", Scalar::Bool(true)),
    ]
}

/// A report that the registrar took over while its author wrote into it; what they wrote is held.
struct Scene {
    office: Rc<Office>,
    wire: Wire,
    author: Tablet,
    registrar: Tablet,
    case: CaseId,
}

async fn scene(written: Vec<(&str, &str, Scalar)>) -> Scene {
    scene_with_backup(written).await.0
}

/// The same, and a copy of the relay from before anything was held.
async fn scene_with_backup(written: Vec<(&str, &str, Scalar)>) -> (Scene, Shelves) {
    let clock = ScriptedClock::at(1_790_000_000_000);
    let pack = source::embedded("belu").unwrap().unwrap();
    let cbor = pack.to_cbor().unwrap();
    let office = Rc::new(Office::open(Shelves::default(), pack, clock.clone(), 1).await.unwrap());
    let wire = Wire::new(office.clone());
    let enrolled = async |role: &str, seed: u64| {
        let member = office.add_account(&format!("Contoh {role}"), role).await.unwrap();
        let owner = office.register(&member, &format!("Tablet {role}")).await.unwrap();
        Tablet::enrolled(&owner, &cbor, clock.clone(), seed).await.unwrap()
    };
    let (mut author, mut registrar) = (enrolled("PKT", 7).await, enrolled("SER", 8).await);
    let case = with(&author, async |session| {
        let case = flow::start_report(session).await.unwrap();
        flow::hand_over(session, case).await.unwrap();
        case
    })
    .await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    with(&registrar, async |session| flow::take_over(session, case).await.unwrap()).await;
    sync(&mut registrar, &wire).await;
    let count = u32::try_from(written.len()).unwrap();
    for (kind, key, value) in written {
        clock.pass_ms(1000);
        set(&author, case, (kind, key), value).await;
    }
    let backup = office.copy().await.unwrap();
    sync(&mut author, &wire).await;
    assert_eq!(with(&author, async |session| session.untaken()).await, count);
    sync(&mut registrar, &wire).await;
    (Scene { office, wire, author, registrar, case }, backup)
}

#[tokio::test]
async fn decisions_made_without_a_signal_survive_a_restart_and_reach_the_writer() {
    let Scene { wire, mut author, mut registrar, case, .. } = scene(four()).await;
    let (author, registrar) = (&mut author, &mut registrar);
    let items = listed(registrar).await;
    assert_eq!(items.len(), 4);
    let says: Vec<_> = items.iter().map(|item| item.says.clone().unwrap()).collect();
    assert_eq!(says[0].value, text("07:15"));
    assert!(says.iter().all(|says| !says.clashes && says.writer == "Contoh PKT"), "{says:?}");
    let ids: Vec<HeldId> = items.iter().map(|item| item.held).collect();
    with(registrar, async |session| {
        session.decide(&[ids[3], ids[2], ids[0]], &Verdict::Accept).await.unwrap();
        session.decide(&[ids[1]], &Verdict::Decline(REASON.to_owned())).await.unwrap();
        assert_eq!(session.to_decide(), 0);
    })
    .await;
    registrar.restart().await.unwrap();
    assert!(listed(registrar).await.iter().all(|item| item.queued.is_some()), "the queue is in the vault");
    // The request arrives and its answer is lost: the same is said once more.
    wire.plan(Fate::Cut(1));
    let _ = registrar.round(&wire, 0).await;
    registrar.restart().await.unwrap();
    sync(registrar, &wire).await;

    let items = listed(registrar).await;
    assert!(items.iter().all(|item| item.queued.is_none() && item.refused.is_none()), "{items:?}");
    assert_eq!(items.iter().filter(|item| item.decided.as_ref().is_some_and(|one| one.taken_in)).count(), 3);
    let document = document_key(case, "intake", None);
    let history = with(registrar, async |session| {
        let replica = session.replica(&document).await.unwrap();
        assert_eq!(replica.document.field("jam_lapor").settled(), Some(&text("08:30")), "one value, no disagreement");
        assert_eq!(replica.document.field("anak_terlibat").settled(), Some(&Scalar::Bool(true)));
        assert_ne!(replica.document.field("tgl_lapor").settled(), Some(&text("2026-09-03")));
        replica.document.history_of_all()
    })
    .await;
    let again: Vec<HeldNote> = history.iter().filter_map(|entry| HeldNote::parse(entry.message.as_deref()?)).collect();
    assert_eq!(again.len(), 2, "the first was merged as it was, what came after the declined one was entered again");

    sync(author, &wire).await;
    let tray = with(author, async |session| session.tray.clone()).await;
    let outcomes: Vec<_> = tray.iter().map(|trayed| trayed.entry.decided.clone().unwrap()).collect();
    assert_eq!(outcomes.iter().map(|one| one.outcome.is_taken_in()).collect::<Vec<_>>(), [true, false, true, true]);
    assert_eq!(outcomes[1].reason.as_deref(), Some(REASON));
    author.restart().await.unwrap();
    with(author, async |session| {
        assert_eq!(session.untaken(), 0, "nothing waits any more");
        for trayed in session.tray.clone() {
            session.clear_tray(trayed.number).await.unwrap();
        }
        assert!(session.tray.is_empty());
    })
    .await;
    assert_eq!(wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_held_name_is_covered_for_who_decides_and_a_held_time_is_not() {
    let name = ("intake.reporter", "pelapor_nama", text("Contoh Pelapor"));
    let scene = scene(vec![("intake", "jam_lapor", text("07:15")), name]).await;
    let items = listed(&scene.registrar).await;
    let covered: Vec<_> = items
        .iter()
        .map(|item| item.says.as_ref().unwrap())
        .map(|says| (says.place.as_ref().unwrap().kind.as_str(), says.covered))
        .collect();
    assert_eq!(covered, [("intake", false), ("intake.reporter", true)]);
}

/// What the case page says was added, with whose held entry it is.
async fn notes(tablet: &Tablet, case: CaseId) -> Vec<(String, String, Option<String>)> {
    with(tablet, async |session| {
        let view = query::case::view(session, case).await.unwrap().unwrap();
        let note = |one: client::api::SupplementView| (one.text, one.by, one.held.map(|held| held.author));
        view.supplements.into_iter().map(note).collect()
    })
    .await
}

#[tokio::test]
async fn what_is_kept_as_a_note_stands_in_the_case_and_its_writer_is_told() {
    const WORDS: &str = "Jam pelaporan: 07:15";
    let Scene { wire, mut author, mut registrar, case, .. } = scene(vec![("intake", "jam_lapor", text("07:15"))]).await;
    let items = listed(&registrar).await;
    let (id, said_ms) = (items[0].held, items[0].says.as_ref().unwrap().said_ms);
    assert_eq!(items[0].no_note, None);
    // Decided without a signal, taken back, and decided again: nothing is written before it can be sent along.
    with(&registrar, async |session| session.decide_as_note(id, String::from("x")).await.unwrap()).await;
    with(&registrar, async |session| session.undecide(id).await.unwrap()).await;
    with(&registrar, async |session| session.decide_as_note(id, WORDS.to_owned()).await.unwrap()).await;
    registrar.restart().await.unwrap();
    let item = listed(&registrar).await.remove(0);
    assert!(matches!(item.queued, Some(HeldChoice::Note(_))) && !item.fixed, "{item:?}");
    assert_eq!(notes(&registrar, case).await, []);
    // The line breaks before the relay hears of it: both are written now, and stay together.
    wire.plan(Fate::Lost);
    let _ = registrar.round(&wire, 0).await;
    registrar.restart().await.unwrap();
    let by_registrar = (WORDS.to_owned(), String::from("Contoh SER"), Some(String::from("Contoh PKT")));
    assert_eq!(notes(&registrar, case).await, std::slice::from_ref(&by_registrar));
    assert!(listed(&registrar).await[0].fixed);
    assert!(with(&registrar, async |session| session.undecide(id).await).await.is_err());
    // The answer is lost: the same is said once more, and there is one note.
    wire.plan(Fate::Cut(1));
    let _ = registrar.round(&wire, 0).await;
    registrar.restart().await.unwrap();
    sync(&mut registrar, &wire).await;
    let item = listed(&registrar).await.remove(0);
    let decided = item.decided.clone().unwrap();
    assert!(!decided.taken_in && decided.reason.is_none() && item.queued.is_none(), "{item:?}");
    assert_eq!(notes(&registrar, case).await, [by_registrar]);
    with(&registrar, async |session| {
        let kept = query::case::view(session, case).await.unwrap().unwrap().supplements.remove(0).held.unwrap();
        assert_eq!(kept.said_ms, said_ms);
        let intake = document_key(case, "intake", None);
        let replica = session.replica(&intake).await.unwrap();
        assert_ne!(replica.document.field("jam_lapor").settled(), Some(&text("07:15")), "the field is as it was");
    })
    .await;
    sync(&mut author, &wire).await;
    let tray = with(&author, async |session| session.tray.clone()).await;
    let outcome = tray[0].entry.decided.clone().unwrap();
    assert!(!outcome.outcome.is_taken_in() && outcome.reason.is_none(), "{outcome:?}");
    assert_eq!(wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_a_right_and_a_text_too_long_become_no_note_and_wait_on() {
    let name = ("intake.reporter", "pelapor_nama", text("Contoh Pelapor"));
    let right = ("core", "darurat", Scalar::Bool(true));
    let Scene { wire, mut registrar, .. } = scene(vec![("intake", "jam_lapor", text("07:15")), name, right]).await;
    let mut items = listed(&registrar).await;
    items.sort_by_key(|item| ["intake", "intake.reporter", "core"].iter().position(|kind| *kind == item.kind));
    let codes: Vec<_> = items.iter().map(|item| item.no_note).collect();
    let number = |code: ErrorCode| Some(code.number());
    assert_eq!(codes, [None, number(ErrorCode::NoteNames), number(ErrorCode::NoteGrants)]);
    for (item, words, code) in [
        (&items[0], "x".repeat(8001), ErrorCode::TextTooLong),
        (&items[0], String::from(" "), ErrorCode::ValueWrong),
        (&items[1], String::from("x"), ErrorCode::NoteNames),
        (&items[2], String::from("x"), ErrorCode::NoteGrants),
    ] {
        let refused = with(&registrar, async |session| session.decide_as_note(item.held, words).await).await;
        assert_eq!(refused.unwrap_err().code, code.number());
    }
    sync(&mut registrar, &wire).await;
    assert!(listed(&registrar).await.iter().all(|item| item.queued.is_none() && item.decided.is_none()));
}

#[tokio::test]
async fn once_a_note_is_written_nothing_else_is_decided_of_what_it_keeps() {
    const WORDS: &str = "Jam pelaporan: 07:15";
    let Scene { wire, mut registrar, case, .. } = scene(vec![("intake", "jam_lapor", text("07:15"))]).await;
    let id = listed(&registrar).await[0].held;
    with(&registrar, async |session| session.decide_as_note(id, WORDS.to_owned()).await.unwrap()).await;
    wire.plan(Fate::Lost);
    let _ = registrar.round(&wire, 0).await;
    assert!(listed(&registrar).await[0].fixed);
    // A page, or another tab, that has not heard of it.
    let other = String::from("Kata-kata lain");
    let again = with(&registrar, async |session| session.decide_as_note(id, other).await).await;
    assert!(again.is_err(), "words that nobody would ever write are not \"saved\"");
    let accepted = with(&registrar, async |session| session.decide(&[id], &Verdict::Accept).await).await;
    assert!(accepted.is_err(), "it is not a note and an entry");
    sync(&mut registrar, &wire).await;
    assert!(!listed(&registrar).await[0].decided.as_ref().unwrap().taken_in);
    assert_eq!(notes(&registrar, case).await.len(), 1);
}

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
    let Scene { office, wire, mut author, mut registrar, .. } = scene;
    let ids: Vec<HeldId> = listed(&registrar).await.iter().map(|item| item.held).collect();
    assert_eq!(ids.len(), 2);
    let decline = Verdict::Decline(REASON.to_owned());
    with(&registrar, async |session| session.decide(&ids[..1], &decline).await.unwrap()).await;
    with(&registrar, async |session| session.decide(&ids[1..], &Verdict::Accept).await.unwrap()).await;
    sync(&mut registrar, &wire).await;
    sync(&mut registrar, &wire).await;
    assert!(listed(&registrar).await.iter().all(|item| item.decided.is_some()));
    office.restore(backup).await.unwrap();
    sync(&mut registrar, &wire).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    let evidence: Vec<_> = listed(&registrar).await.into_iter().filter_map(|item| item.evidence).collect();
    assert!(evidence.is_empty(), "her tablet offered again what the relay had taken: {evidence:?}");
}
