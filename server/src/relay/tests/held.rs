//! Held changes: who is told, who decides, what becomes of them, and that nothing is lost on the way.

use shared::access::held::keeps_register;
use shared::command::Edit;
use shared::id::{AccountId, DocumentId, HeldId, SubjectId};
use shared::pack::{Cell, Pack, source};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{PushReceipt, Receipt};
use shared::protocol::held::{DecisionReceipt, HeldNote, HeldOutcome, KeptNote, Verdict};
use shared::value::Scalar;

use super::{World, draft, hand_over, row, set, take_over, text};
use crate::demo::tablet::Tablet;
use crate::storage::record::{Act, HeldRecord};

const REASON: &str = "Sudah tercatat di kasus lain.";
/// A long text of the report.
const TEXT: &str = "uraian_singkat";

/// A report that was taken over while its author was writing on: author, who took it, registrar, core, intake.
pub(super) async fn taken_report(world: &mut World) -> (Tablet, Tablet, Tablet, DocumentId, DocumentId) {
    taken_report_of(world, "PKT").await
}

/// The same, of an author with these roles.
async fn taken_report_of(world: &mut World, roles: &str) -> (Tablet, Tablet, Tablet, DocumentId, DocumentId) {
    let mut author = world.tablet("pkt1", roles).await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, core, intake) = draft(&mut author);
    hand_over(&mut author, core);
    world.sync(&mut author).await;
    for reader in [&mut mks, &mut ser] {
        world.sync(reader).await;
    }
    take_over(&mut mks, core);
    world.sync(&mut mks).await;
    world.sync(&mut ser).await;
    (author, mks, ser, core, intake)
}

/// Sends work that is held; what is decided about it comes with a later answer. What waits in the tray of a real
/// tablet is dropped here.
async fn hand_in(world: &mut World, author: &mut Tablet, documents: &[DocumentId]) {
    let heard = world.sync(author).await;
    assert!(!heard.receipts.is_empty());
    for receipt in &heard.receipts {
        let PushReceipt::Each(each) = receipt else { panic!("something was merged: {receipt:?}") };
        assert!(each.iter().all(|one| matches!(one, Receipt::Held(_))), "{each:?}");
    }
    for document in documents {
        author.documents.remove(document);
    }
}

async fn all_held(world: &World) -> Vec<HeldRecord> {
    let all = world.relay.storage().read().await.unwrap().view().all_held().await.unwrap();
    all.into_iter().map(|(_, _, record)| record).collect()
}

/// What waits at a tablet, in the order in which it was written.
pub(super) fn waiting(tablet: &Tablet) -> Vec<HeldId> {
    let mut held: Vec<_> = tablet.held.values().filter_map(|one| Some((one.content.as_ref()?, one.held))).collect();
    held.sort_by_key(|(content, _)| (content.received_ms, content.order));
    held.into_iter().map(|(_, held)| held).collect()
}

/// Accepts one held change, by entering it again where that is what it takes.
pub(super) async fn accept(world: &mut World, decider: &mut Tablet, held: HeldId) {
    decider.decide(held, Verdict::Accept);
    let heard = world.sync(decider).await;
    if heard.decisions == [DecisionReceipt::Reenter] {
        decider.reenter(held, 9_000).unwrap();
        let heard = world.sync(decider).await;
        let merged = vec![PushReceipt::All; heard.receipts.len()];
        assert_eq!((heard.receipts, heard.decisions), (merged, vec![DecisionReceipt::Done]));
    } else {
        assert_eq!(heard.decisions, vec![DecisionReceipt::Done]);
    }
}

async fn decline(world: &mut World, decider: &mut Tablet, held: HeldId) {
    decider.decide(held, Verdict::Decline(REASON.to_owned()));
    assert_eq!(world.sync(decider).await.decisions, vec![DecisionReceipt::Done]);
}

fn numbers(tablet: &Tablet, core: DocumentId) -> Vec<i64> {
    let rows = tablet.documents[&core].document.rows("orang");
    let mut numbers: Vec<i64> =
        rows.iter().filter_map(|row| row.field("urutan").settled().and_then(Scalar::as_int)).collect();
    numbers.sort_unstable();
    numbers
}

/// Orders in which ten things can be gone through: forwards, backwards, and two that jump about.
fn orders() -> [Vec<usize>; 4] {
    let jump = |step: usize| (0..10).map(move |index| (index * step + 4) % 10).collect();
    [(0..10).collect(), (0..10).rev().collect(), jump(3), jump(7)]
}

