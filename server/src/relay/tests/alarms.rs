//! Who is told of a danger, when, and what becomes of it.

use shared::command::Edit;
use shared::id::{AccountId, CaseId, DocumentId};
use shared::protocol::alarm::{Alarm, AlarmState};
use shared::value::Scalar;

use super::{World, draft, row, set, take_over, text};
use crate::demo::tablet::Tablet;

const HOUR_MS: u64 = 3_600_000;

async fn danger(world: &mut World, author: &mut Tablet) -> (CaseId, DocumentId) {
    let (case, core, _) = draft(author);
    author.edit(core, &set("darurat", true), 2).unwrap();
    world.sync(author).await;
    (case, core)
}

async fn heard(world: &mut World, tablet: &mut Tablet, case: CaseId) -> Option<Alarm> {
    world.sync(tablet).await;
    tablet.alarms.get(&case).cloned()
}

fn state(alarm: Option<&Alarm>) -> Option<(AlarmState, Option<AccountId>)> {
    alarm.map(|alarm| (alarm.state, alarm.by))
}

#[tokio::test]
async fn a_danger_rings_for_takers_until_one_takes_it_and_then_says_who() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut taker = world.tablet("mks1", "MKS").await;
    let mut other = world.tablet("mks2", "MKS").await;
    let mut registrar = world.tablet("ser1", "SER").await;
    let mut nurse = world.tablet("nks1", "NKS").await;
    let (case, core) = danger(&mut world, &mut author).await;
    let since_ms = world.now;
    for tablet in [&mut taker, &mut other, &mut registrar] {
        let alarm = heard(&mut world, tablet, case).await.unwrap();
        assert_eq!(
            (alarm.state, alarm.since_ms, alarm.field_code.as_str()),
            (AlarmState::Waits, since_ms, "L-4K7-29Q")
        );
    }
    assert_eq!(heard(&mut world, &mut author, case).await, None);
    assert_eq!(heard(&mut world, &mut nurse, case).await, None);
    take_over(&mut taker, core);
    world.sync(&mut taker).await;
    let by = (AlarmState::Taken, Some(taker.account));
    for tablet in [&mut taker, &mut other, &mut registrar] {
        assert_eq!(state(heard(&mut world, tablet, case).await.as_ref()), Some(by));
    }
    assert!(other.documents.is_empty(), "the report itself is gone from whoever did not take it");
    // Whatever is written later says nothing more of it.
    let before = world.relay.storage().read().await.unwrap().view().position().await.unwrap();
    taker.edit(core, &set("tahap", text("TRIASE")), 5).unwrap();
    world.sync(&mut taker).await;
    let alarms = world.relay.storage().read().await.unwrap().view().alarms(other.account).await.unwrap();
    assert!(alarms.iter().all(|(_, record)| record.position <= before));
    // Whoever begins later is not told of it.
    let mut late = world.tablet("mks3", "MKS").await;
    assert_eq!(heard(&mut world, &mut late, case).await, None);
}

#[tokio::test]
async fn after_the_minutes_of_the_pack_the_chair_hears_the_code_and_nothing_else() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut taker = world.tablet("mks1", "MKS").await;
    let mut chair = world.tablet("khr1", "KHR").await;
    let (case, core) = danger(&mut world, &mut author).await;
    let since_ms = world.now;
    world.sync(&mut taker).await;
    assert_eq!(world.relay.tell_late_alarms(since_ms + HOUR_MS - 1).await.unwrap(), 0);
    assert_eq!(heard(&mut world, &mut chair, case).await, None);
    world.now = since_ms + HOUR_MS;
    assert_eq!(world.relay.tell_late_alarms(world.now).await.unwrap(), 1);
    assert_eq!(world.relay.tell_late_alarms(world.now + 15_000).await.unwrap(), 0, "told once");
    let alarm = heard(&mut world, &mut chair, case).await.unwrap();
    assert_eq!((alarm.state, alarm.since_ms, alarm.field_code.as_str()), (AlarmState::Waits, since_ms, "L-4K7-29Q"));
    assert!(chair.documents.is_empty(), "not a byte of the case");
    take_over(&mut taker, core);
    world.sync(&mut taker).await;
    assert_eq!(
        state(heard(&mut world, &mut chair, case).await.as_ref()),
        Some((AlarmState::Taken, None)),
        "not by whom"
    );
}

