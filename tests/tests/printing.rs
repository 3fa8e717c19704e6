//! A case on paper, on real engines with a real relay: what its reader may read, and nothing else; names for a reason that stays.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are not recognised as tests"
)]

use std::rc::Rc;

use client::api::wire::to_bytes;
use client::api::{ExportAsk, Failure, Path, Reply, SheetLine, SheetPart, SheetSays, SheetView, View};
use client::engine::session::{DocumentEdit, Session, document_key};
use client::engine::{export, flow};
use client::store::memory::Fault;
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{AccountId, CaseId, RowId, SubjectId};
use shared::pack::{Cell, Pack};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;
use tests::native::cast::{Cast, START_MS, sync, with};
use tests::native::tablet::Tablet;
use tests::native::wire::Wire;

const NAME: &str = "Rosalinda Contoh";
const REPORTER: &str = "Pelapor Contoh";
const TELEPHONE: &str = "081200000000";
const EXCLUDED: &str = "Paman Contoh";
const NIK: &str = "5304014808100001";
const STORY: &str = "Upahnya ditahan tiga bulan.";

async fn edit(session: &mut Session, case: CaseId, (kind, subject): (&str, Option<SubjectId>), edit: Edit) {
    let edits = vec![DocumentEdit { key: document_key(case, kind, subject), edit }];
    session.edit(edits, Writes::new()).await.unwrap();
}

async fn set(session: &mut Session, case: CaseId, of: (&str, Option<SubjectId>), key: &str, value: impl Into<Scalar>) {
    edit(session, case, of, Edit::SetField { key: key.to_owned(), value: value.into(), seen: Vec::new() }).await;
}

async fn add_row(
    session: &mut Session,
    case: CaseId,
    of: (&str, Option<SubjectId>),
    table: &str,
    fields: &[(&str, Scalar)],
) {
    let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let row = RowId::from_bytes(session.draw());
    edit(session, case, of, Edit::AddRow { table: table.to_owned(), row, fields }).await;
}

async fn print(tablet: &Tablet, case: CaseId, names: bool, reason: &str) -> Result<SheetView, Failure> {
    let reply =
        with(tablet, async |session| export::export(session, ExportAsk::Sheet { case, names }, reason).await).await?;
    let Reply::Export(_, View::Sheet(sheet)) = reply else { panic!("a case was asked for") };
    Ok(*sheet)
}

fn holds(sheet: &SheetView, text: &str) -> bool {
    to_bytes(sheet).windows(text.len()).any(|bytes| bytes == text.as_bytes())
}

fn part<'a>(sheet: &'a SheetView, form: &str, person: &str) -> &'a SheetPart {
    sheet.parts.iter().find(|part| part.form == form && part.person == person).expect("the part is on the sheet")
}

fn lines(part: &SheetPart) -> impl Iterator<Item = &SheetLine> {
    part.blocks.iter().flat_map(|block| &block.lines)
}

fn key_of(path: &Path) -> &str {
    match path {
        Path::Field(key) | Path::RowField { key, .. } | Path::Text(key) => key,
        Path::Row { table, .. } => table,
    }
}

fn says<'a>(part: &'a SheetPart, key: &str) -> Option<&'a SheetSays> {
    lines(part).find(|line| key_of(&line.place.path) == key).map(|line| &line.says)
}

fn value(text: &str) -> SheetSays {
    SheetSays::Value(Scalar::from(text))
}

/// An author, two case managers, a health worker, a registrar, and a case that they know.
struct Scene {
    wire: Wire,
    author: Tablet,
    manager: Tablet,
    other: Tablet,
    nurse: Tablet,
    registrar: Tablet,
    manager_account: AccountId,
    case: CaseId,
    person: SubjectId,
}

