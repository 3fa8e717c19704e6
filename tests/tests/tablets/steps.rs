//! Steps of which the stories are made.

use client::api::{Failure, FieldPlace, Path, TextBase, Typed, Write};
use client::engine::query::value::token;
use client::engine::session::document_key;
use client::engine::write::write;
use shared::document::read::FieldState;
use shared::id::{CaseId, RowId};
use shared::value::Scalar;
use tests::native::tablet::Tablet;
use tests::schedule::template::{KIND, Start, quiet};

pub(super) const FIELD: &str = "nama";
pub(super) const TEXT: &str = "cerita";

pub(super) fn place(case: CaseId) -> FieldPlace {
    let path = Path::Field(FIELD.to_owned());
    FieldPlace { case, kind: KIND.to_owned(), subject: None, path }
}

/// Where a row of the family is kept until it is added.
pub(super) fn new_row(case: CaseId) -> FieldPlace {
    let path = Path::Row { table: "anggota".to_owned(), row: RowId::from_bytes([0; 16]) };
    FieldPlace { path, ..place(case) }
}

pub(super) async fn state(tablet: &Tablet, case: CaseId) -> FieldState {
    let mut guard = tablet.lock.lock().await;
    let session = guard.as_mut().unwrap();
    session.replica(&document_key(case, KIND, None)).await.unwrap().document.field(FIELD)
}

pub(super) async fn set(tablet: &Tablet, case: CaseId, value: &str, typed: &Typed) {
    let mut guard = tablet.lock.lock().await;
    let order = Write::Set { place: place(case), value: Scalar::Str(value.to_owned()), seen: typed.seen.clone() };
    write(guard.as_mut().unwrap(), order).await.unwrap();
}

pub(super) async fn typed_over_what_stands(tablet: &Tablet, case: CaseId, text: &str) -> Typed {
    let seen = state(tablet, case).await.values.iter().map(|seen| token(seen.op)).collect();
    Typed { text: text.to_owned(), seen, ..Typed::default() }
}

pub(super) async fn text_of(tablet: &Tablet, case: CaseId) -> TextBase {
    let mut guard = tablet.lock.lock().await;
    let session = guard.as_mut().unwrap();
    let document = &session.replica(&document_key(case, KIND, None)).await.unwrap().document;
    TextBase { heads: document.heads().iter().map(ToString::to_string).collect(), text: document.text(TEXT) }
}

pub(super) async fn leave_text(tablet: &Tablet, place: &FieldPlace, base: TextBase, text: &str) -> Result<(), Failure> {
    let mut guard = tablet.lock.lock().await;
    write(guard.as_mut().unwrap(), Write::Text { place: place.clone(), base, text: text.to_owned() }).await
}

pub(super) async fn sync(start: &mut Start, index: usize) {
    let Start { tablets, wire, .. } = start;
    quiet(tablets.get_mut(index).unwrap(), wire).await.unwrap();
}
