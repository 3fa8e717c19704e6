//! Damaged and hostile bytes: kept once and sealed, told to who keeps the register, handed out, and the reason to block a tablet.

mod blocking;
mod handing;

use shared::command::{self, Writer};
use shared::date::CivilDate;
use shared::document::Document;
use shared::id::{AccountId, CaseId, DocumentId, DocumentKey, HeldId};
use shared::protocol::chunk::CheckedChange;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{ChangeBytes, Push, PushReceipt, Receipt};
use shared::protocol::held::{DecisionReceipt, Evidence, HeldNote, HeldOutcome, Verdict, sha256};
use shared::protocol::limits::{EVIDENCE_BYTES_MAX, EVIDENCE_DEVICE_MAX, EVIDENCE_KEPT_DAYS, EVIDENCE_MAX};
use shared::seal::letter::{Identity, Purpose};

use super::held::taken_report;
use super::{World, draft, hand_over, restored, row, set, text};
use crate::demo::tablet::Tablet;
use crate::relay::NewAccount;
use crate::storage::memory::MemoryBackend;
use crate::storage::record::{Act, EvidenceRecord, SeatLevel};
use crate::storage::{Range, Storage, Table};

const DAY_MS: u64 = 86_400_000;
const REASON: &str = "Tablet hilang di terminal.";
/// Said in none of the bytes a tablet of ours sends.
const MARK: &[u8] = b"<script>jahat()</script>";

fn office() -> Identity {
    Identity::from_seed(&[1; 32])
}

async fn prepare_office(world: &World) {
    world.relay.set_recovery_recipient(&office().recipient().to_string(), world.now).await.unwrap();
}

/// A push of raw bytes under a signature that holds for those of them that are changes.
fn push_of(tablet: &mut Tablet, key: &DocumentKey, is_known: bool, bytes: &[Vec<u8>]) -> Push {
    tablet.counter += 1;
    let hashes: Vec<_> = bytes.iter().filter_map(|one| shared::sync::change_hash(one)).collect();
    let signature = tablet.sign_push(key.id(), &hashes);
    let changes = bytes.iter().cloned().map(ChangeBytes).collect();
    Push { document: key.id(), create: (!is_known).then(|| key.clone()), changes, signature }
}

async fn send(world: &mut World, tablet: &mut Tablet, push: Push) -> Vec<Receipt> {
    world.now += 1000;
    let request = tablet.request(vec![push]);
    let heard = world.send(tablet, &request).await;
    let [PushReceipt::Each(receipts)] = heard.receipts.as_slice() else { panic!("{heard:?}") };
    receipts.clone()
}

/// Sends bytes that are no change at all, into a document of the tablet's own.
async fn send_garbage(world: &mut World, tablet: &mut Tablet, key: &DocumentKey, bytes: &[u8]) -> u16 {
    let push = push_of(tablet, key, true, &[bytes.to_vec()]);
    match send(world, tablet, push).await[..] {
        [Receipt::Refused(code)] => code,
        ref other => panic!("{other:?}"),
    }
}

async fn kept(world: &World) -> Vec<(HeldId, EvidenceRecord)> {
    world.relay.storage().read().await.unwrap().view().all_evidence().await.unwrap()
}

async fn acts(world: &World, act: Act) -> Vec<crate::storage::record::AuditRecord> {
    let log = world.relay.storage().read().await.unwrap().view().audit().await.unwrap();
    log.into_iter().filter(|entry| entry.act == act).collect()
}

/// A report handed over by its author, and its intake's key.
async fn report(world: &mut World, author: &mut Tablet) -> (CaseId, DocumentKey) {
    let (case, core, intake) = draft(author);
    hand_over(author, core);
    world.sync(author).await;
    let key = author.documents[&intake].key.clone();
    (case, key)
}

fn told(tablet: &Tablet) -> Vec<Evidence> {
    tablet.held.values().filter_map(|held| held.evidence.as_deref().cloned()).collect()
}

/// A change of the intake as the tablet would write it next, whole.
fn next_change(tablet: &mut Tablet, document: DocumentId) -> Vec<u8> {
    tablet.edit(document, &set("jam_lapor", text("08:00")), 5).unwrap();
    let held = tablet.documents.get_mut(&document).unwrap();
    held.document.changes().pop().unwrap().bytes
}

