//! The history of a case in words: a person by code, and what a choice left aside.

use client::api::{HistoryView, Path};
use client::engine::query;
use client::engine::session::document_key;
use shared::command::Edit;
use shared::id::{CaseId, RowId, SubjectId};
use shared::value::Scalar;
use tests::native::tablet::Tablet;

use super::{hex, scene, set, with, write};

async fn lines(tablet: &Tablet, case: CaseId, wanted: &str) -> Vec<HistoryView> {
    let all = with(tablet, async |session| query::history::of_case(session, case, None).await.unwrap()).await;
    let at = |line: &HistoryView| match &line.place.path {
        Path::Field(key) | Path::RowField { key, .. } | Path::Text(key) => key == wanted,
        Path::Row { table, .. } => table == wanted,
    };
    all.into_iter().filter(at).collect()
}

async fn agree(tablet: &Tablet, case: CaseId, person: SubjectId, row: u8) {
    let fields = [("orang", Scalar::from(person.to_string())), ("boleh_dicatat", Scalar::Bool(true))];
    let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let edit = Edit::AddRow { table: "persetujuan".to_owned(), row: RowId::from_bytes([row; 16]), fields };
    write(tablet, case, "core", None, edit).await;
}

#[tokio::test]
async fn a_person_stands_in_the_history_by_code() {
    let scene = scene().await;
    agree(&scene.one, scene.case, scene.person, 7).await;
    let stranger = SubjectId::parse(&hex(9)).unwrap();
    agree(&scene.one, scene.case, stranger, 8).await;
    let mut about: Vec<Scalar> = lines(&scene.one, scene.case, "orang")
        .await
        .into_iter()
        .filter(|line| matches!(line.place.path, Path::RowField { .. }))
        .map(|line| line.new)
        .collect();
    about.sort();
    assert_eq!(about, [Scalar::from(hex(9)), Scalar::from("K1")]);
    // Making a row is a line without values.
    let made = lines(&scene.one, scene.case, "persetujuan").await;
    assert_eq!(made.len(), 2);
    assert!(made.iter().all(|line| line.old.is_empty() && line.new.is_null()));
}

#[tokio::test]
async fn the_history_keeps_every_value_that_was_to_choose_from() {
    // Whichever wins in the document: a choice is one line all the same.
    for chosen in ["PMI", "TPPO"] {
        let mut scene = scene().await;
        let case = scene.case;
        for (tablet, triage) in [(&scene.one, "TPPO"), (&scene.other, "PMI")] {
            write(tablet, case, "intake", None, set("triase", triage)).await;
        }
        scene.meet().await;
        let key = document_key(case, "intake", None);
        let state =
            with(&scene.one, async |session| session.replica(&key).await.unwrap().document.field("triase")).await;
        let choice = Edit::Choose { key: "triase".to_owned(), value: chosen.into(), seen: state.ops() };
        write(&scene.one, case, "intake", None, choice).await;
        let told = lines(&scene.one, case, "triase").await;
        let choices: Vec<&HistoryView> = told.iter().filter(|line| line.is_choice()).collect();
        assert_eq!((state.values.len(), told.len(), choices.len()), (2, 3, 1), "{told:?}");
        assert_eq!((&choices[0].old, &choices[0].new), (&vec!["PMI".into(), "TPPO".into()], &chosen.into()));
    }
}