#[tokio::test]
async fn of_ten_edits_in_one_document_seven_are_taken_in_and_three_declined_in_any_order() {
    for order in orders() {
        let mut world = World::new().await;
        let (mut author, mut mks, mut ser, core, _) = taken_report(&mut world).await;
        for number in 1..=10 {
            let person = row(&mut author, "orang", &[("urutan", Scalar::Int(number))]);
            author.edit(core, &person, 5_000 + number).unwrap();
        }
        hand_in(&mut world, &mut author, &[core]).await;
        world.sync(&mut ser).await;
        let held = waiting(&ser);
        assert_eq!(held.len(), 10);
        for index in order {
            if [2, 5, 9].contains(&index) {
                decline(&mut world, &mut ser, held[index]).await;
            } else {
                accept(&mut world, &mut ser, held[index]).await;
            }
        }
        assert!(ser.held.is_empty());
        world.sync(&mut ser).await;
        world.sync(&mut mks).await;
        world.sync(&mut author).await;
        for tablet in [&ser, &mks] {
            assert_eq!(numbers(tablet, core), vec![1, 2, 4, 5, 7, 8, 9]);
        }
        let all = all_held(&world).await;
        assert_eq!(all.len(), 10, "the bytes of all stay, also of those declined");
        let declined = |record: &&HeldRecord| {
            record.decision.as_ref().is_some_and(|decision| decision.outcome == HeldOutcome::Declined)
        };
        assert_eq!(all.iter().filter(declined).count(), 3);
        assert_eq!(author.decided.len(), 10, "the writer learns of each");
        for (index, held) in held.iter().enumerate() {
            let decided = &author.decided[held];
            assert_eq!(decided.by, Some(ser.account));
            assert_eq!(decided.outcome.is_taken_in(), ![2, 5, 9].contains(&index));
            assert_eq!(decided.reason.as_deref(), (!decided.outcome.is_taken_in()).then_some(REASON));
        }
        let history = mks.documents[&core].document.history_of_all();
        let mut writers: Vec<AccountId> = history
            .iter()
            .filter(|entry| entry.path.table() == Some("orang"))
            .filter_map(|entry| match &entry.message {
                Some(message) => HeldNote::parse(message).map(|note| note.author),
                None => entry.author,
            })
            .collect();
        writers.dedup();
        assert_eq!(writers, vec![author.account], "whoever enters it, the history names who wrote it");
    }
}

#[tokio::test]
async fn of_ten_documents_seven_changes_are_merged_as_they_are_and_three_declined() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let mut reports = Vec::new();
    for _ in 0..10 {
        let (_, core, intake) = draft(&mut author);
        hand_over(&mut author, core);
        reports.push((core, intake));
    }
    world.sync(&mut author).await;
    world.sync(&mut mks).await;
    for (core, _) in &reports {
        take_over(&mut mks, *core);
    }
    world.sync(&mut mks).await;
    world.sync(&mut ser).await;
    for (_, intake) in &reports {
        author.edit(*intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    }
    let intakes: Vec<DocumentId> = reports.iter().map(|(_, intake)| *intake).collect();
    hand_in(&mut world, &mut author, &intakes).await;
    world.sync(&mut ser).await;
    let received = world.now;
    let held = waiting(&ser);
    assert_eq!(held.len(), 10);
    // All at once, as one gathers decisions without a signal.
    for (index, held) in held.iter().enumerate() {
        let verdict = if index % 4 == 1 { Verdict::Decline(REASON.to_owned()) } else { Verdict::Accept };
        ser.decide(*held, verdict);
    }
    let heard = world.sync(&mut ser).await;
    assert_eq!(heard.decisions, vec![DecisionReceipt::Done; 10]);
    world.sync(&mut mks).await;
    let merged: Vec<&DocumentId> = intakes
        .iter()
        .filter(|intake| mks.documents[*intake].document.field("jam_lapor").settled() == Some(&text("07:15")))
        .collect();
    assert_eq!(merged.len(), 7);
    let mut read = world.relay.storage().read().await.unwrap();
    for intake in merged {
        let log = read.view().changes_after(&crate::access_gate::permit_judge(*intake), 0).await.unwrap();
        let (_, last) = log.last().unwrap();
        assert_eq!((last.device_number, last.accepted_by), (1, Some(2)), "the writer's tablet, and who let it in");
        assert!(last.received_ms < received, "received when it was handed in");
        let seen = &mks.documents[intake].document.field("jam_lapor").values[0];
        assert_eq!(seen.author, Some(author.account));
    }
    let acts: Vec<(Act, Option<AccountId>)> =
        read.view().audit().await.unwrap().into_iter().map(|entry| (entry.act, entry.account)).collect();
    let count = |act| acts.iter().filter(|one| **one == (act, Some(ser.account))).count();
    assert_eq!((count(Act::HeldAccepted), count(Act::HeldDeclined)), (7, 3));
}

