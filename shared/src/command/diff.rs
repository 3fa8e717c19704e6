//! What differs between two texts.
//!
//! Owns a small Myers difference over words. Words and not letters, because a replaced word must not be woven from the
//! letters of two writers; and runs of words, because the blanks between them would let in those of another. Pure; called by
//! `command::text`.

use core::ops::Range;

/// Most differing words that are looked for; beyond, the whole middle counts as replaced.
///
/// Bounds time (words × this) and memory (this squared, 4 bytes each).
const DIFFERENCES_MAX: usize = 1_000;

/// A run of the old text that was replaced by a run of the new one, in code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// Lists the differing runs, in order.
pub(super) fn hunks(old: &[char], new: &[char]) -> Vec<Hunk> {
    of_words(old, new).filter_map(|hunk| trimmed(hunk, old, new)).collect()
}

/// The differing runs of whole words.
fn of_words(old: &[char], new: &[char]) -> impl Iterator<Item = Hunk> {
    let (old_words, new_words) = (words(old), words(new));
    let old_ends = ends(&old_words);
    let new_ends = ends(&new_words);
    let at = |ends: &[usize], range: &Range<usize>| {
        let edge = |index: usize| index.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
        edge(range.start)..edge(range.end)
    };
    let differing = differing_runs(&old_words, &new_words).into_iter();
    differing.map(move |hunk| Hunk { old: at(&old_ends, &hunk.old), new: at(&new_ends, &hunk.new) })
}

/// Lists what to write so that the old text becomes the new one: the differing runs, but those with nothing but blanks between them
/// are one, and a run takes the blank before it along, or the one behind where there is none before. So the words that two people
/// write at one place stay together, and those of one are not glued to those of the other. A line break goes with no word, and a
/// word that both kept is never written anew: whoever strikes it out meanwhile has struck it out.
///
/// A word of which a letter changes is written anew as a whole: letters by themselves would stand in whatever another puts in its
/// place.
pub(super) fn rewrites(old: &[char], new: &[char]) -> Vec<Hunk> {
    let is_blank = |at: usize| old.get(at).is_some_and(|letter| is_blank(*letter));
    let mut joined: Vec<Hunk> = Vec::new();
    for hunk in of_words(old, new) {
        match joined.last_mut() {
            Some(last) if (last.old.end..hunk.old.start).all(is_blank) => {
                (last.old.end, last.new.end) = (hunk.old.end, hunk.new.end);
            }
            Some(_) | None => joined.push(hunk),
        }
    }
    let mut rewrites: Vec<Hunk> = Vec::new();
    for hunk in joined {
        let free_from = rewrites.last().map_or(0, |last| last.old.end);
        // What stands between two runs is the same in both texts.
        let before = hunk.old.start.checked_sub(1).filter(|at| *at >= free_from && is_blank(*at));
        let rewrite = if before.is_some() && hunk.new.is_empty() && ends_with_blank(&hunk, old) {
            moved(&hunk, 1, 1)
        } else if before.is_some() && !hunk.new.is_empty() {
            moved(&hunk, 1, 0)
        } else if !hunk.new.is_empty() && is_blank(hunk.old.end) {
            Hunk {
                old: hunk.old.start..hunk.old.end.saturating_add(1),
                new: hunk.new.start..hunk.new.end.saturating_add(1),
            }
        } else {
            hunk
        };
        rewrites.push(rewrite);
    }
    rewrites
}

/// With its beginning and its end so many places further left, in both texts.
fn moved(hunk: &Hunk, start: usize, end: usize) -> Hunk {
    let moved = |range: &Range<usize>| range.start.saturating_sub(start)..range.end.saturating_sub(end);
    Hunk { old: moved(&hunk.old), new: moved(&hunk.new) }
}

/// Whether what went ends with the blank that also stands before it: then it may as well begin with that one.
fn ends_with_blank(hunk: &Hunk, old: &[char]) -> bool {
    let before = hunk.old.start.checked_sub(1).and_then(|at| old.get(at));
    before.is_some() && old.get(hunk.old.clone()).and_then(<[char]>::last) == before
}

