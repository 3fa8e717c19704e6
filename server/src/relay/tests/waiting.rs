//! Answers whose line does not take them: what they keep from others, and what happens meanwhile.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use shared::command::Edit;
use shared::id::{AccountId, DocumentId};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Item, Page, Part};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::super::{PartSink, Relay};
use super::{World, draft, hand_over, take_over, text};
use crate::storage::Storage;
use crate::storage::sqlite::{Durability, SqliteBackend};

/// Takes the receipts and then nothing more.
struct Stuck(mpsc::UnboundedSender<()>);

#[async_trait]
impl PartSink for Stuck {
    async fn take(&mut self, part: Part) -> bool {
        if let Part::Receipts(_) = part {
            return true;
        }
        self.0.send(()).unwrap();
        std::future::pending().await
    }
}

/// Lets another request be answered in full before it takes the next page.
struct Between<'a> {
    relay: &'a Relay,
    now: u64,
    requests: VecDeque<Vec<u8>>,
    parts: Vec<Part>,
    /// How many parts were taken when the requests were done.
    done_at: usize,
}

#[async_trait]
impl PartSink for Between<'_> {
    async fn take(&mut self, part: Part) -> bool {
        let is_page = matches!(part, Part::Page(_));
        self.parts.push(part);
        if is_page && let Some(request) = self.requests.pop_front() {
            self.relay.handle_sync(&request, self.now).await;
            self.done_at = self.parts.len();
        }
        true
    }
}

fn is_whole(parts: &[Part]) -> bool {
    matches!(parts.last(), Some(Part::End(end)) if !end.more && end.check.is_some())
}

#[tokio::test]
async fn answers_that_nobody_reads_keep_nothing_from_others() {
    let folder = tempfile::tempdir().unwrap();
    let main = SqliteBackend::open(&folder.path().join("main"), Durability::Relaxed).await.unwrap();
    let keys = SqliteBackend::open(&folder.path().join("keys"), Durability::Relaxed).await.unwrap();
    let mut world = World::over(Storage::new(Box::new(main), Box::new(keys))).await;
    let account = world.account("ser1", "SER").await;
    let mut requests = Vec::new();
    for _ in 0..12 {
        requests.push(world.tablet_of(account).await.upload());
    }
    let honest = world.tablet_of(account).await.upload();
    let (relay, now) = (&world.relay, world.now);
    let (waits, mut waiting) = mpsc::unbounded_channel();
    let count = requests.len();
    let stuck = join_all(requests.iter().map(|request| {
        let mut sink = Stuck(waits.clone());
        async move { relay.sync(request, now, &mut sink).await }
    }));
    let others = async {
        for _ in 0..count {
            waiting.recv().await.unwrap();
        }
        relay.storage().probe().await.unwrap();
        relay.handle_sync(&honest, now).await
    };
    let others = timeout(Duration::from_secs(20), others);
    let parts = tokio::select! {
        _ = stuck => panic!("nobody took the answers"),
        parts = others => parts.expect("others are kept waiting"),
    };
    assert!(is_whole(&parts));
}

#[tokio::test]
async fn a_newer_request_of_a_device_ends_its_older_answer() {
    let mut world = World::new().await;
    let account = world.account("ser1", "SER").await;
    let mut tablet = world.tablet_of(account).await;
    let (first, second) = (tablet.upload(), tablet.upload());
    let (relay, now) = (&world.relay, world.now);
    let (waits, mut waiting) = mpsc::unbounded_channel();
    let mut sink = Stuck(waits);
    let older = relay.sync(&first, now, &mut sink);
    let newer = async {
        waiting.recv().await.unwrap();
        relay.handle_sync(&second, now).await
    };
    let ((), parts) = timeout(Duration::from_secs(20), futures::future::join(older, newer)).await.unwrap();
    assert!(is_whole(&parts));
}

#[tokio::test]
async fn what_lands_between_two_pages_is_told_and_what_ended_is_not() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    let mut reports = Vec::new();
    for _ in 0..70 {
        let (_, core, intake) = draft(&mut author);
        hand_over(&mut author, core);
        reports.push((core, intake));
    }
    world.sync(&mut author).await;
    let mut other = world.tablet("mks2", "MKS").await;
    world.sync(&mut other).await;
    let account = world.account("mks1", "MKS").await;
    let mut reader = world.tablet_of(account).await;

    let ended: BTreeSet<DocumentId> =
        (0..reports.len()).step_by(3).flat_map(|at| [reports[at].0, reports[at].1]).collect();
    for at in (0..reports.len()).step_by(3) {
        take_over(&mut other, reports[at].0);
    }
    let changed = [reports[1].1, reports[34].1, reports[68].1];
    for intake in changed {
        let edit = Edit::SetField { key: "jam_lapor".to_owned(), value: text("09:30"), seen: Vec::new() };
        author.edit(intake, &edit, 5).unwrap();
    }
    let (_, new_core, new_intake) = draft(&mut author);
    hand_over(&mut author, new_core);

    let requests = VecDeque::from([author.upload(), other.upload()]);
    let request = reader.upload();
    let mut sink = Between { relay: &world.relay, now: world.now, requests, parts: Vec::new(), done_at: 0 };
    world.relay.sync(&request, world.now, &mut sink).await;
    let Between { parts, requests, done_at, .. } = sink;
    assert!(requests.is_empty(), "the answer has too few pages to show anything");
    let after = parts.iter().skip(done_at).filter_map(|part| match part {
        Part::Page(Page { items, .. }) => Some(items),
        Part::Receipts(_) | Part::End(_) | Part::Fault(_) | Part::RepairBuckets(_) => None,
    });
    let brought: BTreeSet<DocumentId> = after
        .flatten()
        .filter_map(|item| match item {
            Item::Snapshot { key, .. } => Some(key.id()),
            Item::Changes { document, .. } => Some(*document),
            Item::Gone { .. }
            | Item::Member(_)
            | Item::Status(_)
            | Item::Held(_)
            | Item::Decided(_)
            | Item::Alarm(_)
            | Item::Contact { .. } => None,
        })
        .collect();
    assert!(brought.len() > 3, "pages went out after the rights had ended");
    assert!(brought.is_disjoint(&ended), "documents were handed out after the right to them had ended");

    let heard = reader.take(parts).unwrap();
    assert!(!heard.more);
    assert_eq!(heard.check, Some(reader.own_check()));
    for document in ended {
        assert!(!reader.documents.contains_key(&document));
        assert!(reader.gone.contains_key(&document));
    }
    for intake in changed {
        assert_eq!(reader.documents[&intake].document.heads(), author.documents[&intake].document.heads());
    }
    assert!(reader.documents.contains_key(&new_core) && reader.documents.contains_key(&new_intake));
}

