//! What is being typed, over restarts, other people's writes and a full tablet.

use std::collections::BTreeMap;

use client::api::{Failure, FieldPlace, FreshView, Path, TextBase, Typed, Write};
use client::engine::exchange::RoundEnd;
use client::engine::session::{DocumentEdit, document_key};
use client::engine::write::{keep_draft, write};
use client::engine::{passages, query};
use client::store::memory::Fault;
use client::store::sealed::Writes;
use futures::executor::block_on;
use shared::command::Edit;
use shared::document::read::FieldState;
use shared::id::CaseId;
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;
use tests::native::tablet::Tablet;
use tests::schedule::template::{FIRST, KIND, SECOND, Start, Template};

use super::steps::{TEXT, leave_text, new_row, place, set, state, sync, text_of, typed_over_what_stands};

#[test]
fn a_draft_kept_over_a_restart_replaces_only_what_its_author_saw() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(1).await.unwrap();
        // Somebody begins to type over what stands there, and the tablet is switched off.
        let typed = typed_over_what_stands(&start.tablets[FIRST], template.case, "Josefina").await;
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            keep_draft(guard.as_mut().unwrap(), place(template.case), Some(typed)).await.unwrap();
        }
        // Meanwhile somebody else writes there.
        let other = typed_over_what_stands(&start.tablets[SECOND], template.case, "Yosefina").await;
        set(&start.tablets[SECOND], template.case, "Yosefina", &other).await;
        sync(&mut start, SECOND).await;
        start.tablets[FIRST].restart().await.unwrap();
        sync(&mut start, FIRST).await;
        let kept = {
            let guard = start.tablets[FIRST].lock.lock().await;
            guard.as_ref().unwrap().drafts.get(&place(template.case)).cloned().expect("the draft is there")
        };
        assert_eq!(kept.text, "Josefina");
        set(&start.tablets[FIRST], template.case, &kept.text, &kept).await;
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        for index in [FIRST, SECOND] {
            let state = state(&start.tablets[index], template.case).await;
            assert!(state.is_conflict(), "both stay until somebody has seen both: {state:?}");
            assert!(state.any_is(&Scalar::Str("Josefina".into())) && state.any_is(&Scalar::Str("Yosefina".into())));
        }
    });
}

#[test]
fn a_new_row_kept_over_a_restart_is_added_once() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(4).await.unwrap();
        let (place, key) = (new_row(template.case), document_key(template.case, KIND, None));
        let row =
            BTreeMap::from([("nama".to_owned(), Scalar::Str("Maria".into())), ("umur".to_owned(), Scalar::Int(31))]);
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            let typed = Typed { row: row.clone(), ..Typed::default() };
            keep_draft(guard.as_mut().unwrap(), place.clone(), Some(typed)).await.unwrap();
        }
        start.tablets[FIRST].restart().await.unwrap();
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            let session = guard.as_mut().unwrap();
            let kept = session.drafts.get(&place).cloned().expect("the row is there");
            assert_eq!(kept.row, row);
            write(session, Write::AddRow { place: place.clone(), fields: kept.row }).await.unwrap();
            assert!(session.drafts.is_empty() && session.rows.drafts().await.unwrap().is_empty(), "added is not kept");
        }
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        for index in [FIRST, SECOND] {
            let mut guard = start.tablets[index].lock.lock().await;
            let rows = guard.as_mut().unwrap().replica(&key).await.unwrap().document.rows("anggota");
            let named =
                rows.iter().filter(|row| row.fields.get("nama").and_then(FieldState::shown) == Some(&"Maria".into()));
            assert_eq!(named.count(), 1, "tablet {index}");
        }
    });
}

#[test]
fn an_answer_is_never_written_into_another_vault() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(2).await.unwrap();
        let typed = typed_over_what_stands(&start.tablets[SECOND], template.case, "rahasia").await;
        set(&start.tablets[SECOND], template.case, "rahasia", &typed).await;
        sync(&mut start, SECOND).await;
        // The first person's round is on its way when they lock, and the outsider unlocks on the same tablet.
        let outsider = start.tablets.remove(tests::schedule::template::OUTSIDER);
        let stranger = outsider.lock.lock().await.take().unwrap();
        let before = stranger.rows.all_heads().await.unwrap().len();
        let Start { tablets, wire, .. } = &mut start;
        let (end, ()) = tablets[FIRST]
            .round_beside(wire, 0, async |lock| {
                *lock.lock().await = Some(stranger);
            })
            .await;
        assert_eq!(end, RoundEnd::Abandoned);
        let guard = tablets[FIRST].lock.lock().await;
        let stranger = guard.as_ref().unwrap();
        assert_eq!(stranger.rows.all_heads().await.unwrap().len(), before, "a stranger's vault holds what it held");
    });
}

