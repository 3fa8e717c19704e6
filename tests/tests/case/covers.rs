//! What names or locates somebody stands covered outside its form; who opened it is kept, never the value.

use client::api::{FieldPlace, Path};
use client::engine::look::{Look, look};
use client::engine::query;
use client::store::Durability;
use client::store::sealed::Table;
use shared::command::Edit;
use shared::id::{CaseId, RowId, SubjectId};
use shared::value::Scalar;
use tests::native::tablet::Tablet;

use super::{scene, set, with, write};

fn name_of(case: CaseId, person: SubjectId) -> FieldPlace {
    let path = Path::Field("nama_lengkap".to_owned());
    FieldPlace { case, kind: "identity.short".to_owned(), subject: Some(person), path }
}

async fn covered_keys(tablet: &Tablet, case: CaseId) -> Vec<(String, bool)> {
    let lines = with(tablet, async |session| query::history::of_case(session, case, None).await.unwrap()).await;
    let told = lines.into_iter().filter_map(|line| match line.place.path {
        Path::Field(key) | Path::RowField { key, .. } | Path::Text(key) => Some((key, line.covered)),
        Path::Row { .. } => None,
    });
    told.collect()
}

async fn looks(tablet: &Tablet, case: CaseId) -> Vec<Look> {
    with(tablet, async |session| session.rows.looks(case).await.unwrap()).await
}

#[tokio::test]
async fn the_history_covers_what_names_somebody_and_nothing_else() {
    let scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    write(&scene.one, case, "identity.short", person, set("nama_lengkap", "Contoh Satu")).await;
    write(&scene.one, case, "identity.short", person, set("jenis_kelamin", "P")).await;
    write(&scene.one, case, "identity.full", person, set("nik", "5304996105900001")).await;
    write(&scene.one, case, "identity.full", person, set("telepon#jawab", "MENOLAK")).await;
    let paper = [("jenis", Scalar::from("KTP")), ("nomor", Scalar::from("C 000"))];
    let fields = paper.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let row = Edit::AddRow { table: "dokumen".to_owned(), row: RowId::from_bytes([7; 16]), fields };
    write(&scene.one, case, "identity.full", person, row).await;
    let keys = covered_keys(&scene.one, case).await;
    let covered = |wanted: &str| keys.iter().find(|(key, _)| key == wanted).expect("a line").1;
    assert!(["nama_lengkap", "nik", "nomor"].into_iter().all(covered), "{keys:?}");
    assert!(!["jenis_kelamin", "telepon#jawab", "tahap"].into_iter().any(covered), "{keys:?}");
}

#[tokio::test]
async fn two_names_are_compared_under_a_cover_and_two_sexes_are_not() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    for (tablet, name, sex) in [(&scene.one, "Contoh Satu", "P"), (&scene.other, "Contoh Dua", "L")] {
        write(tablet, case, "identity.short", person, set("nama_lengkap", name)).await;
        write(tablet, case, "identity.short", person, set("jenis_kelamin", sex)).await;
    }
    scene.meet().await;
    let key = name_of(case, scene.person);
    let mut covered = with(&scene.one, async |session| {
        let (directory, pack) = (session.directory.clone(), session.pack.clone());
        let replica = session.replica(&client::engine::write::key_of(&key)).await.unwrap();
        let all = query::conflicts::of_document(replica, (&pack, &directory), "", "", |_| true, |_| true);
        all.into_iter().map(|one| (one.place.path, one.covered)).collect::<Vec<_>>()
    })
    .await;
    covered.sort();
    let path = |key: &str| Path::Field(key.to_owned());
    assert_eq!(covered, [(path("jenis_kelamin"), false), (path("nama_lengkap"), true)]);
}

#[tokio::test]
async fn who_opened_a_name_is_kept_without_the_name_and_only_the_newest_views() {
    let scene = scene().await;
    let (case, person) = (scene.case, scene.person);
    write(&scene.one, case, "identity.short", Some(person), set("nama_lengkap", "Contoh Satu")).await;
    assert_eq!(looks(&scene.one, case).await, []);
    with(&scene.one, async |session| look(session, name_of(case, person)).await.unwrap()).await;
    let kept = looks(&scene.one, case).await;
    assert_eq!(kept.len(), 1);
    assert_eq!((&kept[0].place, kept[0].account), (&name_of(case, person), scene.one_account));
    let row = with(&scene.one, async |session| {
        session.rows.store().get_bytes(Table::Read, case.as_bytes()).await.unwrap().expect("a row")
    })
    .await;
    assert!(!row.windows(6).any(|bytes| bytes == b"Contoh"), "a name stands in the row of views");
    // Full: the oldest gives way.
    let many = vec![kept[0].clone(); 1_000];
    with(&scene.one, async |session| {
        let mut writes = client::store::sealed::Writes::new();
        writes.put(Table::Read, case.as_bytes(), &many);
        session.rows.store().apply(writes, Durability::Strict).await.unwrap();
        let path = Path::Field("nama_lain".to_owned());
        look(session, FieldPlace { path, ..name_of(case, person) }).await.unwrap();
    })
    .await;
    let kept = looks(&scene.one, case).await;
    assert_eq!((kept.len(), &kept[999].place.path), (1_000, &Path::Field("nama_lain".to_owned())));
}
