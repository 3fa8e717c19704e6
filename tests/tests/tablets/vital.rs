//! Somebody in danger of their life wants no record: what is handed over all the same, to whom, and what is not.

use std::collections::BTreeMap;

use client::api::Reply;
use client::engine::refusal::offered;
use client::engine::session::{Session, document_key};
use client::engine::{flow, vital};
use futures::executor::block_on;
use shared::id::CaseId;
use shared::pack::source::embedded;
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;
use tests::native::clock::ScriptedClock;
use tests::native::tablet::Tablet;
use tests::schedule::template::quiet;

use super::post::{Post, add_row, set};
use super::refusing::{AREA, STORY, documents_of, mentions, told_report_of};

const REASON: &str = "Dikunci dan diancam dengan parang";

/// A tablet of somebody on duty.
async fn on_duty(post: &Post, name: &str, seed: u64) -> (Tablet, String) {
    let member = post.office.add_account(name, "MKS").await.unwrap();
    let owner = post.office.register(&member, name).await.unwrap();
    let pack = embedded("belu").unwrap().unwrap().to_cbor().unwrap();
    let account = owner.account.to_string();
    (Tablet::enrolled(&owner, &pack, ScriptedClock::default(), seed).await.unwrap(), account)
}

async fn on<T>(tablet: &Tablet, act: impl AsyncFnOnce(&mut Session) -> T) -> T {
    act(tablet.lock.lock().await.as_mut().unwrap()).await
}

async fn in_danger(session: &mut Session) -> CaseId {
    let case = told_report_of(session, "YA", false, false).await;
    set(session, case, ("intake", "lokasi_sekarang"), "53.04.02").await;
    set(session, case, ("intake", "sudah_dihubungi/POLISI"), true).await;
    case
}

/// What stands in a report, and in its consents.
async fn stands(session: &mut Session, case: CaseId) -> (BTreeMap<String, Scalar>, Vec<BTreeMap<String, Scalar>>) {
    let intake = session.replica(&document_key(case, "intake", None)).await.unwrap().document.overview();
    assert!(intake.texts.is_empty(), "no story");
    let consents = session.replica(&document_key(case, "core", None)).await.unwrap().document.rows("persetujuan");
    let said = |row: &shared::document::read::RowState| {
        let answers = row.fields.iter().filter_map(|(key, state)| Some((key.clone(), state.shown()?.clone())));
        answers.filter(|(_, value)| !value.is_null()).collect()
    };
    (intake.shown, consents.iter().map(said).collect())
}

/// The least, as whoever is on duty gets it.
fn least(of: &[(&str, Scalar)]) -> BTreeMap<String, Scalar> {
    let always = [
        ("bahaya_segera", Scalar::from("YA")),
        ("lokasi_sekarang", "53.04.02".into()),
        ("sudah_dihubungi/POLISI", true.into()),
        ("cara_masuk", "DEPAN".into()),
        ("sumber_laporan", "DATANG".into()),
        ("kecamatan_asal", AREA.into()),
        ("indikasi_cepat/UPAH", true.into()),
    ];
    always.iter().chain(of).map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
}

