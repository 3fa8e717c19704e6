//! A sync brings more than is read at once: everything is here, nothing is called empty, and reading goes on after a crash.

use std::collections::{BTreeMap, BTreeSet};

use client::engine::exchange::RoundEnd;
use client::engine::flow;
use client::engine::reading::Read;
use client::engine::rows::{Applied, Reading, RowWrites as _, Settings};
use client::engine::session::{DocumentEdit, Session, core_key, document_key};
use client::engine::summary::Summary;
use client::store::Durability;
use client::store::memory::Fault;
use client::store::sealed::Writes;
use futures::executor::block_on;
use shared::command::Edit;
use shared::id::{CaseId, DocumentId, DocumentKey};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{GoneReason, Item, Page, Part};
use shared::sync::inbox::{Batch, Rewriter, RowWrite, apply_page, together};
use shared::sync::row::{StoredDocument, SyncMeta};
use shared::value::Scalar;
use tests::native::tablet::Tablet;
use tests::schedule::template::{FIRST, KIND, REGISTRAR, SECOND, Template};

use super::steps::{FIELD, set, sync, typed_over_what_stands};

/// More cases than are read together with their arrival.
const CASES: usize = 30;

async fn hand_over_cases(tablet: &Tablet) -> Vec<CaseId> {
    let mut guard = tablet.lock.lock().await;
    let session = guard.as_mut().unwrap();
    let mut cases = Vec::new();
    for _ in 0..CASES {
        let case = flow::start_report(session).await.unwrap();
        flow::hand_over(session, case).await.unwrap();
        cases.push(case);
    }
    cases
}

async fn in_session<T>(tablet: &Tablet, look: impl AsyncFnOnce(&mut Session) -> T) -> T {
    let mut guard = tablet.lock.lock().await;
    look(guard.as_mut().unwrap()).await
}

fn read(session: &Session) -> BTreeMap<DocumentKey, Summary> {
    session.index.all().map(|summary| (summary.key.clone(), summary.clone())).collect()
}

#[test]
fn what_came_in_a_heap_is_read_bit_by_bit_and_read_on_after_a_crash() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(7).await.unwrap();
        let cases = hand_over_cases(&start.tablets[FIRST]).await;
        sync(&mut start, FIRST).await;
        sync(&mut start, REGISTRAR).await;
        let here = read(start.tablets[FIRST].lock.lock().await.as_ref().unwrap());
        let other = &start.tablets[REGISTRAR];
        let unread = in_session(other, async |session| {
            assert!(cases.iter().all(|case| session.has(&core_key(*case))), "unread is not absent");
            session.index.unread_count()
        })
        .await;
        assert!(unread > 8, "a heap: {unread}");

        // Whoever looks into a case sees it whole, however much waits before it.
        in_session(other, async |session| {
            let last = session.index.unread_of(*cases.last().unwrap());
            let case = cases.iter().find(|case| !session.index.unread_of(**case).is_empty());
            let case = if last.is_empty() { *case.unwrap() } else { *cases.last().unwrap() };
            session.read_case(case).await.unwrap();
            assert!(session.index.unread_of(case).is_empty());
            assert!(session.index.core(case).is_some());
            assert_eq!(session.read_some().await.unwrap(), Read::Some);
            assert!(session.index.unread_count() < unread);
        })
        .await;

        // What is left to read stands in the store.
        let left = in_session(other, async |session| session.index.unread_count()).await;
        start.tablets[REGISTRAR].restart().await.unwrap();
        let other = &start.tablets[REGISTRAR];
        in_session(other, async |session| {
            assert_eq!(session.index.unread_count(), left);
            while session.read_some().await.unwrap() == Read::Some {}
            assert_eq!(session.index.unread_count(), 0);
            let there = read(session);
            for case in &cases {
                for (key, summary) in here.iter().filter(|(key, _)| key.case == *case) {
                    let read = there.get(key).unwrap();
                    assert_eq!(read.facts, summary.facts);
                    assert_eq!((read.conflicts, read.answered), (summary.conflicts, summary.answered));
                }
            }
        })
        .await;
        start.tablets[REGISTRAR].restart().await.unwrap();
        in_session(&start.tablets[REGISTRAR], async |session| assert_eq!(session.index.unread_count(), 0)).await;
    });
}

