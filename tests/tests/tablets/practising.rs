//! A report that is tried out: nothing of it leaves the tablet, whatever it says and whoever looks, and nothing of it stays.

use std::collections::BTreeSet;

use client::api::{CasesAsk, ExportAsk, FieldPlace, PRACTICE, Place, Reply, Typed, Write};
use client::engine::export::export;
use client::engine::session::{Session, core_key, document_key};
use client::engine::write::{keep_draft, write};
use client::engine::{flow, practice, query};
use client::store::StorageKey;
use client::store::memory::Fault;
use futures::executor::block_on;
use shared::id::{AccountId, CaseId};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;
use tests::schedule::template::quiet;

use super::post::{Post, field, set};
use super::refusing::{tell, told_report, told_report_of};

const DAY_MS: u64 = 86_400_000;

/// The room of the practice.
async fn room(session: &mut Session) -> &mut Session {
    let room = session.room(Some(PRACTICE)).await.unwrap();
    assert!(room.rows.store().is_practice(), "there is a practice");
    room
}

/// Begins a practice with danger and tells everything a report can.
async fn tried(session: &mut Session) {
    let begun = practice::begin(session).await.unwrap();
    assert!(matches!(begun, Reply::Case(case) if case == PRACTICE), "{begun:?}");
    tell(room(session).await, PRACTICE, "YA", (true, true)).await;
    let place = Place { case: PRACTICE, form: "f1".to_owned(), page: 6, subject: None };
    flow::note_page(room(session).await, &place).await.unwrap();
}

/// Where rows lie.
fn places(post: &Post) -> BTreeSet<StorageKey> {
    post.tablet.store().dump().into_iter().map(|(place, _)| place).collect()
}

/// Cases the relay knows of, and whether a member hears of a danger in one.
async fn at_relay(post: &Post, member: AccountId, case: CaseId) -> (Vec<CaseId>, bool) {
    let relay = post.office.relay();
    let mut read = relay.storage().read().await.unwrap();
    (read.view().cases().await.unwrap(), read.view().alarm(member, case).await.unwrap().is_some())
}

/// What could be sent, and what a person is told of.
async fn seen(session: &Session) -> String {
    let mut home = query::home::home(session);
    home.practice = None;
    let pending = session.rows.pending().await.unwrap();
    let drafts = session.rows.drafts().await.unwrap();
    let here = session.rows.here().await.unwrap();
    let counts = (session.unsent(), session.danger_waits(), session.drafts.len(), session.reports.len());
    let listed = query::list::search(session, &CasesAsk::default());
    let waiting = query::list::waiting(session);
    format!("{pending:?} {drafts:?} {here:?} {counts:?} {listed:?} {waiting:?} {home:?}")
}

#[test]
fn what_is_tried_out_never_leaves_and_the_same_in_earnest_does() {
    block_on(async {
        let mut post = Post::open().await;
        let duty = post.office.add_account("Budi", "MKS").await.unwrap().account;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        // The row of preferences stands from the first unlock on.
        post.with(async |session| {
            told_report_of(session, "TIDAK", false, false).await;
            client::engine::refusal::refuse(session, *session.reports.keys().next().unwrap(), false).await.unwrap();
        })
        .await;
        let before = post.with(async |session| seen(session).await).await;
        let rows = places(&post);

        post.with(async |session| tried(session).await).await;
        assert!(places(&post).len() > rows.len() + 12, "it is kept as a report is kept");
        assert_eq!(post.with(async |session| seen(session).await).await, before);
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        // Locked and unlocked, or switched off and on: it goes on, and is practice still.
        post.tablet.restart().await.unwrap();
        post.with(async |session| {
            assert_eq!(session.practice_page(), Some(6));
            set(room(session).await, PRACTICE, ("intake", "jml_ld"), 3).await;
            let code = room(session).await.replica(&core_key(PRACTICE)).await.unwrap().document.field("kode_lapangan");
            assert_eq!(code.shown(), Some(&Scalar::from("L-000-000")));
            flow::export(session).await.unwrap();
            assert_eq!(seen(session).await, before);
            // Nor is there a way to paper.
            let sheet = ExportAsk::Sheet { case: PRACTICE, names: false };
            assert_eq!(export(session, sheet, "").await.unwrap_err().code, ErrorCode::ItemGone.number());
        })
        .await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        post.with(async |session| {
            practice::hand_over(session).await.unwrap();
            assert_eq!((session.practice_page(), seen(session).await), (None, before.clone()));
        })
        .await;
        assert_eq!(places(&post), rows, "every row of it is gone");
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        assert_eq!(at_relay(&post, duty, PRACTICE).await, (vec![], false));

        // The same acts in earnest.
        let case = post.with(async |session| told_report_of(session, "YA", true, true).await).await;
        post.with(async |session| {
            assert!(session.danger_waits() && session.unsent() > 12);
            flow::hand_over(session, case).await.unwrap();
        })
        .await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        assert_eq!(at_relay(&post, duty, case).await, (vec![case], true));
    });
}

