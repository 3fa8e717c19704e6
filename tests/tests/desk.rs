//! The registrar's desk, and asking back, on real engines with a real relay.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not recognised as tests")]

use client::api::{
    DeskView, FieldPlace, NextStep, Path, Queue, ReceiptState, ReceiptView, RegistryAsk, StageAct, Write,
};
use client::engine::query::desk::newest_ms;
use client::engine::query::value::token;
use client::engine::session::{DocumentEdit, Session, core_key, document_key};
use client::engine::write::write;
use client::engine::{asking, flow, query, refusal, register, stage};
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{CaseId, DocumentKey, RowId};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;
use tests::native::cast::{Cast, START_MS, with};
use tests::native::tablet::Tablet;

const HOUR_MS: u64 = 3_600_000;

/// Writes a field over what stands there on this tablet.
async fn set(tablet: &Tablet, key: DocumentKey, field: &str, value: Scalar) {
    let write = async |session: &mut Session| {
        let seen = session.replica(&key).await.unwrap().document.field(field).ops();
        let edit = Edit::SetField { key: field.to_owned(), value, seen };
        session.edit(vec![DocumentEdit { key: key.clone(), edit }], Writes::new()).await.unwrap();
    };
    with(tablet, write).await;
}

async fn begin(author: &Tablet) -> CaseId {
    with(author, async |session| flow::start_report(session).await).await.unwrap()
}

async fn report(author: &Tablet) -> CaseId {
    let case = begin(author).await;
    with(author, async |session| flow::hand_over(session, case).await).await.unwrap();
    case
}

async fn take_over(tablet: &Tablet, case: CaseId) {
    with(tablet, async |session| flow::take_over(session, case).await).await.unwrap();
}

async fn desk(tablet: &Tablet) -> Option<DeskView> {
    with(tablet, async |session| query::home::home(session).desk).await
}

fn cases_of(desk: &DeskView, queue: Queue) -> Vec<CaseId> {
    desk.steps().filter(|(key, _)| key.0 == queue).filter_map(|(key, _)| key.1).collect()
}

#[tokio::test]
async fn every_case_waits_in_the_queue_of_what_it_lacks_and_the_oldest_first() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut manager) = cast.member("MKS", "MKS", 8).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let taken = report(&author).await;
    cast.clock.pass_ms(HOUR_MS);
    let child = report(&author).await;
    set(&author, document_key(child, "intake", None), "anak_terlibat", Scalar::Bool(true)).await;
    cast.clock.pass_ms(HOUR_MS);
    let new = report(&author).await;
    let danger = begin(&author).await;
    set(&author, core_key(danger), "darurat", Scalar::Bool(true)).await;
    let draft = begin(&author).await;
    cast.sync(&mut author).await;
    cast.sync(&mut manager).await;
    take_over(&manager, taken).await;
    cast.sync(&mut manager).await;
    cast.sync(&mut registrar).await;

    let view = desk(&registrar).await.unwrap();
    assert_eq!(cases_of(&view, Queue::Danger), [danger]);
    assert_eq!(cases_of(&view, Queue::Reports), [child, new], "the oldest first");
    assert_eq!(
        cases_of(&view, Queue::Unnumbered),
        [taken],
        "what was taken is not off the desk before it has a number"
    );
    assert_eq!(cases_of(&view, Queue::Incomplete), [], "what has another queue stands there alone");
    assert_eq!(cases_of(&view, Queue::Late), []);
    assert!(view.steps().all(|(key, _)| key.1 != Some(draft)), "a draft is nobody's yet");
    let reports = view.queues.iter().find(|queue| queue.queue == Queue::Reports).unwrap();
    assert_eq!((reports.count, reports.oldest_ms), (2, START_MS + HOUR_MS));
    assert_eq!(view.queues.first().map(|queue| queue.queue), Some(Queue::Danger));

    cast.clock.pass_ms(24 * HOUR_MS);
    with(&registrar, async |session| register::register(session, taken, "BLU-2026-0001").await).await.unwrap();
    let view = desk(&registrar).await.unwrap();
    assert_eq!(cases_of(&view, Queue::Unnumbered), []);
    assert_eq!(cases_of(&view, Queue::Incomplete), [taken], "it has a number and nothing else");
    assert_eq!(cases_of(&view, Queue::Late), [child], "nobody has looked after the child");

    // Both write apart from each other: who disagrees is one thing to do, and says since when.
    set(&manager, document_key(taken, "intake", None), "triase", Scalar::from("TPPO")).await;
    cast.clock.pass_ms(HOUR_MS);
    set(&registrar, document_key(taken, "intake", None), "triase", Scalar::from("INFO")).await;
    cast.sync(&mut manager).await;
    cast.sync(&mut registrar).await;
    let view = desk(&registrar).await.unwrap();
    let conflicts = view.queues.iter().find(|queue| queue.queue == Queue::Conflicts).unwrap();
    assert_eq!((conflicts.count, conflicts.oldest_ms), (1, cast.clock.now_ms()));
    assert_eq!(cases_of(&view, Queue::Conflicts), [taken]);

    assert_eq!(desk(&manager).await, None, "the desk is the registrar's");
    assert_eq!(desk(&author).await, None);
}