/// A blank within a line.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() && !matches!(letter, '\n' | '\r')
}

/// Splits into words; every other character stands alone, but those within a number or a date, and what joins a word (anak-anak,
/// ne'e).
fn words(text: &[char]) -> Vec<&[char]> {
    let is = |at: Option<usize>, wanted: fn(&char) -> bool| at.and_then(|at| text.get(at)).is_some_and(wanted);
    let is_between =
        |at: usize, wanted: fn(&char) -> bool| is(at.checked_sub(1), wanted) && is(at.checked_add(1), wanted);
    let is_within = |at: usize| match text.get(at) {
        Some('.' | ',' | ':' | '/') => is_between(at, char::is_ascii_digit),
        Some('-' | '\'' | '’') => is_between(at, |letter| letter.is_alphanumeric()),
        Some(_) | None => false,
    };
    let goes_on = |at: usize| text.get(at).is_some_and(|letter| letter.is_alphanumeric()) || is_within(at);
    let mut words = Vec::new();
    let mut rest = text;
    let mut at = 0_usize;
    while !rest.is_empty() {
        let start = at;
        at = at.saturating_add(1);
        while goes_on(start) && goes_on(at) {
            at = at.saturating_add(1);
        }
        let (word, after) = rest.split_at(at.saturating_sub(start));
        words.push(word);
        rest = after;
    }
    words
}

fn ends(words: &[&[char]]) -> Vec<usize> {
    let mut end = 0_usize;
    words
        .iter()
        .map(|word| {
            end = end.saturating_add(word.len());
            end
        })
        .collect()
}

/// Leaves out what both runs begin and end with, where only letters came in or only letters went: a replaced word
/// stays whole, so that two replacements do not share its last letter.
fn trimmed(hunk: Hunk, old: &[char], new: &[char]) -> Option<Hunk> {
    let (old_run, new_run) = (old.get(hunk.old.clone())?, new.get(hunk.new.clone())?);
    let before = common(old_run.iter(), new_run.iter());
    let (old_rest, new_rest) = (old_run.get(before..)?, new_run.get(before..)?);
    let after = common(old_rest.iter().rev(), new_rest.iter().rev());
    let cut = |range: &Range<usize>| range.start.saturating_add(before)..range.end.saturating_sub(after);
    let cut = Hunk { old: cut(&hunk.old), new: cut(&hunk.new) };
    let is_one_sided = cut.old.is_empty() || cut.new.is_empty();
    Some(if is_one_sided { cut } else { hunk })
}

fn common<T: PartialEq>(left: impl Iterator<Item = T>, right: impl Iterator<Item = T>) -> usize {
    left.zip(right).take_while(|(left, right)| left == right).count()
}

fn differing_runs<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Hunk> {
    let before = common(old.iter(), new.iter());
    let (old_rest, new_rest) = (old.get(before..).unwrap_or(&[]), new.get(before..).unwrap_or(&[]));
    let after = common(old_rest.iter().rev(), new_rest.iter().rev());
    let old_middle = old_rest.get(..old_rest.len().saturating_sub(after)).unwrap_or(&[]);
    let new_middle = new_rest.get(..new_rest.len().saturating_sub(after)).unwrap_or(&[]);
    if old_middle.is_empty() && new_middle.is_empty() {
        return Vec::new();
    }
    let kept = kept_pairs(old_middle, new_middle).unwrap_or_default();
    runs_between(&kept, old_middle.len(), new_middle.len(), before)
}

/// Turns the pairs of equal places into the runs between them.
fn runs_between(kept: &[(usize, usize)], old_len: usize, new_len: usize, offset: usize) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    for (old_kept, new_kept) in kept.iter().copied().chain([(old_len, new_len)]) {
        if old_at < old_kept || new_at < new_kept {
            let shift = |from: usize, to: usize| from.saturating_add(offset)..to.saturating_add(offset);
            hunks.push(Hunk { old: shift(old_at, old_kept), new: shift(new_at, new_kept) });
        }
        (old_at, new_at) = (old_kept.saturating_add(1), new_kept.saturating_add(1));
    }
    hunks
}

