//! Whether the page that shows is one of a report that is only tried out.

use leptos::prelude::*;
use shared::id::CaseId;

use crate::api::PRACTICE;

/// Stands in the context of every page of a practice.
#[derive(Debug, Clone, Copy)]
struct Practising;

/// Says to everything on a page which case it is about.
pub(crate) fn note_practice(case: CaseId) {
    if case == PRACTICE {
        provide_context(Practising);
    }
}

/// Whether nothing on this page is meant: what leads out of the tablet is not to be drawn then.
pub(crate) fn is_practising() -> bool {
    use_context::<Practising>().is_some()
}