#[tokio::test]
async fn too_many_open_cases_are_told_by_their_stages() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, manager) = cast.member("MKS", "MKS", 7).await;
    let mut cases = Vec::new();
    for _ in 0..26 {
        let case = report(&manager).await;
        take_over(&manager, case).await;
        cases.push(case);
    }
    let home = async || with(&manager, async |session| query::home::home(session)).await;
    let told = |home: &client::api::HomeView| {
        home.stages.iter().map(|one| (one.stage.clone(), one.cases.len())).collect::<Vec<_>>()
    };
    assert_eq!((told(&home().await), home().await.cases.len()), (vec![("LAPORAN".to_owned(), 26)], 0));
    // In the order of the stages, not of their names; a case that is closed is nobody's work any more.
    set(&manager, core_key(cases[0]), "tahap", Scalar::from("REINTEGRASI")).await;
    set(&manager, core_key(cases[1]), "tahap", Scalar::from("IDENTIFIKASI")).await;
    let stages = [("LAPORAN", 24), ("IDENTIFIKASI", 1), ("REINTEGRASI", 1)];
    assert_eq!(told(&home().await), stages.map(|(stage, count)| (stage.to_owned(), count)));
    set(&manager, core_key(cases[0]), "tahap", Scalar::from("TUTUP")).await;
    let few = home().await;
    assert_eq!((few.stages, few.cases.len(), few.cases_total), (vec![], 20, 26));
    assert!(few.cases.iter().all(|card| card.case != cases[0]), "what is closed stands behind what is open");
}

#[tokio::test]
async fn what_came_in_is_told_by_when_it_came_and_not_by_when_it_was_written() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut away) = cast.member("PKT jauh", "PKT", 8).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    // Written and handed over before everything else, without a signal.
    let late = report(&away).await;
    cast.clock.pass_ms(HOUR_MS);
    let first = report(&author).await;
    let own = report(&registrar).await;
    cast.sync(&mut author).await;
    cast.sync(&mut registrar).await;
    let came_in = async |tablet: &Tablet| {
        let view = desk(tablet).await.unwrap();
        (view.came_in.iter().map(|one| one.case).collect::<Vec<_>>(), view.came_in_total)
    };
    assert_eq!(came_in(&registrar).await, (vec![first], 1), "{own} is the registrar's own");
    with(&registrar, async |session| session.settings.desk_seen_ms = newest_ms(session)).await;
    assert_eq!(came_in(&registrar).await, (vec![], 0));
    cast.clock.pass_ms(HOUR_MS);
    cast.sync(&mut away).await;
    cast.sync(&mut registrar).await;
    assert_eq!(came_in(&registrar).await, (vec![late], 1));
}

#[tokio::test]
async fn what_is_not_sent_stands_with_danger_first_and_the_newest_before_the_older() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, author) = cast.member("PKT", "PKT", 7).await;
    let danger = begin(&author).await;
    set(&author, core_key(danger), "darurat", Scalar::Bool(true)).await;
    let mut reports = Vec::new();
    for _ in 0..3 {
        cast.clock.pass_ms(HOUR_MS);
        reports.push(report(&author).await);
    }
    cast.clock.pass_ms(HOUR_MS);
    // The oldest report is the one that was written last.
    set(&author, document_key(reports[0], "intake", None), "jml_pd", Scalar::Int(1)).await;
    let waiting = with(&author, async |session| query::list::waiting(session)).await;
    let cases: Vec<CaseId> = waiting.iter().map(|one| one.case).collect();
    assert_eq!(cases, [danger, reports[0], reports[2], reports[1]]);
    assert_eq!(waiting.iter().map(|one| one.emergency).collect::<Vec<_>>(), [true, false, false, false]);
    assert!(with(&author, async |session| session.danger_waits()).await);
}