#[tokio::test]
async fn what_is_damaged_or_hostile_is_kept_once_whatever_is_wrong_with_it() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (case, key) = report(&mut world, &mut author).await;
    let whole = next_change(&mut author, key.id());
    let mut altered = whole.clone();
    *altered.last_mut().unwrap() ^= 1;
    let mut other_kind = whole.clone();
    other_kind[0] ^= 1;
    let cases: Vec<(Vec<u8>, ErrorCode)> = vec![
        (whole[..6].to_vec(), ErrorCode::ChangeMalformed),
        (vec![0x85; EVIDENCE_BYTES_MAX + 9], ErrorCode::ChangeTooLarge),
        (altered, ErrorCode::ChangeChecksum),
        (other_kind, ErrorCode::ChangeKind),
    ];
    for (bytes, code) in &cases {
        for _ in 0..3 {
            assert_eq!(send_garbage(&mut world, &mut author, &key, bytes).await, code.number());
        }
    }
    // A push that was signed for another document, and a document whose id does not follow from its key.
    let mut foreign = push_of(&mut author, &key, true, std::slice::from_ref(&whole));
    foreign.signature = author.sign_push(DocumentId::from_bytes([1; 16]), &[]);
    let receipts = send(&mut world, &mut author, foreign).await;
    assert_eq!(receipts, vec![Receipt::Refused(ErrorCode::PushSignatureWrong.number())]);
    let records: Vec<EvidenceRecord> = kept(&world).await.into_iter().map(|(_, record)| record).collect();
    assert_eq!(records.len(), cases.len() + 1);
    for (bytes, code) in &cases {
        let record = records.iter().find(|record| record.code == code.number()).unwrap();
        assert_eq!(
            (record.count, record.size, record.sha256),
            (3, u64::try_from(bytes.len()).unwrap(), sha256(bytes)),
            "{code}"
        );
        assert_eq!(record.last_ms - record.first_ms, 2000);
        assert_eq!((record.account, record.device), (author.account, author.device));
        assert_eq!(record.key.as_ref(), Some(&key));
    }
    assert_eq!(acts(&world, Act::EvidenceKept).await.len(), records.len(), "each is told once");
    world.sync(&mut ser).await;
    let mut told = told(&ser);
    assert_eq!(told.len(), records.len());
    assert!(ser.held.values().all(|held| held.case == case && held.kind == "intake" && held.content.is_none()));
    told.sort_by_key(|one| one.code);
    let first = &told[0];
    assert_eq!((first.code, first.count, first.account), (ErrorCode::ChangeMalformed.number(), 3, author.account));
    assert!(told.iter().all(|one| one.letter.is_none()), "nobody is sent what they did not ask for");
    let counted = told.iter().map(|one| one.count).max();
    send_garbage(&mut world, &mut author, &key, &cases[0].0).await;
    world.sync(&mut ser).await;
    assert_eq!(self::told(&ser).iter().map(|one| one.count).max(), counted.map(|count| count + 1), "a resend is news");
}

#[tokio::test]
async fn changes_that_are_forged_are_kept_and_somebodys_work_is_not() {
    let mut world = World::new().await;
    let mut ser = world.tablet("ser1", "SER").await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let (_, key) = report(&mut world, &mut author).await;
    world.sync(&mut ser).await;
    // A value no form knows, and a document that is not theirs: refused, and no evidence of anything.
    author.edit(key.id(), &set("jam_lapor", text("setengah delapan")), 2).unwrap();
    let refused = world.sync(&mut author).await.receipts;
    assert_eq!(refused, vec![PushReceipt::Each(vec![Receipt::Refused(ErrorCode::ChangeSchema.number())])]);
    let mut stranger = world.tablet("pkt2", "PKT").await;
    let (_, own) = report(&mut world, &mut stranger).await;
    let change = next_change(&mut stranger, own.id());
    let push = push_of(&mut stranger, &key, true, &[change]);
    let receipts = send(&mut world, &mut stranger, push).await;
    assert_eq!(receipts, vec![Receipt::Refused(ErrorCode::DocumentUnknown.number())]);
    assert!(kept(&world).await.is_empty());
    // Another tablet's actor.
    let mut thief = world.tablet_of(ser.account).await;
    ser.edit(key.id(), &set("jam_lapor", text("09:00")), 4).unwrap();
    world.sync(&mut ser).await;
    let written = next_change(&mut ser, key.id());
    let push = push_of(&mut thief, &key, true, &[written]);
    let receipts = send(&mut world, &mut thief, push).await;
    assert_eq!(receipts, vec![Receipt::Refused(ErrorCode::ChangeActorForeign.number())]);
    // A new document whose id does not follow from its key: what it says of its case is not believed.
    let other_key = DocumentKey { case: CaseId::from_bytes([7; 16]), ..key.clone() };
    let written = next_change(&mut author, key.id());
    let push = Push { create: Some(other_key), ..push_of(&mut author, &key, true, &[written]) };
    let receipts = send(&mut world, &mut author, push).await;
    assert_eq!(receipts, vec![Receipt::Refused(ErrorCode::DocumentKeyWrong.number())]);
    author.documents.remove(&key.id());
    // Another person's name.
    let other = world.account("pkt3", "PKT").await;
    let own = core::mem::replace(&mut author.account, other);
    let case = CaseId::from_bytes(author.draw());
    let forged = author.make(case, "core", None).unwrap();
    author.edit(forged, &set("kode_lapangan", text("L-222-222")), 1).unwrap();
    author.account = own;
    world.sync(&mut author).await;
    let mut codes: Vec<u16> = kept(&world).await.iter().map(|(_, record)| record.code).collect();
    codes.sort_unstable();
    let expected = [ErrorCode::ChangeActorForeign, ErrorCode::ChangeAuthorForeign, ErrorCode::DocumentKeyWrong];
    let expected = expected.map(ErrorCode::number);
    assert_eq!(codes, expected);
}