/// What is read next is looked at while the store writes what was read before.
#[test]
fn what_changes_between_a_look_ahead_and_its_turn_is_read_as_it_stands_then() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(9).await.unwrap();
        let mut cases = hand_over_cases(&start.tablets[FIRST]).await;
        cases.extend(hand_over_cases(&start.tablets[FIRST]).await);
        sync(&mut start, FIRST).await;
        sync(&mut start, REGISTRAR).await;
        let left = in_session(&start.tablets[REGISTRAR], async |session| {
            // The first heap notes the second, and the second is looked at while the first is written.
            assert_eq!(session.read_some().await.unwrap(), Read::Some);
            let is_left = |case: &&CaseId| session.index.unread_of(**case).contains(&core_key(**case).id());
            cases.iter().filter(is_left).copied().collect::<Vec<_>>()
        })
        .await;
        assert!(!left.is_empty());
        in_session(&start.tablets[FIRST], async |session| {
            for case in &left {
                let edit = Edit::SetField { key: "darurat".to_owned(), value: Scalar::Bool(true), seen: Vec::new() };
                let key = core_key(*case);
                session.edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap();
            }
        })
        .await;
        sync(&mut start, FIRST).await;
        sync(&mut start, REGISTRAR).await;
        in_session(&start.tablets[REGISTRAR], async |session| {
            while session.read_some().await.unwrap() == Read::Some {}
            for case in &left {
                let core = session.index.summary(&core_key(*case)).unwrap();
                assert!(core.is_true("darurat"), "it is told as it was before");
            }
        })
        .await;
    });
}

/// Leaves the note that a program leaves which dies while it reads.
async fn die_reading(tablet: &mut Tablet, documents: Vec<DocumentId>, tries: u32) {
    let mut writes = Writes::new();
    writes.reading(Some(&Reading { documents, tries }));
    in_session(tablet, async |session| session.rows.apply(writes, Durability::Strict).await.unwrap()).await;
    tablet.restart().await.unwrap();
}

#[test]
fn the_document_of_which_the_program_dies_is_found_and_set_aside_and_no_other() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(8).await.unwrap();
        hand_over_cases(&start.tablets[FIRST]).await;
        sync(&mut start, FIRST).await;
        sync(&mut start, REGISTRAR).await;
        let tablet = &mut start.tablets[REGISTRAR];
        let heap: Vec<DocumentId> =
            in_session(tablet, async |session| session.index.some_unread(8).into_iter().collect()).await;
        let unread = in_session(tablet, async |session| session.index.unread_count()).await;
        let culprit = *heap.last().unwrap();

        // Died of one of eight: the next start reads them one by one, the last of them dies again, three times.
        die_reading(tablet, heap.clone(), 0).await;
        for _ in 0..heap.len() - 1 {
            let read = in_session(tablet, async |session| session.read_some().await.unwrap()).await;
            assert_eq!(read, Read::Some);
        }
        let left = in_session(tablet, async |session| session.index.unread_count()).await;
        assert_eq!(left, unread - 7, "one by one");
        for tries in 1..=2 {
            die_reading(tablet, vec![culprit], tries).await;
            let asides = in_session(tablet, async |session| session.rows.deadly().await.unwrap()).await;
            assert_eq!(asides, BTreeSet::new(), "a tablet may also lose its power while it reads");
        }
        die_reading(tablet, vec![culprit], 3).await;
        let (first, asides) = in_session(tablet, async |session| {
            let first = session.read_some().await.unwrap();
            (first, session.rows.deadly().await.unwrap())
        })
        .await;
        assert_eq!((first, asides), (Read::SetAside, BTreeSet::from([culprit])));

        // It stays aside, and the rest is read.
        tablet.restart().await.unwrap();
        in_session(tablet, async |session| {
            assert_eq!(session.index.unread_count(), left - 1);
            while session.read_some().await.unwrap() == Read::Some {}
            assert_eq!(session.index.unread_count(), 0);
            assert!(session.index.find(culprit).is_none());
            assert_eq!(session.rows.reading().await.unwrap(), None);
        })
        .await;

        // Nothing opens it but a person who asks for it: no form, and no change that comes.
        let key = in_session(&start.tablets[FIRST], async |session| {
            let key = session.index.find(culprit).unwrap().clone();
            let edit =
                Edit::SetField { key: String::from("kode_lapangan"), value: Scalar::from("L-X"), seen: Vec::new() };
            let other = core_key(key.case);
            session.edit(vec![DocumentEdit { key: other, edit }], Writes::new()).await.unwrap();
            key
        })
        .await;
        sync(&mut start, FIRST).await;
        sync(&mut start, REGISTRAR).await;
        in_session(&start.tablets[REGISTRAR], async |session| {
            assert_eq!(
                session.replica(&key).await.err().map(|failure| failure.code),
                Some(ErrorCode::HeldAside.number())
            );
            assert_eq!((session.aside_count(), session.index.find(culprit)), (1, None));
            session.read_aside().await.unwrap();
            assert_eq!((session.aside_count(), session.index.unread_count()), (0, 1));
            while session.read_some().await.unwrap() == Read::Some {}
            assert!(session.index.find(culprit).is_some());
            assert!(session.replica(&key).await.is_ok());
        })
        .await;
    });
}