#[tokio::test]
async fn one_that_is_taken_in_time_never_reaches_the_chair() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut taker = world.tablet("mks1", "MKS").await;
    let mut chair = world.tablet("khr1", "KHR").await;
    let (case, core) = danger(&mut world, &mut author).await;
    world.sync(&mut taker).await;
    take_over(&mut taker, core);
    world.sync(&mut taker).await;
    world.now += 2 * HOUR_MS;
    for looked_at in [1, 0] {
        assert_eq!(world.relay.tell_late_alarms(world.now).await.unwrap(), looked_at, "once, and no more");
    }
    assert_eq!(heard(&mut world, &mut chair, case).await, None);
}

#[tokio::test]
async fn whoever_must_not_know_hears_nothing_and_whoever_has_heard_hears_it_is_over() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut taker = world.tablet("mks1", "MKS").await;
    let mut chair = world.tablet("khr1", "KHR").await;
    let (case, core) = danger(&mut world, &mut author).await;
    assert_eq!(state(heard(&mut world, &mut taker, case).await.as_ref()), Some((AlarmState::Waits, None)));
    let guard = author.make(case, "guard", None).unwrap();
    for account in [taker.account, chair.account] {
        let exclusion: Edit = row(&mut author, "kecualikan", &[("akun", Scalar::Str(account.to_string()))]);
        author.edit(guard, &exclusion, 3).unwrap();
    }
    let request = author.upload();
    world.send(&mut author, &request).await;
    // What an author adds to the guard leaves the tablet with the receipt.
    author.documents.remove(&guard);
    let alarm = heard(&mut world, &mut taker, case).await.unwrap();
    assert_eq!((alarm.state, alarm.field_code.as_str(), alarm.by), (AlarmState::Over, "", None));
    world.now += HOUR_MS;
    world.relay.tell_late_alarms(world.now).await.unwrap();
    assert_eq!(heard(&mut world, &mut chair, case).await, None);
    // A danger that turns out to be none rings for nobody any more.
    let mut registrar = world.tablet("ser1", "SER").await;
    assert_eq!(state(heard(&mut world, &mut registrar, case).await.as_ref()), Some((AlarmState::Waits, None)));
    author
        .edit(core, &Edit::SetField { key: "darurat".to_owned(), value: false.into(), seen: seen(&author, core) }, 9)
        .unwrap();
    world.sync(&mut author).await;
    assert_eq!(state(heard(&mut world, &mut registrar, case).await.as_ref()), Some((AlarmState::Over, None)));
}

fn seen(tablet: &Tablet, core: DocumentId) -> Vec<shared::document::path::OpId> {
    tablet.documents[&core].document.field("darurat").values.iter().map(|value| value.op).collect()
}

#[tokio::test]
async fn a_claim_that_is_taken_back_does_not_keep_the_danger_from_the_chair() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut taker = world.tablet("mks1", "MKS").await;
    let mut chair = world.tablet("khr1", "KHR").await;
    let (case, core) = danger(&mut world, &mut author).await;
    let since_ms = world.now;
    world.sync(&mut taker).await;
    // By a slip, or by will, once before each hour is over.
    for minutes in [50, 100, 150] {
        world.now = since_ms + minutes * 60_000;
        for value in [text(&taker.account.to_string()), Scalar::Null] {
            let seen = taker.documents[&core].document.field("diterima_oleh").ops();
            let edit = Edit::SetField { key: "diterima_oleh".to_owned(), value, seen };
            taker.edit(core, &edit, 3).unwrap();
            world.sync(&mut taker).await;
        }
        world.relay.tell_late_alarms(world.now).await.unwrap();
    }
    let alarm = heard(&mut world, &mut chair, case).await;
    assert_eq!(
        alarm.map(|alarm| (alarm.state, alarm.since_ms)),
        Some((AlarmState::Waits, since_ms)),
        "nobody has looked after it for two hours and a half, and the chair has heard nothing"
    );
}
