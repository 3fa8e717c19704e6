//! "No to both": what is left of a report whose person wanted no record, on the tablet, at the relay and in its count.

use std::collections::{BTreeMap, BTreeSet};

use client::api::{CasesAsk, ExportAsk, FieldPlace, Path, Place, Reply, TextBase, Typed, Write};
use client::engine::exchange::RoundEnd;
use client::engine::export::export;
use client::engine::look::look;
use client::engine::refusal::{offered, refuse};
use client::engine::rows::{Refusals, RowWrites as _};
use client::engine::session::{Session, document_key};
use client::engine::write::{keep_draft, write};
use client::engine::{flow, query};
use client::platform::NetworkError;
use client::store::memory::Fault;
use client::store::sealed::{Table, Writes};
use futures::executor::block_on;
use minicbor::{Decode, Decoder};
use shared::id::{CaseId, DocumentId};
use shared::protocol::codec::encode;
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;
use tests::native::wire::Fate;
use tests::schedule::template::quiet;

use super::post::{Post, add_row, field, set};

pub(super) const AREA: &str = "53.04.01";
pub(super) const STORY: &str = "Ditahan tiga minggu di rumah dekat pasar.";
const NAME: &str = "Rosalinda Contoh";

/// Every table a vault has.
const TABLES: [Table; 14] = [
    Table::Layout,
    Table::Owner,
    Table::Sync,
    Table::Document,
    Table::Pending,
    Table::Draft,
    Table::Summary,
    Table::Member,
    Table::Tray,
    Table::Kept,
    Table::Read,
    Table::Setting,
    Table::Case,
    Table::UnreadNote,
];

/// A value of a row as the bytes it was written as.
struct Raw(Vec<u8>);

impl<'b, C> Decode<'b, C> for Raw {
    fn decode(decoder: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let from = decoder.position();
        decoder.skip()?;
        Ok(Self(decoder.input().get(from..decoder.position()).unwrap_or_default().to_vec()))
    }
}

/// A report of a woman who tells, is asked, and answers so.
pub(super) async fn told_report(session: &mut Session, recorded: bool, named: bool) -> CaseId {
    told_report_of(session, "TIDAK", recorded, named).await
}

/// As [`told_report`], with what the first page says of danger.
pub(super) async fn told_report_of(session: &mut Session, danger: &str, recorded: bool, named: bool) -> CaseId {
    let case = flow::start_report(session).await.unwrap();
    tell(session, case, danger, (recorded, named)).await;
    look(session, field(case, "intake.reporter", "pelapor_nama")).await.unwrap();
    case
}

/// Tells a report that was begun, page by page.
pub(super) async fn tell(session: &mut Session, case: CaseId, danger: &str, (recorded, named): (bool, bool)) {
    set(session, case, ("intake", "bahaya_segera"), danger).await;
    set(session, case, ("intake", "cara_masuk"), "DEPAN").await;
    set(session, case, ("intake", "jml_pd"), 1).await;
    set(session, case, ("intake", "kecamatan_asal"), AREA).await;
    set(session, case, ("intake", "indikasi_cepat/UPAH"), true).await;
    set(session, case, ("intake", "tgl_kejadian"), "2025-10-14").await;
    set(session, case, ("intake.reporter", "pelapor_nama"), NAME).await;
    let place = FieldPlace { path: Path::Text("uraian_singkat".to_owned()), ..field(case, "intake", "") };
    write(session, Write::Text { place, base: TextBase::default(), text: STORY.to_owned() }).await.unwrap();
    let consent = [("boleh_dicatat", Scalar::Bool(recorded)), ("boleh_bernama", Scalar::Bool(named))];
    add_row(session, case, ("core", "persetujuan"), &consent).await;
    let excluded = [("ada", Scalar::from("ADA")), ("nama", Scalar::from(NAME))];
    add_row(session, case, ("guard", "kecualikan"), &excluded).await;
    let typed = Typed { text: NAME.to_owned(), ..Typed::default() };
    keep_draft(session, field(case, "intake.reporter", "pelapor_aman_hubungi"), Some(typed)).await.unwrap();
    let place = Place { case, form: "f1".to_owned(), page: 6, subject: None };
    flow::note_page(session, &place).await.unwrap();
    session.settings.place = Some(encode(&place));
    let mut writes = Writes::new();
    writes.settings(&session.settings);
    session.rows.apply(writes, client::store::Durability::Strict).await.unwrap();
}

