//! "Daftar kedatangan": a list that came with one paper becomes one report about many people, whole or not at all, and no name of
//! it stands anywhere but in an identity.

use std::collections::BTreeSet;

use client::api::{
    ArrivalAct, ArrivalCells, ArrivalDoubt, ArrivalsView, ConsentAnswer, Failure, PRACTICE, Typed, list_place,
    pasted_place,
};
use client::engine::arrivals::{LIST_ROWS_MAX, act};
use client::engine::query::case;
use client::engine::session::{Session, core_key, document_key};
use client::engine::write::keep_draft;
use client::engine::{flow, practice, refusal};
use client::store::memory::Fault;
use client::store::sealed::Table;
use futures::executor::block_on;
use shared::id::{CaseId, SubjectId};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;
use tests::native::cast::{Cast, with};
use tests::native::tablet::Tablet;
use tests::schedule::template::quiet;

use super::post::{Post, add_row, set};
use super::refusing::mentions;

/// 2026-11-29, as the field worker's tablet has it.
const NOW_MS: u64 = 1_795_900_000_000;
/// A word that stands in every name, in no other answer, and in nothing the program writes.
const SURNAME: &str = "Kdatangan";
const REMARK: &str = "pulang naik kapal biru";
const VILLAGE: &str = "53.04.02.2001";

fn name_of(number: usize) -> String {
    format!("Maria {number} {SURNAME}")
}

/// A list as an office sends it: every fourth a man, every fifth a child.
fn table(people: usize) -> String {
    let line = |number: usize| {
        let sex = if number.is_multiple_of(4) { "L" } else { "P" };
        let age = if number.is_multiple_of(5) { 15 } else { 30 };
        format!("{number}\t{}\t{sex}\t{age} thn\tSilawan\t{REMARK}", name_of(number))
    };
    let head = "No\tNama\tL/P\tUmur\tDesa\tKapal".to_owned();
    std::iter::once(head).chain((1..=people).map(line)).collect::<Vec<_>>().join("\r\n")
}

/// Begins a report of a list, without danger.
async fn begun(session: &mut Session) -> CaseId {
    let case = flow::start_report(session).await.unwrap();
    begin(session, case).await;
    case
}

async fn begin(session: &mut Session, case: CaseId) {
    set(session, case, ("intake", "bahaya_segera"), "TIDAK").await;
    set(session, case, ("intake", "cara_masuk"), "DAFTAR").await;
    set(session, case, ("intake", "daftar_dari"), "BP3MI").await;
}

async fn read(session: &mut Session, case: CaseId, text: &str) -> Result<ArrivalsView, Failure> {
    paste(session, case, text).await?;
    act(session, case, ArrivalAct::Read(text.to_owned())).await
}

const NAME: u32 = 1;
const AGE: u32 = 1 << 2;
const NOTE: u32 = 1 << 5;
const ALL: u32 = 0b11_1111;

/// Mends a row that this tab shows.
fn put(view: &ArrivalsView, at: usize, cells: ArrivalCells, changed: u32) -> ArrivalAct {
    ArrivalAct::Put { row: view.rows.get(at).unwrap().id, cells, changed }
}

fn leave(view: &ArrivalsView, at: usize) -> ArrivalAct {
    ArrivalAct::Leave { row: Some(view.rows.get(at).unwrap().id), out: true }
}

fn named(name: &str) -> ArrivalCells {
    ArrivalCells { name: name.to_owned(), ..ArrivalCells::default() }
}

fn names(view: &ArrivalsView) -> Vec<(&str, bool)> {
    view.rows.iter().map(|row| (row.cells.name.as_str(), row.out)).collect()
}

/// The page keeps every letter before it has the table read.
async fn paste(session: &mut Session, case: CaseId, text: &str) -> Result<(), Failure> {
    let typed = Typed { text: text.to_owned(), ..Typed::default() };
    keep_draft(session, pasted_place(case), Some(typed)).await
}

async fn keep(session: &mut Session, case: CaseId) -> Result<ArrivalsView, Failure> {
    act(session, case, ArrivalAct::Keep).await
}

async fn field(session: &mut Session, case: CaseId, (kind, key): (&str, &str), subject: Option<SubjectId>) -> Scalar {
    let document = &session.replica(&document_key(case, kind, subject)).await.unwrap().document;
    document.field(key).shown().cloned().unwrap_or_default()
}

