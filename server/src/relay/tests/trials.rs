//! What a push costs: saving and opening a document again is the dear part of a trial, and is done once for a push.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use shared::document::vet::{Trial, VetFault, Vetted, VettedDocument};
use shared::id::DocumentId;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Part, PushReceipt, Receipt};
use shared::value::Scalar;

use super::super::cache::DocumentCache;
use super::super::costs::Costs;
use super::super::vetting::{InProcess, Pace, Vetting};
use super::{World, draft, hand_over, row, set, take_over, text};
use crate::demo::tablet::Tablet;

/// Changes in a long push.
const MANY: usize = 40;

/// Counts reopenings, and finds poison in whatever is proven together when told to.
#[derive(Clone, Default)]
struct Counted {
    reopenings: Arc<AtomicUsize>,
    careful: Arc<AtomicUsize>,
    finds_poison: Arc<AtomicBool>,
}

impl Vetting for Counted {
    fn vet(&self, base: &VettedDocument, changes: &[&[u8]]) -> Result<Vetted, VetFault> {
        self.reopenings.fetch_add(1, Ordering::Relaxed);
        if changes.len() > 1 && self.finds_poison.load(Ordering::Relaxed) {
            return Err(VetFault::Poison);
        }
        InProcess.vet(base, changes)
    }

    fn begin(&self, base: &VettedDocument, pace: Pace) -> Trial {
        if pace == Pace::Each {
            self.careful.fetch_add(1, Ordering::Relaxed);
        }
        InProcess.begin(base, pace)
    }

    fn prove(&self, trial: Trial) -> Result<VettedDocument, VetFault> {
        self.reopenings.fetch_add(1, Ordering::Relaxed);
        if self.finds_poison.load(Ordering::Relaxed) && !trial.is_careful() {
            return Err(VetFault::Poison);
        }
        InProcess.prove(trial)
    }
}

impl Counted {
    fn take(&self) -> usize {
        self.reopenings.swap(0, Ordering::Relaxed)
    }
}

async fn counted_world() -> (World, Counted) {
    let mut world = World::new().await;
    let counted = Counted::default();
    Arc::get_mut(&mut world.relay).unwrap().vetting = Box::new(counted.clone());
    (world, counted)
}

/// Writes many changes into the core, of which the one in the middle is no value of its field and the next builds on it.
fn write_into_core(tablet: &mut Tablet, core: DocumentId) {
    for number in 0..MANY {
        let value =
            if number == MANY / 2 { text("bukan angka") } else { Scalar::Int(i64::try_from(number).unwrap() + 1) };
        let person = row(tablet, "orang", &[("urutan", value)]);
        tablet.edit(core, &person, 5).unwrap();
    }
}

/// The half before the bad change goes in, the half after it builds on it.
fn expected() -> Vec<Receipt> {
    let mut receipts = vec![Receipt::Accepted; MANY / 2];
    receipts.push(Receipt::Refused(ErrorCode::ChangeSchema.number()));
    receipts.resize(MANY, Receipt::Reissue);
    receipts
}

