//! What was opened, taken away and printed on a tablet arrives at the centre's log: later, each once, and never of what never was.

use async_trait::async_trait;
use client::api::{ExportAsk, PRACTICE};
use client::engine::exchange::RoundEnd;
use client::engine::export::export;
use client::engine::look::look;
use client::engine::{flow, practice};
use client::platform::{Body, HttpAnswer, HttpRequest, Network, NetworkError};
use client::store::memory::Fault as StoreFault;
use futures::executor::block_on;
use server::audit::first_break;
use server::relay::SeenLine;
use shared::id::CaseId;
use shared::protocol::codec::{decode_signed_upload, decode_upload, encode};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Fault, Part};
use shared::protocol::limits::SEEN_MAX;
use shared::protocol::seen::Sight;
use shared::sync::device::Round;
use tests::native::wire::{Fate, Wire};
use tests::schedule::template::quiet;

use super::post::{Post, field, set};

/// Writes of one round on the tablet, with room.
const WRITES_MAX: u64 = 12;
const REASON: &str = "Rapat koordinasi";

/// A report that is at the relay.
async fn reported(post: &mut Post) -> CaseId {
    let case = begun(post).await;
    quiet(&mut post.tablet, &post.wire).await.unwrap();
    case
}

async fn begun(post: &Post) -> CaseId {
    post.with(async |session| {
        let case = flow::start_report(session).await.unwrap();
        set(session, case, ("intake", "tgl_lapor"), "2026-11-01").await;
        case
    })
    .await
}

/// Opens so many places of the report, one a minute.
async fn open(post: &Post, case: CaseId, count: usize) {
    for _ in 0..count {
        post.office.clock().pass_ms(60_000);
        post.with(async |session| look(session, field(case, "intake", "tgl_lapor")).await.unwrap()).await;
    }
}

/// What the log has, and that its chain holds.
async fn log(post: &Post) -> Vec<SeenLine> {
    let relay = post.office.relay();
    assert_eq!(first_break(&mut relay.storage().read().await.unwrap().view()).await.unwrap(), None);
    relay.seen(None, None).await.unwrap()
}

/// The claimed times, in the order of the log.
async fn claimed(post: &Post) -> Vec<u64> {
    log(post).await.iter().map(|line| line.record.seen.as_ref().unwrap().at_ms).collect()
}

fn is_ascending(times: &[u64]) -> bool {
    times.windows(2).all(|pair| matches!(pair, [before, after] if before < after))
}

/// A relay of before: it refuses a frame with a part it does not know, whole.
struct Older<'a>(&'a Wire);

struct Once(Option<Vec<u8>>);

#[async_trait(?Send)]
impl Body for Once {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, NetworkError> {
        Ok(self.0.take())
    }
}

#[async_trait(?Send)]
impl Network for Older<'_> {
    async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, NetworkError> {
        let body = match request.is_deflated {
            true => {
                let mut inflated = Vec::new();
                let mut decoder = flate2::read::ZlibDecoder::new(request.body.as_slice());
                std::io::Read::read_to_end(&mut decoder, &mut inflated).unwrap();
                inflated
            }
            false => request.body.clone(),
        };
        let upload = decode_upload(&decode_signed_upload(&body).unwrap().body).unwrap();
        if upload.seen.is_none() {
            return self.0.send(request).await;
        }
        let fault = Fault { code: ErrorCode::FrameMalformed.number(), retry_after_s: None };
        Ok(HttpAnswer { status: 400, retry_after_s: None, body: Box::new(Once(Some(encode(&Part::Fault(fault))))) })
    }
}

#[test]
fn what_was_opened_without_a_signal_stands_in_the_log_after_the_next_round() {
    block_on(async {
        let mut post = Post::open().await;
        let case = reported(&mut post).await;
        open(&post, case, 2).await;
        assert_eq!(log(&post).await, []);
        let opened_ms = post.office.clock().now_ms();
        post.office.clock().pass_ms(3_600_000);
        for _ in 0..2 {
            quiet(&mut post.tablet, &post.wire).await.unwrap();
        }
        let lines = log(&post).await;
        assert_eq!(claimed(&post).await, [opened_ms - 60_000, opened_ms]);
        for SeenLine { record, key } in &lines {
            let key = key.as_ref().unwrap();
            assert_eq!((key.case, key.kind.as_str()), (case, "intake"));
            assert!(record.at_ms >= opened_ms + 3_600_000, "the relay's own time stands beside: {record:?}");
            let Some(Sight::Opened { field, .. }) = record.seen.as_ref().map(|seen| &seen.sight) else { panic!() };
            assert_eq!(field, "tgl_lapor");
        }
    });
}

