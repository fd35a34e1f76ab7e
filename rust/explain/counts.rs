// SPDX-License-Identifier: GPL-2.0

//! How many boundaries have each set of causes.

use super::cause_set::CauseSet;
use crate::vma::causes::Cause;
use core::ops::DerefMut;

/// The number of sets that there has to be room for.
pub(crate) const SETS: usize = 512;

/// A table of sets of causes, each in a place that follows from its hash.
pub(crate) struct Counts<Places> {
    places: Places,
    /// The number of boundaries that there was no place for.
    beyond: usize,
    /// The causes of all boundaries.
    causes: CauseSet,
}

/// The most places that are looked at for a set.
const PROBES: usize = 32;

/// Room for sets of causes.
pub(crate) trait Places: DerefMut<Target = [Option<Count>]> {}

impl<Counts: DerefMut<Target = [Option<Count>]>> Places for Counts {}

/// The figures of a set.
#[derive(Clone, Copy)]
pub(crate) struct Count {
    causes: CauseSet,
    /// The boundaries that have it.
    boundaries: usize,
    /// The VMAs that disappear without these causes, but not without fewer of them. It is less than
    /// `boundaries` where a VMA without anon_vma lies between two with different ones, and may be negative:
    /// see [`Counts::tie`].
    disappear: isize,
}

impl<P: Places> Counts<P> {
    /// Nothing was counted. All places are empty.
    pub(super) fn new(places: P) -> Self {
        Self {
            places,
            beyond: 0,
            causes: CauseSet::NONE,
        }
    }

    /// Counts a boundary.
    pub(super) fn add(&mut self, causes: CauseSet) {
        self.causes = self.causes.union(causes);
        match self.count_of(causes) {
            Some(count) => {
                count.boundaries += 1;
                count.disappear += 1;
            }
            None => self.beyond += 1,
        }
    }

    /// Counts that, of the boundaries of a chain, one does not disappear without `causes`, which are those of all of
    /// them, unless `conflict` is removed as well.
    pub(super) fn tie(&mut self, causes: CauseSet, conflict: Cause) {
        self.causes = self.causes.with(conflict);
        // Both or none.
        let both = [(causes, -1), (causes.with(conflict), 1)];
        if both
            .iter()
            .all(|(causes, _)| self.count_of(*causes).is_some())
        {
            for (causes, by) in both {
                if let Some(count) = self.count_of(causes) {
                    count.disappear += by;
                }
            }
        }
    }

    /// The place of a set; none if there is no room for it.
    fn count_of(&mut self, causes: CauseSet) -> Option<&mut Count> {
        let first = causes.hash().checked_rem(self.places.len())?;
        let mut order = (first..self.places.len()).chain(0..first).take(PROBES);
        let is_its = |place: &Option<Count>| place.is_none_or(|count| count.causes == causes);
        let index = order.find(|index| self.places.get(*index).is_some_and(is_its))?;
        let place = self.places.get_mut(index)?;
        Some(place.get_or_insert(Count {
            causes,
            boundaries: 0,
            disappear: 0,
        }))
    }

    fn iter(&self) -> impl Iterator<Item = &Count> {
        self.places.iter().flatten()
    }

    /// Each set with the number of VMAs that disappear without these causes, but not without fewer of them.
    pub(super) fn disappearing(&self) -> impl Iterator<Item = (CauseSet, isize)> + '_ {
        self.iter().map(|count| (count.causes, count.disappear))
    }

    /// How many VMAs disappear without these causes: those of each boundary that has no others.
    pub(super) fn disappear_without(&self, causes: CauseSet) -> usize {
        let sum: isize = self
            .iter()
            .filter(|count| count.causes.is_within(causes))
            .map(|count| count.disappear)
            .sum();
        usize::try_from(sum).unwrap_or(0)
    }

    /// How many boundaries have all of these causes.
    pub(super) fn with_all(&self, causes: CauseSet) -> usize {
        self.boundaries_where(|set| causes.is_within(set))
    }

    /// How many boundaries have these causes and no other.
    pub(super) fn with_just(&self, causes: CauseSet) -> usize {
        self.boundaries_where(|set| set == causes)
    }

    fn boundaries_where(&self, is_one: impl Fn(CauseSet) -> bool) -> usize {
        self.iter()
            .filter(|count| is_one(count.causes))
            .map(|count| count.boundaries)
            .sum()
    }

    /// How many boundaries have any of these causes.
    pub(super) fn with_any(&self, causes: CauseSet) -> usize {
        self.boundaries_where(|set| set.minus(causes) != set)
    }

    /// All causes that occur.
    pub(super) fn causes(&self) -> CauseSet {
        self.causes
    }

    /// The number of boundaries with a set that there was no room for.
    pub(super) fn beyond(&self) -> usize {
        self.beyond
    }
}