#[tokio::test]
async fn what_a_dismissed_worker_began_is_the_registrars_to_take_in() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    world.relay.revoke_device(1, world.now).await.unwrap();
    let (_, core, intake) = draft(&mut author);
    hand_over(&mut author, core);
    let heard = world.sync(&mut author).await;
    assert_eq!(heard.code, Some(ErrorCode::DeviceRevoked.number()));
    world.sync(&mut ser).await;
    for held in waiting(&ser) {
        accept(&mut world, &mut ser, held).await;
    }
    world.sync(&mut ser).await;
    assert!(ser.held.is_empty() && ser.documents.contains_key(&core) && ser.documents.contains_key(&intake));
    let read = world.relay.storage().read().await.unwrap().view().document(core).await.unwrap().unwrap();
    assert_eq!(read.creator, author.account);
}

#[tokio::test]
async fn a_draft_that_nobody_will_hand_over_can_be_read_by_who_decides_about_it() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, _, intake) = draft(&mut author);
    world.sync(&mut author).await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    world.relay.revoke_device(1, world.now).await.unwrap();
    world.sync(&mut author).await;
    world.sync(&mut ser).await;
    assert!(!ser.documents.contains_key(&intake), "the draft itself is still nobody else's");
    let held = waiting(&ser)[0];
    let content = ser.held[&held].content.clone().unwrap();
    let nothing = shared::document::Document::new().unwrap();
    let bytes: Vec<&[u8]> = content.past.iter().chain([&content.change]).map(|change| change.0.as_slice()).collect();
    let whole = shared::command::reentry::with_held(&nothing, &bytes);
    assert_eq!(whole.field("jam_lapor").settled(), Some(&text("07:15")));
    assert_eq!(whole.field("tgl_lapor").settled(), Some(&text("2026-11-01")));
    accept(&mut world, &mut ser, held).await;
}

#[tokio::test]
async fn whoever_has_no_seat_neither_sees_nor_decides_until_it_is_passed_on() {
    let mut world = World::new().await;
    let (mut author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    let mut second = world.tablet("ser2", "SER").await;
    let mut stranger = world.tablet("mks2", "MKS").await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    hand_in(&mut world, &mut author, &[intake]).await;
    for tablet in [&mut ser, &mut second, &mut mks, &mut stranger, &mut author] {
        world.sync(tablet).await;
    }
    let held = waiting(&ser)[0];
    for other in [&mut mks, &mut stranger, &mut author] {
        assert!(other.held.is_empty());
        for verdict in [Verdict::Accept, Verdict::Forward, Verdict::Decline("x".into()), Verdict::Reentered(vec![])] {
            other.decide(held, verdict);
        }
        let heard = world.sync(other).await;
        assert_eq!(heard.decisions, vec![DecisionReceipt::Refused(ErrorCode::DecisionUnknown.number()); 4]);
    }
    ser.decide(HeldId::from_bytes([7; 16]), Verdict::Accept);
    let heard = world.sync(&mut ser).await;
    assert_eq!(heard.decisions, vec![DecisionReceipt::Refused(ErrorCode::DecisionUnknown.number())]);
    // Whoever answers for the part sees it once it is passed on, and nobody else.
    ser.decide(held, Verdict::Forward);
    ser.decide(held, Verdict::Forward);
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Done; 2]);
    world.sync(&mut mks).await;
    world.sync(&mut stranger).await;
    assert!(mks.held[&held].content.is_some() && mks.held[&held].forwarded);
    assert!(ser.held[&held].forwarded && stranger.held.is_empty());
    mks.decide(held, Verdict::Decline(String::from("  ")));
    assert_eq!(world.sync(&mut mks).await.decisions, vec![DecisionReceipt::Refused(ErrorCode::ValueWrong.number())]);
    accept(&mut world, &mut mks, held).await;
    // The second to decide learns who was first.
    second.decide(held, Verdict::Decline(REASON.to_owned()));
    assert_eq!(world.sync(&mut second).await.decisions, vec![DecisionReceipt::Decided]);
    assert_eq!(second.decided[&held].by, Some(mks.account));
    assert_eq!(second.decided[&held].outcome, HeldOutcome::Accepted);
    assert_eq!(all_held(&world).await[0].decision.as_ref().unwrap().account, mks.account);
}

