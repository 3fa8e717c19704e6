//! Choosing between values that differ: one of them, taken back again, or all of them.

use client::api::{Act, ConflictView, FieldPlace, Path, SeenOp, Write};
use client::engine::write::{key_of, undo, write as write_one};
use client::engine::{query, team};
use shared::command::Edit;
use shared::id::RowId;
use shared::value::Scalar;
use tests::native::tablet::Tablet;

use super::{Scene, scene, set, with, write};

const ROW: RowId = RowId::from_bytes([7; 16]);

/// The disagreement at a place, as a tablet shows it.
async fn conflict(tablet: &Tablet, place: &FieldPlace) -> Option<ConflictView> {
    let all = with(tablet, async |session| {
        let (directory, pack) = (session.directory.clone(), session.pack.clone());
        let replica = session.replica(&key_of(place)).await.unwrap();
        query::conflicts::of_document(replica, (&pack, &directory), "", "", |_| true, |_| true)
    });
    all.await.into_iter().find(|one| one.place == *place)
}

fn values(conflict: &ConflictView) -> Vec<Scalar> {
    let mut values: Vec<Scalar> = conflict.values.iter().map(|value| value.value.clone()).collect();
    values.sort();
    values
}

fn seen(conflict: &ConflictView) -> Vec<SeenOp> {
    conflict.values.iter().map(|value| value.op.clone()).collect()
}

/// A paper in the person's identity, with a number that two wrote apart from each other.
async fn paper(scene: &mut Scene, kind: &str) -> FieldPlace {
    let (case, person) = (scene.case, Some(scene.person));
    let fields = [("jenis", kind), ("nomor", "C 000")];
    let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), Scalar::from(value))).collect();
    let edit = Edit::AddRow { table: "dokumen".to_owned(), row: ROW, fields };
    write(&scene.one, case, "identity.full", person, edit).await;
    scene.meet().await;
    let path = Path::RowField { table: "dokumen".to_owned(), row: ROW, key: "nomor".to_owned() };
    let place = FieldPlace { case, kind: "identity.full".to_owned(), subject: person, path };
    for (tablet, number) in [(&scene.one, "C 111"), (&scene.other, "C 222")] {
        let seen = with(tablet, async |session| {
            let replica = session.replica(&key_of(&place)).await.unwrap();
            replica.document.row("dokumen", ROW).unwrap().field("nomor").ops()
        });
        let (table, key, seen) = ("dokumen".to_owned(), "nomor".to_owned(), seen.await);
        let edit = Edit::SetRowField { table, row: ROW, key, value: number.into(), seen };
        write(tablet, case, "identity.full", person, edit).await;
        scene.clock.pass_ms(60_000);
    }
    scene.meet().await;
    place
}

/// Kind and number of every paper that is not struck out.
async fn papers(tablet: &Tablet, place: &FieldPlace) -> Vec<(Scalar, Scalar)> {
    let rows =
        with(tablet, async |session| session.replica(&key_of(place)).await.unwrap().document.rows("dokumen")).await;
    let standing = rows.into_iter().filter(|row| !row.removed());
    let told = |row: shared::document::read::RowState, key: &str| row.field(key).settled().cloned().unwrap_or_default();
    let mut papers: Vec<_> = standing.map(|row| (told(row.clone(), "jenis"), told(row, "nomor"))).collect();
    papers.sort();
    papers
}

#[tokio::test]
async fn two_numbers_that_are_both_right_become_two_papers() {
    let mut scene = scene().await;
    let place = paper(&mut scene, "PASPOR").await;
    let shown = conflict(&scene.one, &place).await.unwrap();
    assert!(shown.keepable);
    let act = Act::KeepBoth { place: place.clone(), seen: seen(&shown) };
    let back = with(&scene.one, async |session| team::act(session, act).await.unwrap()).await;
    scene.meet().await;
    let both: Vec<_> = ["C 111", "C 222"].map(|number| (Scalar::from("PASPOR"), Scalar::from(number))).into();
    for tablet in [&scene.one, &scene.other] {
        assert_eq!(papers(tablet, &place).await, both);
        assert_eq!(conflict(tablet, &place).await, None);
    }
    // Taken back they differ again, everywhere, and there is one paper.
    with(&scene.one, async |session| team::act(session, Act::Undo(back)).await.unwrap()).await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other] {
        assert_eq!(papers(tablet, &place).await.len(), 1);
        assert_eq!(values(&conflict(tablet, &place).await.unwrap()), ["C 111", "C 222"].map(Scalar::from));
    }
}

