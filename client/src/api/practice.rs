//! The report that is only tried out: one on each vault, and always of the same name.

use shared::id::CaseId;

/// Its case. No real case has this id, so whoever sees it, on whatever tablet, in whichever tab and however old the address is,
/// knows that nothing of it is meant.
pub const PRACTICE: CaseId = CaseId::from_bytes(*b"simpul/practice/");

/// Its code: field codes have no 0, so nobody who copied it onto a card can be taken for the owner of a report.
pub const PRACTICE_CODE: &str = "L-000-000";