#[test]
fn with_a_reason_the_least_goes_out_and_the_rest_was_never_there() {
    block_on(async {
        let mut post = Post::open().await;
        let (mut duty, _) = on_duty(&post, "duty", 21).await;
        let (mut uncle, excluded) = on_duty(&post, "uncle", 22).await;
        let (case, officer, code, kept, needles) = post
            .with(async |session| {
                let case = in_danger(session).await;
                let exclusion = [("ada", Scalar::from("ADA")), ("akun", Scalar::Str(excluded))];
                add_row(session, case, ("guard", "kecualikan"), &exclusion).await;
                let code = session.reports[&case].field_code.clone();
                let ids = documents_of(session, case).into_iter().map(|document| document.as_bytes().to_vec());
                let needles: Vec<_> = ids.chain([STORY.as_bytes().to_vec(), case.as_bytes().to_vec()]).collect();
                let refused = flow::hand_over(session, case).await.unwrap_err().code;
                assert_eq!(refused, ErrorCode::VitalReasonMissing.number(), "without a reason nothing is handed over");
                assert_eq!(vital::open(session, case, " ").await.unwrap_err().code, ErrorCode::ValueWrong.number());
                assert!(offered(session, case).await.unwrap().unwrap().danger);
                let reply = vital::open(session, case, REASON).await.unwrap();
                let Reply::Refused { erased: true, kept: Some(kept) } = reply else { panic!("{reply:?}") };
                (case, session.owner.account.to_string(), code, kept, needles)
            })
            .await;
        assert_ne!(case, kept);
        for tablet in [&mut post.tablet, &mut duty, &mut uncle] {
            quiet(tablet, &post.wire).await.unwrap();
        }
        post.with(async |session| {
            assert_eq!((session.tray.len(), session.unsent()), (0, 0), "the relay takes it as it is");
            assert_eq!(mentions(session, &needles).await, []);
        })
        .await;
        on(&duty, async |session| {
            assert_eq!(mentions(session, &needles).await, []);
            let of_report = session.index.core(kept).expect("it is here at once").clone();
            assert!(of_report.is_true("darurat") && !of_report.text("diserahkan").is_empty());
            assert_eq!(of_report.text("kode_lapangan"), code, "the code that was called out still finds it");
            let (report, consents) = stands(session, kept).await;
            let more = [
                ("status_pelapor", Scalar::from("KORBAN")),
                ("penerima", officer.as_str().into()),
                ("tgl_lapor", "2025-11".into()),
                ("tgl_kejadian", "2025-10".into()),
            ];
            assert_eq!(report, least(&more));
            let why = [
                ("boleh_dicatat", Scalar::Bool(false)),
                ("boleh_bernama", Scalar::Bool(false)),
                ("dasar_proses", "VITAL".into()),
                ("alasan_dasar", REASON.into()),
                ("petugas", officer.as_str().into()),
            ];
            assert_eq!(consents, [why.map(|(key, value)| (key.to_owned(), value)).into()]);
        })
        .await;
        on(&uncle, async |session| assert!(session.index.cases().is_empty(), "who must not know does not")).await;
    });
}

#[test]
fn what_was_sent_before_is_narrowed_where_it_is() {
    block_on(async {
        let mut post = Post::open().await;
        let (mut duty, _) = on_duty(&post, "duty", 21).await;
        let case = post.with(in_danger).await;
        for tablet in [&mut post.tablet, &mut duty] {
            quiet(tablet, &post.wire).await.unwrap();
        }
        on(&duty, async |session| assert!(session.index.core(case).is_some(), "a danger is there at once")).await;
        let officer = post
            .with(async |session| {
                let reply = vital::open(session, case, REASON).await.unwrap();
                assert!(
                    matches!(reply, Reply::Refused { erased: false, kept: Some(kept) } if kept == case),
                    "{reply:?}"
                );
                assert_eq!(offered(session, case).await.unwrap(), None);
                assert!(session.drafts.is_empty());
                session.owner.account.to_string()
            })
            .await;
        for tablet in [&mut post.tablet, &mut duty] {
            quiet(tablet, &post.wire).await.unwrap();
        }
        post.with(async |session| {
            assert_eq!((session.tray.len(), session.unsent()), (0, 0));
            let reporter = session.replica(&document_key(case, "intake.reporter", None)).await.unwrap();
            assert!(reporter.document.overview().shown.is_empty());
        })
        .await;
        on(&duty, async |session| {
            assert!(!session.index.core(case).unwrap().text("diserahkan").is_empty());
            let (report, consents) = stands(session, case).await;
            assert_eq!(report["penerima"], officer.as_str().into());
            let kept = ["tgl_lapor", "penerima"];
            let rest = report.into_iter().filter(|(key, _)| !kept.contains(&key.as_str()));
            assert_eq!(rest.collect::<BTreeMap<_, _>>(), least(&[]));
            assert_eq!(consents.first().and_then(|one| one.get("alasan_dasar")), Some(&REASON.into()));
        })
        .await;
    });
}