pub(super) fn documents_of(session: &Session, case: CaseId) -> BTreeSet<DocumentId> {
    session.index.documents(case).map(|summary| summary.key.id()).collect()
}

/// Tables with a row in which any of these bytes stand.
pub(super) async fn mentions(session: &Session, needles: &[Vec<u8>]) -> Vec<Table> {
    let mut found = Vec::new();
    let mut rows = 0;
    for table in TABLES {
        for row in session.rows.store().scan::<Raw>(table).await.unwrap() {
            rows += 1;
            let has =
                |bytes: &[u8]| needles.iter().any(|needle| bytes.windows(needle.len()).any(|part| part == needle));
            if has(&row.key) || has(&row.value.0) {
                found.push(table);
            }
        }
    }
    assert!(rows > 0);
    found
}

/// Everything that would tell of a case.
fn traces(case: CaseId, documents: &BTreeSet<DocumentId>) -> Vec<Vec<u8>> {
    let ids = documents.iter().map(|document| document.as_bytes().to_vec());
    let texts = [case.to_string(), STORY.to_owned(), NAME.to_owned()].map(String::into_bytes);
    ids.chain(texts).chain([case.as_bytes().to_vec()]).collect()
}

fn counted(count: u32) -> Vec<Refusals> {
    vec![Refusals { month: "2025-11".to_owned(), area: AREA.to_owned(), count }]
}

#[test]
fn a_report_that_never_left_is_erased_and_only_the_count_is_left() {
    block_on(async {
        let mut post = Post::open().await;
        let (documents, needles) = post
            .with(async |session| {
                let case = told_report(session, false, false).await;
                let documents = documents_of(session, case);
                let needles = traces(case, &documents);
                assert_eq!(documents.len(), 4, "core, intake, reporter, guard");
                assert!(mentions(session, &needles).await.len() > 8, "answers alone erase nothing");
                let reply = refuse(session, case, false).await.unwrap();
                assert!(matches!(reply, Reply::Refused { erased: true, kept: None }), "{reply:?}");
                assert_eq!(mentions(session, &needles).await, []);
                assert!(session.drafts.is_empty() && session.reports.is_empty() && session.settings.place.is_none());
                // A page that still shows it writes nothing any more.
                let late = Write::Set { place: field(case, "intake", "jml_pd"), value: 2.into(), seen: Vec::new() };
                assert_eq!(write(session, late).await.unwrap_err().code, ErrorCode::ItemGone.number());
                let typed = Typed { text: NAME.to_owned(), ..Typed::default() };
                keep_draft(session, field(case, "intake", "jml_pd"), Some(typed)).await.unwrap_err();
                look(session, field(case, "intake.reporter", "pelapor_nama")).await.unwrap_err();
                assert_eq!(refuse(session, case, false).await.unwrap_err().code, ErrorCode::ItemGone.number());
                (documents, needles)
            })
            .await;
        post.tablet.restart().await.unwrap();
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        assert!(!post.is_at_relay(&documents).await);
        post.with(async |session| {
            assert_eq!(mentions(session, &needles).await, []);
            assert_eq!(session.rows.refusals().await.unwrap(), counted(1));
            assert!(session.index.cases().is_empty());
            let second = told_report(session, false, false).await;
            refuse(session, second, false).await.unwrap();
            assert_eq!(session.rows.refusals().await.unwrap(), counted(2));
        })
        .await;
    });
}