async fn counts(session: &mut Session, case: CaseId) -> Vec<Scalar> {
    let mut found = Vec::new();
    for key in ["jml_pd", "jml_pa", "jml_ld", "jml_la"] {
        found.push(field(session, case, ("intake", key), None).await);
    }
    found
}

fn people(session: &Session, case: CaseId) -> Vec<SubjectId> {
    session.index.core(case).unwrap().people.iter().map(|person| person.subject).collect()
}

/// Kinds of the documents in which some bytes stand, in every value that was ever written there.
async fn kinds_with(tablet: &Tablet, case: CaseId, text: &str) -> BTreeSet<String> {
    with(tablet, async |session| {
        let keys: Vec<_> = session.index.documents(case).map(|summary| summary.key.clone()).collect();
        let mut found = BTreeSet::new();
        for key in keys {
            let bytes = session.replica(&key).await.unwrap().document.save_uncompressed();
            if bytes.windows(text.len()).any(|part| part == text.as_bytes()) {
                found.insert(key.kind);
            }
        }
        found
    })
    .await
}

#[tokio::test]
async fn forty_people_come_as_one_report_and_their_names_stand_in_identities_alone() {
    let cast = Cast::of_belu(NOW_MS).await;
    let (_, mut field_tablet) = cast.member("PKT", "PKT", 1).await;
    let (_, mut registrar) = cast.member("SER", "SER", 2).await;
    cast.sync(&mut field_tablet).await;
    let case_id = with(&field_tablet, async |session| {
        let case_id = begun(session).await;
        let view = read(session, case_id, &table(40)).await.unwrap();
        assert_eq!((view.rows.len(), view.waiting(), view.kept), (40, 40, 0));
        assert!(view.rows.iter().all(|row| row.doubts.is_empty() && row.area == VILLAGE), "{view:?}");
        assert_eq!(people(session, case_id), [], "nothing is written before it is kept");
        // Nor may the report go without it.
        let refused = flow::hand_over(session, case_id).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::ListNotKept.number());

        let view = keep(session, case_id).await.unwrap();
        assert_eq!((view.rows.len(), view.kept), (0, 40));
        let expected = [24, 6, 8, 2].map(Scalar::Int);
        assert_eq!(counts(session, case_id).await, expected);
        assert_eq!(field(session, case_id, ("intake", "anak_terlibat"), None).await, Scalar::Bool(true));
        // Neither what lists are made of nor what this tablet remembers of the report says a name.
        let said = mentions(session, &[SURNAME.as_bytes().to_vec()]).await;
        assert_eq!(said.into_iter().collect::<std::collections::HashSet<_>>(), [Table::Pending].into());
        flow::hand_over(session, case_id).await.unwrap();
        case_id
    })
    .await;
    cast.sync(&mut field_tablet).await;
    cast.sync(&mut registrar).await;

    let named: BTreeSet<String> = ["identity.short".to_owned()].into();
    let noted: BTreeSet<String> = ["identity.full".to_owned()].into();
    for tablet in [&field_tablet, &registrar] {
        assert_eq!(kinds_with(tablet, case_id, SURNAME).await, named);
        assert_eq!(kinds_with(tablet, case_id, REMARK).await, noted);
        assert!(kinds_with(tablet, case_id, "BP3MI").await.contains("intake"), "what stands there is found");
    }
    with(&registrar, async |session| {
        let everybody = people(session, case_id);
        assert_eq!(everybody.len(), 40);
        let mut names = BTreeSet::new();
        for person in &everybody {
            let name = field(session, case_id, ("identity.short", "nama_lengkap"), Some(*person)).await;
            names.insert(name.as_str().unwrap().to_owned());
            let note = field(session, case_id, ("identity.full", "keterangan_daftar"), Some(*person)).await;
            assert_eq!(note, Scalar::from(format!("Kapal: {REMARK}").as_str()), "an unknown column is kept");
            let village = field(session, case_id, ("identity.full", "daerah_asal"), Some(*person)).await;
            assert_eq!(village, Scalar::from(VILLAGE));
        }
        assert_eq!(names, (1..=40).map(name_of).collect());
        // A child needs no means to be shown, as when the age is typed in its form.
        let child = field(session, case_id, ("identification", "aturan_anak"), everybody.get(4).copied()).await;
        assert_eq!(child, Scalar::Bool(true));
        assert_eq!(session.index.core(case_id).unwrap().people[4].group, "PA");
        // Nobody was asked; that they are kept stands on a duty by law.
        let view = case::view(session, case_id).await.unwrap().unwrap();
        assert_eq!(view.consents.len(), 40);
        let purposes = view.consents.iter().flat_map(|consent| &consent.purposes);
        assert!(purposes.clone().count() > 40 && purposes.clone().all(|one| one.answer == ConsentAnswer::NotAsked));
        let rows = session.replica(&core_key(case_id)).await.unwrap().document.rows("persetujuan");
        assert!(rows.iter().all(|row| row.field("dasar_proses").shown() == Some(&Scalar::from("KEWAJIBAN"))));
        assert_eq!(rows.len(), 40);
    })
    .await;
}

