// SPDX-License-Identifier: GPL-2.0

//! Mapping a new range by letting the VMA beside it grow.

use super::{
    compat::{
        Attributes,
        Candidate,
        Joining,
        Reach, //
    },
    expand::{
        vma_expand,
        ExpandError,
        Filling, //
    },
    merge::{
        IfNoMemory,
        NoMemory,
        Unmerged, //
    },
    plan::{
        plan_new,
        Blockers,
        Decision,
        Plan, //
    },
    sys::{
        Cursor,
        Expansion,
        Extension,
        Gap,
        GapTakeover,
        MovedFrom,
        Uprobes,
        Vma,
        VmaRef, //
    },
};

/// A range that is about to be mapped, and how.
pub(crate) struct NewRange<'c, 'g> {
    /// What it will be.
    pub(crate) candidate: Candidate<'c, VmaRef>,
    /// The VMA whose pages move there.
    pub(crate) moved_from: Option<MovedFrom<'g>>,
    /// Which neighbours it may join.
    pub(crate) joining: Joining,
    /// Whether uprobes are set in what it covers then.
    pub(crate) uprobes: Uprobes,
    /// What to do if there is no memory.
    pub(crate) if_no_memory: IfNoMemory,
}

/// What became of a new range.
pub(crate) enum Placed<'i, 'g> {
    /// This VMA has grown, and covers it.
    Merged(Vma<'i, 'g>, Plan),
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
pub(crate) fn vma_merge_new_range<'i, 'g>(
    gap: Gap<'i, 'g>,
    new: NewRange<'_, 'g>,
) -> Result<Placed<'i, 'g>, NoMemory> {
    let NewRange {
        candidate,
        moved_from,
        joining,
        uprobes,
        if_no_memory,
    } = new;
    let flags = candidate.flags;
    let (mut cursor, takeover) = GapTakeover::of(gap, candidate, joining);
    let (expansion, plan) = match takeover {
        Ok(takeover) => takeover.planned(),
        Err(blockers) => return Ok(Placed::NotMerged(Unmerged::Blocked(blockers))),
    };
    if plan.shape.grows_prev() && joining == Joining::EitherSide {
        cursor.step_back();
    }
    let filling = Filling {
        flags,
        moved_from,
        uprobes,
    };
    fill(&mut cursor, expansion, plan, filling, if_no_memory)
}

/// Maps a range that moves here from the VMA in `new`, as [`vma_merge_new_range`] does. If a
/// userfaultfd does not follow the move, nothing merges.
///
/// Answers to `vma_merge_copied_range()`.
#[inline(always)]
pub(crate) fn vma_merge_copied_range<'i, 'g>(
    gap: Gap<'i, 'g>,
    new: NewRange<'_, 'g>,
) -> Result<Placed<'i, 'g>, NoMemory> {
    vma_merge_new_range(gap, new)
}

/// Lets a VMA grow up over the range of the extension, and join the VMA after it if the two touch then and are alike.
///
/// Sleeps. The mmap lock is held for write, as the extension shows. Fails as
/// [`vma_merge_new_range`] does.
///
/// Answers to `vma_merge_extend()`.
#[inline(always)]
pub(crate) fn vma_merge_extend<'i, 'g>(
    extension: Extension<'i, 'g>,
) -> Result<Placed<'i, 'g>, NoMemory> {
    let flags = extension.vma().vma_flags();
    let (mut cursor, takeover) = GapTakeover::of_extension(extension);
    let (expansion, plan) = match takeover {
        Ok(takeover) => takeover.planned(),
        Err(blockers) => return Ok(Placed::NotMerged(Unmerged::Blocked(blockers))),
    };
    if plan.shape.grows_prev() {
        cursor.step_back();
    }
    let filling = Filling {
        flags,
        moved_from: None,
        uprobes: Uprobes::Install,
    };
    fill(&mut cursor, expansion, plan, filling, IfNoMemory::Fail)
}

/// Decides who takes over a new range.
///
/// Answers to the deciding half of `vma_merge_new_range()`.
#[inline(always)]
pub(crate) fn decide<V: Attributes>(
    candidate: &Candidate<'_, V>,
    joining: Joining,
    prev: Option<&V>,
    next: Option<&V>,
) -> Decision {
    match Reach::of_new(candidate, joining) {
        Err(blocker) => Decision::Keep(Blockers::on_both_sides(blocker)),
        Ok(reach) => plan_new(candidate, &reach, prev, next),
    }
}

/// Carries out what was decided for the VMAs beside the gap.
///
/// Answers to the second half of `vma_merge_new_range()`.
#[inline(always)]
fn fill<'i, 'g>(
    cursor: &mut Cursor<'_, 'g>,
    expansion: Expansion<'i, 'g>,
    plan: Plan,
    filling: Filling<'g>,
    if_no_memory: IfNoMemory,
) -> Result<Placed<'i, 'g>, NoMemory> {
    let flags = filling.flags;
    match (vma_expand(cursor, expansion, filling), if_no_memory) {
        (Ok(grown), _) => {
            grown.notify_khugepaged(flags);
            Ok(Placed::Merged(grown, plan))
        }
        (Err(ExpandError::Store), IfNoMemory::Fail) => Err(NoMemory(plan)),
        (Err(ExpandError::AnonVma | ExpandError::Store), _) => {
            Ok(Placed::NotMerged(Unmerged::GaveUp(plan)))
        }
    }
}
