//! Consent: per person and purpose, the narrower while answers stand side by side, withdrawal; and the safer value of weighty fields.

use client::api::{ConsentAnswer, ConsentView, GateState, PurposeView};
use client::engine::session::core_key;
use shared::command::Edit;
use shared::id::{CaseId, RowId, SubjectId};
use shared::value::Scalar;
use tests::native::tablet::Tablet;

use super::{scene, set, view, with, write};

const ROW: RowId = RowId::from_bytes([7; 16]);

fn consent(person: Option<SubjectId>, answers: &[(&str, Scalar)]) -> Edit {
    let about = person.map(|person| ("orang", Scalar::from(person.to_string().as_str())));
    let given = [("pemberi", Scalar::from("KORBAN")), ("tanggal", Scalar::from("2026-09-20"))];
    let fields = given.iter().chain(&about).chain(answers).map(|(key, value)| ((*key).to_owned(), value.clone()));
    let row = if person.is_some() { ROW } else { RowId::from_bytes([8; 16]) };
    Edit::AddRow { table: "persetujuan".to_owned(), row, fields: fields.collect() }
}

/// Writes a field of the row over what is there on this tablet.
async fn put(tablet: &Tablet, case: CaseId, key: &str, value: impl Into<Scalar>) {
    let seen = with(tablet, async |session| {
        let core = &session.replica(&core_key(case)).await.unwrap().document;
        core.row("persetujuan", ROW).unwrap().field(key).ops()
    });
    let (table, key, value, seen) = ("persetujuan".to_owned(), key.to_owned(), value.into(), seen.await);
    let edit = if seen.len() > 1 {
        Edit::ChooseRowField { table, row: ROW, key, value, seen }
    } else {
        Edit::SetRowField { table, row: ROW, key, value, seen }
    };
    write(tablet, case, "core", None, edit).await;
}

async fn consents(tablet: &Tablet, case: CaseId) -> Vec<ConsentView> {
    view(tablet, case).await.consents
}

fn purpose<'a>(consents: &'a [ConsentView], person: Option<SubjectId>, name: &str) -> &'a PurposeView {
    let consent = consents.iter().find(|consent| consent.subject == person).unwrap();
    consent.purposes.iter().find(|one| one.code == name || (one.code.is_empty() && one.field == name)).unwrap()
}

fn answer(consents: &[ConsentView], person: Option<SubjectId>, name: &str) -> (ConsentAnswer, bool) {
    let found = purpose(consents, person, name);
    (found.answer, found.disputed)
}

#[tokio::test]
async fn each_purpose_says_what_was_agreed_from_whom_and_when() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    let before = consents(&scene.one, case).await;
    assert_eq!(answer(&before, person, "HUKUM"), (ConsentAnswer::NotAsked, false));
    assert!(before.iter().all(|consent| consent.given.is_empty()) && before.len() == 1);
    let answers = [
        ("boleh_dicatat", Scalar::Bool(true)),
        ("boleh_bernama", Scalar::Bool(false)),
        ("setuju/KESEHATAN", Scalar::Bool(true)),
        ("setuju/HUKUM", Scalar::Bool(false)),
    ];
    write(&scene.one, case, "core", None, consent(person, &answers)).await;
    scene.meet().await;
    let there = consents(&scene.other, case).await;
    for (name, expected) in [
        ("boleh_dicatat", ConsentAnswer::Yes),
        ("boleh_bernama", ConsentAnswer::No),
        ("KESEHATAN", ConsentAnswer::Yes),
        ("HUKUM", ConsentAnswer::No),
        ("SOSIAL", ConsentAnswer::NotAsked),
    ] {
        assert_eq!(answer(&there, person, name), (expected, false), "{name}");
    }
    let given = &there[0].given[0];
    assert_eq!((given.giver.as_str(), given.on.as_str()), ("KORBAN", "2026-09-20"));
    assert_eq!(given.officer, "Contoh MKS satu", "nobody named an officer, so it is who wrote the row");
}

