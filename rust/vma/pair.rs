// SPDX-License-Identifier: GPL-2.0

//! May two VMAs that touch be one, as they are?
//!
//! Nothing merges them until somebody asks for it. Whoever changes one of them, or a part of it, without
//! making a difference, does ask: this says what the engine would answer.

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
        plan,
        Decision, //
    },
};

/// Why two VMAs that touch stay two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Apart {
    /// These rules keep them apart. The range is the upper one, the neighbour the lower one.
    pub(crate) blockers: BlockerSet,
    /// The drivers of both have to see theirs closed, so neither may disappear.
    pub(crate) must_not_disappear: bool,
}

/// Whether an operation that changes nothing about `upper` would merge it into `lower`, or one on `lower`
/// would merge that into `upper`; if not, every reason.
///
/// The two touch. Pure: the caller holds whatever lock keeps the two as they are.
pub(crate) fn may_be_one<V: Attributes>(lower: &V, upper: &V) -> Result<(), Apart> {
    let extent = upper.extent();
    let candidate = Candidate::like(upper, extent, Source::Leaving(upper));
    let reach = Reach::of_part(extent.range, candidate.flags, upper);
    let blockers = all_blockers(&candidate, reach, Side::Below, lower);

    // What the rules forbid for one of the two they forbid for the other: they ask for the same things to be
    // equal. Whose driver has to see it closed is another matter.
    if blockers == BlockerSet::NONE
        && (would_merge(upper, Side::Below, lower) || would_merge(lower, Side::Above, upper))
    {
        return Ok(());
    }
    Err(Apart {
        blockers,
        must_not_disappear: neither_may_disappear(lower, upper),
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
            plan(&candidate, &reach, prev, Some(vma), next),
            Decision::Merge(_)
        )
    })
}
