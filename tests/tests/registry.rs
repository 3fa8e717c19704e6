//! The register on real engines with a real relay: saved views, numbers, and putting many cases into one hand.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not recognised as tests")]

use std::rc::Rc;

use client::api::{
    CaseFilter, CasesAsk, Duty, Essential, ExportAsk, Failure, NextStep, RegistryAsk, RegistryOrder, RegistryTab,
    RegistryView, Reply, TablesView, Tag, View,
};
use client::engine::permission::may_count_as;
use client::engine::session::{DocumentEdit, Session, core_key, document_key};
use client::engine::{export, flow, query, register};
use client::store::memory::Fault;
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{AccountId, CaseId, RowId, SubjectId};
use shared::pack::source;
use shared::protocol::codec::encode;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::Member;
use shared::protocol::seen::Sight;
use shared::sync::inbox::{Batch, RowWrite};
use shared::tables::{TableId, UNKNOWN};
use shared::value::Scalar;
use tests::native::cast::{Cast, START_MS, sync, with};
use tests::native::clock::ScriptedClock;
use tests::native::office::Office;
use tests::native::tablet::Tablet;
use tests::native::wire::Wire;

const DAY_MS: u64 = 86_400_000;

async fn set(session: &mut Session, case: CaseId, key: &str, value: Scalar) {
    let edit = Edit::SetField { key: key.to_owned(), value, seen: Vec::new() };
    session.edit(vec![DocumentEdit { key: document_key(case, "intake", None), edit }], Writes::new()).await.unwrap();
}

/// Begins a report, answers some of it and hands it over.
async fn report(author: &Tablet, answers: &[(&str, Scalar)]) -> CaseId {
    with(author, async |session| {
        let case = flow::start_report(session).await.unwrap();
        for (key, value) in answers {
            set(session, case, key, value.clone()).await;
        }
        flow::hand_over(session, case).await.unwrap();
        case
    })
    .await
}

/// Two authors, a registrar and a case manager at one relay.
struct Scene {
    office: Rc<Office>,
    wire: Wire,
    clock: ScriptedClock,
    author: Tablet,
    registrar: Tablet,
    other_registrar: Tablet,
    manager: Tablet,
    manager_account: AccountId,
}

async fn scene() -> Scene {
    let cast = Cast::of_belu(START_MS).await;
    let (_, author) = cast.member("PKT", "PKT", 7).await;
    let (_, registrar) = cast.member("SER", "SER", 8).await;
    let (_, other_registrar) = cast.member("SER dua", "SER", 9).await;
    let (manager_account, manager) = cast.member("MKS", "MKS", 10).await;
    let Cast { office, wire, clock, .. } = cast;
    Scene { office, wire, clock, author, registrar, other_registrar, manager, manager_account }
}

fn ask(tab: RegistryTab) -> RegistryAsk {
    RegistryAsk { tab, rows_max: 60, ..RegistryAsk::default() }
}

async fn look(tablet: &Tablet, ask: RegistryAsk) -> RegistryView {
    with(tablet, async |session| query::registry::view(session, &ask)).await
}

async fn cases_in(tablet: &Tablet, tab: RegistryTab) -> Vec<CaseId> {
    let view = look(tablet, ask(tab)).await;
    assert_eq!(usize::try_from(view.total).unwrap(), view.rows.len());
    assert_eq!(view.cases, view.rows.iter().map(|row| row.card.case).collect::<Vec<_>>());
    let tabs = with(tablet, async |session| RegistryTab::all(&session.pack)).await;
    let count = tabs.iter().zip(&view.counts).find(|(one, _)| **one == tab).map(|(_, count)| *count);
    assert_eq!(count, Some(view.total), "{tab:?}");
    view.cases
}

/// The view of the pack with this name.
async fn own(tablet: &Tablet, name: &str) -> RegistryTab {
    let find = async |session: &mut Session| session.pack.views.iter().position(|view| view.label.id == name);
    let place = with(tablet, find).await.unwrap();
    RegistryTab::Own(u32::try_from(place).unwrap())
}

