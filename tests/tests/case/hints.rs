//! What a writer is warned of: names of the case, and a population number that says something else than the case.

use client::engine::query;
use shared::command::Edit;
use shared::id::{CaseId, RowId, SubjectId};
use shared::nik::Doubt;
use shared::value::Scalar;
use tests::native::tablet::Tablet;

use super::{scene, set, with, write};

async fn names(tablet: &Tablet, case: CaseId) -> Vec<String> {
    with(tablet, async |session| query::hints::names(session, case).await.unwrap()).await
}

async fn doubts(tablet: &Tablet, case: CaseId, person: SubjectId) -> Vec<(String, Doubt)> {
    let key = client::engine::session::document_key(case, "identity.full", Some(person));
    with(tablet, async |session| query::document::of(session, &key).await.unwrap().doubts).await
}

#[tokio::test]
async fn names_of_the_case_are_known_to_whoever_reads_them() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    write(&scene.one, case, "identity.short", person, set("nama_lengkap", "Contoh Satu")).await;
    write(&scene.one, case, "identity.short", person, set("jenis_kelamin", "P")).await;
    write(&scene.one, case, "identity.full", person, set("nama_lain", "Uji")).await;
    write(&scene.one, case, "identity.full", person, set("telepon", "0800 000 000")).await;
    write(&scene.one, case, "intake.reporter", None, set("pelapor_nama", "Contoh Pelapor")).await;
    let fields = [("nama".to_owned(), Scalar::from("Contoh Wali"))].into_iter().collect();
    let row = Edit::AddRow { table: "wali".to_owned(), row: RowId::from_bytes([7; 16]), fields };
    write(&scene.one, case, "identity.full", person, row).await;
    assert_eq!(names(&scene.one, case).await, ["Contoh Pelapor", "Contoh Satu", "Contoh Wali", "Uji"]);
    // Both names that stand are names.
    scene.meet().await;
    let seen = |tablet| {
        let key = client::engine::session::document_key(case, "identity.short", person);
        with(tablet, async move |session| session.replica(&key).await.unwrap().document.field("nama_lengkap").ops())
    };
    for (tablet, name) in [(&scene.one, "Contoh Tiga"), (&scene.other, "Contoh Empat")] {
        let edit = Edit::SetField { key: "nama_lengkap".to_owned(), value: name.into(), seen: seen(tablet).await };
        write(tablet, case, "identity.short", person, edit).await;
    }
    scene.meet().await;
    let both = names(&scene.other, case).await;
    assert!(["Contoh Tiga", "Contoh Empat"].iter().all(|name| both.iter().any(|one| one == name)), "{both:?}");
    // Whoever refuses to be named has no name to be looked for.
    let answers = [("orang", Scalar::from(scene.person.to_string().as_str())), ("boleh_bernama", Scalar::Bool(false))];
    let fields = answers.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let refusal = Edit::AddRow { table: "persetujuan".to_owned(), row: RowId::from_bytes([8; 16]), fields };
    write(&scene.one, case, "core", None, refusal).await;
    assert_eq!(names(&scene.one, case).await, ["Contoh Pelapor"]);
}

#[tokio::test]
async fn a_number_is_doubted_against_what_the_case_tells_of_its_bearer() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, scene.person);
    let tell = async |tablet: &Tablet, kind: &str, key: &str, value: &str| {
        let document = client::engine::session::document_key(case, kind, Some(person));
        let seen =
            with(tablet, async |session| session.replica(&document).await.unwrap().document.field(key).ops()).await;
        let edit = Edit::SetField { key: key.to_owned(), value: value.into(), seen };
        write(tablet, case, kind, Some(person), edit).await;
    };
    let of = |doubts: &[Doubt]| doubts.iter().map(|doubt| ("nik".to_owned(), *doubt)).collect::<Vec<_>>();
    tell(&scene.one, "identity.full", "nik", "5304995205900001").await;
    assert_eq!(doubts(&scene.one, case, person).await, of(&[]), "nothing to compare it with");
    tell(&scene.one, "identity.short", "tgl_lahir", "1990-05-12").await;
    tell(&scene.one, "identity.short", "jenis_kelamin", "P").await;
    assert_eq!(doubts(&scene.one, case, person).await, of(&[]));
    tell(&scene.one, "identity.short", "jenis_kelamin", "L").await;
    tell(&scene.one, "identity.short", "tgl_lahir", "1991").await;
    assert_eq!(doubts(&scene.one, case, person).await, of(&[Doubt::Born, Doubt::Sex]));
    tell(&scene.one, "identity.short", "jenis_kelamin", "X").await;
    assert_eq!(doubts(&scene.one, case, person).await, of(&[Doubt::Born]));
    tell(&scene.one, "identity.full", "nik", "9904003205910000").await;
    assert_eq!(doubts(&scene.one, case, person).await, of(&[Doubt::Place, Doubt::Number]));
    // Of two days nobody knows which to ask about.
    tell(&scene.one, "identity.full", "nik", "5304995205900001").await;
    scene.meet().await;
    tell(&scene.one, "identity.short", "tgl_lahir", "1992").await;
    tell(&scene.other, "identity.short", "tgl_lahir", "1993").await;
    assert_eq!(doubts(&scene.one, case, person).await, of(&[Doubt::Born]));
    scene.meet().await;
    assert_eq!(doubts(&scene.one, case, person).await, of(&[]));
}