#[test]
fn an_erasure_that_finds_the_tablet_full_erases_nothing() {
    block_on(async {
        let post = Post::open().await;
        let case = post.with(async |session| told_report(session, false, false).await).await;
        post.tablet.fail_write(0, Fault::Full);
        post.with(async |session| {
            let before = mentions(session, &traces(case, &documents_of(session, case))).await;
            refuse(session, case, false).await.unwrap_err();
            assert_eq!(mentions(session, &traces(case, &documents_of(session, case))).await, before);
            assert!(session.rows.refusals().await.unwrap().is_empty());
            refuse(session, case, false).await.unwrap();
        })
        .await;
    });
}

#[test]
fn what_an_officer_saw_keeps_channel_kecamatan_month_and_signs() {
    block_on(async {
        let mut post = Post::open().await;
        let (kept, needles) = post
            .with(async |session| {
                let case = told_report(session, false, false).await;
                let needles = traces(case, &documents_of(session, case));
                let reply = refuse(session, case, true).await.unwrap();
                let Reply::Refused { erased: true, kept: Some(kept) } = reply else { panic!("{reply:?}") };
                assert_eq!(mentions(session, &needles).await, []);
                let documents: Vec<&str> =
                    session.index.documents(kept).map(|summary| summary.key.kind.as_str()).collect();
                assert_eq!(BTreeSet::from_iter(documents), BTreeSet::from(["core", "intake"]));
                let officer = session.owner.account.to_string();
                let document = session.replica(&document_key(kept, "intake", None)).await.unwrap().document.clone();
                let stands: BTreeMap<String, Scalar> = document.overview().shown;
                let expected = [
                    // How it came, and who that makes the reporter.
                    ("cara_masuk", Scalar::from("TEMUAN")),
                    ("sumber_laporan", "PATROLI".into()),
                    ("status_pelapor", "PETUGAS".into()),
                    ("penerima", officer.as_str().into()),
                    // Where from.
                    ("kecamatan_asal", AREA.into()),
                    // When, to the month.
                    ("tgl_kejadian", "2025-10".into()),
                    ("tgl_lapor", "2025-11".into()),
                    // What was seen.
                    ("indikasi_cepat/UPAH", true.into()),
                ];
                assert_eq!(stands, expected.map(|(key, value)| (key.to_owned(), value)).into());
                assert!(document.overview().texts.is_empty());
                assert_eq!(query::home::home(session).drafts.first().map(|draft| draft.case), Some(kept));
                flow::hand_over(session, kept).await.unwrap();
                (kept, needles)
            })
            .await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        let intake = BTreeSet::from([document_key(kept, "intake", None).id()]);
        assert!(post.is_at_relay(&intake).await);
        post.with(async |session| {
            assert_eq!(session.tray.len(), 0, "the relay takes it as it is");
            assert_eq!(mentions(session, &needles).await, []);
            assert_eq!(session.rows.refusals().await.unwrap(), counted(1));
        })
        .await;
    });
}

#[test]
fn a_report_that_was_sent_is_emptied_and_its_history_stays() {
    block_on(async {
        let mut post = Post::open().await;
        let case = post.with(async |session| told_report(session, false, false).await).await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        post.with(async |session| {
            assert_eq!(offered(session, case).await.unwrap().map(|refusal| refusal.only_here), Some(false));
            let reply = refuse(session, case, false).await.unwrap();
            assert!(matches!(reply, Reply::Refused { erased: false, kept: None }), "{reply:?}");
        })
        .await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        post.tablet.restart().await.unwrap();
        post.with(async |session| {
            assert_eq!(session.tray.len(), 0, "the relay takes every field empty");
            assert_eq!(session.unsent(), 0);
            for kind in ["core", "intake", "intake.reporter"] {
                let document = session.replica(&document_key(case, kind, None)).await.unwrap().document.clone();
                let overview = document.overview();
                assert!(overview.shown.is_empty() && overview.texts.is_empty(), "{kind}: {overview:?}");
                let told = document.history_of_all().len();
                assert!(told >= 2, "{kind}: what was sent stands in the history");
            }
            let consents =
                session.replica(&document_key(case, "core", None)).await.unwrap().document.rows("persetujuan");
            let answers =
                consents.iter().flat_map(|row| &row.fields).filter_map(|(key, state)| Some((key, state.shown()?)));
            let answers: Vec<_> = answers.filter(|(_, value)| !value.is_null()).collect();
            assert_eq!(answers.len(), 2, "only why it is empty: {answers:?}");
            let home = query::home::home(session);
            assert!(home.drafts.is_empty() && home.cases.is_empty(), "nobody goes on with it");
            assert_eq!(query::list::search(session, &CasesAsk::default()).total, 0);
            assert_eq!(session.rows.refusals().await.unwrap(), counted(1));
        })
        .await;
    });
}

