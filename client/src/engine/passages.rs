//! What others wrote into a long text since this person last had it open on this tablet.
//!
//! Owns the mark of what was read, by account and text; it stays in the vault. Where there is none nothing is new: a first reader is
//! shown a text, not a page full of marks.

use shared::document::passages::Passage;
use shared::id::AccountId;
use shared::protocol::error::ErrorCode;

use super::directory::Directory;
use super::session::{Session, failure, store_failure};
use super::write::{heads, key_of};
use crate::api::{Failure, FieldPlace, FreshView, Path};
use crate::store::StoreError;

/// Keeps that a text was read as it stood at some heads.
///
/// # Errors
/// [`ErrorCode::ItemGone`] of a report that was erased, or of heads that are none; [`Failure`] of the store.
pub async fn read(session: &Session, place: &FieldPlace, texts: &[String]) -> Result<(), Failure> {
    let Path::Text(key) = &place.path else { return Err(failure(ErrorCode::ValueWrong)) };
    // A page that still shows what was erased must not leave its trace.
    if session.has_ended(place.case) {
        return Err(failure(ErrorCode::ItemGone));
    }
    let document = key_of(place).id();
    let report = session.reports.contains_key(&place.case).then_some(place.case);
    let kept = session.rows.read_text((document, report), key, heads(texts)?).await;
    kept.map_err(
        |error| {
            if error == StoreError::Declined { failure(ErrorCode::ItemGone) } else { store_failure(&error) }
        },
    )
}

/// The passages that somebody else wrote.
#[must_use]
pub fn of_others(passages: Vec<Passage>, account: AccountId, directory: &Directory) -> Vec<FreshView> {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let others = passages.into_iter().filter(|passage| passage.author != Some(account));
    others
        .map(|passage| FreshView {
            from: number(passage.at.start),
            to: number(passage.at.end),
            author: passage.author.map_or_else(String::new, |author| directory.name(author).to_owned()),
        })
        .collect()
}
