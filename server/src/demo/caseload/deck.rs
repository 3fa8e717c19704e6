//! Dealing without chance: the counts of a table, scaled by largest remainders, are a deck; the seed only shuffles it.

use super::invented::Draw;
use super::tables::Spread;

/// Splits `total` in the proportion of `weights`, largest remainders first.
pub(super) fn shares(weights: &[usize], total: usize) -> Vec<usize> {
    let sum: usize = weights.iter().sum();
    let exact = |weight: &usize| weight.saturating_mul(total);
    let mut split: Vec<usize> = weights.iter().map(|weight| exact(weight).checked_div(sum).unwrap_or(0)).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    let rest_of = |index: &usize| weights.get(*index).map_or(0, exact).checked_rem(sum).unwrap_or(0);
    order.sort_by_key(|index| core::cmp::Reverse(rest_of(index)));
    let missing = if sum == 0 { 0 } else { total.saturating_sub(split.iter().sum()) };
    for index in order.into_iter().take(missing) {
        if let Some(share) = split.get_mut(index) {
            *share = share.saturating_add(1);
        }
    }
    split
}

/// Scales a count of a set to another size, to the nearest.
pub(super) fn scaled(count: usize, set: usize, size: usize) -> usize {
    count.saturating_mul(size).saturating_add(set / 2).checked_div(set).unwrap_or(0)
}

/// Splits `total`, of which `fixed` is dealt already; where more is fixed than a share has, the largest others give way.
pub(super) fn open_shares(weights: &[usize], total: usize, fixed: &[usize]) -> Vec<usize> {
    let mut open: Vec<usize> =
        shares(weights, total).iter().zip(fixed).map(|(share, fixed)| share.saturating_sub(*fixed)).collect();
    let wanted = total.saturating_sub(fixed.iter().sum());
    let mut excess = open.iter().sum::<usize>().saturating_sub(wanted);
    while excess > 0 {
        let Some(largest) = open.iter_mut().max().filter(|largest| **largest > 0) else { break };
        *largest = largest.saturating_sub(1);
        excess = excess.saturating_sub(1);
    }
    open
}

/// Deals a column: whoever has no value yet among `who` gets one, so that all of them together follow the table. Values
/// go to those they fit, in the order of the table; what fits nobody is dealt all the same.
pub(super) fn deal<T, V: Copy + PartialEq>(
    draw: &mut Draw,
    hands: &mut [T],
    who: impl Fn(&T) -> bool,
    table: &[(V, usize)],
    column: fn(&mut T) -> &mut Option<V>,
    fits: impl Fn(&T, V) -> bool,
) {
    let mut chosen: Vec<&mut T> = hands.iter_mut().filter(|hand| who(hand)).collect();
    let mut fixed = vec![0_usize; table.len()];
    let total = chosen.len();
    for hand in &mut chosen {
        let Some(value) = *column(hand) else { continue };
        if let Some((_, count)) = table.iter().zip(&mut fixed).find(|((other, _), _)| *other == value) {
            *count = count.saturating_add(1);
        }
    }
    let weights: Vec<usize> = table.iter().map(|(_, weight)| *weight).collect();
    let mut open: Vec<&mut T> = chosen.into_iter().filter_map(|hand| column(hand).is_none().then_some(hand)).collect();
    draw.shuffle(&mut open);
    let mut left: Vec<V> = Vec::new();
    for ((value, _), count) in table.iter().zip(open_shares(&weights, total, &fixed)) {
        let mut missing = count;
        open.retain_mut(|hand| {
            let takes = missing > 0 && fits(hand, *value);
            if takes {
                *column(hand) = Some(*value);
                missing = missing.saturating_sub(1);
            }
            !takes
        });
        left.extend(core::iter::repeat_n(*value, missing));
    }
    for (hand, value) in open.into_iter().zip(left) {
        *column(hand) = Some(value);
    }
}

/// Marks some of `who`, until `total` of all are marked; those in `rather` first.
pub(super) fn mark<T>(
    draw: &mut Draw,
    hands: &mut [T],
    total: usize,
    is: impl Fn(&T) -> bool,
    set: impl Fn(&mut T),
    who: impl Fn(&T) -> bool,
    rather: impl Fn(&T) -> bool,
) {
    let marked = hands.iter().filter(|hand| is(hand)).count();
    let mut open: Vec<&mut T> = hands.iter_mut().filter(|hand| who(hand) && !is(hand)).collect();
    draw.shuffle(&mut open);
    open.sort_by_key(|hand| !rather(hand));
    for hand in open.into_iter().take(total.saturating_sub(marked)) {
        set(hand);
    }
}