/// What the author's receipt says of a case.
async fn receipt(author: &Tablet, case: CaseId) -> ReceiptView {
    let home = with(author, async |session| query::home::home(session)).await;
    home.handed_over.into_iter().find(|receipt| receipt.case == case).unwrap()
}

#[tokio::test]
async fn a_question_reaches_the_author_until_it_is_answered() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut manager) = cast.member("MKS", "MKS", 8).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let case = report(&author).await;
    cast.sync(&mut author).await;
    cast.sync(&mut manager).await;
    let ask = async |tablet: &Tablet, what: &str| {
        cast.clock.pass_ms(1_000);
        with(tablet, async |session| asking::ask(session, case, what).await).await
    };
    let refused = ask(&manager, "TEMPAT").await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::WriteForbidden.number(), "who asks has taken the case");
    take_over(&manager, case).await;
    let exchange = async |first: &mut Tablet, second: &mut Tablet| {
        cast.sync(first).await;
        cast.sync(second).await;
    };
    exchange(&mut manager, &mut author).await;
    let told = receipt(&author, case).await;
    assert_eq!((told.state, told.asked.as_str()), (Some(ReceiptState::InHand), ""));
    assert!(ask(&author, "TEMPAT").await.is_err(), "nobody asks themselves");

    for what in ["TEMPAT", "TEMPAT", "WAKTU"] {
        ask(&manager, what).await.unwrap();
        exchange(&mut manager, &mut author).await;
        let told = receipt(&author, case).await;
        assert_eq!((told.state, told.asked.as_str()), (Some(ReceiptState::NeedsSupplement), what));
        let answer = async |session: &mut Session| {
            flow::supplement(session, case, String::from("Sudah pindah ke kecamatan lain.")).await
        };
        with(&author, answer).await.unwrap();
        exchange(&mut author, &mut manager).await;
        cast.sync(&mut author).await;
        let told = receipt(&author, case).await;
        assert_eq!((told.state, told.asked.as_str()), (Some(ReceiptState::InHand), ""), "answered");
    }
    let view = with(&manager, async |session| query::case::view(session, case).await).await.unwrap().unwrap();
    assert_eq!(view.supplements.len(), 3);
    assert_eq!(view.asking.map(|asking| (asking.what, asking.may_ask)), Some((String::from("WAKTU"), true)));

    ask(&manager, "ORANG").await.unwrap();
    let propose = StageAct::Propose { reason: "SELESAI".into(), done: vec!["ARSIP".into()], note: String::new() };
    with(&manager, async |session| stage::act(session, case, propose).await).await.unwrap();
    exchange(&mut manager, &mut registrar).await;
    let approve = async |session: &mut Session| {
        let view = query::case::view(session, case).await.unwrap().unwrap();
        stage::act(session, case, StageAct::Approve(view.stage.closing.unwrap().row)).await.unwrap();
    };
    with(&registrar, approve).await;
    exchange(&mut registrar, &mut manager).await;
    cast.sync(&mut author).await;
    let told = receipt(&author, case).await;
    assert_eq!((told.state, told.asked.as_str()), (Some(ReceiptState::Closed), ""), "a closed case asks nothing");
    assert!(ask(&manager, "TEMPAT").await.is_err());
}

#[tokio::test]
async fn an_old_draft_stands_on_the_desk_by_code_and_age_until_it_is_handed_over() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let case = begin(&author).await;
    let code = with(&author, async |session| session.reports[&case].field_code.clone()).await;
    cast.sync(&mut author).await;
    // The relay looks when the day is another; so it does when somebody enrols.
    cast.clock.pass_ms(73 * HOUR_MS);
    cast.member("PKT kedua", "PKT", 10).await;
    cast.sync(&mut registrar).await;
    registrar.restart().await.unwrap();
    let view = desk(&registrar).await.unwrap();
    assert_eq!((view.drafts.len(), view.drafts_total, view.count()), (1, 1, 0), "it is no work to do in order");
    assert_eq!(view.drafts[0].field_code, code);
    let age_ms = START_MS - view.drafts[0].since_ms;
    assert!(age_ms < 24 * HOUR_MS, "{age_ms}");
    assert!(with(&registrar, async |session| session.index.core(case).is_none()).await);

    with(&author, async |session| flow::hand_over(session, case).await).await.unwrap();
    cast.sync(&mut author).await;
    cast.sync(&mut registrar).await;
    let view = desk(&registrar).await.unwrap();
    assert_eq!((view.drafts.len(), cases_of(&view, Queue::Reports)), (0, vec![case]));
}