/// The pack, with one kind the registrar may not even read.
fn pack_with_a_closed_part() -> Pack {
    let mut pack = source::embedded("belu").unwrap().unwrap();
    let registrars: Vec<String> =
        pack.roles.iter().map(|role| role.key.clone()).filter(|role| keeps_register(&pack, role)).collect();
    let cells = pack.grid.rows.get_mut("intake.reporter").unwrap();
    for role in registrars {
        cells.insert(role, Cell::NONE);
    }
    pack
}

#[tokio::test]
async fn in_a_part_the_registrar_may_not_read_there_is_a_count_and_somebody_else_decides() {
    let mut world = World::with_pack(pack_with_a_closed_part()).await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (case, core, _) = draft(&mut author);
    let reporter = author.make(case, "intake.reporter", None).unwrap();
    author.edit(reporter, &set("pelapor_nama", text("Contoh")), 1).unwrap();
    hand_over(&mut author, core);
    world.sync(&mut author).await;
    world.sync(&mut mks).await;
    take_over(&mut mks, core);
    world.sync(&mut mks).await;
    author.edit(reporter, &set("pelapor_telp", text("0812 0000 0000")), 5_000).unwrap();
    let request = author.upload();
    let heard = world.send(&mut author, &request).await;
    assert!(
        matches!(&heard.receipts[..], [PushReceipt::Each(each)] if matches!(each[..], [Receipt::Held(_)])),
        "{heard:?}"
    );
    author.documents.clear();
    world.sync(&mut ser).await;
    world.sync(&mut mks).await;
    let (held, told) = ser.held.iter().next().unwrap();
    assert_eq!((told.case, told.kind.as_str(), &told.content), (case, "intake.reporter", &None));
    assert!(mks.held[held].content.is_some(), "whoever is assigned to the part decides");
    let held = *held;
    for verdict in [Verdict::Accept, Verdict::Decline(REASON.to_owned()), Verdict::Reentered(vec![])] {
        ser.decide(held, verdict);
    }
    ser.decide(held, Verdict::Forward);
    let heard = world.sync(&mut ser).await;
    let forbidden = DecisionReceipt::Refused(ErrorCode::ChangeForbidden.number());
    assert_eq!(heard.decisions, vec![forbidden.clone(), forbidden.clone(), forbidden, DecisionReceipt::Done]);
    world.sync(&mut mks).await;
    decline(&mut world, &mut mks, held).await;
    world.sync(&mut ser).await;
    assert!(ser.held.is_empty());
    assert_eq!((ser.decided[&held].outcome, &ser.decided[&held].reason), (HeldOutcome::Withdrawn, &None));
}

#[tokio::test]
async fn a_seat_ends_with_the_right_it_comes_from() {
    let mut world = World::new().await;
    let (mut author, mut mks, mut ser, core, intake) = taken_report(&mut world).await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    hand_in(&mut world, &mut author, &[intake]).await;
    world.sync(&mut ser).await;
    let held = waiting(&ser)[0];
    ser.decide(held, Verdict::Forward);
    world.sync(&mut ser).await;
    world.sync(&mut mks).await;
    assert!(mks.held.contains_key(&held));
    // Somebody else takes the case, and the team is struck.
    let team = ser.documents[&core].document.rows("tim");
    let seen = team[0].ops();
    let strike = shared::command::Edit::RemoveRow { table: "tim".into(), row: team[0].row, seen };
    ser.edit(core, &strike, 6).unwrap();
    let seen = ser.documents[&core].document.field("diterima_oleh").ops();
    let other =
        shared::command::Edit::SetField { key: "diterima_oleh".into(), value: text(&ser.account.to_string()), seen };
    ser.edit(core, &other, 6).unwrap();
    world.sync(&mut ser).await;
    world.sync(&mut mks).await;
    assert_eq!(mks.decided[&held].outcome, HeldOutcome::Withdrawn);
    mks.decide(held, Verdict::Accept);
    let heard = world.sync(&mut mks).await;
    assert_eq!(heard.decisions, vec![DecisionReceipt::Refused(ErrorCode::DecisionUnknown.number())]);
    assert!(ser.held.contains_key(&held));
}

