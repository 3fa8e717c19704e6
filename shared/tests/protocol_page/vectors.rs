//! The test vectors: one invented enrolment and one round of sync, from fixed bytes.
//!
//! What is random in life is a repeated byte here, so that a reader recognises it in the hexadecimal.

use shared::command::{Edit, Writer, WrittenChange, apply};
use shared::document::Document;
use shared::document::genesis::{GENESIS, GENESIS_HASH, text_actor, text_change};
use shared::document::path::row_key;
use shared::id::{
    AccountId, ActorId, CaseId, ChangeHash, DeviceId, DocumentId, DocumentKey, HeldId, RequestId, RowId, SubjectId,
    TabletId, TenantId,
};
use shared::protocol::alarm::{Alarm, AlarmState};
use shared::protocol::codec::encode;
use shared::protocol::frame::{
    Brought, ChangeBytes, End, EnrolAnswer, EnrolRequest, Fault, Item, Member, PROTOCOL_VERSION, Page, Part, Push,
    PushReceipt, Receipt, Receipts, ReceivedRun, ReportState, ReportStatus, SignedUpload, Upload,
};
use shared::protocol::held::{
    Decided, Decision, DecisionReceipt, Evidence, HeldChange, HeldContent, HeldNote, HeldOutcome, KeptNote, Verdict,
    sha256,
};
use shared::protocol::live::{Signal, SignedHello};
use shared::protocol::seen::{Seen, SeenBatch, Sight};
use shared::protocol::sign::{frame_message, join_message, live_message, push_message};
use shared::seal::sign::DeviceSecret;
use shared::sync::change_hash;
use shared::sync::check::{RunningCheck, bucket_of, term};
use shared::tables::TableId;
use shared::value::Scalar;

