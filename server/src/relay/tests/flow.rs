//! The life of a report: draft, hand-over, take-over, team, supplements, revocation, exclusion, repair.

use shared::command::Edit;
use shared::id::AccountId;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{GoneReason, PushReceipt, Receipt, ReportState};
use shared::protocol::limits::CHANGE_DEPS_MAX;

use super::{World, draft, hand_over, row, second_core, set, take_over, text};
use crate::demo::tablet::Tablet;

#[tokio::test]
async fn a_draft_reaches_nobody_else() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let mut ser = world.tablet("ser1", "SER").await;
    draft(&mut author);
    let heard = world.sync(&mut author).await;
    assert_eq!(heard.receipts, vec![PushReceipt::All, PushReceipt::All]);
    assert_eq!(author.unsent(), 0);
    for other in [&mut mks, &mut ser] {
        world.sync(other).await;
        assert!(other.documents.is_empty());
    }
}

#[tokio::test]
async fn a_handed_over_report_reaches_duty_and_a_taken_one_leaves_its_author() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let mut other = world.tablet("mks2", "MKS").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (case, core, intake) = draft(&mut author);
    world.sync(&mut author).await;
    hand_over(&mut author, core);
    world.sync(&mut author).await;
    for reader in [&mut mks, &mut other, &mut ser] {
        world.sync(reader).await;
        assert_eq!(reader.documents.len(), 2);
    }
    assert!(author.documents.contains_key(&core), "the author may write until somebody takes it over");
    take_over(&mut mks, core);
    let heard = world.sync(&mut mks).await;
    assert_eq!(heard.receipts, vec![PushReceipt::All]);
    world.sync(&mut author).await;
    assert_eq!(author.gone.get(&core), Some(&GoneReason::TakenOver));
    assert!(author.documents.is_empty());
    assert_eq!(author.statuses.get(&case).map(|status| status.state), Some(ReportState::InHand));
    assert_eq!(author.statuses.get(&case).map(|status| status.field_code.as_str()), Some("L-4K7-29Q"));
    world.sync(&mut other).await;
    assert!(other.documents.is_empty(), "duty ends when somebody takes it");
    world.sync(&mut ser).await;
    assert!(ser.documents.contains_key(&intake));
}

#[tokio::test]
async fn the_author_of_a_report_is_told_its_register_number() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (case, core, _) = draft(&mut author);
    hand_over(&mut author, core);
    world.sync(&mut author).await;
    world.sync(&mut ser).await;
    ser.edit(core, &set("nomor_register", text("BLU-2026-0007")), 5).unwrap();
    assert_eq!(world.sync(&mut ser).await.receipts, vec![PushReceipt::All]);
    world.sync(&mut author).await;
    let told = author.statuses.get(&case).and_then(|status| status.register_number.clone());
    assert_eq!(told.as_deref(), Some("BLU-2026-0007"));
}

#[tokio::test]
async fn both_values_of_a_disagreement_reach_everybody() {
    let mut world = World::new().await;
    let mut a = world.tablet("mks1", "MKS").await;
    let mut b = world.tablet("ser1", "SER").await;
    let (_, core, intake) = draft(&mut a);
    hand_over(&mut a, core);
    world.sync(&mut a).await;
    world.sync(&mut b).await;
    a.edit(intake, &set("jam_lapor", text("08:00")), 5).unwrap();
    b.edit(intake, &set("jam_lapor", text("09:30")), 5).unwrap();
    world.sync(&mut a).await;
    world.sync(&mut b).await;
    world.sync(&mut a).await;
    for tablet in [&a, &b] {
        assert_eq!(tablet.documents[&intake].document.field("jam_lapor").values.len(), 2);
    }
    assert_eq!(a.documents[&intake].document.heads(), b.documents[&intake].document.heads());
}

#[tokio::test]
async fn own_changes_are_not_echoed_and_an_idle_sync_is_empty() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    draft(&mut author);
    let heard = world.sync(&mut author).await;
    assert_eq!(heard.items, 0);
    let heard = world.sync(&mut author).await;
    assert_eq!((heard.items, heard.pages, heard.more), (0, 0, false));
}

