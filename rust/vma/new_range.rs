// SPDX-License-Identifier: GPL-2.0

//! Mapping a new range by expanding the VMA beside it.

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

/// A range that is about to be mapped, and how to map it.
pub(crate) struct NewRange<'c, 'g> {
    /// The range as it will be mapped.
    pub(crate) candidate: Candidate<'c, VmaRef>,
    /// The VMA whose pages move into the range, if any.
    pub(crate) moved_from: Option<MovedFrom<'g>>,
    /// The neighbours that the range may join.
    pub(crate) joining: Joining,
    /// The handling of uprobes in the grown VMA.
    pub(crate) uprobes: Uprobes,
    /// The choice in case memory runs out.
    pub(crate) if_no_memory: IfNoMemory,
}

/// The result of an attempt to map a new range.
pub(crate) enum Placed<'i, 'g> {
    /// This VMA has grown, and covers the range.
    Merged(Vma<'i, 'g>, Plan),
    /// No VMA has grown over the range, which needs a new VMA.
    NotMerged(Unmerged),
}

/// Expands the VMAs beside a gap over a new range in the gap, if they can take the range over.
///
/// Sleeps. The mmap lock is held for write, as the gap proves.
///
/// If the store into the tree runs out of memory, nothing changes, and `new.if_no_memory` decides whether
/// this function fails. If an anon_vma cannot be cloned for lack of memory, the range counts as not merged.
/// In either case the iterator is positioned where C leaves it: at the VMA below, if that VMA would have
/// grown.
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

/// Maps a range into which pages move from the VMA in `new`, as [`vma_merge_new_range`] does. If a
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

/// Expands a VMA upwards over the range of the extension, and merges the VMA above if the two then touch and
/// are mergeable.
///
/// Sleeps. The mmap lock is held for write, as the extension proves. Fails as [`vma_merge_new_range`] does.
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

/// Decides which neighbours take over a new range.
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

/// Carries out the planned expansion.
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