#[tokio::test]
async fn the_longest_list_arrives_too() {
    let cast = Cast::of_belu(NOW_MS).await;
    let (_, mut field_tablet) = cast.member("PKT", "PKT", 1).await;
    let (_, mut registrar) = cast.member("SER", "SER", 2).await;
    cast.sync(&mut field_tablet).await;
    let case_id = with(&field_tablet, async |session| {
        let case_id = begun(session).await;
        read(session, case_id, &table(LIST_ROWS_MAX)).await.unwrap();
        keep(session, case_id).await.unwrap();
        flow::hand_over(session, case_id).await.unwrap();
        case_id
    })
    .await;
    cast.sync(&mut field_tablet).await;
    cast.sync(&mut registrar).await;
    let unsent = with(&field_tablet, async |session| session.unsent()).await;
    assert_eq!(unsent, 0);
    with(&registrar, async |session| {
        let everybody = people(session, case_id);
        assert_eq!(everybody.len(), LIST_ROWS_MAX);
        let last = field(session, case_id, ("identity.short", "nama_lengkap"), everybody.last().copied()).await;
        assert_eq!(last.as_str(), Some(name_of(LIST_ROWS_MAX).as_str()));
    })
    .await;
}

#[test]
fn keeping_twice_keeps_nobody_twice_in_whichever_tab() {
    block_on(async {
        let post = Post::open().await;
        let case = post.with(async |session| begun(session).await).await;
        post.with(async |session| read(session, case, &table(5)).await.unwrap()).await;
        let mut other = post.tablet.another_tab().await.unwrap();
        post.with(async |session| {
            assert_eq!(keep(session, case).await.unwrap().kept, 5);
            let unsent = session.unsent();
            assert_eq!(keep(session, case).await.unwrap().kept, 5);
            assert_eq!((people(session, case).len(), session.unsent()), (5, unsent));
        })
        .await;
        // Another tab that has not heard of the people finds no list any more.
        assert_eq!(act(&mut other, case, ArrivalAct::Look).await.unwrap().waiting(), 0);
        let view = keep(&mut other, case).await.unwrap();
        assert_eq!(view.waiting(), 0);
        other.reload().await.unwrap();
        assert_eq!(people(&other, case).len(), 5);
        // A second list of the same day comes behind the first.
        post.with(async |session| {
            read(session, case, "Ana\tP\t12\nYosef\tL\t\n").await.unwrap();
            assert_eq!(keep(session, case).await.unwrap().kept, 7);
            assert_eq!(counts(session, case).await, [Scalar::Int(3), Scalar::Int(2), Scalar::Int(2), Scalar::Null]);
            assert_eq!(field(session, case, ("intake", "umur_tidak_pasti"), None).await, Scalar::Bool(true));
            let groups = |person: &client::engine::summary::PersonFact| (person.number, person.group.clone());
            let all: Vec<_> = session.index.core(case).unwrap().people.iter().map(groups).collect();
            assert_eq!(all[5..], [(6, "PA".to_owned()), (7, "TT".to_owned())]);
        })
        .await;
    });
}

#[test]
fn a_list_of_another_tab_keeps_the_report_and_a_second_press_reads_nothing_twice() {
    block_on(async {
        let post = Post::open().await;
        let case = post.with(async |session| begun(session).await).await;
        let mut other = post.tablet.another_tab().await.unwrap();
        let text = table(3);
        let again = post.with(async |session| {
            read(session, case, &text).await.unwrap();
            act(session, case, ArrivalAct::Read(text.clone())).await.unwrap()
        });
        assert_eq!(again.await.waiting(), 3, "the table was read when the button was pressed again");
        let refused = flow::hand_over(&mut other, case).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::ListNotKept.number(), "this tab has not heard of the list");
        assert_eq!(keep(&mut other, case).await.unwrap().kept, 3, "but keeps it where it is asked to");
    });
}