/// Revokes a device, or stops its account, once it has taken the first page.
struct Ending<'a> {
    relay: &'a Relay,
    now: u64,
    device_number: Option<u32>,
    account: Option<AccountId>,
    parts: Vec<Part>,
}

#[async_trait]
impl PartSink for Ending<'_> {
    async fn take(&mut self, part: Part) -> bool {
        let is_page = matches!(part, Part::Page(_));
        self.parts.push(part);
        if is_page {
            if let Some(number) = self.device_number.take() {
                self.relay.revoke_device(number, self.now).await.unwrap();
            }
            if let Some(account) = self.account.take() {
                self.relay.stop_account(account, self.now).await.unwrap();
            }
        }
        true
    }
}

#[tokio::test]
async fn a_device_that_ends_in_the_middle_of_an_answer_is_told_so_instead_of_the_rest() {
    let mut world = World::new().await;
    let mut author = world.tablet("pkt1", "PKT").await;
    for _ in 0..70 {
        let (_, core, _) = draft(&mut author);
        hand_over(&mut author, core);
    }
    world.sync(&mut author).await;
    for (login, stops, notice) in [("mks1", false, ErrorCode::DeviceRevoked), ("mks2", true, ErrorCode::AccountEnded)] {
        let account = world.account(login, "MKS").await;
        let mut reader = world.tablet_of(account).await;
        let request = reader.upload();
        let mut sink = Ending {
            relay: &world.relay,
            now: world.now,
            device_number: (!stops).then_some(2),
            account: stops.then_some(account),
            parts: Vec::new(),
        };
        world.relay.sync(&request, world.now, &mut sink).await;
        let [Part::Receipts(_), Part::Page(_), Part::End(end)] = sink.parts.as_slice() else {
            panic!("{} parts came", sink.parts.len());
        };
        assert_eq!((end.notice, end.more, end.check.is_some()), (notice.number(), false, false));
    }
}

/// Why a tablet must be ready for it: one act of somebody between two pages is enough.
#[tokio::test]
async fn a_right_that_comes_back_between_two_pages_is_told_in_the_pages_after_its_end() {
    let mut said = 0;
    for count in 28..32 {
        let mut world = World::new().await;
        let mut author = world.tablet("pkt1", "PKT").await;
        let mut other = world.tablet("mks2", "MKS").await;
        let mut reader = world.tablet("mks1", "MKS").await;
        let (_, core, _) = draft(&mut author);
        hand_over(&mut author, core);
        world.sync(&mut author).await;
        world.sync(&mut other).await;
        world.sync(&mut reader).await;
        assert!(reader.documents.contains_key(&core));
        take_over(&mut other, core);
        world.sync(&mut other).await;
        for _ in 0..count {
            let (_, core, _) = draft(&mut author);
            hand_over(&mut author, core);
        }
        world.sync(&mut author).await;
        let who = reader.account.to_string();
        let member = super::row(
            &mut other,
            "tim",
            &[("akun", text(&who)), ("peran", text("MKS")), ("dari", text("2020-01-01"))],
        );
        other.edit(core, &member, 4).unwrap();
        let requests = VecDeque::from([other.upload()]);
        let request = reader.upload();
        let mut sink = Between { relay: &world.relay, now: world.now, requests, parts: Vec::new(), done_at: 0 };
        world.relay.sync(&request, world.now, &mut sink).await;
        let items = |parts: &[Part]| -> Vec<Vec<Item>> {
            let pages = parts.iter().filter_map(|part| if let Part::Page(page) = part { Some(page) } else { None });
            pages.map(|page| page.items.clone()).collect()
        };
        let goes = |item: &Item| matches!(item, Item::Gone { document, .. } if *document == core);
        let comes = |item: &Item| matches!(item, Item::Snapshot { key, .. } if key.id() == core);
        let says_both = |items: &[Item]| {
            let gone = items.iter().position(goes);
            gone.zip(items.iter().rposition(comes)).is_some_and(|(gone, comes)| gone < comes)
        };
        said += usize::from(says_both(&items(&sink.parts).concat()));
        let joined = items(&shared::sync::inbox::together(sink.parts));
        assert!(!joined.iter().any(|page| says_both(page)), "what comes again comes with a page of its own");
    }
    assert!(said > 0, "no answer said both");
}