/// The furthest old position per diagonal (old − new), for one number of differences.
#[derive(Clone)]
struct Frontier {
    differences: usize,
    furthest: Vec<usize>,
}

impl Frontier {
    /// Diagonals run from `-differences` to `differences` in steps of two; `index` counts those steps.
    fn at(&self, index: usize) -> Option<usize> {
        self.furthest.get(index).copied()
    }

    /// The old position from which diagonal `index` of the next frontier starts, and whether by an insertion.
    fn entry(&self, index: usize) -> (usize, bool) {
        let from_below = index.checked_sub(1).and_then(|below| self.at(below)).map(|old| old.saturating_add(1));
        match (from_below, self.at(index)) {
            (Some(deleted), Some(inserted)) if inserted >= deleted => (inserted, true),
            (Some(deleted), _) => (deleted, false),
            (None, Some(inserted)) => (inserted, true),
            (None, None) => (0, true),
        }
    }
}

/// The new position on diagonal `index` of `differences` for an old position; none if it would be negative.
fn new_position(old: usize, index: usize, differences: usize) -> Option<usize> {
    // diagonal = 2·index − differences = old − new
    old.checked_add(differences)?.checked_sub(index.checked_mul(2)?)
}

/// Pairs of equal places on a shortest way, in order; none beyond [`DIFFERENCES_MAX`].
///
/// **Source**: Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986).
fn kept_pairs<T: PartialEq>(old: &[T], new: &[T]) -> Option<Vec<(usize, usize)>> {
    let slide = |from: usize, index: usize, differences: usize| {
        let Some(new_from) = new_position(from, index, differences) else {
            return from;
        };
        let (old_rest, new_rest) = (old.get(from..), new.get(new_from..));
        from.saturating_add(common(old_rest.unwrap_or(&[]).iter(), new_rest.unwrap_or(&[]).iter()))
    };
    let mut frontiers = vec![Frontier { differences: 0, furthest: vec![slide(0, 0, 0)] }];
    for differences in 0..=DIFFERENCES_MAX {
        let last = frontiers.last()?.clone();
        let end = (0..last.furthest.len()).find(|index| {
            last.at(*index) == Some(old.len()) && new_position(old.len(), *index, differences) == Some(new.len())
        });
        if let Some(index) = end {
            return Some(walk_back(&frontiers, index, old.len()));
        }
        let next = differences.saturating_add(1);
        let furthest = (0..=next).map(|index| slide(last.entry(index).0, index, next)).collect();
        frontiers.push(Frontier { differences: next, furthest });
    }
    None
}

fn walk_back(frontiers: &[Frontier], end_index: usize, end_old: usize) -> Vec<(usize, usize)> {
    let (mut index, mut old) = (end_index, end_old);
    let mut kept = Vec::new();
    for pair in frontiers.windows(2).rev() {
        let [before, here] = pair else { break };
        let (entry, inserted) = before.entry(index);
        push_slide(&mut kept, entry, old, index, here.differences);
        (index, old) = if inserted { (index, entry) } else { (index.saturating_sub(1), entry.saturating_sub(1)) };
    }
    push_slide(&mut kept, 0, old, index, 0);
    kept.reverse();
    kept
}

