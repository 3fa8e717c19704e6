//! The tables of the synthetic set of 300 cases with 368 people, and how each is counted.
//!
//! The numbers are those of the set's description, not of the generator. Where they are others, the product's rules are why:
//! reports nobody triaged have no triage; 22 people who refused a name have no identity documents, so that what only those
//! tell is unknown of them. See `server/src/demo/caseload/tables.rs`.

mod journeys;
mod people;
mod reports;

use shared::date::CivilDate;

use super::counts::Check;
use super::read::{Case, Person};

/// Counts everything.
pub(super) fn recount(cases: &[Case<'_>], today: CivilDate) -> Vec<Check> {
    let mut checks = reports::checks(cases, today);
    checks.extend(people::checks(cases));
    checks.extend(journeys::checks(cases));
    checks
}

/// Every person with the case.
fn everybody<'a, 'd>(cases: &'a [Case<'d>]) -> Vec<(&'a Case<'d>, &'a Person<'d>)> {
    cases.iter().flat_map(|case| case.people.iter().map(move |person| (case, person))).collect()
}
