// SPDX-License-Identifier: GPL-2.0

//! The check whether two VMAs that touch are mergeable.
//!
//! Mergeable VMAs stay separate until an operation tries to merge them. An operation that sets one of them,
//! or a part of one, to the attributes that it already has makes such an attempt. These functions predict the
//! engine's decision about such an operation.

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
    /// The rules that forbid a merge, where `next` is the range and `prev` is the neighbour.
    pub(crate) blockers: BlockerSet,
    /// Whether both VMAs have a `close` hook, so that neither may be removed.
    pub(crate) must_not_disappear: bool,
}

impl Apart {
    /// No reasons.
    pub(crate) const NOT: Self = Self {
        blockers: BlockerSet::NONE,
        must_not_disappear: false,
    };

    /// Returns the reasons that are not among `others`.
    pub(crate) fn minus(self, others: Self) -> Self {
        Self {
            blockers: self.blockers.minus(others.blockers),
            must_not_disappear: self.must_not_disappear && !others.must_not_disappear,
        }
    }
}

/// Returns `Ok` if an operation that changes nothing about `next` would merge it into `prev`, or one that
/// changes nothing about `prev` would merge it into `next`; otherwise every reason.
///
/// The two VMAs touch. The function is pure: the caller holds a lock that keeps the VMAs as they are.
pub(crate) fn mergeable<V: Attributes>(prev: &V, next: &V) -> Result<(), Apart> {
    let extent = next.extent();
    let candidate = Candidate::like(next, extent, Source::Leaving(next));
    let reach = Reach::of_part(extent.range, candidate.flags, next);
    let blockers = all_blockers(&candidate, reach, Side::Below, prev);

    // The rules compare the same attributes in both directions, and so find the same blockers. The directions
    // differ only in the VMA whose `close` hook forbids the merge.
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

/// Returns whether an operation that changes nothing about `vma` would merge it into `neighbour` on that
/// side.
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