#[tokio::test]
async fn a_long_push_is_proven_once_however_its_changes_are_judged() {
    let (mut world, counted) = counted_world().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let (_, core, intake) = draft(&mut author);
    world.sync(&mut author).await;
    counted.take();
    write_into_core(&mut author, core);
    assert_eq!(world.sync(&mut author).await.receipts, vec![PushReceipt::Each(expected())]);
    assert_eq!(counted.take(), 1, "rights may move with each change of a core");
    for number in 0..MANY {
        let value = if number == MANY / 2 { "bukan jam".to_owned() } else { format!("07:{number:02}") };
        author.edit(intake, &set("jam_lapor", text(&value)), 5).unwrap();
    }
    let heard = world.sync(&mut author).await;
    assert_eq!(heard.receipts.last(), Some(&PushReceipt::Each(expected())));
    assert!(counted.take() <= 3, "together, in turn, and what is left of the core");
    assert_eq!(counted.careful.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn what_is_put_aside_is_proven_once_for_each_push() {
    let (mut world, counted) = counted_world().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let (_, _, intake) = draft(&mut author);
    world.sync(&mut author).await;
    world.relay.revoke_device(1, world.now).await.unwrap();
    counted.take();
    for number in 0..MANY {
        author.edit(intake, &set("jam_lapor", text(&format!("07:{number:02}"))), 5).unwrap();
    }
    let held = |count| PushReceipt::Each(vec![Receipt::Held(ErrorCode::HeldRevoked.number()); count]);
    assert_eq!(world.sync(&mut author).await.receipts, vec![held(MANY)]);
    assert_eq!(counted.take(), 1);
    // What was put aside before is not tried again for what comes on top of it.
    author.edit(intake, &set("jam_lapor", text("08:00")), 6).unwrap();
    assert_eq!(world.sync(&mut author).await.receipts, vec![held(MANY + 1)]);
    assert_eq!(counted.take(), 1);
    let all = world.relay.storage().read().await.unwrap().view().all_held().await.unwrap();
    assert_eq!(all.len(), MANY + 1);
    // A relay that was restarted has to.
    Arc::get_mut(&mut world.relay).unwrap().cache = DocumentCache::default();
    author.edit(intake, &set("jam_lapor", text("08:01")), 6).unwrap();
    assert_eq!(world.sync(&mut author).await.receipts, vec![held(MANY + 2)]);
    assert_eq!(counted.take(), 2);
    assert_eq!(counted.careful.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_push_that_breaks_the_document_as_a_whole_is_tried_change_by_change() {
    let (mut world, counted) = counted_world().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut mks = world.tablet("mks1", "MKS").await;
    let (_, core, _) = draft(&mut author);
    world.sync(&mut author).await;
    counted.finds_poison.store(true, Ordering::Relaxed);
    write_into_core(&mut author, core);
    assert_eq!(world.sync(&mut author).await.receipts, vec![PushReceipt::Each(expected())]);
    assert_eq!(counted.careful.load(Ordering::Relaxed), 1);

    let mut author = world.tablet("pkt2", "PKT").await;
    let (_, core, intake) = draft(&mut author);
    hand_over(&mut author, core);
    world.sync(&mut author).await;
    world.sync(&mut mks).await;
    take_over(&mut mks, core);
    assert_eq!(world.sync(&mut mks).await.receipts, vec![PushReceipt::All]);
    author.edit(intake, &set("jam_lapor", text("07:15")), 5).unwrap();
    author.edit(intake, &set("jam_lapor", text("07:16")), 5).unwrap();
    let held = PushReceipt::Each(vec![Receipt::Held(ErrorCode::HeldTakenOver.number()); 2]);
    assert_eq!(world.sync(&mut author).await.receipts, vec![held]);
}

#[tokio::test]
async fn a_device_that_costs_too_much_waits_and_loses_nothing() {
    let (mut world, _) = counted_world().await;
    Arc::get_mut(&mut world.relay).unwrap().costs = Costs::bounded(1);
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut other = world.tablet("pkt2", "PKT").await;
    for tablet in [&mut author, &mut other] {
        world.sync(tablet).await;
        draft(tablet);
    }
    // Something new waits for the author.
    world.account("pkt3", "PKT").await;
    let again = || PushReceipt::Each(vec![Receipt::Retry(Vec::new())]);
    let request = author.upload();
    let heard = world.send(&mut author, &request).await;
    assert_eq!(heard.receipts.len(), 2);
    let is_put_off = heard.receipts.contains(&PushReceipt::All) && heard.receipts.contains(&again());
    assert!(is_put_off, "the first push used the budget up: {:?}", heard.receipts);
    assert_eq!((heard.pages, heard.more, heard.check), (0, true, None), "the cursor stays until all of it is in");
    let request = author.upload();
    let parts = world.relay.handle_sync(&request, world.now).await;
    let [Part::Fault(fault)] = parts.as_slice() else { panic!("{} parts", parts.len()) };
    assert_eq!((fault.code, fault.retry_after_s), (ErrorCode::TooOften.number(), Some(1)));
    // Whoever else sends is not concerned, nor is reading.
    let request = other.upload();
    assert_eq!(world.send(&mut other, &request).await.receipts.len(), 2);
    author.counter += 1;
    let request = author.request(Vec::new());
    assert_eq!(world.send(&mut author, &request).await.code, None);
    world.now += 1000;
    assert_eq!(world.sync(&mut author).await.receipts, vec![PushReceipt::All]);
    assert_eq!(author.unsent(), 0);
}
