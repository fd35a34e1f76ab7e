// SPDX-License-Identifier: GPL-2.0

//! Sets of causes.

use crate::vma::causes::Cause;

/// A set of causes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct CauseSet(u64);

// One bit per cause.
const _: () = assert!(Cause::COUNT <= u64::BITS as usize);

impl CauseSet {
    /// The empty set.
    pub(crate) const NONE: Self = Self(0);

    /// Returns the set with `cause` added.
    pub(crate) const fn with(self, cause: Cause) -> Self {
        Self(self.0 | 1 << cause as u64)
    }

    /// Returns the causes of both sets.
    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the set with `cause` added, if there is a cause.
    pub(super) fn with_any(self, cause: Option<Cause>) -> Self {
        cause.map_or(self, |cause| self.with(cause))
    }

    /// Returns the number of causes.
    pub(crate) const fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Returns whether the set contains exactly one cause.
    pub(crate) const fn is_one(self) -> bool {
        self.0.is_power_of_two()
    }

    /// Returns whether the set contains `cause`.
    pub(crate) const fn contains(self, cause: Cause) -> bool {
        self.0 & 1 << cause as u64 != 0
    }

    /// Returns whether `others` contains all causes of this set.
    pub(crate) const fn is_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// Returns the causes of this set that are not in `others`.
    pub(crate) const fn minus(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Returns the set with `cause` removed.
    pub(crate) const fn without(self, cause: Cause) -> Self {
        self.minus(Self::NONE.with(cause))
    }

    /// Returns a hash below 2^32. Different sets seldom have the same hash.
    pub(super) const fn hash(self) -> usize {
        // Fibonacci hashing: the multiplier is 2^64 divided by the golden ratio.
        (self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize
    }

    /// Returns an iterator over the causes.
    pub(crate) fn iter(mut self) -> impl Iterator<Item = Cause> {
        core::iter::from_fn(move || {
            let first = Cause::ALL.get(self.0.trailing_zeros() as usize).copied();
            self.0 &= self.0.wrapping_sub(1);
            first
        })
    }
}
