//! What tablets tell of what was opened on them: each once, as a claim, and never more than the log has room for.

use shared::id::{CaseId, DocumentId};
use shared::protocol::limits::{SEEN_DAY_MAX, SEEN_MAX};
use shared::protocol::seen::{Seen, SeenBatch, Sight};

use super::{World, draft};
use crate::audit::first_break;
use crate::demo::tablet::Tablet;
use crate::storage::record::{Act, AuditRecord};
use crate::storage::sqlite::{Durability, SqliteBackend};
use crate::storage::{Range, Storage, Table};

const CLAIMED: u64 = 1_759_000_000_000;
const DAY_MS: u64 = 86_400_000;

fn opened(document: DocumentId, field: &str) -> Seen {
    Seen { at_ms: CLAIMED, sight: Sight::Opened { document, field: field.to_owned() } }
}

fn batch(number: u64, seen: Vec<Seen>) -> Option<SeenBatch> {
    Some(SeenBatch { number, seen })
}

impl World {
    async fn tell(&mut self, tablet: &mut Tablet, number: u64, seen: Vec<Seen>) -> Option<u64> {
        tablet.seen = batch(number, seen);
        self.sync(tablet).await.seen
    }

    /// What the log says of what was seen, and that its chain holds.
    async fn told(&self) -> Vec<AuditRecord> {
        let mut read = self.relay.storage().read().await.unwrap();
        assert_eq!(first_break(&mut read.view()).await.unwrap(), None);
        let all = read.view().audit().await.unwrap();
        all.into_iter().filter(|one| matches!(one.act, Act::Seen | Act::SeenPutOff)).collect()
    }
}