async fn steps(tablet: &Tablet, case: CaseId) -> Vec<NextStep> {
    with(tablet, async |session| query::case::view(session, case).await).await.unwrap().unwrap().next_steps
}

#[tokio::test]
async fn a_draft_in_danger_is_its_authors_to_write_and_nobody_else_takes_the_danger_away() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut manager) = cast.member("MKS", "MKS", 8).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let danger = begin(&author).await;
    let answer = |value: &'static str| {
        let place = FieldPlace {
            case: danger,
            kind: "intake".to_owned(),
            subject: None,
            path: Path::Field("bahaya_segera".to_owned()),
        };
        async move |session: &mut Session| {
            write(session, Write::Set { place, value: value.into(), seen: Vec::new() }).await
        }
    };
    with(&author, answer("YA")).await.unwrap();
    assert!(steps(&author, danger).await.contains(&NextStep::ContinueReport));
    cast.sync(&mut author).await;
    for tablet in [&mut manager, &mut registrar] {
        cast.sync(tablet).await;
        assert!(!steps(tablet, danger).await.contains(&NextStep::ContinueReport), "a draft belongs to its author");
        let refused = with(tablet, answer("TIDAK")).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::WriteForbidden.number());
        let stands = with(tablet, async |session| query::home::home(session).emergencies.len()).await;
        assert_eq!(stands, 1, "it still rings");
    }
    // An older program of hers would send it all the same.
    let key = core_key(danger);
    let seen = with(&registrar, async |session| session.replica(&key).await.unwrap().document.field("darurat").ops());
    let edit = Edit::SetField { key: "darurat".to_owned(), value: false.into(), seen: seen.await };
    let edit = vec![DocumentEdit { key: core_key(danger), edit }];
    with(&registrar, async |session| session.edit(edit, Writes::new()).await).await.unwrap();
    for tablet in [&mut registrar, &mut manager] {
        cast.sync(tablet).await;
    }
    let rings = with(&manager, async |session| query::home::home(session).emergencies.len()).await;
    assert_eq!(rings, 1);
    set(&author, core_key(danger), "darurat", false.into()).await;
    cast.sync(&mut author).await;
    cast.sync(&mut manager).await;
    let rings = with(&manager, async |session| query::home::home(session).emergencies.len()).await;
    assert_eq!(rings, 0, "its author may");
}

#[tokio::test]
async fn who_may_not_say_what_came_of_a_report_is_not_told_to_and_what_is_assigned_is_not_new() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (to, mut manager) = cast.member("MKS", "MKS", 8).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let case = report(&author).await;
    assert!(!steps(&author, case).await.contains(&NextStep::Triage));
    cast.sync(&mut author).await;
    for tablet in [&mut manager, &mut registrar] {
        cast.sync(tablet).await;
    }
    assert!(steps(&registrar, case).await.contains(&NextStep::Triage));
    // A child's report is due sooner than one that came before it.
    let child = report(&author).await;
    set(&author, document_key(child, "intake", None), "anak_terlibat", Scalar::Bool(true)).await;
    cast.sync(&mut author).await;
    cast.sync(&mut manager).await;
    let order = with(&manager, async |session| query::home::home(session).new_reports).await;
    assert_eq!(order.iter().map(|card| card.case).collect::<Vec<_>>(), [child, case]);
    let new = async |tablet: &Tablet| {
        with(tablet, async |session| {
            let home = query::home::home(session);
            (home.new_reports.len(), home.cases.len())
        })
        .await
    };
    assert_eq!(new(&manager).await, (2, 0));
    let assign = async |session: &mut Session| flow::assign(session, vec![case], to, "MKS").await;
    with(&registrar, assign).await.unwrap();
    cast.sync(&mut registrar).await;
    cast.sync(&mut manager).await;
    assert_eq!(new(&manager).await, (1, 1), "it is hers now");
}

#[tokio::test]
async fn a_draft_stands_at_home_on_whichever_tablet_its_author_opens() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let danger = begin(&author).await;
    set(&author, core_key(danger), "darurat", Scalar::Bool(true)).await;
    let handed_over = report(&author).await;
    cast.sync(&mut author).await;
    let mut second = cast.another_tablet("PKT", "PKT", 8).await;
    cast.sync(&mut second).await;
    for tablet in [&author, &second] {
        let drafts = with(tablet, async |session| query::home::home(session).drafts).await;
        assert_eq!(drafts.iter().map(|draft| (draft.case, draft.emergency)).collect::<Vec<_>>(), [(danger, true)]);
        assert!(steps(tablet, danger).await.contains(&NextStep::ContinueReport));
        assert!(!steps(tablet, handed_over).await.contains(&NextStep::ContinueReport));
    }
}

