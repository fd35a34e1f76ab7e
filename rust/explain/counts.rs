// SPDX-License-Identifier: GPL-2.0

//! The number of boundaries with each set of causes.

use super::cause_set::CauseSet;
use crate::vma::causes::Cause;
use core::ops::DerefMut;

/// The number of sets that a table has to hold.
pub(crate) const SETS: usize = 512;

/// A table of sets of causes. The hash of a set determines its place.
pub(crate) struct Counts<Places> {
    places: Places,
    /// The number of boundaries whose set did not fit into the table.
    beyond: usize,
    /// The causes of all boundaries.
    causes: CauseSet,
}

/// The maximum number of places that are probed for a set.
const PROBES: usize = 32;

/// Storage for sets of causes.
pub(crate) trait Places: DerefMut<Target = [Option<Count>]> {}

impl<Counts: DerefMut<Target = [Option<Count>]>> Places for Counts {}

/// The figures of a set of causes.
#[derive(Clone, Copy)]
pub(crate) struct Count {
    causes: CauseSet,
    /// The number of boundaries that have exactly this set.
    boundaries: usize,
    /// The number of VMAs that disappear without these causes, but not without fewer of them. The number is less than
    /// `boundaries` where VMAs without an anon_vma lie between two VMAs with different anon_vmas, and may be
    /// negative: see [`Counts::tie`].
    disappear: isize,
}

impl<P: Places> Counts<P> {
    /// Creates empty counts. All places are unused.
    pub(super) fn new(places: P) -> Self {
        Self {
            places,
            beyond: 0,
            causes: CauseSet::NONE,
        }
    }

    /// Counts a boundary with these causes.
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

    /// Records that one boundary of a chain disappears only if `conflict` is removed in addition to `causes`, the
    /// causes of all boundaries of the chain.
    pub(super) fn tie(&mut self, causes: CauseSet, conflict: Cause) {
        self.causes = self.causes.with(conflict);
        // Change both counts or none.
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

    /// Returns the place of a set, or `None` if there is no room for it.
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

    /// Returns each set with the number of VMAs that disappear without these causes, but not without fewer of them.
    pub(super) fn disappearing(&self) -> impl Iterator<Item = (CauseSet, isize)> + '_ {
        self.iter().map(|count| (count.causes, count.disappear))
    }

    /// Returns the number of VMAs that disappear without these causes: those at boundaries that have no other causes.
    pub(super) fn disappear_without(&self, causes: CauseSet) -> usize {
        let sum: isize = self
            .iter()
            .filter(|count| count.causes.is_within(causes))
            .map(|count| count.disappear)
            .sum();
        usize::try_from(sum).unwrap_or(0)
    }

    /// Returns the number of boundaries that have all of these causes.
    pub(super) fn with_all(&self, causes: CauseSet) -> usize {
        self.boundaries_where(|set| causes.is_within(set))
    }

    /// Returns the number of boundaries that have these causes and no others.
    pub(super) fn with_just(&self, causes: CauseSet) -> usize {
        self.boundaries_where(|set| set == causes)
    }

    fn boundaries_where(&self, is_one: impl Fn(CauseSet) -> bool) -> usize {
        self.iter()
            .filter(|count| is_one(count.causes))
            .map(|count| count.boundaries)
            .sum()
    }

    /// Returns the number of boundaries that have any of these causes.
    pub(super) fn with_any(&self, causes: CauseSet) -> usize {
        self.boundaries_where(|set| set.minus(causes) != set)
    }

    /// Returns all causes that occur.
    pub(super) fn causes(&self) -> CauseSet {
        self.causes
    }

    /// Returns the number of boundaries whose set did not fit into the table.
    pub(super) fn beyond(&self) -> usize {
        self.beyond
    }
}