const TENANT: TenantId = TenantId::from_bytes([0x11; 16]);
const ACCOUNT: AccountId = AccountId::from_bytes([0x22; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([0x33; 16]);
const TABLET: TabletId = TabletId::from_bytes([0x44; 16]);
const CASE: CaseId = CaseId::from_bytes([0x55; 16]);
const SUBJECT: SubjectId = SubjectId::from_bytes([0x66; 16]);
const ROW: RowId = RowId::from_bytes([0x77; 16]);
const ACTOR: ActorId = ActorId::from_bytes([0x88; 16]);
const OTHER_ACCOUNT: AccountId = AccountId::from_bytes([0xaa; 16]);
const OTHER_ACTOR: ActorId = ActorId::from_bytes([0xbb; 16]);
const CHECK_KEY: [u8; 16] = [0xcc; 16];
const SEED: [u8; 32] = [0x01; 32];
const CODE: &str = "ABCDEFGHJKMNPQRS";
const TIME_MS: i64 = 1_790_000_000_000;

/// A vector's name and its value: hexadecimal, or text where the name says so.
type Vector = (&'static str, String);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a vector.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn key() -> DocumentKey {
    DocumentKey { case: CASE, kind: "intake".into(), subject: None, generation: 0 }
}

fn secret() -> DeviceSecret {
    DeviceSecret::from_seed(&SEED)
}

/// The vectors of the first version, in the order of the page.
pub(crate) fn all() -> Vec<Vector> {
    [ids(), documents(), enrolment(), round(), repair()].concat()
}

fn ids() -> Vec<Vector> {
    vec![
        ("document_id.intake", hex(key().id().as_bytes())),
        ("document_id.identity_short", hex(DocumentId::derive(CASE, "identity.short", Some(SUBJECT), 0).as_bytes())),
        ("document_id.generation_1", hex(DocumentId::derive(CASE, "intake", None, 1).as_bytes())),
        ("row_key.text", row_key("tim", ROW)),
    ]
}

fn documents() -> Vec<Vector> {
    let (document, mine) = written();
    let text = text_change("kronologi").unwrap();
    let mut vectors = vec![
        ("genesis", hex(GENESIS)),
        ("genesis.hash", hex(GENESIS_HASH.as_bytes())),
        ("text_change.actor", hex(text_actor("kronologi").as_bytes())),
        ("text_change", hex(&text)),
        ("text_change.hash", hex(change_hash(&text).unwrap().as_bytes())),
    ];
    let names = ["change.set_field", "change.add_row", "change.derived", "change.edit_text"];
    vectors.extend(names.into_iter().zip(&mine).map(|(name, change)| (name, hex(&change.bytes))));
    vectors.push(("heads", document.heads().iter().map(|head| hex(head.as_bytes())).collect::<Vec<_>>().join(" ")));
    vectors
}

fn write(document: &mut Document, writer: &Writer, edit: &Edit) -> Vec<WrittenChange> {
    apply(document, writer, edit, TIME_MS).unwrap()
}

/// A field, a row and a text.
fn written() -> (Document, Vec<WrittenChange>) {
    let mut document = Document::new().unwrap();
    let writer = Writer { author: ACCOUNT, actor: ACTOR };
    let edits = [
        Edit::SetField { key: "triase".into(), value: Scalar::from("KUNING"), seen: vec![] },
        Edit::AddRow {
            table: "tim".into(),
            row: ROW,
            fields: vec![("akun".into(), Scalar::from(ACCOUNT.to_string())), ("peran".into(), Scalar::from("MKS"))],
        },
        Edit::EditText { key: "kronologi".into(), base: vec![], old: String::new(), new: "Halo".into() },
    ];
    let changes = edits.iter().flat_map(|edit| write(&mut document, &writer, edit)).collect();
    (document, changes)
}

/// What somebody else wrote into the same field at the same time.
fn other_change() -> WrittenChange {
    let mut document = Document::new().unwrap();
    let writer = Writer { author: OTHER_ACCOUNT, actor: OTHER_ACTOR };
    let edit = Edit::SetField { key: "triase".into(), value: Scalar::from("MERAH"), seen: vec![] };
    write(&mut document, &writer, &edit).remove(0)
}

fn enrolment() -> Vec<Vector> {
    let secret = secret();
    let public_key = *secret.public().as_bytes();
    let slot = vec![0xdd; 8];
    let message = join_message(TENANT, CODE, &public_key, TABLET, "Tablet 1", &slot);
    let signature = *secret.sign(&message).as_bytes();
    let look = EnrolRequest::Look { version: PROTOCOL_VERSION, code: CODE.into() };
    let welcome = EnrolAnswer::Welcome {
        tenant: TENANT,
        member: member(ACCOUNT, "Contoh Satu", 1),
        office: "Gugus Tugas Contoh".into(),
        recovery_recipient: "age1example".into(),
        pack: 1,
        synthetic: true,
    };
    let join = EnrolRequest::Join {
        version: PROTOCOL_VERSION,
        code: CODE.into(),
        public_key,
        tablet: TABLET,
        tablet_name: "Tablet 1".into(),
        slot,
        signature,
    };
    let joined = EnrolAnswer::Joined {
        device: DEVICE,
        device_number: 1,
        relay_recipient: "age1example".into(),
        now_ms: 1_790_000_000_000,
    };
    vec![
        ("key.seed", hex(&SEED)),
        ("key.public", hex(&public_key)),
        ("enrol.look", hex(&encode(&look))),
        ("enrol.welcome", hex(&encode(&welcome))),
        ("join.message", hex(&message)),
        ("join.signature", hex(&signature)),
        ("enrol.join", hex(&encode(&join))),
        ("enrol.joined", hex(&encode(&joined))),
    ]
}

fn member(account: AccountId, name: &str, device_number: u32) -> Member {
    Member {
        account,
        name: name.into(),
        unit: "contoh".into(),
        roles: vec!["MKS".into()],
        active: true,
        devices: vec![(device_number, "Tablet 1".into())],
        office: None,
        until_day: None,
        from_day: None,
    }
}

fn round() -> Vec<Vector> {
    let secret = secret();
    let (_, mine) = written();
    let hashes: Vec<ChangeHash> = mine.iter().map(|change| change.hash).collect();
    let counter = 1;
    let push_message = push_message(TENANT, key().id(), &hashes, DEVICE, counter);
    let push_signature = *secret.sign(&push_message).as_bytes();
    let upload = Upload {
        version: PROTOCOL_VERSION,
        device: DEVICE,
        request: RequestId::from_bytes([0x99; 16]),
        counter,
        cursor: None,
        pack: 1,
        budget_bytes: 0,
        priorities: vec![],
        pushes: vec![Push {
            document: key().id(),
            create: Some(key()),
            changes: mine.into_iter().map(|change| ChangeBytes(change.bytes)).collect(),
            signature: push_signature,
        }],
        repair: None,
        slot: None,
        offers: vec![],
        decisions: None,
        brought: None,
        seen: None,
    };
    let body = encode(&upload);
    let message = frame_message(TENANT, &body);
    let signed = SignedUpload::sign(TENANT, &secret, body);
    let fault = Part::Fault(Fault { code: 1101, retry_after_s: None });
    vec![
        ("push.message", hex(&push_message)),
        ("push.signature", hex(&push_signature)),
        ("frame.message", hex(&message)),
        ("frame.signature", hex(&signed.signature)),
        ("sync.request", hex(&encode(&signed))),
        ("sync.answer", hex(&answer())),
        ("sync.fault", hex(&encode(&fault))),
    ]
}

/// Receipts, then a page with the directory and the other's change, then the end.
fn answer() -> Vec<u8> {
    let (mut document, _) = written();
    let other = other_change();
    document.apply(&[&other.bytes]).unwrap();
    let mut check = RunningCheck::default();
    check.add(term(&CHECK_KEY, key().id(), &document.heads()));
    let parts = [
        Part::Receipts(Receipts {
            received_ms: 1_790_000_001_000,
            device_number: 1,
            pushes: vec![PushReceipt::All],
            slot_stored: false,
            check_key: Some(CHECK_KEY),
            decisions: None,
            brought: None,
            seen: None,
        }),
        Part::Page(Page {
            items: vec![
                Item::Member(member(OTHER_ACCOUNT, "Contoh Dua", 2)),
                Item::Changes {
                    document: key().id(),
                    changes: vec![ChangeBytes(other.bytes)],
                    received: vec![ReceivedRun { count: 1, seconds_delta: 1_790_000_000, device_number: 2 }],
                },
            ],
            cursor: vec![0xee; 8],
        }),
        Part::End(End {
            more: false,
            now_ms: 1_790_000_001_000,
            check: Some(check.to_frame()),
            pack: 1,
            merged_before_ms: 1_790_000_001_000,
            notice: 0,
        }),
    ];
    parts.iter().flat_map(encode).collect()
}

fn repair() -> Vec<Vector> {
    let term = term(&CHECK_KEY, key().id(), &[GENESIS_HASH]);
    vec![("check.term", hex(&term.to_le_bytes())), ("repair.bucket", bucket_of(key().id()).to_string())]
}

/// The other's change as one that was held instead, and what is said about it; added to the page later.
pub(crate) fn held() -> Vec<Vector> {
    let other = other_change();
    let id = HeldId::derive(key().id(), other.hash);
    let content = HeldContent {
        key: key(),
        change: ChangeBytes(other.bytes),
        account: OTHER_ACCOUNT,
        device_number: 2,
        code: 1402,
        received_ms: 1_790_000_001_000,
        order: 1,
        past: vec![],
    };
    let told =
        |content| HeldChange { held: id, case: CASE, kind: "intake".into(), forwarded: false, content, evidence: None };
    let verdicts = [
        Verdict::Accept,
        Verdict::Decline("Sudah tercatat.".into()),
        Verdict::Forward,
        Verdict::Reentered(vec![other.hash]),
    ];
    let decisions: Vec<Decision> = verdicts.into_iter().map(|verdict| Decision { held: id, verdict }).collect();
    let receipts =
        vec![DecisionReceipt::Done, DecisionReceipt::Reenter, DecisionReceipt::Refused(1318), DecisionReceipt::Decided];
    let decided = Decided {
        held: id,
        outcome: HeldOutcome::Declined,
        by: Some(ACCOUNT),
        at_ms: 1_790_000_002_000,
        reason: Some("Sudah tercatat.".into()),
    };
    let note = HeldNote { hash: other.hash, author: OTHER_ACCOUNT, time_s: 1_790_000_000 };
    vec![
        ("held_id", hex(id.as_bytes())),
        ("held.item", hex(&encode(&Item::Held(told(Some(content)))))),
        ("held.counted", hex(&encode(&Item::Held(told(None))))),
        ("held.decided", hex(&encode(&Item::Decided(decided)))),
        ("held.decisions", hex(&encode(&decisions))),
        ("held.receipts", hex(&encode(&receipts))),
        ("held.message.text", note.to_string()),
    ]
}

/// The same one kept as a note: the decision, and the message of the note; added to the page later.
pub(crate) fn noted() -> Vec<Vector> {
    let held = HeldId::derive(key().id(), other_change().hash);
    let note = DocumentId::derive(CASE, "supplement", Some(SubjectId::from_bytes([0x77; 16])), 0);
    let kept = KeptNote { held, author: OTHER_ACCOUNT, time_s: 1_790_000_000 };
    let decisions = vec![Decision { held, verdict: Verdict::Noted(note) }];
    vec![("noted.decisions", hex(&encode(&decisions))), ("noted.message.text", kept.to_string())]
}

/// Three bytes that are no change, as a registrar is told of them and has them handed out; added to the page later.
pub(crate) fn evidence() -> Vec<Vector> {
    let sha256 = sha256(&[1, 2, 3]);
    let id = HeldId::of_evidence(DEVICE, &sha256);
    let told = |letter| {
        let evidence = Box::new(Evidence {
            account: ACCOUNT,
            device_number: 1,
            code: 1301,
            first_ms: 1_790_000_001_000,
            last_ms: 1_790_000_002_000,
            count: 2,
            size: 3,
            sha256,
            letter,
        });
        let (case, kind) = (CASE, "intake".into());
        Item::Held(HeldChange { held: id, case, kind, forwarded: false, content: None, evidence: Some(evidence) })
    };
    let verdicts = [Verdict::Block("Tablet hilang.".into()), Verdict::TakeOut];
    let decisions: Vec<Decision> = verdicts.into_iter().map(|verdict| Decision { held: id, verdict }).collect();
    vec![
        ("evidence_id", hex(id.as_bytes())),
        ("evidence.item", hex(&encode(&told(None)))),
        ("evidence.taken_out", hex(&encode(&told(Some(vec![1, 2, 3]))))),
        ("evidence.decisions", hex(&encode(&decisions))),
        ("evidence.reviewed", hex(&encode(&vec![Decision { held: id, verdict: Verdict::Reviewed }]))),
    ]
}

/// The other's change as one that a restored relay lacks, and what it says of that; added to the page later.
pub(crate) fn brought() -> Vec<Vector> {
    let brought = vec![Brought { key: key(), changes: vec![ChangeBytes(other_change().bytes)] }];
    let receipts = vec![PushReceipt::Each(vec![Receipt::Held(1408)])];
    vec![("brought.list", hex(&encode(&brought))), ("brought.receipts", hex(&encode(&receipts)))]
}

/// A field opened, a table taken away, a case printed with names, and two that were only counted; added to the page later.
pub(crate) fn seen() -> Vec<Vector> {
    let core = DocumentId::derive(CASE, "core", None, 0);
    let sights = [
        Sight::Opened { document: key().id(), field: "dokumen/nomor".into() },
        Sight::Exported { table: Some((TableId::T01, 2026)), rows: 12 },
        Sight::Exported { table: None, rows: 40 },
        Sight::Printed { document: core, names: true },
        Sight::LetGo(2),
    ];
    let seen = sights.into_iter().map(|sight| Seen { at_ms: 1_790_000_000_000, sight }).collect();
    vec![("seen.batch", hex(&encode(&SeenBatch { number: 1, seen })))]
}

/// The hello of a socket, with the next counter after the round, and the words that follow; added to the page later.
pub(crate) fn live() -> Vec<Vector> {
    let hello = SignedHello::make(TENANT, DEVICE, 2, &secret());
    vec![
        ("live.message", hex(&live_message(TENANT, &hello.body))),
        ("live.signature", hex(&hello.signature)),
        ("live.hello", hex(&encode(&hello))),
        ("live.ready", hex(&encode(&Signal::Ready))),
        ("live.news", hex(&encode(&Signal::News))),
        ("live.alive", hex(&encode(&Signal::Alive))),
    ]
}

/// An old draft as a registrar is told of it; added to the page later.
pub(crate) fn draft() -> Vec<Vector> {
    let status = ReportStatus {
        case: CASE,
        field_code: "L-4K7-29Q".into(),
        state: ReportState::Draft,
        since_ms: 1_789_920_000_000,
        register_number: None,
        asked: None,
    };
    vec![("draft.status", hex(&encode(&Item::Status(status))))]
}

/// A danger that waits, and one that somebody took; added to the page later.
pub(crate) fn alarm() -> Vec<Vector> {
    let alarm = Alarm {
        case: CASE,
        field_code: "L-4K7-29Q".into(),
        since_ms: 1_790_000_000_000,
        state: AlarmState::Waits,
        by: None,
        at_ms: 1_790_000_003_000,
    };
    vec![
        ("alarm.waits", hex(&encode(&Item::Alarm(alarm.clone())))),
        ("alarm.taken", hex(&encode(&Item::Alarm(Alarm { state: AlarmState::Taken, by: Some(ACCOUNT), ..alarm })))),
    ]
}
