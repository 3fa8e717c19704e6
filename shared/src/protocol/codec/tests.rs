//! Frames come back as they were; every other byte string is refused, quickly and without panic.

use super::*;
use crate::id::{
    AccountId, CaseId, ChangeHash, DeviceId, DocumentId, DocumentKey, HeldId, RequestId, SubjectId, TabletId, TenantId,
};
use crate::protocol::frame::*;
use crate::protocol::held::*;
use crate::protocol::seen::*;
use crate::tables::TableId;
use proptest::prelude::*;

fn key() -> DocumentKey {
    DocumentKey {
        case: CaseId::from_bytes([5; 16]),
        kind: "identity.short".into(),
        subject: Some(SubjectId::from_bytes([6; 16])),
        generation: 0,
    }
}

fn upload() -> Upload {
    Upload {
        version: PROTOCOL_VERSION,
        device: DeviceId::from_bytes([1; 16]),
        request: RequestId::from_bytes([2; 16]),
        counter: 300,
        cursor: Some(vec![3; 40]),
        pack: 1,
        budget_bytes: 0,
        priorities: vec![DocumentId::from_bytes([4; 16])],
        pushes: vec![
            Push {
                document: key().id(),
                create: Some(key()),
                changes: vec![ChangeBytes(vec![7; 30]), ChangeBytes(vec![8; 300])],
                signature: [9; 64],
            },
            Push { document: DocumentId::from_bytes([4; 16]), create: None, changes: vec![], signature: [0; 64] },
        ],
        repair: Some(Repair::Documents(vec![BucketDocuments {
            bucket: 63,
            documents: vec![HeldDocument {
                document: DocumentId::from_bytes([4; 16]),
                heads: vec![ChangeHash::from_bytes([1; 32])],
            }],
        }])),
        slot: None,
        offers: vec![SealedOffer(vec![1, 2, 3])],
        decisions: None,
        brought: None,
        seen: None,
    }
}

fn parts() -> Vec<Part> {
    vec![
        Part::Receipts(Receipts {
            received_ms: 1_790_000_000_000,
            device_number: 4,
            pushes: vec![
                PushReceipt::All,
                PushReceipt::Each(vec![
                    Receipt::Accepted,
                    Receipt::Duplicate,
                    Receipt::Retry(vec![ChangeHash::from_bytes([1; 32])]),
                    Receipt::Held(1402),
                    Receipt::Refused(1301),
                    Receipt::Reissue,
                ]),
            ],
            slot_stored: true,
            check_key: None,
            decisions: Some(vec![
                DecisionReceipt::Done,
                DecisionReceipt::Reenter,
                DecisionReceipt::Refused(1318),
                DecisionReceipt::Decided,
            ]),
            brought: Some(vec![PushReceipt::Each(vec![Receipt::Held(1408)])]),
            seen: Some(7),
        }),
        Part::Page(page()),
        Part::RepairBuckets(vec![1, 2]),
        Part::Fault(Fault { code: 1201, retry_after_s: None }),
        Part::End(End {
            more: false,
            now_ms: 1,
            check: Some(Check { count: 2, sum: [1; 16] }),
            pack: 1,
            merged_before_ms: 2,
            notice: 0,
        }),
    ]
}

fn page() -> Page {
    let runs = vec![ReceivedRun { count: 2, seconds_delta: -5, device_number: 3 }];
    Page {
        items: vec![
            Item::Changes {
                document: key().id(),
                changes: vec![ChangeBytes(vec![1]), ChangeBytes(vec![2])],
                received: runs.clone(),
            },
            Item::Snapshot { key: key(), bytes: vec![0; 500], received: runs },
            Item::Gone { document: key().id(), reason: GoneReason::TakenOver, ended_ms: None },
            Item::Gone { document: key().id(), reason: GoneReason::Ended, ended_ms: Some(1_790_000_000_000) },
            Item::Member(Member {
                account: AccountId::from_bytes([1; 16]),
                name: "Contoh Satu".into(),
                unit: "contoh".into(),
                roles: vec!["MKS".into()],
                active: true,
                devices: vec![(1, "Tablet 1".into())],
                office: None,
                until_day: Some(20_000),
                from_day: Some(19_000),
            }),
            Item::Contact { device_number: 1, day: 20_000 },
            Item::Status(ReportStatus {
                case: CaseId::from_bytes([5; 16]),
                field_code: "L-4K7-29Q".into(),
                state: ReportState::InHand,
                since_ms: 1,
                register_number: None,
                asked: None,
            }),
            Item::Held(held(None)),
            Item::Held(held(Some(HeldContent {
                key: key(),
                change: ChangeBytes(vec![7; 30]),
                account: AccountId::from_bytes([1; 16]),
                device_number: 2,
                code: 1402,
                received_ms: 1_790_000_000_000,
                order: 3,
                past: vec![ChangeBytes(vec![8; 30])],
            }))),
            Item::Decided(Decided {
                held: HeldId::from_bytes([4; 16]),
                outcome: HeldOutcome::Declined,
                by: Some(AccountId::from_bytes([1; 16])),
                at_ms: 1,
                reason: Some("Sudah tercatat".into()),
            }),
            Item::Decided(Decided {
                held: HeldId::from_bytes([4; 16]),
                outcome: HeldOutcome::Withdrawn,
                by: None,
                at_ms: 1,
                reason: None,
            }),
        ],
        cursor: vec![1; 40],
    }
}