#[test]
fn whichever_write_the_tablet_dies_at_the_log_has_each_once() {
    block_on(async {
        for fault in [StoreFault::CrashBefore, StoreFault::CrashAfter] {
            let mut deaths = 0;
            for after in 0..WRITES_MAX {
                let mut post = Post::open().await;
                let case = reported(&mut post).await;
                open(&post, case, 3).await;
                post.tablet.fail_write(after, fault);
                let end = post.tablet.round(&post.wire, 0).await;
                deaths += usize::from(!matches!(end, RoundEnd::Machine(Round::Done { .. })));
                post.tablet.store().forgive();
                post.tablet.restart().await.unwrap();
                open(&post, case, 1).await;
                for _ in 0..3 {
                    quiet(&mut post.tablet, &post.wire).await.unwrap();
                }
                let times = claimed(&post).await;
                assert!(times.len() == 4 && is_ascending(&times), "{fault:?} at write {after}: {times:?}");
            }
            assert!(deaths > 3, "{fault:?}: the tablet died in {deaths} places only");
        }
    });
}

#[test]
fn an_answer_that_is_lost_neither_loses_nor_doubles_what_was_told() {
    block_on(async {
        let mut post = Post::open().await;
        let case = reported(&mut post).await;
        open(&post, case, 1).await;
        for fate in [Fate::Lost, Fate::Cut(0), Fate::Twice, Fate::Late] {
            post.wire.plan(fate);
            post.tablet.round(&post.wire, 0).await;
            // Opened between: told under another number, after the first.
            open(&post, case, 1).await;
        }
        for _ in 0..3 {
            quiet(&mut post.tablet, &post.wire).await.unwrap();
        }
        post.wire.deliver_late(|_| 0).await;
        let times = claimed(&post).await;
        assert!(times.len() == 5 && is_ascending(&times), "{times:?}");
    });
}

#[test]
fn an_older_relay_gets_the_edits_and_what_was_opened_waits_for_a_newer_one() {
    block_on(async {
        let mut post = Post::open().await;
        let case = reported(&mut post).await;
        open(&post, case, 1).await;
        let other = begun(&post).await;
        let older = Older(&post.wire);
        let ends = [post.tablet.round(&older, 0).await, post.tablet.round(&older, 0).await];
        let done = |more| RoundEnd::Machine(Round::Done { more, notice: 0, differs: false });
        assert_eq!(ends, [done(true), done(false)], "at once again, without what it does not know");
        let is_sent = post.with(async |session| session.unsent() == 0).await;
        assert!(is_sent && log(&post).await.is_empty());
        // It is asked once in a session, not with every round.
        assert_eq!(post.tablet.round(&older, 0).await, done(false));
        open(&post, other, 1).await;
        post.tablet.restart().await.unwrap();
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        assert_eq!(claimed(&post).await.len(), 2);
    });
}

#[test]
fn many_are_told_oldest_first_a_few_with_each_round() {
    block_on(async {
        let mut post = Post::open().await;
        let case = reported(&mut post).await;
        open(&post, case, SEEN_MAX + 5).await;
        post.tablet.round(&post.wire, 0).await;
        assert_eq!(claimed(&post).await.len(), SEEN_MAX);
        post.tablet.round(&post.wire, 0).await;
        let times = claimed(&post).await;
        assert!(times.len() == SEEN_MAX + 5 && is_ascending(&times), "{times:?}");
    });
}

#[test]
fn of_a_report_that_is_nowhere_else_nothing_is_told() {
    block_on(async {
        let mut post = Post::open().await;
        let case = begun(&post).await;
        open(&post, case, 1).await;
        let told = post.with(async |session| session.rows.to_tell(9, None).await.unwrap()).await;
        assert_eq!(told, None, "before anything of the report is sent");
        // It leaves with a round, and what was opened in it with the same one.
        post.tablet.round(&post.wire, 0).await;
        let lines = log(&post).await;
        assert_eq!(lines.iter().map(|line| line.key.as_ref().unwrap().case).collect::<Vec<_>>(), [case]);
    });
}