#[test]
fn one_that_was_read_after_a_death_is_no_culprit() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(9).await.unwrap();
        hand_over_cases(&start.tablets[FIRST]).await;
        sync(&mut start, FIRST).await;
        sync(&mut start, REGISTRAR).await;
        let tablet = &mut start.tablets[REGISTRAR];
        let one: Vec<DocumentId> =
            in_session(tablet, async |session| session.index.some_unread(1).into_iter().collect()).await;
        die_reading(tablet, one.clone(), 2).await;
        in_session(tablet, async |session| {
            assert_eq!(session.read_some().await.unwrap(), Read::Some);
            assert!(session.index.find(one[0]).is_some());
            assert_eq!(session.rows.reading().await.unwrap(), None);
        })
        .await;
    });
}

#[test]
fn a_case_that_is_opened_first_after_every_death_does_not_start_the_count_anew() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(11).await.unwrap();
        let cases = hand_over_cases(&start.tablets[FIRST]).await;
        sync(&mut start, FIRST).await;
        sync(&mut start, REGISTRAR).await;
        let tablet = &mut start.tablets[REGISTRAR];
        let case = in_session(tablet, async |session| {
            *cases.iter().find(|case| !session.index.unread_of(**case).is_empty()).unwrap()
        })
        .await;
        let culprit = in_session(tablet, async |session| *session.index.unread_of(case).first().unwrap()).await;
        die_reading(tablet, vec![culprit], 3).await;
        in_session(tablet, async |session| {
            session.read_case(case).await.unwrap();
            assert_eq!(session.rows.deadly().await.unwrap(), BTreeSet::from([culprit]));
            assert!(session.index.unread_of(case).is_empty());
        })
        .await;
    });
}

#[test]
fn an_edit_of_another_tab_is_counted_though_its_summary_was_overwritten() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(12).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let case = in_session(tablet, async |session| flow::start_report(session).await.unwrap()).await;
        in_session(tablet, async |session| {
            let key = core_key(case);
            let told = session.index.summary(&key).unwrap().clone();
            assert!(told.unsent > 0);
            let mut writes = Writes::new();
            let mut overwritten = told.clone();
            overwritten.unsent = 0;
            writes.summary(&overwritten);
            session.rows.apply(writes, Durability::Strict).await.unwrap();
            session.poked(&BTreeSet::from([key.id()])).await.unwrap();
            assert_eq!(session.index.summary(&key).unwrap().unsent, 0);
            session.reload_lists().await.unwrap();
            let again = session.index.summary(&key).unwrap();
            assert_eq!((again.unsent, &again.facts), (told.unsent, &told.facts));
        })
        .await;
    });
}