#[test]
fn what_may_have_been_sent_counts_as_sent() {
    block_on(async {
        let mut post = Post::open().await;
        let case = post.with(async |session| told_report(session, false, false).await).await;
        // Whether it arrived, the tablet cannot know.
        post.wire.plan(Fate::Late);
        assert_eq!(post.tablet.round(&post.wire, 0).await, RoundEnd::Line(NetworkError::Silent));
        post.tablet.restart().await.unwrap();
        let exported = post
            .with(async |session| {
                let reply = refuse(session, case, false).await.unwrap();
                assert!(matches!(reply, Reply::Refused { erased: false, .. }), "{reply:?}");
                let exported = told_report(session, false, false).await;
                assert!(offered(session, exported).await.unwrap().unwrap().only_here);
                flow::export(session).await.unwrap();
                exported
            })
            .await;
        post.with(async |session| {
            let reply = refuse(session, exported, false).await.unwrap();
            assert!(matches!(reply, Reply::Refused { erased: false, .. }), "a file carried by hand: {reply:?}");
        })
        .await;
    });
}

#[test]
fn tabs_of_one_vault_neither_send_nor_write_what_another_erases() {
    block_on(async {
        let mut post = Post::open().await;
        let mut other = post.tablet.another_tab().await.unwrap();
        let case = told_report(&mut other, false, false).await;
        let documents = documents_of(&other, case);
        let needles = traces(case, &documents);
        // This tab has it on the screen, and goes on while the other erases it.
        post.with(async |session| {
            session.reload().await.unwrap();
            set(session, case, ("intake", "jml_pd"), 2).await;
        })
        .await;
        let reply = refuse(&mut other, case, false).await.unwrap();
        assert!(matches!(reply, Reply::Refused { erased: true, .. }), "with what this tab wrote: {reply:?}");
        post.with(async |session| {
            let late = Write::Set { place: field(case, "intake", "jml_ld"), value: 3.into(), seen: Vec::new() };
            assert_eq!(write(session, late).await.unwrap_err().code, ErrorCode::ItemGone.number());
            let place = Place { case, form: "f1".to_owned(), page: 7, subject: None };
            flow::note_page(session, &place).await.unwrap_err();
            session.reload_lists().await.unwrap();
            assert!(session.has_ended(case));
            assert_eq!(mentions(session, &needles).await, []);
        })
        .await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        assert!(!post.is_at_relay(&documents).await);
        // The other way round: this tab sends what the other believes to be nowhere else.
        let second = told_report(&mut other, false, false).await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        assert!(offered(&mut other, second).await.unwrap().unwrap().only_here, "it has not heard");
        let reply = refuse(&mut other, second, false).await.unwrap();
        assert!(matches!(reply, Reply::Refused { erased: false, .. }), "{reply:?}");
    });
}

#[test]
fn nothing_is_offered_where_others_have_duties() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            for (recorded, named) in [(true, false), (false, true), (true, true)] {
                let case = told_report(session, recorded, named).await;
                assert_eq!(offered(session, case).await.unwrap(), None);
                refuse(session, case, false).await.unwrap_err();
            }
            let danger = flow::start_report(session).await.unwrap();
            set(session, danger, ("intake", "bahaya_segera"), "MUNGKIN").await;
            let child = flow::start_report(session).await.unwrap();
            set(session, child, ("intake", "jml_pa"), 1).await;
            let adult = flow::start_report(session).await.unwrap();
            for (case, is_offered) in [(danger, true), (child, false), (adult, true)] {
                let consent = [("boleh_dicatat", Scalar::Bool(false)), ("boleh_bernama", Scalar::Bool(false))];
                add_row(session, case, ("core", "persetujuan"), &consent).await;
                assert_eq!(offered(session, case).await.unwrap().is_some(), is_offered);
            }
            assert!(offered(session, danger).await.unwrap().unwrap().danger);
            refuse(session, danger, false).await.expect_err("a life may be at stake");
            let handed = told_report(session, false, false).await;
            flow::hand_over(session, handed).await.unwrap();
            assert_eq!(offered(session, handed).await.unwrap(), None);
            refuse(session, handed, false).await.unwrap_err();
        })
        .await;
    });
}