/// What a report says of when and where.
fn told() -> [(&'static str, Scalar); 4] {
    [
        ("tgl_lapor", Scalar::from("2026-08-02")),
        ("tgl_kejadian", Scalar::from("2026-08-02")),
        ("kategori_lokasi#jawab", Scalar::from("TIDAK_TAHU")),
        ("lokasi_kejadian", Scalar::from("53.04.01")),
    ]
}

#[tokio::test]
async fn views_of_the_pack_ask_the_case_and_everybody_in_it() {
    let Scene { wire, mut author, mut registrar, .. } = scene().await;
    let case = report(&author, &told()).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    let (simfoni, court) = (own(&registrar, "Siap entri SIMFONI").await, own(&registrar, "Perkara berjalan").await);
    let abroad = own(&registrar, "PMI & jenazah").await;
    let set_in = async |kind: &'static str, subject: Option<SubjectId>, key: &'static str, value: Scalar| {
        with(&registrar, async |session| {
            let seen = session.replica(&document_key(case, kind, subject)).await.unwrap().document.field(key).ops();
            let edit = Edit::SetField { key: key.to_owned(), value, seen };
            let key = document_key(case, kind, subject);
            session.edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap();
        })
        .await;
    };
    set_in("intake", None, "triase", Scalar::from("PMI")).await;
    assert_eq!(cases_in(&registrar, abroad).await, [case], "by its triage");
    set_in("intake", None, "triase", Scalar::from("TPPO")).await;
    assert_eq!(cases_in(&registrar, abroad).await, []);
    with(&registrar, async |session| {
        let number = register::next_number(session);
        register::register(session, case, &number).await.unwrap();
        let key = document_key(case, "intake", None);
        let base = session.replica(&key).await.unwrap().document.heads();
        let new = String::from("Upah ditahan.");
        let edit = Edit::EditText { key: String::from("uraian_singkat"), base, old: String::new(), new };
        session.edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap();
    })
    .await;
    assert_eq!(cases_in(&registrar, simfoni).await, [], "nobody is told apart yet");

    let person = async || with(&registrar, async |session| flow::add_person(session, case).await.unwrap()).await;
    let fill = async |subject: SubjectId| {
        let (short, full) = ("identity.short", "identity.full");
        set_in(short, Some(subject), "nama_lengkap", Scalar::from("Rosalinda Contoh")).await;
        set_in(short, Some(subject), "jenis_kelamin", Scalar::from("P")).await;
        set_in(short, Some(subject), "tgl_lahir#jawab", Scalar::from("TIDAK_TAHU")).await;
        for key in ["pendidikan#jawab", "agama#jawab", "pekerjaan#jawab", "status_kawin#jawab"] {
            assert_eq!(cases_in(&registrar, simfoni).await, [], "{key} is missing");
            set_in(full, Some(subject), key, Scalar::from("MENOLAK")).await;
        }
    };
    fill(person().await).await;
    assert_eq!(cases_in(&registrar, simfoni).await, [case], "who would not say has answered");
    let other = person().await;
    assert_eq!(cases_in(&registrar, simfoni).await, [], "the second person is not done");
    with(&registrar, async |session| {
        let about = Scalar::from(other.to_string().as_str());
        let fields = vec![(String::from("orang"), about), (String::from("boleh_bernama"), Scalar::Bool(false))];
        let edit = Edit::AddRow { table: String::from("persetujuan"), row: RowId::from_bytes([8; 16]), fields };
        session.edit(vec![DocumentEdit { key: core_key(case), edit }], Writes::new()).await.unwrap();
    })
    .await;
    assert_eq!(cases_in(&registrar, simfoni).await, [case], "of whom refused nothing more is asked");

    set_in("identification", Some(other), "pmi_status", Scalar::from("NONPROSEDURAL")).await;
    assert_eq!(cases_in(&registrar, abroad).await, [case], "by somebody in it");
    assert_eq!(cases_in(&registrar, court).await, []);
    set_in("core", None, "tahap", Scalar::from("HUKUM")).await;
    assert_eq!(cases_in(&registrar, court).await, [case]);

    // What lists keep of it is that it is there.
    let kept =
        with(&registrar, async |session| session.index.documents(case).map(encode).collect::<Vec<_>>().concat()).await;
    for hidden in ["Rosalinda", "ditahan"] {
        assert!(!kept.windows(hidden.len()).any(|bytes| bytes == hidden.as_bytes()), "{hidden} is in a summary");
    }
}

#[tokio::test]
async fn saved_views_hold_what_their_names_say() {
    let Scene { wire, clock, mut author, mut registrar, .. } = scene().await;
    let quiet = report(&author, &[("jml_pd", Scalar::Int(2)), ("sumber_laporan", Scalar::from("DESA"))]).await;
    clock.pass_ms(31 * DAY_MS);
    let child =
        report(&author, &[("anak_terlibat", Scalar::Bool(true)), ("kecamatan_asal#jawab", Scalar::from("MENOLAK"))])
            .await;
    let dead = report(&author, &[("meninggal", Scalar::Bool(true))]).await;
    let draft = with(&author, async |session| flow::start_report(session).await.unwrap()).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;

    let all = cases_in(&registrar, RegistryTab::All).await;
    assert_eq!(all.len(), 3);
    assert!(!all.contains(&draft));
    assert!(!cases_in(&author, RegistryTab::All).await.contains(&draft), "a draft is nobody's case yet");
    assert_eq!(cases_in(&registrar, RegistryTab::Idle).await, [quiet]);
    assert_eq!(cases_in(&registrar, RegistryTab::Child).await, [child]);
    assert_eq!(cases_in(&registrar, own(&registrar, "PMI & jenazah").await).await, [dead]);
    assert_eq!(cases_in(&registrar, RegistryTab::NoManager).await.len(), 3);
    assert_eq!(cases_in(&registrar, RegistryTab::NoTriage).await.len(), 3);
    with(&registrar, async |session| set(session, child, "triase", Scalar::from("TPPO")).await).await;
    let untriaged = cases_in(&registrar, RegistryTab::NoTriage).await;
    assert!(untriaged.contains(&quiet) && untriaged.contains(&dead) && untriaged.len() == 2);

    let view =
        look(&registrar, RegistryAsk { order: RegistryOrder::Reported, ascending: true, ..ask(RegistryTab::All) })
            .await;
    let first = &view.rows[0];
    assert_eq!((first.card.case, first.groups, first.channel.as_str(), view.people), (quiet, [2, 0, 0, 0], "DESA", 2));
    let row = |case: CaseId| view.rows.iter().find(|row| row.card.case == case).unwrap();
    assert!(!first.missing.contains(&Essential::People) && first.missing.contains(&Essential::Area));
    assert!(!row(child).missing.contains(&Essential::Area), "who would not say where from has answered");

    let piece = look(&registrar, RegistryAsk { first: 2, rows_max: 1, ..ask(RegistryTab::All) }).await;
    assert_eq!((piece.first, piece.total, piece.rows[0].card.case), (2, 3, all[2]));
    let found =
        look(&registrar, RegistryAsk { search: row(dead).card.field_code.to_lowercase(), ..ask(RegistryTab::All) });
    assert_eq!(found.await.cases, [dead]);
    let none = look(&registrar, RegistryAsk { stage: String::from("TUTUP"), ..ask(RegistryTab::All) }).await;
    assert_eq!((none.total, none.counts[0]), (0, 3), "counts of the views do not follow a filter");
}

#[tokio::test]
async fn a_number_is_given_once_and_reaches_the_author_of_the_report() {
    let Scene { wire, clock, mut author, mut registrar, mut manager, .. } = scene().await;
    let (first, second) = (report(&author, &[]).await, report(&author, &[]).await);
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    with(&registrar, async |session| {
        assert_eq!(register::next_number(session), "BLU-2026-0001");
        assert_eq!(register::register(session, first, "  ").await.unwrap_err().code, ErrorCode::ValueWrong.number());
        register::register(session, first, " BLU-2026-0041 ").await.unwrap();
        assert_eq!(register::next_number(session), "BLU-2026-0042");
        let short = register::register(session, second, " blu-2026-41").await.unwrap_err();
        assert_eq!(short.code, ErrorCode::NumberUsed.number(), "the same number, with fewer digits");
        let used = register::register(session, second, "blu-2026-0041").await.unwrap_err();
        assert_eq!(used.code, ErrorCode::NumberUsed.number());
        let again = register::register(session, first, "BLU-2026-0050").await.unwrap_err();
        assert_eq!(again.code, ErrorCode::ValuesUnseen.number(), "a case keeps its number");
        register::register(session, second, &register::next_number(session)).await.unwrap();
    })
    .await;
    assert_eq!(cases_in(&registrar, RegistryTab::NoNumber).await, []);
    let by_code =
        look(&registrar, RegistryAsk { order: RegistryOrder::Code, ascending: true, ..ask(RegistryTab::All) });
    assert_eq!(by_code.await.cases, [first, second]);
    sync(&mut registrar, &wire).await;
    sync(&mut author, &wire).await;
    let told = with(&author, async |session| query::home::home(session).handed_over).await;
    let number = told.iter().find(|receipt| receipt.case == first).and_then(|receipt| receipt.register_number.clone());
    assert_eq!(number.as_deref(), Some("BLU-2026-0041"));

    // A case manager may register too; whoever only takes reports may not.
    sync(&mut manager, &wire).await;
    with(&author, async |session| {
        let refused = register::register(session, first, "BLU-2026-0099").await.unwrap_err();
        assert_ne!(refused.code, ErrorCode::NumberUsed.number());
    })
    .await;
    // A new year begins a new book.
    clock.pass_ms(200 * DAY_MS);
    with(&registrar, async |session| assert_eq!(register::next_number(session), "BLU-2027-0001")).await;
}

#[tokio::test]
async fn two_registrars_apart_give_one_number_twice_and_both_cases_say_so() {
    let Scene { wire, mut author, mut registrar, mut other_registrar, .. } = scene().await;
    let (first, second) = (report(&author, &[]).await, report(&author, &[]).await);
    for tablet in [&mut author, &mut registrar, &mut other_registrar] {
        sync(tablet, &wire).await;
    }
    for (tablet, case) in [(&registrar, first), (&other_registrar, second)] {
        with(tablet, async |session| {
            let number = register::next_number(session);
            register::register(session, case, &number).await.unwrap();
        })
        .await;
    }
    sync(&mut registrar, &wire).await;
    sync(&mut other_registrar, &wire).await;
    sync(&mut registrar, &wire).await;
    let due = async |case: CaseId| {
        with(&registrar, async |session| query::case::view(session, case).await.unwrap().unwrap().registering).await
    };
    let shared = due(first).await.unwrap();
    assert_eq!((shared.next_number.as_str(), shared.shared_with.unwrap().0), ("BLU-2026-0002", second));
    assert!(due(second).await.is_some());
    with(&registrar, async |session| register::register(session, first, "BLU-2026-0002").await.unwrap()).await;
    assert_eq!((due(first).await, due(second).await), (None, None));
}

#[tokio::test]
async fn many_cases_are_put_into_one_hand_once() {
    let Scene { wire, mut author, mut registrar, mut manager, manager_account, .. } = scene().await;
    let mut cases = Vec::new();
    for _ in 0..20 {
        cases.push(report(&author, &[]).await);
    }
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    for case in &cases {
        with(&registrar, async |session| flow::take_over(session, *case).await.unwrap()).await;
    }
    sync(&mut registrar, &wire).await;
    sync(&mut manager, &wire).await;
    assert_eq!(cases_in(&manager, RegistryTab::All).await, [], "taken over: no duty officer has them any more");
    let assign = async |cases: &[CaseId]| {
        let cases = cases.to_vec();
        with(&registrar, async |session| flow::assign(session, cases, manager_account, "MKS").await.unwrap()).await;
    };
    assign(&cases[..3]).await;
    assign(&cases).await;
    for case in &cases {
        let team = with(&registrar, async |session| session.index.core(*case).unwrap().team.clone()).await;
        assert_eq!(team.iter().filter(|member| member.account == manager_account).count(), 1);
    }
    sync(&mut registrar, &wire).await;
    sync(&mut manager, &wire).await;
    assert_eq!(cases_in(&manager, RegistryTab::All).await.len(), 20);
}

#[tokio::test]
async fn a_child_is_assessed_and_a_call_verified_within_a_day() {
    let Scene { wire, clock, mut author, mut manager, .. } = scene().await;
    let answers = [("anak_terlibat", Scalar::Bool(true)), ("cara_masuk", Scalar::from("TELEPON"))];
    let case = report(&author, &answers).await;
    let handed_over_ms = clock.now_ms();
    sync(&mut author, &wire).await;
    clock.pass_ms(DAY_MS / 2);
    sync(&mut manager, &wire).await;
    let home = async || with(&manager, async |session| query::home::home(session)).await;
    let [card] = home().await.new_reports.try_into().unwrap();
    let due_ms = handed_over_ms + DAY_MS;
    let [child, call] = [0, 1];
    assert_eq!(card.duties, [child, call].map(|index| Duty { index, due_ms }), "what waits says until when");
    assert_eq!(card.waiting_since_ms, handed_over_ms);

    // Taking over and writing elsewhere move no deadline; what is done is due no more.
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    let due: Vec<_> = home().await.due.into_iter().map(|due| (due.case, due.duty)).collect();
    assert_eq!(due, [child, call].map(|index| (case, Duty { index, due_ms })));
    let write = async |key: &str, value: &str| {
        let (key, value) = (key.to_owned(), Scalar::from(value));
        with(&manager, async |session| set(session, case, &key, value).await).await;
    };
    write("triase", "TPPO").await;
    write("status_verifikasi", "BELUM").await;
    let due = async || home().await.due.into_iter().map(|due| due.duty.index).collect::<Vec<_>>();
    let identified = 2;
    assert_eq!(due().await, [call, identified], "assessed, not verified; trafficking asks for more");
    write("status_verifikasi", "TERVERIFIKASI").await;
    assert_eq!(due().await, [identified]);
    assert_eq!(home().await.due[0].duty.due_ms, handed_over_ms + 14 * DAY_MS);

    // Everybody has to be identified, and while nobody is told apart nobody is.
    let subjects = with(&manager, async |session| {
        [flow::add_person(session, case).await.unwrap(), flow::add_person(session, case).await.unwrap()]
    })
    .await;
    for (person, left) in subjects.into_iter().zip([vec![identified], Vec::new()]) {
        with(&manager, async |session| {
            let key = document_key(case, "identification", Some(person));
            let edit = Edit::SetField { key: "status_korban".into(), value: "TERINDIKASI".into(), seen: Vec::new() };
            session.edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap();
        })
        .await;
        assert_eq!(due().await, left);
    }
}

#[tokio::test]
async fn a_danger_that_is_taken_before_its_report_is_handed_over_asks_for_the_same() {
    let Scene { wire, clock, mut author, mut manager, .. } = scene().await;
    let case = with(&author, async |session| {
        let case = flow::start_report(session).await.unwrap();
        set(session, case, "anak_terlibat", Scalar::Bool(true)).await;
        let edit = Edit::SetField { key: "darurat".to_owned(), value: Scalar::Bool(true), seen: Vec::new() };
        session.edit(vec![DocumentEdit { key: core_key(case), edit }], Writes::new()).await.unwrap();
        case
    })
    .await;
    sync(&mut author, &wire).await;
    let received_ms = clock.now_ms();
    clock.pass_ms(DAY_MS / 4);
    sync(&mut manager, &wire).await;
    let due = async |tablet: &Tablet| with(tablet, async |session| query::home::home(session).due).await;
    assert_eq!(due(&manager).await, [], "nobody has it");
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    let found: Vec<_> = due(&manager).await.into_iter().map(|due| (due.case, due.duty)).collect();
    let child = Duty { index: 0, due_ms: received_ms + DAY_MS };
    assert_eq!(found, [(case, child)], "a child waits for nobody's hand-over");
    sync(&mut manager, &wire).await;
    clock.pass_ms(DAY_MS / 2);
    sync(&mut author, &wire).await;
    with(&author, async |session| flow::hand_over(session, case).await.unwrap()).await;
    sync(&mut author, &wire).await;
    assert_eq!(due(&author).await, [], "triage is not the author's");
    sync(&mut manager, &wire).await;
    let found: Vec<_> = due(&manager).await.into_iter().map(|due| (due.case, due.duty)).collect();
    assert_eq!(found, [(case, child)], "nor does it wait for longer because of it");
}

#[tokio::test]
async fn a_danger_that_is_over_moves_no_deadline_of_what_it_asked_for() {
    let Scene { wire, clock, mut author, mut manager, .. } = scene().await;
    let case = with(&author, async |session| {
        let case = flow::start_report(session).await.unwrap();
        set(session, case, "anak_terlibat", Scalar::Bool(true)).await;
        let edit = Edit::SetField { key: "darurat".to_owned(), value: Scalar::Bool(true), seen: Vec::new() };
        session.edit(vec![DocumentEdit { key: core_key(case), edit }], Writes::new()).await.unwrap();
        case
    })
    .await;
    sync(&mut author, &wire).await;
    let received_ms = clock.now_ms();
    sync(&mut manager, &wire).await;
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    sync(&mut manager, &wire).await;
    clock.pass_ms(DAY_MS / 2);
    sync(&mut author, &wire).await;
    with(&author, async |session| flow::hand_over(session, case).await.unwrap()).await;
    sync(&mut author, &wire).await;
    sync(&mut manager, &wire).await;
    let due = async || {
        let home = with(&manager, async |session| query::home::home(session)).await;
        home.due.into_iter().map(|due| due.duty.due_ms).collect::<Vec<_>>()
    };
    assert_eq!(due().await, [received_ms + DAY_MS]);
    // Whoever went there finds that it is over; the child waits all the same.
    with(&manager, async |session| {
        let seen = session.replica(&core_key(case)).await.unwrap().document.field("darurat").ops();
        let edit = Edit::SetField { key: "darurat".to_owned(), value: Scalar::Bool(false), seen };
        session.edit(vec![DocumentEdit { key: core_key(case), edit }], Writes::new()).await.unwrap();
    })
    .await;
    assert_eq!(
        due().await,
        [received_ms + DAY_MS],
        "what is late is not late any more, half a day is given for nothing"
    );
}

/// Begins a report about a child.
async fn begin_with_child(author: &Tablet) -> CaseId {
    with(author, async |session| {
        let case = flow::start_report(session).await.unwrap();
        set(session, case, "anak_terlibat", Scalar::Bool(true)).await;
        case
    })
    .await
}

/// Tells danger of a case, or that it is over.
async fn tell_danger(tablet: &Tablet, case: CaseId, is_danger: bool) {
    with(tablet, async |session| {
        let seen = session.replica(&core_key(case)).await.unwrap().document.field("darurat").ops();
        let edit = Edit::SetField { key: "darurat".to_owned(), value: Scalar::Bool(is_danger), seen };
        session.edit(vec![DocumentEdit { key: core_key(case), edit }], Writes::new()).await.unwrap();
    })
    .await;
}

async fn due_at_home(tablet: &Tablet) -> Vec<u64> {
    let home = with(tablet, async |session| query::home::home(session)).await;
    home.due.into_iter().map(|due| due.duty.due_ms).collect()
}

#[tokio::test]
async fn a_danger_that_is_over_after_the_hand_over_moves_no_deadline_however_both_are_sent() {
    for is_sent_between in [true, false] {
        let Scene { wire, clock, mut author, mut manager, .. } = scene().await;
        let case = begin_with_child(&author).await;
        tell_danger(&author, case, true).await;
        sync(&mut author, &wire).await;
        let received_ms = clock.now_ms();
        clock.pass_ms(DAY_MS / 2);
        with(&author, async |session| flow::hand_over(session, case).await.unwrap()).await;
        if is_sent_between {
            sync(&mut author, &wire).await;
        }
        clock.pass_ms(DAY_MS / 24);
        tell_danger(&author, case, false).await;
        sync(&mut author, &wire).await;
        sync(&mut manager, &wire).await;
        with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
        assert_eq!(
            due_at_home(&manager).await,
            [received_ms + DAY_MS],
            "sent in between: {is_sent_between}; the child waits since the same moment"
        );
    }
}

#[tokio::test]
async fn a_hand_over_that_was_taken_back_moves_no_deadline_of_a_danger_told_since() {
    let Scene { wire, clock, mut author, mut manager, .. } = scene().await;
    let case = begin_with_child(&author).await;
    with(&author, async |session| flow::hand_over(session, case).await.unwrap()).await;
    sync(&mut author, &wire).await;
    with(&author, async |session| flow::take_back(session, case).await.unwrap()).await;
    sync(&mut author, &wire).await;
    clock.pass_ms(DAY_MS);
    tell_danger(&author, case, true).await;
    sync(&mut author, &wire).await;
    let received_ms = clock.now_ms();
    sync(&mut manager, &wire).await;
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    sync(&mut manager, &wire).await;
    let before = due_at_home(&manager).await;
    clock.pass_ms(DAY_MS / 2);
    sync(&mut author, &wire).await;
    with(&author, async |session| flow::hand_over(session, case).await.unwrap()).await;
    sync(&mut author, &wire).await;
    sync(&mut manager, &wire).await;
    let due = vec![received_ms + DAY_MS];
    assert_eq!([before, due_at_home(&manager).await], [due.clone(), due], "it was a draft again when danger was told");
}

#[tokio::test]
async fn who_refused_a_name_is_shown_as_such_and_not_asked_again() {
    let Scene { wire, mut author, mut manager, .. } = scene().await;
    let case = with(&author, async |session| {
        let case = flow::start_report(session).await.unwrap();
        let row = RowId::from_bytes([7; 16]);
        let fields = vec![(String::from("boleh_bernama"), Scalar::Bool(false))];
        let edit = Edit::AddRow { table: String::from("persetujuan"), row, fields };
        session.edit(vec![DocumentEdit { key: core_key(case), edit }], Writes::new()).await.unwrap();
        flow::hand_over(session, case).await.unwrap();
        case
    })
    .await;
    let other = report(&author, &[]).await;
    sync(&mut author, &wire).await;
    sync(&mut manager, &wire).await;
    with(&manager, async |session| {
        for (case, refused) in [(case, true), (other, false)] {
            flow::take_over(session, case).await.unwrap();
            flow::add_person(session, case).await.unwrap();
            let view = query::case::view(session, case).await.unwrap().unwrap();
            assert_eq!(view.card.tags.contains(&Tag::NoIdentity), refused);
            assert_eq!(view.people.iter().map(|person| person.refused).collect::<Vec<_>>(), [refused]);
            assert_eq!(view.next_steps.contains(&NextStep::Identity), !refused);
        }
    })
    .await;
}

async fn tables_of(tablet: &Tablet, year: u16) -> TablesView {
    with(tablet, async |session| query::tables::view(session, year).await.unwrap()).await
}

fn counted(view: &TablesView, table: TableId, code: &str) -> Vec<u32> {
    let table = view.tables.iter().find(|one| one.id == table).unwrap();
    table.rows.iter().find(|row| row.code == code).map(|row| row.counts.clone()).unwrap()
}

async fn ask_for(tablet: &Tablet, what: ExportAsk, reason: &str) -> Result<Reply, Failure> {
    let reason = reason.to_owned();
    with(tablet, async |session| export::export(session, what, &reason).await).await
}

#[test]
fn who_reads_every_report_counts_and_nobody_else() {
    let pack = source::embedded("belu").unwrap().unwrap();
    let counting = pack.roles.iter().filter(|role| may_count_as(&pack, &role.key)).map(|role| role.key.as_str());
    assert_eq!(counting.collect::<Vec<_>>(), ["SER"], "neither who has some cases nor who has numbers alone");
}

#[tokio::test]
async fn tables_count_what_the_register_holds() {
    let Scene { wire, clock, mut author, mut registrar, .. } = scene().await;
    let women = |count| ("jml_pd", Scalar::Int(count));
    let from = |channel: &str| ("sumber_laporan", Scalar::from(channel));
    report(&author, &[women(3), from("DESA"), ("tgl_lapor", Scalar::from("2025-12-30"))]).await;
    let seen = report(&author, &[women(2), from("DESA")]).await;
    let tip = report(&author, &[women(5), from("TELP"), ("cara_masuk", Scalar::from("TELEPON"))]).await;
    report(&author, &[("tgl_lapor", Scalar::Null), from("DESA")]).await;
    with(&author, async |session| flow::start_report(session).await.unwrap()).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    with(&registrar, async |session| set(session, seen, "triase", Scalar::from("TPPO")).await).await;

    let view = tables_of(&registrar, 0).await;
    assert_eq!((view.year, view.reports, view.undated, view.uncounted), (2026, 2, 1, 5));
    assert_eq!(view.years, [2026, 2025]);
    assert_eq!(view.today, with(&registrar, async |session| session.today().to_string()).await);
    let triages = view.tables[0].columns.len();
    assert_eq!(view.tables[0].columns.first().map(String::as_str), Some("TPPO"), "in the order of the pack");
    assert_eq!(counted(&view, TableId::T01, "DESA")[0], 1);
    assert_eq!(counted(&view, TableId::T01, "TELP")[triages - 1], 1, "the tip is a report");
    assert_eq!(counted(&view, TableId::T02, "9"), [2, 2]);
    assert_eq!(counted(&view, TableId::T03, "PD"), [2, 3], "and no victim");
    assert_eq!(counted(&view, TableId::T03, UNKNOWN), [0, 0]);
    assert_eq!(counted(&tables_of(&registrar, 2025).await, TableId::T03, "PD"), [3, 0]);

    with(&registrar, async |session| set(session, tip, "status_verifikasi", Scalar::from("TERVERIFIKASI")).await).await;
    let view = tables_of(&registrar, 2026).await;
    assert_eq!((counted(&view, TableId::T03, "PD"), view.uncounted), (vec![7, 3], 0), "somebody looked: it is true");

    // Whom the case tells apart counts as what they are.
    with(&registrar, async |session| {
        let row = RowId::from_bytes([7; 16]);
        let fields = vec![
            (String::from("subjek"), Scalar::from(hex(9).as_str())),
            (String::from("urutan"), Scalar::Int(1)),
            (String::from("kelompok"), Scalar::from("PA")),
        ];
        let edit = Edit::AddRow { table: String::from("orang"), row, fields };
        session.edit(vec![DocumentEdit { key: core_key(seen), edit }], Writes::new()).await.unwrap();
    })
    .await;
    let view = tables_of(&registrar, 2026).await;
    assert_eq!((counted(&view, TableId::T03, "PD"), counted(&view, TableId::T03, "PA")), (vec![6, 3], vec![1, 0]));

    // Who has a part of all cases would draw a part of the numbers.
    assert_eq!(tables_of(&author, 0).await, TablesView::default());
    clock.pass_ms(200 * DAY_MS);
    assert_eq!(tables_of(&registrar, 0).await.year, 2027);
}

fn hex(byte: u8) -> String {
    format!("{byte:02x}").repeat(16)
}

#[tokio::test]
async fn a_file_is_written_for_a_reason_that_stays() {
    let Scene { office, wire, mut author, mut registrar, manager_account, .. } = scene().await;
    let mut cases = Vec::new();
    for _ in 0..3 {
        cases.push(report(&author, &[("jml_pd", Scalar::Int(1))]).await);
    }
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    with(&registrar, async |session| {
        flow::take_over(session, cases[0]).await.unwrap();
        flow::assign(session, cases.clone(), manager_account, "MKS").await.unwrap();
    })
    .await;
    let filtered = RegistryAsk { first: 1, rows_max: 1, ..ask(RegistryTab::All) };
    let register = || ExportAsk::Register(filtered.clone());
    let table = |year| ExportAsk::Table { year, table: TableId::T03 };

    for no_reason in ["", "   ab   ", "abcd"] {
        assert_eq!(ask_for(&registrar, register(), no_reason).await.unwrap_err().code, ErrorCode::ValueWrong.number());
    }
    let refused = ask_for(&author, register(), "Rapat bulanan").await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::WriteForbidden.number());
    registrar.fail_write(0, Fault::Full);
    ask_for(&registrar, register(), "Rapat bulanan").await.unwrap_err();
    assert_eq!(tables_of(&registrar, 0).await.exports, [], "nothing was handed out so far");

    let Reply::Export(file, View::Registry(view)) = ask_for(&registrar, register(), "  Rapat bulanan ").await.unwrap()
    else {
        panic!("the register was asked for")
    };
    let today = with(&registrar, async |session| session.today().to_string()).await;
    assert_eq!(file, format!("simpul-register-{today}.csv"));
    assert_eq!(view.rows.len(), 3, "all of it, not the piece on the screen");
    assert!(view.rows.iter().all(|row| row.card.manager.is_empty() && row.card.changed_by.is_empty()), "no names");
    let Reply::Export(file, View::Tables(view)) = ask_for(&registrar, table(2026), "Laporan tahunan").await.unwrap()
    else {
        panic!("a table was asked for")
    };
    assert_eq!((file, view.tables.len()), (format!("simpul-t03-2026-{today}.csv"), 1));

    registrar.restart().await.unwrap();
    let exports = tables_of(&registrar, 0).await.exports;
    let kept: Vec<_> = exports.iter().map(|one| (one.table, one.rows, one.reason.as_str())).collect();
    assert_eq!(kept.len(), 2);
    assert!(kept.contains(&(None, 3, "Rapat bulanan")) && kept.contains(&(Some(TableId::T03), 5, "Laporan tahunan")));

    // The centre hears of both with the next round, of no reason, and of nothing that was refused.
    sync(&mut registrar, &wire).await;
    let told = office.relay().seen(None, None).await.unwrap();
    let sights: Vec<Sight> = told.into_iter().map(|line| line.record.seen.unwrap().sight).collect();
    let table = Some((TableId::T03, 2026));
    assert_eq!(sights, [Sight::Exported { table: None, rows: 3 }, Sight::Exported { table, rows: 5 }]);
}