#[tokio::test]
async fn a_decision_that_comes_again_changes_nothing() {
    let mut world = World::new().await;
    let (mut author, _, mut ser, _, intake) = taken_report(&mut world).await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    author.edit(intake, &set("tgl_lapor", text("2026-11-03")), 5_000).unwrap();
    hand_in(&mut world, &mut author, &[intake]).await;
    world.sync(&mut ser).await;
    let held = waiting(&ser);
    ser.decide(held[0], Verdict::Accept);
    ser.decide(held[1], Verdict::Decline(REASON.to_owned()));
    let first = world.sync(&mut ser).await;
    let frame = ser.repeat();
    let before = all_held(&world).await;
    let audit = world.relay.storage().read().await.unwrap().view().audit().await.unwrap().len();
    let again = world.send(&mut ser, &frame).await;
    assert_eq!(again.decisions, first.decisions);
    // The answer was lost and the tablet says it once more, in a new request.
    ser.decide(held[0], Verdict::Accept);
    ser.decide(held[1], Verdict::Decline(String::from("lain")));
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Done; 2]);
    ser.decide(held[1], Verdict::Accept);
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Decided]);
    assert_eq!(all_held(&world).await, before);
    assert_eq!(world.relay.storage().read().await.unwrap().view().audit().await.unwrap().len(), audit);
    let idle = world.sync(&mut ser).await;
    assert_eq!((idle.items, idle.pages), (0, 0));
}

#[tokio::test]
async fn what_was_declined_stays_declined_when_its_tablet_sends_it_again() {
    let mut world = World::new().await;
    let (mut author, _, mut ser, _, intake) = taken_report(&mut world).await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    let heard = world.sync(&mut author).await;
    assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![Receipt::Held(ErrorCode::HeldTakenOver.number())])]);
    world.sync(&mut ser).await;
    let held = waiting(&ser)[0];
    decline(&mut world, &mut ser, held).await;
    let request = author.upload();
    let parts = world.relay.handle_sync(&request, world.now).await;
    let declined = Receipt::Refused(ErrorCode::ChangeDeclined.number());
    let shared::protocol::frame::Part::Receipts(receipts) = &parts[0] else { panic!("{parts:?}") };
    assert!(receipts.pushes.is_empty() || receipts.pushes == vec![PushReceipt::Each(vec![declined])], "{receipts:?}");
}

#[tokio::test]
async fn a_registrars_new_tablet_is_told_of_everything_that_waits_however_little_it_takes_at_once() {
    let mut world = World::new().await;
    let (mut author, _, mut ser, _, intake) = taken_report(&mut world).await;
    for minute in 10..30 {
        let seen = author.documents[&intake].document.field("jam_lapor").ops();
        let value = text(&format!("07:{minute}"));
        let edit = shared::command::Edit::SetField { key: "jam_lapor".into(), value, seen };
        author.edit(intake, &edit, 5_000).unwrap();
    }
    hand_in(&mut world, &mut author, &[intake]).await;
    world.sync(&mut ser).await;
    assert_eq!(waiting(&ser).len(), 20);
    let code = world.code(ser.account).await;
    let (mut second, request) = Tablet::join([99; 16], world.relay.tenant(), &code, "Tablet kedua");
    let answer = world.relay.enrol(&request, crate::identity::Origin::Remote, world.now).await;
    second.take_joined(ser.account, &answer).unwrap();
    second.budget_bytes = 1;
    let mut rounds = 0;
    while world.sync(&mut second).await.more {
        rounds += 1;
        assert!(rounds < 60, "every answer brings something");
    }
    assert!(rounds > 1, "the answer was cut");
    assert_eq!(waiting(&second), waiting(&ser));
}