#[tokio::test]
async fn a_claim_that_is_taken_back_leaves_the_danger_of_a_draft_where_it_was() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut manager) = cast.member("MKS", "MKS", 8).await;
    let (who, mut registrar) = cast.member("SER", "SER", 9).await;
    let danger = begin(&author).await;
    set(&author, core_key(danger), "darurat", Scalar::Bool(true)).await;
    cast.sync(&mut author).await;
    for tablet in [&mut manager, &mut registrar] {
        cast.sync(tablet).await;
    }
    // In one act, before anybody hears of any of it.
    let claim = Scalar::from(who.to_string().as_str());
    for (field, value) in [("diterima_oleh", claim), ("darurat", Scalar::Bool(false)), ("diterima_oleh", Scalar::Null)]
    {
        set(&registrar, core_key(danger), field, value).await;
    }
    for tablet in [&mut registrar, &mut manager, &mut author] {
        cast.sync(tablet).await;
    }
    let core = core_key(danger);
    let told =
        async |session: &mut Session| session.replica(&core).await.unwrap().document.field("darurat").shown().cloned();
    for tablet in [&registrar, &author] {
        assert_eq!(with(tablet, told).await, Some(Scalar::Bool(true)), "it is in danger, whoever has claimed it");
    }
}

#[tokio::test]
async fn what_was_handed_over_on_another_tablet_is_no_draft_on_the_first_any_more() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let case = begin(&author).await;
    cast.sync(&mut author).await;
    let mut second = cast.another_tablet("PKT", "PKT", 8).await;
    cast.sync(&mut second).await;
    with(&second, async |session| flow::hand_over(session, case).await).await.unwrap();
    cast.sync(&mut second).await;
    cast.sync(&mut author).await;
    let shown = async |tablet: &Tablet| {
        with(tablet, async |session| {
            let home = query::home::home(session);
            (home.drafts.len(), home.handed_over.len())
        })
        .await
    };
    assert_eq!(shown(&author).await.0, 0, "it is handed over, and stands at home as a draft for ever");
    assert_eq!(shown(&second).await.1, 1, "who handed it over has no receipt, and cannot take it back");
}

#[tokio::test]
async fn the_number_that_is_offered_is_one_that_can_be_given() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let (one, other) = (report(&author).await, report(&author).await);
    cast.sync(&mut author).await;
    cast.sync(&mut registrar).await;
    // As it was written before numbers were put right.
    set(&registrar, core_key(one), "nomor_register", Scalar::from("blu-2026-0001")).await;
    let next = with(&registrar, async |session| register::next_number(session)).await;
    let given = with(&registrar, async |session| register::register(session, other, &next).await).await;
    assert_eq!(given, Ok(()), "{next}");
}

#[tokio::test]
async fn a_report_is_taken_over_once_and_no_author_is_told_to_take_it() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut manager) = cast.member("MKS", "MKS", 8).await;
    let case = report(&author).await;
    cast.sync(&mut author).await;
    cast.sync(&mut manager).await;
    let new = async |session: &mut Session| query::home::home(session).new_reports.len();
    assert_eq!((with(&author, new).await, with(&manager, new).await), (0, 1));
    take_over(&manager, case).await;
    take_over(&manager, case).await;
    let team = with(&manager, async |session| session.index.core(case).map(|core| core.team.len())).await;
    assert_eq!(team, Some(1), "whoever pressed twice meant it once");
}

#[tokio::test]
async fn who_wants_no_record_is_heard_on_whichever_tablet_the_draft_goes_on() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let case = begin(&author).await;
    set(&author, core_key(case), "darurat", Scalar::Bool(true)).await;
    let no = ["boleh_dicatat", "boleh_bernama"].map(|key| (key.to_owned(), Scalar::Bool(false)));
    let edit = Edit::AddRow { table: "persetujuan".to_owned(), row: RowId::from_bytes([4; 16]), fields: no.to_vec() };
    let edit = vec![DocumentEdit { key: core_key(case), edit }];
    with(&author, async |session| session.edit(edit, Writes::new()).await).await.unwrap();
    let hand_over = async |session: &mut Session| flow::hand_over(session, case).await;
    let refused = Err(ErrorCode::VitalReasonMissing.number());
    assert_eq!(with(&author, hand_over).await.map_err(|failed| failed.code), refused);
    cast.sync(&mut author).await;
    let mut second = cast.another_tablet("PKT", "PKT", 8).await;
    cast.sync(&mut second).await;
    let drafts = with(&second, async |session| query::home::home(session).drafts.len()).await;
    assert_eq!(drafts, 1, "home says to go on with it here");
    let offered = with(&second, async |session| refusal::offered(session, case).await).await.unwrap();
    let handed_over = with(&second, hand_over).await.map_err(|failed| failed.code);
    assert_eq!((offered.is_some(), handed_over), (true, refused), "all of it is handed over without a reason");
}