#[test]
fn a_tab_that_has_not_heard_of_a_newer_document_leaves_no_older_summary() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(16).await.unwrap();
        in_session(&start.tablets[FIRST], async |session| session.lead(true).await.unwrap()).await;
        let mut other = start.tablets[FIRST].another_tab().await.unwrap();
        let key = document_key(template.case, KIND, None);
        let seen = other.replica(&key).await.unwrap().document.field(FIELD).ops();
        // A change comes, of which the other tab has not heard when its person writes.
        let typed = typed_over_what_stands(&start.tablets[SECOND], template.case, "dua").await;
        set(&start.tablets[SECOND], template.case, "dua", &typed).await;
        sync(&mut start, SECOND).await;
        sync(&mut start, FIRST).await;
        let edit = Edit::SetField { key: FIELD.to_owned(), value: Scalar::from("tiga"), seen };
        other.edit(vec![DocumentEdit { key: key.clone(), edit }], Writes::new()).await.unwrap();
        let stands = start.tablets[FIRST].another_tab().await.unwrap();
        let summary = stands.index.summary(&key).unwrap();
        assert_eq!((summary.conflicts, summary.unsent), (1, 1), "what came, and the own edit");
        assert_eq!(other.index.summary(&key), Some(summary));
    });
}

#[test]
fn a_summary_comes_only_in_the_place_of_the_one_that_was_known() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(17).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let case = in_session(tablet, async |session| flow::start_report(session).await.unwrap()).await;
        let mut other = tablet.another_tab().await.unwrap();
        let key = core_key(case);
        let known = other.rows.stamps(&BTreeSet::from([key.id()])).await.unwrap();
        let mut old = Writes::new();
        old.no_summary(key.id()).settings(&Settings { auto_lock_s: 61, ..Settings::default() });
        in_session(tablet, async |session| {
            let edit =
                Edit::SetField { key: String::from("kode_lapangan"), value: Scalar::from("L-Y"), seen: Vec::new() };
            session.edit(vec![DocumentEdit { key: key.clone(), edit }], Writes::new()).await.unwrap();
        })
        .await;
        let rows = &other.rows;
        let late = rows.apply_summaries(old.clone(), &known, None, Durability::Relaxed).await.unwrap();
        assert_eq!((late, rows.settings().await.unwrap()), (Applied::Overtaken, Settings::default()));
        other.reload().await.unwrap();
        let known = other.rows.stamps(&BTreeSet::from([key.id()])).await.unwrap();
        let now = other.rows.apply_summaries(old, &known, None, Durability::Relaxed).await.unwrap();
        assert_eq!((now, other.rows.settings().await.unwrap().auto_lock_s), (Applied::Done, 61));
    });
}

#[test]
fn a_tab_that_was_replaced_while_it_read_commits_nothing_more() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(13).await.unwrap();
        hand_over_cases(&start.tablets[FIRST]).await;
        sync(&mut start, FIRST).await;
        in_session(&start.tablets[REGISTRAR], async |session| session.lead(true).await.unwrap()).await;
        sync(&mut start, REGISTRAR).await;
        let tablet = &mut start.tablets[REGISTRAR];
        // Another tab takes the lead from this one, which froze. It wakes up, and reads on before its round goes on.
        let mut other = tablet.another_tab().await.unwrap();
        other.lead(true).await.unwrap();
        in_session(tablet, async |session| assert_eq!(session.read_some().await.unwrap(), Read::Some)).await;
        // What its round still brings would overwrite what the other has written since.
        let end = tablet.round(&start.wire, 0).await;
        assert_eq!(end, RoundEnd::Abandoned);
        let late = RowWrite::PutMeta(SyncMeta { epochs: 77, ..SyncMeta::default() });
        let batch = Batch { writes: vec![late], ..Batch::default() };
        in_session(tablet, async |session| session.commit(&batch, Writes::new()).await.unwrap_err()).await;
        assert_eq!(other.rows.meta().await.unwrap(), other.meta);
    });
}