#[tokio::test]
async fn a_new_tablet_gets_everything_once() {
    let mut world = World::new().await;
    let mut author = world.tablet("ser1", "SER").await;
    for _ in 0..40 {
        let (_, core, _) = draft(&mut author);
        hand_over(&mut author, core);
    }
    world.sync(&mut author).await;
    let mut second = world.tablet_of(author.account).await;
    let heard = world.sync(&mut second).await;
    assert_eq!(second.documents.len(), 80);
    assert!(!heard.more);
    let heard = world.sync(&mut second).await;
    assert_eq!(heard.items, 0);
}

#[tokio::test]
async fn an_answer_cut_short_leaves_nothing_out() {
    let mut world = World::new().await;
    let mut writer = world.tablet("mks1", "MKS").await;
    let mut reader = world.tablet("ser1", "SER").await;
    let mut intakes = Vec::new();
    for _ in 0..2 {
        let (_, core, intake) = draft(&mut writer);
        hand_over(&mut writer, core);
        intakes.push(intake);
    }
    world.sync(&mut writer).await;
    world.sync(&mut reader).await;
    // The feed names the first report after the second, though it changed before it too.
    for (intake, hour) in [(intakes[0], "08:00"), (intakes[1], "09:00"), (intakes[0], "10:00")] {
        let seen = writer.documents[&intake].document.field("jam_lapor").ops();
        let edit = Edit::SetField { key: String::from("jam_lapor"), value: text(hour), seen };
        writer.edit(intake, &edit, 5).unwrap();
        world.sync(&mut writer).await;
    }
    reader.budget_bytes = 1;
    let mut rounds = 0;
    while world.sync(&mut reader).await.more {
        rounds += 1;
        assert!(rounds < 10, "every answer brings something");
    }
    assert!(rounds > 0, "the answer was cut");
    for intake in intakes {
        assert_eq!(reader.documents[&intake].document.heads(), writer.documents[&intake].document.heads());
    }
}

#[tokio::test]
async fn a_replayed_frame_repeats_its_receipts() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    draft(&mut author);
    let first = world.sync(&mut author).await;
    let again = author.repeat();
    let heard = world.send(&mut author, &again).await;
    assert_eq!(heard.receipts, first.receipts);
    world.sync(&mut author).await;
    let heard = world.send(&mut author, &again).await;
    assert_eq!(heard.code, Some(ErrorCode::CounterRepeated.number()));
}

#[tokio::test]
async fn a_document_never_has_more_ends_than_one_change_can_join() {
    let mut world = World::new().await;
    let mut writer = world.tablet("mks1", "MKS").await;
    let (_, core, intake) = draft(&mut writer);
    hand_over(&mut writer, core);
    world.sync(&mut writer).await;
    let mut others = Vec::new();
    for _ in 0..CHANGE_DEPS_MAX + 1 {
        let mut other = world.tablet_of(writer.account).await;
        world.sync(&mut other).await;
        others.push(other);
    }
    let reissue = vec![PushReceipt::Each(vec![Receipt::Reissue])];
    for (number, other) in others.iter_mut().enumerate() {
        other.edit(intake, &set("jam_lapor", text(&format!("08:{number:02}"))), 5).unwrap();
        let request = other.upload();
        let heard = world.send(other, &request).await;
        let expected = if number < CHANGE_DEPS_MAX { vec![PushReceipt::All] } else { reissue.clone() };
        assert_eq!(heard.receipts, expected, "writer {number}");
    }
    // Whoever has read all of them joins them with the next change.
    world.sync(&mut writer).await;
    writer.edit(intake, &set("tgl_lapor", text("2026-11-04")), 6).unwrap();
    let heard = world.sync(&mut writer).await;
    assert_eq!(heard.receipts, vec![PushReceipt::All]);
    let heads = writer.documents[&intake].document.heads().len();
    assert!(heads <= 2, "a change names the one before it of its writer too: {heads}");
}

