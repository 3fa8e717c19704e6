//! The book of the register: which number comes next, and giving it to a case.
//!
//! A number is the registrar's to give, also without a signal; two who do so apart may give the same one to two cases. Both
//! cases then say so until one of them has another.

use std::collections::BTreeSet;

use shared::date::PartialDate;
use shared::id::CaseId;
use shared::order::Gather as _;
use shared::protocol::error::ErrorCode;

use super::flow::{overwrite, text};
use super::keys;
use super::query::list::{Brief, briefs};
use super::query::registry::groups;
use super::session::{Session, failure};
use super::summary::{Summary, end_keys};
use crate::api::{Failure, Registering};
use crate::store::sealed::Writes;

/// Letters of a number, as the packs say of the field.
const NUMBER_CHARS_MAX: usize = 32;
/// Two reports of the same people come within a month, or are found by other means.
const SIMILAR_DAYS: u64 = 30;
/// Hints beyond these nobody follows.
const SIMILAR_MAX: usize = 3;
/// Digits with which a number begins to be written: 0007.
const DIGITS: usize = 4;

/// What to write, if a case has no number or shares it; whether this person may is the caller's to ask.
#[must_use]
pub fn registering(session: &Session, core: &Summary) -> Option<Registering> {
    let shared_with = other_with(session, core.key.case, core.text(keys::REGISTER_NUMBER));
    let is_due = core.text(keys::REGISTER_NUMBER).is_empty() || shared_with.is_some();
    let is_handed_over = !core.text(keys::HANDED_OVER).is_empty();
    (is_due && is_handed_over).then(|| Registering {
        next_number: next_number(session),
        shared_with,
        similar: similar(session, core.key.case),
    })
}

/// Cases that may be about the same people: a population number ends alike, or as many people come from the same place and were
/// reported within some weeks. A hint for who has both on the tablet; it says that somebody should look, and no more.
fn similar(session: &Session, case: CaseId) -> Vec<(CaseId, String)> {
    let briefs = briefs(session);
    let Some(own) = briefs.iter().find(|brief| brief.case == case) else { return Vec::new() };
    let keys = end_keys(&session.pack);
    let ends = |brief: &Brief<'_>| -> BTreeSet<String> { brief.number_ends(&keys).map(ToOwned::to_owned).into_set() };
    let from =
        |brief: &Brief<'_>| brief.intake().map(|intake| intake.text(keys::ORIGIN).to_owned()).unwrap_or_default();
    let day = |brief: &Brief<'_>| {
        let day = PartialDate::parse(brief.intake()?.text(keys::REPORTED_ON)).ok()?;
        Some(day.first_day().days())
    };
    let (own_ends, own_day) = (ends(own), day(own));
    let is_alike = |other: &&Brief<'_>| {
        let is_near = own_day.zip(day(other)).is_some_and(|(one, other)| one.abs_diff(other) <= SIMILAR_DAYS);
        let is_same = !from(own).is_empty() && from(own) == from(other) && groups(own) == groups(other);
        let counts_somebody = groups(own).into_iter().any(|count| count > 0);
        (is_near && is_same && counts_somebody) || !own_ends.is_disjoint(&ends(other))
    };
    let others = briefs.iter().filter(|other| other.case != case && other.is_handed_over());
    others.filter(is_alike).take(SIMILAR_MAX).map(|other| (other.case, other.code().to_owned())).collect()
}

/// One more than the highest number of this year on this tablet: `BLU-2026-0008`.
#[must_use]
pub fn next_number(session: &Session) -> String {
    let today = session.today().to_string();
    let year = today.split('-').next().unwrap_or_default();
    let begin = format!("{}-{year}-", session.pack.register_prefix);
    let written = |core: &Summary| as_written(&session.pack.register_prefix, core.text(keys::REGISTER_NUMBER));
    let number = |core: &Summary| written(core).strip_prefix(&begin)?.parse::<u32>().ok();
    let highest = cores(session).filter_map(number).max().unwrap_or(0);
    format!("{begin}{:0DIGITS$}", highest.saturating_add(1))
}

/// Gives a case its number.
///
/// # Errors
/// [`ErrorCode::ValueWrong`] for no number, [`ErrorCode::NumberUsed`] for one that another case has,
/// [`ErrorCode::ValuesUnseen`] when the case got one of its own meanwhile; those of the write.
pub async fn register(session: &mut Session, case: CaseId, number: &str) -> Result<(), Failure> {
    let number = &as_written(&session.pack.register_prefix, number);
    if number.is_empty() || number.chars().count() > NUMBER_CHARS_MAX {
        return Err(failure(ErrorCode::ValueWrong));
    }
    if other_with(session, case, number).is_some() {
        return Err(failure(ErrorCode::NumberUsed));
    }
    let core = session.index.core(case).ok_or(failure(ErrorCode::ItemGone))?;
    let stands = core.text(keys::REGISTER_NUMBER).to_owned();
    if !stands.is_empty() && other_with(session, case, &stands).is_none() {
        return Err(failure(ErrorCode::ValuesUnseen));
    }
    let edit = overwrite(session, case, keys::REGISTER_NUMBER, text(number)).await?;
    session.edit(vec![edit], Writes::new()).await
}

/// A number as the book has it: one of a year with all its digits, however it was typed; any other as it is.
fn as_written(prefix: &str, number: &str) -> String {
    let number = number.trim();
    let of_year = || {
        let (begin, rest) = number.split_at_checked(prefix.len())?;
        let (year, number) = rest.strip_prefix('-')?.split_once('-')?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_ours = begin.eq_ignore_ascii_case(prefix) && year.len() == 4 && is_number(year) && is_number(number);
        let number = number.parse::<u32>().ok().filter(|_| is_ours)?;
        Some(format!("{prefix}-{year}-{number:0DIGITS$}"))
    };
    of_year().unwrap_or_else(|| number.to_owned())
}

/// Another case with this number, whatever the letters' case.
fn other_with(session: &Session, case: CaseId, number: &str) -> Option<(CaseId, String)> {
    let written = |number: &str| as_written(&session.pack.register_prefix, number);
    let number = written(number);
    let has = |core: &&Summary| {
        core.key.case != case && written(core.text(keys::REGISTER_NUMBER)).eq_ignore_ascii_case(&number)
    };
    let found = if number.is_empty() { None } else { cores(session).find(has) };
    found.map(|core| (core.key.case, core.text(keys::FIELD_CODE).to_owned()))
}

fn cores(session: &Session) -> impl Iterator<Item = &Summary> {
    session.index.all().filter(|summary| summary.key.kind == keys::CORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_a_year_has_all_its_digits_and_any_other_stays_as_it_was_typed() {
        for (typed, written) in [
            (" blu-2026-1 ", "BLU-2026-0001"),
            ("BLU-2026-00012", "BLU-2026-0012"),
            ("BLU-2026-12345", "BLU-2026-12345"),
            ("BLU-26-1", "BLU-26-1"),
            ("BLU-2026-1a", "BLU-2026-1a"),
            ("463/12/2019", "463/12/2019"),
            ("ÉÉ-2026-1", "ÉÉ-2026-1"),
            ("BLU-2026-99999999999", "BLU-2026-99999999999"),
            ("", ""),
        ] {
            assert_eq!(as_written("BLU", typed), written);
        }
    }
}