fn push_slide(kept: &mut Vec<(usize, usize)>, from: usize, to: usize, index: usize, differences: usize) {
    let pairs = (from..to).rev().filter_map(|old| Some((old, new_position(old, index, differences)?)));
    kept.extend(pairs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rebuild(old: &[char], new: &[char], hunks: &[Hunk]) -> Vec<char> {
        let mut rebuilt = Vec::new();
        let mut at = 0;
        for hunk in hunks {
            rebuilt.extend_from_slice(&old[at..hunk.old.start]);
            rebuilt.extend_from_slice(&new[hunk.new.clone()]);
            at = hunk.old.end;
        }
        rebuilt.extend_from_slice(&old[at..]);
        rebuilt
    }

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn a_corrected_letter_is_one_inserted_letter() {
        let (old, new) = (chars("dua kucng besar"), chars("dua kucing besar"));
        assert_eq!(hunks(&old, &new), [Hunk { old: 7..7, new: 7..8 }]);
    }

    #[test]
    fn two_changed_words_are_two_hunks() {
        let (old, new) = (chars("satu dua tiga empat"), chars("satu x tiga y"));
        assert_eq!(hunks(&old, &new).len(), 2);
    }

    /// What goes and what comes instead.
    fn rewritten(old: &str, new: &str) -> Vec<(String, String)> {
        let (old, new) = (chars(old), chars(new));
        let words = |hunk: Hunk| (old[hunk.old].iter().collect(), new[hunk.new].iter().collect());
        rewrites(&old, &new).into_iter().map(words).collect()
    }

    #[test]
    fn words_that_are_replaced_beside_each_other_are_one_run_with_the_blank_before_it() {
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        assert_eq!(
            rewritten("Satu. K1 tinggal di rumah paman. Dua.", "Satu. K1 harus dijauhkan dari paman. Dua."),
            [pair(" tinggal di rumah", " harus dijauhkan dari")],
            "what both kept stays"
        );
        assert_eq!(rewritten("Umur 1.500 hari", "Umur 1.600 hari"), [pair(" 1.500", " 1.600")], "a number is one word");
        assert_eq!(rewritten("Pada 2026-11-3.", "Pada 2026-11-30."), [pair(" 2026-11-3", " 2026-11-30")]);
        assert_eq!(rewritten("Ada kucng.", "Ada kucing."), [pair(" kucng", " kucing")], "a word is not put together");
        assert_eq!(rewritten("Ia pergi. ", "Ia pergi. Anton."), [pair(" ", " Anton.")], "nor glued at the end");
        assert_eq!(rewritten("Yosf pergi.", "Yosef pergi."), [pair("Yosf ", "Yosef ")]);
        assert_eq!(rewritten("Pada 2026-11-03.", "Pada 2026-12-03."), [pair(" 2026-11-03", " 2026-12-03")]);
        assert_eq!(
            rewritten("satu dua tiga empat", "satu lima tiga enam"),
            [pair(" dua", " lima"), pair(" empat", " enam")]
        );
        assert_eq!(rewritten("Ia pergi. Ia pulang.", "Ia pergi. Lalu hujan. Ia pulang."), [pair(" ", " Lalu hujan. ")]);
        assert_eq!(rewritten("Yosef pergi.", "Anton pergi."), [pair("Yosef ", "Anton ")], "nothing stands before it");
        assert_eq!(rewritten("Satu.\nDua tiga.", "Satu.\nLima tiga."), [pair("Dua ", "Lima ")], "nor but a line break");
        assert_eq!(rewritten("", "Baru."), [pair("", "Baru.")]);
    }

    #[test]
    fn a_text_replaced_beyond_the_limit_is_one_hunk() {
        let old = chars(&"a b ".repeat(2_000));
        let new = chars(&"c,d,".repeat(2_000));
        assert_eq!(hunks(&old, &new).len(), 1);
    }

    proptest! {
        #[test]
        fn hunks_turn_the_old_text_into_the_new(old in "[ab ]{0,24}", new in "[ab ]{0,24}") {
            let (old, new) = (chars(&old), chars(&new));
            let found = hunks(&old, &new);
            prop_assert_eq!(rebuild(&old, &new, &found), new);
        }

        #[test]
        fn rewrites_turn_the_old_text_into_the_new(old in "[ab. ]{0,32}", new in "[ab. ]{0,32}") {
            let (old, new) = (chars(&old), chars(&new));
            let found = rewrites(&old, &new);
            prop_assert_eq!(rebuild(&old, &new, &found), new);
        }
    }
}