#[test]
fn what_is_typed_on_a_full_tablet_goes_into_the_file_that_is_carried_away() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(3).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let typed = Typed { text: String::from("Contoh Yang Diketik"), ..Typed::default() };
        tablet.fail_write(0, Fault::Full);
        let mut guard = tablet.lock.lock().await;
        let session = guard.as_mut().unwrap();
        let refused = keep_draft(session, place(template.case), Some(typed.clone())).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::TabletFull.number(), "the screen says that it is not kept");
        assert_eq!(session.drafts.get(&place(template.case)), Some(&typed), "the file is made of these");
    });
}

#[test]
fn a_text_left_over_one_that_was_not_written_keeps_the_letters_of_both() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(3).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let place = FieldPlace { path: Path::Text(TEXT.to_owned()), ..place(template.case) };
        // The page closes with the second text while the first is on its way, and the first finds the tablet full.
        tablet.fail_write(0, Fault::Full);
        let stood = text_of(tablet, template.case).await;
        let first = format!("{} Tiba malam.", stood.text);
        let refused = leave_text(tablet, &place, stood, &first).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::TabletFull.number());
        let second = format!("{first} Sendiri.");
        let over_first = TextBase { heads: Vec::new(), text: first };
        let typed = Typed { text: second.clone(), base: Some(over_first.clone()), ..Typed::default() };
        {
            let mut guard = tablet.lock.lock().await;
            keep_draft(guard.as_mut().unwrap(), place.clone(), Some(typed)).await.unwrap();
            let kept = guard.as_ref().unwrap().drafts.get(&place).and_then(|draft| draft.base.clone());
            assert_ne!(kept, Some(over_first.clone()), "after a restart nobody would know the first");
        }
        leave_text(tablet, &place, over_first, &second).await.unwrap();
        assert_eq!(text_of(tablet, template.case).await.text, second);
    });
}

#[test]
fn a_form_left_open_while_its_value_was_written_anew_replaces_that_value() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(10).await.unwrap();
        let key = document_key(template.case, KIND, None);
        {
            // Past the checks of the interface, so that the relay refuses it and what follows has to be written anew.
            let value = Scalar::Str("x".repeat(60));
            let edit = Edit::Choose { key: String::from("umur"), value, seen: Vec::new() };
            let mut guard = start.tablets[FIRST].lock.lock().await;
            guard.as_mut().unwrap().edit(vec![DocumentEdit { key, edit }], Writes::new()).await.unwrap();
        }
        let typed = typed_over_what_stands(&start.tablets[FIRST], template.case, "satu").await;
        set(&start.tablets[FIRST], template.case, "satu", &typed).await;
        let typed = typed_over_what_stands(&start.tablets[FIRST], template.case, "dua").await;
        sync(&mut start, FIRST).await;
        assert_ne!(typed_over_what_stands(&start.tablets[FIRST], template.case, "dua").await.seen, typed.seen);
        set(&start.tablets[FIRST], template.case, "dua", &typed).await;
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        for index in [FIRST, SECOND] {
            let state = state(&start.tablets[index], template.case).await;
            assert_eq!(state.settled(), Some(&Scalar::Str("dua".into())), "{state:?}");
        }
    });
}

/// What is new to a tablet's person in the text, and whether nothing came in since they last had it open.
async fn new_to(tablet: &Tablet, case: CaseId) -> (Vec<FreshView>, bool) {
    let mut guard = tablet.lock.lock().await;
    let key = document_key(case, KIND, None);
    let view = query::document::of(guard.as_mut().unwrap(), &key).await.unwrap();
    view.texts.get(TEXT).map(|text| (text.fresh.clone(), text.is_read)).unwrap_or_default()
}