#[test]
fn what_a_late_tab_notes_as_read_leaves_no_trace_of_an_erased_report() {
    block_on(async {
        let post = Post::open().await;
        let mut other = post.tablet.another_tab().await.unwrap();
        let case = told_report(&mut other, false, false).await;
        let documents = documents_of(&other, case);
        post.with(async |session| session.reload().await.unwrap()).await;
        let reply = refuse(&mut other, case, false).await.unwrap();
        assert!(matches!(reply, Reply::Refused { erased: true, .. }), "{reply:?}");
        post.with(async |session| {
            // The page of this tab closes because the report is gone, and this tab has not read its lists again yet.
            let place = FieldPlace { path: Path::Text("uraian_singkat".to_owned()), ..field(case, "intake", "") };
            let heads = session.replica(&document_key(case, "intake", None)).await.unwrap().document.heads();
            let heads: Vec<String> = heads.iter().map(ToString::to_string).collect();
            let _ = client::engine::passages::read(session, &place, &heads).await;
            let name = FieldPlace { kind: "identity.short".to_owned(), ..field(case, "intake", "nama_lengkap") };
            let looked = client::engine::look::look(session, name).await;
            assert_eq!(looked.unwrap_err().code, ErrorCode::ItemGone.number());
            session.reload_lists().await.unwrap();
            assert_eq!(mentions(session, &traces(case, &documents)).await, []);
        })
        .await;
    });
}

#[test]
fn what_a_late_tab_prints_leaves_no_trace_of_an_erased_report_and_is_not_told() {
    block_on(async {
        let mut post = Post::open().await;
        let mut other = post.tablet.another_tab().await.unwrap();
        let case = told_report(&mut other, false, false).await;
        let documents = documents_of(&other, case);
        post.with(async |session| {
            session.reload().await.unwrap();
            // This tab shows it.
            for kind in ["core", "intake"] {
                session.replica(&document_key(case, kind, None)).await.unwrap();
            }
        })
        .await;
        let reply = refuse(&mut other, case, false).await.unwrap();
        assert!(matches!(reply, Reply::Refused { erased: true, .. }), "{reply:?}");
        let printed = post
            .with(async |session| {
                let printed = export(session, ExportAsk::Sheet { case, names: false }, "").await.is_ok();
                session.reload_lists().await.unwrap();
                printed
            })
            .await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        let told = post.office.relay().seen(None, None).await.unwrap();
        let left = post.with(async |session| mentions(session, &traces(case, &documents)).await).await;
        assert_eq!((printed, told, left), (false, vec![], vec![]));
    });
}

#[test]
fn a_print_leaves_no_trace_of_a_report_that_is_erased_after_it() {
    block_on(async {
        let mut post = Post::open().await;
        let (case, documents) = post
            .with(async |session| {
                let case = told_report(session, false, false).await;
                let documents = documents_of(session, case);
                export(session, ExportAsk::Sheet { case, names: true }, "Rapat koordinasi").await.unwrap();
                let reply = refuse(session, case, false).await.unwrap();
                assert!(matches!(reply, Reply::Refused { erased: true, .. }), "{reply:?}");
                (case, documents)
            })
            .await;
        quiet(&mut post.tablet, &post.wire).await.unwrap();
        assert_eq!(post.office.relay().seen(None, None).await.unwrap(), vec![]);
        let left = post.with(async |session| mentions(session, &traces(case, &documents)).await).await;
        assert_eq!(left, []);
    });
}