#[test]
fn two_tabs_that_mend_one_list_lose_nobody_and_leave_nobody_else_out() {
    block_on(async {
        let post = Post::open().await;
        let case = post.with(async |session| begun(session).await).await;
        let before = post.with(async |session| read(session, case, &table(4)).await.unwrap()).await;
        let mut other = post.tablet.another_tab().await.unwrap();
        assert_eq!(act(&mut other, case, ArrivalAct::Look).await.unwrap(), before);
        post.with(async |session| {
            act(session, case, put(&before, 1, named("Rosa Contoh"), NAME)).await.unwrap();
            act(session, case, leave(&before, 0)).await.unwrap();
            // What was left out goes, and all others move up by one.
            read(session, case, "Ana Contoh\tP\t12").await.unwrap();
        })
        .await;
        // The other tab still shows four rows, and means the second, the third and the fourth of those.
        let aged = ArrivalCells { age: "31".to_owned(), ..before.rows[1].cells.clone() };
        act(&mut other, case, put(&before, 1, aged, AGE)).await.unwrap();
        act(&mut other, case, put(&before, 2, named("Maria Contoh"), NAME)).await.unwrap();
        act(&mut other, case, leave(&before, 3)).await.unwrap();
        let view = act(&mut other, case, ArrivalAct::Add).await.unwrap();
        act(&mut other, case, put(&view, 4, named("Berta Contoh"), NAME)).await.unwrap();
        let gone = act(&mut other, case, put(&before, 0, named("Yosef Contoh"), NAME)).await.unwrap_err();
        assert_eq!(gone.code, ErrorCode::ItemGone.number(), "what was dropped is not there any more");
        let view = post.with(async |session| act(session, case, ArrivalAct::Look).await.unwrap()).await;
        let left_out = before.rows[3].cells.name.as_str();
        let expected = ["Rosa Contoh", "Maria Contoh", left_out, "Ana Contoh", "Berta Contoh"];
        assert_eq!(names(&view), expected.map(|name| (name, name == left_out)));
        assert_eq!(view.rows[0].cells.age, "31", "two tabs mended two cells of one person");
    });
}

#[test]
fn a_full_tablet_loses_no_row_of_a_list() {
    block_on(async {
        let post = Post::open().await;
        let case = post.with(async |session| begun(session).await).await;
        post.with(async |session| {
            read(session, case, &table(2)).await.unwrap();
            assert_eq!(keep(session, case).await.unwrap().kept, 2);
            let text = "Nama\tJK\tUmur\nAna\tP\t12";
            post.tablet.fail_write(0, Fault::Full);
            assert_eq!(paste(session, case, text).await.unwrap_err().code, ErrorCode::TabletFull.number());
            let view = act(session, case, ArrivalAct::Read(text.to_owned())).await.unwrap();
            assert_eq!(view.waiting(), 1, "what only memory held was read when there was room again");
            let cells = ArrivalCells { name: "Yosef".to_owned(), sex: "L".to_owned(), ..ArrivalCells::default() };
            let added = act(session, case, ArrivalAct::Add).await.unwrap().rows[view.rows.len()].id;
            post.tablet.fail_write(0, Fault::Full);
            let refused = act(session, case, ArrivalAct::Put { row: added, cells, changed: ALL }).await.unwrap_err();
            assert_eq!(refused.code, ErrorCode::TabletFull.number());
            assert_eq!(keep(session, case).await.unwrap().kept, 4, "the row that was typed last comes along");
        })
        .await;
    });
}

#[test]
fn a_list_counts_anew_and_one_count_that_falls_does_not_take_a_child_away() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            let case = begun(session).await;
            set(session, case, ("intake", "jml_pa"), 1).await;
            set(session, case, ("intake", "jml_pd"), 4).await;
            read(session, case, "Budi Contoh\tL\t12\n").await.unwrap();
            keep(session, case).await.unwrap();
            assert_eq!(counts(session, case).await, [0.into(), 0.into(), Scalar::Null, 1.into()]);
            assert_eq!(field(session, case, ("intake", "anak_terlibat"), None).await, Scalar::Bool(true));
        })
        .await;
    });
}