#[tokio::test]
async fn of_two_answers_the_narrower_is_in_force_until_somebody_chooses() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    write(&scene.one, case, "core", None, consent(person, &[("boleh_dicatat", Scalar::Bool(true))])).await;
    scene.meet().await;
    put(&scene.one, case, "setuju/HUKUM", true).await;
    put(&scene.other, case, "setuju/HUKUM", false).await;
    put(&scene.one, case, "setuju/SOSIAL", true).await;
    put(&scene.other, case, "setuju/SOSIAL", Scalar::Null).await;
    put(&scene.one, case, "setuju/SIMFONI", true).await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        let there = consents(tablet, case).await;
        assert_eq!(answer(&there, person, "HUKUM"), (ConsentAnswer::No, true));
        assert_eq!(answer(&there, person, "SIMFONI"), (ConsentAnswer::Yes, false));
    }
    put(&scene.registrar, case, "setuju/HUKUM", true).await;
    assert_eq!(answer(&consents(&scene.registrar, case).await, person, "HUKUM"), (ConsentAnswer::Yes, false));

    // Another row about the same person widens nothing.
    let fields = [("orang", scene.person.to_string().as_str().into()), ("setuju/HUKUM", Scalar::Bool(false))];
    let fields = fields.map(|(key, value): (&str, Scalar)| (key.to_owned(), value)).to_vec();
    let second = Edit::AddRow { table: "persetujuan".to_owned(), row: RowId::from_bytes([9; 16]), fields };
    write(&scene.registrar, case, "core", None, second).await;
    assert_eq!(answer(&consents(&scene.registrar, case).await, person, "HUKUM"), (ConsentAnswer::No, true));
}

#[tokio::test]
async fn a_withdrawal_stands_above_what_was_given() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    let answers = [("setuju/HUKUM", Scalar::Bool(true)), ("setuju/SIMFONI", Scalar::Bool(true))];
    write(&scene.one, case, "core", None, consent(person, &answers)).await;
    put(&scene.one, case, "ditarik_tanggal", "2026-09-21").await;
    let all = consents(&scene.one, case).await;
    assert_eq!(answer(&all, person, "HUKUM").0, ConsentAnswer::Withdrawn, "nobody said of what: of everything");
    put(&scene.one, case, "ditarik_cakupan/SIMFONI", true).await;
    scene.meet().await;
    let there = consents(&scene.other, case).await;
    assert_eq!(answer(&there, person, "HUKUM"), (ConsentAnswer::Yes, false));
    let taken_back = purpose(&there, person, "SIMFONI");
    assert_eq!(taken_back.answer, ConsentAnswer::Withdrawn);
    assert_eq!((taken_back.withdrawn_by.as_str(), taken_back.withdrawn_on.as_str()), ("Contoh MKS satu", "2026-09-21"));
    put(&scene.other, case, "ditarik_tanggal", Scalar::Null).await;
    let said = answer(&consents(&scene.other, case).await, person, "SIMFONI").0;
    assert_eq!(said, ConsentAnswer::Withdrawn, "it is ticked still, and only its day is not known");
    put(&scene.other, case, "ditarik_cakupan/SIMFONI", false).await;
    assert_eq!(answer(&consents(&scene.other, case).await, person, "SIMFONI").0, ConsentAnswer::Yes);
}

#[tokio::test]
async fn what_was_said_before_people_were_told_apart_is_shown_as_such() {
    let scene = scene().await;
    let case = scene.case;
    write(&scene.one, case, "core", None, consent(None, &[("boleh_bernama", Scalar::Bool(false))])).await;
    let there = consents(&scene.one, case).await;
    assert_eq!(answer(&there, None, "boleh_bernama"), (ConsentAnswer::No, false));
    assert_eq!(answer(&there, Some(scene.person), "boleh_bernama"), (ConsentAnswer::NotAsked, false));
}

#[tokio::test]
async fn lists_show_the_safer_of_two_values() {
    let mut scene = scene().await;
    let case = scene.case;
    write(&scene.one, case, "core", None, set("darurat", false)).await;
    write(&scene.other, case, "core", None, set("darurat", true)).await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        let core = with(tablet, async |session| session.index.core(case).unwrap().is_true("darurat")).await;
        assert!(core, "the danger is in force until somebody has chosen");
    }
}

#[tokio::test]
async fn who_will_not_answer_has_agreed_to_nothing_and_a_yes_beside_it_is_disputed() {
    let scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    let answers = [("setuju#jawab", Scalar::from("MENOLAK")), ("setuju/KESEHATAN", Scalar::Bool(true))];
    write(&scene.one, case, "core", None, consent(person, &answers)).await;
    let there = consents(&scene.one, case).await;
    assert_eq!(answer(&there, person, "HUKUM"), (ConsentAnswer::No, false));
    assert_eq!(
        answer(&there, person, "KESEHATAN"),
        (ConsentAnswer::No, true),
        "the narrower, until somebody has asked again"
    );
    assert_eq!(answer(&there, person, "boleh_bernama"), (ConsentAnswer::NotAsked, false), "another question");
}

