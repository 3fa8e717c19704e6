//! What a report must not do to the person it is about: lead helpers to a wrong place, or name whom nobody may name.

use client::api::{CasesAsk, FieldPlace, Path, Write};
use client::engine::session::{DocumentEdit, Session, document_key};
use client::engine::write::write;
use client::engine::{flow, query};
use client::store::sealed::Writes;
use futures::executor::block_on;
use shared::command::Edit;
use shared::id::{CaseId, SubjectId};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::post::{Post, add_row, field, set};

/// The first card of whatever these words find.
fn asked(search: &str) -> CasesAsk {
    CasesAsk { search: search.to_owned(), cards_max: 1, ..CasesAsk::default() }
}

#[test]
fn a_case_stands_at_a_place_where_somebody_is_and_never_at_an_answer() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            let case = flow::start_report(session).await.unwrap();
            set(session, case, ("intake", "keberadaan_sekarang"), "PELAKU").await;
            let card = query::list::search(session, &asked("")).cards.remove(0);
            assert_eq!(card.area, "", "with the suspect is no place");
            set(session, case, ("intake", "lokasi_sekarang"), "53.04.03").await;
            let card = query::list::search(session, &asked("raihat")).cards.remove(0);
            assert_eq!(card.area, "53.04.03", "where the person is");
            set(session, case, ("intake", "kecamatan_asal"), "53.04.01").await;
            let card = query::list::search(session, &asked("lamaknen")).cards.remove(0);
            assert_eq!(card.area, "53.04.01", "where the case comes from, once that is told");
        })
        .await;
    });
}

/// Consent of a person of the case, by the row it stands in.
async fn consent(session: &mut Session, case: CaseId, about: Option<SubjectId>, named: bool) -> FieldPlace {
    let mut fields = vec![("boleh_bernama", Scalar::Bool(named))];
    fields.extend(about.map(|subject| ("orang", Scalar::Str(subject.to_string()))));
    add_row(session, case, ("core", "persetujuan"), &fields).await;
    let core = session.replica(&document_key(case, "core", None)).await.unwrap();
    let row = core.document.rows("persetujuan").last().unwrap().row;
    let path = Path::RowField { table: "persetujuan".to_owned(), row, key: "boleh_bernama".to_owned() };
    FieldPlace { path, ..field(case, "core", "") }
}

/// Everything of a case that screens, prints and files are made from.
async fn shown(session: &mut Session, case: CaseId, kinds: [&str; 3], subject: SubjectId) -> String {
    let mut shown = format!("{:?}", query::case::view(session, case).await.unwrap());
    for kind in kinds {
        let about = kind.starts_with("identity").then_some(subject);
        let key = document_key(case, kind, about);
        shown.push_str(&format!("{:?}", query::document::of(session, &key).await.unwrap()));
    }
    shown.push_str(&format!("{:?}", query::history::of_case(session, case, None).await.unwrap()));
    shown
}

#[test]
fn who_takes_her_name_back_is_shown_nowhere_and_asked_nowhere() {
    const NAMES: [&str; 3] = ["Rosalinda Contoh", "0812-0000-1111", "Jalan Contoh 3"];
    const KINDS: [&str; 3] = ["identity.short", "identity.full", "intake.reporter"];
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            let case = flow::start_report(session).await.unwrap();
            let person = flow::add_person(session, case).await.unwrap();
            let at = |kind: &str, key: &str| {
                let subject = kind.starts_with("identity").then_some(person);
                FieldPlace { subject, ..field(case, kind, key) }
            };
            let places = [
                at("identity.short", "nama_lengkap"),
                at("intake.reporter", "pelapor_telp"),
                at("identity.full", "alamat_asal"),
            ];
            for (place, value) in places.iter().zip(NAMES) {
                write(session, Write::Set { place: place.clone(), value: value.into(), seen: Vec::new() })
                    .await
                    .unwrap();
            }
            let before = shown(session, case, KINDS, person).await;
            assert!(NAMES.iter().all(|name| before.contains(name)), "{before}");

            let refusal = consent(session, case, None, false).await;
            let parts = query::case::view(session, case).await.unwrap().unwrap().documents;
            let identity: Vec<_> = parts.iter().filter(|part| part.kind.starts_with("identity")).collect();
            assert!(identity.is_empty() && parts.len() > 2, "{parts:?}");
            let now = shown(session, case, KINDS, person).await;
            assert_eq!(NAMES.iter().find(|name| now.contains(*name)), None);
            for place in &places {
                let typed = Write::Set { place: place.clone(), value: "0812-0000-2222".into(), seen: Vec::new() };
                assert_eq!(
                    write(session, typed).await.unwrap_err().code,
                    ErrorCode::WriteForbidden.number(),
                    "{place:?}"
                );
            }

            // She agrees after all: nothing of what stood there was lost.
            write(session, Write::Set { place: refusal, value: true.into(), seen: Vec::new() }).await.unwrap();
            let again = shown(session, case, KINDS, person).await;
            assert!(NAMES.iter().all(|name| again.contains(name)), "{again}");
        })
        .await;
    });
}

#[test]
fn a_relative_who_reports_is_reached_though_the_victim_refuses_her_name() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            let case = flow::start_report(session).await.unwrap();
            let person = flow::add_person(session, case).await.unwrap();
            consent(session, case, Some(person), false).await;
            set(session, case, ("intake.reporter", "pelapor_telp"), "0812-0000-1111").await;
            let reporter = query::document::of(session, &document_key(case, "intake.reporter", None)).await.unwrap();
            assert!(reporter.fields.contains_key("pelapor_telp"));
        })
        .await;
    });
}

#[test]
fn a_tip_names_nobody_until_somebody_has_found_it_true() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            for way in ["TELEPON", "SURAT"] {
                let case = flow::start_report(session).await.unwrap();
                let early = flow::add_person(session, case).await.unwrap();
                set(session, case, ("intake", "cara_masuk"), way).await;
                let hidden = session.replica(&document_key(case, "intake.reporter", None)).await.unwrap();
                assert_eq!(hidden.document.field("anonimkan_pelapor").shown(), Some(&Scalar::Bool(true)), "{way}");

                let is_forbidden = |failure: client::api::Failure| failure.code == ErrorCode::WriteForbidden.number();
                assert!(is_forbidden(flow::add_person(session, case).await.unwrap_err()), "{way}");
                let name = FieldPlace { subject: Some(early), ..field(case, "identity.short", "nama_lengkap") };
                let named = || Write::Set { place: name.clone(), value: "Rosalinda Contoh".into(), seen: Vec::new() };
                assert!(is_forbidden(write(session, named()).await.unwrap_err()), "{way}");
                let view = query::case::view(session, case).await.unwrap().unwrap();
                let about_people = view.documents.iter().filter(|part| part.subject.is_some()).count();
                assert!(view.unverified && about_people == 0, "{way}: {:?}", view.documents);

                // Whoever looks if it is true is not the author: here the answer of the centre.
                let edit = Edit::SetField {
                    key: "status_verifikasi".to_owned(),
                    value: "TERVERIFIKASI".into(),
                    seen: Vec::new(),
                };
                session
                    .edit(vec![DocumentEdit { key: document_key(case, "intake", None), edit }], Writes::new())
                    .await
                    .unwrap();
                write(session, named()).await.unwrap();
                flow::add_person(session, case).await.unwrap();
                assert!(!query::case::view(session, case).await.unwrap().unwrap().unverified);
            }
        })
        .await;
    });
}