#[test]
fn a_tablet_that_dies_keeps_the_list_and_nobody_of_it() {
    block_on(async {
        let mut post = Post::open().await;
        let case = post.with(async |session| begun(session).await).await;
        post.with(async |session| {
            let typed = Typed { text: table(12), ..Typed::default() };
            keep_draft(session, pasted_place(case), Some(typed)).await.unwrap();
        })
        .await;
        post.tablet.restart().await.unwrap();
        post.with(async |session| {
            let view = act(session, case, ArrivalAct::Look).await.unwrap();
            assert_eq!((view.pasted.as_str(), view.rows.len()), (table(12).as_str(), 0));
            let waits = flow::hand_over(session, case).await.unwrap_err();
            assert_eq!(waits.code, ErrorCode::ListNotKept.number());
            let view = read(session, case, &view.pasted).await.unwrap();
            assert!(!session.drafts.contains_key(&pasted_place(case)));
            act(session, case, put(&view, 3, named("Rosa Contoh"), ALL)).await.unwrap();
            let view = act(session, case, ArrivalAct::Add).await.unwrap();
            act(session, case, put(&view, 12, named("Rosa Contoh"), ALL)).await.unwrap();
            act(session, case, leave(&view, 0)).await.unwrap();
        })
        .await;
        post.tablet.fail_write(0, Fault::CrashBefore);
        post.with(async |session| keep(session, case).await.unwrap_err()).await;
        post.tablet.restart().await.unwrap();
        post.with(async |session| {
            assert_eq!(people(session, case), []);
            let view = act(session, case, ArrivalAct::Look).await.unwrap();
            assert_eq!((view.rows.len(), view.waiting(), view.rows[3].cells.name.as_str()), (13, 12, "Rosa Contoh"));
            let missing = [ArrivalDoubt::NoSex, ArrivalDoubt::NoAge, ArrivalDoubt::NoPlace, ArrivalDoubt::Twice];
            assert_eq!(view.rows[3].doubts, missing);
        })
        .await;
        // It dies again, this time after the list was kept and before anybody heard of it.
        post.tablet.fail_write(0, Fault::CrashAfter);
        post.with(async |session| keep(session, case).await.unwrap_err()).await;
        post.tablet.restart().await.unwrap();
        post.with(async |session| {
            assert_eq!(keep(session, case).await.unwrap().kept, 12);
            assert_eq!((people(session, case).len(), session.drafts.len()), (12, 0));
            let first =
                field(session, case, ("identity.short", "nama_lengkap"), people(session, case).first().copied());
            assert_eq!(first.await, Scalar::from(name_of(2).as_str()), "who was left out is not there");
            flow::hand_over(session, case).await.unwrap();
        })
        .await;
    });
}

#[test]
fn what_is_too_long_is_refused_and_nothing_of_it_is_kept() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            let case = begun(session).await;
            let refused = read(session, case, &table(LIST_ROWS_MAX + 1)).await.unwrap_err();
            assert_eq!(refused.code, ErrorCode::ListTooLong.number());
            let refused = read(session, case, &"x".repeat(1_000_001)).await.unwrap_err();
            assert_eq!(refused.code, ErrorCode::ListTooLong.number());
            assert!(!session.drafts.contains_key(&list_place(case)));
            let view = read(session, case, &table(LIST_ROWS_MAX)).await.unwrap();
            assert_eq!(view.waiting(), LIST_ROWS_MAX);
            let refused = read(session, case, "Satu lagi\tP\t20").await.unwrap_err();
            assert_eq!(refused.code, ErrorCode::ListTooLong.number());
            // A note that no field takes has to be mended first; then all go.
            let cells = ArrivalCells { name: "Rosa".to_owned(), note: "a".repeat(1_001), ..ArrivalCells::default() };
            let view = act(session, case, put(&view, 7, cells, ALL)).await.unwrap();
            assert_eq!(keep(session, case).await.unwrap_err().code, ErrorCode::TextTooLong.number());
            assert_eq!(people(session, case), []);
            act(session, case, leave(&view, 7)).await.unwrap();
            assert_eq!(keep(session, case).await.unwrap().kept, 199);
        })
        .await;
    });
}

