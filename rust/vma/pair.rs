// SPDX-License-Identifier: GPL-2.0

//! May two VMAs that touch be one, as they are?
//!
//! Nothing merges them until somebody asks for it. Whoever changes one of them, or a part of it, without
//! making a difference, does ask: this says what the engine would answer.

use super::{
    compat::{
        all_blockers,
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
pub(crate) enum Apart {
    /// These rules keep them apart. The range is the upper one, the neighbour the lower one.
    Blocked(BlockerSet),
    /// They may be one, but the drivers of both have to see theirs closed, so neither may disappear.
    MustNotDisappear,
}

/// Whether an operation that changes nothing about `upper` would merge it into `lower`, or one on `lower`
/// would merge that into `upper`.
///
/// The two touch. Pure: the caller holds whatever lock keeps the two as they are.
pub(crate) fn may_be_one<V: Attributes>(lower: &V, upper: &V) -> Result<(), Apart> {
    let upper_goes = would_merge(upper, Side::Left, lower);
    if upper_goes.is_ok() {
        return Ok(());
    }
    match (upper_goes, would_merge(lower, Side::Right, upper)) {
        (_, Ok(())) | (Ok(()), _) => Ok(()),
        (Err(why), Err(_)) => Err(why),
    }
}

/// Whether an operation that changes nothing about `vma` would merge it into the one on that side.
fn would_merge<V: Attributes>(vma: &V, side: Side, neighbour: &V) -> Result<(), Apart> {
    let extent = vma.extent();
    let candidate = Candidate::like(vma, extent, Source::Leaving(vma));
    let reach = Reach::of_part(extent.range, candidate.flags, vma);
    let (prev, next) = match side {
        Side::Left => (Some(neighbour), None),
        Side::Right => (None, Some(neighbour)),
    };

    let decision = match &reach {
        Ok(reach) => Some(plan(&candidate, reach, prev, Some(vma), next)),
        Err(_) => None,
    };
    match decision {
        Some(Decision::Merge(_)) => Ok(()),
        Some(Decision::Abandon(_)) => Err(Apart::MustNotDisappear),
        Some(Decision::Keep(_)) | None => Err(Apart::Blocked(all_blockers(
            &candidate, reach, side, neighbour,
        ))),
    }
}