#[tokio::test]
async fn nobody_can_write_in_anothers_name_by_claiming_to_enter_something_again() {
    let mut world = World::new().await;
    let (mut author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    hand_in(&mut world, &mut author, &[intake]).await;
    world.sync(&mut ser).await;
    let id = waiting(&ser)[0];
    let content = ser.held[&id].content.clone().unwrap();
    let hash = shared::sync::change_hash(&content.change.0).unwrap();
    let claims = [
        // Without a seat; with one but in a third person's name, at another time, of something never held.
        (&mut mks, HeldNote { hash, author: author.account, time_s: 5 }),
        (&mut ser, HeldNote { hash, author: AccountId::from_bytes([3; 16]), time_s: 5 }),
    ];
    for (tablet, note) in claims {
        tablet.edit_with_note(intake, &set("lokasi_ket", text("x")), &note.to_string()).unwrap();
        let request = tablet.upload();
        let heard = world.send(tablet, &request).await;
        let foreign = Receipt::Refused(ErrorCode::ChangeAuthorForeign.number());
        assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![foreign])], "{note:?}");
    }
    // Nor say so without having done it.
    ser.documents.remove(&intake);
    ser.decide(id, Verdict::Reentered(vec![hash]));
    let request = ser.upload();
    let heard = world.send(&mut ser, &request).await;
    assert_eq!(heard.decisions, vec![DecisionReceipt::Refused(ErrorCode::DecisionReentry.number())]);
    assert!(
        !world.relay.storage().read().await.unwrap().view().all_evidence().await.unwrap().is_empty(),
        "and is kept"
    );
}

#[tokio::test]
async fn what_was_declined_is_not_shown_as_entered_again_whoever_says_so() {
    let mut world = World::new().await;
    let (mut author, mut mks, mut ser, core, intake) = taken_report_of(&mut world, "PKT MKS").await;
    let mut second = world.tablet("ser2", "SER").await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    hand_in(&mut world, &mut author, &[intake]).await;
    for tablet in [&mut ser, &mut second] {
        world.sync(tablet).await;
    }
    let id = waiting(&ser)[0];
    let content = ser.held[&id].content.clone().unwrap();
    let note = HeldNote {
        hash: shared::sync::change_hash(&content.change.0).unwrap(),
        author: author.account,
        time_s: CheckedChange::check(&content.change.0).unwrap().time_s(),
    };
    decline(&mut world, &mut ser, id).await;
    // The writer may write in the case again, and is told of the decision as those are who might have made it.
    let me = author.account.to_string();
    let entry = row(&mut mks, "tim", &[("akun", text(&me)), ("peran", text("MKS")), ("dari", text("2020-01-01"))]);
    mks.edit(core, &entry, 6).unwrap();
    assert_eq!(world.sync(&mut mks).await.receipts, vec![PushReceipt::All]);
    for tablet in [&mut author, &mut second] {
        world.sync(tablet).await;
    }
    assert_eq!(author.decided[&id].outcome, HeldOutcome::Declined);
    for tablet in [&mut author, &mut second, &mut ser] {
        tablet.edit_with_note(intake, &set("tgl_lapor", text("2026-11-05")), &note.to_string()).unwrap();
        let request = tablet.upload();
        let heard = world.send(tablet, &request).await;
        let foreign = Receipt::Refused(ErrorCode::ChangeAuthorForeign.number());
        assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![foreign])]);
    }
    let kept = world.relay.storage().read().await.unwrap().view().all_evidence().await.unwrap();
    assert!(kept.is_empty(), "whoever was overtaken is not hostile: {kept:?}");
}

#[tokio::test]
async fn words_that_wait_keep_nobody_else_from_writing_into_the_same_text() {
    let mut world = World::new().await;
    let (mut author, mut mks, mut ser, _, intake) = taken_report(&mut world).await;
    let words = |new: &str| shared::command::Edit::EditText {
        key: TEXT.to_owned(),
        base: Vec::new(),
        old: String::new(),
        new: new.to_owned(),
    };
    author.edit(intake, &words("Dari pelapor."), 5_000).unwrap();
    hand_in(&mut world, &mut author, &[intake]).await;
    mks.edit(intake, &words("Dari petugas."), 6_000).unwrap();
    assert_eq!(world.sync(&mut mks).await.receipts, vec![PushReceipt::All]);
    world.sync(&mut ser).await;
    let id = waiting(&ser)[0];
    accept(&mut world, &mut ser, id).await;
    for reader in [&mut mks, &mut ser] {
        world.sync(reader).await;
        let text = reader.documents[&intake].document.text(TEXT);
        assert!(text.contains("Dari pelapor.") && text.contains("Dari petugas."), "{text}");
    }
}

