//! What real tablets and a real relay in one process owe to people, told as short stories.
#![expect(clippy::unwrap_used, reason = "a step of a story that cannot be taken fails its test")]

use client::api::{Failure, FieldPlace, Path, TextBase, Typed, Write};
use client::engine::exchange::RoundEnd;
use client::engine::query::value::token;
use client::engine::session::document_key;
use client::engine::write::{keep_draft, write};
use client::store::memory::Fault;
use futures::executor::block_on;
use shared::document::read::FieldState;
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;
use tests::native::tablet::Tablet;
use tests::schedule::template::{FIRST, KIND, SECOND, Start, Template, quiet};

const FIELD: &str = "nama";
const TEXT: &str = "cerita";

fn place(template: &Template) -> FieldPlace {
    let path = Path::Field(FIELD.to_owned());
    FieldPlace { case: template.case, kind: KIND.to_owned(), subject: None, path }
}

async fn state(tablet: &Tablet, template: &Template) -> FieldState {
    let mut guard = tablet.lock.lock().await;
    let session = guard.as_mut().unwrap();
    session.replica(&document_key(template.case, KIND, None)).await.unwrap().document.field(FIELD)
}

async fn set(tablet: &Tablet, template: &Template, value: &str, typed: &Typed) {
    let mut guard = tablet.lock.lock().await;
    let order = Write::Set { place: place(template), value: Scalar::Str(value.to_owned()), seen: typed.seen.clone() };
    write(guard.as_mut().unwrap(), order).await.unwrap();
}

async fn typed_over_what_stands(tablet: &Tablet, template: &Template, text: &str) -> Typed {
    let seen = state(tablet, template).await.values.iter().map(|seen| token(seen.op)).collect();
    Typed { text: text.to_owned(), seen, base: None }
}

async fn text_of(tablet: &Tablet, template: &Template) -> TextBase {
    let mut guard = tablet.lock.lock().await;
    let session = guard.as_mut().unwrap();
    let document = &session.replica(&document_key(template.case, KIND, None)).await.unwrap().document;
    TextBase { heads: document.heads().iter().map(ToString::to_string).collect(), text: document.text(TEXT) }
}

async fn leave_text(tablet: &Tablet, place: &FieldPlace, base: TextBase, text: &str) -> Result<(), Failure> {
    let mut guard = tablet.lock.lock().await;
    write(guard.as_mut().unwrap(), Write::Text { place: place.clone(), base, text: text.to_owned() }).await
}

async fn sync(start: &mut Start, index: usize) {
    let Start { tablets, wire, .. } = start;
    quiet(tablets.get_mut(index).unwrap(), wire).await.unwrap();
}

#[test]
fn a_draft_kept_over_a_restart_replaces_only_what_its_author_saw() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(1).await.unwrap();
        // Somebody begins to type over what stands there, and the tablet is switched off.
        let typed = typed_over_what_stands(&start.tablets[FIRST], &template, "Josefina").await;
        {
            let mut guard = start.tablets[FIRST].lock.lock().await;
            keep_draft(guard.as_mut().unwrap(), place(&template), Some(typed)).await.unwrap();
        }
        // Meanwhile somebody else writes there.
        let other = typed_over_what_stands(&start.tablets[SECOND], &template, "Yosefina").await;
        set(&start.tablets[SECOND], &template, "Yosefina", &other).await;
        sync(&mut start, SECOND).await;
        start.tablets[FIRST].restart().await.unwrap();
        sync(&mut start, FIRST).await;
        let kept = {
            let guard = start.tablets[FIRST].lock.lock().await;
            guard.as_ref().unwrap().drafts.get(&place(&template)).cloned().expect("the draft is there")
        };
        assert_eq!(kept.text, "Josefina");
        set(&start.tablets[FIRST], &template, &kept.text, &kept).await;
        sync(&mut start, FIRST).await;
        sync(&mut start, SECOND).await;
        for index in [FIRST, SECOND] {
            let state = state(&start.tablets[index], &template).await;
            assert!(state.is_conflict(), "both stay until somebody has seen both: {state:?}");
            assert!(state.any_is(&Scalar::Str("Josefina".into())) && state.any_is(&Scalar::Str("Yosefina".into())));
        }
    });
}

#[test]
fn an_answer_is_never_written_into_another_vault() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let mut start = template.start(2).await.unwrap();
        let typed = typed_over_what_stands(&start.tablets[SECOND], &template, "rahasia").await;
        set(&start.tablets[SECOND], &template, "rahasia", &typed).await;
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
fn a_text_left_over_one_that_was_not_written_keeps_the_letters_of_both() {
    block_on(async {
        let template = Template::make().await.unwrap();
        let start = template.start(3).await.unwrap();
        let tablet = &start.tablets[FIRST];
        let place = FieldPlace { path: Path::Text(TEXT.to_owned()), ..place(&template) };
        // The page closes with the second text while the first is on its way, and the first finds the tablet full.
        tablet.fail_write(0, Fault::Full);
        let stood = text_of(tablet, &template).await;
        let first = format!("{} Tiba malam.", stood.text);
        let refused = leave_text(tablet, &place, stood, &first).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::TabletFull.number());
        let second = format!("{first} Sendiri.");
        let over_first = TextBase { heads: Vec::new(), text: first };
        let typed = Typed { text: second.clone(), seen: Vec::new(), base: Some(over_first.clone()) };
        {
            let mut guard = tablet.lock.lock().await;
            keep_draft(guard.as_mut().unwrap(), place.clone(), Some(typed)).await.unwrap();
            let kept = guard.as_ref().unwrap().drafts.get(&place).and_then(|draft| draft.base.clone());
            assert_ne!(kept, Some(over_first.clone()), "after a restart nobody would know the first");
        }
        leave_text(tablet, &place, over_first, &second).await.unwrap();
        assert_eq!(text_of(tablet, &template).await.text, second);
    });
}