#[tokio::test]
async fn a_revoked_device_hands_in_what_it_wrote_and_hears_no_more() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let (_, core, _) = draft(&mut author);
    world.sync(&mut author).await;
    author.edit(core, &set("darurat", true), 9).unwrap();
    world.relay.revoke_device(1, world.now).await.unwrap();
    let heard = world.sync(&mut author).await;
    assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![Receipt::Held(ErrorCode::HeldRevoked.number())])]);
    assert_eq!(heard.code, Some(ErrorCode::DeviceRevoked.number()));
    assert_eq!(heard.pages, 0);
    let held = world.relay.storage().read().await.unwrap().view().all_held().await.unwrap();
    assert_eq!(held.len(), 1);
    let heard = world.sync(&mut author).await;
    assert_eq!(heard.receipts.len(), 1, "sent again, held once");
    assert_eq!(world.relay.storage().read().await.unwrap().view().all_held().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_the_author_wrote_after_take_over_is_held_for_a_person() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let (_, core, intake) = draft(&mut author);
    hand_over(&mut author, core);
    world.sync(&mut author).await;
    world.sync(&mut mks).await;
    take_over(&mut mks, core);
    world.sync(&mut mks).await;
    author.edit(intake, &set("jam_lapor", text("07:15")), 9).unwrap();
    author.edit(intake, &set("tgl_lapor", text("2026-11-03")), 9).unwrap();
    let heard = world.sync(&mut author).await;
    let held = Receipt::Held(ErrorCode::HeldTakenOver.number());
    assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![held.clone(), held])]);
}

#[tokio::test]
async fn a_danger_report_reaches_duty_at_once() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let (_, core, _) = draft(&mut author);
    author.edit(core, &set("darurat", true), 2).unwrap();
    world.sync(&mut author).await;
    world.sync(&mut mks).await;
    assert_eq!(mks.documents.len(), 2);
}

#[tokio::test]
async fn an_exclusion_beats_duty_and_is_seen_by_the_registrar_alone() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut excluded = world.tablet("mks1", "MKS").await;
    let mut other = world.tablet("mks2", "MKS").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (case, core, _) = draft(&mut author);
    let guard = author.make(case, "guard", None).unwrap();
    let entry = row(&mut author, "kecualikan", &[("ada", text("ADA")), ("akun", text(&excluded.account.to_string()))]);
    author.edit(guard, &entry, 2).unwrap();
    hand_over(&mut author, core);
    let request = author.upload();
    let heard = world.send(&mut author, &request).await;
    // What an author adds to the guard leaves the tablet with the receipt; nobody but the registrar reads it.
    author.documents.remove(&guard);
    assert!(heard.receipts.iter().all(|receipt| *receipt == PushReceipt::All), "{:?}", heard.receipts);
    world.sync(&mut excluded).await;
    assert!(excluded.documents.is_empty());
    world.sync(&mut other).await;
    assert!(other.documents.contains_key(&core) && !other.documents.contains_key(&guard));
    world.sync(&mut ser).await;
    assert!(ser.documents.contains_key(&guard));
}

#[tokio::test]
async fn several_exclusions_and_their_corrections_hold_in_one_upload() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut uncle = world.tablet("mks1", "MKS").await;
    let mut brother = world.tablet("mks2", "MKS").await;
    let mut mistaken = world.tablet("mks3", "MKS").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (case, core, _) = draft(&mut author);
    let guard = author.make(case, "guard", None).unwrap();
    let excludes =
        |who: &crate::demo::tablet::Tablet| vec![("ada", text("ADA")), ("akun", text(&who.account.to_string()))];
    let first = row(&mut author, "kecualikan", &excludes(&uncle));
    author.edit(guard, &first, 2).unwrap();
    let second = row(&mut author, "kecualikan", &excludes(&mistaken));
    author.edit(guard, &second, 3).unwrap();
    let Edit::AddRow { table, row: id, .. } = second else { unreachable!() };
    let seen = author.documents[&guard].document.row(&table, id).unwrap().field("akun").ops();
    let right = text(&brother.account.to_string());
    let corrected = Edit::SetRowField { table: table.clone(), row: id, key: "akun".to_owned(), value: right, seen };
    author.edit(guard, &corrected, 4).unwrap();
    hand_over(&mut author, core);
    let request = author.upload();
    let heard = world.send(&mut author, &request).await;
    assert!(heard.receipts.iter().all(|receipt| *receipt == PushReceipt::All), "{:?}", heard.receipts);
    for excluded in [&mut uncle, &mut brother] {
        world.sync(excluded).await;
        assert!(excluded.documents.is_empty());
    }
    world.sync(&mut mistaken).await;
    assert!(mistaken.documents.contains_key(&core), "who was excluded by mistake is on duty again");
    // Nobody but the registrar changes what somebody else added, whatever hashes they know.
    world.sync(&mut ser).await;
    take_over(&mut mistaken, core);
    world.sync(&mut mistaken).await;
    mistaken.make(case, "guard", None).unwrap();
    let stolen: Vec<Vec<u8>> = ser.documents[&guard].document.changes().into_iter().map(|one| one.bytes).collect();
    let copy = &mut mistaken.documents.get_mut(&guard).unwrap().document;
    copy.apply(&stolen).unwrap();
    let seen = copy.row(&table, id).unwrap().ops();
    mistaken.edit(guard, &Edit::RemoveRow { table, row: id, seen }, 9).unwrap();
    let heard = world.sync(&mut mistaken).await;
    let refused = Receipt::Refused(ErrorCode::ChangeForbidden.number());
    assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![refused])]);
}