async fn each_is_taken_once(mut world: World) {
    let mut tablet = world.tablet("kader", "PKT").await;
    let (case, _, intake) = draft(&mut tablet);
    world.sync(&mut tablet).await;
    let told = vec![opened(intake, "triase"), Seen { at_ms: u64::MAX, sight: Sight::LetGo(3) }];
    assert_eq!(world.tell(&mut tablet, 5, told.clone()).await, Some(5));
    let heard_ms = world.now;
    // The answer was lost on the way: the same number under another request, and the same request byte for byte.
    assert_eq!(world.tell(&mut tablet, 5, told.clone()).await, Some(5));
    let repeated = tablet.repeat();
    assert_eq!(world.send(&mut tablet, &repeated).await.seen, Some(5));
    let kept = world.told().await;
    assert_eq!(
        kept.iter().map(|one| one.seen.clone()).collect::<Vec<_>>(),
        told.into_iter().map(Some).collect::<Vec<_>>()
    );
    let whose = |one: &AuditRecord| (one.at_ms, one.account, one.device);
    assert!(kept.iter().all(|one| whose(one) == (heard_ms, Some(tablet.account), Some(tablet.device))), "{kept:?}");
    let lines = world.relay.seen(Some(case), None).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.key.as_ref().unwrap().kind.as_str()).collect::<Vec<_>>(), ["intake"]);
    let other = world.account("lain", "PKT").await;
    assert_eq!(world.relay.seen(None, Some(other)).await.unwrap(), []);
    assert_eq!(world.relay.seen(None, Some(tablet.account)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_opened_stands_in_the_log_once_with_both_times() {
    each_is_taken_once(World::new().await).await;
}

#[tokio::test]
async fn and_so_it_does_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let open = async |name: &str| SqliteBackend::open(&folder.path().join(name), Durability::Relaxed).await.unwrap();
    let storage = Storage::new(Box::new(open("main.db").await), Box::new(open("keys.db").await));
    each_is_taken_once(World::over(storage).await).await;
}

#[tokio::test]
async fn a_case_that_is_not_here_or_not_theirs_is_taken_like_any_other() {
    let mut world = World::new().await;
    let mut author = world.tablet("kader", "PKT").await;
    let (_, _, intake) = draft(&mut author);
    world.sync(&mut author).await;
    let mut stranger = world.tablet("lain", "PKT").await;
    let own = draft(&mut stranger).2;
    world.sync(&mut stranger).await;
    let nowhere = DocumentId::derive(CaseId::from_bytes([9; 16]), "intake", None, 0);
    let mut answers = Vec::new();
    for (number, document) in [(20, own), (21, intake), (22, nowhere)] {
        stranger.seen = batch(number, vec![opened(document, "triase")]);
        let heard = world.sync(&mut stranger).await;
        answers.push((heard.seen.map(|taken| taken - number), heard.code, heard.items));
    }
    assert_eq!(answers, vec![(Some(0), None, 0); 3]);
    assert_eq!(world.told().await.len(), 3);
}

#[tokio::test]
async fn a_name_that_no_pack_has_is_left_out() {
    let mut world = World::new().await;
    let mut tablet = world.tablet("kader", "PKT").await;
    let intake = draft(&mut tablet).2;
    let names = ["nama_lengkap", "dokumen/nomor", "dokumen/", "Maria Contoh", "dokumen/Maria", "Maria/nomor", ""];
    let told = names.iter().map(|name| opened(intake, name)).collect();
    assert_eq!(world.tell(&mut tablet, 7, told).await, Some(7));
    let kept = world.told().await.into_iter().map(|one| {
        let Sight::Opened { field, .. } = one.seen.unwrap().sight else { panic!("nothing else was told") };
        field
    });
    assert_eq!(kept.collect::<Vec<_>>(), ["nama_lengkap", "dokumen/nomor", "dokumen/", "", "", "", ""]);
}

#[tokio::test]
async fn a_device_does_not_fill_the_log_and_what_waits_is_taken_on_another_day() {
    let mut world = World::new().await;
    let mut tablet = world.tablet("kader", "PKT").await;
    let intake = draft(&mut tablet).2;
    let full: Vec<Seen> = vec![opened(intake, "triase"); SEEN_MAX];
    let rounds = u64::from(SEEN_DAY_MAX) / u64::try_from(SEEN_MAX).unwrap();
    for number in 1..=rounds {
        assert_eq!(world.tell(&mut tablet, number, full.clone()).await, Some(number));
    }
    for _ in 0..3 {
        assert_eq!(world.tell(&mut tablet, rounds + 1, full.clone()).await, None);
    }
    let kept = world.told().await;
    assert_eq!(kept.len(), usize::try_from(SEEN_DAY_MAX).unwrap() + 1, "one entry says that more was told");
    assert_eq!(kept.last().map(|one| (one.act, one.count)), Some((Act::SeenPutOff, 64)));
    world.now += DAY_MS;
    assert_eq!(world.tell(&mut tablet, rounds + 1, full).await, Some(rounds + 1));
    assert_eq!(world.told().await.len(), kept.len() + SEEN_MAX);
}

#[tokio::test]
async fn a_revoked_device_still_tells_what_was_opened_on_it() {
    let mut world = World::new().await;
    let mut tablet = world.tablet("kader", "PKT").await;
    let intake = draft(&mut tablet).2;
    world.sync(&mut tablet).await;
    world.relay.revoke_device(1, world.now).await.unwrap();
    tablet.seen = batch(9, vec![opened(intake, "triase")]);
    let heard = world.sync(&mut tablet).await;
    assert_eq!((heard.seen, heard.code), (Some(9), Some(1102)));
    assert_eq!(world.told().await.len(), 1);
}

#[tokio::test]
async fn an_entry_of_any_other_act_is_written_as_before() {
    let mut world = World::new().await;
    world.tablet("pkt1", "PKT").await;
    let read = world.relay.storage().main().read().await.unwrap();
    let rows = { read }.scan(Table::Audit, &Range::prefix(&[]), 100).await.unwrap();
    assert!(rows.len() > 2 && rows.iter().all(|(_, value)| value[0] == 0x88), "eight fields, so that old chains hold");
}

/// What is refused and what is told stand in one chain, though one upload brought both.
#[tokio::test]
async fn an_upload_that_is_refused_something_and_tells_something_leaves_one_whole_chain() {
    let mut world = World::new().await;
    let mut tablet = world.tablet("kader", "PKT").await;
    let (_, core, intake) = draft(&mut tablet);
    world.sync(&mut tablet).await;
    let number = super::set("nomor_register", super::text("BLU-2026-0007"));
    tablet.edit(core, &number, 5).unwrap();
    let before = { world.relay.storage().read().await.unwrap().view().audit().await.unwrap().len() };
    assert_eq!(world.tell(&mut tablet, 9, vec![opened(intake, "triase")]).await, Some(9));
    assert_eq!(world.told().await.len(), 1);
    let after = { world.relay.storage().read().await.unwrap().view().audit().await.unwrap().len() };
    assert!(after > before + 1, "both were written: {before} {after}");
}