impl Spread {
    /// The value at each of `count` even steps, the least first.
    pub(super) fn values(&self, count: usize) -> Vec<usize> {
        (0..count).map(|step| self.at(step.saturating_mul(2).saturating_add(1), count.saturating_mul(2))).collect()
    }

    /// The value at `step` of `steps`, straight between the points around it.
    fn at(&self, step: usize, steps: usize) -> usize {
        let share = step.saturating_mul(100);
        let mut before = (0, 0);
        for (percent, value) in self.points {
            let here = (percent.saturating_mul(steps), *value);
            if here.0 >= share {
                let (width, into) = (here.0.saturating_sub(before.0), share.saturating_sub(before.0));
                let rise = here.1.saturating_sub(before.1);
                return rise.saturating_mul(into).checked_div(width).unwrap_or(0).saturating_add(before.1);
            }
            before = here;
        }
        before.1
    }
}

/// Gives each of `limits` one of the values, so that as many as possible stay below their limit; the seed says which.
pub(super) fn below_limits(draw: &mut Draw, mut values: Vec<usize>, limits: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..limits.len()).collect();
    order.sort_by_key(|index| limits.get(*index).copied());
    values.sort_unstable();
    let mut given = vec![0_usize; limits.len()];
    for index in order {
        let Some((limit, slot)) = limits.get(index).zip(given.get_mut(index)) else { continue };
        let fit = values.partition_point(|value| value < limit).max(1);
        let taken = usize::try_from(draw.below(u32::try_from(fit).unwrap_or(u32::MAX))).unwrap_or(0);
        if taken < values.len() {
            *slot = values.remove(taken).min(limit.saturating_sub(1));
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_in_every_size_and_are_the_table_in_its_own() {
        let table = [96, 84, 24, 33, 18, 45];
        assert_eq!(shares(&table, 300), table);
        for total in [0, 1, 7, 66, 301, 3000, 10_000] {
            let split = shares(&table, total);
            assert_eq!(split.iter().sum::<usize>(), total);
            let near = |(share, weight): (&usize, &usize)| (share * 300).abs_diff(weight * total) < 300;
            assert!(split.iter().zip(&table).all(near), "{total}: {split:?}");
        }
    }

    #[test]
    fn what_is_fixed_counts_and_what_is_too_much_is_taken_from_the_largest() {
        assert_eq!(open_shares(&[44, 62, 3], 109, &[1, 0, 3]), [43, 62, 0]);
        assert_eq!(open_shares(&[40, 90, 7], 137, &[0, 0, 11]), [40, 86, 0]);
    }

    #[test]
    fn a_deal_follows_the_table_whatever_fits() {
        struct Hand {
            old: bool,
            value: Option<&'static str>,
        }
        let mut hands: Vec<Hand> =
            (0..10).map(|number| Hand { old: number < 6, value: (number == 0).then_some("a") }).collect();
        let table = [("a", 2), ("b", 5), ("c", 3)];
        deal(
            &mut Draw::new(1),
            &mut hands,
            |_| true,
            &table,
            |hand| &mut hand.value,
            |hand, value| value != "b" || !hand.old,
        );
        let count = |value| hands.iter().filter(|hand| hand.value == Some(value)).count();
        assert_eq!((count("a"), count("b"), count("c")), (2, 5, 3));
        assert!(hands.iter().filter(|hand| !hand.old && hand.value == Some("b")).count() >= 3);
    }

    #[test]
    fn a_spread_has_its_median_and_its_ends() {
        let spread = Spread { points: &[(0, 1_000), (50, 6_500), (100, 28_000)] };
        let values = spread.values(57);
        assert_eq!(values.len(), 57);
        assert_eq!(values[28], 6_500);
        assert!(values[0] >= 1_000 && values[56] <= 28_000);
    }

    #[test]
    fn nobody_gets_more_than_the_limit() {
        let limits = [3, 100, 10, 50];
        let given = below_limits(&mut Draw::new(7), vec![2, 8, 40, 90], &limits);
        assert!(given.iter().zip(&limits).all(|(value, limit)| value < limit), "{given:?}");
        let mut sorted = given;
        sorted.sort_unstable();
        assert_eq!(sorted, [2, 8, 40, 90]);
    }
}