#[tokio::test]
async fn an_assignment_of_who_must_not_know_is_told_to_who_may_know_and_waits_for_them_otherwise() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let uncle = world.account("nks1", "NKS").await;
    let brother = world.account_in("nks2", "NKS", Some("DISDIK")).await;
    let nurse = world.account("nks3", "NKS").await;
    let (mut first, mut second) = (world.tablet_of(uncle).await, world.tablet_of(brother).await);
    let (case, core, _) = draft(&mut author);
    hand_over(&mut author, core);
    world.sync(&mut author).await;
    world.sync(&mut mks).await;
    world.sync(&mut ser).await;
    take_over(&mut mks, core);
    world.sync(&mut mks).await;
    world.sync(&mut ser).await;
    let guard = ser.make(case, "guard", None).unwrap();
    for (at, who) in [("akun", uncle.to_string()), ("instansi", "DISDIK".to_owned())] {
        let entry = row(&mut ser, "kecualikan", &[("ada", text("ADA")), (at, text(&who))]);
        ser.edit(guard, &entry, 4).unwrap();
    }
    world.sync(&mut ser).await;
    let member = |tablet: &mut Tablet, who: AccountId| {
        row(tablet, "tim", &[("akun", text(&who.to_string())), ("peran", text("NKS")), ("dari", text("2020-01-01"))])
    };
    let refused = Receipt::Refused(ErrorCode::AssignExcluded.number());
    let held = Receipt::Held(ErrorCode::HeldAssignment.number());
    for who in [uncle, brother] {
        let named = member(&mut ser, who);
        ser.edit(core, &named, 5).unwrap();
        let heard = world.sync(&mut ser).await;
        assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![refused.clone()])]);
        ser = world.tablet_of(ser.account).await;
        world.sync(&mut ser).await;
    }
    let named = member(&mut mks, nurse);
    mks.edit(core, &named, 6).unwrap();
    assert_eq!(world.sync(&mut mks).await.receipts, vec![PushReceipt::All], "nobody keeps the nurse out");
    let named = set("diterima_oleh", text(&uncle.to_string()));
    mks.edit(core, &named, 6).unwrap();
    let heard = world.sync(&mut mks).await;
    assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![held])], "the code says nothing of an exclusion");
    world.sync(&mut ser).await;
    let waiting: Vec<_> = ser.held.values().filter_map(|item| Some(item.content.as_ref()?.code)).collect();
    assert_eq!(waiting, [ErrorCode::HeldAssignment.number()], "whoever may know decides");
    for kept_out in [&mut first, &mut second] {
        world.sync(kept_out).await;
        assert!(kept_out.documents.is_empty());
    }
}