#[test]
fn a_tab_that_hears_of_documents_nobody_has_read_does_not_take_them_off_the_notes() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(14).await.unwrap();
        hand_over_cases(&start.tablets[FIRST]).await;
        sync(&mut start, FIRST).await;
        in_session(&start.tablets[REGISTRAR], async |session| session.lead(true).await.unwrap()).await;
        sync(&mut start, REGISTRAR).await;
        let tablet = &mut start.tablets[REGISTRAR];
        let unread = in_session(tablet, async |session| session.index.some_unread(usize::MAX)).await;
        // Another tab has read its lists after the documents came, and hears only now that they did.
        let mut other = tablet.another_tab().await.unwrap();
        assert_eq!(other.index.some_unread(usize::MAX), unread);
        let case = other.index.find(*unread.first().unwrap()).unwrap().case;
        let of_case = other.index.unread_of(case);
        other.poked(&unread.difference(&of_case).copied().collect()).await.unwrap();
        // Its person opens a case before it has read its lists again; then the tablet loses its power.
        other.read_case(case).await.unwrap();
        tablet.restart().await.unwrap();
        in_session(tablet, async |session| {
            let left: BTreeSet<DocumentId> = unread.difference(&of_case).copied().collect();
            assert_eq!(session.index.some_unread(usize::MAX), left, "what nobody has read is to be read");
        })
        .await;
    });
}

#[test]
fn a_tab_reads_again_what_another_has_read_meanwhile() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(18).await.unwrap();
        hand_over_cases(&start.tablets[FIRST]).await;
        sync(&mut start, FIRST).await;
        in_session(&start.tablets[REGISTRAR], async |session| session.lead(true).await.unwrap()).await;
        sync(&mut start, REGISTRAR).await;
        let tablet = &mut start.tablets[REGISTRAR];
        let mut other = tablet.another_tab().await.unwrap();
        let unread = other.index.some_unread(usize::MAX);
        in_session(tablet, async |session| while session.read_some().await.unwrap() == Read::Some {}).await;
        let stamps = other.rows.stamps(&unread).await.unwrap();
        while other.read_some().await.unwrap() == Read::Some {}
        assert_eq!(other.index.unread_count(), 0);
        let again = other.rows.stamps(&unread).await.unwrap();
        assert!(stamps.iter().all(|(document, stamp)| *stamp != 0 && again[document] != *stamp), "written by both");
        tablet.restart().await.unwrap();
        in_session(tablet, async |session| {
            assert_eq!((session.index.unread_count(), read(session)), (0, read(&other)));
        })
        .await;
    });
}

/// More new documents than are read at once, of cases that begin with a byte of their own each.
fn arrival(first: u8) -> Batch {
    let mut batch = Batch::default();
    for case in first..first + 9 {
        let stored = StoredDocument::empty(core_key(CaseId::from_bytes([case; 16])));
        batch.touched.insert(stored.key.id());
        batch.writes.push(RowWrite::PutDocument(stored));
    }
    batch
}

#[test]
fn what_two_tabs_note_at_the_same_moment_is_all_to_be_read() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(19).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let (mut one, mut other) = (tablet.another_tab().await.unwrap(), tablet.another_tab().await.unwrap());
        one.commit(&arrival(100), Writes::new()).await.unwrap();
        other.commit(&arrival(200), Writes::new()).await.unwrap();
        assert_eq!(tablet.another_tab().await.unwrap().index.unread_count(), 18);
    });
}

