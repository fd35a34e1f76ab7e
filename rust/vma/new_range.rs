// SPDX-License-Identifier: GPL-2.0

//! Mapping a new range by letting the VMA beside it grow.

use super::{
    compat::{
        Attributes,
        Candidate,
        Joining,
        Reach,
        Source, //
    },
    expand::{
        vma_expand,
        ExpandError,
        Expansion, //
    },
    extent::Range,
    flags::VmaFlags,
    merge::{
        IfNoMemory,
        NoMemory,
        Unmerged, //
    },
    plan::{
        plan_new,
        Blockers,
        Decision,
        Plan,
        Takers, //
    },
    sys::{
        Extension,
        Gap,
        Uprobes,
        Vma,
        VmaIter,
        VmaRef, //
    },
};
/// A range that is about to be mapped, and how.
pub(crate) struct NewRange<'c> {
    /// What it will be.
    pub(crate) candidate: Candidate<'c, VmaRef>,
    /// Which neighbours it may join.
    pub(crate) joining: Joining,
    /// Whether uprobes are set in what it covers then.
    pub(crate) uprobes: Uprobes,
    /// What to do if there is no memory.
    pub(crate) if_no_memory: IfNoMemory,
}

/// What became of a new range.
pub(crate) enum Placed<'i> {
    /// This VMA has grown, and covers it.
    Merged(Vma<'i>, Plan),
    /// No VMA covers it: it needs one of its own.
    NotMerged(Unmerged),
}

/// Maps a new range by letting the VMAs beside the gap that it lies in grow over it, if they can.
///
/// Sleeps. The mmap lock is held for write, as the gap shows.
///
/// If there is no memory for the store into the tree, it fails, and nothing has changed; if there is
/// none for an anon_vma, it counts as not merged. In either case the iterator stands where C leaves
/// it: on the VMA before, if that one would have grown.
///
/// Answers to `vma_merge_new_range()`.
#[inline(always)]
pub(crate) fn vma_merge_new_range<'i>(
    gap: Gap<'i, '_>,
    new: NewRange<'_>,
) -> Result<Placed<'i>, NoMemory> {
    let (iter, prev, next) = gap.into_parts();
    let planned = match Reach::of_new(&new.candidate, new.joining) {
        Err(blocker) => Err(Blockers::on_both_sides(blocker)),
        Ok(reach) => plan_new(&new.candidate, &reach, prev, next),
    };
    let planned = planned.map(|(plan, takers)| match takers {
        Takers::Prev(grown, _) | Takers::Next(grown, _) => (plan, grown, None),
        Takers::Both(grown, gone) => (plan, grown, Some(gone)),
    });
    let filling = Filling {
        flags: new.candidate.flags,
        moved_from: new.candidate.source.vma(),
        joining: new.joining,
        uprobes: new.uprobes,
        if_no_memory: new.if_no_memory,
    };
    fill(iter, planned, filling)
}

/// Maps a range that moves here from the VMA in `new`, as [`vma_merge_new_range`] does. If a
/// userfaultfd does not follow the move, nothing merges.
///
/// Answers to `vma_merge_copied_range()`.
#[inline(always)]
pub(crate) fn vma_merge_copied_range<'i>(
    gap: Gap<'i, '_>,
    new: NewRange<'_>,
) -> Result<Placed<'i>, NoMemory> {
    vma_merge_new_range(gap, new)
}

/// Lets a VMA grow upwards over `range`, which is free and begins where it ends, and join the VMA
/// after it if the two touch then and are alike.
///
/// Sleeps. The mmap lock is held for write, as the extension shows. Fails as
/// [`vma_merge_new_range`] does.
///
/// Answers to `vma_merge_extend()`.
#[inline(always)]
pub(crate) fn vma_merge_extend<'i>(
    extension: Extension<'i, '_>,
    range: Range,
) -> Result<Placed<'i>, NoMemory> {
    let (iter, vma, next) = extension.into_parts();
    let flags = vma.vma_flags();
    let candidate = Candidate::like(&*vma, vma.extent().seen_through(range), Source::New);
    let planned = match Reach::of_new(&candidate, Joining::EitherSide) {
        Err(blocker) => Err(Blockers::on_both_sides(blocker)),
        Ok(reach) => plan_new(&candidate, &reach, Some(&*vma), next),
    };
    // It was only looked at so far.
    let planned = match planned {
        Ok((plan, Takers::Prev(_, _))) => Ok((plan, vma, None)),
        Ok((plan, Takers::Next(next, _))) => Ok((plan, next, None)),
        Ok((plan, Takers::Both(_, next))) => Ok((plan, vma, Some(next))),
        Err(blockers) => Err(blockers),
    };
    let filling = Filling {
        flags,
        moved_from: None,
        joining: Joining::EitherSide,
        uprobes: Uprobes::Install,
        if_no_memory: IfNoMemory::Fail,
    };
    fill(iter, planned, filling)
}

/// Decides who takes over a new range.
///
/// Answers to the deciding half of `vma_merge_new_range()`.
#[inline(always)]
pub(crate) fn decide(
    candidate: &Candidate<'_, VmaRef>,
    joining: Joining,
    prev: Option<&VmaRef>,
    next: Option<&VmaRef>,
) -> Decision {
    let planned = match Reach::of_new(candidate, joining) {
        Err(blocker) => Err(Blockers::on_both_sides(blocker)),
        Ok(reach) => plan_new(candidate, &reach, prev, next),
    };
    planned.map_or_else(Decision::Keep, |(plan, _)| Decision::Merge(plan))
}

/// What is left to know of a new range once it is decided who takes it.
struct Filling<'s> {
    flags: VmaFlags,
    moved_from: Option<&'s VmaRef>,
    joining: Joining,
    uprobes: Uprobes,
    if_no_memory: IfNoMemory,
}

/// Carries out what was decided for the VMAs beside the gap.
///
/// Answers to the second half of `vma_merge_new_range()`.
#[inline(always)]
fn fill<'i>(
    iter: &mut VmaIter<'_>,
    planned: Result<(Plan, Vma<'i>, Option<Vma<'i>>), Blockers>,
    filling: Filling<'_>,
) -> Result<Placed<'i>, NoMemory> {
    let (plan, vma, removed) = match planned {
        Ok(planned) => planned,
        Err(blockers) => return Ok(Placed::NotMerged(Unmerged::Blocked(blockers))),
    };
    if plan.shape.grows_prev() && filling.joining == Joining::EitherSide {
        iter.step_back();
    }

    let expansion = Expansion {
        vma,
        to: plan.grown,
        removed,
        flags: filling.flags,
        moved_from: filling.moved_from,
        uprobes: filling.uprobes,
    };
    match (vma_expand(iter, expansion), filling.if_no_memory) {
        (Ok(mut grown), _) => {
            grown.notify_khugepaged(filling.flags);
            Ok(Placed::Merged(grown, plan))
        }
        (Err(ExpandError::Store), IfNoMemory::Fail) => Err(NoMemory(plan)),
        (Err(ExpandError::AnonVma | ExpandError::Store), _) => {
            Ok(Placed::NotMerged(Unmerged::GaveUp(plan)))
        }
    }
}