#[test]
fn somebody_who_refused_at_this_report_is_not_named_by_its_list() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            let case = begun(session).await;
            let consent = [("boleh_dicatat", Scalar::Bool(true)), ("boleh_bernama", Scalar::Bool(false))];
            add_row(session, case, ("core", "persetujuan"), &consent).await;
            read(session, case, &table(3)).await.unwrap();
            assert_eq!(keep(session, case).await.unwrap_err().code, ErrorCode::WriteForbidden.number());
            assert_eq!(people(session, case), []);
            assert_eq!(act(session, case, ArrivalAct::Look).await.unwrap().waiting(), 3, "the list is still there");
            // A row that says nothing of anybody makes nobody, and holds nothing up.
            let view = act(session, case, ArrivalAct::Look).await.unwrap();
            for at in 0..3 {
                act(session, case, put(&view, at, ArrivalCells::default(), ALL)).await.unwrap();
            }
            assert_eq!(keep(session, case).await.unwrap().kept, 0);
            flow::hand_over(session, case).await.unwrap();
            assert_eq!(session.drafts.len() + session.rows.drafts().await.unwrap().len(), 0);
            assert!(refusal::offered(session, case).await.unwrap().is_none());
        })
        .await;
    });
}

#[test]
fn a_list_that_is_tried_out_stays_in_the_practice_and_goes_with_it() {
    block_on(async {
        let mut post = Post::open().await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        post.with(async |session| {
            let case = begun(session).await;
            refusal::refuse(session, case, false).await.unwrap_err();
        })
        .await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        let pending = post.with(async |session| session.rows.pending().await.unwrap()).await;
        post.with(async |session| {
            practice::begin(session).await.unwrap();
            let room = session.room(Some(PRACTICE)).await.unwrap();
            begin(room, PRACTICE).await;
            read(room, PRACTICE, &table(6)).await.unwrap();
            assert_eq!(keep(room, PRACTICE).await.unwrap().kept, 6);
            read(room, PRACTICE, &table(6)).await.unwrap();
            assert_eq!(session.drafts.len(), 0, "of the practice's list the work room knows nothing");
            assert_eq!(mentions(session, &[SURNAME.as_bytes().to_vec()]).await, []);
            // A list waits in the practice as it would in earnest.
            let waits = practice::hand_over(session).await.unwrap_err();
            assert_eq!(waits.code, ErrorCode::ListNotKept.number());
            keep(session.room(Some(PRACTICE)).await.unwrap(), PRACTICE).await.unwrap();
            practice::hand_over(session).await.unwrap();
            assert_eq!(session.rows.pending().await.unwrap(), pending);
        })
        .await;
    });
}

#[test]
fn who_types_while_another_tab_keeps_the_list_makes_nobody_twice() {
    block_on(async {
        let post = Post::open().await;
        let case = post.with(async |session| begun(session).await).await;
        let before = post.with(async |session| read(session, case, &table(4)).await.unwrap()).await;
        let mut other = post.tablet.another_tab().await.unwrap();
        assert_eq!(act(&mut other, case, ArrivalAct::Look).await.unwrap(), before);
        post.with(async |session| assert_eq!(keep(session, case).await.unwrap().kept, 4)).await;
        // The other tab has the editor of the third open, and types one more letter of the note.
        let cells = before.rows[2].cells.clone();
        let cells = ArrivalCells { note: format!("{} 2", cells.note), ..cells };
        let gone = act(&mut other, case, put(&before, 2, cells, NOTE)).await.unwrap_err();
        assert_eq!(gone.code, ErrorCode::ItemGone.number());
        keep(&mut other, case).await.unwrap();
        other.reload().await.unwrap();
        assert_eq!(people(&other, case).len(), 4, "somebody of the list is there twice");
    });
}

#[test]
fn a_letter_that_was_not_kept_makes_nobody_twice() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            let case = begun(session).await;
            let view = read(session, case, &table(2)).await.unwrap();
            // The editor sends each letter with what it said before that letter, and goes on when one was not kept.
            let first = ArrivalCells { name: "Rosa".to_owned(), ..view.rows[1].cells.clone() };
            let second = ArrivalCells { name: "Rosa K".to_owned(), ..view.rows[1].cells.clone() };
            post.tablet.fail_write(0, Fault::Backend);
            act(session, case, put(&view, 1, first, NAME)).await.unwrap_err();
            let view = act(session, case, put(&view, 1, second, NAME)).await.unwrap();
            let names: Vec<_> = view.rows.iter().map(|row| row.cells.name.clone()).collect();
            assert_eq!(names, [name_of(1), "Rosa K".to_owned()], "one tab, one row, two people");
        })
        .await;
    });
}
