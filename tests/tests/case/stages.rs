//! Stages: gates, disagreement, closing by two, opening again, taking back.

use client::api::{GateState, RegistryAsk, RegistryTab, StageAct, StageView};
use client::engine::session::{core_key, document_key};
use client::engine::{query, stage};
use shared::command::Edit;
use shared::id::{CaseId, RowId};
use shared::pack::source;
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;
use tests::native::tablet::Tablet;

use super::{Scene, hex, scene, set, sync, view, with, write};

async fn stage_of(tablet: &Tablet, case: CaseId) -> StageView {
    view(tablet, case).await.stage
}

async fn try_act(tablet: &Tablet, case: CaseId, act: StageAct) -> Result<(), u16> {
    with(tablet, async |session| stage::act(session, case, act).await.map_err(|failure| failure.code)).await
}

/// "Akan ditutup" of the register.
async fn to_be_closed(tablet: &Tablet) -> Vec<CaseId> {
    let ask = RegistryAsk { tab: RegistryTab::Closing, rows_max: 60, ..RegistryAsk::default() };
    with(tablet, async |session| query::registry::view(session, &ask).cases).await
}

#[track_caller]
fn refused_as(outcome: Result<(), u16>, code: ErrorCode) {
    assert_eq!(outcome, Err(code.number()));
}

fn move_to(to: &str, reason: &str) -> StageAct {
    StageAct::Move { to: to.to_owned(), reason: reason.to_owned() }
}

fn propose() -> StageAct {
    StageAct::Propose { reason: "SELESAI".into(), done: vec!["RENCANA".into(), "ARSIP".into()], note: String::new() }
}

impl Scene {
    async fn close(&mut self) {
        try_act(&self.one, self.case, propose()).await.unwrap();
        self.meet().await;
        let row = stage_of(&self.other, self.case).await.closing.unwrap().row;
        try_act(&self.other, self.case, StageAct::Approve(row)).await.unwrap();
        self.meet().await;
    }
}

fn state_of(view: &StageView, key: &str) -> Option<(GateState, usize)> {
    let pack = source::embedded("belu").unwrap().unwrap();
    let place = pack.stages.gates.iter().position(|gate| gate.key == key).unwrap();
    let found = view.gates.iter().find(|gate| usize::try_from(gate.gate).unwrap() == place);
    found.map(|gate| (gate.state, gate.people.len()))
}

#[tokio::test]
async fn a_stage_names_what_it_lacks_and_opens_with_a_reason() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, scene.person);
    let before = stage_of(&scene.one, case).await;
    assert_eq!(
        (before.stands.as_slice(), before.may_move, before.may_close),
        (&["LAPORAN".to_owned()][..], true, true)
    );
    assert_eq!(state_of(&before, "ditangani"), Some((GateState::Met, 0)));
    assert_eq!(state_of(&before, "triase"), Some((GateState::Missing, 0)));
    assert_eq!(state_of(&before, "status"), None, "asked of trafficking only");
    refused_as(try_act(&scene.one, case, move_to("IDENTIFIKASI", "  ")).await, ErrorCode::ValueWrong);
    try_act(&scene.one, case, move_to("IDENTIFIKASI", "Triase menyusul")).await.unwrap();
    write(&scene.one, case, "intake", None, set("triase", "TPPO")).await;
    let now = stage_of(&scene.one, case).await;
    assert_eq!(state_of(&now, "triase"), Some((GateState::Met, 0)));
    assert_eq!(state_of(&now, "status"), Some((GateState::Missing, 1)), "of one person");
    for (key, value) in [("status_korban", "TERINDIKASI"), ("penetap_status", "UPTD"), ("tgl_penetapan", "2026-09-20")]
    {
        write(&scene.one, case, "identification", Some(person), set(key, value)).await;
    }
    try_act(&scene.one, case, move_to("LAYANAN", "")).await.unwrap();
    scene.meet().await;
    for tablet in [&scene.other, &scene.registrar] {
        let view = view(tablet, case).await;
        assert_eq!((view.stage.stands, view.card.stage.as_str()), (vec!["LAYANAN".to_owned()], "LAYANAN"));
    }
    let reasons = with(&scene.other, async |session| {
        let rows = session.replica(&core_key(case)).await.unwrap().document.rows("tahapan");
        rows.iter().filter_map(|row| row.field("alasan").shown()?.as_str().map(str::to_owned)).collect::<Vec<_>>()
    });
    assert_eq!(reasons.await, ["Triase menyusul"]);
}