/// Answers whether there is danger, over what stands.
async fn answer_danger(tablet: &Tablet, case: CaseId, value: &str) {
    let write_it = async |session: &mut Session| {
        let place = FieldPlace {
            case,
            kind: "intake".to_owned(),
            subject: None,
            path: Path::Field("bahaya_segera".to_owned()),
        };
        let key = document_key(case, "intake", None);
        let stands = session.replica(&key).await.unwrap().document.field("bahaya_segera").ops();
        let seen = stands.into_iter().map(token).collect();
        write(session, Write::Set { place, value: value.into(), seen }).await.unwrap();
    };
    with(tablet, write_it).await;
}

#[tokio::test]
async fn a_danger_that_was_taken_can_be_said_again_and_its_case_stays_in_the_register() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut manager) = cast.member("MKS", "MKS", 8).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let case = begin(&author).await;
    answer_danger(&author, case, "YA").await;
    cast.sync(&mut author).await;
    cast.sync(&mut manager).await;
    take_over(&manager, case).await;
    cast.sync(&mut manager).await;
    cast.sync(&mut author).await;
    answer_danger(&author, case, "TIDAK").await;
    for tablet in [&mut author, &mut manager, &mut registrar] {
        cast.sync(tablet).await;
    }
    let ask = RegistryAsk { rows_max: 60, ..RegistryAsk::default() };
    let registered = with(&registrar, async |session| query::registry::view(session, &ask).total).await;
    // Whoever went there finds that it is not over.
    answer_danger(&manager, case, "YA").await;
    let is_danger = async |session: &mut Session| session.index.core(case).unwrap().is_true("darurat");
    let is_danger = with(&manager, is_danger).await;
    assert_eq!((registered, is_danger), (1, true), "a case in hand is in no register, and its danger is not said");
}

#[tokio::test]
async fn what_an_author_is_asked_is_told_on_the_tablet_the_report_was_begun_on_too() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut manager) = cast.member("MKS", "MKS", 8).await;
    let case = begin(&author).await;
    cast.sync(&mut author).await;
    let mut second = cast.another_tablet("PKT", "PKT", 9).await;
    cast.sync(&mut second).await;
    with(&second, async |session| flow::hand_over(session, case).await).await.unwrap();
    cast.sync(&mut second).await;
    cast.sync(&mut manager).await;
    take_over(&manager, case).await;
    with(&manager, async |session| asking::ask(session, case, "TEMPAT").await).await.unwrap();
    cast.sync(&mut manager).await;
    for tablet in [&mut second, &mut author] {
        cast.sync(tablet).await;
        let receipts = with(tablet, async |session| query::home::home(session).handed_over).await;
        let states: Vec<_> = receipts.iter().map(|receipt| receipt.state).collect();
        assert_eq!(
            states,
            [Some(ReceiptState::NeedsSupplement)],
            "the centre waits for an answer that nobody is asked for"
        );
    }
}

#[tokio::test]
async fn the_old_draft_of_somebody_else_leaves_no_receipt_on_the_desk_when_it_is_over() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let case = begin(&author).await;
    cast.sync(&mut author).await;
    // The relay looks when the day is another; so it does when somebody enrols.
    cast.clock.pass_ms(73 * HOUR_MS);
    cast.member("PKT kedua", "PKT", 10).await;
    cast.sync(&mut registrar).await;
    assert_eq!(desk(&registrar).await.unwrap().drafts.len(), 1);
    with(&author, async |session| flow::hand_over(session, case).await).await.unwrap();
    cast.sync(&mut author).await;
    cast.sync(&mut registrar).await;
    let home = with(&registrar, async |session| query::home::home(session)).await;
    let receipts: Vec<_> = home.handed_over.iter().map(|receipt| (receipt.case, receipt.state)).collect();
    assert_eq!(receipts, [], "she handed nothing over, and is told that it is finished");
}

