// SPDX-License-Identifier: GPL-2.0

//! The verb `extend`: extends a VMA upwards in place, as `mremap()` does.

use super::{
    differing::Differing,
    failure::{
        Failure,
        Obstacle, //
    },
    progress::Progress,
    space::AddressSpace, //
};
use crate::{
    process::sys::account::{
        count,
        count_locked,
        Charge,
        Limits,
        Mapped, //
    },
    report::{
        self,
        helper::Helper,
        sys::events::TracedMemory, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        flags,
        new_range::{
            vma_merge_extend,
            Placed, //
        },
        sys::{
            address_space_end,
            map_count,
            max_map_count,
            Around,
            MmapWriteGuard,
            VmaRef, //
        },
    },
};

use kernel::task::Task;

/// Adds the range to the VMA that ends where it starts.
pub(super) fn extend<'t, A: AddressSpace<'t>>(space: &mut A, range: Range) -> Result<(), Failure> {
    let stopped = |obstacle| Failure::Stopped(range, obstacle);
    let below = last_below(range).map_err(stopped)?;
    let task = space.task();
    let Around { at, next, .. } = space.around(below);
    let vma = at.filter(|vma| vma.start() <= below);
    let vma = vma.ok_or(stopped(Obstacle::NothingBelow))?;
    allowed(task, vma, next, range).map_err(stopped)?;
    space.extend(range).map_err(stopped)
}

/// Returns the last address below the range (bytes).
fn last_below(range: Range) -> Result<usize, Obstacle> {
    range.start().checked_sub(1).ok_or(Obstacle::NothingBelow)
}

/// Calls the engine to extend the VMA below the range. Returns whether that VMA is locked.
pub(super) fn of_engine(
    guard: &mut MmapWriteGuard<'_>,
    range: Range,
    differing: &Differing,
    progress: &mut Progress<'_>,
) -> Result<bool, Obstacle> {
    let mm = guard.mm();
    let below = last_below(range)?;
    guard.with_iter_at(below, |iter| {
        let extension = iter.extension_at(range);
        let extension = extension.ok_or(Obstacle::NothingBelow)?;
        let flags = extension.vma().vma_flags();
        let charge = Charge::if_accounted(mm, flags, range.pages());
        let charge = charge.map_err(|_| Obstacle::Overcommit)?;
        let placed = vma_merge_extend(extension);
        let memory = || TracedMemory::extension(mm);
        report::placed(Helper::MergeExtend.by_ctl(), range, &placed, memory);
        match placed {
            Ok(Placed::Merged(mut vma, plan)) => {
                charge.keep();
                progress.placed(range, &vma, &plan, differing);
                count(&mut vma, flags, range.pages());
                let locked = flags.contains(flags::LOCK);
                if locked {
                    count_locked(&mut vma, range.pages());
                }
                Ok(locked)
            }
            Ok(Placed::NotMerged(unmerged)) => Err(Obstacle::Unmerged(unmerged)),
            Err(_) => Err(Obstacle::NoMemory),
        }
    })
}

/// Checks that a VMA may grow over the range, in the order of `mremap()`.
fn allowed(task: &Task, vma: &VmaRef, next: Option<&VmaRef>, range: Range) -> Result<(), Obstacle> {
    let (extent, flags, pages) = (vma.extent(), vma.vma_flags(), range.pages());
    let limits = Limits::of(task);

    if extent.range.end() != range.start() {
        // The VMA goes on: the range is mapped already.
        return Err(Obstacle::InTheWay(range.start()));
    }
    // mremap() reserves four VMAs, which only its other cases need.
    let limit = max_map_count();
    if map_count(vma.mm()).saturating_add(4) > limit {
        return Err(Obstacle::TooMany(limit));
    }
    if flags.contains(flags::SEALED) {
        return Err(Obstacle::Sealed);
    }
    if flags.contains(flags::HUGETLB) {
        return Err(Obstacle::FixedHugePages);
    }
    let all_pages = extent.range.pages() + pages;
    if extent.pgoff.pages().checked_add(all_pages).is_none() {
        return Err(Obstacle::PageOffsets);
    }
    if flags.intersects(flags::FIXED_SIZE) {
        return Err(Obstacle::FixedSize);
    }
    if flags.contains(flags::LOCK) && !limits.allow_locked(vma.mm(), pages) {
        return Err(Obstacle::LockedLimit);
    }
    if !limits.allow(&Mapped::of(vma.mm()), flags, pages) {
        return Err(Obstacle::Limit);
    }
    let end = address_space_end(vma.mm());
    if range.end() > end {
        return Err(Obstacle::BeyondEnd(end));
    }
    match next {
        Some(next) if next.start() < range.end() => Err(Obstacle::InTheWay(next.start())),
        _ => Ok(()),
    }
}