async fn scene() -> Scene {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (manager_account, mut manager) = cast.member("MKS", "MKS", 8).await;
    let (other_account, mut other) = cast.member("MKS dua", "MKS", 9).await;
    let (nurse_account, mut nurse) = cast.member("NKS", "NKS", 10).await;
    let (_, mut registrar) = cast.member("SER", "SER", 11).await;

    let intake = ("intake", None);
    let case = with(&author, async |session| {
        let case = flow::start_report(session).await.unwrap();
        set(session, case, intake, "cara_masuk", "WARGA").await;
        set(session, case, intake, "indikasi_cepat/UPAH", true).await;
        set(session, case, intake, "indikasi_cepat/UTANG", false).await;
        set(session, case, intake, "kecamatan_asal#jawab", "MENOLAK").await;
        let new = STORY.to_owned();
        let base = session.replica(&document_key(case, "intake", None)).await.unwrap().document.heads();
        let text = Edit::EditText { key: "uraian_singkat".to_owned(), base, old: String::new(), new };
        edit(session, case, intake, text).await;
        let reporter = ("intake.reporter", None);
        set(session, case, reporter, "pelapor_nama", REPORTER).await;
        set(session, case, reporter, "pelapor_telp", TELEPHONE).await;
        set(session, case, reporter, "jangan_dihubungi", true).await;
        let excluded = [("ada", Scalar::from("ADA")), ("nama", Scalar::from(EXCLUDED))];
        add_row(session, case, ("guard", None), "kecualikan", &excluded).await;
        flow::hand_over(session, case).await.unwrap();
        case
    })
    .await;
    sync(&mut author, &cast.wire).await;
    sync(&mut manager, &cast.wire).await;
    let person = with(&manager, async |session| {
        flow::take_over(session, case).await.unwrap();
        flow::assign(session, vec![case], other_account, "MKS").await.unwrap();
        flow::assign(session, vec![case], nurse_account, "NKS").await.unwrap();
        let person = flow::add_person(session, case).await.unwrap();
        let (short, full) = (("identity.short", Some(person)), ("identity.full", Some(person)));
        set(session, case, short, "nama_lengkap", NAME).await;
        set(session, case, short, "tgl_lahir", "2010-08").await;
        set(session, case, short, "jenis_kelamin", "P").await;
        set(session, case, full, "nik", NIK).await;
        set(session, case, ("identification", Some(person)), "status_korban", "TERINDIKASI").await;
        let about = Scalar::from(person.to_string().as_str());
        add_row(
            session,
            case,
            ("core", None),
            "persetujuan",
            &[("orang", about), ("boleh_bernama", Scalar::Bool(true))],
        )
        .await;
        person
    })
    .await;
    for tablet in [&mut manager, &mut other, &mut nurse, &mut registrar, &mut author] {
        sync(tablet, &cast.wire).await;
    }
    Scene { wire: cast.wire, author, manager, other, nurse, registrar, manager_account, case, person }
}

#[tokio::test]
async fn paper_without_names_says_what_there_is_and_names_nobody() {
    let Scene { author, manager, case, .. } = scene().await;
    let sheet = print(&manager, case, false, "").await.unwrap();
    for name in [NAME, REPORTER, TELEPHONE, EXCLUDED, NIK, "2010-08"] {
        assert!(!holds(&sheet, name), "{name} is on the paper");
    }
    let report = part(&sheet, "f1", "");
    assert_eq!(says(report, "indikasi_cepat"), Some(&SheetSays::Chosen(vec![String::from("UPAH")])));
    assert_eq!(says(report, "uraian_singkat"), Some(&value(STORY)));
    assert_eq!(says(report, "kecamatan_asal#jawab"), Some(&value("MENOLAK")), "why a field is empty is an answer");
    assert_eq!(says(report, "pelapor_nama"), Some(&SheetSays::Hidden));
    assert_eq!(says(report, "pelapor_telp"), None, "who must not be called is asked for no number");
    let keys: Vec<&str> = lines(report).map(|line| key_of(&line.place.path)).collect();
    let place = |key: &str| keys.iter().position(|one| *one == key).unwrap();
    assert!(place("cara_masuk") < place("kecamatan_asal#jawab") && place("uraian_singkat") < place("pelapor_nama"));
    let unasked: Vec<&str> = report.unasked.iter().map(|place| key_of(&place.path)).collect();
    assert!(unasked.contains(&"tahap_terjadi") && !unasked.contains(&"kecamatan_asal"));
    assert!(!unasked.contains(&"no_formulir_kertas"), "of a page that is not shown nothing is missing");

    let people: Vec<_> = sheet.people.iter().map(|one| (one.code.as_str(), one.age.as_str())).collect();
    assert_eq!(people, [("K1", "13-17")], "the band, and no day");
    assert_eq!(says(part(&sheet, "f2", "K1"), "nama_lengkap"), Some(&SheetSays::Hidden));
    assert_eq!(says(part(&sheet, "f2", "K1"), "jenis_kelamin"), Some(&value("P")));
    assert_eq!(says(part(&sheet, "f0", "K1"), "boleh_bernama"), Some(&SheetSays::Value(Scalar::Bool(true))));
    assert_eq!(says(part(&sheet, "f3", "K1"), "status_korban"), Some(&value("TERINDIKASI")));
    assert!(sheet.ready && !sheet.incomplete);

    let gone = print(&author, case, false, "").await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::ItemGone.number(), "a case that was taken over is not the author's to print");
}

