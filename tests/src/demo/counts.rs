//! Comparing what was counted with what a table says.

use std::collections::BTreeMap;

use serde::Serialize;

/// How far a share may be off, in hundredths of a hundred.
const POINTS_OFF_MAX: usize = 200;

/// One table, or one line of one.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What was counted.
    pub name: String,
    /// What the table says.
    pub expected: String,
    /// What the documents say.
    pub found: String,
    /// Whether they agree.
    pub ok: bool,
}

/// Counts by code.
pub(super) type Counts = BTreeMap<String, usize>;

/// Counts how often each code comes.
pub(super) fn counts<T: Into<String>>(codes: impl IntoIterator<Item = T>) -> Counts {
    let mut counts = Counts::new();
    for code in codes {
        *counts.entry(code.into()).or_default() += 1;
    }
    counts
}

impl Check {
    /// A whole table, every line of it.
    pub(super) fn table(name: &str, expected: &[(&str, usize)], found: &Counts) -> Self {
        let wanted: Counts = expected.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect();
        let ok = wanted == *found;
        Self { name: name.to_owned(), expected: format!("{wanted:?}"), found: format!("{found:?}"), ok }
    }

    /// One number.
    pub(super) fn number(name: &str, expected: usize, found: usize) -> Self {
        Self { name: name.to_owned(), expected: expected.to_string(), found: found.to_string(), ok: expected == found }
    }

    /// At most this many.
    pub(super) fn at_most(name: &str, most: usize, found: usize) -> Self {
        Self { name: name.to_owned(), expected: format!("≤ {most}"), found: found.to_string(), ok: found <= most }
    }

    /// A share of `of`, two points up or down.
    pub(super) fn share(name: &str, percent: usize, found: usize, of: usize) -> Self {
        Self::share_of_10_000(name, percent * 100, found, of)
    }

    /// The same, the share in hundredths of a hundred.
    pub(super) fn share_of_10_000(name: &str, share: usize, found: usize, of: usize) -> Self {
        let found_points = (found * 10_000).checked_div(of).unwrap_or(0);
        let ok = found_points.abs_diff(share) <= POINTS_OFF_MAX;
        Self {
            name: name.to_owned(),
            expected: format!("{}.{:02} %", share / 100, share % 100),
            found: format!("{found} of {of}"),
            ok,
        }
    }

    /// A median, a tenth up or down.
    pub(super) fn median(name: &str, expected: i64, mut found: Vec<i64>) -> Self {
        found.sort_unstable();
        let middle = found.get(found.len() / 2).copied().unwrap_or(0);
        let ok = middle.abs_diff(expected) * 10 <= expected.unsigned_abs();
        Self { name: name.to_owned(), expected: expected.to_string(), found: middle.to_string(), ok }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_agrees_only_whole_and_shares_within_two_points() {
        let found = counts(["a", "b", "a"]);
        assert!(Check::table("", &[("a", 2), ("b", 1)], &found).ok);
        assert!(!Check::table("", &[("a", 2)], &found).ok, "a line more is no agreement");
        assert!(Check::share("", 71, 108, 152).ok && Check::share("", 71, 110, 152).ok);
        assert!(!Check::share("", 71, 104, 152).ok && !Check::share("", 71, 111, 152).ok);
        assert!(Check::median("", 100, vec![1, 109, 500]).ok);
        assert!(!Check::median("", 100, vec![1, 111, 500]).ok);
    }
}