#[tokio::test]
async fn nobody_returns_without_an_assessment_of_the_risk() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, scene.person);
    write(&scene.one, case, "intake", None, set("triase", "PMI")).await;
    let return_now = || move_to("PEMULANGAN", "Keluarga menunggu");
    refused_as(try_act(&scene.one, case, return_now()).await, ErrorCode::GateShut);
    write(&scene.one, case, "return", Some(person), set("tingkat_risiko", "SEDANG")).await;
    refused_as(try_act(&scene.one, case, return_now()).await, ErrorCode::GateShut);
    write(&scene.one, case, "return", Some(person), set("tgl_penilaian", "2026-09-20")).await;
    scene.meet().await;
    // The registrar does not read this part, so that its gate stays shut there.
    assert_eq!(state_of(&stage_of(&scene.registrar, case).await, "risiko_pulang"), Some((GateState::Unseen, 0)));
    refused_as(try_act(&scene.registrar, case, return_now()).await, ErrorCode::GateShut);
    // Of two that stand the one that says less counts.
    write(&scene.one, case, "return", Some(person), set("tgl_penilaian", "2026-09-21")).await;
    let cleared = with(&scene.other, async |session| {
        let key = document_key(case, "return", Some(person));
        let seen = session.replica(&key).await.unwrap().document.field("tgl_penilaian").ops();
        Edit::SetField { key: "tgl_penilaian".to_owned(), value: Scalar::Null, seen }
    });
    let cleared = cleared.await;
    write(&scene.other, case, "return", Some(person), cleared).await;
    scene.meet().await;
    refused_as(try_act(&scene.one, case, return_now()).await, ErrorCode::GateShut);
    let seen = with(&scene.one, async |session| {
        let key = document_key(case, "return", Some(person));
        session.replica(&key).await.unwrap().document.field("tgl_penilaian").ops()
    });
    let chosen = Edit::Choose { key: "tgl_penilaian".to_owned(), value: "2026-09-21".into(), seen: seen.await };
    write(&scene.one, case, "return", Some(person), chosen).await;
    try_act(&scene.one, case, return_now()).await.unwrap();
    // Another person of the case is asked about as well; who has died is not.
    let row = RowId::from_bytes([9; 16]);
    let fields = [("subjek", hex(9).into()), ("urutan", 2.into()), ("meninggal", Scalar::Bool(true))];
    let fields = fields.map(|(key, value): (&str, Scalar)| (key.to_owned(), value)).to_vec();
    write(&scene.one, case, "core", None, Edit::AddRow { table: "orang".to_owned(), row, fields }).await;
    assert_eq!(state_of(&stage_of(&scene.one, case).await, "risiko_pulang"), Some((GateState::Met, 0)));
    let alive = Edit::SetRowField {
        table: "orang".into(),
        row,
        key: "meninggal".into(),
        value: false.into(),
        seen: Vec::new(),
    };
    write(&scene.one, case, "core", None, alive).await;
    assert_eq!(state_of(&stage_of(&scene.one, case).await, "risiko_pulang"), Some((GateState::Missing, 1)));
}

#[tokio::test]
async fn two_who_move_a_stage_apart_disagree_until_somebody_chooses() {
    let mut scene = scene().await;
    let case = scene.case;
    try_act(&scene.one, case, move_to("LAYANAN", "Butuh dokter sekarang")).await.unwrap();
    try_act(&scene.other, case, move_to("HUKUM", "Polisi sudah memeriksa")).await.unwrap();
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        let view = view(tablet, case).await;
        let mut stands = view.stage.stands.clone();
        stands.sort_unstable();
        assert_eq!(stands, ["HUKUM", "LAYANAN"]);
        assert!(view.card.conflicts > 0);
    }
    refused_as(try_act(&scene.one, case, move_to("IDENTIFIKASI", "Mundur")).await, ErrorCode::ValuesUnseen);
    refused_as(try_act(&scene.one, case, propose()).await, ErrorCode::ValuesUnseen);
    let seen =
        with(&scene.one, async |session| session.replica(&core_key(case)).await.unwrap().document.field("tahap").ops());
    let chosen = Edit::Choose { key: "tahap".to_owned(), value: "HUKUM".into(), seen: seen.await };
    write(&scene.one, case, "core", None, chosen).await;
    scene.meet().await;
    assert_eq!(stage_of(&scene.registrar, case).await.stands, ["HUKUM"]);
}