#[tokio::test]
async fn a_hand_over_that_is_taken_back_leaves_no_receipt() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let case = report(&author).await;
    cast.sync(&mut author).await;
    with(&author, async |session| flow::take_back(session, case).await).await.unwrap();
    let shown = async |tablet: &Tablet| {
        let home = with(tablet, async |session| query::home::home(session)).await;
        let drafts: Vec<_> = home.drafts.iter().map(|draft| draft.case).collect();
        (drafts, home.handed_over.iter().map(|receipt| receipt.case).collect::<Vec<_>>())
    };
    let before = shown(&author).await;
    cast.sync(&mut author).await;
    cast.sync(&mut author).await;
    let draft = (vec![case], vec![]);
    assert_eq!(
        [before, shown(&author).await],
        [draft.clone(), draft],
        "it is a draft, and the centre is said to have it"
    );
}

#[tokio::test]
async fn whoever_was_put_into_the_team_of_a_report_that_waits_has_it_at_home() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (to, mut nurse) = cast.member("NKS", "NKS", 8).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let case = report(&author).await;
    cast.sync(&mut author).await;
    cast.sync(&mut registrar).await;
    with(&registrar, async |session| flow::assign(session, vec![case], to, "NKS").await).await.unwrap();
    cast.sync(&mut registrar).await;
    cast.sync(&mut nurse).await;
    let home = with(&nurse, async |session| query::home::home(session)).await;
    let shown: Vec<_> = home.new_reports.iter().chain(&home.cases).map(|card| card.case).collect();
    assert_eq!(shown, [case], "she was put into its team, and it stands nowhere on her home");
}

#[tokio::test]
async fn what_has_a_time_to_be_done_is_asked_of_those_who_can_do_it() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut manager) = cast.member("MKS", "MKS", 8).await;
    let (to, mut nurse) = cast.member("NKS", "NKS", 9).await;
    let (_, mut registrar) = cast.member("SER", "SER", 10).await;
    let case = report(&author).await;
    set(&author, document_key(case, "intake", None), "anak_terlibat", Scalar::Bool(true)).await;
    for tablet in [&mut author, &mut manager, &mut registrar] {
        cast.sync(tablet).await;
    }
    let asked = async |tablet: &Tablet| {
        with(tablet, async |session| {
            let due = query::home::home(session).due.len();
            (due, query::case::view(session, case).await.unwrap().unwrap().due.len())
        })
        .await
    };
    assert_eq!(asked(&author).await, (0, 0), "whoever reports it does not assess the child");
    assert_eq!(asked(&registrar).await, (0, 1), "she may say what came of it, too");
    assert_eq!(asked(&manager).await, (0, 1), "it is new, and its page says what it asks for");
    take_over(&manager, case).await;
    with(&manager, async |session| flow::assign(session, vec![case], to, "NKS").await).await.unwrap();
    cast.sync(&mut manager).await;
    cast.sync(&mut nurse).await;
    assert_eq!(asked(&manager).await, (1, 1));
    assert_eq!(asked(&nurse).await, (0, 0), "a nurse reads it, and cannot do it");
    set(&manager, core_key(case), "tahap", Scalar::from("TUTUP")).await;
    assert_eq!(asked(&manager).await, (0, 0), "a closed case asks for nothing");
}

#[tokio::test]
async fn who_wants_no_record_after_all_leaves_no_receipt() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let case = report(&author).await;
    cast.sync(&mut author).await;
    with(&author, async |session| flow::take_back(session, case).await).await.unwrap();
    let no = ["boleh_dicatat", "boleh_bernama"].map(|key| (key.to_owned(), Scalar::Bool(false)));
    let edit = Edit::AddRow { table: "persetujuan".to_owned(), row: RowId::from_bytes([4; 16]), fields: no.to_vec() };
    let edit = vec![DocumentEdit { key: core_key(case), edit }];
    with(&author, async |session| session.edit(edit, Writes::new()).await).await.unwrap();
    with(&author, async |session| refusal::refuse(session, case, false).await).await.unwrap();
    cast.sync(&mut author).await;
    let mut second = cast.another_tablet("PKT", "PKT", 8).await;
    cast.sync(&mut second).await;
    for tablet in [&author, &second] {
        let home = with(tablet, async |session| query::home::home(session)).await;
        let shown: Vec<_> = home.handed_over.iter().map(|receipt| (&receipt.field_code, receipt.state)).collect();
        assert_eq!((home.drafts.len(), shown), (0, vec![]), "nothing of them is kept, and its code stands at home");
    }
}

