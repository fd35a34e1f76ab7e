// SPDX-License-Identifier: GPL-2.0

//! Are two VMAs that touch mergeable, as they are?
//!
//! Mergeable VMAs stay two until an operation tries to merge them. An operation that changes one of them, or
//! a part of it, to what it is already, tries: these functions give the engine's answer to that.

use super::{
    compat::{
        all_blockers,
        neither_may_disappear,
        Attributes,
        BlockerSet,
        Candidate,
        Reach,
        Side,
        Source, //
    },
    plan::{
        plan_part,
        Decision, //
    },
};

/// The reasons why two VMAs that touch are not mergeable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Apart {
    /// These rules keep them apart. The range is `next`, the neighbour `prev`.
    pub(crate) blockers: BlockerSet,
    /// The drivers of both have to see theirs closed, so neither may disappear.
    pub(crate) must_not_disappear: bool,
}

impl Apart {
    /// Nothing keeps them apart.
    pub(crate) const NOT: Self = Self {
        blockers: BlockerSet::NONE,
        must_not_disappear: false,
    };

    /// Those of these reasons that are not among the others.
    pub(crate) fn minus(self, others: Self) -> Self {
        Self {
            blockers: self.blockers.minus(others.blockers),
            must_not_disappear: self.must_not_disappear && !others.must_not_disappear,
        }
    }
}

/// Whether an operation that changes nothing about `next` would merge it into `prev`, or one on `prev`
/// would merge that into `next`; otherwise every reason.
///
/// The two touch. Pure: the caller holds a lock that keeps the two as they are.
pub(crate) fn mergeable<V: Attributes>(prev: &V, next: &V) -> Result<(), Apart> {
    let extent = next.extent();
    let candidate = Candidate::like(next, extent, Source::Leaving(next));
    let reach = Reach::of_part(extent.range, candidate.flags, next);
    let blockers = all_blockers(&candidate, reach, Side::Below, prev);

    // The rules forbid the same for either of the two, as they compare the same attributes. They differ only in
    // whose driver has to see it closed.
    if blockers == BlockerSet::NONE
        && (would_merge(next, Side::Below, prev) || would_merge(prev, Side::Above, next))
    {
        return Ok(());
    }
    Err(Apart {
        blockers,
        must_not_disappear: neither_may_disappear(prev, next),
    })
}

/// Whether an operation that changes nothing about `vma` would merge it into the one on that side.
fn would_merge<V: Attributes>(vma: &V, side: Side, neighbour: &V) -> bool {
    let extent = vma.extent();
    let candidate = Candidate::like(vma, extent, Source::Leaving(vma));
    let (prev, next) = match side {
        Side::Below => (Some(neighbour), None),
        Side::Above => (None, Some(neighbour)),
    };
    Reach::of_part(extent.range, candidate.flags, vma).is_ok_and(|reach| {
        matches!(
            plan_part(&candidate, &reach, prev, vma, next),
            Decision::Merge(_)
        )
    })
}