#[tokio::test]
async fn who_registers_is_told_of_cases_that_may_be_the_same() {
    let Scene { wire, clock, mut author, mut registrar, .. } = scene().await;
    let from = |area: &str| ("kecamatan_asal", Scalar::from(area));
    let girls = |count| ("jml_pa", Scalar::Int(count));
    let old = report(&author, &[from("53.04.01"), girls(2)]).await;
    clock.pass_ms(31 * DAY_MS);
    let first = report(&author, &[from("53.04.01"), girls(2)]).await;
    let again = report(&author, &[from("53.04.01"), girls(2)]).await;
    let elsewhere = report(&author, &[from("53.04.02"), girls(2)]).await;
    let fewer = report(&author, &[from("53.04.01"), girls(1)]).await;
    let unknown = report(&author, &[girls(2)]).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    let similar = async |case: CaseId| {
        let view = with(&registrar, async |session| query::case::view(session, case).await.unwrap().unwrap()).await;
        view.registering.unwrap().similar.into_iter().map(|(case, _)| case).collect::<Vec<_>>()
    };
    assert_eq!(similar(again).await, [first]);
    assert_eq!(similar(first).await, [again], "and not the one of a month ago");
    for alone in [old, elsewhere, fewer, unknown] {
        assert_eq!(similar(alone).await, [], "nobody is like nobody");
    }
    with(&registrar, async |session| {
        for (case, number) in [(old, "5304014808107319"), (fewer, "5304025001017319")] {
            flow::take_over(session, case).await.unwrap();
            let person = flow::add_person(session, case).await.unwrap();
            let key = document_key(case, "identity.full", Some(person));
            let edit = Edit::SetField { key: "nik".to_owned(), value: Scalar::from(number), seen: Vec::new() };
            session.edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap();
        }
    })
    .await;
    assert_eq!(similar(old).await, [fewer], "their numbers end alike");
}