#[tokio::test]
async fn it_is_bounded_for_a_tablet_and_for_all() {
    let mut world = World::new().await;
    let mut kept_in_all = 0;
    for number in 0..EVIDENCE_MAX / EVIDENCE_DEVICE_MAX + 1 {
        let mut author = world.tablet(&format!("pkt{number}"), "PKT").await;
        let (_, key) = report(&mut world, &mut author).await;
        let garbage: Vec<Vec<u8>> = (0..40_u8).map(|byte| vec![byte; 20]).collect();
        let push = push_of(&mut author, &key, true, &garbage);
        assert_eq!(send(&mut world, &mut author, push).await.len(), 40, "each has its receipt");
        let all = kept(&world).await;
        let of_device = all.iter().filter(|(_, record)| record.device == author.device).count();
        assert!(of_device <= EVIDENCE_DEVICE_MAX);
        kept_in_all = all.len();
    }
    assert_eq!(kept_in_all, EVIDENCE_MAX);
    let mut last = world.tablet("pkt99", "PKT").await;
    let (_, key) = report(&mut world, &mut last).await;
    let large = vec![0x11; 3 * EVIDENCE_BYTES_MAX];
    send_garbage(&mut world, &mut last, &key, &large).await;
    assert_eq!(kept(&world).await.len(), EVIDENCE_MAX, "there is no room, and the tablet has its answer");
}

#[tokio::test]
async fn who_keeps_the_register_no_longer_is_told_no_longer() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, key) = report(&mut world, &mut author).await;
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    world.sync(&mut ser).await;
    let id = *ser.held.keys().next().unwrap();
    world.relay.stop_account(ser.account, world.now).await.unwrap();
    ser.decide(id, Verdict::Block(REASON.to_owned()));
    let heard = world.sync(&mut ser).await;
    assert_eq!(heard.decisions, vec![DecisionReceipt::Refused(ErrorCode::DecisionUnknown.number())]);
    let mut read = world.relay.storage().read().await.unwrap();
    let seat = read.view().seat(id, ser.account).await.unwrap().unwrap();
    assert_eq!(seat.level, SeatLevel::Ended);
    assert!(acts(&world, Act::DeviceRevoked).await.is_empty());
}

#[tokio::test]
async fn it_is_erased_when_its_time_is_over() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (_, key) = report(&mut world, &mut author).await;
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    world.sync(&mut ser).await;
    let kept_ms = DAY_MS * u64::from(EVIDENCE_KEPT_DAYS);
    world.now += DAY_MS;
    send_garbage(&mut world, &mut author, &key, b"satu").await;
    let last = world.now;
    assert_eq!(world.relay.erase_old_evidence(last + kept_ms).await.unwrap(), 0, "counted from when it came last");
    assert_eq!(kept(&world).await.len(), 1);
    assert_eq!(world.relay.erase_old_evidence(last + kept_ms + 1).await.unwrap(), 1);
    assert!(kept(&world).await.is_empty());
    let mut read = world.relay.storage().main().read().await.unwrap();
    assert!(read.scan(Table::EvidenceBytes, &Range::prefix(&[]), usize::MAX).await.unwrap().is_empty());
    drop(read);
    assert_eq!(acts(&world, Act::EvidenceErased).await.len(), 1);
    world.sync(&mut ser).await;
    assert!(ser.held.is_empty(), "and gone from the list");
}