#[tokio::test]
async fn what_was_not_shown_is_not_kept_over() {
    let mut scene = scene().await;
    let place = paper(&mut scene, "PASPOR").await;
    let seen: Vec<SeenOp> = seen(&conflict(&scene.one, &place).await.unwrap()).into_iter().take(1).collect();
    let act = Act::KeepBoth { place: place.clone(), seen };
    // The value of this very tablet counts as shown, the other one's does not.
    let outcome = with(&scene.registrar, async |session| team::act(session, act).await).await;
    assert!(outcome.is_err());
    assert_eq!(papers(&scene.one, &place).await.len(), 1);
}

#[tokio::test]
async fn what_cannot_repeat_is_chosen_and_a_choice_is_taken_back_for_everybody() {
    let mut scene = scene().await;
    let (case, one) = (scene.case, [(&scene.one, "TPPO"), (&scene.other, "PMI")]);
    for (tablet, triage) in one {
        write(tablet, case, "intake", None, set("triase", triage)).await;
    }
    scene.meet().await;
    let place = FieldPlace { case, kind: "intake".to_owned(), subject: None, path: Path::Field("triase".to_owned()) };
    let shown = conflict(&scene.one, &place).await.unwrap();
    assert!(!shown.keepable, "a case has one triage");
    let choice = Write::Choose { place: place.clone(), value: "PMI".into(), seen: seen(&shown) };
    with(&scene.one, async |session| write_one(session, choice).await.unwrap()).await;
    scene.meet().await;
    assert_eq!(conflict(&scene.other, &place).await, None);
    with(&scene.one, async |session| undo(session, &place).await.unwrap()).await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        assert_eq!(values(&conflict(tablet, &place).await.unwrap()), ["PMI", "TPPO"].map(Scalar::from));
    }
}

#[tokio::test]
async fn a_consent_is_never_given_twice_and_a_row_with_two_quarrels_is_not_copied() {
    let mut scene = scene().await;
    let place = paper(&mut scene, "PASPOR").await;
    let key = key_of(&place);
    for (tablet, status) in [(&scene.one, "ASLI"), (&scene.other, "HILANG")] {
        let (table, field) = ("dokumen".to_owned(), "status".to_owned());
        let edit = Edit::SetRowField { table, row: ROW, key: field, value: status.into(), seen: Vec::new() };
        write(tablet, key.case, "identity.full", key.subject, edit).await;
    }
    scene.meet().await;
    assert!(!conflict(&scene.one, &place).await.unwrap().keepable, "which state belongs to which number?");
    let fields = vec![("orang".to_owned(), Scalar::from(scene.person.to_string()))];
    let edit = Edit::AddRow { table: "persetujuan".to_owned(), row: ROW, fields };
    write(&scene.one, key.case, "core", None, edit).await;
    scene.meet().await;
    for (tablet, answer) in [(&scene.one, true), (&scene.other, false)] {
        let (table, field) = ("persetujuan".to_owned(), "boleh_dicatat".to_owned());
        let edit = Edit::SetRowField { table, row: ROW, key: field, value: answer.into(), seen: Vec::new() };
        write(tablet, key.case, "core", None, edit).await;
    }
    scene.meet().await;
    let path = Path::RowField { table: "persetujuan".to_owned(), row: ROW, key: "boleh_dicatat".to_owned() };
    let consent = FieldPlace { kind: "core".to_owned(), subject: None, path, ..place };
    assert!(!conflict(&scene.one, &consent).await.unwrap().keepable);
}

#[tokio::test]
async fn two_who_keep_both_apart_from_each_other_make_no_third_paper() {
    let mut scene = scene().await;
    let place = paper(&mut scene, "PASPOR").await;
    for tablet in [&scene.one, &scene.other] {
        let shown = conflict(tablet, &place).await.unwrap();
        let act = Act::KeepBoth { place: place.clone(), seen: seen(&shown) };
        with(tablet, async |session| team::act(session, act).await.unwrap()).await;
    }
    scene.meet().await;
    assert_eq!(papers(&scene.one, &place).await.len(), 2, "{:?}", papers(&scene.one, &place).await);
}
