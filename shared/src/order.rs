//! Order and sets for the tablet: one sort for every type.
//!
//! The standard library writes its sort anew for each type and each comparison, four kilobytes that no compressor sees
//! through; there were sixty in the engine. Here places are sorted, through a pointer to the comparison, and then the list
//! is put into that order. Slower by that call, for lists of some thousands at most. The relay uses it in what both share.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Puts a list into order.
pub trait Arrange<T> {
    /// As `sort_by`: what is equal stays in its order.
    fn arrange_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);

    /// As `sort_by_key`.
    fn arrange_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.arrange_by(|one, other| key(one).cmp(&key(other)));
    }

    /// As `sort_by_cached_key`: for keys that cost something.
    fn arrange_by_cached_key<K: Ord>(&mut self, key: impl Fn(&T) -> K);

    /// As `sort`.
    fn arrange(&mut self)
    where
        T: Ord,
    {
        self.arrange_by(T::cmp);
    }
}

impl<T> Arrange<T> for [T] {
    fn arrange_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        if self.len() < 2 {
            return;
        }
        let order = places(self.len(), &|one, other| match (self.get(one), self.get(other)) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        });
        put(self, order);
    }

    fn arrange_by_cached_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        let keys: Vec<K> = self.iter().map(key).collect();
        let order = places(keys.len(), &|one, other| keys.get(one).cmp(&keys.get(other)));
        put(self, order);
    }
}

/// The places from 0 on, in order.
#[inline(never)]
fn places(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..len).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

/// Moves to each place what `order` names for it.
fn put<T>(list: &mut [T], mut order: Vec<usize>) {
    for first in 0..order.len() {
        let mut place = first;
        // Round the circle of those that take each other's place; who stands right names itself.
        while let Some(from) = order.get_mut(place).map(|from| std::mem::replace(from, place))
            && from != first
        {
            list.swap(place, from);
            place = from;
        }
    }
}

/// Collects sets and maps. `collect` sorts a list of the elements first, and so brings the sort along.
pub trait Gather: Iterator + Sized {
    /// Collects a set.
    fn into_set(self) -> BTreeSet<Self::Item>
    where
        Self::Item: Ord,
    {
        let mut set = BTreeSet::new();
        for element in self {
            set.insert(element);
        }
        set
    }

    /// Collects a map; of two entries with one key the later stands.
    fn into_map<K: Ord, V>(self) -> BTreeMap<K, V>
    where
        Self: Iterator<Item = (K, V)>,
    {
        let mut map = BTreeMap::new();
        for (key, value) in self {
            map.insert(key, value);
        }
        map
    }
}

impl<I: Iterator> Gather for I {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Arrange, Gather};

    proptest! {
        #[test]
        fn it_is_the_order_of_the_standard_library(list in prop::collection::vec((0_u8..9, any::<u16>()), 0..70)) {
            let (mut ours, mut theirs) = (list.clone(), list.clone());
            ours.arrange_by_key(|(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(&ours, &theirs, "equal ones keep their order");
            ours.arrange_by_cached_key(|(key, more)| std::cmp::Reverse((more % 5, *key)));
            theirs.sort_by_cached_key(|(key, more)| std::cmp::Reverse((more % 5, *key)));
            prop_assert_eq!(&ours, &theirs);
            ours.arrange();
            theirs.sort();
            prop_assert_eq!(&ours, &theirs);
            prop_assert_eq!(list.iter().copied().into_set(), list.iter().copied().collect());
            prop_assert_eq!(list.iter().copied().into_map(), list.into_iter().collect());
        }
    }
}