fn held(content: Option<HeldContent>) -> HeldChange {
    HeldChange {
        held: HeldId::from_bytes([4; 16]),
        case: CaseId::from_bytes([5; 16]),
        kind: "identity.short".into(),
        forwarded: false,
        content,
        evidence: None,
    }
}

fn decisions() -> Vec<Decision> {
    let verdicts = [
        Verdict::Accept,
        Verdict::Decline("Sudah tercatat".into()),
        Verdict::Forward,
        Verdict::Reentered(vec![ChangeHash::from_bytes([1; 32])]),
    ];
    verdicts.into_iter().map(|verdict| Decision { held: HeldId::from_bytes([4; 16]), verdict }).collect()
}

#[test]
fn decisions_are_one_more_item_of_the_array_or_none() {
    let without = encode(&upload());
    assert_eq!(without.first(), Some(&0x8c), "twelve items, as ever");
    let with = Upload { decisions: Some(decisions()), ..upload() };
    let bytes = encode(&with);
    assert_eq!(bytes.first(), Some(&0x8d));
    assert_eq!(decode_upload(&bytes), Ok(with));
    let empty = encode(&Upload { decisions: Some(Vec::new()), ..upload() });
    assert_eq!(decode_upload(&empty), Err(WireError::NotCanonical));
    let decline = |bytes: usize| {
        let verdict = Verdict::Decline("x".repeat(bytes));
        encode(&Upload { decisions: Some(vec![Decision { held: HeldId::from_bytes([4; 16]), verdict }]), ..upload() })
    };
    assert!(decode_upload(&decline(limits::DECLINE_REASON_BYTES_MAX)).is_ok());
    assert_eq!(decode_upload(&decline(limits::DECLINE_REASON_BYTES_MAX + 1)), Err(WireError::TooLarge));
    let many = vec![decisions().remove(0); limits::DECISIONS_MAX + 1];
    assert_eq!(decode_upload(&encode(&Upload { decisions: Some(many), ..upload() })), Err(WireError::TooMany));
}

fn join() -> EnrolRequest {
    EnrolRequest::Join {
        version: PROTOCOL_VERSION,
        code: "ABCD".into(),
        public_key: [1; 32],
        tablet: TabletId::from_bytes([2; 16]),
        tablet_name: "Tablet 1".into(),
        slot: vec![3; 200],
        signature: [4; 64],
    }
}

#[test]
fn every_frame_comes_back_as_it_was() {
    assert_eq!(decode_upload(&encode(&upload())), Ok(upload()));
    let signed = SignedUpload { body: encode(&upload()), signature: [1; 64] };
    assert_eq!(decode_signed_upload(&encode(&signed)), Ok(signed));
    assert_eq!(decode_enrol_request(&encode(&join())), Ok(join()));
    let answer = EnrolAnswer::Fault(Fault { code: 1111, retry_after_s: Some(3) });
    assert_eq!(decode_enrol_answer(&encode(&answer)), Ok(answer));
    let offer = Offer { counter: 1, pushes: upload().pushes, left_out: None };
    assert_eq!(decode_offer(&encode(&offer)), Ok(offer.clone()));
    let partly = Offer { left_out: Some(vec![ChangeHash::from_bytes([7; 32])]), ..offer };
    assert_eq!(decode_offer(&encode(&partly)), Ok(partly));
    let joined = EnrolAnswer::Joined {
        device: DeviceId::from_bytes([1; 16]),
        device_number: 2,
        relay_recipient: "age1".into(),
        now_ms: 3,
    };
    assert_eq!(decode_enrol_answer(&encode(&joined)), Ok(joined));
    let _ = TenantId::from_bytes([0; 16]);
}