/// A supplement of the case a document belongs to, with a remark.
fn note(tablet: &mut Tablet, of: DocumentId, remark: &str) -> DocumentId {
    let case = tablet.documents[&of].key.case;
    let subject = SubjectId::from_bytes(tablet.draw());
    let note = tablet.make(case, "supplement", Some(subject)).unwrap();
    let edit = Edit::EditText { key: "isi".into(), base: vec![], old: String::new(), new: "Jam lapor: 07:15".into() };
    tablet.edit_with_note(note, &edit, remark).unwrap();
    note
}

/// A report with one held entry, and the remark of its note.
async fn one_waiting(world: &mut World) -> ([Tablet; 3], [DocumentId; 2], HeldId, KeptNote) {
    let (mut author, mks, mut ser, core, intake) = taken_report(world).await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    hand_in(world, &mut author, &[intake]).await;
    world.sync(&mut ser).await;
    let held = waiting(&ser)[0];
    let remark = KeptNote { held, author: author.account, time_s: 5 };
    ([author, mks, ser], [core, intake], held, remark)
}

#[tokio::test]
async fn what_is_kept_as_a_note_is_declined_with_its_note_and_not_without() {
    let mut world = World::new().await;
    let ([mut author, mut mks, mut ser], [_, intake], held, remark) = one_waiting(&mut world).await;
    let missing = vec![DecisionReceipt::Refused(ErrorCode::DecisionReentry.number())];
    // A note that is nowhere; one without the remark; a document that is none.
    let plain = note(&mut ser, intake, "catatan");
    for document in [DocumentId::from_bytes([9; 16]), plain, intake] {
        ser.decide(held, Verdict::Noted(document));
        assert_eq!(world.sync(&mut ser).await.decisions, missing);
    }
    assert!(ser.held.contains_key(&held) && author.decided.is_empty(), "it waits on");

    let kept = note(&mut ser, intake, &remark.to_string());
    ser.decide(held, Verdict::Noted(kept));
    let heard = world.sync(&mut ser).await;
    assert_eq!((heard.receipts, heard.decisions), (vec![PushReceipt::All], vec![DecisionReceipt::Done]));
    // The answer was lost: said again, it is done.
    ser.decide(held, Verdict::Noted(kept));
    assert_eq!(world.sync(&mut ser).await.decisions, vec![DecisionReceipt::Done]);
    world.sync(&mut author).await;
    let told = &author.decided[&held];
    assert_eq!((told.outcome, &told.reason, told.by), (HeldOutcome::Declined, &None, Some(ser.account)));
    // The team reads the note; the writer of what it says does not, and the field is as it was.
    world.sync(&mut mks).await;
    assert_eq!(mks.documents[&kept].document.text("isi"), "Jam lapor: 07:15");
    assert!(!author.documents.contains_key(&kept));
    assert!(mks.documents[&intake].document.field("jam_lapor").values.is_empty());
    assert_eq!(all_held(&world).await.len(), 1, "its bytes stay");
}

#[tokio::test]
async fn nobody_can_put_words_into_anothers_mouth_with_a_note() {
    let mut world = World::new().await;
    let ([author, mut mks, mut ser], [_, intake], _, remark) = one_waiting(&mut world).await;
    let foreign = |receipts: &[PushReceipt]| {
        let [PushReceipt::Each(each)] = receipts else { panic!("{receipts:?}") };
        // That there is a text, and none yet, is nobody's word.
        assert_eq!(each.last(), Some(&Receipt::Refused(ErrorCode::ChangeAuthorForeign.number())), "{each:?}");
    };
    let lies = [
        KeptNote { author: AccountId::from_bytes([3; 16]), ..remark },
        KeptNote { time_s: 6, ..remark },
        KeptNote { held: HeldId::from_bytes([7; 16]), ..remark },
    ];
    for lie in lies {
        let made = note(&mut ser, intake, &lie.to_string());
        foreign(&world.sync(&mut ser).await.receipts);
        ser.documents.remove(&made);
    }
    // Who has no seat says nothing of it, and a document that more people read is no note.
    note(&mut mks, intake, &remark.to_string());
    foreign(&world.sync(&mut mks).await.receipts);
    ser.edit_with_note(intake, &set("lokasi_ket", text("07:15")), &remark.to_string()).unwrap();
    foreign(&world.sync(&mut ser).await.receipts);
    assert_eq!(all_held(&world).await[0].account, author.account);
}