#[tokio::test]
async fn a_case_is_closed_by_two_and_by_nobody_alone() {
    let mut scene = scene().await;
    let case = scene.case;
    refused_as(try_act(&scene.one, case, move_to("TUTUP", "Selesai")).await, ErrorCode::ValueWrong);
    try_act(&scene.one, case, propose()).await.unwrap();
    let proposed = stage_of(&scene.one, case).await.closing.unwrap();
    assert!(proposed.own && proposed.approved.is_none());
    assert_eq!((proposed.reason.as_str(), proposed.done.len()), ("SELESAI", 2));
    refused_as(try_act(&scene.one, case, StageAct::Approve(proposed.row)).await, ErrorCode::ClosingAlone);

    // Past the tablet's own rules, the relay says no: to an approval, to another one's name, and to the stage alone.
    let signs = |name: String| Edit::SetRowField {
        table: "penutupan".into(),
        row: proposed.row,
        key: "setuju_oleh".into(),
        value: name.into(),
        seen: Vec::new(),
    };
    write(&scene.one, case, "core", None, signs(scene.one_account.to_string())).await;
    write(&scene.one, case, "core", None, set("tahap", "TUTUP")).await;
    scene.meet().await;
    let left = with(&scene.one, async |session| {
        session.tray.iter().map(|trayed| (trayed.entry.held, trayed.entry.reason)).collect::<Vec<_>>()
    });
    assert_eq!(left.await, [(false, ErrorCode::ChangeForbidden.number()); 2]);
    let there = stage_of(&scene.other, case).await;
    assert_eq!(there.stands, ["LAPORAN"]);
    let closing = there.closing.unwrap();
    assert!(!closing.own && closing.approved.is_none(), "{closing:?}");
    assert_eq!(to_be_closed(&scene.registrar).await, [case], "the register knows what waits for a second person");
    write(&scene.other, case, "core", None, signs(scene.one_account.to_string())).await;
    scene.meet().await;
    assert_eq!(with(&scene.other, async |session| session.tray.len()).await, 1);

    try_act(&scene.other, case, StageAct::Approve(closing.row)).await.unwrap();
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        let stage = stage_of(tablet, case).await;
        assert_eq!(stage.stands, ["TUTUP"]);
        assert_eq!(stage.closing.unwrap().approved.unwrap().by, "Contoh MKS dua");
    }
    assert_eq!(to_be_closed(&scene.registrar).await, []);
    refused_as(try_act(&scene.one, case, move_to("LAYANAN", "Lupa")).await, ErrorCode::ValueWrong);
}

#[tokio::test]
async fn a_closed_case_is_opened_again_with_a_reason_and_not_closed_by_what_was_agreed_before() {
    let mut scene = scene().await;
    let case = scene.case;
    try_act(&scene.one, case, move_to("LAYANAN", "Butuh dokter")).await.unwrap();
    scene.close().await;
    refused_as(try_act(&scene.registrar, case, StageAct::Reopen { reason: " ".into() }).await, ErrorCode::ValueWrong);
    try_act(&scene.registrar, case, StageAct::Reopen { reason: "Korban menelepon lagi".into() }).await.unwrap();
    scene.meet().await;
    let stage = stage_of(&scene.one, case).await;
    assert_eq!((stage.stands.as_slice(), stage.closing), (&["LAYANAN".to_owned()][..], None));
    write(&scene.one, case, "core", None, set("tahap", "TUTUP")).await;
    sync(&mut scene.one, &scene.wire).await;
    assert_eq!(with(&scene.one, async |session| session.tray.len()).await, 1, "nobody closes by the old agreement");
    scene.close().await;
    assert_eq!(stage_of(&scene.registrar, case).await.stands, ["TUTUP"]);
}

#[tokio::test]
async fn what_was_just_done_is_taken_back() {
    let mut scene = scene().await;
    let case = scene.case;
    try_act(&scene.one, case, move_to("LAYANAN", "Butuh dokter")).await.unwrap();
    try_act(&scene.one, case, StageAct::Undo).await.unwrap();
    assert_eq!(stage_of(&scene.one, case).await.stands, ["LAPORAN"]);
    refused_as(try_act(&scene.one, case, StageAct::Undo).await, ErrorCode::ValueWrong);

    scene.close().await;
    refused_as(try_act(&scene.one, case, StageAct::Undo).await, ErrorCode::ValueWrong);
    try_act(&scene.other, case, StageAct::Undo).await.unwrap();
    scene.meet().await;
    let stage = stage_of(&scene.registrar, case).await;
    assert_eq!((stage.stands.as_slice(), stage.closing.unwrap().approved), (&["LAPORAN".to_owned()][..], None));
    let row = stage_of(&scene.other, case).await.closing.unwrap().row;
    try_act(&scene.other, case, StageAct::Approve(row)).await.unwrap();
    scene.meet().await;
    try_act(&scene.one, case, StageAct::Reopen { reason: "Salah kasus".into() }).await.unwrap();
    try_act(&scene.one, case, StageAct::Undo).await.unwrap();
    scene.meet().await;
    let closed = stage_of(&scene.registrar, case).await;
    assert_eq!(closed.stands, ["TUTUP"], "{closed:?}");
    assert!(closed.closing.unwrap().approved.is_some());

    try_act(&scene.one, case, StageAct::Reopen { reason: "Korban kembali".into() }).await.unwrap();
    scene.clock.pass_ms(61_000);
    refused_as(try_act(&scene.one, case, StageAct::Undo).await, ErrorCode::ValueWrong);
    try_act(&scene.one, case, propose()).await.unwrap();
    let row = stage_of(&scene.one, case).await.closing.unwrap().row;
    scene.meet().await;
    assert_eq!(to_be_closed(&scene.registrar).await, [case], "what was closed before and opened again");
    try_act(&scene.one, case, StageAct::Withdraw(row)).await.unwrap();
    scene.meet().await;
    assert_eq!(to_be_closed(&scene.registrar).await, []);
    assert_eq!(stage_of(&scene.one, case).await.closing, None);
}