#[test]
fn what_was_read_and_could_not_be_written_down_is_read_again() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(15).await.unwrap();
        hand_over_cases(&start.tablets[FIRST]).await;
        sync(&mut start, FIRST).await;
        sync(&mut start, REGISTRAR).await;
        let tablet = &mut start.tablets[REGISTRAR];
        let unread = in_session(tablet, async |session| session.index.some_unread(usize::MAX)).await;
        // That it is read was noted as it came, and what comes of it finds no room. Then there is room again, and the rest is read.
        tablet.fail_write(0, Fault::Full);
        in_session(tablet, async |session| {
            let case = session.index.find(*unread.first().unwrap()).unwrap().case;
            session.read_case(case).await.unwrap_err();
            while session.read_some().await.unwrap() == Read::Some {}
        })
        .await;
        tablet.restart().await.unwrap();
        in_session(tablet, async |session| {
            let lost = unread.iter().filter(|document| session.index.find(**document).is_none()).count();
            assert_eq!(lost, 0, "neither read nor to be read");
            while session.read_some().await.unwrap() == Read::Some {}
            assert!(unread.iter().all(|document| session.index.all().any(|one| one.key.id() == *document)));
        })
        .await;
    });
}

/// A follower has a document in hand that did not open before; another tab reads it first.
#[test]
fn what_opens_again_stays_set_aside_in_no_row_though_another_tab_was_faster() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(19).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let key = document_key(template.case, KIND, None);
        // It was set aside once, and opens now: an older build could not.
        in_session(tablet, async |session| {
            let mut writes = Writes::new();
            writes.aside(key.id()).unread(&client::engine::rows::UnreadNote {
                id: client::engine::rows::NoteId(shared::sync::row::PendingOrder { number: 1, tab: 0 }),
                keys: vec![key.clone()],
            });
            session.rows.apply(writes, Durability::Strict).await.unwrap();
            session.reload().await.unwrap();
            assert_eq!(session.aside_count(), 1);
        })
        .await;
        let mut other = tablet.another_tab().await.unwrap();
        assert_eq!(other.aside_count(), 1);
        // The first tab writes its summary alone, as of an act of its person; the other has not heard of it.
        in_session(tablet, async |session| {
            let edit = Edit::SetField { key: FIELD.to_owned(), value: Scalar::from("dua"), seen: Vec::new() };
            session.edit(vec![DocumentEdit { key: key.clone(), edit }], Writes::new()).await.unwrap();
        })
        .await;
        other.read_case(template.case).await.unwrap();
        assert_eq!((other.aside_count(), other.index.unread_count()), (0, 0), "it was read and opens");
        assert_eq!(other.rows.aside().await.unwrap(), BTreeSet::new(), "the row says so too");
        let later = tablet.another_tab().await.unwrap();
        assert_eq!(later.aside_count(), 0, "whoever opens the vault next is told of nothing set aside");
    });
}

/// A right ends and begins again while one answer is on its way: the relay says both, in pages that a fast line brings together.
#[test]
fn a_document_that_goes_and_comes_again_in_pages_that_came_together_is_listed() {
    block_on(async {
        for is_together in [false, true] {
            let template = Template::make().await.unwrap();
            let mut start = template.start(23).await.unwrap();
            let tablet = &mut start.tablets[FIRST];
            let key = document_key(template.case, KIND, None);
            in_session(tablet, async |session| {
                let wanted = BTreeSet::from([key.id()]);
                let mut rows = session.rows.documents(&wanted).await.unwrap();
                let stored = rows[&key.id()].stored.clone().unwrap();
                let gone = Item::Gone { document: key.id(), reason: GoneReason::Ended, ended_ms: None };
                let whole = Item::Snapshot {
                    key: key.clone(),
                    bytes: stored.open().unwrap().save(),
                    received: stored.received.clone(),
                };
                let cursor = session.meta.cursor.clone().unwrap();
                let pages = [gone, whole].map(|item| Part::Page(Page { items: vec![item], cursor: cursor.clone() }));
                let parts = if is_together { together(pages.to_vec()) } else { pages.to_vec() };
                let rewriter = Rewriter { author: session.owner.account, entropy: [7; 32] };
                for part in parts {
                    let Part::Page(page) = part else { panic!() };
                    let batch = apply_page(&page, &mut rows, &mut session.meta.clone(), &rewriter);
                    session.commit(&batch, Writes::new()).await.unwrap();
                }
                let stands = session.rows.documents(&wanted).await.unwrap()[&key.id()].stored.is_some();
                assert!(stands, "it is in the store");
                assert!(
                    session.index.find(key.id()).is_some(),
                    "together: {is_together}: neither listed nor to be read"
                );
            })
            .await;
            tablet.restart().await.unwrap();
            in_session(tablet, async |session| assert!(session.has(&key), "after a restart")).await;
        }
    });
}