#[tokio::test]
async fn the_case_list_shows_what_is_due_first_and_is_narrowed() {
    let Scene { wire, clock, mut author, mut registrar, .. } = scene().await;
    let place = ("lokasi_kejadian", Scalar::from("53.04.01"));
    let plain = report(&author, &[place]).await;
    let late = report(&author, &[("anak_terlibat", Scalar::Bool(true))]).await;
    clock.pass_ms(3_600_000);
    let tip = report(&author, &[("cara_masuk", Scalar::from("TELEPON"))]).await;
    clock.pass_ms(3_600_000);
    let newest = report(&author, &[]).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    let find = async |ask: CasesAsk| {
        let view =
            with(&registrar, async |session| query::list::search(session, &CasesAsk { cards_max: 9, ..ask })).await;
        view.cards.into_iter().map(|card| card.case).collect::<Vec<_>>()
    };
    let by_due = find(CasesAsk::default()).await;
    assert_eq!(by_due[..2], [late, tip], "the earliest end comes first");
    assert_eq!(by_due[2], newest, "then what happened last");
    assert_eq!(find(CasesAsk { newest_first: true, ..CasesAsk::default() }).await[0], newest);
    let only = async |only: &[CaseFilter]| find(CasesAsk { only: only.to_vec(), ..CasesAsk::default() }).await;
    assert_eq!(only(&[CaseFilter::Due]).await, [late, tip]);
    assert_eq!(only(&[CaseFilter::Due, CaseFilter::Child]).await, [late]);
    assert_eq!(only(&[CaseFilter::Conflicts]).await, []);

    let person = with(&registrar, async |session| {
        flow::take_over(session, late).await.unwrap();
        let person = flow::add_person(session, late).await.unwrap();
        let key = document_key(late, "identity.full", Some(person));
        let edit = Edit::SetField { key: "nik".to_owned(), value: Scalar::from("5304014808107319"), seen: Vec::new() };
        session.edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap();
        register::register(session, plain, "BLU-2026-0041").await.unwrap();
        person
    })
    .await;
    assert_eq!(only(&[CaseFilter::Waiting]).await.len(), 3);
    let search = async |words: &str| find(CasesAsk { search: words.to_owned(), ..CasesAsk::default() }).await;
    assert_eq!(search("7319").await, [late], "by the end of a number");
    assert_eq!(search("53040148").await, [], "not by more of it");
    assert_eq!(search("blu 0041").await, [plain]);
    let code =
        with(&registrar, async |session| session.index.core(plain).unwrap().text("kode_lapangan").to_owned()).await;
    assert_eq!(search(&code.to_lowercase().replace('-', "")).await, [plain], "its field code leads to the number");
    let area = with(&registrar, async |session| session.pack.areas.get("53.04.01").unwrap().name.clone()).await;
    assert_eq!(search(&area.to_uppercase()).await, [plain]);
    assert_eq!(search("laporan awal").await.len(), 4, "by stage");

    // What a search looks through is kept from one to the next: what is written and who is renamed is found at once.
    with(&registrar, async |session| {
        let manager = session.owner.account;
        flow::assign(session, vec![late], manager, "MKS").await.unwrap();
    })
    .await;
    let name = with(&registrar, async |session| session.owner.member.name.clone()).await;
    assert_eq!(search(&name).await, [late]);
    assert_eq!(search("yosefa baru").await, []);
    with(&registrar, async |session| {
        let renamed = RowWrite::PutMember(Member { name: "Yosefa Baru".to_owned(), ..session.owner.member.clone() });
        let batch = Batch { writes: vec![renamed], ..Batch::default() };
        session.commit(&batch, Writes::new()).await.unwrap();
    })
    .await;
    assert_eq!(search("yosefa baru").await, [late]);

    // Who has not the number on the tablet does not find by it either.
    sync(&mut registrar, &wire).await;
    sync(&mut author, &wire).await;
    let found = with(&author, async |session| {
        assert!(!session.has(&document_key(late, "identity.full", Some(person))));
        query::list::search(session, &CasesAsk { search: "7319".to_owned(), ..CasesAsk::default() }).total
    });
    assert_eq!(found.await, 0);
}