#[tokio::test]
async fn who_took_in_what_a_restored_relay_has_lost_is_not_shown_as_hostile() {
    let mut world = restored().await;
    let (mut author, _, mut ser, _, intake) = taken_report(&mut world).await;
    // What the cadre wrote was held when the backup was restored, so the relay knows nothing of it any more.
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    let hash = author.documents[&intake].pending_hashes()[0];
    let note = HeldNote { hash, author: author.account, time_s: 5 };
    ser.edit_with_note(intake, &set("jam_lapor", text("07:15")), &note.to_string()).unwrap();
    let receipts = world.sync(&mut ser).await.receipts;
    assert_eq!(receipts, vec![PushReceipt::Each(vec![Receipt::Refused(ErrorCode::ChangeAuthorForeign.number())])]);
    let kept: Vec<u16> = kept(&world).await.iter().map(|(_, record)| record.code).collect();
    assert!(kept.is_empty(), "the registrar's honest work stands as hostile bytes of her tablet: {kept:?}");
}

#[tokio::test]
async fn the_same_bytes_many_times_in_one_upload_are_told_once() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    for number in 0..4 {
        world.tablet(&format!("ser{number}"), "SER").await;
    }
    let (_, key) = report(&mut world, &mut author).await;
    let garbage = vec![vec![0x42; 20]; shared::protocol::limits::CHANGES_MAX];
    let push = push_of(&mut author, &key, true, &garbage);
    let position = async |world: &World| world.relay.storage().read().await.unwrap().view().position().await.unwrap();
    let before = position(&world).await;
    send(&mut world, &mut author, push).await;
    let moved = position(&world).await - before;
    assert!(moved <= 8, "{moved} events of the feed for one thing and four registrars");
}

#[tokio::test]
async fn a_remark_of_who_could_never_decide_is_forged() {
    let mut world = World::new().await;
    let (mut author, mut mks, _, _, intake) = taken_report(&mut world).await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 5_000).unwrap();
    let hash = author.documents[&intake].pending_hashes()[0];
    world.sync(&mut author).await;
    // Nobody has decided anything: the remark is made up by somebody who was never asked, with a time that is wrong.
    let note = HeldNote { hash, author: author.account, time_s: 999 };
    mks.edit_with_note(intake, &set("jam_lapor", text("23:59")), &note.to_string()).unwrap();
    let receipts = world.sync(&mut mks).await.receipts;
    let forged = Receipt::Refused(ErrorCode::ChangeAuthorForeign.number());
    assert_eq!(receipts, vec![PushReceipt::Each(vec![forged])]);
    assert_eq!(kept(&world).await.len(), 1, "words put into somebody's mouth pass for bad luck");
}

/// A registrar until a day.

#[tokio::test]
async fn nobody_makes_the_work_of_another_tablet_stand_as_hostile_after_a_restore() {
    let mut world = restored().await;
    let (mut author, mut mks, _, _, intake) = taken_report(&mut world).await;
    // A part of the report that the relay had before the restore, and the taker's tablet saw: whose actor is known to both.
    let case = author.documents[&intake].key.case;
    let reporter = author.make(case, "intake.reporter", None).unwrap();
    author.edit(reporter, &set("pelapor_telp", text("0812 0000 0001")), 5).unwrap();
    let written = author.documents[&reporter].document.changes().pop().unwrap();
    let actor = CheckedChange::check(&written.bytes).unwrap().actor();
    // The taker writes there first, under that actor.
    let mut document = Document::new().unwrap();
    let writer = Writer { author: mks.account, actor };
    let forged = command::apply(&mut document, &writer, &set("pelapor_telp", text("0812 0000 0002")), 6).unwrap();
    let key = author.documents[&reporter].key.clone();
    let push = push_of(&mut mks, &key, false, &[forged[0].bytes.clone()]);
    world.now += 1000;
    let request = mks.request(vec![push]);
    assert_eq!(world.send(&mut mks, &request).await.receipts, vec![PushReceipt::All]);
    world.sync(&mut author).await;
    let against: Vec<_> = kept(&world).await.into_iter().map(|(_, record)| (record.device, record.code)).collect();
    assert!(!against.iter().any(|(device, _)| *device == author.device), "the writer stands as hostile: {against:?}");
}