#[tokio::test]
async fn a_danger_that_is_told_again_waits_since_then_on_the_desk_as_in_the_bar() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let case = begin(&author).await;
    answer_danger(&author, case, "YA").await;
    cast.sync(&mut author).await;
    cast.sync(&mut registrar).await;
    cast.clock.pass_ms(HOUR_MS);
    answer_danger(&author, case, "TIDAK").await;
    cast.sync(&mut author).await;
    cast.sync(&mut registrar).await;
    cast.clock.pass_ms(20 * 24 * HOUR_MS);
    answer_danger(&author, case, "YA").await;
    cast.sync(&mut author).await;
    cast.sync(&mut registrar).await;
    let since = with(&registrar, async |session| query::alarm::alarm(session).waiting.first().unwrap().since_ms).await;
    let view = desk(&registrar).await.unwrap();
    let oldest = view.queues.iter().find(|queue| queue.queue == Queue::Danger).unwrap().oldest_ms;
    assert_eq!(since / HOUR_MS, oldest / HOUR_MS, "the bar says minutes, and the desk three weeks");
}

#[tokio::test]
async fn a_danger_waits_since_it_was_told_for_who_is_in_its_team_as_well() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (to, mut nurse) = cast.member("NKS", "NKS", 8).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let case = begin(&author).await;
    answer_danger(&author, case, "YA").await;
    cast.sync(&mut author).await;
    let told_ms = cast.clock.now_ms();
    cast.sync(&mut registrar).await;
    with(&registrar, async |session| flow::assign(session, vec![case], to, "NKS").await).await.unwrap();
    cast.sync(&mut registrar).await;
    cast.clock.pass_ms(5 * HOUR_MS);
    cast.sync(&mut author).await;
    set(&author, document_key(case, "intake", None), "anak_terlibat", Scalar::Bool(true)).await;
    cast.sync(&mut author).await;
    cast.sync(&mut nurse).await;
    let waiting = with(&nurse, async |session| query::alarm::alarm(session).waiting).await;
    let card = with(&nurse, async |session| query::home::home(session)).await.emergencies;
    let shown: Vec<_> = waiting.iter().map(|one| one.since_ms / HOUR_MS).collect();
    let cards: Vec<_> = card.iter().map(|one| one.waiting_since_ms / HOUR_MS).collect();
    assert_eq!(cards, [told_ms / HOUR_MS]);
    assert_eq!(shown, cards, "five hours of danger are shown as none, on every page");
}

#[tokio::test]
async fn a_danger_of_a_report_that_was_handed_over_before_waits_on_the_desk_as_in_the_bar() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let case = report(&author).await;
    cast.sync(&mut author).await;
    cast.clock.pass_ms(20 * 24 * HOUR_MS);
    set(&author, core_key(case), "darurat", Scalar::Bool(true)).await;
    cast.sync(&mut author).await;
    cast.sync(&mut registrar).await;
    let since = with(&registrar, async |session| query::alarm::alarm(session).waiting.first().unwrap().since_ms).await;
    let view = desk(&registrar).await.unwrap();
    let oldest = view.queues.iter().find(|queue| queue.queue == Queue::Danger).unwrap().oldest_ms;
    assert_eq!(since / HOUR_MS, oldest / HOUR_MS, "the bar says minutes, and the desk three weeks");
}

#[tokio::test]
async fn a_danger_whose_taker_left_is_one_thing_to_do_and_as_old_at_home_as_on_the_desk() {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (leaves, mut manager) = cast.member("MKS", "MKS", 8).await;
    let (_, mut registrar) = cast.member("SER", "SER", 9).await;
    let case = report(&author).await;
    cast.sync(&mut author).await;
    cast.clock.pass_ms(20 * 24 * HOUR_MS);
    set(&author, core_key(case), "darurat", Scalar::Bool(true)).await;
    cast.sync(&mut author).await;
    cast.sync(&mut manager).await;
    take_over(&manager, case).await;
    cast.sync(&mut manager).await;
    cast.office.relay().stop_account(leaves, cast.clock.now_ms()).await.unwrap();
    cast.sync(&mut registrar).await;
    let home = with(&registrar, async |session| query::home::home(session)).await;
    let desk = home.desk.unwrap();
    let queues: Vec<_> = desk.steps().filter(|(key, _)| key.1 == Some(case)).map(|(key, _)| key.0).collect();
    let oldest = desk.queues.iter().find(|queue| queue.queue == Queue::Danger).unwrap().oldest_ms;
    let waits = home.emergencies.iter().find(|card| card.case == case).unwrap().waiting_since_ms;
    assert_eq!(
        (queues, waits / HOUR_MS),
        (vec![Queue::Danger], oldest / HOUR_MS),
        "danger is one thing to do, whatever else it lacks, and home has its age as the desk"
    );
}