#[test]
fn absent_last_fields_are_written_as_null() {
    assert_eq!(encode(&Fault { code: 1, retry_after_s: None }), [0x82, 0x01, 0xf6]);
    let receipts = Receipts {
        received_ms: 0,
        device_number: 0,
        pushes: vec![],
        slot_stored: false,
        check_key: None,
        decisions: None,
        brought: None,
        seen: None,
    };
    assert_eq!(encode(&receipts), [0x85, 0, 0, 0x80, 0xf4, 0xf6]);
    assert_eq!(encode(&Repair::Buckets(vec![1])), [0x82, 0x00, 0x41, 0x01]);
    assert_eq!(encode(&PushReceipt::All), [0x81, 0x00]);
    assert_eq!(encode(&GoneReason::Superseded), [0x02]);
    let mut status = vec![0x86, 0x50];
    status.extend([5; 16]);
    status.extend([0x61, b'a', 0x00, 0x01, 0xf6]);
    let report = ReportStatus {
        case: CaseId::from_bytes([5; 16]),
        field_code: "a".into(),
        state: ReportState::Received,
        since_ms: 1,
        register_number: None,
        asked: None,
    };
    // Rows and answers of before had no word for what is asked.
    let earlier = [&[0x85], status.get(1..).unwrap()].concat();
    assert_eq!(minicbor::decode::<ReportStatus>(&earlier).unwrap(), report);
    status.push(0xf6);
    assert_eq!(encode(&report), status);
}

#[test]
fn parts_come_in_whatever_pieces_the_network_makes() {
    let bytes: Vec<u8> = parts().iter().flat_map(encode).collect();
    for size in [1, 2, 7, 100, bytes.len()] {
        let mut reader = PartReader::new();
        let mut read = Vec::new();
        for piece in bytes.chunks(size) {
            read.extend(reader.push(piece).unwrap());
        }
        assert_eq!(read, parts());
        assert!(reader.is_between_parts());
    }
    let mut reader = PartReader::new();
    assert_eq!(reader.push(&bytes[..bytes.len() - 1]).unwrap().len(), parts().len() - 1);
    assert!(!reader.is_between_parts());
}

#[test]
fn another_version_is_told_apart_from_a_broken_frame() {
    let mut bytes = encode(&upload());
    bytes[1] = 2;
    assert_eq!(decode_upload(&bytes), Err(WireError::Version(2)));
    let mut bytes = encode(&join());
    bytes[2] = 9;
    assert_eq!(decode_enrol_request(&bytes), Err(WireError::Version(9)));
}