#[tokio::test]
async fn a_gate_that_asks_for_consent_is_shut_where_the_page_says_no() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    let gate = async |tablet: &Tablet| {
        let place = with(tablet, async |session| {
            session.pack.stages.gates.iter().position(|gate| gate.key == "setuju_hukum").unwrap()
        });
        let place = u32::try_from(place.await).unwrap();
        let gates = view(tablet, case).await.stage.gates;
        gates.iter().find(|gate| gate.gate == place).unwrap().state
    };
    write(&scene.one, case, "core", None, consent(person, &[])).await;
    scene.meet().await;
    put(&scene.one, case, "setuju/HUKUM", true).await;
    assert_eq!(gate(&scene.one).await, GateState::Met);
    put(&scene.other, case, "setuju#jawab", "MENOLAK").await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        assert_eq!(answer(&consents(tablet, case).await, person, "HUKUM"), (ConsentAnswer::No, true));
        assert_eq!(gate(tablet).await, GateState::Missing, "what the page calls a no leads to the court");
    }
}

#[tokio::test]
async fn who_took_everything_back_is_not_named_any_more() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    write(&scene.one, case, "core", None, consent(person, &[("boleh_bernama", Scalar::Bool(true))])).await;
    write(&scene.one, case, "identity.short", person, set("nama_lengkap", "Contoh Nama")).await;
    put(&scene.one, case, "ditarik_tanggal", "2026-09-21").await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        assert_eq!(answer(&consents(tablet, case).await, person, "boleh_bernama").0, ConsentAnswer::Withdrawn);
        let shown: Vec<_> = view(tablet, case).await.people.into_iter().filter_map(|person| person.name).collect();
        assert_eq!(shown, [""; 0], "below the red line that says that it was taken back");
    }
}

#[tokio::test]
async fn who_will_not_say_whether_they_want_to_return_has_not_agreed_to_it() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    write(&scene.one, case, "return", person, set("setuju_pulang", true)).await;
    scene.meet().await;
    write(&scene.other, case, "return", person, set("setuju_pulang#jawab", "MENOLAK")).await;
    scene.meet().await;
    let place = with(&scene.one, async |session| {
        session.pack.stages.gates.iter().position(|gate| gate.key == "setuju_pulang").unwrap()
    });
    let place = u32::try_from(place.await).unwrap();
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        let gates = view(tablet, case).await.stage.gates;
        let state = gates.iter().find(|gate| gate.gate == place).unwrap().state;
        assert_ne!(state, GateState::Met, "somebody is taken home who would not say that they want it");
    }
}

#[tokio::test]
async fn a_withdrawal_of_everything_is_in_force_while_another_says_that_it_is_of_one_purpose() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    let answers = [("boleh_bernama", Scalar::Bool(true)), ("setuju/SOSIAL", Scalar::Bool(true))];
    write(&scene.one, case, "core", None, consent(person, &answers)).await;
    write(&scene.one, case, "identity.short", person, set("nama_lengkap", "Contoh Nama")).await;
    scene.meet().await;
    put(&scene.one, case, "ditarik_tanggal", "2026-09-21").await;
    scene.meet().await;
    // A slip that is taken back at once: it is everything. Elsewhere somebody heard of one purpose.
    put(&scene.one, case, "ditarik_cakupan/HUKUM", true).await;
    put(&scene.one, case, "ditarik_cakupan/HUKUM", false).await;
    put(&scene.other, case, "ditarik_cakupan/HUKUM", true).await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        let there = consents(tablet, case).await;
        let said = ["boleh_bernama", "SOSIAL"].map(|purpose| answer(&there, person, purpose).0);
        let shown: Vec<_> = view(tablet, case).await.people.into_iter().filter_map(|person| person.name).collect();
        assert_eq!(
            (said, shown),
            ([ConsentAnswer::Withdrawn, ConsentAnswer::Withdrawn], vec![]),
            "while two answers stand the narrower is in force"
        );
    }
}

#[tokio::test]
async fn a_withdrawal_of_everything_is_in_force_beside_one_of_one_purpose_that_did_not_know_of_it() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    write(&scene.one, case, "core", None, consent(person, &[("boleh_bernama", Scalar::Bool(true))])).await;
    write(&scene.one, case, "identity.short", person, set("nama_lengkap", "Contoh Nama")).await;
    scene.meet().await;
    put(&scene.one, case, "ditarik_tanggal", "2026-09-21").await;
    put(&scene.other, case, "ditarik_tanggal", "2026-09-22").await;
    put(&scene.other, case, "ditarik_cakupan/HUKUM", true).await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        let said = answer(&consents(tablet, case).await, person, "boleh_bernama").0;
        let shown: Vec<_> = view(tablet, case).await.people.into_iter().filter_map(|person| person.name).collect();
        assert_eq!((said, shown), (ConsentAnswer::Withdrawn, vec![]), "one of the two heard that all is taken back");
    }
}