#[tokio::test]
async fn an_excluded_author_hears_no_more_of_the_report() {
    let mut world = World::new().await;
    let mut ser = world.tablet("ser1", "SER").await;
    let account = world.account_in("pkt1", "PKT", Some("DISDIK")).await;
    for (at, who) in [("akun", account.to_string()), ("instansi", "DISDIK".to_owned())] {
        let mut author = world.tablet_of(account).await;
        let (case, core, _) = draft(&mut author);
        hand_over(&mut author, core);
        world.sync(&mut author).await;
        world.sync(&mut ser).await;
        world.sync(&mut author).await;
        assert_eq!(author.statuses.get(&case).map(|status| status.state), Some(ReportState::Received), "{at}");
        let guard = ser.make(case, "guard", None).unwrap();
        let entry = row(&mut ser, "kecualikan", &[("ada", text("ADA")), (at, text(&who))]);
        ser.edit(guard, &entry, 5).unwrap();
        ser.edit(core, &set("nomor_register", text("BLU-2026-0007")), 5).unwrap();
        assert_eq!(world.sync(&mut ser).await.receipts, vec![PushReceipt::All, PushReceipt::All]);
        world.sync(&mut author).await;
        assert_eq!(author.gone.get(&core), Some(&GoneReason::Ended));
        assert_eq!(author.statuses.get(&case).and_then(|status| status.register_number.clone()), None, "{at}");
        take_over(&mut ser, core);
        assert_eq!(world.sync(&mut ser).await.receipts, vec![PushReceipt::All]);
        world.sync(&mut author).await;
        assert_eq!(author.statuses.get(&case).map(|status| status.state), Some(ReportState::Received), "{at}");
        // A new tablet learns nothing of it at all.
        let mut second = world.tablet_of(account).await;
        world.sync(&mut second).await;
        assert!(!second.statuses.contains_key(&case), "{at}");
        // Lifted, the author hears where the report stands, as any author.
        let lifted = Edit::RemoveRow {
            table: "kecualikan".to_owned(),
            row: ser.documents[&guard].document.rows("kecualikan")[0].row,
            seen: Vec::new(),
        };
        ser.edit(guard, &lifted, 6).unwrap();
        assert_eq!(world.sync(&mut ser).await.receipts, vec![PushReceipt::All]);
        for tablet in [&mut author, &mut second] {
            world.sync(tablet).await;
            let told = tablet.statuses.get(&case).map(|status| (status.state, status.register_number.as_deref()));
            assert_eq!(told, Some((ReportState::InHand, Some("BLU-2026-0007"))), "{at}");
        }
    }
}

#[tokio::test]
async fn who_may_only_add_leaves_room_for_the_registrar() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let (case, core, _) = draft(&mut author);
    let guard = author.make(case, "guard", None).unwrap();
    for count in 0..64 {
        if count == 40 {
            // Taken, and the receipt is lost: all forty come again with the rest.
            let request = author.upload();
            world.relay.handle_sync(&request, world.now).await;
        }
        let entry = row(&mut author, "kecualikan", &[("ada", text("ADA")), ("nama", text("Contoh"))]);
        author.edit(guard, &entry, 2).unwrap();
    }
    hand_over(&mut author, core);
    let request = author.upload();
    let heard = world.send(&mut author, &request).await;
    assert!(heard.receipts.iter().all(|receipt| *receipt == PushReceipt::All), "{:?}", heard.receipts);
    let entry = row(&mut author, "kecualikan", &[("ada", text("ADA")), ("nama", text("Contoh"))]);
    author.edit(guard, &entry, 3).unwrap();
    let request = author.upload();
    let heard = world.send(&mut author, &request).await;
    let full = Receipt::Refused(ErrorCode::DocumentFull.number());
    assert_eq!(heard.receipts, vec![PushReceipt::Each(vec![full])]);
    world.sync(&mut ser).await;
    let entry = row(&mut ser, "kecualikan", &[("ada", text("ADA")), ("nama", text("Contoh"))]);
    ser.edit(guard, &entry, 4).unwrap();
    assert_eq!(world.sync(&mut ser).await.receipts, vec![PushReceipt::All]);
}