/// How many cases the end of a number finds that belongs to somebody who would not say whether they may be named, and who may
/// have been struck out since.
async fn found_by_number_of_refused(is_struck_out: bool) -> u32 {
    let Scene { wire, mut author, mut registrar, .. } = scene().await;
    let case = report(&author, &[]).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    with(&registrar, async |session| {
        flow::take_over(session, case).await.unwrap();
        let person = flow::add_person(session, case).await.unwrap();
        let key = document_key(case, "identity.full", Some(person));
        let edit = Edit::SetField { key: "nik".to_owned(), value: Scalar::from("5304014808107319"), seen: Vec::new() };
        session.edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap();
        let fields = vec![
            (String::from("orang"), Scalar::Str(person.to_string())),
            (String::from("boleh_bernama#jawab"), Scalar::from("MENOLAK")),
        ];
        let edit = Edit::AddRow { table: String::from("persetujuan"), row: RowId::from_bytes([7; 16]), fields };
        session.edit(vec![DocumentEdit { key: core_key(case), edit }], Writes::new()).await.unwrap();
        if is_struck_out {
            let rows = session.replica(&core_key(case)).await.unwrap().document.rows("orang");
            let row = rows.first().unwrap();
            let edit = Edit::RemoveRow { table: String::from("orang"), row: row.row, seen: row.ops() };
            session.edit(vec![DocumentEdit { key: core_key(case), edit }], Writes::new()).await.unwrap();
        }
        let ask = CasesAsk { cards_max: 9, search: "7319".to_owned(), ..CasesAsk::default() };
        query::list::search(session, &ask).total
    })
    .await
}

