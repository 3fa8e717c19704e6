//! Who is told of a draft that nobody hands over, when, and how much.

use shared::id::{AccountId, CaseId, DocumentId};
use shared::protocol::frame::{ReportState, ReportStatus};
use shared::protocol::limits::DRAFT_TOLD_HOURS;
use shared::value::Scalar;

use super::super::NewAccount;
use super::super::drafts::status_place;
use super::{World, draft, hand_over, row, set, text};
use crate::demo::tablet::Tablet;

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

fn told_ms() -> u64 {
    u64::from(DRAFT_TOLD_HOURS) * HOUR_MS
}

/// Lets time pass, and the timer that computes grants anew when the day is another.
async fn pass(world: &mut World, ms: u64) {
    world.now += ms;
    world.relay.refresh_grants(world.now).await.unwrap();
}

async fn heard(world: &mut World, tablet: &mut Tablet, case: CaseId) -> Option<ReportStatus> {
    world.sync(tablet).await;
    tablet.statuses.get(&case).cloned()
}

/// Where in the feed stands what an account was told of a case.
async fn position(world: &World, account: AccountId, case: CaseId) -> u64 {
    world.relay.storage().read().await.unwrap().view().status(account, case).await.unwrap().unwrap().position
}

/// What stands at the relay for an account.
async fn told(world: &World, account: AccountId, case: CaseId) -> ReportState {
    let record = world.relay.storage().read().await.unwrap().view().status(account, case).await.unwrap().unwrap();
    world.relay.open_status(&status_place(account, case), &record).unwrap().state
}

/// A draft at the relay, its author, and a registrar who has not heard of it.
async fn scene() -> (World, [Tablet; 2], CaseId, DocumentId, u64) {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut registrar = world.tablet("ser1", "SER").await;
    let (case, core, _) = draft(&mut author);
    let begun = world.now;
    world.sync(&mut author).await;
    assert_eq!(heard(&mut world, &mut registrar, case).await, None);
    (world, [author, registrar], case, core, begun)
}

#[tokio::test]
async fn after_three_days_the_registrar_hears_code_and_age_of_a_draft_and_nothing_else() {
    let (mut world, [mut author, mut registrar], case, core, begun) = scene().await;
    pass(&mut world, told_ms() - HOUR_MS).await;
    assert_eq!(heard(&mut world, &mut registrar, case).await, None);
    let mut manager = world.tablet("mks1", "MKS").await;
    pass(&mut world, DAY_MS).await;
    let told = heard(&mut world, &mut registrar, case).await.unwrap();
    assert_eq!((told.state, told.field_code.as_str()), (ReportState::Draft, "L-4K7-29Q"));
    assert_eq!((told.register_number, told.asked), (None, None));
    // The day at the centre in the pack's zone, and no time of it.
    assert!(told.since_ms <= begun && begun - told.since_ms < DAY_MS, "{} {begun}", told.since_ms);
    assert_eq!((told.since_ms + 8 * HOUR_MS) % DAY_MS, 0);
    assert!(registrar.documents.is_empty(), "not a byte of the case");
    for other in [&mut author, &mut manager] {
        assert_eq!(heard(&mut world, other, case).await, None, "the author knows, others need not");
    }
    // Told once; what its author goes on writing makes no noise. A registrar who comes later hears of it too.
    let before = position(&world, registrar.account, case).await;
    author.edit(core, &set("tahap", text("LAPORAN")), 9).unwrap();
    world.sync(&mut author).await;
    pass(&mut world, DAY_MS).await;
    assert_eq!(position(&world, registrar.account, case).await, before);
    let mut second = world.tablet("ser2", "SER").await;
    pass(&mut world, DAY_MS).await;
    assert_eq!(heard(&mut world, &mut second, case).await.map(|one| one.state), Some(ReportState::Draft));

    hand_over(&mut author, core);
    world.sync(&mut author).await;
    let over = heard(&mut world, &mut registrar, case).await.unwrap();
    assert_eq!((over.state, over.field_code.as_str()), (ReportState::Closed, ""));
    assert!(registrar.documents.contains_key(&core), "it is a report now");
    assert_eq!(heard(&mut world, &mut author, case).await.map(|one| one.state), Some(ReportState::Received));
}

#[tokio::test]
async fn nobody_hears_of_a_draft_that_was_emptied_or_of_whose_case_they_must_not_know() {
    let (mut world, [mut author, mut registrar], case, core, _) = scene().await;
    let guard = author.make(case, "guard", None).unwrap();
    let excluded = Scalar::Str(registrar.account.to_string());
    let exclusion = row(&mut author, "kecualikan", &[("akun", excluded)]);
    author.edit(guard, &exclusion, 3).unwrap();
    let mut second = world.tablet("ser2", "SER").await;
    let request = author.upload();
    world.send(&mut author, &request).await;
    author.documents.remove(&guard);
    pass(&mut world, told_ms() + DAY_MS).await;
    assert_eq!(heard(&mut world, &mut registrar, case).await, None);
    assert_eq!(heard(&mut world, &mut second, case).await.map(|one| one.state), Some(ReportState::Draft));
    author.edit(core, &set("kode_lapangan", Scalar::Null), 9).unwrap();
    world.sync(&mut author).await;
    let over = heard(&mut world, &mut second, case).await.unwrap();
    assert_eq!((over.state, over.field_code.as_str()), (ReportState::Closed, ""));
}

#[tokio::test]
async fn who_keeps_the_register_no_longer_is_told_of_no_draft() {
    let (mut world, [mut author, registrar], case, _, begun) = scene().await;
    let day = |ms: u64| world.relay.packs.date_at(ms);
    let until = NewAccount {
        login: "ser2".to_owned(),
        name: "Contoh ser2".to_owned(),
        unit: "GT".to_owned(),
        office: None,
        roles: vec!["SER".to_owned()],
        from: day(0),
        to: Some(day(begun + told_ms() + 2 * DAY_MS)),
    };
    let ending = world.relay.add_account(until, begun).await.unwrap();
    pass(&mut world, told_ms() + DAY_MS).await;
    let mut states = Vec::new();
    for _ in 0..3 {
        states.push((told(&world, registrar.account, case).await, told(&world, ending, case).await));
        pass(&mut world, DAY_MS).await;
    }
    let (draft, over) = (ReportState::Draft, ReportState::Closed);
    assert_eq!(states, [(draft, draft), (draft, draft), (draft, over)], "the day after the last one");
    world.relay.stop_account(registrar.account, world.now).await.unwrap();
    pass(&mut world, DAY_MS).await;
    assert_eq!(told(&world, registrar.account, case).await, over);
    assert_eq!(heard(&mut world, &mut author, case).await, None);
}