#[tokio::test]
async fn repair_brings_only_what_differs() {
    let mut world = World::new().await;
    let mut ser = world.tablet("ser1", "SER").await;
    let mut cores = Vec::new();
    for _ in 0..20 {
        let (_, core, _) = draft(&mut ser);
        hand_over(&mut ser, core);
        cores.push(core);
    }
    world.sync(&mut ser).await;
    let mut second = world.tablet_of(ser.account).await;
    world.sync(&mut second).await;
    second.documents.remove(&cores[3]);
    let stray = shared::id::DocumentId::from_bytes([0xee; 16]);
    let heads = second.documents[&cores[4]].acknowledged.clone();
    let lists = |second: &crate::demo::tablet::Tablet| -> Vec<shared::protocol::frame::HeldDocument> {
        let held = |(id, held): (&shared::id::DocumentId, &crate::demo::tablet::HeldDocument)| {
            shared::protocol::frame::HeldDocument { document: *id, heads: held.acknowledged.clone() }
        };
        let stray = shared::protocol::frame::HeldDocument { document: stray, heads: heads.clone() };
        second.documents.iter().map(held).chain([stray]).collect()
    };
    let all = lists(&second);
    let mut digests = shared::sync::check::BucketDigests::default();
    for held in &all {
        digests.add(&second.check_key.unwrap(), held.document, &held.heads);
    }
    second.repair = Some(shared::protocol::frame::Repair::Buckets(digests.to_bytes()));
    let request = second.upload();
    let heard = world.send(&mut second, &request).await;
    let buckets = heard.buckets.unwrap();
    assert!(heard.more && (1..=2).contains(&buckets.len()), "{buckets:?}");
    let listed = buckets
        .iter()
        .map(|bucket| shared::protocol::frame::BucketDocuments {
            bucket: *bucket,
            documents: all
                .iter()
                .filter(|held| shared::sync::check::bucket_of(held.document) == *bucket)
                .cloned()
                .collect(),
        })
        .collect();
    second.repair = Some(shared::protocol::frame::Repair::Documents(listed));
    let heard = world.sync(&mut second).await;
    assert_eq!(heard.items, 2, "one brought, one gone");
    assert!(!heard.more);
    assert!(second.gone.contains_key(&stray) && second.documents.contains_key(&cores[3]));
}

#[tokio::test]
async fn received_times_are_told_in_document_order_however_they_were_gathered() {
    let mut world = World::new().await;
    let mut a = world.tablet("ser1", "SER").await;
    let mut b = world.tablet_of(a.account).await;
    let (_, core, intake) = draft(&mut a);
    hand_over(&mut a, core);
    world.sync(&mut a).await;
    world.sync(&mut b).await;
    for round in 0..4 {
        for tablet in [&mut a, &mut b] {
            tablet.edit(intake, &set("jam_lapor", text(&format!("0{round}:00"))), 5).ok();
            let kelompok = row(tablet, "orang", &[("urutan", shared::value::Scalar::Int(round + 1))]);
            tablet.edit(core, &kelompok, 5).unwrap();
        }
        world.sync(&mut a).await;
        world.sync(&mut b).await;
        world.sync(&mut a).await;
        let mut read = world.relay.storage().read().await.unwrap();
        let mut view = read.view();
        for id in [core, intake] {
            let kept = view.snapshot(&crate::access_gate::permit_judge(id)).await.unwrap().unwrap();
            let heads = view.document(id).await.unwrap().unwrap().heads;
            let document = world.relay.open_state(&mut view, id, &heads).await.unwrap();
            let whole = crate::relay::snapshot::received_in_order(&mut view, id, document.document()).await.unwrap();
            assert_eq!(kept.received, whole);
        }
    }
}

#[tokio::test]
async fn no_second_core_is_made_beside_the_one_that_is_there() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut ser = world.tablet("ser1", "SER").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let (_, core, _) = draft(&mut author);
    author.edit(core, &set("darurat", true), 2).unwrap();
    for tablet in [&mut author, &mut ser, &mut mks] {
        world.sync(tablet).await;
    }
    let (made, push) = second_core(&mut ser, core);
    let request = ser.request(vec![push]);
    world.send(&mut ser, &request).await;
    world.sync(&mut mks).await;
    assert!(
        !mks.documents.contains_key(&made),
        "nothing begins a document anew yet, and a tablet shows one of the two"
    );
}