#[test]
fn two_tabs_try_out_one_report_and_the_one_that_sends_sends_nothing_of_it() {
    block_on(async {
        let mut post = Post::open().await;
        let told = BTreeSet::from([core_key(PRACTICE).id()]);
        let rows = places(&post);
        let mut other = post.tablet.another_tab().await.unwrap();
        tried(&mut other).await;
        post.with(async |session| {
            assert_eq!(session.practice_page(), None, "it has not heard");
            session.poked(&told).await.unwrap();
            assert_eq!(session.practice_page(), Some(6));
            set(room(session).await, PRACTICE, ("intake", "jml_ld"), 3).await;
        })
        .await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        // The other writes on, and ends it; a page that still shows it here writes nothing any more.
        set(room(&mut other).await, PRACTICE, ("intake", "jml_pd"), 2).await;
        practice::erase(&mut other).await.unwrap();
        post.with(async |session| {
            let late = || Write::Set { place: field(PRACTICE, "intake", "jml_ld"), value: 4.into(), seen: Vec::new() };
            assert_eq!(write(room(session).await, late()).await.unwrap_err().code, ErrorCode::ItemGone.number());
            let typed = Typed { text: "satu".to_owned(), ..Typed::default() };
            keep_draft(room(session).await, field(PRACTICE, "intake", "jml_ld"), Some(typed)).await.unwrap_err();
            session.poked(&told).await.unwrap();
            assert_eq!(session.practice_page(), None);
            // Nor does it write among what is meant: there it would be sent.
            assert_eq!(
                write(session.room(Some(PRACTICE)).await.unwrap(), late()).await.unwrap_err().code,
                ErrorCode::ItemGone.number()
            );
        })
        .await;
        let left: BTreeSet<StorageKey> = places(&post).difference(&rows).copied().collect();
        assert!(left.len() <= 1, "at most the bytes used: {left:?}");
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        assert_eq!(at_relay(&post, other.owner.account, PRACTICE).await, (vec![], false));
    });
}

#[test]
fn neither_room_takes_what_belongs_into_the_other() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            let real = told_report(session, true, true).await;
            tried(session).await;
            let before = seen(session).await;
            let put =
                |case: CaseId| Write::Set { place: field(case, "intake", "jml_ld"), value: 4.into(), seen: Vec::new() };
            let typed = || Some(Typed { text: "satu".to_owned(), ..Typed::default() });
            let gone = ErrorCode::ItemGone.number();
            assert_eq!(write(session, put(PRACTICE)).await.unwrap_err().code, gone);
            assert_eq!(keep_draft(session, field(PRACTICE, "intake", "jml_ld"), typed()).await.unwrap_err().code, gone);
            assert_eq!(write(room(session).await, put(real)).await.unwrap_err().code, gone);
            let place: FieldPlace = field(real, "intake", "jml_ld");
            assert_eq!(keep_draft(room(session).await, place, typed()).await.unwrap_err().code, gone);
            assert_eq!(seen(session).await, before);
        })
        .await;
    });
}

#[test]
fn a_practice_is_over_after_a_day_when_the_next_begins_or_with_a_refusal() {
    block_on(async {
        let mut post = Post::open().await;
        post.with(async |session| {
            tried(session).await;
            practice::begin(session).await.unwrap();
            let intake = document_key(PRACTICE, "intake", None);
            let danger = room(session).await.replica(&intake).await.unwrap().document.field("bahaya_segera");
            assert_eq!(danger.shown(), None, "the next one begins empty");
        })
        .await;
        post.office.clock().pass_ms(DAY_MS - 1);
        post.tablet.restart().await.unwrap();
        assert!(post.with(async |session| session.practice_page()).await.is_some());
        post.office.clock().pass_ms(1);
        post.tablet.restart().await.unwrap();
        assert_eq!(post.with(async |session| session.practice_page()).await, None);

        // "No to both" ends it as it would end a report, and counts nobody.
        let rows = places(&post);
        post.with(async |session| {
            practice::begin(session).await.unwrap();
            tell(room(session).await, PRACTICE, "YA", (false, false)).await;
            let refused = practice::hand_over(session).await.unwrap_err();
            assert_eq!(refused.code, ErrorCode::VitalReasonMissing.number(), "as in earnest");
            assert_eq!(practice::refuse(session, "").await.unwrap_err().code, ErrorCode::ItemGone.number());
            practice::refuse(session, "luka berat").await.unwrap();
            assert!(session.rows.refusals().await.unwrap().is_empty());
        })
        .await;
        assert_eq!(places(&post), rows);
    });
}

#[test]
fn a_tablet_that_dies_while_it_erases_goes_on_with_that() {
    block_on(async {
        let mut post = Post::open().await;
        let rows = places(&post);
        post.with(async |session| tried(session).await).await;
        post.tablet.fail_write(1, Fault::Full);
        post.with(async |session| practice::erase(session).await.unwrap_err()).await;
        assert!(places(&post).len() > rows.len());
        post.tablet.restart().await.unwrap();
        assert_eq!(places(&post), rows);
    });
}