#[test]
fn every_truncation_and_every_trailing_byte_is_refused() {
    let bytes = encode(&upload());
    for end in 0..bytes.len() {
        assert!(decode_upload(&bytes[..end]).is_err(), "{end}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert_eq!(decode_upload(&longer), Err(WireError::Trailing));
}

#[test]
fn a_field_too_many_is_refused_as_not_canonical() {
    let mut bytes = encode(&upload());
    assert_eq!(bytes[0], 0x8c);
    bytes[0] = 0x8d;
    bytes.push(0xf6);
    assert_eq!(decode_upload(&bytes), Err(WireError::NotCanonical));
}

fn refuse(change: fn(&mut Upload), expected: Result<(), WireError>) {
    let mut upload = upload();
    upload.repair = None;
    change(&mut upload);
    assert_eq!(decode_upload(&encode(&upload)).map(|_| ()), expected);
}

#[test]
fn each_limit_refuses_one_more_than_it_allows() {
    refuse(|upload| upload.cursor = Some(vec![0; limits::CURSOR_BYTES_MAX]), Ok(()));
    refuse(|upload| upload.cursor = Some(vec![0; limits::CURSOR_BYTES_MAX + 1]), Err(WireError::TooLarge));
    refuse(|upload| upload.priorities = vec![key().id(); limits::PRIORITIES_MAX], Ok(()));
    refuse(|upload| upload.priorities = vec![key().id(); limits::PRIORITIES_MAX + 1], Err(WireError::TooMany));
    refuse(|upload| upload.slot = Some(vec![0; limits::SLOT_BYTES_MAX + 1]), Err(WireError::TooLarge));
    refuse(|upload| upload.offers = vec![SealedOffer(vec![]); limits::OFFERS_MAX + 1], Err(WireError::TooMany));
    refuse(
        |upload| {
            let push = upload.pushes[1].clone();
            upload.pushes = vec![push; limits::PUSHES_MAX + 1];
        },
        Err(WireError::TooMany),
    );
    refuse(|upload| upload.pushes[0].changes = vec![ChangeBytes(vec![]); limits::CHANGES_MAX], Ok(()));
    refuse(
        |upload| upload.pushes[0].changes = vec![ChangeBytes(vec![]); limits::CHANGES_MAX + 1],
        Err(WireError::TooMany),
    );
    refuse(
        |upload| upload.pushes[0].create = Some(DocumentKey { kind: "x".repeat(65), ..key() }),
        Err(WireError::TooLarge),
    );
}

#[test]
fn digests_of_repair_have_one_length() {
    refuse(|upload| upload.repair = Some(Repair::Buckets(vec![0; 512])), Ok(()));
    refuse(|upload| upload.repair = Some(Repair::Buckets(vec![0; 511])), Err(WireError::Malformed));
    refuse(
        |upload| upload.repair = Some(Repair::Documents(vec![BucketDocuments { bucket: 64, documents: vec![] }])),
        Err(WireError::Malformed),
    );
}

#[test]
fn a_million_empty_changes_are_refused_before_they_are_decoded() {
    let mut bytes = encode(&Upload { pushes: vec![], ..upload() });
    bytes.extend(vec![0x40; 1_000_000]);
    let mut claim = vec![0x8c];
    claim.extend(&bytes[1..]);
    // The first push claims a million changes.
    let mut flood = vec![0x8c, 0x01];
    flood.extend([0x9a, 0x00, 0x0f, 0x42, 0x40]);
    flood.extend(vec![0x40; 1_000_000]);
    assert_eq!(decode_upload(&flood), Err(WireError::TooMany));
    assert!(decode_upload(&claim).is_err());
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = decode_signed_upload(&bytes);
        let _ = decode_upload(&bytes);
        let _ = decode_enrol_request(&bytes);
        let _ = decode_enrol_answer(&bytes);
        let _ = decode_offer(&bytes);
        let _ = PartReader::new().push(&bytes);
    }

    #[test]
    fn what_decodes_is_what_would_be_written(at in 0_usize..2000, byte: u8) {
        let mut bytes = encode(&upload());
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(read) = decode_upload(&bytes) {
            prop_assert_eq!(encode(&read), bytes);
        }
    }
}

#[test]
fn what_was_seen_is_bounded_and_left_out_where_there_is_nothing_to_tell() {
    let opened = |field: String| Seen { at_ms: u64::MAX, sight: Sight::Opened { document: key().id(), field } };
    let told = |seen: Vec<Seen>| encode(&Upload { seen: Some(SeenBatch { number: u64::MAX, seen }), ..upload() });
    let all = vec![
        opened("a".repeat(limits::DOCUMENT_KEY_BYTES_MAX)),
        Seen { at_ms: 0, sight: Sight::Exported { table: None, rows: u32::MAX } },
        Seen { at_ms: 0, sight: Sight::Exported { table: Some((TableId::T03, 2026)), rows: 0 } },
        Seen { at_ms: 0, sight: Sight::Printed { document: key().id(), names: true } },
        Seen { at_ms: 0, sight: Sight::LetGo(2) },
    ];
    assert_eq!(decode_upload(&told(all.clone())).unwrap().seen.unwrap().seen, all);
    assert_eq!(decode_upload(&told(Vec::new())), Err(WireError::NotCanonical));
    let many = vec![opened("triase".into()); limits::SEEN_MAX];
    assert!(decode_upload(&told(many.clone())).is_ok());
    assert_eq!(decode_upload(&told([many, all].concat())), Err(WireError::TooMany));
    let long = opened("a".repeat(limits::DOCUMENT_KEY_BYTES_MAX + 1));
    assert_eq!(decode_upload(&told(vec![long])), Err(WireError::TooLarge));
}
