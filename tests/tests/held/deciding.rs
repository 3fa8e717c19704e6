//! What is held is accepted, declined, entered again or kept as a note.

use super::*;

#[tokio::test]
async fn decisions_made_without_a_signal_survive_a_restart_and_reach_the_writer() {
    let Scene { wire, mut author, mut registrar, case, .. } = scene(four()).await;
    let (author, registrar) = (&mut author, &mut registrar);
    let items = listed(registrar).await;
    assert_eq!(items.len(), 4);
    let says: Vec<_> = items.iter().map(|item| item.says.clone().unwrap()).collect();
    assert_eq!(says[0].value, text("07:15"));
    assert!(says.iter().all(|says| !says.clashes && says.writer == "Contoh PKT"), "{says:?}");
    let ids: Vec<HeldId> = items.iter().map(|item| item.held).collect();
    with(registrar, async |session| {
        session.decide(&[ids[3], ids[2], ids[0]], &Verdict::Accept).await.unwrap();
        session.decide(&[ids[1]], &Verdict::Decline(REASON.to_owned())).await.unwrap();
        assert_eq!(session.to_decide(), 0);
    })
    .await;
    registrar.restart().await.unwrap();
    assert!(listed(registrar).await.iter().all(|item| item.queued.is_some()), "the queue is in the vault");
    // The request arrives and its answer is lost: the same is said once more.
    wire.plan(Fate::Cut(1));
    let _ = registrar.round(&wire, 0).await;
    registrar.restart().await.unwrap();
    sync(registrar, &wire).await;

    let items = listed(registrar).await;
    assert!(items.iter().all(|item| item.queued.is_none() && item.refused.is_none()), "{items:?}");
    assert_eq!(items.iter().filter(|item| item.decided.as_ref().is_some_and(|one| one.taken_in)).count(), 3);
    let document = document_key(case, "intake", None);
    let history = with(registrar, async |session| {
        let replica = session.replica(&document).await.unwrap();
        assert_eq!(replica.document.field("jam_lapor").settled(), Some(&text("08:30")), "one value, no disagreement");
        assert_eq!(replica.document.field("anak_terlibat").settled(), Some(&Scalar::Bool(true)));
        assert_ne!(replica.document.field("tgl_lapor").settled(), Some(&text("2026-09-03")));
        replica.document.history_of_all()
    })
    .await;
    let again: Vec<HeldNote> = history.iter().filter_map(|entry| HeldNote::parse(entry.message.as_deref()?)).collect();
    assert_eq!(again.len(), 2, "the first was merged as it was, what came after the declined one was entered again");

    sync(author, &wire).await;
    let tray = with(author, async |session| session.tray.clone()).await;
    let outcomes: Vec<_> = tray.iter().map(|trayed| trayed.entry.decided.clone().unwrap()).collect();
    assert_eq!(outcomes.iter().map(|one| one.outcome.is_taken_in()).collect::<Vec<_>>(), [true, false, true, true]);
    assert_eq!(outcomes[1].reason.as_deref(), Some(REASON));
    author.restart().await.unwrap();
    with(author, async |session| {
        assert_eq!(session.untaken(), 0, "nothing waits any more");
        for trayed in session.tray.clone() {
            session.clear_tray(trayed.number).await.unwrap();
        }
        assert!(session.tray.is_empty());
    })
    .await;
    assert_eq!(wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_held_name_is_covered_for_who_decides_and_a_held_time_is_not() {
    let name = ("intake.reporter", "pelapor_nama", text("Contoh Pelapor"));
    let scene = scene(vec![("intake", "jam_lapor", text("07:15")), name]).await;
    let items = listed(&scene.registrar).await;
    let covered: Vec<_> = items
        .iter()
        .map(|item| item.says.as_ref().unwrap())
        .map(|says| (says.place.as_ref().unwrap().kind.as_str(), says.covered))
        .collect();
    assert_eq!(covered, [("intake", false), ("intake.reporter", true)]);
}

/// What the case page says was added, with whose held entry it is.
async fn notes(tablet: &Tablet, case: CaseId) -> Vec<(String, String, Option<String>)> {
    with(tablet, async |session| {
        let view = query::case::view(session, case).await.unwrap().unwrap();
        let note = |one: client::api::SupplementView| (one.text, one.by, one.held.map(|held| held.author));
        view.supplements.into_iter().map(note).collect()
    })
    .await
}

#[tokio::test]
async fn what_is_kept_as_a_note_stands_in_the_case_and_its_writer_is_told() {
    const WORDS: &str = "Jam pelaporan: 07:15";
    let Scene { wire, mut author, mut registrar, case, .. } = scene(vec![("intake", "jam_lapor", text("07:15"))]).await;
    let items = listed(&registrar).await;
    let (id, said_ms) = (items[0].held, items[0].says.as_ref().unwrap().said_ms);
    assert_eq!(items[0].no_note, None);
    // Decided without a signal, taken back, and decided again: nothing is written before it can be sent along.
    with(&registrar, async |session| session.decide_as_note(id, String::from("x")).await.unwrap()).await;
    with(&registrar, async |session| session.undecide(id).await.unwrap()).await;
    with(&registrar, async |session| session.decide_as_note(id, WORDS.to_owned()).await.unwrap()).await;
    registrar.restart().await.unwrap();
    let item = listed(&registrar).await.remove(0);
    assert!(matches!(item.queued, Some(HeldChoice::Note(_))) && !item.fixed, "{item:?}");
    assert_eq!(notes(&registrar, case).await, []);
    // The line breaks before the relay hears of it: both are written now, and stay together.
    wire.plan(Fate::Lost);
    let _ = registrar.round(&wire, 0).await;
    registrar.restart().await.unwrap();
    let by_registrar = (WORDS.to_owned(), String::from("Contoh SER"), Some(String::from("Contoh PKT")));
    assert_eq!(notes(&registrar, case).await, std::slice::from_ref(&by_registrar));
    assert!(listed(&registrar).await[0].fixed);
    assert!(with(&registrar, async |session| session.undecide(id).await).await.is_err());
    // The answer is lost: the same is said once more, and there is one note.
    wire.plan(Fate::Cut(1));
    let _ = registrar.round(&wire, 0).await;
    registrar.restart().await.unwrap();
    sync(&mut registrar, &wire).await;
    let item = listed(&registrar).await.remove(0);
    let decided = item.decided.clone().unwrap();
    assert!(!decided.taken_in && decided.reason.is_none() && item.queued.is_none(), "{item:?}");
    assert_eq!(notes(&registrar, case).await, [by_registrar]);
    with(&registrar, async |session| {
        let kept = query::case::view(session, case).await.unwrap().unwrap().supplements.remove(0).held.unwrap();
        assert_eq!(kept.said_ms, said_ms);
        let intake = document_key(case, "intake", None);
        let replica = session.replica(&intake).await.unwrap();
        assert_ne!(replica.document.field("jam_lapor").settled(), Some(&text("07:15")), "the field is as it was");
    })
    .await;
    sync(&mut author, &wire).await;
    let tray = with(&author, async |session| session.tray.clone()).await;
    let outcome = tray[0].entry.decided.clone().unwrap();
    assert!(!outcome.outcome.is_taken_in() && outcome.reason.is_none(), "{outcome:?}");
    assert_eq!(wire.breaches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_a_right_and_a_text_too_long_become_no_note_and_wait_on() {
    let name = ("intake.reporter", "pelapor_nama", text("Contoh Pelapor"));
    let right = ("core", "darurat", Scalar::Bool(true));
    let Scene { wire, mut registrar, .. } = scene(vec![("intake", "jam_lapor", text("07:15")), name, right]).await;
    let mut items = listed(&registrar).await;
    items.sort_by_key(|item| ["intake", "intake.reporter", "core"].iter().position(|kind| *kind == item.kind));
    let codes: Vec<_> = items.iter().map(|item| item.no_note).collect();
    let number = |code: ErrorCode| Some(code.number());
    assert_eq!(codes, [None, number(ErrorCode::NoteNames), number(ErrorCode::NoteGrants)]);
    for (item, words, code) in [
        (&items[0], "x".repeat(8001), ErrorCode::TextTooLong),
        (&items[0], String::from(" "), ErrorCode::ValueWrong),
        (&items[1], String::from("x"), ErrorCode::NoteNames),
        (&items[2], String::from("x"), ErrorCode::NoteGrants),
    ] {
        let refused = with(&registrar, async |session| session.decide_as_note(item.held, words).await).await;
        assert_eq!(refused.unwrap_err().code, code.number());
    }
    sync(&mut registrar, &wire).await;
    assert!(listed(&registrar).await.iter().all(|item| item.queued.is_none() && item.decided.is_none()));
}

#[tokio::test]
async fn once_a_note_is_written_nothing_else_is_decided_of_what_it_keeps() {
    const WORDS: &str = "Jam pelaporan: 07:15";
    let Scene { wire, mut registrar, case, .. } = scene(vec![("intake", "jam_lapor", text("07:15"))]).await;
    let id = listed(&registrar).await[0].held;
    with(&registrar, async |session| session.decide_as_note(id, WORDS.to_owned()).await.unwrap()).await;
    wire.plan(Fate::Lost);
    let _ = registrar.round(&wire, 0).await;
    assert!(listed(&registrar).await[0].fixed);
    // A page, or another tab, that has not heard of it.
    let other = String::from("Kata-kata lain");
    let again = with(&registrar, async |session| session.decide_as_note(id, other).await).await;
    assert!(again.is_err(), "words that nobody would ever write are not \"saved\"");
    let accepted = with(&registrar, async |session| session.decide(&[id], &Verdict::Accept).await).await;
    assert!(accepted.is_err(), "it is not a note and an entry");
    sync(&mut registrar, &wire).await;
    assert!(!listed(&registrar).await[0].decided.as_ref().unwrap().taken_in);
    assert_eq!(notes(&registrar, case).await.len(), 1);
}
