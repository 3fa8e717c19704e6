//! What cards of forms and chips of people say.

use client::api::{FormView, PersonView};
use shared::command::Edit;
use shared::id::SubjectId;
use shared::value::Scalar;

use super::{Scene, scene, set, view, write};

impl Scene {
    async fn form(&self, key: &str, subject: Option<SubjectId>) -> FormView {
        let view = view(&self.one, self.case).await;
        view.forms.into_iter().find(|form| form.form == key && form.subject == subject).unwrap()
    }

    async fn answer(&self, kind: &str, subject: Option<SubjectId>, key: &str, value: impl Into<Scalar>) {
        write(&self.one, self.case, kind, subject, set(key, value)).await;
    }
}

#[tokio::test]
async fn a_form_counts_what_it_asks_and_a_refusal_is_an_answer() {
    let scene = scene().await;
    let person = Some(scene.person);
    let before = scene.form("triase", None).await;
    assert_eq!((before.answered, before.asked), (0, 5));
    for (key, value) in [("triase", "PMI"), ("status_verifikasi", "BELUM"), ("tgl_triase", "2026-09-20")] {
        scene.answer("intake", None, key, value).await;
    }
    scene.answer("intake", None, "tingkat_risiko#jawab", "TIDAK_TAHU").await;
    assert_eq!(scene.form("triase", None).await.answered, 4);
    scene.answer("intake", None, "tingkat_risiko#jawab", "BELUM").await;
    assert_eq!(scene.form("triase", None).await.answered, 3, "not asked yet is no answer");
    let note = Edit::EditText {
        key: "catatan_triase".to_owned(),
        base: Vec::new(),
        old: String::new(),
        new: "Sudah ditelepon".to_owned(),
    };
    write(&scene.one, scene.case, "intake", None, note).await;
    scene.answer("intake", None, "tingkat_risiko", "TINGGI").await;
    let full = scene.form("triase", None).await;
    assert_eq!((full.answered, full.asked), (5, 5), "nothing is counted that no page asks");

    // What a condition opens is asked from then on, and what it closes is not any more.
    let closed = scene.form("f11", person).await;
    scene.answer("return", person, "tiba", true).await;
    let open = scene.form("f11", person).await;
    assert_eq!((open.asked, open.answered), (closed.asked + 1, closed.answered + 1));
    scene.answer("return", person, "tgl_tiba", "2026-09-20").await;
    scene.answer("return", person, "tiba", false).await;
    let closed_again = scene.form("f11", person).await;
    assert_eq!((closed_again.asked, closed_again.answered), (closed.asked, 1));
}

#[tokio::test]
async fn a_form_of_rows_counts_the_row_of_its_person() {
    let scene = scene().await;
    let person = Some(scene.person);
    let before = scene.form("f0", person).await;
    assert!(before.answered == 0 && before.asked > 10, "{before:?}");
    let fields = [
        ("orang", scene.person.to_string().as_str().into()),
        ("boleh_dicatat", Scalar::Bool(true)),
        ("boleh_bernama", Scalar::Bool(false)),
        ("setuju/HUKUM", Scalar::Bool(true)),
        ("setuju/SOSIAL", Scalar::Bool(true)),
        ("metode#jawab", "MENOLAK".into()),
    ];
    let fields = fields.map(|(key, value): (&str, Scalar)| (key.to_owned(), value)).to_vec();
    let row = shared::id::RowId::from_bytes([7; 16]);
    write(&scene.one, scene.case, "core", None, Edit::AddRow { table: "persetujuan".into(), row, fields }).await;
    let now = scene.form("f0", person).await;
    assert_eq!(
        (now.answered, now.asked),
        (4, before.asked + 1),
        "no name opens a question; several purposes are one answer"
    );
}

#[tokio::test]
async fn a_chip_says_group_age_and_status_and_no_name() {
    let scene = scene().await;
    let person = Some(scene.person);
    let chip = async || -> PersonView { view(&scene.one, scene.case).await.people.remove(0) };
    let before = chip().await;
    assert_eq!((before.group, before.age_band, before.status), (String::new(), String::new(), String::new()));
    scene.answer("identity.short", person, "usia_perkiraan", 16).await;
    scene.answer("identification", person, "status_korban", "TERINDIKASI").await;
    let now = chip().await;
    assert_eq!((now.age_band.as_str(), now.status.as_str()), ("13-17", "TERINDIKASI"));
    scene.answer("identity.short", person, "usia_perkiraan", 71).await;
    assert_eq!(chip().await.age_band, "60+");
    scene.answer("identity.short", person, "tgl_lahir", "2010").await;
    assert_eq!(chip().await.age_band, "13-17", "a date of birth says more than an estimate");
}