#[tokio::test]
async fn one_purpose_is_taken_back_before_its_day_is_written_and_nothing_else_ever_is() {
    let scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    let answers = ["boleh_bernama", "setuju/HUKUM"].map(|key| (key, Scalar::Bool(true)));
    write(&scene.one, case, "core", None, consent(person, &answers)).await;
    for (key, value) in [("ditarik_cakupan/HUKUM", Scalar::Bool(true)), ("ditarik_tanggal", Scalar::from("2026-09-21"))]
    {
        put(&scene.one, case, key, value).await;
        let there = consents(&scene.one, case).await;
        let said = ["boleh_bernama", "HUKUM"].map(|purpose| answer(&there, person, purpose).0);
        assert_eq!(said, [ConsentAnswer::Yes, ConsentAnswer::Withdrawn], "after {key}");
    }
}

#[tokio::test]
async fn a_purpose_that_two_took_back_on_the_same_day_is_of_that_purpose_once_the_day_is_chosen() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    let answers = ["boleh_bernama", "setuju/HUKUM"].map(|key| (key, Scalar::Bool(true)));
    write(&scene.one, case, "core", None, consent(person, &answers)).await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other] {
        put(tablet, case, "ditarik_cakupan/HUKUM", true).await;
        put(tablet, case, "ditarik_tanggal", "2026-09-21").await;
    }
    scene.meet().await;
    let there = consents(&scene.registrar, case).await;
    let (before, is_disputed) = answer(&there, person, "boleh_bernama");
    // What somebody does who is asked: nothing differs, and whoever writes both again writes nothing.
    put(&scene.registrar, case, "ditarik_cakupan/HUKUM", true).await;
    put(&scene.registrar, case, "ditarik_tanggal", "2026-09-21").await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        let there = consents(tablet, case).await;
        let said = ["boleh_bernama", "HUKUM"].map(|purpose| answer(&there, person, purpose).0);
        assert_eq!(
            said,
            [ConsentAnswer::Yes, ConsentAnswer::Withdrawn],
            "both say one purpose, and everything is taken back; before: {before:?}, disputed: {is_disputed}"
        );
    }
}

#[tokio::test]
async fn a_purpose_that_is_taken_back_apart_from_whoever_clears_the_day_is_taken_back() {
    let mut scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    let answers = ["setuju/HUKUM", "setuju/SOSIAL"].map(|key| (key, Scalar::Bool(true)));
    write(&scene.one, case, "core", None, consent(person, &answers)).await;
    put(&scene.one, case, "ditarik_cakupan/HUKUM", true).await;
    put(&scene.one, case, "ditarik_tanggal", "2026-09-21").await;
    scene.meet().await;
    put(&scene.one, case, "ditarik_tanggal", Scalar::Null).await;
    put(&scene.other, case, "ditarik_cakupan/SOSIAL", true).await;
    scene.meet().await;
    for tablet in [&scene.one, &scene.other, &scene.registrar] {
        let said = answer(&consents(tablet, case).await, person, "SOSIAL").0;
        assert_eq!(said, ConsentAnswer::Withdrawn, "nobody who cleared the day had heard of it");
    }
}

#[tokio::test]
async fn a_purpose_is_taken_back_before_its_day_is_written_where_a_day_was_cleared_before_too() {
    let scene = scene().await;
    let (case, person) = (scene.case, Some(scene.person));
    let answers = ["setuju/HUKUM", "setuju/SOSIAL"].map(|key| (key, Scalar::Bool(true)));
    write(&scene.one, case, "core", None, consent(person, &answers)).await;
    put(&scene.one, case, "ditarik_tanggal", "2026-09-21").await;
    put(&scene.one, case, "ditarik_tanggal", Scalar::Null).await;
    // Weeks later, as the form asks it: of what, and then since when.
    put(&scene.one, case, "ditarik_cakupan/SOSIAL", true).await;
    let there = consents(&scene.one, case).await;
    let said = ["HUKUM", "SOSIAL"].map(|purpose| answer(&there, person, purpose).0);
    assert_eq!(said, [ConsentAnswer::Yes, ConsentAnswer::Withdrawn], "as in a row whose day was never written");
}