/// The text was read as it stood.
async fn read(tablet: &Tablet, place: &FieldPlace, base: &TextBase) -> Result<(), Failure> {
    passages::read(tablet.lock.lock().await.as_ref().unwrap(), place, &base.heads).await
}

#[test]
fn what_another_wrote_is_new_until_it_was_read_also_under_own_words_and_over_a_restart() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(7).await.unwrap();
        let case = template.case;
        let place = FieldPlace { case, kind: KIND.to_owned(), subject: None, path: Path::Text(TEXT.to_owned()) };
        let before = text_of(&start.tablets[FIRST], case).await;
        leave_text(&start.tablets[FIRST], &place, before, "Ia pergi.").await.unwrap();
        for index in [FIRST, SECOND] {
            sync(&mut start, index).await;
        }
        let first_seen = text_of(&start.tablets[FIRST], case).await;
        assert_eq!(new_to(&start.tablets[SECOND], case).await, (vec![], false), "a first reader is shown no marks");
        read(&start.tablets[FIRST], &place, &first_seen).await.unwrap();
        assert_eq!(new_to(&start.tablets[FIRST], case).await, (vec![], true));
        // Both write on apart from each other; the second sends first, and the first leaves the field on top of it.
        let second_seen = text_of(&start.tablets[SECOND], case).await;
        leave_text(&start.tablets[SECOND], &place, second_seen, "Ia pergi ke Kupang.").await.unwrap();
        sync(&mut start, SECOND).await;
        sync(&mut start, FIRST).await;
        leave_text(&start.tablets[FIRST], &place, first_seen, "Kata ibu: Ia pergi.").await.unwrap();
        start.tablets[FIRST].restart().await.unwrap();
        let merged = text_of(&start.tablets[FIRST], case).await;
        assert_eq!(merged.text, "Kata ibu: Ia pergi ke Kupang.");
        let (fresh, is_read) = new_to(&start.tablets[FIRST], case).await;
        let passage = |one: &FreshView| {
            let letters: Vec<char> = merged.text.chars().collect();
            let at = usize::try_from(one.from).unwrap()..usize::try_from(one.to).unwrap();
            letters[at].iter().collect::<String>()
        };
        assert_eq!(fresh.iter().map(passage).collect::<Vec<_>>(), [" ke Kupang"], "own words are not new");
        assert!(!is_read);
        assert_eq!(new_to(&start.tablets[SECOND], case).await.0, [], "who wrote it has nothing to read");
        // An edit elsewhere in the document is no reading.
        let typed = typed_over_what_stands(&start.tablets[FIRST], case, "Maria").await;
        set(&start.tablets[FIRST], case, "Maria", &typed).await;
        assert_eq!(new_to(&start.tablets[FIRST], case).await.0, fresh);

        read(&start.tablets[FIRST], &place, &merged).await.unwrap();
        start.tablets[FIRST].restart().await.unwrap();
        assert_eq!(new_to(&start.tablets[FIRST], case).await, (vec![], true));
        let unheard = TextBase { heads: vec!["x".to_owned()], ..merged };
        assert!(read(&start.tablets[FIRST], &place, &unheard).await.is_err());
    });
}

#[test]
fn a_text_that_was_read_at_heads_which_are_none_any_more_is_not_read_for_ever() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(9).await.unwrap();
        let case = template.case;
        let place = FieldPlace { case, kind: KIND.to_owned(), subject: None, path: Path::Text(TEXT.to_owned()) };
        let before = text_of(&start.tablets[FIRST], case).await;
        leave_text(&start.tablets[FIRST], &place, before, "Ia pergi.").await.unwrap();
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        // Read on top of an own edit that was written anew since, as it is after the relay was put back.
        let renamed = TextBase { heads: vec!["07".repeat(32)], ..text_of(&start.tablets[FIRST], case).await };
        read(&start.tablets[FIRST], &place, &renamed).await.unwrap();
        let seen = text_of(&start.tablets[SECOND], case).await;
        leave_text(&start.tablets[SECOND], &place, seen, "Ia pergi ke Kupang.").await.unwrap();
        sync(&mut start, SECOND).await;
        sync(&mut start, FIRST).await;
        // Nobody can say what is new; but the page has to note anew what was read, or nothing is ever marked again.
        assert_eq!(new_to(&start.tablets[FIRST], case).await, (vec![], false));
    });
}
