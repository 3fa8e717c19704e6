//! Whether the page that shows is one of a report that is only tried out.

use leptos::prelude::*;
use shared::id::CaseId;

use crate::api::PRACTICE;

/// Stands in the context of every page about a case: whether nothing on it is meant.
#[derive(Debug, Clone, Copy)]
struct Practising(bool);

/// Says to everything on a page which case it is about. Said of every case: the router keeps a page from one to another, and a
/// real report must never be taken for practice.
pub(crate) fn note_practice(case: CaseId) {
    provide_context(Practising(case == PRACTICE));
}

/// Whether nothing on this page is meant: what leads out of the tablet is not to be drawn then.
pub(crate) fn is_practising() -> bool {
    use_context::<Practising>().is_some_and(|practising| practising.0)
}