#[test]
fn a_print_is_told_without_its_reason_and_a_practice_never() {
    block_on(async {
        let mut post = Post::open().await;
        let case = reported(&mut post).await;
        post.with(async |session| {
            export(session, ExportAsk::Sheet { case, names: true }, REASON).await.unwrap();
            practice::begin(session).await.unwrap();
            let room = session.room(Some(PRACTICE)).await.unwrap();
            export(room, ExportAsk::Sheet { case: PRACTICE, names: false }, "").await.unwrap();
        })
        .await;
        for _ in 0..2 {
            quiet(&mut post.tablet, &post.wire).await.unwrap();
        }
        let lines = log(&post).await;
        let [SeenLine { record, key: Some(key) }] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((key.case, key.kind.as_str()), (case, "core"));
        assert!(matches!(record.seen.as_ref().unwrap().sight, Sight::Printed { names: true, .. }));
        assert!(!encode(record).windows(REASON.len()).any(|bytes| bytes == REASON.as_bytes()));
    });
}

/// A tab that led freezes between taking its counter and choosing what to tell; another tells what waits, and more is opened.
#[test]
fn a_tab_that_wakes_up_late_tells_nothing_under_a_number_the_relay_takes_for_known() {
    block_on(async {
        let mut post = Post::open().await;
        let case = reported(&mut post).await;
        open(&post, case, 1).await;
        let mut late = post.tablet.another_tab().await.unwrap();
        late.lead(true).await.unwrap();
        let counter = late.rows.take_counter().await.unwrap();
        post.with(async |session| session.lead(true).await.unwrap()).await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        assert_eq!(claimed(&post).await.len(), 1);
        open(&post, case, 1).await;
        // It wakes up. What it sends is refused for its counter; whoever leads tells on.
        let _ = late.rows.to_tell(counter, Some(late.number())).await.unwrap();
        for _ in 0..3 {
            quiet(&mut post.tablet, &post.wire).await.unwrap();
        }
        let waits = post.with(async |session| session.rows.to_tell(u64::MAX, None).await.unwrap()).await;
        let times = claimed(&post).await;
        assert!(times.len() == 2, "told: {times:?}, still waiting: {waits:?}");
    });
}

/// The receipts are kept, and forgetting what they name fails: the session must not go on with what it knew before.
#[test]
fn what_cannot_be_forgotten_yet_leaves_the_session_as_its_rows_are() {
    block_on(async {
        let mut failed = 0;
        for after in 0..WRITES_MAX {
            let mut post = Post::open().await;
            let case = reported(&mut post).await;
            open(&post, case, 1).await;
            post.with(async |session| set(session, case, ("intake", "jml_pd"), 2).await).await;
            post.tablet.fail_write(after, StoreFault::Backend);
            let end = post.tablet.round(&post.wire, 0).await;
            failed += usize::from(matches!(end, RoundEnd::Store(_)));
            post.tablet.store().forgive();
            post.with(async |session| {
                assert_eq!(session.meta, session.rows.meta().await.unwrap(), "write {after}");
                let unsent = session.rows.pending().await.unwrap().len();
                assert_eq!(
                    session.unsent() == 0,
                    unsent == 0,
                    "write {after}: {} listed, {unsent} wait",
                    session.unsent()
                );
            })
            .await;
        }
        assert!(failed > 1, "{failed}");
    });
}

/// The relay is put back to a time before it heard of some of it, and its numbers with it.
#[test]
fn a_restored_relay_hears_of_what_waits_once_and_its_chain_holds() {
    block_on(async {
        for fate in [None, Some(Fate::Lost), Some(Fate::Late)] {
            let mut post = Post::open().await;
            let case = reported(&mut post).await;
            open(&post, case, 1).await;
            quiet(&mut post.tablet, &post.wire).await.unwrap();
            let backup = post.office.copy().await.unwrap();
            open(&post, case, 1).await;
            if let Some(fate) = fate {
                post.wire.plan(fate);
            }
            post.tablet.round(&post.wire, 0).await;
            post.office.restore(backup).await.unwrap();
            open(&post, case, 2).await;
            for _ in 0..3 {
                quiet(&mut post.tablet, &post.wire).await.unwrap();
            }
            post.wire.deliver_late(|_| 0).await;
            quiet(&mut post.tablet, &post.wire).await.unwrap();
            let times = claimed(&post).await;
            // What it had named before it was restored is known to nobody any more; whatever it had not comes, each once.
            let wanted = if fate.is_none() { 3 } else { 4 };
            assert!(times.len() == wanted && is_ascending(&times), "{fate:?}: {times:?}");
        }
    });
}