/// One tab leads its first sync; another writes meanwhile to a document that the relay is about to send, and its poke is late.
#[test]
fn what_another_tab_writes_into_a_first_sync_stands_beside_what_came_and_is_sent() {
    block_on(async {
        for count in [1, 30] {
            let mut post = super::post::Post::open().await;
            let member = post.office.add_account("Sari", "SER").await.unwrap();
            let owner = post.office.register(&member, "tablet-2").await.unwrap();
            let mut cases = Vec::new();
            for _ in 0..count {
                let case = post
                    .with(async |session| {
                        let case = flow::start_report(session).await.unwrap();
                        super::post::set(session, case, ("intake", "jml_pd"), 2).await;
                        flow::hand_over(session, case).await.unwrap();
                        case
                    })
                    .await;
                cases.push(case);
            }
            tests::schedule::template::quiet(&mut post.tablet, &post.wire).await.unwrap();
            let pack = shared::pack::source::embedded("belu").unwrap().unwrap().to_cbor().unwrap();
            let mut tablet = Tablet::enrolled(&owner, &pack, post.office.clock().clone(), 2).await.unwrap();
            in_session(&tablet, async |session| session.lead(true).await.unwrap()).await;
            let mut other = tablet.another_tab().await.unwrap();
            let keys: Vec<DocumentKey> = cases.iter().map(|case| document_key(*case, "intake", None)).collect();
            let act = async |_: &client::engine::exchange::SessionLock| {
                for key in &keys {
                    let value = Scalar::Int(3);
                    let edit = Edit::SetField { key: "jml_ld".to_owned(), value, seen: Vec::new() };
                    other.edit(vec![DocumentEdit { key: key.clone(), edit }], Writes::new()).await.unwrap();
                }
                other.rows.has_documents().await.unwrap()
            };
            let (end, were_here) = tablet.round_beside(&post.wire, 0, act).await;
            assert!(matches!(end, RoundEnd::Machine(_)) && !were_here, "{end:?}: written before anything came");
            let ids: BTreeSet<DocumentId> = keys.iter().map(DocumentKey::id).collect();
            in_session(&tablet, async |session| {
                while session.read_some().await.unwrap() == Read::Some {}
                // The pokes come last.
                session.reload_lists().await.unwrap();
            })
            .await;
            let read_again = tablet.another_tab().await.unwrap();
            for key in &keys {
                let summary = read_again.index.summary(key).unwrap();
                assert_eq!((summary.unsent, summary.conflicts), (1, 0), "{count}");
            }
            let rows = read_again.rows.documents(&ids).await.unwrap();
            let found: Vec<_> = rows.values().map(|rows| (rows.stored.is_some(), rows.pending.len())).collect();
            assert!(found.iter().all(|found| *found == (true, 1)), "{count}: {end:?} {found:?}");
            in_session(&tablet, async |session| {
                for key in &keys {
                    let document = session.replica(key).await.unwrap().document.clone();
                    assert!(document.field("jml_ld").any_is(&Scalar::Int(3)));
                    assert!(document.field("jml_pd").any_is(&Scalar::Int(2)));
                }
            })
            .await;
            tests::schedule::template::quiet(&mut tablet, &post.wire).await.unwrap();
            in_session(&tablet, async |session| assert_eq!(session.rows.pending().await.unwrap().len(), 0)).await;
            tests::schedule::template::quiet(&mut post.tablet, &post.wire).await.unwrap();
            post.with(async |session| {
                for key in &keys {
                    let document = session.replica(key).await.unwrap().document.clone();
                    assert!(document.field("jml_ld").any_is(&Scalar::Int(3)));
                }
            })
            .await;
        }
    });
}