#[tokio::test]
async fn names_are_printed_for_a_reason_and_every_print_is_kept() {
    let Scene { mut manager, manager_account, case, .. } = scene().await;
    for no_reason in ["", "   ab  ", "abcd"] {
        let refused = print(&manager, case, true, no_reason).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::ValueWrong.number());
    }
    manager.fail_write(0, Fault::Full);
    print(&manager, case, false, "").await.unwrap_err();
    assert!(
        with(&manager, async |session| export::kept(session).await.unwrap()).await.is_empty(),
        "nothing left the tablet"
    );

    let sheet = print(&manager, case, true, " Sidang besok ").await.unwrap();
    assert_eq!(says(part(&sheet, "f2", "K1"), "nama_lengkap"), Some(&value(NAME)));
    assert_eq!(says(part(&sheet, "f2", "K1"), "nik"), Some(&value("5304••••••••0001")));
    assert!(holds(&sheet, REPORTER) && !holds(&sheet, NIK) && !holds(&sheet, TELEPHONE));
    assert!(!holds(&sheet, EXCLUDED), "who must not know stands on no paper");
    print(&manager, case, false, "nobody asked").await.unwrap();

    manager.restart().await.unwrap();
    let mut kept = with(&manager, async |session| export::kept(session).await.unwrap()).await;
    kept.sort_by_key(|record| record.names);
    let kept: Vec<_> = kept.iter().map(|one| (one.account, one.case, one.names, one.reason.as_str())).collect();
    assert_eq!(kept, [(manager_account, Some(case), false, ""), (manager_account, Some(case), true, "Sidang besok")]);
}

#[tokio::test]
async fn nothing_that_the_grid_hides_comes_to_paper() {
    let Scene { manager, nurse, registrar, case, .. } = scene().await;
    let sheet = print(&nurse, case, true, "Kunjungan rumah").await.unwrap();
    assert!(holds(&sheet, NAME), "her part has the name");
    for hidden in [REPORTER, "TERINDIKASI", "0001", EXCLUDED] {
        assert!(!holds(&sheet, hidden), "{hidden} is on her paper");
    }
    assert!(!sheet.parts.iter().any(|part| part.form == "f3" || part.form == "f4"), "nor that there is such a part");

    // The registrar keeps the list of who must not know, and it stands on no paper either.
    let listed = with(&registrar, async |session| {
        session.replica(&document_key(case, "guard", None)).await.unwrap().document.rows("kecualikan").len()
    });
    assert_eq!(listed.await, 1);
    let sheet = print(&registrar, case, true, "Sidang besok").await.unwrap();
    assert!(holds(&sheet, NAME) && !holds(&sheet, EXCLUDED) && !holds(&sheet, "kecualikan"));

    // What lies on the tablet from before is not readable because it is there.
    with(&manager, async |session| {
        let mut pack = Pack::clone(&session.pack);
        for kind in ["identity.short", "identity.full"] {
            pack.grid.rows.get_mut(kind).unwrap().insert(String::from("MKS"), Cell::NONE);
        }
        session.pack = Rc::new(pack);
    })
    .await;
    let sheet = print(&manager, case, true, "Sidang besok").await.unwrap();
    assert!(!holds(&sheet, NAME) && !sheet.parts.iter().any(|part| part.form == "f2"));
    assert!(sheet.people.iter().all(|person| person.age.is_empty()));
}

#[tokio::test]
async fn a_refusal_and_a_disagreement_stand_on_paper() {
    let Scene { wire, mut manager, mut other, case, person, .. } = scene().await;
    let of = ("intake", None);
    with(&manager, async |session| set(session, case, of, "tingkat_risiko", "TINGGI").await).await;
    with(&other, async |session| set(session, case, of, "tingkat_risiko", "RENDAH").await).await;
    sync(&mut other, &wire).await;
    sync(&mut manager, &wire).await;
    let sheet = print(&manager, case, false, "").await.unwrap();
    let Some(SheetSays::Differ(versions)) = says(part(&sheet, "triase", ""), "tingkat_risiko") else {
        panic!("both stand there")
    };
    let mut told: Vec<_> = versions.iter().map(|one| (one.value.clone(), one.roles.clone())).collect();
    told.sort();
    let by = || vec![String::from("MKS")];
    assert_eq!(told, [(Scalar::from("RENDAH"), by()), (Scalar::from("TINGGI"), by())]);
    assert!(!sheet.ready, "what is disputed is a draft");

    // Somebody no longer wants to be named: what was written before is on no paper.
    with(&manager, async |session| {
        let about = Scalar::from(person.to_string().as_str());
        add_row(
            session,
            case,
            ("core", None),
            "persetujuan",
            &[("orang", about), ("boleh_bernama", Scalar::Bool(false))],
        )
        .await;
    })
    .await;
    let sheet = print(&manager, case, true, "Sidang besok").await.unwrap();
    assert!(!holds(&sheet, NAME) && !sheet.parts.iter().any(|part| part.form == "f2"));
}