#[tokio::test]
async fn who_refused_a_name_is_not_found_by_their_number() {
    for is_struck_out in [false, true] {
        let found = found_by_number_of_refused(is_struck_out).await;
        assert_eq!(found, 0, "nobody is shown the paper, and its number leads to the case");
    }
}

#[tokio::test]
async fn a_danger_that_is_taken_by_a_tablet_whose_clock_is_slow_asks_for_the_same_before_it_is_sent() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 61).await;
    let member = cast.office.add_account("Contoh MKS lambat", "MKS").await.unwrap();
    let owner = cast.office.register(&member, "Tablet lambat").await.unwrap();
    let slow = ScriptedClock::at(START_MS - 3_600_000);
    let mut manager = Tablet::enrolled(&owner, &cast.office.pack().to_cbor().unwrap(), slow, 62).await.unwrap();
    let case = with(&author, async |session| {
        let case = flow::start_report(session).await.unwrap();
        set(session, case, "anak_terlibat", Scalar::Bool(true)).await;
        let edit = Edit::SetField { key: "darurat".to_owned(), value: Scalar::Bool(true), seen: Vec::new() };
        session.edit(vec![DocumentEdit { key: core_key(case), edit }], Writes::new()).await.unwrap();
        case
    })
    .await;
    cast.sync(&mut author).await;
    cast.sync(&mut manager).await;
    with(&manager, async |session| flow::take_over(session, case).await.unwrap()).await;
    let home = async |tablet: &Tablet| with(tablet, async |session| query::home::home(session).due.len()).await;
    let before = home(&manager).await;
    cast.sync(&mut manager).await;
    assert_eq!((before, home(&manager).await), (1, 1), "a child waits, and until the next round nothing is asked");
}
